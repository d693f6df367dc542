"Step 2: every notebook, executed in a copy. What did not change is not executed again."
import importlib.util
import inspect
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import nbformat
from adapter import PACKAGE, SiteError, lesson_number, prepare, workbooks
from workshop import ENV, LIB, NBS, ROOT, WORK, WORKERS, digest, files_in, write

TIMEOUT = 600  # seconds that one cell may take
PICTURES = "c.InlineBackend.figure_formats = {'retina'}\nc.InlineBackend.rc = {'figure.dpi': 90}\n"
IMPORT = re.compile(r"^[ \t]*(?:from[ \t]+([.\w]+)[ \t]+import[ \t]+([\w ,*]+)|import[ \t]+([.\w]+))", flags=re.M)


def modules_of(source, package=PACKAGE, seen=None):
    """The package's files that a text imports, and those that they import in turn;
    a sub-package stands for all of its modules."""
    seen = set() if seen is None else seen
    for origin, names, plain in IMPORT.findall(source):
        full = importlib.util.resolve_name(origin or plain, package)
        if full.split(".")[0] != PACKAGE: continue
        for name in [full, *(f"{full}.{n.strip()}" for n in names.split(","))]:
            path = ROOT.joinpath(*name.split("."))
            for file in [path.with_suffix(".py"), *sorted(path.glob("*.py"))*(path != LIB)]:
                if not file.is_file() or file in seen: continue
                seen.add(file)
                modules_of(file.read_text(encoding="utf-8"), ".".join(file.relative_to(ROOT).parts[:-1]), seen)
    return seen


def data_of(modules):
    "The package's own files that modules read."
    named = re.compile(r'files\("' + PACKAGE + r'"\)/"([\w./]+)"')
    paths = {LIB / name for m in modules for name in named.findall(m.read_text(encoding="utf-8"))}
    return {p for path in paths for p in ([path] if path.is_file() else files_in(path))}


def where_it_failed(path, cell, error):
    "A `SiteError` with the notebook, the cell and its code."
    why = f"{error.ename}: {error.evalue}" if hasattr(error, "ename") else str(error).strip().splitlines()[0]
    code = "\n".join("    " + line for line in cell.source.splitlines()[:12])
    return SiteError(f"nbs/{path}, cell {cell.metadata['course']['cell']}: {why}\n{code}")


def save(path, nb):
    "Write the executed copy whole or not at all."
    out = WORK / "nbs" / path
    out.parent.mkdir(parents=True, exist_ok=True)
    part = out.with_suffix(".part")
    nbformat.write(nb, part)
    part.replace(out)


def execute(path, nb, key):
    "Run a prepared notebook, its outputs and widgets' state saved; seconds it took."
    from client import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
    start, at = time.perf_counter(), [None]
    client = NotebookClient(nb, timeout=TIMEOUT, kernel_name="python3", store_widget_state=True, coalesce_streams=True,
                            on_cell_start=lambda cell, cell_index: at.__setitem__(0, cell),
                            resources={"metadata": {"path": str((WORK / "run" / path).parent)}})
    for name in workbooks(nb): (WORK / "run" / path).with_name(name).unlink(missing_ok=True)  # an earlier run's
    try: client.execute(env=ENV, stderr=subprocess.DEVNULL)
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as e:
        raise where_it_failed(path, at[0], e) from None
    took = time.perf_counter() - start
    nb.metadata["course"] = {"key": key, "seconds": round(took, 1)}
    save(path, nb)
    return took


def before(path):
    "What the last execution noted of itself: its key and its seconds."
    out = WORK / "nbs" / path
    return json.loads(out.read_text(encoding="utf-8"))["metadata"]["course"] if out.exists() else {}


def set_the_table():
    "What notebooks find when they run: kernel settings and the files beside them."
    write(WORK / "ipython" / "profile_default" / "ipython_kernel_config.py", PICTURES)
    for p in files_in(NBS):
        to = WORK / "run" / p.relative_to(NBS)
        to.parent.mkdir(parents=True, exist_ok=True)
        if p.suffix != ".ipynb": shutil.copy2(p, to)


def remove_stale(notebooks):
    "Forget executed copies of notebooks that are no more."
    for out in (WORK / "nbs").rglob("*.ipynb"):
        if out.relative_to(WORK / "nbs").as_posix() not in notebooks: out.unlink()


def changed(notebooks):
    "(path, prepared notebook, key) of each notebook that is not executed as it stands, the slowest first."
    shared = digest(sys.version, os.environ.get("NEURALNET_FOUNDATIONS_DATA", ""), ROOT / "constraints.txt", PICTURES,
                    *map(inspect.getsource, (prepare, execute)))
    todo = []
    for path, nb in notebooks.items():
        source = "\n".join(c.source for c in nb.cells)
        modules = modules_of(source)
        key = digest(shared, source, *(c.cell_type for c in nb.cells), *sorted(modules), *sorted(data_of(modules)))
        if before(path).get("key") != key: todo.append((path, prepare(nb), key))
    # Later lessons take longer, as far as one knows before they ran
    seconds = lambda path: before(path).get("seconds", 60 + (lesson_number(path) or 0))
    return sorted(todo, key=lambda job: -seconds(job[0]))


def execute_all(notebooks):
    "Run what changed, two at a time; the number of notebooks that were run."
    set_the_table()
    remove_stale(notebooks)
    todo, stop = changed(notebooks), threading.Event()

    def one(job):
        if stop.is_set(): return
        try: took = execute(*job)
        except BaseException:
            stop.set()
            raise
        print(f"  nbs/{job[0]:<28} {took:6.1f} s", flush=True)

    if todo: print(f"executing {len(todo)} of {len(notebooks)} notebooks, {WORKERS} at a time", flush=True)
    with ThreadPoolExecutor(WORKERS) as pool:
        errors = [e for job in [pool.submit(one, job) for job in todo] if (e := job.exception())]
    if errors: raise errors[0]
    return len(todo)
