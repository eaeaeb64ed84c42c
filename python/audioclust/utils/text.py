"""Names of files as text that can be written and shown."""

from __future__ import annotations


def printable(text: str) -> str:
    r"""Give text that can be encoded as UTF-8: bytes that are not UTF-8 become ``\xNN``.

    Python represents such bytes of a file's name by lone surrogates.
    """
    try:
        encoded = text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        # A name on Windows may have half of a surrogate pair.
        encoded = text.encode("utf-8", "surrogatepass")
    return encoded.decode("utf-8", "backslashreplace")


def on_one_line(text: str) -> str:
    r"""Give text without line breaks and control characters: they become ``\n``, ``\x1b``.

    A name that is printed this way cannot move a terminal's cursor or change its colours.
    """
    if text.isprintable():
        return text  # Nearly all names are.
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape").decode() for c in printable(text)
    )
