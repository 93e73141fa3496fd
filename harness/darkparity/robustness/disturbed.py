"""A writing command that is disturbed: what may be seen afterwards, and that running it again makes up for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .commands import Command
from .desk import Snapshot, hidden, lay, reset, snapshot
from .forked import Ended, forked, warm


class Desk:
    """A directory that is put back to its beginning, always at the same path: it stands in files.

    laid: where its beginning is kept.
    """

    def __init__(self, path: Path, laid: Path) -> None:
        self.path, self._laid = path, laid
        self._laid.mkdir()
        lay(self._laid)

    def again(self) -> Path:
        """As it was at first."""
        reset(self.path, self._laid)
        return self.path


@dataclass
class Trial:
    """A command, what is there before it and after it when it is left alone; and what happened when it was not.

    seconds: the shortest of three, as a moment drawn from a longer one would often come after the end.
    """

    command: Command
    before: Snapshot
    after: Snapshot
    seconds: float
    done: int = 0
    unharmed: int = 0
    findings: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, command: Command, desk: Desk) -> Trial:
        """Measured. Raises RuntimeError if the command does not do alone what it should."""
        before = snapshot(desk.again())
        warm(command.arguments, desk.path)
        done = min((forked(command.arguments, desk.again()) for _ in range(3)), key=lambda ended: ended.seconds)
        after = snapshot(desk.path)
        if done.code not in command.codes or after == before or "torn" in after.values() or hidden(after):
            raise RuntimeError(f"{command.name} alone: exit code {done.code}, {sorted(after)}\n{done.said}")
        return cls(command, before, after, done.seconds)

    def judge(self, moment: str, found: Sequence[str], unharmed: bool) -> None:
        """Count one disturbance. unharmed: it had no effect."""
        self.done += 1
        self.unharmed += unharmed
        self.findings += [f"{moment}: {what}" for what in found]

    def disorder(self, held: Snapshot) -> Iterator[str]:
        """What must never be seen: each file is the earlier one or the new one."""
        for name in sorted(held.keys() - hidden(held)):
            if held[name] not in (self.before.get(name), self.after.get(name)):
                yield f"{name} is neither the earlier nor the new one: {str(held[name])[:60]!r}"
        for name in sorted((self.before.keys() & self.after.keys()) - held.keys()):
            yield f"{name} is gone"

    def repeated(self, path: Path) -> Iterator[str]:
        """What is wrong when the command runs again, in peace."""
        done = forked(self.command.arguments, path)
        held = snapshot(path)
        if done.code not in self.command.codes:
            yield f"run again it exits with {done.code}: {_last(done)}"
        for name in sorted({n for n in held.keys() | self.after.keys() if held.get(n) != self.after.get(n)}):
            state = "is missing" if name not in held else "is left" if name not in self.after else "differs"
            yield f"run again, {name} {state}"


def _last(done: Ended) -> str:
    return done.said.strip()[-300:]


def table(trials: Sequence[Trial], happened: str, unharmed: str) -> int:
    """Print what happened; the exit code. happened, unharmed: names of the two counts."""
    print(f"{'command':<20}{'seconds':>9}{happened:>14}{unharmed:>16}{'findings':>10}")
    for t in trials:
        print(f"{t.command.name:<20}{t.seconds:>9.3f}{t.done:>14}{t.unharmed:>16}{len(t.findings):>10}")
        for what in t.findings[:5]:
            print(f"    {what}")
    found = sum(len(t.findings) for t in trials)
    print(f"{'all':<29}{sum(t.done for t in trials):>14}{sum(t.unharmed for t in trials):>16}{found:>10}")
    return 1 if found or not any(t.done for t in trials) else 0
