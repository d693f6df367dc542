"Python for what a page shows, run: it is the explorer of the page."
import numpy as np
import pytest
import torch
import torch.nn.functional as F

from neuralnet_foundations.explorers import DescentExplorer, FitByHand
from neuralnet_foundations.formula import Formula, LossFormula

MODULE = "maths/python.js"
X = np.linspace(0.1, 2, 40)
MSE = {"mse_loss": "", "l1_loss": "torch.nn.functional.l1_loss"}

FUNCTIONS = {
    "quad": lambda a, b, c, x: a*x**2 + b*x + c, "wave": lambda a, b, x: a*torch.sin(b*x),
    "growth": lambda a, k, x: a*torch.exp(k*x), "relus": lambda m, b, x: torch.relu(m*x + b) + torch.clip(x, 0.5),
    "other names": lambda α, w1, time: α/(1 + torch.exp(w1*time)), "power": lambda a, n, x: a*x**n,
    "options' names": lambda lr, loss, start, x: lr*x + loss - start,
}
LOSSES = {"mse": F.mse_loss, "mae": F.l1_loss, "own": lambda p, t: ((p - t)**4).sum()}


def told(cls, f, start, loss="mse", options=None, named=MSE, xs=X, ys=None):
    formula = Formula(f)
    page = LossFormula(LOSSES[loss]).for_page()
    ys = xs**2 if ys is None else ys
    return dict(cls=cls, f=formula.for_page(), loss=page, named=named, xs=xs, ys=ys, options=options or {}, start=start)


def run(text):
    "What Python makes of it."
    names = {}
    exec(text, names)
    return names


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_it_is_the_same_fit(js, name, loss):
    f, params = FUNCTIONS[name], Formula(FUNCTIONS[name]).params
    start = {n: 0.1 + 0.2*i for i, n in enumerate(params, 1)}
    text = js(MODULE, "pythonFor", told("FitByHand", f, start, loss))
    made = run(text)
    want = FitByHand(f, X, X**2, loss=LOSSES[loss], start=start)
    assert made["fit"].loss == pytest.approx(want.loss, rel=1e-12) and made["fit"].params == start
    assert made["fit"].gradient == pytest.approx(want.gradient, rel=1e-9)
    at = {n: torch.tensor(v, dtype=torch.float64) for n, v in start.items()}
    curve = js("maths/fit.js", "predict", Formula(f).for_page(), start, X)
    assert made["f"](*at.values(), made["x"]).tolist() == pytest.approx(np.asarray(curve).tolist(), rel=1e-12)
    assert max(map(len, text.splitlines())) < 120


def test_it_reads_as_a_user_writes(js):
    text = js(MODULE, "pythonFor", told("FitByHand", FUNCTIONS["quad"], dict(a=3, b=2, c=1), xs=np.array([0., 1, 2]),
                                        options=dict(xlabel='"t"', lr="0.01")))
    assert text == """import torch
from neuralnet_foundations.explorers import FitByHand

def f(a, b, c, x): return a*x**2 + b*x + c

x = torch.tensor([0, 1, 2], dtype=torch.float64)
y = torch.tensor([0, 1, 4], dtype=torch.float64)

fit = FitByHand(f, x, y, xlabel="t", lr=0.01, start=dict(a=3, b=2, c=1))
print(fit.loss)
fit
"""


@pytest.mark.parametrize("label", ["t", "say \"x\"", "a\\b", "line\nbreak", "ü – “x” </script>", "\u2028", "'''", "\\"])
def test_names_are_text(js, label):
    text = js(MODULE, "pythonFor", told("FitByHand", FUNCTIONS["quad"], dict(a=1, b=1, c=1),
                                        options=dict(xlabel=js(MODULE, "quoted", label))))
    assert run(text)["fit"].spec["xlabel"] == label


def test_numbers_come_whole(js):
    xs = np.array([0.1 + 0.2, 1e-300, -1e300, 1e21, 123456789.125, 0, -0.5])
    names = run(js(MODULE, "pythonFor", told("FitByHand", lambda a, x: a*x, dict(a=1/3), xs=xs, ys=xs)))
    assert names["x"].tolist() == xs.tolist() and names["fit"].params == {"a": 1/3}


def test_it_is_the_same_descent(js):
    options = dict(vary=js(MODULE, "tuple", ["b"]), lr="0.05", momentum="0.5", zero_grad=js(MODULE, "truth", False))
    f, start = FUNCTIONS["quad"], dict(a=1.5, b=0.25, c=-1)
    named = {"mse_loss": js(MODULE, "quoted", "mse")}
    made = run(js(MODULE, "pythonFor", told("DescentExplorer", f, start, options=options, named=named)))["descent"]
    want = DescentExplorer(f, X, X**2, vary="b", lr=0.05, momentum=0.5, zero_grad=False, start=start)
    for w in (made, want): w.step(5)
    assert made.loss == pytest.approx(want.loss, rel=1e-12) and made.params == pytest.approx(want.params, rel=1e-12)


@pytest.mark.parametrize("f, text", [
    (FUNCTIONS["quad"], "f(x) = a·x² + b·x + c"), (FUNCTIONS["growth"], "f(x) = a·exp(k·x)"),
    (lambda a, t: t**3 - a**t, "f(t) = t³ − a^t"), (lambda a, x: F.leaky_relu(a*x), "f(x) = leaky_relu(a·x, 0.01)")])
def test_formulas_in_plain_letters(js, f, text): assert js(MODULE, "readable", Formula(f).for_page()) == text


def test_without_a_formula(js):
    text = js(MODULE, "pythonFor", {**told("FitByHand", FUNCTIONS["quad"], dict(a=1, b=1, c=1)), "f": None})
    assert "# f is the function that this explorer was made with" in text and "def f" not in text
