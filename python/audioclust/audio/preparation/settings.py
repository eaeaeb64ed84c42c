"""What is done to a recording before features are computed of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias, get_args

from audioclust.errors import ParameterError
from audioclust.utils.arguments import check_int, check_number, check_positive

ChannelWord = Literal["mix", "left", "right", "loudest"]

Channels: TypeAlias = "ChannelWord | int"
"""Which channel is analysed; see :class:`Preparation`."""

Normalize = Literal["peak", "rms", "loudness"]
"""What is brought to one value in all recordings; see :class:`Preparation`."""


@dataclass(frozen=True, kw_only=True)
class Preparation:
    """What is done to a recording before features are computed of it, in this order.

    Parameters
    ----------
    offset : float, default=0.0
        Where the part to use starts, in seconds.
    duration : float or None, default=None
        How long that part is, in seconds; None is to the end.
    channels : {"mix", "left", "right", "loudest"} or int, default="mix"
        Which channel is used: the mean of all, the first, the second, the one with the most
        energy, or the one of a number, from 0.
    highpass : float or None, default=None
        What lies below this frequency is attenuated, in Hz, by a Butterworth filter of fourth
        order at the recording's own rate; None leaves all.
    trim : float or None, default=None
        What is quieter than the loudest frame by more than this, in dB, is left out at the
        beginning and at the end; None leaves all.
    excerpt : float or None, default=None
        How much is used of the middle of what is left, in seconds; None is all.
    normalize : {"peak", "rms", "loudness"} or None, default=None
        What is brought to one value by a gain, the same for the whole recording: the largest
        sample, the root of the mean square, or the loudness of EBU R 128; None leaves the level
        as it is.

    Raises
    ------
    ParameterError
        If a value is invalid.
    """

    offset: float = 0.0
    duration: float | None = None
    channels: Channels = "mix"
    highpass: float | None = None
    trim: float | None = None
    excerpt: float | None = None
    normalize: Normalize | None = None

    def __post_init__(self) -> None:
        checked: dict[str, object] = {
            "offset": check_number("offset", self.offset),
            "channels": _checked_channels(self.channels),
        }
        if self.duration is not None:
            checked["duration"] = check_number("duration", self.duration)
        for name in ("highpass", "trim", "excerpt"):
            if getattr(self, name) is not None:
                checked[name] = check_positive(name, getattr(self, name))
        if self.normalize not in (None, *get_args(Normalize)):
            expected = f"one of {', '.join(get_args(Normalize))}, or None"
            raise ParameterError(f"normalize={self.normalize!r}: expected {expected}")
        for name, value in checked.items():
            # NumPy's numbers become Python's, which can be written as JSON.
            object.__setattr__(self, name, value)

    def of_part(self, offset: float | None, duration: float | None) -> Preparation:
        """Give the same preparation of another part; None leaves the part as it is."""
        given: dict[str, Any] = {"offset": offset, "duration": duration}
        return replace(self, **{k: v for k, v in given.items() if v is not None})


# Pickles name it by where users find it, and so survive a move to another module.
Preparation.__module__ = "audioclust"


def _checked_channels(value: object) -> object:
    words = get_args(ChannelWord)
    if isinstance(value, str):
        if value in words:
            return value
        expected = f"one of {', '.join(words)}, or the number of a channel, from 0"
        raise ParameterError(f"channels={value!r}: expected {expected}")
    return check_int("channels", value, 0)
