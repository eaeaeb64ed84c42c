"""Measures of a clustering: scikit-learn's numbers, without scikit-learn."""

from __future__ import annotations

import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics
from sklearn.datasets import make_blobs
from support.command import interrupted

from audioclust import _core
from audioclust.clustering import metrics as measures


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


def test_undefined_measures_are_scikit_learns_too() -> None:
    x, labels = np.zeros((6, 2)), np.array([0, 0, 1, 1, 2, 2], np.int32)
    theirs = metrics.calinski_harabasz_score(x, labels)
    assert measures.calinski_harabasz(x, labels) == theirs
    assert measures.davies_bouldin(x, labels) == metrics.davies_bouldin_score(x, labels)
    one = np.zeros(5, np.int32)
    assert measures.adjusted_rand(one, one) == metrics.adjusted_rand_score(one, one)


def test_silhouettes_do_not_depend_on_threads_and_ctrl_c_ends_them() -> None:
    x, labels = labelled(700, 5, 0)
    one, more = (
        _core.silhouettes(x, labels[None].astype(np.uint32), n_threads=t) for t in (1, 3)
    )
    assert np.array_equal(one, more)
    if os.name == "nt":
        return
    code = """
import numpy as np
from audioclust import _core
x = np.random.default_rng(0).normal(size=(100_000, 33))
labels = np.zeros((30, len(x)), np.uint32)
interrupt_when_at_work()
_core.silhouettes(x, labels, n_threads=2)
"""
    assert interrupted(code) == "KeyboardInterrupt"


def test_the_knee_is_where_the_curve_bends() -> None:
    k = np.arange(2, 10)
    bent = np.array([100.0, 80, 60, 40, 39, 38, 37, 36])
    assert measures.knee(k, bent) == 5
    assert measures.knee(k, np.linspace(9, 2, 8)) is None
    assert measures.knee(k[:2], np.array([2.0, 1.0])) is None
    assert measures.knee(k, np.zeros(8)) is None


def check_agreement(classes: np.ndarray, labels: np.ndarray) -> None:
    ours = measures.homogeneity_completeness_v_measure(classes, labels)
    theirs = metrics.homogeneity_completeness_v_measure(classes, labels)
    assert ours == pytest.approx(theirs, abs=1e-12)
    assert all(0 <= value <= 1 for value in ours)
    rand = measures.adjusted_rand(classes, labels)
    assert rand == pytest.approx(metrics.adjusted_rand_score(classes, labels), abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(n=st.integers(1, 80), k=st.integers(1, 9), seed=st.integers(0, 999))
def test_agreement_is_scikit_learns_and_ignores_names(n: int, k: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    classes, labels = rng.integers(0, k, (2, n))
    check_agreement(classes, labels)
    named = rng.permutation(k)[labels]
    for measure in (measures.homogeneity_completeness_v_measure, measures.adjusted_rand):
        assert measure(classes, named) == pytest.approx(measure(classes, labels), abs=1e-12)
    assert measures.homogeneity_completeness_v_measure(labels, named) == (1, 1, 1)
    assert measures.adjusted_rand(labels, named) == 1


@pytest.mark.parametrize("n", [1, 2, 50])
def test_agreement_of_one_cluster_and_of_singletons_is_scikit_learns(n: int) -> None:
    one, each = np.zeros(n, np.int32), np.arange(n)
    for classes in (one, each, each // 2):
        for labels in (one, each, each % 3):
            check_agreement(classes, labels)


def test_agreement_of_many_labels_needs_no_table_of_all_pairs() -> None:
    # A full table would have 10 GB.
    many = np.arange(36_000)
    assert measures.adjusted_rand(many, many[::-1]) == 1
    assert measures.homogeneity_completeness_v_measure(many, many[::-1]) == (1, 1, 1)


@settings(max_examples=30, deadline=None)
@given(n=st.integers(2, 60), k=st.integers(1, 60), seed=st.integers(0, 999))
def test_the_silhouette_is_scikit_learns_where_it_is_defined(n: int, k: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows, labels = rng.normal(size=(n, 3)), rng.integers(0, k, n) * 7
    ours = measures.silhouette(rows, labels)
    if 1 < len(np.unique(labels)) < n:
        assert ours == pytest.approx(metrics.silhouette_score(rows, labels), abs=1e-12)
    else:
        assert np.isnan(ours)
    assert np.array_equal(ours, measures.silhouette(rows, labels, 3), equal_nan=True)


def test_the_silhouette_of_many_rows_is_that_of_a_seeded_sample() -> None:
    rows, labels = make_blobs(6000, 3, centers=3, random_state=0)
    sample = np.random.default_rng(0).choice(6000, 5000, replace=False)
    expected = metrics.silhouette_score(rows[sample], labels[sample])
    assert measures.silhouette(rows, labels) == pytest.approx(expected, abs=1e-12)
    # A sample may have one label though the rows have two.
    alone = np.zeros(20_001, np.int32)
    alone[-1] = 1
    assert np.isnan(measures.silhouette(np.zeros((20_001, 1)), alone))


@pytest.mark.parametrize("width", [1, 2, 9, 150])
def test_distances_in_blocks_are_those_of_all_rows_at_once(
    width: int, rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, centers = rng.normal(size=(101, width)), rng.normal(size=(4, width))
    labels = rng.integers(0, 4, 101).astype(np.int32)
    whole = np.linalg.norm(rows - centers[labels], axis=1)
    for block in (1, 7, 100, 101):
        monkeypatch.setattr(measures, "_BLOCK_ROWS", block)
        assert np.array_equal(measures.distances_to(centers, rows, labels), whole)
