"""Which text is the address of a file elsewhere, and paths that may be one.

An address, such as ``s3://bucket/a.wav``, begins with a protocol. It belongs to no folder, so
nothing is put in front of it, and it is no path that the system could make shorter.
"""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Collection
from urllib.parse import unquote

ARCHIVES = ("zip", "tar", "libarchive")
"""Protocols whose files are in another file: ``zip://a.wav::s3://bucket/b.zip``."""

_PROTOCOL = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]+)://")
"""At least two letters, so that it is no drive of Windows."""

_CHAIN = re.compile(rf"((?:[A-Za-z][A-Za-z0-9]*::)+)(?={_PROTOCOL.pattern})")
"""What fsspec lets stand before an address, such as ``simplecache::``."""

_LOCAL = ("file", "local")
_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,8}$")


def is_url(path: str) -> bool:
    """Tell whether text begins as an address does. Nothing is looked up."""
    return _PROTOCOL.match(path, len(chain_of(path))) is not None


def chain_of(url: str) -> str:
    """Give what stands before an address with ``::``, as ``simplecache::``; "" if nothing.

    Such addresses are not read, but they may have secrets in them as all others.
    """
    found = _CHAIN.match(url)
    return "" if found is None else found[1]


def protocol_of(url: str) -> str:
    """Give the protocol of an address in lower case, with its chain; "" if it is none."""
    chain = chain_of(url)
    found = _PROTOCOL.match(url, len(chain))
    return "" if found is None else f"{chain}{found[1]}".lower()


def local_path_of(url: str) -> str | None:
    """Give the path that an address of a file on this machine stands for; None for others.

    ``file:///a%20b`` is the file of that very name if there is one, as fsspec takes it, and
    else ``/a b``, as browsers take it.
    """
    if protocol_of(url) not in _LOCAL:
        return None
    path = url.partition("://")[2]
    path = path.removeprefix("localhost") if path.startswith("localhost/") else path
    if os.name == "nt" and re.match(r"/[A-Za-z]:", path):
        path = path[1:]
    return path if "%" not in path or os.path.lexists(path) else unquote(path)


def local_spelling(path: str) -> str:
    """Spell a path of this machine so that it is not taken for an address."""
    return os.path.join(os.curdir, path) if is_url(path) else path


def split_archive(url: str) -> tuple[str, str] | None:
    """Part the address of something in an archive into what is in it, and the archive.

    None if it is none of :data:`ARCHIVES`: a key of an object may have ``::`` in it. So may a
    name in an archive, and what comes after it is an address or a full path, if there is one.
    """
    if protocol_of(url) not in ARCHIVES or "::" not in url:
        return None
    places = [found.start() for found in re.finditer("::", url)]
    full = (
        at
        for at in places
        if _PROTOCOL.match(url, at + 2) is not None or os.path.isabs(url[at + 2 :])
    )
    cut = next(full, places[0])
    return url[:cut], url[cut + 2 :]


def in_folder(folder: str, path: str) -> str:
    """Give a path that is relative to a folder as one that holds anywhere."""
    return path if is_url(path) else os.path.join(folder, path)


def absolute(path: str, folder: str = "") -> str:
    """Give the absolute path of a file, which is relative to a folder."""
    return path if is_url(path) else os.path.abspath(os.path.join(folder, path))


def base_name(path: str) -> str:
    """Give the name of a file without its folders, in an archive without that either."""
    parts = split_archive(path)
    return os.path.basename(path) if parts is None else parts[0].rpartition("/")[2]


def parent_of(path: str) -> str:
    """Give the folder of a file, as it stands in its path."""
    parts = split_archive(path)
    if parts is None:
        return os.path.dirname(path)
    head = parts[0].rpartition("/")[0]
    return f"{head}{'/' if head.endswith('/') else ''}::{parts[1]}"


def common_folder(folders: Collection[str]) -> str:
    """Give the deepest folder that some absolute ones share; raise a ValueError if none is."""
    if not any(map(is_url, folders)):
        return os.path.commonpath(folders)
    # All others are between these two, and so share what these share.
    first, last = (folder.split("/") for folder in (min(folders), max(folders)))
    pairs = zip(first, last, strict=False)
    shared = [a for a, _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs)]
    # Before that there is no more than the protocol and the host.
    if len(shared) < 3:
        raise ValueError("they are in several places")
    return "/".join(shared)


def suffix_of(path: str) -> str:
    """Give the suffix of a file in lower case with its dot, of an address without its query."""
    if not is_url(path):
        return os.path.splitext(path)[1].lower()
    parts = split_archive(path)
    whole = path if parts is None else parts[0]
    if protocol_of(whole) in ("http", "https"):
        whole = re.split(r"[?#]", whole, maxsplit=1)[0]
    found = _SUFFIX.search(whole)
    return found[0].lower() if found else ""
