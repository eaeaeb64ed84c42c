"""Comparing clusters of rows with those of nulls, rows that have no clusters."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from audioclust.clustering.selection.views import View


CLEAR = 4.0
"""What :attr:`Comparison.clearness` must exceed for there to be structure."""


STRONG = 0.7
"""A mean silhouette above which clusters are far apart by any standard (L. Kaufman and P. J.
Rousseeuw, "Finding groups in data", 1990)."""


CLEAR_IF_STRONG = 3.0
"""What the clearness must exceed if a silhouette is that large."""


NULLS_VARY_BELOW = 60
"""Nulls of fewer rows than this differ so much from each other that even groups that are far
apart may exceed their mean by less than three standard deviations."""


CLEAR_IF_FEW = 2.0
"""What the clearness must exceed for few rows, with a silhouette that is above all nulls'."""


CLOSER = 0.9
"""What such a silhouette lacks to 1 must be less than this share of what any null's lacks."""


class Comparison(NamedTuple):
    """What nulls do not explain, for each number of clusters.

    Of the two references the one that explains more counts. Arrays have shape (n_k,). An excess
    is how far a value is above the mean of the nulls, in standard deviations of these.

    Attributes
    ----------
    height_excess, apartness_excess, silhouette_excess : ndarray, float64
        The excess of the height, the apartness and the compactness of a
        :class:`~audioclust.clustering.selection.views.View`.
    null_modularity : ndarray, float64
        Mean of the nulls' modularity.
    null_mean, null_high : ndarray, float64
        Mean and 95th percentile of the nulls' silhouettes.
    null_largest : float
        The largest silhouette of any null, for any number of clusters.
    """

    height_excess: NDArray[np.float64]
    apartness_excess: NDArray[np.float64]
    silhouette_excess: NDArray[np.float64]
    null_modularity: NDArray[np.float64]
    null_mean: NDArray[np.float64]
    null_high: NDArray[np.float64]
    null_largest: float

    @property
    def clearness(self) -> float:
        """How much the rows stand out: the geometric mean of the largest of each excess.

        It is 0 if one of the three is nowhere above the mean of the nulls. So each must speak
        for structure, and a value that is high by chance, for a few rows far out or for a
        curved cloud, is not enough.
        """
        three = self.height_excess, self.apartness_excess, self.silhouette_excess
        largest = [max(0.0, float(excess.max())) for excess in three]
        return float(np.prod(largest) ** (1 / 3))


def is_clear(view: View, comparison: Comparison) -> bool:
    """Tell whether there is structure.

    A few clusters of a few rows cannot exceed nulls by much, however far apart they are, so
    that less is asked for where a silhouette is strong, and still less of few rows if it is
    above that of every null.
    """
    largest = float(view.silhouette.max())
    if largest <= STRONG:
        return comparison.clearness > CLEAR
    is_above_all = 1 - largest < CLOSER * (1 - comparison.null_largest)
    is_few = view.labels.shape[1] < NULLS_VARY_BELOW
    return comparison.clearness > (CLEAR_IF_FEW if is_few and is_above_all else CLEAR_IF_STRONG)


def compare(view: View, nulls: Sequence[Sequence[View]]) -> Comparison:
    """Compare the view of some rows with those of nulls, for each reference.

    Parameters
    ----------
    view : View
        That of the rows.
    nulls : sequence of n_references sequences of n_nulls View
        Those of the nulls, of the same numbers of clusters.
    """
    heights = [np.array([null.height for null in each]) for each in nulls]
    modularities = [np.array([null.modularity for null in each]) for each in nulls]
    apartness = [np.array([null.apartness for null in each]) for each in nulls]
    compactness = [np.array([null.compactness for null in each]) for each in nulls]
    silhouettes = [np.array([null.silhouette for null in each]) for each in nulls]
    return Comparison(
        _excess(view.height, heights),
        _excess(view.apartness, apartness),
        _excess(view.compactness, compactness),
        np.max([each.mean(axis=0) for each in modularities], axis=0),
        np.max([each.mean(axis=0) for each in silhouettes], axis=0),
        np.max([np.percentile(each, 95, axis=0) for each in silhouettes], axis=0),
        float(np.max([each.max() for each in silhouettes])),
    )


class Looks(NamedTuple):
    """The numbers of clusters that three different looks at the rows give.

    They err differently. Silhouettes are largest for few clusters if these are far apart, and
    near pairs go on to parts of clusters. So the middle one is the best.

    Attributes
    ----------
    silhouette : int
        The number with the largest silhouette.
    splits : int
        The largest number that is reached by splitting two clusters that few near pairs join.
    neighbors : int
        The number whose modularity of near pairs is farthest above that of nulls.
    """

    silhouette: int
    splits: int
    neighbors: int

    @property
    def best(self) -> int:
        """The middle one of the three."""
        return sorted(self)[1]

    @property
    def ranked(self) -> tuple[int, ...]:
        """The different ones of the three, the best first, then the one nearer to it."""

        def ratio(k: int) -> tuple[float, int]:
            return max(k, self.best) / min(k, self.best), k

        return tuple(sorted(set(self), key=ratio))


def looks_at(ks: NDArray[np.int64], view: View, comparison: Comparison, n_split: int) -> Looks:
    """Tell which of some numbers of clusters each look gives.

    Parameters
    ----------
    ks : ndarray of shape (n_k,), int64
        The numbers, ascending.
    view : View
        That of the rows.
    comparison : Comparison
        The view beside those of nulls.
    n_split : int
        What :func:`audioclust.clustering.selection.views.last_split` gives.
    """
    n_below = int(np.searchsorted(ks, n_split, side="right"))
    above = view.modularity - comparison.null_modularity
    return Looks(
        int(ks[view.silhouette.argmax()]),
        int(ks[max(n_below, 1) - 1]),
        int(ks[above.argmax()]),
    )


def _excess(
    values: NDArray[np.float64], nulls: Sequence[NDArray[np.float64]]
) -> NDArray[np.float64]:
    """Give how far values are above nulls, in standard deviations of these, the lowest of all.

    Parameters
    ----------
    values : ndarray of shape (n_k,), float64
        The values.
    nulls : sequence of ndarray of shape (n_nulls, n_k), float64
        Those of the nulls of each reference.
    """
    # If all nulls are alike, a rounding error must not become an infinite excess.
    found = [(values - each.mean(axis=0)) / (each.std(axis=0, ddof=1) + 1e-9) for each in nulls]
    return np.asarray(np.min(found, axis=0), np.float64)
