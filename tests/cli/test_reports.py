"""`--report FILE`: the page that a command writes."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import get_args

from support.command import run

from audioclust.cli.app import main
from audioclust.report.content import Audio

SAID = "Wrote a page with {} to {}: open it in a browser."


def test_a_folder_becomes_a_page(folder: str, tmp_path: Path) -> None:
    done = run(folder, "-k", 6, "--report", "map.html", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert SAID.format("60 sounds", "map.html") in done.stderr.splitlines()
    assert "most typical" in done.stdout
    assert os.listdir(tmp_path) == ["map.html"]
    page = (tmp_path / "map.html").read_text(encoding="utf-8")
    assert f"<title>{os.path.basename(folder)}: 60 sounds in 6 groups</title>" in page
    assert page.rstrip().endswith("</html>")


def test_a_saved_result_becomes_a_page(folder: str, tmp_path: Path) -> None:
    assert (
        run(folder, "-k", 2, "--quiet", "--save", "m.audioclust", cwd=tmp_path).returncode == 0
    )
    done = run(
        *("cluster", "m.audioclust", "--report", "map.html", "--report-audio", "none"),
        cwd=tmp_path,
    )
    assert done.stderr == SAID.format("60 sounds", "map.html") + "\n"
    page = (tmp_path / "map.html").read_text(encoding="utf-8")
    assert re.search('"mode":"none"', page)


def test_quiet_says_nothing_and_one_sound_has_no_plural(
    library: list[str], tmp_path: Path
) -> None:
    page = tmp_path / "map.html"
    done = run("cluster", library[0], "-k", 1, "--report", page)
    assert done.stderr == SAID.format("1 sound", page) + "\n"
    page.unlink()
    done = run("cluster", library[0], "-k", 1, "--report", page, "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert page.exists()


def test_what_is_wrong_is_said_before_the_work(library: list[str], tmp_path: Path) -> None:
    before = Path(library[0]).read_bytes()
    for options, why in (
        (["--report", "-"], "--report -: expected a file, since a page finds its sounds from"),
        (["--report-audio", "none"], "--report-audio: expected --report FILE as well"),
        (["--report", library[0]], "expected a name that ends with .html or .htm"),
        (["--report", "x.html", "--csv", "x.html"], "is the place of two outputs"),
        (["--report", "x.html", "--report-audio", "cd"], "'cd' is not one of"),
        (["--report", "no/map.html"], "No such file or directory"),
    ):
        done = run("cluster", *library[:5], *options, cwd=tmp_path)
        assert done.returncode != 0
        assert why in re.sub(r"\s+", " ", done.stderr), done.stderr
        assert done.stdout == ""
    assert os.listdir(tmp_path) == []
    assert Path(library[0]).read_bytes() == before


def test_the_places_of_sounds_are_those_of_the_method() -> None:
    (option,) = [one for one in main.commands["cluster"].params if one.name == "report_audio"]
    assert tuple(option.type.choices) == get_args(Audio)  # type: ignore[attr-defined]
