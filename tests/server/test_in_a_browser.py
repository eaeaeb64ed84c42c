"""What the server sends plays in a real browser, also what browsers do not know."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import soundfile
from playwright.sync_api import Browser
from support.browser import Opened, opened
from support.encodes import encode, need_ffmpeg
from support.firefox import firefox
from support.sounds import tone

import audioclust as ac
from audioclust.server.serving import Server, serve

WATCH = """
window.times = [];
for (const name of ["timeupdate", "playing", "error"])
  document.addEventListener(name, (event) => {
    const {currentTime, currentSrc} = event.target;
    window.times.push({name, at: currentTime, url: currentSrc});
  }, true);
"""


JUMP = """
const far = new Audio("sound/1");
far.addEventListener("loadedmetadata", () => { far.currentTime = 15; });
far.addEventListener("timeupdate", () => {
  window.reached = Math.max(window.reached ?? 0, far.currentTime);
});
far.play();
"""


def plays(found: Opened, server: Server, item: int) -> None:
    """Play what the address of an item gives, as the page's player does, until it moves on."""
    found.page.evaluate(
        "(url) => { const audio = new Audio(url); document.body.append(audio); audio.play(); }",
        f"sound/{item}",
    )
    own = f"times.filter(({{url}}) => url === '{server.url}sound/{item}')"
    found.wait(f"{own}.some(({{at, name}}) => at > 0 || name === 'error')")
    assert not found.page.evaluate(f"{own}.some(({{name}}) => name === 'error')")


def test_formats_that_browsers_do_not_know_play(browser: Browser, tmp_path: Path) -> None:
    need_ffmpeg()
    y = tone(1.0)
    for name in ("a.aiff", "b.caf", "c.w64"):
        soundfile.write(tmp_path / name, y, 22_050)
    soundfile.write(tmp_path / "d.wav", y, 22_050)
    encode(tmp_path / "d.wav", tmp_path / "e.m4a", "-c:a", "alac")
    result = ac.cluster(tmp_path, 1)
    with serve(result) as server, opened(browser, server.url) as found:
        found.page.evaluate(WATCH)
        for item in range(len(result.items)):
            plays(found, server, item)
        found.check()


def test_flac_of_all_rates_and_channels_plays_in_both(browser: Browser, tmp_path: Path) -> None:
    for n, (sr, channels) in enumerate([(2000, 1), (3000, 2), (384_000, 8), (655_350, 2)]):
        soundfile.write(tmp_path / f"{n}.flac", np.full((2 * sr, channels), 0.01), sr)
    with serve(ac.cluster(tmp_path, 1)) as server:
        with opened(browser, server.url) as found:
            found.page.evaluate(WATCH)
            for item in range(4):
                plays(found, server, item)
            found.check()
        with firefox() as window:
            window.open(server.url)
            for item in range(4):
                window.evaluate(
                    f"(window.one = new Audio('sound/{item}'), window.one.play(), 0)"
                )
                window.wait("window.one.currentTime > 0")
            window.check()


def test_a_browser_jumps_to_any_place(browser: Browser, tmp_path: Path) -> None:
    # Two minutes, so that the place is not loaded yet.
    for n in range(2):
        soundfile.write(tmp_path / f"{n}.aiff", tone(120.0), 44_100)
    with serve(ac.cluster(tmp_path, 1)) as server, opened(browser, server.url) as found:
        found.page.evaluate(WATCH)
        found.page.evaluate(
            """() => {
              const audio = new Audio("sound/1");
              document.body.append(audio);
              audio.addEventListener("loadedmetadata", () => { audio.currentTime = 55; });
              audio.play();
            }"""
        )
        found.wait("times.some(({at}) => at > 55 && at < 60)")
        found.check()


def test_the_page_itself_plays_its_sounds(browser: Browser, sounds: ac.Clustering) -> None:
    aiff = next(n for n, path in enumerate(sounds.paths) if path.endswith(".aiff"))
    name = os.path.basename(sounds.paths[aiff])
    with serve(sounds) as server, opened(browser, server.url) as found:
        found.page.evaluate(WATCH)
        found.page.get_by_role("button", name=name).first.click()
        found.wait("times.some(({at}) => at > 0)")
        assert found.page.evaluate("times.at(-1).url") == f"{server.url}sound/{aiff}"
        found.check()


def test_another_page_gets_nothing(browser: Browser, server: Server, tmp_path: Path) -> None:
    """A page of another server of this computer, which even knows the address."""
    other = tmp_path / "other.html"
    other.write_text("<!DOCTYPE html><html data-ready=yes><title>Other</title>")
    with opened(browser, other) as found:
        kinds = {
            "audio": "new Promise((done) => { const audio = new Audio(URL);"
            " audio.onerror = () => done('refused');"
            " audio.oncanplay = () => done('played'); })",
            "fetch": "fetch(URL).then(() => 'read', () => 'refused')",
            "script": "new Promise((done) => { const script = document.createElement('script');"
            " script.onerror = () => done('refused'); script.onload = () => done('run');"
            " script.src = URL; document.head.append(script); })",
        }
        for code in kinds.values():
            url = repr(f"{server.url}sound/0")
            assert found.page.evaluate(code.replace("URL", url)) == "refused"
        frame = f"<iframe src='{server.url}'></iframe>"
        found.page.evaluate(f"document.body.innerHTML = {frame!r}")
        found.wait("document.querySelector('iframe').contentDocument === null")
        assert all("data-ready" not in one.content() for one in found.page.frames[1:])


def test_firefox_plays_it_too(tmp_path: Path) -> None:
    for n in range(3):
        soundfile.write(tmp_path / f"{n}.aiff", tone(20.0 + n), 22_050)
    with serve(ac.cluster(tmp_path, 1)) as server, firefox() as window:
        window.open(server.url)
        window.click("#table button")
        window.wait("document.querySelector('audio').currentTime > 0")
        assert window.evaluate("document.querySelector('audio').currentSrc").startswith(
            server.url
        )
        # It may jump to what is not loaded yet.
        window.evaluate(f"(() => {{ {JUMP} }})()")
        window.wait("window.reached > 15")
        window.check()
