"What importing a helper costs beside importing torch, each in a fresh process."
from common import Row, alone, median, seconds, table

CODE = "import sys, time; t = time.perf_counter(); __import__(sys.argv[1]); print(time.perf_counter() - t)"
# And their limits
MODULES = {"neuralnet_foundations.fitting": 1.3, "neuralnet_foundations.data": None,
           "neuralnet_foundations.explorers": None}


def run(n=5):
    times = {m: [] for m in ("torch", *MODULES)}
    for _ in range(n):
        for m in times: times[m].append(alone(CODE, m))
    t = {m: median(times[m]) for m in times}
    against = f"import torch: {seconds(t['torch'])}"
    rows = [Row(f"import {m}", seconds(t[m]), against, t[m]/t["torch"], limit) for m, limit in MODULES.items()]
    return table("Imports", rows)
