"""A cluster can be heard: as a preview, in a notebook, with the system's player."""

from __future__ import annotations

import base64
import html.parser
import io
import json
import math
import os
import re
import stat
import subprocess
import sys
import tracemalloc
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray
from support.sounds import tone

import audioclust as ac
from audioclust.listening.excerpts import PEAK, RATE, loudest
from audioclust.listening.player import items_of, playlist_lines

SCRIPT = Path(sys.executable).with_name("audioclust")


def clustered(folder: Path, sounds: dict[str, tuple[NDArray[Any], int]], k: int = 1) -> Any:
    """Write sounds to a folder and cluster them by level."""
    for name, (y, sr) in sounds.items():
        soundfile.write(folder / name, y, sr, subtype="FLOAT")
    return ac.cluster([folder / name for name in sounds], k, features=["rms", "mfcc"])


def rising(seconds: float, sr: int, at: float) -> NDArray[np.float32]:
    """A tone that is faint but for one second from a time on."""
    y = tone(seconds, 300, sr) * np.float32(0.1)
    y[round(at * sr) : round((at + 1) * sr)] *= 8
    return y


# Previews


@pytest.mark.parametrize("seconds", [1.0, 0.4])
def test_a_preview_is_as_long_as_its_excerpts_and_does_not_clip(
    library: list[str], tmp_path: Path, seconds: float
) -> None:
    result = ac.cluster(library, 6)
    path = tmp_path / "preview.wav"
    made = result.preview(2, path, seconds=seconds)
    y, sr = soundfile.read(path)
    assert sr == RATE
    assert y.ndim == 1
    assert len(made.excerpts) == 10
    expected = sum(math.ceil(round((e.end - e.start) * RATE, 3)) for e in made.excerpts)
    assert abs(len(y) - expected) <= 10
    assert all(e.end - e.start <= seconds + 1e-9 for e in made.excerpts)
    assert np.abs(y).max() == pytest.approx(PEAK, abs=1e-3)
    assert made.errors == ()


def test_excerpts_are_those_nearest_the_centre_first(
    library: list[str], tmp_path: Path
) -> None:
    result = ac.cluster(library, 6)
    made = result.preview(3, tmp_path / "p.wav", n=4)
    nearest = result.representatives(4)[3]
    assert [e.path for e in made.excerpts] == [item.path for item in nearest]


def test_excerpts_are_the_loudest_second_at_one_level_with_fades(tmp_path: Path) -> None:
    rates = {"a.wav": (8000, 3.25), "b.wav": (44100, 0.0), "c.wav": (22050, 5.0)}
    sounds = {
        name: (rising(6, sr, at) * np.float32(0.5 ** len(name)), sr)
        for name, (sr, at) in rates.items()
    }
    sounds["b.wav"] = (sounds["b.wav"][0] * 0.01, 44100)
    made = clustered(tmp_path, sounds).preview(0, tmp_path / "out.wav")
    found = {Path(e.path).name: e for e in made.excerpts}
    for name, (_, at) in rates.items():
        assert found[name].start == pytest.approx(at, abs=2e-3)
        assert found[name].end - found[name].start == pytest.approx(1, abs=1e-3)
    y, sr = soundfile.read(tmp_path / "out.wav")
    pieces = y.reshape(3, sr)
    levels = np.sqrt(np.mean(pieces**2, axis=1))
    # Levels are those of fractions of 16 bits.
    np.testing.assert_allclose(levels, levels[0], rtol=1e-3)
    middle = np.abs(pieces[:, sr // 4 : sr // 2]).max(axis=1)
    for piece, loud in zip(pieces, middle, strict=True):
        ends = np.abs(np.concatenate([piece[:20], piece[-20:]]))
        assert ends.max() < 0.02 * loud
        fade = round(0.01 * sr)
        assert np.abs(piece[fade // 2 : fade]).max() > 0.3 * loud
        assert np.abs(piece[fade : 3 * fade]).max() > 0.95 * loud


@pytest.mark.parametrize("sr", [8000, 44100])
def test_the_loudest_part_is_what_all_sums_say(tmp_path: Path, sr: int) -> None:
    rng = np.random.default_rng(3)
    envelope = np.repeat(rng.uniform(0, 1, 40), sr // 4)
    y = (rng.normal(0, 0.1, len(envelope)) * envelope).astype(np.float32)
    soundfile.write(tmp_path / "y.wav", y, sr, subtype="FLOAT")
    item = ac.Item(str(tmp_path / "y.wav"), 0.0, len(y) / sr)
    energies = np.convolve(y.astype(np.float64) ** 2, np.ones(sr), "valid")
    expected = int(energies.argmax())
    found = loudest(item, 1.0)
    assert round(found.start * sr) == expected
    np.testing.assert_array_equal(found.y, y[expected : expected + sr])
    part = loudest(ac.Item(item.path, 2.0, 4.0), 1.0)
    inside = 2 * sr + int(energies[2 * sr : 3 * sr + 1].argmax())
    assert round(part.start * sr) == inside


def test_a_sound_shorter_than_a_second_is_heard_whole(tmp_path: Path) -> None:
    short, tiny = tone(0.3, 440, 16000), np.ones(3, np.float32)
    soundfile.write(tmp_path / "short.wav", short, 16000, subtype="FLOAT")
    soundfile.write(tmp_path / "tiny.wav", tiny, 16000, subtype="FLOAT")
    found = loudest(ac.Item(str(tmp_path / "short.wav"), 0.0, 0.3), 1.0)
    np.testing.assert_array_equal(found.y, short)
    assert len(loudest(ac.Item(str(tmp_path / "tiny.wav"), 0.0, 3 / 16000), 1.0).y) == 3


def test_no_sample_is_lost_to_rounding(tmp_path: Path) -> None:
    lengths = [n for n in range(100, 9000) if int(n / 44100 * 44100) != n][:5]
    assert lengths
    for n in lengths:
        path = str(tmp_path / f"{n}.wav")
        soundfile.write(path, np.ones(n, np.float32), 44100, subtype="FLOAT")
        assert len(loudest(ac.Item(path, 0.0, n / 44100), 1.0).y) == n


def test_silence_in_a_cluster_stays_silent(tmp_path: Path) -> None:
    sounds = {"silence.wav": (np.zeros(8000, np.float32), 8000), "t.wav": (tone(1), 22050)}
    result = clustered(tmp_path, sounds)
    made = result.preview(0, tmp_path / "out.wav")
    y, _ = soundfile.read(tmp_path / "out.wav")
    order = [Path(e.path).name for e in made.excerpts]
    parts = dict(zip(order, y.reshape(2, RATE), strict=True))
    assert not parts["silence.wav"].any()
    assert np.abs(parts["t.wav"]).max() == pytest.approx(PEAK, abs=1e-3)


def test_the_next_nearest_stand_in_for_files_that_are_gone(tmp_path: Path) -> None:
    sounds = {f"{i}.wav": (tone(0.5, 200 + 40 * i), 22050) for i in range(5)}
    result = clustered(tmp_path, sounds)
    (nearest,) = result.representatives(5)
    os.remove(nearest[0].path)
    made = result.preview(0, tmp_path / "out.wav", n=3)
    assert [e.path for e in made.excerpts] == [item.path for item in nearest[1:4]]
    assert [(e.path, e.kind) for e in made.errors] == [(nearest[0].path, "unreadable")]


def test_what_cannot_be_previewed_says_so(tmp_path: Path) -> None:
    in_memory = ac.cluster({"a": (tone(0.3), 22050), "b": (tone(0.2), 22050)}, 1)
    with pytest.raises(ac.NothingExtractedError, match="a: unreadable"):
        in_memory.preview(0, tmp_path / "out.wav")
    result = clustered(tmp_path, {"a.wav": (tone(0.3), 22050)})
    for arguments, message in (
        ((1, "o.wav"), "cluster=1: expected an int from 0 to 0"),
        ((0, "o.xyz"), "expected a suffix such as .wav"),
    ):
        with pytest.raises(ac.ParameterError, match=message):
            result.preview(*arguments)
    for name, value in (("n", 0), ("seconds", 0), ("seconds", math.nan)):
        with pytest.raises(ac.ParameterError, match=f"{name}="):
            result.preview(0, tmp_path / "o.wav", **{name: value})


def test_a_long_file_is_not_kept_in_memory(tmp_path: Path) -> None:
    path = tmp_path / "long.wav"
    with soundfile.SoundFile(path, "w", 8000, 1, "PCM_16") as file:
        for _ in range(60):
            file.write(tone(60, 200, 8000))
    tracemalloc.start()
    loudest(ac.Item(str(path), 0.0, 3600.0), 1.0)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8e6  # Its samples are 115 MB.


# In a notebook


class Page(html.parser.HTMLParser):
    """Collects tags, their attributes, and text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, Any]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def of(self, tag: str) -> list[dict[str, Any]]:
        return [attributes for name, attributes in self.tags if name == tag]


def test_a_notebook_shows_a_waveform_and_a_player_for_each(
    library: list[str], tmp_path: Path
) -> None:
    result = ac.cluster(library, 6)
    shown = result.show(1, n=4)
    page = Page(shown._repr_html_())
    nearest = result.representatives(4)[1]
    assert len(page.of("svg")) == len(page.of("audio")) == 4
    assert "and 6 more" in page.text
    for item, player in zip(nearest, page.of("audio"), strict=True):
        assert os.path.basename(item.path) in page.text
        assert "controls" in player
        kind, data = player["src"].split(";base64,")
        assert kind == "data:audio/mpeg"
        y, sr = soundfile.read(io.BytesIO(base64.b64decode(data)))
        # An encoder pads by some thousand samples.
        assert len(y) / sr == pytest.approx(item.end - item.start, abs=0.15)
        source = soundfile.read(item.path)[0]
        assert np.abs(y).max() == pytest.approx(np.abs(source).max(), rel=0.3)
    assert not re.search(r"https?:|<script|<img|<link", page.rawdata + str(page.tags))


def test_a_waveform_goes_where_the_samples_go(tmp_path: Path) -> None:
    y = np.concatenate([np.zeros(8000), np.full(8000, 0.5), np.full(8000, -1.0)])
    result = clustered(tmp_path, {"y.wav": (y.astype(np.float32), 44100)})
    page = Page(result.show(0)._repr_html_())
    (box,), (polygon,) = page.of("svg"), page.of("polygon")
    _, _, width, height = map(float, box["viewbox"].split())
    points = np.array([p.split(",") for p in polygon["points"].split()], float)
    high, low = np.split(points, 2)
    thirds = [(0.02, 0.3), (0.36, 0.63), (0.7, 0.98)]
    for (start, end), level in zip(thirds, (0, 0.5, -1), strict=True):
        for side in (high, low):
            inside = side[(side[:, 0] > start * width) & (side[:, 0] < end * width), 1]
            np.testing.assert_allclose(inside, height / 2 * (1 - level), atol=0.06)


def test_names_are_escaped(tmp_path: Path) -> None:
    name = "<b onclick='x'>&\"\u202e.wav"
    result = clustered(tmp_path, {name: (tone(0.2), 22050)})
    text = result.show(0)._repr_html_()
    page = Page(text)
    assert "<b onclick='x'>&\"\\u202e.wav" in page.text
    assert "\u202e" not in text
    assert not [a for _, a in page.tags if "onclick" in a]
    assert page.of("span")[0]["title"].endswith('&"\\u202e.wav')


def test_of_a_long_sound_its_start_is_shown(tmp_path: Path) -> None:
    result = clustered(tmp_path, {"y.wav": (tone(5), 22050)})
    page = Page(result.show(0, seconds=2)._repr_html_())
    data = page.of("audio")[0]["src"].split(";base64,")[1]
    y, sr = soundfile.read(io.BytesIO(base64.b64decode(data)))
    assert len(y) / sr == pytest.approx(2, abs=0.15)
    assert "5.00 s, the first 2 s" in page.text


def test_a_sound_that_is_gone_is_said_to_be(tmp_path: Path) -> None:
    result = clustered(tmp_path, {f"{i}.wav": (tone(0.2), 22050) for i in range(2)})
    os.remove(result.items[0].path)
    page = Page(result.show(0)._repr_html_())
    assert len(page.of("audio")) == 1
    assert "unreadable" in page.text
    assert repr(result.show(0)) == "<cluster 0: 2 sounds, which a notebook shows>"


# With the system's player


@pytest.fixture
def player(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Programs named as the system's on a PATH that has no others; they write what they get."""
    folder = tmp_path / "bin"
    folder.mkdir()
    log = tmp_path / "played"
    for name in ("xdg-open", "open", "own-player"):
        program = folder / name
        code = (
            f"import os, shutil, sys; open({str(log)!r}, 'w').write('\\n'.join(sys.argv[1:]))"
        )
        program.write_text(f"#!{sys.executable}\n{code}\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("AUDIOCLUST_PLAYER", raising=False)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    return log


def paths_in(playlist: str) -> list[str]:
    lines = Path(playlist).read_text(encoding="utf-8").split("\n")
    assert lines[0] == "#EXTM3U"
    assert lines[-1] == ""
    named = [line for line in lines[1:-1] if not line.startswith("#")]
    return [unquote(urlparse(p).path) if p.startswith("file:") else p for p in named]


def test_the_systems_player_gets_a_playlist(
    library: list[str], player: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = ac.cluster(library, 6)
    playlist = result.play(4)
    assert player.read_text() == playlist
    assert playlist.endswith(".m3u8")
    nearest = [os.path.abspath(item.path) for item in result.representatives(10)[4]]
    assert paths_in(playlist) == nearest
    monkeypatch.setenv("AUDIOCLUST_PLAYER", "own-player --loop 'a b'")
    again = result.play(4)
    assert player.read_text().split("\n") == ["--loop", "a b", again]


def test_names_that_would_break_a_playlist_are_told_as_uris(tmp_path: Path) -> None:
    names = ["a\nb.wav", " c .wav", "#d.wav", "ü ,%41.wav", "e\udcff.wav"]
    items = [ac.Item(str(tmp_path / name), 0, 1) for name in names]
    items += [items[0], ac.Item(str(tmp_path / "f.wav "), 0, 1)]
    lines = list(playlist_lines(items))
    assert not any("\n" in line for line in lines)
    "\n".join(lines).encode("utf-8")
    (tmp_path / "list.m3u8").write_text("\n".join(lines) + "\n", encoding="utf-8")
    found = [
        os.fsencode(unquote(urlparse(p).path, errors="surrogateescape"))
        if p.startswith("file:")
        else os.fsencode(p)
        for p in lines
        if not p.startswith("#")
    ]
    # Each file once, although two hits are of the first.
    assert found == [os.fsencode(str(tmp_path / name)) for name in [*names, "f.wav "]]


def test_without_a_player_one_is_told_what_to_set(
    tmp_path: Path, player: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = clustered(tmp_path, {"a.wav": (tone(0.2), 22050)})
    monkeypatch.setenv("AUDIOCLUST_PLAYER", "no-such-player")
    with pytest.raises(ac.PlaybackError, match="no-such-player: .*AUDIOCLUST_PLAYER"):
        result.play(0)
    monkeypatch.setenv("AUDIOCLUST_PLAYER", f"{sys.executable} -c 'import sys; sys.exit(7)'")
    with pytest.raises(ac.PlaybackError, match="ended with status 7"):
        result.play(0)
    monkeypatch.setenv("AUDIOCLUST_PLAYER", "'")
    with pytest.raises(ac.ParameterError, match='AUDIOCLUST_PLAYER="\'": expected a command'):
        result.play(0)
    monkeypatch.delenv("AUDIOCLUST_PLAYER")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(
        ac.PlaybackError, match="there is no player: set AUDIOCLUST_PLAYER"
    ) as why:
        result.play(0)
    kept = str(why.value).rsplit(" ", 1)[-1]
    assert paths_in(kept) == [str(tmp_path / "a.wav")]


def test_sounds_that_are_no_files_cannot_be_played(player: Path) -> None:
    result = ac.cluster({"a": (tone(0.3), 22050)}, 1)
    with pytest.raises(ac.PlaybackError, match="none of 1 files is there, the first being a:"):
        result.play(0)
    assert not player.exists()


# From the command line


def run(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [str(SCRIPT), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False)


@pytest.fixture(scope="module")
def written(library: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("json") / "result.json"
    ac.cluster(library, 6).to_json(path)
    return path


def test_a_written_result_can_be_played(
    library: list[str], written: Path, player: Path
) -> None:
    done = run("play", written, 5)
    assert (done.returncode, done.stderr) == (0, "")
    playlist = player.read_text()
    assert done.stdout == f"Playing 10 files: {playlist}\n"
    nearest = ac.cluster(library, 6).representatives(10)[5]
    assert paths_in(playlist) == [os.path.abspath(item.path) for item in nearest]
    assert items_of(written, 5) == list(nearest)


def test_a_written_result_can_be_previewed(written: Path, player: Path, tmp_path: Path) -> None:
    done = run("play", written, 0, "--preview", tmp_path / "p.wav")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"Wrote 10 excerpts to {tmp_path / 'p.wav'}\n"
    assert soundfile.info(tmp_path / "p.wav").frames > RATE
    assert not player.exists()


def test_the_command_says_what_is_wrong(
    written: Path, player: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other.json"
    gone = tmp_path / "gone.json"
    document = json.loads(written.read_text())
    document["items"] = [{**item, "path": "gone.wav"} for item in document["items"]]
    gone.write_text(json.dumps(document))
    for text in ("no JSON", "[]", "{}", '{"items": [{}], "k": 1}'):
        other.write_text(text)
        done = run("play", other, 0)
        assert done.returncode == 2
        assert "expected a file that 'audioclust cluster --json FILE' wrote" in done.stderr
        assert "Traceback" not in done.stderr
    assert run("play", written, 6).returncode == 2
    assert run("play", tmp_path / "nothing.json", 0).returncode == 1
    done = run("play", gone, 0)
    assert done.returncode == 1
    assert done.stderr.startswith("Error: none of 10 files is there, the first being gone.wav")
    monkeypatch.setenv("PATH", str(tmp_path))
    done = run("play", written, 0)
    assert done.returncode == 1
    assert done.stderr.startswith("Error: there is no player: set AUDIOCLUST_PLAYER")
