"From key press to paint in a real JupyterLab: FitByHand computed in the page and by the kernel, beside `@interact` with matplotlib."
import asyncio
import random
import sys
import tempfile
import time
from pathlib import Path

from common import Row, median, table

ROOT = Path(__file__).resolve().parent.parent

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
CELLS = [SETUP, "fit = FitByHand(quad, x, y, a=1.1, b=1.1, c=1.1); fit", "slow = FitByHand(looped, x, y, a=1.1, b=1.1, c=1.1); slow", """
@interact(a=(-5., 5.), b=(-5., 5.), c=(-5., 5.))
def fitted(a=1.1, b=1.1, c=1.1):
    line = torch.linspace(-2.1, 2.1, 100)
    plt.scatter(x, y); plt.plot(line, mk_quad(a, b, c)(line)); plt.ylim(-3, 13)
    plt.title(f"loss {mse(mk_quad(a, b, c)(x), y):.2f}"); plt.show()"""]

# Remembers when keys and moves came and when what they changed was on the screen: a message sent within a frame arrives once that frame is painted.
# It asks for a frame of its own only after a change outside of one: a page that draws all the time makes each key wait for the next beat of the screen.
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
window.requestAnimationFrame = (f) => raf((t) => { if (!inFrame) { inFrame = true; channel.port2.postMessage(false); } f(t); });
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
      if (c.target.classList?.contains('nnf-curve') && c.oldValue !== c.target.getAttribute('d')) changed();
      for (const n of c.addedNodes) {
        const image = n.nodeName === 'IMG' ? n : n.querySelector?.('img');
        if (image) image.decode().then(changed, () => 0);
      }
    }
  });
  bench.observer.observe(root, { subtree: true, childList: true, attributes: true, attributeOldValue: true, attributeFilter: ['d'] });
};
"""


def key_to_paint(page, root, slider, presses):
    "Milliseconds from each key press on a slider to the paint of what it changed."
    from lab import until
    root.evaluate("(root) => benchWatch(root)")
    slider.scroll_into_view_if_needed()
    slider.focus()
    times, rng = [], random.Random(0)
    for i in range(presses + 3):
        page.evaluate("() => { bench.keys = []; bench.paints = []; }")
        page.keyboard.press("ArrowRight" if i % 10 < 5 else "ArrowLeft")
        until(lambda: page.evaluate("bench.paints.length > 0"), 10, "the slider changed nothing", every=0.01)
        # Come to rest (messages to the kernel, a second picture), and press at any moment of a frame, as a hand does
        page.wait_for_timeout(150 + 1000/60*rng.random())
        times.append(page.evaluate("bench.paints[0][0] - bench.keys[0]"))
    return times[3:]


def drag(page, root, slider, moves=200):
    "Drag a thumb; gives (changes of the slider, changes of the curve that were painted, ms from the last change to its paint)."
    root.evaluate("(root) => benchWatch(root)")
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    middle, top = box["x"] + box["width"]/2, box["y"] + box["height"]/2
    page.mouse.move(middle, top)
    page.mouse.down()
    page.wait_for_timeout(200)
    page.evaluate("() => { bench.inputs = []; bench.paints = []; }")
    async def send():
        "Every sixtieth of a second, whether the page keeps up or not: the public `page.mouse.move` waits until the page has handled it."
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


def run(presses=40):
    sys.path.insert(0, str(ROOT/"tests"))
    import browser
    from lab import FLAGS, LabServer
    path = browser.find()
    if not path: print("\nNo browser: the sliders cannot be measured. Install one with: python tests/browser.py"); return 0
    from playwright.sync_api import sync_playwright
    with sync_playwright() as p, tempfile.TemporaryDirectory() as tmp:
        chromium = p.chromium.launch(executable_path=path, args=FLAGS)
        lab = LabServer(chromium, ROOT/"nbs", Path(tmp))
        try:
            nb = lab.open(CELLS, init=WATCH, height=1400)
            nb.run_all()
            page, times = nb.page, {}
            for name, i in (("page", 1), ("kernel", 2), ("interact", 3)):
                root = nb.cell(i)
                slider = root.locator(".noUi-handle").first if name == "interact" else root.locator('[data-param="a"] input[type=range]')
                slider.wait_for(state="visible", timeout=20_000)
                page.wait_for_timeout(1000)
                times[name] = median(key_to_paint(page, root, slider, presses))
            root = nb.cell(1)
            changes, drawn, late, rate = drag(page, root, root.locator('[data-param="a"] input[type=range]'))
            shown = float(root.locator(".nnf-loss").text_content())
            page.wait_for_timeout(500)
            kernel = nb.value("fit.loss")
            nb.close()
        finally:
            lab.close()
            chromium.close()
    usual = times["interact"]
    rows = [Row("FitByHand, computed in the page", f"{times['page']:.1f} ms", f"@interact with matplotlib: {usual:.0f} ms", times["page"]/usual, 0.10),
            Row("FitByHand, curve from the kernel", f"{times['kernel']:.1f} ms", f"@interact with matplotlib: {usual:.0f} ms", times["kernel"]/usual),
            Row(f"drag of 200 moves at {rate:.0f} a second", f"{drawn} drawn", f"changes of the slider: {changes}", drawn/changes, 0.5, least=True),
            Row("the last move, to its paint", f"{late:.1f} ms", "50 ms", late/50, 1),
            Row("loss after the drag, page and kernel", f"{shown:.5g}", f"kernel: {kernel:.5g}; relative gap", abs(shown/kernel - 1), 0.001)]
    return table("Sliders in JupyterLab: median key press to paint", rows)
