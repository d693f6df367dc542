"""What is made from something else is in step with it; notebooks are clean; the wheel carries the explorers."""
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from lab import ROOT

sys.path.insert(0, str(ROOT / "docs"))
import project  # noqa: E402

NOTEBOOKS = sorted(p for p in (ROOT / "nbs").rglob("*.ipynb") if ".ipynb_checkpoints" not in p.parts)
tool = lambda name: str(Path(sys.executable).with_name(name))


@pytest.fixture(scope="module")
def remade(tmp_path_factory):
    "A copy of the project in which notebooks were cleaned and modules exported again."
    copy = tmp_path_factory.mktemp("project") / "copy"
    copy.mkdir()
    for name in ("settings.ini", "pyproject.toml"): shutil.copy(ROOT / name, copy)
    for name in ("nbs", "neuralnet_foundations"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints"))
    for module in (copy / "neuralnet_foundations").rglob("*.py"):
        if module.name != "__init__.py": module.unlink()
    # nbdev prefers NBDEV_* settings from the folder it runs in; nothing of the outer project may reach it
    env = {k: v for k, v in os.environ.items() if not k.startswith("NBDEV")}
    for name in ("nbdev-clean", "nbdev-export"):
        subprocess.run([tool(name)], cwd=copy, env=env, check=True, capture_output=True)
    return copy


@pytest.mark.parametrize("name", project.MADE)
def test_made_files_are_in_step(name):
    file, make = project.MADE[name]
    assert (ROOT / file).read_text(encoding="utf-8") == make(), f"{file} is out of date: run `make {name}`"


def test_the_readme_leads_to_every_lessons_page_and_notebook():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for path in sorted((ROOT / "nbs").glob("[0-9]*.ipynb")):
        page = re.sub(r"^\d+_", "", path.stem)
        row = rf"^- \[{int(path.name[:2])} [^]]+\]\(https://\S+/{page}\.html\): .+ \(\[notebook\]\(nbs/{path.name}\)\)$"
        assert re.search(row, readme, flags=re.M), f"README.md has no row with both links for {path.name}"


def test_the_readmes_pictures_are_there_and_small():
    pictures = re.findall(r"!\[[^\]]+\]\((nbs/images/\w+\.png)\)", (ROOT / "README.md").read_text(encoding="utf-8"))
    sizes = {name: (ROOT / name).stat().st_size for name in pictures}
    assert len(sizes) >= 4 and all(size < 60_000 for size in sizes.values()), sizes


def test_modules_come_from_the_notebooks(remade):
    def modules(root):
        return {p.relative_to(root).as_posix(): p.read_text(encoding="utf-8")
                for p in (root / "neuralnet_foundations").rglob("*.py")}

    old, new = modules(ROOT), modules(remade)
    differ = sorted(n for n in old.keys() | new.keys() if old.get(n) != new.get(n))
    assert not differ, f"{differ} differ from what the notebooks export: run `make export` and commit the result"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebook_is_clean(path, remade):
    nb, clean = (json.loads(p.read_text(encoding="utf-8")) for p in (path, remade / path.relative_to(ROOT)))
    stored = [c["id"] for c in nb["cells"] if c.get("outputs") or c.get("execution_count")]
    assert not stored, f"{path.name} has stored outputs: run `make export`"
    assert nb == clean, f"{path.name} is not as nbdev-clean leaves it: run `make export`"


def place(path):
    "Where a notebook stands in the course: a lesson's number, 0 for tools and explorers, 99 for the rest."
    if path.parent.name in ("tools", "explorers"): return 0
    return int(path.name[:2]) if path.name[:2].isdigit() else 99


def code_of(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "code")


def test_lessons_do_not_import_later_ones_and_tools_import_none():
    order = {}
    for path in NOTEBOOKS:
        found = re.search(r"#\| *default_exp ([\w.]+)", code_of(path))
        if found: order[found[1]] = place(path)
    for path in NOTEBOOKS:
        here, source = place(path), code_of(path)
        if here == 0: source = "\n".join(re.findall(r'#\| *export.*?(?=\n#\||\Z)', source, flags=re.S))
        late = [m for m in re.findall(r"neuralnet_foundations\.([\w.]+) import", source) if order.get(m, 0) > here]
        assert not late, f"{path.name} imports {late}"


def test_constraints_hold_versions_only():
    version = r'[A-Za-z0-9._-]+==[0-9][A-Za-z0-9.]*(; python_version (<|>=) "3\.\d+")?'
    for line in (ROOT / "constraints.txt").read_text().splitlines():
        assert line.startswith("#") or re.fullmatch(version, line), line


def test_wheel_carries_the_explorers(tmp_path):
    "The wheel, unpacked outside the repository, makes an explorer from its own files."
    source = tmp_path / "source"
    others = (".git", ".venv", "_docs", "_build", "node_modules", "*.egg-info", "build", "__pycache__")
    shutil.copytree(ROOT, source, ignore=shutil.ignore_patterns(*others))
    pip = lambda *args: subprocess.run([sys.executable, "-m", "pip", *args], check=True)
    pip("wheel", "-q", "--no-deps", "-w", tmp_path, source)
    wheel, = tmp_path.glob("*.whl")
    pip("install", "-q", "--no-deps", "--target", tmp_path / "site", wheel)
    code = """
import neuralnet_foundations as n
from neuralnet_foundations.explorers import FitByHand
from neuralnet_foundations.fitting import quad
f = FitByHand(quad, [0., 1., 2.], [1., 2., 3.], a=1., b=1., c=1.)
assert 'render' in f._esm and 'nnf-explorer' in f._css and abs(f.loss - 17/3) < 1e-9
print(n.__file__)
"""
    env = {**os.environ, "PYTHONPATH": str(tmp_path / "site")}
    ran = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=env, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert str(tmp_path / "site") in ran.stdout
    for kind in ("static", "frozen", "terms"):
        ours, unpacked = ROOT / "neuralnet_foundations" / kind, tmp_path / "site/neuralnet_foundations" / kind
        for f in ours.rglob("*"): assert (unpacked / f.relative_to(ours)).exists(), f.name
