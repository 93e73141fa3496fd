"""A dialect of one's own on the command line: options, files, reports, reproducing commands, exports, stores."""

from __future__ import annotations

import json
import shlex
import shutil
from pathlib import Path

import pytest

from darkparity.problems.golden.differences import verify_schema
from darkparity.problems.golden.store import Store
from support import STORE, Run

EXPRESSION = "pytorch(epsilon=0.001,momentum=0.03)"
SLUG = "pytorch+epsilon_0.001+momentum_0.03"
SAID = ("--dialect", "pytorch", "--epsilon", "1e-3", "--momentum", ".03")
CASE = ("--store", STORE, "--case", "*first_training_step")
#: Folds nothing, forgets the epsilon that it was to take: 1e-5, as in PyTorch.
PORT = """
import numpy as np

DARKPARITY = dict(name="mine", dialect="mine.toml")

def forward_batchnorm_layer(type, train, input, output, scales, biases, rolling_mean, rolling_variance):
    x = input if type == "BATCHNORM" else output
    mean, variance = (x.mean((0, 2)), x.var((0, 2))) if train else (rolling_mean, rolling_variance)
    hat = (x - mean[:, None]) / np.sqrt(variance + np.float32(EPSILON))[:, None]
    return dict(output=(hat * scales[:, None] + biases[:, None]).astype(np.float32))
"""


@pytest.mark.parametrize("said", [("--dialect", EXPRESSION), SAID, (*SAID[:2], "--epsilon", "1e-3", "--field",
                                  "rolling_gain=.03", "--field", "rolling_decay=.97")])  # fmt: skip
def test_options_and_an_expression_ask_the_same(run: Run, said: tuple[str, ...]) -> None:
    assert run("check", "numpy", *said, *CASE, "--output", "run.jsonl").code == 0
    records = [json.loads(line) for line in Path("run.jsonl").read_text("utf-8").splitlines()]
    (result,) = (r for r in records if r["kind"] == "result")
    assert (result["dialect"], result["verdict"]) == (EXPRESSION, "conforms")
    assert result["case"] == f"{SLUG}-forward_batchnorm_layer-first_training_step"
    assert run(*shlex.split(result["reproduce"])[1:]).code == 0


@pytest.mark.parametrize(("arguments", "says"), [
    (("--epsilon", "1e-3"), "--epsilon changes a dialect; say which one"),
    (("--dialect", "pytorch", "--field", "epsilon"), "--field epsilon: needs NAME=VALUE"),
    (("--dialect", "pytorch", "--field", "epsilno=1"), "did you mean epsilon"),
    (("--dialect", "darknet", "--momentum", ".1"), "momentum_convention pytorch"),
    (("--dialect", "pytorch", "--momentum", ".1", "--momentum-convention", "keras"), "must be pytorch or darknet"),
    (("--dialect", "pytorch,keras"), "no dialect 'pytorch,keras'"),
    (("--dialect", "mine.toml"), "mine.toml: cannot be read: No such file"),
    (("--dialect", "pytorch", "--variance-ddof", "one"), "variance_ddof is 'one', must be a whole number"),
])  # fmt: skip
def test_what_is_wrong_is_said(run: Run, arguments: tuple[str, ...], says: str) -> None:
    found = run("check", "numpy", *arguments)
    assert found.code == 2
    assert says in found.err


@pytest.mark.parametrize("verb", ["bench", "fuzz"])
def test_verbs_that_need_one_refuse_several(run: Run, verb: str) -> None:
    found = run(verb, "numpy", "--dialect", "pytorch", "--dialect", "keras")
    assert (found.code, "--dialect is given 2 times" in found.err) == (2, True)


@pytest.mark.parametrize(("epsilon", "code"), [("1e-3", 0), ("1e-5", 1)])
def test_a_port_declares_a_file_beside_it(run: Run, tmp_path: Path, epsilon: str, code: int) -> None:
    place = tmp_path / "deeper"
    place.mkdir()
    (place / "mine.toml").write_text('base = "pytorch"\nepsilon = 1e-3\nmomentum = 0.03\n', "utf-8")
    (place / "port.py").write_text(PORT.replace("EPSILON", epsilon), "utf-8")
    found = run(
        "check", "deeper/port.py", "--store", STORE, "--case", "*tiny*", "--operation", "forward_batchnorm_layer"
    )
    assert found.code == code
    assert f"dialect {EXPRESSION}" in found.out.replace("\n", "")


def test_an_export_is_graded_in_it(run: Run, tmp_path: Path) -> None:
    assert run("export", "cases", *SAID, *CASE, "--format", "json").code == 0
    (request,) = (tmp_path / "cases").glob("*/request.json")
    assert request.parent.name == f"{SLUG}-forward_batchnorm_layer-first_training_step"
    asked = json.loads(request.read_text("utf-8"))["message"]
    assert asked["dialect"] == EXPRESSION
    assert float.fromhex(asked["constants"]["normalize_epsilon"]) == pytest.approx(1e-3)
    (tmp_path / "answers").mkdir()
    assert run("grade", "cases", "answers").code == 1  # it is read back; the answer is missing
    request.write_text(request.read_text("utf-8").replace("0.001", "1e-3"), "utf-8")
    assert "changed since it was exported" in run("grade", "cases", "answers").err


def test_a_fuzzed_failure_is_kept_and_asked_again(run: Run, tmp_path: Path) -> None:
    pytest.importorskip("hypothesis")
    (tmp_path / "mine.toml").write_text('base = "pytorch"\nepsilon = 1e-3\n', "utf-8")
    (tmp_path / "port.py").write_text(PORT.replace("EPSILON", "1e-5"), "utf-8")
    found = run("fuzz", "port.py", "--dialect", "mine.toml", "--max-examples", "100", "--json")
    kept = json.loads(found.out)
    assert (found.code, kept["dialect"]) == (1, "pytorch(epsilon=0.001)")
    shutil.copy(STORE / "schema.json", "darkparity-fuzz")
    verify_schema(Store(Path("darkparity-fuzz")))
    again = run(*shlex.split(kept["command"])[1:])
    assert again.code == 1
    assert "sqrt(variance + 1e-05)" in " ".join(again.out.split())
