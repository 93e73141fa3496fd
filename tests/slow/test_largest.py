"""The largest arrays that there are: 2147483647 elements, DarkNet's int, with all that matters at the far end.

They are zero but for the last few, so that they take address space and no memory: pages nobody wrote to are one.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from darkparity import _core
from darkparity.dialects import DIALECTS
from darkparity.implementations.shipped import cpp_fused_port as fused

LARGEST = 2**31 - 1
TAIL = np.arange(1, 8, dtype=np.float32)
#: Sums of the tail and of its squares: exact in any order, as everything before is zero.
SUM, SQUARES = 28.0, 140.0
SHAPES = {"one image": (1, 1, LARGEST), "two images": (2, 1, LARGEST // 2)}
DARKNET = DIALECTS["darknet"]
Array = np.ndarray


def zeros(shape: tuple[int, ...]) -> Array:
    try:
        return np.zeros(shape, np.float32)
    except MemoryError as error:
        pytest.skip(f"no address space: {error}")


@pytest.fixture(scope="module", params=SHAPES)
def x(request: pytest.FixtureRequest) -> Array:
    found = zeros(SHAPES[request.param])
    found.reshape(-1)[-TAIL.size :] = TAIL
    found.flags.writeable = False
    return found


def channel(value: float = 0.0) -> Array:
    return np.full(1, value, np.float32)


def summed(routine: Callable[..., None], *arrays: Array) -> float:
    to = channel()
    routine(*arrays, to)
    return float(to[0])


def test_sums_reach_the_end(x: Array) -> None:
    assert summed(_core.mean_cpu, x) == np.float32(SUM) * np.float32(1 / x.size)
    assert summed(_core.backward_scale_cpu, x, x) == SQUARES
    updates = channel()
    _core.backward_bias(updates, x)
    assert updates[0] == SUM


def test_a_fused_forward_reaches_the_end(x: Array) -> None:
    state = dict(mean=channel(), variance=channel(), rolling_mean=channel(), rolling_variance=channel())
    found = fused.forward_batchnorm_layer(
        "BATCHNORM", True, 1, x.shape[2], x=x, x_norm=x, scales=channel(1), biases=channel(), **state,
        dialect=DARKNET, outputs=("mean", "variance"), input=x)  # fmt: skip
    assert found["mean"][0] == pytest.approx(SUM / x.size, rel=1e-6)
    assert found["variance"][0] == pytest.approx(SQUARES / (x.size - 1), rel=1e-6)


def test_a_fused_backward_reaches_the_end(x: Array) -> None:
    state = dict(mean=channel(), variance=channel(1), rolling_mean=channel(), rolling_variance=channel())
    found = fused.backward_batchnorm_layer(
        "BATCHNORM", True, 1, x.shape[2], delta=x, x=x, x_norm=x, scales=channel(1), **state,
        bias_updates=channel(), scale_updates=channel(), dialect=DARKNET,
        outputs=("bias_updates", "scale_updates"))  # fmt: skip
    assert found["bias_updates"][0] == SUM
    assert found["scale_updates"][0] == SQUARES


def test_one_more_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="x has 2147483648 elements; DarkNet counts 1 to 2147483647"):
        _core.mean_cpu(zeros((1, 1, LARGEST + 1)), channel())
