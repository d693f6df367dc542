"Whatever is given: the right result, or an error that names it, and nothing changed. The examples are the same in every run."
import copy
import math
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from torch import nn

from neuralnet_foundations import checks
from neuralnet_foundations.broadcasting import explain_broadcast
from neuralnet_foundations.checks import BadInput
from neuralnet_foundations.epochs import Diverged
from neuralnet_foundations.fitting import add_noise, mae, mse
from neuralnet_foundations.image_models import shifted
from neuralnet_foundations.learner import predict_digit, simple_net
from neuralnet_foundations.model_tables import on_frontier
from neuralnet_foundations.point_sets import POINT_SETS
from neuralnet_foundations.quiz import check
from neuralnet_foundations.relu import connect_dots, fit_relus, relu_sum
from neuralnet_foundations.sheets import Sheet, UnsupportedSheet
from neuralnet_foundations.similarity import PixelSimilarity
from neuralnet_foundations.softmax import accuracy, cross_entropy, log_softmax, nll
from neuralnet_foundations.training import BasicOptim, TensorBatches, batch_accuracy, calc_grad, mnist_loss, train_epoch
from neuralnet_foundations.walks import walk_downhill

fuzz = settings(derandomize=True, deadline=None, max_examples=80, database=None,
                suppress_health_check=list(HealthCheck))

# What people give: numbers of every kind, and what only looks like one

FLOATS = st.floats(width=32) | st.sampled_from([0., -0., 1e-30, 1e30, math.nan, math.inf, -math.inf])
KINDS = [float, np.float64, np.float32, torch.tensor, lambda v: torch.tensor(v).double(), lambda v: np.array(v),
    lambda v: torch.tensor([v])]
NUMBERS = st.builds(lambda kind, v: kind(v), st.sampled_from(KINDS), FLOATS)
WHOLE = st.builds(lambda kind, v: kind(v), st.sampled_from([int, np.int64, np.int16, torch.tensor, np.array]),
                  st.integers(-5, 30))
ODD = st.sampled_from([True, False, np.True_, None, ..., "1", "", b"1", 1j, [], (), {}, set(), object(), int, pd.NA,
                       Fraction(1, 3), 10**400, [1, "a"], math.sin,
                       np.timedelta64(1, "s"), torch.zeros(0), torch.zeros(2, 2), np.ma.masked, float])
ANYTHING = NUMBERS | WHOLE | ODD

def value(v):
    "What a number is, said without the checks; None where it is none."
    if isinstance(v, (bool, np.bool_, str, bytes, complex)) or v is None: return None
    if isinstance(v, (torch.Tensor,
                      np.ndarray)): return float(v.reshape(-1)[0]) if v.size in (1,) or getattr(v, "numel",
        lambda: 0)() == 1 else None
    if isinstance(v, (int, float, Fraction, np.number)) and not isinstance(v, np.timedelta64):
        try: return float(v)
        except OverflowError: return None
    return None

def said(f, *args, allowed=(BadInput,), **kwargs):
    "The result of f, or None where it refused in a sentence."
    try: return f(*args, **kwargs)
    except allowed as e:
        assert len(str(e)) > 10, f"an error that says nothing: {e!r}"
        return None

@fuzz
@given(ANYTHING)
def test_a_number_is_a_number_everywhere(v):
    out = said(checks.number, v, "a")
    expected = value(v)
    assert out is None if expected is None or not math.isfinite(expected) else out == expected and type(out) is float
    assert said(checks.rate, v) == (out if out is not None and out > 0 else None)
    assert said(checks.momentum, v) == (out if out is not None and 0 <= out < 1 else None)
    both = said(checks.pair, (v, 1e31), "ends")
    assert (both is not None) == (out is not None) and (both is None or both == (out, 1e31))
    assert said(checks.numbers, {"a": v}, "ab", "params") == (None if out is None else {"a": out})

@fuzz
@given(ANYTHING)
def test_a_count_is_whole(v):
    out = said(checks.count, v, "n", least=0, most=20)
    if out is not None: assert type(out) is int and 0 <= out <= 20 and out == value(v)
    whole = isinstance(v, (int, np.integer)) and not isinstance(v, (bool, np.timedelta64))
    if whole and 0 <= v <= 20: assert out == v
    assert said(checks.shape, (v, 3)) == (None if said(checks.count, v, "n", least=0, most=999_999_999) is None
                                          else (int(v), 3))

SIDES = hnp.array_shapes(min_dims=0, max_dims=2, min_side=0, max_side=5)
ARRAYS = (hnp.arrays(st.sampled_from(["f2", "f4", "f8", ">f8", "i1", ">i4", "u1", "?", "c8", "U2"]), SIDES)
          | hnp.arrays("O", SIDES,
              elements=st.integers(-9, 9) | st.floats(-9, 9) | st.sampled_from([True, "a", None, 1j, Fraction(1, 2), np.float32(2)])))
VIEWS = [lambda a: a, lambda a: a[::-1] if a.ndim else a, lambda a: a.tolist(), lambda a: a.T,
    lambda a: pd.Series(a, index=range(7, 7 + len(a))) if a.ndim == 1 else a]

@fuzz
@given(ARRAYS, st.sampled_from(VIEWS))
def test_a_vector_is_a_copy_of_finite_numbers(a, view):
    given_ = view(a)
    before = copy.deepcopy(given_)
    out = said(checks.vector, given_, "x", least=0)
    as_text = [np.asarray(o, dtype=object).astype(str) for o in (given_, before)]
    assert np.array_equal(*as_text), "what was given stays"
    if out is None: return
    assert (out.dtype == np.float64 and out.ndim == 1 and np.isfinite(out).all() and out.flags.c_contiguous
            and out.flags.writeable)
    assert out.tolist() == [float(o) for o in np.asarray(given_).tolist()] and not np.shares_memory(out, a)
    torch.from_numpy(out)

@fuzz
@given(st.lists(st.integers(0, 4) | st.sampled_from([1, 1, 3]), max_size=4),
    st.lists(st.integers(0, 4) | st.sampled_from([1, 1, 3]), max_size=4))
def test_broadcasting_is_torchs(a, b):
    try: expected = tuple((torch.zeros(a) + torch.zeros(b)).shape)
    except RuntimeError: expected = None
    explained = explain_broadcast(a, b)
    assert (explained.shape == expected
            and (str(expected) if expected is not None else "do not broadcast") in repr(explained))
    if explained.fix and max(len(a), len(b)):
        code, new = explained.fix
        made = eval(code, dict(a=torch.zeros(a), b=torch.zeros(b)))
        assert tuple(made.shape) == new and torch.broadcast_shapes(new, b if code[0] == "a" else a) is not None

# Losses and batches

SHAPES = st.lists(st.integers(1, 4), max_size=3).map(tuple)
TENSORS = st.builds(lambda shape, kind: torch.arange(math.prod(shape)).reshape(shape).to(kind),
                    SHAPES, st.sampled_from([torch.float32, torch.float64, torch.int64, torch.uint8]))

@fuzz
@given(TENSORS, TENSORS)
def test_a_loss_compares_each_with_its_own(p, t):
    for ours, each in ((mae, lambda d: abs(d)), (mse, lambda d: d**2)):
        out = said(ours, p.double(), t.double())
        if p.shape != t.shape: assert out is None
        else: assert out.item() == pytest.approx(sum(each(a - b) for a,
            b in zip(p.flatten().tolist(), t.flatten().tolist(), strict=True))/p.numel())
    for ours in (mnist_loss, batch_accuracy):
        out = said(ours, p, t)
        alike = not t.is_floating_point() or t.dtype == p.dtype
        fine = p.shape == t.shape and p.is_floating_point() and alike and ((t == 0) | (t == 1)).all()
        assert (out is not None) == bool(fine) and (out is None or 0 <= out <= 1)

@fuzz
@given(ANYTHING, ANYTHING, st.integers(0, 40), st.booleans())
def test_batches_hold_every_item_once(size, y, n, shuffle):
    x = torch.arange(n)
    assert said(TensorBatches, x, y, 3) is None or isinstance(y, torch.Tensor) and len(y) == n > 0
    dl = said(TensorBatches, x, x*2, size, shuffle=shuffle)
    assert (dl is not None) == (n > 0 and said(checks.count, size, "size") is not None)
    if dl is None: return
    batches = list(dl)
    assert len(batches) == len(dl) and torch.equal(torch.cat([xb for xb, _ in batches]).sort().values, x)
    assert all(torch.equal(2*xb, yb) for xb, yb in batches)
    for xb, _ in batches: xb.fill_(-1)
    assert torch.equal(dl.x, torch.arange(n))

def state(model, opt):
    return copy.deepcopy((list(model.state_dict().values()), opt.state_dict() if hasattr(opt, "state_dict") else None))
def equal(a, b): return str(a) == str(b)

@fuzz
@given(FLOATS.filter(lambda v: v != 0) | st.floats(1e-6, 1e6),
       st.sampled_from([BasicOptim, torch.optim.SGD, torch.optim.Adam]), st.integers(1, 3))
def test_an_epoch_ends_well_or_is_undone(lr, optimiser, batches):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.Linear(3, 1))
    opt = said(optimiser, model.parameters(), lr=lr, allowed=(ValueError,))
    if opt is None: return
    before = state(model, opt)
    dl = [(torch.randn(4, 2), torch.randn(4, 1)) for _ in range(batches)]
    loss = said(train_epoch, model, dl, opt, nn.functional.mse_loss, allowed=(Diverged,))
    if loss is None: assert equal(state(model, opt), before)
    else: assert math.isfinite(loss) and all(p.isfinite().all() for p in model.parameters())
    assert all(p.grad is None for p in model.parameters())

@fuzz
@given(TENSORS,
    st.sampled_from([nn.functional.mse_loss, nn.functional.l1_loss, mnist_loss, lambda p, t: p.mean(), lambda p, t: p,
                     lambda p, t: 3]))
@pytest.mark.filterwarnings("ignore")
def test_calc_grad_compares_each_with_its_own(t, loss):
    W = torch.ones(2, 1, requires_grad=True)
    out = said(calc_grad, torch.ones(3, 2), t, lambda xb: xb@W, loss, allowed=(BadInput, RuntimeError))
    assert (out is None) == (W.grad is None), "a gradient only where there is a loss"
    if out is not None and loss is not mnist_loss and loss.__name__ != "<lambda>": assert t.shape == (3, 1)

# Walks and fits

@fuzz
@given(ANYTHING, ANYTHING, st.lists(FLOATS, min_size=1, max_size=3), WHOLE)
@pytest.mark.filterwarnings("ignore")
def test_a_walk_keeps_finite_steps(lr, momentum, start, steps):
    walk = said(walk_downhill, lambda p: ((p - 1)**2).sum(), start, lr, steps, momentum)
    if walk is None: return
    n = len(walk.losses)
    assert n <= steps and len(walk.params) == n + 1 and len(walk.gradients) == n
    assert (walk.params.isfinite().all() and all(map(math.isfinite, walk.losses))
            and walk.params[0].tolist() == torch.tensor(start).tolist())
    assert walk.note or n == steps

@settings(fuzz, max_examples=15)
@given(st.lists(st.tuples(FLOATS, FLOATS), max_size=6), ANYTHING)
def test_a_fit_is_finite_or_refused(points, n):
    x, y = [p[0] for p in points], [p[1] for p in points]
    fit = said(fit_relus, x, y, n, steps=5, starts=2)
    if fit is not None: assert fit.params.isfinite().all() and fit.n == value(n)

@fuzz
@given(st.lists(st.tuples(st.floats(-1e3, 1e3, width=32), st.floats(-1e3, 1e3, width=32)), max_size=6))
def test_connected_dots_are_met(points):
    x, y = (torch.tensor([p[i] for p in points]) for i in (0, 1))
    params = said(connect_dots, x, y)
    rising = len(points) > 1 and bool((x.diff() > 0).all())
    assert (params is not None) == rising
    steep = rising and (y.diff()/x.diff()).abs().max() > 1e3           # rounding of a slope counts there
    if rising and not steep: assert torch.allclose(relu_sum(params, x), y, atol=2.)

@fuzz
@given(ANYTHING | ARRAYS, st.floats(0, 2), st.floats(0, 2))
def test_noise_has_the_shape_of_the_values(y, mult, add):
    noisy = said(add_noise, y, mult, add, seed=0)
    if noisy is not None: assert noisy.is_floating_point() and tuple(noisy.shape) == tuple(np.shape(y))

# Images

@fuzz
@given(ANYTHING | ARRAYS | st.sampled_from([torch.eye(28), torch.full((28, 28), 200.), torch.ones(784).long(),
    torch.zeros(28, 28).half(), np.zeros((28, 28), dtype=">f4")]))
def test_a_prediction_is_a_probability(image):
    out = said(predict_digit, simple_net(), image)
    if out is not None:
        assert list(out) == ["3", "7"] and sum(out.values()) == pytest.approx(1) and np.prod(np.shape(image)) == 784

@fuzz
@given(ANYTHING | ARRAYS | TENSORS, ANYTHING | ARRAYS | TENSORS)
def test_a_refused_fit_changes_nothing(x, y):
    model = PixelSimilarity().fit(torch.rand(4, 3, 3), torch.tensor([0, 1, 0, 1]))
    labels, means = model.labels.clone(), model.means.clone()
    if said(model.fit, x, y) is None: assert torch.equal(model.labels, labels) and torch.equal(model.means, means)
    said(model.predict, x)

# Classes, points in the plane, tables, sheets

LOGITS = st.builds(lambda shape, kind, seed: torch.randn(shape, generator=torch.Generator().manual_seed(seed)).mul(20).to(kind),
                   SHAPES, st.sampled_from([torch.float32, torch.float64, torch.int64, torch.uint8]), st.integers(0, 9))

@fuzz
@given(LOGITS, ANYTHING | TENSORS | LOGITS)
def test_a_loss_of_classes_is_torchs(x, y):
    "torch refuses, or ours refuses, or both are the same number."
    try: wanted = torch.nn.functional.cross_entropy(x.flatten(0, -2), y.flatten().long())
    except (RuntimeError, IndexError, AttributeError, TypeError, ValueError): wanted = None
    for out in (said(cross_entropy, x, y), said(nll, log_softmax(x), y) if x.is_floating_point() and x.ndim else None):
        if out is None: continue
        assert wanted is not None and torch.allclose(out, wanted, rtol=1e-4, atol=1e-5)
    share = said(accuracy, x, y)
    if share is not None: assert share.item() == pytest.approx((x.argmax(-1) == y).float().mean().item())

@fuzz
@given(st.sampled_from([*POINT_SETS.values()]), ANYTHING, ANYTHING, ANYTHING)
def test_points_are_as_many_as_asked_and_the_same_again(make, n, noise, seed):
    found = said(make, n, noise, seed)
    if found is None: return
    x, y = found
    assert x.shape == (int(n), 2) and y.shape == (int(n),) and x.dtype == torch.float64 and {*y.tolist()} == {0, 1}
    assert torch.equal(make(n, noise, seed)[0], x)

@fuzz
@given(TENSORS | ANYTHING, ANYTHING, ANYTHING)
def test_moved_images_keep_their_size_and_their_ink(x, down, right):
    out = said(shifted, x, down, right)
    if out is None: return
    assert out.shape == x.shape and out.sum() <= x.sum()
    back = shifted(out, -int(down), -int(right))
    assert torch.equal(back[back != 0], x[back != 0])

@fuzz
@given(ARRAYS | ANYTHING | st.lists(FLOATS, max_size=6), ARRAYS | ANYTHING | st.lists(FLOATS, max_size=6))
def test_nothing_on_the_frontier_is_beaten(speed, top1):
    ahead = said(on_frontier, speed, top1)
    if ahead is None: return
    speed, top1 = (np.asarray(v, dtype=float) for v in (speed, top1))
    for i in np.flatnonzero(~np.isnan(speed)):
        beaten = ((speed >= speed[i]) & (top1 >= top1[i]) & ((speed > speed[i]) | (top1 > top1[i]))).any()
        assert ahead[i] != beaten

@fuzz
@given(ARRAYS | ANYTHING | TENSORS, st.sampled_from(VIEWS))
def test_a_sheet_holds_what_it_was_given(x, view):
    given_ = view(x) if isinstance(x, np.ndarray) else x
    sheet = said(Sheet, lambda w, x: (w*x).sum(), w=torch.tensor(2.), x=given_, allowed=(UnsupportedSheet, BadInput))
    if sheet is None: return
    wanted = 2*float(np.sum(np.asarray(given_.tolist() if hasattr(given_, "tolist") else given_, dtype=float)))
    assert sheet.output.value.item() == pytest.approx(wanted) and math.isfinite(wanted)

# Exercises

@fuzz
@given(ANYTHING | ARRAYS | TENSORS | st.lists(ANYTHING, max_size=3),
       ANYTHING | ARRAYS | TENSORS | st.lists(ANYTHING, max_size=3))
@pytest.mark.filterwarnings("ignore")
def test_check_never_raises(answer, expected):
    for reply in (check(answer, expected), check(answer, lambda a: expected), check(answer, lambda a: a == expected)):
        assert reply.ok in (True, False, None) and repr(reply) and reply._repr_html_()
    if answer is not None and answer is not ...: assert check(answer, lambda a: float("nan")).ok is not True
