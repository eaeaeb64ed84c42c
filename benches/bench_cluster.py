"""cluster() on folders, beside decoding alone and a script of librosa and scikit-learn."""

from __future__ import annotations

import warnings
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
import soundfile
from corpora import flac_files, long_files, m4a_files, music, short_files, wav_files
from report import case, measure

import audioclust

__all__ = ["flac_files", "long_files", "m4a_files", "music", "short_files", "wav_files"]

WORKERS = 2


def decode(path: str) -> None:
    soundfile.read(path, dtype="float32")


def decode_by_libav(path: str) -> None:
    """Decode what soundfile does not know, with FFmpeg's libraries."""
    import av

    with av.open(path) as file:
        for frame in file.decode(audio=0):
            frame.to_ndarray()


def decode_all(paths: list[str]) -> None:
    one = decode_by_libav if paths[0].endswith(".m4a") else decode
    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(one, paths))


def librosa_features(y: np.ndarray, sr: int, tuning: float | None = 0) -> np.ndarray:
    """The eight features, one by one on the samples, as the article does."""
    import librosa

    of = librosa.feature
    return np.concatenate(
        [
            [of.spectral_bandwidth(y=y, sr=sr).mean()],
            [of.rms(y=y).mean()],
            [of.spectral_flatness(y=y).mean()],
            [of.zero_crossing_rate(y).mean()],
            [of.chroma_stft(y=y, sr=sr, tuning=tuning).mean()],
            [librosa.power_to_db(of.melspectrogram(y=y, sr=sr)).mean()],
            of.mfcc(y=y, sr=sr).mean(axis=1),
            of.spectral_contrast(y=y, sr=sr).mean(axis=1),
        ]
    )


def librosa_row(path: str) -> np.ndarray:
    import librosa

    warnings.simplefilter("ignore")
    y, sr = librosa.load(path)
    return librosa_features(y, int(sr))


def librosa_script(pool: ProcessPoolExecutor, paths: list[str]) -> None:
    from sklearn.cluster import KMeans
    from sklearn.preprocessing import StandardScaler

    rows = list(pool.map(librosa_row, paths, chunksize=max(1, len(paths) // 50)))
    KMeans(K, n_init=10, random_state=0).fit(StandardScaler().fit_transform(rows))


K = 3
CASES = [
    ("11 pieces of music as MP3", "long_files"),
    ("1,000 short MP3s", "short_files"),
    ("11 pieces of music as FLAC", "flac_files"),
    ("11 pieces of music as M4A", "m4a_files"),
    ("11 pieces of music as WAV, 48 kHz", "wav_files"),
]
# At most 1.35 and 1.55 times what decoding alone takes.
FLOORS = {"long_files": "at least 0.74 ×", "short_files": "at least 0.65 ×"}
PEERS = {"m4a_files": "decoding alone by libav, 2 threads"}
each_case = pytest.mark.parametrize(("name", "files"), CASES, ids=[one for _, one in CASES])


@each_case
def bench_cluster(benchmark: Any, request: Any, name: str, files: str) -> None:
    paths = request.getfixturevalue(files)
    case(benchmark, name, "ours")
    measure(benchmark, lambda: audioclust.cluster(paths, K, n_jobs=WORKERS))


@each_case
def bench_decoding(benchmark: Any, request: Any, name: str, files: str) -> None:
    paths = request.getfixturevalue(files)
    peer = PEERS.get(files, f"decoding alone, {WORKERS} threads")
    if files in PEERS:
        pytest.importorskip("av")
    case(benchmark, name, peer, FLOORS.get(files, ""))
    measure(benchmark, lambda: decode_all(paths))


@pytest.mark.parametrize(("name", "files"), CASES[:2], ids=["long", "short"])
def bench_librosa(benchmark: Any, request: Any, name: str, files: str) -> None:
    pytest.importorskip("librosa")
    paths = request.getfixturevalue(files)
    case(benchmark, name, f"librosa script, {WORKERS} processes")
    with ProcessPoolExecutor(WORKERS) as pool:
        measure(benchmark, lambda: librosa_script(pool, paths), rounds=3)
