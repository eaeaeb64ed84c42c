"""The features of hits are those of the stretches they are."""

from __future__ import annotations

from typing import Any

import librosa
import numpy as np
import pytest
from sklearn.preprocessing import MinMaxScaler
from support.hits import loop

import audioclust as ac


@pytest.mark.parametrize("window", [0.05, 0.09, 0.2])
def test_features_are_librosas_and_numpys_of_the_stretch(
    published: dict[str, Any], window: float
) -> None:
    y, sr = librosa.load(published["path"])
    result = ac.onsets(published["path"], 2, window=window)
    length = int(window * sr)
    for row, start in zip(result.features, result.samples, strict=True):
        hit = y[start : start + length]
        assert row[0] == librosa.zero_crossings(hit, pad=False).sum()
        assert row[1] == pytest.approx(np.sqrt(np.sum(np.square(hit, dtype=np.float64))))
    expected = MinMaxScaler((-1, 1)).fit_transform(result.features.astype(np.float64))
    np.testing.assert_allclose(result.features_scaled, expected, atol=1e-12)


@pytest.mark.parametrize(("window", "n_fft", "hop"), [(0.09, 512, 128), (0.5, 2048, 512)])
def test_features_of_the_registry_are_librosas_of_the_stretch(
    window: float, n_fft: int, hop: int
) -> None:
    y = loop()[0]
    names = ["spectral_centroid", "l2_norm", "mfcc"]
    result = ac.onsets({"y": (y, 22050)}, 2, features=names, window=window)
    mfccs = [f"mfcc_{i}" for i in range(1, 21)]
    assert result.columns == ("l2_norm", "spectral_centroid", *mfccs)
    cut = {"n_fft": n_fft, "hop_length": hop}
    for row, start in list(zip(result.features, result.samples, strict=True))[:5]:
        hit = y[start : start + int(window * 22050)]
        centroid = librosa.feature.spectral_centroid(y=hit, **cut).mean()
        assert row[1] == pytest.approx(centroid, rel=1e-3)
        mfcc = librosa.feature.mfcc(y=hit, **cut).mean(axis=1)
        np.testing.assert_allclose(row[2:], mfcc, rtol=1e-3, atol=2e-2)


def test_a_feature_keeps_an_analysis_of_its_own() -> None:
    y = loop()[0]
    own = ac.Feature("spectral_centroid", ac.Analysis(n_fft=1024, hop_length=300))
    result = ac.onsets({"y": (y, 22050)}, 2, features=[own, "zero_crossings"])
    hit = y[result.samples[0] :][: int(0.09 * 22050)]
    expected = librosa.feature.spectral_centroid(y=hit, n_fft=1024, hop_length=300).mean()
    assert result.features[0, 1] == pytest.approx(expected, rel=1e-3)
