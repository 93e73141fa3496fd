"""The layer object: state carried over calls, shapes, and what it says of itself."""

from __future__ import annotations

import numpy as np
import pytest

from darkparity.dialects import DIALECTS
from darkparity.implementations import load
from darkparity.implementations.layer import make_batchnorm_layer
from darkparity.spec import ContractError
from worked_example import DELTA, WORKED
from worked_example import X as ROWS

X, DY = ROWS.reshape(2, 1, 2, 2), DELTA.reshape(2, 1, 2, 2)


def test_the_worked_example() -> None:
    layer = make_batchnorm_layer(2, 2, 2, 1)
    assert layer.scales.tolist() == [1]
    assert layer.rolling_variance.tolist() == [0]
    assert layer.forward(X).shape == X.shape
    assert layer.output.shape == (2, 1, 4)
    assert layer.output.flat[0] == pytest.approx(WORKED["darknet"].output, rel=1e-6)
    dx = layer.backward(DY)
    assert dx.shape == DY.shape
    assert dx.flat[0] == pytest.approx(WORKED["darknet"].delta, rel=1e-5)
    assert np.array_equal(dx, layer.net_delta.reshape(dx.shape))


def test_sizes_come_in_darknets_order_batch_width_height_channels() -> None:
    layer = make_batchnorm_layer(2, 3, 4, 5)
    assert layer.output.shape == (2, 5, 12)
    assert (layer.out_w, layer.out_h, layer.out_c) == (3, 4, 5)
    layer.forward(np.ones((2, 5, 4, 3), np.float32))
    with pytest.raises(ContractError, match=r"this layer takes \(2, 5, 4, 3\) or \(2, 5, 12\)"):
        layer.forward(np.ones((2, 5, 3, 4), np.float32))


def test_state_is_carried_over_calls() -> None:
    layer = make_batchnorm_layer(2, 2, 2, 1)
    layer.forward(X)
    after_one = layer.rolling_mean.copy()
    layer.forward(X)
    np.testing.assert_allclose(layer.rolling_mean, after_one * 1.99, rtol=1e-6)
    layer.backward(DY)
    once = layer.scale_updates.copy()
    layer.backward(DY)
    np.testing.assert_allclose(layer.scale_updates, 2 * once, rtol=1e-6)


def test_an_inference_call_leaves_the_training_statistics() -> None:
    layer = make_batchnorm_layer(2, 2, 2, 1)
    layer.forward(X)
    mean, variance = layer.mean.copy(), layer.variance.copy()
    layer.forward(X, train=False)
    layer.backward(DY, train=False)
    assert np.array_equal(layer.mean, mean)
    assert np.array_equal(layer.variance, variance)


def test_a_convolutional_layer_normalizes_its_output_in_place() -> None:
    layer = make_batchnorm_layer(2, 2, 2, 1, type="CONVOLUTIONAL")
    before = X.copy()
    assert layer.forward(X).flat[0] == pytest.approx(WORKED["darknet"].output, rel=1e-6)
    assert np.array_equal(X, before)
    dx = layer.backward(DY)
    assert np.array_equal(dx, layer.delta.reshape(dx.shape))
    assert not hasattr(layer, "net_delta")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_runs(dialect: str) -> None:
    layer = make_batchnorm_layer(2, 2, 2, 1, dialect=dialect)
    layer.forward(X)
    assert np.isfinite(layer.backward(DY)).all()
    layer.forward(X, train=False)
    assert np.isfinite(layer.backward(DY, train=False)).all()


def test_it_says_what_it_is() -> None:
    layer = make_batchnorm_layer(2, 3, 4, 5, implementation=load("numpy"), dialect=DIALECTS["alexeyab"])
    expected = (
        "BatchnormLayer(BATCHNORM, batch=2, channels=5, h=4, w=3, dialect='alexeyab', implementation='numpy'"
    )
    assert repr(layer) == f"{expected}, last forward: none yet)"
    layer.forward(np.ones((2, 5, 12), np.float32), train=False)
    assert repr(layer) == f"{expected}, last forward: inference)"


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (X.astype(np.float64), "needs native float32"),
        (X.reshape(2, 1, 4)[:, :, ::-1], "not C-contiguous"),
        ([1.0], "input has shape None"),
    ],
)
def test_bad_input_is_refused(array: object, message: str) -> None:
    with pytest.raises(ContractError, match=message):
        make_batchnorm_layer(2, 2, 2, 1).forward(array)  # type: ignore[arg-type]


def test_sizes_must_be_positive() -> None:
    with pytest.raises(ContractError, match="batch=0 must be at least 1"):
        make_batchnorm_layer(0, 2, 2, 1)
