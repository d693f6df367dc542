"The page's judge, run in Node, and Python's: alike for every right answer of the bank, every wrong one, and odd ones."
import random

import pytest

from neuralnet_foundations import questions as Q
from neuralnet_foundations.explorers import quiz as E

FILE = "maths/answers.js"
TYPED = ["", " ", "half", "1/2", "0,5", ".5", "50 %", "50%", "50 percent", "5e-1", "5·10⁻¹", "5 x 10^-1", "≈ 0.5",
         "−.5", "+0.5", "1,234", "1,234.5", "1 234", "12 34", "1_234", "1.234.567", "1,234,567", "0,123", "1,2,3",
         "1/0", "0/5", "1/2/3", "1e999", "1e-400", "nan", "inf", "Infinity", "0x10", "--1", "1-2", "3 m/s", "3m/s",
         "m/s", "3 km", "10 / 4", "1 1/2", "1/2 %", "1,000/1,000", ".", ",", "5.", "5.e1", "٣", "½", "1\u00a0234",
         "1e5", "1E5", "-0", "=3", "~3", "2×10³", "(5, 3)", "[5,3]", "5x3", "5 × 3", "torch.Size([5, 3])", "()",
         "[]", "(5,)", "5", "5 3", "five", "(5, -3)", "Over-fitting", "over fitting", "`overfitting`", "OVERFITTING",
         "overfitting()", "underfit", "ünder", "µ", "İ"]


def versions(): return [(q, s) for q in Q.BANK for s in range(q.versions)]


def answers(q, v, rng):
    "Right, wrong and open answers to a version of a question, in the plain form."
    kind = v["kind"]
    if kind in ("choice", "several"):
        n = len(v["choices"])
        return [None, [], *[[i] for i in range(n)],
                *[sorted(rng.sample(range(n), rng.randint(1, n))) for _ in range(8)]]
    if kind in ("order", "match"):
        n = len(v["steps" if kind == "order" else "pairs"])
        some = [rng.sample(range(n), n) for _ in range(8)]
        return [None, list(range(n)), *some, *([[None]*n, [0]*n, [None, *range(1, n)]] if kind == "match" else [])]
    if kind in ("code", "think"): return [None, "", "yes", "no", "maybe"]
    if kind == "drawn":
        grid = [v["ylim"][0] + i*v["step"] for i in range(round((v["ylim"][1] - v["ylim"][0])/v["step"]) + 1)]
        off = [[h + by*(k == i) for k, h in enumerate(v["answer"])] for i in range(len(v["xs"]))
               for by in (-v["step"], v["step"], v["within"]*.99)]
        return [None, [], *(w["value"] for w in v["wrong"]), *off, *([rng.choice(grid) for _ in v["xs"]] for _ in range(8))]
    known = [str(w["value"]) for w in v["wrong"]] + [str(v["answer"])]
    near = [str(v["answer"] + d*v["within"]) for d in (-1.01, -1, -.99, .99, 1, 1.01)] if kind == "number" else []
    minus = [str(-v["answer"])] if kind == "number" else []
    return [None, *TYPED, *known, *near, *minus]


def test_page_and_python_judge_alike(js):
    rng, told = random.Random(0), set()
    for q, seed in versions():
        v = q.version(seed)
        for given in [q.right(seed), *answers(q, v, rng)]:
            mine = Q.judged(v, given)
            assert js(FILE, "judgedAnswer", v, given, Q.SAYS) == mine, (q.id, seed, given)
            told.add(mine["says"])
    plain = {key: says for key, says in Q.SAYS.items() if key not in ("later", "high", "low")}
    assert told >= set(plain.values()), "a sentence that nobody gets to hear"
    assert all(any(Q.SAYS[key].replace("{x}", x) in told for x in "01") for key in ("high", "low"))


@pytest.mark.parametrize("units", [[], ["m/s"], ["seconds", "s"]])
def test_numbers_and_shapes_are_read_alike(js, units):
    for text in [*TYPED, "5 s", "5 seconds", "5 SECONDS", "s"]:
        assert js(FILE, "numbersIn", text, units) == Q.numbers_in(text, units), text
        assert js(FILE, "lengthsIn", text) == Q.lengths_in(text), text


def test_cards_move_alike(js):
    rng, seen = random.Random(1), set()
    for q, seed in versions()[::3]:
        v = q.version(seed)
        for _ in range(6):
            card = {**E.CARD, "shown": rng.random() < .3, "tries": rng.choice([0, 0, 1]), "box": rng.randint(0, 5),
                    "due": rng.randint(90, 110)}
            given = rng.choice([q.right(seed), *answers(q, v, rng)])
            mine = E.checked_card(v, card, given, 100)
            assert js(FILE, "checkedCard", v, card, given, dict(says=Q.SAYS, days=list(Q.DAYS), today=100)) == mine
            seen.add(mine["box"])
            shown = js(FILE, "shownCard", v, card, dict(days=list(Q.DAYS), today=100))
            missed = q.kind not in E.YOURSELF and not card["tries"]
            assert shown == {**card, "shown": True} | (dict(tries=1, box=1, due=101) if missed else {})
    assert seen == set(range(6))


def test_what_is_due_is_what_python_says(js):
    w, rng = E.Quiz(2), random.Random(2)
    w.cards = {name: {**E.CARD, "box": rng.randint(0, 5), "due": rng.randint(95, 105)} for name in w.cards}
    assert js(FILE, "dueIds", w.cards, 100) == w.due(100) and w.due(100)
    assert all(w.cards[name]["due"] <= 100 and w.cards[name]["box"] for name in w.due(100))


@pytest.mark.parametrize("ms, minutes, day", [(0, 0, 0), (86_399_999, 0, 0), (86_400_000, 0, 1), (86_400_000, 60, 0),
                                              (82_800_000, -60, 1)])
def test_a_day_begins_at_midnight_where_one_is(js, ms, minutes, day): assert js(FILE, "dayNumber", ms, minutes) == day


@pytest.mark.parametrize("where, address", [
    (dict(root="", path="/x/questions.html"), "gradient_descent.html#one-step"),
    (dict(root="../", path="/x/explorers/quiz.html"), "../gradient_descent.html#one-step"),
    (dict(path="/lab/tree/11_questions.ipynb"), "/lab/tree/04_gradient_descent.ipynb"),
    (dict(path="/lab/workspaces/a/tree/nbs/explorers/quiz.ipynb"),
     "/lab/workspaces/a/tree/nbs/04_gradient_descent.ipynb"),
    (dict(path="/lab/tree/my explorers/x.ipynb"), "/lab/tree/my explorers/04_gradient_descent.ipynb"),
    (dict(path="/somewhere/else"), None)])
def test_where_a_lesson_is(js, where, address):
    assert js(FILE, "lessonAddress", dict(notebook="04_gradient_descent.ipynb", anchor="one-step"), where) == address
