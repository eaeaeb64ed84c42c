"""Tables with a column whose text goes on below, on screens of any width."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import audioclust as ac
from audioclust.cli import screen
from audioclust.cli.output import print_clusters
from audioclust.cli.screen import Column, cut, elided, numbers, print_table

COLUMNS = [
    *numbers("cluster", "files"),
    Column("name", shortened=cut),
    Column("what it is", wrapped=True),
    Column("nearest", shortened=elided),
]
NARROWEST = 7 + 5 + 3 * screen.LEAST + 4 * len(screen.GAP)
"""Cells that these columns need at least, if no word is longer than the least width."""

WORDS = st.lists(st.text("abcdef", min_size=1, max_size=screen.LEAST), min_size=1).map(" ".join)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.tuples(WORDS, WORDS, WORDS), min_size=1, max_size=4),
    width=st.integers(NARROWEST, 200),
)
def test_a_table_fits_and_loses_no_word_of_a_wrapped_column(
    rows: list[tuple[str, str, str]],
    width: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(screen, "width_of", lambda _: width)
    print_table(COLUMNS, [(str(i), "1", *row) for i, row in enumerate(rows)])
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= width
    starts = [line.split() for line in lines[1:] if line[:7].strip()]
    assert [start[:2] for start in starts] == [[str(i), "1"] for i in range(len(rows))]
    # Where nothing goes on, the text stands in its row.
    begin, end = lines[0].index("what it is"), lines[0].index("nearest")
    said = " ".join(line[begin:end].strip() for line in lines[1:])
    assert said.split() == [word for row in rows for word in row[1].split()]


def test_elsewhere_nothing_is_broken(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(screen, "width_of", lambda _: None)
    print_table(COLUMNS, [("0", "1", "a name " * 20, "some words " * 20, "a file " * 20)])
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_names_of_clusters_have_a_column(
    library: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    found = ac.cluster(library[::5], 2, features="rms")
    print_clusters(found)
    assert capsys.readouterr().out.split()[:3] == ["cluster", "files", "length"]
    print_clusters(dataclasses.replace(found, names={1: "a\x1b[2J name"}))
    heading, first, second = capsys.readouterr().out.splitlines()[:3]
    assert heading.split()[:3] == ["cluster", "name", "files"]
    assert first.split()[1].isdecimal()
    assert r"  a\x1b[2J name  " in second
