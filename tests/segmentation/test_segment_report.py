"""The page of a segmentation, and `audioclust segment --report`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from support.command import run
from support.packed import unpacked
from support.page_data import data_in

import audioclust as ac


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two recordings: a tone, noise and silence in turns of 4 s; and one that is no sound."""
    folder = tmp_path_factory.mktemp("recordings")
    rng = np.random.default_rng(0)
    seconds = np.arange(4 * 16000) / 16000
    tone = 0.3 * np.sin(2 * np.pi * 300 * seconds) * (1 + 0.5 * np.sin(2 * np.pi * 3 * seconds))
    noise = rng.normal(size=len(tone)) * 0.1
    soundfile.write(folder / "a.wav", np.concatenate([tone, noise, 0 * tone, tone]), 16000)
    soundfile.write(folder / "b.wav", np.concatenate([noise, tone]), 16000)
    (folder / "c.wav").write_text("no sound")
    return folder


def segmented(folder: Path) -> ac.Segmentation:
    return ac.segment(folder, 2, silence=True, n_jobs=1)


def test_its_page_has_all_spans_and_all_recordings(recordings: Path, tmp_path: Path) -> None:
    found = segmented(recordings)
    found.report(tmp_path / "page.html")
    data = data_in(tmp_path / "page.html")
    columns = {
        name: unpacked(data["columns"][name]) for name in ("cluster", "start", "duration")
    }
    assert data["kind"] == "segmentation"
    assert columns["cluster"].tolist() == [span.label for span in found.spans]
    for name, values in (
        ("start", [span.start for span in found.spans]),
        ("duration", [span.duration for span in found.spans]),
    ):
        np.testing.assert_array_equal(columns[name], np.array(values, np.float32))
    lanes = data["views"]["timeline"]["recordings"]
    assert [lane["name"] for lane in lanes] == ["a.wav", "b.wav"]
    for lane, extent in zip(lanes, found.recordings, strict=True):
        assert lane["duration"] == extent.duration
        paths = [found.spans[item].path for item in unpacked(lane["items"])]
        assert paths == [extent.path] * sum(span.path == extent.path for span in found.spans)
    assert [error["path"] for error in data["errors"]] == [f"{recordings.name}/c.wav"]
    check_words(found, data)


def check_words(found: ac.Segmentation, data: dict[str, Any]) -> None:
    """Headline and labels say what there is."""
    assert data["title"] == f"2 recordings: {len(found.spans)} spans with 2 labels"
    first, silent, failed = data["headline"]
    assert first == "24.0 s in 2 recordings."
    share = found.durations()[-1] / 24
    assert silent == f"{100 * share:.0f} % of it is silence, pauses and background noise."
    assert failed.startswith("1 recording could not be used: ")
    assert [group["number"] for group in data["groups"]] == [0, 1, -1]
    assert data["groups"][-1]["name"] == "silence"
    for group in data["groups"]:
        own = found[group["number"]]
        longest = found.spans[group["representatives"][0]]
        assert longest.duration == max(span.duration for span in own)
        share = sum(span.duration for span in own) / 24
        assert group["words"].startswith(f"{100 * share:.0f} % of the time, in ")


def test_sounds_in_memory_have_a_page_and_a_choice_says_why(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    found = ac.segment({"x": (rng.normal(size=16000 * 12) * 0.1, 16000)}, "auto", n_jobs=1)
    found.report(tmp_path / "page.html", title="A <title>")
    data = data_in(tmp_path / "page.html")
    assert found.selection is not None
    assert data["title"] == "A <title>"
    assert data["views"]["selection"]["reason"] == found.selection.reason
    table = found.selection.to_dict()["table"]
    assert [row["k"] for row in data["views"]["selection"]["table"]] == [r["k"] for r in table]


def test_its_page_says_that_not_all_of_a_recording_was_read(
    recordings: Path, tmp_path: Path
) -> None:
    whole = (recordings / "a.wav").read_bytes()
    (tmp_path / "cut.wav").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "b.wav").write_bytes((recordings / "b.wav").read_bytes())
    found = ac.segment(tmp_path, 2, n_jobs=1)
    found.report(tmp_path / "page.html")
    told = data_in(tmp_path / "page.html")["warnings"]
    assert told == ["1 recording with warnings: 1 decoded in part only"]


def test_bad_arguments_are_refused_before_anything_is_written(
    recordings: Path, tmp_path: Path
) -> None:
    found = segmented(recordings)
    before = (recordings / "a.wav").read_bytes()
    for path, given, why in (
        (tmp_path / "x", {"audio": "cd"}, "audio='cd': expected one of link"),
        (tmp_path / "x", {"title": 7}, "title=7: expected text"),
        (recordings / "a.wav", {}, "expected another file"),
        (recordings / "c.wav", {}, "expected another file"),
    ):
        with pytest.raises(ac.ParameterError, match=why):
            found.report(path, **given)
    assert (recordings / "a.wav").read_bytes() == before
    assert list(tmp_path.iterdir()) == []


def test_the_command_writes_a_page(recordings: Path, tmp_path: Path) -> None:
    done = run(
        *("segment", recordings / "a.wav", "-k", 2, "--report", "talk.html"), cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert "to talk.html: open it in a browser." in done.stderr
    assert data_in(tmp_path / "talk.html")["kind"] == "segmentation"
    done = run("segment", recordings / "a.wav", "--report", recordings / "a.wav", cwd=tmp_path)
    assert "expected a name that ends with .html" in " ".join(done.stderr.split())
    assert done.stdout == ""
