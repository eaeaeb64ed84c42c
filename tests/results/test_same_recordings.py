"""Recordings that are the same in other formats, with other ends or at another level."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path

import numpy as np
import pytest
import soundfile
from support.copies import write_copies
from support.notebooks import unstyled
from support.sounds import tone

import audioclust as ac

SR = 22050


def chirps(seed: int, seconds: float = 6.0, sr: int = SR) -> np.ndarray:
    """Give notes of random pitch and length over soft noise: something that changes."""
    rng = np.random.default_rng(seed)
    parts: list[np.ndarray] = []
    while sum(len(part) for part in parts) < seconds * sr:
        t = np.arange(int(rng.uniform(0.1, 0.4) * sr)) / sr
        pitch = 2 ** rng.uniform(np.log2(150), np.log2(2500))
        harmonics = sum(np.sin(2 * np.pi * pitch * h * t) / h for h in range(1, 5))
        parts.append(harmonics * np.exp(-t * rng.uniform(2, 12)) * rng.uniform(0.1, 0.25))
    y = np.concatenate(parts)[: int(seconds * sr)]
    return (y + 0.003 * rng.normal(size=len(y))).astype(np.float32)


Sounds = dict[str, tuple[np.ndarray, int]]


def paths_of(found: ac.Duplicates) -> list[list[str]]:
    return [[item.path for item in group] for group in found]


def test_copies_are_found_where_they_begin() -> None:
    y = chirps(1)
    noisy = y + 0.0003 * np.random.default_rng(9).normal(size=len(y)).astype(np.float32)
    sounds: Sounds = {
        "whole": (y, SR),
        "other": (chirps(2), SR),
        "cut": (0.5 * y[int(1.3 * SR) : -SR], SR),
        "noisy": (noisy, SR),
        "another": (chirps(3), SR),
    }
    found = ac.duplicates(sounds, n_jobs=1)
    assert paths_of(found) == [["whole", "cut", "noisy"]]
    assert found == ac.duplicates(sounds, n_jobs=3)
    first = found.pairs[0]
    assert (first.first.path, first.second.path) == ("whole", "cut")
    # Words are 11.6 ms apart.
    assert first.offset == pytest.approx(1.3, abs=0.012)
    assert first.score > 0.8
    assert first.seconds <= 3.7


def test_an_excerpt_is_no_duplicate() -> None:
    y = chirps(1, seconds=12)
    sounds: Sounds = {"whole": (y, SR), "excerpt": (y[4 * SR : 8 * SR], SR)}
    assert len(ac.duplicates(sounds)) == 0
    # Of the first six seconds of both, it is two thirds.
    sounds["excerpt"] = (y[2 * SR :], SR)
    assert paths_of(ac.duplicates(sounds, seconds=6)) == [["whole", "excerpt"]]


def test_silence_tones_and_clicks_are_not_all_the_same() -> None:
    rng = np.random.default_rng(0)
    dither = [rng.normal(size=3 * SR) * 1e-5 for _ in range(3)]
    sounds: Sounds = {f"dither {i}": (y.astype(np.float32), SR) for i, y in enumerate(dither)}
    sounds |= {f"tone {f}": (tone(3, f), SR) for f in (300, 320, 440, 880, 1500, 1510)}
    sounds |= {f"silence {i}": (np.zeros((2 + i) * SR, np.float32), SR) for i in range(3)}
    clicks = np.zeros((3, 3 * SR), np.float32)
    for number, y in enumerate(clicks):
        y[SR * (number + 1) // 2] = 1
    sounds |= {f"click {i}": (y, SR) for i, y in enumerate(clicks)}
    found = ac.duplicates(sounds)
    assert len(found) == 0
    short = {item.path.split()[0] for item in found.too_short}
    assert short == {"tone", "silence", "click"}


def test_very_short_sounds_are_the_same_if_their_samples_are() -> None:
    click = chirps(1, 0.1)
    sounds: Sounds = {
        "a": (click, SR),
        "softer": (0.7 * click, SR),
        "b": (click, SR),
        "other": (chirps(2, 0.1), SR),
        "c": (click.astype(np.float64), SR),
        "silence": (np.zeros(2000, np.float32), SR),
        "as silent": (np.zeros(2000, np.float32), SR),
    }
    found = ac.duplicates(sounds)
    assert paths_of(found) == [["a", "b", "c"]]
    assert [pair.score for pair in found.pairs] == [1.0, 1.0]
    assert len(found.too_short) == len(sounds)


def test_a_chain_of_copies_is_one_group() -> None:
    y = chirps(4, seconds=9)
    # Neighbours share six of seven seconds; the first and the last share too little.
    sounds: Sounds = {str(i): (y[i * SR : (i + 5) * SR], SR) for i in range(5)}
    found = ac.duplicates(sounds)
    assert paths_of(found) == [["0", "1", "2", "3", "4"]]
    assert ("0", "4") not in {(pair.first.path, pair.second.path) for pair in found.pairs}


def test_very_many_copies_are_one_group() -> None:
    y = chirps(5, seconds=2)
    sounds: Sounds = {f"{i:03}": (y * (1 - i / 200), SR) for i in range(60)}
    assert [len(group) for group in ac.duplicates(sounds)] == [60]


def test_a_result_finds_those_among_its_files(tmp_path: Path) -> None:
    for name, seed in {"a.wav": 1, "b.wav": 2, "c.flac": 1, "d.wav": 3}.items():
        soundfile.write(tmp_path / name, chirps(seed), SR)
    result = ac.cluster(str(tmp_path), 2)
    found = result.duplicates(n_jobs=1)
    assert found == ac.duplicates(str(tmp_path))
    assert [[Path(path).name for path in group] for group in paths_of(found)] == [
        ["a.wav", "c.flac"]
    ]
    (tmp_path / "b.wav").unlink()
    (error,) = result.duplicates().errors
    assert Path(error.path).name == "b.wav"
    with pytest.raises(ac.DecodeError, match="in memory"):
        ac.cluster({str(i): (chirps(i, 1.0), SR) for i in range(3)}, 1).duplicates()


def test_what_is_not_looked_at_has_no_end() -> None:
    sounds: Sounds = {"long": (chirps(1, 4.0), SR), "short": (chirps(2, 2.0), SR)}
    again: Sounds = {f"{name} again": audio for name, audio in sounds.items()}
    found = ac.duplicates(sounds | again, seconds=3)
    ends = {item.path: item.end for group in found for item in group}
    assert ends == {"long": math.inf, "long again": math.inf, "short": 2.0, "short again": 2.0}


def test_arguments_are_checked() -> None:
    with pytest.raises(ac.ParameterError, match="seconds=0: expected a finite number above 0"):
        ac.duplicates("x.wav", seconds=0)
    with pytest.raises(FileNotFoundError):
        ac.duplicates("nowhere.wav")


def test_all_left_out_is_an_error() -> None:
    sounds: Sounds = {"a": (chirps(1, 2.0), SR), "b": (chirps(2, 2.0), SR)}
    with pytest.raises(ac.NoAudioError, match="all 2 sounds are too short or too long"):
        ac.duplicates(sounds, files=ac.FileFilter(min_duration=3))


def test_groups_are_shown_and_written(tmp_path: Path) -> None:
    for name, seed in {"a.wav": 1, "b.wav": 2, "c.wav": 1}.items():
        soundfile.write(tmp_path / name, chirps(seed), SR)
    found = ac.duplicates(str(tmp_path))
    a, c = str(tmp_path / "a.wav"), str(tmp_path / "c.wav")
    assert repr(found).splitlines() == [
        "<Duplicates: 2 of 3 recordings in 1 groups>",
        f"  0: {a}, {c}",
    ]
    assert found[0] == found[:1][0] == found.groups[0]
    assert unstyled(found._repr_html_()).count("<tr>") == 3
    frame = found.to_dataframe()
    assert frame["group"].tolist() == [0, 0]
    assert frame["score"].tolist() == [1.0, 1.0]
    found.export(tmp_path / "d.csv")
    with open(tmp_path / "d.csv", newline="", encoding="utf-8") as file:
        assert [row["path"] for row in csv.DictReader(file)] == [a, c]
    found.export(tmp_path / "d.json")
    document = json.loads((tmp_path / "d.json").read_text(encoding="utf-8"))
    assert document["pairs"][0]["first"] == [a, 0.0, 6.0]
    assert document["n_compared"] == 3
    with pytest.raises(ac.ParameterError):
        found.export(a, format="csv")


@pytest.mark.usefixtures("data")
def test_encoded_and_trimmed_copies_of_real_sounds_are_found(tmp_path: Path) -> None:
    few = ("music/*ragtime*.ogg", "music/*Sugar*.ogg", "speech/*.ogg", "samples/*/*.wav")
    copied = write_copies(tmp_path, tuning=False, n=100, n_copies=21, least=3.9, patterns=few)
    assert len(copied) == 21
    found = ac.duplicates(str(tmp_path), n_jobs=2)
    assert found.n_compared == 121
    pairs = {frozenset({pair.first.path, pair.second.path}) for pair in found.pairs}
    # Of all pairs of these 121 files, the copies and nothing else.
    assert pairs == copied
