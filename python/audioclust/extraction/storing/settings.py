"""`ExtractionSettings` as plain values, for files that are read again."""

from __future__ import annotations

import math
import re
from dataclasses import asdict, fields
from typing import Any, NoReturn

from audioclust import _core
from audioclust.audio.preparation.settings import Preparation
from audioclust.errors import ModelError
from audioclust.extraction.analysis import Analysis, Feature
from audioclust.extraction.embeddings.embedding import Embedding
from audioclust.extraction.embeddings.onnx_model import OnnxModel
from audioclust.extraction.registry import FEATURES_VERSION
from audioclust.extraction.settings import ExtractionSettings
from audioclust.extraction.storing.fields import Fields

MAX_WINDOW_PARAMETERS = 16
"""More parameters than SciPy's windows have, but for sums of many cosines."""

MAX_TAYLOR = 32
"""The most sidelobes of a Taylor window that are computed: each takes memory for a window."""


def settings_as_json(settings: ExtractionSettings) -> dict[str, Any]:
    """Give settings as plain values.

    As in a pickle, the function of an embedding is not kept; of a model in a file its path is.
    """
    return {
        "version": settings.version,
        "features": [asdict(feature) for feature in settings.features],
        "stats": list(settings.stats),
        "analysis": asdict(settings.analysis),
        "preparation": asdict(settings.preparation),
        "descriptors": settings.descriptors,
        "embeddings": [_embedding_as_json(one) for one in settings.embeddings],
    }


def settings_of_json(value: object, place: str) -> ExtractionSettings:
    """Give settings from plain values.

    Raises
    ------
    ModelError
        If a value is not as it should be, or features are of another version.
    ParameterError
        If there are no such settings.
    """
    read = Fields(value, place)
    version = read.integer("version", 0)
    if version != FEATURES_VERSION:
        raise ModelError(
            f"its features are of version {version}: expected version {FEATURES_VERSION}, "
            f"which audioclust {_core.__version__} computes; extract them again"
        )
    stats = read.texts("stats")
    _check_names(read.peek("features"), stats)
    settings = ExtractionSettings(
        features=read.listed("features", _feature_of_json),
        stats=stats,
        analysis=_analysis_of_json(read.take("analysis"), f"{place}.analysis"),
        preparation=_preparation_of_json(read.take("preparation"), f"{place}.preparation"),
        descriptors=read.flag("descriptors"),
        embeddings=read.listed("embeddings", _embedding_of_json),
    )
    read.close()
    return settings


def _check_names(features: object, stats: tuple[str, ...]) -> None:
    """Have the core check the names of features and statistics, each once.

    It comes before analyses are made of what was read: each has a window, which takes time.
    """
    if isinstance(features, list) and features:
        given = [one.get("name") if isinstance(one, dict) else None for one in features]
        _core.column_names([str(name) for name in given], list(stats))


def _feature_of_json(value: object, place: str) -> Feature:
    read = Fields(value, place)
    name, analysis = read.text("name"), read.take("analysis")
    read.close()
    return Feature(name, _analysis_of_json(analysis, f"{place}.analysis"))


def _analysis_of_json(value: object, place: str) -> Analysis:
    read = Fields(value, place)
    given = {field.name: read.take(field.name) for field in fields(Analysis)}
    read.close()
    return Analysis(**{**given, "window": _window_of_json(given["window"], f"{place}.window")})


def _window_of_json(value: object, place: str) -> Any:
    """Give a window's name or parameters; a tuple is a list in JSON."""
    if isinstance(value, list) and len(value) <= MAX_WINDOW_PARAMETERS and not _is_slow(value):
        return tuple(_window_of_json(one, place) for one in value)
    if isinstance(value, (str, int, float)):
        return value
    expected = f"a name, or at most {MAX_WINDOW_PARAMETERS} parameters"
    raise ModelError(f"{place} is {value!r:.80}: expected {expected}")


def _is_slow(window: list[Any]) -> bool:
    return window[:1] in (["taylor"], ["taylorwin"]) and not all(
        isinstance(value, (int, float)) and abs(value) <= most
        for value, most in zip(window[1:], (MAX_TAYLOR, math.inf), strict=False)
    )


def _preparation_of_json(value: object, place: str) -> Preparation:
    read = Fields(value, place)
    given = {field.name: read.take(field.name) for field in fields(Preparation)}
    read.close()
    return Preparation(**given)


def _embedding_as_json(embedding: Embedding) -> dict[str, Any]:
    state = embedding.__getstate__()
    model = state.pop("_model")
    names = ("path", "sha256", "output", "n_samples")
    return {**state, "onnx": None if model is None else dict(zip(names, model, strict=True))}


def _embedding_of_json(value: object, place: str) -> Embedding:
    """Give an embedding as it is unpickled: without function, but with a model's path."""
    read = Fields(value, place)
    names = ("name", "sr", "version", "window", "parallel", "size")
    given = {name: read.take(name) for name in names}
    model = read.optional("onnx", read.inner)
    read.close()
    checked = Embedding(function=_no_function, **given).__getstate__()
    embedding = object.__new__(Embedding)
    embedding.__setstate__({**checked, "_model": model and _onnx_of_json(model)})
    return embedding


def _no_function(*_: object) -> NoReturn:
    """Stand for a function while the other arguments are checked."""
    raise NotImplementedError


def _onnx_of_json(read: Fields) -> tuple[str, str, str | None, int | None]:
    path, digest = read.text("path"), read.text("sha256")
    output = read.optional("output", read.text)
    n_samples = read.optional("n_samples", lambda name: read.integer(name, 0))
    read.close()
    if not re.fullmatch("[0-9a-f]{64}", digest):
        raise ModelError(f"sha256 is {digest!r:.80}: expected 64 hexadecimal digits")
    return OnnxModel.of_state((path, digest, output, n_samples)).as_state()
