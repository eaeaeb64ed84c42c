"""Playlists name the files that they should, whatever these are called, to any reader."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import get_args
from urllib.parse import unquote, unquote_to_bytes, urljoin, urlsplit
from xml.etree import ElementTree

import m3u8
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from audioclust.errors import ParameterError
from audioclust.export.playlists.entries import Entry, PathKind, Playlist
from audioclust.export.playlists.formats import PlaylistFormat, write_playlist
from audioclust.export.playlists.tags import Tags, read_tags

XSPF = {"x": "http://xspf.org/ns/0/"}

NAMES = st.binary(min_size=1, max_size=80).filter(
    lambda name: not {b"\0"[0], b"/"[0]} & set(name) and name not in (b".", b"..")
)

HOSTILE = [
    b"a\nb.wav",
    b"a\r\n#EXTINF:1,b\nc.wav",
    b"#d.wav",
    b"#EXTM3U",
    b" e .wav ",
    b"\tf.wav",
    b"g%41.wav",
    b"h?i=1#j.wav",
    b"k\\l.wav",
    b"m\xff\xfe.wav",
    b"http:",
    b"file:",
    b"C:n.wav",
    b"RTSPtext",
    b"-o.wav",
    b"~p.wav",
    "\u202eq\u200f\u2028\x85\u00a0.wav".encode(),
    b"'\"&<>]]>.wav",
    b"r" * 251 + b".wav",
    b"\xef\xbb\xbfs.wav",
    b"$t`{}*[].wav",
]


def as_paths(line: str, playlist: str) -> str:
    """What mpv and foobar2000 make of a line: a path, letter by letter, or a URL."""
    if "://" in line:
        assert line.startswith("file:///")
        return os.fsdecode(unquote_to_bytes(line.removeprefix("file://")))
    return os.path.join(os.path.dirname(playlist), line)


def as_references(line: str, playlist: str) -> str:
    """What VLC makes of a line: a reference to be resolved, as in RFC 3986."""
    assert not {"[", "]"} & set(
        line
    )  # RFC 3986 has no brackets in paths, and VLC refuses them.
    split = urlsplit(urljoin(Path(playlist).as_uri(), line))
    assert (split.scheme, split.netloc, split.query, split.fragment) == ("file", "", "", "")
    return os.fsdecode(unquote_to_bytes(split.path))


def lines_of(playlist: str) -> list[str]:
    """The lines that name files, to readers that strip them and skip comments."""
    text = Path(playlist).read_bytes().decode("utf-8")
    stripped = [line.strip() for line in text.splitlines()]
    return [line for line in stripped if line and not line.startswith("#")]


def locations_of(playlist: str) -> list[str]:
    """The files that an XSPF playlist names."""
    tracks = ElementTree.parse(playlist).getroot().findall("x:trackList/x:track", XSPF)
    found = []
    for track in tracks:
        location = track.findtext("x:location", namespaces=XSPF)
        assert location is not None
        assert location.isascii()
        found.append(as_references(location, playlist))
    return found


def check_names(names: list[bytes], kind: PathKind) -> None:
    """Check that both formats name files of these names, once as files, once as folders."""
    with tempfile.TemporaryDirectory() as made:
        root = os.path.realpath(made)
        os.makedirs(os.path.join(root, "lists"))
        paths = []
        for number, name in enumerate(names):
            called = os.fsdecode(name)
            in_folder = os.path.join("lists", os.fsdecode(b"in " + name[:200]), "a.wav")
            for below in (os.path.join(f"as file {number}", called), in_folder):
                path = os.path.join(root, below)
                os.makedirs(os.path.dirname(path), exist_ok=True)
                Path(path).touch()
                paths.append(path)
            beside = os.path.join(root, "lists", called)
            if not os.path.exists(beside):
                Path(beside).touch()
                paths.append(beside)
        m3u, xspf = (os.path.join(root, "lists", f"l.{suffix}") for suffix in ("m3u8", "xspf"))
        playlist = Playlist([Entry(path, 1.5) for path in paths], "l", kind, paths)
        write_playlist(playlist, m3u, "m3u8")
        write_playlist(playlist, xspf, "xspf")
        lines = lines_of(m3u)
        parsed = m3u8.load(m3u).segments
        assert [segment.uri for segment in parsed] == lines
        assert [segment.duration for segment in parsed] == [2.0] * len(paths)
        for read in (as_paths, as_references):
            found = [read(line, m3u) for line in lines]
            assert len(found) == len(paths)
            assert all(map(os.path.samefile, found, paths))
        found = locations_of(xspf)
        assert len(found) == len(paths)
        assert all(map(os.path.samefile, found, paths))


@pytest.mark.parametrize("kind", ["relative", "absolute"])
def test_hostile_names_are_the_same_files_to_all_readers(kind: PathKind) -> None:
    check_names(HOSTILE, kind)


@given(NAMES, st.sampled_from(["relative", "absolute"]))
@example(b"%2e%2e", "relative")
def test_any_name_is_the_same_file_to_all_readers(name: bytes, kind: PathKind) -> None:
    check_names([name], kind)


def test_usual_names_stay_readable_and_relative(tmp_path: Path) -> None:
    names = ["a b.wav", "Ünü & (x), {y}.flac", "春はゆく.mp3", "it's 12:30.ogg"]
    entries = [Entry(str(tmp_path / "sub" / name)) for name in names]
    entries.append(Entry(str(tmp_path.parent / "up.wav")))
    write_playlist(Playlist(entries, paths="relative"), str(tmp_path / "l.m3u8"), "m3u8")
    assert lines_of(str(tmp_path / "l.m3u8")) == [
        *(f"./sub/{name}" for name in names),
        "../up.wav",
    ]


def test_links_on_the_way_do_not_lead_astray(tmp_path: Path) -> None:
    (tmp_path / "real" / "deep" / "lists").mkdir(parents=True)
    (tmp_path / "real" / "sounds").mkdir()
    (tmp_path / "linked").symlink_to(tmp_path / "real" / "deep" / "lists")
    (tmp_path / "also").symlink_to(tmp_path / "real" / "sounds")
    sound = tmp_path / "real" / "sounds" / "a.wav"
    sound.touch()
    entries = [Entry(str(sound)), Entry(str(tmp_path / "also" / "..") + "/sounds/a.wav")]
    for folder in (tmp_path / "linked", tmp_path / "real" / "deep" / "lists"):
        playlist = str(folder / "l.m3u8")
        write_playlist(Playlist(entries, paths="relative"), playlist, "m3u8")
        for line in lines_of(playlist):
            for read in (as_paths, as_references):
                assert os.path.samefile(read(line, playlist), sound)


@pytest.mark.parametrize("artist", ["", "A\nB", "#EXTINF:3,C", "\u202eD\0", "E - F"])
def test_tags_stay_on_their_line(tmp_path: Path, artist: str) -> None:
    entries = [Entry(str(tmp_path / "a.wav"), 61.4, "T\r\n./other.wav ]]>&\x1b\udcff", artist)]
    write_playlist(Playlist(entries), str(tmp_path / "l.m3u8"), "m3u8")
    (segment,) = m3u8.load(str(tmp_path / "l.m3u8")).segments
    assert segment.uri == str(tmp_path / "a.wav")
    assert segment.duration == 61
    assert len((tmp_path / "l.m3u8").read_text("utf-8").splitlines()) == 3
    write_playlist(Playlist(entries, "x\x07\ud800"), str(tmp_path / "l.xspf"), "xspf")
    root = ElementTree.parse(tmp_path / "l.xspf").getroot()
    (track,) = root.findall("x:trackList/x:track", XSPF)
    assert track.findtext("x:duration", namespaces=XSPF) == "61400"
    assert (track.findtext("x:title", namespaces=XSPF) or "").startswith("T\n./other.wav ]]>&")
    assert bool(track.findall("x:creator", XSPF)) == bool(artist)


def test_a_length_that_is_not_known_is_left_out(tmp_path: Path) -> None:
    playlist = Playlist([Entry(str(tmp_path / "a.wav"))])
    write_playlist(playlist, str(tmp_path / "l.m3u8"), "m3u8")
    assert "#EXTINF:-1,a.wav" in (tmp_path / "l.m3u8").read_text()
    write_playlist(playlist, str(tmp_path / "l.xspf"), "xspf")
    assert "duration" not in (tmp_path / "l.xspf").read_text()


@pytest.mark.parametrize("kind", get_args(PlaylistFormat))
def test_no_sound_is_replaced(tmp_path: Path, kind: PlaylistFormat) -> None:
    sound = tmp_path / "l.m3u8"
    sound.write_bytes(b"a sound")
    with pytest.raises(ParameterError, match="one of the recordings"):
        write_playlist(Playlist([Entry(str(sound))], inputs=[str(sound)]), str(sound), kind)
    assert sound.read_bytes() == b"a sound"


def id3(title: bytes, artist: bytes) -> bytes:
    """An ID3v2.3 tag with two frames in Latin-1."""
    frames = b"".join(
        kind + (len(text) + 1).to_bytes(4, "big") + b"\0\0\0" + text
        for kind, text in ((b"TIT2", title), (b"TPE1", artist))
    )
    size = len(frames)
    syncsafe = bytes((size >> shift) & 127 for shift in (21, 14, 7, 0))
    return b"ID3\x03\0\0" + syncsafe + frames


def test_tags_are_read_and_brought_to_one_short_line(tmp_path: Path) -> None:
    path = tmp_path / "a.mp3"
    path.write_bytes(id3(b"A\nTune  ", b"x" * 5000))
    assert read_tags(str(path)) == Tags("A Tune", "x" * 199 + "…")


def test_what_has_no_tags_has_none(tmp_path: Path) -> None:
    assert read_tags(str(tmp_path / "missing.mp3")) == Tags()
    os.mkfifo(tmp_path / "pipe.mp3")
    assert read_tags(str(tmp_path / "pipe.mp3")) == Tags()
    whole = id3(b"title", b"artist")
    for cut in range(len(whole)):
        (tmp_path / "cut.mp3").write_bytes(whole[:cut])
        assert isinstance(read_tags(str(tmp_path / "cut.mp3"), length=True), Tags)


@given(st.binary(max_size=200), st.sampled_from([b"ID3\x04\0\0", b"fLaC", b"OggS", b"RIFF"]))
def test_no_bytes_make_reading_tags_fail(noise: bytes, magic: bytes) -> None:
    with tempfile.NamedTemporaryFile(suffix=".mp3") as file:
        file.write(magic + noise)
        file.flush()
        assert isinstance(read_tags(file.name, length=True), Tags)


def test_uris_are_plain(tmp_path: Path) -> None:
    write_playlist(
        Playlist([Entry(str(tmp_path / "a%b.wav"))]), str(tmp_path / "l.m3u8"), "m3u8"
    )
    (line,) = lines_of(str(tmp_path / "l.m3u8"))
    assert unquote(line) == f"file://{tmp_path}/a%b.wav"
