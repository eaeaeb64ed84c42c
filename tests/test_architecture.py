"""What the code may know of what, and what an import may cost."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import audioclust

PACKAGE = Path(audioclust.__file__).parent

# From the first stage to the last: a module imports from its own line and those above.
ORDER = [
    "_core errors",
    "checks text estimator measures references",
    "analysis parallel items catalogue",
    "decode prepare spans store rendering",
    "joining",
    "table",
    "plans",
    "streaming",
    "extraction scaling means",
    "maps",
    "algorithms kmeans som",
    "features selection clicks",
    "hits",
    "excerpts playback notebook",
    "views",
    "result",
    "export plot framing",
    "charts voices waveform",
    "onset_clusters segmentation",
    "pipeline demo segmenting terminal",
    "cli",
    "__main__ __init__",
]
RANK = {module: rank for rank, line in enumerate(ORDER) for module in line.split()}

# to_csv(), plot() and their like are the doors from a result to its consumers.
DOORS = {"result": ["export"], "views": ["charts"], "selection": ["charts"], "som": ["charts"]}


def imports(path: Path) -> set[tuple[str, bool]]:
    """The package's modules that a module imports, and whether only inside a function."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inside = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef))
        for node in ast.walk(function)
    }
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            # One way to import, so that this test sees all of it.
            assert not [a for a in node.names if a.name.split(".")[0] == "audioclust"], path
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} has a relative import"
            parts = (node.module or "").split(".")
            if parts[0] == "audioclust":
                names = parts[1:2] or [alias.name for alias in node.names]
                found |= {(name, id(node) in inside) for name in names if name in RANK}
    return found


def stage(path: Path) -> str:
    """The module or, of what is in a folder, the folder."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def test_every_module_has_its_place() -> None:
    assert {stage(path) for path in PACKAGE.rglob("*.py")} | {"_core"} == set(RANK)


def test_no_stage_knows_of_a_later_one() -> None:
    for path in PACKAGE.rglob("*.py"):
        name = stage(path)
        for imported, lazily in imports(path):
            if lazily and imported in DOORS.get(name, ()):
                continue
            assert RANK[imported] <= RANK[name], f"{name} imports {imported}"
            assert (
                imported not in ("pipeline", "cli")
                or RANK[name] >= RANK["cli"]
                or (name == "__init__")
            )


def modules_after(code: str) -> set[str]:
    command = [sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules)"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


HEAVY = {"sklearn", "scipy", "rich", "matplotlib", "pandas"}


def test_importing_costs_next_to_nothing() -> None:
    assert not modules_after("import audioclust") & {*HEAVY, "numpy", "soundfile", "click"}
    assert not modules_after("import audioclust.cli") & {*HEAVY, "numpy", "soundfile"}


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
    assert set(audioclust.__all__) <= set(dir(audioclust))
    for name in audioclust.__all__:
        assert getattr(audioclust, name).__doc__, name
