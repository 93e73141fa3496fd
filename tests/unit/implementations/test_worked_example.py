"""Every shipped implementation against numbers worked out apart from it, in every dialect."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from darkparity.dialects import DIALECTS
from darkparity.implementations import Implementation
from darkparity.spec import BACKWARD, FORWARD, MAKE, Call, inputs_of
from worked_example import DELTA, WORKED, X

State = dict[str, np.ndarray]
#: First output of an inference of X by a layer that was never trained: DarkNets start with a rolling variance of 0.
UNTRAINED = {"darknet": 1e6, "darknet-gpu": 316.2278, "alexeyab": 316.2278, "pytorch": 0.999995}


def called(implementation: Implementation, operation: str, dialect: str, state: State, how: dict[str, Any]) -> State:
    """The state after one call."""
    arrays = {name: state[name] for name in inputs_of(operation, how, DIALECTS[dialect])}
    return state | implementation.run(Call(operation, DIALECTS[dialect], arrays, how))


def forward(
    implementation: Implementation, dialect: str, kind: str, train: bool = True, x: np.ndarray = X
) -> tuple[State, dict[str, Any]]:
    """A new layer, called once with x."""
    batch, channels, spatial = x.shape
    how = {"type": kind, "train": train, "out_h": 1, "out_w": spatial}
    sizes = {"batch": batch, "w": spatial, "h": 1, "c": channels}
    state = implementation.run(Call(MAKE, DIALECTS[dialect], {}, sizes)) | {"input": x, "output": x}
    return called(implementation, FORWARD, dialect, state, how), how


@pytest.mark.parametrize("kind", ["BATCHNORM", "CONVOLUTIONAL"])
@pytest.mark.parametrize("dialect", WORKED)
def test_a_training_step(implementation: Implementation, dialect: str, kind: str) -> None:
    state, how = forward(implementation, dialect, kind)
    after = called(implementation, BACKWARD, dialect, state | {"delta": DELTA}, how)
    got = state["output"].flat[0], after["rolling_variance"][0], after["delta"].flat[0]
    # 9 printed digits; float32 carries 7, and delta loses one to cancellation.
    np.testing.assert_allclose(got, WORKED[dialect], rtol=2e-6, atol=2e-8)
    assert state["mean"][0] == 4.625
    assert kind != "BATCHNORM" or np.array_equal(after["net_delta"], after["delta"])


@pytest.mark.parametrize(("kind", "rolling", "updates"), [("CONVOLUTIONAL", 0.7125, 0), ("CONNECTED", 0.35625, 0.6)])
def test_alexeyabs_connected_layer_has_its_own_decay_and_the_bias_gradient(
    implementation: Implementation, kind: str, rolling: float, updates: float
) -> None:
    state, how = forward(implementation, "alexeyab", kind, x=X.reshape(8, 1, 1))
    after = called(implementation, BACKWARD, "alexeyab", state | {"delta": DELTA.reshape(8, 1, 1)}, how)
    assert state["rolling_variance"][0] == pytest.approx(rolling, rel=1e-6)
    assert after["bias_updates"][0] == pytest.approx(updates, abs=1e-7)


@pytest.mark.parametrize("dialect", UNTRAINED)
def test_inference_before_training_divides_by_epsilon(implementation: Implementation, dialect: str) -> None:
    state, _ = forward(implementation, dialect, "BATCHNORM", train=False)
    assert state["output"].flat[0] == pytest.approx(UNTRAINED[dialect], rel=1e-6)
