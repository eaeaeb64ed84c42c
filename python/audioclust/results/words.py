"""Words for columns of features, and for how clusters differ in them.

The vocabulary is small. It has an entry for each feature whose values mean something to a
listener, and one for each statistic. Any other column is named as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from audioclust.extraction.descriptors.vocabulary import DescriptorInfo


class Meaning(NamedTuple):
    """What a column is about.

    Attributes
    ----------
    quantity : str
        What it measures, such as "noisiness".
    more, less : str
        What a sound is with a high and with a low value, such as "noisier".
    """

    quantity: str
    more: str
    less: str


_FEATURES = {
    "spectral_bandwidth": Meaning("breadth of the spectrum", "broader", "narrower"),
    "rms": Meaning("loudness", "louder", "quieter"),
    "spectral_flatness": Meaning("noisiness", "noisier", "more tonal"),
    "zero_crossing_rate": Meaning("brightness", "brighter", "darker"),
    "spectral_centroid": Meaning("brightness", "brighter", "darker"),
    "spectral_rolloff": Meaning("brightness", "brighter", "darker"),
    # Both are of a hit as a whole: see audioclust.events.
    "zero_crossings": Meaning("zero crossings", "more zero crossings", "fewer zero crossings"),
    "l2_norm": Meaning("energy", "more energy", "less energy"),
    # The mean of the pitch classes, the strongest of which is 1.
    "chroma_mean": Meaning("number of pitches", "more pitches", "fewer pitches"),
    # Both are means over all bands in decibels, which bands without sound pull down.
    "mel_level": Meaning("fullness", "fuller", "thinner"),
    "mfcc_1": Meaning("fullness", "fuller", "thinner"),
    # The second cosine is positive in the lower half of the bands, negative in the upper one.
    "mfcc_2": Meaning("darkness", "darker", "brighter"),
}
"""The meaning of features of one column, and of the cepstral coefficients that have one."""


_TIMBRE = "timbre"
"""The quantity of coefficients that have no meaning of their own."""


PLAIN = {
    "longer": "long",
    "shorter": "short",
    "louder": "loud",
    "quieter": "quiet",
    "brighter": "bright",
    "darker": "dark",
    "noisier": "noisy",
    "more tonal": "tonal",
    "fuller": "full",
    "thinner": "thin",
    "broader": "broad",
    "narrower": "narrow",
    "clearer tones": "clear tones",
    "less clear tones": "unclear tones",
    "more pitches": "many pitches",
    "fewer pitches": "few pitches",
    "faster": "fast",
    "slower": "slow",
    "more onsets": "many onsets",
    "fewer onsets": "few onsets",
    "more zero crossings": "many zero crossings",
    "fewer zero crossings": "few zero crossings",
    "more energy": "much energy",
    "less energy": "little energy",
    "softer attack": "soft attack",
    "sharper attack": "sharp attack",
}
"""What a sound is among others, for what it is beside others."""


_MANY = {
    "more pitches": "many more pitches",
    "more onsets": "many more onsets",
    "more zero crossings": "many more zero crossings",
}
_FEW = {
    "fewer pitches": "far fewer pitches",
    "fewer onsets": "far fewer onsets",
    "fewer zero crossings": "far fewer zero crossings",
}


_TOPICS = {"darkness": "brightness"}
"""Quantities that are opposites of others, which are not named beside these."""


_PLACES = {
    "part_1": " at the beginning",
    "part_2": " in the middle",
    "part_3": " in the middle",
    "part_4": " at the end",
    "mean": "",
    "": "",
}
"""The statistics that are values of the feature itself: the means of parts, or of all."""


_STATISTICS = {
    "std": ("how much {} varies", "{} varies more", "{} varies less"),
    "change": ("how fast {} changes", "{} changes faster", "{} changes more slowly"),
    "min": ("least {}", "higher least {}", "lower least {}"),
    "max": ("greatest {}", "higher greatest {}", "lower greatest {}"),
}
"""The other statistics: what they say of a quantity, and of a sound with more or less of it."""


class Phrase(NamedTuple):
    """A column in words.

    Attributes
    ----------
    column : str
        Its name.
    topic : str
        What it shares with columns that say nearly the same, so that one of them is enough.
    quantity, more, less : str
        As in a :class:`Meaning`.
    kind : {"value", "change", "timbre", "none"}
        What is said of it: what the sound is like, how it changes, that its timbre is another
        one, or nothing in plain words.
    place : str
        The part of the sound that it is about, as these words end with it, such as " at the
        end"; empty for all of it.
    """

    column: str
    topic: str
    quantity: str
    more: str
    less: str
    kind: Literal["value", "change", "timbre", "none"] = "value"
    place: str = ""


def phrase_for(column: str) -> Phrase:
    """Put a column into words, or name it as it is if there are none for it."""
    feature, statistic = _parts(column)
    meaning = _meaning(feature)
    if meaning is None:
        return Phrase(column, column, column, f"higher {column}", f"lower {column}", "none")
    topic = _TOPICS.get(meaning.quantity, meaning.quantity)
    if statistic in _PLACES:
        place = _PLACES[statistic]
        quantity, more, less = (f"{words}{place}" for words in meaning)
        kind: Literal["timbre", "value"] = "timbre" if topic == _TIMBRE else "value"
        return Phrase(column, topic, quantity, more, less, kind, place)
    quantity, more, less = (words.format(topic) for words in _STATISTICS[statistic])
    return Phrase(column, f"{topic} over time", quantity, more, less, "change")


def phrase_for_descriptor(info: DescriptorInfo) -> Phrase:
    """Put a descriptor into words; its topic is that of features that say nearly the same."""
    return Phrase(info.name, info.quantity, info.quantity, info.more, info.less)


def much(words: str) -> str:
    """Make a comparative stronger: "much louder", "many more pitches"."""
    return (_MANY | _FEW).get(words, f"much {words}")


def _parts(column: str) -> tuple[str, str]:
    """Give the feature and the statistic that a column is named after."""
    if column in _FEATURES:  # One of them ends as a mean would.
        return column, ""
    for statistic in (*_PLACES, *_STATISTICS):
        if statistic and column.endswith(f"_{statistic}"):
            return column.removesuffix(f"_{statistic}"), statistic
    return column, ""


def _meaning(feature: str) -> Meaning | None:
    """Give what a feature is about, None for one that is not in the vocabulary."""
    family, _, number = feature.rpartition("_")
    if family == "spectral_contrast" and number.isdecimal():
        return Meaning("clearness of tones", "clearer tones", "less clear tones")
    if family == "mfcc" and number.isdecimal() and feature not in _FEATURES:
        return Meaning(_TIMBRE, f"higher {feature}", f"lower {feature}")
    return _FEATURES.get(feature)


def different_topics(
    columns: Sequence[str], strengths: NDArray[np.float64], most: int
) -> Iterator[tuple[int, Phrase]]:
    """Go over the strongest columns, one for each topic, with their places.

    Parameters
    ----------
    columns : sequence of n_columns str
        The columns' names.
    strengths : ndarray of shape (n_columns,), float64
        How much each counts; what is not above 0 is left out.
    most : int
        How many there are at most.
    """
    seen: set[str] = set()
    for place in np.argsort(-strengths, kind="stable").tolist():
        phrase = phrase_for(columns[place])
        if len(seen) == most or strengths[place] <= 0:
            return
        if phrase.topic not in seen:
            seen.add(phrase.topic)
            yield place, phrase
