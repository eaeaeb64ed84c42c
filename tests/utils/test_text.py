"""Names are shown as they are, unless they would break what shows them."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audioclust.utils.text import on_one_line, printable

ANY = st.text(st.characters(codec=None, exclude_categories=()))


@given(ANY)
def test_any_name_can_be_written_and_stays_on_its_line(name: str) -> None:
    printable(name).encode("utf-8")
    shown = on_one_line(name)
    shown.encode("utf-8")
    assert shown.isprintable()


@given(st.text(st.characters(codec="utf-8")))
def test_text_is_left_alone(text: str) -> None:
    assert printable(text) == text
    if text.isprintable():
        assert on_one_line(text) == text


@pytest.mark.skipif(os.name == "nt", reason="names are Unicode there")
def test_bytes_that_are_not_utf_8_are_escaped() -> None:
    assert printable(os.fsdecode(b"caf\xe9.wav")) == r"caf\xe9.wav"


def test_half_a_surrogate_pair_is_escaped() -> None:
    assert printable("a\ud800") == r"a\xed\xa0\x80"


def test_what_moves_a_terminals_cursor_is_escaped() -> None:
    assert on_one_line("a\nb\x1b[31m\u2028\u200f") == r"a\nb\x1b[31m\u2028\u200f"
