"""Formula: what it prints is calculated (JavaScript by the page's own `compile`, Excel by the `formulas` package, LaTeX
and MathML by the evaluators in displayed.py) and held against torch."""
import copy
import inspect
import math
import pickle
import random
import subprocess
import sys
import time
from functools import partial
from xml.dom import minidom

import displayed
import formulas
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from formula_cases import CASES, close, job, quad, rows, sigmoid, torch_values, with_default

from neuralnet_foundations import formula as machinery
from neuralnet_foundations.formula import Formula, LossFormula, UnsupportedFormula, lost_gradients, on_copies, signature_of
from neuralnet_foundations.sheets import Sheet


@pytest.mark.parametrize("f", [
    lambda a, x: (a*x).sum(), lambda a, x: x.max()*a, lambda a, x: torch.softmax(a*x, 0), lambda a, x: a @ x,
    lambda a, x: a*x[0], lambda a, x: (a*x).reshape(2, 2), lambda a, x: torch.stack([a, x])])
def test_what_needs_tensors_names_the_sheet(f):
    "What a formula of numbers cannot be, a sheet of cells can: the error says so, and it is true."
    with pytest.raises(UnsupportedFormula, match="`sheets.Sheet`"): Formula(f)
    a, x = torch.tensor([1., 2., 3., 4.]), torch.tensor([.5, 1., 1.5, 2.])
    assert torch.allclose(Sheet(f, a=a, x=x).output.value, f(a, x).double())


def test_what_no_sheet_can_do_names_none():
    with pytest.raises(UnsupportedFormula) as e: Formula(lambda a, x: a*x + torch.rand_like(x))
    assert "Sheet" not in str(e.value)


def in_place(a, x):
    x *= a
    return x

CONDITIONS = {  # what is written, and what a reader sees
    "three": (lambda a, x: torch.where((x > -2) & (x < a) & (x != 0), x, 9.), r"x > - 2 \text{ and } x < a \text{ and } x \neq 0"),
    "or in and": (lambda a, x: torch.where(((x > -2) | (x < a)) & (x != 0), x, 9.),
        r"\left(x > - 2 \text{ or } x < a\right) \text{ and } x \neq 0"),
    "not": (lambda a, x: torch.where(~((x > a) | (x < -a)), x, 9.), r"\text{not } \left(x > a \text{ or } x < - a\right)"),
    "sum of conditions": (lambda a, x: a*((x > 0) + (x > 1)), r"x > 0 \text{ or } x > 1"),
    "product of conditions": (lambda a, x: a*((x > 0)*(x < 1)), r"x > 0 \text{ and } x < 1"),
    "condition as a number": (lambda a, x: torch.where((x > 0) == 1, x, a), r"\begin{cases} 1 & \text{if } x > 0"),
    "condition on a condition": (lambda a, x: torch.where((x > 0) != (x > a), x, a), r"\neq \left(\begin{cases} 1"),
    "condition on leaky_relu": (lambda a, x: torch.where(F.leaky_relu(x) < a, x, 9.), r"\left(\begin{cases} x & \text{if } x > 0"),
    "condition on where": (lambda a, x: torch.where(torch.where(x < 1, x, a) > 0, x, 9.), r"\right) > 0"),
    "either of two": (lambda a, x: a*torch.where(x > 0, x > a, x < -1), r"\text{not } \left(x > 0\right)"),
    "counted conditions": (lambda a, x: sum([x > 0, x > 1, x > a]), r"\right) + \left(\begin{cases} 1"),
    "not a number": (lambda a, x: torch.where(x > a, x, math.nan), r"\text{not a number} & \text{otherwise}"),
    "infinite": (lambda a, x: torch.where(x > a, x, -math.inf), r"- \infty & \text{otherwise}"),
    "maximum of nan": (lambda a, x: a*torch.maximum(x, torch.tensor(math.nan)), r"\max\left(x, \text{not a number}\right)"),
    "negative base": (lambda a, x: a + (-2)**torch.clamp(x, 0, 2), r"\left(- 2\right)^"),
    "sign of nan": (lambda a, x: a*torch.sign(torch.sqrt(x)), "sign"),
    "shared kink": (lambda x: (lambda y: 2*y - y)(torch.sqrt(x)), r"\sqrt{x}"),
    "nothing times": (lambda a, x: 0*torch.log(x) + a, r"0 \ln"),
    "own infinity": (lambda x: torch.exp(x) - torch.exp(x), r"e^{x} - e^{x}"), "of itself": (lambda x: x**x, "x^{x}"),
    "leaky log": (lambda a, x: F.leaky_relu(torch.log(x)) + a, r"0.01 \ln"),
    "power of power": (lambda a, x: (torch.relu(x)**a)**2, r"\left("),
    "in place on a copy": (in_place, r"x a"),
    "bounds of tensors": (lambda a, x: torch.clamp(x, torch.tensor(-1.), torch.tensor(1.))*a, r"\min"),
    "one bound a tensor": (lambda a, x: torch.clamp(x, max=torch.tensor(1.))*a, r"\min"), "e and sigma": (
        lambda e, sigma, x: e*torch.exp(x) + sigma*torch.sigmoid(x),
        r"e \exp\left(x\right) + \sigma \operatorname{sigmoid}\left(x\right)"),
    "third root": (lambda a, x: a*x**(1/3), r"x^{0.333333}"),
    "roots": (lambda x: x**-0.5 + x**2.5, r"\frac{1}{\sqrt{x}}")}

CASES |= {label: f for label, (f, _) in CONDITIONS.items()}

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
        if isinstance(got, str):
            wrong.append(f"{label}, {what}: {formula.javascript()} -> {got}")
            continue
        differ = [(p, g, w) for p, g, w in zip(points, got, want, strict=True) if not close(g, w)]
        wrong += [f"{label}, {what}: {formula.javascript()} at {p}: {g} instead of {w}" for p, g, w in differ[:2]]
    assert not wrong, f"{len(wrong)} differences\n" + "\n".join(wrong[:40])
    assert len(jobs) > 150

# Torch passes through 1/0, log(0) or NaN there and comes back; a cell shows #DIV/0! or #NUM!
EXCEL_HAS_NO_INFINITY = ("right to left", "undone", "maximum of nan", "sign of nan", "leaky log")

@pytest.mark.parametrize("label", CASES)
def test_excel_equals_torch(label):
    q = Formula(CASES[label])
    points = rows(q, 8)
    cells = {n: f"B{i}" for i, n in enumerate(q.names, 2)}
    for formula, want in [(q, torch_values(q.f, q, points)[0]),
                          *((q.gradient(n), torch_values(q.f, q, points)[1][n]) for n in q.names)]:
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

@pytest.fixture
def all_digits(monkeypatch): monkeypatch.setattr(machinery, "DIGITS", 17)

def displayed_as(formula):
    "(language, its text, the function that a reader would calculate) for LaTeX and MathML."
    ways = [("latex", displayed.from_latex, machinery._latex_name),
            ("mathml", displayed.from_mathml, machinery._plain_name)]
    for language, make, shown in ways:
        text = getattr(formula, language)()
        yield text, make(text, {shown(n): n for n in formula.names})

@pytest.mark.parametrize("label", CASES)
def test_what_a_reader_sees_equals_torch(label, all_digits):
    q = Formula(CASES[label])
    points = rows(q, 10)
    value, slopes = torch_values(q.f, q, points)
    given = {n: torch.tensor([p[n] for p in points], dtype=torch.float64) for n in q.names}
    for what, formula, want in [("value", q, value), *((n, q.gradient(n), slopes[n]) for n in q.names)]:
        for text, f in displayed_as(formula):
            for p, g, w in zip(points, f(given).expand(len(points)).tolist(), want.tolist(), strict=True):
                if what != "value" and not math.isfinite(w): continue  # a derivative is tidied: x/x became 1
                assert close(g, w, 1e-7), f"{what}: {text} at {p} is {g}, not {w}"

def test_mathml_is_well_formed_and_marks_parameters_only():
    for f in CASES.values():
        q = Formula(f)
        for formula in [q, *(q.gradient(n) for n in q.names)]:
            page = minidom.parseString(formula.mathml())
            assert {m.getAttribute("data-param") for m in page.getElementsByTagName("mi")
                    if m.hasAttribute("data-param")} <= set(q.params)

@pytest.mark.parametrize(("text", "value"), [  # the evaluator itself
    (r"2 + 3 \cdot 4 - 1", 13), (r"- x^{2}", -9), (r"\left(- x\right)^{2}", 9), (r"\frac{1}{2} x", 1.5),
    (r"e^{x - 3}", 1),
    (r"2 \cdot 10^{-2}", 0.02),
    (r"\begin{cases} 1 & \text{if } x > 3 \text{ or } x > 2 \text{ and } x < 3 \\ 2 & \text{otherwise} \end{cases}", 2),
    (r"\begin{cases} 1 & \text{if } \left(x > 3 \text{ or } x > 2\right) \text{ and } x \leq 3 "
     r"\\ 2 & \text{otherwise} \end{cases}", 1),
    (r"\begin{cases} 1 & \text{if } \text{not } \left(x \neq 3\right) \\ 2 & \text{otherwise} \end{cases}", 1)])
def test_the_evaluator_reads_as_people_do(text, value):
    assert (displayed.from_latex(text, {"x": "x"})(dict(x=torch.tensor(3., dtype=torch.float64))).item()
            == pytest.approx(value))

@pytest.mark.parametrize("text", ["ITE(x > 0, 1, 2)", "x +", r"\left(x", r"\foo{x}", "2 x > 1", r"\operatorname{zoo}"])
def test_the_evaluator_takes_mathematics_only(text):
    with pytest.raises((AssertionError, KeyError)): displayed.from_latex(text, {"x": "x"})

def assigned(x):
    x[x < 0] = 0
    return x

def aliased(a, x):
    y = x
    y *= a
    return x + y

def caught(x):
    try: return float(x)*x
    except Exception: return 3*x

class Counted:
    calls = 0
    def __call__(self, x):
        self.calls += 1
        return x*self.calls

def without_gradient(a, x):
    with torch.no_grad(): b = 2*a
    return b*x

async def asynchronous(x): return x
def generator(x): yield x

def endless(x):
    while True: x = x + 1

def repeated(f, n):
    def g(x):
        for _ in range(n): x = f(x)
        return x
    return g

REFUSED = {
    "if on a value": (lambda x: x if x > 0 else -x, "`if`.*torch.where"),
    "max of Python": (lambda x: max(x, 0), "torch.maximum"), "and": (lambda x: x > 0 and x < 1, "`if`"),
    "sum": (lambda a, x: (a*x).sum(), "`sum`.*combines many"),
    "mean": (lambda x: torch.mean(x), "`mean`.*combines many"), "max of one": (lambda x: x.max(), "`max`.*combines"),
    "softmax": (lambda x: F.softmax(x, dim=0), "`softmax`.*combines"),
    "matrix": (lambda a, x: a @ x, "`matmul`.*matrices"), "element": (lambda x: x[0], "`getitem`.*element"),
    "shape": (lambda x: x*x.shape[0], "`shape`"), "reshape": (lambda x: x.view(-1), "`view`.*shape"),
    "item": (lambda a, x: a.item()*x, "`item`.*leaves"),
    "random": (lambda x: x + torch.randn_like(x), "`randn_like`.*random"),
    "in place": (lambda x: x.clamp_(0), "`clamp_`.*in place"),
    "in place relu": (lambda x: F.relu(x, inplace=True), "changes its input"),
    "assigned": (assigned, "in place.*torch.where"),
    "aliased": (aliased, "differs from its formula"),
    "random branch": (lambda x: x + random.random(), "same function at every call"),
    "random tensor": (lambda x: x + torch.rand(1), "same function at every call"),
    "type": (lambda x: x if isinstance(x, torch.Tensor) else 2*x, "it gives 1 there, its formula 2"),
    "text of it": (lambda x: x*len(str(x)), "differs"),
    "caught": (caught, "differs from its formula"), "counted": (Counted(), "differs from its formula"),
    "no gradient": (without_gradient, "autograd's slope along a is 0 there, the formula's 2.*leave autograd"),
    "detached": (lambda a, x: a.detach()*x, "`detach`.*leaves"),
    "new tensor": (lambda a, x: torch.tensor(a)*x, "`len`.*new tensor leaves torch's gradient"),
    "data": (lambda a, x: a.data*x, "`data`.*leaves"),
    "max along": (lambda a, x: torch.max(a*x, 0), "`max`.*picks along an axis"),
    "min along": (lambda x: x.min(0), "`min`.*picks along an axis"),
    "maximum of a number": (lambda x: torch.maximum(x, 0.5), "must be Tensor, not float"),
    "difference of conditions": (lambda a, x: a*((x > 0) - (x > 1)), "no difference of two conditions"),
    "condition that is a number": (lambda x: torch.where(x, 1., 0.), "fails on tensors"),
    "bits": (lambda x: x*(~((x > 0)*1)), "fails|differs"),
    "complex": (lambda x: 1j*x, "real number"), "complex default": (lambda x, b=1j: b*x, "default of b is 1j"),
    "async": (asynchronous, "async"), "async within": (partial(asynchronous), "async"),
    "async lambda": (lambda x: asynchronous(x), "async"), "generator": (generator, "generator"), "class": (torch.nn.MSELoss, "is a class"),
    "steps": (lambda x: sum(x for _ in range(2000)), "more than 1,000 operations"),
    "endless": (endless, "more than 1,000 operations"),
    "nested": (repeated(torch.sin, 150), "more than 100 operations inside"),
    "doubled": (repeated(lambda x: x*x + 1, 40), "more than 20,000 characters"),
    "bound of nan": (lambda x: torch.clamp(x, min=math.nan), "a bound is not a number"),
    "huge": (lambda x: x*10**400, "fails on tensors"),
    "loop": (lambda x: sum(v for v in x), "one number"),
    "unknown function": (lambda x: torch.erf(x), "`erf`.*not in the table"),
    "modulo": (lambda x: x % 2, "`mod`.*not in the table"),
    "floor division": (lambda x: x//2, "`floordiv`"),
    "rounding": (lambda x: torch.div(x, 2, rounding_mode="floor"), "rounding_mode"),
    "math": (lambda x: math.exp(x), "`float`.*torch.exp"),
    "numpy": (lambda x: np.exp(x), "TypeError"), "length": (lambda x: len(x)*x, "`len`"),
    "rounded": (lambda x: round(x), "`round`"), "whole": (lambda x: int(x), "`int`"),
    "float": (lambda x: float(x), "`float`"), "big tensor": (lambda x: x*torch.ones(3), r"\(3,\)"),
    "tuple": (lambda x: (x, x), "returns tuple"), "nothing": (lambda x: None, "returns None"),
    "text": (lambda x: "x", "not a number"), "no parameter": (lambda: 1, "no variable"),
    "many": (lambda *xs: xs[0], r"\*xs"), "many names": (lambda x, **kw: x, r"\*kw"), "builtin": (torch.exp, "lambda"),
    "precision": (lambda x: x.float(), "precision"), "error": (lambda x: undefined*x, "NameError"),  # noqa: F821
    "matrix module": (torch.nn.Linear(1, 1), "`linear`|leaves|shape"),
    "odd call": (lambda x: torch.sin(x, out=None, what=1), "what")}

@pytest.mark.parametrize("label", REFUSED)
@pytest.mark.filterwarnings("ignore:Converting a tensor")
def test_what_cannot_be_a_formula_says_what_and_why(label):
    f, says = REFUSED[label]
    with pytest.raises(UnsupportedFormula, match=says) as e: Formula(f)
    assert isinstance(e.value, ValueError) and "%" not in str(e.value) and "Traceback" not in str(e.value)

def test_parameters_variable_and_defaults():
    q = Formula(quad)
    assert (q.params, q.variable, q.defaults) == (("a", "b", "c"), "x", {})
    assert (Formula(with_default).params, Formula(with_default).defaults) == (("a", "b"), {"b": 2.0})
    assert (Formula(lambda a, t: a*t).params, Formula(lambda a, t: a*t).variable) == (("a",), "t")
    assert Formula(partial(quad, 3, 2)).params == ("c",) and Formula(partial(quad, c=1)).params == ("a", "b")
    assert Formula(partial(quad, 3, 2, 1)).params == ()
    assert Formula(Formula(quad)).javascript() == q.javascript()

TWO = np.float32(2)
def with_numpy_default(a, x, b=TWO): return a*x*b

class Scaled(torch.nn.Module):
    def forward(self, a, x, shift=0.5, name=None): return a*x + shift

@pytest.mark.parametrize(("f", "says"), [
    (quad, (("a", "b", "c"), "x", {})), (with_default, (("a", "b"), "x", {"b": 2.})),
    (lambda x, a, b=3: a*x, (("a", "b"), "x", {"b": 3.})),
    (Scaled(), (("a", "shift"), "x", {"shift": 0.5})), (partial(Scaled(), 2.), (("shift",), "x", {"shift": 0.5})),
    (partial(quad, 3, c=1), (("b",), "x", {})), (lambda a, t, up=True: a*t, (("a",), "t", {})),
    (with_numpy_default, (("a", "b"), "x", {"b": 2.}))])
def test_one_reading_of_signatures(f, says):
    assert signature_of(f) == says
    q = Formula(f)
    assert (q.params, q.variable, q.defaults) == says

def test_copies_are_the_same_formula():
    q = Formula(quad)
    for f in (q, q.gradient("x"), q.gradient("x").gradient("x"), Formula(torch.nn.Sigmoid()), Formula(with_default)):
        for other in (copy.copy(f), copy.deepcopy(f), pickle.loads(pickle.dumps(f))):
            assert ((repr(other), other.latex(), other.names, other.defaults)
                    == (repr(f), f.latex(), f.names, f.defaults))
    loss = LossFormula(F.mse_loss)
    assert copy.deepcopy(loss).for_page() == pickle.loads(pickle.dumps(loss)).for_page() == loss.for_page()

def test_called_like_f():
    x = torch.linspace(-2, 2, 5)
    q = Formula(quad)
    assert (torch.equal(q(3, 2, 1, x), quad(3, 2, 1, x)) and torch.equal(q(3, 2, c=1, x=x), quad(3, 2, 1, x))
            and q(3, 2, 1, 2) == 17)
    d = q.gradient("x")
    assert (d.params, d.variable) == (q.params, q.variable)
    assert torch.equal(d(3., 2, 1, x), 6*x + 2) and torch.equal(d(3, 2, c=1, x=x), 6*x + 2)
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
    assert (Formula(lambda c, b, x: c - x*b/2).latex() == r"c - \frac{x b}{2}"
            and Formula(sigmoid).latex() == r"\frac{1}{1 + e^{- x}}")
    named = Formula(lambda w1, alpha, b_init, x: w1*alpha*torch.relu(x) - (b_init - x))
    assert named.latex() == r"w_{1} \alpha \max\left(0, x\right) - \left(b_{\mathit{init}} - x\right)"
    assert Formula(lambda x: 2*3**x*4 - (-x)**2).latex() == r"2 \cdot 3^{x} \cdot 4 - \left(- x\right)^{2}"
    assert (Formula(lambda x: torch.where(x > 0, x, 0.)).latex()
            == r"\begin{cases} x & \text{if } x > 0 \\ 0 & \text{otherwise} \end{cases}")
    with pytest.raises(ValueError, match="'d' is not a parameter"): q.latex(d=1)

def test_greek_names_in_any_spelling():
    assert (Formula(lambda θ, theta_1, Alpha, Ω, lamda, x: θ*theta_1*Alpha*Ω*lamda*x).latex()
            == r"\theta \theta_{1} Α \Omega \lambda x")

def test_mathml_marks_each_parameter():
    page = minidom.parseString(Formula(lambda a, w1, x: a*x**2 + w1/x).mathml())
    marked = [(m.getAttribute("data-param"), m.firstChild.data)
              for m in page.getElementsByTagName("mi") if m.hasAttribute("data-param")]
    assert marked == [("a", "a"), ("w1", "w₁")]
    assert len(page.getElementsByTagName("mfrac")) == 1 and len(page.getElementsByTagName("msup")) == 1
    assert "data-param" not in Formula(quad).mathml(a=1, b=2, c=3)

@pytest.mark.parametrize("label", CONDITIONS)
def test_a_reader_sees_the_condition_that_torch_takes(label):
    f, says = CONDITIONS[label]
    q = Formula(f)
    assert says in q.latex()
    for formula in [q, *(q.gradient(n) for n in q.names)]:
        assert not any(word in formula.latex() + formula.mathml()
                       for word in ("ITE", "zoo", "Piecewise", "And(", "nan"))

@pytest.mark.parametrize("label", [n for n in CASES if "NaN" not in n])
def test_nothing_is_a_condition_where_a_number_stands(label):
    q = Formula(CASES[label])
    for formula in [q, *(q.gradient(n) for n in q.names)]:
        assert not isinstance(formula.expression, machinery.Truth) and not any(
            isinstance(a, machinery.Truth) for o in machinery._each(formula.expression)
            if not isinstance(o, machinery.Truth) for a in o.args[isinstance(o, machinery.Where):])

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

@pytest.mark.parametrize("cell",
    ["A0", "ZZZ1", "XFE1", "A1048577", "A01", "R1C1", "C", "RC", "TRUE", "False", "Sheet1!TRUE", "B2+1", "=B2",
     "B2:B3", "B2)", 'HYPERLINK("http://x")', "", "B 2", "1", 3, None,
                                  "A1!B2!C3", "'a'b'!C1", "B2\n", "cmd|'/c calc'!A1"])
def test_excel_takes_cells_only(cell):
    with pytest.raises(ValueError, match="is not a cell"):
        Formula(quad).excel({"a": cell, "b": "B1", "c": "B3", "x": "A1"})

ROOTS = [*((f, {"x": "A1"}) for f in (lambda x: x**0.5, lambda x: x**(1/3), lambda x: x**-2.5)),
         (lambda a, x: x**a, {"x": "A1", "a": "B1"})]

def test_excel_cells_and_precedence():
    cells = {"a": "$B$1", "b": "Sheet1!C2", "c": "'My sheet'!$D3", "x": "speed"}
    assert Formula(quad).excel(cells) == "=$B$1*speed^2+Sheet1!C2*speed+'My sheet'!$D3"
    assert Formula(lambda x: -x**2).excel({"x": "A1"}) == "=-1*A1^2"  # -A1^2 would be (-A1)^2 in Excel
    assert Formula(quad).gradient("c").excel({}) == "=1"
    roots = [Formula(f).excel(cells) for f, cells in ROOTS]
    assert roots == ["=SQRT(A1)", "=SQRT(A1)^0.6666666666666666",
                     "=SQRT(A1)^(-5)",  # (-8)^(1/3) is -2 for Excel, NaN for torch
                     "=IF(B1=0,1,IF(B1=INT(B1),A1^B1,SQRT(A1)^(2*(B1))))"]
    for text in roots:
        assert isinstance(np.asarray(formulas.Parser().ast(text.replace("B1", "0.5"))[1].compile()(-8.)).item(), str)
    last = {"a": "XFD1048576", "b": "'it''s'!$A$1", "c": "rate_2", "x": "Sheet1!Cell.x"}
    assert Formula(quad).excel(last) == "=XFD1048576*Sheet1!Cell.x^2+'it''s'!$A$1*Sheet1!Cell.x+rate_2"
    with pytest.raises(ValueError, match="'z' is not a parameter"): Formula(quad).excel({**cells, "z": "A1"})

def test_nothing_but_arithmetic_reaches_the_page(node):
    "Names come from Python's own identifiers; no forged signature, hostile value or SymPy parser smuggles code in."
    hostile = ["constructor", "__proto__", "eval", "Function", "process", "require", "globalThis", "alert", "arguments",
               "fetch", "Infinity", "NaN"]
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
    assert (evil not in q.javascript() and evil not in Formula(lambda x: x*two).javascript()
            and evil not in q.latex(k=Evil(3.0)))

def test_torch_is_asked_for_its_slopes_at_ties():
    "Each spelling, at and beside each tie, in the torch that is installed."
    alone = (torch.relu, F.relu, torch.abs, F.leaky_relu, lambda x: x.clip(0, 1), lambda x: x.clamp(min=1.),
             lambda x: x.clamp_min(1),
             lambda x: x.clamp_max(1), lambda x: x.clamp(max=1))
    pairs = (torch.max, torch.min, torch.maximum, torch.minimum, lambda x, a: x.clamp_min(a),
             lambda x, a: x.clamp_max(a),
             lambda x, a: torch.clamp(x, min=a), lambda x, a: torch.clip(x, max=a))
    spelled = [*(lambda a, b, x, f=f: f(x) for f in alone), *(lambda a, b, x, f=f: f(x, a) for f in pairs),
               lambda a, b, x: torch.clamp(x, a, b)]
    points = [dict(a=a, b=b, x=x) for a in (0., 1., 2.) for b in (0., 1., 2.) for x in (-1., 0., 1., 2., math.nan)]
    given = {n: torch.tensor([p[n] for p in points], dtype=torch.float64) for n in "abx"}
    for f in spelled:
        q = Formula(f)
        slopes = torch_values(f, q, points)[1]
        for n in q.names:
            got = machinery._computed(q.gradient(n).expression, given).double().expand(len(points))
            torch.testing.assert_close(got, slopes[n], equal_nan=True)

def _otherwise(f, *at):
    if any(map(math.isnan, at)): return [0.]*len(at)
    first, last = (*at, 0.)[:2] if len(at) < 3 else (at[0], at[2])
    return [0.25 if first == last else float(first > last)]*len(at)

ASKED = [op for op in vars(machinery).values() if isinstance(op, type) and issubclass(op, machinery.Operation)
         and op.js and not op.slopes and not issubclass(op, machinery.Truth)]

@pytest.mark.parametrize("op", ASKED)
def test_any_way_at_ties_can_be_written(op, monkeypatch):
    "A torch that chose otherwise would be followed: slopes at ties are read off, not listed."
    monkeypatch.setattr(machinery, "_slopes_at", _otherwise)
    machinery._asked.cache_clear()
    n = op.js.count("{")
    try:
        x = [torch.tensor([0., 1., 2., 1.], dtype=torch.float64),
             *(torch.tensor(1. + i, dtype=torch.float64) for i in range(1, n))]
        names = machinery.sp.symbols("p0:3")[:n]
        for slope in machinery._slopes(op, n):
            at = {s.name: v for s, v in zip(names, x, strict=True)}
            got = machinery._computed(machinery._plain(machinery.sp.sympify(slope(*names))), at)
            want = [_otherwise(None, *(v.expand(4)[i].item() for v in x))[0] for i in range(4)]
            assert got.expand(4).tolist() == want
    finally: machinery._asked.cache_clear()

@pytest.mark.parametrize(("f", "seconds"),
    [(repeated(torch.sin, 25), 2), (repeated(torch.sin, 50), 4), (repeated(torch.relu, 15), 2),
     (repeated(torch.relu, 40), 6), (repeated(lambda x: x*torch.sigmoid(x), 4), 6),
                                            (lambda x: sum(i*x**i for i in range(60)), 8)])
def test_depth_costs_time_in_proportion(f, seconds):
    began = time.process_time()
    q = Formula(f)
    for formula in (q, q.gradient("x")): assert all([formula.javascript(), formula.latex(), formula.mathml()])
    assert time.process_time() - began < seconds  # forty seconds and more, when each argument was written twice

def test_excel_reads_only_so_much():
    with pytest.raises(ValueError, match="64 functions inside one another"):
        Formula(repeated(torch.sin, 70)).excel({"x": "A1"})
    many = Formula(lambda x: sum(torch.sin(x*(i + 0.12345678901234567) + 0.5123456) for i in range(245)))
    with pytest.raises(ValueError, match="8,191 characters"): many.excel({"x": "A1"})
    began = time.process_time()
    long = lambda x: sum(torch.sin(i*x)**i for i in range(100))**9
    for f in (repeated(lambda x: x*torch.sigmoid(x) + 1, 7), repeated(torch.sin, 80), long):
        with pytest.raises(UnsupportedFormula, match="20,000"): Formula(f).gradient("x").gradient("x")
    assert time.process_time() - began < 6

def test_what_is_changed_in_place_is_a_copy():
    x = torch.linspace(-1, 1, 5)
    before = x.clone()
    q = Formula(in_place)
    assert torch.equal(q(2., x), 2*before) and torch.equal(q.gradient("a")(2., x), before) and torch.equal(x, before)
    for f in (assigned, lambda x: F.relu(x, inplace=True), lambda x: x.clamp_(0)):
        kept = on_copies(f)
        given = x.clone().requires_grad_()
        kept(given).sum().backward()
        assert torch.equal(kept(x), before.clamp(0)) and torch.equal(x, before)
        assert torch.equal(given.grad[before != 0], (before > 0).float()[before != 0])
        assert (torch.equal(torch.as_tensor(kept(x=x)), before.clamp(0))
                and inspect.signature(kept).parameters.keys() == {"x"})
    a = np.array([2., 1.])
    assert on_copies(lambda v: v.sort())(a) is None and a.tolist() == [2., 1.]
    p = torch.tensor([-1., 1.])
    LossFormula(lambda preds, targets: ((preds - targets)**2).mean())
    def loss(preds, targets):
        preds -= targets
        return (preds**2).mean()
    assert LossFormula(loss)(p, torch.ones(2)) == 2 and p.tolist() == [-1., 1.]

def test_check_finds_what_changed_since():
    scale = torch.tensor(2.)
    q = Formula(lambda a, x: a*x*scale)
    q.check(a=1., x=torch.arange(3.))
    scale.mul_(2)
    says = "differs from its formula at a = 1, x = 1: it gives 4 there, its formula 2"
    with pytest.raises(UnsupportedFormula, match=says): q.check(a=1., x=torch.arange(3.))
    with pytest.raises(ValueError, match="no value for x"): q.check(a=1.)
    with pytest.raises(ValueError, match="'b' is not a parameter"): q.check(a=1., x=1., b=2.)
    weight = torch.tensor(1.)
    loss = LossFormula(lambda p, t: (weight*(p - t)**2).mean())
    loss.check(torch.ones(3), torch.zeros(3))
    weight.mul_(2)
    with pytest.raises(UnsupportedFormula, match="differs from its formula"): loss.check(torch.ones(3), torch.zeros(3))

LOST = {"item": (lambda a, b: a.item()*b, ("a",)), "math": (lambda a, b: math.exp(a)*b, ("a",)),
    "float": (lambda a, b: float(a)*float(b), ("a", "b")),
        "detach": (lambda a, b: a.detach()*b, ("a",)), "half of it": (lambda a, b: a.item()*b + a*b, ("a",)),
        "new tensor": (
            lambda a, b: torch.tensor(a.item())*b, ("a",)),
            "numpy": (lambda a, b: torch.as_tensor(np.sin(a.detach().numpy()))*b, ("a",)),
        "nothing lost": (lambda a, b: a*b, ()), "not used": (lambda a, b: a*1, ()),
        "kink": (lambda a, b: torch.relu(a - 1.5)*b, ()),
        "flat": (lambda a, b: torch.sign(a)*b, ()), "constant": (lambda a, b: 3., ()),
        "single precision": (lambda a, b: (a*b).float(), ()),
        "far away": (lambda a, b: 1e6*a*b, ()), "no gradient": (torch.no_grad()(lambda a, b: a*b), ("a", "b"))}

@pytest.mark.parametrize("label", LOST)
@pytest.mark.filterwarnings("error:Converting a tensor")
def test_lost_gradients_are_named(label):
    f, names = LOST[label]
    assert lost_gradients(f, dict(a=1.5, b=-0.75)) == names

def test_for_page_is_all_that_a_page_needs(node):
    q = Formula(lambda θ, new, x: θ*torch.sin(new*x))
    page = q.for_page()
    assert (page["names"] == list(page["slopes"]) == ["θ", "new"] and page["variable"] == "x"
            and page["mathml"] == q.mathml())
    names = [page["javascript_names"][n] for n in (*page["names"], page["variable"])]
    value, slope = node([dict(code=code, names=names, points=[["2", "0.5", "3"]])
                         for code in (page["value"], page["slopes"]["new"])])
    assert value[0] == pytest.approx(2*math.sin(1.5)) and slope[0] == pytest.approx(6*math.cos(1.5))
    loss = LossFormula(F.mse_loss)
    assert loss.for_page() == dict(name="mse_loss", label="mean squared error", reduction="mean",
                                   value=loss.javascript(), slope=loss.gradient_javascript(),
                                   python="((pred - target)**2).mean()")
    def my_loss(p, t): return (p - t).abs().sum()
    assert ((LossFormula(my_loss).for_page()["label"], LossFormula(my_loss).for_page()["reduction"])
            == ("my loss", "sum"))
    assert LossFormula(lambda p, t: (p - t).abs().sum()).for_page()["label"] == ""
    assert LossFormula(my_loss).python() == "(torch.abs(pred - target)).sum()"

@pytest.mark.parametrize("label", CASES)
def test_python_gives_the_same_numbers(label):
    q = Formula(CASES[label])
    text, at = q.python(), rows(q)
    if "torch" in q.names: return  # no Python of it can call torch
    values = {n: torch.tensor([p[n] for p in at], dtype=torch.float64) for n in q.names}
    got = eval(f"lambda {', '.join(q.names)}: {text}", {"torch": torch})(**values)
    got = torch.as_tensor(got, dtype=torch.float64).expand(len(at)).tolist()
    want = torch_values(CASES[label], q, at)[0].tolist()
    assert all(close(g, w) for g, w in zip(got, want, strict=True)), text

@pytest.mark.parametrize("f, text", [
    (quad, "a*x**2 + b*x + c"), (lambda a, k, x: a*torch.exp(-k*x), "a*torch.exp(-(k*x))"),
    (lambda a, b, x: a/(1 + torch.exp(b - x))**2, "a/(1 + torch.exp(b - x))**2"),
    (lambda x: (-x)**2 - x**-1, "(-x)**2 - x**(-1)"),
    (lambda a, x: torch.where(x > a, 1., 0.5)*x, "torch.where((x > a), 1, torch.tensor(0.5, dtype=torch.float64))*x"),
    (lambda m, b, x: torch.clip(m*x + b, 0.), "torch.clamp(m*x + b, min=0)")])
def test_python_reads_as_written(f, text): assert Formula(f).python() == text

LOSSES = {
    "mse": lambda p, t: ((p - t)**2).mean(), "mae": lambda p, t: torch.abs(p - t).mean(),
    "sum": lambda p, t: torch.sum((p - t)**2), "F.mse_loss": F.mse_loss, "F.l1_loss": F.l1_loss,
    "module": torch.nn.MSELoss(), "module sum": torch.nn.L1Loss(reduction="sum"),
    "partial": partial(F.mse_loss, reduction="sum"),
    "none then mean": lambda p, t: F.l1_loss(p, t, reduction="none").mean(),
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
    codes = loss.javascript(), loss.gradient_javascript()
    each, slopes = node([dict(code=code, names=["pred", "target"], points=points) for code in codes])
    n = len(pairs) if loss.reduction == "mean" else 1
    assert close(sum(each)/n, want.item())
    assert close(eval(loss.python(), {"torch": torch}, dict(pred=p, target=t)).item(), want.item())
    assert all(close(s/n, g) for s, g in zip(slopes, p.grad.tolist(), strict=True))
    assert (loss.latex().startswith(r"\frac{1}{n} \sum" if loss.reduction == "mean" else r"\sum")
            and r"\hat{y}_{i}" in loss.latex())

def repeated_loss(p, t):
    for _ in range(40): p = p*p - t
    return p.mean()

def no_gradient_loss(p, t):
    with torch.no_grad(): return ((p - t)**2).mean()

@pytest.mark.parametrize(("loss", "says"), [
    (lambda p, t: ((p - t)**2).mean().sqrt(), "`sqrt`.*after the mean"),
    (lambda p, t: (p - t)**2, "does not end in a mean"), (lambda p, t: ((p - t)**2).mean(0), "`mean`"),
    (lambda p, t: (p - p.mean() - t).abs().mean(), "after the mean"), (F.cross_entropy, "`cross_entropy`"),
    (lambda p: p.mean(), "predictions and targets"),
    (lambda p, t, w: (w*(p - t)).mean(), "predictions and targets"), (lambda p, t: max(p - t, 0).mean(), "`if`"),
    (partial(F.mse_loss, weight=torch.ones(1)), "weight|reduction"), (torch.nn.MSELoss, "is a class"),
    (lambda p, t: ((p.detach() - t)**2).mean(), "`detach`"),
    (lambda p, t: (random.random()*(p - t)**2).mean(), "differs from its formula"),
    (lambda p, t: torch.max(p - t, 0).mean(), "picks along an axis"), (repeated_loss, "more than 20,000 characters"),
    (no_gradient_loss, "stay in autograd")])
def test_other_losses_are_refused(loss, says):
    with pytest.raises(UnsupportedFormula, match=says): LossFormula(loss)

def test_import_brings_no_fastai():
    code = "import sys, neuralnet_foundations.formula; print('fastai' in sys.modules, 'matplotlib' in sys.modules)"
    assert (subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
            == ["False", "False"])
