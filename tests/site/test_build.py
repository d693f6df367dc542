"The build on a small project of its own: it does only what changed, and bad input leaves the last good site as it was."
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from built import build
from lab import ROOT
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

NEW = {"md": new_markdown_cell, "py": new_code_cell}
KERNEL = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
DOUBLE = '#| export\ndef double(\n    x,  # A number\n):  # Twice as much\n    "Twice `x`."\n    return 2*x'
FIRST = [("md", "# First\n\n> A small lesson"), ("py", "#| default_exp first\n#| exercises: none"), ("py", DOUBLE),
         ("md", "## Use\n\n`double` is used, $2x$."), ("py", "double(21)")]
SEE = "See [first](01_first.ipynb) and [its use](01_first.ipynb#use)."
INDEX = [("md", "# Small\n\n> A small course"), ("md", SEE)]


def put(root, name, cells):
    "Write a notebook of ('md' | 'py', text) pairs."
    made = [NEW[kind](text, id=f"cell{n}") for n, (kind, text) in enumerate(cells)]
    (root / "nbs").mkdir(exist_ok=True)
    nbformat.write(new_notebook(cells=made, metadata=KERNEL), root / "nbs" / f"{name}.ipynb")


def export(root):
    env = {k: v for k, v in os.environ.items() if not k.startswith("NBDEV")}
    tool = Path(sys.executable).with_name("nbdev-export")
    subprocess.run([tool], cwd=root, env=env, check=True, capture_output=True)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    "A project with two notebooks, built once."
    root = tmp_path_factory.mktemp("small")
    for name in ("settings.ini", "pyproject.toml", "constraints.txt"): shutil.copy(ROOT / name, root)
    shutil.copytree(ROOT / "docs", root / "docs", ignore=shutil.ignore_patterns("node_modules", "__pycache__"))
    (root / "docs/node_modules").symlink_to(ROOT / "docs/node_modules")
    package = root / "neuralnet_foundations"
    shutil.copytree(ROOT / "neuralnet_foundations/static", package / "static")
    shutil.copy(ROOT / "neuralnet_foundations/__init__.py", package)
    put(root, "index", INDEX)
    put(root, "01_first", FIRST)
    export(root)
    code, said, _ = build(root)
    assert code == 0 and "executing 2 of 2" in said, said
    return root


def page(root, name): return (root / "_docs" / f"{name}.html").read_text(encoding="utf-8")


def test_the_pages_are_there(small):
    assert "42" in page(small, "first") and "mathjax/tex-chtml.js" in page(small, "first")
    assert "exercises: none" not in page(small, "first")
    assert "tex-chtml" not in page(small, "index")  # mathematics only where there is some


def test_build_does_only_what_changed(small):
    code, said, _ = build(small)
    assert code == 0 and "nothing changed" in said, said
    put(small, "01_first", [*FIRST, ("py", "double(50)")])
    code, said, _ = build(small)
    assert code == 0 and "executing 1 of 2" in said and "nbs/01_first.ipynb" in said, said
    assert "100" in page(small, "first")


def test_a_workbook_that_a_notebook_writes_is_offered(small):
    offers = [("py", "open('net.xlsx', 'wb').write(b'cells')"), ("md", "Here: [net](net.xlsx).")]
    put(small, "01_first", [*FIRST, *offers])
    code, said, _ = build(small)
    assert code == 0, said
    assert 'href="notebooks/net.xlsx"' in page(small, "first")
    assert (small / "_docs/notebooks/net.xlsx").read_bytes() == b"cells"
    assert "(notebooks/net.xlsx)" in (small / "_docs/first.html.md").read_text(encoding="utf-8")
    put(small, "01_first", FIRST)
    code, said, _ = build(small)
    assert code == 0 and not (small / "_docs/notebooks/net.xlsx").exists(), said


CELL = "nbs/01_first.ipynb, cell"
BAD = {
    "an error": ([*FIRST, ("md", "## More"), ("py", "x = 1\nx/0")], [f"{CELL} 7", "ZeroDivisionError", "x/0"]),
    "no title": ([("md", "Just text"), *FIRST[1:]], [f"{CELL} 1", "no title"]),
    "a link to nothing": ([*FIRST, ("md", "[gone](09_gone.ipynb)")], [f"{CELL} 6", "09_gone.ipynb"]),
    "an anchor to nothing": ([*FIRST, ("md", "[gone](#nowhere)")], [f"{CELL} 6", "#nowhere"]),
    "a doclink to nothing": ([*FIRST, ("md", "see `neuralnet_foundations.first.triple`")], [f"{CELL} 6", "first.triple"]),
    "a workbook that is not written": ([*FIRST, ("md", "[net](net.xlsx)")], ["nbs/01_first.ipynb", "net.xlsx"]),
    "an unknown directive": ([*FIRST, ("md", ":::{nonsense}\nx\n:::")], [f"{CELL} 6", "nonsense"]),
    "a module out of step": ([*FIRST, ("py", "#| export\ny = 1")], ["first.py", "make export"]),
    "a module of no notebook": ([FIRST[0], *FIRST[3:]], ["first.py", "no notebook exports this any more"]),
}


def refused(root, words, **env):
    "The build says `words` and leaves the site as it was."
    before = page(root, "first")
    code, said, _ = build(root, **env)
    assert code == 1 and all(w in said for w in words) and "Traceback" not in said, said
    assert page(root, "first") == before


@pytest.mark.parametrize("what", BAD)
def test_bad_input_leaves_the_last_good_site(small, what):
    cells, words = BAD[what]
    put(small, "01_first", cells)
    refused(small, words)


def test_without_npm_the_build_says_what_is_missing(small):
    put(small, "01_first", FIRST)
    modules = small / "docs/node_modules"
    modules.unlink()
    try: refused(small, ["npm is missing"], PATH=str(small))
    finally: modules.symlink_to(ROOT / "docs/node_modules")


def test_what_is_gone_leaves_the_site(small):
    "A lesson that gets another name leaves no page, module, notebook or twin behind, a stylesheet no file."
    stylesheet = small / "neuralnet_foundations/static/Gone.css"
    stylesheet.write_text("")
    put(small, "01_first", FIRST)
    code, said, _ = build(small)
    files = {p.relative_to(small / "_docs").as_posix() for p in (small / "_docs").rglob("*")}
    old = {"first.html", "first.html.md", "api/first.html", "notebooks/01_first.ipynb"}
    assert code == 0 and old | {"_static/explorers/Gone.css"} <= files, said
    for p in (stylesheet, small / "nbs/01_first.ipynb", small / "neuralnet_foundations/first.py"): p.unlink()
    rename = lambda text: text.replace("first", "second")
    put(small, "01_second", [(kind, rename(text)) for kind, text in FIRST])
    put(small, "index", [(kind, rename(text)) for kind, text in INDEX])
    export(small)
    code, said, _ = build(small)
    assert code == 0, said
    now = {p.relative_to(small / "_docs").as_posix() for p in (small / "_docs").rglob("*")}
    assert {rename(name) for name in old} <= now and not now & (old | {"_static/explorers/Gone.css"})
