"""k-means from given centres that obeys what was said of some rows.

It is COP-k-means (K. Wagstaff et al., "Constrained k-means clustering with background
knowledge", 2001) with two differences. It starts from given centres. And rows that belong
together or apart are given to clusters at once, as cheaply as possible, where COP-k-means goes
from row to row and fails if a row finds no cluster left.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from audioclust import _core
from audioclust.clustering.constraints.assignment import (
    allowed_clusters,
    cheapest,
    components_of,
)
from audioclust.clustering.constraints.blocks import Blocks, Constraints
from audioclust.clustering.kmeans import KMeansFit
from audioclust.errors import ParameterError

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_ITER = 300
"""Largest number of iterations, scikit-learn's for k-means."""


def constrained_kmeans(
    rows: NDArray[np.float64],
    centers: NDArray[np.float64],
    constraints: Constraints,
    name: Callable[[int], str] = str,
) -> KMeansFit:
    """Group rows by k-means from given centres, obeying all that was said.

    Without constraints this is Lloyd's algorithm: rows go to the nearest centre, centres to the
    mean of their rows, until no row changes its cluster. A cluster that loses all its rows
    keeps its centre, and with it its number.

    Parameters
    ----------
    rows : ndarray of shape (n, d), float64
        The rows, finite.
    centers : ndarray of shape (k, d), float64
        The first centres.
    constraints : Constraints
        What was said, by the numbers of rows and clusters.
    name : callable
        Gives a row's name, for errors.

    Returns
    -------
    KMeansFit
        Numbered as the centres are.

    Raises
    ------
    ParameterError
        If no clusters obey what was said.
    """
    plan = Plan.of(constraints, len(centers), name)
    labels, n_iter, settled = plan.assign(rows, centers), 0, False
    while not settled and n_iter < MAX_ITER:
        n_iter += 1
        centers = _means(rows, labels, centers)
        before, labels = labels, plan.assign(rows, centers, labels)
        settled = np.array_equal(labels, before)
    inertia = float(np.sum((rows - centers[labels]) ** 2))
    return KMeansFit(labels, centers, inertia, n_iter, len(np.unique(labels)))


@dataclass(frozen=True, eq=False)
class Plan:
    """How rows of which something was said are given to clusters, checked to be possible.

    Attributes
    ----------
    blocks : Blocks
        Rows that belong to one cluster.
    allowed : ndarray of shape (n_blocks, k), bool
        The clusters that each block may be in.
    components : list of lists of int
        Blocks whose clusters have to be chosen at once.
    ways : list of ndarray of shape (n_blocks_of_component,), int
        For each component, clusters that obey what was said, however dear they are.
    """

    blocks: Blocks
    allowed: NDArray[np.bool_]
    components: list[list[int]]
    ways: list[NDArray[np.intp]]

    @classmethod
    def of(cls, constraints: Constraints, k: int, name: Callable[[int], str] = str) -> Plan:
        """Make a plan for k clusters.

        Raises
        ------
        ParameterError
            If no clusters obey what was said.
        """
        blocks = Blocks.of(constraints, name)
        plan = cls(blocks, allowed_clusters(blocks, k), components_of(blocks), [])
        for component in plan.components:
            free = np.zeros((len(component), k))
            way = cheapest(free, plan.allowed[component], plan.apart_within(component))
            if way is None:
                shown = blocks.shown(component, name)
                expected = f"expected no more items apart than {k} clusters can keep apart"
                raise ParameterError(f"apart={shown}: {expected}")
            plan.ways.append(way)
        return plan

    def apart_within(self, component: list[int]) -> NDArray[np.bool_]:
        """Tell which blocks of a component belong apart, in a square array."""
        return np.array([[b in self.blocks.apart[a] for b in component] for a in component])

    def assign(
        self,
        rows: NDArray[np.float64],
        centers: NDArray[np.float64],
        known: NDArray[np.int32] | None = None,
    ) -> NDArray[np.int32]:
        """Give each row the nearest centre that what was said leaves to it.

        Parameters
        ----------
        rows : ndarray of shape (n, d), float64
        centers : ndarray of shape (k, d), float64
        known : ndarray of shape (n,), int32, or None
            Labels that obey what was said. The sum of squared distances is no larger than
            theirs.

        Returns
        -------
        ndarray of shape (n,), int32
        """
        labels: NDArray[np.int32] = _core.assign(rows, centers, n_threads=1)[0]
        chosen = np.zeros(len(self.blocks.rows), np.intp)
        for block, cluster in self.blocks.fixed.items():
            chosen[block] = cluster
        for component, way in zip(self.components, self.ways, strict=True):
            members = [list(self.blocks.rows[block]) for block in component]
            if known is not None:
                way = known[[own[0] for own in members]].astype(np.intp)
            costs = np.array([_costs(rows[own], centers) for own in members])
            allowed, apart = self.allowed[component], self.apart_within(component)
            best = cheapest(costs, allowed, apart, way)
            chosen[component] = way if best is None else best
        for own, cluster in zip(self.blocks.rows, chosen.tolist(), strict=True):
            labels[list(own)] = cluster
        return labels


def _costs(rows: NDArray[np.float64], centers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the sum of the squared distances of some rows to each centre."""
    return np.array([np.sum((rows - center) ** 2) for center in centers])


def _means(
    rows: NDArray[np.float64], labels: NDArray[np.int32], centers: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Give the mean of each cluster's rows, or its old centre if it has none."""
    k = len(centers)
    sizes = np.bincount(labels, minlength=k)
    sums = np.stack([np.bincount(labels, column, k) for column in rows.T], axis=1)
    return np.where(sizes[:, None] > 0, sums / np.maximum(sizes, 1)[:, None], centers)
