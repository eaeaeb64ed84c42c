"""The page of sounds on a map, and `audioclust som --report`."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from support.command import run
from support.packed import unpacked
from support.page_data import data_in

import audioclust as ac


@pytest.mark.parametrize("topology", ["rectangular", "hexagonal"])
def test_its_page_has_the_units_and_the_items_in_them(
    library: list[str], tmp_path: Path, topology: str
) -> None:
    found = ac.som_map(library, (4, 6), topology=topology, n_jobs=1)  # type: ignore[arg-type]
    found.report(tmp_path / "page.html")
    data = data_in(tmp_path / "page.html")
    columns = data["columns"]
    assert data["kind"] == "map"
    assert np.array_equal(unpacked(columns["cluster"]), found.units)
    assert np.array_equal(unpacked(data["views"]["grid"]["units"]), found.units)
    for group in data["groups"]:
        row, col = divmod(group["number"], 6)
        assert group["words"] == f"row {row}, column {col}"
        own = found.items_at(row, col)
        first = [found.items[i] for i in group["representatives"]]
        assert first == list(own[:3])
    assert [group["number"] for group in data["groups"]] == sorted(set(found.units.tolist()))
    folder = os.path.basename(os.path.dirname(library[0]))
    assert data["title"] == f"{folder}: 60 sounds on a map of 4 × 6 units"
    share = (
        f"Topographic error {found.topographic_error:.1%}: for that share of the sounds, the"
    )
    assert share in data["headline"][1]
    # The item nearest its unit is in the middle of the cell, and none leaves the cell.
    places = np.column_stack(
        [
            column["offset"] + column["scale"] * unpacked(column).astype(float)
            for column in (columns["x"], columns["y"])
        ]
    )
    rows, cols = np.divmod(found.units, 6)
    hexagonal = topology == "hexagonal"
    middles = np.column_stack(
        [cols + (rows % 2 / 2 if hexagonal else 0), -rows * (np.sqrt(0.75) if hexagonal else 1)]
    )
    away = np.linalg.norm(places - middles, axis=1)
    assert away.max() < 0.41
    nearest = [group["representatives"][0] for group in data["groups"]]
    assert away[nearest].max() < 1e-3  # Places have 65,535 steps.


def test_the_command_writes_a_page_and_replaces_no_sound(folder: str, tmp_path: Path) -> None:
    done = run("som", folder, "--shape", "3x4", "--report", "map.html", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Wrote a page with 60 sounds to map.html" in done.stderr
    assert data_in(tmp_path / "map.html")["views"]["grid"]["rows"] == 3
    sound = next(Path(folder).glob("*.wav"))
    done = run("som", folder, "--shape", "3x4", "--report", sound, cwd=tmp_path)
    assert "expected a name that ends with .html" in " ".join(done.stderr.split())
    found = ac.som_map([str(sound)], (1, 1), n_jobs=1)
    with pytest.raises(ac.ParameterError, match="expected another file"):
        found.report(sound)
    with pytest.raises(ac.ParameterError, match="audio="):
        found.report(tmp_path / "x.html", audio="all")  # type: ignore[arg-type]
