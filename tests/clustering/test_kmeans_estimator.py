"""KMeans: scikit-learn's interface, and its results from the same start."""

from __future__ import annotations

import pickle
import subprocess
import sys
import warnings
from typing import Any

import joblib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.cluster import AgglomerativeClustering
from sklearn.cluster import KMeans as Theirs
from sklearn.datasets import load_iris, make_blobs
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import adjusted_rand_score, pairwise_distances
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from audioclust import SOM, KMeans, ParameterError, _core
from audioclust.clustering.kmeans import partial
from audioclust.errors import VersionWarning

# scikit-learn's own KMeans fails these checks for the same reason. From a fixed start weighted
# and repeated rows give the same, which is tested below.
WEIGHTS_AND_STARTS = "random starts differ between weighted and repeated rows"


@parametrize_with_checks(  # type: ignore[untyped-decorator]
    [KMeans(random_state=0)],
    expected_failed_checks=lambda _: {
        "check_sample_weight_equivalence_on_dense_data": WEIGHTS_AND_STARTS,
        "check_sample_weight_equivalence_on_sparse_data": WEIGHTS_AND_STARTS,
    },
)
def test_every_check_of_scikit_learn(estimator: Any, check: Any) -> None:
    with warnings.catch_warnings():
        # Checks that are expected to fail warn. So do those with sparse data, which is refused.
        warnings.simplefilter("ignore")
        check(estimator)


def normal(n: int, d: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, d))


def with_outlier(n: int, d: int) -> np.ndarray:
    x = normal(n, d)
    x[3, 0] = 1e6
    return x


def with_constants(n: int, d: int) -> np.ndarray:
    x = normal(n, d)
    x[:, ::2] = 7.5
    return x


CASES = {
    "one row": (normal(1, 3), 1),
    "one column": (normal(300, 1), 4),
    "one cluster": (normal(300, 5), 1),
    "as many clusters as rows": (normal(40, 3), 40),
    "more columns than rows": (normal(30, 200), 5),
    "every row thrice": (np.repeat(normal(50, 3), 3, axis=0), 6),
    "constant columns": (with_constants(400, 6), 5),
    "an outlier": (with_outlier(500, 4), 6),
    "far from the origin": (normal(500, 4) + 1e5, 6),
    "blobs": (make_blobs(3000, 20, centers=12, cluster_std=6, random_state=0)[0], 12),
    "many clusters": (normal(3000, 8), 150),
    "iris": (load_iris().data, 3),
}


@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
@pytest.mark.parametrize("case", CASES)
def test_fixed_points_from_the_same_start_are_scikit_learns(case: str, weighted: bool) -> None:
    x, k = CASES[case]
    rng = np.random.default_rng(1)
    start = x[rng.choice(len(x), k, replace=False)]
    weights = rng.integers(0, 3, len(x)).astype(float) if weighted else None
    if weights is not None and (k == len(x) or len(x) == 1):
        weights += 1
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        ours = KMeans(k, init=start, n_init=1, tol=0).fit(x, sample_weight=weights)
        theirs = Theirs(k, init=start, n_init=1, tol=0).fit(x, sample_weight=weights)
    scale = np.abs(x).max()
    np.testing.assert_allclose(
        ours.cluster_centers_, theirs.cluster_centers_, rtol=1e-8, atol=1e-8 * scale * 1e-2
    )
    same = ours.labels_ == theirs.labels_
    distances = pairwise_distances(x, ours.cluster_centers_)
    tied = np.isclose(distances[np.arange(len(x)), theirs.labels_], distances.min(axis=1))
    assert (same | tied).all()
    assert ours.inertia_ == pytest.approx(theirs.inertia_, rel=1e-8, abs=1e-12 * scale**2)
    assert ours.n_iter_ == theirs.n_iter_


@pytest.mark.parametrize("case", CASES)
def test_single_precision_finds_the_inertia_that_it_says(case: str) -> None:
    x, k = CASES[case]
    x = x.astype(np.float32)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        ours = KMeans(k, random_state=0).fit(x)
    assert ours.cluster_centers_.dtype == np.float32
    wide = x.astype(np.float64)
    off = wide - ours.cluster_centers_.astype(np.float64)[ours.labels_]
    least = pairwise_distances(wide, ours.cluster_centers_.astype(np.float64)).min(axis=1)
    # Rounding errors of single precision are relative to the largest value.
    noise = len(x) * (np.abs(wide).max() * 1e-6) ** 2
    assert ours.inertia_ == pytest.approx((off**2).sum(), rel=1e-5, abs=noise)
    assert ours.inertia_ == pytest.approx((least**2).sum(), rel=1e-5, abs=noise)


@settings(max_examples=25, deadline=None)
@given(
    n=st.integers(1, 2500),
    d=st.integers(1, 40),
    k=st.integers(1, 20),
    seed=st.integers(0, 1000),
    single=st.booleans(),
    weighted=st.booleans(),
)
def test_every_number_of_threads_gives_the_same_bits(
    n: int, d: int, k: int, seed: int, single: bool, weighted: bool
) -> None:
    x = normal(n + k, d, seed).astype(np.float32 if single else np.float64)
    weights = np.abs(x[:, 0]).astype(np.float64) if weighted else None
    one, *others = (
        KMeans(k, random_state=seed, n_jobs=jobs).fit(x, sample_weight=weights)
        for jobs in (1, 2, 5)
    )
    for other in others:
        assert one.cluster_centers_.tobytes() == other.cluster_centers_.tobytes()
        assert one.labels_.tobytes() == other.labels_.tobytes()
        assert one.inertia_ == other.inertia_


@settings(max_examples=25, deadline=None)
@given(n=st.integers(9, 400), k=st.integers(1, 8), power=st.integers(-20, 20))
def test_scaling_by_a_power_of_two_scales_the_inertia_by_its_square(
    n: int, k: int, power: int
) -> None:
    x = normal(n, 3, n)
    one = KMeans(k, random_state=0).fit(x)
    other = KMeans(k, random_state=0).fit(x * 2.0**power)
    assert np.array_equal(one.labels_, other.labels_)
    assert other.inertia_ == one.inertia_ * 4.0**power


@settings(max_examples=25, deadline=None)
@given(n=st.integers(9, 400), seed=st.integers(0, 100))
def test_labels_follow_a_permutation_of_the_rows(n: int, seed: int) -> None:
    x = normal(n, 3, seed)
    model = KMeans(5, random_state=0).fit(x)
    order = np.random.default_rng(seed).permutation(n)
    assert np.array_equal(model.predict(x[order]), model.labels_[order])


@settings(max_examples=25, deadline=None)
@given(n=st.integers(9, 200), seed=st.integers(0, 100))
def test_duplicates_land_together(n: int, seed: int) -> None:
    x = normal(n, 3, seed)
    twice = np.concatenate([x, x])
    labels = KMeans(5, random_state=seed).fit_predict(twice)
    assert np.array_equal(labels[:n], labels[n:])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("init", ["k-means++", "random", "ward"])
def test_labels_are_what_predict_gives(init: str, dtype: type) -> None:
    x = make_blobs(2000, 7, centers=9, cluster_std=4, random_state=3)[0].astype(dtype)
    model = KMeans(9, init=init, random_state=0, max_iter=5).fit(x)
    assert np.array_equal(model.predict(x), model.labels_)
    assert model.score(x) == -model.inertia_
    distances = model.transform(x)
    assert distances.dtype == dtype
    assert np.array_equal(distances.argmin(axis=1), model.labels_)


@pytest.mark.parametrize("seed", range(3))
def test_whole_weights_count_as_repeated_rows(seed: int) -> None:
    x = normal(200, 4, seed)
    times = np.random.default_rng(seed).integers(0, 4, 200)
    start = x[times > 0][:5]
    one = KMeans(5, init=start, tol=0).fit(x, sample_weight=times)
    other = KMeans(5, init=start, tol=0).fit(np.repeat(x, times, axis=0))
    np.testing.assert_allclose(one.cluster_centers_, other.cluster_centers_, rtol=1e-9)
    assert one.inertia_ == pytest.approx(other.inertia_, rel=1e-9)


def test_small_weights_are_weights_in_single_precision() -> None:
    x = make_blobs(3000, 2, centers=4, cluster_std=1, random_state=0)[0].astype(np.float32)
    light = [
        KMeans(4, random_state=s).fit(x, sample_weight=np.full(3000, 1e-50)) for s in range(6)
    ]
    plain = [KMeans(4, random_state=s).fit(x, sample_weight=np.ones(3000)) for s in range(6)]
    for one, other in zip(light, plain, strict=True):
        assert one.inertia_ * 1e50 == pytest.approx(other.inertia_, rel=1e-6)


def test_ward_starts_from_wards_clusters() -> None:
    x = normal(300, 4)
    wards = AgglomerativeClustering(5).fit_predict(x)
    means = np.array([x[wards == c].mean(axis=0) for c in range(5)])
    ours = KMeans(5, init="ward", n_init=10).fit(x)
    given = KMeans(5, init=means).fit(x)
    # The same clusters; their numbers are those of our tree's cut.
    assert adjusted_rand_score(given.labels_, ours.labels_) == 1
    assert ours.inertia_ == pytest.approx(given.inertia_)
    # More than 5,000 rows are sampled.
    many = make_blobs(6000, 3, centers=4, cluster_std=0.1, random_state=0)[0]
    model = KMeans(4, init="ward", random_state=1).fit(many)
    assert model.inertia_ == pytest.approx(KMeans(4, n_init=10).fit(many).inertia_)


def test_partial_steps_of_many_machines_make_one_iteration() -> None:
    x = normal(1000, 3)
    start = x[:4]
    parts = [partial(rows, start) for rows in np.array_split(x, 7)]
    sums, counts, inertias = zip(*parts, strict=True)
    model = KMeans(4, init=start, max_iter=1).fit(x)
    centers = np.sum(sums, axis=0) / np.sum(counts, axis=0)[:, None]
    np.testing.assert_allclose(centers, model.cluster_centers_, rtol=1e-12)
    assert np.sum(inertias) == pytest.approx((pairwise_distances(x, start).min(1) ** 2).sum())


def test_it_works_with_scikit_learns_tools() -> None:
    x = load_iris().data
    pipeline = make_pipeline(StandardScaler(), KMeans(random_state=0))
    pipeline.set_output(transform="default")
    search = GridSearchCV(pipeline, {"kmeans__n_clusters": [2, 5]}, cv=3).fit(x)
    assert search.best_params_ == {"kmeans__n_clusters": 5}
    model = clone(KMeans(3, random_state=0)).fit(x)
    assert list(model.get_feature_names_out()) == ["kmeans0", "kmeans1", "kmeans2"]


def test_a_pickle_remembers_its_version(tmp_path: Any, monkeypatch: Any) -> None:
    x = normal(50, 2)
    model = KMeans(3, random_state=0).fit(x)
    path = tmp_path / "model"
    joblib.dump(model, path)
    for copy in (pickle.loads(pickle.dumps(model)), joblib.load(path)):
        assert np.array_equal(copy.predict(x), model.labels_)
    state = pickle.dumps(model)
    monkeypatch.setattr(_core, "__version__", "99.0.0")
    with pytest.warns(
        VersionWarning, match=r"pickled by audioclust 0.1.0 and is read by 99.0.0"
    ):
        pickle.loads(state)


@pytest.mark.parametrize("estimator", [KMeans(2), SOM((2, 2))])
def test_a_pickle_names_the_package_only(estimator: Any) -> None:
    state = pickle.dumps(estimator.fit(normal(9, 2)))
    # Otherwise it could not be read once the modules have moved.
    assert b"audioclust.clustering" not in state
    assert type(pickle.loads(state)) is type(estimator)
    assert type(estimator).__module__ == "audioclust"


def test_arrays_are_read_where_they_are() -> None:
    # The rows have 320 MB, so that a copy of them would show.
    code = """
import numpy as np
from audioclust import KMeans
def peak():
    with open("/proc/self/status") as status:
        return int(next(l for l in status if l.startswith("VmHWM")).split()[1]) * 1024
x = np.random.default_rng(0).random((2_000_000, 40), dtype=np.float32)
KMeans(8, max_iter=2, init="random", n_init=1).fit(x[:10_000])
before = peak()
KMeans(8, max_iter=2, n_init=2).fit(x)
KMeans(8, max_iter=2, n_init=1).fit(x[::2, ::2])
print((peak() - before) / len(x))
"""
    if not sys.platform.startswith("linux"):
        pytest.skip("reads /proc")
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    # Some 12 bytes a row, or up to 21 if threads begin at an unlucky moment. A copy of even the
    # second array would add 40.
    assert float(done.stdout) <= 30


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"n_clusters": 0}, "n_clusters=0: expected an int from 1"),
        ({"n_clusters": 2.5}, "n_clusters=2.5: expected an int"),
        ({"n_clusters": 11}, "n_samples=10 should be >= n_clusters=11"),
        ({"n_clusters": 11, "init": "ward"}, "n_samples=10 should be >= n_clusters=11"),
        ({"n_init": 0}, "n_init=0: expected an int from 1"),
        ({"n_init": "some"}, "n_init='some': expected an int or 'auto'"),
        ({"max_iter": 0}, "max_iter=0: expected an int from 1"),
        ({"tol": -1.0}, "tol=-1.0: expected a finite number, at least 0"),
        ({"init": "far"}, "init='far': expected one of k-means.*, ward, random or centres"),
        ({"init": [1.0]}, "init=.* expected a name or an array of two dimensions"),
        ({"init": [[1.0, 2.0]]}, r"initial centers \(1, 2\) does not .* number of clusters 3"),
        ({"init": [[1.0]] * 3}, r"initial centers \(3, 1\) does not .* features of the data 2"),
        ({"algorithm": "full"}, "algorithm='full': expected one of lloyd, elkan"),
        ({"verbose": -1}, "verbose=-1: expected an int from 0"),
        ({"copy_x": 2}, "copy_x=2: expected True or False"),
        ({"n_jobs": 0}, "n_jobs=0"),
    ],
)
def test_parameters_are_named_with_their_values(parameters: Any, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        KMeans(**{"n_clusters": 3} | parameters).fit(normal(10, 2))


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([1.0], "sample_weight=1 weights: expected one for each of 10 rows"),
        ([-1.0] + [1.0] * 9, r"sample_weight\[0\]=-1: expected a finite number of at least 0"),
        ([np.nan] + [1.0] * 9, r"sample_weight\[0\]=NaN: expected"),
        ([0.0] * 10, "sample_weight=a sum of 0: expected one above zero"),
        ([1e308] * 10, "sample_weight=a sum of inf: expected one above zero, and finite"),
        (["many"] * 10, "sample_weight=.*: expected numbers"),
        ([[1.0]] * 10, r"sample_weight has shape \(10, 1\): expected one dimension"),
    ],
)
def test_weights_are_named_with_their_values(weights: Any, message: str) -> None:
    for init in ("k-means++", "ward"):
        with pytest.raises(ParameterError, match=message):
            KMeans(3, init=init).fit(normal(10, 2), sample_weight=weights)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_values_that_are_not_finite_are_named(bad: float) -> None:
    x = normal(10, 2)
    model = KMeans(3).fit(x)
    x[4, 1] = bad
    message = "row 4, column 1 is (NaN|inf|-inf): expected a finite number"
    for method in (model.fit, model.predict, model.score, KMeans(3, init="ward").fit):
        with pytest.raises(ParameterError, match=message):
            method(x)
    with pytest.raises(ValueError, match="NaN|infinity"):
        model.transform(x)
    x[4, 1] = 1e200
    message = "X=values up to 1e200: expected distances whose"
    for estimator in (model, KMeans(3, init="ward"), SOM((2, 2))):
        with pytest.raises(ParameterError, match=message):
            estimator.fit(x)
    with pytest.raises(ParameterError, match=r"init\[1, 0\]=NaN: expected a finite number"):
        KMeans(2, init=[[0.0, 1.0], [np.nan, 0.0]]).fit(normal(10, 2))


@pytest.mark.parametrize("init", ["k-means++", "random", "ward"])
def test_fewer_different_rows_than_clusters_warn(init: str) -> None:
    x = np.repeat(normal(3, 2), 5, axis=0)
    with pytest.warns(
        ConvergenceWarning, match=r"distinct clusters \(3\) .* than n_clusters \(4\)"
    ):
        model = KMeans(4, init=init, random_state=0).fit(x)
    assert model.inertia_ == pytest.approx(0, abs=1e-20)
