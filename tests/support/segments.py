"""What must hold of every segmentation, and frames made of numbers."""

from __future__ import annotations

from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np

import audioclust as ac


def check_spans(found: ac.Segmentation, least: float) -> None:
    """Raise unless spans follow on one another, none too short, and neighbours differ."""
    for recording in found.recordings:
        spans = [span for span in found.spans if span.path == recording.path]
        assert spans[0].start == 0
        assert spans[-1].end == recording.duration
        for one, other in pairwise(spans):
            assert one.end == other.start
            assert one.label != other.label
        shortest = min(span.duration for span in spans)
        assert shortest >= min(least, recording.duration) - 1e-9


def as_frames(rows: np.ndarray, active: np.ndarray) -> Any:
    """Frames of two blocks that have these cepstra."""
    rows = rows.astype(np.float32)
    half = len(rows) // 3
    blocks = [(0, rows[:half]), (half, rows[half:])]
    cepstra = SimpleNamespace(blocks=lambda: iter(blocks))
    return SimpleNamespace(cepstra=cepstra, active=active, n_frames=len(rows))
