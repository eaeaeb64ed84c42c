"""The table of features that extraction gives and clustering takes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from audioclust._core import __version__
from audioclust.errors import ItemError, ParameterError
from audioclust.extraction.settings import Analysis, ExtractionSettings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from audioclust.audio.spans import Item


@dataclass(frozen=True, eq=False)
class FeatureTable:
    """One row of features for each item.

    Attributes
    ----------
    values : ndarray of shape (n_items, n_columns), float32
        The features in their own units, not scaled.
    columns : tuple of str
        What each column is.
    items : tuple of Item
        What each row is of.
    errors : tuple of ItemError
        The items that have no row, and why.
    settings : ExtractionSettings
        What the features were computed with.
    sr : int or None
        The recordings' own sampling rate in Hz if features were computed at it, else None.
    version : str
        The version of audioclust that computed them.
    """

    values: NDArray[np.float32]
    columns: tuple[str, ...]
    items: tuple[Item, ...]
    errors: tuple[ItemError, ...]
    settings: ExtractionSettings
    sr: int | None = None
    version: str = field(default=__version__)

    @property
    def analysis(self) -> Analysis:
        """The analysis of the features that brought none of their own."""
        return self.settings.analysis

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, column: str) -> NDArray[np.float32]:
        """Give one column, of shape (n_items,)."""
        if column not in self.columns:
            names = ", ".join(self.columns)
            raise ParameterError(f"column={column!r}: expected one of {names}")
        return self.values[:, self.columns.index(column)]

    def __repr__(self) -> str:
        shown = ", ".join(self.columns[:4]) + (", …" if len(self.columns) > 4 else "")
        failed = f", {len(self.errors)} could not be used" if self.errors else ""
        return (
            f"<FeatureTable: {len(self)} items × {len(self.columns)} columns ({shown}){failed}>"
        )
