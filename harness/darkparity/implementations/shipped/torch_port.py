"""DarkNet's batch normalization in PyTorch tensor operations, on any device: a second, independent opinion.

Not `torch.nn.functional.batch_norm`: that is another dialect and another algorithm. Functions take
tensors, A = (batch, channels, spatial) and c = (channels,), change none of them and return new ones;
`TorchReference` moves NumPy arrays to a device and back. No matrix product and no convolution is
used, so TF32 and reduced-precision reductions cannot enter. Source lines: pjreddie/darknet@f6afaabc.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from darkparity.dialects import Dialect
from darkparity.implementations.protocol import NotInstalled
from darkparity.spec import BACKWARD, FORWARD, MAKE, ROUTINES, Geometry, outputs_of

from . import torch_routines
from .torch_routines import (
    add_bias,
    axpy_cpu,
    backward_bias,
    backward_scale_cpu,
    centred_square,
    like,
    mean_cpu,
    mean_delta_cpu,
    normalize_cpu,
    normalize_delta_cpu,
    over,
    rows,
    scal_cpu,
    scale_bias,
    std,
    variance_cpu,
    variance_delta_cpu,
)

if TYPE_CHECKING:
    from torch import Tensor


def forward_batchnorm_layer(type: str, train: bool, input: Tensor, output: Tensor, x: Tensor, x_norm: Tensor,
                            scales: Tensor, biases: Tensor, mean: Tensor, variance: Tensor,
                            rolling_mean: Tensor, rolling_variance: Tensor, dialect: Dialect,
                            rolling_weight: Tensor | None = None) -> dict[str, Tensor]:  # fmt: skip
    """Forward of a layer; starts from `input` (BATCHNORM) or `output`. src/batchnorm_layer.c:135-159."""
    start = input if type == "BATCHNORM" else output
    state = {"x": x, "x_norm": x_norm, "mean": mean, "variance": variance}
    rolling = _lasting(rolling_mean, rolling_variance, rolling_weight)
    if train or dialect.saves_x == "always":
        state["x"] = start
    if not train:
        normalized = normalize_cpu(start, *_averages(rolling), dialect)
    else:
        mean = mean_cpu(start)
        variance = variance_cpu(start, mean, dialect)
        if dialect.rolling_updated_in == "forward":
            spread = centred_square(start, mean, dialect, dialect.rolling_ddof)
            rolling = _updated(rolling, mean, spread, type, dialect)
        normalized = normalize_cpu(start, mean, variance, dialect)
        if dialect.saves_x_norm:
            state["x_norm"] = normalized
        keeps_inverse = dialect.saved_statistic == "inverse_std"
        state.update(mean=mean, variance=_reciprocal(variance, dialect) if keeps_inverse else variance)
    return {"output": add_bias(scale_bias(normalized, scales), biases), **state, **rolling}


def _lasting(mean: Tensor, variance: Tensor, weight: Tensor | None) -> dict[str, Tensor]:
    rolling = {"rolling_mean": mean, "rolling_variance": variance}
    return rolling if weight is None else {**rolling, "rolling_weight": weight}


def _averages(rolling: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
    """Mean and variance that inference uses: sums over their weight where they are sums, 0 over 0 being 0."""
    if "rolling_weight" not in rolling:
        return rolling["rolling_mean"], rolling["rolling_variance"]
    weight = rolling["rolling_weight"]
    factor = weight.reciprocal().where(weight != 0, weight.new_zeros(()))
    return rolling["rolling_mean"].mul(factor), rolling["rolling_variance"].mul(factor)


def _updated(rolling: Mapping[str, Tensor], mean: Tensor, variance: Tensor, type: str, dialect: Dialect
             ) -> dict[str, Tensor]:  # fmt: skip
    batch = {"rolling_mean": mean, "rolling_variance": variance}
    if "rolling_weight" in rolling:
        batch["rolling_weight"] = mean.new_ones(mean.shape)
    return {name: _rolled(rolling[name], statistic, type, dialect) for name, statistic in batch.items()}


def _rolled(rolling: Tensor, batch: Tensor, type: str, dialect: Dialect) -> Tensor:
    weights, channels = dialect.rolling_of(type), rolling.numel()
    return axpy_cpu(channels, weights.gain, batch, 1, scal_cpu(channels, weights.decay, rolling, 1), 1)


def _reciprocal(variance: Tensor, dialect: Dialect) -> Tensor:
    return std(variance, dialect.normalize).reciprocal()


def _spread(saved: Tensor, dialect: Dialect) -> Tensor:
    """The variance that a training forward saved, or saved 1/std of."""
    if dialect.saved_statistic == "variance":
        return saved
    return saved.square().reciprocal().sub(dialect.normalize.value)


def backward_batchnorm_layer(type: str, train: bool, delta: Tensor, x: Tensor, x_norm: Tensor, scales: Tensor,
                             mean: Tensor, variance: Tensor, rolling_mean: Tensor, rolling_variance: Tensor,
                             bias_updates: Tensor, scale_updates: Tensor, dialect: Dialect,
                             rolling_weight: Tensor | None = None) -> dict[str, Tensor]:  # fmt: skip
    """Backward of a layer; in inference mode with rolling statistics. src/batchnorm_layer.c:161-179."""
    kind = "training" if train else dialect.inference_backward
    rolling = _lasting(rolling_mean, rolling_variance, rolling_weight)
    averages = _averages(rolling)
    if train and dialect.rolling_updated_in == "backward":
        rolling = _updated(rolling, mean, _spread(variance, dialect), type, dialect)
    if kind == "rolling_copied":
        mean, variance = rolling_mean, rolling_variance
        if dialect.saved_statistic == "inverse_std":
            variance = _reciprocal(variance, dialect)
    state = {"mean": mean, "variance": variance, **rolling}
    if type in dialect.bias_gradient:
        state["bias_updates"] = backward_bias(bias_updates, delta)
    else:
        state["bias_updates"] = bias_updates
    own = kind in ("training", "batch", "rolling_copied")
    used = (mean, variance) if own else averages
    if dialect.backward == "three_term":
        state.update(_three_terms(delta, x, x_norm, scales, *used, scale_updates, dialect))
    else:
        inverted = dialect.saved_statistic == "inverse_std" if own else kind == "rolling_as_inverse_std"
        r = used[1] if inverted else _reciprocal(used[1], dialect)
        state.update(_inverse_std_terms(delta, x, scales, used[0], r, scale_updates, fixed=kind == "fixed"))
    if type == "BATCHNORM":
        state["net_delta"] = state["delta"]
    return state


def _three_terms(delta: Tensor, x: Tensor, x_norm: Tensor, scales: Tensor, mean: Tensor, variance: Tensor,
                 scale_updates: Tensor, dialect: Dialect) -> dict[str, Tensor]:  # fmt: skip
    scaled = scale_bias(delta, scales)
    mean_delta = mean_delta_cpu(scaled, variance, dialect)
    variance_delta = variance_delta_cpu(x, scaled, mean, variance, dialect)
    return {
        "scale_updates": backward_scale_cpu(x_norm, delta, scale_updates),
        "mean_delta": mean_delta,
        "variance_delta": variance_delta,
        "delta": normalize_delta_cpu(x, mean, variance, mean_delta, variance_delta, scaled, dialect),
    }


def _inverse_std_terms(delta: Tensor, x: Tensor, scales: Tensor, mean: Tensor, r: Tensor,
                       scale_updates: Tensor, *, fixed: bool) -> dict[str, Tensor]:  # fmt: skip
    """delta r - sum(delta) r / m - x_hat r sum(delta x_hat) / m; only its first term if `fixed`."""
    x_hat = x.sub(like(mean, x)).mul(like(r, x))
    scaled = scale_bias(delta, scales)
    direct = scaled.mul(like(r, x))
    updates = backward_scale_cpu(x_hat, delta, scale_updates)
    if fixed:
        return {"scale_updates": updates, "delta": direct}
    flat, m = rows(scaled), x.shape[0] * x.shape[2]
    through_mean = over(flat.sum(1).mul(r), m)
    projection = rows(scaled.mul(x_hat)).sum(1)
    through_std = over(x_hat.mul(like(r, x)).mul(like(projection, x)), m)
    return {"scale_updates": updates, "delta": direct.sub(like(through_mean, x)).sub(through_std)}


def _functions() -> dict[str, Callable[..., Any]]:
    """Operation -> function; a routine that has none here is not offered."""
    routines = {name: getattr(torch_routines, name, None) for name in ROUTINES}
    layers = {FORWARD: forward_batchnorm_layer, BACKWARD: backward_batchnorm_layer}
    return {name: function for name, function in (routines | layers).items() if function is not None}


class TorchReference:
    """The functions above as methods on NumPy arrays, computed on `device` (cpu, cuda, cuda:1, mps)."""

    def __init__(self, device: str = "cpu") -> None:
        try:
            import torch
        except ImportError as error:
            raise NotInstalled("pip install 'darkparity[torch]'") from error
        self._torch, self._device = torch, usable_device(torch, device)
        # Metal's compiler may use fast-math division and square root; CPU and CUDA builds do not.
        labels = ("two_pass",) if device.startswith("mps") else ("two_pass", "ieee")
        name = "torch" if device == "cpu" else f"torch@{device}"
        self.DARKPARITY = {"name": name, "dialect": None, "labels": labels, "version": str(torch.__version__),
                               "details": f"device {device}"}  # fmt: skip
        for operation, function in _functions().items():
            setattr(self, operation, self._on_device(function))

    def make_batchnorm_layer(self, batch: int, w: int, h: int, c: int, dialect: Dialect
                             ) -> dict[str, np.ndarray]:  # fmt: skip
        """All buffers of a layer, made on the device. Source: src/batchnorm_layer.c:5-71."""
        start = {"scales": 1.0, "rolling_variance": dialect.initial_rolling_variance}
        geometry = Geometry.of_layer(batch, c, h, w)
        full = functools.partial(self._torch.full, dtype=self._torch.float32, device=self._device)
        names = outputs_of(MAKE, {}, dialect)
        return {n: full(geometry.shape_of(n), start.get(n, 0.0)).cpu().numpy() for n in names}

    def _on_device(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """`function` on NumPy arrays; keeps its signature, which is how arguments are found by name."""

        @functools.wraps(function)
        def call(**arguments: Any) -> Any:
            with self._torch.inference_mode():
                moved = {k: self._moved(v) for k, v in arguments.items()}
                result = function(**moved)
                if isinstance(result, dict):
                    return {name: tensor.cpu().numpy() for name, tensor in result.items()}
                return result.cpu().numpy()

        return call

    def _moved(self, value: Any) -> Any:
        return self._torch.from_numpy(value).to(self._device) if isinstance(value, np.ndarray) else value


def usable_device(torch: Any, device: str) -> Any:
    """The torch.device, or NotInstalled where this build or machine has none of that kind."""
    try:
        return torch.zeros(1, device=device).device
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise NotInstalled(f"torch {torch.__version__} cannot use device {device!r} here: {error}") from error
