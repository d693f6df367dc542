"""check: right, not yet, not answered; never an exception, never the answer given away."""
import inspect
import io
import re
import sys
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from neuralnet_foundations.quiz import check, gives, kind


def empty(x): ...
def passes(x): pass
def documented(x):
    "What it should do."
    ...
def squares(x): return x*x
class Broken:
    def __eq__(self, other): raise RuntimeError("no")
    def __repr__(self): raise RuntimeError("no")
class Silent(Exception):
    def __str__(self): raise RuntimeError("no")
class Nobody:
    @property
    def __class__(self): raise RuntimeError("no")
def raises(e): raise e

async def later(a): return False

FRAME = pd.DataFrame({"a": [1., 2.], "b": ["x", None]})
def other(**change): return FRAME.assign(**change)

RIGHT = [(3, 3), (torch.tensor(.5), torch.tensor(.5)), (np.array(2.), torch.tensor(2)),
         (2.99999, 3), (1/3, 0.33333), (torch.tensor(3.), 3), (3, torch.tensor(3)), (np.float32(0.5), 0.5), (784, 784),
         ("Mean", " mean "),
         ([2, 6, 10], [2, 6, 10]), ((2, 3), [2, 3]), ([2, 3], torch.Size([2, 3])), (torch.ones(2, 3).shape, (2, 3)),
         (range(3), [0, 1, 2]), (True, True),
         (torch.eye(2), torch.eye(2)), (np.eye(2), torch.eye(2)), ({"a": 1.0}, {"a": 1}),
         (torch.float32, torch.float32), (None, None),
         (squares, lambda f: f(3) == 9), (torch.ones(3), lambda a: a == 1), ([], []), ([[1, 2], [3.0]], [[1, 2], [3]]),
         (slice(1, 2), slice(1, 2)),
         (float("nan"), float("nan")), (10000.5, 10000.0), (int, int),
         (FRAME, FRAME.copy()), (FRAME["a"], FRAME["a"].copy()), (other(a=[1, 2]), FRAME),
         (other(a=[1.00001, 2]), FRAME),
         (FRAME["a"].rename("c"), FRAME["a"]),
         (FRAME, lambda d: d["a"] > 0), (1e-5, 1.00001e-5), (1e-12, 0.),
         (torch.tensor([1e-9, 1.]), torch.tensor([0., 1.])), (0.3334, 1/3),
         ([None, None], [None, None]), ({"a": None}, {"a": None}), ((None,), [None]),
         (3, lambda a: (o for o in [True, True])),
         (3, lambda a: [True, np.True_]),
         (3, lambda a: torch.tensor(1.)), ({1, 2}, {2, 1}), (True, torch.tensor(True))]
# The same numbers, words and fractions in other dress
RIGHT += [([1., 1.], torch.ones(2)), (torch.ones(2), [1, 1]), ((1, 1), np.ones(2)), (np.array([2, 3]), (2, 3)),
          (torch.tensor([2, 3]), torch.Size([2, 3])), (range(3), torch.arange(3)),
          ([[1, 2], [3, 4]], np.array([[1., 2], [3, 4]])), (torch.tensor([[1., 2], [3, 4]]), [[1, 2], (3, 4)]),
          ([torch.tensor(1.), np.float32(2)], torch.tensor([1., 2])), (np.array(["a", "b"]), ["A", "b"]),
          ([True, False], [True, False]), ({"a": torch.ones(2)}, {"a": [1, 1]}), (Fraction(1, 3), 1/3),
          (1/3, Fraction(1, 3)), (Decimal("0.5"), 0.5), ([Fraction(1, 2)], [0.5]), (np.int64(3), 3),
          ("over-fitting", "overfitting"), ("Over fitting", "over-fitting"), ("mini_batch", "Mini‑Batch"),
          ("resnet-18", "ResNet-18")]
RIGHT += [(Decimal("0.333333"), 1/3), ([0, 1, 2], range(3)),
          (3, lambda a: {"whole": True, "odd": True}), (3, lambda a: pd.array([True, True]))]
WRONG = [(4, 3), (3.01, 3), (784.05, 784), ("median", "mean"), ([2, 6, 11], [2, 6, 10]), ([2, 6], [2, 6, 10]),
         ((3, 2), (2, 3)), ("3", 3), (True, 1), (1, True),
         (torch.ones(2), torch.zeros(2)), (torch.ones(2, 3), torch.ones(3, 2)),
         ({"a": 2}, {"a": 1}),
         ({"b": 1}, {"a": 1}),
         (squares, lambda f: f(3) == 10), (squares, lambda f: f("x") == 9), (3, lambda a: "it should be even"),
         (Broken(), 3),
         (Broken(), lambda a: a == 1),
         (torch.tensor(.5), torch.tensor(.6)), (torch.ones(1), 1),
         (torch.float64, torch.float32), (float("nan"), 3), ([1, None], [1, 2]), (print, lambda f: False), (0, 1e-3),
         (other(a=[1., 3.]), FRAME), (FRAME.rename(columns={"a": "c"}), FRAME), (FRAME[["b", "a"]], FRAME),
         (FRAME[:1], FRAME),
         (FRAME.set_index(pd.Index([5, 6])), FRAME),
         (FRAME["a"], FRAME), ([1., 2.], FRAME["a"]), (FRAME["a"].to_numpy(), FRAME["a"]), (FRAME, [1, 2]), (FRAME, 3),
         (FRAME, lambda d: d["a"] > 1), (3, FRAME),
         (0, 1e-5), (2e-5, 1e-5), (0., 5e-5), (torch.zeros(2), torch.tensor([1e-5, 2e-5])),
         (3, lambda a: {"whole": True, "even": False}), (3, lambda a: {False}), (3, lambda a: {}), (3, later),
         (3, lambda a: later),
         (3, lambda a: ValueError("no")), (3, lambda a: pd.array([True, None])), (3, lambda a: nn.ReLU()),
         (Fraction(1, 3), 0.3), (Decimal("0.3"), 1/3), (10**400, 1/3), ([0, 1, 3], range(3)),
         (3, lambda a: float("nan")), (3, lambda a: np.nan), (3, lambda a: (o for o in [True, False])),
         (3, lambda a: (o for o in ())), (3, lambda a: []),
         (3, lambda a: torch.ones(0)), (3, lambda a: np.ones(0) > 0), (3, lambda a: [True, False]),
         (3, lambda a: [float("nan")]),
         (3, lambda a: ""),
         (3, lambda a: None), (3, None), ([1, 2], [None, None]),
         (3, lambda a: raises(Silent())), (Broken(), lambda a: raises(Silent())),
         (3, lambda a: raises(SystemExit(1))),
         ({"a": Broken()}, {"a": 1}), ([Broken()], [1]), ("\udcff", "a"), (torch.ones(2), {1, 2})]
WRONG += [([1., 2.], torch.ones(2)), ([1., 1., 1.], torch.ones(2)), ([[1, 2], [3]], torch.ones(2, 2)),
          (torch.ones(3), [1, 1]), (["1", "1"], torch.ones(2)), ([True, True], torch.ones(2)),
          (torch.eye(2), [1, 0, 0, 1]), (Fraction(1, 3), 0.5), ("-1", "1"), ("resnet18", "resnet-1 8"),
          ("1/3", 1/3), ("50 %", .5), (50, .5), (.5, 50), ("batch", "mini-batch"), (5, 0), (Decimal("NaN"), 1)]
OPEN = [(..., 3), (None, 3), ([1, ...], [1, 2]), ([None, None], [1, 2]), ({"a": ...}, {"a": 1}),
        (empty, lambda f: f(3) == 9), (passes, lambda f: f(3) == 9),
        (documented, lambda f: f(3) == 9), (lambda x: ..., lambda f: f(3) == 9), (empty(3), 9), (..., lambda a: a > 1),
        (..., torch.ones(2))]

@pytest.mark.parametrize(("answer", "expected"), RIGHT)
def test_right(answer, expected):
    reply = check(answer, expected, hint="think")
    assert reply.ok is True and bool(reply) and repr(reply) == "✓ Right" and "think" not in reply._repr_html_()

@pytest.mark.parametrize(("answer", "expected"), WRONG)
def test_not_yet(answer, expected):
    reply = check(answer, expected, hint="think")
    assert reply.ok is False and not reply and repr(reply).startswith("✗ Not yet: ") and "Hint: think" in repr(reply)
    assert "Not yet" in reply._repr_html_() and "think" in reply._repr_html_()

@pytest.mark.parametrize(("answer", "expected"), OPEN)
def test_not_answered(answer, expected):
    reply = check(answer, expected, hint="think")
    assert (reply.ok is None and not reply and repr(reply).startswith("○ Not answered yet")
            and "think" not in repr(reply))

@pytest.mark.parametrize(("answer", "expected", "says"), [
    ("3", 3, "expected a number, got text"),
    (torch.ones(2, 3), torch.ones(3, 2), r"expected shape \(3, 2\), got shape \(2, 3\)"),
    ([1, 2], [1, 2, 3], "expected a list of 3 numbers, got a list of 2 numbers"),
    ([1, "b"], [1, 2], "item 1: expected a number, got text"),
    (torch.ones(3), [1, 1], r"expected a list of 2 numbers, got a tensor of shape \(3,\)"), (41, 42, "got 41$"),
    (3, lambda a: "it should be even", "it should be even"),
    ("1/3", 1/3, "got text: write it without the quotes$"), ("0,5", .5, "quotes, 0,5 as 0.5$"),
    ("half", .5, "got text$"), ("50 %", .5, "quotes, 50 % as 50/100$"),
    (50, .5, "got 50: if that is percent, write it as 50/100$"),
    ([1, 50], [1, .5], "item 1: got 50: if that is percent"),
    ([1., 2, 3], torch.ones(2), r"expected shape \(2,\), got shape \(3,\)"),
    (squares, lambda f: f("x"), "TypeError"), (list(range(1000)), list(range(1, 1001)), "…$")])
def test_says_what_it_got_and_what_kind_it_expected(answer, expected, says):
    assert re.search(says, check(answer, expected).message)

def nested(x):
    def inside(y): return y["no"]
    return inside(x)


@pytest.mark.parametrize("expected", [lambda f: f([1]) == 2, gives(([1], 2))])
def test_an_error_in_a_learners_function_is_told_with_its_line(expected):
    "Where it arose, also below the learner's own code, in torch; of the check's own code nothing is told."
    def adds(x):
        total = torch.tensor(x)
        return total + torch.ones(3, 4)[[5]]

    for f, line in ((nested, 'y["no"]'), (adds, "torch.ones(3, 4)[[5]]")):
        lines, first = inspect.getsourcelines(f)
        at = first + next(i for i, text in enumerate(lines) if line in text)
        says = check(f, expected).message
        assert re.search(rf"(TypeError|IndexError): .*, in line {at}: `.*{re.escape(line)}", says), says
    assert "called with [1] it stops" in check(nested, gives(([1], 2))).message
    assert "line" not in check(len, lambda f: f(3)).message and check(len, lambda f: f(3)).ok is False

def test_does_not_give_the_answer_away():
    for answer, expected in [(1, 8675), ([1, 2], [8675, 8676]), ("a", "8675"),
                             (torch.zeros(2), torch.tensor([8675., 1])), ("a", 8675),
                             (1, [8675]), (FRAME, other(a=[8675., 2]))]:
        reply = check(answer, expected)
        assert reply.ok is False and "8675" not in repr(reply) and "8675" not in reply._repr_html_()

def test_an_answer_that_will_not_say_what_it_is():
    for expected in (3, [1], "a", FRAME, lambda a: a == 3): assert check(Nobody(), expected).ok is False

@pytest.mark.parametrize("coding", ["cp1252", "ascii", "utf-8", "latin-1"])
def test_shows_in_every_terminal(coding, monkeypatch):
    for answer, expected in ((3, 3), (4, 3), (..., 3), ("\u2713 \u4e2d", "a"), ("x"*300, "a")):
        reply, terminal = check(answer, expected, hint="think \u4e2d"), io.TextIOWrapper(io.BytesIO(), encoding=coding)
        with monkeypatch.context() as m:
            m.setattr(sys, "stdout", terminal)
            print(reply)
        terminal.seek(0)
        assert re.search("Right|Not yet|Not answered yet", terminal.read())
    assert repr(check(3, 3)) == "✓ Right"

def test_markup_in_answers_and_hints_is_text():
    html = check("<script>alert(1)</script>", "b", hint="`x < y` & <img src=x onerror=alert(1)>")._repr_html_()
    assert "<script" not in html and "<img" not in html and "<code>x &lt; y</code> &amp; &lt;img" in html

def test_reads_without_colour_in_light_and_dark():
    for answer in (1, 2, ...):
        html = check(answer, 1)._repr_html_()
        assert (re.search("✓ Right|✗ Not yet|○ Not answered yet", html) and "color:inherit" in html
                and "background" not in html)

def test_kind_in_words():
    kinds = [kind(o) for o in (3, True, "x", [1, 2], ["a", "b"], [1], (), [1, "a"],
                               torch.zeros(2, 3), torch.tensor(1.), np.zeros(2), None, {"a": 1}, len, 1+2j, object())]
    assert kinds == ["a number", "True or False", "text", "a list of 2 numbers", "a list of 2 pieces of text",
                     "a list of one number",
                     "an empty tuple",
                     "a list of 2 things", "a tensor of shape (2, 3)", "a tensor of one number (shape ())",
                     "an array of shape (2,)", "nothing (None)",
                     "a dictionary of 1 entry", "a function", "a number", "an object"]
