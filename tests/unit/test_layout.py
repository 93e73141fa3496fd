"""Direction of imports, size and names of files: the structure of the house."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from support import ROOT

HARNESS = ROOT / "harness" / "darkparity"
PYTHON = [*sorted(HARNESS.rglob("*.py")), *sorted((ROOT / "tests").rglob("*.py"))]
CPP = [p for p in sorted((ROOT / "cpp").rglob("*")) if p.suffix in (".c", ".h", ".cpp", ".hpp", ".inl")]
LINES = 300

#: Every room and the folders in it, from the ground up. A room imports only rooms above it in this table,
#: inside functions too. `darkparity` itself stands for `__version__` and the compiled `_core`.
ROOMS = {
    "darkparity": (),
    "errors": (),
    "ending": (),
    "dialects": (),
    "request": (),
    "spec": (),
    "formats": (),
    "cases": (),
    "implementations": ("shipped", "wire", "adapters", "objects"),
    "oracle": ("bounds", "deviations"),
    "problems": ("golden", "network"),
    "judging": ("solving", "identifying", "traits"),
    "report": (),
    "preparing": (),
    "checking": (),
    "identification": (),
    "fuzz": (),
    "bench": (),
    "pytest_plugin": (),
    "conformance": (),
    "proof": ("selftest", "honest", "identified", "pages", "pages/distances", "pages/evidence"),
    "cli": ("show",),
    "robustness": (),
    "__main__": (),
}
#: To be copied into one's own project, imported by nothing.
NOT_IMPORTED = ("starters",)
GROUND = {"darkparity", "errors", "ending", "dialects", "spec", "formats"}
#: What a room must not know although it stands above it in the table.
UNKNOWN = {
    "oracle": {"cases", "implementations"},  # what is right knows neither what is asked nor who answers
    "problems": {"implementations"},  # expected values come from the oracle alone
    "implementations": {"cases"},  # who answers is never told what will be asked
}


def room_of(module: str) -> str:
    """`oracle` for darkparity.oracle.exact."""
    return module.split(".")[1] if "." in module else "darkparity"


def module_of(path: Path) -> str:
    parts = [*path.relative_to(HARNESS.parent).with_suffix("").parts]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def modules() -> dict[str, Path]:
    return {module_of(p): p for p in HARNESS.rglob("*.py") if p.relative_to(HARNESS).parts[0] not in NOT_IMPORTED}


@cache
def imports_of(module: str) -> frozenset[str]:
    """Modules of darkparity that one imports, at its top or inside functions."""
    path = modules()[module]
    package = module.split(".") if path.name == "__init__.py" else module.split(".")[:-1]
    found = (resolved(name) for node in ast.walk(ast.parse(path.read_text("utf-8"))) for name in names(node, package))
    return frozenset(name for name in found if name and name != module)


def names(node: ast.AST, package: list[str]) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        base = package[: len(package) - node.level + 1] if node.level else []
        source = ".".join([*base, *([node.module] if node.module else [])])
        yield from (f"{source}.{alias.name}" for alias in node.names)


def resolved(name: str) -> str:
    """The module that holds `name`, empty if it is none of ours."""
    while name.startswith("darkparity") and name not in modules():
        name = name.rpartition(".")[0]
    return name if name.startswith("darkparity") else ""


def rooms_known_to(room: str) -> set[str]:
    mine = [m for m in modules() if m != "darkparity" and room_of(m) == room]
    assert mine, f"no module of {room}: rename it in ROOMS"
    return {room_of(name) for module in mine for name in imports_of(module)} - {room}


def test_imports_are_seen() -> None:
    """The control: a relative import, one inside a function, one of a package."""
    assert "spec" in rooms_known_to("oracle")
    assert "implementations" in rooms_known_to("judging")
    assert {"oracle", "dialects"} <= rooms_known_to("problems")


def test_every_folder_is_in_the_table() -> None:
    found = {p.parent.relative_to(HARNESS).as_posix() for p in modules().values()} - {"."}
    listed = {f"{room}/{inner}" for room, inside in ROOMS.items() for inner in inside}
    assert found - listed - set(ROOMS) == set()
    assert listed - found == set()
    assert {room_of(m) for m in modules()} == set(ROOMS)


@pytest.mark.parametrize("room", list(ROOMS)[1:])
def test_imports_run_downwards(room: str) -> None:
    order = list(ROOMS)
    assert not {known for known in rooms_known_to(room) if order.index(known) > order.index(room)}


@pytest.mark.parametrize("room", UNKNOWN)
def test_a_room_knows_no_more_than_it_should(room: str) -> None:
    assert not rooms_known_to(room) & UNKNOWN[room]


def test_no_file_needs_itself() -> None:
    graph = {m: imports_of(m) for m in modules() if m != "darkparity"}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"a circle of imports: {' -> '.join(error.args[1])}")


def test_the_package_offers_without_importing() -> None:
    """`darkparity.check` and its neighbours are looked up when asked for; nothing else may stand there."""
    offering = {"checking", "conformance", "dialects", "identification", "implementations", "report"}
    assert rooms_known_to_package() <= offering | {"errors"}


def rooms_known_to_package() -> set[str]:
    return {room_of(name) for name in imports_of("darkparity")}


@pytest.mark.parametrize("path", [*PYTHON, *CPP], ids=lambda p: p.relative_to(ROOT).as_posix())
def test_files_stay_readable(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= LINES


def test_names_say_what_is_inside() -> None:
    vague = {"utils", "util", "helpers", "helper", "common", "manager", "misc", "tools"}
    assert not [p for p in [*PYTHON, *CPP] if p.stem in vague or p.parent.name in vague]


def test_only_the_bindings_know_pybind11() -> None:
    assert CPP
    knowing = {p.parent.name for p in CPP if "pybind11" in code_of(p)}
    assert knowing == {"python"}


def test_cpp_holds_no_epsilon() -> None:
    """Dialects arrive as arguments; cpp/tests/dialects.hpp states those of the C++ tests."""
    constants = ("1e-5", "1e-6", ".00001", ".000001", ".99f", ".01f")
    sources = [p for p in CPP if p.parent.name not in ("tests", "peer")]
    assert not [(p.name, c) for p in sources for c in constants if c in code_of(p)]


def code_of(path: Path) -> str:
    """C++ without its line comments."""
    return "\n".join(line.partition("//")[0] for line in path.read_text("utf-8").splitlines())


def test_importing_the_package_is_cheap() -> None:
    code = "import sys, darkparity; print(*(m in sys.modules for m in ('numpy', 'torch', 'flint')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False", "False"]


def test_numpys_port_can_be_copied_alone() -> None:
    assert not imports_of("darkparity.implementations.shipped.numpy_port")
