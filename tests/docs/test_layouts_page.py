"""The code in docs/layouts.md prints what the page says."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path
from typing import Any

import pytest
from support.data import ROOT

from audioclust.demo import synthesize

PAGE = (ROOT / "docs" / "layouts.md").read_text(encoding="utf-8")


def test_the_code_prints_what_the_page_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synthesize(str(tmp_path / "demo"))
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    said = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
    assert len(blocks) == len(said) == 3
    names: dict[str, Any] = {}
    for code, expected in zip(blocks, said, strict=True):
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            exec(code, names)
        assert printed.getvalue() == expected
