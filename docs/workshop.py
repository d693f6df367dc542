"What every step of the site uses: where things are, their contents in short, programs with the build's environment."
import configparser
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from adapter import PACKAGE

ROOT = Path(__file__).resolve().parent.parent
NBS, LIB, DOCS, WORK, SITE = ROOT / "nbs", ROOT / PACKAGE, ROOT / "docs", ROOT / "_build", ROOT / "_docs"
CORES = os.cpu_count() or 1
WORKERS = min(2, CORES)
ENV = {
    **{k: v for k, v in os.environ.items() if not k.startswith("NBDEV")},
    "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "OMP_NUM_THREADS": str(max(1, CORES // WORKERS)),
    "IPYTHONDIR": str(WORK / "ipython"), "MPLCONFIGDIR": str(WORK / "matplotlib"),
}
NOT_SOURCE = {"__pycache__", "node_modules", ".ipynb_checkpoints"}


def settings():
    "What settings.ini says."
    cfg = configparser.ConfigParser()
    cfg.read(ROOT / "settings.ini", encoding="utf-8")
    return cfg["DEFAULT"]


def digest(*parts):
    "One short name for the contents of files and texts."
    found = hashlib.sha256()
    for p in parts:
        found.update(p.read_bytes() if isinstance(p, Path) else str(p).encode())
        found.update(b"\0")
    return found.hexdigest()[:20]


def files_in(*folders):
    "Files that decide what the site looks like."
    return sorted(p for f in folders for p in f.rglob("*") if p.is_file() and not NOT_SOURCE & set(p.parts))


def write(path, text):
    "Write, and touch nothing when the text is there already; True if it was not."
    if path.exists() and path.read_text(encoding="utf-8") == text: return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return True


def copy(path, to):
    "Copy, and touch nothing when the same bytes are there already."
    if to.exists() and to.read_bytes() == path.read_bytes(): return
    to.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, to)


def remove_others(folders, wanted):
    "Remove what `folders` hold beside the files `wanted`."
    for p in files_in(*folders):
        if p not in wanted: p.unlink()


def run(command, **options):
    "A program with the build's environment; what it says comes back as text."
    return subprocess.run(command, **{"env": ENV, "capture_output": True, "text": True, "encoding": "utf-8", **options})


def tool(name):
    "Path of a program of this Python's environment."
    return str(Path(sys.executable).with_name(name))
