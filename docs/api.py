"The API pages that `reference.py` makes of the modules, and where doclinks lead."
import json
import re
import sys

from adapter import PACKAGE, SiteError, lesson_number, page_name
from execute import modules_of
from workshop import DOCS, LIB, ROOT, WORK, digest, run, write


def exported_to(nb):
    "The module that a notebook exports to, or None."
    found = re.search(r"^#\| *default_exp +([\w.]+)", "\n".join(c.source for c in nb.cells), flags=re.M)
    return found and found[1]


def opening(path, title):
    "The line under the title of a module's page."
    number, up = lesson_number(path), f"../{page_name(path)}.ipynb"
    if number: return f"What you build in lesson {number}, [{title}]({up}), ready to import."
    return f"How it works is told in [{title}]({up})."


def jobs_of(notebooks):
    "{module: (notebook, opening line of its page)}."
    titles = {path: nb.cells[0].source.splitlines()[0][2:] for path, nb in notebooks.items()}
    return {m: (path, opening(path, titles[path])) for path, nb in notebooks.items() if (m := exported_to(nb))}


def kept(modules):
    "{module: page} of what the last build made."
    files = {m: WORK / "api" / f"{m}.json" for m in modules}
    return {m: json.loads(f.read_text(encoding="utf-8")) for m, f in files.items() if f.exists()}


def make(modules, jobs, git):
    "{module: page} made anew by reference.py."
    wanted = {f"{PACKAGE}.{m}": jobs[m][1] for m in modules}
    job = {"root": str(ROOT), "git": git, "modules": wanted}
    ran = run([sys.executable, str(DOCS / "reference.py")], input=json.dumps(job))
    if ran.returncode: raise SiteError(f"no API pages:\n{ran.stderr[-2000:]}")
    made = {name.removeprefix(f"{PACKAGE}."): page for name, page in json.loads(ran.stdout).items()}
    for m, page in made.items():
        if "error" in page: raise SiteError(f"nbs/{jobs[m][0]}: no API page for {PACKAGE}.{m}: {page['error']}")
    return made


def reference(notebooks, cfg):
    "An API page for every module: {module: page}. Made anew only when the module changed."
    git, jobs = f"{cfg['git_url']}/blob/{cfg['branch']}", jobs_of(notebooks)
    keys = {m: digest(DOCS / "reference.py", git, intro, *sorted(modules_of(f"import {PACKAGE}.{m}")))
            for m, (_, intro) in jobs.items()}
    pages = kept(jobs)
    todo = [m for m in jobs if pages.get(m, {}).get("key") != keys[m]]
    for m, page in (make(todo, jobs, git) if todo else {}).items():
        pages[m] = {**page, "key": keys[m]}
        write(WORK / "api" / f"{m}.json", json.dumps(pages[m]))
    return {m: pages[m] for m in jobs}


def doclinks():
    "Address on the site -> full names that nbdev documents there."
    namespace = {}
    exec((LIB / "_modidx.py").read_text(encoding="utf-8"), namespace)
    d, found = namespace["d"], {}
    base = d["settings"]["doc_host"] + d["settings"]["doc_baseurl"]
    for names in d["syms"].values():
        for name, (url, _) in names.items(): found.setdefault(f"{base}/{url}", []).append(name)
    return found
