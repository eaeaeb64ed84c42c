"""t-SNE as plain functions of arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from audioclust import _core
from audioclust.clustering.principal_axes import principal_axes
from audioclust.errors import ParameterError
from audioclust.utils.arguments import (
    as_floats,
    check_int,
    check_number,
    check_positive,
)
from audioclust.utils.values import ByValue

if TYPE_CHECKING:
    from numpy.typing import NDArray


MAX_ITER = 750
"""Largest number of steps; in the first 250 neighbours attract each other more."""


_START = 1e-4
"""Standard deviation of the start along its long axis: small, so that groups can pass."""


_JITTER = 0.01
"""Share of the start that is random: it parts copies, and points on one line."""


@dataclass(frozen=True, eq=False)
class TsneFit(ByValue):
    """A layout of n rows.

    Attributes
    ----------
    points : ndarray of shape (n, 2), float64
        The point of each row. Their mean is 0, and their long axis lies along the first column.
    kl_divergence : float
        The Kullback-Leibler divergence of what is near what among the points from what is near
        what among the rows; at least 0, and lower is better.
    n_iter : int
        Number of steps taken.
    """

    points: NDArray[np.float64]
    kl_divergence: float
    n_iter: int


def tsne(
    rows: NDArray[Any],
    *,
    perplexity: float = 30.0,
    random_state: int = 0,
    n_threads: int = 1,
    max_iter: int = MAX_ITER,
    early_exaggeration: float = 12.0,
    learning_rate: float | Literal["auto"] = "auto",
    theta: float = 0.5,
    init: NDArray[Any] | None = None,
) -> TsneFit:
    """Lay rows out in the plane so that near rows get near points.

    Parameters
    ----------
    rows : ndarray of shape (n, d), float32 or float64
        Finite, with at least one column.
    perplexity : float, default=30.0
        How many neighbours count for each row, softly, at least 1. It is lowered to a third of
        the number of other rows, or to 2 where a third is less.
    random_state : int, default=0
        Seed of the small random part of the start. Not used if `init` is given.
    n_threads : int, default=1
        Number of threads; the result does not depend on it.
    max_iter : int, default=750
        Largest number of steps.
    early_exaggeration : float, default=12.0
        How many times as much neighbours attract each other in the first 250 steps.
    learning_rate : float or "auto", default="auto"
        Length of a step for a gradient of length 1. "auto" is a quarter of the number of rows
        divided by the exaggeration of the step, and at least 50.
    theta : float, default=0.5
        How large points that are taken together may look from afar: the side of the box around
        them, divided by its distance. 0 computes all pairs.
    init : ndarray of shape (n, 2), optional
        Where points begin, not all at one place; by default at the first two principal
        components.

    Raises
    ------
    ParameterError
        If an argument is invalid.

    Notes
    -----
    L. van der Maaten, G. Hinton, "Visualizing Data using t-SNE", JMLR 9 (2008); L. van der
    Maaten, "Accelerating t-SNE using Tree-Based Algorithms", JMLR 15 (2014). The nearest
    neighbours are exact, found in time that grows as n²; each step takes time in proportion to
    n log n. Memory grows as n times the perplexity.
    """
    _core.check_rows(rows)
    rate = _checked_rate(learning_rate)
    seed = check_int("random_state", random_state, 0, 2**64 - 1)
    start = _start(rows, seed, n_threads) if init is None else _as_points("init", init)
    found = _core.tsne(
        rows,
        start,
        perplexity=_checked_perplexity(perplexity, len(rows)),
        early_exaggeration=check_positive("early_exaggeration", early_exaggeration),
        learning_rate=rate,
        theta=check_number("theta", theta),
        max_iter=check_int("max_iter", max_iter, 1),
        n_threads=n_threads,
    )
    return TsneFit(*found)


def place(
    rows: NDArray[Any],
    points: NDArray[Any],
    new_rows: NDArray[Any],
    perplexity: float = 30.0,
    n_threads: int = 1,
) -> NDArray[np.float64]:
    """Give new rows points beside those of old rows, which stay where they are.

    Parameters
    ----------
    rows : ndarray of shape (n, d), float32 or float64
        The old rows, at least one.
    points : ndarray of shape (n, 2)
        Their points.
    new_rows : ndarray of shape (m, d), of the dtype of `rows`
        The new rows.
    perplexity : float, default=30.0
        How many old neighbours count for each new row, softly, at least 1.
    n_threads : int, default=1
        Number of threads; the result does not depend on it.

    Returns
    -------
    ndarray of shape (m, 2), float64
        The point of each new row.

    Raises
    ------
    ParameterError
        If an argument is invalid.

    Notes
    -----
    Each new point begins at that of the nearest old row and goes down the gradient of t-SNE,
    attracted by its old neighbours and pushed away by all old points. New points do not see
    each other: a row gets the same point whichever others it is placed with.
    """
    return _core.tsne_place(
        rows,
        _as_points("points", points),
        new_rows.astype(rows.dtype, copy=False),
        perplexity=check_number("perplexity", perplexity, 1),
        n_threads=n_threads,
    )


def _checked_perplexity(value: object, n: int) -> float:
    """Give a perplexity of at least 1: the nearest row counts."""
    if n > 1:
        return check_number("perplexity", value, 1)
    # A row alone has no neighbours: any number will do, and scikit-learn's checks give 0.5.
    return max(1.0, check_positive("perplexity", value))


def _checked_rate(value: object) -> float | None:
    """Give the length of a step, None for "auto"."""
    if isinstance(value, str) and value == "auto":
        return None
    try:
        return check_positive("learning_rate", value)
    except ParameterError as why:
        raise ParameterError(f"{why}, or 'auto'") from None


def _as_points(name: str, value: object) -> NDArray[np.float64]:
    return as_floats(name, value, (2,), empty=True).astype(np.float64, copy=False)


def _start(rows: NDArray[Any], seed: int, n_threads: int) -> NDArray[np.float64]:
    """Give the rows' first two principal components, small, and a random part."""
    n = len(rows)
    jitter: NDArray[np.float64] = np.random.default_rng(seed).normal(size=(n, 2))
    if n < 2:
        return jitter
    # Sums may be rounded otherwise where rows lie in memory otherwise.
    rows = np.ascontiguousarray(rows)
    mean, axes = principal_axes(rows, None)
    # How long the axes are does not matter, nor what unit the columns have.
    longest = np.linalg.norm(axes, axis=1).max()
    if not longest > 0:
        return _START * jitter
    lengths = np.linalg.norm(axes, axis=1, keepdims=True)
    units = axes / np.where(lengths > 0, lengths, 1.0) / longest
    along = _core.multiplied(rows - mean, np.ascontiguousarray(units.T), n_threads=n_threads)
    return _START * (along + _JITTER * jitter)
