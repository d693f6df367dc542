"""The promise of the course, tried on random functions: value, slopes, JavaScript, Excel, LaTeX and MathML say what
torch says, or the function is refused. Not promised are the sign of a zero (and so of an infinity), and powers of 1 to
something that is not finite."""
import math

import displayed
import formulas
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from formula_cases import close, job, torch_values
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from neuralnet_foundations import formula as machinery
from neuralnet_foundations.formula import Formula, LossFormula, UnsupportedFormula, lost_gradients, on_copies, signature_of


# The same examples at each run, no file of earlier ones, no clock: a busy machine fails nothing
def quick(n):
    return settings(max_examples=n, derandomize=True, database=None, deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])

LEAVES = ["a", "b", "x", "x", "x", "c(0.)", "c(1.)", "c(-2.)", "c(0.5)"]
ONE = [o.strip() for o in """-({0}) | ({0}).abs() | torch.sign({0}) | torch.exp({0}) | torch.log({0}) | torch.sqrt({0})
    | torch.sin({0}) | torch.cos({0}) | torch.tan({0}) | torch.tanh({0}) | torch.sigmoid({0}) | torch.relu({0})
    | torch.log10({0}) | ({0})**2 | ({0})**3 | ({0})**-1 | ({0})**0.5 | ({0})**(1/3) | ({0})**1.5 | torch.square({0})
    | torch.reciprocal({0}) | F.leaky_relu({0}, 0.25) | ({0}).clamp(0) | ({0}).clamp(-1, 1) | ({0}).clamp(max=1)
    | 2*({0}) | ({0}) - 1 | 1 - ({0}) | 3/({0}) | ({0})/2 | 0*({0}) | 2**({0})
    | twice({0}, lambda y: y*y + y) | twice({0}, lambda y: 2*y - y) | twice({0}, lambda y: y*torch.sigmoid(y))
    | twice({0}, lambda y: y/y)""".split("|")]
MORE = [o.strip() for o in """({0}) + ({1}) # ({0}) - ({1}) # ({0})*({1}) # ({0})/({1}) # torch.maximum({0}, {1})
    # torch.minimum({0}, {1}) # torch.clamp({0}, min={1}) # ({0})**({1}) # torch.clamp({0}, {1}, {2})
    # torch.where({3}, {0}, {1}) # torch.where({3}, {0}, {1}) # {3}*({0}) # ({3} + {4})*({0})""".split("#")]
TRUE = ["(({0}) {2} ({1}))"]*5 + ["({3} & {4})", "({3} | {4})", "(~{3})"]


def number(r, depth):
    if depth == 0 or r.random() < 0.15: return r.choice(LEAVES)
    return r.choice(r.choice([ONE, MORE])).format(*[number(r, depth-1) for _ in range(3)],
                                                  *[truth(r, depth-1) for _ in range(2)])


def truth(r, depth):
    parts = [number(r, max(depth-1, 0)), number(r, max(depth-1, 0)), r.choice(["<", ">", "<=", ">=", "==", "!="])]
    return r.choice(TRUE if depth else TRUE[:1]).format(*parts,
                                                        *([truth(r, depth-1) for _ in range(2)] if depth else []))


SOURCES = st.builds(number, st.randoms(use_true_random=False), st.integers(1, 3))  # texts: a failure can be read


def twice(y, f): return f(y)
def c(v): return torch.tensor(v, dtype=torch.float64)


def function(source):
    return eval(f"lambda a, b, x: {source}", dict(torch=torch, F=F, c=c, twice=twice))


POINTS = [dict(a=a, b=b, x=x) for a, b,
    x in [(1., 1., 1.), (0., 0., 0.), (-1., 2., -1.), (1., -1., 0.), (2., 0.5, 0.5), (0.5, -2., 2.), (-2., -2., -2.),
          (1.25, 0.75, -0.5), (0., 1., -3.), (3., -0.5, 0.25), (1.7, -0.3, 0.9), (-0.6, 1.1, -1.3), (0.8, 2.1, 2.7),
          (-1.9, -0.7, 0.4)]]
GIVEN = {n: torch.tensor([p[n] for p in POINTS], dtype=torch.float64) for n in "abx"}


def values_of(e):
    "Every part of an expression with its values at the points, by torch."
    return {o: torch.as_tensor(machinery._computed(o, GIVEN)).double().expand(len(POINTS)) for o in machinery._each(e)}


def promised(formula):
    "At which points it is promised: where no zero of unknown sign divides, and no 1 is raised to what is not finite."
    out, known = torch.ones(len(POINTS), dtype=torch.bool), values_of(formula.expression)
    for o in known:
        if isinstance(o, machinery.Divide): out &= known[o.args[1]] != 0
        if isinstance(o, machinery.Power):
            base, exponent = (known[a] for a in o.args)
            out &= ~((base == 0) & (exponent < 0)) & ~((base.abs() == 1) & ~exponent.isfinite())
    return out


def decided(formula):
    "At which points no condition hangs on the last digit of a sum: a tidied derivative may add in another order."
    out, known = torch.ones(len(POINTS), dtype=torch.bool), values_of(formula.expression)
    for o in known:
        if isinstance(o, machinery.Truth) and o.rank == 3 and any(a.args for a in o.args):
            out &= ~torch.isclose(*(known[a] for a in o.args), rtol=1e-9, atol=1e-9)
    return out


def torch_says(source):
    "(formula, values, at which points they are promised) of the function and its slopes; nothing where it is refused."
    f = function(source)
    try:
        q = Formula(f)
        found = [q, *(q.gradient(n) for n in q.names)]
    except UnsupportedFormula: return []
    value, slopes = torch_values(f, q, POINTS)
    return [(g, want.tolist(), (promised(q) & promised(g)).tolist())
            for g, want in zip(found, [value, *slopes.values()], strict=True)]


def differences(got, want, where, tolerance=1e-8):
    return [(p, g, w) for p, g, w, sure in zip(POINTS, got, want, where, strict=True) if sure
            and not close(g, w, tolerance)]


def test_javascript_of_random_functions(node):
    refused = []
    @quick(400)
    @given(SOURCES)
    @example("twice(torch.sqrt(x), lambda y: 2*y - y)")
    @example("torch.sign(torch.sqrt(x))")
    @example("F.leaky_relu(torch.log(a), 0.25)")
    @example("((x)**-1*(x)**(a))**2")
    def equal(source):
        found = torch_says(source)
        refused.append(not found)
        for (g, want, where), got in zip(found, node([job(g, POINTS) for g, _, _ in found]), strict=True):
            assert isinstance(got, list), f"{got}: {g.javascript()}"
            assert not differences(got, want, where), (g.javascript(), differences(got, want, where)[:2])
    equal()
    assert sum(refused) < 0.05*len(refused)  # refused is right too, but not as a rule


@quick(200)
@given(SOURCES)
def test_what_a_reader_sees_of_random_functions(source):
    digits, machinery.DIGITS = machinery.DIGITS, 17
    try: shown = [(g, g.latex(), g.mathml(), want, where) for g, want, where in torch_says(source)]
    finally: machinery.DIGITS = digits
    for g, latex, mathml, want, where in shown:
        if g.tidy:
            where = [sure and math.isfinite(w)
                     for sure, w in zip((torch.tensor(where) & decided(g)).tolist(), want, strict=True)]
        for text, make, name in [(latex, displayed.from_latex, machinery._latex_name),
            (mathml, displayed.from_mathml, machinery._plain_name)]:
            got = make(text, {name(n): n for n in g.names})(GIVEN).expand(len(POINTS)).tolist()
            assert not differences(got, want, where, 1e-7), (text, differences(got, want, where, 1e-7)[:2])


@quick(60)
@given(SOURCES)
def test_a_spreadsheet_of_random_functions(source):
    for g, want, where in torch_says(source)[:2]:
        text = g.excel({n: f"{n.upper()}1" for n in g.names})
        sheet = formulas.Parser().ast(text)[1].compile()
        for p, w, sure in zip(POINTS[:6], want, where, strict=False):
            got = np.asarray(sheet(*(p[cell[0].lower()] for cell in sheet.inputs))).item()
            if isinstance(got, str) or not sure or not math.isfinite(w) or abs(w) > 1e300:
                continue  # an error is no wrong number
            assert close(float(got), w, 1e-8), f"{text} at {p} is {got}, not {w}"


# What is put in

ANY = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.binary(max_size=4),
    st.complex_numbers(), st.lists(st.integers(), max_size=3),
                st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
                    st.sampled_from([int, print, torch.exp, torch.nn.ReLU, torch.nn.Linear(2, 2), object(), ...,
                torch.ones(2), np.ones(2), lambda *xs: xs, lambda x: ANY, lambda x, y=print: y]))


@pytest.mark.parametrize("make", [Formula, LossFormula, signature_of])
def test_anything_may_be_put_in(make):
    @quick(60)
    @given(ANY)
    def clear(thing):
        try: make(thing)
        except UnsupportedFormula as e: assert str(e) and "Traceback" not in str(e)
    clear()


@quick(60)
@given(st.dictionaries(st.sampled_from(["a", "b", "c", "x", "z", ""]), ANY, max_size=5))
def test_any_cells_and_values_may_be_put_in(given):
    q = Formula(lambda a, b, c, x: a*x**2 + b*x + c)
    before = q.__dict__ | {}
    for call in (q.latex, q.mathml, q.check, lambda **o: q.excel(o), lambda **o: q.gradient(next(iter(o), "z"))):
        try: call(**given)
        except ValueError as e: assert str(e)
    assert {n: v for n, v in q.__dict__.items() if n[0] != "_"} == {n: v for n, v in before.items() if n[0] != "_"}


@quick(40)
@given(st.floats(-5, 5), st.floats(-5, 5))
def test_no_gradient_is_called_lost_that_is_there(a, b):
    f = on_copies(lambda a, b: torch.sin(a)*b + torch.relu(a - b)**2 + torch.where(b > 1, a*b, a))
    assert lost_gradients(f, dict(a=a, b=b)) == ()
    assume(abs(b) > 0.1 and abs(math.cos(a)) > 0.1)
    assert lost_gradients(lambda a, b: math.sin(a)*b, dict(a=a, b=b)) == ("a",)
