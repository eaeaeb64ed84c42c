"""Sounds whose features the workers of a Dask client compute, on their way to clusters."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from audioclust.audio.sources import Scan
from audioclust.clustering.grouping import GroupingSettings
from audioclust.clustering.parted.grouping import check_parted_algorithm, group_in_parts
from audioclust.clustering.parted.parts import are_many
from audioclust.clustering.parted.tables import PartedTable, gathered
from audioclust.errors import ParameterError
from audioclust.extraction.batch import BatchSettings
from audioclust.extraction.progress import uncalled
from audioclust.extraction.recordings import complete
from audioclust.extraction.settings import ExtractionSettings
from audioclust.extraction.table import FeatureTable
from audioclust.results.inputs.sounds import suitable_scaling
from audioclust.results.parted.clustering import PartedClustering
from audioclust.utils.deferred import Deferred

if TYPE_CHECKING:
    from audioclust.extraction.progress import Progress
    from audioclust.utils.types import Path, ScalingOrAuto

PARTITION_SIZE = 100
"""Recordings that one task computes the features of, unless another number is given."""

# Imported when there is a client.
_CHECKED: Deferred[..., tuple[object, object, int]] = Deferred(
    "audioclust.distributed.clients", "checked"
)
_EXTRACT_ON: Deferred[..., FeatureTable] = Deferred(
    "audioclust.distributed.extracting", "extract_on"
)
_TABLES_ON: Deferred[..., contextlib.AbstractContextManager[PartedTable]] = Deferred(
    "audioclust.distributed.extracting", "tables_on"
)


@dataclass(frozen=True)
class Workers:
    """Who computes features, how many recordings at a time, and where they are kept.

    Attributes
    ----------
    client : distributed.Client
        What tasks are submitted to.
    store : Store or None
        Where features are kept.
    partition_size : int
        Number of recordings of a task.
    """

    client: object
    store: object
    partition_size: int

    @classmethod
    def checked(cls, client: object, store: Path | None, partition_size: int) -> Workers | None:
        """Give the workers of a client, or None without one.

        Raises
        ------
        ParameterError
            If an argument is invalid, or what only workers need is given without a client.
        MissingExtraError
            Without what the store needs.
        """
        if client is not None:
            return cls(*_CHECKED(client, store, partition_size))
        if store is not None:
            raise ParameterError(f"store={store!r:.80}: expected None without a client")
        if partition_size != PARTITION_SIZE:
            raise ParameterError(
                f"partition_size={partition_size!r:.80}: expected it to be left out without a"
                " client"
            )
        return None

    def extracted(
        self, found: Scan, settings: ExtractionSettings, batch: BatchSettings
    ) -> FeatureTable:
        """Compute features of recordings; the table is here in the end."""
        return _EXTRACT_ON(
            self.client,
            found,
            settings,
            batch,
            store=self.store,
            partition_size=self.partition_size,
        )

    def extracted_in_parts(
        self, found: Scan, settings: ExtractionSettings, batch: BatchSettings
    ) -> contextlib.AbstractContextManager[PartedTable]:
        """Compute features of recordings; tables stay on the workers until the block ends."""
        return _TABLES_ON(
            self.client,
            found,
            settings,
            batch,
            store=self.store,
            partition_size=self.partition_size,
        )


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
