"""The methods that lay items out in a plane, and keep them there."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from audioclust.clustering.layouts.layout import (
    PERPLEXITY,
    Layout,
    LayoutMethod,
    LayoutSettings,
    beside,
    laid_out,
    projected,
)
from audioclust.errors import ParameterError
from audioclust.extraction.table import FeatureTable
from audioclust.results.held import Held
from audioclust.results.keeping.naming import replaced
from audioclust.results.keeping.same_items import check_comparable
from audioclust.utils.threads import n_threads

if TYPE_CHECKING:
    from typing import Self

    from matplotlib.axes import Axes


class Layouts(Held):
    """The methods for layouts, for a result with scaled rows."""

    def layout(
        self,
        method: LayoutMethod | None = None,
        *,
        random_state: int | None = None,
        perplexity: float | None = None,
    ) -> Layout:
        """Lay the items out in a plane: those that are alike are near each other.

        The points are of the scaled features alone; clusters make no difference. Distances of
        far points mean little in t-SNE, and neither do the sizes of what looks like a group.

        Parameters
        ----------
        method : {"tsne", "pca"} or None, default=None
            t-SNE keeps neighbours together. pca is the first two principal components, in
            which large differences count. None is as the layout that was kept; ``"tsne"``
            without one.
        random_state : int or None, default=None
            Seed of t-SNE: the same seed gives the same points, with any number of threads.
            None is as the layout that was kept; 0 without one. It makes no difference to pca.
        perplexity : float or None, default=None
            How many neighbours count for each item in t-SNE. None is as the layout that was
            kept; 30 without one. At least 1. Of few items at most a third of the others count,
            or 2 where a third is less. It makes no difference to pca.

        Returns
        -------
        Layout
            The one that :meth:`keep_layout` kept, if it has these settings. One that goes on
            from a previous result is given only without arguments: with any, all items are
            laid out anew. What is computed is kept in memory for the next call, but is neither
            pickled nor saved.

        Raises
        ------
        ParameterError
            If an argument is invalid.

        Examples
        --------
        >>> import numpy as np
        >>> points = np.asarray(result.layout())  # doctest: +SKIP
        """
        asked = self._layout_settings(method, random_state, perplexity)
        kept = self.kept_layout
        as_kept = method is None and random_state is None and perplexity is None
        if (
            kept is not None
            and (as_kept or not kept.continued)
            and asked == LayoutSettings.of(kept)
        ):
            return kept
        if asked not in self._layouts:
            self._layouts[asked] = laid_out(self.scaled, asked, n_threads(None))
        return self._layouts[asked]

    def keep_layout(
        self,
        method: LayoutMethod | None = None,
        *,
        random_state: int | None = None,
        perplexity: float | None = None,
    ) -> Self:
        """Give the same result with a layout, which stays with it.

        It is saved with the result, and stays when clusters are renamed or refined. If the
        result is given as `previous` to :func:`audioclust.cluster`, items that are there again
        stay where they are, and new ones are placed beside those that they are like. If there
        were fewer than ten, all are laid out anew.

        Parameters
        ----------
        method, random_state, perplexity
            See :meth:`layout`.

        Returns
        -------
        Clustering
            Its `kept_layout` is what :meth:`layout` gives for these arguments. With a method,
            a layout that goes on from a previous result is made anew. Results do not change:
            this one keeps nothing.

        Raises
        ------
        ParameterError
            If an argument is invalid.
        """
        kept = self.layout(method, random_state=random_state, perplexity=perplexity)
        return replaced(self, kept_layout=kept)

    def layout_of(
        self,
        table: FeatureTable,
        method: LayoutMethod | None = None,
        *,
        random_state: int | None = None,
        perplexity: float | None = None,
    ) -> Layout:
        """Place other items on the layout of this result, whose own items do not move.

        Parameters
        ----------
        table : FeatureTable
            The features of the other items, computed as those of this result were.
        method, random_state, perplexity
            Which layout; see :meth:`layout`.

        Returns
        -------
        Layout
            A point for each of the other items. One whose features are equal to those of an
            item of this result is where that one is. Any other is projected in pca. In t-SNE,
            and in a layout that was kept, it begins at the point of the nearest item and goes
            down the gradient of t-SNE by itself.

        Raises
        ------
        ParameterError
            If an argument is invalid, or the features do not compare.
        """
        if not isinstance(table, FeatureTable):
            raise ParameterError(f"table={table!r:.80}: expected a FeatureTable")
        check_comparable(self.table, table)
        base = self.layout(method, random_state=random_state, perplexity=perplexity)
        rows, new_rows = self.scaled, self.scaler.transform(table.values)
        if base.method == "pca" and base is not self.kept_layout:
            points = projected(rows, new_rows, n_threads(None))
        else:
            points = beside(rows, base.points, new_rows, n_threads(None))
        return Layout(points, base.method, base.random_state, base.perplexity)

    def plot(self, ax: Axes | None = None, *, layout: LayoutMethod | None = "pca") -> Axes:
        """Draw the items by cluster.

        Parameters
        ----------
        ax : matplotlib.axes.Axes or None
            Where to draw; None makes a figure.
        layout : {"pca", "tsne"} or None, default="pca"
            Where the points are: ``"pca"`` is the scaled rows by their first two principal
            components, or by their columns if there are at most two; ``"tsne"`` and None are
            what :meth:`layout` gives.

        Returns
        -------
        matplotlib.axes.Axes
            The item nearest each centre is ringed, and named if there is room for its name.
            Clusters differ in colour, lightness and marker.

        Raises
        ------
        MissingExtraError
            Without matplotlib: ``pip install 'audioclust[plot]'``.
        ParameterError
            If there is no such layout.
        """
        from audioclust.plotting.scatter import clusters

        if layout == "pca":
            return clusters(self, ax)
        found = self.layout(layout)
        return clusters(self, ax, found.points, found.axes)

    @functools.cached_property
    def _layouts(self) -> dict[LayoutSettings, Layout]:
        """The layouts that were computed, by their settings."""
        return {}

    def _layout_settings(
        self, method: object, random_state: object, perplexity: object
    ) -> LayoutSettings:
        """Give the settings that were asked for; what is None is as it was kept."""
        kept = self.kept_layout
        if method is None:
            method = "tsne" if kept is None else kept.method
        if random_state is None:
            random_state = getattr(kept, "random_state", None) or 0
        if perplexity is None:
            perplexity = getattr(kept, "perplexity", None) or PERPLEXITY
        return LayoutSettings.checked(method, random_state, perplexity)
