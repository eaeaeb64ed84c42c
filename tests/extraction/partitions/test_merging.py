"""Tables of parts, put together: the table of all recordings at once."""

from __future__ import annotations

import itertools
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

import audioclust as ac
from audioclust.audio.sources import Scan, scan
from audioclust.extraction.batch import BatchSettings
from audioclust.extraction.partitions.cutting import cut, shard
from audioclust.extraction.partitions.merging import joined, merged
from audioclust.extraction.recordings import extract_found, extract_part
from audioclust.extraction.settings import ExtractionSettings

BATCH = BatchSettings()
RMS = ExtractionSettings.checked(features="rms")


def read(table: ac.FeatureTable) -> list[tuple[object, object]]:
    """Give how items were read, which does not make them others."""
    return [(item.decoder, item.warnings) for item in table.items]


def assert_same(made: ac.FeatureTable, whole: ac.FeatureTable) -> None:
    assert made == whole
    assert made.values.tobytes() == whole.values.tobytes()
    assert read(made) == read(whole)
    assert [e.size for e in made.settings.embeddings] == [
        e.size for e in whole.settings.embeddings
    ]


def in_parts(
    parts: list[Scan], settings: ExtractionSettings, found: Scan | None = None
) -> ac.FeatureTable:
    tables = [extract_part(part, settings, BATCH) for part in parts]
    return merged(tables, parts[0].files, found)


@pytest.fixture(scope="module")
def mixed(library: list[str], tmp_path_factory: pytest.TempPathFactory) -> Scan:
    """A scan with files that cannot be used, links that lead to nothing, and short files."""
    folder = tmp_path_factory.mktemp("mixed")
    for place, path in enumerate(library[::4]):
        os.link(path, folder / f"{place:02} {Path(path).name}")
    for name in ("00.wav", "05 x.wav", "09 y.mp3"):
        (folder / name).write_bytes(b"no sound")
    for name in ("03 link.wav", "07 link.wav"):
        (folder / name).symlink_to("nowhere")
    lengths = sorted(item.end for item in ac.extract(str(folder), features="rms").items)
    files = ac.FileFilter(min_duration=lengths[3], max_duration=lengths[-3])
    return scan(str(folder), files=files)


@pytest.fixture(scope="module", params=["rms", "described"])
def whole(
    request: pytest.FixtureRequest, mixed: Scan
) -> tuple[ExtractionSettings, ac.FeatureTable]:
    more: dict[str, Any] = {"descriptors": True} if request.param == "described" else {}
    settings = ExtractionSettings.checked(features="rms", **more)
    table = extract_found(mixed, settings, BATCH)
    # Each kind of outcome is there, so that each has an order that can be wrong.
    assert len(table) > 5
    assert len(table.errors) == 5
    assert len(table.left_out) > 3
    return settings, table


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_parts_of_any_size_merge_to_the_table_of_all(
    size: int, mixed: Scan, whole: tuple[ExtractionSettings, ac.FeatureTable]
) -> None:
    settings, table = whole
    parts = cut(mixed, size)
    assert [one for part in parts for one in part.recordings] == mixed.recordings
    assert {len(part.recordings) for part in parts[:-1]} <= {size}
    assert_same(in_parts(parts, settings), table)


@pytest.mark.parametrize("of", [1, 2, 5, 40])
def test_any_number_of_shards_merges_to_the_table_of_all(
    of: int, mixed: Scan, whole: tuple[ExtractionSettings, ac.FeatureTable]
) -> None:
    settings, table = whole
    parts = [shard(mixed, number, of) for number in range(1, of + 1)]
    assert_same(in_parts(parts, settings), table)


@given(n=st.integers(0, 60), of=st.integers(1, 80))
def test_shards_have_each_recording_once_and_are_as_long_as_each_other(n: int, of: int) -> None:
    sounds = {str(i): (np.zeros(1, np.float32), 8000) for i in range(n)}
    found = scan(sounds) if n else Scan()
    found.errors.append(ac.ItemError("a link", "unreadable", "it leads to nothing"))
    parts = [shard(found, number, of) for number in range(1, of + 1)]
    assert [one for part in parts for one in part.recordings] == found.recordings
    lengths = {len(part.recordings) for part in parts}
    assert max(lengths) - min(lengths) <= 1
    assert [part.errors for part in parts] == [found.errors, *([] for _ in parts[1:])]


def test_a_scan_of_errors_alone_is_one_part() -> None:
    error = ac.ItemError("a link", "unreadable", "it leads to nothing")
    (part,) = cut(Scan(errors=[error]), 10)
    assert part.recordings == []
    assert part.errors == [error]
    with pytest.raises(ac.NothingExtractedError) as why:
        in_parts([part], RMS)
    assert why.value.errors == (error,)


def constant(length: int, level: float = 0.5) -> tuple[np.ndarray[Any, Any], int]:
    return np.full(length, level, np.float32), 8000


def by_length(y: np.ndarray[Any, Any], _sr: int) -> np.ndarray[Any, Any]:
    """Give as many values as the signal has thousands of samples."""
    return np.full(len(y) // 1000, y[0])


def level(y: np.ndarray[Any, Any], _sr: int) -> list[float]:
    return [float(y[0])]


EMBEDDED = ExtractionSettings.checked(
    features=[
        "rms",
        ac.Embedding("sized", by_length, 8000, "1"),
        ac.Embedding("level", level, 8000, "1"),
    ]
)


@hypothesis_settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from([1, 2, 3]), st.integers(0, 4)), min_size=1, max_size=5)
)
def test_vectors_of_several_sizes_are_judged_over_all_parts(
    runs: list[tuple[int, int]],
) -> None:
    # Within a part all sizes are equal; a recording without samples is an error among them.
    sounds: dict[str, Any] = {}
    parts_of: list[int] = []
    for size, n in runs:
        lengths = [size * 1000] * n + [0] + [size * 1000] * n
        for length in lengths:
            sounds[f"{len(sounds)}"] = constant(length)
        parts_of.append(len(lengths))
    found = scan(sounds)
    starts = np.cumsum([0, *parts_of]).tolist()
    parts = [
        Scan(found.recordings[a:b], [], found.files) for a, b in itertools.pairwise(starts)
    ]
    if not any(n for _, n in runs):
        with pytest.raises(ac.NothingExtractedError):
            in_parts(parts, EMBEDDED)
        return
    assert_same(in_parts(parts, EMBEDDED, found), extract_found(found, EMBEDDED, BATCH))


def test_without_the_scan_rows_of_other_sizes_come_after_the_errors_of_their_part() -> None:
    sounds = {"a": constant(2000), "b": constant(0), "c": constant(1000), "d": constant(1000)}
    tables = [extract_part(part, EMBEDDED, BATCH) for part in cut(scan(sounds), 2)]
    made = joined([*tables, *tables[1:]])
    assert [(error.path, error.kind) for error in made.errors] == [
        ("b", "empty"),
        ("a", "embedding"),
    ]


def test_parts_at_different_rates_are_refused_in_the_words_of_a_single_run() -> None:
    settings = ExtractionSettings.checked(features="rms", analysis=ac.Analysis(sr=None))
    y, _ = constant(4000)
    found = scan({"a": (y, 8000), "b": (y, 8000), "c": (y, 16000)})
    with pytest.raises(ac.ParameterError) as of_parts:
        in_parts(cut(found, 1), settings)
    with pytest.raises(ac.ParameterError) as of_all:
        extract_found(found, settings, BATCH)
    assert str(of_parts.value) == str(of_all.value)
    same = scan({"a": (y, 8000), "b": (y, 8000)})
    assert_same(in_parts(cut(same, 1), settings), extract_found(same, settings, BATCH))


def test_parts_that_are_all_left_out_are_no_sounds() -> None:
    files = ac.FileFilter(min_duration=100)
    found = scan({"a": constant(4000), "b": constant(4000)}, files=files)
    with pytest.raises(ac.NoAudioError, match="all 2 sounds are too short.*min_duration=100"):
        in_parts(cut(found, 1), RMS)


def test_real_recordings_in_parts_are_the_table_of_all(data: Path) -> None:
    found = scan(str(data), files=ac.FileFilter(max_duration=20))
    few = Scan(found.recordings[:: max(1, len(found.recordings) // 60)], found.errors)
    settings = ExtractionSettings.checked(features="default", descriptors=True)
    whole = extract_found(few, settings, BATCH)
    for size in (7, 25):
        assert_same(in_parts(cut(few, size), settings), whole)
