"""The options about a Dask cluster."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import click

CLUSTER = ("scheduler", "store")
"""The options of commands whose features a cluster can compute."""


@contextlib.contextmanager
def on_cluster(settings: dict[str, Any]) -> Iterator[None]:
    """Connect to the cluster that --scheduler names, if it was typed.

    The options are taken out of a command's settings; ``client`` and ``store`` take their
    place if there is a cluster.

    Raises
    ------
    click.UsageError
        If --store was typed without it.
    MissingExtraError, ParameterError, SchedulerError
        If there is no cluster to be had.
    """
    address, store = settings.pop("scheduler"), settings.pop("store", None)
    if address is None:
        if store is not None:
            raise click.UsageError("--store URL needs --scheduler ADDRESS")
        yield
        return
    from audioclust.distributed.clients import connected

    with connected(address) as client:
        settings["client"] = client
        if store is not None:
            settings["store"] = store
        yield
