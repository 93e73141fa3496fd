"""The text of a fixture, byte-identical on every machine. The inverse: reading.py."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from darkparity.formats.json_arrays import array_text, bound_text
from darkparity.formats.json_text import dumps
from darkparity.formats.records import to_json
from darkparity.oracle.bounds import Expected
from darkparity.spec import OPERATIONS

from .fixture import CLASSES, MAX_ELEMENTS, Fixture

SCHEMA_VERSION = 1
#: Elements of a large array that a recipe fixture shows, evenly spread.
_SAMPLES = 64


def text(fixture: Fixture) -> str:
    """The content of the file."""
    return dumps(_content(fixture), row_breaks=("inputs", "expected", "bounds"))


def _content(fixture: Fixture) -> dict[str, Any]:
    operation = OPERATIONS[fixture.operation]
    shown = {profile: {n: _shown(e, fixture) for n, e in rows.items()} for profile, rows in fixture.expected.items()}
    expected = shown["any"]
    given = {"inputs": fixture.arrays} if fixture.recipe is None else {"recipe": to_json(fixture.recipe)}
    return {
        "schema_version": SCHEMA_VERSION,
        "id": fixture.id,
        "case": fixture.case,
        "operation": fixture.operation,
        "dialect": fixture.dialect,
        "fault": fixture.fault,
        "formula": operation.formula,
        "source": operation.full_source,
        "attributes": dict(fixture.attributes),
        "classes": {n: c for n, e in expected.items() if (c := _classes(e))},
        "provenance": {
            "generator": "darkparity golden regenerate",
            "oracle": "rationals and roots, correctly rounded",
            "inputs": dict(fixture.fills),
        },
        **given,
        "expected": {n: e.value for n, e in expected.items()},
        "bounds": _bounds(expected, shown["two_pass"]),
    }


def _bounds(expected: Mapping[str, Expected], two_pass: Mapping[str, Expected]) -> dict[str, Any]:
    """By profile and array; of `two_pass` the arrays whose text would differ."""
    loose = {n: e.bound for n, e in expected.items()}
    tight = {n: e.bound for n, e in two_pass.items()}
    differing = {n: b for n, b in tight.items() if array_text(b, bound_text) != array_text(loose[n], bound_text)}
    return {"any": loose, **({"two_pass": differing} if differing else {})}


def _shown(expected: Expected, fixture: Fixture) -> Expected:
    """All of an array, or of a large one in a recipe a sample."""
    size = expected.value.size
    if fixture.recipe is None or size <= MAX_ELEMENTS:
        return expected
    at = np.arange(_SAMPLES) * size // _SAMPLES
    return Expected(*(a.ravel()[at] for a in (expected.value, expected.bound, expected.allowed)))


def _classes(expected: Expected) -> dict[str, list[int]]:
    flat = expected.allowed.ravel()
    found = {name: np.flatnonzero(flat == allowed) for name, allowed in CLASSES.items()}
    return {name: at.tolist() for name, at in found.items() if at.size}
