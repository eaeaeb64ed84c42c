"""Exports of spans, read back by something that is not ours."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

import mir_eval
import numpy as np
import parselmouth
import pytest
import soundfile
from click.testing import CliRunner
from rttm_manager import import_rttm
from support.recordings import SR
from support.sounds import alternating

import audioclust as ac
from audioclust.audio.spans import Extent, Span
from audioclust.cli.app import main
from audioclust.errors import ParameterError
from audioclust.export.rttm import escaped, file_names
from audioclust.export.tables import SpanTable
from audioclust.export.textgrid import write_textgrid
from audioclust.segmentation.result import Segmentation


@pytest.fixture(scope="module")
def one() -> Segmentation:
    """A recording whose name has spaces, a quote and a letter that is not ASCII."""
    y = alternating([0, -1, 1, 0])
    return ac.segment({'folder/my "böse" talk 100%.wav': (y, SR)}, 2, silence=True)


@pytest.fixture(scope="module")
def two() -> Segmentation:
    return ac.segment(
        {"a/x.wav": (alternating([0, 1]), SR), "b/x.wav": (alternating([1, 0, 1]), SR)}, 2
    )


def names(result: Segmentation) -> list[str]:
    return ["silence" if span.label < 0 else str(span.label) for span in result.spans]


def test_csv(one: Segmentation, tmp_path: Path) -> None:
    one.to_csv(tmp_path / "spans.csv")
    with open(tmp_path / "spans.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    read = [Span(r["path"], float(r["start"]), float(r["end"]), int(r["label"])) for r in rows]
    assert tuple(read) == one.spans


def test_json(two: Segmentation, tmp_path: Path) -> None:
    two.to_json(tmp_path / "spans.json")
    document = json.loads((tmp_path / "spans.json").read_text(encoding="utf-8"))
    assert tuple(Span(**span) for span in document["spans"]) == two.spans
    assert tuple(Extent(**r) for r in document["recordings"]) == two.recordings
    assert document["labels"] == two.labels.tolist()
    assert document["k"] == 2
    assert document["settings"]["min_duration"] == 2.0
    assert document["errors"] == []


def test_audacity_label_tracks_are_labelled_intervals(
    one: Segmentation, two: Segmentation, tmp_path: Path
) -> None:
    path = tmp_path / "labels.txt"
    one.to_audacity(path)
    intervals, labels = mir_eval.io.load_labeled_intervals(str(path))
    assert labels == names(one)
    times = [list(span[1:3]) for span in one.spans]
    assert intervals == pytest.approx(np.array(times), abs=1e-6)
    with pytest.raises(ParameterError, match="of one recording, .* are of 2: .*recording="):
        two.to_audacity(path)
    two.to_audacity(path, recording="b/x.wav")
    assert len(mir_eval.io.load_labeled_intervals(str(path))[1]) == 3
    with pytest.raises(ParameterError, match="recording='c': expected one of a/x.wav, b/x.wav"):
        two.to_audacity(path, recording="c")


def test_rttm(one: Segmentation, two: Segmentation, tmp_path: Path) -> None:
    path = tmp_path / "spans.rttm"
    one.to_rttm(path)
    turns = import_rttm(str(path))
    assert [turn.speaker_name for turn in turns] == names(one)
    assert {turn.type for turn in turns} == {"SPEAKER"}
    assert {unquote(turn.file_id) for turn in turns} == {'my "böse" talk 100%'}
    for turn, span in zip(turns, one.spans, strict=True):
        assert turn.turn_onset == pytest.approx(span.start, abs=6e-4)
        assert turn.turn_onset + turn.turn_duration == pytest.approx(span.end, abs=6e-4)
    two.to_rttm(path)
    assert [turn.file_id for turn in import_rttm(str(path))] == [s.path for s in two.spans]


@pytest.mark.parametrize(
    "name", ["a b", "tab\there", "100%", "%20", "line\nbreak", "a;b", "no\u00a0break", "ünï"]
)
def test_a_name_for_rttm_is_one_field_and_can_be_undone(name: str) -> None:
    assert len(escaped(name).split()) == 1
    assert unquote(escaped(name)) == name


def test_names_for_rttm_differ() -> None:
    paths = ["a/x.wav", "b/x.wav", "y.wav", "dir/.wav"]
    found = file_names(paths)
    assert found["y.wav"] == "y"
    assert len(set(found.values())) == len(paths)
    paths = ["a.wav", "a.mp3", "a.wav.flac"]
    assert file_names(paths) == dict(zip(paths, paths, strict=True))


def test_raven(one: Segmentation, tmp_path: Path) -> None:
    path = tmp_path / "selections.txt"
    one.to_raven(path)
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    assert [row["Selection"] for row in rows] == [str(i + 1) for i in range(len(rows))]
    assert [row["Label"] for row in rows] == names(one)
    assert float(rows[1]["Begin Time (s)"]) == pytest.approx(one.spans[1].start, abs=1e-6)
    assert {row["High Freq (Hz)"] for row in rows} == {"11025.0"}
    assert {row["View"] for row in rows} == {"Spectrogram 1"}


def test_praat_reads_textgrids(one: Segmentation, two: Segmentation, tmp_path: Path) -> None:
    path = str(tmp_path / "spans.TextGrid")
    call = parselmouth.praat.call
    one.to_textgrid(path)
    grid = parselmouth.read(path)
    assert call(grid, "Get tier name", 1) == 'my "böse" talk 100%.wav'
    assert call(grid, "Get number of intervals", 1) == len(one.spans)
    for i, span in enumerate(one.spans, 1):
        assert call(grid, "Get start time of interval", 1, i) == pytest.approx(span.start)
        assert call(grid, "Get end time of interval", 1, i) == pytest.approx(span.end)
        assert call(grid, "Get label of interval", 1, i) == names(one)[i - 1]
    two.to_textgrid(path)
    grid = parselmouth.read(path)
    assert call(grid, "Get number of tiers") == 2
    assert call(grid, "Get total duration") == pytest.approx(18)
    # The shorter recording's tier ends with an empty interval.
    assert call(grid, "Get label of interval", 1, 3) == ""


def test_intervals_may_have_gaps_but_not_overlap(tmp_path: Path) -> None:
    path = tmp_path / "hits.TextGrid"
    extent = Extent("hits.wav", 2.0, SR)
    hits = [Span("hits.wav", 0.5, 0.6, 1), Span("hits.wav", 1.0, 1.5, 0)]
    write_textgrid(SpanTable(hits, [extent]), path)
    grid = parselmouth.read(str(path))
    labels = [parselmouth.praat.call(grid, "Get label of interval", 1, i) for i in range(1, 6)]
    assert labels == ["", "1", "", "0", ""]
    overlapping = [Span("hits.wav", 0.5, 1.1, 1), Span("hits.wav", 1.0, 1.5, 0)]
    with pytest.raises(ParameterError, match=r"spans of hits.wav overlap at 1.000 s"):
        write_textgrid(SpanTable(overlapping, [extent]), path)


def test_the_command_prints_and_writes_spans(tmp_path: Path) -> None:
    path = tmp_path / "two colours.wav"
    soundfile.write(path, alternating([0, 1, 0]), SR)
    csv_path, rttm_path = tmp_path / "spans.csv", tmp_path / "spans.rttm"
    done = CliRunner().invoke(
        main,
        ["segment", str(path), "-k", "2", "--to", "csv", str(csv_path), "--to", "rttm",
         str(rttm_path)],
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    lines = [line.split() for line in done.stdout.splitlines()]
    assert lines[0] == ["start", "end", "label"]
    assert [line[2] for line in lines[1:]] == ["0", "1", "0"]
    assert lines[1][0] == "0:00.0"
    assert lines[-1][1] == "0:18.0"
    assert len(csv_path.read_text().splitlines()) == 4
    assert {turn.file_id for turn in import_rttm(str(rttm_path))} == {"two%20colours"}


def test_the_command_says_what_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "short.wav"
    soundfile.write(path, alternating([0], 1.0), SR)
    done = CliRunner().invoke(main, ["segment", str(path)])
    assert done.exit_code == 1
    assert "less than one window of 2.5 s: a shorter window= may do" in done.stderr
    done = CliRunner().invoke(main, ["segment", str(path), "--to", "csv", "/no/such/x.csv"])
    assert done.exit_code == 1
    assert "/no/such/x.csv" in done.stderr


def test_segmenting_imports_no_plotting(tmp_path: Path) -> None:
    path = tmp_path / "y.wav"
    soundfile.write(path, alternating([0, 1]), SR)
    code = (
        f"import audioclust, sys; path = {str(path)!r};"
        " audioclust.segment(path).to_csv(path + '.csv'); print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert not {"matplotlib", "sklearn", "scipy"} & set(done.stdout.split()), done.stderr
