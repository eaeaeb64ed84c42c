"""Which of the files that a search finds are used, as one checked value."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

from audioclust.audio.choosing.patterns import Patterns
from audioclust.errors import NoAudioError, ParameterError
from audioclust.utils.arguments import check_flag, check_names, check_positive

IGNORE_FILE = ".audioclustignore"
"""The name of the files that say what is left out of a search, in gitignore's syntax."""


Reason: TypeAlias = Literal["too short", "too long"]
"""Why a recording is left out."""


class LeftOut(NamedTuple):
    """A recording that was left out since it is too short or too long.

    Attributes
    ----------
    path : str
        The file, or the name of audio in memory.
    reason : {"too short", "too long"}
        Which bound of :class:`FileFilter` it is outside of.
    """

    path: str
    reason: Reason


@dataclass(frozen=True, kw_only=True)
class FileFilter:
    """Which files are used.

    All but the durations is about what a search of folders finds. A file that is named itself,
    or by a glob pattern, is used whatever its name. Each part narrows the search: nothing
    brings back what another part leaves out.

    Patterns are gitignore's, and are matched against the path below the folder that is
    searched, with ``/`` between folders and case told apart. ``*.mp3`` is of any folder,
    ``/*.mp3`` of the searched folder itself, ``live/`` any folder of that name with all below
    it, ``a/**/b`` has any number of folders in between, ``[Mm]`` is either letter. Of several
    patterns the last that fits decides, and ``!`` before one means the opposite.

    Parameters
    ----------
    include : str or iterable of str, default=()
        Only files that fit these patterns, or are below a folder that does, are used; all if
        there are none. They must have the suffix of a sound as well. It is a tuple once given.
    exclude : str or iterable of str, default=()
        What fits these patterns is left out; a folder with all below it.
    min_duration, max_duration : float or None, default=None
        The shortest and the longest recording to use, both included, in seconds; None for no
        bound. The whole recording counts, whichever part of it is used, as it is decoded, not
        as its header says. A recording that is too long is decoded up to the bound only.
        What is outside is in a table's ``left_out``, and no error.
    hidden : bool, default=False
        Whether files and folders are searched whose name begins with a dot.
    ignore_files : bool, default=True
        Whether files named ``.audioclustignore`` are obeyed. One holds for its folder and all
        below it, and one in a subfolder wins over those above it, as with git. Those above the
        searched folder are not read.

    Raises
    ------
    ParameterError
        If a value is invalid.

    Examples
    --------
    >>> import audioclust as ac
    >>> short = ac.FileFilter(exclude=["live/", "*.ogg"], max_duration=600)
    >>> ac.cluster("~/Music", files=short)  # doctest: +SKIP
    """

    include: str | Iterable[str] = ()
    exclude: str | Iterable[str] = ()
    min_duration: float | None = None
    max_duration: float | None = None
    hidden: bool = False
    ignore_files: bool = True

    def __post_init__(self) -> None:
        for name in ("include", "exclude"):
            object.__setattr__(self, name, _checked_patterns(name, getattr(self, name)))
        for name in ("min_duration", "max_duration"):
            seconds = getattr(self, name)
            if seconds is not None:
                object.__setattr__(self, name, check_positive(name, seconds))
        for name in ("hidden", "ignore_files"):
            object.__setattr__(self, name, check_flag(name, getattr(self, name)))
        least, most = self.min_duration, self.max_duration
        if least is not None and most is not None and least > most:
            raise ParameterError(
                f"min_duration={least:g}: expected at most max_duration, which is {most:g}"
            )

    @property
    def has_bounds(self) -> bool:
        """Whether the length of a recording matters."""
        return self.min_duration is not None or self.max_duration is not None

    def nothing_left(self, n: int) -> NoAudioError:
        """Give the error that all of `n` recordings are outside of the bounds."""
        bounds = f"min_duration={self.min_duration}, max_duration={self.max_duration}"
        return NoAudioError(f"all {n} sounds are too short or too long: {bounds}")

    def left_out(self, path: str, seconds: float) -> LeftOut | None:
        """Tell that a recording of so many seconds is left out; None if it is used."""
        if self.min_duration is not None and seconds < self.min_duration:
            return LeftOut(path, "too short")
        if self.max_duration is not None and seconds > self.max_duration:
            return LeftOut(path, "too long")
        return None


# Pickles name them by where users find them, and so survive a move to another module.
FileFilter.__module__ = LeftOut.__module__ = "audioclust"


def check_files(files: object) -> FileFilter:
    """Give a FileFilter, the default one for None, or raise a ParameterError."""
    if files is None:
        return FileFilter()
    if not isinstance(files, FileFilter):
        raise ParameterError(f"files={files!r:.80}: expected an audioclust.FileFilter")
    return files


def _checked_patterns(name: str, given: object) -> tuple[str, ...]:
    patterns: list[str] = []
    for pattern in check_names(name, given):
        if not isinstance(pattern, str) or not pattern.strip():
            raise ParameterError(f"{name}={pattern!r:.80}: expected a pattern, not empty")
        if pattern.startswith("#"):
            expected = f"'\\{pattern}', since # begins a comment"
            raise ParameterError(f"{name}={pattern!r:.80}: expected {expected}")
        patterns.append(str(pattern))

    def refuse(number: int, why: str) -> None:
        expected = f"a pattern of gitignore, but {why}"
        raise ParameterError(f"{name}={patterns[number - 1]!r:.80}: expected {expected}")

    Patterns.of(patterns, refuse)
    return tuple(patterns)
