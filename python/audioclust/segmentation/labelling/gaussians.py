"""A Gaussian for each label: its sums, mean and covariance, and what sharing one costs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from audioclust import _core
from audioclust.segmentation.frames import Frames, Labels

if TYPE_CHECKING:
    from numpy.typing import NDArray


REGULARIZATION = 0.1
"""What is added to each variance of a label, as a share of the variance over all frames."""


SHARED_FRAMES = 500.0
"""The covariance within all labels counts in each label's own as this many of its frames do.

A label of few seconds has not heard every sound of its voice. What all labels have in common
stands in for that.
"""


class Moments(NamedTuple):
    """Sums over the active frames of each label.

    Attributes
    ----------
    counts : ndarray of shape (n_labels,), float64
        Number of frames.
    sums : ndarray of shape (n_labels, n_columns), float64
        Sum of their cepstra.
    products : ndarray of shape (n_labels, n_columns, n_columns), float64
        Sum of the outer products of their cepstra with themselves.
    """

    counts: NDArray[np.float64]
    sums: NDArray[np.float64]
    products: NDArray[np.float64]

    def picked(self, labels: NDArray[np.integer]) -> Moments:
        """Give the sums of some labels, in that order."""
        return Moments(*(part[labels] for part in self))

    def plus(self, other: Moments) -> Moments:
        """Give the sums of each label here and the one in the same place there, together."""
        return Moments(*(a + b for a, b in zip(self, other, strict=True)))

    def merged(self, first: int, second: int) -> Moments:
        """Give the sums after the second label has become the first, and has been left out."""
        parts = [part.copy() for part in self]
        for part in parts:
            part[first] += part[second]
        return Moments(*(np.delete(part, second, axis=0) for part in parts))


def moments(recordings: Sequence[Frames], labels: list[Labels], n_labels: int) -> Moments:
    """Add up the active frames of each label, over all recordings.

    Frames with a label of `n_labels` or more do not count.
    """
    total: list[NDArray[np.float64]] = []
    for frames, own in zip(recordings, labels, strict=True):
        counted = np.where(frames.active & (own < n_labels), own, -1).astype(np.int32)
        for start, rows in frames.cepstra.blocks():
            found = _core.moments(rows, counted[start : start + len(rows)], n_labels)
            parts = [np.asarray(part, np.float64) for part in found]
            total = [np.add(*both) for both in zip(total, parts, strict=False)] or parts
    return Moments(*total)


def added_variances(recordings: Sequence[Frames]) -> NDArray[np.float64]:
    """Give the diagonal matrix that is added to covariances.

    Without it, a label of few frames would have next to no variance in some direction.
    """
    everywhere_0 = [np.zeros(frames.n_frames, np.int32) for frames in recordings]
    _, covariances = _means_and_covariances(moments(recordings, everywhere_0, 1))
    variances = np.diag(covariances[0])
    return np.asarray(REGULARIZATION * np.diag(np.maximum(variances, 1e-9)))


def gaussians(sums: Moments, added: NDArray[np.float64]) -> _core.Gaussians:
    """Give the Gaussian of each label.

    A label without frames gets a mean so far away that no frame is ever assigned to it.
    """
    means, covariances = _means_and_covariances(sums)
    means[sums.counts == 0] = 1e6
    counts = sums.counts[:, None, None]
    within = (counts * covariances).sum(axis=0) / max(counts.sum(), 1)
    shared = (counts * covariances + SHARED_FRAMES * within) / (counts + SHARED_FRAMES)
    factors = np.linalg.cholesky(shared + added)
    return _core.Gaussians(means, np.tril(np.linalg.inv(factors)))


def losses(one: Moments, other: Moments, added: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give how much worse one Gaussian describes two labels than one for each does.

    This is the difference of Bayesian information criteria (Chen & Gopalakrishnan 1998,
    "Speaker, environment and channel change detection and clustering via the Bayesian
    information criterion") without its penalty: twice the logarithm of the likelihood ratio.

    Parameters
    ----------
    one, other : Moments
        Of equally many labels, which are taken in pairs.
    added : ndarray of shape (n_columns, n_columns), float64
        What is added to each covariance matrix.

    Returns
    -------
    losses : ndarray of shape (n_pairs,), float64
    """
    lengths = [_code_lengths(sums, added) for sums in (one.plus(other), one, other)]
    return np.asarray(lengths[0] - lengths[1] - lengths[2])


def _code_lengths(sums: Moments, added: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give each label's number of frames times the log-determinant of their covariance.

    But for constants that is minus twice the log-likelihood of the label's frames.
    """
    covariances = _means_and_covariances(sums)[1] + added
    return np.asarray(sums.counts * np.linalg.slogdet(covariances)[1])


def _means_and_covariances(sums: Moments) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the mean and the covariance matrix of each label; 0 for one without frames."""
    counts = np.maximum(sums.counts, 1)
    means = sums.sums / counts[:, None]
    squares = sums.products / counts[:, None, None]
    return means, squares - means[:, :, None] * means[:, None, :]
