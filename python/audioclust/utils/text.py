"""Names as text that can be written and shown, and text to files."""

from __future__ import annotations


def printable(text: str) -> str:
    r"""Give text that can be written as UTF-8: a byte that is none of it becomes ``\xNN``."""
    try:
        encoded = text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        # A name on Windows may have half of a surrogate pair.
        encoded = text.encode("utf-8", "surrogatepass")
    return encoded.decode("utf-8", "backslashreplace")


def on_one_line(text: str) -> str:
    """Give text that stays on its line and does nothing to a terminal."""
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape").decode() for c in printable(text)
    )
