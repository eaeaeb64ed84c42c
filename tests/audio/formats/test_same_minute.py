"""The same minute of music in many formats is the same sound to the default features."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from support.encodes import encode

import audioclust as ac

LOSSLESS: dict[str, tuple[str, ...]] = {
    "a.flac": (),
    "a.oga": ("-c:a", "flac", "-f", "ogg"),
    "flac.mka": ("-c:a", "flac"),
    "a.m4a": ("-c:a", "alac"),
    "a.aiff": (),
    "a.caf": ("-c:a", "pcm_s16be"),
}
LOSSY: dict[str, tuple[str, ...]] = {
    "a.mp3": ("-c:a", "libmp3lame", "-b:a", "320k"),
    "a.ogg": ("-c:a", "libvorbis", "-q:a", "5"),
    "vorbis.webm": ("-c:a", "libvorbis", "-q:a", "5"),
    "aac.m4a": ("-c:a", "aac", "-b:a", "192k"),
    "a.aac": ("-c:a", "aac", "-b:a", "192k"),
    "a.opus": ("-c:a", "libopus", "-b:a", "96k"),
    "opus.webm": ("-c:a", "libopus", "-b:a", "96k"),
}

MOST, MOST_OF_OPUS = 0.25, 0.45
"""How far an encode may be from its source, in distances to the nearest other piece. What
docs/formats.md says of all eleven pieces is the reason for these: Opus at 96 kbit/s fills the
gaps between partials with noise, which spectral contrast hears."""

PIECES = (0, 3, 5, 7)


@pytest.fixture(scope="module")
def pieces(minutes: list[Path]) -> ac.FeatureTable:
    return ac.extract(minutes)


@pytest.mark.timeout(900)
def test_an_encode_is_nearest_to_its_source(
    minutes: list[Path], pieces: ac.FeatureTable, tmp_path: Path
) -> None:
    assert len(minutes) == 11
    scaler = ac.Scaler.fit(pieces.values, "standard")
    scaled = scaler.transform(pieces.values)
    for number in PIECES:
        for name, options in {**LOSSLESS, **LOSSY}.items():
            encode(minutes[number], tmp_path / name, *options)
        paths = [tmp_path / name for name in (*LOSSLESS, *LOSSY)]
        encodes = ac.extract(paths)
        assert [item.path for item in encodes.items] == list(map(str, paths))
        assert not any(item.warnings for item in encodes.items)
        for name, row in zip(LOSSLESS, encodes.values, strict=False):
            np.testing.assert_array_equal(row, pieces.values[number], err_msg=name)
        distances = np.linalg.norm(
            scaler.transform(encodes.values)[:, None] - scaled[None], axis=2
        )
        others = np.delete(distances, number, axis=1).min(axis=1)
        shares = distances[:, number] / others
        for name, share in zip([*LOSSLESS, *LOSSY], shares, strict=True):
            assert share <= (MOST_OF_OPUS if "opus" in name else MOST), (number, name)
