"""Run every file of some folders through all that reads sounds, and tell what goes wrong.

    python tests/support/odd.py [--mutants N] FOLDER ...

Each file gets a process of its own, in which all calls are made. A call may give a result or
an error of audioclust that says what is wrong with the file. All else is told: another
exception, a panic, an abort, words on standard error, more than 10 s of a processor, or more
than 256 MB. With ``--mutants`` synthetic sounds are damaged in so many ways as well, the same
each time; some are encoded by ffmpeg first.

libmpg123's own words on standard error are passed over: it writes them for every oddity that it
recovers from, and what a library of C writes can only be kept off for a process as a whole,
which the command line does.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import select
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, TypeAlias

MOST_SECONDS = 10
"""Of processor time, for one call."""

MOST_MEGABYTES = 256
"""Over what the process has before a call."""

PATIENCE = 300
"""Seconds until a process that neither ends nor computes counts as hanging."""

ENCODES: dict[str, tuple[str, ...]] = {
    "aac.m4a": ("-c:a", "aac"),
    "alac.m4a": ("-c:a", "alac"),
    "flac.mp4": ("-c:a", "flac", "-strict", "-2"),
    "opus.webm": ("-c:a", "libopus"),
    "vorbis.mka": ("-c:a", "libvorbis"),
    "a.aac": ("-c:a", "aac"),
    "a.opus": ("-c:a", "libopus"),
    "alac.caf": ("-c:a", "alac"),
    "a.wv": ("-c:a", "wavpack"),
}
"""What else is damaged: a synthetic sound as ffmpeg encodes it, by name and options."""

LIBMPG123 = re.compile(
    r"\[src/libmpg123/|Note: |Warning: (Xing|Encountered|Big change|Frankenstein)|\s*$"
)


def mutants(folder: Path, n: int) -> None:
    """Write `n` synthetic sounds, each damaged in one to four ways."""
    import numpy as np

    from audioclust.demo import synthesize
    from support.encodes import encode

    sounds = [Path(path) for path in synthesize(str(folder / "whole"), each=5)]
    source = next(path for path in sounds if path.suffix == ".wav")
    for name, options in ENCODES.items():
        sounds.append(encode(source, folder / "whole" / name, *options))
    for number in range(n):
        rng = np.random.default_rng(number)
        sound = sounds[number % len(sounds)]
        data = bytearray(sound.read_bytes())
        for _ in range(rng.integers(1, 5)):
            _damage(data, rng)
        (folder / f"{number:04}_{sound.name}").write_bytes(data)


def _damage(data: bytearray, rng: Any) -> None:
    """Change bytes, mostly of the header, or cut, remove, repeat or insert some."""
    size = len(data)
    at = int(rng.integers(min(size, 120) if rng.random() < 0.7 else size)) if size else 0
    length = int(rng.choice([1, 2, 4, 8, 300]))
    kind = rng.choice(["random", "ones", "zeros", "cut", "remove", "repeat", "insert"],
                      p=[0.35, 0.15, 0.15, 0.05, 0.1, 0.1, 0.1])  # fmt: skip
    if kind == "cut":
        del data[int(rng.integers(size + 1)) :]
    elif kind == "remove":
        del data[at : at + length]
    elif kind == "repeat":
        data[at:at] = data[at : at + length]
    else:
        fill = {"ones": b"\xff", "zeros": b"\0"}.get(kind)
        new = rng.bytes(length) if fill is None else fill * length
        data[at : at if kind == "insert" else min(size, at + length)] = new


Calls: TypeAlias = dict[str, Callable[[str, str], object]]
"""By name, functions of a file, and of a folder to write to."""


def calls() -> Calls:
    """Give what each file goes through."""
    import matplotlib.pyplot as plt

    import audioclust as ac
    from audioclust.listening.excerpts import write_preview

    def preview(path: str, out: str) -> object:
        target = os.path.join(out, "preview.wav")
        return write_preview([ac.Item(path, 0.0, 60.0)], target, n=1, seconds=1.0)

    def plot_pitch(path: str, _: str) -> None:
        ac.plot_pitch(path)
        plt.close("all")

    return {
        "extract": lambda path, _: ac.extract(path, n_jobs=1),
        "segment": lambda path, _: ac.segment(path, 2, window=0.5, min_duration=0.5, n_jobs=1),
        "onsets": lambda path, _: ac.onsets(path, 1, n_jobs=1),
        "preview": preview,
        "plot_pitch": plot_pitch,
    }


def outcome_of(call: Callable[[str, str], object], path: str, out: str) -> str:
    """Make a call, and give what is wrong with its outcome, which is nothing if all is well."""
    from audioclust.errors import AudioclustError

    try:
        result = call(path, out)
        errors = getattr(result, "errors", ())
    except AudioclustError as why:
        errors = getattr(why, "errors", ())
    except BaseException as why:
        return f"{type(why).__name__}: {why}"
    return "; ".join(error.message for error in errors if error.kind == "internal")


def _memory(name: str) -> float:
    """Give a value of this process's status in MB."""
    status = Path("/proc/self/status").read_text()
    return int(re.search(rf"{name}:\s+(\d+) kB", status)[1]) / 1024  # type: ignore[index]


def work_through(made: Calls, path: str, out: str, told: IO[str], said: IO[bytes]) -> None:
    """Make all calls with one file, and tell the outcome of each on a line of JSON."""
    os.dup2(said.fileno(), 2)
    for name, call in made.items():
        Path("/proc/self/clear_refs").write_text("5")  # The maximum begins anew.
        before, began = _memory("VmRSS"), time.process_time()
        # A signal ends what takes longer.
        most = int(began) + MOST_SECONDS + 1
        resource.setrlimit(resource.RLIMIT_CPU, (most, resource.RLIM_INFINITY))
        told.write(f"{name}\n")
        told.flush()
        wrong = outcome_of(call, path, out)
        grown = _memory("VmHWM") - before
        if not wrong and grown > MOST_MEGABYTES:
            wrong = f"it took {grown:.0f} MB"
        said.seek(0)
        text = said.read().decode(errors="replace")
        lines = [line for line in text.splitlines() if not LIBMPG123.match(line)]
        if not wrong and lines:
            wrong = f"standard error has {lines[:3]}"
        told.write(json.dumps([wrong, time.process_time() - began, grown]) + "\n")
        told.flush()


@dataclass
class Child:
    """A process that works through one file."""

    path: str
    pid: int
    told: IO[str]
    ends: float

    @classmethod
    def begun(cls, made: Calls, path: str, out: str) -> Child:
        """Start a process for a file. It is forked, and so imports nothing anew."""
        reading, writing = os.pipe()
        sys.stdout.flush()
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                os.close(reading)
                with open(writing, "w") as told, tempfile.TemporaryFile() as said:
                    work_through(made, path, out, told, said)
                status = 0
            finally:
                os._exit(status)
        os.close(writing)
        return cls(path, pid, open(reading), time.monotonic() + PATIENCE)

    def finished(self) -> Iterator[tuple[str, str, float, float]]:
        """Give (call, what was wrong, seconds, MB) of each call; waits for the end."""
        left = max(0.0, self.ends - time.monotonic())
        # The pipe is closed when the process ends. What it tells is short enough to wait in it.
        poll = select.poll()
        poll.register(self.told, select.POLLHUP)
        hangs = not poll.poll(left * 1000)
        if hangs:
            os.kill(self.pid, signal.SIGKILL)
        lines = self.told.read().splitlines()
        self.told.close()
        code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        for name, outcome in zip(lines[::2], lines[1::2], strict=False):
            yield (name, *json.loads(outcome))
        if code:
            reason = "it hangs" if hangs else f"the process ended with {code}"
            if code == -signal.SIGXCPU:
                reason = f"it took more than {MOST_SECONDS} s"
            yield lines[-1] if lines else "the start", reason, 0.0, 0.0


def survey(
    made: Calls, paths: list[str], jobs: int = 1
) -> Iterator[tuple[str, str, str, float, float]]:
    """Give (path, call, what was wrong, seconds, MB) of each call with each file."""
    with tempfile.TemporaryDirectory() as out:
        children: list[Child] = []
        for number, path in enumerate([*paths, *[""] * jobs]):
            if path:
                folder = os.path.join(out, str(number % jobs))
                os.makedirs(folder, exist_ok=True)
                children.append(Child.begun(made, path, folder))
            if len(children) == jobs or (children and not path):
                child = children.pop(0)
                for outcome in child.finished():
                    yield (child.path, *outcome)


def main() -> int:
    """Print what goes wrong and the largest figures, and give the number of failures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--mutants", type=int, default=0, help="number of damaged sounds")
    parser.add_argument("--jobs", type=int, default=2, help="processes at once")
    options = parser.parse_args()
    failures, n_calls = 0, 0
    most: dict[str, tuple[float, float]] = {}
    with tempfile.TemporaryDirectory() as made:
        mutants(Path(made), options.mutants or 1)
        folders = [*options.folders, *([Path(made)] if options.mutants else [])]
        paths = [str(p) for folder in folders for p in sorted(folder.rglob("*")) if p.is_file()]
        # One call of each before the processes are forked: what is loaded or cached is shared.
        every = calls()
        for call in every.values():
            call(str(next(Path(made, "whole").iterdir())), made)
        for path, name, wrong, seconds, megabytes in survey(every, paths, options.jobs):
            n_calls += 1
            worst = most.get(name, (0.0, 0.0))
            most[name] = max(worst[0], seconds), max(worst[1], megabytes)
            if wrong:
                failures += 1
                sys.stdout.write(f"{path}: {name}: {wrong}\n")
                sys.stdout.flush()
    for name, (seconds, megabytes) in most.items():
        sys.stdout.write(f"{name}: at most {seconds:.1f} s and {megabytes:.0f} MB\n")
    sys.stdout.write(f"{len(paths)} files, {n_calls} calls, {failures} failures\n")
    return min(failures, 1)


if __name__ == "__main__":
    sys.path.append(str(Path(__file__).resolve().parent.parent))  # For what tests share.
    os.environ.setdefault("MPLBACKEND", "Agg")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    sys.exit(main())
