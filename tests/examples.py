"""The one list of explorers: a line for each, which feeds the tests that every explorer has to pass.

An example is code that makes one, here and in a notebook after `SETUP`; `drive` changes it by hand in the page; `slow`
names the trait that hears of that, which tests of slow kernels hold up; `kept` and `own` name, each with its reason, what
test_hands.py would take for faults."""
from collections.abc import Callable
from dataclasses import dataclass, field

SETUP = """import torch
from neuralnet_foundations.point_sets import circle
from neuralnet_foundations.explorers import *
def quad(a, b, c, x): return a*x**2 + b*x + c
x = torch.linspace(-1, 1, 20, dtype=torch.float64)
y = 3*x**2 + 2*x + 1
net = torch.nn.Sequential(torch.nn.Linear(784, 2), torch.nn.Softmax(dim=-1)).requires_grad_(False)
def relus_mse(w, b, x, y): return ((torch.relu(x*w + b).sum(1) - y)**2).mean()
small = torch.nn.Sequential(torch.nn.Linear(2, 4), torch.nn.Tanh(), torch.nn.Linear(4, 1)).requires_grad_(False)
for o in (net, small):
    for p in o.parameters(): p.copy_(torch.linspace(-1, 1, p.numel()).view(p.shape).sin())"""


@dataclass(frozen=True)
class Example:
    code: str  # An expression that makes the explorer
    drive: Callable  # What a hand does to it, given its root (Playwright's locator), again and again
    slow: str  # The trait that this changes
    kept: dict[str, str] = field(default_factory=dict)  # What Reset keeps: selectors, and why
    own: dict[str, str] = field(default_factory=dict)  # Controls that are a view's own affair: selectors, and why

    @property
    def name(self): return self.code.partition("(")[0]

    def make(self):
        "One such explorer, in this process."
        names = {}
        exec(SETUP, names)
        return eval(self.code, names)


def press(action): return lambda root: root.locator(f'[data-action="{action}"]').click()


def slide(param): return lambda root: root.locator(f'[data-param="{param}"] input[type=range]').press("ArrowRight")


def nudge(root): return root.locator("[data-param] input").first.press("ArrowUp")


def turn(action): return lambda root: root.locator(f'[data-action="{action}-slider"]').press("ArrowRight")


def take(root):
    choices = root.locator("[data-choice]:not(:checked)")
    return (choices.first if choices.count() else root.locator('[data-action="hint"]')).click()


def stroke(root):
    "A stroke of the mouse, lower each time."
    pad, mouse, n = root.locator(".nnf-pad"), root.page.mouse, root.locator(".nnf-stroke").count()
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    at = lambda x, y: (box["x"] + x*box["width"], box["y"] + y*box["height"])
    mouse.move(*at(0.2, 0.1 + 0.05*n))
    mouse.down()
    mouse.move(*at(0.8, 0.15 + 0.05*n), steps=4)
    mouse.up()


EXAMPLES = [
    Example("FitByHand(quad, x, y, lr=1e-4)", slide("a"), "params",
            kept={".nnf-best-row": "the best so far outlives Reset"}),
    Example("BroadcastExplorer((4, 1), (3,))", press("reveal"), "revealed"),
    Example("DrawDigit(net, labels='37')", stroke, "strokes"),
    Example("DescentExplorer(quad, x, y, lr=1e-4)", press("step"), "state"),
    Example("ReluBuilder()", press("step"), "state"),
    Example("LoopStepper()", press("step"), "loop",
            kept={".nnf-loop .nnf-strip, .nnf-loop .nnf-note": "the run before stays, dashed, to compare"},
            own={"[data-action=speed]": "how fast this view runs"}),
    Example("LogitsExplorer([2., 1., -1.], labels='abc')", press("step"), "logits",
            own={"[data-action=guess]": "a guess counts once it is checked",
                 "[data-action=constant]": "it counts once it is added"}),
    Example("FrontierExplorer()", turn("need"), "need"),
    Example("Quiz(['grey-pixel', 'own-step', 'seven-steps'])", take, "cards"),
    Example("SevenSteps(['initialise', 'predict', 'loss', 'step', 'gradient', 'repeat', 'stop'])", press("step"), "ran"),
    Example("SheetExplorer(relus_mse, x=x[:, None], y=y, w=torch.tensor([1., -1.]), b=torch.tensor([0., .5]))",
            nudge, "params"),
    Example("WhichRun()", slide("lr"), "lr"),
    Example("FitAnything()", slide("a"), "state", kept={".nnf-best-row": "the best so far outlives Reset"}),
    Example("NetPlayground(small, *circle(40), test_share=0.2)", press("step"), "state",
            own={"[data-action=set]": "which set this view has loaded",
                 "[data-action=adding]": "what a click in this view adds",
                 "[data-action^=noise]": "what this view loads a set with"}),
]
NAMES = [e.name for e in EXAMPLES]
