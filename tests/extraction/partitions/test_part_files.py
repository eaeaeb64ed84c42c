"""Tables of parts as Parquet: any table comes back equal, one without rows too."""

from __future__ import annotations

import math
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np
import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import audioclust as ac
from audioclust.audio.choosing.file_filter import Reason
from audioclust.audio.spans import Item
from audioclust.errors import ErrorKind, ItemWarning, WarningKind
from audioclust.extraction.descriptors.values import Descriptors
from audioclust.extraction.descriptors.vocabulary import DESCRIPTOR_NAMES
from audioclust.extraction.partitions.part_files import (
    Place,
    file_of_part,
    part_of_file,
    place_of,
)
from audioclust.extraction.rows.exchange import as_arrow
from audioclust.extraction.settings import ExtractionSettings

EMBEDDING = ac.Embedding("own", lambda y, _sr: y[:2], 8000, "1", window=0.5)

names = st.one_of(
    st.binary(min_size=1, max_size=20).map(lambda b: b.decode("utf-8", "surrogateescape")),
    st.text(st.characters(codec=None), min_size=1, max_size=20),
).filter(lambda name: "\0" not in name)
texts = st.text(st.characters(codec=None), max_size=20)
# What is no UTF-8 in them is written so that it can be printed; see below.
warnings = st.builds(
    ItemWarning,
    st.sampled_from(get_args(WarningKind)),
    st.text(st.characters(codec="utf-8"), max_size=20),
)
errors = st.builds(ac.ItemError, names, st.sampled_from(get_args(ErrorKind)), texts)
left_out = st.builds(ac.LeftOut, names, st.sampled_from(get_args(Reason)))


@st.composite
def tables(draw: st.DrawFn) -> ac.FeatureTable:
    """Give any table that extraction could give for a part."""
    paths = draw(st.lists(names, unique=True, max_size=4))
    decoders = st.none() | st.sampled_from(["libsndfile", "symphonia, then ropus"])
    items = tuple(
        Item(
            path,
            0.0,
            draw(st.floats(0, 1e6) | st.just(math.inf)),
            decoder=draw(decoders),
            warnings=tuple(draw(st.lists(warnings, max_size=2))),
        )
        for path in paths
    )
    choices: list[list[str | ac.Embedding]] = [["rms"], ["rms", EMBEDDING], [EMBEDDING]]
    chosen = ExtractionSettings.checked(features=draw(st.sampled_from(choices)))
    is_described: bool = draw(st.booleans())
    vectors = ("own_1", "own_2") if chosen.embeddings and items else ()
    columns = (*chosen.plans.columns, *vectors)
    rng = np.random.default_rng(draw(st.integers(0, 9)))
    described = Descriptors(rng.normal(size=(len(items), 9)).astype(np.float32))
    assert described.columns == DESCRIPTOR_NAMES
    return ac.FeatureTable(
        values=rng.normal(size=(len(items), len(columns))).astype(np.float32),
        columns=columns,
        items=items,
        errors=tuple(draw(st.lists(errors, max_size=3))),
        settings=chosen.with_sizes([2]) if vectors else chosen,
        sr=draw(st.none() | st.integers(1, 10**6)) if items else None,
        version=draw(st.text(max_size=5)),
        folder=draw(st.none() | names),
        left_out=tuple(draw(st.lists(left_out, max_size=3))),
        descriptors=described if items and is_described else None,
    )


def read(table: ac.FeatureTable) -> list[tuple[object, object]]:
    """Give how items were read, which does not make them others."""
    return [(item.decoder, item.warnings) for item in table.items]


@settings(deadline=None, max_examples=200)
@given(tables())
def test_any_table_of_a_part_comes_back_equal(table: ac.FeatureTable) -> None:
    place = Place(3, 40, "ab", "cd", None, 2.5)
    data = file_of_part(table, place)
    with tempfile.TemporaryDirectory() as folder:
        part, plain = Path(folder) / "part.parquet", Path(folder) / "plain.parquet"
        part.write_bytes(data)
        table.to_parquet(plain)
        read_again = [
            part_of_file(data, "part"),
            ac.FeatureTable.from_parquet(part),
            ac.FeatureTable.from_parquet(plain),
        ]
        assert place_of(part) == place
        assert place_of(plain) is None
    for made in read_again:
        assert made == table
        assert made.values.tobytes() == table.values.tobytes()
        assert read(made) == read(table)


def test_warnings_that_are_no_utf_8_are_written_printable(
    library: list[str], tmp_path: Path
) -> None:
    table = ac.extract(library[:1], features="rms", n_jobs=1)
    (item,) = table.items
    told = ItemWarning("partial", "caf\udce9.wav ends early")
    odd = ac.Item(*item, warnings=[told])
    replace(table, items=(odd,)).to_parquet(tmp_path / "x.parquet")
    read_again = ac.FeatureTable.from_parquet(tmp_path / "x.parquet")
    assert read_again.items[0].warnings[0].message == r"caf\xe9.wav ends early"


def test_a_table_without_rows_has_the_types_of_others(library: list[str]) -> None:
    table = ac.extract(library[:3], features="rms", n_jobs=1)
    empty = replace(table, values=table.values[:0], items=())
    assert as_arrow(empty).schema.remove_metadata() == as_arrow(table).schema.remove_metadata()


def test_what_is_no_file_of_a_part_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "x.parquet"
    file.write_bytes(b"PAR1 not really PAR1")
    with pytest.raises(ac.ModelError, match=r"x\.parquet: it cannot be read as Parquet"):
        place_of(file)
    plain = pyarrow.BufferOutputStream()
    pyarrow.parquet.write_table(pyarrow.table({"path": ["a"], "x": [1.0]}), plain)
    with pytest.raises(ac.ModelError, match="theirs: it is no table of features"):
        part_of_file(plain.getvalue().to_pybytes(), "theirs")
    metadata = {"audioclust.part": b'{"number": 5, "of": 4}'}
    wrong = pyarrow.table({"x": [1.0]}).replace_schema_metadata(metadata)
    pyarrow.parquet.write_table(wrong, file)
    with pytest.raises(ac.ModelError, match=r"x\.parquet: part\.number is 5: expected an int"):
        place_of(file)
