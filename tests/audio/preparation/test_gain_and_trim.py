"""What is measured of a whole signal, block by block."""

from __future__ import annotations

import math
import re
import subprocess
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from support.encodes import need_ffmpeg
from support.sounds import tone
from support.twins import gain_of, loudness, trimmed

import audioclust as ac
from audioclust import _core

Found = TypeVar("Found", covariant=True)


class Meter(Protocol[Found]):
    def push(self, y: np.ndarray, /) -> None: ...
    def finish(self) -> Found: ...


SHAPES = st.lists(st.tuples(st.integers(1, 4000), st.integers(-6, 0)), min_size=1, max_size=6)
"""Stretches of noise, each of a length in samples and at a level in units of 10 dB."""


def stretches(shape: list[tuple[int, int]], seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    parts = [rng.uniform(-1, 1, n) * 10 ** (level / 2) * (level > -6) for n, level in shape]
    return np.concatenate(parts).astype(np.float32)


def measured(meter: Meter[Found], y: np.ndarray, size: int) -> Found:
    for start in range(0, len(y), size):
        meter.push(y[start : start + size])
    return meter.finish()


@settings(deadline=None)  # librosa is imported in the first case.
@given(SHAPES, st.floats(1, 100), st.integers(1, 5000), st.integers(0, 2**32 - 1))
def test_trimming_leaves_what_librosas_does(
    shape: list[tuple[int, int]], top_db: float, size: int, seed: int
) -> None:
    y = stretches(shape, seed)
    start, end = measured(_core.Trim(top_db), y, size)
    # Levels are thousandths of a dB, and librosa's are in single precision.
    shorter, longer = (len(trimmed(y, top_db + slack)) for slack in (-0.003, 0.003))
    assert shorter <= end - start <= longer
    if shorter == longer:
        assert np.array_equal(y[start:end], trimmed(y, top_db))


@settings(deadline=None)  # librosa is imported in the first case.
@given(
    SHAPES,
    st.sampled_from(["peak", "rms", "loudness"]),
    st.sampled_from([8000, 11025, 22050, 44100]),
    st.integers(1, 5000),
    st.integers(0, 2**32 - 1),
)
def test_gains_are_those_of_the_definitions(
    shape: list[tuple[int, int]], normalize: str, sr: int, size: int, seed: int
) -> None:
    y = stretches(shape, seed)
    found = measured(_core.Gain(normalize, sr), y, size)
    # Sums in double precision; of loudness, filters that are computed in another form.
    assert found == pytest.approx(gain_of(y, sr, normalize), rel=1e-6)


def test_loudness_is_that_of_ebus_test_signals() -> None:
    # EBU Tech 3341, test 1: a stereo sine of 1 kHz at -23 dBFS has -23 LUFS; in one channel,
    # 3 dB less. Test 3: gating leaves out what is 13 dB quieter before and after.
    sr = 48000
    levels = [(20, -23.0)], [(10, -36.0), (60, -23.0), (10, -36.0)]
    for parts in levels:
        pieces = [2 * tone(seconds, 1000, sr) * 10 ** (db / 20) for seconds, db in parts]
        y = np.concatenate(pieces).astype(np.float32)
        gain = measured(_core.Gain("loudness", sr), y, sr)
        # The recommendation allows a meter 0.1 LU.
        assert -23 - 20 * math.log10(gain) == pytest.approx(-23 - 3.01, abs=0.1)


def test_loudness_is_that_of_ffmpegs_meter(tmp_path: Path, rng: np.random.Generator) -> None:
    need_ffmpeg()
    sr = 48000
    swells = np.repeat([0.01, 0.2, 0.5, 0.003, 0.1], 3 * sr)
    y = (rng.normal(size=len(swells)) * 0.3 * swells).astype(np.float32)
    soundfile.write(tmp_path / "y.wav", y, sr, subtype="FLOAT")
    command = ["ffmpeg", "-nostats", "-hide_banner", "-i", str(tmp_path / "y.wav"),
               "-af", "ebur128", "-f", "null", "-"]  # fmt: skip
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    judged = float(re.findall(r"I:\s+(-?[\d.]+) LUFS", shown)[-1])
    gain = measured(_core.Gain("loudness", sr), y, 7777)
    # It shows one place after the point.
    assert -23 - 20 * math.log10(gain) == pytest.approx(judged, abs=0.06)
    assert loudness(y, sr) == pytest.approx(judged, abs=0.06)


def test_what_cannot_be_measured_is_said() -> None:
    for meter in (_core.Trim(40.0), _core.Gain("rms", 8000)):
        with pytest.raises(ac.errors.SignalError, match="sample 1 is NaN"):
            meter.push(np.array([0, np.nan], np.float32))
    for meter in (_core.Trim(40.0), _core.Gain("rms", 8000)):
        with pytest.raises(ac.errors.SignalError, match="no samples"):
            meter.finish()
    with pytest.raises(ac.ParameterError, match="normalize=loudness: expected peak, rms or"):
        _core.Gain("loudness", 3999)
    with pytest.raises(ac.ParameterError, match="normalize=loud: expected peak, rms or loud"):
        _core.Gain("loud", 8000)
