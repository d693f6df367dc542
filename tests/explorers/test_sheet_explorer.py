"SheetExplorer: torch's numbers, keys, drags, typing, cells asleep, the way back to the data, steps; in Python and on a page."
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from lab import run_on, settle, until

from neuralnet_foundations.explorers import SheetExplorer
from neuralnet_foundations.sheets import Sheet, SheetBook, UnsupportedSheet

X = torch.linspace(-1, 1, 60, dtype=torch.float64).view(30, 2).sin()
Y = 3*X[:, 0]**2 - X[:, 1]
START = dict(w1=torch.tensor([1., -.5]).double(), w2=torch.tensor([-1., .25]).double(), b=torch.tensor(.2).double())


def net_mse(x, y, w1, w2, b): return ((torch.relu(x @ w1 + b) + torch.relu(x @ w2) - y)**2).mean()
def made(lr=.05, **more): return SheetExplorer(net_mse, x=X, y=Y, lr=lr, **START, **more)
def leaves(params): return {n: torch.tensor(v, dtype=torch.float64, requires_grad=True) for n, v in params.items()}


def by_torch(params):
    "(loss, gradient) of the function itself."
    given = leaves(params)
    loss = net_mse(X, Y, **given)
    loss.backward()
    return loss.item(), {n: v.grad for n, v in given.items()}


# ---- Python

def test_numbers_are_torchs():
    w = made()
    w.params = {"w1": [.3, -2], "b": -.1}
    loss, slopes = by_torch(w.params)
    assert w.loss == pytest.approx(loss, rel=1e-12) and w.params["w2"] == (-1, .25) and w.params["b"] == -.1
    assert all(np.allclose(w.gradient[n], slopes[n], rtol=1e-12) for n in slopes)


def test_steps_are_those_of_torchs_loop():
    w, params = made(), {n: v.clone().requires_grad_() for n, v in START.items()}
    opt = torch.optim.SGD(params.values(), lr=.05)
    for _ in range(7):
        opt.zero_grad()
        net_mse(X, Y, **params).backward()
        opt.step()
    assert w.step(7) == pytest.approx(net_mse(X, Y, **params).item(), rel=1e-12) == w.loss
    assert all(np.allclose(w.params[n], v.detach(), rtol=1e-12) for n, v in params.items())
    w.reset()
    assert w.params == w.start and w.loss == pytest.approx(net_mse(X, Y, **START).item(), rel=1e-12)


def test_steps_are_taken_all_or_none():
    w = made()
    w.lr = 1e200
    before, heard = dict(w.params), []
    w.observe(heard.append, "params")
    with pytest.raises(ValueError, match="finite.*smaller than 1e\\+200"): w.step(3)
    assert w.params == before and not heard


def test_a_sheet_as_it_is_and_what_has_no_loss():
    sheet = Sheet(net_mse, x=X, y=Y, **START)
    assert SheetExplorer(sheet).loss == made().loss and SheetExplorer(sheet).sheet is sheet
    w = SheetExplorer(lambda x, w: x @ w, x=X, w=START["w1"])
    assert w.loss is None and w.gradient is None
    with pytest.raises(ValueError, match=r"returns the shape \(30,\)"): w.step()


def test_parameters_cannot_be_changed_unnoticed():
    w = made()
    with pytest.raises(TypeError): w.params["w1"][0] = 3
    w.params["w1"] = torch.tensor([3, 4])
    assert w.params["w1"] == (3, 4) and w.start["w1"] == (1, -.5)


WRONG = [
    (lambda: SheetExplorer(3), "give a Sheet, or a function"),
    (lambda: SheetExplorer(Sheet(net_mse, x=X, y=Y, **START), x=X), "x came with a Sheet"),
    (lambda: SheetExplorer(lambda x: x.mean(), x=X), "no parameters to move"),
    (lambda: SheetExplorer(net_mse, x=X[None], y=Y, **START), "rank 0, 1 or 2"),
    (lambda: SheetExplorer(F.relu, w=X, y=Y), "takes input"),
    (lambda: SheetExplorer(lambda w, lr: (w*lr).sum(), w=X, lr=X), "'lr', an option here too: give SheetExplorer(Sheet(f, lr="),
    (lambda: SheetExplorer(lambda w, backward=1: w.sum(), w=X), "'backward', an option here too"),
    (lambda: made(lr=0), "lr must be above 0"), (lambda: made(backward=1), "backward must be True or False")]


@pytest.mark.parametrize("make, says", WRONG, ids=[s for _, s in WRONG])
def test_what_it_refuses(make, says):
    with pytest.raises(ValueError) as e: make()
    assert says in str(e.value)


BAD = [
    ("params", {"w1": [1., 2., 3.]}, r"w1 must have shape \(2,\), got \(3,\)"), ("params", {"w1": 1.}, "one axis"),
    ("params", {"b": [1.]}, "b must be a number"), ("params", {"w1": [1., np.nan]}, "not finite"),
    ("params", {"z": 1}, "'z'.*it has w1, w2, b"), ("params", [1], "dictionary"), ("lr", -1, "above 0"),
    ("start", {}, "cannot be set"), ("spec", {}, "cannot be set"), ("loss", 1, "cannot be set")]


@pytest.mark.parametrize("name, value, says", BAD)
def test_a_bad_value_changes_nothing(name, value, says):
    w = made()
    before = dict(w._trait_values)
    with pytest.raises(ValueError, match=says): setattr(w, name, value)
    assert w._trait_values == before


def test_what_a_sheet_refuses_it_refuses_in_its_own_words():
    def summed(x, w): return (x*w).cumsum(0).sum()
    with pytest.raises(UnsupportedSheet, match="cumsum"): SheetExplorer(summed, x=X, w=START["w1"])


# ---- The page

def explorer(page, i=0): return page.locator(".nnf-explorer").nth(i)
def press(root, action): root.locator(f'[data-action="{action}"]').first.click()
def field(root, name): return root.locator(f'[data-param="{name}"] > input[type=number]')
def number(text): return np.nan if "N" in text else float(text.replace("−", "-").replace("∞", "inf"))
def at(root): return float(root.locator(".nnf-loss").text_content().replace("−", "-"))


def params(root):
    "What the page's cells hold, by name, exactly."
    cells = dict(root.evaluate("""(root) => [...root.querySelectorAll('[data-param]')]
      .map((c) => [c.dataset.param, Number(c.dataset.value)])"""))
    return {n: cells[n] if n in cells else [v for k, v in cells.items() if k.startswith(f"{n}[")] for n in START}


COLUMN = """(root, name) => { const heads = [...root.querySelectorAll('.nnf-head')];
  const { ariaColIndex } = heads.find((h) => h.querySelector('.nnf-head-name').textContent === name);
  const cells = [...root.querySelectorAll(`.nnf-line .nnf-num[aria-colindex="${ariaColIndex}"]`)];
  return cells.map((cell) => [cell.textContent, cell.hasAttribute('data-dark')]); }"""


def column(root, name):
    "The numbers in view of a column of the table."
    return [number(text) for text, _ in root.evaluate(COLUMN, name)]


def dark(root, name): return [asleep for _, asleep in root.evaluate(COLUMN, name)]


def blocks(values):
    "The blocks of the forward pass at these parameters, by torch."
    given = {n: torch.tensor(v, dtype=torch.float64) for n, v in values.items()}
    z1, z2 = X @ given["w1"] + given["b"], X @ given["w2"]
    return dict(relu=z1.relu(), relu_1=z2.relu(), add_1=z1.relu() + z2.relu(), sub=z1.relu() + z2.relu() - Y)


def agrees(root, rows=slice(0, 8)):
    "All that is in view is torch's, for the parameters in the cells, and the loss counts every row."
    values = params(root)
    right = np.isclose(at(root), by_torch(values)[0], rtol=2e-3)
    for name, v in blocks(values).items(): right &= np.allclose(column(root, name), v[rows], rtol=6e-3, atol=1e-9)
    asleep = [[not v > 0 for v in blocks(values)[name][rows]] for name in ("relu", "relu_1")]
    return bool(right) and [dark(root, name) for name in ("relu", "relu_1")] == asleep


def test_keys_move_a_parameter_and_everything_follows(show):
    root = explorer(show(made()))
    assert agrees(root) and any(dark(root, "relu"))
    for key, far in (("ArrowUp", .01), ("PageDown", -.1), ("Shift+ArrowDown", -.001)):
        before = params(root)["w1"][0]
        field(root, "w1[0]").press(key)
        until(lambda before=before, far=far: params(root)["w1"][0] == pytest.approx(before + far) and agrees(root))
    for _ in range(3): field(root, "b").press("ArrowDown")
    until(lambda: params(root)["b"] == pytest.approx(.17) and field(root, "b").input_value() == "0.17" and agrees(root))
    assert not root.page.problems


def test_no_key_is_lost_between_a_picture_and_its_words(show):
    "The field is written a frame after the cells: keys that come meanwhile count from the newest number."
    root = explorer(show(made()))
    field(root, "b").evaluate("""async (input) => { for (let i = 0; i < 40; i++) {
      input.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowUp', bubbles: true }));
      await new Promise(i % 2 ? requestAnimationFrame : setTimeout); } }""")
    until(lambda: params(root)["b"] == pytest.approx(.6) and field(root, "b").input_value() == "0.6" and agrees(root))


def test_typing_counts_when_it_is_done_and_nonsense_is_left_out(show):
    root = explorer(show(made()))
    field(root, "w2[0]").fill("3.5")
    field(root, "w2[0]").press("Enter")
    until(lambda: params(root)["w2"][0] == 3.5 and agrees(root) and all(dark(root, "relu_1")))
    field(root, "w2[0]").fill("")
    field(root, "w2[0]").press("Tab")
    settle(root.page)
    assert params(root)["w2"][0] == 3.5 and field(root, "w2[0]").input_value() == "3.5"
    field(root, "w2[0]").fill("2")
    field(root, "w2[0]").press("ArrowUp")
    until(lambda: params(root)["w2"][0] == 2.01 and agrees(root))


def test_a_drag_scrubs_and_a_click_types(show):
    root = explorer(show(made()))
    mouse, box = root.page.mouse, field(root, "w1[0]").bounding_box()
    middle = box["x"] + box["width"]/2, box["y"] + box["height"]/2
    mouse.move(*middle)
    mouse.down()
    mouse.move(middle[0] + 60, middle[1], steps=5)
    until(lambda: params(root)["w1"][0] == pytest.approx(1.3) and agrees(root), message="all follows while it is dragged")
    mouse.move(middle[0] - 100, middle[1], steps=5)
    mouse.up()
    until(lambda: params(root)["w1"][0] == pytest.approx(.5) and agrees(root))
    assert root.locator(".nnf-inspector .nnf-title").text_content() == "loss", "a drag reads no other cell"
    field(root, "w1[0]").click()
    root.page.keyboard.press("Control+a")
    root.page.keyboard.type("0.25")
    root.page.keyboard.press("Enter")
    until(lambda: params(root)["w1"][0] == .25 and agrees(root))
    assert root.locator(".nnf-inspector .nnf-title").text_content() == "w1[0]"


def title(root): return root.locator(".nnf-inspector .nnf-title").text_content()
def ways(root): return root.locator('[data-action="follow"]').all_text_contents()
def follow(root, name): root.locator('[data-action="follow"]', has_text=name).first.click()


def test_a_cell_leads_back_to_the_data(show):
    w = made()
    root = explorer(show(w))
    assert title(root) == "loss" and ways(root) == ["pow"]
    cell = w.sheet.blocks["matmul"].cell(0)
    for step in ("pow", "sub[0]", "add_1[0]", "relu[0]", "add[0]", "matmul[0]"): follow(root, step)
    until(lambda: title(root) == "matmul[0]")
    inspector = root.locator(".nnf-inspector").text_content()
    assert cell.formula in inspector and cell.line in inspector and cell.at in inspector
    assert ways(root) == ["x[0, :]", "w1"]
    addresses = root.locator(".nnf-formula-text b")
    assert [t.replace("$", "") for t in addresses.all_text_contents()] == [a.split("!")[1] for a in cell.reads]
    data, weights = (addresses.nth(i).get_attribute("data-mark") for i in range(2))
    marks = lambda where: {c.get_attribute("data-mark") for c in root.locator(f"{where} .nnf-num").all()}
    assert marks(".nnf-row[aria-label=w1]") == {weights} and data != weights
    assert marks(".nnf-row[aria-label=w2]") == {None}
    follow(root, "x[0, :]")
    until(lambda: title(root) == "x[0, 0]" and root.locator(".nnf-line [data-mark=here]").count() == 1)
    assert "no formula" in root.locator(".nnf-inspector").text_content() and not ways(root)
    for back in ("matmul[0]", "add[0]"):
        press(root, "back")
        until(lambda back=back: title(root) == back)
    assert not root.page.problems


def test_in_a_workbook_of_several_pages_each_address_says_its_page(show):
    "`x` and `w1` both stand at B3, on two pages: each has the colour of its own address."
    w = made()
    book = SheetBook(net=w.sheet, line=Sheet(lambda x, w: (x @ w).mean(), x=X, w=START["w1"]))
    w = SheetExplorer(book.pages["net"])
    root = explorer(show(w))
    for step in ("pow", "sub[0]", "add_1[0]", "relu[0]", "add[0]", "matmul[0]"): follow(root, step)
    until(lambda: title(root) == "matmul[0]")
    cell, addresses = w.sheet.blocks["matmul"].cell(0), root.locator(".nnf-formula-text b")
    assert cell.reads == ["data!B3:C3", "net!B3:C3"] and cell.formula in root.locator(".nnf-inspector").text_content()
    assert addresses.all_text_contents() == ["data!B3:C3", "$B$3:$C$3"]
    assert addresses.nth(0).get_attribute("data-mark") != addresses.nth(1).get_attribute("data-mark")
    assert root.locator(".nnf-head-letter").first.text_content() == "net!B3:C3"  # of w1
    assert root.locator(".nnf-sheet .nnf-head-letter").first.text_content() in ("data!B", "data!C")
    assert "data!B3:C3" in root.locator('[data-action="follow"]').first.get_attribute("title")
    assert not root.page.problems


HEADS = """(root) => [...root.querySelectorAll('.nnf-sheet')].map((sheet) => [...sheet.querySelectorAll('.nnf-head')].map((e) => {
  const box = e.getBoundingClientRect();
  return [e.textContent, Math.round(box.left), Math.round(box.width)]; }))"""


def test_columns_come_back_where_there_is_room_again(show):
    "Narrow, then wide: every column has its head, and its cells stand below it."
    root = explorer(show(made()))
    before = root.evaluate(HEADS)
    for width in (390, 900):
        root.page.set_viewport_size(dict(width=width, height=800))
        settle(root.page)
    until(lambda: root.evaluate(HEADS) == before)
    lefts = root.evaluate("""(root) => [...root.querySelectorAll('.nnf-line')].map((line) =>
      [...line.querySelectorAll('.nnf-head, .nnf-num')].map((e) => Math.round(e.getBoundingClientRect().left)))""")
    assert all(line == lefts[0] for line in lefts) and len(lefts[0]) == len(before[0]) > 6


@pytest.mark.parametrize("value, text", [(-6.14e-4, "−6.14e−4"), (5.94e-5, "5.94e−5"), (-2e-10, "−2.0e−10"), (-3, "−3"),
                                         (-.25, "−0.2500"), (1e6, "1.0e+6")])
def test_every_minus_of_a_cell_is_a_real_one(js, value, text):
    assert js("parts/sheet.js", "figureOf", value) == text


def test_the_value_of_a_cell_is_torchs_to_a_billionth(show):
    w = made()
    root = explorer(show(w))
    for _ in range(5): press(root, "step")
    w.step(5)
    shown = lambda: float(root.locator(".nnf-value").text_content().replace("−", "-"))
    until(lambda: shown() == pytest.approx(w.loss, rel=1e-9))
    assert params(root) == {n: pytest.approx(v if n == "b" else list(v), rel=1e-9) for n, v in w.params.items()}


def test_the_table_scrolls_over_all_rows_and_its_cells_are_used_again(show):
    root = explorer(show(made()))
    cells = root.locator(".nnf-line .nnf-num").count()
    assert cells <= 8*11 and root.locator("[role=grid][aria-rowcount='31']").count() == 1
    root.locator(".nnf-sheet").evaluate("(e) => { e.scrollTop = 12*28 }")
    until(lambda: root.locator(".nnf-side").nth(1).text_content() == str(3 + 12) and agrees(root, slice(12, 20)))
    field(root, "w1[1]").press("ArrowUp")
    until(lambda: params(root)["w1"][1] == pytest.approx(-.49) and agrees(root, slice(12, 20)))
    root.locator(".nnf-sheet").evaluate("(e) => { e.scrollTop = 1e6 }")
    until(lambda: agrees(root, slice(22, 30)))
    assert root.locator(".nnf-line .nnf-num").count() == cells and not root.page.problems


def test_the_table_is_one_stop_and_arrows_walk_in_it(show):
    root = explorer(show(made(), width=390))
    sheet, here = root.locator(".nnf-sheet"), "document.activeElement"
    assert sheet.locator("[tabindex='0']").count() == 1
    sheet.locator("[tabindex='0']").focus()
    indexes = f"[{here}.closest('[role=row]').getAttribute('aria-rowindex'), {here}.getAttribute('aria-colindex')]"
    place = lambda: root.page.evaluate(f"{indexes}.map(Number)")
    start = place()
    root.page.keyboard.press("ArrowDown")
    assert place() == [start[0] + 1, start[1]]
    for key, want in (("End", 12), ("Home", 2)):
        root.page.keyboard.press(key)
        assert place()[1] == want
    for _ in range(5): root.page.keyboard.press("PageDown")
    assert place() == [31, 2] and sheet.locator("[tabindex='0']").count() == 1
    root.page.keyboard.press("Enter")
    until(lambda: title(root) == "x[29, 0]")
    assert number(root.page.evaluate(f"{here}.textContent")) == pytest.approx(X[29, 0].item(), rel=1e-3)


def grads(root, name):
    "The numbers of a gradient's card."
    return [number(t) for t in root.locator(f'.nnf-row[aria-label="{name}"] .nnf-num-in').all_text_contents()]


def test_the_backward_pass_is_autograds_also_where_parameters_move(show):
    root = explorer(show(made()))
    card = root.locator('.nnf-row[aria-label="w1.grad"]')
    assert not card.is_visible()
    field(root, "w1[0]").press("PageUp")
    press(root, "backward")
    def right():
        slopes = by_torch(params(root))[1]
        return card.is_visible() and all(np.allclose(grads(root, f"{n}.grad"), g, rtol=6e-3) for n, g in slopes.items())
    until(right)
    field(root, "b").press("PageDown")
    until(lambda: params(root)["b"] == pytest.approx(.1) and right())
    press(root, "backward")
    until(lambda: not card.is_visible() and agrees(root))
    assert not root.page.problems


def test_run_and_reset(show):
    root = explorer(show(made()))
    first = at(root)
    run_on(root, ".nnf-loss", 5)
    assert at(root) < first and agrees(root)
    press(root, "reset")
    until(lambda: params(root) == {n: v.tolist() for n, v in START.items()} and at(root) == first)


def test_a_step_beyond_all_numbers_is_not_taken(show):
    w = made()
    w.lr = 1e200
    root = explorer(show(w))
    before = params(root)
    press(root, "run")
    until(lambda: "would not be finite" in root.locator(".nnf-sheet-said").text_content())
    assert params(root) == before and agrees(root) and root.locator('[data-action="run"]').text_content() == "Run"
    root.locator('[data-action="lr"]').fill("0.05")
    press(root, "step")
    w.lr = .05
    w.step()
    until(lambda: params(root)["b"] == pytest.approx(w.params["b"], rel=1e-9))
    until(lambda: "Drag" in root.locator(".nnf-sheet-said").text_content())


def test_without_a_loss_there_are_no_steps(show):
    w = SheetExplorer(lambda x, w: torch.relu(x @ w), x=X, w=START["w1"])
    root = explorer(show(w))
    assert root.locator('[data-action="step"]').is_disabled() and root.locator(".nnf-loss").text_content() == "–"
    field(root, "w[0]").press("PageUp")
    want = (X @ torch.tensor([1.1, -.5]).double()).relu()[:8]
    until(lambda: np.allclose(column(root, "relu"), want, rtol=6e-3))
    assert not root.page.problems


def test_a_large_matrix_of_parameters_scrolls_too(show):
    given = dict(x=torch.rand(5, 40), w=torch.linspace(-1, 1, 400).view(40, 10), y=torch.arange(5))
    w = SheetExplorer(lambda x, w, y: F.cross_entropy(x @ w, y), **given)
    root = explorer(show(w))
    assert root.locator("[data-param]").count() <= 80
    root.locator('.nnf-sheet[aria-label="w"]').evaluate("(e) => { e.scrollTop = 1e6 }")
    field(root, "w[39, 0]").fill("5")
    field(root, "w[39, 0]").press("Enter")
    w.params["w"] = [*w.params["w"][:39], (5., *w.params["w"][39][1:])]
    until(lambda: at(root) == pytest.approx(w.loss, rel=2e-3))
    assert not root.page.problems


def test_in_jupyterlab(lab):
    cell = ("import torch\nfrom neuralnet_foundations.explorers import SheetExplorer\n"
            "def mse(x, y, w): return ((torch.relu(x*w) - y)**2).mean()\nx = torch.linspace(-1, 1, 20)[:, None]\n"
            "w = SheetExplorer(mse, x=x, y=x**2, w=torch.tensor(.5), lr=.5)\nw")
    with lab.open([cell]) as nb:
        nb.run_all()
        root = nb.explorer("SheetExplorer")
        asleep = root.locator(".nnf-line [data-dark]")  # in the rows in view x is negative
        until(asleep.count)
        field(root, "w").press("PageUp")
        press(root, "step")
        until(lambda: nb.value("w.params['w']") not in (.5, .6), every=.1)
        value = lambda: float(root.locator("[data-param]").get_attribute("data-value"))
        assert nb.value("w.params['w']") == value()
        nb.run("w.params['w'] = -1")
        until(lambda: value() == -1 and not asleep.count())
        assert at(root) == pytest.approx(nb.value("w.loss"), rel=1e-3) and not nb.tracebacks() and not nb.problems()
