"""Embeddings of ONNX models, which the tests make."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from support.onnx_models import FRAME, WEIGHTS, N, model

import audioclust as ac

SR = 8000


def sounds(n: int = 6, frames: int = 30) -> dict[str, tuple[np.ndarray, int]]:
    """Noise of two levels in turn."""
    rng = np.random.default_rng(0)
    return {
        str(i): (rng.normal(0, 1 + 9 * (i % 2), frames * FRAME).astype(np.float32) / 100, SR)
        for i in range(n)
    }


def expected(given: dict[str, tuple[np.ndarray, int]]) -> np.ndarray:
    """Project the frames with NumPy, and take their means."""
    rows = [y.reshape(-1, FRAME).astype(float) @ WEIGHTS for y, _ in given.values()]
    return np.array([row.mean(axis=0) for row in rows])


@pytest.mark.parametrize("given", [[N], [1, N], ["batch", N], [1, 3000]])
@pytest.mark.parametrize("shape", [[-1, 4], [1, -1, 4]])
def test_a_row_is_the_mean_of_the_frames_of_the_model(
    tmp_path: Path, given: list[int | str], shape: list[int]
) -> None:
    window = 0.375 if given[-1] == 3000 else None
    path = model(tmp_path / "frames.onnx", given, shape)
    table = ac.extract(sounds(), features=ac.Embedding.onnx(path, sr=SR, window=window))
    assert table.columns == ("frames_1", "frames_2", "frames_3", "frames_4")
    # Sums of 100 products in single precision, of values up to about 3.
    np.testing.assert_allclose(table.values, expected(sounds()), atol=1e-5)


@pytest.mark.parametrize("shape", [[-1], [1, -1]])
def test_a_model_may_give_one_vector(tmp_path: Path, shape: list[int]) -> None:
    path = model(tmp_path / "one.onnx", [N], shape)
    table = ac.extract(sounds(frames=1), features=ac.Embedding.onnx(path, sr=SR))
    np.testing.assert_allclose(table.values, expected(sounds(frames=1)), atol=1e-5)


def test_an_output_of_another_shape_is_the_error_of_the_recording(tmp_path: Path) -> None:
    path = model(tmp_path / "deep.onnx", [N], [2, -1, 2])
    with pytest.raises(
        ac.NothingExtractedError, match=r"deep: its answer has shape \(2, 30, 2"
    ):
        ac.extract(sounds(1), features=ac.Embedding.onnx(path, sr=SR))


def test_rows_do_not_depend_on_threads(tmp_path: Path) -> None:
    embedding = ac.Embedding.onnx(model(tmp_path / "m.onnx", [1, N], [-1, 4]), sr=SR)
    one, four = (ac.extract(sounds(20), features=embedding, n_jobs=n) for n in (1, 4))
    np.testing.assert_array_equal(one.values, four.values, strict=True)


def test_what_the_model_raises_is_an_error_of_the_recording(tmp_path: Path) -> None:
    embedding = ac.Embedding.onnx(model(tmp_path / "m.onnx", [1, N], [-1, 4]), sr=SR)
    given = {**sounds(2), "odd": (np.zeros(150, np.float32), SR)}
    table = ac.extract(given, features=embedding)
    assert len(table) == 2
    (error,) = table.errors
    assert (error.path, error.kind) == ("odd", "embedding")
    assert "m: " in error.message
    assert "150" in error.message


def test_name_and_version_are_those_of_the_file(tmp_path: Path) -> None:
    one = ac.Embedding.onnx(model(tmp_path / "a.onnx", [N], [-1, 4]), sr=SR)
    same = ac.Embedding.onnx(model(tmp_path / "b.onnx", [N], [-1, 4]), sr=SR, name="a")
    other = model(tmp_path / "c.onnx", [N], [-1, 4], weights=2 * WEIGHTS)
    assert (one.name, len(one.version)) == ("a", 16)
    assert one == same != ac.Embedding.onnx(other, sr=SR, name="a")
    assert ac.Embedding.onnx(other, sr=SR, name="a", version=one.version) == one


def test_one_of_several_outputs_is_named(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("ReduceMax", ["y"], ["high"], keepdims=1),
        helper.make_node("ReduceMin", ["y"], ["low"], keepdims=1),
    ]
    path = model(tmp_path / "two.onnx", [N], [-1], nodes, outputs=("high", "low"))
    for output in (None, "middle"):
        with pytest.raises(ac.ParameterError, match=f"output={output!r}: expected one of high"):
            ac.Embedding.onnx(path, sr=SR, output=output)
    high, low = (ac.Embedding.onnx(path, sr=SR, output=name) for name in ("high", "low"))
    assert high != low
    for embedding, find in ((high, np.max), (low, np.min)):
        values = ac.extract(sounds(), features=embedding).values[:, 0]
        assert values.tolist() == [find(y) for y, _ in sounds().values()]


def test_a_pickle_opens_the_file_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = model(tmp_path / "m.onnx", [1, N], [-1, 4])
    monkeypatch.chdir(tmp_path)
    result = ac.cluster(sounds(), 2, features=ac.Embedding.onnx("m.onnx", sr=SR))
    pickled = pickle.dumps(result)
    assert b"audioclust.extraction" not in pickled
    monkeypatch.chdir("/")
    again = pickle.loads(pickled)
    assert again == result
    assert list(again.predict(sounds())) == result.labels.tolist()

    again = pickle.loads(pickled)
    model(path, [1, N], [-1, 4], weights=2 * WEIGHTS)
    with pytest.raises(ac.EmbeddingError, match=r"m\.onnx has changed since it was first used"):
        again.predict(sounds())
    path.unlink()
    with pytest.raises(FileNotFoundError):
        again.predict(sounds())


def test_a_file_that_is_missing_or_no_model_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"nothing\.onnx"):
        ac.Embedding.onnx(tmp_path / "nothing.onnx", sr=SR)
    (tmp_path / "text.onnx").write_text("not a model")
    (tmp_path / "empty.onnx").write_bytes(b"")
    for name in ("text", "empty"):
        with pytest.raises(
            ac.ParameterError, match=rf"path='.*{name}\.onnx': expected a model"
        ):
            ac.Embedding.onnx(tmp_path / f"{name}.onnx", sr=SR)
    for wrong in (None, 3, ""):
        with pytest.raises(ac.ParameterError, match=f"path={wrong!r}: expected a str"):
            ac.Embedding.onnx(wrong, sr=SR)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "kind", "message"),
    [
        ([2, N], TensorProto.FLOAT, r"takes a batch of 2: expected a model of one input"),
        ([1, 1, N], TensorProto.FLOAT, r"takes y: tensor\(float\) of shape \[1, 1, 'n'\]: exp"),
        ([], TensorProto.FLOAT, r"takes y: tensor\(float\) of shape \[\]: expected"),
        ([N], TensorProto.DOUBLE, r"takes y: tensor\(double\) of shape \['n'\]: expected"),
    ],
)
def test_a_model_of_another_input_is_refused(
    tmp_path: Path, given: list[int | str], kind: int, message: str
) -> None:
    nodes = [helper.make_node("Identity", ["y"], ["out"])]
    path = model(tmp_path / "m.onnx", given, [-1], nodes, kind=kind)
    with pytest.raises(ac.ParameterError, match=message):
        ac.Embedding.onnx(path, sr=SR)


def test_a_model_of_two_inputs_is_refused(tmp_path: Path) -> None:
    inputs = [helper.make_tensor_value_info(x, TensorProto.FLOAT, [N]) for x in ("a", "b")]
    graph = helper.make_graph(
        [helper.make_node("Add", ["a", "b"], ["out"])],
        "two",
        inputs,
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, None)],
    )
    opset = helper.make_opsetid("", 17)
    made = helper.make_model(graph, opset_imports=[opset], ir_version=8)
    onnx.save(made, str(tmp_path / "m.onnx"))
    with pytest.raises(
        ac.ParameterError, match=r"takes a: tensor.*, b: tensor.*: expected a m"
    ):
        ac.Embedding.onnx(tmp_path / "m.onnx", sr=SR)


def test_a_model_of_a_fixed_length_needs_a_window_of_it(tmp_path: Path) -> None:
    path = model(tmp_path / "m.onnx", [1, 2000], [-1, 4])
    for window in (None, 0.5):
        expected = rf"window={window}: expected 0\.25 s, as the model takes 2000 samples"
        with pytest.raises(ac.ParameterError, match=expected):
            ac.Embedding.onnx(path, sr=SR, window=window)
    embedding = ac.Embedding.onnx(path, sr=SR, window=0.25)
    assert len(ac.extract(sounds(), features=embedding)) == 6


# The model has weights that it does not use, of which onnxruntime warns, and a node that fails.
NOISY = """
import sys
import numpy as np
import audioclust as ac
embedding = ac.Embedding.onnx(sys.argv[1], sr=8000)
table = ac.extract({"a": (np.zeros(150, np.float32), 8000),
                    "b": (np.zeros(200, np.float32), 8000)}, features=embedding)
print(len(table), len(table.errors), file=sys.stderr)
"""
PLAIN = """
import sys
import numpy as np
import onnxruntime
session = onnxruntime.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])
try:
    session.run(None, {"y": np.zeros(150, np.float32)})
except Exception:
    print("failed", file=sys.stderr)
"""


def test_noise_of_onnxruntime_is_kept_off_standard_error(tmp_path: Path) -> None:
    nodes = [helper.make_node("Reshape", ["y", "frames"], ["out"])]
    path = model(tmp_path / "m.onnx", [N], [-1], nodes)
    written = [
        subprocess.run(
            [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True
        ).stderr
        for code in (NOISY, PLAIN)
    ]
    assert written[0] == "1 1\n"
    assert len(written[1].splitlines()) > 1, "there was no noise to keep off"


def test_onnxruntime_is_imported_when_a_model_is_opened(tmp_path: Path) -> None:
    path = model(tmp_path / "m.onnx", [N], [-1, 4])
    code = """
import sys
import numpy as np
import audioclust as ac
plain = ac.Embedding("m", lambda y, sr: y[:3], 8000, "1")
ac.cluster({"a": (np.ones(400), 8000), "b": (np.zeros(400), 8000)}, 2, features=plain)
assert "onnxruntime" not in sys.modules
ac.Embedding.onnx(sys.argv[1], sr=8000)
assert "onnxruntime" in sys.modules
"""
    subprocess.run([sys.executable, "-c", code, str(path)], check=True)


def test_without_onnxruntime_the_command_that_installs_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = model(tmp_path / "m.onnx", [N], [-1, 4])
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    hint = r"an ONNX model needs onnxruntime: pip install 'audioclust\[onnx\]'"
    with pytest.raises(ac.MissingExtraError, match=hint):
        ac.Embedding.onnx(path, sr=SR)


def test_the_home_folder_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model(tmp_path / "m.onnx", [N], [-1, 4])
    monkeypatch.setenv("HOME", str(tmp_path))
    assert ac.Embedding.onnx(os.path.join("~", "m.onnx"), sr=SR).name == "m"
