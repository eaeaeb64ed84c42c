"""A batch over recordings of which the cache may know some."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from audioclust.audio.decoding.limits import Limits
from audioclust.audio.recording import Recording
from audioclust.audio.sources import Scan
from audioclust.errors import ItemError
from audioclust.extraction.batch import BatchSettings, Outcome, Work, outcomes_of, parted
from audioclust.extraction.cache.making import M, Maker, Result
from audioclust.extraction.cache.memory import remembering
from audioclust.extraction.cache.settings import CacheSettings
from audioclust.extraction.progress import Pulse, Run, note_run

if TYPE_CHECKING:
    from numpy.typing import NDArray


def outcome_with_cache(
    found: Scan,
    maker: Maker[M],
    key_of: Callable[[Limits], bytes | None],
    batch: BatchSettings,
    cache: CacheSettings,
    values: NDArray[np.float32],
    check: Callable[[Result[M]], None] = lambda _: None,
) -> Outcome[Result[M]]:
    """Look up the results of all recordings, and compute those that are not known.

    Parameters
    ----------
    found : Scan
        The recordings.
    maker : Maker
        Computes results, and knows how the cache keeps them.
    key_of : callable
        Gives the key of the settings for some limits; see :func:`remembering`.
    batch : BatchSettings
        Number of threads, and whether progress is shown.
    cache : CacheSettings
        Which cache is used.
    values : ndarray of shape (n_recordings, d), float32
        Where the values of features from the cache go.
    check : callable
        Is called with each result, and may raise an error that ends the batch.
    """
    work: Work[Recording, Result[M]] = maker.work
    recordings = found.recordings
    outcomes: dict[int, Result[M] | ItemError] = {}
    with remembering(recordings, key_of, cache, maker) as memory:
        if memory is not None:
            outcomes = memory.known(values)
            work = memory.work(lambda: np.empty(values.shape[1:], np.float32))
        for index in sorted(outcomes):
            known = outcomes[index]
            if not isinstance(known, ItemError):
                check(known)
        missing = [index for index in range(len(recordings)) if index not in outcomes]
        n_failed = sum(isinstance(known, ItemError) for known in outcomes.values())
        pulse = Pulse(len(outcomes) - n_failed, n_failed)
        if memory is not None:
            kept = memory
            note_run(Run(pulse, len(recordings), lambda: kept.n_kept))
        tasks = [recordings[index] for index in missing]
        computed = outcomes_of(tasks, work, batch, on_result=check, pulse=pulse)
    outcomes.update(zip(missing, computed, strict=True))
    ordered = [outcomes.pop(index) for index in range(len(recordings))]
    return parted(ordered, before=found.errors)
