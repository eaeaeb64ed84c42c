"""Rows without groups, of several distributions."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

BLOBS: dict[str, Callable[[np.random.Generator, int, int], np.ndarray]] = {
    "gaussian": lambda rng, n, d: rng.normal(size=(n, d)),
    "correlated": lambda rng, n, d: rng.normal(size=(n, d)) @ rng.normal(size=(d, d)),
    "uniform": lambda rng, n, d: rng.uniform(size=(n, d)),
    "heavy tails": lambda rng, n, d: rng.standard_t(3, size=(n, d)),
    "exponential": lambda rng, n, d: rng.exponential(size=(n, d)),
}
"""For each name, what gives n rows of d columns."""
