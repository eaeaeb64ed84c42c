"""Samples of rows: all of few, and the same ones of many for a seed."""

from __future__ import annotations

import hashlib
import math
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.divisions import blobs_table, divisions, table_in_parts

import audioclust as ac
from audioclust.clustering.parted.grouping import smallest_in_parts
from audioclust.clustering.samples import sample_of, smallest_items, some_rows


@given(n=st.integers(1, 60), most=st.integers(1, 60), seed=st.integers(0, 99))
def test_at_most_so_many_rows_are_drawn_and_the_seed_decides(
    n: int, most: int, seed: int
) -> None:
    found = some_rows(n, most, seed)
    assert len(found) == min(n, most)
    assert sorted(set(found.tolist())) == found.tolist()
    assert set(found.tolist()) <= set(range(n))
    expected = np.arange(n)
    if n > most:
        expected = np.sort(np.random.default_rng(seed).choice(n, most, replace=False))
    assert found.tolist() == expected.tolist()
    # Indices are drawn as their places are, and with a generator as with its seed.
    assert some_rows(3 * np.arange(n), most, seed).tolist() == (3 * expected).tolist()
    assert some_rows(n, most, np.random.default_rng(seed)).tolist() == expected.tolist()


NAMES = st.sampled_from(["a.wav", "b.wav", "ü/ä.wav", "not \udcff UTF-8.wav", "", "a.wav\0"])
TIMES = st.sampled_from([0.0, 0.1, 7.25, 1e9])
ITEMS = st.builds(ac.Item, NAMES, TIMES, TIMES | st.just(math.inf))
SEEDS = st.sampled_from([0, 1, 2**64 - 1])


def twin(items: list[ac.Item], most: int, seed: int) -> list[int]:
    """The indices by sorting all digests as bytes."""

    def digest(index: int) -> bytes:
        path, start, end = items[index]
        exact = path.encode("utf-8", "surrogatepass") + struct.pack("<ddQ", start, end, seed)
        return hashlib.blake2b(exact, digest_size=16).digest()

    return sorted(sorted(range(len(items)), key=digest)[:most])


@given(items=st.lists(ITEMS, max_size=60), most=st.integers(1, 20), seed=SEEDS)
def test_the_items_with_the_smallest_digests_are_taken(
    items: list[ac.Item], most: int, seed: int
) -> None:
    assert smallest_items(items, most, seed).tolist() == twin(items, most, seed)


def test_copies_of_an_item_count_as_they_come() -> None:
    # Most digests are above the share that is looked at first: here it is found empty, or full.
    for seed in range(12):
        items = [ac.Item("a.wav", 0.0, 1.0)] * 1000
        assert smallest_items(items, 5, seed).tolist() == [0, 1, 2, 3, 4]


@given(
    n=st.integers(1, 300),
    most=st.integers(1, 40),
    seed=SEEDS,
    data=st.data(),
)
def test_any_division_of_items_gives_the_same_sample(
    n: int, most: int, seed: int, data: st.DataObject
) -> None:
    table = blobs_table(n, 1)
    divided = table_in_parts(table, data.draw(divisions(n)))
    found = smallest_in_parts(divided, most, seed)
    assert found.tolist() == smallest_items(table.items, most, seed).tolist()


@given(seed=SEEDS, order=st.permutations(range(80)))
def test_the_order_of_items_makes_no_difference(seed: int, order: list[int]) -> None:
    items = blobs_table(80, 1).items
    moved = [items[i] for i in order]
    taken = {moved[i] for i in smallest_items(moved, 20, seed)}
    assert taken == {items[i] for i in smallest_items(items, 20, seed)}


def test_the_seed_decides_which_items_are_taken() -> None:
    items = blobs_table(80, 1).items
    assert smallest_items(items, 20, 0).tolist() != smallest_items(items, 20, 1).tolist()
    # A sample is not the more alike the nearer the seeds: a quarter of it by chance.
    shared = np.intersect1d(smallest_items(items, 20, 0), smallest_items(items, 20, 1))
    assert len(shared) < 15


def test_a_sample_is_found_once(monkeypatch: pytest.MonkeyPatch) -> None:
    sample = sample_of(blobs_table(6000, 1).items, 4)
    first = sample()
    assert first.tolist() == smallest_items(blobs_table(6000, 1).items, 5000, 4).tolist()
    monkeypatch.delattr(hashlib, "blake2b")
    assert sample() is first


def test_clusters_of_many_sounds_do_not_depend_on_their_order(rng: np.random.Generator) -> None:
    table = blobs_table(6200)
    order = rng.permutation(6200)
    other = ac.FeatureTable.from_array(
        table.values[order], [table.items[i] for i in order], "mine"
    )
    scaled = [
        ac.cluster(one, 5, scaling="neighbors", n_jobs=1).scaler for one in (table, other)
    ]
    assert np.array_equal(scaled[0].center, scaled[1].center)
    assert scaled[0].matrix is not None
    assert scaled[1].matrix is not None
    # Pairs of neighbours are added in another order.
    np.testing.assert_allclose(scaled[0].matrix, scaled[1].matrix, rtol=1e-9)
