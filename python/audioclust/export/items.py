"""Writing a result to files. A format is a function here and a line in :data:`WRITERS`."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from audioclust.errors import ParameterError
from audioclust.utils.arguments import check_path
from audioclust.utils.files import write_text
from audioclust.utils.text import printable

if TYPE_CHECKING:
    from audioclust.clustering.selection.k_selection import KSelection
    from audioclust.results.clustering import Clustering
    from audioclust.utils.types import Path


def write(result: Clustering, path: Path) -> None:
    """Write a result in the format that the path's suffix names."""
    suffix = os.path.splitext(check_path("path", path))[1].lower()
    if suffix not in WRITERS:
        expected = f"a suffix that is one of {' '.join(WRITERS)}"
        raise ParameterError(f"path={os.fspath(path)!r}: expected {expected}")
    WRITERS[suffix](result, path)


def write_csv(result: Clustering, path: Path) -> None:
    """Write a line for each item: path, start, end (seconds), label, distance to the centre."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(["path", "start", "end", "label", "distance"])
    writer.writerows(entry.values() for entry in _entries(result))
    write_text(path, text.getvalue())


def write_json(result: Clustering, path: Path) -> None:
    """Write one object: items, errors, k, selection, inertia, columns, settings, version."""
    document = {
        "items": _entries(result),
        "errors": [
            {"path": printable(e.path), "kind": e.kind, "message": printable(e.message)}
            for e in result.errors
        ],
        "k": result.k,
        "selection": None if result.selection is None else _selection(result.selection),
        "inertia": result.inertia,
        "columns": result.table.columns,
        "settings": {
            **asdict(result.table.settings),
            "algorithm": result.algorithm,
            "scaling": result.scaler.scaling,
            "random_state": result.random_state,
        },
        "version": result.table.version,
    }
    text = json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False)
    write_text(path, text + "\n")


WRITERS: dict[str, Callable[[Clustering, Path], None]] = {
    ".csv": write_csv,
    ".json": write_json,
}


def _selection(selection: KSelection) -> dict[str, Any]:
    """Give how k was chosen; a measure that is not defined is null."""
    return {
        "best_k": selection.best_k,
        "reason": selection.reason,
        "plausible": selection.plausible,
        "knee": selection.knee,
        "sampled": selection.sampled,
        "table": [
            {name: None if value != value else value for name, value in row.items()}
            for row in selection.table()
        ],
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
