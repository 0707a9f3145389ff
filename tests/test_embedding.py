"""`create_embedding`, the lookup table of lesson 4, with `nn.Embedding` as the oracle."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from collab_lib import create_embedding


@pytest.mark.parametrize("size", [[5, 2], (1, 1), torch.Size([7, 3]), [4]])
def test_a_parameter_of_the_right_size(size):
    table = create_embedding(size)
    assert isinstance(table, nn.Parameter)
    assert table.requires_grad and table.is_leaf
    assert table.shape == torch.Size(size)
    assert table.dtype == torch.float32


def test_the_start_is_normal_with_mean_0_and_deviation_001():
    torch.manual_seed(0)
    numbers = create_embedding([400, 250]).detach()
    assert abs(numbers.mean().item()) < 1e-4
    assert numbers.std().item() == pytest.approx(0.01, rel=0.02)
    # A normal distribution has 68.3 % within one standard deviation; a uniform one has 57.7 %.
    assert (numbers.abs() < 0.01).float().mean().item() == pytest.approx(0.683, abs=0.01)


def test_the_seed_decides():
    tables = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        tables.append(create_embedding([5, 2]))
    assert torch.equal(tables[0], tables[1])
    assert not torch.equal(tables[0], tables[2])
    assert not torch.equal(create_embedding([5, 2]), create_embedding([5, 2]))


def test_a_module_finds_it():
    module = nn.Module()
    module.factors = create_embedding([5, 2])
    assert [name for name, _ in module.named_parameters()] == ["factors"]


def test_a_lookup_is_what_nn_embedding_and_the_one_hot_product_give():
    table = create_embedding([6, 3])
    embedding = nn.Embedding(6, 3, _weight=table.detach().clone())
    indices = torch.tensor([[4, 1], [4, 0]])
    assert torch.equal(table[indices], embedding(indices))
    assert torch.equal(table[indices], F.one_hot(indices, 6).float() @ table)


def test_only_the_rows_looked_up_get_a_gradient_and_it_is_that_of_nn_embedding():
    table = create_embedding([6, 3])
    embedding = nn.Embedding(6, 3, _weight=table.detach().clone())
    indices, weights = torch.tensor([4, 1, 4]), torch.randn(3, 3)
    (table[indices] * weights).sum().backward()
    (embedding(indices) * weights).sum().backward()
    assert torch.allclose(table.grad, embedding.weight.grad)
    assert table.grad.abs().sum(dim=1).nonzero().flatten().tolist() == [1, 4]
    assert torch.allclose(table.grad[4], weights[0] + weights[2])


@pytest.mark.parametrize("size", [[0, 2], [5, 0], [-1, 2]])
def test_a_side_without_rows_is_refused(size):
    with pytest.raises(ValueError, match="must be 1 or more"):
        create_embedding(size)


def test_a_number_in_place_of_the_sides_is_an_error_that_says_so():
    with pytest.raises(TypeError, match=r"size=5 must be a list of sides: try \[5, 2\]"):
        create_embedding(5)
