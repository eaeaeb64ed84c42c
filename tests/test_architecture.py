"""What the code may know of what, and what an import may cost."""

from __future__ import annotations

import ast
import functools
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import audioclust

PACKAGE = Path(audioclust.__file__).parent
ORDER = [
    *("_core", "errors", "utils", "audio", "export", "extraction"),
    *("listening", "features", "plotting", "clustering", "report", "results", "distributed"),
    *("segmentation", "events", "api", "demo", "server", "cli", "__main__"),
]
FILES = {
    ".".join(("audioclust", *path.relative_to(PACKAGE).with_suffix("").parts)): path
    for path in PACKAGE.rglob("*.py")
}


@functools.cache
def imports(path: Path) -> set[str]:
    """Give the names of the package that a file imports, in functions and for types too.

    A function named by a Deferred is imported later, which makes no difference here.
    """
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    statements = [node for node in nodes if isinstance(node, ast.ImportFrom)]
    assert not any(node.level for node in statements), f"{path} has a relative import"
    names = [f"{node.module}.{alias.name}" for node in statements for alias in node.names]
    names += [a.name for node in nodes if isinstance(node, ast.Import) for a in node.names]
    texts = [node.value for node in nodes if isinstance(node, ast.Constant)]
    names += [text for text in texts if isinstance(text, str) and text in FILES]
    return {name for name in names if name.startswith("audioclust.")}


def package_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def test_a_file_imports_from_its_own_package_or_an_earlier_one() -> None:
    for path in PACKAGE.rglob("*.py"):
        own = package_of(path)
        if own != "__init__":
            used = {name.split(".")[1] for name in imports(path)} - {own}
            late = [name for name in used if ORDER.index(name) > ORDER.index(own)]
            assert not late, f"{path} imports {late}"


def test_packages_stand_on_at_most_twelve_floors() -> None:
    floors = dict.fromkeys(ORDER, 1)
    for own in ORDER:
        paths = [path for path in FILES.values() if package_of(path) == own]
        used = {name.split(".")[1] for path in paths for name in imports(path)} - {own}
        floors[own] = 1 + max((floors[name] for name in used), default=0)
    assert max(floors.values()) <= 12, floors


def test_no_modules_import_each_other() -> None:
    graph = {
        module: {n if n in FILES else n.rpartition(".")[0] for n in imports(path)} - {module}
        for module, path in FILES.items()
    }
    assert tuple(TopologicalSorter(graph).static_order())  # A circle is an error.


def test_no_folder_has_more_than_twelve_files() -> None:
    for folder in [PACKAGE, *(path for path in PACKAGE.rglob("*") if path.is_dir())]:
        assert len([*folder.glob("*.py")]) <= 12, folder


def test_no_file_has_more_than_four_hundred_lines() -> None:
    for path in FILES.values():
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 400, path


def test_no_module_is_named_as_a_public_function_is() -> None:
    functions = {"cluster", "extract", "segment", "onsets", "play", "load"}
    assert not functions & {path.stem for path in PACKAGE.rglob("*")}


def modules_after(code: str) -> set[str]:
    command = [sys.executable, "-c", f"{code}\nimport sys; print('\\n', *sys.modules)"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


HEAVY = {"sklearn", "scipy", "rich", "matplotlib", "pandas", "jinja2"}


def test_importing_costs_next_to_nothing() -> None:
    assert not modules_after("import audioclust") & {*HEAVY, "numpy", "soundfile", "click"}
    assert not modules_after("import audioclust.cli.app") & {*HEAVY, "numpy", "soundfile"}


def test_no_help_imports_numpy() -> None:
    code = (
        "from audioclust.cli.app import main\n"
        "for name in (None, *main.commands):\n"
        "    main([name, '--help'] if name else ['--help'], standalone_mode=False)"
    )
    assert not modules_after(code) & {*HEAVY, "numpy", "soundfile"}


def test_a_plain_clustering_needs_no_heavy_import(library: list[str]) -> None:
    for arguments in ("2", "'auto'"):
        code = f"import audioclust; audioclust.cluster({library[:9]!r}, {arguments}).evaluate()"
        assert not modules_after(code) & HEAVY


def test_features_of_samples_need_no_heavy_import() -> None:
    code = (
        "import numpy as np; from audioclust import features as f; y = np.ones(4096);"
        " f.rms(y=y); f.zero_crossing_rate(y); f.mfcc(y=y)"
    )
    assert not modules_after(code) & HEAVY
