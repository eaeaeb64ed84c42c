"""Notebooks executed by a kernel of the Python that runs the tests."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat

EXECUTE = """
import sys
import nbclient, nbformat
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager

kernels, source, target = sys.argv[1:]
specs = KernelSpecManager(kernel_dirs=[kernels])
manager = AsyncKernelManager(kernel_name="tests", kernel_spec_manager=specs)
notebook = nbformat.read(source, as_version=4)
nbclient.NotebookClient(notebook, km=manager, kernel_name="tests", timeout=240).execute()
nbformat.write(notebook, target)
"""


def executed(notebook: Any, folder: Path) -> Any:
    """Execute a notebook, and give it with its outputs. An error in a cell ends it.

    It runs in a process of its own, since Jupyter's libraries leave sockets open.

    Parameters
    ----------
    notebook : NotebookNode
        As nbformat has it.
    folder : Path
        Where it is executed, and where Jupyter and IPython write what they would otherwise
        write to the home folder.
    """
    names = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    places = {name: str(folder / name.lower()) for name in names}
    kernel = folder / "kernels" / "tests"
    for place in (kernel, *map(Path, places.values())):
        place.mkdir(parents=True)
    command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": command, "display_name": "tests", "language": "python"}
    (kernel / "kernel.json").write_text(json.dumps(spec))
    source, target = folder / "source.ipynb", folder / "target.ipynb"
    nbformat.write(notebook, source)
    done = subprocess.run(
        [sys.executable, "-c", EXECUTE, str(kernel.parent), str(source), str(target)],
        env={**os.environ, **places},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return nbformat.read(target, as_version=4)


def unstyled(shown: str) -> str:
    """Give a table of a notebook without the sides at which its cells are aligned."""
    return re.sub(r' style="text-align:\w+"', "", shown)
