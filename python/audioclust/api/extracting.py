"""extract(): features of recordings as a table."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from audioclust.api.workers import Workers
from audioclust.audio.choosing.file_filter import FileFilter, check_files
from audioclust.audio.decoding.limits import Limits
from audioclust.audio.preparation.settings import Preparation
from audioclust.audio.sources import Source, scan
from audioclust.extraction.analysis import Analysis
from audioclust.extraction.batch import BatchSettings
from audioclust.extraction.cache.settings import Cache, CacheSettings
from audioclust.extraction.preset import Preset
from audioclust.extraction.progress import Progress
from audioclust.extraction.recordings import extract_found
from audioclust.extraction.settings import ExtractionSettings, Features
from audioclust.extraction.table import FeatureTable
from audioclust.utils.types import Path

if TYPE_CHECKING:
    from audioclust.distributed.clients import Client


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
    client: Client | None = None,
    store: Path | None = None,
    partition_size: int | None = None,
) -> FeatureTable:
    """Compute features of sounds.

    Each recording is decoded in blocks, brought to one channel and one sampling rate, and
    analysed in one pass, in memory that does not depend on its length; only an embedding
    without a window takes it as a whole. One that cannot be used is listed in the table's
    `errors` and stops nothing.

    Parameters
    ----------
    source : str, os.PathLike, iterable of these, or mapping
        Folders, files, glob patterns, or addresses such as ``s3://bucket/folder``, for which
        the extra ``[remote]`` is needed; or a mapping of names to ``(y, sr)``. See
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
        their decoders have changed; with a `store`, the parts in which they are.
    client : distributed.Client or None, default=None
        The client of a Dask cluster, whose workers do the work; see docs/scale.md. They must
        see the files under the same paths, and have the same version of audioclust. The result
        is the same to the bit, with two exceptions. If an :class:`Embedding` gives vectors of
        several sizes, those of the most frequent size are kept within each part, and then
        among the parts, so that `partition_size` may decide which recordings are errors. And
        where a function of yours raises SystemExit, which ends a call without a client, its
        recording is an error of kind ``internal``. `cache` and `n_jobs` are not used then.
    store : str, os.PathLike or None, default=None
        With a client, a folder for the features of each part of the recordings, in Parquet. It
        may be in an object store, as ``"s3://bucket/run"``, and all workers must reach it. What
        is there already is not computed again, so that the same call goes on where another one
        has ended.
    partition_size : int or None, default=None
        With a client, the number of recordings of a part, each of which is a task; None is 100.

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
    SchedulerError
        If the scheduler of the cluster is lost.
    MissingExtraError
        Without what `store` needs: ``pip install 'audioclust[dask]'``.

    Warns
    -----
    CacheWarning
        If the cache cannot be used. What it lacks is computed.
    ClusterWarning
        If the cluster has no workers for long.
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
    chosen = check_files(files)
    workers = Workers.checked(client, store, partition_size, retry=retry)
    found = scan(source, limits, chosen)
    if workers is None:
        return extract_found(found, settings, batch, kept)
    return workers.extracted(found, settings, batch)
