"""The row of one recording: computed in one pass, and as the cache keeps it."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

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
from audioclust.audio.preparation.passes import Passes
from audioclust.audio.preparation.survey import part_used
from audioclust.audio.recording import Recording
from audioclust.audio.spans import Item
from audioclust.errors import DecodeError, ItemError, SignalError
from audioclust.extraction.cache.memory import FIRST
from audioclust.extraction.cache.records import Failed, Kept
from audioclust.extraction.descriptors.describing import DescriptorBuilder
from audioclust.extraction.embeddings.vectors import VectorBuilder
from audioclust.extraction.plans import Plans
from audioclust.extraction.progress import count_decoded
from audioclust.extraction.settings import ExtractionSettings
from audioclust.extraction.streaming import RowBuilder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_VECTOR = "vector:"
"""What the cache puts before the name of an embedding."""

_DESCRIPTORS = "descriptors"
"""The name that the cache has for the descriptors."""


@dataclass(frozen=True, slots=True)
class Row:
    """The features of one recording."""

    item: Item
    values: NDArray[np.float32]
    vectors: tuple[NDArray[np.float32], ...]
    """That of each embedding."""
    sr: int
    """The recording's own rate in Hz."""
    descriptors: NDArray[np.float32] | None
    """What it is like; None if nobody asked."""
    heard: Heard
    """How much of the whole recording was decoded, as far as it was counted."""


@dataclass(frozen=True)
class OneRecording:
    """How the row of a recording is computed, and kept by the cache.

    Attributes
    ----------
    settings : ExtractionSettings
        What is computed.
    plans : Plans
        The plans of its features.
    files : FileFilter
        How long recordings may be.
    """

    settings: ExtractionSettings
    plans: Plans
    files: FileFilter

    def compute(self, recording: Recording, stop: threading.Event) -> Row | Outside | Failed:
        """Give the row of a recording, or why it has none."""
        length = Length(recording.path, self.files)
        is_checked = False
        try:
            # The part is decoded by itself, and may be in the middle of the recording.
            if self.settings.preparation.is_part and self.files.has_bounds:
                check_length(recording, length, stop)
            is_checked = True
            return self._row(recording, length, stop)
        except OutsideBounds as why:
            return why.outside
        except (DecodeError, SignalError) as why:
            # Without bounds, what is outside of the part is not decoded.
            return Failed(why, length.heard if is_checked else None)

    def work(self, recording: Recording, stop: threading.Event) -> Row | Outside:
        """Do as :meth:`compute` does, but raise what is wrong with a recording."""
        result = self.compute(recording, stop)
        if isinstance(result, Failed):
            raise result.error
        return result

    def _row(self, recording: Recording, length: Length, stop: threading.Event) -> Row:
        """Compute a row; `length` follows how much was decoded, unless that is a part only."""
        settings = self.settings
        is_part = settings.preparation.is_part

        def counted(n_frames: int, sr: int) -> None:
            count_decoded(stop, n_frames, sr)
            if not is_part:
                length.add(n_frames, sr)

        with Passes(recording, settings.preparation, stop, counted) as passes:
            sr = passes.sr
            part = part_used(passes, settings.preparation, settings.analysis.sr or sr)
            describer = DescriptorBuilder(sr, part) if settings.descriptors else None
            builder = RowBuilder(sr, self.plans, part, describer)
            vectors = [VectorBuilder(sr, embedding, part) for embedding in settings.embeddings]
            takers: list[RowBuilder | VectorBuilder | DescriptorBuilder] = [builder, *vectors]
            takers += [] if describer is None else [describer]
            # What was kept of a pass before may be all that is needed.
            for y in passes if not all(taker.done for taker in takers) else ():
                for taker in takers:
                    taker.push(y, stop)
                if all(taker.done for taker in takers):
                    break
            item = passes.item(settings.highest_rate)
        if not is_part:
            length.end()
        return Row(
            item,
            builder.finish(),
            tuple(vector.finish(stop) for vector in vectors),
            sr,
            None if describer is None else describer.finish(),
            length.heard,
        )

    @property
    def _names(self) -> tuple[str, ...]:
        """The names that the cache has for the arrays of a row."""
        vectors = (_VECTOR + embedding.name for embedding in self.settings.embeddings)
        return (FIRST, *vectors, *([_DESCRIPTORS] if self.settings.descriptors else []))

    def kept(self, result: Row | Outside) -> Kept:
        """Give a row as the cache keeps it, or that a recording is outside of the bounds."""
        if isinstance(result, Outside):
            return Kept(Item(result.left_out.path, 0.0, 0.0), 0, {}, result.heard)
        arrays = [result.values, *result.vectors]
        arrays += [] if result.descriptors is None else [result.descriptors]
        named = dict(zip(self._names, arrays, strict=True))
        return Kept(result.item, result.sr, named, result.heard)

    def loaded(self, kept: Kept) -> Row | Outside:
        """Take a row from the cache.

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
        # It may have descriptors that nobody asks for now.
        if not kept.arrays.keys() >= set(self._names):
            raise ValueError(f"it has {tuple(kept.arrays)}")
        embeddings = self.settings.embeddings
        values, *rest = (kept.arrays[name] for name in self._names)
        vectors, described = rest[: len(embeddings)], rest[len(embeddings) :]
        for embedding, vector in zip(embeddings, vectors, strict=True):
            if embedding.size not in (None, len(vector)):
                raise ValueError("a vector has another size")
        descriptors = described[0] if described else None
        return Row(kept.item, values, tuple(vectors), kept.sr, descriptors, kept.heard)

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
        if self.settings.preparation.is_part:
            self._check_enough(heard)
        # Otherwise it fails here again, before more of it is decoded.
        return error

    def _check_enough(self, heard: Heard) -> None:
        if self.files.has_bounds and not is_enough(self.files, heard):
            raise ValueError("how long the recording is was not kept")
