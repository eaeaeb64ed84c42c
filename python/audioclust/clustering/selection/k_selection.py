"""What speaks for each number of clusters: the result of choose_k()."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from audioclust import _core
from audioclust.clustering.metrics import SILHOUETTE_ROWS
from audioclust.export.documents import write_document, write_rows
from audioclust.utils import html
from audioclust.utils.types import Path
from audioclust.utils.values import ByValue

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from audioclust.plotting.k_selection import KSelectionAxes


Structure: TypeAlias = Literal["clear", "none", "too few"]
"""Whether there are clusters, or too few rows to tell."""


_MEASURES = (
    "silhouette",
    "null_mean",
    "null_high",
    "stability",
    "inertia",
    "calinski_harabasz",
    "davies_bouldin",
)
"""The columns after k; every table names and orders them alike."""


_MORE = ("compared", "height_excess", "apartness_excess", "silhouette_excess")
"""The columns that follow, which are not always shown."""


@dataclass(frozen=True, eq=False)
class KSelection(ByValue):
    """What speaks for each number of clusters.

    ``len(selection)`` is the number of ks that were tried, and iteration goes over the rows of
    :meth:`table`, one for each of them.

    Attributes
    ----------
    k : ndarray of shape (n_k,), int64
        The numbers of clusters that were tried, ascending: those of the range that there are
        enough different rows for. All other arrays have a value for each.
        The clusters of each k are those of Ward's tree. It is that of at most 600 rows, whose
        means the other rows are put to.
    inertia : ndarray of shape (n_k,), float64
        Sum of the squared distances of the rows to the means of their clusters.
    knee : int or None
        The k at which the inertia bends: the one farthest below the chord of its curve. None
        if it does not bend.
    silhouette : ndarray of shape (n_k,), float64
        Mean silhouette, from -1 to 1.
    compared : ndarray of shape (n_k,), float64
        The silhouette that is compared with those of nulls: `silhouette` itself or, for more
        than 600 rows, that of the sample of 600, as nulls have no more.
    null_mean, null_high : ndarray of shape (n_k,), float64
        Mean and 95th percentile of the silhouettes of nulls: as many rows without clusters but
        otherwise alike, grouped alike. Of the two references the higher value is given.
    calinski_harabasz : ndarray of shape (n_k,), float64
        Ratio of the variance between clusters to that within; more is better.
    davies_bouldin : ndarray of shape (n_k,), float64
        Ratio of the spread of clusters to their distance; less is better.
    stability : ndarray of shape (n_k,), float64
        Mean adjusted Rand index of the clusters of seeded subsamples, of the rows that two
        share.
    height_excess, apartness_excess, silhouette_excess : ndarray of shape (n_k,), float64
        How far three measures of the compared rows are above the mean of the nulls, in standard
        deviations of these; of the two references the lower value is given. They are, on
        logarithmic scales, how far apart the two clusters are that Ward's linkage merges next,
        how few near pairs lead from one cluster to another, and the silhouette.
    structure : {"clear", "none", "too few"}
        "clear" if the geometric mean of the largest values of these three exceeds 4, or 3 where
        a silhouette exceeds 0.7, or 2 where it is also above all nulls' and there are fewer
        than 60 rows (see :func:`audioclust.choose_k`). "too few" for fewer than 20 rows,
        whatever they are like, and if no k was tried, because there are too few different rows
        even for the least. "none" otherwise.
    plausible : tuple of int
        At most three numbers of clusters, the best first: those that three looks at the
        rows give; see :func:`audioclust.choose_k`. Empty if there is no clear structure, or no
        k was tried.
    best_k : int
        The first of these, which is the middle one that the three looks give; 1 if none is
        plausible.
    reason : str
        Why, in words.
    n_rows : int
        Number of rows there were.
    sampled : bool
        Whether silhouettes are of a seeded sample of 5,000 rows, because there were more.
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
    height_excess: NDArray[np.float64]
    apartness_excess: NDArray[np.float64]
    silhouette_excess: NDArray[np.float64]
    structure: Structure
    plausible: tuple[int, ...]
    best_k: int
    reason: str
    n_rows: int
    sampled: bool

    def __len__(self) -> int:
        return len(self.k)

    def __iter__(self) -> Iterator[dict[str, float | int | str]]:
        return iter(self.table())

    def table(self) -> list[dict[str, float | int | str]]:
        """Give a row for each k, in a form that :class:`pandas.DataFrame` takes.

        Returns
        -------
        list of dict
            With the keys k, silhouette, null_mean, null_high, stability, inertia,
            calinski_harabasz, davies_bouldin, compared, height_excess, apartness_excess,
            silhouette_excess (all as the attributes) and verdict (see :meth:`verdict`).
        """
        names = ("k", *_MEASURES, *_MORE)
        columns = [getattr(self, name).tolist() for name in names]
        return [
            dict(zip(names, values, strict=True)) | {"verdict": self.verdict(values[0])}
            for values in zip(*columns, strict=True)
        ]

    @property
    def measure(self) -> str:
        """The name of the column that `null_mean` and `null_high` are to be compared with.

        It is "silhouette" or, where `compared` differs from that, "compared".
        """
        same = np.array_equal(self.silhouette, self.compared, equal_nan=True)
        return "silhouette" if same else "compared"

    def choice(self) -> str:
        """Give, in a sentence, the k that was chosen, why, and what else is plausible."""
        others = ", ".join(map(str, self.plausible[1:]))
        also = f"; also plausible: {others}" if others else ""
        return f"k={self.best_k} was chosen: {self.reason}{also}"

    def verdict(self, k: int) -> str:
        """Give the words for a k: "best" or "plausible", and "knee"; empty if none applies."""
        words = []
        if k in self.plausible:
            words.append("best" if k == self.best_k else "plausible")
        if k == self.knee:
            words.append("knee")
        return ", ".join(words)

    def plot(self, ax: Sequence[Axes] | None = None) -> KSelectionAxes:
        """Draw inertia and silhouette over the number of clusters.

        Parameters
        ----------
        ax : pair of matplotlib.axes.Axes, or None
            Where to draw; None makes a figure.

        Returns
        -------
        KSelectionAxes
            ``elbow``, the inertia with its knee, and ``silhouette``, the silhouettes, filled
            where plausible, beside those of nulls, from their mean to their 95th percentile.

        Raises
        ------
        MissingExtraError
            Without matplotlib: ``pip install 'audioclust[plot]'``.
        """
        from audioclust.plotting.k_selection import selection

        return selection(self, ax)

    def to_csv(self, path: Path) -> None:
        """Write the rows of :meth:`table` as CSV; a value that is not defined is left empty.

        Parameters
        ----------
        path : str or os.PathLike
            Where to; ``~`` is the home folder.

        Raises
        ------
        ParameterError
            If `path` is no path.
        OSError
            If it cannot be written.
        """
        rows = (list(row.values()) for row in self.to_dict()["table"])
        write_rows(["k", *_MEASURES, *_MORE, "verdict"], rows, path, inputs=())

    def to_json(self, path: Path) -> None:
        """Write what :meth:`to_dict` gives, and the version, as one JSON object.

        Parameters
        ----------
        path : str or os.PathLike
            Where to; ``~`` is the home folder.

        Raises
        ------
        ParameterError
            If `path` is no path.
        OSError
            If it cannot be written.
        """
        document = {**self.to_dict(), "version": _core.__version__}
        write_document(document, path, inputs=())

    def to_dict(self) -> dict[str, Any]:
        """Give what there is as Python's own types, ready for JSON.

        Returns
        -------
        dict
            With the keys best_k, reason, structure, plausible, knee, n_rows, sampled and table.
            A measure that is not defined is None.
        """
        return {
            "best_k": self.best_k,
            "reason": self.reason,
            "structure": self.structure,
            "plausible": list(self.plausible),
            "knee": self.knee,
            "n_rows": self.n_rows,
            "sampled": self.sampled,
            "table": [
                {name: None if value != value else value for name, value in row.items()}
                for row in self.table()
            ],
        }

    def __repr__(self) -> str:
        lines = [f"<KSelection: {self._summary()}>"]
        if len(self):
            lines.append(self._line(("k", *self._shown, "verdict")))
        lines += [self._line(cells) for cells in self._cells()]
        if self.sampled:
            lines.append(f"  silhouettes are of a seeded sample of {SILHOUETTE_ROWS:,} rows")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        caption = f"KSelection: {self._summary()}"
        return html.table(caption, ("k", *self._shown, "verdict"), self._cells())

    @property
    def _shown(self) -> tuple[str, ...]:
        """The measures that are shown: compared too, if it is not the silhouette."""
        first, *others = _MEASURES
        return first, *([] if self.measure == first else [self.measure]), *others

    def _summary(self) -> str:
        return f"{self.n_rows} rows, best_k={self.best_k}; {self.reason}"

    def _cells(self) -> list[tuple[str, ...]]:
        """Give the table as it is shown, rounded."""
        return [
            (
                str(row["k"]),
                *(f"{row[name]:{_FORMATS.get(name, '.2f')}}" for name in self._shown),
                str(row["verdict"]),
            )
            for row in self
        ]

    def _line(self, cells: tuple[str, ...]) -> str:
        """Give a line of text, each measure as wide as its name or its values."""
        k, *measures, verdict = cells
        widths = [max(len(name), 10 if name in _FORMATS else 5) for name in self._shown]
        aligned = [f"{cell:>{width}}" for cell, width in zip(measures, widths, strict=True)]
        return f"{k:>4} {' '.join(aligned)}  {verdict}".rstrip()


KSelection.__module__ = "audioclust"


_FORMATS = {"inertia": ".4g", "calinski_harabasz": ".4g"}
"""How measures without a fixed range are shown; the others have two decimals."""
