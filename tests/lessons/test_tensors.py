"What a cell of lesson 1 cannot show: the explainer against torch on many shapes, and bad input."
import random

import pytest
import torch

from neuralnet_foundations.tensors import explain_broadcast, show_images


def random_shapes(rng):
    return [tuple(rng.choice((0, 1, 1, 2, 3, 4)) for _ in range(rng.randint(0, 4))) for _ in range(rng.randint(2, 4))]


@pytest.mark.parametrize("seed", range(200))
def test_agrees_with_torch(seed):
    shapes = random_shapes(random.Random(seed))
    told = explain_broadcast(*shapes)
    try: expected = tuple(torch.broadcast_shapes(*shapes))
    except RuntimeError: expected = None
    assert told.shape == expected
    by_axis = tuple(result for _, _, result, _ in reversed(told.axes))
    assert (None in by_axis) == (expected is None)
    if expected is not None: assert by_axis == expected
    for axis, sizes, result, why in told.axes:
        assert len(sizes) == len(shapes) and why
        if result is None: assert f"axis {axis}" in repr(told)


@pytest.mark.parametrize("seed", range(200))
def test_the_fix_can_be_typed_and_works(seed):
    shapes = random_shapes(random.Random(1000 + seed))
    told = explain_broadcast(*shapes)
    if told.fix is None: return
    code, shape = told.fix
    tensors = dict(zip("abcd", map(torch.zeros, shapes), strict=False))
    changed = eval(code, {}, tensors)
    assert tuple(changed.shape) == shape
    tensors[code[0]] = changed
    out = torch.broadcast_shapes(*(t.shape for t in tensors.values()))
    if told.shape is not None: assert out.numel() < torch.Size(told.shape).numel()


def test_fixes_of_the_usual_slips():
    assert explain_broadcast((2, 3), (2,)).fix == ("b[:, None]", (2, 1))
    assert explain_broadcast((10, 28, 28), (10,)).fix == ("b[:, None, None]", (10, 1, 1))
    assert explain_broadcast((3, 2), (2, 3)).fix == ("b.T", (3, 2))
    assert explain_broadcast((10, 784), (10, 28, 28)).fix is None
    assert "65536" in repr(explain_broadcast((256, 1), (256,)))
    assert "Try" not in repr(explain_broadcast((3, 3), (3,)))


def test_takes_tensors_and_single_lengths():
    assert explain_broadcast(torch.zeros(4, 1), 3).shape == (4, 3)


@pytest.mark.parametrize("shapes, error, says", [
    (((3,),), ValueError, "two to eight"), (((3,),)*9, ValueError, "got 9"), (((3,), None), TypeError, "None"),
    (((3,), (2.5,)), ValueError, r"\(2.5,\)"), (((3,), (-1,)), ValueError, "-1"),
])
def test_bad_shapes_are_named(shapes, error, says):
    with pytest.raises(error, match=says): explain_broadcast(*shapes)


def test_show_images_draws_each_image():
    import matplotlib
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    images = torch.rand(5, 6, 7)
    show_images(images, [f"image {i}" for i in range(5)], rows=2)
    drawn = [ax for ax in plt.gcf().axes if ax.images]
    assert [ax.get_title() for ax in drawn] == [f"image {i}" for i in range(5)]
    assert all((torch.as_tensor(ax.images[0].get_array().data) == im).all() for ax, im in zip(drawn, images, strict=True))
    plt.close()
