"""`python -m darkparity.proof.robustness.kills`: SIGKILL at random moments of every command that writes.

Every other moment is a time, drawn evenly from what the command takes; the others are just before it touches a file.
After each, no visible file may be torn or a stranger's, and the same command, run again, must end as if nothing had
happened. --count kills (80), or --seconds S, or --endless until Ctrl-C. Exit code 1 on findings.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path

from .commands import Command, commands
from .desk import Snapshot, hidden, lay, planned, reset, snapshot
from .forked import forked, killed_at, touches, warm

#: Ten of each: 20 s.
_COUNT = 80


@dataclass
class Trial:
    """One command: what it makes when left alone, how long it takes and how often it touches files; and its kills."""

    command: Command
    before: Snapshot
    after: Snapshot
    seconds: float
    touches: int
    kills: int = 0
    late: int = 0
    findings: list[str] = field(default_factory=list)


class Desk:
    """Always at the same path: it stands in files."""

    def __init__(self, directory: Path) -> None:
        self.path, self._laid = directory / "desk", directory / "laid"
        self._laid.mkdir()
        lay(self._laid)

    def again(self) -> Path:
        """As it was at first."""
        reset(self.path, self._laid)
        return self.path


def measured(desk: Desk, command: Command) -> Trial:
    """A trial to be made. Raises RuntimeError if the command does not do alone what it should."""
    before = snapshot(desk.again())
    warm(command.arguments, desk.path)
    done = forked(command.arguments, desk.again())
    after = snapshot(desk.path)
    if done.code not in command.codes or after == before or "torn" in after.values() or hidden(after):
        raise RuntimeError(f"{command.name} alone: exit code {done.code}, {sorted(after)}\n{done.said}")
    return Trial(command, before, after, done.seconds, touches(command.arguments, desk.again()))


def kill(desk: Desk, trial: Trial, rng: random.Random) -> None:
    """Kill it once, look, and let it run again."""
    arguments, path = trial.command.arguments, desk.again()
    if trial.kills % 2:
        touch = rng.randint(1, trial.touches)
        moment, done = f"touch {touch}", forked(arguments, path, before=killed_at(touch, path))
    else:
        after = rng.uniform(0, trial.seconds)
        moment, done = f"{after:.4f} s", forked(arguments, path, kill_after=after)
    trial.kills += 1
    trial.late += not done.killed
    trial.findings += [f"{moment}: {what}" for what in (*_disorder(trial, snapshot(path)), *_again(trial, path))]


def _disorder(trial: Trial, held: Snapshot) -> Iterator[str]:
    """What must not be seen after a kill: each file is the earlier one or the new one."""
    for name in sorted(held.keys() - hidden(held)):
        if held[name] not in (trial.before.get(name), trial.after.get(name)):
            yield f"{name} is neither the earlier nor the new one: {str(held[name])[:60]!r}"
    for name in sorted((trial.before.keys() & trial.after.keys()) - held.keys()):
        yield f"{name} is gone"


def _again(trial: Trial, path: Path) -> Iterator[str]:
    done = forked(trial.command.arguments, path)
    held = snapshot(path)
    if done.code not in trial.command.codes:
        yield f"run again it exits with {done.code}: {done.said.strip()[-300:]}"
    for name in sorted({n for n in held.keys() | trial.after.keys() if held.get(n) != trial.after.get(n)}):
        state = "is missing" if name not in held else "is left" if name not in trial.after else "differs"
        yield f"run again, {name} {state}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Kill, and print a table of what happened."""
    options = _options(arguments)
    with tempfile.TemporaryDirectory() as directory, planned(2, 8):
        desk, rng = Desk(Path(directory).resolve()), random.Random(options.seed)
        trials = [measured(desk, command) for command in commands() if options.command in ("", command.name)]
        try:
            for trial in islice(cycle(trials), options.kills):
                kill(desk, trial, rng)
                if options.until and time.monotonic() > options.until:
                    break
        except KeyboardInterrupt:
            pass
    _print(trials)
    return 1 if any(trial.findings for trial in trials) or not any(trial.kills for trial in trials) else 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m darkparity.proof.robustness.kills", description=__doc__)
    parser.add_argument("command", nargs="?", default="", help="Only this one, named as in the table.")
    parser.add_argument("--count", type=int, default=None, help=f"Kills in all; {_COUNT}.")
    parser.add_argument("--seconds", type=float, default=None, help="Instead of --count.")
    parser.add_argument("--endless", action="store_true", help="Until Ctrl-C.")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    unbounded = options.endless or options.seconds
    options.kills = options.count or (None if unbounded else _COUNT)
    options.until = time.monotonic() + options.seconds if options.seconds else None
    return options


def _print(trials: Sequence[Trial]) -> None:
    print(f"{'command':<20}{'seconds':>8}{'touches':>9}{'kills':>7}{'after its end':>15}{'findings':>10}")
    for t in trials:
        print(f"{t.command.name:<20}{t.seconds:>8.3f}{t.touches:>9}{t.kills:>7}{t.late:>15}{len(t.findings):>10}")
        for what in t.findings[:5]:
            print(f"    {what}")
    total = sum(t.kills for t in trials), sum(t.late for t in trials), sum(len(t.findings) for t in trials)
    print(f"{'all':<37}{total[0]:>7}{total[1]:>15}{total[2]:>10}")


if __name__ == "__main__":
    raise SystemExit(main())
