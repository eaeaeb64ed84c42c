"""Features of recordings as a table: several recordings at once, each in one pass."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from audioclust.audio.choosing.file_filter import FileFilter, LeftOut, check_files
from audioclust.audio.choosing.lengths import Outside
from audioclust.audio.decoding.limits import Limits
from audioclust.audio.preparation.settings import Preparation
from audioclust.audio.sources import Scan, Source, scan
from audioclust.errors import NothingExtractedError, ParameterError
from audioclust.extraction.analysis import Analysis
from audioclust.extraction.batch import BatchSettings, Outcome
from audioclust.extraction.cache.keys import settings_key
from audioclust.extraction.cache.outcomes import outcome_with_cache
from audioclust.extraction.cache.settings import NO_CACHE, Cache, CacheSettings
from audioclust.extraction.descriptors.values import Descriptors
from audioclust.extraction.embeddings.vectors import (
    common_sizes,
    other_size,
    vector_columns,
)
from audioclust.extraction.one_recording import OneRecording, Row
from audioclust.extraction.preset import Preset
from audioclust.extraction.progress import Progress
from audioclust.extraction.settings import ExtractionSettings, Features
from audioclust.extraction.table import FeatureTable

if TYPE_CHECKING:
    from numpy.typing import NDArray


def extract(
    source: Source,
    *,
    preset: str | Preset | None = None,
    features: Features | None = None,
    stats: Iterable[str] | None = None,
    analysis: Analysis | None = None,
    preparation: Preparation | None = None,
    offset: float | None = None,
    duration: float | None = None,
    files: FileFilter | None = None,
    descriptors: bool = False,
    limits: Limits = Limits(),  # noqa: B008 - it is frozen
    n_jobs: int | None = None,
    progress: Progress = None,
    cache: Cache = True,
    retry: bool = False,
) -> FeatureTable:
    """Compute features of sounds.

    Each recording is decoded in blocks, brought to one channel and one sampling rate, and
    analysed in one pass, in memory that does not depend on its length; only an embedding
    without a window takes it as a whole. One that cannot be used is listed in the table's
    `errors` and stops nothing.

    Parameters
    ----------
    source : str, os.PathLike, iterable of these, or mapping
        Folders, files or glob patterns, or a mapping of names to ``(y, sr)``; see
        :func:`audioclust.audio.sources.scan`.
    preset : {"music", "oneshots", "speech", "wildlife", "ultrasound"}, Preset or None
        Settings for one kind of recordings; see :func:`audioclust.presets`. `features`,
        `stats`, `analysis` and `preparation` that are given win over those of the preset.
    features : str, Feature, Embedding, iterable of these, or None, default=None
        None is ``"default"`` or what the preset has. Names are from the registry, see
        :func:`audioclust.features.registry`. Two names stand for
        sets: ``"default"`` for eight features of 25 columns, and ``"article"`` for eight of 33
        columns, which was the default before. A :class:`Feature` has an analysis of its own,
        and so has ``"pitch_histogram"``. An :class:`Embedding` is a function of yours; its
        columns come after those of features.
    stats : iterable of str or None, default=None
        Statistics over frames: mean, std, min, max, change (mean absolute difference from one
        frame to the next) and parts (the means over four consecutive parts of equal energy; a
        recording without energy is divided into parts of equal time). The mean of MFCC and
        spectral contrast is taken over levels with librosa's floor, 80 dB below the
        recording's peak; other statistics have no floor. None is parts, std and change for
        ``"default"``, which makes 150 columns, and the mean for all else.
    analysis : Analysis or None, default=None
        Sampling rate, frames and window; None is ``Analysis()`` or what the preset has.
    preparation : Preparation or None, default=None
        What is done to each recording before features are computed of it; None is nothing, or
        what the preset has.
    offset, duration : float or None, default=None
        The part of each recording to use, in seconds, as in :func:`librosa.load`; None is that
        of `preparation`, which is all.
    files : FileFilter or None, default=None
        Which files are used of those that a search finds, and how long recordings may be; None
        is ``FileFilter()``. Those that are too short or too long are in the table's `left_out`.
    descriptors : bool, default=False
        Whether the table says how long, how loud and how bright each sound is, and other things
        that people have words for; see :class:`audioclust.Descriptors`. Features do not depend
        on it.
    limits : Limits
        How much decoding each recording may take.
    n_jobs : int or None, default=None
        Number of recordings to work on at once; None or -1 for as many as there are cores.
    progress : bool, callable or None, default=None
        Whether progress is shown; None shows it if standard error is a terminal, or in a
        notebook. A callable is called with (done, total), the number of recordings done and of
        all, on this thread, as each recording ends.
    cache : bool, str or os.PathLike, default=True
        Whether what is computed of files is kept on disk, so that nothing is computed twice.
        True is the user's cache folder, or what the environment variable ``AUDIOCLUST_CACHE``
        names, which may be ``off``; a path is that of a file. Audio in memory is never kept.
    retry : bool, default=False
        Whether files that could not be used before are tried again, though neither they nor
        their decoders have changed.

    Returns
    -------
    FeatureTable
        A row for each recording that could be used, in the order in which they were found.

    Raises
    ------
    FileNotFoundError
        If a path does not exist.
    NoAudioError
        If there is nothing to decode, or all is left out.
    NothingExtractedError
        If none of the sounds could be used.
    ParameterError
        If an argument is invalid.
    EmbeddingError
        If an embedding was unpickled without its function.

    Warns
    -----
    CacheWarning
        If the cache cannot be used. What it lacks is computed.
    """
    kept = CacheSettings.checked(cache, retry)
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
    batch = BatchSettings.checked(n_jobs, progress)
    return extract_found(scan(source, limits, check_files(files)), settings, batch, kept)


def extract_found(
    found: Scan,
    settings: ExtractionSettings,
    batch: BatchSettings,
    cache: CacheSettings = NO_CACHE,
) -> FeatureTable:
    """Compute the features of recordings that a scan found; see :func:`extract`."""
    plans = settings.plans
    for embedding in settings.embeddings:
        embedding.prepare()
    values = np.empty((len(found.recordings), len(plans.columns)), np.float32)
    made = _outcome(found, settings, batch, cache, values)
    left_out = tuple(one.left_out for one in made.results if isinstance(one, Outside))
    outcome = _without(left_out, made, found.files)
    sizes = common_sizes([row.vectors for row in outcome.results])
    rows, errors = _of_sizes(sizes, outcome, found, settings)
    return FeatureTable(
        values=_stacked(rows, values),
        columns=plans.columns + vector_columns(settings.embeddings, sizes),
        items=tuple(row.item for row in rows),
        errors=errors,
        settings=settings.with_sizes(sizes),
        sr=rows[0].sr if plans.keep_rate else None,
        folder=found.recordings[0].folder,
        left_out=left_out,
        descriptors=_described([row.descriptors for row in rows]),
    )


def _outcome(
    found: Scan,
    settings: ExtractionSettings,
    batch: BatchSettings,
    cache: CacheSettings,
    values: NDArray[np.float32],
) -> Outcome[Row | Outside]:
    """Look up the rows of all recordings, and compute those that are not known.

    Parameters
    ----------
    values : ndarray of shape (n_recordings, n_columns)
        Where the values of rows from the cache go.
    """
    plans = settings.plans
    first: Row | None = None

    def check(row: Row | Outside) -> None:
        nonlocal first
        if isinstance(row, Outside):
            return
        first = first or row
        if plans.keep_rate:
            _check_same_rate(first, row)

    one = OneRecording(settings, plans, found.files)
    key_of = functools.partial(settings_key, settings)
    return outcome_with_cache(found, one, key_of, batch, cache, values, check)


def _stacked(rows: Sequence[Row], values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Give the values of rows as one array, with as few copies as there can be.

    Parameters
    ----------
    rows : sequence of Row
        The rows, of which those from the cache have their values in `values`, in this order.
    values : ndarray of shape (n, n_columns)
        An array for at least as many rows, which is overwritten.
    """
    for place, row in enumerate(rows):
        # What is overwritten belonged to this row or to one before it.
        values[place] = row.values
    values = values[: len(rows)]
    if not rows[0].vectors:
        return values
    vectors = [np.concatenate(row.vectors) for row in rows]
    return np.concatenate([values, np.stack(vectors)], axis=1)


def _without(
    left_out: tuple[LeftOut, ...], made: Outcome[Row | Outside], files: FileFilter
) -> Outcome[Row]:
    """Give what is not left out.

    Raises
    ------
    NoAudioError
        If all is left out.
    NothingExtractedError
        If the rest could not be used.
    """
    rows = [one for one in made.results if isinstance(one, Row)]
    if not rows and made.errors:
        raise NothingExtractedError(made.errors)
    if not rows:
        raise files.nothing_left(len(left_out))
    return Outcome(rows, made.errors)


def _described(rows: Sequence[NDArray[np.float32] | None]) -> Descriptors | None:
    """Put the descriptors of recordings into a table, if they were asked for."""
    given = [row for row in rows if row is not None]
    return Descriptors(np.stack(given)) if given else None


def _of_sizes(
    sizes: Sequence[int], outcome: Outcome[Row], found: Scan, settings: ExtractionSettings
) -> Outcome[Row]:
    """Make errors of the rows whose vectors have other sizes than these.

    Raises
    ------
    NothingExtractedError
        If no row is left.
    """
    rows, failed = [], []
    for row in outcome.results:
        error = other_size(row.item.path, settings.embeddings, row.vectors, sizes)
        rows += [row] if error is None else []
        failed += [] if error is None else [error]
    if not failed:
        return outcome
    places = {recording.path: place for place, recording in enumerate(found.recordings)}
    of_scan = len(found.errors)
    later = sorted([*outcome.errors[of_scan:], *failed], key=lambda error: places[error.path])
    errors = (*outcome.errors[:of_scan], *later)
    if not rows:
        raise NothingExtractedError(errors)
    return Outcome(rows, errors)


def _check_same_rate(first: Row, other: Row) -> None:
    if first.sr != other.sr:
        raise ParameterError(
            f"sr=None: expected one rate throughout, but {first.item.path} has {first.sr} Hz"
            f" and {other.item.path} has {other.sr} Hz"
        )
