"""The methods that name clusters and find them by their names."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from audioclust.errors import ParameterError
from audioclust.results.held import Held
from audioclust.utils.arguments import check_cluster, check_int

if TYPE_CHECKING:
    from typing import Self

R = TypeVar("R")

LONGEST_NAME = 80
"""Characters of a name, at most: it is shown in tables and legends."""


class Naming(Held):
    """The methods for names, for a result with `names` and `k`."""

    def rename(self, names: Mapping[Any, str | None]) -> Self:
        """Give names to clusters.

        The names are shown beside the numbers, and are in all exports. A cluster can be asked
        for by its name: ``result["kicks"]``. Names are kept when the result is saved, refined,
        or given as `previous` to :func:`audioclust.cluster`.

        Parameters
        ----------
        names : mapping of int or str to str or None
            The new name of each cluster that is named, by its number or by the name that it has
            so far. None takes a name away. Other clusters keep theirs.

        Returns
        -------
        Clustering
            The same result with these names. Results do not change, and this one has none of
            them.

        Raises
        ------
        ParameterError
            If there is no such cluster, two clusters would have one name, or a name is not a
            str of 1 to 80 characters that can be shown on one line, without spaces at its ends.
            Names that differ in capitals only count as one: file systems may think so too.

        Examples
        --------
        >>> result = result.rename({0: "kicks", 1: "snares"})  # doctest: +SKIP
        >>> result["kicks"]  # doctest: +SKIP
        """
        if not isinstance(names, Mapping):
            raise ParameterError(
                f"names={names!r:.80}: expected a mapping of clusters to names"
            )
        new: dict[int, str | None] = {**self.names}
        new |= {self.number_of(cluster): name for cluster, name in names.items()}
        named = {cluster: name for cluster, name in sorted(new.items()) if name is not None}
        return replaced(self, names=checked_names(named, self.k))

    def number_of(self, cluster: int | str) -> int:
        """Give the number of a cluster by its name or number.

        Parameters
        ----------
        cluster : int or str

        Raises
        ------
        ParameterError
            If there is no such cluster.
        """
        return check_cluster(cluster, self.names, self.k)


def replaced(result: R, **changes: object) -> R:
    """Give a copy of a frozen dataclass with other values of some fields.

    It is for mixins, whose types do not say that they are parts of a dataclass.
    """
    copy: R = dataclasses.replace(cast("Any", result), **changes)
    return copy


def shown_number(cluster: int, names: Mapping[int, str]) -> str:
    """Give a cluster's number, and its name after it if it has one."""
    return f"{cluster} {names[cluster]}" if cluster in names else str(cluster)


def checked_names(names: Mapping[int, object], k: int) -> dict[int, str]:
    """Give the names of k clusters, or raise a ParameterError unless they can be that.

    See :meth:`Naming.rename` for what a name can be.
    """
    seen: dict[str, int] = {}
    found = {
        check_int("cluster", cluster, 0, k - 1): _checked(n) for cluster, n in names.items()
    }
    for cluster, name in found.items():
        first = seen.setdefault(name.casefold(), cluster)
        if first != cluster:
            raise ParameterError(
                f"name={name!r}: expected another one for each cluster; {first} and {cluster}"
                " would have the same, but for capitals"
            )
    return found


def _checked(name: object) -> str:
    if (
        not isinstance(name, str)
        or not 1 <= len(name) <= LONGEST_NAME
        or not name.isprintable()
        or name != name.strip()
    ):
        raise ParameterError(
            f"name={name!r:.100}: expected a str of 1 to {LONGEST_NAME} characters on one line,"
            " none of them a control character, without spaces at its ends; or None"
        )
    return str(name)
