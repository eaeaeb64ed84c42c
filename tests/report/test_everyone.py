"""Pages are for everyone: themes, contrast, keys, screen readers, small screens, paper."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser
from support.browser import Opened, opened
from support.pages import synthetic_page

import audioclust

STYLE = (Path(audioclust.__file__).parent / "report" / "assets" / "style.css").read_text(
    "utf-8"
)
SMALL: dict[str, Any] = {"viewport": {"width": 360, "height": 740}}
PHONE: dict[str, Any] = {**SMALL, "is_mobile": True, "has_touch": True}


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of 300 items."""
    return synthetic_page(tmp_path_factory.mktemp("everyone") / "page.html", 300)


def themes() -> dict[str, dict[str, str]]:
    """The colours of each block of the style that has them, by their names."""
    blocks = re.findall(r"(:root[^{]*)\{([^}]*--bg[^}]*)\}", STYLE)
    return {
        head.strip(): dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", body))
        for head, body in blocks
    }


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (
        p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", themes())
def test_the_colours_of_a_theme_differ_enough(theme: str) -> None:
    colours = themes()[theme]
    for behind in ("bg", "surface", "tint"):
        for text in ("text", "muted", "accent"):
            assert contrast(colours[text], colours[behind]) >= 4.5, (text, behind)
    for behind in ("bg", "surface"):
        for border in ("edge", "focus"):
            assert contrast(colours[border], colours[behind]) >= 3.0, (border, behind)
    assert contrast(colours["on-accent"], colours["accent"]) >= 4.5


def test_dark_is_the_same_by_the_system_and_by_the_switch() -> None:
    light, by_system, by_switch = themes().values()
    assert by_system == by_switch
    assert by_system.keys() == light.keys()


def background(found: Opened) -> str:
    return str(
        found.page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    )


def rgb(colour: str) -> str:
    return f"rgb({', '.join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5))})"


@pytest.mark.parametrize("system", ["light", "dark"])
def test_the_theme_is_the_systems_or_the_one_chosen_and_is_kept(
    browser: Browser, page: Path, system: Any
) -> None:
    light, dark, _ = themes().values()
    colours = {"light": rgb(light["bg"]), "dark": rgb(dark["bg"])}
    other = "dark" if system == "light" else "light"
    with opened(browser, page, color_scheme=system) as found:
        assert background(found) == colours[system]
        found.page.get_by_label("Theme").select_option(other)
        assert background(found) == colours[other]
        found.page.reload()
        found.page.wait_for_selector("html[data-ready=yes]", state="attached")
        assert found.page.get_by_label("Theme").input_value() == other
        assert background(found) == colours[other]
        found.page.get_by_label("Theme").select_option("auto")
        assert background(found) == colours[system]
        found.page.emulate_media(color_scheme=other)  # type: ignore[arg-type]
        assert background(found) == colours[other]
        found.check()


AXE = Axe()


@pytest.mark.parametrize(
    "window", [{}, {"color_scheme": "dark"}, SMALL, {**PHONE, "color_scheme": "dark"}]
)
def test_axe_finds_nothing(browser: Browser, page: Path, window: dict[str, Any]) -> None:
    with opened(browser, f"{page.as_uri()}#sound=5&basket=1.2.3&group=0", **window) as found:
        if (more := found.page.locator(".headline-more")).is_visible():
            more.click()
        found.page.locator("#headline summary").click()
        for tab in ("Groups", "Like this", "Measured", "Basket"):
            found.page.get_by_role("tab", name=tab).click()
            results = AXE.run(found.page)
            assert results.violations_count == 0, results.generate_report()
        found.check()


def test_headings_are_in_order_and_landmarks_are_there(browser: Browser, page: Path) -> None:
    with opened(browser, page) as found:
        levels = [
            int(found.page.evaluate("(node) => node.tagName.slice(1)", heading))
            for heading in found.page.query_selector_all("h1, h2, h3, h4")
        ]
        assert levels[0] == 1
        assert levels.count(1) == 1
        steps = [after - before for before, after in itertools.pairwise(levels)]
        assert max(steps) == 1
        for landmark in ("banner", "main", "search"):
            assert found.page.get_by_role(landmark).count() == 1
        found.check()


FOCUS = """(() => {
  const one = document.activeElement;
  if (one === document.body) return null;
  const box = one.closest(".all-box") ?? one;
  const style = getComputedStyle(one);
  const around = getComputedStyle(box);
  const outlined = (s) => s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 1;
  return {
    name: one.getAttribute("aria-label") || one.textContent || one.id,
    id: one.id,
    seen: outlined(style) || outlined(around),
  };
})()"""


def test_all_is_reached_by_the_tab_key_and_the_focus_is_seen(
    browser: Browser, page: Path
) -> None:
    with opened(browser, f"{page.as_uri()}#sound=5") as found:
        reached: list[dict[str, Any]] = []
        for _ in range(400):
            found.page.keyboard.press("Tab")
            focus = found.page.evaluate(FOCUS)
            if focus is None:  # All around, and back to the browser.
                break
            reached.append(focus)
        else:
            pytest.fail("the focus is caught")
        names = [focus["name"] for focus in reached]
        assert [focus for focus in reached if not focus["seen"]] == []
        order = [
            *("To the table of all sounds", "search", "color", "theme", "Play", "Copy path"),
            *("Groups 12", "Only cluster 0", "Play all of cluster 0", "column", "All sounds"),
        ]
        known = [
            next(i for i, one in enumerate(reached) if want in (one["name"].strip(), one["id"]))
            for want in order
        ]
        assert known == sorted(known), names
        found.check()


def test_all_is_done_by_keys_alone(browser: Browser, page: Path) -> None:
    with opened(browser, page) as found:
        press = found.page.keyboard.press
        press("Tab")
        press("Enter")  # The link to the table.
        press("ArrowDown")
        chosen = found.page.locator("table.all tr[aria-selected=true] td").first.inner_text()
        assert found.page.locator(".card h2").inner_text() == chosen
        found.page.locator(".card .basket-toggle").focus()
        press("Space")
        found.page.get_by_role("tab", name="Groups").focus()
        press("ArrowLeft")
        assert found.page.evaluate("document.activeElement.id") == "tab-basket"
        assert found.page.locator(".basket .link").all_inner_texts() == [chosen]
        press("Home")
        assert found.page.locator("#panel-groups").is_visible()
        found.check()


def test_on_paper_there_are_groups_and_rows_in_light_colours_and_no_tools(
    browser: Browser, tmp_path: Path
) -> None:
    path = synthetic_page(tmp_path / "page.html", 2500)
    with opened(browser, path, color_scheme="dark") as found:
        found.page.get_by_label("Theme").select_option("dark")
        found.page.get_by_role("tab", name="Like this").click()
        found.page.emulate_media(media="print")
        rows = found.page.locator("table.all tbody tr:not(.gap)")
        found.wait("document.querySelectorAll('table.all tbody tr:not(.gap)').length === 2000")
        assert rows.last.is_visible()
        assert background(found) == "rgb(255, 255, 255)"
        assert found.page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
        assert found.page.get_by_text("The first 2000 of 2,500.").is_visible()
        assert found.page.locator(".group-name").first.is_visible()
        for hidden in ("#tools", "#player", ".tabs", ".card", ".alike", ".group-head button"):
            assert not found.page.locator(hidden).first.is_visible()
        found.page.emulate_media(media="screen")
        found.wait("document.querySelectorAll('table.all tbody tr').length < 100")
        assert background(found) == rgb(themes()[':root[data-theme="dark"]']["bg"])
        found.check()


def test_the_map_is_drawn_for_paper_and_for_the_screen_again(
    browser: Browser, page: Path
) -> None:
    # The corner of the map, where no mark lies, and its size on the page.
    corner = """(() => {
      const map = document.querySelector(".map-points");
      const pixel = map.getContext("2d").getImageData(0, 0, 1, 1).data;
      return [`rgb(${pixel[0]}, ${pixel[1]}, ${pixel[2]})`, map.clientWidth];
    })()"""
    dark = rgb(themes()[':root[data-theme="dark"]']["surface"])
    with opened(browser, page, color_scheme="dark") as found:
        found.wait("document.querySelector('.map-points').dataset.frame > 0")
        seen = found.page.evaluate(corner)
        assert seen[0] == dark
        # Printing begins when the event is over: what is not drawn by then is not printed.
        told = "(dispatchEvent(new Event('{}')), {})"
        colour, width = found.page.evaluate(told.format("beforeprint", corner))
        assert colour == "rgb(255, 255, 255)"
        assert width <= 680  # pixels of 1/96 inch: what letter paper has between its margins
        assert found.page.evaluate(told.format("afterprint", corner)) == seen
        assert found.page.get_by_label("Theme").input_value() == "auto"
        found.check()


def test_nothing_moves_where_less_motion_is_wanted(browser: Browser, page: Path) -> None:
    moving = """[...document.querySelectorAll("*")].filter((one) => {
      const style = getComputedStyle(one);
      return style.animationName !== "none" || parseFloat(style.transitionDuration) > 0;
    }).length"""
    with opened(browser, page, reduced_motion="reduce") as found:
        assert found.page.evaluate(moving) == 0
        found.check()


def test_what_is_chosen_is_seen_in_forced_colours(browser: Browser, page: Path) -> None:
    with opened(browser, f"{page.as_uri()}#sound=5", forced_colors="active") as found:
        colours = """(path) => [...document.querySelectorAll(path)]
          .map((one) => getComputedStyle(one).backgroundColor)"""

        def differ(chosen: str, other: str) -> bool:
            found.page.wait_for_selector(chosen)
            inside = {*found.page.evaluate(colours, chosen)}
            return not inside & {*found.page.evaluate(colours, other)}

        assert differ("tr[aria-selected=true] td", "tr[aria-selected=false] td")
        found.page.get_by_role("button", name="Only cluster 0", exact=True).click()
        assert differ(".group [aria-pressed=true]", ".group [aria-pressed=false]")
        found.check()


@pytest.mark.parametrize("width", [320, 360, 600, 899, 900, 1280])
def test_no_width_scrolls_sideways(browser: Browser, page: Path, width: int) -> None:
    window: dict[str, Any] = {"viewport": {"width": width, "height": 740}}
    with opened(browser, f"{page.as_uri()}#sound=5&basket=1.2.3&group=0", **window) as found:
        if (more := found.page.locator(".headline-more")).is_visible():
            more.click()
        found.page.locator("#headline summary").click()
        for tab in ("Groups", "Like this", "Measured", "Basket"):
            found.page.get_by_role("tab", name=tab).click()
            assert found.page.evaluate("document.documentElement.scrollWidth") <= width
            panel = found.page.locator(".panel.is-chosen")
            assert panel.evaluate("(one) => one.scrollWidth - one.clientWidth") <= 0
        table = found.page.locator(".all-box")
        assert table.evaluate("(one) => one.scrollWidth - one.clientWidth") <= 0
        found.check()


def test_letters_of_twice_the_size_hide_nothing(browser: Browser, page: Path) -> None:
    with opened(browser, page) as found:
        found.page.evaluate("void (document.documentElement.style.fontSize = '28px')")
        found.page.get_by_role("grid").focus()
        found.page.keyboard.press("End")
        seen = """(() => {
          const row = document.querySelector("tr[aria-selected=true]")?.getBoundingClientRect();
          if (!row) return false;
          const box = document.querySelector(".all-box").getBoundingClientRect();
          return row.height > 38 && row.bottom <= box.bottom + 1 && row.top >= box.top;
        })()"""
        found.wait(seen)
        assert found.page.evaluate("document.documentElement.scrollWidth") <= 1280
        found.check()


def test_fingers_hit_what_they_aim_at(browser: Browser, page: Path) -> None:
    with opened(browser, f"{page.as_uri()}#sound=5&basket=1.2.3", **PHONE) as found:
        for tab in ("Groups", "Like this", "Basket"):
            found.page.get_by_role("tab", name=tab).click()
            small = found.page.evaluate(
                """[...document.querySelectorAll("#tools *, #side *, #table *")]
                .filter((one) => one.matches("button, select, input, summary"))
                .map((one) => [one.getBoundingClientRect(), one.textContent])
                .filter(([box]) => box.width > 0 && (box.height < 43.5 || box.width < 24))
                .map(([box, text]) => [text, box.width, box.height])"""
            )
            assert small == []
        found.check()


NOTEBOOK: dict[str, Any] = {"viewport": {"width": 900, "height": 600}}


@pytest.mark.parametrize(
    ("size", "above", "least"), [(PHONE, 180, 300), (NOTEBOOK, 100, 400)], ids=["phone", "low"]
)
def test_the_map_comes_first_where_there_is_little_room(
    browser: Browser, tmp_path: Path, size: dict[str, Any], above: int, least: int
) -> None:
    with opened(browser, synthetic_page(tmp_path / "page.html", 300), **size) as found:
        box = found.page.locator("#map").bounding_box()
        player = found.page.locator("#player").bounding_box()
        assert box is not None
        assert box["y"] <= above
        assert box["height"] >= least
        # Nothing is played yet: the player has one row.
        assert player is None or player["height"] <= 64
        # What was put away is found by buttons.
        warning = found.page.get_by_text("3 files with warnings")
        more = found.page.get_by_role("button", name="More", exact=True)
        more.click()
        assert more.count() == 0
        assert warning.is_visible()
        found.page.locator("#headline summary").click()
        assert found.page.locator("#headline li").first.is_visible()
        if size is PHONE:
            assert not found.page.get_by_label("Theme").is_visible()
            found.page.get_by_role("button", name="View").click()
        assert found.page.get_by_label("Theme").is_visible()
        found.check()
