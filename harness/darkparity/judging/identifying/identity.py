"""Which row answers as observed, field by field: what is sure, what is not told apart, what was not to be seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from darkparity.dialects import DIALECTS, KNOWN, Backward, Dialect
from darkparity.judging.evidence import Evidence
from darkparity.judging.solving.change import Change
from darkparity.judging.solving.confine import confine
from darkparity.judging.solving.constant import Constant, Interval
from darkparity.judging.solving.declare import named_after
from darkparity.judging.solving.observed import Observed, Target
from darkparity.judging.solving.refine import refined
from darkparity.judging.solving.search import Explained, moved, room, search, solved

from .fields import ALL_EPSILONS, EVERYTHING, FIELDS, Field
from .probes import SINGLE_VALUE


@dataclass(frozen=True)
class Known:
    """What is known of one field.

    value: as found; others: values that answer alike within float32; intervals: of its constants, by name.
    evidence: where another value would deviate; needs: what would have to be observed; empty if something was.
    """

    name: str
    value: object
    others: tuple[object, ...] = ()
    intervals: Mapping[str, Interval] | None = None
    evidence: str = ""
    needs: str = ""

    @property
    def decided(self) -> bool:
        return not self.needs and not self.others


@dataclass(frozen=True)
class Identity:
    """What batch norm it is.

    row: one that answers as observed, or comes nearest, named after the known dialect from which it differs in the
    fewest fields, `nearest`; differs: in which. same: known dialects that answer alike. fields: one by one.
    left: arrays that no row explains. answered: calls that came back; silent: calls that did not -> why.
    """

    row: Dialect
    fields: tuple[Known, ...]
    left: tuple[str, ...]
    same: tuple[str, ...]
    nearest: str
    differs: tuple[str, ...]
    answered: tuple[str, ...]
    silent: Mapping[str, str]

    @property
    def identified(self) -> bool:
        """Every answer is explained."""
        return not self.left and bool(self.answered)


@dataclass(frozen=True)
class Witness:
    """Evidence with a name for it."""

    name: str
    piece: Evidence


@dataclass(frozen=True)
class Search:
    """rows: those that match most, with the fewest changes of `start`, best first."""

    observed: Observed
    start: Dialect
    rows: tuple[Explained, ...]
    matched: tuple[Target, ...]


def searched(witnesses: Sequence[Witness], before: Search | None = None) -> Search:
    """Rows that answer as observed; `before`: what a part of the witnesses has told already."""
    observed = Observed([w.piece for w in witnesses], apart=True)
    start = before.start if before else max(_starts(), key=lambda row: _matching(observed, row))
    known = before.rows if before else [Explained(start)]
    outcome = search(observed, known, EVERYTHING)
    if outcome.stuck:
        again = search(observed, known, ALL_EPSILONS)
        outcome = outcome if again.stuck else again
    until = observed.targets.index(outcome.stuck[0]) if outcome.stuck else len(observed.targets)
    return Search(observed, start, outcome.explained, observed.targets[:until])


def _starts() -> list[Dialect]:
    return [row for row in DIALECTS.values() if not row.inference_only and not row.rolling_weight]


def _matching(observed: Observed, row: Dialect) -> int:
    return sum(observed.ratio(row, [t]) <= 1 for t in observed.targets)


def identity(witnesses: Sequence[Witness], silent: Mapping[str, str], before: Search | None = None) -> Identity:
    """Identify from what was answered. silent: what was not. before: of the first of the witnesses."""
    found = searched(witnesses, before)
    observed = found.observed
    best = refined(observed, found.rows[0], found.start, found.matched) or found.rows[0]
    best = _simplest(observed, best)
    left = tuple(t for t in observed.targets if observed.ratio(best.row, [t]) > 1)
    fields = [f for f in FIELDS if f.used(best.row)]
    known = tuple(_known(observed, best, field, witnesses) for field in fields)
    differs = {name: _differing(observed, best.row, row, fields) for name, row in KNOWN.items()}
    refusal = _refusal([w.name for w in witnesses], silent)
    nearest = min(differs, key=lambda name: (len(differs[name]), KNOWN[name].refuses_m_1 is not refusal.value))
    same = tuple(name for name, names in differs.items() if not names) if not left else ()
    said = tuple(f"{t.array} of {witnesses[t.piece].name}" for t in left)
    row = named_after(_with_values(KNOWN[nearest], best.row, differs[nearest]), nearest)
    names = tuple(w.name for w in witnesses)
    return Identity(row, (*known, refusal), said, same, nearest, differs[nearest], names, silent)


def _with_values(row: Dialect, found: Dialect, names: Sequence[str]) -> Dialect:
    """`row` with fields of `found`; a backward of 1/std has no epsilons of its own, so that one number says all."""
    words = ("saved_statistic", "inference_backward") if "backward" in names else ()  # that this backward can have
    for name in (*names, *words):
        row = with_value(row, name, value_of(found, name))
    own = ("mean_delta", "variance_delta", "normalize_delta")
    for name in own if "normalize" in names and row.backward is Backward.INVERSE_STD else ():
        row = with_value(row, name, row.normalize)
    return row


def _simplest(observed: Observed, one: Explained) -> Explained:
    """CONNECTED layers have no weights of their own where those of all layers do."""
    shared = replace(one.row, rolling_connected=None)
    return one if _excluded(observed, one.row, shared) else replace(one, row=shared)


def _refusal(answered: Sequence[str], silent: Mapping[str, str]) -> Known:
    """Whether a single value per channel is refused by who trains on several."""
    trains = any(name.startswith("a training forward") for name in answered)
    needs = "" if trains and SINGLE_VALUE in (*answered, *silent) else "a training forward of a single value"
    return Known("refuses_m_1", SINGLE_VALUE in silent and trains, evidence=SINGLE_VALUE, needs=needs)


def _differing(observed: Observed, row: Dialect, other: Dialect, fields: Sequence[Field]) -> tuple[str, ...]:
    """The fields of another row that the answers exclude."""
    taken = {f.name: with_value(row, f.name, value_of(other, f.name)) for f in fields}
    apart = {name: changed for name, changed in taken.items() if changed != row and not _as_weights(row, changed)}
    return tuple(name for name, changed in apart.items() if _excluded(observed, row, changed))


#: What a weight formed as 1 - the other in float32 may lack: half a unit in the last place of a number below 1.
_COMPLEMENT = 2.0**-25


def _as_weights(row: Dialect, other: Dialect) -> bool:
    """Equal but for weights that are one and the same, formed otherwise: .01 and 1 - .99f."""
    pairs = [(getattr(row.rolling, part), getattr(other.rolling, part)) for part in ("decay", "gain")]
    return replace(other, rolling=row.rolling) == row and all(abs(a - b) <= _COMPLEMENT for a, b in pairs)


def _excluded(observed: Observed, row: Dialect, other: Dialect) -> bool:
    targets = [t for t in observed.targets if observed.ratio(row, [t]) <= 1]
    return observed.far_off(other, targets, row) or observed.misfit(other, targets) is not None


def value_of(row: Dialect, name: str) -> object:
    """A field's value; `bias_gradient of KIND` is whether KIND is in it."""
    field, _, kind = name.partition(" of ")
    value: object = getattr(row, field)
    return kind in row.bias_gradient if kind else value


def with_value(row: Dialect, name: str, value: object) -> Dialect:
    """The row with another value of a field."""
    _, _, kind = name.partition(" of ")
    if kind:
        return replace(row, bias_gradient=row.bias_gradient - {kind} | ({kind} if value else set()))
    return replace(row, **{name: value})  # type: ignore[arg-type]


def _known(observed: Observed, one: Explained, field: Field, witnesses: Sequence[Witness]) -> Known:
    targets = [t for t in observed.targets if observed.ratio(one.row, [t]) <= 1]
    telling = [t for t in targets if moved(observed, one.row, field.change, [t]).any()]
    value = value_of(one.row, field.name)
    if not telling:
        return Known(field.name, value, needs=field.needs)
    fitting, refuted = list[object](), dict[Target, float]()
    for other in _alternatives(observed, one, field.change, telling):
        worst = max(telling, key=lambda t: observed.ratio(other, [t]))
        if observed.ratio(other, [worst]) <= 1:
            fitting.append(value_of(other, field.name))
        else:
            refuted[worst] = observed.ratio(other, [worst])
    intervals = {c.name: _interval(observed, one, c, telling) for c in field.change.constants}
    by = min(refuted, key=lambda t: refuted[t], default=telling[0])
    evidence = f"{by.array} of {witnesses[by.piece].name}"
    return Known(field.name, value, tuple(dict.fromkeys(fitting)), intervals or None, evidence)


def _alternatives(observed: Observed, one: Explained, change: Change, telling: Sequence[Target]) -> list[Dialect]:
    """The row with every other word of a change, its constants as they would have to be."""
    rows = [row for row in change.rows(one.row) if row != one.row]
    if not change.constants:
        return rows
    own = observed.values(one.row, telling)
    rows = [row for row in rows if not np.array_equal(own, observed.values(row, telling), equal_nan=True)]
    found = (solved(observed, Explained(row), [change], telling) for row in rows)
    return [f.row if f is not None else row for f, row in zip(found, rows, strict=True)]


def _interval(observed: Observed, one: Explained, constant: Constant, telling: Sequence[Target]) -> Interval:
    """From everything that it shows in, while other constants lie anywhere in their intervals."""
    if constant.name in one.confined:
        return one.confined[constant.name]
    found = confine(observed, telling, constant, one.row, room(observed, one, one.changes, telling))
    value = constant.get(one.row)
    return found or Interval(value, value)
