"Quiz: every kind of question by hand and by keyboard, without a kernel; progress in the browser and in a file."
import json
import math

import numpy as np
import pytest
import torch
from lab import settle, until

from neuralnet_foundations.checks import BadInput
from neuralnet_foundations.explorers import Quiz
from neuralnet_foundations.explorers.quiz import CARD, STORE, read_progress, today
from neuralnet_foundations.questions import BANK, SAYS, judged

KEY = STORE
CHOICES = next(q for q in BANK if q.id == "grey-pixel")


def root_of(page, i=0): return page.locator(".nnf-explorer").nth(i)
def press(root, action): root.locator(f'[data-action="{action}"]').first.click()
def shows(root, action): return root.locator(f'[data-action="{action}"]').first.is_visible()
def seen_in(place): return place.inner_text() if place.is_visible() else ""
def reply(root): return seen_in(root.locator(".nnf-quiz-reply"))
def why(root): return seen_in(root.locator(".nnf-quiz-why"))
def stored(page): return json.loads(page.evaluate("(key) => localStorage.getItem(key)", KEY) or "{}")


# ---- Python

def test_answers_in_python_move_cards_and_say_what_the_page_says():
    w = Quiz(["grey-pixel", "own-step", "seven-steps", "pixel-similarity"])
    assert w.answer("grey-pixel", "Black") == judged(CHOICES.version(), w.cards["grey-pixel"]["said"])
    assert w.cards["grey-pixel"]["box"] == 1 and w.due() == [] and w.due(today() + 1) == ["grey-pixel"]
    assert w.answer("grey-pixel", "White paper")["ok"] and w.cards["grey-pixel"] | dict(tries=2,
        box=1) == w.cards["grey-pixel"]
    assert w.answer("own-step", w.version("own-step")["answer"])["ok"] and w.cards["own-step"]["box"] == 2
    assert w.answer("seven-steps", "nonsense")["ok"] is None and w.cards["seven-steps"]["box"] == 0
    assert w.answer("pixel-similarity", "yes")["ok"]
    w.forget()
    assert all(card == CARD for card in w.cards.values())


WRONG = [(dict(questions=[]), "no questions"), (dict(questions=["zz"]), "no question 'zz'"),
         (dict(daily=-1), "daily must be a whole number"),
         (dict(daily=True), "daily must be"), (dict(questions="all"), "must be a list")]


@pytest.mark.parametrize("given, says", WRONG, ids=[s for _, s in WRONG])
def test_what_it_refuses(given, says):
    with pytest.raises(BadInput, match=says): Quiz(**given)


CARDS = [dict(given=[9]), dict(given=[0, 1]), dict(given="A"), dict(said=[True]), dict(hints=9), dict(shown=1),
         dict(tries=-1), dict(draw=1), dict(box=6),
         dict(due=-1), dict(due=math.nan), dict(more=1), dict(given=[None])]


@pytest.mark.parametrize("change", CARDS, ids=str)
def test_a_card_that_is_none_changes_nothing(change):
    w = Quiz(["grey-pixel", "own-step"])
    before = dict(w.cards)
    with pytest.raises(BadInput, match="grey-pixel"): w.cards = {**w.cards, "grey-pixel": {**CARD, **change}}
    for bad in ({"grey-pixel": CARD}, {**before, "zz": CARD}, []):
        with pytest.raises(BadInput): w.cards = bad
    with pytest.raises(BadInput, match="no question 'zz'"): w.answer("zz", 1)
    assert w.cards == before


@pytest.mark.parametrize("name, given", [("own-step", [0]), ("own-step", "x"*5000), ("seven-steps", [0, 1]),
                                         ("seven-steps", [0]*7), ("names-of-ranks", [0, 1]),
                                         ("names-of-ranks", [9, 0, 1, 2]), ("pixel-similarity", 3), ("softmax-two",
                                             [0, 0]), ("draw-relu", [0, 0]), ("draw-relu", [0]*4 + [99]),
                                         ("draw-relu", "00012"), ("draw-relu", [None]*5)])
def test_answers_of_the_wrong_kind(name, given):
    w = Quiz([name])
    with pytest.raises(BadInput): w.cards = {name: {**CARD, "given": given}}


def test_place_and_choice():
    w = Quiz(["grey-pixel", "own-step", "seven-steps"])
    w.at = 2
    for bad in (3, -1, True, 1.5, "1"):
        with pytest.raises(BadInput): w.at = bad
    w.chosen = ["own-step"]
    assert w.at == 0
    for bad in (["zz"], ["own-step"]*2, "own-step", [None]):
        with pytest.raises(BadInput): w.chosen = bad
    assert w.chosen == ("own-step",)


def test_progress_in_a_file(tmp_path):
    file = tmp_path/"progress.json"
    w = Quiz(["grey-pixel", "own-step"], file=file)
    assert not file.exists() and w.page["store"] == ""
    w.answer("grey-pixel", "Black")
    Quiz(["seven-steps"], file=file).answer("seven-steps", list(range(7)))
    assert read_progress(file)["grey-pixel"] == (1, today() + 1)
    again = Quiz(file=file)
    assert again.due(today() + 1) == ["grey-pixel"]
    again.forget()
    assert read_progress(file) == {}
    with pytest.raises(BadInput, match="there is no folder .*none: make it first"): Quiz(4, file=tmp_path/"none"/"a.json")
    file.write_text('\ufeff{"version": 1, "cards": {"grey-pixel": [1, 2]}}', encoding="utf-8")
    assert read_progress(file) == {"grey-pixel": (1, 2)}, "as an editor may have saved it"


@pytest.mark.parametrize("answer", [[], {}, object(), np.arange(3), 10**400, True, float("nan"), torch.tensor(1), None],
                         ids=lambda v: type(v).__name__)
def test_an_answer_of_any_kind_is_judged_or_refused(answer):
    kinds = {q.kind: q.id for q in BANK}
    w = Quiz(list(kinds.values()))
    for kind, name in kinds.items():
        before = w.cards
        try: assert w.answer(name, answer)["ok"] is not True or kind == "number"
        except BadInput as e: assert w.cards == before and ("answer" in str(e) or "must be" in str(e))
        if answer is None: assert w.cards[name]["tries"] == 0


BROKEN = [('{"version": 1, "cards": {"a": [1', "cannot be read as saved progress"),
          ('{"version": 2, "cards": {}}', "of version 2"), ("[]", "of version None"),
          ('{"version": 1}', "holds no cards"), ('{"version": 1, "cards": {"a": [9, 1]}}',
                                                 "box must be"), ('{"version": 1, "cards": {"a": 1}}',
                                                     "cannot be read"),
          ('{"version": 1, "cards": {"a": [1, -1]}}', "due must be")]


@pytest.mark.parametrize("text, says", BROKEN, ids=[s for _, s in BROKEN])
def test_a_file_that_is_cut_short_or_of_another_version_is_named_and_stays(tmp_path, text, says):
    file = tmp_path/"progress.json"
    file.write_text(text)
    with pytest.raises(BadInput, match=says) as e: Quiz(file=file)
    assert "progress.json" in str(e.value) and file.read_text() == text


# ---- The page

def test_a_wrong_choice_is_told_why_and_a_right_one_explained(show):
    page = show(Quiz(["grey-pixel"]))
    root = root_of(page)
    press(root, "check")
    until(lambda: SAYS["empty"] in reply(root))
    for i, c in enumerate(CHOICES.version()["choices"]):
        if c["right"]: continue
        root.locator(f'[data-choice="{i}"]').click()
        press(root, "check")
        until(lambda c=c: c["says"] in reply(root))
        assert not why(root)
    root.locator(f'[data-choice="{CHOICES.right()[0]}"]').click()
    press(root, "check")
    until(lambda: SAYS["right"] in reply(root) and "full ink" in why(root))
    assert not shows(root, "check") and not shows(root, "show")
    assert all(c["says"] in root.inner_text() for c in CHOICES.version()["choices"])
    assert stored(page)["cards"] == {"grey-pixel": [1, today() + 1]}, "the first try was wrong"
    assert root.locator("a").get_attribute("href") == "tensors.html#a-picture-is-a-table-of-numbers"
    assert not page.problems


def test_hints_come_one_by_one_and_the_answer_counts_as_missed(show):
    page = show(Quiz(["step-by-hand", "grey-pixel"]))
    root, hints = root_of(page), CHOICES.version()["hints"]
    press(root, "next")
    until(lambda: CHOICES.version()["ask"] in root.inner_text())
    for n in range(1, len(hints) + 1):
        press(root, "hint")
        until(lambda n=n: root.locator(".nnf-quiz-hints li:visible").count() == n)
    until(lambda: not shows(root, "hint"))
    press(root, "show")
    until(lambda: "full ink" in why(root))
    assert stored(page)["cards"]["grey-pixel"] == [1, today() + 1]
    press(root, "again")
    until(lambda: shows(root, "check") and not why(root) and root.locator(".nnf-quiz-hints li:visible").count() == 0)
    assert not page.problems


@pytest.mark.parametrize("text, says", [("2.3", "Right"), ("2,3", "Right"), ("23/10", "Right"), ("1.7", "uphill"),
                                        ("-2.3", "sign"), ("two", "cannot read"),
                                        ("9", "Not yet")])
def test_numbers_by_keyboard(show, text, says):
    page = show(Quiz(["step-by-hand"]))
    field = root_of(page).locator('[data-action="given"]')
    field.fill(text)
    field.press("Enter")
    until(lambda: says in reply(root_of(page)))
    assert bool(why(root_of(page))) == (says == "Right") and not page.problems


def test_other_numbers(show):
    w = Quiz(["own-step"])
    page = show(w)
    root, seen = root_of(page), set()
    q = next(q for q in BANK if q.id == "own-step")
    for seed in range(3):
        v = q.version(seed)
        until(lambda v=v: v["ask"] in root.inner_text())
        root.locator('[data-action="given"]').fill(str(v["answer"]))
        press(root, "check")
        until(lambda: SAYS["right"] in reply(root))
        seen.add(root.locator(".nnf-quiz-ask").inner_text())
        press(root, "again")
        until(lambda: not why(root))
    assert len(seen) > 1 and stored(page)["cards"]["own-step"][0] == 2, "done again on the same day it moves once"
    assert not page.problems


def test_order_by_keyboard(show):
    page = show(Quiz(["seven-steps"]))
    root = root_of(page)
    texts = lambda: root.locator(".nnf-order li > span").all_inner_texts()
    wanted = [s["text"] for s in BANK[[q.id for q in BANK].index("seven-steps")].version()["steps"]]
    press(root, "check")
    until(lambda: reply(root) and not why(root))
    for place, text in enumerate(wanted):
        while texts().index(text) > place:
            before = texts()
            row = root.locator(".nnf-order li").nth(before.index(text))
            row.locator('[data-action="up"]').press("Enter")
            until(lambda before=before: texts() != before)
            focus = root.locator(":focus").get_attribute("aria-label")
            assert focus.endswith(f": {text}"), "the focus stays with the step"
    press(root, "check")
    until(lambda: SAYS["right"] in reply(root))
    assert not page.problems


@pytest.mark.parametrize("name", ["draw-relu", "draw-sigmoid", "draw-bouncing"])
def test_a_drawing_by_keyboard(show, name):
    page = show(Quiz([name]))
    root, v = root_of(page), next(q for q in BANK if q.id == name).version()
    marks = root.locator(".nnf-axes text").all_text_contents()
    assert all(f"{x:g}".replace("-", "−") in marks for x in v["xs"]), "each point stands at a mark"
    press(root, "check")
    until(lambda: SAYS["empty"] in reply(root))
    for i, height in enumerate(v["answer"]):
        handle = root.locator(f'[data-handle="{i}"]')
        stands = lambda handle=handle: float(handle.get_attribute("aria-valuenow"))
        handle.focus()
        while abs(stands() - height) > 1e-9:
            before = stands()
            page.keyboard.press("ArrowUp" if before < height else "ArrowDown")
            until(lambda before=before, stands=stands: stands() != before)
    press(root, "check")
    until(lambda: SAYS["right"] in reply(root) and why(root))
    assert root.locator(".nnf-ghost").get_attribute("d") == root.locator(".nnf-curve").get_attribute("d")
    assert not page.problems


def test_a_drawing_by_mouse_is_told_where_it_is_off(show):
    w = Quiz(["draw-relu"])
    page = show(w)
    root, mouse = root_of(page), page.mouse
    place = lambda i: root.locator(f'[data-handle="{i}"]').bounding_box()
    middle = lambda i: (place(i)["x"] + place(i)["width"]/2, place(i)["y"] + place(i)["height"]/2)
    mouse.move(*middle(4))
    mouse.down()
    mouse.move(middle(4)[0], middle(4)[1] - 500, steps=5)
    mouse.up()
    until(lambda: root.locator('[data-handle="4"]').get_attribute("aria-valuenow") == "3")
    press(root, "check")
    until(lambda: SAYS["low"].replace("{x}", "-2") in reply(root))
    press(root, "show")
    until(lambda: "0 at -2, 0 at -1" in why(root))
    assert not page.problems


def test_partners(show):
    page = show(Quiz(["parameter-activation"]))
    root = root_of(page)
    v = next(q for q in BANK if q.id == "parameter-activation").version()
    press(root, "check")
    until(lambda: SAYS["some"] in reply(root))
    partners = root.locator('[data-action="partner"]')
    for i, pair in enumerate(v["pairs"]): partners.nth(i).select_option(label=pair["right"])
    press(root, "check")
    until(lambda: SAYS["right"] in reply(root) and v["pairs"][0]["says"] in root.inner_text())
    assert not page.problems


@pytest.mark.parametrize("name, answer", [("odds-doubled", "n % 2"), ("pixel-similarity", "ideal 7")])
@pytest.mark.parametrize("action, box", [("yes", 2), ("no", 1)])
def test_what_only_the_reader_can_judge(show, name, answer, action, box):
    page = show(Quiz([name]))
    root = root_of(page)
    root.locator('[data-action="given"]').fill("my own words")
    assert not shows(root, "check") and not shows(root, "yes")
    press(root, "show")
    until(lambda: answer in why(root))
    assert stored(page).get("cards", {}) == {}
    press(root, action)
    until(lambda: stored(page)["cards"] == {name: [box, today() + box]})
    until(lambda: not shows(root, "yes") and shows(root, "again"))
    assert root.locator('[data-action="given"]').input_value() == "my own words" and not page.problems


@pytest.mark.parametrize("q", [q for q in BANK if q.lesson == 4], ids=lambda q: q.id)
def test_every_question_of_a_lesson_can_be_answered_on_a_phone(show, q):
    "By hand, at 390 pixels, right at the first try; the reasons and the way back show."
    page = show(Quiz([q.id]), width=390, touch=True)
    root, v = root_of(page), q.version()
    if q.kind in ("choice", "several"):
        for i in q.right(): root.locator(f'[data-choice="{i}"]').tap()
    elif q.kind in ("number", "shape", "word"): root.locator('[data-action="given"]').fill(q.right())
    elif q.kind == "drawn":
        for i, height in enumerate(v["answer"]):
            handle = root.locator(f'[data-handle="{i}"]')
            handle.tap()
            for _ in range(round(abs(height - v["start"])/v["step"])):
                page.keyboard.press("ArrowUp" if height > v["start"] else "ArrowDown")
                settle(page)
    elif q.kind == "order":
        while [v["shown"][i] for i in range(len(v["shown"]))] != sorted(v["shown"]):
            i = next(i for i in range(len(v["shown"]) - 1) if v["shown"][i] > v["shown"][i + 1])
            root.locator(".nnf-order li").nth(i).locator('[data-action="down"]').tap()
            v["shown"][i:i + 2] = v["shown"][i:i + 2][::-1]
            settle(page)
    if q.kind in ("code", "think"):
        root.locator('[data-action="show"]').tap()
        root.locator('[data-action="yes"]').tap()
    else: root.locator('[data-action="check"]').tap()
    until(lambda: why(root) and reply(root).startswith("✓"))
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert stored(page)["cards"] == {q.id: [2, today() + 2]} and not page.problems


# ---- Three a day

def later(days): return f"const real = Date.now.bind(Date); Date.now = () => real() + {days}*864e5;"


def store(text, key=KEY): return f"localStorage.setItem({key!r}, {json.dumps(text)});"
def keep(cards): return store(json.dumps(dict(version=1, cards=cards)))
def once(script, key=KEY): return f"if (!localStorage.getItem({key!r})) {script}"


def test_what_was_missed_comes_back_tomorrow(show):
    missed = {"grey-pixel": [1, today() + 1], "own-step": [1, today() + 1], "seven-steps": [1, today() + 1],
              "colour-image": [3, today() + 4]}
    page = show(Quiz(daily=3), init=keep(missed))
    root = root_of(page)
    assert "Nothing is due today" in root.inner_text() and not root.locator(".nnf-quiz-stage").is_visible()
    page = show(Quiz(daily=3), init=later(1) + keep(missed))
    root = root_of(page)
    until(lambda: CHOICES.version()["ask"] in root.inner_text())
    assert root.locator('[data-action="question"] option').count() == 3 and not page.problems
    root.locator(f'[data-choice="{CHOICES.right()[0]}"]').click()
    press(root, "check")
    until(lambda: stored(page)["cards"]["grey-pixel"] == [2, today() + 3])
    assert stored(page)["cards"]["colour-image"] == [3, today() + 4], "the others stay"


def test_new_ones_on_the_first_day_and_then_it_is_done(show):
    page = show(Quiz(["grey-pixel", "step-by-hand", "odds-doubled", "seven-steps"], daily=3))
    root = root_of(page)
    until(lambda: root.locator('[data-action="question"] option').count() == 3)
    for last in (False, False, True):
        press(root, "show")
        if "Python" in root.locator(".nnf-quiz-kind").inner_text(): press(root, "yes")
        if not last: press(root, "next")
        settle(page)
    until(lambda: "all for now" in root.inner_text())
    press(root, "more")
    until(lambda: "seven steps" in root.inner_text() and not root.locator(".nnf-quiz-head").is_visible())
    assert not page.problems


def test_forgetting_is_asked_twice_and_leaves_other_questions(show):
    page = show(Quiz(["grey-pixel"]), init=once(keep({"own-step": [2, 5], "grey-pixel": [1, 5]})))
    root = root_of(page)
    root.locator("summary").click()
    until(lambda: "1 of 1 asked" in root.inner_text())
    press(root, "forget")
    until(lambda: "Yes, forget" in root.inner_text())
    root.locator("summary").focus()
    until(lambda: "Forget my answers" in root.inner_text())
    assert "grey-pixel" in stored(page)["cards"]
    press(root, "forget")
    press(root, "forget")
    until(lambda: stored(page)["cards"] == {"own-step": [2, 5]} and "0 of 1 asked" in root.inner_text())
    page.reload()
    root.locator("summary").click()
    until(lambda: "0 of 1 asked" in root.inner_text())
    assert not page.problems


@pytest.mark.parametrize("text", ['{"version": 1, "cards": {"grey-pix', '{"version": 9, "cards": {}}',
                                  '{"version": 1, "cards": {"grey-pixel": [1]}}', "null"])
def test_progress_that_cannot_be_read_is_put_aside(show, text):
    page = show(Quiz(["grey-pixel"]), init=once(store(text), KEY + ":aside"))
    root = root_of(page)
    assert page.evaluate(f"localStorage.getItem({KEY + ':aside'!r})") == text
    root.locator("summary").click()
    until(lambda: "cannot be read" in root.inner_text())
    root.locator(f'[data-choice="{CHOICES.right()[0]}"]').click()
    press(root, "check")
    until(lambda: stored(page) == dict(version=1, cards={"grey-pixel": [2, today() + 2]}))
    assert not page.problems


def test_a_browser_that_keeps_nothing(show):
    none = "Object.defineProperty(window, 'localStorage', { get() { throw new Error('no'); } });"
    page = show(Quiz(["grey-pixel"]), init=none)
    root = root_of(page)
    root.locator(f'[data-choice="{CHOICES.right()[0]}"]').click()
    press(root, "check")
    until(lambda: SAYS["right"] in reply(root))
    root.locator("summary").click()
    until(lambda: "keeps nothing" in root.inner_text())
    assert not page.problems


def test_in_jupyterlab_python_hears_and_speaks(lab):
    cell = "from neuralnet_foundations.explorers import Quiz\nw = Quiz(['grey-pixel', 'own-step'], file='progress.json')\nw"
    with lab.open([cell]) as nb:
        nb.run_all()
        root = nb.explorer("Quiz")
        root.locator(f'[data-choice="{CHOICES.right()[0]}"]').click()
        press(root, "check")
        nb.run("from neuralnet_foundations.explorers.quiz import read_progress")
        saved = "[w.cards['grey-pixel']['box'], len(read_progress('progress.json'))]"
        until(lambda: nb.value(saved) == [2, 1], every=0.1)
        nb.run("w.at = 1; w.answer('own-step', w.version('own-step')['answer'])")
        until(lambda: SAYS["right"] in reply(root))
        link = root.locator(".nnf-quiz-why a").get_attribute("href")
        assert link.endswith("/04_gradient_descent.ipynb")
        assert not nb.tracebacks() and not nb.problems()
