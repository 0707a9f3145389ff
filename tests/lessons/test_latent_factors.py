"""Lesson 3: its panels over their whole range, what they draw, and the walks behind them."""

import numpy as np
import pytest
import torch

from collab_lib import load_collab
from collab_lib.lessons.latent_factors import figures, panels, valleys
from collab_lib.lessons.latent_factors.small_table import (
    BLANKS,
    MOVIE_IDS,
    descend,
    small_table,
)
from tests.drawn import matches_snapshot
from tests.walk import walk

TABLE, HIDDEN = small_table(), small_table(blanks=False)


@pytest.fixture(scope="module")
def last():
    return descend(TABLE, n_steps=1000)


@pytest.fixture(scope="module")
def descent():
    return panels.descent_panel(TABLE, HIDDEN)


@pytest.fixture(scope="module")
def place(last):
    mine = {"Alien": 4.5, "Notting Hill": 1.5}
    return panels.your_place_panel(mine, last.users[-1], last.movies[-1], TABLE)


# The panels over their whole range


def test_the_dot_product_over_its_range():
    walk(panels.dot_product_panel())


def test_the_valley_over_its_range():
    panel = panels.valley_panel()
    panel(step=3)
    walk(panel)


def test_two_numbers_over_their_range():
    panel = panels.two_numbers_panel()
    panel(step=3)
    walk(panel)


def test_the_descent_over_its_range():
    panel = panels.descent_panel(TABLE, HIDDEN)
    panel(step=60)
    walk(panel)


def test_turning_and_stretching_over_their_range(last):
    panel = panels.rotation_panel(last.users[-1], last.movies[-1], TABLE)
    panel(angle=50)
    walk(panel)


def test_your_place_over_its_range(last):
    mine = {"Alien": 4.0, "Notting Hill": 2.0}
    walk(panels.your_place_panel(mine, last.users[-1], last.movies[-1], TABLE))


def test_every_still_is_a_state_of_its_panel(last):
    made = (
        panels.dot_product_panel(),
        panels.two_numbers_panel(),
        panels.descent_panel(TABLE, HIDDEN),
        panels.your_place_panel({"The Matrix": 5.0}, last.users[-1], last.movies[-1], TABLE),
    )
    for panel in made:
        start = {name: control.value for name, control in panel.controls.items()}
        for name, values in panel.stills.items():
            assert start[name] in values, name
            for value in values:
                panel(**{name: value})
            panel(**start)


# What is drawn: a wrong picture under a right sentence fails here


@pytest.mark.parametrize(
    ("name", "user", "movie"),
    [("one", (0.2, -0.9, 0.3), (0.3, 0.7, 0.2)), ("largest", (-1, 1, 1), (-1, 1, 1))],
)
def test_the_bars_of_a_dot_product(name, user, movie):
    matches_snapshot(f"latent_factors/dot_product_{name}", figures.dot_product(user, movie))


@pytest.mark.parametrize(("lr", "step"), [(0.1, 3), (0.4, 2), (0.5, 5)])
def test_the_steps_in_the_valley(lr, step):
    picture = panels.valley_panel()(lr=lr, step=step)
    matches_snapshot(f"latent_factors/valley_{lr}_{step}", picture)


@pytest.mark.parametrize(("lr", "step"), [(0.05, 4), (0.15, 2)])
def test_the_trail_over_the_map(lr, step):
    picture = panels.two_numbers_panel()(lr=lr, step=step, start=(0.5, 3.0))
    matches_snapshot(f"latent_factors/two_numbers_{lr}_{step}", picture)


@pytest.mark.parametrize(("step", "n_factors"), [(3, 2), (20, 4), (300, 1)])
def test_the_table_with_its_factors(step, n_factors, descent):
    picture = descent(step=step, n_factors=n_factors, lr=0.2)
    matches_snapshot(f"latent_factors/table_{n_factors}_{step}", picture)


@pytest.mark.parametrize(
    ("angle", "stretch", "only_users"),
    [(40, 1.0, False), (30, 2.0, False), (90, 1.0, True), (0, -1.0, False)],
)
def test_the_plane_of_factors(angle, stretch, only_users, last):
    panel = panels.rotation_panel(last.users[-1], last.movies[-1], TABLE)
    picture = panel(angle=angle, stretch=stretch, only_users=only_users)
    matches_snapshot(f"latent_factors/plane_{angle}_{stretch}_{only_users}", picture)


@pytest.mark.parametrize("stars", [(4.5, 1.5), (2.0, 4.5), (0.0, 5.0)])
def test_your_place_on_the_map(stars, place):
    alien, notting_hill = stars
    picture = place(movie_1=alien, movie_3=notting_hill)
    matches_snapshot(f"latent_factors/you_{alien}_{notting_hill}", picture)


def test_an_arrow_points_where_the_factor_goes(descent):
    """Up for a factor that grows in the next step, down for one that shrinks, none for the rest."""
    run = descend(TABLE, n_steps=11, seed=0)
    grid = descent(step=10, n_factors=2, lr=0.2).figure.axes[0]
    heads = {
        label: np.vstack([line.get_xydata() for line in grid.lines if line.get_label() == label])
        for label in ("grows", "shrinks")
    }
    moves = [(f[11] - f[10]).ravel() for f in (run.users, run.movies)]
    for label, sign in (("grows", 1), ("shrinks", -1)):
        counted = sum((sign * m > 0.005).sum() for m in moves)
        assert len(heads[label]) == counted > 0
    # Ada's first factor: its cell is the left one in row 0.
    x = figures._factor_place(0, 2) + 0.24
    points = heads["grows" if moves[0][0] > 0 else "shrinks"]
    assert any(np.isclose(px, x) and abs(py) < 0.5 for px, py in points)


# What the numbers behind the pictures say


def test_the_numbers_of_a_walk_are_those_of_its_steps():
    valley = panels.valley_panel()(step=3, lr=0.1).numbers
    assert np.allclose(valley["p"], valleys.walk_down(valleys.one_slope, 1.0, 0.1, 3))
    assert np.allclose(valley["slope"], 3 * (1.5 * valley["p"] - 4.5))
    assert np.allclose(valley["loss"], (1.5 * valley["p"] - 4.5) ** 2)
    pair = panels.two_numbers_panel()(step=3).numbers
    assert np.allclose(pair["prediction"], pair["p"] * pair["q"])
    assert np.allclose(pair["loss"], (pair["prediction"] - 4.5) ** 2)


def test_the_numbers_of_the_table_hold_a_rating_or_what_the_blank_hides(descent):
    cells = descent(step=20, n_factors=2, lr=0.2).numbers.query("factor.isna()")
    cells = cells.set_index(["user", "movie"])
    assert np.array_equal(cells["rating"], TABLE.to_numpy().ravel(), equal_nan=True)
    hides = {cell: HIDDEN.loc[cell] for cell in BLANKS}
    assert cells["blank"].dropna().to_dict() == hides
    run = descend(TABLE, n_steps=20)
    assert np.allclose(cells["predicted"], run.predictions[20].ravel())


def test_the_numbers_of_the_plane_are_the_turned_factors_by_name(last):
    users, movies = last.users[-1], last.movies[-1]
    points = panels.rotation_panel(users, movies, TABLE)(angle=90).numbers
    points = points.set_index("who or what")
    assert np.allclose(points.loc["Dia"], figures.turn(users[3:], 90)[0])
    assert np.allclose(points.loc["Wall-E"], figures.turn(movies[4:], 90)[0])


def test_the_numbers_of_your_place_are_your_stars_and_the_predictions(place, last):
    told = place(movie_1=4.5, movie_3=1.5).numbers.set_index("who or what")
    assert told["you said"].dropna().to_dict() == {"Alien": 4.5, "Notting Hill": 1.5}
    assert told["predicted"].notna().sum() == len(TABLE.columns)
    people = told[["factor 1", "factor 2"]]
    assert np.allclose(people.loc["Dia"], last.users[-1][3])
    assert people.loc["you"].notna().all()


def test_the_numbers_of_the_table_have_the_factors_and_their_next_step(descent):
    now, after = (
        descent(step=step, n_factors=2, lr=0.2).numbers.set_index(["user", "movie", "factor"])
        for step in (7, 8)
    )
    for one in [("Dia", np.nan, 2), (np.nan, "Wall-E", 1)]:
        moved = now.loc[one, ["number", "the next step adds"]].sum()
        assert moved == pytest.approx(after.loc[one, "number"])


# What the sentences say


def test_the_panel_opens_on_the_numbers_of_the_lesson():
    sentence = panels.dot_product_panel().picture.sentence
    assert sentence.startswith("0.2 × 0.3 + 0.9 × 0.7 + 0.3 × 0.2 = 0.75.")
    assert "romance: 0.63" in sentence


def test_signs_and_zeros_are_told():
    panel = panels.dot_product_panel()
    assert "= −0.51." in panel(user_2=-0.9).sentence
    zeros = {f"user_{k}": 0.0 for k in (1, 2, 3)}
    assert "No factor contributes" in panel(**zeros).sentence


def test_no_bar_and_no_number_leaves_the_dot_product():
    for value in (-1.0, 1.0):
        picture = figures.dot_product((value,) * 3, (1.0,) * 3)
        (axes,) = picture.figure.axes
        picture.figure.draw_without_rendering()
        frame = picture.figure.bbox
        texts = [*axes.texts, *axes.get_yticklabels()]
        assert all(
            frame.contains(*corner) for t in texts for corner in t.get_window_extent().corners()
        )
        assert axes.get_xlim() == figures.dot_product((0,) * 3, (0,) * 3).figure.axes[0].get_xlim()


def test_the_step_button_takes_the_next_step(descent):
    for panel in (panels.valley_panel(), panels.two_numbers_panel(), descent):
        steps = panel.controls["step"]
        for step in (0, 1, 2):
            panel(step=step)
            wanted = panel(step=step + 1)
            panel(step=step)
            steps.button.click()
            assert steps.value == step + 1
            assert panel.picture.sentence == wanted.sentence
            assert panel.picture.png() == wanted.png()
        panel(step=steps.max)
        assert steps.button.description == "Step (at the end)"
        said = panel.picture.sentence
        steps.button.click()
        assert panel.picture.sentence == said


def test_a_step_beyond_the_picture_is_told():
    panel = panels.valley_panel()
    assert "outside the picture" in panel(lr=0.5, step=5).sentence
    assert "too small to be seen" in panel(lr=0.2, step=12).sentence
    runaway = panels.two_numbers_panel()(start=(0.5, 3.0), lr=0.15, step=30).sentence
    assert "step" in runaway.lower() and "nan" not in runaway


def test_the_sentence_tells_loss_and_blanks(descent):
    sentence = descent(step=0, n_factors=2, lr=0.2).sentence
    assert sentence.startswith("Step 0: the loss over the rated cells is 10.70")
    assert "Bo and Alien 4.2 (hidden: 4.0)" in descent(step=300).sentence


def test_a_run_away_is_shown_and_told():
    panel = panels.descent_panel(TABLE, HIDDEN)
    sentence = panel(step=300, n_factors=4, lr=1.0, seed=1).sentence
    assert "learning rate is too large" in sentence


def test_turning_and_stretching_change_no_prediction(last):
    panel = panels.rotation_panel(last.users[-1], last.movies[-1], TABLE)
    for angle in (0, 70, 180, 250):
        for stretch in (-1.0, 0.5, 1.0, 2.0):
            assert "at most 0.00 stars" in panel(angle=angle, stretch=stretch).sentence
    assert "(1.5, −1.7)" in panel(angle=180, stretch=1.0).sentence
    mirrored = panel(angle=0, stretch=-1.0).sentence
    assert mirrored.startswith("Turned by 0° and mirrored: Ada's factors are (1.5, 1.7), and ")
    assert "at most 0.00 stars" not in panel(angle=90, only_users=True).sentence


def test_a_turn_by_90_degrees_is_anticlockwise():
    assert np.allclose(figures.turn(np.array([[1.0, 0.0], [0.0, 2.0]]), 90), [[0, 1], [-2, 0]])
    users, movies = figures.transform(np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]]), 90, 2.0)
    assert np.allclose(users, [[0, 1]]) and np.allclose(movies, [[-0.5, 0]])


def test_your_place_without_a_rating_and_with_all(place):
    none = dict.fromkeys((f"movie_{k}" for k in range(1, 6)), 0.0)
    assert "No rating, no place" in place(**none).sentence
    assert "You left no blank" in place(**dict.fromkeys(none, 3.0)).sentence
    assert "Predicted for you: The Matrix" in place(**none | {"movie_1": 4.5}).sentence


def test_names_around_a_circle_keep_apart():
    placed = figures._spread(np.array([10.0, 11.0, 12.0, 350.0, 170.0]), 15.0)
    gaps = np.diff(np.sort(placed % 360))
    assert gaps.min() > 14.9 and 360 - np.ptp(np.sort(placed % 360)) > 14.9
    assert abs(placed[4] % 360 - 170) < 30


def test_no_line_to_a_name_crosses_the_head_of_another_arrow(last):
    panel = panels.rotation_panel(last.users[-1], last.movies[-1], TABLE)
    for angle in range(0, 360, 30):
        for stretch in (-1.0, 0.5, 1.0, 2.0):
            axes = panel(angle=angle, stretch=stretch).figure.axes[0]
            dotted = [line.get_xydata() for line in axes.lines if line.get_linestyle() == ":"]
            ways = np.concatenate(dotted).reshape(-1, 4, 2)[:, :3]  # head, bend, name, pen up
            assert len(ways) == sum(TABLE.shape)
            for way in ways:
                for head in ways[:, 0]:
                    # Two arrows in nearly the same direction can't but lie over each other.
                    if figures.angle_between(way[0], head) > 6:
                        assert min(distance(head, *leg) for leg in (way[:2], way[1:])) > 0.09


def distance(point, start, end):
    along = np.clip((point - start) @ (end - start) / ((end - start) ** 2).sum(), 0, 1)
    return np.hypot(*(start + along * (end - start) - point))


# The walks


def slopes_by_torch(loss, at):
    place = torch.tensor(at, dtype=torch.float64, requires_grad=True)
    loss(place).backward()
    return place.grad.numpy()


def test_slopes_are_those_of_torch():
    for p in (-1.0, 1.0, 3.0):
        assert np.isclose(valleys.one_slope(p), slopes_by_torch(valleys.one_loss, p))
    for pair in ((1.0, 1.0), (0.5, 3.0), (0.0, 0.0)):
        torchs = slopes_by_torch(valleys.two_loss, pair)
        assert np.allclose(valleys.two_slopes(np.array(pair)), torchs)


def test_slopes_of_a_row_are_those_of_torch(last):
    movies, stars = last.movies[-1], np.array([4.5, np.nan, 1.5, np.nan, 3.0])
    rated = ~np.isnan(stars)

    def loss(pair):
        return ((torch.tensor(movies[rated]) @ pair - torch.tensor(stars[rated])) ** 2).mean()

    here = np.array([0.3, -1.2])
    assert np.allclose(valleys.row_slopes(here, stars, movies), slopes_by_torch(loss, here))
    assert np.isclose(valleys.row_loss(here, stars, movies), loss(torch.tensor(here)).item())
    nothing = np.full(5, np.nan)
    assert valleys.row_loss(here, nothing, movies) == 0
    assert (valleys.row_slopes(here, nothing, movies) == 0).all()


def test_a_walk_by_hand():
    assert np.allclose(valleys.walk_down(valleys.one_slope, 1.0, 0.1, 2), [1.0, 1.9, 2.395])
    assert np.allclose(valleys.walk_down(valleys.two_slopes, (1, 1), 0.1, 1)[1], 1.7)


@pytest.mark.parametrize("wrong", [{"lr": 0.0, "n_steps": 1}, {"lr": 0.1, "n_steps": -1}])
def test_wrong_walks_are_refused(wrong):
    with pytest.raises(ValueError, match="lr="):
        valleys.walk_down(valleys.one_slope, 1.0, **wrong)


@pytest.mark.parametrize("source", ["bundled", "seed"])
def test_the_movies_of_the_table_are_in_both_editions(source, request, collab):
    edition = load_collab(request.getfixturevalue("seed_folder")) if source == "seed" else collab
    titles = dict(zip(edition["movieId"], edition["title"], strict=True))
    assert list(MOVIE_IDS) == list(TABLE.columns)
    for name, movie in MOVIE_IDS.items():
        word = name.split()[-1].replace("é", "e").replace("-", "·").lower()
        assert word in titles[movie].lower()
