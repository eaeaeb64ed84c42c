"""The methods that show a result as a page to look at and listen to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from audioclust.report.content import Content, Group
from audioclust.report.page import write_page
from audioclust.results.held import Held
from audioclust.results.showing.views import views_of

if TYPE_CHECKING:
    from audioclust.report.content import Audio
    from audioclust.utils.types import Path


class Reporting(Held):
    """The methods that make a page of a result with clusters."""

    def report(self, path: Path, *, audio: Audio = "link", title: str | None = None) -> None:
        """Write the result as one HTML file.

        Parameters
        ----------
        path : str or os.PathLike
            The file to write.
        audio : {"link", "representatives", "embed", "none"}, default="link"
            Where the sounds are.
        title : str or None
            Its title; None is made of what there is.

        Raises
        ------
        ParameterError
            If the file is one of the sounds.
        OSError
            If it cannot be written.
        """
        write_page(path, self._content(title), audio, self.item_table().inputs)

    def _content(self, title: str | None) -> Content:
        """Give what the page shows."""
        from audioclust.clustering.principal_axes import principal_axes

        rows = self.scaled
        mean, axes = principal_axes(rows, None)
        return Content(
            kind="clustering",
            title=title or f"{len(self.items)} sounds in {self.k} groups",
            headline=[f"{len(self.items)} sounds"],
            items=self.items,
            labels=self.labels,
            groups=[
                Group(one.number, one.name or str(one.number), one.words)
                for one in self.summary()  # type: ignore[attr-defined]
            ],
            points=(rows - mean) @ axes.T,
            errors=self.errors,
            warnings=self.warning_words(),
            folder=self.table.folder,
            views=views_of(self),
        )
