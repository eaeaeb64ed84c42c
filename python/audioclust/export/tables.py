"""What writers take: labelled items, and spans of recordings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from audioclust.audio.spans import Extent, Item, Span
from audioclust.errors import ItemError, ParameterError
from audioclust.utils.arguments import check_path
from audioclust.utils.text import on_one_line

if TYPE_CHECKING:
    from audioclust.utils.types import Path


@dataclass(frozen=True)
class ItemTable:
    """Items with their labels, and what could not be used.

    Attributes
    ----------
    items : sequence of Item
        The items that have a label.
    labels : sequence of int
        The label of each item.
    distances : sequence of float
        The distance of each item to its cluster's centre.
    errors : sequence of ItemError
        What could not be used, and why.
    about : mapping
        What else a JSON file contains.
    """

    items: Sequence[Item]
    labels: Sequence[int]
    distances: Sequence[float]
    errors: Sequence[ItemError] = ()
    about: Mapping[str, Any] = field(default_factory=dict)

    @property
    def inputs(self) -> tuple[str, ...]:
        """The paths that no output may replace."""
        of_items = [item.path for item in self.items]
        return tuple(dict.fromkeys([*of_items, *(error.path for error in self.errors)]))


@dataclass(frozen=True)
class SpanTable:
    """Spans and the recordings that they are of.

    Attributes
    ----------
    spans : sequence of Span
        Of each recording in order of time.
    recordings : sequence of Extent
        In the order in which they were given.
    about : mapping
        What else a JSON file is to say.
    """

    spans: Sequence[Span]
    recordings: Sequence[Extent]
    about: Mapping[str, Any] = field(default_factory=dict)

    @property
    def inputs(self) -> tuple[str, ...]:
        """The paths that no output may replace."""
        return tuple(recording.path for recording in self.recordings)

    def of(self, recording: Extent) -> list[Span]:
        """Give the spans of one recording."""
        return [span for span in self.spans if span.path == recording.path]

    def only(self, what: str) -> Extent:
        """Give the one recording there is, or raise a ParameterError that says `what` for."""
        if len(self.recordings) != 1:
            raise ParameterError(
                f"{what} is of one recording, but these spans are of {len(self.recordings)}:"
                " expected recording=, the path of one of them"
            )
        return self.recordings[0]

    def restricted(self, path: Path | None) -> SpanTable:
        """Give the part that is of one recording, or all of it for None."""
        if path is None:
            return self
        name = check_path("recording", path)
        chosen = [recording for recording in self.recordings if recording.path == name]
        if not chosen:
            known = ", ".join(on_one_line(r.path) for r in self.recordings[:5])
            raise ParameterError(f"recording={name!r}: expected one of {known}")
        return SpanTable(self.of(chosen[0]), chosen, self.about)
