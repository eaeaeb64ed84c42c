"""What several tests share: the demo library, and the shared data where it is at hand."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from support.data import DATA

from audioclust.demo import synthesize

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
def folder(library: list[str]) -> str:
    """The folder of the synthetic library."""
    return os.path.dirname(library[0])


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)
