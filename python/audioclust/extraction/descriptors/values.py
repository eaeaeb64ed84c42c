"""`Descriptors`: what each item of a table is like, beside its features."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from audioclust.errors import ParameterError
from audioclust.extraction.descriptors.vocabulary import (
    DESCRIPTOR_NAMES,
    descriptor_info,
    shown,
)
from audioclust.utils import html
from audioclust.utils.values import ByValue

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Descriptors(ByValue):
    """What each item is like: length, loudness, tempo, key and others, in known units.

    They are for words and for sorting. Distances and clusters know nothing of them. Each is
    defined in docs/descriptors.md. ``descriptors["tempo"]`` is one of them as an array, and
    iteration goes over their names.

    Attributes
    ----------
    values : ndarray of shape (n_items, n_descriptors), float32
        A row for each item; NaN where a descriptor is not defined, as the tempo of a click is.
    columns : tuple of str
        The name of each descriptor: duration in s; loudness in LUFS; brightness in Hz; tempo in
        BPM, and tempo_confidence from 0 to 1; key as a number, from 0 for C major to 11 for B
        major and from 12 for C minor to 23 for B minor, and key_confidence from 0 to 1;
        onset_rate in 1/s; attack_time in s.

    Notes
    -----
    The loudness is that of the one channel that is analysed, by default the mean of all. For
    stereo files it is lower than what meters show: by 3 LU if both channels are equal, by 6 LU
    if there is sound in one of them only, and by more if they cancel each other.
    """

    values: NDArray[np.float32]
    columns: tuple[str, ...] = DESCRIPTOR_NAMES

    @property
    def units(self) -> tuple[str, ...]:
        """The unit of each descriptor; empty for numbers without one."""
        return tuple(descriptor_info(name).unit for name in self.columns)

    def __len__(self) -> int:
        """Give the number of items."""
        return len(self.values)

    def __iter__(self) -> Iterator[str]:
        """Go over the names of the descriptors."""
        return iter(self.columns)

    def __getitem__(self, name: str) -> NDArray[np.float32]:
        """Give one descriptor by its name.

        Parameters
        ----------
        name : str
            One of `columns`.

        Returns
        -------
        ndarray of shape (n_items,), float32
            A view of `values`.

        Raises
        ------
        ParameterError
            If there is no such descriptor.
        """
        if name in self.columns:
            return self.values[:, self.columns.index(name)]
        near = difflib.get_close_matches(str(name), self.columns)
        hint = f"; near it are {', '.join(near)}" if near else ""
        expected = f"expected one of {', '.join(self.columns)}{hint}"
        raise ParameterError(f"descriptor={name!r}: {expected}")

    def in_words(self, place: int) -> dict[str, str]:
        """Give the descriptors of one item as people write them.

        Parameters
        ----------
        place : int
            The number of the item, as in an array.

        Returns
        -------
        dict of str to str
            By name, such as ``{"loudness": "-14.2 LUFS", "key": "A minor"}``; "?" for what is
            not defined.

        Raises
        ------
        IndexError
            If there is no such item.
        """
        row = self.values[place].tolist()
        return {name: shown(name, value) for name, value in zip(self.columns, row, strict=True)}

    def __repr__(self) -> str:
        return f"<Descriptors: {len(self)} items × {', '.join(self.columns)}>"

    def _repr_html_(self) -> str:
        """Give the first rows as a notebook shows them."""
        rows = ((place, *self.in_words(place).values()) for place in range(len(self)))
        caption = f"Descriptors: {len(self)} items"
        return html.table(caption, ("item", *self.columns), rows, len(self))


def columns_by_name(
    descriptors: Descriptors | None, prefix: str = ""
) -> dict[str, NDArray[np.float32]]:
    """Give each descriptor by its name with something in front; nothing if there are none."""
    if descriptors is None:
        return {}
    return {f"{prefix}{name}": descriptors[name] for name in descriptors}


# Pickles name it by where users find it, and so survive a move to another module.
Descriptors.__module__ = "audioclust"
