"""The fields in which batch norms differ, each with its meaning, from which documentation is made.

A new field is one line in `Dialect`: it travels in the wire's constants, enters the C++ row if cpp/dialect.hpp has
it, and appears in docs/dialects.md and docs/protocol.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, ClassVar, NamedTuple

from .choices import (
    Backward,
    Form,
    InferenceBackward,
    LayerType,
    Momentum,
    RollingUpdatedIn,
    SavedStatistic,
    SavesX,
    chosen,
)
from .constants import Epsilon, Rolling
from .settings import UNTOLD, settings

#: Every layer type; which of them add to bias_updates differs between dialects.
ALL_TYPES: frozenset[str] = frozenset(LayerType)


#: Characters; with operation and case behind it, a part of a path stays below the 200 of `formats.names`.
_LONGEST_SLUG = 100


#: pjreddie/darknet@f6afaabc src/batchnorm_layer.c:143-146.
_ROLLING = Rolling(0.99, 0.01)


class Constant(NamedTuple):
    """A number or word of a dialect by its name on the wire."""

    name: str
    value: Any
    meaning: str


@dataclass(frozen=True)
class Dialect:
    """One batch norm among the many. All constants are float32 values.

    The meaning of a field stands beside it; words are taken for members of the field's StrEnum, others are refused
    with a UsageError. sources: field -> owner/repo@commit path:lines; "*" for all the rest.
    """

    name: str
    summary: str
    normalize: Annotated[Epsilon, "epsilon of the forward pass, in `normalize_cpu`"]
    mean_delta: Annotated[Epsilon, "epsilon of `mean_delta_cpu`"]
    variance_delta: Annotated[Epsilon, "epsilon of `variance_delta_cpu`"]
    normalize_delta: Annotated[Epsilon, "epsilon of `normalize_delta_cpu`"]
    sources: Mapping[str, str] = field(hash=False)
    variance_ddof: Annotated[int, "the normalizing variance divides by m minus this"] = 1
    rolling_ddof: Annotated[int, "the same for the variance that enters `rolling_variance`"] = 1
    rolling: Annotated[Rolling, "rolling = decay * rolling + gain * batch"] = _ROLLING
    rolling_connected: Annotated[Rolling | None, "the same for a CONNECTED layer", UNTOLD] = None
    initial_rolling_variance: Annotated[float, "what a new layer holds"] = 0.0
    backward: Annotated[
        Backward,
        "`three_term`: DarkNet's mean_delta, variance_delta, normalize_delta. `inverse_std`: x_hat is recomputed from "
        "x, mean and 1/std; mean_delta and variance_delta do not exist",
    ] = Backward.THREE_TERM
    saved_statistic: Annotated[
        SavedStatistic,
        "what the array `variance` holds after a training forward: the `variance`, or 1/std (`inverse_std`)",
    ] = SavedStatistic.VARIANCE
    saves_x: Annotated[SavesX, "whether x is saved `always` or only in `training`"] = SavesX.ALWAYS
    saves_x_norm: Annotated[bool, "whether a training forward writes x_norm"] = True
    inference_backward: Annotated[
        InferenceBackward,
        "which statistics an inference-mode backward uses. `rolling`: the rolling ones, for that call only. "
        "`rolling_copied`: the rolling ones, which overwrite mean and variance. `batch`: those of the last training "
        "forward. `fixed`: the rolling ones as constants. `rolling_as_inverse_std`: rolling_variance is used as if it "
        "were 1/std",
    ] = InferenceBackward.ROLLING
    bias_gradient: Annotated[
        frozenset[str], "layer types whose backward adds to bias_updates; a port is told whether its layer's does"
    ] = ALL_TYPES
    routines: Annotated[
        bool,
        "whether the routines exist as separate functions; otherwise only the layer functions can be judged",
        UNTOLD,
    ] = True
    least_divisor: Annotated[
        int,
        "the divisor m - ddof is at least this. With 0, a single value gives 0 / 0, as in DarkNet; with 1, it gives 0",
    ] = 0
    rolling_updated_in: Annotated[
        RollingUpdatedIn,
        "the function whose training call updates the rolling statistics: `forward`, or `backward` (MXNet)",
    ] = RollingUpdatedIn.FORWARD
    rolling_weight: Annotated[
        bool,
        "whether rolling_mean and rolling_variance are sums whose weights add up in a third array, `rolling_weight`, "
        "by which they are divided when used (Caffe; a weight of 0 gives statistics of 0)",
    ] = False
    inference_only: Annotated[
        bool, "the dialect has neither training nor backward; only inference is checked", UNTOLD
    ] = False
    output_form: Annotated[
        Form,
        "how the output may be computed. `formula`: scales (x - mean) / std + biases. `either`: also folded, a x + b "
        "with a = scales / std, which is less accurate where a mean is much larger than x - mean; bounds allow for it",
        UNTOLD,
    ] = Form.FORMULA
    refuses_m_1: Annotated[
        bool,
        "whether the reference refuses to train with a single value per channel; to refuse is then right, and whoever "
        "does not is judged",
        UNTOLD,
    ] = False
    variance_form: Annotated[
        Form,
        "how the variance may be computed. `formula`: the mean of (x - mean)^2. `either`: also E[x^2] - E[x]^2, which "
        "is less accurate where the mean is much larger than x - mean; bounds allow for it. `either_clipped`: the "
        "same, with 0 in place of what is negative",
        UNTOLD,
    ] = Form.FORMULA
    momentum_convention: Annotated[
        Momentum,
        Form,
        "what the number is that its users call momentum. `pytorch`: the weight of the new value, the gain. "
        "`darknet`: the weight of the old value, the decay. `none`: there is no such number",
        UNTOLD,
    ] = Momentum.NONE

    #: From what a user gives: `known.dialect`, which sets itself here because it knows all rows by name.
    meant: ClassVar[Callable[[Any], Dialect]]

    def __post_init__(self) -> None:
        for f in fields(self):
            if isinstance(f.default, StrEnum):
                object.__setattr__(self, f.name, chosen(type(f.default), getattr(self, f.name), f.name))
        types = frozenset(chosen(LayerType, kind, "bias_gradient") for kind in self.bias_gradient)
        object.__setattr__(self, "bias_gradient", types)

    @classmethod
    def based_on(cls, base: Dialect | str, **words: Any) -> Dialect:
        """A dialect of one's own: `Dialect.based_on("pytorch", epsilon=1e-3, momentum=.03)`.

        base: a row, or what `darkparity.dialects.dialect` takes. words: docs/dialects.md. Its name says both; equal
        ones have the same. Raises UsageError with the word that is wrong and the known ones.
        """
        return cls.meant({"base": cls.meant(base).name, **words})

    @property
    def base(self) -> str:
        """The known dialect that it is, or that one of one's own changes."""
        return self.name.partition("(")[0]

    @property
    def slug(self) -> str:
        """Its name in ids and names of files: `pytorch+epsilon_0.001`, nothing a shell or a file system acts on."""
        plain = self.name.translate(str.maketrans("(,=", "++_", ")"))
        if len(plain) <= _LONGEST_SLUG:
            return plain
        return f"{self.base}+{hashlib.sha256(self.name.encode()).hexdigest()[:16]}"

    def rolling_of(self, layer_type: str) -> Rolling:
        """Decay and gain for `layer_type` (AlexeyAB's CONNECTED layer has its own)."""
        if layer_type == LayerType.CONNECTED and self.rolling_connected is not None:
            return self.rolling_connected
        return self.rolling

    def divisor(self, m: int, ddof: int) -> int:
        """What a sum of squares of m values is divided by."""
        return max(m - ddof, self.least_divisor)

    def row(self, layer_type: str) -> dict[str, Any]:
        """Field -> value of what an implementation must know, for one layer type."""
        told = {name: getattr(self, name) for name in settings(type(self), UNTOLD)}
        resolved = {"rolling": self.rolling_of(layer_type), "bias_gradient": layer_type in self.bias_gradient}
        return told | resolved

    def constants(self, layer_type: str) -> Iterator[Constant]:
        """row() without nesting: `normalize` becomes `normalize_epsilon` and `normalize_place`."""
        meanings = settings(type(self))
        for name, value in self.row(layer_type).items():
            if not is_dataclass(value):
                yield Constant(name, value, meanings[name])
                continue
            of_parts = settings(type(value))
            for part in fields(value):
                wire = f"{name}_{part.metadata.get('wire', part.name)}"
                yield Constant(wire, getattr(value, part.name), of_parts.get(part.name, meanings[name]))

    @cached_property
    def _hash(self) -> int:
        return hash(tuple(getattr(self, f.name) for f in fields(self) if f.hash is not False))

    def __hash__(self) -> int:
        """Of all fields but `sources`. Kept: it takes longer than the smallest C++ call, which is found by it."""
        return self._hash

    def __getstate__(self) -> dict[str, Any]:
        """For pickle, without the hash: that of a text is another in every process."""
        return {f.name: getattr(self, f.name) for f in fields(self)}

    def __repr__(self) -> str:
        return f"<dialect {self.name}: {self.summary}>"

    def __str__(self) -> str:
        return self.name
