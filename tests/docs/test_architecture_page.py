"""ARCHITECTURE.md names every source file, and only files that exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from support.data import ROOT

PAGE = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
FOLDERS = ("python/audioclust", "rust/core/src", "rust/decode/src", "rust/py/src")


def files_on_the_page() -> list[str]:
    """The first cells of the tables, below the headings that name their folders."""
    named = []
    for section in re.split(r"^(?=##)", PAGE, flags=re.MULTILINE):
        heading = re.match(r"### `(\S+)/`\n", section)
        if heading:
            files = re.findall(r"^\| `(\w+\.\w+)` \|", section, re.MULTILINE)
            named += [f"{heading[1]}/{file}" for file in files]
    return named


def has_code(path: Path) -> bool:
    """Whether there is more in a Python file than a docstring."""
    body = ast.parse(path.read_text(encoding="utf-8")).body
    return len(body) > 1 or not isinstance(body[0], ast.Expr)


def source_files() -> list[str]:
    found = []
    for folder in FOLDERS:
        for path in (ROOT / folder).rglob("*"):
            is_test = path.stem == "tests" or path.stem.endswith("_tests")
            is_rust = path.suffix == ".rs" and not is_test
            is_python = path.suffix == ".py" and (path.name != "__init__.py" or has_code(path))
            if is_rust or is_python:
                found.append(path.relative_to(ROOT).as_posix())
    return found


def test_every_source_file_has_a_line_and_every_line_a_file() -> None:
    named = files_on_the_page()
    assert len(named) == len(set(named))
    found = source_files()
    assert not set(found) - set(named), "these files have no line in ARCHITECTURE.md"
    assert not set(named) - set(found), "these lines of ARCHITECTURE.md have no file"


@pytest.mark.parametrize("page", ["ARCHITECTURE.md", "CONTRIBUTING.md"])
def test_every_path_in_the_text_exists(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    paths = re.findall(r"`([\w.-]+/[\w./-]+)`", text)
    assert paths
    starts = [ROOT, ROOT / "python" / "audioclust", ROOT / "rust" / "core" / "src"]
    missing = [path for path in paths if not any((start / path).exists() for start in starts)]
    assert not missing
