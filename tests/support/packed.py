"""Arrays of a page, unpacked without the page's own script."""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np
from PIL import Image


def unpacked(column: dict[str, Any]) -> np.ndarray:
    """The values of a column that was packed as they are."""
    return np.frombuffer(base64.b64decode(column["data"]), f"<{column['type']}")


def pixels(url: str) -> np.ndarray:
    """Red, green and blue of each point of a PNG in a data URL."""
    head, _, data = url.partition(",")
    assert head == "data:image/png;base64"
    with Image.open(io.BytesIO(base64.b64decode(data))) as image:
        image.load()
        assert image.format == "PNG"
        return np.asarray(image.convert("RGB"))
