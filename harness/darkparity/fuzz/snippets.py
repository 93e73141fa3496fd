"""A failing case as a stand-alone program: NumPy and C, arrays as literals."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from darkparity.oracle.bounds import ANY
from darkparity.oracle.bounds.compare import compare
from darkparity.spec import AXES

from .search import Finding

#: DarkNet's prototypes (pjreddie/darknet@f6afaabc). The layer functions take a struct, shown as arrays instead.
_PROTOTYPES = {
    "copy_cpu": "int N, float *X, int INCX, float *Y, int INCY",
    "scal_cpu": "int N, float ALPHA, float *X, int INCX",
    "axpy_cpu": "int N, float ALPHA, float *X, int INCX, float *Y, int INCY",
    "mean_cpu": "float *x, int batch, int filters, int spatial, float *mean",
    "variance_cpu": "float *x, float *mean, int batch, int filters, int spatial, float *variance",
    "normalize_cpu": "float *x, float *mean, float *variance, int batch, int filters, int spatial",
    "scale_bias": "float *output, float *scales, int batch, int n, int size",
    "add_bias": "float *output, float *biases, int batch, int n, int size",
    "backward_bias": "float *bias_updates, float *delta, int batch, int n, int size",
    "backward_scale_cpu": "float *x_norm, float *delta, int batch, int n, int size, float *scale_updates",
    "mean_delta_cpu": "float *delta, float *variance, int batch, int filters, int spatial, float *mean_delta",
    "variance_delta_cpu": "float *x, float *delta, float *mean, float *variance, int batch, int filters, "
    "int spatial, float *variance_delta",
    "normalize_delta_cpu": "float *x, float *mean, float *variance, float *mean_delta, float *variance_delta, "
    "int batch, int filters, int spatial, float *delta",
}
_LAYER_CALL = "/* call your {name} on a layer that holds these arrays, {attributes} */"


def numpy_snippet(finding: Finding) -> str:
    """A NumPy program with inputs, expected values, bounds and the returned arrays; as written, its assertion fails."""
    q, right = finding.problem, finding.problem.expected(ANY)
    got = {n: a for n, a in (finding.got or {}).items() if n in right}
    wrong = [n for n, a in got.items() if a.shape == right[n].value.shape and not compare(n, a, right[n]).conforms]
    lines = ["import numpy as np", "from numpy import inf, nan", ""]
    lines += [f"{n} = {_numpy(a)}" for n, a in q.arrays.items()]
    lines += [f"attributes = {dict(q.attributes)!r}", "", f"# what {finding.result.implementation} returned for "
              f"{q.operation}; put your own call here"]  # fmt: skip
    for name in wrong or list(right):
        lines += [f"got_{name} = {_numpy(got[name]) if name in got else '...'}",
                  f"expected_{name} = {_numpy(right[name].value)}",
                  f"bound_{name} = {_numpy(right[name].bound, 'float64')}"]  # fmt: skip
    lines += ["", *(f"{_CHECK.format(name=n)}" for n in wrong or list(right))]
    return "\n".join(lines) + "\n"


_CHECK = """\
with np.errstate(all="ignore"):
    off = np.abs(got_{name}.astype("float64") - expected_{name}.astype("float64"))
same = np.where(np.isfinite(expected_{name}), off <= bound_{name}, ~np.isfinite(got_{name}))
assert same.all(), ("{name}", np.argwhere(~same).tolist())"""


def _numpy(array: np.ndarray, dtype: str = "float32") -> str:
    flat = ", ".join(_shortest(v) for v in array.ravel())
    return f'np.array([{flat}], "{dtype}").reshape({array.shape})'


def _shortest(value: Any) -> str:
    """Shortest decimal; `nan`, `inf` and `-inf` under the names that the program imports."""
    return str(value)


def c_snippet(finding: Finding) -> str:
    """A C program that calls DarkNet's prototype and prints returned and expected values."""
    q, right = finding.problem, finding.problem.expected(ANY)
    declared = dict(q.arrays)
    blank = {n: np.full(e.value.shape, np.nan, np.float32) for n, e in right.items() if n not in declared}
    lines = ["#include <math.h>", "#include <stdio.h>", ""]
    if q.operation in _PROTOTYPES:
        lines += [f"void {q.operation}({_PROTOTYPES[q.operation]}); /* link your port */", ""]
    lines += [f"static float {n}[] = {_c(a)};" for n, a in (declared | blank).items()]
    lines += [f"static const float expected_{n}[] = {_c(e.value)};" for n, e in right.items()]
    lines += ["", "int main(void) {", f"  {_c_call(q.operation, q.arrays, q.attributes)}"]
    lines += [f"  for (int i = 0; i < {e.value.size}; ++i)\n"
              f'    printf("{n}[%d]: got %.9g, expected %.9g\\n", i, {n}[i], expected_{n}[i]);'
              for n, e in right.items()]  # fmt: skip
    return "\n".join([*lines, "  return 0;", "}"]) + "\n"


def _c_call(operation: str, arrays: Mapping[str, np.ndarray], attributes: Mapping[str, Any]) -> str:
    if operation not in _PROTOTYPES:
        return _LAYER_CALL.format(name=operation, attributes=", ".join(f"{k} = {v}" for k, v in attributes.items()))
    full = next((a.shape for n, a in arrays.items() if AXES[n] == "A"), (0, 0, 0))
    sizes = dict(batch=full[0], filters=full[1], n=full[1], spatial=full[2], size=full[2])
    known = {**sizes, **{k: _literal(v) if isinstance(v, float) else v for k, v in attributes.items()}}
    names = [p.split()[-1].lstrip("*") for p in _PROTOTYPES[operation].split(", ")]
    return f"{operation}({', '.join(str(known.get(n, n)) for n in names)});"


def _c(array: np.ndarray) -> str:
    return "{" + ", ".join(_literal(float(v)) for v in array.ravel()) + "}"


def _literal(value: float) -> str:
    """A C literal; 9 digits identify a float32."""
    if math.isnan(value):
        return "NAN"
    if math.isinf(value):
        return "INFINITY" if value > 0 else "-INFINITY"
    text = f"{value:.9g}"
    return f"{text if any(c in text for c in '.e') else text + '.0'}f"
