"""What `darkparity.check` returns: the records of a run and what they say."""

from __future__ import annotations

from pathlib import Path

from . import overview, runfile
from .records import Records
from .summary import Summary, summarize


class Run(Records):
    """What a check found, whether just made or read back from a run file.

    `header`, `results`, `pairs`, `diagnoses` and `footer` are its records (`darkparity.report.records`).
    """

    @property
    def summary(self) -> Summary:
        """One cell per implementation, dialect and operation; counts; exit code."""
        return summarize(self)

    @property
    def exit_code(self) -> int:
        """0 conforms, 1 deviates or something was not judged, 3 a fault of the harness."""
        return self.summary.exit_code

    @property
    def conforms(self) -> bool:
        """The run is complete, everything asked was heard and judged, and nothing failed."""
        return not self.interrupted and self.exit_code == 0

    def write(self, path: str | Path) -> None:
        """Save as JSON lines (docs/verdicts.md); an earlier file is replaced once the new one is whole."""
        runfile.write(self, Path(path))

    def __repr__(self) -> str:
        return overview.text(self, self.summary)

    def _repr_html_(self) -> str:
        return overview.html(self, self.summary)


def read(path: str | Path) -> Run:
    """Read a run back; a torn last line counts as not written. Raises RunFileError, OSError."""
    run = Run()
    runfile.read_into(run, Path(path))
    return run
