"""docs/files.md and docs/tables.md name what there is, and their code prints what they say."""

from __future__ import annotations

import contextlib
import io
import json
import re
from pathlib import Path

import pyarrow.parquet
from support.data import ROOT

import audioclust as ac
from audioclust.cli.app import main
from audioclust.cli.commands.extracting import SUFFIXES
from audioclust.cli.inputs.which_files import FILES
from audioclust.cli.options.table import OPTIONS

FILES_PAGE = (ROOT / "docs" / "files.md").read_text(encoding="utf-8")
TABLES_PAGE = (ROOT / "docs" / "tables.md").read_text(encoding="utf-8")


def test_the_code_prints_what_the_page_says() -> None:
    ((code, said),) = re.findall(r"```python\n(.*?)```\n\n```text\n(.*?)```", TABLES_PAGE, re.S)
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(code, {})
    assert printed.getvalue() == said


def test_the_page_of_files_names_all_options() -> None:
    (sentence,) = re.findall(r"\n\n([^.]*?) have these options,\s+and", FILES_PAGE)
    commands = re.findall("`(.*?)`", sentence)
    with_filters = {
        name
        for name, command in main.commands.items()
        if any("--include" in parameter.opts for parameter in command.params)
    }
    assert set(commands) == with_filters
    for name in FILES:
        flag = OPTIONS[name].flag or f"--{name.replace('_', '-')}"
        assert f"`{flag}" in FILES_PAGE
        for command in commands:
            assert any(flag in parameter.opts for parameter in main.commands[command].params)
    for field in ac.FileFilter.__dataclass_fields__:
        assert f"`{field}" in FILES_PAGE


def test_the_page_of_tables_names_all_that_is_in_files(
    library: list[str], tmp_path: Path
) -> None:
    result = ac.cluster(library, 3, n_jobs=1)
    for suffix in SUFFIXES:
        assert f"`{suffix}`" in TABLES_PAGE
    result.to_json(tmp_path / "r.json")
    document = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    described = re.findall(r"^\| (`.*?`) \|", TABLES_PAGE, re.MULTILINE)
    named = {name for cell in described for name in re.findall("`(.*?)`", cell)}
    assert set(document) <= named
    for name in ("r.parquet", "t.parquet"):
        (result if name == "r.parquet" else result.table).to_parquet(tmp_path / name)
        read = pyarrow.parquet.read_schema(tmp_path / name)
        for column in set(read.names) - set(result.table.columns):
            assert f"`{column}`" in TABLES_PAGE
