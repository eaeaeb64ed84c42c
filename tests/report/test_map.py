"""What is done on a page's map: pointing, walking, zooming, collecting."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.path import Path as Outline
from playwright.sync_api import Browser
from support.browser import Opened, opened
from support.maps import DIRECTIONS, Twin, drawn, look, search, twin_of
from support.pages import synthetic_content

import audioclust as ac
from audioclust.report.content import Content
from audioclust.report.page import rendered
from audioclust.report.sounds import sounds_of

N = 400
LENS_RADIUS = 56.0


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of 400 sounds, which are nowhere."""
    path = tmp_path_factory.mktemp("map") / "report.html"
    return written(path, replace(synthetic_content(N), folder=None))


def written(path: Path, content: Content) -> Path:
    path.write_text(rendered(content, sounds_of(content, "none", str(path.parent))), "utf-8")
    return path


@contextmanager
def on_map(browser: Browser, page: Path, **context: Any) -> Iterator[tuple[Opened, Twin]]:
    """Open a page whose map does not glide, and give its twin too."""
    with opened(browser, page, reduced_motion="reduce", **context) as found:
        drawn(found)
        yield found, twin_of(page, found)
        found.check()


def named(found: Opened, twin: Twin, item: int) -> None:
    """The small text on the map names the item, or is not there for -1."""
    drawn(found)
    tip = found.page.locator(".map-tip")
    if item < 0:
        assert not tip.is_visible()
    else:
        assert tip.is_visible()
        assert tip.locator(".map-tip-name").inner_text() == twin.data["names"][item]


def is_free(found: Opened, x: float, y: float) -> bool:
    """Whether the map itself is at a place, and no name or button."""
    return bool(
        found.page.evaluate(
            "([x, y]) => document.elementFromPoint(x, y).className === 'map-points'", [x, y]
        )
    )


def in_basket(found: Opened) -> list[int]:
    """The items that the address says are in the basket."""
    found.wait("location.hash.includes('basket=')")
    said = re.search(r"basket=([\d.]+)", found.page.url)
    assert said is not None
    return [int(item) for item in said[1].split(".")]


def test_pointing_names_the_nearest_sound(browser: Browser, page: Path) -> None:
    rng = np.random.default_rng(0)
    with on_map(browser, page) as (found, twin):
        pointed = 0
        while pointed < 40:
            # Half of the places are beside an item, and half are anywhere.
            place = rng.uniform((0, 0), (twin.width, twin.height))
            if pointed % 2:
                place = twin.pixels()[rng.integers(N)] + rng.uniform(-8, 8, 2)
            x, y = (round(float(part)) for part in place)
            if not is_free(found, twin.left + x, twin.top + y):
                continue
            found.page.mouse.move(twin.left + x, twin.top + y)
            named(found, twin, twin.nearest(x, y, 12))
            pointed += 1


def test_a_click_selects_and_the_sound_plays(
    browser: Browser, library: list[str], tmp_path: Path
) -> None:
    page = tmp_path / "report.html"
    ac.cluster(library, 6).report(page)
    with on_map(browser, page) as (found, twin):
        item = next(i for i in twin.lonely(14) if is_free(found, *twin.on_page(i)))
        found.page.mouse.click(*twin.on_page(item))
        named(found, twin, item)
        found.wait("document.querySelector('audio').currentTime > 0")
        assert twin.data["names"][item] in heard(found)
        # Space plays what was walked to.
        found.page.keyboard.press("ArrowDown")
        other = twin.towards(item, "ArrowDown")
        assert other != item
        found.page.keyboard.press(" ")
        found.wait(
            f"document.querySelector('audio').src.endsWith({twin.data['names'][other]!r})"
        )


def heard(found: Opened) -> str:
    """The address of the sound that is played."""
    return str(found.page.evaluate("decodeURIComponent(document.querySelector('audio').src)"))


@pytest.mark.parametrize("rounding", [None, 0])
def test_arrow_keys_walk_to_the_nearest_in_a_direction(
    browser: Browser, tmp_path: Path, rounding: int | None
) -> None:
    # Rounded points lie on each other, as on the grid of a self-organizing map.
    content = synthetic_content(200, "map" if rounding == 0 else "clustering")
    assert content.points is not None
    if rounding == 0:
        content.points[:] = content.points.round()
    page = written(tmp_path / "report.html", content)
    rng = np.random.default_rng(1)
    with on_map(browser, page) as (found, twin):
        found.page.locator(".map-points").focus()
        found.page.keyboard.press("ArrowRight")
        at = twin.nearest(twin.width / 2, twin.height / 2, np.inf)
        named(found, twin, at)
        walked = set()
        for key in rng.choice(list(DIRECTIONS), 80):
            found.page.keyboard.press(key)
            at = twin.towards(at, key)
            walked.add(at)
            named(found, twin, at)
        assert len(walked) > 20
        assert (
            twin.data["names"][at]
            in found.page.locator(".map-frame [role=status]").inner_text()
        )


def test_one_walks_among_what_is_searched_for(browser: Browser, page: Path) -> None:
    with on_map(browser, page) as (found, twin):
        among = search(found, twin, "long_")
        distances = np.hypot(*(twin.pixels() - (twin.width / 2, twin.height / 2)).T)
        at = int(np.where(among, distances, np.inf).argmin())
        found.page.locator(".map-points").focus()
        found.page.keyboard.press("ArrowRight")
        named(found, twin, at)
        for key in np.random.default_rng(2).choice(list(DIRECTIONS), 30):
            found.page.keyboard.press(key)
            at = twin.towards(at, key, among)
            named(found, twin, at)


def test_the_view_follows_who_walks(browser: Browser, page: Path) -> None:
    with on_map(browser, page) as (found, twin):
        found.page.locator(".map-points").focus()
        found.page.keyboard.press("ArrowRight")
        for _ in range(5):
            found.page.keyboard.press("+")
        found.wait("location.hash.includes(',32')")
        address = found.page.url
        before = look(twin, found).view
        for _ in range(30):
            found.page.keyboard.press("ArrowLeft")
            drawn(found)
            assert found.page.locator(".map-tip").is_visible()
        found.wait(f"location.href.split('view=')[1] !== {address.split('view=')[1]!r}")
        assert look(twin, found).view[0] < before[0]
        assert look(twin, found).view[2] == before[2] == 32
        found.page.keyboard.press("0")
        found.wait("!location.hash.includes('view=')")


def test_what_is_under_the_pointer_stays_there_when_zooming(
    browser: Browser, page: Path
) -> None:
    with on_map(browser, page) as (found, twin):
        item = next(i for i in twin.lonely(20) if is_free(found, *twin.on_page(i)))
        x, y = (round(part) for part in twin.on_page(item))
        before = twin.pixels()[item]
        found.page.mouse.move(x, y)
        for _ in range(5):
            found.page.mouse.wheel(0, -200)
        found.wait("location.hash.endsWith(',7.389')")
        look(twin, found)
        # Five turns of 200 pixels, each by exp(0.4); the address has five digits.
        assert twin.view[2] == pytest.approx(np.exp(2.0), rel=1e-3)
        # The pointer is up to half a pixel away from the item, and that grows.
        pointer = np.array([x - twin.left, y - twin.top])
        after = twin.pixels()[item]
        assert after - pointer == pytest.approx((before - pointer) * twin.view[2], abs=0.2)
        named(found, twin, item)


def test_dragging_moves_the_map(browser: Browser, page: Path) -> None:
    with on_map(browser, page) as (found, twin):
        found.page.get_by_role("button", name="Zoom in").click()
        found.wait("location.hash.includes('view=')")
        before = look(twin, found).pixels()
        address = found.page.url
        start = twin.left + twin.width / 2, twin.top + 20
        found.page.mouse.move(*start)
        found.page.mouse.down()
        found.page.mouse.move(start[0] + 90, start[1] + 60, steps=4)
        found.page.mouse.up()
        found.wait(f"location.href !== {address!r}")
        assert look(twin, found).pixels() - before == pytest.approx(
            np.tile([90, 60], (N, 1)), abs=0.2
        )
        found.page.get_by_role("button", name="Whole map").click()
        found.wait("!location.hash.includes('view=')")


def test_two_clicks_zoom_in(browser: Browser, page: Path) -> None:
    with on_map(browser, page) as (found, twin):
        found.page.mouse.dblclick(twin.left + 30, twin.top + twin.height - 30)
        found.wait("location.hash.includes('view=')")
        assert look(twin, found).view[2] == 2


def test_an_address_says_which_part_is_shown(browser: Browser, page: Path) -> None:
    with on_map(browser, page) as (found, twin):
        item = twin.order[0]
        x, y = twin.at[item]
        found.page.evaluate(f"location.hash = 'view={x},{y},30'")
        found.wait("location.hash.includes('view=')")
        drawn(found)
        twin.view = (float(x), float(y), 30.0)
        found.page.mouse.move(twin.left + twin.width / 2, twin.top + twin.height / 2)
        drawn(found)
        if is_free(found, twin.left + twin.width / 2, twin.top + twin.height / 2):
            named(found, twin, twin.nearest(twin.width / 2, twin.height / 2, 12))


def lassoed(found: Opened, twin: Twin, corners: np.ndarray) -> list[int]:
    """Draw around corners in the panel, and give what is inside by the twin."""
    corners = corners.round() + np.round(twin.corner)
    found.page.mouse.move(*corners[0])
    found.page.mouse.down()
    for corner in corners[1:]:
        found.page.mouse.move(*corner)
    found.page.mouse.up()
    drawn(found)
    inside = Outline(corners - twin.corner).contains_points(twin.pixels())
    return [item for item in twin.order if inside[item]]


def test_a_lasso_collects_what_is_inside(browser: Browser, page: Path) -> None:
    with on_map(browser, page) as (found, twin):
        found.page.get_by_role("button", name="Lasso").click()
        angles = np.linspace(0, 2 * np.pi, 30, endpoint=False)
        # A star, which goes in and out, around the middle of the items.
        lengths = np.where(np.arange(30) % 2, 60, 220)
        middle = np.array([twin.width, twin.height]) / 2
        star = middle + lengths[:, None] * np.column_stack([np.cos(angles), np.sin(angles)])
        inside = lassoed(found, twin, star)
        assert 5 < len(inside) < 200
        assert found.page.get_by_role("button", name=f"Play {len(inside)} sounds").is_visible()
        found.page.get_by_role("group", name="Sounds inside").get_by_text(
            "Add to basket"
        ).click()
        assert in_basket(found) == inside
        found.page.get_by_role("button", name="Clear", exact=True).click()
        assert not found.page.get_by_role("group", name="Sounds inside").is_visible()


def test_a_lasso_takes_only_what_is_searched_for(browser: Browser, page: Path) -> None:
    with on_map(browser, page) as (found, twin):
        among = search(found, twin, "long_")
        found.page.get_by_role("button", name="Lasso").click()
        edge = np.array([[2, 2], [twin.width - 60, 2], [twin.width - 60, twin.height - 2]])
        corners = np.vstack([edge, [[2, twin.height - 2]]])
        inside = lassoed(found, twin, corners)
        wanted = [item for item in inside if among[item]]
        assert 0 < len(wanted) < len(inside)
        found.page.get_by_role("button", name=f"Play {len(wanted)} sounds").wait_for()


def in_lens(twin: Twin, middle: np.ndarray, radius: float) -> list[int]:
    distances = np.hypot(*(twin.pixels() - middle).T)
    return [item for item in twin.order if distances[item] <= radius]


def test_a_lens_collects_where_it_is_put_down(browser: Browser, page: Path) -> None:
    with on_map(browser, page) as (found, twin):
        found.page.get_by_role("button", name="Lens").click()
        x, y = (round(float(part)) for part in twin.pixels()[twin.order[0]] + 0.5)
        inside = in_lens(twin, np.array([x, y]), LENS_RADIUS)
        found.page.mouse.move(twin.left + x, twin.top + y)
        found.page.get_by_role("button", name=f"Play {len(inside)} sounds").wait_for()
        found.page.mouse.click(twin.left + x, twin.top + y)
        # It stays there when the pointer goes to the buttons.
        found.page.get_by_role("group", name="Sounds inside").get_by_text(
            "Add to basket"
        ).click()
        assert in_basket(found) == inside


def test_a_lens_keeps_its_size_on_the_screen(browser: Browser, page: Path) -> None:
    with on_map(browser, page) as (found, twin):
        found.page.get_by_role("button", name="Lens").click()
        place = twin.pixels()[twin.order[0]]
        found.page.mouse.click(*np.round(place + twin.corner))
        found.page.mouse.wheel(0, -300)
        found.wait("location.hash.includes('view=')")
        look(twin, found)
        middle = np.round(place + twin.corner) - twin.corner
        inside = in_lens(twin, middle, LENS_RADIUS)
        found.page.get_by_role("button", name=f"Play {len(inside)} sound").wait_for()


def test_a_button_let_go_elsewhere_drags_nothing(browser: Browser, page: Path) -> None:
    with on_map(browser, page) as (found, twin):
        found.page.get_by_role("button", name="Zoom in").click()
        found.wait("location.hash.includes('view=')")
        # Pressed at the very edge, and let go just outside of it.
        found.page.mouse.move(twin.left + 1, twin.top + 200)
        found.page.mouse.down()
        found.page.mouse.move(twin.left - 2, twin.top + 200)
        found.page.mouse.up()
        look(twin, found)
        item = next(
            i for i in twin.lonely(14)
            if twin.pixels()[i].min() > 10 and is_free(found, *twin.on_page(i))
        )  # fmt: skip
        found.page.mouse.move(*twin.on_page(item))
        named(found, twin, item)


def test_a_lens_can_be_used_by_keys_alone(browser: Browser, page: Path) -> None:
    with on_map(browser, page) as (found, twin):
        found.page.locator(".map-points").focus()
        for key in ("ArrowRight", "ArrowLeft", "o", "]", "]"):
            found.page.keyboard.press(key)
        at = twin.towards(twin.nearest(twin.width / 2, twin.height / 2, np.inf), "ArrowLeft")
        inside = in_lens(twin, twin.pixels()[at], LENS_RADIUS * 1.25**2)
        found.page.get_by_role("button", name=f"Play {len(inside)} sound").wait_for()
        found.page.keyboard.press("ArrowUp")
        at = twin.towards(at, "ArrowUp")
        inside = in_lens(twin, twin.pixels()[at], LENS_RADIUS * 1.25**2)
        found.page.get_by_role("button", name=f"Play {len(inside)} sound").wait_for()
        found.page.keyboard.press("b")
        assert in_basket(found) == [at]
        found.page.keyboard.press("Escape")
        drawn(found)
        assert not found.page.get_by_role("group", name="Sounds inside").is_visible()
        named(found, twin, at)
        found.page.keyboard.press("Escape")
        named(found, twin, -1)


def test_two_fingers_zoom(browser: Browser, page: Path) -> None:
    with on_map(browser, page, has_touch=True) as (found, twin):
        touch = found.page.context.new_cdp_session(found.page)
        middle = twin.left + twin.width / 2, twin.top + twin.height / 2

        def send(kind: str, apart: float | None) -> None:
            signs = () if apart is None else (-1, 1)
            points = [
                {"x": middle[0] + sign * apart / 2, "y": middle[1], "id": i}
                for i, sign in enumerate(signs)
                if apart is not None
            ]
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

        send("touchStart", 80)
        for apart in (120, 180, 240):
            send("touchMove", apart)
        send("touchEnd", None)
        found.wait("location.hash.includes('view=')")
        look(twin, found)
        assert twin.view == pytest.approx((0, 0, 3), abs=0.01)


COUNT_ARCS = """
window.arcs = 0;
const whole = CanvasRenderingContext2D.prototype.arc;
CanvasRenderingContext2D.prototype.arc = function (...places) {
  window.arcs += 1;
  whole.apply(this, places);
};
"""

DOTS = """(() => {
  const canvas = document.querySelector(".map-dots");
  const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return data.some((value) => value > 0);
})()"""


def test_pointing_does_not_draw_the_basket_again(browser: Browser, page: Path) -> None:
    address = f"{page.as_uri()}#basket={'.'.join(map(str, range(200)))}"
    with opened(browser, address, script=COUNT_ARCS) as found:
        drawn(found)
        assert found.page.evaluate(DOTS)
        found.page.evaluate("window.arcs = 0")
        twin = twin_of(page, found)
        for item in range(10):
            found.page.mouse.move(*twin.on_page(item))
            drawn(found)
        assert 0 < found.page.evaluate("window.arcs") < 200
        found.check()


def test_dots_of_a_basket_are_drawn_where_they_are_not_too_many(
    browser: Browser, tmp_path: Path
) -> None:
    page = written(tmp_path / "page.html", replace(synthetic_content(7000), folder=None))
    with on_map(browser, page) as (found, _):
        found.page.get_by_role("searchbox").fill("long_")
        found.page.get_by_role("tab", name="Basket").click()
        found.page.get_by_role("button", name="2,333 sounds that are shown").click()
        drawn(found)
        assert not found.page.evaluate(DOTS)
        found.page.locator(".map-points").focus()
        for _ in range(2):
            found.page.keyboard.press("+")
        drawn(found)
        assert found.page.evaluate(DOTS)


def test_an_address_with_a_sound_and_a_view_keeps_the_view(
    browser: Browser, page: Path
) -> None:
    with on_map(browser, page) as (found, twin):
        far = int(twin.at[:, 0].argmax())
        for view in ("-0.2,0.1,8", "-0.1,0.1,8"):
            # The sound is not in this part of the map.
            for item in (far, int(twin.at[:, 1].argmax())):
                found.page.evaluate(f"location.hash = 'sound={item}&view={view}'")
                found.wait(f"document.querySelector('#row-{item}[aria-selected=true]')")
                assert look(twin, found).view == tuple(map(float, view.split(",")))
        # What is written into the address next has the view that is shown.
        found.page.get_by_label("Colour").select_option("folder")
        found.wait("location.hash.includes('color=folder')")
        assert look(twin, found).view == tuple(map(float, view.split(",")))


def test_the_tip_does_not_stay_where_nobody_is(browser: Browser, page: Path) -> None:
    with on_map(browser, page) as (found, twin):
        found.page.locator(".map-points").focus()
        found.page.keyboard.press("ArrowRight")
        named(found, twin, twin.nearest(twin.width / 2, twin.height / 2, np.inf))
        found.page.get_by_label("Search").focus()
        named(found, twin, -1)
        # A click chooses, and the tip goes with the pointer.
        item = next(i for i in twin.lonely(20) if is_free(found, *twin.on_page(i)))
        found.page.mouse.click(*twin.on_page(item))
        named(found, twin, item)
        found.page.mouse.move(1, 1)
        named(found, twin, -1)


def test_a_finger_that_got_lost_does_not_end_the_other_ones_drag(
    browser: Browser, page: Path
) -> None:
    with on_map(browser, page) as (found, twin):
        found.page.get_by_role("button", name="Zoom in").click()
        found.wait("location.hash.includes('view=')")
        before = look(twin, found).view
        found.page.evaluate(
            """([x, y]) => {
              const canvas = document.querySelector(".map-points");
              const send = (type, pointerId, moved, buttons) => canvas.dispatchEvent(
                new PointerEvent(type, {pointerId, pointerType: "touch", bubbles: true, buttons,
                  button: type === "pointermove" ? -1 : 0, clientX: x + moved, clientY: y}));
              send("pointerdown", 51, 0, 1);
              send("pointerdown", 52, 40, 1);
              send("pointermove", 52, 40, 0);
              send("pointermove", 51, -30, 1);
              send("pointerup", 51, -30, 0);
            }""",
            [twin.left + 100, twin.top + 100],
        )
        found.wait(f"!location.hash.includes('view={before[0]:g},')")
        assert look(twin, found).view[0] > before[0]
