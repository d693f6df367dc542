"The page's rule of broadcasting, its words, its mends and its drawn cells against torch, in Node."
import random

import pytest
import torch

from neuralnet_foundations.explorers import BroadcastExplorer

MODULE = "maths/broadcast.js"
PAGE = BroadcastExplorer((3,), (3,)).page


def torch_result(a, b):
    try: return list(torch.broadcast_shapes(a, b))
    except RuntimeError: return None


def random_pairs(n, seed=0):
    r = random.Random(seed)
    shape = lambda: [r.choice((1, 1, 2, 3, 5, 0) if r.random() < 0.3 else (1, 2, 3)) for _ in range(r.randint(0, 5))]
    return [(shape(), shape()) for _ in range(n)]


def test_rule_is_torchs(js):
    pairs = random_pairs(3000)
    wanted = [torch_result(a, b) for a, b in pairs]
    assert sum(o is None for o in wanted) > 500 and sum(o is not None for o in wanted) > 500
    for (a, b), result in zip(pairs, wanted, strict=True):
        got = js(MODULE, "broadcast", a, b)
        assert got["result"] == result and [o["axis"] for o in got["axes"]] == list(range(-max(len(a), len(b)), 0)), (a, b)


def test_axes_are_counted_from_the_right(js):
    assert (js(MODULE, "broadcast", [4, 1], [3])["axes"]
            == [dict(axis=-2, a=4, b=None, out=4), dict(axis=-1, a=1, b=3, out=3)])
    assert js(MODULE, "broadcast", [2], [5, 3])["axes"][1] == dict(axis=-1, a=2, b=3, out=None)


def test_fixes_run_in_torch(js):
    pairs = [p for p in random_pairs(1500, seed=1) if torch_result(*p) is None and 0 not in p[0] + p[1]]
    found = 0
    for a, b in pairs:
        for o in js(MODULE, "fixes", a, b):
            mended = eval(o["code"], {"a": torch.zeros(a), "b": torch.zeros(b)})
            assert list(mended.shape) == o["shape"], (a, b, o)
            assert torch_result(tuple(mended.shape), b if o["which"] == "A" else a) == o["result"], (a, b, o)
            found += 1
    assert found > 100


@pytest.mark.parametrize("a, b, codes", [
    ((6, 28, 28), (6,), ["b[:, None, None]"]), ((3, 4), (3,), ["b[:, None]", "a.T"]), ((2, 3), (3, 2), ["b.T", "a.T"]),
    ((2, 3), (4, 5), []), ((3,), (4,), ["a[:, None]", "b[:, None]"]), ((3, 4), (3, 1), [])])
def test_fixes(js, a, b, codes): assert [o["code"] for o in js(MODULE, "fixes", a, b)] == codes


GOOD = {"5, 3": [5, 3], "(5,3)": [5, 3], "[2]": [2], "(3,)": [3], "()": [], "torch.Size([4, 1])": [4, 1], " 7 ": [7],
        "5 3": [5, 3],
        "28x28": [28, 28], "999999999": [999999999], "1,1,1,1,1,1,1,1": [1]*8, "007": [7]}
BAD = ["", "  ", "a", "5, -3", "3.5", "5,,3", ",", "1,1,1,1,1,1,1,1,1", "1000000000", "9"*40, "3; alert(1)"]


@pytest.mark.parametrize("text", [*GOOD, *BAD])
def test_shapes_as_typed(js, text): assert js(MODULE, "parseShape", text, PAGE) == GOOD.get(text)


@pytest.mark.parametrize("shape", [(), (3,), (5, 3), (1, 2, 3)])
def test_shapes_are_written_as_in_python(js, shape):
    assert js("shared/numbers.js", "shapeText", shape) == str(shape)
    assert js(MODULE, "parseShape", str(shape), PAGE) == list(shape)


@pytest.mark.parametrize("a, b, guess, right, word", [
    ((4, 1), (3,), [4, 3], True, "(4, 3)"), ((4, 1), (3,), [3], False, "2 axes"),
    ((4, 1), (3,), [3, 3], False, "axis −2"),
    ((4, 1), (3,), [4, 1], False, "axis −1"), ((4, 1), (3,), PAGE["impossible"], False, "do broadcast"),
    ((3,), (4,), [4], False, "3 against 4"), ((3,), (4,), PAGE["impossible"], True, "Right"), ((), (), [], True, "()"),
    ((), (3,), [], False, "1 axis"), ((2, 3), (3,), [2, 4], False, "3 and 3 do not give 4")])
def test_verdict(js, a, b, guess, right, word):
    got = js(MODULE, "verdict", guess, a, b)
    assert got["right"] is right and word in got["text"]


@pytest.mark.parametrize("axis, word", [
    (dict(a=3, b=3, out=3), "the same"), (dict(a=1, b=4, out=4), "A’s 1 is stretched to 4"),
    (dict(a=4, b=1, out=4), "B’s 1 is stretched"),
    (dict(a=None, b=4, out=4), "A has no such axis, so it gets one of size 1, and that 1 is stretched to 4"),
    (dict(a=1, b=None, out=1), "B has no such axis, so it gets one of size 1; the other is 1 too"),
    (dict(a=2, b=3, out=None), "clash"),
    (dict(a=0, b=1, out=0), "stretched to 0, which leaves nothing")])
def test_rule_in_words(js, axis, word): assert word in js(MODULE, "rule", dict(axis, axis=-1))


@pytest.mark.parametrize("a, b", [((2, 3), (3,)), ((4, 1), (3,)), ((3,), ()), ((2, 1, 3), (4, 1)),
                                  ((2, 3, 1), (1, 1, 4)), ((), (5,))])
def test_sums_drawn_are_torchs(js, a, b):
    full = torch_result(a, b)
    A, B = 10*torch.arange(1, 1 + torch.Size(a).numel()).view(a), torch.arange(1, 1 + torch.Size(b).numel()).view(b)
    wanted = (A + B).expand(full)
    front = wanted[0] if len(full) == 3 else wanted
    block = js(MODULE, "blockOf", [dict(of="A", shape=a), dict(of="B", shape=b)], full, True)
    assert [o["number"] for o in block["cells"] if o["number"] is not None] == front.flatten().tolist()
    assert len(block["cells"]) == wanted.numel() and not any(o["copy"] for o in block["cells"])
    for of, shape, own in (("A", a, A), ("B", b, B)):
        one = js(MODULE, "blockOf", [dict(of=of, shape=shape)], full, True)
        numbers = own.expand(full)[0] if len(full) == 3 else own.expand(full)
        assert [o["number"] for o in one["cells"] if o["number"] is not None] == numbers.flatten().tolist()
        assert sum(not o["copy"] for o in one["cells"]) == own.numel()  # the tensor's own numbers; the rest is the same ones again


@pytest.mark.parametrize("full", [(), (3,), (2, 3), (0, 3), (5, 3, 3), (6, 28, 28), (9, 9, 9), (0, 0, 0), (999999999,),
                                  (999999999, 1), (1, 999999999), (123456789, 1, 999999999), (1, 123456789, 1)])
def test_all_that_is_drawn_lies_inside(js, full):
    block = js(MODULE, "blockOf", [dict(of="A", shape=full)], full, True)
    cells = 1
    for n in full: cells *= min(n, 6)
    assert len(block["cells"]) == cells
    for x, y in [o["to"] for o in block["cells"]] + [block["corner"]]:
        assert 0 <= x <= block["width"] - block["cell"] and 0 <= y <= block["height"] - block["cell"]
    assert [o["size"] for o in block["marks"]] == list(full)[::-1]  # the last axis first
    for o in block["marks"]:
        start = o["x"] - dict(start=0, middle=0.5, end=1)[o["anchor"]]*8.5*len(str(o["size"]))  # px of a digit
        assert 0 <= start and start + 8.5*len(str(o["size"])) <= block["width"] and 0 <= o["y"] <= block["height"]
