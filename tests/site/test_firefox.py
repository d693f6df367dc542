"The site in Firefox, another browser of the course: each explorer once, on the first page that shows it."
import json
import re
import subprocess

from built import PAGES
from examples import NAMES
from lab import ROOT


def first_pages(site):
    "{explorer: the first page, in the course's order, that shows it}."
    found = {}
    for page in PAGES:
        text = (site / f"{page}.html").read_text(encoding="utf-8")
        for name in re.findall(r'class="nnf-mount"[^>]* data-explorer="(\w+)"', text): found.setdefault(name, page)
    return found


def test_every_explorer_moves_in_firefox(site, origin, firefox):
    pages = first_pages(site)
    assert set(pages) >= set(NAMES)
    package = ROOT / "docs/node_modules/puppeteer-core"
    entry = package / json.loads((package / "package.json").read_text(encoding="utf-8"))["main"]
    job = {"puppeteer": entry.as_uri(), "firefox": firefox, "origin": origin, "pages": sorted(set(pages.values()))}
    command = ["node", ROOT / "tests/site/firefox.mjs", json.dumps(job)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert ran.returncode == 0, ran.stderr[-3000:]
    moved = set()
    for page in json.loads(ran.stdout):
        name = page["name"]
        assert page["moved"] == page["mounts"], f"{name}: {page['mounts']} are there, {page['moved']} moved"
        assert not page["problems"] and not page["outside"], (name, page["problems"], page["outside"])
        assert not page["scrolling"], f"{name}: a scroll bar at the side of {page['scrolling']}"
        assert not page["wide"], f"{name} scrolls sideways"
        moved |= set(page["moved"])
    assert moved >= set(NAMES)
