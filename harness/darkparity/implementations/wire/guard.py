"""Ends a child for certain: when told to, and by itself when this process is gone, however it ended."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess

#: Reads a process group, then waits until the pipe closes, which the kernel does for a process that died of anything.
#: No process can refuse SIGKILL; a process that is not (yet) the leader of its group is ended alone.
_SCRIPT = "trap '' HUP INT QUIT TERM; read -r group && { read -r _; kill -9 -- -$group || kill -9 $group; }"


class Guard:
    """A shell that kills a process group as soon as this process ends; about 1 ms to start, and one pipe.

    A session of its own and ignored signals keep it from what ends us. Not covered: a process that left its group
    (`setsid`); SIGKILL for the guard too; SIGKILL for us between a child's start and `watch`. Such a child ends by
    itself if it reads its standard input, which is closed then.
    """

    def __init__(self) -> None:
        self._group: int | None = None
        self._shell: subprocess.Popen[bytes] | None = None
        with contextlib.suppress(FileNotFoundError):  # no shell (a minimal container): only our own SIGKILL leaves it
            self._shell = subprocess.Popen(
                ["/bin/sh", "-c", _SCRIPT, "darkparity-guard"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL, bufsize=0, start_new_session=True, env={}, cwd="/",
            )  # fmt: skip

    def watch(self, group: int) -> None:
        """From now on `group`, the leader's process id, ends with us."""
        self._group = group
        if self._shell is not None and self._shell.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self._shell.stdin.write(b"%d\n" % group)

    def end(self) -> None:
        """End the group now, and the guard. Before the leader is reaped: until then its id is its own."""
        if self._group is not None:
            for send in (os.killpg, os.kill):
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    send(self._group, signal.SIGKILL)
        if self._shell is not None:
            self._shell.kill()
            self._shell.wait()
            assert self._shell.stdin is not None
            self._shell.stdin.close()
