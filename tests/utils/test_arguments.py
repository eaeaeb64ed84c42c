"""Arguments are checked alike everywhere, and NumPy's scalars count as Python's."""

from __future__ import annotations

import fractions
import math
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audioclust.errors import ParameterError
from audioclust.utils import arguments

INT_TYPES = [int, np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint32, np.uint64]
FLOAT_TYPES = [float, np.float16, np.float32, np.float64, np.longdouble]


def refused(check: Callable[..., object], *arguments_: object) -> str:
    with pytest.raises(ParameterError, match="expected") as failed:
        check(*arguments_)
    return str(failed.value)


def whole(value: object) -> int:
    return arguments.check_int("n", value, 0, 100)


@pytest.mark.parametrize("kind", INT_TYPES)
def test_ints_of_any_kind_become_ints_of_python(kind: Any) -> None:
    for check in (whole, arguments.check_k):
        assert check(kind(7)) == 7
        assert type(check(kind(7))) is int
    assert arguments.check_rate("sr", np.uint32(22050)) == 22050
    assert arguments.check_seed(kind(7)) == (7, 7)
    assert arguments.check_k_range([kind(3), kind(2), kind(3)]) == (2, 3)
    assert type(arguments.check_number("x", kind(7))) is float


@pytest.mark.parametrize(
    "value",
    [
        *(True, np.True_, 7.0, np.float64(7), "7", None, b"7", [7], 101, -1, np.int8(-1)),
        *(np.array(7), np.array([7]), np.timedelta64(7), np.datetime64(7, "s"), 1 << 70),
    ],
    ids=repr,
)
def test_what_is_not_an_int_in_range_is_refused(value: object) -> None:
    assert f"n={value!r}: expected an int from 0 to 100" in refused(whole, value)


@pytest.mark.parametrize("kind", [*FLOAT_TYPES, *INT_TYPES, fractions.Fraction])
def test_numbers_of_any_kind_become_floats_of_python(kind: Any) -> None:
    for check in (arguments.check_number, arguments.check_positive):
        assert check("x", kind(2)) == 2.0
        assert type(check("x", kind(2))) is float


@pytest.mark.parametrize(
    "value",
    [
        *(True, np.True_, "2", None, 2j, np.complex64(2), [2.0], np.array(2.0), -0.5),
        *(np.array([2.0]), math.nan, np.float32("nan"), math.inf, -math.inf, 10**400),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_what_is_not_a_number_that_counts_is_refused(value: object) -> None:
    assert "finite number, at least 0" in refused(arguments.check_number, "x", value)
    assert "finite number above 0" in refused(arguments.check_positive, "x", value)


@given(st.floats() | st.floats(width=32).map(np.float32))
def test_zero_parts_the_two_kinds_of_numbers(value: Any) -> None:
    positive = bool(0 < value < math.inf)
    if positive:
        assert arguments.check_positive("x", value) == float(value)
    else:
        refused(arguments.check_positive, "x", value)
    if positive or value == 0:
        assert arguments.check_number("x", value) == float(value)
    else:
        refused(arguments.check_number, "x", value)


@given(st.integers(-(2**70), 2**70))
def test_a_seed_is_an_int_of_64_bits(seed: int) -> None:
    if 0 <= seed < 2**64:
        assert arguments.check_seed(seed) == (seed, seed)
    else:
        refused(arguments.check_seed, seed)


def test_no_seed_is_another_each_time() -> None:
    drawn = {arguments.check_seed(None) for _ in range(4)}
    assert len(drawn) == 4
    assert {given for given, _ in drawn} == {None}


@pytest.mark.parametrize("kind", [bool, np.bool_])
def test_flags_of_any_kind_become_bools_of_python(kind: Any) -> None:
    assert arguments.check_flag("f", kind(True)) is True
    assert arguments.check_flag("f", kind(False)) is False


@pytest.mark.parametrize("value", [1, 0, None, "True", np.int8(1), np.array(True), [True]])
def test_what_is_not_a_flag_is_refused(value: object) -> None:
    refused(arguments.check_flag, "f", value)


def test_a_class_that_is_called_bool_is_not_a_flag() -> None:
    refused(arguments.check_flag, "f", type("bool", (), {})())


def test_checking_a_flag_does_not_import_numpy() -> None:
    code = (
        "import sys; from audioclust.utils import arguments;"
        " arguments.check_flag('f', True); assert 'numpy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_choices_are_words_that_are_known() -> None:
    assert arguments.check_choice("c", "a", ("a", "b")) == "a"
    assert arguments.check_choice("c", np.str_("b"), {"a": 1, "b": 2}) == "b"
    for value in ("c", "", None, 1, b"a", np.array("a"), ["a"]):
        assert "expected one of a, b" in refused(arguments.check_choice, "c", value, ("a", "b"))


@pytest.mark.parametrize("value", [None, "auto", np.str_("auto")])
def test_k_may_be_left_to_be_chosen(value: object) -> None:
    assert arguments.check_k(value) is None


@pytest.mark.parametrize("value", [0, -1, 2.0, True, "3", "Auto", np.array(3), [3]], ids=repr)
def test_what_is_not_a_k_is_refused(value: object) -> None:
    assert refused(arguments.check_k, value).endswith(", or 'auto'")


def test_a_range_of_ks_comes_back_sorted_and_without_repeats() -> None:
    assert arguments.check_k_range(range(4, 1, -1)) == (2, 3, 4)
    assert arguments.check_k_range(np.array([5, 2, 5])) == (2, 5)
    assert arguments.check_k_range(iter({3: 0})) == (3,)


@pytest.mark.parametrize(
    "value",
    [3, None, "23", b"23", [], [1], [2.0], ["2"], np.array(3), np.array([2.0])],
    ids=repr,
)
def test_what_is_not_a_range_of_ks_is_refused(value: object) -> None:
    assert "k_range" in refused(arguments.check_k_range, value)


def test_names_may_be_one_or_many() -> None:
    assert arguments.check_names("features", "mfcc") == ("mfcc",)
    assert arguments.check_names("features", np.str_("mfcc")) == ("mfcc",)
    assert arguments.check_names("features", np.array(["a", "b"])) == ("a", "b")
    assert arguments.check_names("features", iter(["a", 1])) == ("a", 1)
    for value in (3, None, b"mfcc", np.array("mfcc")):
        refused(arguments.check_names, "features", value)


def test_paths_become_text() -> None:
    assert arguments.check_path("path", Path("a") / "b") == os.path.join("a", "b")
    found = arguments.check_path("path", np.str_("a"))
    assert type(found) is str
    for value in ("", "a\0b", b"a", None, 3, np.array("a")):
        refused(arguments.check_path, "path", value)


class Tensor:
    """What only DLPack reads."""

    def __init__(self, array: np.ndarray) -> None:
        self.array = array

    def __dlpack__(self, **settings: Any) -> Any:
        return self.array.__dlpack__(**settings)

    def __dlpack_device__(self) -> Any:
        return self.array.__dlpack_device__()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_floats_are_taken_as_they_are(dtype: Any) -> None:
    array = np.arange(6, dtype=dtype).reshape(2, 3)[:, ::-1]
    assert arguments.as_floats("y", array) is array
    assert np.shares_memory(arguments.as_floats("y", Tensor(array)), array)
    swapped = array.astype(array.dtype.newbyteorder())
    found = arguments.as_floats("y", swapped)
    assert found.dtype == dtype
    assert found.tolist() == array.tolist()
    assert arguments.as_floats("y", [[1.0, 2.0]]).dtype == np.float64
    assert arguments.as_floats("y", dtype(3)).shape == ()


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (np.arange(3), "integers divided by their full scale"),
        (np.zeros(3, np.float16), "expected an array of float32 or float64"),
        (np.zeros(3, np.complex64), "expected an array of float32 or float64"),
        ("text", "y='text': expected an array"),
        (np.zeros((2, 2, 2)), "expected 1 or 2 dimensions"),
        (np.zeros(0), "expected at least one value"),
        (Tensor(np.zeros(1, "M8[s]")), "NumPy can read through DLPack"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_not_floats_is_refused(value: object, message: str) -> None:
    assert message in refused(arguments.as_floats, "y", value, (1, 2))


def test_an_array_without_values_may_be_allowed() -> None:
    assert arguments.as_floats("y", np.zeros((0, 3)), empty=True).shape == (0, 3)
