"The page that is one explorer: what it says of its network."
import nbformat
import pytest
from lab import ROOT
from playgrounds import losses

from neuralnet_foundations.explorers import NetPlayground
from neuralnet_foundations.point_sets import spiral

CELLS = [c.source for c in nbformat.read(ROOT/"nbs/playground.ipynb", 4).cells if c.cell_type == "code"]


def test_it_parts_the_spiral_by_epoch_600(js):
    names = {}
    for source in CELLS: exec(source, names)
    assert "NetPlayground(net, *spiral(150), lr=0.03, momentum=0.9, test_share=0.2)" in CELLS[-1]
    train, test = losses(js, names["net"], spiral(150), 600, 0.2, lr=0.03, momentum=0.9)
    assert train[600] < 0.02 < 0.5 < train[100] and test[600] < test[0]/2


@pytest.mark.parametrize("name", ["05_relu", "07_learner", "playground"])
def test_the_pages_that_show_it(name):
    source = (ROOT/f"nbs/{name}.ipynb").read_text(encoding="utf-8")
    assert f"import {NetPlayground.__name__}" in source or f", {NetPlayground.__name__}" in source
