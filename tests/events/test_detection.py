"""Onsets are found where they are, and what cannot be is refused in words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import librosa
import numpy as np
import pytest
import soundfile
from support.hits import loop, two_clusters

import audioclust as ac

lib: Any = librosa


def test_the_loops_onsets_are_the_published_ones(published: dict[str, Any]) -> None:
    result = ac.onsets(published["path"], 2)
    assert result.frames.tolist() == published["onset_frames"]
    assert result.samples.tolist() == [512 * frame for frame in published["onset_frames"]]
    np.testing.assert_array_equal(result.times, result.samples / 22050)


def test_spans_are_windows_from_the_onset_on() -> None:
    result = two_clusters()
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
    result = ac.onsets({"loop": (y, 22050)}, 2, until_next=True)
    ends = [span.end for span in result.spans]
    assert ends == [*result.times[1:].tolist(), len(y) / 22050]
    hit = y[result.samples[3] : result.samples[4]]
    assert result.features[3, 1] == pytest.approx(np.linalg.norm(hit))
    assert result.features[3, 0] == librosa.zero_crossings(hit, pad=False).sum()


def test_the_last_hit_ends_with_the_recording() -> None:
    y = loop()[0]
    whole = ac.onsets({"y": (y, 22050)}, 2)
    cut = y[: whole.samples[-1] + 1000]
    result = ac.onsets({"y": (cut, 22050)}, 2)
    assert result.samples[-1] == whole.samples[-1]
    assert result.spans[-1].end == len(cut) / 22050


def test_onsets_go_back_to_minima() -> None:
    y = loop()[0]
    result = ac.onsets({"y": (y, 22050)}, 2, backtrack=True, delta=0.1, wait=6)
    frames = lib.onset.onset_detect(y=y, sr=22050, delta=0.1, wait=6, backtrack=True)
    assert result.frames.tolist() == np.unique(frames).tolist()


def test_a_file_and_its_samples_give_the_same(tmp_path: Path) -> None:
    y = loop(44100)[0]
    soundfile.write(tmp_path / "a.wav", y, 44100, subtype="FLOAT")
    of_file = ac.onsets(tmp_path / "a.wav", 2)
    of_samples = ac.onsets({"a": (y, 44100)}, 2)
    np.testing.assert_array_equal(of_file.samples, of_samples.samples)
    np.testing.assert_array_equal(of_file.features, of_samples.features)


def test_threads_and_repetition_change_nothing() -> None:
    one, two = (ac.onsets({"y": (loop()[0], 22050)}, n_jobs=n) for n in (1, 2))
    np.testing.assert_array_equal(one.labels, two.labels)
    assert one.inertia == two.inertia


def test_nulls_of_hits_are_scaled_as_the_hits_are() -> None:
    # Alike hits of random pitch, length and noise, which neighbour scaling pulls apart.
    rng = np.random.default_rng(0)
    y = 0.001 * rng.normal(size=22050 * 31)
    t = np.arange(4000) / 22050
    for i in range(120):
        pitch, decay, share = rng.uniform(100, 3000), rng.uniform(0.02, 0.06), rng.uniform()
        hit = share * rng.normal(size=4000) / 3 + np.sin(2 * np.pi * pitch * t)
        start = int((0.2 + 0.25 * i) * 22050)
        y[start : start + 4000] += rng.uniform(0.3, 0.6) * hit * np.exp(-t / decay)
    sounds = {"y": (y.astype(np.float32), 22050)}
    result = ac.onsets(sounds, features="article", scaling="neighbors", n_jobs=1)
    assert len(result.labels) > 100
    assert result.selection == ac.choose_k(result.clustering, range(2, 16), n_jobs=1)


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
