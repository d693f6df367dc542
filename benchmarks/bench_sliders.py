"""From key press to paint: `@interact` with matplotlib and FitByHand in a real JupyterLab; then every explorer with a
slider on a page of the site, as fast as this machine is and six times slower, as a cheap laptop is."""
import asyncio
import random
import sys
import tempfile
import time
from pathlib import Path

from common import Row, median, table

ROOT = Path(__file__).resolve().parent.parent
SLOW = 6  # Chromium's throttle of the processor
ON_SLOW = 25  # ms that a key press may take there

SETUP = """
%matplotlib inline
import matplotlib.pyplot as plt, torch
from ipywidgets import interact
from neuralnet_foundations.explorers import FitByHand
from neuralnet_foundations.fitting import add_noise, mk_quad, mse, quad
torch.manual_seed(42)
x = torch.linspace(-2, 2, 20)
y = add_noise(mk_quad(3, 2, 1)(x), 0.15, 1.5)
def looped(a, b, c, x): return torch.stack([a*v**2 + b*v + c if v == v else v for v in x])
"""
CELLS = [SETUP, "fit = FitByHand(quad, x, y, a=1.1, b=1.1, c=1.1); fit",
         "slow = FitByHand(looped, x, y, a=1.1, b=1.1, c=1.1); slow", """
@interact(a=(-5., 5.), b=(-5., 5.), c=(-5., 5.))
def fitted(a=1.1, b=1.1, c=1.1):
    line = torch.linspace(-2.1, 2.1, 100)
    plt.scatter(x, y); plt.plot(line, mk_quad(a, b, c)(line)); plt.ylim(-3, 13)
    plt.title(f"loss {mse(mk_quad(a, b, c)(x), y):.2f}"); plt.show()"""]

# A slider and a path and nothing else: what no explorer can be faster than, on a page or in a cell of JupyterLab.
ONLY = """<div class="nnf-explorer" data-explorer="bare"><div data-param="a">
<input type="range" min="-5" max="5" step="0.1" value="1"></div>
<svg class="nnf-plot" width="500" height="300"><path class="nnf-curve" fill="none" stroke="blue"></svg></div>"""
DRAW = """
const range = el.querySelector('input'), path = el.querySelector('path');
let frame = 0;
const draw = () => {
  let d = '';
  frame = 0;
  for (let i = 0; i < 200; i++) {
    const x = i / 100 - 1;
    d += `${i ? 'L' : 'M'}${(250 + 250*x).toFixed(2)} ${(150 - 30*range.valueAsNumber*x*x).toFixed(2)}`;
  }
  path.setAttribute('d', d);
};
range.addEventListener('input', () => { frame ||= requestAnimationFrame(draw); });
el.addEventListener('keydown', (e) => e.stopPropagation()); // JupyterLab has uses of its own for arrows
"""
BARE = f"<!doctype html><body>{ONLY}<script>const el = document.body;{DRAW}</script>"
BARE_CELL = f"""
import anywidget
class Bare(anywidget.AnyWidget):
    _esm = {f"export default {{ render({{ el }}) {{ el.innerHTML = `{ONLY}`; {DRAW} }} }}"!r}
Bare()"""
CELLS.append(BARE_CELL)

# Remembers when keys and moves came and when what they changed was on the screen: a message sent within a frame arrives
# once that frame is painted. It asks for a frame of its own only after a change outside of one: a page that draws all
# the time makes each key wait for the next beat of the screen.
WATCH = """
window.bench = { keys: [], inputs: [], paints: [] };
addEventListener('keydown', (e) => bench.keys.push(e.timeStamp), true);
addEventListener('input', (e) => bench.inputs.push([performance.now(), e.target.value]), true);
const channel = new MessageChannel();
let inFrame = false, sent = false;
channel.port1.onmessage = (e) => {
  inFrame = false;
  if (!e.data) return;
  sent = false;
  bench.paints.push([performance.now(), bench.path ? bench.path.getAttribute('d') : '']);
};
const raf = window.requestAnimationFrame.bind(window);
window.requestAnimationFrame = (f) => raf((t) => {
  if (!inFrame) { inFrame = true; channel.port2.postMessage(false); }
  f(t);
});
const changed = () => {
  if (sent) return;
  sent = true;
  if (inFrame) channel.port2.postMessage(true);
  else raf(() => channel.port2.postMessage(true));
};
window.benchWatch = (root) => {
  Object.assign(bench, { keys: [], inputs: [], paints: [], path: root.querySelector('path.nnf-curve') });
  bench.observer?.disconnect();
  bench.observer = new MutationObserver((changes) => {
    for (const c of changes) {
      const name = c.attributeName;
      if (name && c.target.closest('.nnf-plot') && c.oldValue !== c.target.getAttribute(name)) changed();
      if (c.type === 'characterData' && c.target.parentElement.closest('.nnf-num')) changed();
      for (const n of c.addedNodes) {
        const image = n.nodeName === 'IMG' ? n : n.querySelector?.('img');
        if (image) image.decode().then(changed, () => 0);
      }
    }
  });
  const all = { subtree: true, childList: true, characterData: true, attributes: true, attributeOldValue: true };
  bench.observer.observe(root, { ...all, attributeFilter: ['d', 'transform'] });
};
"""


def throttle(page, rate):
    "Slow the page's processor down, for as long as the page is open."
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", dict(rate=rate))


def key_to_paint(page, root, slider, presses):
    "Milliseconds from each key press on a slider, or in a cell, to the paint of what it changed."
    from lab import until
    root.evaluate("(root) => benchWatch(root)")
    slider.scroll_into_view_if_needed()
    slider.focus()
    times, rng = [], random.Random(0)
    there, back = ("ArrowUp", "ArrowDown") if slider.get_attribute("type") == "number" else ("ArrowRight", "ArrowLeft")
    for i in range(presses + 3):
        page.evaluate("() => { bench.keys = []; bench.paints = []; }")
        page.keyboard.press(there if i % 10 < 5 else back)
        page.wait_for_timeout(100)  # asking is work for the page too: leave it alone while it draws
        until(lambda: page.evaluate("bench.paints.length > 0"), 20, "the slider changed nothing")
        # Come to rest (messages to the kernel, a second picture), and press at any moment of a frame, as a hand does
        page.wait_for_timeout(500 + 1000/60*rng.random())
        times.append(page.evaluate("bench.paints[0][0] - bench.keys[0]"))
    return times[3:]


def drag(page, root, slider, moves=200):
    """Drag a thumb; gives (changes of the slider, changes of the curve that were painted, ms from the last change to
    its paint, moves a second)."""
    root.evaluate("(root) => benchWatch(root)")
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    middle, top = box["x"] + box["width"]/2, box["y"] + box["height"]/2
    page.mouse.move(middle, top)
    page.mouse.down()
    page.wait_for_timeout(200)
    page.evaluate("() => { bench.inputs = []; bench.paints = []; }")
    async def send():
        "Every sixtieth of a second, whether the page keeps up or not: `page.mouse.move` waits until it has handled it."
        sent, start = [], time.perf_counter()
        for i in range(moves):
            await asyncio.sleep(max(0, start + i/60 - time.perf_counter()))
            there = abs((i % 100) - 50)/50*2 - 1  # to one end and back, twice
            sent.append(asyncio.ensure_future(page.mouse._impl_obj.move(middle + there*box["width"]*0.42, top, 1)))
        took = time.perf_counter() - start
        await asyncio.gather(*sent)
        return took
    took = page._sync(send())
    page.wait_for_timeout(600)
    page.mouse.up()
    inputs, paints = page.evaluate("[bench.inputs, bench.paints]")
    changes = [inputs[0], *(b for a, b in zip(inputs, inputs[1:], strict=False) if a[1] != b[1])]
    drawn = [d for i, (_, d) in enumerate(paints) if not i or paints[i - 1][1] != d]
    right = next(t for t, d in paints if t >= changes[-1][0] and d == paints[-1][1])
    return len(changes), len(drawn), right - changes[-1][0], moves/took


def quad(a, b, c, x): return a*x**2 + b*x + c
def two_relus(x, y, w1, w2): return (((x @ w1).relu() + (x @ w2).relu() - y)**2).mean()


def explorers():
    "(what it is, an explorer, its slider or field) of each explorer whose numbers keys can move."
    import torch

    from neuralnet_foundations.explorers import DescentExplorer, FitByHand, ReluBuilder, SheetExplorer
    x = torch.linspace(-2, 2, 20, dtype=torch.float64)
    y = 3*x**2 + 2*x + 1 + torch.sin(5*x)
    fit = lambda x, y: FitByHand(quad, x, y, a=1.1, b=1.1, c=1.1)
    many = torch.linspace(-2, 2, 10_000, dtype=torch.float64)
    descent = lambda *vary: DescentExplorer(quad, x, y, vary=vary, a=1.1, b=1.1, c=1.1)
    rows = torch.rand(712, 10, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    ws = dict(w1=torch.full((10,), 0.1).double(), w2=torch.linspace(-0.1, 0.2, 10).double())
    sheet = SheetExplorer(two_relus, x=rows, y=rows[:, 0], **ws)
    row, relus = '[data-param="{}"] input[type=range]'.format, ReluBuilder(n=4)
    return [("FitByHand", fit(x, y), row("a")), ("FitByHand, 10,000 points", fit(many, 3*many**2), row("a")),
            ("DescentExplorer, map: start", descent("a", "b"), row("a")),
            ("DescentExplorer, map: held still", descent("a", "b"), row("c")),
            ("DescentExplorer, map: learning rate", descent("a", "b"), '[data-action="lr-slider"]'),
            ("DescentExplorer, curve: start", descent("a"), row("a")), ("ReluBuilder, w", relus, row("w")),
            ("ReluBuilder, constant", relus, row("c")), ("ReluBuilder, number of ReLUs", relus, row("n")),
            ("SheetExplorer, 712 rows, 10 inputs", sheet, '[data-param="w1[0]"] input')]


def on_the_site(chromium, presses):
    "{what: (ms, ms on a slow machine)} of a bare page and of each explorer on a page of the site."
    from lab import explorer_page
    bare = chromium.new_context(viewport=dict(width=1000, height=800)).new_page()
    bare.add_init_script(WATCH)
    bare.route("**/*", lambda route: route.fulfill(body=BARE, content_type="text/html"))
    bare.goto("http://course.test/")
    out = {"one slider and one path": both(bare, '[data-param="a"] input', presses)}
    bare.context.close()
    for name, widget, slider in explorers():
        page = explorer_page(chromium, ROOT, [widget], init=WATCH, width=1000)
        out[name] = both(page, slider, presses)
        page.context.close()
    return out


def both(page, slider, presses):
    "Medians of a slider: (as fast as this machine is, on a slow one)."
    root = page.locator(".nnf-explorer")
    page.wait_for_timeout(500)
    out = []
    for rate in (1, SLOW):
        throttle(page, rate)
        out.append(median(key_to_paint(page, root, root.locator(slider), presses)))
    return tuple(out)


def in_jupyterlab(chromium, tmp, presses):
    "Medians of JupyterLab's four sliders, three on a slow machine too; what a drag was; the loss in page and kernel."
    from lab import LabServer
    lab, times = LabServer(chromium, ROOT/"nbs", Path(tmp)), {}
    try:
        nb = lab.open(CELLS, init=WATCH, height=1400)
        nb.run_all()
        for name, i in (("bare", 4), ("page", 1), ("kernel", 2), ("interact", 3)):
            root = nb.cell(i)
            handle = ".noUi-handle" if name == "interact" else '[data-param="a"] input[type=range]'
            slider = root.locator(handle).first
            slider.wait_for(state="visible", timeout=20_000)
            nb.page.wait_for_timeout(1000)
            times[name] = median(key_to_paint(nb.page, root, slider, presses))
            if name == "kernel": continue
            throttle(nb.page, SLOW)
            times[name, SLOW] = median(key_to_paint(nb.page, root, slider, presses))
            throttle(nb.page, 1)
        root = nb.cell(1)
        dragged = drag(nb.page, root, root.locator('[data-param="a"] input[type=range]'))
        shown = float(root.locator(".nnf-loss").text_content())
        nb.page.wait_for_timeout(500)
        kernel = nb.value("fit.loss")
        nb.close()
    finally: lab.close()
    return times, dragged, shown, kernel


def run(presses=40):
    sys.path.insert(0, str(ROOT/"tests"))
    import browser
    from lab import FLAGS
    path = browser.find()
    if not path:
        print("\nNo browser: the sliders cannot be measured. Install one with: python tests/browser.py")
        return 0
    from playwright.sync_api import sync_playwright
    with sync_playwright() as p, tempfile.TemporaryDirectory() as tmp:
        chromium = p.chromium.launch(executable_path=path, args=FLAGS)
        try:
            site = on_the_site(chromium, presses)
            times, (changes, drawn, late, rate), shown, kernel = in_jupyterlab(chromium, tmp, presses)
        finally: chromium.close()
    usual, slow = times["interact"], times["interact", SLOW]
    beside = f"@interact with matplotlib: {usual:.0f} ms"
    rows = [Row("one slider and one path", f"{times['bare']:.1f} ms", beside, times["bare"]/usual),
            Row("FitByHand, computed in the page", f"{times['page']:.1f} ms", beside, times["page"]/usual, 0.10),
            Row("FitByHand, curve from the kernel", f"{times['kernel']:.1f} ms", beside, times["kernel"]/usual),
            Row(f"one slider and one path, machine {SLOW} times slower", f"{times['bare', SLOW]:.1f} ms",
                f"@interact there: {slow:.0f} ms", times["bare", SLOW]/slow),
            Row(f"FitByHand, machine {SLOW} times slower", f"{times['page', SLOW]:.1f} ms",
                f"{ON_SLOW} ms", times["page", SLOW]/ON_SLOW, 1),
            Row(f"drag of 200 moves at {rate:.0f} a second", f"{drawn} drawn", f"changes of the slider: {changes}",
                drawn/changes, 0.5, least=True),
            Row("the last move, to its paint", f"{late:.1f} ms", "50 ms", late/50, 1),
            Row("loss after the drag, page and kernel", f"{shown:.5g}", f"kernel: {kernel:.5g}; relative gap",
                abs(shown/kernel - 1), 0.001)]
    missed = table("Sliders in JupyterLab: median key press to paint", rows)
    rows = [Row(name, f"{ms:.1f} ms", beside, ms/usual, 0.10) for name, (ms, _) in site.items()]
    missed += table("Sliders on the site: median key press to paint", rows)
    rows = [Row(name, f"{ms:.1f} ms", f"{ON_SLOW} ms; @interact there: {slow:.0f} ms", ms/ON_SLOW, 1)
            for name, (_, ms) in site.items()]
    return missed + table(f"The same on a machine {SLOW} times slower", rows)
