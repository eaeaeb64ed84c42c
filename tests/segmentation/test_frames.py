"""Windows and frames of a recording are those of librosa, and stored rows are kept."""

from __future__ import annotations

import dataclasses
import pickle
import threading
from typing import Any

import librosa
import numpy as np
import pytest
from support.recordings import SR
from support.sounds import alternating

import audioclust as ac
from audioclust.audio.recording import Recording
from audioclust.extraction.registry import SETS, registry
from audioclust.segmentation import frame_store
from audioclust.segmentation.activity import active_frames
from audioclust.segmentation.frames import FramePlan, frames_of


def test_windows_are_means_of_librosas_frames_under_one_floor() -> None:
    """Each value is a mean of librosa's own frames of the whole recording."""
    y = alternating([0, 1, 0], 3.0) * np.repeat([1, 1e-4, 0.1], 3 * SR).astype(np.float32)
    windows = ac.Windows(1.0, 0.4)
    names = ("rms", "mfcc", "spectral_contrast", "spectral_centroid")
    plan = FramePlan(tuple(ac.Feature(name) for name in names), windows)
    recording = Recording("y", (y, SR))
    found = frames_of(plan, recording, threading.Event())
    mfcc = librosa.feature.mfcc(y=y, sr=SR)
    frames = np.concatenate(
        [
            librosa.feature.rms(y=y),
            mfcc,
            librosa.feature.spectral_contrast(y=y, sr=SR),
            librosa.feature.spectral_centroid(y=y, sr=SR),
        ]
    )
    times = librosa.times_like(mfcc, sr=SR)
    for i, row in enumerate(found.rows):
        inside = (times >= i * 0.4 - 1e-9) & (times < i * 0.4 + 1.0 - 1e-9)
        expected = frames[:, inside].mean(axis=1)
        # As in the parity test, relative to the column's size.
        assert np.abs(row - expected).max() <= 2e-3 * np.abs(frames).max()
        assert row[:28] == pytest.approx(expected[:28], abs=5e-3)
    assert len(found.rows) == 1 + int((9 - 1) / 0.4)
    _, cepstra = next(iter(found.cepstra.blocks()))
    assert cepstra == pytest.approx(mfcc.T[:, 1:20], abs=5e-3)
    rms = librosa.feature.rms(y=y)[0]
    assert np.array_equal(found.active, active_frames(rms, SR / 512))
    assert 0.5 < found.active.mean() < 0.8
    found.close()


def frames_with(features: str | tuple[str, ...], y: np.ndarray, window: float) -> Any:
    """The names of a window's columns, the windows, and the cepstra of frames."""
    settings = ac.ExtractionSettings.checked(features=features)
    plan = FramePlan(settings.features, ac.Windows(window, 1.0))
    found = frames_of(plan, Recording("y", (y, SR)), threading.Event())
    cepstra = np.concatenate([rows for _, rows in found.cepstra.blocks()])
    found.close()
    return plan.columns, found.rows, cepstra


@pytest.mark.parametrize("features", [*SETS, *(info.name for info in registry())])
def test_windows_may_have_any_features(features: str) -> None:
    """The only window of a recording has the means that extract() gives."""
    y = alternating([0, 1], 1.01)
    columns, rows, _ = frames_with(features, y, len(y) / SR)
    expected = ac.extract({"y": (y, SR)}, features=features, stats="mean")
    assert columns == tuple(expected.columns)
    # Both sum up the same single-precision values, in another order.
    assert rows == pytest.approx(expected.values, rel=1e-4, abs=1e-4)


def test_frames_have_all_cepstra_if_windows_have_the_first_only() -> None:
    y = alternating([0, 1], 2.0)
    columns, rows, cepstra = frames_with(("rms", "mfcc12", "zero_crossing_rate"), y, 1.5)
    every, usual, expected = frames_with(("rms", "mfcc", "zero_crossing_rate"), y, 1.5)
    assert np.array_equal(rows, usual[:, [every.index(name) for name in columns]])
    assert np.array_equal(cepstra, expected)


def test_a_store_gives_back_what_it_was_given(
    monkeypatch: pytest.MonkeyPatch, rng: np.random.Generator
) -> None:
    rows = rng.normal(size=(10_000, 3)).astype(np.float32)
    for room in (100, 10_000_000):
        monkeypatch.setattr(frame_store, "MAX_BYTES_IN_MEMORY", room)
        with frame_store.FrameStore(3) as kept:
            for start in range(0, 10_000, 777):
                kept.append(rows[start : start + 777])
            kept.append(rows[:0])
            for _ in range(2):
                blocks = list(kept.blocks())
                assert np.array_equal(np.concatenate([block for _, block in blocks]), rows)
                assert [start for start, _ in blocks] == list(range(0, 10_000, 4096))


def test_windows_fit_into_a_duration_and_have_frames() -> None:
    windows = ac.Windows(1.0, 0.4)
    assert [windows.count(seconds) for seconds in (0.9, 1.0, 1.39, 1.4, 3.0)] == [0, 1, 1, 2, 6]
    assert windows.bounds(2) == [(0.0, 1.0), (0.4, 1.4)]
    first, stop = windows.frame_bounds(2, 10.0)
    assert (first.tolist(), stop.tolist()) == ([0, 4], [10, 14])
    assert windows.middle_frames(2, 10.0).tolist() == [5, 9]
    with pytest.raises(dataclasses.FrozenInstanceError):
        windows.hop = 0.5  # type: ignore[misc]
    assert pickle.loads(pickle.dumps(windows)) == windows
