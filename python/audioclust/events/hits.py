"""Hits: the stretches of a recording that begin at its onsets."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from audioclust.audio.decoding.limits import Limits
from audioclust.audio.reading import Sound, one_recording, read
from audioclust.audio.recording import Recording
from audioclust.audio.sources import Source
from audioclust.audio.spans import Item
from audioclust.errors import NoOnsetsError, ParameterError
from audioclust.events.beginning import onset_frames
from audioclust.events.hit_features import HitSettings, measure
from audioclust.extraction.progress import (
    Progress,
    Pulse,
    State,
    count_decoded,
    display_for,
)
from audioclust.extraction.table import FeatureTable
from audioclust.utils import html
from audioclust.utils.values import ByValue

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Hits(ByValue):
    """The hits of one recording, in the order of time.

    Attributes
    ----------
    recording : Recording
        The recording, with its samples if it was given in memory.
    sr : int
        The sampling rate in Hz at which it was analysed.
    own_sr : int
        Its own sampling rate in Hz.
    duration : float
        Its length in seconds.
    frames : ndarray of shape (n_hits,), int64
        The frame of each onset.
    samples : ndarray of shape (n_hits,), int64
        The first sample of each hit, at the rate `sr`.
    table : FeatureTable
        The features of each hit; its items are the hits.
    """

    recording: Recording
    sr: int
    own_sr: int
    duration: float
    frames: NDArray[np.int64]
    samples: NDArray[np.int64]
    table: FeatureTable

    def __getstate__(self) -> dict[str, Any]:
        """Give what a pickle keeps: nothing of an address that is secret."""
        return {**self.__dict__, "recording": self.recording.without_secrets()}

    def __len__(self) -> int:
        return len(self.samples)

    def _repr_html_(self) -> str:
        """Give a table of the hits as a notebook shows it."""
        items = self.table.items
        rows = (
            (number, f"{item.start:.3f}", f"{item.end:.3f}", frame)
            for number, (item, frame) in enumerate(zip(items, self.frames, strict=True))
        )
        caption = f"Hits: {len(self)} in {self.recording.path}, {self.duration:.2f} s"
        return html.table(caption, ("hit", "start in s", "end in s", "frame"), rows, len(self))


# Pickles name it by where users find it, and so survive a move to another module.
Hits.__module__ = "audioclust"


def find_hits(
    source: Source,
    settings: HitSettings,
    progress: Progress = False,
    limits: Limits = Limits(),  # noqa: B008 - it is frozen
) -> Hits:
    """Find the onsets of one recording, if decoding it takes no more than the limits.

    Each is the start of a hit, which is measured.

    Progress of its decoding can be shown; see :data:`audioclust.extraction.progress.Progress`.

    Raises
    ------
    NoOnsetsError
        If there is none.
    NothingExtractedError
        If the recording cannot be decoded.
    ParameterError
        If the source is not one recording, or the window does not suit its length or rate.
    """
    recording = one_recording(source, limits)
    pulse = Pulse()
    with display_for(progress)(State(1, 1, pulse)) as advance:
        decoded = functools.partial(count_decoded, pulse)
        sound = read(recording, settings.analysis.sr, decoded=decoded)
        advance(1, 1)
    y, sr = sound.y, sound.sr
    hop = settings.analysis.hop_length
    frames = onset_frames(y, sr, settings)
    # Two onsets may go back to the same minimum, and the last frame may start at the end.
    frames = np.unique(frames[frames * hop < len(y)])
    if not len(frames):
        raise NoOnsetsError(_why_none(recording.path, y, sr, settings))
    samples = frames * hop
    ends = _ends(samples, len(y), sr, settings)
    table = measure(recording, y, sr, np.stack([samples, ends], axis=1), settings)
    return Hits(
        recording=recording,
        sr=sr,
        own_sr=sound.own_sr,
        duration=len(y) / sr,
        frames=frames,
        samples=samples,
        table=replace(table, items=tuple(_as_read(item, sound) for item in table.items)),
    )


def _as_read(item: Item, sound: Sound) -> Item:
    """Give an item that knows how its recording was read."""
    return item._replace(decoder=sound.decoder, warnings=sound.warnings)


def _why_none(path: str, y: NDArray[np.float32], sr: int, settings: HitSettings) -> str:
    """Say why a recording has no onsets, and what to change."""
    if not y.any():
        return f"no onsets in {path}: it is silent throughout; expected sound"
    seconds = len(y) / sr
    if seconds < settings.window:
        return (
            f"no onsets in {path}: it lasts {seconds:.3g} s, less than one window of"
            f" {settings.window:g} s; expected a longer recording"
        )
    return (
        f"no onsets in {path}: none exceeds its surroundings by delta={settings.delta:g};"
        " a smaller delta finds fainter ones"
    )


def _ends(
    samples: NDArray[np.int64], n: int, sr: int, settings: HitSettings
) -> NDArray[np.int64]:
    """Give the sample after the end of each hit, in a recording of `n` samples."""
    if settings.until_next:
        return np.append(samples[1:], n)
    length = int(settings.window * sr)
    if not length:
        raise ParameterError(
            f"window={settings.window:g}: expected at least one sample, {1 / sr:.2g} s"
        )
    if length > n:
        raise ParameterError(
            f"window={settings.window:g}: expected at most the {n / sr:.3g} s that the"
            " recording lasts"
        )
    return np.minimum(samples + length, n)
