"""The system's player gets a playlist of a cluster's files, or the user learns what to do."""

from __future__ import annotations

import json
import math
import os
import pickle
import stat
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote, urlparse

import pytest
import soundfile
from support.listening import clustered
from support.sounds import tone

import audioclust as ac
from audioclust.export.playlists.m3u8 import m3u8_lines
from audioclust.listening.excerpts import RATE
from audioclust.listening.player import play_items, playlist_of, saved_cluster

SCRIPT = Path(sys.executable).with_name("audioclust")


@pytest.fixture
def player(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stands in for the system's players: programs that write their arguments to a file."""
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


def test_names_that_would_break_a_playlist_are_written_as_uris(tmp_path: Path) -> None:
    names = ["a\nb.wav", " c .wav", "#d.wav", "ü ,%41.wav", "e\udcff.wav"]
    items = [ac.Item(str(tmp_path / name), 0, 1) for name in names]
    items += [items[0], ac.Item(str(tmp_path / "f.wav "), 0, 1)]
    lines = list(m3u8_lines(playlist_of(items)))
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


def test_without_a_player_the_error_says_what_to_set(
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
    with pytest.raises(ac.PlaybackError, match="given in memory"):
        result.play(0)
    assert not player.exists()


def test_relative_paths_are_found_from_another_folder(
    tmp_path: Path, player: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sounds, other = tmp_path / "sounds", tmp_path / "other"
    sounds.mkdir()
    other.mkdir()
    soundfile.write(sounds / "a.wav", tone(0.3), 22050)
    monkeypatch.chdir(sounds)
    result = ac.cluster(["a.wav"], 1)
    spans = ac.segment("a.wav", k=1, window=0.1)
    result.to_json(tmp_path / "groups.json")
    monkeypatch.chdir(other)
    # A file of that name is another one here.
    soundfile.write(other / "a.wav", tone(0.1), 22050)
    for table in (result, pickle.loads(pickle.dumps(result))):
        assert paths_in(table.play(0)) == [str(sounds / "a.wav")]
        made = table.preview(0, other / "p.wav")
        assert [(e.path, e.end) for e in made.excerpts] == [("a.wav", pytest.approx(0.3))]
        assert "0.30 s" in table.show(0)._repr_html_()
        assert "No such file" not in table.show(0)._repr_html_()
    spans.write_audio(0, other / "spans.wav")
    assert soundfile.info(other / "spans.wav").duration == pytest.approx(0.3)
    for write in (result.to_csv, spans.to_csv, lambda path: spans.write_audio(0, path)):
        with pytest.raises(ac.ParameterError, match="one of the recordings"):
            write(sounds / "a.wav")
    done = run("play", tmp_path / "groups.json", 0, "--preview", "q.wav", cwd=other)
    assert (done.returncode, done.stderr) == (0, "")
    assert (other / "q.wav").read_bytes() == (other / "p.wav").read_bytes()
    assert run("play", tmp_path / "groups.json", 0, cwd=other).returncode == 0
    done = run("play", tmp_path / "groups.json", 0, "--preview", sounds / "a.wav", cwd=other)
    assert done.returncode == 2
    assert "one of the recordings" in done.stderr


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
    assert saved_cluster(written, 5).items == nearest


def test_a_cluster_can_be_played_by_its_name(
    library: list[str], player: Path, tmp_path: Path
) -> None:
    named = ac.cluster(library, 6).rename({5: "the last", 1: "1st"})
    named.to_json(tmp_path / "r.json")
    named.save(tmp_path / "r.audioclust")
    expected = [os.path.abspath(item.path) for item in named.representatives(10)[5]]
    for kept in ("r.json", "r.audioclust"):
        for cluster in ("the last", 5):
            done = run("play", tmp_path / kept, cluster)
            assert (done.returncode, done.stderr) == (0, "")
            assert paths_in(player.read_text()) == expected
        done = run("play", tmp_path / kept, "the first")
        assert done.returncode == 2
        assert "cluster='the first': expected a number or a name" in done.stderr
        assert run("play", tmp_path / kept, 6).returncode == 2


def test_items_without_an_end_can_be_played(tmp_path: Path) -> None:
    table = ac.FeatureTable.from_array([[1.0], [2.0]], ["a.wav", "b.wav"], ["x"])
    ac.cluster(table, 1).to_json(tmp_path / "r.json")
    items = saved_cluster(tmp_path / "r.json", 0).items
    assert sorted(items) == [("a.wav", 0.0, math.inf), ("b.wav", 0.0, math.inf)]


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
        assert run("play", other, "kicks").returncode == 2
        assert "Traceback" not in done.stderr
    assert run("play", written, 6).returncode == 2
    assert run("play", tmp_path / "nothing.json", 0).returncode == 1
    done = run("play", gone, 0)
    assert done.returncode == 1
    assert done.stderr.startswith(
        f"Error: none of 10 files is there, the first being {Path('gone.wav').resolve()}"
    )
    monkeypatch.setenv("PATH", str(tmp_path))
    done = run("play", written, 0)
    assert done.returncode == 1
    assert done.stderr.startswith("Error: there is no player: set AUDIOCLUST_PLAYER")


def test_players_get_the_addresses_that_they_can_open(player: Path) -> None:
    urls = ("https://h/a b.mp3", "s3://bucket/a.mp3", "https://***@h/secret.mp3")
    items = [ac.Item(url, 0.0, 1.0) for url in urls]
    lines = Path(play_items(items, "")).read_text("utf-8").splitlines()
    assert [line for line in lines if not line.startswith("#")] == ["https://h/a%20b.mp3"]
    for alone in items[1:]:
        with pytest.raises(ac.errors.PlaybackError, match="cannot open files elsewhere"):
            play_items([alone], "")
