"""How recorded-FRAMEWORK.npz were made: `python record_frameworks.py paddle`, where that framework is installed.

One training step (forward, backward) and one inference of the framework's own layer, and what m = 1 does to it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

Arrays = dict[str, np.ndarray]
SHAPES = {"": (3, 4, 2, 3), "single_": (1, 4, 1, 1)}


def drawn(shape: tuple[int, ...]) -> Arrays:
    """(batch, channels, height, width) input and delta; (channels,) the rest."""
    rng, channels = np.random.default_rng(shape), shape[1]
    given = {
        "input": rng.normal(0.5, 2.0, shape),
        "delta": rng.normal(0.1, 1.0, shape),
        "scales": rng.uniform(0.5, 1.5, channels),
        "biases": rng.normal(size=channels),
        "rolling_mean": rng.normal(size=channels),
        "rolling_variance": rng.uniform(0.5, 2.0, channels),
    }
    return {name: values.astype(np.float32) for name, values in given.items()}


def mxnet(a: Arrays) -> Arrays:
    """gluon.nn.BatchNorm, CPU."""
    from mxnet import autograd, gluon, nd

    layer = gluon.nn.BatchNorm(in_channels=a["scales"].size)
    layer.initialize()
    named = {"scales": layer.gamma, "biases": layer.beta, "rolling_mean": layer.running_mean,
             "rolling_variance": layer.running_var}  # fmt: skip
    for name, parameter in named.items():
        parameter.set_data(nd.array(a[name]))
    x = nd.array(a["input"])
    x.attach_grad()
    with autograd.record():
        y = layer(x)
    nd.waitall()
    forward = {f"{n}_forward": named[n].data().asnumpy() for n in ("rolling_mean", "rolling_variance")}
    y.backward(nd.array(a["delta"]))
    nd.waitall()
    after = {n: named[n].data().asnumpy() for n in ("rolling_mean", "rolling_variance")}
    return forward | after | {
        "output": y.asnumpy(), "delta": x.grad.asnumpy(), "scale_updates": layer.gamma.grad().asnumpy(),
        "bias_updates": layer.beta.grad().asnumpy(), "inference": layer(nd.array(a["input"])).asnumpy(),
    }  # fmt: skip


def paddle(a: Arrays) -> Arrays:
    """paddle.nn.BatchNorm2D, CPU."""
    import paddle as pd

    pd.set_device("cpu")
    layer = pd.nn.BatchNorm2D(a["scales"].size)
    named = {"scales": layer.weight, "biases": layer.bias, "rolling_mean": layer._mean,
             "rolling_variance": layer._variance}  # fmt: skip
    for name, parameter in named.items():
        parameter.set_value(pd.to_tensor(a[name]))
    x = pd.to_tensor(a["input"], stop_gradient=False)
    y = layer(x)
    y.backward(pd.to_tensor(a["delta"]))
    rolling = {n: named[n].numpy().copy() for n in ("rolling_mean", "rolling_variance")}
    layer.eval()
    return rolling | {
        "output": y.numpy(), "delta": x.grad.numpy(), "scale_updates": layer.weight.grad.numpy(),
        "bias_updates": layer.bias.grad.numpy(), "inference": layer(x).numpy(),
    }  # fmt: skip


def tensorflow_fused(a: Arrays) -> Arrays:
    """tf.compat.v1.nn.fused_batch_norm, CPU, with the momentum and epsilon of tf.keras 2."""
    import tensorflow as tf

    def call(x: Any, scale: Any, offset: Any, mean: np.ndarray, variance: np.ndarray, train: bool) -> Any:
        return tf.compat.v1.nn.fused_batch_norm(
            x, scale, offset, mean=tf.constant(mean), variance=tf.constant(variance), epsilon=1e-3,
            is_training=train, exponential_avg_factor=0.01 if train else 1.0,
        )  # fmt: skip

    x, scale, offset = (tf.Variable(v) for v in (a["input"].transpose(0, 2, 3, 1), a["scales"], a["biases"]))
    with tf.GradientTape() as tape:
        y, mean, variance = call(x, scale, offset, a["rolling_mean"], a["rolling_variance"], True)
    dx, dscale, doffset = tape.gradient(y, (x, scale, offset), tf.constant(a["delta"].transpose(0, 2, 3, 1)))
    inference = call(x, scale, offset, mean.numpy(), variance.numpy(), False)[0]
    full = {"output": y, "delta": dx, "inference": inference}
    rest = {"rolling_mean": mean, "rolling_variance": variance, "scale_updates": dscale, "bias_updates": doffset}
    return {n: v.numpy().transpose(0, 3, 1, 2) for n, v in full.items()} | {n: v.numpy() for n, v in rest.items()}


RECORDERS: dict[str, Callable[[Arrays], Arrays]] = {
    "mxnet": mxnet,
    "paddle": paddle,
    "tensorflow-fused": tensorflow_fused,
}


def main(name: str) -> None:
    """Write recorded-NAME.npz beside this file: arrays before, and after with the prefix `after_`."""
    content: Arrays = {}
    for prefix, shape in SHAPES.items():
        given = drawn(shape)
        got = RECORDERS[name](given)
        content |= {prefix + n: v for n, v in given.items()} | {f"{prefix}after_{n}": v for n, v in got.items()}
    path = Path(__file__).with_name(f"recorded-{name}.npz")
    np.savez_compressed(path, **{n: np.ascontiguousarray(v, np.float32) for n, v in content.items()})


if __name__ == "__main__":
    main(sys.argv[1])
