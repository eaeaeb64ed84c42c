"""The descriptors that there are: names, units and words for them. It imports no NumPy."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class DescriptorInfo:
    """One descriptor.

    Attributes
    ----------
    name : str
        What a table of descriptors calls it.
    unit : str
        The unit of its values; empty for numbers without one.
    quantity : str
        What it measures, in words.
    more, less : str
        What a sound is with a high and with a low value, such as "louder". They are empty where
        more and less mean nothing to a listener: a key is a name, not an amount.
    confidence : str
        The name of the descriptor that tells how sure a value of this one is, from 0 to 1;
        empty if there is none.
    is_name : bool
        Whether values are numbers of names, which have no mean: the most common one is typical.
    """

    name: str
    unit: str
    quantity: str
    more: str = ""
    less: str = ""
    confidence: str = ""
    is_name: bool = False


DESCRIPTORS = (
    DescriptorInfo("duration", "s", "length", "longer", "shorter"),
    DescriptorInfo("loudness", "LUFS", "loudness", "louder", "quieter"),
    DescriptorInfo("brightness", "Hz", "brightness", "brighter", "darker"),
    DescriptorInfo("tempo", "BPM", "tempo", "faster", "slower", "tempo_confidence"),
    DescriptorInfo("tempo_confidence", "", "how sure the tempo is"),
    DescriptorInfo("key", "", "key", confidence="key_confidence", is_name=True),
    DescriptorInfo("key_confidence", "", "how sure the key is"),
    DescriptorInfo("onset_rate", "1/s", "number of onsets", "more onsets", "fewer onsets"),
    DescriptorInfo("attack_time", "s", "attack", "softer attack", "sharper attack"),
)
"""All descriptors, in the order of a row."""

DESCRIPTOR_NAMES = tuple(info.name for info in DESCRIPTORS)
"""Their names, in the same order."""

PITCH_CLASSES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")

KEYS = tuple(f"{tonic} {mode}" for mode in ("major", "minor") for tonic in PITCH_CLASSES)
"""The keys by their numbers, from 0 for C major to 23 for B minor."""


def descriptor_info(name: str) -> DescriptorInfo:
    """Give what is known of a descriptor by its name, which must be one of them."""
    return DESCRIPTORS[DESCRIPTOR_NAMES.index(name)]


def shown(name: str, value: float) -> str:
    """Give a value of a descriptor as people write it, such as "-14.2 LUFS" or "A minor".

    Parameters
    ----------
    name : str
        The descriptor's name.
    value : float
        A value of it, or a mean of several. NaN, which stands for what is not defined, is "?".
    """
    return "?" if math.isnan(value) else _FORMATS[name](value)


def _duration(seconds: float) -> str:
    """Give a time in the unit that suits its size."""
    if seconds < 1:
        return f"{1000 * seconds:.0f} ms"
    if round(seconds, 1) < 60:
        return f"{seconds:.1f} s"
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02} h" if hours else f"{minutes}:{seconds:02} min"


def _key(number: float) -> str:
    return KEYS[int(number)]


def _confidence(value: float) -> str:
    return f"{100 * value:.0f} %"


_FORMATS: MappingProxyType[str, Callable[[float], str]] = MappingProxyType(
    {
        "duration": _duration,
        "loudness": "{:.1f} LUFS".format,
        "brightness": "{:.0f} Hz".format,
        "tempo": "{:.0f} BPM".format,
        "tempo_confidence": _confidence,
        "key": _key,
        "key_confidence": _confidence,
        "onset_rate": "{:.1f} onsets a second".format,
        "attack_time": _duration,
    }
)
"""How values are written."""
