"A walk to its end, and every way in which it may end before that."
import math

import numpy as np
import pandas as pd
import pytest
import torch

from neuralnet_foundations.checks import BadInput
from neuralnet_foundations.walks import _hint, half_cosine, recorded, walk_downhill


def bowl(p): return ((p - 3)**2).sum()

@recorded
def plain(loss_fn, params, lr, steps):
    for _ in range(steps):
        loss_fn(params).backward()
        with torch.no_grad(): params -= lr*params.grad
        params.grad.zero_()

@pytest.mark.parametrize("momentum", [0., 0.9])
@pytest.mark.parametrize("lr", [0.02, lambda step: 0.02])
def test_equals_torchs_sgd(momentum, lr):
    mine = walk_downhill(bowl, [0., 1.], lr, 30, momentum)
    p = torch.tensor([0., 1.]).requires_grad_()
    opt = torch.optim.SGD([p], lr=0.02, momentum=momentum)
    for i in range(30):
        assert (torch.allclose(mine.params[i], p.detach(), atol=1e-6)
                and mine.losses[i] == pytest.approx(bowl(p).item(), rel=1e-5))
        opt.zero_grad()
        bowl(p).backward()
        opt.step()
        assert torch.allclose(mine.gradients[i], p.grad, atol=1e-5)
    assert torch.allclose(mine.params[-1], p.detach(), atol=1e-6)

@pytest.mark.parametrize("wrong", [1, -0.1, True, None, "much", math.nan])
def test_bad_momentum(wrong):
    with pytest.raises(BadInput, match="momentum"): walk_downhill(bowl, [0.], 0.1, 3, wrong)

STARTS = [[0., 1.], (0, 1), range(2), torch.tensor([0., 1.]), torch.tensor([0., 1.], dtype=torch.float64),
          torch.tensor([0., 1.], requires_grad=True)*1, np.array([1., 0.])[::-1], np.array([0., 1.], dtype=">f8"),
          np.array([0, 1]),
          pd.Series([0., 1.], index=[4, 2]), [torch.tensor(0.), np.float32(1)]]

@pytest.mark.parametrize("start", STARTS, ids=repr)
def test_every_kind_of_start(start):
    assert (plain(bowl, start, 0.1, 5).params[-1].tolist()
            == pytest.approx(plain(bowl, [0., 1.], 0.1, 5).params[-1].tolist(), rel=1e-6))

# The last step counts too

def log(p):
    return p.log().sum()                                       # down a slope into a place where the loss is no number
def root(p): return p.abs().sqrt().sum()                               # the slope at 0 is infinite

@pytest.mark.parametrize("loss_fn, start, lr, reached", [
    (log, [0.5], 0.2, 1), (lambda p: (1e30*p*p).sum(), [1.], 1e30, 0), (root, [0.], 1., 0)])
def test_a_last_step_that_goes_wrong_is_named(loss_fn, start, lr, reached, capsys):
    for steps in range(reached + 1, reached + 4):
        walk = plain(loss_fn, start, lr, steps)
        assert walk.note.startswith("Diverged") and walk.note in capsys.readouterr().out
        assert len(walk.losses) == len(walk.gradients) == reached == len(walk.params) - 1
        assert walk.params.isfinite().all() and loss_fn(walk.params[-1]).isfinite()
    assert plain(loss_fn, start, lr, reached).note == ""

def test_a_walk_that_has_arrived_gets_no_hint():
    "Rounding moves its loss up and down."
    x, y = torch.linspace(0, 1, 50), torch.linspace(0, 1, 50)**2
    line = lambda p: (p[0]*x + p[1] - y).square().mean()
    settled = walk_downhill(line, walk_downhill(line, [0., 0.], lr=0.5, steps=3000).params[-1], lr=0.5, steps=3000)
    assert settled.losses[-1] == pytest.approx(settled.losses[0], rel=1e-5) and not settled.note
    assert _hint([0.04504, 0.04503, 0.0450401], False) == "" and "rose" in _hint([0.045, 0.046], False)

def test_a_last_step_that_overshoots_gets_a_hint():
    assert "too large" in plain(bowl, [0.], 1.1, 1).note and plain(bowl, [0.], 0.9, 1).note == ""

# Schedules

@pytest.mark.parametrize("bad, says", [
    (math.nan, "is nan"), (-1., "at least 0, got -1"), (math.inf, "is inf"), ("fast", "must be a number"),
    (True, "must be a number")])
def test_a_schedule_that_turns_bad_stops_the_walk_and_keeps_it(bad, says, capsys):
    schedule = lambda step: bad if step == 4 else 0.1
    for walk in (plain(bowl, [0., 1.], schedule, 20), walk_downhill(bowl, [0., 1.], schedule, 20)):
        assert "step 4" in walk.note and says in walk.note
        assert len(walk.losses) == 4 and torch.equal(walk.params, plain(bowl, [0., 1.], 0.1, 4).params)
    assert capsys.readouterr().out.count("Stopped") == 2

def test_a_first_rate_that_is_bad_is_refused():
    with pytest.raises(BadInput, match="lr is nan"): plain(bowl, [0.], lambda step: math.nan, 3)

def test_divergence_names_the_present_rate():
    assert "well below 7," in plain(bowl, [0.], lambda step: 7. if step > 2 else 0.1, 2000).note

def test_half_cosine():
    rates = [half_cosine(0.4, 10)(i) for i in range(11)]
    assert (rates[0] == 0.4 and rates[5] == pytest.approx(0.2) and rates[10] == 0
            and rates == sorted(rates, reverse=True))
    assert half_cosine(0.4, 0)(0) == 0.4

def test_gradients_that_add_up_are_seen():
    @recorded
    def forgetful(loss_fn, params, lr, steps):
        for _ in range(steps):
            loss_fn(params).backward()
            with torch.no_grad(): params -= lr*params.grad
    assert "zero_grad" in forgetful(bowl, [0.], 0.1, 15).note
