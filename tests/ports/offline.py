"""A port for a device without a wire: reads cases/*/request.json, writes answer.json next to each.

    python offline.py cases

Written from docs/protocol.md alone; it imports nothing of darkparity.
"""

import json
import sys
from pathlib import Path

import numpy as np


def real(text):
    return np.float32(float.fromhex(text))


def root(variance, constants, name):
    epsilon = real(constants[f"{name}_epsilon"])
    inside = constants[f"{name}_place"] == "inside"
    return np.sqrt(variance + epsilon) if inside else np.sqrt(variance) + epsilon


def axpy_cpu(X, Y, N, ALPHA, INCX, INCY, constants):
    Y = Y.copy()
    Y[: 1 + (N - 1) * INCY : INCY] += real(ALPHA) * X[: 1 + (N - 1) * INCX : INCX]
    return {"Y": Y}


def mean_cpu(x, constants):
    return {"mean": x.mean(axis=(0, 2), dtype=np.float32)}


def variance_cpu(x, mean, constants):
    m = x.shape[0] * x.shape[2] - constants["variance_ddof"]
    return {"variance": ((x - mean[:, None]) ** 2).sum(axis=(0, 2), dtype=np.float32) / np.float32(m)}


def normalize_cpu(x, mean, variance, constants):
    return {"x": (x - mean[:, None]) / root(variance, constants, "normalize")[:, None]}


def scale_bias(output, scales, constants):
    return {"output": output * scales[:, None]}


OPERATIONS = {f.__name__: f for f in (axpy_cpu, mean_cpu, variance_cpu, normalize_cpu, scale_bias)}
WORDS = {np.inf: '"Infinity"', -np.inf: '"-Infinity"'}


def written(array):
    """Numbers with 9 significant digits; NaN and infinity as words; -0.0 with its point."""
    data = ", ".join('"NaN"' if np.isnan(v) else WORDS.get(v) or f"{v:.8e}" for v in array.ravel())
    return f'{{"shape": {list(array.shape)}, "data": [{data}]}}'


def answer(text):
    asked = json.loads(text)
    message = asked["message"]
    if message["operation"] not in OPERATIONS:
        reason = f"no {message['operation']} on this device"
        return json.dumps({"message": {"version": 1, "kind": "error", "error": "unsupported", "reason": reason}})
    arrays = {name: np.array([float(v) for v in row["data"]], np.float32).reshape(row["shape"])
              for name, row in asked["arrays"].items()}  # fmt: skip
    with np.errstate(all="ignore"):
        results = OPERATIONS[message["operation"]](**arrays, **message["attributes"], constants=message["constants"])
    rows = ", ".join(f'"{name}": {written(array)}' for name, array in results.items())
    return f'{{"arrays": {{{rows}}}}}'


if __name__ == "__main__":
    directory = Path(sys.argv[1])
    for request in sorted(directory.glob("*/request.json")):
        request.with_name("answer.json").write_text(answer(request.read_text("utf-8")), "utf-8")
    about = {"name": "device", "implementation_version": "1"}
    (directory / "IMPLEMENTATION.json").write_text(json.dumps(about), "utf-8")
