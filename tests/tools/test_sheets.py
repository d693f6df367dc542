"""Sheet: every cell of every workbook is worked out again by LibreOffice and by `formulas`, and by Node for the page, with other inputs, and held against torch."""
import inspect
import json
import math
import os
import re
import shutil
import subprocess
import sys
import types
import zipfile
from numbers import Number

import formulas
import numpy as np
import office
import openpyxl
import pytest
import torch
import torch.nn.functional as F
from lab import ROOT
from openpyxl.utils import get_column_letter, range_boundaries
from xlsxwriter import Workbook

from neuralnet_foundations import sheets
from neuralnet_foundations.sheets import Block, Sheet, UnsupportedSheet

sys.path.insert(0, str(ROOT / "tests/tools"))
from sheet_cases import CASES, LABELS, NET, TIES, B, U, V, W, X, Y, random_function  # noqa: E402

NODE = shutil.which("node")
RANDOM = 120  # functions of random operations and shapes


needs_office = pytest.mark.usefixtures("libreoffice")


@pytest.fixture(scope="module")
def libreoffice():
    "Without LibreOffice: a printed skip at home, a failure where `CI=true`."
    if office.find() is None: unavailable("LibreOffice is not installed: `python tests/office.py` installs it")


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
        return torch.randint(-6, 7, b.shape, generator=g).double()/4 if seed % 2 else torch.empty(b.shape, dtype=torch.float64).uniform_(-1.5, 1.5, generator=g)
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
    "What differs from torch by more than a billionth, as text; infinities and NaN, which a spreadsheet lacks, are left out."
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
    "One workbook with a page for each sheet: other inputs, the formulas, and no values that could be taken for results."
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
    "The text with its references renamed in order, each of the same size, and what it reads: formulas that are copies of each other share one."
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
            for (i, j), v in np.ndenumerate(value.double().reshape(b.grid).numpy()): page[tuple(n - 1 for n in at(b, i, j)[1:])] = v
        def got(b, i, j, page=page):
            _, row, column = at(b, i, j)
            if not b.expr: return page[row - 1, column - 1].item()
            text, reads = same_for_all(b.formula(i, j))
            if text not in compiled: compiled[text] = formulas.Parser().ast(text)[1].compile()
            areas = (reads[key.split(":")[0]] for key in compiled[text].inputs)
            return np.asarray(compiled[text](*(page[top-1:bottom, left-1:right] for left, top, right, bottom in areas))).ravel()[0]
        wrong += wrong_cells(name, {b: v for b, v in values.items() if all(values[a].double().isfinite().all() for a in b.inputs)}, got)
        cells += sum(v.numel() for v in values.values())
    assert not wrong, f"{len(wrong)} differences\n" + "\n".join(wrong[:40])
    assert cells > 10_000


def called(f, given, inputs, sheet):
    "f in torch with other inputs, and autograd's gradients by name; None where it takes layers, or meets 32 bits from outside."
    if isinstance(f, (list, torch.nn.Module)) or not all(isinstance(v, torch.Tensor) for v in given.values()): return None
    leaves = {n: inputs[sheet.blocks[n]].clone().requires_grad_(inputs[sheet.blocks[n]].is_floating_point()) for n in given}
    try:
        with sheets.double_precision(): out = f(**leaves)
    except RuntimeError as e:
        assert "dtype" in str(e), e
        return None
    floats = [n for n in leaves if leaves[n].requires_grad]
    slopes = torch.autograd.grad(out, [leaves[n] for n in floats], allow_unused=True) if sheet.output.role == "loss" else ()
    return out, {n: torch.zeros_like(leaves[n]) if g is None else g for n, g in zip(floats, slopes)}


def test_torch_and_autograd_agree_with_the_blocks_at_other_inputs(made):
    wrong, checked = [], 0
    for k, (name, sheet) in enumerate(made.items()):
        f, given = CASES.get(name) or random_function(int(name.split()[1]))
        inputs = other_inputs(sheet, k)
        found = called(f, given, inputs, sheet)
        if not found: continue
        values = worked_out(sheet, inputs)
        for what, want, b in [("value", found[0].double(), sheet.output), *((n, g, sheet.gradient(n)) for n, g in found[1].items())]:
            if not torch.allclose(values[b].double(), want, rtol=1e-9, atol=1e-9, equal_nan=True): wrong.append(f"{name}: {what} is {values[b]}, not {want}")
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
                assert torch.equal(world[plain(b.name)].double().nan_to_num(), b.value.double().nan_to_num()), f"{name}: {b.line}"


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
    return [String(cell.value), cell.at, cell.line, cell.formula, cell.name, cell.reads.map((a) => [a.block.name, a.top, a.left, a.bottom, a.right])];
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
        done = subprocess.run([NODE, str(runner)], input=json.dumps(jobs), capture_output=True, text=True, encoding="utf-8", timeout=120)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)
    return run


def test_javascript_works_out_torchs_numbers_and_says_the_same_of_each_cell(made, node):
    jobs, wanted = [], []
    for k, (name, sheet) in enumerate(made.items()):
        inputs = other_inputs(sheet, k)
        jobs.append(dict(data=sheet.for_page(), inputs={b.name: v.flatten().tolist() for b, v in inputs.items()}, steps=0, rate=0))
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
