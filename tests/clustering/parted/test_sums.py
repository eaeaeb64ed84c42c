"""Sums have the same bits for any order and division, and are those of fractions."""

from __future__ import annotations

import functools
import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from audioclust import _core
from audioclust.clustering.parted.sums import added, binned, finished
from audioclust.errors import ParameterError

if TYPE_CHECKING:
    from numpy.typing import NDArray

VALUES = st.one_of(
    st.floats(-1e3, 1e3, width=32), st.sampled_from([0.0, 1e12, -1e12, 1e-30, 0.1])
)


def tables(dtype: str) -> st.SearchStrategy[NDArray[Any]]:
    shapes = st.tuples(st.integers(1, 60), st.integers(1, 4))
    wanted = np.dtype(dtype)
    return arrays(np.float64, shapes, elements=VALUES).map(lambda rows: rows.astype(wanted))


def largest_off(rows: NDArray[Any], about: NDArray[np.float64]) -> NDArray[np.float64]:
    most: NDArray[np.float64] = np.abs(rows.astype(np.float64) - about).max(axis=0)
    return most


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("squares", [False, True])
@given(data=st.data())
def test_order_and_division_change_no_bit(
    dtype: str, squares: bool, data: st.DataObject
) -> None:
    rows = data.draw(tables(dtype))
    about = rows[0].astype(np.float64)
    largest, n = largest_off(rows, about), len(rows)
    whole = binned(rows, about, largest, n, squares)
    order = data.draw(st.permutations(range(n)))
    cuts = sorted(data.draw(st.lists(st.integers(0, n), max_size=4)))
    parts = np.split(rows[order], cuts)
    sums = [binned(part, about, largest, n, squares) for part in parts]
    np.testing.assert_array_equal(functools.reduce(added, sums), whole)
    np.testing.assert_array_equal(functools.reduce(added, reversed(sums)), whole)


@pytest.mark.parametrize("squares", [False, True])
@given(rows=tables("float64"))
def test_sums_are_those_of_fractions(squares: bool, rows: NDArray[np.float64]) -> None:
    about = rows[0].copy()
    largest, n = largest_off(rows, about), len(rows)
    found = finished(binned(rows, about, largest, n, squares))
    # What a bin leaves over of each number, as the core's comment says, and one last rounding.
    power = 2 if squares else 1
    lost = n * largest**power * 2.0 ** (3 * math.ceil(math.log2(n)) - 155)
    for column, sum_found in enumerate(found):
        off = [Fraction(float(x - about[column])) for x in rows[:, column]]
        exact = sum((Fraction(float(x) ** power) for x in off), Fraction(0))
        # The bins are put together in three additions, of which the last two matter.
        rounded = abs(exact) * Fraction(2) ** -52
        assert (
            abs(Fraction(float(sum_found)) - exact) <= Fraction(float(lost[column])) + rounded
        )


@given(rows=tables("float64"))
def test_sums_of_ordinary_numbers_are_as_good_as_fsum(rows: NDArray[np.float64]) -> None:
    rows = np.clip(rows, -1e3, 1e3)
    zero = np.zeros(rows.shape[1])
    found = finished(binned(rows, zero, largest_off(rows, zero), len(rows)))
    expected = [math.fsum(column) for column in rows.T]
    # 2**(3 * 6 - 155) of 60 times the largest is below 1e-36.
    np.testing.assert_allclose(found, expected, rtol=2.0**-52, atol=1e-36)


@pytest.mark.parametrize("n_threads", [1, 2, 3])
def test_threads_and_memory_order_change_no_bit(n_threads: int) -> None:
    rows = np.random.default_rng(0).standard_normal((5000, 7)).astype(np.float32)
    zero, most = np.zeros(7), np.full(7, 10.0)
    expected = _core.exact_sums(rows, zero, most, 5000)
    for given_rows in (np.asfortranarray(rows), np.repeat(rows, 2, axis=1)[:, ::2]):
        sums = _core.exact_sums(given_rows, zero, most, 5000, n_threads=n_threads)
        np.testing.assert_array_equal(sums, expected)


def test_parts_without_rows_and_columns_of_zeros_have_sums_of_zero() -> None:
    none = binned(np.zeros((0, 2)), np.zeros(2), np.array([0.0, 1.0]), 10)
    np.testing.assert_array_equal(none, np.zeros((3, 2)))
    zeros = binned(np.zeros((3, 1)), np.zeros(1), np.zeros(1), 3, squares=True)
    np.testing.assert_array_equal(finished(zeros), [0.0])


def test_the_least_numbers_count() -> None:
    least = np.nextafter(0.0, 1.0)
    sums = binned(np.full((3, 1), least), np.zeros(1), np.array([least]), 2**30)
    assert finished(sums)[0] == 3 * least


@pytest.mark.parametrize(
    ("largest", "n_total", "squares", "expected"),
    [
        (np.finfo(float).max, 2, False, "largest=1.79769"),
        (1e200, 2, True, "largest=inf: expected numbers below"),
        (np.nan, 2, False, "largest=NaN: expected numbers below"),
        (1.0, 2**30 + 1, False, "at most 2^30 rows"),
        (1.0, 1, False, "n_total=1: expected at least the number of rows, 2"),
    ],
)
def test_what_cannot_be_added_exactly_is_refused(
    largest: float, n_total: int, squares: bool, expected: str
) -> None:
    with pytest.raises(ParameterError) as refused:
        binned(np.ones((2, 1)), np.zeros(1), np.array([largest]), n_total, squares)
    assert expected in str(refused.value)
