"""Deviations of where in memory a port looks: other layouts, strides, block-local channel indices."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from darkparity.oracle import Variant
from darkparity.oracle.bounds import Bounded
from darkparity.oracle.formulas import FORMULAS, Formula

from .deviation import Calls, Deviation, Rewrite
from .edits import at_end, at_start, backward, forward, stage, then
from .tampering import permuted

Order = Callable[[np.ndarray], np.ndarray]


def _nhwc(v: np.ndarray) -> np.ndarray:
    """Memory of (batch, spatial, channels) seen as (batch, channels, spatial)."""
    batch, channels, spatial = v.shape
    return np.ascontiguousarray(v).reshape(batch, spatial, channels).swapaxes(1, 2)


def _back_from_nhwc(v: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(v.swapaxes(1, 2)).reshape(v.shape)


def _cnhw(v: np.ndarray) -> np.ndarray:
    """Memory of (channels, batch, spatial) seen as (batch, channels, spatial)."""
    batch, channels, spatial = v.shape
    return np.ascontiguousarray(v).reshape(channels, batch, spatial).swapaxes(0, 1)


def _back_from_cnhw(v: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(v.swapaxes(0, 1)).reshape(v.shape)


def _reading_as(order: Order) -> Formula:
    return lambda d, a, X: permuted(X, order)


def _inside(kind: str) -> Rewrite:
    """Every full array is taken for another layout at the start of the function and put back at its end."""

    def rewrite(calls: Calls, at: Mapping[str, Any]) -> Calls:
        written = {call.writes for call in calls}
        read = {array for call in calls for array in call.reads.values()}
        given = sorted((read | written) & {"input", "output", "x", "x_norm", "delta"} - _made(calls))
        left = sorted((read | written) & {"output", "x", "x_norm", "delta", "net_delta"})
        return then(at_start(*(stage(f"as_{kind}", n, X=n) for n in given)),
                    at_end(*(stage(f"from_{kind}", n, X=n) for n in left)))(calls, at)  # fmt: skip

    return rewrite


def _made(calls: Calls) -> set[str]:
    """Arrays that the function writes before it reads them: the output of a BATCHNORM layer's copy."""
    read: set[str] = set()
    made = set()
    for call in calls:
        read |= set(call.sources)
        if call.writes not in read:
            made.add(call.writes)
    return made


def _layout(kind: str, said: str) -> tuple[Deviation, ...]:
    """The whole layer, or one of its functions, in another layout."""
    formulas = {f"as_{kind}": _reading_as(_ORDERS[kind][0]), f"from_{kind}": _reading_as(_ORDERS[kind][1])}
    return tuple(
        Deviation(
            name, f"{where} reads and writes memory as {said}", "layout", Variant(formulas=formulas, rewrite=edit)
        )
        for name, where, edit in (
            (f"{kind}_everywhere", "the layer", _inside(kind)),
            (f"{kind}_in_forward", "forward", forward(_inside(kind))),
            (f"{kind}_in_backward", "backward", backward(_inside(kind))),
        )
    )


_ORDERS: Mapping[str, tuple[Order, Order]] = {"nhwc": (_nhwc, _back_from_nhwc), "cnhw": (_cnhw, _back_from_cnhw)}

#: Routines that look up a channel's parameter for every element, with those parameters.
_LOOKED_UP = {
    "normalize_cpu": ("mean", "variance"), "scale_bias": ("scales",), "add_bias": ("biases",),
    "x_hat": ("mean", "inverse_std"), "inverse_std_delta": ("mean", "inverse_std"), "fixed_delta": ("inverse_std",),
    "normalize_delta_cpu": ("mean", "variance", "mean_delta", "variance_delta"),
}  # fmt: skip


def _indexed(routine: str, index: Callable[[np.ndarray], np.ndarray]) -> Formula:
    """The routine finds its channel's parameters at another index."""

    def wrong(d: Any, a: Any, **tensors: Bounded) -> Bounded:
        for name in _LOOKED_UP[routine]:
            other = index(np.arange(tensors[name].shape[1]))
            tensors[name] = permuted(tensors[name], lambda v, other=other: v[:, other])  # type: ignore[misc]
        return FORMULAS[routine](d, a, **tensors)

    return wrong


def _channel_index(name: str, sentence: str, index: Callable[[np.ndarray], np.ndarray]) -> Deviation:
    formulas = {routine: _indexed(routine, index) for routine in _LOOKED_UP}
    return Deviation(name, sentence, "channel index", Variant(formulas=formulas))


def _block(size: int) -> Deviation:
    return _channel_index(
        f"channel_within_block_of_{size}",
        f"parameters of a channel are looked up by its number within a block of {size} channels (channel % {size})",
        lambda c: c % size,
    )


LAYOUT_DEVIATIONS = (
    *_layout("nhwc", "NHWC"),
    *_layout("cnhw", "(channels, batch, spatial)"),
    *(_block(size) for size in (4, 8, 16, 32, 64, 128, 256)),
    _channel_index("channel_one_further", "parameters of every channel are those of the next one",
                   lambda c: np.minimum(c + 1, c.size - 1)),
    _channel_index("channels_reversed", "parameters of the channels are looked up in the reverse order",
                   lambda c: c[::-1]),
    _channel_index("channel_halved", "two channels look up one parameter (channel / 2)", lambda c: c // 2),
)  # fmt: skip
