"""choose_k(): the number of clusters where there are some, and 1 where there are none."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse.csgraph import connected_components
from sklearn import metrics
from sklearn.datasets import make_blobs
from support.blobs import BLOBS

import audioclust as ac
from audioclust.clustering.grouping import rescaling_of
from audioclust.clustering.selection.choosing_k import select_k
from audioclust.clustering.selection.measuring import Rescaling
from audioclust.clustering.selection.settings import SelectionSettings, numbers_for


@pytest.mark.parametrize(
    ("k", "d", "spread"), [(2, 10, 3.0), (3, 10, 3.0), (5, 10, 3.0), (8, 10, 2.0), (3, 2, 1.0)]
)
def test_clusters_that_are_there_are_found(k: int, d: int, spread: float) -> None:
    found = []
    for seed in range(5):
        x, _ = make_blobs(240, d, centers=k, cluster_std=spread, random_state=seed)
        selection = ac.choose_k(x, random_state=seed)
        found.append(selection.best_k)
    # Two random centres may lie so near to each other that there is one cluster less.
    assert found.count(k) >= 3


def test_as_many_clusters_are_found_as_an_independent_count_says(
    rng: np.random.Generator,
) -> None:
    for k in (2, 4, 7, 12):
        centers = 12 * rng.normal(size=(k, 8))
        x = np.repeat(centers, 15, axis=0) + rng.normal(size=(15 * k, 8))
        # Nearer than 9 standard deviations is one group: no two of one group are as far apart.
        near = metrics.pairwise_distances(x) < 9
        assert connected_components(near)[0] == k
        selection = ac.choose_k(x)
        assert selection.best_k == k
        assert selection.structure == "clear"


@pytest.mark.parametrize("kind", BLOBS)
def test_one_blob_is_no_clusters(kind: str) -> None:
    found = 0
    for seed in range(5):
        for n, d in ((60, 2), (60, 33), (150, 10)):
            x = BLOBS[kind](np.random.default_rng([7, seed]), n, d)
            selection = ac.choose_k(x, random_state=seed, n_stability=2)
            found += selection.best_k > 1
            assert (selection.structure == "clear") == (selection.best_k > 1)
    # At most one in twenty is allowed; more than 3 of 15 then have a chance of .005.
    assert found <= 3


@pytest.mark.parametrize(("n", "d"), [(20, 2), (20, 3), (30, 2), (30, 3), (40, 2), (59, 2)])
def test_few_rows_in_two_groups_far_apart_are_two(n: int, d: int) -> None:
    found = []
    for seed in range(5):
        x = np.random.default_rng([6, seed, n, d]).normal(size=(n, d))
        x[: n // 2] += 8
        scaled = ac.Scaler.fit(x, "standard").transform(x)
        found.append(ac.choose_k(scaled, n_stability=2).best_k)
    # All of 240 sets of 20 to 59 rows and 2 to 10 columns were found when this was written, and
    # 199 of them without the rule for few rows.
    assert found.count(2) >= 4


def test_few_rows_without_groups_are_one() -> None:
    found = 0
    for seed in range(8):
        for kind in sorted(BLOBS):
            rng = np.random.default_rng([5, seed])
            n, d = int(rng.integers(20, 60)), int(rng.integers(1, 11))
            x = BLOBS[kind](rng, n, d)
            found += ac.choose_k(x, n_stability=2).structure == "clear"
    # At most one in twenty is allowed; more than 5 of 40 then have a chance of .014.
    assert found <= 5


def test_neighbour_scaling_makes_no_structure() -> None:
    found = found_unscaled = 0
    paths = [f"{i}.wav" for i in range(70)]
    for seed in range(2):
        for kind in sorted(BLOBS):
            rng = np.random.default_rng([8, seed])
            # Unequal spread in all directions, as real rows have it.
            x = BLOBS[kind](rng, 70, 50) * np.arange(1, 51) ** -0.7
            x = x @ np.linalg.qr(rng.normal(size=(50, 50)))[0]
            table = ac.FeatureTable.from_array(x, paths, "x")
            scaled = ac.Scaler.fit(table.values, "neighbors").transform(table.values)
            own = ac.choose_k(table, range(2, 6), scaling="neighbors", n_nulls=10)
            found += own.structure == "clear"
            other = ac.choose_k(scaled, range(2, 6), n_nulls=10)
            found_unscaled += other.structure == "clear"
    assert found <= 2  # More than 2 of 10 have a chance of .01 if one in twenty is found.
    # Nulls that are not scaled likewise would find structure that the scaling has made.
    assert found_unscaled > found


def test_a_scaling_that_widens_gaps_makes_no_structure() -> None:
    found = found_unscaled = 0
    for seed in range(10):
        rng = np.random.default_rng([8, seed])
        # Unequal spread in all directions, as real rows have it.
        x = rng.normal(size=(100, 30)) * np.arange(1, 31) ** -0.7
        x = x @ np.linalg.qr(rng.normal(size=(30, 30)))[0]
        settings = SelectionSettings(seed, 1, n_stability=2)
        rescaled = Rescaling(x.__getitem__, stretched)
        found += select_k(stretched(x), settings, rescaled).structure == "clear"
        found_unscaled += select_k(stretched(x), settings).structure == "clear"
    assert found <= 2  # More than 2 of 10 have a chance of .01 if one in twenty is found.
    # Nulls that are not scaled likewise would find structure that the scaling has made.
    assert found_unscaled > found


def stretched(rows: np.ndarray) -> np.ndarray:
    """Rows with the gap in the middle of their first component made wider."""
    centred = rows - rows.mean(axis=0)
    axis = np.linalg.svd(centred, full_matrices=False)[2][0]
    along = centred @ axis
    return np.asarray(centred + np.outer(4 * np.sign(along) * np.abs(along).max(), axis))


def test_the_order_of_rows_and_columns_hardly_matters(rng: np.random.Generator) -> None:
    x, _ = make_blobs(150, 6, centers=4, cluster_std=2.0, random_state=3)
    first = ac.choose_k(x)
    turned = ac.choose_k(x[rng.permutation(150)][:, rng.permutation(6)])
    # Nulls and subsamples are drawn by place, and so differ. What is measured of the rows is
    # the same, and what is found is clear enough not to hang on the nulls.
    assert first.best_k == turned.best_k == 4
    np.testing.assert_allclose(first.silhouette, turned.silhouette, rtol=1e-9)
    np.testing.assert_allclose(first.inertia, turned.inertia, rtol=1e-9)


def test_at_most_three_numbers_are_plausible_and_the_best_comes_first() -> None:
    n_clear = 0
    for seed in range(4):
        x, _ = make_blobs(120, 5, centers=5, cluster_std=3.0, random_state=seed)
        selection = ac.choose_k(x, random_state=seed)
        assert len(set(selection.plausible)) == len(selection.plausible) <= 3
        if selection.structure == "clear":
            n_clear += 1
            assert selection.plausible[0] == selection.best_k
            assert selection.choice().startswith(
                f"k={selection.best_k} was chosen: silhouettes"
            )
        else:
            assert selection.plausible == ()
    assert n_clear >= 2


@pytest.mark.parametrize(
    ("n", "last"), [(30, 15), (56, 15), (64, 16), (100, 20), (400, 40), (625, 50), (3000, 50)]
)
def test_the_more_rows_the_larger_numbers_are_tried(n: int, last: int) -> None:
    assert tuple(numbers_for(n)) == tuple(range(2, last + 1))
    assert SelectionSettings(0, 1).numbers(n) == tuple(range(2, last + 1))
    assert SelectionSettings(0, 1, (3, 90)).numbers(n) == (3, 90)


def test_the_seed_decides_and_threads_do_not(rng: np.random.Generator) -> None:
    x = rng.normal(size=(90, 4))
    first = ac.choose_k(x, random_state=2**64 - 1, n_jobs=1)
    assert first == ac.choose_k(x, random_state=2**64 - 1, n_jobs=3)
    assert first != ac.choose_k(x, random_state=4)
    assert ac.choose_k(x, random_state=None) != ac.choose_k(x, random_state=None)


def test_the_order_of_the_range_and_the_unit_of_rows_do_not_matter() -> None:
    x, _ = make_blobs(100, 3, centers=3, random_state=1)
    one = ac.choose_k(x, iter([5, 3, 2, 3]))
    assert one.k.tolist() == [2, 3, 5]
    assert one == ac.choose_k(x, np.array([2, 3, 5]))
    far = ac.choose_k(x * 2.0**40, [2, 3, 5])
    assert np.allclose(one.silhouette, far.silhouette)
    assert one.best_k == far.best_k == 3
    assert ac.choose_k(x.astype(np.float32)).best_k == 3


def test_a_table_is_scaled_and_a_results_rows_are_taken_as_scaled(library: list[str]) -> None:
    table = ac.extract(library)
    result = ac.cluster(table, 3, scaling="quantile")
    assert ac.choose_k(result) == ac.choose_k(table, scaling="quantile")
    assert ac.choose_k(table) != ac.choose_k(table, scaling="quantile")
    assert ac.choose_k(table) == ac.choose_k(ac.cluster(table, 2))
    standard = ac.cluster(table, 2, scaling="standard").scaled
    assert ac.choose_k(table, scaling="standard") == ac.choose_k(standard)
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
    assert selection.structure == "too few"
    assert selection.reason == "too few rows, or too few that differ, to try k=2"
    assert repr(selection).count("\n") == 0
    assert selection.table() == []


def test_no_k_is_tried_that_has_too_few_rows(rng: np.random.Generator) -> None:
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


def test_many_rows_are_sampled_and_the_repr_says_so(rng: np.random.Generator) -> None:
    x, truth = make_blobs(12_000, 3, centers=3, cluster_std=0.5, random_state=0)
    selection = ac.choose_k(x, [2, 3, 4], n_stability=2)
    assert selection.sampled
    assert selection.n_rows == 12_000
    assert selection.best_k == 3
    assert "of a seeded sample of 5,000 rows" in repr(selection)
    assert not np.array_equal(selection.silhouette, selection.compared)
    # Two samples of thousands of rows differ in their mean silhouette by less than .01.
    theirs = metrics.silhouette_score(x, truth, sample_size=5000, random_state=1)
    assert selection.silhouette[1] == pytest.approx(theirs, abs=0.01)
    assert selection.compared[1] == pytest.approx(theirs, abs=0.03)
    assert f"silhouette {selection.compared[1]:.2f}" in selection.reason


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"k_range": []}, r"k_range=\[\]: expected at least one number"),
        ({"k_range": range(2, 2)}, r"k_range=range\(2, 2\): expected at least one"),
        ({"k_range": [1, 2]}, "k_range=1: expected an int from 2"),
        ({"k_range": [2.5]}, "k_range=2.5: expected an int from 2"),
        ({"k_range": 5}, "k_range=5: expected an iterable of ints from 2"),
        ({"k_range": "2"}, "k_range='2': expected an iterable"),
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
def test_invalid_arguments_are_named(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(ac.ParameterError, match=message):
        ac.choose_k(**{"data": np.eye(4), **arguments})  # type: ignore[arg-type]


def test_kicks_and_snares_are_two(data: Path) -> None:
    selection = ac.cluster(str(data / "drums" / "*_*_*.mp3")).selection
    assert selection is not None
    assert selection.structure == "clear"
    assert selection.best_k == 2


def test_five_files_are_too_few_to_tell(data: Path) -> None:
    selection = ac.choose_k(ac.extract(data / "cough_scream"))
    assert selection.k.tolist() == [2, 3, 4]
    assert selection.structure == "too few"
    assert selection.best_k == 2
    assert selection.reason == "too few to tell: 2 looks likeliest"


def test_few_rows_are_never_claimed_to_have_groups(rng: np.random.Generator) -> None:
    x = np.repeat(100.0 * np.eye(2), [10, 9], axis=0) + rng.normal(size=(19, 2))
    selection = ac.choose_k(x)
    assert (selection.structure, selection.best_k) == ("too few", 2)
    assert ac.choose_k(np.concatenate([x, x[:1] + 1])).structure == "clear"


def test_a_k_that_is_too_large_to_be_compared_hides_no_other(rng: np.random.Generator) -> None:
    rows = rng.normal(size=(1100, 2)) + np.repeat([[0.0], [20.0]], 550, axis=0)
    found = ac.choose_k(rows, (2, 3, 1000), n_nulls=5, n_stability=3)
    assert found.best_k == 2
    assert found.k.tolist() == [2, 3]


def test_nulls_are_scaled_as_rows_are_by_neighbours(rng: np.random.Generator) -> None:
    rows = rng.normal(size=(80, 6)) @ rng.normal(size=(6, 6))
    scaler = ac.Scaler.fit(rows, "neighbors")
    rescaling = rescaling_of(rows, scaler)
    assert rescaling is not None
    np.testing.assert_allclose(rescaling.rescale(rows), scaler.transform(rows), rtol=1e-9)
    standard = ac.Scaler.fit(rows, "standard")
    few = np.array([3, 4, 70])
    np.testing.assert_array_equal(rescaling.before(few), standard.transform(rows)[few])
    assert rescaling_of(rows, standard) is None


def test_a_result_that_neighbours_scaled_has_nulls_of_its_own(library: list[str]) -> None:
    table = ac.extract(library)
    result = ac.cluster(table, 3, scaling="neighbors")
    found = ac.choose_k(result)
    assert found == ac.choose_k(table, scaling="neighbors")
    # The same rows as an array have nulls that nothing has scaled.
    assert not np.array_equal(found.null_mean, ac.choose_k(result.scaled).null_mean)
