"""The bank of questions: every right answer is accepted in all its forms, every wrong one refused; links lead to headings;
whatever can be computed is computed by the lessons' own code, and equal."""
import functools
import html
import importlib
import json
import math
import random
import re
import sqlite3
import tempfile
import zipfile
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest
import torch
import torch.nn.functional as F
from adapter import headings
from adapter import slug as site_slug
from lab import ROOT
from torch import nn, tensor

from neuralnet_foundations import questions as Q
from neuralnet_foundations.checks import BadInput
from neuralnet_foundations.model_tables import load_models

BANK = Q.BANK
each = pytest.mark.parametrize("q", BANK, ids=lambda q: q.id)
LESSONS = ("tensors", "similarity", "fitting", "descent", "relu", "training", "learner", "tabular", "softmax",
           "image_models")
IDS = Path(__file__).with_name("question_ids.txt").read_text(encoding="utf-8").split()


def of(kind): return pytest.mark.parametrize("q", [q for q in BANK if q.kind == kind], ids=lambda q: q.id)


# ---- What the expressions of the bank may use: all that lessons export, torch, and these

def raises(error, code):
    try: exec(code, dict(torch=torch, nn=nn))
    except error: return True


def slope_at(f, x):
    x = tensor(float(x), requires_grad=True)
    f(x).backward()
    return x.grad.item()


def stepped(w, slope, lr):
    "One step of lesson 6's optimiser."
    p = tensor(float(w), requires_grad=True)
    p.grad = tensor(float(slope))
    NAMES["BasicOptim"]([p], lr).step()
    return p.item()


def walk_down(w, lr, steps):
    "Where gradient descent on w**2 stands at the start and after each step."
    out = [w]
    for _ in range(steps): out.append(one_step(out[-1], lambda v: v**2, lr))
    return out


def one_step(w, loss, lr): return stepped(w, slope_at(loss, w), lr)


def backward_returns(): return tensor(1., requires_grad=True).square().backward()


def backward_times(n):
    w = tensor(5., requires_grad=True)
    for _ in range(n): (2*w).backward()
    return w.grad.item()


def in_place():
    t = tensor(1.)
    return t.add_(1) is t and t.item() == 2 and t.add(1) is not t


def noisy():
    x = torch.linspace(-2, 2, 20)
    return x, NAMES["add_noise"](NAMES["quad"](3, 2, 1, x), .15, 1.5, seed=42)


def noisy_mse(params):
    x, y = noisy()
    return NAMES["mse"](NAMES["mk_quad"](*params)(x), y).item()


def least_squares():
    x, y = noisy()
    return torch.linalg.lstsq(torch.stack([x**2, x, x**0], 1), y[:, None]).solution[:, 0].tolist()


def bend_of(m, b):
    "Where the curve leaves zero."
    x = torch.linspace(-5, 5, 10_001, dtype=torch.float64)
    return x[(NAMES["rectified_linear"](m, b, x) > 0).diff().nonzero()[0, 0]].item()


def accuracy_stays():
    "A weight nudged by 0.0001 changes no answer, and still changes the loss."
    g = torch.Generator().manual_seed(0)
    x, w, y = torch.rand(50, 784, generator=g), torch.randn(784, 1, generator=g), (torch.arange(50) % 2).float()[:,
        None]
    nudged = w.clone()
    nudged[300] += 1e-4
    accuracy, loss = NAMES["batch_accuracy"], NAMES["mnist_loss"]
    return accuracy(x @ w, y) == accuracy(x @ nudged, y) and loss(x @ w, y) != loss(x @ nudged, y)


def same_loss_other_accuracy():
    "The loss 0.12 with every answer right, and with one in ten wrong."
    y = torch.ones(10, 1)
    sure, mixed = torch.full((10, 1), .88), tensor([[1 - 1e-6]]*9 + [[.1]])
    mixed[:9] -= (mixed.mean() - .88)/.9
    losses = [NAMES["mnist_loss"](p.logit(), y).item() for p in (sure, mixed)]
    accuracies = [NAMES["batch_accuracy"](p.logit(), y).item() for p in (sure, mixed)]
    return losses == pytest.approx([.12, .12], abs=1e-4) and accuracies == pytest.approx([1, .9])


@functools.cache
def table(): return load_models("frozen").set_index("model")


def recipe_spread(architecture, size):
    "Points between the best and the worst weights of one architecture."
    top1 = table().query("architecture == @architecture and img_size == @size").top1
    return top1.max() - top1.min()


def frontiers_shared():
    "Which part of the shorter frontier stands on the other machine's too."
    cpu, gpu = (NAMES["on_frontier"](table()[name], table().top1) for name in ("per_second_cpu", "per_second_gpu"))
    return (cpu & gpu).sum()/min(cpu.sum(), gpu.sum())


def seven_times_and_faster():
    "Lesson 10's two: seven times the parameters, faster on the card and slower on the laptop."
    a, b = (table().loc[name] for name in ("tf_efficientnet_b3.ns_jft_in1k",
                                           "vit_base_patch32_clip_224.laion2b_ft_in12k_in1k"))
    speeds = b.per_second_gpu > 5*a.per_second_gpu and b.per_second_cpu < a.per_second_cpu
    return bool(b.params > 7*a.params and speeds)


def luckiest(models, images):
    "The best accuracy of equally good models."
    return np.random.RandomState(0).binomial(images, .8, size=models).max()/images


NAMES = {}
for _lesson in LESSONS:
    _module = importlib.import_module(f"neuralnet_foundations.{_lesson}")
    NAMES |= {name: getattr(_module, name) for name in _module.__all__}
NAMES |= dict(torch=torch, nn=nn, F=F, tensor=tensor, math=math, pd=pd)
NAMES |= {f.__name__: f for f in (raises, slope_at, stepped, one_step, backward_returns, backward_times, in_place,
                                  noisy_mse,
                                  least_squares, bend_of, accuracy_stays, same_loss_other_accuracy, recipe_spread,
                                  frontiers_shared, seven_times_and_faster, luckiest, walk_down)}


def expressions(q): return [(s, e) for s in range(q.versions) for k in ("proof", "holds") if (e := q.version(s)[k])]


@each
def test_what_can_be_computed_is_computed_and_equal(q):
    found = expressions(q)
    assert found or q.kind not in ("number", "shape"), "a number that is only typed: give it `proof` or `holds`"
    for seed, expression in found:
        value = eval(expression, dict(NAMES))
        answer = q.version(seed).get("answer")
        if q.kind == "number": assert float(value) == pytest.approx(answer, rel=1e-5,
                abs=2e-3 if "bend" in expression else 1e-6)
        elif q.kind == "shape": assert list(value) == answer
        else: assert value is True or value == 1, expression


# ---- The bank as a whole

def test_it_is_as_large_and_as_mixed_as_promised():
    assert len(BANK) >= 80 and {q.kind for q in BANK} == set(Q.KINDS)
    assert {q.lesson for q in BANK} >= set(range(1, 11)) and sum(q.versions > 1 for q in BANK) >= 8


def test_ids_are_unique_and_stay():
    "An id that was ever published is in question_ids.txt: cards and saved progress are known by it."
    assert [q.id for q in BANK] == list(dict.fromkeys(q.id for q in BANK))
    assert {q.id for q in BANK} == set(IDS) and len(IDS) == len(set(IDS))


@each
def test_its_link_leads_to_a_heading(q):
    path = ROOT/"nbs"/q.notebook
    assert path.is_file() and q.anchor in headings(nbformat.read(path, 4)), f"{q.notebook} has no heading {q.under!r}"
    assert q.anchor == site_slug(q.under)


@each
def test_everything_that_can_be_chosen_is_answered(q):
    "Each choice, each known mistake, each step and each pair has words of its own; code in them is closed."
    for seed in range(q.versions):
        v = q.version(seed)
        told = [o["says"] for key in ("choices", "wrong", "pairs", "slips") for o in v.get(key, [])]
        told += [o["says"] for o in v.get("steps", [])[1:]]
        texts = [v["ask"], v["because"], *v["hints"], *told, *[c["text"] for c in v.get("choices", [])]]
        assert all(len(t) > 1 for t in told) and len(v["hints"]) >= 1
        assert len(set(told)) == len(told), "two answers get the same words"
        assert all(t.count("`") % 2 == 0 and "  " not in t.replace("`    ", "") for t in texts), texts
        assert not any("{" in t and q.versions > 1 for t in texts), texts


def test_right_choices_stand_at_every_place():
    "Nobody learns that the first one is always right."
    places = [q.right()[0] for q in BANK if q.kind == "choice"]
    assert min(places.count(i) for i in range(4)) >= len(places)/10


# ---- Right and wrong answers

@each
def test_its_answer_is_accepted(q):
    assert q.accepts(q.answer) and q.check(q.answer).ok is True
    for nothing in (None, ...): assert q.check(nothing).ok is None and not q.accepts(nothing)
    for odd in ("", "no such thing", "zzz", [], {}, 1e99, object(), ["zzz", "zzz"]): assert not q.accepts(odd), odd


def test_code_that_ends_python_is_no_answer():
    code = next(q for q in Q.BANK if q.kind == "code")
    for text in ("exit()", "raise SystemExit", "def f("): assert code.check(text).ok is False


def test_true_is_no_number():
    one = next(q for q in Q.BANK if q.kind == "number" and q.answer == 1)
    for yes in (True, np.True_, torch.tensor(True)): assert one.accepts(1.) and one.check(yes).ok is not True


def test_questions_are_picked_in_every_way():
    some = Q.BANK[:3]
    assert Q.pick(q for q in some) == Q.pick(np.array([q.id for q in some])) == some
    assert Q.pick(np.int64(4)) == Q.pick(4)


def letters(n): return "ABCDEFGHIJ"[:n]


@of("choice")
def test_one_choice_by_letter_and_by_wording(q):
    for i, c in enumerate(q.version()["choices"]):
        for form in (letters(10)[i], letters(10)[i].lower(), c["text"], c["text"].upper(), [c["text"]]):
            assert q.accepts(form) == c["right"]
            if not c["right"]: assert q.check(form).message == c["says"] and q.check(form).hint
    assert not q.accepts("A, B") and not q.accepts(letters(len(q.version()["choices"])))


@of("several")
def test_several_choices_all_and_no_other(q):
    right = q.right()
    n = len(q.version()["choices"])
    for mask in range(1, 2**n):
        given = [i for i in range(n) if mask >> i & 1]
        assert q.accepts(", ".join(letters(n)[i] for i in given)) == (given == right)
    assert "missing" in q.check([q.version()["choices"][right[0]]["text"]]).message


def forms(a):
    "A number as people may write it."
    text = repr(a)
    yield from (text, f" {text} ", f"≈{text}", text.replace("-", "−"), f"{a:.12e}", f"{a*100:.12g}%",
                f"{a*100:.12g} %", f"{a*100:.12g} percent")
    if "e" not in text: yield from (text.replace(".", ","), f"{a*10:.12g}/10", f"{a/10:.12g}·10^1",
                                    f"{a/10:.12g} x 10¹")
    if a == int(a): yield from (str(int(a)), f"{int(a)}/1", f"{int(a)}.0", f"{int(a):,}",
                                f"{int(a):,}".replace(",", " "), f"{int(a):_}")
    if 0 < abs(a) < 1: yield text.replace("0.", ".", 1)


@of("number")
def test_a_number_in_all_its_forms(q):
    for seed in range(q.versions):
        v = q.version(seed)
        for text in (v["answer"], *forms(v["answer"])): assert q.accepts(text, seed), (seed, text)
        for text in ("1/2", "0,5", ".5", "50 %"): assert q.accepts(text, seed) or v["answer"] != .5
        for text in ("", "half", "1/0", "3 apples", "1/2/3", "--1", "1e999", "nan", "inf", "0x10"):
            assert not q.accepts(text, seed) and q.check(text, seed).ok is None, text
        for w in v["wrong"]:
            assert not q.accepts(w["value"], seed) and q.check(w["value"], seed).message == w["says"]
        off = v["answer"] + 3*max(v["within"], .01) + 1e5
        assert not q.accepts(off, seed) and q.check(off, seed).ok is False
        if v["within"]: assert q.accepts(v["answer"] + v["within"]*.9, seed) and not q.accepts(v["answer"]
                + v["within"]*1.3, seed)


@of("shape")
def test_a_shape_in_all_its_forms(q):
    for seed in range(q.versions):
        answer = q.version(seed)["answer"]
        listed = ", ".join(map(str, answer))
        given = (tuple(answer), answer, torch.Size(answer), f"({listed})", f"[{listed}]", f"torch.Size([{listed}])",
                 f"({listed},)",
                 listed, " x ".join(map(str, answer)), "×".join(map(str, answer)))
        for form in given: assert q.accepts(form, seed), form
        for wrong in ([*answer, 1], answer[:-1] + [answer[-1] + 1], "five", [1] + answer): assert not q.accepts(wrong,
                seed)
        for w in q.version(seed)["wrong"]: assert q.check(Q._shape_text(w["value"]),
                                                          seed).ok is False or -1 in w["value"]


@of("word")
def test_a_word_without_case_hyphen_and_space(q):
    for form in q.version()["answer"]:
        for text in (form, form.upper(), f" {form} ", form.replace(" ", "-"), f"`{form}`"): assert q.accepts(text)
    for w in q.version()["wrong"]:
        for form in w["value"]: assert q.check(form).ok is False and q.check(form).message == w["says"]


@of("order")
def test_every_wrong_order_is_told_why(q):
    v, steps = q.version(), [s["text"] for s in q.version()["steps"]]
    rng = random.Random(0)
    for _ in range(50):
        order = rng.sample(range(len(steps)), len(steps))
        reply = Q.judged(v, order)
        assert reply["ok"] == (order == sorted(order)) and reply["says"]
    for k in range(1, len(steps)):
        swapped = [*range(k - 1), k, k - 1, *range(k + 1, len(steps))]
        assert Q.judged(v, swapped) == dict(ok=False, says=v["steps"][k]["says"])
    assert not q.accepts(steps[::-1])
    assert v["shown"] != sorted(v["shown"]) and q.accepts(" ".join(letters(10)[v["shown"].index(i)]
        for i in range(len(steps))))


@of("match")
def test_a_wrong_partner_is_told_why(q):
    v = q.version()
    n = len(v["pairs"])
    for i in range(n):
        given = list(range(n))
        given[i] = (i + 1) % n
        assert Q.judged(v, given) == dict(ok=False, says=f"{v['pairs'][i]['left']}: {v['pairs'][i]['says']}")
        assert Q.judged(v, [None if j == i else j for j in range(n)])["ok"] is None
    assert len({p["right"] for p in v["pairs"]}) == n


@of("drawn")
def test_a_drawing_point_by_point(q):
    v = q.version()
    for form in (v["answer"], tuple(v["answer"]), torch.tensor(v["answer"])): assert q.accepts(form)
    for i, x in enumerate(v["xs"]):
        for by, way in ((1, "high"), (-1, "low")):
            off = [h + by*v["step"]*(k == i) for k, h in enumerate(v["answer"])]
            reply = q.check(off)
            known = [w["says"] for w in v["wrong"] if Q._lies_on(v, off, w["value"])]
            assert reply.ok is False and reply.message in known or reply.message == Q.SAYS[way].replace("{x}", f"{x:g}")
    for w in v["wrong"]: assert q.check(w["value"]).message == w["says"]
    assert not q.accepts(v["answer"][:-1]) and q.check([]).ok is None
    assert v["start"] not in v["answer"] or [v["start"]]*len(v["xs"]) != v["answer"]


@of("code")
def test_code_is_run_and_likely_slips_are_caught(q):
    assert q.accepts(q.answer) and q.accepts(Q._function(q.answer, q.spec["name"]))
    assert len(q.spec["slips"]) >= 3
    for slip in q.spec["slips"]: assert q.check(slip["code"]).ok is False, slip["code"]
    for broken in ("def f(", "1/0", f"def {q.spec['name']}(*a): raise KeyError",
                   "import sys"): assert not q.accepts(broken)
    assert q.check(f"def {q.spec['name']}(*a): ...").ok is None


# ---- Numbers of one's own

@pytest.mark.parametrize("q", [q for q in BANK if q.versions > 1], ids=lambda q: q.id)
def test_fresh_numbers_from_a_seed(q):
    versions = [q.version(s) for s in range(q.versions)]
    assert versions == [q.version(s) for s in range(q.versions)]
    assert len({v["ask"] for v in versions}) >= .7*q.versions and len({str(v["answer"])
        for v in versions}) >= .3*q.versions
    assert all(v["wrong"] for v in versions), "no known mistake is left"


# ---- Files that are not sound

GOOD = """- id: one
  kind: number
  under: A heading
  ask: One and one?
  answer: 2
  hints: [Count.]
  because: It is two.
"""
DRAWN = GOOD.replace("kind: number", "kind: drawn").replace("answer: 2", """xs: [0, 1]
  ylim: [0, 2]
  step: 0.5
  start: 0
  xlabel: x
  ylabel: y
  answer: [0, 1]""")
BAD = [
    (DRAWN.replace("[0, 1]\n  hints", "[0]\n  hints"), "must have 2 heights"),
    (DRAWN.replace("[0, 1]\n  hints", "[0, 3]\n  hints"), "nobody can drag a point to 3"),
    (DRAWN.replace("[0, 1]\n  hints", "[0, 0.7]\n  hints"), "nobody can drag a point to 0.7"),
    (DRAWN.replace("  xlabel: x\n", ""), "it lacks xlabel"),
    (GOOD + GOOD, "has the same id"), (GOOD.replace("answer: 2", "answer: two"),
                                       "could not convert"), (GOOD.replace("kind: number", "kind: guess"),
                                           "kind must be one of"),
    (GOOD.replace("  because: It is two.\n", ""), "it lacks because"), (GOOD + "  choices: []\n",
        "choices"), (GOOD.replace("[Count.]", "Count."), "hints must be a list"),
    (GOOD.replace("Count.", ""), "hints must be a list"), (GOOD + "  wrong: [{value: 3}]\n",
                                                           "wrong, number 1, must have says, value"),
    (GOOD + "  draw: dice\n", "draw must be one of"), ("id: one", "must be a list"), ("- id: [",
        "cannot be read as YAML"), ("- 3", "a question is a list of keys"),
    (GOOD.replace("kind: number", "kind: choice").replace("answer: 2", "choices: [{wrong: a, says: b}]"),
     "its own answer is not accepted"),
    (GOOD.replace("kind: number", "kind: choice").replace("answer: 2", "choices: [{right: a}]"),
     "must have right, says or says, wrong"),
    (GOOD.replace("ask: One and one?", "ask: ''"), "ask must be text"), (GOOD.replace("answer: 2", "answer: .nan"),
        "its own answer is not accepted"),
]


@pytest.mark.parametrize("text, says", BAD, ids=[s for _, s in BAD])
def test_a_bank_that_is_not_sound_is_named(tmp_path, text, says):
    (tmp_path/"01_tensors.yaml").write_text(text)
    with pytest.raises(BadInput) as e: Q.load_bank(tmp_path)
    assert says in str(e.value) and "01_tensors.yaml" in str(e.value)


def test_a_bank_of_ones_own(tmp_path):
    (tmp_path/"12_mine.yaml").write_text(GOOD)
    q, = Q.load_bank(tmp_path)
    assert q.lesson == 12 and q.accepts("2") and q.notebook == "12_mine.ipynb"
    with pytest.raises(BadInput, match="there are no questions"):
        (tmp_path/"12_mine.yaml").unlink()
        Q.load_bank(tmp_path)


@pytest.mark.parametrize("which, says", [(99, "questions of lesson 99"), ("grey-pixel", "must be a list"),
                                         (["x"], "no question 'x'"), ([], "no questions in this list"),
                                         (["grey-pixel"]*2, "twice"), (True, "must be a list"), ([3],
                                             "no question 3"), (3.5, "must be a list")])
def test_pick_refuses(which, says):
    with pytest.raises(BadInput, match=says): Q.pick(which)


# ---- Cards and paper

def notes(path):
    "{guid: fields} of an Anki package, and its decks' names."
    with zipfile.ZipFile(path) as z, tempfile.TemporaryDirectory() as folder:
        z.extract("collection.anki2", folder)
        db = sqlite3.connect(Path(folder)/"collection.anki2")
        found = {guid: flds.split("\x1f") for guid, flds in db.execute("select guid, flds from notes")}
        decks = {d["name"] for d in json.loads(db.execute("select decks from col").fetchone()[0]).values()}
        db.close()
    return found, decks


def test_an_anki_deck_whose_cards_stay_the_same_when_the_wording_changes(tmp_path):
    first, decks = notes(Q.anki(tmp_path/"a.apkg"))
    assert len(first) == len(BANK) and {f"Neural network foundations::Lesson {n}" for n in range(1, 11)} <= decks
    assert {fields[0] for fields in first.values()} == {q.id for q in BANK}
    q = Q.pick(["grey-pixel"])[0]
    other = Q.Question({**q.spec, "ask": "Something else?", "under": "All numbers at once"}, q.notebook)
    second, _ = notes(Q.anki(tmp_path/"b.apkg", [other]))
    (guid, fields), = second.items()
    assert "Something else?" in fields[1] and first[guid][0] == "grey-pixel" and first[guid] != fields
    assert all(c["says"] in html.unescape(first[guid][2]) for c in q.version()["choices"] if "`" not in c["says"])


def words(path): return re.sub(r"\s+", " ", html.unescape(re.sub(r"<style>.*?</style>|<[^>]+>", " ", path.read_text(encoding="utf-8"))))


@pytest.mark.parametrize("seed", [0, 5])
def test_a_sheet_with_and_without_answers(tmp_path, seed):
    bare = words(Q.worksheet(tmp_path/"bare.html", seed=seed))
    full = words(Q.worksheet(tmp_path/"full.html", answers=True, seed=seed))
    plain = lambda text: re.sub(r"\s+", " ", text.replace("`", " ")).strip()
    tight = lambda text: text.replace(" ", "")
    for q in BANK:
        v = q.version(seed % q.versions)
        assert tight(plain(v["ask"])) in tight(bare) and tight(plain(v["ask"])) in tight(full), q.id
        assert tight(plain(v["because"])) in tight(full) and tight(plain(v["because"])) not in tight(bare), q.id
    assert Q.worksheet(tmp_path/"x.html", 4).read_text(encoding="utf-8").count("<section>") == len(Q.pick(4))
