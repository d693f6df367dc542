"""The files that are made from others:
`python docs/project.py pyproject` (from settings.ini), `... readme` (from nbs/index.ipynb)."""
import configparser
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat
from adapter import page_name

ROOT = Path(__file__).parent.parent


def pyproject() -> str:
    "pyproject.toml as `nbdev-migrate-config` makes it from settings.ini."
    with tempfile.TemporaryDirectory() as tmp:
        shutil.copy(ROOT / "settings.ini", tmp)
        package = "neuralnet_foundations"
        shutil.copytree(ROOT / package, Path(tmp) / package, ignore=shutil.ignore_patterns("__pycache__"))
        tool = Path(sys.executable).with_name("nbdev-migrate-config")
        subprocess.run([tool], cwd=tmp, check=True, capture_output=True)
        text = (Path(tmp) / "pyproject.toml").read_text(encoding="utf-8")
    own = 'include = ["neuralnet_foundations"]'
    assert own in text, "nbdev-migrate-config says in another way which packages there are"
    text = text.replace(own, 'include = ["neuralnet_foundations*"]')  # sub-packages too
    settings = configparser.ConfigParser()
    settings.read(ROOT / "settings.ini", encoding="utf-8")
    return text + f"allowed_cell_metadata_keys = {settings['DEFAULT']['allowed_cell_metadata_keys'].split()}\n"  # which nbdev drops


def local_links(text: str) -> str:
    "Links and pictures of a notebook in nbs/, as seen from the project's root."
    return re.sub(r'(\]\(|(?:src|srcset|href)=")(?!https?:|#|mailto:)(?:\./)?([^)"]+)', r"\1nbs/\2", text)


def lesson_links(text: str) -> str:
    "The lists of lessons and playgrounds with two links each: the page to read on the site, and the notebook to run."
    settings = configparser.ConfigParser()
    settings.read(ROOT / "settings.ini", encoding="utf-8")
    site = settings["DEFAULT"]["doc_host"] + settings["DEFAULT"]["doc_baseurl"]
    row = lambda m: f"- [{m[1]}]({site}/{page_name(m[2])}.html): {m[3]} ([notebook]({m[2]}))"
    return re.sub(r"^- \[([^\]]+)\]\(([\w/]+\.ipynb)\): (.+)$", row, text, flags=re.M)


def readme() -> str:
    """README.md from nbs/index.ipynb: its text, and its code cells without directives; cells marked `#| hide` stay out.
    A text cell that begins with `<!-- readme-only -->` is a picture of what the cell before it shows alive."""
    parts = ["<!-- Made from nbs/index.ipynb by `make readme`: edit that. -->"]
    code = lambda source: re.sub(r"^#\|.*\n", "", source, flags=re.M).strip()
    for cell in nbformat.read(ROOT / "nbs" / "index.ipynb", 4).cells:
        if re.search(r"^#\| *(hide|echo: *false|include: *false)\b", cell.source, flags=re.M): continue
        if cell.cell_type == "markdown":
            parts.append(local_links(lesson_links(cell.source.removeprefix("<!-- readme-only -->\n"))))
        elif cell.cell_type == "code": parts.append(f"```python\n{code(cell.source)}\n```")
    return "\n\n".join(parts) + "\n"


MADE = {"pyproject": ("pyproject.toml", pyproject), "readme": ("README.md", readme)}

if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in MADE: sys.exit(f"usage: python docs/project.py {'|'.join(MADE)}")
    name, make = MADE[sys.argv[1]]
    file, text = ROOT / name, make()
    if not file.exists() or file.read_text(encoding="utf-8") != text: file.write_text(text, encoding="utf-8")
