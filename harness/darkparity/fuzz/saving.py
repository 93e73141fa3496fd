"""A found case on disk: a small golden store that `check --store` asks again."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path

from darkparity.problems.golden.fixture import build, sha256
from darkparity.problems.golden.writing import add

from .search import Finding


def save(finding: Finding, directory: Path) -> tuple[Path, str]:
    """Add the case to the store in `directory` (created if missing).

    Returns its path, and the options of `check` that repeat it.
    """
    fixture = replace(build(finding.case, finding.problem.dialect), recipe=None)  # no table holds a drawn case
    fixture = replace(fixture, case=f"{fixture.case}_{sha256(*fixture.arrays.values())[:8]}")
    path = add(directory, fixture)
    return path, f"--store {shlex.quote(str(directory))} --case {fixture.id}"
