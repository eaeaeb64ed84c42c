"""Which text is an address, and what of it is shown."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from audioclust.utils.by_path import ByPath
from audioclust.utils.files import full_path
from audioclust.utils.urls.names import (
    absolute,
    base_name,
    common_folder,
    in_folder,
    is_url,
    local_path_of,
    parent_of,
    suffix_of,
)
from audioclust.utils.urls.redaction import identity_of, redacted, shown

SECRET = "s3cr3t"


@pytest.mark.parametrize("path", ["s3://b/a.wav", "HTTPS://h/a", "zip://a::b.zip", "x-y+z://a"])
def test_what_begins_with_a_protocol_is_an_address(path: str) -> None:
    assert is_url(path)


@pytest.mark.parametrize(
    "path", ["a.wav", "/s3://b", "./s3://b", "C://a", "a:/b", "://a", "é://a"]
)
def test_other_text_is_a_path(path: str) -> None:
    assert not is_url(path)


def test_an_address_belongs_to_no_folder() -> None:
    assert in_folder("/a", "s3://b/c") == absolute("s3://b/c", "/a") == "s3://b/c"
    assert full_path("s3://b/../c//d") == "s3://b/../c//d"
    assert in_folder("/a", "c") == os.path.join("/a", "c")


def test_names_of_what_is_in_an_archive_are_those_in_it() -> None:
    path = "zip://kicks/a.wav::s3://b/sounds.zip"
    assert base_name(path) == "a.wav"
    assert parent_of(path) == "zip://kicks::s3://b/sounds.zip"
    assert parent_of("zip://a.wav::b.zip") == "zip://::b.zip"
    assert base_name("zip://a::b/c::d.wav::s3://b/e::f.zip") == "c::d.wav"
    assert base_name("zip://a::b.wav::/c.zip") == "a::b.wav"
    assert parent_of("zip://a/b::zip://c::s3://d") == "zip://a::zip://c::s3://d"
    assert suffix_of(path) == ".wav"
    assert base_name("s3://b/x/a.wav") == base_name("x/a.wav") == "a.wav"


@pytest.mark.parametrize(
    ("path", "suffix"),
    [
        ("https://h/a.FLAC?x=.b", ".flac"),
        ("https://h/a.b?c=/d.mp3", ".b"),
        ("s3://b/what?.wav", ".wav"),
        ("s3://b/a.wav?", ""),
        ("https://h.com/", ""),
        ("x/a.tar.GZ", ".gz"),
    ],
)
def test_the_suffix_of_an_address_is_that_of_its_path(path: str, suffix: str) -> None:
    assert suffix_of(path) == suffix


def test_addresses_share_folders_of_one_host() -> None:
    assert common_folder(["s3://b/x/y", "s3://b/x/z"]) == "s3://b/x"
    assert common_folder(["s3://b/x", "s3://b/x"]) == "s3://b/x"
    for several in (["s3://b/x", "s3://c/x"], ["s3://b/x", "/x"], ["s3://b", "gs://b"]):
        shared = common_folder(several) if several[0] == several[1] else None
        if shared is None:
            with pytest.raises(ValueError, match="several places"):
                common_folder(several)


def test_an_address_of_this_machine_is_a_path(tmp_path: Path) -> None:
    (tmp_path / "a%20b").touch()
    for beginning in ("file://", "local://", "FILE://", "file://localhost"):
        assert local_path_of(f"{beginning}{tmp_path}/c%20d") == f"{tmp_path}/c d"
        assert local_path_of(f"{beginning}{tmp_path}/a%20b") == f"{tmp_path}/a%20b"
    assert local_path_of("s3://b/a") is None


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (f"ftp://user:{SECRET}@host/a.wav", "ftp://***@host/a.wav"),
        (f"https://{SECRET}@host:80/a.wav", "https://***@host:80/a.wav"),
        (f"https://u:p@{SECRET}@host/a", "https://***@host/a"),
        (f"ftp://u:a/{SECRET}@host/a", "ftp://***@host/a"),
        (f"http://u:{SECRET}@[::1]:80/a", "http://***@[::1]:80/a"),
        (f"http://u:a::{SECRET}@h/a", "http://***@h/a"),
        (f"https://h/a?X-Amz-Date=1&X-Amz-Signature={SECRET}&id=3", "https://h/a?***&id=3"),
        (f"https://h/a?id=3&x-goog-signature={SECRET}#t", "https://h/a?id=3&***#t"),
        (
            f"https://h/a?AWSAccessKeyId={SECRET}&Signature={SECRET}&Expires=1",
            "https://h/a?***",
        ),
        (f"https://h/a?sv=1&se=2&sp=r&sig={SECRET}", "https://h/a?***"),
        ("https://h/a?sv=1&se=2&sp=r", "https://h/a?sv=1&se=2&sp=r"),
        ("https://h/a?expires=1", "https://h/a?expires=1"),
        *(
            (f"https://h/a?n=1&{name}={SECRET}", f"https://h/a?n=1&{name}=***")
            for name in (
                "token",
                "access_token",
                "API_KEY",
                "apikey",
                "key",
                "password",
                "pass%77ord",
                "X-Auth",
                *("access_key", "accesskey", "AccessKeyId", "subscription-key"),
                *("account_key", "private_key", "hmac", "verify", "sign", "pw", "psw", "code"),
            )
        ),
        (f"https://h/a#access_token={SECRET}", "https://h/a#access_token=***"),
        (f"zip://a.wav::https://u:{SECRET}@h/b.zip", "zip://a.wav::https://***@h/b.zip"),
        ("s3://b/what?key=a #b%.wav", "s3://b/what?key=a #b%.wav"),
        # In these all is the name: nothing in it is known to be secret.
        ("s3://b/k?X-Amz-Signature=1.wav", "s3://b/k?X-Amz-Signature=1.wav"),
        ("memory://k?token=1.wav", "memory://k?token=1.wav"),
        (f"https://u:123/{SECRET}@h/a.wav", "https://***@h/a.wav"),
        ("https://h:80/a.wav", "https://h:80/a.wav"),
        (f"simplecache::https://u:{SECRET}@h/a.wav", "simplecache::https://***@h/a.wav"),
        (f"filecache::zip://a::ftp://u:{SECRET}@h/b", "filecache::zip://a::ftp://***@h/b"),
        (f"zip://a::simplecache::ftp://u:{SECRET}@h/b", "zip://a::simplecache::ftp://***@h/b"),
        (f" \nhttps://u:{SECRET}@h/a.wav", " \nhttps://***@h/a.wav"),
        (f"https://h/a?hdnts=exp=1~hmac={SECRET}&id=3", "https://h/a?***&id=3"),
        (f"https://h/a?id=3&md5={SECRET}&expires=1", "https://h/a?id=3&***"),
        ("https://h/a?md5=3", "https://h/a?md5=3"),
        ("abfs://container@account/a.wav", "abfs://container@account/a.wav"),
        ("http://[::1]:80/a::b", "http://[::1]:80/a::b"),
        ("s3://b/a@b:c.wav", "s3://b/a@b:c.wav"),
        (f"/home/token={SECRET}", f"/home/token={SECRET}"),
    ],
)
def test_what_is_secret_in_an_address_is_not_shown(url: str, shown: str) -> None:
    assert redacted(url) == shown
    assert redacted(shown) == shown


@pytest.mark.parametrize(
    "value",
    [
        f"https://u:{SECRET}@h/a",
        f"https://u:{SECRET}@h/a".encode(),
        [3, (f"https://u:{'x' * 90}{SECRET}@h/a",)],
        {f"https://u:{SECRET}@h/a": 3},
        f"simplecache::https://u:{SECRET}@h/a",
    ],
)
def test_values_in_errors_have_no_secrets(value: object) -> None:
    assert SECRET not in shown(value)
    assert "://***@h" in shown(value)
    assert shown([1, "a", None]) == "[1, 'a', None]"


def test_a_file_is_the_same_however_often_its_address_is_signed() -> None:
    one, two = (f"https://h/a?id=3&X-Amz-Date={n}&X-Amz-Signature={n}" for n in (1, 2))
    assert redacted(one) == redacted(two)
    assert identity_of(one) == identity_of(two)
    other = one.replace("/a?", "/b?")
    assert redacted(one) != redacted(other)
    assert identity_of(one) != identity_of(other)


def test_files_that_only_a_secret_tells_apart_are_told_apart() -> None:
    assert identity_of("https://h/get?key=a") != identity_of("https://h/get?key=b")
    assert identity_of("s3://b/k?Signature=a") != identity_of("s3://b/k?Signature=b")
    assert identity_of("https://h/get?md5=a") != identity_of("https://h/get?md5=b")


def test_a_file_is_looked_up_by_its_whole_address_too() -> None:
    known = ByPath({"https://***@h/a.wav": 1, "s3://b/a.wav": 2}, "/")
    assert known[f"https://u:{SECRET}@h/a.wav"] == 1
    assert known["s3://b/a.wav"] == 2
    assert "s3://b/c.wav" not in known
