"""Rows that stay on workers are those that one process has, whatever is asked of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import distributed
import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray
from support.clusters import kill_worker, same, short_sounds, tasks_left, until

import audioclust as ac
from audioclust.audio.sources import scan
from audioclust.clustering.parted.parts import InMemory
from audioclust.distributed import parts
from audioclust.distributed.extracting import tables_on
from audioclust.extraction.batch import BatchSettings
from audioclust.extraction.partitions.store import Store
from audioclust.extraction.settings import ExtractionSettings


@pytest.fixture(scope="module")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> str:
    return short_sounds(tmp_path_factory.mktemp("sounds"), 100, bad=4)


def doubled(rows: NDArray[Any], by: float) -> NDArray[Any]:
    return rows * np.float32(by)


def bits(rows: NDArray[Any]) -> NDArray[Any]:
    """Give a sum that no order changes."""
    return np.asarray(rows.view(np.uint32).sum(axis=0, dtype=np.uint64))


@pytest.mark.parametrize("with_store", [False, True])
def test_same_as_in_memory(
    client: distributed.Client,
    sounds: str,
    tmp_path: Path,
    with_store: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Ten parts of about ten rows, so that sums are added in two steps.
    monkeypatch.setattr(parts, "ROWS", 8)
    store = Store.checked(tmp_path / "run") if with_store else None
    one = ac.extract(sounds, n_jobs=1)
    asked = scan(sounds), ExtractionSettings.checked(), BatchSettings()
    with tables_on(client, *asked, store=store, partition_size=5) as table:
        head = table.head
        assert (len(head), head.columns, head.errors) == (0, one.columns, one.errors)
        assert (head.settings, head.folder, head.sr) == (one.settings, one.folder, one.sr)
        edges = np.cumsum(table.values.sizes)[:-1]
        ours, theirs = table.values, InMemory(np.split(one.values, edges))
        assert len(ours.sizes) > parts.FAN_IN
        assert ours.sizes == theirs.sizes
        assert [x.tolist() for x in ours.each(bits)] == [x.tolist() for x in theirs.each(bits)]
        kill_worker(client, 0)
        mapped = ours.mapped(doubled, 3)
        for choice in (1, 0):
            total = mapped.total(bits, np.add)
            assert total.tolist() == bits(doubled(one.values, 3)).tolist()
            kill_worker(client, choice)
        rows = np.array([0, 3, 50, 99])
        assert mapped.taken(rows).tolist() == doubled(one.values[rows], 3).tolist()
        assert ours.taken(rows[:0]).shape == (0, one.values.shape[1])
        assert table.each_table(len) == list(ours.sizes)
        fetched = list(table.tables())
        assert np.array_equal(np.concatenate([x.values for x in fetched]), one.values)
        assert tuple(item for x in fetched for item in x.items) == one.items
    until(lambda: not tasks_left(client))


def test_vectors_of_other_sizes_and_parts_without_rows(
    client: distributed.Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "ROWS", 5)
    rng = np.random.default_rng(0)
    for number in range(40):
        y = rng.normal(0, 0.1, 9000 if 10 <= number < 20 else 3000)
        soundfile.write(tmp_path / f"{number}.wav", y, 8000)
    for number in [*range(5), *range(30, 40)]:
        (tmp_path / f"{number}.wav").write_bytes(b"")

    def sized(y: NDArray[Any], sr: int) -> list[float]:
        return [float(y.max()), *([1.0] if len(y) > sr else [])]

    files = [str(tmp_path / f"{number}.wav") for number in range(40)]
    embedding = ac.Embedding("sized", sized, sr=8000, version="1")
    one = ac.extract(files, features=embedding, n_jobs=1)
    asked = scan(files), ExtractionSettings.checked(features=embedding), BatchSettings()
    with tables_on(client, *asked, partition_size=5) as table:
        assert table.head.errors == one.errors
        assert table.head.columns == one.columns
        every = np.arange(len(one))
        assert np.array_equal(table.values.taken(every), one.values)
        from audioclust.extraction.partitions.merging import joined

        assert same(joined(list(table.tables())), one)
