"""One recording to windows and frames: decoded once, its features under one floor.

What the floor of MFCC and spectral contrast is, 80 dB below the recording's peak, is known only
at its end. The bands of all frames are kept until then, on disk if they are many, and become
columns in a second pass over them, which adds them up to windows.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from audioclust import _core
from audioclust.audio.decoding.decoders import open_stream
from audioclust.audio.preparation import Resampler, to_mono
from audioclust.audio.recording import Recording
from audioclust.errors import DecodeError, ParameterError, SignalError
from audioclust.extraction.analysis import Analysis, Feature
from audioclust.segmentation.frame_store import FrameStore
from audioclust.segmentation.windows import Windows
from audioclust.utils.arguments import RATES
from audioclust.utils.threads import Cancelled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audioclust.audio.decoding.stream import Block


CEPSTRA = slice(1, 20)
"""The coefficients that tell labels apart: the first is loudness, which is no voice's own."""


SILENT_DB = 45.0
"""Frames this far below the recording's loudest are silence."""


_VOICE = Analysis()
"""What frames are told apart with, whatever the windows' features."""


class Frames:
    """What is known of one recording.

    Attributes
    ----------
    recording : Recording
        What was decoded.
    windows : Windows
        How it was cut.
    sr : int
        Its own sampling rate in Hz.
    duration : float
        In seconds.
    rows : ndarray of shape (n_windows, n_columns), float32
        The mean of each feature over the frames centred in each window.
    cepstra : FrameStore
        MFCC 1 to 19 of each frame, over the recording's floor.
    votes : ndarray of shape (n_frames,), bool
        Whether each frame is louder than silence.
    """

    def __init__(
        self, recording: Recording, windows: Windows, sr: int, duration: float
    ) -> None:
        self.recording = recording
        self.windows = windows
        self.sr = sr
        self.duration = duration
        self.rows = np.empty((0, 0), np.float32)
        self.cepstra = FrameStore(CEPSTRA.stop - CEPSTRA.start)
        self.votes = np.empty(0, np.bool_)

    @property
    def n_frames(self) -> int:
        """The number of frames."""
        return len(self.votes)

    def close(self) -> None:
        """Give back what the frames take up."""
        self.cepstra.close()


RATE = (_VOICE.sr or 0) / _VOICE.hop_length
"""Frames of cepstra in a second."""


class _Group(NamedTuple):
    """Features that share an analysis."""

    analysis: Analysis
    names: tuple[str, ...]
    """Those that windows have, and then those that only frames need."""
    columns: tuple[int, ...]
    """Where the columns that windows have are in their row."""


class FramePlan:
    """What is computed of the frames of every recording.

    Parameters
    ----------
    features : tuple of Feature
        What windows have; MFCC and RMS are computed besides.
    windows : Windows
        How recordings are cut.
    """

    def __init__(self, features: tuple[Feature, ...], windows: Windows) -> None:
        self.columns = tuple(_core.column_names([f.name for f in features], ["mean"]))
        self.windows = windows
        analyses = dict.fromkeys([_VOICE, *(f.analysis for f in features)])
        self.groups = tuple(self._group(analysis, features) for analysis in analyses)
        for group in self.groups:
            sr = group.analysis.sr or RATES[1]
            if windows.length * sr < group.analysis.hop_length:
                least = group.analysis.hop_length / sr
                expected = f"at least {least:.4g}, the distance from one frame to the next"
                raise ParameterError(f"window={windows.length}: expected {expected}")

    def _group(self, analysis: Analysis, features: tuple[Feature, ...]) -> _Group:
        names = [f.name for f in features if f.analysis == analysis]
        of_windows = _core.column_names(names, ["mean"]) if names else []
        if analysis == _VOICE:
            names += [name for name in ("mfcc", "rms") if name not in names]
        columns = tuple(self.columns.index(column) for column in of_windows)
        return _Group(analysis, tuple(names), columns)


@functools.lru_cache(maxsize=16)
def _core_plan(analysis: Analysis, names: tuple[str, ...], sr: int) -> _core.Plan:
    return _core.Plan([(name, analysis.for_rate(sr)) for name in names], ["mean"])


def frames_of(plan: FramePlan, recording: Recording, stop: threading.Event) -> Frames:
    """Compute the windows and frames of a recording, in memory that hardly grows with it.

    Raises
    ------
    Cancelled
        When `stop` is set.
    DecodeError, SignalError
        If the recording cannot be used, or is too short for a window, or silent throughout.
    """
    stream = open_stream(recording)
    try:
        passes = [_Pass(group, stream.sr) for group in plan.groups]
        try:
            samples = _take_in(stream.blocks, passes, stop)
            duration = samples / stream.sr
            _check_long_enough(plan.windows, duration)
            return _second_pass(
                plan, passes, Frames(recording, plan.windows, stream.sr, duration), stop
            )
        finally:
            for one in passes:
                one.store.close()
    finally:
        stream.close()


def _take_in(blocks: Iterator[Block], passes: list[_Pass], stop: threading.Event) -> int:
    samples = 0
    for block in ahead(blocks):
        samples += len(block)
        y = to_mono(block)
        for one in passes:
            for _ in one.push(y):
                if stop.is_set():
                    raise Cancelled
    if not samples:
        raise DecodeError("empty", "it has no samples")
    return samples


def _check_long_enough(windows: Windows, duration: float) -> None:
    if not windows.number(duration):
        raise SignalError(
            "empty",
            f"it lasts {duration:.2f} s, which is less than one window of {windows.length:g} s:"
            " a shorter window= may do",
        )


def _second_pass(
    plan: FramePlan, passes: list[_Pass], frames: Frames, stop: threading.Event
) -> Frames:
    n = plan.windows.number(frames.duration)
    frames.rows = np.empty((n, len(plan.columns)), np.float32)
    try:
        for one in passes:
            projection = one.finish()
            means = one.means(projection, plan.windows, n, frames, stop)
            frames.rows[:, list(one.group.columns)] = means
        return frames
    except BaseException:
        frames.close()
        raise


class _Pass:
    """A recording on its way to the bands, and then the columns, of one group of features."""

    def __init__(self, group: _Group, sr: int) -> None:
        self.group = group
        self.sr = group.analysis.sr or sr
        self._resampler = Resampler(sr, self.sr)
        self._bands = _core.Bands(_core_plan(group.analysis, group.names, self.sr))
        self.store = FrameStore(self._bands.n_bands)

    def push(self, y: Block) -> Iterator[None]:
        """Take samples in, a piece at each step."""
        for piece in self._resampler.push(y):
            self.store.append(self._bands.push(piece))
            yield

    def finish(self) -> _core.Projection:
        """End the signal, and give what turns its bands into columns."""
        for piece in self._resampler.finish():
            self.store.append(self._bands.push(piece))
        rows, projection = self._bands.finish()
        self.store.append(rows)
        return projection

    def means(
        self,
        projection: _core.Projection,
        windows: Windows,
        n: int,
        frames: Frames,
        stop: threading.Event,
    ) -> NDArray[np.float32]:
        """Give the means over windows, and fill in what is told of frames by our columns."""
        n_columns = len(self.group.columns)
        starts, ends = windows.frames(n, self.sr / self.group.analysis.hop_length)
        ends = np.minimum(ends, self.store.n_rows)
        starts = np.minimum(starts, ends - 1)
        means = _core.WindowMeans(starts.tolist(), ends.tolist(), max(1, n_columns))
        levels = []
        for _, bands in self.store.blocks():
            if stop.is_set():
                raise Cancelled
            columns = projection.columns(bands)
            if n_columns:
                means.push(columns[:, :n_columns])
            if self.group.analysis == _VOICE:
                levels.append(self._tell(columns, frames))
        if self.group.analysis == _VOICE:
            frames.votes = _votes(np.concatenate(levels))
        return means.finish() if n_columns else np.empty((n, 0), np.float32)

    def _tell(self, columns: NDArray[np.float32], frames: Frames) -> NDArray[np.float32]:
        """Keep the cepstra of some frames, and give their levels."""
        names = _core.column_names(list(self.group.names), ["mean"])
        first = names.index("mfcc_1")
        frames.cepstra.append(columns[:, first + CEPSTRA.start : first + CEPSTRA.stop])
        return columns[:, names.index("rms")].copy()


def _votes(levels: NDArray[np.float32]) -> NDArray[np.bool_]:
    peak = float(levels.max())
    if not peak > 0:
        raise SignalError("empty", "it is silent throughout: there is nothing to tell apart")
    return levels > peak * 10 ** (-SILENT_DB / 20)


def ahead(blocks: Iterator[Block]) -> Iterator[Block]:
    """Give blocks, the next of which another thread decodes meanwhile.

    A recording is one stream; this is what lets a second core help with it.
    """
    with ThreadPoolExecutor(1, "audioclust-decoder") as decoder:
        coming = decoder.submit(next, blocks, None)
        while (block := coming.result()) is not None:
            coming = decoder.submit(next, blocks, None)
            yield block
