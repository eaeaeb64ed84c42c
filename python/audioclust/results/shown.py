"""How a clustering is shown in a terminal and in a notebook."""

from __future__ import annotations

from audioclust.results.held import Held
from audioclust.results.keeping.naming import shown_number
from audioclust.utils import html
from audioclust.utils.text import on_one_line
from audioclust.utils.urls.names import base_name

SHOWN_CLUSTERS = 10
"""Number of clusters that ``repr()`` lists."""


class Shown(Held):
    """What is shown of a result with clusters."""

    def __repr__(self) -> str:
        lines = [f"<{self._summary()}>"]
        if self.selection is not None:
            lines.append(f"  {self.selection.choice()}")
        for cluster, size, name in self._sizes_and_names()[:SHOWN_CLUSTERS]:
            number = shown_number(cluster, self.names)
            lines.append(f"  {number}: {size} items, such as {on_one_line(name)}")
        if self.k > SHOWN_CLUSTERS:
            lines.append(f"  and {self.k - SHOWN_CLUSTERS} smaller ones")
        if self.n_unassigned:
            lines.append(f"  -1: {self.n_unassigned} items in none ({self.unassigned})")
        if self.errors:
            lines.append(f"  {len(self.errors)} could not be used: see .errors")
        lines += [f"  {line}" for line in self.warning_words()]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        """Give a table of the clusters as a notebook shows it."""
        failed = [f"{len(self.errors)} could not be used"] if self.errors else []
        caption = "; ".join([self._summary(), *failed, *self.warning_words()])
        head = ("cluster", "items", "nearest its centre")
        rows: list[tuple[object, ...]] = [
            (shown_number(cluster, self.names), size, name)
            for cluster, size, name in self._sizes_and_names()
        ]
        if self.n_unassigned:
            rows.append((-1, self.n_unassigned, f"({self.unassigned})"))
        return html.table(caption, head, rows) + self._players()

    def _players(self) -> str:
        """Give players for the items nearest the centres of the first clusters."""
        from audioclust.listening.beside import Sample, players

        nearest = enumerate(self.representatives())
        samples = [
            Sample(shown_number(cluster, self.names), items[0])
            for cluster, items in nearest
            if items
        ]
        return players(samples, self.table.folder)

    def _summary(self) -> str:
        inertia = "" if self.inertia is None else f", inertia {self.inertia:.4g}"
        algorithm = "" if self.algorithm == "kmeans" else f" by {self.algorithm}"
        clusters = f"{self.k} cluster{'s' if self.k > 1 else ''}"
        return (
            f"Clustering: {len(self.items)} items in {clusters}{algorithm}, "
            f"{self.scaler.scaling} scaling{inertia}"
        )

    def _sizes_and_names(self) -> list[tuple[int, int, str]]:
        """Give the number, the size and the most typical file's name of each cluster."""
        return [
            (cluster, len(members), base_name(nearest[0].path) if nearest else "-")
            for cluster, (members, nearest) in enumerate(
                zip(self, self.representatives(), strict=True)
            )
        ]
