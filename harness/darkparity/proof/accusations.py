"""Who computes one dialect and is judged in another is not accused: `python -m darkparity.proof.accusations`.

Every honest variant, and every framework installed here, answers as its own dialect does while it is asked in others.
The diagnosis may name a dialect, constants and choices of a row, a label, or nothing; anything else is an accusation.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from darkparity.cases import cases_of
from darkparity.dialects import DIALECTS, Dialect
from darkparity.implementations import NotInstalled, load
from darkparity.implementations.adapters import ADAPTERS
from darkparity.implementations.protocol import Description, Implementation, NotOffered
from darkparity.judging.diagnose import Witness, diagnose
from darkparity.judging.diagnosis import Diagnosis
from darkparity.judging.evidence import SMALL, gathered
from darkparity.judging.explain import TEXT, is_choice
from darkparity.judging.runner import Participant
from darkparity.oracle.deviations import Deviation, catalogue
from darkparity.problems.problem import Problem
from darkparity.problems.select import live
from darkparity.spec import Call, inputs_of

from .honest import gather, relabelled

#: What names no deviation.
_EXCUSES = ("dialect:", "constants:", "label:", "mode:", "answers:")


@dataclass(frozen=True)
class Elsewhere:
    """Answers every call as `own` does, whatever dialect is asked."""

    implementation: Implementation
    own: Dialect

    def describe(self) -> Description:
        return replace(self.implementation.describe(), dialects=tuple(DIALECTS))

    def run(self, call: Call, outputs: Sequence[str] | None = None) -> dict[str, np.ndarray]:
        needed = inputs_of(call.operation, call.attributes, self.own)
        if any(name not in call.arrays for name in needed):
            raise NotOffered(f"{self.own.name} needs {', '.join(needed)}")
        there = replace(call, dialect=self.own, arrays={n: call.arrays[n] for n in needed})
        got = self.implementation.run(there, there.outputs)
        return {n: a for n, a in got.items() if n in call.outputs}


@dataclass(frozen=True)
class Outcome:
    """One implementation of `own`, judged in `asked`. accused: what was named and is not there."""

    implementation: str
    own: str
    asked: str
    said: str
    accused: tuple[str, ...]
    seconds: float


def honest(names: Iterable[str] = ()) -> Iterator[tuple[Participant, Dialect]]:
    """Every honest variant in every dialect, with all its labels and with none; every framework in its own."""
    for participant in gather(names).participants:
        for row in DIALECTS.values():
            for labels in {participant.description.labels, frozenset[str]()}:
                yield relabelled(_at_home(participant, row), labels), row
    for name in () if names else ADAPTERS:
        try:
            framework = Participant.of(load(name))
        except NotInstalled:
            continue
        for own in framework.description.dialects:
            yield _at_home(framework, DIALECTS[own]), DIALECTS[own]


def _at_home(participant: Participant, own: Dialect) -> Participant:
    description = replace(participant.description, dialects=tuple(DIALECTS))
    return replace(participant, implementation=Elsewhere(participant.implementation, own), description=description)


@cache
def _problems(dialect: str) -> tuple[Problem, ...]:
    row = DIALECTS[dialect]
    small = (live(case, row) for case in cases_of(row) if case.name != "hundred_steps")
    return tuple(q for q in small if q.elements <= SMALL)


def judged(participant: Participant, own: Dialect, asked: Dialect) -> Outcome:
    """What the diagnosis says of an implementation of `own` in the dialect `asked`."""
    witness = Witness.of(participant)
    pieces = list(gathered(witness.answers, _problems(asked.name), witness.profile))
    failing, conforming = ([p.problem for p in pieces if p.deviates is wrong] for wrong in (True, False))
    started = time.process_time()
    found = diagnose(witness, failing, conforming)
    accused = tuple(_accused(found, own, asked)) if found else ()
    said = found.sentence if found else "nothing deviates"
    return Outcome(participant.name, own.name, asked.name, said, accused, time.process_time() - started)


def _accused(found: Diagnosis, own: Dialect, asked: Dialect) -> Iterator[str]:
    """Mistakes that are named, first or among equals: neither excuses nor constants and choices of `own`."""
    rows = catalogue(asked)
    for cause in found.explanations:
        for name in cause.name.split(" + "):
            if not name.startswith(_EXCUSES) and not (name in rows and _is_so(rows[name], own, asked)):
                yield name


def _is_so(row: Deviation, own: Dialect, asked: Dialect) -> bool:
    """It only computes another row, and what differs there from the dialect asked is as in `own`."""
    other = row.variant.dialect(asked)
    changed = (
        f.name for f in fields(Dialect) if f.name not in TEXT and getattr(other, f.name) != getattr(asked, f.name)
    )
    return is_choice(row) and all(_same(getattr(other, name), getattr(own, name)) for name in changed)


def _same(one: Any, other: Any) -> bool:
    """Equal; a constant may be a few roundings of float32 away: 100 times 1e-5 is not 1e-3 to the last bit."""
    if isinstance(one, float):
        return math.isclose(one, other, rel_tol=2.0**-21)
    if is_dataclass(one) and type(one) is type(other):
        return all(_same(getattr(one, f.name), getattr(other, f.name)) for f in fields(one))
    return bool(one == other)


def outcomes(count: int | None, seed: int, names: Iterable[str] = ()) -> Iterator[Outcome]:
    """`count` of them, drawn from all; None: all."""
    every = [(p, own, asked) for p, own in honest(names) for asked in DIALECTS.values() if asked is not own]
    chosen = every if count is None else random.Random(seed).sample(every, min(count, len(every)))
    yield from (judged(*one) for one in chosen)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print every accusation and the counts; 1 if there is one."""
    parser = argparse.ArgumentParser(prog="python -m darkparity.proof.accusations", description=__doc__)
    parser.add_argument("--count", type=int, metavar="N", help="So many, drawn from all (default: all).")
    parser.add_argument("--seed", type=int, default=0, metavar="N")
    options = parser.parse_args(arguments)
    total = accused = 0
    for found in outcomes(options.count, options.seed):
        total, accused = total + 1, accused + bool(found.accused)
        mark = f"ACCUSED {', '.join(found.accused)}" if found.accused else "fine"
        where = f"{found.implementation} computes {found.own}, asked {found.asked}"
        print(f"{found.seconds:6.1f} s  {where}: {mark}: {found.said}", flush=True)
    print(f"{accused} of {total} accused")
    return 1 if accused else 0


if __name__ == "__main__":
    sys.exit(main())
