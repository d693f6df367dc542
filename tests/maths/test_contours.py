"Contour lines, run in Node: they lie where the level is, close, and enclose what is lower."
import numpy as np
import pytest

N = 33
I, J = np.meshgrid(np.arange(N), np.arange(N))  # I across, J up, as the rows of a landscape


FILE = "maths/contours.js"


def outline(js, values, level): return js(FILE, "outline", values.ravel().astype(float), values.shape[0], level)


def between(values, i, j):
    "The grid's value between its points, as straight lines see it."
    i0, j0 = np.minimum(np.floor([i, j]).astype(int), N - 2)
    s, t = i - i0, j - j0
    low, high = ((1-s)*row[i0] + s*row[i0+1] for row in (values[j0], values[j0+1]))
    return (1-t)*low + t*high


def area(loop):
    x, y = np.array(loop).T
    return abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1)))/2


SURFACES = dict(bowl=(I-16)**2 + (J-15)**2/2., valley=(I-J)**2/4. + 0.02*(I+J-30.)**2, waves=np.sin(I/4.)*np.cos(J/5.)*10)


@pytest.mark.parametrize("name, level", [("bowl", 30.), ("bowl", 100.), ("valley", 7.), ("waves", 0.5), ("waves", -5.)])
def test_every_point_lies_on_its_level_or_on_the_rim(js, name, level):
    values = SURFACES[name]
    loops = outline(js, values, level)
    assert loops
    for i, j in (p for loop in loops for p in loop):
        rim = min(i, j, N-1-i, N-1-j) < 1e-9
        assert between(values, i, j) == pytest.approx(level, abs=1e-9) or (rim and between(values, i, j) <= level + 1e-9)


@pytest.mark.parametrize("radius", [3., 8., 14.])
def test_a_circle_has_its_area(js, radius):
    loop, = outline(js, (I-16.)**2 + (J-16.)**2, radius**2)
    assert area(loop) == pytest.approx(np.pi*radius**2, rel=0.04)
    around = [np.hypot(i-16, j-16) for i, j in loop]
    assert min(around) > radius - 0.2 and max(around) < radius + 0.2


def test_a_ring_is_two_loops_and_the_rim_closes_the_rest(js):
    ring = np.abs(np.hypot(I-16, J-16) - 10.)
    outer, inner = sorted((area(loop) for loop in outline(js, ring, 2.)), reverse=True)
    assert outer == pytest.approx(np.pi*144, rel=0.03) and inner == pytest.approx(np.pi*64, rel=0.05)
    everything, = outline(js, np.zeros((N, N)), 1.)
    assert area(everything) == pytest.approx((N-1)**2)
    assert outline(js, np.zeros((N, N)), -1.) == []


def test_saddles_keep_apart_what_is_apart(js):
    two = np.minimum((I-8.)**2 + (J-8.)**2, (I-24.)**2 + (J-24.)**2)
    assert len(outline(js, two, 100.)) == 2 and len(outline(js, two, 140.)) == 1


def test_holes_count_as_high(js):
    values = (I-16.)**2 + (J-16.)**2
    values[16, 16], values[3, 3] = np.nan, np.inf
    loops = outline(js, values, 64.)
    assert len(loops) == 2 and min(map(area, loops)) < 2.1


def test_several_levels_at_once_are_each_as_alone(js):
    levels = [10., 60., 200.]
    got = js(FILE, "outlines", SURFACES["bowl"].ravel().astype(float), N, levels)
    assert got == [outline(js, SURFACES["bowl"], v) for v in levels]


@pytest.mark.parametrize("name", SURFACES)
def test_levels_are_round_and_part_the_map_evenly(js, name):
    values = SURFACES[name].ravel().astype(float)
    got = js(FILE, "roundLevels", values, 9)
    levels = got["levels"]
    assert 5 <= len(levels) <= 9 and levels == sorted(set(levels)) and all(float(f"{v:.2g}") == v for v in levels)
    assert got["low"] == values.min() and 0 < got["span"] <= np.ptp(values)
    shares = [np.mean(values <= v) for v in levels]
    assert max(np.diff([0, *shares, 1])) < 0.3


def test_a_flat_map_has_no_level_and_holes_are_left_out(js):
    assert js(FILE, "roundLevels", np.ones(50), 9) == dict(levels=[], low=1, span=1)
    got = js(FILE, "roundLevels", np.array([np.nan, np.inf, *np.arange(50.)]), 9)
    assert got["low"] == 0 and all(np.isfinite(got["levels"]))
