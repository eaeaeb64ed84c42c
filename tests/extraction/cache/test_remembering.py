"""What is remembered of files, and when it is not taken for what it is not."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from support.cached import OLD, Decoded, Sounds, each_of, extract, settled, told, warned
from support.screens import in_screen

import audioclust as ac
from audioclust.audio.recording import FileStatus
from audioclust.extraction.cache import files, keys
from audioclust.extraction.one_recording import OneRecording
from audioclust.utils.values import same


def test_a_second_run_decodes_nothing_and_gives_the_same_to_the_bit(
    sounds: Sounds, place: Path, decoded: Decoded
) -> None:
    undisturbed = extract(sounds.folder, cache=False)
    assert len(decoded.taken()) == sounds.n
    assert len(undisturbed.errors) == 1
    assert [len(item.warnings) > 0 for item in undisturbed.items].count(True) >= 1
    first = extract(sounds.folder, cache=place)
    assert len(decoded.taken()) == sounds.n
    second = extract(sounds.folder, cache=place)
    assert decoded.taken() == []
    assert told(first) == told(second) == told(undisturbed)
    assert same(second, undisturbed)


def test_the_second_run_may_name_the_files_in_another_way_and_order(
    sounds: Sounds, place: Path, decoded: Decoded, monkeypatch: pytest.MonkeyPatch
) -> None:
    extract(sounds.folder, cache=place)
    decoded.clear()
    monkeypatch.chdir(sounds.folder)
    names = [path.name for path in each_of(sounds.folder)][::-1]
    again = extract(names, cache=place)
    assert decoded.taken() == []
    assert told(again) == told(extract(names, cache=False))


def test_one_changed_file_costs_one_file(sounds: Sounds, place: Path, decoded: Decoded) -> None:
    extract(sounds.folder, cache=place)
    decoded.clear()
    # Of the same size, so that its time alone tells.
    y, sr = soundfile.read(sounds.folder / "003.wav")
    soundfile.write(sounds.folder / "003.wav", y[::-1], sr)
    settled(sounds.folder / "003.wav", OLD + 1)
    changed = extract(sounds.folder, cache=place)
    assert decoded.taken() == ["003.wav"]
    assert told(changed) == told(extract(sounds.folder, cache=False))
    decoded.clear()
    extract(sounds.folder, cache=place)
    assert decoded.taken() == []


def test_moved_and_touched_files_are_recognised_and_then_known(
    sounds: Sounds, place: Path, decoded: Decoded, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = extract(sounds.folder, cache=place)
    moved = sounds.folder.with_name("elsewhere")
    sounds.folder.rename(moved)
    settled(moved / "000.wav", OLD + 60)
    decoded.clear()
    after = extract(moved, cache=place)
    # The message of an error may have the path in it, so a failure is tried at its new place.
    assert decoded.taken() == ["none.wav"]
    assert told(after, moved) == told(before, sounds.folder)
    hashed: list[str] = []
    monkeypatch.setattr("audioclust.extraction.cache.files.digest_of", hashed.append)
    extract(moved, cache=place)
    assert decoded.taken() == hashed == []


def test_a_touched_file_keeps_what_is_known_with_other_settings(
    sounds: Sounds, place: Path, decoded: Decoded
) -> None:
    for features in ("rms", "mfcc"):
        extract(sounds.folder, features=features, cache=place)
    for path in each_of(sounds.folder):
        settled(path, OLD + 60)
    decoded.clear()
    for features in ("rms", "mfcc"):
        extract(sounds.folder, features=features, cache=place)
        assert decoded.taken() == []


def test_a_file_with_another_suffix_is_another_file(
    sounds: Sounds, place: Path, decoded: Decoded
) -> None:
    path = sounds.folder / "001.wav"
    extract(path, cache=place)
    other = settled(Path(shutil.copy(path, path.with_suffix(".WAV"))))
    third = settled(Path(shutil.copy(path, path.with_suffix(".aif"))))
    decoded.clear()
    extract([other, third], cache=place)
    assert decoded.taken() == ["001.aif"]


def test_a_file_of_the_same_size_and_other_contents_is_another_file(
    sounds: Sounds, place: Path, decoded: Decoded
) -> None:
    rng = np.random.default_rng(1)
    extract(sounds.write("a.wav", rng.uniform(-1, 1, 5000)), cache=place)
    new = sounds.write("b.wav", rng.uniform(-1, 1, 5000))
    decoded.clear()
    assert told(extract(new, cache=place)) == told(extract(new, cache=False))
    assert decoded.taken() == ["b.wav", "b.wav"]


def test_a_file_that_was_just_written_is_looked_into_once_more(
    sounds: Sounds, place: Path, decoded: Decoded
) -> None:
    # Within one step of the file system's clock, a second write leaves size and time as they
    # are. Here the time is put back to make it so.
    rng = np.random.default_rng(1)
    path = sounds.write("new.wav", rng.uniform(-1, 1, 5000))
    os.utime(path)
    status = path.stat()
    extract(path, cache=place)
    sounds.write("new.wav", rng.uniform(-1, 1, 5000))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert path.stat().st_size == status.st_size
    decoded.clear()
    again = extract(path, cache=place)
    assert decoded.taken() == ["new.wav"]
    assert told(again) == told(extract(path, cache=False))


def test_times_are_settled_two_seconds_later() -> None:
    second = 1_000_000_000
    now = 100 * second
    for age, expected in ((0, False), (2, False), (3, True), (-5, False), (100, False)):
        status = FileStatus(1, now - age * second)
        assert files.is_settled(status, now) == expected, age


def test_a_file_that_changes_while_it_is_read_leaves_no_row(
    sounds: Sounds, place: Path, monkeypatch: pytest.MonkeyPatch, decoded: Decoded
) -> None:
    path = sounds.folder / "002.wav"
    compute = OneRecording.compute

    def meddled(self: OneRecording, recording: Any, stop: Any) -> Any:
        row = compute(self, recording, stop)
        soundfile.write(path, np.ones(7000), 8000)
        settled(path, OLD + 2)
        return row

    with monkeypatch.context() as patch:
        patch.setattr(OneRecording, "compute", meddled)
        extract(path, cache=place)
    decoded.clear()
    after = extract(path, cache=place)
    assert decoded.taken() == ["002.wav"]
    assert told(after) == told(extract(path, cache=False))


def test_failures_are_remembered_until_they_are_to_be_retried(
    sounds: Sounds, place: Path, decoded: Decoded
) -> None:
    first = extract(sounds.folder, cache=place)
    decoded.clear()
    assert extract(sounds.folder, cache=place).errors == first.errors
    assert decoded.taken() == []
    assert extract(sounds.folder, cache=place, retry=True).errors == first.errors
    assert decoded.taken() == ["none.wav"]


def test_what_fails_for_reasons_that_may_pass_is_not_remembered(
    sounds: Sounds, place: Path, decoded: Decoded, monkeypatch: pytest.MonkeyPatch
) -> None:
    def exhausted(*_: object) -> None:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(OneRecording, "compute", exhausted)
        with pytest.raises(ac.NothingExtractedError):
            extract(sounds.folder, cache=place)
    calls: list[float] = []

    def failing(y: np.ndarray, sr: int) -> list[float]:
        calls.append(sr)
        if len(calls) == 1:
            raise ConnectionError
        return [1.0]

    extract(sounds.folder, cache=place)
    assert len(decoded.taken()) == sounds.n
    embedding = ac.Embedding("e", failing, sr=8000, version="1")
    assert len(extract(sounds.folder, features=embedding, cache=place).errors) == 2
    assert len(extract(sounds.folder, features=embedding, cache=place).errors) == 1


def test_all_failing_is_the_same_error_again(sounds: Sounds, place: Path) -> None:
    told_of = []
    for _ in range(2):
        with pytest.raises(ac.NothingExtractedError) as raised:
            extract(sounds.folder / "none.wav", cache=place)
        told_of.append(raised.value.errors)
    assert told_of[0] == told_of[1]


@pytest.mark.parametrize(
    "other",
    [
        {"features": "rms"},
        {"stats": "mean"},
        {"analysis": ac.Analysis(sr=16_000)},
        {"offset": 0.1},
        {"preparation": ac.Preparation(normalize="peak")},
        {"limits": ac.Limits(seconds=0.2)},
        {"limits": ac.Limits(work=3)},
    ],
    ids=str,
)
def test_other_settings_do_not_mix(
    sounds: Sounds, place: Path, decoded: Decoded, other: dict[str, Any]
) -> None:
    extract(sounds.folder, cache=place)
    decoded.clear()
    table = extract(sounds.folder, cache=place, **other)
    assert len(decoded.taken()) == sounds.n
    expected = told(extract(sounds.folder, cache=False, **other))
    decoded.clear()
    assert told(table) == told(extract(sounds.folder, cache=place, **other)) == expected
    assert decoded.taken() == []


def test_an_own_rate_for_all_is_checked_among_what_is_remembered_too(
    sounds: Sounds, place: Path
) -> None:
    own: dict[str, Any] = {"analysis": ac.Analysis(sr=None), "features": "rms"}
    other = settled_at(sounds, 16_000)
    extract(sounds.folder / "000.wav", **own, cache=place)
    extract(other, **own, cache=place)
    for _ in range(2):
        table = extract(sounds.folder / "000.wav", **own, cache=place)
        assert table.sr == 8000
        with pytest.raises(ac.ParameterError, match="expected one rate throughout"):
            extract([sounds.folder / "000.wav", other], **own, cache=place)


def settled_at(sounds: Sounds, sr: int) -> Path:
    path = sounds.folder.with_name(f"{sr}.wav")
    soundfile.write(path, np.random.default_rng(0).uniform(-0.1, 0.1, 9000), sr)
    return settled(path)


def test_embeddings_are_told_apart_by_version_and_by_code(
    sounds: Sounds, place: Path, decoded: Decoded
) -> None:
    def mean(power: int) -> Any:
        return lambda y, _sr: [np.mean(y**power), 1.0]

    def embedding(function: Any, version: str = "1") -> ac.Embedding:
        return ac.Embedding("e", function, sr=8000, version=version)

    others = [
        embedding(mean(2)),
        embedding(mean(3)),
        embedding(mean(2), "2"),
        embedding(lambda y, _sr: [np.mean(y), 2.0]),
    ]
    for one in others:
        expected = told(extract(sounds.folder, features=one, cache=False))
        decoded.clear()
        assert told(extract(sounds.folder, features=one, cache=place)) == expected
        assert len(decoded.taken()) == sounds.n
    for one in others:
        again = extract(sounds.folder, features=one, cache=place)
        assert decoded.taken() == []
        assert told(again) == told(extract(sounds.folder, features=one, cache=False))
        decoded.clear()
    same_code = embedding(mean(2))
    extract(sounds.folder, features=["rms", same_code], cache=place)
    assert len(decoded.taken()) == sounds.n


def test_a_vector_of_another_size_is_not_taken(
    sounds: Sounds, place: Path, decoded: Decoded
) -> None:
    sizes = iter([3, 3, 3, 3, 3, 3, 3, 2, 3])

    def odd(y: np.ndarray, sr: int) -> np.ndarray:
        return np.full(next(sizes), np.abs(y).max())

    embedding = ac.Embedding("e", odd, sr=8000, version="1")
    for path in each_of(sounds.folder):
        if path.name not in ("none.wav", "cut.wav"):
            extract(path, features=embedding, cache=place)
    decoded.clear()
    held = ac.Embedding("e", odd, sr=8000, version="1", size=2)
    table = extract([sounds.folder / "000.wav", sounds.folder / "001.wav"],
                    features=held, cache=place)  # fmt: skip
    assert decoded.taken() == ["000.wav", "001.wav"]
    assert [len(table), len(table.errors)] == [1, 1]


def test_predict_takes_the_rows_that_clustering_left(
    sounds: Sounds, place: Path, decoded: Decoded
) -> None:
    embedding = ac.Embedding("e", lambda y, _sr: [np.mean(y**2)], sr=8000, version="1")
    result = ac.cluster(sounds.folder, 2, features=["rms", embedding], cache=place, n_jobs=1)
    decoded.clear()
    predicted = result.predict(sounds.folder, cache=place)
    assert decoded.taken() == []
    assert predicted == result.predict(sounds.folder, cache=False)


def test_a_new_decoder_is_asked_for_what_it_may_do_better(
    sounds: Sounds, place: Path, decoded: Decoded, monkeypatch: pytest.MonkeyPatch
) -> None:
    def with_versions(**other: str) -> None:
        monkeypatch.setattr(keys, "_version_of", lambda name: other.get(name, "1"))
        extract(sounds.folder, cache=place)

    with_versions()
    assert len(decoded.taken()) == sounds.n
    with_versions(FFmpeg="2")
    # What could be read to its end needs no other decoder.
    assert decoded.taken() == ["cut.wav", "none.wav"]
    with_versions(FFmpeg="2", libsndfile="2")
    assert len(decoded.taken()) == sounds.n


def test_audio_in_memory_is_never_kept(place: Path, decoded: Decoded) -> None:
    memory = {"a": (np.ones(4000, np.float32), 8000)}
    for _ in range(2):
        extract(memory, cache=place)
        assert decoded.taken() == ["a"]
    assert not place.exists()


ODD_NAMES = [
    b"\xff\xfe not UTF-8.wav",
    b"two\nlines\tand 'quotes\".wav",
    "\u202eright to left.wav".encode(),
    b"x" * 251 + b".wav",
    b"-.wav",
]


def test_any_name_is_remembered(sounds: Sounds, place: Path, decoded: Decoded) -> None:
    data = (sounds.folder / "000.wav").read_bytes()
    folder = sounds.folder.with_name("odd")
    folder.mkdir()
    for number, name in enumerate(ODD_NAMES):
        path = os.path.join(os.fsencode(folder), name)
        with open(path, "wb") as file:
            file.write(data[: len(data) - 2 * number])
        os.utime(path, (OLD, OLD))
    first = extract(folder, cache=place)
    assert len(first) == len(decoded.taken()) == len(ODD_NAMES)
    assert told(extract(folder, cache=place)) == told(first)
    assert decoded.taken() == []


def test_progress_counts_all_files_and_what_became_of_them(
    sounds: Sounds, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    calls: list[tuple[int, int]] = []
    extract(sounds.folder, cache=place, progress=lambda *call: calls.append(call))
    assert calls == [(done, sounds.n) for done in range(1, sounds.n + 1)]
    calls.clear()
    sounds.write("new.wav", np.ones(20_000))
    extract(sounds.folder, cache=place, progress=lambda *call: calls.append(call))
    assert calls == [(sounds.n, sounds.n + 1), (sounds.n + 1, sounds.n + 1)]
    sounds.write("new.wav", np.zeros(30_000))
    extract(sounds.folder, cache=place, progress=True)
    last = capsys.readouterr().err.splitlines()[-1]
    assert "9/9 files, 7 remembered, 1 computed, 1 failed before, " in last
    (sounds.folder / "new.wav").unlink()
    extract(sounds.folder, cache=place, progress=True, retry=True)
    last = capsys.readouterr().err.splitlines()[-1]
    assert "8/8 files, 7 remembered, 1 failed, " in last
    settled(sounds.folder / "none.wav", OLD + 10)  # It is the same as before.
    sounds.write_bytes("other.wav", b"RIFF, and nothing of it is sound")
    extract(sounds.folder, cache=place, progress=True)
    last = capsys.readouterr().err.splitlines()[-1]
    assert "9/9 files, 7 remembered, 1 failed before, 1 failed, " in last


@pytest.mark.parametrize("width", [70, 130])
def test_a_terminal_shows_what_became_of_files_where_there_is_room(
    sounds: Sounds, place: Path, width: int
) -> None:
    extract(sounds.folder, cache=place)
    sounds.write("new.wav", np.ones(20_000))
    code = "import audioclust, sys; audioclust.extract(sys.argv[1], cache=sys.argv[2])"
    command = [sys.executable, "-c", code, str(sounds.folder), str(place)]
    sent = in_screen(command, width).sent.decode()
    assert "8/9 files" in sent
    assert "9/9 files" in sent
    parts = (
        "8/9 files (7 remembered, 1 failed before)",
        "(7 remembered, 1 computed, 1 failed before)",
    )
    assert [part in sent for part in parts] == [width == 130] * 2


def test_wrong_arguments_are_named(sounds: Sounds) -> None:
    with pytest.raises(ac.ParameterError, match=r"cache=3: expected True, False or the path"):
        extract(sounds.folder, cache=3)  # type: ignore[arg-type]
    with pytest.raises(ac.ParameterError, match="retry=1: expected True or False"):
        extract(sounds.folder, retry=1)  # type: ignore[arg-type]


def test_the_environment_names_the_usual_place(
    sounds: Sounds, place: Path, decoded: Decoded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUDIOCLUST_CACHE", str(place))
    extract(sounds.folder)
    decoded.clear()
    extract(sounds.folder)
    assert decoded.taken() == []
    monkeypatch.setenv("AUDIOCLUST_CACHE", "off")
    extract(sounds.folder)
    assert len(decoded.taken()) == sounds.n
    monkeypatch.delenv("AUDIOCLUST_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(place.parent / "usual"))
    monkeypatch.setenv("HOME", str(place.parent / "home"))
    assert warned(sounds.folder, True)[1] == []
    decoded.clear()
    assert warned(sounds.folder, True)[1] == []
    assert decoded.taken() == []
