"""Descriptors: each against librosa, pyloudnorm or its definition, and beside a table."""

from __future__ import annotations

import dataclasses
import math
import pickle
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from support import described
from support.sounds import alternating, tone

import audioclust as ac
from audioclust import _core
from audioclust.extraction.descriptors.vocabulary import (
    DESCRIPTOR_NAMES,
    DESCRIPTORS,
    KEYS,
    descriptor_info,
    shown,
)

Sound = NDArray[np.float32]
RATE = described.RATE
LAGS = 60 * RATE / 512 / np.arange(1, 344)
"""librosa's tempos, one for each lag, in BPM."""


def describe(*blocks: Sound) -> dict[str, float]:
    describer = _core.Describer()
    for block in blocks:
        describer.push(np.ascontiguousarray(block, np.float32))
    return dict(zip(DESCRIPTOR_NAMES, describer.finish().tolist(), strict=True))


def assert_within_a_lag(found: float, of_librosa: float) -> None:
    lag = int(np.argmin(np.abs(LAGS - of_librosa)))
    # Ours is rounded to single precision.
    assert LAGS[lag + 1] * (1 - 1e-6) <= found <= LAGS[lag - 1] * (1 + 1e-6)


def beats(bpm: float, seconds: float = 12.0, seed: int = 0) -> Sound:
    """Notes of a minor scale with a noisy beginning, two a beat, every other one quieter."""
    rng = np.random.default_rng(seed)
    n = int(seconds * RATE)
    y = 0.001 * rng.normal(size=n)
    t = np.arange(RATE // 2) / RATE
    for number in range(int(seconds * bpm / 30)):
        start = int(number * 30 / bpm * RATE)
        semitone = rng.choice([0, 2, 3, 5, 7, 8, 10, 12])
        note = 0.3 * np.sin(2 * np.pi * 220 * 2 ** (semitone / 12) * t) * np.exp(-8 * t)
        note += 0.2 * rng.normal(size=len(t)) * np.exp(-80 * t)
        length = min(len(t), n - start)
        y[start : start + length] += note[:length] * (1 if number % 2 == 0 else 0.3)
    return y.astype(np.float32)


def swell(seconds: float) -> Sound:
    y = tone(seconds + 1, 3000)
    y *= np.minimum(1, np.arange(len(y)) / (seconds * RATE)) ** 1.5
    return np.asarray(y, np.float32)


SOUNDS = {
    "beats at 100 BPM": beats(100),
    "beats at 133 BPM": beats(133, seed=1),
    "a tone": tone(5),
    "two noises": alternating([0, 1, 0], seconds=2),
    "a swell": swell(0.8),
    "beats after silence": np.pad(beats(110, seed=2), (2 * RATE, RATE)),
}


@pytest.fixture(params=SOUNDS)
def sound(request: pytest.FixtureRequest) -> Sound:
    return SOUNDS[request.param]


def test_length_loudness_and_brightness_are_those_of_others(sound: Sound) -> None:
    found = describe(sound)
    assert found["duration"] == pytest.approx(len(sound) / RATE)
    # The filters of both are made for 48 kHz and carried over to other rates in two ways.
    assert found["loudness"] == pytest.approx(described.loudness(sound), abs=0.15)
    # Single precision in magnitudes.
    assert found["brightness"] == pytest.approx(described.brightness(sound), rel=1e-4)


@pytest.mark.parametrize(("right", "lower"), [(1, 3.01), (0, 6.02), (-0.5, 13.01)])
def test_the_loudness_is_that_of_the_mean_of_two_channels(right: float, lower: float) -> None:
    """A meter adds up powers, 1 + r²; the power of the mean is (1 + r)² / 4."""
    both = np.stack([tone(5, 997), np.float32(right) * tone(5, 997)])
    found = ac.extract({"a": (both, RATE)}, descriptors=True).descriptors
    assert found is not None
    assert found["loudness"][0] == pytest.approx(described.loudness(both.T) - lower, abs=0.15)


def test_the_tempo_is_librosas_within_a_lag_and_has_no_steps(sound: Sound) -> None:
    found = describe(sound)
    if math.isnan(found["tempo"]):
        assert found["tempo_confidence"] == 0
        return
    assert_within_a_lag(found["tempo"], described.tempo(sound))


@pytest.mark.parametrize("bpm", [70, 100, 120, 133, 160])
def test_beats_have_their_tempo(bpm: float) -> None:
    found = describe(beats(bpm, seconds=20))
    # Half and twice the tempo are other names for the same beats.
    nearest = min((bpm / 2, bpm, 2 * bpm), key=lambda other: abs(other - found["tempo"]))
    assert found["tempo"] == pytest.approx(nearest, rel=0.01)
    assert found["tempo_confidence"] > 0.2


def test_onsets_are_librosas(sound: Sound) -> None:
    # librosa's decibels are exact and ours are rounded: a peak at the threshold may differ.
    slack = 1.0 * RATE / len(sound)
    assert describe(sound)["onset_rate"] == pytest.approx(
        described.onset_rate(sound), abs=1.01 * slack
    )


def test_the_key_is_that_of_librosas_pitch_classes(sound: Sound) -> None:
    found = describe(sound)
    classes = described.chroma(sound)
    if math.isnan(found["key"]):
        assert classes.std() < 0.05 * classes.mean()
        assert found["key_confidence"] == 0
        return
    key, confidence = described.key(sound)
    assert found["key"] == key
    # Levels in steps of 3 dB halve the peaks a little differently: a tuning of another 0.01.
    assert found["key_confidence"] == pytest.approx(confidence, abs=0.02)


def test_the_attack_is_that_of_the_envelope(sound: Sound) -> None:
    # The grid of the other one is a thousandth of 2.5 ms.
    assert describe(sound)["attack_time"] == pytest.approx(
        described.attack_time(sound), abs=1e-5
    )


@settings(max_examples=10, deadline=None)
@given(st.lists(st.integers(0, 6 * RATE), max_size=5), st.integers(1, 6 * RATE))
def test_descriptors_do_not_depend_on_blocks(cuts: list[int], n: int) -> None:
    y = SOUNDS["beats at 100 BPM"][:n]
    whole = describe(y)
    parts = describe(*np.split(y, sorted(min(cut, n) for cut in cuts)))
    np.testing.assert_array_equal(list(parts.values()), list(whole.values()))


def test_a_long_recording_is_described_as_a_short_one_is() -> None:
    # Longer than the half minute after which the floor is known, and than a section of onsets.
    y = np.tile(beats(120, seconds=10), 66)
    short, long = describe(y[: 20 * RATE]), describe(y)
    for name in DESCRIPTOR_NAMES[1:]:
        if "confidence" not in name:  # It rises with the length.
            # The steps of the envelope, 2.5 ms, begin elsewhere in each repetition.
            assert long[name] == pytest.approx(short[name], rel=0.02, abs=0.0025), name
    assert long["duration"] == pytest.approx(660)


@pytest.mark.parametrize("n", [1, 500, 5000, 8819, 8820, 60_000])
def test_sounds_of_any_length_are_described(n: int) -> None:
    found = describe(tone(3)[1 : n + 1])
    assert found["duration"] == pytest.approx(n / RATE)
    assert math.isnan(found["tempo"])
    # It is shorter than a block of the measurement, whose mean it has all the same.
    if n >= 5000:
        assert found["loudness"] == pytest.approx(describe(tone(3))["loudness"], abs=0.1)


def sources() -> dict[str, tuple[Sound, int]]:
    low, high = SOUNDS["beats at 100 BPM"], SOUNDS["a swell"]
    return {"low": (low, RATE), "high": (high, RATE), "empty": (low[:0], RATE)}


def test_a_describer_that_has_ended_says_why() -> None:
    finished, failed = _core.Describer(), _core.Describer()
    finished.push(tone(1))
    finished.finish()
    failed.push(tone(1))
    with pytest.raises(ac.SignalError, match="sample 22050 is NaN"):
        failed.push(np.array([math.nan], np.float32))
    for describer, why in [(finished, "is finished"), (failed, "has failed")]:
        for _ in range(2):
            with pytest.raises(RuntimeError, match=f"this stream {why}: make another"):
                describer.push(tone(1))
            with pytest.raises(RuntimeError, match=f"this stream {why}: make another"):
                describer.finish()


def test_a_table_has_them_if_they_are_asked_for() -> None:
    plain = ac.extract(sources(), features="rms")
    assert plain.descriptors is None
    assert not plain.settings.descriptors
    table = ac.extract(sources(), features="rms", descriptors=True)
    assert table.settings.descriptors
    found = table.descriptors
    assert found is not None
    assert tuple(found) == found.columns == DESCRIPTOR_NAMES
    assert found.values.dtype == np.float32
    assert found.values.shape == (2, 9)
    assert len(found) == 2
    for item, row in zip(table.items, found.values, strict=True):
        np.testing.assert_array_equal(row, list(describe(sources()[item.path][0]).values()))
    words = found.in_words(0)
    assert list(words) == list(DESCRIPTOR_NAMES)
    assert (words["duration"], words["tempo"][-4:]) == ("12.0 s", " BPM")
    assert found.units[:2] == ("s", "LUFS")
    np.testing.assert_array_equal(found["tempo"], found.values[:, 3])
    with pytest.raises(ac.ParameterError, match="descriptor='tempi': .*near it are tempo"):
        found["tempi"]
    # They are no features: neither values nor columns know of them.
    np.testing.assert_array_equal(table.values, plain.values)
    assert table.columns == plain.columns
    assert table[["rms"]].descriptors is found
    assert "9" not in repr(found)
    assert "tempo_confidence" in repr(found)


def test_they_do_not_depend_on_the_number_of_threads(tmp_path: Path) -> None:
    for number in range(6):
        y = beats(90 + 7 * number, seconds=2 + number, seed=number)
        soundfile.write(tmp_path / f"{number}.wav", y, RATE + 1000 * number, subtype="FLOAT")
    alone = ac.extract(tmp_path, features="rms", descriptors=True, n_jobs=1)
    assert ac.extract(tmp_path, features="rms", descriptors=True, n_jobs=4) == alone


def test_clusters_do_not_depend_on_them() -> None:
    sounds = {f"{number}": (tone(0.3, 200 + 90 * number), RATE) for number in range(8)}
    plain = ac.cluster(sounds, k=2)
    result = ac.cluster(sounds, k=2, descriptors=True)
    np.testing.assert_array_equal(result.labels, plain.labels)
    np.testing.assert_array_equal(result.distances, plain.distances)
    assert result.table.is_default
    assert result.table.descriptors is not None
    np.testing.assert_array_equal(result.predict(sounds), result.labels)
    # A table may be clustered again whether they are asked for or not.
    for other in (ac.extract(sounds), result.table):
        np.testing.assert_array_equal(result.predict(other), result.labels)
    assert ac.cluster(result.table, k=2, descriptors=True).table is result.table
    assert ac.cluster(result.table, k=2).table is result.table
    with pytest.raises(ac.ParameterError, match=r"descriptors belong to extract\(\)"):
        ac.cluster(plain.table, k=2, descriptors=True)
    with pytest.raises(ac.ParameterError, match="descriptors='yes': expected True or False"):
        ac.extract(sounds, descriptors="yes")  # type: ignore[arg-type]


def test_the_part_is_prepared_but_its_level_is_not_changed() -> None:
    y = np.pad(0.1 * SOUNDS["beats at 100 BPM"], (RATE, RATE)).astype(np.float32)
    sounds = {"a": (y, RATE)}

    def found(preparation: ac.Preparation | None = None) -> NDArray[np.float32]:
        table = ac.extract(sounds, features="rms", preparation=preparation, descriptors=True)
        assert table.descriptors is not None
        return table.descriptors.values

    trimmed = found(ac.Preparation(trim=40))
    assert trimmed[0, 0] < found()[0, 0] - 1.5
    for normalize in ("peak", "rms", "loudness"):
        both = ac.Preparation(trim=40, normalize=normalize)
        np.testing.assert_array_equal(found(both), trimmed)
    part = ac.extract(sounds, features="rms", offset=2, duration=1, descriptors=True)
    assert part.descriptors is not None
    assert part.descriptors["duration"] == 1


def test_other_rates_and_embeddings_alone_have_the_same() -> None:
    def mean(y: NDArray[np.float32], sr: int) -> NDArray[np.float32]:
        return np.array([np.abs(y).mean()])

    analysis = ac.Analysis(sr=16000)
    embedding = ac.Embedding("mean", mean, sr=8000, version="1", window=1.0)
    tables = [
        ac.extract(sources(), features="rms", descriptors=True),
        ac.extract(sources(), features="rms", analysis=analysis, descriptors=True),
        ac.extract(sources(), features=embedding, descriptors=True),
    ]
    first, *others = (table.descriptors for table in tables)
    assert first is not None
    assert others == [first, first]


def test_pickles_keep_them_and_older_ones_have_none() -> None:
    table = ac.extract(sources(), features="rms", descriptors=True)
    assert pickle.loads(pickle.dumps(table)) == table
    assert table != dataclasses.replace(table, descriptors=None)
    # What was pickled before there were descriptors has no field for them.
    old = pickle.loads(pickle.dumps(ac.extract(sources(), features="rms")))
    del old.__dict__["descriptors"], old.settings.__dict__["descriptors"]
    again = pickle.loads(pickle.dumps(old))
    assert again.descriptors is None
    assert again.settings.descriptors is False
    assert again == ac.extract(sources(), features="rms")
    assert again.settings.comparable(table.settings)


def test_values_are_written_as_people_write_them() -> None:
    written = {
        ("duration", 0.25): "250 ms",
        ("duration", 59.97): "1:00 min",
        ("duration", 12.34): "12.3 s",
        ("duration", 3725.0): "1:02:05 h",
        ("loudness", -14.23): "-14.2 LUFS",
        ("brightness", 1234.5): "1234 Hz",
        ("tempo", 119.7): "120 BPM",
        ("tempo_confidence", 0.72): "72 %",
        ("key", 21.0): "A minor",
        ("key", 0.0): "C major",
        ("key_confidence", 0.0): "0 %",
        ("onset_rate", 2.04): "2.0 onsets a second",
        ("attack_time", 0.0123): "12 ms",
    }
    for (name, value), text in written.items():
        assert shown(name, value) == text
    assert all(shown(name, math.nan) == "?" for name in DESCRIPTOR_NAMES)
    assert len(set(KEYS)) == 24
    for info in DESCRIPTORS:
        assert descriptor_info(info.name) is info
        assert not info.confidence or info.confidence in DESCRIPTOR_NAMES


@pytest.mark.parametrize(
    "name", ["Hungarian_Dance*.ogg", "sorohanro*.ogg", "Karissa*.ogg", "125_bounce.wav"]
)
def test_real_music_is_described_as_librosa_does(data: Path, name: str) -> None:
    path = next(path for folder in ("music", "drums") for path in (data / folder).glob(name))
    sound, _ = ac.load(path, sr=RATE)
    found = describe(sound)
    assert found["loudness"] == pytest.approx(described.loudness(sound), abs=0.15)
    assert found["brightness"] == pytest.approx(described.brightness(sound), rel=1e-4)
    if not math.isnan(found["tempo"]):
        assert_within_a_lag(found["tempo"], described.tempo(sound))
