"""The code in docs/similar.md runs."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from support.data import ROOT

from audioclust.demo import synthesize

PAGE = (ROOT / "docs" / "similar.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def test_the_code_of_the_page_finds_what_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sounds").mkdir()
    chirp = synthesize("sounds", each=1)[-1]
    for name in ("sounds/a.wav", "sounds/b.wav"):
        shutil.copy(chirp, name)
    names: dict[str, Any] = {}
    similar, duplicates = BLOCKS
    exec(similar, names)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert {line.split()[0] for line in lines if line.endswith(" 0.0")} == {
        "sounds/b.wav",
        chirp,
    }
    exec(duplicates, names)
    groups, *pairs = capsys.readouterr().out.splitlines()
    assert groups == str([["sounds/a.wav", "sounds/b.wav", chirp]])
    assert len(pairs) == 3
    assert all(pair.endswith(" 0.0 1.0") for pair in pairs)
