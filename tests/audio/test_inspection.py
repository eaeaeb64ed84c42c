"""What an inspector notices of recordings, beside NumPy on whole arrays and files of ffmpeg."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from support.data import DATA
from support.encodes import need_ffmpeg
from support.inspected import inspected, quiet
from support.sounds import tone

import audioclust as ac
from audioclust import _core

SR = 44_100


def noticed(block: NDArray[np.float32], size: int = 65_536) -> _core.Inspection:
    inspector = _core.Inspector(block.shape[1])
    for start in range(0, len(block), size):
        inspector.push(block[start : start + size])
    return inspector.finish()


def noise(seconds: float, seed: int = 0, size: float = 0.1) -> NDArray[np.float32]:
    rng = np.random.default_rng(seed)
    return (size * rng.normal(size=int(seconds * SR))).astype(np.float32)


def check_like_numpy(block: NDArray[np.float32], size: int) -> None:
    found, want = noticed(block, size), inspected(block)
    for name in ("n_samples", "channels", "clipped_runs", "clipped_samples", "zeros"):
        assert getattr(found, name) == want[name], name
    # Energies are summed in single precision over 128 samples.
    assert found.mix_share == pytest.approx(want["mix_share"], rel=1e-4, abs=1e-9)
    # Levels are told apart to half a decibel.
    mix = block.astype(np.float64).mean(axis=1)
    for name, least, most in zip(
        ("level_frames", "quiet_before", "quiet_after"),
        quiet(mix, -40.6),
        quiet(mix),
        strict=True,
    ):
        assert least <= getattr(found, name) <= most, name
    if want["cut"] is not None and want["cut"][1] > 10:
        assert found.cut is not None
        # Single precision: its noise is 130 dB below the loudest, where levels end.
        assert found.cut[1] == pytest.approx(want["cut"][1], abs=0.5)
        assert found.cut[0] == pytest.approx(want["cut"][0], abs=2 / 2048)


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 1000),
    n=st.integers(1, 80_000),
    channels=st.integers(1, 3),
    size=st.integers(1, 70_000),
    top=st.sampled_from([0.05, 0.3, 1.0]),
)
def test_all_is_as_numpy_has_it_whatever_the_blocks(
    seed: int, n: int, channels: int, size: int, top: float
) -> None:
    rng = np.random.default_rng(seed)
    walk = np.cumsum(rng.normal(scale=0.2, size=(n, channels)), axis=0)
    block = np.clip(np.sin(walk), -top, top).astype(np.float32)
    block[: n // 3] *= rng.choice([0.0, 1e-4, 1.0])
    check_like_numpy(block, max(size, n // 50))


@pytest.mark.skipif(not DATA.is_dir(), reason=f"no recordings in {DATA}")
@pytest.mark.parametrize(
    "name", ["samples/flick/009_4.wav", "drums/test_kick_08.mp3", "cough_scream/cough_1.wav"]
)
def test_real_recordings_are_as_numpy_has_them(name: str) -> None:
    block, _ = soundfile.read(DATA / name, dtype="float32", always_2d=True)
    check_like_numpy(block, 10_007)


def kinds(y: NDArray[np.float32], sr: int = SR, **settings: object) -> list[str]:
    table = ac.extract({"one": (y, sr)}, features="rms", progress=False, **settings)  # type: ignore[arg-type]
    return [warning.kind for warning in table.items[0].warnings]


def test_an_honest_recording_has_no_warnings() -> None:
    assert kinds(noise(1)) == []
    assert kinds(tone(sr=SR)) == []
    assert kinds(np.stack([noise(1, 0), noise(1, 1)])) == []


def test_clipping_is_noticed_and_a_normalised_sound_is_not_clipped() -> None:
    y = noise(1, size=1)
    # Noise has no slopes; waves have.
    smooth = np.convolve(y, np.hanning(64), "same").astype(np.float32)
    smooth /= np.abs(smooth).max()
    assert kinds(smooth) == []
    assert kinds(np.clip(2 * smooth, -1, 1)) == ["clipping"]
    assert kinds(0.5 * np.clip(2 * smooth, -1, 1)) == ["clipping"]


def test_slow_waves_in_eight_bits_are_not_clipped() -> None:
    for frequency in (30, 100, 440):
        y = np.round(127 * tone(frequency=frequency, sr=SR) / 0.5) / 128
        assert kinds(y.astype(np.float32)) == []


def test_a_square_wave_is_not_clipped() -> None:
    y = np.sign(tone(sr=SR) + 1e-6).astype(np.float32)
    assert kinds(y) == []


def test_digital_silence_is_noticed_with_its_share() -> None:
    y = np.concatenate([noise(0.5), np.zeros(SR, np.float32), noise(0.5)])
    table = ac.extract({"one": (y, SR)}, features="rms", progress=False)
    (warning,) = table.items[0].warnings
    assert warning.kind == "digital silence"
    assert "1.00 s, 50 % of it" in warning.message
    assert kinds(np.zeros(SR, np.float32)) == ["digital silence"]


def test_quiet_ends_hint_at_trim_until_they_are_trimmed() -> None:
    y = np.concatenate([noise(0.5), 1e-4 * noise(0.5)])
    table = ac.extract({"one": (y, SR)}, features="rms", progress=False)
    (warning,) = table.items[0].warnings
    assert warning.kind == "quiet parts"
    assert "trim=40" in warning.message
    assert kinds(y, preparation=ac.Preparation(trim=40)) == []
    inside = np.concatenate([noise(0.5), 1e-4 * noise(0.5), noise(0.5)])
    assert kinds(inside) == []


def test_channels_of_opposite_phase_are_noticed_where_they_are_mixed() -> None:
    y = np.stack([noise(1), -noise(1)])
    assert kinds(y) == ["channels cancel"]
    assert kinds(y, preparation=ac.Preparation(channels="left")) == []


def test_a_bandwidth_is_noticed_if_features_look_above_it() -> None:
    spectrum = np.fft.rfft(noise(2))
    spectrum[len(spectrum) // 4 :] = 0
    y = np.fft.irfft(spectrum).astype(np.float32)  # Up to 5.5 kHz.
    assert kinds(y) == ["bandwidth"]
    assert kinds(y, analysis=ac.Analysis(sr=11_025)) == []
    falling = np.fft.rfft(noise(2)) * np.exp(-np.linspace(0, 12, SR + 1))
    assert kinds(np.fft.irfft(falling).astype(np.float32)) == []


@pytest.mark.parametrize(
    ("arguments", "suffix", "end"),
    [
        (["-codec:a", "pcm_mulaw", "-ar", "8000"], "wav", 4800),
        (["-codec:a", "libopus", "-b:a", "16k", "-cutoff", "4000"], "ogg", 5500),
        (["-codec:a", "libmp3lame", "-b:a", "128k"], "mp3", None),
    ],
)
def test_codecs_are_noticed_where_they_cut_off_what_features_look_at(
    tmp_path: Path, arguments: list[str], suffix: str, end: int | None
) -> None:
    need_ffmpeg()
    soundfile.write(tmp_path / "in.wav", noise(3), SR)
    coded, out = tmp_path / f"coded.{suffix}", tmp_path / "out.wav"
    ffmpeg = ["ffmpeg", "-loglevel", "error", "-i"]
    subprocess.run([*ffmpeg, tmp_path / "in.wav", "-ac", "1", *arguments, coded], check=True)
    subprocess.run([*ffmpeg, coded, "-ar", str(SR), out], check=True)
    y, sr = soundfile.read(out, dtype="float32")
    found = noticed(y[:, np.newaxis])
    if end is None:
        assert kinds(y, sr) == []  # 16 kHz and more: above what features look at.
        return
    assert found.cut is not None
    # Above what is coded there is what resampling to another rate mirrors, down to -60 dB.
    assert 4000 < found.cut[0] * sr < end
    assert kinds(y, sr) == ["bandwidth"]
