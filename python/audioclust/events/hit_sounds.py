"""Hits to listen to: clicks on the recording, and each hit in a file of its own."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from audioclust.audio.reading import read_as_it_is
from audioclust.audio.recording import Recording
from audioclust.audio.spans import Item
from audioclust.audio.writing import write_sound
from audioclust.listening.clicks import Sonification, with_clicks
from audioclust.utils.arguments import check_path
from audioclust.utils.files import output_path

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
    recording: Recording, hits: Iterable[tuple[str, Item]], folder: Path
) -> list[str]:
    """Cut hits out of a recording and write each to a file.

    Nothing is written if one of the files is the recording's own.

    Parameters
    ----------
    recording : Recording
        What the hits are cut out of, at its own rate and with its channels.
    hits : iterable of (str, Item)
        The name of each file, and what it is to hold.
    folder : str or os.PathLike
        Where to write them; it is made if it does not exist.

    Returns
    -------
    paths : list of str
        The files, in the order of the hits.
    """
    place = os.path.expanduser(check_path("folder", folder))
    os.makedirs(place, exist_ok=True)
    inputs = recording.files
    files = [(output_path(os.path.join(place, name), inputs=inputs), hit) for name, hit in hits]
    y, sr = read_as_it_is(recording)
    for path, hit in files:
        cut = y[round(hit.start * sr) : round(hit.end * sr)]
        # Samples of a lossy file may exceed full scale.
        cut = cut / max(1.0, float(np.abs(cut).max(initial=0)))
        write_sound(path, cut, sr, subtype="PCM_24", inputs=inputs)
    return [path for path, _ in files]
