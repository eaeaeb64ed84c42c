"""Results that were saved, in the place of sounds."""

from __future__ import annotations

import os
from collections.abc import Container, Sequence
from typing import TYPE_CHECKING

import click

from audioclust.cli.inputs.parsing import typed_flags
from audioclust.utils.text import on_one_line

if TYPE_CHECKING:
    from audioclust.listening.player import SavedCluster
    from audioclust.results.clustering import Clustering

_ZIP = b"PK\x03\x04"
"""What saved results begin with, which are zips, and no file of sound or JSON does."""


def is_saved(paths: Sequence[str]) -> bool:
    """Tell by its content whether the only path that was typed is that of a saved result.

    It is taken for one if it is a zip. What is wrong with another zip is said when it is
    loaded.
    """
    file = os.path.expanduser(paths[0]) if len(paths) == 1 else ""
    if not os.path.isfile(file):  # Reading from a pipe would take from what it has.
        return False
    try:
        with open(file, "rb") as opened:
            return opened.read(len(_ZIP)) == _ZIP
    except OSError:
        return False  # Whatever reads it next says why it cannot be read.


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
    typed = [flag for name, flag in typed_flags().items() if name not in still_open]
    if typed:
        why = "is a saved result, which has its own sounds and settings"
        raise click.UsageError(f"{', '.join(typed)}: {on_one_line(path)} {why}")
    return loaded(path)


def kept_cluster(path: str, cluster: str) -> SavedCluster:
    """Give a cluster from a saved result, or from a file that ``to_json`` wrote.

    Parameters
    ----------
    path : str
        The file.
    cluster : str
        What was typed for the cluster: its number or its name.

    Raises
    ------
    ParameterError
        If there is no such cluster, or the file is neither.
    ModelError
        If it is a saved result that cannot be loaded.
    OSError
        If it cannot be read.
    """
    from audioclust.listening import player

    if not is_saved([path]):
        return player.saved_cluster(path, cluster)
    result = loaded(path)
    number = player.typed_cluster(cluster, result.names, result.k)
    items = result.representatives(len(result.items))[number]
    folder = player.folder_left(result.table.folder)
    return player.SavedCluster(items, result.item_table().inputs, folder)
