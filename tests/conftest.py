"""What several tests share: the demo library, and the shared data where it is at hand."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from support.data import DATA

from audioclust.demo import synthesize

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# A job in the background ignores Ctrl-C, and so would the processes that tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)

# The CLI under test must not take a test runner's terminal settings for its own.
os.environ.pop("FORCE_COLOR", None)

# No test reads or writes the cache of whoever runs it; tests of the cache name a file.
os.environ["AUDIOCLUST_CACHE"] = "off"

# Pictures are drawn without a screen.
os.environ["MPLBACKEND"] = "Agg"


@pytest.fixture(autouse=True)
def _pictures_closed() -> Iterator[None]:
    """Close the figures of a test, if it has drawn any."""
    yield
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None:
        pyplot.close("all")


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


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, started once: there cannot be two that Playwright drives in one process."""
    from support.browser import chromium

    with chromium() as started:
        yield started


@pytest.fixture(scope="session")
def s3_address() -> Iterator[str]:
    """The address of a server that speaks S3, started once."""
    from support.s3 import s3_server

    with s3_server() as address:
        yield address


@pytest.fixture
def bucket(s3_address: str) -> Iterator[str]:
    """The address of an empty bucket, such as s3://sounds-1f, which s3fs finds."""
    from support.s3 import s3_bucket

    with s3_bucket(s3_address) as address:
        yield address


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)
