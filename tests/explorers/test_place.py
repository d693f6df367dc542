"The place that a page keeps for an explorer is as tall as the explorer, so that nothing jumps when it comes."
import pytest
import torch
from lab import settle
from torch import nn

from neuralnet_foundations.explorers import (
    BroadcastExplorer,
    DescentExplorer,
    DrawDigit,
    FitByHand,
    LoopStepper,
    ReluBuilder,
)

X = torch.linspace(-2, 2, 20)


def quad(a, b, c, x): return a*x**2 + b*x + c


MAKERS = dict(FitByHand=lambda: FitByHand(quad, X, 3*X**2 + 1, a=1.1, b=1.1, c=1.1), ReluBuilder=ReluBuilder,
              DescentExplorer=lambda: DescentExplorer(quad, X, 3*X**2 + 1, vary=("a", "b")), LoopStepper=LoopStepper,
              BroadcastExplorer=lambda: BroadcastExplorer((4, 1), (3,)),
              DrawDigit=lambda: DrawDigit(nn.Sequential(nn.Linear(784, 1), nn.Sigmoid()), labels="37"))
HEIGHTS = """(mount) => { mount.dataset.explorer = mount.querySelector(".nnf-explorer").dataset.explorer;
  const style = getComputedStyle(mount);
  return [mount.querySelector(".nnf-explorer").getBoundingClientRect().height, parseFloat(style.getPropertyValue("--wait"))]; }"""


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("width", [736 + 24, 390])  # the site's column and the page's margins; a phone
def test_place(show, name, width):
    page = show(MAKERS[name](), width=width)
    settle(page)
    tall, kept = page.locator(".nnf-mount").evaluate(HEIGHTS)
    assert abs(tall - kept) <= 12, (tall, kept)
