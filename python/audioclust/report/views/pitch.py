"""The pitch classes of clusters: how often each is the strongest, and when."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from audioclust.audio.reading import blocks_of
from audioclust.errors import AudioclustError
from audioclust.plotting.pitch import NOTES
from audioclust.report.views.png import picture_url
from audioclust.report.views.spectra import as_shares, chromagram_columns
from audioclust.utils.text import on_one_line
from audioclust.utils.urls.names import base_name

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audioclust.audio.recording import Recording
    from audioclust.audio.spans import Item

MAX_CLUSTERS = 24
"""Clusters that are shown, at most."""

_COLUMNS = 360
"""Columns of a chromagram, at most."""


class PitchOf(NamedTuple):
    """The pitch classes of one cluster.

    Attributes
    ----------
    number : int
        The cluster.
    shares : ndarray of shape (12,)
        The mean share of frames in which each class is the strongest, from C.
    item : int
        Its most typical item, by its place on the page.
    sound : Item, Recording or None
        That item, with a path that is valid here; None if it was in memory.
    duration : float
        The length of that in seconds.
    """

    number: int
    shares: NDArray[np.floating]
    item: int
    sound: Item | Recording | None
    duration: float


def pitch(clusters: Sequence[PitchOf]) -> dict[str, Any]:
    """Give what a page shows of pitch classes, as JSON values.

    Returns
    -------
    view : dict
        ``notes``, twelve names; ``clusters``, the first :data:`MAX_CLUSTERS`, each with
        ``number``, ``shares``, ``item``, ``name`` (of its item's file), and ``picture``, the
        chromagram of that item, a PNG in a data URL with B on top, or null.
    """
    return {"notes": list(NOTES), "clusters": [_shown(one) for one in clusters[:MAX_CLUSTERS]]}


def _shown(one: PitchOf) -> dict[str, Any]:
    name = "" if one.sound is None else on_one_line(base_name(one.sound.path))
    return {
        "number": one.number,
        "shares": [round(share, 4) for share in one.shares.tolist()],
        "item": one.item,
        "name": name,
        "picture": None if one.sound is None else _picture(one.sound, one.duration),
    }


def _picture(sound: Item | Recording, duration: float) -> str | None:
    if not math.isfinite(duration):
        return None
    try:
        blocks = blocks_of(sound)
        _, sr = next(blocks)
        chroma = chromagram_columns(sr, max(1, round(duration * sr)), _COLUMNS)
        for _ in chroma.watched(y for y, _ in blocks):
            pass
        return picture_url(as_shares(chroma.columns()))
    except (AudioclustError, OSError):
        # It was read before, and may have been moved since: the bars still say what it is.
        return None
