"""Comparing silhouettes of rows with those of nulls, rows that have no clusters."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


STABLE = 0.5
"""The least stability of a plausible k: halfway from chance to perfect agreement."""


class Comparison(NamedTuple):
    """Which numbers of clusters the nulls do not explain.

    Attributes
    ----------
    plausible : ndarray of shape (n_k,), bool
        Whether each k is plausible.
    null_mean, null_high : ndarray of shape (n_k,), float64
        Mean and 95th percentile of the nulls' silhouettes, of the two references, the
        higher value.
    """

    plausible: NDArray[np.bool_]
    null_mean: NDArray[np.float64]
    null_high: NDArray[np.float64]


def compare(
    silhouettes: NDArray[np.float64],
    nulls: list[NDArray[np.float64]],
    stability: NDArray[np.float64],
) -> Comparison:
    """Tell which silhouettes no reference explains.

    Each silhouette is standardised: its distance above the mean of the nulls, in their standard
    deviations. The same is done for each null beside the other nulls, and its largest value
    over all k is kept, since some of many ks are high by chance. There is structure if at one
    and the same k the data exceed the 95th percentile of these largest values, for every
    reference. Then each k is plausible whose silhouette exceeds the 95th percentile of its own
    nulls. A k whose refits hardly agree counts for neither.

    Parameters
    ----------
    silhouettes : ndarray of shape (n_k,), float64
        Mean silhouette of each k's fit.
    nulls : list of ndarray of shape (n_nulls, n_k), float64
        The same of each null, for each reference.
    stability : ndarray of shape (n_k,), float64
        Stability of each k; NaN, where it is not defined, rules nothing out.
    """
    above = ~(stability < STABLE)
    outstanding = above.copy()
    for each in nulls:
        largest = [
            _standardised(null, np.delete(each, i, axis=0)).max() for i, null in enumerate(each)
        ]
        above &= silhouettes > np.percentile(each, 95, axis=0)
        outstanding &= _standardised(silhouettes, each) > np.percentile(largest, 95)
    mean = np.max([each.mean(axis=0) for each in nulls], axis=0)
    high = np.max([np.percentile(each, 95, axis=0) for each in nulls], axis=0)
    return Comparison(above & (above & outstanding).any(), mean, high)


def _standardised(
    silhouettes: NDArray[np.float64], nulls: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Give how far silhouettes are above the nulls' mean, in standard deviations of these."""
    # If all nulls are alike, a rounding error must not become an infinite excess.
    spread = nulls.std(axis=0, ddof=1) + 1e-9
    return np.asarray((silhouettes - nulls.mean(axis=0)) / spread, np.float64)
