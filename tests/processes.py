"""Commands of darkparity as processes: started, waited for, ended in any way; and whoever they left behind (/proc)."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path

_LOOK_SECONDS = 0.01


class Command:
    """`darkparity ARGUMENTS` in a process group of its own, it and all it starts marked by their environment.

    spinning: a directory where hostile programs leave a file each when they no longer return.
    """

    def __init__(self, arguments: Sequence[str], directory: Path) -> None:
        self.mark = f"MARK={uuid.uuid4().hex}"
        self.spinning = directory / "spinning"
        self.spinning.mkdir()
        name, _, value = self.mark.partition("=")
        environment = {**os.environ, name: value, "SPINNING": str(self.spinning), "OMP_NUM_THREADS": "1",
                       "PYTHONPATH": os.pathsep.join(sys.path)}  # fmt: skip
        self.said = (directory / "said").open("w+b")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "darkparity", *arguments], cwd=directory, env=environment, stdin=subprocess.DEVNULL,
            stdout=self.said, stderr=subprocess.STDOUT, process_group=0,
        )  # fmt: skip

    def __enter__(self) -> Command:
        return self

    def __exit__(self, *_: object) -> None:
        for pid in marked(self.mark):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.kill()
        self.process.wait()
        self.said.close()

    def send(self, number: int, to_group: bool = False) -> None:
        """A signal, to_group: as a terminal sends it."""
        (os.killpg if to_group else os.kill)(self.process.pid, number)

    def until_spinning(self, processes: int, seconds: float = 30.0) -> None:
        """Wait until so many processes spin. Raises AssertionError with what the command said."""

        def spinning() -> bool:
            return len(list(self.spinning.iterdir())) >= processes

        until(lambda: spinning() or self.process.poll() is not None, seconds)
        assert spinning(), f"nothing spins after {seconds} s or at its end: {self.words()}"

    def words(self) -> str:
        """What it printed so far."""
        self.said.seek(0)
        return self.said.read().decode("utf-8", "replace")

    def left(self, seconds: float = 5.0) -> list[int]:
        """Processes of it that are still there, after `seconds` at the most."""
        until(lambda: not marked(self.mark), seconds)
        return marked(self.mark)


def until(condition: Callable[[], bool], seconds: float) -> bool:
    """Whether the condition came true in time."""
    deadline = time.monotonic() + seconds
    while not (true := condition()) and time.monotonic() < deadline:
        time.sleep(_LOOK_SECONDS)
    return true


def marked(mark: str) -> list[int]:
    """Processes but this one whose environment holds `mark`, and zombies of this one."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            with contextlib.suppress(OSError):
                state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
                ours = mark.encode() in (entry / "environ").read_bytes().split(b"\0")
                if ours or (state == "Z" and int(parent) == os.getpid()):
                    found.append(int(entry.name))
    return found
