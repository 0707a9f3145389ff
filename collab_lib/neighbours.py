"""Several models averaged, and any model corrected by what it got wrong about similar movies."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from collab_lib.dataset import Ratings
from collab_lib.evaluation import Model, predict
from collab_lib.ranking import likes
from collab_lib.repeatable import one_thread

# A table of 20,000 × 20,000 similarities takes 1.6 GB.
MOST_MOVIES = 20_000
# A table of users and movies with so many cells takes 0.8 GB, and there are three of them.
MOST_CELLS = 200_000_000
# So many movies are compared with all others at a time.
FEW = 256


@dataclass(frozen=True)
class Average:
    """Predict the mean of what several models predict. Introduced in lesson 9.

    models: each takes indices, (batch, 2), and returns ratings, (batch,). Models that were trained
    alike from different random starts make different errors, and the errors cancel in part.
    """

    models: Sequence[Model]

    def __post_init__(self):
        if not self.models:
            raise ValueError("there is no model to take the mean of: pass a list of one or more")

    def __call__(self, indices: torch.Tensor) -> torch.Tensor:
        """Predicted ratings in stars, (batch,), for user and movie indices, (batch, 2)."""
        return sum(predict(model, indices) for model in self.models) / len(self.models)


@dataclass(frozen=True)
class ItemNeighbours:
    """A model, corrected by how wrong it was about the same user's ratings of similar movies.

        prediction = model(u, m) + Σ s_mj e_uj / (Σ s_mj + damping)

    with e_uj the residual (rating minus prediction) of a rating in train, s_mj the similarity of
    two movies, and both sums over the `n_neighbours` movies j most similar to m that u has rated
    in train. Without such movies the prediction is the model's own. (Neighbours on what a
    finished factorisation leaves over: Paterek 2007, "Improving regularized singular value
    decomposition for collaborative filtering", and Bell and Koren 2007. Koren 2008 trains both
    together.)

    `ItemNeighbours.fit(model, train)` makes one. Introduced in lesson 9.

    model: the model that is corrected. similarities: (n_kept, n_kept), 0 where unknown.
    place: (n_movies,), each movie's row there, or -1. indices, residuals: of train, by user.
    """

    model: Model
    similarities: torch.Tensor
    place: torch.Tensor
    indices: torch.Tensor
    residuals: torch.Tensor
    n_neighbours: int
    damping: float

    @classmethod
    @one_thread()
    def fit(
        cls,
        model: Model,
        train: Ratings,
        n_neighbours: int = 80,
        shrinkage: float = 100.0,
        damping: float = 0.3,
        min_ratings: int = 2,
    ) -> "ItemNeighbours":
        """Find the similar movies of `train` by the residuals of `model`, which stays as it is.

        n_neighbours: how many similar movies a correction rests on, at most.
        shrinkage: how many users must have rated both movies for half of a similarity to be
            believed. damping: pulls a correction that rests on little similarity towards 0.
        min_ratings: movies with fewer ratings have no neighbours.

        The defaults were chosen inside the training data, on both editions.

        Raises ValueError where a setting is out of its range, `train` is empty, or so many movies
        are left that the table of similarities would be too large.
        """
        for name, value, least in (
            ("n_neighbours", n_neighbours, 1),
            ("shrinkage", shrinkage, 0),
            ("damping", damping, 0),
            ("min_ratings", min_ratings, 1),
        ):
            if value < least:
                raise ValueError(f"{name}={value} must be {least} or more")
        if len(train) == 0:
            raise ValueError("train holds no ratings: there are no residuals to learn from")
        residuals = train.ratings - predict(model, train.indices)
        place = _places(train, min_ratings)
        similarities = similar_movies(train, residuals, place, shrinkage)
        by_user = train.indices[:, 0].argsort(stable=True)
        kept = by_user[place[train.indices[by_user, 1]] >= 0]
        return cls(
            model,
            similarities,
            place,
            train.indices[kept],
            residuals[kept],
            n_neighbours,
            damping,
        )

    def __call__(self, indices: torch.Tensor) -> torch.Tensor:
        """Predicted ratings in stars, (batch,), for user and movie indices, (batch, 2)."""
        return predict(self.model, indices) + self.corrections(indices)

    @one_thread()
    def corrections(self, indices: torch.Tensor) -> torch.Tensor:
        """What is added to the model's predictions, (batch,), in stars."""
        users, places = indices[:, 0], self.place[indices[:, 1]]
        corrections = torch.zeros(len(indices))
        by_user = self.indices[:, 0].contiguous()
        for user in users.unique():
            asked = ((users == user) & (places >= 0)).nonzero()[:, 0]
            first, last = torch.searchsorted(by_user, torch.stack([user, user + 1]))
            if first == last or len(asked) == 0:
                continue
            rated = self.place[self.indices[first:last, 1]]
            weights = self.similarities[places[asked, None], rated]  # (n_asked, n_rated)
            residuals = self.residuals[first:last].expand_as(weights)
            if weights.shape[1] > self.n_neighbours:
                weights, nearest = weights.topk(self.n_neighbours, dim=1)
                residuals = residuals.gather(1, nearest)
            # Where nothing is similar, both sums are 0, and so must be the correction.
            total = (weights.sum(dim=1) + self.damping).clamp(min=1e-9)
            corrections[asked] = (weights * residuals).sum(dim=1) / total
        return corrections


def also_liked(train: Ratings, liked: float = 4.0, min_ratings: int = 5) -> torch.Tensor:
    """A score of every movie for every user, (n_users, n_movies), from likes and not from stars.

        score(u, m) = Σ_j c_jm,  c_jm = n_jm / sqrt(n_j n_m)

    summed over the movies j that u rated `liked` stars or more, where n_j users like j and n_jm
    like both: the cosine of the two columns of likes (Sarwar and others 2001; Deshpande and
    Karypis 2004). It orders movies for a list and predicts no stars. Movies with fewer than
    `min_ratings` ratings get -inf. Introduced in lesson 10.

    Raises ValueError if `train` holds no likes.
    """
    kept = torch.bincount(train.indices[:, 1], minlength=train.n_movies) >= min_ratings
    of_kept = likes(train, liked)[:, kept]
    together = of_kept.T @ of_kept
    size = together.diagonal().clamp(min=1).sqrt()
    alike = (together / size / size[:, None]).fill_diagonal_(0)
    scores = torch.full((train.n_users, train.n_movies), -torch.inf)
    scores[:, kept] = of_kept @ alike
    return scores


def similar_movies(
    train: Ratings, residuals: torch.Tensor, place: torch.Tensor, shrinkage: float
) -> torch.Tensor:
    """How alike two movies are by their residuals, (n_kept, n_kept), 0 on the diagonal.

        s_ij = Σ e_ui e_uj / sqrt(Σ e_ui² Σ e_uj²) · n_ij / (n_ij + shrinkage)

    with sums over the n_ij users u that rated both; negative similarities become 0.
    place: (n_movies,), each movie's row, or -1 for the movies left out. Introduced in lesson 9.
    """
    users, rows = train.indices[:, 0], place[train.indices[:, 1]]
    known = rows >= 0
    errors = torch.zeros(train.n_users, int(place.max()) + 1)
    errors[users[known], rows[known]] = residuals[known]
    rated = torch.zeros_like(errors)
    rated[users[known], rows[known]] = 1
    squares = errors.square()
    n_kept = errors.shape[1]
    similarities = torch.empty(n_kept, n_kept)
    # Some movies at a time, each step in place: tables of all pairs would leave the fast memory.
    for mine in torch.arange(n_kept).split(FEW):
        # A user has rated few of the movies: a product that skips the zeros is four times as fast.
        mine_rated = rated[:, mine].T.to_sparse()
        both = torch.sparse.mm(mine_rated, rated)
        sizes = torch.sparse.mm(squares[:, mine].T.to_sparse(), rated)
        sizes *= torch.sparse.mm(mine_rated, squares)
        similar = torch.sparse.mm(errors[:, mine].T.to_sparse(), errors)
        similar /= sizes.sqrt_().add_(1e-9)
        similar *= both.div_((both + shrinkage).clamp_(min=1e-9))
        similarities[mine] = similar.clamp_(min=0)
    return similarities.fill_diagonal_(0)


def _places(train: Ratings, min_ratings: int) -> torch.Tensor:
    """A row number for each movie with `min_ratings` in train, and -1 for the others."""
    counts = torch.bincount(train.indices[:, 1], minlength=train.n_movies)
    kept = counts >= min_ratings
    n_kept = int(kept.sum())
    most = min(MOST_MOVIES, MOST_CELLS // train.n_users)
    if n_kept > most:
        # The count that the movie behind the last place has is still too small by one.
        enough = int(counts.sort(descending=True).values[most]) + 1
        raise ValueError(
            f"{n_kept:,} movies have {min_ratings} ratings or more: tables of {train.n_users:,} "
            f"users and of all pairs of movies would not fit into memory. Try "
            f"min_ratings={enough}, which leaves {int((counts >= enough).sum()):,} movies, or "
            "fewer users: load_collab(users=1000) takes a sample of them"
        )
    if n_kept == 0:
        raise ValueError(f"no movie has min_ratings={min_ratings} in train: try a smaller number")
    return torch.where(kept, kept.cumsum(0) - 1, -1)
