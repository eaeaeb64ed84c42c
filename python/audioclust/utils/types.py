"""Types that many functions take."""

from __future__ import annotations

import os
from typing import Literal, TypeAlias

Path: TypeAlias = "str | os.PathLike[str]"

Scaling: TypeAlias = Literal["standard", "quantile", "minmax", "none", "neighbors"]
"""How columns of different units are scaled; see :class:`audioclust.Scaler`."""
