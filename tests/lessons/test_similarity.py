"What a cell of lesson 2 cannot show: bad input, other shapes and dtypes, memory."
import json
import subprocess
import sys
from collections import Counter

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits

from neuralnet_foundations.similarity import PixelSimilarity, l1_distance, rmse_distance

torch.manual_seed(0)
X, Y = torch.rand(40, 28, 28), torch.arange(40) % 4


@pytest.mark.parametrize("metric, distance", [("l1", l1_distance), ("rmse", rmse_distance)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_equals_the_broadcast(metric, distance, dtype):
    x = X.to(dtype)
    model = PixelSimilarity(metric).fit(x, Y)
    expected = distance(x[:, None], model.means)
    torch.testing.assert_close(model.distances(x), expected)
    assert (model.predict(x) == expected.argmin(1)).all()
    assert model.accuracy(x, Y) == (model.predict(x) == Y).float().mean().item()
    for label in range(4): torch.testing.assert_close(model.means[label], x[Y == label].mean(0))


def test_labels_need_not_be_0_to_n():
    model = PixelSimilarity().fit(X, Y*10 + 7)
    assert model.labels.tolist() == [7, 17, 27, 37] and set(model.predict(X).tolist()) <= {7, 17, 27, 37}


def test_an_image_equal_to_its_ideal_has_distance_0():
    model = PixelSimilarity("rmse").fit(X[:4], Y[:4])
    assert model.distances(X[:4]).diagonal().max() == 0 and model.accuracy(X[:4], Y[:4]) == 1


def test_page_model_is_the_model():
    model = PixelSimilarity("rmse").fit(X, Y)
    page = model.page_model()
    assert page["kind"] == "nearest" and page["metric"] == "rmse" and page["labels"] == ["0", "1", "2", "3"]
    assert page["means"].dtype == np.float32 and (page["means"] == model.means.numpy()).all()


nan = X.clone()
nan[3, 0, 0] = float("nan")

@pytest.mark.parametrize("x, y, error, says", [
    (X.numpy(), Y, TypeError, "ndarray"),
    ((X*255).to(torch.uint8), Y, TypeError, "float.*255"),
    (X[0], Y, ValueError, r"x\[None\]"),
    (X[:, None], Y, ValueError, r"\(40, 1, 28, 28\)"),
    (X[:0], Y[:0], ValueError, "empty"),
    (nan, Y, ValueError, "NaN"),
    (X, Y[:3], ValueError, r"40 images, labels of shape \(3,\)"),
    (X, Y[:, None], ValueError, r"\(40, 1\)"),
    (X, Y.float(), TypeError, "whole numbers"),
])
def test_bad_input_is_named(x, y, error, says):
    fresh, fitted = PixelSimilarity(), PixelSimilarity().fit(X, Y)
    means = fitted.means.clone()
    for model in (fresh, fitted):
        with pytest.raises(error, match=says): model.fit(x, y)
    assert fresh.means is None and (fitted.means == means).all(), "a refused fit changes nothing"
    with pytest.raises(error, match=says): fitted.accuracy(x, y)


def test_other_bad_input():
    with pytest.raises(ValueError, match="l2"): PixelSimilarity("l2")
    for use in (PixelSimilarity().predict, PixelSimilarity().distances):
        with pytest.raises(RuntimeError, match="fit"): use(X)
    with pytest.raises(RuntimeError, match="fit"): PixelSimilarity().page_model()
    with pytest.raises(ValueError, match="20, 28"): PixelSimilarity().fit(X, Y).predict(torch.rand(2, 20, 28))


MEMORY = """
import json, resource, sys, torch
from neuralnet_foundations.similarity import PixelSimilarity
torch.manual_seed(0)
x, y = torch.rand(10_000, 28, 28), torch.arange(10_000) % 10
PixelSimilarity(sys.argv[1]).fit(x[:100], y[:100]).predict(x[:100])
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss*(1 if sys.platform == "darwin" else 1024)
before = peak()
PixelSimilarity(sys.argv[1]).fit(x, y).predict(x)
print(json.dumps(peak() - before))
"""

@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no resource module")
@pytest.mark.parametrize("metric", ["l1", "rmse"])
def test_ten_thousand_images_stay_under_300_mb(metric):
    out = subprocess.run([sys.executable, "-c", MEMORY, metric], capture_output=True, text=True, check=True)
    assert json.loads(out.stdout) < 300e6


@pytest.mark.parametrize("metric, accuracy", [("l1", .841), ("rmse", .881)])
def test_the_digits_of_8_by_8_pixels(metric, accuracy):
    small = load_digits()
    x, y = torch.tensor(small.images).float()/16, torch.tensor(small.target)
    model = PixelSimilarity(metric).fit(x[:1200], y[:1200])
    assert model.accuracy(x[1200:], y[1200:]) == pytest.approx(accuracy, abs=1e-3)
    called = model.predict(x[1200:])
    wrong = Counter((a, b) for a, b in zip(y[1200:].tolist(), called.tolist(), strict=True) if a != b)
    assert wrong.most_common(1) == [((1, 9), 12)]


def test_one_zero_of_8_by_8_pixels_is_called_a_1():
    small = load_digits()
    x, y = torch.tensor(small.images).float()/16, torch.tensor(small.target)
    zero, one = (x[:1200][y[:1200] == digit].mean(0) for digit in (0, 1))
    unseen = x[1200:][y[1200:] == 0]
    called_1 = l1_distance(unseen, one) < l1_distance(unseen, zero)
    assert (called_1.sum().item(), len(called_1)) == (1, 59)
