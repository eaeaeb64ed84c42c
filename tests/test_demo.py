"""The demo's sounds are written once, and replace nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from audioclust.demo import synthesize


def test_sounds_that_are_there_stay_as_they_are(tmp_path: Path) -> None:
    paths = synthesize(str(tmp_path), each=5)
    before = {path: Path(path).read_bytes() for path in paths}
    assert synthesize(str(tmp_path), each=5) == paths
    assert {path: Path(path).read_bytes() for path in paths} == before
    assert len(list(tmp_path.iterdir())) == len(paths)


def test_a_file_of_the_users_is_not_replaced(tmp_path: Path) -> None:
    own = tmp_path / "kick_00.wav"
    own.write_bytes(b"mine")
    with pytest.raises(FileExistsError, match="kick_00"):
        synthesize(str(tmp_path), each=1)
    assert own.read_bytes() == b"mine"
