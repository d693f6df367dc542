"""First uses of terms on the lessons' pages: docs/terms.py on small trees, and on the site as a reader meets them, by
mouse, touch and keyboard, on a wide screen and on a phone."""
import re
import sys

import pytest
from built import LESSONS, NOTEBOOKS
from docutils import nodes
from lab import PATIENCE, ROOT, until, watch_errors

sys.path.insert(0, str(ROOT / "docs"))
from adapter import anchor, lesson_number, page_name  # noqa: E402
from execute import data_of, modules_of  # noqa: E402
from terms import Use, links, mark  # noqa: E402

from neuralnet_foundations.glossary import ENTRIES, uses  # noqa: E402

TAUGHT = [page_name(p) for p in NOTEBOOKS if (lesson_number(p) or 99) <= 10]


# ---- trees

def tree(*children):
    document = nodes.Element()
    for child in children: document += child
    return document


def p(*parts, **options):
    "A paragraph of texts and nodes."
    return nodes.paragraph("", "", *(nodes.Text(o) if isinstance(o, str) else o for o in parts), **options)


def marked(document, lesson=4):
    "What mark makes of a tree: its text, terms in brackets."
    mark(document, lambda text: uses(text, lesson))
    out = []
    for node in document.findall(nodes.Text):
        out.append(f"[{node.astext()}]" if isinstance(node.parent, Use) else node.astext())
    return "".join(out)


FOLD = nodes.raw("", "<details><summary>A gradient?</summary>", format="html")
END = nodes.raw("", "</details>", format="html")
SHOWN = nodes.container("", p("The loss."), classes=["cell"])
TREES = {
    "the first use only": ([p("The loss falls."), p("A loss, losses.")], "The [loss] falls.A loss, losses."),
    "the longest first": ([p("A learning rate and a training set.")], "A [learning rate] and a [training set]."),
    "several, in their order": ([p("Slope, gradient, slope.")], "[Slope], [gradient], slope."),
    "inside emphasis": ([p("a ", nodes.strong("", "gradient"), ", a gradient")], "a [gradient], a gradient"),
    "not in a heading": ([nodes.title("", "Loss"), p("A loss.")], "LossA [loss]."),
    "not in code": ([p(nodes.literal("", "loss"), " is the loss")], "loss is the [loss]"),
    "not in a link": ([p(nodes.reference("", "loss", refuri="x"), ", loss")], "loss, [loss]"),
    "not in a formula": ([p(nodes.math("", "loss"), ", loss")], "loss, [loss]"),
    "not in a caption": ([nodes.caption("", "The loss"), p("The loss.")], "The lossThe [loss]."),
    "not in the promise": ([p("The loss.", classes=["nnf-lead"]), p("A loss.")], "The loss.A [loss]."),
    "not in what a cell shows": ([SHOWN, p("A loss.")], "The loss.A [loss]."),
    "not where it is part of a word": ([p("lossless, no-loss, loss_func")], "lossless, no-loss, loss_func"),
    "nothing to mark": ([p("Good morning.")], "Good morning.")}


@pytest.mark.parametrize("name", TREES)
def test_where_buttons_stand(name):
    children, text = TREES[name]
    assert marked(tree(*(c.deepcopy() for c in children))) == text


def test_what_is_folded_away_waits_for_a_use_that_readers_see():
    fold = lambda text: [FOLD.deepcopy(), p(text), END.deepcopy()]
    got = marked(tree(*fold("A gradient, a batch."), p("The gradient.")))
    assert got == f"{FOLD.astext()}A gradient, a [batch].{END.astext()}The [gradient]."


def test_links_lead_to_pages_that_there_are():
    entry, pages = ENTRIES["gradient"], {"descent": {"lesson": 4}, "fitting": {"lesson": 3}, "index": {"lesson": None}}
    glossary = (f"glossary.html#{entry.id}", "Glossary")
    there = (f"descent.html#{anchor(entry.under)}", "Lesson 4")
    assert list(links(entry, "fitting", pages)) == [there, glossary]
    assert list(links(entry, "descent", pages)) == [glossary]
    assert list(links(entry, "fitting", {"fitting": {"lesson": 3}})) == [glossary]


def test_a_notebook_is_executed_again_when_what_its_modules_read_has_changed():
    files = lambda source: {p.name for p in data_of(modules_of(source))}
    assert {"01_tensors.yaml", "glossary.css", "glossary.js"} <= files("from neuralnet_foundations.glossary import look_up")
    assert {"01_tensors.yaml", "10_image_models.yaml"} <= files("from neuralnet_foundations.explorers import Quiz")
    assert files("from neuralnet_foundations.checks import count") == set()


# ---- pages

@pytest.fixture
def visit(browser, origin):
    "`visit(page, ...)`: a lesson's page on which nothing is loaded from elsewhere."
    contexts = []

    def opened(name, *, width=1280, height=900, **options):
        context = browser.new_context(viewport=dict(width=width, height=height), reduced_motion="reduce", **options)
        contexts.append(context)
        page = context.new_page()
        page.problems = watch_errors(page)
        page.asked = []
        page.goto(origin + name)
        page.wait_for_function("document.documentElement.dataset.explorers", timeout=1000*PATIENCE)
        page.wait_for_load_state("networkidle")
        page.on("request", lambda r: page.asked.append(r.url))
        return page

    yield opened
    for context in contexts: context.close()


ALL = """() => [...document.querySelectorAll('button.nnf-term')].map((b) => ({ id: b.getAttribute('popovertarget'),
  says: document.getElementById(b.getAttribute('popovertarget'))?.textContent || '', word: b.textContent,
  wrong: !!b.closest('h1, h2, h3, h4, code, pre, a, summary, figcaption, mjx-container, .math, .cell, .nnf-lead') }))"""


@pytest.mark.parametrize("name", TAUGHT)
def test_each_lesson_has_the_sentences_of_its_terms(visit, name):
    page = visit(f"{name}.html")
    found = page.evaluate(ALL)
    ids = [o["id"] for o in found]
    assert len(ids) >= 15 and len(set(ids)) == len(ids) and not [o for o in found if o["wrong"]]
    terms = {f"nnf-{t.id}": t for t in ENTRIES.values()}
    for o in found: assert terms[o["id"]].says.replace("`", "") in o["says"], o
    number = next(lesson_number(path) for path in NOTEBOOKS if page_name(path) == name)
    own = {t.term for t in ENTRIES.values() if t.lesson == number and t.words != ()}
    lacking = own - {terms[i].term for i in ids}
    assert len(lacking) <= len(own)/5, f"terms of this lesson that its page does not mark: {lacking}"
    assert not page.problems


def test_other_pages_have_none(site):
    marked = [*TAUGHT, "questions"]  # which teaches no term, and may use some
    others = [page for page in site.rglob("*.html") if page.stem not in marked or page.parent != site]
    assert not [page for page in others if 'class="nnf-term"' in page.read_text(encoding="utf-8")]


def how_it_opens(way, button, page):
    if way == "mouse": button.click()
    elif way == "touch": button.tap()
    else:
        button.focus()
        page.keyboard.press(way)


# Where the page's text stands, once what a scroll sets off (the theme marks its header) is done
PLACES = """async () => {
  for (const _ of [1, 2, 3]) await new Promise(requestAnimationFrame);
  return [...document.querySelectorAll('article p, article h2')].map((e) => e.offsetTop); }"""
WAYS = [(1280, "mouse"), (1280, "Enter"), (1280, "Space"), (390, "touch"), (390, "Enter")]


@pytest.mark.parametrize("width, way", WAYS)
def test_a_sentence_opens_and_closes_and_nothing_moves(visit, width, way):
    page = visit("gradient_descent.html", width=width, has_touch=way == "touch")
    buttons = page.locator("button.nnf-term")
    for n in (0, buttons.count()//2, buttons.count() - 1):
        button = buttons.nth(n)
        if page.locator("details:not([open])", has=button).count(): continue
        sentence = page.locator(f"#{button.get_attribute('popovertarget')}")
        button.scroll_into_view_if_needed()
        before = page.evaluate(PLACES)
        assert not sentence.is_visible()
        how_it_opens(way, button, page)
        until(sentence.is_visible, message=f"{button.text_content()} does not open by {way}")
        box, height = sentence.bounding_box(), page.viewport_size["height"]
        assert 0 <= box["x"] and box["x"] + box["width"] <= width
        assert 0 <= box["y"] and box["y"] + box["height"] <= height
        assert page.evaluate(PLACES) == before and page.evaluate("document.documentElement.scrollWidth") <= width
        page.keyboard.press("Escape")
        until(lambda s=sentence: not s.is_visible())
    assert page.asked == [] and not page.problems


def test_a_second_sentence_closes_the_first_and_a_click_outside_closes_all(visit):
    page = visit("gradient_descent.html")
    opened = page.locator(".nnf-meaning:popover-open")
    for n in (0, 1):
        page.locator("button.nnf-term").nth(n).click()
        until(lambda: opened.count() == 1)
    page.mouse.click(3, 500)
    until(lambda: opened.count() == 0)


def test_keyboard_goes_from_the_word_to_its_links(visit):
    page = visit("training_loop.html")
    page.locator("button.nnf-term", has_text=re.compile("^label$")).first.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Lesson 1"
    page.keyboard.press("Enter")
    page.wait_for_url("**/tensors.html#a-picture-is-a-table-of-numbers")


@pytest.mark.parametrize("width", [1280, 390])
def test_the_glossarys_link_opens_its_term(visit, width):
    page = visit("glossary.html#term-gradient", width=width)
    entry = page.locator("#term-gradient")
    until(lambda: entry.get_attribute("open") is not None)
    box = entry.bounding_box()
    assert 0 <= box["y"] < 900 and page.evaluate("document.documentElement.scrollWidth") <= width
    page.locator("#term-gradient dl a", has_text="Lesson 4").click()
    page.wait_for_url("**/gradient_descent.html#let-torch-work-it-out")


def test_glossary_links_lead_to_headings(site):
    page = (site / "glossary.html").read_text(encoding="utf-8")
    for t in ENTRIES.values():
        entry = page.split(f'id="{t.id}"')[1].split("</details>")[0]
        target, _, heading = re.findall(r'href="([^"]+)">Lesson', entry)[-1].partition("#")
        assert f'id="{heading}"' in (site / target).read_text(encoding="utf-8"), f"{t.term}: {target}#{heading}"
    assert len(LESSONS) >= len(TAUGHT)
