"""Implementations in child processes: the same answers as here, and honest errors."""

from __future__ import annotations

import dataclasses
import json
import os
import shlex
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from darkparity.cli import main
from darkparity.dialects import DIALECTS
from darkparity.formats import messages
from darkparity.implementations import NotInstalled, NotOffered, PortError, load
from darkparity.implementations.wire.external import Died, External, Limits, isolated
from darkparity.judging.participants import close
from darkparity.judging.runner import Participant, ask
from darkparity.problems.golden.store import Store
from darkparity.problems.select import Filters, select
from darkparity.report.run import read
from darkparity.spec import Call, ContractError
from support import ROOT

DARKNET = DIALECTS["darknet"]
X = np.arange(12, dtype=np.float32).reshape(2, 3, 2)
PATHS = {"PYTHONPATH": os.pathsep.join(sys.path)}


@pytest.fixture(scope="module")
def child() -> Iterator[External]:
    external = isolated("numpy")
    yield external
    external.close()


def test_it_says_what_the_implementation_says(child: External) -> None:
    here = load("numpy").describe()
    assert child.describe() == dataclasses.replace(here, operations=child.describe().operations)
    assert set(child.describe().operations) == set(here.operations) - {"training_run"}


def test_verdicts_and_bits_are_those_of_in_process(child: External, store: Store) -> None:
    here, there = Participant.of(load("numpy")), Participant.of(child)
    for problem in select(store, Filters())[::6]:
        (one, a), (other, b) = ask(here, problem), ask(there, problem)
        assert one.verdict.word == other.verdict.word == "conforms", other.verdict
        assert a is not None
        assert b is not None
        assert {n: v.tobytes() for n, v in a.items()} == {n: v.tobytes() for n, v in b.items()}


def test_errors_of_an_implementation_read_alike(tmp_path: Path, store: Store) -> None:
    port = tmp_path / "raising.py"
    port.write_text("def mean_cpu(x):\n    raise ValueError('no such luck')\n", "utf-8")
    problem = next(q for q in select(store, Filters(operations=("mean_cpu",))))
    participants = [Participant.of(load(str(port))), Participant.of(isolated(str(port)))]
    here, there = (ask(c, problem)[0].verdict for c in participants)
    close(participants)
    assert here == there
    assert here.word == "crashed"


def test_bad_questions_never_reach_the_child(child: External) -> None:
    with pytest.raises(ContractError):
        child.run(Call("mean_cpu", DARKNET, {"x": X.astype(np.float64)}))


def test_large_arrays_pass_both_ways(child: External) -> None:
    x = np.random.default_rng(1).standard_normal((4, 8, 40_000), np.float32)
    got = child.run(Call("scale_bias", DARKNET, {"output": x, "scales": np.full(8, 2, np.float32)}))
    assert np.array_equal(got["output"], 2 * x)


def test_a_call_holds_no_copy_of_what_it_sends_and_one_of_what_comes_back(child: External) -> None:
    """Peak of this process, in arrays; 1 MiB of it, a quarter, is room for what the child writes to stderr."""
    x, c = np.zeros((4, 64, 64 * 64), np.float32), np.ones(64, np.float32)
    normalized = {"x": x, "mean": c, "variance": c}
    for operation, given, copies in (("mean_cpu", {"x": x}, 0), ("normalize_cpu", normalized, 1)):
        tracemalloc.start()
        got = child.run(Call(operation, DARKNET, given))
        peak = tracemalloc.get_traced_memory()[1] / x.nbytes
        tracemalloc.stop()
        assert copies <= peak < copies + 0.35, operation
        assert all(array.flags.writeable for array in got.values())


@pytest.mark.parametrize(
    ("name", "error", "says"),
    [("nonsense_module", PortError, "no implementation"), ("torch@tpu", PortError, "no device 'tpu'")],
)
def test_what_cannot_be_loaded_is_the_users_business(name: str, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        isolated(name).describe()


def test_a_missing_package_is_not_installed(tmp_path: Path) -> None:
    port = tmp_path / "needy.py"
    port.write_text(
        "from darkparity.implementations import NotInstalled\nraise NotInstalled('pip install it')\n", "utf-8"
    )
    with pytest.raises(NotInstalled, match="pip install it"):
        isolated(str(port)).describe()


def test_no_such_program() -> None:
    with pytest.raises(PortError, match=r"\./nowhere: no such program"):
        External(["./nowhere"])


def test_a_program_that_is_none_of_ours_gets_its_own_verdict() -> None:
    external = External(["cat"], Limits(5, 5))
    assert external.describe().name == "cat"
    with pytest.raises(Died, match=r"the reply is|operations"):
        external.run(Call("mean_cpu", DARKNET, {"x": X}))
    external.close()


def test_serve_refuses_what_it_does_not_know_and_ends_with_its_input() -> None:
    requests = [
        messages.encode({"kind": "run", "seq": 0, "operation": "mean_cpu", "dialect": "darknet"}, {"x": X}),
        messages.encode({"kind": "hello", "seq": 1}),
        messages.encode({"kind": "run", "seq": 2, "operation": "fly", "dialect": "darknet"}),
        messages.encode({"kind": "result", "seq": 3}),
        b"this is no message",
    ]
    done = subprocess.run(
        [sys.executable, "-m", "darkparity", "serve", "numpy"], input=b"".join(requests),
        capture_output=True, timeout=60, env={**os.environ, **PATHS},
    )  # fmt: skip
    assert done.returncode == 2
    replies = list(split_messages(done.stdout))
    assert [(r.kind, r.content["seq"]) for r in replies] == [
        ("error", 0), ("hello", 1), ("error", 2), ("error", 3), ("error", None),
    ]  # fmt: skip
    assert "hello comes first" in replies[0].content["reason"]
    assert replies[2].content["error"] == "unsupported"


def split_messages(data: bytes) -> Iterator[messages.Message]:
    position = 0

    def fill(buffer: memoryview) -> None:
        nonlocal position
        piece = data[position : position + len(buffer)]
        position += len(piece)
        if len(piece) < len(buffer):
            raise messages.EndOfStream(len(piece))
        buffer[:] = piece

    while position < len(data):
        yield messages.read(fill)


def test_unsupported_is_an_answer(tmp_path: Path) -> None:
    port = tmp_path / "picky.py"
    port.write_text(
        "from darkparity.implementations import NotOffered\ndef mean_cpu(x):\n    raise NotOffered('even only')\n",
        "utf-8",
    )
    external = isolated(str(port))
    with pytest.raises(NotOffered, match="even only"):
        external.run(Call("mean_cpu", DARKNET, {"x": X}))
    with pytest.raises(NotOffered, match="has no scale_bias"):
        external.run(Call("scale_bias", DARKNET, {"output": X, "scales": np.ones(3, np.float32)}))
    external.close()


def test_the_port_in_the_documentation_works(tmp_path: Path, store: Store) -> None:
    sketch = (ROOT / "docs" / "protocol.md").read_text("utf-8").partition("```python\n")[2].partition("```")[0]
    port = tmp_path / "sketch.py"
    port.write_text(sketch, "utf-8")
    participant = Participant.of(External([sys.executable, str(port)], environment=PATHS))
    problems = select(store, Filters(operations=("mean_cpu",)))
    verdicts = [ask(participant, problem)[0].verdict.word for problem in problems]
    close([participant])
    assert participant.name == "mine"
    assert set(verdicts) == {"conforms"}


def test_the_command_line_takes_programs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program = f"{shlex.quote(sys.executable)} -m darkparity serve numpy"
    arguments = [
        "--operation",
        "mean_cpu",
        "--store",
        str(ROOT / "golden"),
        "--output",
        str(tmp_path / "run.jsonl"),
    ]
    assert main(["check", "--exec", program, "--timeout", "9", *arguments, "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert [i["name"] for i in report["header"]["implementations"]] == ["numpy"]
    reproduce = read(tmp_path / "run.jsonl").results[0].reproduce
    assert shlex.split(reproduce)[:6] == ["darkparity", "check", "--exec", program, "--timeout", "9"]
    assert main(["check", "--exec", "./nowhere", *arguments]) == 2
    assert main(["check", "numpy", "--exec", "false", *arguments]) == 1
