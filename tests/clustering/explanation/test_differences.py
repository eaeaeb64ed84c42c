"""What sets clusters apart: right where something does, silent where only chance would."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from support.blobs import BLOBS

from audioclust.clustering.explanation import differences as module
from audioclust.clustering.explanation.differences import Differences, differences


def random_labels(rng: np.random.Generator, n: int, k: int) -> np.ndarray:
    """Labels of which each occurs at least three times."""
    return rng.permutation(np.r_[np.repeat(np.arange(k), 3), rng.integers(0, k, n - 3 * k)])


def found_in(rows: np.ndarray, labels: np.ndarray, seed: int = 0) -> Differences:
    return differences(rows, labels.astype(np.int32), int(labels.max()) + 1, seed=seed)


def hedges(one: np.ndarray, other: np.ndarray) -> float:
    """Hedges' g by way of SciPy's t of Student's test with equal variances."""
    n, m = len(one), len(other)
    t = stats.ttest_ind(one, other).statistic
    return float(t * np.sqrt(1 / n + 1 / m) * (1 - 3 / (4 * (n + m - 2) - 1)))


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 999), k=st.integers(2, 5))
def test_differences_are_hedges_g(seed: int, k: int) -> None:
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(40, 3)) * [1, 100, 1e-3] + [0, 5e3, 1]
    labels = random_labels(rng, 40, k) - 1  # Some are in no cluster.
    found = found_in(rows, labels)
    for cluster in range(k - 1):
        for column in range(3):
            inside = labels == cluster
            expected = hedges(rows[inside, column], rows[~inside, column])
            # Rows are centred first, which moves the last digits.
            assert found.difference[cluster, column] == pytest.approx(expected, rel=1e-9)


def test_intervals_are_those_of_a_slow_bootstrap(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LEAST", 0.3)  # Smaller differences have intervals as well.
    rows = np.r_[
        rng.normal(0, 1, (30, 1)),
        rng.exponential(1, (50, 1)),
        rng.normal(6, 3, (40, 1)),
    ]
    labels = np.repeat([0, 1, 2], [30, 50, 40])
    found = found_in(rows, labels)
    for cluster in range(3):
        draws = []
        for _ in range(1000):
            drawn = np.concatenate([rng.choice(rows[labels == c, 0], (labels == c).sum())
                                    for c in range(3)])  # fmt: skip
            draws.append(hedges(drawn[labels == cluster], drawn[labels != cluster]))
        ends = np.percentile(draws, [2.5, 97.5])
        # Ends of 500 and of 1,000 draws differ by about 0.14 of their standard deviation.
        near = 0.5 * float(np.std(draws))
        assert found.low[cluster, 0] == pytest.approx(ends[0], abs=near)
        assert found.high[cluster, 0] == pytest.approx(ends[1], abs=near)


def test_intervals_of_many_rows_come_from_samples_and_are_as_wide(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    labels = np.repeat([0, 1], [400, 600])
    rows = rng.normal(size=(1000, 30)) + 1.2 * labels[:, np.newaxis]
    whole = found_in(rows, labels)
    monkeypatch.setattr(module, "DRAWN_ROWS", 100)
    sampled = found_in(rows, labels)
    assert np.array_equal(sampled.difference, whole.difference)
    widths = (sampled.high - sampled.low).mean() / (whole.high - whole.low).mean()
    # Were each sample's own size drawn, they would be twice as wide.
    assert widths == pytest.approx(1, abs=0.1)
    assert ((sampled.low < whole.difference) & (whole.difference < sampled.high)).all()


@pytest.mark.parametrize(
    ("kind", "sampled"),
    [*((kind, False) for kind in sorted(BLOBS)), ("gaussian", True), ("heavy tails", True)],
)
def test_chance_is_explained_in_at_most_a_twentieth_of_results(
    kind: str, sampled: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LEAST", 0.0)  # Else hardly anything would be large enough.
    monkeypatch.setattr(module, "DRAWS", 40)  # What intervals leave out is not the point here.
    if sampled:
        monkeypatch.setattr(module, "SHUFFLED_ROWS", 40)
    explained = 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        rows = BLOBS[kind](rng, 60, 12)
        explained += bool(found_in(rows, random_labels(rng, 60, 4), seed).stands_out.any())
    # Of 100 results 5 % are 5, and more than 14 have a probability of 1e-4. A sample of a heavy
    # tail may lack the largest values.
    assert explained <= (18 if sampled else 14)


def test_of_blobs_the_columns_that_set_them_apart_are_found() -> None:
    wrong = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        labels = random_labels(rng, 120, 3)
        rows = rng.normal(size=(120, 20))
        rows[labels == 0, 4] += 4
        rows[labels == 1, 7] -= 4
        found = found_in(rows, labels, seed)
        assert found.stands_out[0, 4]
        assert found.difference[0, 4] > 0
        assert found.stands_out[1, 7]
        assert found.difference[1, 7] < 0
        found.stands_out[:, [4, 7]] = False
        wrong += int(found.stands_out.any())
    # Anything else is chance: in 5 % of results, and 5 of 20 have a probability of .003.
    assert wrong < 5


def test_units_and_the_order_of_rows_and_columns_do_not_matter(
    rng: np.random.Generator,
) -> None:
    labels = random_labels(rng, 80, 3)
    rows = rng.normal(size=(80, 6)) + 2 * labels[:, np.newaxis] * np.arange(6)
    found = found_in(rows, labels)
    scaled = found_in(rows * [1, 10, 100, 1, 0.1, 2] - 7, labels)
    assert scaled.difference == pytest.approx(found.difference, rel=1e-9)
    assert scaled.low == pytest.approx(found.low, rel=1e-9, nan_ok=True)
    assert np.array_equal(scaled.stands_out, found.stands_out)
    turned = found_in(-rows, labels)
    assert turned.difference == pytest.approx(-found.difference, rel=1e-9)
    order = rng.permutation(80)
    moved = found_in(rows[order], labels[order])
    assert moved.difference == pytest.approx(found.difference, rel=1e-9)


def test_the_same_seed_gives_the_same_bits(rng: np.random.Generator) -> None:
    rows, labels = rng.normal(size=(90, 8)), random_labels(rng, 90, 4)
    rows += 2 * labels[:, np.newaxis]
    one, same, other = (found_in(rows, labels, seed) for seed in (1, 1, 2))
    assert one.stands_out.any()
    assert all(a.tobytes() == b.tobytes() for a, b in zip(one, same, strict=True))
    assert one.low.tobytes() != other.low.tobytes()


def test_too_few_rows_and_constant_columns_set_nothing_apart(rng: np.random.Generator) -> None:
    rows = np.c_[rng.normal(size=20), np.full(20, 0.1)]
    rows[:2, 0] += 1000
    found = found_in(rows, np.repeat([0, 1], [2, 18]))
    assert not found.stands_out.any()
    assert (found.difference[:, 1] == 0).all()
    rows[2, 0] += 1000
    assert found_in(rows, np.repeat([0, 1], [3, 17])).stands_out[:, 0].all()


def test_a_cluster_without_rest_or_without_rows_differs_in_nothing(
    rng: np.random.Generator,
) -> None:
    rows = rng.normal(size=(30, 4))
    alone = differences(rows, np.zeros(30, np.int32), 1)
    assert not alone.difference.any()
    assert not alone.stands_out.any()
    empty = differences(rows, np.repeat(np.array([0, 2], np.int32), 15), 3)
    assert not empty.difference[1].any()
    assert not empty.stands_out[1].any()
    one = differences(rows[:1], np.zeros(1, np.int32), 1)
    assert not one.stands_out.any()


def test_what_is_constant_in_both_groups_differs_by_a_bounded_amount() -> None:
    rows = np.repeat([[0.0], [1.0]], 10, axis=0)
    found = found_in(rows, np.repeat([0, 1], 10))
    assert found.stands_out.all()
    assert (np.abs(found.difference) <= 2001).all()
