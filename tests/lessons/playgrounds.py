"How networks end that lessons show in a NetPlayground: trained by the page's own code, which is quicker than torch."
import math

import numpy as np
import torch
from torch import nn

from neuralnet_foundations.explorers import NetPlayground


def small_net(*sizes, bend=nn.ReLU, seed=0):
    "Linear layers from size to size with bends between them, as torch begins them."
    torch.manual_seed(seed)
    layers = [o for a, b in zip(sizes, sizes[1:], strict=False) for o in (nn.Linear(a, b), bend())]
    return nn.Sequential(*layers[:-1])


def losses(js, net, points, epochs, test_share=0., **options):
    "Training and test loss before the first epoch and after each: arrays (epochs + 1,), the second empty without tests."
    w = NetPlayground(net, *points, test_share=test_share, **options)
    train, test = (js("maths/net_shape.js", "pointsOf", w.rows.ravel(), held) for held in (False, True))
    state = {**w.state, **{n: np.frombuffer(w.state[n]) for n in ("params", "velocity", "losses", "test_losses")}}
    problem = dict(name=w.criterion, shape=dict(sizes=state["sizes"], acts=state["acts"]))
    how = dict(lr=w.lr, momentum=w.momentum, batch_size=w.batch_size, shuffle=w.shuffle, keep=epochs + 1, farthest=1e25)
    steps = epochs*math.ceil(train["n"]/w.batch_size)
    run = js("maths/net_training.js", "trained", problem, state, train, test, how, steps)["run"]
    return run["losses"], run["test_losses"]
