"FitAnything: ready functions, somebody's points, and a fit of each by hand."
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from lab import look, settle, until

from neuralnet_foundations.checks import BadInput
from neuralnet_foundations.explorers import FitAnything, packed_points
from neuralnet_foundations.explorers.fit_anything import READY
from neuralnet_foundations.formula import Formula

NAMES = "line", "quadratic", "wave", "growth", "logistic", "bell", "power", "relus"
X, Y = np.array([1., 2, 4, 5]), np.array([2., 3, 9, 4])
each = pytest.mark.parametrize("name", NAMES)


def want(w):
    "The loss by torch alone."
    f, at = READY[w.chosen], {n: torch.tensor(v, dtype=torch.float64) for n, v in w.params.items()}
    return F.mse_loss(f(**at, x=torch.tensor(w.x)), torch.tensor(w.y)).item()


# ---- Python

def test_the_functions_are_the_promised_ones(): assert tuple(READY) == NAMES


@each
def test_each_begins_with_a_finite_loss(name):
    w = FitAnything(chosen=name)
    assert w.chosen == name and w.f is READY[name] and np.isfinite(w.loss) and w.loss == pytest.approx(want(w), rel=1e-12)
    assert list(w.params) == list(Formula(READY[name]).params) == list(w.state["ranges"])
    assert all(lo <= w.params[n] <= hi for n, (lo, hi) in w.state["ranges"].items())


def test_parameters_belong_to_their_function():
    w = FitAnything(X, Y)
    w.params = dict(a=2.5)
    assert w.params == dict(a=2.5, b=0.) and w.loss == pytest.approx(want(w), rel=1e-12)
    w.chosen = "bell"
    assert set(w.params) == {*"ams"} and w.loss == pytest.approx(want(w), rel=1e-12)
    w.assign(dict(chosen="power", params=dict(n=2)))
    assert w.params == dict(a=1., n=2.) and w.loss == pytest.approx(((X**2 - Y)**2).mean(), rel=1e-12)
    w.params["a"] = 0.5
    assert w.params == dict(a=0.5, n=2.)


def test_other_points():
    w = FitAnything()
    w.params = dict(a=2.)
    w.own_data = dict(points=packed_points(X, Y), xlabel="t", ylabel="s")
    assert w.x.tolist() == X.tolist() and w.loss == pytest.approx(want(w)) and w.state["best_params"] == w.params
    w.own_data = {}
    assert len(w.x) == 20
    w.assign(dict(x=X, y=Y))
    assert w.loss == pytest.approx(((2*X - Y)**2).mean()) and w.points == packed_points(X, Y)


@pytest.mark.parametrize("make, message", [
    (lambda: FitAnything(X), "give both x and y"), (lambda: FitAnything(X, Y[:2]), "one y for every x"),
    (lambda: FitAnything(chosen="circle"), "chosen must be 'line' or 'quadratic'"),
    (lambda: setattr(FitAnything(), "params", dict(k=1)), "k"),
    (lambda: FitAnything().assign(dict(state=FitAnything().state, chosen="line")), "give one of them")])
def test_bad_input(make, message):
    with pytest.raises(BadInput, match=message): make()


# ---- the page

def root_of(show, w, **options): return show(w, **options).locator(".nnf-explorer")


def choose(root, name):
    root.locator('[data-action="function"]').select_option(name)
    settle(root.page)


def loss(root): return float(root.locator(".nnf-loss").text_content().replace("−", "-"))
def names(root): return root.locator("[data-param]").evaluate_all("(all) => all.map((o) => o.dataset.param)")


def test_every_function_on_the_page(show):
    "Its formula, sliders and loss, as torch has them, and no trace of the one before."
    w = FitAnything()
    root = root_of(show, w)
    for name in (*NAMES[1:], "line"):
        choose(root, name)
        w.chosen = name
        assert names(root) == list(w.params) and loss(root) == pytest.approx(w.loss, rel=1e-3)
        root.locator("[data-param] input[type=range]").first.press("PageUp")
        settle(root.page)
        first = root.locator("[data-param]").first
        w.params = {first.get_attribute("data-param"): float(first.get_attribute("data-value"))}
        assert loss(root) == pytest.approx(w.loss, rel=1e-3)
        assert root.locator(".nnf-formula").count() == root.locator("path.nnf-curve").count() == 1
        assert root.locator("path.nnf-curve").get_attribute("d").count("L") > 100
    assert not root.page.problems


def test_own_points_stay_when_the_function_changes(show):
    w = FitAnything()
    root = root_of(show, w)
    root.locator('[data-action="own"]').click()
    root.locator("textarea").fill("t;s\n1;200\n2;800\n3;1800\n4;3200")
    root.locator('[data-action="own-take"]').click()
    root.locator('[data-action="function"]').select_option("quadratic")  # at once: nothing waits for a message
    settle(root.page)
    w.own_data = dict(points=packed_points([1., 2, 3, 4], [200., 800, 1800, 3200]), xlabel="t", ylabel="s")
    w.chosen = "quadratic"
    assert root.locator(".nnf-point").count() == 4 and loss(root) == pytest.approx(w.loss, rel=2e-3)
    assert {"t", "s"} <= {*root.locator(".nnf-axis-label").all_text_contents()}
    assert float(root.locator('[data-param="a"] input[type=range]').get_attribute("max")) >= 200, "the slider reaches the fit"


def test_the_copied_python_is_of_the_chosen_function(show):
    root = root_of(show, FitAnything())
    choose(root, "growth")
    root.locator('[data-action="copy"]').click()
    made = {}
    exec(root.locator(".nnf-code").text_content(), made)
    assert set(made["fit"].params) == {*"akc"} and made["fit"].loss == pytest.approx(loss(root), rel=1e-3)


def test_two_views_choose_together(show):
    w = FitAnything()
    page = show(w, w)
    one, two = (page.locator(".nnf-explorer").nth(i) for i in (0, 1))
    choose(one, "wave")
    until(lambda: names(two) == list("abcd") and look(one) == look(two), message="the views differ")
    two.locator('[data-param="d"] input[type=range]').press("ArrowRight")
    until(lambda: look(one) == look(two) and one.locator('[data-param="d"]').get_attribute("data-value") != "4")
    choose(two, "line")
    until(lambda: names(one) == list("ab") and look(one) == look(two))
    one.locator('[data-action="own"]').click()
    for many in (21, 22):  # points of the same names
        one.locator('[data-action="own-y"]').fill(str(many))
        one.locator('[data-action="own-add"]').click()
        until(lambda many=many: two.locator(".nnf-point").count() == many and loss(one) == loss(two))
    assert not page.problems


def test_a_function_without_a_value_there_is_said(show):
    root = root_of(show, FitAnything([-1., 1, 2], [1., 1, 2], chosen="power"))
    assert "Where x is below 0 only a whole n has a value" in root.text_content()
    n = root.locator('[data-param="n"] input[type=number]')
    n.fill("0.5")
    n.press("Enter")
    until(lambda: "not a number" in root.locator(".nnf-loss").text_content())
    assert not root.page.problems
