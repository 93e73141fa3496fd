"""The table of operations: names, arrays, attributes, formula and source of each DarkNet routine.

Sizes come from shapes; what DarkNet changes in place is an output; where the old value counts
(`+=`), it is an input too. Source lines are those of pjreddie/darknet@f6afaabc.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from darkparity.dialects import Dialect

#: Every source line is one of this repository and commit.
DARKNET = "pjreddie/darknet@f6afaabc"

#: Axes of every array of the specification. "A": (batch, channels, spatial); "c": (channels,);
#: "v": a flat vector of a BLAS routine. All contiguous float32.
AXES: Mapping[str, str] = {
    **dict.fromkeys(("input", "output", "x", "x_norm", "delta", "net_delta"), "A"),
    **dict.fromkeys(
        (
            "scales", "biases", "mean", "variance", "rolling_mean", "rolling_variance", "rolling_weight",
            "bias_updates", "scale_updates", "mean_delta", "variance_delta",
        ),
        "c",
    ),
    "X": "v",
    "Y": "v",
}  # fmt: skip


@dataclass(frozen=True)
class Operation:
    """One DarkNet routine or layer function.

    `inputs` and `outputs` are in specification order (the order of a returned tuple); an array named
    in both is changed in place by DarkNet. `attributes` maps each scalar parameter to its Python type.
    """

    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, type]
    formula: str
    source: str

    @property
    def full_source(self) -> str:
        """Repository, commit, file and lines."""
        return f"{DARKNET} {self.source}"


def _routine(name: str, arrows: str, formula: str, source: str, **attributes: type) -> Operation:
    inputs, outputs = (tuple(side.split()) for side in arrows.split("->"))
    return Operation(name, inputs, outputs, attributes, formula, source)


_BLAS = "src/blas.c"
_LAYER = "src/batchnorm_layer.c"
_STATE = "mean variance rolling_mean rolling_variance rolling_weight"
_LAYER_ATTRIBUTES: dict[str, type] = {"type": str, "train": bool, "out_h": int, "out_w": int}
_BUFFERS = (
    "output delta x x_norm scales biases scale_updates bias_updates "
    "mean variance rolling_mean rolling_variance mean_delta variance_delta rolling_weight"
)

FORWARD = "forward_batchnorm_layer"
BACKWARD = "backward_batchnorm_layer"
MAKE = "make_batchnorm_layer"
TRAINING_RUN = "training_run"

#: Steps of a training run: T training, I inference; b with the backward pass.
MODES = ("T", "Tb", "I", "Ib")
_RUN_STATE = ("x", "x_norm", "scales", "biases", *_STATE.split(), "bias_updates", "scale_updates")

_ROWS = (
    _routine("copy_cpu", "X Y -> Y", "Y[i*INCY] = X[i*INCX], i < N", f"{_BLAS}:226-230",
             N=int, INCX=int, INCY=int),
    _routine("scal_cpu", "X -> X", "X[i*INCX] *= ALPHA, i < N", f"{_BLAS}:207-211",
             N=int, ALPHA=float, INCX=int),
    _routine("axpy_cpu", "X Y -> Y", "Y[i*INCY] += ALPHA * X[i*INCX], i < N", f"{_BLAS}:201-205",
             N=int, ALPHA=float, INCX=int, INCY=int),
    _routine("mean_cpu", "x -> mean", "sum(x) / m", f"{_BLAS}:94-108"),
    _routine("variance_cpu", "x mean -> variance", "sum((x - mean)^2) / (m - 1)", f"{_BLAS}:110-124"),
    _routine("normalize_cpu", "x mean variance -> x",
             "(x - mean) / (sqrt(variance) + 1e-6)", f"{_BLAS}:147-158"),
    _routine("scale_bias", "output scales -> output", "output * scales",
             "src/convolutional_layer.c:437-447"),
    _routine("add_bias", "output biases -> output", "output + biases",
             "src/convolutional_layer.c:425-435"),
    _routine("backward_bias", "bias_updates delta -> bias_updates",
             "bias_updates + sum(delta), one (m+1)-term sum", "src/convolutional_layer.c:449-457"),
    _routine("backward_scale_cpu", "x_norm delta scale_updates -> scale_updates",
             "scale_updates + sum(delta * x_norm), one (m+1)-term sum", f"{_LAYER}:73-86"),
    _routine("mean_delta_cpu", "delta variance -> mean_delta",
             "-sum(delta) / sqrt(variance + 1e-5)", f"{_LAYER}:88-101"),
    _routine("variance_delta_cpu", "x delta mean variance -> variance_delta",
             "-0.5 sum(delta (x - mean)) (variance + 1e-5)^(-3/2)", f"{_LAYER}:102-116"),
    _routine("normalize_delta_cpu", "x mean variance mean_delta variance_delta delta -> delta",
             "delta / sqrt(variance + 1e-5) + variance_delta 2 (x - mean) / m + mean_delta / m",
             f"{_LAYER}:117-128"),
    _routine(MAKE, f"-> {_BUFFERS}",
             "scales 1; biases, rolling_mean, updates 0; rolling_variance 0; all buffers allocated and 0",
             f"{_LAYER}:5-71", batch=int, w=int, h=int, c=int),
    Operation(FORWARD,
              ("input", "output", "x", "x_norm", "scales", "biases", *_STATE.split()),
              ("output", "x", "x_norm", *_STATE.split()),
              _LAYER_ATTRIBUTES,
              "train: mean, variance of the batch; rolling = decay rolling + gain batch; "
              "x_norm = normalize(x); output = scales x_norm + biases. "
              "inference: output = scales normalize(x; rolling) + biases, nothing else but x written",
              f"{_LAYER}:135-159"),
    Operation(BACKWARD,
              ("delta", "x", "x_norm", "scales", *_STATE.split(), "bias_updates", "scale_updates"),
              ("delta", "bias_updates", "scale_updates", "mean_delta", "variance_delta",
               *_STATE.split(), "net_delta"),
              _LAYER_ATTRIBUTES,
              "bias_updates += sum(delta); scale_updates += sum(delta x_norm); delta *= scales; "
              "mean_delta; variance_delta; delta = normalize_delta; inference: with the rolling "
              "statistics for this call only",
              f"{_LAYER}:161-179"),
    Operation(TRAINING_RUN,
              ("input", "delta", *_RUN_STATE),
              ("output", "x", "x_norm", *_STATE.split(), "delta", "bias_updates", "scale_updates",
               "mean_delta", "variance_delta"),
              {"type": str, "modes": str, "out_h": int, "out_w": int},
              "K steps of forward (and backward) carrying the state; every output stacked over K; "
              "fixed batch, no weight update, updates not zeroed",
              f"{_LAYER}:135-179"),
)  # fmt: skip

OPERATIONS: Mapping[str, Operation] = {row.name: row for row in _ROWS}
LAYER_OPERATIONS = (FORWARD, BACKWARD)
ROUTINES = tuple(name for name in OPERATIONS if name not in (*LAYER_OPERATIONS, MAKE, TRAINING_RUN))


def operation(name: str) -> Operation:
    """Return the row `name`; raises KeyError that lists the known operations."""
    try:
        return OPERATIONS[name]
    except KeyError:
        raise KeyError(f"unknown operation {name!r}; known: {', '.join(OPERATIONS)}") from None


def inputs_of(name: str, attributes: Mapping[str, object], dialect: Dialect | None = None) -> tuple[str, ...]:
    """Input arrays of one call: a BATCHNORM layer reads `input`, the others start from `output`.

    dialect: None stands for any whose arrays are DarkNet's.
    """
    absent = {"output" if attributes.get("type") == "BATCHNORM" else "input"} if name == FORWARD else set()
    if dialect is None or not dialect.rolling_weight:
        absent.add("rolling_weight")
    return tuple(a for a in operation(name).inputs if a not in absent)


def outputs_of(name: str, attributes: Mapping[str, object], dialect: Dialect) -> tuple[str, ...]:
    """Output arrays of one call, in specification order, in `dialect`."""
    absent = set() if dialect.rolling_weight else {"rolling_weight"}
    if name == BACKWARD and attributes.get("type") != "BATCHNORM":
        absent.add("net_delta")
    if name in (BACKWARD, TRAINING_RUN) and dialect.backward == "inverse_std":
        absent.update(("mean_delta", "variance_delta"))
    return tuple(a for a in operation(name).outputs if a not in absent)


def steps_of(attributes: Mapping[str, object]) -> tuple[str, ...]:
    """The modes of a training run, one per step; none for anything else."""
    return tuple(str(attributes.get("modes", "")).split())


def operations_of(mode: str) -> tuple[str, ...]:
    """The layer functions that a step of a training run calls."""
    return LAYER_OPERATIONS if mode.endswith("b") else (FORWARD,)


def step_attributes(attributes: Mapping[str, object], mode: str) -> dict[str, object]:
    """Attributes of the layer functions in one step of a run."""
    shared = {name: attributes[name] for name in ("type", "out_h", "out_w")}
    return {"type": shared.pop("type"), "train": mode.startswith("T"), **shared}
