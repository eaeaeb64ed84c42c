"""Scores of clusters, by themselves and against known classes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from audioclust import _core
from audioclust.clustering.k_selection import SILHOUETTE_ROWS
from audioclust.clustering.metrics import adjusted_rand
from audioclust.errors import ParameterError
from audioclust.results.by_path import ByPath
from audioclust.utils.arguments import check_path
from audioclust.utils.threads import n_threads

if TYPE_CHECKING:
    from numpy.typing import NDArray


def scores(
    rows: NDArray[np.float64],
    labels: NDArray[np.int32],
    classes: Sequence[object] | None = None,
) -> dict[str, float]:
    """Score labels by their rows' silhouette and, if there are any, against known classes.

    Parameters
    ----------
    rows : ndarray of shape (n_items, n_columns), float64
        The features as they were clustered.
    labels : ndarray of shape (n_items,), int32
        The cluster of each row.
    classes : sequence of n_items hashable values, or None
        The known class of each row.

    Returns
    -------
    scores : dict of str to float
        See :meth:`audioclust.Clustering.evaluate`.
    """
    found = {"silhouette": silhouette(rows, labels, n_threads(None))}
    if classes is None:
        return found
    numbers: dict[object, int] = {}
    truth = np.array([numbers.setdefault(c, len(numbers)) for c in classes], np.int32)
    names = ("homogeneity", "completeness", "v_measure")
    measures = homogeneity_completeness_v_measure(truth, labels)
    found |= dict(zip(names, measures, strict=True))
    found["adjusted_rand"] = adjusted_rand(truth, labels)
    return found


def silhouette(
    rows: NDArray[np.float64], labels: NDArray[np.int32], n_threads: int = 1
) -> float:
    """Give the mean silhouette of rows (P. J. Rousseeuw, "Silhouettes", 1987).

    Parameters
    ----------
    rows : ndarray of shape (n, d), float64
        The rows. If there are more than 5,000, a seeded sample of 5,000 is used.
    labels : ndarray of shape (n,), int32
        The cluster of each row.
    n_threads : int, default=1
        Number of threads; the result does not depend on it.

    Returns
    -------
    silhouette : float
        From -1 to 1, and NaN where it is not defined: for one cluster, or as many clusters as
        rows.
    """
    if len(rows) > SILHOUETTE_ROWS:
        # The cost grows as the square of the number of rows.
        chosen = np.random.default_rng(0).choice(len(rows), SILHOUETTE_ROWS, replace=False)
        rows, labels = rows[chosen], labels[chosen]
    found, numbers = np.unique(labels, return_inverse=True)
    if not 1 < len(found) < len(labels):
        return float("nan")
    labelings = numbers.astype(np.uint32)[np.newaxis]
    return float(_core.silhouettes(rows, labelings, n_threads=n_threads).mean())


def homogeneity_completeness_v_measure(
    truth: NDArray[np.int32], labels: NDArray[np.int32]
) -> tuple[float, float, float]:
    """Compare labels with known classes by conditional entropy.

    The formulas are those of A. Rosenberg and J. Hirschberg, "V-Measure" (2007).

    Parameters
    ----------
    truth, labels : ndarray of shape (n,), int32
        The class and the cluster of each row, from 0.

    Returns
    -------
    homogeneity : float
        1 if each cluster has rows of one class only; from 0 to 1.
    completeness : float
        1 if all rows of each class are in one cluster; from 0 to 1.
    v_measure : float
        Their harmonic mean.
    """
    width = int(labels.max()) + 1
    # Only pairs that occur are counted: a full table could be as large as n².
    pairs, joint = np.unique(truth.astype(np.int64) * width + labels, return_counts=True)
    of_class, of_cluster = np.bincount(truth), np.bincount(labels)
    homogeneity = _explained(joint, of_cluster[pairs % width], of_class)
    completeness = _explained(joint, of_class[pairs // width], of_cluster)
    both = homogeneity + completeness
    v_measure = 2 * homogeneity * completeness / both if both else 0.0
    return homogeneity, completeness, v_measure


def _explained(
    joint: NDArray[np.int64], given: NDArray[np.int64], of_each: NDArray[np.int64]
) -> float:
    """Give the share of an entropy that a condition explains: 1 − H(X | Y) / H(X).

    It is exactly 1 if X follows from Y, and by convention if the entropy of X is 0.

    Parameters
    ----------
    joint : ndarray
        Number of rows of each pair (x, y).
    given : ndarray
        Number of rows of each pair's y.
    of_each : ndarray
        Number of rows of each x.
    """
    n = of_each.sum()
    shares = of_each[of_each > 0] / n
    entropy = -float(np.sum(shares * np.log(shares)))
    if entropy <= 0:
        return 1.0
    conditional = -float(np.sum(joint / n * np.log(joint / given)))
    # Rounding may bring a share that should be 0 below it.
    return max(0.0, 1 - conditional / entropy)


def classes_of(truth: object, paths: Sequence[str]) -> list[object]:
    """Give the class of each path, from a sequence in their order or a mapping of paths.

    Raises
    ------
    ParameterError
        If a path has no class.
    """
    if isinstance(truth, Mapping):
        return _looked_up(truth, paths)
    if not isinstance(truth, Iterable):
        expected = "a sequence of classes or a mapping of paths to them"
        raise ParameterError(f"truth={truth!r}: expected {expected}")
    classes = list(truth)
    if len(classes) != len(paths):
        expected = f"{len(paths)} classes, one for each item"
        raise ParameterError(f"truth of length {len(classes)}: expected {expected}")
    return classes


def _looked_up(truth: Mapping[object, object], paths: Sequence[str]) -> list[object]:
    by_path = ByPath({check_path("truth", path): name for path, name in truth.items()})
    missing = [path for path in paths if path not in by_path]
    if missing:
        expected = f"a class for each item, but {len(missing)} have none"
        raise ParameterError(f"truth: expected {expected}, the first being {missing[0]!r}")
    return [by_path[path] for path in paths]
