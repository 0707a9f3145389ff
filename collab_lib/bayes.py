"""Bayesian matrix factorisation: not one best model, but the mean over all plausible ones."""

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd
import torch
from torch.nn import functional as F
from tqdm.auto import tqdm

from collab_lib.dataset import Ratings
from collab_lib.repeatable import one_thread
from collab_lib.scale import MAX_RATING, MIN_RATING

# How many ratings' worth of trust the common noise has beside a user's or a movie's own.
NOISE_PRIOR = 10.0
# Stars are rounded to halves, which alone is a noise of this variance: 0.5² / 12.
ROUNDING = 0.5**2 / 12
BATCH = 65_536
# So many pairs, columns, or rows of a table for all movies are worked on at a time: all at once
# would leave the fast memory.
FEW, COLUMNS, FEW_ROWS = 8_192, 4, 32


class BayesianMF:
    """A dot model whose numbers are drawn, again and again, from all that fit the ratings.

        rating(u, m) = mean + p_u · q_m + b_u + b_m + noise

    The dot model of lesson 5 looks for the one best p, q and b. Here each sweep draws new ones: a
    row is a ridge regression plus as much chance as the ratings leave open. The prediction is the
    mean over the draws, and how far they differ is how unsure the model is.

    n_factors: numbers in p_u and in q_m. n_sweeps: how often all rows are drawn anew.
    burn_in: how many sweeps at the start are thrown away, since the start is arbitrary; None is a
        fifth of them. seed: of all draws; torch's own random state is neither read nor changed.
    n_axes: how many axes of the table of who watched what in train are features (`who_watched`).
        0: none, and the model is then that of Salakhutdinov and Mnih.
    movie_features: (n_movies, n_features), for example `genres_and_year(movies, train)`, or None.
    progress: whether a progress bar is shown while it learns.

    What is added to the plain model (lesson 9 measures all of it together):
    the prior mean of a row is linear in features of that user or movie, with weights that are drawn
    as well; each user has a weight of their own for each movie feature, and each movie for the
    user's diligence; each user and each movie has a level of noise.

    Each kept sweep is stored as two tables of float32: about
    4 · (n_users · (n_factors + 2 + n_features) + n_movies · (n_factors + 2)) bytes, 47 MB for the
    120 draws of 671 users, 9,066 movies and 8 factors. Predicting needs one draw at a time.

    Sources: Salakhutdinov and Mnih 2008, "Bayesian probabilistic matrix factorization using Markov
    chain Monte Carlo"; features in the prior: Simm and others 2017, "Macau". The defaults were
    chosen inside the training data, on both editions. Introduced in lesson 9.
    """

    def __init__(
        self,
        n_factors: int = 8,
        n_sweeps: int = 150,
        seed: int = 0,
        *,
        burn_in: int | None = None,
        n_axes: int = 100,
        movie_features: torch.Tensor | None = None,
        progress: bool = True,
    ):
        self.burn_in = n_sweeps // 5 if burn_in is None else burn_in
        for name, value, least in (
            ("n_factors", n_factors, 1),
            ("n_sweeps", n_sweeps, 1),
            ("burn_in", self.burn_in, 0),
            ("n_axes", n_axes, 0),
        ):
            if value < least or value != int(value):
                raise ValueError(f"{name}={value} must be a whole number, {least} or more")
        if self.burn_in >= n_sweeps:
            raise ValueError(
                f"burn_in={burn_in} throws away all n_sweeps={n_sweeps} sweeps: keep some"
            )
        self.n_factors, self.n_sweeps, self.seed = n_factors, n_sweeps, seed
        self.n_axes, self.movie_features, self.progress = n_axes, movie_features, progress
        self.draws: list[tuple[torch.Tensor, torch.Tensor]] = []

    @torch.no_grad()
    @one_thread()
    def fit(self, train: Ratings) -> "BayesianMF":
        """Draw all rows `n_sweeps` times by Gibbs sampling, keep the later draws, return the model.

        A sweep draws the rows of all users while those of the movies stand still, then the other
        way round, then the levels of noise: each time from what the ratings and all the rest leave
        open. One thing isn't drawn: the common noise is the mean of the squared errors of the
        moment, put in as if it were known (empirical Bayes).
        Raises ValueError if `train` is empty or movie_features don't fit it.
        """
        if len(train) == 0:
            raise ValueError("train holds no ratings: there is nothing to learn from")
        generator = torch.Generator().manual_seed(self.seed)
        n_users, n_movies, k = train.n_users, train.n_movies, self.n_factors
        who, what = train.indices.T.contiguous()
        self.mean = train.ratings.mean()
        about_users, about_movies = self._features(train, generator)
        users = _Side(who, what, n_users, about_users, generator)
        movies = _Side(what, who, n_movies, about_movies, generator)
        user_rows = 0.1 * torch.randn(n_users, k + self._by_user.shape[1], generator=generator)
        movie_rows = 0.1 * torch.randn(n_movies, k + self._by_movie.shape[1], generator=generator)
        trust = torch.ones(len(train))  # of each rating: 1 / variance of its noise
        of_user, of_movie = torch.ones(n_users), torch.ones(n_movies)
        self.draws = []
        around = train.ratings - self.mean
        for sweep in tqdm(range(self.n_sweeps), "sweeps", leave=False, disable=not self.progress):
            # What the movies add by themselves isn't the users' to choose, and the other way round.
            rest = around - _dots(self._by_movie, movie_rows[:, k:], who, what)
            x = torch.cat([movie_rows[:, :k], self._by_user], dim=1)
            user_rows = users.draw(user_rows, x, rest, trust)

            rest = around - _dots(user_rows[:, k:], self._by_user, who, what)
            x = torch.cat([user_rows[:, :k], self._by_movie], dim=1)
            movie_rows = movies.draw(movie_rows, x, rest, trust)

            squares = (rest - _dots(x, movie_rows, who, what)).square()
            # No exact draw: the common noise leaves out `of_movie`, which the sums contain.
            of_user = users.draw_trust(squares * of_movie[what], squares.mean().clamp(min=ROUNDING))
            of_movie = movies.draw_trust(squares * of_user[who], torch.tensor(1.0))
            trust = of_user[who] * of_movie[what]
            if sweep >= self.burn_in:
                self.draws.append((user_rows, movie_rows))
        return self

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        """Predicted ratings in stars, (batch,), for user and movie indices x, int (batch, 2)."""
        return self._moments(x)[0]

    def spread(self, x: torch.Tensor) -> torch.Tensor:
        """How unsure the model is: the standard deviation of the draws, in stars, (batch,)."""
        return self._moments(x)[1]

    @torch.no_grad()
    @one_thread()
    def table(self) -> torch.Tensor:
        """The predictions of all users for all movies, (n_users, n_movies), in stars: for lists."""
        self._check_fitted()
        table = torch.zeros(len(self._by_movie), len(self._by_user))
        for draw in self.draws:
            p, q = self._vectors(*draw)
            for rows, users in zip(table.split(FEW_ROWS), p.split(FEW_ROWS), strict=True):
                rows += (self.mean + users @ q.T).clamp_(MIN_RATING, MAX_RATING)
        return table / len(self.draws)

    @torch.no_grad()
    @one_thread()
    def _moments(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        means, spreads = [], []
        for batch in x.split(BATCH):
            total, squares, start = 0.0, 0.0, None
            for stars in self._predictions(batch):
                # Squares of differences from the first draw: those of stars would lose digits.
                start = stars if start is None else start
                total, squares = total + (stars - start), squares + (stars - start).square()
            mean = total / len(self.draws)
            means.append(start + mean)
            spreads.append((squares / len(self.draws) - mean.square()).clamp(min=0).sqrt())
        return torch.cat(means), torch.cat(spreads)

    def _predictions(self, x: torch.Tensor) -> Iterator[torch.Tensor]:
        """Of one draw after the other, (batch,): stars outside the scale go to its ends."""
        self._check_fitted()
        _check_indices(x, len(self._by_movie), len(self._by_user))
        for draw in self.draws:
            yield (self.mean + _dots(*self._vectors(*draw), *x.T)).clamp_(MIN_RATING, MAX_RATING)

    def _vectors(
        self, user_rows: torch.Tensor, movie_rows: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """The rows, written so that a prediction is mean + one dot product, p · q:

        p: the user's factors | the user's bias and weights | 1 and the user's features
        q: the movie's factors | 1 and the movie's features | the movie's bias and weights
        """
        k = self.n_factors
        p = torch.cat([user_rows, self._by_movie], dim=1)
        q = torch.cat([movie_rows[:, :k], self._by_user, movie_rows[:, k:]], dim=1)
        return p, q

    def _features(
        self, train: Ratings, generator: torch.Generator
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """What the prior means of users and of movies rest on; column 0 is a 1 for the mean."""
        one_user, one_movie = torch.ones(train.n_users, 1), torch.ones(train.n_movies, 1)
        about_users, about_movies = one_user, one_movie  # in the prior means
        self._by_movie, self._by_user = one_user, one_movie  # weighted by each movie, each user
        if self.n_axes:
            counts, axes = how_many(train), who_watched(train, self.n_axes, generator)
            who, what = train.indices.T
            # A user without ratings can be anyone; a movie that nobody rated is a rare one.
            users = _fill_unseen(torch.cat([counts[0], axes[0]], dim=1), who, share=1.0)
            movies = _fill_unseen(torch.cat([counts[1], axes[1]], dim=1), what, share=0.1)
            about_users = torch.cat([one_user, users], dim=1)
            about_movies = torch.cat([one_movie, movies], dim=1)
            self._by_movie = torch.cat([one_user, users[:, :1]], dim=1)
            self._by_user = torch.cat([one_movie, movies[:, :1]], dim=1)
        if self.movie_features is not None:
            features = torch.as_tensor(self.movie_features, dtype=torch.float32)
            if features.ndim != 2 or len(features) != train.n_movies:
                raise ValueError(
                    f"movie_features have the shape {tuple(features.shape)} and must have one row "
                    f"for each of the {train.n_movies} movies: genres_and_year(movies, train) "
                    "makes such a table"
                )
            if not features.isfinite().all():
                raise ValueError("movie_features hold NaN or infinity: fill these cells first")
            about_movies = torch.cat([about_movies, features], dim=1)
            self._by_user = torch.cat([self._by_user, features], dim=1)
        return about_users, about_movies

    def _check_fitted(self) -> None:
        if not self.draws:
            raise RuntimeError("this model hasn't seen any ratings: call .fit(train) first")


@dataclass
class _Side:
    """All users, or all movies: how their rows are drawn while those of the other side stand still.

        row_i ~ N(features_i · weights, 1 / precision)            the prior
        rating = x · row_i + noise,  noise ~ N(0, 1 / trust)      the ratings

    mine, theirs: (n_ratings,), whose ratings they are on this side and on the other. n: rows here.
    features: (n, n_features), column 0 of which is 1. ridge: the pull of the weights towards 0.
    """

    mine: torch.Tensor
    theirs: torch.Tensor
    n: int
    features: torch.Tensor
    generator: torch.Generator
    ridge: float = 1.0

    def __post_init__(self):
        self.gram = self.features.T @ self.features
        self.n_ratings = torch.bincount(self.mine, minlength=self.n)
        self.order = self.mine.argsort(stable=True)  # the ratings of a row one after the other
        self.begins = self.n_ratings.cumsum(dim=0) - self.n_ratings
        self.looked_up = self.theirs[self.order]

    def draw(
        self, rows: torch.Tensor, x: torch.Tensor, rest: torch.Tensor, trust: torch.Tensor
    ) -> torch.Tensor:
        """New rows, (n, k): each a ridge regression of `rest` on `x`, plus chance.

            precision_i = prior precision + Σ trust x xᵀ
            mean_i      = precision_i⁻¹ (prior precision · prior mean_i + Σ trust x rest)

        summed over the ratings of i. x: (n_others, k), what the other side shows.
        """
        prior_mean, prior_precision = self.draw_prior(rows)
        precision = prior_precision.repeat(self.n, 1, 1)
        for columns in range(0, rows.shape[1], COLUMNS):
            # The matrix of products is symmetric: `normal` reads what is on and below its diagonal.
            to = columns + COLUMNS
            products = x[:, columns:to, None] * x[:, None, :to]
            sums = self._sum(trust, products.flatten(1))
            precision[:, columns:to, :to] += sums.view(self.n, *products.shape[1:])
        pull = prior_mean @ prior_precision + self._sum(trust * rest, x)
        return normal(precision, pull[:, :, None], self.generator)[:, :, 0]

    def draw_prior(self, rows: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Prior means, (n, k), and their common precision, (k, k), drawn from how the rows lie.

        The rows are to the prior what the ratings are to a row: `weights` are a ridge regression
        of the rows on the features, and the precision is Wishart, what is left over inverted.
        """
        n, k = rows.shape
        shrunk = self.gram + self.ridge * torch.eye(len(self.gram))
        root = torch.linalg.cholesky(shrunk)
        best = torch.cholesky_solve((rows.T @ self.features).T, root)  # (n_features, k)
        left = torch.eye(k) + rows.T @ rows - best.T @ shrunk @ best
        precision = wishart(k + n, left, self.generator)
        spread = torch.linalg.cholesky(precision)
        noise = torch.randn(best.shape, generator=self.generator)
        noise = torch.linalg.solve_triangular(root.T, noise, upper=True)
        weights = best + torch.linalg.solve_triangular(spread, noise, upper=False, left=False)
        size = (weights @ spread).square().sum()
        shape = torch.tensor([(weights.numel() + 1) / 2])
        self.ridge = (gamma(shape, self.generator) / ((size + 1) / 2)).item()
        return self.features @ weights, precision

    def draw_trust(self, squares: torch.Tensor, common: torch.Tensor) -> torch.Tensor:
        """1 / variance of the noise of each row, (n,), from the squared errors of its ratings.

        common: the variance that counts as much as `NOISE_PRIOR` ratings of the row.
        """
        sums = torch.zeros(self.n).index_add_(0, self.mine, squares)
        shape = (NOISE_PRIOR + self.n_ratings) / 2
        return gamma(shape, self.generator) / ((NOISE_PRIOR * common + sums) / 2)

    def _sum(self, weight: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
        """Σ weight · values over the ratings of each row: (n_ratings,), (n_others, v) -> (n, v)."""
        # torch's name for it: rows are looked up as in an embedding, and added up bag by bag.
        weight = weight.index_select(0, self.order)
        return F.embedding_bag(
            self.looked_up, values, self.begins, mode="sum", per_sample_weights=weight
        )


def _dots(p: torch.Tensor, q: torch.Tensor, who: torch.Tensor, what: torch.Tensor) -> torch.Tensor:
    """p · q for each pair of a row of p and a row of q: (n, v), (m, v), (b,), (b,) -> (b,)."""
    # Some at a time, which stay in the fast memory: three times as fast as all at once.
    parts = zip(who.split(FEW), what.split(FEW), strict=True)
    return torch.cat(
        [(p.index_select(0, of_p) * q.index_select(0, of_q)).sum(dim=1) for of_p, of_q in parts]
    )


def normal(precision: torch.Tensor, pull: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Draws from N(precision⁻¹ pull, precision⁻¹), batched: (…, k, k), (…, k, 1) -> (…, k, 1).

    With precision = L Lᵀ it is L⁻ᵀ (L⁻¹ pull + z), z standard normal; without z it is the mean,
    the solution of a ridge regression. Only the part of precision on and below the diagonal is
    read. Introduced in lesson 9.
    """
    root = torch.linalg.cholesky(precision)
    half = torch.linalg.solve_triangular(root, pull, upper=False)
    chance = torch.randn(half.shape, generator=generator)
    return torch.linalg.solve_triangular(root.mT, half + chance, upper=True)


def gamma(shape: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Draws from the gamma distribution with mean and variance `shape`, for each of its cells."""
    # What torch.distributions.Gamma calls, which takes no generator of one's own.
    return torch._standard_gamma(shape, generator=generator)


def wishart(df: int, inverse_scale: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """A draw from the Wishart distribution, (k, k), with mean df · inverse_scale⁻¹.

    L A Aᵀ Lᵀ with L Lᵀ the scale, standard normal numbers below the diagonal of A and roots of chi
    squared on it (Bartlett 1933).
    """
    k = len(inverse_scale)
    scale = torch.linalg.inv(inverse_scale)
    root = torch.linalg.cholesky((scale + scale.T) / 2)
    chi_squared = 2 * gamma((df - torch.arange(k)) / 2, generator)
    below = torch.randn(k, k, generator=generator).tril(-1)
    root = root @ (below + chi_squared.sqrt().diag())
    return root @ root.T


def who_watched(
    train: Ratings, n_axes: int, generator: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """The strongest axes of the table of who watched what: (n_users, n_axes), (n_movies, n_axes).

    The table has a 1 where `train` has a rating, whatever its stars, divided by the roots of the
    counts of its row and its column. Its singular vectors are found by multiplying with it again
    and again (Halko, Martinsson and Tropp 2011), which never writes the whole table out. Users who
    watch alike get rows that are alike. Introduced in lesson 9.
    """
    users, movies = train.indices.T
    counts = [_counts(users, train.n_users), _counts(movies, train.n_movies)]
    roots = [count.clamp(min=1).sqrt() for count in counts]
    values = 1 / roots[0][users] / roots[1][movies]
    shape = (train.n_users, train.n_movies)
    table = torch.sparse_coo_tensor(train.indices.T, values, shape, check_invariants=False)
    turned = torch.sparse_coo_tensor(
        train.indices.T.flip(0), values, shape[::-1], check_invariants=False
    )
    n_axes = min(n_axes, *shape)
    wider = min(n_axes + 20, *shape)
    axes = torch.randn(train.n_users, wider, generator=generator)
    for _ in range(3):
        axes = torch.linalg.qr(table @ (turned @ axes)).Q
    left, values, right = torch.linalg.svd(turned @ axes, full_matrices=False)
    of_users, of_movies = axes @ right.T[:, :n_axes], left[:, :n_axes]
    strength = values[:n_axes]
    scale = train.n_users**0.5
    return of_users * strength.sqrt() * scale, of_movies * strength * scale


def how_many(train: Ratings) -> tuple[torch.Tensor, torch.Tensor]:
    """log(1 + number of ratings), (n_users, 1) and (n_movies, 1), each with mean 0 and spread 1."""
    users, movies = train.indices.T
    sizes = ((users, train.n_users), (movies, train.n_movies))
    return tuple(_standard(_counts(of, n).log1p())[:, None] for of, n in sizes)


def genres_and_year(movies: pd.DataFrame, ratings: Ratings) -> torch.Tensor:
    """Features for `BayesianMF(movie_features=…)`, (n_movies, n_features), float32.

    movies: what `load_movies()` returns. A column of 0 and 1 for each genre and for each decade
    (one for all years before 1950: they are few), then the year of the title, with mean 0 and
    spread 1, and its square; a movie without a year gets the median.
    Introduced in lesson 9. Raises ValueError if `movies` lacks one of the movies of `ratings`.
    """
    known = movies.set_index("movieId")
    unknown = set(ratings.movie_ids) - set(known.index)
    if unknown:
        raise ValueError(
            f"movies lacks {len(unknown)} movies of the ratings, for example the id "
            f"{min(unknown)}: load both from the same edition"
        )
    known = known.loc[ratings.movie_ids]
    genres = known["genres"].str.get_dummies("|")
    years = known["title"].str.extract(r"\((\d{4})\)\s*$")[0].astype(float)
    years = years.fillna(years.median()).fillna(0.0)
    decades = pd.get_dummies((years // 10).clip(lower=194))
    year = _standard(torch.tensor(years.to_numpy(), dtype=torch.float32))
    one_hot = [torch.tensor(part.to_numpy(), dtype=torch.float32) for part in (genres, decades)]
    return torch.cat([*one_hot, year[:, None], year.square()[:, None]], dim=1)


def _counts(of: torch.Tensor, n: int) -> torch.Tensor:
    return torch.bincount(of, minlength=n).float()


def _fill_unseen(features: torch.Tensor, of: torch.Tensor, share: float) -> torch.Tensor:
    """Rows without ratings get the mean row of the `share` of the others that has fewest ratings.

    A count of 0 can lie far from all others, and what a straight line says there means nothing.
    """
    counts = _counts(of, len(features))
    seen = counts > 0
    few = seen & (counts <= counts[seen].quantile(share))
    return torch.where(seen[:, None], features, features[few].mean(dim=0))


def _standard(values: torch.Tensor) -> torch.Tensor:
    away = values - values.mean()
    return away / away.square().mean().sqrt().clamp(min=1e-6)


def _check_indices(x: torch.Tensor, n_users: int, n_movies: int) -> None:
    if x.ndim != 2 or x.shape[1] != 2 or x.dtype not in (torch.int64, torch.int32):
        raise ValueError(
            f"x must be an int tensor (batch, 2) of user and movie indices, and is {x.dtype} "
            f"{tuple(x.shape)}: pass Ratings.indices"
        )
    for column, n, what in ((x[:, 0], n_users, "user"), (x[:, 1], n_movies, "movie")):
        bad = column[(column < 0) | (column >= n)]
        if len(bad):
            raise IndexError(
                f"{what} index {bad[0].item()} is not in 0 to {n - 1}: if it is MovieLens's id, "
                f"Ratings.{what}_index({bad[0].item()}) turns it into an index"
            )
