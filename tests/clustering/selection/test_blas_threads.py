"""Choosing k leaves the cores to its own threads."""

from __future__ import annotations

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

import audioclust as ac


def blas_threads() -> set[int]:
    return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}


def test_linear_algebra_has_one_thread_while_nulls_are_measured(
    rng: np.random.Generator,
) -> None:
    if not blas_threads():
        pytest.skip("NumPy's linear algebra has no threads to count")
    seen: list[set[int]] = []
    with threadpool_limits(2, "blas"):
        ac.choose_k(
            rng.normal(size=(30, 4)), [2, 3], progress=lambda *_: seen.append(blas_threads())
        )
        assert blas_threads() == {2}
    assert seen == [{1}] * 50
