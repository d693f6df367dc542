"What every explorer rests on: traits that change together or not at all, and observers that hear when all is stored."
import copy
import pickle
import re
import threading
from importlib.resources import files

import pytest
import traitlets as T

from neuralnet_foundations.checks import BadInput, count, number, truth
from neuralnet_foundations.explorers.core import Explorer, Guarded, Params, explorer_style, same, unpacked


class Halves(Explorer):
    "A number in two parts: either can be set, and their sum follows; together they stay below 10."
    left, right = Guarded(1., number).tag(sync=True), Guarded(2., number).tag(sync=True)
    many, shown = Guarded(1, count).tag(sync=True), Guarded(True, truth).tag(sync=True)
    total = Guarded(3.).tag(sync=True)
    params = Guarded(check="_merged")

    def __init__(self, **given): super().__init__({"params": Params(self, {"a": 1., "b": 2.})}, **given)

    def _merged(self, v, what): return Params(self, {**self.params, **{n: number(o, n) for n, o in v.items()}})

    def settle(self, new):
        now = self.then(new)
        if now.left + now.right > 10: raise BadInput(f"left and right make {now.left + now.right}, more than 10")
        if now.left == 7: raise KeyError("a defect")
        return {**new, "total": now.left + now.right}


def values(w): return dict(left=w.left, right=w.right, many=w.many, shown=w.shown, total=w.total, params=dict(w.params))


@pytest.fixture
def w(): return Halves(left=3)


def test_what_follows_is_stored_with_what_is_set(w):
    assert values(w) == dict(left=3., right=2., many=1, shown=True, total=5., params={"a": 1., "b": 2.})
    w.left = 4
    w.assign(dict(left=1, right=1))
    assert (w.left, w.right, w.total) == (1., 1., 2.)


BAD = {
    "a word": dict(left="one"), "NaN": dict(left=float("nan")), "None": dict(shown=None),
    "1 is no switch": dict(shown=1), "True is no count": dict(many=True), "too much": dict(left=9),
    "a defect": dict(left=7),
    "computed": dict(total=1.), "one of two": dict(left=1, many=0), "the other of two": dict(many=2, left="one"),
    "together too much": dict(left=6, right=6), "page is made by Python": dict(page={}), "an inherited trait": dict(left=1, layout=3)}
WAYS = {"assign": lambda w, given: w.assign(given), "message": lambda w, given: w.set_state(given)}


def one_by_one(w, given):
    for name, v in given.items(): setattr(w, name, v)


def held(w, given):
    with w.hold_trait_notifications(): one_by_one(w, given)


def held_and_forced(w, given):
    with w.hold_trait_notifications():
        for name, v in given.items(): w.set_trait(name, v)


@pytest.mark.parametrize("way", [*WAYS.values(), held, held_and_forced], ids=[*WAYS, "held", "forced"])
@pytest.mark.parametrize("given", BAD.values(), ids=[*BAD])
def test_all_or_nothing(w, way, given):
    before, heard, layout = values(w), [], w.layout
    w.observe(heard.append, [*before])
    with pytest.raises(T.TraitError): way(w, given)
    assert values(w) == before and w.layout is layout and not heard


@pytest.mark.parametrize("given", BAD.values(), ids=[*BAD])
def test_construction_refuses_the_same(given):
    with pytest.raises(T.TraitError): Halves(**given)


def test_a_bad_value_is_a_bad_input_whatever_the_defect(w):
    with pytest.raises(BadInput, match="left cannot be taken: KeyError"): w.left = 7

    class Odd:
        def __repr__(self): raise RuntimeError("no text either")
        def __float__(self): raise MemoryError
    before = values(w)
    with pytest.raises(BadInput): w.left = Odd()
    assert values(w) == before


def test_a_hold_merges_and_tells_once(w):
    heard = []
    w.observe(lambda c: heard.append((c.name, c.old, c.new)), ["left", "total", "params"])
    with w.hold_trait_notifications():
        w.left = 4
        w.params = {"a": 5}
        w.params["b"] = 6
        w.left = 5
        assert w.total == 7. and not heard
    assert heard == [("left", 3., 5.), ("total", 5., 7.), ("params", {"a": 1., "b": 2.}, {"a": 5., "b": 6.})]


def test_a_hold_that_is_caught_inside_goes_on(w):
    with w.hold_trait_notifications():
        w.right = 4
        with pytest.raises(BadInput): w.left = 8
    assert (w.left, w.right, w.total) == (3., 4., 7.)


def test_any_error_takes_a_hold_back(w):
    before = values(w)
    with pytest.raises(KeyboardInterrupt), w.hold_trait_notifications():
        w.left = 4
        raise KeyboardInterrupt
    assert values(w) == before
    w.left = 4
    assert w.total == 6., "it works on"


def test_an_observer_that_raises_spoils_nothing(w):
    heard = []
    def raises(change): raise ZeroDivisionError("mine")
    w.observe(raises, "left")
    w.observe(lambda c: heard.append((c.new, w.left)), "total")
    for change in (lambda: setattr(w, "left", 4), lambda: w.set_state({"left": 5}), lambda: w.assign({"left": 6})):
        with pytest.raises(ZeroDivisionError): change()
    assert (w.left, w.total) == (6., 8.) and heard == [(6., 4.), (7., 5.), (8., 6.)]


def test_observers_may_set(w):
    w.observe(lambda c: setattr(w, "right", 1), "left")
    w.left = 5
    assert (w.left, w.right, w.total) == (5., 1., 6.)


def sent(w):
    "What a page hears of an explorer from now on."
    told = []
    w._send = lambda message, buffers=None: told.append((message["method"], message.get("state")))
    return told


def test_a_page_that_is_refused_hears_what_python_has(w):
    told = sent(w)
    with pytest.raises(BadInput): w.set_state({"left": 4, "many": -1})
    assert told == [("echo_update", {"left": 4, "many": -1}), ("update", {"left": 3., "many": 1})]


def test_a_page_hears_what_follows_and_not_what_it_said(w):
    told = sent(w)
    w.set_state({"left": 4})
    assert told == [("echo_update", {"left": 4}), ("update", {"total": 6.})]


def test_params_are_set_by_item(w):
    w.params["a"] = 3
    w.params |= {"b": 4}
    assert w.params == {"a": 3., "b": 4.} and type(w.params["a"]) is float
    for bad in (lambda: w.params.__setitem__("a", "x"), lambda: w.params.update(a=float("inf"))):
        with pytest.raises(BadInput): bad()
    with pytest.raises(TypeError, match="cannot be removed"): w.params.pop("a")
    copies = copy.copy(w.params), copy.deepcopy(w.params), pickle.loads(pickle.dumps(w.params))
    assert w.params == {"a": 3., "b": 4.} == copies[0] and all(type(o) is dict for o in copies)


def test_threads_take_turns(w):
    "Two parts that must stay below 10 together, set from many threads: no sum of one's left and another's right."
    odd = []
    w.observe(lambda c: odd.append(c.new) if w.total != w.left + w.right else None, "total")
    def work(k):
        for i in range(50): w.assign(dict(left=k, right=i % 4))
    threads = [threading.Thread(target=work, args=(k,)) for k in (1, 2, 3)]
    for t in threads: t.start()
    for t in threads: t.join()
    assert w.total == w.left + w.right and not odd


def test_same_compares_arrays():
    import numpy as np
    import torch
    three = np.arange(3)
    assert same(three, three.copy()) and same(torch.arange(3), torch.arange(3))
    assert not same(three, np.arange(4)) and not same(None, torch.zeros(2))
    assert same({"a": 1}, {"a": 1.}) and not same("a", None)


@pytest.mark.parametrize("data, word", [
    ("text", "bytes of float64"), (None, "bytes of float64"), (b"", "one row or more"), (b"1234567", "bytes of float64"),
    (b"\0"*24, "one row or more of 2"), (b"\xff"*16, "not finite"), (b"\0"*64, "4 rows: 3 are kept")])
def test_packed_numbers_are_checked(data, word):
    with pytest.raises(BadInput, match=word): unpacked(data, "path", columns=2, most=3)


def luminance(colour):
    "Relative luminance of `#rrggbb`, 0 to 1 (WCAG 2.2)."
    parts = [int(colour[i:i + 2], 16)/255 for i in (1, 3, 5)]
    lit = [p/12.92 if p <= 0.04045 else ((p + 0.055)/1.055)**2.4 for p in parts]
    return sum(w*p for w, p in zip((0.2126, 0.7152, 0.0722), lit, strict=True))


def contrast(one, other):
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05)/(low + 0.05)


@pytest.mark.parametrize("name", ["ink", "soft", "accent", "data", "good", "bad", "third"])
@pytest.mark.parametrize("ground", ["paper", "panel"])
def test_words_in_any_colour_can_be_read(name, ground):
    "4.5 to 1 in both themes, on paper and in a field."
    style = (files("neuralnet_foundations")/"static/shared/style.css").read_text(encoding="utf-8")
    colours = {n: both for n, *both in re.findall(r"--nnf-([\w-]+): light-dark\((#\w+), (#\w+)\)", style)}
    for colour, under in zip(colours[name], colours[ground], strict=True): assert contrast(colour, under) >= 4.5


def test_a_style_that_takes_another_comes_whole():
    "In a notebook there is no file beside it to import."
    style = explorer_style("FitAnything")
    assert "@import" not in style and ".nnf-formula {" in style and ".nnf-anything {" in style
