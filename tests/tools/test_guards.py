"What lessons refuse, as tables: predictions and targets, images and labels, dots, measurements."
import numpy as np
import pandas as pd
import pytest
import torch
import torch.nn.functional as F
from torch import nn, tensor

from neuralnet_foundations.checks import BadInput, BadType
from neuralnet_foundations.fitting import add_noise, mae, mse
from neuralnet_foundations.learner import predict_digit, simple_net
from neuralnet_foundations.pictures import plot_function, show_images
from neuralnet_foundations.relu import connect_dots, fit_relus, relu_sum
from neuralnet_foundations.similarity import PixelSimilarity
from neuralnet_foundations.softmax import accuracy, cross_entropy, nll
from neuralnet_foundations.training import batch_accuracy, calc_grad, mnist_loss

nan, inf = float("nan"), float("inf")
X = torch.linspace(-2, 2, 60)

# Losses

@pytest.mark.parametrize("loss", [mae, mse])
@pytest.mark.parametrize("p, t", [((4, 1), (4,)), ((4,), (4, 1)), ((4,), (1,)), ((3,), (4,)), ((2, 3), (3,))])
def test_losses_refuse_two_shapes(loss, p, t):
    for make in (torch.ones, np.ones):
        with pytest.raises(BadInput, match="must be of one shape"): loss(make(p), make(t))
    with pytest.raises(BadInput, match="must be of one shape"): loss(preds=torch.ones(p), acts=torch.ones(t))

def test_a_number_for_all():
    assert mae(2., tensor([1., 5.])) == 2. and mse(0, tensor([1., 5.])) == 13.

@pytest.mark.parametrize("f", [mnist_loss, batch_accuracy])
@pytest.mark.parametrize("targets, error, says", [
    (tensor([3, 7]), BadInput, "found 3"), (tensor([1., inf]), BadInput, "found inf"),
    (tensor([1., nan]), BadInput, "found nan"),
    (tensor([1, -1]), BadInput, "found -1"),
    (tensor([[1], [0]]), BadInput, r"broadcast to \(2, 2\)"), (tensor([1.]), BadInput, "one shape"),
    (tensor([1., 0.]).double(), BadType, "float64")])
def test_targets_of_a_yes_or_no_question(f, targets, error, says):
    with pytest.raises(error, match=says): f(tensor([.5, -.5]), targets)
    with pytest.raises(error, match=says):
        f(**dict(zip(f.__wrapped__.__code__.co_varnames, (tensor([.5, -.5]), targets), strict=False)))

def test_targets_of_every_kind():
    for kind in (torch.float32, torch.int64, torch.bool, torch.uint8):
        assert batch_accuracy(tensor([.5, -.5]), tensor([1, 0]).to(kind)) == 1 and mnist_loss(tensor([9., -9.]),
            tensor([1, 0]).to(kind)) < 1e-3

def test_nan_is_no_answer():
    "A loss says so; a share of right answers would count it as one."
    for f, wanted in ((batch_accuracy, tensor([0., 1.])), (accuracy, tensor([0, 1]))):
        given = tensor([nan, 1.]) if f is batch_accuracy else tensor([[nan, 1.], [0., 1.]])
        with pytest.raises(BadInput, match="predictions hold NaN.*diverged"): f(given, wanted)
    assert mnist_loss(tensor([nan, 1.]), tensor([0., 1.])).isnan()
    assert cross_entropy(tensor([[nan, 1.], [0., 1.]]), tensor([0, 1])).isnan()

@pytest.mark.parametrize("f", [nll, cross_entropy, accuracy])
@pytest.mark.parametrize("targets, error, says", [
    (tensor([1, 2]), BadInput, r"want targets of shape \(3,\)"),
    (tensor([[1], [2], [0]]), BadInput, r"a column becomes"),
    (tensor([1., 2., 0.]), BadType, "use targets.long"), (tensor([1, 2, 4]), BadInput, "from 0 to 3, found 4"),
    (tensor([1, 2, -1]), BadInput, "found -1")])
def test_targets_that_name_no_class(f, targets, error, says):
    with pytest.raises(error, match=says): f(torch.eye(3, 4), targets)

@pytest.mark.parametrize("kind", [torch.uint8, torch.int32, torch.int64])
def test_classes_of_every_kind(kind):
    logits, targets = torch.eye(3, 4), tensor([1, 2, 0])
    assert cross_entropy(logits, targets.to(kind)).item() == pytest.approx(F.cross_entropy(logits, targets).item())

W = torch.ones(2, 1, requires_grad=True)
def column(xb): return xb@W

@pytest.mark.parametrize("shape, dtype",
    [((3,), torch.float32), ((4,), torch.float32), ((1, 4), torch.float32), ((3, 1), torch.float32),
     ((5,), torch.int64), ((4, 2), torch.float32)])
@pytest.mark.filterwarnings("ignore:Using a target size")
def test_calc_grad_refuses_targets_that_would_be_stretched(shape, dtype):
    W.grad = None
    with pytest.raises(BadInput, match="must be of one shape"): calc_grad(torch.ones(4, 2), torch.ones(shape, dtype=dtype), column,
        F.mse_loss)
    assert W.grad is None

def test_calc_grad_takes_what_belongs_together():
    layer = nn.Linear(2, 3)
    for yb, loss in ((tensor([0, 1, 2, 0]), F.cross_entropy), (torch.rand(4, 3), F.cross_entropy),
                     (torch.rand(4, 3), F.mse_loss),
                     (torch.rand(4), lambda p, t: F.mse_loss(p[:, 0], t))):
        assert calc_grad(torch.ones(4, 2), yb, layer, loss).isfinite()

@pytest.mark.parametrize("loss, error, says", [
    (lambda p, t: 3., BadType, "tensor with one number, got 3.0"),
    (lambda p, t: (p - t), BadInput, "end the loss function with .mean"),
    (lambda p, t: (p - t).mean().detach(), BadInput, "no parameter")])
def test_losses_that_cannot_be_followed(loss, error, says):
    with pytest.raises(error, match=says): calc_grad(torch.ones(4, 2), torch.ones(4, 1), column, loss)

# Measurements

@pytest.mark.parametrize("y",
    [[1, 2, 3], tensor([1, 2, 3]), np.array([1, 2, 3]), tensor([1, 2, 3], dtype=torch.uint8),
     pd.Series([1, 2, 3], index=[2, 0, 1]), np.array([3., 2, 1])[::-1]], ids=repr)
def test_whole_numbers_get_noise_with_decimals(y):
    noisy = add_noise(y, 0.1, 0.5, seed=0)
    assert noisy.is_floating_point() and (noisy != noisy.round()).all()
    assert noisy.tolist() == pytest.approx(add_noise(tensor([1., 2., 3.]), 0.1, 0.5, seed=0).tolist(), rel=1e-5)

def test_what_is_no_measurement():
    for wrong in (tensor([True]), ["a"], None, tensor([1j])):
        with pytest.raises(BadInput, match="y must be numbers"): add_noise(wrong, 0.1, 0.1)
        with pytest.raises(BadInput, match="y must be numbers"): add_noise(y=wrong, mult=0.1, add=0.1)

# Dots and curves

@pytest.mark.parametrize("xs, ys, says", [
    ([0, 2, 1], [0, 1, 2], r"xs\[2\] = 1 follows 2: sort"), ([0, 1, 1], [0, 1, 2], r"xs\[2\] = 1 follows 1"),
    ([0, nan, 1], [0, 1, 2], r"xs\[1\] = nan"),
    ([0, 1, inf], [0, 1, 2], r"xs\[2\] is inf"), ([0, 1], [0, nan], r"ys\[1\] is nan"), ([0], [1], "two dots"),
    ([0, 1], [0, 1, 2], r"shapes \(2,\) and \(3,\)"), ([[0, 1]], [[0, 1]], r"\(1, 2\)"),
    (["a", "b"], [0, 1], "xs must be numbers, got 'a'"), ([0, 1], [True, False], "ys must be numbers")])
def test_dots_out_of_order_are_named(xs, ys, says):
    with pytest.raises(BadInput, match=says): connect_dots(xs, ys)

def test_dots_of_every_kind():
    backwards, indexed = np.array([2., 2, 0])[::-1], pd.Series([0., 2, 2], index=[7, 5, 6])
    for xs, ys in (([0, 1, 3], [0, 2, 2]), (np.array([0., 1, 3]), backwards), (tensor([0, 1, 3]), indexed)):
        assert relu_sum(connect_dots(xs, ys), tensor([0., 1., 3.])).tolist() == pytest.approx([0, 2, 2])

def test_no_step_at_all_gives_the_best_start():
    fit = fit_relus(X, X.sin(), 2, steps=0)
    assert fit.params.isfinite().all() and len(fit.history.losses) == 0
    assert fit.loss == pytest.approx(((fit(X) - X.sin())**2).mean().item(), rel=1e-4)
    assert fit.loss > fit_relus(X, X.sin(), 2, steps=200).loss

@pytest.mark.parametrize("size", [1e-20, 1e-9, 1e-4, 1, 1e6, 1e15])
def test_curves_of_any_size_are_fitted_alike(size):
    fit = fit_relus(X, size*X.sin().double(), 3, steps=150)
    assert fit.loss/size**2 == pytest.approx(fit_relus(X, X.sin(), 3, steps=150).loss, rel=0.05)
    assert torch.allclose(fit(X)/size, fit_relus(X, X.sin(), 3, steps=150)(X), atol=0.02)

@pytest.mark.parametrize("level", [0., 7., 0.1, -1e-12, 1e9])
def test_a_level_curve_is_met(level):
    assert fit_relus(X, torch.full_like(X, level), 2, steps=400).loss <= 1e-3*max(level**2, 1)

@pytest.mark.parametrize("change",
    [dict(n=np.int64(2)), dict(n=tensor(2)), dict(x=X.tolist()), dict(x=pd.Series(X.numpy(), index=range(5, 65))),
     dict(x=X.half()), dict(steps=np.int64(20))], ids=repr)
def test_numbers_of_every_kind_are_fitted(change):
    assert fit_relus(**(dict(x=X, y=X.sin(), n=2, steps=20) | change)).params.shape == (7,)

# Images

def test_half_precision_images_are_told_apart_as_well():
    torch.manual_seed(0)
    x, y = torch.rand(200, 28, 28), torch.arange(200) % 4
    full, half = PixelSimilarity().fit(x, y), PixelSimilarity().fit(x.half(), y)
    assert half.means.dtype == torch.float32 and torch.allclose(full.means, half.means, atol=1e-3)
    assert ((half.predict(x.half()) == full.predict(x)).float().mean() > 0.99
            and half.predict(x.bfloat16()).shape == (200,))

@pytest.mark.parametrize("y, says", [(tensor([True]*3), "torch.bool"), (["a", "b", "c"], "whole numbers, got"),
                                     (None, "whole numbers")])
def test_labels_that_are_none(y, says):
    with pytest.raises(BadType, match=says): PixelSimilarity().fit(torch.rand(3, 4, 4), y)

IMAGE = torch.rand(28, 28)

@pytest.mark.parametrize("image, says", [
    ((IMAGE*255).to(torch.uint8), "0 to 255: bytes become that with image/255"),
    (IMAGE*255, "from 0 .paper. to 1 .ink."),
    (IMAGE - 1, "from 0 .paper."),
    (IMAGE.where(IMAGE > .1, tensor(nan)), "NaN or infinite"), (torch.rand(27, 28), "28x28"),
    ("a 3", "image must be numbers"),
    (IMAGE > .5, "image must be numbers")])
def test_images_that_are_no_digit(image, says):
    if says.startswith("0 to 255"): image[0, 0], image[0, 1] = 0, 255
    with pytest.raises(BadInput, match=says): predict_digit(simple_net(), image)

@pytest.mark.parametrize("labels", [("3", "3"), ("3",), ("3", "5", "7"), ()])
def test_labels_must_differ(labels):
    with pytest.raises(BadInput, match="two different ones"): predict_digit(simple_net(), IMAGE, labels)

def test_one_image_of_every_kind():
    net = simple_net()
    expected = predict_digit(net, IMAGE)["3"]
    for image in (IMAGE.numpy(), IMAGE.numpy()[::-1][::-1], IMAGE.double(), IMAGE.flatten().tolist(), IMAGE[None],
                  IMAGE.T.contiguous().T):
        assert predict_digit(net, image)["3"] == pytest.approx(expected, abs=1e-6)
    assert predict_digit(net.double(), IMAGE)["3"] == pytest.approx(expected, abs=1e-6)
    assert predict_digit(net.half(), IMAGE)["3"] == pytest.approx(expected, abs=1e-2)

def test_a_prediction_is_made_as_in_use():
    net = nn.Sequential(nn.Dropout(0.5), simple_net())
    assert len({predict_digit(net, IMAGE)["3"] for _ in range(5)}) == 1 and net.training

@pytest.mark.parametrize("net, says",
    [(nn.Linear(784, 2), r"one number for an image, got shape \(1, 2\)"),
     (lambda xb: tensor([[nan]]), "no longer finite")])
def test_nets_that_cannot_answer(net, says):
    with pytest.raises(BadInput, match=says): predict_digit(net, IMAGE)

# Pictures

@pytest.fixture
def plt():
    import matplotlib
    matplotlib.use("agg")
    import matplotlib.pyplot as plt
    yield plt
    plt.close("all")

@pytest.mark.parametrize("given, n",
    [(torch.rand(4, 5), 1), ([torch.rand(4, 5)], 1), (torch.rand(1, 4, 5), 1), (np.random.rand(3, 4, 5), 3),
        (torch.rand(2, 4, 5).bfloat16(), 2),
                                      ([torch.rand(4, 5), np.random.rand(2, 2)], 2)])
def test_one_image_or_several_are_shown(plt, given, n):
    show_images(given)
    assert sum(bool(ax.images) for ax in plt.gcf().axes) == n

@pytest.mark.parametrize("wrong, says", [
    (dict(images=[]), "no images"), (dict(images=torch.rand(0, 4, 4)), "no images"),
    (dict(images=torch.rand(2, 4, 4), titles=["a"]), "each of 2 images, not 1"),
    (dict(images=torch.rand(2, 4, 4), rows=0), "rows must be"),
    (dict(images=torch.rand(2, 4, 4), rows=True), "rows must be"),
    (dict(images=torch.rand(2, 1, 4, 3)), r"images\[0\] must have rows and columns, got shape \(1, 4, 3\)"),
    (dict(images=[torch.rand(4, 4), torch.rand(4, 4, 3)]), r"images\[1\].*\(4, 4, 3\)"),
    (dict(images=[torch.rand(4)]), r"\(4,\)"), (dict(images=[torch.zeros(0, 0)]), r"\(0, 0\)"),
    (dict(images=[torch.rand(2, 2) + 0j]), "real numbers"),
    (dict(images=["a"]), r"images\[0\] must be numbers, got 'a'"),
    (dict(images=None), "must be a list of tensors, got None"), (dict(images="abc"), "must be a list of tensors")])
def test_nothing_to_show(plt, wrong, says):
    with pytest.raises(BadInput, match=says): show_images(**wrong)

def test_images_of_every_kind(plt):
    a = np.arange(6, dtype=">f4").reshape(2, 3)
    show_images([a.astype("<f4")[::-1], torch.tensor([[True, False]]), [[1, 2], [3, 4]], a.astype("u1")])
    assert plt.gcf().axes[0].images[0].get_array().tolist() == [[3, 4, 5], [0, 1, 2]]

def test_a_curve_stands_over_its_own_x(plt):
    ax = plot_function(lambda x: x.mul_(2))
    assert ax.lines[0].get_xdata()[0] == pytest.approx(-2.1) and ax.lines[0].get_ydata()[0] == pytest.approx(-4.2)

@pytest.mark.parametrize("f, says",
                         [(lambda x: None, "gave None"), (lambda x: x[:3], r"gave \(3,\)"), (lambda x: "a", "gave 'a'")])
def test_no_curve_at_all(plt, f, says):
    with pytest.raises(BadInput, match=f"a number for each of 200 x.*{says}"): plot_function(f)

def test_an_image_stays_where_a_net_changes_its_input():
    image = torch.full((28, 28), 0.5)
    predict_digit(nn.Sequential(nn.Threshold(0.9, 0.1, inplace=True), nn.Linear(784, 1)), image)
    assert (image == 0.5).all()

def test_a_stretch_that_runs_backwards(plt):
    with pytest.raises(BadInput, match="the first number must be the smaller"): plot_function(torch.sin, min=2, max=-2)
