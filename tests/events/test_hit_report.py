"""The page of onsets, and `audioclust onsets --report`."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import numpy as np
import pytest
import soundfile
from support.command import run
from support.hits import SR, loop, two_clusters
from support.packed import unpacked
from support.page_data import data_in

import audioclust as ac
from audioclust.events import reporting


def test_its_page_has_all_hits_with_what_was_measured(tmp_path: Path) -> None:
    found = two_clusters()
    found.report(tmp_path / "page.html")
    data = data_in(tmp_path / "page.html")
    assert data["kind"] == "onsets"
    columns = data["columns"]
    assert np.array_equal(unpacked(columns["cluster"]), found.labels)
    starts = np.array([item.start for item in found.items], np.float32)
    assert np.array_equal(unpacked(columns["start"]), starts)
    assert {"x", "y", "neighbors", "order"} <= columns.keys()
    assert {feature["name"] for feature in data["features"]} == set(found.columns)
    (lane,) = data["views"]["timeline"]["recordings"]
    assert unpacked(lane["items"]).tolist() == list(range(len(found.items)))
    assert data["title"] == "loop: 16 hits in 2 groups"
    assert data["headline"] == ["Found in 4.30 s of sound."]


def test_it_can_be_heard_with_clicks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = two_clusters()
    found.report(tmp_path / "page.html")
    url = data_in(tmp_path / "page.html")["views"]["timeline"]["clicks"]
    y, sr = soundfile.read(io.BytesIO(base64.b64decode(url.partition(",")[2])))
    made = found.sonify()
    assert len(y) / sr == pytest.approx(len(made.y) / made.sr, abs=0.1)
    # The loudness over time is that of the recording with clicks, and not that without them.
    edges = np.arange(0, 4.2, 0.02)

    def levels(signal: np.ndarray, rate: int) -> np.ndarray:
        cuts = (edges * rate).astype(int)
        return np.sqrt(np.add.reduceat(signal.astype(float) ** 2, cuts) / (0.02 * rate))[:-1]

    with_clicks = np.corrcoef(levels(y, sr), levels(made.y, made.sr))[0, 1]
    without = np.corrcoef(levels(y, sr), levels(loop()[0], SR))[0, 1]
    assert with_clicks > 0.98
    assert without < with_clicks
    found.report(tmp_path / "none.html", audio="none")
    assert data_in(tmp_path / "none.html")["views"]["timeline"]["clicks"] is None
    monkeypatch.setattr(reporting, "MAX_CLICKS", 4.0)
    found.report(tmp_path / "long.html")
    assert data_in(tmp_path / "long.html")["views"]["timeline"]["clicks"] is None


def test_a_recording_that_is_gone_leaves_a_page_without_it(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "loop.wav", loop()[0], SR)
    found = ac.onsets(tmp_path / "loop.wav", 2)
    with pytest.raises(ac.ParameterError, match="expected another file"):
        found.report(tmp_path / "loop.wav")
    with pytest.raises(ac.ParameterError, match="audio='cd'"):
        found.report(tmp_path / "page.html", audio="cd")  # type: ignore[arg-type]
    (tmp_path / "loop.wav").unlink()
    found.report(tmp_path / "page.html")
    timeline = data_in(tmp_path / "page.html")["views"]["timeline"]
    assert timeline["clicks"] is None
    assert timeline["recordings"][0]["note"].startswith("It cannot be read any more")


def test_one_hit_has_a_page(tmp_path: Path) -> None:
    y = np.zeros(SR, np.float32)
    y[SR // 2 : SR // 2 + 2000] = loop()[0][4410:6410]
    single = ac.onsets({"one": (y, SR)}, 1)
    single.report(tmp_path / "page.html")
    assert data_in(tmp_path / "page.html")["title"].endswith(": 1 hit in 1 group")


def test_the_command_writes_a_page(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "loop.wav", loop()[0], SR)
    done = run("onsets", "loop.wav", "-k", 2, "--report", "page.html", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Wrote a page with 16 hits to page.html" in done.stderr
    data = data_in(tmp_path / "page.html")
    assert (data["kind"], data["sounds"]["folders"][0]["url"]) == ("onsets", "")
