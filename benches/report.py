"""Makes one table of all benchmarks: our time, each peer's, their ratio, and the goal.

A benchmark belongs to a case (its pytest-benchmark group) and has a role, both set by
:func:`case`. All runs of a session are on one machine, in one go, so that their ratios mean
something where their times do not.
"""

from __future__ import annotations

import datetime
import importlib.metadata
import os
import platform
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

# What is measured must not have been computed before; those of the cache name a file.
os.environ["AUDIOCLUST_CACHE"] = "off"

DOCUMENT = Path(__file__).parent.parent / "docs" / "benchmarks.md"
PACKAGES = (
    "audioclust",
    "numpy",
    "librosa",
    "soundfile",
    "soxr",
    "scikit-learn",
    "audioflux",
    "minisom",
    "somoclu",
    "faiss-cpu",
    "openTSNE",
)
HEADER = ("case", "peer", "ours", "peer's time", "peer / ours", "goal")


def case(benchmark: Any, name: str, role: str, goal: str = "") -> None:
    """Name a benchmark's case, its role ("ours" or a peer's name), and the goal."""
    benchmark.group = name
    benchmark.extra_info.update(role=role, goal=goal)


def measure(benchmark: Any, work: Callable[[], Any], rounds: int = 5) -> Any:
    """Run slow work a few times, after one run to warm up."""
    return benchmark.pedantic(work, rounds=rounds, warmup_rounds=1)


FACTS: list[tuple[str, str, str]] = []
"""What is measured beside speed: what, how much, and the goal."""


def fact(what: str, value: str, goal: str = "") -> None:
    """Add a line to the table of figures that are no times beside a peer's."""
    FACTS.append((what, value, goal))


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    session = config._benchmarksession  # type: ignore[attr-defined]
    table = _markdown(HEADER, _rows(session.benchmarks))
    if FACTS:
        table += ["", *_markdown(("figure", "measured", "goal"), FACTS)]
    terminalreporter.write_line("")
    for line in table:
        terminalreporter.write_line(line)
    if os.environ.get("BENCH_DOCUMENT"):
        _write(table)


def _rows(benchmarks: list[Any]) -> list[tuple[str, ...]]:
    cases: dict[str, dict[str, Any]] = defaultdict(dict)
    for bench in benchmarks:
        if "role" in bench.extra_info and bench.stats.rounds:
            cases[bench.group][bench.extra_info["role"]] = bench
    rows: list[tuple[str, ...]] = []
    for name, by_role in cases.items():
        ours = by_role.pop("ours", None)
        for role, bench in by_role.items():
            if ours is None:
                continue
            ratio = bench.stats.median / ours.stats.median
            times = _time(ours.stats.median), _time(bench.stats.median)
            rows.append((name, role, *times, f"{ratio:.2f} ×", bench.extra_info["goal"]))
    return rows


def _time(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{1e3 * seconds:.1f} ms"


def _markdown(header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    rules = tuple("-" * width for width in widths)
    return [
        "| " + " | ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)) + " |"
        for row in (header, rules, *rows)
    ]


def _write(table: list[str]) -> None:
    versions, missing = [], []
    for package in PACKAGES:
        try:
            versions.append(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            missing.append(package)
    left_out = f"Left out, not installed: {', '.join(missing)}.\n" if missing else ""
    text = f"""# Benchmarks

Written by `make bench`, which runs all of it. Medians of three or more runs, ours and each
peer's one after the other in the same run; "peer / ours" says how many times faster we are,
and where the peer is "decoding alone", how near to the floor.

{_machine()}, Python {platform.python_version()}, {", ".join(versions)}.
{left_out}{datetime.date.today().isoformat()}.

"""
    DOCUMENT.parent.mkdir(exist_ok=True)
    DOCUMENT.write_text(text + "\n".join(table) + "\n", encoding="utf-8")


def _machine() -> str:
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    return f"{os.cpu_count()} cores of {model}, {platform.system()}"
