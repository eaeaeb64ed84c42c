"""Large tags in front of a sound, kept away from decoders.

An ID3v2 tag precedes the sound of many MP3 files: text and pictures of up to 256 MB, and there
may be several. libmpg123, which libsndfile decodes MP3 with, keeps a tag in memory up to four
times, though nothing here asks for it.

The format of a tag: https://id3.org/id3v2.4.0-structure, section 3.1.
"""

from __future__ import annotations

import io
import os

LARGE = 4 * 2**20
"""From how many bytes on tags are kept away. Decoders read a file itself a little faster."""


class WithoutTags(io.RawIOBase):
    """A file that seems to begin after its tags.

    No method raises an OSError, since a decoder written in C cannot pass it on.

    Parameters
    ----------
    file : io.RawIOBase
        The file, which is closed with this one.
    start : int
        The first byte after its tags.

    Attributes
    ----------
    error : OSError or None
        Why the file could not be read to its end.
    interruption : BaseException or None
        What else ended a read, such as Ctrl-C while a server was waited for. A decoder written
        in C would print it and go on.
    """

    def __init__(self, file: io.RawIOBase, start: int) -> None:
        self._file, self._start, self._at = file, start, 0
        self.error: OSError | None = None
        self.interruption: BaseException | None = None

    def readable(self) -> bool:
        """Give True."""
        return True

    def seekable(self) -> bool:
        """Give True."""
        return True

    def tell(self) -> int:
        """Give the position in bytes."""
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a position, at least to the beginning, and give it."""
        if whence == os.SEEK_CUR:
            offset += self._at
        elif whence == os.SEEK_END:
            offset += max(0, self._file.seek(0, os.SEEK_END) - self._start)
        self._at = max(0, offset)
        return self._at

    def readinto(self, target: bytearray) -> int:  # type: ignore[override]
        """Fill a buffer, as far as there are bytes left, and give their number."""
        if self.interruption is not None:
            return 0
        try:
            self._file.seek(self._start + self._at)
            data = self._file.read(len(target)) or b""
        except OSError as why:
            self.error = why
            return 0
        except BaseException as why:
            self.interruption = why
            return 0
        target[: len(data)] = data
        self._at += len(data)
        return len(data)

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()


def without_large_tags(path: str, end: int) -> WithoutTags | None:
    """Open a file without its tags, or give None if they are not large.

    Parameters
    ----------
    path : str
        The file.
    end : int
        The first byte after its tags.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    return WithoutTags(io.FileIO(path), end) if end >= LARGE else None
