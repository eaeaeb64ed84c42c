"""Functions that a table names without importing their modules."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Generic, ParamSpec, TypeVar

P = ParamSpec("P")
R_co = TypeVar("R_co", covariant=True)


@dataclass(frozen=True)
class Deferred(Generic[P, R_co]):
    """A function whose module is imported when the function is first called.

    ``--help`` reads the tables of algorithms and decoders, and must not import NumPy.

    Attributes
    ----------
    module : str
        The full name of the module.
    name : str
        The name of the function in it.
    """

    module: str
    name: str

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R_co:
        """Call the function."""
        result: R_co = getattr(importlib.import_module(self.module), self.name)(*args, **kwargs)
        return result
