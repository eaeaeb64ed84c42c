"""No output replaces a sound of the user's, whether it is in the output or not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

import audioclust as ac
from audioclust.listening.player import saved_cluster

SR = 22050


@pytest.fixture
def sounds(tmp_path: Path) -> dict[str, Path]:
    """Five noises of one second, two of which are the same, a long one and a broken file."""
    rng = np.random.default_rng(0)
    for name in "abcde":
        soundfile.write(tmp_path / f"{name}.wav", rng.uniform(-0.5, 0.5, SR), SR)
    soundfile.write(tmp_path / "long.wav", rng.uniform(-0.5, 0.5, 3 * SR), SR)
    (tmp_path / "same.wav").write_bytes((tmp_path / "a.wav").read_bytes())
    (tmp_path / "broken.wav").write_bytes(b"RIFF")
    return {path.stem: path for path in sorted(tmp_path.iterdir())}


@pytest.fixture
def result(sounds: dict[str, Path]) -> ac.Clustering:
    folder = sounds["a"].parent
    files = ac.FileFilter(max_duration=2)
    made = ac.cluster(folder, 2, features="rms", files=files, n_jobs=1, cache=False)
    assert [Path(one.path).stem for one in made.table.left_out] == ["long"]
    assert [Path(one.path).stem for one in made.errors] == ["broken"]
    return made


def writers(result: ac.Clustering) -> Iterator[Callable[[Path], None]]:
    """Give whatever writes a file of a result, of its table, and of what they find."""
    path = result.items[0].path
    similar = result.similar(path, 1)
    found = result.duplicates(n_jobs=1)
    assert [len(group) for group in found] == [2]
    for one in (result, similar, found):
        yield lambda path, one=one: one.export(path, format="csv")  # type: ignore[misc]
        yield lambda path, one=one: one.export(path, format="json")  # type: ignore[misc]
    yield lambda path: result.export(path, format="parquet")
    yield result.save
    yield result.table.save
    yield result.table.to_csv
    yield result.table.to_parquet


def test_no_writer_replaces_a_sound(result: ac.Clustering, sounds: dict[str, Path]) -> None:
    before = {name: path.read_bytes() for name, path in sounds.items()}
    for write in writers(result):
        for path in sounds.values():
            with pytest.raises(ac.ParameterError, match="expected another file than"):
                write(path)
    assert {name: path.read_bytes() for name, path in sounds.items()} == before


def test_duplicates_and_similar_know_all_that_was_looked_at(
    result: ac.Clustering, sounds: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = sounds["a"].parent
    found = ac.duplicates(folder, files=ac.FileFilter(max_duration=2), n_jobs=1)
    assert set(found.inputs) == set(map(str, sounds.values()))
    new = tmp_path_factory.mktemp("new") / "new.wav"
    soundfile.write(new, np.random.default_rng(1).uniform(-0.5, 0.5, SR), SR)
    similar = result.similar(new, 1, cache=False)
    assert set(similar.inputs) == {*map(str, sounds.values()), str(new)}
    before = new.read_bytes()
    with pytest.raises(ac.ParameterError, match="expected another file than"):
        similar.export(new, format="csv")
    assert new.read_bytes() == before


def test_sounds_in_memory_are_no_files(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    result = ac.cluster({name: (rng.uniform(-1, 1, SR), SR) for name in "abc"}, 1, n_jobs=1)
    found = result.similar("a", 1)
    assert found.inputs == ()
    found.export(tmp_path / "a.csv")


def test_play_knows_what_was_left_out(result: ac.Clustering, sounds: dict[str, Path]) -> None:
    folder = sounds["a"].parent
    result.to_json(folder / "r.json")
    inputs = saved_cluster(folder / "r.json", 0).inputs
    assert set(inputs) == set(map(str, sounds.values()))
