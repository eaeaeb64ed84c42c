"""What speaks for each number of clusters: the result of choose_k."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray


SILHOUETTE_ROWS = 5000
"""Rows that silhouettes are computed of, at most: their cost grows as the square."""


@dataclass(frozen=True, eq=False)
class KSelection:
    """What speaks for each number of clusters.

    Attributes
    ----------
    k : ndarray of shape (n_k,), int64
        The numbers of clusters that were tried, ascending: those of the range that there are
        different rows enough for. All other arrays have a value for each.
    inertia : ndarray of shape (n_k,), float64
        Sum of the squared distances of the rows to their centres.
    knee : int or None
        The k at which the inertia bends: the one farthest below the chord of its curve.
    silhouette : ndarray of shape (n_k,), float64
        Mean silhouette, from -1 to 1.
    compared : ndarray of shape (n_k,), float64
        The silhouette that the nulls' are compared with; that of all rows, or, of more than
        1,000, that of fits to a sample of so many, which the nulls have too.
    null_mean, null_high : ndarray of shape (n_k,), float64
        Mean and 95th percentile of the silhouettes of nulls: as many rows without clusters but
        otherwise alike, fitted alike. Of the two references the higher value is given.
    calinski_harabasz : ndarray of shape (n_k,), float64
        Variance between clusters to that within; more is better.
    davies_bouldin : ndarray of shape (n_k,), float64
        Spread of clusters to their distance; less is better.
    stability : ndarray of shape (n_k,), float64
        Mean adjusted Rand index of refits to seeded subsamples, of the rows that two share.
    plausible : tuple of int
        Every k whose silhouette the nulls do not explain and whose stability is at least 0.5.
    best_k : int
        The plausible k with the largest product of what its silhouette is above its nulls' mean
        and the square of its stability; 1 if none is plausible.
    reason : str
        Why, in words.
    n_rows : int
        Number of rows there were.
    sampled : bool
        Whether silhouettes are of a seeded sample of 5,000 rows, there being more.
    """

    k: NDArray[np.int64]
    inertia: NDArray[np.float64]
    knee: int | None
    silhouette: NDArray[np.float64]
    compared: NDArray[np.float64]
    null_mean: NDArray[np.float64]
    null_high: NDArray[np.float64]
    calinski_harabasz: NDArray[np.float64]
    davies_bouldin: NDArray[np.float64]
    stability: NDArray[np.float64]
    plausible: tuple[int, ...]
    best_k: int
    reason: str
    n_rows: int
    sampled: bool

    def table(self) -> list[dict[str, float | int | str]]:
        """Give a row for each k, as :class:`pandas.DataFrame` takes them."""
        names = (*_MEASURES, "null_mean", "null_high")
        columns = [getattr(self, name).tolist() for name in names]
        rows = zip(self.k.tolist(), *columns, strict=True)
        return [
            dict(zip(("k", *names), row, strict=True)) | {"verdict": self.verdict(row[0])}
            for row in rows
        ]

    def verdict(self, k: int) -> str:
        """Give what a k is, in a word or two: best, plausible, knee."""
        words = []
        if k in self.plausible:
            words.append("best" if k == self.best_k else "plausible")
        if k == self.knee:
            words.append("knee")
        return ", ".join(words)

    def plot(self, ax: Sequence[Axes] | None = None) -> tuple[Axes, Axes]:
        """Draw inertia and silhouette over the number of clusters.

        Parameters
        ----------
        ax : pair of matplotlib.axes.Axes, or None
            Where to draw; None makes a figure.

        Returns
        -------
        elbow, silhouette : matplotlib.axes.Axes
            The inertia with its knee; the silhouettes, filled where plausible, beside those
            of nulls, from their mean to their 95th percentile.

        Raises
        ------
        MissingExtraError
            Without matplotlib: ``pip install 'audioclust[plot]'``.
        """
        from audioclust.plotting.k_selection import selection

        return selection(self, ax)

    def __repr__(self) -> str:
        lines = [f"<KSelection: {self.n_rows} rows, best_k={self.best_k}; {self.reason}>"]
        if len(self.k):
            lines.append(_LINE.format(*_HEAD))
        for row in self.table():
            texts = [_text(name, row[name]) for name in _COLUMNS]
            lines.append(_LINE.format(row["k"], *texts, row["verdict"]).rstrip())
        if self.sampled:
            lines.append(f"  silhouettes are of a seeded sample of {SILHOUETTE_ROWS:,} rows")
        return "\n".join(lines)


_MEASURES = (
    "silhouette", "compared", "inertia", "calinski_harabasz", "davies_bouldin", "stability",
)  # fmt: skip


_COLUMNS = (
    "silhouette", "null_mean", "null_high", "inertia", "calinski_harabasz", "davies_bouldin",
    "stability",
)  # fmt: skip


_HEAD = ("k", "silhouette", "nulls", "95 %", "inertia", "Cal.-Har.", "Dav.-Bou.", "stable", "")


_LINE = "{:>4} {:>10} {:>6} {:>6} {:>10} {:>10} {:>9} {:>6}  {}"


def _text(name: str, value: object) -> str:
    return f"{value:.4g}" if name in ("inertia", "calinski_harabasz") else f"{value:.2f}"
