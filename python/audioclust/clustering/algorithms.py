"""The table of clustering algorithms.

Nothing here imports NumPy, so that the command line can read the table for its help.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from audioclust.errors import ParameterError
from audioclust.utils.deferred import Deferred

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from audioclust.clustering.groups import ClusterSettings, Groups


Run: TypeAlias = "Callable[[NDArray[np.float64], ClusterSettings], Groups]"
"""Groups rows of shape (n, d); for fewer distinct rows than k it raises a ParameterError."""


@dataclass(frozen=True)
class Algorithm:
    """A line of the table of algorithms.

    Attributes
    ----------
    name : str
        What users call it; its key in :data:`ALGORITHMS`.
    run : callable
        The function, usually a :class:`~audioclust.utils.deferred.Deferred` one.
    needs_k : bool
        Whether it must be told the number of clusters. An algorithm that needs none chooses its
        own number, and must not be given one.
    max_rows : int or None
        Rows that it takes at most, because its memory grows as the square of their number.
    summary : str
        What it does, in a line for help and documentation.
    leaves_noise : bool
        Whether it may leave rows in no cluster, with the label -1.
    """

    name: str
    run: Run
    needs_k: bool
    max_rows: int | None
    summary: str
    leaves_noise: bool = False

    def check_size(self, n_rows: int) -> None:
        """Raise a ParameterError for more rows than the algorithm takes."""
        if self.max_rows is not None and n_rows > self.max_rows:
            raise ParameterError(
                f"algorithm={self.name!r} with {n_rows} rows: expected at most "
                f"{self.max_rows}, as its memory grows as the square of their number"
            )


def _adapter(name: str) -> Run:
    """Give a function of the module of algorithms, which is imported when it is called."""
    run: Deferred[[NDArray[np.float64], ClusterSettings], Groups]
    run = Deferred("audioclust.clustering.adapters", name)
    return run


ALGORITHMS: dict[str, Algorithm] = {
    algorithm.name: algorithm
    for algorithm in (
        Algorithm(
            "kmeans",
            _adapter("kmeans"),
            needs_k=True,
            max_rows=None,
            summary="k-means, the best of ten k-means++ starts or from Ward's clusters",
        ),
        Algorithm(
            "som",
            _adapter("som"),
            needs_k=True,
            max_rows=None,
            summary="regions of a self-organizing map",
        ),
        Algorithm(
            "gmm",
            _adapter("gmm"),
            needs_k=True,
            max_rows=None,
            summary="a mixture of Gaussians with diagonal covariances (scikit-learn's)",
        ),
        Algorithm(
            "ward",
            _adapter("ward"),
            needs_k=True,
            max_rows=20_000,
            summary="agglomerative clustering by Ward's linkage",
        ),
        Algorithm(
            "affinity",
            _adapter("affinity"),
            needs_k=False,
            max_rows=20_000,
            summary="affinity propagation, which chooses its own k (scikit-learn's)",
        ),
        Algorithm(
            "hdbscan",
            _adapter("hdbscan"),
            needs_k=False,
            max_rows=20_000,
            summary="dense regions, as many as there are; the rest is noise (scikit-learn's)",
            leaves_noise=True,
        ),
    )
}
"""The algorithms by name, in the order in which help and error messages list them."""
