"The way to the page's modules and back loses nothing."
import math

import numpy as np
import pytest
import torch
from node import JavaScriptError, Node, find

SAME = """export const same = (...args) => args.length === 1 ? args[0] : args;
export const kind = (v) => v?.constructor?.name ?? String(v);
export const later = async (v) => { await null; return new Map([["v", v]]); };
export const nothing = () => {};
export const wrong = () => { throw new RangeError("far too much"); };
export const maker = () => ({ f: () => 1 });
export const quit = () => process.exit(3);
"""


@pytest.fixture(scope="module")
def module(tmp_path_factory):
    file = tmp_path_factory.mktemp("js") / "same.mjs"
    file.write_text(SAME, encoding="utf-8")
    return file


@pytest.mark.parametrize("value", [
    None, True, 0, -1.5, 1e300, 5e-324, 2**53, "ü−∞\n", [], {}, [[1, None], {"a": [math.inf, -math.inf]}]])
def test_there_and_back(js, module, value): assert js(module, "same", value) == value


def test_numbers_without_a_word_in_json(js, module):
    got = js(module, "same", [math.nan, -0.0, 0.0])
    assert math.isnan(got[0]) and [math.copysign(1, v) for v in got[1:]] == [-1, 1]


@pytest.mark.parametrize("value, kind", [
    (np.array([1., math.nan, -0.]), "Float64Array"), (torch.tensor([.1, 3]), "Float32Array"),
    (np.arange(3, dtype=np.int32), "Int32Array"), (np.array([7, 255], np.uint8), "Uint8Array")])
def test_typed_arrays(js, module, value, kind):
    got = js(module, "same", value)
    assert (js(module, "kind", value) == kind and got.tobytes() == np.asarray(value).tobytes()
            and got.dtype == np.asarray(value).dtype)


def test_bytes_are_what_a_model_gives(js, module):
    assert js(module, "kind", b"\x00\xff") == "DataView" and js(module, "same", b"\x00\xff") == b"\x00\xff"


def test_what_a_function_may_do(js, module):
    assert (js(module, "same", 1, [2]) == [1, [2]] and js(module, "later", 3) == {"v": 3}
            and js(module, "nothing") is None)


@pytest.mark.parametrize("function, word", [
    ("wrong", "RangeError: far too much"), ("missing", "exports no function missing"),
    ("maker", "holds a function, f")])
def test_errors_come_back(js, module, function, word):
    with pytest.raises(JavaScriptError, match=word): js(module, function)
    assert js(module, "same", 1) == 1  # and the process goes on


def test_a_process_that_ends_is_no_result(js, module):
    node = Node(find())
    with pytest.raises(JavaScriptError, match="Node ended in quit"): node.call(module, "quit")
    node.close()
