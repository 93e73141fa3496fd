"""What no DarkNet does: sums divided by their weight (Caffe), statistics that backward updates (MXNet), OpenCV."""

from __future__ import annotations

import math

import numpy as np
import pytest

from by_hand import a, f32, forward
from darkparity.dialects import DIALECTS
from darkparity.implementations import Implementation, load
from darkparity.oracle import answer
from darkparity.spec import BACKWARD, FORWARD, MAKE, Call, inputs_of


@pytest.mark.parametrize(("weight", "mean", "variance"), [(0.0, 0, 0), (1.0, 6, 8), (2.0, 3, 4)])
def test_caffe_divides_its_sums_by_their_weight(weight: float, mean: float, variance: float) -> None:
    """Sums 6 and 8; where nothing went in, scale_factor is 0 and so are the statistics."""
    x, how = a([1, 2, 3, 4]), {"type": "BATCHNORM", "train": False, "out_h": 1, "out_w": 4}
    state = {n: f32(0) for n in ("biases", "mean", "variance")} | {"x": x, "x_norm": x, "scales": f32(1)}
    rolling = {"rolling_mean": f32(6), "rolling_variance": f32(8), "rolling_weight": f32(weight)}
    got = answer(Call(FORWARD, DIALECTS["caffe"], {"input": x, **state, **rolling}, how))["output"].expected
    epsilon = float(np.float32(1e-5))
    np.testing.assert_allclose(got, (x - mean) / math.sqrt(variance + epsilon), rtol=1e-7)


def test_caffes_weight_counts_the_steps_and_mxnets_forward_leaves_the_statistics_alone() -> None:
    x = a([1, 2, 3, 4], [5, 6, 7, 9])
    once = {n: v.expected for n, v in forward(x, "caffe").items()}
    twice = forward(x, "caffe", **{n: v for n, v in once.items() if n.startswith("rolling")})
    assert once["rolling_weight"][0] == 1
    assert twice["rolling_weight"].expected[0] == np.float32(1 + float(np.float32(0.999)))
    untouched = forward(x, "mxnet")
    assert untouched["rolling_variance"].expected[0] == 1
    assert untouched["rolling_mean"].expected[0] == 0
    one = a([3.0])
    for dialect in ("caffe", "tensorflow-fused"):  # m = 1: divided by 1, where DarkNet divides 0 by 0
        assert np.isfinite(forward(one, dialect)["rolling_variance"].expected).all()
    assert np.isnan(forward(one)["rolling_variance"].expected).all()


@pytest.mark.parametrize("train", [True, False])
def test_mxnets_backward_updates_the_statistics_in_training_alone(implementation: Implementation, train: bool) -> None:
    """From 1/std as its forward saved it: .9 * 1 + .1 * 6.234375."""
    row, how = DIALECTS["mxnet"], {"type": "BATCHNORM", "train": train, "out_h": 1, "out_w": 4}
    x = a([1, 2, 3, 4], [5, 6, 7, 9])
    state = implementation.run(Call(MAKE, row, {}, {"batch": 2, "w": 4, "h": 1, "c": 1})) | {"input": x, "delta": x}
    state |= implementation.run(Call(FORWARD, row, {n: state[n] for n in inputs_of(FORWARD, how, row)}, how))
    assert (state["rolling_mean"][0], state["rolling_variance"][0]) == (0, 1)
    state |= implementation.run(Call(BACKWARD, row, {n: state[n] for n in inputs_of(BACKWARD, how, row)}, how))
    after = (0.4625, 1.5234375) if train else (0, 1)
    np.testing.assert_allclose((state["rolling_mean"][0], state["rolling_variance"][0]), after, rtol=1e-6)


def test_caffes_statistics_are_sums_with_a_weight() -> None:
    """After two batches: .999 + 1 of the weight, as much of the mean 4.625."""
    row, how = DIALECTS["caffe"], {"type": "BATCHNORM", "train": True, "out_h": 1, "out_w": 4}
    numpy = load("numpy")
    state = numpy.run(Call(MAKE, row, {}, {"batch": 2, "w": 4, "h": 1, "c": 1}))
    state["input"] = a([1, 2, 3, 4], [5, 6, 7, 9])
    for _ in range(2):
        state |= numpy.run(Call(FORWARD, row, {n: state[n] for n in inputs_of(FORWARD, how, row)}, how))
    assert state["rolling_weight"][0] == pytest.approx(1.999, rel=1e-6)
    assert state["rolling_mean"][0] == pytest.approx(1.999 * 4.625, rel=1e-6)


def test_opencv_is_asked_inference_alone() -> None:
    from darkparity.cases import CASES

    asked = {(c.operation, c.attributes.get("train")) for c in CASES if c.defined_in(DIALECTS["opencv"])}
    assert asked == {(FORWARD, False)}
