"""What a browser asks for: requests, refused unless they are the page's own."""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

MAX_HEAD = 32_768
"""Most bytes of a request. Browsers also send the cookies of all other servers at 127.0.0.1."""

METHODS = ("GET", "HEAD")
"""What can be done with a page and its sounds."""

_NAME = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
"""What names of methods and header fields are made of (RFC 9110, section 5.6.2)."""

_LINE = re.compile(rb"(" + _NAME + rb") ([!-~]+) HTTP/1\.1")
_FIELD = re.compile(rb"(" + _NAME + rb"):[ \t]*((?:[!-~\x80-\xff][ \t]*)*)")

_ONCE = ("host", "origin", "range", "if-range", "content-length")
"""Fields of which a second one could mean something else to somebody on the way."""

_ITEM = re.compile(r"sound/(0|[1-9][0-9]{0,8})")

Asked: TypeAlias = "Literal['page'] | int"
"""The page itself, or the number of an item."""


class Refused(Exception):  # noqa: N818 - it is no error of the server
    """A request that is not answered as it was meant.

    Parameters
    ----------
    status : int
        The status of the answer.
    words : str
        Why, in one sentence. It tells nothing that only the page's own browser may know.
    **fields : str
        Header fields of the answer; underscores stand for hyphens.
    """

    def __init__(self, status: int, words: str, **fields: str) -> None:
        super().__init__(words)
        self.status: int = status
        self.words: str = words
        self.fields: dict[str, str] = {
            name.replace("_", "-"): value for name, value in fields.items()
        }


@dataclass(frozen=True)
class Request:
    """A request as it was read.

    Attributes
    ----------
    method : str
        Any method.
    target : str
        What comes after it, in ASCII.
    fields : mapping of str to str
        The header fields, by their names in lower case.
    """

    method: str
    target: str
    fields: Mapping[str, str]


def parsed(head: bytes) -> Request:
    """Read the head of a request, up to the empty line that ends it.

    Only what browsers send is understood: what two readers could read in two ways, such as
    lines that end otherwise, folded lines and bodies, is refused.

    Parameters
    ----------
    head : bytes
        Without the empty line.

    Raises
    ------
    Refused
        If it is nothing that a browser sends.
    """
    first, *lines = head.split(b"\r\n")
    line = _LINE.fullmatch(first)
    if line is None:
        raise Refused(400, "Expected a request of HTTP/1.1.")
    fields: dict[str, str] = {}
    for text in lines:
        field = _FIELD.fullmatch(text)
        if field is None:
            raise Refused(400, "A header field is malformed.")
        name, value = field[1].decode("ascii").lower(), field[2].decode("latin-1").rstrip()
        if name in fields and name in _ONCE:
            raise Refused(400, "A header field is there twice.")
        fields[name] = value
    if "transfer-encoding" in fields or fields.get("content-length", "0") != "0":
        raise Refused(400, "Expected a request without a body.")
    if "expect" in fields:
        raise Refused(417, "Nothing can be expected.")
    return Request(line[1].decode("ascii"), line[2].decode("ascii"), fields)


def asked_for(request: Request, token: str, port: int) -> Asked:
    """Find out what a request is for, and whether it may have it.

    Parameters
    ----------
    request : Request
    token : str
        What the first part of the path must be.
    port : int
        The port of this server.

    Returns
    -------
    asked : {"page"} or int

    Raises
    ------
    Refused
        If the method is neither GET nor HEAD; if the request is for another host, as it is
        when somebody's name is made to lead to 127.0.0.1; if another page sent it; if the path
        is not exactly one that the page has.
    """
    if request.method not in METHODS:
        raise Refused(405, "Expected GET or HEAD.", Allow=", ".join(METHODS))
    _check_sender(request.fields, port)
    expected, given = f"/{token}/".encode("ascii"), request.target.encode("ascii")
    # The time of a comparison must not tell how much of a guess is right.
    if not hmac.compare_digest(given[: len(expected)], expected):
        raise Refused(404, "There is nothing here.")
    rest = request.target[len(expected) :]
    if not rest:
        return "page"
    item = _ITEM.fullmatch(rest)
    if item is None:
        raise Refused(404, "There is nothing here.")
    return int(item[1])


def _check_sender(fields: Mapping[str, str], port: int) -> None:
    hosts = (f"127.0.0.1:{port}", f"localhost:{port}")
    host = fields.get("host")
    if host is None:
        raise Refused(400, "Expected a Host.")
    if host not in hosts:
        raise Refused(403, "This is not the host that was asked for.")
    if fields.get("origin", f"http://{host}") != f"http://{host}":
        raise Refused(403, "Another page asked for this.")
    # Links elsewhere may open the page, but no other page may use anything of it.
    is_opened = (fields.get("sec-fetch-mode"), fields.get("sec-fetch-dest")) == (
        "navigate",
        "document",
    )
    site = fields.get("sec-fetch-site", "same-origin")
    if site not in ("same-origin", "none") and not is_opened:
        raise Refused(403, "Another page asked for this.")
