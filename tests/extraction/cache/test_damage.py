"""Caches that are damaged, locked, read-only, full, gone or not ours: the run goes on."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.cached import Decoded, Sounds, extract, told, warned

import audioclust as ac
from audioclust.extraction.cache.settings import SCHEMA
from audioclust.extraction.cache.storage import database, writer
from audioclust.extraction.one_recording import OneRecording

FLIPS = 40 if os.environ.get("CI") else 200


@contextlib.contextmanager
def opened(place: Path) -> Iterator[sqlite3.Connection]:
    """Open the database of a cache as nobody but a test does."""
    with contextlib.closing(sqlite3.connect(place, isolation_level=None)) as connection:
        yield connection


@pytest.fixture
def filled(sounds: Sounds, place: Path, decoded: Decoded) -> Path:
    """A cache that has all sounds."""
    extract(sounds.folder, cache=place)
    decoded.clear()
    return place


@pytest.fixture
def undisturbed(sounds: Sounds) -> tuple[object, ...]:
    """What is computed without a cache."""
    return told(extract(sounds.folder, cache=False))


@pytest.mark.parametrize(
    "column", ["start", "sr", "decoder", "reader", "notes", "layout", "data", "crc"]
)
def test_a_damaged_row_is_computed_again_and_replaced(
    sounds: Sounds,
    undisturbed: tuple[object, ...],
    filled: Path,
    decoded: Decoded,
    column: str,
) -> None:
    decoded.clear()
    with opened(filled) as connection:
        flipped = "substr({0}, 1, 3) || x'01' || substr({0}, 5)"
        is_number = column in ("start", "sr", "crc")
        change = "{0} + 1" if is_number else flipped
        connection.execute(
            f"UPDATE row SET {column} = CAST({change.format(column)} AS {'INT' if is_number else 'BLOB'})"  # noqa: E501
            " WHERE file_id = 2"
        )
    table, warnings = warned(sounds.folder, filled)
    assert len(decoded.taken()) == 1
    assert warnings == [f"the cache {filled} has 1 damaged row, now replaced"]
    assert told(table) == undisturbed
    assert warned(sounds.folder, filled)[1] == []
    assert decoded.taken() == []


def test_rows_that_changed_places_are_told_from_their_own(
    sounds: Sounds, undisturbed: tuple[object, ...], filled: Path, decoded: Decoded
) -> None:
    decoded.clear()
    with opened(filled) as connection:
        for old, new in ((1, -1), (2, 1), (-1, 2)):
            connection.execute("UPDATE row SET file_id = ? WHERE file_id = ?", (new, old))
    table, warnings = warned(sounds.folder, filled)
    assert told(table) == undisturbed
    assert len(decoded.taken()) == 2
    assert len(warnings) == 1


def test_no_flipped_byte_makes_a_wrong_row_or_an_error(
    sounds: Sounds, undisturbed: tuple[object, ...], filled: Path
) -> None:
    whole = filled.read_bytes()
    rng = random.Random(0)
    first = list(range(0, 100, 4))  # The header, in which each byte has a meaning.
    places = first + [rng.randrange(len(whole)) for _ in range(FLIPS)]
    for number, at in enumerate(places):
        copy = filled.with_name(f"{number}.sqlite")
        copy.write_bytes(whole[:at] + bytes([whole[at] ^ (1 << number % 8)]) + whole[at + 1 :])
        for _ in range(2):
            table, warnings = warned(sounds.folder, copy)
            assert told(table) == undisturbed, at
            assert len(warnings) <= 1
        # It may be set aside, but is not deleted.
        assert list(copy.parent.glob(f"{number}.sqlite*"))
        for left in copy.parent.glob(f"{number}.sqlite*"):
            left.unlink()


@pytest.mark.parametrize("kind", ["zeros in it", "cut", "another header"])
def test_a_damaged_file_is_set_aside_and_a_new_one_made(
    sounds: Sounds,
    undisturbed: tuple[object, ...],
    filled: Path,
    decoded: Decoded,
    kind: str,
) -> None:
    whole = filled.read_bytes()
    damaged = {
        "zeros in it": whole[:100] + bytes(len(whole) - 100),
        "cut": whole[: len(whole) // 2],
        "another header": b"not SQLite" + whole[10:],
    }[kind]
    filled.write_bytes(damaged)
    table, warnings = warned(sounds.folder, filled)
    assert told(table) == undisturbed
    (aside,) = filled.parent.glob("*.damaged-*[0-9]")
    assert aside.read_bytes() == damaged
    assert len(warnings) == 1
    assert f"was set aside as {aside}" in warnings[0]
    decoded.clear()  # The run that found the damage has kept what it computed.
    assert warned(sounds.folder, filled)[1] == []
    assert decoded.taken() == []


@pytest.mark.parametrize(
    ("before", "page"),
    [
        (None, "row"),  # Found when the rows are read.
        ("rms", "sqlite_autoindex_file_1"),  # First used when other rows are written.
    ],
)
def test_the_run_that_finds_a_damaged_page_keeps_what_it_computes(
    sounds: Sounds,
    undisturbed: tuple[object, ...],
    place: Path,
    decoded: Decoded,
    before: str | None,
    page: str,
) -> None:
    extract(sounds.folder, features=before, cache=place)
    with opened(place) as connection:
        root = "SELECT rootpage FROM sqlite_master WHERE name = ?"
        (number,) = connection.execute(root, (page,)).fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    whole = place.read_bytes()
    start = (number - 1) * size
    place.write_bytes(whole[:start] + bytes(size) + whole[start + size :])
    table, warnings = warned(sounds.folder, place)
    assert told(table) == undisturbed
    assert len(warnings) == 1
    assert "was set aside as" in warnings[0]
    decoded.clear()
    assert warned(sounds.folder, place)[1] == []
    assert decoded.taken() == []


def test_a_file_that_is_no_cache_is_left_alone(
    sounds: Sounds, undisturbed: tuple[object, ...], place: Path
) -> None:
    place.parent.mkdir()
    sound = shutil.copy(sounds.folder / "000.wav", place.parent / "mistyped.wav")
    other = place.parent / "photos.sqlite"
    with opened(other) as connection:
        connection.execute("CREATE TABLE photos (name TEXT)")
    for file in (Path(sound), other):
        before = file.read_bytes()
        table, warnings = warned(sounds.folder, file)
        assert told(table) == undisturbed
        assert len(warnings) == 1
        assert "cannot be used" in warnings[0]
        assert file.read_bytes() == before
    assert sorted(path.name for path in place.parent.iterdir()) == [
        "mistyped.wav",
        "photos.sqlite",
    ]


def test_an_older_version_is_set_aside_and_a_newer_one_left_alone(
    sounds: Sounds, undisturbed: tuple[object, ...], filled: Path, decoded: Decoded
) -> None:
    with opened(filled) as connection:
        connection.execute("PRAGMA user_version = 99")
    newer = filled.read_bytes()
    table, warnings = warned(sounds.folder, filled)
    assert told(table) == undisturbed
    assert f"it is of version 99, and this audioclust knows {SCHEMA}" in warnings[0]
    assert filled.read_bytes() == newer
    with opened(filled) as connection:
        connection.execute("PRAGMA user_version = 0")
    table, warnings = warned(sounds.folder, filled)
    assert told(table) == undisturbed
    (aside,) = filled.parent.glob("*.old-*[0-9]")
    assert f"set aside as {aside}" in warnings[0]
    with opened(aside) as connection:
        assert connection.execute("SELECT count(*) FROM row").fetchone() == (sounds.n,)
    decoded.clear()
    assert warned(sounds.folder, filled)[1] == []
    assert decoded.taken() == []


def test_a_locked_cache_is_done_without(
    sounds: Sounds,
    undisturbed: tuple[object, ...],
    filled: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.05)
    with opened(filled) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        table, warnings = warned(sounds.folder, filled)
    assert told(table) == undisturbed
    assert warnings == [f"the cache {filled} cannot be used: database is locked"]


def test_a_cache_that_others_read_for_long_is_read_and_not_written(
    sounds: Sounds, filled: Path, decoded: Decoded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.05)
    sounds.write_bytes("new.wav", (sounds.folder / "001.wav").read_bytes()[:-2])
    decoded.clear()
    with opened(filled) as connection:
        connection.execute("BEGIN")
        connection.execute("SELECT * FROM file").fetchone()
        table, warnings = warned(sounds.folder, filled)
    assert decoded.taken() == ["new.wav"]
    assert len(table) == sounds.n
    assert warnings == [f"the cache {filled} cannot be written: database is locked"]


def rows_in(place: Path) -> int:
    """How many rows a cache has; none if there is no cache."""
    try:
        with opened(place) as connection:
            return int(connection.execute("SELECT count(*) FROM row").fetchone()[0])
    except sqlite3.OperationalError:
        return 0


def test_a_cache_that_vanishes_is_done_without(
    sounds: Sounds,
    undisturbed: tuple[object, ...],
    place: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gone = threading.Event()
    compute = OneRecording.compute

    def vanish(done: int, total: int) -> None:
        while done == 3 and not rows_in(place):
            time.sleep(0.01)
        if done == 3:
            for file in place.parent.iterdir():
                file.unlink()
            gone.set()

    def waiting(self: OneRecording, recording: Any, stop: Any) -> Any:
        # The largest files come first, so that this one is there when others are written.
        assert not recording.path.endswith("/000.wav") or gone.wait(60)
        return compute(self, recording, stop)

    monkeypatch.setattr(OneRecording, "compute", waiting)
    monkeypatch.setattr(writer, "MOST_ROWS", 1)
    table, warnings = warned(sounds.folder, place, progress=vanish)
    assert told(table) == undisturbed
    assert len(warnings) == 1
    assert list(place.parent.iterdir()) == []
    assert warned(sounds.folder, place)[1] == []
    table, warnings = warned(sounds.folder, place)
    assert (told(table), warnings) == (undisturbed, [])


def test_a_file_that_vanishes_is_an_error_and_no_row(
    sounds: Sounds, place: Path, decoded: Decoded
) -> None:
    def vanish(done: int, total: int) -> None:
        (sounds.folder / "000.wav").unlink(missing_ok=True)

    # The largest files come first.
    table, warnings = warned(sounds.folder, place, progress=vanish)
    assert warnings == []
    assert [error.path[-8:] for error in table.errors if error.kind == "unreadable"] == [
        "/000.wav"
    ]


def test_what_cannot_be_a_file_is_done_without(
    sounds: Sounds, undisturbed: tuple[object, ...], tmp_path: Path
) -> None:
    for bad in (tmp_path, tmp_path / "sounds" / "000.wav" / "rows.sqlite"):
        table, warnings = warned(sounds.folder, bad)
        assert told(table) == undisturbed
        assert len(warnings) == 1


def test_a_warning_names_the_line_that_called(sounds: Sounds, tmp_path: Path) -> None:
    result = ac.cluster(sounds.folder, 2, cache=False, n_jobs=1)
    for call in (
        lambda: ac.extract(sounds.folder, cache=tmp_path, n_jobs=1),
        lambda: ac.cluster(sounds.folder, 2, cache=tmp_path, n_jobs=1),
        lambda: result.predict(sounds.folder, cache=tmp_path, n_jobs=1),
    ):
        with pytest.warns(ac.CacheWarning) as caught:
            call()
        assert [warning.filename for warning in caught] == [__file__]


RUN = """
import sys, warnings
import audioclust as ac
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    {before}
    table = ac.extract(sys.argv[1], cache=sys.argv[2], n_jobs=1)
print(table.values.tobytes().hex())
print(*(w.message for w in caught), sep=chr(10))
"""


def in_process(before: str, folder: Path, place: Path) -> list[str]:
    command = [sys.executable, "-c", RUN.format(before=before), str(folder), str(place)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [line for line in done.stdout.splitlines() if line]


def test_a_full_disk_is_done_without(
    sounds: Sounds, undisturbed: tuple[object, ...], place: Path
) -> None:
    # What would be written beyond a limit on the size of files fails as on a full disk.
    for limit in (0, 4096, 30_000, 50_000):
        limited = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({limit},) * 2)"
        values, *warnings = in_process(limited, sounds.folder, place)
        assert bytes.fromhex(values) == undisturbed[0]
        assert len(warnings) == (limit < 50_000), limit
    with opened(place) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.fixture
def open_to_all() -> Iterator[Path]:
    """A folder that every user may look into; pytest's are for one user alone."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="users differ here")
def test_a_read_only_cache_is_read_and_not_written(open_to_all: Path, decoded: Decoded) -> None:
    sounds, place = Sounds(open_to_all / "sounds"), open_to_all / "kept" / "rows.sqlite"
    expected = extract(sounds.folder, cache=place).values.tobytes()
    new = sounds.write_bytes("new.wav", (sounds.folder / "001.wav").read_bytes()[:-2])
    before = place.read_bytes()
    place.chmod(0o444)
    place.parent.chmod(0o555)
    # Whoever may do anything may write there too, so such a user becomes another. All that is
    # imported must be there by then, since that user may not read it.
    other = (
        "import os, numpy, sqlite3, blake3; from audioclust.extraction.cache import keys\n"
        "    ac.extract({'a': (numpy.ones(4000), 8000)}, cache=False)\n"
        "    versions = {name: keys._version_of(name) for name in keys._ORDER}\n"
        "    keys._version_of = versions.__getitem__\n"
        "    os.geteuid() or os.setresuid(65534, 65534, 65534)"
    )
    try:
        _, *warnings = in_process(other, sounds.folder, place)
        assert len(warnings) == 1
        assert "cannot be written: attempt to write a readonly database" in warnings[0]
        new.unlink()
        assert in_process(other, sounds.folder, place) == [expected.hex()]
        values, *warnings = in_process(other, sounds.folder, place.with_name("none.sqlite"))
        assert values == expected.hex()
        assert len(warnings) == 1
        assert "cannot be used: " in warnings[0]
    finally:
        place.parent.chmod(0o755)
    assert place.read_bytes() == before
