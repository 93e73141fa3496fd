"""`python -m darkparity.robustness.kills`: SIGKILL at random moments of every command that writes.

Every other moment is a time, drawn evenly from what the command takes; the others are just before it touches a file.
After each, no visible file may be torn or a stranger's, and the same command, run again, must end as if nothing had
happened. --count kills (80), or --seconds S, or --endless until Ctrl-C. Exit code 1 on findings.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from itertools import cycle, islice
from pathlib import Path

from .commands import chosen
from .desk import planned, snapshot
from .disturbed import Desk, Trial, table
from .forked import forked, killed_at, touches

#: Ten of each: half a minute.
_COUNT = 80


def kill(trial: Trial, touched: int, desk: Desk, rng: random.Random) -> None:
    """Kill the command once, look, and let it run again. touched: how often it touches files."""
    arguments = trial.command.arguments
    if trial.done % 2:
        touch = rng.randint(1, touched)
        moment = f"touch {touch}"
        done = forked(arguments, desk.again(), before=killed_at(touch, desk.path))
    else:
        after = rng.uniform(0, trial.seconds)
        moment = f"{after:.4f} s"
        done = forked(arguments, desk.again(), kill_after=after)
    found = [*trial.disorder(snapshot(desk.path)), *trial.repeated(desk.path)]
    trial.judge(moment, found, unharmed=not done.killed)


def main(arguments: Sequence[str] | None = None) -> int:
    """Kill, and print a table of what happened."""
    options = _options(arguments)
    with tempfile.TemporaryDirectory() as directory, planned(2, 8):
        place = Path(directory).resolve()
        desk, rng = Desk(place / "desk", place / "laid"), random.Random(options.seed)
        trials = [Trial.of(command, desk) for command in chosen(options.command)]
        touched = [touches(trial.command.arguments, desk.again()) for trial in trials]
        until = time.monotonic() + options.seconds if options.seconds else float("inf")
        count = options.count or (None if options.endless or options.seconds else _COUNT)
        with suppress(KeyboardInterrupt):
            for trial, often in islice(cycle(zip(trials, touched, strict=True)), count):
                if time.monotonic() > until:
                    break
                kill(trial, often, desk, rng)
    return table(trials, "kills", "after its end")


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m darkparity.robustness.kills", description=__doc__)
    parser.add_argument("command", nargs="*", help="Only these, named as in the table.")
    parser.add_argument("--count", type=int, default=None, help=f"Kills in all; {_COUNT}.")
    parser.add_argument("--seconds", type=float, default=None, help="Instead of --count.")
    parser.add_argument("--endless", action="store_true", help="Until Ctrl-C.")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    raise SystemExit(main())
