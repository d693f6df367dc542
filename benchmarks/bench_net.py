"The page's network on typed arrays beside an object for each unit and link: an epoch of training, and a surface."
import json
import shutil
import subprocess
from pathlib import Path

from common import Row, seconds, table

FOUR = 4  # times as fast, at least
WHAT = dict(epoch="an epoch of 250 points, batches of 10", surface="every unit at 100 x 100 places")


def run():
    node = shutil.which("node")
    if node is None: return print("\nNetworks: Node is not installed") or 0
    script = Path(__file__).with_name("net.mjs")
    t = json.loads(subprocess.run([node, script], capture_output=True, text=True, check=True).stdout)
    times = {name: (t[name]/1e3, t[f"{name}Objects"]/1e3) for name in WHAT}
    rows = [Row(f"2-8-8-8-1, tanh: {WHAT[n]}", seconds(a), f"objects: {seconds(b)}", b/a, FOUR, least=True)
            for n, (a, b) in times.items()]
    return table("Networks in the page", rows)
