"""The first use of a term on a lesson's page is a button that opens its sentence.

The glossary (`nbs/tools/glossary.ipynb`) says what stands where; here Sphinx's tree of a page gets the buttons. The
browser's own popover does the rest: touch, keyboard and mouse, with no script, and nothing on the page moves."""
from html import escape

from adapter import anchor
from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

GLOSSARY = "glossary"  # The page of lesson 12
NOT_IN = (nodes.title, nodes.literal, nodes.literal_block, nodes.reference, nodes.math, nodes.math_block, nodes.raw,
          nodes.caption, nodes.comment, nodes.subscript, nodes.superscript)
NOT_CLASSES = {"nnf-lead", "nnf-needs-python", "cell"}


class Use(nodes.Inline, nodes.TextElement):
    "A term in a page's text; `entry` is what the glossary says of it."


def quiet(text):
    "True where no button belongs: headings, code, links, formulas, what cells show."
    node = text.parent
    while node is not None:
        if isinstance(node, NOT_IN) or NOT_CLASSES & set(node.get("classes", [])): return True
        node = node.parent
    return False


def texts(tree):
    "(text, whether it is inside a fold) of a page's prose, in its order."
    folds = 0
    for node in tree.findall(lambda n: isinstance(n, (nodes.Text, nodes.raw))):
        if isinstance(node, nodes.raw): folds += node.astext().count("<details") - node.astext().count("</details")
        elif not isinstance(node.parent, nodes.raw) and not quiet(node): yield node, folds > 0


def first_uses(found, uses):
    "{text: [(start, end, term)]} of the first use of each term; where readers see it, else in a fold."
    every = [(folded, n, text, use) for n, (text, folded) in enumerate(found) for use in uses(text.astext())]
    seen, marks = set(), {}
    for _, _, text, use in sorted(every, key=lambda o: o[:2]):
        if use[2].id in seen: continue
        seen.add(use[2].id)
        marks.setdefault(text, []).append(use)
    return marks


def with_buttons(text, uses):
    "The nodes in place of a text in which terms stand."
    raw, at, out = text.astext(), 0, []
    for start, end, term in sorted(uses, key=lambda use: use[0]):
        out += [nodes.Text(raw[at:start]), Use("", raw[start:end], entry=term)]
        at = end
    return [n for n in [*out, nodes.Text(raw[at:])] if n.astext()]


def mark(tree, uses):
    "Put a button at the first use of each term of a page; how many there are."
    marks = first_uses(list(texts(tree)), uses)
    for text, found in marks.items(): text.parent.replace(text, with_buttons(text, found))
    return sum(map(len, marks.values()))


class Terms(SphinxPostTransform):
    "Marks the pages of lessons, where the site has a glossary."
    default_priority = 900

    def run(self, **kwargs):
        pages, name = self.config.nnf_pages, self.env.docname
        lesson = pages.get(name, {}).get("lesson")
        if not lesson or GLOSSARY not in pages or name == GLOSSARY: return
        from neuralnet_foundations.glossary import uses
        mark(self.document, lambda text: uses(text, lesson))


def links(entry, here, pages):
    "Where to read on: the lesson, if it is another page of this site, and the glossary."
    names = {p["lesson"]: name for name, p in pages.items() if p.get("lesson")}
    page = names.get(entry.lesson)
    if page and page != here: yield f"{page}.html#{anchor(entry.under)}", f"Lesson {entry.lesson}"
    yield f"{GLOSSARY}.html#{entry.id}", "Glossary"


def visit(self, node):
    self.body.append(f'<button type="button" class="nnf-term" popovertarget="nnf-{node["entry"].id}">')


def depart(self, node):
    from neuralnet_foundations.glossary import as_html
    entry, builder = node["entry"], self.builder
    more = " ".join(f'<a href="{url}">{text}</a>'
                    for url, text in links(entry, builder.current_docname, builder.config.nnf_pages))
    self.body.append(f'</button><span popover role="note" class="nnf-meaning" id="nnf-{entry.id}"><b>{escape(entry.term)}</b> '
                     f'{as_html(entry.says)} <span>{more}</span></span>')


def setup(app):
    app.add_config_value("nnf_pages", {}, "")
    app.add_node(Use, html=(visit, depart))
    app.add_post_transform(Terms)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
