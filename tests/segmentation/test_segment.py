"""Segmentation: spans of known recordings are found, and hold to what was asked for."""

from __future__ import annotations

import subprocess
import sys
import threading
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import librosa
import mir_eval
import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import multivariate_normal
from support.recordings import N_SPANS, PEAK, SPAN, SR, join
from support.sounds import alternating, tone

import audioclust as ac
from audioclust import _core
from audioclust.audio.recording import Recording
from audioclust.audio.spans import SILENCE
from audioclust.errors import NothingExtractedError, ParameterError
from audioclust.segmentation import frame_store as store
from audioclust.segmentation import frames as framing
from audioclust.segmentation.resegmentation import Settings, amid_pauses
from audioclust.segmentation.result import Segmentation
from audioclust.segmentation.windows import Windows

if TYPE_CHECKING:
    from support.recordings import Joined


def scores(found: Segmentation, truth: Joined) -> tuple[float, float]:
    """Frame V-measure and boundary F-measure at 0.25 s."""
    spans = np.array([[span.start, span.end] for span in found.spans])
    labels = [str(span.label) for span in found.spans]
    v = mir_eval.segment.vmeasure(truth.intervals, list(truth.labels), spans, labels)[2]
    f = mir_eval.segment.detection(truth.intervals, spans, window=0.25, trim=True)[2]
    return v, f


def check_spans(found: Segmentation, least: float) -> None:
    """Raise unless spans follow on one another, none too short, and neighbours differ."""
    for recording in found.recordings:
        spans = [span for span in found.spans if span.path == recording.path]
        assert spans[0].start == 0
        assert spans[-1].end == recording.duration
        for one, other in pairwise(spans):
            assert one.end == other.start
            assert one.label != other.label
        shortest = min(span.duration for span in spans)
        assert shortest >= min(least, recording.duration) - 1e-9


# The recordings that segmentation is measured with.


def test_joined_recordings_are_what_they_say(data: Path) -> None:
    for music in (True, False):
        joined = join(data, 3, music=music)
        again = join(data, 3, music=music)
        assert np.array_equal(joined.y, again.y)
        assert len(joined.labels) == N_SPANS
        assert len(set(joined.labels)) == 2 + music
        assert all(a != b for a, b in pairwise(joined.labels))
        lengths = np.diff(joined.boundaries)
        assert lengths.min() >= SPAN[0] - 1 / SR
        assert lengths.max() <= SPAN[1]
        assert joined.boundaries[-1] == pytest.approx(len(joined.y) / SR)
        for start, end in joined.intervals:
            part = joined.y[round(start * SR) : round(end * SR)]
            assert np.abs(part).max() == pytest.approx(PEAK)
        counts = [joined.labels.count(name) for name in set(joined.labels)]
        assert max(counts) - min(counts) <= 1
    assert not np.array_equal(join(data, 4, music=False).y[:SR], joined.y[:SR])


@pytest.mark.parametrize("music", [False, True])
def test_speakers_and_music_are_told_apart(data: Path, music: bool) -> None:
    found = []
    for seed in (0, 3, 5):
        truth = join(data, seed, music=music)
        result = ac.segment({"joined": (truth.y, SR)}, 2 + music)
        check_spans(result, 2.0)
        found.append(scores(result, truth))
    v, f = np.mean(found, axis=0)
    assert v >= 0.93
    assert f >= 0.85


# What must hold of every result.


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
    result = ac.segment({"y": (y, SR)}, "auto", min_clusters=2, max_clusters=5)
    assert result.k == 3
    assert result.selection is not None
    bounded = ac.segment({"y": (y, SR)}, "auto", min_clusters=4, max_clusters=4)
    assert bounded.k == 4


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"k": 0}, "k=0: expected an int from 1"),
        ({"k": "many"}, "k='many': expected an int, or \"auto\""),
        ({"min_clusters": 2}, 'min_clusters=2: expected k="auto" with it'),
        ({"window": 0.0}, "window=0.0: expected a finite number above 0"),
        ({"window": 0.01}, "window=0.01: expected at least 0.02322"),
        ({"hop": -1}, "hop=-1: expected a finite number above 0"),
        ({"min_duration": -1}, "min_duration=-1: expected a finite number, at least 0"),
        ({"silence": "yes"}, "silence='yes': expected True or False"),
        ({"features": "timbre"}, "timbre"),
        ({"k": 50}, r"k=50: expected at most 39, .* windows of 2.5 s every 0.25 s"),
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
    assert [error.path for error in result.errors] == ["short"]
    with pytest.raises(ParameterError, match="k=2: expected at most 1, the number of windows"):
        ac.segment({"y": (alternating([0], 2.5), SR)})


# What the parts compute, beside slow and plain twins.


def test_windows_are_means_of_librosas_frames_under_one_floor() -> None:
    """Each value is a mean of librosa's own frames of the whole recording."""
    y = alternating([0, 1, 0], 3.0) * np.repeat([1, 1e-4, 0.1], 3 * SR).astype(np.float32)
    windows = Windows(1.0, 0.4)
    names = ("rms", "mfcc", "spectral_contrast", "spectral_centroid")
    plan = framing.FramePlan(tuple(ac.Feature(name) for name in names), windows)
    recording = Recording("y", (y, SR))
    with_frames = framing.frames_of(plan, recording, threading.Event())
    mfcc = librosa.feature.mfcc(y=y, sr=SR)
    frames = np.concatenate(
        [
            librosa.feature.rms(y=y),
            mfcc,
            librosa.feature.spectral_contrast(y=y, sr=SR),
            librosa.feature.spectral_centroid(y=y, sr=SR),
        ]
    )
    times = librosa.times_like(mfcc, sr=SR)
    for i, row in enumerate(with_frames.rows):
        inside = (times >= i * 0.4 - 1e-9) & (times < i * 0.4 + 1.0 - 1e-9)
        expected = frames[:, inside].mean(axis=1)
        # As in the parity test, relative to the column's size.
        assert np.abs(row - expected).max() <= 2e-3 * np.abs(frames).max()
        assert row[:28] == pytest.approx(expected[:28], abs=5e-3)
    assert len(with_frames.rows) == 1 + int((9 - 1) / 0.4)
    _, cepstra = next(iter(with_frames.cepstra.blocks()))
    assert cepstra == pytest.approx(mfcc.T[:, 1:20], abs=5e-3)
    rms = librosa.feature.rms(y=y)[0]
    votes = rms > rms.max() * 10 ** (-45 / 20)
    assert np.array_equal(with_frames.votes, votes)
    assert 0.5 < votes.mean() < 0.8
    with_frames.close()


def slow_viterbi(table: np.ndarray, least: int) -> float:
    """The best total, by states that count how long a run already is."""
    k = table.shape[1]
    best = np.full((k, least), -np.inf)
    best[:, 0] = table[0]
    for row in table[1:]:
        moved = np.full_like(best, -np.inf)
        ends = best[:, -1]
        for label in range(k):
            others = np.delete(ends, label)
            fresh = others.max() if len(others) else -np.inf
            moved[label, 1:] = best[label, :-1]
            moved[label, 0] = fresh
            moved[label, -1] = max(moved[label, -1], ends[label])
            moved[label] += row[label]
        best = moved
    return float(best[:, -1].max())


@settings(max_examples=60, deadline=None)
@given(
    n=st.integers(1, 80), k=st.integers(1, 5), least=st.integers(1, 20), seed=st.integers(0, 99)
)
def test_the_best_spans_are_found(n: int, k: int, least: int, seed: int) -> None:
    table = np.random.default_rng(seed).integers(-20, 1, (n, k)).astype(np.float32)
    viterbi = _core.Viterbi(k, least)
    viterbi.push(table[: n // 3])
    viterbi.push(table[n // 3 :])
    labels = viterbi.finish()
    runs = np.diff(np.concatenate([[0], np.flatnonzero(np.diff(labels)) + 1, [n]]))
    assert runs.min() >= min(least, n)
    total = table[np.arange(n), labels].sum()
    assert total == slow_viterbi(table, min(least, n))


def test_scores_are_those_of_scipys_gaussians(rng: np.random.Generator) -> None:
    rows = (rng.normal(size=(500, 6)) @ rng.normal(size=(6, 6))).astype(np.float32)
    labels = rng.integers(-1, 3, 500).astype(np.int32)
    counts, sums, products = _core.moments(rows, labels, 3)
    means = sums / counts[:, None]
    covariances = products / counts[:, None, None] - means[:, :, None] * means[:, None, :]
    for label in range(3):
        members = rows[labels == label].astype(np.float64)
        assert counts[label] == len(members)
        assert means[label] == pytest.approx(members.mean(axis=0), abs=1e-9)
        assert covariances[label] == pytest.approx(np.cov(members.T, bias=True), abs=1e-9)
    whitening = np.tril(np.linalg.inv(np.linalg.cholesky(covariances)))
    votes = rng.random(500) < 0.7
    found = _core.Gaussians(means, whitening).scores(rows, votes, 0.5)
    expected = np.stack(
        [multivariate_normal(means[i], covariances[i]).logpdf(rows) for i in range(3)], axis=1
    )
    expected = np.maximum(expected - expected.max(axis=1, keepdims=True), -0.5)
    expected[~votes] = 0
    assert found == pytest.approx(expected, abs=1e-5)


def test_boundaries_lie_amid_pauses_if_spans_stay_long_enough() -> None:
    labels = np.repeat([0, 1, 0, 1], [20, 20, 20, 20]).astype(np.int32)
    votes = np.ones(80, np.bool_)
    votes[20:26] = False  # the boundary at its start: moved by 3
    votes[32:40] = False  # one at its end: moved by 4 to the left
    votes[59:71] = False  # one near its start: moved by 5 to the right

    def edges(least: int, silence: bool = False) -> list[int]:
        settings = Settings(1 if silence else 2, least, silence)
        moved = amid_pauses(labels, votes, settings)
        return (np.flatnonzero(np.diff(moved)) + 1).tolist()

    assert edges(5) == [23, 36, 65]
    # No span may be under 17: the second keeps its end, and the last loses only three.
    assert edges(17) == [23, 40, 63]
    # Next to silence, which is label 1 then, boundaries are where it begins and ends.
    assert edges(5, silence=True) == [20, 40, 60]


def test_a_store_gives_back_what_it_was_given(
    monkeypatch: pytest.MonkeyPatch, rng: np.random.Generator
) -> None:
    rows = rng.normal(size=(10_000, 3)).astype(np.float32)
    for room in (100, 10_000_000):
        monkeypatch.setattr(store, "ROOM", room)
        with store.FrameStore(3) as kept:
            for start in range(0, 10_000, 777):
                kept.append(rows[start : start + 777])
            kept.append(rows[:0])
            for _ in range(2):
                blocks = list(kept.blocks())
                assert np.array_equal(np.concatenate([block for _, block in blocks]), rows)
                assert [start for start, _ in blocks] == list(range(0, 10_000, 4096))


# Sound and pictures.


def test_the_spans_of_a_label_are_written_as_sound(tmp_path: Path) -> None:
    y = alternating([0, 1, 0, 1])
    stereo = np.stack([y, 0.5 * y])
    result = ac.segment({"y": (stereo, SR)}, 2)
    for label in (0, 1):
        path = tmp_path / f"{label}.wav"
        result.write_audio(label, path)
        written, sr = soundfile.read(path, dtype="float32")
        spans = result[label]
        parts = [stereo.T[round(s.start * SR) : round(s.end * SR)] for s in spans]
        expected = np.concatenate(parts)
        assert sr == SR
        assert written.shape == expected.shape
        edges = np.cumsum([0, *map(len, parts)])
        # Parts begin at silence, but for one step of 16 bits.
        assert np.abs(written[edges[:-1]]).max() <= 2**-15
        faded = np.abs(np.arange(len(expected))[:, None] - edges).min(axis=1) < 0.011 * SR
        # 16 bits of it.
        assert written[~faded] == pytest.approx(expected[~faded], abs=2**-15)
        assert np.all(np.abs(written) <= np.abs(expected) + 2**-15)
    with pytest.raises(ParameterError, match=r"expected a suffix such as .wav"):
        result.write_audio(0, tmp_path / "sound.xyz")
    with pytest.raises(ParameterError, match="label=2: expected an int from -1 to 1"):
        result.write_audio(2, tmp_path / "2.wav")
    with pytest.raises(ParameterError, match="label=-1: expected one of 0, 1"):
        result.write_audio(-1, tmp_path / "silence.wav")


def test_recordings_of_other_rates_are_written_together(tmp_path: Path) -> None:
    first = alternating([0, 1])
    second = alternating([1, 0], sr=44100)[: 12 * 44100]
    result = ac.segment({"a": (first, SR), "b": (np.stack([second] * 2), 44100)}, 2)
    label = result.spans[0].label
    result.write_audio(label, tmp_path / "both.flac")
    info = soundfile.info(tmp_path / "both.flac")
    assert (info.samplerate, info.channels) == (SR, 1)
    assert info.duration == pytest.approx(result.durations()[label], abs=0.01)


def test_a_picture_shows_each_span_in_its_colour(tmp_path: Path) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    y = alternating([0, -1, 1, 0])
    result = ac.segment({"y": (y, SR)}, 2, silence=True)
    ax = result.plot()
    assert len(ax.collections) == len(result.spans)
    assert ax.get_xlim() == (0, 24)
    assert "time" in ax.get_xlabel()
    legend = ax.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["0", "1", "silence"]
    _, own = plt.subplots()
    assert result.plot(own) is own
    plt.figure(1).savefig(tmp_path / "spans.png")
    plt.close("all")


CODE = """
import re, sys, audioclust
result = audioclust.segment(sys.argv[1], n_jobs=1)
assert result.recordings[0].duration == float(sys.argv[2])
print(re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())[1])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_an_hour_takes_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "hour.wav"
    rng = np.random.default_rng(0)
    with soundfile.SoundFile(path, "w", 8000, 1) as file:
        for second in range(3600):
            noise = rng.normal(size=8000) * 0.1
            file.write(np.cumsum(noise) * 0.05 if second // 20 % 2 else noise)
    command = [sys.executable, "-c", CODE, str(path), "3600"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert int(done.stdout) < 250_000  # kB: its bands alone are 92 MB, and are on disk
