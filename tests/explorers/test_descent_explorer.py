"DescentExplorer: its steps against torch's own optimiser, its map, its words, its controls; in a page without a kernel and in JupyterLab."

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from explorer_checks import check_clean_up, check_fits
from lab import page_state, run_on, settle, until

from neuralnet_foundations.explorers import DescentExplorer
from neuralnet_foundations.formula import UnsupportedFormula

X = torch.linspace(-2, 2, 20, dtype=torch.float64)
Y = 3*X**2 + 2*X + 1 + 0.7*torch.sin(5*X)
CURVE = 2 * (X**4).mean().item()  # second derivative of the mean squared error in a
START = dict(a=1.1, b=1.1, c=1.1)
WAYS = [("mae", 0., True), ("mse", 0., True), ("mae", 0., False), ("mse", 0.8, True), ("mae", 0.5, False),
        ("mse", 0.3, False)]


def quad(a, b, c, x): return a*x**2 + b*x + c


def made(loss="mae", vary=("a", "b"), **kw): return DescentExplorer(quad, X, Y, loss, vary=vary, **{**START, **kw})


def reference(loss, momentum, zero, *, vary=("a", "b"), lr=0.01, steps=12):
    "Where torch.optim.SGD goes: (params, losses), start included."
    p = {n: torch.tensor(v, dtype=torch.float64, requires_grad=n in vary) for n, v in START.items()}
    opt = torch.optim.SGD([p[n] for n in vary], lr=lr, momentum=momentum)
    loss_f = {"mae": F.l1_loss, "mse": F.mse_loss}[loss]
    rows, losses = [], []
    for _ in range(steps + 1):
        loss_now = loss_f(quad(**p, x=X), Y)
        rows.append([p[n].item() for n in vary])
        losses.append(loss_now.item())
        loss_now.backward()
        opt.step()
        if zero: opt.zero_grad()
    return np.array(rows), np.array(losses)


def shown(root, name):
    settle(root.page)
    return float(root.locator(f'[data-param="{name}"] input[type=number]').input_value())
def loss_of(root): return float(root.locator(".nnf-loss").text_content().replace("−", "-"))
def steps_of(root): return int(root.locator(".nnf-steps").text_content())
def state_of(root): return root.locator(".nnf-state").get_attribute("data-state")
def press_step(root, n):
    root.locator('[data-action="step"]').focus()
    for _ in range(n): root.page.keyboard.press("Enter")
def explorer(page, nth=0): return page.locator('.nnf-explorer[data-explorer="DescentExplorer"]').nth(nth)
def rests(root, steps): until(lambda: steps_of(root) == steps, message=f"{steps} steps did not show")


# ---- Python

@pytest.mark.parametrize("loss, momentum, zero", WAYS)
@pytest.mark.parametrize("vary", [("a", "b"), ("b",)])
def test_python_steps_are_torchs(loss, momentum, zero, vary):
    w, (params, losses) = (made(loss, vary, momentum=momentum, zero_grad=zero),
                           reference(loss, momentum, zero, vary=vary))
    w.step(5)
    w.step(7)
    assert (np.allclose(w.history.params, params, rtol=0, atol=1e-12)
            and np.allclose(w.history.losses, losses, rtol=0, atol=1e-12))
    assert [w.params[n] for n in vary] == list(w.history.params[-1]) and w.loss == pytest.approx(losses[-1], abs=1e-12)
    assert all(w.params[n] == START[n] for n in START if n not in vary)
    w.reset()
    assert (w.params == START and w.history.losses.tolist() == [losses[0]]
            and w.state["velocity"] == w.state["grad"] == [0.] * len(vary))


def test_python_gradient_is_autograds():
    w = made("mae", ("a", "c"))
    p = {n: torch.tensor(v, dtype=torch.float64, requires_grad=True) for n, v in START.items()}
    F.l1_loss(quad(**p, x=X), Y).backward()
    assert w.gradient == pytest.approx({n: p[n].grad.item() for n in "ac"}, abs=1e-12)


def test_settable_and_observable():
    w, seen = made(), []
    w.observe(lambda c: seen.append((c["name"], c["new"])), ["params", "loss"])
    w.params = dict(a=2)
    assert w.params == {**START, "a": 2.} == w.start and len(w.history.losses) == 1
    assert (("params", w.params) in seen and ("loss", w.loss) in seen
            and w.loss == pytest.approx(F.l1_loss(quad(2, 1.1, 1.1, X), Y).item(), abs=1e-12))
    w.step()
    w.criterion = "mse"
    assert w.params["a"] == 2 and w.loss == pytest.approx(F.mse_loss(quad(2, 1.1, 1.1, X), Y).item(), abs=1e-12)


def test_own_loss_is_a_third_choice():
    def root_like(p, t): return ((p - t)**2 + 1).sqrt().mean()
    w = made(root_like)
    assert w.criterion == "root_like" and [o["name"] for o in w.spec["losses"]] == ["mae", "mse", "root_like"]
    assert w.loss == pytest.approx(root_like(quad(**START, x=X), Y).item(), abs=1e-12)


def test_divergence_warns_and_keeps_the_last_finite_values():
    w = made("mse", ("a",), lr=1e6)
    with pytest.warns(RuntimeWarning, match="diverged.*no finite loss"): w.step(500)
    assert (np.isfinite(list(w.params.values())).all() and np.isfinite(w.history.losses).all()
            and 3 < w.state["steps"] < 500)
    assert len(w.history.losses) == w.state["steps"] + 1


def test_map_holds_start_and_lowest_place():
    best = np.polyfit(X, Y, 2)
    w = DescentExplorer(quad, X, Y, vary=("a", "b"), a=-4, b=9, c=best[2])
    for n, v in zip("ab", best, strict=False):
        assert w.ranges[n][0] < min(v, w.params[n]) and max(v, w.params[n]) < w.ranges[n][1]


def test_the_path_keeps_its_newest_part():
    w = made("mse", ("a",), lr=1e-5)
    w.step(5001)
    assert len(w.history.losses) == 5000 and w.state["steps"] == 5001 and w.history.params[-1][0] == w.params["a"]


def branching(a, x): return a*x if a > 0 else x


@pytest.mark.parametrize("how, message", [
    (lambda: DescentExplorer(quad, X, Y[:-1]), "x has 20 values and y has 19"),
    (lambda: DescentExplorer(quad, [], []), "x is empty"),
    (lambda: DescentExplorer(quad, range(10_001), range(10_001)), r"at most 10,000 points, got 10,001"),
    (lambda: DescentExplorer(quad, [0., float("nan")], [0., 1.]), r"x\[1\] is nan"),
    (lambda: DescentExplorer(quad, [0., 1.], [0., float("inf")]), r"y\[1\] is inf"),
    (lambda: made(d=1.), "no parameter 'd': it has a, b, c"),
    (lambda: made(vary=("a", "e")), "no parameter 'e'"),
    (lambda: made(vary=("a", "b", "c")), "one parameter or two"),
    (lambda: made(vary=("a", "a")), "one parameter or two"),
    (lambda: made(a="much"), "start value: a must be a number"),
    (lambda: made(a=float("nan")), "start value: a is nan"),
    (lambda: made(ranges=dict(a=(2, 5))), r"a = 1.1 is outside its range \(2, 5\)"),
    (lambda: made(ranges=dict(a=(5, -5))), "must be the smaller one"),
    (lambda: made(ranges=dict(z=(0, 5))), "no parameter 'z'"),
    (lambda: made(lr=0), "lr must be above 0"),
    (lambda: made(lr=float("inf")), "lr is inf"),
    (lambda: made(momentum=1.), "momentum must be at least 0 and below 1"),
    (lambda: made("mea"), "loss must be 'mae', 'mse' or a function"),
    (lambda: made(3), "loss must be"),
    (lambda: DescentExplorer(branching, X, Y), "one path for all values.*DescentExplorer draws"),
    (lambda: made(lambda p, t: (p - t).abs().max()), "DescentExplorer draws thousands of losses"),
])
def test_bad_input_at_construction(how, message):
    with pytest.raises(ValueError, match=message): how()


def test_untraceable_is_its_own_error():
    with pytest.raises(UnsupportedFormula, match="a loop over loss.backward"): DescentExplorer(branching, X, Y)


@pytest.mark.parametrize("name, value, message", [
    ("params", dict(a=float("nan")), "a is nan"), ("params", dict(q=1), "no parameter 'q'"),
    ("params", dict(a=100), "outside its range"), ("params", dict(b="x"), "b must be a number"),
    ("lr", -1, "lr must be above 0"),
    ("lr", "fast", "lr must be a number"), ("momentum", 1.5, "momentum must be"),
    ("criterion", "rmse", "criterion must be 'mae' or 'mse', got 'rmse'"),
    ("ranges", dict(a=(3, 1)), "must be the smaller one"),
    ("ranges", dict(a=3), "must be")])
def test_bad_assignment_changes_nothing(name, value, message):
    w = made()
    w.step(3)
    before = {n: getattr(w, n) for n in ("params", "start", "state", "lr", "momentum", "criterion", "ranges", "loss")}
    with pytest.raises(ValueError, match=message): setattr(w, name, value)
    with pytest.raises(ValueError, match="whole number"): w.step(0)
    assert before == {n: getattr(w, n) for n in before}


# ---- a page without a kernel

@pytest.mark.parametrize("loss, momentum, zero", WAYS)
def test_page_steps_are_torchs(show, loss, momentum, zero):
    page = show(made(loss, momentum=momentum, zero_grad=zero))
    root, (params, losses) = explorer(page), reference(loss, momentum, zero)
    press_step(root, 12)
    rests(root, 12)
    assert [shown(root, n) for n in "ab"] == pytest.approx(params[-1], rel=1e-5) and shown(root, "c") == 1.1
    assert loss_of(root) == pytest.approx(losses[-1], rel=1e-4)
    page.locator('[data-action="reset"]').click()
    rests(root, 0)
    assert (shown(root, "a"), shown(root, "b")) == (1.1, 1.1) and state_of(root) == "ready" and not page.problems


def test_zeroing_is_switched_as_in_the_loop(show):
    "Three steps that add up, then three that are zeroed: what the sum holds goes into one more step, as with torch."
    page = show(made("mse", zero_grad=False))
    root = explorer(page)
    press_step(root, 3)
    root.locator('[data-action="zero"]').click()
    press_step(root, 3)
    rests(root, 6)
    w = made("mse", zero_grad=False)
    w.step(3)
    w.zero_grad = True
    w.step(3)
    assert [shown(root, n) for n in "ab"] == pytest.approx([w.params[n] for n in "ab"], rel=1e-5)


@pytest.mark.parametrize("lr, kw, steps, state, words", [
    (0.5 / CURVE, {}, 3, "converging", "lead down"),
    (1.6 / CURVE, {}, 4, "bouncing", "smaller learning rate"),
    (2.2 / CURVE, {}, 5, "diverging", "Lower the learning rate"),
    (1e-5, {}, 4, "crawling", "larger learning rate"),
    (0.5 / CURVE, {}, 40, "rest", "practically zero"),
    (0.1 / CURVE, dict(momentum=0.95), 20, "bouncing", "momentum carries it"),
    (0.1 / CURVE, dict(zero_grad=False), 12, "bouncing", "old gradients add up"),
    (1e100, {}, 1, "diverging", "no finite loss, so it stops here")])
def test_what_happens_is_named(show, lr, kw, steps, state, words):
    page = show(made("mse", ("a",), lr=lr, **kw))
    root = explorer(page)
    assert state_of(root) == "ready"
    press_step(root, steps)
    until(lambda: state_of(root) == state, message=f"{state_of(root)} instead of {state}")
    assert words in root.locator(".nnf-state").text_content()
    if lr > 1e50:
        assert (root.locator('[data-action="step"]').is_disabled() and np.isfinite(shown(root, "a"))
                and steps_of(root) == 1)


def test_mae_bounces_around_the_lowest_place(show):
    page = show(made("mae", ("c",), lr=0.4))
    root = explorer(page)
    press_step(root, 30)
    rests(root, 30)
    assert state_of(root) == "bouncing"


def test_run_pauses_at_rest(show):
    page = show(made("mse", ("a", "b"), lr=0.3 / CURVE))
    root = explorer(page)
    run = root.locator('[data-action="run"]')
    run.click()
    assert run.text_content() == "Pause"
    until(lambda: run.text_content() == "Run", message="it runs on at rest")
    assert state_of(root) == "rest" and 10 < steps_of(root) < 400
    a = torch.stack([X**2, X], 1)
    best = torch.linalg.lstsq(a, (Y - 1.1)[:, None]).solution.ravel()
    assert [shown(root, n) for n in "ab"] == pytest.approx(best.tolist(), abs=0.01)


def test_run_pauses_by_hand_and_by_keyboard(show):
    page = show(made("mse", lr=1e-4))
    root = explorer(page)
    run = root.locator('[data-action="run"]')
    run.focus()
    page.keyboard.press("Space")
    until(lambda: steps_of(root) > 5, message="it does not run")
    page.keyboard.press("Space")
    assert run.text_content() == "Run"
    settle(page)
    before = steps_of(root)
    page.wait_for_timeout(300)
    assert steps_of(root) == before


def test_reduced_motion_runs_in_few_jumps(show):
    page = show(made("mse", lr=1e-4))
    page.emulate_media(reduced_motion="reduce")
    root = explorer(page)
    root.locator(".nnf-descent-map .nnf-ball").evaluate(
        "(n) => { window.moves = 0; new MutationObserver(() => window.moves++).observe(n, { attributes: true }); }")
    run_on(root, "output.nnf-steps", 2)
    assert page.evaluate("window.moves") <= steps_of(root) / 5 and steps_of(root) >= 20


def test_reserved_names_and_a_summed_loss(show):
    def f(var, new, x): return var * x + new
    def total(p, t): return (p - t).abs().sum()
    w = DescentExplorer(f, X, Y, total, var=0.5, new=1., lr=0.001)
    page = show(w)
    root = explorer(page)
    press_step(root, 6)
    rests(root, 6)
    p = [torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (0.5, 1.)]
    opt = torch.optim.SGD(p, lr=0.001)
    for _ in range(6):
        opt.zero_grad()
        total(f(*p, X), Y).backward()
        opt.step()
    assert [shown(root, n) for n in ("var", "new")] == pytest.approx([v.item() for v in p], rel=1e-5)
    assert root.locator(".nnf-label").first.text_content() == "Total" and not page.problems
    w.step(6)
    assert list(w.params.values()) == pytest.approx([v.item() for v in p], abs=1e-12)


def test_ten_thousand_points(show):
    x = torch.linspace(-2, 2, 10_000, dtype=torch.float64)
    page = show(DescentExplorer(quad, x, 3*x**2, vary=("a", "b")))
    root = explorer(page)
    press_step(root, 2)
    rests(root, 2)
    assert root.locator(".nnf-point").count() <= 400 and root.locator(".nnf-levels text").count() > 4


def test_run_stops_when_the_ball_flies_off(show):
    page = show(made("mse", ("a",), lr=2.5 / CURVE))
    root = explorer(page)
    root.locator('[data-action="run"]').click()
    until(lambda: state_of(root) == "diverging" and root.locator('[data-action="run"]').text_content() == "Run",
          message="it runs on")
    assert (root.locator(".nnf-away").is_visible()
            and "beyond the edge" in root.locator("svg[role=img]").first.get_attribute("aria-label"))


@pytest.mark.parametrize("vary", [("a", "b"), ("a",)])
def test_click_chooses_the_start(show, vary):
    page = show(made("mse", vary))
    root = explorer(page)
    press_step(root, 2)
    box = root.locator(".nnf-descent-map svg").bounding_box()
    at = box["x"] + 0.72 * box["width"], box["y"] + 0.3 * box["height"]
    page.mouse.click(*at)
    rests(root, 0)
    ball = root.locator(".nnf-descent-map .nnf-ball").bounding_box()
    assert ball["x"] + ball["width"] / 2 == pytest.approx(at[0], abs=1)
    if len(vary) == 2: assert ball["y"] + ball["height"] / 2 == pytest.approx(at[1], abs=1)
    params = {n: shown(root, n) for n in "abc"}
    assert params["a"] != 1.1 and loss_of(root) == pytest.approx(F.mse_loss(quad(**params, x=X), Y).item(), rel=2e-4)
    press_step(root, 1)
    root.locator('[data-action="reset"]').click()
    rests(root, 0)
    assert shown(root, "a") == params["a"]


def test_drag_and_tap(show):
    page = show(made("mse"), touch=True)
    root = explorer(page)
    box = root.locator(".nnf-descent-map svg").bounding_box()
    x, y, w, ht = (box[k] for k in ("x", "y", "width", "height"))
    page.mouse.move(x + 0.3*w, y + 0.3*ht)
    page.mouse.down()
    page.mouse.move(x + 0.5*w, y + 0.5*ht, steps=4)
    page.mouse.up()
    page.mouse.move(x + 0.9*w, y + 0.1*ht)  # no button: nothing moves
    settle(page)
    ball = root.locator(".nnf-descent-map .nnf-ball").bounding_box()
    assert ((ball["x"] + ball["width"] / 2, ball["y"] + ball["height"] / 2)
            == pytest.approx((x + 0.5*w, y + 0.5*ht), abs=1.5))
    page.touchscreen.tap(x + 0.7*w, y + 0.6*ht)
    settle(page)
    ball = root.locator(".nnf-descent-map .nnf-ball").bounding_box()
    assert ((ball["x"] + ball["width"] / 2, ball["y"] + ball["height"] / 2)
            == pytest.approx((x + 0.7*w, y + 0.6*ht), abs=1.5))


def test_keyboard_sets_start_rate_and_momentum(show):
    page = show(made("mse"))
    root = explorer(page)
    root.locator('[data-param="a"] input[type=range]').focus()
    page.keyboard.press("ArrowRight")
    assert shown(root, "a") > 1.1
    number = root.locator('[data-param="b"] input[type=number]')
    number.fill("1.75")
    number.press("Enter")
    until(lambda: loss_of(root) == pytest.approx(F.mse_loss(quad(shown(root, "a"), 1.75, 1.1, X), Y).item(), rel=1e-4),
          message="the loss does not follow")
    rate = root.locator('input[data-action="lr"]')
    root.locator('[data-action="lr-slider"]').focus()
    page.keyboard.press("ArrowRight")
    until(lambda: float(rate.input_value()) > 0.01, message="the slider does not move the rate")
    assert float(rate.input_value()) < 0.012  # a logarithmic step
    rate.fill("-1")
    rate.press("Enter")
    assert float(rate.input_value()) > 0
    rate.fill("0.02")
    rate.press("Enter")
    root.locator('[data-action="momentum"]').fill("0.5")
    root.locator('[data-action="momentum"]').press("Enter")
    start = {n: shown(root, n) for n in "abc"}
    press_step(root, 5)
    rests(root, 5)
    w = made("mse", lr=0.02, momentum=0.5)
    w.params = start
    w.step(5)
    assert [shown(root, n) for n in "ab"] == pytest.approx([w.params[n] for n in "ab"], rel=1e-5)


def test_loss_choice_changes_the_landscape(show):
    page = show(made("mae"))
    root = explorer(page)
    press_step(root, 3)
    rests(root, 3)
    before = root.locator(".nnf-levels").text_content()
    root.locator('[data-action="loss-mse"]').check()
    rests(root, 0)
    assert (root.locator(".nnf-label").first.text_content() == "Mean squared error"
            and root.locator(".nnf-levels").text_content() != before)
    assert loss_of(root) == pytest.approx(F.mse_loss(quad(**START, x=X), Y).item(), rel=1e-4)


@pytest.mark.parametrize("loss, f", [("mae", F.l1_loss), ("mse", F.mse_loss)])
def test_contours_lie_where_their_labels_say(show, loss, f):
    w = made(loss)
    page = show(w)
    got = explorer(page).locator(".nnf-descent-map svg").evaluate(
        """(svg) => ({ width: svg.viewBox.baseVal.width, height: svg.viewBox.baseVal.height,
        labels: [...svg.querySelectorAll(".nnf-levels text")].map((t) => [+t.getAttribute("x"), t.getAttribute("y") - 4, +t.textContent]),
        frame: (({ x, y, width, height }) => [x, y, width, height].map((v) => v.baseVal.value))(svg.querySelector("clipPath rect")) })""")
    x, y, wide, high = got["frame"]
    assert len(got["labels"]) >= 5
    for px, py, level in got["labels"]:
        a = w.ranges["a"][0] + (px - x) / wide * (w.ranges["a"][1] - w.ranges["a"][0])
        b = w.ranges["b"][1] - (py - y) / high * (w.ranges["b"][1] - w.ranges["b"][0])
        assert f(quad(a, b, 1.1, X), Y).item() == pytest.approx(level, rel=0.005, abs=0.015), (a, b)


def test_curve_of_one_parameter_is_the_loss(show):
    w = made("mae", ("a",))
    page = show(w)
    got = explorer(page).locator(".nnf-descent-map").evaluate("""(map) => {
        const box = map.querySelector("clipPath rect"), ticks = [...map.querySelectorAll(".nnf-axes text[text-anchor=end]")];
        const d = map.querySelector("path.nnf-curve").getAttribute("d").slice(1).split("L").map((q) => q.split(" ").map(Number));
        return { d, left: box.x.baseVal.value, width: box.width.baseVal.value, """
        """ticks: ticks.map((n) => [+n.textContent, n.getAttribute("y") - 4]) }; }""")
    (v0, p0), (v1, p1) = got["ticks"][0], got["ticks"][-1]
    assert len(got["d"]) > 200
    for px, py in got["d"][::20]:
        a = w.ranges["a"][0] + (px - got["left"]) / got["width"] * (w.ranges["a"][1] - w.ranges["a"][0])
        assert v0 + (py - p0) * (v1 - v0) / (p1 - p0) == pytest.approx(F.l1_loss(quad(a, 1.1, 1.1, X), Y).item(),
                                                                       rel=1e-3, abs=1e-3)


def test_two_views_stay_in_step(show):
    w = made("mse")
    page = show(w, w)
    one, two = explorer(page), explorer(page, 1)
    press_step(one, 4)
    press_step(two, 3)
    two.locator('[data-action="zero"]').uncheck()
    one.locator('[data-action="lr"]').fill("0.03")
    one.locator('[data-action="lr"]').press("Enter")
    press_step(one, 1)
    for root in (one, two): rests(root, 8)
    until(lambda: two.locator('[data-action="lr"]').input_value() == "0.03", message="the rate does not follow")
    assert not one.locator('[data-action="zero"]').is_checked()
    for hook in (".nnf-trail", ".nnf-next"):
        assert one.locator(hook).get_attribute("d") == two.locator(hook).get_attribute("d")
    assert [shown(one, n) for n in "abc"] == [shown(two, n) for n in "abc"]


def test_leaves_nothing_behind(show):
    w = made("mse")
    page, entry = show(w), page_state([w])
    state = entry[w.model_id]["state"]
    for b in entry[w.model_id]["buffers"]:
        place = state
        for key in b["path"][:-1]: place = place[key]
        place[b["path"][-1]] = dict(base64=b["data"])
    check_clean_up(page, "DescentExplorer", state, ["step", "run", "reset", "run"])


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_fits_a_phone(show, theme):
    page = show(made("mse"), made("mae", ("a",)), width=390, theme=theme)
    check_fits(page, 390)
    for control in explorer(page).locator("input, button").all():
        assert control.bounding_box()["x"] + control.bounding_box()["width"] <= 390
    assert not page.problems


def test_everything_has_a_name(show):
    root = explorer(show(made("mse")))
    for control in root.locator("input, button").all():
        assert control.evaluate("(n) => (n.getAttribute('aria-label') || n.textContent "
                                "|| n.closest('label')?.textContent || '').trim().length > 0")
    assert "Contour map of the loss over a and b" in root.locator("svg[role=img]").first.get_attribute("aria-label")
    assert root.locator(".nnf-state").get_attribute("role") == "status"


# ---- JupyterLab

CELL = """import torch
from neuralnet_foundations.explorers import DescentExplorer
x = torch.linspace(-2, 2, 20, dtype=torch.float64)
y = 3*x**2 + 2*x + 1 + 0.7*torch.sin(5*x)
def quad(a, b, c, x): return a*x**2 + b*x + c
w = DescentExplorer(quad, x, y, "mse", vary=("a", "b"), a=1.1, b=1.1, c=1.1, momentum=0.6, zero_grad=False, lr=0.004)
w"""


def test_in_jupyterlab(lab):
    with lab.open(cells=[CELL, "w"]) as nb:
        nb.run_all()
        root = nb.explorer("DescentExplorer")
        root.scroll_into_view_if_needed()
        press_step(root, 6)
        rests(root, 6)
        params, losses = (o for o in reference("mse", 0.6, False, lr=0.004, steps=6))
        def arrived(n):
            until(lambda: nb.value("w.state['steps']") == n, message="the kernel does not follow", every=0.1)
        arrived(6)
        assert np.allclose(nb.value("w.history.params.tolist()"), params, rtol=0, atol=1e-9)
        assert np.allclose(nb.value("w.history.losses.tolist()"), losses, rtol=0, atol=1e-9)
        assert nb.value("w.loss") == pytest.approx(losses[-1], abs=1e-9)
        before = nb.value("w.params")
        nb.run("w.step(6)")  # the kernel goes on where the page was: velocity and sum included
        more, _ = reference("mse", 0.6, False, lr=0.004, steps=12)
        assert (np.allclose(nb.value("w.history.params.tolist()"), more, rtol=0, atol=1e-9)
                and nb.value("w.params") != before)
        nb.show(0)
        rests(nb.explorer("DescentExplorer"), 12)
        nb.show(1)
        other = nb.explorer("DescentExplorer", 1)
        rests(other, 12)
        assert [shown(other, n) for n in "ab"] == pytest.approx(more[-1], rel=1e-5)
        box = other.locator(".nnf-descent-map svg").bounding_box()
        nb.page.mouse.click(box["x"] + 0.6 * box["width"], box["y"] + 0.4 * box["height"])
        arrived(0)
        assert nb.value("[w.params[n] for n in 'ab']") == pytest.approx([shown(other, n) for n in "ab"], rel=1e-5)
        run_on(other, "output.nnf-steps", 20)
        arrived(steps_of(other))
        assert nb.value("len(w.history.losses) - 1") == steps_of(other)
        nb.run("w.params = dict(a=2.5, b=2); w.criterion = 'mae'; w.lr = 0.25; w.ranges = dict(a=(-9, 9))")
        until(lambda: shown(other, "a") == 2.5 and other.locator('[data-action="loss-mae"]').is_checked(),
              message="the page does not follow Python")
        assert other.locator('[data-param="a"] input[type=range]').get_attribute("max") == "9"
        assert "−5" in other.locator(".nnf-descent-map .nnf-axes").text_content()
        assert other.locator('[data-action="lr"]').input_value() == "0.25" and not nb.tracebacks() and not nb.problems()


def test_jupyterlab_runs_again_without_old_listeners(lab):
    with lab.open(cells=[CELL]) as nb:
        nb.run_all()
        nb.explorer("DescentExplorer").locator('[data-action="run"]').click()
        nb.run_cell(0)
        root = nb.explorer("DescentExplorer")
        assert nb.page.locator('.nnf-explorer[data-explorer="DescentExplorer"]').count() == 1
        nb.page.wait_for_timeout(400)
        assert steps_of(root) == 0 and nb.value("w.state['steps']") == 0 and not nb.problems()
