"""Segmentations are what was asked for, and what cannot be is refused in words."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import librosa
import numpy as np
import pytest
import soundfile
from support.recordings import SR
from support.segments import check_spans
from support.sounds import alternating, tone

import audioclust as ac
from audioclust.audio.spans import SILENCE
from audioclust.errors import NothingExtractedError, ParameterError


def bands_of_noise(n: int, seconds: float = 5.0) -> np.ndarray:
    """Noises one after the other, each in a band that no other has."""
    rng = np.random.default_rng(0)
    length = int(seconds * SR)
    frequencies = np.fft.rfftfreq(length, 1 / SR)
    edges = librosa.mel_frequencies(n + 1, fmin=100, fmax=10_000)
    parts = []
    for low, high in pairwise(edges):
        spectrum = np.fft.rfft(rng.normal(size=length))
        spectrum[(frequencies < low) | (frequencies > high)] *= 1e-3
        parts.append(np.fft.irfft(spectrum, length))
    return np.concatenate(parts).astype(np.float32)


@pytest.mark.parametrize("min_duration", [0.0, 0.5, 3.0, 7.0])
def test_no_span_is_shorter_than_asked_for(min_duration: float) -> None:
    y = alternating([0, 1, 0, 2, 1], 2.2)
    result = ac.segment({"y": (y, SR)}, 3, min_duration=min_duration, window=1.0)
    check_spans(result, min_duration)


def test_boundaries_are_found_where_the_colour_changes() -> None:
    y = alternating([0, 1, 2, 0, 1])
    result = ac.segment({"y": (y, SR)}, 3)
    starts = np.array([span.start for span in result.spans])
    assert np.abs(starts - np.arange(5) * 6.0).max() < 0.1
    labels = [span.label for span in result.spans]
    assert labels == [labels[0], labels[1], 2, labels[0], labels[1]]
    assert len(result.labels) == len(result.items) == 1 + int((30 - 2.5) / 0.25)
    for item, label in zip(result.items, result.labels, strict=True):
        middle = (item.start + item.end) / 2
        span = next(s for s in result.spans if s.start <= middle < s.end)
        assert span.label == label or min(middle - span.start, span.end - middle) < 0.05


def test_labels_are_numbered_by_their_duration() -> None:
    y = np.concatenate([alternating([0], 4.0), alternating([1], 9.0), alternating([2], 6.0)])
    result = ac.segment({"y": (y, SR)}, 3)
    assert [span.label for span in result.spans] == [2, 0, 1]
    assert list(result.durations()) == [0, 1, 2]


def test_neither_threads_nor_rates_nor_files_change_much(tmp_path: Path) -> None:
    y = alternating([0, 1, 0, 1])
    one = ac.segment({"a": (y, SR), "b": (y[::-1].copy(), SR)}, 2, n_jobs=1)
    two = ac.segment({"a": (y, SR), "b": (y[::-1].copy(), SR)}, 2, n_jobs=2)
    assert one.spans == two.spans
    chosen = [ac.segment({"a": (y, SR), "b": (y, SR)}, "auto", n_jobs=n) for n in (1, 2)]
    assert chosen[0].selection == chosen[1].selection
    assert chosen[0].spans == chosen[1].spans
    path = tmp_path / "y.wav"
    soundfile.write(path, y, SR, subtype="FLOAT")
    assert [s[1:] for s in ac.segment(path).spans] == [
        s[1:] for s in ac.segment({"y": (y, SR)}).spans
    ]


def test_several_recordings_share_their_labels() -> None:
    first, second = alternating([0, 1]), alternating([1, 0, 1], seed=1)
    result = ac.segment({"a": (first, SR), "b": (second, SR)}, 2)
    check_spans(result, 2.0)
    labels = {path: [s.label for s in result.spans if s.path == path] for path in "ab"}
    assert labels == {"a": [1, 0], "b": [0, 1, 0]}
    assert len(result.labels) == len(result.items)


def test_silence_has_a_label_of_its_own_if_asked_for() -> None:
    y = alternating([0, -1, 1, -1, 0, 1])
    result = ac.segment({"y": (y, SR)}, 2, silence=True)
    check_spans(result, 2.0)
    labels = [span.label for span in result.spans]
    assert [label == SILENCE for label in labels] == [False, True, False, True, False, False]
    assert labels[0] == labels[4] != labels[2] == labels[5]
    starts = [span.start for span in result.spans]
    # The frames at an edge hear it up to half their length, 46 ms, away.
    assert np.abs(np.array(starts) - 6.0 * np.arange(6)).max() < 0.06
    assert set(result.labels) == {SILENCE, 0, 1}
    plain = ac.segment({"y": (y, SR)}, 2)
    assert SILENCE not in plain.labels


def test_a_short_pause_is_no_span() -> None:
    y = alternating([0, 1])
    y[3 * SR : 4 * SR] = 0
    result = ac.segment({"y": (y, SR)}, 2, silence=True)
    assert len(result.spans) == 2


def test_the_number_of_labels_is_chosen() -> None:
    y = alternating([0, 1, 2, 0, 2, 1])
    result = ac.segment({"y": (y, SR)}, "auto", k_range=range(2, 6))
    assert result.k == 3
    assert result.selection is not None
    assert result.selection.k.tolist() == [2, 3, 4, 5]
    assert "k=3 was chosen" in repr(result)
    default = ac.segment({"y": (y, SR)}, None)
    assert default.selection is not None
    assert default.selection.k.tolist() == list(range(2, 9))
    assert default.spans == result.spans


def test_without_a_range_the_usual_numbers_are_tried() -> None:
    y = {"y": (alternating([0, 1, 0, 1]), SR)}
    assert ac.segment(y, "auto", k_range=None).selection == ac.segment(y, "auto").selection
    assert ac.segment(y, 2, k_range=None).spans == ac.segment(y, 2).spans


def test_as_many_labels_are_found_as_may_be_chosen() -> None:
    y = bands_of_noise(20)
    result = ac.segment({"y": (y, SR)}, "auto", k_range=range(2, 31))
    assert result.selection is not None
    assert result.selection.k.tolist() == list(range(2, 31))
    assert result.k == 20
    check_spans(result, 2.0)
    few = ac.segment({"y": (y, SR)}, "auto", k_range=[3, 15])
    assert few.k == 15
    assert few.selection is not None
    assert few.selection.k.tolist() == [3, 15]
    assert few.selection.reason.endswith("16 labels differ enough, but 16 is not in k_range")


@pytest.mark.parametrize("k", [None, "auto"])
def test_without_structure_there_is_one_label(k: Any) -> None:
    # Windows that overlap resemble their neighbours, which must not look like structure.
    result = ac.segment({"y": (alternating([0], 20.0), SR)}, k)
    assert result.k == 1
    assert [span[1:] for span in result.spans] == [(0.0, 20.0, 0)]
    assert result.selection is not None
    assert result.selection.best_k == 1
    # Of a single window there is nothing to choose.
    assert ac.segment({"y": (alternating([0], 2.5), SR)}, k).k == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"k": 0}, "k=0: expected an int from 1"),
        ({"k": "many"}, "k='many': expected an int from 1 .* or 'auto'"),
        ({"k": 1001}, "k=1001: expected an int from 1 to 1000"),
        ({"k_range": []}, r"k_range=\[\]: expected at least one number"),
        ({"k_range": [1, 2]}, "k_range=1: expected an int from 2"),
        ({"k_range": [2, 1001]}, "k_range=1001: expected an int from 2 to 1000"),
        ({"random_state": -1}, "random_state=-1: expected an int from 0"),
        ({"window": 0.0}, "window=0.0: expected a finite number above 0"),
        ({"window": 0.01}, "window=0.01: expected at least 0.02322"),
        ({"hop": -1}, "hop=-1: expected a finite number above 0"),
        ({"min_duration": -1}, "min_duration=-1: expected a finite number, at least 0"),
        ({"silence": "yes"}, "silence='yes': expected True or False"),
        ({"features": "timbre"}, "timbre"),
        ({"k": 50}, r"39 different windows of 2.5 s every 0.25 s .* at least 50, .* \(k=50\)"),
    ],
)
def test_wrong_arguments_are_named(arguments: dict[str, object], message: str) -> None:
    y = alternating([0, 1])
    with pytest.raises(ParameterError, match=message):
        ac.segment({"y": (y, SR)}, **arguments)  # type: ignore[arg-type]


def test_what_cannot_be_segmented_says_why() -> None:
    short = {"short": (tone(2.0), SR)}
    with pytest.raises(NothingExtractedError, match="lasts 2.00 s.* a shorter window= may do"):
        ac.segment(short)
    with pytest.raises(NothingExtractedError, match="it is silent throughout"):
        ac.segment({"silent": (np.zeros(5 * SR, np.float32), SR)})
    result = ac.segment({"short": short["short"], "long": (alternating([0, 1]), SR)})
    assert [(error.path, error.kind) for error in result.errors] == [("short", "short")]
    with pytest.raises(ParameterError, match=r"^1 different windows .* at least 2, .* \(k=2\)"):
        ac.segment({"y": (alternating([0], 2.5), SR)})
