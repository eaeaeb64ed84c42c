"""cluster() on a cluster gives what it gives here, also where rows stay on the workers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import distributed
import numpy as np
import pytest
from numpy.typing import NDArray
from support.clusters import kill_worker, scaled, short_sounds, tasks_left, until

import audioclust as ac
from audioclust.audio.sources import scan
from audioclust.clustering.kmeans import KMeansSettings, fit_kmeans
from audioclust.clustering.parted import lloyd, parts
from audioclust.distributed import parts as on_workers
from audioclust.distributed.extracting import tables_on
from audioclust.extraction.batch import BatchSettings
from audioclust.extraction.settings import ExtractionSettings

R = TypeVar("R")


@pytest.fixture(scope="module")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> str:
    return short_sounds(tmp_path_factory.mktemp("sounds"), 520, bad=3)


@pytest.fixture(scope="module")
def table(sounds: str) -> ac.FeatureTable:
    return ac.extract(sounds, n_jobs=1)


@pytest.fixture
def rows_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take 100 rows for too many to be gathered, and 40 for enough for a task."""
    monkeypatch.setattr(parts, "GATHERED_ROWS", 100)
    monkeypatch.setattr(on_workers, "ROWS", 40)


@pytest.mark.parametrize("n_workers", [1, 2, 4])
@pytest.mark.parametrize("partition_size", [10, 100, 500])
def test_rows_that_stay_on_workers_give_the_bits_of_one_process(
    client: distributed.Client,
    sounds: str,
    rows_stay: None,
    n_workers: int,
    partition_size: int,
) -> None:
    here = ac.cluster(sounds, 7, n_jobs=1)
    scaled(client, n_workers)
    with ac.cluster(sounds, 7, client=client, partition_size=partition_size) as there:
        assert isinstance(there, ac.PartedClustering)
        assert np.array_equal(there.labels, here.labels)
        assert here.centers is not None
        assert there.centers.tobytes() == here.centers.tobytes()
        assert there.inertia == here.inertia
        assert there.errors == here.errors
        assert there.gather() == here
    until(lambda: not tasks_left(client))


def test_a_number_of_clusters_is_chosen_as_in_one_process(
    client: distributed.Client, sounds: str, rows_stay: None
) -> None:
    here = ac.cluster(sounds, k_range=range(2, 5), n_jobs=1)
    with ac.cluster(sounds, k_range=range(2, 5), client=client) as there:
        assert there.selection == here.selection
        assert there.gather() == here


def test_result_that_is_closed_while_its_tables_are_fetched(
    client: distributed.Client, sounds: str, rows_stay: None
) -> None:
    with ac.cluster(sounds, 7, client=client, partition_size=100) as there:
        assert isinstance(there, ac.PartedClustering)
        tables = there.iter_tables()
        next(tables)
        there.close()
        with pytest.raises(ac.ParameterError, match="the parts of this result were let go"):
            next(tables)
    other = distributed.Client(client.scheduler.address, set_as_default=False)
    with ac.cluster(sounds, 7, client=other, partition_size=100) as there:
        assert isinstance(there, ac.PartedClustering)
        other.close()
        with pytest.raises(ac.ParameterError, match="the client was closed"):
            there.gather()


def test_gathered_rows_give_the_result_of_one_process(
    client: distributed.Client, sounds: str
) -> None:
    assert ac.cluster(sounds, 5, client=client) == ac.cluster(sounds, 5)


def test_rows_that_are_read_from_a_store_give_the_same(
    client: distributed.Client, sounds: str, rows_stay: None, tmp_path: Path
) -> None:
    here = ac.cluster(sounds, 7, n_jobs=1)
    for _ in range(2):
        with ac.cluster(sounds, 7, client=client, store=tmp_path) as there:
            assert there.gather() == here


class Deadly:
    """Parts of rows, at some of whose calls a worker is killed."""

    def __init__(
        self, inner: Any, client: distributed.Client, moments: list[int], left: list[int]
    ) -> None:
        self.inner = inner
        self.client = client
        self.moments = moments
        self.calls = left

    @property
    def sizes(self) -> tuple[int, ...]:
        return tuple(self.inner.sizes)

    def each(self, work: Callable[..., R], *arguments: Any) -> list[R]:
        self._maybe()
        return list(self.inner.each(work, *arguments))

    def total(self, work: Callable[..., R], add: Callable[[R, R], R], *arguments: Any) -> R:
        self._maybe()
        result: R = self.inner.total(work, add, *arguments)
        return result

    def mapped(self, work: Callable[..., NDArray[Any]], *arguments: Any) -> Deadly:
        inner = self.inner.mapped(work, *arguments)
        return Deadly(inner, self.client, self.moments, self.calls)

    def taken(self, indices: NDArray[np.intp]) -> NDArray[Any]:
        rows: NDArray[Any] = self.inner.taken(indices)
        return rows

    def _maybe(self) -> None:
        self.calls.append(len(self.calls))
        while self.moments and self.calls[-1] >= self.moments[0]:
            kill_worker(self.client, self.moments.pop(0))


@pytest.mark.parametrize("seed", range(4))
def test_workers_killed_at_five_moments_of_lloyd(
    client: distributed.Client,
    sounds: str,
    table: ac.FeatureTable,
    rows_stay: None,
    seed: int,
) -> None:
    start = table.values[seed : seed + 40 : 4]
    expected = fit_kmeans(table.values, KMeansSettings(10, start, max_iter=12, tol=0.0))
    assert expected.n_iter >= 8  # There are moments in between.
    moments = sorted(np.random.default_rng(seed).choice(10, 5, replace=False).tolist())
    asked = scan(sounds), ExtractionSettings.checked(), BatchSettings()
    with tables_on(client, *asked, partition_size=50) as parted:
        deadly = Deadly(parted.values, client, moments, [])
        found = lloyd.fit_in_parts(deadly, start, max_iter=12, tol=0.0)
    assert not moments
    assert found.centers.tobytes() == expected.centers.tobytes()
    assert np.array_equal(np.concatenate(found.labels), expected.labels)
    assert (found.inertia, found.n_iter) == (expected.inertia, expected.n_iter)
