"""Names: the shipped implementations, modules, files, and what a wrong name says."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from darkparity.dialects import DIALECTS
from darkparity.implementations import (
    ImplementationImportError,
    NotInstalled,
    UnknownImplementation,
    available,
    load,
    registry,
)
from darkparity.implementations.shipped import numpy_port
from darkparity.spec import Call

DARKNET = DIALECTS["darknet"]
MEAN = {"x": np.arange(12, dtype=np.float32).reshape(2, 3, 2)}


def test_shipped_names_load() -> None:
    assert load("numpy").describe().name == "numpy"
    states = {state.name: state for state in available()}
    assert {"cpp", "numpy", "torch", "darknet", "torch-native", "onnxruntime", "flax"} <= set(states)
    assert states["numpy"].installed
    assert all(state.installed != bool(state.reason) for state in states.values())


def test_a_missing_package_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(NotInstalled, match=r"pip install 'darkparity\[torch\]'"):
        load("torch")
    assert {state.name: state.installed for state in available()}["torch"] is False
    monkeypatch.setattr(registry, "_CPP", "darkparity.implementations.nothing_here")
    with pytest.raises(NotInstalled, match="pip install darkparity"):
        load("cpp")


def test_a_device_that_is_not_there() -> None:
    torch = pytest.importorskip("torch")
    assert load("torch@cpu").describe().name == "torch"
    with pytest.raises(UnknownImplementation, match="no device 'tpu'; devices: cpu, cuda, mps"):
        load("torch@tpu")
    with pytest.raises(UnknownImplementation, match="it runs on the CPU only"):
        load("numpy@cuda")
    if not torch.cuda.is_available():
        with pytest.raises(NotInstalled, match="cannot use device 'cuda'"):
            load("torch@cuda")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nunpy", "did you mean numpy"),
        ("no.such.module", "no implementation and no module 'no.such.module'"),
        ("math.sin", "no implementation and no module 'math.sin'"),
        ("not a name", "no implementation and no module"),
        ("", "no implementation and no module ''"),
        ("missing/port.py", "no file missing/port.py"),
        ("darkparity.implementations.shipped.numpy_port:mean_cpus", "no 'mean_cpus' there; did you mean mean_cpu"),
    ],
)
def test_misspelt_names(text: str, message: str) -> None:
    with pytest.raises(UnknownImplementation, match=message):
        load(text)


def test_a_copied_port_is_read_afresh_every_time(tmp_path: Path) -> None:
    source = Path(numpy_port.__file__).read_text()
    path = tmp_path / "port.py"
    path.write_text(source)
    assert load(str(path)).run(Call("mean_cpu", DARKNET, MEAN))["mean"][0] == 3.5
    line = "return _sum(x) / _count(x)"
    assert line in source
    path.write_text(source.replace(line, "return _sum(x) * _count(x)"))
    assert load(str(path)).run(Call("mean_cpu", DARKNET, MEAN))["mean"][0] == 56
    assert [p.name for p in tmp_path.iterdir()] == ["port.py"]


def test_objects_in_files_and_modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "neighbour_of_mine.py").write_text("AXES = (0, 2)\n")
    (tmp_path / "mine.py").write_text(
        "from neighbour_of_mine import AXES\n"
        "class Thing:\n"
        "    def mean_cpu(self, x): return x.mean(axis=AXES)\n"
        "class Whole:\n"
        "    def describe(self): return 'described'\n"
        "    def run(self, call, outputs=None): return {}\n"
        "def mean_cpu(x): return x.mean(axis=AXES)\n"
    )
    path = tmp_path / "mine.py"
    assert load(str(path)).describe().name == "mine"
    assert load(f"{path}:Thing").describe().name == "Thing"
    assert load(f"{path}:Whole").describe() == "described"  # an Implementation is taken as it is
    monkeypatch.chdir(tmp_path)
    assert load("mine:Thing").run(Call("mean_cpu", DARKNET, MEAN))["mean"][0] == 3.5
    assert load("mine", dialect="alexeyab").describe().dialects == ("alexeyab",)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("import package_that_is_not_there", "port.py failed: ModuleNotFoundError"),
        ("1 / 0", "port.py failed: ZeroDivisionError"),
        ("def mean_cpu(x:", "port.py failed: SyntaxError"),
    ],
)
def test_a_file_that_fails_to_import_keeps_its_own_error(tmp_path: Path, source: str, message: str) -> None:
    (tmp_path / "port.py").write_text(source)
    with pytest.raises(ImplementationImportError, match=message) as caught:
        load(str(tmp_path / "port.py"))
    assert caught.value.__cause__ is not None
