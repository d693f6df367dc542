"What the page makes of a drawing, and what it answers, against Python and torch, in Node."
import math

import numpy as np
import pytest
import torch
from torch import nn

from neuralnet_foundations.explorers import READY_DIGITS, DrawDigit, pack_page_model, strokes_image

MODULE = "maths/digit.js"
PAGE = DrawDigit(lambda x: "yes").page


def image_of(js, drawing):
    return torch.tensor(np.array(js(MODULE, "strokesImage", drawing, PAGE)), dtype=torch.float).view(1, 28, 28)


def random_drawing(seed):
    r = np.random.RandomState(seed)
    wander = lambda: np.cumsum(r.normal(0, 0.05, (r.randint(1, 40), 2)), 0) + r.uniform(0.2, 0.8, 2)
    strokes = [np.clip(wander(), 0, 1).round(4).tolist() for _ in range(r.randint(1, 4))]
    return strokes if seed % 3 else [[[0.1 + 0.1*x, 0.1 + 0.1*y] for x, y in s] for s in strokes]  # every third one tiny


DRAWINGS = [*READY_DIGITS.values(), *map(random_drawing, range(60)), [], [[[0.5, 0.5]]], [[[0.2, 0.9], [0.2, 0.9]]],
            [[[0, 0], [1, 1]]],
            [[[0.1, 0.1]], [[0.9, 0.2]]], [[[0, 0.5], [1, 0.5]]], [[[0.5, y/4999] for y in range(5000)]]]


@pytest.mark.parametrize("i", range(len(DRAWINGS)))
def test_page_and_python_make_the_same_image(js, i):
    assert torch.allclose(image_of(js, DRAWINGS[i]), strokes_image(DRAWINGS[i]), atol=1e-6)


def network(seed=0, outputs=10, last=None):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(784, 30), nn.ReLU(), nn.Linear(30, outputs), last or nn.Softmax(dim=-1))


@pytest.mark.parametrize("make, labels", [
    (lambda: network(0), None), (lambda: network(1, 2), "37"), (lambda: network(2, 1, nn.Sigmoid()), "37"),
    (lambda: network(3, 5, nn.ReLU()), None), (lambda: nn.Linear(784, 10, bias=False), None),
    (lambda: nn.Sequential(nn.Flatten(), nn.Sequential(nn.Linear(784, 7)), nn.Sigmoid()), None)])
def test_layers_are_torchs(js, make, labels):
    model = make()
    pad = DrawDigit(model, labels=labels)
    net = js(MODULE, "unpack", pad.page_model)
    for i in range(10):
        image = strokes_image(random_drawing(i)).flatten(1)
        wanted = model(image).detach()
        if wanted.shape[1] == 1: wanted = torch.cat([wanted, 1 - wanted], 1)
        got = js(MODULE, "answerOf", net, image.double(), PAGE["says"])
        assert (got["labels"] == list(pad.labels)
                and torch.allclose(torch.tensor(got["scores"], dtype=torch.float), wanted[0], atol=1e-5))


class Means:
    def __init__(self, means, metric): self.means, self.metric = means, metric
    def predict(self, x): return "yes"
    def page_model(self):
        return dict(kind="nearest", metric=self.metric, labels=range(len(self.means)), means=self.means)


@pytest.mark.parametrize("metric, distance",
                         [("l1", lambda d: d.abs().mean((-1, -2))), ("rmse", lambda d: d.pow(2).mean((-1, -2)).sqrt())])
def test_distances_are_torchs(js, metric, distance):
    torch.manual_seed(0)
    means = torch.rand(5, 28, 28)
    net = js(MODULE, "unpack", pack_page_model(Means(means, metric)))
    for label in "037":
        image = strokes_image(READY_DIGITS[label])
        got = js(MODULE, "answerOf", net, image.double().flatten(), PAGE["says"])
        assert (got["scores"] == pytest.approx(distance((image - means).double()).tolist(), rel=1e-6)
                and got["labels"] == list("01234"))


@pytest.mark.parametrize("last", [nn.ReLU(), nn.Identity()])
def test_what_is_no_probability_is_refused_as_in_python(js, last):
    model = nn.Sequential(nn.Linear(784, 1), last)
    nn.init.constant_(model[0].bias, 3.)
    nn.init.zeros_(model[0].weight)
    pad = DrawDigit(model, labels="37")
    got = js(MODULE, "answerOf", js(MODULE, "unpack", pad.page_model), strokes_image(pad.strokes).double().flatten(),
             pad.page["says"])
    assert got["scores"] == [] and "got 3.000: add a sigmoid" in got["error"]
    assert got["error"].replace("3.000", "3") in pad.reply["error"]


def test_no_model_is_none(js): assert js(MODULE, "unpack", {}) is None


@pytest.mark.parametrize("scores, nearest, texts, parts, winner", [
    ([0.25, 0.75], False, ["25.0 %", "75.0 %"], [0.25, 0.75], 1),  # probabilities
    ([2., 4.], False, ["2.000", "4.000"], [0.5, 1], 1),
    ([-1., 1., 3.], False, ["−1.000", "1.000", "3.000"], [0, 0.5, 1], 2),
    ([-4., -2.], False, ["−4.000", "−2.000"], [0, 1], 1),
    ([0.5, 0.5], True, ["0.500", "0.500"], [1, 1], 0), ([0.2, 0.1], True, ["0.200", "0.100"], [1, 0.5], 1),  # distances
    ([0., 0.], False, ["0.000", "0.000"], [0, 0], 0), ([1., 0.], False, ["100.0 %", "0.0 %"], [1, 0], 0)])
def test_bars(js, scores, nearest, texts, parts, winner):
    labels = list("abc"[:len(scores)])
    bars = js(MODULE, "barsOf", dict(labels=labels, scores=scores), nearest)
    assert [o["text"] for o in bars] == texts and [o["part"] for o in bars] == pytest.approx(parts)
    assert ([o["wins"] for o in bars] == [i == winner for i in range(len(scores))]
            and [o["label"] for o in bars] == labels)


@pytest.mark.parametrize("stroke, wanted", [
    ([[0.5, 0.25]], "M50.00 25.00h0.01"), ([[0, 0], [1, 0.5]], "M0.00 0.00L100.00 50.00"),
    ([[0, 0], [0.5, 0], [0.5, 1]], "M0.00 0.00Q50.00 0.00 50.00 50.00L50.00 100.00")])
def test_paths(js, stroke, wanted): assert js(MODULE, "pathOf", stroke) == wanted


A, B, C = [0.1, 0.1], [0.2, 0.2], [0.3, 0.3]


@pytest.mark.parametrize("strokes, after, goes_on", [
    ([[A]], [[A, B]], True), ([[A, B]], [[A, B]], True), ([[A], [B]], [[A], [B, C]], True),
    ([[A], [B]], [[A, C], [B]], False),
    ([[A]], [[A], [B]], False), ([[A, B]], [[A]], False), ([[A, B]], [[A, C]], False), ([], [], False),
    ([], [[A]], False),
    ([[A]], [], False)])
def test_a_stroke_that_goes_on(js, strokes, after, goes_on): assert js(MODULE, "goesOn", strokes, after) is goes_on


def test_numbers_that_overflow_are_still_a_softmax(js):
    net = dict(kind="layers", labels=["a", "b"], layers=["softmax"])
    assert js(MODULE, "answerOf", net, [1000., 1000.], PAGE["says"])["scores"] == [0.5, 0.5]
    assert not any(map(math.isnan, js(MODULE, "answerOf", net, [-1e308, 1e308], PAGE["says"])["scores"]))
