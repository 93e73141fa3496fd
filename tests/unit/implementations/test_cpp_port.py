"""The C++ port: in-place semantics, refusals, the released GIL."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest

from darkparity import _core
from darkparity.dialects import LayerType, dialect
from darkparity.implementations.shipped import cpp_port
from darkparity.spec import BACKWARD, FORWARD, MAKE, OPERATIONS, TRAINING_RUN, inputs_of, outputs_of
from worked_example import DELTA, WORKED, X

DARKNET = dialect("darknet")


class Layer:
    """State of one layer, carried from call to call."""

    def __init__(self, name: str, type: str = "BATCHNORM", x: np.ndarray = X) -> None:
        self.dialect, self.type = dialect(name), type
        batch, channels, self.size = x.shape
        self.arrays = cpp_port.make_batchnorm_layer(batch, 1, self.size, channels, self.dialect)

    def attributes(self, train: bool) -> dict:
        return {"type": self.type, "train": train, "out_h": self.size, "out_w": 1}

    def call(self, operation: str, train: bool, **given: np.ndarray) -> dict[str, np.ndarray]:
        attributes = self.attributes(train)
        names = inputs_of(operation, attributes, self.dialect)
        arrays = {n: given.get(n, self.arrays.get(n)).copy() for n in names}
        result = getattr(cpp_port, operation)(**attributes, **arrays, dialect=self.dialect)
        assert set(result) == set(outputs_of(operation, attributes, self.dialect))
        self.arrays.update(result)
        return result

    def forward(self, x: np.ndarray = X, train: bool = True) -> dict[str, np.ndarray]:
        return self.call(FORWARD, train, input=x, output=x)

    def backward(self, delta: np.ndarray = DELTA, train: bool = True) -> dict[str, np.ndarray]:
        return self.call(BACKWARD, train, delta=delta)


def test_every_operation_is_there():
    # training_run is composed by the adapter from forward and backward
    assert {n for n in OPERATIONS if not callable(getattr(cpp_port, n, None))} == {TRAINING_RUN}


@pytest.mark.parametrize("type", LayerType)
@pytest.mark.parametrize("name", WORKED)
def test_layer_types_agree_where_the_dialect_does_not_tell_them_apart(name, type):
    x, delta = X.reshape(8, 1, 1), DELTA.reshape(8, 1, 1)
    layer, batchnorm = Layer(name, type, x), Layer(name, "BATCHNORM", x)
    assert np.array_equal(layer.forward(x)["output"], batchnorm.forward(x)["output"])
    assert np.array_equal(layer.backward(delta)["delta"], batchnorm.backward(delta)["delta"])


def test_updates_accumulate_over_calls_and_all_else_is_overwritten():
    layer = Layer("darknet")
    layer.forward()
    once = {n: v.copy() for n, v in layer.backward().items()}
    twice = layer.backward()
    assert twice["bias_updates"] == pytest.approx(2 * once["bias_updates"])
    assert twice["scale_updates"] == pytest.approx(2 * once["scale_updates"])
    for name in ("delta", "mean_delta", "variance_delta"):
        assert np.array_equal(twice[name], once[name]), name


def test_two_training_forwards_move_the_rolling_statistics_twice():
    layer = Layer("darknet")
    layer.forward()
    assert layer.forward()["rolling_mean"][0] == pytest.approx(4.625 * (1 - 0.99**2), rel=1e-6)


def test_inference_forward_writes_only_output_and_x():
    layer = Layer("darknet")
    layer.forward()
    before = {n: v.copy() for n, v in layer.arrays.items()}
    layer.forward(X + np.float32(1), train=False)
    for name in ("x_norm", "mean", "variance", "rolling_mean", "rolling_variance"):
        assert np.array_equal(layer.arrays[name], before[name]), name
    assert np.array_equal(layer.arrays["x"], X + 1)


def test_inference_backward_uses_rolling_statistics_for_that_call_only():
    layer = Layer("darknet")
    layer.forward()
    mean, variance = layer.arrays["mean"].copy(), layer.arrays["variance"].copy()
    inference = layer.backward(train=False)
    # 0.1/s - 25.56*2*(1 - .04625)/8 - .6/s/8 with s = sqrt(.07125 + 1e-5), worked in float64
    assert inference["delta"].flat[0] == pytest.approx(-5.9996652, abs=4e-6)
    assert (inference["mean"], inference["variance"]) == (mean, variance)


@pytest.mark.parametrize(
    ("name", "mean", "variance"),
    [
        ("alexeyab-gpu", 0.04625, 0.06234375),
        ("alexeyab-cudnn", 0.04625, (0.07125 + 1e-5) ** -0.5),
        ("darknet-cudnn", 4.625, (6.234375 + 1e-5) ** -0.5),  # untouched: 1/std saved by the forward
        ("pytorch", 4.625, 6.234375),
    ],
)
def test_statistics_after_inference_backward(name, mean, variance):
    layer = Layer(name)
    layer.forward()
    after = layer.backward(train=False)
    assert after["mean"][0] == pytest.approx(mean, rel=1e-6)
    assert after["variance"][0] == pytest.approx(variance, rel=1e-6)


def test_fixed_statistics_in_pytorch_inference_backward():
    layer = Layer("pytorch")
    layer.forward()
    expected = DELTA / np.sqrt(1.6125 + 1e-5)
    assert layer.backward(train=False)["delta"] == pytest.approx(expected, rel=1e-6)


def test_one_element_per_channel_is_nan_in_darknet_and_finite_with_ddof_0():
    x = np.full((1, 1, 1), 3, np.float32)
    assert np.isnan(Layer("darknet", x=x).forward(x)["rolling_variance"]).all()
    assert Layer("alexeyab-gpu", x=x).forward(x)["output"].flat[0] == 0


@pytest.mark.parametrize("name", WORKED)
def test_make_batchnorm_layer(name):
    layer = cpp_port.make_batchnorm_layer(2, 5, 3, 4, dialect(name))
    assert tuple(layer) == outputs_of(MAKE, {}, dialect(name))
    assert layer.pop("scales").tolist() == [1] * 4
    assert layer.pop("rolling_variance").tolist() == [dialect(name).initial_rolling_variance] * 4
    assert {n: v.shape for n, v in layer.items() if v.ndim == 3}.keys() == {"output", "delta", "x", "x_norm"}
    assert layer["output"].shape == (2, 4, 15)
    assert all(not v.any() for v in layer.values())


def test_strides_leave_the_gaps():
    y = cpp_port.copy_cpu(2, np.arange(4, dtype=np.float32), 3, np.full(4, 9, np.float32), 2, DARKNET)
    assert y.tolist() == [0, 9, 3, 9]


def _mean(x: np.ndarray) -> np.ndarray:
    return cpp_port.mean_cpu(x, DARKNET)


@pytest.mark.parametrize("dtype", ["float64", ">f4", "float16", "int32"])
def test_other_dtypes_are_refused_not_converted(dtype):
    with pytest.raises(TypeError, match=f"x has dtype {dtype}, needs native float32"):
        _mean(X.astype(dtype))


UNALIGNED = np.zeros(33, np.uint8)[1:].view(np.float32).reshape(2, 1, 4)


@pytest.mark.parametrize("x", [np.zeros((2, 3, 8), np.float32)[:, :, ::2], UNALIGNED, X.T])
def test_other_layouts_are_refused(x):
    with pytest.raises(ValueError, match="x is not C-contiguous and aligned"):
        _mean(x)


def test_no_array_is_refused():
    with pytest.raises(TypeError):
        _core.mean_cpu([[[1.0]]], np.zeros(1, np.float32))


@pytest.mark.parametrize("shape", [(8,), (2, 4), (2, 1, 2, 2)])
def test_wrong_rank_is_refused(shape):
    with pytest.raises(ValueError, match=r"x has shape .*, needs \(batch, channels, spatial\)"):
        _mean(np.zeros(shape, np.float32))


def test_empty_is_refused():
    with pytest.raises(ValueError, match="x has 0 elements"):
        _mean(np.zeros((2, 3, 0), np.float32))


def test_disagreeing_channels_are_refused():
    with pytest.raises(ValueError, match=r"scales has shape .*the call has 1 channels"):
        _core.scale_bias(X.copy(), np.ones(2, np.float32))


def test_disagreeing_full_arrays_are_refused():
    with pytest.raises(ValueError, match=r"delta has shape \(1, 1, 8\), the call has \(2, 1, 4\)"):
        _core.backward_scale_cpu(X, DELTA.reshape(1, 1, 8), np.zeros(1, np.float32))


def test_read_only_is_refused_only_where_it_is_written():
    x = X.copy()
    x.flags.writeable = False
    assert _mean(x)[0] == 4.625
    with pytest.raises(ValueError, match="output is read-only"):
        _core.scale_bias(x, np.ones(1, np.float32))


@pytest.mark.parametrize(("N", "INCX"), [(5, 1), (3, 2), (2, 4), (2**31 - 1, 2**31 - 1), (0, 1), (1, 0)])
def test_too_short_vector_is_refused(N, INCX):
    with pytest.raises(ValueError, match=r"^X "):
        _core.scal_cpu(np.ones(4, np.float32), N, 2.0, INCX)


def _backward_arrays() -> dict[str, np.ndarray]:
    layer = Layer("darknet", "CONVOLUTIONAL")
    names = (*inputs_of(BACKWARD, layer.attributes(True)), "mean_delta", "variance_delta")
    return {n: layer.arrays[n] for n in names}


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"scales": None}, TypeError, "scales must be a numpy array"),
        ({"biases": np.zeros(1, np.float32)}, TypeError, r"unexpected array\(s\) \['biases'\]"),
        ({"mean": np.zeros(2, np.float32)}, ValueError, "mean has shape .*the call has 1 channels"),
        ({"delta": DELTA[:, :, ::-1]}, ValueError, "delta is not C-contiguous"),
        ({"out_w": 2}, ValueError, "out_h.out_w must be the arrays' spatial size 4"),
        ({"type": "POOLING"}, ValueError, "type is 'POOLING', must be one of BATCHNORM"),
    ],
)
def test_layer_call_refuses(change, error, message):
    given = {"type": "CONVOLUTIONAL", "train": True, "out_h": 4, "out_w": 1, **_backward_arrays(), **change}
    with pytest.raises(error, match=message):
        _core.backward_batchnorm_layer(cpp_port.core_dialect(DARKNET), **given)


def test_layer_call_names_a_missing_array():
    arrays = _backward_arrays()
    del arrays["x_norm"]
    with pytest.raises(TypeError, match="missing array x_norm"):
        _core.backward_batchnorm_layer(cpp_port.core_dialect(DARKNET), "CONNECTED", True, 4, 1, **arrays)


def test_a_name_that_is_no_text_is_refused():
    """A lone surrogate has no UTF-8."""
    with pytest.raises(TypeError, match=r"unexpected array\(s\) \['\\udc80'\]"):
        _core.make_batchnorm_layer(cpp_port.core_dialect(DARKNET), 4, 1, **{"\udc80": X})


def test_gil_is_released_while_a_kernel_runs():
    x = np.ones((1, 1, 20_000_000), np.float32)
    started, finished, ticks = threading.Event(), threading.Event(), 0

    def compute() -> None:
        started.set()
        _mean(x)
        finished.set()

    thread = threading.Thread(target=compute)
    thread.start()
    started.wait()
    while not finished.is_set():
        time.sleep(0.0005)
        ticks += 1
    thread.join()
    assert ticks > 2  # holding the GIL, the kernel would let this thread wake once


def test_build_info_names_compiler_and_flags():
    info = _core.build_info()
    assert "-ffp-contract=off" in info["flags"] or "/fp:precise" in info["flags"]
    assert "fast-math" not in info["flags"]
    assert "-Ofast" not in info["flags"]
    assert info["compiler"]
    assert info["compiler"] in cpp_port.DARKPARITY["details"]
