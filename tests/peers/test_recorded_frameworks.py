"""What frameworks computed themselves (tests/data/record_frameworks.py) conforms in the rows that state them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from darkparity.dialects import DIALECTS
from darkparity.oracle.bounds import Profile
from darkparity.oracle.bounds.compare import Comparison, compare
from darkparity.problems.problem import live_expectation
from darkparity.spec import TRAINING_RUN, Call
from support import ROOT

RECORDED = ("mxnet", "paddle", "tensorflow-fused")
#: The frameworks' kernels may write the output as a x + b.
AFFINE = Profile(affine=True)
CHANNEL = ("rolling_mean", "rolling_variance", "scale_updates", "bias_updates")


def judged(name: str, dialect: str, prefix: str = "") -> dict[str, Comparison]:
    """A training step forward and backward, then an inference; array -> comparison with what was recorded."""
    with np.load(ROOT / "tests" / "data" / f"recorded-{name}.npz") as file:
        data = {n: file[n] for n in file.files}
    batch, channels, height, width = data[f"{prefix}input"].shape
    full, zeros = (batch, channels, height * width), np.zeros(channels, np.float32)
    given: dict[str, Any] = dict.fromkeys(("bias_updates", "scale_updates", "mean", "variance"), zeros)
    given |= {n: data[prefix + n] for n in ("scales", "biases", "rolling_mean", "rolling_variance")}
    given |= dict.fromkeys(("x", "x_norm"), np.zeros(full, np.float32))
    given |= {n: np.stack([data[prefix + n].reshape(full)] * 2) for n in ("input", "delta")}
    how = {"type": "CONVOLUTIONAL", "modes": "Tb I", "out_h": height, "out_w": width}
    right = live_expectation(Call(TRAINING_RUN, DIALECTS[dialect], given, how))(AFFINE)
    after = {n: data[f"{prefix}after_{n}"] for n in ("output", "delta", "inference", *CHANNEL)}
    found = {n: compare(n, after[n][None], _step(right[n], 0)) for n in CHANNEL}
    found["delta"] = compare("delta", after["delta"].reshape(1, *full), _step(right["delta"], 0))
    for step, mode in enumerate(("output", "inference")):
        found[mode] = compare("output", after[mode].reshape(1, *full), _step(right["output"], step))
    return found


def _step(expected: Any, step: int) -> Any:
    at = np.s_[step : step + 1]
    return type(expected)(expected.value[at], expected.bound[at], expected.allowed[at])


@pytest.mark.parametrize("name", RECORDED)
def test_what_the_framework_computed_conforms(name: str) -> None:
    found = judged(name, name)
    assert {n: c for n, c in found.items() if not c.conforms} == {}
    assert all(c.evidence for c in found.values())


@pytest.mark.parametrize(("name", "other"), [("mxnet", "pytorch"), ("paddle", "pytorch"),
                                             ("tensorflow-fused", "keras"), ("mxnet", "darknet-cudnn")])  # fmt: skip
def test_and_deviates_in_another_row(name: str, other: str) -> None:
    """The control: TensorFlow's and Keras' rows differ in the divisor of the moving variance alone."""
    found = judged(name, other)
    assert not found["rolling_variance"].conforms
    if other == "keras":
        assert {n for n, c in found.items() if not c.conforms} == {"rolling_variance", "inference"}


def test_mxnets_forward_leaves_the_statistics_alone() -> None:
    with np.load(ROOT / "tests" / "data" / "recorded-mxnet.npz") as data:
        for name in ("rolling_mean", "rolling_variance"):
            np.testing.assert_array_equal(data[f"after_{name}_forward"], data[name])
            assert not np.array_equal(data[f"after_{name}"], data[name])


@pytest.mark.parametrize("name", ["mxnet", "tensorflow-fused"])
def test_a_single_value_per_channel(name: str) -> None:
    """m = 1: no NaN in either, TensorFlow's CPU kernel because it divides by at least 1."""
    found = judged(name, name, "single_")
    assert {n: c for n, c in found.items() if not c.conforms} == {}


def test_paddle_returns_a_single_value_as_it_came() -> None:
    """The one thing that the row does not say: at m = 1 nothing is normalized and no statistic changes."""
    found = judged("paddle", "paddle", "single_")
    assert not found["output"].conforms
    with np.load(ROOT / "tests" / "data" / "recorded-paddle.npz") as data:
        np.testing.assert_array_equal(data["single_after_output"], data["single_input"])
        np.testing.assert_array_equal(data["single_after_rolling_mean"], data["single_rolling_mean"])
