"""Every notebook in a real JupyterLab: it opens, Run All ends without an error, and each explorer in it shows.

A lesson runs here with many answers to its exercises, on the offline subset with no data folder and no network:
unanswered they stop nothing and read as not answered, solved they are right. As it stands, on the data that there is,
the site's build runs it, and runs the tools' notebooks, which have nothing to drag: tests/site looks at what they gave.
Where there is no browser, the lessons run in a kernel alone."""
import re

import nbformat
import pytest
from answers import MORE, exercises, replies, run_in_a_kernel, with_answers, wrong_replies
from browser import find
from examples import NAMES
from lab import ROOT, until

NBS = ROOT / "nbs"
NOTEBOOKS = sorted(p.relative_to(NBS).as_posix() for p in NBS.rglob("*.ipynb") if ".ipynb_checkpoints" not in p.parts)
# The last lessons take longest: they come first
LESSONS = [p for p in reversed(NOTEBOOKS) if exercises(nbformat.read(NBS / p, 4))]
# What shows in a cell's output: widgets in the order of the notebook, and whether each explorer has drawn something.
SHOWN = """const area = cells[arg].node.querySelector('.jp-Cell-outputArea');
const drawn = (e) => [...e.querySelectorAll('svg, canvas, button, input, table')]
  .filter((c) => c.getBoundingClientRect().width > 0).length;
return [...area.querySelectorAll('.nnf-explorer')].map((e) =>
  [e.dataset.explorer, e.getBoundingClientRect().height, drawn(e)])"""
RED = """return cells.some((c) => c.node.querySelector(
  '.jp-RenderedText[data-mime-type="application/vnd.jupyter.stderr"] .ansi-red-fg'))"""
# Tables in which JupyterLab takes what stands between two dollar signs, as in the address $N$3, for mathematics
TYPESET = r"""const outputs = (c) => (c.model.type === 'code' ? c.model.outputs.toJSON() : []);
return cells.flatMap(outputs).map((o) => [].concat(o.data?.['text/html'] || '').join(''))
  .filter((t) => /<table/.test(t) && /\$[^$]+\$/.test(t))"""
WITH_WIDGETS = """const VIEW = 'application/vnd.jupyter.widget-view+json';
const widgets = (c) => (c.model.type === 'code' ? c.model.outputs.toJSON() : []).filter((o) => o.data?.[VIEW]);
const text = (o) => [].concat(o.data['text/plain'] || '').join('');
return cells.flatMap((c, i) => widgets(c).map((o) => [i, text(o)]))"""


def name_in(text):
    "The explorer that a widget's text names, if any."
    return next((n for n in NAMES if re.search(rf"\b{n}\b", text)), None)


def test_there_are_notebooks(): assert {"index.ipynb", "explorers/core.ipynb"} <= set(NOTEBOOKS)


def check_explorers_show(nb):
    "Each explorer of an open notebook that has run shows where its cell is."
    for i, text in nb.js(WITH_WIDGETS):
        name = name_in(text)
        if name is None: continue
        nb.show(i)
        shows = lambda i=i, name=name: any(n == name and tall > 100 and parts for n, tall, parts in nb.js(SHOWN, i))
        until(shows, message=f"{name} does not show")


def run_all(lab, path):
    "Open, Run All, look; the text that each cell wrote."
    with lab.open(path=path) as nb:
        if nb.counts(): nb.run_all(timeout=300)
        assert not nb.tracebacks(), f"an error output: {nb.tracebacks()}"
        assert not nb.js(RED)
        assert not nb.js(TYPESET), "a table with dollar signs that JupyterLab shows as mathematics"
        check_explorers_show(nb)
        assert not nb.problems()
        return nb.texts()


@pytest.fixture
def ran(request, tmp_path_factory):
    "`ran(path)`: a lesson with its answers, and what its cells wrote."
    nothing = tmp_path_factory.getbasetemp() / "nothing"

    def run(path):
        both = with_answers(nbformat.read(NBS / path, 4), nothing, MORE.get(path.removesuffix(".ipynb")))
        if find() is None: return both, run_in_a_kernel(both, NBS)
        lab = request.getfixturevalue("lab")
        nbformat.write(both, lab.root / f"answered_{path}")
        return both, run_all(lab, f"answered_{path}")

    return run


@pytest.mark.parametrize("path", LESSONS)
def test_lesson_with_answers(ran, path):
    got = replies(*ran(path))
    more = MORE.get(path.removesuffix(".ipynb"), {})
    asked = {e.name for e in exercises(nbformat.read(NBS / path, 4))}
    assert len(got) == 2*len(asked) + sum(len(o["wrong"] + o["right"]) for o in more.values())
    assert asked == set(more), "each exercise has answers in answers.yaml"
    assert all(len(o["wrong"]) >= 4 and len(o["right"]) >= 3 for o in more.values())
    assert not wrong_replies(got), "\n".join(wrong_replies(got))


@pytest.mark.parametrize("path", [p for p in NOTEBOOKS if p not in LESSONS and not p.startswith("tools/")])
def test_run_all(lab, path): run_all(lab, path)


def test_what_a_widget_says_of_itself_names_its_explorer(lab):
    "The check above finds explorers by their text; this one fails if that text changes."
    cell = "from neuralnet_foundations.explorers import FitByHand\nFitByHand(lambda a, x: a*x, [1., 2.], [2., 4.])"
    with lab.open(cells=[cell]) as nb:
        nb.run_all()
        found = nb.js(WITH_WIDGETS)
        assert [(i, name_in(text)) for i, text in found] == [(0, "FitByHand")], found
        until(lambda: nb.js(SHOWN, 0) and nb.js(SHOWN, 0)[0][0] == "FitByHand", message="it does not show")
