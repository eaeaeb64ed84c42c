"""What views are given, as JSON values."""

from __future__ import annotations

import json
import math
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import soundfile
from support.packed import pixels, unpacked

import audioclust as ac
from audioclust.audio.recording import Recording
from audioclust.report.views import timeline as timelines
from audioclust.report.views.grid import grid
from audioclust.report.views.pitch import PitchOf, pitch
from audioclust.report.views.selection import selection
from audioclust.report.views.timeline import Lane, timeline


def test_a_waveform_is_the_least_and_the_largest_of_each_part(
    tmp_path: Path, rng: np.random.Generator
) -> None:
    y = (0.5 * rng.normal(size=50_000).clip(-1.9, 1.9)).astype(np.float32)
    soundfile.write(tmp_path / "a.wav", y, 8000, subtype="FLOAT")
    (shown,) = timeline([Lane(Recording(str(tmp_path / "a.wav")), 6.25, range(3))])[
        "recordings"
    ]
    parts = np.array_split(y, 2000)  # 25 samples each.
    peak = np.abs(y).max()
    for name, extreme in (("low", min), ("high", max)):
        expected = [round(float(extreme(part) / peak * 127)) for part in parts]
        # Halves may be rounded to either side, as one is in single precision.
        assert np.abs(unpacked(shown[name]).astype(int) - expected).max() <= 1
    assert (shown["name"], shown["duration"], shown["note"]) == ("a.wav", 6.25, "")
    assert unpacked(shown["items"]).tolist() == [0, 1, 2]
    assert pixels(shown["picture"]).shape == (64, 720, 3)


def test_a_picture_takes_at_most_60_kilobytes(data: Path) -> None:
    paths = [*sorted((data / "music").glob("*.ogg"))[:3], data / "drums" / "125_bounce.wav"]
    lanes = [Lane(Recording(str(path)), soundfile.info(path).duration, ()) for path in paths]
    for shown in timeline(lanes)["recordings"]:
        assert 1000 < len(shown["picture"]) < 60_000


def test_a_recording_that_moved_has_a_note_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lane = Lane(Recording(str(tmp_path / "gone\n.wav")), 1.0, ())
    (shown,) = timeline([lane])["recordings"]
    assert shown["low"] is shown["picture"] is None
    assert shown["note"].startswith("It cannot be read any more")
    assert "\n" not in shown["name"] + shown["note"]
    monkeypatch.setattr(timelines, "MAX_RECORDINGS", 0)
    (shown,) = timeline([lane])["recordings"]
    assert shown["note"] == "Only the first 0 recordings have a waveform."


def test_a_long_recording_takes_no_more_memory_than_a_short_one(tmp_path: Path) -> None:
    peaks = []
    for minutes in (2, 20):
        path = tmp_path / f"{minutes}.wav"
        soundfile.write(path, np.zeros(minutes * 60 * 8000, np.int16), 8000)
        lane = Lane(Recording(str(path)), minutes * 60.0, ())
        tracemalloc.start()
        timeline([lane])
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    # 18 minutes more are 34 MB of samples in single precision.
    assert peaks[1] < peaks[0] + 2e6


def test_sound_in_memory_has_a_waveform() -> None:
    lane = Lane(Recording("x", (np.ones((2, 100)), 100)), 1.0, ())
    (shown,) = timeline([lane])["recordings"]
    assert unpacked(shown["high"]).tolist() == [127] * 100


def test_the_choice_of_k_has_the_numbers_of_the_selection(library: list[str]) -> None:
    found = ac.choose_k(ac.extract(library))
    view = selection(found)
    assert json.loads(json.dumps(view, allow_nan=False)) == view
    assert (view["best_k"], view["reason"]) == (found.best_k, found.reason)
    assert view["plausible"] == list(found.plausible[1:])
    for row, known in zip(view["table"], found.table(), strict=True):
        assert (row["k"], row["verdict"]) == (known["k"], known["verdict"])
        for name in ("silhouette", "null_mean", "null_high"):
            value = float(known[name])
            assert (row[name] is None) if math.isnan(value) else abs(row[name] - value) < 1e-4
    # Of so few sounds all are compared, so that there is no curve of a sample.
    names = [curve["name"] for curve in view["curves"]]
    assert names == ["silhouette", "null_mean", "null_high"]


def test_a_grid_has_the_units_of_the_map(library: list[str]) -> None:
    found = ac.som_map(library, (3, 5), topology="hexagonal", n_jobs=1)
    view = grid(found.trained_map)
    assert (view["rows"], view["cols"], view["topology"]) == (3, 5, "hexagonal")
    assert np.array_equal(unpacked(view["units"]), found.units)
    np.testing.assert_allclose(view["umatrix"], found.umatrix().ravel(), atol=1e-6)
    assert view["regions"] is None
    regions = found.regions(2).ravel()
    assert np.array_equal(unpacked(grid(found.trained_map, regions)["regions"]), regions)


def test_pitch_classes_have_bars_and_a_chromagram(tmp_path: Path) -> None:
    y = np.sin(2 * np.pi * 440 * np.arange(22050) / 22050)
    soundfile.write(tmp_path / "a.wav", y, 22050)
    shares = np.arange(12) / 66
    sound = Recording(str(tmp_path / "a.wav"))
    ones = [
        PitchOf(0, shares, 0, sound, 1.0),
        PitchOf(1, shares, 1, None, 1.0),
        PitchOf(2, shares, 2, Recording("gone.wav"), 1.0),
        PitchOf(3, shares, 2, sound, math.inf),
    ]
    view = pitch(ones)
    assert len(view["notes"]) == 12
    picture, *others = [one["picture"] for one in view["clusters"]]
    assert others == [None, None, None]
    # A is the third row from above, and the lightest.
    assert pixels(picture).sum(axis=(1, 2)).argmax() == 2
    np.testing.assert_allclose(view["clusters"][0]["shares"], shares, atol=1e-4)
