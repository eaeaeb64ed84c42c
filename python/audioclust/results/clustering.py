"""What clustering gives: labels, centres, look-up, scores."""

from __future__ import annotations

import functools
import operator
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from audioclust import _core
from audioclust.audio.sources import Source, scan
from audioclust.audio.spans import Item
from audioclust.clustering.metrics import centroids
from audioclust.errors import ItemError, NothingExtractedError, ParameterError
from audioclust.extraction.recordings import extract_found
from audioclust.extraction.table import FeatureTable
from audioclust.results.by_path import ByPath
from audioclust.results.item_groups import ClusterViews
from audioclust.utils.arguments import check_int, check_path
from audioclust.utils.text import on_one_line
from audioclust.utils.threads import n_threads
from audioclust.utils.types import Path

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audioclust.clustering.grouping import Grouping
    from audioclust.clustering.scaling import Scaler
    from audioclust.clustering.selection.k_selection import KSelection
    from audioclust.extraction.settings import Analysis


_SILHOUETTE_ROWS = 5000
"""Rows that the silhouette is computed of, at most: its cost grows as their square."""


@dataclass(frozen=True, eq=False)
class Clustering(ClusterViews):
    """Sounds in groups.

    Clusters are numbered by size, the largest being 0; of two equally large ones the one whose
    first item comes first has the lower number. ``len(result)`` is the number of clusters,
    ``result[i]`` the items of cluster `i`, and iteration goes over the clusters.

    Attributes
    ----------
    labels : ndarray of shape (n_items,), int32
        The cluster of each item.
    table : FeatureTable
        The features, not scaled, with the items and errors.
    scaler : Scaler
        What brought the features to one scale.
    centers : ndarray of shape (k, n_columns), float64, or None
        The clusters' centres in scaled units, for gmm the Gaussians' means, for affinity the
        items that stand for the others; som and ward have none.
    distances : ndarray of shape (n_items,), float64
        The distance of each item to its centre, in scaled units; without centres, to the mean
        of its cluster.
    inertia : float or None
        Sum of the squared distances, which k-means makes small; None for what does not.
    n_iter : int or None
        Number of iterations of the best start, if there are iterations.
    random_state : int or None
        The seed that was asked for.
    algorithm : str
        What grouped the rows.
    selection : KSelection or None
        How the number of clusters was chosen, if it was not given.
    """

    labels: NDArray[np.int32]
    table: FeatureTable
    scaler: Scaler
    centers: NDArray[np.float64] | None
    distances: NDArray[np.float64]
    inertia: float | None
    n_iter: int | None
    random_state: int | None
    algorithm: str
    selection: KSelection | None = None

    @classmethod
    def from_grouping(
        cls, grouping: Grouping, table: FeatureTable, scaler: Scaler
    ) -> Clustering:
        """Make a result of the groups of a table's rows, numbering the clusters by size."""
        groups, settings = grouping.groups, grouping.settings
        centers = groups.centers
        k = int(groups.labels.max()) + 1 if centers is None else len(centers)
        sizes = np.bincount(groups.labels, minlength=k)
        first = np.full(k, len(groups.labels))
        np.minimum.at(first, groups.labels, np.arange(len(groups.labels)))
        order = np.lexsort((first, -sizes))
        number = np.empty(k, np.int32)
        number[order] = np.arange(k)
        labels = number[groups.labels]
        centers = None if centers is None else centers[order]
        middles = centroids(grouping.scaled, labels)[0] if centers is None else centers
        distances = np.linalg.norm(grouping.scaled - middles[labels], axis=1)
        return cls(
            labels=labels,
            table=table,
            scaler=scaler,
            centers=centers,
            distances=distances,
            inertia=groups.inertia,
            n_iter=groups.n_iter,
            random_state=settings.random_state,
            algorithm=settings.algorithm,
            selection=grouping.selection,
        )

    @property
    def items(self) -> tuple[Item, ...]:
        """The items that have a label, in the order in which they were found."""
        return self.table.items

    @property
    def paths(self) -> tuple[str, ...]:
        """The items' paths."""
        return tuple(item.path for item in self.items)

    @property
    def errors(self) -> tuple[ItemError, ...]:
        """The items that have no label, and why."""
        return self.table.errors

    @property
    def analysis(self) -> Analysis:
        """How the signals were cut and transformed."""
        return self.table.analysis

    @property
    def k(self) -> int:
        """The number of clusters."""
        return int(self.labels.max()) + 1 if self.centers is None else len(self.centers)

    @property
    def scaled(self) -> NDArray[np.float64]:
        """The features as they were clustered, of shape (n_items, n_columns)."""
        return self.scaler.transform(self.table.values)

    @functools.cached_property
    def centers_original(self) -> NDArray[np.float64] | None:
        """The centres in the columns' own units, of shape (k, n_columns); None without any."""
        return None if self.centers is None else self.scaler.inverse_transform(self.centers)

    @functools.cached_property
    def _middles(self) -> NDArray[np.float64]:
        """The centres, or the means of the clusters' items where there are none."""
        return centroids(self.scaled, self.labels)[0] if self.centers is None else self.centers

    def __len__(self) -> int:
        return self.k

    def __getitem__(self, cluster: int) -> tuple[Item, ...]:
        """Give the items of a cluster, in the order in which they were found."""
        cluster = operator.index(cluster)
        if not -self.k <= cluster < self.k:
            raise IndexError(f"cluster {cluster}: expected 0 to {self.k - 1}")
        members = np.flatnonzero(self.labels == cluster % self.k)
        return tuple(self.items[i] for i in members)

    def __iter__(self) -> Iterator[tuple[Item, ...]]:
        return (self[cluster] for cluster in range(self.k))

    def __repr__(self) -> str:
        inertia = "" if self.inertia is None else f", inertia {self.inertia:.4g}"
        algorithm = "" if self.algorithm == "kmeans" else f" by {self.algorithm}"
        clusters = f"{self.k} cluster{'s' if self.k > 1 else ''}"
        lines = [
            f"<Clustering: {len(self.items)} items in {clusters}{algorithm}, "
            f"{self.scaler.scaling} scaling{inertia}>"
        ]
        if self.selection is not None:
            lines.append(f"  k={self.k} was chosen: {self.selection.reason}")
        shown = min(self.k, 10)
        for cluster, nearest in enumerate(self.representatives()[:shown]):
            size = int(np.sum(self.labels == cluster))
            name = on_one_line(os.path.basename(nearest[0].path)) if nearest else "-"
            lines.append(f"  {cluster}: {size} items, such as {name}")
        if self.k > shown:
            lines.append(f"  and {self.k - shown} smaller ones")
        if self.errors:
            lines.append(f"  {len(self.errors)} could not be used: see .errors")
        return "\n".join(lines)

    def representatives(self, n: int = 1) -> list[tuple[Item, ...]]:
        """Give, for each cluster, the `n` items nearest its centre, nearest first.

        Where there are no centres they are nearest the mean of their cluster.
        """
        n = check_int("n", n, 1)
        order = np.argsort(self.distances, kind="stable")
        nearest = [order[self.labels[order] == cluster][:n] for cluster in range(self.k)]
        return [tuple(self.items[i] for i in rows) for rows in nearest]

    def labels_for(self, paths: Path | Iterable[Path]) -> NDArray[np.int32]:
        """Look up the labels of paths that were clustered.

        Parameters
        ----------
        paths : str, os.PathLike, or iterable of these

        Returns
        -------
        labels : ndarray of shape (n_paths,), int32
            -1 for what could not be used.

        Raises
        ------
        ParameterError
            For a path that was not among the sounds.
        """
        known: dict[str, int] = {error.path: -1 for error in self.errors}
        by_path = ByPath(known | dict(zip(self.paths, self.labels.tolist(), strict=True)))
        one = isinstance(paths, (str, os.PathLike))
        listed = [paths] if one else paths
        if not isinstance(listed, Iterable):
            raise ParameterError(f"paths={paths!r}: expected a path or an iterable of paths")
        wanted = [check_path("path", path) for path in listed]
        for path in wanted:
            if path not in by_path:
                raise ParameterError(f"path={path!r}: expected one that was clustered")
        return np.array([by_path[path] for path in wanted], np.int32)

    def predict(
        self, source: Source | FeatureTable, *, n_jobs: int | None = None
    ) -> NDArray[np.int32]:
        """Give the cluster whose centre is nearest, for other sounds.

        For k-means and affinity that is the cluster they would have been put in. gmm goes by
        likelihood instead, and som and ward have no centres, so that the mean of each cluster
        stands for it: there it is a near guess, and items may get another label than they have.

        Parameters
        ----------
        source : see :func:`audioclust.extract`, or FeatureTable
            Features are computed with the settings that this result's were.
        n_jobs : int or None, default=None
            Number of recordings to work on at once; None or -1 for as many as there are cores.

        Returns
        -------
        labels : ndarray of shape (n,), int32
            One for each recording found, in that order, and -1 for those that cannot be used;
            one for each row of a table. A path given twice is one recording.

        Raises
        ------
        FileNotFoundError
            If a path does not exist.
        NoAudioError
            If there is nothing to decode.
        ParameterError
            If a table has other features than were clustered, or computed in another way.
        """
        if isinstance(source, FeatureTable):
            return self._nearest(source)
        found = scan(source)
        try:
            table = extract_found(found, self.table.settings, n_threads(n_jobs))
        except NothingExtractedError:
            return np.full(len(found.recordings), -1, np.int32)
        paths = (item.path for item in table.items)
        labels = dict(zip(paths, self._nearest(table).tolist(), strict=True))
        return np.array([labels.get(r.path, -1) for r in found.recordings], np.int32)

    def _nearest(self, table: FeatureTable) -> NDArray[np.int32]:
        self._check_comparable(table)
        scaled = self.scaler.transform(table.values)
        return _core.assign(scaled, self._middles, n_threads=1)[0]

    def _check_comparable(self, table: FeatureTable) -> None:
        ours, theirs = self.table, table
        same = (
            theirs.columns == ours.columns
            and theirs.settings.features == ours.settings.features
            and theirs.settings.stats == ours.settings.stats
        )
        if not same:
            expected = f"the {len(ours.columns)} columns that were clustered, computed alike"
            raise ParameterError(f"source={table!r}: expected {expected}")
        if theirs.sr != ours.sr:
            raise ParameterError(
                f"source at {theirs.sr} Hz: expected {ours.sr} Hz, which sr=None kept before"
            )

    def evaluate(
        self, truth: Sequence[object] | Mapping[Any, object] | None = None
    ) -> dict[str, float]:
        """Score the clusters, by themselves and against known classes.

        Parameters
        ----------
        truth : sequence, mapping or None
            The class of each item in the order of `items`, or of each path.

        Returns
        -------
        scores : dict of str to float
            ``silhouette`` (of a seeded sample of 5,000 items if there are more; NaN where it
            is not defined: for one cluster, or as many as items), and with a truth
            ``homogeneity``, ``completeness``, ``v_measure`` and ``adjusted_rand``. All are
            scikit-learn's.

        Raises
        ------
        ParameterError
            If an item has no class.
        """
        from sklearn import metrics

        scores = {"silhouette": self._silhouette()}
        if truth is not None:
            numbers: dict[object, int] = {}
            classes = [numbers.setdefault(c, len(numbers)) for c in self._classes(truth)]
            names = ("homogeneity", "completeness", "v_measure")
            measures = metrics.homogeneity_completeness_v_measure(classes, self.labels)
            scores |= {name: float(x) for name, x in zip(names, measures, strict=True)}
            rand = metrics.adjusted_rand_score(classes, self.labels)
            scores["adjusted_rand"] = float(rand)
        return scores

    def _silhouette(self) -> float:
        from sklearn.metrics import silhouette_score

        rows = np.arange(len(self.labels))
        if len(rows) > _SILHOUETTE_ROWS:
            rows = np.random.default_rng(0).choice(rows, _SILHOUETTE_ROWS, replace=False)
        labels = self.labels[rows]
        if not 1 < len(np.unique(labels)) < len(labels):
            return float("nan")
        return float(silhouette_score(self.scaled[rows], labels))

    def _classes(self, truth: object) -> list[object]:
        if not isinstance(truth, Mapping):
            if not isinstance(truth, Iterable):
                expected = "a sequence of classes or a mapping of paths to them"
                raise ParameterError(f"truth={truth!r}: expected {expected}")
            truth = list(truth)
            if len(truth) != len(self.items):
                expected = f"{len(self.items)} classes, one for each item"
                raise ParameterError(f"truth of length {len(truth)}: expected {expected}")
            return truth
        by_path = ByPath({check_path("truth", path): name for path, name in truth.items()})
        missing = [path for path in self.paths if path not in by_path]
        if missing:
            expected = f"a class for each item, but {len(missing)} have none"
            raise ParameterError(f"truth: expected {expected}, the first being {missing[0]!r}")
        return [by_path[path] for path in self.paths]

    def save(self, path: Path) -> None:
        """Write the result in the format that the path's suffix names: .csv or .json."""
        from audioclust.export.items import write

        write(self, path)

    def to_csv(self, path: Path) -> None:
        """Write path, start, end, label and distance of each item as CSV."""
        from audioclust.export.items import write_csv

        write_csv(self, path)

    def to_json(self, path: Path) -> None:
        """Write items, errors, inertia, columns and settings as one JSON object."""
        from audioclust.export.items import write_json

        write_json(self, path)
