"Loading digits: the first time, from the cache, offline; time and memory, each in a fresh process."
import shutil
import tarfile
import tempfile
from pathlib import Path

from common import Row, alone, median, megabytes, seconds, table

LOAD = """
import gc, json, sys, time
from neuralnet_foundations.data import load_digits
def memory(field):
    try: return int(next(l for l in open('/proc/self/status') if l.startswith(field)).split()[1])*1024
    except OSError: return None
if memory('VmRSS'): gc.collect(); open('/proc/self/clear_refs', 'w').write('5')
from neuralnet_foundations import data
decoded = []
for f in ("_decode", "_decode_subset"):
    setattr(data, f, lambda *args, f=getattr(data, f): decoded.append(args) or f(*args))
before, start = memory('VmRSS'), time.perf_counter()
d = load_digits(source=sys.argv[1])
took, size = time.perf_counter() - start, sum(t.nbytes for t in d[:4])
print(json.dumps([took, memory('VmHWM') and memory('VmHWM') - before, size, bool(decoded)]))
"""
NAIVE = """
import json, sys, time
from pathlib import Path
import numpy as np, torch
from PIL import Image
files = sorted(Path(sys.argv[1]).glob('*/*/*/*.png'))
for f in files: f.read_bytes()
start = time.perf_counter()
images = np.stack([np.array(Image.open(f)) for f in files])
print(json.dumps([time.perf_counter() - start, len(images)]))
"""


def cold(place, folder):
    "A data folder with a copy of the archive `place` alone: with decoded images beside it, no load would be the first."
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()): raise RuntimeError(f"{folder} is not empty: the first load may find decoded images in it")
    shutil.copy(place, folder)
    return folder


def run(n=5):
    from neuralnet_foundations.data import _choose
    rows = []
    with tempfile.TemporaryDirectory() as tmp:
        def load(source, cache, first):
            places = dict(DATA=Path(tmp)/"data", CACHE=Path(tmp)/cache)
            where = {f"NEURALNET_FOUNDATIONS_{name}": str(place) for name, place in places.items()}
            got = alone(LOAD, source, **where)
            if got[3] is not first: raise RuntimeError(f"{source} was {'not ' if first else ''}decoded: not the load to measure")
            return got
        name, place, _ = _choose((3, 7), "auto")
        title = "Loading digits"
        if name == "mnist_sample" and place.is_file():
            cold(place, Path(tmp)/"data")
            with tarfile.open(place) as tar: tar.extractall(Path(tmp)/"files", filter="data")
            naive, first, cached = [], [], []
            for i in range(n):  # in turn, so that a slow minute hits all alike
                naive.append(alone(NAIVE, Path(tmp)/"files"))
                first.append(load("mnist_sample", f"cache{i}", True))
                cached += [load("mnist_sample", f"cache{i}", False) for _ in range(3)]
            slow, once, again = (median(o[0] for o in kind) for kind in (naive, first, cached))
            title += f": MNIST_SAMPLE, {naive[0][1]:,} PNG files"
            against = f"[Image.open(o) for o in files] stacked: {seconds(slow)}"
            rows += [Row("first load from the .tgz", seconds(once), against, once/slow, 1),
                     Row("second load", seconds(again), "times as fast as the first", once/again, 20, least=True)]
            for what, kind in (("first", first), ("second", cached)):
                if kind[0][1]:
                    peak, size = median(o[1] for o in kind), kind[0][2]
                    against = f"the tensors: {megabytes(size)}"
                    rows.append(Row(f"memory at its highest, {what} load", megabytes(peak), against, peak/size, 2))
        else: print("mnist_sample.tgz is not here: to measure how it is decoded, set NEURALNET_FOUNDATIONS_DATA to its folder")
        first = load("mnist_subset", "subset", True)[0]
        again = median(load("mnist_subset", "subset", False)[0] for _ in range(n))
        rows += [Row("offline subset, first load", seconds(first)),
                 Row("offline subset, second load", seconds(again), "one second", again, 1)]
    return table(title, rows)
