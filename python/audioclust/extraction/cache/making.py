"""`Maker`: what computes results, each within the bounds of length, and has them kept."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from typing import Generic, TypeAlias, TypeVar

from audioclust.audio.choosing.file_filter import FileFilter
from audioclust.audio.choosing.lengths import (
    Heard,
    Length,
    Outside,
    OutsideBounds,
    check_length,
    is_enough,
    outside_of,
)
from audioclust.audio.recording import Recording
from audioclust.audio.spans import Item
from audioclust.errors import DecodeError, ItemError, SignalError
from audioclust.extraction.cache.records import Failed, Kept

M = TypeVar("M")

Result: TypeAlias = M | Outside
"""What is made of a recording, or that it is too short or too long."""


class Maker(ABC, Generic[M]):
    """Computes the result of a recording, and knows how the cache keeps it.

    A kind of result is a class with :meth:`make`, :meth:`keep` and :meth:`load`.

    Attributes
    ----------
    files : FileFilter
        How long recordings may be.
    is_part : bool
        Whether only a part of a recording is decoded for its result.
    """

    files: FileFilter

    @property
    @abstractmethod
    def is_part(self) -> bool:
        """Whether only a part of a recording is decoded for its result."""

    @abstractmethod
    def make(self, recording: Recording, length: Length, stop: threading.Event) -> M:
        """Compute a result; `length` follows how much is decoded, unless it is of a part."""

    @abstractmethod
    def keep(self, result: M) -> Kept:
        """Give a result as the cache keeps it."""

    @abstractmethod
    def load(self, kept: Kept) -> M:
        """Take a result from the cache; raise a ValueError if it is none of those asked for."""

    def compute(self, recording: Recording, stop: threading.Event) -> Result[M] | Failed:
        """Give the result of a recording, or why it has none."""
        length = Length(recording.path, self.files)
        is_checked = False
        try:
            # The part is decoded by itself, and may be in the middle of the recording.
            if self.is_part and self.files.has_bounds:
                check_length(recording, length, stop)
            is_checked = True
            return self.make(recording, length, stop)
        except OutsideBounds as why:
            return why.outside
        except (DecodeError, SignalError) as why:
            # Without bounds, what is outside of the part is not decoded.
            return Failed(why, length.heard if is_checked else None)

    def work(self, recording: Recording, stop: threading.Event) -> Result[M]:
        """Do as :meth:`compute` does, but raise what is wrong with a recording."""
        result = self.compute(recording, stop)
        if isinstance(result, Failed):
            raise result.error
        return result

    def kept(self, result: Result[M]) -> Kept:
        """Give a result as the cache keeps it, or that a recording is outside of the bounds."""
        if isinstance(result, Outside):
            return Kept(Item(result.left_out.path, 0.0, 0.0), 0, {}, result.heard)
        return self.keep(result)

    def loaded(self, kept: Kept) -> Result[M]:
        """Take a result from the cache.

        Raises
        ------
        ValueError
            If it is not like those that are asked for, or does not say how long the recording
            is though that matters.
        """
        outside = outside_of(self.files, kept.item.path, kept.heard)
        if outside is not None:
            return outside
        self._check_enough(kept.heard)
        return self.load(kept)

    def failed(self, error: ItemError, heard: Heard) -> ItemError | Outside:
        """Take a failure from the cache, of a recording of which so much was decoded.

        Raises
        ------
        ValueError
            If that does not say how long the recording is though that matters.
        """
        outside = outside_of(self.files, error.path, heard)
        if outside is not None:
            return outside
        if self.is_part:
            self._check_enough(heard)
        # Otherwise it fails here again, before more of it is decoded.
        return error

    def _check_enough(self, heard: Heard) -> None:
        if self.files.has_bounds and not is_enough(self.files, heard):
            raise ValueError("how long the recording is was not kept")
