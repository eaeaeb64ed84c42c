"""A month in the life of a library: files come and move, groups go on meaning the same."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from pathlib import Path

import m3u8
import numpy as np
import pytest
from support.cached import counting

import audioclust as ac

N_FILES, N_NEW, N_MOVED = 300, 40, 10


def kind_of(path: str) -> str:
    """The kind of a sound: the name of its folder in the shared data, drums by their names."""
    folder = Path(path).parent.name
    name = Path(path).name.lower()
    return folder if folder != "drums" else ("kick" if "kick" in name else "snare")


@pytest.fixture
def kinds(data: Path) -> list[Path]:
    """300 files for the first day, and 40 of the same kinds that come later."""
    digits = sorted((data / "digits").glob("*.wav"))[::2]
    drums = sorted((data / "drums").glob("*.mp3"))
    played = [
        path
        for name in ("bassoon", "cello", "flute", "trombone")
        for path in sorted((data / "instruments" / name).iterdir())
    ]
    later = [*digits[::6][:22], *drums[::6][:18]]
    first = [path for path in (*digits, *drums, *played) if path not in later]
    rng = np.random.default_rng(0)
    chosen = sorted(rng.permutation(len(first))[:N_FILES].tolist())
    return [*(first[i] for i in chosen), *later]


def copied(paths: list[Path], library: Path) -> list[str]:
    targets = []
    for path in paths:
        target = library / path.parent.name / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target)
        targets.append(str(target))
    return targets


def main_kinds(result: ac.Clustering) -> dict[str, str]:
    """What most sounds of each named cluster are."""
    return {
        name: Counter(kind_of(item.path) for item in result[number]).most_common(1)[0][0]
        for number, name in result.names.items()
    }


def test_groups_mean_the_same_after_a_month(
    kinds: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded = counting(monkeypatch)
    library, cache = tmp_path / "library", tmp_path / "cache.sqlite"
    copied(kinds[:N_FILES], library)

    # The first day: 300 files in six groups, three of which get names, and are saved.
    first = ac.cluster(library, 6, cache=cache)
    assert len(first.items) == len(decoded.taken()) == N_FILES
    named = first.rename({0: "most", 1: "second", 5: "few"})
    named.save(tmp_path / "library.audioclust")
    meaning = main_kinds(named)

    # Ten files move to another folder, and forty new ones come.
    old = ac.load_model(tmp_path / "library.audioclust")
    assert old == named
    (library / "moved").mkdir()
    moved = {}
    for item in list(old.items)[:: N_FILES // N_MOVED][:N_MOVED]:
        moved[item.path] = str(library / "moved" / Path(item.path).name)
        os.rename(item.path, moved[item.path])
    new = copied(kinds[N_FILES:], library)
    assert (len(moved), len(new)) == (N_MOVED, N_NEW)

    # Moved files are in the groups that they were in, and are not decoded again.
    before = dict(zip(old.paths, old.labels.tolist(), strict=True))
    predicted = old.predict([*moved.values(), *new], cache=cache)
    assert decoded.taken() == sorted(Path(path).name for path in new)
    assert predicted.labels[:N_MOVED].tolist() == [before[path] for path in moved]
    assert (predicted.labels >= 0).all()
    groups = {
        path: int(label) for path, label in zip(new, predicted.labels[N_MOVED:], strict=True)
    }

    # All of them are grouped again: numbers and names go on meaning the same.
    today = ac.cluster(library, previous=old, cache=cache)
    assert len(today.items) == N_FILES + N_NEW
    assert decoded.taken() == []
    assert today.names == old.names
    assert main_kinds(today) == meaning
    where = dict(zip(today.paths, today.labels.tolist(), strict=True))
    same = [where[moved.get(path, path)] == label for path, label in before.items()]
    assert np.mean(same) >= 0.95
    assert np.mean([where[path] == label for path, label in groups.items()]) >= 0.9

    # Two mistakes are put right, and stay so.
    wrong = [new[0], new[1]]
    right = {path: (where[path] + 1) % 6 for path in wrong}
    corrected = today.refine(move=right)
    assert corrected.labels_for(wrong).tolist() == list(right.values())
    assert corrected.names == old.names
    again = ac.cluster(library, previous=corrected, cache=cache)
    assert again.labels_for(wrong).tolist() == list(right.values())
    assert again.names == old.names
    assert main_kinds(again) == meaning

    # Each group is a playlist, which another program's parser reads back to the same files.
    written = again.to_playlists(tmp_path / "playlists")
    assert sorted(written) == list(range(6))
    for number, playlist in written.items():
        listed = [one.uri for one in m3u8.load(str(playlist)).segments]
        found = {os.path.realpath(os.path.join(tmp_path / "playlists", uri)) for uri in listed}
        assert found == {os.path.realpath(item.path) for item in again[number]}
        if number in old.names:
            assert old.names[number] in os.path.basename(playlist)
