"""Writing a result to files. A format is a function here and a line in :data:`WRITERS`."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from audioclust.errors import ParameterError

if TYPE_CHECKING:
    from audioclust.items import Path
    from audioclust.result import Clustering


def write(result: Clustering, path: Path) -> None:
    """Write a result in the format that the path's suffix names."""
    suffix = os.path.splitext(os.fspath(path))[1].lower()
    if suffix not in WRITERS:
        expected = f"a suffix that is one of {' '.join(WRITERS)}"
        raise ParameterError(f"path={os.fspath(path)!r}: expected {expected}")
    WRITERS[suffix](result, path)


def write_csv(result: Clustering, path: Path) -> None:
    """Write a line for each item: path, start, end (seconds), label, distance to the centre."""
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["path", "start", "end", "label", "distance"])
        for entry in _entries(result):
            writer.writerow(entry.values())


def write_json(result: Clustering, path: Path) -> None:
    """Write one object: items, errors, k, inertia, columns, settings, version."""
    settings = result.table.settings
    document = {
        "items": _entries(result),
        "errors": [
            {"path": printable(e.path), "kind": e.kind, "message": printable(e.message)}
            for e in result.errors
        ],
        "k": result.k,
        "inertia": result.inertia,
        "columns": result.table.columns,
        "settings": {
            **asdict(settings),
            "algorithm": result.algorithm,
            "scaling": result.scaler.scaling,
            "random_state": result.random_state,
        },
        "version": result.table.version,
    }
    with open(path, "w", encoding="utf-8") as file:
        json.dump(document, file, ensure_ascii=False, indent=1, allow_nan=False)
        file.write("\n")


WRITERS: dict[str, Callable[[Clustering, Path], None]] = {
    ".csv": write_csv,
    ".json": write_json,
}


def _entries(result: Clustering) -> list[dict[str, Any]]:
    labels, distances = result.labels.tolist(), result.distances.tolist()
    return [
        {
            "path": printable(item.path),
            "start": item.start,
            "end": item.end,
            "label": label,
            "distance": distance,
        }
        for item, label, distance in zip(result.items, labels, distances, strict=True)
    ]


def printable(text: str) -> str:
    r"""Give text that can be written as UTF-8: a byte that is none of it becomes ``\xNN``."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
