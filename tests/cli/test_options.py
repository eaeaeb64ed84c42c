"""The table of options, its choices, and what adding to a table takes."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import get_args

import click
import pytest
from click.testing import CliRunner

from audioclust.cli.app import main
from audioclust.cli.commands.every import COMMANDS
from audioclust.cli.inputs import parsing
from audioclust.cli.options import table as options
from audioclust.cli.options.option import Option
from audioclust.clustering.algorithms import ALGORITHMS
from audioclust.clustering.scaling import Scaling
from audioclust.export.formats import formats_for
from audioclust.export.tables import ItemTable, SpanTable


def option(command: str, flag: str) -> click.Parameter:
    (found,) = [p for p in main.commands[command].params if flag in p.opts]
    return found


def choices(command: str, flag: str) -> tuple[str, ...]:
    kind = option(command, flag).type
    kind = kind.types[0] if isinstance(kind, click.Tuple) else kind
    assert isinstance(kind, click.Choice)
    return tuple(kind.choices)


def test_choices_are_those_of_the_tables() -> None:
    assert choices("cluster", "--algorithm") == tuple(ALGORITHMS)
    # Each hit needs a cluster.
    for_hits = tuple(one.name for one in ALGORITHMS.values() if not one.leaves_noise)
    assert choices("onsets", "--algorithm") == for_hits
    for command in ("cluster", "choose-k"):
        assert choices(command, "--scaling") == ("auto", *get_args(Scaling))
    assert choices("onsets", "--scaling") == get_args(Scaling)
    assert choices("cluster", "--to") == tuple(one.name for one in formats_for(ItemTable))
    for command in ("segment", "onsets"):
        assert choices(command, "--to") == tuple(one.name for one in formats_for(SpanTable))


def test_every_option_is_in_the_table_and_used() -> None:
    known = {one.flag or f"--{one.name.replace('_', '-')}" for one in options.OPTIONS.values()}
    known |= {one.short for one in options.OPTIONS.values() if one.short is not None}
    groups = [one for one in COMMANDS if isinstance(one, click.Group)]
    commands = [*COMMANDS, *(one for group in groups for one in group.commands.values())]
    typed = {name for command in commands for p in command.params
             if isinstance(p, click.Option) for name in p.opts}  # fmt: skip
    assert typed == known


def test_segment_has_labels_and_not_clusters() -> None:
    def help_of(command: str, flag: str) -> str:
        found = option(command, flag)
        assert isinstance(found, click.Option)
        return found.help or ""

    for flag in ("-k", "--k-range"):
        for command, things in (("segment", "labels"), ("onsets", "clusters")):
            assert re.findall("labels|clusters", help_of(command, flag)) == [things]
    assert option("segment", "-k").default == "2"
    assert option("segment", "--k-range").default == "2:8"
    for things in ("silence", "pauses", "background noise"):
        assert things in help_of("segment", "--silence")


def test_no_option_has_two_defaults() -> None:
    for name in main.commands:
        shown = CliRunner().invoke(main, [name, "--help"]).output
        for entry in re.split(r"\n  (?=-)", shown):
            assert entry.count("[default:") <= 1, entry


def test_numbers_of_clusters_are_a_range_or_a_list() -> None:
    assert parsing.numbers_of_clusters("2:15") == tuple(range(2, 16))
    assert parsing.numbers_of_clusters("7:7") == (7,)
    assert parsing.numbers_of_clusters("2,4,8") == (2, 4, 8)
    for wrong in ("", "2:", ":4", "5:3", "1,2", "2:100001", "two", "2:3:4", "2.5"):
        with pytest.raises(click.BadParameter, match="expected integers from 2 to 100000"):
            parsing.numbers_of_clusters(wrong)


def test_a_new_option_is_a_line_in_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    new = Option(name="half_life", help="How long.", type=float, default=1.5)
    monkeypatch.setitem(options.OPTIONS, new.name, new)

    @click.command()
    @options.takes("half_life", "k", half_life=2.5)
    def command(half_life: float, k: int | str) -> None:
        click.echo(f"{half_life} {k}")

    assert CliRunner().invoke(command, []).output == "2.5 auto\n"
    assert CliRunner().invoke(command, ["--half-life", "3", "-k", "4"]).output == "3.0 4\n"
    shown = CliRunner().invoke(command, ["--help"]).output
    assert "--half-life FLOAT  How long.  [default: 2.5]" in shown


def test_a_new_algorithm_is_offered_by_every_command_that_takes_one() -> None:
    code = """
from audioclust.clustering.algorithms import ALGORITHMS, Algorithm
ALGORITHMS["density"] = Algorithm("density", print, needs_k=False, max_rows=None, summary="-")
from audioclust.cli.app import main
for command in ("cluster", "onsets"):
    main([command, "--help"], standalone_mode=False)
main(["cluster", "--algorithm", "magic", "."])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.count("ward|affinity|hdbscan|density]") == 1
    assert done.stdout.count("ward|affinity|density]") == 1
    assert "'hdbscan', 'density'" in " ".join(done.stderr.split())


def test_a_new_format_is_offered_where_its_table_is_written() -> None:
    code = """
from audioclust.export import formats
from audioclust.export.tables import ItemTable
new = formats.Format("sheet", (".sheet",), ItemTable, print, "a sheet")
formats.FORMATS += (new,)
from audioclust.cli.app import main
for command in ("cluster", "segment"):
    main([command, "--help"], standalone_mode=False)
    print("---")
try:
    formats.write_table(ItemTable((), (), (), (), {}), "x.y")
except Exception as why:
    print(why)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stderr == ""
    of_items, of_spans, message = done.stdout.split("---")
    assert "csv, json, parquet or sheet" in " ".join(of_items.split())
    assert "sheet" not in of_spans
    assert ".sheet" in message
