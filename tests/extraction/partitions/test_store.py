"""Stores: parts of a run in a folder, which of them are there, and what is refused."""

from __future__ import annotations

import dataclasses
import os
import pickle
import re
import subprocess
import sys
import urllib.parse
from pathlib import Path
from typing import Any, ClassVar

import fsspec
import numpy as np
import pyarrow.dataset
import pytest
from fsspec.implementations.memory import MemoryFileSystem
from support.web import web

import audioclust as ac
from audioclust.audio.remote import objects
from audioclust.audio.sources import Scan, scan
from audioclust.extraction.batch import BatchSettings
from audioclust.extraction.partitions.cutting import cut
from audioclust.extraction.partitions.fingerprints import fingerprint
from audioclust.extraction.partitions.part_files import place_of
from audioclust.extraction.partitions.store import Head, Store
from audioclust.extraction.recordings import extract_part
from audioclust.extraction.settings import ExtractionSettings

SETTINGS = ExtractionSettings.checked(features="rms", descriptors=True)


def store_at(where: str | Path) -> Store:
    store = Store.checked(where)
    assert store is not None
    return store


def fingerprints_of(parts: list[Scan], settings: ExtractionSettings = SETTINGS) -> list[str]:
    return [fingerprint(part, settings, i, len(parts)) for i, part in enumerate(parts)]


@pytest.fixture(scope="module")
def sounds(library: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of seven files: one part of it fails, and one name is not UTF-8."""
    folder = tmp_path_factory.mktemp("sounds")
    for place, path in enumerate(library[:5]):
        name = os.fsencode(str(folder)) + b"/" + str(place).encode() + b" \xe9.wav"
        os.link(path, name)
    for place in (5, 6):
        (folder / f"{place}.wav").write_bytes(b"no sound")
    return folder


@pytest.fixture(scope="module")
def parts(sounds: Path) -> list[Scan]:
    return cut(scan(str(sounds)), 2)


@pytest.fixture(scope="module")
def tables(parts: list[Scan]) -> list[ac.FeatureTable]:
    made = [extract_part(part, SETTINGS, BatchSettings()) for part in parts]
    assert [len(table) for table in made] == [2, 2, 1, 0]
    return made


@pytest.fixture
def full(tmp_path: Path, parts: list[Scan], tables: list[ac.FeatureTable]) -> Store:
    """A store with all parts."""
    store = store_at(tmp_path / "run")
    for number, (table, text) in enumerate(zip(tables, fingerprints_of(parts), strict=True)):
        store.write(number, table, text)
    return store


def files_in(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))


def test_each_part_comes_back_equal_and_is_a_parquet_file(
    full: Store, tmp_path: Path, parts: list[Scan], tables: list[ac.FeatureTable]
) -> None:
    other = pickle.loads(pickle.dumps(full))
    assert [other.read(number) for number in range(4)] == tables
    known = other.known(fingerprints_of(parts))
    assert list(known) == [0, 1, 2, 3]
    for number, head in known.items():
        table = tables[number]
        counts = head.n_rows, head.n_errors, head.n_left_out
        assert counts == (len(table), len(table.errors), len(table.left_out))
        file = tmp_path / "run" / head.name
        assert other.read(number, head) == ac.FeatureTable.from_parquet(file) == table
        place = place_of(file)
        assert place is not None
        assert (place.number, place.of) == (number + 1, 4)
    # Whoever reads the folder as one set of data finds one schema, in empty parts as well.
    rows = pyarrow.dataset.dataset(tmp_path / "run", format="parquet").to_table()
    assert rows.num_rows == sum(map(len, tables))


def test_a_part_is_found_that_another_process_wrote_after_the_listing(
    tmp_path: Path, parts: list[Scan], tables: list[ac.FeatureTable]
) -> None:
    first = store_at(tmp_path)
    texts = fingerprints_of(parts)
    assert first.known(texts) == {}
    with pytest.raises(FileNotFoundError, match="has no part 3"):
        first.read(2)
    pickle.loads(pickle.dumps(first)).write(2, tables[2], texts[2])
    assert first.read(2) == tables[2]


@pytest.mark.parametrize("damage", ["cut off", "empty", "longer"])
def test_a_file_of_another_length_is_missing_and_is_replaced(
    damage: str, full: Store, tmp_path: Path, parts: list[Scan], tables: list[ac.FeatureTable]
) -> None:
    texts = fingerprints_of(parts)
    file = tmp_path / "run" / full.known(texts)[1].name
    whole = file.read_bytes()
    file.write_bytes({"cut off": whole[:-9], "empty": b"", "longer": whole + b"0"}[damage])
    assert sorted(full.known(texts)) == [0, 2, 3]
    full.write(1, tables[1], texts[1])
    assert sorted(full.known(texts)) == [0, 1, 2, 3]
    assert len(files_in(tmp_path / "run")) == 4
    assert file.read_bytes() == whole


def test_a_changed_byte_is_noticed_when_the_part_is_read(
    full: Store, tmp_path: Path, parts: list[Scan], tables: list[ac.FeatureTable]
) -> None:
    head = full.known(fingerprints_of(parts))[0]
    file = tmp_path / "run" / head.name
    whole = file.read_bytes()
    value = tables[0].values[0].tobytes()[:4]
    place = whole.index(value)
    file.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
    with pytest.raises(ac.ModelError, match=r"part-000001-of-000004.*remove this file"):
        full.read(0, head)


def test_a_part_whose_file_has_changed_is_computed_again_and_no_other(
    library: list[str], tmp_path: Path
) -> None:
    folder = tmp_path / "sounds"
    folder.mkdir()
    for place, path in enumerate(library[:4]):
        (folder / f"{place}.wav").write_bytes(Path(path).read_bytes())
    before = cut(scan(str(folder)), 2)
    store, texts = store_at(tmp_path / "run"), fingerprints_of(before)
    for number, part in enumerate(before):
        store.write(number, extract_part(part, SETTINGS, BatchSettings()), texts[number])
    (folder / "3.wav").write_bytes(Path(library[9]).read_bytes())
    os.utime(folder / "3.wav", ns=(1, 1))
    after = cut(scan(str(folder)), 2)
    assert list(store.known(fingerprints_of(after))) == [0]
    assert len(files_in(tmp_path / "run")) == 1
    table = extract_part(after[1], SETTINGS, BatchSettings())
    store.write(1, table, fingerprints_of(after)[1])
    assert list(store.known(fingerprints_of(after))) == [0, 1]
    assert store.read(1) == table


def test_parts_with_errors_are_tried_again_if_that_is_asked_for(
    full: Store, parts: list[Scan]
) -> None:
    texts = fingerprints_of(parts)
    assert sorted(full.known(texts, retry=True)) == [0, 1]
    assert sorted(full.known(texts)) == [0, 1]


@pytest.mark.parametrize("status", [403, 503, 404])
def test_what_was_not_reached_is_tried_again(
    status: int, library: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(objects, "_WAIT", 0.001)
    sound = Path(library[0]).read_bytes()
    with web(
        files={f"/{n}.wav": sound for n in range(3)}, statuses={"/1.wav": status}
    ) as server:
        found = scan([f"{server.address}/{n}.wav" for n in range(3)])
        parts = cut(found, 1)
        store = store_at(tmp_path / "run")
        texts = fingerprints_of(parts)
        for number, part in enumerate(parts):
            table = extract_part(part, SETTINGS, BatchSettings())
            head = store.write(number, table, texts[number])
            assert Head.of_name(head.name) == head
            assert len(store.read(number).errors) == (number == 1)
        # What is missing stays missing, until the search or the server tells otherwise.
        assert sorted(store.known(texts)) == ([0, 1, 2] if status == 404 else [0, 2])


OTHERS: dict[str, tuple[str, str]] = {
    "settings": ("other settings", "computed with other settings"),
    "descriptors": ("no descriptors", "computed with other settings"),
    "size": ("a part of three", "of a run in 4 parts, and this run has 3"),
    "recordings": ("another order", "of other recordings: part 1 differs"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_parts_of_another_run_are_refused_and_stay(
    name: str, full: Store, tmp_path: Path, parts: list[Scan], sounds: Path
) -> None:
    before = files_in(tmp_path / "run")
    if name == "settings":
        wanted = fingerprints_of(parts, dataclasses.replace(SETTINGS, stats=("max",)))
    elif name == "descriptors":
        wanted = fingerprints_of(parts, SETTINGS.without_descriptors())
    elif name == "size":
        wanted = fingerprints_of(cut(scan(str(sounds)), 3))
    else:
        found = scan(str(sounds))
        found.recordings.reverse()
        wanted = fingerprints_of(cut(found, 2))
    with pytest.raises(ac.ParameterError) as why:
        full.known(wanted)
    message = str(why.value)
    assert str(tmp_path / "run") in message
    assert OTHERS[name][1] in message
    assert message.endswith("give another folder, or remove these files")
    assert files_in(tmp_path / "run") == before


def test_files_of_others_are_left_alone(
    full: Store, tmp_path: Path, parts: list[Scan], tables: list[ac.FeatureTable]
) -> None:
    folder = tmp_path / "run"
    beyond = "part-000005-of-000004.rows-1.errors-0.left-out-0.again-0.bytes-4.a-b-c.parquet"
    names = [
        beyond,
        "part-000001.parquet",
        "notes.txt",
        "part-3-of-4.parquet",
        ".audioclust-1.tmp",
    ]
    for name in names:
        (folder / name).write_text("mine")
    (folder / "a folder").mkdir()
    texts = fingerprints_of(parts)
    assert sorted(full.known(texts)) == [0, 1, 2, 3]
    for number, table in enumerate(tables):
        full.write(number, table, texts[number])
    assert [(folder / name).read_text() for name in names] == ["mine"] * len(names)
    assert len(files_in(folder)) == len(tables) + len(names) + 1


def test_a_process_that_is_killed_while_it_writes_leaves_no_half_part(tmp_path: Path) -> None:
    code = """
import os, signal, sys
from audioclust.extraction.partitions.folders import folder_at
import audioclust.utils.files as files

files._to_disk = lambda name: os.kill(os.getpid(), signal.SIGKILL)
folder_at(sys.argv[1]).write("part.parquet", b"12345")
"""
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "run")], check=False)
    assert done.returncode == -9
    assert all(name.startswith(".audioclust-") for name in files_in(tmp_path / "run"))


@pytest.mark.parametrize(
    "form", ["path", "text", "file", "quoted", "host", "relative", "home", "odd"]
)
def test_a_folder_of_this_machine_has_several_forms(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / ("a::run" if form == "odd" else "a ? run")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    given: Any = {
        "path": folder,
        "text": str(folder),
        "file": f"file://{folder}",
        "quoted": f"FILE://{urllib.parse.quote(str(folder))}",
        "host": f"file://localhost{folder}",
        "relative": "a ? run",
        "home": "~/a ? run",
        "odd": "a::run",
    }[form]
    store = store_at(given)
    monkeypatch.chdir("/")
    store.folder.write("x", b"1")
    assert (folder / "x").read_bytes() == b"1"
    assert str(store) == str(folder)
    assert Store.checked(None) is None


def test_what_is_no_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ac.ParameterError, match="expected a folder, not a file"):
        Store.checked(tmp_path / "file")
    with pytest.raises(ac.ParameterError, match="store='nope://x': expected the path of a f"):
        Store.checked("nope://x")
    with pytest.raises(ac.ParameterError, match="store"):
        Store.checked(3)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("missing", "where", "said"),
    [
        (
            "fsspec",
            "s3://bucket/run",
            "addresses need fsspec: pip install 'audioclust[remote]'",
        ),
        ("s3fs", "s3://bucket/run", "store='s3://bucket/run': Install s3fs"),
        ("pyarrow", "run", "pip install 'audioclust[parquet]'"),
    ],
)
def test_a_package_that_is_missing_is_named(missing: str, where: str, said: str) -> None:
    code = """
import sys
from audioclust import MissingExtraError
from audioclust.extraction.partitions.store import Store

sys.modules[sys.argv[1]] = None
try:
    Store.checked(sys.argv[2])
except MissingExtraError as why:
    print(why)
"""
    command = [sys.executable, "-c", code, missing, where]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert said in done.stdout


def test_a_local_store_needs_no_fsspec(tmp_path: Path) -> None:
    code = (
        "import sys; from audioclust.extraction.partitions.store import Store;"
        "Store.checked(sys.argv[1]).known([]); assert 'fsspec' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True)


class Elsewhere(MemoryFileSystem):  # type: ignore[misc]  # fsspec has no types
    """A file system of this process whose addresses may have a query, unlike fsspec's own."""

    protocol = "elsewhere"
    store: ClassVar[dict[str, Any]] = {}
    pseudo_dirs: ClassVar[list[str]] = [""]

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return str(super()._strip_protocol(path.removeprefix("elsewhere://")))


@pytest.mark.parametrize(
    ("own", "shown"),
    [
        ("user:secret@host/run?token=hidden", "***@host/run?token=***"),
        ("user:secret@host/run#token=hidden", "***@host/run#token=***"),
        ("user:se/cr/secret@host/run", "***@host/run"),
        ("host/run?a=1&X-Amz-Signature=secret&token=hidden", "host/run?a=1&***&token=***"),
    ],
)
def test_credentials_of_an_address_are_shown_nowhere(
    own: str,
    shown: str,
    parts: list[Scan],
    tables: list[ac.FeatureTable],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fsspec.register_implementation("elsewhere", Elsewhere, clobber=True)
    address = f"elsewhere://{own}"
    store = store_at(address)
    texts = fingerprints_of(parts)
    said = [str(store), repr(store), f"{store}"]
    store.write(0, tables[0], texts[0])
    system = fsspec.filesystem("elsewhere")
    (written,) = [name for name in system.find("/") if "part-" in name]
    content = system.cat(written)
    said.append(content.decode("latin-1"))

    def fail(*_: object, **__: object) -> None:
        secrets = [part for part in re.split("[@?#&]", own) if "secret" in part or "=h" in part]
        raise ValueError(f"no {address}: {' and '.join(secrets)} is wrong")

    monkeypatch.setattr(Elsewhere, "pipe_file", fail)
    monkeypatch.setattr(Elsewhere, "ls", fail)
    for use in (
        lambda: store.write(1, tables[1], texts[1]),
        lambda: store.known(texts),
    ):
        with pytest.raises(OSError, match="the store elsewhere://.* cannot be") as why:
            use()
        # A logger may show the exception that was handled meanwhile.
        assert why.value.__cause__ is None is why.value.__context__
        said.append(str(why.value))
    assert said[0] == f"elsewhere://{shown}"
    for text in said:
        assert "secret" not in text
        assert "hidden" not in text
    system.rm("/", recursive=True)


def test_what_is_wrong_with_an_address_shows_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: str) -> None:
        raise ValueError("me:hidden@host is wrong")

    monkeypatch.setattr("fsspec.core.url_to_fs", fail)
    for address in ("https://me:hidden@host/run", "simplecache::https://me:hidden@host/run"):
        with pytest.raises(
            ac.ParameterError, match=r"://\*\*\*@host/run'.*\*\*\*@host is"
        ) as why:
            Store.checked(address)
        assert "hidden" not in str(why.value)
        assert why.value.__cause__ is None is why.value.__context__


@pytest.mark.parametrize("address", ["s3://me:hid/den@bucket/run", "filecache::gs://me:hid@b"])
def test_keys_in_the_address_of_a_bucket_are_refused(address: str) -> None:
    with pytest.raises(ac.ParameterError, match="expected an address without keys") as why:
        Store.checked(address)
    assert "hid" not in str(why.value)
    assert "den" not in str(why.value)


def test_the_key_of_an_object_is_shown_as_it_is() -> None:
    address = "memory://run?token=a@b"
    assert str(store_at(address)) == address


def test_the_name_of_a_file_has_all_of_its_head(
    full: Store, tmp_path: Path, parts: list[Scan]
) -> None:
    known = full.known(fingerprints_of(parts))
    assert [Head.of_name(name) for name in files_in(tmp_path / "run")] == [*known.values()]
    assert max(len(os.fsencode(head.name)) for head in known.values()) < 200


def test_audio_in_memory_is_told_by_its_samples() -> None:
    y = np.zeros(800, np.float32)
    one, same, other = (
        fingerprint(scan({"a": (samples, 8000)}), SETTINGS, 0, 1)
        for samples in (y, y.copy(), y + 1)
    )
    assert one == same != other
