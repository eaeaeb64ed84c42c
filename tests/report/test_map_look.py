"""What a page's map looks like: marks, themes, legends, names, many items, small screens."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser
from support.browser import Opened, opened
from support.maps import (
    Twin,
    color_at,
    color_of,
    contrast,
    drawn,
    look,
    luminance,
    search,
    twin_of,
)
from support.pages import synthetic_content, synthetic_page

from audioclust.report import page as assembled
from audioclust.report.content import Content
from audioclust.report.page import write_page

N = 400


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of 400 sounds."""
    return synthetic_page(tmp_path_factory.mktemp("map") / "report.html", N)


def surface(found: Opened) -> tuple[int, int, int]:
    """What the map is drawn on, as the style has it."""
    return color_of(
        found.page.evaluate("getComputedStyle(document.getElementById('map')).backgroundColor")
    )


def group_colors(found: Opened) -> dict[str, tuple[int, int, int]]:
    """The colour of each group's mark in the legend, by the group's name."""
    entries = found.page.evaluate(
        """() => Array.from(document.querySelectorAll(".map-legend .map-entry"), (entry) => [
          entry.textContent,
          getComputedStyle(entry.querySelector("svg > *") ?? entry).fill,
        ])"""
    )
    return {name: color_of(fill) for name, fill in entries if not name.startswith("and ")}


def shown(found: Opened, twin: Twin, item: int) -> tuple[int, int, int]:
    return color_at(found, *twin.pixels()[item])


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("ratio", [1, 2])
def test_marks_stand_out_in_both_themes(
    browser: Browser, page: Path, scheme: str, ratio: int
) -> None:
    with opened(browser, page, color_scheme=scheme, device_scale_factor=ratio) as found:
        drawn(found)
        twin = twin_of(page, found)
        behind = surface(found)
        assert (luminance(behind) > 0.5) == (scheme == "light")
        assert color_at(found, 3, 3) == behind
        colors = group_colors(found)
        assert len(set(colors.values())) == 8
        for color in colors.values():
            assert contrast(color, behind) >= 3
        names = {group["number"]: group["name"] for group in twin.data["groups"]}
        lonely = [item for item in twin.lonely(16) if names[twin.labels[item]] in colors]
        assert len({twin.labels[item] for item in lonely}) > 5
        for item in lonely:
            assert shown(found, twin, item) == colors[names[twin.labels[item]]]
        found.check()


def test_the_theme_can_be_switched(browser: Browser, page: Path) -> None:
    with opened(browser, page, color_scheme="light") as found:
        drawn(found)
        twin = twin_of(page, found)
        light = [shown(found, twin, item) for item in range(N)]
        found.page.get_by_label("Theme").select_option("dark")
        drawn(found)
        dark = [shown(found, twin, item) for item in range(N)]
        # Black on light is white on dark.
        assert min(map(luminance, light)) < 0.05
        assert max(map(luminance, dark)) > 0.8
        assert color_at(found, 3, 3) == surface(found)
        found.check()


def test_what_a_search_leaves_out_fades(browser: Browser, page: Path) -> None:
    with opened(browser, page) as found:
        drawn(found)
        twin = twin_of(page, found)
        lonely = twin.lonely(16)
        before = {item: shown(found, twin, item) for item in lonely}
        among = search(found, twin, "long_")
        behind = surface(found)
        for item, color in before.items():
            if among[item]:
                assert shown(found, twin, item) == color
            else:
                assert contrast(shown(found, twin, item), behind) < 1.8
        found.check()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_of_a_number_are_a_scale(browser: Browser, page: Path, scheme: str) -> None:
    with opened(browser, page, color_scheme=scheme) as found:
        drawn(found)
        twin = twin_of(page, found)
        found.page.get_by_label("Colour").select_option("feature:tempo")
        drawn(found)
        look(twin, found)
        behind = surface(found)
        steps = [
            color_of(fill)
            for fill in found.page.eval_on_selector_all(
                ".map-scale rect", "all => all.map((one) => getComputedStyle(one).fill)"
            )
        ]
        assert min(contrast(step, behind) for step in steps) >= 3
        # The more, the more it stands out; rounding to 8 bits may cost a little.
        rising = np.diff([contrast(step, behind) for step in steps])
        assert rising.min() > -0.03
        # A larger value has never a colour of an earlier step.
        tempo = twin.feature("tempo")
        lonely = [item for item in twin.lonely(16) if np.isfinite(tempo[item])]
        places = [
            steps.index(shown(found, twin, item))
            for item in sorted(lonely, key=tempo.__getitem__)
        ]
        assert len(set(places)) > 5
        assert places == sorted(places)
        unknown = [item for item in twin.lonely(16) if np.isnan(tempo[item])]
        grey = shown(found, twin, unknown[0])
        assert len(set(grey)) == 1
        assert all(shown(found, twin, item) == grey for item in unknown)
        known = np.sort(tempo[np.isfinite(tempo)])
        low, high = (
            known[int(0.02 * (len(known) - 1))],
            known[-(int(0.02 * (len(known) - 1)) + 1)],
        )
        said = found.page.locator(".map-legend").inner_text()
        ends = [float(number) for number in re.findall(r"([\d.]+) BPM", said)]
        assert ends == pytest.approx([low, high], rel=5e-3)  # Three digits.
        assert "not known" in said
        found.check()


def test_colours_of_folders(browser: Browser, page: Path) -> None:
    with opened(browser, page) as found:
        drawn(found)
        twin = twin_of(page, found)
        found.page.get_by_label("Colour").select_option("folder")
        drawn(found)
        look(twin, found)
        colors = group_colors(found)
        assert set(colors) == {one["name"] for one in twin.data["sounds"]["folders"]}
        folder = twin.column("folder").astype(int)
        for item in twin.lonely(16):
            name = twin.data["sounds"]["folders"][folder[item]]["name"]
            assert shown(found, twin, item) == colors[name]
        found.check()


def from_box(places: np.ndarray, box: Any) -> np.ndarray:
    """How far places are from a box: 0 inside it."""
    low = np.array([box["x"], box["y"]])
    high = low + np.array([box["width"], box["height"]])
    return np.asarray(np.hypot(*np.maximum(0, np.maximum(low - places, places - high)).T))


def test_names_on_the_map_are_few_words_that_only_one_group_has(
    browser: Browser, tmp_path: Path
) -> None:
    content = synthetic_content(N, k=4, noise=0.0)
    words = (
        "noisy, short; quieter at the end",
        "bright in the middle, tonal, dark",
        "noisy, how much loudness varies",
        "quite exceptionally percussive, short",
    )
    groups = [
        replace(group, name=str(group.number), words=words[group.number])
        for group in content.groups
    ]
    groups[3] = replace(groups[3], name="my hats")
    write_page(tmp_path / "page.html", replace(content, groups=groups), "none", [])
    with opened(browser, tmp_path / "page.html") as found:
        drawn(found)
        shown = {name.text_content() for name in found.page.locator(".map-name").all()}
        assert shown <= {
            *("Group 0", "0", "1 · tonal, dark", "Group 1", "1"),
            *("Group 2", "2", "my hats"),
        }
        assert "1 · tonal, dark" in shown
        assert "my hats" in shown
        found.check()


def test_names_float_where_most_of_a_group_is(browser: Browser, page: Path) -> None:
    with opened(browser, page) as found:
        drawn(found)
        twin = twin_of(page, found)
        boxes = {
            name.inner_text(): name.bounding_box()
            for name in found.page.locator(".map-name:not(.map-away)").all()
        }
        assert len(boxes) > 4
        number_of = {group["name"]: group["number"] for group in twin.data["groups"]}
        largest = Counter(twin.labels[twin.labels >= 0]).most_common(1)[0][0]
        assert largest in {number_of[name] for name in boxes}
        pixels = twin.pixels() + twin.corner
        for name, box in boxes.items():
            assert box is not None
            # A name floats beside the place where most of its group is.
            own = pixels[twin.labels == number_of[name]]
            around = [int((np.hypot(*(own - place).T) < 50).sum()) for place in own]
            near = int((from_box(own, box) < 70).sum())
            assert near >= 0.5 * max(around), name
            # Of the marks in it or close to it, nearly none are another group's.
            close = twin.labels[from_box(pixels, box) < 4]
            strange = (close >= 0) & (close != number_of[name])
            assert strange.sum() <= 0.1 * (close == number_of[name]).sum() + 1e-9, name
        placed = list(boxes.values())
        for i, one in enumerate(placed):
            for other in placed[:i]:
                assert one is not None
                assert other is not None
                apart_x = abs(one["x"] - other["x"]) >= min(one["width"], other["width"])
                apart_y = abs(one["y"] - other["y"]) >= min(one["height"], other["height"])
                assert apart_x or apart_y
        found.page.locator(".map-name:not(.map-away)").first.click()
        found.page.get_by_role("button", name="Only", pressed=True).wait_for()
        found.check()


def test_ten_thousand_sounds(browser: Browser, tmp_path: Path) -> None:
    page = synthetic_page(tmp_path / "report.html", 10_000)
    with opened(browser, page) as found:
        drawn(found)
        twin = twin_of(page, found)
        behind = surface(found)
        pixels = twin.pixels()
        places = np.random.default_rng(0).choice(10_000, 300, replace=False)
        assert all(color_at(found, *pixels[item]) != behind for item in places)
        x, y = (round(float(part)) for part in np.median(pixels, axis=0) + np.array([40, 60]))
        found.page.mouse.move(twin.left + x, twin.top + y)
        drawn(found)
        item = twin.nearest(x, y, 12)
        assert item >= 0
        assert found.page.locator(".map-tip-name").inner_text() == twin.data["names"][item]
        found.check()


def test_a_small_screen_with_touch(browser: Browser, page: Path) -> None:
    phone: dict[str, Any] = {
        "viewport": {"width": 360, "height": 740},
        "has_touch": True,
        "is_mobile": True,
    }
    with opened(browser, page, **phone) as found:
        drawn(found)
        twin = twin_of(page, found)
        assert found.page.evaluate("document.documentElement.scrollWidth") <= 360
        pixels = twin.pixels() + twin.corner
        for button in found.page.locator(".map-button").all():
            box = button.bounding_box()
            assert box is not None
            assert min(box["width"], box["height"]) >= 44
            beside = (pixels[:, 0] < box["x"]) | (pixels[:, 0] > box["x"] + box["width"])
            below = pixels[:, 1] > box["y"] + box["height"]
            assert (beside | below).all()
        found.page.touchscreen.tap(*map(round, twin.on_page(twin.lonely(16)[0])))
        drawn(found)
        assert found.page.locator(".map-tip").is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_map_is_accessible(browser: Browser, page: Path, scheme: str) -> None:
    with opened(browser, page, color_scheme=scheme) as found:
        found.page.locator(".map-points").focus()
        for key in ("ArrowRight", "o"):
            found.page.keyboard.press(key)
        drawn(found)
        results = Axe().run(found.page, context="#map")
        assert results.violations_count == 0, results.generate_report()
        for button in found.page.locator("#map button:visible").all():
            assert button.get_attribute("aria-label") or button.inner_text()


def test_a_page_without_points_has_no_map(browser: Browser, tmp_path: Path) -> None:
    content: Content = replace(synthetic_content(50), points=None)
    page = tmp_path / "report.html"
    page.write_text(assembled.rendered(content, {"mode": "none", "folders": [],
        "folder": [0] * 50, "files": {}, "clips": {}}), "utf-8")  # fmt: skip
    with opened(browser, page) as found:
        assert not found.page.locator("#map").is_visible()
        # Marks in lists have their colours all the same.
        fill = found.page.evaluate(
            "getComputedStyle(document.querySelector('.mark-glyph > *')).fill"
        )
        assert contrast(color_of(fill), surface(found)) >= 3
        found.check()


def test_no_two_parts_of_the_script_declare_one_name() -> None:
    # Joined into one script, a second function would silently replace the first.
    script = assembled._joined(assembled.SCRIPTS)
    declared = re.findall(
        r"^(?:async )?(?:function\*?|const|let|class) (\w+)", script, re.MULTILINE
    )
    assert len(declared) > 50
    assert [name for name, times in Counter(declared).items() if times > 1] == []


def test_the_legend_shows_a_group_alone_and_opens(browser: Browser, page: Path) -> None:
    with opened(browser, page) as found:
        drawn(found)
        legend = found.page.locator(".map-legend")
        assert legend.get_by_role("button", name="in no group").count() == 0
        legend.get_by_role("button", name="and 1 more").click()
        assert legend.get_by_role("button", name="in no group").is_visible()
        one = legend.get_by_role("button", name="cluster 1", exact=True)
        one.click()
        assert one.get_attribute("aria-pressed") == "true"
        found.page.get_by_role("button", name="Only cluster 1", pressed=True).wait_for()
        one.click()
        assert one.get_attribute("aria-pressed") == "false"
        legend.get_by_role("button", name="Show fewer").click()
        assert legend.get_by_role("button", name="in no group").count() == 0
        found.check()


def test_where_a_search_finds_nothing_the_map_says_so(browser: Browser, page: Path) -> None:
    with opened(browser, page) as found:
        drawn(found)
        told = found.page.locator(".map-nothing")
        assert not told.is_visible()
        search(found, twin_of(page, found), "zzzz")
        assert told.inner_text() == "No sound matches “zzzz”."
        names = found.page.locator(".map-name").count()
        assert found.page.locator(".map-name.map-dimmed").count() == names
        groups = found.page.locator(".group").count()
        assert found.page.locator(".group.is-without").count() == groups
        found.page.get_by_role("searchbox").fill("")
        found.wait("document.querySelector('.map-nothing').hidden")
        assert not told.is_visible()
        assert found.page.locator(".map-dimmed, .is-without").count() == 0
        found.check()


def test_one_group_needs_no_names_and_no_legend(browser: Browser, tmp_path: Path) -> None:
    content = synthetic_content(60, k=1, noise=0.0)
    write_page(tmp_path / "page.html", content, "none", [])
    with opened(browser, tmp_path / "page.html") as found:
        drawn(found)
        assert found.page.locator(".map-name").count() == 0
        assert not found.page.locator(".map-legend").is_visible()
        assert found.page.get_by_role("button", name="Only").count() == 0
        found.page.get_by_label("Colour").select_option("feature:tempo")
        assert found.page.locator(".map-scale").is_visible()
        found.check()


def test_units_of_a_map_look_alike(browser: Browser, tmp_path: Path) -> None:
    content = synthetic_content(200, "map", noise=0.0)
    groups = [
        replace(group, name=f"0, {group.number}", words=f"row 0, column {group.number}")
        for group in content.groups
    ]
    page = tmp_path / "page.html"
    write_page(page, replace(content, groups=groups), "none", [])
    with opened(browser, page) as found:
        drawn(found)
        twin = twin_of(page, found)
        assert len({shown(found, twin, item) for item in twin.lonely(16)}) == 1
        assert found.page.locator(".map-name").count() == 0
        assert not found.page.locator(".map-legend").is_visible()
        sizes = Counter(twin.labels.tolist())
        listed = found.page.locator(".group-name").all_inner_texts()
        assert sorted(listed) == sorted(f"Row 0, column {number}" for number in sizes)
        in_order = [sizes[int(name.rpartition(" ")[2])] for name in listed]
        assert in_order == sorted(in_order, reverse=True)
        found.page.get_by_label("Colour").select_option("folder")
        drawn(found)
        assert len(group_colors(found)) == len(twin.data["sounds"]["folders"])
        found.check()
