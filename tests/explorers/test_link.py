"A link to share: what an explorer shows goes into an address and comes out again, and nothing else does."
import base64
import json
import zlib

import numpy as np
import pytest
import torch
from examples import EXAMPLES, NAMES, press
from lab import look, settle, until
from node import JavaScriptError
from torch import nn

from neuralnet_foundations.explorers import BroadcastExplorer, DescentExplorer, FitByHand, NetPlayground, Quiz, packed_points
from neuralnet_foundations.point_sets import circle

LINK, TOLD = "shared/link.js", "shared/told.js"
each = pytest.mark.parametrize("example", EXAMPLES, ids=NAMES)


def quad(a, b, c, x): return a*x**2 + b*x + c
def own(n): return dict(points=packed_points(np.linspace(0, 1, n), np.linspace(1, 2, n)**3), xlabel="t", ylabel="s")


def state_of(w):
    "An explorer's values as its page has them."
    def plain(v):
        if isinstance(v, dict): return {k: plain(o) for k, o in v.items()}
        if isinstance(v, list | tuple): return [plain(o) for o in v]
        return bytes(v) if isinstance(v, memoryview) else v

    state = w.get_state(drop_defaults=False)
    return {k: plain(v) for k, v in state.items() if k not in ("_esm", "_css", "layout", "tabbable", "tooltip")}


def fragment(values, version="1", name="FitByHand", nth=1, kind="z"):
    "A link's fragment, made as the page makes it."
    text = (values if isinstance(values, str) else json.dumps(values)).encode()
    packed = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = packed.compress(text) + packed.flush() if kind == "z" else text
    return f"share={version}.{name}.{nth}.{kind}{base64.urlsafe_b64encode(data).decode().rstrip('=')}"


# ---- how it is written

VALUES = [{}, {"lr": 0.1}, {"a": [1, 2.5, -1e-300], "b": None, "c": True, "d": "ü – “x” </script>"}, {"x": 0.1 + 0.2}]


@pytest.mark.parametrize("values", VALUES)
def test_what_goes_in_comes_out(js, values):
    text = js(LINK, "fragmentOf", dict(name="FitByHand", nth=2, values=values))
    assert js(LINK, "toldBy", "#" + text) == dict(name="FitByHand", nth=2, values=values)
    assert set(text) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.=")
    for kind in "zj": assert js(LINK, "toldBy", fragment(values, kind=kind))["values"] == values


def test_packed_numbers_become_a_list(js):
    text = js(LINK, "fragmentOf", dict(name="A", nth=1, values=dict(p=np.array([0.1, -2.5]).tobytes())))
    assert js(LINK, "toldBy", text)["values"] == dict(p=dict(f=[0.1, -2.5]))


BOMB = "[" + "0,"*300_000 + "0]"
BAD_LINKS = {
    "nothing": ("share=", "damaged"), "no values": ("share=1.FitByHand.1.", "damaged"),
    "another version": (fragment({}, version="2"), "it is of version 2, this page reads 1"),
    "an old one": (fragment({}, version="0.9.1"), "version 0"),
    "cut off": (fragment({"lr": 0.5, "params": dict(a=1, b=2, c=3)})[:-6], "damaged"),
    "one letter changed": (fragment({"lr": 0.5, "more": "words"}).replace("z", "zA", 1), "damaged"),
    "no base 64": ("share=1.FitByHand.1.z***", "damaged"), "an unknown kind": ("share=1.FitByHand.1.qAAAA", "damaged"),
    "no JSON": (fragment("{lr: 1}"), "damaged"), "a list": (fragment([1, 2]), "damaged"),
    "null": (fragment("null"), "damaged"), "a number": (fragment("1"), "damaged"), "no text": ("share=1.FitByHand.1.j____", "damaged"),
    "too long": (fragment({"x": list(range(9000))}, kind="j"), "too long"),
    "a small one that grows": (fragment(json.dumps({"x": BOMB*3})), "it holds too much"),
    "a name that is none": (fragment({}, name="<img>"), "damaged"),
    "a place that is none": (fragment({}, nth=0), "damaged"), "a far place": (fragment({}, nth=10**6), "damaged"),
}


@pytest.mark.parametrize("case", BAD_LINKS)
def test_bad_links(js, case):
    text, message = BAD_LINKS[case]
    with pytest.raises(JavaScriptError, match=message): js(LINK, "toldBy", text)


def test_a_link_that_would_be_too_long(js):
    noise = np.random.RandomState(0).normal(size=5000).tolist()
    with pytest.raises(JavaScriptError, match="letters are too long for a link"):
        js(LINK, "fragmentOf", dict(name="A", nth=1, values=dict(x=noise)))


# ---- what is told, and what of it is believed

def told(js, w, saved):
    "What a link to this explorer brings, checked."
    name, now = type(w).__name__, state_of(w)
    text = js(LINK, "fragmentOf", dict(name=name, nth=1, values=js(TOLD, "tell", name, now, saved)))
    return js(TOLD, "take", name, js(LINK, "toldBy", text)["values"], saved), now


def wider():
    "A network of other sizes than the example's."
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 8), nn.Linear(8, 1))


def change(w):
    "Another state than the first."
    fit = dict(params=dict(a=0.1 + 0.2), lr=0.5, arrows=False, own_data=own(300), ranges=dict(a=(-9, 9)))
    changes = {"FitByHand": fit,
               "DescentExplorer": dict(own_data=own(300), lr=1e-3, momentum=0.5),
               "BroadcastExplorer": dict(shape_a=(5, 1), guess=(5, 3)),
               "SevenSteps": dict(order=["initialise", "predict", "loss", "gradient", "step", "stop", "repeat"], ran=5),
               "WhichRun": dict(lr=0.05, batch_size=4, asked=2, help=1),
               "DrawDigit": dict(strokes=[[(0.1, 0.25), (1., 0.)], [(0.5, 0.5)]]),
               "ReluBuilder": dict(target="step", lr=0.01), "LoopStepper": dict(lr=0.3, zero_grad=False),
               "LogitsExplorer": dict(logits=[1., 2., 1/3], target=2, temperature=0.5, subtract=False, revealed=True),
               "FrontierExplorer": dict(search="resnet", need=100., kept=[3, 5], round=4),
               "Quiz": dict(chosen=["own-step", "grey-pixel"], at=1),
               "SheetExplorer": dict(params=dict(w=[0.1 + 0.2, -1]), lr=0.02, backward=True),
               "FitAnything": dict(own_data=own(300), chosen="wave", params=dict(a=0.1 + 0.2), lr=0.5, arrows=False),
               "NetPlayground": dict(lr=0.03, momentum=0.5, batch_size=7, shuffle=False, model=wider())}
    if isinstance(w, NetPlayground): w.use(*circle(300, noise=0.2), test_share=0.3)
    for name, value in changes[type(w).__name__].items(): setattr(w, name, value)
    if hasattr(w, "step"):
        for _ in range(7): w.step()
    return w


@each
def test_it_can_be_told(js, example):
    assert js(TOLD, "canTell", example.name, state_of(example.make())), f"{example.name} has no line in KINDS of {TOLD}"


def test_what_a_kernel_computes_cannot_be_told(js):
    by_kernel = FitByHand(lambda a, x: (a*x).cumsum(0), [0., 1.], [1., 2.])
    assert not js(TOLD, "canTell", "FitByHand", state_of(by_kernel)) and not js(TOLD, "canTell", "toString", {})


@each
def test_a_state_is_told_whole(js, example):
    saved = state_of(example.make())
    nothing, _ = told(js, example.make(), saved)
    assert nothing == {}, "what is as the page has it is not told"
    values, now = told(js, change(example.make()), saved)
    if "path" in values.get("state", {}):  # the page computes its slopes anew
        path, was = (np.frombuffer(o["state"].pop("path")) for o in (values, now))
        assert path == pytest.approx(was, rel=1e-9)
    assert values and {k: now[k] for k in values} == values
    follows = {"ylim", "reply", "steep"}  # from what is told, in the page too
    assert {k for k in now if now[k] != saved[k]} - follows == set(values)


def test_a_long_path_is_told_from_its_newest_places(js):
    w = DescentExplorer(quad, [0., 1., 2.], [1., 2., 0.], lr=1e-3)
    saved = state_of(w)
    w.step(250)
    values, now = told(js, w, saved)
    assert values["state"]["steps"] == 250 and values["state"]["params"] == now["state"]["params"]
    assert np.frombuffer(values["state"]["path"]) == pytest.approx(np.frombuffer(now["state"]["path"])[-500:], rel=1e-9)


def test_too_many_points_are_not_told(js):
    w = FitByHand(quad, [0., 1.], [1., 2.])
    saved = state_of(w)
    w.own_data = own(301)
    with pytest.raises(JavaScriptError, match="A link carries 300 points, and these are 301"): told(js, w, saved)


ODD = [None, True, "x", "", -1, 0.5, 1e400, [], [1], [None], ["a"], [[]], {}, {"a": 1}, {"f": []}, {"f": ["1"]},
       {"f": [None]}, {"__proto__": {"x": 1}}, "<img src=x onerror=alert(1)>", 10**9, [1e308]*3, {"f": [1, 2, 3]}, [0]*5000]
# The few that are right after all
RIGHT = {"own_data": [{}], "arrows": [True], "lr": [0.5, 10**9], "zero_grad": [True], "revealed": [True],
         "subtract": [True], "backward": [True], "shuffle": [True], "momentum": [0.5],
         "search": ["x", "", "<img src=x onerror=alert(1)>"], "family": [""], "need": [0.5, 10**9], "strokes": [[]],
         "kept": [[], [1]], "chosen": [None], "guess": [None, 0.5, [], [1]], "shape_a": [[], [1]],
         "shape_b": [[], [1]], "temperature": [0.5], "logits": [[1e308]*3]}


@each
def test_odd_values_are_refused(js, example):
    saved = state_of(example.make())
    keys = js(TOLD, "keysOf", example.name, saved)
    assert keys
    for key in keys:
        for value in ODD:
            value = json.loads(json.dumps(value).replace("Infinity", "1e999"))
            if any(type(value) is type(r) and value == r for r in RIGHT.get(key, [])): continue
            try: got = js(TOLD, "take", example.name, {key: value}, saved)
            except JavaScriptError as e: assert "is not what it should be" in str(e), (key, value, e)
            else: pytest.fail(f"{key} takes {str(value)[:80]}: {got}")
    for name in {"spec", "points", "page", "x", "toString", "__proto__", "models", "cards"} - {*keys}:
        with pytest.raises(JavaScriptError, match="a name in it"): js(TOLD, "take", example.name, {name: 1}, saved)


PARTS = [("DescentExplorer", "state"), ("ReluBuilder", "state"), ("LoopStepper", "loop"), ("NetPlayground", "state"),
         ("NetPlayground", "start"), ("FitAnything", "state")]  # traits of many parts


@pytest.mark.parametrize("name, key", PARTS)
def test_nearly_right_states_are_refused(js, name, key):
    "One thing in a state broken, left out or added."
    make = next(e.make for e in EXAMPLES if e.name == name)
    saved = state_of(make())
    values = js(TOLD, "tell", name, state_of(change(make())), saved)
    good = js(LINK, "toldBy", js(LINK, "fragmentOf", dict(name=name, nth=1, values=values)))["values"]
    js(TOLD, "take", name, good, saved)
    for part in good[key]:
        odd = ["x", {}] + [-1.5]*(part != "loss")
        without = {k: v for k, v in good[key].items() if k != part}
        for broken in (without, {**good[key], "more": 1}, *({**good[key], part: v} for v in odd)):
            with pytest.raises(JavaScriptError, match="is not what it should be"):
                js(TOLD, "take", name, {**good, key: broken}, saved)


def changed_net(js):
    "A playground that has moved, and what a link tells of it."
    make = next(e.make for e in EXAMPLES if e.name == "NetPlayground")
    saved = state_of(make())
    values = js(TOLD, "tell", "NetPlayground", state_of(change(make())), saved)
    return saved, js(LINK, "toldBy", js(LINK, "fragmentOf", dict(name="A", nth=1, values=values)))["values"]


def point_rows(*rows): return {"f": [float(v) for row in rows for v in row]}


NETS = {
    "points without their state": dict(points=point_rows((0, 0, 1, 0)), state=None), "a place behind the points": dict(state={"at": 300}),
    "epochs without steps": dict(state={"epoch": 8}), "no test loss": dict(state={"test_losses": {"f": []}}),
    "a network with two outputs": dict(state={"sizes": [2, 8, 8, 2]}),
    "three inputs": dict(state={"sizes": [3, 8, 8, 1]}),
    "an unknown activation": dict(state={"acts": ["relu", "gelu"]}), "too wide": dict(start={"sizes": [2, 17, 8, 1]}),
    "too deep": dict(start={"sizes": [2, 1, 1, 1, 1, 1, 1], "acts": [""]*5}),
    "a parameter too few": dict(start={"params": {"f": [1.]*104}}),
    "a loss that is not finite": dict(start={"params": {"f": [1e308]*105}}),
    "a third class": dict(points=point_rows((0, 0, 2, 0))), "all held back": dict(points=point_rows((0, 0, 1, 1))),
    "half held back": dict(points=point_rows((0, 0, 1, 0.5))), "a far point": dict(points=point_rows((1e7, 0, 1, 0))),
    "a window inside out": dict(limits=[1, -1, 0, 1]), "too many points": dict(points=point_rows(*[(0, 0, 1, 0)]*301)),
}


@pytest.mark.parametrize("case", NETS)
def test_networks_that_cannot_be(js, case):
    saved, good = changed_net(js)
    js(TOLD, "take", "NetPlayground", good, saved)
    parts = lambda k, v: {**good[k], **v} if isinstance(v, dict) and k != "points" else v
    bad = {k: v for k, v in ({**good, **{k: parts(k, v) for k, v in NETS[case].items()}}).items() if v is not None}
    with pytest.raises(JavaScriptError, match="is not what it should be"): js(TOLD, "take", "NetPlayground", bad, saved)


def test_more_points_than_a_link_carries(js):
    make = next(e.make for e in EXAMPLES if e.name == "NetPlayground")
    saved, w = state_of(make()), make()
    w.use(*circle(301))
    with pytest.raises(JavaScriptError, match="A link carries 300 points, and these are 301"): told(js, w, saved)
    saved = state_of(w)
    w.lr = 0.5
    assert told(js, w, saved)[0] == {"lr": 0.5}, "the page's own points are not told"


def test_a_descent_on_other_points_needs_its_state(js):
    saved = state_of(DescentExplorer(quad, [0., 1., 2.], [1., 2., 0.]))
    take = lambda own: js(TOLD, "take", "DescentExplorer", {"own_data": own}, saved)
    same = {"points": {"f": [0, 1, 2, 1, 2, 0]}, "xlabel": "t", "ylabel": "s"}
    assert take(same)["own_data"]["xlabel"] == "t"
    other = {**same, "points": {"f": [0, 1, 2, 1, 2, 1]}}
    with pytest.raises(JavaScriptError, match="own_data is not what it should be"): take(other)


@pytest.mark.parametrize("values", [dict(chosen=["grey-pixel"], at=1), dict(chosen=["grey-pixel"]*2), dict(chosen=[]),
                                    dict(chosen=["no-such-question"]), dict(at=3), dict(cards={})])
def test_questions_that_are_not_asked_here(js, values):
    saved = state_of(Quiz(["grey-pixel", "own-step", "seven-steps"]))
    with pytest.raises(JavaScriptError, match="is not what it should be"): js(TOLD, "take", "Quiz", values, saved)


# ---- on a page

def link_of(page, nth=0):
    "The link that the page gives: where there is no clipboard, in a field."
    page.locator('[data-action="link"]').nth(nth).click()
    field = page.locator(".nnf-share input")
    field.wait_for()
    return field.input_value()


def opened(page, address):
    "The page at an address, with all its explorers."
    page.goto("about:blank")
    page.goto(address)
    page.wait_for_function("document.documentElement.dataset.explorers")
    settle(page)
    return page


def note(page): return page.locator(".nnf-shared").text_content()


OTHERWISE = {"Quiz": press("next")}  # an answer is nobody else's business
TIMES = {"Quiz": 2}


@each
def test_a_link_opens_what_was_shown(show, example):
    page = show(example.make())
    root = page.locator(".nnf-explorer")
    drive = OTHERWISE.get(example.name, example.drive)
    for _ in range(TIMES.get(example.name, 3)):
        drive(root)
        settle(page)
    until(lambda: page.evaluate("new Promise((r) => setTimeout(() => r(true), 120))"))  # the outbox sends every 100 ms
    link = link_of(page)
    seen = at_rest(page)
    assert link.startswith("http://course.test/page.html#share=1.") and len(link) < 4000
    opened(page, link)
    assert note(page).startswith("As the link shows it")
    until(lambda: at_rest(page) == seen, message="it shows something else")
    page.locator(".nnf-shared a").click()
    until(lambda: not page.locator(".nnf-shared").count() and page.locator(".nnf-explorer").count())
    assert page.url == "http://course.test/page.html" and not page.problems


def at_rest(page):
    settle(page)
    page.wait_for_timeout(500)  # a map is drawn in full 400 ms after the last change
    return look(page.locator(".nnf-explorer"))


def test_answers_are_not_shared(show, js):
    page = show(Quiz(["grey-pixel", "own-step"]))
    root = page.locator(".nnf-explorer")
    fresh = at_rest(page)
    root.locator("[data-choice]").first.click()
    root.locator('[data-action="check"]').click()
    settle(page)
    assert at_rest(page) != fresh
    text = link_of(page).partition("#")[2]
    assert js(LINK, "toldBy", text)["values"] == {}
    assert not page.problems


TEXT = "Zeit (s);Weg (cm)\n0,0;3,1\n0,5;12,5\n1,0;40,2\n"


@pytest.mark.parametrize("cls", [FitByHand, DescentExplorer])
def test_own_points_are_shared(show, cls):
    page = show(cls(quad, [0., 1., 2.], [1., 2., 0.]))
    root = page.locator(".nnf-explorer")
    root.locator('[data-action="own"]').click()
    root.locator("textarea").fill(TEXT)
    root.locator('[data-action="own-take"]').click()
    root.locator('[data-action="own"]').click()
    root.locator('[data-param="a"] input[type=range]').press("ArrowRight")
    page.wait_for_timeout(150)
    link, seen = link_of(page), at_rest(page)
    opened(page, link)
    until(lambda: at_rest(page) == seen, message="it shows something else")
    root.locator('[data-action="own"]').click()
    root.locator('[data-action="own-back"]').click()
    settle(page)
    assert not {"Zeit (s)", "Weg (cm)"} & {*root.locator(".nnf-axis-label").all_text_contents()}
    assert not page.problems


SOME = "nothing", "another version", "cut off", "too long", "a small one that grows"
NAMED = {"points": {"f": [1, 2, 3, 4]}, "xlabel": {"toString": "<img>"}, "ylabel": "y"}
BAD_HERE = {**{k: BAD_LINKS[k] for k in SOME},
            "another explorer": (fragment({}, name="DrawDigit"), "there is no DrawDigit 1 here"),
            "another place": (fragment({}, nth=2), "there is no FitByHand 2 here"),
            "a wrong value": (fragment({"lr": -1}), "lr is not what it should be"),
            "an unknown name": (fragment({"spec": {}}), "a name in it is not what it should be"),
            "another function": (fragment({"params": {"m": 1, "b": 2}}), "params is not what it should be"),
            "a name that is no text": (fragment({"own_data": NAMED}), "xlabel"),
            "a percent sign": ("share=%", "cannot be opened")}


@pytest.mark.parametrize("case", BAD_HERE)
def test_a_bad_link_shows_a_note_and_the_fresh_explorer(show, case):
    text, message = BAD_HERE[case]
    page = show(FitByHand(quad, [0., 1., 2.], [1., 2., 0.]))
    fresh = at_rest(page)
    opened(page, f"http://course.test/page.html#{text}")
    assert message in note(page) and "The link cannot be opened" in note(page)
    assert at_rest(page) == fresh and not page.problems


def test_markup_in_a_link_is_text(show):
    page = show(FitByHand(quad, [0., 1., 2.], [1., 2., 0.]))
    name = "<img src=x onerror='window.ran = 1'>"
    values = {"own_data": {"points": {"f": [1, 2, 3, 4]}, "xlabel": name, "ylabel": name}}
    opened(page, f"http://course.test/page.html#{fragment(values)}")
    assert name in page.locator(".nnf-axis-label").all_text_contents() and not page.locator("img").count()
    assert page.evaluate("window.ran") is None and not page.problems


def test_the_right_one_of_two(show):
    page = show(BroadcastExplorer((2,), (2,)), FitByHand(quad, [0., 1.], [1., 2.]), FitByHand(quad, [0., 1.], [3., 4.]))
    page.locator(".nnf-explorer").nth(2).locator('[data-param="a"] input[type=range]').press("End")
    page.wait_for_timeout(150)
    link = link_of(page, 2)
    assert "share=1.FitByHand.2." in link
    opened(page, link)
    values = page.locator('[data-param="a"]').evaluate_all("(all) => all.map((o) => o.dataset.value)")
    assert values == ["1", "5"]
    assert page.locator(".nnf-shared + .nnf-mount").count() == 1


def test_one_alone(show):
    page = show(BroadcastExplorer((2,), (2,)), FitByHand(quad, [0., 1.], [1., 2.]), FitByHand(quad, [0., 1.], [3., 4.]))
    assert page.locator(".nnf-share a").nth(2).get_attribute("href").endswith("page.html?only=FitByHand.2")
    opened(page, "http://course.test/page.html?only=FitByHand.2&hide=run,reset,b,arrows,lr,whole,x%22%5D")
    root = page.locator(".nnf-alone .nnf-explorer")
    assert page.locator(".nnf-explorer").count() == root.count() == 1
    for hidden in ('[data-action="run"]', '[data-param="b"]', ".nnf-field", ".nnf-toggle"):
        assert not root.locator(hidden).first.is_visible(), hidden
    for there in ('[data-action="step"]', '[data-param="a"]', ".nnf-loss"): assert root.locator(there).is_visible()
    assert not page.locator('[data-action="whole"]').is_visible()
    root.locator('[data-param="a"] input[type=range]').press("End")
    page.wait_for_timeout(150)
    link = link_of(page)
    assert "?only=FitByHand.2&hide=" in link
    opened(page, link)
    assert page.locator('[data-param="a"]').get_attribute("data-value") == "5" and not page.problems


@pytest.mark.parametrize("hidden, there", [
    ("own", ["copy", "picture"]), ("copy,picture", ["own"]), ("own,copy,picture", [])])
def test_what_is_hidden_takes_nothing_else_with_it(show, hidden, there):
    page = show(FitByHand(quad, [0., 1.], [1., 2.]))
    opened(page, f"http://course.test/page.html?only=FitByHand&hide={hidden}")
    seen = [name for name in ("own", "copy", "picture") if page.locator(f'[data-action="{name}"]').is_visible()]
    assert seen == there and page.locator(".nnf-foot").is_visible() == bool(there)


@pytest.mark.parametrize("asked", ["Nobody", "FitByHand.9", "", "<b>", "toString"])
def test_nobody_alone(show, asked):
    page = show(FitByHand(quad, [0., 1.], [1., 2.]))
    opened(page, f"http://course.test/page.html?only={asked}")
    assert page.locator(".nnf-explorer").count() == 1 and not page.locator(".nnf-alone").count() and not page.problems
