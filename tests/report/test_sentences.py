"""What a page says of numbers."""

from __future__ import annotations

import math
import os
from importlib import resources
from typing import get_args

import pytest

from audioclust.audio.spans import Item
from audioclust.errors import ItemError
from audioclust.report.content import Kind
from audioclust.report.sentences import (
    counted,
    how_long,
    origin_of,
    things,
    what_failed,
    what_there_is,
)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.0, "0.00 s"),
        (0.5, "0.50 s"),
        (9.99, "9.99 s"),
        (9.999, "10.0 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min 00 s"),
        (61.0, "1 min 01 s"),
        (3599.4, "59 min 59 s"),
        (3599.6, "1 h 00 min"),
        (4320.0, "1 h 12 min"),
        (3_600_000.0, "1,000 h 00 min"),
    ],
)
def test_times_are_said_in_two_units(seconds: float, words: str) -> None:
    assert how_long(seconds) == words


def test_one_thing_has_no_plural() -> None:
    assert [counted(n, "file") for n in (0, 1, 1200)] == ["0 files", "1 file", "1,200 files"]


def test_files_parts_and_sounds_in_memory_are_called_so() -> None:
    whole = [Item("a.wav", 0.0, 1.0), Item("b.wav", 0.0, 1.5)]
    parts = [Item("a.wav", 0.0, 1.0), Item("a.wav", 1.0, 2.0), Item("b.wav", 3.0, 4.0)]
    assert what_there_is(whole, "") == "2.50 s in 2 files"
    assert what_there_is(whole[:1], "") == "1.00 s in 1 file"
    assert what_there_is(whole, None) == "2.50 s in 2 sounds in memory"
    assert what_there_is(parts, "") == "3.00 s in 3 parts of 2 files"
    # The first windows of two files begin at 0, and yet they are no whole files beside a third.
    assert what_there_is(parts[1:], "") == "2.00 s in 2 parts of 2 files"


def test_lengths_that_are_not_known_are_not_counted() -> None:
    items = [Item("a.wav", 0.0, math.inf), Item("b.wav", 0.0, 2.0)]
    assert what_there_is(items, "") == "at least 2.00 s in 2 files"
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


def test_a_title_names_the_file_or_the_folders() -> None:
    def origin(*paths: str, folder: str = "") -> str:
        return origin_of([Item(path, 0.0, 1.0) for path in paths], folder)

    assert origin("/x/scream.wav") == origin("/x/scream.wav", "/x/scream.wav") == "scream.wav"
    assert origin("/x/My Samples/kicks/a.wav", "/x/My Samples/kicks/b.wav") == "kicks"
    assert origin("/x/My Samples/kicks/a.wav", "/x/My Samples/b.wav") == "My Samples"
    assert origin("/x/drums/a.wav", "/x/digits/de/b.wav") == "digits and drums"
    assert origin("/x/a/1", "/x/b/1", "/x/c/1") == "a, b and c"
    assert origin("/x/a/1", "/x/b/1", "/x/c/1", "/x/d/1") == "x"
    assert origin("/a/1", "/b/1", "/c/1", "/d/1") == "4 folders"
    assert origin("a.wav", "b.wav", folder="/data/Loops") == "Loops"
    assert origin("a.wav", "b.wav") == os.path.basename(os.getcwd())
    assert origin() == ""
    assert origin("/a\n/b.wav", "/a\n/c.wav") == "a\\n"
    assert origin_of([Item("a.wav", 0.0, 1.0)], None) == ""


def test_the_page_and_python_use_the_same_words() -> None:
    assets = resources.files("audioclust.report") / "assets"
    script = (assets / "panels" / "words.js").read_text(encoding="utf-8")
    for kind in get_args(Kind):
        item, group = things(kind)
        words = f'item: "{item}", items: "{item}s", group: "{group}", groups: "{group}s"'
        assert f"{kind}: {{{words}}}" in script
