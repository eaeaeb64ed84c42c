"""Whenever a process that organizes is killed, every file is somewhere, and undo() finds it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from support.organized import changes_of, run_killed, tree

import audioclust as ac
from audioclust.export.organizing.carrying_out import carry_out
from audioclust.export.organizing.plan import PlacingMode, plan_for

N_KILLS = 8 if os.environ.get("CI") else 16
"""Number of moments at which each process is killed."""

ORGANIZE = """
import os
from audioclust.export.organizing.carrying_out import carry_out
from audioclust.export.organizing.plan import plan_for
root, out, mode = {root!r}, {out!r}, {mode!r}
found = sorted(os.path.join(top, name) for top, _, names in os.walk(root) for name in names)
plan = plan_for(out, [(path, str(len(path) % 2)) for path in found], mode)
KILL
carry_out(plan)
"""

UNDO = """
import audioclust, os
from audioclust.export.organizing.undoing import undo
KILL
undo({log!r})
"""

CASES = [("move", False), ("copy", False), ("link", False), ("move", True)]


@pytest.fixture(params=CASES, ids=lambda case: case[0] + " to another disk" * case[1])
def place(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[tuple[Path, Path, PlacingMode]]:
    """A folder of files, the folder that they are put into, and how."""
    mode, elsewhere = request.param
    root = tmp_path / "in"
    for n in range(5):
        path = root / "ab"[n % 2] / f"s{n // 2}{'x' * (n % 3)}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes([n]) * 1000)
    shared = "/dev/shm"
    if not elsewhere:
        yield root, tmp_path / "out", mode
        return
    if not os.path.isdir(shared) or os.stat(shared).st_dev == os.stat(tmp_path).st_dev:
        pytest.skip("there is no second file system")
    with tempfile.TemporaryDirectory(dir=shared) as other:
        yield root, Path(other, "out"), mode


def moments(code: str, seed: int, restore: Path, root: Path) -> list[int]:
    """Some moments of all at which a process changes the file system, seeded."""
    n = changes_of(code)
    assert n > 10
    shutil.rmtree(root)
    shutil.copytree(restore, root)
    return sorted(np.random.default_rng(seed).permutation(np.arange(1, n + 1))[:N_KILLS])


def wiped(root: Path, out: Path, backup: Path) -> None:
    """Bring everything back to where it was, without undo()."""
    shutil.rmtree(out, ignore_errors=True)
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(backup, root)


def test_a_killed_process_loses_nothing_and_can_be_undone(
    place: tuple[Path, Path, PlacingMode], tmp_path: Path
) -> None:
    root, out, mode = place
    backup = tmp_path / "backup"
    shutil.copytree(root, backup)
    before = tree(root)
    code = ORGANIZE.format(root=str(root), out=str(out), mode=mode)
    chosen = moments(code, 0, backup, root)
    for at in chosen:
        wiped(root, out, backup)
        run_killed(code, at)
        left = {content for content in tree(root, out).values() if isinstance(content, bytes)}
        assert left >= set(before.values()), f"killed at {at}"
        if mode != "move":
            assert tree(root) == before
        logs = [*out.glob("*.jsonl")] if out.exists() else []
        if not logs or not logs[0].read_bytes().endswith(b"\n"):
            assert tree(root) == before  # Nothing was begun.
            continue
        assert not ac.undo(logs[0]).kept, f"killed at {at}"
        assert tree(root) == before
        assert not out.exists(), f"killed at {at}: {tree(out)}"


def test_a_killed_undo_can_be_done_again(
    place: tuple[Path, Path, PlacingMode], tmp_path: Path
) -> None:
    root, out, mode = place
    backup = tmp_path / "backup"
    shutil.copytree(root, backup)
    before = tree(root)
    code = UNDO.format(log=str(out / "audioclust-organized-1.jsonl"))

    def organized() -> None:
        wiped(root, out, backup)
        places = [(path, str(len(path) % 2)) for path in sorted(before)]
        assert len(carry_out(plan_for(str(out), places, mode)).placed) == len(before)

    organized()
    for at in moments(code, 1, backup, root):
        organized()
        run_killed(code, at)
        left = {content for content in tree(root, out).values() if isinstance(content, bytes)}
        assert left >= set(before.values()), f"killed at {at}"
        log = out / "audioclust-organized-1.jsonl"
        if log.exists():
            assert not ac.undo(log).kept, f"killed at {at}"
        assert tree(root) == before
        # Only empty folders may be left if it was killed after the log was removed.
        assert not tree(out), f"killed at {at}"
