"""The main jobs, composed of the stages; nothing but these functions knows all of them."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import TYPE_CHECKING

from audioclust.algorithms import ALGORITHMS, ClusterSettings
from audioclust.analysis import Analysis, Feature
from audioclust.checks import check_int
from audioclust.errors import ParameterError
from audioclust.extraction import check_progress, extract_found
from audioclust.items import scan
from audioclust.parallel import n_threads
from audioclust.plans import extraction_settings
from audioclust.result import Clustering
from audioclust.scaling import Scaler, Scaling
from audioclust.table import FeatureTable

if TYPE_CHECKING:
    from audioclust.extraction import Progress
    from audioclust.items import Source


def cluster(
    source: Source | FeatureTable,
    k: int = 8,
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
    k : int, default=8
        Number of clusters.
    features, stats, analysis, offset, duration
        What to compute of each recording; see :func:`audioclust.extract`. A table has been
        computed already: then they are left at their defaults.
    scaling : {"standard", "quantile", "minmax", "none"}, default="standard"
        How columns of different units are brought to one scale; see
        :class:`audioclust.scaling.Scaler`.
    algorithm : {"kmeans"}, default="kmeans"
        What groups the rows; see :data:`audioclust.algorithms.ALGORITHMS`.
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
    """
    k = check_int("k", k, 1)
    if random_state is not None:
        random_state = check_int("random_state", random_state, 0, 2**64 - 1)
    seed = secrets.randbits(64) if random_state is None else random_state
    if algorithm not in ALGORITHMS:
        expected = f"one of {', '.join(ALGORITHMS)}"
        raise ParameterError(f"algorithm={algorithm!r}: expected {expected}")
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
    groups = ALGORITHMS[algorithm](scaled, ClusterSettings(k, seed, threads))
    return Clustering.from_groups(groups, table, scaler, scaled, random_state, algorithm)


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
