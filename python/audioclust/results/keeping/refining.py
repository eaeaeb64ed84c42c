"""The method that takes corrections of clusters, and what obeys them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from audioclust.clustering.constraints.kmeans import Plan, constrained_kmeans
from audioclust.clustering.metrics import distances_to
from audioclust.errors import ParameterError
from audioclust.results.held import Held
from audioclust.results.keeping.corrections import Corrections, constraints_of, overruled
from audioclust.results.keeping.naming import replaced
from audioclust.utils.arguments import check_path
from audioclust.utils.by_path import ByPath

if TYPE_CHECKING:
    from typing import Self

    from audioclust.utils.types import Path


class Refining(Held):
    """The method that corrects clusters, for a result with a table and scaled rows."""

    def refine(
        self,
        *,
        together: Iterable[Iterable[Path]] = (),
        apart: Iterable[Iterable[Path]] = (),
        move: Mapping[Any, int | str] | None = None,
    ) -> Self:
        """Correct clusters: say what belongs together, what apart, and what where.

        The clusters are improved from their centres as they are, by k-means that obeys all that
        was said, now and before: not only the items that are named may change their clusters,
        but also others that are then nearer to another centre. Numbers and names of clusters
        stay. Scaling and features stay as well.

        Parameters
        ----------
        together : iterable of iterables of str or os.PathLike
            Groups of items. Those of a group belong to one cluster, whichever it is.
        apart : iterable of iterables of str or os.PathLike
            Groups of items. No two of a group belong to one cluster.
        move : mapping of str or os.PathLike to int or str, optional
            The cluster that an item belongs to, by its number or name. What was said to belong
            together with the item moves with it.

        Returns
        -------
        Clustering
            Its `corrections` hold all that was said. They are obeyed by ``predict()``, and by
            :func:`audioclust.cluster` if the result is its `previous`. Where an earlier
            statement contradicts a later one, the later one holds and the earlier one is
            forgotten. The algorithm is ``"kmeans"``, whatever it was. A cluster that lost all
            its items keeps its number and its centre. Items in no cluster stay so, unless they
            are named.

        Raises
        ------
        ParameterError
            If what is said contradicts itself, or more items belong apart than there are
            clusters; if an item was not clustered, or is one of several of its path; if there
            is no such cluster, or nothing is said.

        Notes
        -----
        The algorithm is COP-k-means (K. Wagstaff et al., 2001), started from given centres,
        with the cheapest assignment of all items about which something was said; see
        ``docs/corrections.md``.

        Examples
        --------
        >>> better = result.refine(  # doctest: +SKIP
        ...     together=[["kick 1.wav", "kick 2.wav"]], move={"rim.wav": "snares"}
        ... )
        """
        items = _Items(self.paths, self.table.folder)
        later = Corrections(
            items.groups("together", together),
            items.groups("apart", apart),
            {items.path("move", p): self.number_of(c) for p, c in _listed_moves(move)},
        )
        if not later:
            raise ParameterError("refine: expected together, apart or move, nothing was said")
        items.check(later, self.k)
        said = overruled(self.corrections, later, lambda some: items.allow(some, self.k))
        return self._obeying(said)

    def _obeying(self, said: Corrections) -> Self:
        """Give a result that obeys corrections, which must not contradict each other."""
        paths, rows = self.paths, self.scaled
        named = _single(paths).keys() & set(said.paths)
        part = [i for i, path in enumerate(paths) if self.labels[i] >= 0 or path in named]
        row_of = {paths[i]: row for row, i in enumerate(part) if paths[i] in named}
        fit = constrained_kmeans(
            rows[part],
            self._middles,
            constraints_of(said, row_of),
            lambda row: paths[part[row]],
        )
        labels = np.full(len(rows), -1, np.int32)
        labels[part] = fit.labels
        return replaced(
            self,
            labels=labels,
            centers=fit.centers,
            distances=distances_to(fit.centers, rows, labels),
            inertia=fit.inertia,
            n_iter=fit.n_iter,
            algorithm="kmeans",
            unassigned=self.unassigned if (labels < 0).any() else None,
            corrections=said,
            # The map that a som trained does not know what was said.
            trained_map=None,
            unit_labels=None,
        )


class _Items:
    """The items of a result, by the paths that users give."""

    def __init__(self, paths: Sequence[str], folder: str | None) -> None:
        self._paths = paths
        self._counts = Counter(paths)
        self._known = ByPath({path: path for path in paths}, folder)
        self._row_of = _single(paths)

    def path(self, what: str, path: object) -> str:
        """Give an item's path as the result spells it, or raise a ParameterError."""
        given = check_path(what, path)
        if given not in self._known:
            raise ParameterError(f"{what}={given!r}: expected a path that was clustered")
        found = self._known[given]
        if self._counts[found] > 1:
            raise ParameterError(
                f"{what}={given!r}: expected a path with one item, not {self._counts[found]};"
                " parts of recordings cannot be corrected"
            )
        return found

    def groups(self, what: str, groups: object) -> tuple[tuple[str, ...], ...]:
        """Give groups of paths as the result spells them, each path and each group once."""
        expected = "expected an iterable of groups of two paths or more"
        if isinstance(groups, (str, bytes)) or not isinstance(groups, Iterable):
            raise ParameterError(f"{what}={groups!r:.80}: {expected}")
        found = []
        for group in groups:
            if isinstance(group, (str, bytes)) or not isinstance(group, Iterable):
                raise ParameterError(f"{what}=[{group!r:.80}]: {expected}")
            paths = tuple(dict.fromkeys(self.path(what, path) for path in group))
            if len(paths) < 2:
                raise ParameterError(f"{what}=[{list(paths)!r:.80}]: {expected}")
            found.append(paths)
        return tuple(dict.fromkeys(found))

    def check(self, said: Corrections, k: int) -> None:
        """Raise a ParameterError unless k clusters can obey corrections."""
        Plan.of(constraints_of(said, self._row_of), k, lambda row: self._paths[row])

    def allow(self, said: Corrections, k: int) -> bool:
        """Tell whether k clusters can obey corrections."""
        try:
            self.check(said, k)
        except ParameterError:
            return False
        return True


def _single(paths: Sequence[str]) -> dict[str, int]:
    """Give the row of each path that has one item only."""
    counts = Counter(paths)
    return {path: row for row, path in enumerate(paths) if counts[path] == 1}


def _listed_moves(move: object) -> list[tuple[Any, Any]]:
    """Give moves as pairs of path and cluster, or raise a ParameterError."""
    if move is None:
        return []
    if not isinstance(move, Mapping):
        raise ParameterError(f"move={move!r:.80}: expected a mapping of paths to clusters")
    return list(move.items())


def possible_part(said: Corrections, paths: Sequence[str], k: int) -> Corrections:
    """Give corrections without those that k clusters cannot obey together with later ones."""
    items = _Items(paths, None)
    return overruled(said, Corrections(), lambda some: items.allow(some, k))
