"""What speaks for each number of labels: the `selection` of a Segmentation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from audioclust.utils import html
from audioclust.utils.values import ByValue

if TYPE_CHECKING:
    from numpy.typing import NDArray


NEEDED = 43.0
"""Two labels are two voices if they differ from each other by more than this beyond what parts
of one label differ by."""


_COLUMNS = ("k", "difference", "own_difference", "verdict")


@dataclass(frozen=True, eq=False, repr=False)
class LabelSelection(ByValue):
    """What speaks for each number of labels of a :class:`audioclust.Segmentation`.

    Labels are merged two by two, always the two that are most alike. At each number of labels
    it is known how much these two differ, and how much parts of one label differ. Two labels
    are two voices if the first of these numbers exceeds the second by more than 43.

    ``len(selection)`` is the number of ks, and iteration goes over the rows of :meth:`table`.

    Attributes
    ----------
    k : ndarray of shape (n_k,), int64
        The numbers of labels that were tried, ascending; those for which there are too few
        different windows are left out.
    difference : ndarray of shape (n_k,), float64
        How much the two most similar of k labels differ: twice the log-likelihood that frames
        lose if both share a Gaussian, over the square root of the number of frames. Beyond
        6,000 frames, the loss per frame times the square root of 6,000.
    own_difference : ndarray of shape (n_k,), float64
        The same between the odd and the even stretches of 2 s of one label, the mean over all
        frames.
    best_k : int
        The largest k for which all numbers of labels from 2 to k are of different voices; 1 if
        there is none.
    reason : str
        Why, in words.
    """

    k: NDArray[np.int64]
    difference: NDArray[np.float64]
    own_difference: NDArray[np.float64]
    best_k: int
    reason: str

    def __len__(self) -> int:
        return len(self.k)

    def __iter__(self) -> Iterator[dict[str, float | int | str]]:
        return iter(self.table())

    def choice(self) -> str:
        """Give, in a sentence, the k that was chosen and why."""
        return f"k={self.best_k} was chosen: {self.reason}"

    def verdict(self, k: int) -> str:
        """Give "best" for the k that was chosen, "plausible" for smaller ones, else nothing."""
        if k == self.best_k:
            return "best"
        return "plausible" if k < self.best_k else ""

    def table(self) -> list[dict[str, float | int | str]]:
        """Give a row for each k, in a form that :class:`pandas.DataFrame` takes.

        Returns
        -------
        list of dict
            With the keys k, difference, own_difference (all as the attributes) and verdict (see
            :meth:`verdict`).
        """
        columns = (self.k.tolist(), self.difference.tolist(), self.own_difference.tolist())
        return [
            dict(zip(_COLUMNS, (*row, self.verdict(row[0])), strict=True))
            for row in zip(*columns, strict=True)
        ]

    def to_dict(self) -> dict[str, Any]:
        """Give best_k, reason and table, ready for JSON."""
        return {"best_k": self.best_k, "reason": self.reason, "table": self.table()}

    def __repr__(self) -> str:
        lines = [f"<LabelSelection: best_k={self.best_k}; {self.reason}>"]
        if len(self):
            lines.append("   k difference own_difference  verdict")
        for k, difference, own, verdict in self._cells():
            lines.append(f"{k:>4} {difference:>10} {own:>14}  {verdict}".rstrip())
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        caption = f"LabelSelection: best_k={self.best_k}; {self.reason}"
        return html.table(caption, _COLUMNS, self._cells())

    def _cells(self) -> list[tuple[str, ...]]:
        """Give the table as it is shown, rounded."""
        return [
            (str(k), f"{difference:.1f}", f"{own:.1f}", self.verdict(k))
            for k, difference, own in zip(
                self.k.tolist(), self.difference, self.own_difference, strict=True
            )
        ]


LabelSelection.__module__ = "audioclust"


def select(differences: dict[int, tuple[float, float]], tried: list[int]) -> LabelSelection:
    """Choose a number of labels.

    Parameters
    ----------
    differences : dict of int to (float, float)
        For each number of labels from 2 on, as far as there are so many: how much the two most
        similar ones differ, and how much parts of one label do.
    tried : list of int
        The numbers that may be chosen, ascending.
    """
    most = 1
    while is_apart(differences.get(most + 1)):
        most += 1
    best = max((k for k in tried if k <= most), default=1)
    known = [k for k in tried if k in differences]
    columns = np.array([differences[k] for k in known], np.float64).reshape(-1, 2)
    return LabelSelection(
        k=np.array(known, np.int64),
        difference=columns[:, 0],
        own_difference=columns[:, 1],
        best_k=best,
        reason=_reason(best, most, differences),
    )


def is_apart(pair: tuple[float, float] | None) -> bool:
    """Tell whether two labels differ by enough more than parts of one label do."""
    return pair is not None and pair[0] - pair[1] > NEEDED


def _reason(best: int, most: int, differences: dict[int, tuple[float, float]]) -> str:
    """Say why a number of labels was chosen."""
    if not differences:
        return "there is not enough sound to compare"
    parts = []
    if best > 1:
        found, needed = _in_words(differences[best])
        parts.append(
            f"the two most alike of {best} labels differ by {found} (more than {needed} is"
            " needed)"
        )
    if best < most:
        missing = f"{most} is not in k_range"
        if best + 1 < most:
            missing = f"k_range has no number from {best + 1} to {most}"
        parts.append(f"any two of {most} labels differ enough, but {missing}")
    elif most + 1 in differences:
        found, needed = _in_words(differences[most + 1])
        if best > 1:
            parts.append(f"those of {most + 1} labels by {found} only (more than {needed})")
        else:
            own = differences[2][1]
            parts.append(
                f"even two labels differ by {found} only (more than {needed} is needed, as"
                f" parts of one label differ by {own:.0f})"
            )
    return "; ".join(parts)


def _in_words(pair: tuple[float, float]) -> tuple[str, str]:
    """Give a difference and the one that it must exceed."""
    found, needed = pair[0], pair[1] + NEEDED
    # Rounded to whole numbers, one must not look like the other.
    digits = 0 if round(found) != round(needed) else 2
    return f"{found:.{digits}f}", f"{needed:.{digits}f}"
