"""Sheet: with other inputs every cell is worked out by LibreOffice, by `formulas` and by Node, and held against torch."""
import dataclasses
import json
import math
import os
import re
import shutil
import subprocess
import zipfile
from numbers import Number

import formulas
import numpy as np
import office
import openpyxl
import pandas as pd
import pytest
import torch
import torch.nn.functional as F
from lab import ROOT
from openpyxl.utils import get_column_letter, range_boundaries
from sheet_cases import CASES, LABELS, NET, TIES, B, S, U, V, W, X, Y, random_function
from torch import nn
from xlsxwriter import Workbook

from neuralnet_foundations import sheets
from neuralnet_foundations.sheets import Block, Sheet, UnsupportedSheet

NODE = shutil.which("node")
RANDOM = 120  # functions of random operations and shapes


needs_office = pytest.mark.usefixtures("libreoffice")


def unavailable(reason): (pytest.fail if os.environ.get("CI", "").lower() == "true" else pytest.skip)(reason)


@pytest.fixture(scope="module")
def made():
    "Name -> Sheet, with the gradient of everything that has one."
    out = {name: Sheet(f, **given) for name, (f, given) in CASES.items()}
    for seed in range(RANDOM):
        f, given = random_function(seed)
        out[f"random {seed}"] = Sheet(f, **given)
    for sheet in out.values():
        for block in list(sheet.blocks.values()):
            if sheet.output.role == "loss" and not block.expr and block.needs: sheet.gradient(block.name)
    return out


def other_inputs(sheet, seed):
    "New values for each input: on a grid, so that kinks and ties are met; whole numbers stay in their range."
    g = torch.Generator().manual_seed(seed)
    def drawn(b):
        if not b.value.is_floating_point(): return torch.randint(0, int(b.value.max()) + 1, b.shape, generator=g)
        return torch.randint(-6, 7, b.shape, generator=g).double()/4 if seed % 2 else torch.empty(b.shape,
            dtype=torch.float64).uniform_(-1.5, 1.5, generator=g)
    positive = sheet.title == "zero to a power"
    return {b: drawn(b).abs() if positive else drawn(b) for b in sheet.blocks.values() if not b.expr}


def worked_out(sheet, inputs):
    "The value of each block where the inputs are these."
    values = dict(inputs)
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        for b in sheet.blocks.values(): values[b] = b.recalculated(values) if b.expr else values[b]
    finally: torch.set_default_dtype(before)
    return values


def wrong_cells(name, values, got):
    "What differs from torch by more than a billionth, as text; without infinities and NaN, which a spreadsheet lacks."
    scale = max([1., *(v.double()[v.isfinite()].abs().max().item() for v in values.values() if v.isfinite().any())])
    out = []
    for b, want in values.items():
        for (i, j), w in np.ndenumerate(want.double().reshape(b.grid).numpy()):
            g = got(b, i, j)
            if math.isfinite(w) and not (isinstance(g, Number) and abs(g - w) <= 1e-9*abs(w) + 1e-13*scale):
                out.append(f"{name}: {b.name}[{i}, {j}] {b.formula(i, j)} is {g!r}, not {w!r}; {b.line}")
    return out[:3]


def at(b, i, j):
    place = b.sheet.places[b]
    return place.sheet, place.row + 1 + (j if b.upright else i), place.column + 1 + (i if b.upright else j)


def all_in_one(made, inputs, path):
    "One workbook with a page for each sheet: other inputs, formulas, and no values that could be taken for results."
    with Workbook(path) as book:
        for name, sheet in made.items():
            page = book.add_worksheet(str(len(book.worksheets())))
            for b in sheet.blocks.values():
                for i, j in np.ndindex(b.grid):
                    _, row, column = at(b, i, j)
                    text = b.formula(i, j)
                    if text: page.write_formula(row - 1, column - 1, text, None, "?")
                    else: page.write_number(row - 1, column - 1, inputs[name][b].reshape(b.grid)[i, j].item())
    return path


@needs_office
def test_libreoffice_works_out_torchs_numbers_from_other_inputs(made, tmp_path):
    inputs = {name: other_inputs(sheet, k) for k, (name, sheet) in enumerate(made.items())}
    (tmp_path / "out").mkdir()
    path, = office.recalculated([all_in_one(made, inputs, tmp_path / "all.xlsx")], tmp_path / "out")
    pages = openpyxl.load_workbook(path, data_only=True).worksheets
    wrong, cells, lost = [], 0, 0
    for (name, sheet), page in zip(made.items(), pages, strict=True):
        values = worked_out(sheet, inputs[name])
        wrong += wrong_cells(name, values, lambda b, i, j, page=page: page.cell(*at(b, i, j)[1:]).value)
        cells += sum(v.numel() for v in values.values())
        lost += sum((~v.double().isfinite()).sum().item() for v in values.values())
    assert not wrong, f"{len(wrong)} differences\n" + "\n".join(wrong[:40])
    assert len(made) > 150 and cells > 10_000 and lost < cells/200


REFERENCE = re.compile(r"\$?[A-Z]{1,3}\$?\d+(?::\$?[A-Z]{1,3}\$?\d+)?(?![\d(])")


def same_for_all(text):
    "The text with its references renamed in order, each of the same size, and what it reads: the same for copies."
    found = {}
    def renamed(m):
        k = list(found).index(m[0]) if m[0] in found else len(found)
        left, top, right, bottom = found.setdefault(m[0], range_boundaries(m[0].replace("$", "")))
        first, last = f"A{100*k + 100}", f"{get_column_letter(1 + right - left)}{100*k + 100 + bottom - top}"
        return first if first == last else f"{first}:{last}"
    return REFERENCE.sub(renamed, text), {f"A{100*k + 100}": area for k, area in enumerate(found.values())}


def test_the_formulas_package_works_out_torchs_numbers_from_other_inputs(made):
    compiled, wrong, cells = {}, [], 0
    for k, (name, sheet) in enumerate(made.items()):
        values = worked_out(sheet, other_inputs(sheet, k + 1))
        page = np.full((200, 1 + max(p.column + b.size[1] for b, p in sheet.places.items())), np.nan)
        for b, value in values.items():
            for (i, j), v in np.ndenumerate(value.double().reshape(b.grid).numpy()):
                page[tuple(n - 1 for n in at(b, i, j)[1:])] = v
        def got(b, i, j, page=page):
            _, row, column = at(b, i, j)
            if not b.expr: return page[row - 1, column - 1].item()
            text, reads = same_for_all(b.formula(i, j))
            if text not in compiled: compiled[text] = formulas.Parser().ast(text)[1].compile()
            areas = (reads[key.split(":")[0]] for key in compiled[text].inputs)
            return np.asarray(compiled[text](*(page[top-1:bottom, left-1:right]
                                               for left, top, right, bottom in areas))).ravel()[0]
        wrong += wrong_cells(name, {b: v for b, v in values.items()
                                    if all(values[a].double().isfinite().all() for a in b.inputs)}, got)
        cells += sum(v.numel() for v in values.values())
    assert not wrong, f"{len(wrong)} differences\n" + "\n".join(wrong[:40])
    assert cells > 10_000


def called(f, given, inputs, sheet):
    "f in torch with other inputs, and autograd's gradients by name; None where it takes layers, or meets 32 bits from outside."
    if isinstance(f, (list, torch.nn.Module)) or not all(isinstance(v, torch.Tensor) for v in given.values()):
        return None
    leaves = {n: inputs[sheet.blocks[n]].clone().requires_grad_(inputs[sheet.blocks[n]].is_floating_point())
              for n in given}
    try:
        with sheets.double_precision(): out = f(**leaves)
    except RuntimeError as e:
        assert "dtype" in str(e), e
        return None
    floats = [n for n in leaves if leaves[n].requires_grad]
    slopes = torch.autograd.grad(out, [leaves[n] for n in floats],
        allow_unused=True) if out.requires_grad and sheet.output.role == "loss" else ()
    return out, {n: torch.zeros_like(leaves[n]) if g is None else g
                 for n, g in zip(floats, slopes, strict=bool(slopes))}


def test_torch_and_autograd_agree_with_the_blocks_at_other_inputs(made):
    wrong, checked = [], 0
    for k, (name, sheet) in enumerate(made.items()):
        f, given = CASES.get(name) or random_function(int(name.split()[1]))
        inputs = {b: v if b.name in given else b.value for b, v in other_inputs(sheet, k).items()}
        found = called(f, given, inputs, sheet)
        if not found: continue
        values = worked_out(sheet, inputs)
        for what, want, b in [("value", found[0].double(), sheet.output),
                              *((n, g, sheet.gradient(n)) for n, g in found[1].items())]:
            if not torch.allclose(values[b].double(), want, rtol=1e-9, atol=1e-9,
                equal_nan=True): wrong.append(f"{name}: {what} is {values[b]}, not {want}")
            checked += 1
    assert not wrong, "\n".join(wrong)
    assert checked > 500


def test_every_line_is_torch_and_gives_its_block(made):
    "The lines of a sheet, one after the other, are a program: run it, and every block comes out."
    def plain(text): return re.sub(r"\b(\w+)\.grad", r"\1__grad", text)
    for name, sheet in made.items():
        world = {"torch": torch, "F": F}
        with sheets.double_precision():
            for b in sheet.blocks.values():
                if not b.expr: world[b.name] = b.value
                else: exec(plain(b.line), world)
                assert torch.equal(world[plain(b.name)].double().nan_to_num(),
                                   b.value.double().nan_to_num()), f"{name}: {b.line}"


RUNNER = """
import { openSheet, workOut, cellOf, stepSheet } from "%s";
let text = "";
for await (const chunk of process.stdin) text += chunk;
const out = JSON.parse(text).map(({ data, inputs, steps, rate }) => {
  const sheet = openSheet(data);
  for (const [name, values] of Object.entries(inputs)) sheet.named.get(name).values.set(values);
  workOut(sheet, Object.keys(inputs));
  const cells = Object.fromEntries(sheet.blocks.map((block) => [block.name, Array.from(block.values, (_, k) => {
    const [i, j] = block.shape.length === 1 ? [k, 0] : [Math.floor(k / block.columns), k %% block.columns];
    const cell = cellOf(sheet, block.name, i, j);
    const reads = cell.reads.map((a) => [a.block.name, a.top, a.left, a.bottom, a.right]);
    return [String(cell.value), cell.at, cell.line, cell.formula, cell.name, reads];
  })]));
  return { cells, losses: Array.from({ length: steps }, () => String(stepSheet(sheet, rate))) };
});
process.stdout.write(JSON.stringify(out));
"""


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    "Runs a list of jobs through sheet.js in one Node process."
    if NODE is None: unavailable("Node is not installed: `make test` brings its own")
    runner = tmp_path_factory.mktemp("node") / "run.mjs"
    runner.write_text(RUNNER % (ROOT / "neuralnet_foundations/static/maths/sheet.js").as_uri(), encoding="utf-8")
    def run(jobs):
        done = subprocess.run([NODE, str(runner)], input=json.dumps(jobs), capture_output=True, text=True,
                              encoding="utf-8", timeout=120)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)
    return run


def test_javascript_works_out_torchs_numbers_and_says_the_same_of_each_cell(made, node):
    jobs, wanted = [], []
    for k, (name, sheet) in enumerate(made.items()):
        inputs = other_inputs(sheet, k)
        jobs.append(dict(data=sheet.for_page(), inputs={b.name: v.flatten().tolist() for b, v in inputs.items()},
                         steps=0, rate=0))
        wanted.append((name, sheet, worked_out(sheet, inputs)))
    wrong = []
    for (name, sheet, values), out in zip(wanted, node(jobs), strict=True):
        cells = out["cells"]
        wrong += wrong_cells(name, values, lambda b, i, j, cells=cells: float(cells[b.name][i*b.grid[1] + j][0]))
        for b in sheet.blocks.values():
            for k, (_, where, line, text, called, reads) in enumerate(cells[b.name]):
                i, j = divmod(k, b.grid[1])
                mine = b.cell(j) if len(b.shape) == 1 else b.cell(i, j)
                assert (where, line, text, called) == (mine.at, mine.line, mine.formula, mine.name)
                assert reads == [[a.block.name, *a[1:]] for a in b.reads(i, j)]
    assert not wrong, f"{len(wrong)} differences\n" + "\n".join(wrong[:40])


PAGE_JOB = dict(inputs={}, steps=3, rate=0.05)


def test_steps_on_a_page_are_those_of_torch(node):
    sheet = Sheet(two_layers, **trained())
    out, = node([dict(data=sheet.for_page(), **PAGE_JOB)])
    assert [float(v) for v in out["losses"]] == pytest.approx(descended(3, 0.05)[1:], rel=1e-12)


# Two layers and a loss, in 32 bits as a lesson has them
def trained(): return {"w1": W.clone().requires_grad_(), "b1": B.clone().requires_grad_(),
                       "w2": U.clone().requires_grad_(), "x": X, "y": Y[:, 0].clone()}


def two_layers(w1, b1, w2, x, y):
    h = torch.relu(x @ w1 + b1)
    preds = h @ w2
    return ((preds - y)**2).mean()


def descended(steps, lr):
    "The losses of gradient descent in torch, in 64 bits, before each step and after the last."
    given = {n: t.detach().double().requires_grad_(t.requires_grad) for n, t in trained().items()}
    losses = []
    for _ in range(steps + 1):
        loss = two_layers(**given)
        losses.append(loss.item())
        moved = [t for t in given.values() if t.requires_grad]
        with torch.no_grad():
            for t, g in zip(moved, torch.autograd.grad(loss, moved), strict=True): t -= lr*g
    return losses


def cells_of(book): return [(page.title,
    cell) for page in book.worksheets for line in page.iter_rows() for cell in line if cell.value is not None]


@pytest.fixture(scope="module")
def workbook(tmp_path_factory):
    "The sheet of two layers, and its workbook with ten steps."
    sheet = Sheet(two_layers, **trained())
    return sheet, sheet.workbook(tmp_path_factory.mktemp("books") / "net.xlsx", steps=10, lr=0.1)


def test_a_workbook_shows_torchs_values_before_anything_is_worked_out(workbook):
    sheet, path = workbook
    book = openpyxl.load_workbook(path, data_only=True)
    for b in sheet.blocks.values():
        for (i, j), want in np.ndenumerate(b.value.double().reshape(b.grid).numpy()):
            page, row, column = at(b, i, j)
            assert book[page].cell(row, column).value == pytest.approx(want, rel=1e-15)
    losses = [book["map"].cell(3 + k, 8).value for k in range(11)]
    assert losses == pytest.approx(descended(10, 0.1), rel=1e-12) and losses[10] < losses[0]/2


@needs_office
def test_a_workbook_trains_itself_also_from_other_numbers(workbook, tmp_path):
    "A weight, a row of data and the learning rate are changed; LibreOffice goes the ten steps anew."
    sheet, path = workbook
    book = openpyxl.load_workbook(path)
    w, x = sheet.blocks["w1"], sheet.blocks["x"]
    for b, i, j, v in ((w, 0, 1, .75), (x, 2, 0, -3.)): book[at(b, i, j)[0]].cell(*at(b, i, j)[1:]).value = v
    assert book["map"]["B3"].value == 0.1
    book["map"]["B3"].value = 0.02
    book.save(tmp_path / "other.xlsx")
    (tmp_path / "out").mkdir()
    out, = office.recalculated([tmp_path / "other.xlsx"], tmp_path / "out")
    given = trained()
    with torch.no_grad(): given["w1"][0, 1] = .75
    given["x"] = given["x"].clone()
    given["x"][2, 0] = -3
    other, pages = Sheet(two_layers, **given), openpyxl.load_workbook(out, data_only=True)
    for places, values, blocks in other._steps(10, 0.02):
        for b in blocks:
            for (i, j), want in np.ndenumerate(values[b].double().reshape(b.grid).numpy()):
                p = places[b]
                got = pages[p.sheet].cell(p.row + 1 + (j if b.upright
                                                       else i), p.column + 1 + (i if b.upright else j)).value
                assert got == pytest.approx(want, rel=1e-9, abs=1e-13), (p, b.name, i, j)
    assert pages["map"].cell(13, 8).value == pytest.approx(values[other.output].item(), rel=1e-9)


def test_the_formulas_package_reads_a_whole_workbook(workbook):
    sheet, path = workbook
    solved = formulas.ExcelModel().loads(str(path)).finish().calculate()
    got = {str(k).upper().split("]")[1].replace("'", ""): np.asarray(v.value).ravel()[0]
           for k, v in solved.items() if ":" not in str(k)}
    for b in sheet.blocks.values():
        for (i, j), want in np.ndenumerate(b.value.double().reshape(b.grid).numpy()):
            page, row, column = at(b, i, j)
            assert (float(got[f"{page}!{get_column_letter(column)}{row}".upper()])
                    == pytest.approx(want, rel=1e-9, abs=1e-13))


ALLOWED = set("SUM AVERAGE MAX MIN MATCH INDEX SUMPRODUCT MMULT IF AND OR NOT EXP LN LOG10 ABS SIGN SQRT SIN COS TANH "
              "INT".split())


def test_formulas_use_plain_functions_and_fixed_cells(made, workbook):
    "No volatile function, no LOG, LET or array, nothing that spills, and no name but those of the workbook's own sheets."
    texts = {cell.value for _, cell in cells_of(openpyxl.load_workbook(workbook[1])) if isinstance(cell.value,
        str) and cell.value.startswith("=")}
    texts |= {b.formula(i, j) for sheet in made.values() for b in sheet.blocks.values() if b.expr
              for i, j in np.ndindex(b.grid)}
    assert {name for t in texts for name in re.findall(r"([A-Z][A-Z0-9.]*)\(", t)} <= ALLOWED
    for t in texts:
        rest = REFERENCE.sub("", re.sub(r"(net|map|step_\d+)!", "", re.sub(r"[A-Z][A-Z0-9]*\(", "(", t)))
        assert re.fullmatch(r"=[-+*/^<>=(),.\dEe]*", rest), t
    with zipfile.ZipFile(workbook[1]) as z:
        pages = [z.read(n).decode() for n in z.namelist() if n.startswith("xl/worksheets/sheet")]
        assert not any("t=\"array\"" in p or "cm=" in p for p in pages) and "xl/metadata.xml" not in z.namelist()


def test_a_workbook_can_be_found_ones_way_about_in(workbook):
    sheet, path = workbook
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["map", "net", *(f"step_{k}" for k in range(1, 11))]
    assert all(page.freeze_panes == "B3" for page in book.worksheets[1:])
    for b in sheet.blocks.values():
        page, row, column = at(b, 0, 0)
        assert book[page].cell(1, column).value == b.name and book[page].cell(2, column).value == b.line
        assert book[page].cell(row, column).fill.fgColor.rgb == "FF" + sheets.COLOURS[b.role][1:]
    links = {cell.value: cell.hyperlink.location for cell in book["map"]["A"] if cell.hyperlink}
    assert links == {b.name: b.cells for b in sheet.blocks.values()}
    assert (len(set(sheets.COLOURS.values())) == 6 and {b.role for b in sheet.blocks.values()}
            == {"input", "parameter", "computed", "loss", "gradient"})
    assert len(book["map"]._charts) == 1


def test_the_same_sheet_gives_the_same_file(workbook, tmp_path):
    sheet, path = workbook
    assert sheet.workbook(str(tmp_path / "again.xlsx"), steps=10, lr=0.1).read_bytes() == path.read_bytes()


def test_what_a_block_and_a_cell_say():
    sheet = Sheet(two_layers, **trained())
    h, preds, loss = sheet.blocks["h"], sheet.blocks["preds"], sheet.output
    assert (list(sheet.blocks)[:5] == ["w1", "b1", "w2", "x", "y"] and loss.name == "loss" and loss.shape == ()
            and loss.role == "loss")
    assert ((h.line, h.shape, h.role) == ("h = torch.relu(add)", (4, 2), "computed")
            and isinstance(h.value, torch.Tensor))
    assert (isinstance(h, Block) and re.fullmatch(r"net![A-Z]+3:[A-Z]+6", h.cells)
            and re.fullmatch(r"net![A-Z]+3:[A-Z]+6", preds.cells))
    cell = h.cell(2, 1)
    assert (cell.name == "h[2, 1]" and cell.formula.startswith("=MAX(") and cell.value == h.value[2, 1].item()
            and len(cell.reads) == 1)
    assert (preds.cell(3).formula.startswith("=SUMPRODUCT(") and len(preds.cell(3).reads) == 2
            and sheet.blocks["x"].cell(0, 0).formula == "")
    assert sheet.gradient("w1").name == "w1.grad" and sheet.gradient("w1").line == "w1.grad = x.T @ matmul.grad"
    assert sheet.gradient("x").shape == (4, 3) and "x.grad" in sheet.blocks and sheet.gradient("h").role == "gradient"
    for i, j in ((4, 0), (0, 2), (-1, 0)):
        with pytest.raises(IndexError, match=r"h has no cell .*\(4, 2\)"): h.cell(i, j)
    assert "w1.grad = x.T @ matmul.grad" in repr(sheet) and "net!" in repr(h)


@pytest.mark.parametrize(("f", "given", "latex"), [
    (lambda w, x, y: ((torch.relu(x @ w) - y)**2).mean(), dict(w=V, x=X, y=Y[:, 0]),
     r"\frac1{4} \sum \left(\operatorname{relu}\left(\mathbf{x} \mathbf{w}\right) - \mathbf{y}\right)^{2}"),
    (lambda w, x, y: F.cross_entropy(x @ w.T, y), dict(w=X[:3], x=X, y=LABELS),
     r"\operatorname{cross\_entropy}\left(\mathbf{x} \mathbf{w}^\top, \mathbf{y}\right)"),
    (lambda a, s: (a*s - 2*a/3).sum(0), dict(a=V, s=S),
     r"\sum \left(\mathbf{a} \, s - \frac{2 \, \mathbf{a}}{3}\right)"),
    (lambda a: torch.softmax(a, 1)*a, dict(a=X), r"\operatorname{softmax}\left(\mathbf{a}\right) \odot \mathbf{a}"),
    (lambda a: -(a - 1)**2, dict(a=V), r"-\left(\mathbf{a} - 1\right)^{2}"), (lambda w1: w1, dict(w1=S), "w_{1}"),
    (lambda a: (a + 1).exp()*(a + 1).exp(), dict(a=V), None)])
def test_latex_in_matrix_notation(f, given, latex): assert latex in (None, Sheet(f, **given).latex())


def test_latex_can_be_read(made):
    for name, sheet in made.items():
        text = sheet.latex()
        assert text.count("{") == text.count("}") and text.count(r"\left") == text.count(r"\right"), name
        assert "<" not in text.replace(" < ", ""), name
    def twice(a):
        h = torch.exp(a)
        return h*h + h
    assert Sheet(twice, a=V).latex().startswith(r"\begin{aligned} \mathbf{h} &= \exp\left(\mathbf{a}\right) \\ ")


BIG = torch.zeros(500, 401)
CONSTANT = torch.tensor([1., float("nan")])
REFUSED = {
    "rank 3": (lambda x: x.sum(), dict(x=torch.ones(2, 3, 4)), r"x has the shape \(2, 3, 4\).*rank 0, 1 or 2"),
    "rank 3 within": (lambda x: x[:, None, None]*x, dict(x=V), r"`getitem` has the shape \(3, 1, 1\)"),
    "too many": (lambda x: x.sum(), dict(x=BIG), "200,500 cells, and 200,000 are the most"),
    "too many within": (lambda x: x*2 + 1, dict(x=BIG[:250]), "brings the sheet to"),
    "too wide": (lambda x: x.sum(), dict(x=torch.zeros(2, 20_000)), "20,000 columns wide"),
    "not there": (lambda x: torch.erf(x), dict(x=V), "`erf` cannot be laid out as cells"),
    "unknown": (lambda x: torch.cosh(x), dict(x=V), "`cosh`.*not in the table of operations"),
    "method": (lambda x: x.cumsum(0), dict(x=V), "`cumsum`.*matrix"),
    "attribute": (lambda x: x.grad_fn*x, dict(x=V), "`grad_fn`"),
    "modulo": (lambda x: x % 2, dict(x=V), "`mod`.*jumps"),
    "if": (lambda x: x if x.sum() > 0 else -x, dict(x=V), "`if`.*torch.where"),
    "max of Python": (lambda x: max(x[0], x[1]), dict(x=V), "`if`.*maximum"),
    "item": (lambda x: x*x[0].item(), dict(x=V), "`item`.*leaves"),
    "float": (lambda x: x*float(x[0]), dict(x=V), "`float`.*torch.exp"),
    "mask": (lambda x: x[x > 0].sum(), dict(x=V), "`getitem`.*torch.where"),
    "range of a value": (lambda x, n: x[:n].sum(), dict(x=V, n=torch.tensor(2)), "`int`|getitem"),
    "in place": (lambda x: x.add_(1), dict(x=V), "`add_`.*in place"),
    "setitem": (lambda x: x.__setitem__(0, 1), dict(x=V), "`setitem`.*in place"),
    "relu in place": (nn.ReLU(inplace=True), dict(x=V), "`relu`.*inplace"),
    "out": (lambda x: torch.exp(x, out=x), dict(x=V), "`exp`.*in place"),
    "an input changed": (lambda x: x.__iadd__(1).sum() if isinstance(x, torch.Tensor) else (x + 1).sum(), dict(x=V),
        "in place.*`x = x \\+ y`"),
    "random": (lambda x: x + torch.rand(3), dict(x=V), "another value.*random"),
    "random like": (lambda x: torch.rand_like(x), dict(x=V), "`rand_like`.*random"),
    "dropout": (nn.Dropout(), dict(x=V), "`dropout`.*eval"), "batch norm": (nn.BatchNorm1d(3), dict(x=X), "cannot be"),
    "no name": (lambda x: x, {"my tensor": V}, "'my tensor' is no name.*my_tensor"),
    "keyword": (lambda x: x, {"class": V}, "'class' is no name"),
    "digit": (lambda x: x, {"1x": V}, "'1x' is no name"),
    "other name": (lambda x: x, dict(x=V, y=V), "takes x, and x, y was given"),
    "missing": (lambda w, x: w*x, dict(x=V), "takes w, x.*missing"), "builtin": (torch.relu, dict(x=V), "lambda x"),
    "integers": (lambda x: x.mean(), dict(x=LABELS), r"mean of x.*torch.int64.*x.float\(\)"),
    "integers in a product": (lambda x, w: x @ w, dict(x=LABELS[None, :3], w=W), "same dtype"),
    "floats as an index": (lambda e, y: e[y], dict(e=X, y=V.abs()), r"y is an index.*y.long\(\)"),
    "a label too large": (lambda p, y: F.cross_entropy(p, y), dict(p=X, y=LABELS + 2), "2 to 3.*may hold 0 to 2"),
    "bools added": (lambda x: (x > 0) + (x > 1), dict(x=V), "true or false.*float"),
    "nan": (lambda x: x, dict(x=CONSTANT), "x holds nan"),
    "nan outside": (lambda x: x[:2]*CONSTANT, dict(x=V), "CONSTANT holds nan"),
    "infinite": (lambda x: x.masked_fill(x > 0, float("inf")), dict(x=V), "inf is a number that no"),
    "empty": (lambda x: x, dict(x=torch.zeros(0, 3)), "x is empty"),
    "empty within": (lambda x: x[5:], dict(x=V), "is empty"),
    "complex": (lambda x: x, dict(x=V + 1j), "one real number"), "text": (lambda x: x, dict(x="V"), "x is 'V'"),
    "list": (lambda x: x, dict(x=[1., 2.]), "torch.tensor"),
    "two results": (lambda x: (x, x), dict(x=V), "returns tuple"),
    "nothing": (lambda x: None, dict(x=V), "returns NoneType"),
    "no tensor": (lambda x: torch.ones(3), dict(x=V), "returns Tensor.*worked out from"),
    "shapes": (lambda x, w: x @ w, dict(x=X, w=X), "`matmul`: torch says"),
    "an error": (lambda x: undefined*x, dict(x=V), "NameError"),  # noqa: F821
    "odd call": (lambda x: x.sum(what=1), dict(x=V),
        "`sum`.*what"),
    "no axis": (lambda x: x.sum(3), dict(x=V), "dim=3"),
    "weights": (lambda p, y: F.cross_entropy(p, y, weight=V), dict(p=X, y=LABELS), "only `reduction`"),
    "median": (lambda x: x.median(), dict(x=V), "`median`.*moves cells"), "std": (lambda x: x.std(), dict(x=V),
        "`std`.*mean, sum and sqrt")}


@pytest.mark.parametrize("label", REFUSED)
@pytest.mark.filterwarnings("ignore")
def test_what_cannot_be_a_sheet_says_what_and_why(label):
    f, given, says = REFUSED[label]
    before = {n: v.clone() if isinstance(v, torch.Tensor) else v for n, v in given.items()}
    with pytest.raises(UnsupportedSheet, match=says) as e: Sheet(f, **given)
    assert isinstance(e.value, ValueError) and "Traceback" not in str(e.value)
    assert all(torch.equal(before[n].nan_to_num(), v.nan_to_num())
               for n, v in given.items() if isinstance(v, torch.Tensor))
    assert torch.get_default_dtype() == torch.float32 and torch.is_grad_enabled()


def test_only_a_loss_has_gradients_and_steps(tmp_path):
    matrix, labels = Sheet(lambda w, x: x @ w, w=W, x=X), Sheet(lambda w, x, y: F.cross_entropy(x @ w, y), w=X[:3], x=X,
                                                                y=LABELS)
    with pytest.raises(ValueError, match=r"only one number has a gradient.*\(4, 2\)"): matrix.gradient("w")
    with pytest.raises(ValueError, match="y has no gradient.*int64"): labels.gradient("y")
    with pytest.raises(ValueError, match="'z' is not a block of this sheet; it has w, x, y"): labels.gradient("z")
    with pytest.raises(ValueError, match="w.grad has no gradient"): labels.gradient("w.grad")
    with pytest.raises(ValueError, match="2 steps need a loss"): matrix.workbook(tmp_path / "a.xlsx", steps=2, lr=.1)
    for steps, lr, says in ((2, None, "lr must be a number, got None"), (2, 0, "lr must be above 0"),
                            (2, float("nan"), "lr is nan"),
                            (-1, .1, "steps must be .*-1"), (1.5, .1, "steps must be .*1.5"),
                            (True, .1, "steps must be .*True")):
        with pytest.raises(ValueError, match=says): labels.workbook(tmp_path / "a.xlsx", steps=steps, lr=lr)
    with pytest.raises(UnsupportedSheet, match="200000 steps make .* cells"):
        labels.workbook(tmp_path / "a.xlsx", steps=200_000, lr=.1)
    assert not list(tmp_path.iterdir())


def test_a_file_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    sheet = Sheet(two_layers, **trained())
    (tmp_path / "folder.xlsx").mkdir()
    for path, error, says in (("no/net.xlsx", OSError, "there is no folder"),
                              ("folder.xlsx", OSError, "it is a folder"), ("net.txt",
        ValueError, "ends in .xlsx"), ("net", ValueError, ".xlsx")):
        with pytest.raises(error, match=says): sheet.workbook(tmp_path / path)
    path = tmp_path / "net.xlsx"
    path.write_bytes(b"mine")
    def full(*args): raise OSError(28, "No space left on device")
    monkeypatch.setattr("neuralnet_foundations.saving.os.replace", full)
    with pytest.raises(OSError, match="net.xlsx could not be written: No space left.*closed in other programs"):
        sheet.workbook(path)
    assert path.read_bytes() == b"mine" and sorted(p.name for p in tmp_path.iterdir()) == ["folder.xlsx", "net.xlsx"]
    monkeypatch.undo()
    assert (sheet.workbook(path) == path and zipfile.is_zipfile(path)
            and sorted(p.name for p in tmp_path.iterdir()) == ["folder.xlsx", "net.xlsx"])


def test_steps_and_rates_of_every_kind(tmp_path):
    sheet = Sheet(two_layers, **trained())
    plain = sheet.workbook(tmp_path / "a.xlsx", steps=2, lr=0.5).read_bytes()
    assert sheet.workbook(tmp_path / "b.xlsx", steps=np.int64(2), lr=torch.tensor(0.5)).read_bytes() == plain


ONE, TWO = np.array([2., 1.]), np.array([1., 2.])
KINDS = {"reversed": ONE[::-1], "big-endian": TWO.astype(">f8"), "objects": TWO.astype(object),
         "series": pd.Series(TWO, index=[7, 5]), "nullable": pd.Series([1, 2], dtype="Int64"),
         "float16": TWO.astype("f2"),
         "long": TWO.astype(np.longdouble), "whole": np.array([1, 2], ">i4")}


@pytest.mark.parametrize("kind", KINDS)
def test_arrays_of_every_kind(kind):
    def weighted(w, x): return (w*x).sum()
    assert Sheet(weighted, w=torch.tensor([3., 4.]), x=KINDS[kind]).output.value.item() == 3*1. + 4*2.


@pytest.mark.parametrize("bad", [np.array(["a", "b"]), pd.Series([True, None], dtype="boolean"), np.array([1, 1j])])
def test_arrays_that_hold_no_numbers_are_named(bad):
    with pytest.raises(ValueError, match="x (must be numbers|holds nan)"):
        Sheet(lambda w, x: (w*x).sum(), w=torch.ones(2), x=bad)


# A negative number has no root in torch; (-8)^(1/3) is -2 for Excel
ROOTS = {"third": (lambda w, x: (w*x**(1/3)).sum(), "=SQRT(E3)^0.6666666666666666"),
         "square": (lambda w, x: (w*x**0.5).sum(), "=SQRT(E3)"),
         "one over": (lambda w, x: (w*x**-1.5).sum(), "=SQRT(E3)^(-3)"),
         "whole": (lambda w, x: (w*x**-2).sum(), "=E3^(-2)"),
         "of a tensor": (lambda w, x: (x**w).sum(), "=IF(B3=0,1,IF(B3=INT(B3),E3^B3,SQRT(E3)^(2*B3)))")}


@pytest.mark.parametrize("label", ROOTS)
def test_roots_are_torchs(label):
    f, text = ROOTS[label]
    sheet = Sheet(f, w=torch.tensor([1/3, 2.]), x=torch.tensor([8., 4.]))
    cell = next(b for b in sheet.blocks.values() if b.expr and b.expr.op in ("power", "pow")).cell()
    assert cell.formula == text
    for x in (8., -8.):
        calculated = formulas.Parser().ast(cell.formula)[1].compile()
        got = np.asarray(calculated(*({"B3": 1/3, "E3": x}[i] for i in calculated.inputs))).item()
        exponent = {"third": 1/3, "square": .5, "one over": -1.5, "whole": -2, "of a tensor": 1/3}[label]
        want = torch.tensor(x, dtype=torch.float64)**exponent
        assert isinstance(got, str) if want.isnan() else got == pytest.approx(want.item())


def test_parameters_are_what_requires_a_gradient():
    def f(w, b, x, y): return ((x @ w + b - y)**2).mean()
    given = dict(w=V, b=S, x=X, y=Y[:, 0])
    def parameters(**more): return [b.name for b in Sheet(f, **{**given, **more}).parameters]
    assert parameters() == ["w", "b"]
    assert parameters(b=S.clone().requires_grad_()) == ["b"] and parameters(x=X.clone().requires_grad_()) == ["x"]
    module = Sheet(lambda net, x: net(x).sum(), net=NET, x=X)
    assert [b.name for b in module.parameters] == ["net0_weight", "net0_bias", "net2_weight", "net2_bias"]
    assert (module.blocks["x"].role == "input"
            and Sheet(lambda w: (w*TIES).sum(), w=TIES).blocks["TIES"].role == "constant")


def test_a_kink_is_what_the_installed_torch_says():
    "Ask autograd for each operation at its kink, here as in the rules: none of these slopes is typed in."
    for name, f in {"relu": torch.relu, "abs": torch.abs, "clamp": lambda a: a.clamp(min=0),
                    "clip": lambda a: a.clip(max=0)}.items():
        a = torch.zeros(1, requires_grad=True)
        assert (Sheet(lambda a, f=f: f(a).sum(), a=a).gradient("a").value.item()
                == torch.autograd.grad(f(a).sum(), a)[0].item()), name


def test_a_rule_that_is_wrong_is_found_before_anybody_sees_the_sheet(monkeypatch):
    wrong = {**sheets.OPERATIONS, "relu": dataclasses.replace(sheets.OPERATIONS["relu"], slopes=(lambda g, y, x: g*2,))}
    monkeypatch.setattr(sheets, "OPERATIONS", wrong)
    with pytest.raises(UnsupportedSheet, match="autograd's gradient of w1 is another"): Sheet(two_layers, **trained())


def test_a_long_sheet_has_columns_beside_each_other():
    "As many rows as passengers without a gap in their data: vectors stand upright, and cells of one passenger in one row."
    x, y = torch.linspace(-1, 1, 7120).view(712, 10), torch.linspace(0, 1, 712)
    sheet = Sheet(lambda w, x, y: ((torch.relu(x @ w) - y)**2).mean(), w=torch.full((10,), .1, requires_grad=True),
                  x=x, y=y)
    assert all(re.fullmatch(r"net![A-Z]+3:[A-Z]+714", b.cells) for b in sheet.blocks.values() if b.shape == (712,))
    assert re.fullmatch(r"net![A-Z]+3:[A-Z]+3", sheet.gradient("w").cells)
    assert sheet.blocks["matmul"].cell(711).formula == "=SUMPRODUCT(M714:V714,$B$3:$K$3)"
