"Cells asleep behind a ReLU: those whose gradients are all 0 by torch's autograd, and no others."
import pytest
import torch
import torch.nn.functional as F
from lab import ROOT

from neuralnet_foundations.sheets import Sheet, double_precision

G = torch.Generator().manual_seed(3)


def drawn(*shape): return torch.randn(shape, generator=G, dtype=torch.float64)


X, Y, LABELS = drawn(7, 3), drawn(7), torch.tensor([0, 1, 1, 0, 1, 0, 0])
W1, B1, W2, V = drawn(3, 4), drawn(4), drawn(4, 2), drawn(3)


def two_layers(w1, b1, w2, x): return torch.relu(torch.relu(x @ w1 + b1) @ w2).sum()
def homemade(v, x): return torch.where(x @ v > 0, x @ v, 0.).sum()
def product(v, x, w2): return (torch.relu(x @ v)[:, None]*w2[0]).mean()
def shifted(v, x): return ((torch.relu(x @ v) + 1)*v[0]).sum()


CASES = {
    "two layers": (two_layers, dict(w1=W1, b1=B1, w2=W2, x=X)),
    "all asleep": (two_layers, dict(w1=W1, b1=B1 - 100, w2=W2, x=X)),
    "two lines": (lambda v, x, y: ((torch.relu(x @ v) - y)**2).mean(), dict(v=V, x=X, y=Y)),
    "at 0 exactly": (lambda b, y: torch.relu(b + y).sum(), dict(b=torch.tensor(1.), y=torch.tensor([-2., -1., 0., 3.]))),
    "by where": (homemade, dict(v=V, x=X)), "by clamp": (lambda v, x: (x @ v).clamp(min=0).sum(), dict(v=V, x=X)),
    "by maximum": (lambda v, x, y: torch.maximum(x @ v, y).sum(), dict(v=V, x=X, y=Y)),
    "a hat": (lambda v, x: (x @ v).clamp(-.5, .5).sum(), dict(v=V, x=X)),
    "leaky": (lambda v, x: F.leaky_relu(x @ v).sum(), dict(v=V, x=X)),
    "a product with 0": (product, dict(v=V, x=X, w2=W2)), "not 0 behind it": (shifted, dict(v=V, x=X)),
    "the largest of each row": (lambda w1, x: torch.relu(x @ w1).amax(1).sum(), dict(w1=W1, x=X)),
    "turned and picked": (lambda w1, x, y: torch.relu(x @ w1).T[:2].T[range(7), y].mean(), dict(w1=W1, x=X, y=LABELS)),
    "rows picked": (lambda w1, x, y: torch.relu(x @ w1)[y].sum(), dict(w1=W1, x=X, y=LABELS)),
}


def unmoved(sheet):
    "{block: for each cell, is it worked out from parameters and moved by none?} by autograd."
    values, leaves = {}, {b: b.value.clone().requires_grad_() for b in sheet.parameters}
    with double_precision():
        for b in sheet.blocks.values():
            if b.role != "gradient": values[b] = b.recalculated(values) if b.expr else leaves.get(b, b.value)
    def moved(cell):
        slopes = torch.autograd.grad(cell, [*leaves.values()], retain_graph=True, materialize_grads=True)
        return any(g.any() for g in slopes)
    return {b.name: [not moved(cell) for cell in v.flatten()] for b, v in values.items()
            if b.expr and v.is_floating_point() and v.requires_grad}


RUNNER = """import {{ sleepersOf }} from "{static}/asleep.js";
import {{ openSheet }} from "{static}/sheet.js";
export function all(data) {{
  const sheet = openSheet(data), sleepers = sleepersOf(sheet);
  const each = (block) => Array.from(block.values, (_, k) => sleepers.at(block, k));
  return Object.fromEntries(sheet.blocks.map((block) => [block.name, each(block)]));
}}"""


@pytest.mark.parametrize("name", CASES)
def test_asleep_is_what_no_parameter_moves(js, tmp_path, name):
    f, given = CASES[name]
    sheet, runner = Sheet(f, **given), tmp_path/"asleep.mjs"
    runner.write_text(RUNNER.format(static=(ROOT/"neuralnet_foundations/static/maths").as_uri()), encoding="utf-8")
    found, want = js(runner, "all", sheet.for_page()), unmoved(sheet)
    assert {n: found[n] for n in want} == want
    assert not any(any(v) for n, v in found.items() if n not in want)
    assert any(any(v) for v in want.values()) != (name == "leaky")
