"Around a training loop: what an epoch that diverged changed is put back, measuring changes nothing, and steps are careful."
import copy
import pickle
from functools import partial

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from neuralnet_foundations.batches import TensorBatches
from neuralnet_foundations.checks import BadInput, BadType
from neuralnet_foundations.epochs import Diverged, Mean, checked_steps, evaluating, modules_in, undo_if_diverged, watched
from neuralnet_foundations.training import BasicOptim, train_epoch, train_model, validate_epoch


@pytest.fixture
def data():
    torch.manual_seed(0)
    x = torch.randn(200, 8)
    return x, (x[:, :1] > 0).float()

def net():
    torch.manual_seed(1)
    return nn.Sequential(nn.Linear(8, 6), nn.BatchNorm1d(6), nn.Dropout(0.5), nn.ReLU(), nn.Linear(6, 1))

def all_of(model, opt):
    "Everything that training changes, as it is now."
    return copy.deepcopy((dict(model.state_dict()), opt.state_dict() if hasattr(opt, "state_dict") else None))

def same(a, b):
    if isinstance(a, torch.Tensor): return torch.equal(a, b)
    if isinstance(a, dict): return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    if isinstance(a, (list, tuple)): return len(a) == len(b) and all(map(same, a, b))
    return a == b

OPTIMISERS = {"ours": lambda p: BasicOptim(p, lr=1e-3), "SGD": lambda p: torch.optim.SGD(p, lr=1e-3),
              "momentum": lambda p: torch.optim.SGD(p, lr=1e-3, momentum=0.9),
              "Adam": lambda p: torch.optim.Adam(p, lr=1e-3)}

@pytest.mark.parametrize("name", OPTIMISERS)
@pytest.mark.parametrize("before", [0, 1], ids=["at once", "after an epoch"])
def test_divergence_puts_everything_back(data, name, before):
    model = net()
    opt = OPTIMISERS[name](model.parameters())
    dl = TensorBatches(*data, 50)
    for _ in range(before): train_epoch(model, dl, opt, F.mse_loss)
    was, batches = all_of(model, opt), 0
    def loss(preds, targets):
        nonlocal batches
        batches += 1
        return F.mse_loss(preds, targets)*(float("nan") if batches == 3 else 1)
    with pytest.raises(Diverged, match="the loss became nan at batch 2, with a learning rate of 0.001.*"
                                       "where this epoch began.*0.0001"):
        train_epoch(model, dl, opt, loss)
    assert same(all_of(model, opt), was) and all(p.grad is None for p in model.parameters())
    assert not same(was[0], dict(net().state_dict())) or not before, "the epoch before it did change the model"
    loss = train_epoch(model, dl, opt, F.mse_loss)
    assert np.isfinite(loss) and not same(dict(model.state_dict()), was[0]), "and training goes on"

@pytest.mark.parametrize("model", [net(), net().eval()], ids=["training", "in use"])
def test_validation_changes_nothing_and_is_the_same_twice(data, model):
    model[0].training = not model[0].training                      # a layer that is set by hand stays so
    was, modes = copy.deepcopy(dict(model.state_dict())), [o.training for o in model.modules()]
    dl = TensorBatches(*data, 64)
    values = {validate_epoch(model, dl) for _ in range(3)}
    assert len(values) == 1 and same(dict(model.state_dict()), was) and [o.training for o in model.modules()] == modes
    use = copy.deepcopy(model).eval()
    with torch.no_grad():
        assert values.pop() == pytest.approx(((use(data[0]) > 0) == (data[1] == 1)).float().mean().item(), rel=1e-6)

class Around:
    "An object that computes with a net and is none itself."
    def __init__(self, model): self.parts = {"net": [model]}
    def __call__(self, xb): return self.parts["net"][0](xb)

AROUND = {"lambda": lambda model: lambda xb: model(xb), "partial": lambda model: partial(lambda m, xb: m(xb), model),
          "method": lambda model: model.forward, "call": lambda model: model.__call__, "object": Around,
          "default": lambda model: lambda xb, net=model: net(xb),
          "function around a function": lambda model: (lambda inner: lambda xb: inner(xb))(lambda xb: model(xb))}

@pytest.mark.parametrize("name", AROUND)
def test_a_net_inside_a_function_is_a_net(data, name):
    "It is measured as it is in use, changes nothing there, and is put back when training diverges."
    model = net()
    f, dl, was = AROUND[name](model), TensorBatches(*data, 64), copy.deepcopy(dict(model.state_dict()))
    assert modules_in(f) == [*model.modules()] or {*map(id, modules_in(f))} == {*map(id, model.modules())}
    assert len({validate_epoch(f, dl) for _ in range(3)}) == 1 and same(dict(model.state_dict()), was)
    assert all(o.training for o in model.modules())
    opt = torch.optim.SGD(model.parameters(), lr=1e-3, momentum=0.9)
    batches = [data, (data[0]*float("nan"), data[1])]
    with pytest.raises(Diverged): train_epoch(f, batches, opt, F.mse_loss)
    assert same(dict(model.state_dict()), was)

def test_no_net_in_a_plain_function():
    w = torch.ones(8, 1)
    def later(): return unknown
    if w.sum() < 0: unknown = net()
    assert modules_in(lambda xb: F.relu(xb@w)) == [] == modules_in(later) and modules_in(3) == []

def test_progress_is_kept_like_any_other_result(data):
    model = net()
    progress = train_model(model, TensorBatches(*data), TensorBatches(*data), BasicOptim(model.parameters(), 0.1), 1)
    for other in (copy.deepcopy(progress), pickle.loads(pickle.dumps(progress))):
        assert (repr(other), other.losses) == (repr(progress), progress.losses)

def test_a_metric_that_fails_leaves_the_model_as_it_was(data):
    model = net()
    def metric(preds, targets): raise ZeroDivisionError
    with pytest.raises(ZeroDivisionError): validate_epoch(model, TensorBatches(*data), metric)
    assert model.training and all(o.training for o in model) and torch.is_grad_enabled()

def test_evaluating_a_plain_function():
    w = torch.ones(3, requires_grad=True)
    assert not evaluating(lambda f: f(w))(lambda w: w*2).requires_grad

def test_mean():
    mean = Mean()
    with pytest.raises(BadInput, match="no batch"): mean.value  # noqa: B018
    for m, n in ((torch.tensor(1.), 3), (5, 1), (np.float32(2), 4)): mean.add(m, n)
    assert mean.value == pytest.approx((3 + 5 + 8)/8)

@pytest.mark.parametrize("params, error, says", [
    ([], BadInput, "no parameters"), ([3.], BadType, "parameter 0 must be a tensor, got 3.0"),
    ([torch.ones(2)], BadInput, "requires_grad_"),
    ([torch.ones(2, requires_grad=True)]*1 + [torch.ones(2, requires_grad=True)*2], BadInput,
     "parameter 1 was calculated"),
    ("twice", BadInput, "twice"), (torch.ones(2, 2, requires_grad=True), BadInput, "parameter 0 was calculated")])
def test_parameters_that_cannot_be_trained(params, error, says):
    if params == "twice": params = [torch.ones(2, requires_grad=True)]*2
    with pytest.raises(error, match=says): BasicOptim(params, 0.1)

@pytest.mark.parametrize("lr", [True, "fast", None, [0.1], -1, 0, float("nan")], ids=repr)
def test_rates_that_cannot_be(lr):
    with pytest.raises(BadInput, match="the learning rate"): BasicOptim([torch.ones(2, requires_grad=True)], lr)

@pytest.mark.parametrize("lr", [np.float32(0.5), torch.tensor(0.5), np.float64(0.5), 0.5], ids=repr)
def test_rates_of_every_kind(lr):
    p = torch.ones(2, requires_grad=True)
    opt = BasicOptim([p], lr)
    p.sum().backward()
    opt.step()
    assert p.tolist() == [0.5, 0.5]

def test_a_parameter_without_a_gradient_stays():
    used, unused = (torch.ones(2, requires_grad=True) for _ in range(2))
    opt = BasicOptim([used, unused], 0.5)
    used.sum().backward()
    opt.step()
    assert used.tolist() == [0.5, 0.5] and unused.tolist() == [1., 1.]

def test_checked_steps_keep_the_class_readable():
    assert BasicOptim.step.__name__ == "step" and "lr" in BasicOptim.__init__.__wrapped__.__code__.co_varnames
    class Odd:
        def __init__(self, params, lr): self.params, self.lr = params, lr
        def step(self): return "stepped"
        def zero_grad(self): return "zeroed"
    p = torch.ones(1, requires_grad=True)
    p.grad = torch.ones(1)
    odd = checked_steps(Odd)([p], 1)
    assert (odd.step(), odd.zero_grad()) == ("stepped", "zeroed")

@pytest.mark.parametrize("epochs", [True, 1.5, -1, "3", None], ids=repr)
def test_epochs_that_cannot_be(data, epochs):
    model = net()
    with pytest.raises(BadInput, match="epochs must be a whole number, at least 0, got"):
        train_model(model, TensorBatches(*data), TensorBatches(*data), BasicOptim(model.parameters(), 0.1), epochs)

def test_counts_of_every_kind(data):
    model, dl = net(), TensorBatches(*data, np.int64(64))
    assert len(train_model(model, dl, dl, BasicOptim(model.parameters(), 0.1), np.int64(2)).losses) == 2
    assert len(train_model(model, dl, dl, BasicOptim(model.parameters(), 0.1), 0).losses) == 0

@pytest.mark.parametrize("size", [True, np.True_, 0, 2.5, "4", None], ids=repr)
def test_batch_sizes_that_cannot_be(data, size):
    with pytest.raises(BadInput, match="batch_size must be a whole number, at least 1, got"): TensorBatches(*data, size)

def test_batches_without_a_length_are_watched_too(data):
    class Endless:
        def __iter__(self): return iter([data])
    model = net()
    assert len(train_model(model, Endless(), TensorBatches(*data), BasicOptim(model.parameters(), 0.1), 2).losses) == 2

def test_errors_pass_through_a_watched_block():
    with pytest.raises(KeyError), watched([1], 1): raise KeyError

def test_an_epoch_of_ones_own_is_undone_too():
    @undo_if_diverged
    def epoch(model, dl, opt, loss_func=F.mse_loss):
        for xb, yb in dl:
            loss_func(model(xb), yb).backward()
            opt.step()
            opt.zero_grad()
    model = nn.Linear(1, 1)
    was = copy.deepcopy(dict(model.state_dict()))
    with pytest.raises(Diverged):
        epoch(model, [(torch.ones(4, 1), torch.ones(4, 1))]*50, torch.optim.SGD(model.parameters(), lr=1e5))
    assert same(dict(model.state_dict()), was)
