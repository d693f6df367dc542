"The training loop of lesson 6 beside fastai's, and pixel similarity beside the plain broadcast."
import contextlib
import io
import time

from common import Row, alone, median, megabytes, seconds, table

BATCH, LR = 256, 1.0

SIMILARITY = """
import contextlib, gc, io, json, sys, time, torch
from neuralnet_foundations.data import load_digits
from neuralnet_foundations.similarity import PixelSimilarity
with contextlib.redirect_stdout(io.StringIO()): d = load_digits(range(10))
x = d.valid_x.repeat(-(-10_000//len(d.valid_x)), 1, 1)[:10_000].clone()
model = PixelSimilarity('l1').fit(d.train_x, d.train_y)
del d; gc.collect()
def memory(field):
    try: return int(next(l for l in open('/proc/self/status') if l.startswith(field)).split()[1])*1024
    except OSError: return None
def plain(x): return model.labels[(x[:, None] - model.means).abs().mean((-1, -2)).argmin(1)]
f = dict(ours=model.predict, plain=plain)[sys.argv[1]]
f(x[:100])
if memory('VmRSS'): open('/proc/self/clear_refs', 'w').write('5')
before, start = memory('VmRSS'), time.perf_counter()
out = f(x)
print(json.dumps([time.perf_counter() - start, memory('VmHWM') and memory('VmHWM') - before, out.tolist()]))
"""


def quiet(): return contextlib.redirect_stdout(io.StringIO())


def digits():
    "3s and 7s as in lesson 6, in an order that is fixed and mixed, so that every loop sees the same batches."
    import torch

    from neuralnet_foundations.data import load_digits
    with quiet(): d = load_digits()
    order = torch.randperm(len(d.train_x), generator=torch.Generator().manual_seed(0))
    x, y = d.train_x.view(-1, 784)[order], (d.train_y[order] == 3).float()[:, None]
    return d.source, x, y, d.valid_x.view(-1, 784), (d.valid_y == 3).float()[:, None]


def linear():
    "The same small random linear model each time."
    import torch
    model = torch.nn.Linear(784, 1)
    start = torch.randn(1, 784, generator=torch.Generator().manual_seed(1))*0.1
    with torch.no_grad():
        model.weight.copy_(start)
        model.bias.zero_()
    return model


def timed(f):
    start = time.perf_counter()
    f()
    return time.perf_counter() - start


def bare(x, y):
    "Nothing but the matrix products of an epoch: forward, and backward for the weights."
    import torch
    w, b = torch.zeros(784, 1), torch.zeros(1)
    def epoch():
        with torch.no_grad():
            for i in range(0, len(x), BATCH):
                xb = x[i:i + BATCH]
                xb.T @ torch.addmm(b, xb, w)
    return epoch


def epochs(n=9):
    import torch
    from fastai.basics import SGD, DataLoader, DataLoaders, Learner
    from fastai.callback.progress import ProgressCallback  # noqa: F401  (patches no_bar in)

    from neuralnet_foundations.training import (
        BasicOptim,
        TensorBatches,
        batch_accuracy,
        mnist_loss,
        train_epoch,
        validate_epoch,
    )
    source, x, y, vx, vy = digits()
    loader = lambda x, y: DataLoader(list(zip(x, y, strict=True)), batch_size=BATCH)
    ours, theirs, valid = TensorBatches(x, y, BATCH), loader(x, y), TensorBatches(vx, vy, BATCH)
    mixed = TensorBatches(x, y, BATCH, shuffle=True, seed=0)
    loops = {}
    for name, dl in (("ours", ours), ("mixed", mixed), ("fastai", theirs)):
        model = linear()
        opt = BasicOptim(model.parameters(), LR)
        loops[name] = model, (lambda model=model, dl=dl, opt=opt: train_epoch(model, dl, opt))
    dls = DataLoaders(theirs, loader(vx, vy))
    learner, plain = (Learner(dls, linear(), opt_func=SGD, loss_func=mnist_loss, metrics=batch_accuracy) for _ in "12")
    def fit():
        with learner.no_bar(), learner.no_logging(): learner.fit(1, lr=LR)
    def typed():
        with quiet(): plain.fit(1, lr=LR)
    loops |= dict(learner=(learner.model, fit), typed=(plain.model, typed), bare=(None, bare(x, y)))
    times = {name: [] for name in loops}
    for _ in range(n):
        for name, (_, epoch) in loops.items(): times[name].append(timed(epoch))
    t = {name: median(o[1:]) for name, o in times.items()}
    accuracy = {name: validate_epoch(model, valid) for name, (model, _) in loops.items() if model is not None}
    same = max(abs(accuracy["ours"] - accuracy[o]) for o in ("fastai", "learner"))
    def row(name, what, against, other, limit=None):
        return Row(name, seconds(t[what]), f"{against}: {seconds(t[other])}", t[what]/t[other], limit)
    others = f"DataLoader {accuracy['fastai']:.4f}, Learner {accuracy['learner']:.4f}; largest gap"
    rows = [row("train_epoch over TensorBatches", "ours", "over DataLoader(list(zip(x, y)))", "fastai", 0.40),
            row("", "ours", "Learner.fit, an epoch", "typed", 0.15),
            row("", "ours", "Learner.fit without its bar and table", "learner"),
            row("", "ours", "the bare matrix products", "bare"),
            row("the same, shuffled", "mixed", "in order", "ours"),
            Row(f"accuracy after {n} epochs", f"{accuracy['ours']:.4f}", others, same, 0.001)]
    return table(f"An epoch of the linear model: {source}, {len(x):,} images, batches of {BATCH}, "
                 f"{torch.get_num_threads()} threads", rows)


def scaling(n=7):
    from neuralnet_foundations.data import load_digits
    from neuralnet_foundations.training import BasicOptim, TensorBatches, train_epoch
    with quiet(): d = load_digits(range(10))
    times, x, y = {}, d.train_x.view(-1, 784), (d.train_y == 3).float()[:, None]
    sizes = [len(x)//5*k for k in (1, 2, 5)]
    loops = []
    for size in sizes:
        model = linear()
        dl, opt = TensorBatches(x[:size], y[:size], BATCH), BasicOptim(model.parameters(), LR)
        loops.append(lambda model=model, dl=dl, opt=opt: train_epoch(model, dl, opt))
        times[size] = []
    for _ in range(n):
        for size, epoch in zip(sizes, loops, strict=True): times[size].append(timed(epoch))
    one = median(times[sizes[0]][1:])
    rows = []
    for k, size in zip((1, 2, 5), sizes, strict=True):
        t, first = median(times[size][1:]), f"{k} times the first: {seconds(k*one)}"
        rows.append(Row(f"{k}x: {size:,} images", seconds(t), first, t/(k*one), 1.25 if k > 1 else None))
    return table(f"Epoch time against the number of images ({d.source})", rows)


def similarity(n=5):
    ours, plain = [], []
    for _ in range(n):
        ours.append(alone(SIMILARITY, "ours"))
        plain.append(alone(SIMILARITY, "plain"))
    a, b = (median(o[0] for o in kind) for kind in (ours, plain))
    agree = sum(p == q for p, q in zip(ours[0][2], plain[0][2], strict=True))/len(ours[0][2])
    rows = [Row("predict", seconds(a), f"the plain broadcast: {seconds(b)}", a/b, 1)]
    if ours[0][1] is not None:
        extra, much = (max(o[1] for o in kind) for kind in (ours, plain))
        against = f"the plain broadcast: {megabytes(much)}; share of 300 MB"
        rows.append(Row("extra memory", megabytes(extra), against, extra/300e6, 1))
    rows.append(Row("same answers", f"{agree:.2%}", "of all images", agree, 0.999, least=True))
    return table(f"Pixel similarity: {len(ours[0][2]):,} images, ten classes", rows)


def run(): return epochs() + scaling() + similarity()
