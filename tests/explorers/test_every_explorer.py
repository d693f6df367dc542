"What every explorer has to pass, whatever it shows: the list is in examples.py."
import inspect
import shutil
import subprocess

import pytest
from examples import EXAMPLES, NAMES, SETUP
from explorer_checks import check_clean_up, check_fits
from lab import ROOT, look, page_state, settle, until

import neuralnet_foundations.explorers as explorers
from neuralnet_foundations.explorers.core import Explorer

each = pytest.mark.parametrize("example", EXAMPLES, ids=NAMES)
AXE = ROOT / "docs/node_modules/axe-core/axe.min.js"

CLIPS = ("(root) => [...root.querySelectorAll('button, label, output, p, th, td, figcaption, "
         """.nnf-label, .nnf-name, .nnf-readout')]
  .filter((e) => e.getClientRects().length && !e.closest('.nnf-hidden') && getComputedStyle(e).overflowX !== 'auto'
    && (e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0 && getComputedStyle(e).display !== 'inline'))
  .map((e) => `${e.outerHTML.slice(0, 120)}: ${e.scrollWidth} in ${e.clientWidth}`)""")
# Elements whose names a person must hear, and have none; ids, of which two views would have two
NAMELESS = ("""(root) => [...root.querySelectorAll('button, input, select, [role=slider], [tabindex="0"]')]"""
            """.filter((e) => !(e.getAttribute('aria-label')
  || e.textContent.trim() || e.closest('label')?.textContent.trim() || e.labels?.length))"""
            """.map((e) => e.outerHTML.slice(0, 120))""")


def test_the_list_is_complete():
    "Every explorer of the package has its line; what has a view of its own is one, and its files bear its name."
    kinds = {n: o for n, o in vars(explorers).items() if inspect.isclass(o) and issubclass(o, Explorer)}
    found = {n for n, o in kinds.items() if getattr(o, "_esm", None) is not None}
    assert found == set(NAMES) and len(NAMES) == len(found), "each explorer has one line in tests/examples.py"
    for name in NAMES:
        for end in ("js", "css"):
            assert (ROOT / f"neuralnet_foundations/static/{name}.{end}").is_file(), f"{name}.{end}"


@each
def test_what_a_hand_does_shows(show, example):
    "It starts with everything in place and without an error; what a hand does changes what one sees, each time."
    page = show(example.make())
    root, seen = page.locator(".nnf-explorer"), []
    assert root.get_attribute("data-explorer") == example.name and root.get_attribute("aria-label")
    for _ in range(3):
        seen.append(look(root))
        example.drive(root)
        until(lambda: look(root) != seen[-1], message="nothing changed")
    assert not page.problems


@each
def test_two_views(show, example):
    "Two views of one explorer show the same, whichever is driven."
    w = example.make()
    page = show(w, w)
    one, two = (page.locator(".nnf-explorer").nth(i) for i in (0, 1))
    for driven in (one, two):
        before = look(one)
        example.drive(driven)
        until(lambda before=before: look(one) == look(two) != before, message="the views differ")
    assert not page.problems


@each
def test_clean_up(show, example):
    "Every button pressed, then the view goes: no listener, observer, timer or node is left."
    w = example.make()
    buttons = show(w).locator(".nnf-explorer button").evaluate_all(
        "(all) => all.filter((b) => !b.disabled).map((b) => b.dataset.action)")
    state = page_state([w])[w.model_id]
    values = dict(state["state"])
    for buffer in state["buffers"]:
        at = values
        for key in buffer["path"][:-1]: at = at[key]
        at[buffer["path"][-1]] = dict(base64=buffer["data"])
    check_clean_up(show(), example.name, values, dict.fromkeys(buttons))


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 736, 1000])
@each
def test_it_fits(show, example, width, theme):
    "At each width, in each theme: nothing is cut off or too pale, everything has a name, at the start and once it was driven."
    page = show(example.make(), width=width, theme=theme)
    root = page.locator(".nnf-explorer")
    for _ in range(2):
        settle(page)
        check_fits(page, width)
        assert not root.evaluate(CLIPS)
        assert not root.evaluate(NAMELESS) and not root.locator("[id]:not(clipPath)").count()
        example.drive(root)
    assert not serious(page, root)


def serious(page, root):
    "What axe finds against accessibility: contrast, names, roles."
    if not AXE.is_file():
        npm = [shutil.which("npm"), "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
        subprocess.run(npm, cwd=ROOT / "docs", check=True, capture_output=True)
    page.add_script_tag(path=str(AXE))
    found = root.evaluate("async (r) => (await axe.run(r, {resultTypes: ['violations']})).violations")
    return [f"{v['id']}: {n['html'][:120]}" for v in found if v["impact"] in ("serious", "critical")
            for n in v["nodes"][:3]]


HEIGHTS = """(mount) => { const root = mount.querySelector('.nnf-explorer');
  mount.dataset.explorer = root.dataset.explorer;
  return [root.getBoundingClientRect().height, parseFloat(getComputedStyle(mount).getPropertyValue('--wait'))]; }"""


@pytest.mark.parametrize("width", [736 + 24, 390])  # the site's column and the page's margins; a phone
@each
def test_its_place_is_as_tall_as_it_is(show, example, width):
    "What a page keeps for it until it comes, so that nothing jumps."
    page = show(example.make(), width=width)
    settle(page)
    tall, kept = page.locator(".nnf-mount").evaluate(HEIGHTS)
    assert abs(tall - kept) <= 12, f"{example.name}.css: --wait is {kept:g}px, and it is {tall:g}px tall"


@each
def test_keys_stay_inside_and_the_focus_shows(show, example):
    "Tab reaches every control; keys that are typed in one do not reach the notebook around it."
    page = show(example.make())
    root = page.locator(".nnf-explorer")
    page.evaluate("() => { window.escaped = []; "
                  "document.body.addEventListener('keydown', (e) => window.escaped.push(e.key)); }")
    controls = root.locator("button:enabled, input:enabled, select:enabled, [tabindex='0']")
    for i in range(controls.count()):
        control = controls.nth(i)
        control.focus()
        page.keyboard.press("Shift")
        assert control.evaluate("(e) => e === document.activeElement"), "a control that cannot be focused"
    assert page.evaluate("window.escaped") == []
    page.evaluate("document.activeElement.blur()")
    for _ in range(controls.count() + 2):
        page.keyboard.press("Tab")
        style = page.evaluate("() => { const e = document.activeElement, s = getComputedStyle(e); "
                              "return !e.closest('.nnf-explorer') || "
                              "s.outlineStyle !== 'none' || e.matches('.nnf-kink') }")
        assert style, "the focus is not to be seen"


@each
def test_reduced_motion(browser, show, example):
    "Where motion is unwanted nothing is animated."
    page = show(example.make())
    page.emulate_media(reduced_motion="reduce")
    root = page.locator(".nnf-explorer")
    example.drive(root)
    settle(page)
    moving = "(root) => root.getAnimations({subtree: true}).length"
    assert root.evaluate(moving) == 0


@pytest.fixture(scope="module")
def notebook(lab):
    with lab.open([SETUP + "\nimport time\nwait = 0", "w = FitByHand(quad, x, y); w", "w"], height=1800) as nb:
        nb.run_all()
        yield nb
        assert not nb.tracebacks() and not nb.problems()


def open_two(nb, example, wait):
    "The example in two cells, its kernel taking `wait` seconds over each change."
    nb.run(f"wait = {wait}")
    hold = f"w = {example.code}; w.observe(lambda _: time.sleep(wait), {example.slow!r}); w"
    nb.js("cells[1].model.sharedModel.setSource(arg); return true", hold)
    nb.run_cell(1)
    nb.run_cell(2)
    return nb.explorer(example.name), nb.explorer(example.name, 1)


@pytest.mark.parametrize("wait", [0, 0.15])
@each
def test_in_jupyterlab(notebook, example, wait):
    "In JupyterLab, with a quick and a slow kernel: both views and Python end where the hand ended; nothing is lost, nothing is taken back."
    one, two = open_two(notebook, example, wait)
    value = f"repr(w.{example.slow})"
    start = notebook.value(value)
    for _ in range(5): example.drive(one)
    settle(notebook.page)
    ended = look(one)
    until(lambda: notebook.value(value) != start, message="Python heard nothing")
    until(lambda: look(two) == ended, message="the views differ")
    notebook.idle()
    settle(notebook.page)
    assert look(one) == look(two) == ended, "an echo took something back"
    assert notebook.value(f"len(set([repr(w.{example.slow}), repr(w.{example.slow})]))") == 1


@each
def test_running_again_and_deleting_in_jupyterlab(notebook, example):
    "A cell that runs again shows the explorer once; outputs that go take their views with them."
    open_two(notebook, example, 0)
    count = lambda: notebook.page.locator(".nnf-explorer").count()
    until(lambda: count() == 2)
    for _ in range(2): notebook.run_cell(2)
    until(lambda: count() == 2, message="an old view is left")
    notebook.js("for (const i of [1, 2]) { nb.activeCellIndex = i; "
                "await app.commands.execute('notebook:clear-cell-output'); } return true")
    until(lambda: count() == 0, message="a view is left behind")
