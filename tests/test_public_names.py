"""The names that users see: all there, documented, and enough to name what functions return."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import audioclust

PACKAGE = Path(audioclust.__file__).parent
CLASSES = {
    node.name
    for path in PACKAGE.rglob("*.py")
    for node in ast.parse(path.read_text(encoding="utf-8")).body
    if isinstance(node, ast.ClassDef)
}
INTERNAL = {"FileStatus", "PartedTable", "Plans"}
"""Classes that a public class has for other modules of the package."""

PICKLED = (
    *("Clustering", "FeatureTable", "KMeans", "SOM", "Segmentation", "OnsetClusters"),
    *("Embedding", "KSelection", "Layout", "Predicted", "Scaler", "SoundMap", "TSNE"),
    "PartedClustering",
)


def returned(owner: str, value: object) -> Iterator[tuple[str, str]]:
    """Give what a function, or each public member of a class, is annotated to give."""
    if inspect.isclass(value):
        if value.__module__.startswith("audioclust"):
            for name, annotation in inspect.get_annotations(value).items():
                yield f"{owner}.{name}", str(annotation)
            for name, member in inspect.getmembers(value):
                if not name.startswith("_"):
                    member = member.fget if isinstance(member, property) else member
                    yield from returned(f"{owner}.{name}", member)
    elif inspect.isroutine(value) and hasattr(value, "__annotations__"):
        yield owner, str(value.__annotations__.get("return", ""))


@pytest.mark.parametrize("name", audioclust.__all__)
def test_a_public_name_is_there_and_documented(name: str) -> None:
    assert getattr(audioclust, name).__doc__
    assert name in dir(audioclust)


@pytest.mark.parametrize("name", audioclust.__all__)
def test_what_a_public_name_gives_is_public_too(name: str) -> None:
    for place, annotation in returned(name, getattr(audioclust, name)):
        classes = (CLASSES - INTERNAL) & set(re.findall(r"(?<![.\w])[A-Z]\w+", annotation))
        assert classes <= set(audioclust.__all__), f"{place} gives {annotation}"


@pytest.mark.parametrize("name", PICKLED)
def test_pickles_name_the_package_and_no_module_in_it(name: str) -> None:
    assert getattr(audioclust, name).__module__ == "audioclust"
