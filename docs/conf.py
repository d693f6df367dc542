"Sphinx reads what build.py put together in _build/; nothing is executed here."
import configparser
import json
import sys
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
cfg = configparser.ConfigParser()
cfg.read(ROOT / "settings.ini", encoding="utf-8")
cfg = cfg["DEFAULT"]
pages = nnf_pages = json.loads((ROOT / "_build" / "pages.json").read_text(encoding="utf-8"))
sys.path.insert(0, str(ROOT / "docs"))

project = html_title = html_short_title = cfg["title"]
author, version, release = cfg["author"], cfg["version"], cfg["version"]
copyright = cfg["copyright"]
language = "en"
extensions = ["myst_nb", "sphinx_copybutton", "sphinx_design", "sphinx.ext.mathjax", "sphinx.ext.githubpages",
              "terms"]
exclude_patterns = ["images"]

nb_execution_mode = "off"
nb_merge_streams = True
nb_ipywidgets_js = {}
nb_render_markdown_format = "myst"
nb_code_prompt_show, nb_code_prompt_hide = "Show the code", "Hide the code"
myst_enable_extensions = ["dollarmath", "amsmath", "attrs_inline", "attrs_block", "colon_fence", "html_image",
                          "deflist", "tasklist"]
myst_heading_anchors = 4
suppress_warnings = ["myst.header"]
toc_object_entries_show_parents = "hide"
add_module_names = False
mathjax_path = "mathjax/tex-chtml.js"
mathjax3_config = {"options": {"enableMenu": False}, "chtml": {"displayAlign": "left", "displayIndent": "1.5em"}}
copybutton_exclude = ".linenos, .gp, .go"

html_theme = "furo"
html_static_path = ["_static", "../_build/static"]
html_extra_path = ["../_build/extra"]
html_css_files = ["explorers/shared/style.css", "site.css"]
html_js_files = [("host.js", {"type": "module"}), ("focus.js", {"defer": "defer"})]
html_favicon = "_static/favicon.svg"
html_baseurl = f"{cfg['doc_host']}{cfg['doc_baseurl']}/"
html_copy_source = html_show_sourcelink = False
html_show_sphinx = False
html_use_index = html_domain_indices = False
html_last_updated_fmt = None
pygments_style, pygments_dark_style = "a11y-high-contrast-light", "a11y-high-contrast-dark"
html_theme_options = {
    "light_logo": "logo.svg", "dark_logo": "logo-dark.svg",
    "source_repository": cfg["git_url"], "source_branch": cfg["branch"], "top_of_page_buttons": [],
    "light_css_variables": {
        "color-brand-primary": "#0072b2", "color-brand-content": "#0072b2", "color-brand-visited": "#0072b2",
        "color-api-name": "#0072b2", "color-api-pre-name": "#5a6372",
        "color-sidebar-link-text": "var(--color-foreground-primary)",
        "color-sidebar-link-text--top-level": "var(--color-foreground-primary)",
        "font-stack": 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif',
        "font-stack--monospace":
            'ui-monospace, SFMono-Regular, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace',
    },
    "dark_css_variables": {
        "color-brand-primary": "#56b4e9", "color-brand-content": "#56b4e9", "color-brand-visited": "#56b4e9",
        "color-api-name": "#56b4e9", "color-api-pre-name": "#a3adbd",
    },
    "footer_icons": [],
}


def describe(app, name, template, context, doctree):
    "What a link to the page shows elsewhere: title, promise, picture."
    page = pages.get(name, {})
    lead = page.get("lead") or cfg["description"]
    tags = {"og:title": page.get("title", project), "og:description": lead, "og:type": "website",
            "og:url": html_baseurl + name + ".html", "og:site_name": project,
            "og:image": html_baseurl + "_static/preview.png",
            "og:image:alt": "A curve over noisy points, with a slider for each of its parameters"}
    twin = f'<link rel="alternate" type="text/markdown" href="{name.rpartition("/")[2]}.html.md">'
    head = [f'<meta property="{k}" content="{escape(v)}">' for k, v in tags.items()]
    head += [f'<meta name="description" content="{escape(lead)}">',
             '<meta name="twitter:card" content="summary_large_image">', *[twin]*bool(page.get("twin"))]
    context["metatags"] = context.get("metatags", "") + "\n".join(head)
    if tree := context.get("furo_navigation_tree"):  # Sphinx names the groups headings and forgets their level
        context["furo_navigation_tree"] = tree.replace('role="heading"', 'role="heading" aria-level="2"')


def setup(app): app.connect("html-page-context", describe, priority=900)
