"""How many clusters: found where there are some, and none where there are none."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics
from sklearn.datasets import make_blobs

import audioclust as ac
from audioclust import _core
from audioclust.clustering import metrics as measures
from audioclust.clustering.null_models import Reference, nearest_unimodal


def labelled(n: int, k: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows at random, and labels at random of which each occurs."""
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.concatenate([np.arange(k), rng.integers(0, k, n - k)]))
    return rng.normal(size=(n, 3)) + labels[:, None] * rng.uniform(0, 1), labels.astype(
        np.int32
    )


@settings(max_examples=40, deadline=None)
@given(n=st.integers(12, 90), k=st.integers(2, 9), seed=st.integers(0, 999))
def test_measures_are_scikit_learns(n: int, k: int, seed: int) -> None:
    x, labels = labelled(n, k, seed)
    other = labelled(n, max(2, k - 1), seed + 1)[1]
    ours = measures.calinski_harabasz(x, labels)
    assert ours == pytest.approx(metrics.calinski_harabasz_score(x, labels))
    ours = measures.davies_bouldin(x, labels)
    assert ours == pytest.approx(metrics.davies_bouldin_score(x, labels))
    ours = measures.adjusted_rand(labels, other)
    assert ours == pytest.approx(metrics.adjusted_rand_score(labels, other), abs=1e-12)
    assert measures.adjusted_rand(labels, (labels + 3) % k) == 1
    both = np.stack([labels, other]).astype(np.uint32)
    found = _core.silhouettes(x, both, n_threads=2)
    for i, each in enumerate(both):
        np.testing.assert_allclose(found[i], metrics.silhouette_samples(x, each), atol=1e-12)


def test_measures_of_what_cannot_be_measured_are_scikit_learns_too() -> None:
    x, labels = np.zeros((6, 2)), np.array([0, 0, 1, 1, 2, 2], np.int32)
    theirs = metrics.calinski_harabasz_score(x, labels)
    assert measures.calinski_harabasz(x, labels) == theirs
    assert measures.davies_bouldin(x, labels) == metrics.davies_bouldin_score(x, labels)
    one = np.zeros(5, np.int32)
    assert measures.adjusted_rand(one, one) == metrics.adjusted_rand_score(one, one)


def test_the_silhouettes_bits_depend_on_no_thread_and_ctrl_c_ends_them() -> None:
    x, labels = labelled(700, 5, 0)
    one, more = (
        _core.silhouettes(x, labels[None].astype(np.uint32), n_threads=t) for t in (1, 3)
    )
    assert np.array_equal(one, more)
    if os.name == "nt":
        return
    code = """
import signal, numpy as np
from audioclust import _core
x = np.random.default_rng(0).normal(size=(100_000, 33))
labels = np.zeros((3, len(x)), np.uint32)
signal.alarm(1)
signal.signal(signal.SIGALRM, signal.default_int_handler)
_core.silhouettes(x, labels, n_threads=2)
"""
    started = time.monotonic()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stderr.strip().endswith("KeyboardInterrupt")
    # Left alone it takes minutes.
    assert time.monotonic() - started < 30


def test_the_knee_is_where_the_curve_bends() -> None:
    k = np.arange(2, 10)
    bent = np.array([100.0, 80, 60, 40, 39, 38, 37, 36])
    assert measures.knee(k, bent) == 5
    assert measures.knee(k, np.linspace(9, 2, 8)) is None
    assert measures.knee(k[:2], np.array([2.0, 1.0])) is None
    assert measures.knee(k, np.zeros(8)) is None


def modes(cdf: np.ndarray, values: np.ndarray) -> int:
    """The number of rises of a density that falls again, which a distribution's slopes are."""
    slopes = np.diff(cdf) / np.diff(values)
    turns = np.sign(np.diff(slopes)) * (np.abs(np.diff(slopes)) > 1e-9 * slopes.max())
    turns = turns[turns != 0]
    return 1 + int(np.sum((turns[:-1] < 0) & (turns[1:] > 0)))


@settings(max_examples=40, deadline=None)
@given(n=st.integers(1, 400), seed=st.integers(0, 999), apart=st.floats(0, 9))
def test_the_nearest_unimodal_distribution_has_one_mode(
    n: int, seed: int, apart: float
) -> None:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n) + apart * rng.integers(0, 2, n)
    values, cdf = nearest_unimodal(x)
    assert (values[0], values[-1]) == (x.min(), x.max())
    assert np.all(np.diff(cdf) >= 0)
    if len(values) > 2:
        assert modes(cdf, values) == 1
    # What has one mode hardly changes: the Kolmogorov-Smirnov distance of so many values.
    if apart == 0:
        shares = np.searchsorted(np.sort(x), values, side="right") / n
        assert np.abs(shares - cdf).max() < 2 / np.sqrt(n) + 1 / n


def test_a_reference_keeps_all_but_the_clusters(rng: np.random.Generator) -> None:
    x = np.concatenate([rng.normal(size=(300, 4)) + 8 * side for side in (-1, 1)])
    x = x @ rng.normal(size=(4, 4)) + 100
    null = Reference(x, axes="components").draw(600, rng)
    np.testing.assert_allclose(np.cov(null.T), np.cov(x.T), rtol=1e-9)
    np.testing.assert_allclose(null.mean(axis=0), x.mean(axis=0), rtol=1e-9)
    assert (x @ np.linalg.svd(x - x.mean(axis=0))[2][0]).std() > 5
    own, drawn = (ac.choose_k(rows, [2], n_stability=2).silhouette[0] for rows in (x, null))
    assert own > drawn + 0.15
    columns = Reference(x, axes="columns").draw(600, rng)
    assert np.abs(np.corrcoef(columns.T) - np.eye(4)).max() < 0.25
    reach = 0.1 * np.ptp(x, axis=0)
    assert np.all((columns >= x.min(axis=0) - reach) & (columns <= x.max(axis=0) + reach))


def test_rows_of_many_columns_are_as_far_apart_in_a_reference(rng: np.random.Generator) -> None:
    x = rng.normal(size=(8, 40))
    null = Reference(x, axes="components").draw(8, rng)

    def nearest_and_farthest(rows: np.ndarray) -> float:
        d = np.linalg.norm(rows[:, None] - rows, axis=2)[np.triu_indices(8, 1)]
        return float(d.min() / d.max())

    assert nearest_and_farthest(x) > 0.6
    assert nearest_and_farthest(null) > 0.6


@pytest.mark.parametrize(
    ("k", "d", "spread"), [(2, 10, 3.0), (3, 10, 3.0), (5, 10, 3.0), (8, 10, 2.0), (3, 2, 1.0)]
)
def test_clusters_that_are_there_are_found(k: int, d: int, spread: float) -> None:
    found = []
    for seed in range(5):
        x, _ = make_blobs(240, d, centers=k, cluster_std=spread, random_state=seed)
        selection = ac.choose_k(x, random_state=seed)
        assert selection.plausible, selection
        found.append(selection.best_k)
    # Centres at random may lie on top of each other, which is one cluster less.
    assert found.count(k) >= 3


BLOBS = {
    "gaussian": lambda rng, n, d: rng.normal(size=(n, d)),
    "correlated": lambda rng, n, d: rng.normal(size=(n, d)) @ rng.normal(size=(d, d)),
    "uniform": lambda rng, n, d: rng.uniform(size=(n, d)),
    "heavy tails": lambda rng, n, d: rng.standard_t(3, size=(n, d)),
    "exponential": lambda rng, n, d: rng.exponential(size=(n, d)),
}


@pytest.mark.parametrize("kind", BLOBS)
def test_one_blob_is_no_clusters(kind: str) -> None:
    found = 0
    for seed in range(5):
        for n, d in ((60, 2), (60, 33), (150, 10)):
            x = BLOBS[kind](np.random.default_rng([7, seed]), n, d)
            selection = ac.choose_k(x, random_state=seed, n_stability=2)
            found += selection.best_k > 1
    # One in twenty is what is aimed at, per reference; more than 3 of 15 has a chance of .005.
    assert found <= 3


def test_all_there_is_to_know_of_each_k_is_told() -> None:
    x, truth = make_blobs(200, 5, centers=4, random_state=0)
    selection = ac.choose_k(x, range(2, 8))
    assert selection.k.tolist() == [2, 3, 4, 5, 6, 7]
    assert selection.best_k == selection.knee == 4
    assert 4 in selection.plausible
    at = 2
    middles = np.stack([x[truth == i].mean(axis=0) for i in range(4)])
    assert selection.inertia[at] == pytest.approx(((x - middles[truth]) ** 2).sum())
    theirs = metrics.silhouette_score(x, truth)
    assert selection.silhouette[at] == selection.compared[at] == pytest.approx(theirs)
    theirs = metrics.calinski_harabasz_score(x, truth)
    assert selection.calinski_harabasz[at] == pytest.approx(theirs)
    assert selection.davies_bouldin[at] == pytest.approx(metrics.davies_bouldin_score(x, truth))
    assert selection.stability[at] == pytest.approx(1)
    assert np.all(selection.stability[3:] < 0.99)
    assert np.all(selection.null_high >= selection.null_mean)
    assert np.all(np.diff(selection.inertia) < 0)
    assert not selection.sampled
    assert selection.n_rows == 200
    table = selection.table()
    assert [row["k"] for row in table] == selection.k.tolist()
    assert table[at]["verdict"] == "best, knee"
    assert table[at]["silhouette"] == selection.silhouette[at]
    lines = repr(selection).splitlines()
    assert lines[0].startswith("<KSelection: 200 rows, best_k=4; silhouette 0.")
    assert len(lines) == 8
    assert str(selection) == repr(selection)
    with pytest.raises(AttributeError):
        selection.best_k = 3  # type: ignore[misc]


def same(first: ac.KSelection, second: ac.KSelection) -> bool:
    return repr(first) == repr(second) and all(
        np.array_equal(getattr(first, name), getattr(second, name), equal_nan=True)
        for name in ("inertia", "silhouette", "null_mean", "null_high", "stability")
    )


def test_the_seed_decides_and_threads_do_not(rng: np.random.Generator) -> None:
    x = rng.normal(size=(90, 4))
    first = ac.choose_k(x, random_state=2**64 - 1, n_jobs=1)
    assert same(first, ac.choose_k(x, random_state=2**64 - 1, n_jobs=3))
    assert not same(first, ac.choose_k(x, random_state=4))
    assert not same(ac.choose_k(x, random_state=None), ac.choose_k(x, random_state=None))


def test_the_order_and_unit_of_the_range_are_free() -> None:
    x, _ = make_blobs(100, 3, centers=3, random_state=1)
    one = ac.choose_k(x, iter([5, 3, 2, 3]))
    assert one.k.tolist() == [2, 3, 5]
    assert same(one, ac.choose_k(x, np.array([2, 3, 5])))
    far = ac.choose_k(x * 2.0**40, [2, 3, 5])
    assert np.allclose(one.silhouette, far.silhouette)
    assert one.best_k == far.best_k == 3
    assert ac.choose_k(x.astype(np.float32)).best_k == 3


def test_a_table_is_scaled_and_a_result_has_been(library: list[str]) -> None:
    table = ac.extract(library)
    result = ac.cluster(table, 3, scaling="quantile")
    assert same(ac.choose_k(result), ac.choose_k(table, scaling="quantile"))
    assert not same(ac.choose_k(table), ac.choose_k(table, scaling="quantile"))
    assert same(ac.choose_k(table), ac.choose_k(ac.cluster(table, 2).scaled))
    assert ac.choose_k(table).best_k == 6


@pytest.mark.parametrize(
    "x",
    [
        np.zeros((1, 3)),
        np.array([[0.0, 1.0], [5.0, 1.0]]),
        np.ones((50, 4)),
        np.full((50, 1), 1e300),
    ],
)
def test_too_few_different_rows_are_one_cluster(x: np.ndarray) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        selection = ac.choose_k(x)
    assert selection.best_k == 1
    assert selection.plausible == ()
    assert selection.reason == "too few rows, or too few that differ, to try k=2"
    assert repr(selection).count("\n") == 0
    assert selection.table() == []


def test_the_range_ends_where_the_rows_do(rng: np.random.Generator) -> None:
    assert ac.choose_k(rng.normal(size=(5, 3))).k.tolist() == [2, 3, 4]
    assert ac.choose_k(np.repeat(rng.normal(size=(4, 3)), 9, axis=0)).k.tolist() == [2, 3, 4]
    assert ac.choose_k(rng.normal(size=(3, 3))).k.tolist() == [2]
    constant = np.concatenate([rng.normal(size=(40, 2)), np.full((40, 2), 7.0)], axis=1)
    assert len(ac.choose_k(constant).k) == 14


def test_two_values_are_two_clusters() -> None:
    x = np.repeat([[0.0, 1.0], [5.0, 2.0]], 30, axis=0)
    selection = ac.choose_k(x)
    assert selection.best_k == 2
    assert selection.silhouette.tolist() == [1]


def test_many_rows_are_sampled_and_that_is_said(rng: np.random.Generator) -> None:
    x, _ = make_blobs(12_000, 3, centers=3, cluster_std=0.5, random_state=0)
    selection = ac.choose_k(x, [2, 3, 4], n_stability=2)
    assert selection.sampled
    assert selection.n_rows == 12_000
    assert selection.best_k == 3
    assert "of a seeded sample of 5,000 rows" in repr(selection)
    assert not np.array_equal(selection.silhouette, selection.compared)
    theirs = metrics.silhouette_score(x, _core.kmeans(
        x, n_clusters=3, n_init=3, max_iter=300, tol=1e-4, seed=0, n_threads=2)[0],
        sample_size=5000, random_state=1)  # fmt: skip
    assert selection.silhouette[1] == pytest.approx(theirs, abs=0.01)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"k_range": []}, r"k_range=\[\]: expected at least one number"),
        ({"k_range": range(2, 2)}, r"k_range=range\(2, 2\): expected at least one"),
        ({"k_range": [1, 2]}, "k_range=1: expected an int from 2"),
        ({"k_range": [2.5]}, "k_range=2.5: expected an int from 2"),
        ({"k_range": 5}, "k_range=5: expected an iterable of ints from 2"),
        ({"k_range": "2"}, "k_range='2': expected an iterable"),
        ({"n_init": 0}, "n_init=0: expected an int from 1"),
        ({"n_nulls": 2}, "n_nulls=2: expected an int from 3"),
        ({"n_stability": 1}, "n_stability=1: expected an int from 2"),
        ({"random_state": -1}, "random_state=-1: expected an int"),
        ({"scaling": "robust"}, "scaling='robust': expected one of"),
        ({"n_jobs": 0}, "n_jobs=0: expected an int from 1"),
        ({"data": np.zeros(3)}, r"data has shape \(3,\): expected 2 dimensions"),
        ({"data": np.zeros((0, 3))}, r"data has shape \(0, 3\): expected at least one value"),
        ({"data": np.array([[1.0, np.inf]])}, "row 0, column 1 is inf: expected a finite"),
        ({"data": "demo"}, "data='demo': expected an array of float32 or float64"),
    ],
)
def test_bad_arguments_are_named(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(ac.ParameterError, match=message):
        ac.choose_k(**{"data": np.eye(4), **arguments})  # type: ignore[arg-type]


def test_kicks_and_snares_have_structure_and_two_is_plausible(data: Path) -> None:
    selection = ac.choose_k(ac.extract(str(data / "drums" / "*_*_*.mp3")))
    assert 2 in selection.plausible
    assert selection.best_k in (2, 3)


def test_five_files_are_not_made_more_of_than_they_are(data: Path) -> None:
    selection = ac.choose_k(ac.extract(data / "cough_scream"))
    assert selection.k.tolist() == [2, 3, 4]
    assert selection.best_k == 1
    assert selection.reason.startswith("no clear structure: silhouettes of k=2 to 4")
