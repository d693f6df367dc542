"All benchmarks, or the ones named: python benchmarks/run.py data imports training sliders net sheets"
import importlib
import os
import platform
import sys
import time

NAMES = "data", "imports", "training", "sliders", "net", "sheets"


def main(names):
    unknown = [n for n in names if n not in NAMES]
    if unknown: sys.exit(f"There is no benchmark {unknown[0]!r}: choose from {', '.join(NAMES)}")
    print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores", end="")
    load = f", load {os.getloadavg()[0]:.1f}: close other programs for figures that mean something"
    print(load if hasattr(os, "getloadavg") else "")
    start, missed = time.perf_counter(), 0
    for n in names or NAMES: missed += importlib.import_module(f"bench_{n}").run() or 0
    print(f"\n{time.perf_counter() - start:.0f} s, {missed} target{'' if missed == 1 else 's'} missed")


if __name__ == "__main__": main(sys.argv[1:])
