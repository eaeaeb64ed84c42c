"""Hundreds of requests that no page of ours sends: all are refused, and nothing leaks."""

from __future__ import annotations

import os
import socket
import urllib.parse
from collections.abc import Iterator

import pytest
from support.served import SECRET, asked, sent

import audioclust as ac
from audioclust.server.serving import Server


class Hostile:
    """Makes requests to a server, all of which are to be refused."""

    def __init__(self, server: Server, folder: str) -> None:
        self.port = server.port
        self.token = server.url.split("/")[-2]
        self.page = f"/{self.token}/"
        self.sound = f"{self.page}sound/0"
        self.folder = folder

    def request(
        self,
        target: str | bytes,
        *fields: str | bytes,
        method: str = "GET",
        version: str = "HTTP/1.1",
        host: str | None = None,
    ) -> bytes:
        """Give a request that is right but for what is given."""
        named = f"127.0.0.1:{self.port}" if host is None else host
        lines = [method.encode() + b" " + _bytes(target) + b" " + version.encode()]
        lines += [f"Host: {named}".encode("latin-1")] if named else []
        return b"\r\n".join([*lines, *map(_bytes, fields), b"", b""])

    def targets(self) -> Iterator[bytes]:
        """Wrong tokens and paths, and ways to other files."""
        token = self.token
        secret = f"{self.folder}/secret.txt"
        wrong = [
            "", "x", token[:-1], token + "x", token.swapcase(), token[::-1], f"%{token}",
            urllib.parse.quote(token, safe="").replace(token[0], f"%{ord(token[0]):02x}", 1),
            f" {token}", f"{token};", "..", ".", "%00", "0" * len(token), "*" * 10_000,
        ]  # fmt: skip
        yield from (self.request(f"/{one}/") for one in wrong)
        yield from (self.request(f"/{one}/sound/0") for one in wrong)
        yield from (
            self.request(one) for one in ("/", "//", "*", "/favicon.ico", "/index.html")
        )
        up = [
            "../", "..%2f", "%2e%2e/", "%2e%2e%2f", "..\\", "..%5c", "%252e%252e%252f",
            "....//", "..;/", "..%c0%af", "%c0%ae%c0%ae/", "..%00/", "/", "//", "%2f", "./",
            ".%2e/",
        ]  # fmt: skip
        for one in up:
            for start in (self.page, f"{self.page}sound/", "/"):
                yield self.request(f"{start}{one * 6}etc/passwd")
                yield self.request(f"{start}{one}secret.txt")
        yield self.request(f"{self.page}sound/{secret}")
        yield self.request(f"{self.page}sound/{urllib.parse.quote(secret, safe='')}")
        yield self.request(f"{self.page}sound/file://{secret}")
        yield self.request(f"{self.page}sound/kick_00.wav")
        numbers = [
            "", "-1", "+1", "10", "11", "999999999", "9999999999", "9" * 400, "00", "01", "0.0",
            "1e0", "0x1", "1_0", " 1", "1 ", "1/", "1//", "/1", "1/..", "1%00", "%31", "1?",
            "1?x=1", "1#", "1;a", "1.wav", "NaN", "None", "~1", "0,1", "1\t", "-0", "1-2", "*",
        ]  # fmt: skip
        yield from (self.request(f"{self.page}sound/{one}") for one in numbers)
        digits = ["٣", "\uff13", "௧", "²", "①", "0̸", "\u200b1", "é", "\x001", "1\x00", "\x7f"]
        yield from (self.request(f"{self.page}sound/{one}") for one in digits)
        paths = ["sound", "sounds/0", "Sound/0", "sound/0/", "sound//0", "//sound/0", "?", "x"]
        yield from (self.request(f"{self.page}{one}") for one in paths)
        own = f"http://127.0.0.1:{self.port}{self.sound}"
        absolute = [
            own, own.replace("http", "HTTP"), "http://evil.example/", "file:///etc/passwd",
            f"//127.0.0.1:{self.port}{self.sound}", "https:/x", "javascript:alert(1)",
        ]  # fmt: skip
        yield from (self.request(one) for one in absolute)

    def methods(self) -> Iterator[bytes]:
        """What cannot be done here."""
        names = [
            "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "MKCOL", "get",
            "Get", "HEAD2", "G", "GETGET", "!#$%&'*+-.^_`|~",
        ]  # fmt: skip
        yield from (self.request(self.sound, method=name) for name in names)
        yield from (self.request(self.page, method=name) for name in names)
        yield self.request(f"127.0.0.1:{self.port}", method="CONNECT")
        yield self.request("evil.example:443", method="CONNECT")
        yield self.request("*", method="OPTIONS")
        yield from (
            self.request(self.page, method=name) for name in ("G T", "", "G\x00T", "(GET)")
        )

    def senders(self) -> Iterator[bytes]:
        """Other hosts, other pages."""
        port = self.port
        hosts = [
            "evil.example", f"evil.example:{port}", "127.0.0.1", "localhost",
            f"127.0.0.1:{port + 1}", f"127.1:{port}", f"2130706433:{port}",
            f"0x7f.1:{port}", f"[::1]:{port}",
            f"0.0.0.0:{port}", f"127.0.0.1:{port}@evil.example", f"a@127.0.0.1:{port}",
            f"127.0.0.1:{port}, evil.example", f"127.0.0.1:0{port}", f"127.0.0.1.:{port}",
            f"localhost.evil.example:{port}", f"LOCALHOST:{port}", "\xff",
        ]  # fmt: skip
        yield from (self.request(self.page, host=host) for host in hosts)
        yield from (self.request(self.sound, host=host) for host in hosts)
        yield self.request(self.page, host="")
        yield self.request(self.page, f"Host: 127.0.0.1:{port}")
        yield self.request(self.page, "Host: evil.example")
        origins = [
            "null", "http://evil.example", f"https://127.0.0.1:{port}", "file://", "",
            f"http://127.0.0.1:{port + 1}", f"http://localhost:{port}",
            f"http://127.0.0.1:{port}/", f"http://127.0.0.1:{port}.evil.example",
        ]  # fmt: skip
        yield from (self.request(self.sound, f"Origin: {origin}") for origin in origins)
        own = f"Origin: http://127.0.0.1:{port}"
        yield self.request(self.sound, own, "Origin: http://evil.example")
        for site in ("cross-site", "same-site", "x"):
            yield self.request(self.sound, f"Sec-Fetch-Site: {site}")
            yield self.request(
                self.sound,
                f"Sec-Fetch-Site: {site}",
                "Sec-Fetch-Mode: no-cors",
                "Sec-Fetch-Dest: audio",
            )

    def heads(self) -> Iterator[bytes]:
        """Heads that are malformed, too long, or hide something."""
        versions = ["HTTP/0.9", "HTTP/1.0", "HTTP/1.2", "HTTP/2.0", "HTTP/3", "http/1.1",
                    "HTTP/1.1 ", "HTTP/11", "HTTP/1.1x", "ICY", ""]  # fmt: skip
        yield from (self.request(self.page, version=version) for version in versions)
        good = self.request(self.page)
        yield f"GET {self.page}\r\n\r\n".encode()
        yield b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
        yield b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"
        yield b"\r\n" + good
        yield b"\r\n\r\n"
        yield good.replace(b" HTTP", b"  HTTP")
        yield good.replace(b"GET ", b"GET\t")
        yield good.replace(b"GET ", b" GET ")
        yield b"\x00" + good
        yield good.replace(b"\r\n", b"\n") + b"\r\n\r\n"
        yield good.replace(b"\r\n", b"\r", 1)
        fields: list[str | bytes] = [
            "X", "X y: 1", ": 1", " X: 1", "\tX: 1", "X : 1", "X\x00: 1", "X: \x00", "X: a\rb",
            "X: a\nb", b"X\xff: 1", "X: \x1b[2J", "X: 1\r\n folded", "(X): 1",
        ]  # fmt: skip
        yield from (self.request(self.page, one) for one in fields)
        bodies = [
            "Transfer-Encoding: chunked", "transfer-encoding: identity", "Transfer-Encoding:",
            "Transfer-Encoding: xchunked", "Content-Length: 5", "Content-Length: -1",
            "Content-Length: 00", "Content-Length: +0", "Content-Length: 0, 0",
            "Content-Length: x", "Content-Length:", "Content-Length: 99999999999999999999",
        ]  # fmt: skip
        yield from (self.request(self.sound, one) for one in bodies)
        yield self.request(self.sound, "Content-Length: 0", "Content-Length: 0")
        yield self.request(self.sound, "Content-Length: 0", "Transfer-Encoding: chunked")
        smuggled = self.request(f"{self.page}sound/1")
        yield self.request(self.sound, f"Content-Length: {len(smuggled)}") + smuggled
        yield self.request(self.sound, "Transfer-Encoding: chunked") + b"0\r\n\r\n" + smuggled
        yield self.request(self.sound, "Expect: 100-continue")
        yield self.request(self.page, *(f"X{i}: {'a' * 100}" for i in range(1000)))
        yield self.request(self.page, "X: " + "a" * 100_000)
        yield self.request(self.page + "a" * 100_000)
        yield b"A" * 60_000

    def ranges(self) -> Iterator[bytes]:
        """Ranges that are malformed, or where there is nothing."""
        ranges = ["-", "a-b", "5-2", "--5", "1-2-3", "0x1-2", "1-2,", ",", "-0", "99999999-",
                  f"{'9' * 30}-", "0-1,a", "1 -2", "é", "", "0-1;", "\xb2-"]  # fmt: skip
        yield from (self.request(self.sound, f"Range: bytes={one}") for one in ranges)
        yield self.request(self.sound, "Range: bytes=0-1", "Range: bytes=2-3")

    def all(self) -> list[bytes]:
        kinds = (self.targets, self.methods, self.senders, self.heads, self.ranges)
        return [request for kind in kinds for request in kind()]


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")


def test_hundreds_of_hostile_requests_are_refused_and_leak_nothing(
    server: Server, sounds: ac.Clustering
) -> None:
    hostile = Hostile(server, os.path.dirname(sounds.paths[0]))
    requests = hostile.all()
    assert len(set(requests)) >= 300
    for request in requests:
        answer = sent(server.port, request)
        # A head that is far too long may be cut off before the answer is read.
        if answer.raw or len(request) < 65_536:
            assert 400 <= answer.status < 500, request[:200]
        for leaked in (SECRET, b"root:", b"RIFF", b"<html", hostile.token.encode()):
            assert leaked not in answer.raw, request[:200]
        assert len(answer.body) < 100
        assert answer.raw.count(b"HTTP/1.1 ") <= 1
    # After all of that it serves what is right.
    assert asked(server.url).status == asked(server.url, "sound/0").status == 200


def test_only_the_first_of_several_requests_is_answered(server: Server) -> None:
    hostile = Hostile(server, "")
    for second in (hostile.request(hostile.sound), hostile.request("/evil")):
        answer = sent(server.port, hostile.request(hostile.page) + second)
        assert answer.status == 200
        assert answer.raw.count(b"HTTP/1.1 200") == 1
        assert int(answer.fields["content-length"]) == len(answer.body)


@pytest.mark.parametrize("n", [0, 1, 10, 60])
def test_a_request_that_ends_too_early_is_refused(server: Server, n: int) -> None:
    hostile = Hostile(server, "")
    request = hostile.request(hostile.page)[:n]
    assert sent(server.port, request, is_whole=False).status == 400


def test_those_who_say_nothing_hold_up_nobody_for_long(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("audioclust.server.serving._SECONDS_TO_ASK", 0.3)
    silent = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(40)]
    statuses = [one.recv(100)[9:12] for one in silent]
    for one in silent:
        one.close()
    # All were waited for, unless none of the others had ended in time.
    assert b"408" in statuses
    assert set(statuses) <= {b"408", b"503"}
    assert statuses.count(b"503") <= 8
    answers = (asked(server.url) for _ in range(1000))
    assert next(answer for answer in answers if answer.status == 200)


def test_it_listens_at_this_computers_own_address_only(server: Server) -> None:
    addresses = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None)}
    others = {str(one) for one in addresses if not str(one).startswith("127.")}
    for address in {*others, "::1"}:
        with pytest.raises(OSError, match=r".*"):
            socket.create_connection((address, server.port), timeout=5)


def test_all_answers_forbid_what_nobody_needs(server: Server) -> None:
    for answer in (asked(server.url), asked(server.url, "sound/0"), asked(server.url, "x")):
        assert answer.fields["cache-control"] == "no-store"
        assert answer.fields["x-content-type-options"] == "nosniff"
        assert answer.fields["referrer-policy"] == "no-referrer"
        assert answer.fields["cross-origin-resource-policy"] == "same-origin"
        assert "frame-ancestors 'none'" in answer.fields["content-security-policy"]
        assert answer.fields["connection"] == "close"
        assert "access-control-allow-origin" not in answer.fields
        assert "server" not in answer.fields
