"ReluBuilder: its fit against torch's own optimiser, drawing, dragging and keys; in a page without a kernel and in JupyterLab."
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from explorer_checks import check_clean_up, check_fits
from lab import page_state, run_on, settle, until

from neuralnet_foundations.explorers import ReluBuilder

X = np.linspace(-2, 2, 81)
TARGETS = dict(step=(X > 0) * 1., sine=np.sin(np.pi * X), absolute=np.abs(X))


def formula(p, x):
    return p["c"] + sum(w * np.maximum(0, m*np.asarray(x) + b) for w, m, b in zip(p["w"], p["m"], p["b"], strict=True))


def reference(w, steps):
    "Where torch.optim.SGD takes the parameters of `w` in `steps` steps: (parameters, losses)."
    p = {k: torch.tensor(v, dtype=torch.float64, requires_grad=True) for k, v in w.params.items()}
    opt, x, y, losses = (torch.optim.SGD(p.values(), lr=w.lr, momentum=w.momentum), torch.tensor(w.x),
                         torch.tensor(w.target), [])
    for i in range(steps + 1):
        opt.zero_grad()
        loss = F.mse_loss((p["w"][:, None] * F.relu(p["m"][:, None]*x + p["b"][:, None])).sum(0) + p["c"], y)
        losses.append(loss.item())
        loss.backward()
        if i < steps: opt.step()
    return {k: v.tolist() for k, v in p.items()}, losses


def near(p, q, tol): return all(np.allclose(p[k], q[k], rtol=0, atol=tol) for k in "wmbc")


# ---- Python

@pytest.mark.parametrize("n, target, momentum",
                         [(1, "absolute", 0.9), (4, "sine", 0.9), (7, "step", 0.), (20, "sine", 0.9)])
def test_python_steps_are_torchs(n, target, momentum):
    w = ReluBuilder(n=n, target=target, momentum=momentum)
    start, (params, losses) = w.params, reference(w, 150)
    w.step(100)
    w.step(50)
    assert near(w.params, params, 1e-9) and np.allclose(w.history, losses, rtol=0, atol=1e-9)
    assert (w.loss == pytest.approx(((formula(w.params, X) - TARGETS[target])**2).mean(), abs=1e-12)
            and losses[-1] < losses[0])
    w.reset()
    assert w.params == start and len(w.history) == 1


def test_predict_is_the_formula():
    w = ReluBuilder(n=5)
    at = torch.tensor([[-1., 0.2], [1.5, 7.]])
    assert np.allclose(w.predict(at), formula(w.params, at.numpy())) and w.predict(at).shape == (2, 2)


@pytest.mark.parametrize("target", TARGETS)
def test_ready_targets_and_a_falling_loss(target):
    w = ReluBuilder(n=8, target=target)
    assert np.allclose(w.target, TARGETS[target]) and np.allclose(w.x, X)
    before = w.loss
    assert w.step(1500) < 0.1 * before


def test_settable_and_observable():
    w, seen = ReluBuilder(n=3), []
    w.observe(lambda c: seen.append(c["name"]), ["params", "n", "target", "loss"])
    w.params = dict(w=[1, 2, 3], c=0.5)
    assert (w.params["w"] == [1., 2., 3.] and w.params["m"] == [1.] * 3 and {"params", "loss"} <= set(seen)
            and "n" not in seen)
    w.params = dict(w=[1.], m=[-2.], b=[0.5])
    assert w.n == 1 and "n" in seen and np.allclose(w.predict([-1., 1.]), [0.5 + 2.5, 0.5])
    w.target = 3 * X
    assert w.loss == pytest.approx(((formula(w.params, X) - 3*X)**2).mean()) and w.ylim[0] < -6 and w.ylim[1] > 6


def test_more_and_fewer_relus_keep_the_curve():
    w = ReluBuilder(n=4)
    w.step(50)
    old, curve = w.params, w.predict(X)
    w.n = 6
    assert len(w.params["w"]) == 6 and w.params["w"][:4] == old["w"] and np.allclose(w.predict(X), curve)
    kinks = sorted(-b/m for m, b in zip(w.params["m"], w.params["b"], strict=True))
    assert kinks[0] > -2.5 and len({round(k, 6) for k in kinks}) == 6
    w.n = 4
    assert near(w.params, old, 0) and w.step() > 0


def test_own_points_choose_a_rate_that_holds():
    x = np.linspace(100, 160, 40)
    w = ReluBuilder(x, 50 + 30*np.sin(x / 10), n=5)
    before = w.loss
    assert w.step(300) < before and w.ylim[0] < 20 and w.ylim[1] > 80


def test_divergence_warns_and_keeps_the_last_finite_values():
    w = ReluBuilder(n=4, lr=1e5)
    with pytest.warns(RuntimeWarning, match="diverged.*no finite loss"): w.step(500)
    assert np.isfinite(w.loss) and np.isfinite(w.history).all() and all(np.isfinite(w.params[k]).all() for k in "wmbc")


@pytest.mark.parametrize("how, message", [
    (lambda: ReluBuilder(n=0), "n must be a whole number from 1 to 20, got 0"), (lambda: ReluBuilder(n=21), "got 21"),
    (lambda: ReluBuilder(n=2.5), "got 2.5"),
    (lambda: ReluBuilder(target="saw"), "target must be step, sine, absolute, or one number for each x, got 'saw'"),
    (lambda: ReluBuilder([0, 1, 2], [0, 1]), "target has 2 values and x has 3"),
    (lambda: ReluBuilder([0.], [0.]), "at least 2 points"),
    (lambda: ReluBuilder([0, 2, 1], [0, 1, 2]), r"x\[2\] = 1 follows 2: sort"),
    (lambda: ReluBuilder([0, 0, 1], [0, 1, 2]), "must increase"),
    (lambda: ReluBuilder([0, 1, float("nan")], [0, 1, 2]), r"x\[2\] is nan"),
    (lambda: ReluBuilder([0, 1], [0, float("inf")]), r"target\[1\] is inf"),
    (lambda: ReluBuilder(lr=0), "lr must be above 0"), (lambda: ReluBuilder(momentum=1), "momentum must be")])
def test_bad_input_at_construction(how, message):
    with pytest.raises(ValueError, match=message): how()


@pytest.mark.parametrize("name, value, message", [
    ("params", dict(w=[1., 2.]), "equally long"), ("params", dict(k=[1.]), "no parameter 'k'"),
    ("params", dict(c=float("nan")), "c is nan"),
    ("params", dict(w=[1., float("inf"), 0.]), "is inf"), ("params", 3, "must be a dict"),
    ("n", 0, "whole number from 1 to 20"), ("n", "many", "whole number"),
    ("target", "cosine", "got 'cosine'"), ("target", [1., 2.], "2 values and x has 81"), ("lr", -1, "above 0"),
    ("momentum", 2, "below 1")])
def test_bad_assignment_changes_nothing(name, value, message):
    w = ReluBuilder(n=3)
    w.step(3)
    before = (w.params, w.n, w.target.tolist(), w.lr, w.momentum, w.state, w.loss)
    with pytest.raises(ValueError, match=message): setattr(w, name, value)
    with pytest.raises(ValueError, match="whole number"): w.step(-1)
    assert before == (w.params, w.n, w.target.tolist(), w.lr, w.momentum, w.state, w.loss)


# ---- a page without a kernel

def explorer(page, nth=0): return page.locator('.nnf-explorer[data-explorer="ReluBuilder"]').nth(nth)
def number(root, name): return root.locator(f'[data-param="{name}"] input[type=number]')
def shown(root, name):
    settle(root.page)
    return float(number(root, name).input_value())
def loss_of(root): return float(root.locator(".nnf-loss").text_content())
def steps_of(root): return int(root.locator(".nnf-steps").text_content())
def rests(root, steps): until(lambda: steps_of(root) == steps, message=f"{steps} steps did not show")
def press_step(root, n):
    root.locator('[data-action="step"]').focus()
    for _ in range(n): root.page.keyboard.press("Enter")


def params_of(root):
    "All parameters, read from the rows of one ReLU after the other."
    p = dict(w=[], m=[], b=[], c=shown(root, "c"))
    for i in range(root.locator(".nnf-kink").count()):
        root.locator(".nnf-kink").nth(i).focus()
        until(lambda i=i: root.locator(".nnf-title").text_content().startswith(f"ReLU {i + 1} "),
              message="the ReLU is not chosen")
        for key in "wmb": p[key].append(shown(root, key))
    return p


# pixels of the plot: (x of data, y of data) -> page, from the frame and the limits
FRAME = ("""(root) => { const svg = root.querySelector(".nnf-relu-map svg"), box = svg.getBoundingClientRect(),
    k = box.width / svg.viewBox.baseVal.width, r = svg.querySelector("clipPath rect"), """
         """t = [...svg.querySelectorAll(".nnf-axes text[text-anchor=end]")]
    .map((n) => [+n.textContent.replace("−", "-"), box.y + k * (n.getAttribute("y") - 4)]);
    return { left: box.x + k * r.x.baseVal.value, width: k * r.width.baseVal.value, low: t[0], high: t.at(-1) }; }""")


def frame(root, lo=-2, hi=2):
    f = root.evaluate(FRAME)
    (v0, p0), (v1, p1) = f["low"], f["high"]
    return lambda x, y: (f["left"] + (x - lo) / (hi - lo) * f["width"], p0 + (y - v0) * (p1 - p0) / (v1 - v0))


def centre(place):
    b = place.bounding_box()
    return b["x"] + b["width"] / 2, b["y"] + b["height"] / 2


def drag(page, start, *places):
    page.mouse.move(*start)
    page.mouse.down()
    for p in places: page.mouse.move(*p, steps=5)
    page.mouse.up()


def vertices(root, hook):
    "A path's points in data coordinates."
    f = root.evaluate(FRAME)
    box = root.locator(".nnf-relu-map svg").bounding_box()
    d = root.locator(f"path{hook}").get_attribute("d")
    k = root.evaluate("(r) => { const s = r.querySelector('.nnf-relu-map svg'); "
                      "return s.getBoundingClientRect().width / s.viewBox.baseVal.width }")
    (v0, p0), (v1, p1) = f["low"], f["high"]
    pixels = [[float(v) for v in q.split()] for q in d[1:].split("L")]
    return np.array([[-2 + 4 * (box["x"] + k*x - f["left"]) / f["width"],
                      v0 + (box["y"] + k*y - p0) * (v1 - v0) / (p1 - p0)] for x, y in pixels])


@pytest.mark.parametrize("n, target, momentum", [(1, "absolute", 0.9), (3, "sine", 0.), (5, "step", 0.9)])
def test_page_steps_are_torchs(show, n, target, momentum):
    w = ReluBuilder(n=n, target=target, momentum=momentum)
    params, losses = reference(w, 15)
    page = show(w)
    root = explorer(page)
    press_step(root, 15)
    rests(root, 15)
    assert loss_of(root) == pytest.approx(losses[-1], rel=2e-4)
    assert near(params_of(root), params, 1e-5)
    root.locator('[data-action="reset"]').click()
    rests(root, 0)
    assert near(params_of(root), w.params, 1e-5) and not page.problems


def test_curve_and_error_are_the_formulas(show):
    w = ReluBuilder(n=6)
    w.step(300)
    root = explorer(show(w))
    for x, y in vertices(root, ".nnf-curve"):
        if -1.5 < y < 2.5: assert y == pytest.approx(formula(w.params, x), abs=0.02)
    assert (float(root.locator(".nnf-worst").text_content())
            == pytest.approx(np.abs(formula(w.params, X) - w.target).max(), rel=0.01))
    assert root.locator(".nnf-count").text_content() == "3 × 6 + 1 = 19"


def test_drawing_makes_the_target(show):
    page = show(ReluBuilder(n=3))
    root = explorer(page)
    at = frame(root)
    drag(page, at(-1.8, -1), at(-0.5, 1.5), at(0.5, 0), at(1.8, 2))
    settle(root.page)
    got = dict(np.round(vertices(root, ".nnf-target"), 3))
    wanted = {x: np.interp(x, [-1.8, -0.5, 0.5, 1.8], [-1, 1.5, 0, 2]) for x in got if -1.75 < x < 1.75}
    assert len(wanted) > 60 and max(abs(got[x] - y) for x, y in wanted.items()) < 0.1
    drawn = np.array([got[x] for x in sorted(got)])
    assert loss_of(root) == pytest.approx(((formula(params_of(root), X) - drawn)**2).mean(), rel=0.01)


def test_a_finger_draws(show):
    page = show(ReluBuilder(n=3), touch=True, width=390)
    root = explorer(page)
    at = frame(root)
    assert root.locator(".nnf-relu-map svg").evaluate("(n) => getComputedStyle(n).touchAction") == "none"
    page.touchscreen.tap(*at(0, 2))
    settle(root.page)
    got = vertices(root, ".nnf-target")
    assert (got[40][1] == pytest.approx(2, abs=0.05)
            and got[20][1] == pytest.approx(np.sin(np.pi * got[20][0]), abs=0.05))


def test_dragging_a_kink_moves_it_and_nothing_else(show):
    page = show(ReluBuilder(n=3))
    root, w = explorer(page), ReluBuilder(n=3)
    at, two = frame(root), root.locator(".nnf-kink").nth(1)
    drag(page, centre(two), at(0.9, 0.5))
    settle(root.page)
    assert float(two.get_attribute("aria-valuenow")) == pytest.approx(0.9, abs=0.02)
    got = params_of(root)
    assert got["b"][1] == pytest.approx(-0.9, abs=0.02) and got["b"][0] == pytest.approx(w.params["b"][0], abs=1e-5)
    assert got["w"] == pytest.approx(w.params["w"], abs=1e-5)
    assert min(abs(vertices(root, ".nnf-curve")[:, 0] - 0.9)) < 0.02
    assert np.allclose(vertices(root, ".nnf-target")[:, 1], w.target, atol=0.02)  # dragging a handle draws nothing


def test_tilting_by_the_lever_and_over_to_the_other_side(show):
    page = show(ReluBuilder(n=3))
    root = explorer(page)
    root.locator(".nnf-kink").nth(1).click()
    settle(root.page)
    at = frame(root)
    for x, y in ((0.8, 1.2), (-0.8, 1.)):
        drag(page, centre(root.locator(".nnf-lever rect")), at(x, y))
        settle(root.page)
        w, m, b, c = (shown(root, k) for k in "wmbc")
        assert (c + w * max(0, m*x + b) == pytest.approx(y, abs=0.02) and np.sign(m) == np.sign(x)
                and -b/m == pytest.approx(0, abs=1e-6))


def test_keys_move_tilt_and_turn(show):
    page = show(ReluBuilder(n=3))
    root = explorer(page)
    kink = root.locator(".nnf-kink").nth(2)
    kink.focus()
    settle(root.page)
    before = float(kink.get_attribute("aria-valuenow"))
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowLeft")
    settle(root.page)
    assert float(kink.get_attribute("aria-valuenow")) == pytest.approx(before - 0.12, abs=0.005)
    w = shown(root, "w")
    page.keyboard.press("ArrowUp")
    settle(root.page)
    assert (shown(root, "w") > w and "slope" in kink.get_attribute("aria-valuetext")
            and "to the right" in kink.get_attribute("aria-valuetext"))
    m, place = shown(root, "m"), kink.get_attribute("aria-valuenow")
    root.locator('[data-action="flip"]').click()
    settle(root.page)
    assert (shown(root, "m") == -m and kink.get_attribute("aria-valuenow") == place
            and "to the left" in kink.get_attribute("aria-valuetext"))
    root.locator('[data-action="next"]').click()
    settle(root.page)
    assert root.locator(".nnf-title").text_content() == "ReLU 1 of 3"
    number(root, "w").fill("1.5")
    number(root, "w").press("Enter")
    settle(root.page)
    number(root, "c").fill("-0.25")
    number(root, "c").press("Enter")
    settle(root.page)
    p = params_of(root)
    assert (p["w"][0] == 1.5 and p["c"] == -0.25
            and loss_of(root) == pytest.approx(((formula(p, X) - TARGETS["sine"])**2).mean(), rel=1e-3))


def test_number_of_relus(show):
    page = show(ReluBuilder(n=3))
    root, w = explorer(page), ReluBuilder(n=3)
    root.locator('[data-param="n"] input[type=range]').focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    settle(root.page)
    assert root.locator(".nnf-kink").count() == 5 and root.locator(".nnf-count").text_content() == "3 × 5 + 1 = 16"
    w.n = 5
    assert near(params_of(root), w.params, 1e-5)
    number(root, "n").fill("20")
    number(root, "n").press("Enter")
    settle(root.page)
    assert root.locator(".nnf-own").count() == 20
    number(root, "n").fill("0")
    number(root, "n").press("Enter")
    settle(root.page)
    assert root.locator(".nnf-kink").count() == 1 and shown(root, "n") == 1


def test_binary_dust_is_not_shown(show):
    w = ReluBuilder(n=2, target="sine")
    assert 0 < abs(w.params["c"]) < 1e-15  # the mean of a sine, as computers add
    w.params = dict(w=[0.1 + 0.2, 1.], m=[1., 1.], b=[1e-16, -1e-16], c=w.params["c"])
    root = explorer(show(w))
    root.locator(".nnf-kink").nth(0).focus()
    settle(root.page)
    assert [number(root, k).input_value() for k in "wmbc"] == ["0.3", "1", "0", "0"]
    assert root.locator(".nnf-relu-formula").text_content() == "0.30 · max(0, 1.00 x + 0.00)"


@pytest.mark.parametrize("target", TARGETS)
def test_target_buttons(show, target):
    root = explorer(show(ReluBuilder(n=2, target="absolute" if target == "sine" else "sine")))
    root.locator(f'[data-action="target-{target}"]').click()
    settle(root.page)
    assert np.allclose(vertices(root, ".nnf-target")[:, 1], TARGETS[target], atol=0.02)
    assert loss_of(root) == pytest.approx(((formula(params_of(root), X) - TARGETS[target])**2).mean(), rel=1e-3)


def test_run_and_pause(show):
    page = show(ReluBuilder(n=2, target="absolute", lr=0.001))  # it runs for long
    root = explorer(page)
    run, before = root.locator('[data-action="run"]'), loss_of(root)
    run.focus()
    page.keyboard.press("Enter")
    until(lambda: steps_of(root) > 20, message="it does not run")
    page.keyboard.press("Enter")
    assert run.text_content() == "Run" and loss_of(root) < before
    settle(root.page)
    rested = steps_of(root)
    page.wait_for_timeout(200)
    assert steps_of(root) == rested
    line = root.locator(".nnf-strip-line").get_attribute("d")
    assert line.count("L") == rested


def test_run_ends_by_itself(show):
    root = explorer(show(ReluBuilder(n=2, target="absolute", lr=0.05)))
    run = root.locator('[data-action="run"]')
    run.click()
    until(lambda: run.text_content() == "Run", message="it does not end")
    assert steps_of(root) >= 600 and "no longer gets better" in root.locator(".nnf-fit-said").text_content()


def test_reduced_motion_runs_in_few_jumps(show):
    page = show(ReluBuilder(n=3))
    page.emulate_media(reduced_motion="reduce")
    root = explorer(page)
    root.locator(".nnf-curve").evaluate("(n) => { window.moves = 0; "
                                         "new MutationObserver(() => window.moves++).observe(n, { attributes: true }); }")
    run_on(root, "output.nnf-steps", 2)
    assert page.evaluate("window.moves") <= 8 and steps_of(root) >= 300


def test_divergence_is_named(show):
    page = show(ReluBuilder(n=4, lr=1e5))
    root = explorer(page)
    root.locator('[data-action="run"]').click()
    until(lambda: "No finite loss" in root.locator(".nnf-fit-said").text_content(), message="not named")
    assert (root.locator('[data-action="run"]').text_content() == "Run" and np.isfinite(loss_of(root))
            and not page.problems)


def test_two_views_stay_in_step(show):
    w = ReluBuilder(n=3)
    page = show(w, w, height=1400)
    one, two = explorer(page), explorer(page, 1)
    press_step(one, 3)
    press_step(two, 2)
    for root in (one, two): rests(root, 5)
    one.locator('[data-action="target-step"]').click()
    two.locator('[data-param="n"] input[type=range]').focus()
    page.keyboard.press("ArrowRight")
    settle(one.page)
    for hook in (".nnf-curve", ".nnf-target", ".nnf-miss"):
        assert one.locator(hook).get_attribute("d") == two.locator(hook).get_attribute("d")
    assert one.locator(".nnf-kink").count() == two.locator(".nnf-kink").count() == 4 and loss_of(one) == loss_of(two)


def test_leaves_nothing_behind(show):
    w = ReluBuilder(n=3)
    page, entry = show(w), page_state([w])
    state = entry[w.model_id]["state"]
    for b in entry[w.model_id]["buffers"]:
        place = state
        for key in b["path"][:-1]: place = place[key]
        place[b["path"][-1]] = dict(base64=b["data"])
    check_clean_up(page, "ReluBuilder", state, ["step", "run", "reset", "flip", "run"])


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_fits_a_phone(show, theme):
    page = show(ReluBuilder(n=20), width=390, theme=theme)
    check_fits(page, 390)
    for control in explorer(page).locator("input, button").all():
        assert control.bounding_box()["x"] + control.bounding_box()["width"] <= 390
    assert not page.problems


def test_everything_has_a_name(show):
    root = explorer(show(ReluBuilder(n=3)))
    for control in root.locator("input, button, [role=slider]").all():
        assert control.evaluate("(n) => (n.getAttribute('aria-label') || n.textContent "
                                "|| n.closest('label')?.textContent || '').trim().length > 0")
    assert "sum of 3 ReLUs" in root.locator(".nnf-relu-map svg").get_attribute("aria-label")


# ---- JupyterLab

CELL = """from neuralnet_foundations.explorers import ReluBuilder
w = ReluBuilder(n=4)
w"""


def test_in_jupyterlab(lab):
    with lab.open(cells=[CELL, "w"]) as nb:
        nb.run_all()
        root = nb.explorer("ReluBuilder")
        root.scroll_into_view_if_needed()
        press_step(root, 6)
        rests(root, 6)
        def arrived(text, value): until(lambda: nb.value(text) == value, message=f"{text} is not {value}", every=0.1)
        arrived("w.state['steps']", 6)
        mine = ReluBuilder(n=4)
        params, losses = reference(mine, 6)
        assert (near(nb.value("w.params"), params, 1e-9)
                and np.allclose(nb.value("w.history.tolist()"), losses, rtol=0, atol=1e-9))
        nb.run("w.step(10)")  # the kernel goes on with the speed that the page had
        mine.step(16)
        assert near(nb.value("w.params"), mine.params, 1e-9)
        nb.show(1)
        other = nb.explorer("ReluBuilder", 1)
        other.scroll_into_view_if_needed()
        rests(other, 16)
        at = frame(other)
        drag(nb.page, at(-1.9, 2), at(1.9, -1))
        line = np.interp(X, [-1.9, 1.9], [2, -1])
        until(lambda: abs(np.array(nb.value("w.target.tolist()")) - line)[3:-3].max() < 0.1,
              message="Python has another target")
        drawn = np.array(nb.value("w.target.tolist()"))
        assert nb.value("w.loss") == pytest.approx(float(((formula(nb.value("w.params"), X) - drawn)**2).mean()),
                                                   abs=1e-9)
        assert nb.value("w.state['steps']") == 0
        other.locator(".nnf-kink").nth(1).focus()
        nb.page.keyboard.press("ArrowLeft")
        settle(other.page)
        kink = float(other.locator(".nnf-kink").nth(1).get_attribute("aria-valuenow"))
        arrived("round(-w.params['b'][1] / w.params['m'][1], 4)", round(kink, 4))
        nb.run("w.n = 7; w.target = 'step'; w.params = dict(c=0.75)")
        until(lambda: other.locator(".nnf-kink").count() == 7 and shown(other, "c") == 0.75,
              message="the page does not follow Python")
        assert np.allclose(vertices(other, ".nnf-target")[:, 1], TARGETS["step"], atol=0.02)
        run_on(other, "output.nnf-steps", 8)
        arrived("w.state['steps']", steps_of(other))
        assert (nb.value("w.loss") == pytest.approx(loss_of(other), rel=1e-3) and not nb.tracebacks()
                and not nb.problems())
