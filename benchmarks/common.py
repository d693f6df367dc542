"What the benchmarks share: a table, medians, and measuring in a process of its own."
import json
import os
import statistics
import subprocess
import sys
from dataclasses import dataclass


@dataclass
class Row:
    """One line of a table: a value, what it is held against, and the limit for the ratio
    (or for the value, where there is no ratio)."""
    name: str
    value: str  # With its unit
    against: str = ""  # What it is compared with, with its value
    ratio: float | None = None
    limit: float | None = None
    least: bool = False  # The limit is a lower one

    @property
    def missed(self):
        if self.limit is None: return False
        return self.ratio < self.limit if self.least else self.ratio > self.limit

    def cells(self):
        target = "" if self.limit is None else f"{'>=' if self.least else '<='} {self.limit:g}"
        verdict = "" if self.limit is None else "missed" if self.missed else "ok"
        return self.name, self.value, self.against, "" if self.ratio is None else f"{self.ratio:.3g}", target, verdict


def table(title, rows):
    "Print rows as a table and give the number of targets that were missed."
    cells = [("what", "value", "against", "ratio", "target", ""), *(r.cells() for r in rows)]
    widths = [max(len(c[i]) for c in cells) for i in range(6)]
    right = {1, 3}
    print(f"\n{title}\n{'-'*len(title)}")
    for c in cells:
        padded = [o.rjust(w) if i in right else o.ljust(w) for i, (o, w) in enumerate(zip(c, widths, strict=True))]
        print("  ".join(padded).rstrip())
    sys.stdout.flush()
    return sum(r.missed for r in rows)


def median(values): return statistics.median(list(values))


def seconds(t): return f"{t:.2f} s" if t >= 1 else f"{t*1e3:.1f} ms" if t >= 1e-3 else f"{t*1e6:.0f} us"


def megabytes(n): return f"{n/1e6:.0f} MB"


def alone(code, *args, **env):
    "Run `code` in a Python of its own; the last line it prints is JSON, and the result."
    command = [sys.executable, "-c", code, *map(str, args)]
    run = subprocess.run(command, capture_output=True, text=True, env=os.environ | env)
    if run.returncode: raise RuntimeError(run.stderr[-2000:])
    return json.loads(run.stdout.splitlines()[-1])
