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

    An item keeps its `start` and `end`, which `offset` and `duration` determine. What is
    trimmed or lies outside the excerpt belongs to the item, but not to what its features are
    of.

    It is for :func:`audioclust.extract` and :func:`audioclust.cluster`, and sounds that are
    predicted later are prepared alike. :func:`audioclust.segment` and :func:`audioclust.onsets`
    find times in recordings as they are.

    A recording is decoded once if `trim`, `excerpt` and `normalize` are None. Each of these
    must know something of the whole recording first, which takes a pass over it: one for
    `trim` and `excerpt`, and one for `normalize`. So does ``channels="loudest"`` of several
    channels. Recordings of up to 2,097,152 samples of one channel (47 s at 44.1 kHz; for
    ``"loudest"``, of all channels) stay in memory for that. Longer ones are decoded again in
    each pass, so that memory does not grow with their length.

    Parameters
    ----------
    offset : float, default=0.0
        Where the part to use starts, in seconds.
    duration : float or None, default=None
        How long that part is, in seconds; None is to the end.
    channels : {"mix", "left", "right", "loudest"} or int, default="mix"
        Which channel is used: the mean of all, the first, the second, the one with the most
        energy in the part to use, or the one of a number, from 0. The one channel of a mono
        recording is both left and right. A recording without a channel of that number is listed
        among the errors.
    highpass : float or None, default=None
        What lies below this frequency is attenuated, in Hz, by a Butterworth filter of fourth
        order at the recording's own rate; None leaves all. It must be less than half the rate.
    trim : float or None, default=None
        What is quieter than the loudest frame by more than this, in dB, is left out at the
        beginning and at the end; None leaves all. It is what ``librosa.effects.trim(y,
        top_db=trim, frame_length=512, hop_length=128)`` leaves out at the rate of the analysis,
        with levels in thousandths of a dB. Silence is left whole.
    excerpt : float or None, default=None
        How much is used of the middle of what is left, in seconds; None is all.
    normalize : {"peak", "rms", "loudness"} or None, default=None
        What is brought to one value by a gain, the same for all of what is left, at the rate of
        the analysis: the largest absolute sample to 1.0; the root of the mean square to 0.1,
        which is -20 dB; or the integrated loudness of EBU R 128 to its target of -23 LUFS. None
        leaves the level as it is. Loudness is defined by blocks of 400 ms: a shorter sound is
        measured with silence after it up to that length. Silence, or what is below the gate of
        -70 LUFS, is left as it is. Loudness needs a rate of at least 4,000 Hz.

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
        given: object = self.normalize
        known = get_args(Normalize)
        if given is not None and not (isinstance(given, str) and given in known):
            expected = f"one of {', '.join(known)}, or None"
            raise ParameterError(f"normalize={given!r}: expected {expected}")
        for name, value in checked.items():
            # NumPy's numbers become Python's, which can be written as JSON.
            object.__setattr__(self, name, value)

    @property
    def takes_passes(self) -> bool:
        """Whether something of a signal must be known before features are computed of it."""
        return not (self.trim is None and self.excerpt is None and self.normalize is None)

    @property
    def is_part(self) -> bool:
        """Whether only a part of each recording is decoded."""
        return self.offset > 0 or self.duration is not None

    def of_part(self, offset: float | None, duration: float | None) -> Preparation:
        """Give the same preparation of another part; None leaves the part as it is."""
        given: dict[str, Any] = {"offset": offset, "duration": duration}
        return replace(self, **{k: v for k, v in given.items() if v is not None})

    def anywhere(self) -> Preparation:
        """Give the same preparation of whole recordings."""
        return replace(self, offset=0.0, duration=None)


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
