"""Items laid out in a plane, kept there, and others placed beside them."""

from __future__ import annotations

import dataclasses
import json
import pickle
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.neighbors import NearestNeighbors

import audioclust as ac
from audioclust.clustering.layouts.tsne import tsne
from audioclust.demo import kind_of
from audioclust.export.archive import MODEL, Archive, read_archive, write_archive
from audioclust.results.maps import layouts


@pytest.fixture(scope="module")
def result(library: list[str]) -> ac.Clustering:
    return ac.cluster(library, 6, n_jobs=1)


@pytest.fixture(scope="module")
def kept(result: ac.Clustering) -> ac.Clustering:
    return result.keep_layout(random_state=3, perplexity=8)


def without(table: ac.FeatureTable, word: str) -> ac.FeatureTable:
    return table.filter(lambda item: word not in Path(item.path).name)


def test_points_are_those_of_the_scaled_rows(result: ac.Clustering) -> None:
    for seed, perplexity in ((0, 30.0), (7, 5.0)):
        found = result.layout("tsne", random_state=seed, perplexity=perplexity)
        alone = tsne(result.scaled, random_state=seed, perplexity=perplexity)
        assert np.array_equal(found.points, alone.points)
        assert (found.method, found.random_state, found.perplexity) == (
            "tsne",
            seed,
            perplexity,
        )
    assert result.layout() is result.layout("tsne", random_state=0, perplexity=30)
    assert result.layout() is not result.layout(random_state=1)


def test_pca_is_scikit_learns(result: ac.Clustering) -> None:
    found = result.layout("pca").points
    theirs = PCA(2, svd_solver="full").fit_transform(result.scaled)
    signs = np.sign((found * theirs).sum(axis=0))
    # Theirs is a decomposition of the rows, ours of their products: half of the digits remain.
    np.testing.assert_allclose(found, theirs * signs, atol=1e-7 * np.ptp(theirs))


def test_any_number_of_threads_gives_the_same_bits(
    result: ac.Clustering, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in (1, 2, 3):
        monkeypatch.setattr(layouts, "n_threads", lambda _, n=n: n)
        again = dataclasses.replace(result)
        for method in ("tsne", "pca"):
            found: Any = again.layout(method)
            assert found.points.tobytes() == result.layout(method).points.tobytes()


def test_a_layout_is_an_array(result: ac.Clustering) -> None:
    found = result.layout("pca")
    assert len(found) == 60
    assert np.asarray(found).shape == (60, 2)
    assert np.array_equal(np.mean(found, axis=0), found.points.mean(axis=0))
    assert np.array_equal(np.stack(list(found)), found.points)
    with pytest.raises(ValueError, match="read-only"):
        np.asarray(found)[0] = 1
    assert np.array(found, np.float32).dtype == np.float32
    assert repr(found) == "<Layout: 60 points by pca>"
    assert repr(result.layout()) == (
        "<Layout: 60 points by tsne, perplexity 30, random_state 0>"
    )
    assert pickle.loads(pickle.dumps(found)) == found


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5])
def test_few_items_have_a_layout_too(n: int, library: list[str]) -> None:
    few = ac.cluster(library[:n], 1)
    for method in ("tsne", "pca"):
        found = few.layout(method)
        assert found.points.shape == (n, 2)
        assert np.isfinite(found.points).all()


def test_a_kept_layout_stays_with_the_result(kept: ac.Clustering, tmp_path: Path) -> None:
    layout = kept.kept_layout
    assert layout is not None
    assert kept.layout() is layout
    assert kept.layout("tsne", random_state=3) is layout
    assert kept.layout(perplexity=8) is layout
    assert kept.layout("pca").method == "pca"
    assert kept.layout(perplexity=9).perplexity == 9
    assert kept.layout(perplexity=9).random_state == 3
    assert kept.rename({0: "kicks"}).layout() is layout
    assert kept.refine(move={kept.paths[0]: 1}).layout() is layout
    kept.save(tmp_path / "m.audioclust")
    assert (tmp_path / "m.audioclust").read_bytes()
    loaded = ac.load_model(tmp_path / "m.audioclust")
    assert loaded == kept
    assert loaded.layout() == layout
    pca = kept.keep_layout("pca")
    pca.save(tmp_path / "m.audioclust")
    assert ac.load_model(tmp_path / "m.audioclust").layout() == pca.layout("pca")
    assert pickle.loads(pickle.dumps(kept)).layout() == layout


def test_what_is_computed_is_neither_kept_nor_pickled(result: ac.Clustering) -> None:
    result.layout()
    assert result.kept_layout is None
    again = pickle.loads(pickle.dumps(result))
    assert again == result
    assert vars(again).keys() == {field.name for field in dataclasses.fields(result)}
    assert result.keep_layout() != result


def test_json_has_the_kept_layout(
    result: ac.Clustering, kept: ac.Clustering, tmp_path: Path
) -> None:
    for one in (result, kept):
        one.to_json(tmp_path / "out.json")
        found = json.loads((tmp_path / "out.json").read_text("utf-8"))["kept_layout"]
        if one is result:
            assert found is None
        else:
            assert np.array_equal(found["points"], kept.layout().points)
            assert found["perplexity"] == 8


DAMAGES: dict[str, tuple[Any, str]] = {
    "method": ("umap", "tsne|pca"),
    "random_state": (-1, "from 0"),
    "perplexity": (0.5, "a finite number from 1"),
    "continued": (None, "true or false"),
    "more": (1, "not known"),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_layout_is_refused(name: str, kept: ac.Clustering, tmp_path: Path) -> None:
    file = tmp_path / "m.audioclust"
    kept.save(file)
    read = read_archive(file, MODEL)
    value, words = DAMAGES[name]
    layout = {**read.content["kept_layout"], name: value}
    content = {**read.content, "kept_layout": layout}
    write_archive(Archive(content, read.arrays), MODEL, file, inputs=())
    with pytest.raises(ac.ModelError, match=words):
        ac.load_model(file)
    for points in (np.zeros((59, 2)), np.full((60, 2), np.nan), np.zeros((60, 2), np.float32)):
        arrays = {**read.arrays, "kept_layout.points": points}
        write_archive(Archive(read.content, arrays), MODEL, file, inputs=())
        with pytest.raises(ac.ModelError, match="points"):
            ac.load_model(file)
    content = {**read.content, "kept_layout": {**layout, "method": "pca"}}
    write_archive(Archive(content, read.arrays), MODEL, file, inputs=())
    with pytest.raises(ac.ModelError, match="null|not known"):
        ac.load_model(file)


def kinds_nearby(points: np.ndarray, kinds: list[str], new: np.ndarray) -> float:
    """The share of new items whose nearest old item is of their kind."""
    old = np.setdiff1d(np.arange(len(kinds)), new)
    nearest = NearestNeighbors(n_neighbors=1).fit(points[old]).kneighbors(points[new])[1]
    pairs = zip(new.tolist(), old[nearest.ravel()].tolist(), strict=True)
    return float(np.mean([kinds[one] == kinds[other] for one, other in pairs]))


@pytest.mark.parametrize("method", ["tsne", "pca"])
def test_old_items_stay_and_new_ones_are_beside_their_kind(
    method: Any, result: ac.Clustering
) -> None:
    first = ac.cluster(without(result.table, "_07"), 6).keep_layout(method)
    after = ac.cluster(result.table, previous=first)
    assert after.kept_layout is not None
    points = dict(zip(first.items, first.layout().points.tolist(), strict=True))
    now = dict(zip(after.items, after.layout().points.tolist(), strict=True))
    assert len(points) == 54
    assert all(now[item] == points[item] for item in points)
    new = np.array([i for i, item in enumerate(after.items) if item not in points])
    kinds = [kind_of(item.path) for item in after.items]
    # By chance it would be a sixth.
    assert kinds_nearby(after.layout().points, kinds, new) >= 0.8
    assert np.isfinite(after.layout().points).all()
    # What is gone leaves no gap, and what comes again is where its like is.
    fewer = ac.cluster(without(result.table, "_03"), previous=after)
    left = dict(zip(fewer.items, fewer.layout().points.tolist(), strict=True))
    assert all(now[item] == left[item] for item in left)
    assert ac.cluster(result.table, previous=result).kept_layout is None


def test_a_layout_that_goes_on_can_be_made_anew(result: ac.Clustering, tmp_path: Path) -> None:
    first = ac.cluster(without(result.table, "_07"), 6).keep_layout()
    after = ac.cluster(result.table, previous=first)
    carried = after.layout()
    assert carried is after.kept_layout
    assert repr(carried).endswith("random_state 0, continued from a previous result>")
    anew = tsne(after.scaled).points
    for arguments in ({"method": "tsne"}, {"random_state": 0}, {"perplexity": 30}):
        found = after.layout(**arguments)
        assert np.array_equal(found.points, anew)
        assert not found.continued
    assert not np.array_equal(carried.points, anew)
    after.save(tmp_path / "m.audioclust")
    assert ac.load_model(tmp_path / "m.audioclust").layout() == carried
    kept = after.keep_layout("tsne")
    assert kept.layout() is kept.layout("tsne") is after.layout("tsne")


@pytest.mark.parametrize("method", ["tsne", "pca"])
def test_beside_few_items_all_are_laid_out_anew(method: Any, result: ac.Clustering) -> None:
    for n in (1, 9, 10):
        first = ac.cluster(result.table.filter(np.arange(60) < n), 1).keep_layout(method)
        again = ac.cluster(first.table, 1, previous=first)
        assert np.array_equal(again.layout().points, first.layout().points)
        after = ac.cluster(result.table.filter(np.arange(60) < 16), 1, previous=first)
        found = after.layout()
        assert len(np.unique(found.points, axis=0)) == 16
        assert found.continued == (n == 10)
        if n < 10:
            assert found == after.layout(method)
        else:
            assert np.array_equal(found.points[:n], first.layout().points)


def test_points_cannot_be_written_to(kept: ac.Clustering) -> None:
    for layout in (
        kept.layout(),
        kept.layout("pca"),
        pickle.loads(pickle.dumps(kept)).layout(),
    ):
        with pytest.raises(ValueError, match="read-only"):
            layout.points[:] = 0
    own = np.zeros((2, 2))
    ac.Layout(own, "pca", None, None)
    own[0] = 1


def test_a_model_without_a_layout_field_is_an_older_one(
    result: ac.Clustering, tmp_path: Path
) -> None:
    file = tmp_path / "m.audioclust"
    result.save(file)
    read = read_archive(file, MODEL)
    content = {name: value for name, value in read.content.items() if name != "kept_layout"}
    assert len(content) == len(read.content) - 1
    write_archive(Archive(content, read.arrays), MODEL, file, inputs=())
    loaded = ac.load_model(file)
    assert loaded.kept_layout is None
    assert loaded == result


def test_files_that_moved_are_where_they_were(library: list[str], tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    old.mkdir()
    for path in library[::3]:
        shutil.copy(path, old)
    first = ac.cluster(old, 4, n_jobs=1).keep_layout()
    shutil.move(old, new)
    after = ac.cluster(new, previous=first, n_jobs=1)
    assert [Path(one).name for one in after.paths] == [Path(one).name for one in first.paths]
    assert np.array_equal(after.layout().points, first.layout().points)


def test_other_features_keep_the_places(library: list[str], result: ac.Clustering) -> None:
    first = ac.cluster(without(result.table, "_07"), 6).keep_layout()
    table = ac.extract(library, features=["mfcc", "rms"])
    after = ac.cluster(table, 6, previous=first)
    points = dict(zip(first.items, first.layout().points.tolist(), strict=True))
    now = dict(zip(after.items, after.layout().points.tolist(), strict=True))
    assert all(now[item] == points[item] for item in points)
    new = np.array([i for i, item in enumerate(after.items) if item not in points])
    kinds = [kind_of(item.path) for item in after.items]
    assert kinds_nearby(after.layout().points, kinds, new) >= 0.8


@pytest.mark.parametrize("method", ["tsne", "pca"])
def test_predicted_items_are_on_the_layout_of_the_result(
    method: Any, result: ac.Clustering, library: list[str]
) -> None:
    model = ac.cluster(without(result.table, "_07"), 6)
    for one in (model, model.keep_layout(method)):
        predicted = one.predict(library, n_jobs=1)
        found = predicted.layout(method)
        assert len(found) == len(predicted.items) == 60
        own = one.layout(method)
        points = dict(zip(one.items, own.points.tolist(), strict=True))
        now = dict(zip(predicted.items, found.points.tolist(), strict=True))
        assert all(now[item] == points[item] for item in points)
        new = np.array([i for i, item in enumerate(predicted.items) if item not in points])
        kinds = [kind_of(item.path) for item in predicted.items]
        assert kinds_nearby(found.points, kinds, new) >= 0.8
        assert found == one.layout_of(predicted.table, method)
        # What else is asked about makes no difference.
        part = predicted.table.filter(np.arange(60) % 7 == 0)
        assert np.array_equal(one.layout_of(part, method).points, found.points[::7])


def test_new_rows_of_pca_are_projected(result: ac.Clustering) -> None:
    model = ac.cluster(without(result.table, "_07"), 6)
    theirs = PCA(2, svd_solver="full").fit(model.scaled)
    expected = theirs.transform(model.scaler.transform(result.table.values))
    found = model.layout_of(result.table, "pca").points
    signs = np.sign((found * expected).sum(axis=0))
    np.testing.assert_allclose(found, expected * signs, atol=1e-7 * np.ptp(expected))


def test_predictions_without_their_result_say_how_to_go_on(
    result: ac.Clustering, library: list[str], tmp_path: Path
) -> None:
    predicted = result.predict(library[:3], n_jobs=1)
    again = pickle.loads(pickle.dumps(predicted))
    assert again == predicted
    with pytest.raises(ac.ParameterError, match=r"layout_of\(predicted.table\)"):
        again.layout()
    assert result.layout_of(again.table) == predicted.layout()
    (tmp_path / "broken.wav").write_bytes(b"RIFF")
    assert len(result.predict(tmp_path / "broken.wav").layout()) == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"method": "umap"}, "method='umap': expected one of tsne, pca"),
        ({"random_state": -1}, "random_state=-1"),
        ({"perplexity": 0.5}, "perplexity=0.5: expected a finite number, at least 1"),
        ({"perplexity": float("inf")}, "perplexity=inf"),
    ],
)
def test_arguments_are_checked(
    arguments: dict[str, Any], words: str, result: ac.Clustering
) -> None:
    for call in (result.layout, result.keep_layout):
        with pytest.raises(ac.ParameterError, match=words):
            call(**arguments)


def test_other_tables_are_refused(result: ac.Clustering, library: list[str]) -> None:
    with pytest.raises(ac.ParameterError, match="columns that were clustered"):
        result.layout_of(ac.extract(library[:2], features="rms"))
    with pytest.raises(ac.ParameterError, match="expected a FeatureTable"):
        result.layout_of(library)  # type: ignore[arg-type]


def test_a_plot_says_what_its_axes_are(result: ac.Clustering, kept: ac.Clustering) -> None:
    axes = result.plot(layout="tsne")
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("t-SNE 1", "t-SNE 2")
    assert axes.get_aspect() == 1
    drawn = np.vstack([np.asarray(one.get_offsets()) for one in axes.collections])
    points = result.layout().points
    assert {*map(tuple, points.tolist())} <= {*map(tuple, drawn.tolist())}
    for plotted in (result.plot(), kept.plot(layout="pca")):
        assert plotted.get_xlabel().startswith("PC 1 (")
    assert kept.plot(layout=None).get_xlabel() == "t-SNE 1"
    with pytest.raises(ac.ParameterError, match="method='umap'"):
        result.plot(layout="umap")  # type: ignore[arg-type]
