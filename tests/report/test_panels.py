"""The search, the groups, the table and the details, as who uses them finds them."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser
from support.browser import Opened, opened
from support.pages import synthetic_content, synthetic_page
from support.tables import named, names, of_library, plain, rows, written

from audioclust.audio.spans import Item
from audioclust.report.content import Column, Content, Kind

NAMES = [
    *("drums/Kick_10.wav", "drums/kick_2.wav", "drums/Snare.wav", "Stimmen/Größe Äpfel.wav"),
    *("Stimmen/tiếng Việt.wav", "fx/kick up.wav", "fx/noise.wav"),
]


def search(found: Opened, text: str, result: str) -> None:
    """Type into the search, and wait for what it tells."""
    found.page.get_by_label("Search").fill(text)
    found.wait(f"document.getElementById('count').textContent.startsWith('{result}')")


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("kick", ["kick_2.wav", "Kick_10.wav", "kick up.wav"]),
        ("KICK drums", ["kick_2.wav", "Kick_10.wav"]),
        ("grosse", []),
        ("große apfel", ["Größe Äpfel.wav"]),
        ("stimmen VIET", ["tiếng Việt.wav"]),
        ("viet stimmen", ["tiếng Việt.wav"]),
        ("  ", [name.rpartition("/")[2] for name in NAMES]),
    ],
)
def test_a_search_leaves_what_has_all_its_words(
    browser: Browser, tmp_path: Path, text: str, left: list[str]
) -> None:
    with opened(browser, written(tmp_path / "page.html", named(NAMES))) as found:
        told = f"{len(left)} of 7 sounds" if text.strip() else "7 sounds"
        search(found, text, told)
        assert sorted(names(found)) == sorted(left)
        assert found.page.get_by_role("grid").get_attribute("aria-rowcount") == str(
            len(left) + 1
        )
        found.check()


def natural(text: str) -> str:
    return re.sub(r"\d+", lambda digits: digits[0].zfill(12), plain(text))


def keys(content: Content, column: str) -> list[str] | np.ndarray:
    """What Python sorts a column by."""
    items = content.items
    if column == "Name":
        return [natural(item.path.rpartition("/")[2]) for item in items]
    if column == "Folder":
        return [natural(item.path.rpartition("/")[0]) for item in items]
    if column == "Length":
        return np.array([item.end for item in items], np.float32)
    assert content.order is not None
    return np.argsort(content.order).astype(float)


@pytest.mark.parametrize("column", ["Name", "Folder", "Length", "Group"])
def test_a_head_of_a_column_sorts_up_and_then_down(
    browser: Browser, tmp_path: Path, column: str
) -> None:
    content = synthetic_content(300)
    values = keys(content, column)
    paths = [item.path.rpartition("/")[2] for item in content.items]
    known = [
        i for i in range(300) if not isinstance(values, np.ndarray) or np.isfinite(values[i])
    ]
    last = [paths[i] for i in range(300) if i not in set(known)]
    with opened(browser, written(tmp_path / "page.html", content, "none")) as found:
        head = found.page.get_by_role("columnheader", name=column)
        for down in (False, True):
            if (column, down) != ("Group", False):  # The table is sorted so at first.
                head.get_by_role("button").click()
            ordered = sorted(known, key=lambda i: values[i], reverse=down)
            assert names(found) == [paths[i] for i in ordered] + last
            assert head.get_attribute("aria-sort") == ("descending" if down else "ascending")
        found.check()


def test_the_table_sorts_by_any_column_that_is_chosen(browser: Browser, tmp_path: Path) -> None:
    content = synthetic_content(200)
    tempo = content.columns[1].values
    with opened(browser, written(tmp_path / "page.html", content, "none")) as found:
        found.page.get_by_label("Column").select_option("Tempo")
        shown = [row[3] for row in rows(found)]
        n_known = int(np.isfinite(tempo).sum())
        assert shown[n_known:] == ["–"] * (200 - n_known)
        numbers = [float(text.removesuffix(" BPM")) for text in shown[:n_known]]
        assert numbers == sorted(numbers, reverse=True)
        # A page has 254 steps between the least and the largest, and shows three digits.
        step = (np.nanmax(tempo) - np.nanmin(tempo)) / 254
        known = np.sort(tempo[np.isfinite(tempo)])[::-1]
        assert np.abs(np.array(numbers) - known).max() <= step + 0.5
        found.check()


def test_the_list_of_groups_has_their_size_length_and_words(
    browser: Browser, tmp_path: Path
) -> None:
    content = synthetic_content(400)
    with opened(browser, written(tmp_path / "page.html", content, "none")) as found:
        listed = found.page.locator(".group")
        assert listed.count() == len(content.groups)
        for place, group in enumerate(content.groups):
            text = listed.nth(place).text_content() or ""
            assert text.startswith(group.name)
            assert f"{int((content.labels == group.number).sum())} sounds, " in text
            assert group.words in text
        found.check()


def test_a_search_knows_groups_by_name_number_and_words(
    browser: Browser, tmp_path: Path
) -> None:
    content = synthetic_content(400)
    groups = [
        *(replace(group, name=str(group.number), words="") for group in content.groups[:5]),
        *content.groups[5:-1],
        replace(content.groups[-1], words="wholly alone"),
    ]
    content = replace(content, groups=groups)

    def told(n: int) -> str:
        return f"{n} of 400 sounds"

    sizes = {group.number: int((content.labels == group.number).sum()) for group in groups}
    with opened(browser, written(tmp_path / "page.html", content, "none")) as found:
        search(found, "Group 3", told(sizes[3]))
        search(found, "wholly", told(sizes[-1]))
        search(found, "cluster 6", told(sum(_has_6(content, i) for i in range(400))))
        found.page.get_by_label("Search").fill("wholly alone")
        found.page.keyboard.press("Enter")
        assert content.order is not None
        first = next(i for i in content.order if content.labels[i] == -1)
        name = content.items[first].path.rpartition("/")[2]
        assert found.page.locator(".card h2").inner_text() == name
        found.check()


def _has_6(content: Content, place: int) -> bool:
    """Whether an item has "cluster" and a 6 in its name, its folder and those of its group."""
    label = int(content.labels[place])
    named = f"cluster {label}" if label >= 5 else ""
    text = f"{content.items[place].path} {named}"
    return "cluster" in text and "6" in text


def test_a_group_alone_and_a_search_hold_together(browser: Browser, tmp_path: Path) -> None:
    content = synthetic_content(400)
    number = content.groups[1].number
    inside = [i for i in range(400) if content.labels[i] == number]
    with_7 = [i for i in inside if "7" in content.items[i].path]
    with opened(browser, written(tmp_path / "page.html", content, "none")) as found:
        only = found.page.get_by_role("button", name="Only cluster 1", exact=True)
        only.click()
        assert len(names(found)) == len(inside)
        assert only.get_attribute("aria-pressed") == "true"
        search(found, "7", f"{len(with_7)} of 400 sounds")
        assert len(names(found)) == len(with_7)
        found.page.get_by_role("button", name="Only cluster 1: show all").click()
        assert only.get_attribute("aria-pressed") == "false"
        n_all = sum(
            "7" in item.path or number == 7
            for item, number in zip(content.items, content.labels, strict=True)
        )
        assert len(names(found)) == n_all
        found.check()


def test_what_is_like_a_sound_is_what_the_content_says(
    browser: Browser, library: list[str], tmp_path: Path
) -> None:
    content = of_library(library)
    assert content.neighbors is not None
    name = [item.path for item in content.items]
    with opened(browser, written(tmp_path / "page.html", content)) as found:
        found.page.get_by_role("tab", name="Like this").click()
        found.page.goto(f"{found.page.url}#sound=0")
        for item in (0, int(content.neighbors[0][2])):
            alike = found.page.locator(".alike .link")
            expected = [name[other] for other in content.neighbors[item]]
            assert alike.all_inner_texts() == expected
            assert found.page.locator(".card h2").inner_text() == name[item]
            alike.nth(2).click()
        found.wait("document.querySelector('audio').currentTime > 0")
        found.check()


def test_what_was_measured_is_listed_with_units(browser: Browser, tmp_path: Path) -> None:
    content = synthetic_content(50, noise=0.0)
    with opened(browser, written(tmp_path / "page.html", content, "none")) as found:
        found.page.goto(f"{found.page.url}#sound=7")
        found.page.get_by_role("tab", name="Measured").click()
        found.wait("document.querySelectorAll('.measured tr').length > 0")
        lines = found.page.locator(".measured tr").all()
        assert len(lines) == len(content.columns)
        for line, column in zip(lines, content.columns, strict=True):
            head, text = line.locator("th").inner_text(), line.locator("td").first.inner_text()
            assert head.lower() == column.words
            value = column.values[7]
            if not np.isfinite(value):
                assert text == "–"
                continue
            number, _, unit = text.partition(" ")
            assert unit == column.unit
            step = (np.nanmax(column.values) - np.nanmin(column.values)) / 254
            # Half a step of the packed value, and half of the third digit.
            assert "e" not in number
            assert "-" not in number  # A true minus sign.
            shown = float(number.replace("−", "-").replace(",", ""))
            assert abs(shown - value) <= step / 2 + 0.005 * abs(value) + 1e-6
        found.check()


def test_what_has_no_unit_is_shown_by_its_rank(browser: Browser, tmp_path: Path) -> None:
    values = np.array([-621.0, -6.31, 1e-6, 4.0, 80.0, np.nan, 9.0])
    words = {"more": "darker", "less": "brighter"}
    column = Column("mfcc_2_mean", "darkness", "", values, **words)
    with opened(
        browser, written(tmp_path / "page.html", named(NAMES, columns=[column]))
    ) as found:
        by_name = {row[0]: row[3] for row in rows(found)}
        files = [name.rpartition("/")[2] for name in NAMES]
        expected = ["0 %", "20 %", "40 %", "60 %", "100 %", "–", "80 %"]
        assert by_name == dict(zip(files, expected, strict=True))
        head = found.page.locator("table.all th.col-feature")
        assert head.inner_text().strip() == "Darker than"
        found.page.get_by_label("Colour").select_option("feature:mfcc_2_mean")
        ends = found.page.locator(".map-range > span").all_inner_texts()
        assert ends[:2] == ["brighter", "darker"]
        found.page.goto(f"{found.page.url}#sound=3")
        found.page.get_by_role("tab", name="Measured").click()
        assert found.page.locator(".measured td").first.inner_text() == "darker than 60 %"
        found.check()


def test_numbers_that_stand_for_names_are_shown_as_names(
    browser: Browser, tmp_path: Path
) -> None:
    values = np.array([1.0, 0.0, np.nan, 2.0, 1.0, 0.0, 2.0])
    key = Column("key", "key", "", values, names=("C", "D minor", "<b>"))
    with opened(browser, written(tmp_path / "page.html", named(NAMES, columns=[key]))) as found:
        by_name = {row[0]: row[3] for row in rows(found)}
        files = [name.rpartition("/")[2] for name in NAMES]
        expected = ["D minor", "C", "–", "<b>", "D minor", "C", "<b>"]
        assert by_name == dict(zip(files, expected, strict=True))
        found.page.goto(f"{found.page.url}#sound=3")
        found.page.get_by_role("tab", name="Measured").click()
        assert found.page.locator(".measured td").first.inner_text() == "<b>"
        found.check()


def test_a_row_that_is_selected_elsewhere_comes_into_view(
    browser: Browser, tmp_path: Path
) -> None:
    content = synthetic_content(3000)
    with opened(browser, written(tmp_path / "page.html", content, "none")) as found:
        far = int(content.groups[-2].representatives[0])
        found.page.goto(f"{found.page.url}#sound={far}")
        found.wait(f"document.getElementById('row-{far}') !== null")
        assert found.page.evaluate(
            f"""(() => {{
              const row = document.getElementById("row-{far}").getBoundingClientRect();
              const box = document.querySelector(".all-box").getBoundingClientRect();
              const head = document.querySelector(".all thead").getBoundingClientRect();
              return row.top >= head.bottom - 1 && row.bottom <= box.bottom + 1;
            }})()"""
        )
        found.check()


def selected(found: Opened) -> str:
    return found.page.locator("table.all tr[aria-selected=true] td").first.inner_text()


def test_the_keys_of_the_table_move_and_play(
    browser: Browser, library: list[str], tmp_path: Path
) -> None:
    content = of_library(library)
    with opened(browser, written(tmp_path / "page.html", content)) as found:
        inside = names(found)
        found.page.get_by_role("grid").focus()
        for key, place in [
            *(("ArrowDown", 0), ("ArrowDown", 1), ("ArrowDown", 2), ("ArrowUp", 1)),
            *(("End", 59), ("ArrowDown", 59), ("PageUp", None), ("Home", 0), ("ArrowUp", 0)),
        ]:
            found.page.keyboard.press(key)
            if place is not None:
                assert selected(found) == inside[place]
            grid = found.page.get_by_role("grid")
            active = grid.get_attribute("aria-activedescendant")
            row = found.page.locator(f"#{active}")
            assert row.get_attribute("aria-selected") == "true"
            assert row.get_attribute("aria-rowindex") == str(inside.index(selected(found)) + 2)
        assert found.page.evaluate("document.querySelector('audio')?.currentSrc || ''") == ""
        found.page.keyboard.press("Enter")
        found.wait("document.querySelector('audio').currentTime > 0")
        assert found.page.locator("tr.is-playing td").first.inner_text() == inside[0]
        found.check()


@pytest.mark.parametrize("n", [10_000, 100_000])
def test_so_many_rows_are_no_burden(browser: Browser, tmp_path: Path, n: int) -> None:
    with opened(browser, synthetic_page(tmp_path / "page.html", n)) as found:
        grid = found.page.get_by_role("grid")
        assert grid.get_attribute("aria-rowcount") == str(n + 1)
        grid.focus()
        found.page.keyboard.press("End")
        assert grid.get_attribute("aria-activedescendant")
        last = found.page.locator("table.all tr[aria-selected=true]")
        assert last.get_attribute("aria-rowindex") == str(n + 1)
        assert last.is_visible()
        assert found.page.locator("table.all tbody tr").count() < 80
        left = [f"much_{i:05d}.wav" for i in range(2, n, 3) if "999" in f"{i:05d}"]
        search(found, "much_ 999", f"{len(left)} of")
        assert found.page.locator("#count").inner_text() == f"{len(left)} of {n:,} sounds"
        found.page.get_by_role("columnheader", name="Name").get_by_role("button").click()
        assert names(found) == left
        found.check()


@pytest.mark.parametrize(
    ("kind", "items", "groups"),
    [
        ("clustering", "sounds", "Groups"),
        ("map", "sounds", "Units"),
        ("segmentation", "spans", "Labels"),
        ("onsets", "hits", "Groups"),
    ],
)
def test_each_kind_of_page_has_its_words(
    browser: Browser, tmp_path: Path, kind: Kind, items: str, groups: str
) -> None:
    with opened(browser, synthetic_page(tmp_path / "page.html", 40, kind=kind)) as found:
        assert found.page.locator("#count").inner_text() == f"40 {items}"
        assert found.page.get_by_role("heading", name=f"All {items}").is_visible()
        assert found.page.get_by_role("tab").first.inner_text().startswith(groups)
        found.check()


def test_parts_of_a_recording_are_told_apart_by_where_they_begin(
    browser: Browser, tmp_path: Path
) -> None:
    starts = [0.0, 61.25, 3.5, 3725.0]
    items = [Item("set.wav", start, start + 2.0) for start in starts]
    content = named(["set.wav"] * 4, items=items, kind="onsets")
    places = ["0:00.00", "1:01.25", "0:03.50", "1:02:05.00"]
    with opened(browser, written(tmp_path / "page.html", content)) as found:
        assert [row[0] for row in rows(found)] == [places[i] for i in (0, 2, 1, 3)]
        found.page.goto(f"{found.page.url}#sound=1")
        found.page.get_by_role("tab", name="Like this").click()
        found.page.locator(".card-facts", has_text="2.00 s from 1:01.25").wait_for()
        alike = found.page.locator(".alike .link").all_inner_texts()
        assert sorted(alike) == sorted(places[i] for i in (0, 2, 3))
        found.check()


def test_a_search_that_finds_nothing_says_so(browser: Browser, tmp_path: Path) -> None:
    with opened(browser, written(tmp_path / "page.html", named(NAMES), "none")) as found:
        told = found.page.get_by_text("No sound matches.")
        assert not told.is_visible()
        search(found, "zzz", "0 of 7 sounds")
        assert told.is_visible()
        found.page.get_by_label("Search").fill("")
        found.wait("document.getElementById('count').textContent === '7 sounds'")
        assert not told.is_visible()
        assert len(names(found)) == 7
        found.check()


def test_what_went_wrong_is_told_in_words(browser: Browser, tmp_path: Path) -> None:
    with opened(browser, synthetic_page(tmp_path / "page.html", 40)) as found:
        problems = found.page.locator("#headline details")
        assert not problems.locator("li").first.is_visible()
        # The sentences have the numbers; what opens does not say them again.
        said = found.page.locator("#headline > p").all_inner_texts()
        assert "2 files could not be read." in said
        assert "3 files with warnings: 2 with clipping, 1 decoded in part only." in said
        problems.get_by_text("Which could not be used?").click()
        listed = problems.locator("li").all_inner_texts()
        assert listed == [
            f"{Path.cwd().name}/pack a/broken.wav: it is no sound file",
            f"{Path.cwd().name}/pack b/empty.wav: there is no sound in it",
        ]
        found.check()


def test_without_a_map_its_place_is_not_empty(browser: Browser, tmp_path: Path) -> None:
    content = named(NAMES, points=None)
    with opened(browser, written(tmp_path / "page.html", content, "none")) as found:
        assert not found.page.locator("#map").is_visible()
        table, side = (found.page.locator(one).bounding_box() for one in ("#table", "#side"))
        assert table is not None
        assert side is not None
        assert table["x"] + table["width"] < side["x"]
        assert abs(table["y"] - side["y"]) < 1
        assert found.page.get_by_label("Colour").count() == 0
        found.check()


def test_a_path_is_copied_or_told(browser: Browser, tmp_path: Path) -> None:
    expected = str(tmp_path / NAMES[2])
    content = named(NAMES, folder=str(tmp_path))
    page = written(tmp_path / "page.html", content)
    for permissions in (["clipboard-read", "clipboard-write"], []):
        with opened(browser, page, permissions=permissions) as found:
            found.page.goto(f"{found.page.url}#sound=2")
            if not permissions:
                # As where the page is shown in a frame: there is no clipboard to write to.
                found.page.evaluate(
                    "void (navigator.clipboard.writeText = () => Promise.reject(new Error()))"
                )
            found.page.get_by_role("button", name="Copy path").click()
            told = found.page.locator("#message", has_text=re.compile("."))
            told.wait_for()
            if permissions:
                assert found.page.evaluate("navigator.clipboard.readText()") == expected
                assert told.inner_text().startswith("The path is copied.")
            else:
                assert expected in told.inner_text()
            found.check()


def test_hostile_names_are_text(browser: Browser, tmp_path: Path) -> None:
    hostile = [
        *("<img src=x onerror=alert(1)>", "a</script><script>alert(1)</script>", '"><b>&amp;'),
        *(
            "javascript:alert(1)",
            "\u202egnp.wav",
            "=1+1.wav",
            "a\nb.wav",
            "\udce9.wav",
            "🥁.wav",
        ),
    ]
    with opened(browser, written(tmp_path / "page.html", named(hostile), "none")) as found:
        assert len(names(found)) == len(hostile)
        assert "<img src=x onerror=alert(1)>" in names(found)
        assert "a\\nb.wav" in names(found)
        found.page.goto(f"{found.page.url}#sound=0&basket=0.1.2.3.4.5.6.7.8")
        for tab in ("Like this", "Measured", "Basket"):
            found.page.get_by_role("tab", name=tab).click()
        assert found.page.locator("#side img, #side b, #table img, #table b").count() == 0
        found.check()


def focused(found: Opened) -> str:
    """What has the focus, in words."""
    return str(
        found.page.evaluate(
            "document.activeElement.ariaLabel ?? document.activeElement.textContent"
        )
    )


def test_who_goes_to_what_is_alike_by_keys_keeps_their_place(
    browser: Browser, tmp_path: Path
) -> None:
    content = synthetic_content(50)
    assert content.neighbors is not None
    with opened(browser, written(tmp_path / "page.html", content, "none")) as found:
        found.page.goto(f"{found.page.url}#sound=3")
        found.page.get_by_role("tab", name="Like this").click()
        found.page.locator(".alike .link").nth(1).focus()
        at = 3
        for place in (1, 0, 0):
            found.page.keyboard.press("Enter")
            at = int(content.neighbors[at][place])
            nearest = content.items[content.neighbors[at][0]].path.rpartition("/")[2]
            assert focused(found) == nearest
        found.check()


def test_who_shows_all_groups_again_by_keys_keeps_their_place(
    browser: Browser, tmp_path: Path
) -> None:
    with opened(browser, synthetic_page(tmp_path / "page.html", 50)) as found:
        found.page.get_by_role("button", name="Only cluster 1", exact=True).click()
        found.page.get_by_role("button", name="Only cluster 1: show all").press("Enter")
        assert focused(found) == "50 sounds"
        found.check()


def test_what_went_wrong_stays_open_when_the_page_was_printed(
    browser: Browser, tmp_path: Path
) -> None:
    with opened(browser, synthetic_page(tmp_path / "page.html", 40)) as found:
        problems = found.page.locator("#headline details")
        for is_open in (False, True):
            assert (problems.get_attribute("open") is not None) == is_open
            found.page.emulate_media(media="print")
            found.wait("document.querySelector('#headline details').open")
            found.page.emulate_media(media="screen")
            found.wait(
                f"document.querySelector('#headline details').open === {str(is_open).lower()}"
            )
            if not is_open:
                problems.locator("summary").click()
        found.check()


def test_rows_are_made_once_when_another_is_selected(browser: Browser, tmp_path: Path) -> None:
    with opened(browser, synthetic_page(tmp_path / "page.html", 300)) as found:
        found.page.get_by_role("grid").focus()
        found.page.keyboard.press("ArrowDown")
        found.page.evaluate(
            """() => {
              window.made = 0;
              const body = document.querySelector("table.all tbody");
              const whole = body.replaceChildren;
              body.replaceChildren = (...rows) => {
                window.made += 1;
                whole.apply(body, rows);
              };
            }"""
        )
        found.page.keyboard.press("ArrowDown")
        assert found.page.evaluate("window.made") == 1
        found.check()
