"""Nested groupings: cuts of one tree, and words for what each of them separates."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import audioclust as ac
from audioclust.audio.spans import Item
from audioclust.clustering.metrics import adjusted_rand
from audioclust.clustering.samples import some_rows
from audioclust.extraction.settings import ExtractionSettings
from audioclust.results import levels
from audioclust.results.levels import levels_of

COLUMNS = ("spectral_flatness", "rms_part_1", "mfcc_5_std", "other")


def table_of(values: np.ndarray) -> ac.FeatureTable:
    items = tuple(Item(f"{i}.wav", 0.0, 1.0) for i in range(len(values)))
    settings = ExtractionSettings.checked()
    return ac.FeatureTable(values.astype(np.float32), COLUMNS, items, (), settings)


def nested(coarse: np.ndarray, fine: np.ndarray) -> bool:
    """Whether each cluster of the finer labels lies in one of the coarser."""
    return all(len(set(coarse[fine == cluster])) == 1 for cluster in set(fine.tolist()))


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 999), ks=st.sets(st.integers(2, 12), min_size=1, max_size=4))
def test_levels_are_nested(seed: int, ks: set[int]) -> None:
    values = np.random.default_rng(seed).normal(size=(40, 4))
    found = levels_of(table_of(values), values, tuple(sorted(ks)))
    assert [level.k for level in found] == sorted(ks)
    for level in found:
        sizes = np.bincount(level.labels)
        assert level.sizes == tuple(sizes.tolist()) == tuple(sorted(sizes, reverse=True))
        assert len(sizes) == level.k == len(level.examples) == len(level.cluster_words)
        for cluster, item in enumerate(level.examples):
            assert level.labels[int(item.path.removesuffix(".wav"))] == cluster
    for coarse, fine in pairwise(found):
        assert nested(coarse.labels, fine.labels)


def test_of_many_items_a_sample_makes_the_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    centers = np.array([[0.0, 0, 0, 0], [40, 0, 0, 0], [0, 60, 0, 0], [3, 66, 0, 0]])
    truth = np.arange(400) % 4
    values = centers[truth] + np.random.default_rng(0).normal(size=(400, 4)) * 0.3
    monkeypatch.setattr(levels, "WARD_ROWS", 50)
    two, four = levels_of(table_of(values), values, (2, 4))
    assert nested(two.labels, four.labels)
    assert nested(truth, four.labels)
    assert nested(four.labels, truth)


def test_no_level_has_fewer_clusters_than_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(levels, "WARD_ROWS", 50)
    values = np.random.default_rng(0).normal(size=(60, 4))
    two, fifty = levels_of(table_of(values), values, (2, 50))
    assert (len(two.sizes), len(fifty.sizes)) == (2, 50)
    with pytest.raises(
        ac.ParameterError,
        match="k=51: expected at most 50, the number of sounds of a sample of 50 that differ",
    ):
        levels_of(table_of(values), values, (2, 51))
    # Copies of one row, and few others, of which the sample has only some.
    values[:40] = values[0]
    n_sampled = len(np.unique(values[some_rows(60, 50, 0)], axis=0))
    assert n_sampled < 21
    (most,) = levels_of(table_of(values), values, (n_sampled,))
    assert len(most.sizes) == n_sampled
    with pytest.raises(ac.ParameterError, match=f"expected at most {n_sampled}, "):
        levels_of(table_of(values), values, (n_sampled + 1,))


def test_each_level_says_what_it_splits() -> None:
    # Noise against tones first, and then quiet tones against loud ones.
    rng = np.random.default_rng(0)
    values = 0.05 * rng.normal(size=(60, 4))
    values[:20, 0] += 9
    values[20:35, 1] += 3
    two, three = levels_of(table_of(values), values, (2, 3))
    assert two.words.startswith("noisiness (spectral_flatness), ")
    assert two.columns[0] == "spectral_flatness"
    assert [words.split(",")[0] for words in two.cluster_words] == ["more tonal", "noisier"]
    assert three.words.startswith("loudness at the beginning (rms_part_1)")
    # The level has three clusters: 25 quiet tones, 20 noises as before, 15 loud tones.
    assert three.sizes == (25, 20, 15)
    quiet, noises, loud = three.cluster_words
    assert noises == ""
    assert quiet.startswith("quieter at the beginning")
    assert loud.startswith("louder at the beginning")
    first, *lines = repr(two).splitlines()
    assert first == f"<Level: 60 items in 2 clusters: {two.words}>"
    assert lines[0].startswith("  0: 40 items, such as ")
    assert lines[0].endswith(f".wav: {two.cluster_words[0]}")


def test_what_is_constant_sets_nothing_apart() -> None:
    values = np.zeros((9, 4))
    values[:4, 3] = 1
    (level,) = levels_of(table_of(values), values, (2,))
    assert level.columns == ("other",)
    assert level.cluster_words == ("lower other", "higher other")
    with pytest.raises(
        ac.ParameterError, match="k=3: expected at most 2, the number of sounds"
    ):
        levels_of(table_of(values), values, (3,))


def test_a_result_has_the_levels_of_its_plausible_numbers(library: list[str]) -> None:
    chosen = ac.cluster(library)
    assert chosen.selection is not None
    found = chosen.levels()
    assert [level.k for level in found] == sorted(chosen.selection.plausible)
    given_k = ac.cluster(library, 3)
    assert [level.k for level in given_k.levels()] == [3]
    assert [level.k for level in given_k.levels([6, 2])] == [2, 6]
    assert given_k.levels([2, 6])[0] == given_k.levels([2])[0]
    assert ac.cluster(library, 1).levels() == ()
    for bad, message in (([1], "^ks=1"), ([], r"^ks=\[\].* at least one"), (7, "^ks=7")):
        with pytest.raises(ac.ParameterError, match=message):
            given_k.levels(bad)  # type: ignore[arg-type]


def test_kicks_and_snares_are_the_first_level(data: Path) -> None:
    result = ac.cluster(str(data / "drums" / "*_*_*.mp3"), 2)
    (level,) = result.levels()
    kicks = ["kick" in path for path in result.paths]
    # One sound of 114 may be on the wrong side.
    assert adjusted_rand(kicks, level.labels) > 0.96
    assert all(column in result.table.columns for column in level.columns)
    assert len(level.columns) == 3
