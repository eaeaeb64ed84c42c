"""Columns survive being packed into text and unpacked by a page."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from playwright.sync_api import Browser
from support.browser import opened
from support.pages import synthetic_page

from audioclust.report.packing import packed, quantized

integers = st.tuples(st.integers(0, 40), st.sampled_from([1, 255, 256, 65535, 65536])).flatmap(
    lambda pair: arrays(np.int64, pair[0], elements=st.integers(-pair[1] // 2, pair[1]))
)
doubles = arrays(
    np.float64,
    st.integers(0, 40),
    elements=st.floats(-1e30, 1e30) | st.just(np.nan) | st.just(np.inf),
)


def unpacked(column: dict[str, Any]) -> np.ndarray:
    """What `unpacked()` in data.js does."""
    codes = np.frombuffer(base64.b64decode(column["data"]), f"<{column['type']}")
    if "scale" not in column:
        return codes
    values = column["offset"] + column["scale"] * codes.astype(np.float64)
    return np.where(codes == column["nan"], np.nan, values)


@given(integers)
def test_integers_come_back_in_the_smallest_type(values: np.ndarray) -> None:
    column = json.loads(json.dumps(packed(values)))
    assert unpacked(column).tolist() == values.tolist()
    low, high = (values.min(), values.max()) if len(values) else (0, 0)
    smaller = int(column["type"][1]) // 2
    if smaller:
        info = np.iinfo(f"{'i' if low < 0 else 'u'}{smaller}")
        assert low < info.min or high > info.max


@given(arrays(np.float32, st.integers(0, 40), elements=st.floats(width=32)))
def test_single_precision_comes_back_bit_by_bit(values: np.ndarray) -> None:
    assert unpacked(packed(values)).tobytes() == values.tobytes()


@given(doubles, st.sampled_from([1, 2]))
def test_quantized_values_are_half_a_step_off_at_most(values: np.ndarray, n_bytes: int) -> None:
    column = json.loads(json.dumps(quantized(values, n_bytes), allow_nan=False))
    found = unpacked(column)
    known = np.isfinite(values)
    assert np.isfinite(found).tolist() == known.tolist()
    if known.any():
        span = values[known].max() - values[known].min()
        step = span / (2 ** (8 * n_bytes) - 2)
        # The rounding of doubles comes on top of half a step.
        rounding = 1e-12 * np.abs(values[known]).max()
        assert (np.abs(found[known] - values[known]) <= step / 2 + rounding).all()


@pytest.mark.parametrize("n_bytes", [1, 2])
def test_a_column_of_one_value_is_exact(n_bytes: int) -> None:
    values = np.array([0.1, 0.1, np.nan])
    np.testing.assert_array_equal(unpacked(quantized(values, n_bytes)), values)


def test_a_page_unpacks_what_was_packed(
    browser: Browser, tmp_path: Path, rng: np.random.Generator
) -> None:
    columns = [
        packed(np.array(values, dtype))
        for values, dtype in (
            ([0, 255], np.int64),
            ([0, 256], np.int64),
            ([7, 65536], np.int64),
            ([-1, 127], np.int64),
            ([-129, 5], np.int64),
            ([-(2**31), 2**31 - 1], np.int64),
            ([0.1, np.nan, -1e30], np.float32),
            ([], np.int64),
        )
    ]
    values = np.where(rng.random(500) < 0.1, np.nan, rng.normal(size=500))
    columns += [quantized(values, 1), quantized(values, 2), quantized(np.full(3, 2.5), 1)]
    code = "columns => columns.map(c => Array.from(unpacked(c), v => isNaN(v) ? null : v))"
    with opened(browser, synthetic_page(tmp_path / "page.html", 3)) as found:
        in_page = found.page.evaluate(code, columns)
    for column, own in zip(columns, in_page, strict=True):
        expected = np.asarray(unpacked(column), np.float32 if "scale" in column else None)
        np.testing.assert_array_equal(np.array(own, np.float64), expected.astype(np.float64))
