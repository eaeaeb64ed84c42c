"""Parts written to a store and read from it, with patience: what fails is the store's fault."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from audioclust.errors import AudioclustError, ParameterError, StoreError

if TYPE_CHECKING:
    from audioclust.extraction.partitions.store import Head, Store
    from audioclust.extraction.table import FeatureTable

R = TypeVar("R")

WAITS = (0.5, 2.0)
"""Seconds before each further try. Object stores ask for that when they are busy."""


def written(store: Store, number: int, table: FeatureTable, fingerprint: str) -> Head:
    """Write the table of a part; see :meth:`Store.write`.

    Raises
    ------
    StoreError
        If it cannot be written. No recording is to blame, and none is worked on again.
    """
    return _tried(store, "written to", lambda: store.write(number, table, fingerprint))


def read(store: Store, stored: Head) -> FeatureTable:
    """Read the table of a part; see :meth:`Store.read`.

    Raises
    ------
    StoreError
        If it cannot be read.
    ModelError
        If its file is damaged.
    """
    return _tried(store, "read from", lambda: store.read(stored.number, stored))


def check_shared(store: Store, stored: Head) -> None:
    """Raise an error unless a part that a worker wrote is where this process looks for it.

    The file is read, not looked for in a list: on network file systems lists may be old.

    Raises
    ------
    ParameterError
        If it is not there.
    StoreError
        If it cannot be read.
    """
    try:
        read(store, stored)
    except StoreError as why:
        if not isinstance(why.__cause__, FileNotFoundError):
            raise
        raise ParameterError(
            f"store={str(store)!r}: what workers write to it is not there for this process:"
            " expected a folder or an address that the client and all workers share"
        ) from None


def _tried(store: Store, what: str, work: Callable[[], R]) -> R:
    """Work, and try again a few times if that fails."""
    for wait in (*WAITS, None):
        try:
            return work()
        except AudioclustError:
            raise
        except Exception as why:
            if wait is None:
                raise _error(store, what, why) from why
            time.sleep(wait)
    raise AssertionError  # The last try returns or raises.


def _error(store: Store, what: str, why: Exception) -> StoreError:
    kind = "" if isinstance(why, OSError) else f"{type(why).__name__}: "
    return StoreError(f"store={str(store)!r} cannot be {what}: {kind}{why}")
