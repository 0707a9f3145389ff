"""Lesson 7: its panels over their range, its pictures, the stretch, and a bank of answers."""

import math

import numpy as np
import pandas as pd
import pytest
import torch
from torch.nn import functional as F

from collab_lib import DotProduct, predict
from collab_lib.interpretation import (
    find_movies,
    most_rated,
    movie_map,
    movie_table,
    neighbours_kept,
    shared_plane,
)
from collab_lib.kit.labels import Rim
from collab_lib.lessons.reading_the_model import checks, figures
from collab_lib.lessons.reading_the_model.experiment import Experiment, Side
from collab_lib.lessons.reading_the_model.leaning import (
    ends,
    lasting,
    leaning,
    random_groups,
    rest_table,
)
from collab_lib.lessons.reading_the_model.panels import (
    N_AT_EACH_END,
    axis_panel,
    experiment_panel,
    map_panel,
    stretch_panel,
)
from collab_lib.lessons.reading_the_model.stretch import copy_of, stretched, sum_of_squares
from tests.drawn import matches_snapshot
from tests.walk import walk


def made_up(n_users: int, n_movies: int, seed: int = 0, n_factors: int = 8) -> DotProduct:
    """A model whose factors differ in width, as if it had been trained."""
    model = DotProduct(n_users, n_movies, n_factors)
    generator = torch.Generator().manual_seed(seed)
    widths = torch.linspace(1, 0.3, n_factors)
    with torch.no_grad():
        for table in (model.user_factors, model.movie_factors):
            table.copy_(torch.randn(table.shape, generator=generator) * widths)
    return model


@pytest.fixture(scope="module")
def model(ratings) -> DotProduct:
    return made_up(ratings.n_users, ratings.n_movies)


@pytest.fixture(scope="module")
def movies(split) -> torch.Tensor:
    return most_rated(split[0], 60)


def test_every_movie_on_the_map_can_be_chosen(model, split, movies):
    panel = map_panel(model, split[0], movies, int(movies[0]))
    titles = [title for title, _ in panel.controls["movie"].options]
    assert titles == sorted(titles) and len(titles) == 60
    walk(panel)
    assert set(panel.stills["movie"]) <= {movie for _, movie in panel.controls["movie"].options}


def test_neighbours_on_the_map_are_those_of_the_sentence(model, split, movies):
    panel = map_panel(model, split[0], movies, int(movies[0]))
    picture = panel(n=10)
    listed = picture.sentence.split("cosine similarity: ")[1].rstrip(".").split("; ")
    similarities = [float(name.rsplit("(", 1)[1].rstrip(")")) for name in listed]
    assert len(listed) == 10 and similarities == sorted(similarities, reverse=True)
    x, y = movie_map(model, movies).places.T.numpy()
    where = {int(movie): i for i, movie in enumerate(movies)}
    away = np.hypot(x - x[0], y - y[0])
    for movie, closer in picture.numbers["dots_closer_on_the_map"].items():
        others = sum(away[i] < away[where[movie]] for i in range(60) if i != 0)
        assert closer == others


@pytest.fixture
def experiment(model, split, movies) -> Experiment:
    train = split[0]

    def trained(part, seed: int) -> DotProduct:
        return made_up(train.n_users, train.n_movies, seed=1000 * len(part) + seed)

    return Experiment(train, trained, movies, model)


SHARES = {("all", "all"): 1, ("two halves", "all"): 1 / 2, ("all", "two halves"): 1 / 2}
SHARES |= {("two halves", "two halves"): 1 / 4, ("two halves", "the same half twice"): 1 / 4}


@pytest.mark.parametrize("design", SHARES)
def test_a_plan_says_how_much_either_training_reads(experiment, split, design):
    """Half of the users bring half of the ratings: what the reader of lesson 7 is to find out."""
    train, plan = split[0], experiment.plan(*design)
    for side, n_users, n_ratings in zip(plan.sides, plan.n_users, plan.n_ratings, strict=True):
        part = train.subset(experiment.rows(side))
        assert n_ratings == len(part) and n_users == part.indices[:, 0].unique().numel()
        assert n_ratings == pytest.approx(SHARES[design] * len(train), rel=0.15)
        whole_users = train.n_users if design[0] == "all" else train.n_users / 2
        assert n_users == pytest.approx(whole_users, rel=0.02)
    assert plan.outcome is None and len(experiment.models) == 1, "nothing is trained"


def test_two_halves_have_nothing_in_common_and_the_same_half_everything(experiment):
    for name in ("users", "ratings"):
        first, second = experiment.plan(**{name: "two halves"}).sides
        assert (experiment.rows(first) ^ experiment.rows(second)).all()
        first, second = experiment.plan(**{name: "the same half twice"}).sides
        assert first == second and 0.4 < experiment.rows(first).float().mean() < 0.6
        with pytest.raises(ValueError, match=f"{name}='some'.*two halves"):
            experiment.plan(**{name: "some"})
    first, second = experiment.plan(seed=2).sides
    assert (first.seed, second.seed) == (0, 2) and experiment.rows(first).all()
    half = experiment.plan(users="two halves").sides[0]
    users = experiment.train.indices[experiment.rows(half), 0].unique()
    everything = torch.isin(experiment.train.indices[:, 0], users)
    assert (everything == experiment.rows(half)).all(), "of each of its users all ratings"


def test_each_training_is_done_once(experiment, model):
    one = experiment.compare(ratings="two halves").outcome
    assert len(experiment.models) == 3
    again = experiment.compare(ratings="two halves").outcome
    assert len(experiment.models) == 3 and one.neighbours == again.neighbours
    a, b = (experiment.model(side) for side in experiment.plan(ratings="two halves").sides)
    assert one.neighbours == neighbours_kept(a, b, experiment.movies)
    assert one.plane == shared_plane(a, b, experiment.movies)
    assert experiment.model(Side(None, None, 0)) is model


def test_a_comparison_is_planned_before_it_is_seen(experiment, ratings):
    panel = experiment_panel(experiment, ratings.titles)
    assert panel.picture.sentence.endswith("Not compared yet.") and len(experiment.models) == 1
    matches_snapshot("reading_the_model/planned", panel.picture)
    numbers = panel.picture.numbers
    assert numbers["ratings"].sum() == len(experiment.train)
    walk(panel)


def test_a_comparison_shows_two_maps_and_what_they_share(experiment, ratings):
    panel = experiment_panel(experiment, ratings.titles)
    same = panel(users="all", show=True)
    assert "Nothing differs: it is the same training twice. In common: 100% of" in same.sentence
    assert "correlate with 1.00 along the first axis and 1.00" in same.sentence
    assert (same.numbers["first map"] == same.numbers["second map"]).all()
    matches_snapshot("reading_the_model/itself", same)
    other = panel(seed=1)
    assert "Nothing differs" not in other.sentence
    matches_snapshot("reading_the_model/another", other)
    kept = experiment.compare(seed=1).outcome.neighbours
    assert f"{kept:.0%} of the neighbours" in other.sentence
    *_, bars = (one for one in other.figure.axes if one.patches)
    assert [bar.get_width() for bar in bars.patches][1] == pytest.approx(kept)
    quarter = panel(users="two halves", ratings="two halves").figure.axes
    corners = [one.patches[1].get_xy() for one in quarter if len(one.patches) == 2][:2]
    assert corners == [(0, 0), (0.5, 0.5)]


def test_no_name_rubs_out_a_dot_of_a_map(model, ratings, split, movies, experiment):
    """Below the dots a name has a white rim; above them there are its letters alone."""
    pictures = [
        figures.ends_of_axes(movie_map(model, movies), ratings.titles),
        map_panel(model, split[0], movies, int(movies[0]))(n=10),
        figures.two_trainings(experiment.compare(seed=1), ratings.titles),
    ]
    for one in pictures:
        axes = one.figure.axes[0]
        rims = [artist for artist in axes.artists if isinstance(artist, Rim)]
        assert len(rims) >= 8 and {rim.text for rim in rims} == set(axes.texts)
        dots = [line for line in axes.lines if line.get_marker() not in ("", "None")]
        assert max(r.get_zorder() for r in rims) < min(dot.get_zorder() for dot in dots)
        assert not any(text.get_path_effects() for text in axes.texts)


NAN = float("nan")


def test_what_a_baseline_leaves_is_a_table_with_blanks(split):
    valid = split[1]
    movies = most_rated(valid, 5)
    table = rest_table(valid, lambda indices: torch.full((len(indices),), 3.0), movies)
    assert table.shape == (valid.n_users, 5)
    assert table.isfinite().sum() == torch.isin(valid.indices[:, 1], movies).sum()
    row = int(torch.isin(valid.indices[:, 1], movies[2:3]).nonzero()[0])
    assert table[valid.indices[row, 0], 2] == valid.ratings[row] - 3


def test_a_leaning_is_high_minus_low_of_what_is_known():
    rest = torch.tensor([[1.0, NAN, 3.0, 4.0], [0.0, 2.0, NAN, -1.0], [NAN, NAN, 1.0, 1.0]])
    found = leaning(rest, torch.tensor([0, 1]), torch.tensor([2, 3]))
    assert found[:2].tolist() == [2.5, -2.0] and found[2].isnan()


def made_up_tastes(n_users: int = 80, n_movies: int = 130, strength: float = 1.0):
    """Places of movies on two axes, and two tables of stars that only the first one explains."""
    generator = torch.Generator().manual_seed(0)

    def noise(*shape: int) -> torch.Tensor:
        return torch.randn(shape, generator=generator)

    places, taste = noise(n_movies, 2), noise(n_users, 1)
    tables = [strength * taste * places[:, 0] + noise(n_users, n_movies) for _ in range(2)]
    for table in tables:
        table[torch.rand(table.shape, generator=generator) < 0.8] = NAN
    return places, *tables


def test_an_axis_that_divides_people_lasts_and_others_do_not():
    places, seen, unseen = made_up_tastes()
    found, n_users = lasting(seen, unseen, *ends(places, 0, 20))
    assert found > 0.7 and 60 < n_users <= 80
    assert abs(lasting(seen, unseen, *ends(places, 1, 20))[0]) < 0.35
    for seed in range(5):
        one, other = random_groups(130, 20, seed)
        assert len({*one.tolist(), *other.tolist()}) == 40
    places, seen, unseen = made_up_tastes(strength=0.0)
    assert abs(lasting(seen, unseen, *ends(places, 0, 20))[0]) < 0.35
    low, high = ends(places, 0, 20)
    assert places[low, 0].max() < places[high, 0].min()


def test_the_axis_panel_tells_what_lasts():
    places, seen, unseen = made_up_tastes()
    titles = np.array([f"Film {n} (1990)" for n in range(130)])
    panel = axis_panel(places, seen, unseen, titles, n_axes=2)
    walk(panel)
    for n in N_AT_EACH_END:
        found, n_users = lasting(seen, unseen, *ends(places, 0, n))
        sentence = panel(axis=1, n=n).sentence
        assert f"over {n_users} users" in sentence and f"with {found:.2f}." in sentence
    assert f"from Film {places[:, 0].argmin()} to Film {places[:, 0].argmax()}" in sentence
    matches_snapshot("reading_the_model/first_axis", panel(axis=1, n=20))
    matches_snapshot("reading_the_model/second_axis", panel(axis=2, n=40))


def test_the_stretch_follows_its_slider_and_moves_no_prediction(model, split, movies):
    star_wars = int(find_movies(split[1], "Star Wars: Episode IV")[0])
    panel = stretch_panel(model, split[1], movies, star_wars)
    walk(panel)
    assert "keeps 100% of the neighbours and 100% of the plane" in panel(amount=0).sentence
    assert "moves no prediction by more than 0.0000" in panel(amount=1.5).sentence
    matches_snapshot("reading_the_model/stretch", panel(amount=1))


def test_a_stretch_keeps_products_and_costs_squares(model, split):
    indices = split[1].indices
    for amount, seed in ((0.5, 0), (1.0, 3)):
        other = stretched(model, amount, seed)
        assert torch.allclose(predict(model, indices), predict(other, indices), atol=1e-4)
        assert not torch.allclose(model.movie_factors, other.movie_factors, atol=0.1)
    assert torch.equal(stretched(model, 0).movie_factors, model.movie_factors)
    by_hand = sum((p**2).sum() for p in model.parameters()).item()
    assert sum_of_squares(model) == pytest.approx(by_hand, rel=1e-4)
    same = copy_of(model)
    with torch.no_grad():
        same.movie_factors.zero_()
    assert model.movie_factors.any(), "a copy shares no numbers"


def test_what_is_drawn(model, ratings, split, movies):
    the_map = movie_map(model, movies)
    picture = figures.ends_of_axes(the_map, ratings.titles, n=3)
    assert picture.sentence.startswith("60 movies on the two axes that explain")
    assert set(picture.numbers["title"]) == {ratings.titles[i] for i in movies}
    across = dict(zip(picture.numbers["title"], picture.numbers["x"], strict=True))
    for movie, place in zip(movies, the_map.places, strict=True):
        assert across[ratings.titles[movie]] == pytest.approx(place[0].item())
    matches_snapshot("reading_the_model/ends_of_axes", picture)
    panel = map_panel(model, split[0], movies, int(movies[0]))
    matches_snapshot("reading_the_model/neighbourhood", panel.picture)
    table = movie_table(model, split[0]).head(40)
    table["bias"] = np.linspace(-1, 1, 40)
    matches_snapshot("reading_the_model/biases", figures.lowest_and_highest(table, n=3))
    shares = {"one": 0.9, "two": 0.2}, {"one": 0.6, "two": 0.1}
    chance = {"plane": 0.01, "neighbours": 0.03}
    matches_snapshot("reading_the_model/is_it_real", figures.is_it_real(*shares, chance))


# A bank of answers


def exact(bias: float, stars: float) -> float:
    score = math.log(stars / (5.5 - stars)) + bias
    return 5.5 / (1 + math.exp(-score)) - stars


def by_torch(bias: float, stars: float) -> torch.Tensor:
    score = torch.logit(torch.tensor([stars / 5.5])) + bias
    return torch.sigmoid(score) * 5.5 - stars


WORTHS = {
    "the slope times the bias": lambda bias, stars: bias * stars * (1 - stars / 5.5),
    "By how much did the bias move it": lambda bias, stars: exact(bias, stars) + stars,
    "sign is turned": lambda bias, stars: -exact(bias, stars),
    "counted in the score": lambda bias, stars: bias,
    "Stars are no score": lambda bias, stars: 5.5 / (1 + math.exp(-stars - bias)) - stars,
    "should be -": lambda bias, stars: 0.5,
    "returns nothing": lambda bias, stars: None,
    "stops with TypeError": lambda bias: bias,
    "should be a number": lambda bias, stars: "0.5",
}


@pytest.mark.parametrize("answer", [exact, by_torch, lambda b, s: np.float32(exact(b, s))])
def test_the_worth_of_a_bias_in_any_form(answer):
    assert checks.check_worth(answer).passed, checks.check_worth(answer)


@pytest.mark.parametrize("advice", WORTHS)
def test_a_wrong_worth_gets_its_advice(advice):
    verdict = checks.check_worth(WORTHS[advice])
    assert not verdict.passed and advice in verdict.message, verdict


def by_products(model, a, b):
    users, factors = model.user_factors.detach(), model.movie_factors.detach()
    return F.cosine_similarity(users @ factors[a], users @ factors[b], dim=0)


def by_correlation(model, a, b):
    users, factors = model.user_factors.detach(), model.movie_factors.detach()
    return float(np.corrcoef((users @ factors[a]).numpy(), (users @ factors[b]).numpy())[0, 1])


def by_distance(model, a, b):
    products = model.user_factors.detach() @ model.movie_factors.detach()[[a, b]].T
    return -(products[:, 0] - products[:, 1]).square().mean().sqrt()


def by_cosine(model, a, b):
    return F.cosine_similarity(model.movie_factors[a], model.movie_factors[b], dim=0)


SIMILARITIES = {
    "A stretch changes it": by_cosine,
    "though no prediction changes": lambda model, a, b: (
        model.movie_factors[a] @ model.movie_factors[b]
    ),
    "the same for all pairs": lambda model, a, b: 1.0,
    "compare a with b": lambda model, a, b: (model.user_factors @ model.movie_factors[a]).norm(),
    "Only one of the two": lambda model, a, b: (model.user_factors @ model.movie_factors[b]).norm(),
    "other factors of the movies": lambda model, a, b: 1 / (1 + abs(a - b)),
    "as similar to itself": lambda model, a, b: -by_products(model, a, b),
    "returns nothing": lambda model, a, b: None,
    "should be one number": lambda model, a, b: model.movie_factors[a],
    "stops with AttributeError": lambda model, a, b: model.movies[a],
}


@pytest.mark.parametrize("answer", [by_products, by_correlation, by_distance])
def test_a_similarity_under_any_stretch_in_any_form(model, answer):
    assert checks.check_similarity(answer, model).passed, checks.check_similarity(answer, model)


def test_a_similarity_of_another_model_is_told_so(model):
    """It keeps to a model from outside, whatever it is given."""
    verdict = checks.check_similarity(lambda given, a, b: by_products(model, a, b), copy_of(model))
    assert not verdict.passed and "that your function is given" in verdict.message, verdict


def by_signs(model, a, b):
    same = model.movie_factors[a].sign() == model.movie_factors[b].sign()
    return (same * torch.linspace(1, 2, len(same))).mean()


def by_scaled_factors(model, a, b):
    scaled = F.normalize(model.movie_factors.detach(), dim=0)
    return F.cosine_similarity(scaled[a], scaled[b], dim=0)


@pytest.mark.parametrize("answer", [by_signs, by_scaled_factors])
def test_a_similarity_that_turning_changes_is_not_praised_for_more(model, answer):
    """A stretch leaves it, which is what was asked for; but other factors predict the same."""
    verdict = checks.check_similarity(answer, model)
    assert verdict.passed and verdict.message.startswith("No stretch changes it. Turning"), verdict
    assert "they find alike" in checks.check_similarity(by_products, model).message


@pytest.mark.parametrize("advice", SIMILARITIES)
def test_another_similarity_gets_its_advice(model, advice):
    verdict = checks.check_similarity(SIMILARITIES[advice], model)
    assert not verdict.passed and advice in verdict.message, verdict


RIGHT = {"A": "halves of the ratings", "B": "stretch", "C": "another seed"}


@pytest.mark.parametrize(
    ("answer", "advice"),
    [
        (RIGHT, None),
        (pd.Series(RIGHT), None),
        (RIGHT | {"A": "another seed"}, "other ratings to the same people"),
        (RIGHT | {"B": "another seed"}, "predict the same"),
        (RIGHT | {"C": "stretch"}, "nothing but chance"),
        (RIGHT | {"C": "halves of the ratings"}, "nothing but chance"),
        (RIGHT | {"C": "halves of the users"}, "none of these: "),
        ({"A": "stretch"}, "one answer for each"),
        (None, "Hand in a dict"),
        (list(RIGHT.values()), "{'A': …}"),
    ],
)
def test_the_choice_of_a_control(answer, advice):
    verdict = checks.check_controls(answer)
    assert verdict.passed == (advice is None), verdict
    assert advice is None or advice in verdict.message, verdict
