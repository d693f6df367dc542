"""The Titanic network as a workbook with ten steps: writing it, reading it back, LibreOffice working it out; and a workbook
that reads a digit."""
import sys
import tempfile
import time
from pathlib import Path

from common import Row, median, seconds, table

ROOT = Path(__file__).resolve().parent.parent
OPENS = 1  # second that the digit's workbook may take, beside an empty one


def took(f, n=3):
    "The median time of a call, and what it gave last."
    times = []
    for _ in range(n):
        start = time.perf_counter()
        out = f()
        times.append(time.perf_counter() - start)
    return median(times), out


def network(x, y, w1, w2): return (((x @ w1).relu() + (x @ w2).relu() - y)**2).mean()


def reads(picture, weight, bias):
    pixels = picture.reshape(-1, 1)
    return ((weight @ pixels)[:, 0] + bias).softmax(0)


def titanic():
    "712 rows of 10 inputs and two rectified lines."
    import torch

    from neuralnet_foundations.sheets import Sheet
    x = torch.rand(712, 10, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    ws = dict(w1=torch.full((10,), .1).double(), w2=torch.arange(-10., 18, 3).double()/100)
    return Sheet(network, x=x, y=x[:, 0].round(), **ws)


def digit():
    "A picture of 28 x 28, and 7,850 weights."
    import torch

    from neuralnet_foundations.sheets import Sheet, SheetBook
    gen = torch.Generator().manual_seed(0)
    given = {name: torch.rand(size, generator=gen) for name, size in
             dict(picture=(28, 28), weight=(10, 784), bias=(10,)).items()}
    return SheetBook(digit=Sheet(reads, **given), pictures=["picture"],
                     apart=dict(weight="weights", bias="weights", pixels="pixels"))


def in_office(path, empty, folder):
    "Seconds that LibreOffice takes to open, work out and save a workbook: (all of it, more than an empty one takes)."
    import office
    if office.find() is None: return None, None
    times = {p: took(lambda p=p: office.recalculated([p], folder))[0] for p in (path, empty)}
    return times[path], times[path] - times[empty]


def run():
    sys.path.insert(0, str(ROOT/"tests"))
    from xlsxwriter import Workbook
    rows = []
    with tempfile.TemporaryDirectory() as tmp:
        tmp = Path(tmp)
        (tmp/"out").mkdir()
        empty = tmp/"empty.xlsx"
        with Workbook(empty) as book: book.add_worksheet()
        for name, make, write, limit in (
                ("the Titanic network, ten steps", titanic, lambda s, p: s.workbook(p, steps=10, lr=.05), None),
                ("a digit, 7,850 weights", digit, lambda s, p: s.workbook(p), OPENS)):
            made, sheet = took(make)
            wrote, path = took(lambda write=write, sheet=sheet: write(sheet, tmp/"book.xlsx"))
            read, found = took(lambda sheet=sheet, path=path: sheet.first_difference(path))
            if found: raise RuntimeError(f"{name}: {found}")
            rows += [Row(f"{name}: traced and checked", seconds(made)), Row(f"{name}: written", seconds(wrote)),
                     Row(f"{name}: size", f"{path.stat().st_size/1e6:.2f} MB"),
                     Row(f"{name}: read back, every cell against torch", seconds(read))]
            whole, more = in_office(path, empty, tmp/"out")
            if whole is None: continue
            against = f"more than an empty workbook: {seconds(max(more, 0))}"
            rows.append(Row(f"{name}: LibreOffice opens, works out and saves", seconds(whole), against,
                            max(more, 0)/OPENS if limit else None, limit))
    return table("Workbooks", rows)
