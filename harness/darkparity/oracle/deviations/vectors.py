"""Deviations of the strided BLAS routines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from darkparity.oracle.formulas import FORMULAS, Formula

from .deviation import Row, formula, where

_copy, _scal, _axpy = (FORMULAS[n] for n in ("copy_cpu", "scal_cpu", "axpy_cpu"))


def _with(routine: Formula, **changed: Any) -> Formula:
    """The routine called with other scalars; inside a layer function (no N) it is left alone."""

    def wrong(d: Any, a: Mapping[str, Any], **tensors: Any) -> Any:
        if "N" not in a:
            return routine(d, a, **tensors)
        other = {key: value(a) if callable(value) else value for key, value in changed.items() if key in a}
        return routine(d, {**a, **other}, **tensors)

    return wrong


def _standalone(right: Formula, wrong: Formula) -> Formula:
    return lambda d, a, **tensors: (wrong if "N" in a else right)(d, a, **tensors)


VECTOR_DEVIATIONS: tuple[Row, ...] = where(
    lambda d: d.routines,
    formula("copy_ignores_incx", "copy_cpu ignores INCX", "copy_cpu", _with(_copy, INCX=1)),
    formula("copy_ignores_incy", "copy_cpu ignores INCY", "copy_cpu", _with(_copy, INCY=1)),
    formula("copy_stops_early", "copy_cpu copies N - 1 elements", "copy_cpu", _with(_copy, N=lambda a: max(a["N"] - 1, 1))),
    formula("copy_nothing", "copy_cpu leaves Y alone", "copy_cpu", _standalone(_copy, lambda d, a, X, Y: Y)),
    formula("copy_adds", "copy_cpu adds X to Y", "copy_cpu", _standalone(
        _copy, lambda d, a, X, Y: Y.scatter(
            Y.gather(a["N"], a["INCY"]) + X.gather(a["N"], a["INCX"]), a["N"], a["INCY"]))),
    formula("scal_ignores_incx", "scal_cpu ignores INCX", "scal_cpu", _with(_scal, INCX=1)),
    formula("scal_stops_early", "scal_cpu scales N - 1 elements", "scal_cpu",
            _with(_scal, N=lambda a: max(a["N"] - 1, 1))),
    formula("scal_twice", "scal_cpu multiplies by ALPHA^2", "scal_cpu", _with(_scal, ALPHA=lambda a: a["ALPHA"] ** 2)),
    formula("scal_magnitude", "scal_cpu multiplies by |ALPHA|", "scal_cpu", _with(_scal, ALPHA=lambda a: abs(a["ALPHA"]))),
    formula("scal_divides", "scal_cpu divides by ALPHA", "scal_cpu",
            _with(_scal, ALPHA=lambda a: 1 / a["ALPHA"] if a["ALPHA"] else 0.0)),
    formula("axpy_ignores_incx", "axpy_cpu ignores INCX", "axpy_cpu", _with(_axpy, INCX=1)),
    formula("axpy_ignores_incy", "axpy_cpu ignores INCY", "axpy_cpu", _with(_axpy, INCY=1)),
    formula("axpy_stops_early", "axpy_cpu handles N - 1 elements", "axpy_cpu",
            _with(_axpy, N=lambda a: max(a["N"] - 1, 1))),
    formula("axpy_ignores_alpha", "axpy_cpu ignores ALPHA", "axpy_cpu", _with(_axpy, ALPHA=1.0)),
    formula("axpy_subtracts", "axpy_cpu subtracts", "axpy_cpu", _with(_axpy, ALPHA=lambda a: -a["ALPHA"])),
    formula("axpy_overwrites", "axpy_cpu writes ALPHA X, Y is lost", "axpy_cpu", _standalone(
        _axpy, lambda d, a, X, Y: Y.scatter(
            X.gather(a["N"], a["INCX"]) * X.constant(a["ALPHA"], exact=True), a["N"], a["INCY"]))),
    formula("axpy_scales_y", "axpy_cpu computes ALPHA Y + X", "axpy_cpu", _standalone(
        _axpy, lambda d, a, X, Y: Y.scatter(
            Y.gather(a["N"], a["INCY"]) * X.constant(a["ALPHA"], exact=True) + X.gather(a["N"], a["INCX"]),
            a["N"], a["INCY"]))),
)  # fmt: skip
