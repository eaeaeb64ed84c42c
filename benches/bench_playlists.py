"""A playlist of 10,000 sounds, and 10,000 links to them, all in one cluster."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter

import numpy as np
from report import fact

import audioclust as ac
from audioclust.clustering.ordering.path import alike_path, length_of, nearest_path

N = 10_000


def rows_of(n: int, d: int) -> np.ndarray:
    """Rows whose columns go together as features do: few axes carry most of the variance."""
    rng = np.random.default_rng(0)
    axes: np.ndarray = rng.normal(size=(n, d)) * np.exp(-np.arange(d) / 8)
    return axes @ rng.normal(size=(d, d))


def bench_paths() -> None:
    for d in (30, 150):
        rows = rows_of(N, d)
        begin = perf_counter()
        order = alike_path(rows, 0)
        took = perf_counter() - begin
        share = length_of(rows, order) / length_of(rows, nearest_path(rows, 0))
        fact(
            f"path of neighbours that are alike, {N:,} × {d}",
            f"{took:.1f} s, {share:.3f} of the length of nearest neighbours",
        )


def bench_playlists_and_links(tmp_path: Path) -> None:
    sounds = tmp_path / "sounds"
    sounds.mkdir()
    paths = [sounds / f"{n:05}.wav" for n in range(N)]
    for path in paths:
        path.touch()
    table = ac.FeatureTable.from_array(rows_of(N, 30), paths, [f"c{i}" for i in range(30)])
    result = ac.cluster(table, 1)
    begin = perf_counter()
    result.to_playlists(tmp_path / "lists")
    fact(f"to_playlists(), {N:,} sounds in one cluster", f"{perf_counter() - begin:.1f} s")
    for mode in ("link", "move"):
        begin = perf_counter()
        done = result.organize(tmp_path / mode, mode)
        took = perf_counter() - begin
        assert done.log is not None
        begin = perf_counter()
        ac.undo(done.log)
        undone = perf_counter() - begin
        fact(f"organize(), {N:,} files, {mode}", f"{took:.1f} s, and {undone:.1f} s to undo")
