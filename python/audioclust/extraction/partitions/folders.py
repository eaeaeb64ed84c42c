"""Folders that a store writes to: on this machine, or wherever fsspec reaches.

A file in one of them appears complete or not at all. Credentials that are in the address of a
folder are shown nowhere.
"""

from __future__ import annotations

import contextlib
import functools
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from audioclust.errors import MissingExtraError, ParameterError
from audioclust.utils.files import replacing
from audioclust.utils.text import on_one_line

_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*::)*[A-Za-z][A-Za-z0-9+.-]+://")
"""What an address begins with, and no path: ``s3://``, or ``simplecache::s3://``."""

_LOCAL = ("file://", "local://")


class Folder(Protocol):
    """A folder with files, none of which is in a folder below it."""

    @property
    def shown(self) -> str:
        """Where it is, without credentials."""
        ...

    def listed(self) -> dict[str, int]:
        """Give the names of all files, and their sizes in bytes; nothing if it is missing."""
        ...

    def read(self, name: str) -> bytes:
        """Give what is in a file."""
        ...

    def write(self, name: str, data: bytes) -> None:
        """Write a file, and the folder if it is missing."""
        ...

    def remove(self, names: Iterable[str]) -> None:
        """Remove files; those that are gone already are no error."""
        ...


def folder_at(where: str) -> Folder:
    """Give the folder at a path or an address.

    Raises
    ------
    ParameterError
        If it is a file, or an address of a kind that nobody knows.
    MissingExtraError
        If what reaches it is not installed.
    """
    for start in _LOCAL:
        where = where.removeprefix(start)
    if _ADDRESS.match(where):
        folder = AddressedFolder(where)
        folder.check()
        return folder
    path = os.path.abspath(os.path.expanduser(where))
    if os.path.lexists(path) and not os.path.isdir(path):
        raise ParameterError(f"store={on_one_line(where)!r}: expected a folder, not a file")
    return LocalFolder(path)


@dataclass(frozen=True)
class LocalFolder:
    """A folder of a file system, by its full path."""

    path: str

    @property
    def shown(self) -> str:
        """Where it is, without credentials."""
        return on_one_line(self.path)

    def listed(self) -> dict[str, int]:
        """Give the names of all files, and their sizes in bytes."""
        sizes = {}
        try:
            with os.scandir(self.path) as entries:
                for entry in entries:
                    with contextlib.suppress(FileNotFoundError):  # It may be gone already.
                        sizes[entry.name] = entry.stat().st_size
        except FileNotFoundError:
            return {}
        return sizes

    def read(self, name: str) -> bytes:
        """Give what is in a file."""
        with open(os.path.join(self.path, name), "rb") as file:
            return file.read()

    def write(self, name: str, data: bytes) -> None:
        """Write a file, and the folder if it is missing."""
        os.makedirs(self.path, exist_ok=True)
        with replacing(os.path.join(self.path, name)) as file:
            file.write(data)

    def remove(self, names: Iterable[str]) -> None:
        """Remove files."""
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(os.path.join(self.path, name))


@dataclass(frozen=True, repr=False)
class AddressedFolder:
    """A folder that fsspec reaches by an address, such as ``s3://bucket/run``.

    It can be pickled: another process opens the connection anew.
    """

    address: str

    def __repr__(self) -> str:
        return f"AddressedFolder({self.shown!r})"

    def __getstate__(self) -> dict[str, str]:
        return {"address": self.address}

    def __setstate__(self, state: dict[str, str]) -> None:
        object.__setattr__(self, "address", state["address"])

    @property
    def shown(self) -> str:
        """Where it is, without credentials."""
        return on_one_line(without_credentials(self.address))

    def check(self) -> None:
        """Raise an error if nothing reaches it; it need not exist."""
        try:
            self._place  # noqa: B018 - it is made now
        except MissingExtraError:
            raise
        except ImportError as why:
            raise MissingExtraError(f"store={self.shown!r}: {self._said(why)}") from None
        except Exception as why:
            expected = "the path of a folder, or an address that fsspec knows"
            raise ParameterError(
                f"store={self.shown!r}: expected {expected}: {self._said(why)}"
            ) from None

    @functools.cached_property
    def _place(self) -> tuple[Any, str]:
        """The file system, and the path of the folder in it."""
        try:
            from fsspec.core import url_to_fs
        except ImportError:
            hint = "addresses need fsspec: pip install 'audioclust[remote]'"
            raise MissingExtraError(f"store={self.shown!r}: {hint}") from None
        system, path = url_to_fs(self.address)
        return system, path.rstrip("/")

    def listed(self) -> dict[str, int]:
        """Give the names of all files, and their sizes in bytes."""
        system, path = self._place
        with self._naming("listed"):
            system.invalidate_cache(path)
            try:
                entries = system.ls(path, detail=True)
            except FileNotFoundError:
                return {}
            files = (entry for entry in entries if entry["type"] == "file")
            return {entry["name"].rpartition("/")[2]: entry["size"] for entry in files}

    def read(self, name: str) -> bytes:
        """Give what is in a file."""
        system, path = self._place
        with self._naming("read"):
            return bytes(system.cat_file(f"{path}/{name}"))

    def write(self, name: str, data: bytes) -> None:
        """Write a file, and the folder if it is missing."""
        system, path = self._place
        with self._naming("written"):
            try:
                system.pipe_file(f"{path}/{name}", data)
            except FileNotFoundError:
                # Object stores, which are those that work asynchronously, have no folders:
                # it is the bucket that is missing, and to make one is not for us.
                if getattr(system, "async_impl", False):
                    raise
                system.makedirs(path, exist_ok=True)
                system.pipe_file(f"{path}/{name}", data)

    def remove(self, names: Iterable[str]) -> None:
        """Remove files."""
        system, path = self._place
        with self._naming("written"):
            for name in names:
                with contextlib.suppress(FileNotFoundError):
                    system.rm_file(f"{path}/{name}")

    @contextlib.contextmanager
    def _naming(self, what: str) -> Iterator[None]:
        """Have each error be an OSError that says what cannot be done, without credentials."""
        try:
            yield
        except FileNotFoundError as why:
            message = f"the store {self.shown} cannot be {what}: {self._said(why)}"
            raise FileNotFoundError(message) from None
        except Exception as why:  # Each file system has errors of its own.
            kind = "" if isinstance(why, OSError) else f"{type(why).__name__}: "
            message = f"the store {self.shown} cannot be {what}: {kind}{self._said(why)}"
            raise OSError(message) from None

    def _said(self, why: Exception) -> str:
        """Give the words of an error, without credentials of the address."""
        said = str(why)
        for secret in _credentials(self.address):
            said = said.replace(secret, "…")
        return on_one_line(without_credentials(said))[:300]


def _credentials(address: str) -> list[str]:
    """Give what is secret in an address, the longest first, as parts of it may be shown too."""
    users = re.findall(r"(?<=://)([^/\s]*)@", address)
    queries = re.findall(r"\?([^\s]*=[^\s]*)", address)
    secrets = [*users, *queries]
    secrets += [one.partition(":")[2] for one in users]
    secrets += [part.partition("=")[2] for one in queries for part in one.split("&")]
    # A letter or two would be found in any words, and are no secret.
    return sorted({secret for secret in secrets if len(secret) > 2}, key=len, reverse=True)


def without_credentials(text: str) -> str:
    """Give text whose addresses have neither user and password nor a query in them.

    A query may be a signature. One without ``=`` is none, but part of a name.
    """
    text = re.sub(r"(?<=://)[^/\s]*@", "", text)
    return re.sub(r"(://[^\s?]*\?)[^\s]*=[^\s]*", r"\1…", text)
