"What tests/lint.py sees, and what it lets pass."
import json

import pytest
from lint import ROOT, complaints, findings, sources


def written(tmp_path, name, code):
    "A file of this code, or a notebook of one such cell."
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    cells = [{"cell_type": "markdown", "source": "w"*300}, {"cell_type": "code", "source": code}]
    path.write_text(json.dumps({"cells": cells}) if name.endswith("ipynb") else code)
    return path


WIDE = "x = '" + "w"*130 + "'"  # 136 columns
LESSON = "x = '" + "w"*84 + "'"  # 90


@pytest.mark.parametrize("name, code, wrong", [
    ("a.py", f"{WIDE}", []), ("a.py", WIDE + "  # 1", ["line 1: 141 columns"]),
    ("a.js", f"// 1\n// {'w'*138}", ["line 2: 141 columns"]),
    ("a.py", "\n".join([WIDE]*3), ["3 of 3 lines are over 120 columns, 2 may be"]), ("a.py", "\n".join([WIDE]*3 + ["1"]*297), []),
    ("nbs/03_x.ipynb", "a\n" + LESSON, ["cell 2, line 2: 90 columns, 88 at most"]), ("nbs/tools/x.ipynb", LESSON, []),
    ("nbs/03_x.ipynb", f'#| fig-alt: "{WIDE*2}"\nplot()', []), ("nbs/03_x.ipynb", "%pip install x\nplot();", []),
    ("a.py", "a = 1; b = 2", ["line 1: `;`"]), ("a.py", "a = 'x; y'  # no; not", []), ("a.py", "if a: b = 1", []),
    ("nbs/tools/x.ipynb", "for i in x:\n    a(i); b(i)", ["cell 2, line 2: `;`"]),
    ("a.py", "f(a, b := 2)", ["line 1: `:=` inside an argument"]), ("a.py", "f(\n  k=g((b := 2)))", ["line 2: `:=`"]),
    ("a.py", "if (b := f(a)): pass", []), ("a.py", "f([b for a in x if (b := a)])", []), ("a.js", "f(); g();", [])])
def test_a_line_and_what_is_said_of_it(tmp_path, name, code, wrong):
    found = findings(written(tmp_path, name, code))
    assert len(found) == len(wrong) and all(w in f for w, f in zip(wrong, found, strict=True)), found


def test_a_file_may_be_excused_while_something_is_wrong_with_it(tmp_path):
    bad, good = written(tmp_path, "bad.py", "a = 1; b = 2"), written(tmp_path, "good.py", "a = 1")
    said = lambda *excused: complaints([bad, good], tmp_path, excused)
    assert ["bad.py, line 1" in s for s in said()] == [True]
    assert said("bad.py") == []
    assert said("bad.py", "good.py") == ["good.py: nothing is wrong here any more, take it off the list in ruff.toml"]


def test_it_looks_at_what_people_write():
    names = {p.relative_to(ROOT).as_posix() for p in sources()}
    assert {"tests/lint.py", "docs/build.py", "nbs/index.ipynb", "nbs/scripts/two_processes.py",
            "neuralnet_foundations/static/shared/dom.js"} <= names
    assert not {n for n in names if n.startswith(("docs/node_modules", "_build", ".venv")) or n.endswith("_modidx.py")}
