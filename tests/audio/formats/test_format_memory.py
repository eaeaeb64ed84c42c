"""Decoding an hour takes no more memory than decoding some minutes, in every container."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from support.encodes import need_ffmpeg

CODE = """
import re, sys
from audioclust.audio.decoding.decoders import open_stream
from audioclust.audio.recording import Recording
with open_stream(Recording(sys.argv[1])) as stream:
    frames = sum(len(block) for block in stream.blocks)
    assert abs(frames / stream.sr - 60 * float(sys.argv[2])) < 0.1, frames
    assert stream.decoder == sys.argv[3] and not stream.warnings
print(re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())[1])
"""

ENCODES = {
    "a.m4a": ("symphonia", "-c:a", "aac"),
    "a.aac": ("symphonia", "-c:a", "aac"),
    "a.webm": ("ropus", "-c:a", "libopus", "-compression_level", "0"),
    "a.flac": ("symphonia", "-c:a", "flac"),
    "a.wv": ("FFmpeg", "-c:a", "wavpack"),
}


def peak(path: Path, minutes: int, decoder: str) -> int:
    command = [sys.executable, "-c", CODE, str(path), str(minutes), decoder]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def make(path: Path, minutes: int, *options: str) -> Path:
    """Encode soft noise of one channel at 16 kHz."""
    noise = f"anoisesrc=d={60 * minutes}:r=16000:a=0.1:s=1"
    command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", noise, *options, str(path)]
    subprocess.run(command, check=True)
    return path


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
@pytest.mark.parametrize("name", ENCODES)
def test_an_hour_takes_no_more_than_six_minutes(name: str, tmp_path: Path) -> None:
    need_ffmpeg()
    decoder, *options = ENCODES[name]
    hour = make(tmp_path / f"hour.{name}", 60, *options)
    part = make(tmp_path / f"part.{name}", 6, *options)
    # The samples of the other 54 minutes would take 207 MB. The table of packets of an hour of
    # MP4 has about a hundred bytes for each of 56,000 packets.
    assert peak(hour, 60, decoder) - peak(part, 6, decoder) < 12_000  # kB
