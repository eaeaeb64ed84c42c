"""Output files that appear complete or not at all, and never replace an input.

Every output is written to a temporary file first, which then takes the place of the target.
An error, Ctrl-C or a crash in between leaves the old file as it was. A process that is killed
leaves its temporary file too, ``.audioclust-*.tmp``. No later process removes it, since none
can tell for certain that nobody writes it any more, above all on a disk that machines share.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import shutil
import stat
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from audioclust.errors import ParameterError
from audioclust.utils.arguments import check_path
from audioclust.utils.types import Path
from audioclust.utils.urls.names import is_url
from audioclust.utils.urls.redaction import redacted


@contextlib.contextmanager
def replacing(path: Path, *, inputs: Iterable[str] = ()) -> Iterator[BinaryIO]:
    """Open a new binary file for writing, which takes the place of `path` when it is complete.

    See :func:`replacing_by_name` for what that means, the parameters and the errors. An
    OSError without a file name, such as that of a full disk, gets the name of the output.
    """
    with replacing_by_name(path, inputs=inputs) as temporary, open(temporary, "wb") as file:
        yield file


@contextlib.contextmanager
def replacing_by_name(path: Path, *, inputs: Iterable[str] = ()) -> Iterator[str]:
    """Give the name of a new, empty file, which takes the place of `path` afterwards.

    Until the block ends without an exception, whatever was at `path` stays as it is. The new
    file has the permissions of the old one. A symbolic link stays a link: the file that it
    leads to is replaced. Other hard links to the old file keep the old contents.

    What cannot be replaced is written to at the end instead: a device, a pipe, an open file
    such as ``/dev/stdout``, and a file in a folder that no file can be added to.

    Parameters
    ----------
    path : str or os.PathLike
        The output; ``~`` is the home folder.
    inputs : iterable of str
        Files that must not be replaced, such as the recordings that the output is made from.
        Those that do not exist are ignored.

    Yields
    ------
    temporary : str
        The file to write to.

    Raises
    ------
    ParameterError
        If `path` is one of the inputs, or an address.
    OSError
        If it cannot be written. Its ``filename`` is that of the output.
    """
    target = _Target.of(output_path(path, inputs=inputs))
    temporary = target.temporary_name()
    try:
        with _naming(target.name, temporary):
            target.create(temporary)
            yield temporary
            _to_disk(temporary)
            if target.is_replaced:
                target.replace_by(temporary)
            else:
                target.fill_from(temporary)
    finally:
        # After the replacement it is gone already.
        with contextlib.suppress(OSError):
            os.unlink(temporary)


def output_path(path: Path, *, inputs: Iterable[str] = ()) -> str:
    """Give the place of an output, or raise an error if it cannot be written there.

    To be called before the work whose result is to be written.

    Parameters
    ----------
    path : str or os.PathLike
        The output; ``~`` is the home folder.
    inputs : iterable of str
        Files that must not be replaced. Those that do not exist are ignored.

    Returns
    -------
    name : str

    Raises
    ------
    ParameterError
        If `path` is one of the inputs, or an address.
    OSError
        If it is a folder, its folder does not exist, or it may not be written.
    """
    name = local_place("path", path)
    with _naming(name):
        status = _status(name)
        if status is None:
            folder = os.path.dirname(os.path.realpath(name))
            if not os.path.isdir(folder):
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name)
        elif stat.S_ISDIR(status.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), name)
        if not os.access(folder if status is None else name, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), name)
    if status is not None:
        _refuse_inputs(name, status, inputs)
    return name


def local_place(name: str, value: object) -> str:
    """Give the path of an output, in which ``~`` is the home folder.

    Raises
    ------
    ParameterError
        If it is no path, or the address of something elsewhere: the system would take it for a
        folder of this machine, which is called ``s3:``.
    """
    path = check_path(name, value)
    if is_url(path):
        expected = "a path of this machine, since results are not written to addresses"
        raise ParameterError(f"{name}={redacted(path)!r:.80}: expected {expected}")
    return os.path.expanduser(path)


def _refuse_inputs(name: str, status: os.stat_result, inputs: Iterable[str]) -> None:
    for source in inputs:
        try:
            found = os.stat(source)
        except (OSError, ValueError):
            continue  # Audio in memory may have a name that no file can have.
        if os.path.samestat(status, found):
            expected = f"another file than {source!r}, which is one of the recordings"
            raise ParameterError(f"path={name!r}: expected {expected}")


def full_path(path: str) -> str:
    """Give the full path of a file, which is the same file even if links lead to it.

    ``link/../a`` is beside the folder that the link leads to, not beside the link. The address
    of a file elsewhere is full as it is.
    """
    if is_url(path):
        return path
    if os.pardir not in path.replace(os.altsep or os.sep, os.sep).split(os.sep):
        return os.path.abspath(path)
    parent, name = os.path.split(path)
    return (
        os.path.realpath(path)
        if name == os.pardir
        else os.path.join(os.path.realpath(parent), name)
    )


def write_text(path: Path, text: str, *, inputs: Iterable[str] = ()) -> None:
    """Write text as UTF-8, line ends unchanged; see :func:`replacing_by_name`."""
    with replacing(path, inputs=inputs) as file:
        file.write(text.encode("utf-8"))


@dataclass(frozen=True)
class _Target:
    """The place of an output.

    Attributes
    ----------
    name : str
        The output as the caller named it.
    place : str
        Where links lead to.
    status : os.stat_result or None
        What is there already.
    is_replaced : bool
        Whether a new file takes its place, instead of being copied into it.
    """

    name: str
    place: str
    status: os.stat_result | None
    is_replaced: bool

    @classmethod
    def of(cls, name: str) -> _Target:
        place, status = os.path.realpath(name), _status(name)
        is_replaced = status is None or (
            stat.S_ISREG(status.st_mode)
            and _own_descriptor(name) is None
            and os.access(os.path.dirname(place), os.W_OK)
        )
        return cls(name, place, status, is_replaced)

    def temporary_name(self) -> str:
        """Give the name of a file beside the output, or in the system's temporary folder."""
        folder = os.path.dirname(self.place) if self.is_replaced else tempfile.gettempdir()
        # Short enough wherever the output's name is, and hidden from a search for sounds.
        return os.path.join(folder, f".audioclust-{secrets.token_hex(8)}.tmp")

    def create(self, temporary: str) -> None:
        """Create a file that nobody can read who could not read the old one."""
        if not self.is_replaced:
            mode = 0o600
        elif self.status is None:
            mode = 0o666  # From which the system takes the umask away.
        else:
            mode = 0o600  # Until it has the old one's group: see replace_by().
        os.close(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode))

    def replace_by(self, temporary: str) -> None:
        """Put a complete file in the place of the old one, with the old one's permissions."""
        if self.status is not None:
            mode = stat.S_IMODE(self.status.st_mode)
            if hasattr(os, "chown"):
                try:
                    os.chown(temporary, self.status.st_uid, self.status.st_gid)
                except PermissionError:
                    if os.stat(temporary).st_gid != self.status.st_gid:
                        mode &= ~0o070  # The permissions were another group's.
            os.chmod(temporary, mode)
        try:
            os.replace(temporary, self.place)
        except OSError as why:
            # A file that is mounted, or another user's in a folder such as /tmp.
            if self.status is None or why.errno not in (errno.EBUSY, errno.EPERM):
                raise
            self.fill_from(temporary)

    def fill_from(self, temporary: str) -> None:
        """Copy a complete file into what cannot be replaced."""
        descriptor = _own_descriptor(self.name)
        # A copy of the descriptor shares its position with what else is written to it.
        place = self.name if descriptor is None else os.dup(descriptor)
        with open(temporary, "rb") as complete, open(place, "wb") as target:
            shutil.copyfileobj(complete, target)


def _status(name: str) -> os.stat_result | None:
    """Give the status of what is at a place, links followed; None if there is nothing."""
    try:
        return os.stat(name)
    except (FileNotFoundError, NotADirectoryError):
        return None


def _own_descriptor(name: str) -> int | None:
    """Give the open file that a name such as ``/dev/stdout`` stands for in this process.

    ``/dev/stdout`` links to ``/proc/self/fd/1`` or ``/dev/fd/1``, which the system shows as a
    link to the open file. Replacing that file would part it from what is written later.
    """
    place = os.path.abspath(name)
    for _ in range(40):  # As many links as Linux follows.
        folder = os.path.realpath(os.path.dirname(place))
        number = os.path.basename(place)
        if number.isdigit() and re.fullmatch(rf"/dev/fd|/proc/{os.getpid()}/fd", folder):
            return int(number)
        if not os.path.islink(place):
            return None
        place = os.path.join(folder, os.readlink(place))
    return None


def _to_disk(name: str) -> None:
    """Wait until a file is on the disk; some file systems report a full one only now."""
    handle = os.open(name, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def _naming(name: str, temporary: str | None = None) -> Iterator[None]:
    """Have an OSError name the output: each, or those that name no file or a temporary one."""
    try:
        yield
    except OSError as why:
        # Without a number it is an error of ours, such as one of decoding.
        if why.errno is not None and (not temporary or why.filename in (None, temporary)):
            why.filename = redacted(name)  # An address may have been given.
            if why.filename2 is not None:
                del why.filename2  # None would be shown.
        raise
