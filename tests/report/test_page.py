"""A page opens in a browser, by itself, and holds what it is given."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser
from support.browser import opened
from support.pages import synthetic_content, synthetic_page

import audioclust as ac
from audioclust.audio.spans import Item
from audioclust.report.content import Content
from audioclust.report.page import json_in_html, rendered, write_page
from audioclust.report.sounds import sounds_of


class Scripts(HTMLParser):
    """The scripts, styles and policy of a page as another parser reads them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.texts: dict[str, list[str]] = {"script": [], "style": [], "title": []}
        self.policy = ""
        self._open = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        if known.get("http-equiv") == "Content-Security-Policy":
            self.policy = known["content"] or ""
        self._open = tag
        if tag in self.texts:
            self.texts[tag].append("")

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 - the base class has it
        self._open = ""

    def handle_data(self, data: str) -> None:
        if self._open in self.texts:
            self.texts[self._open][-1] += data

    @property
    def data(self) -> dict[str, Any]:
        return dict(json.loads(self.texts["script"][0]))


def page_of(content: Content, audio: Any = "none") -> str:
    return rendered(content, sounds_of(content, audio, os.getcwd()))


def test_a_page_opens_and_its_sounds_play(
    browser: Browser, library: list[str], tmp_path: Path
) -> None:
    page = tmp_path / "report.html"
    ac.cluster(library, 6).report(page)
    with opened(browser, page) as found:
        found.page.get_by_role("searchbox").fill("kick_00.wav")
        found.page.get_by_role("row").filter(has_text="kick_00.wav").click()
        found.wait("document.querySelector('audio').currentTime > 0")
        found.check()
        assert all(url.startswith(("file:", "data:")) for url in found.requests)


def test_the_policy_names_the_style_and_the_script_and_nothing_else() -> None:
    page = Scripts(page_of(synthetic_content(5)))
    rules = dict(rule.split(" ", 1) for rule in page.policy.split("; "))
    _, script = page.texts["script"]
    (style,) = page.texts["style"]
    for kind, text in (("script-src", script), ("style-src", style)):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert rules[kind] == f"'sha256-{digest}'"
    assert rules["default-src"] == "'none'"
    assert rules["media-src"] == "'self' data:"
    assert "unsafe" not in page.policy
    assert "*" not in page.policy
    assert not re.search(r"https?:|file:", page.policy)


def test_the_scripts_and_styles_end_where_they_should() -> None:
    html = page_of(synthetic_content(5))
    page = Scripts(html)
    assert len(page.texts["script"]) == 2
    assert html.rstrip().endswith("</html>")
    assert not re.search(r"<!--|\son\w+\s*=\s*[\"']", html.split("<script")[0])


@pytest.mark.parametrize(
    "text",
    ["</script><script>x", "<!--", "]]>", "a&amp;b", "\u2028\u2029", "\\u003c", '"\\', "é🥁漢"],
)
def test_json_in_html_is_the_same_json_without_markup(text: str) -> None:
    written = json_in_html({text: [text]})
    assert json.loads(written) == {text: [text]}
    assert not set(written) & set("<>&\u2028\u2029")


def test_halves_of_pairs_do_not_keep_a_page_from_being_written() -> None:
    assert json_in_html("\udcff").encode() == b'"\\udcff"'


@pytest.mark.parametrize("n", [1000, 10_000, 100_000])
def test_an_item_takes_at_most_150_bytes_beside_its_name(n: int) -> None:
    content = synthetic_content(n)
    page, frame = (len(page_of(c).encode()) for c in (content, synthetic_content(1)))
    names = sum(len(os.path.basename(item.path)) + len('"",') for item in content.items)
    assert page - frame - names <= 150 * n


def test_what_is_equal_for_all_is_written_once() -> None:
    content = synthetic_content(50)
    items = [Item(item.path, 0.0, 2.0) for item in content.items]
    same = replace(content, items=items, labels=np.zeros(50, np.int32))
    columns = Scripts(page_of(same)).data["columns"]
    assert columns["start"] == {"same": 0.0}
    assert columns["duration"] == {"same": 2.0}
    assert columns["cluster"] == {"same": 0}


def test_a_page_reads_all_that_was_written(browser: Browser, tmp_path: Path) -> None:
    content = synthetic_content(300, seed=1)
    synthetic_page(tmp_path / "page.html", 300, seed=1)
    code = """() => {
      const data = readData();
      const list = values => Array.from(values, v => Number.isNaN(v) ? null : v);
      return {
        n: data.n, names: data.names, cluster: list(data.cluster), start: list(data.start),
        duration: list(data.duration), x: list(data.x), order: list(data.order),
        neighbors: data.names.map((_, item) => data.neighborsOf(item)),
        paths: data.names.map((_, item) => data.path(item)),
        groups: data.groups.map(group => [group.number, group.items]),
        features: data.features.map(feature => list(feature.values)),
      };
    }"""
    with opened(browser, tmp_path / "page.html") as found:
        read = found.page.evaluate(code)
    assert (read["n"], read["cluster"]) == (300, content.labels.tolist())
    shared = os.path.basename(os.getcwd())
    assert read["paths"] == [f"{shared}/{item.path}" for item in content.items]
    assert set(read["start"]) == {0}
    lengths = np.array([item.end for item in content.items])
    known = np.isfinite(lengths)
    assert [length is not None for length in read["duration"]] == known.tolist()
    found_lengths = np.array(read["duration"], np.float64)[known]
    np.testing.assert_array_equal(found_lengths, lengths[known].astype(np.float32))
    assert content.points is not None
    assert content.neighbors is not None
    assert content.order is not None
    step = np.ptp(content.points[:, 0]) / (2**16 - 2)
    # In single precision the step is known to a tenth of a percent.
    assert (np.abs(read["x"] - content.points[:, 0]) <= 0.501 * step).all()
    assert read["neighbors"] == content.neighbors.tolist()
    assert read["order"] == content.order.tolist()
    for number, items in read["groups"]:
        assert items == [i for i in read["order"] if read["cluster"][i] == number]
    for column, values in zip(content.columns, read["features"], strict=True):
        off = np.array(values, np.float64) - column.values
        step = np.ptp(column.values[np.isfinite(column.values)]) / 254
        assert (np.isnan(off) == np.isnan(column.values)).all()
        assert np.nanmax(np.abs(off)) <= 0.501 * step


def test_an_empty_page_and_one_without_a_map_open(browser: Browser, tmp_path: Path) -> None:
    content = synthetic_content(4)
    bare = replace(content, points=None, neighbors=None, order=None, columns=(), groups=())
    none = replace(bare, items=[], labels=np.empty(0, np.int32), errors=(), headline=())
    for one, n in ((bare, 4), (none, 0)):
        page = tmp_path / f"{n}.html"
        write_page(page, one, "none", ())
        with opened(browser, page) as found:
            assert found.page.evaluate("readData().order.length") == n
            assert found.page.evaluate("readData().neighborsOf(0)") == []
            found.check()


def test_what_is_wrong_is_said_before_the_work(tmp_path: Path, library: list[str]) -> None:
    def never(title: str | None) -> Content:
        raise AssertionError("it should not be asked for")

    page = tmp_path / "page.html"
    with pytest.raises(ac.ParameterError, match=r"^audio='cd': expected one of link, "):
        write_page(page, never, "cd", ())  # type: ignore[arg-type]
    with pytest.raises(ac.ParameterError, match=r"which is one of the recordings$"):
        write_page(library[0], never, "none", library)
    with pytest.raises(FileNotFoundError):
        write_page(tmp_path / "no" / "page.html", never, "none", ())
    with pytest.raises(ac.ParameterError, match=r"few.txt.*ends with .html or .htm"):
        write_page(tmp_path / "few.txt", never, "none", ())
    assert os.listdir(tmp_path) == []


def test_the_title_is_text_and_not_markup(browser: Browser, tmp_path: Path) -> None:
    title = "</title><script>window.x = 1</script>'\"&amp;\u202e\n"
    page = tmp_path / "page.html"
    write_page(page, replace(synthetic_content(3), title=title), "none", ())
    shown = "</title><script>window.x = 1</script>'\"&amp;\\u202e\\n"
    with opened(browser, page) as found:
        assert found.page.title() == shown
        assert found.page.inner_text("h1") == shown
        assert found.page.evaluate("window.x") is None
        found.check()
