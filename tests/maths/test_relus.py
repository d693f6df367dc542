"The mathematics of ReluBuilder, run in Node: height, slopes and descent are torch's; a hand's changes do what they say."
import numpy as np
import pytest
import torch
import torch.nn.functional as F

from neuralnet_foundations.explorers import ReluBuilder

X = np.linspace(-2, 2, 81)
ENDS = [-2., 2.]
TARGETS = dict(step=(X > 0)*1., sine=np.sin(np.pi*X), absolute=np.abs(X))
FILE = "maths/relus.js"


def made(n, seed=0):
    "n ReLUs of any kind: some to the left, one with its kink beyond the ends."
    rng = np.random.RandomState(seed)
    p = dict(w=rng.normal(size=n), m=rng.normal(size=n), b=rng.normal(size=n))
    return dict({k: v.tolist() for k, v in p.items()}, c=0.3)


def sum_of(t, x): return (t["w"][:, None]*F.relu(t["m"][:, None]*x + t["b"][:, None])).sum(0) + t["c"]


def torch_of(p, x, grad=False):
    t = {k: torch.tensor(v, dtype=torch.float64, requires_grad=grad) for k, v in p.items()}
    return t, sum_of(t, torch.as_tensor(x, dtype=torch.float64))


def slopes(t): return {k: v.grad.tolist() for k, v in t.items()}
def height(p, x): return torch_of(p, np.atleast_1d(x))[1].numpy()
def near(p, q, tol=1e-9): return all(np.allclose(p[k], q[k], rtol=0, atol=tol) for k in "wmbc")


@pytest.mark.parametrize("n", [1, 2, 7, 20])
def test_height_loss_and_slopes_are_torchs(js, n):
    p, y = made(n, n), TARGETS["sine"]
    t, preds = torch_of(p, X, grad=True)
    loss = F.mse_loss(preds, torch.tensor(y))
    loss.backward()
    np.testing.assert_allclose(js(FILE, "predict", p, X), preds.detach().numpy(), rtol=0, atol=1e-12)
    got = js(FILE, "evaluate", p, X, y)
    assert got["loss"] == pytest.approx(loss.item(), rel=1e-12) and near(got["gradient"], slopes(t), 1e-12)
    worst = np.abs(preds.detach().numpy() - y).max()
    assert js(FILE, "largestError", js(FILE, "predict", p, X), y) == pytest.approx(worst)


def test_the_slope_at_a_kink_is_torchs(js):
    "x = 0 is a point of the data, and a kink stands exactly there."
    p = dict(w=[1.5], m=[2.], b=[0.], c=0.)
    t, preds = torch_of(p, X, grad=True)
    F.mse_loss(preds, torch.tensor(TARGETS["step"])).backward()
    assert near(js(FILE, "evaluate", p, X, TARGETS["step"])["gradient"], slopes(t), 1e-15)


@pytest.mark.parametrize("n, target, momentum", [(1, "absolute", 0.9), (4, "sine", 0.), (20, "step", 0.9)])
def test_descent_is_torchs(js, n, target, momentum):
    start, y = js(FILE, "fresh", n, ENDS, TARGETS[target], 1.), TARGETS[target]
    got = js(FILE, "descend", js(FILE, "begin", start, X, y), X, y, 60, dict(lr=0.02, momentum=momentum, keep=5000))
    t, _ = torch_of(start, X, grad=True)
    opt, losses = torch.optim.SGD(t.values(), lr=0.02, momentum=momentum), []
    for i in range(61):
        opt.zero_grad()
        loss = F.mse_loss(sum_of(t, torch.tensor(X)), torch.tensor(y))
        losses.append(loss.item())
        loss.backward()
        if i < 60: opt.step()
    assert got["taken"] == got["state"]["steps"] == 60
    assert near(got["state"]["params"], {k: v.tolist() for k, v in t.items()})
    np.testing.assert_allclose(got["state"]["losses"], losses, rtol=0, atol=1e-10)


def test_it_goes_on_with_its_speed_and_keeps_the_newest_losses(js):
    y, way = TARGETS["sine"], dict(lr=0.02, momentum=0.9, keep=10)
    state = js(FILE, "begin", js(FILE, "fresh", 4, ENDS, y, 1.), X, y)
    once = js(FILE, "descend", state, X, y, 30, way)["state"]
    for n in (1, 9, 20): state = js(FILE, "descend", state, X, y, n, way)["state"]
    assert near(state["params"], once["params"], 1e-12) and state["steps"] == 30
    assert state["losses"].tolist() == once["losses"].tolist() and len(state["losses"]) == 10


def test_divergence_stops_at_the_last_finite_values(js):
    y = TARGETS["sine"]
    start = js(FILE, "begin", js(FILE, "fresh", 4, ENDS, y, 1.), X, y)
    got = js(FILE, "descend", start, X, y, 500, dict(lr=1e5, momentum=0.9, keep=5000))
    assert 0 < got["taken"] == got["state"]["steps"] < 500 and np.isfinite(got["state"]["losses"]).all()
    assert all(np.isfinite(got["state"]["params"][k]).all() for k in "wmbc")


@pytest.mark.parametrize("losses, settled", [
    (np.linspace(1, 0.1, 40), False), (np.r_[np.linspace(1, .1, 20), np.full(20, 0.1)], True),
    (np.full(10, 1.), False),
    (np.r_[np.full(30, 1.), np.full(10, 0.998)], False), (np.r_[np.full(30, 1.), np.full(10, 0.9995)], True)])
def test_when_it_no_longer_gets_better(js, losses, settled):
    assert js(FILE, "settled", losses, 10) == settled


@pytest.mark.parametrize("n", [1, 4, 20])
@pytest.mark.parametrize("target", TARGETS)
def test_fresh_is_pythons(js, n, target):
    assert near(js(FILE, "fresh", n, ENDS, TARGETS[target], 1.), ReluBuilder(n=n, target=target).params, 1e-12)


def test_more_and_fewer_are_pythons_and_leave_the_curve(js):
    w = ReluBuilder(n=4)
    w.step(50)
    before = w.params
    w.n = 9
    more = js(FILE, "resize", before, 9, ENDS)
    assert near(more, w.params, 1e-9) and np.allclose(height(more, X), height(before, X), atol=1e-12)
    assert near(js(FILE, "resize", more, 4, ENDS), before, 0)
    assert len({round(-b/m, 6) for m, b in zip(more["m"], more["b"], strict=True)}) == 9


def test_bends_are_the_ends_and_the_kinks_between(js):
    p = dict(w=[1, 1, 1, 1.], m=[1, -2, 0, 1.], b=[-1, 1, 3, 9.], c=0.)
    assert js(FILE, "bends", p, ENDS).tolist() == [-2, 0.5, 1, 2]
    assert [js(FILE, "kink", p, i) for i in range(4)] == [1, 0.5, np.inf, -9] and js(FILE, "grade", p, 1) == 2


@pytest.mark.parametrize("i, k, lands", [(0, 0.7, 0.7), (2, -1.5, -1.5), (1, 5., 2.), (1, -5., -2.)])
def test_moving_a_kink_moves_nothing_else(js, i, k, lands):
    p = made(3)
    q = js(FILE, "moveKink", p, i, k, ENDS)
    assert js(FILE, "kink", q, i) == pytest.approx(lands)
    assert near({**q, "b": p["b"]}, p, 0)
    assert [q["b"][j] for j in range(3) if j != i] == [p["b"][j] for j in range(3) if j != i]


@pytest.mark.parametrize("slope", [2., -0.5, 0.])
def test_tilting_keeps_the_kink(js, slope):
    p = made(3)
    q = js(FILE, "tilt", p, 1, slope)
    assert js(FILE, "grade", q, 1) == pytest.approx(slope) and js(FILE, "kink", q, 1) == js(FILE, "kink", p, 1)


@pytest.mark.parametrize("x, y", [(1.2, 0.9), (-1.1, -2.), (1.9, 0.3)])
def test_the_lever_takes_the_relu_through_a_point_on_its_side(js, x, y):
    p = dict(w=[0.7], m=[1.5], b=[-0.3], c=0.4)
    q = js(FILE, "aim", p, 0, x, y, ENDS)
    assert height(q, x)[0] == pytest.approx(y) and js(FILE, "kink", q, 0) == pytest.approx(0.2)
    assert np.sign(q["m"][0]) == np.sign(x - 0.2)


def test_turning_round_mirrors_at_the_kink(js):
    p = dict(w=[0.7], m=[1.5], b=[-0.3], c=0.4)
    q = js(FILE, "flip", p, 0)
    assert np.allclose(height(q, 0.2 + X), height(p, 0.2 - X)) and near(js(FILE, "flip", q, 0), p, 0)


def test_a_flat_relu_gets_a_kink_when_it_is_moved(js):
    flat = dict(w=[1.], m=[0.], b=[3.], c=0.)
    assert js(FILE, "kink", js(FILE, "moveKink", flat, 0, 0.5, ENDS), 0) == 0.5
    assert js(FILE, "tilt", flat, 0, 2.)["m"] == [1]
