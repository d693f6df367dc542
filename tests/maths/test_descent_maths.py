"The page's gradient descent, run in Node: its steps are torch.optim.SGD's, its landscape torch's losses, its words what happens."
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from test_fit import X, Y, problem, quad

CURVE = 2 * (X**4).mean().item()  # second derivative of the mean squared error in a
START = dict(a=1.1, b=1.1, c=1.1)
FILE = "maths/descent.js"
LOSSES = dict(mae=F.l1_loss, mse=F.mse_loss)
WAYS = [("mae", 0., True), ("mse", 0., True), ("mae", 0., False), ("mse", 0.8, True), ("mae", 0.5, False),
        ("mse", 0.3, False)]


def how(lr=0.01, momentum=0., zero=True, keep=5000): return dict(lr=lr, momentum=momentum, zero=zero, keep=keep)


def descend(js, moving, ways, loss="mse", start=START):
    "The state after a step for each of `ways`; None where one leads nowhere."
    state = js(FILE, "begin", problem(quad, LOSSES[loss]), moving, start)
    for way in ways:
        state = js(FILE, "advance", problem(quad, LOSSES[loss]), moving, state, way)
        if state is None: return None
    return state


def by_torch(loss, momentum, zero, moving, lr=0.01, steps=12):
    "Rows of a path: moving parameters, loss, slopes of that loss alone."
    p = {n: torch.tensor(v, dtype=torch.float64, requires_grad=True) for n, v in START.items()}
    opt, rows = torch.optim.SGD([p[n] for n in moving], lr=lr, momentum=momentum), []
    for _ in range(steps + 1):
        now = LOSSES[loss](quad(**p, x=X), Y)
        slopes = torch.autograd.grad(now, [p[n] for n in moving], retain_graph=True)
        rows.append([*(p[n].item() for n in moving), now.item(), *(g.item() for g in slopes)])
        now.backward()
        opt.step()
        if zero: opt.zero_grad()
    return np.array(rows)


@pytest.mark.parametrize("loss, momentum, zero", WAYS)
@pytest.mark.parametrize("moving", [["a", "b"], ["b"]])
def test_steps_are_torchs(js, loss, momentum, zero, moving):
    state = descend(js, moving, [how(momentum=momentum, zero=zero)]*12, loss)
    wide = 2*len(moving) + 1
    path = state["path"].reshape(-1, wide)
    np.testing.assert_allclose(path, by_torch(loss, momentum, zero, moving), rtol=0, atol=1e-10)
    assert state["steps"] == 12 and [state["params"][n] for n in moving] == path[-1][:len(moving)].tolist()
    assert all(state["params"][n] == START[n] for n in START if n not in moving)


def test_a_carried_sum_goes_into_one_more_step(js):
    from neuralnet_foundations.explorers import DescentExplorer
    state = descend(js, ["a", "b"], [how(zero=False)]*3 + [how()]*3)
    w = DescentExplorer(quad, X, Y, "mse", zero_grad=False, **START)
    w.step(3)
    w.zero_grad = True
    w.step(3)
    assert state["params"] == pytest.approx(w.params, abs=1e-10) and state["grad"] == [0., 0.]


def test_only_the_newest_rows_are_kept(js):
    state = descend(js, ["a"], [how(keep=5)]*9)
    whole = descend(js, ["a"], [how()]*9)
    assert state["steps"] == 9 and state["path"].tolist() == whole["path"][-15:].tolist()


def test_no_step_without_a_finite_loss(js): assert descend(js, ["a"], [how(lr=1e300)]*2) is None


@pytest.mark.parametrize("moving, limits, n", [
    (["a"], [[-1, 4]], 7), (["a", "b"], [[-1, 4], [0, 3]], 5), (["c", "a"], [[-9, 9], [0, 1]], 4)])
@pytest.mark.parametrize("loss", LOSSES)
def test_the_landscape_is_the_loss(js, loss, moving, limits, n):
    got = js(FILE, "landscape", problem(quad, LOSSES[loss]), moving, START, limits, n)
    axes = [np.linspace(*pair, n) for pair in limits]
    places = [(v,) for v in axes[0]] if len(moving) == 1 else [(u, v) for v in axes[1] for u in axes[0]]
    at = lambda place: {**START, **dict(zip(moving, place, strict=True))}
    want = [LOSSES[loss](quad(**at(place), x=X), Y).item() for place in places]
    np.testing.assert_allclose(got, want, rtol=1e-12)


@pytest.mark.parametrize("k, points, n", [(1, 20, 241), (1, 10_000, 241), (2, 20, 96), (2, 10_000, 24), (2, 1000, 63)])
def test_fewer_samples_where_there_are_many_points(js, k, points, n): assert js(FILE, "samples", k, points) == n


@pytest.mark.parametrize("lr, way, steps, what", [
    (0.5 / CURVE, {}, 3, "converging"), (1.6 / CURVE, {}, 4, "bouncing"), (2.2 / CURVE, {}, 5, "diverging"),
    (1e-5, {}, 4, "crawling"), (0.5 / CURVE, {}, 40, "rest"), (0.1 / CURVE, dict(momentum=0.95), 20, "bouncing"),
    (0.1 / CURVE, dict(zero=False), 12, "bouncing"), (0.1, {}, 0, "ready")])
def test_what_happens_is_named(js, lr, way, steps, what):
    state = descend(js, ["a"], [how(lr, **way)]*steps)
    span = np.ptp(js(FILE, "landscape", problem(quad), ["a"], START, [[-2, 6]], 241))*0.6
    assert js(FILE, "judge", state["path"], [8], span, False) == what
    assert js(FILE, "judge", state["path"], [8], span, True) == "diverging"


def test_mae_bounces_around_the_lowest_place(js):
    state = descend(js, ["c"], [how(0.4)]*30, "mae")
    assert js(FILE, "judge", state["path"], [8], 5., False) == "bouncing"
