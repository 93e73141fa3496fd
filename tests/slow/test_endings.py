"""However a command ends and whatever it was doing: nothing that it started is left behind."""

from __future__ import annotations

import shlex
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from processes import Command
from support import ROOT, STORE

pytestmark = pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks processes up in /proc")

HOSTILE = ROOT / "tests" / "hostile"
SPINNING_PORT = str(HOSTILE / "spinning_port.py")


def spinner(when: str) -> list[str]:
    return ["--exec", shlex.join([sys.executable, "-S", "-E", str(HOSTILE / "spinner.py"), when])]


#: What the command is doing -> its arguments, and how many processes spin then.
MOMENTS = {
    "handshake": (spinner("hello"), 1),
    "case": (spinner("run"), 1),
    "jobs": ([*spinner("run"), "--jobs", "2"], 2),
    "jobs-in-process": ([SPINNING_PORT, "--jobs", "2"], 2),
}


def twice(pause: float) -> Callable[[Command], None]:
    def send(command: Command) -> None:
        command.send(signal.SIGINT, to_group=True)
        time.sleep(pause)
        if command.process.poll() is None:
            command.send(signal.SIGINT, to_group=True)

    return send


#: Way to end -> what does it, and the exit statuses that are right. A second Ctrl-C may meet a command that has
#: said goodbye already and is about to be gone.
WAYS: dict[str, tuple[Callable[[Command], None], set[int]]] = {
    "INT": (lambda c: c.send(signal.SIGINT, to_group=True), {130}),
    "INT-twice": (twice(0.02), {130, -signal.SIGINT}),
    "INT-later-again": (twice(1.1), {130, -signal.SIGINT}),
    "TERM": (lambda c: c.send(signal.SIGTERM), {143}),
    "HUP": (lambda c: c.send(signal.SIGHUP, to_group=True), {129}),
    "QUIT": (lambda c: c.send(signal.SIGQUIT, to_group=True), {-signal.SIGQUIT}),
    "KILL": (lambda c: c.send(signal.SIGKILL), {-signal.SIGKILL}),
}


#: Moment -> the ways tried there. The others were tried as well; a start takes a second.
TRIED = {
    "handshake": ("INT-twice", "TERM", "HUP", "QUIT", "KILL"),
    "case": tuple(WAYS),
    "jobs": ("INT", "INT-twice", "HUP", "KILL"),
    "jobs-in-process": ("INT", "TERM", "KILL"),
}


@pytest.mark.parametrize(("moment", "way"), [(moment, way) for moment in TRIED for way in TRIED[moment]])
def test_nothing_outlives_a_command(moment: str, way: str, tmp_path: Path) -> None:
    arguments, spinning = MOMENTS[moment]
    end, statuses = WAYS[way]
    cases = ["--operation", "mean_cpu", "--store", str(STORE), "--timeout", "600"]
    with Command(["check", *arguments, *cases], tmp_path) as command:
        command.until_spinning(spinning)
        end(command)
        assert command.process.wait(10) in statuses, command.words()
        assert command.left() == []
        if way not in ("QUIT", "KILL"):
            assert "darkparity: interrupted by SIG" in command.words()
        if "INT-" not in way:
            assert "Traceback" not in command.words()


def test_a_port_that_swallows_the_first_ctrl_c_is_ended_by_the_next(tmp_path: Path) -> None:
    """It runs in this process, catches everything and goes on: asked again, its case ends the run."""
    port = tmp_path / "port.py"
    port.write_text(
        "import os, pathlib, time\n"
        "def mean_cpu(x, batch, filters, spatial, mean):\n"
        "    pathlib.Path(os.environ['SPINNING'], 'here').touch()\n"
        "    try:\n"
        "        time.sleep(600)\n"
        "    except BaseException:\n"
        "        raise ValueError('nothing happened')\n"
    )
    with Command(["check", str(port), "--operation", "mean_cpu", "--store", str(STORE)], tmp_path) as command:
        command.until_spinning(1)
        command.send(signal.SIGINT)
        assert command.process.wait(10) == 130, command.words()
        assert command.words().endswith("interrupted by SIGINT\n")


def test_a_signal_that_was_ignored_stays_so(tmp_path: Path) -> None:
    """`nohup darkparity ...`"""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with Command(["check", *spinner("run"), "--store", str(STORE), "--operation", "mean_cpu"], tmp_path) as command:
            signal.signal(signal.SIGHUP, before)
            command.until_spinning(1)
            command.send(signal.SIGHUP)
            time.sleep(0.3)
            assert command.process.poll() is None
    finally:
        signal.signal(signal.SIGHUP, before)
