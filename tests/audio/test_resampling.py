"""Another sampling rate, block by block: librosa's samples, whatever was resampled before."""

from __future__ import annotations

import numpy as np
import pytest

from audioclust.audio.preparation.resampling import Resampler

librosa = pytest.importorskip("librosa")

RATES = [(44100, 22050), (48000, 22050), (8000, 22050), (22050, 44100), (16000, 16000)]


def streamed(y: np.ndarray, sr: int, rate: int, at: int) -> np.ndarray:
    """Resample a signal in two blocks."""
    resampler = Resampler(sr, rate)
    pieces = [*resampler.push(y[:at]), *resampler.push(y[at:]), *resampler.finish()]
    return np.concatenate(pieces)


@pytest.mark.parametrize(("sr", "rate"), RATES)
@pytest.mark.parametrize("n", [1, 5, 100, 30_001])
def test_the_samples_are_librosas_for_each_of_many_recordings(
    sr: int, rate: int, n: int
) -> None:
    # Streams of soxr are used again: what one recording left must not reach the next.
    for seed in range(3):
        y = np.random.default_rng(seed).standard_normal(n).astype(np.float32)
        expected = librosa.resample(y, orig_sr=sr, target_sr=rate, res_type="soxr_hq")
        assert np.array_equal(streamed(y, sr, rate, n // 2), expected)


def test_a_recording_that_was_left_in_the_middle_leaves_nothing_to_the_next() -> None:
    y = np.random.default_rng(0).standard_normal(9000).astype(np.float32)
    expected = streamed(y, 44100, 22050, 100)
    list(
        Resampler(44100, 22050).push(
            np.random.default_rng(1).standard_normal(777).astype(np.float32)
        )
    )
    assert np.array_equal(streamed(y, 44100, 22050, 100), expected)


def test_two_signals_at_a_time_do_not_mix() -> None:
    signals = [
        np.random.default_rng(seed).standard_normal(5000).astype(np.float32) for seed in (0, 1)
    ]
    streamed(signals[0], 44100, 22050, 10)  # One stream is left for both to take.
    both = [Resampler(44100, 22050) for _ in signals]
    pieces: list[list[np.ndarray]] = [[], []]
    for start in range(0, 5000, 500):
        for own, resampler, y in zip(pieces, both, signals, strict=True):
            own += resampler.push(y[start : start + 500])
    for own, resampler, y in zip(pieces, both, signals, strict=True):
        own += resampler.finish()
        assert np.array_equal(np.concatenate(own), streamed(y, 44100, 22050, 2500))


def test_after_the_end_nothing_more_is_taken() -> None:
    resampler = Resampler(44100, 22050)
    list(resampler.push(np.zeros(10, np.float32)))
    list(resampler.finish())
    with pytest.raises(ValueError, match="make another Resampler"):
        list(resampler.push(np.zeros(10, np.float32)))
