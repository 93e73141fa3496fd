"""DarkNet's batch normalization in PyTorch tensor operations, on any device: a second, independent opinion.

Not `torch.nn.functional.batch_norm`: that is another dialect and another algorithm. Functions take
tensors, A = (batch, channels, spatial) and c = (channels,), change none of them and return new ones;
`TorchReference` moves NumPy arrays to a device and back. No matrix product and no convolution is
used, so TF32 and reduced-precision reductions cannot enter. Source lines: pjreddie/darknet@f6afaabc.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from darkparity.dialects import Dialect, Epsilon
from darkparity.spec import AXES, MAKE, OPERATIONS, RUN

from .protocol import NotInstalled

if TYPE_CHECKING:
    from torch import Tensor


def _rows(values: Tensor) -> Tensor:
    """A -> (channels, m): every channel one row, as all statistics want it."""
    return values.transpose(0, 1).flatten(1)


def _like(statistic: Tensor, values: Tensor) -> Tensor:
    """c -> A, by repetition."""
    return statistic.view(1, -1, 1).expand_as(values)


def _std(variance: Tensor, epsilon: Epsilon) -> Tensor:
    if epsilon.inside:
        return variance.add(epsilon.value).sqrt()
    return variance.sqrt().add(epsilon.value)


def _over(values: Tensor, count: int) -> Tensor:
    """values / count, by a tensor on the same device: CUDA multiplies by the reciprocal of a plain number."""
    return values.div(values.new_tensor(count))


def _scattered(N: int, INC: int) -> slice:
    return slice(None, (N - 1) * INC + 1, INC)


def copy_cpu(N: int, X: Tensor, INCX: int, Y: Tensor, INCY: int) -> Tensor:
    """Y[i*INCY] = X[i*INCX]; the rest of Y stays. Source: src/blas.c:226-230."""
    result = Y.clone()
    result[_scattered(N, INCY)] = X[_scattered(N, INCX)]
    return result


def scal_cpu(N: int, ALPHA: float, X: Tensor, INCX: int) -> Tensor:
    """X[i*INCX] *= ALPHA. Source: src/blas.c:207-211."""
    result = X.clone()
    result[_scattered(N, INCX)] = X[_scattered(N, INCX)] * X.new_tensor(ALPHA)
    return result


def axpy_cpu(N: int, ALPHA: float, X: Tensor, INCX: int, Y: Tensor, INCY: int) -> Tensor:
    """Y[i*INCY] += ALPHA * X[i*INCX]. Source: src/blas.c:201-205."""
    result = Y.clone()
    result[_scattered(N, INCY)] += X[_scattered(N, INCX)] * X.new_tensor(ALPHA)
    return result


def mean_cpu(x: Tensor) -> Tensor:
    """A -> c: sum(x) / m. Source: src/blas.c:94-108."""
    rows = _rows(x)
    return _over(rows.sum(1), rows.shape[1])


def variance_cpu(x: Tensor, mean: Tensor, dialect: Dialect) -> Tensor:
    """A, c -> c: sum((x - mean)^2) / (m - 1). Source: src/blas.c:110-124."""
    return _centred_square(x, mean, dialect.variance_ddof)


def _centred_square(x: Tensor, mean: Tensor, ddof: int) -> Tensor:
    rows = _rows(x)
    # m = 1 divides by zero, as DarkNet does: NaN, for ever.
    return _over((rows - mean.unsqueeze(1)).square().sum(1), rows.shape[1] - ddof)


def normalize_cpu(x: Tensor, mean: Tensor, variance: Tensor, dialect: Dialect) -> Tensor:
    """A, c, c -> A: (x - mean) / (sqrt(variance) + 1e-6). Source: src/blas.c:147-158."""
    return x.sub(_like(mean, x)).div(_like(_std(variance, dialect.normalize), x))


def scale_bias(output: Tensor, scales: Tensor) -> Tensor:
    """A, c -> A: output * scales. Source: src/convolutional_layer.c:437-447."""
    return output.mul(_like(scales, output))


def add_bias(output: Tensor, biases: Tensor) -> Tensor:
    """A, c -> A: output + biases. Source: src/convolutional_layer.c:425-435."""
    return output.add(_like(biases, output))


def backward_bias(bias_updates: Tensor, delta: Tensor) -> Tensor:
    """c, A -> c: accumulates over calls. Source: src/convolutional_layer.c:449-457."""
    return bias_updates.add(_rows(delta).sum(1))


def backward_scale_cpu(x_norm: Tensor, delta: Tensor, scale_updates: Tensor) -> Tensor:
    """A, A, c -> c: accumulates over calls. Source: src/batchnorm_layer.c:73-86."""
    return scale_updates.add(_rows(delta.mul(x_norm)).sum(1))


def mean_delta_cpu(delta: Tensor, variance: Tensor, dialect: Dialect) -> Tensor:
    """A, c -> c: -sum(delta) / sqrt(variance + 1e-5). Source: src/batchnorm_layer.c:88-101."""
    return _rows(delta).sum(1).neg().div(_std(variance, dialect.mean_delta))


def variance_delta_cpu(x: Tensor, delta: Tensor, mean: Tensor, variance: Tensor, dialect: Dialect) -> Tensor:
    """A, A, c, c -> c: -0.5 sum(delta (x - mean)) (variance + 1e-5)^(-3/2). src/batchnorm_layer.c:102-116."""
    std = _std(variance, dialect.variance_delta)
    covered = _rows(delta.mul(x.sub(_like(mean, x)))).sum(1)
    # One division at a time: std^3 leaves float32's range where the quotient does not.
    return covered.mul(-0.5).div(std).div(std).div(std)


def normalize_delta_cpu(x: Tensor, mean: Tensor, variance: Tensor, mean_delta: Tensor, variance_delta: Tensor,
                        delta: Tensor, dialect: Dialect) -> Tensor:  # fmt: skip
    """A and c -> A; divides by m although the variance divided by m - 1. src/batchnorm_layer.c:117-128."""
    m = _rows(x).shape[1]
    centred = x.sub(_like(mean, x))
    spread = _over(_like(variance_delta.mul(2), x).mul(centred), m)
    direct = delta.div(_like(_std(variance, dialect.normalize_delta), x))
    return direct.add(spread).add(_like(_over(mean_delta, m), x))


def forward_batchnorm_layer(type: str, train: bool, input: Tensor, output: Tensor, x: Tensor, x_norm: Tensor,
                            scales: Tensor, biases: Tensor, mean: Tensor, variance: Tensor,
                            rolling_mean: Tensor, rolling_variance: Tensor, dialect: Dialect
                            ) -> dict[str, Tensor]:  # fmt: skip
    """Forward of a layer; starts from `input` (BATCHNORM) or `output`. src/batchnorm_layer.c:135-159."""
    start = input if type == "BATCHNORM" else output
    state = {"x": x, "x_norm": x_norm, "mean": mean, "variance": variance,
                 "rolling_mean": rolling_mean, "rolling_variance": rolling_variance}  # fmt: skip
    if train or dialect.saves_x == "always":
        state["x"] = start
    if not train:
        normalized = normalize_cpu(start, rolling_mean, rolling_variance, dialect)
    else:
        mean = mean_cpu(start)
        variance = variance_cpu(start, mean, dialect)
        state["rolling_mean"] = _rolled(rolling_mean, mean, type, dialect)
        lasting = _centred_square(start, mean, dialect.rolling_ddof)
        state["rolling_variance"] = _rolled(rolling_variance, lasting, type, dialect)
        normalized = normalize_cpu(start, mean, variance, dialect)
        if dialect.saves_x_norm:
            state["x_norm"] = normalized
        keeps_inverse = dialect.saved_statistic == "inverse_std"
        state.update(mean=mean, variance=_reciprocal(variance, dialect) if keeps_inverse else variance)
    return {"output": add_bias(scale_bias(normalized, scales), biases), **state}


def _rolled(rolling: Tensor, batch: Tensor, type: str, dialect: Dialect) -> Tensor:
    weights, channels = dialect.rolling_of(type), rolling.numel()
    return axpy_cpu(channels, weights.gain, batch, 1, scal_cpu(channels, weights.decay, rolling, 1), 1)


def _reciprocal(variance: Tensor, dialect: Dialect) -> Tensor:
    return _std(variance, dialect.normalize).reciprocal()


def backward_batchnorm_layer(type: str, train: bool, delta: Tensor, x: Tensor, x_norm: Tensor, scales: Tensor,
                             mean: Tensor, variance: Tensor, rolling_mean: Tensor, rolling_variance: Tensor,
                             bias_updates: Tensor, scale_updates: Tensor, dialect: Dialect
                             ) -> dict[str, Tensor]:  # fmt: skip
    """Backward of a layer; in inference mode with rolling statistics. src/batchnorm_layer.c:161-179."""
    kind = "training" if train else dialect.inference_backward
    if kind == "rolling_copied":
        mean, variance = rolling_mean, rolling_variance
        if dialect.saved_statistic == "inverse_std":
            variance = _reciprocal(variance, dialect)
    state = {
        "mean": mean,
        "variance": variance,
        "rolling_mean": rolling_mean,
        "rolling_variance": rolling_variance,
    }
    if type in dialect.bias_gradient:
        state["bias_updates"] = backward_bias(bias_updates, delta)
    else:
        state["bias_updates"] = bias_updates
    own = kind in ("training", "batch", "rolling_copied")
    used = (mean, variance) if own else (rolling_mean, rolling_variance)
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
    x_hat = x.sub(_like(mean, x)).mul(_like(r, x))
    scaled = scale_bias(delta, scales)
    direct = scaled.mul(_like(r, x))
    updates = backward_scale_cpu(x_hat, delta, scale_updates)
    if fixed:
        return {"scale_updates": updates, "delta": direct}
    rows, m = _rows(scaled), x.shape[0] * x.shape[2]
    through_mean = _over(rows.sum(1).mul(r), m)
    projection = _rows(scaled.mul(x_hat)).sum(1)
    through_std = _over(x_hat.mul(_like(r, x)).mul(_like(projection, x)), m)
    return {"scale_updates": updates, "delta": direct.sub(_like(through_mean, x)).sub(through_std)}


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
        for operation in OPERATIONS:
            if operation not in (MAKE, RUN):
                setattr(self, operation, self._on_device(globals()[operation]))

    def make_batchnorm_layer(self, batch: int, w: int, h: int, c: int, dialect: Dialect
                             ) -> dict[str, np.ndarray]:  # fmt: skip
        """All buffers of a layer, made on the device. Source: src/batchnorm_layer.c:5-71."""
        start = {"scales": 1.0, "rolling_variance": dialect.initial_rolling_variance}
        shapes = {"A": (batch, c, h * w), "c": (c,)}
        full = functools.partial(self._torch.full, dtype=self._torch.float32, device=self._device)
        names = OPERATIONS[MAKE].outputs
        return {n: full(shapes[AXES[n]], start.get(n, 0.0)).cpu().numpy() for n in names}

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
