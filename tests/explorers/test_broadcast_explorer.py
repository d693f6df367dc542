"BroadcastExplorer: its rule against torch, the learner's way through it, in a page without a kernel and in JupyterLab."
import pytest
import torch
from explorer_checks import check_clean_up, check_fits
from lab import until

from neuralnet_foundations.explorers import BroadcastExplorer, as_shape


@pytest.fixture
def page(show): return show(BroadcastExplorer((4, 1), (3,)))


def test_python_result_is_torchs():
    w = BroadcastExplorer((5, 1, 4), (3, 1))
    assert w.result == tuple(torch.broadcast_shapes((5, 1, 4), (3, 1))) == (5, 3, 4)
    w.shape_b = (2, 4)
    assert w.result == (5, 2, 4)
    w.shape_b = 7
    assert w.shape_b == (7,) and w.result is None


def test_predict_then_see(page):
    box, said = page.locator(".nnf-guess"), page.locator(".nnf-verdict")
    assert page.locator(".nnf-align").count() == 0 and page.locator(".nnf-result").count() == 0  # nothing is given away
    box.fill("3, 4")
    box.press("Enter")
    assert said.get_attribute("data-kind") == "bad" and "axis −1" in said.inner_text()
    box.fill("(4, 3)")
    page.click('[data-action="check"]')
    assert said.get_attribute("data-kind") == "good"
    page.click('[data-action="reveal"]')
    assert page.locator(".nnf-result code").inner_text() == "(4, 3)"
    blocks = page.locator(".nnf-block")
    assert [blocks.nth(i).locator(".nnf-cell").count() for i in range(3)] == [12, 12, 12]
    # the own numbers: 4 of A, 3 of B
    assert [blocks.nth(i).locator(".nnf-copy").count() for i in range(3)] == [8, 9, 0]
    assert blocks.nth(2).locator("text").all_text_contents()[:3] == ["11", "12", "13"]
    assert page.locator(".nnf-align tbody tr").nth(0).locator("td").all_inner_texts() == ["4", "1→3"]
    assert page.locator(".nnf-rules li").count() == 2
    page.fill('[data-action="shape_b"]', "(2, 3)")
    page.press('[data-action="shape_b"]', "Enter")
    assert page.locator(".nnf-result").count() == 0 and box.input_value() == ""  # a new question
    page.click('[data-action="impossible"]')
    page.click('[data-action="reveal"]')
    assert said.get_attribute("data-kind") == "good" and page.locator("li[data-clash]").count() == 1
    assert not page.problems


def test_sums_drawn_are_torchs(show):
    w = BroadcastExplorer((2, 3), (3,))
    w.revealed = True
    texts = show(w).locator(".nnf-block").nth(2).locator(".nnf-cell text").all_text_contents()
    assert [int(t) for t in texts] == (10 * torch.arange(1, 7).view(2, 3) + torch.arange(1, 4)).flatten().tolist()


def test_fix_button_mends(show):
    w = BroadcastExplorer((6, 28, 28), (6,))
    w.revealed = True
    page = show(w)
    page.click('[data-action="fix"]')
    assert page.input_value('[data-action="shape_b"]') == "(6, 1, 1)"
    page.click('[data-action="reveal"]')
    assert page.locator(".nnf-result code").inner_text() == "(6, 28, 28)"


def test_bad_shape_in_the_page_changes_nothing(page):
    for text in ("3, -1", "pixels", "1,2,3,4,5,6,7,8,9"):
        page.fill('[data-action="shape_a"]', text)
        page.press('[data-action="shape_a"]', "Enter")
        assert "not a shape" in page.inner_text(".nnf-verdict")
        assert page.input_value('[data-action="shape_a"]') == "(4, 1)"
    page.click('[data-action="check"]')
    assert "Type the shape" in page.inner_text(".nnf-verdict")


@pytest.mark.parametrize("value, word", [((3, -1), "size of -1"), ("5, 3", "whole numbers"), ((2.5,), "whole numbers"),
                                         (None, "whole numbers"),
                                         ((1,) * 9, "9 axes"), ((10**9,), "size of 1000000000")])
def test_bad_shape_in_python_changes_nothing(value, word):
    with pytest.raises(ValueError, match=word): BroadcastExplorer((3,), value)
    w = BroadcastExplorer((3, 1), (4,))
    with pytest.raises(ValueError, match=word): w.shape_a = value
    assert (w.shape_a, w.shape_b, w.result) == ((3, 1), (4,), (3, 4))


def test_shapes_of_things_that_have_one():
    assert as_shape(torch.zeros(2, 3)) == as_shape(torch.Size([2, 3])) == as_shape([2, 3]) == (2, 3)
    assert as_shape(5) == (5,) and as_shape(()) == ()


def test_new_question_forgets_the_answer():
    w = BroadcastExplorer((3,), (3,))
    w.guess, w.revealed = [3], True
    assert w.guess == (3,)
    w.shape_a = (2, 3)
    assert w.guess is None and not w.revealed
    with pytest.raises(ValueError, match="guess"): w.guess = "no idea"


def test_cells_stretch_unless_motion_is_unwanted(show):
    where = "() => [...document.querySelectorAll('.nnf-copy')].map((g) => new DOMMatrix(getComputedStyle(g).transform).m41)"
    for motion in ("no-preference", "reduce"):
        page = show(BroadcastExplorer((4, 1), (3,)))
        page.emulate_media(reduced_motion=motion)
        first = page.evaluate(f"() => {{ document.querySelector('[data-action=reveal]').click(); return ({where})(); }}")
        page.wait_for_timeout(1100)
        last = page.evaluate(where)
        assert (first != last) == (motion == "no-preference")
        assert len(set(last)) == 3  # at rest the copies stand in three columns


def test_two_views_and_width(show):
    w = BroadcastExplorer((5, 3, 3), (3, 1))
    page = show(w, w, width=390)
    page.locator('[data-action="next"]').first.click()
    assert (page.locator('[data-action="shape_a"]').nth(1).input_value()
            == page.locator('[data-action="shape_a"]').first.input_value() != "(5, 3, 3)")
    page.locator('[data-action="impossible"]').nth(1).click()
    assert page.locator(".nnf-verdict").first.inner_text() == page.locator(".nnf-verdict").nth(1).inner_text()
    page.locator('[data-action="reveal"]').first.click()
    assert page.locator(".nnf-align").count() == 2
    check_fits(page, 390)


def test_clean_up(page):
    state = dict(shape_a=[4, 1], shape_b=[3], guess=None, revealed=False, page=BroadcastExplorer((3,), (3,)).page)
    check_clean_up(page, "BroadcastExplorer", state, ["next", "reveal", "impossible"])


def test_in_jupyterlab(lab):
    with lab.open(["from neuralnet_foundations.explorers import BroadcastExplorer\n"
                   "w = BroadcastExplorer((4, 1), (3,)); w", "w"]) as nb:
        nb.run_all()
        one, two = nb.explorer("BroadcastExplorer"), nb.explorer("BroadcastExplorer", 1)
        one.locator(".nnf-guess").fill("4, 3")
        one.locator(".nnf-guess").press("Enter")
        until(lambda: two.locator(".nnf-verdict").get_attribute("data-kind") == "good",
              message="the second view shows the answer")
        until(lambda: nb.value("w.guess") == [4, 3], message="Python knows the answer")
        two.locator('[data-action="shape_a"]').fill("2, 5")
        two.locator('[data-action="shape_a"]').press("Enter")
        until(lambda: nb.value("[w.shape_a, w.result, w.guess]") == [[2, 5], None, None],
              message="Python has the new question")
        nb.run("w.shape_b = (2, 1)\nw.revealed = True")
        until(lambda: one.locator(".nnf-result code").all_inner_texts() == ["(2, 5)"],
              message="Python's change shows in the page")
        nb.run_cell(0)
        nb.explorer("BroadcastExplorer")
        assert not nb.tracebacks() and not nb.problems()
