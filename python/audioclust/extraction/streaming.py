"""One signal, block by block, to a row of statistics."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from audioclust import _core
from audioclust.audio.preparation import Resampler, to_mono
from audioclust.errors import ParameterError, SignalError
from audioclust.extraction.plans import Plans, RatePlan, extraction_settings, plans_for
from audioclust.extraction.settings import Analysis, Feature
from audioclust.utils.arguments import as_floats, check_rate

if TYPE_CHECKING:
    from numpy.typing import NDArray


class _Pass:
    """One signal on its way to one rate and through one plan."""

    def __init__(self, sr: int, plan: RatePlan) -> None:
        self._resampler = Resampler(sr, plan.sr)
        self._extractor = _core.Extractor(plan.plan)

    def push(self, y: NDArray[np.float32]) -> Iterator[None]:
        """Take samples in, a piece at each step."""
        for piece in self._resampler.push(y):
            self._extractor.push(piece)
            yield

    def finish(self) -> NDArray[np.float32]:
        for piece in self._resampler.finish():
            self._extractor.push(piece)
        return self._extractor.finish()


def as_mono(name: str, samples: object, *, empty: bool = False) -> NDArray[np.float32]:
    """Give samples, ([channels,] n), as one channel, or raise a ParameterError."""
    y = as_floats(name, samples, (1, 2), empty=empty)
    # A value that is no number shows in both, without an array of its own.
    if y.size and not np.isfinite(y.min() + y.max()):
        wrong = y[~np.isfinite(y)]
        if len(wrong):
            raise ParameterError(f"{name} has {wrong[0]}: expected finite numbers")
    if y.ndim == 2 and not len(y):
        raise ParameterError(f"{name} has shape {y.shape}: expected at least one channel")
    return to_mono(np.atleast_2d(y).T.astype(np.float32, copy=False))


class Passes:
    """One signal on its way through all plans, each at its own rate."""

    def __init__(self, sr: int, plans: Plans) -> None:
        self.columns = tuple(plans.columns)
        self._passes = [(plan.columns, _Pass(sr, plan)) for plan in plans.for_rate(sr)]

    @classmethod
    def start(
        cls,
        sr: int,
        features: str | Feature | Iterable[str | Feature],
        stats: Iterable[str],
        analysis: Analysis,
    ) -> Passes:
        """Check what is to be computed of a signal of `sr` Hz, and begin."""
        rate = check_rate("sr", sr)
        return cls(rate, plans_for(extraction_settings(features, stats, analysis, 0.0, None)))

    def steps(self, y: NDArray[np.float32]) -> Iterator[None]:
        """Take samples in, a piece at each step, between which the work may be given up."""
        for _, one in self._passes:
            yield from one.push(y)

    def push(self, y: NDArray[np.float32]) -> None:
        """Take samples in."""
        for _ in self.steps(y):
            pass

    def finish(self) -> NDArray[np.float32]:
        """End the signal and give its row."""
        row = np.full(len(self.columns), np.nan, np.float32)
        for columns, one in self._passes:
            row[columns] = one.finish()
        return row


class Extractor:
    """Computes features of a signal that comes block by block, in bounded memory.

    Parameters
    ----------
    sr : int
        The signal's sampling rate in Hz.
    features, stats, analysis
        As in :func:`audioclust.extract`. The signal is resampled to the analysis' rate.

    Attributes
    ----------
    columns : tuple of str
        What each value of the row is.

    Raises
    ------
    ParameterError
        For an argument that cannot be what it is.

    Examples
    --------
    >>> import audioclust as ac, numpy as np
    >>> extractor = ac.features.Extractor(sr=22050, features=["rms", "spectral_centroid"])
    >>> for _ in range(3):
    ...     extractor.push(np.full(10_000, 0.5, np.float32))
    >>> dict(zip(extractor.columns, extractor.finish().round(2).tolist()))
    {'rms': 0.48, 'spectral_centroid': 78.12}
    """

    def __init__(
        self,
        *,
        sr: int,
        features: str | Feature | Iterable[str | Feature] = "default",
        stats: Iterable[str] = ("mean",),
        analysis: Analysis = Analysis(),  # noqa: B008 - it is frozen
    ) -> None:
        passes = Passes.start(sr, features, stats, analysis)
        self.columns = passes.columns
        self._passes: Passes | None = passes

    def push(self, block: object) -> None:
        """Take in the next samples.

        Parameters
        ----------
        block : ndarray of shape (n,) or (channels, n), float32 or float64
            Of any length; channels are averaged.

        Raises
        ------
        ParameterError
            For anything else, or samples that are not finite numbers.
        SignalError
            If the extractor is finished.
        """
        y = as_mono("block", block, empty=True)
        self._unfinished().push(y)

    def finish(self) -> NDArray[np.float32]:
        """End the signal.

        Returns
        -------
        row : ndarray of shape (n_columns,), float32
            The values of `columns`.

        Raises
        ------
        SignalError
            Without a sample, or if the extractor was finished before.
        """
        passes, self._passes = self._unfinished(), None
        return passes.finish()

    def _unfinished(self) -> Passes:
        if self._passes is None:
            message = "this extractor is finished: make another for another signal"
            raise SignalError("empty", message)
        return self._passes
