"""What features are taken of: a signal cut into frames, or spectra."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from audioclust import _core
from audioclust.errors import ParameterError
from audioclust.extraction.analysis import centred_window
from audioclust.utils.arguments import as_floats, check_flag, check_int

if TYPE_CHECKING:
    from numpy.typing import NDArray


Given = Literal["magnitude", "power", "levels"]


_SIGNAL_PADS = ("constant", "edge", "linear_ramp", "reflect", "symmetric")


_ALL_PADS = (*_SIGNAL_PADS, "maximum", "mean", "median", "minimum", "wrap")


def refuse(name: str, value: object, supported: object) -> None:
    """Raise a ParameterError unless an argument has the one value that is supported."""
    same = value is supported or (isinstance(value, int) and value == supported)
    if not same:
        raise ParameterError(f"{name}={value!r}: only {name}={supported!r} is supported")


@functools.lru_cache(maxsize=32)
def _named_framing(
    window: Any, win_length: int, n_fft: int, hop_length: int, centred: bool
) -> _core.Framing:
    values = centred_window(window, win_length, n_fft)
    return _core.Framing(values, hop_length, centred=centred, zero=0.0)


def plain_framing(
    frame_length: int, hop_length: int, *, centred: bool, zero: float = 0.0
) -> _core.Framing:
    """Give a framing for features of the samples themselves."""
    n = check_int("frame_length", frame_length, 1, 2**20)
    hop = check_int("hop_length", hop_length, 1)
    return _core.Framing(np.ones(n), hop, centred=centred, zero=zero)


def _framing(
    window: Any, win_length: int | None, n_fft: int, hop_length: int, centred: bool
) -> _core.Framing:
    hop = check_int("hop_length", hop_length, 1)
    length = n_fft if win_length is None else check_int("win_length", win_length, 1, n_fft)
    if isinstance(window, (np.ndarray, list)):
        values = np.asarray(window, np.float64)
        if values.shape != (length,) or not np.isfinite(values).all():
            got = f"an array of shape {values.shape}"
            raise ParameterError(f"window={got}: expected {length} finite numbers")
        left = (n_fft - length) // 2
        values = np.pad(values, (left, n_fft - length - left))
        return _core.Framing(values, hop, centred=centred, zero=0.0)
    if not isinstance(window, (str, tuple, float, int)):
        expected = "a name, a tuple of a name and parameters, or an array"
        raise ParameterError(f"window={window!r:.40}: expected {expected}")
    return _named_framing(window, length, n_fft, hop, centred)


def padded(
    y: NDArray[Any], n_fft: int, center: bool, pad_mode: object, *, every: bool = False
) -> tuple[NDArray[Any], bool]:
    """Give the signal and whether it is still to be centred in zeros.

    Zeros are added frame by frame, without a copy of the signal; what other modes add is not.
    """
    if not check_flag("center", center):
        return y, False
    if pad_mode == "constant":
        return y, True
    modes = _ALL_PADS if every else _SIGNAL_PADS
    if pad_mode not in modes:
        raise ParameterError(f"pad_mode={pad_mode!r}: expected one of {', '.join(modes)}")
    widths = [(0, 0)] * (y.ndim - 1) + [(n_fft // 2, n_fft // 2)]
    # NumPy's overloads know literal modes only.
    return np.pad(y, widths, mode=pad_mode), False  # type: ignore[call-overload]


class Source:
    """A signal or spectra, with all that librosa's functions say about them."""

    def __init__(
        self,
        y: object,
        S: object,  # noqa: N803 - librosa's name
        n_fft: object,
        hop_length: int,
        win_length: int | None,
        window: Any,
        center: bool,
        pad_mode: object,
        *,
        given: Given = "magnitude",
    ) -> None:
        if S is not None:
            self.values = as_floats("S", S, (2, 3))
            n_bins = self.values.shape[-2]
            fits = n_fft is not None and check_int("n_fft", n_fft, 1, 2**20) // 2 + 1 == n_bins
            self.n_fft: int = n_fft if fits else 2 * (n_bins - 1)  # type: ignore[assignment]
            self._given: Given | None = given
            if self.n_fft < 1:
                raise ParameterError(
                    f"S has shape {self.values.shape}: expected 2 bins or more"
                )
            return
        if y is None:
            raise ParameterError("y=None: expected a signal, or spectra as S")
        self.n_fft = check_int("n_fft", n_fft, 2, 2**20)
        values = as_floats("y", y, (1, 2))
        self.values, centred = padded(values, self.n_fft, center, pad_mode)
        self._framing = _framing(window, win_length, self.n_fft, hop_length, centred)
        self._given = None

    @property
    def is_signal(self) -> bool:
        """Whether it is a signal, else spectra."""
        return self._given is None

    def measure(self, measure: _core.Measure) -> NDArray[np.float32]:
        """Take a feature of every frame: ([channels,] n_features, n_frames)."""
        if self._given is None:
            return measure.of_signal(self.values, self._framing)
        return measure.of_spectra(self.values, self._given)

    def frequencies(self, freq: object) -> NDArray[np.float64] | None:
        """Check frequencies that the caller gave for the bins."""
        if freq is None:
            return None
        values = as_floats("freq", freq, (1,)).astype(np.float64)
        n_bins = self.n_fft // 2 + 1
        if len(values) != n_bins or not np.isfinite(values).all():
            got = f"an array of shape {values.shape}"
            raise ParameterError(f"freq={got}: expected {n_bins} finite numbers, one a bin")
        return values
