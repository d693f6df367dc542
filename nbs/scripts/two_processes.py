"""Lesson 7's Learner, trained by one process or by several that share the work of each batch.

    python two_processes.py                                           one process
    accelerate launch --num_processes 2 --cpu two_processes.py        two processes on this machine's CPU
    accelerate launch --num_processes 8 two_processes.py              eight GPUs; with --num_machines, --machine_rank and
                                                                      --main_process_ip also those of other machines

The losses agree, because the processes together see the same batches in the same order as one process does.
"""
import json
import math
import os
import sys

if "MASTER_ADDR" in os.environ and "RANK" not in os.environ:
    # `accelerate launch --num_processes 2 --cpu` prepares for several processes but starts one: torch starts the two.
    launch = ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2"]
    os.execv(sys.executable, [sys.executable, *launch, *sys.argv])

import torch
from fastai.basics import SGD, DataLoader, DataLoaders, Learner, num_distrib, rank_distrib
from fastai.callback.progress import ProgressCallback  # noqa: F401  (gives Learner.no_bar)
from fastai.distributed import DistributedDL

from neuralnet_foundations.data import load_digits
from neuralnet_foundations.learner import simple_net
from neuralnet_foundations.training import batch_accuracy, mnist_loss


class Share(DistributedDL):
    "This process's share of every batch: every second item where there are two processes."
    def __init__(self, items, batch_size):
        self.batch, world = batch_size, max(1, num_distrib())
        super().__init__(DataLoader(items, bs=batch_size//world), rank=rank_distrib(), world_size=world)

    def __len__(self): return math.ceil(len(self.dataset)/self.batch)

    def get_idxs(self):
        idxs = self.dl.get_idxs()
        batches = (idxs[start:start + self.batch] for start in range(0, len(idxs), self.batch))
        return [i for batch in batches for i in batch[self.rank::self.world_size]]


def make_learner(batch_size=256):
    "The Learner of lesson 7 on 3s and 7s, with each process's share of the data."
    digits = load_digits()
    same = torch.Generator().manual_seed(0)  # in every process
    order = torch.randperm(len(digits.train_y), generator=same)
    pairs = lambda x, y: list(zip(x.flatten(1), (y == 3).float()[:, None], strict=True))
    train, valid = pairs(digits.train_x[order], digits.train_y[order]), pairs(digits.valid_x, digits.valid_y)
    dls = DataLoaders(Share(train, batch_size), Share(valid, batch_size))
    torch.manual_seed(0)
    return Learner(dls, simple_net(), opt_func=SGD, loss_func=mnist_loss, metrics=batch_accuracy)


def main(epochs=3, lr=0.5):
    "Train and return the validation losses and accuracies, the same in every process."
    torch.set_num_threads(1)
    learn = make_learner()
    with learn.distrib_ctx(sync_bn=False), learn.no_bar(), learn.no_logging(): learn.fit(epochs, lr=lr)
    weights = sum(p.double().abs().sum().item() for p in learn.model.parameters())
    validation = [list(row)[1:] for row in learn.recorder.values]
    return dict(processes=max(1, num_distrib()), validation=validation, weights=weights)


if __name__ == "__main__":
    result = main(*map(int, sys.argv[1:2]))
    if rank_distrib() == 0: print(json.dumps(result))
