"""What tells a function of the user's from others, as far as anybody can look into it."""

from __future__ import annotations

import functools
import hashlib
from types import (
    BuiltinFunctionType,
    CellType,
    CodeType,
    FunctionType,
    MethodType,
    ModuleType,
)
from typing import TYPE_CHECKING, Any

import numpy as np

from audioclust.extraction.embeddings.onnx_model import OnnxModel

if TYPE_CHECKING:
    from numpy.typing import NDArray

_PLAIN = (bool, int, float, complex, str, bytes, type(None), type(...))

_SAID_BY_PYTHON = frozenset(
    (
        "__dict__",
        "__weakref__",
        "__module__",
        "__doc__",
        "__annotations__",
        "__annotate__",
        "__annotate_func__",
        "__annotations_cache__",
        "__firstlineno__",
        "__static_attributes__",
        "__abstractmethods__",
        "_abc_impl",
        "__dataclass_fields__",
        "__dataclass_params__",
    )
)
"""Attributes of classes that change nothing that their objects do."""


class Opaque(Exception):  # noqa: N818 - nothing is wrong
    """Something cannot be looked into, so that another one would look the same."""


class _Simple:
    """A class whose objects have attributes and nothing else."""


def fingerprint(function: object) -> object:
    """Give what tells a function from others, as lists and texts.

    That is its code and all that it holds: defaults, what inner functions take from around
    them, arguments of a partial function, attributes of an object. What it finds by name when
    it runs, such as other functions of its module, is not looked at.

    Raises
    ------
    Opaque
        If it holds something that cannot be looked into, such as an object of a class that is
        not written in Python.
    """
    try:
        return _Look().told(function)
    except RecursionError:
        raise Opaque("it holds things in things, too deep to follow") from None


class _Look:
    """One look into a function; what is met a second time is not looked into again."""

    def __init__(self) -> None:
        # The values are in it as well, since a number may be given again once one is gone.
        self._seen: dict[int, tuple[int, object]] = {}

    def told(self, value: object) -> object:
        """Tell what a value is, in full."""
        if type(value) in _PLAIN:
            return repr(value)
        if isinstance(value, np.generic) or type(value) in (np.ndarray, np.memmap):
            return _told_of_array(np.asarray(value))
        if id(value) in self._seen:
            return ["again", self._seen[id(value)][0]]
        self._seen[id(value)] = len(self._seen), value
        for look in (self._collection, self._function, self._part, _known_by_name):
            if (told := look(value)) is not None:
                return told
        return self._object(value)

    def _all(self, *values: object) -> list[object]:
        return [self.told(value) for value in values]

    def _collection(self, value: object) -> list[object] | None:
        kind = type(value)
        if isinstance(value, (tuple, list)) and kind in (tuple, list):
            return [kind.__name__, *self._all(*value)]
        if isinstance(value, dict) and kind is dict:
            return ["dict", *self._all(*value), *self._all(*value.values())]
        if isinstance(value, (set, frozenset)) and kind in (set, frozenset):
            # Their order differs from process to process, so each is looked at by itself.
            return [kind.__name__, *sorted(repr(_Look().told(one)) for one in value)]
        return None

    def _function(self, value: object) -> list[object] | None:
        """Tell of what can be called."""
        if isinstance(value, OnnxModel):
            return ["onnx", *value.as_state()[1:3]]
        if isinstance(value, functools.partial):
            return ["partial", *self._all(value.func, value.args, value.keywords)]
        if isinstance(value, MethodType):
            return ["method", *self._all(value.__func__, value.__self__)]
        if isinstance(value, BuiltinFunctionType):
            owner = None if isinstance(value.__self__, ModuleType) else value.__self__
            return ["builtin", *self._all(value.__module__, value.__qualname__, owner)]
        if isinstance(value, FunctionType):
            held = (value.__closure__, value.__defaults__, value.__kwdefaults__)
            # A decorator may keep things among its attributes.
            return ["function", *self._all(value.__code__, *held, vars(value))]
        return None

    def _part(self, value: object) -> list[object] | None:
        """Tell of what functions and classes are made of."""
        if isinstance(value, CodeType):
            return ["code", self._digest(value)]
        if isinstance(value, CellType):
            try:
                return ["cell", self.told(value.cell_contents)]
            except ValueError:  # A variable that has no value yet.
                return ["cell"]
        if isinstance(value, (staticmethod, classmethod)):
            return [type(value).__name__, self.told(value.__func__)]
        if isinstance(value, property):
            return ["property", *self._all(value.fget, value.fset, value.fdel)]
        return None

    def _digest(self, code: CodeType) -> str:
        """Give a hash of what a function does, its inner functions included."""
        digest = hashlib.sha256(code.co_code)
        for part in (code.co_names, code.co_varnames, code.co_freevars):
            digest.update(repr(part).encode())
        for constant in code.co_consts:
            digest.update(repr(self.told(constant)).encode())
        return digest.hexdigest()

    def _object(self, value: object) -> list[object]:
        """Tell of a class, or of an object by its class and its attributes."""
        if isinstance(value, type):
            own = {
                name: one for name, one in vars(value).items() if name not in _SAID_BY_PYTHON
            }
            held = (value.__module__, value.__qualname__, own, value.__bases__)
            return ["class", *self._all(*held)]
        kind = type(value)
        # An object that is larger keeps something besides its attributes.
        if kind.__basicsize__ > _Simple.__basicsize__ or not hasattr(value, "__dict__"):
            raise Opaque(f"it holds {kind.__module__}.{kind.__qualname__}")
        return ["object", *self._all(kind, vars(value))]


def _known_by_name(value: object) -> list[object] | None:
    """Tell of what is the same wherever it has the same name."""
    if isinstance(value, ModuleType):
        return ["module", value.__name__]
    if isinstance(value, np.dtype):
        return ["dtype", repr(value)]
    if isinstance(value, (np.ufunc, type(np.mean))):
        return ["numpy", value.__name__]
    if isinstance(value, type) and value.__module__ in ("builtins", "numpy"):
        return ["class", value.__module__, value.__qualname__]
    return None


def _told_of_array(array: NDArray[Any]) -> list[object]:
    if array.dtype.hasobject:
        raise Opaque("it holds an array of objects")
    digest = hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()
    return ["array", repr(array.dtype), list(array.shape), digest]
