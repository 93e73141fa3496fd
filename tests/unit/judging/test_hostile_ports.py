"""A port in this process decides neither the exit code nor what the terminal does, and never ends the run."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from darkparity.cli import main
from darkparity.implementations import ImplementationImportError, load
from darkparity.implementations.wire.child import Limits
from darkparity.judging.participants import Access
from darkparity.judging.runner import Participant, ask
from darkparity.judging.verdict import Crashed
from darkparity.problems.golden.store import Store
from darkparity.problems.select import Filters, select
from support import STORE

CALL = "def mean_cpu(x, batch, filters, spatial, mean):\n"
MUTE = "class Mute(Exception):\n    def __str__(self): raise RuntimeError('no words')\n"
ARRAY = "class Array:\n    def __array__(self, *_, **__): raise SystemExit(0)\n"
RAISING = "import numpy; numpy.seterr(all='raise')\n"
OURS = "from darkparity.spec import ContractError\n"
#: Source of a port -> what its verdict says.
PORTS = {
    "exits": (f"{CALL}    raise SystemExit(0)", "it raised SystemExit, which ends a process"),
    "interrupts": (f"{CALL}    raise KeyboardInterrupt", "it raised KeyboardInterrupt, which ends a process"),
    "base": (f"{CALL}    raise BaseException", "it raised BaseException, which ends a process"),
    "array": (f"{ARRAY}{CALL}    return Array()", "it raised SystemExit, which ends a process"),
    "mute": (f"{MUTE}{CALL}    raise Mute", "Mute: its message cannot be read: RuntimeError"),
    "forges": (f"{CALL}    raise ValueError('x\\r\\n\\x1b[32mPASS')", "ValueError: x\\r\\n\\x1b[32mPASS"),
    "surrogate": (f"{CALL}    raise ValueError('\\ud800')", "ValueError: \\ud800"),
    "loud": (f"{CALL}    raise ValueError('x' * 50_000_000)", "49998000 characters left out"),
    "ours": (f"{OURS}{CALL}    raise ContractError('yours')", "ContractError: yours"),
}


@pytest.fixture
def port(tmp_path: Path, request: pytest.FixtureRequest) -> str:
    path = tmp_path / "port.py"
    path.write_text(request.param, "utf-8")
    return str(path)


@pytest.mark.parametrize(("port", "says"), PORTS.values(), ids=PORTS, indirect=["port"])
def test_whatever_it_raises_it_crashed(
    port: str, says: str, store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["--operation", "mean_cpu", "--store", str(STORE), "--output", str(tmp_path / "run")]
    assert main(["check", port, *asked]) == 1
    shown = capsys.readouterr().out
    assert "crashed" in shown
    assert not {"\x1b", "\r", "\ud800"} & set(shown)
    assert not [line for line in shown.splitlines() if line.startswith("PASS")]
    problem = select(store, Filters(operations=("mean_cpu",)))[0]
    if "KeyboardInterrupt" not in says:  # without the command line it is the user's
        verdict = ask(Participant.of(load(port)), problem)[0].verdict
        assert isinstance(verdict, Crashed)
        assert says in verdict.message
        assert len(verdict.message) < 3000


@pytest.mark.parametrize("port", ["raise SystemExit(0)", f"{MUTE}raise Mute"], indirect=True)
def test_an_import_that_would_end_the_process_is_an_error_of_use(
    port: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ImplementationImportError):
        load(port)
    assert main(["check", port]) == 2
    assert "importing" in capsys.readouterr().err


@pytest.mark.parametrize(
    "port", [f"class P:\n    def __init__(self): raise SystemExit(0)\n    {CALL}        pass"], indirect=True
)
def test_so_is_a_class_that_cannot_be_made(port: str) -> None:
    with pytest.raises(ImplementationImportError, match="SystemExit"):
        load(f"{port}:P")


@pytest.mark.parametrize(
    "port", [f"DARKPARITY = {{'name': '\\x1b[2Jx', 'version': '1\\n2'}}\n{CALL}    pass"], indirect=True
)
def test_what_it_says_of_itself_is_shown_not_obeyed(port: str) -> None:
    told = Participant.of(load(port)).description
    assert (told.name, told.version) == ("\\x1b[2Jx", "1\\n2")


@pytest.mark.parametrize("port", [f"{RAISING}{CALL}    {RAISING}"], indirect=True)
def test_numpys_error_handling_is_not_its_to_change(port: str, store: Store) -> None:
    before = np.geterr()
    problem = select(store, Filters(operations=("mean_cpu",)))[0]
    assert ask(Participant.of(load(port)), problem)[0].verdict.word == "deviates"
    assert np.geterr() == before


def test_a_path_may_hold_any_byte(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / os.fsdecode(b"port-\xff.py")
    path.write_text(f"{CALL}    mean[:] = 0")
    asked = ["--operation", "mean_cpu", "--store", str(STORE), "--output", str(tmp_path / "run")]
    assert main(["check", str(path), *asked]) == 1
    assert main(["check", f"{path}.py"]) == 2
    assert "\\udcff" in capsys.readouterr().err


def test_limits_that_nothing_can_keep_are_named() -> None:
    bound = Access(programs=("./port",), limits=Limits(seconds=1))
    assert bound.unbounded(["./port"]) == ""
    assert bound.unbounded(["./port", "numpy"]).startswith("--timeout and --memory do not hold for numpy: ")
    assert Access(isolate=True, limits=Limits(seconds=1)).unbounded(["numpy"]) == ""
    assert Access().unbounded(["numpy"]) == ""
