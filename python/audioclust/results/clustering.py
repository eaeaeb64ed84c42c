"""The result of clustering: labels, centres, look-up by path, and labels for new sounds."""

from __future__ import annotations

import functools
import operator
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from audioclust.audio.spans import Item
from audioclust.clustering.metrics import centroids, distances_to
from audioclust.errors import ItemError, ParameterError
from audioclust.export.tables import ItemTable, Later
from audioclust.extraction.descriptors.values import columns_by_name
from audioclust.extraction.table import FeatureTable
from audioclust.results.evaluation import classes_of, scores
from audioclust.results.item_exports import ItemExports
from audioclust.results.item_groups import ItemGroups
from audioclust.results.keeping.corrections import Corrections
from audioclust.results.keeping.naming import Naming
from audioclust.results.keeping.refining import Refining
from audioclust.results.keeping.saving import Saving
from audioclust.results.levels import NestedLevels
from audioclust.results.maps.layouts import Layouts
from audioclust.results.notices import ItemNotices
from audioclust.results.prediction import Prediction
from audioclust.results.showing.notebook_map import NotebookMap
from audioclust.results.showing.reporting import Reporting
from audioclust.results.shown import Shown
from audioclust.results.uses.organizing import Organizing
from audioclust.results.uses.playlists import Playlists
from audioclust.results.uses.same_recordings import SameRecordings
from audioclust.results.uses.similarity import Similarity
from audioclust.results.uses.summaries import Summaries
from audioclust.utils.arguments import check_path
from audioclust.utils.by_path import ByPath
from audioclust.utils.types import Path
from audioclust.utils.values import ByValue

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audioclust.clustering.grouping import Grouping
    from audioclust.clustering.layouts.layout import Layout
    from audioclust.clustering.maps.trained_map import TrainedMap
    from audioclust.clustering.scaling import Scaler
    from audioclust.clustering.selection.k_selection import KSelection
    from audioclust.extraction.analysis import Analysis


@dataclass(frozen=True, eq=False, repr=False)
class Clustering(
    ByValue,
    ItemExports,
    ItemGroups,
    ItemNotices,
    Layouts,
    Naming,
    NestedLevels,
    NotebookMap,
    Organizing,
    Playlists,
    Prediction,
    Refining,
    Reporting,
    SameRecordings,
    Saving,
    Shown,
    Similarity,
    Summaries,
):
    """Sounds in clusters.

    Clusters are numbered by size, the largest being 0. Of two equally large ones the one whose
    first item comes first has the lower number. Only if there was a `previous` result, or if
    clusters were refined, they keep the numbers that they had. ``len(result)`` is the number of
    clusters, ``result[i]`` the items of cluster `i`, also by its name, and iteration goes over
    the clusters. Two results are equal if all they hold is equal. A result can be pickled.

    Attributes
    ----------
    labels : ndarray of shape (n_items,), int32
        The cluster of each item, or -1 if it is in none.
    table : FeatureTable
        The features, not scaled, with the items and errors.
    scaler : Scaler
        The scaling that was fitted to the features.
    centers : ndarray of shape (k, n_columns), float64, or None
        The clusters' centres in scaled units: for gmm the Gaussians' means, for affinity the
        items that stand for the others. som, ward and hdbscan have none.
    distances : ndarray of shape (n_items,), float64
        The distance of each item to its cluster's centre in scaled units; where there are no
        centres, to the mean of its cluster; for an item in no cluster, to the nearest of these.
    inertia : float or None
        Sum of the squared distances, which k-means minimises; None for other algorithms.
    n_iter : int or None
        Number of iterations of the best start; None for an algorithm that does not iterate.
    random_state : int or None
        The seed that was asked for.
    algorithm : str
        The name of the algorithm.
    selection : KSelection or None
        How the number of clusters was chosen; None if it was given.
    unassigned : str or None
        What the label -1 stands for, such as ``"noise"`` for hdbscan; None if every item is in
        a cluster.
    names : mapping of int to str
        The names that clusters were given, by number; without those that were given none.
    corrections : Corrections
        What was said about items that belong together, apart, or to certain clusters.
    trained_map : TrainedMap or None
        The self-organizing map that a som trained with the scaled rows; None for others.
    unit_labels : ndarray of shape (n_units,), int32, or None
        The cluster that each unit of the map is in; None without a map.
    kept_layout : Layout or None
        The layout that :meth:`keep_layout` kept; None without one.
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
    unassigned: str | None = None
    names: Mapping[int, str] = field(default_factory=dict)
    corrections: Corrections = Corrections()  # noqa: RUF009 - it is frozen
    trained_map: TrainedMap | None = None
    unit_labels: NDArray[np.int32] | None = None
    kept_layout: Layout | None = None

    @classmethod
    def from_grouping(
        cls, grouping: Grouping, table: FeatureTable, scaler: Scaler
    ) -> Clustering:
        """Make a result of the groups of a table's rows, numbering the clusters by size."""
        groups, settings = grouping.groups.by_size(), grouping.settings
        labels, centers = groups.labels, groups.centers
        middles = centroids(grouping.scaled, labels)[0] if centers is None else centers
        return cls(
            labels=labels,
            table=table,
            scaler=scaler,
            centers=centers,
            distances=distances_to(middles, grouping.scaled, labels),
            inertia=groups.inertia,
            n_iter=groups.n_iter,
            random_state=settings.random_state,
            algorithm=settings.algorithm,
            selection=grouping.selection,
            unassigned="noise" if (labels < 0).any() else None,
            trained_map=groups.trained_map
            and replace(groups.trained_map, columns=table.columns),
            unit_labels=groups.unit_labels,
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
        """The settings of the short-time analysis."""
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
        """The centres in the columns' own units, of shape (k, n_columns), or None."""
        return None if self.centers is None else self.scaler.inverse_transform(self.centers)

    @functools.cached_property
    def _middles(self) -> NDArray[np.float64]:
        """The centres, or the means of the clusters' items where there are none."""
        return centroids(self.scaled, self.labels)[0] if self.centers is None else self.centers

    def __getstate__(self) -> dict[str, Any]:
        """Give what is pickled and copied: not what was kept and can be made again."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def __len__(self) -> int:
        return self.k

    def __getitem__(self, cluster: int | str) -> tuple[Item, ...]:
        """Give the items of a cluster, in the order in which they were found.

        Parameters
        ----------
        cluster : int or str
            Its number; -1 for the items that are in no cluster, never for the last cluster. Or
            its name.

        Raises
        ------
        IndexError
            If there is no such number, and for -1 if every item is in a cluster.
        ParameterError
            If no cluster has that name.
        """
        cluster = self.number_of(cluster) if isinstance(cluster, str) else cluster
        cluster = operator.index(cluster)
        if cluster == -1 and self.unassigned is None:
            none = "-1 would be the items in no cluster, of which there are none"
            raise IndexError(f"cluster -1: expected 0 to {self.k - 1}; {none}")
        if not -1 <= cluster < self.k:
            raise IndexError(f"cluster {cluster}: expected 0 to {self.k - 1}")
        return tuple(self.items[i] for i in np.flatnonzero(self.labels == cluster))

    def __iter__(self) -> Iterator[tuple[Item, ...]]:
        return (self[cluster] for cluster in range(self.k))

    def labels_for(self, paths: Path | Iterable[Path]) -> NDArray[np.int32]:
        """Look up the labels of paths that were clustered.

        Parameters
        ----------
        paths : str, os.PathLike, or iterable of these

        Returns
        -------
        labels : ndarray of shape (n_paths,), int32
            The label of each path, -1 for one that could not be used or is in no cluster.

        Raises
        ------
        ParameterError
            If a path was not among the sounds, or several of its parts were.
        """
        known = dict.fromkeys((error.path for error in self.errors), -1)
        known |= zip(self.paths, self.labels.tolist(), strict=True)
        parts = ByPath(Counter(self.paths), self.table.folder)
        by_path = ByPath(known, self.table.folder)
        listed = [paths] if isinstance(paths, (str, os.PathLike)) else paths
        if not isinstance(listed, Iterable):
            raise ParameterError(f"paths={paths!r}: expected a path or an iterable of paths")
        wanted = [check_path("path", path) for path in listed]
        for path in wanted:
            if path not in by_path:
                raise ParameterError(f"path={path!r}: expected one that was clustered")
            if path in parts and parts[path] > 1:
                raise ParameterError(
                    f"path={path!r} has {parts[path]} items: expected one; see .labels"
                )
        return np.array([by_path[path] for path in wanted], np.int32)

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
            ``silhouette``, and with a truth ``homogeneity``, ``completeness``, ``v_measure``
            and ``adjusted_rand``, all as scikit-learn defines them. The silhouette is of a
            seeded sample of 5,000 items if there are more, and NaN where it is not defined:
            for one cluster, or as many clusters as items. Items in no cluster are left out of
            the silhouette; beside a truth they count as one more cluster.

        Raises
        ------
        ParameterError
            If an item has no class.
        """
        classes = None if truth is None else classes_of(truth, self.paths)
        return scores(self.scaled, self.labels, classes)

    def item_table(self) -> ItemTable:
        """Give items, labels, distances and errors as they are exported."""
        return ItemTable(
            items=self.items,
            labels=self.labels.tolist(),
            distances=self.distances.tolist(),
            errors=self.errors,
            about=Later(self._about),
            folder=self.table.folder,
            names=self.names,
            more=columns_by_name(self.table.descriptors),
            other_inputs=[one.path for one in self.table.left_out],
            arrays={
                "centers": self.centers,
                "scaler": vars(self.scaler),
                "features": self.table.values,
                "kept_layout": None if self.kept_layout is None else self.kept_layout.to_dict(),
                "unit_labels": self.unit_labels,
                "trained_map": None if self.trained_map is None else self.trained_map.to_dict(),
            },
        )

    def _about(self) -> dict[str, Any]:
        """Give what a JSON file says beside the items."""
        return {
            "k": self.k,
            "names": {str(cluster): name for cluster, name in self.names.items()},
            "unassigned": self.unassigned,
            "selection": None if self.selection is None else self.selection.to_dict(),
            "inertia": self.inertia,
            "n_iter": self.n_iter,
            "corrections": self.corrections.to_dict(),
            "warnings": self._about_warnings(),
            "left_out": [one._asdict() for one in self.table.left_out],
            "clusters": self.summary().to_dict()["clusters"],
            "columns": self.table.columns,
            "sr": self.table.sr,
            "settings": {
                **self.table.settings.as_json(),
                "algorithm": self.algorithm,
                "scaling": self.scaler.scaling,
                "random_state": self.random_state,
            },
            "version": self.table.version,
        }


Clustering.__module__ = "audioclust"  # Pickles name it so, wherever it is defined.
