"""What the tests of the command line share."""

from __future__ import annotations

import os

import pytest


@pytest.fixture
def folder(library: list[str]) -> str:
    """The folder of the synthetic library."""
    return os.path.dirname(library[0])
