"""Reading a model: small models with known factors, and torch's own functions as the oracle."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from collab_lib import DotProduct, Ratings
from collab_lib.interpretation import (
    find_movies,
    most_rated,
    movie_map,
    movie_table,
    nearest_movies,
    neighbours_kept,
    shared_plane,
)


def table_of(rows: list[tuple]) -> Ratings:
    columns = ["userId", "movieId", "rating", "timestamp", "title"]
    return Ratings.from_frame(pd.DataFrame(rows, columns=columns))


@pytest.fixture
def four_movies() -> Ratings:
    """Three users, four movies with 3, 2, 1 and 1 ratings."""
    return table_of(
        [
            (1, 10, 4.0, 0, "Up (2009)"),
            (2, 10, 3.0, 0, "Up (2009)"),
            (3, 10, 5.0, 0, "Up (2009)"),
            (1, 20, 2.0, 0, "Down Under (1990)"),
            (2, 20, 1.0, 0, "Down Under (1990)"),
            (3, 30, 4.5, 0, "Upside (2000)"),
            (3, 40, 4.5, 0, "Cash $$$ (1999)"),
        ]
    )


@pytest.fixture
def known(four_movies) -> DotProduct:
    """A model of them with factors that can be followed by hand."""
    model = DotProduct(3, 4, 2)
    with torch.no_grad():
        model.user_factors.copy_(torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]))
        model.movie_factors.copy_(torch.tensor([[2.0, 0.0], [1.0, 1.0], [0.0, 3.0], [-1.0, 0.0]]))
        model.movie_biases.copy_(torch.tensor([0.5, -0.5, 0.1, 0.2]))
    return model


def random_model(seed: int, n_movies: int = 40, n_factors: int = 5) -> DotProduct:
    model = DotProduct(3, n_movies, n_factors)
    with torch.no_grad():
        model.movie_factors.normal_(generator=torch.Generator().manual_seed(seed))
    return model


def turned(model: DotProduct, seed: int = 0) -> DotProduct:
    """The same model seen from another side: its factors turned and mirrored, and moved."""
    n = model.movie_factors.shape[1]
    generator = torch.Generator().manual_seed(seed)
    turn = torch.linalg.qr(torch.randn(n, n, generator=generator)).Q
    other = DotProduct(3, len(model.movie_factors), n)
    with torch.no_grad():
        other.movie_factors.copy_(model.movie_factors @ turn)
    return other


def test_the_most_rated_come_first(four_movies):
    assert most_rated(four_movies, 2).tolist() == [0, 1]
    assert most_rated(four_movies, 4).tolist() == [0, 1, 2, 3]
    assert len(most_rated(four_movies, 99)) == 4
    with pytest.raises(ValueError, match="n=0 must be 1 or more"):
        most_rated(four_movies, 0)


def test_search_finds_parts_of_titles_in_any_case(four_movies):
    assert find_movies(four_movies, "up").tolist() == [0, 2]
    assert find_movies(four_movies, "  UNDER ").tolist() == [1]
    assert find_movies(four_movies, "$$$").tolist() == [3]
    assert find_movies(four_movies, "").tolist() == [0, 1, 2, 3]
    assert find_movies(four_movies, "nothing like it").tolist() == []


def test_the_movie_table_by_hand(four_movies, known):
    table = movie_table(known, four_movies, at_least=2)
    assert table.index.tolist() == [1, 0]
    assert table["title"].tolist() == ["Down Under (1990)", "Up (2009)"]
    assert table["bias"].tolist() == pytest.approx([-0.5, 0.5])
    # Up is rated by users 1, 2, 3: products 2, 0, 2. Down Under by 1 and 2: products 1 and 1.
    assert table["taste"].tolist() == pytest.approx([1.0, 4 / 3])
    assert table["mean"].tolist() == pytest.approx([1.5, 4.0])
    assert table["ratings"].tolist() == [2, 3]
    with pytest.raises(ValueError, match="no movie has at_least=4 ratings: the most is 3"):
        movie_table(known, four_movies, at_least=4)


def test_nearest_by_hand(four_movies, known):
    everything = torch.arange(4)
    nearest = nearest_movies(known, four_movies, 0, everything, n=3)
    assert nearest.index.tolist() == [1, 2, 3]
    assert nearest["similarity"].tolist() == pytest.approx([0.5**0.5, 0, -1], abs=1e-6)
    assert nearest["ratings"].tolist() == [2, 1, 1]
    assert nearest_movies(known, four_movies, 0, torch.tensor([0, 3])).index.tolist() == [3]
    for movie in (-1, 4):
        with pytest.raises(ValueError, match=f"movie={movie} is not in 0 to 3"):
            nearest_movies(known, four_movies, movie, everything)


def test_the_map_is_principal_component_analysis():
    model, movies = random_model(0), torch.arange(5, 35)
    the_map = movie_map(model, movies)
    factors = model.movie_factors.detach()[movies].double()
    centred = factors - factors.mean(dim=0)
    variances, axes = np.linalg.eigh((centred.T @ centred).numpy())
    assert the_map.explained.numpy() == pytest.approx(variances[::-1] / variances.sum(), abs=1e-5)
    assert the_map.explained.sum().item() == pytest.approx(1, abs=1e-5)
    places = (centred.numpy() @ axes)[:, [-1, -2]]
    assert np.abs(the_map.places.numpy()) == pytest.approx(np.abs(places), abs=1e-4)
    furthest = the_map.places.abs().argmax(dim=0)
    assert (the_map.places.gather(0, furthest[None]) > 0).all()


def test_a_mirrored_model_has_the_same_map():
    model = random_model(1)
    mine, theirs = (movie_map(m, torch.arange(40)) for m in (model, turned(model)))
    assert torch.allclose(mine.places, theirs.places, atol=1e-4)


def test_a_map_needs_three_movies():
    with pytest.raises(ValueError, match="3 movies or more, and got 2"):
        movie_map(random_model(0), torch.arange(2))


def test_the_same_model_from_another_side_agrees_wholly():
    model, movies = random_model(2), torch.arange(40)
    for other in (model, turned(model)):
        assert shared_plane(model, other, movies) == pytest.approx(1, abs=1e-4)
        assert neighbours_kept(model, other, movies) == 1


def test_unrelated_models_agree_by_chance():
    movies = torch.arange(400)
    pairs = [(random_model(seed, 400), random_model(seed + 100, 400)) for seed in range(10)]
    planes = np.mean([shared_plane(*pair, movies) for pair in pairs])
    kept = np.mean([neighbours_kept(*pair, movies, n=10) for pair in pairs])
    assert planes == pytest.approx(2 / 400, abs=0.005)
    assert kept == pytest.approx(10 / 399, abs=0.005)


def test_half_of_a_plane_is_half():
    """Two maps that share their first axis and no other."""
    numbers = torch.randn(30, 4, generator=torch.Generator().manual_seed(0))
    shared, one, two, _ = torch.linalg.qr(numbers).Q.T
    models = []
    for second in (one, two):
        model = DotProduct(3, 30, 2)
        # Centred columns, so that the axes are these and nothing else.
        factors = torch.stack([3 * (shared - shared.mean()), second - second.mean()], dim=1)
        with torch.no_grad():
            model.movie_factors.copy_(factors)
        models.append(model)
    assert shared_plane(*models, torch.arange(30)) == pytest.approx(0.5, abs=0.1)
    assert shared_plane(*models, torch.arange(30), n_axes=1) == pytest.approx(1, abs=0.1)


def test_a_map_can_be_turned_to_agree_with_another():
    model, movies = random_model(3), torch.arange(40)
    mine = movie_map(model, movies)
    mirrored = replace(mine, places=-mine.places)
    again = movie_map(model, movies, like=mirrored)
    assert torch.allclose(again.places, mirrored.places, atol=1e-5)
    assert torch.allclose(again.explained, mine.explained)
    with pytest.raises(ValueError, match="the same movies"):
        movie_map(model, movies.flip(0), like=mine)
