"""A lesson's run with many answers to each exercise, as it stands, as its solution says and more, on the offline subset.
What is found there is judged in test_lab_notebooks.py; test_exercises.py holds these helpers to their word."""
import json
import re
import sys

import nbformat
import yaml
from lab import ROOT

sys.path.insert(0, str(ROOT/"docs"))
from client import NotebookClient  # noqa: E402

# {lesson: {exercise: {wrong, right}}}
MORE = yaml.safe_load((ROOT/"tests/lessons/answers.yaml").read_text(encoding="utf-8"))
MARK = "# Exercise:"
NONE = re.compile(r"^#\| *exercises: *none *$", flags=re.M)  # a numbered page says so in a code cell

# Runs before the notebook's first cell: no data but what comes with the course, a closed port for the network,
# and a note of what each `check` of the lesson replies.
RECORD = """
import os
os.environ.pop("NEURALNET_FOUNDATIONS_DATA", None)
os.environ.update(dict.fromkeys(("FASTAI_HOME", "NEURALNET_FOUNDATIONS_CACHE"), {nothing!r}))
os.environ.update(dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9"))
import json as _json, neuralnet_foundations.quiz as _quiz
_replies = []
def _recorded(*args, _check=_quiz.check, **kwargs):
    _replies.append(_check(*args, **kwargs))
    return _replies[-1]
_quiz.check = _recorded
"""
REPORT = "print('REPLIES', _json.dumps([r.ok for r in _replies])); _replies.clear()"


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

    def wrong(self):
        "What is wrong with it before anything runs."
        if "..." not in self.question: yield "nothing to fill in, no `...`"
        if "check(" in self.question: yield "the check stands in the exercise cell; give it a cell of its own"
        if not self.checks: yield "no cell with a check before the solution"
        if not self.solution: yield "no solution with a ```python block"


def exercises(nb):
    "The exercises of a notebook, in order."
    return [Exercise(nb.cells, i) for i, c in enumerate(nb.cells) if c.cell_type == "code" and MARK in c.source]


def written_badly(path, nb):
    "What is wrong with the exercises of the notebook `path` before anything runs, and with having none or some."
    found = exercises(nb)
    names = [e.name for e in found]
    wrong = [f"{n}: two exercises have this name" for n in set(names) if names.count(n) > 1]
    wrong += [f"{e.name}: {what}" for e in found for what in e.wrong()]
    none = any(c.cell_type == "code" and NONE.search(c.source) for c in nb.cells)
    if none and found: wrong.append(f"{path.name} says `#| exercises: none` and has {len(found)}")
    if re.match(r"\d+_", path.name) and not found and not none:
        wrong.append(f"{path.name} is a lesson without an exercise; if it is a page that needs none, "
                     "a code cell says `#| exercises: none`")
    return wrong


def with_answers(nb, nothing, more=None):
    """A copy of the notebook in which each exercise runs as it stands, is checked, gets each of its other answers in
    `more`, {exercise: {wrong: [code], right: [code]}}, is then solved as its solution says, and checked after each. `nothing`: an
    empty folder in the place of fastai's home and the cache."""
    code = nbformat.v4.new_code_cell
    by_place = {e.at: e for e in exercises(nb)}
    skip = {i for e in by_place.values() for i in e.checks}
    cells = [code(RECORD.format(nothing=str(nothing)))]
    for i, cell in enumerate(nb.cells):
        if i in skip: continue
        if i not in by_place:
            cells.append(cell)
            continue
        e, checks = by_place[i], [nb.cells[j].source for j in by_place[i].checks]
        others = [(f"{kind} {n}", o) for kind, codes in (more or {}).get(e.name, {}).items()
                  for n, o in enumerate(codes)]
        states = [("open", e.question), *others, ("solved", e.solution)]
        for state, source in states:
            before = [] if state == "open" else [code(re.sub(r"^.*\.\.\.$", "", e.question, flags=re.M))]
            cells += [code("_replies.clear()"), *before, code(source), *map(code, checks),
                      code(REPORT, metadata={"exercise": [e.name, state]})]
    return nbformat.v4.new_notebook(cells=cells, metadata=nb.metadata)


def replies(both, texts):
    "{(exercise, state): [ok of each check]}, from what the cells of a run of `with_answers` wrote."
    sources = "".join(c.source for c in both.cells)
    assert "load_digits(" not in sources or "mnist_subset" in "".join(texts), "these were not the offline digits"
    reports = [(c.metadata["exercise"], t) for c, t in zip(both.cells, texts, strict=True) if "exercise" in c.metadata]
    return {tuple(which): json.loads(re.search(r"REPLIES (.*)", text)[1]) for which, text in reports}


def run_in_a_kernel(nb, folder):
    "Execute a notebook with no page around it; the text that each cell wrote."
    NotebookClient(nb, timeout=600, kernel_name="python3", resources={"metadata": {"path": str(folder)}}).execute()
    return ["".join(o.get("text", "") for o in c.get("outputs", [])) for c in nb.cells]


def wrong_replies(got):
    ("Solutions and right answers that are refused, wrong answers that are taken, "
     "exercises that are right before they are answered.")
    out = []
    for (name, state), ok in got.items():
        if state == "solved" and not (ok and all(ok)): out.append(f"{name}: its own solution is not right: {ok}")
        if state.startswith("wrong") and (not ok or all(ok) or None in ok):
            out.append(f"{name}: {state} is taken: {ok}")
        if state.startswith("right") and not (ok and all(ok)): out.append(f"{name}: {state} is refused: {ok}")
        if state == "open" and (not ok or any(ok)): out.append(f"{name}: right before it is answered")
    return out
