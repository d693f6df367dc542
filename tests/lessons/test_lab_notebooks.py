"Every notebook in a real JupyterLab: it opens, Run All ends without an error, and each explorer in it shows."
import json
import re

import pytest
from examples import NAMES
from lab import ROOT, until

NBS = ROOT / "nbs"
NOTEBOOKS = sorted(str(p.relative_to(NBS)).replace("\\", "/") for p in NBS.rglob("*.ipynb") if ".ipynb_checkpoints" not in p.parts)
# What shows in a cell's output: widgets in the order of the notebook, and whether each explorer has drawn something.
SHOWN = """const area = cells[arg].node.querySelector('.jp-Cell-outputArea');
return [...area.querySelectorAll('.nnf-explorer')].map((e) => [e.dataset.explorer, e.getBoundingClientRect().height,
  [...e.querySelectorAll('svg, canvas, button, input, table')].filter((c) => c.getBoundingClientRect().width > 0).length])"""
WITH_WIDGETS = """return cells.flatMap((c, i) => c.model.type !== 'code' ? [] : c.model.outputs.toJSON()
  .filter((o) => o.data?.['application/vnd.jupyter.widget-view+json']).map((o) => [i, [].concat(o.data['text/plain'] || '').join('')]))"""


def name_in(text):
    "The explorer that a widget's text names, if any."
    return next((n for n in NAMES if re.search(rf"\b{n}\b", text)), None)


def test_there_are_notebooks(): assert {"index.ipynb", "explorers/core.ipynb"} <= set(NOTEBOOKS)


@pytest.mark.parametrize("path", NOTEBOOKS)
def test_run_all(lab, path):
    with lab.open(path=path) as nb:
        code = [c for c in json.loads((NBS / path).read_text(encoding="utf-8"))["cells"] if c["cell_type"] == "code"]
        if code: nb.run_all(timeout=300)
        assert not nb.tracebacks(), "an error output"
        assert not nb.js("return cells.some((c) => c.node.querySelector('.jp-RenderedText[data-mime-type=\"application/vnd.jupyter.stderr\"] .ansi-red-fg'))")
        for i, text in nb.js(WITH_WIDGETS):
            if not (name := name_in(text)): continue
            nb.show(i)
            until(lambda i=i, name=name: any(n == name and tall > 100 and parts for n, tall, parts in nb.js(SHOWN, i)), message=f"{name} does not show")
        assert not nb.problems()


def test_what_a_widget_says_of_itself_names_its_explorer(lab):
    "The check above finds explorers by their text; this one fails if that text changes."
    cell = "import torch\nfrom neuralnet_foundations.explorers import FitByHand\nFitByHand(lambda a, x: a*x, [1., 2.], [2., 4.])"
    with lab.open(cells=[cell]) as nb:
        nb.run_all()
        found = nb.js(WITH_WIDGETS)
        assert [(i, name_in(text)) for i, text in found] == [(0, "FitByHand")], found
        until(lambda: nb.js(SHOWN, 0) and nb.js(SHOWN, 0)[0][0] == "FitByHand", message="it does not show")
