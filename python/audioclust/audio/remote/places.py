"""Addresses and the file systems of fsspec that they belong to."""

from __future__ import annotations

import logging
import os
import re
import threading
from dataclasses import dataclass
from typing import Any

from audioclust.errors import MissingExtraError, ParameterError
from audioclust.utils.urls.names import chain_of, is_url, protocol_of, split_archive
from audioclust.utils.urls.redaction import redacted

_SECONDS = {"sock_connect": 30, "sock_read": 60}
"""How long a server may be silent. Without this, all of a file would have to be there after
five minutes."""

_ENCODED = re.compile(r"(?:[A-Za-z0-9\-._~:/?#@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*")
"""What an address over HTTP is made of, if nothing in it has to be written otherwise. Such a
one is sent as it is: a signature may be of its very letters."""

_ARCHIVE_BLOCK = 2**20
"""How many bytes of an archive are read ahead."""

_LOGGERS = ("fsspec", "s3fs", "gcsfs", "aiohttp", "aiobotocore", "botocore")


@dataclass(frozen=True)
class Place:
    """An address, and what reads it.

    Attributes
    ----------
    protocol : str
        How it is read, such as "s3".
    files : fsspec.AbstractFileSystem
        The file system.
    path : str
        What the file is called there.
    """

    protocol: str
    files: Any
    path: str


def require(url: str) -> None:
    """Check that what reads an address is installed.

    Raises
    ------
    MissingExtraError
        If a package is missing.
    ParameterError
        If nobody knows the protocol, or the archive of an address is missing.
    """
    parts = split_archive(url)
    protocol = protocol_of(url)
    if parts is not None:
        if is_url(parts[1]):
            require(parts[1])
    elif protocol in ("zip", "tar", "libarchive"):
        expected = f"{protocol}://…::ARCHIVE, the path or address of an archive after ::"
        raise ParameterError(f"path={redacted(url)!r}: expected {expected}")
    _class_of(protocol, url)


def place_of(url: str) -> Place:
    """Find the file system of an address, and what the file is called there.

    File systems are kept for each thread, with their connections.

    Raises
    ------
    MissingExtraError, ParameterError
        See :func:`require`.
    Exception
        Of any kind if an archive cannot be opened; see
        :func:`audioclust.audio.remote.failures.attempt`.
    """
    protocol = protocol_of(url)
    url = protocol + url[len(protocol) :]  # File systems know it in lower case only.
    system = _class_of(protocol, url)
    parts = split_archive(url)
    if parts is not None:
        files = _opened.archive(protocol, system, parts[1])
        return Place(protocol, files, system._strip_protocol(parts[0]))
    options: dict[str, Any] = system._get_kwargs_from_urls(url)
    if protocol in ("http", "https"):
        options = _options_of_http(url)
    # Each option was found in this address; what the user has set for fsspec counts as well.
    return Place(protocol, system(**options), system._strip_protocol(url))


def _options_of_http(url: str) -> dict[str, Any]:
    import aiohttp

    timeout = aiohttp.ClientTimeout(total=None, **_SECONDS)
    return {
        "encoded": _ENCODED.fullmatch(url) is not None,
        "client_kwargs": {"timeout": timeout},
    }


def _class_of(protocol: str, url: str) -> Any:
    """Give the class of the file system of a protocol."""
    chain = chain_of(url)
    if chain:
        expected = f"an address without {chain}, which is not read"
        raise ParameterError(f"path={redacted(url)!r:.200}: expected {expected}")
    try:
        from fsspec.registry import get_filesystem_class, known_implementations
    except ImportError:
        hint = f"{protocol}:// needs fsspec: pip install 'audioclust[remote]'"
        raise MissingExtraError(hint) from None
    for name in _LOGGERS:  # Python prints warnings of loggers that nobody has set up.
        logger = logging.getLogger(name)
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())
    try:
        return get_filesystem_class(protocol)
    except ImportError:
        about = known_implementations.get(protocol, {})
        hint = _hint(protocol, str(about.get("class", "")), str(about.get("err", "")))
    except ValueError:
        hint = ""
    if hint:
        raise MissingExtraError(hint)
    expected = "a path, or an address of a protocol that fsspec knows, such as s3://"
    raise ParameterError(f"path={redacted(url)!r:.200}: expected {expected}")


def _hint(protocol: str, where: str, words: str) -> str:
    """Say which package a protocol needs."""
    package = where.partition(".")[0]
    if protocol in ("http", "https"):
        return f"{protocol}:// needs aiohttp: pip install 'audioclust[remote]'"
    if package and package != "fsspec":
        return f"{protocol}:// needs the package {package}: pip install {package}"
    return (
        f"{protocol}:// needs a package that is missing: {words or 'see the manual of fsspec'}"
    )


class _Archives(threading.local):
    """The archive that a thread reads, which is opened once for all that is read of it."""

    def __init__(self) -> None:
        self._key: object = None
        self._files: Any = None
        self._handle: Any = None

    def archive(self, protocol: str, system: Any, archive: str) -> Any:
        """Give the file system of an archive, opened anew if the archive is another now."""
        if is_url(archive):
            inner = place_of(archive)
            stamp = repr(sorted(inner.files.info(inner.path).items(), key=lambda pair: pair[0]))
        else:
            status = os.stat(archive)
            stamp = repr((status.st_size, status.st_mtime_ns, status.st_ino))
        key = (protocol, archive, stamp)
        if key != self._key:
            self.close()
            if is_url(archive):
                self._handle = inner.files.open(inner.path, "rb", block_size=_ARCHIVE_BLOCK)
            else:
                self._handle = open(archive, "rb")  # noqa: SIM115 - it stays open
            # Otherwise fsspec would give the archive that it has opened before.
            self._files = system(self._handle, skip_instance_cache=True)
            self._key = key
        return self._files

    def close(self) -> None:
        """Close the archive."""
        self._key = None
        for one in (getattr(self._files, "zip", None), self._handle):
            if one is not None:
                one.close()
        self._files = self._handle = None

    def __del__(self) -> None:
        self.close()


_opened = _Archives()
