"""Formula: what it prints is run (JavaScript by Node and the page's own `compile`, Excel by the `formulas` package) and held against torch."""
import inspect
import json
import math
import os
import random
import shutil
import subprocess
import sys
from functools import partial
from xml.dom import minidom

import formulas
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from lab import ROOT

from neuralnet_foundations.formula import Formula, LossFormula, UnsupportedFormula

NODE = shutil.which("node")
KINKS = [0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -2.0, 3.0, 30.0, -30.0, 1000.0, -1000.0, 1e-3, -1e-3]

def quad(a, b, c, x): return a*x**2 + b*x + c
def rectified_linear(m, b, x): return torch.clip(m*x + b, 0.)
def double_relu(m1, b1, m2, b2, x): return rectified_linear(m1, b1, x) + rectified_linear(m2, b2, x)
def sigmoid(x): return 1/(1 + torch.exp(-x))
def with_default(a, x, b=2., up=True): return a*x + b if up else a*x - b
def keyword_only(a, *, x, b=0.5): return a*x.clamp(max=b)
def augmented(a, b, x):
    y = a*x
    y += b
    y -= 2*a
    y *= 0.5
    return y
class Curve:
    def __call__(self, a, x): return a*torch.sin(x)
    def method(self, a, x): return a*torch.cos(x)

CASES = {
    "quad": quad, "rectified_linear": rectified_linear, "double_relu": double_relu, "sigmoid by hand": sigmoid, "default": with_default,
    "keyword only": keyword_only, "augmented": augmented, "object": Curve(), "method": Curve().method, "module": torch.nn.Sigmoid(),
    "partial by place": partial(quad, 3, 2), "partial by name": partial(quad, c=1.5), "partial tensor": partial(quad, torch.tensor(2.5)),
    "variable not last": lambda x, a, b: a*x - b*x*x, "no x": lambda a, t: a/t, "constant": lambda a, x: a + 0*x + math.pi, "only x": lambda x: x,
    "arithmetic": lambda a, b, x: -(x**2)*-3 - (a - (x - 2))/-(b*x) - -a + (+b) - (a - b)*(x - 1)/(x + 1)/3*2,
    "right to left": lambda a, b, x: a - (b - (x - (a + 1))) + (x + (a - b)) * (a*(b*x)) / (a/(b/x)),
    "cancel": lambda a, x: (x + 1000.0) - 1000.0 + x/x*a - x/x,
    "numbers": lambda x: 0.1*x + 1e-7*x + 1e12*x - 123456789.125 + 3*x/7 - 1e22*x + 2**0.5,
    "tensor constant": lambda a, x: torch.tensor(0.25)*x + torch.maximum(x, torch.tensor(0.)) - a,
    "powers": lambda x: x**2 + x**3 - x**4/9 + (-x)**3 + (x - 1)**2 + x**1 + x**0 - x**2.0,
    "power of minus": lambda a, x: -x**2 + 2*-x**2 - (-x)**2 + (-a**2)*x + (2 - x**2) - (-(x**2)),
    "negative power": lambda x: x**-1 + x**-2 + 1/x**3,
    "real power": lambda x: x**0.5 + x**1.5, "root of square": lambda x: (x**2)**0.5 + (x**0.5)**2,
    "any power": lambda a, x: x**a, "power of number": lambda a, x: 2**x + 0.5**(a*x) + 1**x, "zero to a power": lambda a, x: torch.relu(x)**a,
    "torch.pow": lambda a, x: torch.pow(x, 3) + x.pow(2) + torch.pow(2, a) + torch.square(x) + x.square(),
    "abs": lambda a, x: abs(x) + torch.abs(a - x) + x.abs() - torch.absolute(x - 1), "sign": lambda a, x: torch.sign(x)*a + x.sign()*x,
    "exp": lambda a, x: torch.exp(a) + x.exp() - (-x**2).exp(), "log": lambda a, x: torch.log(x) + a.log() + torch.log(x**2),
    "log10": lambda a, x: torch.log10(x) * a.log10(), "sqrt": lambda a, x: torch.sqrt(x) + a.sqrt() + (x**2).sqrt(),
    "undone": lambda x: torch.exp(torch.log(x)) + torch.log(torch.exp(x)) + torch.sqrt(x)**2,
    "reciprocal": lambda x: torch.reciprocal(x) - x.reciprocal()**2,
    "sin cos tan": lambda a, x: torch.sin(a*x) + x.cos() - torch.tan(a) + x.sin()*a.cos() + torch.sin(-x),
    "tanh": lambda a, x: torch.tanh(a*x) + x.tanh() + F.tanh(a),
    "sigmoid": lambda a, x: torch.sigmoid(a*x) + x.sigmoid() + F.sigmoid(a) - torch.sigmoid(-x**2),
    "torch.special": lambda x: torch.special.expit(x), "relu": lambda a, b, x: torch.relu(a*x) + F.relu(b - x) + x.relu(),
    "leaky_relu": lambda a, x: F.leaky_relu(a*x) + F.leaky_relu(x, negative_slope=0.2), "nn.ReLU": lambda a, x: torch.nn.ReLU()(a*x),
    "clamp below": lambda x: x.clamp(0) + torch.clamp(x, min=1) + x.clip(min=-1.) + x.clamp_min(2),
    "clamp above": lambda x: x.clamp(max=1) - torch.clip(x, max=0.),
    "clamp both": lambda a, x: x.clamp(-1, 1) + torch.clamp(a*x, min=-2, max=2) + torch.clip(x, 0, 3), "clamp crossed": lambda x: x.clamp(2, -1),
    "clamp by parameters": lambda a, b, x: x.clamp(a, b) + torch.clamp(x, min=a) + torch.clamp(x, max=b),
    "maximum": lambda a, x: torch.maximum(a, x) + torch.max(x, -x) + x.maximum(a*x),
    "minimum": lambda a, x: torch.minimum(a, x) - torch.min(x, a*x) + a.minimum(x),
    "where": lambda a, x: torch.where(x > a, x**2, a*x) + torch.where(x <= 0, 0., 1.)*x, "x.where": lambda a, x: x.where(x < a, -x),
    "where equal": lambda x: torch.where(x == 1, 3*x, x*x) + torch.where(x != 2, x, 0),
    "where nested": lambda a, x: torch.where(x < 0, torch.where(x < a, a, x), 2*x),
    "where not taken": lambda x: torch.where(x > 0, x*torch.log(x), 0.), "indicator": lambda a, x: (x > a)*x + (x >= 1)*1.0 - (x < 0).float()*a,
    "logic": lambda a, x: torch.where((x > -1) & (x < a), x, -x) + torch.where((x < -2) | ~(x <= 2), 1., x) + torch.logical_and(x > 0, x < 1)*x,
    "comparison alone": lambda a, x: x >= a, "numpy numbers": lambda x: np.float64(2.5)*x + x*np.float32(0.1) - np.float64(1)/x,
    "whole floats": lambda a, x: -1.0*a*x - 2.0*-a + x**3.0,
    "more reserved": lambda self, torch, math, inf, nan, device, float, x: self*torch + math*inf - nan*device + float*x,
    "loop": lambda a, x: sum([a**i*x for i in range(3)]), "reflected": lambda a, x: 1 - x + 2*(3/x) + (1 < x)*a,
    "activations": lambda x: x*torch.sigmoid(x) + F.relu(x)**2,
    "torch.add": lambda a, x: torch.add(a, x, alpha=3) - torch.sub(a, x) * torch.mul(a, x) + torch.div(a, x) + torch.neg(x).add(a).mul(2).div(3).sub(1),
    "names": lambda E, I, S, pi, new, lamda, N, θ, Math, x: E*x + I - S*pi + new*lamda/2 + N*θ - Math,
    "more names": lambda eval, x_1, arguments, w1, let, x: eval*x_1 + arguments*w1 - let*x,
    "blocked infinities": lambda a, x: torch.sqrt(torch.relu(x)) + torch.log(x.clamp(min=0)) + torch.where(x > a, x, 0)**-0.5,
    "deep": lambda w, b, x: torch.tanh(w*torch.relu(w*torch.sigmoid(w*x + b) + b) + b),
}

def rows(formula, n=24, seed=1):
    "Random values, kinks and ties for every name of a formula."
    r = random.Random(seed)
    out = [{name: r.choice([r.gauss(0, 1), r.uniform(-5, 5)]) for name in formula.names} for _ in range(n)]
    for k in KINKS:
        out.append({name: k if name == formula.variable else r.choice([-2., -1., 0., .5, 1., 2.]) for name in formula.names})
        out.append(dict.fromkeys(formula.names, k))
    return out

def torch_values(f, formula, points):
    "f and autograd's slope for each name, at each point."
    leaves = {n: torch.tensor([p[n] for p in points], dtype=torch.float64, requires_grad=True) for n in formula.names}
    parameters = inspect.signature(formula).parameters
    by_place = [n for n in formula.names if parameters[n].kind == inspect.Parameter.POSITIONAL_ONLY]
    out = f(*(leaves[n] for n in by_place), **{n: v for n, v in leaves.items() if n not in by_place}) * torch.ones(len(points), dtype=torch.float64)
    slopes = torch.autograd.grad(out.sum(), list(leaves.values()), allow_unused=True) if out.requires_grad else [None]*len(leaves)
    return out.detach(), {n: torch.zeros_like(out).detach() if g is None else g for n, g in zip(leaves, slopes, strict=True)}

def close(got, want, rel=1e-9):
    if math.isnan(want) or math.isnan(got): return math.isnan(want) and math.isnan(got)
    return got == want or math.isclose(got, want, rel_tol=rel, abs_tol=1e-12)

RUNNER = """
import { compile } from "%s";
let text = "";
for await (const chunk of process.stdin) text += chunk;
const out = JSON.parse(text).map(({ code, names, points }) => {
  try { const f = compile(code, names); return points.map((p) => String(+f(...p.map(Number)))); } catch (e) { return String(e); }
});
process.stdout.write(JSON.stringify(out));
"""

@pytest.fixture(scope="module")
def node(tmp_path_factory):
    "Runs a list of {code, names, points} through the page's own `compile` in one Node process."
    if NODE is None: (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)("Node is not installed: `make test` brings its own")
    folder = tmp_path_factory.mktemp("node")
    shutil.copy(ROOT/"neuralnet_foundations/static/shared/arithmetic.js", folder/"explorer.mjs")
    (folder/"run.mjs").write_text(RUNNER % "./explorer.mjs", encoding="utf-8")
    def run(jobs):
        done = subprocess.run([NODE, str(folder/"run.mjs")], input=json.dumps(jobs), capture_output=True, text=True, encoding="utf-8", timeout=120)
        assert done.returncode == 0, done.stderr
        return [[float(v) for v in o] if isinstance(o, list) else o for o in json.loads(done.stdout)]
    return run

def job(formula, points):
    names = formula.javascript_names
    return dict(code=formula.javascript(), names=list(names.values()), points=[[repr(p[n]) for n in names] for p in points])

def test_javascript_and_its_derivatives_equal_torch_and_autograd(node):
    jobs, wanted = [], []
    for label, f in CASES.items():
        q = Formula(f)
        points = rows(q)
        value, slopes = torch_values(f, q, points)
        for what, formula, want in [("value", q, value), *((n, q.gradient(n), slopes[n]) for n in q.names)]:
            jobs.append(job(formula, points))
            wanted.append((label, what, formula, points, want.tolist()))
    wrong = []
    for (label, what, formula, points, want), got in zip(wanted, node(jobs), strict=True):
        if isinstance(got, str): wrong.append(f"{label}, {what}: {formula.javascript()} -> {got}"); continue
        differ = [(p, g, w) for p, g, w in zip(points, got, want, strict=True) if not close(g, w)]
        wrong += [f"{label}, {what}: {formula.javascript()} at {p}: {g} instead of {w}" for p, g, w in differ[:2]]
    assert not wrong, f"{len(wrong)} differences\n" + "\n".join(wrong[:40])
    assert len(jobs) > 150

EXCEL_HAS_NO_INFINITY = ("right to left", "undone")  # torch passes through 1/0 or log(0) there and comes back; a cell shows #DIV/0! or #NUM!

@pytest.mark.parametrize("label", CASES)
def test_excel_equals_torch(label):
    q = Formula(CASES[label])
    points = rows(q, 8)
    cells = {n: f"B{i}" for i, n in enumerate(q.names, 2)}
    for formula, want in [(q, torch_values(q.f, q, points)[0]), *((q.gradient(n), torch_values(q.f, q, points)[1][n]) for n in q.names)]:
        text = formula.excel(cells)
        sheet = formulas.Parser().ast(text)[1].compile()
        for p, w in zip(points, want.tolist(), strict=True):
            if not math.isfinite(w) or abs(w) > 1e300: continue  # Excel has no infinity and no NaN, only errors
            by_cell = {cells[n]: v for n, v in p.items()}
            got = np.asarray(sheet(*(by_cell[c] for c in sheet.inputs))).item()
            if isinstance(got, str) and label in EXCEL_HAS_NO_INFINITY: continue
            assert isinstance(got, (int, float)) and close(got, w), f"{text} at {p} is {got!r}, not {w}"

@pytest.mark.parametrize("label", CASES)
def test_called_derivative_is_autograds(label):
    q = Formula(CASES[label])
    points = rows(q, 8)
    value, slopes = torch_values(q.f, q, points)
    by_place = [n for n in q.names if inspect.signature(q).parameters[n].kind == inspect.Parameter.POSITIONAL_ONLY]
    given = {n: torch.tensor([p[n] for p in points], dtype=torch.float64) for n in q.names}
    for n in q.names:
        got = q.gradient(n)(*(given[o] for o in by_place), **{o: v for o, v in given.items() if o not in by_place})
        torch.testing.assert_close(got, slopes[n], equal_nan=True, rtol=0, atol=0)

@pytest.mark.parametrize("label", CASES)
def test_every_formula_can_be_read(label):
    q = Formula(CASES[label])
    for formula in [q, *(q.gradient(n) for n in q.names)]:
        latex = formula.latex()
        assert latex and latex.count("{") == latex.count("}") and latex.count(r"\left") == latex.count(r"\right")
        page = minidom.parseString(formula.mathml())
        assert {m.getAttribute("data-param") for m in page.getElementsByTagName("mi") if m.hasAttribute("data-param")} <= set(q.params)

REFUSED = {
    "if on a value": (lambda x: x if x > 0 else -x, "`if`.*torch.where"),
    "max of Python": (lambda x: max(x, 0), "torch.maximum"), "and": (lambda x: x > 0 and x < 1, "`if`"),
    "sum": (lambda a, x: (a*x).sum(), "`sum`.*combines many"),
    "mean": (lambda x: torch.mean(x), "`mean`.*combines many"), "max of one": (lambda x: x.max(), "`max`.*combines"),
    "softmax": (lambda x: F.softmax(x, dim=0), "`softmax`.*combines"),
    "matrix": (lambda a, x: a @ x, "`matmul`.*matrices"), "element": (lambda x: x[0], "`getitem`.*element"),
    "shape": (lambda x: x*x.shape[0], "`shape`"), "reshape": (lambda x: x.view(-1), "`view`.*shape"),
    "item": (lambda a, x: a.item()*x, "`item`.*leaves"),
    "random": (lambda x: x + torch.randn_like(x), "`randn_like`.*random"), "in place": (lambda x: x.clamp_(0), "`clamp_`.*in place"),
    "in place relu": (lambda x: F.relu(x, inplace=True), "changes its input"),
    "loop": (lambda x: sum(v for v in x), "one number"),
    "unknown function": (lambda x: torch.erf(x), "`erf`.*not in the table"), "modulo": (lambda x: x % 2, "`mod`.*not in the table"),
    "floor division": (lambda x: x//2, "`floordiv`"),
    "rounding": (lambda x: torch.div(x, 2, rounding_mode="floor"), "rounding_mode"), "math": (lambda x: math.exp(x), "`float`.*torch.exp"),
    "numpy": (lambda x: np.exp(x), "TypeError"), "length": (lambda x: len(x)*x, "`len`"),
    "rounded": (lambda x: round(x), "`round`"), "whole": (lambda x: int(x), "`int`"),
    "float": (lambda x: float(x), "`float`"), "big tensor": (lambda x: x*torch.ones(3), r"\(3,\)"),
    "tuple": (lambda x: (x, x), "returns tuple"), "nothing": (lambda x: None, "returns None"),
    "text": (lambda x: "x", "not a number"), "no parameter": (lambda: 1, "no variable"),
    "many": (lambda *xs: xs[0], r"\*xs"), "many names": (lambda x, **kw: x, r"\*kw"), "builtin": (torch.exp, "lambda"),
    "precision": (lambda x: x.float(), "precision"), "error": (lambda x: undefined*x, "NameError"),  # noqa: F821
    "matrix module": (torch.nn.Linear(1, 1), "`linear`|leaves|shape"), "odd call": (lambda x: torch.sin(x, out=None, what=1), "what")}

@pytest.mark.parametrize("label", REFUSED)
def test_what_cannot_be_a_formula_says_what_and_why(label):
    f, says = REFUSED[label]
    with pytest.raises(UnsupportedFormula, match=says) as e: Formula(f)
    assert isinstance(e.value, ValueError) and "%" not in str(e.value) and "Traceback" not in str(e.value)

def test_parameters_variable_and_defaults():
    q = Formula(quad)
    assert (q.params, q.variable, q.defaults) == (("a", "b", "c"), "x", {})
    assert (Formula(with_default).params, Formula(with_default).defaults) == (("a", "b"), {"b": 2.0})
    assert (Formula(lambda a, t: a*t).params, Formula(lambda a, t: a*t).variable) == (("a",), "t")
    assert Formula(partial(quad, 3, 2)).params == ("c",) and Formula(partial(quad, c=1)).params == ("a", "b") and Formula(partial(quad, 3, 2, 1)).params == ()
    assert Formula(Formula(quad)).javascript() == q.javascript()

def test_called_like_f():
    x = torch.linspace(-2, 2, 5)
    q = Formula(quad)
    assert torch.equal(q(3, 2, 1, x), quad(3, 2, 1, x)) and torch.equal(q(3, 2, c=1, x=x), quad(3, 2, 1, x)) and q(3, 2, 1, 2) == 17
    d = q.gradient("x")
    assert (d.params, d.variable) == (q.params, q.variable) and torch.equal(d(3., 2, 1, x), 6*x + 2) and torch.equal(d(3, 2, c=1, x=x), 6*x + 2)
    assert torch.equal(d.gradient("x")(3, 2, 1, x), torch.full((5,), 6.)) and d.gradient("x").javascript() == "2*a"
    assert q.gradient("a")(1, 1, 1, 3) == 9 and q.gradient("c")(1, 1, 1, x.double()).dtype == torch.float64
    a = torch.tensor(1.1, requires_grad=True)
    d(a, 2, 1, x).sum().backward()
    assert torch.allclose(a.grad, (2*x).sum())
    with torch.no_grad(): assert torch.equal(d(3, 2, 1, x), 6*x + 2)
    with pytest.raises(ValueError, match="'z' is not a parameter of quad; it has a, b, c, x"): q.gradient("z")

def test_latex_keeps_the_written_order_and_takes_values():
    q = Formula(quad)
    assert q.latex() == "a x^{2} + b x + c"
    assert q.latex(a=-1.5, b=2, c=-3) == "- 1.5 x^{2} + 2 x - 3" and q.latex(b=1e-9) == r"a x^{2} + 10^{-9} x + c"
    assert q.gradient("x").latex() == "2 a x + b" and q.gradient("a").latex() == "x^{2}"
    assert Formula(lambda c, b, x: c - x*b/2).latex() == r"c - \frac{x b}{2}" and Formula(sigmoid).latex() == r"\frac{1}{1 + e^{- x}}"
    named = Formula(lambda w1, alpha, b_init, x: w1*alpha*torch.relu(x) - (b_init - x))
    assert named.latex() == r"w_{1} \alpha \max\left(0, x\right) - \left(b_{\mathit{init}} - x\right)"
    assert Formula(lambda x: 2*3**x*4 - (-x)**2).latex() == r"2 \cdot 3^{x} \cdot 4 - \left(- x\right)^{2}"
    assert Formula(lambda x: torch.where(x > 0, x, 0.)).latex() == r"\begin{cases} x & \text{if } x > 0 \\ 0 & \text{otherwise} \end{cases}"
    with pytest.raises(ValueError, match="'d' is not a parameter"): q.latex(d=1)

def test_greek_names_in_any_spelling():
    assert Formula(lambda θ, theta_1, Alpha, Ω, lamda, x: θ*theta_1*Alpha*Ω*lamda*x).latex() == r"\theta \theta_{1} Α \Omega \lambda x"

def test_mathml_marks_each_parameter():
    page = minidom.parseString(Formula(lambda a, w1, x: a*x**2 + w1/x).mathml())
    marked = [(m.getAttribute("data-param"), m.firstChild.data) for m in page.getElementsByTagName("mi") if m.hasAttribute("data-param")]
    assert marked == [("a", "a"), ("w1", "w₁")] and len(page.getElementsByTagName("mfrac")) == 1 and len(page.getElementsByTagName("msup")) == 1
    assert "data-param" not in Formula(quad).mathml(a=1, b=2, c=3)

def test_names_that_javascript_reserves_are_renamed():
    q = Formula(CASES["names"])
    names = q.javascript_names
    assert list(names) == list(q.names) and len(set(names.values())) == len(names)
    assert names["E"] == "E" and names["θ"] == "theta" and names["new"] != "new" and names["Math"] != "Math"
    assert all(n.isascii() and n.isidentifier() for n in names.values())
    clash = Formula(lambda new, new_, α, alpha, x: new*new_ + α*alpha*x).javascript_names
    assert len(set(clash.values())) == 5 and clash["new_"] == "new_" and clash["alpha"] == "alpha"

@pytest.mark.parametrize("cells", [{"a": "B2"}, {}])
def test_excel_names_what_is_missing(cells):
    with pytest.raises(ValueError, match="no cell for .*b, c, x"): Formula(quad).excel(cells)

@pytest.mark.parametrize("cell", ["B2+1", "=B2", "B2:B3", "B2)", 'HYPERLINK("http://x")', "", "B 2", "1", 3, None,
                                  "A1!B2!C3", "'a'b'!C1", "B2\n", "cmd|'/c calc'!A1"])
def test_excel_takes_cells_only(cell):
    with pytest.raises(ValueError, match="is not a cell"): Formula(quad).excel({"a": cell, "b": "B1", "c": "B3", "x": "A1"})

def test_excel_cells_and_precedence():
    cells = {"a": "$B$1", "b": "Sheet1!C2", "c": "'My sheet'!$D3", "x": "speed"}
    assert Formula(quad).excel(cells) == "=$B$1*speed^2+Sheet1!C2*speed+'My sheet'!$D3"
    assert Formula(lambda x: -x**2).excel({"x": "A1"}) == "=-1*A1^2"  # -A1^2 would be (-A1)^2 in Excel
    assert Formula(quad).gradient("c").excel({}) == "=1"
    with pytest.raises(ValueError, match="'z' is not a parameter"): Formula(quad).excel({**cells, "z": "A1"})

def test_nothing_but_arithmetic_reaches_the_page(node):
    "Names come from Python's own identifiers; a forged signature, a hostile value or SymPy's parser cannot smuggle code in."
    hostile = ["constructor", "__proto__", "eval", "Function", "process", "require", "globalThis", "alert", "arguments", "fetch", "Infinity", "NaN"]
    jobs = []
    for name in hostile:
        def f(name=name, **kw): return kw[name]*kw["x"]
        f.__signature__ = inspect.Signature([inspect.Parameter(n, inspect.Parameter.KEYWORD_ONLY) for n in (name, "x")])
        jobs.append(job(Formula(f), [{name: 2.0, "x": 3.0}]))
    assert node(jobs) == [[6.0]]*len(hostile)
    evil = "process.exit(1)"
    assert node([dict(code=evil, names=["x"], points=[["1"]])])[0].startswith("Error: unknown name")
    class Evil(float):
        def __repr__(self): return evil
    two = Evil(2.0)
    q = Formula(lambda x, k=two: x*k)
    assert evil not in q.javascript() and evil not in Formula(lambda x: x*two).javascript() and evil not in q.latex(k=Evil(3.0))

LOSSES = {
    "mse": lambda p, t: ((p - t)**2).mean(), "mae": lambda p, t: torch.abs(p - t).mean(),
    "sum": lambda p, t: torch.sum((p - t)**2), "F.mse_loss": F.mse_loss, "F.l1_loss": F.l1_loss,
    "module": torch.nn.MSELoss(), "module sum": torch.nn.L1Loss(reduction="sum"),
    "partial": partial(F.mse_loss, reduction="sum"), "none then mean": lambda p, t: F.l1_loss(p, t, reduction="none").mean(),
    "mnist": lambda p, t: torch.where(t == 1, 1 - p.sigmoid(), p.sigmoid()).mean(),
    "huber": lambda p, t, d=1.0: torch.where((p-t).abs() < d, (p-t)**2/2, d*((p-t).abs() - d/2)).mean(),
    "one-sided": lambda preds, targs: torch.mean(F.relu(preds - targs)*2)}

@pytest.mark.parametrize("label", LOSSES)
def test_losses_run_in_the_page(label, node):
    loss = LossFormula(LOSSES[label])
    r = random.Random(2)
    pairs = [(-3., 1.), (-2., 0.), (-1., 1.), (0., 0.), (1., 0.), (2., 2.), (3., 3.)]
    pairs += [(r.gauss(0, 2), r.choice([0., 1., r.gauss(0, 2)])) for _ in range(20)]
    p, t = torch.tensor(pairs, dtype=torch.float64).T
    p.requires_grad_()
    want = loss(p, t)
    want.backward()
    points = [[repr(a), repr(b)] for a, b in pairs]
    each, slopes = node([dict(code=code, names=["pred", "target"], points=points) for code in (loss.javascript(), loss.gradient_javascript())])
    n = len(pairs) if loss.reduction == "mean" else 1
    assert close(sum(each)/n, want.item())
    assert all(close(s/n, g) for s, g in zip(slopes, p.grad.tolist(), strict=True))
    assert loss.latex().startswith(r"\frac{1}{n} \sum" if loss.reduction == "mean" else r"\sum") and r"\hat{y}_{i}" in loss.latex()

@pytest.mark.parametrize(("loss", "says"), [
    (lambda p, t: ((p - t)**2).mean().sqrt(), "`sqrt`.*after the mean"),
    (lambda p, t: (p - t)**2, "does not end in a mean"), (lambda p, t: ((p - t)**2).mean(0), "`mean`"),
    (lambda p, t: (p - p.mean() - t).abs().mean(), "after the mean"), (F.cross_entropy, "`cross_entropy`"), (lambda p: p.mean(), "predictions and targets"),
    (lambda p, t, w: (w*(p - t)).mean(), "predictions and targets"), (lambda p, t: max(p - t, 0).mean(), "`if`"),
    (partial(F.mse_loss, weight=torch.ones(1)), "weight|reduction")])
def test_other_losses_are_refused(loss, says):
    with pytest.raises(UnsupportedFormula, match=says): LossFormula(loss)

def test_import_brings_no_fastai():
    code = "import sys, neuralnet_foundations.formula; print('fastai' in sys.modules, 'matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split() == ["False", "False"]
