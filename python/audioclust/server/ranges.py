"""Which bytes of a file are asked for (RFC 9110, section 14)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from audioclust.server.asking import Refused

_RANGES = re.compile(r"bytes=[ \t]*([0-9, \t-]*)", re.IGNORECASE | re.ASCII)
_ONE = re.compile(r"([0-9]{1,19})-([0-9]{0,19})|-([0-9]{1,19})", re.ASCII)


def asked_bytes(
    method: str, fields: Mapping[str, str], size: int, etag: str
) -> tuple[int, int] | None:
    """Give the range of bytes that a request is for.

    Parameters
    ----------
    method : str
        Ranges are those of GET.
    fields : mapping of str to str
        The header fields, by their names in lower case.
    size : int
        How many bytes there are.
    etag : str
        What tells these bytes from those of an earlier file.

    Returns
    -------
    first, end : int, or None
        The first byte, and the one after the last; None is for all of them. Several ranges
        are answered with all, as the standard allows, and so is what is not about bytes, or is
        about an earlier file.

    Raises
    ------
    Refused
        If there are no such bytes, or the range is malformed.
    """
    text = fields.get("range")
    if method != "GET" or text is None or fields.get("if-range", etag) != etag:
        return None
    if not text.lower().startswith("bytes="):
        return None
    found = _RANGES.fullmatch(text)
    ranges = [
        _ONE.fullmatch(part.strip(" \t")) for part in (found[1] if found else "").split(",")
    ]
    one = ranges[0]
    if one is None or None in ranges:
        raise _unsatisfiable(size)
    if len(ranges) > 1:
        return None
    if one[3] is not None:
        first, end = size - min(size, int(one[3])), size
    else:
        first = int(one[1])
        end = min(size, int(one[2]) + 1) if one[2] else size
        if one[2] and int(one[2]) < first:
            raise _unsatisfiable(size)
    if first >= end:
        raise _unsatisfiable(size)
    return first, end


def _unsatisfiable(size: int) -> Refused:
    return Refused(416, "There are no such bytes.", Content_Range=f"bytes */{size}")
