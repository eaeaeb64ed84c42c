"""segment() on recordings and dialogues whose spans are known, beside other ways to find them.

Each way is given the number of labels, unless its row says otherwise. The ways that find
boundaries first are also given the number of boundaries, and their segments are then grouped by
k-means over means of the same features.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np
import pytest
import soundfile
from report import fact
from support.conversations import (
    DIALOGUES,
    EXCERPTS,
    Conversation,
    Turn,
    error_rate,
    load,
    mislabelled,
)
from support.data import DATA
from support.recordings import N_SPANS, SR, Joined, join

import audioclust
from audioclust.audio.recording import Recording
from audioclust.extraction.analysis import Feature
from audioclust.segmentation.frames import FramePlan, frames_of
from audioclust.segmentation.labelling import first_pass
from audioclust.segmentation.windows import Windows

SEEDS = range(12)
HOP = 0.25

Spans: TypeAlias = "tuple[np.ndarray, list[str]]"
"""Intervals (n, 2) in seconds, and their labels."""


def ours(joined: Joined, k: int) -> Spans:
    found = audioclust.segment({"joined": (joined.y, SR)}, k)
    intervals = np.array([[span.start, span.end] for span in found.spans])
    return intervals, [str(span.label) for span in found.spans]


def not_merged(joined: Joined, k: int) -> Spans:
    """segment() with k labels from the start, so that none are merged."""
    before = first_pass.LEAST_LABELS, first_pass.LABELS_PER_K
    first_pass.LEAST_LABELS, first_pass.LABELS_PER_K = 1, 1
    try:
        return ours(joined, k)
    finally:
        first_pass.LEAST_LABELS, first_pass.LABELS_PER_K = before


def rows_of(joined: Joined, length: float) -> np.ndarray:
    """The features of windows that segment() has unless told otherwise, scaled."""
    from audioclust.clustering.scaling import Scaler
    from audioclust.extraction.registry import registry

    features = tuple(Feature(info.name) for info in registry() if "article" in info.sets)
    plan = FramePlan(features, Windows(length, HOP))
    frames = frames_of(plan, Recording("joined", (joined.y, SR)), threading.Event())
    frames.close()
    return Scaler.fit(frames.rows, "standard").transform(frames.rows)


def as_spans(labels: np.ndarray, joined: Joined, length: float) -> Spans:
    """Give runs of equal labels as spans; a window counts for the time around its middle."""
    changes = np.flatnonzero(np.diff(labels)) + 1
    edges = [0.0, *(changes * HOP + (length - HOP) / 2), joined.boundaries[-1]]
    own = labels[np.concatenate([[0], changes])]
    return np.stack([edges[:-1], edges[1:]], axis=1), [str(label) for label in own]


def kmeans(rows: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    from sklearn.cluster import KMeans

    found = KMeans(k, n_init=10, random_state=0).fit(rows)
    return found.labels_, found.cluster_centers_


def plain_windows(joined: Joined, k: int) -> Spans:
    return as_spans(kmeans(rows_of(joined, 2.5), k)[0], joined, 2.5)


def windows_and_viterbi(joined: Joined, k: int) -> Spans:
    from audioclust import _core

    rows = rows_of(joined, 1.5)
    centers = kmeans(rows, k)[1]
    viterbi = _core.Viterbi(k, round(2.0 / HOP))
    viterbi.push(-((rows[:, None] - centers) ** 2).sum(axis=2).astype(np.float32))
    return as_spans(viterbi.finish(), joined, 1.5)


def grouped(rows: np.ndarray, starts: np.ndarray, k: int) -> np.ndarray:
    """Labels of windows, by k-means over the means of segments that begin at some of them."""
    edges = np.unique([0, *starts, len(rows)]).astype(int)
    segments = [rows[a:b] for a, b in pairwise(edges)]
    labels = kmeans(np.stack([part.mean(axis=0) for part in segments]), k)[0]
    return np.repeat(labels, [len(part) for part in segments])


def agglomerative(joined: Joined, k: int) -> Spans:
    from librosa.segment import agglomerative as segments_of

    rows = rows_of(joined, 1.5)
    starts = segments_of(rows.T, N_SPANS)
    return as_spans(grouped(rows, starts, k), joined, 1.5)


def novelty(joined: Joined, k: int) -> Spans:
    """Foote's method: a checkerboard kernel along the diagonal of the self-similarity."""
    rows = rows_of(joined, 1.5)
    half = round(4.0 / HOP)
    taper = np.exp(-((np.arange(-half, half) + 0.5) ** 2) / (half / 2) ** 2 / 2)
    sign = np.sign(np.arange(-half, half) + 0.5)
    kernel = np.outer(sign * taper, sign * taper)
    padded = np.pad(rows, ((half, half), (0, 0)), mode="edge")
    unit = padded / np.linalg.norm(padded, axis=1, keepdims=True)
    curve = np.array(
        [
            (kernel * (unit[i : i + 2 * half] @ unit[i : i + 2 * half].T)).sum()
            for i in range(len(rows))
        ]
    )
    peaks = [i for i in range(1, len(curve) - 1) if curve[i - 1] < curve[i] >= curve[i + 1]]
    starts = sorted(sorted(peaks, key=lambda i: -curve[i])[: N_SPANS - 1])
    return as_spans(grouped(rows, np.array(starts), k), joined, 1.5)


def laplacian(joined: Joined, k: int) -> Spans:
    """McFee and Ellis's method as in librosa's gallery, over windows instead of beats."""
    import scipy.linalg
    import scipy.ndimage
    from librosa.segment import recurrence_matrix, timelag_filter

    rows = rows_of(joined, 1.5)
    affinity = recurrence_matrix(rows.T, width=3, mode="affinity", sym=True)
    affinity = timelag_filter(scipy.ndimage.median_filter)(affinity, size=(1, 7))
    steps = ((rows[1:] - rows[:-1]) ** 2).sum(axis=1)
    path = np.exp(-steps / np.median(steps))
    chain = np.diag(path, 1) + np.diag(path, -1)
    near, far = chain.sum(axis=1), affinity.sum(axis=1)
    weight = near @ (near + far) / np.sum((near + far) ** 2)
    both = weight * affinity + (1 - weight) * chain
    _, vectors = scipy.linalg.eigh(scipy.sparse.csgraph.laplacian(both, normed=True))
    smooth = scipy.ndimage.median_filter(vectors[:, :k], size=(9, 1))
    scaled = smooth / np.maximum(np.linalg.norm(smooth, axis=1, keepdims=True), 1e-9)
    return as_spans(kmeans(scaled, k)[0], joined, 1.5)


def scores(found: Spans, joined: Joined) -> tuple[float, float, float]:
    """V-measure of frames, F-measure of boundaries at 0.25 s, and diarization error rate."""
    import mir_eval
    import simpleder

    intervals, labels = found
    truth = joined.intervals, list(joined.labels)
    v = mir_eval.segment.vmeasure(*truth, intervals, labels)[2]
    f = mir_eval.segment.detection(truth[0], intervals, window=0.25, trim=True)[2]
    known = [(name, a, b) for name, (a, b) in zip(truth[1], truth[0], strict=True)]
    guess = [(name, a, b) for name, (a, b) in zip(labels, intervals, strict=True)]
    return v, f, simpleder.DER(known, guess)


WAYS: dict[str, tuple[Callable[[Joined, int], Spans], str]] = {
    "audioclust.segment": (ours, "≥ .93, ≥ .75, ≥ .90"),
    "the same, windows grouped into k at once": (not_merged, ""),
    "windows of 1.5 s, k-means, Viterbi": (windows_and_viterbi, ""),
    "windows of 2.5 s, k-means": (plain_windows, ""),
    "librosa.segment.agglomerative, k-means": (agglomerative, ""),
    "Foote novelty, k-means": (novelty, ""),
    "Laplacian segmentation": (laplacian, ""),
}


@pytest.mark.parametrize("way", WAYS)
def bench_known_spans(way: str) -> None:
    if not (DATA / "digits").is_dir():
        pytest.skip(f"no digits in {DATA}")
    find, goal = WAYS[way]
    found = []
    for seed in SEEDS:
        for music in (True, False):
            joined = join(DATA, seed, music=music)
            found.append(scores(find(joined, 2 + music), joined))
    v, f, error = np.array(found).T
    value = f"V {v.mean():.3f}, worst {v.min():.2f}; F {f.mean():.3f}; error {error.mean():.1%}"
    fact(f"{2 * len(SEEDS)} joined recordings: {way}", value, goal)


def voices(truth: Conversation, k: int | Literal["auto"], least: float = 2.0) -> list[Turn]:
    found = audioclust.segment({"dialogue": (truth.y, truth.sr)}, k, min_duration=least)
    return [(span.start, span.end, str(span.label)) for span in found.spans]


def pyaudioanalysis(truth: Conversation, k: int, folder: Path) -> list[Turn]:
    """Its speaker diarization, which gives a label for each 0.1 s and draws random numbers."""
    from pyAudioAnalysis.audioSegmentation import speaker_diarization

    path = folder / f"{truth.name}.wav"
    soundfile.write(path, truth.y, truth.sr, subtype="PCM_16")
    np.random.seed(0)  # noqa: NPY002 - that is where it takes them from
    labels = np.asarray(speaker_diarization(str(path), k, plot_res=False)[0])
    changes = [0, *(np.flatnonzero(np.diff(labels)) + 1).tolist(), len(labels)]
    return [(0.1 * a, 0.1 * b, str(labels[a])) for a, b in pairwise(changes)]


def told(
    name: str, truths: list[Conversation], found: list[list[Turn]], goal: str = ""
) -> None:
    """Add a line: the pooled share of mislabelled time, and the diarization error rate."""
    pairs = [*zip(found, truths, strict=True)]
    wrong, total = np.sum([mislabelled(spans, truth) for spans, truth in pairs], axis=0)
    errors = [error_rate(spans, truth.turns) for spans, truth in pairs]
    right = sum(len({who for _, _, who in spans}) == truth.n_voices for spans, truth in pairs)
    value = f"{wrong / total:.3f}; DER {np.mean(errors):.3f}; right k {right} of {len(pairs)}"
    fact(name, value, goal)


def conversations(names: tuple[str, ...]) -> list[Conversation]:
    if not (DATA / "conversations").is_dir():
        pytest.skip(f"no conversations in {DATA}")
    return [load(DATA, name) for name in names]


@pytest.mark.parametrize("least", [2.0, 1.0, 0.5])
def bench_dialogues(least: float) -> None:
    truths = conversations(DIALOGUES)
    found = [voices(truth, truth.n_voices, least) for truth in truths]
    told(f"5 dialogues, k known, min_duration={least:g}: mislabelled", truths, found, "≤ .03")


def bench_number_of_voices() -> None:
    truths = conversations(DIALOGUES)
    found = [voices(truth, "auto") for truth in truths]
    told('5 dialogues, k="auto": mislabelled', truths, found, "≤ .06, 4 of 5")


def bench_one_label() -> None:
    truths = conversations(DIALOGUES)
    found = [[(0.0, len(truth.y) / truth.sr, "0")] for truth in truths]
    told("5 dialogues, one label for all: mislabelled", truths, found)


def bench_pyaudioanalysis(tmp_path: Path) -> None:
    truths = conversations(DIALOGUES)
    pytest.importorskip("pyAudioAnalysis.audioSegmentation", exc_type=ImportError)
    found = [pyaudioanalysis(truth, truth.n_voices, tmp_path) for truth in truths]
    told("5 dialogues, k known, pyAudioAnalysis: mislabelled", truths, found)


@pytest.mark.parametrize("known", [True, False])
def bench_excerpts(known: bool) -> None:
    truths = conversations(EXCERPTS)
    found = [voices(truth, truth.n_voices if known else "auto", 0.5) for truth in truths]
    told(f"3 meeting excerpts, k {'known' if known else 'auto'}: mislabelled", truths, found)


PEAK = """
import re, sys, time, audioclust
start = time.perf_counter()
audioclust.segment(sys.argv[1], n_jobs=2)
took = time.perf_counter() - start
print(took, int(re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())[1]) / 1024)
"""


def write_hours(path: Path, hours: int) -> None:
    """Joined voices and music, again and again."""
    parts = [join(DATA, seed, music=True).y for seed in range(4)]
    left = 3600 * hours * SR
    with soundfile.SoundFile(path, "w", SR, 1) as file:
        while left:
            for part in parts:
                for start in range(0, len(part), 65_536):
                    block = part[start : start + 65_536][:left]
                    file.write(block)
                    left -= len(block)


def bench_hours(tmp_path: Path) -> None:
    if not (DATA / "digits").is_dir():
        pytest.skip(f"no digits in {DATA}")
    for hours, goal in ((1, "at most 10 s"), (10, "at most 300 MB")):
        path = tmp_path / f"{hours}.flac"
        write_hours(path, hours)
        command = [sys.executable, "-c", PEAK, str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        path.unlink()
        took, peak = map(float, done.stdout.split())
        fact(f"segment(), {hours} h of 22 kHz FLAC", f"{took:.1f} s, {peak:.0f} MB", goal)
