"""Items and spans: parts of recordings without and with a label."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple, Self, TypeVar

from audioclust.errors import DecodeError, ItemWarning, WarningKind
from audioclust.utils.urls.names import in_folder


class _Part(NamedTuple):
    """What makes an item the one that it is."""

    path: str
    start: float
    end: float


class Item(_Part):
    """A whole recording, or a part of one, such as a window or a drum hit.

    Items are what features are computed of, and what is clustered, exported and played. An item
    is the tuple ``(path, start, end)``; how it was read belongs to it, but does not make it
    another one.

    Attributes
    ----------
    path : str
        The path of the file, or the name of audio in memory.
    start, end : float
        Start and end of the item in the recording, in seconds. An item that goes to the end of
        a recording whose length is not known ends at infinity, which JSON has as null.
    decoder : str or None
        The name of the decoder that read it; None if it was given in memory or not yet read.
    warnings : tuple of ItemWarning
        What may be wrong with it.
    """

    decoder: str | None = None
    warnings: tuple[ItemWarning, ...] = ()

    def __new__(
        cls,
        path: str,
        start: float,
        end: float,
        *,
        decoder: str | None = None,
        warnings: Iterable[ItemWarning] = (),
    ) -> Self:
        """Make an item."""
        item = super().__new__(cls, path, start, end)
        item.decoder = decoder
        item.warnings = tuple(warnings)
        return item

    def _replace(self, **changes: Any) -> Self:
        own = {"decoder": self.decoder, "warnings": self.warnings}
        return type(self)(**{**self._asdict(), **own, **changes})

    def within(self, folder: str | None) -> Item:
        """Give the same item with a path that is valid in any folder.

        Parameters
        ----------
        folder : str or None
            The folder that relative paths belong to; None if the sound was in memory.

        Raises
        ------
        DecodeError
            If the sound was in memory: only its features are kept.
        """
        if folder is None:
            raise DecodeError("unreadable", IN_MEMORY)
        return self._replace(path=in_folder(folder, self.path))


IN_MEMORY = "it was given in memory, and only its features are kept"
"""Why a sound that was clustered cannot be heard."""

SILENCE = -1
"""The label of silence in segmentations that tell it apart. As text it is "silence"."""


class Span(NamedTuple):
    """A part of a recording with a label.

    Attributes
    ----------
    path : str
        The path of the file, or the name of audio in memory.
    start, end : float
        Start and end of the span in the recording, in seconds.
    label : int
        The number of its cluster, or -1 for silence.
    """

    path: str
    start: float
    end: float
    label: int

    @property
    def duration(self) -> float:
        """The length of the span in seconds."""
        return self.end - self.start


class _Length(NamedTuple):
    """What makes an extent the one that it is."""

    path: str
    duration: float
    sr: int


class Extent(_Length):
    """A recording's length and rate.

    Attributes
    ----------
    path : str
        The path of the file, or the name of audio in memory, as in its spans.
    duration : float
        Its length in seconds.
    sr : int
        Its own sampling rate in Hz.
    decoder : str or None
        The name of the decoder that read it; None if it was given in memory.
    warnings : tuple of ItemWarning
        What may be wrong with it.
    """

    decoder: str | None = None
    warnings: tuple[ItemWarning, ...] = ()

    def __new__(
        cls,
        path: str,
        duration: float,
        sr: int,
        *,
        decoder: str | None = None,
        warnings: Iterable[ItemWarning] = (),
    ) -> Self:
        """Make an extent."""
        extent = super().__new__(cls, path, duration, sr)
        extent.decoder = decoder
        extent.warnings = tuple(warnings)
        return extent


AnyPart = TypeVar("AnyPart", Item, Extent)


def by_warning(parts: Iterable[AnyPart]) -> dict[WarningKind, tuple[AnyPart, ...]]:
    """Give items or extents by the kinds of their warnings; kinds that more have come first.

    One may be there under several kinds.
    """
    found: dict[WarningKind, list[AnyPart]] = {}
    for part in parts:
        for kind in dict.fromkeys(warning.kind for warning in part.warnings):
            found.setdefault(kind, []).append(part)
    ordered = sorted(found, key=lambda kind: -len(found[kind]))
    return {kind: tuple(found[kind]) for kind in ordered}


def name_of(label: int) -> str:
    """Give a label as text: its number, or "silence"."""
    return "silence" if label == SILENCE else str(label)
