"""What a row depends on besides the bytes of its file, as text that is compared.

There are two parts. The key of the settings is the same for all rows of a run. What read a row
differs from file to file, so that a new version of one decoder does not spoil the rows of the
others.
"""

from __future__ import annotations

import importlib.metadata
import json
from dataclasses import asdict
from typing import Any

from audioclust.audio.decoding.decoders import DECODERS
from audioclust.audio.decoding.limits import Limits
from audioclust.extraction.cache.functions import Opaque, fingerprint
from audioclust.extraction.embeddings.embedding import Embedding
from audioclust.extraction.registry import FEATURES_VERSION
from audioclust.extraction.settings import ExtractionSettings

READING_VERSION = 1
"""Rises whenever decoding, preparing or inspecting a recording gives another row, other
warnings, or an error in other words, than before for the same file."""

FINGERPRINTS_VERSION = 1
"""Rises whenever the same sound gives another fingerprint than before."""

NATIVE = {"symphonia": "0.6.1", "nanomp3": "0.2.0", "ropus": "0.12.18"}
"""The versions of the decoders that are compiled in. A test compares them with Cargo.lock."""


def settings_key(settings: ExtractionSettings, limits: Limits) -> bytes | None:
    """Give all that rows depend on, besides their files and decoders, as JSON.

    Limits belong to it: a file that was read to its end with one limit may not be with another.
    Descriptors do not: they are beside the features, and a row has them or lacks them.

    Returns
    -------
    key : bytes or None
        None if that cannot be told, since an embedding holds what nobody can look into.
    """
    try:
        embeddings = [_pinned(embedding) for embedding in settings.embeddings]
    except Opaque:
        return None
    return _key({**asdict(settings.without_descriptors()), "embeddings": embeddings}, limits)


def fingerprints_key(seconds: float, limits: Limits) -> bytes:
    """Give all that the fingerprints of the first seconds depend on, besides their files."""
    facts = {
        "fingerprints": FINGERPRINTS_VERSION,
        "seconds": seconds,
        "version": FEATURES_VERSION,
    }
    return _key(facts, limits)


def _key(facts: dict[str, Any], limits: Limits) -> bytes:
    """Give facts, and what all results depend on, as JSON."""
    import soxr

    common = {
        "limits": asdict(limits),
        "reading": READING_VERSION,
        "soxr": soxr.__libsoxr_version__,
    }
    return json.dumps({**facts, **common}, sort_keys=True, default=_plain).encode("ascii")


def _plain(value: object) -> Any:
    """Give what JSON has no word for, such as NumPy's scalars."""
    item = getattr(value, "item", None)
    return item() if callable(item) else repr(value)


def _pinned(embedding: Embedding) -> dict[str, Any]:
    """Give what tells the vectors of an embedding from those of another.

    Its version is what the user says of it. The code of a function, what it holds, and the file
    of a model are looked at too, since two projects may have functions of one name and version.

    Raises
    ------
    Opaque
        If its function holds what cannot be looked into.
    """
    return {
        "name": embedding.name,
        "sr": embedding.sr,
        "version": embedding.version,
        "window": embedding.window,
        "function": fingerprint(embedding.computed_by),
    }


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
