"""Files that are replaced only by complete ones, and never where they are an input."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import tempfile
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from audioclust.errors import ParameterError
from audioclust.utils.arguments import check_path
from audioclust.utils.types import Path


@contextlib.contextmanager
def replacing(path: Path, *, inputs: Iterable[str] = ()) -> Iterator[BinaryIO]:
    """Open a new file for writing, which takes the place of `path` when it is complete.

    Until the block ends without an exception, whatever was at `path` stays as it is. A link
    stays a link: what it leads to is replaced. A device or a pipe is written to directly.

    Parameters
    ----------
    path : str or os.PathLike
        Where to; ``~`` is the home folder.
    inputs : iterable of str
        Files that must not be replaced, such as the recordings that the output is made from.

    Raises
    ------
    ParameterError
        If `path` is one of the inputs.
    OSError
        If it cannot be written.
    """
    target = os.path.realpath(output_path(path, inputs=inputs))
    if os.path.exists(target) and not stat.S_ISREG(os.stat(target).st_mode):
        with open(target, "wb") as file:
            yield file
        return
    mode = _mode(target)
    with _naming(target):
        handle, temporary = tempfile.mkstemp(
            prefix=".audioclust-", suffix=".tmp", dir=os.path.dirname(target)
        )
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, mode)
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def output_path(path: Path, *, inputs: Iterable[str] = ()) -> str:
    """Give where an output goes, or raise an error if it cannot go there.

    Raises
    ------
    ParameterError
        If `path` is one of the inputs.
    OSError
        If its folder is not there, or it is a folder, or may not be written.
    """
    name = os.path.expanduser(check_path("path", path))
    with _naming(name):
        folder = os.path.dirname(os.path.abspath(name))
        if not os.path.isdir(folder):
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name)
        if os.path.isdir(name):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), name)
        if not os.access(name if os.path.exists(name) else folder, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), name)
    if os.path.exists(name):
        for source in inputs:
            with contextlib.suppress(OSError):
                if os.path.samefile(name, source):
                    raise ParameterError(
                        f"path={name!r}: expected another file than {source!r}, which is one of"
                        " the recordings"
                    )
    return name


def write_text(path: Path, text: str, *, inputs: Iterable[str] = ()) -> None:
    """Write text as UTF-8, with the ends of lines that it has; see :func:`replacing`."""
    with replacing(path, inputs=inputs) as file:
        file.write(text.encode("utf-8"))


def _mode(target: str) -> int:
    """Give the permissions that a new file at `target` has: those of the old one, if any."""
    if os.path.exists(target):
        return stat.S_IMODE(os.stat(target).st_mode)
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


@contextlib.contextmanager
def _naming(name: str) -> Iterator[None]:
    """Have an OSError name the output, not a temporary file beside it."""
    try:
        yield
    except OSError as why:
        why.filename = name
        raise
