"Helpers that drive a real JupyterLab, and pages without a kernel, in Chromium. The fixtures are in conftest.py."
import base64
import json
import mimetypes
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import nbformat
import psutil
from ipywidgets.widgets.widget import _remove_buffers

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "docs"))
from install import quiet_lab  # noqa: E402

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--no-first-run"]
# Messages of JupyterLab itself and of the browser about JupyterLab, that say nothing about the course.
NOT_OURS = ("favicon", "ResizeObserver loop", "@jupyterlab/", "Failed to load resource",
            "the server responded with a status of 404", "Could not get a language server", "lsp", "jupyterlab_pygments",
            "Notebook windowing")


PATIENCE = 60  # seconds; only what fails waits so long, and a busy machine may stand still for many


def until(f, timeout=PATIENCE, message="it did not happen", every=0.02):
    "The first true value of `f()`; fails after `timeout` seconds."
    end = time.monotonic() + timeout
    while True:
        value = f()
        if value: return value
        if time.monotonic() > end:
            raise AssertionError(f"after {timeout} s: {message() if callable(message) else message}")
        time.sleep(every)


def watch_errors(page):
    "The list that collects the page's console errors and uncaught exceptions."
    errors = []
    page.on("pageerror", lambda e: errors.append(f"uncaught: {e}"))
    page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
    return errors


def settle(page):
    "Let the page draw what it has: the picture in one frame, the words in another behind a timer, however long they take."
    page.evaluate("""async () => { await new Promise(requestAnimationFrame); await new Promise((r) => setTimeout(r));
      await new Promise(requestAnimationFrame); }""")


RUN = """async (root, [selector, times, patience]) => {
  const text = root.querySelector(selector), run = root.querySelector('[data-action="run"]');
  const seen = [], numbers = () => text.textContent.match(/\\d+/g).map(Number);
  const enough = new Promise((done, failed) => {
    setTimeout(() => failed(new Error(`${seen.length} of ${times} changes`)), 1000 * patience);
    const all = { childList: true, characterData: true, subtree: true };
    new MutationObserver(() => { if (seen.push(numbers()) === times) done(); }).observe(text, all);
    new MutationObserver(() => { if (run.textContent === 'Run') done(); }).observe(run, all);
  });
  run.click(); await enough;
  if (run.textContent === 'Pause') run.click();
  for (let i = 0; i < 3; i++) await new Promise((r) => requestAnimationFrame(r));
  return seen; }"""


def run_on(explorer, selector, changes):
    """Run until the text at `selector` has changed so often, or it stops by itself; the numbers that it showed.
    In the page, which knows at once when it stops."""
    return explorer.evaluate(RUN, [selector, changes, PATIENCE])


# What one can see of an explorer: its words, the values of its fields and switches, its drawing. What only a screen
# reader gets comes once a hand has rested, at another moment in each view.
LOOK = """(root) => {
  const unseen = [...root.querySelectorAll('.nnf-hidden')].map((e) => e.innerText);
  const words = root.innerText.split(/\\n+/).filter((line) => !unseen.includes(line));
  const fields = [...root.querySelectorAll('input, select')].map((i) => `${i.value} ${i.checked}`);
  const drawn = (e) => ['d', 'cx', 'cy', 'transform', 'style'].map((n) => e.getAttribute(n)).join();
  const lines = [...root.querySelectorAll('svg *')].filter((e) => e.style.display !== 'none');
  return [...words, ...fields, ...lines.map(drawn)].join('\\n'); }"""


def look(root):
    "All that shows of an explorer, as text, to compare before and after, or one view with another."
    return root.evaluate(LOOK)


class LabServer:
    """A JupyterLab server of its own: set up as `make lab` does it, with copied notebooks, a free port, a new token,
    settings and workspaces apart from the user's."""
    def __init__(self, browser, notebooks, tmp):
        self.browser, self.tmp, self.root, self.token = browser, Path(tmp), Path(tmp) / "nbs", secrets.token_hex(16)
        self.pages = {}  # pages with no notebook open, by kind
        shutil.copytree(notebooks, self.root, ignore=shutil.ignore_patterns(".ipynb_checkpoints", "*.pkl"))
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
        env = {**os.environ, "JUPYTERLAB_SETTINGS_DIR": str(self.tmp / "settings"),
               "JUPYTERLAB_WORKSPACES_DIR": str(self.tmp / "workspaces"), "JUPYTER_CONFIG_DIR": str(self.tmp / "config"),
               "JUPYTER_RUNTIME_DIR": str(self.tmp / "runtime"),
               "JUPYTER_CONFIG_PATH": str(self.tmp / "env/etc/jupyter"), "JUPYTER_PREFER_ENV_PATH": "1",
               "IPYTHONDIR": str(self.tmp / "ipython")}
        quiet_lab(self.tmp / "env")
        self.log = open(self.tmp / "server.log", "w+")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--expose-app-in-browser",
             "--ip=127.0.0.1", f"--port={port}", f"--IdentityProvider.token={self.token}",
             f"--ServerApp.root_dir={self.root}",
             f"--LabApp.app_settings_dir={self.tmp / 'env/share/jupyter/lab/settings'}"],
            cwd=self.root, env=env, stdout=self.log, stderr=subprocess.STDOUT, start_new_session=os.name != "nt")
        try: until(self._ready, message="JupyterLab did not start", every=0.1)
        except AssertionError as e:
            text = self.text()
            self.close()
            raise AssertionError(f"{e}\n{text[-3000:]}") from None

    def text(self):
        self.log.flush()
        return Path(self.log.name).read_text(errors="replace")

    def _ready(self):
        ended = self.process.poll()
        if ended is not None: raise AssertionError(f"JupyterLab ended with {ended}\n{self.text()[-3000:]}")
        for file in (self.tmp / "runtime").glob("jpserver-*.json"):  # says which port was really taken
            try:
                self.url = json.loads(file.read_text())["url"].rstrip("/")
                with urlopen(f"{self.url}/api/status?token={self.token}", timeout=2) as r: return r.status == 200
            except (ValueError, URLError, OSError): pass
        return False

    def open(self, cells=None, path=None, *, theme="light", width=1280, height=900, init=None):
        """A `Notebook` on new `cells` (strings of code, or (kind, text) pairs) or on an existing `path` below nbs/.
        `init`: JavaScript to run in the page before anything else."""
        if path is None:
            path = f"made_{secrets.token_hex(4)}.ipynb"
            new = {"md": nbformat.v4.new_markdown_cell, "py": nbformat.v4.new_code_cell}
            pairs = [("py", c) if isinstance(c, str) else c for c in cells or []]
            made = [new[kind](text) for kind, text in pairs]
            spec = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
            nbformat.write(nbformat.v4.new_notebook(cells=made, metadata=spec), self.root / path)
        return Notebook(self, path, theme=theme, width=width, height=height, init=init)

    def close(self):
        "End the server and everything it started."
        family = []
        if self.process.poll() is None:
            try: family = psutil.Process(self.process.pid).children(recursive=True)
            except psutil.NoSuchProcess: pass
            self.process.terminate()  # JupyterLab ends its kernels on SIGTERM
            try: self.process.wait(10)
            except subprocess.TimeoutExpired: self.process.kill()
        for p in family:
            try: p.kill()
            except psutil.NoSuchProcess: pass
        self.log.close()


# What the page knows of its notebook; every script below gets it as `nb`, the cells as `cells`.
PRELUDE = """const app = window.jupyterapp;
const panel = [...app.shell.widgets('main')].find((w) => w.context && w.context.path === path);
const nb = panel && panel.content, cells = nb ? nb.widgets : [];"""


# Whether a code cell runs or has run.
STARTED = """const waits = (c) => c.inputArea.promptNode.textContent.includes('*');
return cells.some((c) => c.model.type === 'code'
  && (c.model.executionCount !== null || waits(c) || c.model.outputs.length > 0))"""


# The kernel ends, and its notebook closes without a question.
SHUT_DOWN = """await Promise.race([panel.sessionContext.shutdown(), new Promise((r) => setTimeout(r, 5000))]);
panel.dispose(); return true"""


class Notebook:
    """A notebook open in JupyterLab. `page` is Playwright's page; close it when done, or use `with`.
    A page of this kind that has nothing open is used again: JupyterLab takes seconds to come up."""
    def __init__(self, lab, path, *, theme, width, height, init):
        self.lab, self.path, self.kind = lab, path, (theme, width, height, init)
        self.page = lab.pages.pop(self.kind, None)
        if self.page: self.open_here()
        else: self.open_page()
        self.errors = self.page.errors
        until(lambda: self.js("return !!panel && panel.context.isReady"), message=f"{path} did not open", every=0.1)
        self.js("await panel.revealed; await panel.sessionContext.ready; return true")
        self.idle()
        self.js("""const light = arg === 'light', theme = light ? 'JupyterLab Light' : 'JupyterLab Dark';
            if ((document.body.dataset.jpThemeLight === 'true') !== light)
              await app.commands.execute('apputils:change-theme', {theme});
            return true""", theme)

    def open_page(self):
        "A new page at the notebook's address."
        theme, width, height, init = self.kind
        context = self.lab.browser.new_context(viewport=dict(width=width, height=height), color_scheme=theme)
        self.page = context.new_page()
        if init: self.page.add_init_script(init)
        self.page.errors = watch_errors(self.page)
        workspace = f"{self.lab.url}/lab/workspaces/w{secrets.token_hex(4)}"
        self.page.goto(f"{workspace}/tree/{self.path}?reset&token={self.lab.token}")
        until(lambda: self.page.evaluate("!!window.jupyterapp"), message="JupyterLab's page did not come up", every=0.1)
        self.js("await app.restored; return true")

    def open_here(self):
        "The notebook in a page that is there."
        self.page.errors.clear()
        self.js("""await app.commands.execute('docmanager:open', {path: arg, factory: 'Notebook'});
            return true""", self.path)

    def __enter__(self): return self
    def __exit__(self, kind, *_): self.close(keep=kind is None)

    def js(self, body, arg=None):
        "Run JavaScript with `app`, `panel`, `nb`, `cells` and `arg` at hand."
        return self.page.evaluate("async ([path, arg]) => {" + PRELUDE + body + "}", [self.path, arg])

    def idle(self, timeout=PATIENCE):
        "Wait until the kernel has nothing to do."
        def quiet():
            return self.js("""const k = panel.sessionContext.session?.kernel;
                return !!k && k.connectionStatus === 'connected' && k.status === 'idle'""")
        until(quiet, timeout, "the kernel did not come to rest", every=0.05)
        return self

    def counts(self):
        "The execution count of each code cell that holds code (None: not run)."
        return self.js("""return cells.filter((c) => c.model.type === 'code' && c.model.sharedModel.getSource().trim())
            .map((c) => c.model.executionCount)""")

    def run_all(self, timeout=120):
        """Run All, as the menu does; once more if JupyterLab ignored it.
        Stops at an error, like JupyterLab; see `tracebacks`."""
        self.idle()
        for _ in range(3):
            self.js("""app.shell.activateById(panel.id);
                app.commands.execute('notebook:run-all-cells').catch(() => 0); return true""")
            try: until(lambda: self.js(STARTED), 5, "Run All was ignored", every=0.05)
            except AssertionError: continue
            break
        ended = lambda: self.tracebacks() or all(c is not None for c in self.counts())
        until(ended, timeout, f"{self.path} did not finish", every=0.1)
        return self.idle(timeout)

    def show(self, i):
        "Scroll a cell into view: JupyterLab draws only what is near."
        self.js("await nb.scrollToItem(arg, 'start').catch(() => 0); return true", i % self.js("return cells.length"))
        return self

    def run_cell(self, i, timeout=PATIENCE):
        """Select cell `i` (negative: from the end) and run it; wait until it has run.
        Once more if JupyterLab ignored it."""
        for _ in range(3):
            ran = self.js("""const i = (arg + cells.length) % cells.length, { model } = cells[i];
                const before = model.executionCount;
                app.shell.activateById(panel.id); nb.activeCellIndex = i; nb.deselectAll();
                await app.commands.execute('notebook:run-cell');
                return model.type !== 'code' || model.executionCount !== before""", i)
            self.idle(timeout)
            if ran: break
        return self

    def run(self, code, timeout=PATIENCE):
        "Put `code` in a cell of its own at the end, run it, and give its text output; an error in it fails the test."
        self.js("""let last = cells.length - 1;
            if (!cells[last].model.getMetadata('read-back')) {
              nb.activeCellIndex = last; await app.commands.execute('notebook:insert-cell-below');
              last = cells.length - 1; cells[last].model.setMetadata('read-back', true);
            }
            cells[last].model.sharedModel.setSource(arg); return true""", code)
        self.run_cell(-1, timeout)
        failed = self.js("""return cells.at(-1).model.outputs.toJSON().filter((o) => o.output_type === 'error')
            .map((o) => o.traceback.join('\\n'))""")
        assert not failed, failed[0]
        return self.output(-1)

    def value(self, expression, timeout=PATIENCE):
        "A Python expression's value, through JSON."
        return json.loads(self.run(f"import json; print(json.dumps({expression}))", timeout))

    def output(self, i):
        "The text a cell wrote: streams and text/plain results, one after the other."
        return self.js("""const text = (t) => (Array.isArray(t) ? t.join('') : t || '');
            const out = cells.at(arg).model.outputs.toJSON();
            return out.map((o) => text(o.text ?? o.data?.['text/plain'])).join('')""", i)

    def texts(self):
        "The streams that each cell wrote, in the order of the cells."
        return self.js("""const text = (t) => (Array.isArray(t) ? t.join('') : t || '');
            const outputs = (c) => (c.model.type === 'code' ? c.model.outputs.toJSON() : []);
            return cells.map((c) => outputs(c).map((o) => text(o.text)).join(''))""")

    def tracebacks(self):
        "(cell index, error text) of every error output."
        return self.js("""const errors = (c) => (c.model.type === 'code' ? c.model.outputs.toJSON() : [])
              .filter((o) => o.output_type === 'error');
            return cells.flatMap((c, i) => errors(c).map((o) => [i, `${o.ename}: ${o.evalue}`]))""")

    def problems(self):
        "Console errors that come from the course and not from JupyterLab."
        return [e for e in self.errors if not any(n in e for n in NOT_OURS)]

    def cell(self, i):
        "Playwright's locator of a cell's output area."
        self.show(i)
        return self.page.locator(f'.jp-Cell[data-windowed-list-index="{i}"] .jp-Cell-outputArea')

    def explorer(self, name=None, nth=0):
        "Playwright's locator of an explorer that shows."
        found = self.page.locator(f'.nnf-explorer[data-explorer="{name}"]' if name else ".nnf-explorer").nth(nth)
        until(found.is_visible, message=lambda: f"{name or 'an explorer'} does not show; {self.standing()}", every=0.05)
        return found

    def standing(self):
        "How the notebook stands, for a test that fails."
        cells = self.js("""return cells.map((c) => `[${c.model.executionCount ?? ''}] `
            + `${c.model.sharedModel.getSource().slice(0, 80)}`)""")
        shown = self.page.locator(".nnf-explorer").evaluate_all("(all) => all.map((e) => e.dataset.explorer)")
        return f"shown: {shown}, cells: {cells}, errors: {self.tracebacks()}, {self.problems()}"

    def screenshot(self, path): self.page.screenshot(path=str(path))

    def close(self, keep=False):
        "Shut the kernel down and close the notebook; its page too, unless it is to be kept for the next of this kind."
        try: self.js(SHUT_DOWN)
        except Exception:
            self.page.context.close()
            raise
        if not keep or self.lab.pages.setdefault(self.kind, self.page) is not self.page: self.page.context.close()


def page_state(widgets):
    "The saved state of widgets, as docs/_static/host.js reads it from a page."
    out = {}
    for w in widgets:
        state = w.get_state(drop_defaults=False)
        for key in ("_esm", "_css", "layout"): state.pop(key, None)
        state, paths, buffers = _remove_buffers(state)
        packed = [dict(path=p, data=base64.b64encode(b).decode()) for p, b in zip(paths, buffers, strict=True)]
        out[w.model_id] = dict(explorer=type(w).__name__, state=state, buffers=packed)
    return out


MODELS = b"\nwindow.models = models;\n"  # for tests that look into a page's models, and change them as Python would


def explorer_page(browser, root, widgets, *, theme="light", width=900, height=800, touch=False, scale=1,
                  init=None, wait=True):
    """A page of the site's kind, with no kernel and no network:
    the explorers' own files and the state that Python saved."""
    context = browser.new_context(viewport=dict(width=width, height=height), has_touch=touch, device_scale_factor=scale)
    page = context.new_page()
    if init: page.add_init_script(init)
    page.problems = watch_errors(page)
    mounts = "".join(f'<div class="nnf-mount" data-model="{w.model_id}"></div>' for w in widgets)
    used = ["shared/style", *sorted({type(w).__name__ for w in widgets})]
    styles = "".join(f'<link rel="stylesheet" href="explorers/{name}.css">' for name in used)
    state = json.dumps(page_state(widgets), default=str).replace("</", "<\\/")  # as the site writes it
    html = ('<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">'
            f'<link rel="icon" href="data:,">{styles}<body data-theme="{theme}" style="margin:12px">{mounts}'
            f'<script type="application/json" class="nnf-state">{state}</script>'
            '<script type="module" src="host.js"></script>')

    def serve(route):
        name = route.request.url.split("?")[0].removeprefix("http://course.test/")
        own = root / "neuralnet_foundations/static" / name.removeprefix("explorers/")
        file = root / "docs/_static/host.js" if name == "host.js" else own
        if name == "page.html": route.fulfill(body=html, content_type="text/html; charset=utf-8")
        elif name == "host.js": route.fulfill(body=file.read_bytes() + MODELS, content_type="text/javascript")
        elif file.is_file():
            route.fulfill(body=file.read_bytes(), content_type=mimetypes.guess_type(name)[0] or "text/plain")
        else: route.abort()

    context.route("**/*", serve)
    page.goto("http://course.test/page.html")
    if wait:
        for i, w in enumerate(widgets):
            explorer = page.locator(".nnf-mount").nth(i).locator(".nnf-explorer")
            try: explorer.wait_for(state="visible", timeout=1000*PATIENCE)
            except Exception as e:
                raise AssertionError(f"{type(w).__name__} does not show; the page says {page.problems}") from e
    return page
