"""Ignore files leave out what git leaves out by the same files."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from audioclust.audio.choosing.patterns import Patterns, _pattern_class, _without_retries
from audioclust.audio.sources import scan
from audioclust.errors import NoAudioError

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")

FILES = (
    "a.wav", "b.wav", "ab.wav", "a b.wav", "[a].wav", "a.mp3", "a/a.wav", "a/b.wav",
    "a/b/a.wav", "a/b/ab.wav", "b/a.wav", "b/b.wav", "b/a/a.mp3", "b/a/b/a.wav", "ab/a.wav",
    "ab/b/a.wav", "#a.wav", "!b.wav", "é.wav",
)  # fmt: skip

PARTS = ("a", "b", "*", "**", "?", "a*", "*b", "[ab]", "[!a]", "[^b]*", "*.wav", "a.wav", "*.*",
         "*a*b*", "\\#a*", "\\!b*", "\\*a", "é*", "[a-b]*", " ", "[[]a]*")  # fmt: skip

lines = st.builds(
    lambda no, front, parts, back: f"{no}{front}{'/'.join(parts)}{back}",
    st.sampled_from(("", "", "!")),
    st.sampled_from(("", "", "/")),
    st.lists(st.sampled_from(PARTS), min_size=1, max_size=3),
    st.sampled_from(("", "", "/", " ", "\r")),
)
ignore_files = st.dictionaries(
    st.sampled_from(("", "a", "b", "a/b", "b/a")), st.lists(lines, max_size=5), max_size=4
)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tree")
    for name in FILES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"")
    return folder


def not_ignored_by_git(folder: str) -> set[str]:
    asked = ("git", "ls-files", "--others", "-z", "--exclude-per-directory=.audioclustignore")
    nowhere = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    subprocess.run(("git", "init", "-q"), cwd=folder, env=nowhere, check=True)
    found = subprocess.run(asked, cwd=folder, env=nowhere, check=True, capture_output=True)
    names = {os.fsdecode(name) for name in found.stdout.split(b"\0") if name}
    return {name for name in names if not name.endswith(".audioclustignore")}


def found_in(folder: str) -> set[str]:
    try:
        found = scan(folder)
    except NoAudioError:
        return set()
    return {os.path.relpath(recording.path, folder) for recording in found.recordings}


@needs_git
@settings(max_examples=60, deadline=None)
@given(ignore_files)
@example({"": ["*", "!*/", "!*.wav"]})
@example({"": ["/*", "!/a"], "a": ["*", "!b"]})
@example({"": ["*/", "!a/"]})
@example({"": ["a/**"], "a": ["!a.wav"]})
def test_ignore_files_leave_out_what_git_leaves_out(
    tree: Path, ignore_files: dict[str, list[str]]
) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = os.path.join(place, "tree")
        shutil.copytree(tree, folder)
        for below, text in ignore_files.items():
            with open(os.path.join(folder, below, ".audioclustignore"), "wb") as file:
                file.write("\n".join(text).encode())
        assert found_in(folder) == not_ignored_by_git(folder)


names = st.text("ab/.", max_size=12)
starred = st.text("ab*?/.", min_size=1, max_size=10).filter(lambda line: line.strip("/"))


@settings(max_examples=300, deadline=None)
@given(starred, st.lists(names, min_size=1, max_size=20))
def test_stars_that_are_not_tried_again_fit_the_same_names(line: str, names: list[str]) -> None:
    pattern = _pattern_class()(line)
    if pattern.regex is None:
        return
    plain, quick = pattern.regex, re.compile(_without_retries(pattern.regex.pattern))
    for name in names:
        assert (plain.search(name) is None) == (quick.search(name) is None), name


def test_a_pattern_with_many_stars_does_not_take_long() -> None:
    # Tried at all places, 30 stars would take longer than the universe is old.
    patterns = Patterns.of(["*a" * 30 + "b"], lambda *why: pytest.fail(str(why)))
    assert patterns.decision("a" * 255, is_folder=False) is None
    assert patterns.decision("a" * 254 + "b", is_folder=False) is True
