"""What the wrong values are: another array, never written, a factor or offset, numbers of a smaller format."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from darkparity.judging.evidence import Evidence
from darkparity.oracle import as_tensor
from darkparity.oracle.bounds.compare import ratios
from darkparity.spec import AXES

#: Elements that have to agree before a factor, an offset or a format is told: fewer agree by chance.
_ELEMENTS = 4
#: Bounds within which they have to, and the share of them that has to be further off than that.
_BOUNDS, _APART = 4.0, 0.5
#: float16 and bfloat16 keep this many of float32's 23 bits of fraction.
_FORMATS = {"float16": 10, "bfloat16": 7}


#: Factors that have no size in them.
_FIXED = {"-1": -1.0, "2": 2.0, "1/2": 0.5, "-2": -2.0, "-1/2": -0.5, "3": 3.0, "4": 4.0, "sqrt(2)": sqrt(2)}


@dataclass(frozen=True)
class Values:
    """One returned array of which some elements are wrong, those elements alone."""

    piece: Evidence
    array: str
    got: np.ndarray
    right: np.ndarray
    bound: np.ndarray
    wrong: np.ndarray

    @classmethod
    def of(cls, piece: Evidence, array: str) -> Values | None:
        """None where none is, or none of them finite."""
        got, expected = piece.got[array], piece.problem.expected(piece.profile)[array]
        finite = np.isfinite(got) & np.isfinite(expected.value) & np.isfinite(expected.bound)
        wrong = (ratios(got, expected) > 1) & finite
        if not wrong.any():
            return None
        right = expected.value.astype(np.float64)
        return cls(piece, array, got.astype(np.float64)[wrong], right[wrong], expected.bound[wrong], wrong)

    def spread(self, name: str, array: np.ndarray) -> np.ndarray | None:
        """Another array at the wrong elements; a per-channel one at their channels. None where shapes do not fit."""
        full = as_tensor(name, array) if AXES[self.array] == "A" and AXES[name] == "c" else array
        try:
            return np.asarray(np.broadcast_to(full, self.wrong.shape)[self.wrong], np.float64)
        except ValueError:
            return None

    def meets(self, answer: np.ndarray | float) -> bool:
        """Whether every wrong element is `answer`, as far as float32 can tell."""
        size = np.maximum(np.abs(self.got), np.abs(self.right))
        allowed = _BOUNDS * np.maximum(self.bound, size * 2.0**-24)
        return bool(
            (np.abs(self.got - answer) <= allowed).all() and (np.abs(self.got - self.right) > allowed).mean() > 0.5
        )


def traits(evidence: Sequence[Evidence]) -> Iterator[str]:
    """For each array that is wrong, the first that all failing cases agree on."""
    arrays = dict.fromkeys((p.problem.operation, n) for p in evidence if p.deviates for n in p.got)
    said: dict[str, list[str]] = {}
    for operation, array in arrays:
        pieces = (p for p in evidence if p.problem.operation == operation and array in p.got)
        values = [v for p in pieces if (v := Values.of(p, array)) is not None]
        if sum(v.got.size for v in values) >= _ELEMENTS and (text := _told(values)):
            said.setdefault(text, []).append(array)
    for text, names in said.items():
        yield f"{', '.join(dict.fromkeys(names))}: {text}"


def _told(values: Sequence[Values]) -> str:
    ways = (_activation, _same_array, _constant, _factor, _offset, _power_of_channel, _format)
    return next((text for way in ways if (text := way(values))), "")


def _activation(values: Sequence[Values]) -> str:
    """Negative results alone are scaled, or results beyond a limit are that limit."""
    got, right = (np.concatenate([getattr(v, part) for v in values]) for part in ("got", "right"))
    slope = float(np.median(got / np.where(right == 0, np.nan, right)))
    if (right < 0).all() and slope < 1 and all(v.meets(v.right * slope) for v in values):
        kind = "ReLU" if slope == 0 else "leaky ReLU"
        return f"negative values, and only they, are multiplied by {slope:.6g}: an activation ({kind})"
    for limit, beyond in ((got.max(), right >= got.max()), (got.min(), right <= got.min())):
        in_part = not all(v.wrong.all() for v in values)
        if in_part and limit != 0 and (got == limit).all() and beyond.all():
            return f"clipped at {limit:g}: every wrong element is beyond it and returned as it"
    return ""


def _same_array(values: Sequence[Values]) -> str:
    """The content of another array, given or right."""
    for name in _arrays(values[0]):
        if all(_holds(v, name) for v in values):
            given = name.removesuffix(_GIVEN)
            told = f"what {given} held before the call" if name.endswith(_GIVEN) else f"what {given} should be"
            return "never written" if name == f"{values[0].array}{_GIVEN}" else f"wrong elements hold {told}"
    return ""


_GIVEN = " before"


def _arrays(value: Values) -> Mapping[str, np.ndarray]:
    """Arrays by name, given ones with a mark."""
    problem = value.piece.problem
    given = {f"{n}{_GIVEN}": a for n, a in problem.arrays.items()}
    right = {n: e.value for n, e in problem.expected(value.piece.profile).items()}
    mine = f"{value.array}{_GIVEN}"
    return {**({mine: given[mine]} if mine in given else {}), **given, **right}


def _holds(value: Values, name: str) -> bool:
    array = _arrays(value).get(name)
    there = None if array is None else value.spread(name.removesuffix(_GIVEN), array)
    return there is not None and value.meets(there)


def _constant(values: Sequence[Values]) -> str:
    first = float(values[0].got[0])
    if sum(v.got.size for v in values) > _ELEMENTS and all((v.got == first).all() for v in values):
        return f"every wrong element is {first:g}"
    return ""


def _sizes(value: Values) -> dict[str, float]:
    """Numbers that a factor may be made of."""
    full = next((a for n, a in value.piece.problem.arrays.items() if AXES[n] == "A"), None)
    if full is None:
        return {"2": 2.0, "-1": -1.0, "1/2": 0.5}
    batch, channels, spatial = (float(n) for n in full.shape[-3:])
    m = batch * spatial
    plain = {"m": m, "batch": batch, "spatial": spatial, "channels": channels, "m - 1": m - 1, "batch - 1": batch - 1,
             "spatial - 1": spatial - 1, "m + 1": m + 1}  # fmt: skip
    over = {f"({a})/({b})" if " " in a + b else f"{a}/{b}": plain[a] / plain[b] if plain[b] else np.nan
            for a in plain for b in plain if a != b}  # fmt: skip
    inverse = {f"1/({n})" if " " in n else f"1/{n}": 1 / v if v else np.nan for n, v in plain.items()}
    sizes = {**plain, **inverse, **over}
    roots = {f"sqrt({n})": sqrt(v) for n, v in sizes.items() if v > 0}
    return {**_FIXED, **sizes, **roots, **{f"-{n}": -v for n, v in sizes.items()}}


def _factor(values: Sequence[Values]) -> str:
    for name in _sizes(values[0]):
        if all(v.meets(v.right * _sizes(v)[name]) for v in values):
            return f"off by the factor {name}"
    factors = [float(np.median(v.got / v.right)) for v in values if (v.right != 0).all()]
    if len(factors) == len(values) and all(v.meets(v.right * f) for v, f in zip(values, factors, strict=True)):
        same = max(factors) - min(factors) <= 1e-5 * abs(factors[0])
        told = f"{factors[0]:.6g}" if same else ", ".join(f"{f:.6g}" for f in factors[:4])
        return f"off by the factor {told}" if same else f"off by one factor in each case: {told}"
    return ""


def _offset(values: Sequence[Values]) -> str:
    offsets = [float(np.median(v.got - v.right)) for v in values]
    if all(v.got.size > 1 and v.meets(v.right + o) for v, o in zip(values, offsets, strict=True)):
        same = max(offsets) - min(offsets) <= 1e-5 * abs(offsets[0])
        return f"off by the constant {offsets[0]:.6g}" if same else "off by one constant in each case"
    for sign, word in ((1, "added"), (-1, "subtracted")):
        for name in _arrays(values[0]):
            if all(_off_by(v, name, sign) for v in values):
                told = f"{name.removesuffix(_GIVEN)} as given" if name.endswith(_GIVEN) else f"{name} as it should be"
                return f"{told} is {word} once too often (twice instead of once, or once instead of not at all)"
    return ""


def _off_by(value: Values, name: str, sign: int) -> bool:
    there = value.spread(name.removesuffix(_GIVEN), _arrays(value).get(name, np.empty(0)))
    return there is not None and value.meets(value.right + sign * there)


#: Powers of a per-channel array by which a result can be off.
_POWERS = {"{}": 1.0, "1/{}": -1.0, "sqrt({})": 0.5, "1/sqrt({})": -0.5, "{}^2": 2.0}


def _power_of_channel(values: Sequence[Values]) -> str:
    """A factor that is another array's, by channel."""
    for name in _arrays(values[0]):
        if AXES[name.removesuffix(_GIVEN)] != "c":
            continue
        for text, power in _POWERS.items():
            if all(_times(v, name, power) for v in values):
                return f"off by the factor {text.format(name)}"
    return ""


def _times(value: Values, name: str, power: float) -> bool:
    there = value.spread(name.removesuffix(_GIVEN), _arrays(value).get(name, np.empty(0)))
    return there is not None and value.meets(value.right * there**power)


def _format(values: Sequence[Values]) -> str:
    got = np.concatenate([v.got for v in values]).astype(np.float32)
    right = np.concatenate([v.right for v in values]).astype(np.float32)
    for name, kept in _FORMATS.items():
        rest = np.uint32((1 << (23 - kept)) - 1)
        if got.size > _ELEMENTS and not (got.view(np.uint32) & rest).any() and (right.view(np.uint32) & rest).any():
            return f"every wrong element is a {name}: rounded to it on the way"
    return ""
