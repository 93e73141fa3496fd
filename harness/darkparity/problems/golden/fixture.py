"""A golden fixture: one case's inputs, expected values, bounds and classes, and its text on disk."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, Context, Decimal
from functools import cached_property
from typing import Any

import numpy as np

from darkparity.cases import Case, identifier
from darkparity.dialects import DIALECTS, Dialect
from darkparity.formats.json_arrays import CodecError, array_text, bound_text, parse_array, parse_json
from darkparity.oracle import Answer, answer
from darkparity.oracle.bounds import ALL, ANY, FINITE, NON_FINITE, TWO_PASS, Expected, Profile, expect
from darkparity.oracle.deviations.power import margins, separated
from darkparity.spec import OPERATIONS

SCHEMA_VERSION = 1
#: More elements than this per array and the fixture is a recipe: a file stays under 1 MB (design section 8).
MAX_ELEMENTS = 2048
#: Elements of a large array that a recipe fixture shows, evenly spread.
SAMPLES = 64
_PROFILES = {"any": ANY, "two_pass": TWO_PASS}


@dataclass(frozen=True)
class Fixture:
    """The parsed content of one file. `arrays` are the inputs, `expected` by profile and array."""

    case: str
    operation: str
    dialect: str
    fault: str
    attributes: Mapping[str, Any]
    arrays: Mapping[str, np.ndarray]
    expected: Mapping[str, Mapping[str, Expected]]
    recipe: Mapping[str, Any] | None = None
    separates: Mapping[str, float] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return f"{self.dialect}-{self.operation}-{self.case}"

    @cached_property
    def row(self) -> Dialect:
        return DIALECTS[self.dialect]

    def expectation(self, profile: Profile) -> dict[str, Expected]:
        """Stored bounds for `any` and `two_pass`; for other labels bounds from the same inputs now."""
        for name, stored in _PROFILES.items():
            if profile == stored:
                return dict(self.expected[name])
        return expect(
            self.operation, self.row, self.arrays, self.attributes, profile,
            {name: Answer(e.value, _half_ulp(e)) for name, e in self.expected["any"].items()},
        )  # fmt: skip


def _half_ulp(expected: Expected) -> np.ndarray:
    """Bound on |exact - expected|: half the spacing, nothing where every evaluation is exact."""
    with np.errstate(invalid="ignore"):
        spacing = np.spacing(np.abs(expected.value)).astype(np.float64)
    return np.where(np.isfinite(spacing) & (expected.bound > 0), spacing / 2, 0.0)


def build(case: Case, dialect: Dialect) -> Fixture:
    """Work the fixture out with the exact oracle. Raises Undecided."""
    arrays, attributes = case.arrays(dialect), case.full_attributes
    call = (case.operation, dialect, arrays, attributes)
    answers = answer(*call)
    expected = {name: expect(*call, profile, answers) for name, profile in _PROFILES.items()}
    large = max((a.size for a in (*arrays.values(), *(a.expected for a in answers.values()))), default=0)
    recipe = {n: {"fill": str(case.fills[n]), "sha256": sha256(a)} for n, a in arrays.items()}
    return Fixture(case.name, case.operation, dialect.name, case.fault, attributes, arrays, expected,
                   recipe if large > MAX_ELEMENTS else None,
                   separated(margins(*call, expected["any"])))  # fmt: skip


def sha256(*arrays: np.ndarray) -> str:
    """Digest of little-endian float32 bytes."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(np.ascontiguousarray(array, "<f4").tobytes())
    return digest.hexdigest()


def samples_of(size: int) -> np.ndarray:
    """Flat indices that a recipe fixture shows of an array of `size` elements."""
    return np.unique(np.arange(SAMPLES) * size // SAMPLES) if size > MAX_ELEMENTS else np.arange(size)


def _sampled(array: np.ndarray) -> np.ndarray:
    return array.ravel()[samples_of(array.size)] if array.size > MAX_ELEMENTS else array


def text(fixture: Fixture, case: Case) -> str:
    """The file's content, byte-identical on every machine."""
    row = OPERATIONS[fixture.operation]
    expected, two_pass = fixture.expected["any"], fixture.expected["two_pass"]
    bounds = {n: array_text(_sampled(e.bound), bound_text) for n, e in expected.items()}
    tighter = {n: array_text(_sampled(e.bound), bound_text) for n, e in two_pass.items()}
    head: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "id": identifier(case, fixture.dialect),
        "case": fixture.case,
        "operation": fixture.operation,
        "dialect": fixture.dialect,
        "fault": fixture.fault,
        "formula": row.formula,
        "source": f"pjreddie/darknet@f6afaabc {row.source}",
        "attributes": dict(fixture.attributes),
        "classes": {n: c for n, e in expected.items() if (c := _classes(e))},
        "separates": [{"deviation": n, "margin": _margin(v)} for n, v in fixture.separates.items()],
        "provenance": {
            "generator": "darkparity golden regenerate",
            "oracle": "rationals and roots, correctly rounded",
            "inputs": {n: str(case.fills[n]) for n in fixture.arrays},
        },
    }
    lines = [f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in head.items()]
    if fixture.recipe is not None:
        lines.append(f'  "recipe": {json.dumps(fixture.recipe)}')
    else:
        lines.append(_section("inputs", {n: array_text(a) for n, a in fixture.arrays.items()}))
    lines.append(_section("expected", {n: array_text(_sampled(e.value)) for n, e in expected.items()}))
    differs = {n: t for n, t in tighter.items() if t != bounds[n]}
    body = [_section("any", bounds, "    "), *([_section("two_pass", differs, "    ")] if differs else [])]
    lines.append('  "bounds": {\n' + ",\n".join(body) + "}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _margin(value: float) -> float | str:
    """Rounded down to 2 digits; the last bits of a sum are the CPU's business."""
    if math.isinf(value):
        return "Infinity"
    return float(Context(prec=2, rounding=ROUND_DOWN).create_decimal(Decimal(value * (1 - 2.0**-40))))


def _section(name: str, arrays: Mapping[str, str], indent: str = "  ") -> str:
    rows = ",\n".join(f"{indent}  {json.dumps(n)}: {t}" for n, t in arrays.items())
    return f"{indent}{json.dumps(name)}: {{\n{rows}}}" if rows else f"{indent}{json.dumps(name)}: {{}}"


def _classes(expected: Expected) -> dict[str, list[int]]:
    flat = _sampled(expected.allowed).ravel()
    found = {"non_finite": np.flatnonzero(flat == NON_FINITE), "all": np.flatnonzero(flat == ALL)}
    return {name: at.tolist() for name, at in found.items() if at.size}


def parse(content: str, where: str) -> Fixture:
    """Read one file's text. Raises CodecError naming `where`; the schema is checked by `golden verify`."""
    try:
        data = parse_json(content)
        arrays = {n: parse_array(v, n) for n, v in data.get("inputs", {}).items()}
        values = {n: parse_array(v, f"expected {n}") for n, v in data["expected"].items()}
        expected = {profile: _expected(data, values, profile) for profile in _PROFILES}
        return Fixture(data["case"], data["operation"], data["dialect"], data["fault"], data["attributes"],
                       arrays, expected, data.get("recipe"),
                       {row["deviation"]: float(row["margin"]) for row in data["separates"]})  # fmt: skip
    except CodecError as error:
        raise CodecError(f"{where}: {error}") from None
    except (KeyError, TypeError, AttributeError) as error:
        raise CodecError(f"{where}: missing or malformed {error}") from None


def _expected(data: Any, values: Mapping[str, np.ndarray], profile: str) -> dict[str, Expected]:
    result = {}
    for name, value in values.items():
        stored = data["bounds"].get(profile, {}).get(name) or data["bounds"]["any"][name]
        allowed = np.full(value.size, FINITE, np.uint8)
        for kind, code in (("non_finite", NON_FINITE), ("all", ALL)):
            allowed[data["classes"].get(name, {}).get(kind, [])] = code
        bound = parse_array(stored, f"bounds {profile} {name}", np.float64)
        allowed[(allowed == ALL) & np.isfinite(bound.ravel())] = FINITE  # vacuous under `any` only
        result[name] = Expected(value, bound, allowed.reshape(value.shape))
    return result
