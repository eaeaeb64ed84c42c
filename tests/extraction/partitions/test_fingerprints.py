"""Fingerprints of parts: they differ if a table could, and only then."""

from __future__ import annotations

import io
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import fsspec
import numpy as np
import pytest
from support.web import web

import audioclust as ac
from audioclust.audio.decoding.limits import Limits
from audioclust.audio.recording import FileStatus, Recording
from audioclust.audio.remote.searching import remote_status
from audioclust.audio.sources import Scan, scan
from audioclust.extraction.cache import keys
from audioclust.extraction.partitions.fingerprints import Fingerprint, fingerprint, hashed
from audioclust.extraction.settings import ExtractionSettings

SETTINGS = ExtractionSettings.checked(features="rms")


@pytest.fixture
def part(library: list[str], tmp_path: Path) -> Scan:
    for place in range(3):
        (tmp_path / f"{place}.wav").write_bytes(Path(library[place]).read_bytes())
    return scan(str(tmp_path))


def of(part: Scan, settings: ExtractionSettings = SETTINGS, number: int = 0) -> Fingerprint:
    text = fingerprint(part, settings, number, 4)
    assert re.fullmatch("[0-9a-f-]+", text)
    parsed = Fingerprint.of_text(text)
    assert str(parsed) == text
    return parsed


def differing(one: Fingerprint, other: Fingerprint) -> set[str]:
    return {name for name in one._fields if getattr(one, name) != getattr(other, name)}


def test_the_same_part_has_the_same_fingerprint(part: Scan, tmp_path: Path) -> None:
    assert of(part) == of(scan(str(tmp_path)))
    # A search knows the state of files, and a path that was typed does not.
    named = scan([str(tmp_path / f"{place}.wav") for place in range(3)])
    assert [one.status for one in named.recordings] == [None] * 3
    assert None not in [one.status for one in part.recordings]
    assert of(part) == of(named)


def test_what_changes_in_files_changes_their_state_alone(part: Scan, tmp_path: Path) -> None:
    before = of(part)
    os.utime(tmp_path / "1.wav", ns=(1, 1))
    touched = of(scan(str(tmp_path)))
    assert differing(before, touched) == {"state"}
    with (tmp_path / "1.wav").open("ab") as file:
        file.write(b"0")
    os.utime(tmp_path / "1.wav", ns=(1, 1))
    assert differing(touched, of(scan(str(tmp_path)))) == {"state"}
    (tmp_path / "1.wav").unlink()
    lost = Scan([replace(one, status=None) for one in part.recordings], [], part.files)
    assert differing(before, of(lost)) == {"state"}


@pytest.mark.parametrize(
    "changed",
    [
        {"features": "mfcc"},
        {"features": "rms", "stats": ["max"]},
        {"features": "rms", "analysis": ac.Analysis(hop_length=256)},
        {"features": "rms", "preparation": ac.Preparation(trim=30)},
        {"features": "rms", "offset": 1.0},
        {"features": "rms", "descriptors": True},
        {"features": ["rms", ac.Embedding("mean", np.mean, 8000, "1")]},
    ],
)
def test_other_settings_change_that_of_settings_alone(
    part: Scan, changed: dict[str, Any]
) -> None:
    other = ExtractionSettings.checked(**changed)
    assert differing(of(part), of(part, other)) == {"settings"}


def test_bounds_and_limits_belong_to_the_settings(part: Scan) -> None:
    bounded = replace(part, files=ac.FileFilter(min_duration=1))
    assert differing(of(part), of(bounded)) == {"settings"}
    limited = [replace(one, limits=Limits(seconds=9)) for one in part.recordings]
    assert differing(of(part), of(replace(part, recordings=limited))) == {"settings"}
    # What found these files does not matter, only that they were found.
    searched = replace(part, files=ac.FileFilter(exclude="*.mp3"))
    assert of(part) == of(searched)


def test_versions_belong_to_the_settings(part: Scan, monkeypatch: pytest.MonkeyPatch) -> None:
    before = of(part)
    with monkeypatch.context() as patch:
        patch.setattr(keys, "READING_VERSION", keys.READING_VERSION + 1)
        assert differing(before, of(part)) == {"settings"}
    with monkeypatch.context() as patch:
        patch.setitem(keys.NATIVE, "symphonia", "9.9")
        assert differing(before, of(part)) == {"settings"}
    assert of(part) == before


def test_other_paths_places_and_numbers_are_other_recordings(
    part: Scan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = of(part)
    assert differing(before, of(part, number=1)) == {"recordings"}
    backwards = replace(part, recordings=part.recordings[::-1])
    assert differing(before, of(backwards)) >= {"recordings"}
    # The table of the same files by other paths has these other paths.
    monkeypatch.chdir(tmp_path)
    assert differing(before, of(scan("."))) == {"recordings"}
    here = of(scan("."))
    (tmp_path / "copy").mkdir()
    for place in range(3):
        os.link(f"{place}.wav", tmp_path / "copy" / f"{place}.wav")
    monkeypatch.chdir(tmp_path / "copy")
    assert differing(here, of(scan("."))) == {"recordings"}


def test_a_state_that_nobody_knows_is_one_as_well(part: Scan) -> None:
    gone = Scan([Recording("s3://bucket/a.wav", folder="/x")])
    assert of(gone) == of(gone)
    known = replace(gone.recordings[0], status=FileStatus(1, 2))
    assert differing(of(gone), of(Scan([known]))) == {"state"}


def test_an_embedding_that_cannot_be_looked_into_is_refused(part: Scan) -> None:
    class Holder:
        def __init__(self) -> None:
            self.file = io.BytesIO()

        def __call__(self, y: Any, _sr: int) -> Any:
            return y[:2]

    embedding = ac.Embedding("mine", Holder(), 8000, "1")
    settings = ExtractionSettings.checked(features=["rms", embedding])
    with pytest.raises(ac.ParameterError, match="what mine computes cannot be compared"):
        of(part, settings)


def test_lists_of_texts_are_told_apart_by_where_they_end() -> None:
    lists: list[list[str | bytes]] = [[], [""], ["", ""], ["ab"], ["a", "b"], ["", "ab"]]
    assert len({hashed(values) for values in lists}) == len(lists)
    assert hashed(["é", "\udce9"]) == hashed(["é".encode(), b"\xed\xb3\xa9"])


def test_files_elsewhere_are_asked_for_their_state(part: Scan) -> None:
    sound = Path(part.recordings[0].file).read_bytes()
    with web(files={f"/{n}.wav": sound for n in range(20)}) as server:
        elsewhere = scan([f"{server.address}/{n}.wav" for n in range(20)])
        assert [one.status for one in elsewhere.recordings] == [None] * 20
        before = of(elsewhere)
        assert of(elsewhere) == before
        server.tags["/3.wav"] = '"another"'
        tagged = of(elsewhere)
        assert differing(before, tagged) == {"state"}
        server.tags["/3.wav"] = '"a third"'
        assert differing(tagged, of(elsewhere)) == {"state"}
        server.tags.clear()
        assert of(elsewhere) == before
        server.files["/19.wav"] += b"0"
        assert differing(before, of(elsewhere)) == {"state"}


def test_a_file_elsewhere_has_one_state_however_it_is_named() -> None:
    files = fsspec.filesystem("memory")
    for n in range(2):
        files.pipe(f"/states/{n}.wav", b"RIFF")
    found = scan("memory://states")
    named = scan([f"memory://states/{n}.wav" for n in range(2)])
    assert [one.status for one in named.recordings] == [None] * 2
    assert [remote_status(one) for one in named.recordings] == [
        one.status for one in found.recordings
    ]
    assert of(named) == of(found)
    assert (
        remote_status(scan(["memory://states/0.wav", "memory://x.wav"]).recordings[1]) is None
    )
    files.rm("/states", recursive=True)
