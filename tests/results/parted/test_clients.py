"""cluster() with a client: who does what is told by stand-ins for the workers."""

from __future__ import annotations

import contextlib
import dataclasses
import sys
import types
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from support.divisions import table_in_parts

import audioclust as ac
from audioclust.audio.sources import Scan
from audioclust.clustering.parted import parts
from audioclust.clustering.parted.tables import PartedTable
from audioclust.extraction.batch import BatchSettings
from audioclust.extraction.recordings import extract_part
from audioclust.extraction.settings import ExtractionSettings

CLIENT: Any = object()


class StandIn(types.ModuleType):
    """What computes features by the workers of a client, here in this process."""

    def __init__(self) -> None:
        super().__init__("audioclust.distributed.extracting")
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.closed = 0

    def extract_on(
        self,
        client: object,
        found: Scan,
        settings: ExtractionSettings,
        batch: BatchSettings,
        **told: Any,
    ) -> ac.FeatureTable:
        assert client is CLIENT
        self.asked.append(("gathered", told))
        return extract_part(found, settings, batch)

    @contextlib.contextmanager
    def tables_on(
        self,
        client: object,
        found: Scan,
        settings: ExtractionSettings,
        batch: BatchSettings,
        **told: Any,
    ) -> Iterator[PartedTable]:
        assert client is CLIENT
        self.asked.append(("in parts", told))
        table = extract_part(found, settings, batch)
        try:
            yield table_in_parts(table, range(0, len(table), 20))
        finally:
            self.closed += 1


@pytest.fixture
def workers(monkeypatch: pytest.MonkeyPatch) -> StandIn:
    module = StandIn()
    monkeypatch.setitem(sys.modules, module.__name__, module)
    clients = types.ModuleType("audioclust.distributed.clients")
    clients.checked = lambda *given: given  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, clients.__name__, clients)
    return module


def sounds(n: int = 70, n_damaged: int = 0) -> dict[str, tuple[np.ndarray, int]]:
    """Short noises, all different, and some sounds without a single sample."""
    rng = np.random.default_rng(0)
    found = {
        str(i): (rng.normal(size=2000).astype(np.float32) * (1 + i % 3) / 9, 22050)
        for i in range(n)
    }
    for i in range(n_damaged):
        found[f"empty {i}"] = (np.zeros(0, np.float32), 22050)
    return found


def test_few_sounds_are_gathered_and_clustered_here(workers: StandIn) -> None:
    found = ac.cluster(sounds(), 3, client=CLIENT, store="kept", partition_size=7, n_jobs=1)
    assert found == ac.cluster(sounds(), 3, n_jobs=1)
    assert workers.asked == [
        ("gathered", {"store": "kept", "partition_size": 7, "retry": False})
    ]
    ac.cluster(sounds(), 3, client=CLIENT, n_jobs=1)
    assert workers.asked[1][1] == {"store": None, "partition_size": 100, "retry": False}


@pytest.mark.parametrize("settings", [{}, {"features": "article"}], ids=str)
def test_many_sounds_stay_in_parts(
    workers: StandIn, monkeypatch: pytest.MonkeyPatch, settings: dict[str, Any]
) -> None:
    monkeypatch.setattr(parts, "GATHERED_ROWS", 69)
    found = ac.cluster(sounds(n_damaged=2), 3, client=CLIENT, n_jobs=1, **settings)
    assert isinstance(found, ac.PartedClustering)
    assert workers.asked == [
        ("in parts", {"store": None, "partition_size": 100, "retry": False})
    ]
    assert len(found.errors) == 2
    # Its parts outlive the call, until it lets go of them.
    result = ac.cluster(sounds(n_damaged=2), 3, n_jobs=1, **settings)
    assert found.gather() == result
    assert found.scaler.scaling == ("standard" if settings else "neighbors")
    assert workers.closed == 0
    found.close()
    assert workers.closed == 1


def test_if_few_of_many_sounds_can_be_used_they_are_clustered_here(
    workers: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "GATHERED_ROWS", 70)
    found = ac.cluster(sounds(n_damaged=2), 3, client=CLIENT, n_jobs=1)
    assert found == ac.cluster(sounds(n_damaged=2), 3, n_jobs=1)
    assert [what for what, _ in workers.asked] == ["in parts"]
    assert workers.closed == 1
    with pytest.raises(ac.NothingExtractedError):
        ac.cluster(sounds(n=0, n_damaged=80), 3, client=CLIENT, n_jobs=1)
    assert workers.closed == 2


def test_workers_let_go_after_an_error(
    workers: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "GATHERED_ROWS", 69)
    with pytest.raises(ac.ParameterError, match="k=71: expected at most 70, the number of s"):
        ac.cluster(sounds(), 71, client=CLIENT, n_jobs=1)
    assert workers.closed == 1


def test_what_does_not_go_with_parts_is_refused_before_anything_is_computed(
    workers: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = ac.cluster(sounds(), 3, n_jobs=1)
    again = ac.cluster(sounds(), client=CLIENT, previous=before, n_jobs=1)
    assert isinstance(again, ac.Clustering)
    assert np.array_equal(again.labels, before.labels)
    monkeypatch.setattr(parts, "GATHERED_ROWS", 69)
    workers.asked.clear()
    with pytest.raises(ac.ParameterError, match="algorithm='gmm': expected 'kmeans' for more"):
        ac.cluster(sounds(), 3, algorithm="gmm", client=CLIENT)
    with pytest.raises(ac.ParameterError, match=r"expected None for 70 sounds, whose features"):
        ac.cluster(sounds(), client=CLIENT, previous=before)
    assert not workers.asked


def test_a_table_is_clustered_here(workers: StandIn) -> None:
    table = ac.extract(sounds(), n_jobs=1)
    assert ac.cluster(table, 3, client=CLIENT) == ac.cluster(table, 3)
    assert not workers.asked


def test_what_only_workers_need_is_refused_without_them() -> None:
    with pytest.raises(ac.ParameterError, match="store='kept': expected client= beside it; wi"):
        ac.cluster(sounds(), 3, store="kept")
    # The number that None stands for is no exception.
    for size in (7, 100):
        with pytest.raises(ac.ParameterError, match=f"partition_size={size}: expected client="):
            ac.cluster(sounds(), 3, partition_size=size)


@pytest.mark.parametrize("given", [{"store": "kept"}, {"partition_size": 7}], ids=str)
def test_what_only_workers_need_is_refused_with_a_table(
    workers: StandIn, given: dict[str, Any]
) -> None:
    table = ac.extract(sounds(), features="rms", n_jobs=1)
    (name,) = given
    with pytest.raises(ac.ParameterError, match=f"{name}=.*: expected it to be left out with"):
        ac.cluster(table, 3, client=CLIENT, **given)
    assert not workers.asked


def test_a_password_in_the_address_of_a_store_is_not_shown() -> None:
    with pytest.raises(ac.ParameterError, match=r"store='https://\*\*\*@host/run'") as why:
        ac.extract(sounds(), store="https://me:hidden@host/run")
    assert "hidden" not in str(why.value)


def test_more_sounds_start_from_the_sample_without_a_client_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    table = ac.extract(sounds(), features="article", n_jobs=1)
    few = ac.cluster(table, 9, n_jobs=1)
    monkeypatch.setattr(parts, "GATHERED_ROWS", 69)
    many = ac.cluster(table, 9, n_jobs=1)
    assert not np.array_equal(many.labels, few.labels)
    # Ward's clusters do not depend on the seed as long as all rows are looked at.
    other = ac.cluster(table, 9, n_jobs=1, random_state=5)
    assert dataclasses.replace(other, random_state=0) == many
