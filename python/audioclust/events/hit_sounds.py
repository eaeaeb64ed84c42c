"""Hits to listen to: clicks on the recording, and each hit in a file of its own."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from audioclust.audio.reading import read_as_it_is
from audioclust.audio.recording import Recording
from audioclust.audio.spans import Item
from audioclust.audio.writing import write_sound
from audioclust.errors import ParameterError
from audioclust.listening.clicks import Sonification, with_clicks
from audioclust.utils.files import local_place, output_path

if TYPE_CHECKING:
    from audioclust.utils.types import Path


def add_clicks(
    recording: Recording, clicks: Iterable[tuple[int, float]], rate: int, path: Path | None
) -> Sonification:
    """Add clicks to a recording, and write that to a file if there is a path.

    Parameters
    ----------
    recording : Recording
        What the clicks are added to, at its own rate and with its channels.
    clicks : iterable of (int, float)
        The sample at which each starts, and its pitch in Hz.
    rate : int
        The rate in Hz at which these samples are counted.
    path : str, os.PathLike or None
        The file to write. It must not be the recording's own.
    """
    if path is not None:
        output_path(path, inputs=recording.files)
    y, sr = read_as_it_is(recording)
    made = with_clicks(y, sr, ((start * sr // rate, pitch) for start, pitch in clicks))
    if path is not None:
        write_sound(path, made.y.T, sr, inputs=recording.files)
    return made


_HIT = re.compile(r"(\d+)_\d{3,}\.wav")
"""The name of a hit's file, with its label."""


def check_hits_folder(
    folder: Path, label: int | None = None, *, outputs: Iterable[str] = ()
) -> str:
    """Give the folder for hits, or raise an error if it has hits already.

    Parameters
    ----------
    folder : str or os.PathLike
        It need not exist.
    label : int or None
        The cluster that is to be written; None for all of them.
    outputs : iterable of str
        Other files that are to be written.

    Returns
    -------
    place : str

    Raises
    ------
    ParameterError
        If the folder has files with the names of such hits, or one of the outputs has.
    OSError
        If it cannot be read.
    """
    place = local_place("folder", folder)
    here = [os.path.realpath(path) for path in outputs]
    inside = [path for path in here if os.path.dirname(path) == os.path.realpath(place)]
    there = os.listdir(place) if os.path.lexists(place) else []
    named = sorted(
        name for name in map(os.path.basename, [*there, *inside]) if _is_hit(name, label)
    )
    if named:
        expected = "a folder without hits, so that these are not mixed with the new ones"
        found = f"has {len(named)} already, such as {named[0]}"
        raise ParameterError(f"folder={place!r} {found}: expected {expected}")
    return place


def _is_hit(name: str, label: int | None) -> bool:
    """Tell whether a file's name is that of a hit, of one cluster or of any."""
    match = _HIT.fullmatch(name)
    return match is not None and label in (None, int(match[1]))


def file_names(labels: Iterable[int]) -> list[str]:
    """Give each hit a file name: its label, and its number within its cluster from 1.

    Numbers are filled up with zeros, so that names sort in the order of time.
    """
    listed = list(labels)
    digits = max(3, len(str(len(listed))))
    seen: Counter[int] = Counter()
    names = []
    for label in listed:
        seen[label] += 1
        names.append(f"{label}_{seen[label]:0{digits}}.wav")
    return names


def write_each(
    recording: Recording, hits: Iterable[tuple[str, Item]], folder: Path, label: int | None
) -> list[str]:
    """Cut hits out of a recording and write each to a file.

    Nothing is written if one of the files is the recording's own, or the folder has other hits.

    Parameters
    ----------
    recording : Recording
        What the hits are cut out of, at its own rate and with its channels.
    hits : iterable of (str, Item)
        The name of each file, and what it is to hold.
    folder : str or os.PathLike
        Where to write them; it is made if it does not exist.
    label : int or None
        The cluster that they are; None for all of them.

    Returns
    -------
    paths : list of str
        The files, in the order of the hits.
    """
    place = local_place("folder", folder)
    os.makedirs(place, exist_ok=True)
    inputs = recording.files
    files = [(output_path(os.path.join(place, name), inputs=inputs), hit) for name, hit in hits]
    check_hits_folder(place, label)
    y, sr = read_as_it_is(recording)
    for path, hit in files:
        cut = y[round(hit.start * sr) : round(hit.end * sr)]
        # Samples of a lossy file may exceed full scale.
        cut = cut / max(1.0, float(np.abs(cut).max(initial=0)))
        write_sound(path, cut, sr, subtype="PCM_24", inputs=inputs)
    return [path for path, _ in files]
