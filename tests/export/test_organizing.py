"""Files are put into folders, nothing is replaced, and all can be undone."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import stat
import tempfile
import zlib
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.organized import tree

import audioclust as ac
from audioclust.export.organizing import files
from audioclust.export.organizing.carrying_out import carry_out
from audioclust.export.organizing.names import cluster_names, numbered, safe_name
from audioclust.export.organizing.plan import PlacingMode, plan_for

MODES: tuple[PlacingMode, ...] = get_args(PlacingMode)

HOSTILE = [b"a\nb.wav", b"m\xff\xfe.wav", b"#.wav", b"x" * 251 + b".wav", "\u202ez".encode()]


@pytest.fixture
def sounds(tmp_path: Path) -> list[str]:
    """Files in two folders, with equal and with hostile names, some of them read-only."""
    made: list[str] = []
    for folder in ("one", "two"):
        (tmp_path / "in" / folder).mkdir(parents=True)
        for name in [b"same.wav", b"SAME.wav", b".hidden", *HOSTILE]:
            path = tmp_path / "in" / folder / os.fsdecode(name)
            path.write_bytes(folder.encode() + name)
            os.utime(path, ns=(10**18, 10**18 + len(made)))
            made.append(str(path))
    os.chmod(made[0], 0o400)
    return made


def placed(sounds: list[str], folder: Path, mode: PlacingMode) -> ac.Organized:
    return carry_out(plan_for(str(folder), [(sound, "0 kicks") for sound in sounds], mode))


@pytest.mark.parametrize("mode", MODES)
def test_each_file_is_put_somewhere_and_undone(
    tmp_path: Path, sounds: list[str], mode: PlacingMode
) -> None:
    out = tmp_path / "out"
    (out / "0 kicks").mkdir(parents=True)
    (out / "0 kicks" / "same.wav").write_bytes(b"was here")
    before = tree(tmp_path)
    modes = [os.stat(sound).st_mode for sound in sounds]
    done = placed(sounds, out, mode)
    assert [step.source for step in done.placed] == sounds
    assert not done.errors
    assert (out / "0 kicks" / "same.wav").read_bytes() == b"was here"
    names = [os.path.basename(step.target).casefold() for step in done.placed]
    assert len({"same.wav", *names}) == len(sounds) + 1
    for step, permissions in zip(done.placed, modes, strict=True):
        assert Path(step.target).read_bytes() == before[step.source]
        assert os.path.islink(step.target) == (mode == "link")
        assert os.path.exists(step.source) == (mode != "move")
        assert os.stat(step.target).st_mode == permissions
        assert os.stat(step.target).st_mtime_ns == 10**18 + sounds.index(step.source)
    assert done.log is not None
    undone = ac.undo(done.log)
    assert undone.undone == done.placed[::-1]
    assert not undone.kept
    assert tree(tmp_path) == before


@pytest.mark.parametrize("mode", MODES)
def test_a_second_run_adds_what_is_new(
    tmp_path: Path, sounds: list[str], mode: PlacingMode
) -> None:
    first = placed(sounds[1:], tmp_path / "out", mode)
    now = [step.target for step in first.placed] if mode == "move" else sounds[1:]
    second = placed([sounds[0], *now], tmp_path / "out", mode)
    assert [step.source for step in second.plan] == [sounds[0]]
    assert list(second.plan.in_place) == now
    third = placed(now, tmp_path / "out", mode)
    assert third.log is None
    assert not third.placed


def test_nothing_is_done_before_it_is_asked_for(tmp_path: Path, sounds: list[str]) -> None:
    before = tree(tmp_path)
    plan = plan_for(str(tmp_path / "out"), [(sound, "a") for sound in sounds], "move")
    assert len(plan) == len(sounds)
    assert tree(tmp_path) == before
    assert not (tmp_path / "out").exists()


def test_a_file_that_cannot_be_placed_stops_nothing(
    tmp_path: Path, sounds: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    link = tmp_path / "link.wav"
    link.symlink_to(sounds[3])
    os.mkfifo(tmp_path / "pipe.wav")
    os.link(sounds[0], tmp_path / "again.wav")
    bad = [str(tmp_path / name) for name in ("missing.wav", "pipe.wav", "link.wav")]
    given = [*bad, *sounds, str(tmp_path / "again.wav")]
    plan = plan_for(str(tmp_path / "out"), [(path, "a") for path in given], "move")
    assert [error.path for error in plan.errors] == [*bad, given[-1]]
    assert "the same file as" in plan.errors[-1].message
    os.unlink(sounds[1])  # It goes between plan and deed.
    Path(plan.steps[2].target).parent.mkdir(parents=True)
    Path(plan.steps[2].target).write_bytes(b"came in between")

    def fail(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    with monkeypatch.context() as patched:
        patched.setattr(os, "link", fail)
        patched.setattr(os, "rename", fail)
        failed = carry_out(plan)
    assert not failed.placed
    assert len(failed.errors) == len(given)
    done = carry_out(plan)
    assert {error.path for error in done.errors} == {*bad, given[-1], sounds[1], sounds[2]}
    assert [step.source for step in done.placed] == [sounds[0], *sounds[3:]]
    assert Path(plan.steps[2].target).read_bytes() == b"came in between"


def test_a_file_that_cannot_leave_its_folder_stays_whole(
    tmp_path: Path, sounds: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before, unlink = tree(tmp_path), os.unlink

    def keep(path: str) -> None:
        if path == sounds[3]:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        unlink(path)

    plan = plan_for(str(tmp_path / "out"), [(sound, "a") for sound in sounds], "move")
    with monkeypatch.context() as patched:
        patched.setattr(os, "unlink", keep)
        done = carry_out(plan)
    assert done.errors == (ac.NotPlaced(sounds[3], "Permission denied"),)
    assert Path(sounds[3]).read_bytes() == before[sounds[3]]
    assert not os.path.lexists(plan.steps[3].target)
    assert done.log is not None
    assert not ac.undo(done.log).kept
    assert tree(tmp_path) == before


@pytest.mark.parametrize("elsewhere", [False, True])
def test_a_file_that_somebody_else_removes_meanwhile_is_not_lost(
    tmp_path: Path, sounds: list[str], monkeypatch: pytest.MonkeyPatch, elsewhere: bool
) -> None:
    content, link, unlink = Path(sounds[3]).read_bytes(), os.link, os.unlink

    def other_disk(source: str, target: str, **given: Any) -> None:
        if elsewhere and source == sounds[3]:
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
        link(source, target, **given)

    def late(path: str) -> None:
        unlink(path)
        if path == sounds[3]:  # It was gone a moment before.
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)

    monkeypatch.setattr(os, "link", other_disk)
    monkeypatch.setattr(os, "unlink", late)
    done = placed([sounds[3]], tmp_path / "out", "move")
    assert [Path(step.target).read_bytes() for step in done.placed] == [content]


@pytest.mark.parametrize("mode", MODES)
def test_what_came_in_between_is_not_taken_for_ours(
    tmp_path: Path, sounds: list[str], mode: PlacingMode
) -> None:
    plan = plan_for(str(tmp_path / "out"), [(sound, "a") for sound in sounds], mode)
    Path(plan.steps[0].target).parent.mkdir(parents=True)
    Path(plan.steps[0].target).write_bytes(b"another")
    os.symlink("nowhere", plan.steps[1].target)
    before = tree(tmp_path)
    done = carry_out(plan)
    assert len(done.placed) == len(sounds) - 2
    assert done.log is not None
    assert not ac.undo(done.log).kept
    assert tree(tmp_path) == before


def test_a_link_and_its_file_are_both_linked(tmp_path: Path, sounds: list[str]) -> None:
    link = tmp_path / "in" / "one" / "link.wav"
    link.symlink_to(sounds[0])
    done = placed([sounds[0], str(link)], tmp_path / "out", "link")
    names = [os.readlink(step.target) for step in done.placed]
    assert names == [sounds[0], str(link)]


def test_without_hard_links_nothing_is_replaced_either(
    tmp_path: Path, sounds: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", fail)
    before = tree(tmp_path)
    plan = plan_for(str(tmp_path / "out"), [(sound, "a") for sound in sounds], "move")
    Path(plan.steps[2].target).parent.mkdir(parents=True)
    Path(plan.steps[2].target).write_bytes(b"came in between")
    done = carry_out(plan)
    assert [error.path for error in done.errors] == [sounds[2]]
    assert Path(plan.steps[2].target).read_bytes() == b"came in between"
    assert done.log is not None
    assert not ac.undo(done.log).kept
    os.unlink(plan.steps[2].target)
    assert tree(tmp_path) == before


def test_hard_links_stand_in_for_symbolic_ones(
    tmp_path: Path, sounds: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    before = tree(tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr(os, "symlink", fail)
        done = placed(sounds, tmp_path / "out", "link")
    assert all(os.path.samefile(step.source, step.target) for step in done.placed)
    assert not any(os.path.islink(step.target) for step in done.placed)
    os.unlink(sounds[4])
    assert done.log is not None
    undone = ac.undo(done.log)
    # It is the last name of that file.
    assert [kept.path for kept in undone.kept] == [done.placed[4].target]
    os.rename(done.placed[4].target, sounds[4])
    assert not ac.undo(done.log).kept
    assert tree(tmp_path) == before


def test_another_file_system_gets_a_copy_that_is_compared(
    tmp_path: Path, sounds: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = "/dev/shm"
    if not os.path.isdir(shared) or os.stat(shared).st_dev == os.stat(tmp_path).st_dev:
        pytest.skip("there is no second file system")
    with tempfile.TemporaryDirectory(dir=shared) as other:
        before = tree(tmp_path)
        with monkeypatch.context() as patched:
            patched.setattr(files, "same_contents", lambda *_: False)
            failed = placed(sounds, Path(other, "out"), "move")
        assert not failed.placed
        assert len(failed.errors) == len(sounds)
        assert tree(tmp_path) == before
        assert list(tree(Path(other))) == [failed.log]
        done = placed(sounds, Path(other, "out"), "move")
        assert [step.source for step in done.placed] == sounds
        assert [Path(step.target).read_bytes() for step in done.placed] == [
            before[sound] for sound in sounds
        ]
        assert not tree(tmp_path)
        assert done.log is not None
        assert not ac.undo(done.log).kept
        assert tree(tmp_path) == before


def test_what_was_changed_since_is_kept(tmp_path: Path, sounds: list[str]) -> None:
    for mode in ("copy", "link"):
        done = placed(sounds, tmp_path / mode, mode)
        changed, gone, lost = done.placed[2:5]
        os.unlink(changed.target)
        Path(changed.target).write_bytes(b"my own")
        os.unlink(gone.target)
        content = Path(lost.source).read_bytes()
        os.unlink(lost.source)
        assert done.log is not None
        undone = ac.undo(done.log)
        # A link that leads to nothing is no loss; the last copy is.
        kept = [lost.target, changed.target] if mode == "copy" else [changed.target]
        assert [entry.path for entry in undone.kept] == kept
        assert Path(changed.target).read_bytes() == b"my own"
        if mode == "copy":
            assert Path(lost.target).read_bytes() == content
        Path(lost.source).write_bytes(content)
        assert os.path.exists(done.log)


def test_moving_back_replaces_nothing(tmp_path: Path, sounds: list[str]) -> None:
    done = placed(sounds, tmp_path / "out", "move")
    Path(sounds[5]).write_bytes(b"another")
    os.unlink(done.placed[6].target)
    Path(done.placed[7].target).write_bytes(b"edited")
    os.rmdir(tmp_path / "in" / "two")
    assert done.log is not None
    undone = ac.undo(done.log)
    assert [entry.path for entry in undone.kept] == [
        done.placed[6].target,
        done.placed[5].target,
    ]
    assert Path(sounds[5]).read_bytes() == b"another"
    assert Path(done.placed[5].target).exists()
    assert Path(sounds[7]).read_bytes() == b"edited"
    assert len(tree(tmp_path / "in" / "two")) == 8


def line_of(entry: dict[str, Any]) -> str:
    """A line of a log, with its checksum."""
    return json.dumps({**entry, "crc32": zlib.crc32(json.dumps(entry).encode())}) + "\n"


@pytest.mark.parametrize("mode", MODES)
def test_a_log_that_was_tampered_with_removes_no_original(
    tmp_path: Path, sounds: list[str], mode: PlacingMode
) -> None:
    done = placed(sounds, tmp_path / "out", mode)
    assert done.log is not None
    ac.undo(done.log)
    before = tree(tmp_path)
    status = os.stat(sounds[0])
    identity = {"size": status.st_size, "mtime_ns": status.st_mtime_ns, "ino": status.st_ino}
    head: dict[str, Any] = {
        "audioclust": "organize",
        "version": 1,
        "token": "a",
        "new_folders": [],
    }
    step = {"step": 0, "mode": mode, "source": sounds[0], "target": sounds[0], **identity}
    finished = {"done": 0, "as": "hardlink" if mode == "link" else mode, **identity}
    for lines in ([head, step], [head, step, finished]):
        (tmp_path / "log").write_text("".join(map(line_of, lines)))
        ac.undo(tmp_path / "log")
        (tmp_path / "log").unlink(missing_ok=True)
        assert tree(tmp_path) == before


@given(st.binary(max_size=300), st.integers(0, 10**6))
def test_damaged_logs_lose_no_file(noise: bytes, place: int) -> None:
    with tempfile.TemporaryDirectory() as made:
        root = Path(os.path.realpath(made))
        (root / "in").mkdir()
        paths = [root / "in" / name for name in ("a", "b", "c")]
        for path in paths:
            path.write_bytes(path.name.encode())
        done = placed([str(path) for path in paths], root / "out", "move")
        assert done.log is not None
        whole = Path(done.log).read_bytes()
        at = place % len(whole)
        Path(done.log).write_bytes(whole[:at] + noise + whole[at + len(noise) :])
        with contextlib.suppress(ac.ParameterError):
            ac.undo(done.log)
        left = [content for name, content in tree(root).items() if name != done.log]
        assert sorted(left) == [b"a", b"b", b"c"]


def test_other_files_are_no_logs(tmp_path: Path) -> None:
    for text in ("", "[]", "{}", '{"audioclust": "organize", "version": 2', "\0"):
        (tmp_path / "log").write_text(text)
        with pytest.raises(ac.ParameterError, match="expected the log"):
            ac.undo(tmp_path / "log")
    later = {"audioclust": "organize", "version": 99, "token": "a", "new_folders": []}
    (tmp_path / "log").write_text(line_of(later))
    with pytest.raises(ac.ParameterError, match="has version 99: expected 1"):
        ac.undo(tmp_path / "log")
    with pytest.raises(FileNotFoundError):
        ac.undo(tmp_path / "missing")


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path: Path, sounds: list[str]) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"):
        placed(sounds, tmp_path / "file" / "out", "link")


@given(st.text(max_size=300), st.integers(1, 12_000))
def test_names_are_short_visible_and_safe(name: str, n: int) -> None:
    safe = safe_name(name)
    assert len(safe.encode()) <= 150
    assert safe.isprintable()
    assert not set('<>:"/\\|?*') & set(safe)
    assert safe == safe.strip()
    assert not safe.endswith(".")
    base = safe or "x"
    assert len(os.fsencode(numbered(base + ".wav", n))) <= 255
    assert safe_name(safe) == safe


def test_clusters_are_named_so_that_they_sort() -> None:
    assert cluster_names(2, {1: "kicks"}) == ["cluster 0", "1 kicks"]
    names = cluster_names(11, {3: "a/b: c?", 4: "..", 5: "CON", 6: "x" * 400})
    assert names[3:6] == ["03 a_b_ c_", "cluster 04", "05 CON"]
    assert sorted(names, key=lambda name: name.removeprefix("cluster ")) == names
    assert len(names[6]) == 153


def test_the_numbers_of_names_fit_into_255_bytes() -> None:
    assert numbered("a.wav", 1) == "a.wav"
    assert numbered("a.wav", 2) == "a (2).wav"
    for name in ("ü" * 125 + ".wav", "." + "x" * 254, "x." + "y" * 253):
        assert len(numbered(name, 12).encode()) <= 255
        assert numbered(name, 12) != numbered(name, 13)


def test_temporary_files_are_not_taken_for_sounds(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(b"x")
    done = placed([str(tmp_path / "a.wav")], tmp_path / "out", "copy")
    assert done.log is not None
    assert stat.S_ISREG(os.stat(done.log).st_mode)
    assert not done.log.endswith(".wav")
