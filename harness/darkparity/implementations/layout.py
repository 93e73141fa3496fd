"""How a port has its arrays over batch, channels and space: they are handed over and read back in its own order.

`modes` and other attributes stay; arrays of shape (channels,) are the same in every layout.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from darkparity.spec import AXES, MAKE, TRAINING_RUN, Call


@dataclass(frozen=True)
class Layout:
    """axes: for the user. hand: (batch, channels, spatial), height, width -> a view as the port has it. take: back."""

    axes: str
    hand: Callable[[np.ndarray, int, int], np.ndarray]
    take: Callable[[np.ndarray], np.ndarray]


def _joined(a: np.ndarray) -> np.ndarray:
    return a.reshape(*a.shape[:2], -1)


#: A layout by the name that `DARKPARITY = dict(layout=...)` takes.
LAYOUTS = {
    "NCS": Layout("(batch, channels, spatial)", lambda a, h, w: a, lambda a: a),
    "NCHW": Layout("(batch, channels, height, width)", lambda a, h, w: a.reshape(*a.shape[:2], h, w), _joined),
    "NSC": Layout("(batch, spatial, channels)", lambda a, h, w: np.moveaxis(a, 1, 2), lambda a: np.moveaxis(a, 2, 1)),
    "NHWC": Layout(
        "(batch, height, width, channels)",
        lambda a, h, w: np.moveaxis(a.reshape(*a.shape[:2], h, w), 1, 3),
        lambda a: _joined(np.moveaxis(a, 3, 1)),
    ),
}
NCS = LAYOUTS["NCS"]


def applies(call: Call, array: str) -> bool:
    """Whether an array of this call has a layout: those over batch, channels and space, one step at a time."""
    return AXES[array] == "A" and call.operation != TRAINING_RUN


def handed(call: Call, array: str, value: np.ndarray, layout: Layout) -> np.ndarray:
    """`value`, of the specification's shape, as the port has it; a view."""
    return layout.hand(value, *_plane(call)) if applies(call, array) else value


def shape_in(call: Call, array: str, layout: Layout) -> tuple[int, ...]:
    """The shape that the port gives an output."""
    shape = call.shape_of(array)
    return handed(call, array, np.broadcast_to(np.float32(0), shape), layout).shape


def _plane(call: Call) -> tuple[int, int]:
    """Height and width; a routine that knows only `spatial` has one row."""
    names = ("h", "w") if call.operation == MAKE else ("out_h", "out_w")
    height, width = (call.attributes.get(name) for name in names)
    return (1, call.geometry.spatial) if height is None or width is None else (height, width)
