"""The site as a reader meets it: every page in Chromium with no kernel and no network, its links, its weight, and what happens to bad input.

The site is built first (a second if nothing changed); `SITE=folder pytest tests/test_site.py` looks at one that is built already."""
import base64
import functools
import gzip
import html.parser
import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import numpy as np
import pytest
import torch
from examples import EXAMPLES, NAMES
from lab import PATIENCE, ROOT, look, until, watch_errors

from neuralnet_foundations.fitting import mae, mse, quad
from neuralnet_foundations.relu import double_relu, rectified_linear

sys.path.insert(0, str(ROOT / "docs"))
from adapter import lesson_number, page_name  # noqa: E402

NOTEBOOKS = sorted(p.relative_to(ROOT / "nbs").as_posix() for p in (ROOT / "nbs").rglob("*.ipynb") if ".ipynb_checkpoints" not in p.parts)
PAGES = [page_name(p) for p in NOTEBOOKS]
LESSONS = [page_name(p) for p in NOTEBOOKS if lesson_number(p)]


def build(root, **env):
    "Run the build in `root` as `make docs` does: (exit code, what it said, seconds)."
    start = time.perf_counter()
    ran = subprocess.run([sys.executable, "docs/build.py"], cwd=root, env={**os.environ, **env}, capture_output=True, text=True)
    return ran.returncode, ran.stdout + ran.stderr, time.perf_counter() - start


@pytest.fixture(scope="session")
def site():
    "The folder of the built site."
    if os.environ.get("SITE"): return Path(os.environ["SITE"]).resolve()
    code, said, _ = build(ROOT)
    assert code == 0, said
    return ROOT / "_docs"


@pytest.fixture(scope="session")
def origin(site):
    "Where the site is served."
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args): pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()


@pytest.fixture
def visit(browser, origin):
    "`visit(page, width=..., scheme=...)`: a page with every explorer mounted; requests that leave the origin are stopped and listed."
    contexts = []

    def opened(name, *, width=1280, height=900, scheme="light"):
        context = browser.new_context(viewport=dict(width=width, height=height), color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        page.problems, page.outside, page.loaded = watch_errors(page), [], []

        def guard(route):
            if route.request.url.startswith((origin, "data:", "blob:")): return route.continue_()
            page.outside.append(route.request.url)
            route.abort()

        context.route("**/*", guard)
        page.on("response", lambda r: page.loaded.append(r))
        page.goto(origin + name + ".html")
        mounts = page.locator(".nnf-mount").count()
        page.wait_for_function("(n) => document.documentElement.dataset.explorers == n", arg=str(mounts), timeout=1000*PATIENCE)
        assert page.locator(".nnf-mount > .nnf-explorer").count() == mounts, page.locator(".nnf-wait").all_text_contents()
        return page

    yield opened
    for context in contexts: context.close()


# ---- files

class Document(html.parser.HTMLParser):
    "Links, anchors and pictures of one file."
    def __init__(self, path):
        super().__init__()
        self.links, self.ids, self.pictures, self.meta, self.title = [], set(), [], {}, ""
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        a = dict(attrs)
        if "id" in a: self.ids.add(a["id"])
        if tag == "a" and "name" in a: self.ids.add(a["name"])
        if tag == "img": self.pictures.append(a)
        if tag == "meta": self.meta[a.get("property") or a.get("name")] = a.get("content")
        for key in ("href", "src"):
            if a.get(key): self.links.append((tag, a[key], a))


@pytest.fixture(scope="session")
def documents(site): return {p.relative_to(site).as_posix(): Document(p) for p in site.rglob("*.html")}


def test_every_notebook_and_module_has_its_page(documents):
    modules = {p.stem for p in (ROOT / "neuralnet_foundations").glob("*.py") if not p.stem.startswith("_")}
    missing = {f"{p}.html" for p in PAGES} | {f"api/{m}.html" for m in modules} | {"search.html"}
    assert not missing - documents.keys()


def test_internal_links_and_anchors_resolve(site, documents):
    broken = []
    for name, document in documents.items():
        for tag, link, _ in document.links:
            if urlsplit(link).scheme or link.startswith("//"): continue
            file, anchor = urldefrag(urljoin("/" + name, link))
            target = unquote(file).lstrip("/") or "index.html"
            if target.endswith("/"): target += "index.html"
            if not (site / target.split("?")[0]).is_file(): broken.append(f"{name}: {link}")
            elif anchor and tag == "a" and target in documents and unquote(anchor) not in documents[target].ids: broken.append(f"{name}: {link}")
    assert not broken, broken


def test_external_links_are_well_formed_and_nothing_is_loaded_from_elsewhere(documents):
    for name, document in documents.items():
        for tag, link, attrs in document.links:
            parts = urlsplit(link)
            if not parts.scheme and not link.startswith("//"): continue
            assert parts.scheme in ("https", "http", "mailto", "data") and " " not in link, f"{name}: {link}"
            host = r"[a-z0-9.-]+\.[a-z]{2,}|(127\.0\.0\.1|localhost)(:\d+)?"
            if parts.scheme.startswith("http"): assert re.fullmatch(host, parts.netloc), f"{name}: {link}"
            loads = tag in ("script", "img", "iframe", "source") or (tag == "link" and attrs.get("rel") not in ("canonical", "alternate"))
            assert not loads or parts.scheme == "data", f"{name} loads {link}"


def test_pages_tell_other_sites_what_they_are(site, documents):
    for page in PAGES:
        meta = documents[f"{page}.html"].meta
        assert meta["og:title"] and len(meta["og:description"]) > 10 and meta["description"] == meta["og:description"], page
        image = meta["og:image"].rsplit("/_static/", 1)[1]
        assert (site / "_static" / image).stat().st_size > 5_000


def test_pictures_have_alternative_texts(documents):
    for name, document in documents.items():
        for picture in document.pictures: assert len(picture.get("alt") or "") > 3 or "sidebar-logo" in picture.get("class", ""), f"{name}: {picture['src']}"


def test_notebooks_give_their_figures_words():
    "`#| fig-alt` stands wherever a lesson draws with matplotlib."
    silent = []
    for path in NOTEBOOKS:
        if not lesson_number(path): continue
        for cell in json.loads((ROOT / "nbs" / path).read_text(encoding="utf-8"))["cells"]:
            source = "".join(cell["source"])
            draws = cell["cell_type"] == "code" and re.search(r"^(?!#|def |@| ).*\b(plt\.subplots|plot_function|show_image)\(", source, flags=re.M)
            if draws and "#| fig-alt" not in source: silent.append(f"{path}: {source.splitlines()[0][:60]}")
    assert not silent, silent


def test_lessons_offer_ways_to_run_them(site, documents):
    for path in NOTEBOOKS:
        if path == "index.ipynb": continue
        links = [link for _, link, _ in documents[f"{page_name(path)}.html"].links]
        assert any(u.startswith("https://colab.research.google.com/github/") and u.endswith(f"/notebooks/{path}") for u in links), path
        assert any(u.startswith("https://mybinder.org/v2/gh/") and u.endswith(f"lab/tree/nbs/{path}") for u in links), path
        given = json.loads((site / "notebooks" / path).read_text(encoding="utf-8"))
        assert "pip install" in "".join(given["cells"][0]["source"]) and "google.colab" in "".join(given["cells"][0]["source"])
        assert [c["source"] for c in given["cells"][1:]] == [c["source"] for c in json.loads((ROOT / "nbs" / path).read_text(encoding="utf-8"))["cells"]]
    lines = (ROOT / ".binder" / "requirements.txt").read_text().splitlines()
    assert "-e ." in lines and "-c ../constraints.txt" in lines


def test_markdown_twins_and_their_index(site, documents):
    listed = re.findall(r"\((\S+\.html\.md)\)", (site / "llms.txt").read_text(encoding="utf-8"))
    assert len(listed) == len(PAGES)
    for url in listed: assert (site / url.split("/neuralnet_foundations/")[1]).read_text(encoding="utf-8").startswith("# ")


def test_doclinks_lead_to_entries_with_parameters_and_source(documents, site):
    here = documents["fitting.html"].links
    assert any(link.startswith("api/fitting.html#neuralnet_foundations.fitting.") for _, link, _ in here)
    entry = (site / "api" / "fitting.html").read_text(encoding="utf-8").split('id="neuralnet_foundations.fitting.add_noise"')[1].split("</dl>")[0]
    assert "Size of the noise that grows with the value" in entry and "neuralnet_foundations/fitting.py#L" in entry
    line = int(re.search(r"fitting\.py#L(\d+)", entry)[1])
    assert "def add_noise(" in (ROOT / "neuralnet_foundations" / "fitting.py").read_text(encoding="utf-8").splitlines()[line - 1]


# ---- every page in a browser

def axe(page):
    "Serious accessibility violations."
    page.add_script_tag(path=str(ROOT / "docs" / "node_modules" / "axe-core" / "axe.min.js"))
    found = page.evaluate("async () => (await axe.run(document, {resultTypes: ['violations']})).violations")
    serious = [v for v in found if v["impact"] in ("serious", "critical")]
    return [f"{v['id']}: {n['html'][:120]} {n.get('failureSummary', '')[:200]}" for v in serious for n in v["nodes"][:3]]


@pytest.mark.parametrize("name", [*PAGES, "api/fitting", "api/explorers.fit_by_hand", "search"])
def test_page_is_quiet_and_readable(visit, name):
    "No console error, nothing fetched from elsewhere, no serious accessibility violation; on a phone in the dark too, with no sideways scroll."
    for width, height, scheme in ((1280, 900, "light"), (390, 844, "dark")):
        page = visit(name, width=width, height=height, scheme=scheme)
        page.evaluate("() => window.MathJax?.startup?.promise")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{name} scrolls sideways at {width}"
        assert not page.outside and not page.problems, (page.outside, page.problems)
        assert not (serious := axe(page)), (width, scheme, serious)
        assert page.title()


@pytest.mark.parametrize("name", ["index", *LESSONS])
def test_first_load_is_light(visit, site, origin, name):
    "At most 300 kB compressed without pictures and mathematics, 1 MB with what the first screen needs of them."
    page = visit(name)
    page.wait_for_load_state("networkidle")
    text = extra = 0
    for r in page.loaded:
        if r.status != 200 or not r.url.startswith(origin): continue
        body = (site / unquote(urlsplit(r.url).path.lstrip("/"))).read_bytes()  # the browser does not keep every response
        kind = r.headers.get("content-type", "")
        size = len(body) if re.search("png|jpeg|woff|octet", kind) else len(gzip.compress(body, 6))
        if "/mathjax/" in r.url or kind.startswith("image/"): extra += size
        else: text += size
    assert text <= 300_000, f"{name}: {text/1000:.0f} kB"
    assert text + extra <= 1_000_000, f"{name}: {(text + extra)/1000:.0f} kB with pictures and mathematics"


@pytest.mark.parametrize("name", ["index", "fitting"])
def test_explorers_do_not_push_the_page_about(browser, origin, name):
    for width, height in ((1280, 900), (390, 844)):
        page = browser.new_page(viewport=dict(width=width, height=height))
        page.add_init_script("window.moved = 0; new PerformanceObserver((l) => { for (const e of l.getEntries()) window.moved += e.value; })"
                             ".observe({type: 'layout-shift', buffered: true});")
        page.goto(origin + name + ".html")
        page.wait_for_function("document.documentElement.dataset.explorers")
        page.wait_for_timeout(300)
        moved = page.evaluate("window.moved")
        page.close()
        assert moved < 0.1, f"{name} at {width}: layout shift {moved:.3f}"


# ---- explorers, driven with no kernel

FUNCTIONS = {("a", "b", "c"): quad, ("b", "m"): rectified_linear, ("b1", "b2", "m1", "m2"): double_relu}


def drive_fit(root, saved):
    "A key press and a Step: parameters, loss and gradient are torch's."
    buffer = next(b for b in saved["buffers"] if b["path"] == ["points"])
    x, y = torch.from_numpy(np.frombuffer(base64.b64decode(buffer["data"])).reshape(2, -1).copy())
    f = FUNCTIONS[tuple(sorted(saved["state"]["params"]))]
    loss = mse if "squared" in root.locator(".nnf-losses").text_content() else mae
    row = lambda n: root.locator(f'[data-param="{n}"]')
    shown = lambda: {n: float(row(n).get_attribute("data-value")) for n in saved["state"]["params"]}
    near = lambda value: root.locator(".nnf-loss").text_content().startswith(f"{value:.4g}"[:4].rstrip("."))
    name, before, curve = next(iter(saved["state"]["params"])), shown(), root.locator("path.nnf-curve").get_attribute("d")
    row(name).locator("input[type=range]").press("ArrowRight")
    until(lambda: shown()[name] > before[name], message="the slider did not move")
    p = {n: torch.tensor(v, dtype=torch.float64, requires_grad=True) for n, v in shown().items()}
    value = loss(f(**p, x=x), y)
    value.backward()
    until(lambda: near(value.item()), message=f"loss should be {value.item():.4f}, is {root.locator('.nnf-loss').text_content()}")
    assert root.locator("path.nnf-curve").get_attribute("d") != curve
    lr = saved["state"]["lr"]
    root.locator('[data-action="step"]').click()
    want = {n: v.item() - lr * v.grad.item() for n, v in p.items()}
    until(lambda: all(abs(shown()[n] - v) < 1e-6 for n, v in want.items()), message=f"after Step {shown()} is not {want}")
    root.locator('[data-action="run"]').click()
    until(lambda: shown() != want, message="Run does nothing")
    root.locator('[data-action="run"]').click()
    root.locator('[data-action="reset"]').click()
    until(lambda: shown() == pytest.approx(saved["state"]["start"]), message="Reset does not go back")


def drive_broadcast(root, saved):
    "The shape that it reveals is torch's."
    a, b = saved["state"]["shape_a"], saved["state"]["shape_b"]
    root.locator('[data-action="reveal"]').click()
    try: want = str(list(torch.broadcast_shapes(a, b))).strip("[]")
    except RuntimeError: want = None
    digits = lambda: re.sub(r"\D+", " ", root.locator(".nnf-result").first.text_content()).split()
    if want: until(lambda: "".join(digits()).endswith(want.replace(", ", "")), message=f"{want} is not in {root.locator('.nnf-result').all_text_contents()}")
    else: until(lambda: root.locator("[data-clash]").count(), message="no clash shown")


def drive_digit(root, saved):
    "Nothing drawn has no answer; a stroke of the mouse has one, and its picture."
    page, pad = root.page, root.locator(".nnf-pad").first
    root.locator('[data-action="clear"]').click()
    until(lambda: root.locator(".nnf-winner").count() == 0 or not root.locator(".nnf-winner").first.is_visible()
          or not re.search(r"\d", root.locator(".nnf-winner").first.text_content()), message="an empty pad has an answer")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    at = lambda u, v: (box["x"] + u * box["width"], box["y"] + v * box["height"])
    page.mouse.move(*at(0.3, 0.25))
    page.mouse.down()
    for u, v in ((0.7, 0.25), (0.62, 0.45), (0.5, 0.8)): page.mouse.move(*at(u, v), steps=8)
    page.mouse.up()
    until(lambda: "7" in root.locator(".nnf-winner").first.text_content(), message="a drawn 7 is not seen as one")


def drive_by_hand(root, saved):
    "A change by hand changes what one sees."
    before = look(root)
    next(e for e in EXAMPLES if e.name == root.get_attribute("data-explorer")).drive(root)
    until(lambda: look(root) != before, message="nothing changed")


EXACT = {"FitByHand": drive_fit, "BroadcastExplorer": drive_broadcast, "DrawDigit": drive_digit}  # what a page says, held against torch


@pytest.mark.parametrize("name", ["index", *LESSONS])
def test_explorers_work_without_a_kernel(visit, name):
    page = visit(name)
    saved = json.loads(page.evaluate("document.querySelector('script.nnf-state')?.textContent || '{}'"))
    mounts = page.locator(".nnf-mount")
    for i in range(mounts.count()):
        root = mounts.nth(i).locator(".nnf-explorer")
        root.scroll_into_view_if_needed()
        name, state = root.get_attribute("data-explorer"), saved[mounts.nth(i).get_attribute("data-model")]
        EXACT.get(name, drive_by_hand)(root, state)
    assert not page.problems, page.problems


def test_the_lessons_have_their_explorers(documents, site):
    "An explorer that a lesson imports is on its page, and each explorer is on some lesson's page."
    places = set()
    for path in (p for p in NOTEBOOKS if page_name(p) in ["index", *LESSONS]):
        source = (ROOT / "nbs" / path).read_text(encoding="utf-8")
        used = {n for line in re.findall(r"from neuralnet_foundations\.explorers import ([\w, ]+)", source) for n in line.split(", ") if n in NAMES}
        page = (site / f"{page_name(path)}.html").read_text(encoding="utf-8")
        for name in used: assert f'data-explorer="{name}"' in page, f"{path} imports {name} and does not show it"
        places |= used
    assert places == set(NAMES)


def test_other_widgets_show_a_picture_and_where_they_run(visit):
    page = visit("fitting")
    note = page.locator(".nnf-needs-python").first
    assert "Python" in note.text_content() and note.locator("a").get_attribute("href").startswith("https://colab")
    picture = page.locator(".cell_output img[alt='What these sliders show at their start']").first
    picture.scroll_into_view_if_needed()
    until(lambda: picture.evaluate("(i) => i.naturalWidth") > 300)


def test_search_finds_functions_and_text(visit):
    page = visit("search")
    for query, want in (("mnist_loss", "api/training.html"), ("staircase OR slider", None), ("broadcasting", "tensors.html")):
        if want is None: continue
        page.goto(page.url.split("?")[0] + f"?q={query}")
        page.wait_for_selector("#search-results li a", timeout=1000*PATIENCE)
        until(lambda want=want: any(want in (a.get_attribute("href") or "") for a in page.locator("#search-results li a").all()),
              message=f"{query} does not find {want}")
    assert not page.outside and not page.problems


def test_dark_and_light_by_the_toggle(visit):
    page = visit("fitting")
    look = lambda: page.evaluate("""() => [document.body, document.querySelector('.nnf-explorer')].map((e) => getComputedStyle(e).backgroundColor)""")
    seen = {}
    for _ in range(3):
        page.locator(".content-icon-container .theme-toggle, .theme-toggle-content .theme-toggle").first.click()
        seen[page.locator("body").get_attribute("data-theme")] = look()
    assert sum(map(int, re.findall(r"\d+", seen["dark"][0])[:3])) < 150 and sum(map(int, re.findall(r"\d+", seen["dark"][1])[:3])) < 150, seen
    assert sum(map(int, re.findall(r"\d+", seen["light"][0])[:3])) > 700 and sum(map(int, re.findall(r"\d+", seen["light"][1])[:3])) > 700, seen


def test_the_way_through_the_course(visit):
    "From the front page by its button to lesson 1, and on by 'next'; groups in the sidebar, contents beside the page, copy buttons."
    page = visit("index")
    assert page.locator(".nnf-card").count() == len(LESSONS)
    captions = page.locator(".sidebar-tree .caption").all_text_contents()
    assert captions[:3] == ["Lessons", "Explorers", "How the course works"]
    page.locator(".nnf-go").first.click()
    page.wait_for_url(f"**/{LESSONS[0]}.html")
    page.locator("a.next-page").click()
    page.wait_for_url(f"**/{LESSONS[1]}.html")
    assert page.locator(".toc-tree a").count() > 3 and page.locator("button.copybtn").count() > 3


# ---- a small project of our own: only what changed, and bad input

def notebook(*cells):
    "A notebook from ('md' | 'py', text) pairs."
    from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
    made = [(new_markdown_cell if kind == "md" else new_code_cell)(text) for kind, text in cells]
    for n, c in enumerate(made): c["id"] = f"cell{n}"
    return new_notebook(cells=made, metadata={"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}})


FIRST = [("md", "# First\n\n> A small lesson"), ("py", "#| default_exp first"),
         ("py", "#| export\ndef double(\n    x,  # A number\n):  # Twice as much\n    \"Twice `x`.\"\n    return 2*x"),
         ("md", "## Use\n\n`double` is used, $2x$."), ("py", "double(21)")]
INDEX = [("md", "# Small\n\n> A small course"), ("md", "See [first](01_first.ipynb) and [its use](01_first.ipynb#use).")]


@pytest.fixture
def small(tmp_path):
    "A project with two notebooks, built once."
    for name in ("settings.ini", "pyproject.toml", "constraints.txt"): shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "docs", tmp_path / "docs", ignore=shutil.ignore_patterns("node_modules", "__pycache__"))
    modules = ROOT / "docs" / "node_modules"
    if modules.exists(): (tmp_path / "docs" / "node_modules").symlink_to(modules)
    package = tmp_path / "neuralnet_foundations"
    shutil.copytree(ROOT / "neuralnet_foundations" / "static", package / "static")
    shutil.copy(ROOT / "neuralnet_foundations" / "__init__.py", package)
    put(tmp_path, "index", INDEX)
    put(tmp_path, "01_first", FIRST)
    export(tmp_path)
    return tmp_path


def put(root, name, cells):
    import nbformat
    (root / "nbs").mkdir(exist_ok=True)
    nbformat.write(notebook(*cells), root / "nbs" / f"{name}.ipynb")


def export(root):
    env = {k: v for k, v in os.environ.items() if not k.startswith("NBDEV")}
    subprocess.run([str(Path(sys.executable).with_name("nbdev-export"))], cwd=root, env=env, check=True, capture_output=True)


def test_what_a_cell_prints_stays_together(site):
    for file in sorted((ROOT / "_build" / "nbs").rglob("*.ipynb")):
        for cell in json.loads(file.read_text(encoding="utf-8"))["cells"]:
            names = [o["name"] for o in cell.get("outputs", []) if o["output_type"] == "stream"]
            assert len(names) == len(set(names)), f"{file.name}: {''.join(cell['source'])[:200]}"


def test_build_does_only_what_changed_and_keeps_the_last_good_site(small):
    code, said, whole = build(small)
    assert code == 0 and "executing 2 of 2" in said, said
    page = (small / "_docs" / "first.html").read_text(encoding="utf-8")
    assert "42" in page and "mathjax/tex-chtml.js" in page
    assert "tex-chtml" not in (small / "_docs" / "index.html").read_text(encoding="utf-8")  # mathematics only where there is some

    code, said, took = build(small)
    assert code == 0 and "nothing changed" in said and took < whole/2, said

    put(small, "01_first", [*FIRST, ("py", "double(50)")])
    code, said, _ = build(small)
    assert code == 0 and "executing 1 of 2" in said and "nbs/01_first.ipynb" in said, said
    good = (small / "_docs" / "first.html").read_bytes()
    assert b"100" in good

    bad = {
        "an error": ([*FIRST, ("md", "## More"), ("py", "x = 1\nx/0")], {}, ["nbs/01_first.ipynb, cell 7", "ZeroDivisionError", "x/0"]),
        "no title": ([("md", "Just text"), *FIRST[1:]], {}, ["nbs/01_first.ipynb, cell 1", "no title"]),
        "a link to nothing": ([*FIRST, ("md", "[gone](09_gone.ipynb)")], {}, ["nbs/01_first.ipynb, cell 6", "09_gone.ipynb"]),
        "an anchor to nothing": ([*FIRST, ("md", "[gone](#nowhere)")], {}, ["nbs/01_first.ipynb, cell 6", "#nowhere"]),
        "a doclink to nothing": ([*FIRST, ("md", "see `neuralnet_foundations.first.triple`")], {}, ["nbs/01_first.ipynb, cell 6", "first.triple"]),
        "an unknown directive": ([*FIRST, ("md", ":::{nonsense}\nx\n:::")], {}, ["nbs/01_first.ipynb, cell 6", "nonsense"]),
        "modules out of step": ([*FIRST, ("py", "#| export\ny = 1")], {}, ["first.py", "make export"]),
    }
    for what, (cells, env, words) in bad.items():
        put(small, "01_first", cells)
        code, said, _ = build(small, **env)
        assert code == 1 and all(w in said for w in words) and "Traceback" not in said, (what, said)
        assert (small / "_docs" / "first.html").read_bytes() == good, what

    put(small, "01_first", FIRST)
    (small / "docs" / "node_modules").unlink()
    code, said, _ = build(small, PATH=str(small))
    assert code == 1 and "npm is missing" in said and "Traceback" not in said, said
    assert (small / "_docs" / "first.html").read_bytes() == good
