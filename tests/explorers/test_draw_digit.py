"DrawDigit: the image against MNIST's own statistics, the page's answers against torch, the hand's way through it."
import math
import threading
import time

import numpy as np
import pandas as pd
import pytest
import torch
from explorer_checks import check_clean_up, check_fits
from lab import settle, until
from torch import nn

from neuralnet_foundations.checks import BadInput
from neuralnet_foundations.explorers import READY_DIGITS, DrawDigit, module_layers, page_answer, read_answer, strokes_image


class Ideals:
    "A model as lesson 2 makes one: the label of the nearest mean image."
    def __init__(self, means, labels=(3, 7), metric="l1"): self.means, self.labels, self.metric = means, labels, metric

    def distances(self, x):
        d = x - self.means
        return d.abs().mean((-1, -2)) if self.metric == "l1" else d.pow(2).mean((-1, -2)).sqrt()

    def predict(self, x): return torch.tensor([self.labels[self.distances(x).argmin()]])
    def page_model(self): return dict(kind="nearest", metric=self.metric, labels=self.labels, means=self.means)


def blurred(label): return nn.functional.avg_pool2d(strokes_image(READY_DIGITS[label])[None], 5, 1, 2)[0, 0]


@pytest.fixture
def ideals(): return Ideals(torch.stack([blurred("3"), blurred("7")]))


def network(seed=0, outputs=10, last=None):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(784, 30), nn.ReLU(), nn.Linear(30, outputs), last or nn.Softmax(dim=-1))


def random_drawing(seed):
    r = np.random.RandomState(seed)
    strokes = [np.clip(np.cumsum(r.normal(0, 0.05, (r.randint(1, 40), 2)), 0) + r.uniform(0.2, 0.8, 2), 0, 1)
               .round(4).tolist() for _ in range(r.randint(1, 4))]
    # every third one tiny
    return strokes if seed % 3 else [[[0.1 + 0.1*x, 0.1 + 0.1*y] for x, y in s] for s in strokes]


def draw_line(page, *points, steps=8):
    "Draw with the mouse through points given in shares of the pad."
    page.locator(".nnf-pad").first.scroll_into_view_if_needed()
    box = page.locator(".nnf-pad").first.bounding_box()
    to = [(box["x"] + x*box["width"], box["y"] + y*box["height"]) for x, y in points]
    page.mouse.move(*to[0])
    page.mouse.down()
    for p in to[1:]: page.mouse.move(*p, steps=steps)
    page.mouse.up()
    settle(page)


def seen(page, nth=0):
    "The 28x28 that the page shows."
    values = page.locator(".nnf-seen").nth(nth).evaluate(
        "(svg) => [...svg.querySelectorAll('rect')].map((r) => +r.getAttribute('fill-opacity'))")
    return torch.tensor(values).view(1, 28, 28)


@pytest.mark.parametrize("seed", range(12))
def test_image_is_centred_by_mass_and_fits_the_box(seed):
    image = strokes_image(random_drawing(seed))[0]
    assert image.dtype == torch.float32 and 0 <= image.min() and image.max() <= 1
    at = torch.arange(28.)
    for d in (0, 1):
        held = (image.sum(1 - d) > 0)[[0, -1]].any()  # so lopsided that the sheet ends before the centre is reached
        assert abs((image.sum(1 - d)*at).sum()/image.sum() - 14) <= 0.5 + 1e-5 or held  # whole pixels, as in MNIST
        assert (image.sum(1 - d) > 0).sum() <= 20


@pytest.mark.parametrize("label", READY_DIGITS)
def test_ready_digits_are_centred(label):
    stats = statistics(strokes_image(READY_DIGITS[label]))
    assert abs(stats["row"].item() - 14) <= 0.5 and abs(stats["column"].item() - 14) <= 0.5


def test_where_and_how_large_makes_no_difference():
    shape = np.array(READY_DIGITS["3"][1])
    images = [strokes_image([(shape*k + move).tolist()]) for k, move in ((0.9, 0), (0.7, 0.2), (0.8, (0.05, 0.1)))]
    assert (images[0] - images[1]).abs().mean() < 0.02 and (images[0] - images[2]).abs().mean() < 0.02


def statistics(x):
    ink, at, on = x.mean((-1, -2)), torch.arange(28.), x > 0.5
    edges = (on[:, 1:] != on[:, :-1]).sum((-1, -2)) + (on[..., 1:] != on[..., :-1]).sum((-1, -2))
    centre = [(x.sum(-1)*at).sum(-1)/x.sum((-1, -2)), (x.sum(-2)*at).sum(-1)/x.sum((-1, -2))]
    return dict(ink=ink, width=2*on.sum((-1, -2))/edges, part=(x > 0).float().mean((-1, -2)), row=centre[0],
                column=centre[1])


@pytest.mark.parametrize("digit", [3, 7])
def test_drawn_digits_are_like_mnists(digit):
    "Ink, stroke width, share of pixels and centre within a standard deviation of the real digits' own."
    from neuralnet_foundations.data import load_digits
    digits = load_digits()
    real, drawn = (statistics(digits.train_x[digits.train_y == digit]),
                   statistics(strokes_image(READY_DIGITS[str(digit)])))
    for name in ("ink", "width", "part"):
        assert (abs(drawn[name].item() - real[name].mean())
                < real[name].std()), (name, drawn[name].item(), real[name].mean())
    for name in ("row", "column"): assert abs(drawn[name].item() - real[name].mean()) < 0.6


@pytest.mark.parametrize("metric", ["l1", "rmse"])
def test_drawn_digits_are_told_apart_by_real_ideals(metric):
    from neuralnet_foundations.data import load_digits
    digits = load_digits()
    model = Ideals(torch.stack([digits.train_x[digits.train_y == d].mean(0) for d in (3, 7)]), metric=metric)
    pad = DrawDigit(model.predict)
    for d in "37":
        for turn in (-0.12, 0, 0.12):  # drawn a little askew
            points = [np.array(o) - 0.5 for o in READY_DIGITS[d]]
            pad.strokes = [np.clip(p @ np.array([[1, turn], [-turn, 1]]) + 0.5, 0, 1).tolist() for p in points]
            assert pad.answer == pad.best == d


# What it answers

@pytest.mark.parametrize("returned, labels, wanted", [
    (torch.tensor([[0.25, 0.75]]), ("3", "7"), {"3": 0.25, "7": 0.75}), ([1, 2, 3], None, {"0": 1, "1": 2, "2": 3}),
    (np.array([0.5, -1.]), ("a", "b"), {"a": 0.5, "b": -1}),
    (torch.tensor([[0.125]]), ("3", "7"), {"3": 0.125, "7": 0.875}),
    ({3: torch.tensor(0.5), 7: 1}, None, {"3": 0.5, "7": 1}), (torch.tensor([7]), None, "7"),
    (3, ("3", "7"), "3"), ("seven", None, "seven"), (torch.tensor(0.5), ("ink",), {"ink": 0.5})])
def test_answers_understood(returned, labels, wanted): assert read_answer(returned, labels) == wanted


@pytest.mark.parametrize("returned, labels, word", [
    ([1., 2., 3.], ("3", "7"), "3 numbers for 2 labels"), (2., ("3", "7"), "add a sigmoid"),
    ([math.nan, 1.], ("3", "7"), "nan for 3"),
    (torch.tensor([1j, 2]), ("3", "7"), "must return real numbers"), (torch.tensor(True), ("3", "7"), "returned True"),
    ({"a": [0.2, 0.3], "b": 0.8}, None, "one number for each label"),
    (None, None, "must return"), (object(), None, "must return"), ([[], []], ("3", "7"), "0 numbers")])
def test_answers_refused(returned, labels, word):
    pad = DrawDigit(lambda x: returned, labels=labels)
    assert pad.answer is None and word in pad.reply["error"]


@pytest.mark.parametrize("labels", [b"37", {"3", "7"}, {"3": 1, "7": 2}, frozenset("37"), 37], ids=lambda v: type(v).__name__)
def test_labels_have_an_order(labels):
    with pytest.raises(BadInput, match="must be a list of names, in order"): DrawDigit(lambda x: [1., 2.], labels=labels)


def test_a_net_that_torch_cannot_run_has_no_answer_in_the_page():
    pad = DrawDigit(nn.Sequential(nn.Linear(784, 5).double(), nn.Linear(5, 3)))
    assert "dtype" in pad.reply["error"] and not pad.page_model
    pad.strokes = []
    assert pad.page_model, "with nothing drawn nothing was asked"


@pytest.mark.parametrize("wrap", [lambda net: lambda x: net(x), lambda net: net.forward])
def test_a_net_inside_a_function_is_asked_as_it_is_in_use(wrap):
    net = nn.Sequential(nn.Flatten(), nn.Linear(784, 20), nn.BatchNorm1d(20), nn.Dropout(0.9), nn.Linear(20, 2))
    pad = DrawDigit(wrap(net), labels="37")
    first = pad.answer
    pad.ask()
    assert pad.answer == first and net.training and net[2].num_batches_tracked == 0


@pytest.mark.parametrize("returned, labels, wanted", [
    (torch.tensor(1), ("3", "7"), "7"), (np.int64(0), ("cat", "dog"), "cat"), (torch.tensor([7]), ("3", "7"), "7"),
    (2, tuple("0123"), "2"), (np.array([0.25, 0.75], dtype=">f4")[::-1], ("a", "b"), {"a": 0.75, "b": 0.25}),
    (pd.Series([0.25, 0.75], index=[5, 9]), ("a", "b"), {"a": 0.25, "b": 0.75}),
    ({"a": np.float16(0.5), "b": torch.tensor([1])}, None, {"a": 0.5, "b": 1})])
def test_a_whole_number_is_a_label_or_the_place_of_one(returned, labels, wanted):
    assert DrawDigit(lambda x: returned, labels=labels).answer == wanted


@pytest.mark.parametrize("returned, labels, word",
                         [(1, ("1", "7"), "also the place of 7"), (2, ("3", "7"), "neither a label nor the place"),
                          (-1, ("3", "7"), "neither")])
def test_a_whole_number_that_could_be_anything_is_refused(returned, labels, word):
    assert word in DrawDigit(lambda x: returned, labels=labels).reply["error"]


def test_a_models_own_labels_are_not_places(ideals):
    ideals.labels = (1, 7)
    pad = DrawDigit(ideals.predict)
    pad.strokes = READY_DIGITS["3"]
    assert pad.answer == "1" and pad.page_model["labels"] == ["1", "7"]


def page_says(pad): return page_answer(pad.page_model, pad.image)


def test_a_net_that_was_trained_further_is_the_net_on_the_page():
    net = network(5, 3)
    pad = DrawDigit(net)
    before = pad.page_model
    with torch.no_grad():
        for p in net.parameters(): p.mul_(-0.5)
    pad.strokes = READY_DIGITS["7"]
    assert pad.page_model != before and page_says(pad) == pytest.approx(pad.answer, abs=1e-5)
    assert list(pad.answer.values()) == pytest.approx(net(strokes_image(READY_DIGITS["7"]).flatten(1))[0].tolist(),
                                                      abs=1e-6)


def hooked():
    net = network(6, 3)
    net[2].register_forward_hook(lambda m, args, out: 2*out)
    return net


class Doubled(nn.Linear):
    "A layer of somebody's own."
    def forward(self, x): return 2*super().forward(x)


OTHERS = {"softmax over the other axis": lambda: network(1, 3, nn.Softmax(dim=0)), "a hook": hooked,
          "a layer of one's own": lambda: nn.Sequential(Doubled(784, 3)),
          "weights under a norm": lambda: nn.Sequential(nn.utils.parametrizations.weight_norm(nn.Linear(784, 3))),
          "another layer": lambda: network(1, 3, nn.Tanh())}


@pytest.mark.parametrize("make", OTHERS.values(), ids=[*OTHERS])
def test_what_the_page_cannot_compute_it_does_not_get(make):
    net = make()
    pad = DrawDigit(net)
    assert (not pad.page_model
            and list(pad.answer.values()) == pytest.approx(net(pad.image.flatten(1)).flatten().tolist(), abs=1e-5))


def test_a_page_model_that_says_otherwise_is_not_sent(ideals):
    class Wrong(Ideals):
        def page_model(self): return {**super().page_model(), "means": self.means.flip(0)}
    assert DrawDigit(ideals.predict).page_model and not DrawDigit(Wrong(ideals.means).predict).page_model


@pytest.mark.parametrize("dtype", [torch.float64, torch.float16, torch.bfloat16])
def test_nets_of_other_numbers_answer(dtype):
    net = network(2, 3).to(dtype)
    pad = DrawDigit(net)
    wanted = net(pad.image.flatten(1).to(dtype))[0].tolist()
    assert "error" not in pad.reply and list(pad.answer.values()) == pytest.approx(wanted, abs=1e-6)
    if pad.page_model: assert page_says(pad) == pytest.approx(pad.answer, abs=1e-3)
    assert pad.page_model or dtype != torch.float64


def test_every_part_of_a_model_keeps_its_mode():
    net = nn.Sequential(nn.Linear(784, 4), nn.BatchNorm1d(4), nn.Linear(4, 2)).train()
    net[1].eval()
    DrawDigit(net)
    assert [m.training for m in net] == [True, False, True]


def test_predict_gets_what_is_promised():
    got = []
    DrawDigit(lambda x: got.append(x) or [1., 0.])
    assert (got[0].shape == (1, 28, 28) and got[0].dtype == torch.float32
            and torch.equal(got[0], strokes_image(READY_DIGITS["3"])))


def test_modules_are_asked_without_gradients_in_evaluation_mode():
    net = nn.Sequential(nn.Linear(784, 20), nn.Dropout(0.9), nn.ReLU(), nn.Linear(20, 2)).train()
    pad = DrawDigit(net, labels=("3", "7"))
    first = pad.answer
    pad.ask()
    assert pad.answer == first and net.training
    conv = nn.Sequential(nn.Conv2d(1, 2, 28), nn.Flatten(0))
    assert module_layers(conv) is None and not DrawDigit(conv, labels="37").page_model
    assert set(DrawDigit(conv, labels="37").answer) == {"3", "7"}


def test_page_shows_what_a_network_says(show):
    model = network()
    page = show(DrawDigit(model))
    page.click('[data-digit="7"]')
    wanted = model(strokes_image(READY_DIGITS["7"]).flatten(1)).detach()[0]
    until(lambda: page.inner_text(".nnf-winner") == str(wanted.argmax().item()), message="the label that wins is named")
    assert page.locator(".nnf-value").all_inner_texts() == [f"{100*v:.1f} %" for v in wanted.tolist()]
    assert page.locator("[data-wins]").get_attribute("data-label") == str(wanted.argmax().item())


@pytest.mark.parametrize("metric", ["l1", "rmse"])
def test_page_shows_the_nearest_ideal(show, ideals, metric):
    ideals.metric = metric
    pad = DrawDigit(ideals.predict)
    page = show(pad)
    for digit in "73":
        page.click(f'[data-digit="{digit}"]')
        until(lambda d=digit: page.inner_text(".nnf-winner") == d, message="the nearest ideal is named")
        assert page.locator("[data-wins]").get_attribute("data-label") == digit
        wanted = ideals.distances(strokes_image(READY_DIGITS[digit]))
        assert ([float(t) for t in page.locator(".nnf-value").all_inner_texts()]
                == pytest.approx(wanted.tolist(), abs=6e-4))
    assert page.locator(".nnf-ideal").count() == 2 and not page.problems


def test_a_newer_drawing_wins_over_a_slow_answer():
    "JupyterLab handles the page's messages in a thread of their own: a drawing from Python waits for the answer to the one before."
    def predict(x):
        if len(threads) == 1 and threading.current_thread() is threads[0]:
            held.set()
            go.wait(60)
        return {"ink": x.sum()}
    threads, held, go = [], threading.Event(), threading.Event()
    pad = DrawDigit(predict)
    draw = lambda label: threading.Thread(target=lambda: setattr(pad, "strokes", READY_DIGITS[label]))
    threads.append(draw("1"))
    threads[0].start()
    assert held.wait(60)
    later = draw("8")
    later.start()
    go.set()
    threads[0].join()
    later.join()
    assert (pad.strokes == READY_DIGITS["8"]
            and pad.answer["ink"] == pytest.approx(strokes_image(READY_DIGITS["8"]).sum().item()))


def test_labels_and_errors_are_text(show):
    evil = '<img src=x onerror="document.title = 1">'
    def predict(x):
        if x.sum() < 60: raise ValueError(evil)
        return {evil: 0.75, "7": 0.25}
    pad = DrawDigit(predict)
    page = show(pad)
    assert page.inner_text(".nnf-winner") == evil and page.locator(".nnf-answer-label").all_inner_texts() == [evil, "7"]
    pad.strokes = READY_DIGITS["1"]
    page = show(pad)
    assert (evil in page.inner_text(".nnf-note") and page.locator(".nnf-explorer img").count() == 0
            and page.title() != "1")


def test_error_in_predict_is_shown(show):
    def predict(x): raise NotImplementedError("still to do")
    page = show(DrawDigit(predict))
    assert "still to do" in page.inner_text(".nnf-note") and page.get_attribute(".nnf-note", "data-kind") == "bad"


def test_says_that_it_needs_a_kernel(show):
    page = show(DrawDigit(lambda x: [0.2, 0.8], labels=("3", "7")))
    # the saved answer belongs to the saved drawing
    assert page.inner_text(".nnf-winner") == "7" and "kernel" not in page.inner_text(".nnf-note")
    draw_line(page, (0.3, 0.3), (0.7, 0.7))
    assert "kernel" in page.inner_text(".nnf-note") and page.inner_text(".nnf-winner") == "–"
    assert seen(page).sum() > 10  # what a model would see is shown all the same


# Drawing

def test_draw_undo_clear(show, ideals):
    page = show(DrawDigit(ideals.predict))
    strokes = lambda: page.locator(".nnf-stroke").count()
    start, first = seen(page), strokes()
    assert torch.allclose(start, strokes_image(READY_DIGITS["3"]), atol=2e-3)
    page.click('[data-action="clear"]')
    until(lambda: strokes() == 0, message="cleared")
    assert seen(page).sum() == 0 and page.inner_text(".nnf-winner") == "–" and page.is_disabled('[data-action="clear"]')
    draw_line(page, (0.2, 0.2), (0.8, 0.2), (0.5, 0.9))
    draw_line(page, (0.4, 0.5), (0.6, 0.5))
    assert strokes() == 2
    image = seen(page)[0]
    assert (image.sum(0) > 0).sum() <= 20 and (image.sum(1) > 0).sum() == 20
    for left in (1, 0, first):
        page.click('[data-action="undo"]')
        until(lambda n=left: strokes() == n, message=f"undone to {left} strokes")
    assert torch.equal(seen(page), start) and page.is_disabled('[data-action="undo"]')
    assert not page.problems


def test_drawing_off_the_pad_stays_on_the_sheet(show, ideals):
    page = show(DrawDigit(ideals.predict))
    page.click('[data-action="clear"]')
    draw_line(page, (0.5, 0.5), (1.4, 0.5), (1.4, -0.3), (0.5, -0.3))
    d = page.locator(".nnf-stroke").get_attribute("d").replace("M", " ").replace("Q", " ").replace("L", " ").split()
    assert all(0 <= float(v) <= 100 for v in d) and len(d) > 10


def test_finger(show, ideals):
    page = show(DrawDigit(ideals.predict), touch=True, width=390)
    check_fits(page, 390)
    page.locator('[data-action="clear"]').tap()
    pad = page.locator(".nnf-pad")
    assert pad.evaluate("(e) => getComputedStyle(e).touchAction") == "none"
    pad.scroll_into_view_if_needed()
    box, cdp, scrolled = pad.bounding_box(), page.context.new_cdp_session(page), page.evaluate("scrollY")
    touch = lambda kind, *at: cdp.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [
        {"x": box["x"] + x*box["width"], "y": box["y"] + y*box["height"], "id": i} for i, (x, y) in enumerate(at)]})
    touch("touchStart", (0.5, 0.1))
    for i in range(1, 17): touch("touchMove", (0.5, 0.1 + 0.05*i))
    touch("touchEnd")
    until(lambda: page.locator(".nnf-stroke").count() == 1, message="the finger drew a stroke")
    settle(page)
    image = seen(page)[0]
    assert (image.sum(1) > 0).sum() == 20 and (image.sum(0) > 0).sum() <= 5 and page.evaluate("scrollY") == scrolled


def test_a_second_finger_does_not_join_in(show, ideals):
    page = show(DrawDigit(ideals.predict))
    page.click('[data-action="clear"]')
    page.locator(".nnf-pad").evaluate("""(pad) => { const b = pad.getBoundingClientRect(); pad.setPointerCapture = () => 0;
      const go = (type, pointerId, x) => pad.dispatchEvent(new PointerEvent(type, {
        pointerId, clientX: b.left + x * b.width, clientY: b.top + b.height / 2, bubbles: true }));
      go("pointerdown", 5, 0.2); go("pointerdown", 6, 0.9); go("pointermove", 6, 0.8);
      go("pointermove", 5, 0.4); go("pointerup", 6, 0.8); go("pointerup", 5, 0.4); }""")
    settle(page)
    assert page.locator(".nnf-stroke").count() == 1


def test_keyboard(show, ideals):
    page = show(DrawDigit(ideals.predict))
    page.locator('[data-digit="7"]').focus()
    page.keyboard.press("Enter")
    until(lambda: page.inner_text(".nnf-winner") == "7", message="a ready-drawn digit by keyboard")
    page.locator('[data-action="undo"]').focus()
    page.keyboard.press("Space")
    until(lambda: page.inner_text(".nnf-winner") == "3", message="undo by keyboard")


def test_two_views(show, ideals):
    pad = DrawDigit(ideals.predict)
    page = show(pad, pad)
    page.locator('[data-digit="7"]').nth(1).click()
    until(lambda: page.locator(".nnf-winner").all_inner_texts() == ["7", "7"], message="both views show the 7")
    assert torch.equal(seen(page, 0), seen(page, 1))
    drawn = page.locator(".nnf-stroke").count()
    draw_line(page, (0.2, 0.2), (0.8, 0.2), (0.5, 0.9))
    until(lambda: page.locator(".nnf-stroke").count() == drawn + 2, message="both views show the stroke")
    assert torch.equal(seen(page, 0), seen(page, 1))
    page.locator('[data-action="undo"]').nth(1).click()
    until(lambda: page.locator(".nnf-stroke").count() == drawn, message="the other view takes the whole stroke back")
    assert torch.equal(seen(page, 0), seen(page, 1))


def test_clean_up(show, ideals):
    state = dict(strokes=READY_DIGITS["3"], ready={k: READY_DIGITS[k] for k in "37"}, page_model={},
                 reply=dict(labels=["3"], scores=[]),
                 page=DrawDigit(ideals.predict).page)
    check_clean_up(show(DrawDigit(ideals.predict)), "DrawDigit", state, ["ready", "clear", "undo"])


# Bad input

@pytest.mark.parametrize("strokes, word", [([[(0.1, 0.2), (0.1, 2)]], r"strokes\[0\]\[1\]"),
                                           ([[(0.1, math.nan)]], r"strokes\[0\]\[0\]"), ([[]], "no points"),
                                           ("scribble", "lists of"), (5, "lists of"),
                                           ([[(0.5, 0.5)]*5001], "5001 points")])
def test_bad_strokes_change_nothing(strokes, word):
    pad = DrawDigit(lambda x: "yes")
    with pytest.raises(ValueError, match=word): pad.strokes = strokes
    assert pad.strokes == READY_DIGITS["3"] and pad.answer == "yes"


class Strange:
    def __init__(self, spec): self.spec = spec
    def __call__(self, x): return "yes"
    def page_model(self): return self.spec


@pytest.mark.parametrize("spec, word", [
    (dict(kind="magic"), "kind must be"),
    (dict(kind="nearest", metric="cosine", labels=[1], means=torch.zeros(1, 28, 28)), "metric must be"),
    (dict(kind="nearest", metric="l1", labels=[1], means=torch.zeros(1, 27, 28)), "shape"),
    (dict(kind="nearest", metric="l1", labels=[1, 2], means=torch.zeros(1, 28, 28)), "2 labels"),
    (dict(kind="nearest", metric="l1", labels=[1], means=torch.full((1, 28, 28), math.nan)), "not finite"),
    (dict(kind="layers", labels=[1], layers=[dict(weight=torch.zeros(1, 783), bias=torch.zeros(1))]), "shape"),
    (dict(kind="layers", labels=[1], layers=["swish"]), "swish")])
def test_bad_page_models(spec, word):
    with pytest.raises(ValueError, match=word): DrawDigit(Strange(spec))


@pytest.mark.parametrize("args, kind, word", [((3,), TypeError, "function"), ((lambda x: x, ()), ValueError, "labels"),
                                              ((lambda x: x, ("3", 3)), ValueError, "labels"),
                                              ((network(), ("3", "7")), ValueError, "10 numbers")])
def test_bad_arguments(args, kind, word):
    with pytest.raises(kind, match=word): DrawDigit(*args)


def test_a_model_object_instead_of_its_method(ideals):
    with pytest.raises(TypeError, match="give its method, .predict"): DrawDigit(ideals)


# With a kernel

def test_in_jupyterlab(lab):
    code = """from neuralnet_foundations.explorers import DrawDigit
calls = []
def predict(x):
    calls.append(x)
    if x.sum() > 250: raise ValueError('too much ink')
    return {'top': x[:, :14].mean(), 'bottom': x[:, 14:].mean()}
pad = DrawDigit(predict); pad"""
    with lab.open([code, "pad"]) as nb:
        nb.run_all()
        one, two = nb.explorer("DrawDigit"), nb.explorer("DrawDigit", 1)
        until(lambda: one.locator(".nnf-value").count() == 2, message="Python's answer shows")
        one.locator('[data-action="clear"]').click()
        until(lambda: two.locator(".nnf-stroke").count() == 0, message="both views are cleared")
        at = lambda x, y: (box["x"] + x*box["width"], box["y"] + y*box["height"])
        before = nb.value("len(calls)")
        nb.show(0)
        box = one.locator(".nnf-pad").bounding_box()
        nb.page.mouse.move(*at(0.3, 0.2))
        nb.page.mouse.down()
        start = time.monotonic()
        for p in ((0.7, 0.2), (0.4, 0.8)): nb.page.mouse.move(*at(*p), steps=50)
        took = time.monotonic() - start
        nb.page.mouse.up()
        nb.idle()
        image = lambda: torch.tensor(nb.value("pad.image.tolist()"))
        until(lambda: torch.allclose(seen(nb.page), image(), atol=2e-3) and image().sum() > 10,
              message="Python has another image")
        answer, n = nb.value("[pad.answer, len(calls)]")
        assert 1 <= n - before <= took/0.1 + 3  # throttled: not a call for each of the 100 moves
        texts = one.locator(".nnf-value").all_inner_texts()
        assert [float(t) for t in texts] == pytest.approx(list(answer.values()), rel=1e-2)
        assert one.locator("[data-wins]").get_attribute("data-label") == nb.value("pad.best")
        until(lambda: two.locator(".nnf-value").all_inner_texts() == texts, message="the second view agrees")
        two.locator('[data-action="undo"]').click()
        until(lambda: nb.value("len(pad.strokes)") == one.locator(".nnf-stroke").count() == 0,
              message="the second view takes the whole stroke back")
        nb.run("pad.strokes = [[(i/10, j/2) for j in (0, 2)] for i in range(11)]")
        until(lambda: "too much ink" in one.locator(".nnf-note").inner_text(), message="an error of predict is shown")
        assert nb.value("pad.answer") is None and not nb.tracebacks() and not nb.problems()
        nb.run("import time\ncalls = []\n"
               "def slow(x):\n    calls.append(time.sleep(0.4))\n    return {'ink': x.sum()}\n"
               "pad.predict = slow\npad.strokes = []")
        until(lambda: one.locator(".nnf-stroke").count() == 0, message="cleared from Python")
        nb.show(0)
        box = one.locator(".nnf-pad").bounding_box()
        nb.page.mouse.move(*at(0.3, 0.2))
        nb.page.mouse.down()
        start = time.monotonic()
        for p in ((0.7, 0.2), (0.4, 0.8), (0.8, 0.9)): nb.page.mouse.move(*at(*p), steps=35)
        took = time.monotonic() - start
        nb.page.mouse.up()
        nb.idle()
        until(lambda: len(set(nb.value("[pad.image.sum().item(), pad.answer['ink']]"))) == 1,
              message="the last drawing is the one answered")
        assert 1 <= nb.value("len(calls)") <= took/0.4 + 4  # one call at a time: none piled up
