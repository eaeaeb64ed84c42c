"""What is done to recordings before features are computed: whole arrays are the judge."""

from __future__ import annotations

import dataclasses
import json
import pickle
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
import soundfile
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from support.sounds import tone
from support.twins import prepared, trimmed

import audioclust as ac
from audioclust.audio.decoding import arrays, decoders
from audioclust.audio.preparation import passes
from audioclust.audio.preparation.settings import Normalize

NAMES = ["rms", "spectral_centroid", "zero_crossing_rate"]
RATE = 22050
KEPT = passes.KEPT_SAMPLES
OPTIONS: tuple[dict[str, Any], ...] = (
    {},
    {"offset": 0.1, "duration": 0.5},
    {"channels": "loudest"},
    {"highpass": 300.0},
    {"trim": 30.0},
    {"excerpt": 0.4},
    {"normalize": "loudness"},
    {"offset": 0.05, "channels": "loudest", "highpass": 100.0, "trim": 20.0, "excerpt": 0.3,
     "normalize": "peak"},
)  # fmt: skip


def sound(seconds: float, sr: int, channels: int = 2, seed: int = 0) -> np.ndarray:
    """Noise that swells and fades between stretches of near silence, (channels, n)."""
    rng = np.random.default_rng(seed)
    n = int(seconds * sr)
    place = np.linspace(0, 1, n)
    envelope = np.where((place > 0.2) & (place < 0.7), np.sin(3 * place) ** 2, 1e-4)
    gains = rng.uniform(0.1, 0.5, (channels, 1))
    return (rng.normal(size=(channels, n)) * envelope * gains + 0.01).astype(np.float32)


def row(y: np.ndarray, sr: int, **options: Any) -> np.ndarray:
    table = ac.extract({"y": (y, sr)}, features=NAMES, stats=["mean", "std"], **options)
    return np.asarray(table.values[0])


PREPARATIONS = st.builds(
    ac.Preparation,
    offset=st.sampled_from([0.0, 0.1, 0.25]),
    duration=st.sampled_from([None, 0.3, 5.0]),
    channels=st.sampled_from(["mix", "left", "right", "loudest", 0]),
    highpass=st.sampled_from([None, 30.0, 1000.0]),
    trim=st.sampled_from([None, 15.0, 40.0]),
    excerpt=st.sampled_from([None, 0.05, 0.2, 9.0]),
    normalize=st.sampled_from([None, "peak", "rms", "loudness"]),
)


@settings(max_examples=60, deadline=None)
@given(
    PREPARATIONS,
    st.sampled_from([8000, 22050, 44100]),
    st.integers(1, 3),
    st.floats(0.4, 1.2),
    st.integers(0, 2**32 - 1),
)
def test_rows_are_those_of_whole_arrays_that_are_prepared(
    preparation: ac.Preparation, sr: int, channels: int, seconds: float, seed: int
) -> None:
    y = sound(seconds, sr, channels, seed)
    if preparation.trim is not None:
        # Not a frame whose level is so near the threshold that rounding decides.
        whole = prepared(y, sr, RATE, dataclasses.replace(
            preparation, trim=None, excerpt=None, normalize=None))  # fmt: skip
        near = [len(trimmed(whole, preparation.trim + slack)) for slack in (-0.003, 0.003)]
        assume(near[0] == near[1])
    expected = row(prepared(y, sr, RATE, preparation), RATE)
    found = row(y, sr, preparation=preparation)
    # Samples differ by rounding to single precision, 6e-8 of full scale.
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("options", OPTIONS)
def test_blocks_of_any_size_and_kept_or_decoded_again_give_the_same_bits(
    options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    y = sound(1.0, 16000)
    preparation = ac.Preparation(**options)
    expected = ac.extract({"y": (y, 16000)}, preparation=preparation).values
    for block_frames, kept in [(65536, 0), (777, KEPT), (777, 0), (5000, 9000)]:
        monkeypatch.setattr(arrays, "BLOCK_FRAMES", block_frames)
        monkeypatch.setattr(passes, "KEPT_SAMPLES", kept)
        found = ac.extract({"y": (y, 16000)}, preparation=preparation).values
        assert np.array_equal(found, expected), (block_frames, kept)


@pytest.mark.parametrize("options", OPTIONS)
def test_files_and_any_number_of_threads_give_the_rows_of_arrays(
    options: dict[str, Any], tmp_path: Path
) -> None:
    sounds = {str(tmp_path / f"{i}.wav"): sound(0.8, 16000, seed=i) for i in range(4)}
    for path, y in sounds.items():
        soundfile.write(path, y.T, 16000, subtype="FLOAT")
    given_as: dict[str, Any] = {"preparation": ac.Preparation(**options), "features": NAMES}
    in_memory = {path: (y, 16000) for path, y in sounds.items()}
    one = ac.extract(in_memory, n_jobs=1, **given_as)
    many = ac.extract(list(sounds), n_jobs=4, **given_as)
    assert np.array_equal(one.values, many.values)
    assert one.items == many.items


@pytest.mark.parametrize(
    ("options", "again"),
    [
        ({}, 1),
        ({"highpass": 50.0, "channels": 1}, 1),
        ({"channels": "loudest"}, 2),
        ({"trim": 30.0}, 2),
        ({"excerpt": 0.2}, 2),
        ({"trim": 30.0, "excerpt": 0.2}, 2),
        ({"normalize": "rms"}, 2),
        ({"trim": 30.0, "excerpt": 0.2, "normalize": "rms"}, 3),
        ({"channels": "loudest", "trim": 30.0, "normalize": "rms"}, 4),
    ],
)
def test_a_short_recording_is_decoded_once_and_a_long_one_as_often_as_is_said(
    options: dict[str, Any], again: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = []
    original = decoders.open_stream

    def counting(*args: Any, **kwargs: Any) -> Any:
        opened.append(args)
        return original(*args, **kwargs)

    monkeypatch.setattr(passes, "open_stream", counting)
    row(sound(1.0, 16000), 16000, preparation=ac.Preparation(**options))
    assert len(opened) == 1
    opened.clear()
    monkeypatch.setattr(passes, "KEPT_SAMPLES", 1000)
    row(sound(1.0, 16000), 16000, preparation=ac.Preparation(**options))
    assert len(opened) == again


def test_what_is_decoded_again_counts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passes, "KEPT_SAMPLES", 0)
    counted: list[float] = []
    preparation = ac.Preparation(channels="loudest", trim=30.0, excerpt=0.1, normalize="rms")
    recording = ac.Recording("y", (sound(1.0, 16000), 16000))
    with passes.Passes(
        recording, preparation, threading.Event(), lambda n, sr: counted.append(n / sr)
    ) as signal:
        for _ in range(3):
            list(signal)
        assert signal.item(None) == ac.Item("y", 0.0, 1.0)
    assert sum(counted) == 1.0


def test_features_and_embeddings_at_other_rates_share_the_part_and_the_gain() -> None:
    y = sound(2.0, 16000, channels=1)
    heard: list[np.ndarray] = []

    def listen(part: np.ndarray, _sr: int) -> np.ndarray:
        heard.append(part.copy())
        return np.zeros(2)

    embedding = ac.Embedding("heard", listen, sr=11025, version="1")
    slow = ac.Feature("rms", ac.Analysis(sr=8000))
    preparation = ac.Preparation(excerpt=0.5, normalize="peak")
    table = ac.extract({"y": (y, 16000)}, features=[slow, embedding], preparation=preparation)
    (part,) = heard
    assert len(part) == pytest.approx(0.5 * 11025, abs=2)
    gain = 1 / np.abs(prepared(y, 16000, RATE, ac.Preparation(excerpt=0.5))).max()
    at_own = prepared(y, 16000, 11025, ac.Preparation())
    middle = at_own[len(at_own) // 2 - 1000 :][:2000] * gain
    assert any(np.allclose(middle, part[i : i + 2000], atol=1e-6) for i in range(1740, 1780))
    at_slow = prepared(y, 16000, 8000, ac.Preparation(excerpt=0.5)) * gain
    expected = ac.extract({"y": (at_slow, 8000)}, features=[slow]).values[0, 0]
    # Two frames more or less of a sample of the edge.
    assert table.values[0, 0] == pytest.approx(expected, rel=1e-3)


def test_an_item_keeps_its_bounds_whatever_is_trimmed() -> None:
    preparation = ac.Preparation(offset=0.25, duration=1.0, trim=30.0, excerpt=0.1)
    table = ac.extract({"y": (sound(2.0, 16000), 16000)}, preparation=preparation)
    assert table.items == (ac.Item("y", 0.25, 1.25),)


def test_padding_changes_nothing_that_is_trimmed() -> None:
    y = tone(1.0, sr=RATE)
    padded = np.pad(y, (128 * 40, 128 * 90))
    trim = ac.Preparation(trim=40.0)
    expected = row(y, RATE, preparation=trim)
    # Two or three hundred samples of silence stay at each edge, of a second.
    means = slice(None, None, 2)
    found = row(padded, RATE, preparation=trim)
    np.testing.assert_allclose(found[means], expected[means], rtol=0.03)
    assert abs(row(padded, RATE) / expected - 1)[means].min() > 0.2


def test_a_gain_does_not_matter_after_normalizing() -> None:
    y = sound(1.0, 16000)
    for normalize in get_args(Normalize):
        preparation = ac.Preparation(normalize=normalize)
        loud, quiet = (row(y * g, 16000, preparation=preparation) for g in (1.0, 0.01))
        np.testing.assert_allclose(quiet, loud, rtol=1e-4)


def test_offset_and_duration_win_over_those_of_the_preparation() -> None:
    y = sound(2.0, 16000)
    preparation = ac.Preparation(offset=1.0, duration=0.5, highpass=100.0)
    table = ac.extract({"y": (y, 16000)}, preparation=preparation, offset=0.5)
    assert table.items == (ac.Item("y", 0.5, 1.0),)
    assert table.settings.preparation == dataclasses.replace(preparation, offset=0.5)


def test_what_cannot_be_prepared_is_said() -> None:
    sounds = {"mono": (tone(sr=8000), 8000), "stereo": (np.stack([tone(sr=8000)] * 2), 8000)}
    table = ac.extract(sounds, features=NAMES, preparation=ac.Preparation(channels=1))
    assert [item.path for item in table.items] == ["stereo"]
    message = "there is no channel 1: expected a number below 1, which it has"
    assert table.errors == (ac.ItemError("mono", "unsupported", message),)
    # One recording of a low rate does not end a batch.
    higher = {"high": (tone(sr=22050), 22050), **sounds}
    table = ac.extract(higher, features=NAMES, preparation=ac.Preparation(highpass=4000))
    assert [item.path for item in table.items] == ["high"]
    half = "highpass=4000: expected less than 4000 Hz, half the recording's rate"
    assert {(e.kind, e.message) for e in table.errors} == {("unsupported", half)}
    low = {"low": (tone(sr=2000), 2000)}
    loud = ac.Preparation(normalize="loudness")
    with pytest.raises(ac.NothingExtractedError, match="unsupported: normalize=loudness: exp"):
        ac.extract(low, features="rms", analysis=ac.Analysis(sr=None), preparation=loud)
    nan = {"nan": (np.array([0.1, np.nan], np.float32), 8000), **sounds}
    options: dict[str, Any]
    for options in ({"trim": 30.0}, {"normalize": "rms"}, {"highpass": 10.0, "excerpt": 1.0}):
        found = ac.extract(nan, preparation=ac.Preparation(**options))
        assert [error.kind for error in found.errors] == ["corrupt"]
    late = ac.Preparation(offset=5.0, trim=30.0)
    with pytest.raises(ac.NothingExtractedError, match="empty: it has no samples, or none in"):
        ac.extract(sounds, preparation=late)


def test_other_sounds_are_prepared_as_those_that_were_clustered(library: list[str]) -> None:
    preparation = ac.Preparation(trim=30.0, normalize="rms")
    result = ac.cluster(library, 6, features=NAMES, preparation=preparation)
    quiet = {
        path: (0.1 * soundfile.read(path)[0].T, soundfile.info(path).samplerate)
        for path in library
    }
    assert np.array_equal(result.predict(quiet), result.labels)
    plain = ac.extract(library, features=NAMES)
    with pytest.raises(ac.ParameterError, match="columns that were clustered, computed alike"):
        result.predict(plain)
    part = ac.extract(library, features=NAMES, preparation=preparation, duration=0.2)
    assert len(result.predict(part)) == len(library)


def test_a_table_and_its_exports_carry_the_preparation(tmp_path: Path) -> None:
    numbers: dict[str, Any] = {"channels": np.int64(0), "highpass": np.float32(50), "trim": 40}
    preparation = ac.Preparation(**numbers)
    sounds = {str(i): (tone(frequency=200.0 * (i + 1)), RATE) for i in range(3)}
    result = ac.cluster(sounds, 2, features=NAMES, preparation=preparation)
    again = pickle.loads(pickle.dumps(result))
    assert again.table.settings.preparation == preparation
    result.to_json(str(tmp_path / "result.json"))
    text = (tmp_path / "result.json").read_text(encoding="utf-8")
    assert json.loads(text)["settings"]["preparation"] == {
        "offset": 0.0, "duration": None, "channels": 0, "highpass": 50.0, "trim": 40.0,
        "excerpt": None, "normalize": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"offset": -1}, "offset=-1: expected a finite number, at least 0"),
        ({"duration": "1"}, "duration='1': expected a finite number, at least 0"),
        (
            {"channels": "middle"},
            "channels='middle': expected one of mix, left, right, loudest",
        ),
        ({"channels": -1}, "channels=-1: expected an int from 0"),
        ({"highpass": 0}, "highpass=0: expected a finite number above 0"),
        ({"trim": float("inf")}, "trim=inf: expected a finite number above 0"),
        ({"excerpt": -2}, "excerpt=-2: expected a finite number above 0"),
        (
            {"normalize": "lufs"},
            "normalize='lufs': expected one of peak, rms, loudness, or None",
        ),
    ],
)
def test_wrong_values_are_refused_in_words(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ac.ParameterError, match=message):
        ac.Preparation(**options)


def test_settings_that_were_pickled_before_there_were_preparations_are_taken() -> None:
    known = ac.extract({"y": (sound(0.5, 16000), 16000)}, features="rms").settings
    state = dict(known.__dict__)
    del state["preparation"]
    old = object.__new__(ac.ExtractionSettings)
    old.__setstate__({**state, "offset": 0.25, "duration": None})
    assert old == dataclasses.replace(known, preparation=ac.Preparation(offset=0.25))


def test_what_was_kept_of_one_pass_is_not_decoded_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = str(tmp_path / "y.wav")
    soundfile.write(path, tone(sr=44100), 44100)
    opened = []
    original = decoders.open_stream

    def counted(*args: Any, **options: Any) -> Any:
        opened.append(args)
        return original(*args, **options)

    monkeypatch.setattr(passes, "open_stream", counted)
    ac.extract(path, features="rms", preparation=ac.Preparation(trim=40, normalize="peak"))
    assert len(opened) == 1


def test_nothing_is_reported_as_a_leak_when_python_ends() -> None:
    script = (
        "import numpy as np, audioclust as ac\n"
        "y = np.sin(np.arange(44100) / 20).astype(np.float32)\n"
        "ac.extract({'a': (y, 44100)}, features='rms', progress=False)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_only_what_is_used_is_warned_of() -> None:
    clean = 0.5 * tone(sr=16000)
    clipped = np.clip(4 * tone(sr=16000), -0.9, 0.9).astype(np.float32)
    sounds = {"y": (np.stack([clean, clipped]), 16000)}

    def kinds(source: Any = sounds, **options: Any) -> set[str]:
        table = ac.extract(source, features="rms", preparation=ac.Preparation(**options))
        return {warning.kind for warning in table.items[0].warnings}

    assert "clipping" in kinds()
    assert "clipping" in kinds(channels="right")
    assert "clipping" in kinds(channels="loudest")
    assert "clipping" not in kinds(channels="left")
    opposite = {"y": (np.stack([clean, -clean]), 16000)}
    assert kinds(opposite) == {"channels cancel"}
    assert kinds(opposite, channels="left") == set()
    late = {"y": (np.concatenate([np.zeros_like(clean), clean, np.zeros_like(clean)]), 16000)}
    assert kinds(late) >= {"digital silence", "quiet parts"}
    assert kinds(late, excerpt=0.5) == set()
