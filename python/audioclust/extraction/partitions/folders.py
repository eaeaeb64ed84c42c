"""Folders that a store writes to: on this machine, or wherever fsspec reaches.

A file in one of them appears complete or not at all. Credentials that are in the address of a
folder are shown nowhere.
"""

from __future__ import annotations

import contextlib
import functools
import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from audioclust.errors import MissingExtraError, ParameterError
from audioclust.utils.files import replacing
from audioclust.utils.text import on_one_line
from audioclust.utils.urls.names import local_path_of, protocol_of
from audioclust.utils.urls.redaction import HIDDEN, redacted

_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*::)*[A-Za-z][A-Za-z0-9+.-]+://")
"""What an address begins with, and no path: ``s3://``, or ``simplecache::s3://``."""

_CHAIN = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*::)+(?=[A-Za-z][A-Za-z0-9+.-]+://)")
"""What is before the first protocol in the address of a chain of file systems."""

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://\S+")
"""An address in the words of an error."""

_KEYLESS = frozenset({"s3", "s3a", "gs", "gcs"})
"""Protocols whose libraries take no keys from an address, but them for the name of a bucket."""

T = TypeVar("T")


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
    local = local_path_of(where)
    where = where if local is None else local
    if local is None and _ADDRESS.match(where):
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
        return on_one_line(_shown(self.address))

    def check(self) -> None:
        """Raise an error if nothing reaches it, or there are keys in it; it need not exist."""
        _, own = _without_chain(self.address)
        if protocol_of(own) in _KEYLESS and f"://{HIDDEN}@" in redacted(own):
            expected = "an address without keys, which belong in the environment, or in a file"
            raise ParameterError(f"store={self.shown!r}: expected {expected} such as ~/.aws")
        try:
            self._place  # noqa: B018 - it is made now
        except Exception as why:
            failure = self._unreached(why)
        else:
            return
        raise failure

    def _unreached(self, why: Exception) -> Exception:
        """Give the error of an address that nothing reaches."""
        if isinstance(why, MissingExtraError):
            return why
        if isinstance(why, ImportError):
            return MissingExtraError(f"store={self.shown!r}: {self._said(why)}")
        expected = "the path of a folder, or an address that fsspec knows"
        return ParameterError(f"store={self.shown!r}: expected {expected}: {self._said(why)}")

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
        return self._attempt("listed", self._listed)

    def _listed(self, system: Any, path: str) -> dict[str, int]:
        system.invalidate_cache(path)
        try:
            entries = system.ls(path, detail=True)
        except FileNotFoundError:
            return {}
        files = (entry for entry in entries if entry["type"] == "file")
        return {entry["name"].rpartition("/")[2]: entry["size"] for entry in files}

    def read(self, name: str) -> bytes:
        """Give what is in a file."""
        return self._attempt(
            "read", lambda system, path: bytes(system.cat_file(f"{path}/{name}"))
        )

    def write(self, name: str, data: bytes) -> None:
        """Write a file, and the folder if it is missing."""

        def work(system: Any, path: str) -> None:
            try:
                system.pipe_file(f"{path}/{name}", data)
            except FileNotFoundError:
                # Object stores, which are those that work asynchronously, have no folders:
                # it is the bucket that is missing, and to make one is not for us.
                if getattr(system, "async_impl", False):
                    raise
                system.makedirs(path, exist_ok=True)
                system.pipe_file(f"{path}/{name}", data)

        self._attempt("written", work)

    def remove(self, names: Iterable[str]) -> None:
        """Remove files."""

        def work(system: Any, path: str) -> None:
            for name in names:
                with contextlib.suppress(FileNotFoundError):
                    system.rm_file(f"{path}/{name}")

        self._attempt("written", work)

    def _attempt(self, what: str, work: Callable[[Any, str], T]) -> T:
        """Do something with the file system, and the path of the folder in it.

        Each error becomes an OSError that says what cannot be done. Texts of file systems have
        whole addresses in them, so theirs is neither its cause nor its context, which
        tracebacks and loggers would show.
        """
        try:
            return work(*self._place)
        except MissingExtraError:
            raise
        except Exception as why:  # Each file system has errors of its own.
            is_missing = isinstance(why, FileNotFoundError)
            kind = "" if isinstance(why, OSError) else f"{type(why).__name__}: "
            said = f"{kind}{self._said(why)}"
        message = f"the store {self.shown} cannot be {what}: {said}"
        raise FileNotFoundError(message) if is_missing else OSError(message)

    def _said(self, why: Exception) -> str:
        """Give the words of an error, without what is secret in the address."""
        said = str(why)
        for secret in _secrets(self.address):
            said = said.replace(secret, HIDDEN)
        return on_one_line(_URL.sub(lambda found: redacted(found[0]), said))[:300]


def _without_chain(address: str) -> tuple[str, str]:
    """Part an address into what is before its first protocol, and the rest."""
    chain = _CHAIN.match(address)
    start = chain.end() if chain else 0
    return address[:start], address[start:]


def _shown(address: str) -> str:
    """Give an address without what is secret in it."""
    chain, own = _without_chain(address)
    return chain + redacted(own)


def _secrets(address: str) -> list[str]:
    """Give what is secret in an address, the longest first, as parts of it may be shown too."""
    place, shown = address.rpartition("://")[2], _shown(address)
    # A password should have no @ in it, and may have one nevertheless.
    users = [place.partition("@")[0], place.rpartition("@")[0]]
    users = users if f"://{HIDDEN}@" in shown else []
    # After a fragment, too, there may be what is secret.
    query = "".join(re.split("[?#]", place, maxsplit=1)[1:])
    fields = re.split("[&;?#]", query) if HIDDEN in re.sub("^.*?[?#]", "", shown) else []
    secrets = [*users, *(user.partition(":")[2] for user in users)]
    secrets += [*fields, *(field.partition("=")[2] for field in fields)]
    # A letter or two would be found in any words, and are no secret.
    return sorted({one for one in secrets if len(one) > 2}, key=len, reverse=True)
