"""Files linked, copied and moved, so that none is ever replaced or lost.

A new name is given by a hard link, which fails if the name is taken; ``os.rename`` would
replace what is there. The old name goes last: whenever a process is killed, a file has one of
its two names, or both. File systems without hard links get a rename, after a look whether the
name is free.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from typing import Literal, NamedTuple

_BLOCK = 1 << 20
"""Number of bytes that are read at once."""

Placed = Literal["symlink", "hardlink", "copy", "move"]
"""What is at a target."""


class Identity(NamedTuple):
    """What tells whether a file is still the same.

    The number of its disk is left out, as it may change when the disk is mounted again.
    """

    size: int
    mtime_ns: int
    ino: int

    @classmethod
    def of(cls, status: os.stat_result) -> Identity:
        """Give that of a file by its status."""
        return cls(status.st_size, status.st_mtime_ns, status.st_ino)

    def is_like(self, other: Identity) -> bool:
        """Tell whether another file has the same size and time of change, as a copy has."""
        return self[:2] == other[:2]


def link_file(source: str, target: str) -> Placed:
    """Make a symbolic link to a file, or a hard link where there can be no symbolic one."""
    try:
        os.symlink(source, target)
    except FileExistsError:
        raise
    except OSError:
        # FAT has no links at all, and Windows allows symbolic ones only to some users.
        with contextlib.suppress(OSError):
            os.link(source, target)
            return "hardlink"
        raise
    return "symlink"


def copy_file(source: str, target: str, temporary: str) -> Placed:
    """Copy a file with its times and permissions; links are followed.

    Parameters
    ----------
    source, target : str
    temporary : str
        A name that is free, in the target's folder, for as long as the copy is not complete.
    """
    _copy_to_temporary(source, temporary)
    try:
        rename_file(temporary, target)
    except OSError:
        _remove(temporary)
        raise
    return "copy"


def move_file(source: str, target: str, temporary: str) -> Placed:
    """Move a file. Between file systems it is copied, compared, and only then removed.

    Parameters
    ----------
    source, target : str
    temporary : str
        A name that is free, in the target's folder, for as long as a copy is not complete.
    """
    try:
        rename_file(source, target)
    except OSError as why:
        if why.errno != errno.EXDEV:
            raise
        _move_by_copy(source, target, temporary)
    return "move"


def _move_by_copy(source: str, target: str, temporary: str) -> None:
    before = Identity.of(os.stat(source))
    copy_file(source, target, temporary)
    try:
        if not same_contents(source, target):
            raise OSError(errno.EIO, "the copy differs from what was copied", target)
        if Identity.of(os.stat(source)) != before:
            raise OSError(errno.EBUSY, "it changed while it was copied", source)
        to_disk(os.path.dirname(target))
        _drop(source, target)
    except OSError:
        if os.path.lexists(source):  # Otherwise the target is all there is.
            _remove(target)
        raise


def rename_file(source: str, target: str) -> None:
    """Give a file another name on the same file system, unless the name is taken."""
    try:
        os.link(source, target, follow_symlinks=False)
    except FileExistsError:
        raise
    except (OSError, NotImplementedError) as why:
        if isinstance(why, OSError) and why.errno in (errno.EXDEV, errno.ENOENT):
            raise
        if os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), target) from None
        os.rename(source, target)
        return
    _drop(source, target)


def _drop(source: str, target: str) -> None:
    """Take the old name away from what has a new one; if that fails, take the new one away."""
    try:
        os.unlink(source)
    except FileNotFoundError:
        return  # Somebody else was faster, and the target is all there is.
    except OSError:
        _remove(target)
        raise


def same_contents(one: str, other: str) -> bool:
    """Tell whether two files have the same bytes."""
    with open(one, "rb") as a, open(other, "rb") as b:
        while True:
            block = a.read(_BLOCK)
            if block != b.read(_BLOCK):
                return False
            if not block:
                return True


def _copy_to_temporary(source: str, temporary: str) -> None:
    try:
        with open(source, "rb") as old, open(temporary, "xb") as new:
            shutil.copyfileobj(old, new, _BLOCK)
            new.flush()
            os.fsync(new.fileno())
        shutil.copystat(source, temporary)
    except BaseException:
        _remove(temporary)
        raise


def to_disk(folder: str) -> None:
    """Wait until the names in a folder are on the disk, where the system lets us."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _remove(path: str) -> None:
    with contextlib.suppress(OSError):
        os.unlink(path)
