"""A table of features: columns by name, equality by value, and what a notebook shows."""

from __future__ import annotations

import dataclasses
import pickle
from typing import Any

import numpy as np
import pytest
from support.notebooks import unstyled
from support.sounds import tone

import audioclust as ac


@pytest.fixture(scope="module")
def table() -> ac.FeatureTable:
    sounds = {"<b>low</b>": tone(), "high": tone(frequency=2000), "none": tone()[:0]}
    return ac.extract({name: (y, 22050) for name, y in sounds.items()}, features="article")


def test_a_column_is_taken_by_its_name(table: ac.FeatureTable) -> None:
    np.testing.assert_array_equal(table["rms"], table.values[:, 1])
    with pytest.raises(ac.ParameterError, match="column='loudness': expected one of spectral_"):
        table["loudness"]


def test_an_unknown_column_is_told_with_those_of_near_names(table: ac.FeatureTable) -> None:
    for wrong in ("mfcc1", ["rms", "mfcc1"]):
        with pytest.raises(
            ac.ParameterError, match=r"column='mfcc1': .*; near it are .*mfcc_1"
        ):
            table[wrong]
    with pytest.raises(ac.ParameterError, match=rf"{table.columns[-1]}$"):
        table["☃"]
    rows: Any
    for rows in ([1], (np.array([0, 1]), ...), np.array([0, 1])):
        with pytest.raises(
            ac.ParameterError, match=r"names of columns; .* np.asarray\(table\)"
        ):
            table[rows]


def test_some_columns_are_a_table(table: ac.FeatureTable) -> None:
    part = table[["mfcc_1", "rms"]]
    assert part.columns == ("mfcc_1", "rms")
    np.testing.assert_array_equal(part.values, np.column_stack([table["mfcc_1"], table["rms"]]))
    assert (part.items, part.errors, part.settings) == (
        table.items,
        table.errors,
        table.settings,
    )
    assert pickle.loads(pickle.dumps(part)) == part == table[("mfcc_1", "rms")] != table
    assert table[table.columns] == table
    names: list[str]
    for names in ([], ["rms", "rms"]):
        with pytest.raises(ac.ParameterError, match="one or more names, each once"):
            table[names]
    with pytest.raises(ac.ParameterError, match="expected a name or an iterable of names"):
        table[3]  # type: ignore[call-overload]


def test_new_sounds_get_the_clusters_of_some_columns() -> None:
    sounds = {str(hz): (tone(0.5, hz), 22050) for hz in (200, 220, 4000, 4400)}
    part = ac.extract(sounds, features=["rms", "spectral_centroid"])[["spectral_centroid"]]
    result = ac.cluster(part, 2)
    assert list(result.predict(sounds)) == result.labels.tolist()


def test_a_table_has_a_length_and_goes_over_its_columns(table: ac.FeatureTable) -> None:
    assert len(table) == 2
    assert table.shape == table.values.shape
    assert list(table) == list(table.columns)
    assert "rms" in table
    assert "loudness" not in table


def test_a_table_is_an_array_without_a_copy(table: ac.FeatureTable) -> None:
    seen = np.asarray(table)
    assert np.shares_memory(seen, table.values)
    np.testing.assert_array_equal(seen, table.values, strict=True)
    with pytest.raises(ValueError, match="read-only"):
        seen[0, 0] = 1
    assert np.shares_memory(np.array(table, copy=False), table.values)
    assert table.values.flags.writeable


def test_a_copy_of_a_table_can_be_written_to(table: ac.FeatureTable) -> None:
    before = table.values.copy()
    for copy in (np.array(table), np.asarray(table, np.float64), table.__array__(copy=True)):
        copy[:] = 0
    np.testing.assert_array_equal(table.values, before)
    assert np.asarray(table, np.float64).dtype == np.float64
    with pytest.raises(ValueError, match="copy"):
        np.array(table, np.float64, copy=False)


def test_scikit_learn_takes_a_table(library: list[str]) -> None:
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    table = ac.extract(library)
    before = table.values.copy()
    for steps in ([], [StandardScaler()]):
        ours, theirs = (
            make_pipeline(*steps, ac.KMeans(3, random_state=0)).fit_predict(rows)
            for rows in (table, table.values)
        )
        np.testing.assert_array_equal(ours, theirs)
    som = ac.SOM((2, 2), random_state=0).fit(table)
    np.testing.assert_array_equal(som.labels_, som.predict(table.values))
    np.testing.assert_array_equal(table.values, before)
    assert table == ac.extract(library)


def test_a_pickled_copy_is_equal(table: ac.FeatureTable) -> None:
    pickled = pickle.dumps(table)
    assert pickle.loads(pickled) == table
    # A module's name in a pickle would break it when the class moves.
    assert b"audioclust.extraction" not in pickled
    assert b"audioclust.errors" not in pickled


def test_tables_are_equal_if_all_they_hold_is(table: ac.FeatureTable) -> None:
    assert dataclasses.replace(table, values=table.values.copy()) == table
    other = table.values.copy()
    other[0, 0] += 1
    assert dataclasses.replace(table, values=other) != table
    assert dataclasses.replace(table, errors=()) != table
    settings = dataclasses.replace(table.settings, preparation=ac.Preparation(offset=1.0))
    assert dataclasses.replace(table, settings=settings) != table
    assert table != table.values.tolist()


def test_a_notebook_shows_the_first_columns_and_escapes_names(table: ac.FeatureTable) -> None:
    shown = unstyled(table._repr_html_())
    assert "FeatureTable: 2 items × 33 columns, 1 could not be used" in shown
    assert "&lt;b&gt;low&lt;/b&gt;" in shown
    assert "<b>low" not in shown
    assert f"<td>{table['rms'][1]:.4g}</td>" in shown
    assert "<th>mel_level</th><th>…</th>" in shown
    assert "mfcc_1" not in shown


def test_settings_say_what_was_extracted(table: ac.FeatureTable) -> None:
    assert isinstance(table.settings, ac.ExtractionSettings)
    assert table.settings.stats == ("mean",)
    assert table.settings == ac.ExtractionSettings.checked(features="article")
    named = ac.ExtractionSettings.checked(features=["rms", "pitch_histogram"], stats="max")
    assert named.stats == ("max",)
    assert [feature.analysis.sr for feature in named.features] == [22050, 44100]
