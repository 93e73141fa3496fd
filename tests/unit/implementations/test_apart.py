"""In a process that answers, nothing that judges can be imported."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from darkparity.dialects import DIALECTS
from darkparity.implementations.wire.apart import OPEN
from darkparity.implementations.wire.child import Died
from darkparity.implementations.wire.external import isolated
from darkparity.spec import Call
from support import ROOT, shipped

JUDGE = ("oracle", "cases", "problems", "judging", "report", "preparing", "checking", "identification",
         "conformance", "proof")  # fmt: skip


#: Imports what it is given and prints what is not refused; afterwards nothing may be.
IMPORTING = """
import importlib, sys
from darkparity.implementations.wire.apart import JudgeRefused, apart
for name in sys.argv[1:]:
    try:
        with apart():
            importlib.import_module(name)
        print(name, "is not refused")
    except JudgeRefused as error:
        assert error.name == name
for name in sys.argv[1:]:
    importlib.import_module(name)
"""


def test_the_judge_is_refused() -> None:
    """In a process of its own: here all of it is imported already."""
    names = [f"darkparity.{room}" for room in JUDGE]
    done = subprocess.run([sys.executable, "-c", IMPORTING, *names], capture_output=True, text=True, check=True)
    assert done.stdout == ""


def test_the_rooms_are_named_as_they_are() -> None:
    package = ROOT / "harness" / "darkparity"
    rooms = {p.stem for p in package.iterdir() if p.suffix == ".py" or (p / "__init__.py").exists()} - {"__init__"}
    assert rooms >= {*JUDGE, *OPEN - {"_core"}}, "renamed"
    assert not OPEN & set(JUDGE)


def test_serving_needs_nothing_that_judges() -> None:
    code = "import sys, darkparity.cli.serve, darkparity.implementations.wire.serve; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    rooms = {name.split(".")[1] for name in done.stdout.split() if name.startswith("darkparity.")}
    assert rooms
    assert rooms <= OPEN


@pytest.mark.parametrize("name", ["cpp", "cpp-fused", "numpy"])
def test_what_is_shipped_is_served(name: str) -> None:
    shipped(name)
    child = isolated(name)
    try:
        assert child.describe().operations
    finally:
        child.close()


def test_a_child_that_asks_the_judge_is_told_so(tmp_path: Path) -> None:
    port = tmp_path / "port.py"
    port.write_text("def make_batchnorm_layer():\n    import darkparity.oracle\n", "utf-8")
    child = isolated(str(port))
    asked = Call("make_batchnorm_layer", DIALECTS["darknet"], {}, {"batch": 1, "w": 1, "h": 1, "c": 1})
    try:
        with pytest.raises(Died, match=r"darkparity\.oracle belongs to the judge"):
            child.run(asked)
    finally:
        child.close()
