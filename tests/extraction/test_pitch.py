"""The histogram of pitch classes, a feature with an analysis of its own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import librosa
import matplotlib as mpl
import numpy as np
import pytest

import audioclust as ac
from audioclust.features import registry

if TYPE_CHECKING:
    from numpy.typing import NDArray

mpl.use("Agg")

NAMES = tuple(f"pitch_histogram_{i}" for i in range(1, 13))
OWN = ac.Analysis(sr=44100, n_fft=16384, win_length=8192, hop_length=2205)


def notes(*midi: float, sr: int = 22050, seconds: float = 1.0) -> NDArray[np.float32]:
    """One note after the other, by MIDI numbers; NaN is a rest."""
    t = np.arange(int(seconds * sr)) / sr
    tones = [
        np.zeros(len(t))
        if np.isnan(note)
        else 0.4 * np.sin(2 * np.pi * 440 * 2 ** ((note - 69) / 12) * t)
        for note in midi
    ]
    return np.concatenate(tones).astype(np.float32)


def librosa_histogram(
    y: NDArray[np.float32], sr: int, analysis: ac.Analysis = OWN
) -> NDArray[Any]:
    """The histogram of a sound without silence, by librosa and NumPy."""
    assert analysis.sr is not None
    if analysis.sr != sr:
        y = librosa.resample(y, orig_sr=sr, target_sr=analysis.sr, res_type="soxr_hq")
    chroma = librosa.feature.chroma_stft(
        y=y,
        sr=analysis.sr,
        n_fft=analysis.n_fft,
        win_length=analysis.win_length,
        hop_length=analysis.hop_length,
        tuning=0,
    )
    return np.asarray(np.bincount(chroma.argmax(axis=0), minlength=12) / chroma.shape[1])


def histogram(y: NDArray[np.float32], sr: int, **settings: Any) -> NDArray[np.float32]:
    table = ac.extract({"y": (y, sr)}, features="pitch_histogram", **settings)
    assert table.columns == NAMES
    return np.asarray(table.values[0])


def test_it_has_its_published_analysis() -> None:
    (info,) = [info for info in registry() if info.name == "pitch_histogram"]
    assert info.analysis == OWN
    assert not info.sets
    (feature,) = ac.extract({"y": (notes(60), 22050)}, features=info.name).settings.features
    assert feature == ac.Feature("pitch_histogram", OWN)


def test_it_equals_librosas_on_real_recordings(data: Path) -> None:
    paths = sorted([*data.glob("music/*.ogg"), *data.glob("speech/*.ogg")])
    paths = [*paths[:4], *paths[-1:], data / "drums" / "125_bounce.wav"]
    for path in paths:
        y, sr = librosa.load(path, sr=None, duration=20)
        found = histogram(y, int(sr))
        assert found.sum() == pytest.approx(1)
        # One frame, in which two classes are nearly equal, may count for the other of them.
        np.testing.assert_allclose(
            found, librosa_histogram(y, int(sr)), atol=1.01 / (20 * len(y) / sr)
        )


def test_each_note_has_its_share_of_the_time() -> None:
    found = histogram(notes(60, 60, 64, 67), 22050)
    expected = np.zeros(12)
    expected[[0, 4, 7]] = 0.5, 0.25, 0.25
    np.testing.assert_allclose(found, expected, atol=0.03)


@pytest.mark.parametrize("sr", [8000, 44100])
def test_silence_is_left_out(sr: int) -> None:
    rest = float("nan")
    found = histogram(notes(62, rest, rest, rest, 69, sr=sr), sr)
    expected = np.zeros(12)
    expected[[2, 9]] = 0.5
    np.testing.assert_allclose(found, expected, atol=0.03)
    np.testing.assert_array_equal(histogram(notes(rest, sr=sr), sr), np.zeros(12))


def test_neither_level_nor_blocks_change_it() -> None:
    y = notes(60, 65, 70)
    found = histogram(y, 22050)
    np.testing.assert_array_equal(histogram(y * np.float32(1e-3), 22050), found)
    extractor = ac.features.Extractor(sr=22050, features="pitch_histogram")
    for block in np.array_split(y, 7):
        extractor.push(block)
    np.testing.assert_array_equal(extractor.finish(), found)
    assert extractor.columns == NAMES


def test_only_an_analysis_of_its_own_replaces_its_analysis() -> None:
    y = notes(61, 66)
    others = ac.Analysis(sr=8000, n_fft=256)
    np.testing.assert_array_equal(histogram(y, 22050, analysis=others), histogram(y, 22050))
    given = ac.Analysis(sr=22050, n_fft=4096, hop_length=1000)
    feature = ac.Feature("pitch_histogram", given)
    found = ac.extract({"y": (y, 22050)}, features=feature).values[0]
    np.testing.assert_allclose(found, librosa_histogram(y, 22050, given), atol=1e-6)


def test_it_can_be_computed_with_features_of_another_rate() -> None:
    y = notes(60, 61, 62)
    table = ac.extract({"y": (y, 22050)}, features=["rms", "pitch_histogram", "mfcc"])
    alone = ac.extract({"y": (y, 22050)}, features=["rms", "mfcc"])
    assert table.columns == ("rms", *NAMES, *alone.columns[1:])
    np.testing.assert_array_equal(table["rms"], alone["rms"])
    np.testing.assert_array_equal(table.values[:, 1:13], histogram(y, 22050)[np.newaxis])


def test_tunes_in_two_keys_are_told_apart(rng: np.random.Generator) -> None:
    keys = {"C": [60, 64, 67, 72], "F sharp": [54, 58, 61, 66]}
    source = {
        f"{key} {i}": (notes(*rng.permutation(chord), seconds=0.3), 22050)
        for key, chord in keys.items()
        for i in range(4)
    }
    result = ac.cluster(source, 2, features="pitch_histogram", scaling="none")
    truth = [path[:-2] for path in result.paths]
    assert result.evaluate(truth)["v_measure"] == 1
    later = ac.cluster(result.table, 2, scaling="none")
    np.testing.assert_array_equal(later.labels, result.labels)
    again = result.predict({"tune": (notes(72, 67, 64), 22050)})
    assert list(again) == [result.labels[truth.index("C")]]


def test_a_sound_is_drawn_as_chromagram_and_histogram() -> None:
    from matplotlib import pyplot

    y = notes(60, 64, 67)
    pair = pyplot.subplots(1, 2)[1]
    left, right = ac.plot_pitch({"chord": (y, 22050)}, ax=pair)
    assert (left, right) == tuple(pair)
    bars: Any = right.patches
    shares = [bar.get_width() for bar in bars]
    np.testing.assert_allclose(shares, histogram(y, 22050))
    (image,) = left.images
    chroma = np.asarray(image.get_array())
    assert chroma.argmax(axis=0)[[5, 30, 55]].tolist() == [0, 4, 7]
    at_rate = librosa.resample(y, orig_sr=22050, target_sr=44100, res_type="soxr_hq")
    cut = {"n_fft": 16384, "win_length": 8192, "hop_length": 2205}
    expected = librosa.feature.chroma_stft(y=at_rate, sr=44100, tuning=0, **cut)
    np.testing.assert_allclose(chroma, expected, atol=1e-4)
    assert image.get_extent()[1] == pytest.approx(3, abs=0.1)
    assert left.get_title() == "chord"
    # Smoothing would draw energy in pitch classes beside the one that has it.
    assert image.get_interpolation() == "nearest"
    assert image.colorbar is not None
    assert image.colorbar.ax.get_ylabel() == "energy, the strongest being 1"
    pyplot.close("all")


def test_of_a_long_sound_means_are_drawn_in_place_of_frames() -> None:
    from matplotlib import pyplot

    y = np.concatenate([notes(60, seconds=150), notes(67, seconds=150)])
    left, _ = ac.plot_pitch({"two notes": (y, 22050)}, ax=pyplot.subplots(1, 2)[1])
    (image,) = left.images
    chroma = np.asarray(image.get_array())
    assert chroma.shape == (12, 2000)
    assert chroma.argmax(axis=0)[[0, 500, 990, 1010, 1500, -1]].tolist() == [0] * 3 + [7] * 3
    assert image.get_extent()[1] == pytest.approx(300, abs=0.2)
    pyplot.close("all")


def test_of_an_item_only_its_part_is_drawn(library: list[str]) -> None:
    from matplotlib import pyplot

    item = ac.extract(library[:1]).items[0]
    left, _ = ac.plot_pitch(ac.Item(item.path, 0.0, 0.25))
    assert left.images[0].get_extent()[1] < 0.36
    with pytest.raises(ac.ParameterError, match="expected 2 axes, one for each panel"):
        ac.plot_pitch(item, ax=[left])
    pyplot.close("all")
