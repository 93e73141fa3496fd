"""Which catalogued deviations the golden cases of a dialect tell from the right answer: one character each, in a file
beside the fixtures, so that a new deviation or dialect rewrites none of them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from string import ascii_letters, digits

from darkparity.formats.records import FormatError

#: First line of a file, before the dialect; the number changes with the format.
_HEADER = "separates 1 "
_CASE = "case "
_NOT, _INFINITE = ".", "*"
#: A margin by its binary exponent, rounded down: `2` for 4 to 8, `a` for 2^10. Larger ones than the last count as it.
_EXPONENTS = digits + ascii_letters
#: Of margins that count, 4 bounds and more (SEPARATES).
_LEAST = 2


@dataclass(frozen=True)
class Separates:
    """One dialect's table. cases: `operation/case`. rows: deviation -> a character for each case."""

    dialect: str
    cases: tuple[str, ...]
    rows: Mapping[str, str]

    @property
    def path(self) -> str:
        """Where it lies in a store."""
        return path_of(self.dialect)

    def of(self, case: str) -> dict[str, float] | None:
        """Margins of the deviations that the case tells apart, largest first; None if the table does not have it.

        Each is the power of two below the margin that was worked out.
        """
        if case not in self._columns:
            return None
        found = {name: _MARGINS[c] for name, c in zip(self.rows, self._columns[case], strict=True) if c != _NOT}
        return dict(sorted(found.items(), key=lambda item: -item[1]))

    @cached_property
    def _columns(self) -> Mapping[str, tuple[str, ...]]:
        """Case -> its character in every row: a check looks at every case of a dialect."""
        return dict(zip(self.cases, zip(*self.rows.values(), strict=True), strict=True)) if self.rows else {}

    @property
    def text(self) -> str:
        """The content of the file."""
        lines = [f"{_HEADER}{self.dialect}", *(_CASE + case for case in self.cases)]
        return "\n".join([*lines, *(f"{row} {name}" for name, row in self.rows.items()), ""])


_MARGINS = {_INFINITE: math.inf, **{c: 2.0**exponent for exponent, c in enumerate(_EXPONENTS) if exponent >= _LEAST}}


def path_of(dialect: str) -> str:
    """Where the dialect's table lies in a store."""
    return f"separates/{dialect}.txt"


def table(dialect: str, deviations: Iterable[str], margins: Mapping[str, Mapping[str, float]]) -> Separates:
    """The table of what was worked out. margins: case -> deviation -> margin."""
    rows = {name: "".join(_character(found.get(name, 0.0)) for found in margins.values()) for name in deviations}
    return Separates(dialect, tuple(margins), rows)


def _character(margin: float) -> str:
    """The last bits of a sum are the CPU's business: what lies that near below a power of two is taken for less."""
    if math.isinf(margin):
        return _INFINITE
    exponent = math.frexp(margin * (1 - 2.0**-40))[1] - 1
    return _NOT if margin == 0 or exponent < _LEAST else _EXPONENTS[min(exponent, len(_EXPONENTS) - 1)]


def parse(content: str, where: str) -> Separates:
    """Read one file's text. where: names it in messages. Raises FormatError."""
    first, *lines = content.splitlines() or [""]
    if not first.startswith(_HEADER):
        raise FormatError(f"{where}: line 1 is {first[:40]!r}, must be {_HEADER!r} and a dialect")
    cases = tuple(line.removeprefix(_CASE) for line in lines if line.startswith(_CASE))
    rows: dict[str, str] = {}
    for number, line in enumerate(lines[len(cases) :], len(cases) + 2):
        row, _, name = line.partition(" ")
        if len(row) != len(cases) or set(row) - set(_MARGINS) - {_NOT} or not name or name in rows:
            raise FormatError(
                f"{where}: line {number}: needs a character of {_NOT}{_INFINITE}{_EXPONENTS[_LEAST:]} "
                f"for each of {len(cases)} cases, a blank and the name of a deviation that no line before has"
            )
        rows[name] = row
    return Separates(first.removeprefix(_HEADER), cases, rows)


def changes(mine: Separates, right: Separates) -> Iterator[tuple[str, str, str, str]]:
    """(deviation, case, its character in one table, in the other) wherever they differ; `no such line` for either."""
    for name in dict.fromkeys((*right.rows, *mine.rows)):
        one, two = (dict(zip(t.cases, t.rows[name], strict=True)) if name in t.rows else {} for t in (mine, right))
        for case in dict.fromkeys((*two, *one)):
            if one.get(case) != two.get(case):
                yield name, case, one.get(case, "nothing"), two.get(case, "nothing")
