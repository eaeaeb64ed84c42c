"""The decoders of the core give what ffmpeg gives, and believe nothing that a header says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray
from support.encodes import likeness, need_ffmpeg

from audioclust import _core
from audioclust.errors import DecodeError

Samples = NDArray[np.float32]

SOURCE = "Hungarian_Dance_number_5_-_Allegro_in_F_sharp_minor_(string_orchestra).hq.ogg"
FRAMES = 6 * 44_100 + 123
"""Not a multiple of any codec's frame."""

LOSSLESS = {
    "a.flac": [],
    "flac.ogg": ["-c:a", "flac"],
    "flac.mkv": ["-c:a", "flac"],
    "flac.mp4": ["-c:a", "flac", "-strict", "-2"],
    "alac.m4a": ["-c:a", "alac"],
    "alac.caf": ["-c:a", "alac"],
    "16.wav": ["-c:a", "pcm_s16le"],
    "8.wav": ["-c:a", "pcm_u8"],
    "24.wav": ["-c:a", "pcm_s24le"],
    "32.wav": ["-c:a", "pcm_s32le"],
    "float.wav": ["-c:a", "pcm_f32le"],
    "double.wav": ["-c:a", "pcm_f64le"],
    "alaw.wav": ["-c:a", "pcm_alaw"],
    "adpcm.wav": ["-c:a", "adpcm_ms"],
    "16.aiff": ["-c:a", "pcm_s16be"],
    "24.aiff": ["-c:a", "pcm_s24be"],
    "float.aiff": ["-c:a", "pcm_f32be"],
    "16.caf": ["-c:a", "pcm_s16be"],
    "float.caf": ["-c:a", "pcm_f32le"],
    "pcm.mov": ["-c:a", "pcm_s16le"],
    "pcm.mkv": ["-c:a", "pcm_s16le"],
}  # fmt: skip
"""What ffmpeg makes each file with. All of it is decoded bit by bit."""

LOSSY = {
    # Sums of the same numbers in another order, with samples up to 1.
    "128.mp3": (["-c:a", "libmp3lame", "-b:a", "128k"], 2e-6),
    "vbr.mp3": (["-c:a", "libmp3lame", "-q:a", "2"], 2e-6),
    "mono.mp3": (["-c:a", "libmp3lame", "-ac", "1", "-ar", "22050"], 2e-6),
    "vorbis.ogg": (["-c:a", "libvorbis"], 2e-6),
    "vorbis.mkv": (["-c:a", "libvorbis"], 2e-6),
    "aac.m4a": (["-c:a", "aac", "-b:a", "128k"], 5e-5),
    "aac.mov": (["-c:a", "aac", "-b:a", "128k"], 5e-5),
    "aac.mkv": (["-c:a", "aac", "-b:a", "128k"], 5e-5),
    "a.aac": (["-c:a", "aac", "-b:a", "128k"], 5e-5),
    "fragments.mp4": (["-c:a", "aac", "-movflags", "frag_keyframe+empty_moov"], 5e-5),
    # ropus computes with integers of 16 bits, 3e-5 apart, over several steps.
    "a.opus": (["-c:a", "libopus", "-b:a", "96k"], 5e-4),
    "opus.webm": (["-c:a", "libopus", "-b:a", "96k"], 5e-4),
    "opus.mp4": (["-c:a", "libopus", "-b:a", "96k", "-strict", "-2"], 5e-4),
}
"""What ffmpeg makes each file with, and how far samples may be from its own."""

EXACT = {*LOSSLESS, "128.mp3", "vbr.mp3", "vorbis.ogg", "aac.m4a", "aac.mov", "adpcm.wav"}
"""The files that say where their sound begins and ends."""


SECOND = (".wav", ".aiff", ".mov", ".mp3", ".opus", "16.caf", "float.caf")
"""How names end of files that another decoder than this is tried with first, or that
tests/audio/formats/test_samples.py does not have. The others are compared there."""


def ffmpeg(*arguments: str | Path) -> bytes:
    need_ffmpeg()
    command = ["ffmpeg", "-v", "error", "-y", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, check=True).stdout


def judged(path: Path, channels: int, decoder: tuple[str, ...] = ()) -> Samples:
    raw = ffmpeg(*decoder, "-i", path, "-map", "0:a:0", "-c:a", "pcm_f32le", "-f", "f32le", "-")
    return np.frombuffer(raw, np.float32).reshape(-1, channels)


def decoder_of(
    path: Path, max_seconds: float | None = None, max_work: float | None = None
) -> _core.Decoder:
    return _core.Decoder(os.fsencode(path), max_seconds=max_seconds, max_work=max_work)


def rest(decoder: _core.Decoder, n_frames: int = 5000) -> Samples:
    blocks = [decoder.read(n_frames)]
    while len(blocks[-1]):
        blocks.append(decoder.read(n_frames))
    return np.concatenate(blocks)


def failure(path: Path, **limits: float) -> DecodeError:
    with pytest.raises(DecodeError) as caught:
        rest(decoder_of(path, **limits))
    return caught.value


@pytest.fixture(scope="session")
def made(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same music in all formats."""
    folder = tmp_path_factory.mktemp("encoded")
    y, sr = soundfile.read(data / "music" / SOURCE, frames=FRAMES, start=5 * 44_100)
    assert (sr, y.shape) == (44_100, (FRAMES, 2))
    soundfile.write(folder / "source.wav", y, sr)
    options = {**LOSSLESS, **{name: given for name, (given, _) in LOSSY.items()}}
    for name, given in options.items():
        ffmpeg("-i", folder / "source.wav", *given, folder / name)
    return folder


@pytest.mark.parametrize("name", [name for name in LOSSLESS if name.endswith(SECOND)])
def test_lossless_formats_are_ffmpegs_bit_by_bit(made: Path, name: str) -> None:
    decoder = decoder_of(made / name)
    ours = rest(decoder)
    theirs = judged(made / name, 2)
    np.testing.assert_array_equal(ours, theirs[: len(ours)])
    # ffmpeg leaves the last, incomplete block of ADPCM as long as it is coded.
    assert len(ours) == len(theirs)
    assert decoder.warnings() == []


@pytest.mark.parametrize("name", [name for name in LOSSY if name.endswith(SECOND)])
def test_lossy_formats_begin_at_ffmpegs_sample_and_are_near_it(made: Path, name: str) -> None:
    decoder = decoder_of(made / name)
    ours = rest(decoder)
    theirs = judged(made / name, decoder.channels)
    # ffmpeg 5 leaves the padding at the end of MP4: less than two frames of AAC.
    assert 0 <= len(theirs) - len(ours) < 2048
    assert np.abs(ours - theirs[: len(ours)]).max() < LOSSY[name][1]
    assert decoder.warnings() == []


@pytest.mark.parametrize("name", sorted(EXACT - {"adpcm.wav"}))
def test_what_is_said_of_the_end_is_kept_exactly(made: Path, name: str) -> None:
    assert len(rest(decoder_of(made / name))) == FRAMES


def test_opus_is_as_near_to_libopus_at_any_rate_and_with_any_channels(
    made: Path, tmp_path: Path
) -> None:
    voice = ["-ac", "1", "-application", "voip", "-b:a", "16k"]
    six = ["-af", "pan=5.1|c0=c0|c1=c1|c2=c0|c3=c1|c4=c0|c5=c1", "-b:a", "256k"]
    for name, given, channels in (("voice", voice, 1), ("six", six, 6)):
        path = tmp_path / f"{name}.opus"
        ffmpeg("-i", made / "source.wav", *given, "-c:a", "libopus", path)
        decoder = decoder_of(path)
        ours = rest(decoder)
        assert (decoder.name, decoder.sr, decoder.channels) == ("ropus", 48_000, channels)
        # By libopus: ffmpeg's own decoder resamples the lower band differently.
        theirs = soundfile.read(path, dtype="float32", always_2d=True)[0]
        assert len(ours) == len(theirs)
        assert np.abs(ours - theirs).max() < 5e-4


@pytest.mark.parametrize("name", ["vorbis.ogg", "flac.ogg", "a.opus"])
def test_chained_streams_are_one_after_the_other(made: Path, tmp_path: Path, name: str) -> None:
    chain = tmp_path / name
    chain.write_bytes((made / name).read_bytes() * 2)
    one = rest(decoder_of(made / name))
    np.testing.assert_array_equal(rest(decoder_of(chain)), np.concatenate([one, one]))


@pytest.mark.parametrize(
    "name", ["16.wav", "24.aiff", "float.caf", "a.flac", "aac.m4a", "128.mp3"]
)
def test_skipping_leaves_the_other_samples_as_they_are(made: Path, name: str) -> None:
    whole = rest(decoder_of(made / name))
    for first, skipped in ((0, 1), (0, 100_000), (1000, 70_001), (10, len(whole)), (0, 10**15)):
        decoder = decoder_of(made / name)
        start = decoder.read(first)
        count = decoder.skip(skipped)
        assert count == min(skipped, len(whole) - first)
        both = np.concatenate([start, whole[first : first + count], rest(decoder)])
        np.testing.assert_array_equal(both, whole)


def test_a_block_has_as_many_frames_as_were_asked_for(made: Path) -> None:
    decoder = decoder_of(made / "aac.m4a")
    shapes = [decoder.read(n).shape for n in (1, 7, 4096, 100_000)]
    assert shapes == [(1, 2), (7, 2), (4096, 2), (100_000, 2)]
    assert decoder.read(10**12).shape == (FRAMES - 104_104, 2)
    assert decoder.read(5).shape == (0, 2)


HE_AAC = {
    # ffmpeg writes AAC-LC at 44.1 kHz, stereo, then an extension that says "no SBR".
    "in an extension": bytes.fromhex("121056e580"),
    "as the object": bytes.fromhex("2b920800") + b"\x00",
    "with parametric stereo": bytes.fromhex("eb8a0800") + b"\x00",
}


@pytest.mark.parametrize("config", HE_AAC.values(), ids=HE_AAC)
@pytest.mark.parametrize("name", ["aac.m4a", "aac.mkv"])
def test_he_aac_is_refused_in_words(
    made: Path, tmp_path: Path, name: str, config: bytes
) -> None:
    plain = bytes.fromhex("121056e500")
    content = (made / name).read_bytes()
    assert content.count(plain) == 1
    path = tmp_path / name
    path.write_bytes(content.replace(plain, config))
    error = failure(path)
    assert error.kind == "unsupported"
    assert "HE-AAC, which is not supported" in str(error)


def with_sbr(adts: bytes) -> bytes:
    """Put a fill element with SBR in front of the end of each packet."""
    frames = []
    while adts:
        size = (adts[3] & 3) << 11 | adts[4] << 3 | adts[5] >> 5
        header, packet, adts = adts[:7], adts[7:size], adts[size:]
        bits = f"{int.from_bytes(packet):0{8 * len(packet)}b}".rstrip("0").removesuffix("111")
        # The element, 2 bytes of it, its kind, 12 bits of anything, and the end.
        bits += "110" + "0010" + "1101" + "010101010101" + "111"
        bits += "0" * (-len(bits) % 8)
        packet = int(bits, 2).to_bytes(len(bits) // 8)
        size = 7 + len(packet)
        sizes = bytes(
            [header[3] & 0xFC | size >> 11, size >> 3 & 0xFF, (size & 7) << 5 | header[5] & 31]
        )
        frames.append(header[:3] + sizes + header[6:] + packet)
    return b"".join(frames)


def test_he_aac_that_nothing_announces_is_refused_by_its_packets(
    made: Path, tmp_path: Path
) -> None:
    path = tmp_path / "he.aac"
    path.write_bytes(with_sbr((made / "a.aac").read_bytes()))
    error = failure(path)
    assert error.kind == "unsupported"
    assert "HE-AAC, which is not supported, as its packets show" in str(error)


def test_a_wrong_checksum_and_an_early_end_are_told(made: Path, tmp_path: Path) -> None:
    content = (made / "a.flac").read_bytes()
    whole = rest(decoder_of(made / "a.flac"))
    wrong = tmp_path / "wrong.flac"
    wrong.write_bytes(content[:26] + bytes([content[26] ^ 1]) + content[27:])
    decoder = decoder_of(wrong)
    np.testing.assert_array_equal(rest(decoder), whole)
    assert decoder.warnings() == ["the checksum of its samples is not theirs"]
    for name in ("a.flac", "16.wav", "aac.m4a", "vbr.mp3", "flac.ogg", "flac.mkv", "a.opus"):
        cut = tmp_path / f"cut.{name}"
        content = (made / name).read_bytes()
        # `moov` of an M4A is at the end: here it comes first.
        if name == "aac.m4a":
            ffmpeg("-i", made / name, "-c", "copy", "-movflags", "+faststart", cut)
            content = cut.read_bytes()
        cut.write_bytes(content[: len(content) // 2])
        decoder = decoder_of(cut)
        found = rest(decoder)
        whole = rest(decoder_of(made / name))
        assert 0.3 * len(whole) < len(found) < 0.7 * len(whole), name
        np.testing.assert_array_equal(found[:50_000], whole[:50_000])
        assert decoder.warnings(), name


@pytest.mark.parametrize("name", ["flac.mkv", "flac.ogg", "vorbis.ogg", "a.opus", "a.flac"])
def test_what_is_damaged_is_left_out_and_told(made: Path, tmp_path: Path, name: str) -> None:
    content = bytearray((made / name).read_bytes())
    middle = len(content) // 2
    content[middle : middle + 4000] = bytes(4000)
    path = tmp_path / name
    path.write_bytes(content)
    decoder = decoder_of(path)
    frames = len(rest(decoder))
    assert 0.5 < frames / len(rest(decoder_of(made / name))) < 1
    assert decoder.warnings()


def test_limits_end_what_takes_too_long(made: Path) -> None:
    assert "longer than 2 seconds" in str(failure(made / "a.flac", max_seconds=2.0))
    assert "0.1 times its size" in str(failure(made / "source.wav", max_work=0.1))
    assert len(rest(decoder_of(made / "a.flac", max_seconds=7.0, max_work=2.0))) == FRAMES


def test_what_is_decoded_before_an_error_is_given(made: Path) -> None:
    decoder = decoder_of(made / "a.flac", max_seconds=2.0)
    found = decoder.read(FRAMES)
    assert 80_000 < len(found) <= 2 * 44_100
    with pytest.raises(DecodeError):
        decoder.read(1)
    assert decoder.read(1).shape == (0, 2)


def test_a_closed_decoder_says_so(made: Path) -> None:
    decoder = decoder_of(made / "a.flac")
    decoder.close()
    with pytest.raises(DecodeError, match="closed"):
        decoder.read(1)


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are text elsewhere")
def test_a_name_need_not_be_text(made: Path, tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/\xff\xfe.wav"
    Path(os.fsdecode(path)).write_bytes((made / "16.wav").read_bytes())
    assert _core.sniff(path) == ("WAV", 0)
    assert rest(_core.Decoder(path)).shape == (FRAMES, 2)


def test_what_is_no_sound_is_an_error_of_its_kind(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    missing = failure(path)
    assert (missing.kind, str(missing)) == ("unreadable", "No such file or directory")
    kinds = {b"": "empty", b"words" * 99: "unsupported", b"wvpk" + bytes(99): "unsupported"}
    kinds |= {b"fLaC" + bytes(99): "corrupt", b"OggS" + bytes(99): "unsupported"}
    for content, kind in kinds.items():
        path.write_bytes(content)
        assert failure(path).kind == kind, content[:4]


def test_tags_are_skipped_as_the_python_twin_does(data: Path) -> None:
    for path in (data / "odd").rglob("*"):
        # Files without bytes are refused before that.
        if path.is_file() and path.stat().st_size:
            with path.open("rb") as file:
                assert _core.sniff(os.fsencode(path))[1] == end_of_tags(file), path


def end_of_tags(file: BinaryIO) -> int:
    """Give the first byte after the ID3v2 tags at the beginning, and after their padding."""
    end = 0
    while True:
        file.seek(end)
        header = file.read(10)
        sizes = header[6:]
        # The highest bit of a byte of the size is never set.
        if len(sizes) < 4 or not header.startswith(b"ID3") or max(sizes) > 0x7F:
            break
        size = sum(byte << 7 * (3 - place) for place, byte in enumerate(sizes))
        has_footer = header[3] >= 4 and header[5] & 0x10
        end += 10 + size + (10 if has_footer else 0)
    file.seek(end)
    padded = file.read(2**16 if end else 0)
    return end + len(padded) - len(padded.lstrip(b"\0"))


CHILD = """
import json, os, resource, sys, time
import numpy as np
from audioclust import _core

resource.setrlimit(resource.RLIMIT_CPU, (300, 300))  # A hang ends.

def memory(name):
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith(name))

for i, path in enumerate(json.load(sys.stdin)):
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")  # The largest size is from now on.
    told, before, start = {"path": path}, memory("VmRSS"), time.process_time()
    try:
        decoder = _core.Decoder(os.fsencode(path))
        kept = [decoder.read(2**14)]
        while len(block := decoder.read(2**14)):
            if len(kept) < 8:
                kept.append(block)
        told |= {"samples": f"{sys.argv[1]}/{i}.npy", "channels": decoder.channels}
        np.save(told["samples"], np.concatenate(kept))
    except OSError as why:
        told |= {"kind": why.kind, "message": str(why)}
    told |= {"seconds": time.process_time() - start, "grown": memory("VmHWM") - before}
    print(json.dumps(told))
"""

BROKEN = ("l3-nonstandard-compl-sideinfo", "l2-nonstandard-test32-size")
"""Streams that are broken on purpose: after the break decoders go on in different places."""


@pytest.fixture(scope="module")
def odd(data: Path, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What became of each odd file."""
    if sys.platform != "linux":
        pytest.skip("needs /proc")
    paths = sorted(
        str(p) for p in (data / "odd").rglob("*") if p.is_file() and p.suffix != ".tsv"
    )
    command = [sys.executable, "-c", CHILD, str(tmp_path_factory.mktemp("odd"))]
    done = subprocess.run(
        command, input=json.dumps(paths), capture_output=True, text=True, check=False
    )
    # Nothing is printed: no panic, no word of a library.
    assert (done.returncode, done.stderr) == (0, "")
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["path"] for one in told] == paths
    return told


@pytest.mark.timeout(900)
def test_odd_files_take_little_time_and_memory(odd: list[dict[str, Any]]) -> None:
    for one in odd:
        assert one["seconds"] < 10, one
        assert one["grown"] < 256 * 1024, one
        assert one.get("kind") in (None, "unsupported", "corrupt", "empty"), one


def test_what_others_play_as_noise_is_refused(odd: list[dict[str, Any]]) -> None:
    refused = 0
    for one in odd:
        with open(one["path"], "rb") as file:
            first = file.read(4)
        if first in (b"wvpk", b"MAC ", b"OFR ", b"tBaK"):
            assert one.get("kind") == "unsupported", one
            refused += 1
    assert refused > 10


@pytest.mark.timeout(900)
def test_nothing_is_decoded_to_something_else(odd: list[dict[str, Any]]) -> None:
    compared = 0
    for one in odd:
        if "samples" not in one or any(name in one["path"] for name in BROKEN):
            continue
        ours = np.load(one["samples"])
        if len(ours) < 4000 or np.abs(ours).max() < 1e-4:
            continue
        # It fails on what it cannot decode to the end, having given what it could.
        command = [
            "ffmpeg",
            "-v",
            "quiet",
            "-i",
            one["path"],
            "-map",
            "0:a:0",
            "-ac",
            str(one["channels"]),
        ]
        raw = subprocess.run(
            [*command, "-f", "f32le", "-"], capture_output=True, check=False
        ).stdout
        theirs = np.frombuffer(raw, np.float32).reshape(-1, one["channels"])
        if len(theirs) >= 4000:
            assert likeness(ours, theirs) > 0.95, one["path"]
            compared += 1
    assert compared > 100
