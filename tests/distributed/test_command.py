"""The command line on a cluster."""

from __future__ import annotations

import subprocess
import sys
import threading
import warnings
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import distributed
import pytest
from support.clusters import free_port, same, scheduler, short_sounds, until
from support.command import run

import audioclust as ac
from audioclust.cli.stderr import noise_contained


def test_extract_with_a_store(
    client: distributed.Client, library: list[str], tmp_path: Path
) -> None:
    table, store = tmp_path / "all.features", tmp_path / "run"
    given = "--scheduler", client.scheduler.address, "--store", store
    for _ in range(2):
        told = run("extract", *library, "--output", table, *given)
        assert told.returncode == 0, told.stderr
        assert same(ac.FeatureTable.load(table), ac.extract(library, n_jobs=1))
    # The second run says that it found everything in the store, and nobody writes more.
    assert told.stderr.splitlines() == ["60 of 60 files remembered."]


def test_segment(client: distributed.Client, library: list[str], tmp_path: Path) -> None:
    files = [name for name in library if "chord" in name][:3]
    settings = "--window", 0.3, "--min-duration", 0.2, "--json"
    one = run("segment", *files, *settings, tmp_path / "one.json")
    other = run(
        *("segment", *files, *settings, tmp_path / "other.json"),
        *("--scheduler", client.scheduler.address),
    )
    assert (other.returncode, other.stdout, other.stderr) == (0, one.stdout, one.stderr)
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "other.json").read_bytes()


def test_no_scheduler(
    library: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from audioclust.distributed import clients
    from audioclust.errors import SchedulerError

    address = f"tcp://127.0.0.1:{free_port()}"
    monkeypatch.setattr(clients, "CONNECT_SECONDS", 1)
    with (
        pytest.raises(SchedulerError, match=f"no scheduler answers at {address} within 1 s"),
        clients.connected(address),
    ):
        pass
    told = run("extract", library[0], "--output", tmp_path / "a.csv", "--scheduler", address)
    assert told.returncode == 1
    assert told.stderr.startswith(f"Error: no scheduler answers at {address} within 10 s")
    assert len(told.stderr.splitlines()) == 1


def test_dashboard_is_no_scheduler(monkeypatch: pytest.MonkeyPatch) -> None:
    from audioclust.distributed import clients

    class Silent(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    monkeypatch.setattr(clients, "CONNECT_SECONDS", 1)
    with HTTPServer(("127.0.0.1", 0), Silent) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        words = "no scheduler answers .* and not that of its dashboard"
        with (
            pytest.raises(ac.SchedulerError, match=words),
            clients.connected(f"tcp://127.0.0.1:{server.server_port}"),
        ):
            pass
        server.shutdown()


def test_tls_without_certificates(library: list[str], tmp_path: Path) -> None:
    given = "--scheduler", f"tls://127.0.0.1:{free_port()}"
    told = run("extract", library[0], "--output", tmp_path / "a.csv", *given)
    assert told.returncode == 1
    assert told.stderr.startswith(f"Error: cannot connect to {given[1]}: ")
    assert "distributed.comm.tls" in told.stderr
    assert len(told.stderr.splitlines()) == 1


def test_scheduler_that_is_killed(tmp_path: Path) -> None:
    """What the library logs of it is not shown."""
    port = free_port()
    sounds = tmp_path / "sounds"
    sounds.mkdir()
    short_sounds(sounds, 300)
    arguments = ["extract", str(sounds), "--output", str(tmp_path / "a.csv")]
    with scheduler(port) as process:
        # No worker comes, so that it cannot have ended before.
        command = [sys.executable, "-m", "audioclust", *arguments]
        address = f"tcp://127.0.0.1:{port}"
        with subprocess.Popen(
            [*command, "--scheduler", address], stderr=subprocess.PIPE, text=True
        ) as run_of_ours:
            with distributed.Client(address, timeout=20, set_as_default=False) as looking:
                until(lambda: _known_tasks(looking) > 0)
                process.kill()
            told = run_of_ours.communicate(timeout=60)[1]
    assert run_of_ours.returncode == 1
    assert told.startswith(f"Error: the scheduler at {address} was lost or restarted")
    assert len(told.splitlines()) == 1


def _known_tasks(client: distributed.Client) -> int:
    return int(client.run_on_scheduler(lambda dask_scheduler: len(dask_scheduler.tasks)))


def test_that_work_waits_is_printed_at_once(capfd: pytest.CaptureFixture[str]) -> None:
    with noise_contained():
        warnings.warn("no sound", ac.FoundTwiceWarning, stacklevel=1)
        warnings.warn("no workers", ac.ClusterWarning, stacklevel=1)
        warnings.warn("nothing of ours", UserWarning, stacklevel=1)
        assert capfd.readouterr().err == "Warning: no workers\n"
    assert capfd.readouterr().err == "Warning: no sound\n"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["--store", "there"], "--store FOLDER needs --scheduler ADDRESS; without a cluster"),
        (["--scheduler", "a b", "--shard", "1/2"], "--shard and --scheduler: expected one"),
        (["--store", "there", "--shard", "1/2"], "--shard and --store: expected one of them"),
        (["--scheduler", "a b", "--n-jobs", "2"], "--n-jobs beside --scheduler: the workers"),
        (["--scheduler", "a b", "--cache", "x"], "--cache beside --scheduler: the workers"),
        (["--scheduler", "what://a:1"], "--scheduler what://a:1: expected an address"),
        (["--scheduler", "tcp://host"], "--scheduler tcp://host: expected an address"),
    ],
)
def test_options_that_cannot_be(
    library: list[str], tmp_path: Path, given: list[str], words: str
) -> None:
    told = run("extract", library[0], "--output", tmp_path / "a.parquet", *given)
    assert told.returncode == 2
    assert words in " ".join(told.stderr.split())
    assert "Traceback" not in told.stderr


@pytest.mark.parametrize(
    ("command", "given", "refused"),
    [
        ("segment", ["--n-jobs", 2], "--n-jobs"),
        ("cluster", ["--cache", "x"], "--cache"),
        # The threads of cluster group the sounds, and to use no cache is what is done anyway.
        ("cluster", ["--n-jobs", 2, "--no-cache"], None),
    ],
)
def test_options_that_workers_do_not_use(
    library: list[str], command: str, given: list[object], refused: str | None
) -> None:
    told = run(command, library[0], *given, "--scheduler", "what://a:1")
    words = f"{refused} beside --scheduler: the workers of a cluster do not use it"
    assert told.returncode == 2
    assert (words in " ".join(told.stderr.split())) == (refused is not None)
    assert ("--scheduler what://a:1: expected an address" in told.stderr) == (refused is None)


def test_without_distributed(library: list[str], tmp_path: Path) -> None:
    script = (
        "import sys; sys.modules['distributed'] = None\n"
        "from audioclust.__main__ import run; run()"
    )
    arguments = ["extract", library[0], "--output", str(tmp_path / "a.csv")]
    told = subprocess.run(
        [sys.executable, "-c", script, *arguments, "--scheduler", "tcp://127.0.0.1:1"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 2
    assert "pip install 'audioclust[dask]'" in told.stderr
    assert "Traceback" not in told.stderr
