"""Rows as bytes and back: every bit, whatever is in them, and no other row for a sound one."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from audioclust.audio.choosing.lengths import Heard
from audioclust.audio.spans import Item
from audioclust.errors import ItemWarning
from audioclust.extraction.cache.records import (
    Kept,
    Origin,
    Record,
    record_of,
    record_of_failure,
)

# All bits of a float, those of NaN with what it carries as well.
bits = arrays(np.uint32, st.integers(0, 40)).map(lambda values: values.view(np.float32))
# Names of files that are not UTF-8 have halves of pairs in them.
texts = st.text(st.characters(codec=None))
seconds = st.floats(min_value=0)
ORIGIN = Origin(b"/a/b.wav", 5, b"hash", b"{}")


@st.composite
def rows(draw: st.DrawFn) -> Kept:
    warnings = draw(st.lists(texts.map(lambda words: ItemWarning("clipping", words))))
    item = Item("b.wav", draw(seconds), draw(seconds), decoder="ropus", warnings=warnings)
    names = draw(st.lists(texts.filter("first".__ne__), unique=True, max_size=3))
    arrays = {name: draw(bits) for name in ["first", *names]}
    return Kept(
        item, draw(st.integers(1, 10**6)), arrays, Heard(draw(seconds), draw(st.booleans()))
    )


@given(rows())
def test_a_row_comes_back_to_the_bit(kept: Kept) -> None:
    record = record_of(kept, b"reader").sealed(ORIGIN)
    assert record.is_sound(ORIGIN)
    into = np.zeros_like(kept.arrays["first"])
    found = record.arrays(into, "first")
    assert found["first"] is into
    assert {name: values.tobytes() for name, values in found.items()} == {
        name: values.tobytes() for name, values in kept.arrays.items()
    }
    assert list(found) == list(kept.arrays)
    item = record.item("b.wav")
    assert (item, item.decoder, item.warnings) == (kept.item, "ropus", kept.item.warnings)
    assert record.heard == kept.heard


heards = st.builds(Heard, st.floats(0, 1e6), st.booleans())


@given(heards, heards)
def test_what_was_left_out_is_added_to_what_is_known_and_replaces_nothing(
    before: Heard, now: Heard
) -> None:
    item, values = Item("b.wav", 0.0, 1.0, decoder="ropus"), np.ones(3, np.float32)
    row = record_of(Kept(item, 8000, {"first": values}, before), b"reader")
    fuller = record_of(Kept(item, 8000, {"first": values, "more": values}, before), b"reader")
    failure = record_of_failure("empty", "", before, b"reader")
    left_out = record_of(Kept(Item("b.wav", 0.0, 0.0), 0, {}, now), b"other")
    most = max(before, now, key=lambda heard: (heard.is_all, heard.seconds))
    for known in (row, fuller, failure):
        expected = known._replace(seconds=most.seconds, is_all=most.is_all)
        assert left_out.joined(known) == known.joined(left_out) == expected
    again = row._replace(seconds=now.seconds, is_all=now.is_all)
    expected = fuller._replace(seconds=most.seconds, is_all=most.is_all)
    assert again.joined(fuller) == fuller.joined(again) == expected
    # A row and a failure do not go together: the later one is right.
    assert row.joined(failure) == row
    assert failure.joined(row) == failure


@given(texts, texts)
def test_a_failure_comes_back(kind: str, message: str) -> None:
    record = record_of_failure(kind, message, Heard(1.5, False), b"reader").sealed(ORIGIN)
    assert record.is_failure
    assert record.is_sound(ORIGIN)
    assert record.failure("b.wav") == ("b.wav", kind, message)


@given(
    rows(), st.sampled_from(Record._fields), st.sampled_from([None, "x", b"x", 7, 0.5, 2**70])
)
def test_a_record_with_another_value_is_not_sound(
    kept: Kept, field: str, value: object
) -> None:
    record = record_of(kept, b"reader").sealed(ORIGIN)
    changed: dict[str, Any] = {field: value}
    other = record._replace(**changed)
    assert other.is_sound(ORIGIN) == (getattr(record, field) == value)


@given(rows(), st.sampled_from(Origin._fields))
def test_a_record_of_another_file_or_other_settings_is_not_sound(
    kept: Kept, field: str
) -> None:
    record = record_of(kept, b"reader").sealed(ORIGIN)
    changed: dict[str, Any] = {field: 6 if field == "size" else b"other"}
    other = ORIGIN._replace(**changed)
    assert not record.is_sound(other)
