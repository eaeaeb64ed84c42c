"""Scaling: scikit-learn's numbers, clipped."""

from __future__ import annotations

import dataclasses
import pickle
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.preprocessing import MinMaxScaler, QuantileTransformer, StandardScaler

import audioclust as ac
from audioclust.clustering.scaling import CLIP, Scaler, Scaling

SCALINGS = get_args(Scaling)
BY_COLUMN = tuple(name for name in SCALINGS if name != "neighbors")


def theirs(values: np.ndarray, scaling: str) -> np.ndarray:
    x = values.astype(np.float64)
    scaled: np.ndarray = x
    if scaling == "standard":
        scaled = np.clip(StandardScaler().fit_transform(x), -CLIP, CLIP)
    if scaling == "minmax":
        scaled = MinMaxScaler((-1, 1)).fit_transform(x)
    if scaling == "quantile":
        transformer = QuantileTransformer(
            n_quantiles=min(100, len(x)), output_distribution="normal", subsample=None
        )
        scaled = np.clip(transformer.fit_transform(x), -CLIP, CLIP)
    return scaled


@pytest.mark.parametrize("scaling", BY_COLUMN)
@pytest.mark.parametrize("n", [2, 5, 99, 100, 101, 1000])
def test_columns_are_scikit_learns(scaling: Scaling, n: int, rng: np.random.Generator) -> None:
    values = np.stack(
        [
            rng.normal(5, 2, n),
            rng.lognormal(0, 3, n),
            rng.uniform(-1e-6, 1e-6, n),
            np.round(rng.normal(0, 1, n), 1) + np.arange(n) % 2,
            rng.normal(1e6, 1, n),
        ],
        axis=1,
    ).astype(np.float32)
    scaled = Scaler.fit(values, scaling).transform(values)
    np.testing.assert_allclose(scaled, theirs(values, scaling), atol=1e-6)


@pytest.mark.parametrize("scaling", ["standard", "minmax", "quantile", "neighbors"])
def test_a_constant_column_becomes_zero(scaling: Scaling) -> None:
    values = np.array([[1.0, 0.1], [2.0, 0.1], [4.0, 0.1]], np.float32)
    scaler = Scaler.fit(values, scaling)
    assert np.all(scaler.transform(values)[:, 1] == 0)
    assert np.all(scaler.transform([[3.0, 99.0]])[:, 1] == 0)
    assert np.allclose(scaler.inverse_transform([[0.0, 0.0]])[:, 1], 0.1)


@given(
    values=arrays(np.float32, (20, 2), elements=st.floats(-1e6, 1e6, width=32)),
    scaling=st.sampled_from(BY_COLUMN),
)
def test_order_is_kept_and_everything_is_finite(values: np.ndarray, scaling: Scaling) -> None:
    scaled = Scaler.fit(values, scaling).transform(values)
    assert np.all(np.isfinite(scaled))
    for column, before in zip(scaled.T, values.T, strict=True):
        assert np.all(np.diff(column[np.argsort(before, kind="stable")]) >= -1e-9)


@pytest.mark.parametrize("scaling", SCALINGS)
def test_the_inverse_gives_back_what_was_not_clipped(
    scaling: Scaling, rng: np.random.Generator
) -> None:
    values = rng.uniform(-5, 9, (500, 3))
    scaler = Scaler.fit(values, scaling)
    back = scaler.inverse_transform(scaler.transform(values))
    # Clipping cuts off the outermost 0.1 % at either end of "quantile", of a range of 14.
    np.testing.assert_allclose(back, values, atol=0.05)


def test_an_outlier_is_clipped(library: list[str]) -> None:
    clean = ac.extract(library)
    values = np.vstack([clean.values, np.full(150, -1e4, np.float32)])
    assert np.abs(Scaler.fit(values, "standard").transform(values)).max() <= CLIP


def test_an_unknown_scaling_is_refused() -> None:
    with pytest.raises(ac.ParameterError, match="scaling='robust': expected one of auto, "):
        ac.cluster("nowhere", scaling="robust")  # type: ignore[call-overload]
    with pytest.raises(
        ac.ParameterError, match=r"scaling=\['none'\]: expected one of standard, "
    ):
        Scaler.fit([[1.0]], ["none"])  # type: ignore[arg-type]


@pytest.mark.parametrize("scaling", SCALINGS)
def test_scalers_are_equal_by_value_and_pickled_by_their_public_name(
    scaling: Scaling, rng: np.random.Generator
) -> None:
    values = rng.normal(size=(50, 3))
    scaler = ac.Scaler.fit(values, scaling)
    assert scaler == Scaler.fit(values.copy(), scaling)
    assert scaler != dataclasses.replace(scaler, center=scaler.center + 1)
    assert scaler != Scaler.fit(values, "minmax" if scaling != "minmax" else "none")
    state = pickle.dumps(scaler)
    assert b"audioclust.clustering" not in state
    assert pickle.loads(state) == scaler
