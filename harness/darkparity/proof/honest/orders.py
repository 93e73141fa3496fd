"""Orders and widths of sums: what compilers, SIMD units and libraries choose for themselves."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

from .variant import Array, Functions, HonestVariant, changed, fresh, quiet, rows, single

Total = Callable[[Array], Array]
_PLAIN = ("two_pass", "ieee")


def serial(terms: Array) -> Array:
    """(channels, m) -> c: one float32 accumulator, in memory order, as DarkNet's loops."""
    return np.asarray(np.add.accumulate(terms, axis=1, dtype=np.float32)[:, -1])


def _permuted(terms: Array) -> Array:
    return serial(terms[:, np.random.default_rng(7).permutation(terms.shape[1])])


def _largest_first(terms: Array) -> Array:
    return serial(np.take_along_axis(terms, np.argsort(-np.abs(terms), axis=1, kind="stable"), axis=1))


def tree(terms: Array) -> Array:
    """Neighbours added in rounds until one is left."""
    while terms.shape[1] > 1:
        odd = terms[:, -1:] if terms.shape[1] % 2 else terms[:, :0]
        even = terms[:, : terms.shape[1] - odd.shape[1]]
        terms = np.concatenate([even[:, ::2] + even[:, 1::2], odd], axis=1)
    return terms[:, 0]


def _lanes(width: int) -> Total:
    def total(terms: Array) -> Array:
        channels, m = terms.shape
        padded = np.zeros((channels, -(-m // width) * width), np.float32)
        padded[:, :m] = terms
        lanes = np.add.accumulate(padded.reshape(channels, -1, width), axis=1, dtype=np.float32)[:, -1]
        return tree(lanes)

    return total


def _compensated(terms: Array) -> Array:
    """Kahan's sum; what overflowed has no meaningful remainder."""
    total, lost = np.zeros((2, terms.shape[0]), np.float32)
    for term in terms.T:
        wanted = term - np.where(np.isfinite(lost), lost, np.float32(0))
        grown = total + wanted
        lost, total = (grown - total) - wanted, grown
    return total


def summing(total: Total) -> Callable[[ModuleType], None]:
    """Every sum of the port by `total`."""

    def change(module: ModuleType) -> None:
        module._sum = quiet(lambda values: total(rows(values)))  # type: ignore[attr-defined]

    return change


def _image_by_image(module: ModuleType) -> None:
    """A partial sum per image, then over images."""

    def total(values: Array) -> Array:
        return serial(np.stack([serial(np.ascontiguousarray(image)) for image in values], 1))

    module._sum = quiet(total)  # type: ignore[attr-defined]


def _into_updates(module: ModuleType) -> None:
    def add(updates: Array, terms: Array) -> Array:
        for image in terms:
            updates = updates + serial(np.ascontiguousarray(image))
        return updates

    def backward_bias(bias_updates: Array, delta: Array, dialect: Any) -> Array:
        return add(bias_updates, delta)

    def backward_scale_cpu(x_norm: Array, delta: Array, scale_updates: Array, dialect: Any) -> Array:
        return add(scale_updates, delta * x_norm)

    vars(module).update(backward_bias=quiet(backward_bias), backward_scale_cpu=quiet(backward_scale_cpu))


def _updates_first(module: ModuleType) -> None:
    """The old updates are the first term of one long serial sum."""

    def long(updates: Array, terms: Array) -> Array:
        return serial(np.concatenate([updates[:, None], rows(terms)], axis=1))

    def backward_bias(bias_updates: Array, delta: Array, dialect: Any) -> Array:
        return long(bias_updates, delta)

    def backward_scale_cpu(x_norm: Array, delta: Array, scale_updates: Array, dialect: Any) -> Array:
        return long(scale_updates, delta * x_norm)

    vars(module).update(backward_bias=quiet(backward_bias), backward_scale_cpu=quiet(backward_scale_cpu))


def _wide(kind: type[np.floating[Any]]) -> Callable[[ModuleType], None]:
    """Accumulators of a wider type that start from the old updates: one rounding, as the label float64 has it."""

    def total(terms: Array, start: Any = 0.0) -> Array:
        return single(rows(terms).sum(axis=1, dtype=kind) + start)

    def backward_bias(bias_updates: Array, delta: Array, dialect: Any) -> Array:
        return total(delta, bias_updates.astype(kind))

    def backward_scale_cpu(x_norm: Array, delta: Array, scale_updates: Array, dialect: Any) -> Array:
        return total(delta * x_norm, scale_updates.astype(kind))

    def change(module: ModuleType) -> None:
        names: Functions = dict(_sum=total, backward_bias=backward_bias, backward_scale_cpu=backward_scale_cpu)
        vars(module).update({name: quiet(function) for name, function in names.items()})

    return change


def _sum_row(name: str, what: str, total: Total, *more: str) -> HonestVariant:
    return changed(name, what, (*_PLAIN, *more), summing(total))


def _as_shipped(module: ModuleType) -> None:
    assert fresh().__doc__ == module.__doc__


ORDERS = (
    changed("as_shipped", "the NumPy port as it is", _PLAIN, _as_shipped),
    _sum_row("serial", "one float32 accumulator in memory order, as DarkNet's loops", serial),
    _sum_row("backwards", "one accumulator, last element first", lambda t: serial(t[:, ::-1])),
    _sum_row("permuted", "one accumulator, elements in a random order", _permuted),
    _sum_row("ascending", "one accumulator, elements sorted", lambda t: serial(np.sort(t, axis=1))),
    _sum_row("largest_first", "one accumulator, largest magnitudes first", _largest_first),
    _sum_row("pairwise", "NumPy's pairwise sums of contiguous rows", lambda t: np.asarray(t.sum(axis=1)), "pairwise"),
    _sum_row("tree", "neighbours added in rounds, as a GPU reduces", tree, "pairwise"),
    _sum_row("lanes_4", "four accumulators (SSE, NEON)", _lanes(4)),
    _sum_row("lanes_8", "eight accumulators (AVX)", _lanes(8)),
    _sum_row("lanes_16", "sixteen accumulators (AVX-512)", _lanes(16)),
    _sum_row("compensated", "Kahan's compensated sums", _compensated),
    changed("float64_sums", "float64 accumulators", (*_PLAIN, "float64"), _wide(np.float64)),
    changed("longdouble_sums", "x87 accumulators", (*_PLAIN, "float64"), _wide(np.longdouble)),
    _sum_row(
        "float64_then_added",
        "sums in float64, rounded, then added to the updates: two roundings",
        lambda t: single(t.sum(axis=1, dtype=np.float64)),
    ),
    changed("image_by_image", "a partial sum per image, then over images", _PLAIN, _image_by_image),
    changed(
        "updates_in_place", "partial sums added into the updates image by image, as DarkNet's C", _PLAIN, _into_updates
    ),
    changed("updates_first", "the old updates are the first term of one long sum", _PLAIN, _updates_first),
)
