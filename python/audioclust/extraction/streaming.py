"""One signal, block by block, to a row of statistics."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from audioclust import _core
from audioclust.audio.preparation.mixing import to_mono
from audioclust.audio.preparation.parts import Part, PartResampler
from audioclust.errors import ParameterError, SignalError
from audioclust.extraction.analysis import Analysis, Feature
from audioclust.extraction.descriptors.describing import DescriptorBuilder
from audioclust.extraction.plans import Plans, RatePlan
from audioclust.extraction.settings import ExtractionSettings
from audioclust.utils.arguments import as_floats, check_rate
from audioclust.utils.threads import Cancelled

if TYPE_CHECKING:
    from numpy.typing import NDArray


def as_mono(name: str, samples: object, *, empty: bool = False) -> NDArray[np.float32]:
    """Give samples, ([channels,] n), as one channel.

    Raises
    ------
    ParameterError
        If they are no array of one or two dimensions of finite numbers, or unless they may be
        `empty`, if there are none.
    """
    y = as_floats(name, samples, (1, 2), empty=empty)
    # NaN and infinity show in one of the two, which needs no array as large as the samples.
    if y.size and not (np.isfinite(y.min()) and np.isfinite(y.max())):
        wrong = y[~np.isfinite(y)]
        raise ParameterError(f"{name} has {wrong[0]}: expected finite numbers")
    if y.ndim == 2 and not len(y):
        raise ParameterError(f"{name} has shape {y.shape}: expected at least one channel")
    return to_mono(np.atleast_2d(y).T.astype(np.float32, copy=False))


class RowBuilder:
    """Builds the row of one signal that comes block by block.

    Parameters
    ----------
    sr : int
        The signal's rate in Hz.
    plans : Plans
        What is computed of it.
    part : Part or None, default=None
        The part of it that is used; None is all.
    describer : DescriptorBuilder or None, default=None
        Takes the part as well, wherever it is computed here at the right rate anyway.
    """

    def __init__(
        self,
        sr: int,
        plans: Plans,
        part: Part | None = None,
        describer: DescriptorBuilder | None = None,
    ) -> None:
        self._n_columns = len(plans.columns)
        used = part or Part(sr)
        self._parts = [_RowPart(sr, plan, used, describer) for plan in plans.for_recording(sr)]

    @property
    def done(self) -> bool:
        """Whether what follows is not used, so that it need not be decoded."""
        return all(part.done for part in self._parts)

    def push(self, y: NDArray[np.float32], stop: threading.Event | None = None) -> None:
        """Take in the next samples, of one channel.

        Raises
        ------
        Cancelled
            If `stop` is set meanwhile. It is looked at often, since resampling can make much
            of one block.
        """
        for part in self._parts:
            part.push(y, stop)

    def finish(self) -> NDArray[np.float32]:
        """End the signal and give its row.

        Raises
        ------
        SignalError
            If there was not one sample.
        """
        row = np.full(self._n_columns, np.nan, np.float32)
        for part in self._parts:
            row[part.places] = part.finish()
        return row


class _RowPart:
    """The part of a row that is computed at one sampling rate."""

    def __init__(
        self, sr: int, plan: RatePlan, used: Part, describer: DescriptorBuilder | None
    ) -> None:
        self.places = plan.places
        self._resampler = PartResampler(sr, plan.sr, used)
        self._extractor = _core.Extractor(plan.plan)
        self._listener = None if describer is None else describer.listen(plan.sr)

    @property
    def done(self) -> bool:
        return self._resampler.done

    def push(self, y: NDArray[np.float32], stop: threading.Event | None) -> None:
        for piece in self._resampler.push(y):
            self._take(piece)
            if stop is not None and stop.is_set():
                raise Cancelled

    def finish(self) -> NDArray[np.float32]:
        for piece in self._resampler.finish():
            self._take(piece)
        return self._extractor.finish()

    def _take(self, piece: NDArray[np.float32]) -> None:
        self._extractor.push(piece)
        if self._listener is not None:
            self._listener(piece)


def row_of(y: NDArray[np.float32], sr: int, plans: Plans) -> NDArray[np.float32]:
    """Compute the row of a signal of one channel that is in memory."""
    builder = RowBuilder(sr, plans)
    builder.push(y)
    return builder.finish()


class Extractor:
    """Computes features of a signal that comes block by block, in bounded memory.

    Threads may share it: a call waits until those of other threads have ended.

    Parameters
    ----------
    sr : int
        The signal's sampling rate in Hz.
    features, stats, analysis
        As in :func:`audioclust.extract`, without embeddings. The signal is resampled to the
        analysis' rate.

    Attributes
    ----------
    columns : tuple of str
        What each value of the row is.

    Raises
    ------
    ParameterError
        If an argument is invalid.

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
        stats: Iterable[str] | None = None,
        analysis: Analysis = Analysis(),  # noqa: B008 - it is frozen
    ) -> None:
        rate = check_rate("sr", sr)
        settings = ExtractionSettings.checked(features=features, stats=stats, analysis=analysis)
        plans = settings.without_embeddings().plans
        self.columns: tuple[str, ...] = plans.columns
        self._builder: RowBuilder | None = RowBuilder(rate, plans)
        self._lock = threading.Lock()

    def push(self, block: object) -> None:
        """Take in the next samples.

        Parameters
        ----------
        block : ndarray of shape (n,) or (channels, n), float32 or float64
            Of any length; channels are averaged.

        Raises
        ------
        ParameterError
            If it is anything else, or has samples that are not finite numbers.
        SignalError
            If the extractor is finished.
        """
        y = as_mono("block", block, empty=True)
        with self._lock:
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
            If there was not one sample, or the extractor was finished before.
        """
        with self._lock:
            builder, self._builder = self._unfinished(), None
            return builder.finish()

    def _unfinished(self) -> RowBuilder:
        if self._builder is None:
            message = "this extractor is finished: make another for another signal"
            raise SignalError("empty", message)
        return self._builder
