"""The table of decoders is all there is to be known of them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from audioclust.audio.decoding import decoders
from audioclust.audio.decoding.decoders import DECODERS, Decoder, open_stream
from audioclust.audio.decoding.stream import Stream
from audioclust.audio.recording import Recording
from audioclust.audio.sources import AUDIO_SUFFIXES, UNSUPPORTED_SUFFIXES
from audioclust.errors import DecodeError, ErrorKind


def unknown(path: str, offset: float, duration: float | None) -> Stream:
    raise DecodeError("unsupported", "another one does not know it either")


def counting(path: str, offset: float, duration: float | None) -> Stream:
    """Decode text to as many samples as it has letters."""
    if not Path(path).read_bytes().startswith(b"letters"):
        raise DecodeError("unsupported", "it has no letters")
    blocks = [np.ones((Path(path).stat().st_size, 1), np.float32)]
    return Stream(8000, iter(blocks), lambda: None)


def test_decoders_are_tried_one_after_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.letters"
    path.write_text("letters and more letters")
    added = (
        Decoder("unknown", (".no",), unknown),
        Decoder("counting", (".letters",), counting),
    )
    monkeypatch.setattr(decoders, "DECODERS", (*DECODERS, *added))
    with open_stream(Recording(str(path))) as stream:
        assert [len(block) for block in stream.blocks] == [24]
    path.write_text("nothing of the kind")
    expected = "libsndfile does not know .*; another one does not .* either; it has no letters"
    with pytest.raises(DecodeError, match=expected) as failed:
        open_stream(Recording(str(path)))
    assert failed.value.kind == "unsupported"


@pytest.mark.parametrize("kind", ["corrupt", "unreadable", "empty"])
def test_a_decoder_that_knows_a_format_has_the_last_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: ErrorKind
) -> None:
    def broken(path: str, offset: float, duration: float | None) -> Stream:
        raise DecodeError(kind, "it is broken")

    path = tmp_path / "a.letters"
    path.write_text("letters")
    added = (Decoder("broken", (), broken), Decoder("counting", (".letters",), counting))
    monkeypatch.setattr(decoders, "DECODERS", added)
    with pytest.raises(DecodeError, match="it is broken") as failed:
        open_stream(Recording(str(path)))
    assert failed.value.kind == kind


def test_the_suffixes_of_an_added_decoder_are_searched_for(tmp_path: Path) -> None:
    (tmp_path / "a.letters").write_text("letters")
    code = """
import sys
from audioclust.audio.decoding import decoders
added = decoders.Decoder("counting", (".letters",), print)
decoders.DECODERS = (*decoders.DECODERS, added)
from audioclust.audio.sources import AUDIO_SUFFIXES, scan
assert ".letters" in AUDIO_SUFFIXES
print(scan(sys.argv[1]).recordings[0].path)
"""
    command = [sys.executable, "-c", code, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == f"{tmp_path / 'a.letters'}\n"


def test_suffixes_are_of_decoders_or_known_to_be_of_none() -> None:
    decoded = [suffix for decoder in DECODERS for suffix in decoder.suffixes]
    assert len(decoded) == len(set(decoded))
    assert not set(decoded) & set(UNSUPPORTED_SUFFIXES)
    assert {*decoded, *UNSUPPORTED_SUFFIXES} == AUDIO_SUFFIXES
    assert {".wav", ".mp3", ".m4a", ".webm"} <= AUDIO_SUFFIXES
    assert all(s == s.lower() and s.startswith(".") for s in AUDIO_SUFFIXES)


def test_reading_the_table_imports_nothing_heavy() -> None:
    code = (
        "import sys; from audioclust.audio import sources; sources.DECODERS;"
        " assert not {'numpy', 'soundfile', 'soxr'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_rate_out_of_range_is_refused_and_the_file_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = []

    def slow(path: str, offset: float, duration: float | None) -> Stream:
        return Stream(99, iter(()), lambda: closed.append(path))

    (tmp_path / "a.wav").write_text("x")
    monkeypatch.setattr(decoders, "DECODERS", (Decoder("slow", (), slow),))
    with pytest.raises(DecodeError, match="its sampling rate is 99 Hz, which is not from 100"):
        open_stream(Recording(str(tmp_path / "a.wav")))
    assert closed == [str(tmp_path / "a.wav")]
