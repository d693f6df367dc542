"Bad input and edges of the sums of rectified lines."
import numpy as np
import pytest
import torch
from playgrounds import losses, small_net
from sklearn.datasets import load_iris

from neuralnet_foundations.point_sets import circle
from neuralnet_foundations.relu import connect_dots, double_relu, fit_relus, rectified_linear, relu_sum

X = torch.linspace(-2, 2, 60)


def test_equal_to_torchs_relu_also_in_its_gradient():
    m = torch.tensor(1.5, requires_grad=True)
    rectified_linear(m, 0.25, X).sum().backward()
    other = torch.tensor(1.5, requires_grad=True)
    torch.relu(other*X + 0.25).sum().backward()
    assert torch.equal(rectified_linear(1.5, 0.25, X), torch.relu(1.5*X + 0.25)) and m.grad == other.grad


def test_sum_of_two_is_double_relu():
    assert torch.allclose(relu_sum(torch.tensor([1., 1, 2, -1, .5, 1, 0]), X), double_relu(2, .5, -1, 1, X))


@pytest.mark.parametrize("dots", [2, 3, 17])
def test_connected_dots_are_met_and_straight_between(dots):
    xs = torch.linspace(-1, 2, dots)
    ys = torch.sin(4*xs)
    assert torch.allclose(relu_sum(connect_dots(xs, ys), xs), ys, atol=1e-5)
    middle = (xs[1:] + xs[:-1])/2
    assert torch.allclose(relu_sum(connect_dots(xs, ys), middle), (ys[1:] + ys[:-1])/2, atol=1e-5)


def test_fits_in_the_units_of_the_data():
    x = torch.linspace(1000, 1010, 60)
    y = 5000 + 300*(x - 1005).abs()
    fit = fit_relus(x, y, 3)
    assert fit.loss < 1e-3*y.var() and torch.allclose(fit(x), y, atol=60)
    assert ((fit.bends - 1005).abs() < 0.5).any() and len(fit.params) == 10 and fit.n == 3


def test_the_same_seed_gives_the_same_fit():
    a, b, c = (fit_relus(X, X.sin(), 3, steps=50, seed=s).params for s in (0, 0, 1))
    assert torch.equal(a, b) and not torch.equal(a, c)


def test_a_level_curve_and_arrays_and_lists():
    assert fit_relus(X, torch.full_like(X, 7.), 2, steps=100).loss < 1e-3
    frozen = np.linspace(0, 1, 9)
    frozen.flags.writeable = False
    assert fit_relus(frozen, list(frozen**2), 1, steps=5).params.shape == (4,)


@pytest.mark.parametrize("change,says", [
    (dict(n=0), "n must be"), (dict(n=2.5), "2.5"), (dict(n=True), "True"),
    (dict(y=X[:-1]), r"\(60,\) and \(59,\)"), (dict(x=X[:, None], y=X[:, None]), r"\(60, 1\)"),
    (dict(x=torch.zeros(60)), "two different x"), (dict(x=X[:0], y=X[:0]), "two different x"),
    (dict(x=X[:1], y=X[:1]), "two different x"),
    (dict(y=X.clone().index_fill(0, torch.tensor([4]), float("nan"))), r"y\[4\] is nan"),
    (dict(x=X.clone().index_fill(0, torch.tensor([7]), float("inf"))), r"x\[7\] is inf"),
    (dict(lr=float("nan")), "nan"), (dict(steps=-2), "-2"), (dict(starts=0), "starts"),
])
def test_bad_input_is_named(change, says):
    with pytest.raises(ValueError, match=says): fit_relus(**(dict(x=X, y=X.sin(), n=2, steps=3) | change))


def test_a_rate_that_diverges_is_named(capsys):
    fit = fit_relus(X, X.sin(), 2, steps=300, lr=1e3)
    assert "Diverged" in fit.history.note and "Diverged" in capsys.readouterr().out and fit.params.isfinite().all()


@pytest.mark.parametrize("n", [1, 5, 40])
def test_the_sum_is_a_small_network_of_torchs(n):
    torch.manual_seed(n)
    model = torch.nn.Sequential(torch.nn.Linear(1, n), torch.nn.ReLU(), torch.nn.Linear(n, 1))
    slopes, heights, weights, constant = (p.detach().ravel() for p in model.parameters())
    mine = relu_sum(torch.cat([weights, slopes, heights, constant]), X)
    assert torch.allclose(model(X[:, None])[:, 0], mine, atol=1e-5)


def test_good_parameters_exist_and_are_not_found():
    x = torch.linspace(-2, 2, 100)
    step = (x > 0).float()
    ramp = connect_dots(torch.tensor([x[x <= 0].max(), x[x > 0].min(), 2.]), torch.tensor([0., 1., 1.]))
    found = fit_relus(x, step, 2)
    assert len(ramp) == len(found.params) and ((relu_sum(ramp, x) - step)**2).mean() < 1e-10 and found.loss > 0.01


@pytest.mark.parametrize("n,error", [(1, .038), (2, .033), (4, .031), (16, .031)])
def test_more_relus_help_on_unseen_petals_only_at_first(n, error):
    length, width = torch.tensor(load_iris().data[:, 2:], dtype=torch.float).T
    held = torch.arange(150) % 3 == 0
    fit = fit_relus(length[~held], width[~held], n)
    assert (fit(length[held]) - width[held]).square().mean().item() == pytest.approx(error, abs=6e-4)


@pytest.mark.parametrize("relus, found", [(2, 0), (3, 3), (4, 6)])
def test_how_many_relus_close_a_border(js, relus, found):
    "Of eight random starts; where the border stays open, about a quarter of the points are on the wrong side."
    ends = [losses(js, small_net(2, relus, 1, seed=seed), circle(150), 1000)[0][-1] for seed in range(8)]
    assert sum(e < 0.05 for e in ends) == found and not [e for e in ends if 0.05 < e < 0.3]


def test_a_straight_line_on_unseen_petals():
    length, width = torch.tensor(load_iris().data[:, 2:], dtype=torch.float).T
    held = torch.arange(150) % 3 == 0
    inputs = torch.stack([length, torch.ones(150)], dim=1)
    line = torch.linalg.lstsq(inputs[~held], width[~held, None]).solution
    assert ((inputs@line)[held, 0] - width[held]).square().mean().item() == pytest.approx(.041, abs=6e-4)
