"""k-means as a scikit-learn estimator."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

import numpy as np
from sklearn.metrics import euclidean_distances
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from audioclust import _core
from audioclust.clustering.estimators import bases
from audioclust.clustering.estimators.inputs import as_weights, dense
from audioclust.clustering.estimators.versioned import Versioned
from audioclust.clustering.kmeans import KMeansFit, KMeansSettings, Start, fit_kmeans
from audioclust.errors import ParameterError
from audioclust.utils.arguments import check_choice, check_flag, check_int, check_unmasked
from audioclust.utils.threads import n_threads

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


_FLOATS = [np.float64, np.float32]


Chooser: TypeAlias = "Callable[..., ArrayLike]"
"""Gives the first centres for ``(X, n_clusters, random_state=RandomState)``."""


class KMeans(
    Versioned,
    bases.ClassNamePrefixFeaturesOutMixin,
    bases.TransformerMixin,
    bases.ClusterMixin,
    bases.BaseEstimator,
):
    """k-means: clusters around centres, such that squared distances to the centres are small.

    It can stand in for scikit-learn's estimator of the same name: it has its parameters and
    attributes, and gives its results from the same start. It runs Lloyd's iterations [1]_, with
    bounds [2]_ that skip rows whose label cannot change. For the same data and seed every
    number of threads gives the same bits. Sparse matrices are made dense.

    Parameters
    ----------
    n_clusters : int, default=8
        Number of clusters.
    init : {"k-means++", "ward", "random"}, callable or array-like of shape \
(n_clusters, n_features), default="k-means++"
        The first centres: samples far from each other, each the best of ``2 + ln n_clusters``
        candidates [3]_; the means of Ward's clusters, of 5,000 samples drawn at random if there
        are more; samples drawn at random; or an array of centres. A callable is called with
        ``(X, n_clusters, random_state=random_state)`` for each start and gives such an array.
    n_init : int or "auto", default="auto"
        Number of starts, of which the one with the least inertia is kept. "auto" is 10 for
        "random" and callables, and 1 for "k-means++". "ward" and given centres are always one
        start.
    max_iter : int, default=300
        Largest number of iterations of a start.
    tol : float, default=1e-4
        A start ends when the sum of the squared shifts of the centres is at most this, relative
        to the mean variance of the columns.
    verbose : int, default=0
        Whether to print a line for each iteration, as scikit-learn does. Each line costs a pass
        over the samples.
    random_state : int, RandomState instance or None, default=None
        Seed of the starts.
    copy_x : bool, default=True
        Taken for scikit-learn's sake: X is never changed, and never copied if it is an array of
        float32 or float64.
    algorithm : {"lloyd", "elkan"}, default="lloyd"
        Taken for scikit-learn's sake: both give the same clusters, and the bounds are the same
        for both.
    n_jobs : int, default=None
        Number of threads; None and -1 are all cores. The result does not depend on it.

    Attributes
    ----------
    cluster_centers_ : ndarray of shape (n_clusters, n_features), of the dtype of X
        The centres.
    labels_ : ndarray of shape (n_samples,), int32
        The cluster of each sample; :meth:`predict` gives the same.
    inertia_ : float
        Sum of the squared distances of samples to their centres, each times its weight.
    n_iter_ : int
        Number of iterations of the start that was kept.
    n_features_in_ : int
        Number of columns.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, if X had names.

    References
    ----------
    .. [1] S. Lloyd, "Least squares quantization in PCM", IEEE Transactions on Information
       Theory 28, 1982.
    .. [2] G. Hamerly, "Making k-means even faster", SIAM International Conference on Data
       Mining, 2010.
    .. [3] D. Arthur and S. Vassilvitskii, "k-means++: the advantages of careful seeding",
       SODA, 2007.

    Examples
    --------
    >>> import numpy as np
    >>> from audioclust import KMeans
    >>> X = np.array([[1.0, 2.0], [1.0, 4.0], [10.0, 2.0], [10.0, 4.0]])
    >>> KMeans(2, random_state=0).fit(X).inertia_
    4.0
    """

    def __init__(
        self,
        n_clusters: int = 8,
        *,
        init: Start | Chooser | ArrayLike = "k-means++",
        n_init: int | Literal["auto"] = "auto",
        max_iter: int = 300,
        tol: float = 1e-4,
        verbose: int = 0,
        random_state: int | np.random.RandomState | None = None,
        copy_x: bool = True,
        algorithm: Literal["lloyd", "elkan"] = "lloyd",
        n_jobs: int | None = None,
    ) -> None:
        self.n_clusters = n_clusters
        self.init = init
        self.n_init = n_init
        self.max_iter = max_iter
        self.tol = tol
        self.verbose = verbose
        self.random_state = random_state
        self.copy_x = copy_x
        self.algorithm = algorithm
        self.n_jobs = n_jobs

    def fit(
        self,
        X: ArrayLike,  # noqa: N803
        y: object = None,  # noqa: ARG002
        sample_weight: ArrayLike | None = None,
    ) -> KMeans:
        """Find clusters.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features), float32 or float64
            The samples, finite; arrays of these dtypes are not copied. A sparse matrix is made
            dense, and refused if that takes more than 1 GiB.
        y : ignored
            Not used; scikit-learn's pipelines pass it to every estimator.
        sample_weight : array-like of shape (n_samples,), default=None
            Weight of each sample, at least 0.

        Returns
        -------
        KMeans
            Itself.

        Raises
        ------
        ParameterError
            If a parameter is invalid, X has a value that is not finite or is too large a sparse
            matrix, or there are fewer samples than clusters.

        Warns
        -----
        ConvergenceWarning
            If there are fewer different samples than clusters: some clusters are then empty. It
            is both audioclust's and scikit-learn's class of that name.
        RuntimeWarning
            If `init` is an array and `n_init` above 1, or `algorithm` is "elkan" for a single
            cluster.
        """
        rows = self._rows(X, reset=True)
        state = check_random_state(self.random_state)
        settings = self._settings(rows, int(state.randint(2**31 - 1)))
        weights = as_weights(sample_weight, rows)
        if callable(self.init):
            found = self._best_of_chosen(self.init, rows, weights, settings, state)
        else:
            found = fit_kmeans(rows, settings, weights)
        self.cluster_centers_: NDArray[Any] = found.centers
        self.labels_: NDArray[np.int32] = found.labels
        self.inertia_: float = found.inertia
        self.n_iter_: int = found.n_iter
        if found.n_filled < settings.k:
            # scikit-learn's words, as in the other messages that its users may look for.
            warnings.warn(
                f"Number of distinct clusters ({found.n_filled}) found smaller than n_clusters "
                f"({settings.k}). Possibly due to duplicate points in X.",
                bases.ConvergenceWarning,
                stacklevel=2,
            )
        return self

    def fit_predict(
        self,
        X: ArrayLike,  # noqa: N803
        y: object = None,
        sample_weight: ArrayLike | None = None,
    ) -> NDArray[np.int32]:
        """Find clusters and give that of each sample; see :meth:`fit`."""
        return self.fit(X, y, sample_weight).labels_

    def predict(self, X: ArrayLike) -> NDArray[np.int32]:  # noqa: N803
        """Give the cluster whose centre is nearest to each sample.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features), float32 or float64
            The samples, finite.

        Returns
        -------
        ndarray of shape (n_samples,), int32
            Of equally near centres, the first.
        """
        return self._assigned(X, None)[0]

    def transform(self, X: ArrayLike) -> NDArray[Any]:  # noqa: N803
        """Give the distance of each sample to each centre.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features), float32 or float64
            The samples, finite.

        Returns
        -------
        ndarray of shape (n_samples, n_clusters), of the dtype of X
            Euclidean distances.
        """
        check_is_fitted(self)
        rows = self._rows(X, reset=False, ensure_all_finite=True)
        distances: NDArray[Any] = euclidean_distances(
            rows, self.cluster_centers_.astype(rows.dtype, copy=False)
        )
        return distances

    def score(
        self,
        X: ArrayLike,  # noqa: N803
        y: object = None,  # noqa: ARG002
        sample_weight: ArrayLike | None = None,
    ) -> float:
        """Give the negative sum of the squared distances of samples to their nearest centres.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features), float32 or float64
            The samples, finite.
        y : ignored
            Not used; scikit-learn's pipelines pass it to every estimator.
        sample_weight : array-like of shape (n_samples,), default=None
            Weight of each sample, at least 0.

        Returns
        -------
        float
            At most 0; higher is better, as scikit-learn's model selection expects.
        """
        return -self._assigned(X, sample_weight)[1]

    def _assigned(
        self,
        X: ArrayLike,  # noqa: N803
        sample_weight: ArrayLike | None,
    ) -> tuple[NDArray[np.int32], float]:
        check_is_fitted(self)
        rows = self._rows(X, reset=False)
        return _core.assign(
            rows,
            self.cluster_centers_.astype(rows.dtype, copy=False),
            n_threads=n_threads(self.n_jobs),
            sample_weight=as_weights(sample_weight, rows),
        )

    def _rows(
        self,
        X: ArrayLike,  # noqa: N803
        *,
        reset: bool,
        ensure_all_finite: bool = False,
    ) -> NDArray[Any]:
        """Check samples, but leave their values to the core, which names one that is bad."""
        found = bases.validated(
            self,
            X,
            accept_sparse="csr",
            dtype=_FLOATS,
            reset=reset,
            ensure_all_finite=ensure_all_finite,
        )
        return dense(found)

    def _settings(self, rows: NDArray[Any], seed: int) -> KMeansSettings:
        """Check the parameters for these samples."""
        k = check_int("n_clusters", self.n_clusters, 1)
        if k > len(rows):
            raise ParameterError(f"n_samples={len(rows)} should be >= n_clusters={k}.")
        check_flag("copy_x", self.copy_x)
        algorithm = check_choice("algorithm", self.algorithm, ("lloyd", "elkan"))
        if algorithm == "elkan" and k == 1:
            warnings.warn(
                "algorithm='elkan' doesn't make sense for a single cluster. Using 'lloyd' "
                "instead.",
                RuntimeWarning,
                stacklevel=3,
            )
        self._n_init = self._number_of_starts()
        return KMeansSettings(
            k=k,
            # The centres of a callable are found for each start.
            init="random" if callable(self.init) else self._checked_init(self.init, rows),
            n_init=self._n_init,
            max_iter=self.max_iter,
            tol=self.tol,
            seed=seed,
            n_threads=n_threads(self.n_jobs),
            verbose=_is_on(self.verbose),
        )

    def _number_of_starts(self) -> int:
        """Give `n_init`, or what "auto" stands for; 1 for given centres."""
        if isinstance(self.n_init, str) and self.n_init != "auto":
            raise ParameterError(f"n_init={self.n_init!r}: expected an int or 'auto'")
        given = not isinstance(self.init, str) and not callable(self.init)
        if isinstance(self.n_init, str):
            return 1 if given or self.init in ("k-means++", "ward") else 10
        n_init = check_int("n_init", self.n_init, 1)
        if given and n_init > 1:
            warnings.warn(
                "Explicit initial center position passed: performing only one init in KMeans "
                f"instead of n_init={n_init}.",
                RuntimeWarning,
                stacklevel=4,
            )
        return 1 if given else n_init

    def _checked_init(self, init: Any, rows: NDArray[Any]) -> Start | NDArray[Any]:
        """Give the word, which fit_kmeans() checks, or the centres as an array."""
        if isinstance(init, str):
            return cast("Start", init)
        check_unmasked("init", init)
        try:
            centers = np.asarray(init, rows.dtype)
        except (TypeError, ValueError):
            centers = np.empty(0)
        if centers.ndim != 2:
            got = f"an array of {centers.ndim} dims" if centers.size else f"{init!r:.40}"
            raise ParameterError(f"init={got}: expected a name or an array of two dimensions")
        wanted = {"clusters": self.n_clusters, "features of the data": rows.shape[1]}
        for got, (name, n) in zip(centers.shape, wanted.items(), strict=True):
            if got != n:
                raise ParameterError(
                    f"The shape of the initial centers {centers.shape} does not match the "
                    f"number of {name} {n}."
                )
        return centers

    def _best_of_chosen(
        self,
        choose: Chooser,
        rows: NDArray[Any],
        weights: NDArray[np.float64] | None,
        settings: KMeansSettings,
        state: np.random.RandomState,
    ) -> KMeansFit:
        """Give the best of several starts from centres that a callable chooses."""
        starts = (choose(rows, settings.k, random_state=state) for _ in range(settings.n_init))
        fits = (
            fit_kmeans(
                rows, replace(settings, init=self._checked_init(start, rows), n_init=1), weights
            )
            for start in starts
        )
        return min(fits, key=lambda fit: fit.inertia)

    @property
    def _n_features_out(self) -> int:
        return len(self.cluster_centers_)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags


KMeans.__module__ = "audioclust"


def _is_on(verbose: object) -> bool:
    """Tell whether to print: a bool, or as in scikit-learn an int of at least 0."""
    is_flag = isinstance(verbose, (bool, np.bool_))
    return bool(verbose if is_flag else check_int("verbose", verbose, 0))
