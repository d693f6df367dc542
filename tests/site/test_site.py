"""The site as a reader meets it: every page in Chromium with no kernel and no network, its links and its weight.

The site is built first (a second if nothing changed);
`SITE=folder pytest tests/site` looks at one that is built already."""
import base64
import gzip
import html.parser
import json
import re
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import nbformat
import numpy as np
import pytest
import torch
from adapter import lesson_number, page_name
from built import LESSONS, NOTEBOOKS, PAGES
from examples import EXAMPLES, NAMES
from lab import PATIENCE, ROOT, look, until, watch_errors
from workshop import WORK

from neuralnet_foundations.fitting import mae, mse, quad
from neuralnet_foundations.relu import double_relu, rectified_linear


@pytest.fixture
def visit(browser, origin):
    """`visit(page, width=..., scheme=...)`: a page with every explorer mounted;
    requests that leave the origin are stopped and listed."""
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
        mounted = "(n) => document.documentElement.dataset.explorers == n"
        page.wait_for_function(mounted, arg=str(mounts), timeout=1000*PATIENCE)
        waiting = page.locator(".nnf-wait").all_text_contents()
        assert page.locator(".nnf-mount > .nnf-explorer").count() == mounts, waiting
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
    package = ROOT / "neuralnet_foundations"
    files = [p.relative_to(package).with_suffix("") for p in package.rglob("*.py") if not p.stem.startswith("_")]
    modules = {".".join(p.parts) for p in files}
    wanted = {f"{p}.html" for p in PAGES} | {f"api/{m}.html" for m in modules} | {"search.html"}
    assert documents.keys() == wanted


def test_internal_links_and_anchors_resolve(site, documents):
    broken = []
    for name, document in documents.items():
        for tag, link, _ in document.links:
            if urlsplit(link).scheme or link.startswith("//"): continue
            file, anchor = urldefrag(urljoin("/" + name, link))
            target = unquote(file).lstrip("/") or "index.html"
            if target.endswith("/"): target += "index.html"
            leads = (site / target.split("?")[0]).is_file()
            if leads and anchor and tag == "a" and target in documents: leads = unquote(anchor) in documents[target].ids
            if not leads: broken.append(f"{name}: {link}")
    assert not broken, broken


def test_external_links_are_well_formed_and_nothing_is_loaded_from_elsewhere(documents):
    for name, document in documents.items():
        for tag, link, attrs in document.links:
            parts = urlsplit(link)
            if not parts.scheme and not link.startswith("//"): continue
            assert parts.scheme in ("https", "http", "mailto", "data") and " " not in link, f"{name}: {link}"
            host = r"[a-z0-9.-]+\.[a-z]{2,}|(127\.0\.0\.1|localhost)(:\d+)?"
            if parts.scheme.startswith("http"): assert re.fullmatch(host, parts.netloc), f"{name}: {link}"
            named = attrs.get("rel") in ("canonical", "alternate")
            loads = tag in ("script", "img", "iframe", "source") or (tag == "link" and not named)
            assert not loads or parts.scheme == "data", f"{name} loads {link}"


def test_pages_tell_other_sites_what_they_are(site, documents):
    for page in PAGES:
        meta = documents[f"{page}.html"].meta
        assert meta["og:title"] and len(meta["og:description"]) > 10, page
        assert meta["description"] == meta["og:description"], page
        image = meta["og:image"].rsplit("/_static/", 1)[1]
        assert (site / "_static" / image).stat().st_size > 5_000


def test_pictures_have_alternative_texts(documents):
    for name, document in documents.items():
        for picture in document.pictures:
            logo = "sidebar-logo" in picture.get("class", "")
            assert logo or len(picture.get("alt") or "") > 3, f"{name}: {picture['src']}"


def cells_of(path): return json.loads((ROOT / "nbs" / path).read_text(encoding="utf-8"))["cells"]


def test_notebooks_give_their_figures_words():
    "`#| fig-alt` stands wherever a lesson draws with matplotlib."
    silent, drawing = [], r"^(?!#|def |@| ).*\b(plt\.subplots|plot_function|show_image)\("
    for path in NOTEBOOKS:
        if not lesson_number(path): continue
        for cell in cells_of(path):
            source = "".join(cell["source"])
            draws = cell["cell_type"] == "code" and re.search(drawing, source, flags=re.M)
            if draws and "#| fig-alt" not in source: silent.append(f"{path}: {source.splitlines()[0][:60]}")
    assert not silent, silent


def test_lessons_offer_ways_to_run_them(site, documents):
    for path in NOTEBOOKS:
        if path == "index.ipynb": continue
        links = [link for _, link, _ in documents[f"{page_name(path)}.html"].links]
        offers = lambda start, end, links=links: any(u.startswith(start) and u.endswith(end) for u in links)
        assert offers("https://colab.research.google.com/github/", f"/notebooks/{path}"), path
        assert offers("https://mybinder.org/v2/gh/", f"lab/tree/nbs/{path}"), path
        first, *rest = json.loads((site / "notebooks" / path).read_text(encoding="utf-8"))["cells"]
        assert "pip install" in "".join(first["source"]) and "google.colab" in "".join(first["source"])
        assert [c["source"] for c in rest] == [c["source"] for c in cells_of(path)]
    lines = (ROOT / ".binder" / "requirements.txt").read_text().splitlines()
    assert "-e ." in lines and "-c ../constraints.txt" in lines


def test_markdown_twins_and_their_index(site, documents):
    listed = re.findall(r"\((\S+\.html\.md)\)", (site / "llms.txt").read_text(encoding="utf-8"))
    assert len(listed) == len(PAGES)
    for url in listed:
        twin = site / url.split("/neuralnet_foundations/")[1]
        assert twin.read_text(encoding="utf-8").startswith("# ")


WIDGET = "application/vnd.jupyter.widget-view+json"
TOOLS = [p for p in NOTEBOOKS if p.startswith("tools/")]


@pytest.mark.parametrize("path", TOOLS)
def test_tools_ran_without_a_complaint(site, path):
    "What the build's run of a tool's notebook gave: no error, no warning, nothing that waits for a kernel."
    outputs = [o for c in nbformat.read(WORK / "nbs" / path, 4).cells for o in c.get("outputs", [])]
    said = ["".join(o.text) for o in outputs if o.output_type == "stream" and o.name == "stderr"]
    assert not any("Traceback" in text or "Warning" in text for text in said), said
    assert not [o for o in outputs if o.output_type == "error" or WIDGET in o.get("data", {})]
    tables = ["".join(o.data["text/html"]) for o in outputs if "text/html" in o.get("data", {})]
    assert not [t for t in tables if re.search(r"<table.*\$[^$]+\$", t, flags=re.S)]  # JupyterLab takes it for mathematics


def test_doclinks_lead_to_entries_with_parameters_and_source(documents, site):
    here = documents["fitting.html"].links
    assert any(link.startswith("api/fitting.html#neuralnet_foundations.fitting.") for _, link, _ in here)
    page = (site / "api" / "fitting.html").read_text(encoding="utf-8")
    entry = page.split('id="neuralnet_foundations.fitting.add_noise"')[1].split("</dl>")[0]
    assert "Size of the noise that grows with the value" in entry and "neuralnet_foundations/fitting.py#L" in entry
    line = int(re.search(r"fitting\.py#L(\d+)", entry)[1])
    source = (ROOT / "neuralnet_foundations" / "fitting.py").read_text(encoding="utf-8")
    decorators_and_name = source.splitlines()[line - 1:line + 3]
    assert re.match(r"@|def add_noise\(", decorators_and_name[0]), decorators_and_name
    assert any(text.startswith("def add_noise(") for text in decorators_and_name)


# ---- every page in a browser

# Of thousands of coloured words of code, one of each colour and background is looked at; `region`, which looks at each
# word of each cell, is a rule of moderate weight.
AXE = """async () => {
  const seen = new Set();
  for (const word of document.querySelectorAll('.highlight span')) {
    const kind = word.className + ' in ' + word.closest('.highlight').parentElement.className;
    if (seen.has(kind)) word.replaceWith(...word.childNodes); else seen.add(kind);
  }
  return (await axe.run(document, {resultTypes: ['violations'], rules: {region: {enabled: false}}})).violations; }"""


def axe(page):
    "Serious accessibility violations."
    page.add_script_tag(path=str(ROOT / "docs" / "node_modules" / "axe-core" / "axe.min.js"))
    serious = [v for v in page.evaluate(AXE) if v["impact"] in ("serious", "critical")]
    told = lambda v, node: f"{v['id']}: {node['html'][:120]} {node.get('failureSummary', '')[:200]}"
    return [told(v, node) for v in serious for node in v["nodes"][:3]]


@pytest.mark.parametrize("name", [*PAGES, "api/fitting", "api/explorers.fit_by_hand", "search"])
def test_page_is_quiet_and_readable(visit, name):
    """No console error, nothing fetched from elsewhere, no serious accessibility violation;
    on a phone in the dark too, with no sideways scroll."""
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
        # From the disk: the browser does not keep every response
        body = (site / unquote(urlsplit(r.url).path.lstrip("/"))).read_bytes()
        kind = r.headers.get("content-type", "")
        size = len(body) if re.search("png|jpeg|woff|octet", kind) else len(gzip.compress(body, 6))
        if "/mathjax/" in r.url or kind.startswith("image/"): extra += size
        else: text += size
    assert text <= 300_000, f"{name}: {text/1000:.0f} kB"
    assert text + extra <= 1_000_000, f"{name}: {(text + extra)/1000:.0f} kB with pictures and mathematics"


SHIFTS = """window.moved = 0;
new PerformanceObserver((l) => { for (const e of l.getEntries()) window.moved += e.value; })
  .observe({type: 'layout-shift', buffered: true});"""


@pytest.mark.parametrize("name", ["index", "fitting"])
def test_explorers_do_not_push_the_page_about(browser, origin, name):
    for width, height in ((1280, 900), (390, 844)):
        page = browser.new_page(viewport=dict(width=width, height=height))
        page.add_init_script(SHIFTS)
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
    name, before = next(iter(saved["state"]["params"])), shown()
    curve = root.locator("path.nnf-curve").get_attribute("d")
    row(name).locator("input[type=range]").press("ArrowRight")
    until(lambda: shown()[name] > before[name], message="the slider did not move")
    p = {n: torch.tensor(v, dtype=torch.float64, requires_grad=True) for n, v in shown().items()}
    value = loss(f(**p, x=x), y)
    value.backward()
    seen = root.locator(".nnf-loss").text_content()
    until(lambda: near(value.item()), message=f"loss should be {value.item():.4f}, was {seen}")
    assert root.locator("path.nnf-curve").get_attribute("d") != curve
    lr = saved["state"]["lr"]
    root.locator('[data-action="step"]').click()
    want = {n: v.item() - lr * v.grad.item() for n, v in p.items()}
    until(lambda: shown() == pytest.approx(want, abs=1e-6, rel=0), message=f"after Step {shown()} is not {want}")
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
    answered = lambda: "".join(digits()).endswith(want.replace(", ", ""))
    if want: until(answered, message=f"{want} is not what it reveals")
    else: until(lambda: root.locator("[data-clash]").count(), message="no clash shown")


def drive_digit(root, saved):
    "Nothing drawn has no answer; a stroke of the mouse has one, and its picture."
    page, pad = root.page, root.locator(".nnf-pad").first
    root.locator('[data-action="clear"]').click()
    winners = lambda: [w.text_content() for w in root.locator(".nnf-winner").all() if w.is_visible()]
    until(lambda: not re.search(r"\d", "".join(winners())), message="an empty pad has an answer")
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


# What a page says, held against torch
EXACT = {"FitByHand": drive_fit, "BroadcastExplorer": drive_broadcast, "DrawDigit": drive_digit}


@pytest.mark.parametrize("name", ["index", *LESSONS, "playground"])
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
    "An explorer that a page's notebook imports is on that page, and each explorer is on some page."
    shown = set()
    for path in NOTEBOOKS:
        source = (ROOT / "nbs" / path).read_text(encoding="utf-8")
        lines = re.findall(r"from neuralnet_foundations\.explorers import ([\w, ]+)", source)
        page = (site / f"{page_name(path)}.html").read_text(encoding="utf-8")
        there = set(re.findall(r'data-explorer="(\w+)"', page))
        if page_name(path) in ["index", *LESSONS]:
            missing = {n for line in lines for n in line.split(", ") if n in NAMES} - there
            assert not missing, f"{path} imports {missing} and does not show it"
        shown |= there
    assert shown == set(NAMES)


def test_other_widgets_show_a_picture_and_where_they_run(visit):
    page = visit("fitting")
    note = page.locator(".nnf-needs-python").first
    assert "Python" in note.text_content() and note.locator("a").get_attribute("href").startswith("https://colab")
    picture = page.locator(".cell_output img[alt='What these sliders show at their start']").first
    picture.scroll_into_view_if_needed()
    until(lambda: picture.evaluate("(i) => i.naturalWidth") > 300)


def test_search_finds_functions_and_text(visit):
    page = visit("search")
    found = lambda: [a.get_attribute("href") or "" for a in page.locator("#search-results li a").all()]
    for query, want in (("mnist_loss", "api/training.html"), ("broadcasting", "tensors.html")):
        page.goto(page.url.split("?")[0] + f"?q={query}")
        page.wait_for_selector("#search-results li a", timeout=1000*PATIENCE)
        until(lambda want=want: any(want in link for link in found()), message=f"{query} does not find {want}")
    assert not page.outside and not page.problems


def test_dark_and_light_by_the_toggle(visit):
    page = visit("fitting")
    script = """() => [document.body, document.querySelector('.nnf-explorer')].map((e) =>
      getComputedStyle(e).backgroundColor)"""
    brightness = lambda: [sum(map(int, re.findall(r"\d+", colour)[:3])) for colour in page.evaluate(script)]
    seen = {}
    for _ in range(3):
        page.locator(".content-icon-container .theme-toggle, .theme-toggle-content .theme-toggle").first.click()
        seen[page.locator("body").get_attribute("data-theme")] = brightness()
    assert max(seen["dark"]) < 150 and min(seen["light"]) > 700, seen


def test_the_way_through_the_course(visit):
    """From the front page by its button to lesson 1, and on by 'next';
    groups in the sidebar, contents beside the page, copy buttons."""
    page = visit("index")
    assert page.locator(".nnf-card").count() == len(LESSONS)
    captions = page.locator(".sidebar-tree .caption").all_text_contents()
    assert captions[:3] == ["Lessons", "Explorers", "How the course works"]
    assert page.locator(".sidebar-tree a[href='playground.html']").text_content() == "Playground"
    page.locator(".nnf-go").first.click()
    page.wait_for_url(f"**/{LESSONS[0]}.html")
    page.locator("a.next-page").click()
    page.wait_for_url(f"**/{LESSONS[1]}.html")
    assert page.locator(".toc-tree a").count() > 3 and page.locator("button.copybtn").count() > 3


def test_what_a_cell_prints_stays_together(site):
    for file in sorted((ROOT / "_build" / "nbs").rglob("*.ipynb")):
        for cell in json.loads(file.read_text(encoding="utf-8"))["cells"]:
            names = [o["name"] for o in cell.get("outputs", []) if o["output_type"] == "stream"]
            assert len(names) == len(set(names)), f"{file.name}: {''.join(cell['source'])[:200]}"
