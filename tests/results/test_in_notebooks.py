"""What a notebook shows of results: tables and a few players, small, soon, and without harm."""

from __future__ import annotations

import base64
import dataclasses
import html.parser
import io
import os
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from support.sounds import alternating, tone

import audioclust as ac
from audioclust.demo import kind_of
from audioclust.export.tables import ItemTable
from audioclust.listening import beside

HOSTILE = "<img src=x onerror=alert(1)>&\"'\u202e\u2028</table><script>.wav"
"""A name that would run something, if it were taken for markup."""

MARKUP = "<img src=x onerror=alert(1)>&\"'"

VALUES = {
    # Settings and single values, which are short by themselves.
    *("Analysis", "ColumnDifference", "DuplicatePair", "ExtractionSettings", "Embedding"),
    *("Extent", "Feature", "FeatureInfo", "FileFilter", "Item", "ItemError", "ItemWarning"),
    *("LeftOut", "Limits", "NotPlaced", "Preparation", "Preset", "Recording", "Scaler"),
    *("SimilarItem", "Span", "Stale", "Step", "Windows"),
    # What matplotlib shows.
    *("KSelectionAxes", "PitchAxes"),
}
"""The public classes that need no HTML of their own."""


class Seen(html.parser.HTMLParser):
    """What a browser makes of HTML: tags with their attributes, and text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, Any]]] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def players(self) -> list[str]:
        return [attributes["src"] for tag, attributes in self.tags if tag == "audio"]


@pytest.fixture(autouse=True)
def _time_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is shown does not depend on how busy the machine is."""
    monkeypatch.setattr(beside, "WORK", 60.0)
    monkeypatch.setattr(beside, "WAIT", 600.0)


def shown(result: Any) -> Seen:
    """Give what a notebook shows of a result, with no tag or attribute that could do harm."""
    text = result._repr_html_()
    assert len(text) < 1_000_000
    seen = Seen(text)
    plain = {"div", "p", "b", "em", "span", "table", "thead", "tbody", "tr", "th", "td"}
    plain |= {"audio", "small"}
    assert {tag for tag, _ in seen.tags} <= plain
    for _, attributes in seen.tags:
        assert set(attributes) <= {"style", "title", "controls", "preload", "src"}
        assert attributes.get("src", "data:audio/").startswith("data:audio/")
        assert not re.search(r"color|url\(", attributes.get("style") or "")
    assert len(seen.players()) <= 5
    return seen


def heard(source: str) -> tuple[np.ndarray, float]:
    """Give the samples of a player, and their length in seconds."""
    data = base64.b64decode(source.partition(";base64,")[2])
    y, sr = soundfile.read(io.BytesIO(data))
    return y, len(y) / sr


@pytest.fixture(scope="module")
def result(library: list[str]) -> ac.Clustering:
    return ac.cluster(library, 6, descriptors=True)


def test_every_result_has_a_form_for_notebooks() -> None:
    classes = {
        name: getattr(ac, name)
        for name in ac.__all__
        if isinstance(getattr(ac, name), type) and not issubclass(getattr(ac, name), Exception)
    }
    estimators = {"KMeans", "SOM", "TSNE"}  # scikit-learn gives them one.
    without = {
        name for name, one in classes.items()
        if name not in estimators and not hasattr(one, "_repr_html_")
    }  # fmt: skip
    assert without <= VALUES
    assert not any(hasattr(classes[name], "_repr_html_") for name in VALUES & set(classes))


def test_the_most_typical_sounds_of_groups_can_be_heard(result: ac.Clustering) -> None:
    for one, items in (
        (result, [items[0] for items in result.representatives()]),
        (result.summary(), [cluster.medoid for cluster in result.summary()]),
        (result.similar(result.paths[0], 8), list(result.similar(result.paths[0], 8).items)),
    ):
        seen = shown(one)
        assert len(seen.players()) == 5
        for item, player in zip(items, seen.players(), strict=False):
            assert item is not None
            assert os.path.basename(item.path) in seen.text
            y, seconds = heard(player)
            # An encoder pads by some thousand samples.
            assert seconds == pytest.approx(min(5, item.end - item.start), abs=0.15)
            source = soundfile.read(item.path)[0]
            assert np.abs(y).max() == pytest.approx(np.abs(source).max(), rel=0.3)


def test_other_results_have_tables(result: ac.Clustering, tmp_path: Path) -> None:
    level = result.levels([2, 6])[1]
    planned = result.organize(tmp_path / "folders", dry_run=True)
    done = result.organize(tmp_path / "folders")
    assert done.log is not None
    n = len(result.items)
    for one, words in (
        (result.predict(result.paths[:7]), "Predicted: 7 items"),
        (result.table.descriptors, f"Descriptors: {n} items"),
        (result.table, "FeatureTable: "),
        (result.item_table(), f"ItemTable: {n} items"),
        (result.layout("pca"), f"Layout: {n} "),
        (level, f"Level: {n} items in 6 clusters"),
        (result.summary()[0], "Cluster 0: 10 items"),
        (result.corrections, "Corrections: 0"),
        (planned, "nothing was done"),
        (planned.plan, f"Plan: {n} files to link"),
        (done, f"Organized: {n} of {n} files placed"),
        (ac.undo(done.log), f"Undone: {n} undone, 0 kept"),
        (result.preview(0, tmp_path / "p.wav", n=3), "Preview: 3 excerpts"),
    ):
        assert words in shown(one).text


def test_hits_and_spans_can_be_heard_also_from_memory() -> None:
    y = alternating([0, 1, 0, 1])
    spans = ac.segment({"mine": (y, 22_050)}, 2)
    seen = shown(spans)
    assert len(seen.players()) == 2
    assert all(heard(player)[1] == pytest.approx(5, abs=0.15) for player in seen.players())
    assert f"SpanTable: {len(spans.spans)} spans" in shown(spans.span_table()).text

    sounds = {f"{n}": (tone(0.3, 200 * (n + 1)), 22_050) for n in range(6)}
    assert "SoundMap: 6 items" in shown(ac.som_map(sounds, (1, 2))).text

    beat = np.zeros(44_100, np.float32)
    for place in range(8):
        beat[place * 5512 : place * 5512 + 1500] = tone(1500 / 22_050, 300 + 900 * (place % 2))
    hits = ac.onsets({"beat": (beat, 22_050)}, 2)
    assert len(shown(hits).players()) == 2
    assert f"Hits: {len(hits.hits)} in beat" in shown(hits.hits).text
    made = hits.sonify()
    (player,) = shown(made).players()
    assert heard(player)[1] == pytest.approx(2, abs=0.15)


def test_of_a_long_sonification_the_beginning_can_be_heard() -> None:
    made = ac.Sonification(np.zeros((2, 22_050 * 20), np.float32), 22_050, 0.5)
    seen = shown(made)
    assert "20.00 s at 22050 Hz, scaled by 0.500, of which the first 15 s" in seen.text
    assert heard(seen.players()[0])[1] == pytest.approx(15, abs=0.15)
    assert shown(ac.Sonification(np.zeros(0, np.float32), 22_050, 1.0)).players() == []


@pytest.fixture
def hostile(tmp_path: Path) -> ac.Clustering:
    """Sounds whose names would run something."""
    names = [HOSTILE, os.fsdecode(b"\xff.wav"), "javascript:alert(1).wav", "\x1b[31m.wav"]
    folder = tmp_path / "sounds"
    folder.mkdir()
    for n, name in enumerate(names):
        soundfile.write(folder / "a.wav", tone(0.3 + 0.1 * n, 200 * (n + 1)), 22_050)
        (folder / "a.wav").rename(folder / name.replace("/", "\\"))
    found = ac.cluster(folder, 4, descriptors=True)
    return found.rename({n: f"{MARKUP} {n}" for n in range(4)})


def test_hostile_names_are_text_everywhere(hostile: ac.Clustering, tmp_path: Path) -> None:
    plan = hostile.organize(tmp_path / "<b>", dry_run=True)
    for one in (
        hostile, hostile.summary(), hostile.similar(hostile.paths[0]), hostile.table,
        hostile.predict(hostile.paths), hostile.item_table(), hostile.levels([2])[0],
        ac.Corrections(moved=dict.fromkeys(hostile.paths, 0)), plan, plan.plan,
        hostile.summary()[0],
    ):  # fmt: skip
        text = shown(one).text
        # Of what was organized only the folder is named.
        assert (MARKUP if one is not plan else "<b>") in text
        assert not re.search("[\u202e\u2028\x1b\udc80-\udcff]", text)
        assert repr(one)
    frame = hostile.map()._repr_html_()
    assert [tag for tag, _ in Seen(frame).tags] == ["iframe"]


def test_what_cannot_be_heard_is_said(library: list[str], tmp_path: Path) -> None:
    for path in library[:6]:
        os.link(path, tmp_path / os.path.basename(path))
    result = ac.cluster(tmp_path, 3)
    gone, damaged = (result.representatives()[n][0].path for n in range(2))
    os.remove(gone)
    os.remove(damaged)
    Path(damaged).write_bytes(b"RIFF no more")
    seen = shown(result)
    assert len(seen.players()) == 1
    assert "unreadable: " in seen.text
    assert os.path.basename(damaged) in seen.text


def test_nothing_that_goes_wrong_keeps_a_table_from_being_shown(
    result: ac.Clustering, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object, **__: object) -> None:
        raise ZeroDivisionError("<b>")

    monkeypatch.setattr(beside, "open_stream", failing)
    seen = shown(result)
    assert seen.players() == []
    assert seen.text.count("ZeroDivisionError: <b>") == 5


@pytest.mark.parametrize("limit", ["WORK", "WAIT"])
def test_nobody_waits_for_what_takes_long(
    result: ac.Clustering, limit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beside, limit, -1.0)
    seen = shown(result)
    assert seen.players() == []
    assert seen.text.count("not loaded, as it takes long") == 5


def test_sounds_that_were_in_memory_have_no_players() -> None:
    sounds = {f"<b>{n}": (tone(0.3, 200 * (n + 1)), 22_050) for n in range(4)}
    result = ac.cluster(sounds, 2)
    assert shown(result).players() == shown(result.summary()).players() == []


def test_noise_in_every_group_stays_small(tmp_path: Path, rng: np.random.Generator) -> None:
    for n in range(6):
        y = rng.uniform(-1, 1, 44_100 * 30) * (n + 1) / 6
        soundfile.write(tmp_path / f"{n}.wav", y, 44_100)
    assert len(shown(ac.cluster(tmp_path, 6, features=["rms"])).players()) == 5


def test_only_the_first_rows_of_a_long_table_are_made() -> None:
    class Endless(list[int]):
        def __iter__(self) -> Any:
            yield from range(30)
            raise AssertionError("a row that nobody sees was asked for")

    items = [ac.Item("a", 0.0, 1.0)] * 31
    table = ItemTable(items, Endless(range(31)), [0.0] * 31)
    assert "and 1 more" in shown(table).text


def test_the_map_is_a_page_in_a_sandboxed_frame(result: ac.Clustering) -> None:
    view = result.map(height=700)
    ((tag, attributes),) = Seen(view._repr_html_()).tags
    assert tag == "iframe"
    # The attribute is the page, whatever is in it.
    assert attributes["srcdoc"] == view.page
    assert view.page.startswith("<!DOCTYPE html>")
    assert attributes["sandbox"] == "allow-scripts allow-downloads"
    assert "height:700px" in attributes["style"]
    assert repr(view) == f"<MapView: {view.title}, which a notebook shows>"
    with pytest.raises(dataclasses.FrozenInstanceError):
        view.height = 3  # type: ignore[misc]
    for height in (99, 10_001, "600"):
        with pytest.raises(ac.ParameterError, match="height="):
            result.map(height=height)  # type: ignore[arg-type]


def test_groups_are_the_kinds(result: ac.Clustering) -> None:
    """The tests above rely on it: each group has a sound of another kind."""
    assert len({kind_of(items[0].path) for items in result.representatives()}) == 6
