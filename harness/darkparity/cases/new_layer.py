"""make_batchnorm_layer: what a new layer holds."""

from __future__ import annotations

from .case import Case


def _make(name: str, fault: str, batch: int, w: int, h: int, c: int) -> Case:
    return Case(name, "make_batchnorm_layer", fault, {}, (), {"batch": batch, "w": w, "h": h, "c": c})


MAKE_CASES = (
    _make("ordinary", "Scales start at 0, or rolling_variance starts at a framework's 1.", 2, 5, 3, 4),
    _make("width_is_not_height", "Buffers are sized w * w or h * h.", 3, 7, 2, 5),
    _make("one_of_everything", "Batch, channel and pixel 1: an axis is squeezed away.", 1, 1, 1, 1),
    _make("batch_is_not_channels", "Per-channel buffers are sized by the batch.", 6, 1, 1, 33),
    _make("one_channel", "A single channel: per-channel buffers become scalars.", 4, 3, 2, 1),
)
