"""Warnings of items counted, and whether clusters follow them."""

from __future__ import annotations

import dataclasses
import json
import pickle
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from sklearn.metrics import v_measure_score
from support.command import run

import audioclust as ac
from audioclust.audio.writing import write_sound
from audioclust.errors import WarningKind
from audioclust.results.notices import PHRASES, counted_warnings


def table_with(kinds: list[list[str]], values: list[float]) -> ac.FeatureTable:
    """A table of one column, whose items have these kinds of warnings."""
    names = [f"{i}.wav" for i in range(len(values))]
    table = ac.FeatureTable.from_array(np.array(values)[:, None], names, "level")
    items = [
        item._replace(warnings=tuple(ac.ItemWarning(kind, "so it is") for kind in own))  # type: ignore[arg-type]
        for item, own in zip(table.items, kinds, strict=True)
    ]
    return dataclasses.replace(table, items=tuple(items))


def half_clipped(n: int = 12) -> ac.FeatureTable:
    """Half of the items are clipped, and far from the others."""
    rng = np.random.default_rng(0)
    clipped = np.arange(n) < n // 2
    kinds = [["clipping"] * 2 if one else [] for one in clipped]
    kinds[-1] = ["partial"]
    return table_with(kinds, (10.0 * clipped + rng.normal(size=n)).tolist())


def test_warnings_are_items_by_kind_the_most_frequent_first() -> None:
    table = half_clipped()
    result = ac.cluster(table, 2)
    for one in (table, result, pickle.loads(pickle.dumps(result))):
        assert list(one.warnings) == ["clipping", "partial"]
        assert one.warnings["clipping"] == table.items[:6]  # Each once, with two such warnings.
        assert one.warnings["partial"] == table.items[-1:]
    assert ac.cluster(table_with([[]] * 4, [0, 1, 5, 6]), 2).warnings == {}


def test_clusters_that_follow_a_warning_are_said_to() -> None:
    table = half_clipped()
    result = ac.cluster(table, 2)
    has = [bool(item.warnings) and item.warnings[0].kind == "clipping" for item in table.items]
    v = v_measure_score(has, result.labels)
    assert v > 0.5
    assert result.followed_warnings() == {"clipping": pytest.approx(v)}
    for shown in (repr(result), result._repr_html_()):
        assert "7 items with warnings: 6 with clipping, 1 decoded in part only" in shown
        assert f"(V-measure {v:.2f})" in shown


def test_every_kind_reads_well_of_one_and_of_many() -> None:
    assert set(PHRASES) == set(get_args(WarningKind))
    one = counted_warnings({"quiet parts": table_with([["quiet parts"]], [0]).items}, "file")
    assert one == ["1 file with warnings: 1 with quiet parts"]


def test_nothing_follows_where_agreement_means_nothing() -> None:
    table = half_clipped()
    assert ac.cluster(table, 1).followed_warnings() == {}
    assert ac.cluster(half_clipped(6), 2).followed_warnings() == {}  # Three of six.
    everywhere = table_with([["clipping"]] * 12, table["level_1"].tolist())
    assert ac.cluster(everywhere, 2).followed_warnings() == {}
    mixed = table_with([["clipping"], []] * 6, table["level_1"].tolist())
    result = ac.cluster(mixed, 2)
    assert result.followed_warnings() == {}
    assert "follow" not in repr(result)
    assert "6 items with warnings: 6 with clipping" in repr(result)


def test_quiet_ends_are_counted_but_not_followed() -> None:
    table = half_clipped()
    kinds = [["quiet parts"] if item.warnings else [] for item in table.items]
    result = ac.cluster(table_with(kinds, table["level_1"].tolist()), 2)
    assert "7 with quiet parts" in repr(result)
    assert result.followed_warnings() == {}


def test_a_result_without_warnings_says_nothing_of_them() -> None:
    result = ac.cluster(table_with([[]] * 4, [0, 1, 5, 6]), 2)
    assert result.warning_words() == []
    assert "warning" not in repr(result)


def test_json_has_the_numbers(tmp_path: Path) -> None:
    result = ac.cluster(half_clipped(), 2)
    result.to_json(tmp_path / "out.json")
    about = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))["warnings"]
    v = result.followed_warnings()["clipping"]
    assert about == {
        "clipping": {"items": 6, "v_measure": v},
        "partial": {"items": 1, "v_measure": None},
    }


def test_the_command_line_says_it_below_the_clusters(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for i in range(8):
        y = 0.1 * rng.normal(size=4000)
        write_sound(tmp_path / f"{i}.wav", y if i % 2 else np.zeros(4000), 8000)
    result = run("cluster", str(tmp_path), "-k", "2")
    assert (
        "4 files with warnings: 4 with digital silence; --json FILE names them."
        in result.stdout
    )
    assert "the clusters follow the warning 'digital silence'" in result.stdout
    assert run("cluster", str(tmp_path), "-k", "2", "--quiet").stdout == ""
