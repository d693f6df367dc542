"FitByHand in Python alone: bad input is refused by name and changes nothing; any function and any loss in torch works."
import copy
import math
import pickle
from functools import partial

import numpy as np
import pandas as pd
import pytest
import torch
import torch.nn.functional as F
from lab import page_state

from neuralnet_foundations.checks import BadInput
from neuralnet_foundations.explorers import DescentExplorer, FitByHand, as_array, default_range

X, Y = [0., 1., 2., 3.], [1., 3., 5., 8.]


def line(a, b, x): return a*x + b


@pytest.fixture
def fit(): return FitByHand(line, X, Y, a=1.5, b=-0.5)


def everything(fit):
    "All that a fit shows, to compare before and after."
    return page_state([fit])[fit.model_id], fit.loss, fit.best, fit.gradient, fit.x.tolist(), fit.y.tolist()


BAD_DATA = {
    "different length": (X, Y[:3], "x has 4 values and y has 3"),
    "NaN in x": ([0., math.nan], [1., 2.], r"x\[1\] is nan"),
    "NaN in y": (X, [1., 2., 3., math.nan], r"y\[3\] is nan"),
    "infinite y": (X, [1., -math.inf, 3., 4.], r"y\[1\] is -inf"),
    "no points": ([], [], "x is empty"),
    "words": (X, ["one", "two", "three", "four"], "y must be numbers"),
    "two axes": (np.zeros((4, 1)), Y, r"x must have one axis, got shape \(4, 1\)"),
    "nothing": (None, Y, "x must be numbers"),
}


@pytest.mark.parametrize("case", BAD_DATA)
def test_bad_points(fit, case):
    x, y, message = BAD_DATA[case]
    with pytest.raises(ValueError, match=message): FitByHand(line, x, y)
    before = everything(fit)
    with pytest.raises(ValueError, match=message): fit.set_data(x, y)
    assert everything(fit) == before


def test_bad_points_one_side_at_a_time(fit):
    before = everything(fit)
    with pytest.raises(ValueError, match="x has 4 values and y has 2"): fit.y = [1., 2.]
    with pytest.raises(ValueError, match="x has 5 values and y has 4"): fit.x = range(5)
    with pytest.raises(ValueError, match=r"y\[0\] is nan"): fit.y = [math.nan]*4
    assert everything(fit) == before


BAD_STARTS = {
    "unknown name": (dict(z=1), "no parameter 'z': it has a, b"),
    "NaN": (dict(a=math.nan), "a is nan"),
    "infinite": (dict(b=-math.inf), "b is -inf"),
    "a word": (dict(a="3"), "a must be a number, got '3'"),
    "two numbers": (dict(a=[1, 2]), r"a must be a number, got \[1, 2\]"),
    "None": (dict(b=None), "b must be a number, got None"),
    "a switch": (dict(b=True), "b must be a number, got True"),
}


@pytest.mark.parametrize("case", BAD_STARTS)
def test_bad_parameters(fit, case):
    values, message = BAD_STARTS[case]
    with pytest.raises(ValueError, match=message): FitByHand(line, X, Y, **values)
    before, (name, value) = everything(fit), next(iter(values.items()))
    with pytest.raises(ValueError, match=message): fit.params = values
    with pytest.raises(ValueError, match=message): fit.params[name] = value
    with pytest.raises(ValueError, match=message): fit.params = {"a": 4., **values}
    assert everything(fit) == before


BAD_RANGES = {
    "unknown name": (dict(z=(0, 1)), "no parameter 'z'"),
    "reversed": (dict(a=(5, -5)), r"range of a is \(5, -5\): the first number must be the smaller"),
    "one point": (dict(a=(1, 1)), "the first number must be the smaller"),
    "start outside": (dict(a=(2, 3)), r"a = 1.5 is outside its range \(2, 3\)"),
    "infinite": (dict(b=(-math.inf, 1)), "range of b is -inf"),
    "NaN": (dict(b=(0, math.nan)), "range of b is nan"),
    "one number": (dict(b=5), r"range of b must be a pair such as \(-5, 5\), got 5"),
    "three numbers": (dict(b=(0, 1, 2)), "must be a pair"),
    "words": (dict(b=("low", "high")), "range of b must be a number, got 'low'"),
    "a list": ([(0, 1)], "ranges must be a dictionary"),
}


@pytest.mark.parametrize("case", BAD_RANGES)
def test_bad_ranges(fit, case):
    ranges, message = BAD_RANGES[case]
    with pytest.raises(ValueError, match=message): FitByHand(line, X, Y, ranges=ranges, a=1.5, b=-0.5)
    before = everything(fit)
    with pytest.raises(ValueError, match=message): fit.ranges = ranges
    assert everything(fit) == before


@pytest.mark.parametrize("lr", [0, -0.1, math.nan, math.inf, "fast", None])
def test_bad_learning_rates(fit, lr):
    before = everything(fit)
    with pytest.raises(ValueError, match="lr (must be|is)"): FitByHand(line, X, Y, lr=lr)
    with pytest.raises(ValueError, match="lr (must be|is)"): fit.lr = lr
    if lr is not None:
        with pytest.raises(ValueError, match="lr (must be|is)"): fit.step(lr)
    assert everything(fit) == before


async def later(a, x): return a*x
def one_by_one(a, x): yield a*x
async def loss_later(p, t): return (p - t).mean()


@pytest.mark.parametrize("f,loss,message", [
    (later, F.mse_loss, "f is async or a generator"), (one_by_one, F.mse_loss, "f is async or a generator"),
    (partial(later), F.mse_loss, "f is async"), (lambda a, x: later(a, x), F.mse_loss, "f is async"),
    (line, loss_later, "loss is async"),
    (lambda a, x: None, F.mse_loss, r"f must return numbers, and it returned nothing \(None\); does it `return`"),
    (lambda a, x: "x", F.mse_loss, "f must return numbers, and it returned text"),
    (lambda a, x: (a*x, x), F.mse_loss, "f must return numbers, and it returned a tuple of 2 things"),
    (lambda a, x: a*x*1j, F.mse_loss, "f must return real numbers"),
    (line, lambda p, t: None, "loss must return numbers, and it returned nothing"),
    (line, lambda p, t: (1j*(p - t)).mean(), "loss must return real numbers"),
    (3, F.mse_loss, "f must be a function"),
    (line, "mse", "loss must be a function"),
    (lambda x: x, F.mse_loss, r"f needs one parameter or more"),
    (torch.sin, F.mse_loss, "f must be a function whose arguments have names"),
    (lambda a, x: 1/0, F.mse_loss, "f failed at a = 1: ZeroDivisionError"),
    (lambda a, x: a*x[:2], F.mse_loss, r"one number for each of the 4 points, got shape \(2,\)"),
    (lambda a, x: a*x[:, None], F.mse_loss, r"got shape \(4, 1\)"),
    (line, lambda p, t: (p - t)**2, r"loss must give one number, got shape \(4,\): add .mean\(\)"),
    (line, lambda p: p, "loss failed on 4 predictions"),
])
def test_bad_functions(f, loss, message):
    with pytest.raises(ValueError, match=message): FitByHand(f, X, Y, loss)


def test_params_must_be_a_dictionary(fit):
    before = everything(fit)
    for bad in (3, None, "a=3", [1, 2]):
        with pytest.raises(ValueError, match="params must be a dictionary"): fit.params = bad
    with pytest.raises(TypeError, match="cannot be removed"): del fit.params["a"]
    with pytest.raises(TypeError, match="cannot be removed"): fit.params.clear()
    assert everything(fit) == before


def test_params_in_every_way(fit):
    fit.params = {"a": 3}
    assert fit.params == {"a": 3., "b": -0.5}, "what is not named stays"
    fit.params["b"] = torch.tensor(0.25)
    assert fit.params == {"a": 3., "b": 0.25} and type(fit.params["b"]) is float
    fit.params.update(a=np.float32(2), b=1)
    assert fit.params == {"a": 2., "b": 1.} and fit.loss == pytest.approx(0.25)
    assert dict(fit.params) == pickle.loads(pickle.dumps(fit.params)) == {"a": 2., "b": 1.}
    assert line(**fit.params, x=2.) == 5.


def numbers(f, params, x, y, loss):
    "Loss and gradient by torch alone."
    p = {n: torch.tensor(v, dtype=torch.float64, requires_grad=True) for n, v in params.items()}
    value = loss(f(**p, x=torch.tensor(x, dtype=torch.float64)), torch.tensor(y, dtype=torch.float64))
    value.backward()
    return value.item(), {n: v.grad.item() for n, v in p.items()}


LOSSES = [F.mse_loss, F.l1_loss, F.huber_loss, torch.nn.MSELoss(), lambda p, t: (p - t).abs().max(),
          lambda p, t: ((p - t)**2).sum().sqrt()]
FUNCTIONS = [line, lambda a, b, x: torch.relu(a*x + b), lambda a, b, x: torch.where(x > a, a*x, b*x).cumsum(0)]


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("f", FUNCTIONS)
def test_loss_gradient_and_step_are_torchs(f, loss):
    fit = FitByHand(f, X, Y, loss, a=1.3, b=0.4)
    value, gradient = numbers(f, fit.params, X, Y, loss)
    assert fit.loss == pytest.approx(value, rel=1e-12) and fit.gradient == pytest.approx(gradient, rel=1e-12)
    after = fit.step(0.05)
    assert fit.params == pytest.approx({n: v - 0.05*gradient[n] for n, v in (("a", 1.3), ("b", 0.4))}, abs=1e-12)
    assert after == fit.loss == pytest.approx(numbers(f, fit.params, X, Y, loss)[0])
    fit.reset()
    assert fit.params == {"a": 1.3, "b": 0.4}
    assert fit.best <= value and fit.best == pytest.approx(numbers(f, fit.best.params, X, Y, loss)[0])


def test_best_only_gets_better():
    fit = FitByHand(line, X, Y, a=0., b=0.)
    seen = []
    for a in (1., 2.3, 3., 2.):
        fit.params = {"a": a}
        seen.append((fit.best, fit.best.params["a"]))
    assert ([a for _, a in seen] == [1., 2.3, 2.3, 2.3]
            and sorted((b for b, _ in seen), reverse=True) == [b for b, _ in seen])
    fit.y = [0.]*4
    assert fit.best == fit.loss and fit.best.params == fit.params, "other points: what was best before says nothing"


def test_observers_hear(fit):
    heard = []
    fit.observe(lambda c: heard.append((c.name, c.new)), ["params", "loss", "best"])
    fit.params = {"a": 2.}
    assert ("params", {"a": 2., "b": -0.5}) in heard and {n for n, _ in heard} == {"params", "loss", "best"}


def test_what_the_page_says_is_checked_and_computed_anew(fit):
    before = everything(fit)
    with pytest.raises(ValueError, match="a is nan"): fit.set_state({"params": {"a": math.nan, "b": 1.}})
    assert everything(fit) == before
    fit.set_state({"params": {"a": 9., "b": 1.}, "best_params": {"a": 2., "b": 1.}})
    assert (fit.params == {"a": 9., "b": 1.} and fit.best == pytest.approx(0.25)
            and fit.best.params == {"a": 2., "b": 1.})
    fit.set_state({"best_params": {"a": 100., "b": 100.}})
    assert fit.best.params == fit.best_params == {"a": 2., "b": 1.}, "a claim that is not better is not taken over"


def test_an_infinite_loss_is_a_value():
    fit = FitByHand(lambda a, x: torch.exp(a*x), X, Y, ranges={"a": (-5, 5000)}, a=1000)
    assert fit.loss == math.inf and fit.best == math.inf
    with pytest.warns(UserWarning, match="No step taken"): fit.step()
    assert fit.params == {"a": 1000.} and "No step taken" in fit.note
    fit.params = {"a": 0.5}
    assert math.isfinite(fit.best) and fit.best == fit.loss
    fit.reset()
    assert fit.loss == math.inf and fit.note == "" and fit.best.params == {"a": 0.5}


def test_diverging_is_no_crash(fit):
    with pytest.warns(UserWarning, match="No step taken"):
        for _ in range(400): fit.step(1e3)
    assert all(map(math.isfinite, fit.params.values())) and not fit.loss < 1e100 and fit.best < 10


def test_a_function_that_leaves_torch():
    fit = FitByHand(lambda a, x: torch.from_numpy(np.sin(a.numpy()*x.numpy())), X, Y, a=1.)
    assert fit.loss == pytest.approx(np.mean((np.sin(X) - Y)**2)) and math.isnan(fit.gradient["a"])
    with pytest.warns(UserWarning, match="No step taken"): fit.step()
    assert fit.params == {"a": 1.}


def test_the_longest_arrow_stands_for_the_steepest_slider():
    t = torch.linspace(0, 10, 50)
    cooling = FitByHand(lambda rate, height, t: height*torch.exp(-rate*t), t, 200*torch.exp(-0.3*t), rate=0.1,
                        height=100)
    along = {n: abs(g)*(cooling.ranges[n][1] - cooling.ranges[n][0]) for n, g in cooling.gradient.items()}
    assert 0.01 < min(along.values())/cooling.steep and max(along.values())/cooling.steep <= 1, "both arrows show, none is too long"
    narrow = max(along.values())
    cooling.ranges = {"rate": (0, 0.2)}
    assert cooling.steep < narrow


def test_functions_of_all_kinds():
    weights = torch.nn.Linear(1, 1)
    kinds = {
        "partial by position": (partial(lambda a, b, x: a*x + b, 2.), {"b"}),
        "partial by name": (partial(line, b=1.), {"a"}),
        "lambda": (lambda w, x: w*x, {"w"}),
        "another variable": (lambda speed, t: speed*t, {"speed"}),
        "x first": (lambda x, a, b: a*x + b, {"a", "b"}),
        "no x in it": (lambda c, x: c, {"c"}),
        "not even used": (lambda c, x: torch.zeros_like(x), {"c"}),
        "control flow": (lambda a, x: a*x if a > 0 else -a*x, {"a"}),
        "a float32 network": (lambda a, x: a*weights(x[:, None])[:, 0], {"a"}),
        "a method": (Line().height, {"a", "b"}),
        "Greek": (lambda α, x: α*x, {"α"}),
        "JavaScript's words": (lambda var, new, x: var*x + new, {"var", "new"}),
    }
    for kind, (f, names) in kinds.items():
        fit = FitByHand(f, X, Y)
        assert set(fit.params) == set(fit.gradient) == names, kind
        assert math.isfinite(fit.loss) and all(map(math.isfinite, fit.gradient.values())), kind
        assert math.isfinite(fit.step(1e-3)), kind
    assert FitByHand(lambda c, x: torch.zeros_like(x), X, Y).gradient == {"c": 0.}


class Line:
    def height(self, a, b, x): return a*x + b


def test_start_values_come_from_f_where_not_given():
    fit = FitByHand(lambda a, x, b=2.5, c=-3: a*x + b + c, X, Y, c=4)
    assert fit.params == {"a": 1., "b": 2.5, "c": 4.}
    assert FitByHand(line, X, Y, ranges={"a": (2, 6)}).params["a"] == 4., "the middle of a range that leaves the usual start out"


@pytest.mark.parametrize("start,ends", {1.1: (-5, 5), 0: (-5, 5), 0.5: (-2, 2), 3: (-10, 10), -40: (-200, 200),
                                        0.02: (-0.1, 0.1), 1e6: (-5e6, 5e6)}.items())
def test_ranges_follow_the_start(start, ends):
    assert default_range(start) == pytest.approx(ends)
    fit = FitByHand(line, X, Y, a=start)
    assert fit.ranges["a"] == pytest.approx(ends) and ends[0] <= start <= ends[1]


def test_ranges_can_be_set(fit):
    fit.ranges = {"a": (0, 4)}
    assert fit.ranges["a"] == (0, 4) and fit.ranges["b"] == default_range(-0.5)
    fit.params = {"a": 7}
    assert fit.params["a"] == 7, "the slider's ends are for the hand, not for gradient descent"


POINTS = [([1.], [2.]), ([1., 1.], [2., 2.]), (range(3), [0, 0, 0]), (torch.arange(4), np.arange(4, dtype=np.float32)),
          ([-1e9, 1e9], [1e-9, 2e-9])]


@pytest.mark.parametrize("x,y", POINTS)
def test_limits_hold_all_points(x, y):
    x0, x1, y0, y1 = FitByHand(line, x, y).limits
    assert x0 < min(map(float, x)) <= max(map(float, x)) < x1 and y0 < min(map(float, y)) <= max(map(float, y)) < y1


def test_the_note_says_why_the_kernel_is_needed(fit):
    assert fit.spec["note"] == "" and fit.spec["f"] and fit.spec["losses"][0]["value"] and not fit.shown
    by_loss = FitByHand(line, X, Y, F.huber_loss)
    assert (by_loss.spec["f"] and not by_loss.spec["losses"][0]["value"] and "huber_loss" in by_loss.spec["note"]
            and by_loss.shown)
    by_f = FitByHand(lambda a, x: (a*x).cumsum(0), X, Y)
    assert not by_f.spec["f"] and "cumsum" in by_f.spec["note"] and by_f.shown


def test_as_array():
    assert as_array([1, 2], "v").dtype == np.float64
    with pytest.raises(ValueError, match="v is empty"): as_array([], "v")


# ---- f, its points and its loss, in other forms

KINDS = {
    "a series that begins at 7": pd.Series(X, index=[7, 8, 9, 10]), "reversed": np.array(X[::-1])[::-1],
    "big-endian": np.array(X, dtype=">f8"), "objects": np.array(X, dtype=object),
    "read-only": np.frombuffer(np.array(X).tobytes()), "half": torch.tensor(X, dtype=torch.float16),
    "integers": np.array(X, dtype=np.uint8), "gradient": torch.tensor(X, requires_grad=True)}


@pytest.mark.parametrize("kind", KINDS)
def test_points_of_other_kinds(kind):
    fit = FitByHand(line, KINDS[kind], KINDS[kind], a=2., b=0.)
    assert fit.x.tolist() == fit.y.tolist() == X and fit.loss == pytest.approx(np.mean(np.square(X)))
    fit.y = KINDS[kind]
    fit.set_data(KINDS[kind], Y)
    assert fit.y.tolist() == Y and DescentExplorer(line, KINDS[kind], Y).loss == fit_loss(1., 1.)


def fit_loss(a, b): return pytest.approx(np.mean((a*np.array(X) + b - Y)**2))


@pytest.mark.parametrize("value", [np.float32(3), np.int64(3), torch.tensor(3), torch.tensor([3.]), np.array(3.),
                                   np.array([3], dtype=">i4")])
def test_numbers_of_other_kinds(fit, value):
    fit.params["a"] = value
    fit.lr = value
    assert fit.params["a"] == fit.lr == 3. and type(fit.params["a"]) is type(fit.lr) is float
    assert FitByHand(line, X, Y, a=value).start["a"] == 3.


@pytest.mark.parametrize("value", [3, np.float32(3), np.int64(3), torch.tensor(3)])
def test_defaults_of_other_kinds(value):
    for made in (FitByHand, DescentExplorer): assert made(lambda x, a=value: a*x, X, Y).start == {"a": 3.}


def test_best_is_copied_and_pickled(fit):
    for other in (copy.copy(fit.best), copy.deepcopy(fit.best), pickle.loads(pickle.dumps(fit.best))):
        assert other == fit.best and other.params == fit.best.params == {"a": 1.5, "b": -0.5}


def named_too(f, y, start, t): return f*t**2 + y*t + start


def test_parameters_with_the_names_of_arguments():
    for made in (FitByHand, DescentExplorer):
        explorer = made(named_too, X, Y, f=1., y=2., start={"start": 3.})
        assert explorer.params == {"f": 1., "y": 2., "start": 3.}
        with pytest.raises(BadInput, match=r"'start', an option here too: say where it starts with start=\{'start': 1.0\}"):
            made(named_too, X, Y, f=1., y=2.)
    fit = FitByHand(lambda lr, ranges, loss, t: lr*t + ranges*loss, X, Y, lr=0.5, start=dict(lr=2., ranges=3., loss=4.))
    assert (fit.lr == 0.5 and fit.params == {"lr": 2., "ranges": 3., "loss": 4.}
            and fit.ranges["lr"] == default_range(2.))
    with pytest.raises(BadInput, match="'lr', an option"): FitByHand(lambda lr, t: lr*t, X, Y, lr=0.5)
    with pytest.raises(BadInput, match="two start values"): FitByHand(line, X, Y, a=1., start=dict(a=1.))


def test_a_class_is_no_loss_and_no_function():
    for made in (FitByHand, DescentExplorer):
        with pytest.raises(BadInput, match=r"loss is the class MSELoss: give an object of it, MSELoss\(\)"):
            made(line, X, Y, torch.nn.MSELoss)
        with pytest.raises(BadInput, match="Linear"): made(torch.nn.Linear, X, Y)


def curve_of(fit):
    "The curve that the kernel sends, at its own places."
    n, many = len(fit.params), fit.page["curve_points"]
    y = np.frombuffer(fit.shown)[3*n + 2:3*n + 2 + many]
    return np.linspace(*fit.limits[:2], many), y


OTHER = torch.tensor([1., -1., 2., 0.], dtype=torch.float64)
MIXED = {"another tensor of x's length": lambda a, x: a*x + OTHER, "the mean": lambda a, x: a*(x - x.mean()),
         "the rank": lambda a, x: a*x.argsort().to(x.dtype),
         "sums so far": lambda a, x: (a*x).cumsum(0), "its first value": lambda a, x: a*x - x[0],
         "its last value": lambda a, x: a*x - x[-1], "its length": lambda a, x: a*x/len(x),
         "noise": lambda a, x: a*x + torch.rand_like(x)}


@pytest.mark.parametrize("kind", MIXED)
def test_a_function_of_all_points_is_joined_between_them(kind):
    x = [0., 3., 1., 2.]
    fit = FitByHand(MIXED[kind], x, Y, a=2.)
    assert not fit.spec["f"] and fit.spec["note"]
    preds = np.frombuffer(fit.shown)[-4:]
    at, curve = curve_of(fit)
    wanted = np.interp(at, sorted(x), preds[np.argsort(x)], left=np.nan, right=np.nan)
    assert np.allclose(curve, wanted, equal_nan=True) and np.isnan(curve[[0, -1]]).all()


def test_a_function_of_each_x_alone_is_asked_everywhere():
    def slow(a, x): return torch.stack([a*v**2 for v in x])
    at, curve = curve_of(FitByHand(slow, X, Y, a=2.))
    assert np.allclose(curve, 2*at**2)


def in_place(a, x):
    x *= a
    return x


def test_the_points_are_out_of_reach_of_f_and_the_loss():
    def spoils(p, t):
        p -= t
        t *= 0
        return (p**2).mean()
    fit = FitByHand(in_place, X, Y, spoils, a=3.)
    for _ in range(3): fit.step(0.01)
    assert fit.x.tolist() == X and fit.y.tolist() == Y and np.frombuffer(fit.points).tolist() == [*X, *Y]
    assert fit.loss == pytest.approx(np.mean((fit.params["a"]*np.array(X) - Y)**2))


def test_slopes_that_get_lost_are_not_zero():
    fit = FitByHand(lambda a, b, x: math.exp(a)*x + b, X, Y, a=0.1, b=0.)
    assert math.isnan(fit.gradient["a"]) and fit.gradient["b"] != 0 and "cannot follow a" in fit.spec["note"]


def test_a_slope_that_is_0_at_the_start_can_be_lost_too():
    "Symmetric errors: there b's slope is 0, and nothing tells whether autograd follows it."
    fit = FitByHand(lambda a, b, x: a*x + b, [-1., 0., 1.], [-2., 0., 2.], lambda p, t: (p.detach() - t).abs().mean(), a=1., b=0.)
    fit.params["b"] = 0.5
    assert all(map(math.isnan, fit.gradient.values())) and "cannot follow a, b" in fit.spec["note"]


def clamped_often(a, x):
    for _ in range(30): x = torch.clamp(x + a, -1, 1)
    return x


def test_a_formula_whose_slopes_are_too_long_leaves_them_to_the_kernel():
    fit = FitByHand(clamped_often, X, Y, a=0.1)
    assert not fit.spec["f"] and "too long to be written out" in fit.spec["note"]
    assert fit.loss == pytest.approx(numbers(clamped_often, fit.params, X, Y, F.mse_loss)[0])
    with pytest.raises(ValueError, match="too long.*a loop over loss.backward"): DescentExplorer(clamped_often, X, Y)


def test_truth_values_count_as_numbers():
    wanted = np.mean((np.array([1., 0, 0, 0]) - Y)**2)
    for explorer in (FitByHand, DescentExplorer):
        assert explorer(lambda a, x: x < a, X, Y, a=1.).loss == pytest.approx(wanted)


def test_a_loss_that_changes_later_is_noticed():
    weight = torch.tensor(1.)
    fit = FitByHand(line, X, Y, lambda p, t: (weight*(p - t)**2).mean())
    assert fit.spec["f"] and not fit.note
    weight.fill_(3.)
    fit.params["a"] = 2.
    assert (not fit.spec["f"] and "The loss is not what it was" in fit.note and fit.shown
            and fit.loss == pytest.approx(3*np.mean((2*np.array(X) + 1 - Y)**2)))


def test_a_function_that_changes_later_is_noticed():
    scale = [1.]
    def f(a, x): return a*scale[0]*x
    fit = FitByHand(f, X, Y, a=2.)
    assert fit.spec["f"] and not fit.note
    scale[0] = 3.
    fit.params["a"] = 1.
    assert (not fit.spec["f"] and "not what it was" in fit.note and fit.shown
            and fit.loss == pytest.approx(np.mean((3*np.array(X) - Y)**2)))
    scale[0] = 1.
    descent = DescentExplorer(f, X, Y, a=2.)
    before, scale[0] = descent.state, 3.
    with pytest.raises(BadInput, match="differs from its formula"): descent.params = dict(a=1.)
    assert descent.state is before and descent.params == {"a": 2.}


def test_f_that_fails_at_new_values_changes_nothing():
    def f(a, x):
        if a > 2: raise ArithmeticError("too steep")
        return a*x
    fit = FitByHand(f, X, Y, a=1.)
    before = everything(fit)
    for change in (lambda: fit.params.update(a=3.), lambda: fit.set_state({"params": {"a": 3.}, "note": "x"}),
                   lambda: fit.set_state({"best_params": {"a": 3.}}), lambda: fit.step(1.)):
        with pytest.raises(BadInput, match="f failed at a = .*ArithmeticError: too steep"): change()
        assert everything(fit) == before
    fit = FitByHand(lambda a, x: a*x if len(x) != 3 else 1/0, X, Y, a=1.)
    before = everything(fit)
    with pytest.raises(BadInput, match="f failed"): fit.set_data(X[:3], Y[:3])
    assert everything(fit) == before


def test_an_observer_that_raises_leaves_loss_and_best_together(fit):
    def raises(change): raise KeyError("mine")
    for name in ("params", "loss", "best", "best_params"): fit.observe(raises, name)
    with pytest.raises(KeyError): fit.params = {"a": 2.2, "b": 0.9}
    assert fit.loss == fit.best == fit_loss(2.2, 0.9) and fit.best.params == fit.best_params == {"a": 2.2, "b": 0.9}
