"""The adapter: how a plain function is called, and what it may return."""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from darkparity.dialects import DIALECTS
from darkparity.implementations import NotOffered, Port, PortError, ProtocolError, load
from darkparity.implementations.protocol import EVERY
from darkparity.implementations.shipped import numpy_port
from darkparity.spec import BACKWARD, FORWARD, MAKE, Call, ContractError, inputs_of, outputs_of

DARKNET = DIALECTS["darknet"]
X = np.arange(12, dtype=np.float32).reshape(2, 3, 2)
MEAN = {"x": X}
LAYER = {"type": "BATCHNORM", "train": True, "out_h": 1, "out_w": 2}


def port_of(**functions: Any) -> Port:
    return Port(types.SimpleNamespace(**functions), name="inline")


def forward_inputs(**how: Any) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    attributes = {**LAYER, **how}
    rng = np.random.default_rng(0)
    full = ("input", "output", "x", "x_norm")
    names = inputs_of(FORWARD, attributes)
    shapes = {n: X.shape if n in full else (3,) for n in names}
    return {n: rng.uniform(1, 2, shapes[n]).astype(np.float32) for n in names}, attributes


def expected_forward(arrays: dict[str, np.ndarray], attributes: dict[str, Any]) -> dict[str, np.ndarray]:
    return load("numpy").run(Call(FORWARD, DARKNET, arrays, attributes))


def mean_array(x):
    return x.mean(axis=(0, 2))


def mean_in_place(x, batch, filters, spatial, mean):
    for f in range(filters):
        mean[f] = 0
        for b in range(batch):
            for i in range(spatial):
                mean[f] += x[b, f, i]
        mean[f] *= np.float32(1.0 / (batch * spatial))


@pytest.mark.parametrize(
    "function",
    [
        mean_array,
        mean_in_place,
        lambda x: (x.mean(axis=(0, 2)),),
        lambda x: [x.mean(axis=(0, 2))],
        lambda x: {"mean": x.mean(axis=(0, 2))},
        lambda x, n, size, c: x.reshape(-1, n, size).mean(axis=(0, 2)) * (n == c),
        lambda x, /, *rest: x.mean(axis=(0, 2)),
        lambda **names: names["x"].mean(axis=(0, 2)),
        lambda x, axis=(0, 2): x.mean(axis=axis),
        lambda x: np.asfortranarray(np.stack([x.mean(axis=(0, 2))] * 2))[0],
    ],
)
def test_every_style_of_a_function_is_understood(function: Callable[..., Any]) -> None:
    got = port_of(mean_cpu=function).run(Call("mean_cpu", DARKNET, MEAN))
    assert list(got) == ["mean"]
    assert got["mean"].tolist() == [3.5, 5.5, 7.5]


def test_tensors_on_the_cpu_are_taken_as_they_are() -> None:
    torch = pytest.importorskip("torch")
    port = port_of(mean_cpu=lambda x: torch.tensor(x, requires_grad=True).mean(dim=(0, 2)))
    assert port.run(Call("mean_cpu", DARKNET, MEAN))["mean"].tolist() == [3.5, 5.5, 7.5]
    wide = port_of(mean_cpu=lambda x: torch.tensor(x).double().mean(dim=(0, 2)))
    with pytest.raises(ProtocolError, match="expected float32, got float64"):
        wide.run(Call("mean_cpu", DARKNET, MEAN))
    half = port_of(mean_cpu=lambda x: torch.tensor(x).bfloat16().mean(dim=(0, 2)))
    with pytest.raises(ProtocolError, match="Tensor cannot be read"):
        half.run(Call("mean_cpu", DARKNET, MEAN))


@pytest.mark.parametrize("kind", ["BATCHNORM", "CONVOLUTIONAL"])
def test_a_c_like_layer_function_that_writes_into_its_arguments(kind: str) -> None:
    arrays, attributes = forward_inputs(type=kind)

    def forward(type, train, input, output, x, x_norm, scales, biases, mean, variance, rolling_mean,
                rolling_variance, out_h, out_w, h, w):  # fmt: skip
        assert (out_h, out_w) == (h, w) == (1, 2)
        assert np.isnan(output).all() == (type == "BATCHNORM")
        assert np.isnan(input).all() != (type == "BATCHNORM")
        given = dict(zip(names, (input, output, x, x_norm, scales, biases, mean, variance,
                                 rolling_mean, rolling_variance), strict=True))  # fmt: skip
        result = numpy_port.forward_batchnorm_layer(type, train, *given.values(), dialect=DARKNET)
        for name, array in result.items():
            given[name][...] = array

    names = ("input", "output", "x", "x_norm", "scales", "biases", "mean", "variance",
             "rolling_mean", "rolling_variance")  # fmt: skip
    got = port_of(forward_batchnorm_layer=forward).run(Call(FORWARD, DARKNET, arrays, attributes))
    wanted = expected_forward(arrays, attributes)
    assert list(got) == list(wanted)
    assert all(np.array_equal(got[name], wanted[name]) for name in wanted)


def test_returning_one_array_and_changing_others_in_place() -> None:
    arrays, attributes = forward_inputs()

    def forward(input, x, mean):
        x[...] = input
        mean[...] = np.nan
        return input * np.float32(2)

    got = port_of(forward_batchnorm_layer=forward).run(Call(FORWARD, DARKNET, arrays, attributes))
    assert list(got) == ["output", "x", "mean"]  # the others were not observed
    assert np.isnan(got["mean"]).all()
    assert np.array_equal(got["x"], arrays["input"])


def test_a_tuple_in_specification_order_may_leave_outputs_out_with_none() -> None:
    arrays, attributes = forward_inputs()
    names = outputs_of(FORWARD, attributes, DARKNET)
    port = port_of(forward_batchnorm_layer=lambda input, mean: (input + 1, None, None, mean, None, None, None))
    assert list(port.run(Call(FORWARD, DARKNET, arrays, attributes))) == ["output", "mean"]
    assert names[3] == "mean"


def test_wanted_outputs_are_selected() -> None:
    arrays, attributes = forward_inputs()
    got = load("numpy").run(Call(FORWARD, DARKNET, arrays, attributes), outputs=["mean", "output"])
    assert set(got) == {"mean", "output"}
    with pytest.raises(ContractError, match="no output means"):
        load("numpy").run(Call(FORWARD, DARKNET, arrays, attributes), outputs=["means"])


def test_make_gets_sizes_and_empty_buffers() -> None:
    def make(c, w, h, batch, scales, rolling_mean, output):
        assert output.shape == (2, c, w * h)
        assert np.isnan(output).all()
        scales[:], rolling_mean[:], output[:] = 1, 0, 0

    got = port_of(make_batchnorm_layer=make).run(Call(MAKE, DARKNET, {}, {"batch": 2, "w": 4, "h": 5, "c": 3}))
    assert set(got) == {"scales", "rolling_mean", "output"}
    assert got["output"].shape == (2, 3, 20)


def test_results_do_not_change_when_a_port_reuses_its_buffer() -> None:
    buffer = np.zeros(3, np.float32)

    def mean_cpu(x):
        buffer[:] = x.mean(axis=(0, 2))
        return buffer

    port = port_of(mean_cpu=mean_cpu)
    first = port.run(Call("mean_cpu", DARKNET, MEAN))["mean"]
    port.run(Call("mean_cpu", DARKNET, {"x": X * np.float32(2)}))
    assert first.tolist() == [3.5, 5.5, 7.5]


@pytest.mark.parametrize(
    ("returned", "message"),
    [
        (np.zeros(3), "mean: expected float32, got float64"),
        (np.zeros(3, ">f4"), "mean: expected float32, got >f4"),
        (np.zeros((3, 1), np.float32), r"mean: expected shape \(3,\), got \(3, 1\)"),
        (np.float32(1), r"mean: expected shape \(3,\), got \(\)"),
        (1.5, "mean: expected a float32 array, got float"),
        ({"means": np.zeros(3, np.float32)}, "unknown array.s. means; its outputs are mean"),
        ((np.zeros(3, np.float32),) * 2, "returned 2 values, expected 1: mean"),
        (None, "returned None and takes none of its output arrays"),
    ],
)
def test_what_is_no_output_is_refused_by_name(returned: Any, message: str) -> None:
    with pytest.raises(ProtocolError, match=message):
        port_of(mean_cpu=lambda x: returned).run(Call("mean_cpu", DARKNET, MEAN))


def test_a_port_without_dialect_parameter_has_one_dialect() -> None:
    port = port_of(mean_cpu=mean_array)
    assert port.describe().dialects == ("darknet",)
    with pytest.raises(NotOffered, match="inline computes darknet, not pytorch"):
        port.run(Call("mean_cpu", DIALECTS["pytorch"], MEAN))
    named = port_of(mean_cpu=mean_array, DARKPARITY={"dialect": "alexeyab", "name": "mine", "labels": ("ieee",)})
    described = named.describe()
    assert (described.name, described.dialects, described.labels) == ("mine", ("alexeyab",), {"ieee"})
    judged = Port(types.SimpleNamespace(mean_cpu=mean_array), dialect="pytorch")
    assert judged.describe().dialects == ("pytorch",)


def test_a_dialect_parameter_means_every_dialect_unless_declared() -> None:
    def mean_cpu(x, dialect):
        return x.mean(axis=(0, 2)) + np.float32(dialect.variance_ddof)

    port = port_of(mean_cpu=mean_cpu)
    assert port.describe().dialects == (EVERY,)
    assert port.run(Call("mean_cpu", DARKNET, MEAN))["mean"][0] == 4.5
    declared = port_of(mean_cpu=mean_cpu, DARKPARITY={"dialect": ("darknet", "pytorch")})
    assert declared.describe().dialects == ("darknet", "pytorch")


def test_a_missing_function_is_unsupported() -> None:
    port = port_of(mean_cpu=mean_array)
    assert port.describe().operations == ("mean_cpu",)
    with pytest.raises(NotOffered, match="inline has no function variance_cpu"):
        port.run(Call("variance_cpu", DARKNET, {"x": X, "mean": np.zeros(3, np.float32)}))


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ({"mean_cpu": lambda x, epsilon: x}, "mean_cpu: unknown parameter 'epsilon'; it may ask for x, "),
        ({"mean_cpu": lambda x, out_h: x}, "unknown parameter 'out_h'"),
        ({"scal_cpu": lambda X, n: X}, "'n'; it may ask for X, N, ALPHA, INCX, dialect"),
        ({"avg": mean_array}, "none of its functions is named like an operation"),
        ({"mean_cpu": mean_array, "DARKPARITY": {"dialekt": "x"}}, "DARKPARITY has unknown dialekt"),
        ({"mean_cpu": mean_array, "DARKPARITY": {"dialect": "yolo"}}, "no dialect 'yolo'; did you mean yolov8"),
        ({"mean_cpu": mean_array, "DARKPARITY": {"dialect": None}}, "function takes `dialect`"),
        ({"mean_cpu": mean_array, "DARKPARITY": {"labels": ("exact",)}}, "a tuple out of two_pass"),
        ({"mean_cpu": mean_array, "DARKPARITY": {"labels": "ieee"}}, "labels must be a tuple"),
        ({"mean_cpu": mean_array, "DARKPARITY": ["ieee"]}, "DARKPARITY is a list, must be a dict"),
    ],
)  # fmt: skip
def test_a_port_that_cannot_work_is_refused_when_loaded(names: dict[str, Any], message: str) -> None:
    with pytest.raises(PortError, match=message):
        port_of(**names)


def test_a_class_is_instantiated() -> None:
    class Mine:
        def __init__(self) -> None:
            self.axes = (0, 2)

        def mean_cpu(self, x):
            return x.mean(axis=self.axes)

    port = Port(Mine)
    assert port.describe().name == "Mine"
    assert port.run(Call("mean_cpu", DARKNET, MEAN))["mean"][0] == 3.5


def test_unneeded_backward_buffers_are_scratch() -> None:
    """cuDNN's dialects have no mean_delta: a function with DarkNet's whole list of buffers still runs."""

    def backward(delta, scales, mean_delta, variance_delta, net_delta, dialect, x_norm=None):
        assert np.isnan(mean_delta).all()
        assert mean_delta.shape == (3,)
        assert net_delta.shape == X.shape
        return {"delta": delta * scales[:, None]}

    row, attributes = DIALECTS["darknet-cudnn"], {**LAYER, "type": "CONVOLUTIONAL"}
    shapes = {n: X.shape if n in ("delta", "x", "x_norm") else (3,) for n in inputs_of(BACKWARD, attributes)}
    arrays = {n: np.ones(shape, np.float32) for n, shape in shapes.items()}
    assert list(port_of(backward_batchnorm_layer=backward).run(Call(BACKWARD, row, arrays, attributes))) == ["delta"]


def test_a_port_that_writes_another_array_than_the_wanted_one_is_no_fault_of_protocol() -> None:
    """Written in place, not returned: `wanted` filters what is read back, it does not make it an error."""

    class Statistics:
        @staticmethod
        def forward_batchnorm_layer(mean: np.ndarray) -> None:
            mean[...] = 1

    how = {"type": "CONVOLUTIONAL", "train": True, "out_h": 1, "out_w": 2}
    arrays = {n: np.ones((1, 2, 2) if n in ("output", "x", "x_norm") else 2, np.float32)
              for n in inputs_of(FORWARD, how)}  # fmt: skip
    port = Port(Statistics)
    assert port.run(Call(FORWARD, DARKNET, arrays, how), ("output",)) == {}
    assert set(port.run(Call(FORWARD, DARKNET, arrays, how), ("mean", "output"))) == {"mean"}
