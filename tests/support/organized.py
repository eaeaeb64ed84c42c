"""Folders of files that are organized, and what is in them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

KILLED_AT = """
import os, signal, sys

def kill_at(n):
    '''Kill this process before its n-th change of files; the result counts them.'''
    counted = 0
    names = "link symlink rename remove mkdir rmdir utime chmod setxattr".split()
    changes = {"open", *(f"os.{name}" for name in names)}
    def hook(event, arguments):
        nonlocal counted
        if event not in changes:
            return
        counted += 1
        if counted == n:
            os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(hook)
    return lambda: counted
"""


def tree(*folders: Path) -> dict[str, bytes | str]:
    """Give the contents of each file below folders, and where each link leads."""
    found: dict[str, bytes | str] = {}
    for folder in folders:
        for parent, _, names in os.walk(os.fsencode(folder)):
            for name in names:
                path = Path(os.fsdecode(os.path.join(parent, name)))
                is_link = path.is_symlink()
                found[str(path)] = os.readlink(path) if is_link else path.read_bytes()
    return found


def changes_of(code: str) -> int:
    """Run code that changes files, and give how often it does."""
    done = _run(f"{code}\nprint(counted())", 0)
    assert done.returncode == 0, done.stderr
    return int(done.stdout.split()[-1])


def run_killed(code: str, at: int) -> None:
    """Run code that is killed before its n-th change of the file system."""
    done = _run(code, at)
    assert done.returncode == -9, done.stderr


def _run(code: str, at: int) -> subprocess.CompletedProcess[str]:
    whole = f"{KILLED_AT}\n{code.replace('KILL', f'counted = kill_at({at})')}"
    command = [sys.executable, "-c", whole]
    return subprocess.run(command, capture_output=True, text=True, check=False)
