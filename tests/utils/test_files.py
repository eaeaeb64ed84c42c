"""Outputs appear complete or not at all, and never replace an input."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from audioclust.errors import DecodeError, ParameterError
from audioclust.utils.files import output_path, replacing, replacing_by_name, write_text

posix = pytest.mark.skipif(os.name == "nt", reason="needs links, pipes and permissions")
linux = pytest.mark.skipif(sys.platform != "linux", reason="needs /proc and /dev/full")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def run(code: str, *arguments: object, **settings: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, **settings)  # type: ignore[call-overload, no-any-return]


def test_a_file_appears_when_it_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "out.bin"
    with replacing(path) as file:
        file.write(b"new")
        assert not path.exists()
    assert path.read_bytes() == b"new"
    with replacing(path) as file:
        file.write(b"newer")
        file.flush()
        assert path.read_bytes() == b"new"
    assert path.read_bytes() == b"newer"
    assert list(tmp_path.iterdir()) == [path]


def test_text_is_utf_8_with_its_own_line_ends(tmp_path: Path) -> None:
    write_text(tmp_path / "a.txt", "ü\n\r\n")
    assert (tmp_path / "a.txt").read_bytes() == "ü\n\r\n".encode()


@pytest.mark.parametrize("error", [ValueError, OSError, KeyboardInterrupt, SystemExit])
def test_an_exception_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, error: type[BaseException]
) -> None:
    path = tmp_path / "out.txt"

    def interrupted() -> None:
        with replacing(path) as file:
            file.write(b"half")
            raise error

    with pytest.raises(error):
        interrupted()
    assert list(tmp_path.iterdir()) == []
    path.write_text("old")
    with pytest.raises(error):
        interrupted()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_errors_of_the_block_keep_their_own_file_names(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as failed, replacing(tmp_path / "out"):
        (tmp_path / "input").read_text()
    assert failed.value.filename == str(tmp_path / "input")
    with pytest.raises(DecodeError) as broken, replacing(tmp_path / "out"):
        raise DecodeError("corrupt", "it is broken")
    assert broken.value.filename is None
    assert str(broken.value) == "it is broken"


def test_the_tilde_is_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    write_text("~/a.txt", "x")
    assert (tmp_path / "a.txt").read_text() == "x"


def test_a_place_without_a_folder_is_refused_early(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path, number in [
        (tmp_path / "no" / "x", errno.ENOENT),
        (tmp_path / "file" / "x", errno.ENOENT),
        (tmp_path, errno.EISDIR),
        (tmp_path / ("x" * 256), errno.ENAMETOOLONG),
    ]:
        for write in (output_path, lambda path: write_text(path, "x")):
            with pytest.raises(OSError) as failed:  # noqa: PT011 - its number is checked
                write(path)
            assert failed.value.errno == number
            assert failed.value.filename == str(path)
    assert output_path(tmp_path / "new") == str(tmp_path / "new")
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_an_address_is_no_place_for_an_output(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    os.makedirs("https:/me:hidden@host")
    for write in (output_path, lambda path: write_text(path, "x")):
        with pytest.raises(
            ParameterError, match=r"path='https://.*@host/a': expected a path of"
        ) as why:
            write("https://me:hidden@host/a")
        assert "hidden" not in str(why.value)
    write_text("./https://me:hidden@host/a", "x")
    assert (tmp_path / "https:" / "me:hidden@host" / "a").read_text() == "x"


def test_an_input_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "in.wav"
    path.write_text("old")
    (tmp_path / "folder").mkdir()
    names = [str(path), str(tmp_path / "folder" / ".." / "in.wav")]
    if os.name != "nt":
        (tmp_path / "link.wav").symlink_to(path)
        names.append(str(tmp_path / "link.wav"))
    for name in names:
        # Of audio in memory the names may be anything.
        inputs = (text for text in ["absent", "", "a\0b", "x" * 5000, str(path)])
        with pytest.raises(ParameterError, match="one of the recordings"):
            write_text(name, "new", inputs=inputs)
        with pytest.raises(ParameterError, match=r"in\.wav"):
            output_path(name, inputs=[str(path)])
    assert path.read_text() == "old"
    write_text(tmp_path / "other", "new", inputs=[str(path)])


@posix
def test_permissions_are_the_old_files_or_the_umasks(tmp_path: Path) -> None:
    path = tmp_path / "a"
    old = os.umask(0o027)
    try:
        write_text(path, "x")
        assert mode(path) == 0o640
        for wanted in (0o600, 0o755, 0o666):
            path.chmod(wanted)
            with replacing_by_name(path) as temporary:
                assert mode(Path(temporary)) & ~wanted & 0o077 == 0
            assert mode(path) == wanted
    finally:
        os.umask(old)


@posix
@pytest.mark.skipif(os.name != "nt" and os.geteuid() != 0, reason="only root gives files away")
def test_the_owner_stays(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.touch()
    os.chown(path, 65534, 65534)
    write_text(path, "x")
    assert (path.stat().st_uid, path.stat().st_gid) == (65534, 65534)


AS_NOBODY = """
import os, sys
from audioclust.utils.files import write_text
os.setgroups([]); os.setgid(65534); os.setuid(65534)
write_text(sys.argv[1], "new")
"""


@posix
@pytest.mark.skipif(os.name != "nt" and os.geteuid() != 0, reason="only root can be nobody")
def test_what_may_not_be_written_is_an_error_that_names_it(tmp_path: Path) -> None:
    for parent in (*tmp_path.parents, tmp_path):
        if parent.stat().st_uid == os.geteuid() and not mode(parent) & 0o001:
            parent.chmod(mode(parent) | 0o005)
    closed = tmp_path / "closed"
    closed.touch(0o644)
    for path in (closed, tmp_path / "new"):
        done = run(AS_NOBODY, path)
        assert f"PermissionError: [Errno 13] Permission denied: '{path}'" in done.stderr
    # A file that may be written in a folder that may not.
    path = tmp_path / "mine"
    path.write_text("something older that is longer")
    os.chown(path, 65534, 65534)
    assert run(AS_NOBODY, path).returncode == 0
    assert path.read_text() == "new"
    # Another's file in a folder with the sticky bit may be written but not replaced.
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    path = shared / "other's"
    path.write_text("old")
    path.chmod(0o666)
    done = run(AS_NOBODY, path)
    assert path.read_text() == ("new" if done.returncode == 0 else "old"), done.stderr
    assert [p.name for p in shared.iterdir()] == ["other's"]


@posix
def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    target, link = tmp_path / "folder" / "file", tmp_path / "link"
    link.symlink_to(Path("folder") / "file")
    for text in ("first", "second"):  # The link leads to nothing at first.
        write_text(link, text)
        assert link.is_symlink()
        assert target.read_text() == text
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "lost").symlink_to("no/such")
    for name, number in (("loop", errno.ELOOP), ("lost", errno.ENOENT)):
        with pytest.raises(OSError) as failed:  # noqa: PT011 - its number is checked
            write_text(tmp_path / name, "x")
        assert failed.value.errno == number
        assert (tmp_path / name).is_symlink()


@posix
@pytest.mark.parametrize("name", [b"n" * 255, b"caf\xe9.txt", "ü".encode()])
def test_any_name_that_a_file_can_have_is_written(tmp_path: Path, name: bytes) -> None:
    path = os.path.join(tmp_path, os.fsdecode(name))
    try:
        for text in ("one", "two"):
            write_text(path, text)
    except OSError as why:
        if why.errno != errno.EILSEQ:
            raise
        pytest.skip("names are Unicode here")
    with open(path) as file:
        assert file.read() == "two"
    assert os.listdir(os.fsencode(tmp_path)) == [name]


@posix
def test_a_pipe_gets_the_whole_file_once_it_is_complete(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    found: list[bytes] = []
    reader = threading.Thread(target=lambda: found.append(pipe.read_bytes()))
    with replacing(pipe) as file:
        file.write(b"1234" * 50_000)
        file.seek(0)
        file.write(b"head")
        reader.start()
    reader.join(30)
    assert found == [b"head" + b"1234" * 49_999]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


ON_STDOUT = """
import sys
from audioclust.utils.files import write_text
print("before", flush=True)
write_text(sys.argv[1], "text\\n", inputs=["no such file"])
print("after")
"""


@linux
@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "link"])
def test_standard_output_is_written_to_whatever_it_is(tmp_path: Path, name: str) -> None:
    if name == "link":
        (tmp_path / "link").symlink_to("/dev/stdout")
        name = str(tmp_path / "link")
    assert run(ON_STDOUT, name).stdout == "before\ntext\nafter\n"
    path = tmp_path / "out.txt"
    with open(path, "w") as file:
        command = [sys.executable, "-c", ON_STDOUT, name]
        subprocess.run(command, stdout=file, check=True)
    assert path.read_text() == "before\ntext\nafter\n"


@linux
def test_a_full_disk_is_an_error_that_names_the_output(tmp_path: Path) -> None:
    with pytest.raises(OSError) as failed:  # noqa: PT011 - its number is checked
        write_text("/dev/full", "x")
    assert (failed.value.errno, failed.value.filename) == (errno.ENOSPC, "/dev/full")
    # A limit on the size of files fails as a full disk does.
    code = """
import resource, signal, sys
from audioclust.utils.files import replacing
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    with replacing(sys.argv[1]) as file:
        for _ in range(100):
            file.write(bytes(10_000))
except OSError as why:
    print(why)
"""
    path = tmp_path / "out"
    path.write_text("old")
    expected = f"[Errno {errno.EFBIG}] File too large: {str(path)!r}\n"
    assert run(code, path, check=True).stdout == expected
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


REWRITES = """
import sys
from audioclust.utils.files import replacing
print("ready", flush=True)
for number in range(10**9):
    with replacing(sys.argv[1]) as file:
        for _ in range(100):
            file.write(bytes([number % 256]) * 1000)
"""


@pytest.mark.parametrize("seconds", [0.0, 0.003, 0.011, 0.027, 0.05])
def test_a_process_that_is_killed_leaves_a_complete_file(
    tmp_path: Path, seconds: float
) -> None:
    path = tmp_path / "out"
    path.write_bytes(b"o" * 100_000)
    command = [sys.executable, "-c", REWRITES, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(seconds)
        process.kill()
    content = path.read_bytes()
    assert len(content) == 100_000
    assert len(set(content)) == 1
    left = [p.name for p in tmp_path.iterdir() if p != path]
    assert len(left) <= 1
    # A search for sounds passes hidden files over.
    assert all(name.startswith(".") for name in left)


@posix
def test_ctrl_c_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_bytes(b"o" * 100_000)
    command = [sys.executable, "-c", REWRITES, str(path)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(0.02)
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(2)
        assert process.wait() != 0
    assert len(set(path.read_bytes())) == 1
    assert list(tmp_path.iterdir()) == [path]
