"""The code in docs/models.md prints what the page says, which names all that is in a file."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import pytest
from support.data import ROOT

import audioclust as ac
from audioclust.demo import synthesize
from audioclust.export.archive import MODEL, read_archive

PAGE = (ROOT / "docs" / "models.md").read_text(encoding="utf-8")


def test_the_code_prints_what_the_page_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synthesize(str(tmp_path / "demo"))
    monkeypatch.chdir(tmp_path)
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    (said,) = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(code, {})
    assert printed.getvalue() == said


def test_the_page_names_all_that_is_in_a_file(library: list[str], tmp_path: Path) -> None:
    for algorithm in ("som", "kmeans"):
        ac.cluster(library, algorithm=algorithm, n_jobs=1).save(tmp_path / "m")
        kept = read_archive(tmp_path / "m", MODEL)
        names = [*kept.content, *kept.content["table"], *kept.content["scaler"]]
        names += [name.partition(".")[0] for name in kept.arrays]
        names += [name.partition(".")[2] for name in kept.arrays if "selection" not in name]
        for name in filter(None, names):
            assert re.search(rf"`(\w+)?\.?{name}`", PAGE), name
