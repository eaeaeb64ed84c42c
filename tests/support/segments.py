"""What must hold of every segmentation."""

from __future__ import annotations

from itertools import pairwise

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
