"""Encodes by ffmpeg, and its own decodes of them: the judge of ours."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

PROGRAMS = ("ffmpeg", "ffprobe")


def need_ffmpeg() -> None:
    """Skip a test where ffmpeg is not installed, which CI does not accept."""
    if all(map(shutil.which, PROGRAMS)):
        return
    if os.environ.get("CI"):
        pytest.fail("CI needs ffmpeg, which .ci/run installs")
    pytest.skip("no ffmpeg here, which makes the files of this test")


def encode(source: Path, target: Path, *options: str) -> Path:
    """Encode a file as its suffix and some options of ffmpeg say."""
    command = ["ffmpeg", "-v", "error", "-y", "-i", str(source), "-map_metadata", "-1"]
    subprocess.run([*command, "-vn", *options, str(target)], check=True)
    return target


def probed(path: Path) -> tuple[int, int] | None:
    """Give the rate and the channels of a file as ffprobe sees them, or None."""
    command = ["ffprobe", "-v", "quiet", "-of", "json", "-show_streams"]
    command += ["-select_streams", "a:0", str(path)]
    done = subprocess.run(command, capture_output=True, check=False)
    streams = [] if done.returncode else json.loads(done.stdout)["streams"]
    if not streams or not int(streams[0].get("sample_rate", 0)):
        return None
    return int(streams[0]["sample_rate"]), int(streams[0]["channels"])


def ffmpeg_decoded(path: Path) -> tuple[np.ndarray, int] | None:
    """Give the samples of a file by ffmpeg, of shape (frames, channels), and their rate.

    Its MP3 decoder is the one of floats. None if it finds no sound.
    """
    found = probed(path)
    if found is None:
        return None
    sr, channels = found
    command = ["ffmpeg", "-v", "quiet", "-i", str(path), "-map", "0:a:0", "-f", "f32le", "-"]
    done = subprocess.run(command, capture_output=True, check=False)
    y = np.frombuffer(done.stdout[: len(done.stdout) // (4 * channels) * 4 * channels], "<f4")
    return y.reshape(-1, channels), sr


def likeness(ours: np.ndarray, theirs: np.ndarray) -> float:
    """Give the correlation of two sounds of shape (frames, channels), best aligned.

    Where MP3 and AAC begin without a note of it is for each decoder to say. Two decoders of one
    odd file have more than .97; a second of noise, beside other noise, less than .05.
    """
    x, y = (z[:131_072].mean(axis=1).astype(np.float64) for z in (ours, theirs))
    spectra = [np.fft.rfft(z, 2**18) for z in (x, y)]
    products = np.fft.irfft(spectra[0] * np.conj(spectra[1]))
    lag = int(np.argmax(products))
    lag -= 2**18 if lag >= 2**17 else 0
    x, y = x[max(0, lag) :], y[max(0, -lag) :]
    n = min(len(x), len(y))
    return float(np.corrcoef(x[:n], y[:n])[0, 1])
