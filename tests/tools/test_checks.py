"One set of rules for what may be given: what is taken, as which value, and what is refused, with which words."
import subprocess
import sys
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
import torch
import traitlets as T

from neuralnet_foundations.checks import (
    BadInput,
    BadType,
    choice,
    count,
    in_order,
    momentum,
    names,
    number,
    numbers,
    pair,
    ranges,
    rate,
    same_shape,
    shape,
    vector,
)

nan, inf = float("nan"), float("inf")

def frozen(a):
    a.flags.writeable = False
    return a

ABC = np.array([1., 2., 3.])
VECTORS = {
    "list": [1, 2, 3], "tuple": (1., 2., 3.), "range": range(1, 4), "reversed": ABC[::-1].copy()[::-1],
    "strided": np.array([1., 9, 2, 9, 3])[::2],
    "big-endian": ABC.astype(">f8"), "big-endian integers": ABC.astype(">i4"), "half": ABC.astype(np.float16),
    "unsigned": ABC.astype(np.uint8),
    "longdouble": ABC.astype(np.longdouble), "object": np.array([1, 2., Fraction(3)], dtype=object),
    "read-only": frozen(ABC.copy()),
    "series": pd.Series([1., 2., 3.]), "series with an index of its own": pd.Series([1, 2, 3], index=[5, 0, 9]),
    "reversed series": pd.Series([3, 2, 1])[::-1], "nullable series": pd.Series([1, 2, 3], dtype="Int64"),
    "index": pd.Index([1, 2, 3]),
    "tensor": torch.tensor([1., 2, 3]), "integers": torch.tensor([1, 2, 3]),
    "half tensor": torch.tensor([1., 2, 3]).half(),
    "bfloat16": torch.tensor([1., 2, 3]).bfloat16(), "with a gradient": torch.tensor([1., 2, 3], requires_grad=True),
    "strided tensor": torch.tensor([[1., 9], [2, 9], [3, 9]])[:, 0],
    "list of tensors": [torch.tensor(1.), torch.tensor([2]).squeeze(), torch.tensor(3)],
    "list of NumPy numbers": [np.float32(1), np.int64(2), np.float16(3)],
    "mixed list": [1, np.int8(2), torch.tensor(3.)],
    "list of other numbers": [Decimal(1), Fraction(2), 3], "unmasked": np.ma.array([1, 2, 3], mask=False),
    "lazily negated": torch.tensor([1j, 2j, 3j]).conj().imag.neg(),
}

@pytest.mark.parametrize("kind", VECTORS)
def test_every_kind_of_vector_is_the_same_vector(kind):
    given = VECTORS[kind]
    out = vector(given, "x")
    assert (out.tolist() == [1., 2., 3.] and out.dtype == np.dtype("=f8") and out.flags.c_contiguous
            and out.flags.writeable)
    torch.from_numpy(out)
    out[0] = 7.
    assert vector(given, "x")[0] == 1., "the caller's numbers stay as they are"

@pytest.mark.parametrize("device", ["cuda", "mps"])
def test_a_vector_on_a_device(device):
    there = torch.cuda.is_available() if device == "cuda" else torch.backends.mps.is_available()
    if not there: pytest.skip(f"no {device} here")
    assert vector(torch.tensor([1., 2., 3.], device=device), "x").tolist() == [1., 2., 3.]

BAD_VECTORS = {
    "nothing": (None, "x must be numbers, got None"), "text": ("1 2 3", "x must be numbers, got '1 2 3'"),
    "bytes": (b"123", "must be numbers"),
    "a word in a list": ([1, "two"], "x must be numbers, got 'two'"), "a number as text": (["1"], "got '1'"),
    "text array": (np.array(["1"]), "must be numbers"),
    "text in an object array": (np.array([1, "2"], dtype=object), "got '2'"), "None in a list": ([1, None], "got None"),
    "missing": (pd.Series([1, pd.NA]), "<NA>"),
    "truth": ([1., True], "True and False are not"), "truth array": (ABC > 2, "True and False are not"),
    "truth tensor": (torch.tensor([True]), "True and False are not"),
    "complex": ([1j], "must be numbers, got 1j"), "complex tensor": (torch.tensor([1j]), "must be numbers"),
    "dates": (pd.Series(pd.to_datetime(["2024-01-01"])), "numbers"),
    "times": (np.array([1], dtype="m8[s]"), "must be numbers"), "a set": ({1, 2}, "must be numbers"),
    "a dict": ({0: 1}, "must be numbers"),
    "a generator": ((i for i in range(3)), "must be numbers"),
    "no data": (torch.zeros(3, device="meta"), "must be numbers"),
    "one number": (3., r"one axis, got shape \(\)"), "a column": (ABC[:, None], r"got shape \(3, 1\); use .ravel"),
    "a frame": (pd.DataFrame({"x": [1]}), r"\(1, 1\)"),
    "ragged": ([[1, 2], [3]], r"rows of one length, got shapes \(1,\), \(2,\)"),
    "huge": ([1, 10**400], "a float ends at"),
    "nan": ([1, nan], r"x\[1\] is nan"), "inf": (torch.tensor([-inf]), r"x\[0\] is -inf"),
    "half that overflowed": (torch.tensor([1e6]).half(), r"x\[0\] is inf"),
    "masked": (np.ma.masked_equal([1, 2], 1), r"x\[0\] is nan"), "empty": ([], "x is empty: give at least one point"),
}

@pytest.mark.parametrize("kind", BAD_VECTORS)
def test_bad_vectors_are_named(kind):
    given, says = BAD_VECTORS[kind]
    with pytest.raises(BadInput, match=says): vector(given, "x")

def test_how_many():
    assert vector([], "x", least=0).shape == (0,) and vector([1, 2], "x", least=2, most=2).tolist() == [1, 2]
    for given, says in (([], "at least 2 points"), ([1], "x needs at least 2 points, got 1"),
                        (range(25), r"at most 10 .*x\[::3\]")):
        with pytest.raises(BadInput, match=says): vector(given, "x", least=2, most=10)

ONES = [1, 1., np.float16(1), np.int64(1), np.uint8(1), np.array(1.), np.array([1]), torch.tensor(1.),
        torch.tensor([[1]]), torch.tensor(1.).bfloat16(),
        torch.tensor(1., requires_grad=True), pd.Series([1], index=[4]), Fraction(1), Decimal(1)]

@pytest.mark.parametrize("one", ONES, ids=repr)
def test_every_kind_of_number(one):
    assert number(one, "a") == rate(one) == 1. and type(number(one, "a")) is float
    assert pair((0, one), "ends") == (0., 1.) and numbers({"a": one}, "ab", "params") == {"a": 1.}

NO_NUMBERS = [True, False, np.True_, torch.tensor(True), np.array(True), "1", b"1", "", None, 1j, torch.tensor(1j), [1],
              (1,), {1}, {}, [1, 2], torch.ones(2), torch.ones(0),
              object(), int, np.datetime64("2024"), np.timedelta64(1), pd.NA, ...]

@pytest.mark.parametrize("wrong", NO_NUMBERS, ids=lambda v: "an object" if type(v) is object else repr(v))
def test_what_is_no_number_is_none_anywhere(wrong):
    for check in (number, rate, momentum):
        with pytest.raises(BadInput, match="a must be a number"): check(wrong, "a")
    with pytest.raises(BadInput, match="n must be a whole number, at least 1"): count(wrong, "n")
    with pytest.raises(BadInput, match="params: a must be a number"): numbers({"a": wrong}, "ab", "params")
    with pytest.raises(BadInput, match="range of a must be a"): ranges({"a": (wrong, 5)}, "ab")

@pytest.mark.parametrize("wrong", [nan, inf, -inf, np.float32(nan), torch.tensor(inf), 10**400])
def test_numbers_are_finite(wrong):
    for check in (number, rate, momentum):
        with pytest.raises(BadInput, match="a is|a must be"): check(wrong, "a")

@pytest.mark.parametrize("limits, good, bad, says", [
    (dict(above=0), (1e-300, 2e6), (0, -0., -1), "a must be above 0, got"),
    (dict(least=0), (0, 5), (-1e-9,), "at least 0, got -1e-09"),
    (dict(below=1), (0.99, -5), (1, 2), "below 1, got"), (dict(most=1e6), (1e6,), (1.1e6,), "at most 1,000,000.0, got"),
    (dict(least=0, below=1), (0, .9), (1, -.1), "at least 0 and below 1, got"),
    (dict(least=1, most=20), (1, 20), (0, 21), "from 1 to 20, got")])
def test_limits(limits, good, bad, says):
    for v in good: assert number(v, "a", **limits) == v
    for v in bad:
        with pytest.raises(BadInput, match=says): number(v, "a", **limits)

def test_rate_and_momentum():
    assert rate(2e6) == 2e6 and momentum(0) == 0. and momentum(np.float32(.5)) == .5
    for wrong in (0, -1):
        with pytest.raises(BadInput, match=f"lr must be above 0, got {wrong}"): rate(wrong)
    for wrong in (1, -.1, 1.5):
        with pytest.raises(BadInput, match=f"momentum must be at least 0 and below 1, got {wrong}"): momentum(wrong)

@pytest.mark.parametrize("three", [3, np.int64(3), np.uint8(3), np.array(3), torch.tensor(3),
                                   torch.tensor(3, dtype=torch.uint8)], ids=repr)
def test_every_kind_of_count(three):
    assert count(three, "n") == 3 and type(count(three, "n")) is int
    assert shape((three, 2)) == (3, 2)

@pytest.mark.parametrize("wrong",
    [0, -3, 21, 2.5, 3., np.float64(3), torch.tensor(3.), nan, "3", None, True, np.True_, torch.tensor(True), [3]],
    ids=repr)
def test_bad_counts_are_named(wrong):
    with pytest.raises(BadInput, match="n must be a whole number from 1 to 20, got"): count(wrong, "n", most=20)
    assert count(0, "n", least=0) == 0

@pytest.mark.parametrize("given", [(-5, 5), [-5., 5], np.array([-5, 5]), torch.tensor([-5., 5.]),
                                   pd.Series([-5, 5], index=[3, 1])], ids=repr)
def test_every_kind_of_pair(given): assert pair(given, "ends") == (-5., 5.)

@pytest.mark.parametrize("wrong, says", [
    (5, "ends must be a pair such as"), ((1, 2, 3), "pair"), ((1,), "pair"), ("12", "pair"), ({1, 2}, "pair"),
    ({1: 2, 3: 4}, "pair"), (None, "pair"),
    ((5, -5), r"ends is \(5, -5\): the first number must be the smaller one"), ((1, 1), "smaller"),
    ((nan, 1), "ends is nan"),
    ((0, inf), "ends is inf"),
    (("low", 1), "ends must be a number, got 'low'"), ((False, True), "ends must be a number")])
def test_bad_pairs_are_named(wrong, says):
    with pytest.raises(BadInput, match=says): pair(wrong, "ends")

def test_names_numbers_and_ranges():
    names("ab", "abc")
    assert numbers({}, "ab", "params") == {} and ranges({"b": (0, 1)}, ("a", "b")) == {"b": (0., 1.)}
    for check in (lambda: names("az", "ab"), lambda: numbers({"z": 1}, "ab", "params"),
                  lambda: ranges({"z": (0, 1)}, "ab")):
        with pytest.raises(BadInput, match="f has no parameter 'z': it has a, b"): check()
    for wrong in (None, 3, [1, 2], "a=3"):
        with pytest.raises(BadInput, match=r"params must be a dictionary such as \{'a': 1.0\}, got"):
            numbers(wrong, "ab", "params")
        with pytest.raises(BadInput, match=r"ranges must be a dictionary such as \{'a': \(-5, 5\)\}, got"):
            ranges(wrong, "ab")

@pytest.mark.parametrize("given, wanted", [
    ("37", ("3", "7")), (["cat", 7], ("cat", "7")), ((n for n in "ab"), ("a", "b")), (np.array([3, 7]), ("3", "7")),
    (torch.tensor([3, 7]), ("3", "7")), (pd.Series(["a", "b"], index=[7, 5]), ("a", "b")), (range(2), ("0", "1"))])
def test_names_in_order(given, wanted): assert in_order(given, "labels") == wanted

@pytest.mark.parametrize("wrong", [b"37", {"3", "7"}, frozenset("37"), {"3": 1}, 37, None, np.eye(2), torch.tensor(3)],
                         ids=lambda v: type(v).__name__)
def test_names_without_an_order(wrong):
    with pytest.raises(BadType, match="labels must be a list of names, in order, got"): in_order(wrong, "labels")

def test_choice():
    assert choice("l1", ("l1", "rmse"), "metric") == "l1"
    for wrong in ("l2", "", None, 3, ["l1"]):
        with pytest.raises(BadInput, match="metric must be 'l1' or 'rmse', got"):
            choice(wrong, ("l1", "rmse"), "metric")

@pytest.mark.parametrize("given, is_shape", [
    (5, (5,)), (np.int64(5), (5,)), ((), ()), ([5, np.int64(3)], (5, 3)), (torch.Size([2, 3]), (2, 3)),
    (torch.zeros(2, 3), (2, 3)),
    (np.zeros((0, 4)), (0, 4)),
    (torch.tensor(3), ()), (np.array([5, 3]), (2,)), (pd.Series([1, 2]), (2,))], ids=repr)
def test_every_kind_of_shape(given, is_shape):
    assert shape(given) == is_shape and all(type(n) is int for n in shape(is_shape))

@pytest.mark.parametrize("wrong, says", [
    ((3, -1), "guess has a size of -1"), ((2.5,), r"guess must be whole numbers, such as \(5, 3\), got \(2.5,\)"),
    ((1,)*9, "9 axes, at most 8"),
    ((10**9,), "a size of 1000000000"), ((True, 3), "whole numbers"), (np.float64(3), "whole numbers"),
    (True, "whole numbers"),
    (("3",), "whole numbers")])
def test_bad_shapes_are_named(wrong, says):
    with pytest.raises(BadInput, match=says): shape(wrong, "guess")

@pytest.mark.parametrize("wrong", [None, "5, 3", {5, 3}, {5: 3}, 2.5])
def test_what_is_no_shape_at_all(wrong):
    with pytest.raises(BadType, match="whole numbers.*got"): shape(wrong)

def test_errors_are_of_the_kinds_that_callers_catch():
    assert issubclass(BadInput, ValueError) and issubclass(BadInput, T.TraitError) and issubclass(BadType,
        BadInput) and issubclass(BadType, TypeError)

@same_shape
def off(preds, acts, power=2): return ((preds - acts)**power).mean()

def test_same_shape():
    a, b = torch.tensor([1., 2.]), torch.tensor([1., 4.])
    assert (off(a, b) == off(preds=a, acts=b) == off(a, acts=b) == 2. and off(a, b, power=1) == -1.
            and off(a.numpy(), b.numpy()) == 2.)
    assert off(3., a) == 2.5, "a number has no shape"
    assert off.__name__ == "off"
    for call in (lambda: off(a, b[:, None]), lambda: off(preds=a, acts=b[:, None]), lambda: off(a, acts=b[:, None]),
        lambda: off(a.numpy(), b[:, None])):
        with pytest.raises(BadInput, match=r"preds have shape \(2,\) and acts \(2, 1\).*broadcast to \(2, 2\).*Use acts.view\(2,\)"):
            call()
    with pytest.raises(BadInput, match=r"shape \(2,\) and acts \(1,\).*broadcast to \(2,\)(?!.*view)"): off(a, b[:1])
    with pytest.raises(BadInput, match="a number for each number$"): off(a, torch.zeros(3))
    with pytest.raises(TypeError): off(a)

def test_same_shape_lets_a_formula_through():
    from neuralnet_foundations.formula import LossFormula
    assert LossFormula(off).javascript() == LossFormula(off.__wrapped__).javascript()

def test_checks_are_light():
    heavy = {"fastai", "anywidget", "pandas", "matplotlib", "sympy"}
    code = f"import sys, neuralnet_foundations.checks; print(*({heavy} & {{*sys.modules}}))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split() == []
