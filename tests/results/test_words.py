"""Columns in words: a small vocabulary, and names as they are for all else."""

from __future__ import annotations

import numpy as np
import pytest

import audioclust as ac
from audioclust.results.words import different_topics, phrase_for


@pytest.mark.parametrize(
    ("column", "quantity", "more", "less"),
    [
        ("spectral_flatness", "noisiness", "noisier", "more tonal"),
        (
            "spectral_flatness_part_1",
            "noisiness at the beginning",
            "noisier at the beginning",
            "more tonal at the beginning",
        ),
        ("rms_part_4", "loudness at the end", "louder at the end", "quieter at the end"),
        ("mfcc_2", "darkness", "darker", "brighter"),
        (
            "mfcc_2_change",
            "how fast brightness changes",
            "brightness changes faster",
            "brightness changes more slowly",
        ),
        ("mfcc_12_std", "how much timbre varies", "timbre varies more", "timbre varies less"),
        ("mfcc_7_mean", "timbre", "higher mfcc_7", "lower mfcc_7"),
        (
            "spectral_contrast_3_part_2",
            "clearness of tones in the middle",
            "clearer tones in the middle",
            "less clear tones in the middle",
        ),
        ("chroma_mean", "number of pitches", "more pitches", "fewer pitches"),
        ("chroma_mean_mean", "number of pitches", "more pitches", "fewer pitches"),
        ("rms_min", "least loudness", "higher least loudness", "lower least loudness"),
        ("chroma_C_std", "chroma_C_std", "higher chroma_C_std", "lower chroma_C_std"),
        ("wav2vec_17", "wav2vec_17", "higher wav2vec_17", "lower wav2vec_17"),
        ("mfcc_std", "mfcc_std", "higher mfcc_std", "lower mfcc_std"),
    ],
)
def test_a_column_in_words(column: str, quantity: str, more: str, less: str) -> None:
    phrase = phrase_for(column)
    assert (phrase.column, phrase.quantity, phrase.more, phrase.less) == (
        column, quantity, more, less
    )  # fmt: skip


def test_every_default_column_has_words() -> None:
    columns = ac.features.Extractor(sr=22050).columns
    assert columns
    for column in columns:
        assert phrase_for(column).quantity != column


def tone(level: float, pitch: float, noise: float) -> np.ndarray:
    t = np.arange(22050) / 22050
    rng = np.random.default_rng(0)
    sound = np.sin(2 * np.pi * pitch * t) + noise * rng.standard_normal(len(t))
    return np.asarray(level * sound / np.abs(sound).max(), np.float32)


@pytest.mark.parametrize(
    ("low", "high", "columns", "word"),
    [
        ((0.1, 440, 0), (0.8, 440, 0), ["rms", "mel_level", "mfcc_1"], ["louder", "fuller"]),
        ((0.5, 440, 0), (0.5, 440, 0.8), ["spectral_flatness", "chroma_mean"],
         ["noisier", "more pitches"]),
        ((0.5, 200, 0.02), (0.5, 5000, 0.02),
         ["zero_crossing_rate", "spectral_centroid", "mfcc_2"], ["brighter"]),
        ((0.5, 440, 0.8), (0.5, 440, 0), ["spectral_contrast_2"], ["clearer tones"]),
        ((0.5, 440, 0), (0.5, 440, 0.8), ["spectral_bandwidth"], ["broader"]),
    ],
)  # fmt: skip
def test_the_words_say_what_one_hears(
    low: tuple[float, float, float],
    high: tuple[float, float, float],
    columns: list[str],
    word: list[str],
) -> None:
    sounds = {"low": (tone(*low), 22050), "high": (tone(*high), 22050)}
    features = ["rms", "mel_level", "spectral_flatness", "chroma_mean", "zero_crossing_rate"]
    features += ["spectral_centroid", "spectral_bandwidth", "spectral_contrast", "mfcc"]
    table = ac.extract(sounds, features=features, stats=("mean",))
    for column in columns:
        one, other = table[column].tolist()
        phrase = phrase_for(column)
        assert (phrase.more if other > one else phrase.less) in word


def test_one_column_of_a_topic_is_enough() -> None:
    columns = ["rms_part_1", "rms_part_2", "rms_std", "rms_change", "x", "mfcc_3", "mfcc_2"]
    strengths = np.array([3.0, 4.0, 2.0, 1.0, 0.0, 0.5, 0.1])
    found = [
        (place, phrase.column) for place, phrase in different_topics(columns, strengths, 3)
    ]
    assert found == [(1, "rms_part_2"), (2, "rms_std"), (5, "mfcc_3")]
    assert len(list(different_topics(columns, strengths, 9))) == 4
