"""Links find the files, and clips are the loudest part of what they are of."""

from __future__ import annotations

import base64
import io
import json
import os
import urllib.parse
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from support.encodes import ffmpeg_decoded, need_ffmpeg
from support.players import content_of

from audioclust.audio.spans import Item
from audioclust.errors import ItemError
from audioclust.listening.encoding import numbered
from audioclust.report.clips import CLIP_RATE, CLIP_SECONDS, Clip, clips_of
from audioclust.report.sounds import apart, quoted, sounds_of

NOT_ENCODED = "-_.!~*'()"
"""What JavaScript's encodeURIComponent() leaves as it is, beside letters and digits."""

NAMES = st.binary(min_size=1, max_size=20).filter(
    lambda name: not {0, 47} & set(name) and name not in (b".", b"..")
)


def address(sounds: dict[str, Any], place: int, shown: str, page: str) -> str:
    """Give the URL that a page at some URL has for an item, as player.js makes it."""
    folder: str = sounds["folders"][sounds["folder"][place]]["url"]
    file = sounds["files"].get(str(place))
    name = urllib.parse.quote(shown, safe=NOT_ENCODED) if file is None else file
    return urllib.parse.urljoin(page, folder + name)


@given(folders=st.lists(NAMES, max_size=3), name=NAMES)
def test_links_lead_to_the_file_whatever_its_name(folders: list[bytes], name: bytes) -> None:
    path = b"/".join([*folders, name])
    content = content_of([Item(os.fsdecode(path), 0.0, 1.0)], folder="/music/all of it")
    sounds = sounds_of(content, "link", "/music/pages")
    url = address(sounds, 0, os.fsdecode(name), "file:///music/pages/report.html")
    parts = urllib.parse.urlsplit(url)
    assert (parts.scheme, parts.netloc, parts.query, parts.fragment) == ("file", "", "", "")
    assert urllib.parse.unquote_to_bytes(parts.path) == b"/music/all of it/" + path


@pytest.mark.parametrize("name", ["javascript:alert(1).wav", "./http://x/y.wav", "a:b/c:d.wav"])
def test_no_name_is_taken_for_another_address(name: str) -> None:
    sounds = sounds_of(content_of([Item(name, 0.0, 1.0)], folder="/music"), "link", "/music")
    url = address(sounds, 0, os.path.basename(name), "file:///music/report.html")
    expected = f"file:///music/{quoted(os.path.normpath(name))}"
    assert urllib.parse.unquote(url) == urllib.parse.unquote(expected)
    assert ":" not in url.removeprefix("file:///")


def test_only_addresses_that_browsers_open_are_linked_to() -> None:
    names = ["https://x/a b/y.wav", "s3://x/y.wav", "javascript://x/y.wav", "z.wav"]
    content = content_of([Item(name, 0.0, 1.0) for name in names], folder="/music")
    sounds = sounds_of(content, "link", "/music")
    urls = [folder["url"] for folder in sounds["folders"]]
    assert urls == ["https://x/a b/", None, None, ""]


def test_only_names_that_are_shown_otherwise_are_written_twice() -> None:
    names = ["kick.wav", "what? 50% #1.wav", "日本.wav", "a\nb.wav", "\udcff.wav"]
    content = content_of([Item(f"drums/{name}", 0.0, 1.0) for name in names])
    sounds = sounds_of(content, "link", os.getcwd())
    assert sounds["files"] == {"3": "a%0Ab.wav", "4": "%FF.wav"}
    assert sounds["folders"] == [{"name": "drums", "url": "drums/"}]


def test_files_on_another_drive_have_whole_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    def relpath(path: str, start: str) -> str:
        raise ValueError("path is on mount 'D:', start on mount 'C:'")

    monkeypatch.setattr(os.path, "relpath", relpath)
    items = [Item("a b/kick.wav", 0.0, 1.0), Item("/snare.wav", 0.0, 1.0)]
    sounds = sounds_of(content_of(items, folder="/drums"), "link", "/pages")
    assert [one["url"] for one in sounds["folders"]] == ["file:///drums/a%20b/", "file:///"]


def test_links_of_many_items_take_little_room() -> None:
    items = [Item(f"pack {i % 300}/kick {i:06d}.wav", 0.0, 1.0) for i in range(20_000)]
    sounds = sounds_of(content_of(items), "link", os.getcwd())
    del sounds["folder"]
    assert len(json.dumps(sounds)) < 300 * 60


def test_a_page_says_what_cannot_be_heard(tmp_path: Path) -> None:
    items = [Item("a.wav", 0.0, 1.0), Item("b.AIF", 0.0, 1.0), Item("c.caf", 0.0, 1.0)]
    linked = sounds_of(content_of(items), "link", "/")
    assert linked["note"].startswith("2 of 3 sounds are AIFF and CAF, which most browsers do")
    assert linked["unplayable"] == {".aif": "AIFF", ".caf": "CAF"}
    more = [*items, *(Item(f"d.{suffix}", 0.0, 1.0) for suffix in ("wv", "ape", "AIFF"))]
    several = sounds_of(content_of(more), "link", "/")
    words = "5 of 6 sounds are AIFF, Monkey's Audio, CAF and others, which"
    assert several["note"].startswith(words)
    for audio in ("link", "embed", "representatives"):
        memory = sounds_of(content_of(items, folder=None), audio, "/")
        assert "the sounds were in memory" in memory["note"]
        assert memory["folders"][0]["url"] is None
    missing = sounds_of(content_of(items, folder=str(tmp_path)), "embed", "/")
    assert missing["note"] == "3 of 3 sounds could not be read again."
    assert missing["missing"]["0"].startswith("unreadable: ")
    served = sounds_of(content_of(items), "serve", "/")
    assert (served["mode"], served["note"], served["clips"]) == ("serve", "", {})


def decoded(uri: str) -> tuple[np.ndarray, int]:
    """Give the samples of a clip, of shape (frames, channels), and their rate."""
    kind, data = uri.split(",", 1)
    assert kind == "data:audio/ogg;base64"
    y, sr = soundfile.read(io.BytesIO(base64.b64decode(data)), always_2d=True)
    return y, sr


def clips(*items: Item) -> list[Clip]:
    found = clips_of(items)
    assert all(isinstance(one, Clip) for one in found), found
    return found  # type: ignore[return-value]


MUSIC = (
    "147793__setuniman__sweet-waltz-0i-22mi.hq.ogg",
    "glacier-bay-humpback.hq.ogg",
    "sorohanro_-_solo-trumpet-06.hq.ogg",
)


@pytest.mark.parametrize("name", MUSIC)
def test_a_clip_is_the_loudest_part_of_its_recording(data: Path, name: str) -> None:
    path = data / "music" / name
    y, sr = soundfile.read(path, always_2d=True)
    (clip,) = clips(Item(str(path), 0.0, len(y) / sr))
    sound, rate = decoded(clip.uri)
    assert rate == CLIP_RATE
    assert sound.shape[1] == y.shape[1]
    assert len(sound) / rate == pytest.approx(clip.seconds, abs=1e-6)
    assert clip.seconds == pytest.approx(min(CLIP_SECONDS, len(y) / sr), abs=1e-3)
    # The energy of each stretch of this length, by another way than the running sums of ours.
    n = min(len(y), round(CLIP_SECONDS * sr))
    power = y.mean(axis=1) ** 2
    energies = np.array([power[at : at + n].sum() for at in range(0, len(y) - n + 1, sr // 20)])
    at = round(clip.start * sr)
    # Only starts on a grid were tried, and our decoder rounds samples to float32.
    assert power[at : at + n].sum() >= energies.max() * (1 - 1e-5)


@pytest.mark.parametrize("name", MUSIC)
def test_a_clip_sounds_as_its_recording_does(data: Path, name: str, tmp_path: Path) -> None:
    need_ffmpeg()
    path = data / "music" / name
    (clip,) = clips(Item(str(path), 2.0, 5.0))
    sound, rate = decoded(clip.uri)
    y, sr = soundfile.read(path, start=0, always_2d=True)
    start, stop = round(2.0 * sr), round(5.0 * sr)
    times = np.arange(len(sound)) / rate * sr + start
    expected = np.stack([np.interp(times, np.arange(len(y)), one) for one in y.T], axis=1)
    # Opus keeps the shape of what is loud, if not of noise, and its place in time.
    lags = range(-480, 481, 8)
    alike = [
        np.corrcoef(np.roll(sound, lag, 0).ravel(), expected.ravel())[0, 1] for lag in lags
    ]
    assert max(alike) > 0.75
    assert lags[int(np.argmax(alike))] == 0
    assert abs(len(sound) / rate - (stop - start) / sr) < 0.01
    # A lossy codec may go a little beyond what it was given, which is within full scale.
    assert np.abs(sound).max() < 1.2
    file = tmp_path / "clip.ogg"
    file.write_bytes(base64.b64decode(clip.uri.split(",", 1)[1]))
    judged = ffmpeg_decoded(file)
    assert judged is not None
    assert judged[1] == rate
    assert abs(len(judged[0]) - len(sound)) < rate // 50
    n = min(len(judged[0]), len(sound))
    assert np.corrcoef(judged[0][:n].ravel(), sound[:n].ravel())[0, 1] > 0.99


def test_clips_of_the_same_sounds_are_the_same(data: Path) -> None:
    items = [Item(str(path), 0.0, 0.2) for path in sorted((data / "digits").iterdir())[:8]]
    assert clips(*items) == clips(*reversed(items))[::-1]


def slow_checksum(data: bytes) -> int:
    """Give Ogg's checksum bit by bit, as RFC 3533 says."""
    checksum = 0
    for byte in data:
        checksum ^= byte << 24
        for _ in range(8):
            checksum = (checksum << 1) ^ (0x04C11DB7 if checksum & 0x80000000 else 0)
            checksum &= 0xFFFFFFFF
    return checksum


@given(
    bodies=st.lists(st.binary(max_size=600), min_size=1, max_size=4),
    streams=st.tuples(*[st.integers(0, 2**32 - 1)] * 2),
)
def test_an_ogg_file_does_not_depend_on_the_number_of_its_stream(
    bodies: list[bytes], streams: tuple[int, int]
) -> None:
    def file(stream: int) -> bytes:
        pages = []
        for number, body in enumerate(bodies):
            lengths = [255] * (len(body) // 255) + [len(body) % 255]
            head = b"OggS" + bytes(10) + stream.to_bytes(4, "little")
            head += number.to_bytes(4, "little")
            tail = bytes([len(lengths), *lengths]) + body
            checksum = slow_checksum(head + bytes(4) + tail)
            pages.append(head + checksum.to_bytes(4, "little") + tail)
        return b"".join(pages)

    assert numbered(file(streams[0])) == numbered(file(streams[1])) == file(1)


def without(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Let libsndfile lack some formats."""
    left = {k: v for k, v in soundfile.available_formats().items() if k not in names}
    monkeypatch.setattr(soundfile, "available_formats", lambda: left)


def test_other_formats_stand_in_for_opus(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    item = Item(str(data / "drums" / "125_bounce.wav"), 0.0, 1.0)
    without(monkeypatch, "OGG")
    assert clips(item)[0].uri.startswith("data:audio/mpeg;base64,")
    without(monkeypatch, "OGG", "MP3")
    assert clips(item)[0].uri.startswith("data:audio/wav;base64,")


def test_only_cuts_are_faded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without(monkeypatch, "OGG", "MP3")
    soundfile.write(tmp_path / "y.wav", np.full((CLIP_RATE, 2), 0.5), CLIP_RATE)
    fade = round(0.003 * CLIP_RATE)
    for start in (0.0, 0.25):
        (clip,) = clips(Item(str(tmp_path / "y.wav"), start, 0.75))
        file = io.BytesIO(base64.b64decode(clip.uri.split(",", 1)[1]))
        y, _ = soundfile.read(file, always_2d=True)
        assert y.shape == (round((0.75 - start) * CLIP_RATE), 2)
        np.testing.assert_allclose(y[fade:-fade], 0.5, atol=1e-4)
        assert y[-1, 0] < 0.01
        assert (y[0, 0] < 0.01) == (start > 0)


def test_a_sound_beyond_full_scale_is_not_clipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without(monkeypatch, "OGG", "MP3")
    wave = 3.0 * np.sin(np.arange(CLIP_RATE) * 0.05)
    soundfile.write(tmp_path / "y.wav", wave, CLIP_RATE, subtype="FLOAT")
    (clip,) = clips(Item(str(tmp_path / "y.wav"), 0.0, 1.0))
    y, _ = soundfile.read(io.BytesIO(base64.b64decode(clip.uri.split(",", 1)[1])))
    # The fade at the end, and the steps of 16 bits.
    np.testing.assert_allclose(y[:-200], wave[:-200] / np.abs(wave).max(), atol=1e-4)


def test_more_than_two_channels_become_one(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "y.wav", np.full((4800, 6), 0.1), 48_000)
    (clip,) = clips(Item(str(tmp_path / "y.wav"), 0.0, np.inf))
    assert decoded(clip.uri)[0].shape == (4800, 1)


def test_what_cannot_be_decoded_has_no_clip(tmp_path: Path, data: Path) -> None:
    (tmp_path / "bad.wav").write_bytes(b"RIFF no sound at all")
    good = data / "drums" / "125_bounce.wav"
    bad, fine = clips_of([Item(str(tmp_path / "bad.wav"), 0.0, 1.0), Item(str(good), 0.0, 1.0)])
    assert isinstance(bad, ItemError)
    assert isinstance(fine, Clip)


def test_a_page_holds_clips_of_representatives_or_of_all(data: Path) -> None:
    paths = sorted((data / "digits").iterdir())[:6]
    items = [Item(path.name, 0.0, 0.2) for path in paths]
    content = content_of(items, [0, 0, 0, 1, 1, 1], [1, 5], str(data / "digits"))
    some, held = apart(sounds_of(content, "representatives", "/"))
    assert set(some["clips"]) == set(held) == {"1", "5"}
    assert some["clips"]["1"] == {"from": 0.0, "seconds": 0.2}
    assert all(uri.startswith("data:audio/ogg;base64,") for uri in held.values())
    assert some["note"] == "This page holds only the most typical sounds of each group."
    assert set(apart(sounds_of(content, "embed", "/"))[1]) == {*"012345"}
