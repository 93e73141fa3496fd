"""--jobs and --shard: however a run is cut up, its records are those of one process."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from darkparity.cli import main
from darkparity.judging.result import Result
from darkparity.report.run import Run, read
from darkparity.report.shards import MergeError, parse_shard, pick
from support import ROOT

OPERATIONS = ("mean_cpu", "add_bias", "normalize_cpu")
CHECK = (
    "check",
    "numpy",
    "--store",
    str(ROOT / "golden"),
    *(w for o in OPERATIONS for w in ("--operation", o)),
)
#: Wrong in one operation, so that there are failures to keep in order.
PORT = "def add_bias(output, biases):\n    return output\ndef mean_cpu(x):\n    return x.mean(axis=(0, 2))\n"


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("port") / "lazy.py"
    path.write_text(PORT, "utf-8")
    return str(path)


def check(port: str, to: Path, *options: str) -> tuple[int, Run]:
    code = main([*CHECK, port, "--output", str(to), *options])
    return code, read(to)


def records(run: Run) -> list[Result]:
    return [replace(r, seconds=0.0) for r in run.results]


@pytest.fixture(scope="module")
def whole(port: str, tmp_path_factory: pytest.TempPathFactory) -> Run:
    code, run = check(port, tmp_path_factory.mktemp("whole") / "run.jsonl")
    assert code == 1
    assert len({r.word for r in run.results}) == 3
    return run


def same(run: Run, whole: Run) -> None:
    assert records(run) == records(whole)
    assert run.pairs == whole.pairs
    assert run.footer
    assert whole.footer
    assert (run.footer.counts, run.footer.exit_code) == (whole.footer.counts, whole.footer.exit_code)


@pytest.mark.slow
@pytest.mark.parametrize("options", [("--jobs", "2"), ("--jobs", "2", "--isolate", "--redraw", "0")], ids=" ".join)
def test_jobs_change_nothing(options: tuple[str, ...], port: str, whole: Run, tmp_path: Path) -> None:
    code, run = check(port, tmp_path / "run.jsonl", *options)
    assert code == 1
    plain = [replace(r, reproduce=r.reproduce.replace(" --isolate", "")) for r in run.results]
    run.results[:] = plain
    same(run, whole)


@pytest.mark.slow
@pytest.mark.parametrize("count", [1, 3])
def test_merged_shards_are_the_whole_run(count: int, port: str, whole: Run, tmp_path: Path) -> None:
    files = [tmp_path / f"{i}.jsonl" for i in range(1, count + 1)]
    for i, file in enumerate(files, 1):
        check(port, file, "--shard", f"{i}/{count}")
    everything = tmp_path / "all.jsonl"
    assert main(["merge", *map(str, reversed(files)), "-o", str(everything)]) == 1
    same(read(everything), whole)
    assert read(everything).header.options["shard"] is None


def test_files_that_do_not_belong_together_are_refused(port: str, tmp_path: Path, capsys: Any) -> None:
    one, two, other = (tmp_path / name for name in ("1.jsonl", "2.jsonl", "other.jsonl"))
    check(port, one, "--shard", "1/2")
    check(port, two, "--shard", "2/2")
    check(port, other, "--shard", "2/2", "--strict")
    target = str(tmp_path / "all.jsonl")
    for files, says in (
        ((one,), "2 of 2 missing"),
        ((one, one, two), "shard 1/2 a second time"),
        ((one, other), "another options than the first file"),
    ):
        assert main(["merge", *map(str, files), "-o", target]) == 2
        assert says in capsys.readouterr().err
    lines = two.read_text("utf-8").splitlines(keepends=True)
    two.write_text("".join(lines[:-1]), "utf-8")
    assert main(["merge", str(one), str(two), "-o", target]) == 2
    assert "interrupted" in capsys.readouterr().err
    assert not Path(target).exists()


@pytest.mark.parametrize("text", ["", "0/2", "3/2", "1", "1/x", "-1/2", "1/2/3"])
def test_odd_shards_are_refused(text: str) -> None:
    with pytest.raises(MergeError, match="must be i/n"):
        parse_shard(text)


def test_shards_are_a_partition() -> None:
    parts = [pick(range(10), f"{i}/3") for i in (1, 2, 3)]
    assert sorted(n for part in parts for n in part) == list(range(10))


@pytest.mark.slow
def test_a_worker_that_is_taken_along_ends_the_run_with_a_hint(tmp_path: Path, capsys: Any) -> None:
    port = tmp_path / "fatal.py"
    port.write_text("import os\ndef mean_cpu(x):\n    os.abort()\n", "utf-8")
    assert main([*CHECK, str(port), "--jobs", "2", "--output", str(tmp_path / "run.jsonl")]) == 2
    assert "--isolate" in capsys.readouterr().err
