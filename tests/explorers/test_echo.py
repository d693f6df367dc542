"""Quick changes in the page, while a quick or a slow kernel echoes each: none is lost, none is taken back, \
and Python ends where the page ends."""
import json

import examples
import pytest
from lab import run_on, settle, until
from test_loop_stepper import near

from neuralnet_foundations.explorers import STAGES, LoopStepper

ODD = "FitByHand(odd, x, y)"  # a function that only the kernel can compute
SETUP = f"""{examples.SETUP}
import time
def odd(a, b, x): return torch.stack([a*v + b for v in x])
def slow(w, *names): w.observe(lambda _: time.sleep(wait), names); return w
made = dict(odd=lambda: slow({ODD}, "params"))
""" + "\n".join(f"made[{e.name!r}] = lambda: slow({e.code}, {e.slow!r})" for e in examples.EXAMPLES)
WAITS = [0, 0.15]  # seconds that the kernel takes over each change


@pytest.fixture(scope="module")
def notebook(lab):
    with lab.open([SETUP, "w = made['LoopStepper'](); w", "w"], height=1800) as nb:
        nb.run("wait = 0")
        nb.run_all()
        yield nb
        assert not nb.tracebacks() and not nb.problems()


def views(nb, kind, wait, name=None):
    "A new explorer in two cells, so that each change goes to a second view too."
    nb.run(f"wait = {wait}")
    nb.js("cells[1].model.sharedModel.setSource(arg); return true", f"w = made['{kind}'](); w")
    nb.run_cell(1)
    nb.run_cell(2)
    return nb.explorer(name or kind), nb.explorer(name or kind, 1)


@pytest.mark.parametrize("wait", WAITS)
def test_a_training_loop_runs_on(notebook, wait):
    one, two = views(notebook, "LoopStepper", wait)
    one.locator('[data-action="speed"]').select_option("fast")
    seen = run_on(one, ".nnf-where", 60)
    assert len(seen) >= 60 and seen == sorted(seen), "it stopped, or the page went back"
    until(lambda: two.locator(".nnf-where").inner_text() == one.locator(".nnf-where").inner_text(),
          message="the second view ends elsewhere")
    epoch, batch, many = seen[-1]
    steps = (epoch - 1)*many + batch
    until(lambda: notebook.value("w.loop['steps']") == steps, message="Python is not where the page is")
    mine = LoopStepper()
    for _ in range(len(STAGES)*steps): mine.step()
    near(json.loads(json.dumps(mine.loop)), notebook.value("w.loop"))


@pytest.mark.parametrize("kind, wait", [(k, w) for k in ("DescentExplorer", "ReluBuilder") for w in WAITS])
def test_a_descent_runs_on(notebook, kind, wait):
    one, _ = views(notebook, kind, wait)
    seen = run_on(one, "output.nnf-steps", 30)
    assert len(seen) >= 30 and seen == sorted(seen), "it stopped, or the page went back"
    until(lambda: notebook.value("w.state['steps']") == seen[-1][0], message="Python is not where the page is")


@pytest.mark.parametrize("kind, wait", [(k, w) for k in ("LoopStepper", "DescentExplorer", "ReluBuilder", "FitByHand")
                                        for w in WAITS])
def test_python_ends_a_run(notebook, kind, wait):
    one, two = views(notebook, kind, wait)
    now = lambda: notebook.value("dict(LoopStepper=lambda: w.loop, FitByHand=lambda: w.params).get(type(w).__name__, lambda: "
                                 "dict(w.state['params'], steps=w.state['steps']))()")
    shown = lambda root: ([root.locator(o).inner_text() for o in (".nnf-where",) if kind == "LoopStepper"]
                          or root.locator("[data-param]").evaluate_all("(all) => all.map((o) => o.dataset.value)"))
    start, seen = now(), shown(one)
    if kind == "LoopStepper": one.locator('[data-action="speed"]').select_option("fast")
    run = one.locator('[data-action="run"]')
    run.click()
    until(lambda: shown(one) != seen, message="it does not run")
    notebook.page.wait_for_timeout(500)
    notebook.run("w.reset()")
    until(lambda: run.inner_text() == "Run", message="it runs on")
    until(lambda: now() == start, message="Python is not where it began")
    notebook.page.wait_for_timeout(500)
    assert now() == start and shown(one) == shown(two) == seen, "something came after the reset"


@pytest.mark.parametrize("kind", ["DescentExplorer", "FitByHand"])
def test_a_reset_that_changes_nothing_is_no_message(notebook, kind):
    one, _ = views(notebook, kind, 0)
    now = "dict(w.params) if hasattr(w, 'params') else w.state['params']"
    start = notebook.value(now)
    one.locator('[data-action="reset"]').click()
    notebook.page.wait_for_timeout(200)
    notebook.run("w.step()")
    assert notebook.value(now) != start
    notebook.run("w.reset()")
    notebook.page.wait_for_timeout(500)
    assert notebook.value(now) == start, "the page took Python's reset for an echo"


# Click, or move a slider, many times quickly; the waits are shorter than the time between two messages.
CLICKS = """async (root, n) => { const step = root.querySelector('[data-action="step"]');
  for (let i = 0; i < n; i++) { step.click(); await new Promise((r) => setTimeout(r, 12)); } }"""
DRAG = """async (root, values) => { const range = root.querySelector('[data-param=a] input[type=range]'), went = [];
  for (const v of values) {
    if (went.length && range.valueAsNumber !== went.at(-1)) throw new Error(`${went.at(-1)} became ${range.value}`);
    range.value = v; range.dispatchEvent(new Event('input', { bubbles: true })); went.push(range.valueAsNumber);
    await new Promise((r) => setTimeout(r, 12)); } }"""


@pytest.mark.parametrize("wait", WAITS)
def test_every_click_on_step_counts(notebook, wait):
    one, _ = views(notebook, "LoopStepper", wait)
    one.evaluate(CLICKS, 103)
    mine = LoopStepper()
    for _ in range(103): mine.step()
    until(lambda: notebook.value("w.loop['steps'] + w.loop['done']/10") == mine.loop["steps"] + mine.loop["done"]/10,
          message="Python misses clicks")
    near(json.loads(json.dumps(mine.loop)), notebook.value("w.loop"))


@pytest.mark.parametrize("kind, wait", [(k, w) for k in ("FitByHand", "odd") for w in WAITS])
def test_a_slider_stays_where_it_is_put(notebook, kind, wait):
    one, two = views(notebook, kind, wait, "FitByHand")
    one.evaluate(DRAG, [round(-4 + 0.05*i, 2) for i in range(150)])
    settle(notebook.page)
    a = lambda root: root.locator("[data-param=a]").get_attribute("data-value")
    until(lambda: notebook.value("w.params['a']") == 3.45, message="Python missed the last move")
    until(lambda: a(one) == a(two) == "3.45", message="an echo moved the slider")


@pytest.mark.parametrize("wait", WAITS)
def test_a_drawing_keeps_every_stroke(notebook, wait):
    one, two = views(notebook, "DrawDigit", wait)
    one.locator('[data-action="clear"]').click()
    pad = one.locator(".nnf-pad")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    at = lambda x, y: (box["x"] + x*box["width"], box["y"] + y*box["height"])
    mouse = notebook.page.mouse
    for i in range(12):
        mouse.move(*at(0.1 + 0.05*i, 0.2))
        mouse.down()
        mouse.move(*at(0.2 + 0.05*i, 0.8), steps=6)
        mouse.up()
        assert one.locator(".nnf-stroke").count() in (i, i + 1)  # the newest waits for its frame
    paths = lambda root: root.locator(".nnf-stroke").evaluate_all("(all) => all.map((p) => p.getAttribute('d'))")
    until(lambda: len(paths(one)) == 12 and paths(two) == paths(one), message="the views differ")
    until(lambda: notebook.value("len(w.strokes)") == 12, message="Python misses strokes")
    for _ in range(7): one.locator('[data-action="undo"]').click()
    until(lambda: notebook.value("len(w.strokes)") == 5 and len(paths(one)) == 5 and paths(two) == paths(one),
          message="undo was taken back")
