"""Files elsewhere, found and read as those of this machine are."""

from __future__ import annotations

import os
import pickle
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import fsspec
import numpy as np
import pytest
import soundfile

import audioclust as ac
from audioclust.audio.decoding.decoders import open_stream
from audioclust.audio.recording import Recording
from audioclust.audio.sources import scan

NAMES = (
    "b.wav",
    "a/c.flac",
    "a/what? [1] 100%.wav",
    "a/.hidden.wav",
    "ä/ü #1.ogg",
    "a/deep/er/x.wav",
    "a-z/y.wav",
    "a/cover.jpg",
    ".git/z.wav",
)


@pytest.fixture
def here(tmp_path: Path, rng: np.random.Generator) -> Path:
    """A folder of this machine."""
    folder = tmp_path / "here"
    for name in NAMES:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".jpg":
            path.write_bytes(b"x")
        else:
            soundfile.write(path, 0.1 * rng.normal(size=(12_000, 2)), 8000)
    return folder


@pytest.fixture
def there(here: Path) -> Iterator[str]:
    """A copy of it elsewhere."""
    files = fsspec.filesystem("memory")
    files.store.clear()
    files.pseudo_dirs[:] = [""]
    for name in NAMES:
        files.pipe(f"/pre/{name}", (here / name).read_bytes())
    yield "memory://pre"
    files.store.clear()


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of temporary files."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def below(source: object, top: str, **files: object) -> list[str]:
    found = scan(source, files=ac.FileFilter(**files))  # type: ignore[arg-type]
    assert not found.errors
    return [recording.path.removeprefix(top).lstrip("/") for recording in found.recordings]


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"hidden": True},
        {"include": "a/"},
        {"include": "*.wav", "exclude": ["/a/deep", "b.*"]},
        {"exclude": "*.ogg", "hidden": True},
    ],
)
def test_a_folder_is_searched_as_one_of_this_machine(
    here: Path, there: str, files: dict[str, object]
) -> None:
    expected = below(str(here), str(here), **files)
    assert below(there, there, **files) == expected
    assert below(f"{there}/", there, **files) == expected
    assert expected


def test_ignore_files_are_obeyed_elsewhere(here: Path, there: str) -> None:
    lines = b"*.flac\n/deep/\n"
    (here / "a" / ".audioclustignore").write_bytes(lines)
    fsspec.filesystem("memory").pipe("/pre/a/.audioclustignore", lines)
    expected = below(str(here), str(here))
    assert "a/c.flac" not in expected
    assert below(there, there) == expected


@pytest.mark.parametrize(
    "pattern", ["*.wav", "a/*", "*/c.flac", "**/*.wav", "a*", "**", "a/**/x.*", "*/d*", "*/**"]
)
def test_stars_match_what_they_match_on_this_machine(
    here: Path, there: str, pattern: str
) -> None:
    (here / "a" / "cover.jpg").unlink()  # A pattern takes what is no sound, too.
    fsspec.filesystem("memory").rm("/pre/a/cover.jpg")
    expected = below(f"{here}/{pattern}", str(here))
    assert sorted(below(f"{there}/{pattern}", there)) == sorted(expected)
    assert expected


def test_question_marks_and_brackets_are_no_patterns(there: str) -> None:
    url = f"{there}/a/what? [1] 100%.wav"
    assert below(url, there) == ["a/what? [1] 100%.wav"]
    with pytest.raises(FileNotFoundError):
        scan(f"{there}/?.wav")


def test_a_listing_tells_sizes(here: Path, there: str) -> None:
    for recording in scan(there).recordings:
        size = (here / recording.path.removeprefix(f"{there}/")).stat().st_size
        assert recording.status is not None
        assert recording.status.size == size


def test_a_listing_tells_when_a_sound_was_written_last(there: str) -> None:
    def written() -> list[int]:
        known = [one.status for one in scan(there).recordings if one.path.endswith("/b.wav")]
        return [status.mtime_ns for status in known if status is not None]

    files, before = fsspec.filesystem("memory"), written()
    files.pipe("/pre/b.wav", files.cat("/pre/b.wav"))
    assert written()[0] > before[0] > 0


def test_a_search_sees_what_is_new(there: str) -> None:
    n = len(scan(there).recordings)
    files = fsspec.filesystem("memory")
    files.pipe("/pre/new.wav", files.cat("/pre/b.wav"))
    assert len(scan(there).recordings) == n + 1


def test_what_is_missing_is_so_as_on_this_machine(there: str) -> None:
    for missing in (f"{there}/x.wav", f"{there}/nothing", f"{there}/*.nothing"):
        with pytest.raises((FileNotFoundError, ac.NoAudioError)):
            scan(missing)
    found = scan([f"{there}/nothing", f"{there}/b.wav"])
    assert [(e.path, e.kind) for e in found.errors] == [(f"{there}/nothing", "unreadable")]
    table = ac.extract([f"{there}/x.wav", f"{there}/b.wav"], n_jobs=1)
    assert table.errors == (ac.ItemError(f"{there}/x.wav", "unreadable", "it does not exist"),)


def test_the_table_is_that_of_the_same_files_on_this_machine(
    here: Path, there: str, temporary: Path
) -> None:
    ours, theirs = (ac.extract(source, n_jobs=2) for source in (there, str(here)))
    assert np.array_equal(ours.values, theirs.values)
    for one, other in zip(ours.items, theirs.items, strict=True):
        assert one.path == f"{there}{other.path.removeprefix(str(here))}"
        assert one[1:] == other[1:]
        assert (one.decoder, one.warnings) == (other.decoder, other.warnings)
    assert not list(temporary.iterdir())


def test_both_kinds_of_files_go_together(here: Path, there: str, tmp_path: Path) -> None:
    for sources in ([there, str(here)], [str(here), there]):
        result = ac.cluster(sources, 2, n_jobs=1, random_state=0)
        half = len(result.labels) // 2
        assert np.array_equal(result.labels[:half], result.labels[half:])
        result.save(tmp_path / "model")
        assert np.array_equal(ac.load_model(tmp_path / "model").labels, result.labels)
        again = ac.extract(there, n_jobs=1)
        assert len(ac.FeatureTable.concat([result.table, again], keep="first")) == 2 * half
        predicted = result.predict(there, n_jobs=1)
        assert len(predicted.labels) == half
        assert repr(result)


def test_a_path_that_looks_like_an_address_stays_a_path(
    here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(here, tmp_path / "s3:" / "bucket")
    paths = [recording.path for recording in scan("s3://bucket").recordings]
    assert len(paths) == 6
    table = ac.extract("s3://bucket/b.wav", n_jobs=1)
    assert table.items[0].path == os.path.join(".", "s3://bucket/b.wav")
    assert ac.load("s3://bucket/b.wav")[1] == 22050


def test_an_address_of_a_file_of_this_machine_is_its_path(here: Path) -> None:
    for url, path in ((f"file://{here}", here), (f"file://{here}/a/*.flac", here / "a/*.flac")):
        mine, theirs = (scan(source).recordings for source in (url, str(path)))
        assert mine == theirs
    assert np.array_equal(ac.load(f"file://{here}/b.wav")[0], ac.load(here / "b.wav")[0])


def test_a_file_of_this_machine_needs_no_fsspec(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "fsspec", None)
    monkeypatch.setitem(sys.modules, "fsspec.registry", None)
    assert len(ac.extract(f"file://{here}", n_jobs=1)) == 6
    with pytest.raises(ac.errors.MissingExtraError, match=r"audioclust\[remote\]"):
        ac.extract("s3://bucket/a.wav")


@pytest.mark.parametrize("folder", ["", "a", "a/*.flac", "**/*.wav"])
def test_archives_are_searched_as_folders_are(here: Path, tmp_path: Path, folder: str) -> None:
    archive = Path(shutil.make_archive(str(tmp_path / "b"), "zip", here))
    rest = f"::{archive}"
    ours = scan(f"zip://{folder}{rest}").recordings
    theirs = scan(str(here / folder)).recordings
    assert [r.path.removeprefix("zip://").removesuffix(rest) for r in ours] == [
        os.path.relpath(r.path, here) for r in theirs
    ]
    for one, other in zip(ours, theirs, strict=True):
        with open_stream(one) as mine, open_stream(other) as its:
            assert np.array_equal(np.concatenate([*mine.blocks]), np.concatenate([*its.blocks]))


def test_an_archive_that_changed_is_opened_anew(here: Path, tmp_path: Path) -> None:
    archive = tmp_path / "b.zip"
    for n in (1, 2):
        with zipfile.ZipFile(archive, "w") as file:
            for k in range(n):
                file.write(here / "b.wav", f"{k}.wav")
        assert len(ac.extract(f"zip://::{archive}", n_jobs=1)) == n


def test_an_archive_may_be_elsewhere_and_damaged(
    here: Path, tmp_path: Path, there: str
) -> None:
    archive = Path(shutil.make_archive(str(tmp_path / "b"), "zip", here))
    files = fsspec.filesystem("memory")
    files.pipe("/b.zip", archive.read_bytes())
    ours = ac.extract("zip://::memory://b.zip", n_jobs=1)
    assert np.array_equal(ours.values, ac.extract(here, n_jobs=1).values)
    files.pipe("/b.zip", b"PK" + bytes(100))
    with pytest.raises(ac.errors.NothingExtractedError, match="archive is damaged"):
        ac.extract("zip://::memory://b.zip", n_jobs=1)
    with pytest.raises(ac.ParameterError, match="path or address of an archive"):
        ac.extract("zip://b.zip")


def test_a_damaged_wav_is_decoded_as_on_this_machine(here: Path, there: str) -> None:
    whole = (here / "b.wav").read_bytes()
    files = fsspec.filesystem("memory")
    for name, data in (("cut", whole[:20_000]), ("head", whole[:44]), ("broken", whole[:30])):
        (here / f"{name}.wav").write_bytes(data)
        files.pipe(f"/pre/{name}.wav", data)
        results = []
        for path in (f"{there}/{name}.wav", str(here / f"{name}.wav")):
            table = ac.extract([path, str(here / "b.wav")], n_jobs=1)
            results.append(
                (
                    table.values.tolist(),
                    [error[1:] for error in table.errors],
                    [item.warnings for item in table.items],
                )
            )
        assert results[0] == results[1]


def test_nothing_temporary_is_left_after_errors(there: str, temporary: Path) -> None:
    files = fsspec.filesystem("memory")
    files.pipe("/pre/a.mp3", b"ID3" + bytes(5000))
    files.pipe("/pre/a.flac", files.cat("/pre/a/c.flac")[:3000])
    files.pipe("/pre/empty.wav", b"")
    with pytest.raises(ac.errors.NothingExtractedError) as caught:
        ac.extract([f"{there}/{n}" for n in ("a.mp3", "a.flac", "empty.wav")], n_jobs=1)
    assert len(caught.value.errors) == 3
    assert str(temporary) not in repr(caught.value.errors)
    assert not list(temporary.iterdir())


def test_a_full_disk_is_an_error_of_the_file(
    there: str, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from audioclust.audio.remote.objects import RemoteObject

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "/tmp/x")

    monkeypatch.setattr(RemoteObject, "_write", full)
    table = ac.extract([f"{there}/a/c.flac", f"{there}/b.wav"], n_jobs=1)
    assert [(e.kind, e.message) for e in table.errors] == [
        ("unreadable", "it cannot be fetched: No space left on device")
    ]
    assert len(table) == 1
    assert not list(temporary.iterdir())


def test_a_pickled_recording_is_read_elsewhere(here: Path, there: str) -> None:
    recording = pickle.loads(pickle.dumps(scan(f"{there}/b.wav").recordings[0]))
    assert recording == scan(f"{there}/b.wav").recordings[0]
    with open_stream(recording) as mine, open_stream(Recording(str(here / "b.wav"))) as its:
        assert np.array_equal(np.concatenate([*mine.blocks]), np.concatenate([*its.blocks]))


def test_protocols_that_nobody_knows_are_refused() -> None:
    with pytest.raises(ac.ParameterError, match="a protocol that fsspec knows"):
        ac.extract("nonsense://a.wav")
    with pytest.raises(ac.errors.MissingExtraError, match="pip install gcsfs"):
        ac.extract("gs://bucket/a.wav")


def test_remote_recordings_are_not_kept_in_the_cache(there: str, tmp_path: Path) -> None:
    cache = tmp_path / "cache.sqlite"
    for _ in range(2):
        assert len(ac.extract(there, n_jobs=1, cache=cache)) == 6
    assert not cache.exists()


def test_files_elsewhere_are_in_playlists_and_are_not_organized(
    there: str, tmp_path: Path
) -> None:
    result = ac.cluster(there, 2, n_jobs=1, random_state=0)
    written = result.to_playlists(tmp_path, format="m3u8")
    lines = [
        line for path in written.values() for line in Path(path).read_text("utf-8").splitlines()
    ]
    assert f"{there}/a/what?%20[1]%20100%.wav" in lines
    done = result.organize(tmp_path / "sorted", "copy")
    assert len(done.errors) == 6
    assert "only files of this machine" in done.errors[0].message


def test_nothing_of_this_is_imported_for_files_of_this_machine(library: list[str]) -> None:
    code = (
        f"import sys, audioclust; audioclust.cluster({library[:6]!r}, 2);"
        " print({name.split('.')[0] for name in sys.modules} & {'fsspec', 'aiohttp', 's3fs'})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stdout.strip() == b"set()"


def test_protocols_may_be_in_capitals(there: str, here: Path, tmp_path: Path) -> None:
    found = scan(there.replace("memory", "MEMORY")).recordings
    assert len(found) == len(scan(there).recordings)
    assert ac.load(found[0].url or "")[0].size == ac.load(here / "a-z/y.wav")[0].size
    archive = shutil.make_archive(str(tmp_path / "b"), "zip", here)
    assert len(scan(f"ZIP://::{archive}").recordings) == len(found)


def test_what_is_before_an_address_is_refused_or_left_out(there: str) -> None:
    with pytest.raises(ac.errors.ParameterError, match="without simplecache::"):
        scan(f"simplecache::{there}")
    assert scan(f" \n{there}").recordings == scan(there).recordings


def test_stars_alone_mean_something_in_addresses_of_this_machine(tmp_path: Path) -> None:
    for name in ("a1b.wav", "x[1] 1.wav", "x1 1.wav"):
        soundfile.write(tmp_path / name, np.zeros(100), 8000)
    with pytest.raises(FileNotFoundError):
        scan(f"file://{tmp_path}/a?b.wav")
    with pytest.raises(FileNotFoundError):
        scan([str(tmp_path), f"file://{tmp_path}/a[1]b.wav"])
    matching = scan(f"file://{tmp_path}/x[1]*.wav").recordings
    assert [os.path.basename(one.path) for one in matching] == ["x[1] 1.wav"]
    assert len(scan(f"file://{tmp_path}/x*.wav").recordings) == 2
    # As a path, it is a pattern as before.
    assert len(scan(f"{tmp_path}/a?b.wav").recordings) == 1
