"""Ranges of bytes, beside a slow reading of RFC 9110."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audioclust.server.asking import Refused
from audioclust.server.ranges import asked_bytes

SIZES = st.integers(0, 40)
NUMBERS = st.integers(0, 60)


def found(text: str, size: int) -> bytes | None:
    """Give the bytes that a range is answered with, None if it is refused."""
    data = bytes(range(size))
    try:
        part = asked_bytes("GET", {"range": text}, size, '"a"')
    except Refused as why:
        refused = why
    else:
        return data if part is None else data[part[0] : part[1]]
    assert refused.status == 416
    assert refused.fields == {"Content-Range": f"bytes */{size}"}
    return None


@given(SIZES, NUMBERS, st.one_of(NUMBERS, st.none()))
def test_a_range_is_the_bytes_at_its_places(size: int, first: int, last: int | None) -> None:
    # Section 14.1.2: both ends are included, and an end beyond the last byte is the last byte.
    end = size - 1 if last is None else last
    expected = bytes(i for i in range(size) if first <= i <= end)
    got = found(f"bytes={first}-{'' if last is None else last}", size)
    assert got == (expected or None)


@given(SIZES, NUMBERS)
def test_a_suffix_is_as_many_bytes_at_the_end(size: int, n: int) -> None:
    expected = bytes(range(size))[max(0, size - n) :] if n else b""
    assert found(f"bytes=-{n}", size) == (expected or None)


@given(SIZES.filter(bool), st.lists(st.tuples(NUMBERS, NUMBERS), min_size=2, max_size=5))
def test_several_ranges_are_answered_with_all(size: int, pairs: list[tuple[int, int]]) -> None:
    text = ",".join(f" {min(pair)}-{max(pair)}" for pair in pairs)
    assert found(f"bytes={text}", size) == bytes(range(size))


@given(st.text(max_size=20), SIZES)
def test_any_text_gives_bytes_of_the_file_or_is_refused(text: str, size: int) -> None:
    for range_ in (text, f"bytes={text}", f"BYTES={text}"):
        got = found(range_, size)
        assert got is None or got in bytes(range(size))


@pytest.mark.parametrize(
    "text",
    ["bytes=", "bytes=-", "bytes=a-b", "bytes=5-2", "bytes=--5", "bytes=1-2-3", "bytes=+1-2",
     "bytes=0x1-2", "bytes=1-2,", "bytes=,", "bytes=٣-٤", "bytes=1 -2", "bytes=-0", "bytes=10-",
     f"bytes={'9' * 40}-", "bytes=1-2;3"],
)  # fmt: skip
def test_what_is_malformed_or_outside_is_refused(text: str) -> None:
    assert found(text, 10) is None


def test_a_range_is_ignored_where_the_standard_says_so() -> None:
    # Section 14.2: of other units, and of other methods than GET.
    assert asked_bytes("GET", {"range": "samples=0-1"}, 10, '"a"') is None
    assert asked_bytes("HEAD", {"range": "bytes=0-1"}, 10, '"a"') is None
    assert asked_bytes("GET", {}, 10, '"a"') is None
    # Section 13.1.5: if the file is another one by now.
    for known in ('"b"', 'W/"a"', "Mon, 30 Nov 2026 00:00:00 GMT"):
        fields = {"range": "bytes=0-1", "if-range": known}
        assert asked_bytes("GET", fields, 10, '"a"') is None
    fields = {"range": "bytes=0-1", "if-range": '"a"'}
    assert asked_bytes("GET", fields, 10, '"a"') == (0, 2)
