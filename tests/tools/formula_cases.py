"""Functions to write down, and what torch and the page's own `compile` make of them."""
import inspect
import json
import math
import os
import random
import shutil
import subprocess
from functools import partial

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from lab import ROOT

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
    "quad": quad, "rectified_linear": rectified_linear, "double_relu": double_relu, "sigmoid by hand": sigmoid,
    "default": with_default,
    "keyword only": keyword_only, "augmented": augmented, "object": Curve(), "method": Curve().method,
    "module": torch.nn.Sigmoid(),
    "partial by place": partial(quad, 3, 2), "partial by name": partial(quad, c=1.5),
    "partial tensor": partial(quad, torch.tensor(2.5)),
    "variable not last": lambda x, a, b: a*x - b*x*x, "no x": lambda a, t: a/t,
    "constant": lambda a, x: a + 0*x + math.pi,
    "only x": lambda x: x,
    "arithmetic": lambda a, b, x: -(x**2)*-3 - (a - (x - 2))/-(b*x) - -a + (+b) - (a - b)*(x - 1)/(x + 1)/3*2,
    "right to left": lambda a, b, x: a - (b - (x - (a + 1))) + (x + (a - b)) * (a*(b*x)) / (a/(b/x)),
    "cancel": lambda a, x: (x + 1000.0) - 1000.0 + x/x*a - x/x,
    "numbers": lambda x: 0.1*x + 1e-7*x + 1e12*x - 123456789.125 + 3*x/7 - 1e22*x + 2**0.5,
    "tensor constant": lambda a, x: torch.tensor(0.25)*x + torch.maximum(x, torch.tensor(0.)) - a,
    "powers": lambda x: x**2 + x**3 - x**4/9 + (-x)**3 + (x - 1)**2 + x**1 + x**0 - x**2.0,
    "power of minus": lambda a, x: -x**2 + 2*-x**2 - (-x)**2 + (-a**2)*x + (2 - x**2) - (-(x**2)),
    "negative power": lambda x: x**-1 + x**-2 + 1/x**3,
    "real power": lambda x: x**0.5 + x**1.5, "root of square": lambda x: (x**2)**0.5 + (x**0.5)**2,
    "any power": lambda a, x: x**a, "power of number": lambda a, x: 2**x + 0.5**(a*x) + 1**x,
    "zero to a power": lambda a, x: torch.relu(x)**a,
    "torch.pow": lambda a, x: torch.pow(x, 3) + x.pow(2) + torch.pow(2, a) + torch.square(x) + x.square(),
    "abs": lambda a, x: abs(x) + torch.abs(a - x) + x.abs() - torch.absolute(x - 1),
    "sign": lambda a, x: torch.sign(x)*a + x.sign()*x,
    "exp": lambda a, x: torch.exp(a) + x.exp() - (-x**2).exp(),
    "log": lambda a, x: torch.log(x) + a.log() + torch.log(x**2),
    "log10": lambda a, x: torch.log10(x) * a.log10(), "sqrt": lambda a, x: torch.sqrt(x) + a.sqrt() + (x**2).sqrt(),
    "undone": lambda x: torch.exp(torch.log(x)) + torch.log(torch.exp(x)) + torch.sqrt(x)**2,
    "reciprocal": lambda x: torch.reciprocal(x) - x.reciprocal()**2,
    "sin cos tan": lambda a, x: torch.sin(a*x) + x.cos() - torch.tan(a) + x.sin()*a.cos() + torch.sin(-x),
    "tanh": lambda a, x: torch.tanh(a*x) + x.tanh() + F.tanh(a),
    "sigmoid": lambda a, x: torch.sigmoid(a*x) + x.sigmoid() + F.sigmoid(a) - torch.sigmoid(-x**2),
    "torch.special": lambda x: torch.special.expit(x),
    "relu": lambda a, b, x: torch.relu(a*x) + F.relu(b - x) + x.relu(),
    "leaky_relu": lambda a, x: F.leaky_relu(a*x) + F.leaky_relu(x, negative_slope=0.2),
    "nn.ReLU": lambda a, x: torch.nn.ReLU()(a*x),
    "clamp below": lambda x: x.clamp(0) + torch.clamp(x, min=1) + x.clip(min=-1.) + x.clamp_min(2),
    "clamp above": lambda x: x.clamp(max=1) - torch.clip(x, max=0.),
    "clamp both": lambda a, x: x.clamp(-1, 1) + torch.clamp(a*x, min=-2, max=2) + torch.clip(x, 0, 3),
    "clamp crossed": lambda x: x.clamp(2, -1),
    "clamp by parameters": lambda a, b, x: x.clamp(a, b) + torch.clamp(x, min=a) + torch.clamp(x, max=b),
    "maximum": lambda a, x: torch.maximum(a, x) + torch.max(x, -x) + x.maximum(a*x),
    "minimum": lambda a, x: torch.minimum(a, x) - torch.min(x, a*x) + a.minimum(x),
    "where": lambda a, x: torch.where(x > a, x**2, a*x) + torch.where(x <= 0, 0., 1.)*x,
    "x.where": lambda a, x: x.where(x < a, -x),
    "where equal": lambda x: torch.where(x == 1, 3*x, x*x) + torch.where(x != 2, x, 0),
    "where nested": lambda a, x: torch.where(x < 0, torch.where(x < a, a, x), 2*x),
    "where not taken": lambda x: torch.where(x > 0, x*torch.log(x), 0.),
    "indicator": lambda a, x: (x > a)*x + (x >= 1)*1.0 - (x < 0).float()*a,
    "logic": lambda a, x: torch.where((x > -1) & (x < a), x, -x) + torch.where((x < -2) | ~(x <= 2), 1., x)
        + torch.logical_and(x > 0, x < 1)*x,
    "comparison alone": lambda a, x: x >= a,
    "numpy numbers": lambda x: np.float64(2.5)*x + x*np.float32(0.1) - np.float64(1)/x,
    "whole floats": lambda a, x: -1.0*a*x - 2.0*-a + x**3.0,
    "more reserved": lambda self, torch, math, inf, nan, device, float, x: self*torch + math*inf - nan*device + float*x,
    "loop": lambda a, x: sum([a**i*x for i in range(3)]), "reflected": lambda a, x: 1 - x + 2*(3/x) + (1 < x)*a,
    "activations": lambda x: x*torch.sigmoid(x) + F.relu(x)**2,
    "torch.add": lambda a, x: torch.add(a, x, alpha=3) - torch.sub(a, x) * torch.mul(a, x) + torch.div(a, x)
        + torch.neg(x).add(a).mul(2).div(3).sub(1),
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
        out.append({name: k if name == formula.variable else r.choice([-2., -1., 0., .5, 1., 2.])
                    for name in formula.names})
        out.append(dict.fromkeys(formula.names, k))
    return out

def torch_values(f, formula, points):
    "f and autograd's slope for each name, at each point."
    leaves = {n: torch.tensor([p[n] for p in points], dtype=torch.float64, requires_grad=True) for n in formula.names}
    parameters = inspect.signature(formula).parameters
    by_place = [n for n in formula.names if parameters[n].kind == inspect.Parameter.POSITIONAL_ONLY]
    given = {n: v.clone() for n, v in leaves.items()}  # a function may change what it is given in place
    out = (f(*(given[n] for n in by_place), **{n: v for n, v in given.items() if n not in by_place})
           * torch.ones(len(points), dtype=torch.float64))
    slopes = (torch.autograd.grad(out.sum(), list(leaves.values()), allow_unused=True) if out.requires_grad
              else [None]*len(leaves))
    return out.detach(), {n: torch.zeros_like(out).detach() if g is None else g
                          for n, g in zip(leaves, slopes, strict=True)}

def close(got, want, rel=1e-9):
    if math.isnan(want) or math.isnan(got): return math.isnan(want) and math.isnan(got)
    return got == want or math.isclose(got, want, rel_tol=rel, abs_tol=1e-12)

RUNNER = """
import { createInterface } from "node:readline";
import { compile } from "%s";
function calculated({ code, names, points }) {
  try { const f = compile(code, names); return points.map((p) => String(+f(...p.map(Number)))); } catch (e) { return String(e); }
}
for await (const line of createInterface({ input: process.stdin }))
  process.stdout.write(JSON.stringify(JSON.parse(line).map(calculated)) + "\\n");
"""


class Page:
    "One Node process that calculates lists of {code, names, points} through the page's own `compile`."
    def __init__(self, folder):
        program = shutil.which("node")
        missing = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        if program is None: missing("Node is not installed: `make test` brings its own")
        script = folder/"run.mjs"
        script.write_text(RUNNER % (ROOT/"neuralnet_foundations/static/shared/arithmetic.js").as_uri(),
                          encoding="utf-8")
        self.process = subprocess.Popen([program, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True, encoding="utf-8")
    def __call__(self, jobs):
        self.process.stdin.write(json.dumps(jobs) + "\n")
        self.process.stdin.flush()
        return [[float(v) for v in o] if isinstance(o, list) else o for o in json.loads(self.process.stdout.readline())]
    def close(self):
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()


def job(formula, points):
    names = formula.javascript_names
    return dict(code=formula.javascript(), names=list(names.values()),
                points=[[repr(p[n]) for n in names] for p in points])
