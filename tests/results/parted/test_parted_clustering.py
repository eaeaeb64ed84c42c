"""A result whose rows stay in parts: what it tells, fetches, writes and gathers."""

from __future__ import annotations

import contextlib
import dataclasses
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.divisions import blobs_table, table_in_parts

import audioclust as ac
from audioclust.clustering.grouping import GroupingSettings
from audioclust.clustering.parted import parts
from audioclust.clustering.parted.grouping import group_in_parts
from audioclust.clustering.parted.tables import TablesInMemory

CUTS = [0, 100, 250, 250, 600]
"""Parts of 0, 100, 150, 0, 350 and 100 rows."""


@pytest.fixture(autouse=True)
def _few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "GATHERED_ROWS", 99)


def whole_table() -> ac.FeatureTable:
    failed = ac.ItemError("damaged.wav", "unreadable", "it is damaged")
    left_out = ac.LeftOut("short.wav", "too short")
    return dataclasses.replace(blobs_table(700), errors=(failed,), left_out=(left_out,))


def asked(k: object = 5, **given: Any) -> GroupingSettings:
    told = {"algorithm": "kmeans", "random_state": 0, "n_jobs": 1, **given}
    return GroupingSettings.checked(k, **told)


def parted(
    settings: GroupingSettings | None = None, closing: contextlib.ExitStack | None = None
) -> ac.PartedClustering:
    divided = table_in_parts(whole_table(), CUTS)
    grouping = group_in_parts(divided, settings or asked(), "standard")
    stack = contextlib.ExitStack() if closing is None else closing
    return ac.PartedClustering.from_grouping(grouping, divided, stack)


def test_it_gathers_what_cluster_gives() -> None:
    assert parted().gather() == ac.cluster(whole_table(), 5, n_jobs=1)
    chosen = parted(asked(None, k_range=[3, 5]))
    assert chosen.gather() == ac.cluster(whole_table(), k_range=[3, 5], n_jobs=1)
    assert chosen.selection is not None


def test_what_is_here_needs_no_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    found, result = parted(), ac.cluster(whole_table(), 5, n_jobs=1)
    monkeypatch.delattr(TablesInMemory, "tables")
    assert (found.k, len(found)) == (5, 5)
    assert found.sizes.tolist() == [len(items) for items in result]
    assert found.part_sizes == (0, 100, 150, 0, 350, 100)
    assert found.errors == result.errors
    assert found.left_out == result.table.left_out
    assert found.head.columns == result.table.columns
    assert len(found.head) == 0
    assert result.centers_original is not None
    assert np.array_equal(found.centers_original, result.centers_original)


def test_parts_come_one_at_a_time_with_their_labels() -> None:
    result = ac.cluster(whole_table(), 5, n_jobs=1)
    found = list(parted().iter_tables())
    assert [len(table) for table, _ in found] == [0, 100, 150, 0, 350, 100]
    assert [len(labels) for _, labels in found] == [0, 100, 150, 0, 350, 100]
    assert tuple(item for table, _ in found for item in table.items) == result.items
    assert np.array_equal(np.concatenate([labels for _, labels in found]), result.labels)


def test_other_sounds_get_the_nearest_cluster() -> None:
    found, other = parted(), blobs_table(50, seed=9)
    result = ac.cluster(whole_table(), 5, n_jobs=1)
    assert np.array_equal(found.predict(whole_table()), found.labels)
    assert np.array_equal(found.predict(other), result.predict(other).labels)
    with pytest.raises(ac.ParameterError, match="expected the 4 columns that were clustered"):
        found.predict(blobs_table(50, width=3))
    with pytest.raises(ac.ParameterError, match=r"table='a.wav': expected a FeatureTable"):
        found.predict("a.wav")  # type: ignore[arg-type]


def test_parts_are_written_as_one_table_is(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    found, result = parted(), ac.cluster(whole_table(), 5, n_jobs=1)
    found.to_parquet(tmp_path / "new" / "clusters")
    files = sorted(path.name for path in (tmp_path / "new" / "clusters").iterdir())
    assert files == [f"part-{number:05}.parquet" for number in (1, 2, 4, 5)]
    result.to_parquet(tmp_path / "whole.parquet")
    ours = pandas.read_parquet(tmp_path / "new" / "clusters")
    theirs = pandas.read_parquet(tmp_path / "whole.parquet")
    pandas.testing.assert_frame_equal(ours, theirs, check_exact=True)


def test_parts_are_not_written_beside_others(tmp_path: Path) -> None:
    found = parted()
    found.to_parquet(tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(ac.ParameterError, match=r"expected none with .parquet files, such as"):
        found.to_parquet(tmp_path)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_nothing_is_written_to_addresses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found, result = parted(), ac.cluster(whole_table(), 5, n_jobs=1)
    for write in (
        found.to_parquet,
        result.to_parquet,
        result.table.to_parquet,
        result.table.save,
        result.to_playlists,
    ):
        with pytest.raises(
            ac.ParameterError, match="='s3://bucket/all': expected a path of th"
        ):
            write("s3://bucket/all")
    assert not list(tmp_path.iterdir())


def test_it_is_closed_once_and_then_has_no_parts() -> None:
    calls: list[str] = []
    stack = contextlib.ExitStack()
    stack.callback(calls.append, "let go")
    with parted(closing=stack) as found:
        assert not calls
        assert "kept where they were made" in repr(found)
    found.close()
    assert calls == ["let go"]
    assert "let go" in repr(found)
    assert found.labels.shape == (700,)
    for ask in (found.gather, lambda: list(found.iter_tables())):
        with pytest.raises(ac.ParameterError, match="the parts of this result were let go"):
            ask()


def test_a_pickled_result_is_equal_and_has_no_parts(tmp_path: Path) -> None:
    found = parted()
    state = pickle.dumps(found)
    assert b"audioclust.results" not in state
    again = pickle.loads(state)
    assert again == found
    assert again != parted(asked(4))
    with pytest.raises(ac.ParameterError, match="closed or pickled"):
        again.to_parquet(tmp_path)
    assert not list(tmp_path.iterdir())
    assert len(list(found.iter_tables())) == 6


def test_it_is_shown_in_words() -> None:
    lines = repr(parted(asked(12))).splitlines()
    assert lines[0].startswith(
        "<PartedClustering: 700 items in 12 clusters, standard scaling, inertia "
    )
    assert lines[1].startswith("  0: ")
    assert lines[11] == "  and 2 smaller ones"
    assert lines[12] == "  features in 6 parts, kept where they were made"
    assert lines[13] == "  1 could not be used: see .errors"
    chosen = parted(asked(None, k_range=[5]))
    assert chosen.selection is not None
    assert chosen.selection.choice() in repr(chosen)
    shown = parted(asked(12))._repr_html_()
    assert "PartedClustering: 700 items in 12 clusters" in shown
    assert "<p>1 could not be used</p>" in shown
    assert shown.count("<tr>") == 13
