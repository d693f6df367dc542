"""Every exercise of every lesson: unanswered it stops nothing and reads as not answered, and the solution printed under it is right.
The lessons run here on the offline subset, with no data folder and no network; the site's build and JupyterLab run them on what there is."""
import json
import re
import sys

import nbformat
import pytest
from lab import ROOT
from nbclient.exceptions import CellExecutionError

sys.path.insert(0, str(ROOT/"docs"))
from client import NotebookClient  # noqa: E402

NOTEBOOKS = sorted((ROOT/"nbs").glob("*.ipynb"))
MARK = "# Exercise:"

# Runs before the notebook's first cell: notes what each `check` of a lesson replies.
RECORD = """
import json as _json, neuralnet_foundations.quiz as _quiz
_replies = []
def _recorded(*args, _check=_quiz.check, **kwargs):
    _replies.append(_check(*args, **kwargs))
    return _replies[-1]
_quiz.check = _recorded
"""

class Exercise:
    "An exercise cell, the check cells after it and the solution in the markdown after those."
    def __init__(self, cells, at):
        self.name = re.search(rf"{MARK}\s*(\S+)", cells[at].source)[1]
        self.at, self.question, self.checks, self.solution = at, cells[at].source, [], None
        for i, cell in enumerate(cells[at+1:], at+1):
            if cell.cell_type == "code" and MARK in cell.source: break
            if cell.cell_type == "code" and "check(" in cell.source: self.checks.append(i)
            if cell.cell_type == "markdown" and re.search(r"<summary>[^<]*solution", cell.source, re.I):
                code = re.search(r"```python\n(.*?)```", cell.source, re.S)
                self.solution = code and code[1].strip()
                break

def exercises(nb): return [Exercise(nb.cells, i) for i, c in enumerate(nb.cells) if c.cell_type == "code" and MARK in c.source]

def written_badly(found):
    "What is wrong with the exercises of a notebook before anything runs."
    names = [e.name for e in found]
    wrong = [f"{n}: two exercises have this name" for n in set(names) if names.count(n) > 1]
    for e in found:
        if "..." not in e.question: wrong.append(f"{e.name}: nothing to fill in, no `...`")
        if "check(" in e.question: wrong.append(f"{e.name}: the check stands in the exercise cell; give it a cell of its own")
        if not e.checks: wrong.append(f"{e.name}: no cell with a check before the solution")
        if not e.solution: wrong.append(f"{e.name}: no solution with a ```python block")
    return wrong

def with_both_answers(nb, found):
    "A copy of the notebook in which each exercise runs as it stands, is checked, is then solved as its solution says, and checked again."
    code, report = nbformat.v4.new_code_cell, "print('REPLIES', _json.dumps([r.ok for r in _replies])); _replies.clear()"
    by_place = {e.at: e for e in found}
    skip = {i for e in found for i in e.checks}
    cells = [code(RECORD)]
    for i, cell in enumerate(nb.cells):
        if i in skip or cell.cell_type != "code": continue
        if i not in by_place: cells.append(code(cell.source)); continue
        e, checks = by_place[i], [nb.cells[j].source for j in by_place[i].checks]
        for state, source in (("open", e.question), ("solved", e.solution)):
            cells += [code("_replies.clear()"), code(source), *map(code, checks), code(report, metadata={"exercise": [e.name, state]})]
    return nbformat.v4.new_notebook(cells=cells, metadata=nb.metadata)

def replies(nb, folder):
    "{(exercise, state): [ok of each check]}, from one run of the notebook."
    found = exercises(nb)
    both = with_both_answers(nb, found)
    NotebookClient(both, timeout=600, kernel_name="python3", resources={"metadata": {"path": str(folder)}}).execute()
    said = "".join(o.get("text", "") for c in both.cells for o in c.outputs)
    assert "load_digits(" not in "".join(c.source for c in both.cells) or "mnist_subset" in said, "these were not the offline digits"
    out = {}
    for cell in both.cells:
        if "exercise" not in cell.metadata: continue
        text = "".join(o.get("text", "") for o in cell.outputs)
        out[tuple(cell.metadata["exercise"])] = json.loads(re.search(r"REPLIES (.*)", text)[1])
    return out

def wrong_replies(got):
    unsolved = [f"{name}: its own solution is not right: {ok}" for (name, state), ok in got.items() if state == "solved" and (not ok or not all(ok))]
    return unsolved + [f"{name}: right before it is answered" for (name, state), ok in got.items() if state == "open" and (not ok or any(ok))]

@pytest.fixture
def offline(monkeypatch, tmp_path_factory):
    "No data but what comes with the course: a closed port stands in for the network."
    monkeypatch.delenv("NEURALNET_FOUNDATIONS_DATA", raising=False)
    for name in ("FASTAI_HOME", "NEURALNET_FOUNDATIONS_CACHE"): monkeypatch.setenv(name, str(tmp_path_factory.getbasetemp()/"nothing"))
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"): monkeypatch.setenv(name, "http://127.0.0.1:9")

@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_exercises(path, offline):
    nb = nbformat.read(path, as_version=4)
    found = exercises(nb)
    assert not written_badly(found), "\n".join(written_badly(found))
    if re.match(r"(0\d|10)_", path.stem): assert found, f"{path.name} is a lesson without an exercise"
    if not found: return
    got = replies(nb, path.parent)
    assert len(got) == 2*len(found)
    assert not wrong_replies(got), "\n".join(wrong_replies(got))

def notebook(*exercise_cells):
    code, md = nbformat.v4.new_code_cell, nbformat.v4.new_markdown_cell
    cells = [code("from neuralnet_foundations.quiz import check\nnums = range(1, 6)")]
    for question, test, solution in exercise_cells:
        cells += [md("Try it."), code(question), code(test), md(f"<details><summary>A solution</summary>\n\n```python\n{solution}\n```\n\n</details>")]
    return nbformat.v4.new_notebook(cells=cells)

def test_good_exercises_pass_and_bad_ones_are_caught(tmp_path):
    nb = notebook(("# Exercise: odds\nanswer = ...", "check(answer, [2, 6, 10], hint='n % 2')", "answer = [2*n for n in nums if n % 2]"),
                  ("# Exercise: square\ndef square(x): ...", "check(square(3), 9)\ncheck(square, lambda f: f(2) == 4)", "def square(x): return x*x"),
                  ("# Exercise: wrong\nanswer = ...", "check(answer, 3)", "answer = 4"), ("# Exercise: generous\nanswer = ...", "check(1, 1)", "answer = 1"))
    assert not written_badly(exercises(nb))
    got = replies(nb, tmp_path)
    assert got == {("odds", "open"): [None], ("odds", "solved"): [True], ("square", "open"): [None, None], ("square", "solved"): [True, True],
                   ("wrong", "open"): [None], ("wrong", "solved"): [False], ("generous", "open"): [True], ("generous", "solved"): [True]}
    assert [o.split(":")[0] for o in wrong_replies(got)] == ["wrong", "generous"]

def test_an_exercise_that_stops_the_notebook_is_caught(tmp_path):
    with pytest.raises(CellExecutionError, match="AttributeError"):
        replies(notebook(("# Exercise: stops\ndef f(x): ...", "check(f(1).shape, (1,))", "def f(x): return nums")), tmp_path)

def test_an_exercise_without_parts_is_named():
    nb = notebook(("# Exercise: a\nanswer = 3", "print(1)", ""), ("# Exercise: a\nanswer = ...\ncheck(answer, 3)", "check(answer, 3)", "answer = 3"))
    wrong = "\n".join(written_badly(exercises(nb)))
    for part in ("two exercises", "no `...`", "no cell with a check", "no solution", "in the exercise cell"): assert part in wrong
