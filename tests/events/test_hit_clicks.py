"""Clicks are put where hits start, and written to files."""

from __future__ import annotations

import itertools
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import mir_eval
import numpy as np
import pytest
import soundfile
from support.hits import loop, two_clusters

import audioclust as ac
from audioclust.listening.clicks import click, pitches, with_clicks

if TYPE_CHECKING:
    from numpy.typing import NDArray


@pytest.mark.parametrize("pitch", [500.0, 1000.0])
@pytest.mark.parametrize("sr", [8000, 22050, 44100, 48000])
def test_a_click_is_mir_evals(sr: int, pitch: float) -> None:
    made = mir_eval.sonify.clicks(np.zeros(1), sr, length=int(0.1 * sr))
    if pitch == 1000.0:
        np.testing.assert_allclose(click(pitch, sr)[: len(made)], made, atol=1e-12)
    spectrum = np.abs(np.fft.rfft(click(pitch, sr), sr))
    assert abs(int(spectrum.argmax()) - pitch) < 5


def first_samples(track: NDArray[Any], times: NDArray[np.float64], sr: int) -> list[int]:
    """Where sound starts after each time, looked for from shortly before it."""
    found = []
    for time in times:
        before = max(0, int(time * sr) - 20)
        loud = np.abs(track[before : before + 60]) > 1e-4
        found.append(before + int(loud.argmax()))
    return found


@pytest.mark.parametrize("sr", [8000, 22050, 44100, 48000, 11025])
@pytest.mark.parametrize("label", [None, 0, 1, "all"])
def test_clicks_are_where_mir_eval_puts_them(sr: int, label: Any) -> None:
    y = loop(sr)[0]
    result = ac.onsets({"y": (y, sr)}, 2)
    made = result.sonify(label)
    assert (made.sr, made.y.shape) == (sr, y.shape)
    track = made.y / made.gain - y.astype(np.float64)
    chosen = np.ones(16, bool) if label in (None, "all") else result.labels == label
    times = result.times[chosen]
    expected = mir_eval.sonify.clicks(times, sr, length=len(y))
    ours, theirs = (first_samples(x, times, sr) for x in (track, expected))
    assert np.abs(np.subtract(ours, theirs)).max() <= 1
    # And nowhere else.
    near = np.convolve(np.abs(expected) > 0, np.ones(5), "same") > 0
    assert np.abs(track[~near]).max() < 1e-4


def test_each_cluster_has_a_pitch_of_its_own() -> None:
    result = two_clusters()
    made = result.sonify()
    y = loop()[0]
    track = made.y / made.gain - y
    for sample, label in zip(result.samples, result.labels, strict=True):
        spectrum = np.abs(np.fft.rfft(track[sample : sample + 2000], 22050))
        assert abs(int(spectrum.argmax()) - result.pitches[label]) < 20
    assert all(b / a > 1.1 for a, b in itertools.pairwise(result.pitches))


@pytest.mark.parametrize("sr", [8000, 44100])
@pytest.mark.parametrize("n", [1, 2, 4, 12])
def test_pitches_rise_and_can_be_heard(n: int, sr: int) -> None:
    found = pitches(n, sr)
    assert len(found) == n
    assert all(a < b for a, b in itertools.pairwise(found))
    assert found[0] > 100
    assert found[-1] <= 0.45 * sr


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize(("suffix", "sr"), [(".wav", 44100), (".flac", 8000), (".wav", 22050)])
def test_a_rendered_file_is_as_long_as_its_source(
    tmp_path: Path, suffix: str, sr: int, channels: int
) -> None:
    y = np.stack([loop(sr)[0]] * channels, axis=1)
    source = tmp_path / f"source{suffix}"
    soundfile.write(source, y, sr)
    ac.onsets(source, 2).sonify(path=tmp_path / "clicks.wav")
    made, written = soundfile.info(source), soundfile.info(tmp_path / "clicks.wav")
    assert (made.frames, made.samplerate, made.channels) == (
        written.frames,
        written.samplerate,
        written.channels,
    )


@pytest.mark.parametrize("level", [1e-3, 0.3, 1.0])
def test_nothing_clips_and_what_was_scaled_is_said(tmp_path: Path, level: float) -> None:
    y = loop()[0]
    y = (level * y / np.abs(y).max()).astype(np.float32)
    made = ac.onsets({"y": (y, 22050)}, 2).sonify(path=tmp_path / "clicks.wav")
    written, _ = soundfile.read(tmp_path / "clicks.wav", dtype="int16")
    assert np.abs(made.y).max() <= 1
    # Neither end of the range is reached twice running, as it is where waves are cut off.
    ends = np.abs(written.astype(int)) >= 32767
    assert not np.any(ends[1:] & ends[:-1])
    assert (made.gain == 1) == (level < 0.5)
    # What is left without the clicks is the source at that gain.
    np.testing.assert_allclose(made.y[:3000], made.gain * y[:3000], atol=1e-7)


def test_clicks_end_with_the_recording() -> None:
    y = np.full((1000, 1), 0.1, np.float32)
    made = with_clicks(y, 22050, [(990, 1000.0), (5000, 1000.0)])
    assert made.y.shape == (1000,)
    np.testing.assert_allclose(made.y[:990], 0.1)


@pytest.mark.parametrize("label", [2, -1, "loud"])
def test_a_cluster_there_is_not_is_refused(label: Any, tmp_path: Path) -> None:
    result = two_clusters()
    for call in (result.sonify, lambda label: result.write_hits(label, tmp_path)):
        with pytest.raises(ac.ParameterError, match="label=.*: expected an int from 0 to 1"):
            call(label)


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".ogg", ".aiff"])
def test_formats_are_written_whatever_the_name(tmp_path: Path, suffix: str) -> None:
    name = os.fsdecode(b"clicks \xff \xe6\x97\xa5" + suffix.encode())
    made = two_clusters().sonify(path=tmp_path / name)
    with open(tmp_path / name, "rb") as file:
        written, sr = soundfile.read(file)
    assert (len(written), sr) == (len(made.y), 22050)
    bound = 0.2 if suffix == ".ogg" else 1e-4
    np.testing.assert_allclose(written, made.y, atol=bound)


def test_a_file_that_cannot_be_opened_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        two_clusters().sonify(path=tmp_path / "no" / "where.wav")


@pytest.mark.parametrize("name", ["clicks", "clicks.txt", "clicks.mp4"])
def test_a_format_that_cannot_be_written_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ac.ParameterError, match="expected a suffix such as .wav"):
        two_clusters().sonify(path=tmp_path / name)


def test_a_recording_is_not_written_over(tmp_path: Path) -> None:
    source = tmp_path / "loop.wav"
    soundfile.write(source, loop()[0], 22050)
    before = source.read_bytes()
    os.symlink(source, tmp_path / "link.wav")
    for name in ("loop.wav", "link.wav"):
        with pytest.raises(ac.ParameterError, match="one of the recordings"):
            ac.onsets(source, 2).sonify(path=tmp_path / name)
    assert source.read_bytes() == before
