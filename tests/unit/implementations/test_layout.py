"""A port's own layout of arrays, and results in other shapes that hold the same numbers."""

from __future__ import annotations

import types
from typing import Any

import numpy as np
import pytest

from darkparity.dialects import DIALECTS
from darkparity.errors import ProtocolError
from darkparity.implementations import NotOffered, Port, PortError, load
from darkparity.implementations.layout import LAYOUTS
from darkparity.spec import FORWARD, Call, inputs_of

DARKNET = DIALECTS["darknet"]
X = np.arange(24, dtype=np.float32).reshape(2, 3, 4)


def port_of(settings: dict[str, Any], **functions: Any) -> Port:
    return Port(types.SimpleNamespace(DARKPARITY=settings, **functions), name="inline")


def layer(train: bool) -> Call:
    attributes = {"type": "BATCHNORM", "train": train, "out_h": 2, "out_w": 2}
    full = ("input", "output", "x", "x_norm")
    arrays = {n: X if n in full else np.full(3, 2, np.float32) for n in inputs_of(FORWARD, attributes)}
    return Call(FORWARD, DARKNET, arrays, attributes)


SHAPES = {"NCS": (2, 3, 4), "NCHW": (2, 3, 2, 2), "NSC": (2, 4, 3), "NHWC": (2, 2, 2, 3)}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("written", [True, False])
def test_arrays_arrive_in_the_declared_layout_and_are_read_back(layout: str, written: bool) -> None:
    seen = []

    def forward(input: np.ndarray, output: np.ndarray, rolling_mean: np.ndarray) -> Any:
        seen.append(input.shape)
        assert input.flags.c_contiguous
        mean = rolling_mean[:, None] if layout == "NCS" else rolling_mean
        result = input - (rolling_mean[:, None, None] if layout == "NCHW" else mean)
        if not written:
            return {"output": result}
        output[...] = result
        return None

    got = port_of(dict(layout=layout), forward_batchnorm_layer=forward).run(layer(train=False), ("output",))
    assert seen == [SHAPES[layout]]
    assert np.array_equal(got["output"], X - 2)


def test_a_routine_knows_one_row() -> None:
    port = port_of(dict(layout="NHWC"), mean_cpu=lambda x: x.mean(axis=(0, 1, 2)))
    assert np.array_equal(port.run(Call("mean_cpu", DARKNET, {"x": X}))["mean"], X.mean(axis=(0, 2)))


@pytest.mark.parametrize("shape", [(2, 3, 4), (2, 3, 2, 2)])
def test_four_axes_hold_the_same_numbers(shape: tuple[int, ...]) -> None:
    port = port_of({}, forward_batchnorm_layer=lambda input: {"output": input.reshape(shape)})
    assert np.array_equal(port.run(layer(train=False), ("output",))["output"], X)


def test_one_value_a_channel_may_come_without_its_axis() -> None:
    one = X[:, :, :1].copy()
    port = port_of({}, add_bias=lambda output, biases: output[:, :, 0] + biases)
    call = Call("add_bias", DARKNET, {"output": one, "biases": np.ones(3, np.float32)})
    assert np.array_equal(port.run(call)["output"], one + 1)


def test_another_shape_is_refused_with_the_layout_that_it_looks_like() -> None:
    port = port_of({}, forward_batchnorm_layer=lambda input: {"output": input.reshape(2, 2, 2, 3)})
    with pytest.raises(ProtocolError, match=r'height, width, channels.*declare layout="NHWC"'):
        port.run(layer(train=False), ("output",))


def test_inputs_that_are_written_to_are_noticed_in_any_layout() -> None:
    def spoil(x: np.ndarray) -> np.ndarray:
        x[0, 0, 0] = 7
        return x.mean(axis=(0, 1))

    with pytest.raises(Exception, match="changed x, which it may only read"):
        port_of(dict(layout="NSC"), mean_cpu=spoil).run(Call("mean_cpu", DARKNET, {"x": X}))


def test_results_may_speak_dlpack_alone() -> None:
    wrapped = type("Tensor", (), {"__dlpack__": lambda self, **k: X.mean(axis=(0, 2)).__dlpack__(**k),
                                  "__dlpack_device__": lambda self: X.__dlpack_device__()})  # fmt: skip
    got = port_of({}, mean_cpu=lambda x: wrapped()).run(Call("mean_cpu", DARKNET, {"x": X}))
    assert np.array_equal(got["mean"], X.mean(axis=(0, 2)))


def test_a_mode_is_declined_without_an_exception_of_ones_own() -> None:
    port = port_of(dict(modes=("inference",)), forward_batchnorm_layer=lambda input: {"output": input})
    assert np.array_equal(port.run(layer(train=False), ("output",))["output"], X)
    with pytest.raises(NotOffered, match="offers inference only, this is training"):
        port.run(layer(train=True))


@pytest.mark.parametrize("wrong", [dict(layout="CHWN"), dict(modes="inference"), dict(modes=("eval",)), dict(modes=())])
def test_unknown_words_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(PortError, match="must be out of"):
        port_of(wrong, mean_cpu=lambda x: x)


def test_shipped_ports_are_handed_what_they_were() -> None:
    assert load("numpy").run(layer(train=True)).keys() >= {"output", "x_norm"}
