"""Functions that tables name without importing the modules they are in."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Generic, ParamSpec, TypeVar

P = ParamSpec("P")
R_co = TypeVar("R_co", covariant=True)


@dataclass(frozen=True)
class Deferred(Generic[P, R_co]):
    """A function that is imported when it is first called.

    Tables of algorithms and decoders are read by ``--help``, which must not import NumPy.

    Attributes
    ----------
    module, name : str
        Where the function is.
    """

    module: str
    name: str

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R_co:
        """Call the function."""
        result: R_co = getattr(importlib.import_module(self.module), self.name)(*args, **kwargs)
        return result
