"""The files that results and tables are kept in: zips of JSON and arrays.

docs/models.md describes them. There is no pickle in them, so that reading one runs nothing.
Members are not compressed: what a file takes in memory is bounded by its own size.
"""

from __future__ import annotations

import json
import os
import struct
import warnings
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, NoReturn

import numpy as np
from numpy.lib import format as npy

from audioclust._core import __version__
from audioclust.errors import ModelError
from audioclust.export.documents import json_text
from audioclust.utils.arguments import check_path
from audioclust.utils.files import replacing
from audioclust.utils.text import on_one_line
from audioclust.utils.types import Path

if TYPE_CHECKING:
    from numpy.typing import NDArray

FIRST, CONTENT = "format.json", "content.json"
"""The members that every archive has: what kind of file it is, and all that is no array."""

MAX_MEMBERS = 64
"""More members than any archive has."""

MAX_FIRST, MAX_JSON = 4096, 2**28
"""How many bytes the two members of JSON have at most. Values take up to 25 times as much."""

MAX_DIMENSIONS = 3

_DTYPES = ("<f4", "<f8", "<i4", "<i8")
"""The types that arrays may have: numbers only, and the same bytes on every machine."""

_CHUNK = 2**20

_DATE = (1980, 1, 1, 0, 0, 0)
"""The date of all members, the first that a zip can have: equal contents make equal files."""


@dataclass(frozen=True)
class ArchiveKind:
    """What an archive holds.

    Attributes
    ----------
    name : str
        What ``format.json`` calls it, such as ``"audioclust model"``.
    reader : str
        The function that reads it, for errors.
    versions : tuple of int
        The versions of its format that can be read. The last one is written.
    """

    name: str
    reader: str
    versions: tuple[int, ...] = (1,)


MODEL = ArchiveKind("audioclust model", "audioclust.load_model()")
FEATURES = ArchiveKind("audioclust features", "audioclust.FeatureTable.load()")

KINDS = {kind.name: kind for kind in (MODEL, FEATURES)}
"""The kinds that there are, by name."""


@dataclass(frozen=True)
class Archive:
    """What is written to an archive, or was read from one.

    Attributes
    ----------
    content : mapping
        Plain values: str, finite numbers, bool, None, and lists and mappings of these.
    arrays : mapping of str to ndarray
        Arrays of float32, float64, int32 or int64 with at most three dimensions. A name is
        letters, digits and underscores, and may have dots within.
    """

    content: Mapping[str, Any]
    arrays: Mapping[str, NDArray[Any]]


def write_archive(
    archive: Archive, kind: ArchiveKind, path: Path, *, inputs: Iterable[str]
) -> None:
    """Write an archive; see :func:`audioclust.utils.files.replacing` for how it appears.

    Equal contents make equal bytes.

    Raises
    ------
    ParameterError
        If `path` is one of the inputs.
    ModelError
        If there is more than can be read again.
    OSError
        If it cannot be written.
    """
    first = {"format": kind.name, "version": kind.versions[-1], "audioclust": __version__}
    content = json_text(archive.content).encode()
    if len(content) > MAX_JSON:
        expected = f"at most {MAX_JSON:,} bytes of names and settings"
        raise ModelError(f"path={path!r}: expected {expected}, got {len(content):,}")
    with (
        replacing(path, inputs=inputs) as file,
        zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as members,
    ):
        for name, text in ((FIRST, json_text(first).encode()), (CONTENT, content)):
            members.writestr(_member(name), text)
        for name, array in sorted(archive.arrays.items()):
            little = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
            # A size that the usual fields cannot hold must be known beforehand.
            is_large = little.nbytes >= 2**31 - 2**16
            with members.open(_member(f"{name}.npy"), "w", force_zip64=is_large) as member:
                npy.write_array(member, little.reshape(array.shape), allow_pickle=False)


def _member(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _DATE)
    info.create_system = 3  # Unix, whichever system writes it.
    info.external_attr = 0o644 << 16
    return info


def read_archive(path: Path, kind: ArchiveKind) -> Archive:
    """Read an archive that may come from anybody.

    Nothing in it is run. Sizes are checked before memory is taken for them.

    Raises
    ------
    ModelError
        If it is no archive of this kind, is damaged, or is of a version that is not known.
    OSError
        If it cannot be read.
    """
    name = os.path.expanduser(check_path("path", path))
    with open(name, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        try:
            with zipfile.ZipFile(file) as members:
                return _read(members, kind, size)
        except ModelError as why:
            raise ModelError(f"{on_one_line(name)}: {why}") from None
        except _DAMAGED as why:
            damage = f"it is no {kind.name}, or is damaged ({type(why).__name__}: {why})"
            raise ModelError(f"{on_one_line(name)}: {on_one_line(damage)}") from None


_DAMAGED = (
    *(zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, EOFError),
    *(ValueError, TypeError, KeyError, IndexError, OverflowError, MemoryError),
    struct.error,
)
"""What the readers of zip, JSON and arrays raise for contents that are not as they should be.

A RuntimeError is encryption, and its subclass RecursionError is JSON of too many levels."""


def _read(members: zipfile.ZipFile, kind: ArchiveKind, size: int) -> Archive:
    infos = _checked_members(members, kind, size)
    _check_kind(_json_of(members, infos[FIRST]), kind)
    if CONTENT not in infos:
        raise ModelError(f"{CONTENT} is missing")
    content = _json_of(members, infos[CONTENT])
    arrays = {}
    for name, info in infos.items():
        if name not in (FIRST, CONTENT):
            with members.open(info) as member:
                arrays[name.removesuffix(".npy")] = _array_of(member, info)
    return Archive(content, arrays)


def _checked_members(
    members: zipfile.ZipFile, kind: ArchiveKind, size: int
) -> dict[str, zipfile.ZipInfo]:
    """Give the members by name, after a look at how many and how large they are."""
    infos = {info.filename: info for info in members.infolist()}
    if FIRST not in infos:
        raise ModelError(f"expected an {kind.name}, but there is no {FIRST} in it")
    if len(members.infolist()) > MAX_MEMBERS or len(infos) < len(members.infolist()):
        raise ModelError(f"expected at most {MAX_MEMBERS} members, each once")
    for name, info in infos.items():
        if name not in (FIRST, CONTENT) and not name.endswith(".npy"):
            raise ModelError(f"{name!r:.80} is in it, which is not known")
        # What is not compressed has as many bytes as it says, or is not there at all.
        if info.compress_type != zipfile.ZIP_STORED or info.compress_size != info.file_size:
            raise ModelError(f"{name!r:.80} is compressed, which members never are")
    for name, most in ((FIRST, MAX_FIRST), (CONTENT, MAX_JSON)):
        if name in infos and infos[name].file_size > most:
            found = f"{infos[name].file_size:,} bytes"
            raise ModelError(f"{name} has {found}: expected at most {most:,}")
    if sum(info.file_size for info in infos.values()) > size:
        raise ModelError(f"its members say that they are larger than its {size:,} bytes")
    return infos


def _check_kind(first: Mapping[str, Any], kind: ArchiveKind) -> None:
    """Raise a ModelError unless an archive is of a kind and version that can be read."""
    name, version = first.get("format"), first.get("version")
    if name != kind.name:
        known = KINDS.get(name) if isinstance(name, str) else None
        hint = "" if known is None else f", which {known.reader} reads"
        raise ModelError(f"expected an {kind.name}, but it is {name!r:.80}{hint}")
    if version not in kind.versions or isinstance(version, bool):
        writer, known_ones = first.get("audioclust"), ", ".join(map(str, kind.versions))
        raise ModelError(
            f"it is of version {version!r:.80} of the format, written by audioclust "
            f"{writer!s:.80}: audioclust {__version__} reads version {known_ones}"
        )


def _json_of(members: zipfile.ZipFile, info: zipfile.ZipInfo) -> dict[str, Any]:
    text = members.read(info).decode("utf-8")
    found = json.loads(text, parse_constant=_refuse_constant)
    if not isinstance(found, dict):
        raise ModelError(f"{info.filename} is not one JSON object")
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise ModelError(f"{name} is there where JSON has no such number")


def _array_of(member: IO[bytes], info: zipfile.ZipInfo) -> NDArray[Any]:
    """Read an array, after its header was checked beside the number of bytes that follow."""
    name = info.filename
    shape, by_columns, dtype = _header_of(member, name)
    if dtype.str not in _DTYPES or by_columns or len(shape) > MAX_DIMENSIONS:
        expected = f"rows of one of {', '.join(_DTYPES)}, at most {MAX_DIMENSIONS} dimensions"
        raise ModelError(f"{name!r:.80} has {dtype} of shape {shape}: expected {expected}")
    n_bytes = dtype.itemsize
    for length in shape:
        n_bytes *= length
    if min(shape, default=0) < 0 or n_bytes != info.file_size - member.tell():
        raise ModelError(f"{name!r:.80} has another size than its shape {shape} says")
    array = np.empty(shape, dtype)
    _fill(array, member)
    return array.astype(dtype.newbyteorder("="), copy=False)


def _header_of(member: IO[bytes], name: str) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """Give the shape of an array, whether it is stored column by column, and its dtype."""
    try:
        with warnings.catch_warnings():
            # NumPy warns of headers that Python 2 wrote, which no archive has.
            warnings.simplefilter("error")
            if npy.read_magic(member) != (1, 0):
                raise ModelError("it is not of version 1.0 of NumPy's format")
            return npy.read_array_header_1_0(member)
    except OSError:
        raise
    except Exception as why:  # NumPy takes the header for Python, with all errors of that.
        raise ModelError(f"{name!r:.80} has no header that can be read ({why})") from None


def _fill(array: NDArray[Any], member: IO[bytes]) -> None:
    place = array.reshape(-1).view(np.uint8)
    for start in range(0, len(place), _CHUNK):
        chunk = place[start : start + _CHUNK]
        data = member.read(len(chunk))
        if len(data) < len(chunk):
            raise EOFError("an array ends too early")
        chunk[:] = np.frombuffer(data, np.uint8)
    member.read(1)  # At its end, the checksum is compared.
