"""Workers that all tests of this folder share."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator

import dask
import distributed
import pytest
from support.clusters import scaled


@pytest.fixture(scope="session")
def _shared() -> Iterator[distributed.Client]:
    with warnings.catch_warnings():
        # What distributed warns of when processes are killed is no error of ours.
        warnings.simplefilter("ignore")
        for name in ("distributed", "tornado", "asyncio"):
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
        settings = {
            # Workers ask dead ones for their rows as long as this; by default it is 30 s.
            "distributed.comm.timeouts.connect": "10s",
            # By default a cluster gives up a worker that is dead 15 s after an earlier death.
            "distributed.deploy.lost-worker-timeout": "1 hour",
        }
        with (
            dask.config.set(settings),
            distributed.LocalCluster(
                n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None,
                memory_limit="4GB",
            ) as cluster,
            distributed.Client(cluster, set_as_default=False) as client,
        ):  # fmt: skip
            yield client


@pytest.fixture
def client(_shared: distributed.Client) -> distributed.Client:
    """The client of a cluster of two workers, of one thread each, on this machine."""
    scaled(_shared, 2)
    return _shared
