"""t-SNE: the quality of scikit-learn's, equal bits for any number of threads, and new rows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from sklearn.datasets import load_digits
from sklearn.manifold import TSNE, trustworthiness
from sklearn.neighbors import NearestNeighbors
from support.labelled import SETS
from threadpoolctl import threadpool_limits

import audioclust as ac
from audioclust.clustering.layouts.tsne import TsneFit, place, tsne

Labelled = tuple[np.ndarray, np.ndarray]


@pytest.fixture(scope="module")
def labelled() -> Callable[[str, Path], Labelled]:
    known: dict[str, Labelled] = {}

    def give(name: str, data: Path) -> Labelled:
        """Give scaled features of recordings and their classes."""
        if name not in known:
            pattern, label = SETS[name]
            paths = sorted(data.glob(pattern))
            rows = ac.cluster(paths, 2, n_jobs=1).scaled
            known[name] = rows, np.array([label(path) for path in paths])
        return known[name]

    return give


@pytest.fixture(scope="module")
def written_digits() -> Labelled:
    rows, labels = load_digits(return_X_y=True)
    return rows[:600], labels[:600]


def agreeing(points: np.ndarray, labels: np.ndarray) -> float:
    """Give the share of the five nearest points that have a point's own label."""
    nearest = NearestNeighbors(n_neighbors=5).fit(points).kneighbors()[1]
    return float(np.mean(labels[nearest] == labels[:, None]))


def check_quality(rows: np.ndarray, labels: np.ndarray) -> None:
    """Compare a layout with scikit-learn's.

    Trustworthiness may differ by 0.005, the labels of 5 neighbours by that and two standard
    errors of the difference of two such shares of so few rows.
    """
    ours = tsne(rows).points
    with threadpool_limits(1):
        theirs = TSNE(random_state=0).fit_transform(np.asarray(rows, np.float64))
    assert trustworthiness(rows, ours) >= trustworthiness(rows, theirs) - 0.005
    error = np.sqrt(2 * 0.25 / (5 * len(rows)))
    assert agreeing(ours, labels) >= agreeing(theirs, labels) - 0.005 - 2 * error


def test_written_digits_lie_as_well_as_scikit_learns(written_digits: Labelled) -> None:
    check_quality(*written_digits)


@pytest.mark.parametrize("name", ["digits", "drums"])
def test_sounds_lie_as_well_as_scikit_learns(
    name: str, data: Path, labelled: Callable[[str, Path], Labelled]
) -> None:
    check_quality(*labelled(name, data))


def test_bits_are_equal_for_any_number_of_threads(written_digits: Labelled) -> None:
    rows, _ = written_digits
    alone = tsne(rows, max_iter=300)
    # More than 1024 rows, so that several threads are used.
    more = np.vstack([rows, rows + 0.5, rows - 0.5])
    many = tsne(more, max_iter=30)
    for n_threads in (2, 3, 8):
        assert tsne(rows, max_iter=300, n_threads=n_threads) == alone
        assert tsne(more, max_iter=30, n_threads=n_threads) == many
    new = rows[:300] + 0.25
    placed = place(more, many.points, np.vstack([new] * 5))
    assert np.array_equal(place(more, many.points, np.vstack([new] * 5), n_threads=3), placed)
    assert np.array_equal(placed[:300], placed[300:600])


def test_single_precision_and_strides_make_no_difference() -> None:
    # Whole numbers are exact in both precisions.
    rows = np.random.default_rng(0).integers(-9, 9, (60, 5)).astype(np.float64)
    found = tsne(rows)
    assert tsne(rows.astype(np.float32)) == found
    assert tsne(np.asfortranarray(rows)) == found


def twin(rows: np.ndarray, start: np.ndarray, perplexity: float) -> np.ndarray:
    """Give the points after one step, by the formulas of the paper and all pairs."""
    n = len(rows)
    squared = ((rows[:, None] - rows[None]) ** 2).sum(axis=2)
    p = np.zeros((n, n))
    for i in range(n):
        others = np.delete(np.arange(n), i)
        nearest = others[np.argsort(squared[i, others])][: int(3 * perplexity)]
        low, high = -60.0, 60.0
        for _ in range(200):
            beta = np.exp((low + high) / 2)
            p[i] = 0
            p[i, nearest] = np.exp(-beta * (squared[i, nearest] - squared[i, nearest].min()))
            p[i] /= p[i].sum()
            entropy = -(p[i, nearest] * np.log(p[i, nearest] + 1e-300)).sum()
            low, high = ((low + high) / 2, high) if entropy > np.log(perplexity) else (
                low, (low + high) / 2,
            )  # fmt: skip
    joint = (p + p.T) / (2 * n)
    off = start[:, None] - start[None]
    near = 1 / (1 + (off**2).sum(axis=2))
    np.fill_diagonal(near, 0)
    force = (12 * joint - near / near.sum()) * near
    gradient = 4 * (force[:, :, None] * off).sum(axis=1)
    # The first step is one down the gradient: there is no speed yet, and gains grow by 0.2.
    return np.asarray(start - 1.2 * gradient)


def test_at_theta_0_a_step_is_that_of_the_formulas() -> None:
    rng = np.random.default_rng(0)
    rows, start = rng.normal(size=(80, 6)), rng.normal(size=(80, 2))
    expected = twin(rows, start, 10.0)
    found = tsne(rows, perplexity=10.0, theta=0.0, max_iter=1, learning_rate=1.0, init=start)
    # Distances between points do not depend on how the layout is turned.
    apart = np.linalg.norm(expected[:, None] - expected[None], axis=2)
    found_apart = np.linalg.norm(found.points[:, None] - found.points[None], axis=2)
    # Single precision of points up to 3, which the step moves by up to a half.
    assert np.abs(found_apart - apart).max() < 1e-5


@settings(max_examples=40, deadline=None)
@given(
    rows=arrays(
        np.float64,
        array_shapes(min_dims=2, max_dims=2, max_side=20),
        # Copies and columns without variance are frequent.
        elements=st.integers(-2, 2),
    ),
    perplexity=st.sampled_from([1.0, 2.0, 30.0]),
)
def test_any_rows_have_finite_points_in_position(rows: np.ndarray, perplexity: float) -> None:
    found = tsne(rows, perplexity=perplexity, max_iter=300)
    points = found.points
    assert points.shape == (len(rows), 2)
    assert np.isfinite(points).all()
    assert found.kl_divergence >= 0
    size = np.abs(points).max()
    assert np.abs(points.mean(axis=0)).max() <= 1e-9 * size
    spread = points.T @ points
    assert abs(spread[0, 1]) <= 1e-9 * spread.trace()
    assert spread[0, 0] >= spread[1, 1] * (1 - 1e-9)


def test_one_row_lies_in_the_middle() -> None:
    expected = TsneFit(np.zeros((1, 2)), 0.0, 0)
    assert tsne(np.array([[3.0, 4.0]])) == expected


@pytest.mark.parametrize("n", [3, 4, 5, 6])
def test_few_rows_are_no_line(n: int) -> None:
    # With less than two neighbours each, all are lines. With two, some are: those of a chain.
    found = [tsne(np.random.default_rng(seed).normal(size=(n, 6))).points for seed in range(20)]
    first, second = np.transpose([np.linalg.svd(one)[1] for one in found])
    assert np.mean(second > 0.02 * first) > 0.8
    told = tsne(np.random.default_rng(0).normal(size=(n, 6)), perplexity=2.0)
    assert np.array_equal(told.points, found[0])


def test_copies_lie_together() -> None:
    rng = np.random.default_rng(0)
    rows = np.repeat(rng.normal(size=(30, 8)), 5, axis=0)
    points = tsne(rows, perplexity=10.0).points
    nearest = NearestNeighbors(n_neighbors=4).fit(points).kneighbors()[1]
    assert np.mean(nearest // 5 == np.arange(150)[:, None] // 5) > 0.99


def test_the_seed_counts_only_without_a_start() -> None:
    rows = np.random.default_rng(0).normal(size=(40, 4))
    assert tsne(rows, random_state=1) == tsne(rows, random_state=1)
    assert tsne(rows, random_state=1) != tsne(rows, random_state=2)
    start = rows[:, :2]
    assert tsne(rows, random_state=1, init=start) == tsne(rows, random_state=2, init=start)


def test_an_outlier_does_not_blur_the_others() -> None:
    rng = np.random.default_rng(0)
    labels = np.arange(100) % 2
    rows = rng.normal(size=(100, 5)) + 20 * labels[:, None]
    rows[0] = 1e12
    points = tsne(rows, perplexity=10.0).points
    assert agreeing(points[1:], labels[1:]) == 1.0


def test_a_copy_is_placed_beside_the_row_that_it_copies(written_digits: Labelled) -> None:
    rows, _ = written_digits
    points = tsne(rows).points
    placed = place(rows, points, rows)
    # The median distance between neighbours in the layout is the measure of what is near.
    between = np.median(NearestNeighbors(n_neighbors=1).fit(points).kneighbors()[0])
    assert np.median(np.linalg.norm(placed - points, axis=1)) < 3 * between


def test_new_rows_are_placed_among_their_like(written_digits: Labelled) -> None:
    rows, labels = written_digits
    old, new = slice(0, 450), slice(450, None)
    points = tsne(rows[old]).points
    placed = place(rows[old], points, rows[new])
    in_plane = NearestNeighbors(n_neighbors=5).fit(points).kneighbors(placed)[1]
    in_columns = NearestNeighbors(n_neighbors=5).fit(rows[old]).kneighbors(rows[new])[1]
    own = labels[new, None]
    # 150 rows of 5 neighbours each: two standard errors of a share near 0.95 are 0.016.
    assert np.mean(labels[in_plane] == own) > np.mean(labels[in_columns] == own) - 0.03


def test_placing_takes_one_old_row_and_no_new_ones() -> None:
    rows, points = np.array([[1.0, 2.0]]), np.array([[7.0, 8.0]])
    assert place(rows, points, rows + 5).tolist() == [[7.0, 8.0]]
    assert place(rows, points, rows[:0]).shape == (0, 2)


def test_what_cannot_be_used_is_refused() -> None:
    rows = np.random.default_rng(0).normal(size=(9, 3))
    for name, value in [
        ("perplexity", 0.5),
        ("early_exaggeration", -1),
        ("learning_rate", "fast"),
        ("learning_rate", 0),
        ("theta", -0.5),
        ("max_iter", 0),
        ("random_state", -1),
        ("random_state", None),
    ]:
        with pytest.raises(ac.ParameterError, match=f"{name}={value!r}: expected"):
            tsne(rows, **{name: value})  # type: ignore[arg-type]
    with pytest.raises(ac.ParameterError, match=r"init=an array of shape \(3, 2\)"):
        tsne(rows, init=np.zeros((3, 2)))
    with pytest.raises(ac.ParameterError, match=r"number above 0, or 'auto'$"):
        tsne(rows, learning_rate="fast")  # type: ignore[arg-type]
    with pytest.raises(ac.ParameterError, match=r"init=1e300: .*single precision"):
        tsne(rows, init=np.full((9, 2), 1e300))
    with pytest.raises(ac.ParameterError, match=r"init=equal points: .*more than one place"):
        tsne(rows, init=np.zeros((9, 2)))
    with pytest.raises(ac.ParameterError, match=r"perplexity=0.5: expected"):
        place(rows, rows[:, :2], rows, perplexity=0.5)
    with pytest.raises(ac.ParameterError, match="row 1, column 0 is NaN"):
        tsne(np.array([[0.0], [np.nan]]))
    with pytest.raises(ac.ParameterError, match="new_rows=2 columns: expected 3"):
        place(rows, np.zeros((9, 2)), rows[:, :2])
    with pytest.raises(ac.ParameterError, match="points=an array of shape"):
        place(rows, np.zeros((8, 2)), rows)
