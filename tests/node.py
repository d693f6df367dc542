"Node, in which the page's modules run without a page: `Node().call(\"maths/loop.js\", \"advance\", ...)`."
import base64
import json
import math
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import torch
from lab import PATIENCE, ROOT

STATIC = ROOT / "neuralnet_foundations" / "static"
ARRAYS = {"Float64Array": "<f8", "Float32Array": "<f4", "Int32Array": "<i4", "Uint32Array": "<u4", "Uint8Array": "u1"}
NAMES = {np.dtype(code): name for name, code in ARRAYS.items()}


class JavaScriptError(Exception):
    "What a module threw."


def find() -> str | None:
    "The environment's own Node, else one on the PATH; None where there is none."
    own = os.path.dirname(sys.executable)
    return shutil.which("node", path=os.pathsep.join([own, os.environ.get("PATH", "")]))


def _tag(kind, data): return {"$": kind, "of": base64.b64encode(data).decode()}


def to_js(value):
    "A value that JSON can carry: arrays and tensors become typed arrays, bytes a DataView, as a widget's model gives them."
    if isinstance(value, torch.Tensor): value = value.detach().cpu().numpy()
    if isinstance(value, np.ndarray):
        if value.dtype not in NAMES: raise TypeError(f"no typed array holds {value.dtype}: one of {', '.join(ARRAYS)}")
        return _tag(NAMES[value.dtype], value.tobytes())
    if isinstance(value, bytes): return _tag("DataView", value)
    if isinstance(value, np.generic): value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return {"$": "Number", "of": "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"}
    if isinstance(value, dict): return {k: to_js(v) for k, v in value.items()}
    if isinstance(value, list | tuple): return [to_js(v) for v in value]
    return value


def from_js(value):
    "The other way round: typed arrays become numpy arrays, a DataView bytes."
    kind = value.get("$")
    if kind is None: return value
    if kind == "Number": return float(value["of"])
    data = base64.b64decode(value["of"])
    return data if kind == "DataView" else np.frombuffer(data, ARRAYS[kind])


class Node:
    "One Node process that runs the exports of modules; close it when done."
    def __init__(self, program):
        command = [program, str(Path(__file__).with_name("node.mjs"))]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        encoding="utf-8", bufsize=1)

    def call(self, module, function, *args):
        "The result of a module's export; `module` is a file of `static/`, such as \"maths/loop.js\", or a whole path."
        job = dict(module=(STATIC / module).as_uri(), function=function, args=to_js(args))
        watch = threading.Timer(PATIENCE, self.process.kill)
        watch.start()
        try:
            self.process.stdin.write(json.dumps(job) + "\n")
            line = self.process.stdout.readline()
        finally: watch.cancel()
        if not line:
            raise JavaScriptError(f"Node ended in {function} of {module}: it took more than {PATIENCE} s, or crashed")
        answer = json.loads(line, object_hook=from_js)
        if "error" in answer: raise JavaScriptError(answer["error"])
        return answer["result"]

    def close(self):
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()
