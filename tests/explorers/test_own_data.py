"Somebody's own points in place of the lesson's, pasted or set in Python: everything follows them, or nothing."
import numpy as np
import pandas as pd
import pytest
import torch
import torch.nn.functional as F
from lab import settle, until
from PIL import Image
from torch import nn

from neuralnet_foundations.checks import BadInput
from neuralnet_foundations.explorers import MOST_OWN, DescentExplorer, FitByHand, NetPlayground, packed_points
from neuralnet_foundations.point_sets import circle

X = np.linspace(-2, 2, 20)
START = dict(a=1.1, b=1.1, c=1.1)
TEXT = "Zeit (s);Weg (cm)\n0,0;3,1\n0,5;12,5\n1,0;40,2\n1,5;91,0\n2,0;161\n2,5;x\n3,0;352,4\n"
TIMES, WAYS = [0, 0.5, 1, 1.5, 2, 3], [3.1, 12.5, 40.2, 91, 161, 352.4]


def quad(a, b, c, x): return a*x**2 + b*x + c
def walk(a, b, c, x): return (a*torch.sin(3*x) + b).cumsum(0) + c


MADE = {"FitByHand": lambda **o: FitByHand(quad, X, 3*X**2 + 2*X + 1, **{**START, **o}),
        "DescentExplorer": lambda **o: DescentExplorer(quad, X, 3*X**2 + 2*X + 1, **{**START, **o})}
both = pytest.mark.parametrize("name", MADE)


def own(x, y, xlabel="x", ylabel="y"):
    return dict(points=packed_points(np.array(x, float), np.array(y, float)), xlabel=xlabel, ylabel=ylabel)


def torch_loss(params, x, y, f=quad):
    "Loss and gradient by torch alone."
    p = {n: torch.tensor(v, dtype=torch.float64, requires_grad=True) for n, v in params.items()}
    loss = F.mse_loss(f(**p, x=torch.tensor(x, dtype=torch.float64)), torch.tensor(y, dtype=torch.float64))
    loss.backward()
    return loss.item(), {n: v.grad.item() for n, v in p.items()}


def everything(w):
    kept = {n: w.trait_values()[n] for n in ("own_data", "points", "params", "loss", "ranges")}
    return kept | dict(x=w.x.tolist(), y=w.y.tolist())


# ---- Python

@both
def test_python_follows(name):
    w = MADE[name]()
    lesson = everything(w)
    w.own_data = own(TIMES, WAYS)
    loss, gradient = torch_loss(w.params, TIMES, WAYS)
    assert w.x.tolist() == TIMES and w.y.tolist() == WAYS and w.params == START
    assert w.loss == pytest.approx(loss, rel=1e-12)
    assert w.gradient == pytest.approx({n: gradient[n] for n in w.gradient}, rel=1e-12)
    w.step(1) if name == "DescentExplorer" else w.step()
    moved = {n: START[n] - 0.01*gradient[n] if n in w.gradient else START[n] for n in START}
    assert w.params == pytest.approx(moved, rel=1e-12)
    w.reset()
    w.own_data = {}
    assert everything(w) == lesson


def test_the_best_so_far_begins_anew():
    w = MADE["FitByHand"]()
    best = w.best
    w.own_data = own(TIMES, WAYS)
    assert w.best == w.loss > best and w.best.params == START
    assert w.limits == FitByHand(quad, TIMES, WAYS).limits


def test_a_descent_begins_again():
    w = MADE["DescentExplorer"]()
    w.step(5)
    w.own_data = own(TIMES, WAYS)
    assert w.state["steps"] == 0 and w.params == START and w.history.losses.tolist() == [w.loss]


@both
def test_points_set_in_python_are_the_lessons(name):
    w = MADE[name]()
    w.own_data = own(TIMES, WAYS)
    frame = pd.DataFrame(dict(t=TIMES, s=WAYS)).iloc[1:]
    w.assign(dict(x=frame["t"], y=frame["s"]))
    assert w.own_data == {} and w.x.tolist() == TIMES[1:] and w.points == packed_points(frame["t"], frame["s"])
    assert w.loss == pytest.approx(torch_loss(START, TIMES[1:], WAYS[1:])[0], rel=1e-12)


@both
def test_columns_of_a_data_frame(name):
    frame = pd.DataFrame(dict(t=TIMES, s=np.array(WAYS, "float32"), n=range(6)), index=list("abcdef"))
    cls = FitByHand if name == "FitByHand" else DescentExplorer
    w = cls(quad, frame["t"], frame["s"], xlabel="t", ylabel="s")
    assert w.loss == pytest.approx(torch_loss(dict.fromkeys("abc", 1.), TIMES, frame["s"].to_numpy())[0], rel=1e-12)
    assert cls(quad, frame.n, frame.s).x.tolist() == [0, 1, 2, 3, 4, 5]


BAD = {
    "no y": (dict(points=np.zeros(3).tobytes(), xlabel="", ylabel=""), "points has 3 numbers: give a y for every x"),
    "nothing": (dict(points=b"", xlabel="", ylabel=""), "points has 0 numbers"),
    "not finite": (own([1., np.nan], [1., 2.]), "points holds numbers that are not finite"),
    "half a number": (dict(points=b"1234567", xlabel="", ylabel=""), "points must be the bytes of float64"),
    "too many": (own(range(MOST_OWN + 1), range(MOST_OWN + 1)), "20,000 are kept at most"),
    "no names": (dict(points=np.zeros(4).tobytes()), "own_data must have the keys points, xlabel, ylabel"),
    "a name that is none": (dict(own([1.], [2.]), xlabel=3), "own_data: xlabel must be text"),
    "a long name": (own([1.], [2.], "x"*201), "xlabel has 201 letters"),
    "a list": ([1, 2], "own_data must be a dictionary"),
}


@both
@pytest.mark.parametrize("case", BAD)
def test_bad_points(name, case):
    value, message = BAD[case]
    w = MADE[name]()
    w.own_data = own(TIMES, WAYS)
    before = everything(w)
    with pytest.raises(BadInput, match=message): w.own_data = value
    with pytest.raises(BadInput, match=message): w.set_state(dict(own_data=value, lr=0.5))
    with pytest.raises(BadInput, match="give one of them"): w.assign(dict(own_data=own(TIMES, WAYS), x=[1.], y=[2.]))
    assert everything(w) == before and w.lr == 0.01


def test_points_that_the_function_cannot_take():
    weights = torch.linspace(0, 1, 20, dtype=torch.float64)
    w = FitByHand(lambda a, x: a*x*weights, X, X)
    before = w.x.tolist(), w.own_data, w.loss
    with pytest.raises(BadInput, match="f failed at a = 1"): w.own_data = own(TIMES, WAYS)
    assert (w.x.tolist(), w.own_data, w.loss) == before


# ---- the page

class Own:
    "What one does with one's own data on a page."
    def __init__(self, root): self.root, self.page = root, root.page

    def click(self, action): self.root.locator(f'[data-action="{action}"]').click()

    @property
    def text(self): return self.root.locator("textarea")

    def use(self, text):
        if not self.text.count(): self.click("own")
        self.text.evaluate("(e, text) => { e.value = text; }", text)  # typing 10,000 lines takes Chromium a minute
        self.click("own-take")
        settle(self.page)
        return self.said

    @property
    def said(self): return self.root.locator(".nnf-own-said").text_content()
    @property
    def loss(self): return float(self.root.locator(".nnf-loss").text_content().replace("−", "-"))
    @property
    def labels(self): return self.root.locator(".nnf-axis-label").all_text_contents()

    @property
    def params(self):
        return self.root.evaluate("""(root) => Object.fromEntries([...root.querySelectorAll('[data-param]')].map(
            (row) => [row.dataset.param, Number(row.dataset.value)]))""")


@pytest.fixture
def page_of(show):
    def opened(*widgets, **options):
        page = show(*widgets, **options)
        made.append(page)
        return Own(page.locator(".nnf-explorer").first)
    made = []
    yield opened
    for page in made: assert not page.problems


@both
def test_a_paste_and_back(page_of, name):
    w = page_of(MADE[name]())
    before, points = w.loss, w.root.locator(".nnf-point").count()
    assert w.use(TEXT) == ("6 points: Zeit (s), Weg (cm). The comma is the decimal sign. "
                           "Left out: line 7 (“x” is no number).")
    assert w.loss == pytest.approx(torch_loss(START, TIMES, WAYS)[0], rel=1e-3)
    assert w.root.locator(".nnf-point").count() == 6 and {"Zeit (s)", "Weg (cm)"} <= {*w.labels}
    gradient = torch_loss(START, TIMES, WAYS)[1]
    moving = START if name == "FitByHand" else "ab"
    for _ in range(2):
        w.click("step")
        settle(w.page)
    p = START
    for _ in range(2):
        gradient = torch_loss(p, TIMES, WAYS)[1]
        p = {n: v - 0.01*gradient[n] if n in moving else v for n, v in p.items()}
    assert w.params == pytest.approx(p, rel=1e-9)
    w.click("reset")
    w.click("own-back")
    settle(w.page)
    assert w.loss == before and w.root.locator(".nnf-point").count() == points and "lesson’s points" in w.said
    assert w.root.locator('[data-action="own-back"]').is_disabled()


@both
def test_a_paste_counts_at_once(page_of, name):
    "As soon as it is pasted; typed text waits for the button, or Ctrl and Enter."
    w = page_of(MADE[name]())
    w.click("own")
    w.page.evaluate("""(text) => { const field = document.querySelector('textarea'), data = new DataTransfer();
      data.setData('text/plain', text);
      field.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true }));
      field.setRangeText(text); }""", "1\t2\r\n3\t4\r\n")
    until(lambda: w.said == "2 points.")
    w.text.fill("1 2\n3 4\n5 6")
    assert w.said == "2 points."
    w.text.press("Control+Enter")
    until(lambda: w.said == "3 points.")
    settle(w.page)
    assert w.loss == pytest.approx(torch_loss(START, [1, 3, 5], [2, 4, 6])[0], rel=1e-3)


@both
def test_text_without_points_changes_nothing(page_of, name):
    w = page_of(MADE[name]())
    before = w.loss, w.params, w.root.locator(".nnf-point").count()
    for text, message in (
            ("", "nothing here"), ("1\n2\n3", "one column"), ("to be\nor not", "No line"), ("1;2", "One point"),
            ("1;2\n"*10_001, "10,001 points: 10,000 at most"), ("<img src=x onerror='window.ran = 1'>", "No line")):
        assert message in w.use(text) and w.root.locator(".nnf-own-said").get_attribute("data-kind") == "bad"
        assert (w.loss, w.params, w.root.locator(".nnf-point").count()) == before
    assert w.page.evaluate("window.ran") is None


@both
def test_markup_in_a_header_is_text(page_of, name):
    w = page_of(MADE[name]())
    w.use("<img src=x onerror='window.ran = 1'>;<b>y</b>\n1;2\n3;4")
    assert "<b>y</b>" in w.labels and "<b>y</b>" in w.said and not w.root.locator("img, b").count()
    assert w.page.evaluate("window.ran") is None


@both
def test_by_keyboard(page_of, name):
    "The button opens it and says so, Escape closes it and leads back; a screen reader hears the reply."
    w = page_of(MADE[name]())
    opener = w.root.locator('[data-action="own"]')
    opener.focus()
    w.page.keyboard.press("Enter")
    assert opener.get_attribute("aria-expanded") == "true" and w.text.evaluate("(e) => e === document.activeElement")
    w.page.keyboard.type("1;2")
    w.page.keyboard.press("Enter")
    w.page.keyboard.type("3;5")
    w.page.keyboard.press("Control+Enter")
    assert w.said == "2 points." and w.root.locator(".nnf-own-said").get_attribute("role") == "status"
    w.page.keyboard.press("Escape")
    assert opener.evaluate("(e) => e === document.activeElement") and not w.text.count()
    assert opener.get_attribute("aria-expanded") == "false"


def ends(w): return {n: tuple(float(w.root.locator(f'[data-param="{n}"] input[type=range]').get_attribute(k))
                              for k in ("min", "max")) for n in START}


@both
def test_sliders_and_maps_go_as_far_as_the_points_need(page_of, name):
    x = np.linspace(0, 10, 11)
    w = page_of(MADE[name]())
    before = ends(w)
    w.use("\n".join(f"{v} {300*v**2 - 2*v + 40}" for v in x))
    if name == "FitByHand": assert ends(w) == dict(a=(-5, 500), b=(-5, 5), c=(-5, 100))
    else: assert ends(w)["a"][0] < 1.1 and ends(w)["a"][1] > 300
    w.root.locator('[data-param="a"] input[type=range]').press("End")
    settle(w.page)
    assert w.params["a"] == ends(w)["a"][1]
    w.click("own-back")
    settle(w.page)
    assert ends(w) == before


@both
def test_arrows_and_curve_follow(page_of, name):
    w = page_of(MADE[name]())
    curve = w.root.locator("path.nnf-curve").get_attribute("d")
    w.use(TEXT)
    settle(w.page)
    assert w.root.locator("path.nnf-curve").get_attribute("d") != curve
    if name == "FitByHand":
        slopes = torch_loss(START, TIMES, WAYS)[1]
        for n in START:
            shown = w.root.locator(f'[data-param="{n}"] .nnf-downhill').get_attribute("data-direction")
            assert shown == ("left" if slopes[n] > 0 else "right")


@both
def test_two_views(show, name):
    w = MADE[name]()
    page = show(w, w)
    one, two = (Own(page.locator(".nnf-explorer").nth(i)) for i in (0, 1))
    one.use(TEXT)
    until(lambda: one.loss == two.loss and two.root.locator(".nnf-point").count() == 6)
    assert {"Zeit (s)", "Weg (cm)"} <= {*two.labels} and not page.problems


@both
@pytest.mark.parametrize("theme, width", [("light", 390), ("dark", 760)])
def test_it_fits_and_reads(page_of, name, theme, width):
    from explorer_checks import check_fits
    from test_every_explorer import CLIPS, NAMELESS, serious
    w = page_of(MADE[name](), width=width, theme=theme)
    w.use(TEXT)
    check_fits(w.page, width)
    assert not w.root.evaluate(CLIPS) and not w.root.evaluate(NAMELESS) and not serious(w.page, w.root)


@both
@pytest.mark.parametrize("text", ["1;2\n1.0000000000000002;3\n1;4", "1;2\n1;2\n1;2", "1e300;1e300\n-1e300;-1e300",
                                  "1e-300;0\n2e-300;1e-300"])
def test_points_at_the_ends_of_what_numbers_can_do(page_of, name, text):
    "Nothing hangs and nothing breaks; what has no finite loss is taken by no descent, as in Python; the way back is open."
    w = page_of(MADE[name]())
    loss, x, y = w.loss, *np.array([line.split(";") for line in text.split("\n")], float).T
    said = w.use(text)
    if np.isfinite(torch_loss(START, x, y)[0]) or name == "FitByHand":
        assert "points." in said
        w.click("own-back")
        settle(w.page)
    else:
        assert "too large" in said and w.root.locator('[data-action="own-back"]').is_disabled()
        with pytest.raises(BadInput, match="not finite"): MADE[name]().own_data = own(x, y)
    assert w.loss == loss


def test_ten_thousand_points(page_of):
    r = np.random.RandomState(0)
    x, y = r.normal(size=(2, 10_000))
    w = page_of(MADE["FitByHand"]())
    assert w.use("\n".join(f"{a!r};{b!r}" for a, b in zip(x.tolist(), y.tolist(), strict=True))) == "10,000 points."
    assert w.loss == pytest.approx(torch_loss(START, x, y)[0], rel=1e-3)
    assert w.root.locator(".nnf-point").count() <= 1000 and "all 10000 points" in w.root.text_content()


# ---- point by point

def click_beside(w, i, dx, dy):
    "A click so many pixels beside a point."
    w.root.locator("svg:has(.nnf-point)").first.scroll_into_view_if_needed()
    at = w.root.locator(".nnf-point").nth(i).bounding_box()
    w.page.mouse.click(at["x"] + at["width"]/2 + dx, at["y"] + at["height"]/2 + dy)
    settle(w.page)


def number_in(w, action): return float(w.root.locator(f'[data-action="{action}"]').input_value())


THREE = "0;1\n1;3\n2;2"


@both
def test_a_click_adds_a_point(page_of, name):
    w = page_of(MADE[name]())
    w.use(THREE)
    click_beside(w, 1, 0, 30)
    assert w.root.locator(".nnf-point").count() == 3, "a click adds nothing until it is asked to"
    w.root.locator('[data-action="own-click"]').check()
    click_beside(w, 1, 0, 30)
    x, y = number_in(w, "own-x"), number_in(w, "own-y")
    assert w.root.locator(".nnf-point").count() == 4 and abs(x - 1) < 0.05 and 1 < y < 3
    assert w.said == f"Added ({x:g}, {y:g}). 4 points."
    assert w.loss == pytest.approx(torch_loss(START, [0, 1, 2, x], [1, 3, 2, y])[0], rel=1e-3)
    click_beside(w, 0, 2, 2)
    assert (number_in(w, "own-point"), number_in(w, "own-x"), number_in(w, "own-y")) == (1, 0, 1), "a click chooses"
    assert w.root.locator(".nnf-point").count() == 4
    w.click("own-remove")
    settle(w.page)
    assert w.said == "Removed (0, 1). 3 points."
    assert w.loss == pytest.approx(torch_loss(START, [1, 2, x], [3, 2, y])[0], rel=1e-3)
    w.click("own")
    click_beside(w, 1, 0, -30)
    assert w.root.locator(".nnf-point").count() == 3 and not w.root.locator(".nnf-ring").count()


@both
def test_points_by_keyboard(page_of, name):
    "Added and removed with no mouse; two stay."
    w = page_of(MADE[name]())
    w.use(THREE)
    for action, text in (("own-x", "1.5"), ("own-y", "-2")):
        w.root.locator(f'[data-action="{action}"]').focus()
        w.page.keyboard.press("Control+a")
        w.page.keyboard.type(text)
        w.page.keyboard.press("Tab")
    assert w.root.locator('[data-action="own-add"]').evaluate("(e) => e === document.activeElement")
    w.page.keyboard.press("Enter")
    settle(w.page)
    assert w.said == "Added (1.5, -2). 4 points." and number_in(w, "own-point") == 4
    assert w.loss == pytest.approx(torch_loss(START, [0, 1, 2, 1.5], [1, 3, 2, -2])[0], rel=1e-3)
    w.root.locator('[data-action="own-point"]').focus()
    w.page.keyboard.press("Control+a")
    w.page.keyboard.type("2")
    w.page.keyboard.press("Tab")
    settle(w.page)
    assert (number_in(w, "own-x"), number_in(w, "own-y")) == (1, 3)
    for left in (3, 2):
        w.root.locator('[data-action="own-remove"]').focus()
        w.page.keyboard.press("Enter")
        settle(w.page)
        assert w.root.locator(".nnf-point").count() == left
    assert w.root.locator('[data-action="own-remove"]').is_disabled() and "of 2, which must stay" in w.root.text_content()
    w.click("own-back")
    settle(w.page)
    assert w.root.locator(".nnf-point").count() == 20


def test_the_lessons_points_are_a_beginning(page_of):
    "What is added joins the lesson's points, under their names."
    w = page_of(FitByHand(quad, X, 3*X**2, **START, xlabel="time", ylabel="way"))
    w.click("own")
    w.root.locator('[data-action="own-y"]').fill("7")
    w.click("own-add")
    settle(w.page)
    assert w.said.endswith("21 points.") and {"time", "way"} <= {*w.labels}
    assert w.loss == pytest.approx(torch_loss(START, [*X, -2], [*(3*X**2), 7])[0], rel=1e-3)


def test_the_most_points_are_told(page_of):
    w = page_of(FitByHand(quad, np.linspace(0, 1, MOST_OWN), np.zeros(MOST_OWN), **START))
    w.click("own")
    w.click("own-add")
    settle(w.page)
    assert w.said == "There are 10,000 points, and no more can be taken."
    assert w.root.locator('[data-action="own-back"]').is_disabled()


# ---- as Python

def copied(w):
    "The Python that the page gives."
    w.click("copy")
    w.root.locator(".nnf-code").wait_for()
    return w.root.locator(".nnf-code").text_content()


@both
def test_the_copied_python_is_what_the_page_shows(page_of, name):
    w = page_of(MADE[name]())
    w.use(TEXT)
    w.root.locator('[data-param="a"] input[type=range]').press("PageUp")
    w.click("step")
    settle(w.page)
    names = {}
    exec(copied(w), names)
    made = names["fit" if name == "FitByHand" else "descent"]
    assert made.x.tolist() == TIMES and made.y.tolist() == WAYS and made.params == pytest.approx(w.params, rel=1e-15)
    assert made.loss == pytest.approx(w.loss, rel=1e-3) == torch_loss(w.params, TIMES, WAYS)[0]
    assert (made.spec["xlabel"], made.spec["ylabel"]) == ("Zeit (s)", "Weg (cm)")
    w.root.locator('[data-param="a"] input[type=range]').press("ArrowRight")
    settle(w.page)
    assert not w.root.locator(".nnf-code").count(), "it is about other values"


def test_the_copied_curve_is_the_pages(page_of):
    w = page_of(FitByHand(lambda a, k, x: a*torch.exp(-k*x), X, X**2, a=1.5, k=0.5))
    names = {}
    exec(copied(w), names)
    d = w.root.locator("path.nnf-curve").get_attribute("d")
    at = np.array([pair.split() for pair in d[1:].split("L")], float)
    grid = torch.linspace(*FitByHand(quad, X, X**2).limits[:2], len(at), dtype=torch.float64)
    heights = names["f"](1.5, 0.5, grid).numpy()
    up, along = np.polyfit(heights, at[:, 1], 1), np.polyfit(grid.numpy(), at[:, 0], 1)
    assert np.polyval(up, heights) == pytest.approx(at[:, 1], abs=0.011) and np.polyval(along, grid) == pytest.approx(at[:, 0], abs=0.011)


# ---- a picture

def test_a_picture_for_a_slide(page_of, tmp_path):
    "The plot with its formula and numbers, as PNG, sharp."
    w = page_of(MADE["FitByHand"]())
    w.use(TEXT)
    with w.page.expect_download() as saved: w.click("picture")
    saved.value.save_as(tmp_path/"fit.png")
    assert saved.value.suggested_filename == "fit-by-hand.png"
    image = Image.open(tmp_path/"fit.png").convert("RGB")
    box = w.root.locator("svg.nnf-plot").first.bounding_box()
    assert image.width >= 3*box["width"] and image.height > 3*box["height"]
    colours = {colour for _, colour in image.getcolors(1 << 24)}
    shown = w.root.evaluate("""(root) => ['.nnf-point', '.nnf-curve', '.nnf-axis-label'].map((name, i) =>
        getComputedStyle(root.querySelector(name))[i === 1 ? 'stroke' : 'fill'].match(/\\d+/g).map(Number))""")
    assert {*map(tuple, shown)} <= colours and image.getpixel((2, 2)) == (255, 255, 255)


def test_a_picture_says_what_it_shows(page_of):
    w = page_of(MADE["FitByHand"]())
    w.use(TEXT)
    texts = w.page.evaluate("""async () => {
      const { pictureOf } = await import('http://course.test/explorers/shared/picture.js');
      const picture = pictureOf(document.querySelector('svg.nnf-plot'), ['f(x) = <b>', 'second']);
      const parsed = new DOMParser().parseFromString(new XMLSerializer().serializeToString(picture), 'image/svg+xml');
      return [...parsed.querySelectorAll('text')].map((o) => o.textContent);
    }""")
    assert texts[:2] == ["f(x) = <b>", "second"] and {"Zeit (s)", "Weg (cm)"} <= {*texts}


# ---- a network

IRIS = "cm long; cm wide; kind\n1,4; 0,2; 1\n1,3; 0,2; 1\n4,7; 1,4; 2\n4,5; 1,5; 2\n4,9; x; 2\n"
LONG, WIDE, KIND = [1.4, 1.3, 4.7, 4.5], [0.2, 0.2, 1.4, 1.5], [0, 0, 1, 1]


def playground(share=0.):
    torch.manual_seed(0)
    return NetPlayground(nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1)), *circle(40), test_share=share)


def test_a_network_takes_three_columns(page_of):
    net = playground()
    w = page_of(net)
    loss, points = w.loss, w.root.locator(".nnf-point, [data-point]").count()
    assert w.use(IRIS) == ("4 points: cm long, cm wide, kind. The comma is the decimal sign. "
                           "Left out: line 6 (“x” is no number). The labels 1, 2 are the classes 0, 1 here.")
    net.use(torch.tensor([LONG, WIDE]).T, torch.tensor(KIND))
    assert w.loss == pytest.approx(net.loss, rel=1e-3)
    net.step(1)
    w.click("step")
    settle(w.page)
    assert w.loss == pytest.approx(net.loss, rel=1e-3)
    w.click("own-back")
    settle(w.page)
    assert w.loss == pytest.approx(NetPlayground(net.model, *circle(40)).loss, rel=1e-3)
    assert w.root.locator(".nnf-point, [data-point]").count() == points and loss
    assert w.root.locator('[data-action="own-back"]').is_disabled()


def test_the_part_held_back_stays(page_of):
    net = playground(share=0.25)
    w = page_of(net)
    w.use(IRIS)
    net.use(torch.tensor([LONG, WIDE]).T, torch.tensor(KIND), test_share=0.25)
    assert w.loss == pytest.approx(net.loss, rel=1e-3)
    assert float(w.root.locator(".nnf-test-loss").text_content()) == pytest.approx(net.test_loss, rel=1e-3)


@pytest.mark.parametrize("text, says", [
    ("1;2;0\n2;3;1\n3;4;5", "There are 3 different labels, and this network tells 2 apart."),
    ("1;2\n3;4", "No line holds 3 numbers"), ("1;2e7;0\n2;3;1", "The numbers reach 20000000: 1,000,000 at most."),
    ("1;2;0\n"*2001, "2,001 points: 2,000 at most"), ("1\n2", "There is one column: each line needs 3 numbers.")])
def test_what_a_network_cannot_take(page_of, text, says):
    w = page_of(playground())
    before = w.loss
    assert says in w.use(text) and w.root.locator(".nnf-own-said").get_attribute("data-kind") == "bad"
    assert w.loss == before and w.root.locator('[data-action="own-back"]').is_disabled()


# ---- JupyterLab

SETUP = f"""import numpy as np, torch
from neuralnet_foundations.explorers import *
X = np.linspace(-2, 2, 20)
def quad(a, b, c, x): return a*x**2 + b*x + c
def walk(a, b, c, x): return (a*torch.sin(3*x) + b).cumsum(0) + c
weights = torch.linspace(0, 1, 20, dtype=torch.float64)
START = {START}"""
CODE = {"FitByHand": "FitByHand(quad, X, 3*X**2, **START)", "DescentExplorer": "DescentExplorer(quad, X, 3*X**2, **START)",
        "by the kernel": "FitByHand(walk, X, 3*X**2, **START)"}


@pytest.fixture(scope="module")
def notebook(lab):
    with lab.open([SETUP, "w = FitByHand(quad, X, X, **START); w", "w"], height=1800) as nb:
        nb.run_all()
        yield nb
        assert not nb.tracebacks() and not nb.problems()


def opened(notebook, code):
    notebook.js("cells[1].model.sharedModel.setSource(arg); return true", f"w = {code}; w")
    notebook.run_cell(1)
    notebook.run_cell(2)
    return tuple(Own(notebook.explorer(nth=i)) for i in (0, 1))


@pytest.mark.parametrize("case", CODE)
def test_in_jupyterlab(notebook, case):
    one, two = opened(notebook, CODE[case])
    before = notebook.value("[w.loss, w.ranges]")
    one.use(TEXT)
    follows = lambda: notebook.value("[w.x.tolist(), w.y.tolist()]") == [TIMES, WAYS]
    until(follows, message="Python did not follow")
    f = walk if case == "by the kernel" else quad
    loss = torch_loss(START, TIMES, WAYS, f)[0]
    assert notebook.value("w.loss") == pytest.approx(loss, rel=1e-12)
    until(lambda: one.loss == two.loss == pytest.approx(loss, rel=1e-3), message="the views differ")
    until(lambda: two.root.locator(".nnf-point").count() == 6)
    one.click("step")
    moving = "ab" if case == "DescentExplorer" else "abc"
    g = torch_loss(START, TIMES, WAYS, f)[1]
    want = {n: START[n] - 0.01*g[n] if n in moving else START[n] for n in START}
    until(lambda: notebook.value("dict(w.params)") == pytest.approx(want, rel=1e-9), message="Step is not torch's")
    one.click("reset")
    one.click("own-back")
    until(lambda: notebook.value("[w.loss, w.ranges]") == before, message="no way back")
    assert notebook.value("w.own_data") == {}


def test_a_kernel_that_cannot_take_them(notebook):
    "Python keeps the points it had, and the page shows them again."
    one, _ = opened(notebook, "FitByHand(lambda a, b, c, x: a*x*weights + b + c, X, X, **START)")
    before = one.root.locator(".nnf-point").count(), one.loss
    one.use(TEXT)
    shown = lambda: (one.root.locator(".nnf-point").count(), one.loss)
    until(lambda: shown() == before, message="the page shows what Python has not")
    until(lambda: "Python keeps those it had" in one.root.text_content(), message="nothing is said")
    assert notebook.value("w.x.tolist()") == X.tolist() and notebook.value("w.own_data") == {}
