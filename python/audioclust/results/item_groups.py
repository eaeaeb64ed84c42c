"""What clusters are looked at and listened to by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from audioclust.utils.arguments import check_int, check_positive

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from audioclust.audio.spans import Item
    from audioclust.listening.excerpts import Preview
    from audioclust.listening.notebook import Sounds
    from audioclust.utils.types import Path


class ClusterViews:
    """The methods that draw, show and play clusters: for a result with items and distances."""

    if TYPE_CHECKING:

        @property
        def k(self) -> int:
            """The number of clusters."""
            raise NotImplementedError

        @property
        def items(self) -> tuple[Item, ...]:
            """What has a label."""
            raise NotImplementedError

        @property
        def labels(self) -> NDArray[np.int32]:
            """The cluster of each item."""
            raise NotImplementedError

        @property
        def distances(self) -> NDArray[np.float64]:
            """How far each item is from its centre."""
            raise NotImplementedError

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the items by cluster, as they were clustered.

        Parameters
        ----------
        ax : matplotlib.axes.Axes or None
            Where to draw; None makes a figure.

        Returns
        -------
        matplotlib.axes.Axes
            The scaled rows by their first two principal components, or by their columns if
            there are but two; the item nearest each centre is ringed and named. Clusters
            differ in colour, lightness and marker.

        Raises
        ------
        MissingExtraError
            Without matplotlib: ``pip install 'audioclust[plot]'``.
        """
        from audioclust.plotting.scatter import clusters

        return clusters(self, ax)  # type: ignore[arg-type]

    def preview(
        self, cluster: int, path: Path, *, n: int = 10, seconds: float = 1.0
    ) -> Preview:
        """Write short excerpts of a cluster, one after the other, to hear what is in it.

        They are of the `n` items nearest its centre, nearest first: of each the `seconds` that
        have the most energy, its loudest, or all of a shorter one. All have the same RMS, a
        fade of 10 ms at both ends and one channel at 44.1 kHz; the whole has a peak 1 dB below
        full scale, so that nothing clips. Files are decoded block by block.

        Parameters
        ----------
        cluster : int
            Its number.
        path : str or os.PathLike
            Where to; the suffix names the format, ``.wav`` in 16 bits.
        n : int, default=10
            Number of excerpts, at most.
        seconds : float, default=1.0
            Length of each.

        Returns
        -------
        Preview
            ``excerpts``, an item for each, and ``errors``, the files that could not be read,
            whose place the next nearest take.

        Raises
        ------
        NothingExtractedError
            If none can be read; audio that was clustered from memory is not kept.
        ParameterError
            If there is no such cluster, or no such format.

        Examples
        --------
        >>> result.preview(0, "cluster_0.wav")  # doctest: +SKIP
        """
        from audioclust.listening.excerpts import write_preview

        n = check_int("n", n, 1)
        seconds = check_positive("seconds", seconds)
        return write_preview(self._nearest_first(cluster), path, n=n, seconds=seconds)

    def show(self, cluster: int, *, n: int = 10, seconds: float = 30.0) -> Sounds:
        """Show the sounds of a cluster in a notebook: a waveform and a player for each.

        Parameters
        ----------
        cluster : int
            Its number.
        n : int, default=10
            How many are shown, those nearest the centre first; the others are counted.
        seconds : float, default=30.0
            How much of each: what is shown is stored in the notebook, as MP3.

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
        return Sounds(f"cluster {cluster}", items, n, seconds)

    def play(self, cluster: int) -> str:
        """Play the files of a cluster, those nearest its centre first, by the system's player.

        A playlist (M3U8) of whole files goes to a temporary file, and that to the command
        that ``$AUDIOCLUST_PLAYER`` names, or else to ``xdg-open``, macOS's ``open`` or what
        Windows opens it with. The call ends when that does.

        Parameters
        ----------
        cluster : int
            Its number.

        Returns
        -------
        playlist : str
            Where it is.

        Raises
        ------
        PlaybackError
            If there is no player, or it fails, or no file is there to be played.
        ParameterError
            If there is no such cluster.
        """
        from audioclust.listening.player import play_items

        return play_items(self._nearest_first(cluster))

    def _nearest_first(self, cluster: int) -> tuple[Item, ...]:
        """Give the items of a cluster, nearest its centre first."""
        cluster = check_int("cluster", cluster, 0, self.k - 1)
        members = np.flatnonzero(self.labels == cluster)
        order = members[np.argsort(self.distances[members], kind="stable")]
        return tuple(self.items[i] for i in order)
