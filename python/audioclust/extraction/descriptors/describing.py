"""One signal, block by block, to its descriptors."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from audioclust import _core
from audioclust.audio.preparation.parts import Part, PartResampler
from audioclust.utils.threads import Cancelled

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class DescriptorBuilder:
    """Builds the descriptors of one signal that comes block by block, in bounded memory.

    Parameters
    ----------
    sr : int
        The signal's rate in Hz.
    part : Part or None, default=None
        The part of it that is used; None is all. Its gain is left out: how loud a sound is
        heard is one of the descriptors.
    """

    def __init__(self, sr: int, part: Part | None = None) -> None:
        self._part = part or Part(sr)
        self._resampler: PartResampler | None = PartResampler(
            sr, _core.Describer.RATE, replace(self._part, gain=1.0)
        )
        self._describer = _core.Describer()

    @property
    def done(self) -> bool:
        """Whether what follows is not used, so that it need not be decoded."""
        return self._resampler is None or self._resampler.done

    def listen(self, rate: int) -> Callable[[NDArray[np.float32]], None] | None:
        """Give what takes the pieces of the part at another rate, if they are the same ones.

        Features are often computed of what descriptors are of. Then it is resampled only once,
        and nothing more is taken from :meth:`push`.

        Parameters
        ----------
        rate : int
            The rate in Hz at which somebody else has the part.

        Returns
        -------
        callable or None
            Is to be called with each piece of the part, in order, before :meth:`finish`.
        """
        if rate != _core.Describer.RATE or self._part.gain != 1.0 or self._resampler is None:
            return None
        self._resampler = None
        return self._describer.push

    def push(self, y: NDArray[np.float32], stop: threading.Event) -> None:
        """Take in the next samples, of one channel.

        Raises
        ------
        SignalError
            If they are not finite.
        Cancelled
            If `stop` is set meanwhile.
        """
        for piece in self._resampler.push(y) if self._resampler else ():
            self._describer.push(piece)
            if stop.is_set():
                raise Cancelled

    def finish(self) -> NDArray[np.float32]:
        """End the signal and give its descriptors, in the order of ``DESCRIPTOR_NAMES``.

        Raises
        ------
        SignalError
            If there was not one sample.
        """
        for piece in self._resampler.finish() if self._resampler else ():
            self._describer.push(piece)
        return self._describer.finish()
