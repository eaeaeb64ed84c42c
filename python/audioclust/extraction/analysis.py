"""How signals are cut into frames and transformed, and what is computed of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from audioclust import _core
from audioclust.errors import ParameterError
from audioclust.utils.arguments import check_int, check_number, check_rate

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """Settings of the short-time analysis, with librosa's names and defaults.

    Parameters
    ----------
    sr : int or None, default=22050
        Sampling rate in Hz that signals are resampled to; None keeps their own, which must
        then be the same for all of them.
    n_fft : int, default=2048
        Length of a frame and of its FFT, in samples.
    win_length : int or None, default=None
        Length of the window, in samples, which is centred in the frame; None is `n_fft`.
    hop_length : int, default=512
        Distance from one frame to the next, in samples.
    window : str or tuple, default="hann"
        The window's name, or (name, parameter), as in :func:`scipy.signal.get_window`.
    fmin : float, default=0.0
        Lowest frequency of the mel bands, in Hz.
    fmax : float or None, default=None
        Highest frequency of the mel bands, in Hz; None is half the sampling rate.

    Raises
    ------
    ParameterError
        If a value is invalid.
    """

    sr: int | None = 22050
    n_fft: int = 2048
    win_length: int | None = None
    hop_length: int = 512
    window: str | tuple[Any, ...] = "hann"
    fmin: float = 0.0
    fmax: float | None = None

    def __post_init__(self) -> None:
        window: object = self.window
        if not isinstance(window, (str, tuple)):
            expected = "a name, or a tuple of a name and parameters"
            raise ParameterError(f"window={window!r:.40}: expected {expected}")
        checked: dict[str, object] = {
            "n_fft": check_int("n_fft", self.n_fft, 2, 2**20),
            "hop_length": check_int("hop_length", self.hop_length, 1),
            "fmin": check_number("fmin", self.fmin),
            "window": plain_window(self.window),
        }
        if self.sr is not None:
            checked["sr"] = check_rate("sr", self.sr)
        if self.win_length is not None:
            checked["win_length"] = check_int("win_length", self.win_length, 1, self.n_fft)
        if self.fmax is not None:
            checked["fmax"] = check_number("fmax", self.fmax)
            if self.fmax <= self.fmin:
                raise ParameterError(f"fmax={self.fmax}: expected more than fmin={self.fmin}")
        for name, value in checked.items():
            # NumPy's numbers become Python's, which can be written as JSON.
            object.__setattr__(self, name, value)
        self._window_values()  # It checks the window's name and parameters.

    def for_rate(self, sr: int) -> _core.Analysis:
        """Give the settings as the Rust core takes them, for signals of `sr` Hz."""
        window = self._window_values()
        return _core.Analysis(float(sr), window, self.hop_length, self.fmin, self.fmax)

    def _window_values(self) -> NDArray[np.float64]:
        """Give the window as `n_fft` values, with zeros on both sides if it is shorter."""
        return centred_window(self.window, self.win_length or self.n_fft, self.n_fft)


@dataclass(frozen=True)
class Feature:
    """A feature with an analysis of its own.

    Parameters
    ----------
    name : str
        A name from the registry of features.
    analysis : Analysis
        What it is computed with, whatever the other features have. Features with equal
        settings share one FFT.
    """

    name: str
    analysis: Analysis = field(default_factory=Analysis)

    def __post_init__(self) -> None:
        if not isinstance(self.name, str):
            raise ParameterError(f"name={self.name!r}: expected the name of a feature")
        if not isinstance(self.analysis, Analysis):
            raise ParameterError(f"analysis={self.analysis!r}: expected an audioclust.Analysis")


# Pickles name them by where users find them, and so survive a move to another module.
Analysis.__module__ = Feature.__module__ = "audioclust"


def plain_window(value: Any) -> Any:
    """Give a window's name or parameters as Python's own strings, numbers and tuples.

    These have a hash, and can be written as JSON.
    """
    if hasattr(value, "tolist"):
        value = value.tolist()
    return tuple(map(plain_window, value)) if isinstance(value, (tuple, list)) else value


def centred_window(window: Any, length: int, n_fft: int) -> NDArray[np.float64]:
    """Give a window as `n_fft` values, of which the `length` in the middle are not padding.

    Parameters
    ----------
    window : str, tuple or float
        As in :func:`scipy.signal.get_window`.
    length, n_fft : int
        Numbers of samples.

    Raises
    ------
    ParameterError
        If SciPy does not know the window.
    """
    import numpy as np

    if isinstance(window, str) and window == "hann":
        # The default window needs no SciPy, whose import can take longer than all the rest.
        phase = 2 * np.pi * np.arange(length) / length
        values = 0.5 - 0.5 * np.cos(phase) if length > 1 else np.ones(1)
    else:
        from scipy.signal import get_window

        try:
            values = np.asarray(get_window(window, length, fftbins=True), np.float64)
        except (ValueError, TypeError):
            values = np.array([np.nan])
        if not np.all(np.isfinite(values)):
            expected = "a window that scipy.signal.get_window knows"
            raise ParameterError(f"window={window!r}: expected {expected}")
    left = (n_fft - length) // 2
    return np.pad(values, (left, n_fft - length - left))
