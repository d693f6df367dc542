"Lesson 9's softmax, losses and accuracy are torch's, also where float32 ends; bad input says the way out."
import math

import pytest
import torch
import torch.nn.functional as F
from torch import tensor

from neuralnet_foundations.softmax import accuracy, cross_entropy, log_softmax, nll, softmax

G = torch.Generator().manual_seed(0)
LOGITS = {"one row": torch.randn(5, generator=G), "a batch": torch.randn(64, 10, generator=G)*5,
          "three axes": torch.randn(4, 3, 7, generator=G), "double": torch.randn(6, 3, generator=G).double()*30,
          "too large for e": tensor([[100., 101., 99.], [1e4, 0., -1e4]]), "one class": torch.zeros(3, 1),
          "equal": torch.full((2, 10), 7.), "far apart": tensor([[0., 200.]])}


def places(x): return torch.randint(x.shape[-1], x.shape[:-1], generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("name", LOGITS)
def test_they_are_torchs(name):
    x = LOGITS[name]
    y, loose = places(x), dict(rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(softmax(x), F.softmax(x, -1), **loose)
    torch.testing.assert_close(log_softmax(x), F.log_softmax(x, -1), **loose)
    wanted = F.cross_entropy(x.reshape(-1, x.shape[-1]), y.reshape(-1))
    torch.testing.assert_close(cross_entropy(x, y), wanted, **loose)
    torch.testing.assert_close(nll(F.log_softmax(x, -1), y), wanted, **loose)
    assert accuracy(x, y) == (x.argmax(-1) == y).float().mean()


@pytest.mark.parametrize("name", LOGITS)
def test_slopes_are_autograds_and_p_minus_y(name):
    x = LOGITS[name].double().requires_grad_()
    y = places(x)
    slopes, = torch.autograd.grad(cross_entropy(x, y), x)
    by_hand = (F.softmax(x, -1) - F.one_hot(y, x.shape[-1]))/y.numel()
    torch.testing.assert_close(slopes, by_hand.detach(), rtol=1e-9, atol=1e-12)


def test_figures_of_the_text():
    perfect = F.one_hot(tensor([3]), 10).float()
    assert cross_entropy(perfect, tensor([3])).item() == pytest.approx(math.log(math.e + 9) - 1, abs=1e-6)
    assert round(math.log(math.e + 9) - 1, 4) == 1.4612
    assert round(softmax(tensor([2., 1., 0., -1., 3.]))[4].item(), 4) == 0.6364
    assert tensor(88.).exp().isfinite() and tensor(89.).exp().isinf()
    assert cross_entropy(torch.zeros(4, 10), places(torch.zeros(4, 10))).item() == pytest.approx(math.log(10), rel=1e-6)


BAD = {"a column": (torch.zeros(3, 4), torch.zeros(3, 1).long(), ValueError, r"targets\[:, 0\]"),
       "one-hot": (torch.zeros(3, 4), torch.eye(3, 4).long(), ValueError, "argmax"),
       "decimal": (torch.zeros(3, 4), torch.zeros(3), TypeError, "whole numbers"),
       "yes or no": (torch.zeros(3, 4), torch.zeros(3) > 0, TypeError, "whole numbers"),
       "whole logits": (torch.zeros(3, 4).long(), torch.zeros(3).long(), TypeError, "floats"),
       "too large": (torch.zeros(3, 4), tensor([0, 4, 1]), ValueError, "from 0 to 3, found 4"),
       "negative": (torch.zeros(3, 4), tensor([0, -1, 1]), ValueError, "found -1"),
       "another number of rows": (torch.zeros(3, 4), tensor([0, 1]), ValueError, r"\(3,\)"),
       "nothing": (torch.zeros(0, 4), torch.zeros(0).long(), ValueError, "no targets"),
       "lists": ([[0., 1.]], [1], TypeError, "tensors")}


@pytest.mark.parametrize("f", [cross_entropy, accuracy])
@pytest.mark.parametrize("name", BAD)
def test_bad_input_says_the_way_out(f, name):
    logits, targets, kind, words = BAD[name]
    with pytest.raises(kind, match=words): f(logits, targets)
