"""onsets(): the hits of one recording, found, measured and clustered."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

from audioclust.audio.decoding.limits import Limits
from audioclust.clustering.algorithms import ALGORITHMS
from audioclust.clustering.grouping import GroupingSettings, group_rows, rescaling_of
from audioclust.clustering.samples import sample_of
from audioclust.clustering.scaling import Scaler, Scaling
from audioclust.clustering.selection.settings import K_RANGE
from audioclust.errors import ParameterError
from audioclust.events.hit_features import HitSettings
from audioclust.events.hits import find_hits
from audioclust.events.onset_clusters import OnsetClusters
from audioclust.extraction.analysis import Analysis, Feature
from audioclust.extraction.progress import Progress, check_progress, uncalled
from audioclust.results.clustering import Clustering
from audioclust.results.inputs.sounds import fitted_scaler

if TYPE_CHECKING:
    from audioclust.audio.sources import Source


def onsets(
    path: Source,
    k: int | Literal["auto"] | None = "auto",
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
    limits: Limits = Limits(),  # noqa: B008 - it is frozen
    n_jobs: int | None = None,
    progress: Progress = None,
) -> OnsetClusters:
    """Find the onsets in one recording and cluster the hits that start there.

    The onsets are those of :func:`audioclust.onset_detect`, which is librosa's and cannot hear
    a sound that begins with the recording. Such a sound is an onset too if it comes more than
    `wait` frames before the others and is not steady, as a tone is that was cut.

    Parameters
    ----------
    path : str, os.PathLike, or mapping of one name to (y, sr)
        The recording. All of it is read into memory, as one channel at the analysis' rate.
    k : int, "auto" or None, default="auto"
        Number of clusters. ``"auto"`` chooses it as :func:`audioclust.choose_k` does, and is 1
        if there is no clear structure; the result's `selection` says why. Of fewer than 20 hits
        it is the likeliest number, and nothing is claimed. None is the same.
        With affinity, do not give k: it chooses the number itself.
    features : str, Feature, or iterable of these
        What is measured of each hit: ``"zero_crossings"`` (their number), ``"l2_norm"`` (the
        root of the sum of its squared samples), and names from the registry. Features of the
        registry are computed of each hit by itself, in frames of 512 samples every 128 if hits
        are shorter than 0.5 s.
    window : float, default=0.090
        Length of a hit in seconds, rounded down to whole samples. A hit ends with the
        recording if that is sooner.
    until_next : bool, default=False
        Whether a hit lasts until the next onset instead.
    scaling : {"standard", "quantile", "minmax", "none", "neighbors"}, default="minmax"
        How features of different units are brought to one scale.
    delta : float, default=0.04
        By how much an onset exceeds its surroundings, where the onset strength ranges from 0
        to 1; see :func:`audioclust.onset_detect`.
    wait : int, default=4
        Least number of frames between two onsets.
    backtrack : bool, default=False
        Whether onsets are moved back to the last minimum before them.
    algorithm : {"kmeans", "som", "gmm", "ward", "affinity"}, default="kmeans"
        What groups the hits; see :func:`audioclust.cluster`.
    k_range : iterable of int, default=range(2, 16)
        The numbers of clusters that ``"auto"`` tries, from 2.
    analysis : Analysis
        Sampling rate and hop length of the onset detection, and what features of the registry
        are computed with.
    random_state : int or None, default=0
        Seed of the random numbers; None for another result each time.
    limits : Limits
        How much decoding the recording may take.
    n_jobs : int or None, default=None
        Number of threads; None or -1 for as many as there are cores.
    progress : bool, callable or None, default=None
        Whether progress is shown; None shows it if standard error is a terminal, or in a
        notebook. A callable is called with (1, 1), on this thread, when the recording is read.

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
        If an argument is invalid, or `k` is larger than the number of onsets.

    Examples
    --------
    >>> import audioclust as ac
    >>> result = ac.onsets("loop.wav", k=2)  # doctest: +SKIP
    >>> result.sonify(path="clicks.wav")  # doctest: +SKIP
    """
    grouping_settings = GroupingSettings.checked(
        k, algorithm=algorithm, k_range=k_range, random_state=random_state, n_jobs=n_jobs
    )
    _check_no_noise(grouping_settings.algorithm)
    Scaler.check(scaling)
    hit_settings = HitSettings.checked(
        window=window,
        until_next=until_next,
        delta=delta,
        wait=wait,
        backtrack=backtrack,
        features=features,
        analysis=analysis,
    )
    check_progress(progress)
    hits = find_hits(path, hit_settings, progress, limits)
    _check_k(grouping_settings.k, len(hits.samples))
    sample = sample_of(hits.table.items, grouping_settings.seed)
    scaler = fitted_scaler(hits.table, scaling, sample, grouping_settings.n_threads)
    scaled = scaler.transform(hits.table.values)
    open_k = grouping_settings.k is None
    rescaling = rescaling_of(hits.table.values, scaler) if open_k else None
    grouping = group_rows(
        scaled,
        grouping_settings,
        uncalled(progress),
        things="hits",
        rescaling=rescaling,
        sample=sample,
    )
    return OnsetClusters(hits, Clustering.from_grouping(grouping, hits.table, scaler))


def _check_no_noise(algorithm: str) -> None:
    """Raise a ParameterError for an algorithm that leaves hits in no cluster."""
    if ALGORITHMS[algorithm].leaves_noise:
        others = ", ".join(name for name, each in ALGORITHMS.items() if not each.leaves_noise)
        raise ParameterError(
            f"algorithm={algorithm!r}: expected one that puts each hit in a cluster: {others}"
        )


def _check_k(k: int | None, n_hits: int) -> None:
    """Raise a ParameterError if more clusters were asked for than there are hits."""
    if k is not None and k > n_hits:
        raise ParameterError(
            f"k={k}: expected at most {n_hits}, the number of onsets found; a smaller delta or"
            " wait finds more"
        )
