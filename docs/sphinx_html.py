"Step 4: Sphinx makes _build/html, and a site without errors or warnings takes the place of the last one."
import re
import shutil
import sys

from adapter import SiteError
from workshop import DOCS, LIB, SITE, WORK, WORKERS, digest, files_in, run, write


def begin_anew_if(contents):
    """Sphinx keeps pages and files that are no longer there: with another set of them, or another glossary,
    it begins with empty folders."""
    own = [p.relative_to(DOCS).as_posix() for p in files_in(DOCS / "_static")]
    terms = [DOCS / "terms.py", *files_in(LIB / "terms"), *LIB.glob("glossary.py")]
    if not write(WORK / "pageset", digest(*contents, *own, DOCS / "conf.py", *terms)): return
    for folder in ("html", "doctrees"): shutil.rmtree(WORK / folder, ignore_errors=True)


def in_notebooks(said, origins):
    "Sphinx's complaints with the notebook and cell that they come from."
    def place(m):
        path, cells = origins.get(m[1], (None, []))
        n = int(m[2]) // 10000 - 1
        return f"nbs/{path}, cell {cells[n] if 0 <= n < len(cells) and cells[n] else '?'}:" if path else m[0]

    said = re.sub(rf"{re.escape(str(WORK / 'site'))}[/\\](\S+)\.ipynb:(\d+):", place, said)
    return re.sub(r"\x1b\[[0-9;]*m", "", said).strip()


def sphinx(site):
    "_build/site to _build/html; a warning is an error."
    begin_anew_if(site.contents())
    command = [sys.executable, "-m", "sphinx", "-b", "html", "-q", "-W", "--keep-going", "-j", str(WORKERS)]
    ran = run([*command, "-c", str(DOCS), "-d", str(WORK / "doctrees"), str(WORK / "site"), str(WORK / "html")])
    if ran.returncode == 0: return
    (WORK / "pageset").unlink()
    raise SiteError("Sphinx is not content:\n" + in_notebooks(ran.stderr, site.origins)[-3000:])


def swap():
    "The finished site in place of the last one."
    new, old = SITE.with_name("_docs.new"), SITE.with_name("_docs.old")
    for p in (new, old): shutil.rmtree(p, ignore_errors=True)
    shutil.copytree(WORK / "html", new, ignore=shutil.ignore_patterns(".buildinfo*"))
    if SITE.exists(): SITE.rename(old)
    new.rename(SITE)
    shutil.rmtree(old, ignore_errors=True)
