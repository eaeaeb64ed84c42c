"""`Store`: the tables of the parts of a run in a folder, so that the run can be resumed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from audioclust.audio.remote.failures import MISSING
from audioclust.errors import ItemError, ModelError, ParameterError
from audioclust.export.tabular.parquet import import_arrow
from audioclust.extraction.partitions.fingerprints import Fingerprint
from audioclust.extraction.partitions.folders import Folder, folder_at
from audioclust.extraction.partitions.part_files import Place, file_of_part, part_of_file
from audioclust.extraction.table import FeatureTable
from audioclust.utils.arguments import check_path
from audioclust.utils.types import Path
from audioclust.utils.urls.names import is_url

_NAME = re.compile(
    r"part-(\d{6,})-of-(\d{6,})\.rows-(\d+)\.errors-(\d+)\.left-out-(\d+)\.again-(\d+)"
    r"\.bytes-(\d+)\.([0-9a-f]+)-([0-9a-f]+)-([0-9a-f]+)\.parquet"
)
"""The name of the file of a part. All that must be known of it before it is read is in it."""


@dataclass(frozen=True)
class Head:
    """What is known of a stored part without reading it.

    Attributes
    ----------
    number : int
        Which part it is, from 0.
    fingerprint : Fingerprint
        What it depends on.
    n_rows, n_errors, n_left_out : int
        Numbers of its recordings: with a row, failed, and left out for their length.
    n_again : int
        How many of those that failed may not fail another time: they are elsewhere, and were
        not reached.
    n_bytes : int
        The size of its file.
    """

    number: int
    fingerprint: Fingerprint
    n_rows: int
    n_errors: int
    n_left_out: int
    n_again: int
    n_bytes: int

    @property
    def name(self) -> str:
        """The name of its file, in which people find parts counted from 1."""
        of, *hashes = self.fingerprint
        counts = f"rows-{self.n_rows}.errors-{self.n_errors}.left-out-{self.n_left_out}"
        return (
            f"part-{self.number + 1:06}-of-{of:06}.{counts}.again-{self.n_again}"
            f".bytes-{self.n_bytes}.{'-'.join(hashes)}.parquet"
        )

    @classmethod
    def of_name(cls, name: str) -> Head | None:
        """Take it from the name of a file; None if the file is none of ours."""
        found = _NAME.fullmatch(name)
        if found is None:
            return None
        number, of, *counts = map(int, found.groups()[:7])
        if not 1 <= number <= of:
            return None
        return cls(number - 1, Fingerprint(of, *found.groups()[7:]), *counts)


@dataclass(frozen=True)
class Store:
    """A folder with the tables of the parts of one run, a Parquet file for each.

    The folder may be in an object store. Each file appears complete or not at all, and its name
    says what it depends on. So one listing tells which parts are there, however many they are,
    and no list of parts must be kept beside them that several machines would have to change.
    A store can be pickled.

    Attributes
    ----------
    folder : Folder
    """

    folder: Folder
    _names: dict[int, str] = field(default_factory=dict, compare=False, repr=False)

    def __getstate__(self) -> dict[str, object]:
        return {"folder": self.folder, "_names": {}}

    def __setstate__(self, state: dict[str, object]) -> None:
        self.__dict__.update(state)

    def __str__(self) -> str:
        """Give where it is, without credentials."""
        return self.folder.shown

    @classmethod
    def checked(cls, where: Path | None) -> Store | None:
        """Check the argument `store` of a public function.

        Parameters
        ----------
        where : str, os.PathLike or None
            The path of a folder, or an address that fsspec knows, such as ``s3://bucket/run``.
            It need not exist.

        Returns
        -------
        store : Store or None
            None for None.

        Raises
        ------
        ParameterError
            If it is no folder, or fsspec does not know the address.
        MissingExtraError
            Without pyarrow, or what reaches that address.
        """
        if where is None:
            return None
        name = check_path("store", where)
        import_arrow()
        return cls(folder_at(name))

    def known(self, fingerprints: Sequence[str], *, retry: bool = False) -> dict[int, Head]:
        """Tell which parts of a run are stored already.

        A file that is not as long as it was written, or of recordings that have changed since,
        or of some that were not reached, is removed: its part is not known.

        Parameters
        ----------
        fingerprints : sequence of str
            That of each part of the run, in order; see :func:`fingerprint`.
        retry : bool, default=False
            Whether the file of a part in which recordings failed is removed as well, so that
            these are tried again.

        Returns
        -------
        known : dict of int to Head
            By the number of the part, from 0.

        Raises
        ------
        ParameterError
            If there are parts of another run in the folder.
        OSError
            If the folder cannot be read.
        """
        wanted = [Fingerprint.of_text(text) for text in fingerprints]
        known: dict[int, Head] = {}
        useless = []
        for name, size in sorted(self.folder.listed().items()):
            head = Head.of_name(name)
            if head is None:
                continue
            self._check_same_run(head, wanted)
            is_whole = head.fingerprint == wanted[head.number] and head.n_bytes == size
            is_again = head.n_again > 0 or (retry and head.n_errors > 0)
            if is_whole and not is_again and head.number not in known:
                known[head.number] = head
            else:
                useless.append(name)
        self.folder.remove(useless)
        self._names.clear()
        self._names.update({number: head.name for number, head in known.items()})
        return known

    def write(self, number: int, table: FeatureTable, fingerprint: str) -> Head:
        """Write the table of a part.

        Parameters
        ----------
        number : int
            Which part it is, from 0.
        table : FeatureTable
            It may have no rows.
        fingerprint : str
            What the part depends on.

        Raises
        ------
        OSError
            If it cannot be written.
        """
        its = Fingerprint.of_text(fingerprint)
        data = file_of_part(table, Place(number + 1, its.of, its.settings))
        n_again = sum(map(_may_be_reached, table.errors))
        counts = len(table), len(table.errors), len(table.left_out), n_again
        head = Head(number, its, *counts, len(data))
        self.folder.write(head.name, data)
        self._names[number] = head.name
        return head

    def read(self, number: int, head: Head | None = None) -> FeatureTable:
        """Read the table of a part.

        Parameters
        ----------
        number : int
            Which part it is, from 0.
        head : Head or None, default=None
            What :meth:`known` or :meth:`write` gave for it, so that it need not be looked for.

        Raises
        ------
        FileNotFoundError
            If it is not there.
        ModelError
            If its file is damaged.
        OSError
            If it cannot be read.
        """
        name = self._name_of(number) if head is None else head.name
        data = self.folder.read(name)
        try:
            return part_of_file(data, f"{self.folder.shown}/{name}")
        except ModelError as why:
            hint = "remove this file, and it is computed again"
            raise ModelError(f"{why}; {hint}") from None

    def _name_of(self, number: int) -> str:
        """Give the name of the file of a part; look for it if another process wrote it."""
        if number not in self._names:
            heads = map(Head.of_name, self.folder.listed())
            self._names.update({head.number: head.name for head in heads if head is not None})
        if number not in self._names:
            raise FileNotFoundError(f"the store {self.folder.shown} has no part {number + 1}")
        return self._names[number]

    def _check_same_run(self, head: Head, wanted: Sequence[Fingerprint]) -> None:
        """Raise a ParameterError if a stored part is of another run."""
        its = head.fingerprint
        if its.of != len(wanted):
            why = f"of a run in {its.of} parts, and this run has {len(wanted)}"
            reason = f"{why}: other recordings, or another partition_size"
        elif its.settings != wanted[head.number].settings:
            reason = (
                "computed with other settings, or by other versions of audioclust or of"
                " decoders"
            )
        elif its.recordings != wanted[head.number].recordings:
            reason = f"of other recordings: part {head.number + 1} differs"
        else:
            return
        hint = "give another folder, or remove these files"
        raise ParameterError(f"store={self.folder.shown!r}: its parts are {reason}; {hint}")


def _may_be_reached(error: ItemError) -> bool:
    """Tell whether what is elsewhere could be read at another time.

    Servers come back and credentials are renewed, but what is missing or damaged stays so.
    """
    is_missing = error.message.startswith(MISSING)
    return error.kind == "unreadable" and is_url(error.path) and not is_missing
