"""The lessons and the glossary agree: what a lesson prints in bold is a term, each term stands under its heading, and
none is used before the lesson that explains it, unless that place explains it in passing."""
import re

import nbformat
import pytest
from lab import ROOT

from neuralnet_foundations.glossary import ENTRIES, explain, uses, words_of

LESSONS = {p.stem: nbformat.read(p, 4) for p in sorted((ROOT/"nbs").glob("[0-9]*.ipynb"))}
TAUGHT = [name for name in LESSONS if int(name[:2]) <= 10]  # the last two are questions, and the glossary itself


def markdown(name):
    return [re.sub(r"```.*?```", " ", c.source, flags=re.S) for c in LESSONS[name].cells if c.cell_type == "markdown"]


def prose(name):
    "A lesson's text without headings, promises, code, links, formulas and the questions on folds."
    text = "\n\n".join(markdown(name))
    text = re.sub(r"^#+ .*$|^> .*$|<summary>.*?</summary>|<!--.*?-->|<[^>]+>", " \0 ", text, flags=re.M)
    return re.sub(r"`[^`]*`|\$[^$]*\$|\[[^\]]*\]\([^)]*\)", " \0 ", text).replace("*", "")


# ---- bold words

BOLD_AND_NO_TERM = {
    "aligned on the right", "predict the shape",  # rules and requests of lesson 1
    "look at its worst mistakes",
    "predict", "repeat",  # of the seven steps
    "adds", "exist", "finds", "right", "more data", "small", "scale", "trains itself",  # said with weight
    "the best learning rate depends on the problem", "learning rate that is far too high",
    "forget to zero the gradients", "from memory", "before each press", "a likely mistake", "the wrong logarithm", "targets as a column"}
ASKS = re.compile(r"[?:.,]|^\d|^(You|Guess|guess|Draw|Stop|Write|What|Which|How)\b")


def bold(name):
    "Bold words of a lesson that ask nothing and are no sentence."
    found = [" ".join(b.split()) for text in markdown(name) for b in re.findall(r"\*\*(.+?)\*\*", text)]
    return [re.sub(r"^(A|The) (?=\w+$)", "", b) for b in found if not ASKS.search(b)]


def is_term(word, lesson):
    if any((a, b) == (0, len(word)) for a, b, _ in uses(word, lesson)): return True
    try: return bool(explain(word.strip("`")))
    except ValueError: return False


@pytest.mark.parametrize("name", TAUGHT)
def test_bold_words_are_terms(name):
    strange = [b for b in bold(name) if b.lower() not in BOLD_AND_NO_TERM and not is_term(b, int(name[:2]))]
    assert not strange, f"{strange}: terms for neuralnet_foundations/terms/{name}.yaml?"


def test_the_exceptions_are_all_needed():
    every = {b.lower() for name in TAUGHT for b in bold(name)}
    assert every >= BOLD_AND_NO_TERM, BOLD_AND_NO_TERM - every
    assert not [b for b in BOLD_AND_NO_TERM if is_term(b, 99)]


# ---- headings

def lines(name):
    "(line, whether it is a heading) of a lesson, code too."
    for cell in LESSONS[name].cells:
        text = re.sub(r"```.*?```", lambda m: m[0].replace("\n#", "\n #"), cell.source, flags=re.S)
        for line in text.splitlines(): yield line, cell.cell_type == "markdown" and re.match(r"#+ ", line)


def sections(name):
    "{heading: what stands under it} of a lesson."
    found, here = {}, None
    for line, heading in lines(name):
        if heading: here = line.lstrip("# ")
        found[here] = found.get(here, "") + line + "\n"
    return found


# Explained under their heading in other words
IN_OTHER_WORDS = {"slicing": "Square brackets take a part", "pixel similarity": "which of the two it is more like",
                  "linear model": "def linear1(xb)", "one-hot": "F.one_hot", "log-softmax": "def log_softmax",
                  "exponential": "e grows fast", "overflow": "it becomes infinite",
                  "state dict": "`state_dict` has them by name",
                  "pretrained weights": "`state_dict` holds all parameters by name"}


@pytest.mark.parametrize("t", ENTRIES.values(), ids=lambda t: t.term)
def test_terms_stand_under_their_heading(t):
    assert t.notebook in LESSONS, f"there is no lesson {t.notebook}"
    there = sections(t.notebook)
    assert t.under in there, f"{t.notebook} has no heading {t.under!r}"
    text = " ".join(there[t.under].split())
    if t.term in IN_OTHER_WORDS: assert IN_OTHER_WORDS[t.term] in text
    else: assert any(w.lower() in text.lower() for w in (t.term, *t.also, *words_of(t))), t.term


# ---- no word before its time

# (lesson, term of a later one): the words there that say enough
EARLY = {
    ("01_tensors", "prediction"): "which you will meet in lesson 6: 256 predictions in a column",
    ("02_pixel_similarity", "shuffling"): "shuffles the positions",
    ("04_gradient_descent", "batch"): "lesson 6 takes a few at a time, a batch",
    ("04_gradient_descent", "normalising"): "The cure is to bring the input to a common size first",
    ("04_gradient_descent", "training loop"): "let a loop of six lines do the fitting",
    ("05_relu", "bias"): "Torch calls slopes weights too, and heights and constants biases",
    ("05_relu", "sigmoid"): "Two older ones are smooth, sigmoid and tanh",
    ("07_learner", "probability"): "turns it into one between 0 and 1, which we read as the probability of a 3"}


def early(name):
    "Terms of later lessons that a lesson uses."
    number = int(name[:2])
    return {(name, t.term) for _, _, t in uses(prose(name), number) if t.lesson > number}


@pytest.mark.parametrize("name", TAUGHT)
def test_no_term_is_used_before_its_lesson_without_a_word_of_help(name):
    unexplained = early(name) - EARLY.keys()
    assert not unexplained, f"used before they are explained: {unexplained}"
    text = re.sub(r"[\s\0]+", " ", prose(name))
    for (lesson, term), says in EARLY.items():
        if lesson == name: assert says in text and (name, term) in early(name), term


def test_a_word_before_its_time_is_noticed(monkeypatch):
    added = ("It ends with cross-entropy, not `softmax`, $logit$ or [token](x).\n\n"
             "## Epochs\n\n<summary>An embedding?</summary>")
    more = nbformat.v4.new_notebook(cells=[*LESSONS["03_fitting"].cells, nbformat.v4.new_markdown_cell(added)])
    monkeypatch.setitem(LESSONS, "03_fitting", more)
    assert early("03_fitting") == {("03_fitting", "cross-entropy")}
