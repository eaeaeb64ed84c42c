"""What a person sees on terminals of several widths, on any background, and in a pipe."""

from __future__ import annotations

import itertools
import re
import shutil
from pathlib import Path

import pytest
import soundfile
from support.command import run
from support.recordings import SR
from support.screens import MODULE, Shown, in_screen
from support.sounds import alternating

import audioclust as ac

WIDTHS = (80, 100, 140)
NAMES = (
    "a very long name " * 8 + "of a kick drum.wav",
    "長い名前" * 18 + ".flac",
    "🥁🎸" * 25 + "drums.mp3",
    "red\x1b[31m and \x1b]0;a title\x07 and \x1b[2J.ogg",
    "two\nlines\r and a tab\t.aiff",
    "plain.wav",
)
PALETTE = {"magenta": (205, 0, 205), "brightblack": (127, 127, 127)}
"""The colours that are used, as xterm shows them."""


@pytest.fixture(scope="module")
def named(library: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of sounds with hard names, and of files that are no sounds."""
    folder = tmp_path_factory.mktemp("sounds") / "of a library"
    folder.mkdir()
    for name, sound in zip(NAMES, library[::10], strict=True):
        shutil.copy(sound, folder / name)
        (folder / f"no sound {name}").write_bytes(b"no sound")
    return folder


def on_screen(text: str) -> str:
    """Give text with control characters escaped, as it is to be shown."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def rows_between(lines: list[str], first: str, last: str) -> list[str]:
    """Give the lines after the one that begins with `first`, up to the one with `last`."""
    starts = [line.strip().startswith(first) for line in lines]
    ends = [line.strip().startswith(last) for line in lines]
    return lines[starts.index(True) + 1 : ends.index(True)]


def contrast(one: tuple[int, int, int], other: tuple[int, int, int]) -> float:
    """Give the contrast ratio of two colours, as WCAG 2 defines it."""
    lightness = []
    for colour in (one, other):
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
                  for c in (value / 255 for value in colour)]  # fmt: skip
        lightness.append(0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05)
    return max(lightness) / min(lightness)


@pytest.mark.parametrize("columns", WIDTHS)
def test_every_name_keeps_its_start_and_its_suffix_on_one_line(
    named: Path, columns: int
) -> None:
    shown = in_screen([*MODULE, str(named), "-k", "6"], columns)
    assert shown.status == 0
    lines = rows_between(shown.lines, "cluster  files", "The files are in")
    rows = [line for line in lines if line[:7].strip()]  # Words may go on in more lines.
    assert len(rows) == 6
    for name in NAMES:
        start, suffix = on_screen(name[:3]), name[name.rindex(".") :]
        assert any(f"  {start}" in row[22:] and row.endswith(suffix) for row in rows), name
    assert str(named) in "".join(shown.lines)


@pytest.mark.parametrize("columns", [60, 80, 200])
def test_words_for_clusters_go_on_below_in_their_column(folder: str, columns: int) -> None:
    shown = in_screen([*MODULE, folder, "-k", "6"], columns)
    (heading,) = [line for line in shown.lines if line.startswith("cluster")]
    first, last = heading.index("what sets"), heading.index("most typical")
    lines = rows_between(shown.lines, "cluster", "The files are in")
    if not lines[0][:7].strip():  # On a narrow screen the heading is broken, too.
        lines = lines[1:]
    said = ""
    for line in lines:
        said += ("\n" if line[:7].strip() else " ") + line[first:last].strip()
        # What goes on has nothing beside it, and what it stands below is in no other column.
        assert line[:7].strip() or not (line[:first] + line[last:]).strip()
    result = ac.cluster(folder, 6)
    assert said[1:].split("\n") == [own.words for own in result.summary()]
    assert (len(lines) == 6) == (columns == 200)


@pytest.mark.parametrize("columns", WIDTHS)
def test_no_name_is_broken_in_a_list_of_errors(named: Path, columns: int) -> None:
    shown = in_screen([*MODULE, str(named), "-k", "6"], columns)
    at = shown.lines.index("6 of 12 could not be used:")
    rows = [line[2:] for line in shown.lines[at + 1 :] if line[2] != " "]
    assert rows[0].startswith("in ")
    rows = [row for row in rows if row.startswith("no sound ")]
    assert len(rows) == 6
    for name in NAMES:
        suffix = name[name.rindex(".") :]
        start = on_screen(f"no sound {name[:3]}")
        assert any(row.startswith(start) and f"{suffix}:" in row for row in rows), name
    # No line of ours is longer than the screen, which would go on with it at the left edge.
    assert all(line.startswith("  ") for line in shown.lines[at + 1 :])


def test_names_cannot_do_anything_to_the_screen(named: Path) -> None:
    shown = in_screen([*MODULE, str(named), "-k", "6", "--features", "rms"], 140)
    assert b"\x1b]0;" not in shown.sent
    assert b"\x1b[31m" not in shown.sent
    assert b"\x1b[2J" not in shown.sent
    assert any(r"red\x1b[31m and" in line for line in shown.lines)
    assert any(r"two\nlines\r and a tab\t" in line for line in shown.lines)


def test_in_a_pipe_names_are_whole(named: Path) -> None:
    done = run(named, "-k", 6)
    for name in NAMES:
        whole = on_screen(name)
        assert any(line.endswith(f"  {whole}") for line in done.stdout.splitlines()), name
        listed = f"  no sound {whole}: unsupported: libsndfile: it does not know the format"
        assert any(line.startswith(listed) for line in done.stderr.splitlines()), name
    assert "\x1b" not in done.stdout + done.stderr


def test_a_folder_is_said_once_however_it_is_typed(folder: str) -> None:
    for typed in (f"{folder}/*.wav", f"{folder}//*.wav"):
        _, first, last, warnings = run(typed, "-k", 1).stdout.splitlines()
        assert re.match(r" +0 +\d+ +\S+ s  all items are in it +\w+\.wav$", first)
        assert last == f"The files are in {folder}"
        assert "files with warnings" in warnings


@pytest.mark.parametrize("columns", WIDTHS)
def test_no_name_is_broken_in_a_message(tmp_path: Path, columns: int) -> None:
    name = "of a folder that is not there " + "x" * 30
    shown = in_screen([*MODULE, f"{name}.wav"], columns, cwd=str(tmp_path))
    assert shown.status == 1
    assert any(f"{name}.wav:" in line for line in shown.lines)
    (tmp_path / "deep" / ("y" * 60)).mkdir(parents=True)
    shown = in_screen([*MODULE, f"deep/{'y' * 60}"], columns, cwd=str(tmp_path))
    assert shown.lines[0].startswith("Error: no sounds found in")
    assert any(f"deep/{'y' * 60};" in line for line in shown.lines)
    assert all(line.startswith("  ") for line in shown.lines[1:])


def test_nothing_used_is_listed_as_errors_are(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.wav").write_bytes(b"no sound")
    for command in ("cluster", "choose-k", "segment"):
        done = run(command, tmp_path)
        assert done.returncode == 1
        first, where, *rows = done.stderr.splitlines()
        assert first == "Error: none of 2 sounds could be used:"
        assert where == f"  in {tmp_path}:"
        assert [row[:9] for row in rows] == ["  a.wav: ", "  b.wav: "]
    done = run("onsets", tmp_path / "a.wav")
    assert done.stderr.splitlines()[1].startswith(f"  {tmp_path}/a.wav: unsupported: ")


@pytest.mark.parametrize("columns", WIDTHS)
def test_every_k_has_one_line_and_the_bars_a_legend(folder: str, columns: int) -> None:
    shown = in_screen([*MODULE, "choose-k", folder, "--k-range", "2:9"], columns)
    rows = rows_between(shown.lines, "k  silhouette", "Bars of silhouette:")
    assert [int(row.split()[0]) for row in rows] == list(range(2, 10))
    assert all(set(row.split()[6]) <= {"=", "#"} for row in rows)
    last = " ".join(" ".join(shown.lines[shown.lines.index(rows[-1]) + 1 :]).split())
    assert "= up to null_high" in last
    # The numbers of the sentence are those of the table.
    best = next(row.split() for row in rows if "best" in row)
    assert f"k={best[0]} was chosen: silhouettes " in last
    assert f"; silhouette {best[1]}, {best[2]} by chance" in last


@pytest.mark.parametrize("columns", WIDTHS)
def test_spans_and_hits_have_one_line_each(tmp_path: Path, columns: int) -> None:
    for name in ("長い" * 40, "b" * 150):
        soundfile.write(tmp_path / f"{name}.wav", alternating([0, 1, 0]), SR)
    paths = sorted(map(str, tmp_path.iterdir()))
    shown = in_screen([*MODULE, "segment", *paths, "-k", "2"], columns)
    rows = rows_between(shown.lines, "start", "The files are in")
    assert len(rows) >= 2
    assert all(
        re.match(r"\d:\d\d\.\d  \d:\d\d\.\d  \d      \S.*….*\.wav$", row) for row in rows
    )
    shown = in_screen([*MODULE, "onsets", paths[0], "-k", "2", "--delta", "0.001"], columns)
    assert [line[:7] for line in shown.lines] == ["cluster", "      0", "      1"]


@pytest.fixture(scope="module")
def slow(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of sounds that take some seconds."""
    folder = tmp_path_factory.mktemp("slow")
    for i, piece in enumerate((data / "music").glob("*.ogg")):
        for copy in range(30):
            (folder / f"{i}_{copy}.ogg").symlink_to(piece)
    return folder


def bars_of(shown: Shown) -> list[str]:
    """Give every state of the progress bar that was on the screen."""
    return [line for frame in shown.frames for line in frame if re.match(r"\d+/\d", line)]


@pytest.mark.parametrize("columns", WIDTHS)
def test_progress_is_shown_and_vanishes(folder: str, columns: int) -> None:
    shown = in_screen([*MODULE, folder, "-k", "2"], columns)
    bars = bars_of(shown)
    assert bars[0].startswith("0/60 files ")
    odd = [bar for bar in bars if not re.search(r" \d:\d\d:\d\d of audio +\S+ left$", bar)]
    assert not odd
    assert not any("None" in bar for bar in bars)
    assert shown.lines[0].startswith("cluster")  # Nothing of it is left.
    shown = in_screen([*MODULE, folder, "-k", "2", "--quiet"], columns)
    assert shown.sent == b""


@pytest.mark.parametrize("columns", WIDTHS)
def test_ctrl_c_leaves_a_line_and_a_cursor(slow: Path, columns: int) -> None:
    shown = in_screen(
        [*MODULE, str(slow), "-k", "2"],
        columns,
        interrupt=lambda lines: any(re.match("[1-9]", line) for line in lines),
    )
    assert shown.status == 130
    assert [line for line in shown.lines if line] == ["Interrupted."]
    assert shown.sent.rindex(b"\x1b[?25h") > shown.sent.rindex(b"\x1b[?25l")


def test_colours_can_be_read_on_light_and_dark_backgrounds(folder: str) -> None:
    for colour in PALETTE.values():
        assert contrast(colour, (0, 0, 0)) >= 3  # WCAG's bound for what is not text
        assert contrast(colour, (255, 255, 255)) >= 3
    for command in ([folder], ["choose-k", folder, "--k-range", "2:3"], ["features"]):
        assert in_screen([*MODULE, *command], 100).colours <= {"default", *PALETTE}
        plain = in_screen([*MODULE, *command], 100, NO_COLOR="1")
        assert plain.colours <= {"default"}
        assert not re.search(rb"\x1b\[[\d;]*[34]\d[\d;]*m", plain.sent)


def test_help_lists_every_command_with_a_whole_sentence() -> None:
    for group in ([], ["cache"]):
        shown = in_screen([*MODULE, *group, "--help"], 80)
        listed = shown.lines[shown.lines.index("Commands:") + 1 :]
        sentences = list(itertools.takewhile(str.strip, listed))
        assert len(sentences) >= 5
        assert all(line.endswith(".") and not line.endswith("...") for line in sentences)


def test_lines_about_the_cache_are_broken_between_words(
    library: list[str], tmp_path: Path
) -> None:
    place, bad = str(tmp_path / "c"), tmp_path / "bad.wav"
    bad.write_bytes(b"no sound")
    assert run("cluster", bad, library[0], "--cache", place).returncode == 0
    for name in ("info", "errors"):
        piped = run("cache", name, "--cache", place).stdout.split()
        for columns in (41, 50, 59):
            shown = in_screen([*MODULE, "cache", name, "--cache", place], columns)
            # A path may be wider than the screen.
            expected = {word for word in piped if "/" not in word}
            assert {word for line in shown.lines for word in line.split()} >= expected
