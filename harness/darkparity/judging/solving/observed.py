"""Answers as flat vectors, and what a row would have answered: float64 values for searching, bounds for judging."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from darkparity.dialects import Dialect
from darkparity.judging.evidence import Evidence
from darkparity.oracle import Variant, evaluate, stacked
from darkparity.oracle.bounds import Expected, expected_of, intervals
from darkparity.oracle.bounds.compare import ratios
from darkparity.oracle.deviations.plain import Plain
from darkparity.spec import AXES, TRAINING_RUN, Call

from .constant import Constant
from .sweep import STAND_IN, sweep

#: Arrays in the order in which a layer function computes them: constants that show in one are known in the next.
_STAGES = ("x", "mean", "variance", "rolling_mean", "rolling_variance", "rolling_weight", "x_norm", "bias_updates",
           "mean_delta", "variance_delta", "scale_updates", "output", "delta", "net_delta")  # fmt: skip
#: A search asks for the same few rows again and again; an array of 512 elements and its bound take 10 kB.
_KEPT = 4096
#: Bounds of another row, and share of the value, beyond which no bound reaches: a bound moves by less between rows.
_FAR, _SHARE = 1000.0, 2.0**-10

Flat = np.ndarray
Kept = TypeVar("Kept")


@dataclass(frozen=True)
class Target:
    """One returned array of one call."""

    piece: int
    array: str


class Observed:
    """Pieces of evidence, and what rows say of them. targets: every returned array, routines and inference first."""

    def __init__(self, evidence: Sequence[Evidence], apart: bool = False) -> None:
        """apart: one piece after the other, where each shows little that those before it have not."""
        self.evidence, self._apart = tuple(evidence), apart
        named = (Target(i, array) for i, piece in enumerate(evidence) for array in piece.got)
        self.targets = tuple(sorted(named, key=self.stage))
        self._expected: dict[tuple[Dialect, int], dict[str, Expected]] = {}
        self._values: dict[tuple[Dialect, int], dict[str, np.ndarray]] = {}

    def call(self, target: Target) -> Call:
        """The call that was answered."""
        return self.evidence[target.piece].problem.call

    def got(self, targets: Iterable[Target]) -> Flat:
        return _flat([self.evidence[t.piece].got[t.array] for t in targets])

    def stage(self, target: Target) -> tuple[int, bool, int, int]:
        """The order in which constants show: equal for one array of one kind of call, in every piece.

        Inference is the simpler forward and the less simple backward: it takes statistics from elsewhere.
        """
        call = self.call(target)
        kind = 3 if call.operation == TRAINING_RUN else 2 if "delta" in call.arrays else 1 if call.stages else 0
        stage = _STAGES.index(target.array) if target.array in _STAGES else 0
        piece = target.piece if self._apart else 0
        train = bool(call.attributes.get("train"))
        return kind, train if kind < 2 else not train, stage, piece

    def values(self, row: Dialect, targets: Sequence[Target]) -> Flat:
        """What the row answers, unrounded; NaN for an array that it does not have."""
        return _flat([self._value(row, t) for t in targets])

    def _value(self, row: Dialect, target: Target) -> np.ndarray:
        got = self.evidence[target.piece].got[target.array]
        found = self._kept(self._values, row, target.piece, self._evaluated).get(target.array)
        return np.full(got.shape, np.nan) if found is None else np.broadcast_to(found, got.shape)

    def _evaluated(self, row: Dialect, piece: Evidence) -> dict[str, np.ndarray]:
        call = piece.problem.call
        with np.errstate(all="ignore"):
            steps = list(evaluate(call, Plain.lift, Variant(dialect=lambda _: row)))
        names = [n for n in piece.got if n in steps[0]]
        return {n: stacked(call.operation, n, [step[n].v for step in steps]) for n in names}

    def curves(self, row: Dialect, constant: Constant, grid: Sequence[float], targets: Sequence[Target]) -> np.ndarray:
        """`values` for every value of a constant: (values, elements)."""
        swept = {i: self._swept(row, constant, grid, self.evidence[i]) for i in {t.piece for t in targets}}
        shapes = [(t, self.evidence[t.piece].got[t.array]) for t in targets]
        absent = (len(grid), 1)
        found = [np.broadcast_to(swept[t.piece].get(t.array, np.full(absent, np.nan)), (len(grid), g.size))
                 for t, g in shapes]  # fmt: skip
        return np.concatenate(found, axis=1)

    def _swept(self, row: Dialect, constant: Constant, grid: Sequence[float], piece: Evidence) -> dict[str, np.ndarray]:
        if any(AXES[name] != "v" for name in piece.problem.call.arrays):
            return sweep(piece.problem.call, constant.put(row, STAND_IN), grid, list(piece.got))
        rows = [self._evaluated(constant.put(row, value), piece) for value in grid]
        return {name: np.stack([r[name].ravel() for r in rows]) for name in rows[0]}

    def expected(self, row: Dialect, target: Target) -> Expected | None:
        """What the row allows; None where it has no such array."""
        return self._kept(self._expected, row, target.piece, self._judged).get(target.array)

    @staticmethod
    def _judged(row: Dialect, piece: Evidence) -> dict[str, Expected]:
        found = intervals(piece.problem.call, piece.profile, Variant(dialect=lambda _: row))
        return {name: expected_of(i, piece.profile) for name, i in found.items() if name in piece.got}

    def _kept(
        self,
        known: dict[tuple[Dialect, int], dict[str, Kept]],
        row: Dialect,
        piece: int,
        make: Callable[[Dialect, Evidence], dict[str, Kept]],
    ) -> dict[str, Kept]:
        if (row, piece) not in known:
            if len(known) >= _KEPT:
                known.clear()
            known[row, piece] = make(row, self.evidence[piece])
        return known[row, piece]

    def bounds(self, row: Dialect, targets: Sequence[Target]) -> Flat:
        """How far an honest float32 evaluation of the row may lie from `values`; infinite where it says nothing."""
        found = [(self.expected(row, t), self.evidence[t.piece].got[t.array]) for t in targets]
        return _flat([np.full(g.shape, np.inf) if e is None else np.broadcast_to(e.bound, g.shape) for e, g in found])

    def ratio(self, row: Dialect, targets: Iterable[Target]) -> float:
        """Worst |got - value| / bound; infinite for a class conflict or an array that the row does not have."""
        return max((self._ratio(row, t) for t in targets), default=0.0)

    def _ratio(self, row: Dialect, target: Target) -> float:
        return float(self._ratios(row, target).max(initial=0.0))

    def _ratios(self, row: Dialect, target: Target) -> np.ndarray:
        expected, got = self.expected(row, target), self.evidence[target.piece].got[target.array]
        if expected is None or expected.value.shape != got.shape:
            return np.full(got.shape, np.inf)
        return ratios(got, expected)

    def misfit(self, row: Dialect, targets: Sequence[Target]) -> Target | None:
        """A target that does not fit, looked for from the last on; None if all do."""
        return next((t for t in reversed(targets) if self._ratio(row, t) > 1), None)

    def far_off(self, row: Dialect, targets: Sequence[Target], like: Dialect) -> bool:
        """Whether some target surely does not fit, by the bounds of a row `like` it: ten times as fast as `misfit`."""
        return any(self._far(row, t, like) for t in reversed(targets))

    def _far(self, row: Dialect, target: Target, like: Dialect) -> bool:
        values = self.values(row, [target])
        with np.errstate(invalid="ignore"):
            away = np.abs(self.got([target]) - values)
            return bool(((away > _FAR * self.bounds(like, [target])) & (away > _SHARE * np.abs(values))).any())

    def wrong(self, row: Dialect, targets: Sequence[Target]) -> np.ndarray:
        """The elements that do not fit."""
        return _flat([self._ratios(row, t) for t in targets]) > 1

    def matches(self, row: Dialect, targets: Sequence[Target], room: Flat) -> bool:
        """Whether everything fits that may lie `room` further off."""
        wrong = self.wrong(row, targets)
        with np.errstate(invalid="ignore"):
            away = np.abs(self.got(targets) - self.values(row, targets))[wrong]
        return bool((away <= (self.bounds(row, targets) + room)[wrong]).all())


def _flat(arrays: Sequence[np.ndarray]) -> Flat:
    return np.concatenate([a.ravel() for a in arrays] or [np.zeros(0)]).astype(np.float64)
