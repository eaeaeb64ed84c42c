"""Hits of one recording: found, measured, clustered, heard, drawn and written."""

from __future__ import annotations

import csv
import functools
import itertools
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import librosa
import matplotlib as mpl
import mir_eval
import numpy as np
import parselmouth
import pytest
import soundfile
from sklearn.preprocessing import MinMaxScaler

import audioclust as ac
from audioclust.listening.clicks import click, pitches, with_clicks
from audioclust.plotting.style import COLOURS

if TYPE_CHECKING:
    from numpy.typing import NDArray

lib: Any = librosa

mpl.use("Agg")

SCRIPT = Path(sys.executable).with_name("audioclust")


@functools.cache
def loop(sr: int = 22050, seed: int = 0) -> tuple[NDArray[np.float32], list[int]]:
    """Sixteen hits, kicks (0) and hats (1), and which is which."""
    rng = np.random.default_rng(seed)
    kinds = rng.integers(0, 2, 16).tolist()
    y = np.zeros(int(4.3 * sr))
    t = np.arange(int(0.15 * sr)) / sr
    for i, kind in enumerate(kinds):
        sound = rng.normal(size=len(t)) * 0.2 if kind else np.sin(2 * np.pi * 70 * t)
        start = int((0.2 + 0.25 * i + rng.uniform(0, 0.02)) * sr)
        y[start : start + len(t)] += 0.8 * sound * np.exp(-t / 0.03)
    return y.astype(np.float32), kinds


@functools.cache
def hits() -> ac.OnsetClusters:
    return ac.onsets({"loop": (loop()[0], 22050)})


@pytest.fixture(scope="module")
def published(data: Path) -> dict[str, Any]:
    found = json.loads((data / "published_results.json").read_text())["drum_loop"]
    found["path"] = data / found["audio"]
    return dict(found)


def partition(labels: Any) -> set[frozenset[int]]:
    labels = np.asarray(labels)
    return {frozenset(np.flatnonzero(labels == label).tolist()) for label in labels}


def test_the_loops_onsets_are_the_published_ones(published: dict[str, Any]) -> None:
    result = ac.onsets(published["path"])
    assert result.frames.tolist() == published["onset_frames"]
    assert result.samples.tolist() == [512 * frame for frame in published["onset_frames"]]
    np.testing.assert_array_equal(result.times, result.samples / 22050)


@pytest.mark.parametrize("seed", range(5))
def test_kmeans_reaches_the_best_known_inertia(published: dict[str, Any], seed: int) -> None:
    result = ac.onsets(published["path"], random_state=seed)
    assert result.inertia == pytest.approx(published["kmeans_inertia_best_known"], abs=5e-5)
    rows, labels = result.features_scaled, result.labels
    centers = np.stack([rows[labels == label].mean(axis=0) for label in (0, 1)])
    assert np.sum((rows - centers[labels]) ** 2) == pytest.approx(result.inertia)


def test_the_published_classes_are_a_fixed_point(published: dict[str, Any]) -> None:
    rows = ac.onsets(published["path"]).features_scaled
    labels = np.array(published["kmeans_labels_published"])
    centers = np.stack([rows[labels == label].mean(axis=0) for label in (0, 1)])
    distances = np.sum((rows[:, np.newaxis] - centers) ** 2, axis=2)
    np.testing.assert_array_equal(distances.argmin(axis=1), labels)
    inertia = published["kmeans_inertia_of_published_labels"]
    assert distances.min(axis=1).sum() == pytest.approx(inertia, abs=5e-5)


def test_affinity_propagation_gives_the_published_classes(published: dict[str, Any]) -> None:
    result = ac.onsets(published["path"], k="auto", algorithm="affinity")
    assert partition(result.labels) == partition(
        published["affinity_propagation_labels_published"]
    )
    assert result.k == 4


@pytest.mark.parametrize("window", [0.05, 0.09, 0.2])
def test_features_are_librosas_and_numpys_of_the_stretch(
    published: dict[str, Any], window: float
) -> None:
    y, sr = librosa.load(published["path"])
    result = ac.onsets(published["path"], window=window)
    length = int(window * sr)
    for row, start in zip(result.features, result.samples, strict=True):
        hit = y[start : start + length]
        assert row[0] == librosa.zero_crossings(hit, pad=False).sum()
        assert row[1] == pytest.approx(np.sqrt(np.sum(np.square(hit, dtype=np.float64))))
    expected = MinMaxScaler((-1, 1)).fit_transform(result.features.astype(np.float64))
    np.testing.assert_allclose(result.features_scaled, expected, atol=1e-12)


def test_known_kinds_are_told_apart() -> None:
    for seed in range(5):
        y, kinds = loop(seed=seed)
        result = ac.onsets({"loop": (y, 22050)})
        assert partition(result.labels) == partition(kinds)


@pytest.mark.parametrize("algorithm", ["ward", "gmm"])
def test_other_algorithms_group_hits_too(algorithm: str) -> None:
    y, kinds = loop(seed=1)
    result = ac.onsets({"loop": (y, 22050)}, algorithm=algorithm)
    assert partition(result.labels) == partition(kinds)
    assert result.inertia is None
    assert repr(result).endswith(f"by {algorithm}>")


def test_the_number_of_classes_can_be_left_open() -> None:
    result = ac.onsets({"loop": (loop()[0], 22050)}, k="auto")
    selection = result.clustering.selection
    assert selection is not None
    assert result.k == selection.best_k


def test_spans_are_windows_from_the_onset_on() -> None:
    result = hits()
    assert [span[:3] for span in result.spans] == [tuple(item) for item in result.items]
    assert [span.label for span in result.spans] == result.labels.tolist()
    starts = np.array([span.start for span in result.spans])
    lengths = np.array([span.end - span.start for span in result.spans])
    np.testing.assert_array_equal(starts, result.times)
    np.testing.assert_allclose(lengths, int(0.09 * 22050) / 22050, atol=1e-12)
    assert sum(len(members) for members in result) == len(result.labels) == 16
    assert [len(members) for members in result] == np.bincount(result.labels).tolist()
    assert result[0][0] in result.items


def test_a_hit_goes_on_to_the_next_onset_or_the_end() -> None:
    y, _ = loop()
    result = ac.onsets({"loop": (y, 22050)}, until_next=True)
    ends = [span.end for span in result.spans]
    assert ends == [*result.times[1:].tolist(), len(y) / 22050]
    hit = y[result.samples[3] : result.samples[4]]
    assert result.features[3, 1] == pytest.approx(np.linalg.norm(hit))
    assert result.features[3, 0] == librosa.zero_crossings(hit, pad=False).sum()


def test_the_last_hit_ends_with_the_recording() -> None:
    y = loop()[0]
    whole = ac.onsets({"y": (y, 22050)})
    cut = y[: whole.samples[-1] + 1000]
    result = ac.onsets({"y": (cut, 22050)})
    assert result.samples[-1] == whole.samples[-1]
    assert result.spans[-1].end == len(cut) / 22050


def test_onsets_go_back_to_minima() -> None:
    y = loop()[0]
    result = ac.onsets({"y": (y, 22050)}, backtrack=True, delta=0.1, wait=6)
    frames = lib.onset.onset_detect(y=y, sr=22050, delta=0.1, wait=6, backtrack=True)
    assert result.frames.tolist() == np.unique(frames).tolist()


@pytest.mark.parametrize(("window", "n_fft", "hop"), [(0.09, 512, 128), (0.5, 2048, 512)])
def test_features_of_the_registry_are_librosas_of_the_stretch(
    window: float, n_fft: int, hop: int
) -> None:
    y = loop()[0]
    names = ["spectral_centroid", "l2_norm", "mfcc"]
    result = ac.onsets({"y": (y, 22050)}, features=names, window=window)
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
    result = ac.onsets({"y": (y, 22050)}, features=[own, "zero_crossings"])
    hit = y[result.samples[0] :][: int(0.09 * 22050)]
    expected = librosa.feature.spectral_centroid(y=hit, n_fft=1024, hop_length=300).mean()
    assert result.features[0, 1] == pytest.approx(expected, rel=1e-3)


def test_a_file_and_its_samples_give_the_same(tmp_path: Path) -> None:
    y = loop(44100)[0]
    soundfile.write(tmp_path / "a.wav", y, 44100, subtype="FLOAT")
    of_file = ac.onsets(tmp_path / "a.wav")
    of_samples = ac.onsets({"a": (y, 44100)})
    np.testing.assert_array_equal(of_file.samples, of_samples.samples)
    np.testing.assert_array_equal(of_file.features, of_samples.features)


def test_threads_and_repetition_change_nothing() -> None:
    one, two = (ac.onsets({"y": (loop()[0], 22050)}, n_jobs=n) for n in (1, 2))
    np.testing.assert_array_equal(one.labels, two.labels)
    assert one.inertia == two.inertia


# Clicks


@pytest.mark.parametrize("pitch", [500.0, 1000.0])
@pytest.mark.parametrize("sr", [8000, 22050, 44100, 48000])
def test_a_click_is_mir_evals(sr: int, pitch: float) -> None:
    made = mir_eval.sonify.clicks(np.zeros(1), sr, length=int(0.1 * sr))
    if pitch == 1000.0:
        np.testing.assert_allclose(click(pitch, sr)[: len(made)], made, atol=1e-12)
    spectrum = np.abs(np.fft.rfft(click(pitch, sr), sr))
    assert abs(int(spectrum.argmax()) - pitch) < 5


def first_samples(track: NDArray[Any], times: NDArray[np.float64], sr: int) -> list[int]:
    """Where sound starts after each time, looked for from shortly before it."""
    found = []
    for time in times:
        before = max(0, int(time * sr) - 20)
        loud = np.abs(track[before : before + 60]) > 1e-4
        found.append(before + int(loud.argmax()))
    return found


@pytest.mark.parametrize("sr", [8000, 22050, 44100, 48000, 11025])
@pytest.mark.parametrize("label", [None, 0, 1, "all"])
def test_clicks_are_where_mir_eval_puts_them(sr: int, label: Any) -> None:
    y = loop(sr)[0]
    result = ac.onsets({"y": (y, sr)})
    made = result.sonify(label)
    assert (made.sr, made.y.shape) == (sr, y.shape)
    track = made.y / made.gain - y.astype(np.float64)
    chosen = np.ones(16, bool) if label in (None, "all") else result.labels == label
    times = result.times[chosen]
    expected = mir_eval.sonify.clicks(times, sr, length=len(y))
    ours, theirs = (first_samples(x, times, sr) for x in (track, expected))
    assert np.abs(np.subtract(ours, theirs)).max() <= 1
    # And nowhere else.
    near = np.convolve(np.abs(expected) > 0, np.ones(5), "same") > 0
    assert np.abs(track[~near]).max() < 1e-4


def test_each_class_has_a_pitch_of_its_own() -> None:
    result = hits()
    made = result.sonify()
    y = loop()[0]
    track = made.y / made.gain - y
    for sample, label in zip(result.samples, result.labels, strict=True):
        spectrum = np.abs(np.fft.rfft(track[sample : sample + 2000], 22050))
        assert abs(int(spectrum.argmax()) - result.pitches[label]) < 20
    assert all(b / a > 1.1 for a, b in itertools.pairwise(result.pitches))


@pytest.mark.parametrize("sr", [8000, 44100])
@pytest.mark.parametrize("n", [1, 2, 4, 12])
def test_pitches_rise_and_can_be_heard(n: int, sr: int) -> None:
    found = pitches(n, sr)
    assert len(found) == n
    assert all(a < b for a, b in itertools.pairwise(found))
    assert found[0] > 100
    assert found[-1] <= 0.45 * sr


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize(("suffix", "sr"), [(".wav", 44100), (".flac", 8000), (".wav", 22050)])
def test_a_rendered_file_is_as_long_as_its_source(
    tmp_path: Path, suffix: str, sr: int, channels: int
) -> None:
    y = np.stack([loop(sr)[0]] * channels, axis=1)
    source = tmp_path / f"source{suffix}"
    soundfile.write(source, y, sr)
    ac.onsets(source).sonify(path=tmp_path / "clicks.wav")
    made, written = soundfile.info(source), soundfile.info(tmp_path / "clicks.wav")
    assert (made.frames, made.samplerate, made.channels) == (
        written.frames,
        written.samplerate,
        written.channels,
    )


@pytest.mark.parametrize("level", [1e-3, 0.3, 1.0])
def test_nothing_clips_and_what_was_scaled_is_said(tmp_path: Path, level: float) -> None:
    y = loop()[0]
    y = (level * y / np.abs(y).max()).astype(np.float32)
    made = ac.onsets({"y": (y, 22050)}).sonify(path=tmp_path / "clicks.wav")
    written, _ = soundfile.read(tmp_path / "clicks.wav", dtype="int16")
    assert np.abs(made.y).max() <= 1
    # Neither end of the range is reached twice running, as it is where waves are cut off.
    ends = np.abs(written.astype(int)) >= 32767
    assert not np.any(ends[1:] & ends[:-1])
    assert (made.gain == 1) == (level < 0.5)
    # What is left without the clicks is the source at that gain.
    np.testing.assert_allclose(made.y[:3000], made.gain * y[:3000], atol=1e-7)


def test_clicks_end_with_the_recording() -> None:
    y = np.full((1000, 1), 0.1, np.float32)
    made = with_clicks(y, 22050, [(990, 1000.0), (5000, 1000.0)])
    assert made.y.shape == (1000,)
    np.testing.assert_allclose(made.y[:990], 0.1)


# Files


@pytest.mark.parametrize("label", [0, 1, None])
def test_hits_are_cut_out_and_numbered(tmp_path: Path, label: int | None) -> None:
    y = np.stack([loop(44100)[0], 0.5 * loop(44100)[0]], axis=1)
    soundfile.write(tmp_path / "a.wav", y, 44100, subtype="PCM_16")
    y, _ = soundfile.read(tmp_path / "a.wav")
    result = ac.onsets(tmp_path / "a.wav")
    paths = result.write_hits(label, tmp_path / "out" / "hits")
    assert sorted(os.listdir(tmp_path / "out" / "hits")) == sorted(map(os.path.basename, paths))
    classes = (0, 1) if label is None else (label,)
    for own in classes:
        spans = result[own]
        of_class = [p for p in paths if os.path.basename(p).startswith(f"{own}_")]
        names = [f"{own}_{i:03d}.wav" for i in range(1, len(spans) + 1)]
        assert list(map(os.path.basename, of_class)) == names
        for path, span in zip(of_class, spans, strict=True):
            cut, sr = soundfile.read(path)
            assert sr == 44100
            expected = y[round(span.start * sr) : round(span.end * sr)]
            np.testing.assert_allclose(cut, expected, atol=1e-6)


def test_hits_are_listed_in_files(tmp_path: Path) -> None:
    result = hits()
    result.to_csv(tmp_path / "hits.csv")
    with open(tmp_path / "hits.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [float(row["start"]) for row in rows] == result.times.tolist()
    assert [int(row["label"]) for row in rows] == result.labels.tolist()
    result.to_json(tmp_path / "hits.json")
    written = json.loads((tmp_path / "hits.json").read_text())
    assert [span["label"] for span in written["spans"]] == result.labels.tolist()
    for i, column in enumerate(result.columns):
        np.testing.assert_allclose(written["features"][column], result.features[:, i])
    assert written["inertia"] == result.inertia
    assert written["settings"]["algorithm"] == "kmeans"


def test_other_programs_can_read_the_hits(tmp_path: Path) -> None:
    result = hits()
    bounds = np.array([(span.start, span.end) for span in result.spans])
    labels = [str(label) for label in result.labels]
    result.to_audacity(tmp_path / "a.txt")
    intervals, names = mir_eval.io.load_labeled_intervals(str(tmp_path / "a.txt"))
    np.testing.assert_allclose(intervals, bounds, atol=1e-6)
    assert names == labels
    result.to_raven(tmp_path / "a.tsv")
    with open(tmp_path / "a.tsv", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    found = [(float(r["Begin Time (s)"]), float(r["End Time (s)"])) for r in rows]
    np.testing.assert_allclose(found, bounds, atol=1e-6)
    assert [row["Label"] for row in rows] == labels
    result.to_rttm(tmp_path / "a.rttm")
    lines = [line.split() for line in (tmp_path / "a.rttm").read_text().splitlines()]
    starts = [float(line[3]) for line in lines]
    np.testing.assert_allclose(starts, bounds[:, 0], atol=1e-3)
    assert [line[7] for line in lines] == labels
    result.to_textgrid(tmp_path / "a.TextGrid")
    grid = parselmouth.read(str(tmp_path / "a.TextGrid"))
    call = parselmouth.praat.call
    numbers = range(1, call(grid, "Get number of intervals", 1) + 1)
    names = [call(grid, "Get label of interval", 1, i) for i in numbers]
    assert [name for name in names if name] == labels
    asks = ("Get starting point", "Get end point")
    times = [[call(grid, ask, 1, i) for ask in asks] for i in numbers if names[i - 1]]
    np.testing.assert_allclose(times, bounds, atol=1e-6)
    assert call(grid, "Get end time") == pytest.approx(len(loop()[0]) / 22050, abs=1e-6)


# Pictures


def lightness(colour: str) -> float:
    """CIE L* of a colour, which is what is left of it in grey."""
    rgb = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    y = float(linear @ [0.2126, 0.7152, 0.0722])
    return 116 * np.cbrt(y) - 16 if y > 0.008856 else 903.3 * y


def test_the_first_four_colours_differ_in_grey() -> None:
    grey = sorted(map(lightness, COLOURS[:4]))
    assert min(np.diff(grey)) > 15


def test_plots_draw_what_is_there() -> None:
    from matplotlib import pyplot

    result = hits()
    figure, (left, right) = pyplot.subplots(1, 2)
    assert result.plot(left) is left
    assert result.plot_waveform(right) is right
    points = [np.asarray(c.get_offsets()) for c in left.collections]
    for label, found in enumerate(points):
        np.testing.assert_allclose(found, result.features_scaled[result.labels == label])
    assert (left.get_xlabel(), left.get_ylabel()) == result.columns
    for label, line in enumerate(right.lines):
        at = np.asarray(line.get_xdata(), np.float64)
        np.testing.assert_allclose(at, result.times[result.labels == label])
    assert len({line.get_marker() for line in right.lines}) == 2
    assert right.get_xlabel() == "time (s)"
    figure.canvas.draw()
    pyplot.close("all")


@pytest.mark.parametrize("features", [["l2_norm"], ["mfcc"], ["rms", "zero_crossings"]])
def test_any_number_of_columns_can_be_drawn(features: list[str]) -> None:
    from matplotlib import pyplot

    result = ac.onsets({"y": (loop()[0], 22050)}, k=3, features=features)
    axes = result.plot()
    points = [np.asarray(c.get_offsets()) for c in axes.collections]
    assert sum(map(len, points)) == len(result.labels)
    alike = result.plot_waveform(label="all")
    assert [len(np.asarray(line.get_xdata())) for line in alike.lines] == [len(result.labels)]
    pyplot.close("all")


def test_matplotlib_is_imported_only_to_draw() -> None:
    code = (
        "import audioclust as ac, numpy as np, sys; y = np.zeros(22050, np.float32);"
        " y[9000:9500] = np.sin(np.arange(500)); y[15000:15500] = 0.5;"
        " r = ac.onsets({'y': (y, 22050)}); r.sonify(); print('matplotlib' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "False\n", done.stderr


def test_without_matplotlib_a_picture_is_refused_with_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match=r"pip install 'audioclust\[plot\]'"):
        hits().plot()


# Errors


def quiet(n: int) -> dict[str, Any]:
    return {"quiet": (np.zeros(n, np.float32), 22050)}


def test_no_onsets_are_an_error_that_says_what_to_change() -> None:
    steady = np.sin(2 * np.pi * 100 / 2048 * np.arange(22050)).astype(np.float32)
    for source, delta, words in [
        (quiet(22050), 0.04, "quiet: it is silent throughout"),
        (
            quiet(0) | {"quiet": (np.full(9, 0.1, np.float32), 22050)},
            0.04,
            "less than one window",
        ),
        ({"steady": (steady, 22050)}, 5.0, "by delta=5; a smaller delta finds fainter ones"),
    ]:
        with pytest.raises(ac.NoOnsetsError, match=words):
            ac.onsets(source, delta=delta)


def test_more_classes_than_onsets_are_refused() -> None:
    with pytest.raises(ac.ParameterError, match="k=17: expected at most 16, the number of"):
        ac.onsets({"y": (loop()[0], 22050)}, k=17)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"k": 0}, "k=0: expected an int from 1"),
        ({"window": 0}, "window=0: expected a finite number above 0"),
        ({"window": 1e-6}, "window=1e-06: expected at least one sample"),
        ({"window": 60}, "window=60: expected at most the 4.3 s"),
        ({"features": ()}, r"features=\(\): expected names, each once"),
        ({"features": ["l2_norm", "l2_norm"]}, "expected names, each once"),
        ({"features": "timbre"}, 'features="timbre": expected any of'),
        ({"algorithm": "magic"}, "algorithm='magic': expected one of"),
        ({"scaling": "log"}, "scaling='log': expected one of"),
        ({"delta": -1}, "delta=-1: expected"),
        ({"wait": 1.5}, "wait=1.5: expected an int"),
        ({"until_next": 3}, "until_next=3: expected"),
        ({"analysis": 3}, "analysis=3: expected an audioclust.Analysis"),
    ],
    ids=str,
)
def test_wrong_arguments_are_named(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(ac.ParameterError, match=words):
        ac.onsets({"y": (loop()[0], 22050)}, **arguments)


def test_one_recording_is_expected(tmp_path: Path, library: list[str]) -> None:
    with pytest.raises(ac.ParameterError, match="path has 2 recordings: expected one"):
        ac.onsets(library[:2])
    (tmp_path / "bad.wav").write_bytes(b"no sound")
    with pytest.raises(ac.NothingExtractedError, match="unsupported"):
        ac.onsets(tmp_path / "bad.wav")
    with pytest.raises(FileNotFoundError):
        ac.onsets(tmp_path / "nowhere.wav")


@pytest.mark.parametrize("label", [2, -1, "loud"])
def test_a_class_there_is_not_is_refused(label: Any, tmp_path: Path) -> None:
    for call in (hits().sonify, lambda label: hits().write_hits(label, tmp_path)):
        with pytest.raises(ac.ParameterError, match="label=.*: expected an int from 0 to 1"):
            call(label)


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".ogg", ".aiff"])
def test_formats_are_written_whatever_the_name(tmp_path: Path, suffix: str) -> None:
    name = os.fsdecode(b"clicks \xff \xe6\x97\xa5" + suffix.encode())
    made = hits().sonify(path=tmp_path / name)
    with open(tmp_path / name, "rb") as file:
        written, sr = soundfile.read(file)
    assert (len(written), sr) == (len(made.y), 22050)
    bound = 0.2 if suffix == ".ogg" else 1e-4
    np.testing.assert_allclose(written, made.y, atol=bound)


def test_a_file_that_cannot_be_opened_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        hits().sonify(path=tmp_path / "no" / "where.wav")


@pytest.mark.parametrize("name", ["clicks", "clicks.txt", "clicks.mp4"])
def test_a_format_that_cannot_be_written_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ac.ParameterError, match="expected a suffix such as .wav"):
        hits().sonify(path=tmp_path / name)


def test_a_recording_is_not_written_over(tmp_path: Path) -> None:
    source = tmp_path / "loop.wav"
    soundfile.write(source, loop()[0], 22050)
    before = source.read_bytes()
    os.symlink(source, tmp_path / "link.wav")
    for name in ("loop.wav", "link.wav"):
        with pytest.raises(ac.ParameterError, match="one of the recordings"):
            ac.onsets(source).sonify(path=tmp_path / name)
    assert source.read_bytes() == before


# The command


def run(*arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [str(SCRIPT), "onsets", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False)


def test_the_command_lists_classes_and_writes_files(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "loop.wav", loop()[0], 22050)
    done = run("loop.wav", "-k", 2, "--sonify", "clicks.wav", "--csv", "a.csv", "--json",
               "a.json", "--hits", "hits", "--raven", "a.tsv", cwd=tmp_path)  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    result = ac.onsets(tmp_path / "loop.wav")
    lines = [line.split() for line in done.stdout.splitlines()]
    assert lines[0][:2] == ["class", "hits"]
    for label, line in enumerate(lines[1:3]):
        starts = [f"{span.start:.2f}" for span in result[label]]
        assert line[:2] == [str(label), str(len(starts))]
        assert "".join(line[3:]) == ",".join(starts)
    assert "clicks.wav is scaled by 0." in done.stdout
    assert soundfile.info(tmp_path / "clicks.wav").frames == len(loop()[0])
    assert len(list((tmp_path / "hits").iterdir())) == 16
    assert (tmp_path / "a.csv").exists()
    assert (tmp_path / "a.json").exists()
    assert len((tmp_path / "a.tsv").read_text().splitlines()) == 17


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["nowhere.wav"], 1, "Error: nowhere.wav: No such file or directory"),
        (["silent.wav"], 1, "Error: no onsets in silent.wav: it is silent throughout"),
        (["loop.wav", "-k", "40"], 2, "Error: k=40: expected at most 16"),
        (["loop.wav", "--sonify", "no/where.wav"], 1, "Error: no/where.wav: No such file"),
    ],
    ids=str,
)
def test_the_commands_mistakes_get_one_line(
    arguments: list[str], status: int, message: str, tmp_path: Path
) -> None:
    soundfile.write(tmp_path / "loop.wav", loop()[0], 22050)
    soundfile.write(tmp_path / "silent.wav", np.zeros(9000), 22050)
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode == status
    assert done.stderr.startswith(message)
    assert done.stderr.count("\n") == 1
