/* Rate films on a page without a kernel. In lesson 1 your films stand beside everybody's mean; in
lesson 11 they become factors (docs/fold_in.js), a list of films, and what brought the first one
there. The ratings stay in this browser, under the name below, and lesson 11 finds them again. */
"use strict";
globalThis.liveData = {}; // by panel, what its script brings
const MY_RATINGS = "collaborative-filtering: my ratings";
const LIST_LENGTH = 8;

const mine = {
  load() {
    try {
      return new Map(JSON.parse(localStorage.getItem(MY_RATINGS) ?? "[]"));
    } catch {
      return new Map(); // a browser that keeps nothing, or somebody else's data
    }
  },
  save(ratings) {
    try {
      if (ratings.size) localStorage.setItem(MY_RATINGS, JSON.stringify([...ratings]));
      else localStorage.removeItem(MY_RATINGS);
    } catch {
      // The ratings last as long as the page.
    }
  },
};

function rateFilms(panel, place) {
  const begin = () => {
    const script = document.createElement("script");
    script.src = `${panel.folder}/live.js`;
    script.addEventListener("load", () => new RateFilms(liveData[panel.number], box));
    document.head.append(script);
  };
  const box = document.createElement("div");
  box.className = "rate-films";
  if (panel.live == "instead") {
    for (const old of place.querySelectorAll(".panel-hint, .panel-picture, [role=status], details"))
      old.remove();
    place.querySelector(".panel-note").hidden = false;
    place.append(box);
    begin();
  } else {
    const details = document.createElement("details");
    place.after(details); // and not inside: a phone keeps the panel's picture in sight
    details.className = "rate-films-here";
    details.appendChild(document.createElement("summary")).textContent =
      "With your own films, here on the page";
    details.append(box);
    details.addEventListener("toggle", begin, { once: true });
  }
}

class RateFilms {
  constructor(data, box) {
    Object.assign(this, { data, box });
    this.ratings = mine.load();
    this.place = new Map(data.films.map(([id], i) => [id, i]));
    if (data.factors) {
      const factors = foldIn.rows(data.factors, data.n_factors, data.step);
      this.films = factors.map((x, i) => ({ x: [...x, 1], offset: data.offsets[i] }));
    }
    this.form = box.appendChild(document.createElement("form"));
    this.form.className = "panel-controls";
    this.form.addEventListener("submit", (event) => event.preventDefault());
    const names = data.films.map(([, name]) => name);
    const stars = ["not seen", ...Array.from({ length: 10 }, (_, i) => this.words((i + 1) / 2))];
    this.film = field({ label: "Film", kind: "list", options: names, start: 0 }, this.form).input;
    const how = field({ label: "Stars", kind: "range", options: stars, start: 0 }, this.form);
    const tell = () => {
      how.output.textContent = stars[how.input.value];
      how.input.setAttribute("aria-valuetext", how.output.textContent);
    };
    const standing = () => {
      how.input.value = 2 * (this.ratings.get(data.films[this.film.value][0]) ?? 0);
      tell();
    };
    this.film.addEventListener("input", standing);
    how.input.addEventListener("input", () => {
      const [id] = data.films[this.film.value];
      if (+how.input.value) this.ratings.set(id, how.input.value / 2);
      else this.ratings.delete(id);
      mine.save(this.ratings);
      tell();
      this.show();
    });
    const forget = this.form.appendChild(document.createElement("button"));
    forget.type = "button";
    forget.textContent = "Forget me";
    forget.addEventListener("click", () => {
      this.ratings.clear();
      mine.save(this.ratings);
      standing();
      this.show();
    });
    this.says = box.appendChild(document.createElement("p"));
    this.says.setAttribute("role", "status");
    this.tables = box.appendChild(document.createElement("div"));
    standing();
    this.show();
  }

  words(stars) {
    return `${stars} star${stars == 1 ? "" : "s"}`;
  }

  /* The reader's ratings of films that are here, or the guest's: [place, stars] each. */
  rated() {
    const here = (pairs) =>
      [...pairs].filter(([id]) => this.place.has(id)).map(([id, stars]) => [this.place.get(id), stars]);
    const own = here(this.ratings);
    return own.length ? { who: "You", rated: own } : { who: "The guest", rated: here(this.data.guest) };
  }

  show() {
    const { who, rated } = this.rated();
    const films = rated.map(([i]) => this.data.films[i]);
    const mean = (numbers) => numbers.reduce((sum, n) => sum + n, 0) / numbers.length;
    const own = mean(rated.map(([, stars]) => stars)).toFixed(2);
    const all = mean(films.map(([, , mean]) => mean)).toFixed(2);
    const count = films.length == 1 ? "1 film" : `${films.length} films`;
    let text = `${who} ${who == "You" ? "have" : "has"} rated ${count}, on average ${own} stars; `;
    text += `everybody gives the same ${films.length == 1 ? "film" : "films"} ${all}.`;
    const rows = films.map(([, name, mean], k) => [name, rated[k][1], mean.toFixed(2)]);
    const tables = [this.table(["film", who == "You" ? "you" : "the guest", "everybody"], rows, 1)];
    if (this.films) {
      const { list, because } = suggest(this.data, this.films, rated);
      const first = this.data.films[list[0].film][1];
      text += ` The list starts with ${first}, with ${list[0].stars.toFixed(2)} stars.`;
      const sign = (usual) => (usual ? "" : "not on the mean user's list");
      const lines = list.map((one) => [
        this.data.films[one.film][1],
        one.stars.toFixed(2),
        sign(one.usual),
      ]);
      tables.unshift(this.table(["the list", "stars", ""], lines, 1));
      const parts = because.map(({ film, part }) => [
        this.data.films[film][1],
        `${part < 0 ? "−" : "+"}${Math.abs(part).toFixed(2)}`,
      ]);
      tables.push(this.table([`what brought ${first}`, "stars added"], parts));
    }
    this.says.textContent = text;
    this.tables.replaceChildren(...tables);
  }

  /* A table; where `bar` names a column of stars, each has a bar behind it. */
  table(names, rows, bar) {
    const table = document.createElement("table");
    table.className = "dataframe";
    const head = table.createTHead().insertRow();
    for (const name of names) {
      const cell = head.appendChild(document.createElement("th"));
      cell.scope = "col";
      cell.textContent = name;
    }
    const body = table.createTBody();
    for (const texts of rows) {
      const row = body.insertRow();
      texts.forEach((text, k) => {
        const cell = row.insertCell();
        cell.textContent = text;
        if (k == bar) {
          cell.className = "bar";
          cell.style.setProperty("--share", `${(100 * parseFloat(text)) / 5}%`);
        }
      });
    }
    return table;
  }
}

/* The list for somebody's ratings, [place, stars] each, and what each rating adds to the first film
on it, in stars: `because` in collab_lib/lessons/newcomers/newcomers.py. */
function suggest(data, films, rated) {
  const { start, penalty, range } = data;
  const given = rated.map(([i]) => films[i]);
  const stars = rated.map(([, stars]) => stars);
  const seen = new Set(rated.map(([i]) => i));
  const own = foldIn.fold(given, stars, start, penalty, range);
  const usual = new Set(foldIn.best(start, films, seen, LIST_LENGTH, range));
  const list = foldIn.best(own, films, seen, LIST_LENGTH, range).map((film) => ({
    film,
    stars: foldIn.predict(own, films[film], range),
    usual: usual.has(film),
  }));
  const first = films[list[0].film];
  const moved = foldIn.dot(first.x, own) - foldIn.dot(first.x, start);
  const added = list[0].stars - foldIn.predict(start, first, range);
  const because = rated.map(([film], k) => ({
    film,
    part: foldIn.dot(first.x, foldIn.step(given, k, stars[k], start, penalty, range)) * (added / moved),
  }));
  return { own, list, because: because.sort((a, b) => b.part - a.part) };
}
