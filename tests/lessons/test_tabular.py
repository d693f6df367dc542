"The inputs, the losses and the network of lesson 8, and bad input."
import os
from pathlib import Path

import numpy as np
import office
import openpyxl
import pandas as pd
import pytest
import torch
from torch.nn.functional import mse_loss, relu

from neuralnet_foundations.data import load_titanic
from neuralnet_foundations.sheets import Sheet
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
    ws = dict(w1=torch.full((10,), .1).double(), w2=torch.linspace(-.1, .2, 10).double())
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
