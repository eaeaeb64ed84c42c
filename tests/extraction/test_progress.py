"""Who is shown how far a batch has come: a terminal, a notebook, a function, or nobody."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import types
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from support.screens import in_screen

import audioclust as ac
from audioclust.audio.recording import Recording
from audioclust.extraction.batch import BatchSettings, run_batch
from audioclust.extraction.progress import Pulse, State, count_decoded

CLUSTER = "import audioclust, sys; audioclust.cluster(sys.argv[1], 2{})"


def script(folder: str, more: str = "", after: str = "") -> list[str]:
    return [sys.executable, "-c", CLUSTER.format(more) + after, folder]


def bars(frames: list[list[str]]) -> list[str]:
    return [line for frame in frames for line in frame if re.match(r"\d+/\d", line)]


def test_a_script_in_a_terminal_shows_progress_unless_told_not_to(folder: str) -> None:
    shown = in_screen(script(folder), 100)
    assert bars(shown.frames)[0].startswith("0/60 files")
    assert shown.lines == [""]
    for more, terminal in ((", progress=False", "xterm"), ("", "dumb")):
        assert in_screen(script(folder, more), 100, TERM=terminal).sent == b""


def test_choosing_k_shows_its_steps(folder: str) -> None:
    code = "import audioclust, sys; audioclust.{}"
    rows = [sys.executable, "-c", code.format("choose_k([[i**3 % 7.0] for i in range(90)])")]
    sounds = [sys.executable, "-c", code.format("cluster(sys.argv[1])"), folder]
    for command in (rows, sounds):
        shown = in_screen(command, 100)
        steps = [line for frame in shown.frames for line in frame if " steps " in line]
        # Fits of each k, of which there are two for so few different rows, and the others.
        # Twenty nulls of each of two kinds, and ten subsamples.
        assert steps[0].startswith("0/50 steps")
        assert not any("audio" in line for line in steps)
        assert shown.lines == [""]


def test_a_function_is_called_for_each_step_of_choose_k_alone(folder: str) -> None:
    calls: list[tuple[int, int]] = []
    ac.choose_k(np.eye(9), [2, 3], progress=lambda *call: calls.append(call))
    assert calls == [(done, 50) for done in range(1, 51)]
    del calls[:]
    ac.cluster(folder, features="rms", progress=lambda *call: calls.append(call))
    assert calls == [(done, 60) for done in range(1, 61)]


def test_onsets_show_how_much_was_decoded(capsys: pytest.CaptureFixture[str]) -> None:
    beat = np.zeros(80_000, np.float32)
    beat[::8000] = 0.5
    calls: list[tuple[int, int]] = []
    ac.onsets({"beat": (beat, 8000)}, 1, progress=lambda *call: calls.append(call))
    assert calls == [(1, 1)]
    assert capsys.readouterr().err == ""
    ac.onsets({"beat": (beat, 8000)}, 1, progress=True)
    assert capsys.readouterr().err == "1/1 files, 0:00:10 of audio, 0:00:00 left\n"


def test_standard_error_may_be_anything_that_can_be_written_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Log:
        def write(self, text: str) -> None:
            raise AssertionError(text)

    closed = io.StringIO()
    closed.close()
    for stream in (Log(), closed, None):
        monkeypatch.setattr(sys, "stderr", stream)
        ac.extract({"a": (np.ones(9000, np.float32), 22050)}, features="rms")


def test_a_table_and_a_preview_show_nothing_more(folder: str) -> None:
    code = script(folder, after=".preview(0, sys.argv[1] + '/../preview.wav')")
    assert {bar.split()[0].split("/")[1] for bar in bars(in_screen(code, 100).frames)} == {"60"}


def test_nothing_is_written_to_a_pipe_and_rich_is_not_imported(folder: str) -> None:
    after = "; print('rich' in sys.modules)"
    done = subprocess.run(script(folder, after=after), capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "False\n", "")


def test_asked_for_it_is_written_to_a_pipe_in_a_few_lines(folder: str) -> None:
    done = subprocess.run(script(folder, ", progress=True"), capture_output=True, text=True)
    lines = done.stderr.splitlines()
    assert 1 <= len(lines) <= 10
    pattern = r"\d+/60 files, 0:\d\d:\d\d of audio, 0:\d\d:\d\d left"
    assert all(re.fullmatch(pattern, line) for line in lines)
    assert lines[-1].startswith("60/60 files, ")


def test_a_notebook_shows_a_bar_without_widgets(
    folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages: list[str] = []

    class Handle:
        def update(self, value: object) -> None:
            pages.append(value._repr_html_())  # type: ignore[attr-defined]

    def display(value: object, display_id: bool) -> Handle:
        pages.append(value._repr_html_())  # type: ignore[attr-defined]
        assert display_id
        return Handle()

    ipython = types.SimpleNamespace(
        display=types.SimpleNamespace(display=display),
        get_ipython=lambda: types.SimpleNamespace(kernel=object()),
    )
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    ac.extract(folder, features="rms")
    assert pages[0] == '<progress value="0.000"></progress> 0/60 files, 0:00:00 of audio'
    assert pages[-1].startswith('<progress value="1.000"></progress> 60/60 files, 0:00:')
    del pages[:]
    ac.extract(folder, features="rms", progress=False)
    assert pages == []
    # IPython in a terminal has no kernel.
    monkeypatch.setattr(ipython, "get_ipython", lambda: types.SimpleNamespace())
    ac.extract(folder, features="rms")
    assert pages == []


@pytest.mark.parametrize("function", [ac.extract, ac.segment])
def test_a_function_is_called_for_each_recording(function: Callable[..., object]) -> None:
    y = np.random.default_rng(0).normal(size=40_000).astype(np.float32) / 9
    calls: list[tuple[int, int]] = []
    source = {"one": (y, 8000), "two": (y, 8000)}
    function(source, progress=lambda *call: calls.append(call))
    assert calls == [(1, 2), (2, 2)]


@pytest.mark.parametrize("wrong", [3, "yes"])
@pytest.mark.parametrize("function", [ac.extract, ac.cluster, ac.segment, ac.onsets])
def test_anything_else_is_refused(function: Callable[..., object], wrong: object) -> None:
    with pytest.raises(ac.ParameterError, match="progress=.*: expected a callable or None"):
        function({"a": (np.ones(9), 8000)}, progress=wrong)


def test_the_time_left_goes_by_bytes_and_not_by_files(tmp_path: Path) -> None:
    for name, size in (("large", 900), ("small", 80), ("tiny", 17)):
        (tmp_path / name).write_bytes(bytes(size))
    seen: list[tuple[int, int]] = []
    states: list[State] = []

    class Display:
        def __init__(self, state: State) -> None:
            states.append(state)

        def __enter__(self) -> object:
            return lambda *done: seen.append(done)

        def __exit__(self, *_: object) -> None:
            pass

    tasks = [Recording(str(tmp_path / name)) for name in ("tiny", "large", "small")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("audioclust.extraction.batch.display_for", lambda _: Display)
        run_batch(tasks, lambda _, stop: count_decoded(stop, 4000, 8000), BatchSettings())
    assert seen == [(1, 901), (2, 982), (3, 1000)]
    (state,) = states
    assert (state.total, state.n_bytes, state.audio()) == (3, 1000, "0:00:02 of audio")
    assert state.count(2) == "2/3 files"


def test_the_time_left_is_told_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.monotonic", lambda: 100.0)
    pulse = Pulse()
    state = State(9750, 1000, pulse, begun=40.0)
    assert state.left(0) == ""
    assert state.left(600) == "0:00:40 left"
    assert state.left(10) == "1:39:00 left"
    pulse.add(3725)
    assert (state.count(1200), state.audio()) == ("1,200/9,750 files", "1:02:05 of audio")
