"""Models in ONNX files. onnxruntime is imported when the first one is opened."""

from __future__ import annotations

import hashlib
import threading
from typing import TYPE_CHECKING, Any

from audioclust.errors import EmbeddingError, MissingExtraError, ParameterError
from audioclust.utils.terminal import stderr_silenced

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_FATAL = 4
"""onnxruntime's level of logging at which it writes least. It raises what went wrong, too."""


class OnnxModel:
    """A model of one input and one chosen output, as a function of samples.

    Parameters
    ----------
    path : str
        The absolute path of the file.
    output : str or None
        The name of the output; None for the only one.

    Attributes
    ----------
    n_samples : int or None
        The number of samples that it takes; None for any.

    Raises
    ------
    OSError
        If the file cannot be read.
    MissingExtraError
        If onnxruntime is not installed.
    ParameterError
        If it is no model, or one with other inputs or outputs.
    """

    def __init__(self, path: str, output: str | None) -> None:
        self._path = path
        self._digest = _digest(path)
        self._output = output
        self._session: Any = None
        self._lock = threading.Lock()
        session = self.open()
        shape = _input_shape(path, session)
        self.n_samples: int | None = shape[-1] if isinstance(shape[-1], int) else None
        _check_output(path, session, output)

    @property
    def version(self) -> str:
        """A text that tells the values from those of another file or output."""
        start = self._digest[:16]
        return start if self._output is None else f"{start} {self._output}"

    def __call__(self, y: NDArray[np.float32], sr: int) -> NDArray[Any]:  # noqa: ARG002
        """Give the output for samples of shape (n,), without a batch of one."""
        session = self.open()
        (samples,) = session.get_inputs()
        batch = y if len(samples.shape) == 1 else y[None]
        output = self._output or session.get_outputs()[0].name
        answer: NDArray[Any] = session.run([output], {samples.name: batch})[0]
        return answer[0] if answer.ndim == 3 and len(answer) == 1 else answer

    def open(self) -> Any:
        """Give the session of onnxruntime, which is opened once.

        Raises
        ------
        EmbeddingError
            If the file is not the one that it was when this model was made.
        OSError
            If the file cannot be read.
        """
        with self._lock:
            if self._session is None:
                if _digest(self._path) != self._digest:
                    raise EmbeddingError(f"{self._path} has changed since it was first used")
                self._session = _session(self._path)
            return self._session

    def as_state(self) -> tuple[str, str, str | None, int | None]:
        """Give what a pickle keeps."""
        return self._path, self._digest, self._output, self.n_samples

    @classmethod
    def of_state(cls, state: tuple[str, str, str | None, int | None]) -> OnnxModel:
        """Give the model that a pickle kept. Its file is opened when it is needed."""
        model = object.__new__(cls)
        model._path, model._digest, model._output, model.n_samples = state
        model._session, model._lock = None, threading.Lock()
        return model


def _digest(path: str) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _session(path: str) -> Any:
    try:
        # It looks for graphics cards when it is imported, and warns if it finds none. No
        # setting keeps it from that (github.com/microsoft/onnxruntime/issues/27092).
        with stderr_silenced():
            import onnxruntime
    except ImportError as why:
        hint = "an ONNX model needs onnxruntime: pip install 'audioclust[onnx]'"
        raise MissingExtraError(hint) from why
    options = onnxruntime.SessionOptions()
    options.log_severity_level = _FATAL
    # Recordings are worked on in threads of ours: more would only get in their way.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    try:
        return onnxruntime.InferenceSession(path, options, ["CPUExecutionProvider"])
    except Exception as why:  # Its own errors have no base class but this.
        expected = "a model that onnxruntime can load"
        raise ParameterError(f"path={path!r}: expected {expected} ({why})") from None


def _input_shape(path: str, session: Any) -> list[int | str | None]:
    """Give the shape of the only input, whose sizes are numbers, or names for any number."""
    inputs = [(one.name, one.type, one.shape) for one in session.get_inputs()]
    expected = "expected a model of one input, float32 of shape (n,) or (1, n)"
    if len(inputs) != 1 or inputs[0][1] != "tensor(float)" or len(inputs[0][2]) not in (1, 2):
        found = ", ".join(f"{name}: {kind} of shape {shape}" for name, kind, shape in inputs)
        raise ParameterError(f"path={path!r} takes {found}: {expected}")
    shape: list[int | str | None] = inputs[0][2]
    if len(shape) == 2 and isinstance(shape[0], int) and shape[0] != 1:
        raise ParameterError(f"path={path!r} takes a batch of {shape[0]}: {expected}")
    return shape


def _check_output(path: str, session: Any, output: str | None) -> None:
    names = [one.name for one in session.get_outputs()]
    if output not in names and (output is not None or len(names) != 1):
        raise ParameterError(f"output={output!r}: expected one of {', '.join(names)} of {path}")
