"""Segmentations hold their spans, are written as sound, drawn, shown and pickled."""

from __future__ import annotations

import dataclasses
import pickle
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
import soundfile
from support.notebooks import unstyled
from support.recordings import SR
from support.sounds import alternating

import audioclust as ac
from audioclust.audio.recording import Recording
from audioclust.errors import ParameterError

mpl.use("Agg")


def test_the_spans_of_a_label_are_written_as_sound(tmp_path: Path) -> None:
    y = alternating([0, 1, 0, 1])
    stereo = np.stack([y, 0.5 * y])
    result = ac.segment({"y": (stereo, SR)}, 2)
    for label in (0, 1):
        path = tmp_path / f"{label}.wav"
        result.write_audio(label, path)
        written, sr = soundfile.read(path, dtype="float32")
        spans = result[label]
        parts = [stereo.T[round(s.start * SR) : round(s.end * SR)] for s in spans]
        expected = np.concatenate(parts)
        assert sr == SR
        assert written.shape == expected.shape
        edges = np.cumsum([0, *map(len, parts)])
        # Parts begin at silence, but for one step of 16 bits.
        assert np.abs(written[edges[:-1]]).max() <= 2**-15
        faded = np.abs(np.arange(len(expected))[:, None] - edges).min(axis=1) < 0.011 * SR
        # 16 bits of it.
        assert written[~faded] == pytest.approx(expected[~faded], abs=2**-15)
        assert np.all(np.abs(written) <= np.abs(expected) + 2**-15)
    with pytest.raises(ParameterError, match=r"expected a suffix such as .wav"):
        result.write_audio(0, tmp_path / "sound.xyz")
    with pytest.raises(ParameterError, match="label=2: expected an int from 0 to 1"):
        result.write_audio(2, tmp_path / "2.wav")
    with pytest.raises(ParameterError, match="label=-1: expected an int from 0 to 1"):
        result.write_audio(-1, tmp_path / "silence.wav")


def test_recordings_of_other_rates_are_written_together(tmp_path: Path) -> None:
    first = alternating([0, 1])
    second = alternating([1, 0], sr=44100)[: 12 * 44100]
    result = ac.segment({"a": (first, SR), "b": (np.stack([second] * 2), 44100)}, 2)
    label = result.spans[0].label
    result.write_audio(label, tmp_path / "both.flac")
    info = soundfile.info(tmp_path / "both.flac")
    assert (info.samplerate, info.channels) == (SR, 1)
    assert info.duration == pytest.approx(result.durations()[label], abs=0.01)


def test_a_picture_shows_each_span_in_its_colour(tmp_path: Path) -> None:
    import matplotlib.pyplot as plt

    y = alternating([0, -1, 1, 0])
    result = ac.segment({"y": (y, SR)}, 2, silence=True)
    ax = result.plot()
    # Each label has its parts of the waveform, and those of the strip below.
    drawn = [len(area.get_paths()) for area in ax.collections]
    assert drawn == [len(result[label]) for label in (-1, 0, 1)] * 2
    assert ax.get_xlim() == (0, 24)
    assert "time" in ax.get_xlabel()
    legend = ax.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["0", "1", "silence"]
    _, own = plt.subplots()
    assert result.plot(own) is own
    plt.figure(1).savefig(tmp_path / "spans.png")
    plt.close("all")


def three_kinds(silence: bool) -> ac.Segmentation:
    """Segment two colours of noise and silence."""
    return ac.segment({"<b>y</b>": (alternating([0, -1, 1, 0]), SR)}, 2, silence=silence)


def test_a_result_is_a_sequence_of_labels() -> None:
    result = three_kinds(silence=True)
    assert len(result) == 2
    assert list(result) == [result[0], result[1]]
    assert [span.label for spans in result for span in spans] == [0, 0, 1]
    one: Any = np.int32(1)
    assert result[one] == result[1]
    with pytest.raises(IndexError, match="label 2: expected -1 to 1"):
        result[2]
    with pytest.raises(TypeError):
        result["0"]  # type: ignore[index]


def test_minus_one_is_silence_or_nothing() -> None:
    apart = three_kinds(silence=True)
    assert apart.unassigned == "silence"
    assert [span.label for span in apart[-1]] == [-1]
    assert apart[-1][0].start == pytest.approx(6, abs=0.1)
    together = three_kinds(silence=False)
    assert together.unassigned is None
    with pytest.raises(IndexError, match="label -1: expected 0 to 1"):
        together[-1]


def test_silence_that_is_not_there_has_no_spans(tmp_path: Path) -> None:
    result = ac.segment({"y": (alternating([0, 1]), SR)}, 2, silence=True)
    assert result[-1] == ()
    with pytest.raises(ParameterError, match="label=-1: expected one of 0, 1, which have"):
        result.write_audio(-1, tmp_path / "silence.wav")


def test_a_pickled_copy_is_equal() -> None:
    result = three_kinds(silence=True)
    assert result.items  # It is kept, and must not get in the way.
    pickled = pickle.dumps(result)
    assert b"audioclust.segmentation" not in pickled
    copy = pickle.loads(pickled)
    assert copy == result
    assert dataclasses.replace(result, labels=result.labels + 1) != result
    louder = Recording(result.sources[0].path, (np.ones(9, np.float32), SR))
    assert dataclasses.replace(result, sources=(louder,)) != result
    assert type(result).__module__ == type(result.windows).__module__ == "audioclust"


def test_a_notebook_shows_the_labels() -> None:
    shown = unstyled(three_kinds(silence=True)._repr_html_())
    assert "silence" in shown
    assert shown.count("<tr>") == 4
    assert "<b>y" not in shown


def test_a_recording_is_not_written_over(tmp_path: Path) -> None:
    source = tmp_path / "talk.wav"
    soundfile.write(source, alternating([0, 1]), SR)
    (tmp_path / "broken.wav").write_bytes(b"no sound")
    (tmp_path / "link.wav").symlink_to(source)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    result = ac.segment([source, tmp_path / "broken.wav"], 2)
    for name in before:
        with pytest.raises(ParameterError, match="which is one of the recordings"):
            result.write_audio(0, tmp_path / name)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_result_is_exported_in_the_format_that_is_named(tmp_path: Path) -> None:
    result = three_kinds(silence=True)
    result.to_csv(tmp_path / "to.csv")
    result.export(tmp_path / "by_suffix.csv")
    result.export(tmp_path / "by_name", format="csv")
    written = [path.read_text() for path in tmp_path.iterdir()]
    assert len(written) == 3
    assert len(set(written)) == 1
    with pytest.raises(ac.ParameterError, match="textgrid"):
        result.export(tmp_path / "spans.xyz")
