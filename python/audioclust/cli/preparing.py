"""The options that say what is done to each file before features are computed of it."""

from __future__ import annotations

from typing import Any

from audioclust.audio.preparation.settings import Preparation

PREPARATION = (
    "offset", "duration", "channels", "highpass", "trim", "excerpt", "normalize",
)  # fmt: skip
"""The names of these options, which are those of :class:`Preparation`."""


def preparation_of(settings: dict[str, Any]) -> Preparation:
    """Take these options out of a command's settings.

    Parameters
    ----------
    settings : dict
        The values of options by name. The options are removed; what was not typed is None.
    """
    typed = {name: settings.pop(name) for name in PREPARATION}
    return Preparation(**{name: value for name, value in typed.items() if value is not None})
