"""The API pages, made from the modules themselves by nbdev's `show_doc`.

`api.py` starts this file: {"root": ..., "git": ..., "modules": {module: opening line}} in,
{module: {"text", "names"} or {"error"}} out, as JSON."""
import inspect
import json
import re
import sys
from importlib import import_module
from pathlib import Path

from fastcore.docments import DocmentTbl, ShowDocRenderer
from nbdev.showdoc import show_doc


class ParameterTable(DocmentTbl):
    "Parameters with their defaults and what the comments beside them say."
    _map = dict(default="Default", docment="What it is")

    def __init__(self, obj):
        super().__init__(obj)
        result = self.dm.get("return")
        if result is None or result["docment"] not in (None, inspect._empty): return
        # fastcore reads what stands beside the result only where it has an annotation too
        found = re.search(r"^\s*\)(?:\s*->[^:]*)?:\s*# (.+)$", inspect.getsource(obj), flags=re.M)
        if found: result["docment"] = found[1]


def _default(value):
    "A default as one would type it."
    if callable(value): return getattr(value, "__name__", "…")
    text = repr(value)
    return text if len(text) < 40 and "<" not in text else "…"


def _signature(sym):
    if inspect.isclass(sym) and issubclass(sym, Exception): return ""
    try: sig = inspect.signature(sym)
    except (TypeError, ValueError): return "(...)"
    params = list(sig.parameters.values())
    if params and params[0].name in ("self", "cls"): params = params[1:]
    shown, star = [], False
    for p in params:
        if p.kind is p.VAR_POSITIONAL: star = True
        if p.kind is p.KEYWORD_ONLY and not star:
            shown.append("*")
            star = True
        name = {p.VAR_POSITIONAL: "*", p.VAR_KEYWORD: "**"}.get(p.kind, "") + p.name
        shown.append(name if p.default is p.empty else f"{name}={_default(p.default)}")
    return "(" + ", ".join(shown) + ")"


def _plain(text):
    "A docstring is plain text with code in backticks: its stars are stars."
    return "".join(p if p.startswith("`") else re.sub(r"([*<$])", r"\\\1", p) for p in re.split(r"(`[^`]*`)", text))


def _parts(cls):
    "Public methods and properties that a class defines and documents."
    for name, o in vars(cls).items():
        o = o.__func__ if isinstance(o, (classmethod, staticmethod)) else o
        o = getattr(o, "fget", o)
        if not name.startswith("_") and inspect.isfunction(o) and o.__doc__: yield name


class Entry(ShowDocRenderer):
    "`show_doc` renderer: an object of Sphinx's Python domain."
    source = staticmethod(lambda sym: None)

    def _repr_markdown_(self):
        is_class = inspect.isclass(self.sym)
        is_property = isinstance(self.sym, property)
        target = self.sym.fget if is_property else self.sym
        kind = "class" if is_class else "property" if is_property else "method" if "." in self.nm else "function"
        fence = ":" * (6 if is_class else 4)
        out = [f"{fence}{{py:{kind}}} {self.nm}{'' if is_property else _signature(self.sym)}", ""]
        doc = inspect.getdoc(target) if not is_class or self.sym.__doc__ else ""
        if doc: out += [_plain(doc), ""]
        table = "" if is_property else _table(self.sym)
        if table: out += [table, ""]
        if url := Entry.source(target): out += [f"{{.nnf-source}}\n[source]({url})", ""]
        if is_class:
            for name in _parts(self.sym):
                entry = show_doc(getattr(self.sym, name), renderer=Entry, name=f"{self.nm}.{name}")
                out += [entry._repr_markdown_(), ""]
        return "\n".join(out + [fence])


def _table(sym):
    try: table = ParameterTable(sym)
    except (TypeError, ValueError, OSError, AttributeError): return ""
    text = re.sub(r"^\|    \|", "| **Name** |", table._repr_markdown_())
    return re.sub(r"^\| \*\*Returns\*\* \|(.*)$", lambda m: f"| *returns* |{m[1].replace('**', '')}", text, flags=re.M)


def _line(sym, root, git):
    "Address of a symbol's source."
    try: file, line = inspect.getsourcefile(sym), inspect.getsourcelines(sym)[1]
    except (TypeError, OSError): return None
    path = Path(file).resolve()
    return f"{git}/{path.relative_to(root).as_posix()}#L{line}" if path.is_relative_to(root) else None


def page(module, root, git, intro):
    "(Markdown of a module's page, full names of its entries)."
    m = import_module(module)
    Entry.source = staticmethod(lambda sym: _line(sym, root, git))
    short = module.partition(".")[2]
    text, names = [f"# {short}", f"{{.nnf-lead}}\n{intro}", f"```python\nfrom {module} import ...\n```",
                   f":::{{py:module}} {module}\n:::"], []
    for name in m.__all__:
        sym = getattr(m, name)
        full = f"{module}.{name}"
        if not (inspect.isfunction(sym) or inspect.isclass(sym)) or not sym.__doc__: continue
        text.append(show_doc(sym, renderer=Entry, name=name)._repr_markdown_())
        names += [full] + ([f"{full}.{p}" for p in _parts(sym)] if inspect.isclass(sym) else [])
    return "\n\n".join(text) + "\n", names


def one(module, *args):
    "A page, or what stands in its way."
    try: return dict(zip(("text", "names"), page(module, *args), strict=True))
    except Exception as e: return {"error": f"{type(e).__name__}: {e}"}


if __name__ == "__main__":
    out, sys.stdout = sys.stdout, sys.stderr  # what modules print must not mix with the answer
    job = json.load(sys.stdin)
    json.dump({m: one(m, Path(job["root"]).resolve(), job["git"], intro) for m, intro in job["modules"].items()}, out)
