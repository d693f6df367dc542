"The page's runs against torch's, for every rate and batch size; each given run can be told from all others."
from itertools import product

import numpy as np
import pytest

from neuralnet_foundations.explorers import WhichRun
from neuralnet_foundations.explorers.which_run import EPOCHS, RATES, RUNS, SAYS, SIZES, run_losses

MODULE = "maths/which_run.js"


@pytest.mark.parametrize("size", SIZES)
def test_every_run_is_torchs(js, size):
    page = WhichRun().page
    for lr in RATES:
        run, losses = js(MODULE, "runOf", lr, size, page), run_losses(lr, size)
        assert run["losses"] == pytest.approx(losses, rel=1e-9, abs=1e-12)
        assert run["at"] == pytest.approx([i*size/32 for i in range(EPOCHS*32//size)])


def test_no_other_run_looks_like_a_given_one():
    "With the same batches, the curves lie apart; with others, they have other numbers of points."
    logs = {o: np.log10(run_losses(*o)) for o in product(RATES, SIZES)}
    for lr, size in RUNS:
        others = [np.abs(logs[lr, size] - logs[rate, size]).mean() for rate in RATES if rate != lr]
        assert min(others) > 0.04, (lr, size, min(others))
    assert len(set(RUNS)) == len(RUNS)


def test_the_picture_has_room_for_the_given_runs():
    low, high = WhichRun().page["ylim"]
    for o in RUNS:
        logs = np.log10(run_losses(*o))
        assert (logs < high).all() and np.mean(logs > low) > 0.95, o


def test_hints_lead_to_the_run(js):
    "Whoever follows them gets there, batches first."
    for (lr, size), (rate, batch) in product(RUNS, product(RATES, SIZES)):
        words = []
        while (word := js(MODULE, "hintOf", dict(lr=rate, size=batch), dict(lr=lr, size=size))) != "same":
            words.append(word)
            batch = SIZES[SIZES.index(batch) + dict(larger=1, smaller=-1).get(word, 0)]
            rate = RATES[RATES.index(rate) + dict(faster=1, slower=-1).get(word, 0)]
        assert (rate, batch) == (lr, size) and set(words) < set(SAYS) and len(words) <= len(RATES) + len(SIZES)


def test_marks_on_a_logarithmic_axis(js):
    assert js(MODULE, "powersOfTen", -2.5, 1.2) == [[-2, "0.01"], [-1, "0.1"], [0, "1"], [1, "10"]]
