"""What a page holds, as JSON values: in few bytes for each item."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from audioclust.report.content import N_COLUMNS
from audioclust.report.folders import Folders
from audioclust.report.packing import packed, quantized
from audioclust.utils.palette import COLOURS
from audioclust.utils.text import on_one_line
from audioclust.utils.urls.names import base_name

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audioclust.errors import ItemError
    from audioclust.report.content import Column, Content, Group


def data_of(content: Content, sounds: dict[str, Any]) -> dict[str, Any]:
    """Give what a page holds.

    Parameters
    ----------
    content : Content
    sounds : dict
        What :func:`audioclust.report.sounds.sounds_of` gives.

    Returns
    -------
    data : dict
        What ``readData()`` in ``assets/data.js`` reads.
    """
    named = Folders(content.items, content.folder)
    return {
        "kind": content.kind,
        "title": on_one_line(content.title),
        "headline": _lines(content.headline),
        "warnings": [named.words(warning) for warning in content.warnings],
        "errors": [_error(error, named) for error in content.errors],
        "names": [on_one_line(base_name(item.path)) for item in content.items],
        "columns": _columns(content, sounds["folder"]),
        "features": [_feature(column) for column in content.columns[:N_COLUMNS]],
        "groups": [_group(group) for group in content.groups],
        "palette": COLOURS,
        "sounds": {key: value for key, value in sounds.items() if key != "folder"},
        "views": content.views,
    }


def _lines(texts: Sequence[str]) -> list[str]:
    return [on_one_line(text) for text in texts]


def _columns(content: Content, folders: Sequence[int]) -> dict[str, Any]:
    starts = np.array([item.start for item in content.items], np.float32)
    ends = np.array([item.end for item in content.items], np.float64)
    columns = {
        "cluster": _packed_once(content.labels),
        "start": _packed_once(starts),
        "duration": _packed_once((ends - starts).astype(np.float32)),
        "folder": _packed_once(np.array(folders, np.int64)),
    }
    if content.points is not None:
        columns["x"] = quantized(content.points[:, 0], 2)
        columns["y"] = quantized(content.points[:, 1], 2)
    if content.neighbors is not None:
        # One more, so that 0 stands for none.
        columns["neighbors"] = packed(content.neighbors + 1)
    if content.order is not None:
        columns["order"] = packed(content.order)
    return columns


def _packed_once(values: NDArray[Any]) -> dict[str, Any]:
    """Pack a column; one of equal values is that value. What is not finite is not known."""
    known = np.isfinite(values)
    if len(values) and (values == values[0]).all():
        return {"same": values[0].item() if known[0] else None}
    return packed(values if known.all() else np.where(known, values, np.float32(np.nan)))


def _feature(column: Column) -> dict[str, Any]:
    about: dict[str, Any] = {
        "name": on_one_line(column.name),
        "words": on_one_line(column.words),
    }
    if column.names:
        about["names"] = list(column.names)
    values, unit = column.values, column.unit
    if column.more:
        about |= {"more": on_one_line(column.more), "less": on_one_line(column.less)}
        values, unit = ranks(values), "%"
    return {**about, "unit": unit, **quantized(values, 1)}


def ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the per cent of the others that each value exceeds; NaN where it is not known."""
    known = np.isfinite(values)
    ordered = np.sort(values[known])
    lower = np.searchsorted(ordered, values[known])
    shares = np.full(len(values), np.nan)
    shares[known] = 100.0 * lower / max(len(ordered) - 1, 1)
    return shares


def _group(group: Group) -> dict[str, Any]:
    return {
        "number": group.number,
        "name": on_one_line(group.name),
        "words": on_one_line(group.words),
        "representatives": [int(place) for place in group.representatives],
    }


def _error(error: ItemError, named: Folders) -> dict[str, str]:
    words = {"kind": error.kind, "message": named.words(error.message, error.path)}
    return {"path": named.file_name(error.path), **words}
