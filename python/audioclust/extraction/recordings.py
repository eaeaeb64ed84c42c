"""Features of recordings as a table: several recordings at once, each in one pass."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from audioclust.audio.choosing.file_filter import FileFilter, LeftOut, check_files
from audioclust.audio.choosing.lengths import Length, OutsideBounds, check_length
from audioclust.audio.decoding.limits import Limits
from audioclust.audio.preparation.passes import Passes
from audioclust.audio.preparation.settings import Preparation
from audioclust.audio.preparation.survey import part_used
from audioclust.audio.recording import Recording
from audioclust.audio.sources import Scan, Source, scan
from audioclust.audio.spans import Item
from audioclust.errors import NoAudioError, NothingExtractedError, ParameterError
from audioclust.extraction.analysis import Analysis
from audioclust.extraction.batch import BatchSettings, Outcome, each_recording
from audioclust.extraction.descriptors.describing import DescriptorBuilder
from audioclust.extraction.descriptors.values import Descriptors
from audioclust.extraction.embeddings.vectors import (
    VectorBuilder,
    common_sizes,
    other_size,
    vector_columns,
)
from audioclust.extraction.plans import Plans
from audioclust.extraction.preset import Preset
from audioclust.extraction.progress import Progress, count_decoded
from audioclust.extraction.settings import ExtractionSettings, Features
from audioclust.extraction.streaming import RowBuilder
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
    """
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
    return extract_found(scan(source, limits, check_files(files)), settings, batch)


@dataclass(frozen=True)
class _Row:
    """The features of one recording."""

    item: Item
    values: NDArray[np.float32]
    vectors: tuple[NDArray[np.float32], ...]
    """That of each embedding."""
    sr: int
    """The recording's own rate in Hz."""
    descriptors: NDArray[np.float32] | None
    """What it is like; None if nobody asked."""


def extract_found(
    found: Scan, settings: ExtractionSettings, batch: BatchSettings
) -> FeatureTable:
    """Compute the features of recordings that a scan found; see :func:`extract`."""
    plans = settings.plans
    for embedding in settings.embeddings:
        embedding.prepare()
    first: _Row | None = None

    def check(row: _Row | LeftOut) -> None:
        nonlocal first
        if isinstance(row, LeftOut):
            return
        first = first or row
        if plans.keep_rate:
            _check_same_rate(first, row)

    work = functools.partial(_row_or_left_out, settings, plans, found.files)
    made = each_recording(found, work, batch, on_result=check)
    left_out = tuple(one for one in made.results if isinstance(one, LeftOut))
    outcome = _without(left_out, made, found.files)
    sizes = common_sizes([row.vectors for row in outcome.results])
    rows, errors = _of_sizes(sizes, outcome, found, settings)
    return FeatureTable(
        values=np.stack([np.concatenate([row.values, *row.vectors]) for row in rows]),
        columns=plans.columns + vector_columns(settings.embeddings, sizes),
        items=tuple(row.item for row in rows),
        errors=errors,
        settings=settings.with_sizes(sizes),
        sr=rows[0].sr if plans.keep_rate else None,
        folder=found.recordings[0].folder,
        left_out=left_out,
        descriptors=_described([row.descriptors for row in rows]),
    )


def _without(
    left_out: tuple[LeftOut, ...], made: Outcome[_Row | LeftOut], files: FileFilter
) -> Outcome[_Row]:
    """Give what is not left out.

    Raises
    ------
    NoAudioError
        If all is left out.
    NothingExtractedError
        If the rest could not be used.
    """
    rows = [one for one in made.results if isinstance(one, _Row)]
    if not rows and made.errors:
        raise NothingExtractedError(made.errors)
    if not rows:
        bounds = f"min_duration={files.min_duration}, max_duration={files.max_duration}"
        raise NoAudioError(f"all {len(left_out)} sounds are too short or too long: {bounds}")
    return Outcome(rows, made.errors)


def _described(rows: Sequence[NDArray[np.float32] | None]) -> Descriptors | None:
    """Put the descriptors of recordings into a table, if they were asked for."""
    given = [row for row in rows if row is not None]
    return Descriptors(np.stack(given)) if given else None


def _of_sizes(
    sizes: Sequence[int], outcome: Outcome[_Row], found: Scan, settings: ExtractionSettings
) -> Outcome[_Row]:
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


def _check_same_rate(first: _Row, other: _Row) -> None:
    if first.sr != other.sr:
        raise ParameterError(
            f"sr=None: expected one rate throughout, but {first.item.path} has {first.sr} Hz"
            f" and {other.item.path} has {other.sr} Hz"
        )


def _row_or_left_out(
    settings: ExtractionSettings,
    plans: Plans,
    files: FileFilter,
    recording: Recording,
    stop: threading.Event,
) -> _Row | LeftOut:
    """Give the row of a recording, unless that is too short or too long."""
    if not files.has_bounds:
        return _extract_row(settings, plans, None, recording, stop)
    try:
        if settings.preparation.is_part:
            # The part is decoded by itself, and may be in the middle of the recording.
            check_length(recording, files, stop)
            return _extract_row(settings, plans, None, recording, stop)
        return _extract_row(settings, plans, Length(recording.path, files), recording, stop)
    except OutsideBounds as outside:
        return outside.left_out


def _extract_row(
    settings: ExtractionSettings,
    plans: Plans,
    length: Length | None,
    recording: Recording,
    stop: threading.Event,
) -> _Row:
    preparation = settings.preparation

    def counted(n_frames: int, sr: int) -> None:
        count_decoded(stop, n_frames, sr)
        if length is not None:
            length.add(n_frames, sr)

    with Passes(recording, preparation, stop, counted) as passes:
        sr = passes.sr
        part = part_used(passes, preparation, settings.analysis.sr or sr)
        describer = DescriptorBuilder(sr, part) if settings.descriptors else None
        builder = RowBuilder(sr, plans, part, describer)
        vectors = [VectorBuilder(sr, embedding, part) for embedding in settings.embeddings]
        takers: list[RowBuilder | VectorBuilder | DescriptorBuilder] = [builder, *vectors]
        takers += [] if describer is None else [describer]
        # What was kept of a pass before may be all that is needed.
        for y in passes if not all(taker.done for taker in takers) else ():
            for taker in takers:
                taker.push(y, stop)
            if all(taker.done for taker in takers):
                break
        item = passes.item(settings.highest_rate)
    if length is not None:
        length.end()
    row = builder.finish()
    described = None if describer is None else describer.finish()
    of_embeddings = tuple(vector.finish(stop) for vector in vectors)
    return _Row(item, row, of_embeddings, sr, described)
