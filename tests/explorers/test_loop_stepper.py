"LoopStepper: page, Python and a loop written out in torch give the same numbers, with and without zeroing."
import json
import math

import pytest
import torch
import torch.nn.functional as F
from explorer_checks import check_clean_up, check_fits
from lab import settle, until
from torch import nn

from neuralnet_foundations.explorers import STAGES, LoopStepper, threes_and_sevens


def near(a, b):
    "Two loops agree: numbers to 1e-9, all else exactly."
    for key, v in a.items():
        if isinstance(v, list) or isinstance(v, float): assert b[key] == pytest.approx(v, rel=1e-9, abs=1e-12), key
        else: assert b[key] == v, key


def torch_loop(w, epochs):
    "The loop of the lesson, with nn.Linear and torch's SGD; the loss of each batch, the last parameters and gradients."
    model = nn.Linear(w.x.shape[1], 1).double()
    with torch.no_grad():
        model.weight.copy_(torch.tensor([w.start[:-1]], dtype=torch.float64))
        model.bias.copy_(torch.tensor(w.start[-1:], dtype=torch.float64))
    opt, losses = torch.optim.SGD(model.parameters(), lr=w.lr), []
    for _ in range(epochs):
        for xb, yb in zip(w.x.split(w.batch_size), w.y.split(w.batch_size), strict=True):
            loss = F.l1_loss(model(xb).sigmoid(), yb)  # for targets 0 and 1 the same as where(y == 1, 1 - p, p).mean()
            loss.backward()
            opt.step()
            losses.append(loss.item())
            if w.zero_grad: opt.zero_grad()
    return losses, model


def some_data(n, d, seed=0):
    torch.manual_seed(seed)
    return 3*torch.randn(n, d), torch.randint(0, 2, (n, 1)).float()


CASES = [((), dict()), ((), dict(zero_grad=False)), ((), dict(lr=0.05, batch_size=5)),
         (some_data(50, 7), dict(batch_size=16, zero_grad=False)),
         (some_data(9, 64), dict(batch_size=100, lr=30.)), (some_data(3, 1), dict(batch_size=1))]


@pytest.mark.parametrize("data, options", CASES)
def test_python_is_torch(data, options):
    w = LoopStepper(*data, **options)
    losses, model = torch_loop(w, 4)
    assert w.run(4) == pytest.approx(losses, rel=1e-9, abs=1e-12) and w.loop["epoch"] == 4
    state = w.state
    assert (torch.allclose(state["weights"].T, model.weight, atol=1e-9)
            and torch.allclose(state["bias"], model.bias, atol=1e-9))
    if w.zero_grad: assert state["weights_grad"] is None and state["bias_grad"] is None
    else:
        assert (torch.allclose(state["weights_grad"].T, model.weight.grad, atol=1e-9)
                and torch.allclose(state["bias_grad"], model.bias.grad, atol=1e-9))


def test_forgetting_differs_and_sticks():
    right, wrong = LoopStepper(), LoopStepper(zero_grad=False)
    a, b = right.run(12), wrong.run(12)
    assert a[:2] == b[:2] and a[2] != b[2]  # the second step is the first that an old slope spoils
    assert max(a[-6:]) < 0.1 and sum(b[-6:])/6 > 0.45


def test_stages_and_state():
    w = LoopStepper(batch_size=10)
    shapes = lambda: {k: tuple(v.shape) for k, v in w.state.items() if isinstance(v, torch.Tensor)}
    assert [w.step() for _ in range(10)] == [*STAGES, *STAGES]
    assert shapes() == dict(xb=(10, 4), yb=(10, 1), weights=(4, 1), bias=(1,), preds=(10, 1), loss=())
    assert [w.step() for _ in range(3)] == ["predict", "loss", "gradient"]
    assert shapes()["preds"] == (4, 1) and shapes()["weights_grad"] == (4, 1)  # the last batch is what is left
    assert (w.state["epoch"], w.state["batch"], w.state["stage"], w.state["done"]) == (0, 2, "step", "gradient")
    w.zero_grad = False
    w.step()
    assert ((w.state["epoch"], w.state["batch"], w.state["stage"]) == (1, 0, "predict")
            and w.state["weights_grad"] is not None)
    w.reset()
    assert w.state["done"] is None and w.state["losses"] == [] and w.loop["params"] == w.start
    w.step()
    w.batch_size = 6
    assert w.state["done"] is None and w.state["xb"].shape == (6, 4)  # other batches begin anew


def tensor_row(page, name): return page.locator(f'[data-tensor="{name}"]')


def test_step_by_step_in_the_page(show):
    w = LoopStepper()
    page = show(w)
    lit = lambda: page.locator("[data-lit]").evaluate_all("(all) => all.map((o) => o.dataset.stage)")
    changed = lambda: page.locator("[data-changed]").evaluate_all("(all) => all.map((o) => o.dataset.tensor)")
    assert lit() == [] and tensor_row(page, "weights.grad").inner_text().split()[-1] == "None"
    grads = ["weights.grad", "bias.grad"]
    wanted = dict(predict=["xb", "yb", "preds"], loss=["loss"], gradient=grads, step=["weights", "bias"], zero=grads)
    for stage in [*STAGES, *STAGES, "predict"]:
        page.click('[data-action="step"]')
        w.step()
        until(lambda s=stage: lit() == [s], message=f"{stage} is lit")
        assert changed() == wanted[stage]
        if stage == "loss":
            assert float(page.inner_text(".nnf-loss-now")) == pytest.approx(w.state["loss"].item(), abs=6e-4)
        if stage == "step":
            shown = [float(t.split()[-1].replace("−", "-"))
                     for t in tensor_row(page, "weights").locator(".nnf-number").all_inner_texts()]
            assert shown == pytest.approx(w.state["weights"].flatten().tolist(), rel=2e-3, abs=2e-3)
            assert tensor_row(page, "weights").locator(".nnf-old").count() == 4  # the values before the step
    assert page.inner_text(".nnf-where") == "epoch 1, batch 3 of 3"
    assert tensor_row(page, "xb").locator("td").first.inner_text() == "(8, 4)"
    assert not page.problems


def test_forget_in_the_page(show):
    page = show(LoopStepper())
    assert page.locator("[data-forgotten]").count() == 0
    page.uncheck('[data-action="zero"]')
    until(lambda: page.locator("[data-forgotten]").get_attribute("data-stage") == "zero",
          message="the line is struck out")
    page.click('[data-action="batch"]')
    for _ in range(3): page.click('[data-action="step"]')
    until(lambda: "sum over 2 batches" in page.inner_text(".nnf-story"), message="says that slopes were added up")
    wrong = LoopStepper(zero_grad=False)
    for _ in range(4 + 3): wrong.step()
    shown = [float(t.split()[-1].replace("−", "-"))
             for t in tensor_row(page, "weights.grad").locator(".nnf-number").all_inner_texts()]
    assert shown == pytest.approx(wrong.state["weights_grad"].flatten().tolist(), rel=2e-3, abs=2e-3)


def test_run_pause_reset(show):
    page = show(LoopStepper())
    page.select_option('[data-action="speed"]', "fast")
    page.click('[data-action="run"]')
    until(lambda: int(page.inner_text(".nnf-where").split()[1].rstrip(",")) >= 5, message="it runs on")
    page.click('[data-action="run"]')
    settle(page)
    where = page.inner_text(".nnf-where")
    page.wait_for_timeout(200)
    assert page.inner_text(".nnf-where") == where and page.inner_text('[data-action="run"]') == "Run"
    assert page.locator(".nnf-curve").get_attribute("d").count("L") >= 11
    page.click('[data-action="reset"]')
    until(lambda: page.inner_text(".nnf-where") == "epoch 1, batch 1 of 3", message="back at the start")
    # the last run stays for comparison
    assert not page.locator(".nnf-curve").get_attribute("d") and "L" in page.locator(".nnf-ghost").get_attribute("d")
    first = LoopStepper().start[0]
    assert (float(tensor_row(page, "weights").locator(".nnf-number").first.inner_text())
            == pytest.approx(first, abs=6e-4))


def test_stage_by_stage_run_and_keyboard(show):
    page = show(LoopStepper())
    page.locator('[data-action="run"]').focus()
    page.keyboard.press("Enter")
    until(lambda: page.locator("[data-lit]").count() == 1, message="running")
    page.keyboard.press("Enter")
    assert page.inner_text('[data-action="run"]') == "Run"
    page.locator('[data-action="lr"]').fill("0.25")
    page.keyboard.press("Enter")
    page.locator('[data-action="reset"]').focus()
    page.keyboard.press("Space")
    for _ in range(4): page.locator('[data-action="step"]').press("Enter")
    w = LoopStepper(lr=0.25)
    for _ in range(4): w.step()
    until(lambda: "lr = 0.25" in page.inner_text(".nnf-story"), message="the new rate is used")
    shown = tensor_row(page, "bias").locator(".nnf-number").inner_text().split()[-1].replace("−", "-")
    assert float(shown) == pytest.approx(w.state["bias"].item(), abs=2e-3)


def test_bad_rate_in_the_page_changes_nothing(show):
    page = show(LoopStepper())
    for text in ("-1", "0", "", "1e9"):
        page.locator('[data-action="lr"]').fill(text)
        page.keyboard.press("Enter")
    for _ in range(4): page.click('[data-action="step"]')
    until(lambda: "lr = 1 times" in page.inner_text(".nnf-story"), message="the rate is still 1")


def test_two_views_and_width(show):
    w = LoopStepper()
    page = show(w, w, width=390)
    page.locator('[data-action="step"]').nth(1).click()
    until(lambda: page.locator("[data-lit]").count() == 2, message="both views are lit")
    page.locator('[data-action="zero"]').first.uncheck()
    until(lambda: not page.locator('[data-action="zero"]').nth(1).is_checked(), message="both views know the toggle")
    check_fits(page, 390)


def test_clean_up(show):
    w = LoopStepper()
    coded = lambda b: dict(base64=__import__("base64").b64encode(b).decode())
    state = dict(x_data=coded(w.x_data), y_data=coded(w.y_data), shape=w.shape, lr=1, batch_size=8, zero_grad=True,
                 start=w.start, loop=w.loop, page=w.page)
    check_clean_up(show(w), "LoopStepper", state, ["step", "batch", "run"])  # removed while it runs


# Bad input

X, Y = threes_and_sevens()


@pytest.mark.parametrize("args, options, word", [
    ((X, Y[:, 0]), {}, r"y\[:, None\]"), ((X[:, 0], Y), {}, "row for each item"), ((X, Y[:-1]), {}, r"shape \(24, 1\)"),
    ((X, 7*Y), {}, "found 7"),
    ((X, None), {}, "y is missing"), ((None, Y), {}, "x is missing"), ((X[:0], Y[:0]), {}, "a row or more"),
    ((torch.zeros(24, 65), Y), {}, "1 to 64"),
    ((X.where(X < X.max(), torch.tensor(math.nan)), Y), {}, "is nan"), ((X*1e9, Y), {}, "scale it"),
    (("data", Y), {}, "x must be numbers"),
    ((torch.zeros(6000, 10), torch.zeros(6000, 1)), {}, "50,000"), ((X, Y), dict(lr=0), "lr must be above 0"),
    ((X, Y), dict(lr=math.inf), "lr is inf"),
    ((X, Y), dict(lr="fast"), "lr must be a number"), ((X, Y), dict(batch_size=0), "batch_size"),
    ((X, Y), dict(batch_size=2.5), "batch_size")])
def test_bad_arguments(args, options, word):
    with pytest.raises(ValueError, match=word): LoopStepper(*args, **options)


def test_bad_assignment_changes_nothing():
    w = LoopStepper()
    w.step()
    before = w.loop
    for name, value in (("lr", -1), ("lr", math.nan), ("batch_size", 0)):
        with pytest.raises(ValueError): setattr(w, name, value)
    with pytest.raises(ValueError): w.run(0)
    assert w.loop is before and w.lr == 1 and w.batch_size == 8


# With a kernel

def test_in_jupyterlab(lab):
    with lab.open(["from neuralnet_foundations.explorers import LoopStepper\nw = LoopStepper(); w", "w"]) as nb:
        nb.run_all()
        one, two = nb.explorer("LoopStepper"), nb.explorer("LoopStepper", 1)
        for _ in range(9): one.locator('[data-action="step"]').click()
        mine = LoopStepper()
        for _ in range(9): mine.step()
        until(lambda: nb.value("w.loop['done']") == 3, message="Python got the page's steps")
        near(json.loads(json.dumps(mine.loop)), nb.value("w.loop"))
        until(lambda: two.locator("[data-lit]").get_attribute("data-stage") == "step",
              message="the second view follows")
        assert nb.value("[w.step(), w.step()]") == ["zero", "predict"]
        until(lambda: one.locator("[data-lit]").get_attribute("data-stage") == "predict",
              message="the page follows Python")
        nb.run("w.reset(); w.run(2)")
        until(lambda: one.locator(".nnf-where").inner_text() == "epoch 2, batch 3 of 3", message="two epochs have run")
        two.locator('[data-action="zero"]').uncheck()
        one.locator('[data-action="speed"]').select_option("fast")
        one.locator('[data-action="run"]').click()
        until(lambda: "epoch 6" in one.locator(".nnf-where").inner_text(), message="it runs in the page")
        one.locator('[data-action="run"]').click()
        until(lambda: nb.value("w.loop['summed']") > 9 and not nb.value("w.zero_grad"),
              message="Python has the page's state")
        shown = one.locator(".nnf-where").inner_text()
        until(lambda: two.locator(".nnf-where").inner_text() == shown, message="views in step at rest")
        nb.run_cell(0)
        nb.explorer("LoopStepper")
        assert not nb.tracebacks() and not nb.problems()
