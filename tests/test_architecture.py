"""What the code may know of what, and what an import may cost."""

from __future__ import annotations

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import audioclust

PACKAGE = Path(audioclust.__file__).parent
ORDER = [
    *("_core", "demo", "errors", "utils", "audio", "export", "extraction", "presets"),
    *("listening", "features", "plotting", "clustering", "report", "results", "distributed"),
    *("segmentation", "events", "api", "server", "cli", "__main__"),
]


def imports(path: Path) -> set[str]:
    """The modules of the package that a file imports, inside functions and for types too."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    froms = [node for node in nodes if isinstance(node, ast.ImportFrom)]
    assert not any(node.level for node in froms), f"{path} has a relative import"
    names = [f"{node.module}.{alias.name}" for node in froms for alias in node.names]
    names += [a.name for node in nodes if isinstance(node, ast.Import) for a in node.names]
    return {name for name in names if name.startswith("audioclust.")}


def test_a_file_imports_from_its_own_package_or_an_earlier_one() -> None:
    for path in PACKAGE.rglob("*.py"):
        own = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        if own != "__init__":
            used = {name.split(".")[1] for name in imports(path)} - {own}
            late = [name for name in used if ORDER.index(name) > ORDER.index(own)]
            assert not late, f"{path} imports {late}"


def test_no_modules_import_each_other() -> None:
    files = {
        ".".join(("audioclust", *path.relative_to(PACKAGE).with_suffix("").parts)): path
        for path in PACKAGE.rglob("*.py")
    }
    graph = {
        module: {n if n in files else n.rpartition(".")[0] for n in imports(path)} - {module}
        for module, path in files.items()
    }
    assert tuple(TopologicalSorter(graph).static_order())  # A circle is an error.


def test_no_folder_has_more_than_twelve_files() -> None:
    for folder in [PACKAGE, *(path for path in PACKAGE.rglob("*") if path.is_dir())]:
        assert len([*folder.glob("*.py")]) <= 12, folder


def test_no_module_is_named_as_a_public_function_is() -> None:
    functions = {"cluster", "extract", "segment", "onsets", "play", "load"}
    assert not functions & {path.stem for path in PACKAGE.rglob("*")}


def modules_after(code: str) -> set[str]:
    command = [sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules)"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


HEAVY = {"sklearn", "scipy", "rich", "matplotlib", "pandas"}


def test_importing_costs_next_to_nothing() -> None:
    assert not modules_after("import audioclust") & {*HEAVY, "numpy", "soundfile", "click"}
    assert not modules_after("import audioclust.cli.app") & {*HEAVY, "numpy", "soundfile"}


def test_a_plain_clustering_needs_no_heavy_import(library: list[str]) -> None:
    for arguments in ("2", "'auto'"):
        code = f"import audioclust; audioclust.cluster({library[:9]!r}, {arguments})"
        assert not modules_after(code) & HEAVY


def test_features_of_samples_need_no_heavy_import() -> None:
    code = (
        "import numpy as np; from audioclust import features as f; y = np.ones(4096);"
        " f.rms(y=y); f.zero_crossing_rate(y); f.mfcc(y=y)"
    )
    assert not modules_after(code) & HEAVY


def test_every_public_name_is_there_and_documented() -> None:
    for name in audioclust.__all__:
        assert getattr(audioclust, name).__doc__, name
