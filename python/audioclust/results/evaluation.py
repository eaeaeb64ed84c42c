"""Scores of clusters, by themselves and against known classes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from audioclust.clustering.metrics import (
    adjusted_rand,
    homogeneity_completeness_v_measure,
    silhouette,
)
from audioclust.errors import ParameterError
from audioclust.utils.arguments import check_path
from audioclust.utils.by_path import ByPath
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
        The cluster of each row, or -1 for one in no cluster: left out of the silhouette, and
        one more cluster beside known classes.
    classes : sequence of n_items hashable values, or None
        The known class of each row.

    Returns
    -------
    scores : dict of str to float
        See :meth:`audioclust.Clustering.evaluate`.
    """
    members = labels >= 0
    found = {"silhouette": silhouette(rows[members], labels[members], n_threads(None))}
    if classes is None:
        return found
    numbers: dict[object, int] = {}
    truth = np.array([numbers.setdefault(c, len(numbers)) for c in classes], np.int32)
    labels = np.where(members, labels, labels.max() + 1).astype(np.int32)
    names = ("homogeneity", "completeness", "v_measure")
    measures = homogeneity_completeness_v_measure(truth, labels)
    found |= dict(zip(names, measures, strict=True))
    found["adjusted_rand"] = adjusted_rand(truth, labels)
    return found


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
