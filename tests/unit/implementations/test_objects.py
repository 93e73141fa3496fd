"""Layers of frameworks as implementations: what is read from them, how they are filled, what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from darkparity.dialects import named
from darkparity.errors import UsageError
from darkparity.implementations import NotOffered, PortError, UnknownImplementation, adapt, load
from darkparity.implementations.construction import parsed
from darkparity.spec import BACKWARD, FORWARD, Call, inputs_of

torch = pytest.importorskip("torch")
nn = torch.nn
MODEL = '''
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.bn1 = nn.BatchNorm2d(16, eps=1e-3, momentum=.03)
        self.body = nn.Sequential(nn.Conv2d(16, 8, 1), nn.BatchNorm2d(8))

class Mine(nn.Module):
    """Parameters of shape (1, channels, 1, 1), other names, no momentum."""
    eps = 1e-4
    def __init__(self, channels):
        super().__init__()
        shape = 1, channels, 1, 1
        self.gamma, self.beta = (nn.Parameter(torch.ones(shape)) for _ in range(2))
        self.register_buffer("moving_mean", torch.zeros(shape))
        self.register_buffer("moving_var", torch.ones(shape))
    def forward(self, x):
        return self.gamma * (x - self.moving_mean) / torch.sqrt(self.moving_var + self.eps) + self.beta

def made(channels):
    return nn.BatchNorm1d(channels, eps=1e-2)
'''


@pytest.fixture
def model(tmp_path: Path) -> str:
    path = tmp_path / "model.py"
    path.write_text(MODEL)
    return str(path)


def call(operation: str, dialect: str, train: bool, channels: int = 3) -> Call:
    row, attributes = named(dialect), {"type": "BATCHNORM", "train": train, "out_h": 1, "out_w": 5}
    rng = np.random.default_rng(1)
    names = inputs_of(operation, attributes, row)
    full = ("input", "output", "x", "x_norm", "delta", "net_delta")
    shapes = {n: (2, channels, 5) if n in full else (channels,) for n in names}
    arrays = {n: rng.uniform(1, 2, shapes[n]).astype(np.float32) for n in names}
    if operation == BACKWARD:
        x = arrays["x"].astype(np.float64)
        arrays |= {"mean": x.mean((0, 2)).astype(np.float32), "variance": x.var((0, 2)).astype(np.float32)}
    return Call(operation, row, arrays, attributes)


@pytest.mark.parametrize(
    ("written", "dialect"),
    [
        ("torch.nn:BatchNorm2d", "pytorch"),
        ("torch.nn:BatchNorm1d(64)", "pytorch"),
        ("torch.nn:BatchNorm3d(eps=1e-3, momentum=.03)", "pytorch(epsilon=0.001,momentum=0.03)"),
        ("MODEL:Net.bn1", "pytorch(epsilon=0.001,momentum=0.03)"),
        ("MODEL:Net.body.1", "pytorch"),
        ("MODEL:Mine", "pytorch(epsilon=0.0001)"),
        ("MODEL:made", "pytorch(epsilon=0.01)"),
    ],
)
def test_settings_are_read_from_the_layer_and_inference_is_its_own(model: str, written: str, dialect: str) -> None:
    port = load(written.replace("MODEL", model))
    asked = call(FORWARD, dialect, train=False)
    a = {n: v.astype(np.float64) for n, v in asked.arrays.items()}
    root = np.sqrt(a["rolling_variance"] + named(dialect).normalize.value)[:, None]
    expected = (a["input"] - a["rolling_mean"][:, None]) / root * a["scales"][:, None] + a["biases"][:, None]
    assert port.describe().dialects == (dialect,)
    np.testing.assert_allclose(port.run(asked)["output"], expected, rtol=1e-5)


@pytest.mark.parametrize("train", [True, False])
def test_training_and_gradients_are_those_of_the_port(train: bool) -> None:
    port, reference = load("torch.nn:BatchNorm2d"), load("torch")
    for operation in (FORWARD, BACKWARD):
        asked = call(operation, "pytorch", train)
        got, right = port.run(asked), reference.run(asked)
        assert {"output", "rolling_variance"} <= got.keys() or {"delta", "scale_updates"} <= got.keys()
        for name, array in got.items():
            np.testing.assert_allclose(array, right[name], rtol=1e-4, atol=1e-5, err_msg=f"{operation} {name}")


def test_the_given_layer_is_left_as_it_was() -> None:
    layer = nn.BatchNorm2d(7)
    before = {name: value.clone() for name, value in layer.state_dict().items()}
    adapt(layer).run(call(FORWARD, "pytorch", train=True))
    assert layer.num_features == 7
    assert all(torch.equal(value, before[name]) for name, value in layer.state_dict().items())


def test_statistics_that_are_not_those_of_x_have_no_gradient() -> None:
    asked = call(BACKWARD, "pytorch", train=True)
    other = Call(BACKWARD, asked.dialect, {**asked.arrays, "mean": asked.arrays["mean"] + 1}, asked.attributes)
    with pytest.raises(NotOffered, match="statistics of x itself"):
        load("torch.nn:BatchNorm2d").run(other)


@pytest.mark.parametrize(
    ("written", "error", "message"),
    [
        ("MODEL:Net", PortError, "holds 2 batch norms; name one: Net.bn1"),
        ("MODEL:Net.bn2", UnknownImplementation, "did you mean bn1"),
        ("torch.nn:ReLU", PortError, "is no batch norm: it has no tensor weight"),
        ("torch.nn:Conv2d", PortError, "needs in_channels, out_channels, kernel_size"),
        ("torch.nn:BatchNorm2d(affine=False)", PortError, "no tensor weight"),
        ("torch.nn:BatchNorm2d(eps=f())", UsageError, "arguments must be numbers"),
        ("torch.nn:BatchNorm2d(eps=1e-3).train()", UsageError, "arguments must be numbers"),
        ("torch.nn:BatchNorm2d(epsilon=1e-3)", PortError, "unexpected keyword argument 'epsilon'"),
    ],
)
def test_what_is_no_batch_norm_is_refused_with_what_would_be(
    model: str, written: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message.replace("(", r"\(")):
        load(written.replace("MODEL", model))


def test_a_cumulative_average_is_declined_in_training_only() -> None:
    port = load("torch.nn:BatchNorm2d(momentum=None)")
    assert "output" in port.run(call(FORWARD, "pytorch", train=False))
    with pytest.raises(NotOffered, match="mean of all batches"):
        port.run(call(FORWARD, "pytorch", train=True))


def test_arguments_are_parsed_and_never_evaluated() -> None:
    expected: tuple[str, Any, Any] = ("A.b", (1, "x"), {"c": -0.5, "d": None})
    assert parsed("A.b(1, 'x', c=-.5, d=None)") == expected
    for text in ("A(__import__('os'))", "A(*[1])", "A(**{})", "A(1)(2)", "A(1", "A(b.c)"):
        with pytest.raises(UsageError):
            parsed(text)
