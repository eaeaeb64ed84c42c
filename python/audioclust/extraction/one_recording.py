"""The row of one recording: computed in one pass, and as the cache keeps it."""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from audioclust.audio.choosing.file_filter import FileFilter, LeftOut
from audioclust.audio.choosing.lengths import Length, OutsideBounds, check_length
from audioclust.audio.preparation.passes import Passes
from audioclust.audio.preparation.survey import part_used
from audioclust.audio.recording import Recording
from audioclust.audio.spans import Item
from audioclust.extraction.cache.memory import FIRST
from audioclust.extraction.cache.records import Kept
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
    length: float | None
    """How long the whole recording is, in seconds; None if not all of it was decoded."""


class Outside(NamedTuple):
    """A recording that was left out, and how much of it was decoded to know that.

    Attributes
    ----------
    left_out : LeftOut
        Which recording, and why.
    seconds : float
        Its length; of one that is too long, how much was decoded.
    """

    left_out: LeftOut
    seconds: float


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

    def compute(self, recording: Recording, stop: threading.Event) -> Row | Outside:
        """Give the row of a recording, unless that is too short or too long."""
        try:
            if not self.settings.preparation.is_part:
                return self._row(recording, Length(recording.path, self.files), stop)
            # The part is decoded by itself, and may be in the middle of the recording.
            if self.files.has_bounds:
                check_length(recording, self.files, stop)
            return self._row(recording, None, stop)
        except OutsideBounds as outside:
            return Outside(outside.left_out, outside.seconds)

    def _row(self, recording: Recording, length: Length | None, stop: threading.Event) -> Row:
        """Compute a row; `length` follows how much was decoded, None if that is a part only."""
        settings = self.settings

        def counted(n_frames: int, sr: int) -> None:
            count_decoded(stop, n_frames, sr)
            if length is not None:
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
            is_whole = length is not None and passes.ended
        if length is not None:
            length.end()
        return Row(
            item,
            builder.finish(),
            tuple(vector.finish(stop) for vector in vectors),
            sr,
            None if describer is None else describer.finish(),
            length.seconds if is_whole and length is not None else None,
        )

    @property
    def _names(self) -> tuple[str, ...]:
        """The names that the cache has for the arrays of a row."""
        vectors = (_VECTOR + embedding.name for embedding in self.settings.embeddings)
        return (FIRST, *vectors, *([_DESCRIPTORS] if self.settings.descriptors else []))

    def kept(self, result: Row | Outside) -> Kept:
        """Give a row as the cache keeps it, or that a recording is outside of the bounds."""
        if isinstance(result, Outside):
            is_exact = result.left_out.reason == "too short"
            end = result.seconds if is_exact else math.inf
            return Kept(Item(result.left_out.path, 0.0, end), 0, {}, result.seconds)
        arrays = [result.values, *result.vectors]
        arrays += [] if result.descriptors is None else [result.descriptors]
        named = dict(zip(self._names, arrays, strict=True))
        return Kept(result.item, result.sr, named, result.length)

    def loaded(self, kept: Kept) -> Row | Outside:
        """Take a row from the cache.

        Raises
        ------
        ValueError
            If it is not like those that are asked for, or does not say how long the recording
            is though that matters.
        """
        outside = self._outside(kept)
        if outside is not None:
            return outside
        if tuple(kept.arrays) != self._names:
            raise ValueError(f"it has {tuple(kept.arrays)}")
        embeddings = self.settings.embeddings
        values, *rest = kept.arrays.values()
        vectors, described = rest[: len(embeddings)], rest[len(embeddings) :]
        for embedding, vector in zip(embeddings, vectors, strict=True):
            if embedding.size not in (None, len(vector)):
                raise ValueError("a vector has another size")
        descriptors = described[0] if described else None
        return Row(kept.item, values, tuple(vectors), kept.sr, descriptors, kept.length)

    def _outside(self, kept: Kept) -> Outside | None:
        """Tell that a recording is outside of the bounds, as far as the cache knows."""
        if not self.files.has_bounds:
            return None
        if kept.length is None:
            raise ValueError("how long the recording is was not kept")
        left_out = self.files.left_out(kept.item.path, kept.length)
        was_cut = not kept.arrays and kept.item.end == math.inf
        if was_cut and (left_out is None or left_out.reason != "too long"):
            raise ValueError("the recording may be longer")
        return None if left_out is None else Outside(left_out, kept.length)
