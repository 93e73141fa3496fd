"""Files that darkparity writes: golden store, run files, bench reports, exports, known differences."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

from darkparity.bench import history
from darkparity.bench.plan import Plan
from darkparity.bench.report import Report, Spread, Timing
from darkparity.bench.traffic import Traffic
from darkparity.checking import check
from darkparity.dialects import DEFAULT
from darkparity.errors import FAULT, ProtocolError
from darkparity.implementations import load
from darkparity.judging.grade import ABOUT, grade, open_answers
from darkparity.judging.known import read as read_known
from darkparity.judging.result import Result
from darkparity.judging.runner import Participant, ask
from darkparity.judging.verdict import Crashed
from darkparity.oracle.bounds import ANY
from darkparity.oracle.deviations import DEVIATIONS
from darkparity.problems.exported import FORMATS as ANSWERS
from darkparity.problems.exported import MANIFEST as EXPORTED
from darkparity.problems.exported import export, read_export
from darkparity.problems.golden.reading import parse
from darkparity.problems.golden.separates import parse as parse_table
from darkparity.problems.golden.separates import path_of
from darkparity.problems.golden.store import MANIFEST, Store, default_store
from darkparity.problems.golden.store import problem as fixture_problem
from darkparity.problems.problem import Problem
from darkparity.proof.deviating import DeviatingImplementation
from darkparity.report.run import read as read_run
from darkparity.report.shards import merge

from .mutate import TEXT
from .trial import Format, through

_CASE, _DEVIATION = "two_elements", "biased_variance"
#: One of each form that a fixture has: vectors, channels, no input arrays, a layer, a recipe, stacked steps.
_FIXTURES = tuple(f"darknet/{name}.json" for name in (
    "axpy_cpu/strides_swapped", f"variance_cpu/{_CASE}", "make_batchnorm_layer/one_of_everything",
    "forward_batchnorm_layer/one_element_per_channel", "backward_bias/above_4096_elements",
    "training_run/one_value_poisons",
))  # fmt: skip
_KNOWN = b"""[[known]]
implementation = "mine"
case = "darknet-variance_cpu-ordinary_*"
reason = "divides by m on purpose"
link = "https://example.org/issues/1"

[[known]]
implementation = "mine"
case = ["a", "b*"]
reason = "later"
"""


def own_formats(desk: Path) -> list[Format]:
    """Each with a file that its own writer wrote, of the smallest golden case."""
    return [*_golden(desk / "store"), *_runs(desk), *_exports(desk),
            Format("known differences", [_KNOWN], through(desk / "known.toml", read_known), TEXT)]  # fmt: skip


def _golden(desk: Path) -> list[Format]:
    store = default_store()
    seeds = {name: (store.path / name).read_bytes() for name in _FIXTURES}
    name = _FIXTURES[1]
    (desk / name).parent.mkdir(parents=True)
    (desk / name).write_bytes(seeds[name])
    head = json.loads((store.path / MANIFEST).read_text("utf-8"))
    manifest = json.dumps({**head, "files": {name: head["files"][name]}}, indent=1).encode()
    told = (store.path / path_of(DEFAULT)).read_bytes()
    (desk / path_of(DEFAULT)).parent.mkdir()
    (desk / path_of(DEFAULT)).write_bytes(told)
    return [
        Format("golden fixture", [*seeds.values()], _judged_fixture, TEXT),
        Format(
            "golden, what cases separate",
            [told],
            lambda data: parse_table(data.decode("utf-8", "replace"), "table"),
            TEXT,
        ),
        Format("golden manifest", [manifest], through(desk / MANIFEST, _whole_store), TEXT),
    ]


def _judged_fixture(data: bytes) -> object:
    """What is accepted must be good for a judgement too."""
    return _judged(fixture_problem(parse(data.decode("utf-8", "replace"), "fixture"), "fixture"))


def _judged(problem: Problem) -> object:
    unasked = replace(problem, separates={})  # what it tells apart takes long, and is no reading
    return _answered(ask(Participant.of(load("numpy")), unasked)[0])


def _whole_store(path: Path) -> object:
    return list(Store(path.parent).problems())


def _runs(desk: Path) -> list[Format]:
    """Run files with every kind of record, and a bench report."""
    written = desk / "made.jsonl"
    deviating = DeviatingImplementation(DEVIATIONS[_DEVIATION])
    check(["numpy", deviating], cases=_CASE, operations="variance_cpu").write(written)
    run = written.read_bytes()
    plan = Plan(shapes=((1, 2, 3, 3),), modes=("training",))
    spread = Spread(2e-5, 1e-5, float("inf"))
    timings = [Timing(name, "darknet", "training", plan.shapes[0], way, "conforms", "", spread, spread, 5, 10,
                      Traffic(2, 1), 1.5, 0.5, 1.0) for name in ("numpy", "cpp") for way in plan.ways]  # fmt: skip
    bench = history.text(history.as_json(Report(tuple(timings), plan, "numpy"), {"torch": "not installed"})).encode()
    return [
        Format("run file", [run], through(desk / "run.jsonl", lambda path: read_run(path).summary), TEXT),
        Format("run files, merged", [run], through(desk / "shard.jsonl", lambda path: merge([path])), TEXT),
        Format("bench report", [bench], through(desk / "bench.json", lambda path: history.read(path, plan)), TEXT),
    ]


def _exports(desk: Path) -> list[Format]:
    problem = next(p for p in default_store().problems() if p.id == f"darknet-variance_cpu-{_CASE}")
    exported, answers = desk / "export", desk / "answers"
    export(exported, [problem], "json", None)
    manifest, request = (exported / EXPORTED), exported / problem.id / "request.json"
    right = ANSWERS["json"][0]({"kind": "result"}, {n: e.value for n, e in problem.expected(ANY).items()})
    about = b'{"name": "mine", "implementation_version": "1", "labels": ["two_pass"], "details": "x"}'
    ready = read_export(exported)
    answer = answers / problem.id / "answer.json"
    answer.parent.mkdir(parents=True)
    listed = manifest.read_bytes()
    asked = request.read_bytes()
    digest = hashlib.sha256(asked).hexdigest().encode()

    def read_request(data: bytes) -> object:
        manifest.write_bytes(listed.replace(digest, hashlib.sha256(data).hexdigest().encode()))
        request.write_bytes(data)
        return [_judged(asked) for asked in read_export(exported).problems]

    def read_manifest(data: bytes) -> object:
        request.write_bytes(asked)
        manifest.write_bytes(data)
        return read_export(exported)

    def graded(_: Path) -> object:
        return [_answered(result) for result in grade(ready, open_answers(ready, answers))]

    def described(data: bytes) -> object:
        answer.write_bytes(right)
        (answers / ABOUT).write_bytes(data)
        return graded(answers)

    return [
        Format("exported request", [asked], read_request, TEXT),
        Format("export manifest", [listed], read_manifest, TEXT),
        Format("device answer", [right], through(answer, graded), TEXT),
        Format(ABOUT, [about], described, TEXT),
    ]


def _answered(result: Result) -> object:
    """The verdict. A crash is a clear refusal here; a fault of the harness is not."""
    if result.verdict.exit_code == FAULT:
        raise RuntimeError(result.verdict)
    if isinstance(result.verdict, Crashed):
        raise ProtocolError(result.verdict.message)
    return result.verdict
