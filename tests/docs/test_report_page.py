"""docs/report.md names what there is: the places of sounds, the options and the scripts."""

from __future__ import annotations

import re
from typing import get_args

from support.data import ROOT

from audioclust.report.content import N_COLUMNS, N_NEIGHBORS, Audio
from audioclust.report.page import SCRIPTS, STYLES

PAGE = (ROOT / "docs" / "report.md").read_text(encoding="utf-8")
ASSETS = ROOT / "python" / "audioclust" / "report" / "assets"


def test_all_places_of_sounds_are_explained() -> None:
    explained = re.findall(r'^\| `"(\w+)"` \|', PAGE, re.MULTILINE)
    assert tuple(explained) == get_args(Audio)


def test_all_scripts_are_listed_in_their_order() -> None:
    listed = re.findall(r"^\| `([\w/]+(?:\.js|/))` \|", PAGE, re.MULTILINE)
    places = []
    for script in SCRIPTS:
        folder = f"{script.partition('/')[0]}/"
        places.append(listed.index(folder if folder in listed else script))
    assert places == sorted(places)
    assert set(places) == set(range(len(listed)))


def test_all_scripts_and_styles_that_there_are_are_used() -> None:
    files = {
        path.relative_to(ASSETS).as_posix()
        for path in ASSETS.rglob("*")
        if path.suffix in (".js", ".css")
    }
    assert files == {*SCRIPTS, *STYLES}


def test_the_numbers_are_those_of_the_code() -> None:
    words = {10: "ten"}
    assert f"the {words[N_NEIGHBORS]} sounds most like it" in PAGE
    assert f"up to {N_COLUMNS} numbers" in PAGE
