"""Installs the course and says how far it is: `python docs/install.py WHAT [options of pip]`.

pip's own words are a page for each package or none at all; this is a line for each file that comes, and a count of
what is unpacked. It also tells this environment's JupyterLab not to ask about news and not to mark notebooks as
changed that were only opened."""
import json
import re
import shutil
import subprocess
import sys
import sysconfig
import threading
import time
from pathlib import Path

FILE = re.compile(r"\s*(Downloading|Using cached) (?:\S*/)?([\w.]+?)-(\d[\w.]*)\S*\.(?:whl|tar\.gz) \(([^)]+)\)\s*$")
MANY = re.compile(r"\s*Installing collected packages: (.+)")
NEWS = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}}


def say(text): print(text, flush=True)


def packages(): return sum(1 for _ in Path(sysconfig.get_path("purelib")).glob("*.dist-info"))


def count(total, before, done):
    "How many packages are unpacked, on one line of a terminal until `done` is set."
    while sys.stdout.isatty() and not done.wait(0.5):
        print(f"\r  {min(packages() - before, total)} of {total}", end="", flush=True)
    if sys.stdout.isatty(): print("\r" + " "*20 + "\r", end="", flush=True)


def follow(lines):
    "Say what pip's `lines` mean, as they come; the number of packages that it installs."
    total, before, done = 0, packages(), threading.Event()
    for line in lines:
        if found := FILE.match(line): say(f"  {found[2].replace('_', '-')} {found[3]}, {found[4]}")
        elif found := MANY.match(line):
            total = len(found[1].split(", "))
            say(f"  all there; unpacking {total} package{'s'*(total > 1)}" + (", which takes a minute or two"*(total > 20)))
            threading.Thread(target=count, args=(total, before, done), daemon=True).start()
    done.set()
    return total


def quiet_lab(prefix=Path(sys.prefix)):
    "JupyterLab's settings for everyone who uses this environment; what others wrote there stays."
    overrides = prefix / "share/jupyter/lab/settings/overrides.json"
    overrides.parent.mkdir(parents=True, exist_ok=True)
    old = json.loads(overrides.read_text(encoding="utf-8")) if overrides.exists() else {}
    overrides.write_text(json.dumps({**old, **NEWS}, indent=1), encoding="utf-8")
    config = prefix / "etc/jupyter/jupyter_server_config.py"
    config.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(Path(__file__).with_name("lab_config.py"), config)


def main(*args):
    "pip's exit status."
    start, command = time.monotonic(), [sys.executable, "-m", "pip", "install", "--progress-bar", "off", *args]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8", errors="replace") as pip:
        total = follow(pip.stdout)
    if pip.returncode: return pip.returncode
    quiet_lab()
    say(f"  {total or 'no'} new package{'s'*(total != 1)}, {time.monotonic() - start:.0f} s")
    return 0


if __name__ == "__main__": sys.exit(main(*sys.argv[1:]))
