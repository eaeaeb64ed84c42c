"""What is remembered of files where their length matters, and of what sounds are like."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.cached import Decoded, Sounds, extract, told

import audioclust as ac


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
    # Without them, another row is meant.
    without = extract(sounds.folder, cache=place)
    assert without.descriptors is None
    assert without.values.tobytes() == first.values.tobytes()


def test_predict_knows_rows_that_were_described(
    sounds: Sounds, place: Path, decoded: Decoded
) -> None:
    extract(sounds.folder, cache=place)
    result = ac.cluster(sounds.folder, 2, descriptors=True, cache=False, n_jobs=1)
    decoded.clear()
    assert result.predict(sounds.folder, cache=place) == result.predict(
        sounds.folder, cache=False
    )
