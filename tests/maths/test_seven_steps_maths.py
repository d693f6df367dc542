"The page's seven steps against torch's: every one of the 5,040 orders, line by line, and what is said of it."
from itertools import permutations

import pytest

from neuralnet_foundations.explorers import SevenSteps
from neuralnet_foundations.explorers.seven_steps import MIXED, ROUNDS, SAYS, STEPS, run_order

MODULE = "maths/seven_steps.js"
ORDERS = list(permutations(STEPS))
RIGHT = tuple(STEPS)


def setting(rounds=ROUNDS): return {**SevenSteps().page, "rounds": rounds}


def alike(page, torch_run):
    "Line for line the same, numbers to 1e-9."
    assert [o["name"] for o in page] == [o["name"] for o in torch_run]
    for mine, theirs in zip(page, torch_run, strict=True):
        assert mine["missing"] == theirs["missing"]
        for key in ("w", "grad", "loss"):
            if theirs[key] is None: assert mine[key] is None
            else: assert mine[key] == pytest.approx(theirs[key], rel=1e-9, abs=1e-12), (key, mine, theirs)


@pytest.mark.parametrize("first", STEPS)
def test_every_order_runs_as_torch_runs_it(js, first):
    "Few rounds, for speed; the next test has them all."
    for order in ORDERS:
        if order[0] == first: alike(js(MODULE, "runOrder", order, setting(3)), run_order(order, 3))


RUNS = dict(
    right=[RIGHT],
    late=[("initialise", "predict", "loss", "step", "gradient", "repeat", "stop"),
          ("initialise", "predict", "step", "loss", "gradient", "repeat", "stop")],
    piled=[("initialise", "predict", "loss", "gradient", "repeat", "step", "stop")],
    once=[("initialise", "predict", "loss", "gradient", "step", "stop", "repeat"),
          ("initialise", "predict", "loss", "repeat", "gradient", "step", "stop"),
          ("initialise", "repeat", "predict", "loss", "gradient", "step", "stop")],
    never=[MIXED, ("initialise", "predict", "loss", "gradient", "repeat", "stop", "step"),
           ("initialise", "step", "predict", "loss", "gradient", "repeat", "stop"), ("stop", *RIGHT[:-1])],
    w=[("predict", "initialise", *RIGHT[2:]), ("step", *RIGHT[:4], "repeat", "stop")],
    preds=[("initialise", "loss", "predict", *RIGHT[3:])],
    loss=[("initialise", "predict", "gradient", "loss", *RIGHT[4:])])


@pytest.mark.parametrize("word", RUNS)
def test_what_is_said_of_a_run(js, word):
    for order in RUNS[word]:
        run = js(MODULE, "runOrder", order, setting())
        alike(run, run_order(order))
        assert js(MODULE, "verdict", run, ROUNDS) == word, order


def test_only_one_order_is_right_and_each_verdict_says_what_torch_did(js):
    seen = set()
    for order in ORDERS:
        run = run_order(order, 3)
        word = js(MODULE, "verdict", js(MODULE, "runOrder", order, setting(3)), 3)
        moves = [a["w"] != b["w"] for a, b in zip(run, run[1:], strict=False) if b["name"] == "step"]
        claims = dict(right=order == RIGHT, never=not any(moves), once=sum(moves) == 1, piled=any(moves),
                      late=sum(moves) > 1)
        assert claims[word] if word in claims else run[-1]["missing"] == word, (order, word)
        assert (word == "right") == (order == RIGHT)
        seen.add(word)
    assert seen == set(SAYS) - {"begin"}, "a sentence that nobody gets to hear"


def test_wrong_orders_train_badly():
    last = {word: run_order(RUNS[word][0])[-1]["loss"] for word in ("right", "late", "never")}
    assert last["right"] < 0.05 and last["late"] > 10*last["never"] > 100*last["right"]
    end = run_order(RUNS["piled"][0])[-1]["w"]
    assert abs(end[1]) > 10, "one step by the sum of all rounds goes far"


def test_losses_and_rounds(js):
    run = js(MODULE, "runOrder", RIGHT, setting())
    w = SevenSteps(RIGHT)
    w.run()
    assert js(MODULE, "lossesOf", run) == pytest.approx(w.losses, rel=1e-9) and len(w.losses) == ROUNDS + 1
    assert [js(MODULE, "roundOf", run[:n], ROUNDS) for n in (1, 5, 6, 7, len(run))] == [1, 1, 1, 2, ROUNDS + 1]
