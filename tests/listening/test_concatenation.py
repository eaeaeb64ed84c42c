"""Spans are joined as they are, with fades, and replace none of their sources."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import soundfile
from support.sounds import tone

import audioclust as ac
from audioclust.audio.recording import Recording
from audioclust.audio.spans import Span
from audioclust.listening.concatenation import write_spans

SR = 8000


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source.wav"
    soundfile.write(path, tone(3, 200, SR), SR, subtype="PCM_16")
    return path


def test_spans_do_not_replace_their_source(source: Path, tmp_path: Path) -> None:
    before = source.read_bytes()
    os.symlink(source, tmp_path / "link.wav")
    recordings = [Recording(str(source))]
    for path in (source, tmp_path / "link.wav"):
        with pytest.raises(ac.ParameterError, match="one of the recordings"):
            write_spans(recordings, [Span(str(source), 0, 1, 0)], path)
    assert source.read_bytes() == before
    assert sorted(os.listdir(tmp_path)) == ["link.wav", "source.wav"]


def test_a_segmentation_does_not_replace_its_source(source: Path) -> None:
    before = source.read_bytes()
    result = ac.segment(source, 1)
    with pytest.raises(ac.ParameterError, match="one of the recordings"):
        result.write_audio(0, source)
    assert source.read_bytes() == before


def test_a_file_named_as_a_sound_in_memory_may_be_replaced(
    source: Path, tmp_path: Path
) -> None:
    recordings = [Recording(str(source), (tone(1, 300, SR), SR))]
    write_spans(recordings, [Span(str(source), 0, 0.5, 0)], source)
    assert soundfile.info(source).frames == SR // 2


def test_spans_are_cut_out_with_fades(source: Path, tmp_path: Path) -> None:
    spans = [Span(str(source), 0.25, 0.5, 0), Span(str(source), 2.0, 2.125, 0)]
    write_spans([Recording(str(source))], spans, tmp_path / "out.flac")
    written, sr = soundfile.read(tmp_path / "out.flac")
    y, _ = soundfile.read(source)
    expected = np.concatenate([y[2000:4000], y[16000:17000]])
    assert (sr, len(written)) == (SR, len(expected))
    inside = np.r_[80:1920, 2080:2920]
    np.testing.assert_allclose(written[inside], expected[inside], atol=2**-15)
    assert not written[[0, 1999, 2000, 2999]].any()


@pytest.mark.parametrize(
    ("suffix", "kind"), [(".oga", "VORBIS"), (".opus", "OPUS"), (".aif", "PCM_16")]
)
def test_suffixes_have_the_formats_that_they_usually_name(
    source: Path, tmp_path: Path, suffix: str, kind: str
) -> None:
    path = tmp_path / f"out{suffix}"
    write_spans([Recording(str(source))], [Span(str(source), 0, 1, 0)], path)
    assert soundfile.info(path).subtype == kind
