"""k-means over parts gives the bits of k-means over all rows, and those of the definition."""

from __future__ import annotations

import math
import pickle
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import KMeans

from audioclust.clustering.kmeans import KMeansSettings, fit_kmeans
from audioclust.clustering.parted.lloyd import Frame, PartedFit, fit_in_parts
from audioclust.clustering.parted.parts import InMemory
from audioclust.errors import ParameterError

if TYPE_CHECKING:
    from numpy.typing import NDArray

KINDS = ("spread", "ties", "outlier", "far", "few", "tiny", "huge outlier")


def rows_of(kind: str, n: int, d: int, dtype: str, seed: int) -> NDArray[Any]:
    rng = np.random.default_rng(seed)
    rows = rng.standard_normal((n, d))
    if kind == "ties":
        rows = rng.integers(-2, 3, (n, d)).astype(np.float64)
    if kind == "outlier":
        rows[rng.integers(n)] = 1e12
    if kind == "huge outlier":
        rows[rng.integers(n)] = 10.0 ** rng.integers(15, 140 if dtype == "float64" else 18)
    if kind == "tiny":
        # Squares of these have few digits in single precision, or none.
        rows *= 10.0 ** rng.integers(-22, -15)
    if kind == "far":
        rows = rows * 1e-3 + 1e4
    if kind == "few":
        rows = rows[rng.integers(0, max(n // 10, 1), n)]
    return rows.astype(dtype)


def same(parts: list[NDArray[Any]], start: NDArray[Any], **options: Any) -> PartedFit:
    """Check that parts and all rows at once have the same bits."""
    found = fit_in_parts(InMemory(parts), start, **options)
    rows = np.concatenate(parts)
    whole = fit_kmeans(rows, KMeansSettings(len(start), init=start, **options))
    np.testing.assert_array_equal(found.centers, whole.centers)
    assert found.centers.dtype == rows.dtype
    assert found.inertia == whole.inertia
    assert found.n_iter == whole.n_iter
    assert [len(labels) for labels in found.labels] == [len(part) for part in parts]
    np.testing.assert_array_equal(np.concatenate(found.labels), whole.labels)
    return found


@settings(max_examples=300, deadline=None)
@given(
    kind=st.sampled_from(KINDS),
    n=st.integers(1, 400),
    d=st.integers(1, 20),
    k=st.integers(1, 40),
    dtype=st.sampled_from(["float32", "float64"]),
    tol=st.sampled_from([0.0, 1e-4]),
    max_iter=st.sampled_from([1, 3, 300]),
    far_start=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
    data=st.data(),
)
def test_no_division_changes_a_bit(
    kind: str,
    n: int,
    d: int,
    k: int,
    dtype: str,
    tol: float,
    max_iter: int,
    far_start: bool,
    seed: int,
    data: st.DataObject,
) -> None:
    rows = rows_of(kind, n, d, dtype, seed)
    k = min(k, n)
    start = rows[np.random.default_rng(seed).integers(0, n, k)].copy()
    if far_start:
        # No row is near these: their clusters are empty.
        start[: k // 2] += 100
    cuts = sorted(data.draw(st.lists(st.integers(0, n), max_size=6)))
    same(np.split(rows, cuts), start, tol=tol, max_iter=max_iter)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("k", [5, 40])
def test_many_rows_of_which_most_are_left_out_by_bounds(dtype: str, k: int) -> None:
    rng = np.random.default_rng(3)
    groups = rng.standard_normal((k, 6)) * 3
    rows = (groups[rng.integers(0, k, 6000)] + rng.standard_normal((6000, 6))).astype(dtype)
    found = same(np.split(rows, [10, 2500, 2500, 4001]), rows[:k].copy(), tol=0.0)
    assert found.n_iter > 10


@pytest.mark.parametrize("scale", [1e-19, 1e-20, 1e-21, 1e-22])
@pytest.mark.parametrize("k", [4, 40])
def test_bounds_hold_where_squares_lose_their_digits(scale: float, k: int) -> None:
    for seed in range(5):
        rows = np.random.default_rng(seed).standard_normal((3000, 1 + seed)) * scale
        rows = rows.astype(np.float32)
        same([rows[:1000], rows[1000:]], rows[:k].copy(), tol=0.0)


@pytest.mark.parametrize("big", [1e30, 1e40, 1e60, 1e100])
def test_an_outlier_takes_nothing_from_other_clusters(big: float) -> None:
    rng = np.random.default_rng(2)
    groups = [rng.normal(0, 0.1, 50), rng.normal(5, 0.1, 50)]
    rows = np.concatenate([*groups, [big]])[:, np.newaxis]
    start = np.array([[0.0], [5.0], [big]])
    found = same(np.split(rows, [20, 70]), start, tol=0.0)
    means = [math.fsum(group) / 50 for group in groups]
    # The offset is subtracted and added again: two roundings of numbers below 8.
    np.testing.assert_allclose(found.centers[:2, 0], means, rtol=0, atol=2e-15)
    assert found.centers[2, 0] == big


@pytest.mark.parametrize("light", [1e-35, 1e-38, 1e-42])
def test_heavy_weights_take_nothing_from_light_ones(light: float) -> None:
    rng = np.random.default_rng(2)
    rows = np.concatenate([rng.normal(0, 0.1, 50), rng.normal(5, 0.1, 50)])[:, np.newaxis]
    start, weights = np.array([[0.0], [4.0]]), np.repeat([1.0, light], 50)
    settings = KMeansSettings(2, init=start, tol=0.0)
    ours = fit_kmeans(rows, settings, weights)
    peer = KMeans(2, init=start, n_init=1, tol=0.0).fit(rows, sample_weight=weights)
    # Both round sums of 50 numbers of about 5 differently.
    np.testing.assert_allclose(ours.centers, peer.cluster_centers_, rtol=1e-13, atol=1e-14)


def test_parts_of_one_row_each() -> None:
    rows = rows_of("spread", 60, 3, "float64", 1)
    same(list(rows[:, np.newaxis]), rows[:4].copy(), tol=0.0)


def test_empty_clusters_get_the_farthest_rows_of_all_parts() -> None:
    rows = np.array([[0.0], [1.0], [9.0], [10.0]])
    start = np.array([[0.5], [100.0], [4.0]])
    found = same([rows[:1], rows[1:3], rows[3:]], start, max_iter=1)
    np.testing.assert_array_equal(found.centers, [[0.5], [10.0], [9.0]])


def test_scikit_learn_finds_the_same() -> None:
    rows = rows_of("spread", 500, 4, "float64", 5)
    found = fit_in_parts(InMemory(np.split(rows, [100, 333])), rows[:6], tol=0.0)
    peer = KMeans(6, init=rows[:6], n_init=1, tol=0.0, algorithm="lloyd").fit(rows)
    np.testing.assert_array_equal(np.concatenate(found.labels), peer.labels_)
    # Both round sums of 500 numbers of about 1 differently.
    np.testing.assert_allclose(found.centers, peer.cluster_centers_, rtol=1e-10, atol=1e-12)
    assert found.inertia == pytest.approx(peer.inertia_, rel=1e-12)


def squared(row: list[Fraction], center: list[Fraction]) -> Fraction:
    return sum(((x - y) ** 2 for x, y in zip(row, center, strict=True)), Fraction(0))


def twin(rows: NDArray[np.float64], start: NDArray[np.float64]) -> tuple[list[int], Fraction]:
    """Lloyd's iterations in fractions: labels and the sum of squared distances."""
    table = [[Fraction(float(x)) for x in row] for row in rows]
    centers = [[Fraction(float(x)) for x in row] for row in start]
    before: list[int] = []
    while True:
        off = [[squared(row, center) for center in centers] for row in table]
        labels = [distances.index(min(distances)) for distances in off]
        if labels == before:
            return labels, sum((min(distances) for distances in off), Fraction(0))
        before = labels
        for c in range(len(centers)):
            members = [row for row, label in zip(table, labels, strict=True) if label == c]
            columns = zip(*members, strict=True)
            centers[c] = [sum(x, Fraction(0)) / len(members) for x in columns] or centers[c]


@given(n=st.integers(3, 30), d=st.integers(1, 3), seed=st.integers(0, 1000))
@settings(deadline=None)
def test_fractions_lead_to_the_same_clusters(n: int, d: int, seed: int) -> None:
    rows = rows_of("spread", n, d, "float64", seed)
    # Rows as starts: no cluster is ever empty at the first iteration.
    found = fit_in_parts(InMemory(np.split(rows, [n // 2])), rows[:2], tol=0.0)
    labels, inertia = twin(rows, rows[:2])
    assert list(np.concatenate(found.labels)) == labels
    # Centres, differences and squares are rounded, sums are not.
    assert found.inertia == pytest.approx(float(inertia), rel=1e-13, abs=1e-28)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    "bad",
    [
        {5: np.nan},
        {5: -np.inf, 2: np.inf},
        {0: np.nan, 6: np.nan},
        # What is not a number is named before what is too large.
        {1: 1e30, 6: np.nan},
        {3: 2e19},
        {6: -3e19},
        {4: 3e38},
    ],
)
def test_bad_rows_have_the_same_words_in_parts(dtype: str, bad: dict[int, float]) -> None:
    rows = rows_of("spread", 7, 2, dtype, 0)
    for row, value in bad.items():
        # So large that its square is not a float32, or not a float64.
        rows[row, 1] = value * (1.0 if dtype == "float32" else 1e150)
    with pytest.raises(ParameterError) as whole:
        fit_kmeans(rows, KMeansSettings(2, init=np.zeros((2, 2))))
    for cuts in ([], [1], [2, 2, 5], [6]):
        with pytest.raises(ParameterError) as divided:
            fit_in_parts(InMemory(np.split(rows, cuts)), np.zeros((2, 2)))
        assert str(divided.value) == str(whole.value)


def test_a_tolerance_may_be_any_real_number() -> None:
    rows = rows_of("spread", 50, 2, "float64", 0)
    tol: Any = Fraction(1, 10_000)
    one = fit_in_parts(InMemory([rows]), rows[:3], tol=tol)
    assert one.inertia == fit_in_parts(InMemory([rows]), rows[:3], tol=1e-4).inertia


def test_what_a_step_needs_can_be_sent() -> None:
    frame = Frame(np.zeros(2, np.float32), np.ones(2), np.full(2, 0.5), 7)
    sent = pickle.loads(pickle.dumps(frame))
    np.testing.assert_array_equal(sent.offset, frame.offset)
    np.testing.assert_array_equal(sent.largest, frame.largest)
    np.testing.assert_array_equal(sent.least, frame.least)
    assert sent.n_total == 7


@pytest.mark.parametrize(
    ("rows", "start", "options", "expected"),
    [
        (
            [[1.0], [2.0]],
            [[1.0], [2.0], [3.0]],
            {},
            "k=3 clusters need at least 3 distinct rows",
        ),
        ([[1.0], [np.nan]], [[1.0]], {}, "row 1, column 0 is NaN: expected a finite number"),
        ([[1.0], [1e200]], [[1.0]], {}, "X=values up to 1e200: expected distances"),
        ([[1.0], [2.0]], [[np.inf]], {}, "init[0, 0]=inf: expected a finite number"),
        ([[1.0], [2.0]], [[1.0, 2.0]], {}, "init=an array of shape (1, 2): expected (1, 1)"),
        ([[1.0], [2.0]], [1.0], {}, "init=(1,): expected (clusters, columns)"),
        ([[1.0], [2.0]], [[1.0]], {"max_iter": 0}, "max_iter=0"),
        ([[1.0], [2.0]], [[1.0]], {"tol": -1.0}, "tol=-1.0: expected a finite number"),
    ],
)
def test_what_cannot_be_grouped_is_named(
    rows: list[list[float]], start: Any, options: dict[str, Any], expected: str
) -> None:
    parts = InMemory(np.split(np.array(rows), [1]))
    with pytest.raises(ParameterError) as refused:
        fit_in_parts(parts, np.array(start), **options)
    assert expected in str(refused.value)
