"""The main path in Firefox: a page loads, shows its sounds and plays one of them."""

from __future__ import annotations

from pathlib import Path

from support.firefox import firefox

import audioclust as ac


def test_a_page_opens_and_plays_in_firefox(library: list[str], tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    ac.cluster(library, 6).report(page)
    with firefox() as window:
        window.open(page)
        window.click("#table button")
        window.wait("document.querySelector('audio').currentTime > 0")
        window.check()
