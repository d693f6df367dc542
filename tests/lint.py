"""What ruff does not see: the width of JavaScript and of lessons' code, `:=` inside an argument, how many lines are long.
`make lint` runs it after ruff; `python tests/lint.py FILE ...` looks at some files only."""
import ast
import io
import json
import re
import sys
import tokenize
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIMIT = 140  # columns of any line
WIDE = 120  # columns that a line should have at most
FEW, SHARE = 2, 0.01  # so many lines of a file may be wider, or this part of them
LESSON = 88  # columns of lessons' code, which the site and JupyterLab show without scrolling sideways
SKIP = {"node_modules", "__pycache__", ".ipynb_checkpoints", "_build", "_docs", "build", "dist"}


def not_yet():
    "Files that may break these rules, as the end of ruff.toml lists them."
    _, _, block = (ROOT / "ruff.toml").read_text(encoding="utf-8").partition("# tests/lint.py:")
    return set(re.findall(r'^"([^"]+)" = ', block, flags=re.M))


def sources(root=ROOT):
    "Python, JavaScript and notebooks that people write."
    found = [p for kind in ("py", "js", "mjs", "ipynb") for p in root.rglob(f"*.{kind}")]
    mine = [p for p in found if not any(d in SKIP or d.startswith(".") for d in p.relative_to(root).parts)]
    generated = lambda p: p.suffix == ".py" and p.parts[len(root.parts)] == "neuralnet_foundations"
    return sorted(p for p in mine if not generated(p))


def blocks(path):
    "(place, code) of a file: itself, or each code cell of a notebook; magics stand aside."
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".ipynb": return [("", text)]
    cells = [(n, "".join(c["source"])) for n, c in enumerate(json.loads(text)["cells"], 1) if c["cell_type"] == "code"]
    return [(f"cell {n}, ", re.sub(r"^[%!]", "# ", code, flags=re.M)) for n, code in cells]


def limit(path):
    "Columns that a line of this file may have."
    lesson = path.suffix == ".ipynb" and path.parent.name == "nbs"
    return LESSON if lesson else LIMIT



def lines_of(code):
    "(line number, line) of code; a directive to nbdev, whose text must stand on one line, is none."
    return [(n, line) for n, line in enumerate(code.splitlines(), 1) if not line.startswith("#|")]


def too_wide(code, most):
    "(line number, what is wrong) of lines over `most` columns."
    return [(n, f"{len(line)} columns, {most} at most") for n, line in lines_of(code) if len(line) > most]


def semicolons(code):
    "(line number, what is wrong) of `;` with a second statement behind it."
    tokens = list(tokenize.generate_tokens(io.StringIO(code).readline))
    ends = {tokenize.NEWLINE, tokenize.COMMENT, tokenize.NL}
    return [(t.start[0], "`;`: a line for each statement") for t, after in zip(tokens, tokens[1:], strict=False)
            if t.string == ";" and t.type == tokenize.OP and after.type not in ends]


def inside_comprehension(node):
    "Nodes below an argument whose `:=` is a filter's, where it has its place."
    loops = [o for o in ast.walk(node) if isinstance(o, ast.comprehension)]
    return {id(o) for loop in loops for test in loop.ifs for o in ast.walk(test)}


def walrus(code):
    "(line number, what is wrong) of `:=` inside the arguments of a call."
    calls = [o for o in ast.walk(ast.parse(code)) if isinstance(o, ast.Call)]
    args = [a for call in calls for a in (*call.args, *(k.value for k in call.keywords))]
    lines = {o.lineno for a in args for o in ast.walk(a)
             if isinstance(o, ast.NamedExpr) and id(o) not in inside_comprehension(a)}
    return [(n, "`:=` inside an argument") for n in sorted(lines)]


def often_wide(path):
    "What is wrong with a file in which too many lines are wider than they should be."
    lengths = [len(line) for _, code in blocks(path) for _, line in lines_of(code)]
    wide, may = sum(n > WIDE for n in lengths), max(FEW, int(SHARE*len(lengths)))
    return [f"{wide} of {len(lengths)} lines are over {WIDE} columns, {may} may be"] if wide > may else []


def findings(path):
    "What breaks a rule in a file, one line each."
    out = often_wide(path)
    for place, code in blocks(path):
        wrong = too_wide(code, limit(path))
        if path.suffix in (".py", ".ipynb"): wrong += semicolons(code) + walrus(code)
        out += [f"{place}line {n}: {what}" for n, what in wrong]
    return out


def complaints(paths, root=ROOT, excused=frozenset()):
    "Everything that is wrong with the files, and with the list of those that are `excused`."
    found = {p.relative_to(root).as_posix(): findings(p) for p in paths}
    out = [f"{name}, {line}" for name, lines in found.items() if name not in excused for line in lines]
    out += [f"{name}: nothing is wrong here any more, take it off the list in ruff.toml"
            for name, lines in found.items() if name in excused and not lines]
    return out


def main(args):
    "Complaints about the files of `args`, or about all and the list; 1 if there are any."
    paths, excused = [Path(p).resolve() for p in args] or sources(), not_yet()
    wrong = complaints(paths, excused=excused)
    gone = sorted(name for name in excused if not (ROOT / name).exists())
    wrong += [f"{name} is no more: take it off the list in ruff.toml" for name in gone]
    for line in wrong: print(line, file=sys.stderr)
    if not wrong: print(f"lint: widths are kept{f', but for {len(excused)} files' if excused else ''}")
    return 1 if wrong else 0


if __name__ == "__main__": sys.exit(main(sys.argv[1:]))
