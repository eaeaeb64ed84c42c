"""Pages of many sounds that nobody recorded, to try how a page does with so many."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from audioclust.audio.spans import Item
from audioclust.errors import ItemError
from audioclust.report.content import N_COLUMNS, N_NEIGHBORS, Column, Content, Group, Kind
from audioclust.report.page import rendered
from audioclust.report.sounds import sounds_of

WORDS = (
    "short, bright",
    "long, dark",
    "much louder than the rest",
    "noisy; quieter at the end",
)


def synthetic_content(
    n: int, kind: Kind = "clustering", seed: int = 0, *, k: int = 12, noise: float = 0.05
) -> Content:
    """Give a page's content: n items in k clusters, and a share of them in none.

    Items lie in seven folders, under names of seven to ten letters. Neighbours are the nearest
    on the map. One item in a hundred has no known length.
    """
    rng = np.random.default_rng(seed)
    points, labels = _points(rng, n, k, noise)
    lengths = rng.gamma(2.0, 0.8, n) + 0.05
    lengths[::100] = np.inf
    folders = [f"pack {letter}/loops" for letter in "abcdefg"]
    items = [
        Item(f"{folders[i % len(folders)]}/{WORDS[i % 3][:4]}_{i:05d}.wav", 0.0, float(end))
        for i, end in enumerate(lengths)
    ]
    has = labels >= 0
    numbers = sorted(set(labels[has].tolist()))
    groups = [
        Group(
            number,
            f"cluster {number}",
            WORDS[number % len(WORDS)],
            np.flatnonzero(labels == number)[:4].tolist(),
        )
        for number in numbers
    ]
    if not has.all():
        groups.append(Group(-1, "in no group", "noise"))
    return Content(
        kind=kind,
        title=f"{n:,} sounds in {len(numbers)} groups",
        headline=[f"{n:,} files in {len(numbers)} groups.", "2 files could not be read."],
        items=items,
        labels=labels,
        groups=groups,
        points=points,
        neighbors=_nearest(points),
        order=np.lexsort((points[:, 0], np.where(has, labels, k))).astype(np.int64),
        columns=_columns(rng, points, labels, lengths),
        errors=[
            ItemError("pack a/broken.wav", "unreadable", "it is no sound file"),
            ItemError("pack b/empty.wav", "empty", "there is no sound in it"),
        ],
        warnings=["3 files with warnings: 2 with clipping, 1 decoded in part only."],
        folder="",
    )


def synthetic_page(path: Path, n: int, **more: Any) -> Path:
    """Write a page of n items whose sounds are nowhere, and give its path."""
    content = synthetic_content(n, **more)
    html = rendered(content, sounds_of(content, "none", str(path.parent)))
    path.write_text(html, encoding="utf-8")
    return path


def _points(
    rng: np.random.Generator, n: int, k: int, noise: float
) -> tuple[np.ndarray, np.ndarray]:
    """Give points in k heaps, larger ones first, and their labels."""
    weights = 1.0 / np.arange(1, k + 1)
    labels = rng.choice(k, n, p=weights / weights.sum())
    middles = rng.uniform(-10, 10, (k, 2)) * (1.6, 1.0)
    points = middles[labels] + rng.normal(size=(n, 2)) * rng.uniform(0.5, 1.5, (k, 1))[labels]
    none = rng.random(n) < noise
    points[none] = rng.uniform(-12, 12, (int(none.sum()), 2)) * (1.6, 1.0)
    labels[none] = -1
    return points, labels.astype(np.int32)


def _nearest(points: np.ndarray) -> np.ndarray:
    """Give the nearest others of each point, -1 where there are fewer."""
    wanted = min(N_NEIGHBORS + 1, len(points))
    found = cKDTree(points).query(points, wanted)[1].reshape(len(points), -1)[:, 1:]
    missing = N_NEIGHBORS - found.shape[1]
    return np.pad(found, ((0, 0), (0, missing)), constant_values=-1).astype(np.int64)


def _columns(
    rng: np.random.Generator, points: np.ndarray, labels: np.ndarray, lengths: np.ndarray
) -> list[Column]:
    """Give a length, a tempo that some items lack, and features, some as on the map."""
    n = len(points)
    tempo = rng.uniform(60, 180, n)
    tempo[labels % 3 == 0] = np.nan
    columns = [
        Column("duration", "length", "s", np.where(np.isfinite(lengths), lengths, np.nan)),
        Column("tempo", "tempo", "BPM", tempo),
    ]
    names = (f"feature_{number}_mean" for number in itertools.count())
    for place in range(N_COLUMNS - len(columns)):
        values = rng.normal(size=n) + points[:, place % 2] * (place % 3)
        columns.append(
            Column(next(names), f"quality {place}", "dB" if place % 2 else "", values)
        )
    return columns
