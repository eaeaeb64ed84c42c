"""What tests of the server share: one that runs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.served import SECRET

import audioclust as ac
from audioclust.demo import synthesize
from audioclust.server.serving import Server, serve


@pytest.fixture(scope="session")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> ac.Clustering:
    """Sounds of five formats in two groups, with a file beside them that is none."""
    paths = synthesize(str(tmp_path_factory.mktemp("served")), each=5)[:10]
    Path(os.path.dirname(paths[0]), "secret.txt").write_bytes(SECRET)
    return ac.cluster(paths, 2)


@pytest.fixture(scope="session")
def server(sounds: ac.Clustering) -> Iterator[Server]:
    """The page of these sounds."""
    with serve(sounds) as running:
        yield running
