"""Where the items of a page are on its map, computed once more in NumPy."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from support.browser import Opened

DIRECTIONS = {
    "ArrowRight": (1.0, 0.0),
    "ArrowLeft": (-1.0, 0.0),
    "ArrowDown": (0.0, 1.0),
    "ArrowUp": (0.0, -1.0),
}


@dataclass
class Twin:
    """What a page has of its items, and where they are in a panel of `width` by `height`.

    `at` has the items' places: the middle of the map is 0, its longer side is 1 long, and the
    second coordinate grows downwards. `view` is as the page's address has it: x, y, zoom.
    """

    data: dict[str, Any]
    at: NDArray[np.float64]
    left: float = 0.0
    top: float = 0.0
    width: float = 1.0
    height: float = 1.0
    view: tuple[float, float, float] = (0.0, 0.0, 1.0)

    @property
    def corner(self) -> NDArray[np.float64]:
        """The upper left corner of the map in the window."""
        return np.array([self.left, self.top])

    @property
    def labels(self) -> NDArray[np.int64]:
        return self.column("cluster").astype(np.int64)

    @property
    def order(self) -> list[int]:
        return [int(item) for item in self.column("order")]

    def column(self, name: str) -> NDArray[np.float64]:
        return _unpacked(self.data["columns"][name])

    def feature(self, name: str) -> NDArray[np.float64]:
        return _unpacked(next(one for one in self.data["features"] if one["name"] == name))

    def scale(self) -> float:
        """Pixels for the length 1."""
        beside, above = (24, 64) if self.width < 560 else (52, 32)
        across, down = np.ptp(self.at, axis=0)
        fit = min((self.width - 2 * beside) / across, (self.height - 2 * above) / down)
        return float(fit) * self.view[2]

    def pixels(self) -> NDArray[np.float64]:
        """Where the items are in the panel, in CSS pixels."""
        middle = np.array([self.width, self.height]) / 2
        found: NDArray[np.float64] = middle + (self.at - self.view[:2]) * self.scale()
        return found

    def on_page(self, item: int) -> tuple[float, float]:
        """Where an item is in the window."""
        x, y = self.pixels()[item]
        return self.left + float(x), self.top + float(y)

    def nearest(self, x: float, y: float, reach: float) -> int:
        distances = np.hypot(*(self.pixels() - (x, y)).T)
        best = int(distances.argmin())
        return best if distances[best] < reach else -1

    def towards(self, start: int, key: str, among: NDArray[np.bool_] | None = None) -> int:
        """Give the item to which an arrow key leads, or `start` if there is none.

        Only those `among` count. Of the items at one place, ArrowRight takes the next and
        ArrowLeft the one before. Then the nearest within 45 degrees of the direction, or else
        on that side of it.
        """
        direction = np.array(DIRECTIONS[key])
        steps = self.at - self.at[start]
        counts = np.ones(len(self.at), bool) if among is None else among
        here = np.flatnonzero((steps == 0).all(axis=1) & counts)
        place = int(np.flatnonzero(here == start)[0])
        if key == "ArrowRight" and place + 1 < len(here):
            return int(here[place + 1])
        if key == "ArrowLeft" and place > 0:
            return int(here[place - 1])
        along = steps @ direction
        lengths = np.hypot(*steps.T)
        for least in (np.cos(np.pi / 4) - 1e-12, 0.0):
            with np.errstate(invalid="ignore"):
                ahead = (along > 0) & (along / lengths >= least) & counts
            if ahead.any():
                nearest = np.flatnonzero(ahead & (lengths == lengths[ahead].min()))
                return int(nearest[-1 if key == "ArrowLeft" else 0])
        return start

    def lonely(self, gap: float) -> list[int]:
        """Items with no other one within some pixels."""
        pixels = self.pixels()
        gaps = np.hypot(*(pixels[:, None] - pixels[None]).T)
        np.fill_diagonal(gaps, np.inf)
        return [int(item) for item in np.flatnonzero(gaps.min(axis=0) > gap)]


def twin_of(page: Path, found: Opened) -> Twin:
    """Read a page's file, and ask an open window only for the size of the map."""
    html = page.read_text(encoding="utf-8")
    text = re.search(
        r'<script type="application/json" id="data">(.*?)</script>', html, re.DOTALL
    )
    assert text is not None
    data = json.loads(text[1])
    x, y = (_unpacked(data["columns"][name]) for name in "xy")
    size = max(np.ptp(x), np.ptp(y))
    at = np.column_stack([x - (x.min() + x.max()) / 2, (y.min() + y.max()) / 2 - y]) / size
    twin = Twin(data, at)
    look(twin, found)
    return twin


def look(twin: Twin, found: Opened) -> Twin:
    """Take the map's place in the window, and the view from the address."""
    box = found.page.locator(".map-points").bounding_box()
    assert box is not None
    twin.left, twin.top, twin.width, twin.height = (
        box["x"],
        box["y"],
        box["width"],
        box["height"],
    )
    said = re.search(r"view=([^&]*)", found.page.url)
    x, y, zoom = (float(part) for part in said[1].split(",")) if said else (0.0, 0.0, 1.0)
    twin.view = (x, y, zoom)
    return twin


def search(found: Opened, twin: Twin, begin: str) -> NDArray[np.bool_]:
    """Search for how names begin, and give which items the page should have found."""
    among = np.array([name.startswith(begin) for name in twin.data["names"]])
    found.page.get_by_role("searchbox").fill(begin)
    found.page.get_by_text(f"{among.sum()} of {len(among)} sounds").first.wait_for()
    drawn(found)
    return among


def drawn(found: Opened) -> None:
    """Wait until the page has drawn what was asked for before."""
    found.page.evaluate(
        "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
    )


def color_at(found: Opened, x: float, y: float) -> tuple[int, int, int]:
    """Give the colour of the canvas at a place of the panel, in CSS pixels."""
    red, green, blue = found.page.evaluate(
        """([x, y]) => {
          const canvas = document.querySelector(".map-points");
          const ratio = canvas.width / canvas.clientWidth;
          const pixel = canvas.getContext("2d").getImageData(
            Math.floor(x * ratio), Math.floor(y * ratio), 1, 1);
          return Array.from(pixel.data.slice(0, 3));
        }""",
        [x, y],
    )
    return red, green, blue


def contrast(one: tuple[int, int, int], other: tuple[int, int, int]) -> float:
    """Contrast of two colours by WCAG 2.2."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def luminance(color: tuple[int, int, int]) -> float:
    """Relative luminance by WCAG 2.2."""
    shares = np.array(color) / 255
    linear = np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))


def color_of(css: str) -> tuple[int, int, int]:
    """Read a colour as browsers give it: rgb(1, 2, 3)."""
    red, green, blue = (int(part) for part in re.findall(r"\d+", css)[:3])
    return red, green, blue


def _unpacked(column: dict[str, Any]) -> NDArray[np.float64]:
    codes = np.frombuffer(base64.b64decode(column["data"]), f"<{column['type']}")
    if "scale" not in column:
        return codes.astype(np.float64)
    values = column["offset"] + column["scale"] * codes.astype(np.float64)
    values[codes == column["nan"]] = np.nan
    # The page holds them so.
    held: NDArray[np.float64] = values.astype(np.float32).astype(np.float64)
    return held
