"""Clients of Dask clusters: those that users give, and the one of the command line."""

from __future__ import annotations

import contextlib
import logging
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeAlias

from audioclust.errors import MissingExtraError, ParameterError, SchedulerError
from audioclust.utils.arguments import check_int

if TYPE_CHECKING:
    import distributed

Client: TypeAlias = "distributed.Client"
"""What is given to functions as `client`."""

CONNECT_SECONDS = 10
"""How long the command line waits for a scheduler to answer."""

_EXPECTED = "expected a distributed.Client, as distributed.Client('tcp://…:8786') makes one"


def check_client(client: object) -> Client:
    """Give a client back if tasks can be submitted to it.

    Nothing is imported: who has a client has imported what it takes.

    Raises
    ------
    ParameterError
        If it is anything else, asynchronous, or closed.
    """
    module = sys.modules.get("distributed")
    if module is None or not isinstance(client, module.Client):
        raise ParameterError(f"client={client!r:.80}: {_EXPECTED}")
    if client.asynchronous:
        raise ParameterError(f"client={client!r:.80}: it is asynchronous; {_EXPECTED}")
    if client.status != "running":
        raise ParameterError(f"client={client!r:.80}: it is {client.status}; {_EXPECTED}")
    return client


def check_partition_size(size: object) -> int:
    """Check the number of recordings of a task."""
    return check_int("partition_size", size, 1)


def import_distributed() -> None:
    """Import distributed.

    Raises
    ------
    MissingExtraError
        If it is not installed.
    """
    try:
        import distributed  # noqa: F401
    except ImportError as why:
        raise MissingExtraError(
            f"clusters need distributed: pip install 'audioclust[dask]' ({why})"
        ) from None


@contextlib.contextmanager
def connected(address: str | None) -> Iterator[Client | None]:
    """Connect to a scheduler, and close the connection in the end; None gives None.

    What distributed logs is kept off the screen: of all that matters there are errors of ours.

    Raises
    ------
    MissingExtraError
        If distributed is not installed.
    ParameterError
        If it cannot be an address.
    SchedulerError
        If no scheduler answers within :data:`CONNECT_SECONDS`.
    """
    if address is None:
        yield None
        return
    import_distributed()
    import distributed

    for name in ("distributed", "tornado", "asyncio"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    try:
        client = distributed.Client(
            address, timeout=CONNECT_SECONDS, set_as_default=False, name="audioclust"
        )
    except OSError:
        raise SchedulerError(
            f"no scheduler answers at {address} within {CONNECT_SECONDS} s: expected the"
            " address that 'dask scheduler' prints, such as tcp://host:8786"
        ) from None
    except ValueError as why:
        expected = "expected an address such as tcp://host:8786"
        raise ParameterError(f"--scheduler {address}: {expected} ({why})") from None
    try:
        yield client
    finally:
        with contextlib.suppress(Exception):
            client.close(timeout=2)
