"""What tells the stored table of a part from that of another one, without reading it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

import blake3

from audioclust.audio.decoding.limits import Limits
from audioclust.audio.recording import FileStatus, Recording
from audioclust.audio.sources import Scan
from audioclust.errors import ParameterError
from audioclust.extraction.cache.keys import reader_of, settings_key
from audioclust.extraction.settings import ExtractionSettings

if TYPE_CHECKING:
    from blake3 import blake3 as Hash  # noqa: N812 - it is a class

N_BYTES = 8
"""Bytes of a hash: enough to tell a few runs, which nobody makes alike on purpose."""


class Fingerprint(NamedTuple):
    """What a stored table depends on, in parts, so that an error can say what differs.

    Attributes
    ----------
    of : int
        Number of parts of the run.
    settings : str
        A hash of the settings, the bounds of length, and the versions of what computes.
    recordings : str
        A hash of the paths, and of where among the parts they are.
    state : str
        A hash of what is known of the files without reading them: size and time.
    """

    of: int
    settings: str
    recordings: str
    state: str

    def __str__(self) -> str:
        return "-".join(map(str, self))

    @classmethod
    def of_text(cls, text: str) -> Fingerprint:
        """Take a fingerprint from what :func:`fingerprint` gave."""
        of, *hashes = text.split("-")
        return cls(int(of), *hashes)


def fingerprint(part: Scan, settings: ExtractionSettings, number: int, of: int) -> str:
    """Give text that is the same only if the table of a part would be the same.

    Parameters
    ----------
    part : Scan
    settings : ExtractionSettings
    number, of : int
        Which part it is, and how many there are.

    Returns
    -------
    fingerprint : str
        Of letters, digits and hyphens; see :class:`Fingerprint`.

    Raises
    ------
    ParameterError
        If it cannot be told, since an embedding holds what nobody can look into.
    """
    paths = hashed([f"{number} of {of}", *_paths(part)])
    return str(Fingerprint(of, settings_hash(part, settings), paths, _state(part)))


def run_of(found: Scan, settings: ExtractionSettings) -> tuple[str, str]:
    """Give hashes that are the same for all shards of one run, and for no other run.

    It tells which recordings there are, but not whether their files have changed meanwhile.

    Parameters
    ----------
    found : Scan
        The whole scan.
    settings : ExtractionSettings

    Returns
    -------
    settings, recordings : str
        A hash of how rows are computed, and one of the paths.
    """
    return settings_hash(found, settings), hashed(_paths(found))


def settings_hash(found: Scan, settings: ExtractionSettings) -> str:
    """Give a hash of all that rows depend on, besides the recordings.

    Raises
    ------
    ParameterError
        If it cannot be told, since an embedding holds what nobody can look into.
    """
    limits = found.recordings[0].limits if found.recordings else Limits()
    key = settings_key(settings, limits)
    if key is None:
        names = ", ".join(embedding.name for embedding in settings.embeddings)
        why = "a stored table could be that of another function"
        expected = "expected embeddings whose functions hold only plain values"
        raise ParameterError(
            f"features: what {names} computes cannot be compared: {why}; {expected}"
        )
    bounds = str((found.files.min_duration, found.files.max_duration))
    decoders = reader_of(None, is_whole=False)
    return hashed([key, bounds, decoders, str(settings.descriptors)])


def hashed(values: Iterable[str | bytes]) -> str:
    """Give a hash of texts one after the other, as hexadecimal digits."""
    whole = blake3.blake3()
    for value in values:
        _add(
            whole, value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass")
        )
    return whole.hexdigest(N_BYTES)


def _add(whole: Hash, value: bytes) -> None:
    # With its length in front, no two lists of values have the same bytes.
    whole.update(len(value).to_bytes(8, "little"))
    whole.update(value)


def _paths(found: Scan) -> Iterator[str]:
    """Give the path of each recording as a table has it, and where that leads."""
    for recording in found.recordings:
        yield recording.path
        yield recording.file


def _state(part: Scan) -> str:
    """Give a hash of the state of each file, and of the samples of audio in memory."""
    recordings = part.recordings
    if any(one.url and one.status is None for one in recordings):
        from audioclust.audio.remote.searching import with_statuses

        recordings = with_statuses(recordings)
    return hashed(text for recording in recordings for text in _state_of(recording))


def _state_of(recording: Recording) -> tuple[str | bytes, ...]:
    if recording.audio is not None:
        import numpy as np

        y, sr = recording.audio
        return str((y.dtype.str, y.shape, sr)), np.ascontiguousarray(y).tobytes()
    status = recording.status or (_status(recording.file) if recording.is_here else None)
    return ("unknown" if status is None else str(tuple(status)),)


def _status(file: str) -> FileStatus | None:
    """Ask the system for the state of a file that no search has told of."""
    try:
        return FileStatus.of(os.stat(file))
    except (OSError, ValueError):
        return None
