"""The features of the set "default": means over parts of equal energy, and how frames vary."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import librosa
import numpy as np
import pytest
from support.oracles import SR, energies, parts, unfloored_frames

import audioclust as ac
from audioclust.extraction.registry import registry

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

NAMES = [info.name for info in registry() if "default" in info.sets]
MAX_BLOCKS = 64
"""The parts of a recording of at most this many frames are exact."""


def row_over_all_frames(y: NDArray[np.float32]) -> NDArray[np.float64]:
    """The 150 values from the definition, over librosa's frames, all of which are kept."""
    frames = np.concatenate([unfloored_frames(y, name) for name in NAMES]).astype(np.float64)
    change = np.zeros((len(frames), 1))
    if frames.shape[1] > 1:
        change = np.abs(np.diff(frames, axis=1)).mean(axis=1, keepdims=True)
    values = [parts(frames, energies(y)), frames.std(axis=1, keepdims=True), change]
    return np.concatenate(values, axis=1).ravel()


def n_frames(y: NDArray[np.float32]) -> int:
    return 1 + len(y) // 512


def loaded(paths: list[Path]) -> list[NDArray[np.float32]]:
    return [librosa.load(path)[0] for path in paths]


def test_the_names_say_the_feature_and_the_statistic() -> None:
    table = ac.extract({"y": (np.ones(SR, np.float32), SR)})
    statistics = ["part_1", "part_2", "part_3", "part_4", "std", "change"]
    of_mfcc = tuple(f"mfcc_{i}_{name}" for i in range(1, 13) for name in statistics)
    assert len(table.columns) == 150
    assert table.columns[36:108] == of_mfcc
    assert table.columns[:6] == tuple(f"spectral_bandwidth_{name}" for name in statistics)


@pytest.mark.filterwarnings("ignore:n_fft=.* is too large:UserWarning")
def test_rows_of_short_sounds_are_numpys_over_all_frames(data: Path) -> None:
    files = [
        *sorted(data.glob("digits/*.wav"))[::20],
        *sorted(data.glob("samples/*/*.wav"))[::7],
    ]
    sounds = {str(i): y for i, y in enumerate(loaded(files)) if n_frames(y) <= MAX_BLOCKS}
    assert len(sounds) > 30
    table = ac.extract({name: (y, SR) for name, y in sounds.items()})
    for row, item in zip(table.values, table.items, strict=True):
        expected = row_over_all_frames(sounds[item.path])
        # Single precision, and levels that librosa computes in it.
        np.testing.assert_allclose(row, expected, rtol=1e-3, atol=2e-3, err_msg=item.path)


def test_parts_of_long_sounds_are_near_those_over_all_frames(data: Path) -> None:
    files = [*sorted(data.glob("music/*.ogg"))[:4], *sorted(data.glob("drums/*.mp3"))[:30]]
    sounds = {str(i): y for i, y in enumerate(loaded(files)) if n_frames(y) > MAX_BLOCKS}
    assert len(sounds) > 10
    table = ac.extract({name: (y, SR) for name, y in sounds.items()})
    exact = np.stack([row_over_all_frames(sounds[item.path]) for item in table.items])
    of_parts = ["part" in column for column in table.columns]
    off = np.abs(table.values - exact)[:, of_parts] / exact[:, of_parts].std(axis=0)
    # In standard deviations. Most sounds here fade, and their parts end in frames that are
    # kept; an end within a merged block is off by less than the block.
    assert np.median(off) < 1e-3
    assert off.max() < 0.25


def test_silence_is_divided_into_equal_times() -> None:
    frames = np.arange(8, dtype=np.float64)[None]
    np.testing.assert_array_equal(parts(frames, np.zeros(8)), [[0.5, 2.5, 4.5, 6.5]])
    row = ac.extract({"silence": (np.zeros(SR), SR)}).values[0]
    np.testing.assert_allclose(row, row_over_all_frames(np.zeros(SR, np.float32)), atol=1e-3)


def test_the_parts_of_an_unchanging_sound_are_equal() -> None:
    y = np.sin(2 * np.pi * 100 / 2048 * np.arange(10 * SR)).astype(np.float32)
    table = ac.extract({"y": (y, SR)}, features="spectral_contrast", stats=["parts"])
    of_parts = table.values.reshape(7, 4)
    # The first and the last frames reach beyond the sound.
    np.testing.assert_allclose(of_parts[:, 1], of_parts[:, 2], rtol=1e-4, atol=1e-3)


def test_rows_are_the_same_for_any_number_of_threads(data: Path) -> None:
    paths = sorted(data.glob("drums/*.mp3"))[:12]
    one, four = (ac.extract(paths, n_jobs=n).values for n in (1, 4))
    np.testing.assert_array_equal(one, four)


@pytest.mark.parametrize(
    ("features", "n_columns"),
    [
        ("default", 150),
        ("article", 33),
        (["default", "spectral_rolloff"], 156),
        (["article", "spectral_rolloff"], 34),
        ("mfcc12", 12),
        (["rms", "mfcc"], 21),
    ],
)
def test_statistics_are_those_of_the_set_unless_asked_for(
    features: str | list[str], n_columns: int
) -> None:
    y = {"y": (np.ones(SR, np.float32), SR)}
    assert ac.extract(y, features=features).shape == (1, n_columns)
    plain = ac.extract(y, features=features, stats=("mean",))
    assert not any("part_" in column for column in plain.columns)


@pytest.mark.parametrize(
    "features", [["mfcc", "mfcc12"], ["default", "mfcc"], ["article", "default"]]
)
def test_no_column_comes_twice(features: list[str]) -> None:
    with pytest.raises(
        ac.ParameterError, match=r"features=.*: expected each (name|column) once"
    ):
        ac.extract({"y": (np.ones(SR, np.float32), SR)}, features=features)


def test_tables_of_an_earlier_version_are_refused_in_words() -> None:
    table = ac.extract({"y": (np.ones(SR, np.float32), SR)})
    assert pickle.loads(pickle.dumps(table)) == table
    state = dict(table.settings.__dict__)
    for version in (1, 3):
        with pytest.raises(
            ac.ParameterError, match=f"of version {version}: expected version 2"
        ):
            table.settings.__setstate__({**state, "version": version})
    del state["version"]  # as the pickles of version 1 are
    with pytest.raises(ac.ParameterError, match="extract them again"):
        table.settings.__setstate__(state)
