"What the cells of lesson 3 cannot show: a light import, noise of any kind of input, plots of odd functions."
import subprocess
import sys

import matplotlib
import numpy as np
import pytest
import torch

from neuralnet_foundations.fitting import add_noise, mae, mk_quad, mse, plot_function, quad

matplotlib.use("agg")
X = torch.linspace(-2, 2, steps=20)


def test_the_import_stays_light():
    code = ("import sys, neuralnet_foundations.fitting; "
            "print([m for m in ('matplotlib', 'fastai', 'sympy', 'pandas', 'anywidget') if m in sys.modules])")
    before = ("import sys, torch; "
              "print([m for m in ('matplotlib', 'fastai', 'sympy', 'pandas', 'anywidget') if m in sys.modules])")
    loaded, by_torch = (subprocess.run([sys.executable, "-c", c], capture_output=True, text=True, check=True).stdout
                        for c in (code, before))
    assert loaded == by_torch


def test_the_lessons_numbers():
    y = add_noise(mk_quad(3, 2, 1)(X), 0.15, 1.5, seed=42)
    assert torch.allclose(y[:5], torch.tensor([11.8690, 6.5433, 5.9396, 2.6304, 1.7947]), atol=1e-4)
    start = mk_quad(1.1, 1.1, 1.1)(X)
    assert mae(start, y).item() == pytest.approx(2.4219, abs=1e-4)
    assert mse(start, y).item() == pytest.approx(10.137, abs=1e-3)
    assert mae(mk_quad(3, 2, 1)(X), y).item() == pytest.approx(1.4767, abs=1e-4)


def test_losses_equal_torch():
    p, y = torch.randn(50), torch.randn(50)
    assert torch.equal(mae(p, y), torch.nn.functional.l1_loss(p, y))
    assert torch.allclose(mse(p, y), torch.nn.functional.mse_loss(p, y))


def test_numpys_own_seed_gives_the_same_noise():
    np.random.seed(42)
    assert torch.equal(add_noise(X, 0.15, 1.5), add_noise(X, 0.15, 1.5, seed=42))


def test_a_seed_leaves_numpys_own_numbers_alone():
    np.random.seed(1)
    expected = np.random.rand()
    np.random.seed(1)
    add_noise(X, 1, 1, seed=42)
    assert np.random.rand() == expected


@pytest.mark.parametrize("shape", [(), (5,), (5, 1), (2, 3)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_noise_keeps_shape_and_type(shape, dtype):
    noisy = add_noise(torch.ones(shape, dtype=dtype), 0.1, 0.1, seed=0)
    assert noisy.shape == shape and noisy.dtype == dtype


def test_noise_of_size_zero_changes_nothing(): assert torch.equal(add_noise(X, 0, 0), X)


def test_noise_that_cannot_be():
    with pytest.raises(ValueError): add_noise(X, -0.1, 1)


def test_gradients_pass_through_noise_free_quad():
    a = torch.tensor(2., requires_grad=True)
    quad(a, 1, 1, torch.tensor(3.)).backward()
    assert a.grad == 9


def test_plots_a_constant_a_gradient_and_given_axes():
    ax = plot_function(lambda x: 3., ylim=(0, 5))
    assert set(ax.lines[0].get_ydata()) == {3.} and ax.get_ylim() == (0, 5)
    w = torch.tensor(2., requires_grad=True)
    assert plot_function(lambda x: w*x, ax=ax) is ax and len(ax.lines) == 2
    matplotlib.pyplot.close("all")


def test_the_numbers_of_stopping_a_car():
    speed, metres = torch.arange(2., 8), torch.tensor([12., 23, 36, 53, 73, 96])
    columns = torch.stack([speed**2, speed, torch.ones(6)], dim=1)
    fitted = mk_quad(*torch.linalg.lstsq(columns, metres[:, None]).solution.ravel())
    rule = mk_quad(100/20*.3048, 10*.3048, 0)
    assert mae(fitted(speed), metres).item() == pytest.approx(.14, abs=.005)
    assert mae(rule(speed), metres).item() == pytest.approx(.24, abs=.005)
    assert (fitted(10).round(), round(rule(10)), fitted(0).item()) == (184, 183, pytest.approx(.6, abs=.01))
