"""cluster(): its arguments, and the number of clusters that it finds."""

from __future__ import annotations

import os
import pickle

import numpy as np
import pytest
from support.sounds import tone

import audioclust as ac
from audioclust.demo import kind_of


@pytest.fixture(scope="module")
def table(library: list[str]) -> ac.FeatureTable:
    return ac.extract(library)


def test_a_table_is_clustered_again_without_decoding(library: list[str]) -> None:
    table = ac.extract(library)
    direct = ac.cluster(library, 4, scaling="quantile", random_state=5)
    again = ac.cluster(table, k=4, scaling="quantile", random_state=5)
    assert np.array_equal(direct.labels, again.labels)
    with pytest.raises(ac.ParameterError, match=r"belong to extract\(\)"):
        ac.cluster(table, 4, features="mfcc")
    mfcc = ac.extract(library, features=["mfcc"])
    own = ac.cluster(mfcc, 4, features="mfcc")
    assert own == ac.cluster(mfcc, 4)
    with pytest.raises(ac.ParameterError, match=r"belong to extract\(\)"):
        ac.cluster(mfcc, 4, features="mfcc", offset=0.1)


def test_the_seed_decides(library: list[str]) -> None:
    table = ac.extract(library, features="article")
    runs = [ac.cluster(table, 20, random_state=seed) for seed in (1, 1, 2)]
    assert np.array_equal(runs[0].labels, runs[1].labels)
    assert not np.array_equal(runs[0].labels, runs[2].labels)
    ac.cluster(table, 3, random_state=None)


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ({"k": 0}, "k=0: expected an int from 1"),
        ({"k": 2.5}, "k=2.5: expected an int from 1 to 2147483647, or 'auto'"),
        ({"k": "many"}, "k='many': expected an int from 1"),
        ({"k": 3, "algorithm": "affinity"}, "k=3: expected it to be left at 'auto', affinity"),
        ({"k": True}, "k=True: expected an int from 1"),
        ({"random_state": -1}, "random_state=-1: expected an int"),
        ({"random_state": "x"}, "random_state='x': expected an int"),
        ({"n_jobs": 1.5}, "n_jobs=1.5: expected an int"),
        ({"algorithm": "magic"}, "algorithm='magic': expected one of kmeans, "),
    ],
)
def test_bad_arguments_are_named(argument: dict[str, object], message: str) -> None:
    with pytest.raises(ac.ParameterError, match=message):
        ac.cluster("never looked at", **argument)  # type: ignore[call-overload]


def test_more_clusters_than_different_sounds_is_an_error(library: list[str]) -> None:
    with pytest.raises(
        ac.ParameterError,
        match="k=8: expected at most 3, the number of sounds that differ; there are 3 sounds",
    ):
        ac.cluster(library[:3], 8)
    same = {str(i): (tone(), 22050) for i in range(5)}
    message = "k=2: expected at most 1, the number of sounds that differ; there are 5 sounds"
    for algorithm in ("kmeans", "ward", "gmm", "som"):
        with pytest.raises(ac.ParameterError, match=message):
            ac.cluster(same, 2, algorithm=algorithm)


def test_a_value_that_is_not_finite_is_refused() -> None:
    table = ac.extract({str(f): (tone(0.5, f), 22050) for f in (200, 300)}, features="rms")
    table.values[1] = np.nan
    with pytest.raises(ac.ParameterError, match="expected a finite number"):
        ac.cluster(table, 1, scaling="none", features="rms")


def test_the_number_of_clusters_is_found_and_explained(library: list[str]) -> None:
    result = ac.cluster(os.path.dirname(library[0]))
    assert result.k == 6
    assert result.selection is not None
    assert result.selection.best_k == 6
    assert f"  {result.selection.choice()}" in repr(result).splitlines()
    assert result.evaluate([kind_of(path) for path in result.paths])["v_measure"] == 1
    for same in (ac.cluster(result.table), ac.cluster(result.table, None)):
        assert np.array_equal(same.labels, result.labels)
    assert ac.cluster(result.table, 6).selection is None
    again = pickle.loads(pickle.dumps(result))
    assert repr(again.selection) == repr(result.selection)


def test_sounds_without_structure_are_one_group(rng: np.random.Generator) -> None:
    noises = {str(i): (rng.normal(size=9000).astype(np.float32) / 9, 22050) for i in range(30)}
    result = ac.cluster(noises)
    assert result.k == 1
    assert result.selection is not None
    assert result.selection.reason.startswith("no clear structure")
    assert "30 items in 1 cluster," in repr(result)
    assert ac.cluster({"a": noises["0"]}).k == 1


def test_none_and_numpys_numbers_mean_the_same(table: ac.FeatureTable) -> None:
    assert ac.cluster(table, None) == ac.cluster(table, "auto") == ac.cluster(table)
    six = ac.cluster(table, np.int64(6), random_state=np.uint8(3))  # type: ignore[call-overload]
    assert six == ac.cluster(table, 6, random_state=3)
    ks = np.array([4, 2])
    assert ac.cluster(table, k_range=ks) == ac.cluster(table, k_range=[2, 4])
