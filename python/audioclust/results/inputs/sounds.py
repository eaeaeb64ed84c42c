"""From sounds to a table, and the scaling that suits it: how all that groups sounds begins."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from audioclust.audio.choosing.file_filter import FileFilter, check_files
from audioclust.audio.sources import scan
from audioclust.clustering.parted.parts import InMemory
from audioclust.clustering.scaling import Scaler, fitted_in_parts
from audioclust.errors import ParameterError
from audioclust.extraction.recordings import extract_found
from audioclust.extraction.settings import ExtractionSettings
from audioclust.extraction.table import FeatureTable
from audioclust.utils.arguments import check_choice
from audioclust.utils.types import Scaling, ScalingOrAuto

if TYPE_CHECKING:
    from audioclust.audio.decoding.limits import Limits
    from audioclust.audio.sources import Source
    from audioclust.clustering.samples import Sample
    from audioclust.extraction.batch import BatchSettings
    from audioclust.extraction.cache.settings import CacheSettings

NEIGHBOR_ROWS = 60
"""Sounds from which on neighbour scaling is the default: fewer have too few neighbours of their
own kind to tell what differs within a kind."""


def table_of(
    source: Source | FeatureTable,
    settings: ExtractionSettings,
    files: FileFilter | None,
    limits: Limits,
    batch: BatchSettings,
    kept: CacheSettings,
) -> FeatureTable:
    """Give the features of sounds, or the table that was given in their place.

    Parameters
    ----------
    source : see :func:`audioclust.extract`, or FeatureTable
    settings : ExtractionSettings
        What to compute of each recording.
    files : FileFilter or None
        Which files are used of those that a search finds.
    limits : Limits
        How much decoding each recording may take.
    batch : BatchSettings
        Threads and progress.
    kept : CacheSettings
        Which cache is used.

    Raises
    ------
    ParameterError
        If a table is given beside settings that it has decided already, or an argument is
        invalid.
    """
    which = check_files(files)
    if isinstance(source, FeatureTable):
        _check_left_alone(settings, which, source)
        return source
    return extract_found(scan(source, limits, which), settings, batch, kept)


def check_scaling(scaling: object) -> None:
    """Raise a ParameterError unless it is the name of a scaling, or "auto"."""
    check_choice("scaling", scaling, ("auto", *get_args(Scaling)))


def fitted_scaler(
    table: FeatureTable, scaling: ScalingOrAuto, sample: Sample, n_threads: int
) -> Scaler:
    """Fit the scaling that was asked for, or that suits a table, to its values.

    Parameters
    ----------
    table : FeatureTable
        The values, in their own units.
    scaling : str
        The name of a scaling, or "auto".
    sample : callable
        Gives the rows that stand for all where these are too many.
    n_threads : int
        Number of threads; the result does not depend on it.
    """
    chosen = suitable_scaling(scaling, table.is_default, len(table))
    return fitted_in_parts(InMemory([table.values]), chosen, sample, n_threads)


def suitable_scaling(scaling: ScalingOrAuto, is_default: bool, n_rows: int) -> Scaling:
    """Give the scaling that was asked for, or for "auto" the one that suits.

    Parameters
    ----------
    scaling : str
        What was asked for.
    is_default : bool
        Whether the columns are those of the default features.
    n_rows : int
        The number of sounds.
    """
    if scaling != "auto":
        return scaling
    return "neighbors" if is_default and n_rows >= NEIGHBOR_ROWS else "standard"


def _check_left_alone(
    given: ExtractionSettings, files: FileFilter, table: FeatureTable
) -> None:
    """Raise a ParameterError unless settings are the defaults, or those of a table."""
    own = table.settings
    if given not in (ExtractionSettings.checked(), own, own.without_descriptors()):
        raise ParameterError(
            "preset, features, stats, analysis, preparation, offset, duration and descriptors"
            " belong to extract(): expected them to be left out, or to be the table's, when a"
            " table is given"
        )
    if files != FileFilter():
        raise ParameterError(f"files={files!r}: expected to be left out when a table is given")
