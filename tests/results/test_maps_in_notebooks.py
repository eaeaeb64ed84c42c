"""What notebooks show, in a real notebook and in a real browser."""

from __future__ import annotations

import os
import re
from pathlib import Path

import nbformat
import pytest
import soundfile
from playwright.sync_api import Browser, Frame
from support.browser import Opened, opened
from support.notebooks import executed
from support.sounds import alternating, tone

import audioclust as ac
from audioclust.listening import beside

# A notebook's page is not in a frame of its own, and its theme may be dark.
PAGE = """<!DOCTYPE html>
<html data-ready="yes"><meta charset="utf-8"><title>Notebook</title>
<body style="background:{background};color:{color}">{outputs}</body>
"""

HOSTILE = "<img src=x onerror=window.top.ran=1>&\"' </script><script>window.top.ran=1<"


@pytest.fixture
def result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ac.Clustering:
    """Four sounds in two groups, one of which has a hostile name, as has a group."""
    # What is shown does not depend on how busy the machine is.
    monkeypatch.setattr(beside, "WORK", 60.0)
    monkeypatch.setattr(beside, "WAIT", 600.0)
    folder = tmp_path / "sounds"
    folder.mkdir()
    for n in range(4):
        soundfile.write(folder / f"{n}.wav", tone(1.0 + n / 10, 200 + 2000 * (n // 2)), 22_050)
    (folder / "0.wav").rename(folder / f"0{HOSTILE.replace('/', '')}.wav")
    return ac.cluster(folder, 2).rename({0: HOSTILE[:20]})


def notebook_page(tmp_path: Path, *outputs: str, dark: bool = False) -> Path:
    colours = {"background": "#1e1e1e", "color": "#ddd"} if dark else {
        "background": "#fff", "color": "#111"
    }  # fmt: skip
    path = tmp_path / "notebook.html"
    path.write_text(PAGE.format(outputs="<hr>".join(outputs), **colours), encoding="utf-8")
    return path


def inner(found: Opened) -> Frame:
    """Give the frame of the map, once its page is ready."""
    found.wait("document.querySelector('iframe') !== null")
    frame = found.page.frames[-1]
    frame.wait_for_selector("html[data-ready]", state="attached")
    return frame


def test_the_map_plays_its_representatives_inside_a_frame(
    browser: Browser, result: ac.Clustering, tmp_path: Path
) -> None:
    page = notebook_page(tmp_path, result.map()._repr_html_())
    with opened(browser, page) as found:
        frame = inner(found)
        frame.evaluate(
            """() => {
              window.times = [];
              for (const name of ["timeupdate", "error"])
                document.addEventListener(name, ({target}) => {
                  const {currentTime, currentSrc} = target;
                  window.times.push([name, currentTime, currentSrc.slice(0, 11)]);
                }, true);
            }"""
        )
        (representative, *_) = result.representatives()[1]
        name = os.path.basename(representative.path)
        frame.get_by_role("button", name=re.compile(re.escape(name))).first.click()
        _wait(found, frame, "times.some(([name, at]) => name === 'error' || at > 0)")
        assert frame.evaluate("times.every(([name]) => name !== 'error')")
        assert frame.evaluate("times.at(-1)[2]") == "data:audio/"
        # The policy of the page refused nothing, and nothing was loaded.
        assert frame.evaluate("window.violations") == []
        assert [url for url in found.requests if not url.startswith(("file:", "data:"))] == []
        # The frame can do nothing to the notebook.
        assert frame.evaluate("window.origin") == "null"
        assert found.page.evaluate("window.ran") is None
        found.check()


@pytest.mark.parametrize("kind", ["segmentation", "onsets", "map"])
def test_other_results_are_shown_in_frames_too(
    kind: str, browser: Browser, library: list[str], tmp_path: Path
) -> None:
    shown: ac.Segmentation | ac.OnsetClusters | ac.SoundMap
    if kind == "map":
        shown = ac.som_map(library[:20], (2, 3))
    else:
        path = tmp_path / "two.wav"
        soundfile.write(path, alternating([0, 1, 0, 1], seconds=3), 22_050)
        shown = ac.segment(path, 2) if kind == "segmentation" else ac.onsets(path, 2)
    with opened(browser, notebook_page(tmp_path, shown.map()._repr_html_())) as found:
        frame = inner(found)
        assert frame.evaluate("window.violations") == []
        assert frame.locator("h1").inner_text() == shown.map().title
        found.check()


def test_a_map_does_not_fill_the_back_button_of_its_notebook(
    browser: Browser, result: ac.Clustering, tmp_path: Path
) -> None:
    with opened(browser, notebook_page(tmp_path, result.map()._repr_html_())) as found:
        frame = inner(found)
        before = found.page.evaluate("history.length")
        for place in (0, 1):
            frame.locator("table.all tbody tr:not(.gap)").nth(place).click()
            # This timer ends after the one that would write what is shown.
            frame.evaluate("new Promise((done) => setTimeout(done, FRAGMENT_WAITS + 1))")
        assert found.page.evaluate("history.length") == before
        assert frame.evaluate("location.hash") == ""
        found.check()


def _wait(found: Opened, frame: Frame, condition: str) -> None:
    for _ in range(500):
        if frame.evaluate(condition):
            return
        found.page.wait_for_timeout(20)
    raise AssertionError(f"{condition} did not become true")


@pytest.mark.parametrize("dark", [False, True])
def test_tables_play_and_names_are_text(
    browser: Browser, result: ac.Clustering, dark: bool, tmp_path: Path
) -> None:
    outputs = [one._repr_html_() for one in (result, result.summary(), result.table)]
    outputs.append(result.similar(result.paths[0])._repr_html_())
    with opened(browser, notebook_page(tmp_path, *outputs, dark=dark)) as found:
        found.page.evaluate("document.querySelectorAll('audio')[0].play()")
        found.wait("document.querySelectorAll('audio')[0].currentTime > 0")
        assert found.page.evaluate("window.ran") is None
        assert found.page.evaluate("document.querySelectorAll('img, script').length") == 0
        assert HOSTILE[:20] in found.page.inner_text("table")
        # Text has the colour of the notebook's theme, on its background.
        colours = found.page.evaluate(
            "[...document.querySelectorAll('td, th, p, span, em')].map((one) =>"
            " getComputedStyle(one).color + getComputedStyle(one).backgroundColor)"
        )
        own = "rgb(221, 221, 221)" if dark else "rgb(17, 17, 17)"
        assert set(colours) == {f"{own}rgba(0, 0, 0, 0)"}
        found.check()


def test_a_notebook_shows_results(library: list[str], tmp_path: Path) -> None:
    code = f"""
import audioclust as ac
result = ac.cluster({library[:12]!r}, 2)
result
---
result.map(height=300)
---
result.predict({library[12:14]!r})
---
result.nothing
"""
    cells = [nbformat.v4.new_code_cell(source.strip()) for source in code.split("---")]
    done = executed(nbformat.v4.new_notebook(cells=cells[:3]), tmp_path)
    shown = [cell.outputs[-1].data["text/html"] for cell in done.cells]
    assert [html.count("<audio") for html in shown] == [2, 0, 1]
    assert shown[1].startswith('<iframe srcdoc="&lt;!DOCTYPE html&gt;')
    (tmp_path / "again").mkdir()
    with pytest.raises(AssertionError, match="AttributeError"):
        executed(nbformat.v4.new_notebook(cells=[cells[0], cells[3]]), tmp_path / "again")
