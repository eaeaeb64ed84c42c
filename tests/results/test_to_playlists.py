"""Clusters as playlists: which files, in which order, and how many of them."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes, urljoin, urlsplit
from xml.etree import ElementTree

import m3u8
import numpy as np
import pytest
import soundfile
from support.sounds import tone

import audioclust as ac
from audioclust.clustering.ordering.path import length_of


@pytest.fixture(scope="module")
def result(library: list[str]) -> ac.Clustering:
    return ac.cluster(library, 6)


def files_in(playlist: str) -> list[str]:
    folder = os.path.dirname(playlist)
    found = [str(segment.uri) for segment in m3u8.load(playlist).segments]
    return [os.path.normpath(os.path.join(folder, name)) for name in found]


def test_each_cluster_gets_all_its_files(result: ac.Clustering, tmp_path: Path) -> None:
    written = result.to_playlists(tmp_path / "lists")
    assert written == {c: str(tmp_path / "lists" / f"cluster {c}.m3u8") for c in range(6)}
    for cluster, path in written.items():
        assert sorted(files_in(path)) == sorted(item.path for item in result[cluster])
        assert not any("://" in str(segment.uri) for segment in m3u8.load(path).segments)


def test_lengths_are_those_that_were_decoded(result: ac.Clustering, tmp_path: Path) -> None:
    ends = {item.path: item.end for item in result.items}
    for path in result.to_playlists(tmp_path).values():
        segments = m3u8.load(path).segments
        for segment, file in zip(segments, files_in(path), strict=True):
            assert segment.duration == round(ends[file])


def test_orders(result: ac.Clustering, tmp_path: Path) -> None:
    rows = dict(zip(result.paths, result.scaled, strict=True))
    by_order: dict[str, list[str]] = {}
    for order in ("alike", "name", "typical"):
        written = result.to_playlists(tmp_path / order, order=order, format="m3u8")
        by_order[order] = files_in(written[0])
        again = result.to_playlists(tmp_path / "again", order=order)
        assert Path(again[0]).read_text().count("\n") == Path(written[0]).read_text().count(
            "\n"
        )
        assert files_in(again[0]) == by_order[order]
    assert by_order["name"] == sorted(by_order["name"])
    nearest = [item.path for item in result.representatives(len(result[0]))[0]]
    assert by_order["typical"] == nearest
    assert by_order["alike"][0] == nearest[0]
    lengths = {
        order: length_of(np.array([rows[file] for file in files]), np.arange(len(files)))
        for order, files in by_order.items()
    }
    assert lengths["alike"] < min(lengths["name"], lengths["typical"])


def test_the_most_typical_that_fit_are_taken(result: ac.Clustering, tmp_path: Path) -> None:
    ends = {item.path: item.end for item in result.items}
    nearest = [item.path for item in result.representatives(99)[0]]
    longest = sum(ends[file] for file in nearest[:3]) + 1e-9
    written = result.to_playlists(tmp_path, order="typical", max_length=longest)
    assert files_in(written[0])[:3] == nearest[:3]
    for cluster, path in written.items():
        taken = files_in(path)
        total = sum(ends[file] for file in taken)
        assert total <= longest
        left = {item.path for item in result[cluster]} - set(taken)
        # What was left out does not fit, not even the shortest.
        assert all(total + ends[file] > longest for file in left)
    alike = result.to_playlists(tmp_path, max_length=longest)
    assert sorted(files_in(alike[0])) == sorted(files_in(written[0]))
    assert not result.to_playlists(tmp_path / "none", max_length=1e-6)


def test_small_clusters_get_none(result: ac.Clustering, tmp_path: Path) -> None:
    sizes = {c: len(result[c]) for c in range(6)}
    least = sizes[2]
    written = result.to_playlists(tmp_path, min_size=least)
    assert set(written) == {c for c, size in sizes.items() if size >= least}


def test_names_and_noise(result: ac.Clustering, tmp_path: Path) -> None:
    labels = result.labels.copy()
    out = int(np.flatnonzero(labels == 1)[0])
    labels[out] = -1
    named = replace(result, labels=labels, names={1: "a/b\n"}, unassigned="noise")
    written = named.to_playlists(tmp_path, format="xspf")
    assert os.path.basename(written[1]) == "1 a_b_.xspf"
    tree = ElementTree.parse(written[1]).getroot()
    assert tree.findtext("{http://xspf.org/ns/0/}title") == "a/b\n"
    assert len([*tree.iter("{http://xspf.org/ns/0/}track")]) == len(result[1]) - 1


def test_other_files_stay_and_playlists_are_replaced(
    result: ac.Clustering, tmp_path: Path
) -> None:
    for name in ("cluster 0.m3u8", "cluster 9.m3u8", "other.txt"):
        (tmp_path / name).write_text("old")
    result.to_playlists(tmp_path)
    assert (tmp_path / "cluster 9.m3u8").read_text() == "old"
    assert (tmp_path / "other.txt").read_text() == "old"
    assert (tmp_path / "cluster 0.m3u8").read_text().startswith("#EXTM3U\n")
    assert len([*tmp_path.iterdir()]) == 8


def test_any_name_goes_through_clustering_into_a_playlist(tmp_path: Path) -> None:
    names = [b"a\nb.wav", b"#c%41.wav", b" \xff?.wav", b"x" * 251 + b".wav", b"[d] e\\.wav"]
    names += ["\u202ef \u200f.wav".encode(), b"http:.wav"]
    (tmp_path / "sounds").mkdir()
    for n, name in enumerate(names):
        with open(os.path.join(os.fsencode(tmp_path), b"sounds", name), "wb") as file:
            soundfile.write(file, tone(0.1 + n / 100), 22050, format="WAV")
    result = ac.cluster(tmp_path / "sounds", 1, features=["rms"])
    assert len(result.items) == len(names)
    for suffix in ("m3u8", "xspf"):
        (path,) = result.to_playlists(tmp_path, format=suffix, order="name").values()
        if suffix == "m3u8":
            named = [str(segment.uri) for segment in m3u8.load(path).segments]
        else:
            found = ElementTree.parse(path).getroot().iter("{http://xspf.org/ns/0/}location")
            named = [str(location.text) for location in found]
        resolved = [urlsplit(urljoin(Path(path).as_uri(), name)).path for name in named]
        files = [os.fsdecode(unquote_to_bytes(name)) for name in resolved]
        assert sorted(files) == sorted(result.paths)


def test_no_sound_is_replaced(tmp_path: Path) -> None:
    sound = tmp_path / "cluster 0.m3u8"  # A file is decoded whatever its suffix.
    soundfile.write(sound, tone(0.5), 22050, format="WAV")
    before = sound.read_bytes()
    result = ac.cluster([sound], 1)
    with pytest.raises(ac.ParameterError, match="which is one of the recordings"):
        result.to_playlists(tmp_path)
    assert sound.read_bytes() == before
    assert list(result.to_playlists(tmp_path, format="xspf")) == [0]


def test_a_part_of_a_file_has_the_length_of_the_file(tmp_path: Path) -> None:
    for n in range(2):
        soundfile.write(tmp_path / f"{n}.wav", tone(3.0), 22050)
    result = ac.cluster(tmp_path, 1, preparation=ac.Preparation(offset=1.0, duration=0.5))
    (path,) = result.to_playlists(tmp_path / "lists", max_length=3.5).values()
    (segment,) = m3u8.load(path).segments
    assert segment.duration == 3
    (tmp_path / "0.wav").unlink()
    (tmp_path / "1.wav").unlink()
    # Files that are gone are named all the same, but nobody knows how long they are.
    (path,) = result.to_playlists(tmp_path / "lists").values()
    assert [segment.duration for segment in m3u8.load(path).segments] == [-1, -1]
    assert not result.to_playlists(tmp_path / "lists", max_length=100)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"format": "pls"}, "format='pls': expected one of m3u8, xspf"),
        ({"order": "random"}, "order='random': expected one of alike, name, typical"),
        ({"paths": "short"}, "paths='short': expected one of relative, absolute"),
        ({"max_length": 0}, "max_length=0: expected a finite number above 0"),
        ({"min_size": 0}, "min_size=0: expected an int from 1"),
        ({"folder": ""}, "folder='': expected"),
    ],
)
def test_arguments_are_checked(
    result: ac.Clustering, tmp_path: Path, given: dict[str, Any], message: str
) -> None:
    with pytest.raises(ac.ParameterError, match=message):
        result.to_playlists(**{"folder": tmp_path / "lists", **given})
    assert not (tmp_path / "lists").exists()


def test_what_is_no_whole_file_is_refused(tmp_path: Path) -> None:
    in_memory = ac.cluster({"a": (tone(0.3), 22050)}, 1)
    table = ac.FeatureTable.from_array(
        np.eye(3), [("a.wav", 0, 1), ("a.wav", 1, 2), ("b.wav", 0, 1)], ["x", "y", "z"]
    )
    for result, message in ((in_memory, "in memory"), (ac.cluster(table, 1), "has 2 items")):
        with pytest.raises(ac.ParameterError, match=message):
            result.to_playlists(tmp_path / "lists")
        with pytest.raises(ac.ParameterError, match=message):
            result.organize(tmp_path / "lists")
    assert not (tmp_path / "lists").exists()
