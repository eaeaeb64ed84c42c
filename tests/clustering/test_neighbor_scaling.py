"""Neighbour scaling: its formula, and what makes no difference to it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.neighbors import kneighbors_graph

import audioclust as ac
from audioclust.clustering.samples import some_rows
from audioclust.clustering.scaling import CLIP, Scaler


def twin(values: np.ndarray, k: int = 7) -> np.ndarray:
    """The matrix by its formula, with all distances at once. No column may be constant."""
    z = np.clip((values - values.mean(axis=0)) / values.std(axis=0), -CLIP, CLIP)
    n, p = z.shape
    squared = ((z[:, None] - z[None]) ** 2).sum(axis=2)
    np.fill_diagonal(squared, np.inf)
    # What differs by rounding is equally near.
    near = squared <= np.sort(squared, axis=1)[:, [min(k, n - 1) - 1]] * (1 + 1e-9)
    off = [z[i] - z[j] for i, j in zip(*np.nonzero(np.triu(near & near.T)), strict=True)]
    scatter = np.transpose(off) @ np.array(off) / (2 * len(off))
    t = np.trace(scatter) / p
    if t == 0:
        return np.eye(p)
    s = p / (p + n)
    variances, axes = np.linalg.eigh((1 - s) * scatter / t + s * np.eye(p))
    return np.asarray(axes / np.sqrt(variances) @ axes.T)


def fitted(values: np.ndarray, **options: int) -> np.ndarray:
    matrix = Scaler.fit(values, "neighbors", **options).matrix
    assert matrix is not None
    return matrix


@pytest.mark.parametrize(("n", "p"), [(2, 1), (3, 2), (7, 5), (8, 3), (9, 40), (300, 20)])
def test_the_matrix_is_that_of_the_formula(n: int, p: int, rng: np.random.Generator) -> None:
    values = rng.normal(size=(n, p)) * rng.lognormal(0, 3, p) + 100
    values[n // 2 :, 0] += 500
    # Eigenvalues are between s and p, so that rounding errors grow little.
    np.testing.assert_allclose(fitted(values), twin(values), atol=1e-10)
    standard = Scaler.fit(values, "standard").transform(values)
    scaled = Scaler.fit(values, "neighbors").transform(values)
    np.testing.assert_allclose(scaled, standard @ twin(values), atol=1e-9)


@given(seed=st.integers(0, 10**6), n=st.integers(2, 40), p=st.integers(1, 6))
def test_order_place_and_unit_make_no_difference(seed: int, n: int, p: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(n, p))
    matrix = fitted(values)
    # Means and pairs are added in another order, or of other numbers: rounding errors, which
    # the inverse root of eigenvalues from p / (p + n) on makes larger.
    np.testing.assert_allclose(fitted(values[rng.permutation(n)]), matrix, atol=1e-9)
    np.testing.assert_allclose(fitted(values * 8 + 5), matrix, atol=1e-9)
    wider = fitted(np.column_stack([values, np.full(n, 3.0)]))
    np.testing.assert_allclose(wider[:p, :p], matrix, atol=1e-9)
    assert np.array_equal(wider[p], np.eye(p + 1)[p])


def test_equally_near_rows_all_count_in_any_order(rng: np.random.Generator) -> None:
    # On a grid most distances have equals; were only seven taken, the order would choose them.
    grid = np.stack(np.meshgrid(*[np.arange(4.0)] * 3), axis=-1).reshape(-1, 3) * [1, 2, 5]
    grid = np.repeat(grid, rng.integers(1, 3, len(grid)), axis=0)
    matrix = fitted(grid)
    np.testing.assert_allclose(matrix, twin(grid), atol=1e-10)
    for _ in range(5):
        moved = fitted(grid[rng.permutation(len(grid))])
        np.testing.assert_allclose(moved, matrix, atol=1e-10)


@pytest.mark.parametrize(
    "values",
    [
        [[3.0, 1.0]],
        [[3.0, 1.0]] * 20,
        np.repeat([[0.0, 0.0], [1.0, 5.0]], 8, axis=0),
    ],
    ids=["one row", "copies of one row", "copies of two rows"],
)
def test_copies_only_are_scaled_as_standard(values: list[list[float]]) -> None:
    scaler = Scaler.fit(values, "neighbors")
    assert np.array_equal(fitted(np.asarray(values)), np.eye(2))
    standard = Scaler.fit(values, "standard").transform(values)
    assert np.array_equal(scaler.transform(values), standard)


def test_threads_make_no_difference_and_the_sample_is_seeded(
    rng: np.random.Generator,
) -> None:
    values = rng.normal(size=(5600, 6)) ** 3
    matrix = fitted(values, seed=3)
    for n_threads in (2, 4):
        assert np.array_equal(fitted(values, seed=3, n_threads=n_threads), matrix)
    assert not np.array_equal(fitted(values, seed=4), matrix)
    # Moments are of all rows, neighbours of the sample.
    standard = Scaler.fit(values, "standard")
    z = standard.transform(values)[some_rows(5600, 5000, 3)]
    assert z.shape == (5000, 6)
    np.testing.assert_allclose(matrix, _of_standardised(z), atol=1e-9)


def _of_standardised(z: np.ndarray) -> np.ndarray:
    """The formula for rows that are standardised, with scikit-learn's neighbours."""
    near = kneighbors_graph(z, 7)
    i, j = near.multiply(near.T).nonzero()
    off = z[i] - z[j]
    n, p = z.shape
    scatter = off.T @ off
    s = p / (p + n)
    mixed = (1 - s) * scatter * p / np.trace(scatter) + s * np.eye(p)
    variances, axes = np.linalg.eigh(mixed)
    return np.asarray(axes / np.sqrt(variances) @ axes.T)


def test_copies_stay_copies_wherever_they_lie(rng: np.random.Generator) -> None:
    values = rng.normal(size=(203, 17))
    values[rng.permutation(203)[:60]] = values[0]
    scaler = Scaler.fit(values, "neighbors")
    scaled = scaler.transform(values)
    assert len(np.unique(scaled, axis=0)) == len(np.unique(values, axis=0))
    assert np.array_equal(scaler.transform(values[5:6]), scaled[5:6])


def test_it_is_a_scaling_of_clusters_and_of_choosing_k(library: list[str]) -> None:
    table = ac.extract(library)
    result = ac.cluster(table, 6, scaling="neighbors")
    assert "neighbors scaling" in repr(result)
    assert np.array_equal(result.predict(table), result.labels)
    assert result.centers_original is not None
    for label in range(6):
        # Values that were clipped stay so, and the mean of the others is that of the files.
        own = table.values[result.labels == label]
        spread = table.values.std(axis=0)
        assert np.all(result.centers_original[label] <= own.max(axis=0) + 1e-3 * spread)
    assert ac.choose_k(table, [4, 6], scaling="neighbors", n_jobs=1).k.tolist() == [4, 6]
