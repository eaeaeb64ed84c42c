"""Where one decoder fails, another goes on, and nothing is missing or there twice."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import example, given, settings
from hypothesis import strategies as st

import audioclust as ac
from audioclust.audio.decoding import decoders, libsndfile
from audioclust.audio.decoding.ffmpeg import open_ffmpeg
from audioclust.audio.decoding.formats import UNKNOWN
from audioclust.audio.decoding.handover import open_in_turn
from audioclust.audio.decoding.native import open_native
from audioclust.audio.decoding.stream import Decoder, Request, Stream
from audioclust.errors import DecodeError, ItemWarning
from audioclust.utils.threads import Cancelled

SR = 8000
Y = np.random.default_rng(0).normal(0, 0.1, (300_000, 2)).astype(np.float32)
"""Longer than the first blocks, which are decoded when a file is opened."""

asked: list[str] = []
closed: list[str] = []


def fake(
    name: str,
    until: int | None = None,
    *,
    y: np.ndarray = Y,
    sr: int = SR,
    size: int = 30_000,
    promised: int | None = None,
    words: str | None = None,
    is_limit: bool = False,
) -> Decoder:
    """A decoder that gives `y`, and fails, or ends with a warning, where it is told to."""

    def blocks(warnings: list[ItemWarning]) -> Iterator[np.ndarray]:
        end = len(y) if until is None else until
        for at in range(0, end, size):
            yield y[at : min(end, at + size)]
        if words is not None:
            warnings.append(ItemWarning("partial", words))
        elif until is not None:
            raise DecodeError("corrupt", f"{name} gave up", is_limit)

    def opened(request: Request) -> Stream:
        asked.append(name)
        warnings: list[ItemWarning] = []
        close: Callable[[], None] = lambda: closed.append(name)  # noqa: E731
        return Stream(sr, blocks(warnings), close, None, warnings, promised)

    return Decoder(name, (UNKNOWN,), opened)


def decoded(
    *found: Decoder,
    limits: ac.Limits = ac.Limits(),  # noqa: B008 - it is frozen
) -> tuple[np.ndarray, str | None, list[str]]:
    asked.clear()
    closed.clear()
    with open_in_turn(found, Request("a", UNKNOWN, limits=limits)) as stream:
        y = np.concatenate(list(stream.blocks))
    return y, stream.decoder, [warning.message for warning in stream.warnings]


@given(
    first=st.integers(1, len(Y) - 1),
    second=st.integers(1, len(Y) - 1),
    sizes=st.tuples(st.integers(1000, 100_000), st.integers(1000, 100_000)),
)
def test_the_next_decoder_goes_on_where_one_fails(
    first: int, second: int, sizes: tuple[int, int]
) -> None:
    a, b = fake("a", first, size=sizes[0]), fake("b", second, size=sizes[1])
    y, _, warnings = decoded(a, b, fake("c"))
    np.testing.assert_array_equal(y, Y)
    assert not warnings
    if max(first, second) >= 0.1 * SR:
        y, _, warnings = decoded(a, b)
        np.testing.assert_array_equal(y, Y[: max(first, second)])
        assert len(warnings) == 1


def test_the_item_says_who_read_it_and_what_is_missing() -> None:
    _, decoder, warnings = decoded(fake("a", 200_000), fake("b", 100), fake("c"))
    assert (decoder, warnings) == ("a, then c", [])
    assert sorted(closed) == ["a", "b", "c"]
    # In the first blocks nothing has been given yet, so the other starts anew.
    _, decoder, warnings = decoded(fake("a", 20_000), fake("b", 40_000))
    assert (decoder, warnings) == ("b", ["5.00 s could be decoded: b gave up"])
    _, decoder, warnings = decoded(fake("a", 200_000, promised=240_000), fake("b", 100))
    told = "25.00 s of the 30.00 s that its header promises could be decoded: a gave up"
    assert (decoder, warnings) == ("a", [told])


def test_other_sound_is_not_joined() -> None:
    shifted = np.roll(Y, 1, axis=0)
    others = [fake("b", y=y) for y in (shifted, Y[:, :1], np.zeros_like(Y))]
    y, decoder, warnings = decoded(fake("a", 200_000), *others, fake("c", sr=2 * SR))
    np.testing.assert_array_equal(y, Y[:200_000])
    assert (decoder, warnings) == ("a", ["25.00 s could be decoded: a gave up"])
    assert closed.count("b") == 3
    # Two decoders of one lossy format differ by about the rounding of a sample.
    near = Y + np.float32(1e-6)
    y, decoder, warnings = decoded(fake("a", 200_000), fake("b", y=near))
    assert (len(y), decoder, warnings) == (len(Y), "a, then b", [])


SIZES = st.integers(1, 300)
"""Sizes of blocks, as of decoders that give a packet at a time."""

LOW = np.sin(2 * np.pi * 50 / 44_100 * np.arange(100_000, dtype=np.float32))[:, None]
"""A hum of 50 Hz, of which one sample is hardly different from the next."""


@settings(max_examples=20, deadline=None)
@given(
    sizes=st.tuples(SIZES, SIZES),
    silent=st.integers(0, 4000),
    shift=st.one_of(st.integers(-300, 300), st.sampled_from([-1, 1])),
    sound=st.sampled_from([Y[:100_000], LOW]),
)
@example(sizes=(300, 80), silent=80, shift=50, sound=Y[:100_000])
@example(sizes=(256, 256), silent=4000, shift=-1, sound=LOW)
def test_a_shift_is_seen_across_small_blocks_and_silence(
    sizes: tuple[int, int], silent: int, shift: int, sound: np.ndarray
) -> None:
    until = 70_000
    sound = sound.copy()
    sound[until - silent : until] = 0
    a, b = fake("a", until, y=sound, size=sizes[0]), np.roll(sound, shift, axis=0)
    y, decoder, warnings = decoded(a, fake("b", y=b, size=sizes[1]))
    if shift:
        assert (len(y), decoder, len(warnings)) == (until, "a", 1)
    else:
        np.testing.assert_array_equal(y, sound)
        assert (decoder, warnings) == ("a, then b", [])


def test_nothing_is_joined_where_silence_does_not_tell_whether_it_fits() -> None:
    for same in (0.0, 0.1):  # A constant is as silent.
        y = Y.copy()
        y[200_000 - 5000 : 200_000] = same
        found, decoder, warnings = decoded(fake("a", 200_000, y=y), fake("b", y=y))
        assert (len(found), decoder, len(warnings)) == (200_000, "a", 1)
    # Of so many channels, a first block has few frames; and those are compared from the start.
    many = np.zeros((5000, 1000), np.float32)
    for until, is_joined in ((2000, True), (4500, False)):
        a = fake("a", until, y=many, size=600)
        found, decoder, _ = decoded(a, fake("b", y=many, size=700))
        assert (decoder == "a, then b") == is_joined
        assert len(found) == (len(many) if is_joined else until)


def test_an_end_with_a_warning_is_like_a_failure() -> None:
    y, decoder, warnings = decoded(fake("a", 200_000, words="it is cut"), fake("b"))
    assert (len(y), decoder, warnings) == (len(Y), "a, then b", [])
    y, decoder, warnings = decoded(fake("a", 200_000, words="it is cut"))
    assert (len(y), decoder, warnings) == (
        200_000,
        "a",
        ["25.00 s could be decoded: it is cut"],
    )
    # Nothing is missing, so that no other decoder can have more.
    whole = fake("a", len(Y), words="the checksum is wrong", promised=len(Y))
    _, decoder, warnings = decoded(whole, fake("b"))
    told = ["37.50 s could be decoded: the checksum is wrong"]
    assert (decoder, warnings, asked, closed) == ("a", told, ["a"], ["a"])
    short = Y[:20_000]
    whole = fake("a", y=short, words="the checksum is wrong", promised=len(short))
    _, decoder, warnings = decoded(whole, fake("b", y=short))
    told = ["2.50 s could be decoded: the checksum is wrong"]
    assert (decoder, warnings, asked) == ("a", told, ["a"])


def test_a_promise_that_is_not_kept_is_told() -> None:
    _, _, warnings = decoded(fake("a", promised=len(Y) + 8000))
    told = "37.50 s of the 38.50 s that its header promises could be decoded: it ends early"
    assert warnings == [told]
    _, _, warnings = decoded(fake("a", promised=len(Y) - 1))
    assert warnings == []


def test_too_little_is_an_error() -> None:
    with pytest.raises(DecodeError, match="^a gave up$"):
        decoded(fake("a", 799))
    y, _, warnings = decoded(fake("a", 800))
    assert len(y) == 800
    assert warnings == ["0.10 s could be decoded: a gave up"]
    with pytest.raises(DecodeError, match="^a: a gave up; b: b gave up$"):
        decoded(fake("a", 0), fake("b", 0))
    with pytest.raises(DecodeError, match="its header promises sound"):
        decoded(fake("a", y=Y[:0], promised=3))


def test_no_more_than_the_limit_is_decoded() -> None:
    y, _, warnings = decoded(fake("a"), limits=ac.Limits(seconds=20))
    np.testing.assert_array_equal(y, Y[: 20 * SR])
    assert warnings == ["only the first 20.00 s are used, which is the limit"]
    exact = ac.Limits(seconds=len(Y) / SR)
    y, _, warnings = decoded(fake("a"), limits=exact)
    assert (len(y), warnings) == (len(Y), [])


def test_a_file_that_one_decoder_gives_up_at_a_limit_is_given_to_no_other() -> None:
    for until in (800, 20_000, 200_000):
        y, decoder, warnings = decoded(fake("a", until, is_limit=True), fake("b"))
        np.testing.assert_array_equal(y, Y[:until])
        assert (decoder, asked, closed) == ("a", ["a"], ["a"])
        assert warnings == [f"{until / SR:.2f} s could be decoded: a gave up"]
    for until in (0, 799):
        with pytest.raises(DecodeError, match="a gave up$"):
            decoded(fake("a", until, is_limit=True), fake("b"))
        assert (asked, closed) == (["a"], ["a"])
    # Also if it is the second one that meets the limit, where the first had failed.
    for first, second in ((20_000, 0), (20_000, 10_000), (200_000, 100_000), (200_000, 0)):
        limited = fake("b", second, is_limit=True)
        y, decoder, _ = decoded(fake("a", first), limited, fake("c"))
        assert (len(y), decoder) == (first, "a")
        assert asked == ["a", "b"]
        assert sorted(closed) == ["a", "b"]


@pytest.mark.parametrize("until", [20_000, 200_000])
def test_nothing_stays_open_after_an_exception(until: int) -> None:
    def broken(request: Request) -> Stream:
        raise MemoryError

    with pytest.raises(MemoryError):
        decoded(fake("a", until), Decoder("b", (UNKNOWN,), broken))
    assert closed == ["a"]


@pytest.mark.parametrize("until", [None, 200_000])
def test_work_that_is_to_stop_does_not_wait_for_what_is_skipped(until: int | None) -> None:
    """What comes before the part asked for is skipped, and so is what another has decoded."""
    stop = threading.Event()
    skipped = []

    def blocks() -> Iterator[np.ndarray]:
        for number in range(6):
            stop.set()
            skipped.append(number)
            yield Y[:0] if until is None else Y[number * 30_000 : (number + 1) * 30_000]
        yield Y[180_000:]

    def opened(request: Request) -> Stream:
        return Stream(SR, blocks(), lambda: closed.append("b"), "b")

    closed.clear()
    found = [Decoder("b", (UNKNOWN,), opened)]
    if until is not None:
        found.insert(0, fake("a", until))
    request = Request("x", UNKNOWN, stop=stop)
    with pytest.raises(Cancelled), open_in_turn(found, request) as stream:
        list(stream.blocks)
    assert skipped == [0]
    assert closed == (["b"] if until is None else ["b", "a"])


def test_every_decoder_gives_empty_blocks_while_it_skips(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    y = np.random.default_rng(0).uniform(-0.5, 0.5, 3_000_000).astype(np.float32)
    path = tmp_path / "a.wav"
    soundfile.write(path, y, SR, subtype="FLOAT")
    request = Request(str(path), "WAV", offset=2_700_000.5 / SR)

    def fail(*_: object) -> int:
        raise RuntimeError

    monkeypatch.setattr(libsndfile._Reader, "seek", fail)
    for opened in (open_native, libsndfile.open_soundfile, open_ffmpeg):
        with opened(request) as stream:
            sizes = []
            parts = []
            for block in stream.blocks:
                sizes.append(len(block))
                parts.append(block)
        # A slice is 2**20 frames at most, so that one takes some milliseconds.
        assert sizes[:3] == [0, 0, 0], opened
        np.testing.assert_array_equal(np.concatenate(parts)[:, 0], y[2_700_000:])


def music(path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write a FLAC file, and note which decoders are asked for it."""

    def noted(one: Decoder) -> Decoder:
        def opened(request: Request) -> Stream:
            asked.append(one.name)
            return one.open(request)

        return dataclasses.replace(one, open=opened)

    asked.clear()
    monkeypatch.setattr(decoders, "DECODERS", tuple(map(noted, decoders.DECODERS)))
    soundfile.write(path, Y[:, 0], SR)
    return path


def test_a_flac_file_is_given_up_at_the_limit_of_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = music(tmp_path / "a.flac", monkeypatch)
    (item,) = ac.extract(path, limits=ac.Limits(work=0.5), n_jobs=1).items
    assert (item.decoder, asked) == ("symphonia", ["symphonia"])
    assert 0.3 < item.end / (len(Y) / SR) < 0.8
    assert "0.5 times its size" in item.warnings[0].message
    asked.clear()
    with pytest.raises(ac.NothingExtractedError, match="0.001 times its size"):
        ac.extract(path, limits=ac.Limits(work=1e-3), n_jobs=1)
    assert asked == ["symphonia"]


def test_a_flac_file_with_all_its_frames_is_decoded_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = music(tmp_path / "a.flac", monkeypatch)
    content = bytearray(path.read_bytes())
    content[26] ^= 1  # The first byte of the MD5 sum.
    path.write_bytes(content)
    (item,) = ac.extract(path, n_jobs=1).items
    assert (item.end, asked) == (len(Y) / SR, ["symphonia"])
    assert "checksum" in item.warnings[0].message
    asked.clear()
    part = ac.Preparation(offset=1.0, duration=2.5)
    assert not ac.extract(path, preparation=part, n_jobs=1).items[0].warnings
    with open_native(Request(str(path), "FLAC", offset=1.0, duration=2.5)) as stream:
        assert stream.promised == 2.5 * SR
    with open_native(Request(str(path), "FLAC", offset=1.0)) as stream:
        assert stream.promised == len(Y) - SR


def test_limits_are_positive() -> None:
    for name in ("seconds", "work"):
        with pytest.raises(ac.ParameterError, match=f"^{name}=0"):
            ac.Limits(**{name: 0})


def test_every_result_knows_how_its_sounds_were_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.sound"
    path.write_text("x")
    monkeypatch.setattr(decoders, "DECODERS", (fake("a", 200_000), fake("b", 100)))
    told = (ItemWarning("partial", "25.00 s could be decoded: a gave up"),)
    table = ac.extract(path, n_jobs=1)
    parts: list[ac.Item | ac.Extent] = [
        table.items[0],
        ac.cluster(table, 1).items[0],
        ac.segment(path, 1, n_jobs=1).recordings[0],
        ac.segment(path, 1, n_jobs=1).items[0],
        ac.onsets(path, 1, n_jobs=1).items[0],
    ]
    assert {(part.decoder, part.warnings) for part in parts} == {("a", told)}
    assert table.items[0].end == 25.0
    five = ac.Limits(seconds=5)
    limited = [
        ac.extract(path, limits=five, n_jobs=1).items[0],
        ac.cluster(path, 1, limits=five, n_jobs=1).items[0],
        ac.segment(path, 1, limits=five, n_jobs=1).items[0],
        ac.onsets(path, 1, limits=five, n_jobs=1).items[0],
    ]
    words = "only the first 5.00 s are used, which is the limit"
    assert {part.warnings for part in limited} == {(ItemWarning("partial", words),)}


def test_a_prediction_takes_limits(tmp_path: Path) -> None:
    loud, quiet = 0.5 * Y[: 5 * SR, 0], 0.05 * Y[: 5 * SR, 0]
    result = ac.cluster({"loud": (loud, SR), "quiet": (quiet, SR)}, 2, features="rms", n_jobs=1)
    path = tmp_path / "a.wav"
    soundfile.write(path, np.concatenate([quiet[:SR], loud]), SR, subtype="FLOAT")
    assert result.predict(path, n_jobs=1) == result.labels[:1]
    assert result.predict(path, n_jobs=1, limits=ac.Limits(seconds=1)) == result.labels[1:]
