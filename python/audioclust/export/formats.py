"""The formats that spans are written in."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from audioclust.export.audacity import write_audacity
from audioclust.export.raven import write_raven
from audioclust.export.rttm import write_rttm
from audioclust.export.spans import write_csv, write_json
from audioclust.export.tables import SpanTable
from audioclust.export.textgrid import write_textgrid

if TYPE_CHECKING:
    from audioclust.utils.types import Path


WRITERS: dict[str, Callable[[SpanTable, Path], None]] = {
    "csv": write_csv,
    "json": write_json,
    "audacity": write_audacity,
    "rttm": write_rttm,
    "raven": write_raven,
    "textgrid": write_textgrid,
}
"""The formats by name; an exporting method ``to_<name>`` calls the one of its name."""
