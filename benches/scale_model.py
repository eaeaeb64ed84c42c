"""What a run over many files costs: arithmetic on what benches/calibrate_scale.py measures.

docs/scale.md has both tables, the measured one and the computed one, each between two markers.
This module reads the first and writes the second, so that one follows from the other.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

PAGE = Path(__file__).resolve().parent.parent / "docs" / "scale.md"

COLUMNS = 150
K = 20
WORKERS = 100
THREADS = 8
PART_ROWS = 65_536
FAN_IN = 8
GATHERED_ROWS = 4_000_000
N_FILES = (100_000, 1_000_000, 100_000_000)
HOUR_MS = 3_600_000


def measured(unit: str, what: str) -> Any:
    """A field of :class:`Constants`."""
    return field(metadata={"unit": unit, "what": what})


@dataclass(frozen=True)
class Constants:
    """What is measured, on one machine, in the order of the page."""

    wav_file: float = measured("ms", "processor time for a WAV file, whatever its length")
    wav_second: float = measured("ms", "the same, for each second of it")
    mp3_file: float = measured("ms", "processor time for an MP3 file, whatever its length")
    mp3_second: float = measured("ms", "the same, for each second of it")
    wav_bytes: float = measured("kB", "a second of WAV, 16 bits, 44.1 kHz, stereo")
    mp3_bytes: float = measured("kB", "a second of MP3, as libsndfile writes it by default")
    scan_time: float = measured("ms", "finding a file in a folder, on the client")
    scan_memory: float = measured("kB", "memory of the client for a file that was found")
    task_bytes: float = measured("kB", "what a task is sent for a file: its path and status")
    row_bytes: float = measured("kB", "a row that is sent to the client, with its path")
    head_bytes: float = measured(
        "kB", "what the client is sent of a part whose rows are stored"
    )
    parquet_part: float = measured("kB", "a part in the store, however many rows it has")
    parquet_row: float = measured("kB", "the same, for each row")
    task_time: float = measured("ms", "a task, for the scheduler and the client")
    task_messages: float = measured("", "messages to and from the scheduler for a task")
    lloyd: float = measured("ns", "a row, column and centre in an iteration, in one process")
    parted_lloyd: float = measured("ns", "the same, in parts of 65,536 rows")
    fit_memory: float = measured("kB", "peak memory of cluster() for a row of 150 columns")
    ward: float = measured("s", "Ward's linkage of 5,000 rows of 150 columns")

    @classmethod
    def of_page(cls, page: str) -> Constants:
        """Read the measured table of the page."""
        rows = dict(re.findall(r"^\| `(\w+)` +\| ([\d.]+)", between(page, "measured"), re.M))
        return cls(**{one.name: float(rows[one.name]) for one in fields(cls)})

    def as_markdown(self) -> str:
        """Write the measured table of the page."""
        rows = [("name", "measured", "what")]
        for one in fields(self):
            value, unit = getattr(self, one.name), one.metadata["unit"]
            rows.append((f"`{one.name}`", f"{value:.3g} {unit}".strip(), one.metadata["what"]))
        return markdown(rows)


@dataclass(frozen=True)
class Kind:
    """A kind of archive: what a file costs."""

    name: str
    seconds: float
    file_ms: float
    second_ms: float
    second_kb: float

    @property
    def ms(self) -> float:
        return self.file_ms + self.seconds * self.second_ms

    @property
    def kb(self) -> float:
        return self.seconds * self.second_kb


def kinds(c: Constants) -> tuple[Kind, Kind]:
    return (
        Kind("WAV of 5 s", 5, c.wav_file, c.wav_second, c.wav_bytes),
        Kind("MP3 of 3 min", 180, c.mp3_file, c.mp3_second, c.mp3_bytes),
    )


def lloyd_tasks(n: int) -> float:
    """Tasks of an iteration: one for each part, and the tree that adds up their sums."""
    return n / PART_ROWS * (1 + 1 / (FAN_IN - 1))


def gathered_ms(c: Constants, n: int) -> float:
    return n * COLUMNS * K * c.lloyd * 1e-6 / THREADS


def distributed_ms(c: Constants, n: int) -> float:
    """An iteration on workers. The scheduler hands out tasks while workers compute."""
    computing = n * COLUMNS * K * c.parted_lloyd * 1e-6 / WORKERS
    return max(computing, lloyd_tasks(n) * c.task_time)


def even_k(c: Constants) -> float:
    """The k from which on a part takes longer to compute in one process than to schedule."""
    scheduling = lloyd_tasks(PART_ROWS) * c.task_time
    return scheduling / (PART_ROWS * COLUMNS * c.lloyd * 1e-6 / THREADS)


def client_kb(c: Constants, n: int) -> float:
    """The files that were found, and the fit, or beyond 4 million rows only labels."""
    return n * c.scan_memory + n * (c.fit_memory if n <= GATHERED_ROWS else 0.004)


def worker_kb(c: Constants, n: int) -> float:
    """Rows as float32 with their items, and scaled rows as float64, of one worker."""
    return n / WORKERS * (c.row_bytes + 8 * COLUMNS / 1000)


Formula = Callable[[Constants, int], str]


def of_kind(kind: int) -> tuple[tuple[str, str, Formula], ...]:
    """Rows about one kind of files."""

    name = ("WAV of 5 s", "MP3 of 3 min")[kind]
    short = ("wav", "mp3")[kind]
    length = (5, 180)[kind]
    each = f"`{short}_file` + {length} `{short}_second`"
    return (
        (
            f"{name}: processor time of extraction",
            f"n ({each})",
            lambda c, n: hours(n * kinds(c)[kind].ms),
        ),
        (
            f"{name}: the same on 100 workers",
            "that / 100",
            lambda c, n: hours(n * kinds(c)[kind].ms / WORKERS),
        ),
        (
            f"{name}: read from disks or the network",
            f"n · {length} `{short}_bytes`",
            lambda c, n: size(n * kinds(c)[kind].kb),
        ),
        (
            f"{name}: scheduling beside extraction, 100 files a task",
            f"`task_time` / 100 ({each})",
            lambda c, _: f"{100 * c.task_time / 100 / kinds(c)[kind].ms:.2g} %",
        ),
        (
            f"{name}: workers that one scheduler keeps busy, 100 files a task",
            f"100 ({each}) / `task_time`",
            lambda c, _: count(100 * kinds(c)[kind].ms / c.task_time),
        ),
    )


def of_parts(files: int) -> tuple[tuple[str, str, Formula], ...]:
    """Rows about tasks of so many files."""
    what = f"{files:,} files a task"
    return (
        (f"tasks, {what}", f"n / {files:,}", lambda _, n: f"{n // files:,}"),
        (
            f"messages of the scheduler, {what}",
            "tasks · `task_messages`",
            lambda c, n: count(n / files * c.task_messages),
        ),
        (
            f"time of the scheduler, {what}",
            "tasks · `task_time`",
            lambda c, n: hours(n / files * c.task_time),
        ),
        (
            f"written to the store, {what}",
            "tasks · `parquet_part` + n `parquet_row`",
            lambda c, n: size(n / files * c.parquet_part + n * c.parquet_row),
        ),
        (
            f"to the client with a store, {what}",
            "tasks · `head_bytes`",
            lambda c, n: size(n / files * c.head_bytes),
        ),
    )


ROWS: tuple[tuple[str, str, Formula], ...] = (
    *of_kind(0),
    *of_kind(1),
    ("finding the files", "n `scan_time`", lambda c, n: hours(n * c.scan_time)),
    ("sent to workers", "n `task_bytes`", lambda c, n: size(n * c.task_bytes)),
    (
        "rows to the client, if it gathers them",
        "n `row_bytes`",
        lambda c, n: size(n * c.row_bytes),
    ),
    *of_parts(100),
    *of_parts(1000),
    (
        "memory of the client",
        "n (`scan_memory` + `fit_memory`); beyond 4·10⁶ n (`scan_memory` + 4 bytes)",
        lambda c, n: size(client_kb(c, n)),
    ),
    (
        "memory of each of 100 workers, k-means in parts",
        "n (`row_bytes` + 8 · 150 bytes) / 100",
        lambda c, n: size(worker_kb(c, n)),
    ),
    (
        "an iteration of k-means in one process of 8 threads",
        "n · 150 · 20 `lloyd` / 8",
        lambda c, n: hours(gathered_ms(c, n)),
    ),
    (
        "an iteration in parts on 100 workers",
        "the larger of n · 150 · 20 `parted_lloyd` / 100 and tasks · `task_time`",
        lambda c, n: hours(distributed_ms(c, n)),
    ),
    (
        "tasks of that iteration",
        "n / 65,536 · 8/7",
        lambda _, n: count(lloyd_tasks(n)),
    ),
    (
        "k from which on parts can be quicker than one process of 8 threads",
        "(8/7 `task_time`) / (65,536 · 150 `lloyd` / 8)",
        lambda c, _: count(even_k(c)),
    ),
)


def computed(c: Constants) -> str:
    """Write the computed table of the page."""
    header = ("what", "10⁵ files", "10⁶ files", "10⁸ files", "formula")
    rows = [(what, *(formula(c, n) for n in N_FILES), how) for what, how, formula in ROWS]
    return markdown([header, *rows])


def with_tables(page: str, c: Constants) -> str:
    """Give the page with both tables, the second one computed from the rounded first one."""
    page = put(page, "measured", c.as_markdown())
    return put(page, "computed", computed(Constants.of_page(page)))


def between(page: str, name: str) -> str:
    found = re.search(f"<!-- {name} -->\n(.*?)<!-- /{name} -->", page, re.DOTALL)
    assert found, f"the page has no markers {name}"
    return found[1]


def put(page: str, name: str, text: str) -> str:
    start, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
    return page.replace(f"{start}{between(page, name)}{end}", f"{start}{text}{end}", 1)


def markdown(rows: list[Any]) -> str:
    rows = [rows[0], ("---",) * len(rows[0]), *rows[1:]]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def count(number: float) -> str:
    """A number of two digits, without an exponent."""
    rounded = float(f"{number:.2g}")
    return f"{rounded:,.0f}" if rounded >= 10 else f"{rounded:g}"


def hours(ms: float) -> str:
    """A time in the unit that people would take."""
    if ms < 1000:
        return f"{count(ms)} ms"
    for unit, factor in (("s", 1000), ("min", 60_000)):
        if ms < 120 * factor:
            return f"{count(ms / factor)} {unit}"
    return f"{count(ms / HOUR_MS)} h"


def size(kb: float) -> str:
    """A number of bytes in the unit that people would take."""
    for unit, factor in (("PB", 1e12), ("TB", 1e9), ("GB", 1e6), ("MB", 1e3)):
        if kb >= factor:
            return f"{float(f'{kb / factor:.2g}'):g} {unit}"
    return f"{float(f'{kb:.2g}'):g} kB"
