"""`Layout`: rows as points of a plane; how it is made, and how other rows are placed on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast, get_args

import numpy as np

from audioclust import _core
from audioclust.clustering.layouts.tsne import place, tsne
from audioclust.clustering.principal_axes import principal_axes
from audioclust.utils import html
from audioclust.utils.arguments import check_choice, check_int, check_number
from audioclust.utils.values import ByValue

if TYPE_CHECKING:
    from numpy.typing import DTypeLike, NDArray


LayoutMethod: TypeAlias = Literal["tsne", "pca"]
"""How points are found for rows."""


PERPLEXITY = 30.0
"""Neighbours that count for each row, as van der Maaten's and scikit-learn's t-SNE have it."""


PLACED_BY = 5.0
"""Neighbours that attract a new row; the decision 56 has what was measured with others."""


_AXES = {"tsne": ("t-SNE 1", "t-SNE 2"), "pca": ("PC 1", "PC 2")}
"""The names of the axes. Those of t-SNE have no unit, and no meaning of their own."""


@dataclass(frozen=True)
class LayoutSettings:
    """What a layout is told.

    Attributes
    ----------
    method : {"tsne", "pca"}
        How points are found.
    random_state : int or None
        Seed of the random numbers; None for pca, which has none.
    perplexity : float or None
        How many neighbours count for each row; None for pca, for which there is no such number.
    """

    method: LayoutMethod
    random_state: int | None
    perplexity: float | None

    @classmethod
    def checked(
        cls, method: object, random_state: object, perplexity: object
    ) -> LayoutSettings:
        """Check what a user gave.

        Raises
        ------
        ParameterError
            If a value is invalid.
        """
        name = cast("LayoutMethod", check_choice("method", method, get_args(LayoutMethod)))
        seed = check_int("random_state", random_state, 0, 2**64 - 1)
        neighbors = check_number("perplexity", perplexity, 1)
        return cls(name, seed, neighbors) if name == "tsne" else cls(name, None, None)

    @classmethod
    def of(cls, layout: Layout) -> LayoutSettings:
        """Give what a layout was told."""
        return cls(layout.method, layout.random_state, layout.perplexity)


@dataclass(frozen=True, eq=False, repr=False)
class Layout(ByValue):
    """Items as points of a plane, in which those that are alike are near each other.

    ``len(layout)`` is the number of points, and ``np.asarray(layout)`` is `points`. Two layouts
    are equal if all they hold is equal.

    Attributes
    ----------
    points : ndarray of shape (n_items, 2), float64
        A point for each item, in their order. The longest direction lies along the first
        column. It cannot be written to, since a result keeps it.
    method : {"tsne", "pca"}
        How they were found.
    random_state : int or None
        Seed of the random numbers; None for pca, which has none.
    perplexity : float or None
        How many neighbours count for each item; None for pca, for which there is no such
        number. Where it was more than a third of the other items, that third was used, or 2
        where a third is less.
    continued : bool
        Whether the layout of a previous result goes on in it: items that were there stayed
        where they were, and others were placed beside them. It is not what the same method
        gives for all items together.
    """

    points: NDArray[np.float64]
    method: LayoutMethod
    random_state: int | None
    perplexity: float | None
    continued: bool = False

    def __post_init__(self) -> None:
        # A view: the array of whoever made this stays as it was.
        points = self.points.view()
        points.flags.writeable = False
        object.__setattr__(self, "points", points)

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take what was pickled; arrays can be written to again after that."""
        vars(self).update(state)
        self.__post_init__()

    @property
    def axes(self) -> tuple[str, str]:
        """The names of the two columns of `points`."""
        first, second = _AXES[self.method]
        return first, second

    def __len__(self) -> int:
        return len(self.points)

    def __iter__(self) -> Iterator[NDArray[np.float64]]:
        """Go over the points."""
        return iter(self.points)

    def __array__(
        self, dtype: DTypeLike | None = None, copy: bool | None = None
    ) -> NDArray[Any]:
        """Give the points as NumPy asks for them; without a copy they cannot be written to."""
        points = np.array(self.points, dtype=dtype, copy=copy)
        if np.may_share_memory(points, self.points):
            points = points.view()
            points.flags.writeable = False
        return points

    def _repr_html_(self) -> str:
        """Give the first points as a notebook shows them."""
        rows = (
            (place, f"{x:.4g}", f"{y:.4g}")
            for place, (x, y) in enumerate(self.points[: html.MAX_ROWS].tolist())
        )
        return html.table(repr(self)[1:-1], ("item", *self.axes), rows, len(self))

    def __repr__(self) -> str:
        how = "" if self.perplexity is None else f", perplexity {self.perplexity:g}"
        seed = "" if self.random_state is None else f", random_state {self.random_state}"
        more = ", continued from a previous result" if self.continued else ""
        return f"<Layout: {len(self)} points by {self.method}{how}{seed}{more}>"

    def to_dict(self) -> dict[str, Any]:
        """Give all of it as plain values and an array, as JSON has them."""
        return {
            "method": self.method,
            "random_state": self.random_state,
            "perplexity": self.perplexity,
            "continued": self.continued,
            "points": self.points,
        }


Layout.__module__ = "audioclust"


def laid_out(rows: NDArray[np.float64], settings: LayoutSettings, n_threads: int) -> Layout:
    """Give each row a point.

    Parameters
    ----------
    rows : ndarray of shape (n, d), float64
    settings : LayoutSettings
    n_threads : int
        Number of threads; the result does not depend on it.

    Returns
    -------
    Layout
        Those of pca are the first two principal components, of which the largest weight is
        positive; the second is 0 if the rows have but one.
    """
    method, seed, perplexity = settings.method, settings.random_state, settings.perplexity
    if seed is None or perplexity is None:
        points = projected(rows, rows, n_threads)
    else:
        told: Any = {"perplexity": perplexity, "random_state": seed, "n_threads": n_threads}
        points = tsne(rows, **told).points
    return Layout(points, method, seed, perplexity)


def projected(
    rows: NDArray[np.float64], new_rows: NDArray[np.float64], n_threads: int
) -> NDArray[np.float64]:
    """Give new rows in the plane of the first two principal components of some rows."""
    mean, axes = principal_axes(rows, None)
    lengths = np.linalg.norm(axes, axis=1)
    units = axes / np.where(lengths > 0, lengths, 1.0)[:, np.newaxis]
    off = np.ascontiguousarray(new_rows - mean)
    return _core.multiplied(off, np.ascontiguousarray(units.T), n_threads=n_threads)


def beside(
    rows: NDArray[Any],
    points: NDArray[np.float64],
    new_rows: NDArray[Any],
    n_threads: int,
) -> NDArray[np.float64]:
    """Give new rows points beside those of the rows that they are like, which do not move.

    Parameters
    ----------
    rows : ndarray of shape (n, d), float32 or float64
        Rows that have points, at least one.
    points : ndarray of shape (n, 2), float64
        Their points.
    new_rows : ndarray of shape (m, d), of the same dtype
    n_threads : int
        Number of threads; the result does not depend on it.

    Returns
    -------
    ndarray of shape (m, 2), float64
        A row that is equal to an old one is at its point. Any other is where t-SNE puts it if
        the old points stay; see :func:`place`. What other new rows there are makes no
        difference.
    """
    found = np.empty((len(new_rows), 2))
    if not len(new_rows):
        return found
    known = equal_rows(rows, new_rows)
    found[known >= 0] = points[known[known >= 0]]
    if (known < 0).any():
        others = new_rows[known < 0]
        found[known < 0] = place(rows, points, others, PLACED_BY, n_threads)
    return found


def equal_rows(rows: NDArray[Any], new_rows: NDArray[Any]) -> NDArray[np.intp]:
    """Give the number of the first row that is equal to each new one, -1 where there is none.

    Hashes are kept instead of rows, which would take as much memory again.
    """
    first: dict[int, int] = {}
    for number, key in enumerate(map(_hash, rows)):
        first.setdefault(key, number)
    found = np.array([first.get(key, -1) for key in map(_hash, new_rows)], np.intp)
    same = (rows[found] == new_rows).all(axis=1)
    return np.where(same, found, -1)


def _hash(row: NDArray[Any]) -> int:
    # Adding 0 makes a negative zero a positive one.
    return hash((row + 0).tobytes())
