"""Clients of Dask clusters: those that users give, and the one of the command line."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeAlias

from audioclust.errors import MissingExtraError, ParameterError, SchedulerError
from audioclust.utils.arguments import check_int
from audioclust.utils.types import Path

if TYPE_CHECKING:
    import distributed

    from audioclust.extraction.partitions.store import Store

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


def checked(
    client: object, store: Path | None, partition_size: object
) -> tuple[Client, Store | None, int]:
    """Check what is said of a cluster.

    Raises
    ------
    ParameterError
        If one of it is invalid.
    MissingExtraError
        Without what the store needs.
    """
    size = check_int("partition_size", partition_size, 1)
    usable = check_client(client)
    from audioclust.extraction.partitions.store import Store

    place = Store.checked(store)
    if "memory://" in str(place):
        raise ParameterError(
            f"store={str(place)!r}: each process has its own memory: expected a folder or an"
            " address that the client and all workers share"
        )
    return usable, place, size


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
def connected(address: str) -> Iterator[Client]:
    """Connect to a scheduler, and close the connection in the end.

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
    import_distributed()
    import distributed

    _silence()
    try:
        # A client that finds this out itself writes a traceback when it is removed.
        distributed.comm.get_address_host_port(address, strict=True)
    except ValueError as why:
        expected = "expected an address such as tcp://host:8786"
        raise ParameterError(f"--scheduler {address}: {expected} ({why})") from None
    client = _client(address)
    try:
        yield client
    finally:
        with contextlib.suppress(Exception):
            client.close(timeout=2)


def _silence() -> None:
    """Keep what distributed and its libraries log off the screen."""
    ours = ("distributed", "tornado", "asyncio")
    # Some loggers have a level of their own, so that the one above them does not count.
    every = [name for name in logging.root.manager.loggerDict if name.startswith(ours)]
    for name in (*ours, *every):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


def _client(address: str) -> Client:
    """Connect to a scheduler.

    Raises
    ------
    SchedulerError
        If there is none.
    """
    import distributed

    try:
        # A client waits for ever for the greeting of a server that is no scheduler.
        asyncio.run(asyncio.wait_for(_greeted(address), CONNECT_SECONDS))
        return distributed.Client(
            address, timeout=CONNECT_SECONDS, set_as_default=False, name="audioclust"
        )
    except OSError as why:
        if "certificate" in str(why).lower():
            raise _insecure(address, why) from None
        raise SchedulerError(
            f"no scheduler answers at {address} within {CONNECT_SECONDS} s: expected the"
            " address that 'dask scheduler' prints, such as tcp://host:8786, and not that of"
            " its dashboard"
        ) from None
    except Exception as why:  # Each kind of address has errors of its own.
        raise _insecure(address, why) from None


async def _greeted(address: str) -> None:
    """Connect as a client does, and say goodbye."""
    import distributed
    from distributed.comm import connect

    given = distributed.Security().get_connection_args("client")
    comm = await connect(address, timeout=CONNECT_SECONDS, **given)
    await comm.close()


def _insecure(address: str, why: Exception) -> SchedulerError:
    return SchedulerError(
        f"cannot connect to {address}: {type(why).__name__}: {why}: expected certificates of"
        " this scheduler in the configuration of Dask, distributed.comm.tls, if it uses TLS"
    )
