"""The method that saves a result to a file; docs/models.md describes what is in it."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

import numpy as np

from audioclust.export.archive import MODEL, Archive, write_archive
from audioclust.extraction.storing.tables import inputs_of, table_parts
from audioclust.results.held import Held

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audioclust.utils.types import Path


class Saving(Held):
    """The method that saves a result, with all that it holds."""

    def save(self, path: Path) -> None:
        """Save the result to a file, from which :func:`audioclust.load_model` gives it again.

        The file has all that the result holds, and an equal result comes back. It is a zip of
        JSON and arrays without any pickle; docs/models.md describes it. The sounds themselves
        are not in it. As in a pickle, functions of embeddings are not kept. Equal results make
        equal files.

        Parameters
        ----------
        path : str or os.PathLike
            The file, by convention with the suffix ``.audioclust``.

        Raises
        ------
        ParameterError
            If it is one of the sounds.
        OSError
            If it cannot be written.

        Examples
        --------
        >>> result.save("m.audioclust")  # doctest: +SKIP
        >>> ac.load_model("m.audioclust").predict("new.wav")  # doctest: +SKIP
        """
        table, arrays = table_parts(self.table)
        selection, of_selection = _parts(self.selection)
        trained_map, of_map = _parts(self.trained_map)
        scaler, of_scaler = _parts(self.scaler)
        kept_layout, of_layout = _parts(self.kept_layout)
        content = {
            "algorithm": self.algorithm,
            "inertia": self.inertia,
            "n_iter": self.n_iter,
            "random_state": self.random_state,
            "unassigned": self.unassigned,
            "names": [[int(number), name] for number, name in self.names.items()],
            "corrections": {
                **self.corrections.to_dict(),
                "moved": [[path, int(to)] for path, to in self.corrections.moved.items()],
            },
            "scaler": scaler,
            "selection": selection,
            "trained_map": trained_map,
            "kept_layout": kept_layout,
            "table": table,
        }
        own = {
            "labels": self.labels,
            "centers": self.centers,
            "distances": self.distances,
            "unit_labels": self.unit_labels,
        }
        arrays = {
            **{name: array for name, array in own.items() if array is not None},
            **{f"table.{name}": array for name, array in arrays.items()},
            **{f"scaler.{name}": array for name, array in of_scaler.items()},
            **{f"selection.{name}": array for name, array in of_selection.items()},
            **{f"trained_map.{name}": array for name, array in of_map.items()},
            **{f"kept_layout.{name}": array for name, array in of_layout.items()},
        }
        write_archive(Archive(content, arrays), MODEL, path, inputs=inputs_of(self.table))


def _parts(value: Any) -> tuple[dict[str, Any] | None, dict[str, NDArray[Any]]]:
    """Give the fields of a dataclass as plain values and arrays; None for what is None."""
    if value is None:
        return None, {}
    given = {field.name: getattr(value, field.name) for field in fields(value)}
    arrays = {name: part for name, part in given.items() if isinstance(part, np.ndarray)}
    plain = {
        name: list(part) if isinstance(part, tuple) else part
        for name, part in given.items()
        if name not in arrays
    }
    return plain, arrays
