"""What an inspector notices, computed of whole arrays with NumPy: the definitions, slowly."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

HOP = 128
N_FFT = 2048


def clipped(y: NDArray[np.float32]) -> tuple[int, int]:
    """Number of places where one channel is cut off, and of samples there."""
    runs = samples = 0
    for side in (y, -y):
        top = side.max()
        if top < 0.25:
            continue
        steps = np.diff(np.concatenate([[0], (side == top).astype(int), [0]]))
        starts, ends = np.flatnonzero(steps == 1), np.flatnonzero(steps == -1)
        for start, end in zip(starts, ends, strict=True):
            if end - start < 3 or start < 2 or end + 2 > len(side):
                continue
            slopes = side[start - 1] - side[start - 2], side[end] - side[end + 1]
            if (slopes[0] + slopes[1]) * (end - start + 1) / 8 >= 0.08 * top:
                runs += 1
                samples += int(end - start)
    return runs, samples


def zeros(block: NDArray[np.float32]) -> tuple[int, int, int]:
    """Number of samples in stretches of zeros, at the beginning, between others, at the end."""
    n = len(block) // HOP
    silent = [not block[i * HOP : (i + 1) * HOP].any() for i in range(n)]
    if all(silent):
        return n * HOP, 0, 0
    before, after = silent.index(False), silent[::-1].index(False)
    return before * HOP, (sum(silent) - before - after) * HOP, after * HOP


def quiet(mix: NDArray[np.float64], limit: float = -40.0) -> tuple[int, int, int]:
    """Number of frames, and of those below a limit, in dB, before and after all others."""
    n = len(mix) // HOP - 3
    if n < 1:
        return 0, 0, 0
    energies = np.array([np.sum(mix[i * HOP : i * HOP + 512] ** 2) for i in range(n)])
    if not energies.any():
        return n, 0, 0
    loud = np.flatnonzero(energies >= 10 ** (limit / 10) * energies.max())
    return n, int(loud[0]), int(n - 1 - loud[-1])


def cut(mix: NDArray[np.float64]) -> tuple[float, float] | None:
    """Where the spectrum ends, as a part of the rate, and the drop there in dB."""
    places = [*range(0, 65536, 8192), *range(65536, len(mix), 65536)]
    frames = [mix[i : i + N_FFT] for i in places if i + N_FFT <= len(mix)]
    if not frames:
        return None
    window = np.hanning(N_FFT + 1)[:-1]
    power = np.sum([np.abs(np.fft.rfft(window * frame)) ** 2 for frame in frames], axis=0)
    bands = np.median(power[1:].reshape(64, 16), axis=1)
    if not bands.any():
        return None
    level = 10 * np.log10(np.maximum(bands, 1e-12 * bands.max()))
    drops = np.array([level[i - 3 : i + 1].min() - level[i + 2 :].max() for i in range(8, 58)])
    for i in range(8, 58):
        quieter = level[:i] < level[i - 3 : i + 1].min() - 15
        if 2 * quieter.sum() > i:  # A hill, not an edge.
            drops[i - 8] = -np.inf
    best = int(np.argmax(drops))
    if drops[best] <= 0:
        return None
    band = best + 8
    middle = 10 ** ((level[band + 2 :].max() + drops[best] / 2) / 10)
    bins = np.flatnonzero(power[1 : (band + 2) * 16 + 1] > middle) + 1
    return (float(bins[-1] / N_FFT), float(drops[best])) if len(bins) else None


def inspected(block: NDArray[np.float32]) -> dict[str, Any]:
    """All that is noticed of samples of shape (frames, channels)."""
    channels = [clipped(y) for y in block.T]
    mix = block.astype(np.float64).mean(axis=1)
    energy = float(np.sum(block.astype(np.float64) ** 2)) / block.shape[1]
    return {
        "n_samples": len(block),
        "channels": block.shape[1],
        "clipped_runs": sum(runs for runs, _ in channels),
        "clipped_samples": sum(samples for _, samples in channels),
        "zeros": zeros(block),
        "mix_share": float(np.sum(mix**2)) / energy if energy else 1.0,
        "cut": cut(mix),
    }
