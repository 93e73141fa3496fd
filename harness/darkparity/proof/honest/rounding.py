"""Where results are rounded: wider inside, fused multiply-add, reciprocals and estimates, flushed subnormals."""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

from darkparity.spec import LAYER_OPERATIONS, MAKE, OPERATIONS

from .variant import ONE, TWO, Array, Functions, changed, fresh, quiet, rows, single

Change = Callable[[Array], Array]


def _wrapped(function: Callable[..., Any], arrive: Change, leave: Change) -> Callable[..., Any]:
    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        def into(value: Any) -> Any:
            return arrive(value) if isinstance(value, np.ndarray) else value

        with np.errstate(all="ignore"):
            got = function(*map(into, args), **{k: into(v) for k, v in kwargs.items()})
            return {n: leave(v) for n, v in got.items()} if isinstance(got, dict) else leave(got)

    return call


def _inside(kind: type[np.floating[Any]]) -> Callable[[ModuleType], None]:
    """A wider type throughout each call, rounded once at its end."""

    def change(module: ModuleType) -> None:
        inner = fresh()
        inner._sum = lambda values: values.sum((0, 2))  # type: ignore[attr-defined]
        for name in OPERATIONS.keys() & vars(inner).keys():
            vars(module)[name] = _wrapped(getattr(inner, name), lambda v: v.astype(kind), single)

    return change


def _fma(a: Any, b: Any, c: Any) -> Array:
    """a b + c rounded once: the product of two float32 is exact in float64."""
    return single(np.float64(a) * np.float64(b) + np.float64(c))


def _fused_sum(left: Array, right: Array, start: Array) -> Array:
    total = start
    for a, b in zip(rows(left).T, rows(right).T, strict=True):
        total = _fma(a, b, total)
    return total


def _contracted(module: ModuleType) -> Functions:
    """Every a b + c in one rounding, as -ffp-contract=fast: also scale and bias of the forward."""
    each, plain = module._each, fresh()
    zero = np.float32(0)

    def _variance(x: Array, mean: Array, divisor: np.float32) -> Array:
        away = single(x - each(mean))
        return single(_fused_sum(away, away, np.zeros(len(mean), np.float32)) / divisor)

    def axpy_cpu(N: int, ALPHA: float, X: Array, INCX: int, Y: Array, INCY: int, dialect: Any) -> Array:
        Y, to, at = Y.copy(), module._every(N, INCY), module._every(N, INCX)
        Y[to] = _fma(np.float32(ALPHA), X[at], Y[to])
        return Y

    def backward_scale_cpu(x_norm: Array, delta: Array, scale_updates: Array, dialect: Any) -> Array:
        return _fused_sum(x_norm, delta, scale_updates)

    def variance_delta_cpu(x: Array, delta: Array, mean: Array, variance: Array, dialect: Any) -> Array:
        root = module._root(variance, dialect.variance_delta)
        total = _fused_sum(delta, single(x - each(mean)), np.zeros(len(mean), np.float32))
        return single(np.float32(-0.5) * total / root / root / root)

    def normalize_delta_cpu(x: Array, mean: Array, variance: Array, mean_delta: Array, variance_delta: Array,
                            delta: Array, dialect: Any) -> Array:  # fmt: skip
        m, inverse = module._count(x), ONE / module._root(variance, dialect.normalize_delta)
        spread = _fma(x - each(mean), each(variance_delta * (TWO / m)), each(mean_delta / m))
        return _fma(delta, each(inverse), spread)

    def add_bias(output: Array, biases: Array, dialect: Any) -> Array:
        return single(np.float64(output) + np.float64(each(biases)) + zero)

    names = (_variance, axpy_cpu, backward_scale_cpu, variance_delta_cpu, normalize_delta_cpu, add_bias)
    vars(module).update({f.__name__: quiet(f) for f in names})
    _unrounded_scale(module, plain)
    return {"scale_bias": plain.scale_bias}


def _unrounded_scale(module: ModuleType, plain: ModuleType) -> None:
    """Inside the forward, the product with the scales stays exact until the bias is added."""
    backward = module.backward_batchnorm_layer

    def exact(output: Array, scales: Array, dialect: Any) -> Array:
        return np.asarray(np.float64(output) * np.float64(module._each(scales)))

    def backward_batchnorm_layer(type: str, train: bool, delta: Array, x: Array, x_norm: Array, scales: Array,
                                 mean: Array, variance: Array, rolling_mean: Array, rolling_variance: Array,
                                 bias_updates: Array, scale_updates: Array, dialect: Any) -> Any:  # fmt: skip
        vars(module)["scale_bias"] = plain.scale_bias
        try:
            return backward(type, train, delta, x, x_norm, scales, mean, variance, rolling_mean, rolling_variance,
                            bias_updates, scale_updates, dialect)  # fmt: skip
        finally:
            vars(module)["scale_bias"] = exact

    vars(module).update(scale_bias=quiet(exact), backward_batchnorm_layer=backward_batchnorm_layer)


def _reciprocals(module: ModuleType) -> None:
    """Every division a product with a rounded reciprocal, as DarkNet's 1./m."""
    each = module._each

    def mean_cpu(x: Array, dialect: Any) -> Array:
        return module._sum(x) * (ONE / module._count(x))

    def _variance(x: Array, mean: Array, divisor: np.float32) -> Array:
        away = x - each(mean)
        return module._sum(away * away) * (ONE / divisor)

    def normalize_cpu(x: Array, mean: Array, variance: Array, dialect: Any) -> Array:
        return (x - each(mean)) * each(ONE / module._root(variance, dialect.normalize))

    vars(module).update({f.__name__: quiet(f) for f in (mean_cpu, _variance, normalize_cpu)})


def _twelve_bits(values: Array) -> Array:
    """What a hardware estimate keeps."""
    mantissa, exponent = np.frexp(np.float64(values))
    return single(np.ldexp(np.round(mantissa * 2.0**12) / 2.0**12, exponent))


def _estimated_root(values: Array) -> Array:
    """v rsqrt(v) from a 12-bit estimate and one Newton step; 0, infinity and the rest as sqrt."""
    usual = np.isfinite(values) & (values > 2.0**-126)
    safe = np.where(usual, values, ONE)
    half, guess = np.float32(0.5) * safe, _twelve_bits(1 / np.sqrt(np.float64(safe)))
    better = guess * (np.float32(1.5) - half * guess * guess)
    return np.where(usual, safe * better, np.sqrt(values))


def _estimates(module: ModuleType) -> None:
    """Roots by rsqrt estimate and one Newton step."""

    def _root(variance: Array, epsilon: Any) -> Array:
        constant = np.float32(epsilon.value)
        return _estimated_root(variance + constant) if epsilon.inside else _estimated_root(variance) + constant

    module._root = quiet(_root)  # type: ignore[attr-defined]


def _flushed(module: ModuleType) -> None:
    """Subnormals to zero on the way into and out of each routine but the BLAS ones."""

    def flush(values: Array) -> Array:
        return np.where(np.abs(values) < 2.0**-126, np.float32(0), values)

    kept = {*LAYER_OPERATIONS, MAKE, "copy_cpu", "scal_cpu", "axpy_cpu"}
    for name in (OPERATIONS.keys() & vars(module).keys()) - kept:
        vars(module)[name] = _wrapped(getattr(module, name), flush, flush)


ROUNDINGS = (
    changed("float64_inside", "float64 throughout each call, one rounding at its end", ("two_pass", "ieee", "float64"),
            _inside(np.float64)),
    changed("longdouble_inside", "x87 throughout each call", ("two_pass", "ieee", "float64"), _inside(np.longdouble)),
    changed("contracted", "fused multiply-add wherever a compiler may contract", ("two_pass", "ieee"), _contracted),
    changed("reciprocals", "divisions as products with rounded reciprocals", ("two_pass", "ieee"), _reciprocals),
    changed("estimates", "roots by a 12-bit rsqrt estimate and one Newton step", ("two_pass",), _estimates),
    changed("flushed", "subnormals dropped on the way into and out of routines", ("two_pass",), _flushed),
)  # fmt: skip
