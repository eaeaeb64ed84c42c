"""The log of a plan: JSON lines, from which it can be undone.

All steps are on the disk before the first one is taken. What was done is added after each step.
A step without that may have been taken or not: its files tell. Each line has the CRC-32 of the
rest of it, as JSON in ASCII.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import FileIO
from typing import Any

from audioclust.errors import ParameterError
from audioclust.export.organizing.files import Identity, Placed, to_disk
from audioclust.export.organizing.plan import PlacingMode, Step

LOG_NAME = "audioclust-organized-{}.jsonl"
"""The name of a log, with its number."""

VERSION = 1
"""The version of the format."""

_NO_ENTRY = (KeyError, TypeError, ValueError, OverflowError)
"""What values raise that are missing or of another kind."""


@dataclass(frozen=True)
class LoggedStep:
    """A step as the log has it.

    Attributes
    ----------
    number : int
        Its place in the log.
    step : Step
        What was to be done.
    before : Identity
        What the source was.
    placed : str or None
        What was put at the target, if that was logged.
    after : Identity or None
        What it was.
    """

    number: int
    step: Step
    before: Identity
    placed: Placed | None = None
    after: Identity | None = None


@dataclass(frozen=True)
class Log:
    """The log of a plan.

    Attributes
    ----------
    path : str
        The file.
    token : str
        What the names of its temporary files have in common.
    new_folders : tuple of str
        The folders that were not there before, outer ones first.
    steps : tuple of LoggedStep
    unreadable : tuple of int
        Numbers of lines that cannot be read, from 1, without one that was not written to its
        end.
    """

    path: str
    token: str
    new_folders: tuple[str, ...]
    steps: tuple[LoggedStep, ...]
    unreadable: tuple[int, ...] = ()

    def temporary(self, number: int, target: str) -> str:
        """Give the name of the temporary file of a step, beside its target."""
        name = f".audioclust-{self.token}-{number}.tmp"
        return os.path.join(os.path.dirname(target), name)


class LogWriter:
    """A log that is written.

    Parameters
    ----------
    folder : str
        Where it is put, under a name that is free.
    steps : sequence of Step
        All that is going to be done. A step whose source is gone is left out.
    new_folders : sequence of str
        The folders that are not there yet, outer ones first; `folder` may be one of them.

    Attributes
    ----------
    log : Log
        What was written at the beginning.
    missing : dict of Step to OSError
        The steps that were left out, and why.

    Raises
    ------
    OSError
        If it cannot be written.
    """

    def __init__(self, folder: str, steps: Sequence[Step], new_folders: Sequence[str]) -> None:
        self.missing: dict[Step, OSError] = {}
        logged: list[LoggedStep] = []
        for step in steps:
            try:
                before = Identity.of(os.stat(step.source))
            except OSError as why:
                self.missing[step] = why
            else:
                logged.append(LoggedStep(len(logged), step, before))
        os.makedirs(folder, exist_ok=True)
        path, self._file = _new_file(folder)
        self.log = Log(path, secrets.token_hex(8), tuple(new_folders), tuple(logged))
        try:
            self._write_whole(b"".join(map(_line, _beginning(self.log))))
            os.fsync(self._file.fileno())
            to_disk(folder)
        except BaseException:
            self._file.close()
            os.unlink(path)
            raise

    def __enter__(self) -> LogWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def _write_whole(self, text: bytes) -> None:
        """Write all of a text: without a buffer, a part may be written at once."""
        left = memoryview(text)
        while left:
            left = left[self._file.write(left) :]

    def done(self, number: int, placed: Placed, status: os.stat_result) -> None:
        """Add that a step was taken; a full disk does not matter here, as its files tell."""
        entry = {"done": number, "as": placed, **Identity.of(status)._asdict()}
        with contextlib.suppress(OSError):
            self._write_whole(_line(entry))


def _new_file(folder: str) -> tuple[str, FileIO]:
    """Open the log under the first name that is free."""
    n = 1
    while True:
        path = os.path.join(folder, LOG_NAME.format(n))
        try:
            return path, open(path, "xb", buffering=0)
        except FileExistsError:
            n += 1


def _beginning(log: Log) -> Iterator[dict[str, Any]]:
    yield {
        "audioclust": "organize",
        "version": VERSION,
        "token": log.token,
        "new_folders": log.new_folders,
    }
    for logged in log.steps:
        yield {"step": logged.number, **logged.step._asdict(), **logged.before._asdict()}


def _line(entry: dict[str, Any]) -> bytes:
    # A byte of a name that is not UTF-8 is a lone surrogate, which is escaped like the rest.
    whole = {**entry, "crc32": _checksum(entry)}
    return json.dumps(whole, ensure_ascii=True).encode("ascii") + b"\n"


def _checksum(entry: dict[str, Any]) -> int:
    """Give a number that shows damage: a wrong letter would put a file in a wrong place."""
    return zlib.crc32(json.dumps(entry, ensure_ascii=True).encode("ascii"))


def read_log(path: str) -> Log:
    """Read a log.

    Raises
    ------
    ParameterError
        If the file is no log, or that of a later version.
    OSError
        If it cannot be read.
    """
    with open(path, "rb") as file:
        lines = file.read().split(b"\n")
    head = _parsed(lines[0])
    try:
        version, token = head["version"], str(head["token"])
        folders = tuple(map(str, head["new_folders"]))
        if head["audioclust"] != "organize" or not token.isalnum():
            raise ValueError
    except _NO_ENTRY:
        raise ParameterError(f"log={path!r}: expected the log of organize()") from None
    if version != VERSION:
        raise ParameterError(f"log={path!r} has version {version}: expected {VERSION}")
    steps: dict[int, LoggedStep] = {}
    unreadable = []
    for number, line in enumerate(lines[1:], 2):
        try:
            _add(_parsed(line), steps)
        except _NO_ENTRY:
            if number < len(lines):  # The last one has no end: the process was stopped there.
                unreadable.append(number)
    return Log(path, token, folders, tuple(steps.values()), tuple(unreadable))


def _parsed(line: bytes) -> dict[str, Any]:
    try:
        entry = json.loads(line)
        is_whole = isinstance(entry, dict) and entry.pop("crc32") == _checksum(entry)
    except (KeyError, ValueError, RecursionError):
        return {}
    return entry if is_whole else {}


def _add(entry: dict[str, Any], steps: dict[int, LoggedStep]) -> None:
    """Add an entry to the steps, or raise one of :data:`_NO_ENTRY` if it is none."""
    identity = Identity(*(int(entry[name]) for name in Identity._fields))
    if "step" in entry:
        mode: PlacingMode = entry["mode"]
        step = Step(_full(entry["source"]), _full(entry["target"]), mode)
        if mode not in ("link", "copy", "move"):
            raise ValueError
        steps[int(entry["step"])] = LoggedStep(int(entry["step"]), step, identity)
        return
    known = steps[int(entry["done"])]
    placed: Placed = entry["as"]
    steps[known.number] = LoggedStep(known.number, known.step, known.before, placed, identity)


def _full(path: object) -> str:
    if not isinstance(path, str) or not os.path.isabs(path) or "\0" in path:
        raise ValueError
    return path
