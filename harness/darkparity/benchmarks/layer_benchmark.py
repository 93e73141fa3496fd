"""Layer functions under pytest-benchmark; the jobs come from `darkparity bench` through the environment."""

from __future__ import annotations

import functools
import json
import os
import sys
from typing import Any

import pytest

from darkparity.bench import JOBS, Shape, question
from darkparity.dialects import DIALECTS
from darkparity.implementations import Implementation, load
from darkparity.question import Question
from darkparity.spec import outputs_of

_JOBS: list[dict[str, Any]] = json.loads(os.environ.get(JOBS, "[]"))


@functools.cache
def _loaded(asked: str) -> Implementation:
    implementation = load(asked)
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)
    return implementation


@functools.lru_cache(maxsize=1)
def _question(operation: str, shape: Shape, dialect: str) -> Question:
    return question(operation, shape, dialect)


@pytest.mark.parametrize("job", _JOBS, ids=lambda j: f"{j['operation']}-{j['implementation']}")
def test_layer(benchmark: Any, job: dict[str, Any]) -> None:
    """Time one job."""
    asked = _question(job["operation"], tuple(job["shape"]), job["dialect"])
    outputs = outputs_of(asked.operation, asked.attributes, asked.dialect)
    benchmark.extra_info.update({k: job[k] for k in ("implementation", "operation", "shape")})
    benchmark(
        _loaded(job["asked"]).run,
        asked.operation,
        DIALECTS[job["dialect"]],
        asked.arrays,
        asked.attributes,
        outputs,
    )
