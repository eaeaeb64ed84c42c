"""The method that puts files into a folder for each cluster."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, get_args

from audioclust.errors import FoundTwiceWarning
from audioclust.export.organizing.carrying_out import Organized, carry_out
from audioclust.export.organizing.names import cluster_names
from audioclust.export.organizing.plan import PlacingMode, plan_for
from audioclust.export.organizing.stale import stale_in
from audioclust.results.held import Held
from audioclust.results.uses.whole_files import whole_files
from audioclust.utils.arguments import check_choice, check_flag, check_path

if TYPE_CHECKING:
    from audioclust.utils.types import Path

Unassigned = Literal["leave", "folder"]
"""What becomes of files in no cluster: they are left, or get a folder too."""


class Organizing(Held):
    """The method that sorts files into folders, for a result with labels."""

    def organize(
        self,
        folder: Path,
        mode: PlacingMode = "link",
        *,
        unassigned: Unassigned = "leave",
        dry_run: bool = False,
    ) -> Organized:
        """Put each file into the folder of its cluster, so that it can be undone.

        The folders are named after the number of their cluster and the name, if it was given
        one: ``0 kicks``, or ``cluster 0``. Folders inside the collection are not repeated in
        them. Nothing is ever replaced: a file whose name is taken gets a number, as in
        ``a (2).wav``. What is in its place already is left there, so that organizing again
        adds what is new. A link or copy of an earlier run stays as well if its file is in
        another cluster now: ``plan.stale`` lists these, with the log by which they can be
        undone. Files that could not be used are left where they are.

        Before anything is done, the plan is written to a log in `folder`, from which
        :func:`audioclust.undo` can undo it, even after a crash.

        Parameters
        ----------
        folder : str or os.PathLike
            Where the folders of clusters are made.
        mode : {"link", "copy", "move"}, default="link"
            ``"link"`` makes symbolic links with full paths, or hard links where the system has
            no symbolic ones. ``"copy"`` copies with times and permissions. ``"move"`` moves;
            between file systems a file is copied, compared and then removed. The paths of this
            result are no longer valid then: `placed` of what is returned has the new ones.
            Symbolic links are not moved.
        unassigned : {"leave", "folder"}, default="leave"
            Whether files in no cluster are left out, or are put into a folder ``unassigned``.
        dry_run : bool, default=False
            Whether only the plan is made, and nothing is touched.

        Returns
        -------
        Organized
            Its `plan`, what was `placed`, `errors` of files that could not be, and the `log`.

        Raises
        ------
        ParameterError
            If an argument is invalid, sounds were given in memory, or a file has several items.
        OSError
            If the folder or the log cannot be written; nothing was done then.

        Warns
        -----
        FoundTwiceWarning
            If links or copies lie inside the collection, where the next search finds them too.

        Examples
        --------
        >>> done = result.organize("sorted", "move", dry_run=True)  # doctest: +SKIP
        >>> for source, target, mode in done.plan:  # doctest: +SKIP
        ...     print(source, "->", target)
        >>> ac.undo(result.organize("sorted", "move").log)  # doctest: +SKIP
        """
        where = os.path.realpath(os.path.expanduser(check_path("folder", folder)))
        check_choice("mode", mode, get_args(PlacingMode))
        check_choice("unassigned", unassigned, get_args(Unassigned))
        check_flag("dry_run", dry_run)
        rooms = dict(enumerate(cluster_names(self.k, self.names)))
        if unassigned == "folder":
            rooms[-1] = "unassigned"
        labels = self.labels.tolist()
        files = list(zip(whole_files(self.item_table()), labels, strict=True))
        places = [(file, rooms[label]) for file, label in files if label in rooms]
        stale = stale_in(where, {file: rooms.get(label) for file, label in files})
        plan = replace(plan_for(where, places, mode), stale=stale)
        if mode != "move":
            _warn_if_found_twice(where, [step.source for step in plan], mode)
        return Organized(plan, errors=plan.errors) if dry_run else carry_out(plan)


def _warn_if_found_twice(folder: str, sources: Iterable[str], mode: PlacingMode) -> None:
    """Warn if a folder is inside the one that all sources are in."""
    parents = {os.path.realpath(parent) for parent in {os.path.dirname(s) for s in sources}}
    try:
        common = os.path.commonpath(parents)
    except ValueError:
        return  # There are none, or they are on several drives.
    if common != os.path.dirname(common) and os.path.commonpath([common, folder]) == common:
        what = "links" if mode == "link" else "copies"
        message = f"the {what} in {folder} are found too when {common} is searched again"
        # It is the line of the user that is shown: this function and organize() are ours.
        warnings.warn(message, FoundTwiceWarning, stacklevel=3)
