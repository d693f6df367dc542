"The page's training loop against `LoopStepper`, which is torch's: stage by stage, in Node."
import json

import numpy as np
import pytest
import torch

from neuralnet_foundations.explorers import STAGES, LoopStepper

MODULE = "maths/loop.js"


def data_of(w): return dict(x=w.x.numpy().ravel(), y=w.y.numpy().ravel(), n=len(w.x), d=w.x.shape[1], size=w.batch_size)
def how_of(w): return dict(lr=w.lr, zero=w.zero_grad, stages=w.page["stages"], keep=w.page["keep"])
def plain(o): return json.loads(json.dumps(o))


def near(a, b):
    "Two loops agree: numbers to 1e-9, all else exactly."
    assert a.keys() == b.keys()
    for key, v in a.items():
        if isinstance(v, list | float): assert b[key] == pytest.approx(v, rel=1e-9, abs=1e-12), key
        else: assert b[key] == v, key


def some_data(n, d, seed=0):
    torch.manual_seed(seed)
    return 3*torch.randn(n, d), torch.randint(0, 2, (n, 1)).float()


CASES = [((), dict()), ((), dict(zero_grad=False)), ((), dict(lr=0.05, batch_size=5)),
         (some_data(50, 7), dict(batch_size=16, zero_grad=False)), (some_data(9, 64), dict(batch_size=100, lr=30.)),
         (some_data(3, 1), dict(batch_size=1)), (some_data(40, 3), dict(batch_size=1, lr=1e-6))]


@pytest.mark.parametrize("data, options", CASES)
def test_each_stage_is_torchs(js, data, options):
    w = LoopStepper(*data, **options)
    loop = w.loop
    for _ in range(60):
        loop = js(MODULE, "advance", loop, data_of(w), how_of(w))
        w.step()
        near(plain(w.loop), loop)


def test_a_batch_at_a_time_and_the_start(js):
    w = LoopStepper(batch_size=7)
    assert js(MODULE, "fresh", w.start) == w.loop
    loop = js(MODULE, "finishBatch", w.loop, data_of(w), how_of(w))
    for _ in STAGES: w.step()
    near(plain(w.loop), loop)


def test_only_the_latest_losses_are_kept(js):
    w = LoopStepper(batch_size=24)
    w.run(402)
    w.step()
    loop = js(MODULE, "advance", plain(w.loop), data_of(w), how_of(w))
    w.step()
    assert len(w.loop["losses"]) == w.page["keep"] == 400
    near(plain(w.loop), loop)


def test_far_from_zero_nothing_overflows(js):
    w = LoopStepper(torch.tensor([[1e4], [-1e4]]), torch.tensor([[0.], [1.]]), lr=1e3)
    w.loop = dict(w.loop, params=[1e2, 0.])
    loop = plain(w.loop)
    for _ in range(5):
        loop = js(MODULE, "advance", loop, data_of(w), how_of(w))
        w.step()
        near(plain(w.loop), loop)


@pytest.mark.parametrize("zero", [True, False])
def test_the_place_is_counted_from_one(js, zero):
    w = LoopStepper(batch_size=10, zero_grad=zero)
    seen = []
    for _ in range(26):
        place = js(MODULE, "place", plain(w.loop), data_of(w))
        seen.append((place["epoch"], place["batch"]))
        assert place["batches"] == 3
        w.step()
    stages = 5 if zero else 4
    wanted = [(1, 1)] + [(1 + i//(3*stages), 1 + i//stages % 3) for i in range(25)]  # a stage belongs to the batch that it ran on
    assert seen == wanted


def test_the_tensors_are_the_states(js):
    w = LoopStepper(batch_size=10)
    changed = dict(predict={"xb", "yb", "preds"}, loss={"loss"}, gradient={"weights.grad", "bias.grad"},
                   step={"weights", "bias"},
                   zero={"weights.grad", "bias.grad"})
    for _ in range(17):
        tensors, state = js(MODULE, "tensors", plain(w.loop), data_of(w), w.page["stages"]), w.state
        for o in tensors:
            wanted = state[o["name"].replace(".", "_")]
            assert (o["shape"] is None) == (wanted is None) and (o["values"] is None) == (wanted is None)
            if wanted is None: continue
            assert o["shape"] == list(wanted.shape) and np.asarray(o["values"]).tolist() == wanted.flatten().tolist()
        assert {o["name"] for o in tensors if o["changed"]} == changed.get(state["done"], set())
        w.step()


@pytest.mark.parametrize("options, stages, words", [
    (dict(), 0, "rows 0 to 7"), (dict(), 1, "Rows 0 to 7"),
    (dict(), 2, "their mean distance from the targets is 0.340."),
    (dict(), 3, "knows its slope"), (dict(lr=0.25), 4, "by lr = 0.25 times it."), (dict(), 5, "forgotten"),
    (dict(), 6, "Rows 8 to 15"),
    (dict(batch_size=10), 11, "makes 4 predictions"), (dict(zero_grad=False), 4, "Nothing clears .grad now"),
    (dict(zero_grad=False), 7, "the sum over 2 batches"), (dict(zero_grad=False), 8, "not the slope of this one")])
def test_stories(js, options, stages, words):
    w = LoopStepper(**options)
    for _ in range(stages): w.step()
    assert words in js(MODULE, "story", plain(w.loop), data_of(w), how_of(w))
