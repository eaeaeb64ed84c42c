"""Fingerprints are remembered like rows, beside them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from support.cached import Decoded, Sounds, counting, extract, settled

import audioclust as ac
from audioclust.extraction.cache import upkeep
from audioclust.extraction.cache.settings import CacheSettings
from audioclust.extraction.fingerprints.recorded import OneFingerprint


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch) -> Decoded:
    return counting(monkeypatch, OneFingerprint)


@pytest.fixture
def alike(sounds: Sounds) -> Sounds:
    """Sounds of which some are the same, are silent, too long, or fail after five seconds."""
    rng = np.random.default_rng(2)
    y = rng.uniform(-0.5, 0.5, 8000 * 7) * (1 + np.sin(np.arange(8000 * 7) / 500))
    sounds.write("long.wav", y / 2)
    sounds.write("later.wav", y[4000:] / 4)
    sounds.write("few.wav", y[:500] / 2)
    sounds.write("few again.wav", y[:500] / 2)
    sounds.write("silent.wav", np.zeros(9000))
    y[8000 * 5] = np.nan
    soundfile.write(sounds.folder / "nan.wav", y, 8000, subtype="FLOAT")
    settled(sounds.folder / "nan.wav")
    sounds.n += 6
    return sounds


def told(found: ac.Duplicates) -> tuple[object, ...]:
    told_items = [[(i, i.decoder, i.warnings) for i in group] for group in found.groups]
    pairs, short = found.pairs, found.too_short
    return told_items, pairs, short, found.n_compared, found.errors, found.left_out


def duplicates(folder: Path, cache: object, **more: Any) -> tuple[object, ...]:
    return told(ac.duplicates(folder, cache=cache, n_jobs=1, **more))  # type: ignore[arg-type]


BOUNDS: list[dict[str, Any]] = [{}, {"min_duration": 1}, {"max_duration": 4}]


@pytest.mark.parametrize("seconds", [2.0, 60.0])
def test_what_is_remembered_gives_what_a_fresh_run_gives(
    alike: Sounds, place: Path, printed: Decoded, seconds: float
) -> None:
    filters = [ac.FileFilter(**bounds) for bounds in BOUNDS]
    more: dict[str, Any] = {"seconds": seconds}
    fresh = [duplicates(alike.folder, False, files=files, **more) for files in filters]
    assert fresh[0][0]
    assert len({repr(one) for one in fresh}) == len(fresh)
    for order in ([0, 1, 2], [2, 1, 0], [1, 2, 0]):
        own = f"{place}-{order}"
        for n in order + order:
            assert duplicates(alike.folder, own, files=filters[n], **more) == fresh[n]
        printed.clear()
        for n in order:
            assert duplicates(alike.folder, own, files=filters[n], **more) == fresh[n]
        # With bounds the whole is decoded, and one that cannot be is tried again.
        assert set(printed.taken()) <= {"none.wav"}


def test_other_lengths_are_other_fingerprints_and_no_rows_of_features(
    alike: Sounds, place: Path, printed: Decoded, decoded: Decoded
) -> None:
    for seconds in (2.0, 3.0):
        duplicates(alike.folder, place, seconds=seconds)
        assert len(printed.taken()) == alike.n
    extract(alike.folder, cache=place)
    assert len(decoded.taken()) == alike.n
    assert upkeep.info(CacheSettings.checked(place)).n_settings == 3
    for seconds in (2.0, 3.0):
        duplicates(alike.folder, place, seconds=seconds)
    extract(alike.folder, cache=place)
    assert printed.taken() == decoded.taken() == []
    assert upkeep.prune(CacheSettings.checked(place))[0] == 0


def test_failures_are_tried_again_when_asked(
    alike: Sounds, place: Path, printed: Decoded
) -> None:
    first = duplicates(alike.folder, place)
    printed.clear()
    assert duplicates(alike.folder, place, retry=True) == first
    assert printed.taken() == ["nan.wav", "none.wav"]


def test_a_result_finds_its_duplicates_in_the_cache(
    alike: Sounds, place: Path, printed: Decoded
) -> None:
    result = ac.cluster(alike.folder, 2, cache=False, n_jobs=1)
    first = result.duplicates(cache=place, n_jobs=1)
    assert printed.taken()
    assert told(result.duplicates(cache=place, n_jobs=1)) == told(first)
    assert printed.taken() == []
