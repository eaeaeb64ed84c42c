"""Rows of numbers, one for each frame: in memory while they are few, else on disk."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


MAX_BYTES_IN_MEMORY = 32 * 2**20
"""Bytes that a store keeps in memory; larger ones go to a temporary file."""


BLOCK_ROWS = 4096
"""Rows that are read back at a time."""


class FrameStore:
    """Rows that are written once, in order, and can be read several times.

    They are in memory up to :data:`MAX_BYTES_IN_MEMORY` bytes. Beyond that they are in a file
    in the folder that :func:`tempfile.gettempdir` names (``TMPDIR``), which the system deletes
    when the store is closed or the process ends.

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
        self.n_rows: int = 0
        self._file = tempfile.SpooledTemporaryFile(  # noqa: SIM115 - close() closes it
            max_size=MAX_BYTES_IN_MEMORY
        )

    def append(self, rows: NDArray[np.float32]) -> None:
        """Add rows, of shape (n, n_columns)."""
        # An empty array has no buffer that can be cast to bytes.
        data = np.ascontiguousarray(rows, np.float32).data.cast("B") if len(rows) else b""
        self._file.write(data)
        self.n_rows += len(rows)

    def blocks(self) -> Iterator[tuple[int, NDArray[np.float32]]]:
        """Read all rows, a block at a time.

        Yields
        ------
        start : int
            Number of rows before this block.
        rows : ndarray of shape (n, n_columns), float32
            At most :data:`BLOCK_ROWS` rows.
        """
        size = 4 * self.n_columns * BLOCK_ROWS
        for start in range(0, self.n_rows, BLOCK_ROWS):
            # Two readers may take turns, so each block is looked for anew.
            self._file.seek(4 * self.n_columns * start)
            values = np.frombuffer(self._file.read(size), np.float32)
            yield start, values.reshape(-1, self.n_columns)
        self._file.seek(0, 2)

    def __getstate__(self) -> tuple[int, bytes]:
        """Give all rows to a pickle, so that another process can have them."""
        self._file.seek(0)
        return self.n_columns, self._file.read()

    def __setstate__(self, state: tuple[int, bytes]) -> None:
        self.__init__(state[0])  # type: ignore[misc]
        self.append(np.frombuffer(state[1], np.float32).reshape(-1, self.n_columns))

    def close(self) -> None:
        """Release the memory or delete the file."""
        self._file.close()

    def __enter__(self) -> FrameStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
