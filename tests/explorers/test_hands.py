"""What a hand can do to any explorer: every control, Step, Run and Reset, found on its page. What an explorer does
otherwise on purpose, its line in examples.py says, with a reason."""
import re

import pytest
from examples import EXAMPLES, NAMES
from lab import LOOK, ROOT

STATIC = ROOT / "neuralnet_foundations/static"
HANDS = (ROOT / "tests/explorers/hands.js").read_text()
ALL = "Control+A"
ARROWS = (["ArrowRight"], ["ArrowLeft"])
TEXT = ([ALL, "2", "Enter"],)
KEYS = dict(range=ARROWS, slider=ARROWS, checkbox=(["Space"],), radio=(["Space"],), text=TEXT, search=TEXT)
KEYS["select-one"] = (["ArrowDown"], ["ArrowUp"])


def keys_of(kind, value):
    "What a hand presses to move a control, and then where that leads nowhere: at its end, or for a number refused."
    if kind != "number": return KEYS[kind]
    return ["ArrowUp"], [ALL, *f"{float(value or 0)/2 + 0.25:g}", "Enter"]


def move(page, i=0):
    "Move the first control from `i` on by keys: its place and name, nothing where there is none."
    control = page.evaluate("(i) => hands.take(i)", i)
    if not control: return None
    for keys in keys_of(control["kind"], control["value"]):
        for key in keys: page.keyboard.press(key)
        if page.evaluate("hands.turned()"): break
    return control


def moved(page):
    "Each control, moved."
    control = move(page)
    while control:
        yield control
        control = move(page, control["at"] + 1)


def tried(page, own):
    "Each control: its name, which exception it is (none: ''), and what is wrong with it."
    for control in moved(page):
        wrong, later = page.evaluate("hands.wrong()"), page.evaluate("hands.back()")
        yield control["name"], page.evaluate("(all) => hands.among(all)", own), wrong or later


@pytest.mark.parametrize("example", EXAMPLES, ids=NAMES)
def test_what_hands_do(show, example):
    """Reset brings back what the view showed. Run runs until Pause, or until somebody else changes the state. Each control
    tells the model, and follows the other view and Python."""
    w = example.make()
    page = show(w, w, init=HANDS)
    page.wait_for_function("window.models")
    page.evaluate(f"async (kept) => {{ window.hands = await handsOn({LOOK}, kept); }}", ", ".join(example.kept))
    for wrong in (page.evaluate("hands.reset()"), page.evaluate("hands.run()")): assert not wrong, wrong
    found = list(tried(page, list(example.own)))
    faults = [f"{name}: {wrong}" for name, own, wrong in found if wrong and not own]
    assert not faults, "\n".join(faults)
    needed = {own for _, own, wrong in found if wrong and own}
    assert needed == set(example.own), "an exception in examples.py that is none"
    if page.evaluate("hands.alone"):
        assert any(page.evaluate("hands.undone()") for _ in moved(page)), "Reset brings nothing back"
    assert not page.problems


# ---- views change their models through the outbox alone

BYPASS = re.compile(r"""\bmodel\s*\??\.\s*(set|save_changes|send)\b | \bsave_changes\b(?!:) | \bmodel\s*\[\s*["'`]
    | [{,]\s*(set|send)\b[^{}]*}\s*=\s*\w*model\b""", re.VERBOSE)
VIEWS = sorted(p for p in STATIC.rglob("*.js") if p != STATIC/"shared/outbox.js")


@pytest.mark.parametrize("text", ["model.set('a', 1)", "this.model.save_changes()", "model?.send({})",
                                  "m.save_changes()", "model['set']('a', 1)", "const { get, set } = model;"])
def test_what_would_go_past_the_outbox(text): assert BYPASS.search(text)


def test_views_use_the_outbox():
    "What goes past it gets lost between two views, a slow kernel and Python."
    lines = [(p.relative_to(STATIC), n, line) for p in VIEWS for n, line in enumerate(p.read_text().splitlines(), 1)]
    past = [f"{p}:{n}: {line.strip()}" for p, n, line in lines if BYPASS.search(line)]
    assert not past, "\n".join(past)
