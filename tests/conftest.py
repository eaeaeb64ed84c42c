"""What several tests share: the demo library, and the shared data where it is at hand."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from audioclust.demo import synthesize

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROOT = Path(__file__).parent.parent
DATA = Path(os.environ.get("AUDIOCLUST_TEST_DATA", ROOT.parent / "shared" / "data"))

# The CLI under test must not take a test runner's terminal settings for its own.
os.environ.pop("FORCE_COLOR", None)


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of real audio; without it a test is skipped, which CI does not accept."""
    if DATA.is_dir():
        return DATA
    if os.environ.get("CI"):
        pytest.fail(f"CI needs the shared data, which is not at {DATA}")
    pytest.skip(f"no shared data at {DATA}; AUDIOCLUST_TEST_DATA names another place")


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """60 synthetic sounds of six kinds, in several formats."""
    return synthesize(str(tmp_path_factory.mktemp("library")))


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def tone(
    seconds: float = 1.0, frequency: float = 440.0, sr: int = 22050
) -> NDArray[np.float32]:
    t = np.arange(int(seconds * sr)) / sr
    return (0.5 * np.sin(2 * np.pi * frequency * t)).astype(np.float32)
