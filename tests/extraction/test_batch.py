"""The one loop over recordings: order, typed errors, progress, and how it ends early."""

from __future__ import annotations

import itertools
import os
import threading
import time
from pathlib import Path

import numpy as np
import pytest

import audioclust as ac
from audioclust.audio.recording import Recording
from audioclust.audio.sources import Scan
from audioclust.extraction.batch import (
    BatchSettings,
    each_recording,
    first_results,
    run_batch,
)
from audioclust.utils.threads import Cancelled

FOUR = BatchSettings(n_threads=4)
TEN = [Recording(str(i)) for i in range(10)]


def name_of(recording: Recording, stop: threading.Event) -> str:
    return recording.path


def no_threads_left() -> bool:
    return not [t for t in threading.enumerate() if t.name.startswith("audioclust")]


class Handle:
    """A result that must be closed."""

    def __init__(self) -> None:
        self.closed = 0

    def close(self) -> None:
        self.closed += 1


def test_results_are_in_the_order_of_the_tasks() -> None:
    def slow_first(recording: Recording, stop: threading.Event) -> str:
        time.sleep(0.05 if recording.path == "0" else 0)
        return recording.path

    assert run_batch(TEN, slow_first, FOUR).results == [r.path for r in TEN]


def test_the_largest_are_begun_first(tmp_path: Path) -> None:
    (tmp_path / "small.wav").write_bytes(bytes(10))
    (tmp_path / "large.wav").write_bytes(bytes(1000))
    (tmp_path / "dense.mp3").write_bytes(bytes(300))  # It sounds longer than a larger WAV.
    tasks = [
        Recording("nowhere.wav"),
        Recording(str(tmp_path / "small.wav")),
        Recording("in memory", (np.zeros(100, np.float32), 8000)),
        Recording(str(tmp_path / "large.wav")),
        Recording(str(tmp_path / "dense.mp3")),
    ]
    begun: list[Recording] = []
    run_batch(tasks, lambda recording, _: begun.append(recording), BatchSettings())
    assert [id(recording) for recording in begun] == [id(tasks[i]) for i in (4, 3, 2, 1, 0)]


def test_none_is_a_result() -> None:
    assert run_batch(TEN[:2], lambda *_: None, FOUR) == ([None, None], ())


def test_what_goes_wrong_with_a_recording_is_its_typed_error() -> None:
    wrong = {
        "1": ac.DecodeError("corrupt", "no sync"),
        "3": ac.SignalError("empty", "no samples"),
        "4": ZeroDivisionError("oops"),
        "6": OSError(28, "No space left on device"),
    }

    def work(recording: Recording, stop: threading.Event) -> str:
        if recording.path in wrong:
            raise wrong[recording.path]
        return recording.path

    results, errors = run_batch(TEN, work, FOUR)
    assert results == ["0", "2", "5", "7", "8", "9"]
    assert errors == (
        ac.ItemError("1", "corrupt", "no sync"),
        ac.ItemError("3", "empty", "no samples"),
        ac.ItemError("4", "internal", "ZeroDivisionError: oops"),
        ac.ItemError("6", "internal", "OSError: [Errno 28] No space left on device"),
    )


def test_progress_counts_all_recordings_on_the_callers_thread() -> None:
    def every_other_fails(recording: Recording, stop: threading.Event) -> int:
        return 1 // (int(recording.path) % 2)

    calls: list[tuple[int, int, threading.Thread]] = []
    settings = BatchSettings.checked(
        4, lambda *counts: calls.append((*counts, threading.current_thread()))
    )
    assert len(run_batch(TEN, every_other_fails, settings).errors) == 5
    assert calls == [(done, 10, threading.main_thread()) for done in range(1, 11)]


def test_wrong_arguments_are_raised_with_the_path() -> None:
    def work(recording: Recording, stop: threading.Event) -> None:
        raise ac.ParameterError("sr=8000: expected more")

    with pytest.raises(ac.ParameterError, match=r"^0: sr=8000: expected more$"):
        run_batch(TEN[:1], work, FOUR)


def test_cancellation_is_raised_and_discards_what_was_made() -> None:
    made: list[Handle] = []
    lock = threading.Lock()

    def work(recording: Recording, stop: threading.Event) -> Handle:
        if recording.path == "5":
            raise Cancelled
        with lock:
            made.append(Handle())
            return made[-1]

    with pytest.raises(Cancelled):
        run_batch(TEN, work, FOUR, discard=Handle.close)
    assert made
    assert [handle.closed for handle in made] == [1] * len(made)
    assert no_threads_left()


def test_an_exception_of_the_listener_stops_the_workers() -> None:
    begun: list[str] = []

    def work(recording: Recording, stop: threading.Event) -> Handle:
        begun.append(recording.path)
        if recording.path != "0":
            assert stop.wait(30)  # Only the end of the batch ends this.
        handles.append(Handle())
        return handles[-1]

    def listen(handle: Handle) -> None:
        raise RuntimeError("enough")

    handles: list[Handle] = []
    with pytest.raises(RuntimeError, match="enough"):
        run_batch(TEN, work, BatchSettings(2), on_result=listen, discard=Handle.close)
    # Each thread had begun one, and one of them perhaps another before the exception.
    assert len(begun) <= 3
    # All but the first were made after the exception, so that no listener knows of them.
    assert len(handles) == len(begun)
    assert all(handle.closed == 1 for handle in handles)
    assert no_threads_left()


def test_an_exception_of_progress_stops_the_workers() -> None:
    def fail(done: int, total: int) -> None:
        raise KeyboardInterrupt

    def work(recording: Recording, stop: threading.Event) -> Handle:
        handles.append(Handle())
        return handles[-1]

    handles: list[Handle] = []
    with pytest.raises(KeyboardInterrupt):
        run_batch(TEN, work, BatchSettings(1, fail), discard=Handle.close)
    assert handles
    assert all(handle.closed == 1 for handle in handles)
    assert no_threads_left()


def test_nothing_is_discarded_if_all_goes_well() -> None:
    outcome = run_batch(TEN, lambda *_: Handle(), FOUR, discard=Handle.close)
    assert not any(handle.closed for handle in outcome.results)


def test_errors_of_the_scan_come_first() -> None:
    closed = ac.ItemError("folder", "unreadable", "closed")

    def work(recording: Recording, stop: threading.Event) -> str:
        if recording.path == "1":
            raise ac.DecodeError("corrupt", "no sync")
        return recording.path

    results, errors = each_recording(Scan(TEN[:3], [closed]), work, FOUR)
    assert results == ["0", "2"]
    assert errors == (closed, ac.ItemError("1", "corrupt", "no sync"))


def test_without_a_result_all_errors_are_raised() -> None:
    def fail(recording: Recording, stop: threading.Event) -> None:
        raise ac.DecodeError("empty", "no samples")

    closed = ac.ItemError("folder", "unreadable", "closed")
    with pytest.raises(ac.NothingExtractedError) as caught:
        each_recording(Scan(TEN[:1], [closed]), fail, FOUR)
    assert caught.value.errors == (closed, ac.ItemError("0", "empty", "no samples"))


def test_the_first_results_are_of_the_first_that_can_be_used() -> None:
    items = (ac.Item(str(i), 0.0, 1.0) for i in itertools.count())
    seen: list[str] = []

    def work(item: ac.Item, stop: threading.Event) -> str:
        seen.append(item.path)
        if item.path in ("1", "3", "4"):
            raise ac.DecodeError("corrupt", "no sync")
        return item.path

    results, errors = first_results(items, work, 4, n_threads=3)
    assert results == ["0", "2", "5", "6"]
    assert [error.path for error in errors] == ["1", "3", "4"]
    assert sorted(seen, key=int) == [str(i) for i in range(7)]
    assert next(items).path == "7"  # None was taken in vain.


def test_fewer_first_results_than_asked_for_are_no_error() -> None:
    def fail(recording: Recording, stop: threading.Event) -> None:
        raise ac.DecodeError("corrupt", "no sync")

    assert first_results(TEN[:2], name_of, 5, n_threads=2) == (["0", "1"], ())
    results, errors = first_results(TEN[:2], fail, 5, n_threads=2)
    assert results == []
    assert len(errors) == 2
    assert first_results(TEN, name_of, 0, n_threads=2) == ([], ())


@pytest.mark.parametrize(
    ("n_jobs", "progress", "message"),
    [
        (0, None, "n_jobs=0: expected an int from 1"),
        (None, 3, "progress=3: expected a callable or None"),
    ],
)
def test_settings_are_checked(n_jobs: int | None, progress: object, message: str) -> None:
    with pytest.raises(ac.ParameterError, match=message):
        BatchSettings.checked(n_jobs, progress)  # type: ignore[arg-type]


@pytest.mark.skipif(not hasattr(os, "posix_fadvise"), reason="the system reads nothing ahead")
def test_the_next_files_are_read_ahead_while_others_are_worked_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [tmp_path / f"{size}.wav" for size in (900, 800, 700, 600)]
    for path in paths:
        path.write_bytes(bytes(int(path.stem)))
    asked: list[str] = []

    def advise(file: int, offset: int, length: int, advice: int) -> None:
        assert (offset, advice) == (0, os.POSIX_FADV_WILLNEED)
        assert length >= 2**20
        asked.append(f"{os.fstat(file).st_size} asked")

    def work(recording: Recording, stop: threading.Event) -> None:
        asked.append(f"{Path(recording.path).stem} begun")

    monkeypatch.setattr(os, "posix_fadvise", advise)
    run_batch([Recording(str(path)) for path in paths], work, BatchSettings(1))
    assert asked == [
        *("800 asked", "900 begun", "700 asked", "800 begun", "600 asked", "700 begun"),
        "600 begun",
    ]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_reading_ahead_never_waits_and_tells_no_errors(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.wav")
    tasks = [
        Recording("in memory", (np.zeros(100, np.float32), 8000)),
        Recording(str(tmp_path / "pipe.wav")),
        Recording(str(tmp_path / "missing.wav")),
    ]
    results, errors = run_batch(tasks, lambda recording, _: recording.path, BatchSettings(1))
    assert (len(results), errors) == (3, ())
