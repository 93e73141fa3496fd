"""Deviations of loops: vector tails dropped, odd batches, last channels, swapped sides, counters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from darkparity.oracle import Variant
from darkparity.oracle.bounds import Bounded
from darkparity.oracle.formulas import FORMULAS, Formula

from .deviation import Deviation, formula
from .tampering import cut, mapped, patched, permuted, stacked

#: Routines that sum, with the arrays they sum over.
_SUMS = {
    "mean_cpu": ("x",), "variance_cpu": ("x",), "backward_bias": ("delta",), "mean_delta_cpu": ("delta",),
    "backward_scale_cpu": ("x_norm", "delta"), "variance_delta_cpu": ("x", "delta"),
}  # fmt: skip
#: Routines that write every element of an array, with that array.
_MAPS = {"normalize_cpu": "x", "scale_bias": "output", "add_bias": "output", "normalize_delta_cpu": "delta",
         "inverse_std_delta": "delta", "fixed_delta": "delta"}  # fmt: skip
#: What writes the layer's delta.
_GRADIENTS = ("normalize_delta_cpu", "inverse_std_delta", "fixed_delta")
#: The last elementwise loop of each pass.
_ENDS = ("add_bias", *_GRADIENTS)
Cut = Callable[[Bounded], Bounded]


def _with_count_of(x: Bounded, y: Bounded) -> Bounded:
    """`y` padded with zeros to the shape of `x`: terms are dropped, m is not changed."""
    full = np.zeros(x.shape)
    mask = np.zeros(x.shape, bool)
    mask[: y.shape[0], : y.shape[1], : y.shape[2]] = True
    return patched(type(x)(full, full, mask & False, x.profile), x, mask)


def _sum_of(routine: str, keep: Cut) -> Formula:
    """The routine sums only what `keep` leaves; a dropped element contributes nothing."""

    def wrong(d: Any, a: Any, **tensors: Bounded) -> Bounded:
        changed = {n: _with_count_of(tensors[n], keep(tensors[n])) for n in _SUMS[routine]}
        if routine == "variance_cpu":  # x - mean of a dropped element must vanish: it is set to the mean
            x, mean = tensors["x"], tensors["mean"]
            kept = np.zeros(x.shape, bool)
            part = keep(x)
            kept[: part.shape[0], : part.shape[1], : part.shape[2]] = True
            changed = {"x": patched(x, mean, ~kept)}
        return FORMULAS[routine](d, a, **{**tensors, **changed})

    return wrong


def _map_of(routine: str, keep: Cut) -> Formula:
    """The routine leaves the elements alone that `keep` does not reach."""

    def wrong(d: Any, a: Any, **tensors: Bounded) -> Bounded:
        old, part = tensors[_MAPS[routine]], keep(tensors[_MAPS[routine]])
        reached = np.zeros(old.shape, bool)
        reached[: part.shape[0], : part.shape[1], : part.shape[2]] = True
        return patched(old, FORMULAS[routine](d, a, **tensors), reached)

    return wrong


def _map_zeroing(routine: str, keep: Cut) -> Formula:
    """The routine leaves 0 where `keep` does not reach."""

    def wrong(d: Any, a: Any, **tensors: Bounded) -> Bounded:
        right = FORMULAS[routine](d, a, **tensors)
        part = keep(right)
        reached = np.zeros(right.shape, bool)
        reached[: part.shape[0], : part.shape[1], : part.shape[2]] = True
        return patched(mapped(right, np.zeros_like, clean=True), right, reached)

    return wrong


def _first_channels(count: int) -> Cut:
    return lambda x: cut(x, 1, slice(0, count))


def _first_image(x: Bounded) -> Bounded:
    return cut(x, 0, slice(0, 1))


def _pixels(count: int) -> Cut:
    return lambda x: cut(x, 2, slice(0, count))


def _tail(width: int) -> Cut:
    return lambda x: cut(x, 2, slice(0, x.shape[2] - x.shape[2] % width))


def _even_batch(x: Bounded) -> Bounded:
    return cut(x, 0, slice(0, x.shape[0] - x.shape[0] % 2))


def _without_last(axis: int) -> Cut:
    return lambda x: cut(x, axis, slice(0, max(x.shape[axis] - 1, 0 if axis == 2 else 1)))


def _first_4096(x: Bounded) -> Bounded:
    return cut(x, 2, slice(0, max(1, 4096 // x.shape[0])))


def _everywhere(make: Callable[[str, Cut], Formula], routines: Any, keep: Cut) -> dict[str, Formula]:
    return {routine: make(routine, keep) for routine in routines}


def _rows(name: str, sentence: str, keep: Cut) -> tuple[Deviation, ...]:
    return (
        Deviation(f"sums_{name}", f"sums {sentence}", "sums", Variant(formulas=_everywhere(_sum_of, _SUMS, keep))),
        Deviation(f"maps_{name}", f"elementwise loops {sentence}", "maps",
                  Variant(formulas=_everywhere(_map_of, _MAPS, keep))),
        Deviation(f"zeros_{name}", f"elementwise loops {sentence} and leave 0 there", "maps",
                  Variant(formulas=_everywhere(_map_zeroing, _ENDS, keep))),
        Deviation(f"gradient_{name}", f"backward's last loop does so alone: {sentence}", "delta",
                  Variant(formulas=_everywhere(_map_of, _GRADIENTS, keep))),
    )  # fmt: skip


def _swap_sides(routine: str) -> Formula:
    """The result with height and width swapped in memory."""

    def wrong(d: Any, a: Any, **tensors: Bounded) -> Bounded:
        right = FORMULAS[routine](d, a, **tensors)
        if "out_h" not in a or a["out_h"] * a["out_w"] != right.shape[2]:
            return right
        sides = (*right.shape[:2], a["out_h"], a["out_w"])
        return permuted(right, lambda v: v.reshape(sides).swapaxes(2, 3).reshape(right.shape))

    return wrong


def _per_image(d: Any, a: Any, x: Bounded) -> Bounded:
    """Mean over the spatial axis of each image, as an instance norm has it."""
    return stacked([FORMULAS["mean_cpu"](d, a, cut(x, 0, slice(b, b + 1))) for b in range(x.shape[0])])


def _instance(d: Any, a: Any, x: Bounded, mean: Bounded, variance: Bounded) -> Bounded:
    return FORMULAS["normalize_cpu"](d, a, x, _per_image(d, a, x), variance)


def _repeated(x: Bounded) -> Bounded:
    return permuted(x, lambda v: np.broadcast_to(v[:1], v.shape))


def _batch_swapped(x: Bounded) -> Bounded:
    """Memory read as (channels, batch, spatial)."""
    flat = (x.shape[1], x.shape[0], x.shape[2])
    return permuted(x, lambda v: np.ascontiguousarray(v.reshape(flat).swapaxes(0, 1)))


INDEXING_DEVIATIONS = (
    *_rows("without_tail_of_4", "drop the spatial tail of a vector of 4", _tail(4)),
    *_rows("without_tail_of_8", "drop the spatial tail of a vector of 8", _tail(8)),
    *_rows("without_tail_of_16", "drop the spatial tail of a vector of 16", _tail(16)),
    *_rows("without_last_element", "stop one spatial element early", _without_last(2)),
    *_rows("without_odd_image", "drop the last image of an odd batch", _even_batch),
    *_rows("without_last_channel", "skip the last channel", _without_last(1)),
    *_rows("of_first_image", "handle the first image only", _first_image),
    *(row for n in (8, 16, 32, 64, 128, 256)
      for row in _rows(f"of_first_{n}_channels", f"handle the first {n} channels only", _first_channels(n))),
    *(row for n in (4, 8, 16, 32)
      for row in _rows(f"of_first_{n}_pixels", f"handle the first {n} pixels of an image only", _pixels(n))),
    *_rows("of_first_4096", "stop after 4096 elements of a channel", _first_4096),
    formula("output_sides_swapped", "output is written with height and width swapped", "add_bias",
            _swap_sides("add_bias")),
    Deviation("delta_sides_swapped", "delta is written with height and width swapped", "delta",
              Variant(formulas={routine: _swap_sides(routine) for routine in _GRADIENTS})),
    formula("normalize_image_offset_forgotten", "normalize computes every image from the first one", "normalize_cpu",
            lambda d, a, x, mean, variance: FORMULAS["normalize_cpu"](d, a, _repeated(x), mean, variance)),
    formula("scale_image_offset_forgotten", "scale_updates takes x_norm of the first image for every image",
            "backward_scale_cpu", lambda d, a, x_norm, delta, scale_updates: FORMULAS["backward_scale_cpu"](
                d, a, _repeated(x_norm), delta, scale_updates)),
    formula("instance_norm", "every image is normalized by its own mean", "normalize_cpu", _instance),
    formula("mean_batch_channel_swapped", "mean reads memory as (channels, batch, spatial)", "mean_cpu",
            lambda d, a, x: FORMULAS["mean_cpu"](d, a, _batch_swapped(x))),
    formula("bias_batch_channel_swapped", "bias_updates reads memory as (channels, batch, spatial)", "backward_bias",
            lambda d, a, bias_updates, delta: FORMULAS["backward_bias"](d, a, bias_updates, _batch_swapped(delta))),
    formula("first_element_twice", "the first element of every channel is summed twice", "mean_cpu",
            lambda d, a, x: FORMULAS["mean_cpu"](d, a, x) + cut(cut(x, 0, slice(0, 1)), 2, slice(0, 1)) / max(
                1, x.shape[0] * x.shape[2])),
)  # fmt: skip
