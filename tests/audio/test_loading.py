"""Loading gives librosa's samples, bit for bit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import librosa
import numpy as np
import pytest
import soundfile

import audioclust as ac

lib: Any = librosa
FILES = {
    "PCM_16.wav": (44100, 2),
    "PCM_24.flac": (32000, 1),
    "FLOAT.wav": (22050, 6),
    "VORBIS.ogg": (48000, 2),
    "MPEG_LAYER_III.mp3": (16000, 1),
}
"""Encodings of files, and their sampling rates and numbers of channels."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of 1.5 s of noise in each encoding."""
    found: Path = tmp_path_factory.mktemp("sounds")
    for name, (sr, channels) in FILES.items():
        y = np.random.default_rng(0).uniform(-0.5, 0.5, (sr * 3 // 2, channels))
        soundfile.write(found / name, y, sr, subtype=name.partition(".")[0])
    return found


@pytest.mark.parametrize(
    "part", [{}, {"offset": 0.3}, {"offset": 0.1, "duration": 0.7777}], ids=str
)
@pytest.mark.parametrize("mono", [True, False])
@pytest.mark.parametrize("sr", [22050, None, 8000])
@pytest.mark.parametrize("name", FILES)
def test_samples_are_librosas(
    folder: Path, name: str, sr: int | None, mono: bool, part: dict[str, Any]
) -> None:
    found, rate = ac.load(folder / name, sr=sr, mono=mono, **part)
    expected, expected_rate = lib.load(folder / name, sr=sr, mono=mono, **part)
    assert rate == expected_rate
    assert found.dtype == expected.dtype == np.float32
    # librosa reads Vorbis by libsndfile, whose decoder rounds in another order than ours.
    atol = 2e-6 if name.startswith("VORBIS") else 0.0
    np.testing.assert_allclose(found, expected, rtol=0, atol=atol)


@pytest.mark.parametrize("mono", [True, False])
@pytest.mark.parametrize("name", ["PCM_16.wav", "PCM_24.flac"])
def test_nothing_is_loaded_of_nothing(folder: Path, name: str, mono: bool) -> None:
    found, _ = ac.load(folder / name, sr=None, mono=mono, duration=0)
    assert found.shape == lib.load(folder / name, sr=None, mono=mono, duration=0)[0].shape
    # librosa raises an error if the part starts after the end.
    beyond, _ = ac.load(folder / name, sr=None, mono=mono, offset=9.0)
    assert beyond.shape == found.shape


def test_double_precision_has_the_same_samples(folder: Path) -> None:
    y, _ = ac.load(folder / "PCM_16.wav", sr=None, mono=False, dtype=np.float64)
    expected, _ = lib.load(folder / "PCM_16.wav", sr=None, mono=False, dtype=np.float64)
    assert y.dtype == np.float64
    np.testing.assert_array_equal(y, expected)


def test_what_was_loaded_is_what_features_take(folder: Path) -> None:
    y, sr = ac.load(folder / "PCM_16.wav")
    assert ac.features.mfcc(y=y, sr=sr).shape == (20, 65)


@pytest.mark.parametrize(("arguments", "message"), [
    ({"sr": 0}, "sr=0: expected an int from 100"),
    ({"mono": 1}, "mono=1: expected True or False"),
    ({"offset": -1}, "offset=-1: expected a finite number, at least 0"),
    ({"duration": np.nan}, "duration=nan: expected a finite number"),
    ({"dtype": np.int16}, "dtype=.*int16.*: expected float32 or float64"),
    ({"res_type": "scipy"}, "res_type='scipy': expected one of soxr_hq"),
], ids=str)  # fmt: skip
def test_an_invalid_argument_is_named(
    folder: Path, arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(ac.ParameterError, match=message):
        ac.load(folder / "PCM_16.wav", **arguments)


def test_files_that_cannot_be_loaded_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ac.DecodeError, match="No such file"):
        ac.load(tmp_path / "missing.wav")
    (tmp_path / "text.wav").write_text("not a sound", encoding="utf-8")
    with pytest.raises(ac.DecodeError):
        ac.load(tmp_path / "text.wav")
    soundfile.write(tmp_path / "nan.wav", np.array([0, np.nan]), 8000, subtype="FLOAT")
    with pytest.raises(ac.SignalError, match="not finite"):
        ac.load(tmp_path / "nan.wav")


def test_a_partial_read_is_told(folder: Path, tmp_path: Path) -> None:
    data = (folder / "PCM_24.flac").read_bytes()
    (tmp_path / "cut.flac").write_bytes(data[: len(data) // 2])
    with pytest.warns(ac.PartialReadWarning, match=r"cut.flac: 0.\d\d s .*could be decoded"):
        found, _ = ac.load(tmp_path / "cut.flac", sr=None)
    whole, _ = ac.load(folder / "PCM_24.flac", sr=None)
    assert 0.3 * len(whole) < len(found) < 0.7 * len(whole)
    np.testing.assert_array_equal(found, whole[: len(found)])
