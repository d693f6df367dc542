"What a cell of lesson 6 cannot show: equality with torch, bad input, divergence, interrupting, memory, devices."
import json
import signal
import subprocess
import sys
import warnings

import pytest
import torch
import torch.nn.functional as F
from torch import nn, tensor

from neuralnet_foundations.training import (
    BasicOptim,
    Diverged,
    TensorBatches,
    batch_accuracy,
    calc_grad,
    init_params,
    mnist_loss,
    pick_device,
    sigmoid,
    train_epoch,
    train_model,
    validate_epoch,
)


@pytest.fixture
def data():
    torch.manual_seed(0)
    x = torch.randn(1000, 20)
    return x, (x[:, :1] + .5*torch.randn(1000, 1) > 0).float()


def new_model(size=20):
    torch.manual_seed(1)
    return nn.Linear(size, 1)


# TensorBatches

@pytest.mark.parametrize("n, size", [(1000, 256), (1000, 1000), (1000, 5000), (1, 1), (7, 3), (512, 256)])
@pytest.mark.parametrize("shuffle", [False, True])
def test_every_item_once(n, size, shuffle):
    x = torch.arange(n)
    dl = TensorBatches(x, -x, size, shuffle=shuffle, seed=3)
    for _ in range(3):
        batches = list(dl)
        assert len(batches) == len(dl) == -(-n//size)
        assert [len(xb) for xb, _ in batches[:-1]] == [size]*(len(dl) - 1)
        xs = torch.cat([xb for xb, _ in batches])
        assert all((xb == -yb).all() for xb, yb in batches), "inputs and targets stay together"
        assert (xs.sort().values == x).all()
        if not shuffle: assert (xs == x).all()


@pytest.mark.parametrize("change", [
    lambda x: x.bfloat16(), lambda x: x.clone().requires_grad_(), lambda x: x > 0, lambda x: x.T.contiguous().T,
    lambda x: x[:, None, :5]])
def test_any_kind_of_tensor_is_shuffled_right(data, change):
    x, i = change(data[0]), torch.arange(1000)
    for xb, rows in TensorBatches(x, i, 300, shuffle=True, seed=1):
        assert xb.dtype == x.dtype and xb.shape[1:] == x.shape[1:] and (xb == x[rows]).all()


def test_the_seed_makes_the_orders(data):
    orders = lambda seed: [torch.cat([xb for xb, _ in dl])
                           for dl in [TensorBatches(torch.arange(100), torch.arange(100), 9, True, seed)]
                           for _ in range(3)]
    a, b, c = orders(5), orders(5), orders(6)
    assert all((o == p).all() for o, p in zip(a, b, strict=True)) and (a[0] != c[0]).any()
    assert (a[0] != a[1]).any() and (a[1] != a[2]).any(), "each epoch has an order of its own"
    torch.manual_seed(8)
    d = orders(None)
    torch.manual_seed(8)
    e = orders(None)
    assert all((o == p).all() for o, p in zip(d, e, strict=True)), "without a seed, torch's own generator decides"


@pytest.mark.parametrize("shuffle", [False, True])
def test_what_is_done_to_a_batch_changes_no_data(data, shuffle):
    x, y = data
    before = x.clone(), y.clone()
    for xb, yb in TensorBatches(x, y, 256, shuffle):
        xb.zero_()
        yb.fill_(7.)
    assert torch.equal(x, before[0]) and torch.equal(y, before[1])


SHUFFLED = """
import resource, sys, torch
from neuralnet_foundations.training import TensorBatches
x, y = torch.ones(100_000, 784), torch.ones(100_000, 1)
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss*(1 if sys.platform == "darwin" else 1024)
for _ in TensorBatches(x[:512], y[:512], shuffle=True): pass
before = peak()
for _ in TensorBatches(x, y, shuffle=True, seed=1): pass
print(peak() - before)
"""

@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no resource module")
def test_shuffling_never_copies_the_data_set():
    out = subprocess.run([sys.executable, "-c", SHUFFLED], capture_output=True, text=True, check=True)
    assert int(out.stdout) < 60e6, "the data are 314 MB, a batch 0.8 MB, the order 0.8 MB"


def test_batches_go_to_the_device(data):
    x, y = data
    for dl in (TensorBatches(x, y, device="meta"), TensorBatches(x, y, shuffle=True, device="meta")):
        assert all(o.device.type == "meta" for batch in dl for o in batch)
    assert x.device.type == "cpu"


def devices():
    return [o for o, there in (("cuda", torch.cuda.is_available()), ("mps", torch.backends.mps.is_available()))
            if there] or ["cpu"]

@pytest.mark.parametrize("device", devices())
@pytest.mark.parametrize("opt_func", [BasicOptim, torch.optim.SGD])
def test_the_same_training_on_the_device(data, device, opt_func):
    x, y = data
    results = []
    for where in ("cpu", device):
        model = new_model().to(where)
        dl = TensorBatches(x.to(where), y.to(where), 100, shuffle=True, seed=2)
        results.append(train_model(model, dl, TensorBatches(x, y, device=where),
                                   opt_func(model.parameters(), lr=1.), 3))
    assert results[0].losses == pytest.approx(results[1].losses, abs=1e-4)
    assert pick_device() in ("cpu", *devices())


@pytest.mark.parametrize("args, error, says", [
    ((torch.ones(5), torch.ones(4)), ValueError, "5 items and y has 4"),
    ((torch.ones(0, 3), torch.ones(0)), ValueError, "empty"),
    ((torch.ones(5), torch.ones(5), 0), ValueError, "at least 1, got 0"),
    ((torch.ones(5), torch.ones(5), -3), ValueError, "got -3"),
    ((torch.ones(5), torch.ones(5), 2.5), ValueError, "got 2.5"),
    (([1, 2], torch.ones(2)), TypeError, "x must be a tensor.*list"),
    ((torch.ones(5), torch.tensor(1.)), TypeError, "y must be a tensor"),
])
def test_bad_batches_are_named(args, error, says):
    with pytest.raises(error, match=says): TensorBatches(*args)


# Functions against torch

def test_sigmoid_is_torchs():
    x = torch.linspace(-80, 80, 999)
    torch.testing.assert_close(sigmoid(x), x.sigmoid())


@pytest.mark.parametrize("kind", [torch.float32, torch.int64, torch.bool])
def test_mnist_loss(kind):
    preds, targets = torch.randn(50, 1, dtype=torch.float64), torch.randint(0, 2, (50, 1))
    expected = F.l1_loss(preds.sigmoid(), targets.double())
    torch.testing.assert_close(mnist_loss(preds, targets.to(torch.float64 if kind is torch.float32 else kind)),
                               expected)


def test_init_params():
    torch.manual_seed(0)
    p = init_params((300, 200), std=3.)
    assert p.shape == (300, 200) and p.is_leaf and p.requires_grad and 2.9 < p.std() < 3.1
    assert init_params(1).shape == (1,)


@pytest.mark.parametrize("lr", [1., .3, 1e-3])
def test_same_as_sgd_to_the_last_digit(data, lr):
    def losses(opt_func):
        torch.manual_seed(1)
        model = nn.Sequential(nn.Linear(20, 7), nn.ReLU(), nn.Linear(7, 1))
        dl = TensorBatches(*data, 64, shuffle=True, seed=4)
        progress = train_model(model, dl, dl, opt_func(model.parameters(), lr=lr), 5)
        return progress.losses, progress.accuracies, [p.tolist() for p in model.parameters()]
    assert losses(BasicOptim) == losses(torch.optim.SGD)


def test_train_epoch_returns_the_mean_over_items(data):
    x, y = data
    model, seen = new_model(), []
    def watched(p, t):
        seen.append((mnist_loss(p, t), len(t)))
        return seen[-1][0]
    loss = train_epoch(model, TensorBatches(x, y, 300), BasicOptim(model.parameters(), .1), watched)
    assert [n for _, n in seen] == [300, 300, 300, 100]
    assert loss == pytest.approx(sum(o.item()*n for o, n in seen)/1000)


def test_validate_epoch_counts_a_small_last_batch_for_less(data):
    x, y = data
    model = new_model()
    expected = ((model(x) > 0) == (y == 1)).float().mean().item()
    for size in (999, 300, 1000): assert validate_epoch(model, TensorBatches(x, y, size)) == pytest.approx(expected)
    assert all(p.grad is None for p in model.parameters())


# Bad input

@pytest.mark.parametrize("targets, error, says", [
    (torch.ones(256), ValueError, r"\(256, 256\).*targets.view\(256, 1\)"),
    (torch.ones(255, 1), ValueError, r"\(255, 1\)"),
    (torch.ones(1), ValueError, r"broadcast to \(256, 1\)"),
    (torch.ones(256, 1, dtype=torch.float64), TypeError, "float32 and targets torch.float64"),
    (torch.full((256, 1), 3), ValueError, "found 3"), (torch.full((256, 1), .5), ValueError, "found 0.5"),
    (torch.full((256, 1), float("nan")), ValueError, "found nan"), (torch.full((256, 1), -1.), ValueError, "found -1"),
])
def test_bad_targets_are_named(targets, error, says):
    with pytest.raises(error, match=says): mnist_loss(torch.randn(256, 1), targets)
    model = new_model()
    before = [p.clone() for p in model.parameters()]
    with pytest.raises(error, match=says):
        train_epoch(model, [(torch.randn(256, 20), targets)], BasicOptim(model.parameters(), 1.))
    assert all((p == q).all() for p, q in zip(model.parameters(), before, strict=True))


def test_the_classic_shape_mistake_is_refused_for_every_loss(data):
    x, y = data
    with pytest.raises(ValueError, match=r"\(1000, 1000\)"): calc_grad(x, y[:, 0], new_model(), F.mse_loss)
    with pytest.raises(ValueError, match=r"\(1000, 1000\)"): batch_accuracy(new_model()(x), y[:, 0])
    assert calc_grad(x, torch.randint(0, 5, (1000,)), nn.Linear(20, 5), F.cross_entropy).isfinite(), "class numbers are no mistake"


def test_integer_predictions():
    with pytest.raises(TypeError, match="int64"): mnist_loss(torch.tensor([[1]]), torch.tensor([[1.]]))


def test_nothing_to_learn(data):
    x, y = data
    with pytest.raises(ValueError, match="no parameter"): calc_grad(x, y, lambda xb: xb[:, :1])
    with pytest.raises(ValueError, match="one number"): calc_grad(x, y, new_model(), lambda p, t: p - t)
    with pytest.raises(ValueError, match="no parameters"): BasicOptim(nn.ReLU().parameters(), 1.)
    with pytest.raises(ValueError, match="parameter 1.*requires_grad_"): BasicOptim([init_params(1), torch.ones(1)], 1.)
    with pytest.raises(ValueError, match="calculated from another"): BasicOptim([init_params(1)*2], 1.)
    with pytest.raises(RuntimeError, match="before step"): BasicOptim([init_params(1)], 1.).step()
    model = new_model()
    for dl in ([], iter(())):
        with pytest.raises(ValueError, match="no batch"): train_epoch(model, dl, BasicOptim(model.parameters(), 1.))
        with pytest.raises(ValueError, match="no batch"): validate_epoch(model, dl)


@pytest.mark.parametrize("lr", [0, -1, float("nan"), float("inf")])
def test_bad_learning_rates(lr):
    with pytest.raises(ValueError, match="learning rate"): BasicOptim([init_params(1)], lr)


@pytest.mark.parametrize("epochs", [-1, 1.5])
def test_bad_epochs(data, epochs):
    dl, model = TensorBatches(*data), new_model()
    with pytest.raises(ValueError, match="epochs"):
        train_model(model, dl, dl, BasicOptim(model.parameters(), 1.), epochs)


# Divergence

@pytest.mark.parametrize("opt_func", [BasicOptim, torch.optim.SGD])
def test_divergence_is_named_and_undone(data, opt_func):
    model, dl = new_model(), TensorBatches(*data, 10)
    before = [p.detach().clone() for p in model.parameters()]
    opt = opt_func(model.parameters(), lr=100.)
    with pytest.raises(Diverged, match="learning rate of 100.*for example 10"): train_epoch(model, dl, opt, F.mse_loss)
    assert all((p == q).all() for p, q in zip(model.parameters(), before, strict=True))
    assert all(p.grad is None for p in model.parameters())


def test_divergence_at_the_last_step_of_an_epoch(data):
    x, y = data
    model = new_model()
    before = [p.detach().clone() for p in model.parameters()]
    with pytest.raises(Diverged, match="parameter"):
        train_epoch(model, [(x, y)], BasicOptim(model.parameters(), 3e38), lambda p, t: 1e6*F.mse_loss(p, t))
    assert all((p == q).all() for p, q in zip(model.parameters(), before, strict=True))


def test_train_model_stops_and_keeps_what_it_had(data, capsys):
    dl, model = TensorBatches(*data, 100), new_model()
    rate = BasicOptim(model.parameters(), .01)
    assert len(train_model(model, dl, dl, rate, 2, F.mse_loss).losses) == 2
    good = [p.detach().clone() for p in model.parameters()]
    rate.lr = 1e6
    progress = train_model(model, dl, dl, rate, 5, F.mse_loss)
    assert progress.losses == [] and progress.note.startswith("Diverged") and progress.note in capsys.readouterr().out
    assert all((p == q).all() for p, q in zip(model.parameters(), good, strict=True))
    rate.lr = .01
    again = train_model(model, dl, dl, rate, 2, F.mse_loss)
    assert len(again.losses) == 2 and not again.note, "training goes on from there"


# zero_grad

def test_forgetting_to_zero_is_a_hint(data):
    x, y = data
    model = new_model()
    opt = BasicOptim(model.parameters(), .1)
    calc_grad(x, y, model)
    opt.step()
    calc_grad(x, y, model)
    with pytest.warns(UserWarning, match="zero_grad"): opt.step()
    opt.zero_grad()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(3):
            calc_grad(x, y, model)
            calc_grad(x, y, model)
            opt.step()
            opt.zero_grad()    # two batches for a step are meant
        train_model(model, TensorBatches(x, y), TensorBatches(x, y), opt, 2)


def test_gradients_left_over_do_not_count(data):
    x, y = data
    (a, b), dl = (new_model(), new_model()), TensorBatches(x, y)
    calc_grad(x, y, a)
    for m in (a, b): train_epoch(m, dl, BasicOptim(m.parameters(), 1.))
    assert all((p == q).all() for p, q in zip(a.parameters(), b.parameters(), strict=True))


# Interrupting

def test_interrupt_in_the_middle_of_an_epoch_and_go_on(data, capsys):
    dl, model, calls = TensorBatches(*data, 100), new_model(), []
    def loss(p, t):
        calls.append(1)
        if len(calls) == 35: signal.raise_signal(signal.SIGINT)
        return mnist_loss(p, t)
    opt = BasicOptim(model.parameters(), 1.)
    progress = train_model(model, dl, dl, opt, 10, loss)
    assert (len(progress.losses) == len(progress.accuracies) == 3
            and "Interrupted after 3 of 10" in capsys.readouterr().out)
    assert all(p.isfinite().all() for p in model.parameters()) and "Interrupted" in repr(progress)
    more = train_model(model, dl, dl, opt, 4)
    assert len(more.losses) == 4 and more.losses[0] < progress.losses[0]


LONG = """
import torch
from neuralnet_foundations.training import *
torch.manual_seed(0)
x = torch.randn(2000, 20)
y = (x[:, :1] > 0).float()
p = init_params((20, 1))
dl = TensorBatches(x, y, 100)
print("ready", flush=True)
progress = train_model(lambda xb: xb@p, dl, dl, BasicOptim([p], .1), 1_000_000)
print("RESULT", len(progress.losses), progress.losses[-1] < progress.losses[0], bool(p.isfinite().all()))
"""

@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT for another process on Windows")
def test_a_long_training_shows_a_bar_and_stops_on_interrupt():
    run = subprocess.Popen([sys.executable, "-c", LONG], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                           bufsize=1)
    try:
        assert run.stdout.readline() == "ready\n"
        bar = next((line for line in run.stdout if "batch/s" in line
                    and "accuracy=" in line), None)  # each state of the bar is a line here
        assert bar, "no progress bar"
        run.send_signal(signal.SIGINT)
        out, err = run.communicate(timeout=60)
    finally: run.kill()
    epochs, better, finite = out.split("RESULT ")[1].split()
    assert int(epochs) > 0 and better == finite == "True" and run.returncode == 0, err


def test_a_short_training_shows_no_bar(data, capsys):
    dl, model = TensorBatches(*data), new_model()
    train_model(model, dl, dl, BasicOptim(model.parameters(), 1.), 2)
    assert "batch" not in capsys.readouterr().out


def test_progress_reads_as_a_table(data):
    dl, model = TensorBatches(*data), new_model()
    progress = train_model(model, dl, dl, BasicOptim(model.parameters(), 1.), 3)
    lines = repr(progress).splitlines()
    assert len(lines) == 4 and lines[0].split() == ["epoch", "loss", "accuracy"]
    assert [float(o.split()[2]) for o in lines[1:]] == pytest.approx(progress.accuracies, abs=1e-4)
    assert json.loads(json.dumps(progress.losses)) == progress.losses


def test_where_and_numbers_of_the_lesson():
    assert mnist_loss(tensor([.9, .4, .2]).logit(), tensor([1, 1, 0])).item() == pytest.approx(.3)
