"Bad input, divergence and interrupts of gradient descent; the numbers of lesson 4 from outside its notebook."
import math

import pytest
import torch
from sklearn.datasets import load_iris

from neuralnet_foundations.descent import gradient_descent, nudged_slopes
from neuralnet_foundations.fitting import add_noise, mae, mk_quad, mse

X = torch.linspace(-2, 2, steps=20)
Y = add_noise(mk_quad(3, 2, 1)(X), 0.15, 1.5, seed=42)
START = torch.tensor([1.1, 1.1, 1.1])


def quad_mae(p): return mae(mk_quad(*p)(X), Y)
def quad_mse(p): return mse(mk_quad(*p)(X), Y)


def test_equals_torchs_sgd():
    mine = gradient_descent(quad_mse, START, 0.02, 30)
    p = START.clone().requires_grad_()
    opt = torch.optim.SGD([p], lr=0.02)
    for _ in range(30):
        opt.zero_grad()
        quad_mse(p).backward()
        opt.step()
    assert torch.allclose(mine.params[-1], p.detach(), atol=1e-6)


def test_history_lines_up():
    h = gradient_descent(quad_mae, START, 0.01, 11)
    assert h.params.shape == (12, 3) and len(h.losses) == 11 and h.gradients.shape == (11, 3)
    params, losses, gradients = h
    assert torch.equal(params[0], START) and gradients[0].tolist() == pytest.approx([-1.3529, -0.0316, -0.5], abs=1e-4)
    for p, loss in zip(params, losses, strict=False): assert quad_mae(p).item() == pytest.approx(loss)
    assert losses == pytest.approx([2.42, 2.40, 2.38, 2.36, 2.34, 2.32, 2.30, 2.28, 2.25, 2.23, 2.21], abs=0.006)


def test_without_zeroing_the_gradients_add_up(capsys):
    h = gradient_descent(quad_mae, START, 0.01, 100, zero_grad=False)
    assert h.losses[:11] == pytest.approx([2.42, 2.40, 2.36, 2.30, 2.21, 2.11, 1.98, 1.85, 1.72, 1.58, 1.46], abs=0.006)
    assert h.losses[-1] > 2.2 and "zero_grad" in h.note and h.note in capsys.readouterr().out


def test_no_note_where_all_went_well(capsys):
    h = gradient_descent(quad_mse, START, 0.1, 200)
    assert h.note == "" and capsys.readouterr().out == ""
    assert h.params[-1].tolist() == pytest.approx([2.7604, 1.1403, 0.5735], abs=1e-3)


@pytest.mark.parametrize("lr", [1., 1e6, 1e30, 1e38])
def test_divergence_is_named_and_keeps_finite_parameters(lr, capsys):
    h = gradient_descent(quad_mse, START, lr, 2000)
    assert "Diverged" in h.note and f"{lr:g}" in h.note and h.note in capsys.readouterr().out
    assert h.params.isfinite().all() and all(map(math.isfinite, h.losses)) and len(h.params) == len(h.losses) + 1
    assert quad_mse(h.params[-1]).isfinite()


def test_a_loss_that_turns_into_nan_stops_too():
    h = gradient_descent(lambda p: torch.log(p).sum(), torch.tensor([0.5]), 0.2, 50)
    assert "nan" in h.note and (h.params > 0).all()


def test_a_rate_that_is_merely_too_large_gets_a_hint():
    h = gradient_descent(quad_mse, START, 0.3, 5)
    assert h.losses[-1] > h.losses[0] and "too large" in h.note


@pytest.mark.parametrize("at", [1, 2, 7])
def test_an_interrupt_keeps_the_steps_so_far_and_can_be_resumed(at):
    calls = 0
    def loss_fn(p):
        nonlocal calls
        calls += 1
        if calls == at + 1: raise KeyboardInterrupt          # the first call checks the input
        return quad_mse(p)
    h = gradient_descent(loss_fn, START, 0.05, 20)
    assert "Interrupted" in h.note and len(h.losses) == at - 1 and len(h.params) == at and len(h.gradients) == at - 1
    rest = gradient_descent(quad_mse, h.params[-1], 0.05, 20 - len(h.losses))
    assert torch.allclose(rest.params[-1], gradient_descent(quad_mse, START, 0.05, 20).params[-1])


def test_the_start_is_left_alone():
    p = START.clone().requires_grad_()
    gradient_descent(quad_mse, p, 0.1, 5)
    assert torch.equal(p.detach(), START) and p.grad is None


def test_a_schedule_is_asked_for_each_step():
    asked = []
    gradient_descent(quad_mse, START, lambda i: asked.append(i) or 0.01, 4)
    assert asked == [0, 0, 1, 2, 3]                          # the first call checks the input


def test_zero_steps_and_lists_and_single_numbers():
    assert gradient_descent(quad_mse, [1.1, 1.1, 1.1], 0.1, 0).params.tolist() == [START.tolist()]
    assert "no step" in repr(gradient_descent(quad_mse, START, 0.1, 0))
    assert gradient_descent(lambda p: (p - 3)**2, 0., 0.1, 100).params[-1].item() == pytest.approx(3, abs=1e-3)


def test_nudges_agree_with_autograd():
    p = START.clone().requires_grad_()
    quad_mse(p).backward()
    assert nudged_slopes(quad_mse, START.tolist(), eps=1e-3) == pytest.approx(p.grad.tolist(), abs=0.02)


@pytest.mark.parametrize("change,error,says", [
    (dict(params=torch.tensor([1, 2, 3])), TypeError, "int64"),
    (dict(lr=-0.1), ValueError, "-0.1"),
    (dict(lr=float("nan")), ValueError, "nan"),
    (dict(lr=lambda i: float("inf")), ValueError, "inf"),
    (dict(lr=True), ValueError, "True"),
    (dict(steps=True), ValueError, "True"),
    (dict(params=["a"]), ValueError, "'a'"),
    (dict(steps=-1), ValueError, "-1"),
    (dict(steps=2.5), ValueError, "2.5"),
    (dict(loss_fn=lambda p: mk_quad(*p)(X)), ValueError, "mean"),
    (dict(loss_fn=lambda p: 3.), ValueError, "one number"),
    (dict(loss_fn=lambda p: torch.tensor(3.)), ValueError, "does not depend"),
    (dict(loss_fn=lambda p: quad_mse(p)*float("nan")), ValueError, "before the first step"),
    (dict(params=torch.tensor([1.1, float("nan"), 1.1])), ValueError, "before the first step"),
])
def test_bad_input_is_named(change, error, says):
    with pytest.raises(error, match=says):
        gradient_descent(**(dict(loss_fn=quad_mse, params=START, lr=0.1, steps=3) | change))


@pytest.mark.parametrize("far,told,really",
                         [(0.1, -0.135, -0.135), (1, -1.353, -1.144), (2, -2.706, -0.963), (3, -4.059, 0.366)])
def test_a_slope_tells_little_about_far_away(far, told, really):
    p = START.clone().requires_grad_()
    quad_mae(p).backward()
    assert far*p.grad[0].item() == pytest.approx(told, abs=2e-3)
    assert (quad_mae([1.1 + far, 1.1, 1.1]) - quad_mae(START)).item() == pytest.approx(really, abs=2e-3)


def one_slider(a): return mse(mk_quad(a, 1.1, 1.1)(X), Y)


@pytest.mark.parametrize("loss_fn,start,lr,nearer", [
    (one_slider, 1.1, 0.25, True), (one_slider, 1.1, 0.26, False), (quad_mse, START, 0.22, True),
    (quad_mse, START, 0.23, False)])
def test_three_sliders_run_away_before_one_does(loss_fn, start, lr, nearer):
    losses = gradient_descent(loss_fn, start, lr, 20).losses
    assert (losses[-1] < losses[0]) == nearer


def test_the_walk_at_the_steps_that_the_lesson_shows():
    losses = gradient_descent(quad_mse, START, 0.1, 200).losses
    assert [losses[k] for k in (0, 5, 20, 38, 100)] == pytest.approx([10.137, 1.9118, 1.7126, 1.6935, 1.6924], abs=1e-3)


@pytest.mark.parametrize("lr,enough", [(.12, False), (.13, True), (.2, True), (.21, False)])
def test_the_rates_that_are_good_enough_for_exercise_4(lr, enough):
    assert (min(gradient_descent(quad_mse, START, lr, 21).losses) < 1.70) == enough


@pytest.mark.parametrize("scaled,lr,loss", [(True, .1, .042), (False, .05, .043), (False, .1, math.inf)])
def test_petals_with_and_without_a_common_size(scaled, lr, loss):
    length, width = torch.tensor(load_iris().data[:, 2:], dtype=torch.float).T
    if scaled: length = (length - length.mean())/length.std()
    walk = gradient_descent(lambda p: mse(p[0]*length + p[1], width), [0., 0.], lr, 100)
    if loss == math.inf: assert "Diverged" in walk.note
    else: assert walk.losses[-1] == pytest.approx(loss, abs=5e-4)
