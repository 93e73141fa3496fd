"""A directory with what the writing commands read and write, put back to its beginning for every trial."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

from darkparity.cases import CASES
from darkparity.checking import check
from darkparity.dialects import DEFAULT, DIALECTS
from darkparity.oracle.bounds import ANY
from darkparity.problems.exported import FORMATS, export
from darkparity.problems.golden import plan as golden
from darkparity.problems.golden.store import default_store
from darkparity.problems.golden.writing import regenerate
from darkparity.report.run import read

#: What is judged: 0.1 s.
OPERATION = "mean_cpu"
_PORT = "def scale_bias(output, scales):\n    output *= abs(scales[:, None])\n"
#: What a desk holds: name -> its essence.
Snapshot = Mapping[str, object]


@contextmanager
def planned(first: int, last: int) -> Iterator[None]:
    """Within, a store holds only so many cases: all of them take minutes."""
    rows = [(case, DIALECTS[DEFAULT]) for case in CASES if case.operation == OPERATION]
    stored = mock.patch.object(golden, "plan", return_value=rows[first:last])
    with stored, mock.patch.object(golden, "unstored", return_value=[]):
        yield


def lay(desk: Path) -> None:
    """Inputs, and an earlier file wherever a command writes one; with strangers beside them."""
    (desk / "port.py").write_text(_PORT, "utf-8")
    _runs(desk)
    _exported(desk)
    (desk / "bench.json").write_text("earlier", "utf-8")
    with planned(0, 6):
        regenerate(desk / "store")
    (desk / "store" / "notes.txt").write_text("mine", "utf-8")


def _runs(desk: Path) -> None:
    whole = check("numpy", operations=OPERATION, cases="*o*")
    for name in ("run.jsonl", "merged.jsonl", "graded.jsonl"):
        whole.write(desk / name)
    for number in (1, 2):
        check("numpy", operations=OPERATION, shard=f"{number}/2", output=desk / f"shard{number}.jsonl")


def _exported(desk: Path) -> None:
    """Cases, and the right answers to them."""
    problems = [p for p in default_store().problems() if p.operation == OPERATION and p.dialect.name == DEFAULT]
    export(desk / "cases", problems, "json", None)
    for problem in problems:
        answer = FORMATS["json"][0]({"kind": "result"}, {n: e.value for n, e in problem.expected(ANY).items()})
        (desk / "answers" / problem.id).mkdir(parents=True)
        (desk / "answers" / problem.id / "answer.json").write_bytes(answer)


def reset(desk: Path, laid: Path) -> None:
    """Put everything back: `laid` holds what `lay` made."""
    if desk.exists():
        shutil.rmtree(desk)
    shutil.copytree(laid, desk)


def snapshot(desk: Path) -> Snapshot:
    """Every file but the interpreter's."""
    files = (p for p in desk.rglob("*") if p.is_file() and "__pycache__" not in p.parts)
    return {p.relative_to(desk).as_posix(): essence(p) for p in files}


def essence(path: Path) -> object:
    """What a whole file says, without its times; "torn" if it is no whole one."""
    content = path.read_bytes()
    if path.name.startswith(".") or content == b"earlier":
        return content
    try:
        if path.suffix == ".jsonl":
            run = read(path)
            return "torn" if run.interrupted else tuple(sorted((r.case, r.verdict.word) for r in run.results))
        if path.name == "bench.json":
            return tuple(sorted(json.loads(content)))
    except ValueError:
        return "torn"
    return content


def hidden(names: Iterable[str]) -> set[str]:
    """What a writer leaves when it is killed, until the next one: docs/robustness.md."""
    return {n for n in names if any(p.startswith(".darkparity-") or p.endswith(".partial") for p in n.split("/"))}
