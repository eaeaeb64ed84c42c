"""cluster() and choose_k(): the stages put together."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

import numpy as np

from audioclust.audio.sources import scan
from audioclust.clustering.grouping import GroupingSettings, group_rows
from audioclust.clustering.scaling import Scaler, Scaling
from audioclust.clustering.selection.choosing_k import select_k
from audioclust.clustering.selection.k_selection import KSelection
from audioclust.clustering.selection.settings import K_RANGE, SelectionSettings
from audioclust.errors import ParameterError
from audioclust.extraction.batch import check_progress
from audioclust.extraction.plans import extraction_settings
from audioclust.extraction.recordings import extract_found
from audioclust.extraction.settings import Analysis, Feature
from audioclust.extraction.table import FeatureTable
from audioclust.results.clustering import Clustering
from audioclust.utils.arguments import as_floats, check_int, check_k_range, check_seed
from audioclust.utils.threads import n_threads

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from audioclust.audio.sources import Source
    from audioclust.extraction.batch import Progress


def cluster(
    source: Source | FeatureTable,
    k: int | Literal["auto"] | None = "auto",
    *,
    features: str | Feature | Iterable[str | Feature] = "default",
    stats: Iterable[str] = ("mean",),
    scaling: Scaling = "standard",
    algorithm: str = "kmeans",
    k_range: Iterable[int] = K_RANGE,
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
        :class:`audioclust.clustering.scaling.Scaler`.
    algorithm : {"kmeans", "som", "gmm", "ward", "affinity"}, default="kmeans"
        What groups the rows; see :mod:`audioclust.algorithms`. som gives the regions of a
        self-organizing map; the last three are scikit-learn's. affinity chooses the number of
        clusters itself: k is left alone then. ward and affinity take 20,000 rows at most.
    k_range : iterable of int, default=range(2, 16)
        The numbers of clusters that ``"auto"`` tries, from 2.
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
    asked = GroupingSettings.checked(
        k, algorithm=algorithm, k_range=k_range, random_state=random_state, n_jobs=n_jobs
    )
    check_progress(progress)
    if isinstance(source, FeatureTable):
        _check_left_alone(source, features, stats, analysis, offset, duration)
        table = source
    else:
        Scaler.check(scaling)
        settings = extraction_settings(features, stats, analysis, offset, duration)
        table = extract_found(scan(source), settings, asked.n_threads, progress)
    scaler = Scaler.fit(table.values, scaling)
    grouping = group_rows(scaler.transform(table.values), asked)
    return Clustering.from_grouping(grouping, table, scaler)


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
    alike but for having no clusters; see
    :class:`audioclust.clustering.selection.null_models.Reference`.
    There are two references, one keeping the correlation of columns and one their own
    distributions: what either explains is no structure. There is structure if for both, at some
    k, the silhouette exceeds in standard deviations of the nulls' the 95th percentile of what
    is the largest of a null over all k: many k are tried, and some are high by chance. Then
    every k is plausible whose silhouette exceeds the 95th percentile of both references' nulls.
    Only a k of a stability of 0.5 or more counts for either. Without structure no k is
    plausible, and the best k is 1.

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
        seed=check_seed(random_state)[1],
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
