"What `make lab` sets up: an install that says how far it is, a JupyterLab that asks nothing and leaves notebooks alone."
import json

import pytest
from install import NEWS, follow, quiet_lab
from lab import until

OLD_PIP = """Obtaining file:///course
  Installing build dependencies: started
Collecting torch==2.13.0
  Downloading torch-2.13.0%2Bcpu-cp311-cp311-manylinux_2_28_x86_64.whl (190.1 MB)
Collecting MarkupSafe>=2.0
  Using cached MarkupSafe-3.0.4-cp311-cp311-manylinux_2_17_x86_64.whl (22 kB)
Installing collected packages: MarkupSafe, torch
Successfully installed MarkupSafe-3.0.4 torch-2.13.0"""
NEW_PIP = """Collecting et_xmlfile==2.0.0 (from -c constraints.txt (line 46))
  Downloading et_xmlfile-2.0.0-py3-none-any.whl.metadata (2.7 kB)
Requirement already satisfied: numpy in /course/.venv (2.4.6)
Downloading et_xmlfile-2.0.0-py3-none-any.whl (18 kB)
Downloading https://files.example.org/a/antlr4-4.9.3.tar.gz (117 kB)
Installing collected packages: et_xmlfile"""


@pytest.mark.parametrize("words, total, said", [
    (OLD_PIP, 2, ["torch 2.13.0, 190.1 MB", "MarkupSafe 3.0.4, 22 kB", "all there; unpacking 2 packages"]),
    (NEW_PIP, 1, ["et-xmlfile 2.0.0, 18 kB", "antlr4 4.9.3, 117 kB", "all there; unpacking 1 package"]),
    ("Requirement already satisfied: torch", 0, [])])
def test_an_install_says_a_line_for_each_file(capsys, words, total, said):
    assert follow(words.splitlines(keepends=True)) == total
    assert [line.strip() for line in capsys.readouterr().out.splitlines()] == said


def test_settings_of_others_stay(tmp_path):
    file = tmp_path / "share/jupyter/lab/settings/overrides.json"
    file.parent.mkdir(parents=True)
    file.write_text('{"mine": {"a": 1}}')
    for _ in range(2): quiet_lab(tmp_path)
    assert json.loads(file.read_text()) == {"mine": {"a": 1}, **NEWS}


def test_jupyterlab_asks_nothing_at_the_start(lab):
    with lab.open(["1"]) as nb:
        settings = nb.js("""const got = await app.serviceManager.settings.fetch('@jupyterlab/apputils-extension:notification');
            return {...JSON.parse(got.raw || '{}'), default: got.schema.properties.fetchNews.default}""")
        assert settings == {"default": "false"}, "the reader's own settings are empty, the environment's say no"
        assert not nb.page.locator(".Toastify__toast, .jp-Dialog").count()


def test_opening_a_notebook_and_looking_changes_nothing(lab):
    file = lab.root / "03_fitting.ipynb"
    before = file.read_bytes()
    with lab.open(path=file.name) as nb:
        until(lambda: nb.js("return !!panel.context.model.getMetadata('language_info').version"))
        nb.show(8)
        assert not nb.js("return panel.context.model.dirty"), "JupyterLab marks it as changed"
        nb.js("await panel.context.save(); return true")
        assert file.read_bytes() == before, "saving it unchanged writes something else"
        nb.run_cell(nb.js("""return cells.findIndex((c) => c.model.type === 'code'
            && c.model.sharedModel.getSource().includes('import'))"""))
        until(lambda: nb.js("return panel.context.model.dirty"), message="a cell that ran is no change")
        nb.js("await panel.context.save(); return true")
    old, new = json.loads(before), json.loads(file.read_bytes())
    assert new["metadata"] == old["metadata"] and new["cells"] != old["cells"]
    file.write_bytes(before)
