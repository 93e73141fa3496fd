"""The answers of many deviations to one call of a layer function: what a deviation leaves alone is evaluated once."""

from __future__ import annotations

from itertools import takewhile

import numpy as np

from darkparity.oracle import Environment, as_array, as_tensor, run_stage
from darkparity.spec import LAYER_OPERATIONS, Call, stages

from .answers import otherwise, values
from .deviation import Deviation
from .plain import Plain


class Replay:
    """One call, evaluated without a deviation and kept as it was in front of each stage."""

    def __init__(self, call: Call) -> None:
        self.call = call
        self.stages = stages(call.operation, call.dialect, call.attributes)
        self.before: list[Environment] = []
        if call.operation not in LAYER_OPERATIONS:
            return
        environment = {name: Plain.lift(as_tensor(name, array)) for name, array in call.arrays.items()}
        for stage in self.stages:
            self.before.append(dict(environment))
            with np.errstate(all="ignore"):
                environment[stage.writes] = run_stage(stage, call.dialect, environment, call.attributes)
        self.before.append(environment)

    def values(self, deviation: Deviation) -> dict[str, np.ndarray]:
        """Outputs that the deviation computes otherwise, float32 by name; of other operations than layer functions all."""
        call, variant = self.call, deviation.variant
        dialect = variant.dialect(call.dialect)
        if call.operation not in LAYER_OPERATIONS or dialect.rolling_weight != call.dialect.rolling_weight:
            return values(deviation, call)
        changed = otherwise(variant, call.dialect, dialect)
        now = variant.rewrite(stages(call.operation, dialect, call.attributes), call.attributes)
        pairs = zip(now, self.stages, strict=False)
        same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1] and pair[0].routine not in changed, pairs))
        environment = dict(self.before[same])
        with np.errstate(all="ignore"):
            for stage in now[same:]:
                environment[stage.writes] = run_stage(stage, dialect, environment, call.attributes, variant)
            return {
                name: as_array(name, environment[name].v.astype(np.float32))
                for name in call.outputs
                if name in environment and environment[name] is not self.before[-1].get(name)
            }
