"""The methods that show a result as a page to look at and listen to."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from audioclust.report.content import Content
from audioclust.report.page import write_page
from audioclust.results.held import Held
from audioclust.results.showing.contents import content_of

if TYPE_CHECKING:
    from audioclust.clustering.layouts.layout import LayoutMethod
    from audioclust.report.content import Audio
    from audioclust.utils.types import Path


class Reporting(Held):
    """The methods that make a page of a result with clusters."""

    def report(
        self,
        path: Path,
        *,
        audio: Audio = "link",
        title: str | None = None,
        layout: LayoutMethod | None = None,
    ) -> None:
        """Write a page to look at and listen to, as one HTML file that needs no network.

        It has a map of the sounds, the groups in words, a table of all sounds, and why there
        are that many groups. A click plays a sound. docs/report.md says what else there is.

        Parameters
        ----------
        path : str or os.PathLike
            The file to write, such as ``"report.html"``; ``~`` is the home folder.
        audio : {"link", "representatives", "embed", "none"}, default="link"
            Where the sounds are. "link" plays the files where they lie, by paths that start
            from the page's folder: they work as long as the page and the files are moved
            together. "representatives" puts clips of the most typical sounds of each group into
            the page, "embed" clips of all of them, so that the page can be sent. "none" is a
            page without sounds.
        title : str or None, default=None
            Its title; None is made of the name of the folder and of what there is.
        layout : {"tsne", "pca"} or None, default=None
            Where the sounds are on the map; see :meth:`layout`. None is the layout that was
            kept, or ``"tsne"``.

        Raises
        ------
        ParameterError
            If an argument is invalid, or the file is one of the sounds. Nothing is done then.
        OSError
            If the file cannot be written.

        Notes
        -----
        The sounds that are like one are the nearest in all scaled columns, not those that are
        near it on the map. To find them takes time that grows as the square of the number of
        sounds.

        Examples
        --------
        >>> result.report("report.html")  # doctest: +SKIP
        """
        content = functools.partial(self._content, layout=layout)
        write_page(path, content, audio, self.item_table().inputs, title)

    def _content(self, title: str | None, layout: LayoutMethod | None = None) -> Content:
        """Give what the page shows."""
        return content_of(self, title, self.layout(layout).points)
