"""Saves a failing case in a small golden store, for `check --store`."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

from darkparity import __version__
from darkparity.problems.golden.fixture import build, sha256, text
from darkparity.problems.golden.store import MANIFEST, Store, manifest_text

from .search import Finding


def save(finding: Finding, directory: Path) -> tuple[Path, str]:
    """Add the case to the store in `directory` (created if missing).

    Returns its path, and the options of `check` that repeat it.
    """
    inputs = sha256(*finding.problem.arrays.values())
    fixture = build(finding.case, finding.problem.dialect)
    case = finding.case
    if fixture.recipe is None:  # the file lists the arrays, so the name need not fix the random stream
        name = f"{case.name}_{inputs[:8]}"
        case, fixture = replace(case, name=name), replace(fixture, case=name)
    content = text(fixture, case)
    path = Path(fixture.dialect, fixture.operation, f"{fixture.case}.json")
    files = dict(Store(directory).files) if (directory / MANIFEST).is_file() else {}
    files[path.as_posix()] = {"sha256": hashlib.sha256(content.encode()).hexdigest(), "inputs_sha256": inputs}
    (directory / path).parent.mkdir(parents=True, exist_ok=True)
    (directory / path).write_text(content, "utf-8", newline="\n")
    (directory / MANIFEST).write_text(manifest_text(files, __version__), "utf-8", newline="\n")
    return directory / path, f"--store {directory} --case {json.dumps(fixture.id)[1:-1]}"
