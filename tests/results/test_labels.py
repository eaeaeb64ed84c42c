"""Labels that are looked up, and labels for new sounds."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from support.sounds import tone

import audioclust as ac
from audioclust.demo import synthesize


@pytest.fixture(scope="module")
def result(library: list[str]) -> ac.Clustering:
    return ac.cluster(library, 6)


def test_new_sounds_join_the_cluster_of_their_kind(
    result: ac.Clustering, tmp_path: Path, library: list[str]
) -> None:
    new = synthesize(str(tmp_path), each=3, seed=7)
    expected = [result.labels[library.index(p)] for p in library[::10] for _ in range(3)]
    assert np.array_equal(result.predict(new), expected)
    assert np.array_equal(result.predict(ac.extract(new)), expected)
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"RIFF")
    assert np.array_equal(result.predict([broken, new[0]]), [-1, expected[0]])
    with pytest.raises(
        ac.ParameterError, match="expected the 150 columns that were clustered, computed alike"
    ):
        result.predict(ac.extract(new, features="rms"))
    with pytest.raises(ac.ParameterError, match="computed alike"):
        result.predict(ac.extract(new, analysis=ac.Analysis(n_fft=1024)))
    assert np.array_equal(result.predict(broken), [-1])


def test_labels_are_looked_up_by_path(
    result: ac.Clustering, library: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert np.array_equal(result.labels_for(library[3:7]), result.labels[3:7])
    assert np.array_equal(result.labels_for(library[3]), result.labels[3:4])
    monkeypatch.chdir(os.path.dirname(library[0]))
    assert result.labels_for([Path(os.path.basename(library[0]))])[0] == result.labels[0]
    with pytest.raises(ac.ParameterError, match="expected one that was clustered"):
        result.labels_for(["elsewhere.wav"])


def test_labels_of_relative_paths_are_looked_up_from_another_folder(
    library: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(os.path.dirname(library[0]))
    result = ac.cluster([os.path.basename(path) for path in library[:4]], 2)
    monkeypatch.chdir(tmp_path)
    assert np.array_equal(result.labels_for(library[:4]), result.labels)
    with pytest.raises(ac.ParameterError, match="expected one that was clustered"):
        result.labels_for([tmp_path / os.path.basename(library[0])])


def test_a_failure_has_the_label_minus_one(library: list[str], tmp_path: Path) -> None:
    bad = tmp_path / "bad.wav"
    bad.write_bytes(b"nothing")
    result = ac.cluster([bad, *library[:4]], 2)
    assert result.labels_for([bad])[0] == -1
    assert result.errors[0].path == str(bad)
    assert len(result.labels) == 4
    assert "1 could not be used" in repr(result)


def test_audio_in_memory_is_clustered_by_name() -> None:
    sounds = {f"{f}": (tone(0.5, f), 22050) for f in (200, 210, 5000, 5100)}
    result = ac.cluster(sounds, 2)
    assert [[item.path for item in members] for members in result] == [
        ["200", "210"],
        ["5000", "5100"],
    ]
    assert np.array_equal(result.predict({"x": (tone(0.5, 205), 22050)}), [0])


def test_names_in_memory_are_no_paths() -> None:
    names = ("a", "./a", "x/../a")
    sounds = {name: (tone(0.5, 200.0 * (i + 1)), 22050) for i, name in enumerate(names)}
    result = ac.cluster(sounds, 3)
    assert np.array_equal(result.labels_for(names), result.labels)
    assert result.evaluate(dict(zip(names, "abc", strict=True)))["v_measure"] == 1


def test_what_is_no_path_is_refused_by_name(result: ac.Clustering) -> None:
    with pytest.raises(ac.ParameterError, match="paths=3: expected a path or an iterable"):
        result.labels_for(3)  # type: ignore[arg-type]
    with pytest.raises(ac.ParameterError, match="path=3: expected a str or os.PathLike"):
        result.labels_for([3])  # type: ignore[list-item]
    with pytest.raises(ac.ParameterError, match="path=3: expected a str or os.PathLike"):
        result.to_csv(3)  # type: ignore[arg-type]
    with pytest.raises(ac.ParameterError, match="truth=3: expected a sequence"):
        result.evaluate(3)  # type: ignore[arg-type]


def test_the_rate_that_was_kept_is_demanded_of_new_sounds() -> None:
    native = ac.Analysis(sr=None)
    sounds = {str(f): (tone(0.5, f, 44100), 44100) for f in (200, 210, 5000)}
    result = ac.cluster(sounds, 2, analysis=native)
    assert result.table.sr == 44100
    with pytest.raises(ac.ParameterError, match="source at 22050 Hz: expected 44100 Hz"):
        result.predict({"x": (tone(), 22050)})
