"""Direction of imports, size and names of files: the structure of the design."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import ROOT

HARNESS = ROOT / "harness" / "darkparity"
PYTHON = [*sorted(HARNESS.rglob("*.py")), *sorted((ROOT / "tests").rglob("*.py"))]
CPP = [p for p in sorted((ROOT / "cpp").rglob("*")) if p.suffix in (".cpp", ".hpp")]
LINES = 300

ASKED = {"spec", "dialects", "inputs"}
RIGHT = {"oracle", "bounds", "deviations", "compare", "verdict"}
MEET = {"golden", "fixture", "store", "runner", "runs", "replay", "question", "questions", "recordings",
        "matrix", "cases", "summary", "power", "documentation", "known"}  # fmt: skip
TOP = {"cli", "pytest_plugin", "conformance"}


def part_of(path: Path) -> str:
    """`oracle` for harness/darkparity/oracle/exact.py, `store` for store.py."""
    return path.relative_to(HARNESS).parts[0].removesuffix(".py")


def imported(path: Path) -> Iterator[str]:
    """Parts of darkparity that a file imports, at its top or inside functions."""
    package = ["darkparity", *path.relative_to(HARNESS).parts[:-1]]
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            names = [f"{module}.{alias.name}" for alias in node.names]
        yield from (n.split(".")[1] for n in names if n.startswith("darkparity.") and n.count("."))


def imports_of(part: str) -> set[str]:
    files = [p for p in HARNESS.rglob("*.py") if part_of(p) == part]
    assert files, f"no file of {part}: rename it here too"
    return {name for path in files for name in imported(path)} - {part}


def test_imports_are_seen() -> None:
    """The control: a relative import, one inside a function, one of a package."""
    assert "spec" in imports_of("oracle")
    assert "implementations" in imports_of("runner")
    assert {"oracle", "dialects"} <= imports_of("bounds")


def test_who_answers_knows_no_answers() -> None:
    assert imports_of("implementations") <= ASKED | {"__version__", "_core", "wire"}


@pytest.mark.parametrize("part", sorted(RIGHT))
def test_what_is_right_knows_no_implementation(part: str) -> None:
    assert not imports_of(part) & ({"implementations", "layer"} | MEET - {"cases", "question"} | TOP)


@pytest.mark.parametrize("part", sorted(ASKED | {"cases"}))
def test_what_is_asked_knows_neither(part: str) -> None:
    assert imports_of(part) <= ASKED | {"__version__"}


def test_a_networks_state_comes_from_no_implementation() -> None:
    assert not imports_of("darknet_files") & ({"implementations", "layer", "runner"} | TOP)


def test_nothing_imports_the_top() -> None:
    parts = {part_of(p) for p in HARNESS.rglob("*.py")} - TOP - {"__main__", "__init__"}
    assert not {part: found for part in parts if (found := imports_of(part) & TOP)}


@pytest.mark.parametrize("path", [*PYTHON, *CPP], ids=lambda p: p.relative_to(ROOT).as_posix())
def test_files_stay_readable(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= LINES


def test_names_say_what_is_inside() -> None:
    vague = {"utils", "util", "helpers", "helper", "common", "manager", "misc", "tools"}
    assert not [p for p in [*PYTHON, *CPP] if p.stem in vague or p.parent.name in vague]


def test_only_the_bindings_know_pybind11() -> None:
    assert CPP
    knowing = [p.name for p in CPP if "#include <pybind11" in p.read_text("utf-8")]
    assert knowing == ["arrays.hpp", "bindings.cpp"]
    assert [p.name for p in CPP if '#include "arrays.hpp"' in p.read_text("utf-8")] == [
        "bindings.cpp", "layer_call.hpp"]  # fmt: skip


def test_cpp_holds_no_epsilon() -> None:
    """Dialects arrive as arguments; dialects_test.hpp states those of the C++ tests."""
    constants = ("1e-5", "1e-6", ".00001", ".000001", ".99f", ".01f")
    sources = [p for p in CPP if not p.stem.endswith(("_test", "_peer"))]
    assert not [(p.name, c) for p in sources for c in constants if c in code_of(p)]


def code_of(path: Path) -> str:
    """C++ without its line comments."""
    return "\n".join(line.partition("//")[0] for line in path.read_text("utf-8").splitlines())


def test_importing_the_package_is_cheap() -> None:
    code = "import sys, darkparity; print(*(m in sys.modules for m in ('numpy', 'torch', 'flint')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False", "False"]


def test_numpys_port_can_be_copied_alone() -> None:
    assert not set(imported(HARNESS / "implementations" / "numpy_port.py"))
