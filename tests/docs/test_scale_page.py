"""docs/scale.md computes what its arithmetic says from what it says was measured."""

from __future__ import annotations

import ast
import contextlib
import importlib.util
import inspect
import io
import re
import sys
from pathlib import Path
from types import ModuleType

import distributed
import pytest
from support.data import ROOT

import audioclust as ac
from audioclust.cli.app import main
from audioclust.demo import synthesize

PAGE = (ROOT / "docs" / "scale.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^(?:\$ )?audioclust ([\w-]+)((?:.*\\\n)*.*)", PAGE, re.MULTILINE)


@pytest.fixture(scope="module")
def model() -> ModuleType:
    """The module that computes the second table; benches/ is no package."""
    place = ROOT / "benches" / "scale_model.py"
    spec = importlib.util.spec_from_file_location("scale_model", place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look for it there
    spec.loader.exec_module(module)
    return module


def test_the_arithmetic_follows_from_what_was_measured(model: ModuleType) -> None:
    constants = model.Constants.of_page(PAGE)
    assert model.between(PAGE, "measured") == constants.as_markdown()
    assert model.between(PAGE, "computed") == model.computed(constants)


def test_the_model_knows_the_numbers_of_the_code(model: ModuleType) -> None:
    from audioclust.distributed import parts
    from audioclust.extraction.settings import ExtractionSettings

    assert len(ExtractionSettings.checked().plans.columns) == model.COLUMNS
    assert (parts.ROWS, parts.FAN_IN) == (model.PART_ROWS, model.FAN_IN)


def test_figures_by_hand(model: ModuleType) -> None:
    """One figure of each kind, from round constants and in other words than the model's."""
    names = list(model.Constants.__dataclass_fields__)
    ones = model.Constants(**dict.fromkeys(names, 1.0))
    table = dict(re.findall(r"^\| ([^|]+?) \| ([^|]+) \|", model.computed(ones), re.MULTILINE))
    # 10⁵ files · (1 + 5 · 1) ms are 600 s.
    assert table["WAV of 5 s: processor time of extraction"] == "10 min"
    # 10⁵ · 180 · 1 kB.
    assert table["MP3 of 3 min: read from disks or the network"] == "18 GB"
    assert table["tasks, 100 files a task"] == "1,000"
    assert table["written to the store, 1,000 files a task"] == "100 MB"
    # 10⁵ · 150 · 20 · 1 ns / 8.
    assert table["an iteration of k-means in one process of 8 threads"] == "38 ms"


@pytest.mark.parametrize(("name", "rest"), COMMANDS)
def test_commands_and_options_are_there(name: str, rest: str) -> None:
    known = {option for one in main.commands[name].params for option in one.opts}
    assert set(re.findall(r"(?<= )--?[a-z][\w-]*", rest)) <= known


def test_the_local_example_prints_what_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ((code, said),) = re.findall(r"```python\n(.*?)```\n\n```text\n(.*?)```", PAGE, re.DOTALL)
    monkeypatch.chdir(tmp_path)
    synthesize("demo")
    code = code.replace("LocalCluster(", "LocalCluster(dashboard_address=':0', ")
    assert distributed.LocalCluster.__name__ in code
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(code, {"__name__": "__main__"})
    assert printed.getvalue() == said


def test_other_examples_name_parameters_that_are_there() -> None:
    examples = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    calls = [
        node
        for example in examples
        for node in ast.walk(ast.parse(example))
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("ac.")
    ]
    assert len(calls) >= 3
    for call in calls:
        function = getattr(ac, ast.unparse(call.func).removeprefix("ac."))
        named = {keyword.arg for keyword in call.keywords}
        assert named <= set(inspect.signature(function).parameters)


def test_the_number_of_rows_that_are_gathered_is_that_of_the_code(model: ModuleType) -> None:
    from audioclust.clustering.parted.parts import GATHERED_ROWS

    assert model.GATHERED_ROWS == GATHERED_ROWS
    assert f"{GATHERED_ROWS // 1_000_000} million" in PAGE
