"""Segmentation on a cluster gives the result that one process gives."""

from __future__ import annotations

from typing import Any, Literal

import distributed
import numpy as np
import pytest
from numpy.typing import NDArray
from support.clusters import tasks_left, until

import audioclust as ac


@pytest.fixture(scope="module")
def talks() -> dict[str, tuple[NDArray[Any], int]]:
    rng = np.random.default_rng(0)
    sr = 22050
    made = {}
    for name in ("a", "b"):
        low = np.sin(np.arange(6 * sr) * 0.02) * 0.3 + rng.normal(0, 0.01, 6 * sr)
        made[name] = (np.concatenate([low, rng.normal(0, 0.2, 6 * sr)]).astype("f4"), sr)
    return {**made, "short": (np.ones(100, "f4"), sr)}


@pytest.mark.parametrize("k", [2, "auto"])
def test_same_as_in_one_process(
    client: distributed.Client,
    talks: dict[str, tuple[NDArray[Any], int]],
    k: int | Literal["auto"],
) -> None:
    one = ac.segment(talks, k)
    told: list[tuple[int, int]] = []
    other = ac.segment(talks, k, client=client, progress=lambda *now: told.append(now))
    assert other == one
    assert [error.path for error in one.errors] == ["short"]
    assert told == [(1, 3), (2, 3), (3, 3)]
    until(lambda: not tasks_left(client))


def test_nothing_usable(client: distributed.Client) -> None:
    silent = {"a": (np.zeros(100_000, "f4"), 22050)}
    with pytest.raises(ac.NothingExtractedError, match="silent throughout"):
        ac.segment(silent, client=client)
