"""The options about a Dask cluster."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import click

from audioclust.cli.inputs.parsing import typed_flags

CLUSTER = ("scheduler", "store")
"""The options of commands whose features a cluster can compute."""


def check_cluster(*unused: str) -> None:
    """Check, before the work starts, that options about a cluster go with the others.

    Parameters
    ----------
    *unused : str
        Options that mean nothing where workers do the work: each has files and threads of its
        own.

    Raises
    ------
    click.UsageError
        If they do not.
    """
    typed = typed_flags()
    for name in CLUSTER:
        if name in typed and "shard" in typed:
            raise click.UsageError(f"--shard and {typed[name]}: expected one of them")
    if "scheduler" not in typed:
        if "store" in typed:
            hint = "without a cluster, --cache FILE keeps what is computed"
            raise click.UsageError(f"--store FOLDER needs --scheduler ADDRESS; {hint}")
        return
    for name in unused:
        if name in typed:
            why = "the workers of a cluster do not use it: expected it to be left out"
            raise click.UsageError(f"{typed[name]} beside --scheduler: {why}")


@contextlib.contextmanager
def on_cluster(settings: dict[str, Any]) -> Iterator[None]:
    """Connect to the cluster that --scheduler names, if it was typed.

    The options are taken out of a command's settings; ``client`` and ``store`` take their
    place if there is a cluster.

    Raises
    ------
    MissingExtraError, ParameterError, SchedulerError
        If there is no cluster to be had.
    """
    address, store = settings.pop("scheduler"), settings.pop("store", None)
    if address is None:
        yield
        return
    from audioclust.distributed.clients import connected

    with connected(address) as client:
        settings["client"] = client
        if store is not None:
            settings["store"] = store
        yield
