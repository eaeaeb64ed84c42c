"""Writes the pictures of docs/img: pages of real sounds in Chromium.

`python tests/support/screenshots.py` makes all of them; they need the shared recordings.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parent.parent))

from playwright.sync_api import Browser

import audioclust as ac
from support.browser import Opened, chromium, opened
from support.data import DATA, ROOT

FOLDER = ROOT / "docs" / "img"
PHONE = {"width": 360, "height": 720}


class Shot(NamedTuple):
    """One picture: the page it is of, what is done first, and how the window is."""

    name: str
    page: str
    before: Callable[[Opened], None]
    settings: dict[str, Any]


def look(found: Opened) -> None:
    """Wait until the page has drawn itself."""
    found.page.wait_for_timeout(500)


def to_views(found: Opened) -> None:
    """Scroll to what is below the map."""
    look(found)
    found.page.evaluate("document.getElementById('views').scrollIntoView()")
    look(found)


SHOTS = (
    Shot("map", "samples", look, {"color_scheme": "light"}),
    Shot("map-dark", "samples", look, {"color_scheme": "dark"}),
    Shot("phone", "samples", look, {"viewport": PHONE, "device_scale_factor": 2}),
    Shot("units", "units", to_views, {"color_scheme": "light"}),
    Shot("spans", "talk", look, {"color_scheme": "light"}),
    Shot("hits", "loop", to_views, {"color_scheme": "light"}),
)


def write_pages(folder: Path) -> None:
    """Write the pages that the pictures are of."""
    samples = [str(DATA / name) for name in ("drums", "digits", "cough_scream")]
    ac.cluster(samples, 8).report(folder / "samples.html")
    ac.som_map(samples, (8, 12), topology="hexagonal").report(folder / "units.html")
    talk = sorted(DATA.glob("speech/*.ogg"))[0]
    ac.segment([talk, sorted(DATA.glob("music/*.ogg"))[0]], "auto").report(folder / "talk.html")
    ac.onsets(DATA / "drums" / "125_bounce.wav", 2).report(folder / "loop.html")


def take(browser: Browser, shot: Shot, folder: Path) -> None:
    """Take one picture."""
    with opened(browser, folder / f"{shot.page}.html", **shot.settings) as found:
        shot.before(found)
        found.page.screenshot(path=FOLDER / f"{shot.name}.png")
        found.check()


def main() -> None:
    """Write all pictures."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name, chromium() as browser:
        write_pages(Path(name))
        for shot in SHOTS:
            take(browser, shot, Path(name))


if __name__ == "__main__":
    main()
