"""All features of a signal in one pass."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from audioclust.extraction.analysis import Analysis, Feature
from audioclust.extraction.settings import ExtractionSettings
from audioclust.extraction.streaming import as_mono, row_of
from audioclust.utils.arguments import check_rate

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def extract(
    y: object,
    *,
    sr: int,
    features: str | Feature | Iterable[str | Feature] = "default",
    stats: Iterable[str] | None = None,
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
        As in :func:`audioclust.extract`, without embeddings.

    Returns
    -------
    row : ndarray of shape (n_columns,), float32
        The values of each feature in turn: of each of its columns, each statistic.
        :attr:`Extractor.columns` has their names.

    Raises
    ------
    ParameterError
        If an argument is invalid.
    """
    rate = check_rate("sr", sr)
    settings = ExtractionSettings.checked(features=features, stats=stats, analysis=analysis)
    return row_of(as_mono("y", y), rate, settings.without_embeddings().plans)
