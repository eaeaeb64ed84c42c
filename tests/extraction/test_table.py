"""A table of features: columns by name, equality by value, and what a notebook shows."""

from __future__ import annotations

import dataclasses
import pickle

import numpy as np
import pytest
from support.sounds import tone

import audioclust as ac


@pytest.fixture(scope="module")
def table() -> ac.FeatureTable:
    sounds = {"<b>low</b>": tone(), "high": tone(frequency=2000), "none": tone()[:0]}
    return ac.extract({name: (y, 22050) for name, y in sounds.items()})


def test_a_column_is_taken_by_its_name(table: ac.FeatureTable) -> None:
    np.testing.assert_array_equal(table["rms"], table.values[:, 1])
    with pytest.raises(ac.ParameterError, match="column='loudness': expected one of spectral_"):
        table["loudness"]


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
    settings = dataclasses.replace(table.settings, offset=1.0)
    assert dataclasses.replace(table, settings=settings) != table
    assert table != table.values.tolist()


def test_a_notebook_shows_the_first_columns_and_escapes_names(table: ac.FeatureTable) -> None:
    shown = table._repr_html_()
    assert "FeatureTable: 2 items × 33 columns, 1 could not be used" in shown
    assert "&lt;b&gt;low&lt;/b&gt;" in shown
    assert "<b>low" not in shown
    assert f"<td>{table['rms'][1]:.4g}</td>" in shown
    assert "<th>mel_level</th><th>…</th>" in shown
    assert "mfcc_1" not in shown


def test_settings_say_what_was_extracted(table: ac.FeatureTable) -> None:
    assert isinstance(table.settings, ac.ExtractionSettings)
    assert table.settings.stats == ("mean",)
    assert table.settings == ac.ExtractionSettings.checked()
    named = ac.ExtractionSettings.checked(features=["rms", "pitch_histogram"], stats="max")
    assert named.stats == ("max",)
    assert [feature.analysis.sr for feature in named.features] == [22050, 44100]
