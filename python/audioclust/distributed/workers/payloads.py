"""What tasks are given: work and its arguments as bytes, with the version that made them."""

from __future__ import annotations

import functools
import pickle
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from audioclust._core import __version__
from audioclust.audio.sources import Scan
from audioclust.errors import AudioclustError, ParameterError
from audioclust.extraction.batch import BatchSettings
from audioclust.extraction.cache.settings import NO_CACHE
from audioclust.extraction.embeddings.onnx_model import OnnxModel
from audioclust.extraction.progress import Pulse
from audioclust.extraction.recordings import extract_part
from audioclust.extraction.settings import ExtractionSettings
from audioclust.extraction.table import FeatureTable

Follow: TypeAlias = Callable[[Pulse], None]
"""Is given the pulse of a batch when it begins."""


@dataclass(frozen=True)
class Payload:
    """Work and its arguments.

    They are bytes, so that nothing of them is unpickled before the version is known to be the
    same, and the scheduler never looks at them.

    Attributes
    ----------
    version : str
        The version of audioclust that made it.
    work : bytes
        A function, pickled with functions of the user's in it.
    arguments : bytes
        Its arguments.
    """

    version: str
    work: bytes
    arguments: bytes

    @classmethod
    def of(cls, work: bytes, *arguments: object) -> Payload:
        """Make it of a function that :func:`packed` has packed."""
        return cls(__version__, work, pickle.dumps(arguments))

    def run(self, follow: Follow) -> Any:
        """Call the function with its arguments, and with what follows its batch.

        Raises
        ------
        ParameterError
            If another version of audioclust made it, or this process cannot read it.
        """
        if self.version != __version__:
            raise ParameterError(
                f"client: a worker has audioclust {__version__}: expected {self.version}, which"
                " the client has; install one version everywhere"
            )
        try:
            work = unpacked(self.work)
            arguments = pickle.loads(self.arguments)  # noqa: S301 - as all tasks of Dask
        except (AudioclustError, MemoryError):
            raise
        except Exception as why:
            # It would be so for each file: this is no matter of one of them.
            raise not_installed(why) from None
        return work(*arguments, follow=follow)


def not_installed(why: Exception) -> ParameterError:
    """Give the error of a worker that cannot read its task."""
    return ParameterError(
        f"client: a worker cannot read its task ({type(why).__name__}: {why}): expected"
        f" audioclust {__version__}, and what your own functions import, on all workers"
    )


def packed(work: Callable[..., Any]) -> bytes:
    """Pickle a function, with all functions of the user's that it holds.

    Raises
    ------
    ParameterError
        If one of these cannot be pickled.
    """
    import cloudpickle

    try:
        return bytes(cloudpickle.dumps(work))
    except Exception as why:
        raise ParameterError(
            "features: expected functions that can be sent to the workers:"
            f" {type(why).__name__}: {why}"
        ) from None


@functools.lru_cache(maxsize=4)
def unpacked(work: bytes) -> Callable[..., Any]:
    """Give the function of a payload: one object for all tasks of a process.

    So tasks share the locks of embeddings, and models that are in memory.
    """
    made: Callable[..., Any] = pickle.loads(work)  # noqa: S301 - as above
    return made


class ExtractionWork:
    """Extraction of a part of the recordings, as a worker does it: on one thread.

    Parameters
    ----------
    settings : ExtractionSettings
        What is extracted. Its embeddings keep their functions in a pickle of this.
    """

    settings: ExtractionSettings

    def __init__(self, settings: ExtractionSettings) -> None:
        self.settings = settings

    def __call__(self, part: Scan, *, follow: Follow) -> FeatureTable:
        """Compute the table of a part, which may have no rows."""
        return extract_part(part, self.settings, BatchSettings(1, follow=follow), NO_CACHE)

    def __getstate__(self) -> tuple[ExtractionSettings, list[object]]:
        functions = (embedding.computed_by for embedding in self.settings.embeddings)
        # A model is known by its file.
        kept = [None if isinstance(one, OnnxModel) else one for one in functions]
        return self.settings, kept

    def __setstate__(self, state: tuple[ExtractionSettings, list[Any]]) -> None:
        settings, functions = state
        embeddings = tuple(
            embedding if function is None else embedding.computed_with(function)
            for embedding, function in zip(settings.embeddings, functions, strict=True)
        )
        self.settings = replace(settings, embeddings=embeddings)


@dataclass(frozen=True)
class Answer:
    """What a task gives. It never raises, so that no worker writes tracebacks to its log.

    Attributes
    ----------
    value : object
        What the work gave.
    seconds : float
        How much audio was decoded for it.
    raised : Exception or None
        What the work has raised instead.
    """

    value: Any = None
    seconds: float = 0.0
    raised: Exception | None = None


@dataclass(frozen=True)
class Crashed:
    """The value of an answer if each process that did the work has ended.

    Attributes
    ----------
    words : str
        How the last one ended.
    """

    words: str


def carried(why: BaseException) -> Exception:
    """Give an exception that survives a pickle: errors of ours as they are, others in words.

    A function of the user's may also raise what ends a program, which must not end a worker.
    """
    if isinstance(why, AudioclustError):
        return why
    return RuntimeError(f"{type(why).__name__}: {why}")
