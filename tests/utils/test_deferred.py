"""A deferred function costs no import before it is called."""

from __future__ import annotations

import os.path
import pickle
import subprocess
import sys

import pytest

from audioclust.utils.deferred import Deferred


def test_a_deferred_function_is_the_function() -> None:
    join: Deferred[..., str] = Deferred("os.path", "join")
    assert join("a", "b") == os.path.join("a", "b")
    assert join == Deferred("os.path", "join")
    assert pickle.loads(pickle.dumps(join))("a") == "a"


def test_its_module_is_imported_by_the_first_call() -> None:
    code = """
import sys
from audioclust.utils.deferred import Deferred
ones = Deferred("numpy", "ones")
assert "numpy" not in sys.modules
assert ones(3, dtype="int8").tolist() == [1, 1, 1]
assert "numpy" in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_name_that_is_not_there_is_an_error_of_the_call() -> None:
    missing: Deferred[..., str] = Deferred("os.path", "no_such_function")
    with pytest.raises(AttributeError, match="no_such_function"):
        missing()
