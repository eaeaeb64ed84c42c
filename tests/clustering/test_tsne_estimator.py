"""TSNE: an estimator as scikit-learn's."""

from __future__ import annotations

import pickle
from typing import Any, cast

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.manifold import trustworthiness
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

import audioclust as ac
from audioclust import TSNE
from audioclust.errors import ParameterError, VersionWarning


@pytest.fixture(scope="module")
def iris() -> Any:
    return load_iris()


@parametrize_with_checks([TSNE(max_iter=300), TSNE(perplexity=2, angle=0, max_iter=300)])  # type: ignore[untyped-decorator]
def test_scikit_learns_checks(estimator: TSNE, check: Any) -> None:
    check(estimator)


def test_its_points_are_those_of_a_result(iris: Any) -> None:
    table = ac.FeatureTable.from_array(iris.data, [f"{i}.wav" for i in range(150)], "iris")
    result = ac.cluster(table, 3)
    for n_jobs in (1, 2, 3):
        found = TSNE(perplexity=20, random_state=5, n_jobs=n_jobs).fit_transform(result.scaled)
        kept = result.layout(random_state=5, perplexity=20)
        assert found.tobytes() == kept.points.tobytes()


def test_new_samples_are_beside_their_kind(iris: Any) -> None:
    truth = iris.target
    pipeline = make_pipeline(StandardScaler(), TSNE(random_state=0))
    train, rest = np.arange(150) % 3 > 0, np.arange(150) % 3 == 0
    points = pipeline.fit_transform(iris.data[train])
    nearest = KNeighborsClassifier(5).fit(points, truth[train])
    # In all four columns 5 neighbours are right about 0.96 of these 50.
    assert nearest.score(pipeline.transform(iris.data[rest]), truth[rest]) > 0.9
    assert list(pipeline.get_feature_names_out()) == ["tsne0", "tsne1"]


def test_samples_that_were_laid_out_stay_where_they_are(iris: Any) -> None:
    x = iris.data[:60]
    model = TSNE(random_state=0).fit(x)
    both = model.transform(np.vstack([x[7:9], iris.data[60:]]))
    first = [np.flatnonzero((x == row).all(axis=1))[0] for row in x[7:9]]
    assert np.array_equal(both[:2], model.embedding_[first])
    # Each sample is placed by itself.
    assert np.array_equal(both[2:], model.transform(iris.data[60:]))
    narrow = model.transform(iris.data[60:].astype(np.float32))
    # Rounding to float32 moves samples by 1e-7 of their size.
    np.testing.assert_allclose(narrow, both[2:], atol=1e-4 * np.ptp(model.embedding_))


def test_what_is_written_into_the_samples_later_moves_nothing(iris: Any) -> None:
    x = iris.data[:40].copy()
    model = TSNE(random_state=0).fit(x)
    before = model.transform(iris.data)
    x[:] = 0
    assert np.array_equal(model.transform(iris.data), before)


def test_it_keeps_neighbours_and_tells_how_well(iris: Any) -> None:
    short = TSNE(random_state=0, max_iter=260).fit(iris.data)
    model = TSNE(random_state=0).fit(iris.data)
    assert trustworthiness(iris.data, model.embedding_) > 0.97
    assert 0 <= model.kl_divergence_ < short.kl_divergence_
    assert short.n_iter_ <= 260 < model.n_iter_ <= 750


def test_the_start_can_be_given(iris: Any) -> None:
    x = iris.data
    start = x[:, :2] * 1e-4
    one, other = (TSNE(init=start, random_state=seed).fit(x).embedding_ for seed in (0, 1))
    assert np.array_equal(one, other)
    with pytest.raises(ParameterError, match=r"init has shape \(149, 2\): expected \(150, 2\)"):
        TSNE(init=start[1:]).fit(x)


def test_a_seed_is_what_scikit_learn_takes_for_one(iris: Any) -> None:
    x = iris.data[:40]
    model = TSNE(random_state=np.random.RandomState(3))
    same = clone(model).set_params(random_state=np.random.RandomState(3))
    assert np.array_equal(model.fit_transform(x), same.fit_transform(x))
    again = TSNE(random_state=cast("int", np.int64(4))).fit_transform(x)
    assert np.array_equal(again, TSNE(random_state=4).fit_transform(x))


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"perplexity": 0.5}, "perplexity=0.5: expected a finite number, at least 1"),
        ({"early_exaggeration": -1}, "early_exaggeration=-1"),
        ({"learning_rate": "fast"}, "learning_rate='fast': expected .* or 'auto'"),
        ({"learning_rate": 0}, "learning_rate=0"),
        ({"max_iter": 0}, "max_iter=0"),
        ({"init": "random"}, "init='random': expected one of pca"),
        ({"angle": -0.5}, "angle=-0.5"),
        ({"n_jobs": 0}, "n_jobs=0"),
        ({"random_state": -1}, "random_state=-1"),
    ],
)
def test_invalid_parameters_are_named(
    parameters: dict[str, Any], message: str, iris: Any
) -> None:
    with pytest.raises(ParameterError, match=message):
        TSNE(**parameters).fit(iris.data)


def test_a_pickle_places_new_samples_and_knows_its_version(iris: Any) -> None:
    model = TSNE(random_state=0).fit(iris.data[:60])
    again = pickle.loads(pickle.dumps(model))
    assert np.array_equal(again.transform(iris.data), model.transform(iris.data))
    state = model.__getstate__()
    state["_audioclust_version"] = "0.0.7"
    with pytest.warns(VersionWarning, match="by audioclust 0.0.7"):
        TSNE().__setstate__(state)
