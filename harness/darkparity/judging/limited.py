"""A deviation in part of where the catalogue has it: in some of its routines, in one function, in one mode."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from itertools import combinations
from typing import Any

from darkparity.dialects import LayerType
from darkparity.oracle import UNCHANGED, Variant
from darkparity.oracle.deviations.deviation import Calls, Deviation, Rewrite
from darkparity.oracle.deviations.edits import backward, forward, in_mode


def _of_type(kind: str, edit: Rewrite) -> Rewrite:
    return lambda calls, at: edit(calls, at) if at["type"] == kind else calls


PLACES: Mapping[str, Callable[[Rewrite], Rewrite]] = {
    "forward": forward,
    "backward": backward,
    "training": lambda edit: in_mode(True, edit),
    "inference": lambda edit: in_mode(False, edit),
    "the forward of training": lambda edit: in_mode(True, forward(edit)),
    "the forward of inference": lambda edit: in_mode(False, forward(edit)),
    "the backward of training": lambda edit: in_mode(True, backward(edit)),
    "the backward of inference": lambda edit: in_mode(False, backward(edit)),
    **{f"layers of type {kind}": partial(_of_type, kind) for kind in LayerType},
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


def in_place(row: Deviation, place: str) -> Iterator[Deviation]:
    """In one function, mode or type of layer, of PLACES; its routines called alone are right."""
    variant = row.variant
    if variant.dialect is not UNCHANGED.dialect or variant.buffers:
        return
    own = {name: f"{name} of {row.name}" for name in variant.formulas}

    def edit(calls: Calls, at: Mapping[str, Any]) -> Calls:
        changed = variant.rewrite(calls, at)
        return tuple(replace(c, routine=own.get(c.routine, c.routine)) for c in changed)

    formulas = {alias: variant.formulas[name] for name, alias in own.items()}
    yield _named(row, place, Variant(formulas=formulas, rewrite=PLACES[place](edit)))


def _named(row: Deviation, where: str, variant: Variant) -> Deviation:
    return replace(row, name=f"{row.name} in {where}", sentence=f"{row.sentence}: in {where} only", variant=variant)
