"""Small models in ONNX files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

N = "n"
"""A size that may be any number."""

FRAME = 100

WEIGHTS = np.random.default_rng(0).normal(size=(FRAME, 4)).astype(np.float32)


def model(
    path: Path,
    given: Sequence[int | str],
    shape: Sequence[int],
    nodes: list[Any] | None = None,
    *,
    kind: int = TensorProto.FLOAT,
    outputs: Sequence[str] = ("out",),
    weights: np.ndarray = WEIGHTS,
) -> Path:
    """Write a model that projects frames of 100 samples, and gives them the shape asked for."""
    projection = [
        helper.make_node("Reshape", ["y", "frames"], ["framed"]),
        helper.make_node("MatMul", ["framed", "weights"], ["projected"]),
        helper.make_node("Reshape", ["projected", "shape"], ["out"]),
    ]
    constants = {
        "frames": np.array([-1, FRAME]),
        "weights": weights,
        "shape": np.array(shape),
    }
    graph = helper.make_graph(
        projection if nodes is None else nodes,
        "a_small_model",
        [helper.make_tensor_value_info("y", kind, given)],
        [helper.make_tensor_value_info(name, kind, None) for name in outputs],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    # A version of the format that the oldest onnxruntime allowed here can read.
    opset = helper.make_opsetid("", 17)
    made = helper.make_model(graph, opset_imports=[opset], ir_version=8)
    onnx.save(made, str(path))
    return path
