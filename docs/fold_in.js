/* The fold-in of lesson 11 on a page without a kernel: the reader's stars become factors here.

A ridge regression, as `Frozen.fold_in` in collab_lib/newcomers.py solves it. With x a film's factors
and a 1, e what the film's and everybody's bias leave of the rating inside the sigmoid:

    w = start + (XᵀX + penalty · I)⁻¹ Xᵀ (e - X · start)

A test holds these few lines to the library's on random ratings. */
"use strict";
globalThis.foldIn = {
  /* Numbers that were stored as whole numbers of 16 bits, in base64: rows of `width`. */
  rows(text, width, step) {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const numbers = Float64Array.from(new Int16Array(bytes.buffer), (number) => number * step);
    return Array.from({ length: numbers.length / width }, (_, i) =>
      numbers.subarray(i * width, (i + 1) * width),
    );
  },

  dot: (a, b) => a.reduce((sum, number, i) => sum + number * b[i], 0),

  /* The solution of A x = b for a symmetric, positive A: elimination needs no exchange of rows. */
  solve(A, b) {
    A = A.map((row) => Float64Array.from(row));
    const x = Float64Array.from(b);
    const n = x.length;
    for (let i = 0; i < n; i++)
      for (let j = i + 1; j < n; j++) {
        const share = A[j][i] / A[i][i];
        for (let k = i; k < n; k++) A[j][k] -= share * A[i][k];
        x[j] -= share * x[i];
      }
    for (let i = n - 1; i >= 0; i--) {
      for (let k = i + 1; k < n; k++) x[i] -= A[i][k] * x[k];
      x[i] /= A[i][i];
    }
    return x;
  },

  /* The stars that somebody with the vector `own` is expected to give. */
  predict(own, film, [lower, upper]) {
    const score = foldIn.dot(own, film.x) + film.offset;
    return lower + (upper - lower) / (1 + Math.exp(-score));
  },

  /* XᵀX + penalty · I over the features of `films`. */
  squares(films, n, penalty) {
    const A = Array.from({ length: n }, (_, i) => {
      const row = new Float64Array(n);
      row[i] = penalty;
      return row;
    });
    for (const { x } of films)
      for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) A[i][j] += x[i] * x[j];
    return A;
  },

  /* What `start` leaves of a rating, inside the sigmoid. */
  error({ x, offset }, stars, start, [lower, upper]) {
    const share = (stars - lower) / (upper - lower);
    return Math.log(share / (1 - share)) - offset - foldIn.dot(x, start);
  },

  /* Somebody's vector from the films they rated, {x, offset} each, and their stars. */
  fold(films, stars, start, penalty, range) {
    const b = new Float64Array(start.length);
    films.forEach((film, k) => {
      const error = foldIn.error(film, stars[k], start, range);
      film.x.forEach((number, i) => (b[i] += number * error));
    });
    const steps = foldIn.solve(foldIn.squares(films, start.length, penalty), b);
    return start.map((number, i) => number + steps[i]);
  },

  /* The part of the way from `start` that the rating of film `k` asks for. */
  step(films, k, stars, start, penalty, range) {
    const error = foldIn.error(films[k], stars, start, range);
    const b = films[k].x.map((number) => number * error);
    return foldIn.solve(foldIn.squares(films, start.length, penalty), b);
  },

  /* The `n` films with the highest prediction, without those in `seen` (a set of places). */
  best(own, films, seen, n, range) {
    const stars = films.map((film, i) => [seen.has(i) ? -1 : foldIn.predict(own, film, range), i]);
    return stars.sort((a, b) => b[0] - a[0]).slice(0, n).map(([, i]) => i);
  },
};
