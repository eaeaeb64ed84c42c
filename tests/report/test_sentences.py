"""What a page says of numbers."""

from __future__ import annotations

import math
import os

import pytest

from audioclust.audio.spans import Item
from audioclust.errors import ItemError
from audioclust.report.sentences import (
    counted,
    how_long,
    shared_folder,
    what_failed,
    what_there_is,
)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.0, "0 milliseconds"),
        (0.001, "1 millisecond"),
        (0.5, "500 milliseconds"),
        (0.9999, "1 second"),
        (1.0, "1 second"),
        (1.04, "1 second"),
        (59.94, "59.9 seconds"),
        (59.96, "1 minute"),
        (61.0, "1 minute 1 second"),
        (3599.4, "59 minutes 59 seconds"),
        (3599.6, "1 hour"),
        (4320.0, "1 hour 12 minutes"),
        (3_600_000.0, "1,000 hours"),
    ],
)
def test_times_are_said_in_two_units(seconds: float, words: str) -> None:
    assert how_long(seconds) == words


def test_one_thing_has_no_plural() -> None:
    assert [counted(n, "file") for n in (0, 1, 1200)] == ["0 files", "1 file", "1,200 files"]


def test_files_parts_and_sounds_in_memory_are_called_so() -> None:
    whole = [Item("a.wav", 0.0, 1.0), Item("b.wav", 0.0, 1.5)]
    parts = [Item("a.wav", 0.0, 1.0), Item("a.wav", 1.0, 2.0), Item("b.wav", 3.0, 4.0)]
    assert what_there_is(whole, "") == "2 files, 2.5 seconds"
    assert what_there_is(whole[:1], "") == "1 file, 1 second"
    assert what_there_is(whole, None) == "2 sounds, 2.5 seconds"
    assert what_there_is(parts, "") == "3 parts of 2 files, 3 seconds"
    # The first windows of two files begin at 0, and yet they are no whole files beside a third.
    assert what_there_is(parts[1:], "") == "2 parts of 2 files, 2 seconds"


def test_lengths_that_are_not_known_are_not_counted() -> None:
    items = [Item("a.wav", 0.0, math.inf), Item("b.wav", 0.0, 2.0)]
    assert what_there_is(items, "") == "2 files, at least 2 seconds"
    assert what_there_is(items[:1], "") == "1 file"


def test_what_failed_is_counted_by_its_kind() -> None:
    errors = [
        ItemError("a", "unreadable", "x"),
        ItemError("b", "short", "x"),
        ItemError("c", "unreadable", "x"),
    ]
    assert what_failed([], "file") == []
    words = "3 files could not be used: 2 unreadable, 1 short."
    assert what_failed(errors, "file") == [words]
    assert what_failed(errors[1:2], "file") == ["1 file could not be used: 1 short."]


def test_the_folder_that_all_files_share_is_named() -> None:
    items = [Item("/home/x/My Samples/kicks/a.wav", 0.0, 1.0)]
    assert shared_folder(items, "") == "kicks"
    items.append(Item("/home/x/My Samples/b.wav", 0.0, 1.0))
    assert shared_folder(items, "") == "My Samples"
    assert shared_folder(items, None) == ""
    assert shared_folder([Item("a.wav", 0.0, 1.0)], "/data/Loops") == "Loops"
    assert shared_folder([Item("a.wav", 0.0, 1.0)], "") == os.path.basename(os.getcwd())
    assert shared_folder([], "") == ""
    assert shared_folder([Item("/a\n/b.wav", 0.0, 1.0)], "") == "a\\n"
