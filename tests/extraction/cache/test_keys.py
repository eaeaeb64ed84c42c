"""What tells rows apart: versions of decoders, settings, and functions of the user's."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
import tomllib
from collections.abc import Callable

import pytest
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


def key_of(function: Callable[..., object]) -> bytes:
    embedding = ac.Embedding("e", function, sr=8000, version="1")
    return settings_key(ExtractionSettings.checked(features=embedding), ac.Limits())


def scaled(y: object, sr: int, by: float = 1.0) -> list[float]:
    return [sr * by]


class Model:
    """A function with a state, of which nobody can tell what it does."""

    def __call__(self, _y: object, _sr: int) -> list[float]:
        return [1.0]

    def first(self, _y: object, _sr: int) -> list[float]:
        return [1.0]

    def second(self, _y: object, _sr: int) -> list[float]:
        return [2.0]


def test_functions_of_one_name_and_version_are_told_apart_by_their_code() -> None:
    def closed(value: object) -> Callable[..., object]:
        return lambda _y, _sr: [value]

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
    ]
    assert len({key_of(function) for function in functions}) == len(functions)
    assert key_of(closed(1)) == key_of(closed(1))
    assert key_of(Model()) == key_of(Model())


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
