"""`python -m darkparity.robustness.no_room`: full disks and read-only ones under every command that writes.

Each round lets no file grow beyond a drawn size, then, where file systems can be mounted (root), leaves a drawn number
of pages free, then makes the disk read-only. Earlier files must stay, what cannot be written must be named, verdicts
must be shown all the same, and the exit code must be the verdict's or 2; with room again the same command must do
what it always does. --count rounds (1), or --endless until Ctrl-C. Exit code 1 on findings.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from itertools import count as rounds
from pathlib import Path

from darkparity.errors import USAGE

from .commands import chosen
from .desk import planned, snapshot
from .disturbed import Desk, Trial, table
from .forked import Ended, forked, nothing

#: Bytes; the desk takes a third of it.
_DISK = 1 << 20
#: The largest file that a command writes here is smaller; half of the draws are below 150.
_LARGEST = 20_000
#: Pages that are left: up to half a store.
_PAGES = 8
_REASONS = (os.strerror(27), os.strerror(28), os.strerror(30))  # EFBIG, ENOSPC, EROFS


@dataclass(frozen=True)
class Shortage:
    """Lasts as long as `on` does; before: what the command's own process does first."""

    name: str
    on: Callable[[], AbstractContextManager[object]] = nullcontext
    before: Callable[[], None] = nothing


def shortages(disk: Path | None, rng: random.Random) -> Iterator[Shortage]:
    """Those of a round. disk: one that can be filled; None: there is none."""
    size = int(_LARGEST ** rng.random()) - 1
    yield Shortage(f"files of {size} bytes", before=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)))
    if disk is not None:
        pages = rng.randint(0, _PAGES)
        yield Shortage(f"{pages} pages free", lambda: _filled(disk, pages))
        yield Shortage("read-only", lambda: _read_only(disk))


@contextmanager
def _filled(disk: Path, pages: int) -> Iterator[None]:
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        page = bytes(resource.getpagesize())
        with suppress(OSError):
            while file.write(page):
                pass
        file.truncate(max(0, file.tell() - pages * len(page)))
    try:
        yield
    finally:
        ballast.unlink()


@contextmanager
def _read_only(disk: Path) -> Iterator[None]:
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    try:
        yield
    finally:
        subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)


@contextmanager
def mounted(place: Path) -> Iterator[Path | None]:
    """A small disk, None where none can be had."""
    place.mkdir()
    options = ["mount", "-t", "tmpfs", "-o", f"size={_DISK}", "tmpfs", str(place)]
    if subprocess.run(options, capture_output=True, check=False).returncode:
        yield None
        return
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


def starve(trial: Trial, desk: Desk, shortage: Shortage) -> None:
    """Run the command in want of room, look, and let it run again with it."""
    desk.again()
    with shortage.on():
        done = forked(trial.command.arguments, desk.path, before=shortage.before)
        held = snapshot(desk.path)
    whole = held == trial.after
    found = [*trial.disorder(held), *_said(trial, done, whole), *trial.repeated(desk.path)]
    trial.judge(shortage.name, found, unharmed=whole)


def _said(trial: Trial, done: Ended, whole: bool) -> Iterator[str]:
    """What its words and its exit code should have been."""
    refused = done.code == USAGE and not whole
    if not refused and done.code not in trial.command.codes:
        yield f"exit code {done.code}: {done.said.strip()[-300:]}"
    if not whole and not (trial.command.target in done.said and any(reason in done.said for reason in _REASONS)):
        yield f"does not say that {trial.command.target} cannot be written: {done.said.strip()[-300:]}"
    if trial.command.verdicts not in done.said and not (refused and _REASONS[-1] in done.said):
        yield f"shows no verdict: {done.said.strip()[-300:]}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Starve, and print a table of what happened."""
    options = _options(arguments)
    rng = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as directory, planned(2, 8), mounted(Path(directory).resolve() / "disk") as disk:
        place = Path(directory).resolve()
        if disk is None:
            print("full and read-only disks: not run, none can be mounted here", file=sys.stderr)
        desk = Desk((disk or place) / "desk", place / "laid")
        trials = [Trial.of(command, desk) for command in chosen(options.command)]
        with suppress(KeyboardInterrupt):
            for _ in rounds() if options.endless else range(options.count):
                for trial in trials:
                    for shortage in shortages(disk, rng):
                        starve(trial, desk, shortage)
    return table(trials, "shortages", "without effect")


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m darkparity.robustness.no_room", description=__doc__)
    parser.add_argument("command", nargs="*", help="Only these, named as in the table.")
    parser.add_argument("--count", type=int, default=1, help="Rounds; 1.")
    parser.add_argument("--endless", action="store_true", help="Until Ctrl-C.")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    raise SystemExit(main())
