"""A trained map: what it holds, shows and writes without the estimator."""

from __future__ import annotations

import csv
import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_iris
from support.notebooks import unstyled

import audioclust as ac
from audioclust.clustering.maps.som import MapSettings, fit_som

X = load_iris().data


@pytest.fixture(scope="module")
def trained() -> ac.TrainedMap:
    return ac.SOM((4, 5), topology="hexagonal", random_state=0).fit(X).map_


def test_it_is_what_the_estimator_was_fitted_to(trained: ac.TrainedMap) -> None:
    som = ac.SOM((4, 5), topology="hexagonal", random_state=0).fit(X)
    assert som.map_ == trained
    assert som.map_.codebook is som.codebook_
    assert som.map_.labels is som.labels_
    assert som.map_.umatrix is som.umatrix_
    assert np.array_equal(som.map_.hits, som.hit_map())
    assert som.map_.topology == "hexagonal"
    assert som.map_.columns == ("x0", "x1", "x2", "x3")
    other = ac.SOM((4, 5), random_state=0).fit(X).map_
    assert trained != other
    with pytest.raises(AttributeError):
        trained.topology = "rectangular"  # type: ignore[misc]


def test_names_of_columns_are_kept() -> None:
    som = ac.SOM((2, 3), training="online", n_epochs=1).fit(X)
    # As if X had been a data frame, for which a library would be needed here.
    som.feature_names_in_ = np.array(["a", "b", "c", "d"], dtype=object)
    with pytest.warns(UserWarning, match="X does not have valid feature names"):
        som.partial_fit(X)
    assert som.map_.columns == ("a", "b", "c", "d")


def test_it_is_a_sequence_of_units(trained: ac.TrainedMap) -> None:
    assert len(trained) == 20
    assert trained.shape == (4, 5)
    assert np.array_equal(np.stack(list(trained)), trained.codebook.reshape(20, 4))
    assert np.array_equal(trained[7], trained.codebook[1, 2])
    for beyond in (20, -1):
        with pytest.raises(IndexError, match=f"unit {beyond}: expected 0 to 19"):
            trained[beyond]
    nearest = np.linalg.norm(X[:, None] - np.stack(list(trained)), axis=2).argmin(axis=1)
    assert np.array_equal(trained.labels, nearest)


def test_different_units_that_were_hit_are_counted() -> None:
    x = np.repeat([[0.0, 0.0], [9.0, 0.0], [0.0, 9.0]], 5, axis=0)
    trained = fit_som(x, MapSettings((3, 3), sigma=0.5, init="sample", n_epochs=3))
    assert trained.n_distinct == len(np.unique(trained.units[trained.labels], axis=0)) <= 3


def test_it_is_shown_in_a_line_and_in_a_notebook(trained: ac.TrainedMap) -> None:
    assert repr(trained).startswith("<TrainedMap: 4 × 5 units, hexagonal; 150 rows, quantiz")
    assert f"topographic error {trained.topographic_error:.4g}>" in repr(trained)
    html = unstyled(trained._repr_html_())
    assert "<th>row</th><th>col</th><th>hits</th><th>umatrix</th>" in html
    unit = int(trained.hits.argmax())
    row, col = divmod(unit, 5)
    first = html.split("<tbody>")[1].split("</tr>")[0]
    assert first.startswith(f"<tr><td>{row}</td><td>{col}</td><td>{trained.hits.max():g}</td>")
    assert "and 70 more" in unstyled(ac.SOM().fit(X).map_._repr_html_())


def test_files_have_every_unit(trained: ac.TrainedMap, tmp_path: Path) -> None:
    trained.to_csv(tmp_path / "map.csv")
    with open(tmp_path / "map.csv", newline="", encoding="utf-8") as file:
        head, *lines = csv.reader(file)
    assert head == ["row", "col", "hits", "umatrix", "x0", "x1", "x2", "x3"]
    numbers = np.array(lines, np.float64)
    assert np.array_equal(numbers[:, :2], np.argwhere(np.ones((4, 5))))
    assert np.array_equal(numbers[:, 2], trained.hits.ravel())
    assert np.array_equal(numbers[:, 3], trained.umatrix.ravel())
    assert np.array_equal(numbers[:, 4:], trained.units)
    trained.to_json(tmp_path / "map.json")
    document = json.loads((tmp_path / "map.json").read_text(encoding="utf-8"))
    assert document["shape"] == [4, 5]
    assert document["topology"] == "hexagonal"
    assert document["labels"] == trained.labels.tolist()
    assert document["quantization_error"] == trained.quantization_error
    assert document["version"] == ac.__version__
    assert document["units"][7]["values"] == trained[7].tolist()
    assert (document["units"][7]["row"], document["units"][7]["col"]) == (1, 2)
    assert document["units"][7]["hits"] == trained.hits[1, 2]
    with pytest.raises(ac.ParameterError, match="path=3: expected a str"):
        trained.to_json(3)  # type: ignore[arg-type]


def test_it_is_pickled_by_its_public_name(trained: ac.TrainedMap) -> None:
    state = pickle.dumps(trained)
    assert b"audioclust.clustering" not in state
    assert pickle.loads(state) == trained


def test_it_is_drawn_as_the_estimator_is(trained: ac.TrainedMap) -> None:
    import matplotlib as mpl

    mpl.use("agg")
    from matplotlib import pyplot

    ax = pyplot.figure().add_subplot()
    drawn: Any = trained.plot(ax)
    assert drawn is ax
    assert np.array_equal(np.asarray(drawn.collections[0].get_array()), trained.umatrix.ravel())
    pyplot.close("all")
