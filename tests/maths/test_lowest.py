"How far sliders and maps must go: in the page as in Python, and as NumPy's least squares has it."
import numpy as np
import pytest
import torch

from neuralnet_foundations.explorers import DescentExplorer, FitByHand
from neuralnet_foundations.formula import Formula

X = np.linspace(-2, 3, 30)


def quad(a, b, c, x): return a*x**2 + b*x + c
def wave(size, speed, x): return size*torch.sin(speed*x)
def growth(a, k, x): return a*torch.exp(k*x)


def problem(f, x, y): return dict(curve=Formula(f).for_page(), loss=None, xs=np.array(x, float), ys=np.array(y, float))


def test_a_linear_fit_is_least_squares(js):
    y = 300*X**2 - 40*X + 7 + np.random.RandomState(0).normal(size=30)
    near = js("maths/lowest.js", "lowest", problem(quad, X, y), dict(a=1.1, b=1.1, c=1.1), ["a", "b", "c"])
    assert [near[n] for n in "abc"] == pytest.approx(np.polyfit(X, y, 2), rel=1e-4)
    near = js("maths/lowest.js", "lowest", problem(quad, X, y), dict(a=1.1, b=1.1, c=1.1), ["a", "b", "c"], 100)
    assert not near, "300 is more than 100 times as far as 1.1"


CASES = [(quad, dict(a=1.1, b=1.1, c=1.1), ("a", "b"), lambda x: 3*x**2 + 2*x + 1),
         (quad, dict(a=0., b=0., c=0.), ("c",), lambda x: 40 + x), (quad, dict(a=5., b=1., c=1.), ("a", "c"), lambda x: -x**2),
         (wave, dict(size=1., speed=2.), ("size", "speed"), lambda x: 2*np.sin(2.2*x)),
         (growth, dict(a=1., k=0.1), ("a", "k"), lambda x: 3*np.exp(0.8*x)),
         (growth, dict(a=1., k=300.), ("a", "k"), lambda x: x)]


@pytest.mark.parametrize("f, start, vary, data", CASES)
def test_the_map_is_pythons(js, f, start, vary, data):
    "The limits that Python chooses for a map, chosen by the page."
    y = data(X)
    w = DescentExplorer(f, X, y, vary=vary, **start) if np.isfinite(f(**start, x=torch.tensor(X)).numpy()).all() else None
    near = js("maths/lowest.js", "lowest", problem(f, X, y), start, list(vary), 100)
    if w is None: assert near == {}, "there is no way from where nothing is finite"
    else:
        for n, v in start.items():
            assert js("maths/descent.js", "room", v, near.get(n, v)) == pytest.approx(w.ranges[n], rel=1e-9)


@pytest.mark.parametrize("f, start, data", [(f, start, data) for f, start, _, data in CASES[:5]])
def test_limits_and_arrows_are_pythons(js, f, start, data):
    y = data(X)
    w = FitByHand(f, X, y, **start)
    p = {**problem(f, X, y), "loss": w.spec["losses"][0]}
    assert js("maths/fit.js", "limitsOf", p["xs"], p["ys"]) == pytest.approx(w.limits, rel=1e-12)
    assert js("maths/fit.js", "steepest", p, start, w.ranges) == pytest.approx(w.steep, rel=1e-9)


@pytest.mark.parametrize("x, y", [([1.], [2.]), ([0., 0.], [0., 0.]), ([3., 3.], [-4., -4.]), ([5., -1.], [1e6, 1e-6])])
def test_limits_of_few_points(js, x, y):
    w = FitByHand(lambda a, x: a*x, x, y)
    assert js("maths/fit.js", "limitsOf", np.array(x), np.array(y)) == pytest.approx(w.limits, rel=1e-12)


@pytest.mark.parametrize("ends, value, reach", [
    ([-5, 5], 3, [-5, 5]), ([-5, 5], 5, [-5, 5]), ([-5, 5], 30, [-5, 50]), ([-5, 5], -7, [-20, 5]), ([2, 4], 1, [0, 4]),
    ([2, 4], -1, [-2, 4]), ([-4, -2], -1, [-4, 0]), ([-4, -2], 0, [-4, 0]), ([-1, 1], 1e-3, [-1, 1])])
def test_a_slider_reaches(js, ends, value, reach): assert js("maths/fit.js", "reaching", ends, value) == reach


@pytest.mark.parametrize("n", [1, 2, 5])
def test_equations_are_solved(js, n):
    r = np.random.RandomState(n)
    A, b = r.normal(size=(n, n)), r.normal(size=n)
    A[0, 0] = 0 if n > 1 else A[0, 0]
    assert js("maths/lowest.js", "solved", A.tolist(), b.tolist()) == pytest.approx(np.linalg.solve(A, b), rel=1e-9)
