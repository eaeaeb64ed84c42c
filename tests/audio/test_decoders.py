"""The tables of formats and decoders are all there is to be known of them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from audioclust.audio.decoding import decoders
from audioclust.audio.decoding.decoders import DECODERS, UNDECODED, open_stream
from audioclust.audio.decoding.formats import FORMATS, UNKNOWN
from audioclust.audio.decoding.stream import Decoder, Request, Stream
from audioclust.audio.recording import Recording
from audioclust.audio.sources import AUDIO_SUFFIXES
from audioclust.errors import DecodeError, ErrorKind


def unknown(request: Request) -> Stream:
    raise DecodeError("unsupported", "it does not know it")


def counting(request: Request) -> Stream:
    """Decode text to as many samples as it has letters."""
    if not Path(request.path).read_bytes().startswith(b"letters"):
        raise DecodeError("unsupported", "it has no letters")
    blocks = [np.ones((Path(request.path).stat().st_size, 1), np.float32)]
    return Stream(8000, iter(blocks), lambda: None)


LETTERS = Decoder("counting", (UNKNOWN,), counting)


def test_decoders_are_tried_one_after_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.letters"
    path.write_text("letters and more letters")
    monkeypatch.setattr(decoders, "DECODERS", (Decoder("no", (UNKNOWN,), unknown), LETTERS))
    with open_stream(Recording(str(path))) as stream:
        assert [len(block) for block in stream.blocks] == [24]
        assert stream.decoder == "counting"
        assert not stream.warnings
    path.write_text("nothing of the kind")
    expected = "^no: it does not know it; counting: it has no letters$"
    with pytest.raises(DecodeError, match=expected) as failed:
        open_stream(Recording(str(path)))
    assert failed.value.kind == "unsupported"


@pytest.mark.parametrize("kind", ["corrupt", "unsupported", "empty", "unreadable"])
def test_the_next_decoder_is_tried_unless_the_file_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: ErrorKind
) -> None:
    def broken(request: Request) -> Stream:
        raise DecodeError(kind, "it is broken")

    path = tmp_path / "a.letters"
    path.write_text("letters")
    monkeypatch.setattr(decoders, "DECODERS", (Decoder("bad", (UNKNOWN,), broken), LETTERS))
    if kind == "unreadable":
        with pytest.raises(DecodeError, match="^bad: it is broken$") as failed:
            open_stream(Recording(str(path)))
        assert failed.value.kind == "unreadable"
    else:
        with open_stream(Recording(str(path))) as stream:
            assert stream.decoder == "counting"
    # What is known to be wrong says more than that another decoder does not know the format.
    path.write_text("nothing of the kind")
    with pytest.raises(DecodeError, match="^bad: it is broken") as failed:
        open_stream(Recording(str(path)))
    assert failed.value.kind == kind


def test_a_decoder_sees_only_files_of_its_formats(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.flac").write_bytes(b"wvpk" + bytes(100))
    asked = []

    def ask(request: Request) -> Stream:
        asked.append(request.format)
        return unknown(request)

    others = tuple(one.name for one in FORMATS if one.name != "WavPack")
    monkeypatch.setattr(decoders, "DECODERS", (Decoder("others", others, ask),))
    with pytest.raises(DecodeError, match="^its format is WavPack$"):
        open_stream(Recording(str(tmp_path / "a.flac")))
    assert not asked


def test_what_is_not_installed_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.wv").write_bytes(b"wvpk" + bytes(100))
    (tmp_path / "a.txt").write_text("no sound")
    missing = Decoder(
        "x", ("WavPack", UNKNOWN), counting, requires=("no_such_module", "ffmpeg")
    )
    monkeypatch.setattr(decoders, "DECODERS", (Decoder("no", (UNKNOWN,), unknown), missing))
    hint = r"; pip install 'audioclust\[ffmpeg\]' may help$"
    with pytest.raises(DecodeError, match=f"^its format is WavPack{hint}"):
        open_stream(Recording(str(tmp_path / "a.wv")))
    with pytest.raises(DecodeError, match=f"^no: it does not know it{hint}"):
        open_stream(Recording(str(tmp_path / "a.txt")))


def test_no_hint_is_given_where_nothing_helps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.ofr").write_bytes(b"OFR " + bytes(100))
    monkeypatch.setattr(Decoder, "is_there", property(lambda one: one.requires is None))
    with pytest.raises(DecodeError, match="^its format is OptimFROG$") as failed:
        open_stream(Recording(str(tmp_path / "a.ofr")))
    assert failed.value.kind == "unsupported"


def test_the_suffixes_of_an_added_format_are_searched_for(tmp_path: Path) -> None:
    (tmp_path / "a.letters").write_text("letters")
    code = """
import sys
from audioclust.audio.decoding import formats
formats.FORMATS = (*formats.FORMATS, formats.Format("Letters", (".letters",)))
from audioclust.audio.sources import AUDIO_SUFFIXES, scan
assert ".letters" in AUDIO_SUFFIXES
print(scan(sys.argv[1]).recordings[0].path)
"""
    command = [sys.executable, "-c", code, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == f"{tmp_path / 'a.letters'}\n"


def test_each_suffix_is_of_one_format() -> None:
    every = [suffix for one in FORMATS for suffix in one.suffixes + one.others]
    assert len(every) == len(set(every))
    assert all(s == s.lower() and s.startswith(".") for s in every)
    assert {".wav", ".mp3", ".m4a", ".webm", ".wma"} <= AUDIO_SUFFIXES
    # Folders of videos are not decoded unasked.
    assert not {".mkv", ".mov", ".avi"} & AUDIO_SUFFIXES


def test_each_format_has_a_decoder_and_decoders_have_known_formats() -> None:
    names = [one.name for one in FORMATS]
    assert len(names) == len(set(names))
    used = {name for decoder in DECODERS for name in decoder.formats}
    assert used == set(names) - set(UNDECODED)
    pairs = [(d.name, name) for d in DECODERS for name in d.formats]
    assert len(pairs) == len(set(pairs))


def test_reading_the_tables_imports_nothing_heavy() -> None:
    code = (
        "import sys; from audioclust.audio import sources; sources.FORMATS;"
        " from audioclust.audio.decoding import decoders; decoders.DECODERS;"
        " assert not {'numpy', 'soundfile', 'soxr', 'av'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_file_of_a_known_format_does_not_load_the_extra(library: list[str]) -> None:
    code = (
        "import sys; import audioclust as ac; ac.extract(sys.argv[1:], n_jobs=1);"
        " assert 'av' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code, *library[:12]], check=True)


def test_a_rate_out_of_range_is_refused_and_the_file_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = []

    def slow(request: Request) -> Stream:
        return Stream(99, iter(()), lambda: closed.append(request.path))

    (tmp_path / "a.wav").write_text("x")
    monkeypatch.setattr(decoders, "DECODERS", (Decoder("slow", (UNKNOWN,), slow),))
    with pytest.raises(DecodeError, match="its sampling rate is 99 Hz, which is not from 100"):
        open_stream(Recording(str(tmp_path / "a.wav")))
    assert closed == [str(tmp_path / "a.wav")]
