"""Whether new sounds are placed beside their kind on a layout that others were laid out on.

The number of neighbours that count was chosen on spoken digits. What is measured here is of
one-shot samples and of notes of instruments.
"""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from report import fact
from sklearn.neighbors import KNeighborsClassifier
from support.data import DATA

import audioclust as ac

SPLITS = 5
"""Draws of a fifth of the sounds, which are placed among the others."""


def share_right(
    old: NDArray[np.float64], kinds: list[str], new: NDArray[np.float64], truth: list[str]
) -> float:
    """The share of new rows whose nearest old one is of their kind."""
    return float(KNeighborsClassifier(1).fit(old, kinds).score(new, truth))


@pytest.mark.parametrize("name", ["samples", "instruments"])
def bench_new_sounds_beside_their_kind(name: str) -> None:
    paths = sorted(path for path in (DATA / name).glob("*/*") if path.is_file())
    if not paths:
        pytest.skip(f"no sounds in {DATA / name}")
    table = ac.extract(map(str, paths), progress=False)
    kinds = [item.path.split("/")[-2] for item in table.items]
    placed, all_columns = [], []
    for seed in range(SPLITS):
        is_new = np.zeros(len(table), bool)
        is_new[np.random.default_rng(seed).permutation(len(table))[: len(table) // 5]] = True
        result, new = ac.cluster(table.filter(~is_new), 1), table.filter(is_new)
        of_old = [kind for kind, is_in in zip(kinds, is_new, strict=True) if not is_in]
        of_new = [kind for kind, is_in in zip(kinds, is_new, strict=True) if is_in]
        found = result.layout_of(new).points
        placed.append(share_right(result.layout().points, of_old, found, of_new))
        scaled = result.scaler.transform(new.values)
        all_columns.append(share_right(result.scaled, of_old, scaled, of_new))
    fact(
        f"{len(table)} {name}, a fifth placed on a layout: whose nearest is of their kind",
        f"{np.mean(placed):.3f}; {np.mean(all_columns):.3f} in all columns",
    )
