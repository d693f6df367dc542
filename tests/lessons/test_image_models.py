"Lesson 10: the numbers that its text names, networks of the published size, and what is said about bad input."
import statistics

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from neuralnet_foundations import image_models, model_tables
from neuralnet_foundations.image_models import (
    candidates,
    conv,
    images_per_second,
    list_layers,
    load_models,
    n_params,
    on_frontier,
    resnet,
    shifted,
)
from neuralnet_foundations.model_tables import DEVICES, FROZEN, RESULTS, SPEEDS

# Parameters for 1,000 categories, and thousand millions of multiplications for 224 pixels, as torchvision publishes them
PUBLISHED = {18: (11_689_512, 1.81), 34: (21_797_672, 3.66), 50: (25_557_032, 4.09)}


@pytest.fixture(scope="module")
def models(): return load_models("frozen")


# The tables

def test_the_tables_can_be_had_from_the_lesson():
    assert {"load_models", "on_frontier"} <= set(image_models.__all__)
    assert (load_models, on_frontier) == (model_tables.load_models, model_tables.on_frontier)


def test_the_figures_of_the_joins():
    accuracies = pd.read_csv(FROZEN/RESULTS, dtype=str)
    speeds = pd.read_csv(FROZEN/SPEEDS["per_second_cpu"], dtype=str)
    accuracies["architecture"] = accuracies.model.str.split(".").str[0]
    named = speeds.rename(columns={"model": "architecture"})
    assert len(accuracies.merge(speeds, on="model")) == 0
    assert len(accuracies.merge(named, on="architecture")) == 2575
    right = accuracies.merge(named.rename(columns={"infer_img_size": "img_size"}), on=["architecture", "img_size"])
    assert len(right) == 1451
    of = named[named.architecture == "resnet50"].set_index("infer_img_size").infer_samples_per_sec.astype(float)
    assert (of["160"], of["288"]) == (43.63, 20.27)


def test_the_figures_of_the_frontiers(models):
    cpu, gpu = (on_frontier(models[device], models.top1) for device in DEVICES)
    small = on_frontier(-models.params, models.top1)
    assert [m.sum() for m in (cpu, gpu, cpu & gpu, small, small & cpu, small & cpu & gpu)] == [41, 33, 12, 34, 5, 2]
    assert models.architecture[cpu].str.startswith("convnextv2").any()


def test_the_figures_of_the_recipes(models):
    of = models[models.img_size == 224].set_index("model").top1
    recipes = of[of.index.str.startswith("resnet50.")]
    assert len(recipes) == 18 and recipes.max() - recipes.min() == pytest.approx(5, abs=.05)
    assert [round(of[f"resnet50.{tag}_in1k"]) for tag in ("tv", "a1")] == [76, 80]
    assert of["resnet50.a1_in1k"] > of["resnet152.tv_in1k"]
    params = {name: models.params[models.architecture == name] for name in ("resnet50", "resnet152")}
    assert params["resnet50"].max() < params["resnet152"].min()/2


def test_the_best_of_equals_looks_better():
    luck = np.random.RandomState(0).binomial(50_000, .80, size=1556)/50_000
    assert .805 < luck.max() < .81 and abs(luck.mean() - .8) < 1e-3


# Candidates

@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("need, n", [(.5, 1), (10, 3), (30, 3), (100, 8), (900, 3)])
def test_candidates_are_the_best_of_the_best_families(models, device, need, n):
    fast = [m for m in models.to_dict("records") if m[device] >= need]
    best = {}
    for m in fast: best[m["family"]] = max(best.get(m["family"], 0), m["top1"])
    got = candidates(models, need, device, n)
    assert got.top1.tolist() == sorted(best.values(), reverse=True)[:n]
    assert got.family.is_unique and (got[device] >= need).all()
    assert got.top1.tolist() == [best[f] for f in got.family]


def test_candidates_of_a_column_of_ones_own(models):
    mine = models.assign(per_second_mine=models.per_second_cpu/2)
    pd.testing.assert_frame_equal(candidates(mine, 15, "per_second_mine")[list(models)], candidates(models, 30))


BAD = [
    ("no accuracy", lambda m: candidates(m.drop(columns="top1"), 30), "lacks top1"),
    ("no speed", lambda m: candidates(m.drop(columns=list(DEVICES)), 30), "lacks per_second_cpu"),
    ("texts", lambda m: candidates(m.assign(top1="good"), 30), "the column top1 must be numbers"),
    ("text for a speed", lambda m: candidates(m.assign(per_second_cpu="fast"), 30), "per_second_cpu must be numbers"),
    ("impossible", lambda m: candidates(m.assign(top1=m.top1 + 50), 30), "top1 must be from 0 to 100"),
    ("no table", lambda m: candidates([1, 2], 30), "as load_models"),
    ("no rows", lambda m: candidates(m[:0], 30), "1 to 5,000 models, got 0"),
    ("too much", lambda m: candidates(m, 1e6), "the fastest 930.48: ask for less"),
    ("no speed needed", lambda m: candidates(m, 0), "need must be larger than 0|need must be above 0"),
    ("text needed", lambda m: candidates(m, "30"), "need must be a number, got '30'"),
    ("no such machine", lambda m: candidates(m, 30, "cpu"), "device must be 'per_second_cpu' or 'per_second_gpu'"),
    ("none wanted", lambda m: candidates(m, 30, n=0), "n must be a whole number, at least 1"),
    ("no such depth", lambda m: resnet(20), "'18' or '34' or '50', got '20'"),
    ("no categories", lambda m: resnet(18, 0), "classes must be a whole number, at least 1, got 0"),
    ("not in a row", lambda m: list_layers(nn.Linear(2, 2), torch.rand(1, 2)), "must be an nn.Sequential, got Linear"),
    ("no runs", lambda m: images_per_second(nn.Identity(), torch.rand(1, 2), 0), "runs must be a whole number"),
    ("bytes", lambda m: shifted(torch.zeros(1, 4, 4).byte(), 1, 1), r"x.float\(\)/255"),
    ("one image", lambda m: shifted(torch.zeros(4, 4), 1, 1), r"x\[None\]"),
    ("half a pixel", lambda m: shifted(torch.zeros(1, 4, 4), .5, 0), "a shift must be a whole number from -3 to 3, got 0.5"),
    ("out of sight", lambda m: shifted(torch.zeros(1, 4, 4), 0, 4), "from -3 to 3, got 4")]


@pytest.mark.parametrize("call, says", [b[1:] for b in BAD], ids=[b[0] for b in BAD])
def test_bad_input_says_the_way_out(models, call, says):
    with pytest.raises(ValueError, match=says): call(models)


def test_a_folder_without_the_tables(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"load_models\('frozen'\)"): load_models(tmp_path)


# Networks

def multiplications(net, x):
    "How many multiplications its convolutions and linear layers need for one image."
    seen = []
    def note(layer, _, out): seen.append(layer.weight[0].numel()*out[0].numel())
    for layer in net.modules():
        if isinstance(layer, (nn.Conv2d, nn.Linear)): layer.register_forward_hook(note)
    with torch.no_grad(): net.eval()(x)
    return sum(seen)


@pytest.mark.parametrize("depth", PUBLISHED)
def test_they_are_of_the_published_size(models, depth):
    parameters, work = PUBLISHED[depth]
    net = resnet(depth)
    assert n_params(net) == parameters
    assert (models.params[models.architecture == f"resnet{depth}"] == round(parameters/1e6, 2)).all()
    assert multiplications(net, torch.rand(1, 3, 224, 224))/1e9 == pytest.approx(work, abs=.01)
    weighted = [name for name, layer in net.named_modules() if isinstance(layer, (nn.Conv2d, nn.Linear))]
    assert sum("skip" not in name for name in weighted) == depth


@pytest.mark.parametrize("size, classes", [(160, 1000), (96, 10), (65, 2)])
def test_they_answer_for_any_size(size, classes):
    assert resnet(18, classes)(torch.rand(2, 3, size, size)).shape == (2, classes)


def test_a_change_of_nothing_changes_nothing():
    net = resnet(18).eval()
    nn.init.zeros_(net.stage1[0].change[2][1].weight)  # the last batch norm gives 0 now
    x = torch.rand(1, 64, 5, 5)
    torch.testing.assert_close(net.stage1[0](x), x)


def test_layers_are_listed_and_left_as_they_were():
    net, x = resnet(18), torch.rand(1, 3, 64, 64)
    before = {k: v.clone() for k, v in net.state_dict().items()}
    table = list_layers(net, x)
    assert table.parameters.sum() == n_params(net) and table.parameters.idxmax() == "stage4"
    assert table.out["stage2"] == (1, 128, 8, 8) and table.out.iloc[-1] == (1, 1000)
    assert net.training and all(torch.equal(v, before[k]) for k, v in net.state_dict().items())


def test_the_figures_of_the_layers():
    net = nn.Sequential(nn.Flatten(), nn.Linear(784, 50), nn.ReLU(), nn.Linear(50, 10))
    assert list_layers(net, torch.rand(1, 28, 28)).parameters.tolist() == [0, 39_250, 0, 510]
    assert n_params(conv(64, 128)) == 73_984
    assert n_params(resnet(18, 10)) == 11_689_512 - 513_000 + 5_130


def test_the_time_is_the_median_and_the_first_run_does_not_count(monkeypatch):
    takes = [9., .2, .1, .4, .1, 3.]  # seconds
    now = [0.]
    class Slow(nn.Module):
        def forward(self, x):
            now[0] += takes.pop(0)
            return x
    monkeypatch.setattr(image_models.time, "perf_counter", lambda: now[0])
    expected = 4/statistics.median(takes[1:])
    assert images_per_second(Slow(), torch.rand(4, 2), runs=5) == pytest.approx(expected) and not takes


# Shifted images

@pytest.mark.parametrize("down, right", [(0, 0), (1, 0), (-1, 2), (3, -3), (0, -2), (-3, 3)])
def test_a_shift_moves_and_brings_paper(down, right):
    x = torch.rand(2, 4, 5)
    wide = torch.zeros(2, 12, 13)
    wide[:, 4+down:8+down, 4+right:9+right] = x
    assert torch.equal(shifted(x, down, right), wide[:, 4:8, 4:9])
