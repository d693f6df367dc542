"SevenSteps: order by hand and by keyboard, any order run before one's eyes, Python's side."
import pytest
from lab import settle, until

from neuralnet_foundations.checks import BadInput
from neuralnet_foundations.explorers import SevenSteps
from neuralnet_foundations.explorers.seven_steps import MIXED, SAYS, STEPS, run_order

RIGHT = list(STEPS)
LATE = ["initialise", "predict", "loss", "step", "gradient", "repeat", "stop"]


def root_of(page): return page.locator(".nnf-explorer")
def press(root, action): root.locator(f'[data-action="{action}"]').first.click()
def told(root): return root.locator(".nnf-seven-story").inner_text()
def shown(root): return [t.lower() for t in root.locator(".nnf-order li b").all_inner_texts()]


@pytest.mark.parametrize("bad", [RIGHT[:6], [*RIGHT, "stop"], ["predict"]*7, "initialise", None, [1, 2], [[]]*7])
def test_an_order_that_is_none_changes_nothing(bad):
    w = SevenSteps()
    w.ran = 2
    with pytest.raises(BadInput, match="order must hold each of initialise, predict"): w.order = bad
    assert w.order == MIXED and w.ran == 2


def test_no_more_lines_than_run():
    w = SevenSteps(["predict", *[n for n in RIGHT if n != "predict"]])
    for bad in (2, -1, True, 1.5, "1"):
        with pytest.raises(BadInput): w.ran = bad
    w.ran = 1
    assert w.losses == []
    w.order = RIGHT
    assert w.ran == 0 and len(w.run()) == w.ran and w.losses[-1] < 0.05


@pytest.mark.parametrize("order, word", [(RIGHT, "right"), (LATE, "late"), (["stop", *RIGHT[:-1]], "never"),
                                         (["predict", "initialise", *RIGHT[2:]], "w")])
def test_any_order_is_run_to_its_end(show, js, order, word):
    w = SevenSteps(order)
    page = show(w)
    root = root_of(page)
    until(lambda: SAYS["begin"] in told(root))
    press(root, "run")
    until(lambda: told(root) == SAYS[word])
    losses = [o["loss"] for o in run_order(order) if o["name"] == "loss"]
    if losses and word != "w": assert root.locator(".nnf-loss").inner_text() == js("shared/numbers.js", "format", losses[-1])
    assert root.locator('[data-action="run"]').inner_text() == "Run" and not page.problems


def test_a_line_at_a_time(show):
    page = show(SevenSteps(RIGHT))
    root, curve = root_of(page), page.locator("path.nnf-curve")
    assert not curve.get_attribute("d")
    seen = set()
    for name in RIGHT[:6]:
        press(root, "step")
        until(lambda name=name: root.locator("li[data-lit] b").all_inner_texts() == [STEPS[name]["title"]])
        seen.add(curve.get_attribute("d"))
    assert len(seen) == 2, "initialise and step move the line, nothing else does"
    press(root, "reset")
    until(lambda: SAYS["begin"] in told(root) and not root.locator("li[data-lit]").count())
    assert not page.problems


def test_mended_by_keyboard_it_trains(show):
    w = SevenSteps(LATE)
    page = show(w)
    root = root_of(page)
    press(root, "step")
    row = root.locator(".nnf-order li", has_text="opt.step")
    row.locator('[data-action="down"]').focus()
    page.keyboard.press("Enter")
    until(lambda: shown(root) == RIGHT)
    until(lambda: SAYS["begin"] in told(root), message="another order begins anew")
    assert root.locator(":focus").get_attribute("aria-label") == "Move down: Step"
    press(root, "run")
    until(lambda: told(root) == SAYS["right"])
    assert not page.problems


def test_a_run_pauses_and_goes_on(show):
    page = show(SevenSteps(RIGHT))
    root = root_of(page)
    press(root, "run")
    until(lambda: root.locator("li[data-lit]").count())
    press(root, "run")
    settle(page)
    assert root.locator('[data-action="run"]').inner_text() == "Run" and told(root) != SAYS["right"]
    press(root, "run")
    until(lambda: told(root) == SAYS["right"])
    press(root, "run")
    until(lambda: told(root) != SAYS["right"], message="a run that has ended begins anew")
