"""Numbers for each frame of a recording, in memory while they are few."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from types import TracebackType
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


ROOM = 32 * 2**20
"""Bytes that a store keeps in memory; with more it goes on in a temporary file."""


BLOCK_ROWS = 4096
"""Rows that are read back at a time."""


class FrameStore:
    """Rows that are written once, front to back, and read as often as is wanted.

    They are in memory up to :data:`ROOM` bytes and then in a file that the system forgets with
    the process, in the folder that :func:`tempfile.gettempdir` names (``TMPDIR``).

    Parameters
    ----------
    n_columns : int
        Length of a row.

    Attributes
    ----------
    n_rows : int
        Number of rows so far.
    """

    def __init__(self, n_columns: int) -> None:
        self.n_columns = n_columns
        self.n_rows = 0
        self._file = tempfile.SpooledTemporaryFile(max_size=ROOM)  # noqa: SIM115 - see close()

    def append(self, rows: NDArray[np.float32]) -> None:
        """Add rows, of shape (n, n_columns)."""
        self._file.write(
            np.ascontiguousarray(rows, np.float32).data.cast("B") if len(rows) else b""
        )
        self.n_rows += len(rows)

    def blocks(self) -> Iterator[tuple[int, NDArray[np.float32]]]:
        """Give all rows, some at a time, each time with the number of those before."""
        size = 4 * self.n_columns * BLOCK_ROWS
        for start in range(0, self.n_rows, BLOCK_ROWS):
            # Whoever reads may be interrupted by another: each block says where it is.
            self._file.seek(4 * self.n_columns * start)
            values = np.frombuffer(self._file.read(size), np.float32)
            yield start, values.reshape(-1, self.n_columns)
        self._file.seek(0, 2)

    def close(self) -> None:
        """Give back the memory, or the file."""
        self._file.close()

    def __enter__(self) -> FrameStore:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        why: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self.close()
