"""audioclust: a folder of sounds in, groups out.

>>> import audioclust as ac
>>> result = ac.cluster("~/Music")  # doctest: +SKIP
>>> result[0]  # the largest group  # doctest: +SKIP
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from audioclust import features
    from audioclust._core import __version__
    from audioclust.analysis import Analysis, Feature
    from audioclust.errors import (
        AudioclustError,
        ConvergenceWarning,
        DecodeError,
        ItemError,
        MissingExtraError,
        NoAudioError,
        NoOnsetsError,
        NothingExtractedError,
        ParameterError,
        PlaybackError,
        SignalError,
        VersionWarning,
    )
    from audioclust.extraction import extract
    from audioclust.features import onset_backtrack, onset_detect
    from audioclust.items import Item
    from audioclust.kmeans import KMeans
    from audioclust.onset_clusters import OnsetClusters
    from audioclust.pipeline import choose_k, cluster, onsets
    from audioclust.plot import plot_pitch
    from audioclust.result import Clustering
    from audioclust.segmentation import Segmentation
    from audioclust.segmenting import segment
    from audioclust.selection import KSelection
    from audioclust.som import SOM
    from audioclust.spans import Span
    from audioclust.table import FeatureTable

__all__ = [
    "SOM",
    "Analysis",
    "AudioclustError",
    "Clustering",
    "ConvergenceWarning",
    "DecodeError",
    "Feature",
    "FeatureTable",
    "Item",
    "ItemError",
    "KMeans",
    "KSelection",
    "MissingExtraError",
    "NoAudioError",
    "NoOnsetsError",
    "NothingExtractedError",
    "OnsetClusters",
    "ParameterError",
    "PlaybackError",
    "Segmentation",
    "SignalError",
    "Span",
    "VersionWarning",
    "__version__",
    "choose_k",
    "cluster",
    "extract",
    "features",
    "onset_backtrack",
    "onset_detect",
    "onsets",
    "plot_pitch",
    "segment",
]

# Importing audioclust must cost next to nothing: each name is imported when it is first used.
_HOMES = {
    "SOM": "som",
    "Analysis": "analysis",
    "AudioclustError": "errors",
    "Clustering": "result",
    "ConvergenceWarning": "errors",
    "DecodeError": "errors",
    "Feature": "analysis",
    "FeatureTable": "table",
    "Item": "items",
    "ItemError": "errors",
    "KMeans": "kmeans",
    "KSelection": "selection",
    "MissingExtraError": "errors",
    "NoAudioError": "errors",
    "NoOnsetsError": "errors",
    "NothingExtractedError": "errors",
    "OnsetClusters": "onset_clusters",
    "ParameterError": "errors",
    "PlaybackError": "errors",
    "Segmentation": "segmentation",
    "SignalError": "errors",
    "Span": "spans",
    "VersionWarning": "errors",
    "__version__": "_core",
    "choose_k": "pipeline",
    "cluster": "pipeline",
    "extract": "extraction",
    "onset_backtrack": "features.onset",
    "onset_detect": "features.onset",
    "segment": "segmenting",
    "onsets": "pipeline",
    "plot_pitch": "plot",
}


def __getattr__(name: str) -> object:
    if name == "features":
        return importlib.import_module(f"{__name__}.features")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
