"""What a page says and holds of a result."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.neighbors import NearestNeighbors

import audioclust as ac
from audioclust.report.content import N_COLUMNS, N_NEIGHBORS
from audioclust.report.data import ranks
from audioclust.results.showing.columns import page_columns


@pytest.fixture(scope="module")
def result(library: list[str]) -> ac.Clustering:
    return ac.cluster(library, 6, random_state=0, descriptors=True)


def table_of(rows: np.ndarray) -> ac.FeatureTable:
    """Rows of files that are not there."""
    return ac.FeatureTable.from_array(rows, [f"{i}.wav" for i in range(len(rows))], "mine")


def test_items_groups_and_points_are_those_of_the_result(result: ac.Clustering) -> None:
    content = result._content("A title")
    assert (content.kind, content.title) == ("clustering", "A title")
    assert content.items == result.items
    assert content.labels.tolist() == result.labels.tolist()
    assert [group.number for group in content.groups] == list(range(6))
    for group, own, nearest in zip(
        content.groups, result.summary(), result.representatives(5), strict=True
    ):
        assert group.words == own.words
        assert tuple(result.items[i] for i in group.representatives) == nearest
    assert content.points is not None
    np.testing.assert_array_equal(content.points, result.layout().points)
    np.testing.assert_array_equal(
        result._content(None, "pca").points, result.layout("pca").points
    )
    kept = result.keep_layout("pca")
    np.testing.assert_array_equal(kept._content(None).points, result.layout("pca").points)


def test_neighbours_are_the_nearest_in_all_columns(result: ac.Clustering) -> None:
    content = result._content(None)
    search = NearestNeighbors(n_neighbors=N_NEIGHBORS, algorithm="brute").fit(result.scaled)
    assert content.neighbors is not None
    assert content.neighbors.tolist() == search.kneighbors(return_distance=False).tolist()


def test_items_are_played_group_by_group_from_the_most_typical_on(
    result: ac.Clustering,
) -> None:
    content = result._content(None)
    assert content.order is not None
    assert sorted(content.order.tolist()) == list(range(len(result.items)))
    labels = result.labels[content.order]
    assert labels.tolist() == sorted(labels.tolist())
    first = [content.order[np.flatnonzero(labels == k)[0]] for k in range(6)]
    assert first == [group.representatives[0] for group in content.groups]


def test_names_of_groups_are_said(result: ac.Clustering) -> None:
    named = result.rename({0: "kicks </b>"})
    content = named._content(None)
    assert [group.name for group in content.groups][:2] == ["kicks </b>", "1"]
    assert re.match(r"The largest, kicks </b>, has 10 files: \w", content.headline[1])


def test_the_headline_counts_files_hours_and_groups(library: list[str]) -> None:
    result = ac.cluster(library, 6, random_state=0)
    first, second = result._content(None).headline
    assert re.fullmatch(r"[\d.]+ s in 60 files\.", first)
    assert second == f"The largest, group 0, has 10 files: {result.summary()[0].words}."
    folder = os.path.basename(os.path.dirname(library[0]))
    assert result._content(None).title == f"{folder}: 60 sounds in 6 groups"
    assert result._content("Mine").headline[0] == f"{first[:-1]}, in 6 groups."
    for blank in ("", "   ", "\t\u00a0\n"):
        assert result._content(blank).title == result._content(None).title
    assert result._content(" A title ").title == "A title"


def test_the_headline_of_a_single_sound_has_no_plural(library: list[str]) -> None:
    content = ac.cluster(library[:1], 1)._content(None)
    assert re.fullmatch(r"[\d.]+ s in 1 file\.", content.headline[0])
    assert len(content.headline) == 1
    assert content.title == f"{os.path.basename(library[0])}: 1 sound in 1 group"
    assert content.neighbors is not None
    assert content.neighbors.tolist() == [[-1] * N_NEIGHBORS]
    assert content.columns == []


def test_the_headline_has_no_words_where_there_are_none() -> None:
    content = ac.cluster(table_of(np.array([[0.0], [0.1], [9.0]])), 2)._content(None)
    assert content.headline[1] == "The largest, group 0, has 2 files."


def test_what_could_not_be_used_is_said(library: list[str], tmp_path: Path) -> None:
    (tmp_path / "broken.wav").write_bytes(b"no sound")
    files = [*library[:12], str(tmp_path / "broken.wav")]
    content = ac.cluster(files, 2)._content(None)
    assert content.headline[-1] == "1 file could not be used: 1 unsupported."
    assert [error.path for error in content.errors] == files[-1:]


def test_sounds_in_memory_are_no_files(rng: np.random.Generator) -> None:
    sounds = {name: (rng.normal(size=8000) * ("a" in name or 0.1), 8000) for name in "aabbc"}
    content = ac.cluster(sounds, 2)._content(None)
    assert content.headline[0] == "3.00 s in 3 sounds in memory."
    assert content.folder is None
    assert content.title == "3 sounds in 2 groups"


def test_parts_of_files_are_called_so() -> None:
    items = [(f"{i % 4}.wav", float(i // 4), i // 4 + 1.0) for i in range(12)]
    rows = np.arange(12.0)[:, None] > 5
    table = ac.FeatureTable.from_array(rows.astype(float), items, "mine")
    content = ac.cluster(table, 2)._content(None)
    assert content.headline[0] == "12.0 s in 12 parts of 4 files."


def test_what_is_in_no_group_is_a_group_of_its_own_at_the_end(
    rng: np.random.Generator,
) -> None:
    heaps = (rng.normal(0, 0.1, (40, 3)), rng.normal(5, 0.1, (30, 3)))
    rows = np.concatenate([*heaps, rng.uniform(-30, 30, (10, 3))])
    result = ac.cluster(table_of(rows), algorithm="hdbscan")
    assert result.n_unassigned
    content = result._content(None)
    last = content.groups[-1]
    assert (last.number, last.name, last.words) == (-1, "in no group", "noise")
    assert f", {result.n_unassigned} of them in no group." in content.headline[0]
    assert content.order is not None
    labels = result.labels[content.order]
    assert (labels[-result.n_unassigned :] == -1).all()


def test_why_that_many_groups_is_told(library: list[str]) -> None:
    chosen = ac.cluster(library, random_state=0)
    assert chosen.selection is not None
    view = chosen._content(None).views["selection"]
    assert view["best_k"] == chosen.k
    json.dumps(view, allow_nan=False)


def test_warnings_are_told_of_files(result: ac.Clustering) -> None:
    found = result._content(None).warnings
    assert found
    for line, words in zip(found, result.warning_words("file", "group"), strict=True):
        assert line[1:] == f"{words[1:]}."
        assert line[0] == words[0].upper()


def test_descriptors_and_words_come_first(result: ac.Clustering) -> None:
    columns = page_columns(result.table, result.labels)
    names = [column.name for column in columns]
    # None of these short sounds has a tempo.
    assert names[:5] == ["loudness", "brightness", "key", "onset_rate", "attack_time"]
    assert len(columns) == N_COLUMNS
    key = columns[2]
    assert len(key.names) == 24
    # Loudness and brightness are known in units: no feature says them once more.
    words = [column.words for column in columns]
    assert len(set(words)) == len(words)
    assert not [one for one in words[5:] if one.startswith(("loudness", "brightness"))]
    assert not [one for one in words[5:8] if "at the" in one or "in the" in one]


def test_columns_are_those_in_which_groups_differ() -> None:
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1, -1], 50).astype(np.int32)
    rows = rng.normal(size=(150, 40))
    rows[:50, 31] += 20
    rows[100:, 7] += 20  # Those in no group make no difference.
    rows[:, 3] = 1.0
    table = table_of(rows)
    columns = page_columns(table, labels)
    assert columns[0].name == table.columns[31]
    assert len(columns) == N_COLUMNS
    assert table.columns[3] not in [column.name for column in columns]
    np.testing.assert_allclose(columns[0].values, rows[:, 31], rtol=1e-6)


def test_the_mean_of_parts_stands_for_the_whole_sound(library: list[str]) -> None:
    table = ac.extract(library)
    columns = {one.name: one for one in page_columns(table, np.zeros(60, np.int32))}
    loudness = columns["rms_parts"]
    assert (loudness.words, loudness.unit) == ("loudness", "")
    parts = [table.columns.index(f"rms_part_{part}") for part in range(1, 5)]
    np.testing.assert_allclose(loudness.values, table.values[:, parts].mean(axis=1), rtol=1e-6)
    assert columns["spectral_bandwidth_parts"].unit == "Hz"
    assert (loudness.more, loudness.less) == ("louder", "quieter")
    assert columns["spectral_bandwidth_parts"].more == ""


def test_only_units_that_people_know_are_shown(library: list[str]) -> None:
    table = ac.extract(library, descriptors=True)
    for column in page_columns(table, np.zeros(60, np.int32)):
        assert (
            column.unit in {"Hz", "LUFS", "BPM", "s", "a second"} or column.more or column.names
        )
        # A unit and a rank would contradict each other.
        assert not (column.unit and column.more)


def test_darker_sounds_rank_higher_in_darkness(tmp_path: Path) -> None:
    t = np.arange(22050) / 22050
    tones = {hz: 0.5 * np.sin(2 * np.pi * hz * t) for hz in (200, 800, 2500, 7000)}
    sounds = {str(hz): (y.astype(np.float32), 22050) for hz, y in tones.items()}
    table = ac.extract(sounds, features=["mfcc"], stats=["mean"])
    columns = {one.name: one for one in page_columns(table, np.zeros(4, np.int32))}
    darkness = columns["mfcc_2"]
    assert (darkness.more, darkness.unit) == ("darker", "")
    np.testing.assert_allclose(ranks(darkness.values), [100, 200 / 3, 100 / 3, 0])


@given(st.lists(st.one_of(st.integers(-3, 3).map(float), st.just(np.nan)), max_size=12))
def test_a_rank_is_the_share_of_the_others_below(values: list[float]) -> None:
    known = [value for value in values if value == value]
    for value, rank in zip(values, ranks(np.array(values, float)), strict=True):
        if value != value:
            assert np.isnan(rank)
        else:
            lower = sum(other < value for other in known)
            assert rank == pytest.approx(100 * lower / max(1, len(known) - 1))


def test_a_report_replaces_no_sound_and_is_whole_or_not_there(
    library: list[str], tmp_path: Path
) -> None:
    copy = shutil.copy(library[0], tmp_path / "a.html.wav")
    result = ac.cluster([copy, *library[1:4]], 2)
    before = Path(copy).read_bytes()
    with pytest.raises(ac.ParameterError, match="which is one of the recordings"):
        result.report(copy)
    assert Path(copy).read_bytes() == before
    for name, value in (("audio", "all"), ("title", 3)):
        with pytest.raises(ac.ParameterError, match=f"^{name}={value!r}: expected "):
            result.report(tmp_path / "r.html", **{name: value})  # type: ignore[arg-type]
    with pytest.raises(ac.ParameterError, match="umap"):
        result.report(tmp_path / "r.html", layout="umap")  # type: ignore[arg-type]
    assert not (tmp_path / "r.html").exists()
    result.report(tmp_path / "r.html", audio="none", title="T", layout="pca")
    assert sorted(os.listdir(tmp_path)) == ["a.html.wav", "r.html"]


def test_the_same_result_gives_the_same_page(library: list[str], tmp_path: Path) -> None:
    result = ac.cluster(library[:20], 3, random_state=0)
    for name in "ab":
        result.report(tmp_path / f"{name}.html", audio="none")
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()
