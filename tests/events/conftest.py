"""What has been published about a drum loop."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="module")
def published(data: Path) -> dict[str, Any]:
    """The published results, and the loop's path."""
    found = json.loads((data / "published_results.json").read_text())["drum_loop"]
    return {**found, "path": data / found["audio"]}
