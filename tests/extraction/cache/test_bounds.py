"""What is remembered of files where their length matters, and of what sounds are like."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from support.cached import Decoded, Sounds, extract, settled, told

import audioclust as ac

PEAK = ac.Embedding("peak", lambda y, _sr: [abs(y).max()], sr=8000, version="1")


def all_of(table: ac.FeatureTable) -> tuple[object, ...]:
    described = None if table.descriptors is None else table.descriptors.values.tobytes()
    return (*told(table), table.left_out, described)


@pytest.mark.parametrize(
    "preparation", [None, ac.Preparation(trim=20), ac.Preparation(excerpt=0.3)]
)
def test_lengths_that_were_kept_decide_what_is_left_out(
    sounds: Sounds, place: Path, decoded: Decoded, preparation: ac.Preparation | None
) -> None:
    extract(sounds.folder, cache=place, preparation=preparation)
    decoded.clear()
    # The sounds have 4,000 samples and more at 8 kHz.
    for least, most in ((0.52, None), (None, 0.53), (0.51, None)):
        files = ac.FileFilter(min_duration=least, max_duration=most)
        kept = extract(sounds.folder, cache=place, files=files, preparation=preparation)
        assert decoded.taken() == []
        assert len(kept.left_out) >= 1
        anew = extract(sounds.folder, cache=False, files=files, preparation=preparation)
        assert all_of(kept) == all_of(anew)
        decoded.clear()


def test_what_was_left_out_is_remembered_as_far_as_it_was_decoded(
    sounds: Sounds, place: Path, decoded: Decoded
) -> None:
    rng = np.random.default_rng(0)
    sounds.write("long.wav", rng.uniform(-0.5, 0.5, 16_000 * 60))
    three = ac.FileFilter(max_duration=3)
    first = extract(sounds.folder, cache=place, files=three)
    assert [one.reason for one in first.left_out] == ["too long"]
    decoded.clear()
    assert all_of(extract(sounds.folder, cache=place, files=three)) == all_of(first)
    assert decoded.taken() == []
    # It is longer than two seconds as well, and may be longer or shorter than a hundred.
    extract(sounds.folder, cache=place, files=ac.FileFilter(max_duration=2))
    assert decoded.taken() == []
    for files in (ac.FileFilter(max_duration=200), None):
        table = extract(sounds.folder, cache=place, files=files)
        assert decoded.taken() == (["long.wav"] if files else [])
        assert len(table.items) == len(first.items) + 1
        assert all_of(table) == all_of(extract(sounds.folder, cache=False, files=files))
        decoded.clear()


def test_a_part_says_nothing_of_the_length_of_the_whole(
    sounds: Sounds, place: Path, decoded: Decoded
) -> None:
    part: dict[str, Any] = {"offset": 0.1, "duration": 0.2}
    extract(sounds.folder, cache=place, **part)
    decoded.clear()
    files = ac.FileFilter(min_duration=0.52)
    bounded = extract(sounds.folder, cache=place, files=files, **part)
    assert len(bounded.left_out) >= 1
    assert all_of(bounded) == all_of(extract(sounds.folder, cache=False, files=files, **part))


def test_descriptors_are_remembered(sounds: Sounds, place: Path, decoded: Decoded) -> None:
    first = extract(sounds.folder, cache=place, descriptors=True)
    assert len(decoded.taken()) == sounds.n
    second = extract(sounds.folder, cache=place, descriptors=True)
    assert decoded.taken() == []
    assert first.descriptors is not None
    assert all_of(first) == all_of(second)
    # They are not given to those who did not ask, but the row is the same.
    without = extract(sounds.folder, cache=place)
    assert decoded.taken() == []
    assert without.descriptors is None
    assert all_of(without) == all_of(extract(sounds.folder, cache=False))


@pytest.mark.parametrize("part", [{}, {"offset": 0.1, "duration": 0.2}])
@pytest.mark.parametrize(
    "preparation",
    [None, ac.Preparation(trim=20, channels="loudest"), ac.Preparation(excerpt=0.3)],
)
def test_rows_with_and_without_descriptors_serve_each_other(
    of_all_kinds: Sounds,
    place: Path,
    decoded: Decoded,
    preparation: ac.Preparation | None,
    part: dict[str, Any],
) -> None:
    folder = of_all_kinds.folder
    if preparation is not None and preparation.excerpt is not None and part:
        preparation = ac.Preparation(excerpt=0.1)
    more: dict[str, Any] = {"features": ["default", PEAK], "preparation": preparation, **part}
    fresh = {
        asked: outcome(folder, False, descriptors=asked, **more) for asked in (False, True)
    }
    decoded.clear()
    for asked in (False, True, False, True):
        assert outcome(folder, place, descriptors=asked, **more) == fresh[asked]
    # What lacked descriptors was computed once more. Failures are the same with them.
    assert all(decoded.count(name) <= 2 for name in decoded)
    decoded.clear()
    # A run that computes rows anew for its bounds leaves descriptors where they are.
    files = ac.FileFilter(max_duration=5.5)
    outcome(folder, place, files=files, **more)
    decoded.clear()
    assert outcome(folder, place, descriptors=True, **more) == fresh[True]
    assert decoded.taken() == []


def test_predict_knows_rows_that_were_described(
    sounds: Sounds, place: Path, decoded: Decoded
) -> None:
    result = ac.cluster(sounds.folder, 2, descriptors=True, cache=place, n_jobs=1)
    decoded.clear()
    assert result.predict(sounds.folder, cache=place) == result.predict(
        sounds.folder, cache=False
    )
    assert len(decoded.taken()) == sounds.n  # Those of the run without a cache.


BOUNDS: list[dict[str, Any]] = [
    {},
    {"min_duration": 1.5},
    {"min_duration": 8},
    {"max_duration": 2},
    {"max_duration": 5.5},
    {"max_duration": 100},
    {"min_duration": 1, "max_duration": 7},
]
# Where only a part is used, whether the whole can be decoded matters with bounds alone.
NEVER_DECODED = {"none.wav", "empty.wav"}
PARTS: list[dict[str, Any]] = [{}, {"duration": 0.5}, {"offset": 0.1, "duration": 0.2}]


def outcome(folder: Path, cache: object, **more: Any) -> tuple[object, ...]:
    try:
        return all_of(extract(folder, cache=cache, **more))  # type: ignore[arg-type]
    except ac.NothingExtractedError as why:
        return why.errors


@pytest.fixture
def of_all_kinds(sounds: Sounds) -> Sounds:
    rng = np.random.default_rng(1)
    for seconds in (1, 6):
        sounds.write(f"{seconds}.wav", rng.uniform(-0.5, 0.5, 8000 * seconds))
    y = rng.uniform(-0.5, 0.5, 8000 * 6)
    y[8000 * 5] = np.nan
    soundfile.write(sounds.folder / "nan.wav", y, 8000, subtype="FLOAT")
    settled(sounds.folder / "nan.wav")
    sounds.write("short.wav", y[:1])
    sounds.write("empty.wav", y[:0])
    return sounds


@pytest.mark.parametrize("part", PARTS)
def test_any_run_with_bounds_after_any_others_gives_what_a_fresh_one_gives(
    of_all_kinds: Sounds, place: Path, part: dict[str, Any]
) -> None:
    folder = of_all_kinds.folder
    filters = [ac.FileFilter(**bounds) for bounds in BOUNDS]
    fresh = [outcome(folder, False, files=files, **part) for files in filters]
    for seed in range(3):
        order = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(filters)), 2))
        for n in order.tolist():
            kept = outcome(folder, f"{place}-{seed}", files=filters[n], **part)
            assert kept == fresh[n], (BOUNDS[n], order)


def test_a_failure_after_the_bound_is_left_out(
    of_all_kinds: Sounds, place: Path, decoded: Decoded
) -> None:
    folder = of_all_kinds.folder
    assert "nan.wav" in {os.path.basename(e.path) for e in extract(folder, cache=place).errors}
    decoded.clear()
    bounded = extract(folder, cache=place, files=ac.FileFilter(max_duration=2))
    assert "nan.wav" in {os.path.basename(one.path) for one in bounded.left_out}
    # How much of it was decoded until it failed is enough to know.
    assert decoded.taken() == []


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("bounds", BOUNDS[1:])
def test_a_run_with_bounds_is_remembered_and_takes_no_rows_away(
    of_all_kinds: Sounds,
    place: Path,
    decoded: Decoded,
    part: dict[str, Any],
    bounds: dict[str, Any],
) -> None:
    folder = of_all_kinds.folder
    files = ac.FileFilter(**bounds)
    outcome(folder, place, **part)
    outcome(folder, place, files=files, **part)
    decoded.clear()
    for again in (files, None, files):
        outcome(folder, place, files=again, **part)
        assert set(decoded.taken()) <= (NEVER_DECODED if part and again else set())


@pytest.mark.parametrize("part", PARTS)
def test_a_part_is_remembered_though_the_first_run_had_bounds(
    of_all_kinds: Sounds, place: Path, decoded: Decoded, part: dict[str, Any]
) -> None:
    folder = of_all_kinds.folder
    files = ac.FileFilter(min_duration=1.5)
    outcome(folder, place, files=files, **part)
    outcome(folder, place, **part)
    decoded.clear()
    for again in (files, None):
        outcome(folder, place, files=again, **part)
        assert set(decoded.taken()) <= (NEVER_DECODED if part and again else set())
