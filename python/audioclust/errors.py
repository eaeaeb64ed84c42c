"""What can go wrong, and how a file that cannot be used is recorded."""

from __future__ import annotations

from typing import Literal, NamedTuple

ErrorKind = Literal["unreadable", "unsupported", "corrupt", "empty", "internal"]
"""Why an item has no features.

- ``unreadable``: the system does not let it be read, or it is no regular file.
- ``unsupported``: no decoder here knows its format.
- ``corrupt``: a decoder knows the format but not what it found, or the samples are no sound.
- ``empty``: there is not one sample in it, or in the part asked for.
- ``internal``: audioclust failed; please report it.
"""


class ItemError(NamedTuple):
    """An item that could not be used, and why."""

    path: str
    kind: ErrorKind
    message: str


class AudioclustError(Exception):
    """Base class of the errors that audioclust raises of its own."""


class ParameterError(AudioclustError, ValueError):
    """An argument has a value that it cannot have."""


class ConvergenceWarning(UserWarning):
    """An algorithm was stopped before it had settled; its clusters may be poor."""


class NoAudioError(AudioclustError, ValueError):
    """There are no sounds where they were looked for."""


class NoOnsetsError(AudioclustError, ValueError):
    """There is no onset in a recording."""


class MissingExtraError(AudioclustError, ImportError):
    """Something needs a package that only an extra of audioclust installs."""


class PlaybackError(AudioclustError):
    """There is nothing to play, or nothing to play it with."""


class VersionWarning(UserWarning):
    """Something was pickled by another version of audioclust."""


class _KindError(AudioclustError):
    """An error about one item, with the kind that its :class:`ItemError` will have."""

    def __init__(self, kind: ErrorKind, message: str) -> None:
        super().__init__(message)
        self.kind: ErrorKind = kind

    def __str__(self) -> str:
        # Without it the base classes below would show it each in its own way.
        return str(self.args[0])

    def __reduce__(self) -> tuple[type[_KindError], tuple[str, str]]:
        return type(self), (self.kind, str(self))


class DecodeError(_KindError, OSError):
    """A sound could not be read or decoded.

    Attributes
    ----------
    kind : str
        One of :data:`ErrorKind`.
    """


class SignalError(_KindError, ValueError):
    """Samples that cannot be analysed.

    Attributes
    ----------
    kind : str
        One of :data:`ErrorKind`.
    """


class NothingExtractedError(AudioclustError):
    """Not one of the sounds could be used.

    Attributes
    ----------
    errors : tuple of ItemError
        What was wrong with each.
    """

    def __init__(self, errors: tuple[ItemError, ...]) -> None:
        first = "; ".join(f"{e.path}: {e.kind}: {e.message}" for e in errors[:3])
        more = f"; and {len(errors) - 3} more" if len(errors) > 3 else ""
        super().__init__(f"none of {len(errors)} sounds could be used: {first}{more}")
        self.errors = errors

    def __reduce__(self) -> tuple[type[NothingExtractedError], tuple[tuple[ItemError, ...]]]:
        return type(self), (self.errors,)
