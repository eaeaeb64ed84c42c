"""One signal, block by block, to the vector of an embedding; vectors to columns of a table."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from audioclust.audio.preparation.parts import Part, PartResampler
from audioclust.audio.reading import finite
from audioclust.errors import ItemError, ParameterError, SignalError
from audioclust.extraction.embeddings.embedding import Embedding
from audioclust.utils.arguments import as_floats
from audioclust.utils.threads import Cancelled

if TYPE_CHECKING:
    from numpy.typing import NDArray


class VectorBuilder:
    """Builds the vector of one signal that comes block by block.

    With windows, no more samples are kept than a window and a block have.

    Parameters
    ----------
    sr : int
        The signal's rate in Hz.
    embedding : Embedding
        What is computed of it.
    part : Part or None, default=None
        The part of it that is used; None is all.
    """

    def __init__(self, sr: int, embedding: Embedding, part: Part | None = None) -> None:
        self._embedding = embedding
        self._length = embedding.window_length
        self._resampler = PartResampler(sr, embedding.sr, part or Part(sr))
        self._pieces: list[NDArray[np.float32]] = []
        self._held = 0
        self._total = np.zeros(0)
        self._n_vectors = 0

    @property
    def done(self) -> bool:
        """Whether what follows is not used, so that it need not be decoded."""
        return self._resampler.done

    def push(self, y: NDArray[np.float32], stop: threading.Event) -> None:
        """Take in the next samples, of one channel.

        Raises
        ------
        SignalError
            If they are not finite, or the function fails or gives no vector.
        Cancelled
            If `stop` is set meanwhile.
        """
        for piece in self._resampler.push(y):
            self._take(piece, stop)
            if stop.is_set():
                raise Cancelled

    def finish(self, stop: threading.Event) -> NDArray[np.float32]:
        """End the signal, which has at least one sample, and give its vector.

        Raises
        ------
        SignalError, Cancelled
            As :meth:`push` does.
        """
        for piece in self._resampler.finish():
            self._take(piece, stop)
        rest = self._joined()
        self._pieces = []
        if self._length is None:
            self._add(rest, stop)
        elif not self._n_vectors or 2 * len(rest) >= self._length:
            self._add(np.pad(rest, (0, self._length - len(rest))), stop)
        return self._in_range(self._total / self._n_vectors)

    def _take(self, piece: NDArray[np.float32], stop: threading.Event) -> None:
        """Keep samples, and use those that make a window."""
        self._pieces.append(finite(piece))
        self._held += len(piece)
        if self._length is None or self._held < self._length:
            return
        y = self._joined()
        end = len(y) - len(y) % self._length
        for start in range(0, end, self._length):
            self._add(y[start : start + self._length], stop)
        self._pieces, self._held = [y[end:].copy()], len(y) - end

    def _joined(self) -> NDArray[np.float32]:
        """Give the samples that are kept, as an array that the function may change."""
        return np.concatenate(self._pieces)

    def _add(self, y: NDArray[np.float32], stop: threading.Event) -> None:
        """Add the vector of a stretch of samples to the others."""
        with self._embedding.turn(stop):
            vector = self._vector(self._embedding.answer(y))
        expected = self._embedding.size
        if expected is None and self._n_vectors:
            expected = len(self._total)
        if expected not in (None, len(vector)):
            raise self._wrong(f"it gave {len(vector)} values: expected {expected}")
        self._total = vector + self._total if self._n_vectors else vector
        self._n_vectors += 1

    def _vector(self, answer: object) -> NDArray[np.float64]:
        """Give what the function answered as one vector: the mean if there are several."""
        try:
            array = as_floats("its answer", answer, (1, 2), integers=True, half=True)
        except ParameterError as why:
            raise self._wrong(str(why)) from None
        except Exception as why:  # Objects read themselves as arrays, by code of their own.
            raise self._wrong(f"{type(why).__name__}: {why}") from why
        self._in_range(array)
        # A copy, since the function may use its array again.
        return np.array(array, np.float64) if array.ndim == 1 else array.mean(0, np.float64)

    def _in_range(self, values: NDArray[np.floating]) -> NDArray[np.float32]:
        """Give values in single precision, or raise a SignalError if they do not fit in."""
        with np.errstate(over="ignore"):
            single = values.astype(np.float32, copy=False)
        wrong = values[~np.isfinite(single)]
        if wrong.size:
            raise self._wrong(f"it gave {wrong[0]}: expected finite numbers of float32")
        return single

    def _wrong(self, message: str) -> SignalError:
        return SignalError("embedding", f"{self._embedding.name}: {message}")


def common_sizes(vectors: Sequence[Sequence[NDArray[np.float32]]]) -> list[int]:
    """Give the size that most vectors of each embedding have, those of the first if tied.

    The first recording alone could be the odd one; and which of them is done first is chance.

    Parameters
    ----------
    vectors : sequence of sequences of ndarray
        The vectors of each recording, one for each embedding.
    """
    # Of equal counts, most_common() has the one first that was met first.
    return [
        Counter(map(len, of_one)).most_common(1)[0][0] for of_one in zip(*vectors, strict=True)
    ]


def other_size(
    path: str,
    embeddings: Sequence[Embedding],
    vectors: Sequence[NDArray[np.float32]],
    sizes: Sequence[int],
) -> ItemError | None:
    """Give the error of a recording with a vector of another size than most; None without."""
    for embedding, vector, size in zip(embeddings, vectors, sizes, strict=True):
        if len(vector) != size:
            message = f"it gave {len(vector)} values: expected {size}, the most frequent number"
            return ItemError(path, "embedding", f"{embedding.name}: {message}")
    return None


def vector_columns(embeddings: Sequence[Embedding], sizes: Sequence[int]) -> tuple[str, ...]:
    """Give the columns of embeddings of these sizes."""
    pairs = zip(embeddings, sizes, strict=True)
    return tuple(name for one, size in pairs for name in numbered(one.name, size))


def numbered(name: str, size: int) -> list[str]:
    """Give the columns of one embedding: its name, and numbers from 1."""
    return [f"{name}_{number}" for number in range(1, size + 1)]
