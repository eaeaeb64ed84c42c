"""`som_map()`: sounds laid out on a self-organizing map."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from audioclust.audio.choosing.file_filter import FileFilter
from audioclust.audio.decoding.limits import Limits
from audioclust.audio.preparation.settings import Preparation
from audioclust.clustering.maps.som import Boundary, MapSettings, check_shape, fit_som
from audioclust.clustering.maps.trained_map import Topology
from audioclust.clustering.samples import sample_of
from audioclust.extraction.analysis import Analysis
from audioclust.extraction.batch import BatchSettings
from audioclust.extraction.cache.settings import Cache, CacheSettings
from audioclust.extraction.preset import Preset
from audioclust.extraction.settings import ExtractionSettings, Features
from audioclust.results.inputs.sounds import check_scaling, fitted_scaler, table_of
from audioclust.results.maps.sound_map import SoundMap
from audioclust.utils.arguments import check_seed
from audioclust.utils.threads import n_threads
from audioclust.utils.types import ScalingOrAuto

if TYPE_CHECKING:
    from audioclust.audio.sources import Source
    from audioclust.extraction.progress import Progress
    from audioclust.extraction.table import FeatureTable


def som_map(
    source: Source | FeatureTable,
    shape: tuple[int, int] = (8, 12),
    *,
    topology: Topology = "rectangular",
    boundary: Boundary = "planar",
    n_epochs: int = 20,
    sigma: float | None = None,
    preset: str | Preset | None = None,
    features: Features | None = None,
    stats: Iterable[str] | None = None,
    scaling: ScalingOrAuto = "auto",
    analysis: Analysis | None = None,
    preparation: Preparation | None = None,
    duration: float | None = None,
    offset: float | None = None,
    files: FileFilter | None = None,
    descriptors: bool = False,
    limits: Limits = Limits(),  # noqa: B008 - it is frozen
    random_state: int | None = 0,
    n_jobs: int | None = None,
    progress: Progress = None,
    cache: Cache = True,
    retry: bool = False,
) -> SoundMap:
    """Lay sounds out on a self-organizing map, a grid in which neighbours are alike.

    Parameters
    ----------
    source : str, os.PathLike, iterable of these, mapping, or FeatureTable
        The sounds, or features that were computed before; see :func:`audioclust.cluster`.
    shape : tuple of int, default=(8, 12)
        Rows and columns of the grid.
    topology : {"rectangular", "hexagonal"}, default="rectangular"
        Whether units have eight neighbours or six.
    boundary : {"planar", "toroidal"}, default="planar"
        Whether the grid ends at its sides or goes on at the opposite ones.
    n_epochs : int, default=20
        Number of passes over the sounds.
    sigma : float, optional
        Radius of the neighbourhood at the start; left out, it is half the longer side. These
        four, and what else a map can be told, are explained at :class:`audioclust.SOM`.
    preset, features, stats, analysis, preparation, duration, offset, descriptors
        What to compute of each recording; see :func:`audioclust.extract`. They are left at
        their defaults if `source` is a table, for which this was decided before.
    scaling : {"auto", "standard", "quantile", "minmax", "none", "neighbors"}, default="auto"
        How columns of different units are brought to one scale; see
        :func:`audioclust.cluster`.
    files, limits, n_jobs, progress, cache, retry
        See :func:`audioclust.cluster`.
    random_state : int or None, default=0
        Seed of the random numbers: the same seed gives the same map, with any number of
        threads. None for another one each time, if sounds are drawn for the scaling.

    Returns
    -------
    SoundMap

    Raises
    ------
    FileNotFoundError
        If a path does not exist.
    NoAudioError
        If there is nothing to decode, or all is left out.
    NothingExtractedError
        If not one of the sounds could be used.
    ParameterError
        If an argument is invalid.

    Warns
    -----
    CacheWarning
        If the cache cannot be used. What it lacks is computed.

    Examples
    --------
    >>> import audioclust as ac
    >>> sounds = ac.som_map("~/Samples", (8, 12))  # doctest: +SKIP
    >>> sounds.items_at(0, 0)  # doctest: +SKIP
    """
    asked, seed = check_seed(random_state)
    told = MapSettings(
        check_shape(shape),
        topology=topology,
        boundary=boundary,
        n_epochs=n_epochs,
        sigma=sigma,
        seed=seed,
        n_threads=n_threads(n_jobs),
    )
    told.checked()
    batch = BatchSettings.checked(n_jobs, progress)
    kept = CacheSettings.checked(cache, retry)
    check_scaling(scaling)
    settings = ExtractionSettings.checked(
        preset=preset,
        features=features,
        stats=stats,
        analysis=analysis,
        preparation=preparation,
        offset=offset,
        duration=duration,
        descriptors=descriptors,
    )
    table = table_of(source, settings, files, limits, batch, kept)
    scaler = fitted_scaler(table, scaling, sample_of(table.items, seed), told.n_threads)
    trained = fit_som(scaler.transform(table.values), told)
    return SoundMap(table, scaler, replace(trained, columns=table.columns), boundary, asked)
