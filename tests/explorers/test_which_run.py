"WhichRun: two sliders by keyboard until the curves meet; hints, the answer, another run; Python's side."
import pytest
from lab import until

from neuralnet_foundations.checks import BadInput
from neuralnet_foundations.explorers import WhichRun
from neuralnet_foundations.explorers.which_run import RATES, RUNS, SAYS, SIZES


def root_of(page): return page.locator(".nnf-explorer")
def press(root, action): root.locator(f'[data-action="{action}"]').click()
def told(root): return root.locator(".nnf-which-told").inner_text()
def curves(root): return [root.locator(f"path.{kind}").get_attribute("d") for kind in ("nnf-which-given", "nnf-curve")]


@pytest.mark.parametrize("name, bad", [("lr", 3.), ("lr", "0.1"), ("lr", None), ("batch_size", 3), ("batch_size", True),
                                       ("batch_size", [8]), ("asked", 99), ("asked", -1), ("help", 3), ("help", "a")])
def test_what_it_refuses(name, bad):
    w = WhichRun()
    before = getattr(w, name)
    with pytest.raises(BadInput, match=name): setattr(w, name, bad)
    assert getattr(w, name) == before


def drag(root, name, values, to):
    "By arrow keys from where it stands."
    range_ = root.locator(f'[data-param="{name}"] input')
    while (at := int(range_.input_value())) != values.index(to):
        range_.press("ArrowRight" if at < values.index(to) else "ArrowLeft")
        until(lambda at=at: int(range_.input_value()) != at)


@pytest.mark.parametrize("asked", range(len(RUNS)))
def test_the_curves_meet_at_the_given_run_and_nowhere_before(show, asked):
    page = show(WhichRun(asked))
    root, (lr, size) = root_of(page), RUNS[asked]
    until(lambda: told(root) == SAYS["begin"])
    given, yours = curves(root)
    assert given != yours
    drag(root, "batch_size", SIZES, size)
    drag(root, "lr", RATES, lr)
    until(lambda: told(root) == SAYS["same"])
    assert curves(root)[0] == given == curves(root)[1] and not page.problems


def test_hints_the_answer_and_another_run(show):
    page = show(WhichRun(0))
    root = root_of(page)
    press(root, "hint")
    until(lambda: told(root) == SAYS["smaller"])
    drag(root, "batch_size", SIZES, RUNS[0][1])
    until(lambda: told(root) == SAYS["faster"])
    press(root, "show")
    until(lambda: told(root) == SAYS["shown"] and root.locator('[data-action="show"]').is_disabled())
    assert root.locator('[data-param="lr"]').get_attribute("data-value") == str(RUNS[0][0])
    before = curves(root)
    press(root, "next")
    until(lambda: told(root) == SAYS["begin"] and curves(root)[0] != before[0])
    assert curves(root)[1] == before[1] and not page.problems


def test_python_hears(show):
    w = WhichRun()
    assert not w.found
    w.lr, w.batch_size = RUNS[0]
    assert w.found and len(w.losses) == 48
    assert told(root_of(show(w))) == SAYS["same"]
