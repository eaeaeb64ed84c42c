"""Labels of frames: the best spans, Gaussians like SciPy's, boundaries amid pauses."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import multivariate_normal
from support.segments import as_frames

from audioclust import _core
from audioclust.segmentation.labelling.gaussians import (
    SHARED_FRAMES,
    gaussians,
    losses,
    moments,
)
from audioclust.segmentation.labelling.resegmentation import (
    LabellingSettings,
    move_into_pauses,
    relabel,
)


def slow_viterbi(table: np.ndarray, least: int, change: float) -> float:
    """The best total, by states that count how long a run already is."""
    k = table.shape[1]
    best = np.full((k, least), -np.inf)
    best[:, 0] = table[0]
    for row in table[1:]:
        moved = np.full_like(best, -np.inf)
        ends = best[:, -1]
        for label in range(k):
            others = np.delete(ends, label)
            fresh = others.max() if len(others) else -np.inf
            moved[label, 1:] = best[label, :-1]
            moved[label, 0] = fresh - change
            moved[label, -1] = max(moved[label, -1], ends[label])
            moved[label] += row[label]
        best = moved
    return float(best[:, -1].max())


@settings(max_examples=60, deadline=None)
@given(
    n=st.integers(1, 80),
    k=st.integers(1, 5),
    least=st.integers(1, 20),
    change=st.integers(0, 50),
    seed=st.integers(0, 99),
)
def test_the_best_spans_are_found(n: int, k: int, least: int, change: int, seed: int) -> None:
    table = np.random.default_rng(seed).integers(-20, 1, (n, k)).astype(np.float32)
    viterbi = _core.Viterbi(k, least, change)
    viterbi.push(table[: n // 3])
    viterbi.push(table[n // 3 :])
    labels = viterbi.finish()
    changes = np.flatnonzero(np.diff(labels)) + 1
    runs = np.diff(np.concatenate([[0], changes, [n]]))
    assert runs.min() >= min(least, n)
    total = table[np.arange(n), labels].sum() - change * len(changes)
    assert total == slow_viterbi(table, min(least, n), change)


def test_scores_are_those_of_scipys_gaussians(rng: np.random.Generator) -> None:
    rows = (rng.normal(size=(500, 6)) @ rng.normal(size=(6, 6))).astype(np.float32)
    labels = rng.integers(-1, 3, 500).astype(np.int32)
    counts, sums, products = _core.moments(rows, labels, 3)
    means = sums / counts[:, None]
    covariances = products / counts[:, None, None] - means[:, :, None] * means[:, None, :]
    for label in range(3):
        members = rows[labels == label].astype(np.float64)
        assert counts[label] == len(members)
        assert means[label] == pytest.approx(members.mean(axis=0), abs=1e-9)
        assert covariances[label] == pytest.approx(np.cov(members.T, bias=True), abs=1e-9)
    whitening = np.tril(np.linalg.inv(np.linalg.cholesky(covariances)))
    loud = rng.random(500) < 0.7
    found = _core.Gaussians(means, whitening).scores(rows, loud, 0.5)
    expected = np.stack(
        [multivariate_normal(means[i], covariances[i]).logpdf(rows) for i in range(3)], axis=1
    )
    expected = np.maximum(expected - expected.max(axis=1, keepdims=True), -0.5)
    expected[~loud] = 0
    assert found == pytest.approx(expected, abs=1e-5)


def test_frames_that_are_not_active_have_no_vote(rng: np.random.Generator) -> None:
    """A pause that sounds like the second label lies within a span of the first."""
    sounds_like = np.repeat([0, 1, 0, 1], [100, 60, 100, 200])
    rows = 10.0 * sounds_like[:, None] + rng.normal(size=(460, 3))
    active = np.repeat([True, False, True], [100, 60, 300])
    expected = np.repeat([0, 1], [260, 200])
    frames = as_frames(rows, active)
    start = [expected.astype(np.int32)]
    assert moments([frames], start, 2).counts.tolist() == [200, 200]
    added = 0.1 * np.eye(3)
    (found,) = relabel([frames], start, LabellingSettings(2, 20, silence=False), added, 2)
    np.testing.assert_array_equal(found, expected)
    (found,) = relabel([frames], start, LabellingSettings(2, 20, silence=True), added, 2)
    np.testing.assert_array_equal(found, np.repeat([0, 2, 0, 1], [100, 60, 100, 200]))


def test_a_label_of_few_frames_leans_on_what_all_have_in_common(
    rng: np.random.Generator,
) -> None:
    rows = rng.normal(size=(900, 4)) @ rng.normal(size=(4, 4))
    labels = np.repeat([0, 1], [880, 20]).astype(np.int32)
    added = np.diag([0.1, 0.2, 0.3, 0.4])
    frames = as_frames(rows, np.ones(900, np.bool_))
    _, blocks = zip(*frames.cepstra.blocks(), strict=True)
    cepstra = np.concatenate(blocks)
    found = gaussians(moments([frames], [labels], 3), added)
    scores = found.scores(cepstra, np.ones(900, np.bool_), 1e9)
    own = [np.cov(cepstra[labels == i].T, bias=True) for i in (0, 1)]
    within = (880 * own[0] + 20 * own[1]) / 900
    expected = []
    for i, n in ((0, 880), (1, 20)):
        covariance = (n * own[i] + SHARED_FRAMES * within) / (n + SHARED_FRAMES) + added
        mean = cepstra[labels == i].mean(axis=0)
        expected.append(multivariate_normal(mean, covariance).logpdf(cepstra))
    # Scores are relative to the best one. They are rounded to single precision.
    difference = expected[0] - expected[1]
    assert scores[:, 0] - scores[:, 1] == pytest.approx(difference, abs=1e-4)
    # The third label has no frames, and no frame is ever given to it.
    assert scores[:, 2].max() < -1e6


def test_losses_are_likelihood_ratios(rng: np.random.Generator) -> None:
    rows = (rng.normal(size=(300, 4)) @ rng.normal(size=(4, 4))).astype(np.float32)
    labels = rng.integers(0, 3, 300).astype(np.int32)
    sums = moments([as_frames(rows, np.ones(300, np.bool_))], [labels], 3)
    one, other = np.array([0, 0, 1]), np.array([1, 2, 2])
    found = losses(sums.picked(one), sums.picked(other), np.zeros((4, 4)))

    def likelihood(part: np.ndarray) -> float:
        normal = multivariate_normal(part.mean(axis=0), np.cov(part.T, bias=True))
        return float(normal.logpdf(part).sum())

    for loss, i, j in zip(found, one, other, strict=True):
        apart = likelihood(rows[labels == i]) + likelihood(rows[labels == j])
        together = likelihood(rows[(labels == i) | (labels == j)])
        assert loss == pytest.approx(2 * (apart - together), rel=1e-6)


def test_boundaries_lie_amid_pauses_if_spans_stay_long_enough() -> None:
    labels = np.repeat([0, 1, 0, 1], [20, 20, 20, 20]).astype(np.int32)
    active = np.ones(80, np.bool_)
    active[20:26] = False  # the boundary at its start: moved by 3
    active[32:40] = False  # one at its end: moved by 4 to the left
    active[59:71] = False  # one near its start: moved by 5 to the right

    def edges(least: int, silence: bool = False) -> list[int]:
        settings = LabellingSettings(1 if silence else 2, least, silence)
        moved = move_into_pauses(labels, active, settings)
        return (np.flatnonzero(np.diff(moved)) + 1).tolist()

    assert edges(5) == [23, 36, 65]
    # No span may be under 17: the second keeps its end, and the last loses only three.
    assert edges(17) == [23, 40, 63]
    # Next to silence, which is label 1 then, boundaries are where it begins and ends.
    assert edges(5, silence=True) == [20, 40, 60]
