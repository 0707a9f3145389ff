"""Lesson 4: its panels over their whole range, what they draw, and what their sentences say."""

import numpy as np
import pytest
import torch

from collab_lib import create_embedding
from collab_lib.kit.words import Words
from collab_lib.lessons.embeddings import figures, panels
from tests.drawn import matches_snapshot
from tests.walk import walk

MOVIES = ("Alien", "The Matrix", "Notting Hill", "Amélie", "Wall-E")
STARS = torch.tensor([5.0, 4.5, 3.0, 1.5])
TITLES = ("Matrix, The (1999)", "Alien (1979)", "Amelie (Amélie) (2001)", "Earn $100 & <more>")


@pytest.fixture(scope="module")
def table():
    torch.manual_seed(42)
    return create_embedding([5, 2])


@pytest.fixture
def your_row(table):
    return panels.your_row_panel(table[0], table[1:].repeat(3, 1), STARS.repeat(3), 3 * TITLES)


@pytest.mark.parametrize("make", [panels.lookup_panel, panels.gradient_panel])
def test_each_list_changes_the_picture_over_its_range(make, table):
    walk(make(table, MOVIES, rows=(4, 4, 4)))


def test_your_row_over_its_range(your_row):
    walk(your_row)


# What is drawn: a wrong picture under a right sentence fails here


@pytest.mark.parametrize("rows", [(3, 0, 3), (1, 4, 2)])
def test_the_lookup_and_its_product(rows, table):
    picture = figures.lookup_and_product(table.detach().numpy(), rows, MOVIES)
    matches_snapshot(f"embeddings/lookup_{'_'.join(map(str, rows))}", picture)


@pytest.mark.parametrize("rows", [(3, 0, 3), (2, 2, 2)])
def test_the_table_after_the_step(rows, table):
    picture = panels.gradient_panel(table, MOVIES, rows=rows).picture
    matches_snapshot(f"embeddings/gradient_{'_'.join(map(str, rows))}", picture)


@pytest.mark.parametrize(("step", "lr"), [(0, 0.2), (20, 0.2), (15, 0.5)])
def test_your_row_and_your_films(step, lr, your_row):
    matches_snapshot(f"embeddings/your_row_{step}_{lr}", your_row(step=step, lr=lr))


def numbers_in(picture):
    """The texts that are numbers, in the order in which they were drawn."""
    (axes,) = picture.figure.axes
    written = [part.words for part in axes.artists if isinstance(part, Words)]
    texts = [word.text.replace("−", "-") for words in written for word in words]
    return [float(t) for t in texts if t.replace("-", "").replace(".", "").isdigit()]


def test_the_step_goes_against_the_gradient(table):
    """After = before - lr · gradient, as it is written in the picture."""
    picture = panels.gradient_panel(table, MOVIES, rows=(3, 0, 3), lr=0.01).picture
    before, gradient, after = np.split(np.array(numbers_in(picture)), 3)
    assert np.allclose(after, before - 0.01 * gradient, atol=0.0011)
    for name, written in (("before", before), ("gradient", gradient), ("after", after)):
        told = picture.numbers.filter(like=name).to_numpy()
        assert np.allclose(told.ravel(), written, atol=0.0006)
    assert gradient.reshape(5, 2).tolist() == [[1, 1], [0, 0], [0, 0], [2, 2], [0, 0]]


def test_both_results_of_the_lookup_are_those_of_torch(table):
    rows = [3, 0, 2]
    picture = figures.lookup_and_product(table.detach().numpy(), rows, MOVIES)
    numbers = np.array(numbers_in(picture))
    wanted = table[rows].detach().numpy().ravel()
    indices, first, one_hot, second, *marked = np.split(numbers, [3, 9, 24, 30, 36])
    assert indices.tolist() == rows
    assert np.allclose(first, wanted, atol=0.0006) and np.allclose(second, wanted, atol=0.0006)
    for in_table in marked:  # from the top to the bottom, once above and once below
        assert np.allclose(in_table, table[sorted(rows)].detach().numpy().ravel(), atol=0.0006)
    for name in ("looked up", "product"):
        assert np.allclose(picture.numbers.filter(like=name).to_numpy().ravel(), wanted)
    one_hot = one_hot.reshape(3, 5)
    assert one_hot.argmax(axis=1).tolist() == rows and one_hot.sum() == 3


# What the sentences say


def test_the_lookup_is_told_with_its_numbers(table):
    sentence = panels.lookup_panel(table, MOVIES)(first=3, second=3, third=2).sentence
    assert sentence.startswith("Looked up 3, 3, 2 (3, Amélie: (0.022, −0.006); 2, Notting Hill:")
    assert sentence.endswith("gives the same numbers.")


def test_the_gradient_counts_the_lookups(table):
    panel = panels.gradient_panel(table, MOVIES)
    sentence = panel(first=2, second=2, third=2).sentence
    assert "Notting Hill 3.0 (looked up 3 times)" in sentence
    assert sentence.endswith("Not changed: Alien, The Matrix, Amélie, Wall-E.")
    assert "Notting Hill goes from (−0.011, −0.002) to (−0.041, −0.032)" in sentence
    assert panel(first=0, second=1).sentence.endswith("Not changed: Amélie, Wall-E.")


def test_the_panels_leave_the_table_as_it_was(table):
    before = table.detach().clone()
    table.grad = None
    panels.gradient_panel(table, MOVIES)(first=4)
    panels.your_row_panel(table[0], table[1:], STARS, TITLES)(step=30)
    assert torch.equal(table, before) and table.grad is None


def test_a_small_table_without_unused_rows():
    table = create_embedding([3, 2])
    names = ("a", "b", "c")
    assert "Not changed" not in panels.gradient_panel(table, names, (0, 1, 2)).picture.sentence
    assert "Looked up 0, 1, 2" in panels.lookup_panel(table, names, (0, 1, 2)).picture.sentence


@pytest.mark.parametrize(("times", "divided_by"), [(1, 10), (3, 12)])
def test_your_row_is_pulled_as_torch_would(times, divided_by, table):
    stars, films = STARS.repeat(times).double(), table[1:].repeat(times, 1)
    you, films = (t.detach().double().requires_grad_() for t in (table[0] + 1, films - 0.5))
    here, rows = you.detach().numpy().copy(), films.detach().numpy().copy()
    optimizer = torch.optim.SGD([you, films], lr=0.1)
    for _ in range(3):
        here, rows = panels.pulled(here, rows, stars.numpy(), 0.1)
        optimizer.zero_grad()
        (((films @ you - stars) ** 2).sum() / divided_by).backward()
        optimizer.step()
    assert np.allclose(here, you.detach()) and np.allclose(rows, films.detach())


def test_your_ratings_are_met_in_the_end(your_row):
    assert "off by 3.7" in your_row(step=0, lr=0.2).sentence
    assert "off by 0.00 stars" in your_row(step=40, lr=0.2).sentence


def test_a_single_rating_is_met_too(table):
    alone = panels.your_row_panel(table[0], table[1:2], STARS[:1], TITLES[:1])
    assert "your film is off by 0.00" in alone(step=40, lr=0.5).sentence
