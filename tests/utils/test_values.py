"""Values are equal if all that they hold is."""

from __future__ import annotations

import pickle
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from audioclust.utils.values import ByValue, same


@dataclass(frozen=True, eq=False)
class Held(ByValue):
    value: Any
    note: str = field(default="", compare=False)


@dataclass(frozen=True, eq=False)
class Other(ByValue):
    value: Any


VALUES = [
    None, 0, 0.0, False, "", "a", (), [], {}, (1,), [1], {"a": 1}, {"a": 2}, {"b": 1},
    float("nan"), 1.5, np.float64(1.5), np.zeros(3), np.zeros(3, np.float32), np.zeros((1, 3)),
    np.zeros(0), np.array(["a"]), np.array([1.0, np.nan]), (np.zeros(2), "a"),
    {"a": [np.zeros(2), {"b": np.ones(2)}]}, Held(1), Held(np.ones(2)), Other(1),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(VALUES)))
def test_a_value_equals_its_copy_and_no_other(number: int) -> None:
    value = VALUES[number]
    assert same(value, pickle.loads(pickle.dumps(value)))
    for at, other in enumerate(VALUES):
        assert same(value, other) == (at == number)
        assert (Held(value) == Held(other)) == (at == number)


def test_fields_that_are_not_compared_do_not_count() -> None:
    assert Held(np.ones(2), "one") == Held(np.ones(2), "two")


def test_other_types_are_left_to_compare_themselves() -> None:
    assert Held(1) != Other(1)
    assert Held(1) != 1


def test_a_value_has_no_hash() -> None:
    with pytest.raises(TypeError, match="unhashable"):
        hash(Held(1))
