"""Every lesson has exercises, each with its parts, and the helpers in answers.py find what is wrong with them.
Their answers are tried where the lessons run: in test_lab_notebooks.py."""
import nbformat
import pytest
from answers import replies, run_in_a_kernel, with_answers, written_badly, wrong_replies
from lab import ROOT
from nbclient.exceptions import CellExecutionError

NOTEBOOKS = sorted((ROOT/"nbs").glob("*.ipynb"))
code, md = nbformat.v4.new_code_cell, nbformat.v4.new_markdown_cell


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_exercises_are_there_and_whole(path):
    wrong = written_badly(path, nbformat.read(path, as_version=4))
    assert not wrong, "\n".join(wrong)


def notebook(*exercise_cells):
    "A lesson of these exercises: (question, check, solution) each."
    cells = [code("from neuralnet_foundations.quiz import check\nnums = range(1, 6)")]
    for question, test, solution in exercise_cells:
        answer = f"<details><summary>A solution</summary>\n\n```python\n{solution}\n```\n\n</details>"
        cells += [md("Try it."), code(question), code(test), md(answer)]
    return nbformat.v4.new_notebook(cells=cells)


def ran(nb, tmp_path):
    both = with_answers(nb, tmp_path/"nothing")
    return replies(both, run_in_a_kernel(both, tmp_path))


GOOD = [
    ("# Exercise: odds\nanswer = ...", "check(answer, [2, 6, 10], hint='n % 2')",
     "answer = [2*n for n in nums if n % 2]"),
    ("# Exercise: square\ndef square(x): ...", "check(square(3), 9)\ncheck(square, lambda f: f(2) == 4)",
     "def square(x): return x*x"),
]
WRONG = ("# Exercise: wrong\nanswer = ...", "check(answer, 3)", "answer = 4")
GENEROUS = ("# Exercise: generous\nanswer = ...", "check(1, 1)", "answer = 1")


def test_good_exercises_pass_and_bad_ones_are_caught(tmp_path):
    nb = notebook(*GOOD, WRONG, GENEROUS)
    assert not written_badly(tmp_path/"01_x.ipynb", nb)
    got = ran(nb, tmp_path)
    assert got == {("odds", "open"): [None], ("odds", "solved"): [True],
                   ("square", "open"): [None, None], ("square", "solved"): [True, True],
                   ("wrong", "open"): [None], ("wrong", "solved"): [False],
                   ("generous", "open"): [True], ("generous", "solved"): [True]}
    assert [o.split(":")[0] for o in wrong_replies(got)] == ["wrong", "generous"]


def test_an_exercise_that_stops_the_notebook_is_caught(tmp_path):
    stops = ("# Exercise: stops\ndef f(x): ...", "check(f(1).shape, (1,))", "def f(x): return nums")
    with pytest.raises(CellExecutionError, match="AttributeError"): ran(notebook(stops), tmp_path)


def test_digits_that_are_not_the_offline_ones_are_caught(tmp_path):
    nb = notebook(*GOOD)
    nb.cells.insert(0, code("def load_digits(): print('the real thing')\nload_digits()"))
    with pytest.raises(AssertionError, match="not the offline digits"): ran(nb, tmp_path)


def test_an_exercise_without_parts_is_named(tmp_path):
    nb = notebook(("# Exercise: a\nanswer = 3", "print(1)", ""),
                  ("# Exercise: a\nanswer = ...\ncheck(answer, 3)", "check(answer, 3)", "answer = 3"))
    wrong = "\n".join(written_badly(tmp_path/"01_x.ipynb", nb))
    for part in ("two exercises", "no `...`", "no cell with a check", "no solution", "in the exercise cell"):
        assert part in wrong


NO_EXERCISES = code("#| default_exp glossary\n#| exercises: none")


WITHOUT = "a lesson without an exercise"


@pytest.mark.parametrize("name, cells, wrong", [
    ("index", [], ""), ("08_x", notebook(*GOOD).cells, ""), ("12_glossary", [NO_EXERCISES], ""),
    ("08_x", [code("1")], WITHOUT), ("11_x", [md("#| exercises: none")], WITHOUT), ("120_x", [], WITHOUT),
    ("12_glossary", [NO_EXERCISES, *notebook(*GOOD).cells], "and has 2")])
def test_a_lesson_has_exercises_or_says_that_it_has_none(tmp_path, name, cells, wrong):
    found = "\n".join(written_badly(tmp_path/f"{name}.ipynb", nbformat.v4.new_notebook(cells=cells)))
    assert (wrong in found) if wrong else not found, found
