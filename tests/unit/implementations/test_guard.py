"""A child is ended for certain: on request, through an interruption, and when whoever started it is gone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from darkparity.implementations.wire import guard
from darkparity.implementations.wire.child import Child
from darkparity.implementations.wire.guard import Guard
from processes import until

SLEEP = [sys.executable, "-S", "-E", "-c", "import time; time.sleep(30)"]
#: Starts a child as `Child` does, says its process id, and dies of SIGKILL.
DIES = """
import os, signal, sys
from darkparity.implementations.wire.child import Child
child = Child(sys.argv[1:])
print(child._process.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] == "Z"


def of_us(process: Path) -> bool:
    try:
        return int((process / "stat").read_text().rpartition(")")[2].split()[1]) == os.getpid()
    except OSError:
        return False


def test_a_child_ends_with_whoever_started_it_even_by_sigkill() -> None:
    done = subprocess.run([sys.executable, "-c", DIES, *SLEEP], capture_output=True, text=True, timeout=60,
                          env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert until(lambda: gone(int(done.stdout)), 5)


def test_an_interrupted_close_ends_the_child_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    child = Child(SLEEP)
    pid = child._process.pid

    def interrupted(patience: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(child, "_end", interrupted)
    with pytest.raises(KeyboardInterrupt):
        child.close(5.0)
    assert gone(pid)
    child.close()  # nothing to do, and no signal to whoever has its id by now


def test_a_child_that_cannot_be_started_leaves_no_guard() -> None:
    with pytest.raises(FileNotFoundError):
        Child(["/no/such/program"])
    ours = [p for p in Path("/proc").glob("[0-9]*") if of_us(p)]
    assert not [p for p in ours if b"darkparity-guard" in (p / "cmdline").read_bytes()]


def test_without_a_shell_a_child_is_still_ended_on_request(monkeypatch: pytest.MonkeyPatch) -> None:
    real = subprocess.Popen

    def no_shell(command: list[str], **options: object) -> object:
        if command[0] == "/bin/sh":
            raise FileNotFoundError
        return real(command, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(guard.subprocess, "Popen", no_shell)  # type: ignore[attr-defined]
    child = Child(SLEEP)
    child.close()
    assert gone(child._process.pid)


def test_who_is_no_leader_of_a_group_is_ended_alone() -> None:
    """A worker of --jobs before it has made a group of its own."""
    with subprocess.Popen(SLEEP) as process:
        watching = Guard()
        watching.watch(process.pid)
        assert watching._shell is not None
        assert watching._shell.stdin is not None
        watching._shell.stdin.close()  # what the kernel does for a process that died
        assert process.wait(5) == -signal.SIGKILL
        watching._shell.wait(5)
