"""DarkNet's batch normalization in NumPy: one function per operation, float32 throughout.

Copy this file to start a port of your own: it imports nothing but NumPy. Arrays are A = (batch,
channels, spatial) and c = (channels,). Functions change no argument; plain routines return their
output array, layer functions a dict by name. `dialect` is a row of `darkparity.dialects` and holds
every constant; with a parameter `outputs` a function is told what is wanted. Source lines: pjreddie/darknet@f6afaabc.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]
Arrays = dict[str, Any]  # by name; rolling_weight is None but for Caffe

DARKPARITY = {"name": "numpy", "dialect": None, "labels": ("two_pass", "ieee"), "version": np.__version__}
# `errstate` below: NaN and infinity are DarkNet's answers for m = 1, overflow and negative variances.


def _sum(values: Array) -> Array:
    """A -> c. float32 accumulation: NumPy's own order of additions."""
    return np.asarray(values.sum(axis=(0, 2), dtype=np.float32))


def _count(values: Array) -> np.float32:
    """m = batch*spatial, the number of values per channel."""
    return np.float32(values.shape[0] * values.shape[2])


def _divisor(x: Array, ddof: int, dialect: Any) -> np.float32:
    """m - ddof, but no less than the dialect allows; subtracted as integers, rounded once."""
    return np.float32(dialect.divisor(x.shape[0] * x.shape[2], ddof))


def _each(statistic: Array) -> Array:
    """c -> (channels, 1), which broadcasts against A."""
    return statistic[:, np.newaxis]


def _root(variance: Array, epsilon: Any) -> Array:
    """The denominator: sqrt(variance + epsilon) or sqrt(variance) + epsilon."""
    constant = np.float32(epsilon.value)
    return np.sqrt(variance + constant) if epsilon.inside else np.sqrt(variance) + constant


def _every(N: int, INC: int) -> slice:
    return slice(0, 1 + (N - 1) * INC, INC)


def copy_cpu(N: int, X: Array, INCX: int, Y: Array, INCY: int, dialect: Any) -> Array:
    """Y[i*INCY] = X[i*INCX]; the rest of Y stays. Source: src/blas.c:226-230."""
    Y = Y.copy()
    Y[_every(N, INCY)] = X[_every(N, INCX)]
    return Y


@np.errstate(all="ignore")
def scal_cpu(N: int, ALPHA: float, X: Array, INCX: int, dialect: Any) -> Array:
    """X[i*INCX] *= ALPHA. Source: src/blas.c:207-211."""
    X = X.copy()
    X[_every(N, INCX)] *= np.float32(ALPHA)
    return X


@np.errstate(all="ignore")
def axpy_cpu(N: int, ALPHA: float, X: Array, INCX: int, Y: Array, INCY: int, dialect: Any) -> Array:
    """Y[i*INCY] += ALPHA * X[i*INCX]. Source: src/blas.c:201-205."""
    Y = Y.copy()
    Y[_every(N, INCY)] += np.float32(ALPHA) * X[_every(N, INCX)]
    return Y


@np.errstate(all="ignore")
def mean_cpu(x: Array, dialect: Any) -> Array:
    """A -> c: sum(x) / m. Source: src/blas.c:94-108."""
    return _sum(x) / _count(x)


@np.errstate(all="ignore")
def variance_cpu(x: Array, mean: Array, dialect: Any) -> Array:
    """A, c -> c: sum((x - mean)^2) / (m - 1). Source: src/blas.c:110-124."""
    return _variance(x, mean, _divisor(x, dialect.variance_ddof, dialect))


def _variance(x: Array, mean: Array, divisor: np.float32) -> Array:
    deviation = x - _each(mean)
    return _sum(np.square(deviation, out=deviation)) / divisor  # m = 1: 0/0 is NaN, as in DarkNet


@np.errstate(all="ignore")
def normalize_cpu(x: Array, mean: Array, variance: Array, dialect: Any) -> Array:
    """A, c, c -> A: (x - mean) / (sqrt(variance) + 1e-6). Source: src/blas.c:147-158."""
    deviation: Array = x - _each(mean)
    deviation /= _each(_root(variance, dialect.normalize))
    return deviation


@np.errstate(all="ignore")
def scale_bias(output: Array, scales: Array, dialect: Any) -> Array:
    """A, c -> A: output * scales. Source: src/convolutional_layer.c:437-447."""
    return output * _each(scales)


@np.errstate(all="ignore")
def add_bias(output: Array, biases: Array, dialect: Any) -> Array:
    """A, c -> A: output + biases. Source: src/convolutional_layer.c:425-435."""
    return output + _each(biases)


@np.errstate(all="ignore")
def backward_bias(bias_updates: Array, delta: Array, dialect: Any) -> Array:
    """c, A -> c: accumulates over calls. Source: src/convolutional_layer.c:449-457."""
    return bias_updates + _sum(delta)


@np.errstate(all="ignore")
def backward_scale_cpu(x_norm: Array, delta: Array, scale_updates: Array, dialect: Any) -> Array:
    """A, A, c -> c: accumulates over calls. Source: src/batchnorm_layer.c:73-86."""
    return scale_updates + _sum(delta * x_norm)


@np.errstate(all="ignore")
def mean_delta_cpu(delta: Array, variance: Array, dialect: Any) -> Array:
    """A, c -> c: -sum(delta) / sqrt(variance + 1e-5). Source: src/batchnorm_layer.c:88-101."""
    return -_sum(delta) / _root(variance, dialect.mean_delta)


@np.errstate(all="ignore")
def variance_delta_cpu(x: Array, delta: Array, mean: Array, variance: Array, dialect: Any) -> Array:
    """A, A, c, c -> c: -0.5 sum(delta (x - mean)) (variance + 1e-5)^(-3/2). src/batchnorm_layer.c:102-116."""
    root = _root(variance, dialect.variance_delta)
    deviation = x - _each(mean)
    deviation *= delta
    total = np.float32(-0.5) * _sum(deviation)
    return total / root / root / root  # root*root*root would overflow where DarkNet's double pow does not


@np.errstate(all="ignore")
def normalize_delta_cpu(x: Array, mean: Array, variance: Array, mean_delta: Array, variance_delta: Array,
                        delta: Array, dialect: Any) -> Array:  # fmt: skip
    """A and c -> A; divides by m although the variance divided by m - 1. src/batchnorm_layer.c:117-128."""
    m = _count(x)
    through_variance = x - _each(mean)
    through_variance *= _each(variance_delta) * np.float32(2)
    through_variance /= m
    total: Array = delta / _each(_root(variance, dialect.normalize_delta))
    total += through_variance
    total += _each(mean_delta) / m
    return total


def make_batchnorm_layer(batch: int, w: int, h: int, c: int, dialect: Any) -> Arrays:
    """All buffers of a layer; DarkNet's own forgets x, x_norm and the *_delta. src/batchnorm_layer.c:5-71."""
    layer: Arrays = {n: np.zeros((batch, c, w * h), np.float32) for n in ("output", "delta", "x", "x_norm")}
    names = ("scales", "biases", "scale_updates", "bias_updates", "mean", "variance", "mean_delta", "variance_delta")
    for name in (*names, "rolling_mean", "rolling_variance", *["rolling_weight"] * dialect.rolling_weight):
        layer[name] = np.zeros(c, np.float32)
    layer["scales"] += np.float32(1)
    layer["rolling_variance"] += np.float32(dialect.initial_rolling_variance)
    return layer


def _rolled(rolling: Arrays, mean: Array, variance: Array, type: str, dialect: Any) -> Arrays:
    """The rolling statistics after one more batch; Caffe adds up the weights of its sums, too."""
    weights = dialect.rolling_of(type)
    batch = {"rolling_mean": mean, "rolling_variance": variance}
    if dialect.rolling_weight:
        batch["rolling_weight"] = np.ones_like(mean)
    for name, statistic in batch.items():
        faded = scal_cpu(mean.size, weights.decay, rolling[name], 1, dialect)
        batch[name] = axpy_cpu(mean.size, weights.gain, statistic, 1, faded, 1, dialect)
    return batch


def _used(rolling: Arrays, dialect: Any) -> tuple[Array, Array]:
    """Mean and variance of an inference; Caffe's sums over their weight, 0 where nothing went in."""
    mean, variance, weight = (rolling[f"rolling_{name}"] for name in ("mean", "variance", "weight"))
    if not dialect.rolling_weight:
        return mean, variance
    factor = np.where(weight == 0, np.float32(0), np.float32(1) / weight)
    return mean * factor, variance * factor


@np.errstate(all="ignore")
def forward_batchnorm_layer(type: str, train: bool, input: Array, output: Array, x: Array, x_norm: Array,
                            scales: Array, biases: Array, mean: Array, variance: Array, rolling_mean: Array,
                            rolling_variance: Array, dialect: Any, rolling_weight: Array | None = None,
                            outputs: Sequence[str] | None = None) -> Arrays:  # fmt: skip
    """Forward of a layer; starts from `input` (BATCHNORM) or `output`. src/batchnorm_layer.c:135-159."""
    output = input if type == "BATCHNORM" else output
    if (train or dialect.saves_x == "always") and (outputs is None or "x" in outputs):
        x = output.copy()
    rolling = dict(rolling_mean=rolling_mean, rolling_variance=rolling_variance, rolling_weight=rolling_weight)
    if train:
        mean = mean_cpu(output, dialect)
        variance = variance_cpu(output, mean, dialect)
        if dialect.rolling_updated_in == "forward":
            unbiased = _variance(output, mean, _divisor(output, dialect.rolling_ddof, dialect))
            rolling = _rolled(rolling, mean, unbiased, type, dialect)
        output = normalize_cpu(output, mean, variance, dialect)
        if dialect.saves_x_norm:
            x_norm = output  # scale_bias makes a new one
        if dialect.saved_statistic == "inverse_std":
            variance = _inverse_std(variance, dialect)
    else:
        output = normalize_cpu(output, *_used(rolling, dialect), dialect)
    output = add_bias(scale_bias(output, scales, dialect), biases, dialect)
    return dict(output=output, x=x, x_norm=x_norm, mean=mean, variance=variance, **rolling)


@np.errstate(all="ignore")
def backward_batchnorm_layer(type: str, train: bool, delta: Array, x: Array, x_norm: Array, scales: Array,
                             mean: Array, variance: Array, rolling_mean: Array, rolling_variance: Array,
                             bias_updates: Array, scale_updates: Array, dialect: Any,
                             rolling_weight: Array | None = None, outputs: Sequence[str] | None = None
                             ) -> Arrays:  # fmt: skip
    """Backward of a layer; in inference mode with rolling statistics. src/batchnorm_layer.c:161-179."""
    rolling = dict(rolling_mean=rolling_mean, rolling_variance=rolling_variance, rolling_weight=rolling_weight)
    state = _state_after(mean, variance, rolling, type, train, dialect)
    mean, variance, is_inverse_std = _statistics_for_backward(state, train, dialect)
    if type in dialect.bias_gradient:
        bias_updates = backward_bias(bias_updates, delta, dialect)
    if dialect.backward == "three_term":
        gradients = _three_terms(delta, x, x_norm, scales, mean, variance, scale_updates, dialect)
    else:
        inverse_std = variance if is_inverse_std else _inverse_std(variance, dialect)
        gradients = _normalized_gradient(delta, x, scales, mean, inverse_std, scale_updates, train, dialect)
    if type == "BATCHNORM" and (outputs is None or "net_delta" in outputs):
        gradients["net_delta"] = gradients["delta"].copy()
    return {**state, **gradients, "bias_updates": bias_updates}


def _state_after(mean: Array, variance: Array, rolling: Arrays, type: str, train: bool, dialect: Any) -> Arrays:
    """mean, variance and rolling_* as a backward leaves them: DarkNet touches none of them, MXNet updates the
    rolling statistics here, and AlexeyAB's GPU code copies them over mean and variance."""
    saves_inverse_std = dialect.saved_statistic == "inverse_std"
    if train and dialect.rolling_updated_in == "backward":
        spread = _variance_of(variance, dialect) if saves_inverse_std else variance
        rolling = _rolled(rolling, mean, spread, type, dialect)
    if not train and dialect.inference_backward == "rolling_copied":
        mean, variance = rolling["rolling_mean"], rolling["rolling_variance"]
        variance = _inverse_std(variance, dialect) if saves_inverse_std else variance
    return dict(rolling, mean=mean, variance=variance)


def _statistics_for_backward(state: Arrays, train: bool, dialect: Any) -> tuple[Array, Array, bool]:
    """The mean and the variance that delta goes back through, and whether that variance is 1 / std already."""
    if train or dialect.inference_backward in ("batch", "rolling_copied"):
        return state["mean"], state["variance"], dialect.saved_statistic == "inverse_std"
    # pjreddie's cuDNN path hands rolling_variance over where 1/std is expected.
    return *_used(state, dialect), dialect.inference_backward == "rolling_as_inverse_std"


def _three_terms(delta: Array, x: Array, x_norm: Array, scales: Array, mean: Array, variance: Array,
                 scale_updates: Array, dialect: Any) -> Arrays:  # fmt: skip
    """DarkNet's gradients, routine by routine."""
    scale_updates = backward_scale_cpu(x_norm, delta, scale_updates, dialect)
    delta = scale_bias(delta, scales, dialect)
    mean_delta = mean_delta_cpu(delta, variance, dialect)
    variance_delta = variance_delta_cpu(x, delta, mean, variance, dialect)
    delta = normalize_delta_cpu(x, mean, variance, mean_delta, variance_delta, delta, dialect)
    return dict(delta=delta, scale_updates=scale_updates, mean_delta=mean_delta, variance_delta=variance_delta)


def _normalized_gradient(delta: Array, x: Array, scales: Array, mean: Array, inverse_std: Array,
                         scale_updates: Array, train: bool, dialect: Any) -> Arrays:  # fmt: skip
    """cuDNN's and the frameworks' gradients, x_norm computed again; `fixed` statistics do not depend on x."""
    x_hat: Array = x - _each(mean)
    x_hat *= _each(inverse_std)
    scale_updates = backward_scale_cpu(x_hat, delta, scale_updates, dialect)
    delta = scale_bias(delta, scales, dialect)
    fixed = not train and dialect.inference_backward == "fixed"
    delta = scale_bias(delta, inverse_std, dialect) if fixed else _through_statistics(delta, x_hat, inverse_std)
    return dict(delta=delta, scale_updates=scale_updates)


def _inverse_std(variance: Array, dialect: Any) -> Array:
    """c -> c: what cuDNN saves instead of the variance."""
    return np.float32(1) / _root(variance, dialect.normalize)


def _variance_of(inverse_std: Array, dialect: Any) -> Array:
    """c -> c: the variance that 1 / sqrt(variance + epsilon) was made of (MXNet)."""
    return np.float32(1) / (inverse_std * inverse_std) - np.float32(dialect.normalize.value)


def _through_statistics(delta: Array, x_hat: Array, inverse_std: Array) -> Array:
    """A, A, c -> A: delta r - sum(delta) r / m - x_hat r sum(delta x_hat) / m, r = inverse_std."""
    m, r = _count(delta), _each(inverse_std)
    through_std = x_hat * r
    through_std *= _each(_sum(delta * x_hat))
    through_std /= m
    total: Array = delta * r
    total -= _each(_sum(delta)) * r / m
    total -= through_std
    return total
