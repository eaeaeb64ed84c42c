"""The workers of a Dask client, who compute features."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from audioclust.audio.sources import Scan
from audioclust.clustering.parted.tables import PartedTable
from audioclust.errors import ParameterError
from audioclust.extraction.batch import BatchSettings
from audioclust.extraction.settings import ExtractionSettings
from audioclust.extraction.table import FeatureTable
from audioclust.utils.deferred import Deferred
from audioclust.utils.urls.redaction import redacted

if TYPE_CHECKING:
    from audioclust.utils.types import Path

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
    retry : bool
        Whether recordings that failed before, as the store says, are tried again.
    """

    client: object
    store: object
    partition_size: int
    retry: bool = False

    @classmethod
    def checked(
        cls,
        client: object,
        store: Path | None,
        partition_size: int | None,
        *,
        retry: bool,
        has_table: bool = False,
    ) -> Workers | None:
        """Give the workers of a client, or None without one.

        Parameters
        ----------
        client : distributed.Client or None
        store : str, os.PathLike or None
        partition_size : int or None
            None stands for :data:`PARTITION_SIZE`.
        retry : bool
        has_table : bool, default=False
            Whether features were computed before, so that workers have none to compute.

        Raises
        ------
        ParameterError
            If an argument is invalid, or what only workers need is given without a client.
        MissingExtraError
            Without what the store needs.
        """
        if client is None:
            beside = "expected client= beside it"
            hint = "without a cluster, cache= keeps what is computed"
            _check_left_out(store, partition_size, f"{beside}; {hint}", beside)
            return None
        if has_table:
            why = "expected it to be left out with a table, which has its features already"
            _check_left_out(store, partition_size, why, why)
        size = PARTITION_SIZE if partition_size is None else partition_size
        return cls(*_CHECKED(client, store, size), retry)

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
            retry=self.retry,
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
            retry=self.retry,
        )


def _check_left_out(
    store: Path | None, partition_size: object, of_store: str, of_size: str
) -> None:
    """Raise a ParameterError if what only workers need is given; it says why not."""
    if store is not None:
        # An address may have a password in it.
        shown = redacted(os.fspath(store)) if isinstance(store, (str, os.PathLike)) else store
        raise ParameterError(f"store={shown!r:.80}: {of_store}")
    if partition_size is not None:
        raise ParameterError(f"partition_size={partition_size!r:.80}: {of_size}")
