"The inputs, the losses and the network of lesson 8, and bad input."
import os
import re
from pathlib import Path

import nbformat
import numpy as np
import office
import openpyxl
import pandas as pd
import pytest
import torch
from fastcore.test import test_close as same
from lab import ROOT
from openpyxl.formula.translate import Translator
from torch.nn.functional import mse_loss, relu

from neuralnet_foundations import tabular
from neuralnet_foundations.data import load_titanic
from neuralnet_foundations.sheets import Sheet, SheetBook
from neuralnet_foundations.tabular import (
    INPUTS,
    complete,
    fit_two_relus,
    invented_passengers,
    linear_mse,
    net_mse,
    titanic_features,
    two_relus,
)

LESSON = nbformat.read(ROOT/"nbs/08_spreadsheet.ipynb", 4)


@pytest.fixture(scope="module")
def rows(): return complete(invented_passengers())


def test_inputs_are_ten_columns_of_the_complete_rows(rows):
    x, y = titanic_features(invented_passengers())
    assert x.shape == (len(rows), len(INPUTS)) and y.shape == (len(rows),) and x.dtype == torch.float64
    assert torch.linalg.matrix_rank(x) == 10 and x[:, 2].max() == 1 and x[:, 9].eq(1).all()
    assert x[:, 8].tolist() == (rows.Sex == "male").astype(float).tolist()


def test_losses_are_torchs(rows):
    x, y = titanic_features(rows)
    w1, w2 = torch.randn(2, 10, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(linear_mse(x, y, w1), mse_loss(x @ w1, y))
    torch.testing.assert_close(net_mse(x, y, w1, w2), mse_loss(relu(x @ w1) + relu(x @ w2), y))
    torch.testing.assert_close(two_relus(x, w1, w2)[0], relu(x[0] @ w1) + relu(x[0] @ w2))


def test_invented_passengers_repeat_with_their_seed():
    assert invented_passengers(30, 1).equals(invented_passengers(30, 1))
    assert not invented_passengers(30, 1).equals(invented_passengers(30, 2))


LIST = Path(os.environ.get("NEURALNET_FOUNDATIONS_DATA", ""))/"titanic/train.csv"


@pytest.mark.skipif(not LIST.is_file(), reason="NEURALNET_FOUNDATIONS_DATA has no titanic/train.csv")
def test_the_figures_of_the_real_list():
    df = load_titanic(LIST)
    assert (len(df), df.Survived.sum(), df.Age.isna().sum(), df.Embarked.isna().sum()) == (891, 342, 177, 2)
    x, y = titanic_features(df)
    w = torch.linalg.lstsq(x, y[:, None]).solution[:, 0]
    assert len(x) == 712 and abs(linear_mse(x, y, w).item() - 0.144227) < 1e-6
    assert min(net_mse(x, y, *fit_two_relus(x, y, seed)).item() for seed in range(12)) < 0.1432


@pytest.mark.parametrize("call, says", [
    (lambda df: invented_passengers(3), "20"),
    (lambda df: titanic_features(df.assign(Embarked=None)), "none of the"),
    (lambda df: complete(df.assign(Age=None)), "none of the"),
    (lambda df: fit_two_relus(torch.zeros(5, 2), torch.zeros(4), 0), r"\(5, 2\)"),
    (lambda df: titanic_features(df.assign(Sex=df.Sex.str.upper())), "Sex must be male or female; row .* MALE"),
    (lambda df: titanic_features(df.assign(Sex=df.Sex.replace("male", "mael"))), "Sex must be .* mael"),
    (lambda df: titanic_features(df.assign(Embarked="s")), "Embarked must be C, Q or S.* has s"),
    (lambda df: titanic_features(df.assign(Pclass=4)), "Pclass must be 1, 2 or 3"),
    (lambda df: titanic_features(df.assign(Fare=-df.Fare)), "Fare must be from 0"),
    (lambda df: titanic_features(df.assign(Fare=np.nan)), "Fare is missing in row"),
    (lambda df: titanic_features(df.assign(Age=-df.Age)), "Age must be from 0 to 120"),
    (lambda df: titanic_features(df.assign(Age=df.Age.astype(str))), "Age must hold numbers"),
    (lambda df: titanic_features(df.drop(columns="Survived")), "no column Survived; it has"),
    (lambda df: titanic_features(pd.concat([df, df[["Sex"]]], axis=1)), "has the column Sex twice"),
    (lambda df: titanic_features([1]), "must be a data frame"),
    (lambda df: linear_mse(torch.ones(3, 2), torch.ones(3, 1), torch.ones(2)), r"y \(3, 1\).*use y\[:, 0\]"),
    (lambda df: net_mse(torch.ones(3, 2), torch.ones(1), torch.ones(2), torch.ones(2)), "one number for each row"),
])
def test_bad_input_says_the_way_out(rows, call, says):
    with pytest.raises(ValueError, match=says): call(rows)


def descended(x, y, ws, lr, steps):
    "The loss before each step of gradient descent and after the last."
    ws = {name: w.clone().requires_grad_() for name, w in ws.items()}
    opt, losses = torch.optim.SGD(ws.values(), lr=lr), []
    for _ in range(steps):
        opt.zero_grad()
        loss = net_mse(x, y, **ws)
        loss.backward()
        opt.step()
        losses.append(loss.item())
    return [*losses, net_mse(x, y, **ws).item()]


@pytest.mark.usefixtures("libreoffice")
def test_the_workbook_trains_itself_as_torch_does_after_a_weight_is_changed(tmp_path):
    "All complete rows, ten steps, worked out anew by LibreOffice."
    x, y = titanic_features(invented_passengers())
    ws = dict(w1=torch.full((10,), .1).double(), w2=torch.arange(-10., 18, 3).double()/100)
    sheet = Sheet(net_mse, x=x, y=y, **ws)
    book = openpyxl.load_workbook(sheet.workbook(tmp_path / "titanic.xlsx", steps=10, lr=0.05))
    page, first = sheet.blocks["w1"].cells.split(":")[0].split("!")
    assert book[page.strip("'")][first].value == pytest.approx(0.1)
    book[page.strip("'")][first].value = 0.75
    book.save(tmp_path / "changed.xlsx")
    (tmp_path / "out").mkdir()
    out, = office.recalculated([tmp_path / "changed.xlsx"], tmp_path / "out")
    told = [row[7] for row in openpyxl.load_workbook(out, data_only=True)["map"].iter_rows(3, 13, values_only=True)]
    ws["w1"][0] = 0.75
    assert told == pytest.approx(descended(x, y, ws, 0.05, 10), rel=1e-9)


# ---- the workbook as the lesson writes it

@pytest.fixture(scope="module")
def written(tmp_path_factory):
    "The lesson's own cells, run on invented passengers: (book, path, start)."
    x, y = titanic_features(invented_passengers())
    w = torch.linalg.lstsq(x, y[:, None]).solution[:, 0]
    world = {**vars(tabular), "Sheet": Sheet, "SheetBook": SheetBook, "x": x, "y": y, "w": w, "test_close": same}
    to = tmp_path_factory.mktemp("lesson")/"titanic.xlsx"
    for id in ("4b654130", "4b654134", "4b654137", "4b654132"):
        exec(next(c.source for c in LESSON.cells if c.id == id).replace('"titanic.xlsx"', repr(str(to))), world)
    return world["book"], to, world["start"], w


def solution():
    "The formulas that the lesson gives for the first person."
    text = next(c.source for c in LESSON.cells if c.id == "4b65413a")
    return re.findall(r"^=.*$", text, flags=re.M)


def test_the_workbook_has_pages_that_one_can_find(written):
    book, path, *_ = written
    pages = openpyxl.load_workbook(path)
    seen = [p.title for p in pages if p.sheet_state == "visible"]
    assert seen == ["map", "data", "linear", "network", "mmult", "exercise", *(f"step_{k}" for k in range(1, 11))]
    assert [pages["data"].cell(2, c).value for c in range(2, 12)] == list(INPUTS)
    assert book.pages["mmult"].blocks["matmul"].cell(3, 1).formula.startswith("=MMULT(data!$B6:$K6,")
    assert book.pages["linear"].blocks["matmul"].cell(3).formula == "=SUMPRODUCT(data!B6:K6,$B$3:$K$3)"


def test_start_weights_are_round_and_none_is_nearly_nothing(written):
    for v in written[2].values(): assert torch.equal(v, v.round(decimals=2)) and v.abs().min() >= .01


@pytest.mark.usefixtures("libreoffice")
def test_the_lessons_solution_is_right_in_its_workbook_and_torch_agrees(written, tmp_path):
    book, path, start, w = written
    pages = openpyxl.load_workbook(path)
    for column, formula in zip(("O", "Q"), solution(), strict=True):
        for row in range(3): pages["exercise"][f"{column}{3 + row}"] = Translator(formula, "O3").translate_formula(f"O{3 + row}")
    pages["network"]["B3"] = 0.4
    pages.save(tmp_path/"filled.xlsx")
    (tmp_path/"out").mkdir()
    out, = office.recalculated([tmp_path/"filled.xlsx"], tmp_path/"out")
    shown = openpyxl.load_workbook(out, data_only=True)
    assert [shown["exercise"][f"{c}{r}"].value for c in "PR" for r in (3, 4, 5)] == ["right"]*6
    assert book.first_difference(out) is None
    ws = {**start, "w1": start["w1"].clone()}
    ws["w1"][0] = 0.4
    x, y = (book.pages["network"].blocks[n].value for n in "xy")
    losses = [shown["map"].cell(3 + k, 8).value for k in range(11)]
    assert losses == pytest.approx(descended(x, y, ws, 0.05, 10), rel=1e-9)
    loss = book.pages["mmult"].output.cell().at.split("!")[1]
    assert shown["mmult"][loss].value == pytest.approx(losses[0], rel=1e-12)
    loss = book.pages["linear"].output.cell().at.split("!")[1]
    assert shown["linear"][loss].value == pytest.approx(linear_mse(x, y, w).item(), rel=1e-12)
