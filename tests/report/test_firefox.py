"""The main path in Firefox: pages load, are walked through, and play."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.firefox import Firefox, firefox

import audioclust as ac

RIGHT, DOWN = "\ue014", "\ue015"
"""Arrow keys, by WebDriver's numbers."""

PLAYS = "document.querySelector('#player audio').currentTime > 0"


@pytest.fixture(scope="module")
def result(library: list[str]) -> ac.Clustering:
    # Whatever the keys walk to must be what browsers play.
    return ac.cluster([path for path in library if not path.endswith(".aiff")], 6)


@pytest.fixture(scope="module")
def started() -> Iterator[Firefox]:
    """Firefox, started once for all tests here."""
    with firefox() as window:
        yield window


@pytest.fixture
def window(started: Firefox) -> Firefox:
    started.complaints.clear()
    return started


def written(result: ac.Clustering, page: Path, **settings: Any) -> Path:
    result.report(page, **settings)
    return page


@pytest.mark.parametrize("audio", ["link", "embed"])
def test_a_page_opens_and_plays(
    window: Firefox, result: ac.Clustering, tmp_path: Path, audio: str
) -> None:
    window.open(written(result, tmp_path / "report.html", audio=audio))
    window.click("#table button")
    window.wait(PLAYS)
    window.check()


def test_keys_walk_on_the_map_and_play(
    window: Firefox, result: ac.Clustering, tmp_path: Path
) -> None:
    window.open(written(result, tmp_path / "report.html"))
    window.evaluate("document.querySelector('.map-points').focus()")
    window.press(RIGHT)
    window.wait("location.hash.includes('sound=')")
    first = window.evaluate("location.hash")
    for key in (RIGHT, DOWN):
        window.press(key)
    window.wait(f"location.hash !== '{first}'")
    window.press(" ")
    window.wait(PLAYS)
    window.check()


def test_a_view_that_is_sent_shows_the_same(
    window: Firefox, result: ac.Clustering, tmp_path: Path
) -> None:
    page = written(result, tmp_path / "report.html")
    window.open(page)
    window.click("#search")
    window.press(*"kick")
    count = f"document.getElementById('count').textContent.includes(' of {len(result.items)}')"
    window.wait(count)
    window.evaluate("document.querySelector('.map-points').focus()")
    window.press(RIGHT)
    window.wait("/query=kick/.test(location.hash) && /sound=/.test(location.hash)")
    card = "document.querySelector('.card').textContent"
    sent, shown = window.evaluate("location.href"), window.evaluate(card)
    # Another page in between, as an address that differs in its fragment only loads nothing.
    window.open(written(result, tmp_path / "other.html", audio="none"))
    window.open(sent)
    assert window.evaluate("document.getElementById('search').value") == "kick"
    assert window.evaluate(count)
    assert window.evaluate(card) == shown
    window.check()


def test_the_map_of_a_notebook_plays(
    window: Firefox, result: ac.Clustering, tmp_path: Path
) -> None:
    page = tmp_path / "notebook.html"
    frame = result.map()._repr_html_()
    page.write_text(f"<!DOCTYPE html><html data-ready=yes><title>A</title>{frame}", "utf-8")
    window.open(page)
    with window.in_frame():
        window.wait("document.documentElement.dataset.ready === 'yes'")
        window.click("#table button:not([disabled])")
        window.wait(PLAYS)
        window.check()
    window.check()
