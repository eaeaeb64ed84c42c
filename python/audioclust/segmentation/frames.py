"""One recording, decoded once, to what segmentation knows of it: its windows and frames.

There are two kinds of features. The *windows* have those that the user asked for, each the mean
over the frames in the window; they are what is grouped first. The *frames* have MFCC 1 to 19,
whatever the user asked for; labels are made precise with them afterwards. How both are computed
in two passes is told in :mod:`audioclust.segmentation.bands`.
"""

from __future__ import annotations

import contextlib
import functools
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from audioclust import _core
from audioclust.audio.decoding.decoders import open_stream
from audioclust.audio.preparation.mixing import to_mono
from audioclust.audio.reading import no_samples
from audioclust.audio.recording import Recording
from audioclust.errors import ItemWarning, ParameterError, SignalError
from audioclust.extraction.analysis import Analysis, Feature
from audioclust.extraction.progress import count_decoded
from audioclust.segmentation.activity import active_frames
from audioclust.segmentation.bands import FeatureGroup, GroupBands
from audioclust.segmentation.frame_store import FrameStore
from audioclust.segmentation.windows import Windows
from audioclust.utils.arguments import RATES
from audioclust.utils.threads import Cancelled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audioclust.audio.decoding.stream import Block, Stream


Labels: TypeAlias = "NDArray[np.int32]"
"""A label for each frame of a recording, or for each of its windows."""


CEPSTRA = slice(1, 20)
"""The MFCC that frames have: not the first, which is loudness and belongs to no voice."""


FRAME_ANALYSIS = Analysis()
"""How the frames are cut that get labels, whatever the features of windows are."""


FRAME_RATE = (FRAME_ANALYSIS.sr or 0) / FRAME_ANALYSIS.hop_length
"""Number of such frames in a second."""


@dataclass(frozen=True, eq=False)
class Frames:
    """What segmentation knows of one recording.

    Attributes
    ----------
    recording : Recording
        What was decoded.
    windows : Windows
        How it was cut into windows.
    sr : int
        Its own sampling rate in Hz.
    duration : float
        In seconds.
    decoder : str or None
        The name of the decoder.
    warnings : tuple of ItemWarning
        What may be wrong with it.
    rows : ndarray of shape (n_windows, n_columns), float32
        The mean of each feature over the frames centred in each window.
    cepstra : FrameStore
        MFCC 1 to 19 of each frame.
    active : ndarray of shape (n_frames,), bool
        Whether each frame is more than silence, a pause or background noise; see
        :mod:`audioclust.segmentation.activity`.
    """

    recording: Recording
    windows: Windows
    sr: int
    duration: float
    decoder: str | None
    warnings: tuple[ItemWarning, ...]
    rows: NDArray[np.float32]
    cepstra: FrameStore
    active: NDArray[np.bool_]

    @property
    def n_frames(self) -> int:
        """The number of frames."""
        return len(self.active)

    def close(self) -> None:
        """Release the memory, or delete the file, that the frames take up."""
        self.cepstra.close()


class FramePlan:
    """What is computed of every recording.

    Parameters
    ----------
    features : tuple of Feature
        What windows have. MFCC and RMS of frames are computed besides.
    windows : Windows
        How recordings are cut.

    Raises
    ------
    ParameterError
        If windows are so short that one might have no frame in it.
    """

    def __init__(self, features: tuple[Feature, ...], windows: Windows) -> None:
        self.columns: tuple[str, ...] = tuple(
            _core.column_names([f.name for f in features], ["mean"])
        )
        self.windows = windows
        analyses = dict.fromkeys([FRAME_ANALYSIS, *(f.analysis for f in features)])
        self.groups: tuple[FeatureGroup, ...] = tuple(
            self._group(analysis, features) for analysis in analyses
        )
        for group in self.groups:
            # At the highest rate that a recording may have, unless the analysis says which.
            least = group.analysis.hop_length / (group.analysis.sr or RATES[1])
            if windows.length < least:
                expected = f"at least {least:.4g}, the distance from one frame to the next"
                raise ParameterError(f"window={windows.length}: expected {expected}")

    def _group(self, analysis: Analysis, features: tuple[Feature, ...]) -> FeatureGroup:
        asked = [f.name for f in features if f.analysis == analysis]
        of_windows = _core.column_names(asked, ["mean"]) if asked else []
        names = _with_frame_features(asked) if analysis == FRAME_ANALYSIS else asked
        computed = _core.column_names(names, ["mean"])
        return FeatureGroup(
            analysis,
            tuple(names),
            averaged=tuple(computed.index(column) for column in of_windows),
            window_columns=tuple(self.columns.index(column) for column in of_windows),
        )


def _with_frame_features(names: Sequence[str]) -> list[str]:
    """Give features that have all columns of these, and those that frames are labelled by."""
    # Features of a group have no column in common, but all mfcc are needed.
    found = ["mfcc" if name == "mfcc12" else name for name in names]
    return found + [name for name in ("mfcc", "rms") if name not in found]


def frames_of(plan: FramePlan, recording: Recording, stop: threading.Event) -> Frames:
    """Compute the windows and frames of a recording, in memory that hardly grows with it.

    Raises
    ------
    Cancelled
        When `stop` is set.
    DecodeError, SignalError
        If the recording cannot be used, or is shorter than a window, or silent throughout.
    """
    with contextlib.ExitStack() as closing:
        stream = closing.enter_context(open_stream(recording, stop=stop))
        every = [GroupBands(group, stream.sr) for group in plan.groups]
        for bands in every:
            closing.callback(bands.close)
        duration = _decode(stream, every, stop) / stream.sr
        _check_long_enough(plan.windows, duration)
        n_windows = plan.windows.count(duration)
        rows = np.empty((n_windows, len(plan.columns)), np.float32)
        frame_columns = _FrameColumns(plan.groups[0])
        try:
            for bands in every:
                bounds = plan.windows.frame_bounds(n_windows, bands.group.frame_rate(stream.sr))
                seen = frame_columns.append if bands is every[0] else None
                rows[:, list(bands.group.window_columns)] = _means(bands, bounds, seen, stop)
            active = _active(np.concatenate(frame_columns.levels))
        except BaseException:
            frame_columns.cepstra.close()
            raise
    return Frames(
        recording=recording,
        windows=plan.windows,
        sr=stream.sr,
        duration=duration,
        decoder=stream.decoder,
        warnings=tuple(stream.warnings),
        rows=rows,
        cepstra=frame_columns.cepstra,
        active=active,
    )


def planned_frames_of(
    features: tuple[Feature, ...], windows: Windows, recording: Recording, stop: threading.Event
) -> Frames:
    """Compute frames as :func:`frames_of` does, in a process that has no plan yet.

    Plans are not pickled; a process makes each of them once.
    """
    return frames_of(_plan_of(features, windows), recording, stop)


@functools.lru_cache(maxsize=4)
def _plan_of(features: tuple[Feature, ...], windows: Windows) -> FramePlan:
    return FramePlan(features, windows)


def _decode(stream: Stream, every: Sequence[GroupBands], stop: threading.Event) -> int:
    """Decode a recording into the bands of all groups; give its number of samples."""
    n_samples = 0
    for block in ahead(stream.blocks):
        n_samples += len(block)
        count_decoded(stop, len(block), stream.sr)
        y = to_mono(block)
        for bands in every:
            for _ in bands.push(y):
                if stop.is_set():
                    raise Cancelled
    if not n_samples:
        raise no_samples()
    return n_samples


def _check_long_enough(windows: Windows, duration: float) -> None:
    """Raise a SignalError if a recording is shorter than a window."""
    if not windows.count(duration):
        raise SignalError(
            "short",
            f"it lasts {duration:.2f} s, which is less than one window of {windows.length:g} s:"
            " a shorter window= may do",
        )


class _FrameColumns:
    """Takes in the columns of frames, and keeps those that frames are told apart by.

    Parameters
    ----------
    group : FeatureGroup
        The one that has MFCC and RMS of the frames that get labels.
    """

    def __init__(self, group: FeatureGroup) -> None:
        names = group.column_names
        first = names.index("mfcc_1")
        self._cepstra = slice(first + CEPSTRA.start, first + CEPSTRA.stop)
        self._level = names.index("rms")
        self.cepstra = FrameStore(CEPSTRA.stop - CEPSTRA.start)
        self.levels: list[NDArray[np.float32]] = []

    def append(self, columns: NDArray[np.float32]) -> None:
        """Take in the columns of the next frames."""
        self.cepstra.append(columns[:, self._cepstra])
        self.levels.append(columns[:, self._level].copy())


def _means(
    bands: GroupBands,
    bounds: tuple[NDArray[np.int64], NDArray[np.int64]],
    seen: Callable[[NDArray[np.float32]], None] | None,
    stop: threading.Event,
) -> NDArray[np.float32]:
    """End the bands of a group, and give the means of its columns over windows.

    Parameters
    ----------
    bands : GroupBands
        The bands, all pushed.
    bounds : tuple of ndarray of shape (n_windows,), int64
        The first frame in each window, and the first after it.
    seen : callable or None
        Is also given all columns of the frames, a block at a time.
    stop : threading.Event
        Set to cancel the work.

    Returns
    -------
    means : ndarray of shape (n_windows, n_window_columns), float32
    """
    projection = bands.finish()
    averaged = list(bands.group.averaged)
    stops = np.minimum(bounds[1], bands.n_frames)
    starts = np.minimum(bounds[0], stops - 1)
    means = _core.WindowMeans(starts.tolist(), stops.tolist(), max(1, len(averaged)))
    for columns in bands.columns(projection, stop):
        if averaged:
            means.push(np.take(columns, averaged, axis=1))
        if seen is not None:
            seen(columns)
    return means.finish() if averaged else np.empty((len(starts), 0), np.float32)


def _active(levels: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Tell which frames are active, from their levels."""
    if not float(levels.max()) > 0:
        raise SignalError("empty", "it is silent throughout: there is nothing to tell apart")
    return active_frames(levels, FRAME_RATE)


def ahead(blocks: Iterator[Block]) -> Iterator[Block]:
    """Give the same blocks, each decoded in another thread while the one before is used.

    A recording can only be decoded from front to back. This is how a second core helps.
    """
    with ThreadPoolExecutor(1, "audioclust-decoder") as decoder:
        coming = decoder.submit(next, blocks, None)
        while (block := coming.result()) is not None:
            coming = decoder.submit(next, blocks, None)
            yield block
