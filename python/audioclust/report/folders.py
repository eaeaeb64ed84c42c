"""How a page names folders and files: without what lies above the folder that all share."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from audioclust.utils.text import on_one_line
from audioclust.utils.urls.names import absolute, base_name, common_folder, parent_of

if TYPE_CHECKING:
    from audioclust.audio.spans import Item


class Folders:
    """The folders of the sounds of a page, named for whoever the page is sent to.

    Names begin with the deepest folder that all sounds share. What lies above it, such as the
    name of a user, is nobody's business.

    Parameters
    ----------
    items : sequence of Item
    folder : str or None
        The folder that relative paths belong to; None if the sounds were in memory.
    """

    def __init__(self, items: Sequence[Item], folder: str | None) -> None:
        self._from: str = os.sep if folder is None else folder
        found = {parent_of(item.path) for item in items}
        try:
            shared = common_folder([self.full(own) for own in found])
        except ValueError:
            shared = ""  # There are no sounds, or they are on several drives.
        self._shared: str = shared
        self.shared_name: str = on_one_line(os.path.basename(shared))

    def full(self, path: str) -> str:
        """Give the absolute path of a folder or file."""
        return absolute(path, self._from)

    def name(self, path: str) -> str:
        """Give what the page calls a folder or file, such as "Samples/kicks".

        What lies outside of the folder that all share has its own name alone.
        """
        full = self.full(path)
        above = self._shared.rstrip(os.sep)
        inside = os.path.normcase(full + os.sep).startswith(os.path.normcase(above + os.sep))
        if not self._shared or not inside:
            return on_one_line(os.path.basename(full))
        rest = full[len(above) :].strip(os.sep).replace(os.sep, "/")
        return "/".join(filter(None, (self.shared_name, on_one_line(rest))))

    def file_name(self, path: str) -> str:
        """Give what the page calls a file: the name of its folder, and its own."""
        folder, name = parent_of(path), base_name(path)
        return "/".join(filter(None, (self.name(folder), on_one_line(name))))

    def words(self, text: str, path: str = "") -> str:
        """Give a message in which paths are named in the same way.

        Parameters
        ----------
        text : str
            What a decoder or the system says.
        path : str
            The file that it is about, if there is one.
        """
        own = self.full(parent_of(path)) if path else ""
        for folder in filter(None, (own, self._shared)):
            # A root stands before every path, and tells nothing.
            if os.path.dirname(folder) != folder:
                text = text.replace(folder, self.name(folder))
        return on_one_line(text)
