"""The method that writes clusters as playlists."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from audioclust.clustering.ordering.path import alike_path
from audioclust.export.organizing.names import cluster_names
from audioclust.export.playlists.entries import Entry, PathKind, Playlist
from audioclust.export.playlists.formats import PlaylistFormat, write_playlist
from audioclust.export.playlists.tags import read_tags
from audioclust.results.held import Held
from audioclust.results.uses.whole_files import whole_files
from audioclust.utils.arguments import check_choice, check_int, check_positive
from audioclust.utils.files import local_place

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audioclust.utils.types import Path

PlaylistOrder = Literal["alike", "name", "typical"]
"""The order of a playlist; see :meth:`audioclust.Clustering.to_playlists`."""


class Playlists(Held):
    """The method that writes playlists, for a result with a table of features."""

    def to_playlists(
        self,
        folder: Path,
        *,
        format: PlaylistFormat = "m3u8",  # noqa: A002 - called so wherever files are written
        order: PlaylistOrder = "alike",
        paths: PathKind = "relative",
        max_length: float | None = None,
        min_size: int = 1,
    ) -> dict[int, str]:
        """Write a playlist for each cluster.

        A playlist is named after the number of its cluster and the name, if it was given one:
        ``0 kicks.m3u8``, or ``cluster 0.m3u8``. Title and artist come from a file's tags; a
        file without a title is shown by its name. Sounds in no cluster get no playlist.

        Parameters
        ----------
        folder : str or os.PathLike
            Where to; made if it is not there. A playlist of the same name is replaced. All
            else in the folder stays, playlists of an earlier run with more clusters included.
        format : {"m3u8", "xspf"}, default="m3u8"
            Extended M3U in UTF-8, which every player reads, or XSPF, in which every name can
            be told by a relative path.
        order : {"alike", "name", "typical"}, default="alike"
            A short path through the cluster, from its most typical sound on, so that each sound
            is like the one before it; by path; or by the distance from the centre.
        paths : {"relative", "absolute"}, default="relative"
            Paths from the playlist's folder, which hold if all is moved together, or full ones.
            In M3U8, a name that players would read in different ways is always told by the full
            path, as a ``file://`` URI: one with ``%``, ``?``, ``#``, ``[``, ``]``, a backslash,
            a line break, another character that cannot be seen, spaces at its end, or bytes
            that are not UTF-8.
        max_length : float or None, default=None
            How long a playlist may last, in seconds; None is as long as its cluster. The most
            typical sounds are taken, those left out that no longer fit. A sound of unknown
            length does not fit.
        min_size : int, default=1
            A cluster gets no playlist if there are fewer sounds to put in it.

        Returns
        -------
        playlists : dict of int to str
            The path of the playlist of each cluster that has one.

        Raises
        ------
        ParameterError
            If an argument is invalid, sounds were given in memory, a file has several items, or
            a playlist would replace one of the sounds.
        OSError
            If a playlist cannot be written. Those before it are written then.

        Notes
        -----
        The path goes on to the nearest sound that is left, and is then shortened by 2-opt. Time
        grows as the square of a cluster's size.

        Examples
        --------
        >>> result.to_playlists("playlists", max_length=3600)  # doctest: +SKIP
        {0: 'playlists/cluster 0.m3u8', 1: 'playlists/cluster 1.m3u8'}
        """
        where = local_place("folder", folder)
        check_choice("format", format, get_args(PlaylistFormat))
        check_choice("order", order, get_args(PlaylistOrder))
        check_choice("paths", paths, get_args(PathKind))
        longest = math.inf if max_length is None else check_positive("max_length", max_length)
        min_size = check_int("min_size", min_size, 1)
        table = self.item_table()
        files = whole_files(table)
        lengths = self._lengths() if math.isinf(longest) else self._lengths(files)
        os.makedirs(where, exist_ok=True)
        written: dict[int, str] = {}
        names = cluster_names(self.k, self.names)
        targets = [os.path.join(where, f"{name}.{format}") for name in names]
        inputs = _at(targets, table.inputs)
        for cluster, (name, path) in enumerate(zip(names, targets, strict=True)):
            members = self._fitting(cluster, lengths, longest)
            if len(members) >= min_size:
                ordered = self._ordered(members, order, files)
                entries = [_entry(files[i], lengths[i]) for i in ordered.tolist()]
                title = self.names.get(cluster) or name
                write_playlist(Playlist(entries, title, paths, inputs), path, format)
                written[cluster] = path
        return written

    def _lengths(self, files: Sequence[str] = ()) -> list[float | None]:
        """Give the length of each item's file in seconds as it was decoded, None if unknown.

        What was only decoded in part has the length that its tags or its header promise, if
        files are given.
        """
        preparation = self.table.settings.preparation
        is_whole = preparation.duration is None and not preparation.offset
        known: list[float | None] = [
            item.end if is_whole and not item.start and math.isfinite(item.end) else None
            for item in self.table.items
        ]
        for i, file in enumerate(files):
            if known[i] is None:
                known[i] = read_tags(file, length=True).seconds
        return known

    def _fitting(
        self, cluster: int, lengths: Sequence[float | None], longest: float
    ) -> NDArray[np.int64]:
        """Give the items of a cluster that fit into a playlist, most typical first."""
        members = np.flatnonzero(self.labels == cluster)
        members = members[np.argsort(self.distances[members], kind="stable")]
        if math.isinf(longest):
            return members
        total, fitting = 0.0, []
        for i in members.tolist():
            seconds = lengths[i]
            if seconds is not None and total + seconds <= longest:
                total += seconds
                fitting.append(i)
        return np.array(fitting, np.int64)

    def _ordered(
        self, members: NDArray[np.int64], order: PlaylistOrder, files: Sequence[str]
    ) -> NDArray[np.int64]:
        """Put items that are sorted by how typical they are into an order."""
        if order == "alike":
            rows = self.scaler.transform(self.table.values[members])
            return members[alike_path(rows, 0)]
        if order == "name":
            return np.array(sorted(members.tolist(), key=lambda i: files[i]), np.int64)
        return members


def _at(targets: Iterable[str], inputs: Sequence[str]) -> list[str]:
    """Give the inputs that are at one of the targets.

    Each is looked at once, where writing would look at all of them for each target.
    """
    there = set(filter(None, map(_identity, targets)))
    return [path for path in inputs if _identity(path) in there] if there else []


def _identity(path: str) -> tuple[int, int] | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _entry(file: str, seconds: float | None) -> Entry:
    tags = read_tags(file, length=seconds is None)
    length = tags.seconds if seconds is None else seconds
    return Entry(file, length, tags.title, tags.artist)
