"""From nbdev's notebooks to Sphinx's: what MyST-NB cannot read as it comes.

`prepare` makes a notebook ready to be executed and processed by nbdev, `Page` turns what nbdev made of it into a page.
Nothing here executes code or knows Sphinx; `build.py` calls it, `tests/test_adapter.py` holds it to its word."""
import ast
import html
import json
import re
from copy import deepcopy
from pathlib import PurePosixPath
from urllib.parse import unquote

import yaml
from docutils.nodes import make_id
from nbformat import from_dict
from nbformat.v4 import new_markdown_cell
from pictures import lighter

WIDGET = "application/vnd.jupyter.widget-view+json"
STATE = "application/vnd.jupyter.widget-state+json"
PACKAGE = "neuralnet_foundations"
NOT_STATE = ("_esm", "_css", "layout", "tabbable", "tooltip")  # the site serves code and style itself
MANY = 2000  # letters of packed numbers that are worth a reference
LONG = 14  # lines of exported code in a tool's notebook that are folded away


class SiteError(Exception):
    "Something in a notebook that a page cannot be made of; the message names file and cell."


def page_name(path: str) -> str:  # "03_fitting.ipynb" -> "fitting", "tools/data.ipynb" -> "tools/data"
    "The page that nbdev gives a notebook."
    p = PurePosixPath(path)
    return str(p.with_name(re.sub(r"^\d+[a-z]?_", "", p.stem)))


def lesson_number(path: str):  # "03_fitting.ipynb" -> 3, None for other notebooks
    "The number that a lesson's file name begins with."
    found = re.match(r"(\d+)_", path)
    return int(found[1]) if found else None


def slug(text: str) -> str:
    "The anchor that GitHub, Jupyter and MyST give a heading."
    text = re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", text.strip())
    return re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")


def anchor(heading: str) -> str:
    "The id that a heading has on its page."
    return make_id(re.sub(r"[`*]", "", heading))


def _prose(cells):
    "(cell number, line) of every line of text that is not code."
    for n, cell in enumerate(cells):
        if cell.cell_type != "markdown": continue
        fence = None
        for line in cell.source.splitlines():
            mark = re.match(r"\s*(```+|~~~+)", line)
            if mark and (fence is None or mark[1].startswith(fence)): fence = None if fence else mark[1]
            elif fence is None: yield n, line


def headings(nb) -> set:
    "Anchors of a notebook's headings."
    return {slug(m[1]) for _, line in _prose(nb.cells) if (m := re.match(r"#{1,6} (.+)", line))}


WORKBOOK = re.compile(r"\[([^\]]+)\]\(([\w-]+\.xlsx)\)")  # a link to a file that the notebook itself writes
LINK = re.compile(r"\]\(<?([^)\s>]+)>?\)")


def check(path, nb, notebooks):
    """Raise a `SiteError` unless `nb` opens with a title and its promise,
    and its links to `notebooks` (path: notebook) lead somewhere."""
    first = nb.cells[0].source.strip() if nb.cells and nb.cells[0].cell_type == "markdown" else ""
    if not re.match(r"# \S.*\n\s*\n?> \S", first):
        raise SiteError(f"nbs/{path}, cell 1: no title: the first cell must be text, "
                        "'# Title' and under it '> what the page promises'")
    for n, line in _prose(nb.cells):
        for target in LINK.findall(line):
            file, _, anchor = target.partition("#")
            if re.match(r"[a-z]+:", target) or not (file.endswith(".ipynb") or (not file and anchor)): continue
            to = _relative(path, file) if file else path
            nowhere = f"nbs/{path}, cell {n+1}: the link to {target} leads nowhere:"
            if to not in notebooks: raise SiteError(f"{nowhere} there is no nbs/{to}")
            if anchor and anchor.lower() not in headings(notebooks[to]):
                raise SiteError(f"{nowhere} nbs/{to} has no heading #{anchor}")


def workbooks(nb):
    "Names of the workbooks that a notebook writes and offers, by a link in its text."
    return sorted({m[2] for _, line in _prose(nb.cells) for m in WORKBOOK.finditer(line)})


def _relative(path, link):
    "`link`, as written in the notebook `path`, from the notebooks' root."
    parts = []
    for part in (PurePosixPath(path).parent / link).parts:
        if part == "..": parts = parts[:-1] if parts else [".."]
        elif part != ".": parts.append(part)
    return "/".join(parts)


def _shown_export(cell):
    "True for exported code that readers see."
    export = cell.cell_type == "code" and re.search(r"^#\| *exports?\s*$", cell.source, flags=re.M)
    return export and "#| hide" not in cell.source


def prepare(nb):
    "A copy to execute: exported code stays readable (nbdev would replace it), each cell remembers its place."
    nb = deepcopy(nb)
    for n, cell in enumerate(nb.cells):
        cell.metadata["course"] = {"cell": n + 1}
        if _shown_export(cell):
            cell.source = re.sub(r"^#\| *exports?\s*\n", "", cell.source, flags=re.M)
            cell.metadata["course"]["exported"] = True
    return nb


def _options(cell):
    "Take nbdev's and Quarto's `#| key: value` lines off a code cell."
    lines, found = cell.source.split("\n"), {}
    for line in lines:
        if m := re.match(r"#\| *([\w-]+)(?::\s*(.*))?$", line): found[m[1]] = (m[2] or "").strip()
    cell.source = "\n".join(line for line in lines if not re.match(r"#\|", line)).strip("\n")
    return {k: v[1:-1].replace('\\"', '"') if v[:1] == v[-1:] == '"' and len(v) > 1 else v for k, v in found.items()}


def _private(source):
    "True for code that defines helpers only, none of them public."
    try: body = ast.parse(source).body
    except SyntaxError: return False
    names = [getattr(o, "name", None) or next((t.id for t in getattr(o, "targets", []) if isinstance(t, ast.Name)), "")
             for o in body if not isinstance(o, (ast.Import, ast.ImportFrom))]
    return bool(names) and all(n.startswith("_") for n in names)


class Page:
    "One notebook's page: `Page(...).notebook()` for MyST-NB."
    def __init__(self,
        path,  # Where the notebook is in nbs/: "03_fitting.ipynb"
        nb,  # What nbdev made of the prepared, executed copy
        symbols,  # Doclinks: address on the site -> names of what is there
        entries,  # Names that have an entry among the API pages
        run_links=None,  # [(label, address)] of the ways to run this notebook
        toctree="",  # Markdown put at the end of the front page
    ):
        self.path, self.nb, self.symbols, self.entries = path, nb, symbols, entries
        self.run_links, self.toctree = run_links or [], toctree
        self.name, self.states, self.homes, self.origins = page_name(path), {}, {}, []
        self.saved = nb.metadata.get("widgets", {}).get(STATE, {}).get("state", {})
        self.front, self.tool = self.name == "index", path.startswith(("tools/", "explorers/"))
        self.up = "../" * self.name.count("/")

    def where(self, cell): return f"nbs/{self.path}, cell {cell.metadata.get('course', {}).get('cell', '?')}"

    def notebook(self):
        "The notebook as MyST-NB takes it."
        nb = deepcopy(self.nb)
        cells = []
        for cell in nb.cells:
            if cell.cell_type == "raw": cells += self.head(cell)
            elif cell.cell_type == "markdown": cells += self.text(cell)
            else: cells += self.code(cell)
        if self.states:
            data = json.dumps(self.states, separators=(",", ":")).replace("<", "\\u003c")
            cells.append(_html(f'<script type="application/json" class="nnf-state">{data}</script>'))
        if self.front and self.toctree: cells.append(new_markdown_cell(self.toctree))
        self.origins = [c.metadata.get("course", {}).get("cell") for c in cells]
        for n, c in enumerate(cells):
            c["id"] = f"cell-{n}"  # ids made anew each time would make Sphinx read every page again
            for key in ("course", "execution"): c.metadata.pop(key, None)
        nb.cells, nb.metadata = cells, {k: v for k, v in nb.metadata.items() if k not in ("widgets", "language_info")}
        return nb

    def head(self, cell):
        "nbdev's front matter as title, promise and the ways to run the page."
        meta = yaml.safe_load(cell.source.strip().strip("-"))
        self.title, self.lead = meta["title"], meta.get("description", "")
        out = [new_markdown_cell(f"# {self.title}"), new_markdown_cell(f"{{.nnf-lead}}\n{self.lead}")]
        if self.front:
            kinds = ["nnf-go", *["nnf-go nnf-go-quiet"]*len(self.run_links)]
            links = "".join(f'<a class="{kind}" href="{url}">{text}</a>'
                            for kind, (text, url) in zip(kinds, self.run_links, strict=False))
            return out + ([_html(f'<p class="nnf-start">{links}</p>')] if links else [])
        number = lesson_number(self.path)
        label = f"Lesson {number}" if number else "How the course works" if self.tool else "To play with"
        download = lambda text: " download" if "download" in text.lower() else ""
        links = "".join(f'<a href="{html.escape(url)}"{download(text)}>{text}</a>' for text, url in self.run_links)
        return out + [_html(f'<p class="nnf-run"><span class="nnf-lesson">{label}</span>{links}</p>')]

    def text(self, cell):
        if cell.source.startswith(("<!-- WARNING", "<!-- readme-only")): return []
        fence, lines = None, []
        for line in cell.source.split("\n"):
            mark = re.match(r"\s*(```+|~~~+)", line)
            if mark and (fence is None or mark[1].startswith(fence)): fence = None if fence else mark[1]
            lines.append(line if fence or mark else self.links(line, cell))
        cell.source = "\n".join(lines)
        cell.source = re.sub(r"^(:::+) *\{\.callout-(\w+)[^}]*\}", r"\1{\2}", cell.source, flags=re.M)
        if self.front: cell.source = _cards(cell.source)
        return [cell]

    def links(self, line, cell):
        "nbdev's absolute doclinks as references to API entries, notebooks as pages."
        def doclink(m):
            text, url = m[1], m[2]
            end = "." + text.removesuffix("()").split(".", 1)[-1]
            names = [n for n in self.symbols.get(url, []) if n.endswith(end)]
            known = [n for n in names if n in self.entries]
            if known: return f"{{py:obj}}`{text} <{known[0]}>`"
            return f"`{text}`"
        linked = lambda m: doclink(m) if m[2] in self.symbols else m[0]
        line = re.sub(r"\[`([^`]+)`\]\((https?://[^)\s]+)\)", linked, line)
        if m := re.search(rf"(?<!\[)`({PACKAGE}\.\w+\.[\w.]+)(?:\(\))?`", line):
            raise SiteError(f"{self.where(cell)}: the doclink `{m[1]}` leads nowhere: there is no such name")
        line = re.sub(r"(\[[^\]]*\]\([^)]*\))\{target=[^}]*\}", r"\1", line)
        def notebook(m):
            file, _, anchor = m[1].partition("#")
            if re.match(r"[a-z]+:", file): return m[0]
            page = self.up + page_name(_relative(self.path, file)) + ".ipynb"
            return f"]({page}{'#' + anchor if anchor else ''})"
        folder = self.up + "notebooks/" + PurePosixPath(self.path).parent.as_posix().removeprefix(".")
        line = WORKBOOK.sub(rf'<a href="{folder.rstrip("/")}/\2" download>\1</a>', line)
        return re.sub(r"\]\(<?([^)\s>]+\.ipynb(?:#[^)\s>]*)?)>?\)", notebook, line)

    def html_links(self, text):
        "Links to headings of notebooks, in HTML that a cell shows, as links to pages."
        def page(m):
            heading, name = unquote(m[2] or "").replace("-", " "), PurePosixPath(m[1]).name
            # Code names lessons alike in every folder
            file = _relative(self.path, m[1]) if lesson_number(name) is None else name
            return f'href="{self.up}{page_name(file)}.html{heading and "#" + anchor(heading)}"'
        return re.sub(r'href="(?![a-z]+:)([^"#]+\.ipynb)(?:#([^"]*))?"', page, text)

    def code(self, cell):
        options, tags = _options(cell), set(cell.metadata.get("tags", []))
        exported = cell.metadata.get("course", {}).get("exported")
        if options.get("include") == "false": return []
        if options.get("echo") == "false" or not cell.source: tags.add("remove-input")
        if options.get("output") == "false": tags.add("remove-output")
        if options.get("warning") == "false": tags.add("remove-stderr")
        fold = self.tool and exported and cell.source.count("\n") >= LONG or exported and _private(cell.source)
        if "remove-input" not in tags and (options.get("code-fold") == "true" or fold): tags.add("hide-input")
        outputs, cell.outputs = cell.get("outputs", []), []
        after = []
        if "remove-output" not in tags:
            for out in outputs:
                if WIDGET not in out.get("data", {}): cell.outputs.append(out)
                else:
                    pictures, cells = self.widget(out["data"][WIDGET]["model_id"], cell)
                    cell.outputs += pictures
                    if pictures: options.setdefault("fig-alt", "What these sliders show at their start")
                    after += cells
        for out in cell.outputs:
            if md := "".join(out.get("data", {}).get("text/markdown", "")):
                out["data"]["text/markdown"] = "\n".join(self.links(line, cell) for line in md.split("\n"))
            if text := "".join(out.get("data", {}).get("text/html", "")): out["data"]["text/html"] = self.html_links(text)
            if png := "".join(out.get("data", {}).get("image/png", "")): out["data"]["image/png"] = lighter(png)
        self.figure(cell, options)
        if tags: cell.metadata["tags"] = sorted(tags)
        silent = "remove-input" in tags and (not cell.outputs or "remove-output" in tags)
        made = ([] if silent else [cell]) + after
        for c in made: c.metadata["course"] = cell.metadata.get("course", {})
        return made

    def figure(self, cell, options):
        "Caption, alternative text and true size of a cell's pictures."
        sizes = [o["metadata"].get("image/png", {}) for o in cell.outputs if "image/png" in o.get("data", {})]
        if not sizes: return
        caption = options.get("fig-cap", "")
        image = {"alt": options.get("fig-alt") or re.sub(r"[`*$]", "", caption) or "Figure made by the code above"}
        if widths := [s["width"] for s in sizes if "width" in s]: image["width"] = f"{max(widths)}px"
        cell.metadata["mystnb"] = {"image": image} | ({"figure": {"caption": caption}} if caption else {})

    def widget(self, model_id, cell):
        "(outputs, cells): an explorer is a place to mount it, another widget its picture and a line on where it runs."
        entry = self.saved.get(model_id, {})
        module, _, explorer = entry.get("state", {}).get("_anywidget_id", "").rpartition(".")
        own = module == "__main__" and self.tool  # the notebook that defines the explorers shows them too
        if module.startswith(PACKAGE) or own: return [], [self.explorer(model_id, explorer, entry)]
        shown = deepcopy([o for w in self.inside(model_id) for o in w.get("outputs", [])])
        if not shown: return [], []
        run = next((f" [{text}]({url})" for text, url in self.run_links if "download" not in text.lower()), "")
        line = ("This picture stands for sliders that redraw with Python, so they move where Python runs:"
                f"{run or ' in your own JupyterLab'}.")
        return [from_dict(o) for o in shown], [new_markdown_cell("{.nnf-needs-python}\n" + line)]

    def explorer(self, model_id, name, entry):
        "The place where an explorer is mounted; its state is kept for the end of the page."
        first = name not in {o["explorer"] for o in self.states.values()}
        # The stylesheet stands before its first place, which it makes as tall as it will be
        style = f'<link rel="stylesheet" href="{self.up}_static/explorers/{name}.css">\n' if first else ""
        state = {k: v for k, v in entry["state"].items() if k not in NOT_STATE}
        buffers = self.packed(model_id, entry.get("buffers", []))
        self.states[model_id] = {"explorer": name, "state": state, "buffers": buffers}
        return _html(f'{style}<div class="nnf-mount" data-model="{model_id}" data-explorer="{name}">'
                     f'<p class="nnf-wait">{name}: an explorer to drag, which needs JavaScript.</p></div>')

    def packed(self, model_id, buffers):
        "Packed numbers. Many that another explorer of the page has too stand there alone: `same` says in whose, and where."
        homes = [self.homes.setdefault(b["data"], [model_id, k]) if len(b["data"]) > MANY else [model_id, k]
                 for k, b in enumerate(buffers)]
        return [{"path": b["path"]} | ({"data": b["data"]} if home == [model_id, k] else {"same": home})
                for k, (b, home) in enumerate(zip(buffers, homes, strict=True))]

    def inside(self, model_id):
        "States of a widget and of all widgets in it."
        state = self.saved.get(model_id, {}).get("state", {})
        yield state
        for child in state.get("children", []): yield from self.inside(child.removeprefix("IPY_MODEL_"))


def _html(text): return new_markdown_cell(text)


def _card(m):
    "A card of a lesson's (number, title, page, line)."
    number, title, page, line = m.groups()
    return (f"::::{{grid-item-card}} {title}\n:link: {page.removesuffix('.ipynb')}\n:link-type: doc\n"
            f":class-card: nnf-card\n\n{{.nnf-card-number}}\n{number}\n\n{line[:1].upper()}{line[1:].rstrip('.')}.\n::::")


def _cards(source):
    "The list of lessons, `- [1 Title](page): one line`, as cards."
    item = re.compile(r"^- \[(\d+) ([^\]]+)\]\(([^)\s]+)\): *(.+)$", flags=re.M)
    if len(item.findall(source)) < 2: return source
    lines, out, open_grid = source.split("\n"), [], False
    for line in lines:
        m = item.match(line)
        if m and not open_grid: out += ["", ":::::{grid} 1 2 2 3", ":gutter: 3", ":class-container: nnf-cards", ""]
        if open_grid and not m: out += [":::::", ""]
        open_grid = bool(m)
        out.append(_card(m) if m else line)
    return "\n".join(out + ([":::::"] if open_grid else []))


def _fenced(cell):
    "A code cell that readers see and what it showed as text, in fences."
    if re.search(r"^#\| *(hide|default_exp|include: *false)", cell.source, flags=re.M): return
    source = re.sub(r"^#\|.*\n?", "", cell.source, flags=re.M).strip()
    if source: yield f"```python\n{source}\n```"
    for out in cell.get("outputs", []):
        data = out.get("data", {})
        text = "".join(out.get("text") or data.get("text/plain", "")).rstrip()
        if text and WIDGET not in data and "image/png" not in data: yield f"```\n{text}\n```"


def markdown(nb, url) -> str:
    "A prepared, executed notebook as plain Markdown: the twin of its page, at `url`, for readers that are programs."
    parts, twin = [], lambda m: f"]({page_name(m[1])}.html.md"
    for cell in nb.cells:
        text = WORKBOOK.sub(r"[\1](notebooks/\2)", cell.source.removeprefix("<!-- readme-only -->\n"))
        if cell.cell_type == "markdown": parts.append(re.sub(r"\]\(([^):\s]+?)\.ipynb", twin, text))
        if cell.cell_type == "code": parts += _fenced(cell)
    return "\n\n".join(parts) + f"\n\n---\nThe page with its figures and explorers: {url}\n"
