"""Pickled estimators that know which version wrote them."""

from __future__ import annotations

import warnings
from typing import Any

from audioclust import _core
from audioclust.errors import VersionWarning

_KEY = "_audioclust_version"


class Versioned:
    """Adds audioclust's version to pickles, and warns when another version reads them.

    It must come before scikit-learn's base classes, whose check of scikit-learn's own version
    then runs as well.
    """

    def __getstate__(self) -> dict[str, Any]:
        state: Any = super().__getstate__()
        return {**state, _KEY: _core.__version__}

    def __setstate__(self, state: dict[str, Any]) -> None:
        state = dict(state)
        version = state.pop(_KEY, None)
        if version is None or version.split(".")[:2] != _core.__version__.split(".")[:2]:
            warnings.warn(
                f"{type(self).__name__} was pickled by audioclust {version or '(unknown)'} and "
                f"is read by {_core.__version__}: its results may differ, or be wrong",
                VersionWarning,
                stacklevel=2,
            )
        super().__setstate__(state)  # type: ignore[misc]
