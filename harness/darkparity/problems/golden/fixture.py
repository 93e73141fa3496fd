"""A golden fixture: one case's inputs, expected values, bounds and classes, worked out by the oracle."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from darkparity.cases import Case
from darkparity.dialects import Dialect, named
from darkparity.oracle import Answer, answer
from darkparity.oracle.bounds import ALL, ANY, MINUS_INF, NON_FINITE, PLUS_INF, TWO_PASS, Expected, Profile, expect
from darkparity.spec import Call

#: More elements than this per array and the fixture is a recipe: a file stays under 1 MB.
MAX_ELEMENTS = 2048
#: The profiles whose bounds a fixture states.
PROFILES = {"any": ANY, "two_pass": TWO_PASS}
#: Kinds of elements that a fixture lists because they need not, or must not, be finite.
CLASSES = {"non_finite": NON_FINITE, "all": ALL, "plus_inf": PLUS_INF, "minus_inf": MINUS_INF}


@dataclass(frozen=True)
class Recipe:
    """How one input array is made where it is too large to list, and the digest of what comes out."""

    fill: str
    sha256: str


@dataclass(frozen=True)
class Fixture:
    """What one file says. arrays: the inputs. expected: by profile and array. fills: input array -> its recipe.

    recipe: instead of `arrays`, where they are too large to list.
    """

    case: str
    operation: str
    dialect: str
    fault: str
    attributes: Mapping[str, Any]
    arrays: Mapping[str, np.ndarray]
    expected: Mapping[str, Mapping[str, Expected]]
    fills: Mapping[str, str]
    recipe: Mapping[str, Recipe] | None = None

    @property
    def id(self) -> str:
        return f"{named(self.dialect).slug}-{self.operation}-{self.case}"

    @property
    def row(self) -> str:
        """Its name among those of one dialect."""
        return f"{self.operation}/{self.case}"

    @property
    def path(self) -> str:
        """Where it lies in a store."""
        return f"{named(self.dialect).slug}/{self.row}.json"

    @cached_property
    def call(self) -> Call:
        return Call(self.operation, named(self.dialect), self.arrays, self.attributes)

    def expectation(self, profile: Profile) -> dict[str, Expected]:
        """Stored bounds for `any` and `two_pass`; for other labels bounds from the same inputs now."""
        for name, stored in PROFILES.items():
            if profile == stored:
                return dict(self.expected[name])
        return expect(self.call, profile, {n: Answer(e.value, _half_ulp(e)) for n, e in self.expected["any"].items()})


def _half_ulp(expected: Expected) -> np.ndarray:
    """Bound on |exact - expected|: half the spacing, nothing where every evaluation is exact."""
    with np.errstate(invalid="ignore"):
        spacing = np.spacing(np.abs(expected.value)).astype(np.float64)
    return np.where(np.isfinite(spacing) & (expected.bound > 0), spacing / 2, 0.0)


def build(case: Case, dialect: Dialect) -> Fixture:
    """Work the fixture out with the exact oracle. Raises Undecided."""
    arrays, attributes = case.arrays(dialect), case.full_attributes
    call = Call(case.operation, dialect, arrays, attributes)
    answers = answer(call)
    expected = {name: expect(call, profile, answers) for name, profile in PROFILES.items()}
    large = max((a.size for a in (*arrays.values(), *(a.expected for a in answers.values()))), default=0)
    fills = {name: str(case.fills[name]) for name in arrays}
    recipe = {n: Recipe(fills[n], sha256(a)) for n, a in arrays.items()} if large > MAX_ELEMENTS else None
    return Fixture(case.name, case.operation, dialect.name, case.fault, attributes, arrays, expected, fills, recipe)


def sha256(*arrays: np.ndarray) -> str:
    """Digest of little-endian float32 bytes."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(np.ascontiguousarray(array, "<f4").tobytes())
    return digest.hexdigest()
