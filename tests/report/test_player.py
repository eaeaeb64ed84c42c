"""The player in a real browser: what plays, from where to where, and what it says."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
import soundfile
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Route
from support.browser import Opened, chromium_path, opened
from support.encodes import need_ffmpeg
from support.players import content_of, player_page

import audioclust as ac
from audioclust.audio.spans import Item

CLICK = "Your browser plays nothing before the first click: click anywhere."


@pytest.fixture
def long_sounds(tmp_path: Path) -> list[Item]:
    """Four files of a minute each, which are quiet noise."""
    noise = np.random.default_rng(0).normal(0, 0.01, 60 * 8000)
    for i in range(4):
        soundfile.write(tmp_path / f"long {i}.wav", noise, 8000)
    return [Item(f"long {i}.wav", 0.0, 60.0) for i in range(4)]


@pytest.fixture
def short_sounds(tmp_path: Path) -> list[Item]:
    """Five files of a fifth of a second each."""
    wave = 0.1 * np.sin(np.arange(1600) * 0.3)
    for i in range(5):
        soundfile.write(tmp_path / f"short {i}.wav", wave, 8000)
    return [Item(f"short {i}.wav", 0.0, 0.2) for i in range(5)]


def real_items(data: Path, kind: str) -> list[Item]:
    """Give music, hits of a drum loop, or spoken digits, from the shared data."""
    if kind == "drums":
        path = str(data / "drums" / "125_bounce.wav")
        return [Item(path, at, at + 0.6) for at in (0.25, 0.75, 1.25)]
    paths = sorted((data / kind).glob("*.ogg" if kind == "music" else "*.wav"))[:3]
    return [Item(str(one), 0.0, soundfile.info(one).duration) for one in paths]


def play(found: Opened, item: int) -> None:
    """Play an item as other parts of the page do."""
    found.page.evaluate(f"player.play({item})")


def moves(found: Opened, item: int) -> None:
    """Wait until an item is heard: the time in its sound goes on."""
    found.wait(f"seen.heard.at(-1) === {item}")


@pytest.mark.parametrize("audio", ["link", "representatives", "embed"])
@pytest.mark.parametrize("kind", ["music", "drums", "digits"])
def test_sounds_play_wherever_they_are(
    browser: Browser, data: Path, tmp_path: Path, audio: str, kind: str
) -> None:
    items = real_items(data, kind)
    page = player_page(tmp_path / "page.html", content_of(items, representatives=[1]), audio)
    with opened(browser, page) as found:
        play(found, 1)
        moves(found, 1)
        assert found.page.locator(".player-name").inner_text() == os.path.basename(
            items[1].path
        )
        play(found, 2)
        if audio == "representatives":
            found.wait("document.querySelector('#message').textContent.includes('typical')")
        else:
            moves(found, 2)
        found.check()
        assert all(url.startswith(("file:", "data:")) for url in found.requests)


def test_a_part_of_a_file_begins_and_ends_where_it_does(
    browser: Browser, long_sounds: list[Item], tmp_path: Path
) -> None:
    parts = [long_sounds[0]._replace(start=at, end=at + 0.5) for at in (30.0, 7.25)]
    with opened(browser, player_page(tmp_path / "page.html", content_of(parts))) as found:
        for place, part in enumerate(parts):
            found.page.evaluate("seen.times.length = 0")
            play(found, place)
            moves(found, place)
            found.wait("store.state.playing === -1 && audio.paused")
            times = found.page.evaluate("seen.times")
            assert min(times) >= part.start - 0.001
            # The end is caught by a timer, which a busy machine delays.
            assert part.end - 0.1 < max(times) < part.end + 0.3
        found.check()


def test_a_queue_plays_in_its_order_and_ends(
    browser: Browser, short_sounds: list[Item], tmp_path: Path
) -> None:
    with opened(
        browser, player_page(tmp_path / "page.html", content_of(short_sounds))
    ) as found:
        found.page.evaluate("player.playAll([3, 0, 4], 'group 2')")
        assert found.page.evaluate("[store.state.playing, store.state.queue]") == [3, [0, 4]]
        assert found.page.locator(".player-words").inner_text() == "group 2: 1 of 3"
        found.wait("seen.playing.length >= 4")
        assert found.page.evaluate("seen.playing") == [3, 0, 4, -1]
        assert found.page.evaluate("store.state.queue") == []
        assert found.page.locator(".player-words").inner_text() == "group 2: 3 of 3"
        found.check()


def test_a_queue_goes_on_after_what_cannot_be_played(
    browser: Browser, short_sounds: list[Item], tmp_path: Path
) -> None:
    page = player_page(tmp_path / "page.html", content_of(short_sounds))
    (tmp_path / "short 1.wav").unlink()
    with opened(browser, page) as found:
        found.page.evaluate("player.playAll([0, 1, 2])")
        found.wait("seen.playing.at(-1) === -1")
        assert found.page.evaluate("seen.playing") == [0, 1, 2, -1]
        assert found.page.evaluate("seen.messages.length") == 1


def test_the_bar_controls_what_plays(
    browser: Browser, long_sounds: list[Item], tmp_path: Path
) -> None:
    with opened(browser, player_page(tmp_path / "page.html", content_of(long_sounds))) as found:
        button = {
            name: found.page.get_by_role("button", name=name) for name in ("Previous", "Next")
        }
        found.page.evaluate("store.set({selected: 1})")
        found.page.get_by_role("button", name="Play", exact=True).press("Enter")
        moves(found, 1)
        button["Next"].click()
        moves(found, 2)
        button["Previous"].click()
        moves(found, 1)
        seek = found.page.get_by_role("slider", name="Position")
        seek.fill("42.5")
        found.wait("audio.currentTime >= 42.5 && !audio.paused")
        assert "0:42 of 1:00" in str(seek.get_attribute("aria-valuetext"))
        # Far from its beginning, the sound itself is begun again.
        button["Previous"].click()
        found.wait("store.state.playing === 1 && audio.currentTime < 10 && !audio.paused")
        found.page.get_by_role("button", name="Pause").click()
        found.wait("store.state.playing === -1 && audio.paused")
        at = found.page.evaluate("audio.currentTime")
        assert at > 0
        found.page.get_by_role("button", name="Play", exact=True).click()
        found.wait(f"store.state.playing === 1 && !audio.paused && audio.currentTime > {at}")
        assert found.page.evaluate("player.position().item") == 1
        found.page.evaluate("player.stop()")
        found.wait("store.state.playing === -1 && audio.paused")
        found.check()


def test_of_many_quick_wishes_the_last_is_played(
    browser: Browser, long_sounds: list[Item], tmp_path: Path
) -> None:
    with opened(browser, player_page(tmp_path / "page.html", content_of(long_sounds))) as found:
        found.page.evaluate("for (let i = 0; i < 41; i++) player.play(i % 4 ? i % 4 : 3)")
        found.page.evaluate("setTimeout(() => player.play(2), 10)")
        found.wait("seen.playing.at(-1) === 2")
        moves(found, 2)
        assert found.page.evaluate("decodeURI(audio.src)").endswith("long 2.wav")
        assert found.page.evaluate("audio.volume") == 1
        # Nor does what fades out take the next sound with it, whenever that begins.
        for milliseconds in range(2, 30, 3):
            found.page.evaluate(
                f"player.play(1); setTimeout(() => player.play(3), {milliseconds})"
            )
            moves(found, 3)
            assert found.page.evaluate("audio.volume") == 1
            play(found, 2)
            moves(found, 2)
        assert found.page.evaluate("seen.messages") == []
        found.check()


def test_the_volume_is_kept(browser: Browser, long_sounds: list[Item], tmp_path: Path) -> None:
    with opened(browser, player_page(tmp_path / "page.html", content_of(long_sounds))) as found:
        found.page.get_by_role("slider", name="Volume").fill("0.3")
        assert found.page.evaluate("audio.volume") == pytest.approx(0.3)
        found.page.reload()
        found.page.wait_for_selector("html[data-ready=yes]", state="attached")
        assert found.page.get_by_role("slider", name="Volume").input_value() == "0.3"
        play(found, 0)
        moves(found, 0)
        assert found.page.evaluate("[store.state.volume, audio.volume]") == [0.3, 0.3]
        found.check()


def test_a_browser_that_keeps_nothing_plays_all_the_same(
    browser: Browser, long_sounds: list[Item], tmp_path: Path
) -> None:
    page = player_page(tmp_path / "page.html", content_of(long_sounds))
    denied = "{get() { throw new DOMException('denied', 'SecurityError'); }}"
    with opened(browser, page) as found:
        found.page.add_init_script(f"Object.defineProperty(window, 'localStorage', {denied})")
        found.page.reload()
        found.page.wait_for_selector("html[data-ready=yes]", state="attached")
        found.page.get_by_role("slider", name="Volume").fill("0.5")
        play(found, 0)
        moves(found, 0)
        found.check()


def test_what_is_pointed_at_plays_if_switched_on(
    browser: Browser, long_sounds: list[Item], tmp_path: Path
) -> None:
    with opened(browser, player_page(tmp_path / "page.html", content_of(long_sounds))) as found:
        found.page.evaluate("store.set({hovered: 1})")
        found.page.get_by_role("switch", name="Play what I point at").press("Space")
        assert found.page.evaluate("store.state.hoverPlays")
        moves(found, 1)
        # Over what the pointer only passes, nothing plays.
        found.page.evaluate("for (const hovered of [0, 2, 3]) store.set({hovered})")
        moves(found, 3)
        found.page.evaluate("store.set({hovered: -1})")
        found.wait("store.state.playing === -1 && audio.paused")
        assert found.page.evaluate("seen.playing") == [1, 3, -1]
        # What was asked for by a click goes on.
        play(found, 2)
        found.page.evaluate("store.set({hovered: 2}); store.set({hovered: -1})")
        # This timer ends after the one that would stop what was pointed at.
        found.page.evaluate("new Promise((done) => setTimeout(done, LEAVING_MS + 1))")
        assert found.page.evaluate("store.state.playing") == 2
        found.check()


def test_a_browser_that_refuses_to_play_is_answered_in_words(
    browser: Browser, long_sounds: list[Item], tmp_path: Path
) -> None:
    page = player_page(tmp_path / "page.html", content_of(long_sounds))
    policy = "--autoplay-policy=document-user-activation-required"
    strict = browser.browser_type.launch(
        executable_path=chromium_path(), args=[policy, "--mute-audio"], chromium_sandbox=False
    )
    # The page asks by itself, since what Playwright asks counts as the reader's own wish.
    with contextlib.closing(strict), opened(strict, f"{page.as_uri()}#play") as found:
        found.wait("seen.messages.length > 0")
        assert found.page.evaluate("seen.messages") == [CLICK]
        assert found.page.get_by_role("status").inner_text().startswith(CLICK)
        assert found.page.evaluate("store.state.playing") == -1
        found.page.get_by_role("button", name="Next").click()
        moves(found, 1)
        found.check()


def said(found: Opened, item: int) -> str:
    """Give what the page says when an item is to be played that cannot be."""
    found.page.evaluate("store.set({message: ''})")
    play(found, item)
    found.wait("store.state.message !== ''")
    found.wait("store.state.playing === -1")
    shown = found.page.locator(".message-box > span").inner_text()
    assert shown == found.page.evaluate("store.state.message")
    return shown


def test_what_cannot_be_played_is_told_in_words(browser: Browser, tmp_path: Path) -> None:
    need_ffmpeg()
    names = ["moved.wav", "kick.aiff", "noise.wav", "empty folder/gone.mp3"]
    os.mkdir(tmp_path / "empty folder")
    (tmp_path / "noise.wav").write_bytes(np.random.default_rng(0).bytes(5000))
    soundfile.write(tmp_path / "kick.aiff", np.zeros(8000), 8000)
    page = player_page(
        tmp_path / "page.html", content_of([Item(name, 0.0, 1.0) for name in names])
    )
    with opened(browser, page) as found:
        assert "1 of 4 sounds are AIFF" in found.page.locator(".player-words").inner_text()
        for item in (0, 3):
            assert said(found, item) == (
                f"The file {tmp_path.name}/{names[item]} is not where it was when this page was"
                " made. Put the page back where it was written, or write it again with"
                ' --report-audio embed (in Python, audio="embed").'
            )
        assert said(found, 1).startswith("Your browser does not play AIFF, which kick.aiff is.")
        assert said(found, 2).startswith("Your browser cannot decode noise.wav")
        # Chromium itself reports files that are gone as errors; the policy refused nothing.
        assert found.violations() == []


@pytest.mark.parametrize(
    ("audio", "folder", "words"),
    [
        ("none", "", "This page was written without sounds."),
        ("link", None, "The sounds were in memory when this page was made"),
        ("embed", None, "The sounds were in memory when this page was made"),
        ("embed", "", "long 9.wav has no sound here: it could not be read again"),
        ("representatives", "", "This page holds only the most typical sounds"),
    ],
)
def test_a_page_without_a_sound_says_why(
    browser: Browser, tmp_path: Path, audio: str, folder: str | None, words: str
) -> None:
    content = content_of([Item("long 9.wav", 0.0, 1.0)], folder=folder)
    with opened(browser, player_page(tmp_path / "page.html", content, audio)) as found:
        assert said(found, 0).startswith(words)
        assert found.page.locator("#player").is_visible() == (audio != "none")
        found.check()


HOSTILE = [
    b"100% #1?.wav",
    b"'\"<b>&amp;.wav",
    b"line\nbreak.wav",
    b"not utf-8 \xff\xe9.wav",
    "emoji \U0001f941 \u202egnp.wav".encode(),
    b"-rf --help.wav",
    b"javascript:alert(1).wav",
    b"a%20b%2Fc.wav",
    b"back\\slash;x=y.wav",
    b" leading and trailing .wav",
]


def test_files_of_any_name_play_by_their_links(
    browser: Browser, short_sounds: list[Item], tmp_path: Path
) -> None:
    folder = os.fsencode(tmp_path) + b"/odd #? \xff</script>:"
    os.makedirs(folder)
    for name in HOSTILE:
        shutil.copy(os.fsencode(tmp_path / "short 0.wav"), os.path.join(folder, name))
    names = [
        os.path.relpath(os.fsdecode(os.path.join(folder, one)), tmp_path) for one in HOSTILE
    ]
    names += [os.path.join(str(tmp_path), "short 1.wav"), "./short 2.wav"]
    shutil.copy(tmp_path / "short 0.wav", tmp_path / "javascript:0.wav")
    content = content_of(
        [Item(name, 0.0, 0.2) for name in (*names, "javascript:0.wav")], folder=str(tmp_path)
    )
    with opened(browser, player_page(tmp_path / "page.html", content)) as found:
        for item in range(len(content.items)):
            play(found, item)
            found.wait(f"seen.playing.at(-1) === -1 && seen.playing.at(-2) === {item}")
        assert found.page.evaluate("seen.messages") == []
        found.check()


def test_sounds_come_from_a_server(
    browser: Browser, short_sounds: list[Item], tmp_path: Path
) -> None:
    page = player_page(tmp_path / "page.html", content_of(short_sounds, folder="/x"), "serve")

    def answer(route: Route) -> None:
        asked = route.request.url.removeprefix("http://127.0.0.1:9/token/")
        if asked == "":
            route.fulfill(path=page, content_type="text/html")
        elif asked == "sound/3":
            route.fulfill(path=tmp_path / "short 3.wav", content_type="audio/wav")
        else:
            route.fulfill(status=404)

    with opened(browser, page) as found:
        found.page.route("http://127.0.0.1:9/**", answer)
        found.page.goto("http://127.0.0.1:9/token/")
        found.page.wait_for_selector("html[data-ready=yes]", state="attached")
        play(found, 3)
        found.wait("seen.playing.at(-1) === -1 && Math.max(...seen.times) > 0.1")
        assert "audioclust serve" in said(found, 1)
        assert found.violations() == []


@pytest.fixture
def slow_server() -> Iterator[Callable[[bytes, bytes], tuple[str, threading.Event]]]:
    """Give a function that serves a page in two parts, the second after an event."""
    servers: list[ThreadingHTTPServer] = []

    def serve(first: bytes, second: bytes) -> tuple[str, threading.Event]:
        rest = threading.Event()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.end_headers()
                self.wfile.write(first)
                rest.wait(60)
                self.wfile.write(second)

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}/", rest

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def test_a_page_is_ready_before_its_clips_have_arrived(
    browser: Browser,
    short_sounds: list[Item],
    tmp_path: Path,
    slow_server: Callable[[bytes, bytes], tuple[str, threading.Event]],
) -> None:
    content = content_of(short_sounds, folder=str(tmp_path))
    html = player_page(tmp_path / "page.html", content, "embed").read_bytes()
    cut = html.index(b'id="clip-2"') - 40
    url, rest = slow_server(html[:cut], html[cut:])
    with opened(browser, player_page(tmp_path / "empty.html", content, "none")) as found:
        found.page.goto(url, wait_until="commit")
        found.page.wait_for_selector("html[data-ready=yes]", state="attached")
        play(found, 3)
        assert found.page.evaluate("[document.readyState, seen.playing]") == ["loading", []]
        rest.set()
        found.wait("seen.playing.at(0) === 3 && seen.playing.at(-1) === -1")
        assert found.page.evaluate("seen.messages") == []
        found.check()


def test_the_bar_says_that_a_clip_is_a_part(
    browser: Browser, long_sounds: list[Item], tmp_path: Path
) -> None:
    content = content_of(long_sounds[:2])
    with opened(browser, player_page(tmp_path / "page.html", content, "embed")) as found:
        play(found, 1)
        assert (
            found.page.locator(".player-words").inner_text() == "the loudest 10 s of 1 min 00 s"
        )
        moves(found, 1)
        # The noise is equally loud everywhere, so only the length of the clip is known.
        assert found.page.evaluate("Math.abs(audio.duration - 10) < 0.1")
        where = found.page.evaluate("player.position().seconds - data.sounds.clips[1].from")
        assert 0 <= where < 10
        found.check()


def test_media_keys_know_what_plays(
    browser: Browser, long_sounds: list[Item], tmp_path: Path
) -> None:
    with opened(browser, player_page(tmp_path / "page.html", content_of(long_sounds))) as found:
        play(found, 2)
        moves(found, 2)
        shown = "[navigator.mediaSession.metadata.title, navigator.mediaSession.metadata.album]"
        assert found.page.evaluate(shown) == ["long 2.wav", "group 0"]
        found.check()


def test_a_message_goes_by_itself_unless_it_has_the_focus(
    browser: Browser, long_sounds: list[Item], tmp_path: Path
) -> None:
    with opened(browser, player_page(tmp_path / "page.html", content_of(long_sounds))) as found:
        found.page.clock.install()
        message = found.page.get_by_role("status")
        found.page.evaluate("store.set({message: 'First <b>words</b>.'})")
        assert message.inner_text().startswith("First <b>words</b>.")
        found.page.clock.fast_forward(60_000)
        assert message.inner_text() == ""
        found.page.evaluate("store.set({message: 'Second words.'})")
        found.page.get_by_role("button", name="Close").focus()
        found.page.clock.fast_forward(60_000)
        assert message.inner_text().startswith("Second words.")
        found.page.keyboard.press("Escape")
        assert message.inner_text() == ""
        found.check()


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_bar_fits_and_is_accessible(
    browser: Browser, long_sounds: list[Item], tmp_path: Path, width: int, scheme: str
) -> None:
    page = player_page(tmp_path / "page.html", content_of(long_sounds))
    size = {"width": width, "height": 640}
    with opened(browser, page, viewport=size, color_scheme=scheme) as found:
        found.page.evaluate("player.playAll([0, 1, 2], 'a group whose name is rather long')")
        moves(found, 0)
        found.page.evaluate("store.set({message: 'A message of some words. '.repeat(5)})")
        assert found.page.evaluate("document.documentElement.scrollWidth") == width
        box = found.page.locator("#player").bounding_box()
        assert box is not None
        assert box["y"] + box["height"] == pytest.approx(size["height"], abs=1)
        for one in found.page.locator("#player button, #player input, #player label").all():
            part = one.bounding_box()
            assert part is not None
            assert part["x"] >= 0
            assert part["x"] + part["width"] <= width
        results = Axe().run(found.page, {"include": ["#player", "#message"]})
        assert results.violations_count == 0, results.generate_report()
        found.check()


def test_a_report_plays_what_it_lists(
    browser: Browser, library: list[str], tmp_path: Path
) -> None:
    page = tmp_path / "report.html"
    ac.cluster(library, 6).report(page, audio="embed")
    with opened(browser, page) as found:
        assert found.page.locator("script[id^=clip-]").count() == len(library)
        found.page.get_by_role("button", name=re.compile("^Play all of")).first.click()
        found.wait("document.querySelector('audio').currentTime > 0")
        words = found.page.locator(".player-words").inner_text()
        assert re.search(r": \d+ of \d+$", words), words
        found.check()


def test_next_goes_to_what_the_page_holds(
    browser: Browser, short_sounds: list[Item], tmp_path: Path
) -> None:
    content = content_of(short_sounds, representatives=[0, 3])
    with opened(
        browser, player_page(tmp_path / "page.html", content, "representatives")
    ) as found:
        play(found, 0)
        found.page.get_by_role("button", name="Next").click()
        moves(found, 3)
        assert found.page.evaluate("seen.messages") == []
        found.check()


MEDIA_KEYS = """
window.keys = {};
window.told = [];
const {mediaSession} = navigator;
mediaSession.setActionHandler = (name, action) => { window.keys[name] = action; };
mediaSession.setPositionState = (state) => window.told.push(state);
"""


def test_media_keys_move_in_the_part_that_plays(
    browser: Browser, long_sounds: list[Item], tmp_path: Path
) -> None:
    page = player_page(
        tmp_path / "page.html", content_of([long_sounds[0]._replace(start=20.0, end=50.0)])
    )
    with opened(browser, page, script=MEDIA_KEYS) as found:
        play(found, 0)
        moves(found, 0)
        told = found.page.evaluate("told.at(-1)")
        assert told["duration"] == 30
        assert 0 <= told["position"] < 10
        for key, playing in (("play", 0), ("pause", -1), ("pause", -1), ("play", 0)):
            found.page.evaluate(f"keys.{key}()")
            assert found.page.evaluate("store.state.playing") == playing
        found.page.evaluate("keys.seekto({seekTime: 12})")
        found.wait("audio.currentTime >= 32 && !audio.paused")
        found.wait("told.at(-1).position >= 12")
        found.check()


def test_the_place_of_the_sound_is_not_said_all_the_time(
    browser: Browser, long_sounds: list[Item], tmp_path: Path
) -> None:
    with opened(browser, player_page(tmp_path / "page.html", content_of(long_sounds))) as found:
        play(found, 0)
        moves(found, 0)
        seek = found.page.get_by_role("slider", name="Position")
        said = seek.get_attribute("aria-valuetext")
        shown = found.page.locator(".player-time").inner_text()
        found.wait(f"document.querySelector('.player-time').textContent !== '{shown}'")
        found.wait("audio.currentTime > 2")
        assert seek.get_attribute("aria-valuetext") == said
        seek.focus()
        assert seek.get_attribute("aria-valuetext") != said
        found.check()


def test_the_same_message_again_is_read_again_and_stays_longer(
    browser: Browser, long_sounds: list[Item], tmp_path: Path
) -> None:
    with opened(browser, player_page(tmp_path / "page.html", content_of(long_sounds))) as found:
        found.page.clock.install()
        found.page.evaluate("tell(store, 'Some words.')")
        found.page.evaluate("window.first = document.querySelector('.message-box')")
        found.page.clock.fast_forward(6_000)
        found.page.evaluate("tell(store, 'Some words.')")
        assert found.page.evaluate("document.querySelector('.message-box') !== first")
        found.page.clock.fast_forward(6_000)
        assert found.page.get_by_role("status").inner_text().startswith("Some words.")
        found.check()
