"The way of a change from a page to Python and back, tried in every order: page, views and Python agree at rest, and the newest stands."
import secrets
from pathlib import Path

import pytest

WORLD = Path(__file__).with_name("outbox_world.mjs")


def put(view, **changes): return [view, changes]


# What hands (of each page; a view and its changes) and Python do, and at least how many orders that makes
SCRIPTS = [
    (dict(hands=[[put(0, a=1)]], python=[dict(a=2)]), 18),
    (dict(hands=[[put(0, a=1), put(1, a=3)]], python=[dict(a=2)]), 500),
    (dict(hands=[[put(0, a=1)]], python=[dict(a=2), dict(a=3)]), 300),
    (dict(hands=[[put(0, a=1), put(1, b=3)]], python=[dict(a=2, b=5)]), 1000),
    (dict(hands=[[put(0, a=1), put(1, a=3), put(0, a=5)]], python=[dict(a=2)]), 10_000),
    (dict(hands=[[put(0, a=1), put(1, a=3)]], python=[dict(a=2), dict(a=4)]), 20_000),
    (dict(hands=[[put(0, a=2), put(1, a=4)]], corrects=True), 30),
    (dict(hands=[[put(0, a=1), put(1, a=3)]], python=[dict(a=2)], front="silent"), 500),
    (dict(hands=[[put(0, a=1)], [put(1, a=2)]], pages=2), 1000),
    (dict(hands=[[put(0, a=1)], [put(1, b=2)]], pages=2), 1000),
    (dict(hands=[[put(0, a=1)], []], python=[dict(a=3)], pages=2), 1000)]


@pytest.mark.parametrize("script, least", SCRIPTS)
def test_every_order(js, script, least):
    got = js(WORLD, "everyOrder", script)
    assert got["failures"] == 0, got["first"]
    assert got["orders"] >= least


# One page, Python that sets other values than it was sent, a front end that does not tell of arrivals, two pages: 100,000 worlds
@pytest.mark.parametrize("setting, worlds", [
    ({}, 60_000), (dict(corrects=True), 15_000), (dict(front="silent"), 15_000), (dict(pages=2), 10_000)])
def test_random_orders(js, setting, worlds):
    seed, done = secrets.randbits(32), 0
    print(f"seed {seed}")
    for part in range(worlds//5000):
        got = js(WORLD, "randomOrders", setting, seed + part, 5000)
        assert got["failures"] == 0, (seed + part, got["first"])
        done += got["events"]
    assert done > 15*worlds


def test_a_message_that_is_not_taken_whole_is_found(js):
    "Python must not change a value between the echo of a message and what it sets: the page would never know."
    script = dict(hands=[[put(0, a=1)]], python=[dict(a=2)], torn=True)
    got = js(WORLD, "everyOrder", script)
    assert 0 < got["failures"] < got["orders"] and got["first"]["found"] == "at rest the page has a = 2, Python 1"


@pytest.mark.parametrize("words", [
    [(0, 1), ("python", 2), ("python", 1)],  # what the page sent once is no echo when Python says it later
    [(0, 1), ("python", 2), (0, 1)], [(0, 1), (0, 2), ("python", 1), ("python", 2)],
    [("python", 1), (0, 0), ("python", 1)]])
@pytest.mark.parametrize("pages", [1, 2])
def test_the_same_value_comes_again(js, words, pages):
    assert js(WORLD, "inTurn", dict(pages=pages), words) == [words[-1][1]]*(1 + 2*pages)


def test_a_view_hears_once_of_each_change(js):
    assert js(WORLD, "timesTold") == [[True], [False], [True]]
