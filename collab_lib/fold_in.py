"""Placing somebody whom a trained model has never seen, without training it again.

The model of lesson 5 predicts ranged_sigmoid(p_u · q_m + b_u + b_m + b). Here everything that it
learnt stays as it is, and only one new user (or one new movie) is looked for. A user's *vector* is
their factors with their bias as one more number, (n_factors + 1,); a movie's likewise.
"""

from dataclasses import dataclass

import torch

from collab_lib.models import DotProduct
from collab_lib.ridge import ridge
from collab_lib.scale import ranged_sigmoid

# Chosen on users held out from inside the training part: 4 and 5 are the best there on both
# editions, 2 and 8 about as good.
FOLD_IN_PENALTY = 5.0


def user_vectors(model: DotProduct, users: torch.Tensor | None = None) -> torch.Tensor:
    """Factors and bias of each user, (n_users, n_factors + 1), or of `users`. Lesson 11.

    Pass the users that have ratings in the training part: the rows of others were never trained.
    """
    return _vectors(model.user_factors, model.user_biases, users)


def movie_vectors(model: DotProduct, movies: torch.Tensor | None = None) -> torch.Tensor:
    """Factors and bias of each movie, (n_movies, n_factors + 1), or of the indices `movies`."""
    return _vectors(model.movie_factors, model.movie_biases, movies)


@dataclass(frozen=True)
class Frozen:
    """The side of a model that stays as it is while a newcomer of the other side is placed.

    features: (n, n_factors + 1), the factors and a 1: a newcomer's bias is one more factor.
    offsets: (n,), what is left without the newcomer's vector: this side's bias + the bias of all.
    y_range: the bounds of a prediction, in stars.

    Introduced in lesson 11.
    """

    features: torch.Tensor
    offsets: torch.Tensor
    y_range: tuple[float, float]

    def predict(self, vectors: torch.Tensor, rows: torch.Tensor | None = None) -> torch.Tensor:
        """Predicted stars of a newcomer (n_factors + 1,) with all rows or `rows`: (n,).

        Of several newcomers (k, n_factors + 1) at once: (k, n).
        """
        features, offsets = self._rows(rows)
        return ranged_sigmoid(vectors @ features.T + offsets, *self.y_range)

    def fold_in(
        self,
        rows: torch.Tensor,
        ratings: torch.Tensor,
        start: torch.Tensor,
        penalty: float = FOLD_IN_PENALTY,
    ) -> torch.Tensor:
        """The newcomer's vector, (n_factors + 1,), from `ratings` (n,) with `rows` (n,).

        With the ratings taken back through the sigmoid, z = logit(rating), and e = z - offset, the
        vector w minimises

            Σ (x · w - e)² + penalty · |w - start|²

        over the features x of `rows`, so it is the ridge regression (Hoerl and Kennard 1970)

            w = start + (XᵀX + penalty · I)⁻¹ Xᵀ (e - X · start)

        The error is squared on the scale inside the sigmoid, where the model is linear, and not in
        stars. Without ratings the result is `start`. Folding in is as old as latent semantic
        indexing (Berry, Dumais and O'Brien 1995). Introduced in lesson 11.

        Raises ValueError if `rows` and `ratings` differ in length, a rating is outside y_range, or
        `penalty` is not above 0 (`ridge`).
        """
        if len(rows) != len(ratings):
            raise ValueError(f"{len(rows)} rows and {len(ratings)} ratings: give one rating a row")
        lower, upper = self.y_range
        if len(ratings) and not (lower < ratings.min() and ratings.max() < upper):
            raise ValueError(
                f"a rating is outside y_range={self.y_range}: ratings are 0.5 to 5 stars"
            )
        features, offsets = self._rows(rows)
        errors = torch.logit((ratings - lower) / (upper - lower)) - offsets - features @ start
        return start + ridge(features, errors, penalty)

    def nearest(self, vectors: torch.Tensor, rows: torch.Tensor, ratings: torch.Tensor) -> int:
        """Which of `vectors` (k, n_factors + 1) predicts `ratings` best: the least squared error.

        Raises ValueError if there are no ratings: then none is nearer than another.
        """
        if len(ratings) == 0:
            raise ValueError("there are no ratings: start from `representative` or from the mean")
        return int((self.predict(vectors, rows) - ratings).square().mean(dim=1).argmin())

    def _rows(self, rows: torch.Tensor | None) -> tuple[torch.Tensor, torch.Tensor]:
        if rows is None:
            return self.features, self.offsets
        return self.features[rows], self.offsets[rows]


def frozen_movies(model: DotProduct) -> Frozen:
    """The movies of `model`, to place a new user against. Lesson 11."""
    return _frozen(model.movie_factors, model.movie_biases, model)


def frozen_users(model: DotProduct) -> Frozen:
    """The users of `model`, to place a new movie against. Lesson 11."""
    return _frozen(model.user_factors, model.user_biases, model)


def _vectors(
    factors: torch.Tensor, biases: torch.Tensor, rows: torch.Tensor | None
) -> torch.Tensor:
    vectors = torch.cat([factors.detach(), biases.detach()[:, None]], dim=1)
    return vectors if rows is None else vectors[rows]


def _frozen(factors: torch.Tensor, biases: torch.Tensor, model: DotProduct) -> Frozen:
    features = torch.cat([factors.detach(), torch.ones(len(factors), 1)], dim=1)
    return Frozen(features, (biases + model.bias).detach(), tuple(model.y_range))
