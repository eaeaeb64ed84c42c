"""Extraction on a cluster gives the table that one process gives, to the bit."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import distributed
import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray
from support.clusters import same, scaled, short_sounds, tasks_left, until

import audioclust as ac


@pytest.fixture(scope="module")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> str:
    return short_sounds(tmp_path_factory.mktemp("sounds"), 520, bad=7)


@pytest.fixture(scope="module")
def serial(sounds: str) -> ac.FeatureTable:
    return ac.extract(sounds, n_jobs=1)


@pytest.mark.parametrize("n_workers", [1, 2, 4])
def test_same_table_for_any_workers_and_partitions(
    client: distributed.Client, sounds: str, serial: ac.FeatureTable, n_workers: int
) -> None:
    scaled(client, n_workers)
    for size in (10, 100, 500):
        assert same(ac.extract(sounds, client=client, partition_size=size), serial)
    until(lambda: not tasks_left(client))


def test_progress_counts_recordings(client: distributed.Client, sounds: str) -> None:
    told: list[tuple[int, int]] = []
    ac.extract(
        sounds, client=client, partition_size=50, progress=lambda *counts: told.append(counts)
    )
    done, totals = zip(*told, strict=True)
    assert set(totals) == {527}
    assert list(done) == sorted(done)
    assert done[-1] == 527


def test_names_that_are_not_utf8_and_sounds_in_memory(
    client: distributed.Client, tmp_path: Path
) -> None:
    rng = np.random.default_rng(0)
    for name in (b"caf\xe9.wav", b"b \xff?.wav", b"plain.wav"):
        soundfile.write(os.fsencode(tmp_path) + b"/" + name, rng.normal(0, 0.1, 3000), 22050)
    (tmp_path / "bad-\udce9.wav").write_bytes(b"")
    assert same(ac.extract(tmp_path, client=client), ac.extract(tmp_path, n_jobs=1))
    memory = {f"caf\udce9 {n}": (rng.normal(0, 0.1, 3000), 22050) for n in range(3)}
    assert same(
        ac.extract(memory, client=client, partition_size=2), ac.extract(memory, n_jobs=1)
    )


def test_embeddings_and_descriptors(client: distributed.Client, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for number in range(30):
        # Those of the second part, which have vectors of another size than most, are errors.
        y = rng.normal(0, 0.1, 9000 if 10 <= number < 20 else 3000)
        soundfile.write(tmp_path / f"{number}.wav", y, 8000)

    def loud(y: NDArray[Any], sr: int) -> list[float]:
        return [float(np.abs(y).max()), len(y) / sr, *([1.0] if len(y) > sr else [])]

    files = [str(tmp_path / f"{number}.wav") for number in range(30)]
    embedding = ac.Embedding("loud", loud, sr=8000, version="1")
    asked: dict[str, Any] = {"features": ["default", embedding], "descriptors": True}
    one = ac.extract(files, n_jobs=1, **asked)
    assert len(one.errors) == 10
    other = ac.extract(files, client=client, partition_size=10, **asked)
    assert same(other, one)
    # New sounds can be told by the function, which no worker has sent back.
    assert other.settings.embeddings[0].computed_by is loud


def test_function_that_cannot_be_sent(client: distributed.Client, library: list[str]) -> None:
    lock = threading.Lock()

    def locked(_y: NDArray[Any], _sr: int) -> list[float]:
        return [float(lock.locked())]

    embedding = ac.Embedding("one", locked, sr=8000, version="1")
    with pytest.raises(ac.ParameterError, match="can be sent to the workers"):
        ac.extract(library[:3], features=embedding, client=client)


def test_function_that_workers_cannot_import(
    client: distributed.Client,
    library: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    words = "def loud(y, sr):\n    return [float(abs(y).max())]\n"
    (tmp_path / "only_here.py").write_text(words)
    monkeypatch.syspath_prepend(tmp_path)
    import only_here  # type: ignore[import-not-found]

    def children() -> int:
        """Give a number that grows with each process that was started and has ended."""
        import resource

        return resource.getrusage(resource.RUSAGE_CHILDREN).ru_minflt

    before = client.run(children)
    embedding = ac.Embedding("loud", only_here.loud, sr=8000, version="1")
    words = "a worker cannot read its task .*only_here.*what your own functions import"
    with pytest.raises(ac.ParameterError, match=words):
        ac.extract(library, features=embedding, client=client)
    # No file was tried in a process of its own.
    assert client.run(children) == before


def test_errors_are_those_of_one_process(client: distributed.Client, tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(b"nothing")
    with pytest.raises(ac.NothingExtractedError) as one:
        ac.extract(tmp_path)
    with pytest.raises(ac.NothingExtractedError) as other:
        ac.extract(tmp_path, client=client)
    assert one.value.errors == other.value.errors
    for name, sr in (("b", 22050), ("c", 16000)):
        soundfile.write(tmp_path / f"{name}.wav", np.random.default_rng(0).normal(size=sr), sr)
    keep = ac.Analysis(sr=None)
    for size in (1, 10):
        with pytest.raises(ac.ParameterError, match="expected one rate throughout"):
            ac.extract(tmp_path, analysis=keep, client=client, partition_size=size)


def test_another_version_is_refused_in_words(
    client: distributed.Client, library: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("audioclust.distributed.workers.payloads.__version__", "0.0.1")
    with pytest.raises(
        ac.ParameterError, match=r"a worker has audioclust .*: expected 0\.0\.1"
    ):
        ac.extract(library[:3], client=client)


@pytest.mark.parametrize("given", ["tcp://127.0.0.1:8786", 3])
def test_client_must_be_one(given: object, library: list[str]) -> None:
    with pytest.raises(ac.ParameterError, match=r"client=.*expected a distributed\.Client"):
        ac.extract(library[:3], client=given)


def test_store_needs_a_client(library: list[str], tmp_path: Path) -> None:
    with pytest.raises(ac.ParameterError, match=r"store=.*client="):
        ac.extract(library[:3], store=tmp_path)


def test_store_is_resumed(
    client: distributed.Client, sounds: str, serial: ac.FeatureTable, tmp_path: Path
) -> None:
    def stop(done: int, _total: int) -> None:
        if done >= 200:
            raise ZeroDivisionError

    asked: dict[str, Any] = {"client": client, "store": tmp_path / "run", "partition_size": 40}
    with pytest.raises(ZeroDivisionError):
        ac.extract(sounds, progress=stop, **asked)
    until(lambda: not tasks_left(client))
    before = {path.name for path in (tmp_path / "run").iterdir()}
    assert 5 <= len(before) < 14
    told: list[int] = []
    table = ac.extract(sounds, progress=lambda done, _: told.append(done), **asked)
    assert same(table, serial)
    # What was stored was not computed again.
    assert told[0] >= 200
    assert before < {path.name for path in (tmp_path / "run").iterdir()}


def test_nothing_is_imported_without_a_client(library: list[str]) -> None:
    script = (
        "import sys, audioclust as ac\n"
        f"ac.extract({library[:3]!r}, cache=False)\n"
        f"ac.cluster({library[:9]!r}, 2, cache=False)\n"
        "names = ('distributed', 'dask', 'tornado', 'cloudpickle', 'fsspec', 'pyarrow')\n"
        "print([name for name in names if name in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert told.stdout.strip() == b"[]"


@pytest.mark.parametrize(("retry", "known"), [(False, 9), (True, 6)])
def test_stored_failures_are_tried_again_if_asked(
    client: distributed.Client, tmp_path: Path, retry: bool, known: int
) -> None:
    folder = short_sounds(tmp_path, 8, bad=1)
    asked: dict[str, Any] = {"client": client, "store": tmp_path / "run", "partition_size": 3}
    first = ac.extract(folder, **asked)
    seen: list[int] = []
    again = ac.extract(folder, retry=retry, progress=lambda done, _: seen.append(done), **asked)
    assert seen[0] == known
    assert same(again, first)
