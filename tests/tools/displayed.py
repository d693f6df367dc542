"""What a reader sees, calculated: `from_latex(text, names)` and `from_mathml(text, names)` make a function of a dict of tensors.

Two lexers, one grammar. MathML is read as it looks, not as it nests: a row is invisible, so brackets that are missing are missed here too.
`names` says which parameter a displayed name stands for."""
import math
import re
from functools import reduce
from operator import add, mul
from xml.etree import ElementTree

import torch

FUNCTIONS = {"max": torch.maximum, "min": torch.minimum, "sin": torch.sin, "cos": torch.cos, "tan": torch.tan,
             "tanh": torch.tanh, "ln": torch.log,
             "exp": torch.exp, "log10": torch.log10, "sign": torch.sign, "sigma": torch.sigmoid,
             "sigmoid": torch.sigmoid}
RELATIONS = {"<": torch.lt, ">": torch.gt, "≤": torch.le, "≥": torch.ge, "=": torch.eq, "≠": torch.ne}
EULER = torch.tensor(math.e, dtype=torch.float64)

_LATEX = re.compile(r"""(?P<text>\\text\{(?P<words>[^}]*)\}) | (?P<begin>\\begin\{cases\})"""
    r""" | (?P<end>\\end\{cases\}) | (?P<row>\\\\)
    | (?P<open>\\left(?P<o>[(|])) | (?P<close>\\right(?P<c>[)|])) | (?P<log>\\log_\{10\})
    | (?P<fn>\\(?P<f>max|min|sin|cos|tan|tanh|ln|exp|sigma)(?=\\left\()) | \\operatorname\{(?P<op>\w+)\}
    | (?P<word>\\(frac|sqrt|cdot|infty|leq|geq|neq)(?![A-Za-z])) | (?P<num>\d+(\.\d+)?) | (?P<sym>[-+^{}&,<>=])
    | (?P<name>(\\mathit\{[^}]*\}|\\[A-Za-z]+|[^\W\d_])(_\{([^{}]|\{[^}]*\})*\})?) | (?P<space>\s+)""", re.VERBOSE)
_WORDS = {"\\leq": ("rel", "≤"), "\\geq": ("rel", "≥"), "\\neq": ("rel", "≠"), "\\cdot": ("*", ""),
          "\\infty": ("num", "inf"),
          "\\frac": ("frac", ""), "\\sqrt": ("sqrt", "")}


def _latex_token(m):
    if m["text"]: return "text", m["words"].strip()
    for kind in ("begin", "end", "row"):
        if m[kind]: return kind, ""
    if m["open"] or m["close"]:
        return ("open" if m["open"] else "close"), {")": "("}.get(m["o"] or m["c"], m["o"] or m["c"])
    if m["log"]: return "fn", "log10"
    if m["fn"] or m["op"]: return "fn", m["f"] or m["op"]
    if m["word"]: return _WORDS[m["word"]]
    if m["num"]: return "num", m["num"]
    if m["sym"]: return ("rel", m["sym"]) if m["sym"] in "<>=" else (m["sym"], "")
    return "name", m["name"]


def _latex_tokens(text):
    at, out = 0, []
    while at < len(text):
        m = _LATEX.match(text, at)
        assert m, f"no LaTeX that is known here: {text[at:at+40]!r}"
        at = m.end()
        if not m["space"]: out.append(_latex_token(m))
    return out


_SIGNS = {"−": ("-", ""), "+": ("+", ""), "·": ("*", ""), "\u2062": ("*", ""), "(": ("open", "("), ")": ("close", "("),
          ",": (",", "")}


def _group(node): return [("{", ""), *_mathml_tokens(node), ("}", "")]


def _mathml_tokens(node):
    tag, text, inner = node.tag.split("}")[-1], (node.text or ""), list(node)
    if tag == "mn": return [("-", ""), ("num", text[1:])] if text.startswith("−") else [("num", text)]
    if tag == "mtext": return [("text", text.strip())]
    if tag == "mi": return [("num", "inf")] if text == "∞" else [("name", text)]
    if tag == "mo": return [_SIGNS.get(text) or ("rel", text)]
    if tag == "mfrac": return [("frac", ""), *_group(inner[0]), *_group(inner[1])]
    if tag == "msqrt": return [("sqrt", ""), ("{", ""), *_row(inner), ("}", "")]
    if tag == "msup": return [*_mathml_tokens(inner[0]), ("^", ""), *_group(inner[1])]
    if tag in ("math", "mrow", "mtd"): return _row(inner)
    raise AssertionError(f"no MathML that is known here: {tag}")


def _row(nodes):
    texts = [n.text for n in nodes]
    if texts and texts[0] == "{": return [("begin", ""), *_table(nodes[1]), ("end", "")]
    if len(texts) > 2 and texts[0] == texts[-1] == "|": return [("open", "|"), *_row(nodes[1:-1]), ("close", "|")]
    if len(texts) > 1 and texts[1] == "\u2061": return [("fn", _function(nodes[0])), *_row(nodes[2:])]
    return [t for n in nodes for t in _mathml_tokens(n)]


def _function(node): return "log10" if node.tag.endswith("msub") else {"σ": "sigma"}.get(node.text, node.text)


def _table(table):
    out = []
    for i, (value, condition) in enumerate(table):
        out += [("row", "")]*(i > 0) + _mathml_tokens(value) + [("&", "")] + _mathml_tokens(condition)
    return out


class _Parser:
    "Recursive descent; each method gives a function of the values."
    def __init__(self, tokens, names): self.tokens, self.names, self.at = [*tokens, ("done", "")], names, 0
    def kind(self): return self.tokens[self.at][0]
    def take(self, kind, value=None):
        found = self.tokens[self.at]
        assert found[0] == kind and value in (None,
            found[1]), f"{found} where {kind} should be, after {self.tokens[max(0, self.at-6):self.at]}"
        self.at += 1
        return found[1]
    def sees(self, kind, value=None):
        return self.tokens[self.at][0] == kind and value in (None, self.tokens[self.at][1])

    def sum(self):
        terms = []
        sign = self.sign(first=True)
        while sign:
            terms.append((sign, self.term()))
            sign = self.sign()
        return lambda v: reduce(add, [-t(v) if s < 0 else t(v) for s, t in terms])
    def sign(self, first=False):
        kind = self.kind()
        if kind in ("+", "-"): self.take(kind)
        return -1. if kind == "-" else 1. if kind == "+" or first else None
    def term(self):
        factors = [self.factor()]
        while (self.kind() in ("*", "num", "name", "fn", "frac", "sqrt", "open", "begin")
               or self.sees("text", "not a number")):
            if self.kind() == "*": self.take("*")
            factors.append(self.factor())
        return lambda v: reduce(mul, [f(v) for f in factors])
    def factor(self):
        base = self.atom()
        if self.kind() != "^": return base
        self.take("^")
        exponent = self.braced()
        return lambda v: _power(base(v), exponent(v))
    def braced(self):
        self.take("{")
        inner = self.sum()
        self.take("}")
        return inner
    def bracketed(self, sort="("):
        self.take("open", sort)
        inner = self.sum()
        self.take("close", sort)
        return inner
    def atom(self):
        kind = self.kind()
        if kind == "num": return self.number()
        if kind == "name": return self.named()
        if kind == "text":
            self.take("text", "not a number")
            return lambda v: torch.tensor(math.nan, dtype=torch.float64)
        if kind == "frac":
            self.take("frac")
            top, bottom = self.braced(), self.braced()
            return lambda v: top(v)/bottom(v)
        if kind == "sqrt":
            self.take("sqrt")
            inner = self.braced()
            return lambda v: torch.sqrt(inner(v))
        if kind == "begin": return self.cases()
        if kind == "fn": return self.call()
        if self.sees("open", "|"):
            inner = self.bracketed("|")
            return lambda v: torch.abs(inner(v))
        return self.bracketed()
    def number(self):
        value = torch.tensor(float(self.take("num")), dtype=torch.float64)
        return lambda v: value
    def named(self):
        shown = self.take("name")
        if shown == "e" and "e" not in self.names: return lambda v: EULER
        name = self.names[shown]
        return lambda v: v[name]
    def call(self):
        f, args = FUNCTIONS[self.take("fn")], []
        self.take("open", "(")
        args.append(self.sum())
        while self.kind() == ",":
            self.take(",")
            args.append(self.sum())
        self.take("close", "(")
        return lambda v: f(*(a(v) for a in args))
    def cases(self):
        rows = []
        self.take("begin")
        while not rows or rows[-1][1]:
            if rows: self.take("row")
            value = self.sum()
            self.take("&")
            rows.append((value, self.condition() if self.take("text") == "if" else None))
        self.take("end")
        def chosen(v):
            out = rows[-1][0](v)
            for value, condition in reversed(rows[:-1]): out = torch.where(condition(v), value(v), out)
            return out
        return chosen

    def condition(self):
        return self.chain("or", lambda: self.chain("and", self.truth, torch.logical_and), torch.logical_or)
    def chain(self, word, part, combined):
        parts = [part()]
        while self.sees("text", word):
            self.take("text")
            parts.append(part())
        return lambda v: reduce(combined, [p(v) for p in parts])
    def truth(self):
        if self.sees("text", "not"):
            self.take("text")
            inner = self.bracketed_truth()
            return lambda v: ~inner(v)
        start = self.at
        try: return self.bracketed_truth()
        except AssertionError: self.at = start
        left, rel, right = self.sum(), RELATIONS[self.take("rel")], self.sum()
        return lambda v: rel(left(v), right(v))
    def bracketed_truth(self):
        self.take("open", "(")
        inner = self.condition()
        self.take("close", "(")
        assert self.kind() in ("text", "close", "row", "end", "done"), "arithmetic, not a condition"
        return inner


def _power(base, exponent): return torch.exp(exponent) if base is EULER else torch.pow(base, exponent)


def _function_of(tokens, names):
    parser = _Parser(tokens, names)
    f = parser.sum()
    parser.take("done")
    return f


def from_latex(text, names): return _function_of(_latex_tokens(text), names)
def from_mathml(text, names): return _function_of(_mathml_tokens(ElementTree.fromstring(text)), names)
