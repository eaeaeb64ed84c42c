"""Sounds, and copies of some: encoded anew, with other ends, louder or quieter."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import av
import numpy as np
import soundfile
import soxr

from support.data import DATA

PIECE = 4.0
"""Length of the pieces that long recordings are cut into, in seconds."""

GAP = 0.2
"""What is left out between two pieces, in seconds, so that they have nothing in common."""

SAME = 0.5
"""Pieces of one recording whose waveforms, less their lows, correlate more than this repeat the
same sound, as a sequencer does. Only the first of them is taken."""

MOST = 2.0
"""Up to so many seconds are cut off at the beginning and again at the end of a copy."""

ENCODERS = {
    "mp3": ("libmp3lame", 44_100, 128_000, ".mp3"),
    "opus": ("libopus", 48_000, 96_000, ".opus"),
    "aac": ("aac", 44_100, 128_000, ".m4a"),
}
"""Encoder, sampling rate in Hz, bits a second and suffix, by format."""

LONG = (
    *("music/*.ogg", "speech/*.ogg", "conversations/*.wav"),
    "conversations/dev_dialogue4.flac",
)
"""Recordings that are cut into pieces. Other dialogues share readings with this one."""

SHORT = ("instruments/*/*.mp3", "samples/*/*.wav", "drums/*.mp3", "digits/*.wav")
"""Recordings that are taken whole, unless they are long."""


@dataclass(frozen=True)
class Sound:
    """A sound, and the recording that it was cut out of."""

    name: str
    source: str
    y: np.ndarray
    sr: int

    @property
    def duration(self) -> float:
        """Its length in seconds."""
        return len(self.y) / self.sr


Pair: TypeAlias = "frozenset[str]"


def sounds(*, tuning: bool, patterns: tuple[str, ...] = (*LONG, *SHORT)) -> Iterator[Sound]:
    """Give all sounds of one of two parts of the data, which share no recording.

    A fifth of the recordings, by a hash of their names, is what thresholds may be chosen on;
    what is claimed is measured on the rest.
    """
    for pattern in patterns:
        for path in sorted(DATA.glob(pattern)):
            if (zlib.crc32(path.name.encode()) % 5 == 0) == tuning:
                yield from _pieces(path)


def _pieces(path: Path) -> Iterator[Sound]:
    y, sr = soundfile.read(path, dtype="float32", always_2d=True)
    y = y.mean(axis=1)
    source = str(path.relative_to(DATA))
    name = source.replace("/", "-")
    if len(y) < 2 * PIECE * sr:
        yield Sound(name, source, y, sr)
        return
    earlier: list[Outline] = []
    for start in np.arange(0, len(y) / sr - PIECE, PIECE + GAP):
        piece = y[round(start * sr) : round((start + PIECE) * sr)]
        outline = Outline.of(np.diff(soxr.resample(piece, sr, 8000)))
        # A rest is like every other rest, and a loop that a sequencer repeats like itself.
        if np.abs(piece).max() < 0.01 or any(alike(outline, one) > SAME for one in earlier):
            continue
        earlier.append(outline)
        yield Sound(f"{name}-{start:05.1f}", source, piece, sr)


@dataclass(frozen=True)
class Outline:
    """A waveform as :func:`alike` takes it: length, spectrum, energy up to each sample."""

    n: int
    spectrum: np.ndarray
    energy: np.ndarray

    @classmethod
    def of(cls, y: np.ndarray) -> Outline:
        """Prepare a waveform."""
        energy = np.concatenate([[0], np.cumsum(y * y, dtype=float)])
        return cls(len(y), np.fft.rfft(y, 1 << (2 * len(y)).bit_length()), energy)


def alike(a: Outline, b: Outline) -> float:
    """Give the largest normalised correlation of two waveforms of one length.

    They overlap by half or more.
    """
    products = np.fft.irfft(a.spectrum * np.conj(b.spectrum))
    lags = np.arange(-b.n // 2, a.n // 2)
    i, j = np.maximum(0, lags), np.maximum(0, -lags)
    length = np.minimum(a.n - i, b.n - j)
    energy = (a.energy[i + length] - a.energy[i]) * (b.energy[j + length] - b.energy[j])
    return float((products[lags] / np.sqrt(energy + 1e-12)).max())


def altered(
    sound: Sound, rng: np.random.Generator, most: float = MOST
) -> tuple[np.ndarray, float, float]:
    """Cut off up to `most` seconds at both ends, at most half in all, and shift it by 6 dB.

    Returns
    -------
    y, start, decibels
        The samples, what was cut off at the beginning in seconds, and the change of level.
    """
    cut = rng.uniform(0, most, 2)
    cut *= min(1, sound.duration / 2 / cut.sum())
    start, end = round(cut[0] * sound.sr), len(sound.y) - round(cut[1] * sound.sr)
    y = sound.y[start:end]
    # Twice as loud, unless that would clip.
    decibels = 6.0 if rng.random() < 0.5 and np.abs(sound.y).max() <= 0.5 else -6.0
    return y * 10 ** (decibels / 20), start / sound.sr, decibels


def encode(y: np.ndarray, sr: int, path: Path, format: str) -> None:  # noqa: A002
    """Write samples of one channel in one of :data:`ENCODERS`."""
    codec, rate, bits, _ = ENCODERS[format]
    samples = soxr.resample(y, sr, rate).astype(np.float32)
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream(codec, rate=rate)
        stream.bit_rate = bits
        stream.layout = "mono"
        size = stream.codec_context.frame_size or None
        resampler = av.AudioResampler(stream.format, "mono", rate, size)
        frame = av.AudioFrame.from_ndarray(samples[None], format="flt", layout="mono")
        frame.sample_rate = rate
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(stream.encode(part))
        container.mux(stream.encode(None))


def write_copies(
    folder: Path,
    *,
    tuning: bool,
    n: int,
    n_copies: int,
    least: float,
    most: float = MOST,
    patterns: tuple[str, ...] = (*LONG, *SHORT),
) -> set[Pair]:
    """Write up to `n` sounds and altered copies of some of them; give the pairs of paths.

    Parameters
    ----------
    folder : Path
        Where they are written.
    tuning : bool
        Which part of the data; see :func:`sounds`.
    n, n_copies : int
        Most sounds, and most copies.
    least : float
        The least length of a sound that is copied, in seconds.
    most : float
        What is cut off; see :func:`altered`.
    patterns : tuple of str
        Which recordings.
    """
    rng = np.random.default_rng(0)
    everything = list(sounds(tuning=tuning, patterns=patterns))
    order = rng.permutation(len(everything))
    # Those that may be copied come first, so that few sounds are enough for many copies.
    longer = [i for i in order if everything[i].duration >= least]
    copied = longer[:n_copies]
    rest = [i for i in order if i not in set(copied)]
    pairs = set()
    for number, i in enumerate([*copied, *rest][:n]):
        sound = everything[i]
        original = folder / f"{sound.name}.wav"
        soundfile.write(original, sound.y, sound.sr, subtype="PCM_16")
        if number < len(copied):
            format = list(ENCODERS)[number % len(ENCODERS)]  # noqa: A001
            copy = folder / f"{sound.name}.copy{ENCODERS[format][3]}"
            encode(altered(sound, rng, most)[0], sound.sr, copy, format)
            pairs.add(frozenset({str(original), str(copy)}))
    return pairs
