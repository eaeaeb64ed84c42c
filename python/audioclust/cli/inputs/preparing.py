"""The options that say what is done to each file before features are computed of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from audioclust.audio.preparation.settings import Preparation
from audioclust.extraction.preset import presets

PREPARATION = (
    "offset", "duration", "channels", "highpass", "trim", "excerpt", "normalize",
)  # fmt: skip
"""The names of these options, which are those of :class:`Preparation`."""


def preparation_of(settings: dict[str, Any], preset: str | None) -> Preparation | None:
    """Take these options out of a command's settings.

    Parameters
    ----------
    settings : dict
        The values of options by name. The options are removed; what was not typed is None.
    preset : str or None
        The preset that was typed: options change single values of its preparation.

    Returns
    -------
    Preparation or None
        None if no option was typed.
    """
    typed = {name: settings.pop(name) for name in PREPARATION}
    given = {name: value for name, value in typed.items() if value is not None}
    if not given:
        return None
    return replace(Preparation() if preset is None else presets()[preset].preparation, **given)
