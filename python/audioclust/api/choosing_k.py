"""choose_k(): how many clusters there are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from audioclust.clustering.grouping import rescaling_of
from audioclust.clustering.samples import sample_of
from audioclust.clustering.selection.choosing_k import select_k
from audioclust.clustering.selection.k_selection import KSelection
from audioclust.clustering.selection.settings import SelectionSettings
from audioclust.errors import ParameterError
from audioclust.extraction.progress import check_progress
from audioclust.extraction.table import FeatureTable
from audioclust.results.clustering import Clustering
from audioclust.results.inputs.sounds import check_scaling, fitted_scaler
from audioclust.utils.arguments import (
    as_floats,
    check_int,
    check_k_range,
    check_seed,
    check_unmasked,
)
from audioclust.utils.threads import n_threads
from audioclust.utils.types import ScalingOrAuto

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from audioclust.extraction.progress import Progress


def choose_k(
    data: ArrayLike | FeatureTable | Clustering,
    k_range: Iterable[int] | None = None,
    *,
    scaling: ScalingOrAuto = "auto",
    n_nulls: int = 20,
    n_stability: int = 10,
    random_state: int | None = 0,
    n_jobs: int | None = None,
    progress: Progress = None,
) -> KSelection:
    """Find how many clusters there are, and whether there are any.

    Rows are merged by Ward's linkage, and the clusters of its tree are looked at in three ways,
    which err differently:

    - Silhouettes: the number of clusters with the largest mean silhouette.
    - Splits: going down the tree, the last number that is reached by splitting two clusters
      that are apart: at most a quarter of the smaller one's near pairs lead to the other. Rows
      are a near pair if one is among the other's 15 nearest. Four splits in a row of clusters
      that are not apart end the search.
    - Nearest neighbours: the number whose modularity, which is how many more near pairs (of
      the 7 nearest) are in one cluster than by chance, is farthest above that of nulls.

    The best k is the middle one of the three numbers; what differs from it is plausible too. So
    there are at most three plausible values, the best first.

    Nulls are random rows that are like the data but have no clusters. There are two references
    to draw them from; see :class:`audioclust.clustering.selection.null_models.Reference`. One
    keeps the correlation of the columns, the other the distribution of each column. What either
    of them explains is no structure. It is measured, for each k, how far apart the two clusters
    are that are merged next, how few near pairs lead from one cluster to another, and the
    silhouette, each on a logarithmic scale. The largest excess of each over the nulls is taken,
    in their standard deviations. There is structure if the geometric mean of the three exceeds
    4, or 3 where a silhouette exceeds 0.7. Of fewer than 60 rows 2 is enough if such a
    silhouette is also above that of every null, so that what it lacks to 1 is less than nine
    tenths of what theirs lack. Without structure no k is plausible, and the best k is 1.

    Fewer than 20 rows are too few to tell. The best k is then the likeliest, and `structure`
    and `reason` say so. If there are too few different rows for any k, none is plausible, and
    the best k is 1.

    Parameters
    ----------
    data : array of shape (n, d), FeatureTable or Clustering
        The rows. An array, of float32 or float64, is used as it is; of a Clustering the rows
        are used as they were clustered.
    k_range : iterable of int, optional
        The numbers of clusters to try, from 2. Left out, they go up to twice the square root of
        the number of rows, but at least to 15 and at most to 50. A number is left out if there
        are too few rows for it: k needs k different rows, and at least k + 1 rows.
    scaling : {"auto", "standard", "quantile", "minmax", "none", "neighbors"}, default="auto"
        How the columns of a table are brought to one scale, as in :func:`cluster`.
    n_nulls : int, default=20
        Number of nulls of each reference, at least 3.
    n_stability : int, default=10
        Number of random subsamples of four fifths of the rows, at least 2.
    random_state : int or None, default=0
        Seed of the random numbers: the same seed gives the same result, with any number of
        threads. None for another result each time.
    n_jobs : int or None, default=None
        Number of threads; None or -1 for as many as there are cores.
    progress : bool, callable or None, default=None
        Whether progress is shown; None shows it if standard error is a terminal, or in a
        notebook. A callable is called with (done, total), the number of steps done and of all,
        on this thread, as each ends: trees of nulls and of subsamples.

    Returns
    -------
    KSelection

    Raises
    ------
    ParameterError
        If an argument is invalid.

    Notes
    -----
    If there are more than 10,000 rows, a seeded sample of 10,000 is used. Trees, the comparison
    with nulls and the stability are of a sample of at most 600; the other rows join the
    cluster with the nearest mean. Silhouettes are of at most 5,000 rows.

    How often the number is right is told in ``docs/choosing-k.md``.
    """
    check_progress(progress)
    settings = SelectionSettings(
        k_range=() if k_range is None else check_k_range(k_range),
        n_nulls=check_int("n_nulls", n_nulls, 3),
        n_stability=check_int("n_stability", n_stability, 2),
        seed=check_seed(random_state)[1],
        n_threads=n_threads(n_jobs),
        progress=progress,
    )
    check_scaling(scaling)
    if isinstance(data, Clustering):
        rescaling = rescaling_of(data.table.values, data.scaler)
        return select_k(data.scaled, settings, rescaling)
    if isinstance(data, FeatureTable):
        sample = sample_of(data.items, settings.seed)
        scaler = fitted_scaler(data, scaling, sample, settings.n_threads)
        rescaling = rescaling_of(data.values, scaler)
        return select_k(scaler.transform(data.values), settings, rescaling)
    return select_k(_rows(data), settings)


def _rows(data: object) -> NDArray[np.float64]:
    """Give an array as rows, or raise a ParameterError if it cannot be that."""
    check_unmasked("data", data)
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
