"""Library functions called as their users call them: on the library's own tensors, without our copies in and out.

A row for every adapter whose functions convert what they are given; the functions of all others are called as they
are. A prepared call returns what `results` reads as arrays by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from darkparity.problems.problem import Problem
from darkparity.spec import FORWARD, Arrays

Prepared = tuple[Callable[[], Any], Callable[[Any], dict[str, np.ndarray]]]


def _torch_native(arrays: Arrays, problem: Problem) -> Prepared:
    """torch.native_batch_norm and its backward on CPU tensors that share the arrays' memory."""
    import torch

    t = {name: torch.from_numpy(array) for name, array in arrays.items()}
    epsilon, gain = problem.dialect.normalize.value, problem.dialect.rolling.gain
    train = bool(problem.attributes["train"])
    if problem.operation == FORWARD:
        given = (t["output"], t["scales"], t["biases"], t["rolling_mean"], t["rolling_variance"], train, gain, epsilon)
        return lambda: torch.native_batch_norm(*given), lambda got: _rolled(arrays, got[0].numpy())
    invstd = t["variance"].add(epsilon).rsqrt()
    before = (t["delta"], t["x"], t["scales"], t["rolling_mean"], t["rolling_variance"], t["mean"], invstd)
    backward = torch.ops.aten.native_batch_norm_backward
    return (
        lambda: backward(*before, train, epsilon, [True, True, True]),
        lambda got: _added(arrays, *(gradient.numpy() for gradient in got)),
    )


def _flax(arrays: Arrays, problem: Problem) -> Prepared:
    """linen.BatchNorm compiled by jax.jit; its backward works out the statistics of x again."""
    import jax
    from flax import linen

    row, train = problem.dialect, bool(problem.attributes["train"])
    module = linen.BatchNorm(use_running_average=not train, momentum=row.rolling.decay,
                             epsilon=row.normalize.value, axis=1)  # fmt: skip
    ready: Any = jax.block_until_ready
    j = {name: jax.device_put(array.copy()) for name, array in arrays.items()}

    def forward(x: Any, scale: Any, bias: Any) -> Any:
        rolling = {"mean": j["rolling_mean"], "var": j["rolling_variance"]}
        variables = {"params": {"scale": scale, "bias": bias}, "batch_stats": rolling}
        return module.apply(variables, x, mutable=["batch_stats"])

    def gradients(x: Any, scale: Any, delta: Any) -> Any:
        _, pull = jax.vjp(lambda *a: forward(*a)[0], x, scale, scale * 0)
        return pull(delta)

    if problem.operation == FORWARD:
        apply, given = jax.jit(forward), (j["output"], j["scales"], j["biases"])
        return lambda: ready(apply(*given)), lambda got: {"output": np.asarray(got[0])}
    pull, before = jax.jit(gradients), (j["x"], j["scales"], j["delta"])
    return lambda: ready(pull(*before)), lambda got: _added(arrays, *map(np.asarray, got))


def _rolled(arrays: Arrays, output: np.ndarray) -> dict[str, np.ndarray]:
    return {"output": output, **{name: arrays[name] for name in ("rolling_mean", "rolling_variance")}}


def _added(arrays: Arrays, dx: np.ndarray, dscale: np.ndarray, dbias: np.ndarray) -> dict[str, np.ndarray]:
    """The gradients as outputs; the additions are not timed."""
    updates = {"scale_updates": dscale, "bias_updates": dbias}
    return {"delta": dx} | {name: arrays[name] + got for name, got in updates.items()}


#: Name of the implementation -> what is called.
LIBRARIES: Mapping[str, Callable[[Arrays, Problem], Prepared]] = {"torch-native": _torch_native, "flax": _flax}
