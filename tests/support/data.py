"""Where things are: this repository, and the shared recordings."""

from __future__ import annotations

import os
from pathlib import Path

# Resolved, since benchmarks find this file by way of "..".
ROOT = Path(__file__).resolve().parent.parent.parent
DATA = Path(os.environ.get("AUDIOCLUST_TEST_DATA", ROOT.parent / "shared" / "data"))
