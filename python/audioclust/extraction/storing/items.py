"""Items and errors as plain values, for files that are read again.

A byte of a path that is not UTF-8 is a lone surrogate in Python, which JSON has an escape for.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, cast, get_args

from audioclust.audio.choosing.file_filter import LeftOut, Reason
from audioclust.audio.spans import Item
from audioclust.errors import (
    ErrorKind,
    ItemError,
    ItemWarning,
    ModelError,
    WarningKind,
)
from audioclust.extraction.storing.fields import Fields


def items_as_json(items: Sequence[Item]) -> list[dict[str, Any]]:
    """Give items as plain values; an end at infinity is None."""
    return [_item_as_json(item) for item in items]


def _item_as_json(item: Item) -> dict[str, Any]:
    return {
        "path": item.path,
        "start": float(item.start),
        "end": float(item.end) if math.isfinite(item.end) else None,
        "decoder": item.decoder,
        "warnings": [warning._asdict() for warning in item.warnings],
    }


def item_of_json(value: object, place: str) -> Item:
    """Give an item from plain values, or raise a ModelError."""
    fields = Fields(value, place)
    start = fields.number("start", 0.0)
    end = fields.optional("end", fields.number)
    item = Item(
        fields.text("path"),
        start,
        math.inf if end is None else end,
        decoder=fields.optional("decoder", fields.text),
        warnings=fields.listed("warnings", _warning_of_json),
    )
    fields.close()
    if item.end < item.start:
        raise ModelError(f"{place} ends at {item.end} s, before it starts at {item.start} s")
    return item


def _warning_of_json(value: object, place: str) -> ItemWarning:
    fields = Fields(value, place)
    kind = cast("WarningKind", fields.word("kind", get_args(WarningKind)))
    warning = ItemWarning(kind, fields.text("message"))
    fields.close()
    return warning


def errors_as_json(errors: Sequence[ItemError]) -> list[dict[str, Any]]:
    """Give what could not be used as plain values."""
    return [error._asdict() for error in errors]


def error_of_json(value: object, place: str) -> ItemError:
    """Give what could not be used from plain values, or raise a ModelError."""
    fields = Fields(value, place)
    kind = cast("ErrorKind", fields.word("kind", get_args(ErrorKind)))
    error = ItemError(fields.text("path"), kind, fields.text("message"))
    fields.close()
    return error


def left_out_of_json(value: object, place: str) -> LeftOut:
    """Give what was left out from plain values, or raise a ModelError."""
    fields = Fields(value, place)
    reason = cast("Reason", fields.word("reason", get_args(Reason)))
    left_out = LeftOut(fields.text("path"), reason)
    fields.close()
    return left_out
