"""The command line: exit codes, messages, --json, and that what it tells the user to type works."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from darkparity.cli.show.screen import screen
from darkparity.cli.show.views import show_result
from darkparity.implementations import registry
from darkparity.implementations.protocol import NotInstalled
from darkparity.implementations.shipped import numpy_port
from darkparity.judging.result import Result
from darkparity.judging.verdict import Conforms, Inconclusive
from darkparity.report.run import Run as Found
from darkparity.report.run import read
from darkparity.request import OPTIONS
from support import STORE, Run, compared

TINY = "darkparity check bad.py --case darknet-normalize_cpu-tiny_variance"


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    """The NumPy port with epsilon under the root: wrong where the variance is tiny."""
    source = Path(numpy_port.__file__).read_text("utf-8")
    right = "_each(_root(variance, dialect.normalize))"
    assert right in source
    wrong = source.replace(right, "_each(np.sqrt(variance + np.float32(1e-6)))")
    return _written(tmp_path / "bad.py", wrong)


def _written(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path


# check


def test_conforming_run_exits_0_and_says_what_was_judged(run: Run) -> None:
    said = run("check", "numpy", "--operation", "mean_cpu", "--store", STORE)
    assert said.code == 0
    assert str(STORE) in said.out
    assert "PASS" in said.out
    assert re.search(r"mean_cpu\s+conforms", said.out)


def test_deviation_names_operation_case_array_index_stage_and_command(run: Run, bad: Path) -> None:
    said = run("check", "bad.py", "--case", "tiny_variance", "--store", STORE)
    assert said.code == 1
    assert "darknet-normalize_cpu-tiny_variance" in said.out
    where = r"worst at \[\d+, \d+, \d+\] \(flat \d+\)"
    assert re.search(rf"array +x: \d+ of \d+ elements outside; {where}", said.out)
    assert re.search(r"bound +\S+ = rounding of every step of `\(x - mean\)", said.out)
    assert re.search(r"stage +normalize_cpu", said.out)
    assert f"{TINY} --store {STORE}" in said.out
    assert "\x1b" not in said.out


def test_reproducing_command_reproduces(run: Run, bad: Path) -> None:
    first = json.loads(run("check", "bad.py", "--case", "tiny_variance", "--store", STORE, "--json").out)
    failure = first["failures"][0]
    again = run(*shlex.split(failure["reproduce"])[1:], "--json")
    assert again.code == 1
    assert [f["comparisons"] for f in json.loads(again.out)["failures"]] == [failure["comparisons"]]


@pytest.mark.slow
def test_many_failures_are_cut_and_the_rest_is_in_the_run_file(run: Run, tmp_path: Path) -> None:
    _written(tmp_path / "zero.py", "def scale_bias(output, scales):\n    output[:] = 0\n")
    said = run("check", "zero.py", "--store", STORE)
    assert said.code == 1
    assert said.out.count("reproduce ") == 3
    assert re.search(r"and \d+ more cases of scale_bias, in darkparity-run.jsonl", said.out)
    assert re.search(r"unsupported: copy_cpu, ", said.out)


def test_crash_is_a_verdict_not_a_traceback(run: Run, tmp_path: Path) -> None:
    _written(tmp_path / "boom.py", "def mean_cpu(x):\n    raise RuntimeError('boom')\n")
    said = run("check", "boom.py", "--operation", "mean_cpu", "--store", STORE)
    assert said.code == 1
    assert "RuntimeError: boom" in said.out
    assert "Traceback" not in said.out + said.err


def test_json_is_one_object_and_nothing_else(run: Run) -> None:
    said = run("check", "numpy", "--case", "*mean_cpu*", "--store", STORE, "--json")
    found = json.loads(said.out)
    assert said.code == found["exit_code"] == found["footer"]["exit_code"] == 0
    assert {c["operation"] for c in found["cells"]} == {"mean_cpu"}
    assert said.err == ""


def test_single_vacuous_case_is_listed_under_no_evidence(capsys: pytest.CaptureFixture[str]) -> None:
    blind, good = (compared("output", 4, vacuous) for vacuous in (4, 0))
    overflow = Inconclusive("every element of output is vacuous", (blind,))
    run = Found(results=[
        Result("i", case, "scale_bias", "darknet", verdict)
        for case, verdict in (("overflow", overflow), ("ordinary", Conforms((good,))))
    ])  # fmt: skip
    show_result(screen(), run, "run.jsonl")
    said = capsys.readouterr().out
    assert "overflow: every element of output is vacuous (i)" in said
    assert re.search(r"scale_bias +conforms", said)
    assert "INTERRUPTED" in said


def test_interruption_exits_130_and_leaves_a_run_without_footer(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("darkparity.checking.ask_all", interrupt)
    assert run("check", "numpy", "--operation", "mean_cpu", "--store", STORE).code == 130
    (partial,) = tmp_path.glob(".darkparity-run.jsonl.*.partial")
    assert read(partial).interrupted


def test_unsupported_fails_where_it_was_named_and_never_passes_alone(run: Run, tmp_path: Path) -> None:
    _written(tmp_path / "part.py", "def mean_cpu(x):\n    return x.mean(axis=(0, 2), dtype='f4')\n")
    options = ("--case", "*mean_cpu*", "--case", "*scal_cpu*", "--store", STORE)
    assert run("check", "part.py", *options).code == 0
    assert run("check", "part.py", *options, "--strict").code == 1
    named = run("check", "part.py", "--operation", "mean_cpu", "--operation", "scal_cpu", "--store", STORE)
    assert (named.code, "part: asked for by name, not offered: scal_cpu" in named.out) == (1, True)
    nothing = run("check", "part.py", "--operation", "scal_cpu", "--store", STORE)
    assert nothing.code == 1
    assert "nothing was judged" in nothing.out


def test_missing_of_the_default_set_is_visible_and_named_is_an_error(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_device: str) -> None:
        raise NotInstalled("pip install 'darkparity[torch]'")

    entries = {n: registry.Shipped(missing, "") if n == "torch" else e for n, e in registry.SHIPPED.items()}
    monkeypatch.setattr(registry, "SHIPPED", entries)
    default = run("check", "--operation", "mean_cpu", "--store", STORE)
    assert default.code == 0
    assert re.search(r"torch +not installed +pip install 'darkparity\[torch\]'", default.out)
    named = run("check", "torch", "--operation", "mean_cpu", "--store", STORE)
    assert named.code == 2
    assert "pip install 'darkparity[torch]'" in named.err


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("check", "numpyy"), "did you mean numpy"),
        (("check", "nofile.py"), "no file nofile.py"),
        (("check", "numpy", "--operation", "mean"), "did you mean mean_cpu"),
        (("check", "numpy", "--case", "tiny_varience"), "did you mean tiny_variance"),
        (("check", "numpy", "--case", "alexeyab-make*"), "add --dialect alexeyab"),
        (("check", "numpy", "--dialect", "darknett"), "did you mean darknet"),
        (("check", "numpy", "--store", "nowhere"), "no MANIFEST.json there"),
        (("check", "numpy", "--input", "nothing.npy"), "nothing.npy"),
        (("check", "numpy", "--output", "no/such/dir/run.jsonl"), "no/such/dir"),
        (("check", "--nonsense"), "--nonsense"),
        (("golden", "show", "tiny_variance"), "is the name of"),
        (("golden", "regenerate"), "--store DIR"),
        (("bench", "--shape", "3x3"), "--shape '3x3'"),
    ],
)
def test_usage_errors_exit_2_with_a_hint_and_no_traceback(run: Run, arguments: tuple[str, ...], hint: str) -> None:
    takes_store = arguments[0] != "bench" and arguments[1] != "regenerate" and "--store" not in arguments
    said = run(*arguments, *(("--store", STORE) if takes_store else ()))
    assert said.code == 2
    assert hint in said.err
    assert "Traceback" not in said.err


def test_two_implementations_of_one_name_stay_apart(run: Run, bad: Path) -> None:
    found = json.loads(run("check", "numpy", "bad.py", "--case", "tiny_variance", "--store", STORE, "--json").out)
    assert {c["implementation"] for c in found["cells"]} == {"numpy", "bad.py"}
    assert {f["implementation"] for f in found["failures"]} == {"bad.py"}


def test_live_cases_are_asked_where_the_store_has_none(run: Run) -> None:
    said = run("list", "cases", "--dialect", "pytorch", "--store", STORE, "--json")
    origins = {c["origin"] for c in json.loads(said.out)["cases"]}
    assert "live" in origins
    name = next(c["case"] for c in json.loads(said.out)["cases"] if c["origin"] == "live")
    assert run("check", "numpy", "--dialect", "pytorch", "--case", name, "--store", STORE).code == 0


@pytest.mark.slow
def test_own_tensors(run: Run, tmp_path: Path) -> None:
    image = np.random.default_rng(0).normal(size=(2, 3, 4, 4)).astype(np.float32)
    parameters = {n: np.full(3, 2, np.float32) for n in ("scales", "biases", "rolling_mean", "rolling_variance")}
    recorded = {"input": image, "output": np.zeros_like(image), "unheard_of": image[0, 0, 0], **parameters}
    np.savez(tmp_path / "mine.npz", **recorded)
    said = run("check", "numpy", "--input", "mine.npz", "--json")
    found = json.loads(said.out)
    assert said.code == 1  # the recorded output is wrong
    assert found["header"]["input"]["ignored"] == ["unheard_of"]
    assert {f["implementation"] for f in found["failures"]} == {"recorded"}
    assert run(*shlex.split(found["failures"][0]["reproduce"])[1:]).code == 1


# the rest


@pytest.mark.parametrize("what", ["implementations", "operations", "dialects", "cases"])
def test_lists(run: Run, what: str) -> None:
    store = ("--store", STORE) if what == "cases" else ()
    assert json.loads(run("list", what, *store, "--json").out)[what]
    assert run("list", what, *store).code == 0


def test_unexpected_error_exits_3_and_says_how_to_see_more(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr("darkparity.checking.run", broken)
    said = run("check")
    assert said.code == 3
    assert "ZeroDivisionError" in said.err
    assert "DARKPARITY_TRACEBACK=1" in said.err


def test_missing_extra_names_the_command_that_installs_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ModuleNotFoundError("No module named 'PIL'", name="PIL")

    monkeypatch.setattr("darkparity.checking.run", broken)
    said = run("check")
    assert (said.code, "pip install 'darkparity[io]'" in said.err) == (2, True)


def test_command_line_starts_without_numpy() -> None:
    code = "import sys, darkparity.cli; sys.exit('numpy' in sys.modules or 'torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_module_entry_point(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "darkparity", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout.startswith("darkparity ")


@pytest.mark.parametrize("verbs", [(), ("golden",), ("list",)], ids=" ".join)
def test_help_cuts_no_sentence(run: Run, monkeypatch: pytest.MonkeyPatch, verbs: tuple[str, ...]) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    said = run(*verbs, "--help").out
    commands = said.partition("Commands:")[2]
    assert commands.strip()
    assert "..." not in commands


def test_help_of_check_names_each_option_of_the_table(run: Run) -> None:
    said = run("check", "--help").out
    assert "[[" not in said
    assert [o.metadata["flag"] for o in OPTIONS.values() if o.metadata["flag"] not in said] == []


@pytest.mark.parametrize("columns", ["40", "80", "200"])
def test_no_word_of_a_table_is_cut(columns: str, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    said = run("check", "numpy", "--case", "*tiny*", "--store", STORE)
    assert said.code == 0
    assert {"backward_batchnorm_layer", "error/bound", "conforms"} <= set(said.out.split())
    assert ("vacuous" in said.out.split()) == (columns != "40")
