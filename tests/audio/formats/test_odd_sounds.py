"""Of malformed and unusual files, all that can be read is read, and as what it is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from support.encodes import ffmpeg_decoded, likeness

from audioclust.audio.decoding import decoders
from audioclust.audio.decoding.decoders import DECODERS, open_stream
from audioclust.audio.recording import Recording
from audioclust.errors import DecodeError

NOT_WITHOUT_FFMPEG = (b"wvpk", b"MAC ", b"OFR ", b"tBaK")
"""What files of formats begin with that another decoder took for noise in other formats."""

N_COMPARED = 50_000


class Decoded(NamedTuple):
    y: np.ndarray
    sr: int
    warnings: list[str]


def decoded(path: Path) -> Decoded | DecodeError:
    try:
        with open_stream(Recording(str(path))) as stream:
            blocks = list(stream.blocks)
            y = np.concatenate(blocks) if blocks else np.empty((0, 1), np.float32)
            return Decoded(y, stream.sr, [warning.message for warning in stream.warnings])
    except DecodeError as why:
        return why


@pytest.fixture(scope="module")
def odd(data: Path) -> dict[Path, Decoded | DecodeError]:
    """What comes of each odd file without the extra."""
    own = tuple(decoder for decoder in DECODERS if decoder.requires is None)
    assert len(own) == len(DECODERS) - 1
    paths = sorted(p for p in (data / "odd").rglob("*") if p.is_file() and p.suffix != ".tsv")
    assert len(paths) == 269
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decoders, "DECODERS", own)
        return {path: decoded(path) for path in paths}


def test_all_that_another_decoder_reads_is_read(
    data: Path, odd: dict[Path, Decoded | DecodeError]
) -> None:
    lines = (data / "odd" / "baseline.tsv").read_text().splitlines()[1:]
    read = {data / "odd" / line.split("\t")[0] for line in lines if _has_frames(line)}
    assert len(read) > 150
    refused = [path for path in read if not isinstance(odd[path], Decoded)]
    for path in refused:
        assert path.read_bytes().startswith(NOT_WITHOUT_FFMPEG), (path, odd[path])
        why = odd[path]
        assert isinstance(why, DecodeError)
        assert why.kind == "unsupported"
    assert len(refused) == 11


def _has_frames(line: str) -> bool:
    """Tell whether one of the decoders of a line found sound."""
    found = [re.search(r"frames=(\d+)", cell) for cell in line.split("\t")[3:5]]
    return any(int(match[1]) > 0 for match in found if match)


def test_nothing_is_taken_for_other_sound(
    ffmpeg: None, odd: dict[Path, Decoded | DecodeError]
) -> None:
    compared = 0
    for path, ours in odd.items():
        # Streams that break the standard on purpose are decoded differently everywhere.
        if not isinstance(ours, Decoded) or "nonstandard" in path.name:
            continue
        judged = ffmpeg_decoded(path)
        if judged is None or min(len(judged[0]), len(ours.y)) < 1000:
            continue
        theirs, sr = judged
        if not (ours.y[:N_COMPARED].any() and theirs[:N_COMPARED].any()):
            continue
        compared += 1
        assert ours.sr == sr, path
        assert ours.y.shape[1] == theirs.shape[1], path
        assert likeness(ours.y[:N_COMPARED], theirs[:N_COMPARED]) > 0.95, path
    assert compared >= 100


def test_flac_that_every_decoder_should_read_is_exact(
    ffmpeg: None, odd: dict[Path, Decoded | DecodeError]
) -> None:
    subset = [path for path in odd if path.match("subset__*.flac")]
    assert len(subset) == 40
    for path in subset:
        ours, judged = odd[path], ffmpeg_decoded(path)
        assert isinstance(ours, Decoded)
        assert judged is not None
        np.testing.assert_array_equal(ours.y, judged[0], err_msg=path.name)
        assert ours.warnings == []


def test_a_partial_read_says_so(odd: dict[Path, Decoded | DecodeError]) -> None:
    by_name = {path.name.removeprefix("tests__data__"): found for path, found in odd.items()}
    whole = by_name["variable-block.flac"]
    assert isinstance(whole, Decoded)
    (words,) = whole.warnings
    assert re.match(r"\d+\.\d\d s (of the .* promises )?could be decoded: ", words)
