"""The row of one recording: computed in one pass, and as the cache keeps it."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from audioclust.audio.choosing.file_filter import FileFilter
from audioclust.audio.choosing.lengths import Heard, Length
from audioclust.audio.preparation.passes import Passes
from audioclust.audio.preparation.survey import part_used
from audioclust.audio.recording import Recording
from audioclust.audio.spans import Item
from audioclust.extraction.cache.making import Maker
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
    heard: Heard
    """How much of the whole recording was decoded, as far as it was counted."""


@dataclass(frozen=True)
class OneRecording(Maker[Row]):
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

    @property
    def is_part(self) -> bool:
        """Whether only a part of a recording is decoded."""
        return self.settings.preparation.is_part

    def make(self, recording: Recording, length: Length, stop: threading.Event) -> Row:
        """Compute a row; `length` follows how much is decoded, unless it is of a part."""
        settings = self.settings

        def counted(n_frames: int, sr: int) -> None:
            count_decoded(stop, n_frames, sr)
            if not self.is_part:
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
        if not self.is_part:
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

    def keep(self, result: Row) -> Kept:
        """Give a row as the cache keeps it."""
        arrays = [result.values, *result.vectors]
        arrays += [] if result.descriptors is None else [result.descriptors]
        named = dict(zip(self._names, arrays, strict=True))
        return Kept(result.item, result.sr, named, result.heard)

    def load(self, kept: Kept) -> Row:
        """Take a row from the cache; raise a ValueError if it is not like those asked for."""
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
