"Step 0: the notebooks are read and checked."
import nbformat
from adapter import SiteError, check, lesson_number
from workshop import NBS


def order(path):
    "The front page, the lessons in order, the other pages, the explorers, the tools."
    number = lesson_number(path)
    return path != "index.ipynb", not number, number or 0, "/" in path, path.startswith("tools/"), path


def notebook_files():
    "Path from nbs/ of every notebook, in the site's order."
    found = [p.relative_to(NBS).as_posix() for p in NBS.rglob("*.ipynb") if ".ipynb_checkpoints" not in p.parts]
    return sorted(found, key=order)


def read(path):
    try: return nbformat.read(NBS / path, 4)
    except Exception as e: raise SiteError(f"nbs/{path}: not a notebook that can be read: {e}") from None


def read_all():
    "{path from nbs/: notebook}, each with a title, a promise and links that lead somewhere."
    found = {path: read(path) for path in notebook_files()}
    if "index.ipynb" not in found: raise SiteError("nbs/index.ipynb is missing: it is the front page")
    for path, nb in found.items(): check(path, nb, found)
    return found
