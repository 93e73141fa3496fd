"""Commands in forked copies of this process, where everything is imported: what happens to one falls on its work."""

from __future__ import annotations

import contextlib
import io
import itertools
import mmap
import os
import select
import signal
import struct
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from darkparity.cli import main


@dataclass(frozen=True)
class Ended:
    """code: exit status, or minus the signal. said: stdout and stderr."""

    code: int
    said: str
    seconds: float

    @property
    def killed(self) -> bool:
        return self.code == -signal.SIGKILL


def nothing() -> None:
    """Happens to a command that is left alone."""


def forked(
    arguments: Sequence[str], directory: Path, kill_after: float | None = None, before: Callable[[], None] = nothing
) -> Ended:
    """`darkparity ARGUMENTS` in `directory`; before: runs there first; kill_after: seconds until SIGKILL."""
    words, said = os.pipe()  # no file: before may limit their size
    started = time.perf_counter()
    pid = os.fork()
    if pid == 0:
        _as_command(arguments, directory, before, said)
    os.close(said)
    with os.fdopen(words, "rb") as stream:
        heard = bytearray()
        while not kill_after or (left := started + kill_after - time.perf_counter()) > 0:
            if select.select([stream], [], [], left if kill_after else None)[0]:
                heard += (part := os.read(words, 1 << 16))
                if not part:
                    break
        if kill_after:
            os.kill(pid, signal.SIGKILL)  # until it is waited for its number is not given away
        heard += stream.read()
    _, status = os.waitpid(pid, 0)
    seconds = time.perf_counter() - started
    return Ended(os.waitstatus_to_exitcode(status), heard.decode("utf-8", "replace"), seconds)


def _as_command(arguments: Sequence[str], directory: Path, before: Callable[[], None], said: int) -> None:
    """Never returns."""
    code = 70  # EX_SOFTWARE: what `main` never returns
    try:
        os.chdir(directory)
        sys.stdout = sys.stderr = os.fdopen(said, "w", encoding="utf-8")
        before()
        code = main(arguments)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(code)


def warm(arguments: Sequence[str], directory: Path) -> None:
    """Run the command in this process, for what it imports."""
    with contextlib.chdir(directory), contextlib.redirect_stdout(io.StringIO()):
        main(arguments)


def killed_at(touch: int, directory: Path) -> Callable[[], None]:
    """For `before`: SIGKILL when the command is about to touch a file in `directory` for the nth time."""
    return _touching(directory, lambda n: os.kill(os.getpid(), signal.SIGKILL) if n == touch else None)


def touches(arguments: Sequence[str], directory: Path) -> int:
    """How often the command touches files in `directory`."""
    with mmap.mmap(-1, 8) as shared:
        forked(arguments, directory, before=_touching(directory, lambda n: struct.pack_into("q", shared, 0, n)))
        return struct.unpack_from("q", shared)[0]


def _touching(directory: Path, at: Callable[[int], None]) -> Callable[[], None]:
    def install() -> None:
        numbers = itertools.count(1)

        def hook(event: str, arguments: tuple[object, ...]) -> None:
            if event in _TOUCHING and _inside(arguments[0], directory):
                at(next(numbers))

        sys.addaudithook(hook)

    return install


_TOUCHING = frozenset(("open", "os.rename", "os.remove", "os.mkdir", "os.rmdir"))


def _inside(name: object, directory: Path) -> bool:
    return isinstance(name, str | os.PathLike) and Path(os.path.abspath(name)).is_relative_to(directory)
