"Every trait of every explorer with what it cannot take, by Python and by a page: a `BadInput`, and all is as before."
import copy
import math
from functools import cache

import numpy as np
import pytest
import torch
import traitlets as T
from examples import EXAMPLES
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import nn

from neuralnet_foundations.checks import BadInput
from neuralnet_foundations.explorers import (
    BroadcastExplorer,
    DescentExplorer,
    DrawDigit,
    FitByHand,
    Guarded,
    LoopStepper,
    NetPlayground,
    ReluBuilder,
    SheetExplorer,
    same,
)

nan, inf = math.nan, math.inf
X, Y = torch.linspace(-1, 1, 8, dtype=torch.float64), torch.linspace(-1, 3, 8, dtype=torch.float64)


def line(a, b, x): return a*x + b
def summed(a, b, x): return (a*x + b).cumsum(0)


def net():
    torch.manual_seed(0)
    return nn.Linear(784, 3)


MADE = {e.name: e.make for e in EXAMPLES} | {  # smaller ones where there are
    "FitByHand": lambda: FitByHand(line, X, Y, a=1.5, b=0.5),
    "FitByHand by the kernel": lambda: FitByHand(summed, X, Y, a=1.5, b=0.5),
    "DescentExplorer": lambda: DescentExplorer(line, X, Y, a=1.5, b=0.5), "ReluBuilder": lambda: ReluBuilder(X, Y, n=2),
    "LoopStepper": lambda: LoopStepper(X.view(2, 4), [[1], [0]], batch_size=1),
    "BroadcastExplorer": lambda: BroadcastExplorer((3, 1), (4,)),
    "DrawDigit": lambda: DrawDigit(net(), labels="abc")}


def moved(name):
    "An explorer that is no longer where it began, so that a reset would show."
    w = MADE[name]()
    if hasattr(w, "step"):
        for _ in range(4): w.step()
    if name == "BroadcastExplorer": w.guess, w.revealed = (3, 4), True
    return w


@cache
def saved(name):
    "An explorer and the values that it has; making one takes longer than trying it."
    w = moved(name)
    return w, dict(w._trait_values)


def again(name):
    "The explorer as it was."
    w, values = saved(name)
    w._trait_values = dict(values)
    return w


def traits(w): return [n for n, trait in w.traits().items() if isinstance(trait, Guarded)]


def everything(w):
    "All that an explorer holds, to compare before and after."
    more = [n for n in ("layout", "gradient", "result", "image", "history") if hasattr(w, n)]
    return {n: copy.deepcopy(getattr(w, n)) for n in traits(w)} | {n: getattr(w, n) for n in more}


def equal(a, b):
    if isinstance(a, tuple): return type(a) is type(b) and len(a) == len(b) and all(map(equal, a, b))
    return type(a) is type(b) and same(a, b)


def differences(before, after): return [n for n in before if not equal(before[n], after[n])]


class Odd:
    "A thing without a text, a length, a truth or a number."
    def __repr__(self): raise RuntimeError("no text")
    def __bool__(self): raise RuntimeError("no truth")
    def __len__(self): raise RuntimeError("no length")
    def __float__(self): raise RuntimeError("no number")
    def __iter__(self): raise RuntimeError("no items")


# Nothing takes these, but for the few that EXCEPT names.
NEVER = [None, object(), Odd(), "zzz", nan, inf, -1, 1j, 10**400, b"123", b"\xff"*16, [None], ["a"], [[]],
         {"zz": 1}, {"a": nan}, {1: 2}, {"a": None}, {}, set(), lambda: 1, torch.tensor([nan, 1.]),
         np.array(["a", "b"]), {"params": {}}, {"w": [1.]}, (-1,), (0.5,), [[[0.5, 2.]]], [[[0.5]]], True, "", torch.ones(2, 2)]
# In dictionaries that are merged into what is there, nothing is no change
MERGED = "params", "ranges", "best_params"


def taken(w, name, value):
    "Is this one of the few that are right after all?"
    if type(value) is str: return name in ("note", "search") or (name, value) == ("family", "")
    if value is True: return name in ("revealed", "zero_grad", "arrows", "subtract", "backward", "shuffle")
    if value is None: return name in ("guess", "chosen")
    if name == "own_data": return isinstance(value, dict) and not value
    if name in ("shape_a", "shape_b", "guess"): return isinstance(value, (torch.Tensor, np.ndarray))
    return name in MERGED and isinstance(value, dict) and not value


def sendable(value):
    "Can a page send it?"
    return value is None or isinstance(value, (bool, int, float, str, bytes, list, dict))


def by_assignment(w, name, value): setattr(w, name, value)
def by_force(w, name, value): w.set_trait(name, value)
def by_message(w, name, value): w.set_state({name: value})


def in_a_hold(w, name, value):
    with w.hold_trait_notifications():
        good = {"lr": 0.5, "revealed": False, "strokes": [[[0.1, 0.1]]]}
        other = next((n for n in good if n in traits(w) and n != name), None)
        if other: setattr(w, other, good[other])
        setattr(w, name, value)


def in_a_message_of_many(w, name, value):
    "Behind values that are right."
    right = {"lr": 0.5, "revealed": False, "zero_grad": False, "arrows": False, "batch_size": 4}
    w.set_state({**{n: v for n, v in right.items() if n in traits(w) and n != name}, name: value})


WAYS = [by_assignment, by_force, by_message, in_a_hold, in_a_message_of_many]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", MADE)
def test_what_nothing_takes(name, way):
    w = moved(name)
    before, heard, tried = everything(w), [], 0
    w.observe(heard.append, traits(w))
    for trait in traits(w):
        if "message" in way.__name__ and trait not in w.keys: continue
        for value in NEVER:
            if taken(w, trait, value) or "message" in way.__name__ and not sendable(value): continue
            tried += 1
            try: way(w, trait, value)
            except T.TraitError as e: assert isinstance(e, BadInput), (trait, type(value), e)
            except Exception as e: pytest.fail(f"{trait} = {type(value)}: {type(e).__name__}: {e}")
            else: pytest.fail(f"{trait} takes {type(value)}: {getattr(w, trait)!r:.200}")
            lost = differences(before, everything(w))
            assert not lost and not heard, (trait, type(value), lost)
    assert tried > 60


# ---- values that are nearly right

ODD = [o for o in NEVER if not isinstance(o, (Odd, torch.Tensor, np.ndarray))]
ODD += [0, 1, 2.5, 1e300, -0.5, [1., 2.], [0.], (2, 3), b"\0"*8, b"\0"*800]


def broken_item(value, k):
    "A strategy: the dictionary with one item broken, left out or added."
    others = {n: v for n, v in value.items() if n != k}
    return st.one_of(broken(value[k]).map(lambda v: {**value, k: v}), st.just(others), st.just({**value, "more": 1}))


def broken_place(value, i):
    "A strategy: the list with one item broken, left out or twice."
    before, behind = value[:i], value[i+1:]
    inside = broken(value[i]).map(lambda v: [*before, v, *behind])
    return st.one_of(inside, st.just([*before, *behind]), st.just([*value, value[i]]))


def broken(value):
    "A strategy: the value, or something in it, replaced, left out or added."
    odd = st.sampled_from(ODD)
    if isinstance(value, dict) and value:
        return st.one_of(odd, st.sampled_from([*value]).flatmap(lambda k: broken_item(value, k)))
    if isinstance(value, (list, tuple)) and value:
        return st.one_of(odd, st.integers(0, len(value) - 1).flatmap(lambda i: broken_place(value, i)))
    if isinstance(value, bytes) and value:
        ends = [np.array([nan]).tobytes(), bytes(8)]
        return st.one_of(odd, st.sampled_from([value[8:], value[:-3], value + value, *(value[:-8] + end for end in ends)]))
    if isinstance(value, (int, float)): return st.one_of(odd, st.floats(), st.integers())
    return odd


def consistent(w):
    "What is shown belongs together, and can be computed anew."
    if isinstance(w, FitByHand):
        f = line if w.spec["f"] else summed
        with torch.no_grad(): loss = float(nn.functional.mse_loss(f(**w.params, x=w.x), w.y))
        assert same(w.loss, loss) or math.isnan(loss) and math.isnan(w.loss)
        assert not w.best > w.loss and w.best.params == w.best_params
        assert all(lo <= w.start[n] <= hi for n, (lo, hi) in w.ranges.items())
    if isinstance(w, DescentExplorer):
        assert w.params == w.state["params"] and w.criterion == w.state["criterion"]
        assert len(w.history.losses) == w.state["steps"] + 1
        loss_f = dict(mse=nn.functional.mse_loss, mae=nn.functional.l1_loss)[w.criterion]
        assert w.loss == pytest.approx(loss_f(line(**w.params, x=w.x), w.y).item(), rel=1e-9, nan_ok=True)
    if isinstance(w, ReluBuilder):
        p = w.state["params"]
        assert w.params == p and w.n == len(p["w"]) == len(p["m"]) == len(p["b"]) and w.target.tobytes() == w.heights
        loss = nn.functional.mse_loss(w.predict(w.x), torch.tensor(w.target)).item()
        assert w.loss == pytest.approx(loss, rel=1e-9, nan_ok=True)
    if isinstance(w, NetPlayground):
        at = torch.tensor(w.rows[w.rows[:, 3] == 0])
        loss = nn.functional.binary_cross_entropy_with_logits(w.model.double()(at[:, :2])[:, 0], at[:, 2]).item()
        assert w.loss == pytest.approx(loss, rel=1e-3, abs=1e-6)  # the model is of float32
        assert len(w.history) == min(w.state["epoch"] + 1, w.page["keep"]) and w.state["at"] < len(at)
    if isinstance(w, FitByHand | DescentExplorer):
        packed = w.own_data.get("points", w.points)
        assert packed == w.x.numpy().tobytes() + w.y.numpy().tobytes() and len(w.x) == len(w.y)
    if isinstance(w, LoopStepper):
        assert w.state["xb"].shape[1] == 4 and len(w.loop["losses"]) == min(w.loop["steps"], w.page["keep"])
    if isinstance(w, SheetExplorer):
        given = {n: torch.tensor(v, dtype=torch.float64) for n, v in w.params.items()}
        loss = w.sheet.f(**given, **{n: w.sheet.blocks[n].value for n in "xy"}).item()
        assert w.loss == pytest.approx(loss, rel=1e-9, nan_ok=True)
    if isinstance(w, DrawDigit): assert w.image.shape == (1, 28, 28) and (w.answer is None) == (not w.strokes)
    for name in w.keys: w._trait_to_json(getattr(w, name), w)


@settings(max_examples=100, derandomize=True, deadline=None, database=None, suppress_health_check=[*HealthCheck])
@given(data=st.data())
@pytest.mark.parametrize("name", MADE)
def test_nearly_right(name, data):
    "Several traits at once: all are taken and belong together, or none is and all is as before."
    w = again(name)
    before = everything(w)
    settable = [n for n in traits(w) if n in w.keys and n not in ("spec", "page", "ready", "page_model")]
    names = data.draw(st.lists(st.sampled_from(settable), min_size=1, max_size=3, unique=True))
    message = {n: data.draw(broken(before[n])) for n in names}
    way = data.draw(st.sampled_from([w.set_state, w.assign, lambda m: in_one_hold(w, m)]))
    try: way(message)
    except T.TraitError as e:
        assert isinstance(e, BadInput)
        assert not differences(before, everything(w)), (message, differences(before, everything(w)))
    else: consistent(w)


def in_one_hold(w, message):
    with w.hold_trait_notifications():
        for name, value in message.items(): setattr(w, name, value)
