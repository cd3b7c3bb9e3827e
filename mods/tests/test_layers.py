"""The stairs of the house lead down only: every import of every module is walked.

Rooms stand on stairs; a module may import from the stairs below its own and from its own room.
Flat modules of one stair (the foundation, config and request, the doors) may know each other.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import mods

STAIRS = (
    "errors settings window timerange duration query limit paths progress atomic plain",
    "architectures",
    "config request",
    "series",
    "dataset features",
    "models anomaly streams monitoring visualization tuning",
    "flows",
    "jobs",
    "api serve cli commands deepaas __main__",
)
FLAT = (0, 2, 8)
STAIR = {name: height for height, names in enumerate(STAIRS) for name in names.split()}
HOME = Path(mods.__file__).parent
# Who alone may import a package, as the beginning of the module's name.
ONLY_IN = {
    "keras": "mods.models.network",
    "tensorflow": "mods.models.network",
    "tf2onnx": "mods.models.network",
    "jax": "mods.models.network",
    "torch": "mods.models.network",
    "deepaas": "mods.deepaas mods.serve",
    "aiohttp": "mods.deepaas mods.serve",
    "webargs": "mods.deepaas",
    "marshmallow": "mods.deepaas",
    "prometheus_client": "mods.serve",
    "orjson": "mods.deepaas",
    "duckdb": "mods.features mods.dataset",
    "ibis": "mods.features mods.dataset",
    "optuna": "mods.tuning",
    "sqlalchemy": "mods.tuning",
    "pyspark": "mods.features.engines mods.dataset.spark_lines",
}


def modules(home: Path) -> Iterator[tuple[str, ast.Module]]:
    """The name and the syntax tree of every module under the package, tests left out."""
    for path in sorted(home.rglob("*.py")):
        parts = path.relative_to(home).with_suffix("").parts
        if parts[0] == "tests":
            continue
        name = ".".join(("mods", *(part for part in parts if part != "__init__")))
        yield name, ast.parse(path.read_text())


def imports(tree: ast.Module, places: dict[str, str]) -> Iterator[str]:
    """The full name of everything imported, also inside functions and by import_module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                yield places.get(alias.name, full) if node.module == "mods" else full
        elif isinstance(node, ast.Call) and "import_module" in ast.unparse(node.func):
            yield from (arg.value for arg in node.args if isinstance(arg, ast.Constant))


def room(name: str) -> str:
    """The room (or flat module) a full name belongs to, '' for the package itself."""
    return name.split(".")[1] if "." in name else ""


def faults(home: Path, places: dict[str, str]) -> list[str]:
    """Every import that goes up or sideways, or takes a package from outside its room."""
    found = []
    for name, tree in modules(home):
        for wanted in imports(tree, places):
            top = wanted.split(".")[0]
            down = top != "mods" or may(room(name), room(wanted))
            if not down or not name.startswith(tuple(ONLY_IN.get(top, "mods").split())):
                found.append(f"{name} imports {wanted}")
    return found


def may(own: str, other: str) -> bool:
    """Whether a room may import from another; the package itself belongs to nobody."""
    if own in ("", other) or other in ("", "__version__"):
        return True
    assert other in STAIR, f"{other} stands on no stair: add it to STAIRS"
    level = STAIR[own]
    return STAIR[other] < level or (STAIR[other] == level and level in FLAT)


def calls(tree: ast.Module, name: str) -> bool:
    return any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name
        for node in ast.walk(tree)
    )


def reads_environment(tree: ast.Module) -> bool:
    """Whether os.environ or os.getenv is used other than to set a variable."""
    written = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store)
    } | {
        id(node.func.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "setdefault"
    }
    return any(
        isinstance(node, ast.Attribute)
        and ast.unparse(node) in ("os.environ", "os.getenv")
        and id(node) not in written
        for node in ast.walk(tree)
    )


def test_every_module_stands_on_a_stair():
    homeless = {room(name) for name, _ in modules(HOME)} - {"", *STAIR}
    assert not homeless


def test_imports_go_down_only():
    assert not faults(HOME, mods._PLACES)


def test_only_paths_reads_the_environment():
    readers = {name for name, tree in modules(HOME) if reads_environment(tree)}
    assert readers <= {"mods.paths"}


def test_only_the_command_line_prints():
    assert {name for name, tree in modules(HOME) if calls(tree, "print")} <= {"mods.cli"}


@pytest.fixture
def house(tmp_path):
    def build(**files: str) -> Path:
        for name, text in files.items():
            path = tmp_path / f"{name.replace('__', '/')}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return tmp_path

    return build


@pytest.mark.parametrize(
    ("files", "fault"),
    [
        ({"series__a": "from mods.models import artifact"}, "mods.series.a imports mods.models"),
        (
            {"models__a": "def f():\n    import mods.anomaly.x"},
            "mods.models.a imports mods.anomaly",
        ),
        ({"models__a": "from mods import anomaly"}, "mods.models.a imports mods.anomaly"),
        ({"series__a": "from mods import Detector"}, "mods.series.a imports mods.anomaly.detector"),
        ({"features__a": "from mods.dataset.x import y"}, "mods.features.a imports mods.dataset"),
        ({"config": "import_module('mods.api')"}, "mods.config imports mods.api"),
        ({"flows__a": "import keras"}, "mods.flows.a imports keras"),
        ({"models__a": "from tensorflow import data"}, "mods.models.a imports tensorflow.data"),
    ],
)
def test_the_walker_sees_a_step_up(house, files, fault):
    found = faults(house(**files), {"Detector": "mods.anomaly.detector"})
    assert len(found) == 1
    assert found[0].startswith(fault)


@pytest.mark.parametrize(
    "files",
    [
        {"models__a": "from mods.series import samples\nimport numpy"},
        {"models__network__a": "import keras"},
        {"cli": "from mods.commands import run\nfrom mods import __version__"},
        {"query": "from mods.errors import QueryError"},
    ],
)
def test_the_walker_lets_a_step_down_pass(house, files):
    assert not faults(house(**files), {})


def test_the_walker_sees_who_reads_the_environment():
    reading = ("os.environ['A']", "os.environ.get('A')", "os.getenv('A')", "x = dict(os.environ)")
    for line in reading:
        assert reads_environment(ast.parse(line)), line
    for line in ("os.environ['A'] = '1'", "os.environ.setdefault('A', '1')"):
        assert not reads_environment(ast.parse(line)), line
