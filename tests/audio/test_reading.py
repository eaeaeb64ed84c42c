"""Recordings and items read into memory."""

from __future__ import annotations

from pathlib import Path

import librosa
import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray
from support.sounds import tone

from audioclust.audio.reading import blocks_of, one_recording, read, read_as_it_is
from audioclust.audio.recording import Recording
from audioclust.audio.spans import Item
from audioclust.errors import (
    DecodeError,
    NoAudioError,
    NothingExtractedError,
    ParameterError,
    SignalError,
)

SR = 8000


@pytest.fixture
def noise(tmp_path: Path) -> tuple[str, NDArray[np.float32]]:
    """A file of three seconds, and its samples."""
    y = np.random.default_rng(0).uniform(-1, 1, 3 * SR).astype(np.float32)
    path = str(tmp_path / "noise.wav")
    soundfile.write(path, y, SR, subtype="FLOAT")
    return path, y


def test_a_recording_is_read_as_librosa_reads_it(
    noise: tuple[str, NDArray[np.float32]],
) -> None:
    path, y = noise
    sound = read(Recording(path), None)
    assert (sound.sr, sound.own_sr) == (SR, SR)
    np.testing.assert_array_equal(sound.y, y)
    sound = read(Recording(path), 22050, offset=0.5, duration=1.0)
    assert (sound.sr, sound.own_sr) == (22050, SR)
    np.testing.assert_array_equal(sound.y, librosa.load(path, offset=0.5, duration=1.0)[0])


def test_an_item_is_read_to_its_last_sample(noise: tuple[str, NDArray[np.float32]]) -> None:
    path, y = noise
    for start, stop in [(0, 3 * SR), (1, 2), (799, 8001), (1234, 5679), (23_999, 24_000)]:
        item = Item(path, start / SR, stop / SR)
        np.testing.assert_array_equal(read(item, None).y, y[start:stop])
        blocks = [block for block, _ in blocks_of(item)]
        np.testing.assert_array_equal(np.concatenate(blocks), y[start:stop])
    part = read(Item(path, 1.0, 2.0), None, offset=0.25, duration=9.0)
    np.testing.assert_array_equal(part.y, y[SR + SR // 4 : 2 * SR])
    part = read(Item(path, 1.0, 2.0), None, duration=0.5)
    np.testing.assert_array_equal(part.y, y[SR : SR + SR // 2])


def test_blocks_come_after_the_rate(noise: tuple[str, NDArray[np.float32]]) -> None:
    path, y = noise
    for what in (Recording(path), Recording("y", (y, SR)), Item(path, 0.0, 3.0)):
        first, *others = blocks_of(what, 1.5)
        assert len(first[0]) == 0
        assert {sr for _, sr in (first, *others)} == {SR}
        np.testing.assert_array_equal(np.concatenate([b for b, _ in others]), y[: 3 * SR // 2])


def test_all_channels_are_kept_if_asked_for(tmp_path: Path) -> None:
    y = np.random.default_rng(0).uniform(-1, 1, (SR, 3)).astype(np.float32)
    soundfile.write(tmp_path / "y.wav", y, SR, subtype="FLOAT")
    found, sr = read_as_it_is(Recording(str(tmp_path / "y.wav")))
    assert sr == SR
    np.testing.assert_array_equal(found, y)
    np.testing.assert_array_equal(read_as_it_is(Recording("y", (y.T, SR)))[0], y)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_samples_that_are_not_finite_are_an_error(value: float) -> None:
    y = tone()
    y[100] = value
    with pytest.raises(NothingExtractedError) as failed:
        read(Recording("y", (y, SR)), None)
    (error,) = failed.value.errors
    assert error == ("y", "corrupt", "it has samples that are not finite numbers")
    with pytest.raises(SignalError, match="not finite"):
        list(blocks_of(Recording("y", (y, SR))))


def test_no_samples_are_an_error() -> None:
    silent = Recording("y", (tone()[:0], SR))
    with pytest.raises(NothingExtractedError) as failed:
        read(silent, 22050)
    assert failed.value.errors[0].kind == "empty"
    with pytest.raises(DecodeError, match="no samples"):
        read_as_it_is(silent)
    with pytest.raises(NothingExtractedError, match="in the part asked for"):
        read(Recording("y", (tone(), SR)), None, offset=1000.0)


def test_a_source_may_have_to_be_one_recording(
    noise: tuple[str, NDArray[np.float32]], tmp_path: Path
) -> None:
    path, y = noise
    assert one_recording(tmp_path) == one_recording([path]) == Recording(path)
    assert one_recording({"y": (y, SR)}) == Recording("y", (y, SR))
    with pytest.raises(ParameterError, match="has 2 recordings: expected one"):
        one_recording({"a": (y, SR), "b": (y, SR)})
    with pytest.raises(NoAudioError):
        one_recording([])
