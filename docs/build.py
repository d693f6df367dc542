"""Builds the site into _docs/: `python docs/build.py`, or `... --serve` to look at it while you write.

Notebooks are checked, executed in a copy, processed by nbdev, adapted, and given to Sphinx. All of that happens in
_build/; _docs/ is replaced only by a site without errors or warnings. What did not change is not done again.
This file says the order; each step has a file of its own."""
import argparse
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from adapter import SiteError  # noqa: E402
from execute import execute_all  # noqa: E402
from export import check_export  # noqa: E402
from notebooks import read_all  # noqa: E402
from npm import npm_packages  # noqa: E402
from pages import nbdev_process, write_pages  # noqa: E402
from serve import serve  # noqa: E402
from sphinx_html import sphinx, swap  # noqa: E402
from workshop import DOCS, LIB, NBS, ROOT, SITE, WORK, digest, files_in, settings, write  # noqa: E402


def inputs():
    "One name for everything that the site is made of."
    files = [ROOT / "settings.ini", ROOT / "pyproject.toml", ROOT / "constraints.txt"]
    named = (x for p in files_in(NBS, LIB, DOCS) for x in (p.relative_to(ROOT).as_posix(), p))
    return digest(sys.version, os.environ.get("NEURALNET_FOUNDATIONS_DATA", ""), *files, *named)


def steps():
    "The whole way; the number of notebooks and the seconds that pages took."
    notebooks = read_all()
    npm_packages()
    WORK.mkdir(exist_ok=True)
    check_export()
    execute_all(notebooks)
    ran = time.perf_counter()
    nbdev_process()
    sphinx(write_pages(notebooks, settings()))
    swap()
    return len(notebooks), time.perf_counter() - ran


def build():
    "Build where something changed, and say what was done; a `SiteError` leaves the previous site as it was."
    start, now, stamp = time.perf_counter(), inputs(), WORK / "done"
    if stamp.exists() and stamp.read_text() == now and (SITE / "index.html").exists():
        print(f"docs: nothing changed, {time.perf_counter() - start:.1f} s")
        return
    stamp.unlink(missing_ok=True)
    many, pages = steps()
    write(stamp, now)
    print(f"docs: {many} notebooks in _docs/, {time.perf_counter() - start:.1f} s, of which pages {pages:.1f} s")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--serve", action="store_true", help="serve the site on 127.0.0.1 and rebuild it on change")
    parser.add_argument("--port", type=int, default=8123, help="where to serve (default 8123)")
    args = parser.parse_args()
    try: build()
    except SiteError as e:
        kept = "\ndocs: the previous _docs/ was left as it was" if SITE.exists() else ""
        print(f"docs: {e}{kept}", file=sys.stderr)
        if not (args.serve and SITE.exists()): return 1
    if args.serve:
        try: serve(args.port, build)
        except KeyboardInterrupt: pass
    return 0


if __name__ == "__main__": sys.exit(main())
