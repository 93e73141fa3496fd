"""copy_cpu, scal_cpu, axpy_cpu: counts, strides, untouched elements, special values."""

from __future__ import annotations

from typing import Any

from darkparity.dialects.constants import float32

from .case import Case
from .fills import constant, dyadic, normal, per_channel, placed, ramp, signed, subnormal
from .recipe import Fill

_SPECIAL = placed(placed(placed(placed(normal(), -0.0, [6]), "-inf", [4]), "inf", [3]), "nan", [1])


def _copy(name: str, fault: str, n: int = 9, incx: int = 1, incy: int = 1, tail: int = 0,
          x: Fill | None = None) -> Case:  # fmt: skip
    fills = {"X": x or normal(), "Y": ramp(100.0, 1.0)}  # old Y: 100, 101, ..., tells a gap from a copy
    return Case(name, "copy_cpu", fault, fills, (), {"N": n, "INCX": incx, "INCY": incy}, tail=tail)


def _scal(name: str, fault: str, alpha: float = 0.75, n: int = 9, incx: int = 1, tail: int = 0,
          x: Fill | None = None) -> Case:  # fmt: skip
    attributes: dict[str, Any] = {"N": n, "ALPHA": float32(alpha), "INCX": incx}
    return Case(name, "scal_cpu", fault, {"X": x or normal()}, (), attributes, tail=tail)


def _axpy(name: str, fault: str, alpha: float = 0.75, n: int = 9, incx: int = 1, incy: int = 1, tail: int = 0,
          x: Fill | None = None, y: Fill | None = None) -> Case:  # fmt: skip
    attributes: dict[str, Any] = {"N": n, "ALPHA": float32(alpha), "INCX": incx, "INCY": incy}
    return Case(name, "axpy_cpu", fault, {"X": x or normal(), "Y": y or normal()}, (), attributes, tail=tail)


_COPY = (
    _copy("contiguous", "The plain copy: an element is lost or changed on the way."),
    _copy("one_element", "N = 1: the loop is entered too late or not at all.", n=1),
    _copy("odd_length", "N = 33 is no multiple of a SIMD width: the last elements are not copied.", n=33),
    _copy("source_stride", "INCX = 2 is ignored: elements 0, 1, 2 are taken instead of 0, 2, 4.", incx=2),
    _copy("target_gaps_survive", "INCY = 3: the elements between the targets are overwritten.", incy=3),
    _copy("strides_swapped", "INCX = 3, INCY = 2: the two strides are taken for each other.", incx=3, incy=2),
    _copy("count_is_not_length", "N = 5 of 12: everything is copied, or N is taken for a length.", 5, tail=7),
    _copy("special_values", "NaN, infinities or -0 are cleaned up while copying.", x=_SPECIAL),
    _copy("subnormals", "Subnormal numbers are flushed to zero while copying.", incx=2, incy=2, x=subnormal()),
)

_SCAL = (
    _scal("rolling_decay", "The decay .99 of the rolling statistics: scaling goes wrong or is done twice.",
          0.99),
    _scal("negative_factor", "ALPHA = -1.5: its sign is lost.", -1.5, incx=3),
    _scal("zero_times_infinity",
          "ALPHA = 0 is taken as a command to clear: 0 * NaN and 0 * inf must stay NaN.", 0.0, x=_SPECIAL),
    _scal("stride_gaps_survive", "INCX = 4: the elements in between are scaled too.", -0.5, n=7, incx=4),
    _scal("count_is_not_length", "N = 5 of 12: everything is scaled.", 3.0, n=5, tail=7),
    _scal("odd_length", "N = 33 is no multiple of a SIMD width: the last elements are not scaled.", 0.1,
          n=33),
    _scal("exact_powers", "ALPHA = .5 on dyadic numbers is exact: any rounding is a fault.", 0.5,
          incx=2, x=dyadic(3)),
    _scal("result_subnormal", "The product leaves the normal range: only flush-to-zero may return 0.",
          0.1, incx=2, x=signed(2e-38)),
    _scal("overflow", "The product exceeds float32: it must not be clamped to the largest number.",
          4.0, x=per_channel(signed(3e38), normal())),
)  # fmt: skip

_AXPY = (
    _axpy("rolling_gain", "The gain .01 of the rolling statistics: the old Y is overwritten or scaled.",
          0.01),
    _axpy("negative_factor", "ALPHA = -1.5: its sign is lost.", -1.5, incx=2, incy=3),
    _axpy("source_stride", "INCX = 2 is ignored.", incx=2),
    _axpy("target_gaps_survive", "INCY = 3: the elements between the targets change.", incy=3),
    _axpy("strides_swapped", "INCX = 3, INCY = 2: the strides are taken for each other.", incx=3, incy=2),
    _axpy("count_is_not_length", "N = 5 of 12: everything is added.", n=5, tail=7),
    _axpy("zero_factor_is_no_shortcut",
          "ALPHA = 0 returns at once, as BLAS may: DarkNet adds 0 * NaN and 0 * inf.", 0.0, x=_SPECIAL),
    _axpy("cancellation", "Y = ALPHA * X cancels to exactly 0 on dyadic numbers.",
          -2.0, x=constant(0.75), y=constant(1.5)),
    _axpy("exact_sums", "Dyadic numbers: every result is exact, no error is allowed.",
          0.5, n=33, incx=3, x=dyadic(2), y=dyadic(0)),
    _axpy("subnormals", "Subnormal X and Y: only flush-to-zero may return 0.", 1.0, incy=2, x=subnormal(),
          y=subnormal()),
    _axpy("one_element", "N = 1: the loop is entered too late or not at all.", n=1),
    _axpy("nan_in_target", "NaN in Y: one element, its neighbours stay finite.", y=placed(normal(), "nan", [4])),
)  # fmt: skip

BLAS_CASES = (*_COPY, *_SCAL, *_AXPY)
