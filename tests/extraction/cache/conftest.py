"""Sounds, a place for a cache, and a count of what is decoded."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.cached import Decoded, Sounds, counting


@pytest.fixture
def sounds(tmp_path: Path) -> Sounds:
    """Eight files: six sounds, one that ends early, and one that is none."""
    return Sounds(tmp_path / "sounds")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Where a cache may be."""
    return tmp_path / "kept" / "rows.sqlite"


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> Decoded:
    """The names of the files that are computed."""
    return counting(monkeypatch)
