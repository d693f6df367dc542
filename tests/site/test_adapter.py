"What docs/adapter.py makes of cells: each thing that Sphinx could not read as nbdev leaves it."
import base64
import io
import json
import re
import sys

import numpy as np
import pytest
from lab import ROOT
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output, new_raw_cell
from PIL import Image

sys.path.insert(0, str(ROOT / "docs"))
from adapter import (  # noqa: E402
    MANY,
    STATE,
    WIDGET,
    Page,
    SiteError,
    anchor,
    check,
    headings,
    markdown,
    page_name,
    prepare,
    slug,
    workbooks,
)
from pictures import SEEN, lighter  # noqa: E402

BASE = "https://site.test/course"
HEAD = new_raw_cell("---\ndescription: Turn sliders\noutput-file: fitting.html\ntitle: Fitting\n\n---\n\n")
FITTING, SOFTMAX = "neuralnet_foundations.fitting", "neuralnet_foundations.softmax"
SYMBOLS = {f"{BASE}/fitting.html#quad": [f"{FITTING}.quad"], f"{BASE}/fitting.html#_help": [f"{FITTING}._help"],
           f"{BASE}/softmax.html#softmax": [f"{SOFTMAX}.Softmax", f"{SOFTMAX}.softmax"]}
ENTRIES = {f"{FITTING}.quad", f"{SOFTMAX}.Softmax", f"{SOFTMAX}.softmax"}
RUN = [("Open in Colab", "https://colab.test/03_fitting.ipynb"), ("Download notebook", "notebooks/03_fitting.ipynb")]


def adapted(*cells, path="03_fitting.ipynb", metadata=None, **options):
    "Cells of the page that `cells` become, without its head."
    nb = new_notebook(cells=[HEAD, *cells], metadata=metadata or {})
    return Page(path, nb, SYMBOLS, ENTRIES, options.pop("run_links", RUN), **options).notebook().cells[3:]


def text(line, **options): return adapted(new_markdown_cell(line), **options)[0].source


def test_names_of_pages_and_anchors():
    pages = {"03_fitting.ipynb": "fitting", "tools/data.ipynb": "tools/data", "index.ipynb": "index"}
    assert {p: page_name(p) for p in pages} == pages
    assert slug("Which way is *down*? See `quad`") == "which-way-is-down-see-quad"
    cells = [new_markdown_cell("# A b\n\n```\n# not one\n```\n## C"), new_code_cell("# nor this")]
    assert headings(new_notebook(cells=cells)) == {"a-b", "c"}


def test_front_matter_becomes_title_promise_and_ways_to_run():
    page = Page("03_fitting.ipynb", new_notebook(cells=[HEAD]), SYMBOLS, ENTRIES, RUN)
    title, lead, row = page.notebook().cells
    assert title.source == "# Fitting" and lead.source == "{.nnf-lead}\nTurn sliders"
    for part in ("Lesson 3", '<a href="https://colab.test/03_fitting.ipynb">', " download>"): assert part in row.source


@pytest.mark.parametrize("path, says", [("index.ipynb", ""), ("playground.ipynb", "To play with"),
                                        ("explorers/net.ipynb", "How the course works"),
                                        ("tools/data.ipynb", "How the course works")])
def test_a_page_says_what_it_is(path, says):
    text = "".join(c.source for c in Page(path, new_notebook(cells=[HEAD]), SYMBOLS, ENTRIES, RUN).notebook().cells)
    assert (f'<span class="nnf-lesson">{says}</span>' in text) == bool(says)


def test_doclinks_become_references():
    assert text(f"see [`quad`]({BASE}/fitting.html#quad)") == "see {py:obj}`quad <neuralnet_foundations.fitting.quad>`"
    not_the_class = "{py:obj}`softmax <neuralnet_foundations.softmax.softmax>`"
    assert text(f"[`softmax`]({BASE}/softmax.html#softmax)") == not_the_class
    assert text(f"[`quad()`]({BASE}/fitting.html#quad)") == "{py:obj}`quad() <neuralnet_foundations.fitting.quad>`"
    assert text(f"[`_help`]({BASE}/fitting.html#_help)") == "`_help`"
    assert text(f"```\n[`quad`]({BASE}/fitting.html#quad)\n```") == f"```\n[`quad`]({BASE}/fitting.html#quad)\n```"
    assert text('[source](https://x.test/a.py){target="_blank" style="float:right"}') == "[source](https://x.test/a.py)"


def test_a_name_without_an_entry_is_code():
    "A word that is also the name of a helper which nobody documents."
    cell = new_markdown_cell(f"[`quad`]({BASE}/fitting.html#quad)", metadata={"course": {"cell": 7}})
    page = Page("03_fitting.ipynb", new_notebook(cells=[HEAD, cell]), SYMBOLS, set())
    assert page.notebook().cells[-1].source == "`quad`"
    with pytest.raises(SiteError, match=f"{FITTING}.quadd"): text(f"`{FITTING}.quadd`")


def test_notebook_links_become_page_links():
    assert text("[4](04_descent.ipynb#one-step)") == "[4](descent.ipynb#one-step)"
    assert text("[3](../03_fitting.ipynb)", path="tools/data.ipynb") == "[3](../fitting.ipynb)"
    assert text("[x](https://x.test/y.ipynb)") == "[x](https://x.test/y.ipynb)"


@pytest.mark.parametrize("link, page", [
    ('href="04_gradient_descent.ipynb#One-step"', 'href="gradient_descent.html#one-step"'),
    ('href="06_training_loop.ipynb#1.-Initialise"', 'href="training_loop.html#initialise"'),
    ('href="05_relu.ipynb#%22Exists%22-is-not-%22found%22"', 'href="relu.html#exists-is-not-found"'),
    ('href="tools/data.ipynb"', 'href="tools/data.html"'),
    ('href="01_tensors.ipynb"', 'href="tensors.html"'), ('href="#term-loss"', 'href="#term-loss"'),
    ('href="https://x.test/y.ipynb#z"', 'href="https://x.test/y.ipynb#z"')])
def test_links_in_shown_html_lead_to_pages(link, page):
    cell = new_code_cell("x", outputs=[new_output("display_data", {"text/html": f"<a {link}>z</a>"})])
    assert adapted(cell)[0].outputs[0]["data"]["text/html"] == f"<a {page}>z</a>"


def test_links_in_html_that_a_tool_shows_lead_up():
    link = '<a href="../01_tensors.ipynb#Shape">z</a>'
    cell = new_code_cell("x", outputs=[new_output("display_data", {"text/html": link})])
    assert '"../tensors.html#shape"' in adapted(cell, path="tools/x.ipynb")[0].outputs[0]["data"]["text/html"]


def test_the_id_of_a_heading():
    ids = {"Which way is down?": "which-way-is-down", "6. Repeat, 7. Stop": "repeat-7-stop",
           "A `loss` for *ten*": "a-loss-for-ten", "A likely mistake: x": "a-likely-mistake-x"}
    assert {heading: anchor(heading) for heading in ids} == ids


def as_png(array):
    "A picture as notebooks hold it."
    file = io.BytesIO()
    Image.fromarray(array).save(file, "png")
    return base64.b64encode(file.getvalue()).decode()


def pixels_of(png, mode="RGB"): return np.asarray(Image.open(io.BytesIO(base64.b64decode(png))).convert(mode), int)


def chart():
    "Pixels of a chart as a lesson draws it."
    figure = Figure(figsize=(5, 3), dpi=180)
    figure.subplots().plot(np.arange(9), np.arange(9)**2 % 7, "o-")
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba()).copy()


CHART = chart()
NOISE = np.random.default_rng(0).integers(0, 256, (80, 80, 3), np.uint8)  # a photograph needs all of its colours
CLEAR = np.dstack([CHART[..., :3], CHART[..., 0]])


def test_pictures_grow_light_where_nobody_sees_it():
    "A chart loses most of its bytes and hardly a shade; colours that matter and what one sees through stay."
    light = lighter(as_png(CHART))
    assert len(light) < 0.6*len(as_png(CHART)) and abs(pixels_of(light) - CHART[..., :3]).max() <= SEEN
    assert lighter(as_png(NOISE)) == as_png(NOISE) and lighter(as_png(CLEAR)) == as_png(CLEAR)


def test_directives_become_tags():
    size = {"image/png": {"width": 700, "height": 350}}
    drawn = new_output("display_data", {"image/png": as_png(NOISE)}, metadata=size)
    source = '#| echo: false\n#| fig-cap: "A curve, $x^2$"\n#| fig-alt: "Up and \\"down\\""\nplot()'
    cell, = adapted(new_code_cell(source, outputs=[drawn]))
    assert cell.source == "plot()" and cell.metadata["tags"] == ["remove-input"]
    assert cell.metadata["mystnb"] == {"image": {"alt": 'Up and "down"', "width": "700px"},
                                       "figure": {"caption": "A curve, $x^2$"}}
    assert adapted(new_code_cell("#| include: false\nx")) == []
    assert adapted(new_code_cell("#| echo: false\nx = 1")) == []  # nothing to show
    assert adapted(new_code_cell("#| output: false\nx"))[0].metadata["tags"] == ["remove-output"]
    assert adapted(new_code_cell("#| code-fold: true\nx"))[0].metadata["tags"] == ["hide-input"]
    assert text("::: {.callout-note}\nx\n:::") == ":::{note}\nx\n:::"


def test_exported_code_stays_to_be_read_and_helpers_fold():
    sources = ["#| export\ndef f(x): return x", "#| export\ndef _g(x): return x", "#| hide\n#| export\nh = 1"]
    shown, folded, hidden = prepare(new_notebook(cells=[new_code_cell(s) for s in sources])).cells
    assert shown.source == "def f(x): return x" and "#| export" in hidden.source
    assert shown.metadata["course"] == {"cell": 1, "exported": True}
    cells = adapted(shown, folded)
    assert "tags" not in cells[0].metadata and cells[1].metadata["tags"] == ["hide-input"]
    long = new_code_cell("def f():\n" + "    x\n" * 20, metadata={"course": {"cell": 1, "exported": True}})
    assert "tags" not in adapted(long)[0].metadata
    assert adapted(long, path="tools/data.ipynb")[0].metadata["tags"] == ["hide-input"]


def view(model): return new_output("display_data", {WIDGET: {"model_id": model}, "text/plain": "a widget"})


def widgets(saved): return {"widgets": {STATE: {"state": saved}}}


def test_explorers_become_places_with_their_state():
    given = {"_anywidget_id": "neuralnet_foundations.explorers.FitByHand", "_esm": "code", "_css": "style",
             "lr": 0.1, "note": "</script><b>"}
    saved = {"m1": {"state": given, "buffers": [{"path": ["points"], "data": "AAA=", "encoding": "base64"}]}}
    code, place, state = adapted(new_code_cell("fit", outputs=[view("m1")]), metadata=widgets(saved))
    assert code.source == "fit" and code.outputs == []
    assert 'class="nnf-mount" data-model="m1" data-explorer="FitByHand"' in place.source
    inner = re.fullmatch(r'<script type="application/json" class="nnf-state">(.*)</script>', state.source)[1]
    assert "</script" not in inner
    kept = {k: v for k, v in saved["m1"]["state"].items() if k not in ("_esm", "_css")}
    buffers = [{"path": ["points"], "data": "AAA="}]
    assert json.loads(inner)["m1"] == {"explorer": "FitByHand", "state": kept, "buffers": buffers}


def test_packed_numbers_stand_once_on_a_page():
    kind, many, other = {"_anywidget_id": "neuralnet_foundations.explorers.NetPlayground"}, "AAAA"*MANY, "BBBB"*MANY
    packed = lambda *all: [{"path": [n], "data": data} for n, data in all]
    saved = {"m1": {"state": kind, "buffers": packed(("few", "AAAA"), ("sets", many))},
             "m2": {"state": kind, "buffers": packed(("few", "AAAA"), ("noise", other), ("sets", many))}}
    *_, state = adapted(new_code_cell("a", outputs=[view("m1")]), new_code_cell("b", outputs=[view("m2")]),
                        metadata=widgets(saved))
    found = json.loads(re.search("{.*}", state.source)[0])
    assert found["m1"]["buffers"] == saved["m1"]["buffers"]
    assert found["m2"]["buffers"] == [*saved["m2"]["buffers"][:2], {"path": ["sets"], "same": ["m1", 1]}]


def test_the_notebook_that_defines_explorers_shows_them():
    saved = {"m1": {"state": {"_anywidget_id": "__main__.FitByHand"}}}
    cell = new_code_cell("fit", outputs=[view("m1")])
    cells = adapted(cell, path="explorers/fit_by_hand.ipynb", metadata=widgets(saved))
    assert 'data-explorer="FitByHand"' in cells[1].source


def test_other_widgets_become_their_picture():
    picture = {"output_type": "display_data", "data": {"image/png": as_png(NOISE)}, "metadata": {}}
    saved = {"box": {"state": {"children": ["IPY_MODEL_s", "IPY_MODEL_o"]}}, "s": {"state": {"value": 1}},
             "o": {"state": {"outputs": [picture]}}}
    code, note = adapted(new_code_cell("@interact()\ndef f(): pass", outputs=[view("box")]), metadata=widgets(saved))
    assert code.outputs == [picture] and code.metadata["mystnb"]["image"]["alt"]
    assert "[Open in Colab](https://colab.test/03_fitting.ipynb)" in note.source


def test_lessons_become_cards():
    rows = "- [1 Tensors](01_tensors.ipynb): numbers\n- [2 Similarity](02_similarity.ipynb): distances"
    made = text(f"Before\n\n{rows}\n\nAfter", path="index.ipynb")
    assert made.count("{grid-item-card}") == 2 and ":link: tensors\n" in made
    assert made.startswith("Before") and made.endswith("After")
    assert adapted(new_markdown_cell("<!-- readme-only -->\n![x](y.png)"), path="index.ipynb") == []


GOOD = new_notebook(cells=[new_markdown_cell("# Title\n\n> Promise"), new_markdown_cell("## Part one")])


@pytest.mark.parametrize("cells, message", [
    ([], "cell 1: no title"), ([new_markdown_cell("# Title without a promise")], "cell 1: no title"),
    ([new_code_cell("x")], "cell 1: no title"),
    ([GOOD.cells[0], new_markdown_cell("[a](02_b.ipynb)")], "cell 2: the link to 02_b.ipynb"),
    ([GOOD.cells[0], new_markdown_cell("[a](01_a.ipynb#part-two)")], "cell 2: the link to 01_a.ipynb#part-two"),
    ([GOOD.cells[0], new_markdown_cell("[a](#nowhere)")], "cell 2: the link to #nowhere")])
def test_bad_notebooks_are_refused(cells, message):
    nb = new_notebook(cells=cells)
    with pytest.raises(SiteError, match=re.escape(f"nbs/03_x.ipynb, {message}")):
        check("03_x.ipynb", nb, {"03_x.ipynb": nb, "01_a.ipynb": GOOD})


def test_good_links_pass():
    links = "[a](../01_a.ipynb#part-one) [b](https://x.test#y)\n\n```\n[e](f.ipynb)\n```"
    nb = new_notebook(cells=[GOOD.cells[0], new_markdown_cell(links)])
    check("tools/x.ipynb", nb, {"tools/x.ipynb": nb, "01_a.ipynb": GOOD})


def test_workbooks_that_a_notebook_writes_are_offered():
    link = "On the site: [download net.xlsx](net.xlsx)."
    assert '<a href="notebooks/net.xlsx" download>download net.xlsx</a>' in text(link)
    assert '<a href="../notebooks/tools/net.xlsx" download>' in text(link, path="tools/sheets.ipynb")
    nb = new_notebook(cells=[new_markdown_cell(link), new_markdown_cell("```\n[a](b.xlsx)\n```"), new_code_cell(link)])
    assert workbooks(nb) == ["net.xlsx"]
    assert "[download net.xlsx](notebooks/net.xlsx)" in markdown(nb, "https://x.test")


def test_markdown_twin():
    two = new_code_cell("#| fig-alt: x\n1+1", outputs=[new_output("execute_result", {"text/plain": "2"})])
    nb = new_notebook(cells=[new_markdown_cell("# T\n[2](02_b.ipynb)"), new_code_cell("#| default_exp t"), two,
                             new_code_cell("#| hide\nsecret")])
    twin = markdown(nb, "https://x.test")
    assert "[2](b.html.md)" in twin and "```python\n1+1\n```\n\n```\n2\n```" in twin
    assert "secret" not in twin and "#|" not in twin
