"Functions for sheets: one for each operation in each spelling, kinks and ties included, and as many random ones as anybody wants."
import random

import torch
import torch.nn.functional as F
from torch import nn

TIES = torch.tensor([[1., 1., 0.], [2., 2., 2.], [-1., 0., 0.]])
X, W, B, Y = torch.linspace(-2, 2, 12).view(4, 3), torch.tensor([[.5, -1.], [2., .25], [-.75, 1.]]), torch.tensor([.1,
    -.2]), torch.linspace(-1, 1, 8).view(4, 2)
V, U, S = torch.tensor([.5, -1.5, 2.]), torch.tensor([1., -2.]), torch.tensor(.75)
LABELS, EDGE = torch.tensor([0, 1, 1, 0]), torch.tensor([0., 1., -1., 2., .5])
OUTSIDE = torch.tensor([[1., 2.], [3., 4.]])


def seeded(make):
    torch.manual_seed(0)
    return make()


NET = seeded(lambda: nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2)))
DEEP = seeded(lambda: nn.Sequential(nn.Linear(3, 3), nn.Tanh(), nn.Linear(3, 2), nn.Sigmoid(), nn.Identity(),
                                    nn.Dropout().eval(), nn.LogSoftmax(1)))
SOFT = seeded(lambda: nn.Sequential(nn.Flatten(), nn.Linear(3, 3, bias=False), nn.LeakyReLU(), nn.Softmax(dim=1)))


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.lin, self.scale = nn.Linear(3, 3), nn.Parameter(torch.tensor([.5, 1., 2.]))
    def forward(self, x):
        h = torch.relu(self.lin(x))*self.scale
        return (x + h).pow(2).mean()


def augmented(x, w):
    h = x*2
    h += w
    h -= 1
    h *= x
    return h.sum()


def loop(layers, x):
    for w, b in layers: x = torch.relu(x @ w + b)
    return x.mean()


def unpacked(w):
    first, second = w
    values, indices = w.max(1)
    return (first*second).sum() + (values*indices.float()).sum() + len(w)*w.shape[1]


CASES = {
    "linear model": (lambda w, b, x, y: ((x @ w + b - y)**2).mean(), dict(w=V, b=S, x=X, y=Y[:, 0])),
    "network": (lambda w1, b1, w2, b2, x, y: F.mse_loss(torch.relu(x @ w1 + b1) @ w2 + b2, y),
                dict(w1=W, b1=B, w2=W[:2], b2=B, x=X, y=Y)), "scalars": (lambda a, b, c, x: (a*x**2 + b*x + c).sum(),
                dict(a=S, b=torch.tensor(2.), c=torch.tensor(-1.), x=EDGE)),
    "one number": (lambda a: a, dict(a=S)), "constant beside": (lambda a: (a*3 - 1)/2 + 0.125, dict(a=S)),
    "arithmetic": (lambda a, b: (-(a - (b - a))/(b*b + 1) - a*-3 + (+b)*(1 - a)*2 + 1/(a*a + 1)).sum(), dict(a=V, b=X)),
    "torch arithmetic": (lambda a, b: torch.add(a, b, alpha=3).sum() - a.sub(b, alpha=2).mul(a).div(4).neg().sum()
                         + torch.subtract(a, 1).multiply(2).true_divide(3).sum(), dict(a=V, b=X)),
    "numpy and tensors on the left": (lambda a: (torch.tensor(2.)*a - torch.tensor([1., 2., 3.])/(a*a + 1)
                                                 + OUTSIDE[0, 0] + OUTSIDE.numpy()[1, 1]*a).sum(), dict(a=V)),
    "powers": (lambda a: (a**2 + a**3 - a**1 + a**0 + a**-1 + a**-2.0 + a.pow(2) + torch.square(a) + (a*a)**0.5
                          + a.reciprocal()).sum(), dict(a=V)),
    "powers that change": (lambda a, b: ((a*a + .5)**b + 2**b + torch.pow(a.abs() + 1, b) + 0.5**a).sum(),
                           dict(a=V, b=V.flip(0))), "zero to a power": (lambda a, b: (torch.relu(a)**b).sum(),
                        dict(a=torch.tensor([0., 2., 1.]), b=torch.tensor([0., 2., 1.]))),
    "functions": (lambda a: (a.exp() + torch.exp(-a*a) + (a*a + .5).log() + torch.log10(a.abs() + 1)
                             + torch.sqrt(a*a + .25) + a.tanh() + F.tanh(a) + torch.sigmoid(a) + a.sigmoid()
                             + F.sigmoid(a) + torch.sin(a) + a.cos() + torch.special.expit(a) + (a*a + 1).rsqrt()
                             + F.silu(a)).sum(), dict(a=X)),
    "large": (lambda a: (torch.sigmoid(a) + torch.tanh(a) + torch.softmax(a, 0)).sum(),
              dict(a=torch.tensor([0., 800., -800., 30.]))),
    "relu": (lambda a: (torch.relu(a)*2 + F.relu(a - 1) + a.relu() + nn.ReLU()(-a) + F.leaky_relu(a)
                        + F.leaky_relu(a, 0.2)).sum(), dict(a=EDGE)),
    "abs": (lambda a: (abs(a) + a.abs() + torch.abs(a - 1) + torch.absolute(a) + torch.sign(a)*a + a.sgn()).sum(),
            dict(a=EDGE)),
    "clamp": (lambda a: (a.clamp(0, 1) + torch.clamp(a, min=.5) + a.clip(max=1.) + torch.clip(a, -1, 2) + a.clamp_min(0)
        + a.clamp_max(1)).sum(), dict(a=EDGE)),
    "clamp by tensors": (lambda a, lo, hi: (a.clamp(min=lo) + torch.clamp(a, max=hi)*2 + a.clamp(lo, hi)*3).sum(),
                         dict(a=EDGE, lo=EDGE*.5, hi=EDGE*.5 + .5)),
    "maximum": (lambda a, b: (torch.maximum(a, b) + torch.max(a, -b) + a.maximum(b)*b + torch.minimum(a, b)*2
                              + torch.min(a, b) - a.minimum(-b)).sum(), dict(a=EDGE, b=EDGE.flip(0))),
    "comparisons": (lambda a, b: ((a > b)*a + (a >= b)*2.*b + (a < 0).float()*a - (a <= b).double() + (a == b)*a
        + (a != 1).to(a.dtype)*b).sum(), dict(a=EDGE, b=EDGE.flip(0))),
    "scaled comparisons": (lambda a, s, v: ((a > 0)*s).sum() + ((X > 0)*v).sum() + (v[:, None]*(X.T > a[0])).mean(),
                           dict(a=EDGE, s=S, v=V)),
    "logic": (lambda a: torch.where((a > -1) & (a < 1) | ~(a <= 1), a*a, -a).sum()
              + torch.logical_and(a > 0, a < 2).float().sum(), dict(a=EDGE)),
    "where": (lambda a, b: torch.where(a > b, a*b, 0.).sum() + a.where(a < 1, b).sum()
              + torch.where(a > 0, torch.where(b > 0, a, b), 2.).mean(), dict(a=EDGE, b=EDGE.flip(0))),
    "where not taken": (lambda a: torch.where(a > 0, (a.clamp(min=0.25)).log(), a*0).sum(), dict(a=EDGE)),
    "masked fill": (lambda a: torch.softmax(a.masked_fill(a < 0, -1e9), 1)[0].sum() + a.masked_fill(a > 1, 0).sum(),
                    dict(a=X)),
    "sums": (lambda a: (a.sum(0)**2).sum() + (a.sum(1)*2).mean() + a.sum(1, keepdim=True).exp().sum() + torch.sum(a)
             + torch.sum(a, dim=-1, keepdim=True).mean() + a.sum((0, 1)) + (a.sum(axis=0, keepdims=True)*a).sum()
             + a.sum(dim=(0, 1), keepdim=True)[0, 0], dict(a=X)),
    "means": (lambda a, v: (a.mean(0)*v).sum() + (a - a.mean(1, keepdim=True)).pow(2).mean() + torch.mean(a, 0,
        keepdim=True).mul(a).mean() + v.mean() + v.mean(0)*v.sum(-1), dict(a=X, v=V)),
    "ties": (lambda a: a.max() + a.min()*2 + (a.amax(0)*V).sum() + (a.amax(1, keepdim=True)*a).mean()
             + (a.amin(1)*V).sum() + torch.amax(a) + torch.max(a.view(-1)), dict(a=TIES)),
    "first of ties": (lambda a: (a.max(1).values*V).sum() + (torch.max(a, 0)[0]*V).sum() + (a.min(0).values*V).sum()
                      + (torch.min(a, dim=1, keepdim=True).values*a).sum() + a[0].max(0).values, dict(a=TIES)),
    "best": (lambda a, y: (a.argmax(1) == y).float().mean() + (a.argmin(0)*V).sum() + a[0].argmax()
             + a.max(1).indices.sum(), dict(a=torch.cat([TIES, TIES[:1]]), y=LABELS)),
    "unpacked": (unpacked, dict(w=TIES[:2])),
    "products": (lambda a, b, v, u: (a @ b).sum() + (a @ v).pow(2).sum() + ((v @ b)*u).sum() + v @ v
                 + torch.matmul(a, b).mean() + a.mm(b).sum() + torch.mv(a, v).sum() + v.dot(v) + a.matmul(v).mean(),
                 dict(a=X, b=W, v=V, u=U)),
    "product with itself": (lambda a: (a @ a.T).pow(2).mean() + (a.T @ a).sum() + (a*a*a).sum(), dict(a=X)),
    "outer": (lambda v, u: torch.outer(v, u).pow(2).sum() + (v[:, None]*u).mean() + v.outer(v).sum(), dict(v=V, u=U)),
    "linear": (lambda x, w, b, v: F.linear(x, w, b).pow(2).mean() + F.linear(x, w).sum() + F.linear(v, w, b).sum()
               + F.linear(x, v).sum(), dict(x=X, w=W.T.contiguous(), b=B, v=V)),
    "addmm": (lambda b, x, w: torch.addmm(b, x, w).relu().sum(), dict(b=B, x=X, w=W)),
    "broadcast": (lambda r, c, s, m: (r*c + s*m - m/(r*r + 1) + torch.maximum(c, r)*m).sum() + (r + s).sum(),
                  dict(r=V, c=X[:, :1].clone(), s=S, m=X)),
    "broadcast ones": (lambda a, b, c: (a*b).sum() + (b*c).mean() + (a + c).pow(2).sum(),
                       dict(a=torch.tensor([2.]), b=X, c=torch.tensor([[3.]]))),
    "transpose": (lambda a: (a.T*V[:, None]).sum() + (a.t() @ a).sum() + (a.transpose(0, 1)**2).mean()
                  + torch.permute(a, (1, 0))[0].sum() + a.mT[1].sum() + torch.t(a).amax(), dict(a=X)),
    "reshape": (lambda a: (a.view(3, 4)**2)[0].sum() + (a.reshape(-1)*2).mean() + a.flatten()[3:6].sum()
                + a.view(2, -1)[1].exp().sum() + (a.ravel()**2).sum() + (a[0].unsqueeze(1)*a[1]).sum()
                + a[:1].squeeze(0).pow(3).sum() + a[0][None].mul(a).sum() + a.view(a.size(0)//2, a.numel()//2)[0].sum(),
                dict(a=X)),
    "expand": (lambda v: (v.expand(4, 3)*X).sum() + v.repeat(2).pow(2).sum() + (v[:, None].expand(-1, 2)**2).sum()
               + v.flip(0)[0] + v.roll(1)[0]*2 + torch.broadcast_to(v, (2, 3)).mean() + torch.tile(v, (2,)).sum()
               + v.expand_as(X).sum(), dict(v=V)),
    "index": (lambda a: a[0].sum() + (a[:, 1]**2).sum() + a[1, 2]*2 + (a[1:3]*a[:2]).sum() + a[-1, 0]
              + a[[0, 0, 2]].pow(2).sum() + a[..., 0].mean() + (a[::2, 1:]**2).sum()
              + a[torch.tensor([True, False, True, False])].sum() + a[[0, 1], [1, 2]].pow(2).sum(), dict(a=X)),
    "repeated index": (lambda v: (v[[0, 0, 1, 0]]*EDGE[:4]).sum() + v[0]*v[0], dict(v=V)),
    "label": (lambda p, y: -p.log_softmax(1)[range(4), y].mean() + p[torch.arange(4), y].exp().sum()
              + p[[0, 1, 2, 3], y].sum(), dict(p=X, y=LABELS)),
    "label of some": (lambda p, y: (p[[3, 1], y[:2]]**2).sum() + p[2, y].sum() + p.gather(1, y[:, None]).pow(2).sum(),
                      dict(p=X, y=LABELS)),
    "embedding": (lambda e, y, k: (e[y]**2).sum() + F.embedding(y, e).sum() + e[k].exp().sum() + (e[:, 0][y]*2).sum()
                  + e[:, y].mean(), dict(e=X[:3], y=LABELS, k=torch.tensor(2))),
    "one hot": (lambda p, y: (F.one_hot(y, 3)*p).sum() + F.one_hot(y).double().mean(), dict(p=X, y=LABELS)),
    "join": (lambda a, b: (torch.cat([a, b])**2).sum() + (torch.cat((a, a*b), dim=1)[:, 2:5]**3).mean()
             + (torch.stack([a[0], b[1]])*V).sum() + torch.stack([a[0], b[0]], 1)[:, 1].sum()
             + torch.stack([a[0, 0], b[0, 0]]).pow(2).sum(), dict(a=X, b=X*.5)),
    "split": (lambda a: (a.chunk(2)[1]**2).sum()
              + sum((k + 1)*part.exp().mean() for k, part in enumerate(a.split([1, 2], dim=1))) + a.unbind()[0].mean()
              + a[:3].diagonal().pow(2).sum(), dict(a=X)),
    "softmax": (lambda a: (torch.softmax(a, 1)*Y[:, :1]).sum() + (a.softmax(0)[0]*V).sum() + F.softmax(a[0], dim=0)[1]
        + nn.Softmax(dim=-1)(a)[1, 1], dict(a=X)),
    "log_softmax": (lambda a: (F.log_softmax(a, 1)*X).mean() + a[0].log_softmax(0)[2] + torch.logsumexp(a, 1).sum()
                    + a.logsumexp(0, keepdim=True).mean(), dict(a=X)),
    "softmax of ties": (lambda a: (torch.softmax(a, 1)*TIES).sum() + torch.log_softmax(a, 0)[0, 0], dict(a=TIES)),
    "cross entropy": (lambda w, x, y: F.cross_entropy(x @ w, y) + nn.CrossEntropyLoss(reduction="sum")(x, y)
                      + F.cross_entropy(x, y, reduction="none").pow(2).mean(), dict(w=X[:3], x=X, y=LABELS)),
    "one row, its label inside": (lambda x: F.cross_entropy(x[0], torch.tensor(2)) + F.nll_loss(x[1], torch.tensor(0)),
                                  dict(x=X)),
    "other entropies": (lambda x, p, k, y: F.cross_entropy(x, torch.softmax(p, 1)) + F.cross_entropy(x[0], k)
        + F.nll_loss(x.log_softmax(1), y), dict(x=X, p=X.flip(0), k=torch.tensor(2), y=LABELS)),
    "losses": (lambda a, b: F.mse_loss(a, b) + F.l1_loss(a, b, reduction="sum") + nn.MSELoss()(a, b*2)
               + nn.L1Loss()(a, b) + F.mse_loss(a, b, reduction="none").max(), dict(a=EDGE, b=EDGE.flip(0).clone())),
    "augmented": (augmented, dict(x=V, w=V*.5)), "loop": (loop, dict(layers=[(W, B), (W[:2], B*2)], x=X)),
    "dict": (lambda p, x: (x @ p["w"] + p["b"]).pow(2).mean(), dict(p={"w": W, "b": B}, x=X)),
    "Python's sum": (lambda w, x: sum(r @ w for r in x)**2, dict(w=V, x=X)), "module": (Residual(), dict(x=X)),
    "net in a function": (lambda net, x, y: F.mse_loss(net(x), y), dict(net=NET, x=X, y=Y)),
    "net around a function": (lambda x, y: F.cross_entropy(NET(x), y), dict(x=X, y=LABELS)),
    "layers": ([nn.Linear(3, 2), torch.relu, lambda h: h.mean()], dict(x=X)), "layers given": (lambda layers,
        x: layers[1](layers[0](x)).mean(), dict(layers=[NET[0], torch.tanh], x=X)),
    "deep": (lambda net, x, y: F.nll_loss(net(x), y), dict(net=DEEP, x=X, y=LABELS)),
    "soft": (lambda net, x: (net(x)**2).sum(), dict(net=SOFT, x=X)),
    "detach": (lambda a, b: (a.detach()*b + a).sum(), dict(a=V, b=V*2)),
    "unused": (lambda w, u, x: (w*x).sum(), dict(w=V, u=U, x=V*2)),
    "matrix out": (lambda w, x: torch.tanh(x @ w), dict(w=W, x=X)), "vector out": (lambda w, x: x @ w, dict(w=V,
        x=X)), "whole numbers": (lambda n, x: (n*x).sum() + n.sum()/2, dict(n=LABELS, x=EDGE[:4])),
    "long vector": (lambda w, v: (v*w).pow(2).mean() + v.max(), dict(w=S, v=torch.linspace(-1, 1, 20))),
    "doubles": (lambda w, x: (x @ w).exp().mean(), dict(w=V.double(), x=X.double())),
    "names": (lambda f, self, loss, θ, d_1: ((f*self - loss)**2).sum()*θ + d_1,
              dict(f=V, self=V, loss=V*.5, θ=S, d_1=S)),
}


def drawn(r, *shape):  # Half of all sheets have numbers on a grid, where ties and kinks are frequent
    numbers = [r.choice([-2., -1.5, -1., -.5, 0., 0., .5, 1., 1., 2.]) if r.grid else r.uniform(-2,
        2) for _ in range(torch.Size(shape).numel())]
    return torch.tensor(numbers, dtype=torch.float64).view(shape)


UNARY = [torch.relu, torch.tanh, torch.sigmoid, torch.abs, lambda a: -a, lambda a: a.clamp(max=2).exp(),
         lambda a: (a.abs() + .5).log(), lambda a: (a*a + .25).sqrt(), torch.square,
         lambda a: a**3/8, lambda a: a.clamp(-1,
             1), lambda a: a.clip(min=0.), lambda a: a.softmax(-1), lambda a: a.log_softmax(0), lambda a: 1 - a/2,
             lambda a: a.sin(), lambda a: (a > 0)*a, lambda a: torch.where(a >= 1, a, a*a)]
MATRIX = [lambda a: a.T, lambda a: a.view(-1), lambda a: a.mean(0), lambda a: a.sum(1),
          lambda a: a.mean(1, keepdim=True), lambda a: a.amax(1), lambda a: a.max(0).values,
          lambda a: a.amin(0, keepdim=True), lambda a: a[0], lambda a: a[:, -1], lambda a: a[1:] if len(a) > 1 else a,
          lambda a: a[[0, -1, 0]], lambda a: a - a.amax(1, keepdim=True),
          lambda a: a[range(len(a)), a.argmax(1)]]
VECTOR = [lambda a: a[:, None], lambda a: a[None], lambda a: a.flip(0), lambda a: a.expand(2, -1), lambda a: a.sum(),
          lambda a: a.max(), lambda a: a[0], lambda a: torch.outer(a, a)]
BINARY = [lambda a, b: a + b, lambda a, b: a - 2*b, lambda a, b: a*b, lambda a, b: a/(b.abs() + .5), torch.maximum,
          torch.minimum, lambda a, b: torch.where(a > b, a, b*b),
          lambda a, b: (a - b).abs(), lambda a, b: a.clamp(min=b), lambda a, b: (a == b)*a + b]
PAIRS = [lambda a, b: a @ b, lambda a, b: a @ b.T, lambda a, b: F.linear(a, b), lambda a, b: torch.cat([a, b]),
         lambda a, b: torch.stack([a, b]), lambda a, b: torch.cat([a, b], -1)]
ENDS = [lambda a: a.mean(), lambda a: a.pow(2).sum(), lambda a: F.mse_loss(a, torch.zeros_like(a) + .5),
        lambda a: F.l1_loss(a, torch.zeros_like(a)),
        lambda a: a.logsumexp(0).sum() if a.dim() else a*a, lambda a: a.max() + a.mean(),
        lambda a: -a.log_softmax(-1).sum()]


def rank_for(kind, rank): return 2 if kind is MATRIX else 1 if kind is VECTOR else rank


def may(step, values):
    try: out = step(values)
    except (RuntimeError, IndexError, TypeError): return None
    fine = (out.is_floating_point() and out.dim() <= 2 and 0 < out.numel() <= 40 and out.isfinite().all()
            and out.abs().max() < 100)
    return out if fine else None


def random_function(seed):
    "A function made of random operations on random shapes, and its tensors; the same for the same seed."
    r = random.Random(seed)
    r.grid = seed % 2 == 0
    n, m, k = (r.randint(1, 4) for _ in range(3))
    given = {"x": drawn(r, n, m), "w": drawn(r, m, k), "b": drawn(r, k), "v": drawn(r, m), "s": drawn(r)}
    values, steps = list(given.values()), []
    start = [lambda t: t[0] @ t[1] + t[2], lambda t: t[0] @ t[3] + t[4]]
    while len(steps) < 7:
        one, other, kind = (r.randrange(len(values)), r.randrange(len(values)),
                            r.choice([UNARY, MATRIX, VECTOR, BINARY, BINARY, PAIRS]))
        if rank_for(kind, values[one].dim()) != values[one].dim() or (kind is PAIRS and values[other].dim() < 2):
            continue
        f = r.choice(kind)
        step = ((lambda t, f=f, i=one: f(t[i])) if kind in (UNARY, MATRIX, VECTOR)
                else (lambda t, f=f, i=one, j=other: f(t[i], t[j])))
        if len(steps) < 2: step = start[len(steps)]
        out = may(step, values)
        if out is not None:
            values.append(out)
            steps.append(step)
    end, last = r.choice(ENDS), [len(values) - 1, r.randrange(5, len(values))]
    def f(x, w, b, v, s):
        t = [x, w, b, v, s]
        for step in steps: t.append(step(t))
        return sum(end(t[k]) for k in last)
    return f, given
