"""What goes wrong elsewhere, in words.

The exceptions of file systems have whole addresses in their texts, and so may have passwords
and signatures. So nothing of a text is used, and no such exception is the cause or the context
of one of ours: tracebacks would show it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TypeVar

from audioclust.errors import DecodeError

T = TypeVar("T")

TEMPORARY_STATUS = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Answers of servers that may be other ones a moment later."""

MISSING = "it does not exist"
"""What is said of an address at which there is nothing."""

_NAMES = {
    "NoCredentialsError": "there are no credentials for it",
    "PartialCredentialsError": "its credentials are not complete",
    "TokenRetrievalError": "its credentials have expired",
    "BadZipFile": "the archive is damaged, or is none",
    "ReadError": "the archive is damaged, or is none",
    "InvalidURL": "its address is not valid",
    "InvalidUrlClientError": "its address is not valid",
    "NonHttpUrlClientError": "its address is not valid",
}
"""What exceptions mean by their names: their modules may not be installed."""

_UNREACHED = ("Connect", "Connection", "DNS", "Disconnected", "Payload", "ClientOSError", "SSL")
"""Parts of the names of exceptions that say that a server was not reached, or was lost."""


class MissingError(DecodeError):
    """There is nothing at an address."""


class NoRangesError(DecodeError):
    """A server gives files as a whole only."""


class UnreachedError(DecodeError):
    """A server did not answer, or not well; it may do so a moment later."""


def attempt(work: Callable[[], T]) -> T:
    """Do something with a file system.

    Raises
    ------
    MissingError
        If there is nothing at the address.
    NoRangesError
        If a part of a file was asked for, and the server gives no parts.
    UnreachedError
        If it may go better a moment later.
    DecodeError
        If it fails otherwise, of kind "unreadable".
    """
    try:
        return work()
    except DecodeError:
        raise
    except Exception as why:
        failure = _failure_of(why)
    raise failure


def _failure_of(why: BaseException) -> DecodeError:
    # fsspec takes whatever a server answers for a missing file.
    if isinstance(why, FileNotFoundError) and isinstance(why.__cause__, Exception):
        cause = why.__cause__
        if type(cause) is ValueError:  # A port that is none, for one.
            return DecodeError("unreadable", _NAMES["InvalidURL"])
        return _known(cause) or MissingError("unreadable", MISSING)
    return _known(why) or DecodeError("unreadable", f"it cannot be read ({type(why).__name__})")


def _known(why: BaseException) -> DecodeError | None:
    """Give the failure that an exception stands for; None if nothing is known of it."""
    status = _status_of(why)
    # An archive says by a KeyError that there is nothing of a name in it.
    if isinstance(why, (FileNotFoundError, KeyError)) or status in (404, 410):
        return MissingError("unreadable", MISSING)
    if isinstance(why, PermissionError) or status in (401, 403):
        return DecodeError("unreadable", "access to it is denied")
    if status is not None:
        words = f"the server answers with status {status}"
        kind = UnreachedError if status in TEMPORARY_STATUS else DecodeError
        return kind("unreadable", words)
    if isinstance(why, ValueError) and "range requests" in str(why):
        return NoRangesError("unreadable", "its server does not give parts of files")
    if isinstance(why, TimeoutError):
        return UnreachedError("unreadable", "the server did not answer in time")
    return _known_by_name(why)


def _known_by_name(why: BaseException) -> DecodeError | None:
    name = type(why).__name__
    if name in _NAMES:
        return DecodeError("unreadable", _NAMES[name])
    if any(part in name for part in _UNREACHED):
        return UnreachedError("unreadable", "the server cannot be reached, or was lost")
    if isinstance(why, ImportError):
        return DecodeError("unreadable", f"a package that it needs is missing: {why.name}")
    known = _words_of_system(why) if isinstance(why, OSError) else ""
    return DecodeError("unreadable", known) if known else None


def _words_of_system(why: OSError) -> str:
    """Give the system's words for the number of an error; "" if it has none.

    What stands in the exception may come from a server, with the address in it.
    """
    words = os.strerror(why.errno or 0)
    return "" if words.startswith("Unknown") else words


def _status_of(why: BaseException) -> int | None:
    """Give the status that a server answered with, if it did."""
    response = getattr(why, "response", None)
    if isinstance(response, dict):  # botocore's
        metadata = response.get("ResponseMetadata")
        status = metadata.get("HTTPStatusCode") if isinstance(metadata, dict) else None
    else:
        # Both have it in aiohttp, where the second is deprecated.
        status = getattr(why, "status" if hasattr(why, "status") else "code", None)
    return status if isinstance(status, int) and 400 <= status < 600 else None
