"""Pages are sent to others: they name folders, and never where these lie."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from support.hits import SR, loop
from support.page_data import data_in
from support.served import asked

import audioclust as ac
from audioclust.audio.spans import Item
from audioclust.errors import ItemError
from audioclust.report.folders import Folders
from audioclust.server.serving import serve

Result: TypeAlias = "ac.Clustering | ac.Segmentation | ac.OnsetClusters | ac.SoundMap"


def folders_of(*paths: str, folder: str | None = "/home/anna") -> Folders:
    return Folders([Item(path, 0.0, 1.0) for path in paths], folder)


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        (["Samples/a.wav", "Samples/b.wav"], ["Samples/a.wav", "Samples/b.wav"]),
        (["/x/Samples/kicks/a.wav", "/x/Samples/b"], ["Samples/kicks/a.wav", "Samples/b"]),
        (["a.wav", "kicks/b.wav"], ["anna/a.wav", "anna/kicks/b.wav"]),
        (["../bob/a.wav", "b.wav"], ["home/bob/a.wav", "home/anna/b.wav"]),
        (["./s/./a.wav", "s/t/../b.wav"], ["s/a.wav", "s/b.wav"]),
        (["/a.wav", "/b/c.wav"], ["a.wav", "b/c.wav"]),
        (["s/a\nb.wav", "s/\udce9.wav"], ["s/a\\nb.wav", "s/\\xe9.wav"]),
    ],
)  # fmt: skip
def test_names_begin_with_the_folder_that_all_share(paths: list[str], names: list[str]) -> None:
    named = folders_of(*paths)
    assert [named.file_name(path) for path in paths] == names


def test_what_lies_elsewhere_has_its_own_folder_alone() -> None:
    named = folders_of("Samples/kicks/a.wav", "Samples/kicks/b.wav")
    assert named.file_name("Samples/broken/x.wav") == "broken/x.wav"
    assert named.file_name("Samples/kicks2/x.wav") == "kicks2/x.wav"
    assert named.file_name("/root/x.wav") == "root/x.wav"


def test_names_of_sounds_in_memory_stay_as_they_are() -> None:
    named = folders_of("one", "a/two", folder=None)
    assert [named.file_name(name) for name in ("one", "a/two", "three")] == [
        *("one", "a/two", "three")
    ]


def test_drives_have_no_folder_in_common(monkeypatch: pytest.MonkeyPatch) -> None:
    def commonpath(_: object) -> str:
        raise ValueError("Paths don't have the same drive")

    monkeypatch.setattr(os.path, "commonpath", commonpath)
    named = folders_of("/x/a/k.wav", "/y/b/s.wav")
    assert (named.shared_name, named.file_name("/x/a/k.wav")) == ("", "a/k.wav")


PARTS = st.text("ab. é", min_size=1, max_size=4).filter(lambda part: part.strip(".") != "")


@given(st.lists(st.lists(PARTS, min_size=2, max_size=4), min_size=1, max_size=6))
def test_names_lead_to_the_files_from_above_what_all_share(parts: list[list[str]]) -> None:
    paths = [f"/{'/'.join(own)}" for own in parts]
    named = folders_of(*paths)
    above = os.path.dirname(os.path.commonpath([os.path.dirname(path) for path in paths]))
    assert [os.path.join(above, named.file_name(path)) for path in paths] == paths


def test_messages_name_folders_in_the_same_way() -> None:
    named = folders_of("/home/anna/Samples/a.wav", "/home/anna/Samples/kicks/b.wav")
    told = named.words("[Errno 5] cannot read '/home/anna/Samples/kicks/b.wav'\n")
    assert told == "[Errno 5] cannot read 'Samples/kicks/b.wav'\\n"
    told = named.words("no /home/anna/other/c.wav", "/home/anna/other/c.wav")
    assert told == "no other/c.wav"
    assert folders_of("/a.wav").words("1/2 of /a.wav", "/a.wav") == "1/2 of /a.wav"


@pytest.fixture(scope="module")
def secret(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with sounds in two folders, and with one that is none."""
    folder = tmp_path_factory.mktemp("anna") / "Samples"
    y, _ = loop()
    for place, name in enumerate(("kicks/a", "kicks/b", "snares/c", "snares/d")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        noise = np.random.default_rng(place).normal(size=len(y)) * 0.01 * place
        soundfile.write(folder / f"{name}.wav", np.roll(y, 1000 * place) + noise, SR)
    (folder / "snares" / "broken.wav").write_text("no sound")
    return folder


def result_of(kind: str, folder: Path) -> Result:
    if kind == "cluster":
        return ac.cluster(folder, 2, n_jobs=1)
    if kind == "segment":
        return ac.segment(folder, 2, min_duration=1.0, n_jobs=1)
    if kind == "onsets":
        return ac.onsets(folder / "kicks" / "a.wav", k=2)
    return ac.som_map(folder, shape=(2, 2), n_jobs=1)


@pytest.mark.parametrize("kind", ["cluster", "segment", "onsets", "som"])
def test_no_page_tells_where_its_folder_lies(
    kind: str, secret: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = result_of(kind, secret)
    page, pages = secret / "page.html", {}
    for audio in ("link", "representatives", "embed", "none"):
        result.report(page, audio=audio)
        pages[audio] = page.read_text(encoding="utf-8")
        shown = {"kicks"} if kind == "onsets" else {"Samples/kicks", "Samples/snares"}
        data = data_in(page)
        assert {folder["name"] for folder in data["sounds"]["folders"]} == shown
        if kind != "onsets":
            (error,) = data["errors"]
            assert error["path"] == "Samples/snares/broken.wav"
        page.unlink()
    monkeypatch.chdir(secret)
    pages["map"] = result.map().page
    with serve(result) as server:
        pages["server"] = asked(server.url).body.decode("utf-8")
    for own in pages.values():
        assert secret.parent.name not in own
        assert json.dumps(str(secret.parent))[1:-1] not in own


def test_a_page_of_sounds_that_are_gone_does_not_either(secret: Path, tmp_path: Path) -> None:
    copied = tmp_path / "bob" / "Samples"
    shutil.copytree(secret, copied)
    segmented = result_of("segment", copied)
    shutil.rmtree(copied / "kicks")
    segmented.report(copied / "page.html", audio="embed")
    text = (copied / "page.html").read_text(encoding="utf-8")
    assert "has no waveform" in text
    assert "bob" not in text


def test_what_a_message_says_of_paths_is_not_on_a_page(tmp_path: Path) -> None:
    folder = tmp_path / "anna" / "Samples"
    folder.mkdir(parents=True)
    for n in range(3):
        soundfile.write(folder / f"{n}.wav", np.random.default_rng(n).normal(size=SR) * 0.1, SR)
    result = ac.cluster(folder, 1, n_jobs=1)
    bad = ItemError(str(folder / "x.wav"), "internal", f"OSError: '{folder / 'x.wav'}' is bad")
    object.__setattr__(result.table, "errors", (bad,))
    result.report(folder / "page.html")
    (error,) = data_in(folder / "page.html")["errors"]
    assert error["path"] == "Samples/x.wav"
    assert error["message"] == "OSError: 'Samples/x.wav' is bad"
