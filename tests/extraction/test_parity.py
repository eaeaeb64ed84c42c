"""Features equal those that librosa computes from the same samples."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import librosa
import numpy as np
import pytest
from support.oracles import SR, librosa_frames, unfloored_frames

import audioclust as ac
from audioclust.features import registry

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

COLUMNS = tuple(c for info in registry() if "article" in info.sets for c in info.columns)


def article_means(y: NDArray[np.float32]) -> NDArray[np.float64]:
    names = [info.name for info in registry() if "article" in info.sets]
    return np.concatenate([librosa_frames(y, name).mean(axis=1) for name in names])


@functools.cache
def real_audio(data: Path) -> tuple[NDArray[np.float32], NDArray[np.float64], list[str]]:
    """audioclust's values, librosa's, and the paths, of all music, speech and drums."""
    paths = sorted(p for d in ("music", "speech", "drums") for p in data.glob(f"{d}/*.[owm]*"))
    table = ac.extract(paths, features="article")
    assert not table.errors
    theirs = [article_means(librosa.load(item.path)[0]) for item in table.items]
    return table.values, np.stack(theirs), [item.path for item in table.items]


@pytest.mark.filterwarnings("ignore:n_fft=.* is too large:UserWarning")
@pytest.mark.parametrize("column", COLUMNS)
def test_every_column_is_librosas_on_real_audio(data: Path, column: str) -> None:
    ours, theirs, paths = real_audio(data)
    assert len(paths) == 11 + 3 + 115
    j = COLUMNS.index(column)
    off = np.abs(ours[:, j] - theirs[:, j]) / (1e-3 * np.abs(theirs[:, j]) + 1e-3)
    assert off.max() <= 1, f"{paths[off.argmax()]}: {off.max():.2f} of the tolerance"


SIGNALS: dict[str, NDArray[np.floating[Any]]] = {
    "silence": np.zeros(SR),
    "constant": np.full(SR, 0.5),
    "negative constant": np.full(SR, -0.25),
    "one sample": np.array([0.7]),
    "one negative sample": np.array([-0.7]),
    "shorter than a hop": np.sin(np.arange(300)),
    "impulse": np.eye(1, SR, 5000)[0],
    "full-scale noise": np.random.default_rng(0).uniform(-1, 1, SR),
    "sine at a bin's centre": np.sin(2 * np.pi * 100 / 2048 * np.arange(SR)),
    "sine between two bins": np.sin(2 * np.pi * 100.5 / 2048 * np.arange(SR)),
    "loud, then faint": np.repeat([1, 1e-5], [99, SR]) * np.cos(np.arange(SR + 99)),
    "very faint noise": np.random.default_rng(0).uniform(-1, 1, SR) * 1e-16,
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:n_fft=.* is too large:UserWarning")
@pytest.mark.parametrize("name", SIGNALS)
def test_the_means_are_librosas_on_awkward_signals(name: str) -> None:
    y = SIGNALS[name].astype(np.float32)
    ours = ac.extract({name: (y, SR)}, features="article").values[0]
    assert np.all(np.isfinite(ours))
    np.testing.assert_allclose(ours, article_means(y), rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("info", registry(), ids=lambda info: info.name)
def test_every_statistic_is_numpys_over_librosas_frames(data: Path, info: Any) -> None:
    y, _ = librosa.load(data / "drums" / "125_bounce.wav")
    stats = ("mean", "std", "min", "max", "change")
    table = ac.extract({"loop": (y, SR)}, features=info.name, stats=stats)
    assert table.columns == tuple(f"{c}_{s}" for c in info.columns for s in stats)
    frames = unfloored_frames(y, info.name).astype(np.float64)
    expected = np.stack(
        [
            librosa_frames(y, info.name).mean(axis=1),
            frames.std(axis=1),
            frames.min(axis=1),
            frames.max(axis=1),
            np.abs(np.diff(frames, axis=1)).mean(axis=1),
        ],
        axis=1,
    )
    values = table.values.reshape(len(info.columns), len(stats))
    np.testing.assert_allclose(values, expected, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize(
    "settings",
    [
        {"n_fft": 1024, "hop_length": 300},
        {"n_fft": 2048, "win_length": 1000, "window": "hamming"},
        {"window": ("kaiser", 8.0)},
        {"fmin": 300.0, "fmax": 5000.0},
    ],
    ids=str,
)
def test_the_analysis_means_what_it_means_in_librosa(settings: dict[str, Any]) -> None:
    y = SIGNALS["full-scale noise"].astype(np.float32)
    analysis = ac.Analysis(**settings)
    names = ["spectral_bandwidth", "mfcc", "mel_level"]
    ours = ac.extract({"y": (y, SR)}, features=names, analysis=analysis).values[0]
    mel = librosa.feature.melspectrogram(y=y, sr=SR, **settings)
    frames = {k: v for k, v in settings.items() if k not in ("fmin", "fmax")}
    expected = [
        librosa.feature.spectral_bandwidth(y=y, sr=SR, **frames).mean(),
        *librosa.feature.mfcc(S=librosa.power_to_db(mel)).mean(axis=1),
        librosa.power_to_db(mel, top_db=None).mean(),
    ]
    np.testing.assert_allclose(ours, expected, rtol=1e-3, atol=1e-3)
