"""The errors and warnings of audioclust, and the record of an item that cannot be used."""

from __future__ import annotations

from typing import Literal, NamedTuple

ErrorKind = Literal[
    "unreadable", "unsupported", "corrupt", "empty", "short", "embedding", "crashed", "internal"
]  # fmt: skip
"""Why an item has no features.

- ``unreadable``: the operating system does not let it be read, or it is not a regular file.
- ``unsupported``: no decoder knows its format, or it lacks what was asked for: it does not have
  the channel, or its rate is too low for the filter.
- ``corrupt``: its format is known, but it cannot be decoded, or its samples are NaN, infinite
  or too large to analyse.
- ``empty``: it has no samples, or none in the part asked for, or nothing can be found in them.
- ``short``: it is shorter than what was asked for, such as one window.
- ``embedding``: the function of an :class:`audioclust.Embedding` raised an exception, or gave
  no vector like those of other recordings.
- ``crashed``: each process that worked on it ended at once, as by a mistake in a decoder or for
  lack of memory. Only workers of a cluster survive that, and can tell.
- ``internal``: a mistake in audioclust; please report it.
"""


class ItemError(NamedTuple):
    """An item that could not be used, and why.

    Attributes
    ----------
    path : str
        The file, or the name of audio in memory.
    kind : str
        One of :data:`ErrorKind`.
    message : str
        What was wrong, in words.
    """

    path: str
    kind: ErrorKind
    message: str


WarningKind = Literal[
    "partial", "clipping", "bandwidth", "digital silence", "channels cancel", "quiet parts"
]  # fmt: skip
"""What may be wrong with an item that has features.

- ``partial``: not all of it could be decoded.
- ``clipping``: the tops of its waves are cut off.
- ``bandwidth``: its spectrum ends well below what features look at, as a codec or a lower
  sampling rate leaves it.
- ``digital silence``: a large part of its samples is exactly 0.
- ``channels cancel``: mixing its channels to one loses nearly all of it.
- ``quiet parts``: a large part of it is quiet, at its beginning and its end; a hint to trim.
"""


class ItemWarning(NamedTuple):
    """What may be wrong with an item, or with what is computed of it.

    Attributes
    ----------
    kind : str
        One of :data:`WarningKind`.
    message : str
        What was noticed, in words.
    """

    kind: WarningKind
    message: str


# Pickles name them by where users find them, and so survive a move to another module.
ItemError.__module__ = ItemWarning.__module__ = "audioclust"


class AudioclustError(Exception):
    """Base class of the errors that audioclust itself raises."""


class ParameterError(AudioclustError, ValueError):
    """An argument is invalid."""


class ConvergenceWarning(UserWarning):
    """An algorithm did not find the clusters that were asked for; they may be poor.

    It was stopped before it converged, or found fewer clusters. The warnings that are given are
    scikit-learn's class of the same name as well, so that filters for that one apply to them.
    """


class ContinuityWarning(UserWarning):
    """Clusters of a previous result are gone, or have other numbers now."""


class NoAudioError(AudioclustError, ValueError):
    """No sounds were found."""


class NoOnsetsError(AudioclustError, ValueError):
    """A recording has no onsets."""


class MissingExtraError(AudioclustError, ImportError):
    """A package is missing that an extra of audioclust installs, such as ``[plot]``."""


class EmbeddingError(AudioclustError):
    """An embedding cannot be computed any more.

    It was unpickled without its function, or the file of its model is not what it was.
    """


class ModelError(AudioclustError, ValueError):
    """A file is no saved result or table, is damaged, or is of a version that is not known."""


class SchedulerError(AudioclustError):
    """The scheduler of a Dask cluster does not answer, or has forgotten what it was to do."""


class StoreError(AudioclustError, OSError):
    """A store of parts cannot be written to or read from, also when it is tried again."""


class PlaybackError(AudioclustError):
    """There is nothing to play, or no player to play it with."""


class ClusterWarning(UserWarning):
    """A Dask cluster has no workers, so that work on it waits."""


class PartialReadWarning(UserWarning):
    """Not all of a sound could be decoded; what there is was returned."""


class CacheWarning(UserWarning):
    """The cache cannot be used, or not all of it; what it lacks is computed again."""


class FoundTwiceWarning(UserWarning):
    """Links or copies of sounds lie where a later search finds them beside the sounds."""


class VersionWarning(UserWarning):
    """A pickled object comes from another version of audioclust."""


class _KindError(AudioclustError):
    """An error about one item, which becomes an :class:`ItemError` of the same kind."""

    def __init__(self, kind: ErrorKind, message: str) -> None:
        super().__init__(message)
        self.kind: ErrorKind = kind

    def __reduce__(self) -> tuple[type[_KindError], tuple[str | bool, ...]]:
        return type(self), (self.kind, str(self))


class DecodeError(_KindError, OSError):
    """A sound could not be read or decoded.

    Attributes
    ----------
    kind : str
        One of :data:`ErrorKind`.
    is_limit : bool
        Whether decoding was stopped by one of :class:`audioclust.Limits`; the kind is then
        ``corrupt``.
    """

    def __init__(self, kind: ErrorKind, message: str, is_limit: bool = False) -> None:
        super().__init__(kind, message)
        self.is_limit = is_limit

    def __reduce__(self) -> tuple[type[DecodeError], tuple[ErrorKind, str, bool]]:
        return type(self), (self.kind, str(self), self.is_limit)


class SignalError(_KindError, ValueError):
    """A sound was decoded, but its samples cannot be analysed.

    Attributes
    ----------
    kind : str
        One of :data:`ErrorKind`.
    """


class NothingExtractedError(AudioclustError):
    """None of the sounds could be used.

    Attributes
    ----------
    errors : tuple of ItemError
        What was wrong with each sound.
    """

    def __init__(self, errors: tuple[ItemError, ...]) -> None:
        first = "; ".join(f"{e.path}: {e.kind}: {e.message}" for e in errors[:3])
        more = f"; and {len(errors) - 3} more" if len(errors) > 3 else ""
        super().__init__(f"none of {len(errors)} sounds could be used: {first}{more}")
        self.errors = errors

    def __reduce__(self) -> tuple[type[NothingExtractedError], tuple[tuple[ItemError, ...]]]:
        return type(self), (self.errors,)
