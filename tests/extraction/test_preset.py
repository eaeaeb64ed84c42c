"""Presets: settings under one word, over which what is given wins."""

from __future__ import annotations

import dataclasses
import json
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from support.command import run
from support.sounds import tone

import audioclust as ac
from audioclust.extraction.preset import PresetName


def noise(sr: int, seed: int) -> tuple[np.ndarray, int]:
    rng = np.random.default_rng(seed)
    return (0.1 * rng.normal(size=sr // 4)).astype(np.float32), sr


def checked(**given: Any) -> ac.ExtractionSettings:
    return ac.ExtractionSettings.checked(**given)


@pytest.mark.parametrize("name", get_args(PresetName))
def test_every_preset_can_be_extracted_and_says_what_it_is(name: str) -> None:
    preset = ac.presets()[name]
    assert preset.name == name
    assert preset.summary
    assert preset.basis
    table = ac.extract({"a": noise(48_000, 0)}, preset=name, progress=False)
    assert table.settings == checked(preset=preset)
    assert np.isfinite(table.values).all()
    assert table.settings.preparation == preset.preparation
    assert table.settings.analysis == preset.analysis


def test_the_table_of_presets_is_complete_and_cannot_be_changed() -> None:
    assert tuple(ac.presets()) == get_args(PresetName)
    with pytest.raises(TypeError):
        ac.presets()["mine"] = ac.presets()["music"]  # type: ignore[index]
    with pytest.raises(dataclasses.FrozenInstanceError):
        ac.presets()["music"].summary = "other"  # type: ignore[misc]
    assert pickle.loads(pickle.dumps(ac.presets()["speech"])) == ac.presets()["speech"]


def test_what_is_given_wins_over_the_preset() -> None:
    preset = ac.presets()["speech"]
    mine = ac.Analysis(sr=32_000)
    assert checked(preset="speech", analysis=mine).analysis == mine
    assert checked(preset="speech", analysis=mine).preparation == preset.preparation
    plain = ac.Preparation()
    assert checked(preset="speech", preparation=plain).preparation == plain
    rms = checked(preset="ultrasound", features="rms")
    assert [feature.name for feature in rms.features] == ["rms"]
    assert rms.stats == ("parts", "std", "change")
    part = checked(preset="oneshots", offset=1, duration=2).preparation
    assert part == ac.Preparation(trim=40, offset=1, duration=2)


def test_a_default_that_is_given_wins_too() -> None:
    assert checked(preset="speech", analysis=ac.Analysis()).analysis == ac.Analysis()
    assert checked(preset="ultrasound", features="default", analysis=ac.Analysis()).is_default


def test_default_features_stay_default_with_another_preparation_or_analysis() -> None:
    kept = {name: checked(preset=name).is_default for name in ac.presets()}
    assert kept == {
        "music": True,
        "oneshots": True,
        "speech": True,
        "wildlife": True,
        "ultrasound": False,
    }


def test_a_preset_of_ones_own_is_taken() -> None:
    mine = ac.Preset(name="mine", summary="", basis="", features=("rms",), stats=("max",))
    table = ac.extract({"a": (tone(), 22050)}, preset=mine, progress=False)
    assert table.columns == ("rms_max",)


@pytest.mark.parametrize("value", ["drums", 1, ("music",), ac.Analysis()])
def test_what_is_no_preset_is_refused(value: Any) -> None:
    with pytest.raises(ac.ParameterError, match="preset=.*expected one of music, oneshots"):
        ac.cluster({"a": (tone(), 22050)}, 1, preset=value)


def test_recordings_of_different_rates_are_taken_by_ultrasound() -> None:
    sounds = {f"{sr}": noise(sr, 0) for sr in (192_000, 250_000, 384_000)}
    table = ac.extract(sounds, preset="ultrasound", progress=False)
    assert len(table) == 3
    assert table.sr is None


def test_cluster_takes_a_preset_and_a_table_made_with_it() -> None:
    sounds = {f"{i}": noise(22050, i) for i in range(4)}
    result = ac.cluster(sounds, 2, preset="oneshots", progress=False)
    assert result.table.settings.preparation.trim == 40
    assert ac.cluster(result.table, 2, preset="oneshots") == result
    with pytest.raises(ac.ParameterError, match="belong to"):
        ac.cluster(result.table, 2, preset="speech")


def test_the_command_line_takes_and_lists_them(tmp_path: Path) -> None:
    run("demo", cwd=tmp_path)
    out = tmp_path / "out.json"
    for command in ("cluster", "choose-k"):
        more = ("-k", 2, "--json", out) if command == "cluster" else ()
        assert run(command, tmp_path / "demo", "--preset", "music", *more).returncode == 0
    written = json.loads(out.read_text(encoding="utf-8"))["settings"]
    assert written["preparation"]["excerpt"] == 30
    listed = run("presets").stdout
    for name, preset in ac.presets().items():
        assert name in listed
        assert preset.summary in listed
        assert name in run("cluster", "--help").stdout
    assert run("cluster", tmp_path, "--preset", "drums").returncode == 2


def test_presets_cost_no_import_of_numpy_until_they_are_made() -> None:
    code = "import audioclust.extraction.preset, sys; assert 'numpy' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
