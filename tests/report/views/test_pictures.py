"""Small pictures, and the frames that they are made of."""

from __future__ import annotations

import io
from itertools import pairwise

import hypothesis.strategies as st
import librosa
import numpy as np
import pytest
from hypothesis import given
from PIL import Image
from support.packed import pixels

from audioclust.report.views.frames import PER_COLUMN, FrameColumns
from audioclust.report.views.png import SHADES, picture_url, png, shades
from audioclust.report.views.spectra import (
    as_levels,
    as_shares,
    chromagram_columns,
    frequency_marks,
    spectrogram_columns,
)


@given(height=st.integers(1, 40), width=st.integers(1, 40), seed=st.integers(0, 99))
def test_another_program_reads_the_same_colours(height: int, width: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, 256, (height, width)).astype(np.uint8)
    palette = rng.integers(0, 256, (256, 3)).astype(np.uint8)
    with Image.open(io.BytesIO(png(codes, palette))) as image:
        image.verify()  # Checksums of all parts.
    with Image.open(io.BytesIO(png(codes, palette))) as image:
        assert np.array_equal(np.asarray(image.convert("RGB")), palette[codes])


def test_levels_become_lighter_from_0_to_1() -> None:
    levels = np.linspace(-0.5, 1.5, 50)[np.newaxis]
    grey = pixels(picture_url(levels)).astype(float) @ [0.2126, 0.7152, 0.0722]
    inside = (levels[0] >= 0) & (levels[0] <= 1)
    assert (np.diff(grey[0, inside]) > 0).all()
    assert np.array_equal(pixels(picture_url(levels))[0, [0, -1]], shades()[[0, SHADES - 1]])


@given(
    n=st.integers(1, 400),
    n_fft=st.sampled_from([2, 8, 32]),
    n_columns=st.integers(1, 30),
    cuts=st.lists(st.integers(0, 400), max_size=5),
)
def test_columns_are_the_means_of_frames_around_even_places(
    n: int, n_fft: int, n_columns: int, cuts: list[int]
) -> None:
    y = np.random.default_rng(n).normal(size=n).astype(np.float32)
    edges = [0, *sorted(min(cut, n) for cut in cuts), n]
    blocks = [y[a:b] for a, b in pairwise(edges)]
    found = FrameColumns(lambda f: f.reshape(-1, n_fft).T.copy(), n_fft, n, n_columns)
    passed = list(found.watched(blocks))
    assert np.array_equal(np.concatenate(passed), y)
    # Frame by frame, from a signal with silence around it.
    columns = min(n_columns, n)
    each = min(PER_COLUMN, max(1, n // (columns * n_fft)))
    padded = np.pad(y, n_fft)
    frames = []
    for place in range(columns * each):
        start = int((place + 0.5) * n / (columns * each)) - n_fft // 2 + n_fft
        frames.append(padded[start : start + n_fft])
    expected = np.array(frames).reshape(columns, each, n_fft).mean(axis=1).T
    # Means of at most eight numbers in single precision, in any order.
    np.testing.assert_allclose(found.columns(), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("sr", [8000, 22050, 44100])
def test_a_tone_is_where_the_scale_says(sr: int) -> None:
    y = np.sin(2 * np.pi * 1000 * np.arange(2 * sr) / sr).astype(np.float32)
    y[:sr] = 0
    spectra = spectrogram_columns(sr, len(y), 100)
    assert sum(map(len, spectra.watched([y[:777], y[777:]]))) == len(y)
    levels = as_levels(spectra.columns())
    assert levels[:, :45].max() == 0  # Silence before the tone.
    from_bottom = 1 - (levels[:, 60:].mean(axis=1).argmax() + 0.5) / len(levels)
    mark = next(mark for mark in frequency_marks(sr) if mark["hz"] == 1000)
    assert from_bottom == pytest.approx(mark["at"], abs=1.5 / len(levels))


@pytest.mark.parametrize("sr", [4000, 16000, 48000, 250000])
def test_frequencies_are_marked_where_the_mel_scale_has_them(sr: int) -> None:
    marks = frequency_marks(sr)
    for mark in marks:
        expected = librosa.hz_to_mel(mark["hz"]) / librosa.hz_to_mel(sr / 2)
        assert mark["at"] == pytest.approx(expected, abs=1e-4)  # Four digits are kept.
    gaps = np.diff([mark["at"] for mark in marks])
    assert (gaps > 0.15).all()
    assert marks


def test_a_chromagram_has_its_note_in_the_row_of_it() -> None:
    y = np.sin(2 * np.pi * 440 * np.arange(22050) / 22050).astype(np.float32)
    chroma = chromagram_columns(22050, len(y), 20)
    list(chroma.watched([y]))
    shares = as_shares(chroma.columns())
    assert shares.shape == (12, 20)
    assert (shares.argmax(axis=0) == 2).all()  # B, A#, A.
    assert (shares.max(axis=0) == 1).all()


def test_silence_is_a_dark_picture() -> None:
    assert not as_levels(np.zeros((4, 5), np.float32)).any()
    assert not as_shares(np.zeros((12, 5), np.float32)).any()
