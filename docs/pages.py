"Step 3: from the executed notebooks to what Sphinx reads: _build/site, and _build/extra and _build/static beside it."
import json
import sys

import nbformat
from adapter import PACKAGE, Page, SiteError, headings, lesson_number, markdown, page_name, workbooks
from api import doclinks, reference
from workshop import DOCS, LIB, NBS, WORK, WORKERS, copy, digest, files_in, remove_others, run, write

PROCESS = ("if __name__ == '__main__':\n from nbdev.serve import proc_nbs\n"
           " proc_nbs('nbs', n_workers={workers}, force={force})")


def nbdev_process():
    "nbdev turns the executed copies in _build/nbs into _build/_proc: hidden cells go, names become links."
    config = (DOCS.parent / "pyproject.toml").read_text(encoding="utf-8")
    force = write(WORK / "modidx", digest(LIB / "_modidx.py", DOCS / "adapter.py"))
    write(WORK / "pyproject.toml", config + "skip_procs = 'add_show_docs,exec_show_docs'\n")
    script = WORK / "process.py"
    write(script, PROCESS.format(workers=WORKERS, force=force))
    ran = run([sys.executable, str(script)], cwd=WORK)
    if ran.returncode:
        (WORK / "modidx").unlink(missing_ok=True)
        raise SiteError(f"nbdev could not process the notebooks:\n{ran.stderr[-2000:]}")


def processed(path):
    "What nbdev made of a notebook."
    folder = WORK / "_proc"
    return nbformat.read((folder / "nbs" if (folder / "nbs").exists() else folder) / path, 4)


def toctree(caption, rows):
    "One group of the sidebar: (title, page) each."
    lines = "\n".join(f"{title} <{page}>" for title, page in rows)
    return f"```{{toctree}}\n:hidden:\n:caption: {caption}\n\n{lines}\n```"


def toctrees(notebooks, api):
    "The sidebar: lessons, explorers with the pages that are nothing else, tools, API."
    titles = {p: nb.cells[0].source.splitlines()[0][2:].strip() for p, nb in notebooks.items()}
    inside = lambda folder: [(titles[p], page_name(p)) for p in notebooks if p.startswith(folder)]
    alone = [(titles[p], page_name(p)) for p in notebooks if "/" not in p and not lesson_number(p) and p != "index.ipynb"]
    groups = {"Lessons": [(f"{lesson_number(p)}  {titles[p]}", page_name(p)) for p in notebooks if lesson_number(p)],
              "Explorers": alone + inside("explorers/"), "How the course works": inside("tools/"),
              "Helpers to import": [(m, f"api/{m}") for m in api]}
    return "\n\n".join(toctree(caption, rows) for caption, rows in groups.items() if rows)


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
    here = "start-here" in headings(notebooks["index.ipynb"])
    return links + ([("Run it on your machine", "#start-here")] if here else [])


def for_colab(nb, cfg):
    "The notebook that Colab opens and readers download: on Colab its first cell installs the course."
    out = nbformat.from_dict(nb)
    code = ('import sys\n\nif "google.colab" in sys.modules:  # elsewhere this cell does nothing\n'
            f"    %pip install -q git+{cfg['git_url']}@{cfg['branch']}")
    cells = [c for c in out.cells if not c.source.startswith("<!-- readme-only")]
    out.cells = [nbformat.v4.new_code_cell(code, id="install"), *cells]
    return out


class Site:
    "What is put into _build for Sphinx; `finish` removes what was not put there this time."
    FOLDERS = [WORK / "site", WORK / "extra", WORK / "static"]

    def __init__(self): self.wanted, self.pages, self.origins = set(), {}, {}

    def put(self, path, text):
        self.wanted.add(path)
        write(path, text)

    def take(self, path, to):
        self.wanted.add(to)
        copy(path, to)

    def finish(self, cfg, base):
        "The index of Markdown twins, what conf.py must know, and nothing stale beside them."
        rows = [f"- [{p['title']}]({base}/{name}.html.md): {p['lead']}"
                for name, p in self.pages.items() if p.get("twin")]
        head = f"# {cfg['title']}\n\n> {cfg['description']}\n\n## Pages\n\n"
        self.put(WORK / "extra" / "llms.txt", head + "\n".join(rows) + "\n")
        write(WORK / "pages.json", json.dumps(self.pages, indent=1))
        remove_others(self.FOLDERS, self.wanted)

    def contents(self):
        "The names of everything that Sphinx takes."
        return sorted(p.relative_to(WORK).as_posix() for p in self.wanted)


def write_notebook(site, path, nb, page, cfg, base):
    "A notebook's page, its Markdown twin and the copy that readers take home."
    site.put(WORK / "site" / f"{page.name}.ipynb", nbformat.writes(page.notebook()))
    site.pages[page.name] = {"title": page.title, "lead": page.lead, "twin": True, "lesson": lesson_number(path)}
    site.origins[page.name] = (path, page.origins)
    executed = nbformat.read(WORK / "nbs" / path, 4)
    site.put(WORK / "extra" / f"{page.name}.html.md", markdown(executed, f"{base}/{page.name}.html"))
    site.put(WORK / "extra" / "notebooks" / path, nbformat.writes(for_colab(nb, cfg)))
    for name in workbooks(nb): offer(site, path, name)


def offer(site, path, name):
    "A workbook that the notebook wrote when it was executed, for download."
    made = (WORK / "run" / path).with_name(name)
    if not made.is_file():
        raise SiteError(f"nbs/{path}: the link to {name} leads nowhere: the notebook has not written it. "
                        f"If it should have, remove {WORK.name}/nbs/{path}, and it is executed anew")
    site.take(made, (WORK / "extra" / "notebooks" / path).with_name(name))


def write_module(site, module, made):
    "A module's API page."
    site.put(WORK / "site" / "api" / f"{module}.md", made["text"])
    name = f"{PACKAGE}.{module}"
    site.pages[f"api/{module}"] = {"title": name, "lead": f"Functions and classes of {name}"}


def take_files(site):
    "Pictures of notebooks, the explorers' own files, MathJax."
    static, mathjax = WORK / "static", DOCS / "node_modules" / "mathjax" / "es5"
    for p in files_in(NBS):
        if p.suffix in (".png", ".svg", ".jpg", ".gif"): site.take(p, WORK / "site" / p.relative_to(NBS))
    for p in files_in(LIB / "static"): site.take(p, static / "explorers" / p.relative_to(LIB / "static"))
    fonts = "output/chtml/fonts/woff-v2"
    for p in (mathjax / "tex-chtml.js", *(mathjax / fonts).iterdir()):
        site.take(p, static / "mathjax" / p.relative_to(mathjax))


def write_pages(notebooks, cfg):
    "Everything that Sphinx reads, as a `Site`."
    api, symbols, base = reference(notebooks, cfg), doclinks(), f"{cfg['doc_host']}{cfg['doc_baseurl']}"
    entries = {n for a in api.values() for n in a["names"]}
    site, tree = Site(), toctrees(notebooks, api)
    for path, nb in notebooks.items():
        links = first_steps(notebooks) if path == "index.ipynb" else run_links(path, cfg)
        write_notebook(site, path, nb, Page(path, processed(path), symbols, entries, links, tree), cfg, base)
    for module, made in api.items(): write_module(site, module, made)
    take_files(site)
    site.finish(cfg, base)
    return site
