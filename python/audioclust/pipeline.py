"""The main jobs, composed of the stages; nothing but these functions knows all of them."""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

import numpy as np

from audioclust.algorithms import ALGORITHMS, CHOOSES_K, ClusterSettings, Groups
from audioclust.analysis import Analysis, Feature
from audioclust.checks import as_floats, check_int
from audioclust.errors import ParameterError
from audioclust.extraction import check_progress, extract_found
from audioclust.hits import HitSettings, find_hits
from audioclust.items import scan
from audioclust.onset_clusters import OnsetClusters, check_enough
from audioclust.parallel import n_threads
from audioclust.plans import extraction_settings
from audioclust.result import Clustering
from audioclust.scaling import Scaler, Scaling
from audioclust.selection import (
    K_RANGE,
    KSelection,
    SelectionSettings,
    check_k_range,
    select_k,
)
from audioclust.table import FeatureTable

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from audioclust.extraction import Progress
    from audioclust.items import Source


def cluster(
    source: Source | FeatureTable,
    k: int | Literal["auto"] | None = "auto",
    *,
    features: str | Feature | Iterable[str | Feature] = "default",
    stats: Iterable[str] = ("mean",),
    scaling: Scaling = "standard",
    algorithm: str = "kmeans",
    analysis: Analysis = Analysis(),  # noqa: B008 - it is frozen
    duration: float | None = None,
    offset: float = 0.0,
    random_state: int | None = 0,
    n_jobs: int | None = None,
    progress: Progress | None = None,
) -> Clustering:
    """Sort sounds into groups.

    Parameters
    ----------
    source : str, os.PathLike, iterable of these, mapping, or FeatureTable
        Folders, files or glob patterns, a mapping of names to ``(y, sr)``, or features that
        were computed before; see :func:`audioclust.extract`.
    k : int or "auto", default="auto"
        Number of clusters. ``"auto"`` is :func:`choose_k`'s best of 2 to 15, found with k-means
        whatever the algorithm, and 1 if there is no clear structure; the result's `selection`
        says why. None is the same.
    features, stats, analysis, offset, duration
        What to compute of each recording; see :func:`audioclust.extract`. A table has been
        computed already: then they are left at their defaults.
    scaling : {"standard", "quantile", "minmax", "none"}, default="standard"
        How columns of different units are brought to one scale; see
        :class:`audioclust.scaling.Scaler`.
    algorithm : {"kmeans", "som", "gmm", "ward", "affinity"}, default="kmeans"
        What groups the rows; see :mod:`audioclust.algorithms`. som gives the regions of a
        self-organizing map; the last three are scikit-learn's. affinity chooses the number of
        clusters itself: k is left alone then. ward and affinity take 20,000 rows at most.
    random_state : int or None, default=0
        Seed of the random numbers: the same seed gives the same clusters, on any number of
        threads. None for another result each time.
    n_jobs : int or None, default=None
        Number of threads; None or -1 for as many as there are cores.
    progress : callable or None
        Called with (done, total) as each recording ends.

    Returns
    -------
    Clustering

    Raises
    ------
    FileNotFoundError
        If a path does not exist.
    NoAudioError
        If there is nothing to decode.
    NothingExtractedError
        If not one of the sounds could be used.
    ParameterError
        For an argument that cannot be what it is, more clusters than different rows included.

    Warns
    -----
    ConvergenceWarning
        If gmm or affinity has not settled.
    """
    _check_algorithm(algorithm)
    wanted = _check_k(k, algorithm)
    random_state, seed = _check_seed(random_state)
    threads = n_threads(n_jobs)
    check_progress(progress)
    if isinstance(source, FeatureTable):
        _check_left_alone(source, features, stats, analysis, offset, duration)
        table = source
    else:
        Scaler.check(scaling)
        settings = extraction_settings(features, stats, analysis, offset, duration)
        table = extract_found(scan(source), settings, threads, progress)
    scaler = Scaler.fit(table.values, scaling)
    scaled = scaler.transform(table.values)
    groups, selection = _group(algorithm, scaled, ClusterSettings(wanted, seed, threads))
    return Clustering.from_groups(
        groups, table, scaler, scaled, random_state, algorithm, selection
    )


def _group(
    algorithm: str, scaled: NDArray[np.float64], settings: ClusterSettings
) -> tuple[Groups, KSelection | None]:
    """Group rows, and choose how many groups there are if that is open."""
    selection = None
    if settings.k is None and algorithm not in CHOOSES_K:
        chosen = SelectionSettings(seed=settings.seed, n_threads=settings.n_threads)
        selection = select_k(scaled, chosen)
        settings = dataclasses.replace(settings, k=selection.best_k)
    return ALGORITHMS[algorithm](scaled, settings), selection


def choose_k(
    data: ArrayLike | FeatureTable | Clustering,
    k_range: Iterable[int] = K_RANGE,
    *,
    scaling: Scaling = "standard",
    n_init: int = 3,
    n_nulls: int = 20,
    n_stability: int = 10,
    random_state: int | None = 0,
    n_jobs: int | None = None,
) -> KSelection:
    """Find how many clusters there are, and whether there are any.

    Every k is fitted by k-means and its silhouette compared with those of nulls, rows that are
    alike but for having no clusters; see :class:`audioclust.references.Reference`. There are
    two references, one keeping the correlation of columns and one their own distributions:
    what either explains is no structure. There is structure if for both, at some k, the
    silhouette exceeds in standard deviations of the nulls' the 95th percentile of what is the
    largest of a null over all k: many k are tried, and some are high by chance. Then every k is
    plausible whose silhouette exceeds the 95th percentile of both references' nulls. Only a k
    of a stability of 0.5 or more counts for either. Without structure no k is plausible, and
    the best k is 1.

    The best k is the plausible one with the largest product of what its silhouette is above its
    nulls' mean and the square of its stability. The first alone leans to many clusters, the
    second to few.

    Parameters
    ----------
    data : array of shape (n, d), FeatureTable or Clustering
        The rows. An array is taken as it is, float32 or float64; of a Clustering its own scaled
        rows are taken.
    k_range : iterable of int, default=range(2, 16)
        The numbers of clusters to try, from 2. Those that there are too few rows for are left
        out: k needs as many different rows, and one row more.
    scaling : {"standard", "quantile", "minmax", "none"}, default="standard"
        How the columns of a table are brought to one scale.
    n_init : int, default=3
        Number of starts of each fit, of data and nulls alike.
    n_nulls : int, default=20
        Number of nulls of each reference, from 3.
    n_stability : int, default=10
        Number of refits to subsamples of four fifths, from 2.
    random_state : int or None, default=0
        Seed: the same one gives the same, on any number of threads. None for another each time.
    n_jobs : int or None, default=None
        Number of threads; None or -1 for as many as there are cores.

    Returns
    -------
    KSelection

    Raises
    ------
    ParameterError
        For an argument that cannot be what it is.

    Notes
    -----
    Of more than 10,000 rows a seeded sample of so many is looked at; silhouettes are of at most
    5,000 rows; the comparison with nulls and the stability are of fits to at most 1,000.
    """
    settings = SelectionSettings(
        k_range=check_k_range(k_range),
        n_init=check_int("n_init", n_init, 1),
        n_nulls=check_int("n_nulls", n_nulls, 3),
        n_stability=check_int("n_stability", n_stability, 2),
        seed=_check_seed(random_state)[1],
        n_threads=n_threads(n_jobs),
    )
    return select_k(_rows(data, scaling), settings)


def _rows(data: object, scaling: Scaling) -> NDArray[np.float64]:
    """Give the rows that something stands for, scaled if they have units."""
    Scaler.check(scaling)
    if isinstance(data, Clustering):
        return data.scaled
    if isinstance(data, FeatureTable):
        return Scaler.fit(data.values, scaling).transform(data.values)
    if np.asarray(data).dtype.kind in "biu":
        data = np.asarray(data, np.float64)
    rows = as_floats("data", data, (2,)).astype(np.float64)
    bad = np.argwhere(~np.isfinite(rows))
    if len(bad):
        row, column = bad[0].tolist()
        value = rows[row, column]
        raise ParameterError(
            f"data: row {row}, column {column} is {value}: expected a finite number"
        )
    return rows


def _check_algorithm(algorithm: object) -> None:
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
        expected = f"one of {', '.join(ALGORITHMS)}"
        raise ParameterError(f"algorithm={algorithm!r}: expected {expected}")


def _check_k(k: object, algorithm: str) -> int | None:
    """Give the number of clusters, None if it is to be chosen, or raise a ParameterError."""
    if k is None or (isinstance(k, str) and k == "auto"):
        return None
    if algorithm in CHOOSES_K:
        raise ParameterError(
            f"k={k!r}: expected it to be left at 'auto', {algorithm} chooses its own number"
        )
    try:
        return check_int("k", k, 1)
    except ParameterError as why:
        raise ParameterError(f"{why}, or 'auto'") from None


def _check_seed(random_state: object) -> tuple[int | None, int]:
    """Give what was asked for, and the seed that it stands for."""
    if random_state is None:
        return None, secrets.randbits(64)
    seed = check_int("random_state", random_state, 0, 2**64 - 1)
    return seed, seed


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
    _check_algorithm(algorithm)
    wanted = None if algorithm in CHOOSES_K else _check_k(k, algorithm)
    random_state, seed = _check_seed(random_state)
    Scaler.check(scaling)
    threads = n_threads(n_jobs)
    settings = HitSettings.checked(
        window, until_next, delta, wait, backtrack, features, analysis
    )
    hits = find_hits(path, settings)
    check_enough(wanted or 1, len(hits.samples))
    scaler = Scaler.fit(hits.table.values, scaling)
    scaled = scaler.transform(hits.table.values)
    groups, selection = _group(algorithm, scaled, ClusterSettings(wanted, seed, threads))
    clustering = Clustering.from_groups(
        groups, hits.table, scaler, scaled, random_state, algorithm, selection
    )
    return OnsetClusters(hits, clustering)


def _check_left_alone(
    table: FeatureTable,
    features: str | Feature | Iterable[str | Feature],
    stats: Iterable[str],
    analysis: Analysis,
    offset: float,
    duration: float | None,
) -> None:
    """Raise a ParameterError if settings are given that a table does not have."""
    default = ("default", ("mean",), Analysis(), 0.0, None)
    given = (features, stats, analysis, offset, duration)
    if given == default:
        return
    if extraction_settings(*given) != table.settings:
        raise ParameterError(
            "features, stats, analysis, offset and duration belong to extract(): "
            "expected them to be left out, or to be the table's, when a table is clustered"
        )
