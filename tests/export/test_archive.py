"""Archives of JSON and arrays: written, and read from anybody."""

from __future__ import annotations

import io
import json
import pickle
import random
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as nst

import audioclust as ac
from audioclust.export import archive as archive_module
from audioclust.export.archive import (
    FEATURES,
    MAX_FIRST,
    MAX_MEMBERS,
    MODEL,
    Archive,
    read_archive,
    write_archive,
)

FIRST = {"format": "audioclust model", "version": 1, "audioclust": "1"}

SMALL = Archive(
    {"a": [1, 2.5, None, True, "é\udce9\n"], "b": {}},
    {"x": np.arange(6, dtype=np.float32).reshape(2, 3), "y.z": np.arange(3, dtype=np.int64)},
)


def raw(archive: Archive) -> dict[str, tuple[object, ...]]:
    arrays = archive.arrays.items()
    return {name: (array.dtype, array.shape, array.tobytes()) for name, array in arrays}


def same(one: Archive, other: Archive) -> bool:
    return one.content == other.content and raw(one) == raw(other)


numbers = st.integers(-(2**63), 2**63) | st.floats(allow_nan=False, allow_infinity=False)
plain = st.recursive(
    st.none() | st.booleans() | numbers | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)
arrays = st.sampled_from(["<f4", ">f8", "<i4", "<i8"]).flatmap(
    lambda dtype: nst.arrays(dtype, nst.array_shapes(min_dims=0, max_dims=3, min_side=0))
)


@settings(max_examples=100, deadline=None)
@given(
    content=st.dictionaries(st.text(), plain, max_size=4),
    given_arrays=st.dictionaries(st.from_regex(r"[a-z_]{1,8}(\.[a-z]{1,8})?", fullmatch=True),
                                 arrays, max_size=4),
)  # fmt: skip
def test_what_is_written_is_read(
    content: dict[str, Any],
    given_arrays: dict[str, np.ndarray],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    file = tmp_path_factory.mktemp("archives") / "a"
    archive = Archive(content, given_arrays)
    write_archive(archive, MODEL, file, inputs=())
    native = {name: array.astype(array.dtype.newbyteorder("=")) for name, array in
              given_arrays.items()}  # fmt: skip
    assert same(read_archive(file, MODEL), Archive(content, native))
    # The order of arrays makes no difference to the bytes.
    again = file.with_name("b")
    backwards = dict(reversed(given_arrays.items()))
    write_archive(Archive(content, backwards), MODEL, again, inputs=())
    assert again.read_bytes() == file.read_bytes()


def test_columns_that_are_not_contiguous_are_written(tmp_path: Path) -> None:
    grid = np.arange(12.0).reshape(3, 4)
    for array in (grid[:, 1:3], grid.T, np.asfortranarray(grid)):
        write_archive(Archive({}, {"x": array}), MODEL, tmp_path / "a", inputs=())
        assert np.array_equal(read_archive(tmp_path / "a", MODEL).arrays["x"], array)


def test_more_than_can_be_read_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive_module, "MAX_JSON", 1000)
    with pytest.raises(ac.ModelError, match="at most 1,000 bytes"):
        write_archive(Archive({"a": "x" * 1000}, {}), MODEL, tmp_path / "a", inputs=())
    assert not list(tmp_path.iterdir())


def zipped(members: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as made:
        for name, contents in members.items():
            made.writestr(name, contents)
    return file.getvalue()


def good(**more: bytes) -> dict[str, bytes]:
    return {"format.json": json.dumps(FIRST).encode(), "content.json": b"{}", **more}


def npy(array: Any, *, allow_pickle: bool = False) -> bytes:
    file = io.BytesIO()
    np.save(file, array, allow_pickle=allow_pickle)
    return file.getvalue()


def header(descr: str, shape: str, order: str = "False", version: int = 1) -> bytes:
    text = f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}\n".encode()
    size = len(text).to_bytes(2 if version == 1 else 4, "little")
    return b"\x93NUMPY" + bytes([version, 0]) + size + text


class Runs:
    """What would tell if it was ever unpickled."""

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[str]]:
        return pytest.fail, ("a pickle was run",)


DAMAGED: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "no audioclust model"),
    "no zip": (b"RIFF" * 100, "no audioclust model"),
    "an empty zip": (zipped({}), "no format.json"),
    "another zip": (zipped({"word/document.xml": b"<xml/>"}), "no format.json"),
    "NumPy's archive": (zipped({"arr_0.npy": npy(np.ones(3))}), "no format.json"),
    "a pickle": (pickle.dumps(Runs()), "no audioclust model"),
    "no content": (zipped({"format.json": json.dumps(FIRST).encode()}), "content.json is miss"),
    "another member": (zipped(good(x=b"")), "'x' is in it"),
    "a folder": (zipped({**good(), "x/": b""}), "'x/' is in it"),
    "compressed": (zipped(good(), zipfile.ZIP_DEFLATED), "is compressed"),
    "a bomb": (zipped({**good(), "x.npy": bytes(10**7)}, zipfile.ZIP_LZMA), "is compressed"),
    "a large first": (zipped({**good(), "format.json": b" " * MAX_FIRST + b"{}"}), "at most"),
    "many members": (
        zipped({**good(), **{f"{i}.npy": b"" for i in range(MAX_MEMBERS)}}),
        f"at most {MAX_MEMBERS}",
    ),
    "first is a list": (zipped({**good(), "format.json": b"[]"}), "not one JSON object"),
    "content is a list": (zipped({**good(), "content.json": b"[]"}), "not one JSON object"),
    "no JSON": (zipped({**good(), "content.json": b"{"}), "JSONDecodeError"),
    "no UTF-8": (zipped({**good(), "content.json": b'{"\xe9": 1}'}), "UnicodeDecodeError"),
    "NaN": (zipped({**good(), "content.json": b'{"a": NaN}'}), "NaN is there"),
    "infinity": (zipped({**good(), "content.json": b'{"a": -Infinity}'}), "Infinity is there"),
    "deep": (zipped({**good(), "content.json": b'{"a":' + b"[" * 10**6}), "RecursionError"),
    "a long number": (zipped({**good(), "content.json": b'{"a":' + b"9" * 10**5 + b"}"}),
                      "ValueError"),
    "no array": (zipped({**good(), "x.npy": b"text"}), "no header"),
    "objects": (zipped({**good(), "x.npy": npy([Runs()], allow_pickle=True)}), "object"),
    "texts": (zipped({**good(), "x.npy": npy(np.array(["a"]))}), "U1"),
    "structured": (zipped({**good(), "x.npy": npy(np.zeros(2, "f4,i4"))}), "f4"),
    "complex": (zipped({**good(), "x.npy": npy(np.zeros(2, complex))}), "complex128"),
    "big-endian": (zipped({**good(), "x.npy": npy(np.zeros(2, ">f4"))}), ">f4"),
    "by columns": (zipped({**good(), "x.npy": npy(np.ones((2, 3), order="F"))}), "rows of"),
    "dimensions": (zipped({**good(), "x.npy": npy(np.zeros((1, 1, 1, 1)))}), "at most 3"),
    "too long": (zipped({**good(), "x.npy": npy(np.zeros(2)) + b"\0"}), "another size"),
    "too short": (zipped({**good(), "x.npy": npy(np.zeros(2))[:-1]}), "another size"),
    "huge": (zipped({**good(), "x.npy": header("'<f8'", "(1152921504606846976, 16)")}), "size"),
    "overflow": (zipped({**good(), "x.npy": header("'<f8'", "(2305843009213693952, 8)")}),
                 "size"),
    "negative": (zipped({**good(), "x.npy": header("'<f8'", "(-1, -1)") + bytes(8)}), "size"),
    "empty, huge": (zipped({**good(), "x.npy": header("'<f8'", "(0, 10**30)")}), "no header"),
    "no shape": (zipped({**good(), "x.npy": header("'<f8'", "'a'")}), "shape"),
    "version 2": (zipped({**good(), "x.npy": header("'<f8'", "(0,)", version=2)}), "1.0"),
    "Python 2": (zipped({**good(), "x.npy": header("'<f8'", "(1L,)") + bytes(8)}), "Python 2"),
    "calls": (zipped({**good(), "x.npy": header("'<f8'", "exit()")}), "no header"),
    "brackets": (zipped({**good(), "x.npy": header("'<f8'", "(" * 9000)}), "no header"),
}  # fmt: skip


@pytest.mark.parametrize("name", DAMAGED)
def test_other_files_are_refused(name: str, tmp_path: Path) -> None:
    contents, words = DAMAGED[name]
    file = tmp_path / "odd\nname"
    file.write_bytes(contents)
    with pytest.raises(ac.ModelError) as raised:
        read_archive(file, MODEL)
    assert words in str(raised.value)
    assert r"odd\nname: " in str(raised.value)


def test_an_empty_array_with_a_huge_side_takes_no_memory(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_bytes(zipped({**good(), "x.npy": header("'<f8'", "(0, 999999999999)")}))
    assert read_archive(file, MODEL).arrays["x"].shape == (0, 999999999999)


@pytest.mark.parametrize("version", [0, 2, 1.5, True, None, "1", [1]])
def test_another_version_is_refused_with_the_versions_named(
    version: object, tmp_path: Path
) -> None:
    first = {**FIRST, "version": version, "audioclust": "9.7"}
    # What a newer version means by its members is not looked at.
    members = {**good(), "format.json": json.dumps(first).encode(), "content.json": b"?"}
    (tmp_path / "m").write_bytes(zipped(members))
    with pytest.raises(ac.ModelError) as raised:
        read_archive(tmp_path / "m", MODEL)
    for words in (f"version {version!r}", "written by audioclust 9.7", "reads version 1"):
        assert words in str(raised.value)
    assert f"audioclust {ac.__version__} reads" in str(raised.value)


def test_another_kind_is_refused_with_its_reader_named(tmp_path: Path) -> None:
    write_archive(SMALL, FEATURES, tmp_path / "t", inputs=())
    with pytest.raises(ac.ModelError, match=r"FeatureTable\.load\(\) reads"):
        ac.load_model(tmp_path / "t")
    write_archive(SMALL, MODEL, tmp_path / "m", inputs=())
    with pytest.raises(ac.ModelError, match=r"load_model\(\) reads"):
        ac.FeatureTable.load(tmp_path / "m")
    odd = {**good(), "format.json": b'{"format": ["odd"]}'}
    (tmp_path / "o").write_bytes(zipped(odd))
    with pytest.raises(ac.ModelError, match=r"but it is \['odd'\]"):
        ac.load_model(tmp_path / "o")


def test_a_member_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "m", "w") as made:
        for name in ("format.json", "content.json"):
            made.writestr(name, good()[name])
        with pytest.warns(UserWarning, match="Duplicate"):
            made.writestr("content.json", "{}")
    with pytest.raises(ac.ModelError, match="each once"):
        read_archive(tmp_path / "m", MODEL)


def test_members_that_share_bytes_are_refused(tmp_path: Path) -> None:
    """Fifield's bomb: many members that are one and the same part of the file."""
    large = zipped({**good(), **{f"{i}.npy": bytes(10**5) for i in range(2)}})
    file = tmp_path / "m"
    with zipfile.ZipFile(io.BytesIO(large)) as made:
        infos = made.infolist()
    start = infos[-1].header_offset
    # The second array's bytes are cut out, and both entries lead to those of the first one.
    local = 30 + len("1.npy")
    cut = large[:start] + large[start + local + 10**5 :]
    first = infos[-2].header_offset
    cut = cut.replace(
        start.to_bytes(4, "little") + b"1.npy", first.to_bytes(4, "little") + b"1.npy"
    )
    end = len(cut) - 22
    place = int.from_bytes(cut[end + 16 : end + 20], "little") - local - 10**5
    file.write_bytes(cut[: end + 16] + place.to_bytes(4, "little") + cut[end + 20 :])
    with pytest.raises(ac.ModelError, match="larger than its"):
        read_archive(file, MODEL)


@pytest.fixture(scope="module")
def model(library: list[str], tmp_path_factory: pytest.TempPathFactory) -> bytes:
    file = tmp_path_factory.mktemp("model") / "m"
    ac.cluster(library[:12], 2, features="rms", algorithm="som").save(file)
    return file.read_bytes()


def refused(contents: bytes, file: Path) -> ac.Clustering | None:
    """Load a model; None if it is refused by one of the two errors that may be raised."""
    file.write_bytes(contents)
    try:
        return ac.load_model(file)
    except (ac.ModelError, OSError):
        return None


def test_a_flipped_bit_is_noticed_or_changes_nothing(model: bytes, tmp_path: Path) -> None:
    file = tmp_path / "m"
    whole = refused(model, file)
    assert whole is not None
    drawn = random.Random(0)
    # The directory at the end, which no checksum covers, is flipped throughout.
    directory = int.from_bytes(model[-6:-2], "little")
    bits = [*range(8 * directory, 8 * len(model), 5),
            *(drawn.randrange(8 * directory) for _ in range(400))]  # fmt: skip
    seen = 0
    for bit in bits:
        damaged = bytearray(model)
        damaged[bit // 8] ^= 1 << bit % 8
        found = refused(bytes(damaged), file)
        assert found is None or found == whole, bit
        seen += found is None
    assert seen > len(bits) / 2


def test_a_part_of_a_file_is_refused(model: bytes, tmp_path: Path) -> None:
    file = tmp_path / "m"
    for size in range(0, len(model), 97):
        assert refused(model[:size], file) is None
        assert refused(model[size + 1 :], file) is None


@settings(max_examples=150, deadline=None)
@given(drawn=st.data())
def test_replaced_bytes_raise_nothing_else(
    drawn: st.DataObject, model: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    start = drawn.draw(st.integers(0, len(model)))
    end = drawn.draw(st.integers(start, min(len(model), start + 200)))
    damaged = model[:start] + drawn.draw(st.binary(max_size=200)) + model[end:]
    refused(damaged, tmp_path_factory.mktemp("fuzz") / "m")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 70) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=5,
).filter(lambda value: "NaN" not in json.dumps(value) and "Infinity" not in json.dumps(value))


@settings(max_examples=300, deadline=None)
@given(drawn=st.data())
def test_any_value_in_any_place_is_taken_or_refused(
    drawn: st.DataObject, model: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.mktemp("fuzz") / "m"
    file.write_bytes(model)
    archive = read_archive(file, MODEL)
    place: Any = archive.content
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = drawn.draw(st.sampled_from(keys))
        inner = place[key]
        if not isinstance(inner, (dict, list)) or not inner or drawn.draw(st.booleans()):
            place[key] = drawn.draw(json_values)
            break
        place = inner
    write_archive(archive, MODEL, file, inputs=())
    found = refused(file.read_bytes(), file)
    if found is not None:
        repr(found)
        list(found)


def test_hostile_files_take_no_more_memory_than_their_size_allows(tmp_path: Path) -> None:
    """Each is of a few MB, and would take GBs if what it says were believed."""
    inner = b"[" + b"[]," * 10**6 + b"[]]"
    files = {
        "lists": zipped({**good(), "content.json": b'{"a":' + inner + b"}"}),
        "members": zipped({**good(), **{f"{i}.npy": b"" for i in range(60_000)}}),
        "huge": zipped({**good(), "x.npy": header("'<f8'", "(99999999999,)")}),
    }
    for name, contents in files.items():
        (tmp_path / name).write_bytes(contents)
    code = (
        "import resource, sys, audioclust as ac\n"
        "import audioclust.results.keeping.loading\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "for name in sys.argv[1:]:\n"
        "    try: ac.load_model(name)\n"
        "    except ac.ModelError: print('refused')\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    names = [str(tmp_path / name) for name in files]
    command = [sys.executable, "-c", code, *names]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    *refusals, grown = done.stdout.split()
    assert refusals == ["refused"] * 3
    unit = 1 if sys.platform == "darwin" else 1024
    largest = max(map(len, files.values()))
    # Empty lists take the most: 64 bytes for each 3, and lists grow in steps.
    assert int(grown) * unit < 30 * largest
