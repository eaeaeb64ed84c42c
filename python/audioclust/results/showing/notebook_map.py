"""The method that shows the page of a result inside a notebook, and what it gives."""

from __future__ import annotations

import html
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, cast

from audioclust.report.page import rendered
from audioclust.report.sounds import sounds_of
from audioclust.utils.arguments import check_int
from audioclust.utils.text import on_one_line

if TYPE_CHECKING:
    from audioclust.report.content import Content

_HEIGHTS = (100, 10_000)
"""The least and the largest height of a frame in pixels."""


@dataclass(frozen=True)
class MapView:
    """The page of a result, which a notebook shows in a frame.

    The page is the one that ``report()`` writes. It is part of the notebook, with the sounds of
    representatives: nothing is linked or loaded. The frame is sandboxed, so that the page can
    do nothing to the notebook.

    Attributes
    ----------
    title : str
        What is shown.
    height : int
        The height of the frame in pixels.
    page : str
        The page as HTML.
    """

    title: str
    height: int
    page: str

    def __repr__(self) -> str:
        return f"<MapView: {on_one_line(self.title)}, which a notebook shows>"

    def _repr_html_(self) -> str:
        """Give the frame as a notebook shows it."""
        return (
            f'<iframe srcdoc="{html.escape(self.page)}"'
            ' sandbox="allow-scripts allow-downloads" referrerpolicy="no-referrer"'
            f' title="{html.escape(on_one_line(self.title))}"'
            f' style="width:100%;height:{self.height}px;border:0"></iframe>'
        )


MapView.__module__ = "audioclust"


class _Reported(Protocol):
    """A result that has a page."""

    def _content(self, title: str | None) -> Content: ...


class NotebookMap:
    """The method that shows the page of a result in a notebook."""

    def map(self, *, height: int = 600) -> MapView:
        """Show the page of the result in a notebook: the map, with what can be heard on it.

        Parameters
        ----------
        height : int, default=600
            The height in pixels. The width is that of the notebook.

        Returns
        -------
        MapView
            What a notebook shows as the value of a cell. It has the sounds of representatives;
            all others are heard by ``report()`` and by ``audioclust serve``.

        Raises
        ------
        ParameterError
            If `height` is not from 100 to 10,000.

        Examples
        --------
        >>> result.map(height=700)  # doctest: +SKIP
        """
        height = check_int("height", height, *_HEIGHTS)
        content = cast("_Reported", self)._content(None)
        sounds = sounds_of(content, "representatives", os.getcwd())
        return MapView(content.title, height, rendered(content, sounds))
