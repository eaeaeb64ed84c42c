"""What writers take: labelled items, and labelled spans of recordings."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from audioclust.audio.spans import Extent, Item, Span, name_of
from audioclust.errors import ItemError, ParameterError
from audioclust.utils import html
from audioclust.utils.arguments import check_path
from audioclust.utils.by_path import ByPath
from audioclust.utils.text import on_one_line
from audioclust.utils.urls.names import in_folder

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audioclust.utils.types import Path


class Later(Mapping[str, Any]):
    """A mapping that is made when it is first asked for anything.

    Parameters
    ----------
    make : callable
        Gives the mapping.
    """

    def __init__(self, make: Callable[[], Mapping[str, Any]]) -> None:
        self._make = make

    @functools.cached_property
    def _made(self) -> Mapping[str, Any]:
        return self._make()

    def __getitem__(self, key: str) -> Any:
        return self._made[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._made)

    def __len__(self) -> int:
        return len(self._made)


@dataclass(frozen=True)
class ItemTable:
    """Items with their labels, and what could not be used.

    Attributes
    ----------
    items : sequence of Item
        The items that have a label.
    labels : sequence of int
        The cluster of each item.
    distances : sequence of float
        The distance of each item to the centre of its cluster.
    errors : sequence of ItemError
        What could not be used, and why.
    about : mapping
        What JSON contains after items and errors. Its values are plain: str, numbers, None,
        and lists and mappings of these. It may be a :class:`Later`: only JSON and Parquet ask.
    folder : str or None
        The folder that relative paths belong to; None if the sounds were in memory.
    names : mapping of int to str
        The names of clusters, by number; without those that have none.
    more : mapping of str to sequence or ndarray
        Further columns by their names, each with a plain value for each item, or arrays of
        float32, in which NaN stands for what is not defined.
    arrays : mapping
        What only JSON contains, at its end: arrays, and mappings of these and plain values.
    other_inputs : sequence of str
        Paths that no output may replace, beside those of the items and the errors: of what was
        left out as too short or too long.
    """

    items: Sequence[Item]
    labels: Sequence[int]
    distances: Sequence[float]
    errors: Sequence[ItemError] = ()
    about: Mapping[str, Any] = field(default_factory=dict)
    folder: str | None = ""
    names: Mapping[int, str] = field(default_factory=dict)
    more: Mapping[str, Sequence[Any] | NDArray[Any]] = field(default_factory=dict)
    arrays: Mapping[str, Any] = field(default_factory=dict)
    other_inputs: Sequence[str] = ()

    def _repr_html_(self) -> str:
        """Give the first items as a notebook shows them."""
        rows = (
            (item.path, f"{item.start:.2f}", f"{item.end:.2f}", label, f"{distance:.4g}")
            for item, label, distance in zip(
                self.items, self.labels, self.distances, strict=True
            )
        )
        failed = f"; {len(self.errors)} could not be used" if self.errors else ""
        caption = f"ItemTable: {len(self.items)} items{failed}"
        head = ("path", "start in s", "end in s", "cluster", "distance")
        return html.table(caption, head, rows, len(self.items))

    @property
    def label_names(self) -> list[str | None]:
        """The name of each item's cluster, None if it has none."""
        return [self.names.get(label) for label in self.labels]

    @property
    def inputs(self) -> tuple[str, ...]:
        """The paths that no output may replace, each once."""
        paths = [item.path for item in self.items]
        failed = [error.path for error in self.errors]
        return located([*paths, *failed, *self.other_inputs], self.folder)


@dataclass(frozen=True)
class SpanTable:
    """Labelled spans, and the recordings that they are parts of.

    Attributes
    ----------
    spans : sequence of Span
        The spans, those of each recording in order of time.
    recordings : sequence of Extent
        The recordings, in the order in which they were given.
    about : mapping
        What JSON contains after spans and recordings. Its values are plain: str, numbers,
        None, and lists and mappings of these.
    other_inputs : sequence of str
        Paths that no output may replace, beside those of the recordings: of recordings that
        could not be used, or that this table leaves out.
    folder : str or None
        The folder that relative paths belong to; None if the recordings were in memory.
    """

    spans: Sequence[Span]
    recordings: Sequence[Extent]
    about: Mapping[str, Any] = field(default_factory=dict)
    other_inputs: Sequence[str] = ()
    folder: str | None = ""

    @property
    def inputs(self) -> tuple[str, ...]:
        """The paths that no output may replace, each once."""
        paths = [recording.path for recording in self.recordings]
        return located([*paths, *self.other_inputs], self.folder)

    def _repr_html_(self) -> str:
        """Give the first spans as a notebook shows them."""
        rows = (
            (span.path, f"{span.start:.2f}", f"{span.end:.2f}", name_of(span.label))
            for span in self.spans
        )
        caption = f"SpanTable: {len(self.spans)} spans of {len(self.recordings)} recordings"
        head = ("path", "start in s", "end in s", "label")
        return html.table(caption, head, rows, len(self.spans))

    def of(self, recording: Extent) -> list[Span]:
        """Give the spans of one recording."""
        return [span for span in self.spans if span.path == recording.path]

    def only(self, what: str) -> Extent:
        """Give the only recording.

        Parameters
        ----------
        what : str
            What is being written, for the error.

        Raises
        ------
        ParameterError
            If there are several recordings, or none.
        """
        if len(self.recordings) != 1:
            raise ParameterError(
                f"{what} is of one recording, but these spans are of {len(self.recordings)}:"
                " expected recording=, the path of one of them"
            )
        return self.recordings[0]

    def restricted(self, path: Path | None) -> SpanTable:
        """Give the part of the table that is of one recording, or all of it for None.

        Raises
        ------
        ParameterError
            If there is no recording with this path.
        """
        if path is None:
            return self
        name = check_path("recording", path)
        by_path = ByPath(
            {recording.path: recording for recording in self.recordings}, self.folder
        )
        if name not in by_path:
            known = ", ".join(on_one_line(r.path) for r in self.recordings[:5])
            raise ParameterError(f"recording={name!r}: expected one of {known}")
        chosen = by_path[name]
        return replace(
            self, spans=self.of(chosen), recordings=[chosen], other_inputs=self.inputs
        )


def located(paths: Iterable[str], folder: str | None) -> tuple[str, ...]:
    """Give paths that are valid in any folder, each once; none if the sounds were in memory.

    Parameters
    ----------
    paths : iterable of str
    folder : str or None
        The folder that relative ones belong to; None if they are names of audio in memory.
    """
    if folder is None:
        return ()
    return tuple(dict.fromkeys(in_folder(folder, path) for path in paths))
