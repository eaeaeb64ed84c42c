"""What a row depends on besides the bytes of its file, as text that is compared.

There are two parts. The key of the settings is the same for all rows of a run. What read a row
differs from file to file, so that a new version of one decoder does not spoil the rows of the
others.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import json
from dataclasses import asdict
from types import CellType, CodeType
from typing import Any

from audioclust.audio.decoding.decoders import DECODERS
from audioclust.audio.decoding.limits import Limits
from audioclust.extraction.embeddings.embedding import Embedding
from audioclust.extraction.embeddings.onnx_model import OnnxModel
from audioclust.extraction.settings import ExtractionSettings

READING_VERSION = 1
"""Rises whenever decoding, preparing or inspecting a recording gives another row, other
warnings, or an error in other words, than before for the same file."""

NATIVE = {"symphonia": "0.6.1", "nanomp3": "0.2.0", "ropus": "0.12.18"}
"""The versions of the decoders that are compiled in. A test compares them with Cargo.lock."""

_PLAIN = (bool, int, float, complex, str, bytes, type(None))


def settings_key(settings: ExtractionSettings, limits: Limits) -> bytes:
    """Give all that rows depend on, besides their files and decoders, as JSON.

    Limits belong to it: a file that was read to its end with one limit may not be with another.
    """
    import soxr

    facts = {
        **asdict(settings),
        "embeddings": [_pinned(embedding) for embedding in settings.embeddings],
        "limits": asdict(limits),
        "reading": READING_VERSION,
        "soxr": soxr.__libsoxr_version__,
    }
    return json.dumps(facts, sort_keys=True, default=_plain).encode("ascii")


def _plain(value: object) -> Any:
    """Give what JSON has no word for, such as NumPy's scalars."""
    item = getattr(value, "item", None)
    return item() if callable(item) else repr(value)


def _pinned(embedding: Embedding) -> dict[str, Any]:
    """Give what tells the vectors of an embedding from those of another.

    Its version is what the user says of it. The code of a function and the file of a model are
    looked at too, since two projects may have functions of one name and version.
    """
    return {
        "name": embedding.name,
        "sr": embedding.sr,
        "version": embedding.version,
        "window": embedding.window,
        "function": _fingerprint(embedding.computed_by),
    }


def _fingerprint(function: object) -> object:
    """Give what can be told of a function without calling it."""
    if isinstance(function, OnnxModel):
        return ["onnx", *function.as_state()[1:3]]
    if isinstance(function, functools.partial):
        given = [*function.args, *sorted(function.keywords.items())]
        return ["partial", _fingerprint(function.func), [_told(one) for one in given]]
    code = getattr(function, "__code__", None)
    if not isinstance(code, CodeType):
        kind = type(function)
        return ["object", kind.__module__, kind.__qualname__]
    names = ("__closure__", "__defaults__", "__self__")
    named = getattr(function, "__kwdefaults__", None) or {}
    given = [getattr(function, name, None) for name in names] + sorted(named.items())
    return [_digest_of_code(code), *(_told(one) for one in given)]


def _digest_of_code(code: CodeType) -> str:
    """Give a hash of what a function does, its inner functions included."""
    digest = hashlib.sha256(code.co_code)
    for part in (code.co_names, code.co_varnames, code.co_freevars):
        digest.update(repr(part).encode())
    for constant in code.co_consts:
        digest.update(_constant(constant).encode())
    return digest.hexdigest()


def _constant(value: object) -> str:
    if isinstance(value, CodeType):
        return _digest_of_code(value)
    if isinstance(value, frozenset):  # Its order differs from process to process.
        return repr(sorted(map(repr, value)))
    return repr(value)


def _told(value: object) -> object:
    """Give a plain value, and only the type of what can change while it looks the same."""
    if isinstance(value, CellType):
        try:
            value = value.cell_contents
        except ValueError:  # A variable that has no value yet.
            return None
    if isinstance(value, (tuple, list)):
        return [_told(one) for one in value]
    if isinstance(value, _PLAIN):
        return repr(value)
    if isinstance(code := getattr(value, "__code__", None), CodeType):
        return _digest_of_code(code)
    return f"{type(value).__module__}.{type(value).__qualname__}"


def _version_of(name: str) -> str:
    """Give the version of a decoder; "none" for one that is not installed now."""
    if name in NATIVE:
        return NATIVE[name]
    if name == "libsndfile":
        import soundfile

        return str(soundfile.__libsndfile_version__)
    try:
        return importlib.metadata.version("av")
    except importlib.metadata.PackageNotFoundError:
        return "none"


_ORDER = tuple(dict.fromkeys(decoder.name for decoder in DECODERS))


def reader_of(decoder: str | None, *, is_whole: bool) -> bytes:
    """Give the decoders that a row depends on, with their versions.

    Parameters
    ----------
    decoder : str or None
        The decoders that read it, as an item names them; None if none could.
    is_whole : bool
        Whether all of the file was decoded. Then what comes after its decoders is never asked,
        so that installing one more changes nothing; else any of them may do better.
    """
    used = [] if decoder is None else decoder.split(", then ")
    last = max((_ORDER.index(name) for name in used if name in _ORDER), default=-1)
    is_known = bool(used) and all(name in _ORDER for name in used)
    names = _ORDER[: last + 1] if is_whole and is_known else _ORDER
    return ", ".join(f"{name} {_version_of(name)}" for name in names).encode()


def is_present(reader: bytes) -> bool:
    """Tell whether these decoders are still there, in these versions."""
    pairs = (pair.rpartition(" ") for pair in reader.decode(errors="replace").split(", "))
    return all(name in _ORDER and _version_of(name) == version for name, _, version in pairs)
