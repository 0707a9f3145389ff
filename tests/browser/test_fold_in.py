"""A page repeats the library in one place, the fold-in: it is held to Python on random stars."""

import base64
import random

import pytest
import torch

from collab_lib import DotProduct
from collab_lib.fold_in import FOLD_IN_PENALTY, frozen_movies, user_vectors
from collab_lib.ridge import ridge
from tests.notebooks.lessons import FOLDER
from tools.live import AT_LEAST, films_to_list, films_to_rate

DOCS = FOLDER.parent / "docs"
CALL = """([data, given]) => {
    const factors = foldIn.rows(data.factors, data.n_factors, data.step);
    const films = factors.map((x, i) => ({x: [...x, 1], offset: data.offsets[i]}));
    const place = new Map(data.films.map(([id], i) => [id, i]));
    const told = suggest(data, films, given.map(([id, stars]) => [place.get(id), stars]));
    const all = films.map(film => foldIn.predict(told.own, film, data.range));
    return {...told, own: [...told.own], all};
}"""


@pytest.fixture(scope="module")
def model(ratings):
    """Numbers of the size that training gives, and no training: the sums are what is tested."""
    torch.manual_seed(0)
    model = DotProduct(ratings.n_users, ratings.n_movies, n_factors=50)
    with torch.no_grad():
        for name, table in model.named_parameters():
            table.normal_(0, 0.3 if "bias" in name else 0.15)
    return model


@pytest.fixture(scope="module")
def page(browser):
    page = browser.new_page()
    for script in ("fold_in.js", "rate_films.js"):
        page.add_script_tag(content=(DOCS / script).read_text(encoding="utf-8"))
    yield page
    page.close()


@pytest.mark.parametrize("n", [1, 2, 10, 60])
def test_the_page_s_fold_in_is_the_library_s(page, model, ratings, n):
    data = films_to_list(model, ratings)
    ids = [film[0] for film in data["films"]]
    frozen = frozen_movies(model)
    mean = user_vectors(model, ratings.indices[:, 0].unique()).mean(dim=0)
    at = torch.tensor([ratings.movie_index(movie) for movie in ids])
    counts = torch.bincount(ratings.indices[:, 1])
    assert len(ids) == (counts >= AT_LEAST).sum() and counts[at].min() >= AT_LEAST
    for seed in range(5):
        chance = random.Random(f"{n} {seed}")
        given = [[movie, chance.randint(1, 10) / 2] for movie in chance.sample(ids, n)]
        told = page.evaluate(CALL, [data, given])
        rows = torch.tensor([ratings.movie_index(movie) for movie, _ in given])
        stars = torch.tensor([star for _, star in given])
        own = frozen.fold_in(rows, stars, mean)
        assert torch.allclose(torch.tensor(told["own"]), own, atol=2e-3)
        predicted = frozen.predict(own, at)
        assert torch.allclose(torch.tensor(told["all"]), predicted, atol=2e-3)

        unseen = torch.tensor([movie not in dict(given) for movie in ids])
        best = predicted.masked_fill(~unseen, 0).topk(8).values
        listed = [one["film"] for one in told["list"]]
        assert torch.allclose(predicted[listed], best, atol=4e-3)  # the same, but for ties
        assert all(unseen[listed])

        # What brought the first film there, by the formula of `because` in lesson 11.
        first = at[listed[0]]
        features, (lower, upper) = frozen.features[rows], frozen.y_range
        inside = torch.logit((stars - lower) / (upper - lower)) - frozen.offsets[rows]
        steps = ridge(features, torch.diag(inside - features @ mean), FOLD_IN_PENALTY)
        parts = frozen.features[first] @ steps
        difference = predicted[listed[0]] - frozen.predict(mean, first[None])[0]
        parts = parts * difference / (frozen.features[first] @ (own - mean))
        places = {part["film"]: part["part"] for part in told["because"]}
        for (movie, _), part in zip(given, parts.tolist(), strict=True):
            assert places[ids.index(movie)] == pytest.approx(part, abs=5e-3)
        assert sum(places.values()) == pytest.approx(difference.item(), abs=5e-3)


def test_the_numbers_are_few(model, ratings):
    data = films_to_list(model, ratings)
    n_bytes = len(base64.b64decode(data["factors"]))
    assert n_bytes == 2 * 50 * len(data["films"]) < 150_000


def test_the_films_to_rate_have_everybody_s_mean(collab):
    data = films_to_rate([1, 2571])
    assert [film[0] for film in data["films"][:2]] == [1, 2571]
    for movie, _, mean in data["films"]:
        assert mean == pytest.approx(collab["rating"][collab["movieId"] == movie].mean(), abs=1e-3)
    known = {film[0] for film in data["films"]}
    assert {movie for movie, _ in data["guest"]} <= known
