"""Requests: what is read, and what is refused."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audioclust.server.asking import Refused, Request, asked_for, parsed

PORT, TOKEN = 8000, "t0ken-of_the-page"
HOST = f"127.0.0.1:{PORT}"
CLICKED = {"sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
"""What browsers send for a link that opens a page."""


def request(target: str, method: str = "GET", **fields: str) -> Request:
    return Request(method, target, {"host": HOST, **fields})


def refused(asked: Request) -> int:
    with pytest.raises(Refused) as why:
        asked_for(asked, TOKEN, PORT)
    return why.value.status


def test_the_page_and_its_sounds_are_asked_for_by_number() -> None:
    assert asked_for(request(f"/{TOKEN}/"), TOKEN, PORT) == "page"
    assert asked_for(request(f"/{TOKEN}/sound/17", "HEAD"), TOKEN, PORT) == 17
    assert asked_for(request(f"/{TOKEN}/sound/0"), TOKEN, PORT) == 0


@given(st.text(max_size=30))
def test_nothing_else_is_there(rest: str) -> None:
    valid = rest == "" or re.fullmatch("sound/(0|[1-9][0-9]{0,8})", rest)
    target = f"/{TOKEN}/{rest}"
    if not valid and target.isascii():
        assert refused(request(target)) == 404


@given(st.text(st.characters(codec="ascii"), max_size=30))
def test_another_token_opens_nothing(token: str) -> None:
    if token != TOKEN:
        assert refused(request(f"/{token}/")) == 404
        assert refused(request(f"/{token}/sound/0")) == 404


@given(st.binary(max_size=200))
def test_any_bytes_are_a_request_or_refused(head: bytes) -> None:
    try:
        found = parsed(head)
    except Refused as why:
        status = why.status
    else:
        assert found.target.isascii()
        assert not re.search(r"\s", found.method + found.target)
        return
    assert 400 <= status < 500


@pytest.mark.parametrize(
    "fields",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "audio"},
        {
            "sec-fetch-site": "cross-site",
            "sec-fetch-mode": "navigate",
            "sec-fetch-dest": "iframe",
        },
        {
            "sec-fetch-site": "cross-site",
            "sec-fetch-mode": "cors",
            "sec-fetch-dest": "document",
        },
        {"origin": "null"},
        {"origin": "http://evil.example"},
        {"origin": f"https://{HOST}"},
        {"origin": f"http://localhost:{PORT}"},
        {"origin": "http://127.0.0.1:8001"},
        {"host": "evil.example"},
        {"host": f"evil.example:{PORT}"},
        {"host": "127.0.0.1"},
        {"host": "127.0.0.1:8001"},
        {"host": f"127.0.0.1.evil.example:{PORT}"},
        {"host": f"127.0.0.2:{PORT}"},
        {"host": f"[::1]:{PORT}"},
        {"host": ""},
    ],
)
def test_other_hosts_and_other_pages_are_refused(fields: dict[str, str]) -> None:
    assert refused(request(f"/{TOKEN}/", **fields)) == 403


@pytest.mark.parametrize(
    "fields",
    [
        {"origin": f"http://{HOST}"},
        {"sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "none", **CLICKED},
        # A link in a notebook, which is at another port of this computer.
        {"sec-fetch-site": "same-site", **CLICKED},
        {"host": f"localhost:{PORT}", "origin": f"http://localhost:{PORT}"},
    ],
)
def test_the_page_itself_and_links_to_it_are_answered(fields: dict[str, str]) -> None:
    assert asked_for(request(f"/{TOKEN}/", **fields), TOKEN, PORT) == "page"


def test_the_words_of_a_refusal_do_not_have_the_token() -> None:
    for asked in (
        request("/"),
        request(f"/{TOKEN}"),
        request(f"/{TOKEN}/x"),
        request("/", "PUT"),
    ):
        with pytest.raises(Refused) as why:
            asked_for(asked, TOKEN, PORT)
        assert TOKEN not in why.value.words + str(why.value.fields)
