"""Tables for notebooks."""

from __future__ import annotations

import html.parser

from hypothesis import given
from hypothesis import strategies as st

from audioclust.utils.html import MAX_ROWS, table, text


class Reader(html.parser.HTMLParser):
    """Collects the tags and the texts."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.texts: list[str] = []
        self.sides: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        sides: dict[object, str] = {
            ("style", f"text-align:{side}"): side for side in ("left", "right")
        }
        if tag in ("th", "td"):
            (only,) = attrs
            self.sides.append(sides[only])
        else:
            assert not attrs
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def read(document: str) -> Reader:
    reader = Reader()
    reader.feed(document)
    reader.close()
    return reader


def test_a_table_has_a_caption_a_head_and_rows() -> None:
    found = read(table("two", ["name", "size"], [["a", 1], ["b", 2.5]]))
    assert found.texts == ["two", "name", "size", "a", "1", "b", "2.5"]
    assert found.tags.count("tr") == 3
    assert found.tags.count("th") == 2


def test_columns_of_numbers_are_at_the_right_and_their_heads_too() -> None:
    rows = [["a", 1, "", "1,234.5"], ["2", -2.5, 3, "x"]]
    found = read(table("two", ["name", "size", "n", "mixed"], rows))
    assert found.sides == ["left", "right", "right", "left"] * 3


def test_what_follows_the_heading_is_a_note_in_normal_weight() -> None:
    found = table("3 items; 1 could not be used; 2 clip", ["n"], [[1]])
    assert "<b>3 items</b></p><p>1 could not be used; 2 clip</p>" in found


def test_only_the_first_rows_are_shown() -> None:
    found = read(table("many", ["n"], ([n] for n in range(MAX_ROWS + 5))))
    assert found.tags.count("td") == MAX_ROWS
    assert found.texts[-1] == "and 5 more"
    assert "more" not in table("few", ["n"], [[1]])


@given(st.text())
def test_nothing_in_a_name_becomes_markup(name: str) -> None:
    found = read(table(name, [name], [[name]]))
    if name.partition("; ")[2]:
        found.tags.remove("p")
    assert found.tags == ["div", "p", "b", "table", "thead", "tr", "th", "tbody", "tr", "td"]


def test_markup_and_line_breaks_are_escaped() -> None:
    assert text("<b>&\"'\n\x1b") == r"&lt;b&gt;&amp;&quot;&#x27;\n\x1b"
