"""The LibreOffice that recalculates workbooks: `find()` gives its path, `python tests/office.py` installs Debian's where there is none."""
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

NAMES = ("soffice", "libreoffice", "localc")
PLACES = ("/Applications/LibreOffice.app/Contents/MacOS/soffice", r"C:\Program Files\LibreOffice\program\soffice.exe")
ALWAYS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""


def find() -> str | None:
    "Path of LibreOffice: `$SOFFICE`, one on the PATH or where its installer puts it; None where there is none."
    given = os.environ.get("SOFFICE")
    if given:
        if shutil.which(given): return shutil.which(given)
        raise FileNotFoundError(f"SOFFICE is {given!r}, which is not a program that can be run")
    return next((path for name in (*NAMES, *PLACES) if (path := shutil.which(name))), None)


def install() -> str | None:
    "Install Debian's libreoffice-calc; its path, or None where that does not work."
    if not shutil.which("apt-get"): return None
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    for command in (["apt-get", "update", "-qq"],
                    ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "libreoffice-calc"]):
        print("office:", " ".join(command), flush=True)
        subprocess.run([*sudo, *command], stdin=subprocess.DEVNULL,
                       env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})
    return find()


def recalculated(paths, folder) -> list:
    ("Every workbook worked out anew, whatever values its cells have; the paths of the results in `folder`. "
     "One run of LibreOffice for all.")
    with tempfile.TemporaryDirectory() as home:
        (Path(home) / "user").mkdir()
        (Path(home) / "user" / "registrymodifications.xcu").write_text(ALWAYS, encoding="utf-8")
        command = [find(), f"-env:UserInstallation={Path(home).as_uri()}", "--headless", "--convert-to",
                   "xlsx:Calc MS Excel 2007 XML", "--outdir", str(folder)]
        done = subprocess.run([*command, *map(str, paths)], capture_output=True, text=True, timeout=300,
                              stdin=subprocess.DEVNULL)
    out = [Path(folder) / Path(p).name for p in paths]
    missing = [p.name for p in out if not p.exists()]
    if missing: raise RuntimeError(f"LibreOffice left out {missing}: {done.stdout}{done.stderr}")
    return out


if __name__ == "__main__":
    path = find() or install()
    print("office:", path or "none; tests that need LibreOffice are skipped here, and fail with CI=true")
    sys.exit(1 if path is None and os.environ.get("CI", "").lower() == "true" else 0)
