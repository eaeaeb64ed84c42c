"""What segment() is asked for."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from audioclust.clustering.grouping import GroupingSettings
from audioclust.extraction.analysis import Feature
from audioclust.extraction.settings import ExtractionSettings
from audioclust.segmentation.frames import FRAME_RATE
from audioclust.segmentation.windows import Windows
from audioclust.utils.arguments import check_flag, check_int, check_number, check_positive

K_RANGE = range(2, 9)
"""The numbers of labels that are tried if the number is to be chosen."""


MAX_K = 1000
"""The largest number of labels: finding them takes time that grows as its cube."""


@dataclass(frozen=True)
class SegmentationSettings:
    """What :func:`audioclust.segment` is asked for; checked.

    Attributes
    ----------
    grouping : GroupingSettings
        The number of labels or the numbers to try, the seed and the number of threads.
    windows : Windows
        How recordings are cut into windows.
    features : tuple of Feature
        What windows are grouped by.
    min_duration : float
        Length of the shortest span, in seconds.
    silence : bool
        Whether silence has a label of its own.
    """

    grouping: GroupingSettings
    windows: Windows
    features: tuple[Feature, ...]
    min_duration: float
    silence: bool

    @classmethod
    def checked(
        cls,
        k: object,
        *,
        window: float,
        hop: float,
        features: str | Feature | Iterable[str | Feature],
        min_duration: float,
        silence: bool,
        k_range: Iterable[int] | None,
        random_state: int | None,
        n_jobs: int | None,
    ) -> SegmentationSettings:
        """Check what the public function was given.

        Raises
        ------
        ParameterError
            If an argument is invalid.
        """
        grouping = GroupingSettings.checked(
            k,
            algorithm="kmeans",
            k_range=K_RANGE if k_range is None else k_range,
            random_state=random_state,
            n_jobs=n_jobs,
        )
        if grouping.k is not None:
            check_int("k", grouping.k, 1, MAX_K)
        check_int("k_range", max(grouping.k_range), 2, MAX_K)
        return cls(
            grouping=grouping,
            windows=Windows(check_positive("window", window), check_positive("hop", hop)),
            features=ExtractionSettings.checked(features=features)
            .without_embeddings()
            .features,
            min_duration=check_number("min_duration", min_duration),
            silence=check_flag("silence", silence),
        )

    @property
    def min_frames(self) -> int:
        """The number of frames of the shortest span."""
        return frames_of_span(self.min_duration)

    def as_json(self) -> dict[str, Any]:
        """Give what exports say of the settings."""
        return {
            "features": [dataclasses.asdict(feature) for feature in self.features],
            "min_duration": self.min_duration,
            "silence": self.silence,
            "random_state": self.grouping.random_state,
        }


def frames_of_span(duration: float) -> int:
    """Give the number of frames of a span that is at least `duration` seconds long."""
    # The first and the last frame of a recording count for half a hop only, so that a span of n
    # frames lasts n - 1/2 hops at least.
    return math.ceil(duration * FRAME_RATE - 1e-6) + 1
