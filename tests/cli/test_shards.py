"""`extract --shard` and `merge`: the work of one machine on several that know of no other."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from support.command import run

import audioclust as ac
from audioclust.audio.sources import scan
from audioclust.cli.app import main
from audioclust.extraction.batch import BatchSettings
from audioclust.extraction.partitions.cutting import cut
from audioclust.extraction.partitions.fingerprints import fingerprint
from audioclust.extraction.partitions.store import Store
from audioclust.extraction.recordings import extract_part
from audioclust.extraction.settings import ExtractionSettings

N = 5


def called(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(one) for one in arguments])


def extracted(*arguments: object) -> None:
    done = called("extract", *arguments, "--features", "rms,mfcc", "--n-jobs", 1, "--quiet")
    assert done.exit_code == 0, done.output


@pytest.fixture(scope="module")
def sounds(library: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of 17 files, two of which cannot be used, and one has no UTF-8 name."""
    folder = tmp_path_factory.mktemp("sounds")
    for path in library[::4]:
        os.link(path, folder / os.path.basename(path))
    os.link(library[1], os.fsencode(str(folder)) + b"/caf\xe9.wav")
    for name in ("a.wav", "z.wav"):
        (folder / name).write_bytes(b"no sound")
    return folder


@pytest.fixture(scope="module")
def shards(sounds: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("shards")
    files = [folder / f"part-{number}.parquet" for number in range(1, N + 1)]
    for number, file in enumerate(files, start=1):
        extracted(sounds, "--shard", f"{number}/{N}", "-o", file)
    return files


@pytest.mark.parametrize("suffix", [".parquet", ".features"])
def test_merged_shards_are_the_file_that_one_machine_writes(
    suffix: str, sounds: Path, shards: list[Path], tmp_path: Path
) -> None:
    merged, whole = tmp_path / f"merged{suffix}", tmp_path / f"whole{suffix}"
    done = called("merge", *reversed(shards), "-o", merged)
    assert done.exit_code == 0
    assert f"Wrote 16 files and 21 columns to {merged}" in done.stdout.replace("\n", "")
    assert "2 of 18 could not be used" in done.stderr
    extracted(sounds, "-o", whole)
    assert merged.read_bytes() == whole.read_bytes()
    assert called("merge", *shards, "-o", merged, "--strict", "--quiet").exit_code == 1


def test_a_folder_stands_for_the_shards_in_it(shards: list[Path], tmp_path: Path) -> None:
    one, other = tmp_path / "one.parquet", tmp_path / "other.parquet"
    assert called("merge", shards[0].parent, "-o", one).exit_code == 0
    assert called("merge", *shards, "-o", other).exit_code == 0
    assert one.read_bytes() == other.read_bytes()
    done = called("merge", tmp_path / "..", "-o", other)
    assert "there are no Parquet files in it" in done.output


def test_three_commands_give_the_groups_of_one(tmp_path: Path, sounds: Path) -> None:
    options = ("--features", "rms,mfcc", "--n-jobs", 1)
    for number in (1, 2):
        done = run("extract", sounds, *options, "--shard", f"{number}/2", "-o",
                   f"part-{number}.parquet", cwd=tmp_path)  # fmt: skip
        assert done.returncode == 0
        assert f"Wrote shard {number} of 2 with 8 files and 21 columns" in done.stdout
    assert run("merge", "part-1.parquet", "part-2.parquet", "-o", "all.parquet",
               cwd=tmp_path).returncode == 0  # fmt: skip
    run("cluster", "--table", "all.parquet", "-k", 3, "--json", "of-shards.json", cwd=tmp_path)
    run("cluster", sounds, *options, "-k", 3, "--json", "of-sounds.json", cwd=tmp_path)
    of_shards, of_sounds = (
        json.loads((tmp_path / name).read_text(encoding="utf-8"))
        for name in ("of-shards.json", "of-sounds.json")
    )
    assert of_shards == of_sounds
    assert len(of_shards["items"]) == 16


def message(*arguments: object) -> str:
    """Give what a command that fails says, on one line, and check that it wrote nothing."""
    output = Path(str(arguments[arguments.index("-o") + 1]))
    was_there = output.exists()
    done = called(*arguments)
    assert done.exit_code in (1, 2)
    assert output.exists() == was_there
    return re.sub(r"\s+", " ", done.output)


def test_missing_and_doubled_shards_are_named(
    sounds: Path, shards: list[Path], tmp_path: Path
) -> None:
    out = tmp_path / "x.parquet"
    first, second, third, *_ = shards
    said = message("merge", first, second, *shards[3:], "-o", out)
    assert f"Error: shard 3 of {N} is missing" in said
    said = message("merge", second, "-o", out)
    assert f"Error: shards 1, 3, 4, 5 of {N} are missing" in said
    many = tmp_path / "many.parquet"
    extracted(sounds, "--shard", "5000/9000", "-o", many)
    said = message("merge", many, "-o", out)
    assert "shards 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 8989 more of 9000 are missing" in said
    copy = tmp_path / "copy.parquet"
    copy.write_bytes(third.read_bytes())
    said = message("merge", *shards, copy, "-o", out)
    assert f"Error: shard 3 is there twice: {third}, {copy}" in said
    said = message("merge", first, third, copy, third, *shards[3:], "-o", out)
    assert f"shard 3 is there 3 times: {third}, {copy}, {third}" in said
    assert f"shard 2 of {N} is missing" in said


def test_shards_of_other_runs_are_named(
    sounds: Path, shards: list[Path], tmp_path: Path
) -> None:
    out, other = tmp_path / "x.parquet", tmp_path / "other.parquet"
    rest = [*shards[:1], *shards[2:]]
    called("extract", sounds, "--features", "rms", "--shard", f"2/{N}", "-o", other)
    said = message("merge", *rest, other, "-o", out)
    assert f"{other} is computed with other settings" in said
    extracted(sounds, "--shard", f"2/{N}", "--min-duration", 0.1, "-o", other)
    assert f"{other} is computed with other settings" in message(
        "merge", *rest, other, "-o", out
    )
    extracted(sounds, "--shard", "2/9", "-o", other)
    said = message("merge", *rest, other, "-o", out)
    assert f"{other} is of another number of shards, unlike {shards[0]}" in said
    extracted(sounds, "--exclude", "z.wav", "--shard", f"2/{N}", "-o", other)
    said = message("merge", other, *rest, "-o", out)
    assert f"{other} is of other sounds: all machines must find the same ones" in said


def test_what_is_no_shard_is_named(sounds: Path, shards: list[Path], tmp_path: Path) -> None:
    out, whole = tmp_path / "x.parquet", tmp_path / "whole.parquet"
    extracted(sounds, "-o", whole)
    said = message("merge", *shards, whole, "-o", out)
    assert (
        f"{whole}: no shard of a run; expected files that 'audioclust extract --shard'" in said
    )
    whole.write_bytes(b"PAR1")
    assert f"{whole}: it cannot be read as Parquet" in message("merge", whole, "-o", out)
    assert "No such file" in message("merge", tmp_path / "none.parquet", "-o", out)


def test_no_shard_is_replaced_by_the_merged_table(shards: list[Path], tmp_path: Path) -> None:
    link = tmp_path / "link.parquet"
    link.symlink_to(shards[1])
    before = shards[1].read_bytes()
    for output in (shards[1], link):
        said = message("merge", *shards, "-o", output)
        assert f"expected another file than {shards[1]}, which is one of the shards" in said
    assert shards[1].read_bytes() == before


def test_no_sound_is_replaced_by_a_shard(sounds: Path, tmp_path: Path) -> None:
    sound = tmp_path / "sound.parquet"
    sound.write_bytes((sounds / "a.wav").read_bytes())
    said = message("extract", sounds, sound, "--shard", "1/2", "-o", sound)
    assert "one of the recordings" in said


@pytest.mark.parametrize("shard", ["0/4", "5/4", "x", "3", "1/2/3", "-1/4", "1/0", "1.5/4", ""])
def test_what_is_no_number_of_a_shard_is_refused(shard: str, tmp_path: Path) -> None:
    said = message("extract", ".", f"--shard={shard}", "-o", tmp_path / "x.parquet")
    assert f"{shard!r}: expected a number from 1, and how many shards there are" in said


def test_a_shard_is_parquet(sounds: Path, tmp_path: Path) -> None:
    for suffix in ("features", "csv"):
        said = message("extract", sounds, "--shard", "1/2", "-o", tmp_path / f"x.{suffix}")
        assert "expected the suffix .parquet for a shard" in said


def test_shards_without_rows_are_merged_and_not_clustered(
    library: list[str], tmp_path: Path
) -> None:
    folder = tmp_path / "sounds"
    folder.mkdir()
    (folder / "a.wav").write_bytes(b"no sound")
    os.link(library[0], folder / "b.wav")
    parts = [tmp_path / f"{number}.parquet" for number in (1, 2, 3)]
    for number, part in enumerate(parts, start=1):
        extracted(folder, "--shard", f"{number}/3", "-o", part)
    tables = [ac.FeatureTable.from_parquet(part) for part in parts]
    assert [(len(table), len(table.errors)) for table in tables] == [(0, 0), (0, 1), (1, 0)]
    for command in (("cluster", "-k", 1), ("choose-k",), ("som",)):
        done = called(*command, "--table", parts[1])
        assert done.exit_code == 1
        assert f"{parts[1]}: it has no rows" in done.output.replace("\n", "")
    out = tmp_path / "all.parquet"
    assert called("merge", *parts, "-o", out).exit_code == 0
    assert ac.FeatureTable.from_parquet(out) == ac.extract(folder, features=["rms", "mfcc"])


def test_if_no_sound_can_be_used_merging_says_it_as_extraction_does(tmp_path: Path) -> None:
    folder, out = tmp_path / "sounds", tmp_path / "x.parquet"
    folder.mkdir()
    for name in "ab":
        (folder / f"{name}.wav").write_bytes(b"no sound")
    parts = [tmp_path / f"{number}.parquet" for number in (1, 2)]
    for number, part in enumerate(parts, start=1):
        extracted(folder, "--shard", f"{number}/2", "-o", part)
    said = message("merge", *parts, "-o", out)
    assert said == message("extract", folder, "-o", out, "--n-jobs", 1)


def test_if_all_sounds_are_too_short_merging_says_it(
    library: list[str], tmp_path: Path
) -> None:
    part, out = tmp_path / "1.parquet", tmp_path / "x.parquet"
    extracted(library[0], "--min-duration", 100, "--shard", "1/1", "-o", part)
    said = message("merge", part, "-o", out)
    assert "all 1 sounds are too short or too long: min_duration=100" in said


def test_the_parts_of_a_store_are_shards_as_well(sounds: Path, tmp_path: Path) -> None:
    settings = ExtractionSettings.checked(features=["rms", "mfcc"])
    parts = cut(scan(str(sounds)), 4)
    store = Store.checked(tmp_path / "run")
    assert store is not None
    for number, part in enumerate(parts):
        table = extract_part(part, settings, BatchSettings())
        store.write(number, table, fingerprint(part, settings, number, len(parts)))
    merged, whole = tmp_path / "merged.parquet", tmp_path / "whole.parquet"
    assert called("merge", tmp_path / "run", "-o", merged).exit_code == 0
    extracted(sounds, "-o", whole)
    assert merged.read_bytes() == whole.read_bytes()
