"""Summaries of results: sizes, lengths, what sets clusters apart, and what is typical."""

from __future__ import annotations

import dataclasses
import json
import os
import pickle
from pathlib import Path

import numpy as np
import pandas
import pytest
import soundfile
from support.notebooks import unstyled

import audioclust as ac
from audioclust.audio.spans import Item
from audioclust.extraction.descriptors.values import Descriptors
from audioclust.extraction.settings import ExtractionSettings
from audioclust.results.uses.measured import measured


@pytest.fixture(scope="module")
def result(library: list[str]) -> ac.Clustering:
    return ac.cluster(library, 6, random_state=0)


def table_of(values: np.ndarray, columns: tuple[str, ...], seconds: float) -> ac.FeatureTable:
    items = tuple(Item(f"{i}.wav", 0.0, seconds) for i in range(len(values)))
    settings = ExtractionSettings.checked()
    return ac.FeatureTable(values.astype(np.float32), columns, items, (), settings)


def test_sizes_lengths_and_medoids_are_those_of_the_clusters(result: ac.Clustering) -> None:
    summary = result.summary()
    assert len(summary) == result.k == len(list(summary))
    assert summary.n_items == 60
    rows = result.scaled
    for number, own in enumerate(summary):
        members = np.flatnonzero(result.labels == number)
        assert (own.number, own.size, own.name) == (number, len(members), None)
        assert own.seconds == pytest.approx(sum(i.end - i.start for i in result[number]))
        assert own.nearest == result.representatives(3)[number]
        sums = [np.linalg.norm(rows[members] - rows[row], axis=1).sum() for row in members]
        assert own.medoid == result.items[members[int(np.argmin(sums))]]


def test_lines_are_true_of_synthetic_sounds(result: ac.Clustering) -> None:
    words = {own.nearest[0].path.rpartition("/")[2].partition("_")[0]: own.words
             for own in result.summary()}  # fmt: skip
    assert "noisier" in words["hat"]
    assert "short" in words["hat"]
    assert "bright" in words["hat"]
    assert "louder" in words["kick"]
    assert "dark" in words["kick"]
    assert "clear" in words["chord"]


def test_differences_are_the_largest_first_and_lie_in_their_intervals(
    result: ac.Clustering,
) -> None:
    for own in result.summary():
        sizes = [abs(difference.difference) for difference in own.differences]
        assert sizes
        assert sizes == sorted(sizes, reverse=True)
        assert min(sizes) >= 0.8
        for difference in own.differences:
            assert not difference.low <= 0 <= difference.high
            assert difference.column in (*result.table.columns, "duration")


def test_a_summary_is_made_once_and_is_the_same_for_the_same_seed(
    result: ac.Clustering,
) -> None:
    assert result.summary() is result.summary()
    again = pickle.loads(pickle.dumps(dataclasses.replace(result)))
    assert again.summary() == result.summary()


def test_names_are_shown_and_cannot_do_anything(result: ac.Clustering) -> None:
    named = dataclasses.replace(result, names={1: "<b>\x1b[31mhats"})
    summary = named.summary()
    assert summary[1].name == "<b>\x1b[31mhats"
    assert r"  1 (<b>\x1b[31mhats): 10 items, " in repr(summary)
    assert r"<td>&lt;b&gt;\x1b[31mhats</td>" in unstyled(summary._repr_html_())
    assert "\x1b" not in repr(summary) + unstyled(summary._repr_html_())


def test_a_summary_is_read_at_one_look(result: ac.Clustering) -> None:
    summary = result.summary()
    lines = repr(summary).splitlines()
    assert lines[0] == "<Summary: 60 items in 6 clusters>"
    assert len(lines) == 13
    assert lines[1].startswith("  0: 10 items, ")
    # Items nearest a centre are shown elsewhere, and need not be these.
    assert summary[0].medoid is not None
    assert lines[1].endswith(f", medoid {os.path.basename(summary[0].medoid.path)}")
    assert "<th>medoid</th>" in unstyled(summary._repr_html_())
    assert lines[2] == f"    {summary[0].words}"


def test_only_files_that_hold_it_wait_for_the_summary(
    library: list[str], tmp_path: Path
) -> None:
    result = ac.cluster(library[:12], 2)
    result.to_csv(tmp_path / "out.csv")
    result.to_dataframe()
    result.organize(tmp_path / "sorted", dry_run=True)
    result.to_playlists(tmp_path / "lists")
    assert "_explained" not in vars(result)
    result.to_parquet(tmp_path / "out.parquet")
    assert "_explained" in vars(result)


def test_json_has_the_clusters(result: ac.Clustering, tmp_path: Path) -> None:
    result.to_json(tmp_path / "out.json")
    clusters = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))["clusters"]
    assert clusters == json.loads(json.dumps(result.summary().to_dict()["clusters"]))
    first = clusters[0]
    assert set(first) == {
        "number", "name", "size", "seconds", "words", "differences", "medoid"
    }  # fmt: skip
    assert set(first["differences"][0]) == {"column", "difference", "low", "high", "words"}
    assert first["medoid"]["path"] == result.summary()[0].medoid.path  # type: ignore[union-attr]


def test_where_lengths_are_not_known_nothing_is_said_of_them() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(size=(40, 3)) + 8 * (np.arange(40) % 2)[:, np.newaxis]
    table = ac.FeatureTable.from_array(values, [f"{i}.wav" for i in range(40)], "clap")
    summary = ac.cluster(table, 2).summary()
    for own in summary:
        assert own.seconds is None
        assert own.length == "?"
        assert own.words.startswith("in columns without words: ")
        assert own.to_dict()["medoid"]["end"] is None
        assert {difference.column for difference in own.differences} == set(table.columns)
    assert "duration" not in [phrase.column for phrase in measured(table, None).phrases]


def test_one_cluster_and_tiny_ones_are_said_to_be_so() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(size=(20, 4))
    (alone,) = ac.cluster(table_of(values, ("a", "b", "c", "rms"), 1.0), 1).summary()
    assert alone.words == "all items are in it"
    values[0] += 50
    two = ac.cluster(table_of(values, ("a", "b", "c", "rms"), 1.0), 2).summary()
    assert [own.size for own in two] == [19, 1]
    assert [own.words for own in two] == ["too few items to tell"] * 2


def test_items_in_no_cluster_belong_to_the_rest() -> None:
    rng = np.random.default_rng(0)
    values = np.r_[rng.normal(0, 0.1, (30, 2)), rng.normal(5, 0.1, (30, 2)),
                   rng.uniform(-20, 20, (6, 2))]  # fmt: skip
    found = ac.cluster(table_of(values, ("rms", "other"), 2.0), None, algorithm="hdbscan")
    summary = found.summary()
    assert summary.n_unassigned == found.n_unassigned > 0
    assert sum(own.size for own in summary) + summary.n_unassigned == summary.n_items == 66
    assert repr(summary).endswith(f"  -1: {summary.n_unassigned} in none")


def test_random_clusters_are_said_not_to_be_apart(library: list[str]) -> None:
    table = ac.extract(library)
    found = ac.cluster(table, 6)
    silent = 0
    for seed in range(40):
        labels = np.random.default_rng(seed).permutation(found.labels)
        summary = dataclasses.replace(found, labels=labels, random_state=seed).summary()
        silent += all(own.words == "nothing sets it apart" for own in summary)
    # Chance may speak in 5 % of results, 2 of 40; 7 have a probability of .003.
    assert silent >= 34


def test_descriptors_replace_the_features_of_their_topic() -> None:
    rng = np.random.default_rng(0)
    table = table_of(rng.normal(size=(10, 3)), ("rms", "spectral_centroid", "mfcc_4"), 1.0)
    names = ("loudness", "tempo", "tempo_confidence", "key", "key_confidence", "attack_time")
    values = np.tile(np.array([-20, 120, 0.9, 3, 0.9, 0.01], np.float32), (10, 1))
    values[:4, 2] = 0.1  # A tempo that is hardly sure is not known.
    values[4:, 5] = np.nan  # Known of four only.
    found = measured(table, Descriptors(values, names))
    assert [phrase.column for phrase in found.phrases] == [
        "spectral_centroid", "mfcc_4", "duration", "loudness", "tempo"
    ]  # fmt: skip
    assert np.isfinite(found.values).all()


def test_words_can_be_joined_to_items(result: ac.Clustering) -> None:
    named = result.rename({2: "two"})
    summary = named.summary()
    frame = summary.to_dataframe()
    assert isinstance(frame, pandas.DataFrame)
    assert frame["label"].tolist() == list(range(6))
    assert frame["name"].fillna("").tolist() == ["", "", "two", "", "", ""]
    assert frame["size"].tolist() == [own.size for own in summary]
    assert frame["seconds"].tolist() == [own.seconds for own in summary]
    assert frame["medoid"].tolist() == [own.medoid.path for own in summary if own.medoid]
    joined = named.to_dataframe().reset_index().merge(frame[["label", "words"]])
    said = dict(zip(joined["path"], joined["words"], strict=True))
    assert said == {
        path: summary[label].words
        for path, label in zip(named.paths, named.labels.tolist(), strict=True)
    }
    assert summary.to_dataframe("polars")["words"].to_list() == frame["words"].tolist()


def test_the_typical_part_is_the_loudest_of_the_medoid(tmp_path: Path) -> None:
    rate, paths = 8000, []
    for i in range(6):
        y = np.full(4 * rate, 1e-3)
        y[2 * rate : 3 * rate] = 0.5 * np.sin(np.arange(rate) * (0.1 if i < 3 else 1.5))
        paths.append(str(tmp_path / f"{i}.wav"))
        soundfile.write(paths[-1], y, rate)
    found = ac.cluster(paths, 2)
    part = found.typical(1, seconds=1.0)
    medoid = found.summary()[1].medoid
    assert medoid is not None
    assert part.path == medoid.path
    # The loud second is heard, to a sample.
    assert (part.start, part.end) == pytest.approx((2.0, 3.0), abs=1.5 / rate)
    assert tuple(found.typical(1)) == (medoid.path, 0.0, 4.0)
    assert found.rename({1: "high"}).typical("high", seconds=1.0) == part
    with pytest.raises(ac.ParameterError, match="cluster=2: expected"):
        found.typical(2)
    with pytest.raises(ac.ParameterError, match="cluster='high': expected"):
        found.typical("high")
    with pytest.raises(ac.ParameterError, match="seconds=0: expected"):
        found.typical(0, seconds=0)


def test_sounds_in_memory_have_no_part_to_hear() -> None:
    rng = np.random.default_rng(0)
    sounds = {str(i): (rng.normal(size=4000), 8000) for i in range(4)}
    with pytest.raises(ac.DecodeError, match="in memory"):
        ac.cluster(sounds, 2).typical(0)
