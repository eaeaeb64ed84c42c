"""Finding the onsets of one recording and sorting its hits into classes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

from audioclust.clustering.grouping import GroupingSettings, group_rows
from audioclust.clustering.scaling import Scaler, Scaling
from audioclust.clustering.selection.settings import K_RANGE
from audioclust.events.hit_features import HitSettings
from audioclust.events.hits import find_hits
from audioclust.events.onset_clusters import OnsetClusters, check_enough
from audioclust.extraction.settings import Analysis, Feature
from audioclust.results.clustering import Clustering

if TYPE_CHECKING:
    from audioclust.audio.sources import Source


def onsets(
    path: Source,
    k: int | Literal["auto"] = 2,
    *,
    features: str | Feature | Iterable[str | Feature] = ("zero_crossings", "l2_norm"),
    window: float = 0.090,
    until_next: bool = False,
    scaling: Scaling = "minmax",
    delta: float = 0.04,
    wait: int = 4,
    backtrack: bool = False,
    algorithm: str = "kmeans",
    k_range: Iterable[int] = K_RANGE,
    analysis: Analysis = Analysis(),  # noqa: B008 - it is frozen
    random_state: int | None = 0,
    n_jobs: int | None = None,
) -> OnsetClusters:
    """Find the onsets in one recording and sort the hits that start there into classes.

    Parameters
    ----------
    path : str, os.PathLike, or mapping of one name to (y, sr)
        The recording, which is read into memory as a whole, one channel at the analysis' rate.
    k : int or "auto", default=2
        Number of classes; "auto" chooses it as :func:`choose_k` does. affinity takes none and
        finds its own.
    features : str, Feature, or iterable of these
        What is measured of each hit: ``"zero_crossings"`` (their number), ``"l2_norm"`` (the
        root of the sum of its squared samples), and names from the registry, which are
        computed of the hit on its own, in frames of 512 samples every 128 if hits are shorter
        than 0.5 s.
    window : float, default=0.090
        Length of a hit in seconds, rounded down to whole samples. One at the recording's end
        may be shorter.
    until_next : bool, default=False
        Whether a hit goes on to the next onset instead.
    scaling : {"standard", "quantile", "minmax", "none"}, default="minmax"
        How features of different units are brought to one scale.
    delta : float, default=0.04
        How far an onset exceeds its surroundings, of a range from 0 to 1; see
        :func:`audioclust.onset_detect`.
    wait : int, default=4
        Least number of frames between two onsets.
    backtrack : bool, default=False
        Whether onsets are moved back to the last minimum before them.
    algorithm : {"kmeans", "som", "gmm", "ward", "affinity"}, default="kmeans"
        What groups the hits; see :func:`audioclust.cluster`.
    k_range : iterable of int, default=range(2, 16)
        The numbers of classes that ``"auto"`` tries, from 2.
    analysis : Analysis
        Sampling rate and hop length of the onset detection, and what features of the registry
        are computed with.
    random_state : int or None, default=0
        Seed of the random numbers; None for another result each time.
    n_jobs : int or None, default=None
        Number of threads; None or -1 for as many as there are cores.

    Returns
    -------
    OnsetClusters

    Raises
    ------
    FileNotFoundError
        If the path does not exist.
    NothingExtractedError
        If the recording cannot be decoded.
    NoOnsetsError
        If there is no onset in it.
    ParameterError
        For an argument that cannot be what it is, more classes than onsets included.

    Examples
    --------
    >>> import audioclust as ac
    >>> result = ac.onsets("loop.wav", k=2)  # doctest: +SKIP
    >>> result.sonify(path="clicks.wav")  # doctest: +SKIP
    """
    asked = GroupingSettings.checked(
        k, algorithm=algorithm, k_range=k_range, random_state=random_state, n_jobs=n_jobs
    )
    Scaler.check(scaling)
    settings = HitSettings.checked(
        window, until_next, delta, wait, backtrack, features, analysis
    )
    hits = find_hits(path, settings)
    check_enough(asked.k or 1, len(hits.samples))
    scaler = Scaler.fit(hits.table.values, scaling)
    grouping = group_rows(scaler.transform(hits.table.values), asked)
    return OnsetClusters(hits, Clustering.from_grouping(grouping, hits.table, scaler))
