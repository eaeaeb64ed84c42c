"""The notebook that shows what there is runs as it is, and is kept without outputs."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
from support.data import ROOT
from support.notebooks import executed

TOUR = ROOT / "examples" / "tour.ipynb"


def test_the_tour_runs_and_shows_what_it_says(tmp_path: Path) -> None:
    done = executed(nbformat.read(TOUR, as_version=4), tmp_path)
    shown = {}
    for cell in done.cells:
        if cell.cell_type == "code":
            for output in cell.outputs:
                # Neither warnings nor anything else on standard error.
                assert output.get("name") != "stderr", output.text
            shown[cell.source.splitlines()[-1]] = cell.outputs
    for last in (
        "result",
        "on_grid",
        "result.summary()",
        "spans",
        "hits",
        "result.similar(paths[0], 5)",
    ):
        html = shown[last][-1]["data"]["text/html"]
        assert "<table>" in html
        assert 1 <= html.count("<audio") <= 5
        assert len(html) < 1_000_000
    assert "<iframe" in shown["result.map(height=640)"][-1]["data"]["text/html"]
    assert "<audio" in shown["hits.sonify()"][-1]["data"]["text/html"]
    # Each kind is in a group of its own.
    rows = re.findall(r"(\w+) +\{(\d): 10\}", _text(done, "for kind in"))
    assert len(rows) == len({group for _, group in rows}) == 6
    assert _text(done, "again == result").startswith("True")
    # Chords and wind took turns twice.
    assert len(_text(done, "for span in").splitlines()) == 4


def _text(notebook: nbformat.NotebookNode, part: str) -> str:
    """Give what a cell prints."""
    (cell,) = (cell for cell in notebook.cells if part in cell.source)
    return "".join(output.text for output in cell.outputs if "text" in output)


def test_it_is_kept_without_outputs_and_without_places() -> None:
    text = TOUR.read_text(encoding="utf-8")
    notebook = nbformat.reads(text, as_version=4)
    nbformat.validate(notebook)
    for cell in notebook.cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None
    assert not re.search(r"/(home|tmp|work|Users)/", text)
