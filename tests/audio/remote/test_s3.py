"""An S3 prefix as a source: the same result as of the same files in a folder."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
from support.s3 import s3_bucket, s3_server

import audioclust as ac
from audioclust.audio.sources import scan

s3fs = pytest.importorskip("s3fs")

PREFIXES = ("what? is", "ü 100%/#1", "plain/[a]", "a::b/c")
"""Parts of keys that mean something elsewhere: in patterns, addresses and shells."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with s3_server() as address:
        yield address


@pytest.fixture
def bucket(server: str) -> Iterator[str]:
    with s3_bucket(server) as address:
        yield address


@pytest.fixture
def here(library: list[str], tmp_path: Path) -> Path:
    """Sounds in several formats, under names that are odd."""
    for number, path in enumerate(sorted(library)[::2]):
        prefix = PREFIXES[number % len(PREFIXES)]
        target = tmp_path / "here" / prefix / f"{number} {os.path.basename(path)}"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    return tmp_path / "here"


@pytest.fixture
def there(here: Path, bucket: str) -> str:
    files = s3fs.S3FileSystem()
    for path in here.rglob("*.*"):
        files.pipe(f"{bucket}/pre/{path.relative_to(here).as_posix()}", path.read_bytes())
    return f"{bucket}/pre"


def test_a_prefix_is_clustered_as_a_folder_is(here: Path, there: str) -> None:
    ours, theirs = (ac.cluster(s, 4, n_jobs=2, random_state=0) for s in (there, str(here)))
    assert np.array_equal(ours.labels, theirs.labels)
    assert np.array_equal(ours.table.values, theirs.table.values)
    assert ours.inertia == theirs.inertia
    assert [item.path.removeprefix(there) for item in ours.table.items] == [
        item.path.removeprefix(str(here)) for item in theirs.table.items
    ]
    assert not ours.errors
    one = ours.table.items[0].path
    assert ac.extract(one, n_jobs=1).items[0].path == one


def test_keys_are_literal_but_for_stars(there: str) -> None:
    names = [recording.path for recording in scan(there).recordings]
    for prefix in PREFIXES:
        below = [name for name in names if name.startswith(f"{there}/{prefix}/")]
        assert below
        assert [r.path for r in scan(f"{there}/{prefix}").recordings] == below
        assert [r.path for r in scan(below[-1]).recordings] == below[-1:]
    first = [name for name in names if "/what? is/" in name]
    assert [r.path for r in scan(f"{there}/w*/*").recordings] == first
    assert [r.path for r in scan(f"{there}/**/*").recordings] == names


def test_one_listing_is_asked_for_and_nothing_for_each_file(there: str) -> None:
    asked = []
    real = s3fs.S3FileSystem._call_s3

    async def counted(self: object, method: str, *args: object, **kwargs: object) -> object:
        asked.append(method)
        return await real(self, method, *args, **kwargs)

    with mock.patch.object(s3fs.S3FileSystem, "_call_s3", counted):
        found = scan(there).recordings
    assert len(found) == 30
    assert all(recording.status is not None for recording in found)
    # Whether it is an object or a folder takes two requests, and a page of the list one more.
    assert len(asked) <= 4, asked


def test_what_is_not_there_is_missing(there: str, bucket: str) -> None:
    for missing in (f"{there}/x.wav", f"{there}/x", f"{bucket}-not/x.wav"):
        with pytest.raises(FileNotFoundError):
            scan(missing)
    table = ac.extract([there, f"{there}/x.wav"], n_jobs=1)
    assert [error[:2] for error in table.errors] == [(f"{there}/x.wav", "unreadable")]


def test_a_pattern_in_a_bucket_that_is_missing_is_an_error(there: str, bucket: str) -> None:
    with pytest.raises(FileNotFoundError):
        scan(f"{bucket}-not/*.wav")
    found = scan([there, f"{bucket}-not/*.wav", f"{there}/*.nothing"])
    assert [error.path for error in found.errors] == [f"{bucket}-not/*.wav"]


def test_a_slash_at_the_end_means_the_folder(here: Path, bucket: str) -> None:
    sound = next(here.rglob("*.wav")).read_bytes()
    for name in ("pl/dawn", "pl/dawn/a.wav"):
        s3fs.S3FileSystem().pipe(f"{bucket}/{name}", sound)
    paths = [[r.path for r in scan(f"{bucket}/pl/dawn{end}").recordings] for end in ("/", "")]
    assert paths == [[f"{bucket}/pl/dawn/a.wav"], [f"{bucket}/pl/dawn"]]


def test_an_archive_in_a_bucket_is_searched(here: Path, bucket: str, tmp_path: Path) -> None:
    archive = shutil.make_archive(str(tmp_path / "b"), "zip", here)
    s3fs.S3FileSystem().pipe(f"{bucket}/b.zip", Path(archive).read_bytes())
    ours = ac.extract(f"zip://::{bucket}/b.zip", n_jobs=2)
    assert np.array_equal(ours.values, ac.extract(here, n_jobs=2).values)
    some = ac.extract(f"zip://what? is/*.wav::{bucket}/b.zip", n_jobs=1)
    assert all(item.path.startswith("zip://what? is/") for item in some.items)


def test_without_credentials_an_error_says_so(
    there: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    s3fs.S3FileSystem.clear_instance_cache()
    with pytest.raises(ac.errors.NothingExtractedError, match="there are no credentials"):
        ac.extract(f"{there}/x", n_jobs=1)
