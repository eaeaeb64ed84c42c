"""Every feature of the registry is tested against librosa, and documented."""

from __future__ import annotations

import pickle
import re

import numpy as np
import pytest
from support.data import ROOT
from support.oracles import ORACLES, SR
from support.sounds import tone

import audioclust as ac
from audioclust.extraction.registry import registry


def test_every_feature_has_an_oracle_in_the_parity_test() -> None:
    assert set(ORACLES) == {info.name for info in registry()}


@pytest.mark.parametrize("info", registry(), ids=lambda info: info.name)
def test_an_oracle_has_a_row_for_each_column(info: ac.FeatureInfo) -> None:
    assert np.shape(ORACLES[info.name](tone(sr=SR)))[0] == len(info.columns)


def test_every_feature_has_a_row_in_the_documentation() -> None:
    page = (ROOT / "docs" / "features.md").read_text(encoding="utf-8")
    found = re.findall(r"^\| `(\w+)` \| (\d+) \| ([^|]*) ?\| ([^|]+) \|", page, re.MULTILINE)
    expected = [
        (info.name, str(len(info.columns)), [*info.sets], info.unit) for info in registry()
    ]
    rows = [(name, n, re.findall(r"\w+", sets), unit) for name, n, sets, unit in found]
    assert rows == expected


def test_an_entry_is_public_and_can_be_pickled() -> None:
    for info in registry():
        assert isinstance(info, ac.FeatureInfo)
        assert pickle.loads(pickle.dumps(info)) == info
