"""`load_model()`: a result from the file that it was saved to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast, get_args

import numpy as np

from audioclust.clustering.algorithms import ALGORITHMS
from audioclust.clustering.layouts.layout import Layout, LayoutMethod
from audioclust.clustering.maps.trained_map import Topology, TrainedMap
from audioclust.clustering.scaling import Scaler, Scaling
from audioclust.clustering.selection.k_selection import KSelection, Structure
from audioclust.errors import ModelError
from audioclust.export.archive import MODEL, read_archive
from audioclust.extraction.storing.fields import Arrays, Fields, of_file
from audioclust.extraction.storing.tables import parts_of
from audioclust.extraction.table import FeatureTable
from audioclust.results.clustering import Clustering
from audioclust.results.keeping.corrections import Corrections
from audioclust.results.keeping.naming import checked_names

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from audioclust.utils.types import Path

MOST_CLUSTERS = 2**31 - 1

_OF_EACH_K = (
    *("inertia", "silhouette", "compared", "null_mean", "null_high", "calinski_harabasz"),
    *("davies_bouldin", "stability"),
    *("height_excess", "apartness_excess", "silhouette_excess"),
)
"""The arrays of a KSelection that have a value for each k."""


def load_model(path: Path) -> Clustering:
    """Read a result that its method ``save()`` wrote.

    Nothing in the file is run, whoever wrote it, and every value in it is checked. The sounds
    are needed only to be heard: all else, and :meth:`audioclust.Clustering.predict`, works
    without them.

    Parameters
    ----------
    path : str or os.PathLike

    Returns
    -------
    Clustering
        A result that is equal to the one that was saved. As after unpickling, an embedding has
        no function, and new sounds are placed by ``predict(extract(source, features=...))``.

    Raises
    ------
    ModelError
        If the file is no saved result, is damaged, or is of a version that is not known; the
        error names the versions. So is the one of the features: what was extracted by a
        version that computes other values cannot be compared.
    OSError
        If it cannot be read.
    """
    archive = read_archive(path, MODEL)
    with of_file(path):
        fields, arrays = Fields(archive.content, "model"), _Parts(archive.arrays)
        result = Clustering(**_arguments(fields, arrays))
        fields.close()
        arrays.close()
        return result


class _Parts(Arrays):
    """The arrays of a model, of which some belong to one of its parts."""

    def of(self, part: str) -> Arrays:
        """Take the arrays of a part, by their names in it."""
        start = f"{part}."
        mine = [name for name in self._arrays if name.startswith(start)]
        return Arrays({name.removeprefix(start): self._arrays.pop(name) for name in mine})


def _arguments(fields: Fields, arrays: _Parts) -> dict[str, Any]:
    """Give the arguments that make a result."""
    table = _table(fields.inner("table"), arrays.of("table"))
    n, d = table.shape
    centers = arrays.finite("centers", "float64", (None, d)) if "centers" in arrays else None
    # A cluster has an item, so that a number cannot ask for more memory than the file has.
    labels = _labels(arrays, "labels", (n,), -1, n if centers is None else len(centers))
    unassigned = fields.optional("unassigned", fields.text)
    if n == 0 or labels.max() < 0 or (unassigned is None and labels.min() < 0):
        raise ModelError("labels: expected a cluster for each item, or a word for the others")
    k = int(labels.max()) + 1 if centers is None else len(centers)
    trained_map = _trained_map(fields, arrays, n, d)
    units = None if trained_map is None else _labels(arrays, "unit_labels", (None,), 0, k)
    if trained_map is not None and units is not None and len(units) != len(trained_map):
        raise ModelError(f"unit_labels: expected {len(trained_map)}, got {len(units)}")
    return {
        "labels": labels,
        "table": table,
        "scaler": _scaler(fields.inner("scaler"), arrays.of("scaler"), d),
        "centers": centers,
        "distances": arrays.finite("distances", "float64", (n,)),
        "inertia": fields.optional("inertia", fields.number),
        "n_iter": fields.optional("n_iter", lambda name: fields.integer(name, 0)),
        "random_state": fields.optional("random_state", lambda name: _seed(fields, name)),
        "algorithm": fields.word("algorithm", ALGORITHMS),
        "selection": _selection(fields, arrays),
        "unassigned": unassigned,
        "names": checked_names(dict(fields.listed("names", _numbered_name)), k),
        "corrections": _corrections(fields.inner("corrections"), k),
        "trained_map": trained_map,
        "unit_labels": units,
        "kept_layout": _kept_layout(fields, arrays, n),
    }


def _table(fields: Fields, arrays: Arrays) -> FeatureTable:
    table = FeatureTable(**parts_of(fields, arrays))
    fields.close()
    arrays.close()
    return table


def _labels(
    arrays: Arrays, name: str, shape: tuple[int | None, ...], low: int, end: int
) -> NDArray[np.int32]:
    """Give an array of numbers from `low` up to but without `end`."""
    found: NDArray[np.int32] = arrays.take(name, "int32", shape)
    if found.size and not (low <= found.min() and found.max() < end):
        raise ModelError(f"the array {name!r}: expected numbers from {low} to {end - 1}")
    return found


def _seed(fields: Fields, name: str) -> int:
    return fields.integer(name, 0, 2**64 - 1)


def _scaler(fields: Fields, arrays: Arrays, d: int) -> Scaler:
    scaling = cast("Scaling", fields.word("scaling", get_args(Scaling)))
    shapes = {"center": (d,), "scale": (d,), "quantiles": (None, d), "matrix": (d, d)}
    wanted = {"center", "scale"}
    wanted |= {"quantiles"} if scaling == "quantile" else set()
    wanted |= {"matrix"} if scaling == "neighbors" else set()
    given = {
        name: arrays.finite(name, "float64", shape) if name in wanted else None
        for name, shape in shapes.items()
    }
    for name in set(shapes) - wanted:
        fields.null(name)
    fields.close()
    arrays.close()
    if given["quantiles"] is not None and not len(given["quantiles"]):
        raise ModelError("scaler.quantiles: expected at least one row")
    return Scaler(scaling, **cast("Any", given))


def _selection(fields: Fields, arrays: _Parts) -> KSelection | None:
    own = fields.optional("selection", fields.inner)
    of_each_k = arrays.of("selection")
    if own is None:
        of_each_k.close()
        return None
    k = of_each_k.take("k", "int64", (None,))
    columns = {name: of_each_k.take(name, "float64", k.shape) for name in _OF_EACH_K}
    found = KSelection(
        k=k,
        knee=own.optional("knee", lambda name: own.integer(name, 1)),
        structure=cast("Structure", own.word("structure", get_args(Structure))),
        plausible=own.listed("plausible", _count),
        best_k=own.integer("best_k", 1),
        reason=own.text("reason"),
        n_rows=own.integer("n_rows", 0),
        sampled=own.flag("sampled"),
        **columns,
    )
    own.close()
    of_each_k.close()
    return found


def _trained_map(fields: Fields, arrays: _Parts, n: int, d: int) -> TrainedMap | None:
    own = fields.optional("trained_map", fields.inner)
    of_map = arrays.of("trained_map")
    if own is None:
        of_map.close()
        return None
    codebook = of_map.finite("codebook", "float64", (None, None, d))
    grid = codebook.shape[:2]
    found = TrainedMap(
        codebook=codebook,
        labels=_labels(of_map, "labels", (n,), 0, grid[0] * grid[1]),
        umatrix=of_map.finite("umatrix", "float64", grid),
        hits=of_map.finite("hits", "float64", grid),
        quantization_error=own.number("quantization_error"),
        topographic_error=own.number("topographic_error"),
        topology=cast("Topology", own.word("topology", get_args(Topology))),
        columns=own.texts("columns"),
    )
    own.close()
    of_map.close()
    if len(found.columns) != d:
        raise ModelError(f"trained_map.columns: expected {d}, got {len(found.columns)}")
    return found


def _kept_layout(fields: Fields, arrays: _Parts, n: int) -> Layout | None:
    own = fields.newer("kept_layout", fields.inner)
    of_layout = arrays.of("kept_layout")
    if own is None:
        of_layout.close()
        return None
    method = own.word("method", get_args(LayoutMethod))
    seed: int | None = None
    perplexity: float | None = None
    if method == "tsne":
        seed, perplexity = _seed(own, "random_state"), own.number("perplexity", 1.0)
    else:
        own.null("random_state")
        own.null("perplexity")
    points = of_layout.finite("points", "float64", (n, 2))
    continued = own.flag("continued")
    own.close()
    of_layout.close()
    return Layout(points, cast("LayoutMethod", method), seed, perplexity, continued)


def _corrections(fields: Fields, k: int) -> Corrections:
    found = Corrections(
        together=fields.listed("together", _group),
        apart=fields.listed("apart", _group),
        moved=dict(fields.listed("moved", _moved_path)),
    )
    fields.close()
    if any(cluster >= k for cluster in found.moved.values()):
        raise ModelError(f"corrections.moved: expected clusters from 0 to {k - 1}")
    return found


def _group(value: object, place: str) -> tuple[str, ...]:
    return Fields({"paths": value}, place).texts("paths")


def _count(value: object, place: str) -> int:
    return Fields({"k": value}, place).integer("k", 1, MOST_CLUSTERS)


def _numbered_name(value: object, place: str) -> tuple[int, str]:
    number, name = _pair(value, place)
    both = Fields({"number": number, "name": name}, place)
    return both.integer("number", -1, MOST_CLUSTERS), both.text("name")


def _moved_path(value: object, place: str) -> tuple[str, int]:
    path, cluster = _pair(value, place)
    both = Fields({"path": path, "cluster": cluster}, place)
    return both.text("path"), both.integer("cluster", 0, MOST_CLUSTERS)


def _pair(value: object, place: str) -> tuple[object, object]:
    if not isinstance(value, list) or len(value) != 2:
        raise ModelError(f"{place} is {value!r:.80}: expected a list of two")
    return value[0], value[1]
