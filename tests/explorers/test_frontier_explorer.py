"FrontierExplorer: filters, the frontier, dragging, keys, the short list; in Python and on a page without a kernel."
import numpy as np
import pandas as pd
import pytest
from lab import settle, until

from neuralnet_foundations.explorers import FrontierExplorer
from neuralnet_foundations.explorers.frontier import BETTER, FASTER, MOST_KEPT
from neuralnet_foundations.model_tables import DEVICES, load_models, on_frontier

CPU, GPU = DEVICES
SMALL = pd.DataFrame(dict(
    model=["big.a", "mid.b", "mid.c", "slow.a", "tiny.a"], family=["big", "mid", "mid", "slow", "tiny"],
    img_size=[384, 224, 224, 224, 160], top1=[90., 80., 78., 70., 50.], params=[300., 25., 25., 30., 0.5],
    per_second_cpu=[1., 30., 60., 2., np.nan], per_second_mine=[np.nan, 5., 4., 3., 50.]))


@pytest.fixture(scope="module")
def table(): return load_models("frozen")


# ---- Python

def test_frontier_best_and_filters(table):
    w = FrontierExplorer(table)
    for device in DEVICES:
        w.device = device
        expected = table[on_frontier(table[device], table.top1)].sort_values(device, ascending=False)
        assert w.frontier.index.tolist() == expected.index.tolist()
        enough = table[table[device] >= w.need]
        assert w.best.top1 == enough.top1.max() and w.best[device] >= w.need
    w.family, w.search = "resnet", "A1 50"
    assert set(w.frontier.family) == {"resnet"} and w.frontier.model.str.contains("50.*a1|a1.*50").all()
    w.need = 1e8
    assert w.best is None
    w.search = "nothing of this name"
    assert not len(w.frontier) and w.best is None


def test_a_column_of_ones_own_is_a_machine():
    w = FrontierExplorer(SMALL)
    assert [d["name"] for d in w.page["devices"]] == ["per_second_cpu", "per_second_mine"]
    assert w.frontier.model.tolist() == ["mid.c", "mid.b", "big.a"]
    w.device = "per_second_mine"
    assert w.frontier.model.tolist() == ["tiny.a", "mid.b"]
    w.kept = [3, 0]
    assert w.candidates.model.tolist() == ["slow.a", "big.a"]


def test_pairs_to_guess_clearly_differ(table):
    w = FrontierExplorer(table)
    assert w.page == FrontierExplorer(table).page
    for device, pairs in w.page["pairs"].items():
        assert len(pairs) == 40
        for a, b in pairs:
            speed, top1 = table[device][[a, b]], table.top1[[a, b]]
            assert speed.max()/speed.min() >= FASTER and top1.max() - top1.min() >= BETTER
    alike = SMALL[:1].drop(columns="per_second_mine")
    assert FrontierExplorer(alike).page["pairs"] == {"per_second_cpu": []}


WRONG = [
    (3, "as load_models() gives it"), (SMALL.drop(columns="top1"), "lacks top1"),
    (SMALL.drop(columns=["per_second_cpu", "per_second_mine"]), "lacks per_second_cpu"),
    (SMALL[:0], "1 to 5,000 models, got 0"), (SMALL.assign(top1="good"), "column top1 must be numbers"),
    (SMALL.assign(top1=[1., 2., np.nan, 3., 4.]), "column top1[2] is nan"),
    (SMALL.assign(top1=[1., 2., 101., 3., 4.]), "row 2 has 101"), (SMALL.assign(params=-1.), "row 0 has -1"),
    (SMALL.assign(per_second_cpu="fast"), "column per_second_cpu must be numbers"),
    (SMALL.assign(per_second_cpu=0.), "above 0"), (SMALL.assign(per_second_cpu=np.inf), "row 0 has inf"),
    (SMALL.assign(per_second_cpu=np.nan), "per_second_cpu is empty"),
    (SMALL.assign(per_second_cpu="30"), "column per_second_cpu must be numbers, got '30'"),
    (SMALL.assign(per_second_cpu=True), "column per_second_cpu must be numbers"),
    (SMALL.assign(per_second_cpu=[1., None, 2., -3., 4.]), "row 3 has -3")]


def test_the_table_that_is_shown_is_its_own():
    mine = SMALL.copy()
    w = FrontierExplorer(mine)
    best = w.best.model
    mine["per_second_cpu"], mine["top1"] = 0., 0.
    assert w.best.model == best and w.frontier.top1.min() > 0
    known = SMALL.assign(per_second_cpu=pd.array([1, None, 2, 3, 4], dtype="Int64"))
    assert FrontierExplorer(known).models["per_second_cpu"] == [1., None, 2., 3., 4.]


@pytest.mark.parametrize("given, says", WRONG, ids=[s for _, s in WRONG])
def test_what_it_refuses(given, says):
    with pytest.raises(ValueError) as e: FrontierExplorer(given)
    assert says in str(e.value)


BAD = [("device", "per_second_tpu"), ("family", "cat"), ("family", 3), ("search", None), ("search", "x"*61), ("need", 0),
       ("need", "fast"), ("chosen", 5), ("chosen", -1), ("chosen", True), ("kept", [0, 0]), ("kept", [9]), ("kept", 3),
       ("kept", [None]), ("round", -1), ("guess", (0, 2)), ("guess", 1), ("guess", (True, 0)), ("models", {})]


@pytest.mark.parametrize("name, value", BAD)
def test_a_bad_value_changes_nothing(name, value):
    w = FrontierExplorer(SMALL)
    w.kept, w.guess = [1], (0, 1)
    before = w.get_state()
    with pytest.raises(ValueError, match=name): setattr(w, name, value)
    assert w.get_state() == before


def test_the_list_has_an_end(table):
    w = FrontierExplorer(table)
    with pytest.raises(ValueError, match=f"at most {MOST_KEPT}"): w.kept = list(range(MOST_KEPT + 1))


def test_a_guess_is_for_its_pair():
    w = FrontierExplorer(SMALL)
    for name, value in (("round", 1), ("device", "per_second_mine")):
        w.guess = (0, 1)
        setattr(w, name, getattr(w, name))
        assert w.guess == (0, 1)
        setattr(w, name, value)
        assert w.guess == (None, None)


# ---- The page

def explorer(page, i=0): return page.locator(".nnf-explorer").nth(i)
def press(root, action): root.locator(f'[data-action="{action}"]').first.click()
def dots(root, kind): return root.locator(f"path.nnf-dots{kind}").get_attribute("d").count("M")
def shown(root): return dots(root, ":not([data-rest]):not([data-top])")
def tops(root): return dots(root, "[data-top]")
def read(root): return root.locator(".nnf-model").text_content()
def best(root): return root.locator(".nnf-best").text_content()
def need(root): return float(root.locator('[data-action="need"]').input_value())


def agrees(root, w):
    "Dots, frontier and best model of the page are Python's."
    model = "None that" if w.best is None else f"{w.best.model}, {w.best.top1:.1f} %"
    return shown(root) == int(w._shown.sum()) and tops(root) == len(w.frontier) and model in best(root)


def test_filters_and_machine_redraw_the_frontier(show, table):
    w, page = FrontierExplorer(table), None
    page = show(w)
    root = explorer(page)
    assert agrees(root, w) and shown(root) == 1451
    for action, value in (("device", GPU), ("family", "resnet"), ("device", CPU), ("family", "")):
        root.locator(f'[data-action="{action}"]').select_option(value)
        setattr(w, action, value)
        until(lambda: agrees(root, w))
    root.locator('[data-action="search"]').fill("RESNET 50")
    w.search = "RESNET 50"
    until(lambda: agrees(root, w))
    assert dots(root, "[data-rest]") == 1451 - shown(root)
    root.locator('[data-action="search"]').fill("nothing of this name")
    until(lambda: read(root) == "No model" and shown(root) == 0)
    assert root.locator('[data-action="keep"]').is_disabled()
    press(root, "reset")
    until(lambda: shown(root) == 1451)
    assert not page.problems


def test_what_is_needed_by_key_by_number_and_by_dragging(show, table):
    w = FrontierExplorer(table)
    root = explorer(show(w))
    field = root.locator('[data-action="need"]')
    for value in ("100", "0.5", "5000"):
        field.fill(value)
        field.press("Enter")
        w.need = float(value)
        until(lambda: agrees(root, w))
    field.fill("30")
    field.press("Enter")
    until(lambda: need(root) == 30)
    mouse, grip = root.page.mouse, root.locator(".nnf-need-grip")
    for far, smaller in ((60, False), (-120, True)):
        before, box = need(root), grip.bounding_box()
        mouse.move(box["x"] + box["width"]/2, box["y"] + 5)
        mouse.down()
        mouse.move(box["x"] + box["width"]/2 + far, box["y"] + 5, steps=5)
        mouse.up()
        settle(root.page)
        assert need(root) < before if smaller else need(root) > before
        w.need = need(root)
        assert agrees(root, w)
    assert not root.page.problems


def at(root, i):
    "Where a model's dot is on the screen, from its place in the path."
    place = root.locator("path.nnf-dots:not([data-rest]):not([data-top])").get_attribute("d").split("M")[1:][i]
    x, y = map(float, place.removesuffix("h0").split())
    box = root.locator("svg.nnf-plot").first.bounding_box()
    return box["x"] + x, box["y"] + y


def test_hover_reads_a_dot_and_a_click_keeps_it_there(show):
    root = explorer(show(FrontierExplorer(SMALL)))
    mouse = root.page.mouse
    assert read(root) == "mid.b"
    mouse.move(*at(root, 0))  # the fastest
    until(lambda: read(root) == "mid.c")
    mouse.move(*at(root, 2))
    until(lambda: read(root) == "slow.a")
    assert "Beaten by mid.b: 80.0 % right, 30.0 images a second." in root.locator(".nnf-reading").text_content()
    mouse.move(5, 5)
    until(lambda: read(root) == "mid.b")
    mouse.click(*at(root, 3))
    mouse.move(5, 5)
    until(lambda: read(root) == "big.a")
    root.locator('[data-action="family"]').select_option("mid")
    until(lambda: "leaves it out" in root.locator(".nnf-reading").text_content())
    assert not root.page.problems


def test_keys_walk_from_dot_to_dot_and_along_the_frontier(show):
    root = explorer(show(FrontierExplorer(SMALL)))
    here = root.locator(".nnf-here")
    for key, model in (("ArrowLeft", "slow.a"), ("ArrowLeft", "big.a"), ("ArrowLeft", "big.a"), ("End", "mid.c"),
                       ("ArrowRight", "mid.c"), ("ArrowUp", "mid.b"), ("ArrowUp", "big.a"), ("ArrowDown", "mid.b"),
                       ("Home", "big.a"), ("ArrowRight", "slow.a"), ("ArrowUp", "mid.b")):
        here.press(key)
        until(lambda model=model: read(root) == model, message=f"{key} leads to {read(root)}")
    assert here.get_attribute("aria-valuetext").startswith("mid.b, 80.0 % right, 30.0 images a second. On the frontier")
    here.press("Enter")
    until(lambda: root.locator(".nnf-table tbody tr").count() == 1)
    assert not root.page.problems


def test_the_short_list_is_kept_and_copied(show):
    w = FrontierExplorer(SMALL)
    w.chosen = 0
    page = show(w)
    root = explorer(page)
    assert root.locator('[data-action="copy"]').is_disabled()
    press(root, "keep")
    root.locator(".nnf-here").press("ArrowRight")
    press(root, "keep")
    rows = lambda: root.locator(".nnf-table tbody tr td:first-child").all_text_contents()
    until(lambda: rows() == ["big.a", "slow.a"])
    page.evaluate("""() => Object.defineProperty(navigator, "clipboard",
      { value: { writeText: async (text) => { window.copied = text; } } })""")
    press(root, "copy")
    expected = ("Model\tPixels\tRight, %\tParameters, millions\tcpu, a second\tmine, a second\n"
                "big.a\t384\t90.0\t300\t1.00\tnot measured\nslow.a\t224\t70.0\t30.0\t2.00\t3.00")
    until(lambda: page.evaluate("window.copied") == expected)
    page.evaluate("() => { navigator.clipboard.writeText = async () => { throw new Error(); }; }")
    press(root, "copy")
    until(lambda: "by hand" in root.inner_text())
    press(root, "drop")
    until(lambda: rows() == ["slow.a"])
    press(root, "clear")
    until(lambda: rows() == [] and "Nothing is kept" in root.inner_text())
    assert not page.problems


@pytest.mark.parametrize("round_", [0, 7])
def test_guess_first_then_look(show, table, round_):
    w = FrontierExplorer(table)
    w.round = round_
    root = explorer(show(w))
    pair = table.iloc[w.page["pairs"][CPU][round_]]
    said, lines = root.locator(".nnf-frontier-said"), root.locator(".nnf-pair").all_text_contents()
    assert all(model in line for model, line in zip(pair.model, lines, strict=True))
    assert not any(f"{v:.1f} %" in root.locator(".nnf-guess").text_content() for v in pair.top1)
    faster, better = int(pair[CPU].argmax()), int(pair.top1.argmax())
    press(root, f"faster-{'ab'[faster]}")
    settle(root.page)
    assert "before you look" in said.text_content() and not root.locator(".nnf-asked").count()
    press(root, f"better-{'ab'[1 - better]}")
    until(lambda: said.text_content().startswith(f"Right: {'AB'[faster]} is faster"))
    assert f"No: {'AB'[better]} is better, {pair.top1.max():.1f} % against {pair.top1.min():.1f} %" in said.text_content()
    until(lambda: root.locator(".nnf-asked").count() == 2)
    press(root, "another")
    until(lambda: "before you look" in said.text_content() and root.locator(".nnf-pair").all_text_contents() != lines)
    assert not root.page.problems


def test_no_pair_no_question(show):
    root = explorer(show(FrontierExplorer(SMALL[:1].drop(columns="per_second_mine"))))
    assert not root.locator(".nnf-guess").is_visible() and read(root) in ("big.a", "No model")
    assert not root.page.problems


def test_in_jupyterlab(lab):
    cell = "from neuralnet_foundations.explorers import FrontierExplorer\nw = FrontierExplorer()\nw"
    with lab.open([cell]) as nb:
        nb.run_all()
        root = nb.explorer("FrontierExplorer")
        root.locator('[data-action="family"]').select_option("resnet")
        press(root, "keep")
        until(lambda: nb.value("[w.family, len(w.candidates)]") == ["resnet", 1], every=0.1)
        model = nb.value("w.candidates.model.iloc[0]")
        until(lambda: root.locator(".nnf-table tbody td").first.text_content() == model)
        nb.run("w.family, w.device = '', 'per_second_gpu'")
        until(lambda: tops(root) == nb.value("len(w.frontier)"))
        assert not nb.tracebacks() and not nb.problems()
