"The five sets of points: shapes, classes, seeds, noise, and what it takes to part them."
import pytest
import torch

from neuralnet_foundations.point_sets import POINT_SETS, circle, two_lines, xor

each = pytest.mark.parametrize("name", POINT_SETS)


@each
def test_points_and_classes(name):
    x, y = POINT_SETS[name](31)
    assert x.shape == (31, 2) and x.dtype == torch.float64 and x.isfinite().all() and x.abs().max() < 1.3
    assert y.dtype == torch.int64 and y.tolist() == [i % 2 for i in range(31)]


@each
def test_a_seed_decides_and_noise_moves_the_same_points_further(name):
    make = POINT_SETS[name]
    clean, some, more = (make(40, noise, seed=3)[0] for noise in (0, 0.1, 0.3))
    assert torch.equal(make(40, 0.1, seed=3)[0], some) and not torch.equal(make(40, 0.1, seed=4)[0], some)
    torch.testing.assert_close(more - clean, 3*(some - clean))
    torch.testing.assert_close(some - clean, circle(40, 0.1, seed=3)[0] - circle(40, 0, seed=3)[0])


def test_what_their_names_say():
    x, y = two_lines(200, noise=0)
    torch.testing.assert_close(x[:, 1] - x[:, 0], 0.5*(1. - 2*y).double())
    x, y = xor(200, noise=0)
    assert torch.equal((x.prod(1) < 0).long(), y)
    x, y = circle(200, noise=0)
    assert torch.equal((x.norm(dim=1) < 0.6).long(), y)


@pytest.mark.parametrize("given, says", [(dict(n=1), "n must be"), (dict(noise=-1), "noise must be at least 0"), (dict(seed=-1), "seed")])
def test_what_they_refuse(given, says):
    with pytest.raises(ValueError, match=says): circle(**given)
