"""t-SNE as a scikit-learn estimator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from audioclust.clustering.estimators import bases
from audioclust.clustering.estimators.versioned import Versioned
from audioclust.clustering.layouts.layout import beside
from audioclust.clustering.layouts.tsne import MAX_ITER, tsne
from audioclust.errors import ParameterError
from audioclust.utils.arguments import as_floats, check_choice, check_number, check_seed
from audioclust.utils.threads import n_threads

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


_FLOATS = [np.float64, np.float32]


class TSNE(
    Versioned,
    bases.ClassNamePrefixFeaturesOutMixin,
    bases.TransformerMixin,
    bases.BaseEstimator,
):
    """t-SNE: samples as points of a plane, in which near samples are near each other.

    Parameters have scikit-learn's names. There are two components, and distances are
    Euclidean. Beside scikit-learn's, it places new samples, see :meth:`transform`.

    Parameters
    ----------
    perplexity : float, default=30.0
        How many neighbours count for each sample, at least 1. At most a third of the other
        samples count, or 2 where a third is less.
    early_exaggeration : float, default=12.0
        How many times as much neighbours attract each other in the first 250 steps.
    learning_rate : float or "auto", default="auto"
        Length of a step for a gradient of length 1. ``"auto"`` is a quarter of the number of
        samples divided by the exaggeration of the step, and at least 50.
    max_iter : int, default=750
        Largest number of steps.
    init : "pca" or array-like of shape (n_samples, 2), default="pca"
        Where points begin: at the first two principal components, made small, with a random
        part of a hundredth; or as given, not all at one place.
    random_state : int, RandomState instance or None, default=None
        Seed of that random part. An int gives the points of
        :meth:`audioclust.Clustering.layout` for the same rows, perplexity and seed.
    angle : float, default=0.5
        How large points that are taken together may look from afar: the side of the box around
        them, divided by its distance. 0 computes all pairs.
    n_jobs : int, default=None
        Number of threads; None and -1 are all cores. The result does not depend on it.

    Attributes
    ----------
    embedding_ : ndarray of shape (n_samples, 2), float64
        The points. Their mean is 0, and their long axis lies along the first column.
    kl_divergence_ : float
        The Kullback-Leibler divergence of what is near what among the points from what is near
        what among the samples; lower is better.
    n_iter_ : int
        Number of steps taken.
    n_features_in_ : int
        Number of columns.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, if X had names.

    References
    ----------
    .. [1] L. van der Maaten, G. Hinton, "Visualizing Data using t-SNE", JMLR 9, 2008.
    .. [2] L. van der Maaten, "Accelerating t-SNE using Tree-Based Algorithms", JMLR 15, 2014.

    Examples
    --------
    >>> import numpy as np
    >>> from audioclust import TSNE
    >>> colours = np.array([[0, 0, 1], [0, 0, 0.9], [1, 0, 0], [0.9, 0, 0]])
    >>> TSNE(random_state=0).fit_transform(colours).shape
    (4, 2)
    """

    def __init__(
        self,
        *,
        perplexity: float = 30.0,
        early_exaggeration: float = 12.0,
        learning_rate: float | Literal["auto"] = "auto",
        max_iter: int = MAX_ITER,
        init: Literal["pca"] | ArrayLike = "pca",
        random_state: int | np.random.RandomState | None = None,
        angle: float = 0.5,
        n_jobs: int | None = None,
    ) -> None:
        self.perplexity = perplexity
        self.early_exaggeration = early_exaggeration
        self.learning_rate = learning_rate
        self.max_iter = max_iter
        self.init = init
        self.random_state = random_state
        self.angle = angle
        self.n_jobs = n_jobs

    def fit(self, X: ArrayLike, y: object = None) -> TSNE:  # noqa: ARG002, N803
        """Lay samples out.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features), float32 or float64
            The samples, finite. A copy is kept, since :meth:`transform` needs them.
        y : ignored
            Not used; scikit-learn's pipelines pass it to every estimator.

        Returns
        -------
        TSNE
            Itself.

        Raises
        ------
        ParameterError
            If a parameter is invalid.
        """
        rows = bases.validated(self, X, dtype=_FLOATS, reset=True)
        found = tsne(
            rows,
            perplexity=self.perplexity,
            random_state=self._drawn_seed(),
            n_threads=n_threads(self.n_jobs),
            max_iter=self.max_iter,
            early_exaggeration=self.early_exaggeration,
            learning_rate=self.learning_rate,
            theta=check_number("angle", self.angle),
            init=self._given_start(len(rows)),
        )
        # A copy: what the caller writes into X later must not move what transform() places.
        self._rows: NDArray[Any] = rows.copy()
        self.embedding_: NDArray[np.float64] = found.points
        self.kl_divergence_: float = found.kl_divergence
        self.n_iter_: int = found.n_iter
        return self

    def fit_transform(self, X: ArrayLike, y: object = None) -> NDArray[np.float64]:  # noqa: N803
        """Lay samples out and give their points; see :meth:`fit`.

        Returns
        -------
        ndarray of shape (n_samples, 2), float64
            ``embedding_``.
        """
        return self.fit(X, y).embedding_

    def transform(self, X: ArrayLike) -> NDArray[np.float64]:  # noqa: N803
        """Place samples beside those that were laid out, which do not move.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features), float32 or float64
            The samples, finite.

        Returns
        -------
        ndarray of shape (n_samples, 2), float64
            A sample that is equal to one that was laid out is at its point. Any other begins at
            the point of the nearest one and goes down the gradient of t-SNE by itself.
        """
        check_is_fitted(self)
        rows = bases.validated(self, X, dtype=_FLOATS, reset=False)
        rows = rows.astype(self._rows.dtype, copy=False)
        return beside(self._rows, self.embedding_, rows, n_threads(self.n_jobs))

    @property
    def _n_features_out(self) -> int:
        return 2

    def _drawn_seed(self) -> int:
        if isinstance(self.random_state, (int, np.integer)):
            return check_seed(self.random_state)[1]
        return int(check_random_state(self.random_state).randint(2**31 - 1))

    def _given_start(self, n: int) -> NDArray[Any] | None:
        """Give where points begin; None for the principal components."""
        if isinstance(self.init, str):
            check_choice("init", self.init, ("pca",))
            return None
        points = as_floats("init", self.init, (2,))
        if points.shape != (n, 2):
            raise ParameterError(f"init has shape {points.shape}: expected {(n, 2)}")
        return points


TSNE.__module__ = "audioclust"
