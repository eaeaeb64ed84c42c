"""A page opens in a browser, by itself."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser
from support.browser import opened

import audioclust as ac


def test_a_page_opens_and_its_sounds_play(
    browser: Browser, library: list[str], tmp_path: Path
) -> None:
    page = tmp_path / "report.html"
    ac.cluster(library, 6).report(page)
    with opened(browser, page) as found:
        found.page.get_by_role("button", name="kick_00.wav").click()
        found.wait("document.querySelector('audio').currentTime > 0")
        found.check()
