"""Results that were saved, in the place of sounds."""

from __future__ import annotations

from collections.abc import Container
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from audioclust.utils.text import on_one_line

if TYPE_CHECKING:
    from audioclust.listening.player import SavedCluster
    from audioclust.results.clustering import Clustering

SUFFIX = ".audioclust"
"""The suffix of saved results, by which a PATH is known to be one."""


def is_saved(paths: tuple[str, ...]) -> bool:
    """Tell whether the only path that was typed is that of a saved result."""
    return len(paths) == 1 and paths[0].lower().endswith(SUFFIX)


def loaded(path: str) -> Clustering:
    """Load a saved result."""
    from audioclust.results.keeping.loading import load_model

    return load_model(path)


def loaded_instead(path: str, still_open: Container[str]) -> Clustering:
    """Load a saved result that is given in the place of sounds.

    Parameters
    ----------
    path : str
        The file.
    still_open : container of str
        The parameters of the command that the result has not decided already.

    Raises
    ------
    click.UsageError
        If others were typed.
    """
    context = click.get_current_context()
    typed = [
        one.opts[0]
        for one in context.command.params
        if one.name not in still_open
        and context.get_parameter_source(one.name or "") is ParameterSource.COMMANDLINE
    ]
    if typed:
        why = "is a saved result, which has its own sounds and settings"
        raise click.UsageError(f"{', '.join(typed)}: {on_one_line(path)} {why}")
    return loaded(path)


def kept_cluster(path: str, cluster: int | str) -> SavedCluster:
    """Give a cluster by its number or name, from a saved result or what ``to_json`` wrote."""
    from audioclust.listening.player import SavedCluster, folder_left, saved_cluster

    with open(path, "rb") as file:
        is_model = file.read(2) == b"PK"  # What a zip begins with, and JSON never does.
    if not is_model:
        return saved_cluster(path, cluster)
    from audioclust.results.keeping.loading import load_model

    result = load_model(path)
    cluster = result.number_of(cluster)
    pairs = zip(result.labels, result.distances, result.items, strict=True)
    found = [(distance, item) for label, distance, item in pairs if label == cluster]
    nearest_first = sorted(found, key=lambda pair: pair[0])
    items = tuple(item for _, item in nearest_first)
    return SavedCluster(items, result.item_table().inputs, folder_left(result.table.folder))
