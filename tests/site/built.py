"The site's pages, and how tests build it."
import os
import subprocess
import sys
import time

from lab import ROOT

sys.path.insert(0, str(ROOT / "docs"))
from adapter import lesson_number, page_name  # noqa: E402
from notebooks import notebook_files  # noqa: E402

NOTEBOOKS = notebook_files()
PAGES = [page_name(p) for p in NOTEBOOKS]
LESSONS = [page_name(p) for p in NOTEBOOKS if lesson_number(p)]


def build(root, **env):
    "Run the build in `root` as `make docs` does: (exit code, what it said, seconds)."
    start = time.perf_counter()
    ran = subprocess.run([sys.executable, "docs/build.py"], cwd=root, env={**os.environ, **env},
                         capture_output=True, text=True)
    return ran.returncode, ran.stdout + ran.stderr, time.perf_counter() - start
