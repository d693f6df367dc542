"The mathematics of FrontierExplorer, run in Node, against pandas and against looking at every pair."
import numpy as np
import pytest

from neuralnet_foundations.explorers.frontier import as_models
from neuralnet_foundations.model_tables import DEVICES, load_models, on_frontier

FILE = "maths/frontier.js"


@pytest.fixture(scope="module")
def models(): return as_models(load_models("frozen"))


def found(js, models, machine, search="", family=""):
    speeds = models[machine]
    rows = js(FILE, "rowsShown", models["model"], models["family"], speeds, search, family)
    order = js(FILE, "bySpeed", rows, speeds, models["top1"])
    return rows, order, js(FILE, "frontierRows", order, speeds, models["top1"])


@pytest.mark.parametrize("machine", DEVICES)
@pytest.mark.parametrize("search, family", [("", ""), ("", "resnet"), ("in1k", "vit"), ("RESNET 50 ", ""), ("no such", "")])
def test_rows_and_frontier_are_pythons(js, models, machine, search, family):
    rows, order, frontier = found(js, models, machine, search, family)
    speed, top1 = np.array(models[machine], float), np.array(models["top1"])
    expected = [i for i, (m, f) in enumerate(zip(models["model"], models["family"], strict=True))
                if family in ("", f) and all(w in m.lower() for w in search.lower().split()) and speed[i] == speed[i]]
    assert rows == expected and sorted(order) == expected
    assert list(speed[order]) == sorted(speed[rows], reverse=True)
    mine = np.array(expected, int)[on_frontier(speed[expected], top1[expected])] if expected else []
    assert sorted(frontier) == sorted(mine)
    assert list(top1[frontier]) == sorted(top1[frontier])


@pytest.mark.parametrize("seed", range(15))
def test_the_frontier_with_many_ties(js, seed):
    r = np.random.RandomState(seed)
    speed, top1 = r.randint(1, 9, 50).astype(float), r.randint(1, 9, 50).astype(float)
    order = js(FILE, "bySpeed", list(range(50)), speed.tolist(), top1.tolist())
    frontier = js(FILE, "frontierRows", order, speed.tolist(), top1.tolist())
    as_good = (speed[:, None] >= speed) & (top1[:, None] >= top1)
    better = (speed[:, None] > speed) | (top1[:, None] > top1)
    assert sorted(frontier) == np.flatnonzero(~(as_good & better).any(0)).tolist()


@pytest.mark.parametrize("need", [0.01, 1, 30, 100, 500, 1e9])
def test_the_best_that_is_fast_enough(js, models, need):
    _, order, frontier = found(js, models, "per_second_cpu")
    speed, top1 = np.array(models["per_second_cpu"], float), np.array(models["top1"])
    best, enough = js(FILE, "bestRow", frontier, models["per_second_cpu"], need), speed >= need
    assert (best == -1) == (not enough.any())
    assert best == -1 or (enough[best] and top1[best] == top1[enough].max())


def test_the_nearest_point(js):
    r = np.random.RandomState(0)
    xs, ys = r.uniform(0, 500, (2, 300))
    for x, y in r.uniform(0, 500, (40, 2)):
        far = np.hypot(xs - x, ys - y)
        assert js(FILE, "nearestPoint", xs, ys, x, y, 25) == (far.argmin() if far.min() <= 25 else -1)


def test_half_as_many_errors_are_always_the_same_way_up(js):
    level = lambda top1: js(FILE, "levelOf", top1)
    ways = [level(100 - e/2) - level(100 - e) for e in (80, 40, 20, 10, 1)]
    np.testing.assert_allclose(ways, np.log10(2), rtol=1e-9)
    assert np.isfinite(level(100))


@pytest.mark.parametrize("lo, hi, n, texts", [
    (-1.4, 3.1, 6, ["0.1", "1", "10", "100", "1,000"]), (0.9, 2.1, 6, ["10", "20", "50", "100"]),
    (-1.4, 3.1, 2, ["0.001", "1", "1,000"][1:])])
def test_marks_of_a_logarithmic_axis(js, lo, hi, n, texts):
    marks = js(FILE, "powerMarks", lo, hi, n)
    assert [t for _, t in marks] == texts
    np.testing.assert_allclose([at for at, _ in marks], [np.log10(float(t.replace(",", ""))) for t in texts], atol=1e-9)


def test_a_table_to_copy(js):
    assert js(FILE, "tableText", [["Model", "Right"], ["a\tb\nc", 81.2]]) == "Model\tRight\na b c\t81.2"
