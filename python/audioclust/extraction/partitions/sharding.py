"""Runs on machines that know nothing of each other: each computes one shard of the recordings.

All of them scan the same paths, and so agree on what belongs to which shard.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Sequence

from audioclust.audio.choosing.file_filter import FileFilter
from audioclust.audio.sources import Source, scan
from audioclust.errors import ModelError, ParameterError
from audioclust.extraction.batch import BatchSettings
from audioclust.extraction.cache.settings import CacheSettings
from audioclust.extraction.partitions.cutting import shard
from audioclust.extraction.partitions.fingerprints import run_of
from audioclust.extraction.partitions.merging import merged
from audioclust.extraction.partitions.part_files import Place, file_of_part, place_of
from audioclust.extraction.recordings import extract_part
from audioclust.extraction.settings import ExtractionSettings
from audioclust.extraction.storing.tables import inputs_of
from audioclust.extraction.table import FeatureTable
from audioclust.utils.files import replacing
from audioclust.utils.text import on_one_line

MAX_NAMED = 10
"""Numbers of shards and names of files that an error lists; the others are counted."""


def extract_shard(
    source: Source,
    number: int,
    of: int,
    path: str,
    *,
    settings: ExtractionSettings,
    files: FileFilter,
    batch: BatchSettings,
    cache: CacheSettings,
) -> FeatureTable:
    """Compute the features of one shard of the sounds, and write them to a Parquet file.

    Parameters
    ----------
    source : str, os.PathLike, iterable of these, or mapping
        All sounds: the same for each shard; see :func:`audioclust.extract`.
    number, of : int
        Which shard, from 1, and how many there are.
    path : str
        The file. :meth:`FeatureTable.from_parquet` reads it as well.
    settings : ExtractionSettings
    files : FileFilter
    batch : BatchSettings
    cache : CacheSettings

    Returns
    -------
    FeatureTable
        It may have no rows: those of other shards are not known.

    Raises
    ------
    FileNotFoundError
        If a path does not exist.
    NoAudioError
        If there is nothing to decode in any shard.
    ParameterError
        If an argument is invalid, or the file is one of the sounds.
    OSError
        If the file cannot be written.
    """
    found = scan(source, files=files)
    settings_hash, recordings = run_of(found, settings)
    bounds = files.min_duration, files.max_duration
    place = Place(number, of, settings_hash, recordings, *bounds)
    table = extract_part(shard(found, number, of), settings, batch, cache)
    with replacing(path, inputs=inputs_of(table)) as file:
        file.write(file_of_part(table, place))
    return table


def merge_shards(paths: Sequence[str]) -> FeatureTable:
    """Put shards together.

    Parameters
    ----------
    paths : sequence of str
        The files that :func:`extract_shard` wrote, all of them, in any order.

    Returns
    -------
    FeatureTable
        What :func:`audioclust.extract` gives for all sounds together.

    Raises
    ------
    ParameterError
        If a shard is missing or there twice, or shards are of different runs.
    ModelError
        If a file is no shard, or is damaged.
    NothingExtractedError
        If none of the sounds could be used.
    NoAudioError
        If all of them are left out.
    OSError
        If a file cannot be read.
    """
    places = {path: place_of(path) for path in paths}
    known = {path: place for path, place in places.items() if place is not None}
    if len(known) < len(places):
        others = _listed(path for path in places if path not in known)
        hint = "expected files that 'audioclust extract --shard' wrote"
        raise ModelError(f"{others}: no shard of a run; {hint}")
    _check_one_run(known)
    _check_complete(paths, known)
    ordered = sorted(known, key=lambda path: known[path].number)
    tables = [FeatureTable.from_parquet(path) for path in ordered]
    _check_apart(ordered, tables)
    place = known[ordered[0]]
    bounds = FileFilter(min_duration=place.min_duration, max_duration=place.max_duration)
    return merged(tables, bounds)


def _check_one_run(places: dict[str, Place]) -> None:
    """Raise a ParameterError if shards are of different runs; name those of the smaller one."""
    for what, said in (
        ("of", "of another number of shards"),
        (
            "settings",
            "computed with other settings, or by other versions of audioclust or of decoders",
        ),
        ("recordings", "of other sounds: all machines must find the same ones"),
    ):
        by_value: dict[object, list[str]] = defaultdict(list)
        for path, place in places.items():
            by_value[getattr(place, what)].append(path)
        if len(by_value) > 1:
            most = max(by_value.values(), key=len)
            others = [
                path for alike in by_value.values() if alike is not most for path in alike
            ]
            verb = "is" if len(others) == 1 else "are"
            message = f"{_listed(others)} {verb} {said}, unlike {on_one_line(most[0])}"
            raise ParameterError(f"shards of different runs: {message}")


def _check_complete(paths: Sequence[str], places: dict[str, Place]) -> None:
    """Raise a ParameterError that names shards which are missing, or there twice."""
    files = defaultdict(list)
    for path in paths:
        files[places[path].number].append(path)
    of = places[paths[0]].of
    twice = [
        f"shard {number} is there {'twice' if len(named) == 2 else f'{len(named)} times'}:"
        f" {_listed(named)}"
        for number, named in sorted(files.items())
        if len(named) > 1
    ]
    missing = (str(number) for number in range(1, of + 1) if number not in files)
    first, n_missing = list(itertools.islice(missing, MAX_NAMED)), of - len(files)
    said = twice[:MAX_NAMED]
    if n_missing == 1:
        said.append(f"shard {first[0]} of {of} is missing")
    elif n_missing:
        said.append(f"shards {_listed(first, n_missing)} of {of} are missing")
    if said:
        raise ParameterError("; ".join(said))


def _check_apart(paths: Sequence[str], tables: Sequence[FeatureTable]) -> None:
    """Raise a ParameterError if a recording is in two shards, of which nothing else tells."""
    first: dict[str, str] = {}
    for path, table in zip(paths, tables, strict=True):
        for item in table.items:
            other = first.setdefault(item.path, path)
            if other != path:
                both = f"{on_one_line(other)} and {on_one_line(path)}"
                name = on_one_line(item.path)
                raise ParameterError(f"shards of different runs: {name} is in both {both}")


def _listed(names: Iterable[str], n: int | None = None) -> str:
    """Give the first of `n` names on one line, and how many more there are."""
    shown = [on_one_line(name) for name in names]
    more = (len(shown) if n is None else n) - MAX_NAMED
    return ", ".join(shown[:MAX_NAMED]) + (f" and {more} more" if more > 0 else "")
