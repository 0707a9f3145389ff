"""The panels of lesson 5: each control over its range, and the search box."""

from statistics import median
from time import process_time

import pytest
import torch

from collab_lib import DotProduct
from collab_lib.interpretation import most_rated, movie_map
from collab_lib.lessons.dot_model import figures
from collab_lib.lessons.dot_model.panels import map_panel, squash_panel
from collab_lib.results import load_results
from tests.walk import values_of, walk


@pytest.fixture(scope="module")
def model(ratings) -> DotProduct:
    """A model whose factors aren't next to nothing, as if it had been trained."""
    model = DotProduct(ratings.n_users, ratings.n_movies, 8)
    with torch.no_grad():
        model.movie_factors.normal_(generator=torch.Generator().manual_seed(0))
    return model


@pytest.fixture
def panel(model, split):
    return map_panel(model, split[0], n_movies=100, search="star wars")


def test_the_sigmoid_follows_both_sliders():
    walk(squash_panel())


@pytest.mark.parametrize(
    ("score", "upper_bound", "sentence"),
    [
        (0, 5.5, "A score of 0.0 becomes 2.75 stars, and the nearest rating is 3."),
        (6, 5.5, "A score of 6.0 becomes 5.49 stars, and the nearest rating is 5."),
        (-6, 5.5, "A score of -6.0 becomes 0.01 stars, and the nearest rating is 0.5."),
        (6, 5.0, "No score is high enough for a prediction of five stars."),
        (0, 5.5, "Five stars are predicted at a score of 2.30."),
        (0, 6.5, "Five stars are predicted at a score of 1.20."),
    ],
)
def test_the_sigmoids_sentence(score, upper_bound, sentence):
    assert sentence in squash_panel()(score=score, upper_bound=upper_bound).sentence


def test_every_match_and_every_number_of_neighbours_can_be_chosen(panel):
    for name in ("movie", "n"):
        sentences = [panel(**{name: value}).sentence for value in values_of(panel.controls[name])]
        assert len(set(sentences)) == len(sentences) > 2


def test_the_list_follows_the_search_box(panel, ratings):
    first = panel.controls["movie"].value
    assert "star wars" in ratings.titles[first].lower()
    picture = panel(search="GODFATHER")
    assert all("Godfather" in title for title, _ in panel.controls["movie"].options)
    assert picture.sentence.startswith("Nearest to Godfather")
    everything = panel(search="")
    assert len(panel.controls["movie"].options) == 100
    assert everything.sentence == picture.sentence  # the movie is still in the list: it stays


def test_nothing_found_is_said_and_can_be_undone(panel):
    assert "None of the 100 most-rated movies has “xyzzy”" in panel(search="xyzzy").sentence
    assert panel.controls["movie"].value is None
    assert "“xyzzy”" in panel.view.value
    assert panel(search="toy story").sentence.startswith("Nearest to Toy Story")


def test_a_search_typed_in_the_page_draws_once(panel, monkeypatch):
    drawn = []
    draw = panel.draw
    monkeypatch.setattr(panel, "draw", lambda **values: drawn.append(values) or draw(**values))
    panel.controls["search"].value = "godfather"
    assert [values["search"] for values in drawn] == ["godfather"]


def test_what_is_typed_cannot_become_part_of_the_page(panel):
    panel(search="<script>alert(1)</script>")
    assert "<script>" not in panel.view.value


def test_a_search_without_a_hit_can_open_the_panel(model, split):
    panel = map_panel(model, split[0], n_movies=50, search="xyzzy")
    assert "None of the 50" in panel.picture.sentence


def test_neighbours_on_the_map_are_those_of_the_sentence(panel, model, split, ratings):
    sentence = panel(search="godfather", n=10).sentence
    listed = sentence.split("cosine similarity: ")[1].rstrip(".").split("; ")
    assert len(listed) == 10
    shown = {str(ratings.titles[i]) for i in most_rated(split[0], 100)}
    assert {name.rsplit(" (", 1)[0] for name in listed} <= shown
    similarities = [float(name.rsplit("(", 1)[1].rstrip(")")) for name in listed]
    assert similarities == sorted(similarities, reverse=True)


def test_a_map_draws_quickly(panel):
    seconds = []
    for n in [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]:
        start = process_time()
        panel(n=n)
        seconds.append(process_time() - start)
    assert median(seconds) < 0.2


# The figures that no panel shows


def test_a_table_of_errors_where_the_shapes_differ():
    predictions, stars = torch.tensor([[3.0], [5.0]]), torch.tensor([4.0, 5.0])
    wrong = figures.compared(predictions, stars)
    assert wrong.sentence == (
        "Shapes (2, 1) and (2,) give 4 squared errors with a mean of 1.50; "
        "the 2 that we want have a mean of 0.50."
    )
    right = figures.compared(predictions.squeeze(1), stars)
    assert "(2,) and (2,) give 2 squared errors with a mean of 0.50" in right.sentence
    assert wrong.png() != right.png()


def test_the_stored_runs_are_those_that_the_lesson_speaks_of():
    stored = load_results("source_run")
    mean, runs = stored["valid_loss_of_the_mean"], stored["runs"]
    assert [(r["start"], r["shape_mended"], r["weight_decay"]) for r in runs] == [
        (start, mended, decay)
        for start in (1, 0.01)
        for mended in (False, True)
        for decay in (0.05, 0.001)
    ]
    last = [run["epochs"][-1]["valid_loss"] for run in runs]
    assert min(last[:3]) > mean > 1.1 * last[3]
    assert last[7] < last[3]
    picture = figures.two_faults(runs[:4], mean)
    assert f"with both: {last[3]:.2f}" in picture.sentence


def test_the_ends_of_the_axes_are_named(model, split, ratings):
    the_map = movie_map(model, most_rated(split[0], 60))
    picture = figures.ends_of_axes(the_map, ratings.titles, n=4)
    assert picture.sentence.startswith("60 movies on the two axes that explain")
    assert picture.png()


def test_titles_are_shortened_before_their_year():
    assert figures._cut("Short (1999)") == "Short (1999)"
    long = "A Title That Goes On and On and On Without an End (1999)"
    assert figures._cut(long).endswith("… (1999)")
    assert len(figures._cut(long)) <= 34
    assert figures._cut("No Year in This Title, However Long It May Be").endswith("…")
