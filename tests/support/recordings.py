"""Recordings whose segments are known: voices and music joined, the same for the same seed."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import soundfile
import soxr

SR = 22050
N_SPANS = 14
SPAN = 6.0, 16.0
PAUSE = 0.05, 0.3
PEAK = 0.5


@dataclass(frozen=True, eq=False)
class Joined:
    """A recording and what it is made of.

    Attributes
    ----------
    y : ndarray of shape (n,), float32
        At :data:`SR` Hz.
    boundaries : ndarray of shape (n_spans + 1,), float64
        Where the spans begin, and where the last one ends, in seconds.
    labels : tuple of str
        What each span is: the name of a speaker, or "music".
    """

    y: np.ndarray
    boundaries: np.ndarray
    labels: tuple[str, ...]

    @property
    def intervals(self) -> np.ndarray:
        """The spans as mir_eval takes them, of shape (n_spans, 2)."""
        return np.stack([self.boundaries[:-1], self.boundaries[1:]], axis=1)


def join(data: Path, seed: int, *, music: bool) -> Joined:
    """Join spans of two speakers and, if asked for, of one piece of music.

    The kinds come equally often, neighbours are never of the same. The pauses between
    utterances belong to their span, and no utterance comes again while others are left. Each
    span is brought to one peak.
    """
    rng = np.random.default_rng(seed)
    utterances = by_speaker(data / "digits")
    names = [str(name) for name in rng.choice(sorted(utterances), 2, replace=False)]
    sources = {name: _speech(utterances[name], rng) for name in names}
    if music:
        pieces = sorted((data / "music").glob("*.ogg"))
        sources["music"] = _music(pieces[rng.integers(len(pieces))], rng)
    labels = _sequence([*sources], rng)
    spans = [_span(sources[label], rng) for label in labels]
    ends = np.cumsum([0, *map(len, spans)]) / SR
    return Joined(np.concatenate(spans), ends, tuple(labels))


def by_speaker(folder: Path) -> dict[str, list[Path]]:
    """Give the files of each speaker of `digit_speaker_n.wav`."""
    found: dict[str, list[Path]] = defaultdict(list)
    for path in sorted(folder.glob("*.wav")):
        found[path.stem.split("_")[1]].append(path)
    return found


def _sequence(names: list[str], rng: np.random.Generator) -> list[str]:
    """Draw what each span is: all kinds equally often, as far as their number allows, and
    never the same one twice in a row.
    """
    order = rng.permutation(names)
    labels = [str(order[i % len(names)]) for i in range(N_SPANS)]
    while True:
        rng.shuffle(labels)
        if all(a != b for a, b in pairwise(labels)):
            return labels


def _span(source: Iterator[np.ndarray], rng: np.random.Generator) -> np.ndarray:
    wanted = int(rng.uniform(*SPAN) * SR)
    parts: list[np.ndarray] = []
    while sum(map(len, parts)) < wanted:
        parts.append(next(source))
    y = np.concatenate(parts)[:wanted]
    return np.asarray(PEAK / np.abs(y).max() * y, np.float32)


def _speech(paths: list[Path], rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Give utterances, each followed by a pause, for ever, in an order that is drawn anew."""
    while True:
        for i in rng.permutation(len(paths)):
            yield _load(paths[i])
            yield np.zeros(int(rng.uniform(*PAUSE) * SR), np.float32)


def _music(path: Path, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Give a piece from anywhere on, a second at a time, round and round."""
    y = _load(path)
    at = int(rng.integers(len(y)))
    while True:
        yield np.take(y, np.arange(at, at + SR), mode="wrap")
        at += SR


def _load(path: Path) -> np.ndarray:
    y, sr = soundfile.read(os.fspath(path), dtype="float32", always_2d=True)
    resampled = soxr.resample(y.mean(axis=1), sr, SR, quality="HQ")
    return np.asarray(resampled, np.float32)
