"LogitsExplorer: torch's numbers, guessing, dragging, keys, overflow; in Python and on a page without a kernel."
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from lab import settle, until

from neuralnet_foundations.explorers import LogitsExplorer

TEN = [float(v) for v in np.random.RandomState(1).normal(0, 3, 10).round(2)]


# ---- Python

@pytest.mark.parametrize("logits, target, temperature", [([2., 1., -1.], 0, 1.), (TEN, 4, 2.5), ([1e3, 999.], 1, 0.5)])
def test_numbers_are_torchs(logits, target, temperature):
    w = LogitsExplorer(logits, target=target)
    w.temperature = temperature
    z = torch.tensor(logits, dtype=torch.float64, requires_grad=True)
    loss = F.cross_entropy(z/temperature, torch.tensor(target))
    loss.backward()
    assert torch.allclose(w.probs, F.softmax(z/temperature, 0)) and w.loss == pytest.approx(loss.item())
    assert torch.allclose(w.gradient, z.grad)
    w.lr = 0.3
    w.step()
    assert np.allclose(w.logits, (z - 0.3*z.grad).detach())
    w.reset()
    assert w.logits == tuple(logits)


def test_a_models_own_answer():
    out = torch.nn.Linear(784, 10)(torch.rand(1, 784))
    w = LogitsExplorer(out, target=7)
    assert torch.allclose(w.probs, out[0].double().softmax(0)) and w.target == 7
    w.logits = out*2
    assert np.allclose(w.logits, (2*out[0]).tolist())


WRONG = [
    (dict(logits=[1.]), "at least 2"), (dict(logits=range(11)), "at most 10"),
    (dict(logits=[1., float("inf")]), "logits[1] is inf"),
    (dict(logits=["a", "b"]), "logits must be numbers"), (dict(logits=torch.zeros(2, 3)), "one axis"),
    (dict(logits=[1., 2.], labels="abc"), "2 logits need 2 labels"),
    (dict(logits=[1., 2.], labels="aa"), "different"),
    (dict(logits=[1., 2.], labels=3), "list of names"), (dict(logits=[1., 2.], labels=b"ab"), "list of names"),
    (dict(logits=[1., 2.], labels={"a", "b"}), "in order"), (dict(logits=[1., 2.], labels=frozenset("ab")), "in order"),
    (dict(logits=[1., 2.], labels=["a", " "]), "labels[1] is blank"),
    (dict(logits=[1., 2.], target=2), "from 0 to 1"),
    (dict(logits=[1., 2.], labels="ab", target="c"), "labels a, b"), (dict(logits=[1., 2.], target=0.5), "whole number")]


@pytest.mark.parametrize("given, says", WRONG, ids=[s for _, s in WRONG])
def test_what_it_refuses(given, says):
    with pytest.raises(ValueError) as e: LogitsExplorer(**given)
    assert says in str(e.value)


BAD = [("logits", [1., 2.]), ("logits", [1., 2., np.nan]), ("temperature", 0), ("lr", -1), ("guess", 1.5),
       ("revealed", 1), ("target", "d"), ("labels", "xyz"), ("start", [0, 0, 0])]


@pytest.mark.parametrize("name, value", BAD)
def test_a_bad_value_changes_nothing(name, value):
    w = LogitsExplorer([2., 1., -1.], labels="abc", target="b")
    before = w.get_state(["logits", "labels", "start", "target", "temperature", "lr", "guess", "revealed"])
    with pytest.raises(ValueError): setattr(w, name, value)
    assert w.get_state(list(before)) == before


def test_a_guess_is_for_its_numbers():
    w = LogitsExplorer([2., 1.])
    w.guess, w.revealed = 0.7, True
    w.logits = [2., 1.]
    assert w.guess == 0.7
    w.target = 1
    assert w.guess is None and w.revealed


def test_steps_are_taken_all_or_none():
    "The second of three steps would leave the numbers: the first is not taken either."
    w = LogitsExplorer([89., 88.], target=1)
    w.lr = 1e308
    w.subtract, w.logits = False, [2., 1.]
    with pytest.raises(ValueError, match="finite"): w.step(3)
    assert w.logits == (2., 1.)


def test_overflow_is_float32s_and_takes_no_step():
    w = LogitsExplorer([89., 88.])
    right = w.probs
    w.subtract = False
    assert w.probs[0].isnan() and np.isnan(w.loss) and right.isfinite().all()
    with pytest.raises(ValueError, match="finite"): w.step()
    assert w.logits == (89., 88.)
    w.logits = [88., 87.]
    assert torch.allclose(w.probs, right, atol=1e-6)


# ---- The page

def explorer(page, i=0): return page.locator(".nnf-explorer").nth(i)
def texts(root, kind): return root.locator(f".nnf-cell-{kind} .nnf-figure").all_text_contents()
def number(text): return np.nan if text in ("NaN", "not a number") else float(text.replace("−", "-"))
def column(root, kind): return [number(t) for t in texts(root, kind)]
def logits(root): return [float(r.get_attribute("data-value")) for r in root.locator("[data-param]").all()]
def press(root, action): root.locator(f'[data-action="{action}"]').click()


def shown(w):
    w.revealed = True
    return w


def agrees(root, target=0):
    "The page's figures are torch's, for the logits that it shows."
    z = torch.tensor(logits(root), dtype=torch.float64)
    p = F.softmax(z, 0)
    y = F.one_hot(torch.tensor(target), len(z))
    loss = number(root.locator(".nnf-loss").text_content())
    return (np.allclose(column(root, "prob"), p, atol=6e-5) and np.allclose(column(root, "push"), p - y, atol=6e-5)
            and np.allclose(loss, F.cross_entropy(z, torch.tensor(target)), rtol=1e-3))


@pytest.mark.parametrize("given", [[2., 1.], TEN])
def test_keys_move_a_bar_and_everything_follows(show, given):
    root = explorer(show(shown(LogitsExplorer(given))))
    assert agrees(root) and root.locator("[data-param]").count() == len(given)
    root.locator('[data-param="1"] input[type=range]').press("PageUp")
    until(lambda: logits(root)[1] == pytest.approx(round(given[1] + 1 + 1e-9, 1), abs=0.06) and agrees(root))
    number = root.locator('[data-param="0"] input[type=number]')
    number.fill("-3.25")
    number.press("Enter")
    until(lambda: logits(root)[0] == -3.25 and agrees(root))
    assert not root.page.problems


def test_guess_first_then_look(show):
    page = show(LogitsExplorer([2., 1., -1.], labels=["cat", "dog", "bird"], target="cat"))
    root = explorer(page)
    said = root.locator("[role=status]")
    assert "“cat”" in said.text_content() and root.locator(".nnf-loss").text_content() == "?"
    assert set(root.locator(".nnf-cell .nnf-figure").all_text_contents()) == {"?"}
    press(root, "check")
    until(lambda: "from 0 to 1" in said.text_content())
    root.locator('[data-action="guess"]').fill("0.5")
    press(root, "check")
    until(lambda: "You said 0.500, and it is 0.705" in said.text_content() and agrees(root))
    press(root, "reveal")
    until(lambda: root.locator(".nnf-loss").text_content() == "?")
    assert not page.problems


def test_a_constant_moves_no_probability_until_float32_overflows(show):
    root = explorer(show(shown(LogitsExplorer([2., 1., -1.]))))
    before, loss = column(root, "prob"), root.locator(".nnf-loss").text_content()
    for n in range(1, 9):
        press(root, "add")
        until(lambda n=n: logits(root)[0] == 2 + 10*n)
    assert column(root, "prob") == before and root.locator(".nnf-loss").text_content() == loss
    press(root, "subtract")
    settle(root.page)
    assert column(root, "prob") == before
    press(root, "add")
    until(lambda: "Too large for float32" in root.locator("[role=status]").text_content())
    assert texts(root, "prob")[0] == "NaN" and root.locator(".nnf-loss").text_content() == "not a number"
    press(root, "step")
    until(lambda: "would not be finite" in root.locator("[role=status]").text_content())
    press(root, "subtract")
    until(lambda: column(root, "prob") == before)
    press(root, "reset")
    until(lambda: logits(root) == [2, 1, -1])
    assert not root.page.problems


def test_step_target_and_temperature(show):
    w = shown(LogitsExplorer([2., 1., -1.], labels="abc"))
    root = explorer(show(w))
    root.locator('[data-action="target"]').select_option("c")
    until(lambda: agrees(root, 2))
    w.target = "c"
    w.step(3)
    for _ in range(3): press(root, "step")
    until(lambda: np.allclose(logits(root), w.logits, atol=1e-6) and agrees(root, 2))
    heat = root.locator('[data-action="temperature"]')
    heat.fill("100")
    heat.press("Enter")
    until(lambda: np.allclose(column(root, "prob"), 1/3, atol=0.02))
    heat.fill("0")
    heat.press("Enter")
    settle(root.page)
    assert np.allclose(column(root, "prob"), 1/3, atol=0.02) and not root.page.problems


def test_in_jupyterlab(lab):
    cell = "from neuralnet_foundations.explorers import LogitsExplorer\nw = LogitsExplorer([2., 1., -1.])\nw"
    with lab.open([cell]) as nb:
        nb.run_all()
        root = nb.explorer("LogitsExplorer")
        press(root, "reveal")
        press(root, "step")
        mine = LogitsExplorer([2., 1., -1.])
        mine.step()
        until(lambda: np.allclose(nb.value("list(w.logits)"), mine.logits, atol=1e-9), every=0.1)
        nb.run("w.logits = [5., 5., 5.]")
        until(lambda: logits(root) == [5, 5, 5] and agrees(root))
        assert nb.value("w.loss") == pytest.approx(np.log(3)) and not nb.tracebacks() and not nb.problems()
