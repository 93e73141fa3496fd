"""A run on the screen while it grows: its head, a progress bar, and where its file went."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

from darkparity.checking import Watcher
from darkparity.judging.result import Result
from darkparity.problems.problem import Problem
from darkparity.report.run import Run

from .screen import print_json, progress, screen
from .views import show_head


class OnScreen(Watcher):
    """Shows a run. quiet: nothing at all, for `--json`; head: say who is asked what."""

    def __init__(self, quiet: bool, head: bool = True) -> None:
        self.console, self.note = screen(), ""
        self._quiet, self._head = quiet, head
        self._bar = ExitStack()
        self._move: Any = None

    def started(self, run: Run, problems: Sequence[Problem]) -> None:
        if self._head and not self._quiet:
            show_head(self.console, run, len(problems))
        self._move = self._bar.enter_context(progress(self._quiet))

    def judged(self, result: Result, done: int, total: int) -> None:
        self._move(f"{result.implementation} {result.case}", done, total)

    def written(self, note: str) -> None:
        self._bar.close()
        self.note = note
        if note.startswith("interrupted") and not self._quiet:
            self.console.print(note, soft_wrap=True)

    def print_json(self, value: Any) -> None:
        """One JSON object on stdout."""
        print_json(value)
