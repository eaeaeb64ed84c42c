"""SOM: an estimator as scikit-learn's, around a self-organizing map."""

from __future__ import annotations

import pickle
import warnings
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from audioclust import SOM, _core
from audioclust.clustering.maps.som import MapSettings, fit_som
from audioclust.errors import ParameterError, VersionWarning


def rows(n: int, d: int, seed: int = 0) -> Any:
    return np.random.default_rng(seed).normal(size=(n, d))


def test_a_fit_can_be_made_of_parts() -> None:
    x = rows(40, 3)
    whole = SOM((4, 4), training="online", n_epochs=5, random_state=2).fit(x)
    parts = SOM((4, 4), training="online", n_epochs=5, random_state=2)
    for epoch in range(5):
        parts.partial_fit(x)
        assert parts.n_iter_ == epoch + 1
    assert np.array_equal(whole.codebook_, parts.codebook_)
    assert np.array_equal(whole.labels_, parts.labels_)
    parts.partial_fit(x[:7])
    assert parts.labels_.shape == (7,)
    assert not hasattr(SOM(), "partial_fit")
    with pytest.raises(AttributeError) as raised:
        SOM().partial_fit(x)
    assert "training='batch': expected 'online'" in str(raised.value.__cause__)


def test_predict_and_transform_agree_with_the_fit() -> None:
    x = rows(200, 3)
    som = SOM((4, 6), random_state=0).fit(x)
    units = som.codebook_.reshape(-1, 3)
    distances = np.sqrt(((x[:, None] - units) ** 2).sum(axis=2))
    np.testing.assert_allclose(som.transform(x), distances, rtol=1e-12)
    assert np.array_equal(som.predict(x), distances.argmin(axis=1))
    assert np.array_equal(som.labels_, som.predict(x))
    assert np.array_equal(som.bmus_[:, 0] * 6 + som.bmus_[:, 1], som.labels_)
    assert som.quantization_error_ == pytest.approx(distances.min(axis=1).mean())
    assert np.array_equal(som.hit_map().ravel(), np.bincount(som.labels_, minlength=24))
    assert som.get_feature_names_out()[23] == "som23"
    assert som.codebook_.shape == (4, 6, 3)


def test_regions_are_groups_of_units() -> None:
    centers = np.array([[0, 0], [10, 0], [0, 10]])
    truth = np.repeat([0, 1, 2], 50)
    x = centers[truth] + rows(150, 2) * 0.3
    som = SOM((6, 6), random_state=0).fit(x)
    regions = som.regions(3)
    assert regions.shape == (6, 6)
    found = regions.ravel()[som.labels_]
    assert {tuple(np.bincount(found[truth == t], minlength=3)) for t in range(3)} == {
        (50, 0, 0),
        (0, 50, 0),
        (0, 0, 50),
    }
    with pytest.raises(ParameterError, match="k=37 regions need at least 37 different units"):
        som.regions(37)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"shape": (0, 3)}, r"shape=\(0, 3\): expected two ints of at least 1"),
        ({"shape": 5}, "shape=5: expected a pair of ints"),
        ({"shape": (2, 3, 4)}, "expected a pair of ints"),
        ({"shape": (2.5, 3)}, "expected two ints"),
        ({"shape": (10**5, 10**5)}, "expected at most 16777216 units"),
        (
            {"shape": (3, 4), "topology": "hexagonal", "boundary": "toroidal"},
            r"shape=\(3, 4\): expected an even number of rows",
        ),
        ({"topology": "round"}, "topology='round': expected one of rectangular, hexagonal"),
        ({"boundary": None}, "boundary=None: expected one of planar, toroidal"),
        ({"neighborhood": "x"}, "neighborhood='x': expected one of gaussian, bubble"),
        ({"training": "x"}, "training='x': expected one of batch, online"),
        ({"decay": "x"}, "decay='x': expected one of to_floor, to_zero"),
        ({"init": "x"}, "init='x': expected one of pca, sample, random"),
        ({"n_epochs": 0}, "n_epochs=0: expected an int from 1"),
        ({"learning_rate": 0}, "learning_rate=0: expected a positive number up to 1"),
        ({"learning_rate": 1.5}, "learning_rate=1.5: expected a positive number up to 1"),
        ({"sigma": 0}, "sigma=0: expected a positive number"),
        ({"sigma": float("nan")}, "sigma=nan: expected a finite number"),
        ({"n_jobs": 0}, "n_jobs=0"),
    ],
)
def test_invalid_parameters_are_named(parameters: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        SOM(**parameters).fit(rows(20, 2))


def test_invalid_rows_are_named() -> None:
    x = rows(20, 2)
    for value in (np.nan, np.inf):
        bad = x.copy()
        bad[3, 1] = value
        with pytest.raises(ValueError, match="NaN|infinity"):
            SOM().fit(bad)
        with pytest.raises(ParameterError, match="row 3, column 1 is (NaN|inf)"):
            fit_som(bad, MapSettings(init="sample"))
    far = np.array([[0.0], [1e30]], np.float32)
    with pytest.raises(ParameterError, match="X=values up to 1.*e30: expected distances whose"):
        fit_som(far, MapSettings(init="sample"))
    with pytest.raises(ValueError, match="features"):
        SOM().fit(x).predict(rows(3, 5))
    with pytest.raises(ValueError, match="[Ww]eight"):
        SOM().fit(x, sample_weight=np.zeros(20))
    with pytest.raises(ValueError, match="[Nn]egative"):
        SOM().fit(x, sample_weight=np.full(20, -1.0))


def test_it_works_with_scikit_learns_tools() -> None:
    x = load_iris().data
    pipeline = make_pipeline(StandardScaler(), SOM((3, 3), random_state=0))
    pipeline.set_output(transform="default")
    assert pipeline.fit_transform(x).shape == (150, 9)
    search = GridSearchCV(SOM((3, 3), random_state=0), {"n_epochs": [1, 10]}, cv=3).fit(x)
    assert search.best_params_ == {"n_epochs": 10}
    assert np.all(search.cv_results_["mean_test_score"] < 0)
    state = np.random.RandomState(5)
    first, second = (SOM((3, 3), init="sample", random_state=state).fit(x) for _ in range(2))
    assert not np.array_equal(first.codebook_, second.codebook_)
    again = clone(first).set_params(random_state=np.random.RandomState(5)).fit(x)
    assert np.array_equal(first.codebook_, again.codebook_)


@pytest.mark.parametrize("boundary", ["planar", "toroidal"])
def test_a_map_is_measured_by_other_samples(boundary: Any) -> None:
    x, others = rows(200, 3), rows(60, 3, seed=1)
    weights = np.random.default_rng(2).integers(0, 4, 60).astype(float)
    som = SOM((4, 6), boundary=boundary, random_state=0).fit(x)
    order = som.transform(others).argsort(axis=1)
    least = som.transform(others).min(axis=1)
    places = np.stack(np.divmod(order[:, :2], 6))
    steps = np.abs(places[:, :, 0] - places[:, :, 1])
    if boundary == "toroidal":
        steps = np.minimum(steps, np.array([[4], [6]]) - steps)
    torn = steps.max(axis=0) > 1
    assert 0 < torn.mean() < 1
    assert som.quantization_error(others) == pytest.approx(least.mean())
    assert som.topographic_error(others) == pytest.approx(torn.mean())
    assert som.score(others) == -som.quantization_error(others)
    mean = weights @ least / weights.sum()
    assert som.quantization_error(others, weights) == pytest.approx(mean)
    assert som.score(others, sample_weight=weights) == pytest.approx(-mean)
    torn_share = weights @ torn / weights.sum()
    assert som.topographic_error(others, weights) == pytest.approx(torn_share)
    measured = som.measure(others, weights)
    assert np.array_equal(measured.labels, som.predict(others))
    assert measured.hits.sum() == weights.sum()
    assert np.array_equal(measured.codebook, som.codebook_)
    assert np.array_equal(measured.umatrix, som.umatrix_)
    assert som.measure(x) == som.map_
    # What is set after the training is about the next one.
    assert som.set_params(boundary="planar", shape=(9, 9)).measure(x) == som.map_


def test_the_umatrix_is_a_mean_or_a_sum() -> None:
    som = SOM((3, 4), random_state=0).fit(rows(100, 3))
    assert np.array_equal(som.umatrix(), som.umatrix_)
    n_neighbours = np.array([[3, 5, 5, 3], [5, 8, 8, 5], [3, 5, 5, 3]])
    np.testing.assert_allclose(som.umatrix("sum"), som.umatrix_ * n_neighbours)
    with pytest.raises(ParameterError, match="reduce='max': expected one of mean, sum"):
        som.umatrix("max")  # type: ignore[arg-type]


def test_a_pickle_of_another_version_warns() -> None:
    som = SOM((2, 2), random_state=0).fit(rows(20, 2))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        back = pickle.loads(pickle.dumps(som))
    assert np.array_equal(back.codebook_, som.codebook_)
    assert vars(back).keys() == vars(som).keys()
    state = som.__getstate__()
    assert state["_audioclust_version"] == _core.__version__
    state["_audioclust_version"] = "0.0.7"
    with pytest.warns(VersionWarning, match=rf"by audioclust 0.0.7.*by {_core.__version__}"):
        SOM().__setstate__(state)


def expected_failures(estimator: SOM) -> dict[str, str]:
    if estimator.training == "batch":
        return {}
    reason = "a sample that is there twice is shown at two random moments, a weight at one"
    return {
        "check_sample_weight_equivalence_on_dense_data": reason,
        "check_sample_weight_equivalence_on_sparse_data": reason,
    }


@parametrize_with_checks(  # type: ignore[untyped-decorator]
    [
        SOM((3, 3), n_epochs=3),
        SOM((2, 3), topology="hexagonal", training="online", n_epochs=3, init="sample"),
    ],
    expected_failed_checks=expected_failures,
)
def test_scikit_learns_checks(estimator: SOM, check: Any) -> None:
    check(estimator)


def test_places_are_made_when_asked_for_and_never_of_samples_before() -> None:
    som = SOM((4, 6), random_state=0).fit(rows(200, 3))
    # Twice the labels' memory, which a caller who does not ask should not need.
    assert "bmus_" not in vars(som)
    assert som.bmus_ is som.bmus_
    som.fit(rows(50, 3))
    assert np.array_equal(som.bmus_, np.stack(np.divmod(som.labels_, 6), axis=1))
    som.set_params(training="online").partial_fit(rows(70, 3))
    assert np.array_equal(som.bmus_, np.stack(np.divmod(som.labels_, 6), axis=1))
