"""A deviation in part of where the catalogue has it: in some of its routines, in one function, in one mode."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import combinations
from typing import Any

from darkparity.oracle import UNCHANGED, Variant
from darkparity.oracle.deviations.deviation import Calls, Deviation, Rewrite
from darkparity.oracle.deviations.edits import backward, forward, in_mode

_PLACES: Mapping[str, Callable[[Rewrite], Rewrite]] = {
    "forward": forward,
    "backward": backward,
    "training": lambda edit: in_mode(True, edit),
    "inference": lambda edit: in_mode(False, edit),
    "the forward of training": lambda edit: in_mode(True, forward(edit)),
    "the forward of inference": lambda edit: in_mode(False, forward(edit)),
    "the backward of training": lambda edit: in_mode(True, backward(edit)),
    "the backward of inference": lambda edit: in_mode(False, backward(edit)),
}


#: Routines of a row that are tried alone: one, two or three of them, or all but one.
SIZES = (1, 2, 3, -1)


def in_part(row: Deviation, size: int) -> Iterator[Deviation]:
    """In some of its routines, where it is in several: `size` of them, or all but -`size`."""
    formulas, sure = row.variant.formulas, row.variant.rewrite is UNCHANGED.rewrite
    count = size if size > 0 else len(formulas) + size
    for some in combinations(formulas, count) if sure and 0 < count < len(formulas) else ():
        variant = replace(row.variant, formulas={name: formulas[name] for name in some})
        yield _named(row, ", ".join(some), variant)


def in_place(row: Deviation) -> Iterator[Deviation]:
    """In one function or mode of the layer; its routines called alone are right."""
    variant = row.variant
    if variant.dialect is not UNCHANGED.dialect or variant.buffers:
        return
    own = {name: f"{name} of {row.name}" for name in variant.formulas}

    def edit(calls: Calls, at: Mapping[str, Any]) -> Calls:
        changed = variant.rewrite(calls, at)
        return tuple(replace(c, routine=own.get(c.routine, c.routine)) for c in changed)

    formulas = {alias: variant.formulas[name] for name, alias in own.items()}
    for place, inside in _PLACES.items():
        yield _named(row, place, Variant(formulas=formulas, rewrite=inside(edit)))


def _named(row: Deviation, where: str, variant: Variant) -> Deviation:
    return replace(row, name=f"{row.name} in {where}", sentence=f"{row.sentence}: in {where} only", variant=variant)
