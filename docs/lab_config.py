"""What `make lab` tells JupyterLab's server: opening a lesson and looking at it changes nothing.

JupyterLab notes in every notebook that it opens which Python runs it. So the course's notebooks get these notes when
they are opened, where JupyterLab finds nothing to add, and lose them when they are saved. docs/install.py puts this
file into the environment."""
import json
from pathlib import Path

from ipykernel.ipkernel import IPythonKernel
from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager

NOTES = ("kernelspec", "language_info")


def notes(kernels):
    "What JupyterLab writes into a notebook that this environment's Python runs."
    name = kernels.get_kernel_spec("python3").display_name
    return {"kernelspec": {"name": "python3", "display_name": name, "language": "python"},
            "language_info": dict(IPythonKernel.language_info)}


class QuietManager(AsyncLargeFileManager):
    "Files as they are, with JupyterLab's own notes only while they are open."
    async def get(self, path, *args, **kwargs):
        model = await super().get(path, *args, **kwargs)
        if model["type"] == "notebook" and model["content"]:
            metadata = model["content"]["metadata"]
            if metadata.get("kernelspec", {}).get("name") == "python3":
                metadata.update(notes(self.parent.kernel_spec_manager))
        return model


def without_notes(model, path, contents_manager, **_):
    "Before a notebook is saved: these notes as they stand in its file, unless another kernel was chosen."
    file = Path(contents_manager._get_os_path(path))
    if model["type"] != "notebook" or not file.exists(): return
    old, new = json.loads(file.read_text(encoding="utf-8"))["metadata"], model["content"]["metadata"]
    if old.get("kernelspec", {}).get("name") != new.get("kernelspec", {}).get("name"): return
    for key in NOTES:
        if key in old: new[key] = old[key]
        else: new.pop(key, None)


c.ServerApp.contents_manager_class = QuietManager  # noqa: F821
c.FileContentsManager.pre_save_hook = without_notes  # noqa: F821
