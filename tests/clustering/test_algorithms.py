"""The table of algorithms, and the functions that it names."""

from __future__ import annotations

import functools
import subprocess
import sys

import numpy as np
import pytest
import sklearn.cluster
import sklearn.mixture
from sklearn.metrics import adjusted_rand_score

import audioclust as ac
from audioclust.clustering.algorithms import ALGORITHMS, Algorithm
from audioclust.clustering.groups import ClusterSettings, Groups
from audioclust.utils.deferred import Deferred
from audioclust.utils.values import same


def by_first_column(rows: np.ndarray, settings: ClusterSettings) -> Groups:
    """Group rows by the rank of their first value."""
    order = rows[:, 0].argsort().argsort()
    labels = order * settings.n_clusters // len(rows)
    return Groups(labels.astype(np.int32), None, None, None)


def test_an_added_line_is_an_algorithm_everywhere(
    library: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    added = Algorithm("first", by_first_column, needs_k=True, max_rows=50, summary="by a value")
    monkeypatch.setitem(ALGORITHMS, "first", added)
    table = ac.extract(library[:40])
    result = ac.cluster(table, 4, algorithm="first")
    assert result.algorithm == "first"
    assert [len(members) for members in result] == [10] * 4
    assert ac.cluster(table, "auto", algorithm="first").selection is not None
    with pytest.raises(ac.ParameterError, match="'x': expected one of kmeans, .*, first$"):
        ac.cluster(table, 4, algorithm="x")
    with pytest.raises(ac.ParameterError, match="'first' with 60 rows: expected at most 50"):
        ac.cluster(library, 4, algorithm="first")


def test_the_table_names_functions_and_says_what_they_do() -> None:
    for name, algorithm in ALGORITHMS.items():
        assert algorithm.name == name
        assert isinstance(algorithm.run, Deferred)
        assert algorithm.summary
        assert "\n" not in algorithm.summary
    assert [name for name, each in ALGORITHMS.items() if not each.needs_k] == [
        "affinity",
        "hdbscan",
    ]


def test_the_table_is_read_without_numpy() -> None:
    code = (
        "import audioclust.clustering.algorithms, audioclust.clustering.selection.settings\n"
        "import sys; print('numpy' in sys.modules)"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


@pytest.mark.parametrize("algorithm", ["kmeans", "som", "gmm", "ward"])
def test_fewer_distinct_rows_than_clusters_are_refused(algorithm: str) -> None:
    rows = np.repeat(np.eye(3), 4, axis=0)
    run = ALGORITHMS[algorithm].run
    with pytest.raises(ac.ParameterError, match="k=4 clusters need at least 4 .* got 3"):
        run(rows, ClusterSettings(4, 0, 1))
    labels = run(rows, ClusterSettings(3, 0, 1)).labels
    assert np.array_equal(labels, np.repeat(labels[::4], 4))
    assert sorted(labels[::4].tolist()) == [0, 1, 2]
    assert run(rows[:1], ClusterSettings(1, 0, 1)).labels.tolist() == [0]
    with pytest.raises(ac.ParameterError, match="k=None: expected an int from 1"):
        run(rows, ClusterSettings(None, 0, 1))


@pytest.mark.parametrize("algorithm", ["affinity", "hdbscan"])
def test_a_number_of_clusters_is_refused_where_it_is_chosen(algorithm: str) -> None:
    with pytest.raises(ac.ParameterError, match=f"k=2: expected none, {algorithm} chooses"):
        ALGORITHMS[algorithm].run(np.eye(3), ClusterSettings(2, 0, 1))


def test_k_means_starts_from_wards_clusters_if_told_so(rng: np.random.Generator) -> None:
    rows = rng.normal(size=(300, 6)) + 2 * rng.integers(0, 4, (300, 1))
    told = ClusterSettings(9, 5, 1, "ward")
    groups = ALGORITHMS["kmeans"].run(rows, told)
    labels = sklearn.cluster.AgglomerativeClustering(9).fit_predict(rows)
    start = np.stack([rows[labels == label].mean(axis=0) for label in range(9)])
    theirs = sklearn.cluster.KMeans(9, init=start, n_init=1).fit(rows)
    assert adjusted_rand_score(theirs.labels_, groups.labels) == 1
    assert groups.inertia == pytest.approx(theirs.inertia_)
    # One start, in which nothing is drawn at random; and it is not the default.
    for seed, n_threads in ((5, 3), (6, 1)):
        other = ALGORITHMS["kmeans"].run(rows, ClusterSettings(9, seed, n_threads, "ward"))
        assert np.array_equal(other.labels, groups.labels)
        assert same(other.centers, groups.centers)
    plain = ALGORITHMS["kmeans"].run(rows, ClusterSettings(9, 5, 1))
    assert plain.inertia != groups.inertia


def test_of_many_rows_a_seeded_sample_starts_k_means(rng: np.random.Generator) -> None:
    # So many copies that the sample has fewer different rows than there are clusters.
    rows = np.zeros((20_000, 2))
    rows[:40] = rng.normal(size=(40, 2))
    told = ClusterSettings(30, 1, 1, "ward")
    groups = ALGORITHMS["kmeans"].run(rows, told)
    assert len(np.unique(groups.labels)) == 30
    again = ALGORITHMS["kmeans"].run(rows, ClusterSettings(30, 1, 4, "ward"))
    assert np.array_equal(again.labels, groups.labels)


def test_hdbscan_is_scikit_learns_and_numbers_leave_noise_out(
    rng: np.random.Generator,
) -> None:
    rows = np.vstack([rng.normal(size=(40, 2)), rng.normal(size=(60, 2)) + 30])
    rows = np.vstack([rng.uniform(-100, 100, (8, 2)), rows])
    groups = ALGORITHMS["hdbscan"].run(rows, ClusterSettings(None, 0, 1))
    theirs = sklearn.cluster.HDBSCAN(min_cluster_size=5, copy=True).fit_predict(rows)
    assert np.array_equal(groups.labels, theirs)
    assert groups.k == theirs.max() + 1
    numbered = groups.by_size()
    assert np.array_equal(numbered.labels == -1, theirs == -1)
    assert (theirs == -1).any()
    sizes = np.bincount(numbered.labels[numbered.labels >= 0])
    assert np.array_equal(sizes, np.sort(sizes)[::-1])
    assert adjusted_rand_score(numbered.labels, theirs) == 1


def test_hdbscan_of_few_rows_copies_and_nothing_but_noise(rng: np.random.Generator) -> None:
    run = ALGORITHMS["hdbscan"].run
    settings = ClusterSettings(None, 0, 1)
    for n in (1, 2, 9):
        assert run(np.ones((n, 2)), settings).labels.tolist() == [0] * n
    two = np.array([[0.0], [0.1], [0.2], [0.3], [0.4], [9.0], [9.1], [9.2], [9.3], [9.4]])
    assert run(two, settings).labels.tolist() == [0] * 5 + [1] * 5
    with pytest.raises(ac.AudioclustError, match="hdbscan found no clusters: all 2 rows are"):
        run(two[[0, 5]], settings)
    message = "hdbscan found no clusters: all 12 rows are noise; try another algorithm"
    with pytest.raises(ac.AudioclustError, match=message):
        run(rng.uniform(size=(12, 8)), settings)


def test_ward_and_gmm_are_scikit_learns(rng: np.random.Generator) -> None:
    rows = rng.normal(size=(200, 5)) + 3 * rng.integers(0, 3, (200, 1))
    ours = ALGORITHMS["ward"].run(rows, ClusterSettings(4, 0, 1)).labels
    theirs = sklearn.cluster.AgglomerativeClustering(4).fit_predict(rows)
    assert adjusted_rand_score(theirs, ours) == 1
    groups = ALGORITHMS["gmm"].run(rows, ClusterSettings(3, 0, 1))
    assert groups.centers is not None
    # The result is a fixed point of expectation and maximisation, written out here.
    logs = np.stack([_log_density(rows, rows[groups.labels == i], len(rows)) for i in range(3)])
    assert np.mean(logs.argmax(axis=0) == groups.labels) > 0.97


def _log_density(rows: np.ndarray, members: np.ndarray, n: int) -> np.ndarray:
    variance = members.var(axis=0) + 0.1
    squares = (rows - members.mean(axis=0)) ** 2 / variance
    found = np.log(len(members) / n) - 0.5 * np.sum(squares + np.log(variance), axis=1)
    return np.asarray(found)


def test_what_has_not_converged_warns_in_our_words(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = np.random.default_rng(0).normal(size=(300, 4))
    brief = functools.partial(sklearn.mixture.GaussianMixture, max_iter=1)
    monkeypatch.setattr(sklearn.mixture, "GaussianMixture", brief)
    with pytest.warns(ac.ConvergenceWarning, match="gmm has not converged in 1 iterations"):
        ALGORITHMS["gmm"].run(rows, ClusterSettings(5, 0, 1))
    brief = functools.partial(sklearn.cluster.AffinityPropagation, max_iter=40)
    monkeypatch.setattr(sklearn.cluster, "AffinityPropagation", brief)
    with pytest.warns(ac.ConvergenceWarning, match="affinity has not converged in 40"):
        ALGORITHMS["affinity"].run(rows, ClusterSettings(None, 0, 1))
    brief = functools.partial(sklearn.cluster.AffinityPropagation, max_iter=1)
    monkeypatch.setattr(sklearn.cluster, "AffinityPropagation", brief)
    with pytest.raises(ac.AudioclustError, match="affinity found no clusters in 1 iterations"):
        ALGORITHMS["affinity"].run(rows, ClusterSettings(None, 0, 1))


def test_the_warning_names_the_line_that_called_cluster(
    library: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    table = ac.extract(library, features="rms")
    brief = functools.partial(sklearn.mixture.GaussianMixture, max_iter=1)
    monkeypatch.setattr(sklearn.mixture, "GaussianMixture", brief)
    with pytest.warns(ac.ConvergenceWarning) as caught:
        ac.cluster(table, 5, algorithm="gmm", features="rms")
    assert caught[0].filename == __file__
