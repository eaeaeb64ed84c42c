"""A recording gone through several times, where something is known only at its end."""

from __future__ import annotations

import functools
import itertools
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from audioclust import _core
from audioclust.audio.decoding.decoders import open_stream
from audioclust.audio.preparation.inspection import Inspector
from audioclust.audio.preparation.settings import Preparation
from audioclust.audio.reading import no_samples
from audioclust.audio.recording import Recording
from audioclust.audio.spans import Item
from audioclust.errors import ParameterError, SignalError
from audioclust.utils.threads import Cancelled

if TYPE_CHECKING:
    from audioclust.audio.decoding.stream import Block

KEPT_SAMPLES = 2**21
"""Signals of up to so many samples are kept for the next pass, which takes 8 MB; longer ones
are decoded again."""


class Remade:
    """Blocks that are made anew whenever they are gone through.

    Parameters
    ----------
    make : callable
        Gives them from the first to the last, the same ones with each call.
    """

    def __init__(self, make: Callable[[], Iterator[Block]]) -> None:
        self._make = make

    def __iter__(self) -> Iterator[Block]:
        return self._make()


class Repeated:
    """Blocks that are kept for the next time they are gone through, if they are few.

    Parameters
    ----------
    blocks : iterable of ndarray
        Gives the same blocks each time.

    Attributes
    ----------
    kept : list of ndarray or None
        All blocks, if they were gone through once and are few.
    """

    def __init__(self, blocks: Iterable[Block]) -> None:
        self._blocks = blocks
        self.kept: list[Block] | None = None

    def __iter__(self) -> Iterator[Block]:
        return iter(self.kept) if self.kept is not None else self._keeping()

    def _keeping(self) -> Iterator[Block]:
        kept: list[Block] = []
        n_samples = 0
        for block in self._blocks:
            n_samples += block.size
            if n_samples <= KEPT_SAMPLES:
                kept.append(block)
            else:
                kept.clear()
            yield block
        if n_samples <= KEPT_SAMPLES:
            self.kept = kept


class Passes:
    """One channel of the part of a recording that is used, filtered, at its own rate.

    Each iteration is a pass over it. To be used in a ``with`` statement.

    Parameters
    ----------
    recording : Recording
        What is decoded.
    preparation : Preparation
        The part to use, the channel and the filter; the rest of it belongs to later stages.
    stop : Event
        A pass ends with Cancelled between two blocks if it is set, and so does opening it.
    decoded : callable
        Called with the number of frames in each block of the first pass, and their rate in Hz.
        Later passes are not counted, so that a recording counts as long as it is.

    Attributes
    ----------
    sr : int
        The recording's own rate in Hz.
    n_channels : int
        The number of its channels.
    frames : int
        Number of frames decoded so far in the first pass.
    ended : bool
        Whether the first pass has come to the end.

    Raises
    ------
    DecodeError
        If it cannot be decoded or has no samples; also while it is gone through.
    SignalError
        While it is gone through, if it does not have the channel, or its rate is too low for
        the filter.
    """

    def __init__(
        self,
        recording: Recording,
        preparation: Preparation,
        stop: threading.Event,
        decoded: Callable[[int, int], None],
    ) -> None:
        self._open = functools.partial(
            open_stream,
            recording,
            offset=preparation.offset,
            duration=preparation.duration,
            stop=stop,
        )
        self._path = recording.path
        self._preparation = preparation
        self._stop = stop
        self._decoded = decoded
        self._stream = self._last = self._open()
        try:
            first = next(self._stream.blocks, None)
            if first is None:
                raise no_samples()
        except BaseException:
            self._stream.close()
            raise
        self.sr: int = self._stream.sr
        self.n_channels: int = first.shape[1]
        self.frames: int = 0
        self.ended: bool = False
        seen = self.n_channels if preparation.channels == "mix" else 1
        self._inspector = Inspector(self.sr, seen)
        self._loudest: int | None = None
        self._begun: Iterator[Block] | None = itertools.chain([first], self._stream.blocks)
        self._blocks: Iterable[Block] = Remade(self._decode)
        # Each sample that is used is inspected once, in the first pass, best while it is mixed.
        self._to_inspect: _core.Inspector | None = self._inspector.core
        if preparation.channels == "loudest" and self.n_channels > 1:
            self._blocks = Repeated(self._blocks)
        self._signal: Iterable[Block] = Remade(self._in_one_channel)
        if preparation.takes_passes:
            self._signal = Repeated(self._signal)

    def __enter__(self) -> Passes:
        return self

    def __exit__(self, *_: object) -> None:
        self._last.close()
        # What is kept is as large as a recording: it must not wait for the garbage collector.
        del self._signal, self._blocks

    def __iter__(self) -> Iterator[Block]:
        """Give the blocks, of shape (n,) and float32, of another pass."""
        return iter(self._signal)

    def item(self, rate: int | None) -> Item:
        """Give what was decoded in the first pass as an item, with what may be wrong with it.

        Parameters
        ----------
        rate : int or None
            The highest rate that features are computed at, in Hz; None is the recording's own.
        """
        noticed = self._inspector.warnings(self._preparation, rate)
        start = self._preparation.offset
        return Item(
            self._path,
            start,
            start + self.frames / self.sr,
            decoder=self._stream.decoder,
            warnings=[*self._stream.warnings, *noticed],
        )

    def check_stop(self) -> None:
        """Raise Cancelled if the work is to end."""
        if self._stop.is_set():
            raise Cancelled

    def _in_one_channel(self) -> Iterator[Block]:
        channel = self._chosen_channel()
        front = self._front(channel)
        as_it_is = self.n_channels == 1 and self._preparation.highpass is None
        inspector, self._to_inspect = self._to_inspect, None
        mixed = inspector if channel is None and not as_it_is else None
        for block in self._blocks:
            if inspector is not None and mixed is None:
                inspector.push(block if channel is None else block[:, channel : channel + 1])
            # A copy of short sounds would cost a tenth of all that is done with them.
            yield block[:, 0] if as_it_is else front.push(block, mixed)

    def _front(self, channel: int | None) -> _core.Front:
        try:
            highpass = self._preparation.highpass
            return _core.Front(self.n_channels, channel, highpass, self.sr)
        except ParameterError as why:
            # It is the recording's rate that does not suit: others can be filtered.
            raise SignalError("unsupported", str(why)) from None

    def _chosen_channel(self) -> int | None:
        """Give the channel that is used, None for the mean of all."""
        asked = self._preparation.channels
        if asked == "loudest":
            if self._loudest is None:
                self._loudest = self._with_most_energy()
            return self._loudest
        if isinstance(asked, int):
            return asked
        if asked == "mix":
            return None
        # One channel is heard on both sides.
        return 0 if asked == "left" else min(1, self.n_channels - 1)

    def _with_most_energy(self) -> int:
        """Give the channel with the most energy, the first of those that have as much."""
        if self.n_channels == 1:
            return 0
        energy = np.zeros(self.n_channels)
        for block in self._blocks:
            energy += np.square(block, dtype=np.float64).sum(axis=0)
        return int(np.argmax(energy))

    def _decode(self) -> Iterator[Block]:
        blocks, is_first = self._begun, self._begun is not None
        self._begun = None
        if blocks is None:
            self._last.close()
            self._last = self._open()
            blocks = self._last.blocks
        for block in blocks:
            self.check_stop()
            if is_first:
                self.frames += len(block)
                self._decoded(len(block), self.sr)
            yield block
        self.ended = self.ended or is_first
