"""The views beside the map, in a browser."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser
from support.browser import Opened, opened
from support.firefox import firefox

import audioclust as ac
from audioclust.audio.recording import Recording
from audioclust.audio.spans import Item
from audioclust.report.content import Content, Group
from audioclust.report.page import write_page
from audioclust.report.sentences import how_long
from audioclust.report.views.timeline import Lane, timeline


@pytest.fixture(scope="module")
def hits(data: Path) -> ac.OnsetClusters:
    return ac.onsets(data / "drums" / "125_bounce.wav", 3)


@pytest.fixture(scope="module")
def hits_page(hits: ac.OnsetClusters, tmp_path_factory: pytest.TempPathFactory) -> Path:
    page = tmp_path_factory.mktemp("hits") / "hits.html"
    hits.report(page)
    return page


@pytest.fixture(scope="module")
def talk(data: Path) -> ac.Segmentation:
    return ac.segment(data / "conversations" / "dev_dialogue0.flac", "auto", silence=True)


@pytest.fixture(scope="module")
def talk_page(talk: ac.Segmentation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    page = tmp_path_factory.mktemp("talk") / "talk.html"
    talk.report(page)
    return page


def spans_of(found: Opened) -> list[dict[str, Any]]:
    """Place and size of the spans that are drawn, and their items."""
    found.wait("document.querySelector('.views-span') !== null")
    return list(
        found.page.evaluate(
            """() => [...document.querySelectorAll(".views-span")].map((span) => ({
                item: Number(span.dataset.item), x: Number(span.getAttribute("x")),
                y: Number(span.getAttribute("y")),
                width: Number(span.getAttribute("width"))}))"""
        )
    )


def axe_finds_nothing(found: Opened) -> None:
    results = Axe().run(found.page, context="#views").response
    assert [f"{one['id']}: {one['nodes'][0]['html']}" for one in results["violations"]] == []


def test_spans_are_drawn_where_they_are_in_the_row_of_their_label(
    browser: Browser, talk: ac.Segmentation, talk_page: Path
) -> None:
    with opened(browser, talk_page) as found:
        drawn = spans_of(found)
        width = found.page.evaluate("document.querySelector('.views-scroll').clientWidth")
        scale = width / talk.recordings[0].duration
        assert [one["item"] for one in drawn] == list(range(len(talk.spans)))
        heights: dict[int, set[float]] = {}
        for one, span in zip(drawn, talk.spans, strict=True):
            # A tenth of a pixel is what is written; a pixel is left between spans.
            assert one["x"] == pytest.approx(span.start * scale, abs=0.06)
            assert one["width"] == pytest.approx(max(2, span.duration * scale - 1), abs=0.06)
            heights.setdefault(span.label, set()).add(one["y"])
        rows = [heights[label] for label in (*range(talk.k), -1)]
        assert all(len(row) == 1 for row in rows)
        assert sorted(min(row) for row in rows) == [min(row) for row in rows]
        axe_finds_nothing(found)
        found.check()


def test_labels_say_how_long_they_last_and_show_themselves_alone(
    browser: Browser, talk: ac.Segmentation, talk_page: Path
) -> None:
    with opened(browser, talk_page) as found:
        spans_of(found)
        legend = found.page.locator(".views-label")
        for label, entry in zip((*range(talk.k), -1), legend.all(), strict=True):
            assert how_long(talk.durations()[label]) in entry.inner_text()
        legend.first.click()
        others = len(talk.spans) - len(talk[0])
        found.wait(f"document.querySelectorAll('.views-dim').length === {others}")
        assert legend.first.get_attribute("aria-pressed") == "true"
        found.check()


def test_hits_play_by_click_and_by_keyboard(
    browser: Browser, hits: ac.OnsetClusters, hits_page: Path
) -> None:
    with opened(browser, hits_page) as found:
        page = found.page
        assert len(spans_of(found)) == len(hits.items)
        page.locator(".views-span").nth(5).click()
        found.wait("document.querySelector('#player audio').currentTime > 0")
        assert page.locator(".views-chosen").get_attribute("data-item") == "5"
        slider = page.get_by_role("slider", name="Hits of 125_bounce.wav")
        slider.focus()
        page.keyboard.press("ArrowRight")
        start = hits.items[6].start
        words = f"7 of {len(hits.items)}: {hits.labels[6]}, from 0:{start:05.2f} to"
        assert (slider.get_attribute("aria-valuetext") or "").startswith(words)
        page.keyboard.press("ArrowDown")
        same = next(i for i in range(7, 99) if hits.labels[i] == hits.labels[6])
        assert slider.get_attribute("aria-valuenow") == str(same + 1)
        page.keyboard.press("Enter")
        found.wait("document.querySelector('.views-playhead').hidden === false")
        left = page.evaluate(
            "new DOMMatrix(getComputedStyle(document.querySelector('.views-playhead'))"
            ".transform).m41 / document.querySelector('.views-scroll').clientWidth"
        )
        # It is within the hit, which lasts .09 s and may have ended before it was looked at.
        assert left * hits.hits.duration >= hits.items[same].start - 0.01
        page.keyboard.press("Home")
        page.keyboard.press("ArrowLeft")
        assert slider.get_attribute("aria-valuenow") == "1"
        axe_finds_nothing(found)
        found.check()


def test_the_recording_with_clicks_and_the_hits_do_not_sound_together(
    browser: Browser, hits_page: Path
) -> None:
    clicks, player = (
        f"document.querySelector('{where} audio')" for where in (".views-clicks", "#player")
    )
    with opened(browser, hits_page) as found:
        spans_of(found)
        assert found.page.evaluate(f"{clicks}.play().then(() => {clicks}.paused)") is False
        found.wait(f"{clicks}.currentTime > 0.1")
        found.page.locator(".views-span").first.click()
        found.wait(f"{player}.currentTime > 0 && {clicks}.paused")
        found.page.evaluate(f"{clicks}.play()")
        found.wait(f"{player}.paused && !{clicks}.paused")
        found.check()


def test_hits_play_in_firefox(hits: ac.OnsetClusters, hits_page: Path) -> None:
    with firefox() as window:
        window.open(hits_page)
        window.wait(f"document.querySelectorAll('.views-span').length === {len(hits.items)}")
        window.click(".views-span[data-item='4']")
        window.wait("document.querySelector('#player audio').currentTime > 0")
        window.evaluate("document.querySelector('.views-roll').focus()")
        window.press("\ue014")  # The right arrow, by WebDriver's numbers.
        value = "document.querySelector('.views-roll').getAttribute('aria-valuenow')"
        assert window.evaluate(value) == "6"
        window.check()


def test_a_lane_zooms_and_shows_the_part_that_is_chosen(
    browser: Browser, talk: ac.Segmentation, talk_page: Path
) -> None:
    with opened(browser, talk_page) as found:
        before = len(spans_of(found))
        page = found.page
        scroller = "document.querySelector('.views-lane .views-scroll')"
        slider = page.get_by_role("slider", name="Spans of dev_dialogue0.flac")
        slider.focus()
        for _ in range(4):
            page.keyboard.press("+")
        found.wait(f"Math.abs({scroller}.scrollWidth / {scroller}.clientWidth - 16) < .1")
        page.keyboard.press("End")
        found.wait(
            f"{scroller}.scrollLeft > 0 && document.querySelector('.views-chosen') !== null"
        )
        drawn = spans_of(found)
        assert len(drawn) < before
        assert drawn[-1]["item"] == len(talk.spans) - 1
        page.get_by_role("button", name="All of it").click()
        found.wait(f"document.querySelectorAll('.views-span').length === {before}")
        found.check()


def test_a_zoomed_lane_follows_what_plays_until_one_scrolls(
    browser: Browser, talk: ac.Segmentation, talk_page: Path
) -> None:
    scroller = "document.querySelector('.views-lane .views-scroll')"
    frames = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
    with opened(browser, talk_page) as found:
        page = found.page
        spans_of(found)
        zoom_in = page.get_by_role("button", name="Zoom in")
        zoom_in.focus()
        for _ in range(30):
            page.keyboard.press("Enter")
        # A button that can do no more keeps the focus.
        assert zoom_in.get_attribute("aria-disabled") == "true"
        assert page.evaluate("document.activeElement.ariaLabel") == "Zoom in"
        page.get_by_role("slider", name="Spans of dev_dialogue0.flac").focus()
        longest = max(range(len(talk.spans)), key=lambda i: talk.spans[i].duration)
        page.evaluate(f"location.hash = 'sound={longest}'")
        found.wait("document.querySelector('.views-chosen') !== null")
        page.keyboard.press("Enter")
        begin = page.evaluate(f"{scroller}.scrollLeft")
        found.wait(f"{scroller}.scrollLeft > {begin}")
        page.evaluate(f"{scroller}.scrollLeft = 0")
        found.wait("document.querySelector('.views-playhead').hidden")
        at = page.evaluate("document.querySelector('#player audio').currentTime")
        found.wait(f"document.querySelector('#player audio').currentTime > {at} + 0.1")
        page.evaluate(frames)
        assert page.evaluate(f"{scroller}.scrollLeft") == 0
        # What is played next is followed again.
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("Enter")
        found.wait(f"{scroller}.scrollLeft > 0")
        found.check()


def test_three_hours_with_thousands_of_spans_stay_quick_to_draw(
    browser: Browser, tmp_path: Path
) -> None:
    n, hours = 20_000, 3 * 3600.0
    edges = np.linspace(0, hours, n + 1).tolist()
    items = [Item("long.wav", a, b) for a, b in pairwise(edges)]
    content = Content(
        kind="segmentation",
        title="long",
        headline=[],
        items=items,
        labels=(np.arange(n) % 4).astype(np.int32),
        groups=[Group(i, f"voice {i}") for i in range(4)],
        folder=str(tmp_path),
        views={"timeline": timeline([Lane(Recording("long.wav"), hours, range(n))])},
    )
    write_page(tmp_path / "long.html", content, "link", [])
    with opened(browser, tmp_path / "long.html") as found:
        drawn = spans_of(found)
        width = found.page.evaluate("document.querySelector('.views-scroll').clientWidth")
        # One of each label in every three pixels, at most.
        assert 100 < len(drawn) <= 4 * (width / 3 + 1)
        assert min(one["width"] for one in drawn) >= 2
        slider = found.page.get_by_role("slider", name="Spans of long.wav")
        slider.focus()
        found.page.keyboard.press("End")
        assert slider.get_attribute("aria-valuenow") == str(n)
        found.wait(f"document.querySelector('.views-chosen').dataset.item === '{n - 1}'")
        found.check()


def test_a_span_of_no_known_length_does_not_count(browser: Browser, tmp_path: Path) -> None:
    items = [Item("a.wav", 0.0, 30.0), Item("a.wav", 30.0, 40.0), Item("a.wav", 40.0, np.inf)]
    content = Content(
        kind="segmentation",
        title="a",
        headline=[],
        items=items,
        labels=np.array([0, 1, 1], np.int32),
        groups=[Group(i, f"voice {i}") for i in range(2)],
        folder=str(tmp_path),
        views={"timeline": timeline([Lane(Recording("a.wav"), 60.0, range(3))])},
    )
    write_page(tmp_path / "a.html", content, "link", [])
    with opened(browser, tmp_path / "a.html") as found:
        shown = found.page.locator(".views-amount").all_inner_texts()
        assert shown == ["30.0 s, 75 %", "10.0 s, 25 %"]
        found.check()


def test_the_units_of_a_hexagonal_map_lie_and_play_as_they_are(
    browser: Browser, library: list[str], tmp_path: Path
) -> None:
    sounds = ac.som_map(library, (4, 5), topology="hexagonal", n_jobs=1)
    sounds.report(tmp_path / "map.html")
    with opened(browser, tmp_path / "map.html") as found:
        page = found.page
        cells = page.locator("#views").get_by_role("gridcell")
        assert cells.count() == 20
        corners = np.array(
            [
                [point.split(",") for point in text.split()]
                for text in page.evaluate(
                    "[...document.querySelectorAll('.views-cell[points]')]"
                    ".map((cell) => cell.getAttribute('points'))"
                )
            ],
            np.float64,
        )
        assert corners.shape == (20, 6, 2)
        middles = corners.mean(axis=1)
        apart = np.linalg.norm(middles[:, np.newaxis] - middles, axis=2)
        # A unit inside the map has six neighbours, all as near: 40, written to a tenth.
        inner = 1 * 5 + 2
        assert (np.abs(apart[inner] - 40) < 0.2).sum() == 6
        sizes = sounds.hits().ravel().astype(int)
        for unit, cell in enumerate(cells.all()):
            label = cell.get_attribute("aria-label") or ""
            n = sizes[unit]
            words = "1 sound;" if n == 1 else f"{n or 'no'} sounds;"
            assert label.startswith(f"row {unit // 5}, column {unit % 5}: {words}")
        axe_finds_nothing(found)
        check_keys(found, sounds)
        found.check()


def check_keys(found: Opened, sounds: ac.SoundMap) -> None:
    """Walk to the unit with the most sounds by arrow keys, and play it."""
    page = found.page
    unit = int(sounds.hits().argmax())
    page.locator("#views").get_by_role("gridcell").first.focus()
    for key, times in (("ArrowDown", unit // 5), ("ArrowRight", unit % 5)):
        for _ in range(times):
            page.keyboard.press(key)
    assert page.evaluate("Number(document.activeElement.dataset.unit)") == unit
    assert page.locator(".views-unit[tabindex='0']").count() == 1
    page.keyboard.press("Enter")
    found.wait("document.querySelector('#player audio').currentTime > 0")
    names = [Path(item.path).name for item in sounds.items_at(*divmod(unit, 5))]
    assert page.locator(".views-items li").all_inner_texts() == names


def test_a_unit_of_many_sounds_is_not_read_aloud_whole(
    browser: Browser, library: list[str], tmp_path: Path
) -> None:
    sounds = ac.som_map(library, (1, 2), n_jobs=1)
    sounds.report(tmp_path / "map.html")
    with opened(browser, tmp_path / "map.html") as found:
        page = found.page
        most = "document.querySelectorAll('.views-items li').length"
        unit = int(sounds.hits().argmax())
        page.locator(".views-unit").nth(unit).click()
        assert page.evaluate(most) == sounds.hits().max()
        live = page.locator(".views-details [aria-live]")
        assert live.count() == 1
        assert live.inner_text().startswith("Row 0, column ")
        # What sounds is ringed, and when it ends what is selected.
        page.locator(".views-items button").first.click()
        page.wait_for_selector("tr.is-playing", state="attached")
        found.wait("document.querySelector('tr.is-playing') === null")
        here = page.locator(".views-here")
        assert here.get_attribute("data-unit") == str(unit)
        page.get_by_role("tab", name="Basket").click()
        n = int(sounds.hits().max())
        page.get_by_role("button", name=f"{n} sounds of the unit").click()
        page.get_by_role("tab", name=f"Basket {n}").wait_for()
        found.check()


def test_the_units_of_a_clustering_are_coloured_by_what_is_asked(
    browser: Browser, library: list[str], tmp_path: Path
) -> None:
    result = ac.cluster(library, 4, algorithm="som", n_jobs=1)
    result.report(tmp_path / "som.html")
    assert result.trained_map is not None
    assert result.unit_labels is not None
    numbers = "[...document.querySelectorAll('.views-unit text')].map((one) => one.textContent)"
    opacity = (
        "[...document.querySelectorAll('.views-cell[points]')]"
        ".map((one) => Number(one.getAttribute('fill-opacity')))"
    )
    with opened(browser, tmp_path / "som.html", color_scheme="dark") as found:
        hits = result.trained_map.hits.ravel()
        for name, values in (("Distance", result.trained_map.umatrix), ("Sounds", hits)):
            found.page.get_by_role("button", name=name, exact=True).click()
            drawn, order = np.array(found.page.evaluate(opacity)), np.argsort(values.ravel())
            assert (np.diff(drawn[order]) >= 0).all()
            assert (drawn.min(), drawn.max()) == (0.04, 1)
            assert found.page.evaluate(numbers) == [str(int(n)) for n in hits if n]
        found.page.locator(".views-grid").get_by_role("button", name="Groups").click()
        shown = found.page.evaluate(numbers)
        assert shown == [str(own) for own, n in zip(result.unit_labels, hits, strict=True) if n]
        axe_finds_nothing(found)
        found.check()


def test_spans_that_all_begin_at_once_have_a_start_and_an_end(
    browser: Browser, tmp_path: Path
) -> None:
    content = Content(
        kind="segmentation",
        title="two",
        headline=[],
        items=[Item("a.wav", 0.0, 2.5), Item("b.wav", 0.0, 61.0)],
        labels=np.zeros(2, np.int32),
        groups=[Group(0, "0")],
        folder=str(tmp_path),
    )
    write_page(tmp_path / "page.html", content, "none", [])
    with opened(browser, tmp_path / "page.html") as found:
        cells = [
            row.locator("td").all_inner_texts()
            for row in found.page.locator("tbody tr[id]").all()
        ]
        assert [row[1:3] for row in cells] == [["0:00.00", "0:02.50"], ["0:00.00", "1:01.00"]]
        assert found.page.get_by_role("heading", name="All spans").is_visible()
        found.page.get_by_role("button", name="End").click()
        found.page.get_by_role("button", name="End").click()
        found.wait("document.querySelector('tbody tr[id] td').textContent === 'b.wav'")
        found.check()


def test_why_this_k_is_a_chart_with_its_numbers(
    browser: Browser, library: list[str], tmp_path: Path
) -> None:
    result = ac.cluster(library, n_jobs=1)
    result.report(tmp_path / "k.html")
    assert result.selection is not None
    with opened(browser, tmp_path / "k.html", viewport={"width": 360, "height": 800}) as found:
        page = found.page
        assert page.get_by_role("heading", name=f"Why {result.k} groups").is_visible()
        found.wait("document.querySelector('.views-chart circle') !== null")
        places = page.evaluate(
            "[...document.querySelectorAll('.views-chart circle')].map((one) =>"
            " [one.dataset.k, one.getAttribute('cy')].map(Number))"
        )
        k, y = np.array(places).T
        assert np.array_equal(k, result.selection.k)
        # Places are a line's function of the silhouettes, written to a tenth of a pixel.
        slope, offset = np.polyfit(result.selection.silhouette, y, 1)
        assert slope < 0
        np.testing.assert_allclose(slope * result.selection.silhouette + offset, y, atol=0.1)
        # The axis has a number beyond the highest point, and every look has its line.
        numbers = page.evaluate(
            "[...document.querySelectorAll('.views-chart text[text-anchor=end]')].map((one) =>"
            " Number(one.textContent))"
        )
        assert max(n for n in numbers if n <= 1) >= result.selection.silhouette.max()
        votes = page.locator(".views-chart .views-vote")
        looks = [int(vote.get_attribute("data-k") or 0) for vote in votes.all()]
        assert looks == [k for k in result.selection.plausible if k != result.k]
        page.get_by_text("The numbers").click()
        rows = page.locator(".views-table tbody tr")
        for row, known in zip(rows.all_inner_texts(), result.selection.table(), strict=True):
            cells = row.split("\t")
            assert cells[:2] == [str(known["k"]), f"{known['silhouette']:.2f}"]
        assert page.evaluate("document.querySelector('#views').scrollWidth <= innerWidth")
        axe_finds_nothing(found)
        found.check()


def test_pitch_classes_show_what_clusters_have(browser: Browser, tmp_path: Path) -> None:
    seconds = np.arange(22050) / 22050
    for name, hz in (("a", 440.0), ("a2", 880.0), ("c", 523.25), ("c2", 261.63)):
        soundfile.write(tmp_path / f"{name}.wav", np.sin(2 * np.pi * hz * seconds), 22050)
    result = ac.cluster(tmp_path, 2, features="pitch_histogram", n_jobs=1)
    result.report(tmp_path / "pitch.html")
    with opened(browser, tmp_path / "pitch.html") as found:
        shares = found.page.evaluate(
            "[...document.querySelectorAll('.views-pitch-of')].map((one) =>"
            " [...one.querySelectorAll('rect')].map((bar) => Number(bar.dataset.share)))"
        )
        for label, own in enumerate(shares):
            expected = result.table.values[result.labels == label].mean(axis=0)
            np.testing.assert_allclose(own, expected, atol=1e-4)  # Four digits are written.
        assert {int(np.argmax(own)) for own in shares} == {0, 9}
        found.wait(
            "[...document.querySelectorAll('.views-chroma')].every((one) => one.complete)"
        )
        heights = found.page.evaluate(
            "[...document.querySelectorAll('.views-chroma')].map((one) => one.naturalHeight)"
        )
        assert heights == [12, 12]
        axe_finds_nothing(found)
        found.check()
