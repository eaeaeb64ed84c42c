"""The options that prepare sounds."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

import audioclust as ac
from audioclust.cli.app import main
from audioclust.cli.inputs.preparing import PREPARATION, preparation_of

TYPED = ["--offset", "0.1", "--duration", "2", "--channels", "0", "--highpass", "50",
         "--trim", "40", "--excerpt", "0.5", "--normalize", "rms"]  # fmt: skip


def test_the_options_are_the_fields_of_a_preparation() -> None:
    assert [field.name for field in dataclasses.fields(ac.Preparation)] == list(PREPARATION)
    assert preparation_of(dict.fromkeys(PREPARATION), None) is None
    for name in ("cluster", "choose-k"):
        command = main.commands[name]
        # An option that was not typed can be told from one that was.
        values = command.make_context(name, ["sounds"]).params
        assert [values[option] for option in PREPARATION] == [None] * 7


def test_options_change_single_values_of_a_preset() -> None:
    typed = {**dict.fromkeys(PREPARATION), "highpass": 50.0}
    expected = ac.Preparation(highpass=50.0, trim=40.0)
    assert preparation_of(typed, "oneshots") == expected


def test_cluster_prepares_as_is_typed(folder: str, tmp_path: Path) -> None:
    path = str(tmp_path / "found.json")
    command = ["cluster", folder, "-k", "2", "--features", "rms", *TYPED, "--json", path]
    assert CliRunner().invoke(main, command).exit_code == 0
    saved = json.loads(Path(path).read_text(encoding="utf-8"))["settings"]["preparation"]
    assert saved == {"offset": 0.1, "duration": 2.0, "channels": 0, "highpass": 50.0,
                     "trim": 40.0, "excerpt": 0.5, "normalize": "rms"}  # fmt: skip


def test_choose_k_prepares_as_is_typed(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from audioclust.api import extracting

    asked = []
    original = extracting.extract

    def watched(source: object, **settings: object) -> ac.FeatureTable:
        asked.append(settings["preparation"])
        return original(source, **settings)  # type: ignore[arg-type]

    monkeypatch.setattr(extracting, "extract", watched)
    command = ["choose-k", folder, "--features", "rms", "--quiet", *TYPED[:4]]
    assert CliRunner().invoke(main, command).exit_code == 0
    assert asked == [ac.Preparation(offset=0.1, duration=2.0)]


@pytest.mark.parametrize(
    ("flag", "value", "expected"),
    [
        ("--offset", "-1", "'-1': expected a number of seconds from 0"),
        ("--duration", "long", "'long': expected a number of seconds from 0"),
        ("--channels", "-1", "expected one of mix, left, right, loudest, or the number of a"),
        ("--highpass", "0", "'0': expected a number of Hz above 0"),
        ("--trim", "nan", "'nan': expected a number of dB above 0"),
        ("--excerpt", "inf", "'inf': expected a number of seconds above 0"),
        ("--normalize", "lufs", "'lufs' is not one of 'peak', 'rms', 'loudness'"),
    ],
)
def test_wrong_values_are_refused_in_words(
    folder: str, flag: str, value: str, expected: str
) -> None:
    result = CliRunner().invoke(main, ["cluster", folder, f"{flag}={value}"])
    assert result.exit_code == 2
    assert expected in " ".join(result.output.split())
