"The network of NetPlayground, run in Node and held against torch: outputs, losses, slopes, steps, surfaces, its code."
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

FILE, TRAIN, SHAPE = "maths/net.js", "maths/net_training.js", "maths/net_shape.js"
ACTS = dict(relu=nn.ReLU, tanh=nn.Tanh, sigmoid=nn.Sigmoid)
LOSSES = dict(mse_loss=F.mse_loss, binary_cross_entropy_with_logits=F.binary_cross_entropy_with_logits,
              cross_entropy=F.cross_entropy)
CLOSE = dict(rtol=1e-9, atol=1e-13)


def sequential(sizes, acts):
    "The network as an `nn.Sequential` of float64."
    layers = []
    for i, o, act in zip(sizes[:-1], sizes[1:], [*acts, ""], strict=True):
        layers += [nn.Linear(i, o, dtype=torch.float64), *([ACTS[act]()] if act else [])]
    return nn.Sequential(*layers)


def case(seed):
    "A random network and points for it."
    rng = np.random.RandomState(seed)
    name = [*LOSSES][seed % 3]
    hidden = rng.randint(1, 17, rng.randint(0, 5)).tolist()
    sizes = [2, *hidden, rng.randint(2, 5) if name == "cross_entropy" else 1]
    acts = rng.choice([*ACTS, ""], len(hidden)).tolist()
    torch.manual_seed(seed)
    x = torch.randn(23, 2, dtype=torch.float64)*10**rng.uniform(-1, 1)
    y = torch.tensor(rng.randint(0, sizes[-1] if name == "cross_entropy" else 2, 23))
    if name == "mse_loss": y = torch.randn(23, dtype=torch.float64)
    return name, sizes, acts, sequential(sizes, acts), x, y


CASES = range(36)


def flat(net): return nn.utils.parameters_to_vector(net.parameters()).detach().clone()
def pack(x, y): return dict(x=x.T.contiguous().ravel(), y=y.double(), n=len(x))
def problem(name, sizes, acts): return dict(name=name, shape=dict(sizes=sizes, acts=acts))
def how(lr=0.05, momentum=0.9, size=5, shuffle=False, keep=100):
    return dict(lr=lr, momentum=momentum, batch_size=size, shuffle=shuffle, keep=keep, farthest=1e25)


def loss_of(name, net, x, y):
    out = net(x)
    return F.cross_entropy(out, y.long()) if name == "cross_entropy" else LOSSES[name](out[:, 0], y.double())


@pytest.mark.parametrize("seed", CASES)
def test_outputs_loss_and_slopes_are_torchs(js, seed):
    name, sizes, acts, net, x, y = case(seed)
    p, points = problem(name, sizes, acts), pack(x, y)
    got = js(FILE, "outputs", p["shape"], flat(net), points).reshape(sizes[-1], -1)
    np.testing.assert_allclose(got, net(x).T.detach(), **CLOSE)
    loss = loss_of(name, net, x, y)
    loss.backward()
    assert js(FILE, "netLoss", p, flat(net), points) == pytest.approx(loss.item(), rel=1e-9)
    grad = torch.cat([o.grad.ravel() for o in net.parameters()])
    np.testing.assert_allclose(js(FILE, "netGradient", p, flat(net), points), grad, rtol=1e-9, atol=1e-12)


def by_torch(name, net, x, y, h, steps, velocity=None):
    "Steps of torch's own optimiser over batches in order: the losses at the ends of epochs, parameters, velocity."
    opt, losses, at = torch.optim.SGD(net.parameters(), lr=h["lr"], momentum=h["momentum"]), [], 0
    if velocity is not None:
        parts = velocity.split([p.numel() for p in net.parameters()])
        for p, v in zip(net.parameters(), parts, strict=True): opt.state[p]["momentum_buffer"] = v.view(p.shape).clone()
    for _ in range(steps):
        opt.zero_grad()
        loss_of(name, net, x[at:at+h["batch_size"]], y[at:at+h["batch_size"]]).backward()
        opt.step()
        at += h["batch_size"]
        if at >= len(x):
            at = 0
            losses.append(loss_of(name, net, x, y).item())
    moving = [opt.state[p]["momentum_buffer"].ravel() for p in net.parameters()] if h["momentum"] else [torch.zeros(0)]
    return losses, flat(net), torch.cat(moving)


@pytest.mark.parametrize("momentum", [0., 0.9])
@pytest.mark.parametrize("seed", CASES)
def test_steps_are_torchs_optimisers(js, seed, momentum):
    name, sizes, acts, net, x, y = case(seed)
    x = x/x.abs().max()
    p, h, (train, test) = problem(name, sizes, acts), how(momentum=momentum), (pack(x[:17], y[:17]), pack(x[17:], y[17:]))
    run = js(TRAIN, "begun", p, flat(net), train, test)
    got = js(TRAIN, "trained", p, run, train, test, h, 10)
    assert got["taken"] == 10 and (got["run"]["epoch"], got["run"]["at"], got["run"]["steps"]) == (2, 10, 10)
    first = loss_of(name, net, x[:17], y[:17]).item()
    losses, params, velocity = by_torch(name, net, x[:17], y[:17], h, 10)
    np.testing.assert_allclose(got["run"]["losses"], [first, *losses], **CLOSE)
    np.testing.assert_allclose(got["run"]["params"], params, rtol=1e-9, atol=1e-12)
    assert len(got["run"]["test_losses"]) == 3
    if not momentum: return
    np.testing.assert_allclose(got["run"]["velocity"], velocity, rtol=1e-8, atol=1e-11)
    # torch goes on from where the page is, and the page from there
    h, run = how(size=17), {**got["run"], "at": 0}
    _, params, _ = by_torch(name, net, x[:17], y[:17], h, 3, torch.tensor(run["velocity"]))
    again = js(TRAIN, "trained", p, run, train, test, h, 3)["run"]
    np.testing.assert_allclose(again["params"], params, rtol=1e-9, atol=1e-11)


def test_slopes_at_a_kink_are_torchs(js):
    "Sums of exactly 0 in each hidden layer, outputs of exactly 0 and far out."
    sizes, acts, x = [2, 3, 2, 1], ["relu", "relu"], torch.tensor([[1., 1.], [0., 0.], [-2., 2.]], dtype=torch.float64)
    net, y = sequential(sizes, acts), torch.tensor([1., 0., 1.])
    values = [1., -1, 0, 0, 2, -2, 0, 0, 0, 1, 1, -1, 0, 0, 0, 0, 0, 3, -3, 0.5]
    nn.utils.vector_to_parameters(torch.tensor(values, dtype=torch.float64), net.parameters())
    loss_of("mse_loss", net, x, y).backward()
    grad = torch.cat([o.grad.ravel() for o in net.parameters()])
    got = js(FILE, "netGradient", problem("mse_loss", sizes, acts), flat(net), pack(x, y))
    np.testing.assert_allclose(got, grad, atol=1e-15)


def test_far_out_the_losses_stay_numbers(js):
    for name, sizes, y in (("binary_cross_entropy_with_logits", [2, 1], [1., 0.]), ("cross_entropy", [2, 2], [1, 0])):
        net, x, y = sequential(sizes, []), torch.tensor([[900., 3.], [-900., 1.]], dtype=torch.float64), torch.tensor(y)
        got = js(FILE, "netLoss", problem(name, sizes, []), flat(net)*5, pack(x, y))
        nn.utils.vector_to_parameters(flat(net)*5, net.parameters())
        assert got == pytest.approx(loss_of(name, net, x, y).item(), rel=1e-9)


def test_a_step_out_of_the_numbers_is_not_taken(js):
    sizes, acts = [2, 4, 1], [""]
    net, (x, y) = sequential(sizes, acts), (torch.randn(8, 2, dtype=torch.float64), torch.zeros(8))
    p, train, none = problem("mse_loss", sizes, acts), pack(x, y), pack(x[:0], y[:0])
    got = js(TRAIN, "trained", p, js(TRAIN, "begun", p, flat(net), train, none), train, none, how(lr=1e80, size=8), 9)
    assert got["taken"] < 9 and np.isfinite(got["run"]["params"]).all() and np.isfinite(got["run"]["losses"]).all()
    assert len(got["run"]["losses"]) == got["taken"] + 1 and not len(got["run"]["test_losses"])


def test_only_the_newest_losses_are_kept(js):
    sizes, acts = [2, 2, 1], ["tanh"]
    net, (x, y) = sequential(sizes, acts), (torch.randn(6, 2, dtype=torch.float64), torch.ones(6))
    p, train, none = problem("mse_loss", sizes, acts), pack(x, y), pack(x[:0], y[:0])
    run = js(TRAIN, "begun", p, flat(net), train, none)
    all_ = js(TRAIN, "trained", p, run, train, none, how(size=6), 9)["run"]["losses"]
    some = js(TRAIN, "trained", p, run, train, none, how(size=6, keep=4), 9)["run"]["losses"]
    assert len(all_) == 10 and some.tolist() == all_[-4:].tolist()


@pytest.mark.parametrize("seed", [1, 4, 10, 29])
def test_surfaces_are_each_units_values(js, seed):
    _, sizes, acts, net, *_ = case(seed)
    n, limits = 7, [-1., 2., 0., 3.]
    got = js(FILE, "surfaces", dict(sizes=sizes, acts=acts), flat(net), limits, n)
    at = (torch.arange(n, dtype=torch.float64) + 0.5)/n
    x = torch.stack([(-1 + 3*at).repeat(n), (3 - 3*at).repeat_interleave(n)], 1)
    np.testing.assert_allclose(got[0].reshape(2, -1).T, x, **CLOSE)
    layer, out = 0, x
    for i, o in enumerate(net):
        out = o(out)
        if isinstance(o, nn.Linear) and i + 1 < len(net) and not isinstance(net[i+1], nn.Linear): continue
        layer += 1
        np.testing.assert_allclose(got[layer].reshape(-1, n*n).T, out.detach(), **CLOSE)


@pytest.mark.parametrize("name", ["tanh", "sigmoid"])
def test_quick_activations_are_exact(js, name):
    for v in [*np.linspace(-21, 21, 337), 0., -0., 1e-300, 1e-9, -1e-3, 0.015625, 0.3, -2.7, 19.99, 20.01, -39.9, 40.2, -700., -745., 800.]:
        want = getattr(torch, name)(torch.tensor(v, dtype=torch.float64)).item()
        got = js("maths/activations.js", f"quick{name.title()}", v)
        assert got == pytest.approx(want, rel=2e-14, abs=1e-320), v


# ---- Shapes, points, code

@pytest.mark.parametrize("seed", [0, 3, 8, 13, 22, 35])
def test_its_python_builds_the_same_network(js, seed):
    _, sizes, acts, net, x, _ = case(seed)
    code = js(SHAPE, "pythonOf", dict(sizes=sizes, acts=acts), flat(net))
    made = {}
    exec(code, made)
    assert [type(o) for o in made["net"]] == [type(o) for o in net] and max(map(len, code.splitlines())) <= 110
    page = js(FILE, "outputs", dict(sizes=sizes, acts=acts), flat(net), pack(x, torch.zeros(len(x))))
    np.testing.assert_allclose(made["net"](x).T.detach().ravel(), page, rtol=0, atol=1e-6)
    assert torch.equal(flat(made["net"]), flat(net)), "weights lose digits"


def test_other_sizes_keep_what_there_was(js):
    sizes, wider, deeper = [2, 3, 1], [2, 5, 1], [2, 3, 4, 1]
    params = flat(sequential(sizes, ["relu"]))
    fresh, wide = js(SHAPE, "freshParams", wider, 5), js(SHAPE, "resized", dict(sizes=sizes, params=params), wider, 5)
    assert wide[:6].tolist() == params[:6].tolist() and wide[10:13].tolist() == params[6:9].tolist()
    assert wide[15:18].tolist() == params[9:12].tolist() and wide[20] == params[12]
    assert np.abs(fresh[:15]).max() <= 2**-0.5 and np.abs(fresh[15:]).max() <= 5**-0.5 and len(set(fresh)) == len(fresh)
    back = js(SHAPE, "resized", dict(sizes=wider, params=wide), sizes, 6)
    assert back.tolist() == params.tolist()
    deep = js(SHAPE, "resized", dict(sizes=sizes, params=params), deeper, 5)
    assert deep[:9].tolist() == params[:9].tolist() and len(deep) == 9 + 16 + 5 and deep[-5] != params[9]


@pytest.mark.parametrize("seed", [2, 7, 16])
def test_a_units_numbers_lead_to_its_value(js, seed):
    _, sizes, acts, net, x, _ = case(seed)
    shape, p = dict(sizes=sizes, acts=acts), flat(net)
    values = js(SHAPE, "traced", shape, p, x[3])
    np.testing.assert_allclose(values[-1], net(x[3]).detach(), **CLOSE)
    for layer in range(1, len(sizes)):
        unit = js(SHAPE, "unitOf", shape, p, values, layer, sizes[layer] - 1)
        at = js(SHAPE, "placeOf", acts, layer - 1)
        linear = net[at]
        assert [t["weight"] for t in unit["terms"]] == linear.weight[-1].tolist()
        assert unit["bias"] == linear.bias[-1].item()
        out = torch.tensor([unit["sum"]], dtype=torch.float64)
        if layer <= len(acts) and acts[layer - 1]: out = net[at + 1](out)
        assert unit["value"] == pytest.approx(out.item(), rel=1e-9, abs=1e-15)
