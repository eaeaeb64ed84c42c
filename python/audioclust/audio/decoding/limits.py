"""How much one file may take while it is decoded."""

from __future__ import annotations

from dataclasses import dataclass

from audioclust.utils.arguments import check_positive


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How much one file may take while it is decoded.

    A file of a few bytes can claim to be endless, and a damaged one can send a decoder over the
    same bytes again and again. What was decoded up to a limit is used, with a warning of kind
    "partial".

    Parameters
    ----------
    seconds : float, default=86400.0
        How much sound is used of a file, in seconds; a day.
    work : float, default=16.0
        How many times its own size plus 256 kB may be read of a file. Each packet counts as 16
        bytes or more. libsndfile and FFmpeg are not measured.

    Raises
    ------
    ParameterError
        If a value is invalid.
    """

    seconds: float = 86_400.0
    work: float = 16.0

    def __post_init__(self) -> None:
        for name in ("seconds", "work"):
            object.__setattr__(self, name, check_positive(name, getattr(self, name)))


# Pickles name it by where users find it, and so survive a move to another module.
Limits.__module__ = "audioclust"
