"""The methods that let a user hear what is in a cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from audioclust.results.held import Held
from audioclust.utils.arguments import check_int, check_positive

if TYPE_CHECKING:
    from audioclust.audio.spans import Item
    from audioclust.listening.excerpts import Preview
    from audioclust.listening.notebook import Sounds
    from audioclust.utils.types import Path


class ItemGroups(Held):
    """The methods that show and play clusters, for a result with items and distances."""

    @property
    def n_unassigned(self) -> int:
        """The number of items that are in no cluster."""
        return int((self.labels == -1).sum())

    def representatives(self, n: int = 1) -> list[tuple[Item, ...]]:
        """Give, for each cluster, the `n` items nearest its centre, nearest first.

        Where there are no centres they are nearest the mean of their cluster.
        """
        n = check_int("n", n, 1)
        order = np.argsort(self.distances, kind="stable")
        nearest = [order[self.labels[order] == cluster][:n] for cluster in range(self.k)]
        return [tuple(self.items[i] for i in rows) for rows in nearest]

    def preview(
        self, cluster: int | str, path: Path, *, n: int = 10, seconds: float = 1.0
    ) -> Preview:
        """Write short excerpts of a cluster, one after the other, to hear what is in it.

        They are of the `n` items nearest the cluster's centre, nearest first. Of each item the
        excerpt is the part, `seconds` long, that has the most energy; a shorter item is taken
        as a whole. Excerpts are brought to the same RMS, to one channel and to 44.1 kHz, and
        fade in and out over 10 ms. The whole has a peak 1 dB below full scale, so that nothing
        clips. Files are decoded block by block.

        Parameters
        ----------
        cluster : int or str
            The number or the name of the cluster.
        path : str or os.PathLike
            The sound file to write. Its suffix names the format; ``.wav`` is in 16 bits.
        n : int, default=10
            Number of excerpts, at most.
        seconds : float, default=1.0
            Length of each excerpt.

        Returns
        -------
        Preview
            ``excerpts``, an item for each, and ``errors``, the files that could not be read.
            The next nearest items take their place.

        Raises
        ------
        NothingExtractedError
            If no file can be read. Sounds that were clustered from memory are not kept.
        ParameterError
            If there is no such cluster, no such format, or `path` is one of the sounds.

        Examples
        --------
        >>> result.preview(0, "cluster_0.wav")  # doctest: +SKIP
        """
        from audioclust.listening.excerpts import write_preview

        n = check_int("n", n, 1)
        seconds = check_positive("seconds", seconds)
        nearest = self._nearest_first(cluster)
        table = self.item_table()
        return write_preview(
            nearest, path, n=n, seconds=seconds, folder=table.folder, inputs=table.inputs
        )

    def show(self, cluster: int | str, *, n: int = 10, seconds: float = 30.0) -> Sounds:
        """Show the sounds of a cluster in a notebook: a waveform and a player for each.

        Parameters
        ----------
        cluster : int or str
            The number or the name of the cluster.
        n : int, default=10
            Number of sounds that are shown, those nearest the centre first. The others are
            counted.
        seconds : float, default=30.0
            Length that is shown of each sound. It is stored in the notebook, as MP3.

        Returns
        -------
        Sounds
            What a notebook shows as the value of a cell, without any link or script.

        Raises
        ------
        ParameterError
            If there is no such cluster.
        """
        from audioclust.listening.notebook import Sounds

        n, seconds = check_int("n", n, 1), check_positive("seconds", seconds)
        items = self._nearest_first(cluster)
        return Sounds(f"cluster {cluster}", items, n, seconds, self.item_table().folder)

    def play(self, cluster: int | str) -> str:
        """Play the files of a cluster with the system's player, those nearest its centre first.

        A playlist (M3U8) of whole files is written to a temporary file, which is opened with
        the command that ``$AUDIOCLUST_PLAYER`` names, or else with ``xdg-open``, macOS's
        ``open`` or Windows' own player. The call returns when that command ends.

        Parameters
        ----------
        cluster : int or str
            The number or the name of the cluster.

        Returns
        -------
        playlist : str
            The path of the playlist.

        Raises
        ------
        PlaybackError
            If there is no player, or it fails, or none of the files exists.
        ParameterError
            If there is no such cluster.
        """
        from audioclust.listening.player import play_items

        return play_items(self._nearest_first(cluster), self.item_table().folder)

    def _nearest_first(self, cluster: int | str) -> tuple[Item, ...]:
        """Give the items of a cluster, nearest its centre first."""
        cluster = self.number_of(cluster)
        members = np.flatnonzero(self.labels == cluster)
        order = members[np.argsort(self.distances[members], kind="stable")]
        return tuple(self.items[i] for i in order)
