"""Tables of features that are saved and loaded again."""

from __future__ import annotations

import copy
import dataclasses
import json
import math
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import audioclust as ac
from audioclust.export.archive import FEATURES, Archive, read_archive, write_archive
from audioclust.extraction.storing.tables import table_parts


def same_table(one: ac.FeatureTable, other: ac.FeatureTable) -> bool:
    """Whether all is equal, also how items were read, which does not make them others."""
    read = [[(item.decoder, item.warnings) for item in table.items] for table in (one, other)]
    return one == other and read[0] == read[1]


def loaded(table: ac.FeatureTable, tmp_path: Path) -> ac.FeatureTable:
    file = tmp_path / "t.features"
    table.save(file)
    return ac.FeatureTable.load(file)


def given_table(n: int = 3) -> ac.FeatureTable:
    rows = np.random.default_rng(0).normal(size=(n, 4))
    return ac.FeatureTable.from_array(rows, [f"{i}.wav" for i in range(n)], "mine")


SETTINGS: dict[str, dict[str, Any]] = {
    "default": {},
    "speech": {"preset": "speech"},
    "own analyses": {
        "features": ["rms", ac.Feature("mfcc", ac.Analysis(n_fft=512, hop_length=100))],
        "stats": ["mean", "max"],
        "analysis": ac.Analysis(window=("kaiser", 4.5), fmin=20, fmax=9000.5),
    },
    "described": {"features": "rms", "descriptors": True},
    "own rate": {"features": "rms", "analysis": ac.Analysis(sr=None, win_length=300)},
    "prepared": {
        "features": "rms",
        "preparation": ac.Preparation(channels=0, trim=30.5, excerpt=0.1, normalize="rms"),
        "offset": 0.01,
        "duration": 0.2,
    },
}


@pytest.mark.parametrize("name", SETTINGS)
def test_a_loaded_table_is_equal_for_all_settings(
    name: str, library: list[str], tmp_path: Path
) -> None:
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"RIFF")
    table = ac.extract([*library[:4], str(broken)], **SETTINGS[name])
    again = loaded(table, tmp_path)
    assert table.errors
    assert same_table(again, table)
    assert ac.extract(library[:4], **SETTINGS[name]).settings == again.settings


def test_sounds_in_memory_and_their_warnings_come_back(tmp_path: Path) -> None:
    clipped = np.clip(4 * np.sin(np.arange(22050) / 5), -1, 1).astype(np.float32)
    table = ac.extract({"a\nb": (clipped, 22050), "": (clipped / 4, 22050)}, features="rms")
    again = loaded(table, tmp_path)
    assert again.folder is None
    assert any(item.warnings for item in again.items)
    assert same_table(again, table)


def test_rows_take_their_descriptors_along(library: list[str]) -> None:
    table = ac.extract(library[:6], features="rms", descriptors=True)
    chosen = ((3, 4), (0, 5))
    parts = [table.filter([row in rows for row in range(6)]) for rows in chosen]
    joined = ac.FeatureTable.concat(parts)
    assert joined.descriptors is not None
    assert table.descriptors is not None
    assert np.array_equal(
        joined.descriptors.values, table.descriptors.values[[3, 4, 0, 5]], equal_nan=True
    )
    plain = ac.extract(library[6:8], features="rms")
    for both in ([plain, table], [table, plain]):
        mixed = ac.FeatureTable.concat(both)
        assert mixed.settings.descriptors
        assert mixed.descriptors is not None
        for item, row in zip(mixed.items, mixed.descriptors.values, strict=True):
            if item in plain.items:
                assert np.isnan(row).all()
            else:
                expected = table.descriptors.values[table.items.index(item)]
                assert np.array_equal(row, expected, equal_nan=True)
    assert ac.FeatureTable.concat([plain, table.filter([True] + [False] * 5)]).descriptors


def test_a_join_has_the_descriptors_of_either_table(library: list[str]) -> None:
    described = ac.extract(library[:4], features="rms", descriptors=True)
    plain = ac.extract(library[3:0:-1], features="zero_crossing_rate")
    for joined in (plain.join(described), described.join(plain)):
        assert joined.settings.descriptors
        assert joined.descriptors is not None
        assert described.descriptors is not None
        rows = [described.items.index(item) for item in joined.items]
        assert sorted(rows) == [1, 2, 3]
        expected = described.descriptors.values[rows]
        assert np.array_equal(joined.descriptors.values, expected, equal_nan=True)


def test_an_embedding_comes_back_without_its_function(tmp_path: Path) -> None:
    sounds = {"a": (np.ones(800, np.float32), 16000)}
    embedding = ac.Embedding(
        "peaks", lambda y, _: [y.max(), y.min()], 16000, "1", 0.01, parallel=True
    )
    table = ac.extract(sounds, features=[embedding, "rms"])
    again = loaded(table, tmp_path)
    assert same_table(again, table)
    kept = again.settings.embeddings[0]
    assert (kept.parallel, kept.size) == (True, 2)
    with pytest.raises(ac.EmbeddingError, match="peaks"):
        kept.prepare()
    # A second time there is no function to lose.
    assert same_table(loaded(again, tmp_path), table)


names = st.text(st.characters(exclude_categories=()), min_size=1, max_size=20).map(
    # What no name of a file can have: NUL, and the first halves of surrogate pairs.
    lambda text: "".join(c for c in text if c != "\0" and not 0xD800 <= ord(c) < 0xDC80)
)
times = st.floats(0, 1e6)


@settings(max_examples=60, deadline=None)
@given(drawn=st.data())
def test_items_of_all_names_and_times_come_back(
    drawn: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    n = drawn.draw(st.integers(1, 4))
    paths = drawn.draw(st.lists(names.filter(bool), min_size=n, max_size=n, unique=True))
    table = given_table(n)
    warning = ac.ItemWarning("partial", drawn.draw(names))
    start = drawn.draw(times)
    ends = [start + (drawn.draw(times) or math.inf) for _ in paths]
    items = tuple(
        ac.Item(path, start, end, decoder="x", warnings=[warning])
        for path, end in zip(paths, ends, strict=True)
    )
    errors = (ac.ItemError(paths[0], "corrupt", drawn.draw(names)),)
    changed = copy.copy(table)
    object.__setattr__(changed, "items", items)
    object.__setattr__(changed, "errors", errors)
    assert same_table(loaded(changed, tmp_path_factory.mktemp("tables")), changed)


def test_a_name_that_is_not_utf8_comes_back(tmp_path: Path) -> None:
    name = b"caf\xe9\n\xe2\x80\xae.wav".decode("utf-8", "surrogateescape")
    table = ac.FeatureTable.from_array([[1.0]], [name], "mine")
    assert loaded(table, tmp_path).items[0].path == name


def test_equal_tables_make_equal_files(tmp_path: Path) -> None:
    given_table().save(tmp_path / "one")
    given_table().save(tmp_path / "two")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_other_programs_read_the_file(tmp_path: Path) -> None:
    table = given_table()
    table.save(tmp_path / "t.features")
    with zipfile.ZipFile(tmp_path / "t.features") as members:
        assert members.testzip() is None
        first = json.loads(members.read("format.json"))
        assert (first["format"], first["version"]) == ("audioclust features", 1)
        with members.open("values.npy") as member:
            assert np.array_equal(np.load(member), table.values)


def test_a_sound_is_never_replaced(library: list[str]) -> None:
    table = ac.extract(library[:2], features="rms")
    before = Path(library[0]).read_bytes()
    with pytest.raises(ac.ParameterError, match="one of the recordings"):
        table.save(library[0])
    assert Path(library[0]).read_bytes() == before


def test_features_of_another_version_are_refused(tmp_path: Path) -> None:
    def edit(content: dict[str, Any]) -> None:
        content["settings"]["version"] = 1

    with pytest.raises(ac.ModelError, match="of version 1: expected version 2"):
        edited(tmp_path, edit)


def edited(tmp_path: Path, edit: Any) -> ac.FeatureTable:
    """Load a table whose plain values were changed."""
    content, arrays = table_parts(given_table())
    edit(content)
    file = tmp_path / "t.features"
    write_archive(Archive(content, arrays), FEATURES, file, inputs=())
    return ac.FeatureTable.load(file)


EDITS: dict[str, tuple[Any, str]] = {
    "columns.0": (3, "columns"),
    "columns.1": ("mine_1", "twice"),
    "items": ({}, "a list"),
    "items.0": ([], "items.0. is .*a JSON object"),
    "items.0.path": (None, r"items\[0\].path"),
    "items.0.path.": ("a\0b", "has a NUL in it"),
    "items.1.path": ("0.wav", "is there 2 times: expected once"),
    "items.0.start": (-1, "from 0"),
    "items.0.end": (-1.0, "before it starts"),
    "items.0.extra": (1, "'extra', which is not known"),
    "items.0.warnings": ([{"kind": "odd", "message": ""}], "odd"),
    "items.2.decoder": (1, "decoder"),
    "errors": ([{"path": "x", "kind": "?", "message": ""}], "kind"),
    "settings.stats": ([1], "text"),
    "settings.features": ([{"name": "rms", "analysis": {}}], "no 'sr'"),
    "settings.analysis.n_fft": ("1", "n_fft"),
    "settings.analysis.window": ({}, "a name"),
    "settings.analysis.window.": (["taylor", 10**6, 30], "at most 16 parameters"),
    "settings.analysis.window..": (["general_cosine", [1] * 10**5], "at most 16 parameters"),
    "settings.preparation.trim": (-1, "trim"),
    "settings.preparation.channels": ([], "channels"),
    "settings.embeddings": ([{"name": ""}], "no 'sr'"),
    "settings.version": (True, "an integer"),
    "sr": (22050.5, "an integer"),
    "version": (1, "text"),
    "folder": (1, "text"),
    "folder.": ("a\0b", "has a NUL in it"),
    "descriptors": (["odd"], "odd"),
    "more": (1, "'more', which is not known"),
}


@pytest.mark.parametrize("place", EDITS)
def test_every_value_is_checked(place: str, tmp_path: Path) -> None:
    value, words = EDITS[place]

    def edit(content: Any) -> None:
        *way, last = place.rstrip(".").split(".")
        for step in way:
            content = content[int(step) if step.isdigit() else step]
        content[int(last) if last.isdigit() else last] = value

    with pytest.raises(ac.ModelError, match=words) as raised:
        edited(tmp_path, edit)
    assert "t.features" in str(raised.value)


def test_unknown_features_and_statistics_are_refused(tmp_path: Path) -> None:
    sound = {"a": (np.ones(800, np.float32), 22050)}
    content, arrays = table_parts(ac.extract(sound, features="rms"))
    file = tmp_path / "t.features"
    for stats, name in ((["odd"], "rms"), (["mean"], "odd")):
        content["settings"]["stats"] = stats
        content["settings"]["features"][0]["name"] = name
        write_archive(Archive(content, arrays), FEATURES, file, inputs=())
        with pytest.raises(ac.ModelError, match="odd"):
            ac.FeatureTable.load(file)


def test_windows_are_made_for_known_features_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = {"a": (np.ones(800, np.float32), 22050)}
    content, arrays = table_parts(ac.extract(sound, features="rms"))
    (one,) = content["settings"]["features"]
    one["analysis"]["n_fft"] = 2**20
    content["settings"]["features"] = [one] * 10**5
    file = tmp_path / "t.features"
    write_archive(Archive(content, arrays), FEATURES, file, inputs=())
    made: list[object] = []
    monkeypatch.setattr(ac.Analysis, "__post_init__", made.append)
    with pytest.raises(ac.ModelError, match='features="rms" twice'):
        ac.FeatureTable.load(file)
    assert not made


def test_a_window_with_parameters_comes_back(tmp_path: Path) -> None:
    sound = {"a": (np.ones(800, np.float32), 22050)}
    for window in (("taylor", 4, 30), ("general_cosine", (0.5, 0.5)), ("tukey", 0.25)):
        table = ac.extract(sound, features="rms", analysis=ac.Analysis(window=window))
        assert same_table(loaded(table, tmp_path), table)


def test_a_missing_value_and_a_missing_array_are_named(tmp_path: Path) -> None:
    with pytest.raises(ac.ModelError, match="no 'folder'"):
        edited(tmp_path, lambda content: content.pop("folder"))
    content, arrays = table_parts(given_table())
    file = tmp_path / "t.features"
    for changed, words in (
        ({}, "'values' is missing"),
        ({**arrays, "more": np.zeros(1)}, "'more' are not known"),
        ({"values": arrays["values"][:2]}, "expected float32 of shape"),
        ({"values": arrays["values"].astype(np.float64)}, "expected float32 of shape"),
        ({"values": arrays["values"] * np.float32("nan")}, "NaN"),
    ):
        write_archive(Archive(content, changed), FEATURES, file, inputs=())
        with pytest.raises(ac.ModelError, match=words):
            ac.FeatureTable.load(file)
    assert read_archive(file, FEATURES).content == content


def test_every_field_of_a_table_and_of_settings_is_kept() -> None:
    """A new field needs a line in what writes and reads files."""
    content, arrays = table_parts(given_table())
    # Without descriptors there is no array of them, but a null.
    assert {*content, *arrays} == {field.name for field in dataclasses.fields(ac.FeatureTable)}
    own = {field.name for field in dataclasses.fields(ac.ExtractionSettings)}
    assert set(content["settings"]) == own
