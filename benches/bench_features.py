"""Features of samples in memory, one thread each, beside librosa and audioFlux."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
import pytest
from bench_cluster import librosa_features
from corpora import music
from report import case, fact, measure

import audioclust
import audioclust.features

__all__ = ["music"]

ROUNDS = 9

Piece = tuple[np.ndarray, int]


@pytest.fixture(scope="session")
def pieces(music: list[Path]) -> list[Piece]:
    """The pieces as librosa loads them, the longest first."""
    librosa = pytest.importorskip("librosa")
    loaded: list[Piece] = [librosa.load(path) for path in music]
    return sorted(loaded, key=lambda piece: -len(piece[0]))


@pytest.fixture(scope="session")
def piece(pieces: list[Piece]) -> Piece:
    """The longest piece."""
    return pieces[0]


@pytest.fixture(scope="session")
def audioflux() -> Any:
    return pytest.importorskip("audioflux")


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Keep the peers' BLAS and OpenMP to one thread; it holds for what is loaded by now."""
    with pytest.importorskip("threadpoolctl").threadpool_limits(1):
        yield


def librosa_shared(y: np.ndarray, sr: int) -> np.ndarray:
    """The eight features from one STFT, as a careful user of librosa would."""
    import librosa

    of = librosa.feature
    magnitude = np.abs(librosa.stft(y))
    power = magnitude**2
    mel = librosa.power_to_db(of.melspectrogram(S=power, sr=sr))
    return np.concatenate(
        [
            [of.spectral_bandwidth(S=magnitude, sr=sr).mean()],
            [of.rms(S=magnitude).mean()],
            [of.spectral_flatness(S=magnitude).mean()],
            [of.zero_crossing_rate(y).mean()],
            [of.chroma_stft(S=power, sr=sr, tuning=0).mean()],
            [mel.mean()],
            of.mfcc(S=mel, sr=sr).mean(axis=1),
            of.spectral_contrast(S=magnitude, sr=sr).mean(axis=1),
        ]
    )


Peer = Callable[[np.ndarray, int], np.ndarray]
EIGHT: list[tuple[str, Peer, str]] = [
    # The article leaves the tuning of the chroma to be estimated; ours is 0 in all rows.
    (
        "eight features, as the article",
        lambda y, sr: librosa_features(y, sr, None),
        "at least 24 ×",
    ),
    ("eight features, one by one, tuning 0", librosa_features, ""),
    ("eight features, one STFT", librosa_shared, "at least 11 ×"),
]

Call = Callable[[Any, np.ndarray, int], Any]
SINGLE: list[tuple[str, Call, str]] = [
    ("mfcc", lambda of, y, sr: of.mfcc(y=y, sr=sr), "at least 4 ×"),
    ("melspectrogram", lambda of, y, sr: of.melspectrogram(y=y, sr=sr), "at least 4 ×"),
    (
        "chroma_stft, tuning estimated",
        lambda of, y, sr: of.chroma_stft(y=y, sr=sr),
        "at least 5 ×",
    ),
    ("spectral_contrast", lambda of, y, sr: of.spectral_contrast(y=y, sr=sr), "at least 3.5 ×"),
    ("zero_crossing_rate", lambda of, y, _: of.zero_crossing_rate(y), "at least 30 ×"),
]
"""A call that audioclust.features and librosa.feature both understand, and the goal."""


@pytest.mark.parametrize("name", [name for name, _, _ in EIGHT])
def bench_eight(benchmark: Any, piece: Piece, name: str) -> None:
    y, sr = piece
    case(benchmark, name, "ours")
    measure(benchmark, lambda: audioclust.features.extract(y, sr=sr), ROUNDS)


@pytest.mark.parametrize(("name", "peer", "goal"), EIGHT)
def bench_eight_librosa(benchmark: Any, piece: Piece, name: str, peer: Peer, goal: str) -> None:
    y, sr = piece
    case(benchmark, name, "librosa", goal)
    measure(benchmark, lambda: peer(y, sr), ROUNDS)


@pytest.mark.parametrize(("name", "call"), [(name, call) for name, call, _ in SINGLE])
def bench_single(benchmark: Any, piece: Piece, name: str, call: Call) -> None:
    y, sr = piece
    case(benchmark, name, "ours")
    measure(benchmark, lambda: call(audioclust.features, y, sr), ROUNDS)


@pytest.mark.parametrize(("name", "call", "goal"), SINGLE)
def bench_single_librosa(
    benchmark: Any, piece: Piece, name: str, call: Call, goal: str
) -> None:
    import librosa

    y, sr = piece
    case(benchmark, name, "librosa", goal)
    measure(benchmark, lambda: call(librosa.feature, y, sr), ROUNDS)


def bench_mfcc_audioflux(benchmark: Any, piece: Piece, audioflux: Any) -> None:
    """As its manual recommends: audioflux.mfcc() is many times slower than its classes."""
    y, sr = piece
    of = audioflux.type
    bands = audioflux.BFT(
        num=128,
        radix2_exp=11,
        samplate=sr,
        slide_length=512,
        window_type=of.WindowType.HANN,
        scale_type=of.SpectralFilterBankScaleType.MEL,
        style_type=of.SpectralFilterBankStyleType.SLANEY,
        normal_type=of.SpectralFilterBankNormalType.AREA,
        data_type=of.SpectralDataType.POWER,
    )
    cepstrum = audioflux.XXCC(num=128)

    def mfcc() -> Any:
        mel = bands.bft(y, result_type=1)
        cepstrum.set_time_length(time_length=mel.shape[-1])
        return cepstrum.xxcc(mel, cc_num=20)

    case(benchmark, "mfcc", "audioFlux", "at least 3 ×")
    measure(benchmark, mfcc, ROUNDS)


def bench_onset_detect(benchmark: Any, piece: Piece) -> None:
    y, sr = piece
    case(benchmark, "onset_detect", "ours")
    measure(benchmark, lambda: audioclust.onset_detect(y=y, sr=sr), ROUNDS)


def bench_onset_detect_librosa(benchmark: Any, piece: Piece) -> None:
    from librosa.onset import onset_detect

    y, sr = piece
    case(benchmark, "onset_detect", "librosa", "at least 3 ×")
    measure(benchmark, lambda: onset_detect(y=y, sr=sr), ROUNDS)


def bench_gil(pieces: list[Piece]) -> None:
    """The two longest pieces, cut to one length so that both threads have the same to do."""
    (first, sr), (second, _) = pieces[:2]
    pair = [first[: len(second)], second]

    def mfcc(y: np.ndarray) -> None:
        for _ in range(times):
            audioclust.features.mfcc(y=y, sr=sr)

    def took(run: Callable[..., Any]) -> float:
        start = perf_counter()
        list(run(mfcc, pair))
        return perf_counter() - start

    times = 1
    with ThreadPoolExecutor(2) as pool:
        took(pool.map)
        # Even two threads at their best are then busy for more than 100 ms.
        times = math.ceil(0.25 / took(map))
        ratio = median(took(map) / took(pool.map) for _ in range(9))
    what = "mfcc of two pieces, two threads against one"
    fact(what, f"{ratio:.2f} ×", "at least 1.9 ×")


def bench_default_beside_the_former_one(pieces: list[Piece]) -> None:
    """One pass over two pieces in turn, and over their seconds as sounds of their own."""

    def took(features: str) -> tuple[float, float]:
        times = []
        for sounds in (whole, short):
            start = perf_counter()
            for y in sounds:
                audioclust.features.extract(y, sr=sr, features=features)
            times.append(perf_counter() - start)
        return times[0], times[1]

    sr = pieces[0][1]
    whole = [y for y, _ in pieces[:2]]
    short = [y[start : start + sr] for y in whole for start in range(0, 50 * sr, sr)]
    pairs = [(took("default"), took("article")) for _ in range(9)]
    for i, what in enumerate(("two pieces", f"{len(short)} seconds of them, one by one")):
        ratio = median(ours[i] / former[i] for ours, former in pairs)
        title = f'features="default", time beside "article": {what}'
        fact(title, f"{ratio:.2f} ×", "at most 1.1 ×")
