"""What is refused before a port is called, and what is caught after it."""

from __future__ import annotations

import types
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from darkparity.dialects import DIALECTS
from darkparity.implementations import (
    EnvironmentChanged,
    Implementation,
    Port,
    available,
    load,
)
from darkparity.spec import FORWARD, Call, ContractError, inputs_of

DARKNET = DIALECTS["darknet"]
X = np.arange(12, dtype=np.float32).reshape(2, 3, 2)
MEAN = {"x": X}


def port_of(function: Any) -> Port:
    return Port(types.SimpleNamespace(mean_cpu=function), name="inline")


def forward_inputs(type: str, train: bool = True) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    attributes = {"type": type, "train": train, "out_h": 1, "out_w": 2}
    shapes = {n: X.shape if n in ("input", "output", "x", "x_norm") else (3,)
              for n in inputs_of(FORWARD, attributes)}  # fmt: skip
    return {n: np.ones(shape, np.float32) for n, shape in shapes.items()}, attributes


def test_a_modified_input_is_caught_and_the_callers_array_survives() -> None:
    def mean_cpu(x):
        x[0, 0, 0] = 99
        return x.mean(axis=(0, 2))

    before = X.copy()
    with pytest.raises(EnvironmentChanged, match="mean_cpu changed x, which it may only read"):
        port_of(mean_cpu).run(Call("mean_cpu", DARKNET, MEAN))
    assert np.array_equal(X, before)


def test_a_sign_or_nan_payload_is_a_change_too() -> None:
    def mean_cpu(x):
        x[x == 0] = -0.0
        return x.mean(axis=(0, 2))

    with pytest.raises(EnvironmentChanged):
        port_of(mean_cpu).run(Call("mean_cpu", DARKNET, MEAN))


def test_flushing_subnormals_is_caught() -> None:
    torch = pytest.importorskip("torch")
    if not torch.set_flush_denormal(True):
        pytest.skip("this CPU has no flush-to-zero mode")
    torch.set_flush_denormal(False)

    def mean_cpu(x):
        torch.set_flush_denormal(True)
        return x.mean(axis=(0, 2))

    port = port_of(mean_cpu)
    try:
        with pytest.raises(EnvironmentChanged, match="by mean_cpu: subnormal numbers are flushed"):
            port.run(Call("mean_cpu", DARKNET, MEAN))
        with pytest.raises(EnvironmentChanged, match="before mean_cpu was called"):
            port.run(Call("mean_cpu", DARKNET, MEAN))
    finally:
        torch.set_flush_denormal(False)


@pytest.mark.skipif(not Path("/proc").exists(), reason="uses glibc's fesetround")
def test_a_rounding_mode_left_behind_is_caught() -> None:
    import ctypes
    import ctypes.util
    import platform

    up = {"x86_64": 0x800, "aarch64": 0x400000}.get(platform.machine())
    library = ctypes.util.find_library("m")
    if up is None or library is None:
        pytest.skip("rounding constants known for x86-64 and AArch64 only")
    libm = ctypes.CDLL(library)

    def mean_cpu(x):
        libm.fesetround(up)
        return x.mean(axis=(0, 2))

    try:
        with pytest.raises(EnvironmentChanged, match="rounding is not to nearest"):
            port_of(mean_cpu).run(Call("mean_cpu", DARKNET, MEAN))
    finally:
        libm.fesetround(0)


def bad_calls() -> dict[str, tuple[str, dict[str, Any], dict[str, Any], str]]:
    def normalize(x: Any, c: int = 3) -> dict[str, Any]:
        return {"x": x, "mean": np.zeros(c, np.float32), "variance": np.ones(c, np.float32)}

    arrays, attributes = forward_inputs("BATCHNORM")
    blas = {"N": 3, "INCX": 2, "ALPHA": 1.0}
    return {
        "batch 0": ("normalize_cpu", normalize(np.zeros((0, 3, 2), np.float32)), {}, "must be at least 1"),
        "no spatial": ("mean_cpu", {"x": np.zeros((2, 3, 0), np.float32)}, {}, "must be at least 1"),
        "float64": ("mean_cpu", {"x": X.astype(np.float64)}, {}, "dtype float64, needs native float32"),
        "a list": ("mean_cpu", {"x": X.tolist()}, {}, "x is a list"),
        "transposed": ("mean_cpu", {"x": X.transpose(2, 1, 0)}, {}, "not C-contiguous"),
        "rank 4": ("mean_cpu", {"x": X.reshape(2, 3, 2, 1)}, {}, "needs .batch, channels, spatial."),
        "channels": ("normalize_cpu", normalize(X, 4), {}, "mean has shape .4,., x has 3 channels"),
        "missing": ("normalize_cpu", {"x": X}, {}, "missing array.s. mean, variance"),
        "unexpected": ("mean_cpu", {"x": X, "y": X}, {}, "unexpected array.s. y"),
        "too short": ("scal_cpu", {"X": np.zeros(4, np.float32)}, blas, "needs at least 5"),
        "attribute": ("scal_cpu", {"X": np.zeros(4, np.float32)}, {"N": 4}, "attributes"),
        "geometry": (FORWARD, arrays, {**attributes, "out_w": 3}, "out_h.out_w = 3 but"),
        "connected": (FORWARD, forward_inputs("CONNECTED")[0], {**attributes, "type": "CONNECTED"},
                      "CONNECTED layer has out_h = out_w = 1"),
        "layer type": (FORWARD, arrays, {**attributes, "type": "YOLO"}, "'YOLO' must be one of"),
    }  # fmt: skip


@pytest.mark.parametrize("fault", bad_calls())
def test_bad_input_is_the_same_error_everywhere(fault: str) -> None:
    operation, arrays, attributes, message = bad_calls()[fault]
    answers = set()
    implementations: list[Implementation] = [load(i.name) for i in available() if i.installed]
    for implementation in [*implementations, port_of(lambda x: x.mean(axis=(0, 2)))]:
        with pytest.raises(ContractError, match=message) as caught:
            implementation.run(Call(operation, DARKNET, arrays, attributes))
        answers.add(str(caught.value))
    assert len(answers) == 1


@pytest.mark.filterwarnings("ignore::DeprecationWarning:keras")
@pytest.mark.parametrize("name", [i.name for i in available() if i.installed])
def test_read_only_arrays_are_fine_and_left_alone(name: str) -> None:
    implementation = load(name)
    dialect = next(row for row in DIALECTS.values() if implementation.describe().offers(row.name))
    arrays, attributes = forward_inputs("CONVOLUTIONAL", not dialect.inference_only)
    for array in arrays.values():
        array.flags.writeable = False
    implementation.run(Call(FORWARD, dialect, arrays, attributes))
