"""cluster(): the stages put together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, overload

from audioclust.api.on_clients import table_or_clusters
from audioclust.api.workers import Workers
from audioclust.audio.choosing.file_filter import FileFilter, check_files
from audioclust.audio.decoding.limits import Limits
from audioclust.audio.preparation.settings import Preparation
from audioclust.audio.sources import scan
from audioclust.clustering.grouping import GroupingSettings, group_rows, rescaling_of
from audioclust.clustering.samples import sample_of
from audioclust.errors import ParameterError
from audioclust.extraction.analysis import Analysis
from audioclust.extraction.batch import BatchSettings
from audioclust.extraction.cache.settings import Cache, CacheSettings
from audioclust.extraction.preset import Preset
from audioclust.extraction.progress import uncalled
from audioclust.extraction.settings import ExtractionSettings, Features
from audioclust.extraction.table import FeatureTable
from audioclust.results.clustering import Clustering
from audioclust.results.inputs.sounds import check_scaling, fitted_scaler, table_of
from audioclust.results.keeping.succession import Succession
from audioclust.results.parted.clustering import PartedClustering
from audioclust.utils.arguments import (
    check_flag,
)
from audioclust.utils.types import Path, ScalingOrAuto

if TYPE_CHECKING:
    from audioclust.audio.sources import Source
    from audioclust.distributed.clients import Client
    from audioclust.extraction.progress import Progress


@overload
def cluster(
    source: Source | FeatureTable,
    k: int | Literal["auto"] | None = ...,
    *,
    preset: str | Preset | None = ...,
    features: Features | None = ...,
    stats: Iterable[str] | None = ...,
    scaling: ScalingOrAuto = ...,
    algorithm: str = ...,
    k_range: Iterable[int] | None = ...,
    analysis: Analysis | None = ...,
    preparation: Preparation | None = ...,
    duration: float | None = ...,
    offset: float | None = ...,
    files: FileFilter | None = ...,
    descriptors: bool = ...,
    limits: Limits = ...,
    previous: Clustering | None = ...,
    random_state: int | None = ...,
    n_jobs: int | None = ...,
    progress: Progress = ...,
    cache: Cache = ...,
    retry: bool = ...,
    client: None = ...,
    store: Path | None = ...,
    partition_size: int | None = ...,
) -> Clustering: ...


@overload
def cluster(
    source: Source | FeatureTable,
    k: int | Literal["auto"] | None = ...,
    *,
    preset: str | Preset | None = ...,
    features: Features | None = ...,
    stats: Iterable[str] | None = ...,
    scaling: ScalingOrAuto = ...,
    algorithm: str = ...,
    k_range: Iterable[int] | None = ...,
    analysis: Analysis | None = ...,
    preparation: Preparation | None = ...,
    duration: float | None = ...,
    offset: float | None = ...,
    files: FileFilter | None = ...,
    descriptors: bool = ...,
    limits: Limits = ...,
    previous: Clustering | None = ...,
    random_state: int | None = ...,
    n_jobs: int | None = ...,
    progress: Progress = ...,
    cache: Cache = ...,
    retry: bool = ...,
    client: Client,
    store: Path | None = ...,
    partition_size: int | None = ...,
) -> Clustering | PartedClustering: ...


def cluster(
    source: Source | FeatureTable,
    k: int | Literal["auto"] | None = "auto",
    *,
    preset: str | Preset | None = None,
    features: Features | None = None,
    stats: Iterable[str] | None = None,
    scaling: ScalingOrAuto = "auto",
    algorithm: str = "kmeans",
    k_range: Iterable[int] | None = None,
    analysis: Analysis | None = None,
    preparation: Preparation | None = None,
    duration: float | None = None,
    offset: float | None = None,
    files: FileFilter | None = None,
    descriptors: bool = False,
    limits: Limits = Limits(),  # noqa: B008 - it is frozen
    previous: Clustering | None = None,
    random_state: int | None = 0,
    n_jobs: int | None = None,
    progress: Progress = None,
    cache: Cache = True,
    retry: bool = False,
    client: Client | None = None,
    store: Path | None = None,
    partition_size: int | None = None,
) -> Clustering | PartedClustering:
    """Sort sounds into clusters.

    Parameters
    ----------
    source : str, os.PathLike, iterable of these, mapping, or FeatureTable
        Folders, files or glob patterns, a mapping of names to ``(y, sr)``, or features that
        were computed before; see :func:`audioclust.extract`.
    k : int, "auto" or None, default="auto"
        Number of clusters. ``"auto"`` and None choose the number with :func:`choose_k`,
        whatever the algorithm. It is 1 if there is no clear structure. Of fewer than 20
        sounds it is the likeliest number, and nothing is claimed. The result's `selection` says
        why, and its :meth:`~audioclust.Clustering.levels` what each plausible number separates.
    preset : {"music", "oneshots", "speech", "wildlife", "ultrasound"}, Preset or None
        Settings for one kind of recordings; see :func:`audioclust.presets`. What is given
        beside it wins.
    features, stats, analysis, preparation, offset, duration, descriptors
        What to compute of each recording; see :func:`audioclust.extract`. They are left at
        their defaults if `source` is a table, for which this was decided before. Descriptors
        are in the result's `table`; clusters do not depend on them.
    scaling : {"auto", "standard", "quantile", "minmax", "none", "neighbors"}, default="auto"
        How columns of different units are brought to one scale; see
        :class:`audioclust.Scaler`. ``"auto"`` is ``"neighbors"`` for 60 sounds or more with
        the default features, and ``"standard"`` for fewer, and for other features.
    algorithm : {"kmeans", "som", "gmm", "ward", "affinity", "hdbscan"}, default="kmeans"
        What groups the rows; see :mod:`audioclust.clustering.algorithms`. kmeans starts once,
        from the clusters of Ward's linkage, with the default features, and with others ten
        times from k-means++. som gives the regions of a self-organizing map; gmm, affinity and
        hdbscan are scikit-learn's. affinity and hdbscan choose the number of clusters
        themselves and take no `k`. hdbscan leaves sounds that are in no dense region in no
        cluster, with the label -1. ward, affinity and hdbscan take at most 20,000 rows.
    k_range : iterable of int, optional
        The numbers of clusters that ``k="auto"`` tries, from 2; see :func:`choose_k`.
    files : FileFilter or None, default=None
        Which files are used of those that a search finds, and how long recordings may be; None
        is ``FileFilter()``. It is left out if `source` is a table.
    limits : Limits
        How much decoding each recording may take.
    previous : Clustering or None, default=None
        An earlier result whose clusters this one continues. They keep their numbers and names,
        and its corrections are obeyed. What is left open is as it was there: `k`, unless
        `k_range` is given; `scaling`; and what to compute of each recording, if nothing of that
        is given. The algorithm is that of this call. k-means starts from the earlier centres if
        there are as many clusters. What counts as the same cluster is told in
        ``docs/corrections.md``.
    random_state : int or None, default=0
        Seed of the random numbers: the same seed gives the same clusters, with any number of
        threads. None for another result each time.
    n_jobs : int or None, default=None
        Number of threads; None or -1 for as many as there are cores.
    progress : bool, callable or None, default=None
        Whether progress is shown; None shows it if standard error is a terminal, or in a
        notebook. A callable is called with (done, total), the number of recordings done and of
        all, on this thread, as each recording ends.
    cache, retry
        Whether features of files are kept on disk, and whether files that failed before are
        tried again; see :func:`audioclust.extract`.
    client : distributed.Client or None, default=None
        A client of a Dask cluster, whose workers compute the features; the result is the same
        to the last bit, but for what :func:`audioclust.extract` says of embeddings whose
        vectors have several sizes. Up to 4,000,000 sounds, all else is done here. The features
        of more stay on the workers, where k-means goes to them; other algorithms and `previous`
        are refused then. A table is clustered here, and takes neither `store` nor
        `partition_size`.
    store : str, os.PathLike or None, default=None
        With a client, where features are kept, and found again by the next call: a folder that
        all workers see, or a URL. It takes the place of `cache`, which is not used with a
        client.
    partition_size : int or None, default=None
        With a client, the number of recordings whose features are computed by one task; None is
        100.

    Returns
    -------
    Clustering or PartedClustering
        A :class:`PartedClustering` only for more than 4,000,000 sounds, and only with a client.

    Raises
    ------
    FileNotFoundError
        If a path does not exist.
    NoAudioError
        If there is nothing to decode, or all is left out.
    NothingExtractedError
        If not one of the sounds could be used.
    ParameterError
        If an argument is invalid, there are more clusters than different rows, `previous` has
        neither items nor columns in common with the sounds, or `store` or `partition_size` is
        given without a client or with a table.

    Warns
    -----
    ContinuityWarning
        If clusters of `previous` are gone or have other numbers.
    ConvergenceWarning
        If gmm or affinity has not converged.
    CacheWarning
        If the cache cannot be used. What it lacks is computed.

    Notes
    -----
    Of more than 5,000 sounds, a sample of 5,000 stands for all where these are too many: for
    Ward's clusters, from which k-means and gmm start, and for neighbour scaling. It has the
    sounds with the smallest digests (BLAKE2b) of path, start, end and seed, so that it depends
    neither on the order of the sounds nor on who computes their features.

    Of more than 4,000,000 sounds, k-means starts from Ward's clusters of the sample with any
    features, and ``"quantile"`` takes the quantiles of the sample. This is so with a client and
    without.

    Examples
    --------
    >>> import audioclust as ac
    >>> result = ac.cluster("~/Music", k=8)  # doctest: +SKIP
    >>> result[0]  # the items of the largest cluster  # doctest: +SKIP
    """
    asked = GroupingSettings.checked(
        k, algorithm=algorithm, k_range=k_range, random_state=random_state, n_jobs=n_jobs
    )
    has_table = isinstance(source, FeatureTable)
    workers = Workers.checked(client, store, partition_size, retry=retry, has_table=has_table)
    batch = BatchSettings.checked(n_jobs, progress)
    kept = CacheSettings.checked(cache, retry)
    check_scaling(scaling)
    settings = _extraction_settings(
        source,
        previous,
        preset=preset,
        features=features,
        stats=stats,
        analysis=analysis,
        preparation=preparation,
        offset=offset,
        duration=duration,
        descriptors=descriptors,
    )
    if workers is None or isinstance(source, FeatureTable):
        table = table_of(source, settings, files, limits, batch, kept)
    else:
        found = scan(source, limits, check_files(files))
        made = table_or_clusters(
            workers, found, settings, batch, asked, scaling, previous, progress
        )
        if isinstance(made, PartedClustering):
            return made
        table = made
    if table.is_default:
        asked = replace(asked, start="ward")
    succession = None if previous is None else Succession.of(previous, table)
    if previous is not None:
        asked = asked.continuing(previous.k)
        scaling = previous.scaler.scaling if scaling == "auto" else scaling
    sample = sample_of(table.items, asked.seed)
    scaler = fitted_scaler(table, scaling, sample, asked.n_threads)
    scaled = scaler.transform(table.values)
    rescaling = rescaling_of(table.values, scaler) if asked.k is None else None
    centers = None if succession is None else succession.starting_centers(scaled, scaler)
    grouping = group_rows(
        scaled,
        asked,
        uncalled(progress),
        things="sounds",
        rescaling=rescaling,
        centers=centers,
        sample=sample,
    )
    result = Clustering.from_grouping(grouping, table, scaler)
    return result if succession is None else succession.followed_by(result)


def _extraction_settings(
    source: object, previous: object, *, descriptors: bool, **given: Any
) -> ExtractionSettings:
    """Check what is to be computed of recordings; if nothing is given it is as before."""
    if previous is not None and not isinstance(previous, Clustering):
        raise ParameterError(f"previous={previous!r:.80}: expected a Clustering or None")
    if (
        previous is None
        or isinstance(source, FeatureTable)
        or any(value is not None for value in given.values())
    ):
        return ExtractionSettings.checked(descriptors=descriptors, **given)
    settings = previous.table.settings
    if settings.computed_elsewhere:
        why = "the rows of previous were computed elsewhere, nobody knows how"
        raise ParameterError(f"source={source!r:.80}: expected a FeatureTable, since {why}")
    return replace(
        settings, descriptors=settings.descriptors or check_flag("descriptors", descriptors)
    )
