"""`Embedding`: a function of the user's, or a model, that makes a vector of a recording."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import KW_ONLY, InitVar, dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from audioclust.errors import EmbeddingError, ParameterError, SignalError
from audioclust.extraction.embeddings.onnx_model import OnnxModel
from audioclust.utils.arguments import (
    check_flag,
    check_int,
    check_path,
    check_positive,
    check_rate,
)
from audioclust.utils.threads import Cancelled

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from audioclust.utils.types import Path

Function: TypeAlias = "Callable[[NDArray[np.float32], int], Any]"
"""Gives a vector, or one for each frame, of samples of shape (n,) and their rate in Hz."""

MAX_WINDOW = 3600.0
"""The longest window in seconds. Shorter recordings are padded to a window, so that one that is
far too long would take all memory."""


class _Hidden:
    """What an embedding has besides its fields, unseen by comparisons and exports."""

    _function: Function | None
    _lock: threading.Lock


@dataclass(frozen=True)
class Embedding(_Hidden):
    """A vector for each recording that a function of yours computes, such as a neural network.

    ``extract()`` and ``cluster()`` take it in `features`, alone or in a list with others. Its
    columns are ``name_1``, ``name_2`` and so on; they come after those of features. What the
    function raises becomes an error of that recording, of the kind ``"embedding"``, and the
    others go on. So does an answer that is no vector, has NaN or infinity in it, or another
    length than for most other recordings.

    Two embeddings are equal if name, version, sr and window are: only these tell whether rows
    can be compared. A function is never pickled. A result that is unpickled places new sounds
    by ``result.predict(extract(source, features=embedding))``, with the embedding made again.
    That of :meth:`onnx` is found again by the path of its model.

    Parameters
    ----------
    name : str
        What columns, errors and exports call it.
    function : callable
        Called as ``function(y, sr)``, `y` an array of shape (n,), float32, that is its own to
        change. It gives an array of shape (d,), or of shape (frames, d), of which the mean over
        frames is taken: integers or floats of 16 to 64 bits, in an array, a list, or a tensor
        on the CPU.
    sr : int
        The rate in Hz that recordings are resampled to for it.
    version : str
        What tells its values from those of another version, such as that of the model. Change
        it when the function changes.
    window : float or None, default=None
        None gives the function each recording as a whole, which is then in memory. Otherwise
        it is called with stretches of so many seconds, one after the other, all of the same
        number of samples, and its vectors are averaged. What is left at the end is padded with
        zeros if it is at least half a window, or all there is, and left out otherwise.
    parallel : bool, default=False
        Whether the function may be called by several threads at once. They wait for each other
        otherwise; recordings are still decoded at the same time. Most neural networks are safe
        to call at once, but use all cores in each call.
    size : int or None, default=None
        The number of values, d. None takes that of most recordings. The settings of a table
        have it, so that new sounds are held to it.

    Raises
    ------
    ParameterError
        If an argument is invalid.

    Examples
    --------
    >>> import audioclust as ac, numpy as np
    >>> def peak_and_power(y, sr):
    ...     return [np.abs(y).max(), np.mean(y**2)]
    >>> loudness = ac.Embedding("loudness", peak_and_power, sr=16000, version="1")
    >>> quiet, loud = np.full(800, 0.25, np.float32), np.full(800, 0.5, np.float32)
    >>> table = ac.extract({"a": (quiet, 16000), "b": (loud, 16000)}, features=loudness)
    >>> table.columns, table.values.tolist()
    (('loudness_1', 'loudness_2'), [[0.25, 0.0625], [0.5, 0.25]])
    """

    name: str
    function: InitVar[Function]
    sr: int
    version: str
    window: float | None = None
    _: KW_ONLY
    parallel: bool = field(default=False, compare=False)
    size: int | None = field(default=None, compare=False)

    def __post_init__(self, function: Function) -> None:
        if not callable(function):
            raise ParameterError(f"function={function!r:.80}: expected a function of (y, sr)")
        checked: dict[str, object] = {
            "name": _check_text("name", self.name),
            "version": _check_text("version", self.version),
            "sr": check_rate("sr", self.sr),
            "_function": function,
            "parallel": check_flag("parallel", self.parallel),
            "_lock": threading.Lock(),
        }
        if self.size is not None:
            checked["size"] = check_int("size", self.size, 1)
        if self.window is not None:
            window = checked["window"] = check_positive("window", self.window)
            if window > MAX_WINDOW or round(window * self.sr) < 1:
                expected = f"a sample to {MAX_WINDOW:g} s, or None for whole recordings"
                raise ParameterError(f"window={self.window!r}: expected {expected}")
        self.__dict__.update(checked)

    @classmethod
    def onnx(
        cls,
        path: Path,
        *,
        sr: int,
        window: float | None = None,
        name: str | None = None,
        version: str | None = None,
        output: str | None = None,
    ) -> Embedding:
        """Make an embedding of a model in a file, which onnxruntime runs on the CPU.

        The model has one input, the samples, float32 and of shape (n,) or (1, n). Its output is
        of shape (d,), (1, d), (frames, d) or (1, frames, d). Each of our threads runs it with
        one thread. A pickle keeps the path and opens the file again when it is needed.

        Parameters
        ----------
        path : str or os.PathLike
            The file.
        sr : int
            The rate in Hz that the model expects.
        window : float or None, default=None
            As for other embeddings. A model that takes a fixed number of samples needs it.
        name : str or None
            None takes that of the file, without its suffix.
        version : str or None
            None makes it of a hash (SHA-256) of the file's bytes and the name of `output`. If
            the model keeps its weights in other files, give a version that tells of these.
        output : str or None
            Which output to take; None takes the only one.

        Returns
        -------
        Embedding

        Raises
        ------
        OSError
            If the file cannot be read; a FileNotFoundError if there is none.
        MissingExtraError
            Without onnxruntime: ``pip install 'audioclust[onnx]'``.
        ParameterError
            If an argument is invalid, or the model cannot be used.
        """
        file = os.path.abspath(os.path.expanduser(check_path("path", path)))
        model = OnnxModel(file, None if output is None else _check_text("output", output))
        made = cls(
            os.path.splitext(os.path.basename(file))[0] if name is None else name,
            model,
            sr,
            model.version if version is None else version,
            window,
            parallel=True,
        )
        if model.n_samples not in (None, made.window_length):
            expected = (
                f"{model.n_samples / made.sr:g} s, as the model takes {model.n_samples} samples"
            )
            raise ParameterError(f"window={window!r}: expected {expected}")
        return made

    @property
    def window_length(self) -> int | None:
        """The number of samples in a window; None if recordings are taken as a whole."""
        return None if self.window is None else round(self.window * self.sr)

    @property
    def computed_by(self) -> object:
        """The function; None if it was unpickled without one."""
        return self._function

    def prepare(self) -> None:
        """Open what the function needs, before any recording is decoded.

        Raises
        ------
        EmbeddingError
            If it was unpickled without its function, or the file of its model has changed.
        OSError
            If the file of its model cannot be read.
        """
        if self._function is None:
            raise EmbeddingError(
                f"the embedding {self.name!r} has no function, since functions are not pickled:"
                " make it again for extract(), whose table predict() takes"
            )
        if isinstance(self._function, OnnxModel):
            self._function.open()

    def sized(self, size: int) -> Embedding:
        """Give the same embedding, which knows how many values it has."""
        same = object.__new__(Embedding)
        same.__dict__.update(self.__dict__, size=size)
        return same

    def computed_with(self, function: Function) -> Embedding:
        """Give the same embedding with a function, for one that was unpickled without it."""
        same = object.__new__(Embedding)
        same.__dict__.update(self.__dict__, _function=function)
        return same

    @contextlib.contextmanager
    def turn(self, stop: threading.Event) -> Iterator[None]:
        """Wait until the function may be called: for the calls of others, unless `parallel`.

        What it answers is to be read before this ends, since it may use its array again.

        Raises
        ------
        Cancelled
            If `stop` is set meanwhile.
        """
        while not (self.parallel or self._lock.acquire(timeout=0.1)):
            if stop.is_set():
                raise Cancelled
        try:
            if stop.is_set():
                raise Cancelled
            yield
        finally:
            if not self.parallel:
                self._lock.release()

    def answer(self, y: NDArray[np.float32]) -> object:
        """Call the function.

        Raises
        ------
        SignalError
            If it raises an exception, other than those that end a program.
        """
        self.prepare()
        try:
            return self._function(y, self.sr)  # type: ignore[misc]
        except Exception as why:
            raise SignalError("embedding", f"{self.name}: {type(why).__name__}: {why}") from why

    def __copy__(self) -> Embedding:
        return self

    def __deepcopy__(self, memo: object) -> Embedding:
        return self  # It cannot change, and a model may be large.

    def __getstate__(self) -> dict[str, Any]:
        kept = {name: value for name, value in self.__dict__.items() if name != "_lock"}
        function = kept.pop("_function")
        model = function.as_state() if isinstance(function, OnnxModel) else None
        return {**kept, "_model": model}

    def __setstate__(self, state: dict[str, Any]) -> None:
        kept = dict(state)
        model = kept.pop("_model")
        function = None if model is None else OnnxModel.of_state(model)
        self.__dict__.update(kept, _function=function, _lock=threading.Lock())


# Pickles name it by where users find it, and so survive a move to another module.
Embedding.__module__ = "audioclust"


def _check_text(name: str, value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ParameterError(f"{name}={value!r:.80}: expected a str, not empty")
    return str(value)
