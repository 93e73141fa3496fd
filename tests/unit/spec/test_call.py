"""A call and the shapes that follow from it; what a stage reads."""

from __future__ import annotations

import numpy as np
import pytest

from darkparity.dialects import DIALECTS
from darkparity.spec import (
    BACKWARD,
    FORWARD,
    LAYER_OPERATIONS,
    MAKE,
    TRAINING_RUN,
    Call,
    Geometry,
    inputs_of,
    operations_of,
    stages,
    stages_behind,
)

ROW = DIALECTS["darknet"]
HOW = {"type": "BATCHNORM", "train": True, "out_h": 5, "out_w": 4}
FULL, CHANNELS = (2, 3, 20), (3,)


def of_zeros(operation: str, attributes: dict[str, object], steps: tuple[int, ...] = ()) -> Call:
    shapes = {n: Geometry(*FULL).shape_of(n) for n in inputs_of(operation, attributes)}
    stacked = {n: (*steps, *s) if n in ("input", "delta") else s for n, s in shapes.items()}
    return Call(operation, ROW, {n: np.zeros(s, np.float32) for n, s in stacked.items()}, attributes)


@pytest.mark.parametrize(("call", "shapes"), [
    (of_zeros("mean_cpu", {}), {"mean": CHANNELS}),
    (of_zeros(BACKWARD, HOW), {"net_delta": FULL, "variance_delta": CHANNELS}),
    (Call(MAKE, ROW, {}, {"batch": 2, "w": 4, "h": 5, "c": 3}), {"delta": FULL, "scales": CHANNELS}),
    (Call("copy_cpu", ROW, {n: np.zeros(7, np.float32) for n in "XY"}, {"N": 1, "INCX": 1, "INCY": 1}), {"Y": (7,)}),
    (of_zeros(TRAINING_RUN, {"type": "BATCHNORM", "modes": "T Ib", "out_h": 5, "out_w": 4}, (2,)),
     {"output": (2, *FULL), "rolling_mean": (2, *CHANNELS)}),
])  # fmt: skip
def test_shapes_of_outputs_follow_from_the_inputs(call: Call, shapes: dict[str, tuple[int, ...]]) -> None:
    assert {name: call.shape_of(name) for name in shapes} == shapes
    assert set(shapes) <= set(call.outputs)


def test_the_backward_pass_of_a_step_is_asked_for_by_name() -> None:
    assert [operations_of(mode) for mode in ("T", "Ib")] == [(FORWARD,), LAYER_OPERATIONS]


def test_a_copy_does_not_read_what_it_overwrites() -> None:
    copy, *_ = stages(FORWARD, ROW, HOW)
    assert (str(copy), copy.sources) == ("copy_cpu -> output", ("input",))
    rolled = next(s for s in stages(FORWARD, ROW, HOW) if s.routine == "axpy_cpu")
    assert rolled.sources == ("mean", "rolling_mean")


def test_stages_behind_an_array_are_those_it_depends_on() -> None:
    calls = stages(FORWARD, ROW, HOW)
    assert [str(s) for s in stages_behind("x_norm", calls)] == [
        "copy_cpu -> output", "mean_cpu -> mean", "variance_cpu -> variance", "normalize_cpu -> output",
        "copy_cpu -> x_norm",
    ]  # fmt: skip
    assert stages_behind("scales", calls) == ()
