"""The code in the README prints what the README says."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from support.data import ROOT
from support.generated import with_formats

from audioclust.demo import synthesize
from audioclust.extraction.registry import as_markdown

README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("readme")
    synthesize(str(folder / "demo"))
    return folder


CODE = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
PRINTED = re.findall(r"```text\n(.*?)```", README, re.DOTALL)


@pytest.mark.parametrize("number", range(len(CODE)))
def test_every_example_prints_what_it_says(number: int, folder: Path, tmp_path: Path) -> None:
    assert len(CODE) == len(PRINTED)
    script = tmp_path / "example.py"
    script.write_text(CODE[number], encoding="utf-8")
    command = [sys.executable, str(script)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    assert done.stdout == PRINTED[number]


def test_the_command_prints_what_it_says(folder: Path) -> None:
    found = re.search(r"```console\n\$ audioclust (\./.*?)\n(.*?)```", README, re.DOTALL)
    assert found
    arguments, expected = found.groups()
    command = [str(Path(sys.executable).with_name("audioclust")), *arguments.split()]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    assert done.stdout == expected


def test_the_table_of_features_is_what_the_registry_says() -> None:
    page = (ROOT / "docs" / "features.md").read_text(encoding="utf-8")
    assert page == as_markdown(), "run `make docs`"


def test_the_list_of_formats_is_what_the_tables_say() -> None:
    assert "| MP3 |" in with_formats(README)
    assert with_formats(README) == README, "run `make docs`"


def test_every_make_target_it_names_is_there() -> None:
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert set(re.findall(r"make ([a-z-]+)", README)) - {"sense"} <= set(targets)
