"""How fast implementations are on layer functions, of those that conform on exactly that geometry.

Timed by pytest-benchmark in a process of its own, on one thread, through the harness's contract (`run`, with
its checks and private copies): the same for everybody, and compared as ratios within one run only.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from darkparity.cases import Case
from darkparity.cases.recipes import normal, uniform
from darkparity.dialects import DEFAULT, DIALECTS
from darkparity.question import Question
from darkparity.questions import live
from darkparity.runner import Contestant, ask
from darkparity.spec import BACKWARD, FORWARD
from darkparity.verdict import CONFORMS, DEVIATES, Verdict, kind

Shape = tuple[int, int, int, int]
#: Layers of YOLO networks: early (large planes), middle, late (many channels).
SHAPES: tuple[Shape, ...] = ((8, 32, 26, 26), (4, 64, 52, 52), (16, 256, 13, 13))
#: What the timing process is told through its environment.
JOBS = "DARKPARITY_BENCH"
#: Variables that hold numeric libraries to one thread.
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
_SECONDS, _ROUNDS = "0.5", "5"
Move = Callable[[str, int, int], None]


class BenchError(ValueError):
    """Nothing can be measured; says what to do."""


@dataclass(frozen=True)
class Timing:
    """One implementation on one operation and geometry. median, ratio: None where not measured.

    ratio: baseline's median / this one's: 2 is twice as fast. verdict: only `conforms` is measured.
    """

    implementation: str
    operation: str
    shape: Shape
    verdict: str
    note: str = ""
    median: float | None = None
    rounds: int = 0
    ratio: float | None = None


@dataclass(frozen=True)
class Report:
    """All timings of one run."""

    timings: tuple[Timing, ...]
    baseline: str
    threads: int = 1

    @property
    def exit_code(self) -> int:
        """Who was asked to run fast must conform first."""
        failed = any(t.verdict not in ("conforms", "unsupported") for t in self.timings)
        measured = any(t.median is not None for t in self.timings)
        return DEVIATES if failed or not measured else CONFORMS


def parse_shape(text: str) -> Shape:
    """`8x32x26x26` -> (8, 32, 26, 26). Raises BenchError."""
    parts = text.lower().split("x")
    if len(parts) != 4 or not all(p.isdecimal() and int(p) > 0 for p in parts):
        raise BenchError(f"--shape {text!r}: needs BATCHxCHANNELSxHEIGHTxWIDTH, e.g. 8x32x26x26")
    batch, channels, height, width = map(int, parts)
    return batch, channels, height, width


def question(operation: str, shape: Shape, dialect: str = DEFAULT) -> Question:
    """A training call of a convolutional layer on ordinary data."""
    arrays = {
        "output": normal(0.5, 2.0),
        "delta": normal(0.25, 1.0),
        "x": normal(0.5, 2.0),
        "x_norm": normal(),
        "scales": uniform(0.5, 1.5),
        "biases": normal(0.0, 0.5),
        "mean": normal(0.5, 0.25),
        "variance": uniform(3.0, 5.0),
        "rolling_mean": normal(-1.0, 0.5),
        "rolling_variance": uniform(0.25, 1.0),
        "bias_updates": normal(0.0, 2.0),
        "scale_updates": normal(0.0, 2.0),
    }
    name = "bench_" + "x".join(map(str, shape))
    attributes = {"type": "CONVOLUTIONAL", "train": True}
    return live(Case(name, operation, "speed", arrays, shape, attributes), DIALECTS[dialect])


def measure(
    contestants: Sequence[Contestant],
    asked: Sequence[str],
    baseline: str,
    shapes: Sequence[Shape],
    move: Move,
) -> Report:
    """Judge, then time. asked: what was typed for each contestant, to load it again in the timing process.

    Raises BenchError where pytest-benchmark is missing or the baseline takes no part.
    """
    _check(contestants, baseline)
    jobs = [(operation, shape) for operation in (FORWARD, BACKWARD) for shape in shapes or SHAPES]
    judged = _judged(contestants, jobs, move)
    move("timing", 0, 1)
    texts = {c.name: text for c, text in zip(contestants, asked, strict=True)}
    wanted = [
        {
            "implementation": t.implementation,
            "asked": texts[t.implementation],
            "operation": t.operation,
            "shape": t.shape,
            "dialect": _dialect(next(c for c in contestants if c.name == t.implementation)),
        }
        for t in judged
        if t.verdict == "conforms"
    ]
    measured = _timed(wanted) if wanted else {}
    filled = [replace(t, **measured.get((t.implementation, t.operation, t.shape), {})) for t in judged]
    return Report(tuple(_related(filled, baseline)), baseline)


def _check(contestants: Sequence[Contestant], baseline: str) -> None:
    if importlib.util.find_spec("pytest_benchmark") is None:
        raise BenchError("bench needs pytest-benchmark: pip install 'darkparity[bench]'")
    names = [c.name for c in contestants]
    if baseline not in names:
        raise BenchError(f"baseline {baseline!r} takes no part; --baseline takes one of {', '.join(names)}")


def _dialect(contestant: Contestant) -> str:
    offered = contestant.description.dialects
    return DEFAULT if DEFAULT in offered or not offered else offered[0]


def _judged(contestants: Sequence[Contestant], jobs: Sequence[tuple[str, Shape]], move: Move) -> list[Timing]:
    """Every contestant on every job, unmeasured; one question is held in memory at a time."""
    timings: list[Timing] = []
    for operation, shape in jobs:
        questions: dict[str, Question] = {}
        for contestant in contestants:
            move(f"judging {contestant.name} {operation} {shape}", len(timings), len(jobs) * len(contestants))
            dialect = _dialect(contestant)
            asked = questions.setdefault(dialect, question(operation, shape, dialect))
            verdict = ask(contestant, asked)[0].verdict
            timings.append(Timing(contestant.name, operation, shape, kind(verdict), _note(verdict)))
    return timings


def _note(verdict: Verdict) -> str:
    stage, message = getattr(verdict, "stage", ""), getattr(verdict, "message", "")
    return str(stage or message or getattr(verdict, "reason", ""))


def _timed(jobs: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str, Shape], dict[str, Any]]:
    """Medians in seconds by job, from a pytest-benchmark run. Raises BenchError."""
    with tempfile.TemporaryDirectory(prefix="darkparity-bench-") as directory:
        result = Path(directory) / "benchmark.json"
        done = subprocess.run(
            _command(Path(directory), result),
            env=_environment(jobs),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode or not result.is_file():
            raise BenchError(f"pytest-benchmark failed:\n{(done.stdout + done.stderr)[-2000:]}")
        rows = json.loads(result.read_text("utf-8"))["benchmarks"]
    return {
        (info["implementation"], info["operation"], tuple(info["shape"])): {
            "median": row["stats"]["median"],
            "rounds": row["stats"]["rounds"],
        }
        for row in rows
        if (info := row["extra_info"])
    }


def _command(directory: Path, result: Path) -> list[str]:
    """pytest on the one module, deaf to any configuration of the user's."""
    (directory / "pytest.ini").write_text("[pytest]\n", "utf-8")
    module = Path(__file__).parent / "benchmarks" / "layer_benchmark.py"
    return [
        sys.executable,
        "-m",
        "pytest",
        str(module),
        "-q",
        "-c",
        str(directory / "pytest.ini"),
        "--rootdir",
        str(directory),
        "-p",
        "pytest_benchmark.plugin",
        "-p",
        "no:cacheprovider",
        "--import-mode=importlib",
        "--benchmark-only",
        "--benchmark-disable-gc",
        "--benchmark-warmup=on",
        "--benchmark-warmup-iterations=2",
        f"--benchmark-max-time={_SECONDS}",
        f"--benchmark-min-rounds={_ROUNDS}",
        f"--benchmark-json={result}",
        f"--benchmark-storage=file://{directory}",
    ]


def _environment(jobs: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    here = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
    path = os.pathsep.join(p for p in sys.path if p)
    return {
        **here,
        **dict.fromkeys(_THREADS, "1"),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTHONPATH": path,
        "PYTHONDONTWRITEBYTECODE": "1",
        JOBS: json.dumps(list(jobs)),
    }


def _related(timings: Sequence[Timing], baseline: str) -> list[Timing]:
    """With ratios to the baseline's median on the same job."""
    base = {(t.operation, t.shape): t.median for t in timings if t.implementation == baseline}

    def related(timing: Timing) -> Timing:
        mine, other = timing.median, base.get((timing.operation, timing.shape))
        return replace(timing, ratio=other / mine) if mine and other else timing

    return [related(t) for t in timings]
