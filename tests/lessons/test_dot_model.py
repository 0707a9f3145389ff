"""Lesson 5: its panels over their range, its pictures, the stored runs, and a bank of answers."""

import math
import warnings
from itertools import islice, product

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from collab_lib import create_embedding, ranged_sigmoid
from collab_lib.lessons.dot_model import checks, figures
from collab_lib.lessons.dot_model.panels import detective_panel, squash_panel
from collab_lib.results import load_results
from tests.drawn import matches_snapshot
from tests.walk import walk
from tools.results import failing_run


@pytest.fixture(scope="module")
def stored():
    return load_results("failing_run")


# Panels and pictures


def test_the_sigmoid_follows_both_sliders():
    walk(squash_panel())


@pytest.mark.parametrize(
    ("score", "upper_bound", "sentence"),
    [
        (0, 5.5, "A score of 0.0 becomes 2.75 stars, and the nearest rating is 3."),
        (6, 5.5, "A score of 6.0 becomes 5.49 stars, and the nearest rating is 5."),
        (-6, 5.5, "A score of -6.0 becomes 0.01 stars, and the nearest rating is 0.5."),
        (6, 5.0, "No score is high enough for exactly five stars"),
        (0, 5.5, "Exactly five stars are predicted at a score of 2.30."),
        (0, 6.5, "Exactly five stars are predicted at a score of 1.20."),
    ],
)
def test_the_sigmoids_sentence(score, upper_bound, sentence):
    assert sentence in squash_panel()(score=score, upper_bound=upper_bound).sentence


def test_the_detective_follows_every_switch(stored):
    panel = detective_panel(stored)
    panel(epoch=8, decay=True)
    walk(panel)


def test_every_setting_of_the_detective_tells_its_own_run(stored):
    panel = detective_panel(stored)
    assert panel.controls["shape"].description == "Fix the shape"
    assert panel.controls["decay"].description == "Fix the decay"
    for shape, decay, start, shared in product((False, True), repeat=4):
        run = figures.stored_run(stored, shape, decay, start, shared)
        assert (run["shape"] == "(batch,)") == shape
        assert (run["weight_decay"] < 0.01) == decay
        assert (run["start"] < 0.1) == start
        assert run["shared_bias"] == shared
        assert len(run["epochs"]) == 9
        told = panel(shape=shape, decay=decay, start=start, shared_bias=shared, epoch=8).sentence
        assert f"the valid loss is {np.mean(run['epochs'][8]['valid_loss']):.2f}" in told
        assert ("better than" in told) == (np.mean(run["epochs"][8]["valid_loss"]) < 1.131)


def test_the_numbers_behind_the_sigmoid_and_the_detective(stored):
    curve = squash_panel().picture.numbers.set_index("score")["nearest rating"]
    assert curve.to_dict() == {-6: 0.5, -4: 0.5, -2: 0.5, 0: 3, 2: 5, 4: 5, 6: 5}
    picture = detective_panel(stored)(decay=True, shape=True, epoch=2)
    run = figures.stored_run(stored, True, True, False, False)
    losses = [np.mean(epoch["valid_loss"]) for epoch in run["epochs"]]
    assert picture.numbers["valid loss"].tolist() == pytest.approx(losses)


def test_what_is_drawn(stored):
    matches_snapshot("dot_model/squash", squash_panel()(score=2.3))
    panel = detective_panel(stored)
    matches_snapshot("dot_model/as_written", panel.picture)
    # the loss of the large start lies far above the picture
    matches_snapshot("dot_model/as_written_after_0", panel(epoch=0))
    matches_snapshot("dot_model/decay_alone", panel(decay=True, epoch=4))
    everything = {"shape": True, "decay": True, "start": True, "shared_bias": True, "epoch": 8}
    matches_snapshot("dot_model/all_fixed", panel(**everything))
    # the dot moves along a loss that falls
    matches_snapshot("dot_model/all_fixed_after_1", panel(epoch=1))
    # "measured" lies off the theory, or nobody could tell one line from the other
    matches_snapshot("dot_model/fading", figures.fading([10.0, 9.5, 9.4, 9.3], shrink=0.9))
    losses = {"a": [2.0, 1.0, 0.8], "b": [2.0, 0.5, 0.1]}
    matches_snapshot("dot_model/one_batch", figures.one_batch(losses, 0.76))


def test_a_table_of_errors_where_the_shapes_differ():
    predictions, stars = torch.tensor([[3.0], [5.0]]), torch.tensor([4.0, 5.0])
    wrong = figures.compared(predictions, stars)
    assert wrong.sentence == (
        "Shapes (2, 1) and (2,) give 4 squared errors with a mean of 1.50; "
        "the 2 that we want have a mean of 0.50."
    )
    right = figures.compared(predictions.squeeze(1), stars)
    assert "(2,) and (2,) give 2 squared errors with a mean of 0.50" in right.sentence
    matches_snapshot("dot_model/compared", wrong)
    matches_snapshot("dot_model/compared_one_each", right)


# The stored runs


@pytest.mark.parametrize("shape", failing_run.SHAPES)
@pytest.mark.parametrize("shared_bias", failing_run.SHARED)
def test_a_step_by_hand_is_torchs_step(split, shape, shared_bias):
    train, _ = split
    torch.manual_seed(0)
    model = failing_run.FirstModel(train.n_users, train.n_movies, shape, 1.0, shared_bias)
    by_hand = {name: table.copy() for name, table in model.numbers().items()}
    optimizer = torch.optim.SGD(model.parameters(), lr=failing_run.LR, weight_decay=0.05)
    batches = list(islice(train.batches(16, torch.Generator().manual_seed(1)), 20))
    failing_run.train_epoch(model, optimizer, batches, 320)
    for indices, stars in batches:
        failing_run.step(by_hand, indices.numpy(), stars.numpy(), shape, 0.05, shared_bias)
    for name, table in model.numbers().items():
        assert np.allclose(by_hand[name], table, atol=1e-5), name


def test_the_stored_runs_have_what_the_lesson_tells(stored):
    mean = stored["valid_loss_of_the_mean"]

    def loss(epoch, **fixed):
        faults = dict.fromkeys(("shape", "decay", "start", "shared_bias"), False) | fixed
        return np.mean(figures.stored_run(stored, **faults)["epochs"][epoch]["valid_loss"])

    assert loss(3) == pytest.approx(1.55, abs=0.01)
    assert loss(3, start=True) == pytest.approx(loss(3), abs=0.005)
    assert loss(3, shape=True) == pytest.approx(1.48, abs=0.01)
    assert loss(4, decay=True) == pytest.approx(mean, abs=0.003)
    assert loss(3, shared_bias=True) == pytest.approx(1.16, abs=0.01)
    assert loss(2, shape=True, shared_bias=True) == pytest.approx(1.065, abs=0.01)
    three = {"shape": True, "decay": True, "start": True}
    assert loss(8, **three, shared_bias=True) < loss(8, **three) - 0.005 < 0.86


# A bank of answers


def logit(stars: float) -> float:
    return math.log(stars / (5.5 - stars))


SCORES = {
    "1.23": lambda stars: float("1.23"),
    "That is p": lambda stars: stars / 5.5,
    "sign is turned": lambda stars: -logit(stars),
    "base 10": lambda stars: logit(stars) / math.log(10),
    "need a score of 0; yours is 2.75": lambda stars: stars,
    "5 stars need a score of 2.303; yours is 4.605": lambda stars: 2 * logit(stars),
    "5 stars need a score of 2.303; yours is 2.100": lambda stars: logit(min(stars, 4.9)),
    "0.5 stars need a score of -2.303; yours is -2.500": lambda stars: round(2 * logit(stars)) / 2,
    "returns nothing": lambda stars: None,
    "stops with NameError": lambda stars: maths.log(stars),  # noqa: F821
    "stops with ZeroDivisionError": lambda stars: stars / 0,
    "You take 5 for the upper bound": lambda stars: math.log(stars / (5 - stars)),
    "5.5, half a star above": lambda stars: -math.log(5 / stars - 1),
    "should be a number": lambda stars: "0.56",
    "should be one number": lambda stars: torch.ones(2),
}


@pytest.mark.parametrize(
    "answer",
    [
        logit,
        lambda stars: -math.log(5.5 / stars - 1),
        lambda stars: torch.logit(torch.tensor(stars / 5.5)),
        lambda stars: np.log(stars / (5.5 - stars)),
        lambda stars: torch.logit(torch.tensor([stars / 5.5])),
    ],
)
def test_the_score_of_stars_in_any_form(answer):
    verdict = checks.check_score_of(answer)
    assert verdict.passed and "0.560" in verdict.message, verdict


@pytest.mark.parametrize("advice", SCORES)
def test_a_wrong_score_gets_its_advice(advice):
    verdict = checks.check_score_of(SCORES[advice])
    assert not verdict.passed and advice in verdict.message, verdict


class Good(nn.Module):
    """A dot model that can learn; what a student might do wrong is done in the classes below."""

    def __init__(self, n_users, n_movies, n_factors):
        super().__init__()
        self.user_factors = create_embedding([n_users, n_factors])
        self.movie_factors = create_embedding([n_movies, n_factors])
        self.movie_biases = nn.Parameter(torch.zeros(n_movies))

    def product(self, x):
        return self.user_factors[x[:, 0]] * self.movie_factors[x[:, 1]]

    def forward(self, x):
        score = self.product(x).sum(dim=1) + self.movie_biases[x[:, 1]]
        return ranged_sigmoid(score, 0, 5.5)


class ByEinsum(Good):
    def forward(self, x):
        p, q = self.user_factors[x[:, 0]], self.movie_factors[x[:, 1]]
        score = torch.einsum("bf,bf->b", p, q) + self.movie_biases[x[:, 1]]
        return torch.sigmoid(score) * 5.5


class Squeezed(Good):
    def __init__(self, *sizes):
        super().__init__(*sizes)
        self.movie_biases = nn.Parameter(torch.zeros(sizes[1], 1))

    def forward(self, x):
        score = self.product(x).sum(dim=1, keepdim=True) + self.movie_biases[x[:, 1]]
        return ranged_sigmoid(score, 0, 5.5).squeeze(1)


class StillAColumn(Squeezed):
    def forward(self, x):
        return super().forward(x)[:, None]


class OnlyKeepdimRemoved(Squeezed):
    def forward(self, x):
        return ranged_sigmoid(self.product(x).sum(dim=1) + self.movie_biases[x[:, 1]], 0, 5.5)


class FlatBiases(Good):
    """The other way round: the sum keeps its axis, and the biases have lost theirs."""

    def forward(self, x):
        score = self.product(x).sum(dim=1, keepdim=True) + self.movie_biases[x[:, 1]]
        return ranged_sigmoid(score, 0, 5.5)


class FlatBiasesFirstColumn(FlatBiases):
    def forward(self, x):
        return super().forward(x)[:, 0]


class FlatBiasesMean(FlatBiases):
    def forward(self, x):
        return super().forward(x).mean(1)


class MeanOverTheTable(OnlyKeepdimRemoved):
    def forward(self, x):
        return super().forward(x).mean(dim=1)


class FirstColumn(OnlyKeepdimRemoved):
    def forward(self, x):
        return super().forward(x)[:, 0]


class LastColumn(OnlyKeepdimRemoved):
    def forward(self, x):
        return super().forward(x)[:, -1]


class EndsAtFive(Good):
    def forward(self, x):
        return super().forward(x) * 5 / 5.5


class SumOverTheBatch(Good):
    def forward(self, x):
        return ranged_sigmoid(self.product(x).sum(dim=0), 0, 5.5)


class OffTheScale(Good):
    def forward(self, x):
        return self.product(x).sum(dim=1) + self.movie_biases[x[:, 1]]


class WildStart(Good):
    def __init__(self, *sizes):
        super().__init__(*sizes)
        self.user_factors = nn.Parameter(torch.randn(sizes[0], 5))
        self.movie_factors = nn.Parameter(torch.randn(sizes[1], 5))


class OneWildTable(Good):
    def __init__(self, *sizes):
        super().__init__(*sizes)
        self.user_factors = nn.Parameter(torch.randn(sizes[0], 5))


class WildBiases(Good):
    def __init__(self, *sizes):
        super().__init__(*sizes)
        self.movie_biases = nn.Parameter(torch.randn(sizes[1]))


class AllPositive(Good):
    """Hardly spread, and yet far from 0: all scores begin above 1."""

    def __init__(self, *sizes):
        super().__init__(*sizes)
        self.movie_factors = nn.Parameter(torch.rand(sizes[1], 5))


class NoProduct(Good):
    def product(self, x):
        return self.user_factors[x[:, 0]] + self.movie_factors[x[:, 1]]


class MeanOfTheFactors(Good):
    def product(self, x):
        return super().product(x) / 5


class BiasOfAnother(Good):
    def forward(self, x):
        score = self.product(x).sum(dim=1) + self.movie_biases[x[:, 0]]
        return ranged_sigmoid(score, 0, 5.5)


class BiasTakenAway(Good):
    def forward(self, x):
        score = self.product(x).sum(dim=1) - self.movie_biases[x[:, 1]]
        return ranged_sigmoid(score, 0, 5.5)


class OneBiasForAll(Good):
    def __init__(self, *sizes):
        super().__init__(*sizes)
        self.movie_biases = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return ranged_sigmoid(self.product(x).sum(dim=1) + self.movie_biases, 0, 5.5)


class Squares(Good):
    def product(self, x):
        return super().product(x) ** 3


class NoReturn(Good):
    def forward(self, x):
        super().forward(x)


class AsNumpy(Good):
    def forward(self, x):
        return super().forward(x).detach().numpy()


class Detached(Good):
    def forward(self, x):
        return super().forward(x).detach()


class PlainTensor(Good):
    def __init__(self, *sizes):
        super().__init__(*sizes)
        del self.user_factors
        self.user_factors = 0.01 * torch.randn(sizes[0], 5)


class ZeroStart(Good):
    def __init__(self, *sizes):
        super().__init__(*sizes)
        self.user_factors = nn.Parameter(torch.zeros(sizes[0], 5))
        self.movie_factors = nn.Parameter(torch.zeros(sizes[1], 5))


class Unused(Good):
    def forward(self, x):
        return ranged_sigmoid(self.product(x).sum(dim=1), 0, 5.5)


class Misspelt(Good):
    def forward(self, x):
        return ranged_sigmoid(self.movie_bias[x[:, 1]], 0, 5.5)


MODELS = {
    "still (batch, 1)": StillAColumn,
    "which has an axis too many": OnlyKeepdimRemoved,
    "of the sum and of the biases": FlatBiases,
    "depends on the other rows": MeanOverTheTable,
    "a mean or one column": FirstColumn,
    "or one column of it": LastColumn,
    "don't take a mean": FlatBiasesMean,
    "depends on the other rows of its batch: it must": FlatBiasesFirstColumn,
    "end at 5.00 stars": EndsAtFive,
    "not over the batch": SumOverTheBatch,
    "off the scale": OffTheScale,
    "starts too large: its numbers have a typical size of": WildStart,
    "user_factors starts too large": OneWildTable,
    "movie_biases starts too large": WildBiases,
    "movie_factors starts too large: its numbers have a typical size of 0.58": AllPositive,
    "are added; a dot product multiplies": NoProduct,
    "mean over the factors": MeanOfTheFactors,
    "by the users' indices": BiasOfAnother,
    "taken away from the product": BiasTakenAway,
    "one number for each movie": OneBiasForAll,
    "Change only what is at fault": Squares,
    "forward returns nothing": NoReturn,
    "must return a tensor; this is ndarray": AsNumpy,
    "leave out detach()": Detached,
    "user_factors is a plain tensor": PlainTensor,
    "starts at exactly 0": ZeroStart,
    "movie_biases gets no gradient": Unused,
    "AttributeError": Misspelt,
    "Hand in the class itself": Good(3, 3, 5),
    "TypeError": object,
}


class WithMoreBiases(Good):
    """More than was asked for: the users' biases, and one for all that starts at the mean."""

    def __init__(self, *sizes):
        super().__init__(*sizes)
        self.user_biases = nn.Parameter(torch.zeros(sizes[0]))
        self.bias = nn.Parameter(torch.tensor(0.59))

    def forward(self, x):
        biases = self.user_biases[x[:, 0]] + self.movie_biases[x[:, 1]] + self.bias
        return ranged_sigmoid(self.product(x).sum(dim=1) + biases, 0, 5.5)


class ByEmbeddings(Good):
    def __init__(self, *sizes):
        nn.Module.__init__(self)
        self.user_factors = nn.Embedding(sizes[0], 5)
        self.movie_factors = nn.Embedding(sizes[1], 5)
        self.movie_biases = nn.Embedding(sizes[1], 1)
        for table in self.parameters():
            nn.init.normal_(table, 0, 0.05)

    def forward(self, x):
        products = self.user_factors(x[:, 0]) * self.movie_factors(x[:, 1])
        score = products.sum(dim=1) + self.movie_biases(x[:, 1]).squeeze(1)
        return ranged_sigmoid(score, 0, 5.5)


@pytest.mark.parametrize("model", [Good, ByEinsum, Squeezed, WithMoreBiases, ByEmbeddings])
def test_a_fixed_model_passes_in_any_form(split, model):
    verdict = checks.check_fixed_model(model, split[0])
    assert verdict.passed, verdict


@pytest.mark.parametrize("advice", MODELS)
def test_a_model_with_a_fault_gets_its_advice(split, advice):
    state = torch.get_rng_state()
    verdict = checks.check_fixed_model(MODELS[advice], split[0])
    assert not verdict.passed and advice in verdict.message, verdict
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize("form", [float, np.float32, torch.tensor, lambda x: torch.tensor([x])])
def test_the_best_constants_pass_in_any_form(split, form):
    mean = split[0].ratings.mean().item()
    assert checks.check_constants(form(mean), form(4.0), split[0]).passed
    assert checks.check_constants(split[0].ratings.mean(), 4, split[0]).passed
    assert checks.check_constants(mean, form(4.1), split[0]).passed  # 4.1 is rounded to 4


@pytest.mark.parametrize(
    ("for_rmse", "for_accuracy", "advice"),
    [
        (4.0, 3.54, "wrong way round"),
        (3.0, 3.0, "Always 3 has an RMSE of"),
        (4.0, 4.0, "RMSE squares the errors"),
        (3.54, 3.5, "another answer hits more"),
        ("3.54", 4.0, "best_for_rmse should be a number"),
        (3.54, None, "best_for_accuracy should be a number"),
        (float("nan"), 4.0, "no number to compare with"),
        (3.54, torch.tensor([4.0, 4.0, 3.0]).mode(), "Take its .values"),
    ],
)
def test_other_constants_get_their_advice(split, for_rmse, for_accuracy, advice):
    mean = split[0].ratings.mean().item()
    answers = [mean if answer == 3.54 else answer for answer in (for_rmse, for_accuracy)]
    verdict = checks.check_constants(*answers, split[0])
    assert not verdict.passed and advice in verdict.message, verdict


RIGHT = {"A": "decay", "B": "both", "C": "nothing", "D": "shape"}


@pytest.mark.parametrize(
    ("answer", "advice"),
    [
        (RIGHT, None),
        ({name: what.upper() for name, what in RIGHT.items()}, None),
        (RIGHT | {"A": "both", "B": "decay"}, "Only one run"),
        (RIGHT | {"A": "nothing", "C": "decay"}, "almost exactly on the mean"),
        (RIGHT | {"C": "shape", "D": "nothing"}, "Two are left: C and D"),
        (RIGHT | {"D": "nothing"}, "Two are left: C and D"),
        (dict.fromkeys("ABCD", "both"), "Only one run"),
        ({"A": "decay"}, "one answer for each"),
        (RIGHT | {"A": "start"}, "'start' is none of these: 'both', 'decay', "),
        (None, "Hand in a dict"),
        ("ABCD", "{'A': …}"),
        (list(RIGHT.values()), "Hand in a dict"),
    ],
)
def test_which_run_is_which(stored, answer, advice):
    verdict = checks.check_which_run(answer, checks.lineup(stored))
    assert verdict.passed == (advice is None), verdict
    assert advice is None or advice in verdict.message, verdict


def test_a_column_minus_a_row_is_pulled_to_the_mean_of_the_batch():
    """What the lesson says of the wrong shape: its slope is the slope towards the batch's mean."""
    predictions = torch.tensor([[3.0], [4.0], [2.0]], requires_grad=True)
    stars = torch.tensor([5.0, 1.0, 3.5])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        F.mse_loss(predictions, stars).backward()
    towards = 2 / 3 * (predictions.detach() - stars.mean())
    assert torch.allclose(predictions.grad, towards)
