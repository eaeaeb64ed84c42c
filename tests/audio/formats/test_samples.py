"""Each format's samples are those that ffmpeg decodes, from the first to the last."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from support.encodes import encode, ffmpeg_decoded

from audioclust.audio.decoding.decoders import open_stream
from audioclust.audio.recording import Recording


class Encode(NamedTuple):
    """A format that music is encoded in, and what our samples of it may differ by."""

    name: str
    options: tuple[str, ...]
    decoder: str
    most: float = 0.0
    frames: int | None = None
    """How many there are, if ffmpeg 5.1 gives more."""


def codec(name: str, *options: str) -> tuple[str, ...]:
    return ("-c:a", name, *options)


FLAC = codec("flac")
FLAC24 = codec("flac", "-sample_fmt", "s32")
ALAC = codec("alac")
AAC = codec("aac", "-b:a", "128k")
OPUS = codec("libopus", "-b:a", "96k")
VORBIS = codec("libvorbis", "-q:a", "5")
MP3 = codec("libmp3lame", "-b:a", "192k")

# docs/formats.md has what was measured. Samples are sums of the same numbers in another order,
# in single precision: up to 7.8e-7. Of layer 2 it is about a step of 16 bits (3.1e-5), of Opus
# what two decoders of it differ by, and more by ropus, which computes with 16-bit integers.
LOSSY, OF_LAYER_2, OF_LIBOPUS, OF_ROPUS = 2e-6, 5e-5, 5e-5, 1.5e-4

ENCODES = (
    Encode("a.wav", codec("pcm_s16le"), "libsndfile"),
    Encode("24.wav", codec("pcm_s24le"), "libsndfile"),
    Encode("float.wav", codec("pcm_f32le"), "libsndfile"),
    Encode("64.wav", codec("pcm_s16le", "-rf64", "always"), "libsndfile"),
    Encode("a.aiff", codec("pcm_s16be"), "libsndfile"),
    Encode("24.aiff", codec("pcm_s24be"), "libsndfile"),
    Encode("a.caf", codec("pcm_s16be"), "libsndfile"),
    Encode("alac.caf", ALAC, "symphonia"),
    Encode("a.au", codec("pcm_s16be"), "libsndfile"),
    Encode("a.w64", codec("pcm_s16le"), "libsndfile"),
    Encode("a.flac", FLAC, "symphonia"),
    Encode("24.flac", FLAC24, "symphonia"),
    Encode("flac.ogg", (*FLAC, "-f", "ogg"), "symphonia"),
    Encode("flac.mka", FLAC, "symphonia"),
    Encode("flac.mp4", (*FLAC, "-strict", "-2"), "symphonia"),
    Encode("24.mp4", (*FLAC24, "-strict", "-2"), "symphonia"),
    Encode("alac.m4a", ALAC, "symphonia"),
    Encode("24.m4a", codec("alac", "-sample_fmt", "s32p"), "symphonia"),
    Encode("pcm.mka", codec("pcm_s16le"), "symphonia"),
    Encode("pcm.mov", codec("pcm_s16be"), "symphonia"),
    Encode("a.mp3", MP3, "libsndfile", LOSSY),
    Encode("vbr.mp3", codec("libmp3lame", "-q:a", "4"), "libsndfile", LOSSY),
    Encode("low.mp3", codec("libmp3lame", "-ar", "22050", "-b:a", "64k"), "libsndfile", LOSSY),
    Encode("a.mp2", codec("mp2", "-b:a", "192k"), "libsndfile", OF_LAYER_2),
    Encode("a.ogg", VORBIS, "symphonia", LOSSY),
    Encode("vorbis.webm", VORBIS, "symphonia", LOSSY),
    Encode("a.opus", OPUS, "libsndfile", OF_LIBOPUS),
    Encode("opus.webm", OPUS, "ropus", OF_ROPUS),
    Encode("opus.mka", OPUS, "ropus", OF_ROPUS),
    # ffmpeg 5.1 does not cut the end of MP4 where its edit list tells it to.
    Encode("opus.mp4", OPUS, "ropus", OF_ROPUS, 435_376),
    Encode("a.m4a", AAC, "symphonia", LOSSY, 400_001),
    Encode("mono.m4a", (*AAC, "-ac", "1", "-ar", "22050"), "symphonia", LOSSY, 200_001),
    Encode(
        "fragments.mp4", (*AAC, "-movflags", "frag_keyframe+empty_moov"), "symphonia", LOSSY
    ),
    Encode("aac.mka", AAC, "symphonia", LOSSY),
    Encode("a.aac", AAC, "symphonia", LOSSY),
)


def decoded(path: Path) -> tuple[np.ndarray, int, str | None]:
    with open_stream(Recording(str(path))) as stream:
        y = np.concatenate(list(stream.blocks))
        assert stream.warnings == []
        return y, stream.sr, stream.decoder


@pytest.fixture(scope="session")
def source(minutes: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some seconds of music, of an odd number of samples."""
    path = tmp_path_factory.mktemp("source") / "source.wav"
    return encode(minutes[0], path, "-af", "atrim=start_sample=900000:end_sample=1300001")


@pytest.mark.parametrize("made", ENCODES, ids=[made.name for made in ENCODES])
def test_samples_are_ffmpegs(made: Encode, source: Path, tmp_path: Path) -> None:
    path = encode(source, tmp_path / made.name, *made.options)
    ours, sr, decoder = decoded(path)
    judged = ffmpeg_decoded(path)
    assert judged is not None
    theirs, their_sr = judged
    assert (sr, decoder, ours.shape[1]) == (their_sr, made.decoder, theirs.shape[1])
    assert len(ours) == (made.frames or len(theirs))
    assert abs(ours - theirs[: len(ours)]).max() <= made.most
