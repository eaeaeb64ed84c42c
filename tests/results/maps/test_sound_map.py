"""Sounds on a self-organizing map."""

from __future__ import annotations

import csv
import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score
from support.notebooks import unstyled
from support.sounds import tone

import audioclust as ac
from audioclust.demo import kind_of


@pytest.fixture(scope="module")
def table(library: list[str]) -> ac.FeatureTable:
    return ac.extract(library)


@pytest.fixture(scope="module")
def sounds(table: ac.FeatureTable) -> ac.SoundMap:
    return ac.som_map(table, (4, 6), topology="hexagonal", n_jobs=1)


def distances(found: ac.SoundMap) -> np.ndarray:
    """The distance of each item to each unit, one by one."""
    units = found.codebook.reshape(-1, found.codebook.shape[-1])
    return np.array([[np.linalg.norm(row - unit) for unit in units] for row in found.scaled])


def test_each_item_is_at_the_unit_that_is_nearest(sounds: ac.SoundMap) -> None:
    to_units = distances(sounds)
    assert np.array_equal(sounds.units, to_units.argmin(axis=1))
    # Both are sums of some 150 squares, in another order.
    np.testing.assert_allclose(sounds.distances, to_units.min(axis=1), rtol=1e-12)
    assert sounds.quantization_error == pytest.approx(to_units.min(axis=1).mean(), rel=1e-12)
    assert np.array_equal(sounds.positions @ [6, 1], sounds.units)
    assert np.array_equal(sounds.hits().ravel(), np.bincount(sounds.units, minlength=24))


def test_the_topographic_error_is_the_share_of_items_between_two_places(
    table: ac.FeatureTable,
) -> None:
    found = ac.som_map(table, (3, 7), n_jobs=1)
    first, second = distances(found).argsort(axis=1)[:, :2].T
    steps = np.abs(np.stack(np.divmod(first, 7)) - np.stack(np.divmod(second, 7)))
    assert found.topographic_error == (steps.max(axis=0) > 1).mean()


def test_it_is_the_map_that_the_estimator_trains(table: ac.FeatureTable) -> None:
    for how in ({}, {"topology": "hexagonal", "boundary": "toroidal", "n_epochs": 5}):
        given: dict[str, Any] = how
        found = ac.som_map(table, (4, 5), scaling="standard", **given)
        som = ac.SOM((4, 5), random_state=0, **given).fit(found.scaled)
        assert np.array_equal(found.codebook, som.codebook_)
        assert np.array_equal(found.positions, som.bmus_)
        for reduce in ("mean", "sum"):
            assert np.array_equal(found.umatrix(reduce), som.umatrix(reduce))
    assert found.trained_map.columns == table.columns


def test_the_same_seed_gives_the_same_map_in_any_number_of_threads(
    library: list[str], sounds: ac.SoundMap
) -> None:
    for n_jobs in (1, 2, 3):
        again = ac.som_map(library, (4, 6), topology="hexagonal", n_jobs=n_jobs)
        assert again == sounds
        assert again.codebook.tobytes() == sounds.codebook.tobytes()
        assert np.array_equal(again.regions(6), sounds.regions(6))


def test_items_are_found_by_unit_the_nearest_first(sounds: ac.SoundMap) -> None:
    to_units = distances(sounds)
    seen: list[ac.Item] = []
    for unit in range(24):
        items = sounds.items_at(*divmod(unit, 6))
        numbers = [sounds.items.index(item) for item in items]
        assert set(numbers) == set(np.flatnonzero(sounds.units == unit))
        assert (np.diff(to_units[numbers, unit]) >= 0).all()
        seen += items
    assert sorted(seen) == sorted(sounds.items)
    for place in ((4, 0), (0, 6), (-1, 0), (0, 1.5)):
        with pytest.raises(ac.ParameterError, match="expected an int from 0 to"):
            sounds.items_at(*place)


def test_regions_are_the_kinds_of_sounds(sounds: ac.SoundMap) -> None:
    regions = sounds.regions(6)
    assert regions.shape == (4, 6)
    assert set(regions.ravel()) == set(range(6))
    kinds = [kind_of(item.path) for item in sounds.items]
    found = adjusted_rand_score(kinds, regions.ravel()[sounds.units])
    assert found > 0.7  # That of random regions is 0.
    with pytest.raises(ac.ParameterError, match="k=25 regions need at least 25"):
        sounds.regions(25)


def test_neighbours_are_on_the_same_unit_or_beside_it(sounds: ac.SoundMap) -> None:
    scaled = sounds.scaled
    rows, cols = sounds.positions.T
    # In odd rows hexagons lie half a column farther right; neighbours are 1 apart.
    places = np.column_stack([cols + rows % 2 / 2, rows * np.sqrt(0.75)])
    for index in (0, 17, 59):
        item = sounds.items[index]
        found = sounds.neighbors(item, 60)
        near = np.linalg.norm(places - places[index], axis=1) < 1.1
        assert {*found.items, item} == {sounds.items[i] for i in np.flatnonzero(near)}
        assert (np.diff(found.distances) >= 0).all()
        own = [np.linalg.norm(scaled[sounds.items.index(i)] - scaled[index]) for i, _ in found]
        np.testing.assert_allclose(found.distances, own, rtol=1e-12)
        assert list(sounds.neighbors(item.path, 2)) == list(found)[:2]
        of_all = dict(sounds.similar(item, 60))
        assert all(of_all[other] == distance for other, distance in found)
    with pytest.raises(ac.ParameterError, match="expected an item of this map"):
        sounds.neighbors("elsewhere.wav")
    with pytest.raises(ac.ParameterError, match="n=0"):
        sounds.neighbors(sounds.items[0], 0)
    with pytest.raises(ac.ParameterError, match="^item=3: expected a str or os.PathLike"):
        sounds.neighbors(3)  # type: ignore[arg-type]
    moved = sounds.items[0]._replace(end=99.0)
    with pytest.raises(ac.ParameterError, match="^item=Item"):
        sounds.neighbors(moved)


def test_files_have_rows_and_columns(sounds: ac.SoundMap, tmp_path: Path) -> None:
    sounds.to_csv(tmp_path / "m.csv")
    with open(tmp_path / "m.csv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [[int(row["row"]), int(row["col"])] for row in rows] == sounds.positions.tolist()
    assert [int(row["label"]) for row in rows] == sounds.units.tolist()
    assert [row["path"] for row in rows] == list(sounds.paths)
    sounds.to_json(tmp_path / "m.json")
    document = json.loads((tmp_path / "m.json").read_text("utf-8"))
    assert [[one["row"], one["col"]] for one in document["items"]] == sounds.positions.tolist()
    alone = sounds.trained_map.to_dict()
    assert document["trained_map"] == json.loads(json.dumps(alone))
    assert document["settings"]["scaling"] == sounds.scaler.scaling
    assert document["boundary"] == "planar"
    frame = sounds.to_dataframe("pandas")
    assert frame["row"].tolist() == sounds.positions[:, 0].tolist()
    assert np.allclose(frame["distance"], sounds.distances)


def test_no_sound_is_replaced(sounds: ac.SoundMap) -> None:
    before = Path(sounds.paths[0]).read_bytes()
    with pytest.raises(ac.ParameterError, match="one of the recordings"):
        sounds.export(sounds.paths[0], format="csv")
    assert Path(sounds.paths[0]).read_bytes() == before


def test_a_map_can_be_pickled(sounds: ac.SoundMap) -> None:
    sounds.neighbors(sounds.items[0])
    again = pickle.loads(pickle.dumps(sounds))
    assert again == sounds
    assert vars(again).keys() == {*ac.SoundMap.__dataclass_fields__}
    assert again.items_at(0, 0) == sounds.items_at(0, 0)


def test_it_is_shown_with_its_largest_units(sounds: ac.SoundMap) -> None:
    lines = repr(sounds).splitlines()
    hit = int((sounds.hits() > 0).sum())
    assert lines[0].startswith(f"<SoundMap: 60 items on {hit} of 4 × 6 units, hexagonal, ")
    row, col = divmod(int(sounds.hits().argmax()), 6)
    name = Path(sounds.items_at(row, col)[0].path).name
    largest = int(sounds.hits().max())
    assert lines[1] == f"  row {row}, column {col}: {largest} items, such as {name}"
    shown = unstyled(sounds._repr_html_())
    assert f"<td>{row}</td><td>{col}</td><td>{largest}</td><td>{name}</td>" in shown


def test_a_map_of_few_sounds_says_so(library: list[str], tmp_path: Path) -> None:
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"RIFF")
    found = ac.som_map([library[0], str(broken)])
    assert found.shape == (8, 12)
    assert (
        found.notes("file")[0]
        == "there are more units, 96, than files, 1: many units are empty"
    )
    assert "more units" in repr(found)
    assert "1 could not be used" in repr(found)
    assert "1 could not be used" in unstyled(found._repr_html_())
    assert found.errors[0].path == str(broken)
    (line,) = ac.som_map(library, (2, 3)).notes()
    assert line.startswith("14 items with warnings: ")


def test_hostile_names_are_text(tmp_path: Path) -> None:
    name = "<script>alert(1)</script>\n"
    found = ac.som_map({name: (tone(0.2), 22050)}, (1, 2))
    assert "<script>" not in unstyled(found._repr_html_())
    assert len(repr(found).splitlines()) == 3


def test_it_is_drawn(sounds: ac.SoundMap) -> None:
    axes = sounds.plot()
    assert "U-matrix" in axes.get_title()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"shape": (0, 2)}, "shape="),
        ({"topology": "round"}, "topology='round'"),
        ({"boundary": "open"}, "boundary='open'"),
        ({"n_epochs": 0}, "n_epochs=0"),
        ({"sigma": -1}, "sigma=-1"),
        ({"scaling": "odd"}, "scaling='odd'"),
        ({"random_state": -1}, "random_state=-1"),
        ({"n_jobs": 0}, "n_jobs=0"),
        ({"features": "rms"}, "belong to extract"),
    ],
)
def test_arguments_are_checked(
    arguments: dict[str, Any], words: str, table: ac.FeatureTable
) -> None:
    with pytest.raises(ac.ParameterError, match=words):
        ac.som_map(table, **arguments)


def test_files_and_cache_are_those_of_cluster(folder: str, tmp_path: Path) -> None:
    files = ac.FileFilter(include="*kick*", max_duration=0.4)
    given: dict[str, Any] = {"features": ["mfcc", "rms"], "descriptors": True, "files": files}
    found = ac.som_map(folder, (2, 2), cache=tmp_path / "cache.db", **given)
    assert found.table == ac.cluster(folder, 1, **given).table
    assert found.scaler.scaling == "standard"
    assert 0 < len(found.table.left_out) < 10
    again = ac.som_map(folder, (2, 2), cache=tmp_path / "cache.db", **given)
    assert again == found
    # Descriptors are further columns of files.
    assert {"row", "col", "loudness"} <= set(found.to_dataframe("pandas").columns)
