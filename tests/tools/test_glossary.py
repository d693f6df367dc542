"""The glossary's one source: every term is whole, its example gives what it should, its name in code exists; what is
wrong in a file is named; the list searches, orders and opens."""
import importlib
import math
import re
from collections import Counter

import pytest
import torch
from lab import until, watch_errors

from neuralnet_foundations import glossary
from neuralnet_foundations.checks import BadInput
from neuralnet_foundations.glossary import (
    ENTRIES,
    ORDERS,
    TERMS,
    confused,
    explain,
    look_up,
    pairs,
    read_terms,
    shown,
    uses,
    value,
    words_of,
)

ALL = list(ENTRIES.values())
names = lambda terms: [t.term for t in terms]


def test_there_are_many_and_none_twice():
    assert len(TERMS) >= 90 and len({t.id for t in ALL}) == len(ALL)
    assert TERMS == {t.term: t.says for t in ALL}
    assert {t.lesson for t in ALL} == set(range(1, 11))


def test_a_name_belongs_to_one_term():
    every = Counter(name.lower() for t in ALL for name in {t.term.lower(), *map(str.lower, t.also)})
    assert not [name for name, n in every.items() if n > 1]


@pytest.mark.parametrize("lesson", range(1, 11))
def test_a_word_means_one_thing_in_a_lesson(lesson):
    words = Counter(w for t in ALL if not t.only or lesson in t.only for w in set(words_of(t)))
    assert not [w for w, n in words.items() if n > 1]


@pytest.mark.parametrize("t", ALL, ids=names(ALL))
def test_a_term_has_one_sentence(t):
    assert re.match(r"[A-Z`e]", t.says) and t.says.endswith((".", '".')), t.says
    assert not re.search(r"[.?!] [A-Z]", t.says) and 20 < len(t.says) < 220, t.says
    assert t.says.count("`") % 2 == 0 and "$" not in t.says
    for difference in t.unlike.values(): assert difference.endswith(".") and len(difference) < 200, difference


# What each example gives, worked out here by other means
E = math.e
VALUES = {
    "neural network": str(784*30 + 30 + 30 + 1), "pixel": "784", "channel": "(3, 28, 28)", "tensor": "(3, 2, 2)",
    "array": "[2 3 4]", "axis": [2, 2, 2], "dimension": "1, 784", "dtype": [(200 + 100) % 256],
    "float": f"{(2 - 2**-23)*2.**127:.4g}", "mean": (1 + 2 + 6)/3, "shape": "(5, 28, 28)", "rank": "3",
    "scalar": "()", "vector": "1", "matrix": "2", "stack": "(5, 28, 28)", "list comprehension": "2, 6, 10, 14, 18",
    "view": [[1, 2, 3], [4, 5, 6], [7, 8, 9]], "slicing": [[5, 6], [8, 9]], "matrix multiplication": [[1 + 20 + 300]],
    "broadcasting": "(4, 3)", "stride": "0, 1", "L1 distance": .8/4, "RMSE": (.8**2/4)**.5, "norm": "7, 5",
    "accuracy": 3/4, "median": 2, "quadratic": "17", "parameter": str(28*28 + 1), "seed": "True",
    "error": [-1, 0, 4 + 1 - 1], "MAE": (1 + 0 + 4)/3, "MSE": (1 + 0 + 16)/3, "least squares": [2, 1],
    "slope": 3.01 + 3, "derivative": 2*3, "in place": [2, 3], "gradient": [2, 4], "backpropagation": 6*3,
    "chain rule": "18", "learning rate": 2.3, "zeroing the gradient": 6, "divergence": "0.2208, -1.104",
    "schedule": .2*E**(100*math.log(.98)), "ReLU": [0, 0, 0, 1, 2], "linear layer": "(4, 5)", "depth": "70, 3073",
    "tanh": [-1 + 4e-9, 0, 1 - 4e-9], "leaky ReLU": [-.3, 0, 2], "dataset": "3, a, 1", "bias": "(30,)",
    "sigmoid": [1/(1 + E**2), .5, 1/(1 + E**-2)], "batch": str(math.ceil((6131 + 6265)/256)),
    "DataLoader": str(math.ceil(15/4)), "device": "cpu", "nan": "nan", "hidden layer": str(785*30), "Sequential": "3",
    "flattening": "(100, 784)", "correlation": 1, "state dict": "weight, bias", "missing value": (22 + 38)/2,
    "dummy variable": [[1, 0], [0, 1], [0, 0]], "normalising": [.25, .5, 1], "logarithm": "tensor([1., 2., 3.]), 1",
    "column of ones": 5*2 + 3, "sleeping unit": 0, "rank of a matrix": 1, "logit": math.log(.9/.1),
    "softmax": [E**z/sum(E**o for o in (2, 1, 0, -1, 3)) for z in (2, 1, 0, -1, 3)], "exponential": [E**88, math.inf],
    "overflow": [False, True], "negative log likelihood": [0, math.log(2), math.log(10)], "log-softmax": [-200, 0],
    "cross-entropy": math.log(10), "one-hot": [0, 0, 0, 0, 1], "argmax": 4, "top-1 accuracy": 200/3,
    "memory": 46.758048,
    "convolution": str(16*3*3 + 16), "batch norm": str(64 + 64), "head": str(512*1000 + 1000),
    "augmentation": [[2, 3], [0, 1]], "token": [3, 0, 2, 3, 1], "embedding": "(5, 3)",
}


def test_every_example_has_its_value_here():
    assert {t.term for t in ALL if t.code} == VALUES.keys()


@pytest.fixture(scope="module")
def listed(): return look_up().html.replace("&#x27;", "'").replace("&quot;", '"')


@pytest.mark.parametrize("t", [t for t in ALL if t.code], ids=lambda t: t.term)
def test_examples_give_what_they_should(t, listed):
    got, wanted = value(t.code), VALUES[t.term]
    if isinstance(wanted, str): assert shown(got) == wanted
    else:
        a, b = (torch.as_tensor(v).double() for v in (got, wanted))
        torch.testing.assert_close(a, b, rtol=2e-6, atol=1e-6)
    assert f"<b>{shown(got)}</b></pre>" in listed


def test_examples_leave_the_readers_random_numbers_alone():
    torch.manual_seed(7)
    wanted = torch.rand(3)
    torch.manual_seed(7)
    look_up()
    assert torch.equal(torch.rand(3), wanted)


SHORT = {"F": "torch.nn.functional", "nn": "torch.nn", "Tensor": "torch.Tensor"}


def resolve(name):
    "The object of a dotted name; an AttributeError where there is none."
    head, *rest = name.split(".")
    parts = [*SHORT.get(head, head).split("."), *rest]
    for n in range(len(parts), 0, -1):
        try: found = importlib.import_module(".".join(parts[:n]))
        except ModuleNotFoundError: continue
        for part in parts[n:]: found = getattr(found, part)
        return found
    raise AttributeError(name)


@pytest.mark.parametrize("name", sorted({name for t in ALL for name in t.torch}))
def test_names_in_code_exist(name): resolve(name)


def test_a_name_that_does_not_exist_is_noticed():
    for name in ("F.rely", "nn.Linear.bias", "torchh.nn", "fastai.learner.Lerner"):
        with pytest.raises(AttributeError): resolve(name)


# ---- words

@pytest.mark.parametrize("word, term", [
    ("MSE", "MSE"), ("mean  squared error", "MSE"), ("Gradients", "gradient"), ("mini-batches", "batch"),
    ("GPU", "graphics card"), ("losses", "loss"), ("rank", "rank"), ("cross-entropy", "cross-entropy")])
def test_explain_knows_every_name(word, term): assert explain(word).term == term


@pytest.mark.parametrize("word, said", [
    ("gradiant", "gradient"), ("xyzzy", r"look_up\(\)"), ("", "not in the glossary"), (3, "3 is not in the glossary")])
def test_explain_says_the_way_out(word, said):
    with pytest.raises(BadInput, match=said): explain(word)


@pytest.mark.parametrize("lesson, text, found", [
    (4, "Gradients of the training set.", ["Gradients gradient", "training set training set"]),
    (4, "no-gradient, gradient_x, mini-gradient", []),
    (7, "the training\nset, a ReLU, ReLUs, RELU", ["training\nset training set", "ReLU ReLU", "ReLUs ReLU"]),
    (1, "Its rank.", ["rank rank"]), (8, "Its rank.", ["rank rank of a matrix"]), (4, "Its rank.", []),
    (2, "What does this mean? The mean.", ["mean mean", "mean mean"]), (4, "What does this mean?", []),
    (3, "What it means", []), (6, "Learner, learner", ["Learner Learner"]),
    (9, "activation functions, activations", ["activation functions activation function", "activations activation"])])
def test_words_of_a_text(lesson, text, found):
    assert [f"{text[a:b]} {t.term}" for a, b, t in uses(text, lesson)] == found


def test_a_pair_is_told_from_both_sides():
    for t in ALL:
        for other, difference in t.unlike.items():
            assert confused(ENTRIES[other])[t.term] == difference and t.term not in ENTRIES[other].unlike
    for a, b in (("rank", "rank of a matrix"), ("RMSE", "MSE"), ("metric", "loss"), ("parameter", "activation"),
                 ("batch", "epoch"), ("dimension", "axis"), ("validation set", "test set")):
        assert b in confused(ENTRIES[a]) and a in confused(ENTRIES[b])


# ---- files

GOOD = "- term: a\n  says: A letter.\n  under: Letters\n"


@pytest.mark.parametrize("text, said", [
    ("- says: A letter.\n", "no `term`"), ("- term: a\n  says: A letter.\n", "x.yaml, a: no `under`"),
    ("- just a word\n", "no `term` in 'just a word'"), (GOOD + "  syas: no\n", "nobody knows the key `syas`"),
    (GOOD + GOOD, "a is in 01_x.yaml too"), (GOOD + "  unlike: {b: Another.}\n", "a: unlike b, which is no term"),
    ("term: a\n", "must be a list"), ("", "must be a list"), ("- term: [\n", "not YAML"),
    (GOOD + "  live: {says: 'A [x] and [=].', gives: x}\n", "a: live must have says, gives and a number's name"),
    (GOOD + "  live: just a sentence\n", "a: live must have says, gives and a number's name"),
    (GOOD + "  live: {says: 'A [y], [=].', gives: x, x: [0, 1, .1, 0]}\n", "a: live must say [x] once"),
    (GOOD + "  live: {says: 'A [x].', gives: x, x: [0, 1, .1, 0]}\n", "a: live must say [=] once"),
    (GOOD + "  live: {says: 'A [x], [=].', gives: x, x: [0, 1]}\n", "a: live: ValueError"),
    (GOOD + "  live: {says: 'A [x], [=].', gives: y, x: [0, 1, .1, 0]}\n", "a: live: "),
    (GOOD + "  live: {says: 'A [x], [=].', gives: x, x: [0, 1, .1, 2]}\n", "x starts between them"),
    (GOOD + "  live: {says: 'A [x], [=].', gives: torch.log(x), x: [0, 1, .1, .5]}\n", "must be finite at both ends")])
def test_what_is_wrong_in_a_file_is_named(tmp_path, text, said):
    (tmp_path/"01_x.yaml").write_text(text)
    with pytest.raises(BadInput, match=re.escape(said)): read_terms(tmp_path)


def test_a_folder_without_terms_is_named(tmp_path):
    with pytest.raises(BadInput, match="no terms in"): read_terms(tmp_path)


def test_a_good_file_is_read(tmp_path):
    (tmp_path/"04_x.yaml").write_text(GOOD + "  torch: nn.Linear\n  words: []\n")
    t = read_terms(tmp_path)["a"]
    assert (t.lesson, t.notebook, t.torch, t.words, t.also, t.id) == (4, "04_x", ("nn.Linear",), (), (), "term-a")


# ---- the list, in a browser

@pytest.fixture(scope="module")
def opened(browser):
    "A page with the list and the pairs, and nothing else."
    page = browser.new_page(viewport=dict(width=760, height=700))
    problems = watch_errors(page)
    page.set_content(f'<!doctype html><html lang="en"><body>{look_up().html}{pairs().html}</body></html>')
    yield page
    page.close()
    assert not problems, problems


@pytest.fixture
def page(opened):
    "The list as it is at first."
    opened.get_by_label("Find").fill("")
    opened.get_by_label("Show").select_option("a-z")
    opened.evaluate("document.querySelectorAll('details').forEach((e) => { e.open = false; })")
    return opened


def visible(page):
    return page.evaluate("[...document.querySelectorAll('.nnf-entry')].filter((e) => e.checkVisibility())"
                         ".map((e) => e.querySelector('b').textContent)")


def test_all_terms_stand_in_order(page):
    assert visible(page) == sorted(TERMS, key=str.lower)
    assert page.locator("output").text_content() == f"{len(TERMS)} terms"


def test_search_puts_names_before_sentences(page):
    page.get_by_label("Find").fill("Rank ")
    first, second, *others = visible(page)
    assert {first, second} == {"rank", "rank of a matrix"}
    assert all("rank" in page.locator(f"#{ENTRIES[t].id}").text_content().lower() for t in others)
    page.get_by_label("Find").fill("mean squared error")
    assert "MSE" in visible(page) and "rank" not in visible(page)
    page.get_by_label("Find").fill("no such word")
    assert visible(page) == [] and page.locator("output").text_content() == "0 terms"


def test_a_lesson_and_the_orders(page):
    show = page.get_by_label("Show")
    assert show.locator("option").count() == len(ORDERS) + 10
    show.select_option("4")
    assert set(visible(page)) == {t.term for t in ALL if t.lesson == 4}
    show.select_option("lessons")
    lessons = [ENTRIES[t].lesson for t in visible(page)]
    assert lessons == sorted(lessons) and len(lessons) == len(TERMS)
    show.select_option("shuffled")
    assert sorted(visible(page)) == sorted(TERMS) and visible(page) != sorted(TERMS, key=str.lower)


def test_a_link_opens_its_term_though_a_search_hides_it(page):
    page.get_by_label("Find").fill("stride")
    page.locator(".nnf-pairs a", has_text=re.compile("^epoch$")).first.click()
    until(lambda: page.locator("#term-epoch").get_attribute("open") is not None)
    assert page.get_by_label("Find").input_value() == "" and len(visible(page)) == len(TERMS)
    assert page.evaluate("document.activeElement.closest('details').id") == "term-epoch"


def test_all_open_and_close(page):
    button = page.locator('[data-action="all"]')
    count = lambda: page.locator("details[open]").count()
    button.click()
    assert count() == len(TERMS) and button.text_content() == "Close all"
    assert button.get_attribute("aria-pressed") == "true"
    button.click()
    assert count() == 0


LIVE = [t for t in ALL if t.live]
RESULTS = {"learning rate": lambda lr: 5*lr, "ReLU": lambda x: max(x, 0.), "sigmoid": lambda x: 1/(1 + math.exp(-x)),
           "negative log likelihood": lambda p: -math.log(p)}


def test_every_live_sentence_gives_what_it_should():
    assert {t.term for t in LIVE} == set(RESULTS)
    for t in LIVE:
        low, high, step, start = t.live.range
        for v in (low, high, start, low + 3*step): assert t.live.result(v) == pytest.approx(RESULTS[t.term](v))


@pytest.mark.parametrize("t", LIVE, ids=names(LIVE))
def test_a_live_sentence_follows_the_keys(page, t):
    "By keyboard, to both ends: the number and what follows from it are torch's."
    page.evaluate("(id) => { document.getElementById(id).open = true; }", t.id)
    sentence = page.locator(f"#{t.id} .nnf-live")
    slider = sentence.locator("input")
    number, result = (sentence.locator(f"[data-live-{name}]") for name in ("number", "result"))
    low, high, step, start = t.live.range
    assert sentence.inner_text().strip() == t.live.says.replace(f"[{t.live.name}]", f"{start:g}").replace(
        "[=]", shown(t.live.result(start)))
    for key, at in (("Home", low), ("ArrowRight", low + step), ("End", high)):
        slider.press(key)
        until(lambda at=at: float(number.inner_text()) == pytest.approx(at))
        assert float(result.inner_text()) == pytest.approx(t.live.result(at), rel=1e-3, abs=1e-9)


def test_it_is_read_without_its_program(browser):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.set_content(look_up().html)
    assert page.locator(".nnf-entry:visible").count() == len(TERMS) and page.locator("form:visible").count() == 0
    context.close()


def test_it_says_itself_in_plain_lines_too():
    assert repr(explain("rank")).startswith("rank: How many axes") and "Lesson 1" in repr(explain("rank"))
    assert len(repr(look_up()).splitlines()) == len(TERMS) and "<" not in repr(pairs())
    assert explain("rank")._repr_html_().count("<details") == 1 and 'id="' not in explain("rank")._repr_html_()
    assert glossary.as_html("a < `b & c`") == "a &lt; <code>b &amp; c</code>"


def test_in_jupyterlab_it_searches_and_keys_are_its_own(lab):
    with lab.open(cells=["from neuralnet_foundations.glossary import look_up\nlook_up()"]) as nb:
        nb.run_all()
        area, cells = nb.cell(0), len(nb.counts())
        until(lambda: area.locator("output").text_content() == f"{len(TERMS)} terms", message="no program runs")
        find = area.get_by_label("Find")
        find.press_sequentially("bad")  # a, b and d are commands of JupyterLab
        find.fill("rank")
        until(lambda: area.locator(".nnf-entry:visible").count() < 10)
        area.locator(".nnf-entry:visible summary").first.press("Enter")
        until(lambda: area.locator("details[open]").count() == 1)
        assert len(nb.counts()) == cells and not nb.problems()
