"The page's mathematics of a fit, run in Node: predictions, loss, slopes and steps are torch's."
import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from node import JavaScriptError

from neuralnet_foundations.formula import Formula, LossFormula

X = torch.linspace(-2, 2, 20, dtype=torch.float64)
Y = 3*X**2 + 2*X + 1 + 0.7*torch.sin(5*X)


def quad(a, b, c, x): return a*x**2 + b*x + c
def waves(var, new, x): return torch.sin(var*x) + torch.exp(-new*x**2)
def bent(m1, b1, x): return torch.relu(m1*x + b1)
def summed(p, t): return (p - t).abs().sum()


CASES = [(quad, dict(a=1.1, b=-0.4, c=2.)), (waves, dict(var=1.3, new=0.2)), (bent, dict(m1=-1.5, b1=0.5))]
LOSSES = [F.mse_loss, F.l1_loss, summed]


FILE = "maths/fit.js"


def problem(f, loss=F.mse_loss, x=X, y=Y):
    "What an explorer gives the page's modules."
    return dict(curve=Formula(f).for_page(), loss=LossFormula(loss).for_page(), xs=x.numpy(), ys=y.numpy())


def by_torch(f, loss, params):
    p = {n: torch.tensor(v, dtype=torch.float64, requires_grad=True) for n, v in params.items()}
    preds = f(**p, x=X)
    value = loss(preds, Y)
    value.backward()
    return preds.detach().numpy(), value.item(), {n: t.grad.item() for n, t in p.items()}


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("f, params", CASES)
def test_loss_and_slopes_are_torchs(js, f, params, loss):
    preds, value, gradient = by_torch(f, loss, params)
    got = js(FILE, "evaluate", problem(f, loss), params)
    np.testing.assert_allclose(got["preds"], preds, rtol=1e-12, atol=1e-14)
    assert got["loss"] == pytest.approx(value, rel=1e-12)
    assert got["gradient"] == pytest.approx(gradient, rel=1e-9, abs=1e-12)
    assert js(FILE, "lossAt", problem(f, loss), params) == pytest.approx(value, rel=1e-12)


def test_only_the_slopes_that_are_asked_for(js):
    params = dict(a=1.1, b=-0.4, c=2.)
    got = js(FILE, "evaluate", problem(quad), params, ["c"])["gradient"]
    assert got == pytest.approx({"c": by_torch(quad, F.mse_loss, params)[2]["c"]}, rel=1e-9)


@pytest.mark.parametrize("lr", [0.01, 0.3])
def test_steps_are_gradient_descent(js, lr):
    params, mine = [dict(a=1.1, b=-0.4, c=2.)]*2
    for _ in range(5):
        mine = js(FILE, "step", mine, js(FILE, "evaluate", problem(quad), mine)["gradient"], lr)
        params = {n: v - lr*by_torch(quad, F.mse_loss, params)[2][n] for n, v in params.items()}
    assert mine == pytest.approx(params, rel=1e-9)


def test_ten_thousand_points(js):
    x = torch.linspace(-2, 2, 10_000, dtype=torch.float64)
    got = js(FILE, "evaluate", problem(quad, x=x, y=3*x**2), dict(a=1., b=0., c=0.))
    assert got["loss"] == pytest.approx(F.mse_loss(x**2, 3*x**2).item(), rel=1e-12) and len(got["preds"]) == 10_000


@pytest.mark.parametrize("after, resting, finite", [
    (dict(a=1., b=2e9), True, True), (dict(a=1 + 5e-10, b=2e9 + 1), True, True), (dict(a=1 + 2e-9, b=2e9), False, True),
    (dict(a=math.inf, b=2e9), False, False), (dict(a=math.nan, b=2e9), False, False)])
def test_where_a_step_leads(js, after, resting, finite):
    assert js(FILE, "resting", dict(a=1., b=2e9), after) == resting
    assert js(FILE, "finite", after) == finite


def test_an_infinite_loss_stays_infinite(js):
    got = js(FILE, "evaluate", problem(lambda a, x: torch.exp(a*x)), dict(a=1000.))
    assert got["loss"] == math.inf and not math.isfinite(got["gradient"]["a"])


@pytest.mark.parametrize("text, why", [
    ("alert(1)", "unknown name: alert"), ("Math.constructor", "unknown name: Math.constructor"), ("a;b", "not arithmetic"),
    ("a['b']", "not arithmetic"), ("x => x", "not arithmetic"), ("a.b", "not arithmetic"), ("`a`", "not arithmetic")])
def test_text_that_is_no_arithmetic_is_refused(js, text, why):
    curve = {**Formula(quad).for_page(), "value": text}
    with pytest.raises(JavaScriptError, match=why): js(FILE, "predict", curve, dict(a=1., b=1., c=1.), X)
