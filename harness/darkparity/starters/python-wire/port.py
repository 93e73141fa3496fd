"""DarkNet's batch normalization behind darkparity's wire protocol (docs/protocol.md): NumPy and numba.

    python -m pip install numba
    darkparity check --exec "python port.py"

It knows nothing of darkparity: it can run in another environment, with another Python. To make it yours,
replace the functions of part 1 by calls of your code, and delete what you do not have from OPERATIONS: that
is then "unsupported", which is no failure. Part 3 can stay as it is.
"""

import json
import struct
import sys

import numpy as np

try:
    import numba
except ImportError:  # said in the reply to `hello`: darkparity then calls the port "not installed"
    numba = None


def compiled(function):
    """Machine code of a loop; what `error_model` changes: 1/0 is infinity, as in C, and raises nothing."""
    return numba.njit(error_model="numpy")(function) if numba else function


# --- 1. DarkNet's loops (pjreddie/darknet@f6afaabc), in place, on arrays (batch, channels, spatial).
# Never fastmath=True: it reorders sums and drops NaN. In numba an integer times a float32 is a float64.

ZERO, ONE = np.float32(0), np.float64(1)
OUTSIDE, INSIDE = np.float32(0.000001), np.float32(0.00001)  # forward's epsilon, backward's


@compiled
def copy_cpu(N, X, INCX, Y, INCY):
    """Y = X, with strides."""
    for i in range(N):
        Y[i * INCY] = X[i * INCX]


@compiled
def scal_cpu(N, ALPHA, X, INCX):
    """X *= ALPHA."""
    for i in range(N):
        X[i * INCX] *= ALPHA


@compiled
def axpy_cpu(N, ALPHA, X, INCX, Y, INCY):
    """Y += ALPHA * X."""
    for i in range(N):
        Y[i * INCY] += ALPHA * X[i * INCX]


@compiled
def mean_cpu(x, mean):
    """Sum of x / m."""
    batch, channels, spatial = x.shape
    for c in range(channels):
        total = ZERO
        for b in range(batch):
            for i in range(spatial):
                total += x[b, c, i]
        mean[c] = total * np.float32(ONE / (batch * spatial))


@compiled
def variance_cpu(x, mean, variance):
    """Sum of (x - mean)^2 / (m - 1): NaN for m = 1."""
    batch, channels, spatial = x.shape
    for c in range(channels):
        total = ZERO
        for b in range(batch):
            for i in range(spatial):
                total += (x[b, c, i] - mean[c]) * (x[b, c, i] - mean[c])
        variance[c] = total * np.float32(ONE / (batch * spatial - 1))


@compiled
def normalize_cpu(x, mean, variance):
    """(x - mean) / (sqrt(variance) + epsilon)."""
    batch, channels, spatial = x.shape
    for b in range(batch):
        for c in range(channels):
            root = np.sqrt(variance[c]) + OUTSIDE
            for i in range(spatial):
                x[b, c, i] = (x[b, c, i] - mean[c]) / root


def scale_bias(output, scales):
    """Output *= scales. (NumPy is compiled already.)"""
    output *= scales[:, None]


def add_bias(output, biases):
    """Output += biases."""
    output += biases[:, None]


@compiled
def backward_bias(bias_updates, delta):
    """bias_updates += sum of delta: accumulates over calls."""
    batch, channels, spatial = delta.shape
    for b in range(batch):
        for c in range(channels):
            total = ZERO
            for i in range(spatial):
                total += delta[b, c, i]
            bias_updates[c] += total


@compiled
def backward_scale_cpu(x_norm, delta, scale_updates):
    """scale_updates += sum of delta * x_norm: accumulates over calls."""
    batch, channels, spatial = delta.shape
    for c in range(channels):
        total = ZERO
        for b in range(batch):
            for i in range(spatial):
                total += delta[b, c, i] * x_norm[b, c, i]
        scale_updates[c] += total


@compiled
def mean_delta_cpu(delta, variance, mean_delta):
    """-sum of delta / sqrt(variance + epsilon)."""
    batch, channels, spatial = delta.shape
    for c in range(channels):
        total = ZERO
        for b in range(batch):
            for i in range(spatial):
                total += delta[b, c, i]
        mean_delta[c] = total * (-ONE / np.sqrt(np.float64(variance[c] + INSIDE)))


@compiled
def variance_delta_cpu(x, delta, mean, variance, variance_delta):
    """-.5 sum of delta (x - mean) / (variance + epsilon)^(3/2)."""
    batch, channels, spatial = delta.shape
    for c in range(channels):
        total = ZERO
        for b in range(batch):
            for i in range(spatial):
                total += delta[b, c, i] * (x[b, c, i] - mean[c])
        variance_delta[c] = total * (-0.5 * np.float64(variance[c] + INSIDE) ** -1.5)


@compiled
def normalize_delta_cpu(x, mean, variance, mean_delta, variance_delta, delta):
    """Delta through the three terms; divided by m, although the variance was by m - 1."""
    batch, channels, spatial = delta.shape
    m = np.float64(batch * spatial)
    for b in range(batch):
        for c in range(channels):
            root = np.sqrt(np.float64(variance[c] + INSIDE))
            for i in range(spatial):
                through = variance_delta[c] * 2.0 * (x[b, c, i] - mean[c]) / m
                delta[b, c, i] = delta[b, c, i] / root + through + mean_delta[c] / m


# --- 2. The layer, and what is offered. Every function gets its arrays and attributes by name.


def make_batchnorm_layer(scales, **others):
    """Everything new is zero already."""
    scales[:] = 1


def roll(rolling, now):
    """Rolling = .99 rolling + .01 now."""
    scal_cpu(rolling.size, np.float32(0.99), rolling, 1)
    axpy_cpu(rolling.size, np.float32(0.01), now, 1, rolling, 1)


def forward_batchnorm_layer(type, train, output, x, x_norm, scales, biases, mean, variance, rolling_mean,
                            rolling_variance, input=None, **sizes):  # fmt: skip
    """A BATCHNORM layer starts from `input`, others bring their own `output`."""
    if type == "BATCHNORM":
        output[:] = input
    x[:] = output
    if train:
        mean_cpu(output, mean)
        variance_cpu(output, mean, variance)
        roll(rolling_mean, mean)
        roll(rolling_variance, variance)
        normalize_cpu(output, mean, variance)
        x_norm[:] = output
    else:
        normalize_cpu(output, rolling_mean, rolling_variance)
    scale_bias(output, scales)
    add_bias(output, biases)


def backward_batchnorm_layer(type, train, delta, x, x_norm, scales, mean, variance, rolling_mean,
                             rolling_variance, bias_updates, scale_updates, mean_delta, variance_delta,
                             net_delta=None, **sizes):  # fmt: skip
    """In inference mode with the rolling statistics, for this call only."""
    if not train:
        mean, variance = rolling_mean, rolling_variance
    backward_bias(bias_updates, delta)
    backward_scale_cpu(x_norm, delta, scale_updates)
    scale_bias(delta, scales)
    mean_delta_cpu(delta, variance, mean_delta)
    variance_delta_cpu(x, delta, mean, variance, variance_delta)
    normalize_delta_cpu(x, mean, variance, mean_delta, variance_delta, delta)
    if type == "BATCHNORM":
        net_delta[:] = delta


LAYERS = (make_batchnorm_layer, forward_batchnorm_layer, backward_batchnorm_layer)
OPERATIONS = {f.__name__: f for f in (copy_cpu, scal_cpu, axpy_cpu, mean_cpu, variance_cpu, normalize_cpu,
              scale_bias, add_bias, backward_bias, backward_scale_cpu, mean_delta_cpu, variance_delta_cpu,
              normalize_delta_cpu, *LAYERS)}  # fmt: skip
FULL = ("output", "delta", "net_delta", "x", "x_norm")


def run(operation, attributes, outputs, arrays):
    """The requested outputs: arrays of the request changed in place, or new ones that began as zeros."""
    if "ALPHA" in attributes:
        attributes["ALPHA"] = np.float32(float.fromhex(attributes["ALPHA"]))
    shape = next((array.shape for array in arrays.values() if array.ndim == 3), None)
    if operation == "make_batchnorm_layer":
        shape = (attributes["batch"], attributes["c"], attributes["w"] * attributes["h"])
        attributes = {}
    for name in outputs:
        if name not in arrays:
            arrays[name] = np.zeros(shape if name in FULL else shape[1], np.float32)
    with np.errstate(all="ignore"):
        OPERATIONS[operation](**attributes, **arrays)
    return {name: arrays[name] for name in outputs}


# --- 3. The protocol: safetensors messages on standard input and output.


def read(stream):
    """The content and the arrays of the next message; None at the end."""
    prefix = stream.read(8)
    if len(prefix) < 8:
        return None
    rows = json.loads(stream.read(struct.unpack("<Q", prefix)[0]))
    content = json.loads(rows.pop("__metadata__")["message"])
    body = bytearray(stream.read(max((row["data_offsets"][1] for row in rows.values()), default=0)))
    arrays = {}
    for name, row in rows.items():
        begin, end = row["data_offsets"]
        arrays[name] = np.frombuffer(body, "<f4", (end - begin) // 4, begin).reshape(row["shape"])
    return content, arrays


def reply(stream, content, arrays):
    """Write one message."""
    header, begin = {"__metadata__": {"message": json.dumps({"version": 1, **content})}}, 0
    for name, array in arrays.items():
        offsets = [begin, begin := begin + array.nbytes]
        header[name] = {"dtype": "F32", "shape": array.shape, "data_offsets": offsets}
    text = json.dumps(header).encode()
    stream.write(b"".join([struct.pack("<Q", len(text)), text, *(a.tobytes() for a in arrays.values())]))
    stream.flush()


def answer(content, arrays):
    """The content and the arrays of the reply."""
    seq = {"seq": content["seq"]}
    if numba is None:
        return {"kind": "error", "error": "unsupported", "reason": "pip install numba", **seq}, {}
    if content["kind"] == "hello":
        claims = {"dialects": ["darknet"], "labels": ["two_pass", "ieee"], "operations": list(OPERATIONS)}
        about = {"name": "my_port", "details": f"numba {numba.__version__}"}
        return {"kind": "hello", **about, **claims, **seq}, {}
    if content["dialect"] != "darknet" or content["operation"] not in OPERATIONS:
        return {"kind": "error", "error": "unsupported", "reason": "not in this port", **seq}, {}
    results = run(content["operation"], content["attributes"], content["outputs"], arrays)
    return {"kind": "result", **seq}, results


def main():
    """Answer until `bye` or the end of standard input. Whatever prints must print to standard error."""
    replies, sys.stdout = sys.stdout.buffer, sys.stderr
    while (asked := read(sys.stdin.buffer)) and asked[0]["kind"] != "bye":
        reply(replies, *answer(*asked))


if __name__ == "__main__":
    main()
