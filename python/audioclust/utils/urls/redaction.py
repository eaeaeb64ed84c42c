"""What is secret in an address, and the address without it.

Who holds a presigned address may read the file, and some addresses have a password in them.
Neither may be in results, messages or logs. What is shown has ``***`` in its place.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from audioclust.utils.urls.names import chain_of, protocol_of, split_archive

HIDDEN = "***"
"""What stands in the place of a secret."""

_LITERAL = frozenset({"s3", "s3a", "gs", "gcs", "memory", "zip", "tar", "libarchive"})
"""Protocols whose addresses have no query: what comes after ``?`` belongs to the name."""

_CONTAINERS = frozenset({"abfs", "abfss", "az", "wasb", "wasbs"})
"""Protocols in which what comes before ``@`` is no user, but the name of a container."""

_SIGNING = re.compile(
    r"x-(amz|goog|oss|obs|cos|ms)-.*|signature|awsaccesskeyid|googleaccessid|ossaccesskeyid"
    r"|hdnts|hdnea"
)
"""Names of parameters that make up the signature of an address. They say nothing of which file
it is of, and differ each time that it is signed."""

_BESIDE = {
    frozenset({"sig"}): frozenset(
        {
            *("sig", "se", "sp", "sv", "sr", "st", "spr", "sip", "ss", "srt"),
            *("skoid", "sktid", "skt", "ske", "sks", "skv", "saoid", "suoid", "scid"),
        }
    ),
    frozenset({"signature"}): frozenset({"expires", "policy", "key-pair-id", "security-token"}),
    # Alone, a hash may be what tells which file is meant.
    frozenset({"md5", "expires"}): frozenset({"md5", "expires"}),
}
"""Names that belong to a signature only beside those that it has: others may use them too."""

_SECRET = re.compile(
    r".*(token|secret|passw|credential|key|auth|signature|session|jwt|hmac).*"
    r"|pwd|pass|psw|pw|sas|sign|verify|code"
)
"""Names of other parameters that may be secret."""


_IN_TEXT = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.\-]*::)*[A-Za-z][A-Za-z0-9+.\-]+://[^'\"]*")
"""An address in the repr of something, up to the quotation mark that ends it."""


def redacted(url: str) -> str:
    """Give an address without what is secret in it.

    A user with a password, the parameters of a signature, and parameters whose names say that
    they are secret, such as ``token``, become ``***``. The same address always gives the same
    text, however often it is signed anew.
    """
    return _rewritten(url, shows=True)


def identity_of(url: str) -> str:
    """Give what tells the files of two addresses apart: all but the signature.

    It may have secrets in it, and is not to be shown.
    """
    return _rewritten(url, shows=False)


def shown(value: object) -> str:
    """Give the repr of any value for an error, in which addresses are without secrets.

    It has at most 80 letters, which are cut off only after secrets are hidden.
    """
    return _shown(value)[:80]


def _shown(value: object) -> str:
    if isinstance(value, str):
        return repr(redacted(value))
    if isinstance(value, bytes):
        return f"b{redacted(value.decode('latin-1'))!r}"
    if isinstance(value, (list, tuple)):
        first, last = "[]" if isinstance(value, list) else "()"
        return f"{first}{', '.join(map(_shown, value[:20]))}{last}"
    return _IN_TEXT.sub(lambda found: redacted(found[0]), repr(value))


def numbered(shown: str, number: int) -> str:
    """Give another name to an address that only a secret tells from the one before it."""
    before, _, after = shown.rpartition(HIDDEN)
    return f"{before}{HIDDEN}{number}{after}"


def _rewritten(url: str, *, shows: bool) -> str:
    space = url[: len(url) - len(url.lstrip())]
    before = space + chain_of(url[len(space) :])
    if before:
        return before + _rewritten(url[len(before) :], shows=shows)
    parts = split_archive(url)
    if parts is not None:
        return f"{parts[0]}::{_rewritten(parts[1], shows=shows)}"
    protocol = protocol_of(url)
    if not protocol:
        return url
    start = len(protocol) + 3
    host = re.split(r"[/?#]", url[start:], maxsplit=1)[0]
    rest = url[start + len(host) :]
    if shows:
        host, rest = _without_user(protocol, host, rest)
    if protocol in _LITERAL:
        return url[:start] + host + rest
    path, mark, query = rest.partition("?" if "?" in rest else "#")
    if not mark:
        return url[:start] + host + path
    return url[:start] + host + path + _query(mark, query, shows)


def _without_user(protocol: str, host: str, rest: str) -> tuple[str, str]:
    """Give host and path of an address without user and password."""
    if "@" not in host and ":" in host and not host.endswith("]"):
        # A password with a slash in it, which should have been written as %2F. What is before
        # the slash may look like a port: rather too much is hidden than too little.
        whole = host + rest
        if "@" in whole:
            return f"{HIDDEN}@{whole.rpartition('@')[2]}", ""
    user, at, name = host.rpartition("@")
    if not at or (protocol in _CONTAINERS and ":" not in user):
        return host, rest
    return f"{HIDDEN}@{name}", rest


def _query(mark: str, query: str, shows: bool) -> str:
    """Give what follows the path of an address: marks and parameters."""
    pieces = re.split(r"([&;#?])", query)
    marks, fields = [mark, *pieces[1::2]], pieces[::2]
    names = [unquote(field.partition("=")[0]).lower() for field in fields]
    signing = {name for own, its in _BESIDE.items() if own <= {*names} for name in its}
    kept = ""
    is_signed = False
    for sign, field, name in zip(marks, fields, names, strict=True):
        has_value = "=" in field
        if has_value and (_SIGNING.fullmatch(name) or name in signing):
            kept += f"{sign}{HIDDEN}" if shows and not is_signed else ""
            is_signed = True
        elif has_value and shows and _SECRET.fullmatch(name):
            kept += f"{sign}{field.partition('=')[0]}={HIDDEN}"
        else:
            kept += sign + field
    return kept
