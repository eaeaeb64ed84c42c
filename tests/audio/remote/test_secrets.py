"""What is secret in an address is nowhere in results, files, messages and logs."""

from __future__ import annotations

import contextlib
import io
import logging
import pickle
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from support.web import Web, web

import audioclust as ac
from audioclust.utils.files import output_path

SECRET = "s3cr3tSECRET"
QUERY = f"X-Amz-Signature={SECRET}&X-Amz-Credential={SECRET}%2Fus&token={SECRET}&id="


@pytest.fixture
def server(rng: np.random.Generator) -> Iterator[Web]:
    with web(statuses={"/no.wav": 403, "/broken.wav": 500}) as running:
        for n in range(6):
            file = io.BytesIO()
            frequency = 200 * (n + 1)
            t = np.arange(44_100) / 22050
            y = np.sin(2 * np.pi * frequency * t) * (t % 0.5 < 0.2) + 0.01 * rng.normal(
                size=t.size
            )
            soundfile.write(file, 0.5 * y, 22050, format="WAV" if n % 2 else "FLAC")
            running.files[f"/{n}"] = file.getvalue()
        running.files["/bad.flac"] = b"fLaC" + bytes(1000)
        yield running


@pytest.fixture
def urls(server: Web) -> list[str]:
    host = server.address.removeprefix("http://")
    names = [*map(str, range(6)), "bad.flac", "no.wav", "broken.wav", "missing.wav"]
    return [f"http://user:{SECRET}@{host}/{name}?{QUERY}{n}" for n, name in enumerate(names)]


@pytest.fixture
def kept(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    """Look at all that our loggers and the terminal got in the end."""
    caplog.set_level(logging.DEBUG, logger="audioclust")
    yield
    ours = [record for record in caplog.records if record.name.startswith("audioclust")]
    assert SECRET not in repr([record.getMessage() for record in ours])
    assert SECRET not in "".join(capfd.readouterr())


def clean(*values: object) -> None:
    for value in values:
        assert SECRET not in repr(value)
        assert SECRET.encode() not in pickle.dumps(value)


def clean_folder(folder: Path) -> None:
    written = [path for path in folder.rglob("*") if path.is_file()]
    assert written
    for path in written:
        assert SECRET.encode() not in path.read_bytes(), path
        assert SECRET not in path.name


@pytest.mark.usefixtures("kept")
def test_results_and_what_they_write_have_no_secrets(urls: list[str], tmp_path: Path) -> None:
    seen: list[object] = []
    result = ac.cluster(
        urls, 2, n_jobs=1, random_state=0, progress=lambda *told: seen.append(told)
    )
    assert len(result.labels) == 6
    assert len(result.errors) == 4
    clean(result, result.table, result.errors, result.item_table(), result.summary(), seen)
    assert SECRET not in result._repr_html_()
    for suffix in ("csv", "json", "parquet"):
        result.export(tmp_path / f"result.{suffix}")
    result.table.to_csv(tmp_path / "table.csv")
    result.table.to_parquet(tmp_path / "table.parquet")
    result.table.save(tmp_path / "table.features")
    result.save(tmp_path / "result.model")
    result.to_playlists(tmp_path, format="m3u8")
    result.to_playlists(tmp_path, format="xspf")
    result.report(tmp_path / "report.html")
    clean_folder(tmp_path)
    clean(result.similar(urls[0]), result.predict(urls, n_jobs=1))


@pytest.mark.usefixtures("kept")
def test_hits_and_segments_have_no_secrets(urls: list[str], tmp_path: Path) -> None:
    hits = ac.onsets(urls[1])
    segments = ac.segment(urls[:2], 2, window=0.5, n_jobs=1, random_state=0)
    clean(hits, segments)
    assert SECRET not in segments._repr_html_() + hits._repr_html_()
    for number, one in enumerate((hits, segments)):
        one.export(tmp_path / f"{number}.csv")
        one.export(tmp_path / f"{number}.json")
    clean_folder(tmp_path)
    # They still know where the sound is, until they are pickled.
    segments.write_audio(0, tmp_path / "segments.wav")
    hits.sonify(path=tmp_path / "hits.wav")
    clean_folder(tmp_path)
    again = pickle.loads(pickle.dumps(segments))
    assert again == segments
    assert pickle.loads(pickle.dumps(hits)) == hits


@pytest.mark.usefixtures("kept")
def test_errors_have_no_secrets_in_their_whole_chains(urls: list[str], server: Web) -> None:
    works: list[Callable[[], object]] = [
        lambda: ac.extract(urls[9]),
        lambda: ac.extract(urls[7]),
        lambda: ac.extract(urls[8], n_jobs=1),
        lambda: ac.extract(urls[6:], n_jobs=1),
        lambda: ac.load(urls[9]),
        lambda: ac.load(urls[8]),
        lambda: ac.load(urls[6]),
        lambda: ac.extract(f"nonsense://u:{SECRET}@h/a.wav"),
        lambda: ac.extract(f"gs://u:{SECRET}@h/a.wav"),
        lambda: ac.extract(f"http://u:{SECRET}@127.0.0.1:9/a.wav", n_jobs=1),
        lambda: ac.extract(f"ftp://u:{SECRET}@127.0.0.1:9/a.wav", n_jobs=1),
        lambda: ac.extract(f"http://u:{SECRET}@[x/a.wav", n_jobs=1),
        lambda: ac.extract(f"http://u:{SECRET}@h:port/a.wav", n_jobs=1),
        lambda: ac.extract(f"zip://::http://u:{SECRET}@127.0.0.1:9/a.zip", n_jobs=1),
        lambda: ac.extract(f"simplecache::http://u:{SECRET}@127.0.0.1:9/a.wav", n_jobs=1),
        lambda: ac.extract(f" \nhttp://u:{SECRET}@127.0.0.1:9/a.wav", n_jobs=1),
        lambda: ac.load([urls[6], 3]),  # type: ignore[arg-type]
        lambda: ac.extract(urls[6].encode()),  # type: ignore[arg-type]
        lambda: ac.extract([Path(), urls[6] + "\0"]),
        lambda: ac.choose_k(urls[6]),
        lambda: output_path(f"s3://k:{SECRET}@b/r.parquet"),
        lambda: ac.onsets(urls[6]),
        lambda: ac.segment(urls[6], 2),
    ]
    for work in works:
        with pytest.raises(Exception) as caught:  # noqa: PT011 - each has its own
            work()
        text = "".join(traceback.format_exception(caught.value))
        # The lines of this test have the name of the constant, and no value.
        assert SECRET not in text, text
        clean(str(caught.value))
        assert SECRET not in repr(vars(caught.value))


@pytest.mark.usefixtures("kept")
def test_a_table_of_addresses_has_no_secrets(urls: list[str]) -> None:
    table = ac.FeatureTable.from_array(np.ones((2, 3)), urls[:2], ["a", "b", "c"])
    clean(table)


def test_nothing_is_printed_by_others(
    urls: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    with contextlib.suppress(ac.errors.NothingExtractedError):
        ac.extract(urls[6:], n_jobs=1)
    assert capfd.readouterr() == ("", "")
