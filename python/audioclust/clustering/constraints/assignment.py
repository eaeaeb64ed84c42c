"""The cheapest way to give blocks to clusters such that those that belong apart are apart.

That is the colouring of a graph, which is hard for large ones. What people say about sounds
makes many small ones. A set of which each two belong apart is an assignment problem, and is
solved as that. Others are searched by branch and bound, the block with the fewest clusters left
first (D. Brélaz, "New methods to color the vertices of a graph", 1979).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audioclust.clustering.constraints.blocks import Blocks

SEARCH_STEPS = 20_000
"""Steps of a search, at most; then it ends with the best that it has found."""


def components_of(blocks: Blocks) -> list[list[int]]:
    """Give the sets of blocks without a fixed cluster that one has to be chosen for at once.

    Each is connected by what belongs apart. A block of which that was not said is a set of its
    own. They come in the order of their first blocks, and so do their members.
    """
    seen = set(blocks.fixed)
    found = []
    for start in range(len(blocks.rows)):
        if start in seen:
            continue
        seen.add(start)
        component, waiting = [start], [start]
        while waiting:
            new = blocks.apart[waiting.pop()] - seen
            seen |= new
            component += new
            waiting += new
        found.append(sorted(component))
    return found


def allowed_clusters(blocks: Blocks, k: int) -> NDArray[np.bool_]:
    """Tell, in an array of shape (n_blocks, k), which clusters fixed blocks leave to each."""
    allowed = np.ones((len(blocks.rows), k), bool)
    for block, cluster in blocks.fixed.items():
        allowed[list(blocks.apart[block]), cluster] = False
        allowed[block] = np.arange(k) == cluster
    return allowed


def cheapest(
    costs: NDArray[np.float64],
    allowed: NDArray[np.bool_],
    apart: NDArray[np.bool_],
    known: NDArray[np.intp] | None = None,
) -> NDArray[np.intp] | None:
    """Give a cluster to each of m blocks such that the sum of costs is small.

    Parameters
    ----------
    costs : ndarray of shape (m, k), float64
        What each block costs in each cluster, finite.
    allowed : ndarray of shape (m, k), bool
        The clusters that each block may be in.
    apart : ndarray of shape (m, m), bool
        Which blocks may not be in one cluster; symmetric, and False on the diagonal.
    known : ndarray of shape (m,), int, or None
        Clusters that obey all of this. What is given costs no more.

    Returns
    -------
    ndarray of shape (m,), int, or None
        The cluster of each block; None if there is no way. It is the cheapest one unless the
        search had to end early; it may then also miss that there is a way.
    """
    if len(costs) == 1:
        open_costs = np.where(allowed[0], costs[0], np.inf)
        return np.array([open_costs.argmin()]) if allowed[0].any() else None
    if apart.sum() == len(costs) * (len(costs) - 1):
        return _all_apart(costs, allowed)
    return _Search(costs, allowed, apart, known).best


def _all_apart(
    costs: NDArray[np.float64], allowed: NDArray[np.bool_]
) -> NDArray[np.intp] | None:
    """Give each block a cluster of its own, as cheaply as possible."""
    from scipy.optimize import linear_sum_assignment

    if costs.shape[0] > costs.shape[1]:
        return None
    try:
        return np.asarray(linear_sum_assignment(np.where(allowed, costs, np.inf))[1], np.intp)
    except ValueError:
        return None  # SciPy's way to say that there is none.


class _Search:
    """Branch and bound over the blocks of one component."""

    def __init__(
        self,
        costs: NDArray[np.float64],
        allowed: NDArray[np.bool_],
        apart: NDArray[np.bool_],
        known: NDArray[np.intp] | None,
    ) -> None:
        self._costs, self._allowed, self._apart = costs, allowed, apart
        self._labels = np.full(len(costs), -1, np.intp)
        # How many blocks that each block belongs apart from are in each cluster.
        self._taken = np.zeros(costs.shape, np.intp)
        self._least = np.where(allowed, costs, np.inf).min(axis=1)
        self.best = known
        self._best_cost = np.inf if known is None else self._cost_of(known)
        if np.isfinite(self._least).all():
            self._run()

    def _cost_of(self, labels: NDArray[np.intp]) -> float:
        return float(self._costs[np.arange(len(labels)), labels].sum())

    def _run(self) -> None:
        path = [self._next_block()]
        for _ in range(SEARCH_STEPS):
            block, options = path[-1]
            self._take_back(block)
            cluster = next(options, None)
            if cluster is None or self._bound(block, cluster) >= self._best_cost:
                # The clusters that are left cost still more.
                path.pop()
                if not path:
                    return
                continue
            self._put(block, cluster)
            if (self._labels >= 0).all():
                self.best, self._best_cost = self._labels.copy(), self._cost_of(self._labels)
            else:
                path.append(self._next_block())

    def _bound(self, block: int, cluster: int) -> float:
        """Give what all blocks cost at least, if one is put in a cluster."""
        placed = self._labels >= 0
        costs = np.where(placed, self._costs[np.arange(len(placed)), self._labels], self._least)
        costs[block] = self._costs[block, cluster]
        return float(costs.sum())

    def _next_block(self) -> tuple[int, Iterator[int]]:
        """Give the block that has the fewest clusters left, and these, the cheapest first."""
        left = self._allowed & (self._taken == 0)
        counts = np.where(self._labels < 0, left.sum(axis=1), left.shape[1] + 1)
        block = int(counts.argmin())
        order = np.argsort(self._costs[block], kind="stable")
        return block, iter(order[left[block, order]].tolist())

    def _put(self, block: int, cluster: int) -> None:
        self._labels[block] = cluster
        self._taken[self._apart[block], cluster] += 1

    def _take_back(self, block: int) -> None:
        if self._labels[block] >= 0:
            self._taken[self._apart[block], self._labels[block]] -= 1
            self._labels[block] = -1
