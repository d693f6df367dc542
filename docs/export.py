"Step 1: the modules are what the notebooks export."
import shutil

from adapter import PACKAGE, SiteError
from workshop import ENV, LIB, NBS, NOT_SOURCE, ROOT, WORK, digest, files_in, run, tool, write


def by_hand(path): return path.name == "__init__.py"


def modules(folder):
    "{path from `folder`: file} of the modules that notebooks make there."
    return {p.relative_to(folder).as_posix(): p for p in sorted(folder.rglob("*.py")) if not by_hand(p)}


def exported(copy):
    "The modules that a copy of the project makes when it has none."
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir(parents=True)
    for name in ("settings.ini", "pyproject.toml"): shutil.copy(ROOT / name, copy)
    for folder in (NBS, LIB): shutil.copytree(folder, copy / folder.name, ignore=shutil.ignore_patterns(*NOT_SOURCE))
    for p in modules(copy / PACKAGE).values(): p.unlink()
    ran = run([tool("nbdev-export")], cwd=copy, env={**ENV, "PYTHONPATH": ""})
    if ran.returncode: raise SiteError(f"nbdev-export failed:\n{ran.stderr[-2000:]}")
    return modules(copy / PACKAGE)


def check_export():
    "Raise a `SiteError` where a module is not what its notebook exports, or where no notebook exports it."
    key = digest(*files_in(NBS), *sorted(LIB.rglob("*.py")))
    stamp = WORK / "exported"
    if stamp.exists() and stamp.read_text() == key: return
    copy = WORK / "export"
    made, own = exported(copy), modules(LIB)
    differ = [name for name, p in made.items() if name not in own or p.read_bytes() != own[name].read_bytes()]
    stale = sorted(own.keys() - made.keys())
    shutil.rmtree(copy)
    if stale: raise SiteError(f"{PACKAGE}/{', '.join(stale)}: no notebook exports this any more; remove it")
    if differ: raise SiteError(f"{PACKAGE}/{', '.join(differ)}: not what the notebooks export; run `make export`")
    write(stamp, key)
