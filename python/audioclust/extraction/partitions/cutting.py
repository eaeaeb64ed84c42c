"""All recordings of a scan in parts, each of which is worked on by itself."""

from __future__ import annotations

from dataclasses import replace

from audioclust.audio.sources import Scan


def cut(found: Scan, size: int) -> list[Scan]:
    """Cut a scan into parts of so many recordings, in their order; the last may have fewer.

    Parameters
    ----------
    found : Scan
    size : int
        Number of recordings in a part, at least 1.

    Returns
    -------
    parts : list of Scan
        At least one, which may have no recordings. The first one has the errors of the scan.
    """
    starts = range(0, max(len(found.recordings), 1), size)
    return [_part(found, start, start + size) for start in starts]


def shard(found: Scan, number: int, of: int) -> Scan:
    """Give one of several parts of a scan, which are as long as each other, or longer by one.

    Parameters
    ----------
    found : Scan
        It must be the same for all parts.
    number : int
        Which part, from 1 to `of`.
    of : int
        Number of parts. If there are fewer recordings, some parts have none.

    Returns
    -------
    part : Scan
        The first one has the errors of the scan.
    """
    n = len(found.recordings)
    return _part(found, n * (number - 1) // of, n * number // of, is_first=number == 1)


def _part(found: Scan, start: int, end: int, is_first: bool | None = None) -> Scan:
    has_errors = start == 0 if is_first is None else is_first
    errors = found.errors if has_errors else []
    return replace(found, recordings=found.recordings[start:end], errors=list(errors))
