"""A part of a large problem that says as much: whole channels, and pixels alone where no sum runs over them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from darkparity.oracle.bounds import Profile, expect_live
from darkparity.oracle.bounds.compare import ratios
from darkparity.oracle.bounds.parts import at_channels, full_array
from darkparity.problems.problem import Problem
from darkparity.spec import AXES, FORWARD, Arrays, Call

from .evidence import Evidence

#: Elements that are looked at: some thousand changed specifications are worked out on each.
ELEMENTS = 1 << 13


def sampled(evidence: Evidence) -> Evidence:
    """The evidence itself, or of a large problem a part with the worst element in it."""
    problem, got, profile = evidence.problem, evidence.got, evidence.profile
    full = full_array(problem.arrays)
    if full is None or full.size <= ELEMENTS:
        return evidence
    batch, channels, spatial = full.shape[-3:]
    worst = _worst(problem, got, profile)
    pixels = batch * spatial
    pixelwise = problem.operation == FORWARD and not problem.attributes["train"]
    at = _around(worst[0], channels, max(1, ELEMENTS // pixels))
    if not pixelwise or pixels <= ELEMENTS:
        return _cut(evidence, at, slice(None), slice(None))
    images = _around(worst[1], batch, max(1, ELEMENTS // spatial))
    return _cut(evidence, at, images, _around(worst[2], spatial, ELEMENTS))


def _worst(problem: Problem, got: Arrays, profile: Profile) -> tuple[int, int, int]:
    """Channel, image and pixel of the worst element of the first deviating array."""
    for name, expected in problem.expected(profile).items():
        if name in got and (outside := ratios(got[name], expected)).max(initial=0.0) > 1:
            at = np.unravel_index(int(outside.argmax()), outside.shape)
            full = AXES[name] == "A"
            return (int(at[-2]), int(at[-3]), int(at[-1])) if full else (int(at[-1]), 0, 0)
    return 0, 0, 0


def _around(index: int, size: int, count: int) -> slice:
    """`count` neighbours of an index."""
    start = max(0, min(index - count // 2, size - count))
    return slice(start, min(start + count, size))


def _cut(evidence: Evidence, channels: slice, images: slice, pixels: slice) -> Evidence:
    problem = evidence.problem

    def part(name: str, array: np.ndarray) -> np.ndarray:
        at: Any = np.s_[..., images, channels, pixels] if AXES[name] == "A" else at_channels(name, channels)
        return np.ascontiguousarray(array[at])

    arrays = {name: part(name, array) for name, array in problem.arrays.items()}
    attributes = dict(problem.attributes)
    if pixels != slice(None) and "out_h" in attributes:
        attributes |= {"out_h": 1, "out_w": next(a.shape[-1] for n, a in arrays.items() if AXES[n] == "A")}
    call = Call(problem.operation, problem.dialect, arrays, attributes)
    smaller = replace(problem, call=call, expectation=lambda profile: expect_live(call, profile), recorded={},
                      separates=None, _known={}, _power={})  # fmt: skip
    got = {name: part(name, array) for name, array in evidence.got.items()}
    return replace(evidence, problem=smaller, got=got)
