"""A store in a bucket of S3."""

from __future__ import annotations

import pickle

import fsspec
import numpy as np
import pytest

import audioclust as ac
from audioclust.audio.sources import scan
from audioclust.extraction.batch import BatchSettings
from audioclust.extraction.partitions.cutting import cut
from audioclust.extraction.partitions.fingerprints import fingerprint
from audioclust.extraction.partitions.store import Store
from audioclust.extraction.recordings import extract_part
from audioclust.extraction.settings import ExtractionSettings

SETTINGS = ExtractionSettings.checked(features="rms")


def store_at(where: str) -> Store:
    store = Store.checked(where)
    assert store is not None
    return store


@pytest.mark.parametrize("name", ["run", "a run/of ünïcode", "what?", "50% [a]*"])
def test_a_store_in_a_bucket_is_written_listed_and_read_by_other_processes(
    bucket: str, name: str
) -> None:
    sounds = {str(i): (np.full(2000, i / 8, np.float32), 8000) for i in range(4)}
    parts = cut(scan(sounds), 2)
    tables = [extract_part(part, SETTINGS, BatchSettings()) for part in parts]
    fingerprints = [fingerprint(part, SETTINGS, i, 2) for i, part in enumerate(parts)]
    store = store_at(f"{bucket}/{name}")
    assert store.known(fingerprints) == {}
    pickle.loads(pickle.dumps(store)).write(1, tables[1], fingerprints[1])
    (known,) = store.known(fingerprints).items()
    assert known[0] == 1
    assert known[1].n_rows == 2
    store.write(0, tables[0], fingerprints[0])
    other = pickle.loads(pickle.dumps(store))
    assert [other.read(i) for i in range(2)] == tables
    assert sorted(other.known(fingerprints)) == [0, 1]


def test_a_run_in_a_bucket_is_resumed(bucket: str) -> None:
    sounds = {str(i): (np.full(2000, i / 8, np.float32), 8000) for i in range(6)}
    parts = cut(scan(sounds), 2)
    tables = [extract_part(part, SETTINGS, BatchSettings()) for part in parts]
    fingerprints = [fingerprint(part, SETTINGS, i, 3) for i, part in enumerate(parts)]
    store = store_at(f"{bucket}/run")
    for number in range(3):
        store.write(number, tables[number], fingerprints[number])
    heads = store.known(fingerprints)
    system = fsspec.filesystem("s3")
    half = f"{bucket}/run/{heads[1].name}"
    system.pipe_file(half, system.cat_file(half)[:-5])
    system.pipe_file(f"{bucket}/run/notes.txt", b"mine")
    changed = [*fingerprints[:2], fingerprint(parts[1], SETTINGS, 2, 3)]
    with pytest.raises(ac.ParameterError, match="of other recordings: part 3 differs"):
        store.known(changed)
    assert sorted(store.known(fingerprints)) == [0, 2]
    store.write(1, tables[1], fingerprints[1])
    assert [store.read(number, store.known(fingerprints)[number]) for number in range(3)] == (
        tables
    )
    assert len(system.ls(f"{bucket}/run", refresh=True)) == 4


def test_a_bucket_that_is_not_there_is_not_made(bucket: str) -> None:
    store = store_at(f"{bucket}-missing/run")
    part = scan({"a": (np.ones(2000, np.float32), 8000)})
    table = extract_part(part, SETTINGS, BatchSettings())
    with pytest.raises(OSError, match="the store s3://.*-missing/run cannot be written"):
        store.write(0, table, fingerprint(part, SETTINGS, 0, 1))
