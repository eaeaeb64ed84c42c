"""Which files a search uses: patterns, ignore files, hidden names, lengths."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import soundfile
from support.sounds import tone

import audioclust as ac
from audioclust.audio.choosing import searching
from audioclust.audio.sources import scan


def touch(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")


def found(folder: Path, **asked: object) -> list[str]:
    recordings = scan(folder, files=ac.FileFilter(**asked)).recordings  # type: ignore[arg-type]
    return [os.path.relpath(recording.path, folder) for recording in recordings]


def test_include_narrows_what_is_found(tmp_path: Path) -> None:
    touch(tmp_path, "a.wav", "b.mp3", "x/a.wav", "x/b.mp3", "x/live/a.wav", "notes.txt")
    assert found(tmp_path, include="*.wav") == ["a.wav", "x/a.wav", "x/live/a.wav"]
    assert found(tmp_path, include="/*.wav") == ["a.wav"]
    assert found(tmp_path, include="x/") == ["x/a.wav", "x/b.mp3", "x/live/a.wav"]
    assert found(tmp_path, include=["x/", "!*.mp3"]) == ["x/a.wav", "x/live/a.wav"]
    assert found(tmp_path, include="x/live") == ["x/live/a.wav"]
    assert found(tmp_path, include=["*.txt", "b*"]) == ["b.mp3", "x/b.mp3"]


def test_exclude_wins_over_include_and_leaves_out_whole_folders(tmp_path: Path) -> None:
    touch(tmp_path, "a.wav", "x/a.wav", "x/live/a.wav", "live.wav")
    assert found(tmp_path, exclude="live/") == ["a.wav", "live.wav", "x/a.wav"]
    assert found(tmp_path, exclude=["live*"], include="x/") == ["x/a.wav"]
    assert found(tmp_path, exclude=["*", "!/a.wav"]) == ["a.wav"]


def test_patterns_that_leave_nothing_are_named_in_the_error(tmp_path: Path) -> None:
    touch(tmp_path, "a.wav", "x/b.mp3", ".hidden.wav")
    words = (
        "no sounds are left in .*: include, exclude or .audioclustignore leave out all 2 sounds"
    )
    for asked in ({"include": f"{tmp_path.name}/x/"}, {"exclude": "*"}):
        with pytest.raises(ac.NoAudioError, match=words):
            found(tmp_path, **asked)
    (tmp_path / ".audioclustignore").write_text("*")
    with pytest.raises(ac.NoAudioError, match=words):
        found(tmp_path)


def test_case_is_told_apart(tmp_path: Path) -> None:
    touch(tmp_path, "a.WAV", "b.wav")
    assert found(tmp_path, exclude="*.WAV") == ["b.wav"]
    assert found(tmp_path, include="*.[wW][aA][vV]") == ["a.WAV", "b.wav"]


def test_hidden_names_are_searched_on_demand(tmp_path: Path) -> None:
    touch(tmp_path, ".a.wav", ".git/b.wav", "c.wav")
    assert found(tmp_path) == ["c.wav"]
    assert found(tmp_path, hidden=True) == [".a.wav", ".git/b.wav", "c.wav"]
    pattern = tmp_path / "**" / "*.wav"
    assert len(scan(pattern).recordings) == 1
    assert len(scan(pattern, files=ac.FileFilter(hidden=True)).recordings) == 3


def test_files_that_are_named_are_used_whatever_their_name(tmp_path: Path) -> None:
    touch(tmp_path, "a.wav", "b.wav")
    (tmp_path / ".audioclustignore").write_text("*\n")
    files = ac.FileFilter(exclude="*.wav")
    assert [r.path for r in scan(tmp_path / "a.wav", files=files).recordings]
    assert len(scan(tmp_path / "*.wav", files=files).recordings) == 2
    with pytest.raises(ac.NoAudioError):
        scan(tmp_path, files=files)


def test_an_ignore_file_holds_below_its_folder_unless_told_not_to(tmp_path: Path) -> None:
    touch(tmp_path, "x/a.wav", "x/y/a.wav", "x/y/b.wav", "z/a.wav")
    (tmp_path / "x" / ".audioclustignore").write_text("# comment\n\na.wav\n")
    (tmp_path / "x" / "y" / ".audioclustignore").write_text("!/a.wav\r\nb.wav\r\n")
    assert found(tmp_path) == ["x/y/a.wav", "z/a.wav"]
    assert len(found(tmp_path, ignore_files=False)) == 4


@pytest.mark.skipif(os.name == "nt", reason="names are bytes on Unix")
def test_names_that_are_not_utf_8_fit_the_same_bytes(tmp_path: Path) -> None:
    names = [
        b"caf\xe9.wav",
        b"cafe.wav",
        b"\n.wav",
        "\u202egnp.wav".encode(),
        b"x" * 251 + b".wav",
    ]
    for name in names:
        Path(os.fsdecode(os.path.join(os.fsencode(tmp_path), name))).write_bytes(b"")
    assert len(found(tmp_path)) == 5
    (tmp_path / ".audioclustignore").write_bytes(b"\xef\xbb\xbfcaf\xe9.*\nx*x.wav\n?.wav\n")
    assert found(tmp_path) == ["cafe.wav", "\u202egnp.wav"]
    assert len(found(tmp_path, ignore_files=False, exclude="caf\udce9*")) == 4


def errors_with(tmp_path: Path, content: bytes) -> list[ac.ItemError]:
    touch(tmp_path, "a.wav", "b.wav")
    (tmp_path / ".audioclustignore").write_bytes(content)
    result = scan(tmp_path)
    assert len(result.recordings) == 1 + (b"a.wav" not in content)
    return result.errors


def test_lines_of_an_ignore_file_that_are_no_patterns_are_named(tmp_path: Path) -> None:
    assert errors_with(tmp_path, b"a.wav\n") == []
    (error,) = errors_with(
        tmp_path, b"a.wav\n!!\na/**/b/**/c/**/d/**/e\n" + b"x" * 5000 + b"\n"
    )
    assert error.path == str(tmp_path / ".audioclustignore")
    assert error.kind == "unreadable"
    assert (
        "line 3: it has more than 3 parts **; line 4: it has 5000 characters" in error.message
    )


def test_an_ignore_file_that_cannot_be_used_is_an_error_and_the_search_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (error,) = errors_with(tmp_path, "b.wav\n".encode("utf-16"))
    assert "line 1: it has zero bytes, as text in UTF-16 has" in error.message
    monkeypatch.setattr(searching, "MAX_BYTES", 10)
    (error,) = errors_with(tmp_path, b"b.wav\n" * 3)
    assert "more than 10 bytes" in error.message


@pytest.mark.skipif(os.name == "nt", reason="needs symbolic links and FIFOs")
def test_an_ignore_file_that_is_no_file_is_an_error(tmp_path: Path) -> None:
    for kind in ("folder", "pipe", "lost link"):
        touch(tmp_path / kind, "a.wav")
        place = tmp_path / kind / ".audioclustignore"
        if kind == "folder":
            place.mkdir()
        elif kind == "pipe":
            os.mkfifo(place)
        else:
            place.symlink_to("nowhere")
        result = scan(tmp_path / kind)
        assert len(result.recordings) == 1
        (error,) = result.errors
        assert "the ignore file cannot be read" in error.message


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"include": ""}, "include=''"),
        ({"exclude": ["a", 3]}, "exclude=3"),
        ({"exclude": "#a"}, r"expected '\\#a'"),
        ({"exclude": "a\0b"}, "zero bytes"),
        ({"include": 5}, "include=5"),
        ({"min_duration": 0}, "min_duration=0"),
        ({"min_duration": 3, "max_duration": 2}, "min_duration=3: expected at most"),
        ({"hidden": 1}, "hidden=1"),
    ],
)
def test_invalid_values_are_refused(asked: dict[str, object], words: str) -> None:
    with pytest.raises(ac.ParameterError, match=words):
        ac.FileFilter(**asked)  # type: ignore[arg-type]


SOUNDS = {f"{seconds}": (tone(seconds), 22050) for seconds in (0.5, 1.0, 2.0, 3.0)}


def test_recordings_outside_the_bounds_are_left_out_and_no_errors() -> None:
    files = ac.FileFilter(min_duration=1.0, max_duration=2.0)
    table = ac.extract(SOUNDS, features="rms", files=files, n_jobs=1)
    assert [item.path for item in table.items] == ["1.0", "2.0"]
    assert table.left_out == (("0.5", "too short"), ("3.0", "too long"))
    assert table.errors == ()
    rest = ac.extract(SOUNDS, features="rms", n_jobs=1)
    assert rest.left_out == ()
    np.testing.assert_array_equal(table.values, rest.values[1:3])


def test_the_whole_recording_counts_whichever_part_is_used() -> None:
    files = ac.FileFilter(min_duration=1.0, max_duration=2.0)
    part = {"offset": 0.25, "duration": 0.25, "features": "rms", "n_jobs": 1}
    table = ac.extract(SOUNDS, files=files, **part)  # type: ignore[arg-type]
    assert [item.path for item in table.items] == ["1.0", "2.0"]
    # A duration is rounded down to whole frames.
    assert [item.end for item in table.items] == pytest.approx([0.5, 0.5], abs=1 / 22050)
    for prepared in (ac.Preparation(excerpt=0.2), ac.Preparation(normalize="rms", trim=30.0)):
        table = ac.extract(SOUNDS, files=files, preparation=prepared, n_jobs=1)
        assert [item.path for item in table.items] == ["1.0", "2.0"]


def test_a_recording_that_is_too_long_is_decoded_up_to_the_bound_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "long.wav"
    soundfile.write(path, np.tile(tone(10.0), 12), 22050)
    soundfile.write(tmp_path / "short.wav", tone(1.0), 22050)
    from audioclust.extraction import one_recording

    counted = []

    def count(stop: object, n_frames: int, sr: int) -> None:
        counted.append(n_frames / sr)

    monkeypatch.setattr(one_recording, "count_decoded", count)
    files = ac.FileFilter(max_duration=5.0)
    table = ac.extract(tmp_path, features="rms", files=files, n_jobs=1)
    assert len(table) == 1
    # A block has 65,536 frames, which are 3 s here.
    assert sum(counted) < 1 + 5 + 3 + 0.1


def test_all_left_out_is_an_error_of_its_own() -> None:
    with pytest.raises(ac.NoAudioError, match="all 4 sounds are too short or too long"):
        ac.extract(SOUNDS, files=ac.FileFilter(min_duration=100), n_jobs=1)
    silent = {"nothing": (np.zeros(0, np.float32), 22050), **SOUNDS}
    with pytest.raises(ac.NothingExtractedError):
        ac.extract(silent, files=ac.FileFilter(min_duration=100), n_jobs=1)


def test_clusters_are_of_the_files_that_are_chosen() -> None:
    result = ac.cluster(SOUNDS, 2, files=ac.FileFilter(min_duration=1.0), n_jobs=1)
    assert result.paths == ("1.0", "2.0", "3.0")
    with pytest.raises(ac.ParameterError, match="files="):
        ac.cluster(result.table, 2, files=ac.FileFilter(min_duration=1.0))
    with pytest.raises(ac.ParameterError, match="files='x'"):
        ac.cluster(SOUNDS, 2, files="x")  # type: ignore[call-overload]


def test_what_was_left_out_is_kept_in_files(tmp_path: Path) -> None:
    table = ac.extract(SOUNDS, features="rms", files=ac.FileFilter(min_duration=1), n_jobs=1)
    table.save(tmp_path / "t.features")
    assert ac.FeatureTable.load(tmp_path / "t.features") == table
