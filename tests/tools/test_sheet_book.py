"""Several sheets in one workbook, an exercise in it, and what comes back from a learner: LibreOffice works it out,
torch judges it."""
import re
import shutil

import office
import openpyxl
import pytest
import torch
import torch.nn.functional as F
from openpyxl.utils import get_column_letter

from neuralnet_foundations.sheets import Difference, Sheet, SheetBook

X = torch.linspace(-1, 1, 24, dtype=torch.float64).view(8, 3).sin()
Y = (X[:, 0] > 0).double()
LABELS = Y.long()
W = torch.tensor([.3, -.2, .1]).double()
W1, W2 = torch.tensor([.5, -.25, .75]).double(), torch.tensor([-.4, .2, .6]).double()
OTHERS = torch.tensor([[1., 2, -1], [.6, 0, 1]]).double()
QUESTIONS = {"preds": "What does the line say?", "preds.grad": "How does the error change with it?"}


def line(x, y, w): return ((x @ w - y)**2).mean()
def net(x, y, w1, w2): return ((torch.relu(x @ w1) + torch.relu(x @ w2) - y)**2).mean()
def at_once(x, y, w1, w2): return ((torch.relu(x @ torch.stack([w1, w2], 1)).sum(1) - y)**2).mean()
def chosen(p, y): return F.cross_entropy(p, y)


def errors(x, y, w):
    preds = x @ w
    return ((preds - y)**2).sum()


@pytest.fixture
def book():
    return SheetBook(line=Sheet(line, x=X, y=Y, w=W), net=Sheet(net, x=X, y=Y, w1=W1, w2=W2),
                     product=Sheet(at_once, x=X, y=Y, w1=W1, w2=W2),
                     exercise=Sheet(errors, x=OTHERS, y=torch.tensor([1., 0.]).double(), w=W), trains="net",
                     asks=dict(exercise=QUESTIONS), labels=dict(x=["one", "two", "three"]))


@pytest.fixture
def path(book, tmp_path): return book.workbook(tmp_path / "pages.xlsx", steps=2, lr=.1)


def cell_at(book, address):
    page, at = address.split("!")
    return book[page][at]


def edited(path, name, values, **changes):
    "A copy with other cells; `values`: with numbers in place of formulas."
    book = openpyxl.load_workbook(path, data_only=values)
    for address, v in changes.items(): cell_at(book, address).value = v
    book.save(path.with_name(name))
    return path.with_name(name)


def worked_out(path, **changes):
    "As LibreOffice saves it after these changes."
    changed, out = edited(path, "changed.xlsx", False, **changes), path.parent / "out"
    out.mkdir(exist_ok=True)
    return office.recalculated([changed], out)[0]


def place(book, page, block, *ij): return book.pages[page].blocks[block].cell(*ij).at
def spot(book, block, i):
    b = book.pages["exercise"].blocks[block]
    return f"exercise!{get_column_letter(book.spots[b].column + 1)}{book.spots[b].row + 1 + i}"


def verdict(book, block, i):
    page, column, row = re.fullmatch(r"(\w+)!([A-Z]+)(\d+)", spot(book, block, i)).groups()
    return f"{page}!{get_column_letter(openpyxl.utils.column_index_from_string(column) + 1)}{row}"


# ---- pages

def test_what_pages_share_stands_once(book, path):
    pages = openpyxl.load_workbook(path)
    seen = ["map", "data", "line", "net", "product", "exercise", "step_1", "step_2"]
    assert [p.title for p in pages if p.sheet_state == "visible"] == seen and pages["judge"].sheet_state == "hidden"
    assert {place(book, name, "x", 0, 0) for name in ("line", "net", "product")} == {"data!B3"}
    assert place(book, "net", "w1", 0) == place(book, "product", "w1", 0) == "net!B3"
    assert place(book, "exercise", "w", 0) == place(book, "line", "w", 0) == "line!B3"
    assert place(book, "exercise", "x", 0, 0) == "exercise!B3"
    assert [pages["data"].cell(2, c).value for c in (2, 3, 4)] == ["one", "two", "three"]
    assert book.pages["product"].blocks["matmul"].cell(0, 0).formula.startswith("=MMULT(data!$B3:$D3,")
    assert book.pages["net"].blocks["matmul"].cell(0).formula.startswith("=SUMPRODUCT(data!B3:D3,$B$3:$D$3)")


def test_cells_show_torchs_numbers_before_anything_is_worked_out(book, path):
    pages = openpyxl.load_workbook(path, data_only=True)
    for sheet in book.pages.values():
        for b in sheet.blocks.values():
            for k, want in enumerate(b.value.double().flatten().tolist()):
                at = b.cell(*([k] if len(b.shape) == 1 else divmod(k, b.grid[1]))).at
                assert cell_at(pages, at).value == pytest.approx(want, rel=1e-15), (b.line, at)
    assert pages["map"]["B2"].value == book.pages["net"].output.value.item()


def test_the_map_leads_to_every_page_and_block(book, path):
    links = [cell.hyperlink.location for cell in openpyxl.load_workbook(path)["map"]["A"] if cell.hyperlink]
    assert [at.split("!")[0] for at in links if at.endswith("!A1")] == ["data", "line", "net", "product", "exercise"]
    assert not any(at.startswith("judge") for at in links)
    for sheet in list(book.pages.values())[:3]: assert {b.cells for b in sheet.blocks.values()} <= set(links)


def test_a_sheet_alone_says_the_addresses_of_its_own_workbook(book, tmp_path):
    sheet = book.pages["net"]
    assert sheet.blocks["x"].cells.startswith("data!")
    sheet.workbook(tmp_path / "net.xlsx")
    assert {b.cells.split("!")[0] for b in sheet.blocks.values()} == {"net"}
    assert sheet.first_difference(tmp_path / "net.xlsx") is None


def test_a_gradient_asked_for_later_finds_a_place(book):
    sheet = book.pages["line"]
    before = {b: b.cells for b in sheet.blocks.values()}
    sheet.gradient("x")
    assert sheet.blocks["x.grad"].cells.startswith("line!") and all(b.cells == c for b, c in before.items())


def test_a_picture_is_dark_where_its_numbers_are_large(tmp_path):
    sheet = Sheet(lambda picture, w: (picture.flatten() * w).sum(), picture=X, w=torch.ones(24).double())
    path = SheetBook(read=sheet, pictures=["picture"]).workbook(tmp_path / "a.xlsx")
    (area, rules), = openpyxl.load_workbook(path)["read"].conditional_formatting._cf_rules.items()
    assert str(area.sqref) == sheet.blocks["picture"].cells.split("!")[1]
    assert [c.rgb for c in rules[0].colorScale.color] == ["FFFFFFFF", "FF1A1A1A"]


def test_what_is_in_the_way_stands_apart(tmp_path):
    sheet = Sheet(line, x=X, y=Y, w=W)
    book = SheetBook(line=sheet, apart=dict(x="inputs", matmul="products"))
    assert {b.cells.split("!")[0] for b in sheet.blocks.values()} == {"line", "inputs", "products"}
    assert sheet.blocks["matmul"].cell(2).formula.startswith("=SUMPRODUCT(inputs!B5:D5,line!$")
    assert book.first_difference(book.workbook(tmp_path / "a.xlsx")) is None


WRONG = {
    "no page": (lambda s: SheetBook(), "needs a page"),
    "a name with a digit": (lambda s: SheetBook(w1=s), "'w1' is no name for a page"),
    "a name that is taken": (lambda s: SheetBook(data=s), "'data' is no name for a page"),
    "no sheet": (lambda s: SheetBook(line=3), "line is 3: give a Sheet"),
    "one sheet twice": (lambda s: SheetBook(line=s, more=s), "same Sheet stands on two pages"),
    "trains what is not there": (lambda s: SheetBook(line=s, trains="net"), "'net' is no page.*it has line"),
    "asks on no page": (lambda s: SheetBook(line=s, asks=dict(net={})), "'net' is no page"),
    "asks for no block": (lambda s: SheetBook(line=s, asks=dict(line=dict(z=""))), "'z' is no block.*it has x, y, w"),
    "asks for what is given": (lambda s: SheetBook(line=s, asks=dict(line=dict(x=""))), "x is given"),
    "asks for more": (lambda s: SheetBook(line=s, asks=dict(line={"w.grad": ""})), "w.grad is 3 columns wide"),
    "labels of nothing": (lambda s: SheetBook(line=s, labels=dict(z=[])), "'z' is nothing that is given"),
    "too few labels": (lambda s: SheetBook(line=s, labels=dict(x=["a"])), "x has 3 columns, and 1 labels"),
    "apart, and no block": (lambda s: SheetBook(line=s, apart=dict(z="more")), "'z' is no block"),
    "apart on no page": (lambda s: SheetBook(line=s, apart=dict(w="judge")), "'judge' is no name"),
    "a picture of nothing": (lambda s: SheetBook(line=s, pictures=["matmul"]), "'matmul' is nothing that is given")}


@pytest.mark.parametrize("label", WRONG)
def test_what_no_workbook_can_be_made_of(label):
    make, says = WRONG[label]
    sheet = Sheet(line, x=X, y=Y, w=W)
    with pytest.raises(ValueError, match=says): make(sheet)
    assert sheet.blocks["x"].cells.startswith("net!")


# ---- what comes back

def test_nothing_differs_as_it_was_written(book, path): assert book.first_difference(path) is None


def first(book, path, **changes): return book.first_difference(edited(path, "typed.xlsx", True, **changes))


@pytest.mark.parametrize("page, block, ij", [("line", "matmul", (2,)), ("net", "w1.grad", (1,)), ("product", "relu", (3, 1)),
                                             ("net", "loss", ())])
def test_a_number_over_a_formula_is_named_and_not_what_follows_from_it(book, path, page, block, ij):
    cell = book.pages[page].blocks[block].cell(*ij)
    found = first(book, path, **{cell.at: 9.5})
    assert isinstance(found, Difference)
    assert (found.at, found.name, found.value, found.holds) == (cell.at, cell.name, 9.5, 9.5)
    assert found.torch == pytest.approx(cell.value) and found.formula == cell.formula and found.line == cell.line
    assert repr(found).startswith(f"{cell.at}, {cell.name}: the cell shows 9.5, torch")
    assert f"the workbook had {cell.formula}" in repr(found)


def test_the_first_cell_is_the_first_in_the_order_of_the_work(book, path):
    late, early = place(book, "net", "loss"), place(book, "net", "relu", 4)
    assert first(book, path, **{late: 1., early: 3.}).at == early


def test_a_step_is_looked_at_too(book, path):
    found = first(book, path, **{"step_2!B3": .123})
    assert (found.at, found.name, found.value) == ("step_2!B3", "w1[0]", .123)
    assert found.formula.startswith("=step_1!B3-map!")


@pytest.mark.parametrize("v", [0., None, "nothing", "#NAME?", True])
def test_what_is_no_number_differs(book, path, v):
    at = place(book, "line", "matmul", 1)
    found = first(book, path, **{at: v})
    assert found.at == at and found.value == v


@pytest.mark.usefixtures("libreoffice")
def test_other_weights_and_data_are_fine_if_all_else_follows(book, path):
    changes = {place(book, "net", "w1", 2): -1.25, place(book, "line", "x", 5, 1): 4., "map!B3": .03}
    out = worked_out(path, **changes)
    assert book.first_difference(out) is None
    shown = openpyxl.load_workbook(out, data_only=True)
    w1, x = W1.clone(), X.clone()
    w1[2], x[5, 1] = -1.25, 4
    assert shown["map"]["B2"].value == pytest.approx(net(x, Y, w1, W2).item(), rel=1e-12)


@pytest.mark.usefixtures("libreoffice")
@pytest.mark.parametrize("formula, shows", [("=0.5*3", 1.5), ("=SUM(data!B3:D3", None), ("=NOSUCH(1)", "#NAME?"),
                                            ("=1/0", "#DIV/0!")])
def test_another_formula_is_named(book, path, formula, shows):
    at = place(book, "net", "relu", 3)
    found = book.first_difference(worked_out(path, **{at: formula}))
    assert found.at == at and (shows is None or found.value == shows) and str(found.holds).startswith("=")


@pytest.mark.usefixtures("libreoffice")
def test_another_formula_with_the_same_number_is_none(book, path):
    b = book.pages["line"].blocks["matmul"].cell(0)
    other = "=data!B3*line!B3+data!C3*line!C3+data!D3*line!D3"
    assert book.first_difference(worked_out(path, **{b.at: other})) is None


# ---- the exercise

RIGHT = {"preds": "=SUMPRODUCT(B{r}:D{r},line!$B$3:$D$3)", "preds.grad": "=2*({p}-{y})"}


def filled(book, **formulas):
    "{cell: formula} for both rows of the exercise."
    y = [book.pages["exercise"].blocks["y"].cell(i).at.split("!")[1] for i in range(2)]
    given = {**RIGHT, **formulas}
    return {spot(book, b, i): given[b].format(r=3 + i, y=y[i], p=spot(book, "preds", i).split("!")[1])
            for b in given for i in range(2)}


def verdicts(book, path):
    pages = openpyxl.load_workbook(path, data_only=True)
    return [cell_at(pages, verdict(book, b, i)).value for b in QUESTIONS for i in range(2)]


@pytest.mark.usefixtures("libreoffice")
def test_right_formulas_are_right_also_after_a_weight_has_changed(book, path):
    assert verdicts(book, path) == ["not yet"]*4
    for w in (.3, 2.): assert verdicts(book, worked_out(path, **filled(book), **{"line!B3": w})) == ["right"]*4
    assert book.first_difference(path.parent / "out/changed.xlsx") is None


@pytest.mark.usefixtures("libreoffice")
@pytest.mark.parametrize("wrong", ["=SUM(B{r}:D{r})", "=SUMPRODUCT(B{r}:D{r},line!$B$3:$D$3)+0.001", "right", "=NOSUCH(2)",
                                   "=A1&A2"])
def test_wrong_formulas_are_not_yet_right(book, path, wrong):
    out = worked_out(path, **filled(book, preds=wrong))
    assert verdicts(book, out)[:2] == ["not yet"]*2
    found = book.first_difference(out)
    assert found.at == spot(book, "preds", 0) and found.name == "preds[0]" and found.formula == ""


@pytest.mark.usefixtures("libreoffice")
def test_a_typed_number_is_right_only_as_long_as_nothing_changes(book, path):
    numbers = {spot(book, "preds", i): (OTHERS[i] @ W).item() for i in range(2)}
    assert verdicts(book, worked_out(path, **numbers))[:2] == ["right"]*2
    assert verdicts(book, worked_out(path, **numbers, **{"line!B3": 2.}))[:2] == ["not yet"]*2


def test_the_answer_cannot_be_read_beside_it(book, path):
    answers = {*(OTHERS @ W).tolist(), *book.pages["exercise"].gradient("preds").value.tolist()}
    for values in (True, False):
        page = openpyxl.load_workbook(path, data_only=values)["exercise"]
        shown = [cell.value for row in page.iter_rows() for cell in row if isinstance(cell.value, float)]
        assert not [v for v in shown if any(abs(v - a) < 1e-6 for a in answers)]
        assert not [c.value for row in page.iter_rows() for c in row if "SUMPRODUCT" in str(c.value)]


# ---- files

def other(path): shutil.copy(Sheet(line, x=X, y=Y, w=W).workbook(path.with_name("other.xlsx")), path)


def moved(path):
    book = openpyxl.load_workbook(path, data_only=True)
    book["net"].insert_cols(2)
    book.save(path)


def typed(path, at, v, values=True): edited(path, path.name, values, **{at: v})


FILES = {
    "none": (lambda p: p.unlink(), FileNotFoundError, "there is no file"),
    "text": (lambda p: p.write_text("net"), ValueError, "no workbook that can be read"),
    "half": (lambda p: p.write_bytes(p.read_bytes()[:5000]), ValueError, "no workbook that can be read"),
    "of other pages": (other, ValueError, "another workbook: it has no page 'data', but map, net"),
    "columns moved": (moved, ValueError, "net!B1 says None where 'w1' stood"),
    "text in the data": (lambda p: typed(p, "data!C4", "two"), ValueError, "data!C4 holds 'two', and x needs a number"),
    "a hole in the data": (lambda p: typed(p, "data!C4", None), ValueError, "data!C4 holds None"),
    "no learning rate": (lambda p: typed(p, "map!B3", "fast"), ValueError, "map!B3 holds 'fast'"),
    "not worked out": (lambda p: typed(p, "data!C4", 1., False), ValueError, "a formula and no value yet.*LibreOffice")}


@pytest.mark.parametrize("label", FILES)
def test_files_that_cannot_be_judged(book, path, label):
    spoil, error, says = FILES[label]
    spoil(path)
    with pytest.raises(error, match=says): book.first_difference(path)


def test_labels_are_whole_numbers_that_are_there(tmp_path):
    sheet = Sheet(chosen, p=X, y=LABELS)
    path = sheet.workbook(tmp_path / "a.xlsx")
    at = sheet.blocks["y"].cell(1).at
    for v, says in ((1.5, "needs a whole number"), (7, "torch cannot work out")):
        with pytest.raises(ValueError, match=says): sheet.first_difference(edited(path, "b.xlsx", True, **{at: v}))
