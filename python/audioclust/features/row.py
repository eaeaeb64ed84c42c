"""All features of a signal in one pass."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from audioclust.extraction.settings import Analysis, Feature
from audioclust.extraction.streaming import Passes, as_mono

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def extract(
    y: object,
    *,
    sr: int,
    features: str | Feature | Iterable[str | Feature] = "default",
    stats: Iterable[str] = ("mean",),
    analysis: Analysis = Analysis(),  # noqa: B008 - it is frozen
) -> NDArray[np.float32]:
    """Compute features of a signal in memory, all in one pass.

    Parameters
    ----------
    y : ndarray of shape (n,) or (channels, n), float32 or float64
        The samples; channels are averaged.
    sr : int
        Their rate in Hz. They are resampled to the analysis' rate if it is another.
    features, stats, analysis
        As in :func:`audioclust.extract`.

    Returns
    -------
    row : ndarray of shape (n_columns,), float32
        For each feature, each of its columns, each statistic;
        :attr:`Extractor.columns` has their names.

    Raises
    ------
    ParameterError
        For an argument that cannot be what it is.
    """
    passes = Passes.start(sr, features, stats, analysis)
    passes.push(as_mono("y", y))
    return passes.finish()
