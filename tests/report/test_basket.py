"""The basket: what is put into it can be heard, moved and taken away as a file."""

from __future__ import annotations

import csv
import dataclasses
import math
import urllib.parse
from pathlib import Path

import m3u8
import numpy as np
import pytest
from playwright.sync_api import Browser
from support.browser import Opened, opened
from support.tables import named, of_library, written

from audioclust.audio.spans import Item

NAMES = [
    "a/one.wav",
    "a/two #2?.wav",
    "b/=SUM(A1).wav",
    "b/line\nbreak.wav",
    'b/a "b", 50%.wav',
]
HARMLESS_PATHS = ["a/one.wav", "a/two #2?.wav", "b/=SUM(A1).wav", "b/line\\nbreak.wav"]


def open_basket(found: Opened, *items: int) -> None:
    basket = ".".join(map(str, items))
    found.page.goto(f"{found.page.url.partition('#')[0]}#basket={basket}")
    found.page.get_by_role("tab", name="Basket").click()
    found.wait(f"document.querySelectorAll('.basket .row').length === {len(items)}")


def saved(found: Opened, button: str, path: Path) -> str:
    """Click on a button that saves a file, and give its text."""
    with found.page.expect_download() as waiting:
        found.page.get_by_role("button", name=button, exact=True).click()
    waiting.value.save_as(path)
    assert waiting.value.suggested_filename.startswith("basket.")
    return path.read_bytes().decode("utf-8")


def listed(found: Opened) -> list[str]:
    return found.page.locator(".basket .link").all_inner_texts()


def test_sounds_are_put_in_moved_and_taken_out(browser: Browser, tmp_path: Path) -> None:
    content = named([f"s{i}.wav" for i in range(6)])
    with opened(browser, written(tmp_path / "page.html", content, "none")) as found:
        page = found.page
        page.get_by_role("tab", name="Basket").click()
        for item in (4, 0, 2):
            page.goto(f"{page.url.partition('#')[0]}#sound={item}")
            page.locator(".card h2", has_text=f"s{item}.wav").wait_for()
            page.locator(".card .basket-toggle").click()
        assert listed(found) == ["s4.wav", "s0.wav", "s2.wav"]
        assert page.get_by_role("tab", name="Basket 3").is_visible()
        page.get_by_role("button", name="Move s2.wav up").click()
        assert listed(found) == ["s4.wav", "s2.wav", "s0.wav"]
        # Who moves by keys goes on where they were.
        page.keyboard.press("Enter")
        assert listed(found) == ["s2.wav", "s4.wav", "s0.wav"]
        page.get_by_role("button", name="Move s2.wav down").click()
        page.get_by_role("button", name="Take s4.wav out").click()
        assert listed(found) == ["s2.wav", "s0.wav"]
        assert page.evaluate("document.activeElement.dataset.action") == "remove"
        page.locator(".card .basket-toggle", has_text="In basket").click()
        assert listed(found) == ["s0.wav"]
        page.get_by_role("button", name="Remove all").click()
        assert listed(found) == []
        found.check()


def test_what_a_search_leaves_goes_in_at_once(browser: Browser, tmp_path: Path) -> None:
    content = named([f"{'kick' if i % 3 else 'snare'}_{i}.wav" for i in range(12)])
    with opened(browser, written(tmp_path / "page.html", content, "none")) as found:
        found.page.get_by_role("tab", name="Basket").click()
        found.page.get_by_label("Search").fill("snare")
        found.page.get_by_role("button", name="4 sounds that are shown").click()
        assert sorted(listed(found)) == sorted(f"snare_{i}.wav" for i in (0, 3, 6, 9))
        # They are all in: there is nothing to offer, and the focus stays in the panel.
        assert not found.page.get_by_text("that are shown").is_visible()
        assert found.page.evaluate("document.activeElement.id") == "panel-basket"
        found.page.get_by_role("button", name="Take snare_3.wav out").click()
        assert found.page.get_by_role("button", name="4 sounds that are shown").is_visible()
        found.check()


@pytest.mark.parametrize(
    ("key", "words"), [("o", "inside the lens"), ("l", "inside the lasso")]
)
def test_what_is_offered_says_where_it_is(
    browser: Browser, tmp_path: Path, key: str, words: str
) -> None:
    content = named([f"s{i}.wav" for i in range(40)])
    with opened(browser, written(tmp_path / "page.html", content, "none")) as found:
        found.page.get_by_role("tab", name="Basket").click()
        ground = found.page.locator(".map-points")
        ground.focus()
        found.page.keyboard.press("ArrowRight")
        found.page.keyboard.press(key)
        box = ground.bounding_box()
        assert box is not None
        if key == "l":
            corners = [(0.01, 0.01), (0.85, 0.01), (0.85, 0.99), (0.01, 0.99)]
            x, y = box["x"], box["y"]
            places = [(x + a * box["width"], y + b * box["height"]) for a, b in corners]
            found.page.mouse.move(*places[0])
            found.page.mouse.down()
            for place in places[1:]:
                found.page.mouse.move(*place)
            found.page.mouse.up()
        found.page.locator(".basket .actions button", has_text=words).wait_for()
        found.check()


def test_a_playlist_of_unknown_folders_has_no_comments_and_addresses(
    browser: Browser, tmp_path: Path
) -> None:
    paths = ["#s0.wav", "http:/s1.wav", "a b/100%.wav", "plain/é.wav", "/whole/#1.wav"]
    content = named(paths, folder=None)
    with opened(browser, written(tmp_path / "page.html", content, "none")) as found:
        open_basket(found, *range(5))
        lines = saved(found, "M3U8", tmp_path / "saved.m3u8").splitlines()
        assert lines[2::2] == [
            *("./%23s0.wav", "./http:/s1.wav", "./a%20b/100%25.wav", "./plain/é.wav"),
            "./whole/%231.wav",
        ]
        found.check()


def test_the_basket_plays_from_its_first_sound(
    browser: Browser, library: list[str], tmp_path: Path
) -> None:
    content = of_library(library)
    with opened(browser, written(tmp_path / "page.html", content)) as found:
        open_basket(found, 7, 3)
        found.page.get_by_role("button", name="Play all of the basket").click()
        found.wait("document.querySelector('audio').currentTime > 0")
        source = urllib.parse.unquote(
            found.page.evaluate("document.querySelector('audio').src")
        )
        assert source.endswith(content.items[7].path)
        found.check()


def test_a_playlist_names_files_where_they_lie(browser: Browser, tmp_path: Path) -> None:
    content = named([*NAMES, "c/\udce9t\udce9.wav"], folder=str(tmp_path))
    with opened(browser, written(tmp_path / "page.html", content)) as found:
        open_basket(found, *range(6))
        text = saved(found, "M3U8", tmp_path / "saved.m3u8")
        playlist = m3u8.loads(text)
        assert text.startswith("#EXTM3U\n")
        expected = [(tmp_path / item.path).as_uri() for item in content.items]
        unquoted = [urllib.parse.unquote_to_bytes(line.uri) for line in playlist.segments]
        assert unquoted == [urllib.parse.unquote_to_bytes(uri) for uri in expected]
        seconds = [math.floor(item.end + 0.5) for item in content.items]
        assert [line.duration for line in playlist.segments] == seconds
        assert [line.title for line in playlist.segments][:2] == ["one.wav", "two #2?.wav"]
        found.check()


def test_a_playlist_of_parts_says_where_they_begin_and_end(
    browser: Browser, tmp_path: Path
) -> None:
    items = [Item("set.wav", 0.0, 1.5), Item("set.wav", 61.25, 63.0)]
    content = named(["set.wav"] * 2, items=items, folder=str(tmp_path))
    with opened(browser, written(tmp_path / "page.html", content)) as found:
        open_basket(found, 1, 0)
        text = saved(found, "M3U8", tmp_path / "saved.m3u8")
        uri = (tmp_path / "set.wav").as_uri()
        option = "#EXTVLCOPT:"  # What VLC's options begin with in a playlist.
        assert text.splitlines()[1:] == [
            *("#EXTINF:2,1:01.25", f"{option}start-time=61.25", f"{option}stop-time=63", uri),
            *("#EXTINF:2,0:00.00", f"{option}start-time=0", f"{option}stop-time=1.5", uri),
        ]
        found.check()


def test_a_table_of_the_basket_has_no_formulas(browser: Browser, tmp_path: Path) -> None:
    content = named(NAMES, folder="/")
    content = dataclasses.replace(
        content,
        items=[
            Item("=cmd()/x.wav", 0.25, 1.5),
            Item("@x/y.wav", 0.0, float("inf")),
            *content.items,
        ],
        labels=np.array([-1, 2, *content.labels], np.int32),
        points=None,
        neighbors=None,
        order=None,
        columns=(),
    )
    with opened(browser, written(tmp_path / "page.html", content, "none")) as found:
        open_basket(found, *range(7))
        text = saved(found, "CSV", tmp_path / "saved.csv")
        called = {group.number: group.name for group in content.groups if group.number >= 0}
        lines = list(csv.reader(text.splitlines()))
        assert text.count("\r\n") == 8
        assert lines[0] == ["path", "start", "end", "label", "name"]
        assert lines[1] == ["'=cmd()/x.wav", "0.25", "1.5", "-1", ""]
        assert lines[2] == ["'@x/y.wav", "0", "", "2", called.get(2, "")]
        assert [line[0] for line in lines[3:]] == [*HARMLESS_PATHS, NAMES[4]]
        for line, item in zip(lines[3:], content.items[2:], strict=True):
            assert line[4] == called.get(int(line[3]), "")
            assert float(line[2]) == pytest.approx(item.end, rel=1e-6)  # seven digits
        found.check()


def test_a_list_of_paths_has_one_on_each_line(browser: Browser, tmp_path: Path) -> None:
    content = named([*NAMES, "c/\udce9t\udce9.wav"], folder=str(tmp_path / "my Samples"))
    with opened(browser, written(tmp_path / "page.html", content)) as found:
        open_basket(found, 3, 0, 4, 5)
        paths = saved(found, "Paths", tmp_path / "saved.txt").split("\n")
        table = list(csv.reader(saved(found, "CSV", tmp_path / "saved.csv").splitlines()))
        found.check()
    # They open the files; an address stands for what no line can hold.
    root = f"{tmp_path}/my Samples"
    assert paths[1:3] == [f"{root}/a/one.wav", f"{root}/{NAMES[4]}"]
    at = {0: f"{root}/b/line\nbreak.wav".encode(), 3: f"{root}/c/".encode() + b"\xe9t\xe9.wav"}
    for place, expected in at.items():
        assert urllib.parse.unquote_to_bytes(paths[place]) == b"file://" + expected
    assert paths[4:] == [""]
    assert [row[0] for row in table[1:]] == paths[:-1]


def test_without_links_paths_begin_with_what_all_share(
    browser: Browser, tmp_path: Path
) -> None:
    content = named(NAMES[:2], folder=str(tmp_path))
    with opened(browser, written(tmp_path / "page.html", content, "none")) as found:
        open_basket(found, 1, 0)
        text = saved(found, "Paths", tmp_path / "saved.txt")
        assert text.split("\n") == ["a/two #2?.wav", "a/one.wav", ""]
        found.page.locator("#message", has_text="does not know where the sounds lie").wait_for()
        found.check()


WHERE = """([base, url]) => openPath(
  {names: ["k #1.wav"], folder: [0], path: () => "shown",
   sounds: {folders: [{name: "d", url}], files: {}}}, 0, base)"""


@pytest.mark.parametrize(
    ("base", "url", "expected"),
    [
        ("file:///C:/My%20Music/page.html#sound=1", "d/", r"C:\My Music\d\k #1.wav"),
        ("file:///C:/a/page.html", "file:///D:/d/", r"D:\d\k #1.wav"),
        ("file://nas/a/page.html", "../d/", r"\\nas\d\k #1.wav"),
        ("file:///home/anna/page.html", "", "/home/anna/k #1.wav"),
        ("https://example.org/a/page.html", "../d/", "../d/k #1.wav"),
        ("about:srcdoc", None, "shown"),
    ],
)
def test_paths_are_those_of_the_system_that_the_page_lies_on(
    browser: Browser, tmp_path: Path, base: str, url: str | None, expected: str
) -> None:
    with opened(browser, written(tmp_path / "page.html", named(NAMES), "none")) as found:
        assert found.page.evaluate(WHERE, [base, url]) == expected
