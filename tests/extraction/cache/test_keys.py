"""What tells rows apart: versions of decoders, settings, and functions of the user's."""

from __future__ import annotations

import dataclasses
import functools
import os
import subprocess
import sys
import threading
import tomllib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from support.cached import Decoded, Sounds, extract
from support.data import ROOT

import audioclust as ac
from audioclust.audio.decoding.decoders import DECODERS
from audioclust.extraction.cache.keys import NATIVE, is_present, reader_of, settings_key
from audioclust.extraction.settings import ExtractionSettings


def test_the_versions_of_decoders_that_are_compiled_in_are_those_of_the_lock_file() -> None:
    locked = tomllib.loads((ROOT / "Cargo.lock").read_text(encoding="utf-8"))["package"]
    versions = {package["name"]: package["version"] for package in locked}
    assert {name: versions[name] for name in NATIVE} == NATIVE
    assert {decoder.name for decoder in DECODERS} == {*NATIVE, "libsndfile", "FFmpeg"}


def test_a_row_depends_on_its_decoders_and_those_asked_before_them() -> None:
    def names(decoder: str | None, is_whole: bool = True) -> list[str]:
        pairs = reader_of(decoder, is_whole=is_whole).decode().split(", ")
        return [pair.rpartition(" ")[0] for pair in pairs]

    every = ["symphonia", "libsndfile", "nanomp3", "ropus", "FFmpeg"]
    assert names("symphonia") == every[:1]
    assert names("libsndfile") == names("symphonia, then libsndfile") == every[:2]
    assert names("libsndfile", is_whole=False) == names(None) == names("unheard of") == every


@pytest.mark.parametrize("reader", [b"", b"\xff", b"symphonia", b"symphonia 0.0.1", b"other 1"])
def test_a_decoder_of_another_version_is_not_present(reader: bytes) -> None:
    assert is_present(reader_of(None, is_whole=False))
    assert not is_present(reader)


def key_of(function: Callable[..., object]) -> bytes | None:
    embedding = ac.Embedding("e", function, sr=8000, version="1")
    return settings_key(ExtractionSettings.checked(features=embedding), ac.Limits())


def scaled(y: object, sr: int, by: float = 1.0) -> list[float]:
    return [sr * by]


class Model:
    """A function with a state."""

    def __init__(self, state: object = None) -> None:
        self.state = state

    def __call__(self, _y: object, _sr: int) -> list[float]:
        return [1.0]

    def first(self, _y: object, _sr: int) -> list[float]:
        return [1.0]

    def second(self, _y: object, _sr: int) -> list[float]:
        return [2.0]


@dataclasses.dataclass(frozen=True)
class Weighted:
    weights: np.ndarray

    def __call__(self, y: np.ndarray, _sr: int) -> list[float]:
        return [float(y[0] * self.weights.sum())]


def closed(value: object) -> Callable[..., object]:
    return lambda _y, _sr: [value]


def around_inner(value: object) -> Callable[..., object]:
    def inner() -> object:
        return value

    return lambda _y, _sr: [inner()]


def test_functions_of_one_name_and_version_are_told_apart_by_their_code() -> None:
    model = Model()
    functions: list[Callable[..., object]] = [
        scaled,
        functools.partial(scaled, by=2.0),
        functools.partial(scaled, by=3.0),
        closed(1),
        closed(2),
        closed((1, 2)),
        closed(scaled),
        lambda _y, _sr: [max(1, 2)],
        lambda _y, _sr: [min(1, 2)],
        lambda _y, _sr: [(lambda: 1)()],
        lambda _y, _sr: [(lambda: 2)()],
        model,
        model.first,
        model.second,
        Model(1).first,
    ]
    assert None not in map(key_of, functions)
    assert len({key_of(function) for function in functions}) == len(functions)
    assert key_of(closed(1)) == key_of(closed(1))
    assert key_of(Model()) == key_of(Model())


@pytest.mark.parametrize("made", [closed, around_inner, Model, lambda x: Model([{"a": {x}}])])
def test_functions_are_told_apart_by_the_numbers_that_they_hold(
    made: Callable[[object], Callable[..., object]],
) -> None:
    keys = [key_of(made(value)) for value in (1, 2, 1.0, (1,), (2,), b"1", "1")]
    assert None not in keys
    assert len(set(keys)) == len(keys)
    assert key_of(made((1, "a"))) == key_of(made((1, "a")))


@pytest.mark.parametrize(
    "made",
    [
        closed,
        around_inner,
        Model,
        Weighted,
        lambda weights: functools.partial(scaled, by=weights),
        lambda weights: Model({"layer": [Model(weights)]}),
        lambda weights: Model(weights).first,
        lambda weights: type("Made", (Model,), {"weights": weights})(),
    ],
)
def test_functions_are_told_apart_by_the_arrays_that_they_hold(
    made: Callable[[object], Callable[..., object]],
) -> None:
    weights = np.random.default_rng(0).standard_normal((300, 300))
    other = weights.copy()
    other[150, 150] += 1e-9  # Where repr() leaves numbers out.
    arrays = [weights, other, weights.astype(np.float32), weights.ravel(), weights.T]
    keys = [key_of(made(array)) for array in arrays]
    assert None not in keys
    assert len(set(keys)) == len(keys)
    assert key_of(made(weights)) == key_of(made(weights.copy()))


class Sized(dict):  # type: ignore[type-arg]
    """What is in it is not among its attributes."""


class Slotted:
    __slots__ = ("__dict__", "state")


def repeated(y: object, sr: int) -> object:
    return repeated(y, sr)


class Opened:
    """Finds itself again."""

    def __init__(self) -> None:
        self.own = self

    def __call__(self, _y: object, _sr: int) -> list[float]:
        return [1.0]


def test_what_holds_itself_is_looked_into_once() -> None:
    assert key_of(Opened()) == key_of(Opened()) is not None
    assert key_of(closed(repeated)) is not None
    assert key_of(closed(Opened)) is not None


@pytest.mark.parametrize(
    "held",
    [
        threading.Lock(),
        Sized(a=1),
        Slotted(),
        np.array([{}]),
        np.ma.masked_array([1.0]),
        np.random.default_rng(0),
        iter([1]),
        [[{"a": bytearray(b"a")}]],
    ],
)
def test_there_is_no_key_if_something_cannot_be_looked_into(held: object) -> None:
    for function in (closed(held), around_inner(held), Model(held), Model(held).first):
        assert key_of(function) is None
    assert key_of(functools.partial(closed, held)) is None


def test_vectors_of_what_cannot_be_looked_into_are_not_kept(
    sounds: Sounds, place: Path, decoded: Decoded
) -> None:
    for number in (1.0, 2.0):
        function = closed(number)
        function.lock = threading.Lock()  # type: ignore[attr-defined]
        embedding = ac.Embedding("e", function, sr=8000, version="1")
        table = extract(sounds.folder, features=embedding, cache=place)
        assert set(table.values.ravel().tolist()) == {number}
        assert len(decoded.taken()) == sounds.n


def test_a_key_is_the_same_in_every_process() -> None:
    code = (
        "import audioclust as ac, sys\n"
        "from audioclust.extraction.cache.keys import settings_key\n"
        "from audioclust.extraction.settings import ExtractionSettings\n"
        "def f(y, sr):\n"
        "    return [sr in {'a', 'b', 'c', 'd'}]\n"
        "one = ac.Embedding('e', f, sr=8000, version='1')\n"
        "settings = ExtractionSettings.checked(features=['default', one])\n"
        "sys.stdout.write(settings_key(settings, ac.Limits()).decode())\n"
    )
    keys = {
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(keys) == 1
