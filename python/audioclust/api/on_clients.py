"""Sounds whose features the workers of a Dask client compute, on their way to clusters."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from audioclust.api.workers import Workers
from audioclust.audio.sources import Scan
from audioclust.clustering.grouping import GroupingSettings
from audioclust.clustering.parted.grouping import check_parted_algorithm, group_in_parts
from audioclust.clustering.parted.parts import are_many
from audioclust.clustering.parted.tables import gathered
from audioclust.errors import ParameterError
from audioclust.extraction.batch import BatchSettings
from audioclust.extraction.progress import uncalled
from audioclust.extraction.recordings import complete
from audioclust.extraction.settings import ExtractionSettings
from audioclust.extraction.table import FeatureTable
from audioclust.results.inputs.sounds import suitable_scaling
from audioclust.results.parted.clustering import PartedClustering

if TYPE_CHECKING:
    from audioclust.extraction.progress import Progress
    from audioclust.utils.types import ScalingOrAuto


def clustered_in_parts(
    workers: Workers,
    found: Scan,
    settings: ExtractionSettings,
    batch: BatchSettings,
    asked: GroupingSettings,
    scaling: ScalingOrAuto,
    progress: Progress,
) -> FeatureTable | PartedClustering:
    """Cluster recordings that are too many for one process.

    Returns
    -------
    FeatureTable or PartedClustering
        The table if so many recordings cannot be used that one process holds the rest: then it
        is clustered as others are.
    """
    check_parted_algorithm(asked.algorithm)
    with contextlib.ExitStack() as stack:
        table = stack.enter_context(workers.extracted_in_parts(found, settings, batch))
        n, head = sum(table.values.sizes), table.head
        if not are_many(n):
            return complete(gathered(table), found.files)
        chosen = suitable_scaling(scaling, head.is_default, n)
        grouping = group_in_parts(table, asked, chosen, uncalled(progress), things="sounds")
        # The parts outlive this block: the result lets go of them.
        return PartedClustering.from_grouping(grouping, table, stack.pop_all())


def table_or_clusters(
    workers: Workers,
    found: Scan,
    settings: ExtractionSettings,
    batch: BatchSettings,
    asked: GroupingSettings,
    scaling: ScalingOrAuto,
    previous: object,
    progress: Progress,
) -> FeatureTable | PartedClustering:
    """Compute features by workers; if they are too many to be gathered, cluster them there."""
    if not are_many(len(found.recordings)):
        return workers.extracted(found, settings, batch)
    if previous is not None:
        raise ParameterError(
            f"previous={previous!r:.80}: expected None for {len(found.recordings):,} sounds,"
            " whose features stay on the workers"
        )
    return clustered_in_parts(workers, found, settings, batch, asked, scaling, progress)
