"""The layer functions as sequences of routine calls, in DarkNet's order.

The same sequence is evaluated by the oracle (free-running), replayed stage by stage against an
implementation (teacher-forced) and used to name the first diverging stage.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from darkparity.dialects import Dialect

from .operations import BACKWARD, FORWARD

#: Lists of stages that are kept: a training run asks for the same two at each of its steps. Bounded, because solving
#: for a constant makes hundreds of dialects.
_KEPT = 512


@dataclass(frozen=True)
class Stage:
    """One call inside a layer function.

    `reads` maps the routine's parameters to arrays of the layer, `writes` is the array it produces.
    `attributes` holds the routine's scalars; `ddof` overrides the dialect's for a rolling variance.
    A routine that is no operation of DarkNet's CPU code (cuDNN, frameworks) has `replayable` False.
    """

    routine: str
    reads: Mapping[str, str]
    writes: str
    attributes: Mapping[str, object] = field(default_factory=dict)
    replayable: bool = True

    @property
    def sources(self) -> tuple[str, ...]:
        """Arrays that its result depends on: a whole copy does not read the target it overwrites."""
        return tuple(array for name, array in self.reads.items() if (self.routine, name) != ("copy_cpu", "Y"))

    def __str__(self) -> str:
        return f"{self.routine} -> {self.writes}"


def stages_behind(array: str, calls: Sequence[Stage]) -> tuple[Stage, ...]:
    """Those of `calls` that the final content of `array` depends on, in order; none if nothing writes it."""
    return _traced(array, calls)[0]


def origins_of(array: str, calls: Sequence[Stage]) -> frozenset[str]:
    """Arrays whose content before `calls` decides that of `array` after them; itself if nothing writes it."""
    return _traced(array, calls)[1]


def _traced(array: str, calls: Sequence[Stage]) -> tuple[tuple[Stage, ...], frozenset[str]]:
    needed, found = frozenset((array,)), []
    for stage in reversed(calls):
        if stage.writes in needed:
            found.append(stage)
            needed = needed - {stage.writes} | set(stage.sources)
    return tuple(found[::-1]), needed


def _copy(source: str, target: str) -> Stage:
    return Stage("copy_cpu", {"X": source, "Y": target}, target)


def _roll(statistic: str, source: str, dialect: Dialect, layer_type: str) -> Iterator[Stage]:
    rolling, target = dialect.rolling_of(layer_type), f"rolling_{statistic}"
    yield Stage("scal_cpu", {"X": target}, target, {"ALPHA": rolling.decay})
    yield Stage("axpy_cpu", {"X": source, "Y": target}, target, {"ALPHA": rolling.gain})


def _update_rolling(dialect: Dialect, layer_type: str, variance: str) -> Iterator[Stage]:
    """The rolling statistics after a training step; `variance`: the array that rolling_variance takes in."""
    yield from _roll("mean", "mean", dialect, layer_type)
    yield from _roll("variance", variance, dialect, layer_type)
    if dialect.rolling_weight:
        rolling = dialect.rolling_of(layer_type)
        constants = {"decay": rolling.decay, "gain": rolling.gain}
        yield Stage("add_weight", {"rolling_weight": "rolling_weight"}, "rolling_weight", constants, False)


def _used_rolling(dialect: Dialect) -> tuple[dict[str, str], tuple[Stage, ...]]:
    """Where the rolling mean and variance are that inference works with, and the calls that put them there."""
    if not dialect.rolling_weight:
        return {"mean": "rolling_mean", "variance": "rolling_variance"}, ()
    reads = ({"rolling": f"rolling_{s}", "rolling_weight": "rolling_weight"} for s in ("mean", "variance"))
    targets = ("_weighed_mean", "_weighed_variance")
    calls = (Stage("weighed", r, t, replayable=False) for r, t in zip(reads, targets, strict=True))
    return dict(zip(("mean", "variance"), targets, strict=True)), tuple(calls)


def _roll_batch(dialect: Dialect, layer_type: str) -> Iterator[Stage]:
    if dialect.rolling_ddof == dialect.variance_ddof:
        yield from _update_rolling(dialect, layer_type, "variance")
    else:
        ddof = {"ddof": dialect.rolling_ddof}
        yield Stage("variance_cpu", {"x": "output", "mean": "mean"}, "_unbiased", ddof, False)
        yield from _update_rolling(dialect, layer_type, "_unbiased")


def _roll_saved(dialect: Dialect, layer_type: str) -> Iterator[Stage]:
    """In backward (MXNet): from what the forward saved."""
    variance = "variance"
    if dialect.saved_statistic == "inverse_std":
        variance = "_variance"
        yield Stage("variance_of_inverse_std", {"inverse_std": "variance"}, variance, replayable=False)
    yield from _update_rolling(dialect, layer_type, variance)


def _train_forward(dialect: Dialect, layer_type: str) -> Iterator[Stage]:
    yield Stage("mean_cpu", {"x": "output"}, "mean")
    yield Stage("variance_cpu", {"x": "output", "mean": "mean"}, "variance")
    if dialect.rolling_updated_in == "forward":
        yield from _roll_batch(dialect, layer_type)
    statistics = {"mean": "mean", "variance": "variance"}
    yield Stage("normalize_cpu", {"x": "output", **statistics}, "output")
    if dialect.saves_x_norm:
        yield _copy("output", "x_norm")
    if dialect.saved_statistic == "inverse_std":
        yield Stage("inverse_std", {"variance": "variance"}, "variance", replayable=False)


@lru_cache(_KEPT)
def forward_stages(dialect: Dialect, layer_type: str, train: bool) -> tuple[Stage, ...]:
    """Calls of `forward_batchnorm_layer`. Source: pjreddie/darknet@f6afaabc src/batchnorm_layer.c:135-159."""

    def calls() -> Iterator[Stage]:
        if layer_type == "BATCHNORM":
            yield _copy("input", "output")
        if train or dialect.saves_x == "always":
            yield _copy("output", "x")
        if train:
            yield from _train_forward(dialect, layer_type)
        else:
            rolling, calls = _used_rolling(dialect)
            yield from calls
            yield Stage("normalize_cpu", {"x": "output", **rolling}, "output")
        yield Stage("scale_bias", {"output": "output", "scales": "scales"}, "output")
        yield Stage("add_bias", {"output": "output", "biases": "biases"}, "output")

    return tuple(calls())


def _three_term(mean: str, variance: str) -> Iterator[Stage]:
    """DarkNet's backward: Source src/batchnorm_layer.c:163-176."""
    yield Stage(
        "backward_scale_cpu", {"x_norm": "x_norm", "delta": "delta", "scale_updates": "scale_updates"}, "scale_updates"
    )
    yield Stage("scale_bias", {"output": "delta", "scales": "scales"}, "delta")
    yield Stage("mean_delta_cpu", {"delta": "delta", "variance": variance}, "mean_delta")
    yield Stage(
        "variance_delta_cpu", {"x": "x", "delta": "delta", "mean": mean, "variance": variance}, "variance_delta"
    )
    yield Stage("normalize_delta_cpu",
                {"x": "x", "mean": mean, "variance": variance, "mean_delta": "mean_delta",
                 "variance_delta": "variance_delta", "delta": "delta"}, "delta")  # fmt: skip


def _inverse_std(dialect: Dialect, mean: str, variance: str, train: bool) -> Iterator[Stage]:
    """cuDNN's and the frameworks' backward: x_hat recomputed from the statistics at hand."""
    if variance == "variance" and dialect.saved_statistic == "inverse_std":
        inverse = "variance"
    elif dialect.inference_backward == "rolling_as_inverse_std" and not train:
        inverse = variance
    else:
        inverse = "_inverse_std"
        yield Stage("inverse_std", {"variance": variance}, inverse, replayable=False)
    statistics = {"x": "x", "mean": mean, "inverse_std": inverse}
    yield Stage("x_hat", statistics, "_x_hat", replayable=False)
    yield Stage(
        "backward_scale_cpu", {"x_norm": "_x_hat", "delta": "delta", "scale_updates": "scale_updates"}, "scale_updates"
    )
    yield Stage("scale_bias", {"output": "delta", "scales": "scales"}, "delta")
    if dialect.inference_backward == "fixed" and not train:
        yield Stage("fixed_delta", {"delta": "delta", "inverse_std": inverse}, "delta", replayable=False)
    else:
        yield Stage("inverse_std_delta", {**statistics, "delta": "delta"}, "delta", replayable=False)


def _rolling_into_statistics(dialect: Dialect) -> Iterator[Stage]:
    """AlexeyAB's GPU paths overwrite mean and variance in inference-mode backward."""
    yield _copy("rolling_mean", "mean")
    if dialect.saved_statistic == "inverse_std":
        yield Stage("inverse_std", {"variance": "rolling_variance"}, "variance", replayable=False)
    else:
        yield _copy("rolling_variance", "variance")


@lru_cache(_KEPT)
def backward_stages(dialect: Dialect, layer_type: str, train: bool) -> tuple[Stage, ...]:
    """Calls of `backward_batchnorm_layer`. Source: pjreddie/darknet@f6afaabc src/batchnorm_layer.c:161-179."""

    def calls() -> Iterator[Stage]:
        if train and dialect.rolling_updated_in == "backward":
            yield from _roll_saved(dialect, layer_type)
        rolling = not train and dialect.inference_backward != "batch"
        if rolling and dialect.inference_backward == "rolling_copied":
            yield from _rolling_into_statistics(dialect)
            rolling = False
        used, weighing = _used_rolling(dialect) if rolling else ({"mean": "mean", "variance": "variance"}, ())
        yield from weighing
        mean, variance = used["mean"], used["variance"]
        if layer_type in dialect.bias_gradient:
            yield Stage("backward_bias", {"bias_updates": "bias_updates", "delta": "delta"}, "bias_updates")
        if dialect.backward == "three_term":
            yield from _three_term(mean, variance)
        else:
            yield from _inverse_std(dialect, mean, variance, train)
        if layer_type == "BATCHNORM":
            yield _copy("delta", "net_delta")

    return tuple(calls())


def stages(operation: str, dialect: Dialect, attributes: Mapping[str, object]) -> tuple[Stage, ...]:
    """Calls of the layer function `operation`; empty for a plain routine."""
    table = {FORWARD: forward_stages, BACKWARD: backward_stages}
    if operation not in table:
        return ()
    return table[operation](dialect, str(attributes["type"]), bool(attributes["train"]))
