"Pasted columns as points of a network."
import numpy as np
import pytest

from neuralnet_foundations.explorers.net import _limits_of

MODULE, FAR = "maths/labels.js", 1e6


def columns(*rows): return [np.array(column, float) for column in zip(*rows, strict=True)]


ASIS = [(0, 0, 1), (1, 2, 0), (3, -1, 1)]
CASES = {  # rows, classes -> labels, what is said
    "0 and 1": (ASIS, 2, [1, 0, 1], ""), "one class": ([(0, 0, 1), (1, 1, 1)], 2, [1, 1], ""),
    "1 and 2": ([(0, 0, 1), (1, 2, 2)], 2, [0, 1], "The labels 1, 2 are the classes 0, 1 here."),
    "-1 and 1": ([(0, 0, 1), (1, 2, -1), (2, 2, 1)], 2, [1, 0, 1], "The labels -1, 1 are the classes 0, 1 here."),
    "three of four": ([(0, 0, 0), (1, 2, 3), (2, 2, 1)], 4, [0, 3, 1], ""),
    "halves": ([(0, 0, 0.5), (1, 2, 1.5)], 2, [0, 1], "The labels 0.5, 1.5 are the classes 0, 1 here."),
    "numbers": ([(0, 0, 0.5), (1, 2, -7)], 0, [0.5, -7], ""),
}


@pytest.mark.parametrize("case", CASES)
def test_labels(js, case):
    rows, classes, want, says = CASES[case]
    out = js(MODULE, "labelled", columns(*rows), classes, FAR)
    x = np.array(rows, float)[:, :2]
    assert out["rows"].reshape(-1, 4).tolist() == np.column_stack([x, want, 0*x[:, 0]]).tolist()
    assert out["says"] == says and out["problem"] == "" and out["limits"] == pytest.approx(_limits_of(x))


@pytest.mark.parametrize("rows, classes, problem", [
    ([(0, 0, 0), (1, 1, 1), (2, 2, 2)], 2, "There are 3 different labels, and this network tells 2 apart."),
    ([(0, 2e6, 0), (1, 1, 1)], 2, "The numbers reach 2000000: 1,000,000 at most."),
    ([(0, 0, -2e6), (1, 1, 1)], 0, "The numbers reach 2000000: 1,000,000 at most.")])
def test_what_no_network_here_takes(js, rows, classes, problem):
    assert js(MODULE, "labelled", columns(*rows), classes, FAR)["problem"] == problem


def test_one_place(js):
    out = js(MODULE, "labelled", columns((3, 3, 0), (3, 3, 1)), 2, FAR)
    assert out["limits"] == pytest.approx(_limits_of(np.full((2, 2), 3.)))
