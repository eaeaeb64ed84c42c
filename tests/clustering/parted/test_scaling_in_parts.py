"""Scaling: the same bits, however rows are divided and ordered, and little memory."""

from __future__ import annotations

import functools
import math
import subprocess
import sys
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from support.divisions import divisions, rows_in_parts

from audioclust.clustering import scaling as scaling_module
from audioclust.clustering.parted import parts
from audioclust.clustering.parted.moments import mean_and_deviation
from audioclust.clustering.parted.parts import InMemory
from audioclust.clustering.samples import some_rows
from audioclust.clustering.scaling import Scaler, Scaling, fitted_in_parts
from audioclust.errors import ParameterError

SCALINGS = get_args(Scaling)
WIDE = st.floats(-(2.0**100), 2.0**100, width=32)
NARROW = st.floats(-4, 4, width=32)


def tables(elements: st.SearchStrategy[float]) -> st.SearchStrategy[np.ndarray]:
    shapes = st.tuples(st.integers(1, 40), st.integers(1, 4))
    return arrays(np.float32, shapes, elements=elements)


@pytest.mark.parametrize("scaling", SCALINGS)
@settings(deadline=None)
@given(data=st.data())
def test_any_division_gives_the_same_scaler(data: st.DataObject, scaling: Scaling) -> None:
    values = data.draw(tables(WIDE) | tables(NARROW))
    whole = Scaler.fit(values, scaling)
    divided = rows_in_parts(values, data.draw(divisions(len(values))))
    sample = functools.partial(np.arange, len(values))
    assert fitted_in_parts(divided, scaling, sample) == whole
    assert Scaler.fit(values.astype(np.float64), scaling) == whole


@pytest.mark.parametrize("scaling", ["standard", "quantile", "minmax", "none"])
@given(data=st.data())
def test_any_order_gives_the_same_scaler(data: st.DataObject, scaling: Scaling) -> None:
    values = data.draw(tables(WIDE) | tables(NARROW))
    order = data.draw(st.permutations(range(len(values))))
    assert Scaler.fit(values[order], scaling) == Scaler.fit(values, scaling)


@given(values=tables(NARROW))
def test_moments_are_those_of_exact_sums(values: np.ndarray) -> None:
    mean, deviation = mean_and_deviation(InMemory([values]))
    for own, m, s in zip(values.T.astype(float), mean, deviation, strict=True):
        # What the sums leave out is far below a digit; the quotient is rounded once more.
        assert m == pytest.approx(math.fsum(own) / len(own), rel=4e-16, abs=1e-30)
        variance = math.fsum((x - m) ** 2 for x in own) / len(own)
        assert s in (0.0, pytest.approx(math.sqrt(variance), rel=1e-15))
        assert (s == 0) == (own.min() == own.max()) or variance < 1e-24


@pytest.mark.parametrize(
    "column",
    [
        [1e30, -1e30, 1, 1, 1],
        [1e17, -1e17, 0.1, 0.1, 0.1],
        [1e17, -1e17, *[0.1] * 10_000],
        [1e9, -1e9, 1e-9, 1e-9],
        [1e140, -1e140, 1e120],
    ],
)
def test_a_mean_is_that_of_fsum_where_large_values_cancel(column: list[float]) -> None:
    values = np.array(column)[:, None]
    for cuts in ([], [1], [2, 3]):
        mean, deviation = mean_and_deviation(rows_in_parts(values, cuts))
        assert mean[0] == math.fsum(column) / len(column)
        squares = math.fsum((x - mean[0]) ** 2 for x in column)
        assert deviation[0] == pytest.approx(math.sqrt(squares / len(column)), rel=1e-15)


@pytest.mark.parametrize("scaling", SCALINGS)
def test_a_table_without_rows_is_refused(scaling: Scaling) -> None:
    none = np.empty((0, 3), np.float32)
    with pytest.raises(ParameterError, match="values has no rows: expected at least one"):
        Scaler.fit(none, scaling)
    for divided in (InMemory([]), InMemory([none, none])):
        with pytest.raises(ParameterError, match="values has no rows: expected at least one"):
            fitted_in_parts(divided, scaling, lambda: np.arange(0))
    some = Scaler.fit(np.eye(3), scaling)
    assert some.transform(none).shape == (0, 3)


@pytest.mark.parametrize("scaling", SCALINGS)
@pytest.mark.parametrize(
    ("shape", "told"), [((), r"\(\)"), ((4,), r"\(4,\)"), ((2, 4, 3), r"\(2, 4, 3\)")]
)
def test_other_than_two_dimensions_are_refused(
    scaling: Scaling, shape: tuple[int, ...], told: str
) -> None:
    wrong = np.ones(shape)
    expected = rf"has shape {told}: expected rows and columns"
    with pytest.raises(ParameterError, match=rf"values {expected}"):
        Scaler.fit(wrong, scaling)
    scaler = Scaler.fit(np.eye(4), scaling)
    with pytest.raises(ParameterError, match=rf"values {expected}"):
        scaler.transform(wrong)
    with pytest.raises(ParameterError, match=rf"scaled {expected}"):
        scaler.inverse_transform(wrong)


@pytest.mark.parametrize("scaling", SCALINGS)
@pytest.mark.parametrize("width", [0, 1, 3, 5])
def test_another_number_of_columns_is_refused(scaling: Scaling, width: int) -> None:
    scaler = Scaler.fit(np.eye(4), scaling)
    expected = f"has {width} columns: expected 4, as many as the scaling was fitted to"
    with pytest.raises(ParameterError, match=f"values {expected}"):
        scaler.transform(np.ones((2, width)))
    with pytest.raises(ParameterError, match=f"scaled {expected}"):
        scaler.inverse_transform(np.ones((2, width)))


@pytest.mark.parametrize("n", [3, 1000, 99_991])
@pytest.mark.parametrize("value", [0.1, 1e6 + 0.1, -3e-30, 7e29])
def test_copies_of_a_value_do_not_vary(n: int, value: float) -> None:
    values = np.full((n, 1), value, np.float32)
    mean, deviation = mean_and_deviation(InMemory([values]))
    assert deviation.tolist() == [0.0]
    assert mean.tolist() == values[0].tolist()


@pytest.mark.parametrize("scaling", ["standard", "neighbors"])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 2e140])
def test_what_has_no_mean_or_deviation_is_refused(scaling: Scaling, value: float) -> None:
    with pytest.raises(ParameterError, match=r"column 1 has one of size .*: expected finite"):
        Scaler.fit([[0.0, value], [0.0, 1.0]], scaling)
    large = Scaler.fit([[1e140], [-1e140]], scaling)
    assert large.scale.tolist() == [1e140]


@pytest.mark.parametrize("scaling", SCALINGS)
def test_rows_without_columns_have_a_scaler(scaling: Scaling) -> None:
    assert Scaler.fit(np.empty((3, 0)), scaling).transform(np.empty((2, 0))).shape == (2, 0)


@pytest.mark.parametrize("scaling", SCALINGS)
def test_rows_are_scaled_alike_in_any_blocks(
    scaling: Scaling, rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = (rng.normal(size=(301, 7)) ** 3).astype(np.float32)
    values[:40] = values[0]
    scaler = Scaler.fit(values, scaling)
    whole = scaler.transform(values)
    divided = rows_in_parts(values, [0, 1, 1, 20, 300])
    assert np.array_equal(np.concatenate(divided.each(scaler.transform)), whole)
    monkeypatch.setattr(scaling_module, "_BLOCK_ROWS", 13)
    assert np.array_equal(scaler.transform(values), whole)
    assert np.array_equal(scaler.transform(values.astype(np.float64)), whole)


def test_quantiles_of_many_rows_are_those_of_the_sample(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = rng.lognormal(size=(6000, 2)).astype(np.float32)
    values[:, 1] = 1
    values[-1, 1] = 2
    assert len(Scaler.fit(values, "quantile").transform(values)) == 6000
    monkeypatch.setattr(parts, "GATHERED_ROWS", 5999)
    some = some_rows(6000, 5000, 3)
    scaler = Scaler.fit(values, "quantile", seed=3)
    assert scaler.quantiles is not None
    shares = np.linspace(0, 1, 100) * 100
    assert np.array_equal(
        scaler.quantiles[:, 0], np.percentile(values[some, 0].astype(float), shares)
    )
    # Its ends are those of all rows: a column that varies but in the sample is not constant.
    assert scaler.scale.tolist() == [np.ptp(values[:, 0].astype(float)), 1]
    monkeypatch.setattr(parts, "GATHERED_ROWS", 6000)
    assert Scaler.fit(values, "quantile", seed=3) != scaler


CODE = """
import resource, sys
import numpy as np
from audioclust import Scaler

def peak():
    # Bytes, since the process began; Linux tells kB.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

values = np.random.default_rng(0).random((400_000, 60), dtype=np.float32)
few = values[:100]
Scaler.fit(few, sys.argv[1]).transform(few)
before = peak()
scaled = Scaler.fit(values, sys.argv[1]).transform(values)
print((peak() - before) / scaled.nbytes)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="peaks have other units elsewhere")
@pytest.mark.parametrize("scaling", ["standard", "minmax", "quantile"])
def test_scaling_takes_little_more_memory_than_what_it_gives(scaling: Scaling) -> None:
    command = [sys.executable, "-c", CODE, scaling]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    # A copy of the rows in float64 would make it 2, one in float32 1.5.
    assert float(done.stdout) < 1.25
